//! The values that are tried: of facts, where an expression of either version turns; of sessions, where a length of time ends.

use std::collections::{BTreeMap, BTreeSet};

use super::Answers;
use crate::date::{Date, Duration};
use crate::diff::compare::take;
use crate::diff::made_up::{Patient, quoted, value};
use crate::diff::{Change, Effect};
use crate::lang::{Expr, ExprId, FactId};
use crate::logic::turning::{Fixed, Turning};
use crate::logic::value::Value;
use crate::protocol::Protocol;
use crate::protocol::dictionary::Validity;
use crate::protocol::file::FactType;

/// The most values of one fact.
const MOST: usize = 80;

/// The most sessions of a made-up patient.
const MOST_SESSIONS: usize = 8;

/// What both versions turn at.
pub(crate) struct Values<'p> {
    versions: [&'p Protocol; 2],
    /// All lengths of time that stand in either file, the shortest first.
    lengths: BTreeSet<(i32, Duration)>,
    /// How many sessions are interesting.
    sessions: usize,
    by_day: BTreeMap<Date, Answers>,
    focus: BTreeSet<String>,
    untold: BTreeSet<String>,
}

impl<'p> Values<'p> {
    pub(crate) fn of(versions: [&'p Protocol; 2], changes: &[&Change]) -> Values<'p> {
        let mut lengths = BTreeSet::new();
        let mut sessions = 3;
        for list in versions.iter().flat_map(|one| take(&one.file, Some(one))) {
            if list.part == crate::diff::Part::Session {
                sessions = sessions.max(list.items.len() + 1);
            }
            for (key, leaf) in list.items.iter().flat_map(|item| &item.leaves) {
                for length in lengths_in(&leaf.written) {
                    lengths.insert((length.months * 30 + length.days, length));
                }
                if let (true, Ok(count)) = (key.starts_with("sessions."), leaf.meaning.parse::<usize>()) {
                    sessions = sessions.max(count + 1);
                }
            }
        }
        for fact in versions.iter().flat_map(|one| &one.dictionary.facts) {
            if let Validity::For(length) = fact.valid_for {
                lengths.insert((length.months * 30 + length.days, length));
            }
        }
        let focus = changes.iter().filter(|change| change.effect == Effect::Answer);
        let focus = focus.flat_map(|change| change.facts.iter().flatten().cloned()).collect();
        let sessions = sessions.min(MOST_SESSIONS);
        Values { versions, lengths, sessions, by_day: BTreeMap::new(), focus, untold: BTreeSet::new() }
    }

    /// The facts that changed expressions read.
    pub(super) fn focus(&self) -> BTreeSet<String> {
        self.focus.clone()
    }

    /// What cannot be told.
    pub(super) fn left_out(&self) -> Option<String> {
        let names: Vec<&str> = self.untold.iter().map(String::as_str).collect();
        let which = names.join(", ");
        (!names.is_empty())
            .then(|| format!("where the answers to {which} turn cannot be told in full: not all were tried"))
    }

    /// The values of each fact on a day, in JSON; none among them stands for an answer that is missing.
    pub(crate) fn at(&mut self, day: Date) -> &Answers {
        if !self.by_day.contains_key(&day) {
            let mut all: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
            for protocol in self.versions {
                self.add(protocol, day, &mut all);
            }
            for (fact, values) in &all {
                if values.len() > MOST {
                    self.untold.insert(fact.clone());
                }
            }
            let all = all.into_iter().map(|(fact, values)| (fact, values.into_iter().take(MOST).collect())).collect();
            self.by_day.insert(day, all);
        }
        &self.by_day[&day]
    }

    fn add(&mut self, protocol: &Protocol, day: Date, all: &mut BTreeMap<String, BTreeSet<Option<String>>>) {
        let program = &protocol.program;
        let parameters: Vec<Value> = protocol.parameters.iter().map(|parameter| parameter.value).collect();
        let turning = Turning::new(protocol, Fixed { today: day, parameters: Some(&parameters) });
        let used: BTreeSet<ExprId> = program.nodes.iter().flat_map(|node| node.expr.operands()).collect();
        let ids = (0..program.nodes.len()).map(|at| ExprId(crate::narrow::u32(at)));
        for root in ids.filter(|id| !used.contains(id)) {
            let nodes: BTreeSet<ExprId> = program.under([root]).collect();
            let facts: BTreeSet<FactId> = nodes
                .iter()
                .filter_map(|id| match program.node(*id).expr {
                    Expr::Fact(fact) | Expr::Age(fact) => Some(fact),
                    _ => None,
                })
                .collect();
            for id in facts {
                let fact = protocol.fact(id);
                let values = all.entry(fact.name.clone()).or_default();
                values.insert(None);
                match turning.values_of(id, &nodes, &[root]) {
                    Some(turns) => values
                        .extend(turns.into_iter().filter_map(|one| value(one, &fact.answer, &program.texts)).map(Some)),
                    None => drop(self.untold.insert(fact.name.clone())),
                }
            }
        }
        for at in 0..protocol.facts.len() {
            let fact = protocol.fact(FactId(crate::narrow::u16(at)));
            let values = all.entry(fact.name.clone()).or_default();
            values.insert(None);
            match fact.answer.declared {
                FactType::Bool => values.extend([Some("true".to_owned()), Some("false".to_owned())]),
                FactType::Choice => values.extend(fact.answer.choices().iter().map(|name| Some(quoted(name)))),
                FactType::Set => {
                    values.insert(Some("[]".to_owned()));
                    values.extend(fact.answer.choices().iter().map(|name| Some(format!("[{}]", quoted(name)))));
                }
                // Courses count from dates without an expression of their own.
                FactType::Date => {
                    for (_, length) in &self.lengths {
                        let turn = day + length.negated();
                        let days = [turn, turn.plus_days(1)].into_iter().filter(|one| *one <= day);
                        values.extend(days.map(|one| Some(quoted(&one.to_string()))));
                    }
                    values.extend(fact.may_be_never.then(|| Some("\"never\"".to_owned())));
                }
                FactType::Integer | FactType::Decimal => {
                    let ends = fact.answer.range.into_iter().flat_map(|(least, greatest)| [least, greatest]);
                    values.extend(ends.map(|end| Some(end.to_string())));
                }
                FactType::Text => {}
            }
            // An answer that is just valid, and one that just is not.
            if let (Validity::For(length), true) = (fact.valid_for, self.focus.contains(&fact.name)) {
                let one = values.iter().flatten().find(|value| !value.starts_with('{')).cloned();
                let taken = [day + length.negated(), (day + length.negated()).plus_days(-1)];
                values.extend(one.iter().flat_map(|value| {
                    taken.iter().map(move |on| Some(format!("{{ \"value\": {value}, \"on\": \"{on}\" }}")))
                }));
            }
        }
    }

    /// Sessions that a patient may have had: none that are known, none, more and more of them, the last so long ago that a wait just ends;
    /// each with what may be noted about it, and with those of other treatments.
    pub(crate) fn histories(&self, day: Date, healthy: &Patient) -> Vec<Option<Vec<String>>> {
        let session = |treatment: &str, date: Date, notes: &str| {
            format!("{{ \"treatment\": {}, \"date\": \"{date}\"{notes} }}", quoted(treatment))
        };
        let mut all = vec![None, Some(Vec::new())];
        let mut days: BTreeSet<Date> = BTreeSet::new();
        for (_, length) in self.lengths.iter().filter(|(days, _)| *days > 0) {
            days.extend([-1, 0, 1].map(|by| (day + length.negated()).plus_days(by)));
        }
        days.retain(|one| *one <= day);
        let spacing =
            self.lengths.iter().map(|(days, _)| *days).filter(|days| (1..=62).contains(days)).max().unwrap_or(28);
        let own: BTreeSet<&str> = self.versions.iter().map(|one| one.treatment.as_str()).collect();
        let series = |treatment: &str, count: usize, last: Date, notes: &str| -> Vec<String> {
            let back = (0..count).map(|at| last.plus_days(-spacing * i32::try_from(at).unwrap_or(0)));
            back.enumerate().map(|(at, date)| session(treatment, date, if at == 0 { notes } else { "" })).collect()
        };
        let counted = self.counted(healthy);
        let counted: Vec<&str> = counted.iter().map(String::as_str).chain([""]).collect();
        let every = |sessions: Vec<String>, notes: &str| {
            // What a course counts by is noted of every session.
            let noted = |session: String| session.strip_suffix(" }").map(|rest| format!("{rest}{notes} }}"));
            sessions.into_iter().filter_map(noted).collect::<Vec<String>>()
        };
        for treatment in &own {
            for (count, notes) in (1..=self.sessions).flat_map(|count| counted.iter().map(move |notes| (count, notes)))
            {
                // The latest first: most waits are short.
                all.extend(days.iter().rev().map(|last| Some(every(series(treatment, count, *last, ""), notes))));
            }
            for notes in self.notes() {
                for count in 1..=2 {
                    all.push(Some(series(treatment, count, day.plus_days(-spacing), &notes)));
                }
            }
        }
        let lists = self.versions.iter().flat_map(|one| one.program.lists.iter());
        let separations = self.versions.iter().flat_map(|one| one.separations.iter().flat_map(|one| &one.from));
        let others: BTreeSet<&String> = lists.chain(separations).filter(|name| !own.contains(name.as_str())).collect();
        for other in others {
            all.extend(days.iter().rev().map(|date| {
                let before = healthy.sessions.iter().flatten().cloned();
                Some(before.chain([session(other, *date, "")]).collect())
            }));
        }
        all
    }

    /// What a course that counts by a note counts a session for, as it stands in the record of a session: what is planned now, or else the first
    /// that the protocol names.
    fn counted(&self, healthy: &Patient) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for version in self.versions {
            let Some(counter) = version.counter() else { continue };
            let planned = counter.planned.and_then(|planned| match version.program.node(planned).expr {
                Expr::Fact(fact) => healthy.facts.get(&version.fact(fact).name),
                _ => None,
            });
            let is_planned = |choice: &&String| planned.is_some_and(|planned| planned.contains(&quoted(choice)));
            let Some(choice) = counter.choices.iter().find(is_planned).or(counter.choices.first()) else { continue };
            let is_set = |name: &str| {
                let notes = &version.dictionary.notes;
                notes.iter().any(|note| note.name == name && note.answer.declared == FactType::Set)
            };
            let value = if is_set(&counter.name) { format!("[{}]", quoted(choice)) } else { quoted(choice) };
            all.insert(format!(", {}: {value}", quoted(&counter.name)));
        }
        all
    }

    /// The fact that tells which of the counted values are planned, where a patient has no answer to it, and one such answer.
    pub(crate) fn planned(&self, patient: &Patient) -> Option<(String, String)> {
        self.versions.iter().find_map(|version| {
            let counter = version.counter()?;
            let Expr::Fact(fact) = version.program.node(counter.planned?).expr else { return None };
            let (fact, choice) = (version.fact(fact), counter.choices.first()?);
            let is_set = fact.answer.declared == FactType::Set;
            let value = if is_set { format!("[{}]", quoted(choice)) } else { quoted(choice) };
            (!patient.facts.contains_key(&fact.name)).then(|| (fact.name.clone(), value))
        })
    }

    /// What may be noted about a session, one note at a time, as it stands in the record of a session.
    fn notes(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for note in self.versions.iter().flat_map(|one| &one.dictionary.notes) {
            let answer = &note.answer;
            let numbers = || {
                let literals = self.versions.iter().flat_map(|one| &one.program.nodes);
                let literals = literals.filter_map(|node| match node.expr {
                    Expr::Literal(Value::Number(number, _)) => Some(number.to_string()),
                    _ => None,
                });
                let ends = answer.range.into_iter().flat_map(|(least, greatest)| [least, greatest]);
                literals.chain(ends.map(|end| end.to_string())).collect::<BTreeSet<_>>()
            };
            let values: Vec<String> = match answer.declared {
                FactType::Bool => vec!["true".to_owned(), "false".to_owned()],
                FactType::Choice => answer.choices().iter().map(|name| quoted(name)).collect(),
                FactType::Set => answer.choices().iter().map(|name| format!("[{}]", quoted(name))).collect(),
                FactType::Integer | FactType::Decimal => numbers().into_iter().collect(),
                FactType::Text | FactType::Date => Vec::new(),
            };
            all.extend(values.iter().map(|value| format!(", {}: {value}", quoted(&note.name))));
        }
        all
    }
}

/// The lengths of time that a text names: all of it, or in the expressions that it is made of.
fn lengths_in(text: &str) -> Vec<Duration> {
    if let Ok(length) = text.parse::<Duration>() {
        return vec![length];
    }
    let mut found = Vec::new();
    for (unit, of) in [("days(", (0, 1)), ("weeks(", (0, 7)), ("months(", (1, 0)), ("years(", (12, 0))] {
        for (at, _) in text.match_indices(unit) {
            let rest = &text[at + unit.len()..];
            let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
            if let Some(count) = number.parse::<i32>().ok().filter(|count| *count <= 100_000) {
                found.push(Duration::new(of.0 * count, of.1 * count));
            }
        }
    }
    found
}
