//! When, then? What becomes of a patient on the days to come, if nothing but the calendar changes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::course::Bound;
use crate::date::Date;
use crate::decide::{Assessment, Decision, Evaluated, Prepared, Request, decide, decided_status};
use crate::diagnostic::Diagnostics;
use crate::explain::changes::Changes;
use crate::explain::labels::{choice_labels, fact_label, rules};
use crate::logic::value::Value;
use crate::patient::cell::Cell;
use crate::patient::known::Known;
use crate::patient::{Record, Slots};
use crate::protocol::Protocol;
use crate::protocol::file::ProtocolStatus;
use crate::recommendation::{Labels, Status, ToBeConfirmed};
use crate::worlds::Detail;

/// The version of the shape of an [`Outlook`] in JSON.
const SCHEMA: &str = "regimen/outlook/1";

/// What becomes of a patient on the days to come, if nothing but the calendar changes: whatever is known today is taken to be answered in
/// the same way on each of these days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Outlook {
    /// The version of this shape.
    pub schema: String,
    /// The patient.
    pub patient: String,
    /// The protocol's id.
    pub protocol: String,
    /// Its version.
    pub version: String,
    /// Which text of it answered: "published 1.0.0 by Dr. A. Huber on 2026-03-01", "unpublished" or "DRAFT".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub edition: String,
    /// Whether it is in use. The answers of a draft are not for patients.
    #[serde(default = "active")]
    pub protocol_status: ProtocolStatus,
    /// The day from which it was looked ahead.
    pub as_of: Date,
    /// The last day that was looked at.
    pub until: Date,
    /// The last day that was asked for, where the version ends before it and none that follows it was looked at: of the days after `until`
    /// nothing is said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asked_until: Option<Date>,
    /// The first day on which the patient may be treated; none: there is none among these.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_day: Option<Date>,
    /// What must be asked again by that day, as its answer is too old then: what is said of it is said as if it were answered as it was.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub to_be_confirmed: Vec<ToBeConfirmed>,
    /// What holds until when, without a gap from the first day to the last.
    pub stretches: Vec<Stretch>,
    /// What would have to be different today; none: the patient can be treated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub changes: Option<Changes>,
    /// What people read for the names above.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
}

/// Days on which the same holds for the same reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Stretch {
    /// The first of them.
    pub from: Date,
    /// The last of them.
    pub until: Date,
    /// What to do on them.
    pub status: Status,
    /// What that could become when what is unknown is answered.
    pub could_become: Vec<Status>,
    /// The rules, intervals and other bounds that lead to the status, by id.
    pub because: Vec<String>,
    /// The version of the protocol that says so, where it is one that comes into force later.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
}

/// What an outlook was made from that does not say so.
fn active() -> ProtocolStatus {
    ProtocolStatus::Active
}

impl Protocol {
    /// When a patient may be treated, if nothing else changes: every day from that of the request to another is decided about, with what is
    /// known today taken as if it were answered again on each of them. The days end where the protocol is no longer in force, and
    /// [`go_on`](Protocol::go_on) with the version after it.
    ///
    /// ```
    /// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
    /// use regimen::{Notation, Record, Request, Status};
    /// let text = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#;
    /// let (record, _) = Record::from_text("r", text, Notation::Json, &clinic.dictionary)?;
    /// let outlook = clinic.protocols[0].outlook(&record, &Request::new("2026-03-01".parse()?), "2026-03-31".parse()?)?;
    /// assert_eq!(outlook.first_day, None);
    /// assert_eq!(outlook.stretches[0].status, Status::Contraindicated);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`recommend`](Protocol::recommend) does for the first day.
    pub fn outlook(&self, record: &Record, request: &Request, until: Date) -> Result<Outlook, Diagnostics> {
        let first = self.prepare(request)?;
        let answer = first.recommend(record)?;
        let mut outlook = Outlook {
            schema: SCHEMA.into(),
            patient: answer.patient,
            protocol: self.id.clone(),
            version: self.version.clone(),
            edition: answer.provenance.edition_in(self.speech()),
            protocol_status: answer.protocol_status,
            as_of: request.as_of,
            until: request.as_of,
            asked_until: None,
            first_day: None,
            to_be_confirmed: Vec::new(),
            stretches: Vec::new(),
            changes: (!answer.status.is_treat()).then(|| first.changes(record)),
            labels: Labels::default(),
        };
        outlook.look(&first, record, request.as_of, until);
        Ok(outlook)
    }

    /// Goes on with the days after the end of a version, by this one that is in force then: the record is as this version's dictionary reads it.
    /// Parameters that were set are those of a version, and so whoever set some goes no further.
    pub fn go_on(&self, outlook: &mut Outlook, record: &Record) {
        if let Some(until) = outlook.asked_until {
            outlook.look(&self.ready(&Request::new(outlook.as_of)), record, outlook.until.plus_days(1), until);
        }
    }
}

impl Outlook {
    /// Looks at the days from one to another, as far as the protocol is in force, with what is known on the first of all.
    fn look(&mut self, first: &Prepared, record: &Record, from: Date, until: Date) {
        let (protocol, known, mut day) = (first.protocol(), first.known(record), from);
        let had_day = self.first_day.is_some();
        while day <= until {
            // On the last day in force there is nothing more to say.
            let Ok(prepared) = protocol.prepare(&Request { as_of: day, ..first.request.clone() }) else { break };
            let (decision, because) = prepared.stands(&first.carried(record, &known, day));
            self.add(day, &decision, because, &protocol.version);
            // After the last day of the calendar comes no other.
            if day == until {
                break;
            }
            day = day.plus_days(1);
        }
        self.asked_until = (self.until < until).then_some(until);
        if let (Some(day), false) = (self.first_day, had_day) {
            let slots = Slots::of(record, &first.every_day.vocabulary, first.as_of());
            let sessions_done = Evaluated::new(first, &known, Detail::Decision).assumed.sessions_done;
            self.to_be_confirmed = first.to_be_confirmed(&slots, &known, sessions_done, [day]);
        }
        // What the version before calls something is what the answer calls it.
        let Labels { facts, answers, rules, .. } = self.name(protocol);
        for (id, label) in facts {
            self.labels.facts.entry(id).or_insert(label);
        }
        for (id, labels) in answers {
            self.labels.answers.entry(id).or_insert(labels);
        }
        for (id, label) in rules {
            self.labels.rules.entry(id).or_insert(label);
        }
    }

    /// What people read for all that it names.
    fn name(&self, protocol: &Protocol) -> Labels {
        let mut labels = Labels::default();
        let changes = || self.changes.iter().flat_map(|all| &all.sets).flat_map(|set| &set.changes);
        let facts = changes().map(|one| &one.fact).chain(self.to_be_confirmed.iter().map(|one| &one.fact));
        let facts = facts.chain(self.changes.iter().flat_map(|all| &all.not_all_values));
        labels.facts = facts.filter_map(|fact| Some((fact.clone(), fact_label(protocol, fact)?))).collect();
        for change in changes() {
            let labelled = choice_labels(protocol, &change.fact);
            if !labelled.is_empty() {
                labels.answers.insert(change.fact.clone(), labelled);
            }
        }
        labels.rules = rules(protocol, self.stretches.iter().flat_map(|one| &one.because).map(String::as_str));
        labels
    }

    /// One more day.
    fn add(&mut self, day: Date, decision: &Decision, because: Vec<String>, version: &str) {
        self.until = day;
        if matches!(decision.status, Status::Due | Status::Overdue) {
            self.first_day.get_or_insert(day);
        }
        let could_become: Vec<Status> = decision.could_become.iter().collect();
        let version = (version != self.version).then(|| version.to_owned());
        let stretch = Stretch { from: day, until: day, status: decision.status, could_become, because, version };
        match self.stretches.last_mut() {
            Some(last)
                if (Stretch { from: last.from, ..stretch.clone() }) == (Stretch { until: day, ..last.clone() }) =>
            {
                last.until = day;
            }
            _ => self.stretches.push(stretch),
        }
    }
}

impl Prepared {
    /// The record as it would be if what is known today were answered in the same way on a later day.
    pub(crate) fn carried(&self, record: &Record, known: &Known, day: Date) -> Record {
        let mut record = record.clone();
        record.recorded = None;
        for (slot, at) in self.protocol.facts.iter().enumerate() {
            // What contradicts another answer is not known, and was answered all the same.
            let is_good = match known.applicability.given.get(slot) {
                Some(given) => *given != Value::Unknown,
                None => known.cells[slot] != Cell::UNKNOWN,
            };
            let Some(answer) = record.answers[*at].as_mut().filter(|_| is_good) else { continue };
            // What had happened when it was told had happened by then.
            if let (Value::Date(range), Some(on)) = (&mut answer.value, answer.on)
                && self.protocol.dictionary.facts[*at].past
                && range.is_partial()
            {
                range.last = range.last.min(on).max(range.first);
            }
            answer.on = Some(day);
        }
        for session in record.sessions.iter_mut().filter(|session| session.date.is_partial()) {
            session.date.last = session.date.last.min(self.as_of()).max(session.date.first);
            session.notes[0] = Value::Date(session.date);
        }
        record
    }

    /// What to do for a patient, and what leads to it.
    fn stands(&self, record: &Record) -> (Decision, Vec<String>) {
        let known = self.known(record);
        let mut evaluated = Evaluated::new(self, &known, Detail::Decision);
        let (decision, _) = decide(self, &mut evaluated);
        (decision, self.because(decision.status, &evaluated.assumed))
    }

    /// The same without what else is decided, and the first day that no distance from another treatment forbids, if one does: whatever the
    /// calendar brings, nobody is treated before it.
    pub(crate) fn status(&self, record: &Record) -> (Status, Vec<String>, Option<Date>) {
        let known = self.known(record);
        let mut evaluated = Evaluated::new(self, &known, Detail::Decision);
        let status = decided_status(self, &mut evaluated);
        // On a day on which no course is offered, no distance is kept.
        let is_always_offered = self.protocol.courses.iter().all(|course| course.when.is_none());
        let separated = evaluated.assumed.schedule.holding().filter_map(|(bound, day)| match bound {
            Bound::Separation(at) if self.protocol.separations[at].of.is_none() => Some(day),
            _ => None,
        });
        let until = separated.max().filter(|_| is_always_offered);
        (status, self.because(status, &evaluated.assumed), until)
    }

    /// What leads to a status.
    fn because(&self, status: Status, assessment: &Assessment) -> Vec<String> {
        let protocol = &self.protocol;
        let rules = protocol.rules.iter().zip(&assessment.fires);
        let rules = rules.filter(|(rule, fires)| fires.is_true() && rule.action.leads_to() == Some(status));
        let mut because: Vec<String> = rules.map(|(rule, _)| rule.id.clone()).collect();
        if status == Status::Deferred {
            let holding = assessment.schedule.holding();
            because.extend(holding.map(|(bound, _)| crate::worlds::bound_id(protocol, bound)));
        }
        because
    }
}
