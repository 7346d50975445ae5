//! What is told of the answers that a recommendation rests on, and of those that it lacks.

use crate::date::Date;
use crate::lang::FactId;
use crate::logic::value::{Texts, Value};
use crate::patient::Record;
use crate::patient::applicability::Standing;
use crate::patient::known::{Known, answer};
use crate::protocol::Protocol;
use crate::protocol::dictionary::{Fact, Validity};
use crate::recommendation::{KnownFact, WhyUnknown};

impl Known {
    /// Why a fact is not known, or not exactly.
    pub(crate) fn why(&self, protocol: &Protocol, record: &Record, id: FactId) -> WhyUnknown {
        let fact = protocol.fact(id);
        let Some(answer) = answer(protocol, record, id) else { return WhyUnknown::NotRecorded };
        match self.applicability.standing(id) {
            Standing::Unclear => return WhyUnknown::MayNotApply,
            Standing::Contradicted if answer.value != Value::Unknown => {
                return WhyUnknown::Contradicted { value: show(fact, answer.value, &record.texts) };
            }
            _ => {}
        }
        match self.facts[usize::from(id.0)] {
            Value::Unknown if answer.value == Value::Unknown => match answer {
                answer if answer.declined => WhyUnknown::Declined,
                answer if answer.not_known => WhyUnknown::NotKnown,
                _ => WhyUnknown::NotRecorded,
            },
            Value::Unknown => WhyUnknown::Expired {
                on: answer.on,
                days_ago: answer.on.and_then(|on| self.today.days_since(on)),
                valid_for: validity_words(fact.valid_for),
                value: show(fact, answer.value, &record.texts),
            },
            value => WhyUnknown::Partial { value: show(fact, value, &record.texts) },
        }
    }

    /// Why a fact is not known on the day of a session.
    pub(crate) fn why_then(&self, protocol: &Protocol, id: FactId, day: Date) -> WhyUnknown {
        let Some(then) = self.then.get(&day) else { return WhyUnknown::NotRecorded };
        let given = then.applicability.given.get(usize::from(id.0)).copied().unwrap_or(Value::Unknown);
        match then.applicability.standing(id) {
            Standing::Contradicted if given != Value::Unknown => {
                WhyUnknown::Contradicted { value: show(protocol.fact(id), given, &protocol.program.texts) }
            }
            _ => WhyUnknown::NotRecorded,
        }
    }

    /// A fact as it was answered.
    pub(crate) fn report(&self, protocol: &Protocol, record: &Record, id: FactId) -> KnownFact {
        let fact = protocol.fact(id);
        if let Some(why) = self.not_applicable(protocol, id) {
            let value = show(fact, self.facts[usize::from(id.0)], &protocol.program.texts);
            return KnownFact { fact: fact.name.clone(), value, on: None, not_applicable: Some(why) };
        }
        let answer = answer(protocol, record, id);
        KnownFact {
            fact: fact.name.clone(),
            value: answer.map_or_else(|| "unknown".into(), |answer| show(fact, answer.value, &record.texts)),
            on: answer.and_then(|answer| answer.on),
            not_applicable: None,
        }
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
    crate::lang::program::show(value, &fact.answer.ty, texts)
}
