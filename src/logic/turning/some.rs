//! Some patients, for where not all can be told apart: each with every answer that is asked for, and with sessions that were given. What holds
//! of one of them holds of somebody. That nothing is found among them says nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Among, Axis, MOST_DECIMALS, Turning, pieces};
use crate::date::Date;
use crate::lang::{Expr, ExprId, FactId, Type};
use crate::logic::Number;
use crate::logic::eval::{DATE_NOTE, Notes};
use crate::logic::value::Value;
use crate::protocol::dictionary::Answer;
use crate::protocol::file::FactType;

/// The most sessions that are made up.
const MOST_SESSIONS: i32 = 9;

/// The most ways in which the sessions of one patient may have been noted.
const MOST_NOTED: usize = 500;

/// Days between two sessions that are made up: longer than the usual wait.
const APART: i32 = 60;

/// Sessions that may have been given.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) sessions: Vec<Notes>,
    /// Those of each of the program's lists.
    pub(crate) lists: Vec<Vec<usize>>,
    /// How many of them count.
    pub(crate) done: Value,
    /// `3 sessions, the last 28 days ago, minutes = 2`; empty where nothing is asked of sessions.
    pub(crate) words: String,
}

impl History {
    /// Nothing is told of sessions.
    pub(crate) fn untold(lists: usize) -> History {
        let lists = vec![Vec::new(); lists];
        History { sessions: Vec::new(), lists, done: Value::Unknown, words: String::new() }
    }

    /// The day of the first session.
    pub(crate) fn begins(&self) -> Option<Date> {
        let days = self.sessions.iter().filter_map(|notes| match notes.get(DATE_NOTE) {
            Some(Value::Date(range)) => Some(range.first),
            _ => None,
        });
        days.min()
    }
}

/// What tells some patients apart: their answers, and their sessions.
pub(crate) type Patients = (Vec<(Axis, Vec<Value>)>, Vec<History>);

impl Turning<'_> {
    /// Some of the patients of expressions; none where no answer to one of the questions is known that could be tried.
    pub(crate) fn some(&self, nodes: &BTreeSet<ExprId>, roots: &[ExprId]) -> Option<Patients> {
        let among = Among { turning: self, program: &self.protocol.program, nodes };
        let targets = among.targets(roots).unwrap_or_else(|| BTreeSet::from([self.fixed.today]));
        let mut axes = BTreeMap::new();
        for expr in among.exprs() {
            if let Expr::Fact(fact) | Expr::Age(fact) = expr
                && !axes.contains_key(&Axis::Fact(*fact))
            {
                let axis = Axis::Fact(*fact);
                axes.insert(axis, among.values(axis, &targets).or_else(|| among.some_answers(*fact))?);
            }
        }
        Some((axes.into_iter().collect(), among.histories()?))
    }
}

impl Among<'_> {
    /// The numbers that the expressions name.
    fn named(&self) -> BTreeSet<Number> {
        let of = |value: Value| match value {
            Value::Number(number, _) => Some(number),
            _ => None,
        };
        let named = self.exprs().filter_map(|expr| match expr {
            Expr::Literal(value) => of(*value),
            Expr::Parameter(at) => of(self.turning.protocol.parameters[usize::from(*at)].value),
            _ => None,
        });
        named.collect()
    }

    /// Some answers to a question that is calculated with: numbers that are named, the ends of what is permitted, and what lies between.
    fn some_answers(&self, fact: FactId) -> Option<Vec<Value>> {
        let fact = self.turning.protocol.fact(fact);
        match fact.answer.declared {
            FactType::Integer | FactType::Decimal => Some(self.some_numbers(&fact.answer)),
            FactType::Date => {
                let ago = [0, 1, 30, 400].map(|days| Value::date(self.turning.fixed.today.plus_days(-days)));
                let never = fact.may_be_never.then(|| Value::date(Date::NEVER));
                Some(ago.into_iter().chain(never).collect())
            }
            _ => None,
        }
    }

    fn some_numbers(&self, answer: &Answer) -> Vec<Value> {
        let whole = answer.declared == FactType::Integer;
        let decimals = if whole { 0 } else { answer.decimals.unwrap_or(MOST_DECIMALS) };
        let range = answer.range.map(|(least, greatest)| (least.into(), greatest.into()));
        pieces(&self.named(), range, Some(decimals))
    }

    /// The same of a note, of which there may be several: nothing between the numbers.
    fn noted_numbers(&self, answer: &Answer) -> Vec<Value> {
        let ends = answer.range.map(|(least, greatest)| [Number::from(least), Number::from(greatest)]);
        let is_permitted = |number: &Number| {
            let is_inside = ends.is_none_or(|[least, greatest]| least <= *number && *number <= greatest);
            is_inside && (answer.declared == FactType::Decimal || number.is_whole())
        };
        let all: BTreeSet<Number> = self.named().into_iter().chain(ends.into_iter().flatten()).collect();
        all.into_iter().filter(is_permitted).map(Value::number).collect()
    }

    /// The sessions that may have been given, all with the same notes; none where what is noted cannot be made up.
    fn histories(&self) -> Option<Vec<History>> {
        let count = self.program.lists.len();
        let counts_done = self.exprs().any(|expr| *expr == Expr::SessionsDone);
        let own = self.program.lists.iter().position(|name| *name == self.turning.protocol.treatment);
        let mut lists: BTreeSet<Option<usize>> =
            self.exprs().filter_map(Expr::list).map(|list| Some(usize::from(list.0))).collect();
        if counts_done {
            lists.insert(own);
        }
        if lists.is_empty() {
            return Some(vec![History::untold(count)]);
        }
        let noted = self.noted(counts_done)?;
        let none = History { done: Value::number(0), words: "no sessions".to_owned(), ..History::untold(count) };
        let mut all = vec![none];
        for list in lists {
            for given in 1..=self.most_given(list == own, counts_done) {
                for ago in self.ago() {
                    all.extend(noted.iter().map(|(notes, words)| self.history(list, (given, ago), notes, words)));
                }
            }
        }
        Some(all)
    }

    fn history(&self, list: Option<usize>, (given, ago): (i32, i32), notes: &Notes, words: &str) -> History {
        let mut history = History::untold(self.program.lists.len());
        for before in (0..given).rev() {
            let mut notes = notes.clone();
            notes[DATE_NOTE] = Value::date(self.turning.fixed.today.plus_days(-ago - APART * before));
            history.sessions.push(notes);
        }
        let treatment = list.map(|at| &self.program.lists[at]);
        if let Some(at) = list {
            history.lists[at] = (0..history.sessions.len()).collect();
        }
        let is_own = treatment.is_none_or(|name| *name == self.turning.protocol.treatment);
        history.done = Value::number(if is_own { given } else { 0 });
        let of = treatment.filter(|_| !is_own).map_or_else(String::new, |name| format!("{name} "));
        let many = if given == 1 { "" } else { "s" };
        history.words = format!("{given} {of}session{many}, the last {ago} days ago{words}");
        history
    }

    /// How many sessions are made up at most. Whether more than one counts, nobody knows; and when a course is complete, nothing is asked any more.
    fn most_given(&self, is_own: bool, counts_done: bool) -> i32 {
        if counts_done {
            return 1;
        }
        let is_count = |id: &ExprId| {
            let node = self.program.node(*id);
            matches!(node.ty, Type::Number { .. }) && node.expr.list().is_some()
        };
        let named = self.named().into_iter().filter_map(Number::to_i32).filter(|number| *number < MOST_SESSIONS);
        let most = if self.nodes.iter().any(is_count) { named.max().unwrap_or(0).max(1) + 1 } else { 1 };
        let ends = self.turning.protocol.courses.iter().map(|course| {
            let numbers = self.turning.numbers(course.maximum?)?;
            numbers.iter().filter_map(|number| number.to_i32()).max()
        });
        let complete = ends.collect::<Option<Vec<i32>>>().and_then(|ends| ends.into_iter().max());
        complete.filter(|_| is_own).map_or(most, |complete| most.min(complete - 1))
    }

    /// How many days ago the last session was: before and after each wait that is named.
    fn ago(&self) -> BTreeSet<i32> {
        let waits = self.exprs().filter_map(|expr| match expr {
            Expr::Literal(value) => Some(*value),
            Expr::Parameter(at) => Some(self.turning.protocol.parameters[usize::from(*at)].value),
            _ => None,
        });
        let waits = waits.filter_map(|wait| match wait {
            Value::Duration(wait, _) => Some([wait.months * 28 + wait.days, wait.months * 31 + wait.days + 1]),
            _ => None,
        });
        let waits = waits.flatten().filter(|days| (1..10_000).contains(days));
        waits.chain([28]).take(8).collect()
    }

    /// What may be noted of sessions, in every combination, and that in words.
    fn noted(&self, counts_done: bool) -> Option<Vec<(Notes, String)>> {
        let all = &self.turning.protocol.dictionary.notes;
        let asked: BTreeSet<u16> = self
            .exprs()
            .filter_map(|expr| match expr {
                Expr::SessionNote { note, .. } | Expr::EndNote { note, .. } => Some(*note),
                _ => None,
            })
            .filter(|note| usize::from(*note) != DATE_NOTE)
            .collect();
        let mut noted = vec![(vec![Value::Unknown; all.len().max(DATE_NOTE + 1)], String::new())];
        for at in asked {
            let note = &all[usize::from(at)];
            // A session that is faulty does not count.
            if counts_done && note.name == "faulty" {
                return None;
            }
            let choices = 0..note.answer.choices().len();
            let values: Vec<Value> = match note.answer.declared {
                FactType::Bool => vec![Value::Bool(false), Value::Bool(true)],
                FactType::Choice => choices.map(|at| Value::Choice(crate::narrow::u8(at))).collect(),
                FactType::Set => choices.map(|at| Value::Set(1 << at)).collect(),
                FactType::Text => self.texts(),
                FactType::Integer | FactType::Decimal => self.noted_numbers(&note.answer),
                FactType::Date => return None,
            };
            if noted.len().saturating_mul(values.len()) > MOST_NOTED {
                return None;
            }
            let with = |(notes, words): (Notes, String)| {
                values.iter().map(move |value| {
                    let mut notes = notes.clone();
                    notes[usize::from(at)] = *value;
                    (notes, format!("{words}, {} = {}", note.name, self.program.show(*value, &note.answer.ty)))
                })
            };
            noted = noted.into_iter().flat_map(with).collect();
        }
        Some(noted)
    }
}
