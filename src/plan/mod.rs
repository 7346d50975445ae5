//! A whole clinic on one day: what can be done for a patient today, what excludes what, and in which order what is wanted can be done.
//!
//! Nothing is decided here. A session that is planned is put into the record, and the protocols are asked again; so an exclusion or a
//! date in a plan is what the protocol itself says once the session has been given.

mod exclusions;
mod order;
mod trial;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::date::{Date, Duration};
use crate::decide::Request;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::english::list;
use crate::once::push_new;
use crate::patient::Record;
use crate::protocol::Protocol;
pub use crate::protocol::file::{Category, ProtocolStatus};
pub use crate::recommendation::AnsweredBy;
use crate::recommendation::{Doubt, Effect, Labels, Reason, Recommendation, Status, ToBeConfirmed};
use crate::render;
use crate::speech::Speech;
use crate::trace::Depth;
use crate::words::words;

use trial::Trial;

/// The version of the shape of a [`Plan`] in JSON.
const SCHEMA: &str = "regimen/plan/1";

/// How far it is looked ahead for a first permitted day.
const AHEAD: Duration = Duration::new(24, 0);

/// The most protocols that can be wanted at once: more orders than theirs cannot all be tried.
const MOST_WANTED: usize = 8;

/// A protocol that is asked, with the record as it reads it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The protocol.
    pub protocol: &'a Protocol,
    /// The record, read with the protocol's dictionary.
    pub record: &'a Record,
    /// The day, the same for all, and the parameters that are set.
    pub request: Request,
}

/// What can be done for a patient on a day, by the protocols of a clinic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Plan {
    /// The version of this shape.
    pub schema: String,
    /// The patient.
    pub patient: String,
    /// The day.
    pub as_of: Date,
    /// The last day that was looked at for a first permitted day.
    pub until: Date,
    /// The language in which it is told, where one was asked for or the protocols' own is not English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What is doubtful about the record, each thing once.
    pub doubts: Vec<Doubt>,
    /// What each protocol says: what can be done first.
    pub protocols: Vec<Entry>,
    /// The questions on which whether to treat depends in what is undetermined: those that open most come first. None are of drafts.
    pub questions: Vec<Opening>,
    /// The pairs that could both be done today and must not be done on one day. None are of drafts.
    pub exclusions: Vec<Exclusion>,
    /// In which order what is wanted can be done; none: nothing was said to be wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Wanted>,
    /// The protocols that are broken and give no answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<BrokenEntry>,
}

impl Plan {
    /// The last day that was looked at for a protocol.
    pub(crate) fn looked_at_until(&self, id: &str) -> Date {
        let entry = self.protocols.iter().find(|one| one.protocol == id);
        entry.and_then(|one| one.looked_at_until).unwrap_or(self.until)
    }

    /// The language in which it is told.
    pub(crate) fn speech(&self) -> &'static Speech {
        Speech::told(self.language.as_deref())
    }

    /// What a protocol is called beside others.
    pub(crate) fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.protocols.iter().find(|entry| entry.protocol == id).map_or(id, |entry| &entry.name)
    }

    /// The same of several, as a list.
    pub(crate) fn names(&self, ids: &[String]) -> String {
        let names: Vec<&str> = ids.iter().map(|id| self.name(id)).collect();
        list(&names, self.speech().and)
    }
}

/// A protocol that is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct BrokenEntry {
    /// Its id.
    pub protocol: String,
    /// Its name for people.
    pub title: String,
    /// What is wrong with it, in a sentence.
    pub told: String,
}

impl From<&crate::protocol::Broken> for BrokenEntry {
    fn from(one: &crate::protocol::Broken) -> BrokenEntry {
        BrokenEntry { protocol: one.id.clone(), title: one.title.clone(), told: one.told() }
    }
}

words! {
    /// What a plan says of a protocol, in the order in which it is listed.
    Group {
        /// Due or overdue: it can be done today.
        Today = "today",
        /// A named role decides.
        Refer = "refer",
        /// It depends on answers.
        Ask = "ask",
        /// Deferred: from a day on.
        Later = "later",
        /// The course is over.
        Over = "over",
        /// Contraindicated, or not the right treatment.
        No = "no",
    }
}

impl From<Status> for Group {
    fn from(status: Status) -> Group {
        match status {
            Status::Due | Status::Overdue => Group::Today,
            Status::Refer => Group::Refer,
            Status::Undetermined => Group::Ask,
            Status::Deferred => Group::Later,
            Status::Complete | Status::Stopped => Group::Over,
            Status::Contraindicated | Status::NotIndicated => Group::No,
        }
    }
}

/// What one protocol says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Entry {
    /// Its id.
    pub protocol: String,
    /// Its name for people.
    pub title: String,
    /// What it is called beside others: its treatment's label, or its title where that has none or another protocol gives the same.
    #[serde(default)]
    pub name: String,
    /// Its treatment, as records name it.
    pub treatment: String,
    /// What kind of thing it is.
    pub category: Category,
    /// Whether it is in use. The answers of a draft are not for patients.
    pub protocol_status: ProtocolStatus,
    /// Which text of it answered: "published 1.0.0 by Dr. A. Huber on 2026-03-01", "unpublished" or "DRAFT".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub edition: String,
    /// Where it is listed.
    pub group: Group,
    /// The last day that was looked at, where the version ends before that of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at_until: Option<Date>,
    /// What to do.
    pub status: Status,
    /// The same in a few words.
    pub headline: String,
    /// What that could become.
    pub could_become: Vec<Status>,
    /// The first permitted day, where nothing that is open can move it.
    pub not_before: Option<Date>,
    /// Else the day before which there is certainly no treatment.
    pub no_sooner_than: Option<Date>,
    /// The latest that the first permitted day may then come to.
    pub no_later_than: Option<Date>,
    /// What is to be asked again on the days to come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_be_confirmed: Vec<ToBeConfirmed>,
    /// What leads to the status.
    pub reasons: Vec<Reason>,
    /// What to do differently, by the ids of the precautions.
    pub precautions: Vec<String>,
}

/// A question on which depends whether to treat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Opening {
    /// The fact.
    pub fact: String,
    /// What people read for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The question.
    pub ask: String,
    /// Who answers.
    pub of: AnsweredBy,
    /// The protocols that wait for it.
    pub opens: Vec<String>,
    /// Those of them that wait for nothing else.
    pub alone: Vec<String>,
}

/// Two protocols that could both be followed today, and must not be on one day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Exclusion {
    /// The two, by id.
    pub protocols: [String; 2],
    /// What follows for the one if the other is done today.
    pub if_done: Vec<Consequence>,
}

/// What follows for one protocol if another is done today.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Consequence {
    /// What is done today.
    pub done: String,
    /// The areas of it that matter, where it is counted by area and not all of them do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas_done: Vec<String>,
    /// What is then asked about.
    pub other: String,
    /// The areas of that for which it matters, where not for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    /// What to do then: today as well, if it is due.
    pub status: Status,
    /// What leads to that and does not without the session.
    pub rules: Vec<Reason>,
    /// What has to be asked, where it is undetermined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<String>,
    /// What people read for the questions and areas.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// The first permitted day of the other, if nothing else changes; none: there is none among the days that were looked at.
    pub first_day: Option<Date>,
    /// What is to be asked again by that day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_be_confirmed: Vec<ToBeConfirmed>,
}

/// In which order what is wanted can be done.
///
/// Each session is planned on the first day on which its protocol permits it after those before it; two share a day if each is permitted
/// with the other. Of all orders, the one that ends first is chosen; of those, the one with the earlier first session, then the earlier
/// second, and so on; then the first by id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Wanted {
    /// What is wanted, by id.
    pub protocols: Vec<String>,
    /// The sessions, by day, of all but what is impossible; none: there is no order in which they can be done.
    pub sessions: Vec<PlannedSession>,
    /// What cannot be done on any of the days, even by itself.
    pub impossible: Vec<Impossible>,
    /// Whether there are more orders than could be tried in a few seconds: the order is a good one, and there may be an earlier one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut_short: bool,
}

/// A session that is planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PlannedSession {
    /// The day.
    pub date: Date,
    /// The protocol, by id.
    pub protocol: String,
    /// Its name for people.
    pub title: String,
    /// What held it back on the day before; nothing, if it is planned for the first day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waited_for: Vec<String>,
    /// What people read for that.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// The protocols of the day before with which it must not be on one day, where nothing else held it back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_with: Vec<String>,
    /// What is to be asked again by the day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_be_confirmed: Vec<ToBeConfirmed>,
}

/// Something that is wanted and cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Impossible {
    /// The protocol, by id.
    pub protocol: String,
    /// What it says today.
    pub status: Status,
}

/// What can be done for a patient on a day, and what of it excludes what. `wanted` names protocols, by their ids or by the treatment of
/// one of them, for which an order is looked for.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// use regimen::plan::{Asked, Group, plan};
/// use regimen::{Notation, Record, Request};
/// let text = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#;
/// let (record, _) = Record::from_text("r", text, Notation::Json, &clinic.dictionary)?;
/// let request = Request::new("2026-03-01".parse()?);
/// let asked = Asked { protocol: &clinic.protocols[0], record: &record, request };
/// let plan = plan(&[asked], &[])?;
/// assert_eq!(plan.protocols[0].group, Group::No);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Protocol::recommend`] does; when nothing is asked, or for more than one day or patient; when what is wanted is not among what is
/// asked, a draft, named twice, or more than eight.
pub fn plan(asked: &[Asked<'_>], wanted: &[String]) -> Result<Plan, Diagnostics> {
    let Some(first) = asked.first() else {
        return Err(Diagnostic::new(&codes::UNREADABLE, "there is no protocol to plan with").into());
    };
    let as_of = first.request.as_of;
    if asked.iter().any(|one| one.request.as_of != as_of || one.record.patient != first.record.patient) {
        return Err(Diagnostic::new(&codes::INVALID_VALUE, "a plan is for one patient and one day").into());
    }
    let wanted = wanted_places(asked, wanted)?;
    let until = as_of + AHEAD;
    let mut answers: Vec<(usize, Recommendation)> = Vec::new();
    for (at, one) in asked.iter().enumerate() {
        let request = one.request.clone().explain(Depth::Verdict);
        answers.push((at, one.protocol.recommend(one.record, &request)?));
    }
    let mut trials = asked.iter().map(Trial::new).collect::<Result<Vec<_>, _>>()?;
    let in_use = |at: usize| asked[at].protocol.status == ProtocolStatus::Active;
    let today: Vec<usize> =
        answers.iter().filter(|(at, answer)| in_use(*at) && answer.status.is_treat()).map(|(at, _)| *at).collect();
    let exclusions = exclusions::exclusions(&mut trials, &today, as_of, until)?;
    let wanted = (!wanted.is_empty()).then(|| order::wanted(&mut trials, &wanted, (as_of, until), order::MOST_DECIDED));
    let mut doubts: Vec<Doubt> = Vec::new();
    let all = answers.iter().flat_map(|(_, answer)| &answer.doubts);
    all.for_each(|doubt| push_new(&mut doubts, doubt.clone()));
    doubts.sort_by_key(|doubt| doubt.line);
    let questions = openings(answers.iter().filter(|(at, _)| in_use(*at)).map(|(_, answer)| answer));
    let mut protocols: Vec<Entry> =
        answers.into_iter().map(|(at, answer)| entry(asked, asked[at].protocol, answer, until)).collect();
    protocols.sort_by(|a, b| {
        let rank = |one: &Entry| {
            let day = one.not_before.or(one.no_sooner_than);
            (one.protocol_status == ProtocolStatus::Draft, one.group, one.category, std::cmp::Reverse(one.status), day)
        };
        rank(a).cmp(&rank(b)).then_with(|| a.protocol.cmp(&b.protocol))
    });
    Ok(Plan {
        schema: SCHEMA.into(),
        patient: first.record.patient.clone(),
        as_of,
        until,
        language: Protocol::first_told_in(asked.iter().map(|one| one.protocol)),
        doubts,
        protocols,
        questions,
        exclusions,
        wanted,
        broken: Vec::new(),
    })
}

/// The places of what is wanted among what is asked.
pub(crate) fn wanted_places(asked: &[Asked<'_>], wanted: &[String]) -> Result<Vec<usize>, Diagnostics> {
    let mut places: Vec<usize> = Vec::new();
    let mut found = Diagnostics::default();
    for name in wanted {
        let by_treatment = || {
            let mut of = asked.iter().enumerate().filter(|(_, one)| one.protocol.treatment == *name);
            of.next().filter(|_| of.next().is_none())
        };
        let by_id = || asked.iter().enumerate().find(|(_, one)| one.protocol.id == *name);
        match by_id().or_else(by_treatment) {
            None => {
                let names = asked.iter().map(|one| one.protocol.id.as_str());
                let message = format!("there is no protocol `{name}`");
                found.push(Diagnostic::new(&codes::UNKNOWN_NAME, message).suggest(name, names));
            }
            Some((_, one)) if one.protocol.status != ProtocolStatus::Active => {
                let message = format!("`{name}` is a draft: its answers are for testing, not for patients");
                found.push(Diagnostic::new(&codes::DRAFT, message));
            }
            Some((at, _)) if places.contains(&at) => {
                found.push(Diagnostic::new(&codes::DUPLICATE_NAME, format!("`{name}` is wanted twice")));
            }
            Some((at, _)) => places.push(at),
        }
    }
    if places.len() > MOST_WANTED {
        let message = format!("{} are wanted, and all orders can be tried of at most {MOST_WANTED}", places.len());
        found.push(Diagnostic::new(&codes::TOO_MANY, message));
    }
    // A draft is a warning elsewhere.
    if found.is_empty() { Ok(places) } else { Err(found) }
}

/// What a protocol is called beside the others that are asked.
fn name(asked: &[Asked<'_>], protocol: &Protocol) -> String {
    let treatment = &protocol.treatment;
    let is_shared = asked.iter().filter(|one| one.protocol.treatment == *treatment).count() > 1;
    let label = protocol.treatment_label(treatment).filter(|_| !is_shared);
    label.unwrap_or(&protocol.title).to_owned()
}

fn entry(asked: &[Asked<'_>], protocol: &Protocol, answer: Recommendation, until: Date) -> Entry {
    let headline = render::headline(&answer);
    let status = answer.status;
    Entry {
        protocol: answer.protocol,
        name: name(asked, protocol),
        title: answer.title,
        treatment: protocol.treatment.clone(),
        category: protocol.category,
        protocol_status: answer.protocol_status,
        edition: answer.provenance.edition(),
        group: status.into(),
        looked_at_until: protocol.in_force_until.filter(|last| *last < until),
        status,
        headline,
        could_become: answer.could_become,
        not_before: answer.not_before,
        no_sooner_than: answer.no_sooner_than,
        no_later_than: answer.no_later_than,
        to_be_confirmed: answer.to_be_confirmed,
        reasons: answer.reasons.into_iter().filter(|reason| reason.leads_to == status).collect(),
        precautions: answer.precautions.into_iter().map(|precaution| precaution.id).collect(),
    }
}

/// The questions of what is undetermined on which the status depends, those first for which most waits.
fn openings<'a>(answers: impl Iterator<Item = &'a Recommendation>) -> Vec<Opening> {
    let mut all: Vec<Opening> = Vec::new();
    for answer in answers.filter(|answer| answer.status == Status::Undetermined) {
        let decides = answer.questions.iter().filter(|question| question.could_change.contains(&Effect::Status));
        let questions: Vec<_> = decides.collect();
        for question in &questions {
            let at = all.iter().position(|one| one.fact == question.fact).unwrap_or_else(|| {
                let (fact, ask, of) = (question.fact.clone(), question.ask.clone(), question.of);
                let label = answer.labels.facts.get(&fact).cloned();
                all.push(Opening { fact, label, ask, of, opens: Vec::new(), alone: Vec::new() });
                all.len() - 1
            });
            all[at].opens.push(answer.protocol.clone());
            if questions.len() == 1 {
                all[at].alone.push(answer.protocol.clone());
            }
        }
    }
    for one in &mut all {
        one.opens.sort();
        one.alone.sort();
    }
    all.sort_by(|a, b| {
        let most = |one: &Opening| std::cmp::Reverse((one.opens.len(), one.alone.len()));
        most(a).cmp(&most(b)).then_with(|| a.fact.cmp(&b.fact))
    });
    all
}
