//! From the record to the protocol's slots: what is known on a day, and why the rest is not.

use std::collections::BTreeMap;

use crate::date::{Date, DateRange};
use crate::expr::{FactId, Inputs};
use crate::protocol::Protocol;
use crate::protocol::dictionary::{Fact, Validity};
use crate::recommendation::{KnownFact, WhyUnknown};
use crate::record::{Answered, Record};
use crate::value::{Texts, Value};

/// What is known on a day, in the slots of a protocol.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The facts.
    pub(super) facts: Vec<Value>,
    /// Whether an answer is there but too old.
    expired: Vec<bool>,
    /// The parameters.
    pub(super) parameters: Vec<Value>,
    /// The sessions' notes.
    pub(super) sessions: Vec<Vec<Value>>,
    /// The sessions of each of the program's lists.
    pub(super) lists: Vec<Vec<usize>>,
    /// The as-of date.
    pub(super) today: Date,
}

impl Known {
    pub(super) fn new(protocol: &Protocol, record: &Record, today: Date, set: &BTreeMap<usize, Value>) -> Known {
        let own = record.sessions.iter().filter(|session| session.treatment == protocol.treatment);
        let last_session = own.map(|session| session.date.last).max();
        let mut known = Known {
            facts: Vec::with_capacity(protocol.facts.len()),
            expired: Vec::with_capacity(protocol.facts.len()),
            parameters: protocol.parameters.iter().map(|parameter| parameter.value).collect(),
            sessions: Vec::with_capacity(record.sessions.len()),
            lists: Vec::with_capacity(protocol.program.lists.len()),
            today,
        };
        for (at, value) in set {
            known.parameters[*at] = *value;
        }
        let texts = &protocol.program.texts;
        for &at in &protocol.facts {
            let fact = &protocol.dictionary.facts[at];
            let answer = record.answers.get(at).and_then(Option::as_ref);
            let expired = answer.is_some_and(|answer| is_expired(fact, answer, today, last_session));
            let value = match answer {
                Some(answer) if !expired => clipped(fact, translate(answer.value, &record.texts, texts), today),
                _ => Value::Unknown,
            };
            known.facts.push(value);
            known.expired.push(expired && !answer.is_some_and(|answer| answer.declined));
        }
        for session in &record.sessions {
            known.sessions.push(session.notes.iter().map(|note| translate(*note, &record.texts, texts)).collect());
        }
        for treatment in &protocol.program.lists {
            let sessions = record.sessions.iter().enumerate();
            known
                .lists
                .push(sessions.filter(|(_, session)| session.treatment == *treatment).map(|(at, _)| at).collect());
        }
        known
    }

    /// What the evaluator reads.
    pub(super) fn inputs(&self, sessions_done: Value, open: bool) -> Inputs<'_> {
        Inputs {
            facts: &self.facts,
            parameters: &self.parameters,
            sessions: &self.sessions,
            lists: &self.lists,
            today: self.today,
            sessions_done,
            open,
        }
    }

    /// Why a fact is not known, or not exactly.
    pub(super) fn why(&self, protocol: &Protocol, record: &Record, id: FactId) -> WhyUnknown {
        let fact = protocol.fact(id);
        let Some(answer) = answer(protocol, record, id) else { return WhyUnknown::NotRecorded };
        if self.expired[usize::from(id.0)] {
            return WhyUnknown::Expired {
                on: answer.on,
                days_ago: answer.on.and_then(|on| self.today.days_since(on)),
                valid_for: validity_words(fact.valid_for),
                value: show(fact, answer.value, &record.texts),
            };
        }
        match self.facts[usize::from(id.0)] {
            Value::Unknown if answer.declined => WhyUnknown::Declined,
            Value::Unknown => WhyUnknown::NotRecorded,
            value => WhyUnknown::Partial { value: show(fact, value, &record.texts) },
        }
    }

    /// A fact as it was answered.
    pub(super) fn report(&self, protocol: &Protocol, record: &Record, id: FactId) -> KnownFact {
        let fact = protocol.fact(id);
        let answer = answer(protocol, record, id);
        KnownFact {
            fact: fact.name.clone(),
            value: answer.map_or_else(|| "unknown".into(), |answer| show(fact, answer.value, &record.texts)),
            on: answer.and_then(|answer| answer.on),
        }
    }
}

/// The answer in a protocol's slot.
pub(super) fn answer<'r>(protocol: &Protocol, record: &'r Record, id: FactId) -> Option<&'r Answered> {
    record.answers.get(protocol.facts[usize::from(id.0)])?.as_ref()
}

/// A text of the record as the protocol's number for it.
fn translate(value: Value, from: &Texts, to: &Texts) -> Value {
    match value {
        Value::Text(id) => Value::Text(to.find(from.get(id))),
        other => other,
    }
}

/// What has happened has happened by today: of "some time in 2026", only the days until now are left.
fn clipped(fact: &Fact, value: Value, today: Date) -> Value {
    match value {
        Value::Date(range) if fact.past && range.last > today => Value::Date(DateRange { last: today, ..range }),
        other => other,
    }
}

fn is_expired(fact: &Fact, answer: &Answered, today: Date, last_session: Option<Date>) -> bool {
    let Some(on) = answer.on else { return false };
    match fact.valid_for {
        Validity::Forever => false,
        Validity::For(duration) => today > on + duration,
        Validity::Visit => on < today,
        Validity::Session => last_session.is_some_and(|last| on <= last),
    }
}

fn validity_words(validity: Validity) -> String {
    match validity {
        Validity::Forever => "forever".into(),
        Validity::For(duration) => duration.to_string(),
        Validity::Visit => "the day of the visit".into(),
        Validity::Session => "until the next session".into(),
    }
}

fn show(fact: &Fact, value: Value, texts: &Texts) -> String {
    crate::expr::program::show(value, &fact.answer.ty, texts)
}
