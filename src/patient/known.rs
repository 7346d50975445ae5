//! From the record to the protocol's slots: what is known on a day, and why the rest is not.

use rust_decimal::Decimal;

use crate::date::{Date, DateRange};
use crate::decide::prepared::Prepared;
use crate::lang::{Expr, ExprId, FactId};
use crate::logic::Inputs;
use crate::logic::eval::DATE_NOTE;
use crate::logic::value::{MANY, Texts, Value};
use crate::patient::unlisted::Unlisted;
use crate::patient::{Answered, Record, last_session};
use crate::protocol::Protocol;
use crate::protocol::dictionary::{Fact, Validity};
use crate::recommendation::{KnownFact, WhyUnknown};
use crate::worlds::Schedule;

/// What is known on a day, in the slots of a protocol.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The facts.
    pub(crate) facts: Vec<Value>,
    /// Whether an answer is there but too old.
    expired: Vec<bool>,
    /// The parameters.
    pub(crate) parameters: Vec<Value>,
    /// The sessions' notes.
    pub(crate) sessions: Vec<Vec<Value>>,
    /// For each session its place among those of the record: which of two on one day came first.
    pub(crate) order: Vec<usize>,
    /// What the course wants to know of each session.
    pub(crate) given: Vec<Recorded>,
    /// The sessions of each of the program's lists.
    pub(crate) lists: Vec<Vec<usize>>,
    /// The treatments of which there may have been more.
    pub(crate) unlisted: Unlisted,
    /// The as-of date.
    pub(crate) today: Date,
}

/// A recorded session, as the course sees it.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// When.
    pub(crate) date: DateRange,
    /// Whether it is of the protocol's treatment.
    pub(crate) own: bool,
    /// Whether something went wrong with it.
    pub(crate) faulty: bool,
    /// The separations that its treatment takes part in, as another treatment, whatever was used, by their places in the protocol.
    pub(crate) separations: Vec<usize>,
}

impl Known {
    /// Nothing is known of the patient.
    pub(crate) fn nothing(protocol: &Protocol, parameters: &[Value], today: Date) -> Known {
        Known {
            facts: vec![Value::Unknown; protocol.facts.len()],
            expired: vec![false; protocol.facts.len()],
            parameters: parameters.to_vec(),
            sessions: Vec::new(),
            order: Vec::new(),
            given: Vec::new(),
            lists: vec![Vec::new(); protocol.program.lists.len()],
            unlisted: Unlisted { lists: vec![false; protocol.program.lists.len()], ..Unlisted::default() },
            today,
        }
    }

    pub(crate) fn new(prepared: &Prepared<'_>, record: &Record) -> Known {
        let (protocol, today) = (prepared.protocol, prepared.request.as_of);
        let mut known = Known::nothing(protocol, &prepared.parameters, today);
        let treatments = &prepared.treatments;
        known.unlisted.note(treatments, |place| record.covers.covers(treatments.names[place]));
        let own = record.sessions.iter().filter(|session| session.treatment == protocol.treatment);
        let last_session = last_session(own.map(|session| session.date), !known.unlisted.own(), today);
        let translate = |value: Value| value.renumbered(|id| protocol.program.texts.find(record.texts.get(id)));
        for (slot, &at) in protocol.facts.iter().enumerate() {
            let fact = &protocol.dictionary.facts[at];
            let answer = record.answers.get(at).and_then(Option::as_ref);
            let on = answer.and_then(|answer| answer.on);
            let expired = on.is_some_and(|on| prepared.fresh[slot].is_expired(on, last_session));
            let value = match answer {
                Some(answer) if !expired => {
                    let value = translate(answer.value);
                    if fact.past { value.happened_by(on.map_or(today, |on| on.min(today))) } else { value }
                }
                _ => Value::Unknown,
            };
            known.facts[slot] = value;
            known.expired[slot] = expired && !answer.is_some_and(|answer| answer.declined);
        }
        for session in &record.sessions {
            let mut notes: Vec<Value> = session.notes.iter().map(|note| translate(*note)).collect();
            done_by(&mut notes, today);
            known.given.push(Recorded {
                date: session.date,
                own: session.treatment == protocol.treatment,
                faulty: session.faulty(),
                separations: separations(protocol, &session.treatment),
            });
            known.sessions.push(notes);
            known.order.push(session.order);
        }
        for (list, treatment) in known.lists.iter_mut().zip(&protocol.program.lists) {
            let sessions = record.sessions.iter().enumerate();
            list.extend(sessions.filter(|(_, session)| session.treatment == *treatment).map(|(at, _)| at));
        }
        known
    }

    /// How many sessions count: as the course says; without a course, all that went well; where it is not known whether a course is offered,
    /// both are ways that it can be.
    pub(crate) fn sessions_done(&self, schedule: &Schedule) -> Value {
        let without_a_course = || {
            let went_well = self.given.iter().filter(|session| session.own && !session.faulty).count();
            let went_well = Decimal::from(went_well as u64);
            Value::Number(went_well, if self.unlisted.own() { MANY } else { went_well })
        };
        match schedule.done {
            Some(done) => {
                let by_course = Value::Number(done.least.into(), done.most.into());
                if schedule.no_course.is_false() { by_course } else { by_course.either(without_a_course()) }
            }
            None if schedule.course.is_none() => without_a_course(),
            None => Value::Unknown,
        }
    }

    /// What the evaluator reads.
    pub(crate) fn inputs(&self, sessions_done: Value, open: bool) -> Inputs<'_> {
        Inputs {
            facts: &self.facts,
            parameters: &self.parameters,
            sessions: &self.sessions,
            order: &self.order,
            lists: &self.lists,
            unlisted: &self.unlisted.lists,
            today: self.today,
            sessions_done,
            open,
        }
    }

    /// The facts under an expression that are not exactly known.
    pub(crate) fn unknown_facts(&self, protocol: &Protocol, root: ExprId) -> impl Iterator<Item = FactId> {
        let mut facts = Vec::new();
        for id in protocol.program.under([root]) {
            if let Expr::Fact(fact) | Expr::Age(fact) = protocol.program.node(id).expr
                && !self.facts[usize::from(fact.0)].is_settled()
                && !facts.contains(&fact)
            {
                facts.push(fact);
            }
        }
        facts.into_iter()
    }

    /// Why a fact is not known, or not exactly.
    pub(crate) fn why(&self, protocol: &Protocol, record: &Record, id: FactId) -> WhyUnknown {
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
    pub(crate) fn report(&self, protocol: &Protocol, record: &Record, id: FactId) -> KnownFact {
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
pub(crate) fn answer<'r>(protocol: &Protocol, record: &'r Record, id: FactId) -> Option<&'r Answered> {
    record.answers.get(protocol.facts[usize::from(id.0)])?.as_ref()
}

/// What was done was done by today: of a month, the days until then are left.
pub(crate) fn done_by(notes: &mut [Value], today: Date) {
    if let Some(date) = notes.get_mut(DATE_NOTE) {
        *date = date.happened_by(today);
    }
}

/// The note of a session that holds its product.
pub(crate) const PRODUCT_NOTE: usize = 1;

/// The separations that a treatment takes part in, as another treatment.
pub(crate) fn separations(protocol: &Protocol, treatment: &str) -> Vec<usize> {
    let concerns = |at: &usize| protocol.separations[*at].from.iter().any(|other| other == treatment);
    (0..protocol.separations.len()).filter(concerns).collect()
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
