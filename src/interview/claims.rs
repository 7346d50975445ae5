//! What each answer to a question leads to: the engine is asked about the record with that answer.
//!
//! Of yes and no and of choices every answer is tried; of several choices, none and each alone. Of numbers and days there are too many:
//! `logic/turning` names a value between every two at which anything may turn, the engine says what holds there, and neighbours of which the
//! same holds are one range. Where something cannot be told so, because two answers are compared with each other, or the day moves the course
//! of sessions, nothing is claimed of ranges.

use std::collections::BTreeSet;

use super::order::Open;
use super::{Interview, Reply, Subject};
use crate::date::Date;
use crate::decide::Prepared;
use crate::lang::{Expr, ExprId, FactId};
use crate::logic::turning::{Fixed, Turning};
use crate::logic::{Number, Value};
use crate::patient::{Answered, Record};
use crate::protocol::dictionary::Answer;
use crate::protocol::file::FactType;
use crate::recommendation::{Recommendation, SettingReport, Status};
use crate::render::outline;
use crate::speech::{Speech, tell};

/// What some answers to a question lead to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Claim {
    /// The answers.
    pub answers: Answers,
    /// What people read for them.
    pub label: String,
    /// What each protocol that asks then says, in their order.
    pub outcomes: Vec<Outcome>,
}

/// Some answers to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answers {
    /// One, as it is typed.
    One(String),
    /// The numbers between two; without a bound, all that the dictionary permits.
    Numbers {
        /// From which.
        from: Option<Bound>,
        /// To which.
        to: Option<Bound>,
    },
    /// The days from one to another, both included; without an end, all that can be answered.
    Days {
        /// From which.
        from: Option<Date>,
        /// Until which.
        until: Option<Date>,
    },
}

/// One end of a range of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bound {
    /// The number.
    pub number: String,
    /// Whether it belongs to the range.
    pub included: bool,
}

/// What a protocol says of a record with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The protocol's id.
    pub protocol: String,
    /// What to do.
    pub status: Status,
    /// What that could still become.
    pub could_become: Vec<Status>,
    /// The rules and parts of the course that lead to the status.
    pub because: Vec<Named>,
    /// The precautions.
    pub precautions: Vec<Named>,
    /// How to treat, as far as that is known. None of ranges of numbers and days: of those it is not told, as a setting may be another with
    /// each of them.
    pub settings: Option<Vec<SettingValue>>,
}

/// A rule or a part of the course.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Named {
    /// Its id.
    pub id: String,
    /// What people read for that; the id, where there is no label.
    pub label: String,
}

impl Named {
    pub(super) fn new(id: &str, label: Option<&String>) -> Named {
        Named { id: id.to_owned(), label: label.map_or(id, String::as_str).to_owned() }
    }
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SettingValue {
    /// The setting, by its id.
    pub id: String,
    /// Both in words.
    pub label: String,
}

impl Outcome {
    /// What an answer of the engine comes to.
    #[must_use]
    pub fn of(recommendation: &Recommendation) -> Outcome {
        let status = recommendation.status;
        let setting =
            |one: &SettingReport| SettingValue { id: one.id.clone(), label: outline::setting(recommendation, one) };
        let settings = recommendation.settings_as_known();
        let leading = recommendation.reasons.iter().filter(|reason| reason.leads_to == status);
        Outcome {
            protocol: recommendation.protocol.clone(),
            status,
            could_become: recommendation.could_become.clone(),
            because: leading.map(|reason| Named::new(&reason.id, reason.label.as_ref())).collect(),
            precautions: recommendation.precautions.iter().map(|one| Named::new(&one.id, one.label.as_ref())).collect(),
            settings: Some(settings.iter().filter(|one| one.known).map(setting).collect()),
        }
    }
}

impl Interview {
    /// What each answer to a question, or to several at once, leads to, of those that are open.
    pub(super) fn claims_of(&self, subject: &Subject, open: &[Open]) -> Vec<Claim> {
        let found = |one: &Subject| open.iter().find(|open| open.subject == *one);
        match subject {
            Subject::Several { members, .. } => {
                let members: Vec<&Open> = members.iter().filter_map(found).collect();
                self.claims_of_several(subject, &members)
            }
            one => found(one).map(|open| self.claims_of_one(open)).unwrap_or_default(),
        }
    }

    fn claims_of_one(&self, open: &Open) -> Vec<Claim> {
        let discrete = self.replies(&open.subject);
        if !discrete.is_empty() {
            let claims = discrete.into_iter().filter_map(|(reply, label)| {
                let state = self.after(&open.subject, &Reply::Value(reply.clone())).ok()?;
                Some(Claim {
                    answers: Answers::One(reply),
                    label,
                    outcomes: self.outcomes(&open.protocols, &state.records),
                })
            });
            return claims.collect();
        }
        let Subject::Fact(name) = &open.subject else { return Vec::new() };
        self.ranges(open, name).unwrap_or_default()
    }

    /// What several questions at once lead to: where it is so of none of them, and where it is so of one that is answered with yes or no.
    fn claims_of_several(&self, subject: &Subject, members: &[&Open]) -> Vec<Claim> {
        let protocols: BTreeSet<usize> = members.iter().flat_map(|open| &open.protocols).copied().collect();
        let protocols: Vec<usize> = protocols.into_iter().collect();
        let speech = self.speech();
        let one = |(reply, label): (String, String)| {
            let state = self.after(subject, &Reply::Value(reply.clone())).ok()?;
            Some(Claim { answers: Answers::One(reply), label, outcomes: self.outcomes(&protocols, &state.records) })
        };
        let none = std::iter::once(("no".to_owned(), speech.word("none of these")));
        let Subject::Several { members: all, .. } = subject else { return Vec::new() };
        if members.is_empty() {
            return Vec::new();
        }
        let is_open = |one: &Subject| members.iter().any(|open| open.subject == *one);
        let yes = all.iter().enumerate().filter(|(_, one)| is_open(one) && self.yes(one).is_some());
        none.chain(yes.map(|(at, _)| ((at + 1).to_string(), tell!(speech, "only {}", at + 1))))
            .filter_map(one)
            .collect()
    }

    /// The answers that are tried one by one, with what people read for them.
    fn replies(&self, subject: &Subject) -> Vec<(String, String)> {
        let speech = self.speech();
        let plain = |answers: &[&str]| answers.iter().map(|one| ((*one).to_owned(), speech.word(one))).collect();
        match subject {
            Subject::Sessions(_) => return plain(&["no"]),
            Subject::NotedTwice { .. } => return plain(&["one", "two"]),
            Subject::Fact(_) | Subject::Earlier { .. } | Subject::Note { .. } | Subject::Several { .. } => {}
        }
        let Ok(answer) = self.answer_of(subject) else { return Vec::new() };
        let labels = if answer.labels.is_empty() { answer.choices() } else { &answer.labels };
        let choices = || answer.choices().iter().cloned().zip(labels.iter().cloned());
        match answer.declared {
            FactType::Bool => plain(&["yes", "no"]),
            FactType::Choice => choices().collect(),
            FactType::Set => {
                let none = std::iter::once(("[]".to_owned(), speech.word("none of them")));
                none.chain(choices().map(|(id, label)| (id, tell!(speech, "only {}", label)))).collect()
            }
            FactType::Integer | FactType::Decimal | FactType::Date | FactType::Text => Vec::new(),
        }
    }

    fn outcomes(&self, protocols: &[usize], records: &[Record]) -> Vec<Outcome> {
        let outcome = |at: &usize| Outcome::of(&self.prepared[*at].look_at(&records[*at]).0);
        protocols.iter().map(outcome).collect()
    }

    /// What the ranges of a number or a date lead to; none: that cannot be told.
    fn ranges(&self, open: &Open, name: &str) -> Option<Vec<Claim>> {
        let speech = self.speech();
        let (_, fact) = self.prepared[*open.protocols.first()?].protocol.dictionary.fact(name)?;
        let (mut numbers, mut days) = (BTreeSet::new(), BTreeSet::new());
        for at in &open.protocols {
            for value in self.prepared[*at].turning_values(name)? {
                match value {
                    Value::Number(number, _) => drop(numbers.insert(number)),
                    Value::Date(range) => drop(days.insert(range.first)),
                    _ => {}
                }
            }
        }
        match fact.answer.declared {
            // Between the turning points of two protocols there may be a range that neither has a value of.
            FactType::Decimal if open.protocols.len() > 1 => None,
            FactType::Integer | FactType::Decimal => {
                let tried = self.tried(open, name, numbers, Value::number);
                let ends = |first, last| numbers_between(&fact.answer, &tried, (first, last), speech);
                Some(together(&tried, ends))
            }
            FactType::Date => {
                let never = days.remove(&Date::NEVER).then_some(Date::NEVER);
                let tried = self.tried(open, name, days, Value::date);
                let turns = |pair: &[(Date, Vec<Outcome>)]| pair[0].1 != pair[1].1;
                let is_told = |pair: &[(Date, Vec<Outcome>)]| !turns(pair) || pair[0].0.plus_days(1) == pair[1].0;
                if !tried.windows(2).all(is_told) {
                    return None;
                }
                let mut claims = together(&tried, |first, last| days_between(&tried, (first, last), speech));
                let never = self.tried(open, name, never, Value::date).into_iter();
                claims.extend(never.map(|(_, outcomes)| Claim {
                    answers: Answers::One("never".to_owned()),
                    label: speech.word("never"),
                    outcomes,
                }));
                Some(claims)
            }
            _ => None,
        }
    }

    /// What the protocols say of the record with each of some values for a fact.
    fn tried<T: Copy>(
        &self,
        open: &Open,
        name: &str,
        values: impl IntoIterator<Item = T>,
        value: impl Fn(T) -> Value,
    ) -> Vec<(T, Vec<Outcome>)> {
        values.into_iter().map(|one| (one, self.with_value(open, name, value(one)))).collect()
    }

    /// What the protocols say of the record with a value for a fact.
    fn with_value(&self, open: &Open, name: &str, value: Value) -> Vec<Outcome> {
        let one = |at: &usize| {
            let (prepared, mut record) = (&self.prepared[*at], self.state.records[*at].clone());
            if let Some((place, fact)) = prepared.protocol.dictionary.fact(name) {
                record.answers[place] =
                    Some(Box::new(Answered::given(value, Some(prepared.as_of()), fact.place.clone())));
            }
            Outcome { settings: None, ..Outcome::of(&prepared.look_at(&record).0) }
        };
        open.protocols.iter().map(one).collect()
    }
}

impl Prepared {
    /// Values of a number or date between which nothing turns; none: that cannot be told.
    fn turning_values(&self, name: &str) -> Option<Vec<Value>> {
        let protocol = &self.protocol;
        let slot = protocol.facts.iter().position(|at| protocol.dictionary.facts[*at].name == name)?;
        let fact = FactId(crate::narrow::u16(slot));
        if self.every_day.courses.facts.contains(&fact)
            || self.every_day.needed.rests_on.facts.contains(&fact)
            || !self.is_only_told_from_never(fact)
        {
            return None;
        }
        let program = &protocol.program;
        let reads = |root: &ExprId| {
            program
                .under([*root])
                .any(|id| matches!(program.node(id).expr, Expr::Fact(one) | Expr::Age(one) if one == fact))
        };
        let roots: Vec<ExprId> = protocol.rules.iter().flat_map(|rule| rule.roots()).filter(reads).collect();
        let nodes: BTreeSet<ExprId> = program.under(roots.iter().copied()).collect();
        let fixed = Fixed { today: self.as_of(), parameters: Some(&self.parameters) };
        Turning::new(protocol, fixed).values_of(fact, &nodes, &roots)
    }

    /// Whether the dictionary's own conditions ask no more of a fact than whether it is "never".
    fn is_only_told_from_never(&self, fact: FactId) -> bool {
        let conditions = &self.protocol.conditions;
        let program = &conditions.program;
        let is_it = |id: &ExprId| matches!(program.node(*id).expr, Expr::Fact(one) | Expr::Age(one) if one == fact);
        let is_never = |id: &ExprId| program.node(*id).expr == Expr::Literal(Value::date(Date::NEVER));
        let asked = conditions.asked.iter().map(|asked| &asked.when);
        let all = asked.chain(conditions.contradictions.iter().map(|one| &one.when));
        all.filter(|when| when.facts.contains(&fact)).all(|when| {
            program.under([when.root]).all(|id| {
                let expr = &program.node(id).expr;
                let operands = expr.operands();
                !operands.iter().any(is_it) || matches!(expr, Expr::Compare(..)) && operands.iter().any(is_never)
            })
        })
    }
}

/// Neighbours of which the same holds, as one claim.
fn together<T>(tried: &[(T, Vec<Outcome>)], ends: impl Fn(usize, usize) -> (Answers, String)) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut first = 0;
    for at in 0..tried.len() {
        if tried.get(at + 1).is_none_or(|next| next.1 != tried[at].1) {
            let (answers, label) = ends(first, at);
            claims.push(Claim { answers, label, outcomes: tried[first].1.clone() });
            first = at + 1;
        }
    }
    claims
}

/// The numbers from one that was tried to another, with all that lie nearer to them than to the next that was tried.
fn numbers_between(
    answer: &Answer,
    tried: &[(Number, Vec<Outcome>)],
    (first, last): (usize, usize),
    speech: &Speech,
) -> (Answers, String) {
    let number = |at: usize| tried[at].0;
    let bound = |number: Number, included| Bound { number: number.to_string(), included };
    let (from, to) = if answer.declared == FactType::Integer {
        let before = |next: &(Number, _)| next.0.minus(Number::ONE).map(|number| bound(number, true));
        ((first > 0).then(|| bound(number(first), true)), tried.get(last + 1).and_then(before))
    } else {
        // With a range its ends are turning points, and every second value is one; without, the first value lies before all of them.
        let turns = |at: usize| at % 2 == usize::from(answer.range.is_none());
        let from = (first > 0)
            .then(|| if turns(first) { bound(number(first), true) } else { bound(number(first - 1), false) });
        let next = tried.get(last + 1);
        (from, next.map(|next| if turns(last) { bound(number(last), true) } else { bound(next.0, false) }))
    };
    let unit = match &answer.ty {
        crate::lang::Type::Number { unit: Some(unit), .. } => format!(" {unit}"),
        _ => String::new(),
    };
    let label = match (&from, &to) {
        (None, None) => speech.word("any number"),
        (None, Some(to)) if to.included => tell!(speech, "up to {}", to.number),
        (None, Some(to)) => tell!(speech, "less than {}", to.number),
        (Some(from), None) if from.included => tell!(speech, "{} or more", from.number),
        (Some(from), None) => tell!(speech, "more than {}", from.number),
        (Some(from), Some(to)) if from.number == to.number => from.number.clone(),
        (Some(from), Some(to)) => {
            let phrase = match (from.included, to.included) {
                (true, true) => "{} to {}",
                (true, false) => "{} to less than {}",
                (false, true) => "more than {} to {}",
                (false, false) => "more than {} to less than {}",
            };
            tell!(speech, phrase, from.number, to.number)
        }
    };
    (Answers::Numbers { from, to }, label + unit.as_str())
}

/// The days from one that was tried to another; before the first and after the last that were tried nothing turns.
fn days_between(tried: &[(Date, Vec<Outcome>)], (first, last): (usize, usize), speech: &Speech) -> (Answers, String) {
    let from = (first > 0).then(|| tried[first].0);
    let until = (last + 1 < tried.len()).then(|| tried[last].0);
    let label = match (from, until) {
        (None, None) => speech.word("any day"),
        (None, Some(until)) => tell!(speech, "{} or before", speech.date(until)),
        (Some(from), None) => tell!(speech, "{} or later", speech.date(from)),
        (Some(from), Some(until)) if from == until => speech.date(from),
        (Some(from), Some(until)) => tell!(speech, "{} to {}", speech.date(from), speech.date(until)),
    };
    (Answers::Days { from, until }, label)
}
