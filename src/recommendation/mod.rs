//! The answer: what to do for a patient on a day, why, what is missing, and when. Data only; the renderings are in
//! [`render`](crate::render).

mod course;
mod instructions;
mod labels;
mod status;

pub use course::*;
pub use instructions::*;
pub use labels::{AnswerForm, AnswerType, ChoiceReport, Labels};
pub use status::Status;

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::diagnostic::Diagnostic;
pub use crate::protocol::file::{AnsweredBy, Audience, ProtocolStatus};
use crate::protocol::file::{Evidence, Lasts};
use crate::speech::{ENGLISH, Speech, tell};
use crate::trace::{Derived, Trace};
use crate::words::words;

/// The name and version of the shape of the JSON output. The number changes when a reader of the old shape would be misled.
pub const SCHEMA: &str = "regimen/recommendation/1";

/// The answer of one protocol for one patient on one day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Recommendation {
    /// The name and version of this shape.
    pub schema: Cow<'static, str>,
    /// The protocol's id.
    pub protocol: String,
    /// Whether the protocol is in use. The answers of a draft are not for patients.
    pub protocol_status: ProtocolStatus,
    /// The protocol's name for people.
    pub title: String,
    /// The patient's identifier, as in the record.
    pub patient: String,
    /// The day for which the question was asked.
    pub as_of: Date,
    /// What to do.
    pub status: Status,
    /// The first permitted day, where the status is `deferred`, every reason has a date, and nothing that is open can move it.
    pub not_before: Option<Date>,
    /// The day before which there is certainly no treatment, where one of the reasons has no date or something that is open may put
    /// it off: not a permission.
    pub no_sooner_than: Option<Date>,
    /// The latest day that the first permitted day may then turn out to be; none where that cannot be said.
    pub no_later_than: Option<Date>,
    /// The facts that the first permitted day depends on, in the order of the questions.
    pub date_depends_on: Vec<String>,
    /// What is to be asked again on the days to come that the answer gives: answers that are too old by the latest of them, and by which a
    /// rule or the course could still change then. Each of those days is to be confirmed with what is valid no longer by then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_be_confirmed: Vec<ToBeConfirmed>,
    /// The statuses that are still possible once the open questions are answered, in order.
    pub could_become: Vec<Status>,
    /// What is wrong or strange about the record and does not stop the answer.
    pub doubts: Vec<Doubt>,
    /// Everything that holds against treating as usual, of every rank.
    pub reasons: Vec<Reason>,
    /// What is not known and could still change something, most decisive first.
    pub questions: Vec<Question>,
    /// What was taken for granted because the protocol says so.
    pub assumptions: Vec<Assumption>,
    /// What to do differently.
    pub precautions: Vec<PrecautionReport>,
    /// The sessions.
    pub course: Option<CourseReport>,
    /// How to set the treatment.
    pub settings: Vec<SettingReport>,
    /// What to do before and after.
    pub instructions: Vec<InstructionReport>,
    /// The first appointment of this treatment on or after the first permitted day, where nothing is known that will hold it back:
    /// preparation is counted from it. Where that day is open, the first on or after the day before which there is certainly no
    /// treatment: it may still have to be moved, and no preparation is counted from it. An appointment is no permission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<Date>,
    /// What is still to be kept after the sessions that were given, whatever comes next: by what held on the day of each, the first session
    /// first. What a later one says for as long is told of that alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_care: Vec<AfterCare>,
    /// Signs that need action.
    pub red_flags: Vec<RedFlagReport>,
    /// Parameters that were set for this answer.
    pub overrides: Vec<OverrideReport>,
    /// The sources that were cited above.
    pub sources: Vec<SourceReport>,
    /// What people read for the names above.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// How the answer came about.
    pub trace: Trace,
    /// What it was made from.
    pub provenance: Provenance,
}

/// An answer that is too old by a day that the recommendation gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ToBeConfirmed {
    /// The fact.
    pub fact: String,
    /// The last day on which its answer may be used.
    pub valid_until: Date,
}

impl Recommendation {
    /// Whether one of its reasons rules the treatment out for good: then there is no end of another to wait for.
    pub(crate) fn is_ruled_out_for_good(&self) -> bool {
        self.reasons.iter().any(Reason::is_permanent)
    }

    /// How to set the treatment today. Where nothing may be treated today there is nothing to set: another day may have other doses, by
    /// the length of a pause or by what is asked again then. All of them, for a program, are in `settings`.
    #[must_use]
    pub fn settings_for_today(&self) -> &[SettingReport] {
        match self.status.is_treat() || self.status == Status::Refer {
            true => &self.settings,
            false => &[],
        }
    }

    /// The same, and what the settings can still be while it is not known whether anything may be treated today.
    pub(crate) fn settings_as_known(&self) -> &[SettingReport] {
        if self.status == Status::Undetermined { &self.settings } else { self.settings_for_today() }
    }

    /// The recorded sessions that have to be given again, where one may still be given: of a course that is over none has to be.
    pub(crate) fn to_be_given_again(&self) -> Vec<(&PastSession, Option<&PastValue>)> {
        let may_go_on =
            self.status.is_treat() || matches!(self.status, Status::Deferred | Status::Refer | Status::Undetermined);
        self.course.iter().filter(|_| may_go_on).flat_map(CourseReport::to_be_given_again).collect()
    }

    /// The language in which it is told.
    pub(crate) fn speech(&self) -> &'static Speech {
        Speech::told(self.provenance.language.as_deref())
    }

    /// Whether a day is to be confirmed: something must be asked again by then.
    #[must_use]
    pub fn is_to_be_confirmed(&self, day: Date) -> bool {
        day > self.as_of && self.to_be_confirmed.iter().any(|one| one.valid_until < day)
    }

    /// What is to be asked again, by the last day on which its answer may be used.
    pub(crate) fn to_ask_again(&self) -> BTreeMap<Date, Vec<&str>> {
        let mut days: BTreeMap<Date, Vec<&str>> = BTreeMap::new();
        for one in &self.to_be_confirmed {
            days.entry(one.valid_until).or_default().push(&one.fact);
        }
        days
    }
}

/// Something wrong or strange that does not stop the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Doubt {
    /// Its stable code, as `R402`; `regimen explain` has a page about it.
    pub code: Cow<'static, str>,
    /// What is strange.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
    /// The line of the record, where it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

impl From<&Diagnostic> for Doubt {
    fn from(one: &Diagnostic) -> Doubt {
        let place = one.label.as_ref().map(|label| &label.place);
        let place = place.filter(|place| place.file.text.trim_end().contains('\n'));
        let line = place.map(|place| place.file.position(place.span.start).0);
        Doubt {
            code: one.code.id.into(),
            message: one.message.clone(),
            help: one.help.clone(),
            line: line.and_then(|line| u64::try_from(line).ok()),
        }
    }
}

/// Something that holds against treating as usual.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Reason {
    /// The rule's id, or that of a part of the course.
    pub id: String,
    /// What people read for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The kind of rule, or the part of the course.
    pub kind: ReasonKind,
    /// The status that it leads to by itself.
    pub leads_to: Status,
    /// Why, for a person.
    pub reason: String,
    /// How long a contraindication lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Duration>,
    /// What ends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The first permitted day, as far as this reason goes; the latest that it may be, where it is not known exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Date>,
    /// When to look again; not a permission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recheck: Option<Date>,
    /// The role that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Who may shorten the wait, and to what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_override: Option<MayOverride>,
    /// Protocols to think of instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instead: Vec<String>,
    /// What people read for them: the titles that the clinic knows. They are no part of what is decided, nor kept with it.
    #[serde(skip)]
    pub(crate) instead_titles: Vec<String>,
    /// What comes next, after a course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
    /// The values that it is about, where the course is counted for each value of a note, such as the area.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ValueReport>,
    /// Of a part of the course: how its first permitted day came about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derived: Option<Derived>,
    /// The facts that decided it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<KnownFact>,
    /// How well it is founded.
    pub evidence: EvidenceWord,
    /// Sources, by name.
    pub sources: Vec<String>,
    /// The line of the protocol.
    pub line: usize,
}

impl Reason {
    /// The protocols to think of instead, as people read them.
    pub(crate) fn instead_in_words(&self) -> String {
        let titles = Some(&self.instead_titles).filter(|titles| !titles.is_empty());
        titles.unwrap_or(&self.instead).join(", ")
    }
}

impl Reason {
    /// Whether it rules the treatment out for good.
    pub(crate) fn is_permanent(&self) -> bool {
        self.leads_to == Status::Contraindicated && self.lasts == Some(Duration::Permanent)
    }
}

words! {
    /// What kind of thing gives a reason: a rule, or a part of the course.
    ReasonKind {
        /// An indication that fails.
        Indication = "indication",
        /// A contraindication.
        Contraindication = "contraindication",
        /// A deferral.
        Deferral = "deferral",
        /// A referral.
        Referral = "referral",
        /// A precaution.
        Precaution = "precaution",
        /// What ends the course.
        Completion = "completion",
        /// The course as a whole.
        Course = "course",
        /// The interval to another session.
        Interval = "interval",
        /// The wait after another treatment.
        Separation = "separation",
        /// The age at which a session is given.
        Age = "age",
        /// The season in which a session is given.
        Season = "season",
    }
}

/// How long a contraindication lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Duration {
    /// For good.
    Permanent,
    /// As long as the condition holds.
    WhileTrue,
}

impl From<Lasts> for Duration {
    fn from(lasts: Lasts) -> Self {
        match lasts {
            Lasts::Permanent => Duration::Permanent,
            Lasts::WhileTrue => Duration::WhileTrue,
        }
    }
}

/// How well a statement is founded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EvidenceWord {
    /// Somebody read the statement in a source.
    Read,
    /// From a real source, remembered.
    Recalled,
    /// Clinic custom.
    Custom,
}

impl From<Evidence> for EvidenceWord {
    fn from(evidence: Evidence) -> Self {
        match evidence {
            Evidence::Read => EvidenceWord::Read,
            Evidence::Recalled => EvidenceWord::Recalled,
            Evidence::Custom => EvidenceWord::Custom,
        }
    }
}

/// Who may shorten a wait, and to what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct MayOverride {
    /// The role.
    pub by: String,
    /// The shortest wait that role may allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down_to: Option<String>,
}

/// A value that a course is counted for, such as an area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ValueReport {
    /// The value.
    pub value: String,
    /// The first permitted day for it, as far as the reason goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Date>,
    /// How that day came about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derived: Option<Derived>,
}

/// A fact with its value and date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct KnownFact {
    /// The fact; for a note about a session, `sessions.2026-02-16.depth_mm`.
    pub fact: String,
    /// Its value, as a person reads it.
    pub value: String,
    /// When it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
    /// Why the fact is not applicable, where it is not: the value is then what the dictionary says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_applicable: Option<String>,
}

impl KnownFact {
    /// What is said behind the value: when it was answered, or why it is not applicable.
    pub(crate) fn remark(&self, speech: &Speech) -> String {
        match (self.on, &self.not_applicable) {
            (_, Some(why)) => tell!(speech, " (not applicable, because {})", why),
            (Some(on), None) => tell!(speech, " (answered {})", speech.date(on)),
            (None, None) => String::new(),
        }
    }
}

/// What is not known and could still change something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Question {
    /// The fact; for a note about a session, `sessions.2026-02-16.depth_mm`.
    pub fact: String,
    /// The question, as the person hears it.
    pub ask: String,
    /// Who answers.
    pub of: AnsweredBy,
    /// How it is answered; none for a question about the list of sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerForm>,
    /// Why it is not known.
    pub why: WhyUnknown,
    /// What the answer could change, the gravest first.
    pub could_change: Vec<Effect>,
    /// The gravest status of the rules that wait for the answer. The answer can lead to it where `could_change` has `status`; else a graver one
    /// stands already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub could_lead_to: Option<Status>,
    /// The rules that wait for it.
    pub rules: Vec<String>,
    /// The facts of which the answer decides whether they apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decides: Vec<String>,
}

/// What an answer could change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Effect {
    /// Whether to treat.
    Status,
    /// When.
    Schedule,
    /// How to set the treatment.
    Setting,
    /// What else to do differently.
    Precaution,
}

impl Effect {
    /// The word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Effect::Status => "status",
            Effect::Schedule => "schedule",
            Effect::Setting => "setting",
            Effect::Precaution => "precaution",
        }
    }
}

/// Why something is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhyUnknown {
    /// Nobody asked, or nobody wrote it down.
    NotRecorded,
    /// The person would not say.
    Declined,
    /// The person was asked and does not know.
    NotKnown,
    /// The answer is too old.
    Expired {
        /// When it was taken.
        on: Option<Date>,
        /// How many days ago.
        days_ago: Option<i32>,
        /// How long it may be used.
        valid_for: String,
        /// What it was.
        value: String,
    },
    /// Nobody knows whether the question makes sense.
    MayNotApply,
    /// The answer contradicts another.
    Contradicted {
        /// What it was.
        value: String,
    },
    /// Only a month or a year is known.
    Partial {
        /// What is known.
        value: String,
    },
}

/// Something taken for granted because the protocol says `?? …`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Assumption {
    /// The fact that is not known, or the note of a session, as in `sessions.2026-07-14.depth_mm`.
    pub fact: String,
    /// What was assumed instead.
    pub assumed: String,
    /// Where the protocol says so.
    pub line: usize,
    /// The rules that rest on it.
    pub rules: Vec<String>,
}

/// What to do differently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PrecautionReport {
    /// The rule's id.
    pub id: String,
    /// What people read for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What to do.
    #[serde(rename = "do")]
    pub action: String,
    /// Why.
    pub reason: String,
    /// The facts that decided it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<KnownFact>,
    /// How well it is founded.
    pub evidence: EvidenceWord,
    /// Sources, by name.
    pub sources: Vec<String>,
    /// The line of the protocol.
    pub line: usize,
}

/// How to set the treatment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct SettingReport {
    /// The setting's id; with `each`, followed by the value it is for: `needle-depth.cheek`.
    pub id: String,
    /// What a person calls it.
    pub label: String,
    /// What it is for, with `each`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// What people read for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each_label: Option<String>,
    /// The value, as a person reads it. Where `known` is false it is none, and these words say why, and what is known all the same.
    pub value: String,
    /// Whether `value` is what the protocol says: it is not where the value is open, where no row of the table applies, and where what
    /// a row says is no setting.
    pub known: bool,
    /// What holds of the value whatever the answers are, where it is open and that much is known. It is not the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<SettingBound>,
    /// Whether nothing is due while it has no value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needed: bool,
    /// Whether the value is open, because something is not known.
    pub provisional: bool,
    /// The facts and notes of sessions that an open value waits for; none where nobody can answer it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// The precautions that capped it, or its bound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limited_by: Vec<String>,
    /// How well it is founded.
    pub evidence: EvidenceWord,
    /// Sources, by name.
    pub sources: Vec<String>,
    /// The line of the protocol.
    pub line: usize,
}

/// What holds of a setting whose value is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct SettingBound {
    /// Which end it is.
    pub kind: BoundKind,
    /// The number: a text, so that no reader rounds it.
    pub number: String,
    /// Its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl SettingBound {
    /// `at most 1.5 mm`
    pub(crate) fn in_words(&self, speech: &Speech) -> String {
        let unit = self.unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
        let phrase = match self.kind {
            BoundKind::AtMost => "at most {}",
            BoundKind::AtLeast => "at least {}",
        };
        format!("{}{unit}", tell!(speech, phrase, speech.number(&self.number)))
    }
}

impl std::fmt::Display for SettingBound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.in_words(&ENGLISH))
    }
}

/// Which end of what a setting may be is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BoundKind {
    /// More would not be safe: where the lower value is the safer one.
    AtMost,
    /// Less would not be safe.
    AtLeast,
}

/// A sign that needs action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RedFlagReport {
    /// The sign's id.
    pub id: String,
    /// What is seen or felt.
    pub sign: String,
    /// What to do.
    pub action: String,
    /// How soon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// How well it is founded.
    pub evidence: EvidenceWord,
    /// Sources, by name.
    pub sources: Vec<String>,
}

/// A parameter that was set for this answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct OverrideReport {
    /// The parameter.
    pub parameter: String,
    /// What the protocol says.
    pub declared: String,
    /// What was used.
    pub used: String,
    /// Who may allow that, where a rule says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sign_off: Vec<String>,
}

/// A source that was cited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct SourceReport {
    /// Its name in the protocol.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i64>,
    /// Where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How well it is known.
    pub evidence: EvidenceWord,
}

/// What an answer was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Provenance {
    /// The protocol's id.
    pub protocol: String,
    /// Its version.
    pub version: String,
    /// Whether its text is a published version.
    #[serde(default)]
    pub edition: EditionWord,
    /// Who published it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_by: Option<String>,
    /// The day on which it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_on: Option<Date>,
    /// The SHA-256 of its text.
    pub protocol_sha256: String,
    /// The SHA-256 of the dictionary's text, where it is a file of its own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub dictionary_sha256: String,
    /// The language in which it is told, where one was asked for or the protocol's own is not English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The SHA-256 of the text of the protocol's translation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub protocol_translation_sha256: String,
    /// The SHA-256 of the text of the dictionary's translation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub dictionary_translation_sha256: String,
    /// The SHA-256 of the record's text.
    pub record_sha256: String,
    /// The day for which the question was asked.
    pub as_of: Date,
    /// The parameters that were set for this answer, with their values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// The version of the engine.
    pub engine: Cow<'static, str>,
}

words! {
    /// What a text is that answered.
    EditionWord {
        /// The protocol has no published versions.
        Unpublished = "unpublished",
        /// The file that is being worked on, of a protocol that has published versions.
        Draft = "draft",
        /// A published version.
        Published = "published",
    }
}

impl Default for EditionWord {
    /// What the answers of an engine that published nothing were made from.
    fn default() -> EditionWord {
        EditionWord::Unpublished
    }
}

impl Provenance {
    /// What the text is that answered: `published 1.0.0 by Dr. A. Huber on 2026-03-01`, `unpublished`, `DRAFT`.
    #[must_use]
    pub fn edition(&self) -> String {
        self.edition_in(&ENGLISH)
    }

    /// The same in a language.
    pub(crate) fn edition_in(&self, speech: &Speech) -> String {
        match (self.edition, &self.published_by, self.published_on) {
            (EditionWord::Published, Some(by), Some(on)) => {
                tell!(speech, "published {} by {} on {}", self.version, by, speech.date(on))
            }
            (EditionWord::Draft, ..) => speech.word("DRAFT"),
            (edition, ..) => speech.word(edition.word()),
        }
    }
}
