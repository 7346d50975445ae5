//! The shape of the files that a clinic manager writes: what each key is called and what it means.
//!
//! These structs are the only description of the format. The doc comments are what an editor shows (`regimen schema`), the
//! required keys are those the check asks for, and nothing is read that is not here. Meaning (names, types, dates) is the work of
//! the compiler beside this file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Elsewhere, Entries, OneOrMore, Scalar, Spanned};

/// A text with its place.
pub type Text = Spanned<String>;

/// Gives every struct of the format the same derives and its schema the required keys.
macro_rules! format {
    ($(#[$meta:meta])* $title:literal requires [$($key:literal),*] struct $name:ident { $($body:tt)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        #[schemars(title = $title, extend("required" = [$($key),*]))]
        pub struct $name { $($body)* }
    };
}

format! {
    /// A protocol: one treatment, who may have it, its course, what to do before and after.
    "protocol" requires ["id", "title", "version", "status", "in_force", "review_by", "owner", "treatment", "sources"]
    struct ProtocolFile {
        /// The protocol's name for programs: small letters, digits and hyphens. Never changed.
        pub id: Text,
        /// The protocol's name for people.
        pub title: Text,
        /// The version, as 1.2.3. A published version never changes.
        pub version: Text,
        /// Whether it may be used: draft, active or retired.
        pub status: ProtocolStatus,
        /// The days on which it is in force.
        pub in_force: InForce,
        /// The day by which somebody must have reviewed it.
        #[schemars(extend("format" = "date"))]
        pub review_by: Text,
        /// The role that answers for it.
        pub owner: Text,
        /// The sessions in a record that count towards its course.
        pub treatment: Text,
        /// For the reader of this file.
        pub note: Option<String>,
        /// Where statements come from; each rule cites these by name.
        pub sources: Entries<SourceEntry>,
        /// Facts of a protocol that stands alone in one file.
        pub facts: Entries<FactEntry>,
        /// Facts about a session, of a protocol that stands alone in one file.
        pub session_facts: Entries<SessionFactEntry>,
        /// Treatments that records may name, of a protocol that stands alone in one file.
        pub treatments: Entries<TreatmentEntry>,
        /// Names that records hold and nobody uses, of a protocol that stands alone in one file.
        pub ignored: IgnoredNames,
        /// Numbers and lengths of time that a clinic may change within their range.
        pub parameters: Entries<ParameterEntry>,
        /// Named conditions or values, used by rules; they may use each other.
        pub definitions: Entries<Text>,
        /// What must hold, or else the treatment is not indicated.
        pub indication: Vec<Indication>,
        /// What forbids the treatment.
        pub contraindication: Vec<Contraindication>,
        /// What makes the treatment wait.
        pub deferral: Vec<Deferral>,
        /// What a named role must decide.
        pub referral: Vec<Referral>,
        /// What makes the treatment go ahead differently.
        pub precaution: Vec<Precaution>,
        /// What ends the course.
        pub completion: Vec<Completion>,
        /// Decision tables for the session.
        pub setting: Vec<Setting>,
        /// What to do before and after a session.
        pub instruction: Vec<Instruction>,
        /// Signs that need action.
        pub red_flag: Vec<RedFlag>,
        /// Named groups of products (or devices, or procedures), as they stand in records.
        pub products: Entries<Vec<Text>>,
        /// What one session may do several of at once, each judged by itself; by name.
        pub components: Entries<Component>,
        /// Whether the next session's number is the "smallest" or the "largest" of the components' numbers.
        pub number: ComponentNumber,
        /// When no session is needed any more.
        pub immune: Option<Text>,
        /// Ways to go through the treatment: how many sessions, how far apart.
        pub course: Vec<Course>,
        /// Distances from sessions of other treatments.
        pub separation: Vec<Separation>,
        /// Suspicious things that are meant, each with its reason.
        pub allow: Vec<Allow>,
    }
}

format! {
    /// Something suspicious that is meant.
    "allow" requires ["code", "reason"]
    struct Allow {
        /// The code of the warning or note, as "R701".
        pub code: Text,
        /// What it is about: a rule's id, or the name of a fact, parameter, definition or source. Without it, the whole file.
        pub on: Option<Text>,
        /// Why it is meant.
        pub reason: Text,
    }
}

/// Whether a protocol may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProtocolStatus {
    /// Being written: answers say that they are not for patients.
    #[default]
    Draft,
    /// In use.
    Active,
    /// No longer in use: no answers.
    Retired,
}

format! {
    /// The days on which a protocol is in force.
    "in_force" requires ["from"]
    struct InForce {
        /// The first day.
        #[schemars(extend("format" = "date"))]
        pub from: Text,
        /// The last day, if there is one.
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        pub until: Option<Text>,
    }
}

/// How well a statement is founded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Somebody read the statement in the source.
    Read,
    /// A real source, remembered and not read again.
    Recalled,
    /// Clinic custom, or a conservative choice; no source claims it.
    #[default]
    Custom,
}

format! {
    /// Where a statement comes from.
    "source" requires ["title", "evidence"]
    struct SourceEntry {
        /// What it is called.
        pub title: Text,
        /// When it was published.
        pub year: Option<i64>,
        /// Where it can be read.
        pub url: Option<String>,
        /// How well it is known: read, recalled, or custom.
        pub evidence: Evidence,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

/// The type of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FactType {
    /// Yes or no.
    Bool,
    /// A whole number.
    Integer,
    /// A number with a point, exact.
    Decimal,
    /// Any text.
    #[default]
    Text,
    /// A day; a record may know only its month or year.
    Date,
    /// One of the choices.
    Choice,
    /// Any number of the choices, or none.
    Set,
}

/// Who answers a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AnsweredBy {
    /// The patient.
    #[default]
    Patient,
    /// The clinician, who looks, measures or judges.
    Clinician,
    /// The clinic's own record.
    Record,
    /// A laboratory.
    Lab,
}

impl AnsweredBy {
    /// The word in files and output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            AnsweredBy::Patient => "patient",
            AnsweredBy::Clinician => "clinician",
            AnsweredBy::Record => "record",
            AnsweredBy::Lab => "lab",
        }
    }
}

format! {
    /// Something that may be known about a patient.
    "fact" requires ["type", "ask", "of", "valid_for"]
    struct FactEntry {
        /// The type of the answer.
        #[serde(rename = "type")]
        pub kind: FactType,
        /// The question, as the person hears it.
        pub ask: String,
        /// Who answers: patient, clinician, record or lab.
        pub of: AnsweredBy,
        /// How long an answer may be used: "forever", a length of time such as "7 days", "visit" or "session".
        pub valid_for: Text,
        /// The permitted answers of a choice or a set.
        pub choices: Vec<Text>,
        /// The least and the greatest number; both are allowed.
        pub range: Spanned<Vec<Spanned<Scalar>>>,
        /// The unit of a number.
        pub unit: Option<String>,
        /// Whether the event may not have happened: a record then answers "never".
        pub may_be_never: bool,
        /// Whether a date after the as-of date is a mistake in the record.
        pub past: bool,
        /// Codes for interfaces, such as "loinc:4548-4"; only verified ones.
        pub codes: Vec<String>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// Something that may be noted about a session.
    "session fact" requires ["type"]
    struct SessionFactEntry {
        /// The type of the note.
        #[serde(rename = "type")]
        pub kind: FactType,
        /// The permitted notes of a choice or a set.
        pub choices: Vec<Text>,
        /// The least and the greatest number; both are allowed.
        pub range: Spanned<Vec<Spanned<Scalar>>>,
        /// The unit of a number.
        pub unit: Option<String>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// The clinic's dictionary.
    "dictionary" requires []
    struct FactsFile {
        /// What may be known about a patient.
        pub facts: Entries<FactEntry>,
        /// What may be noted about a session, beside treatment, date, product and faulty.
        pub session_facts: Entries<SessionFactEntry>,
        /// Treatments that records may name, beside those of the protocols: what other practices do, and what a protocol keeps its
        /// distance from.
        pub treatments: Entries<TreatmentEntry>,
        /// Names that records hold because another system exports them, and that nobody here uses. They cause no doubt.
        pub ignored: IgnoredNames,
        /// Suspicious things that are meant, each with its reason.
        pub allow: Vec<Allow>,
    }
}

format! {
    /// A treatment that records may name.
    "treatment" requires ["label"]
    struct TreatmentEntry {
        /// What a person calls it.
        pub label: String,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// Names that nobody here uses.
    "ignored" requires []
    struct IgnoredNames {
        /// Facts.
        pub facts: Vec<Text>,
        /// Treatments.
        pub treatments: Vec<Text>,
        /// Products.
        pub products: Vec<Text>,
    }
}

format! {
    /// A number or length of time that a clinic may change.
    "parameter" requires ["value", "sources"]
    struct ParameterEntry {
        /// What it is set to: a number, a length of time such as "6 months", true or false.
        pub value: Spanned<Scalar>,
        /// The least and the greatest value that may be set.
        pub range: Spanned<Vec<Spanned<Scalar>>>,
        /// The unit of a number.
        pub unit: Option<String>,
        /// For the reader of this file.
        pub note: Option<String>,
        /// Sources, by name.
        pub sources: Vec<Text>,
    }
}

format! {
    /// What must hold, or else the treatment is not indicated.
    "indication" requires ["id", "when", "otherwise", "sources"]
    struct Indication {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// The condition that must hold.
        pub when: Text,
        /// What to say when it does not hold.
        pub otherwise: Text,
        /// Why it must hold.
        pub reason: Option<Text>,
        /// Protocols to think of instead.
        pub instead: Vec<Text>,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

/// How long a contraindication lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Lasts {
    /// For good.
    Permanent,
    /// As long as the condition holds; then the question is asked again.
    #[default]
    WhileTrue,
}

format! {
    /// What forbids the treatment.
    "contraindication" requires ["id", "when", "lasts", "reason", "sources"]
    struct Contraindication {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// The condition.
        pub when: Text,
        /// "permanent", or "while-true".
        pub lasts: Lasts,
        /// What ends it.
        pub until: Option<Text>,
        /// Why the treatment is forbidden.
        pub reason: Text,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// What makes the treatment wait: until a date, or until something has happened.
    "deferral" requires ["id", "reason", "sources"]
    struct Deferral {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// The condition. Without it, the wait applies to everybody.
        pub when: Option<Text>,
        /// The first permitted day, a date expression.
        pub not_before: Option<Text>,
        /// What ends the wait, where no date does.
        pub until: Option<Text>,
        /// When to look again, a date expression; not a permission.
        pub recheck: Option<Text>,
        /// Why to wait.
        pub reason: Text,
        /// Who may shorten the wait.
        #[serde(rename = "override")]
        pub may_override: Option<Override>,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// Who may shorten a wait.
    "override" requires ["by"]
    struct Override {
        /// The role.
        pub by: Text,
        /// The shortest wait that role may allow.
        pub down_to: Option<Text>,
    }
}

format! {
    /// What a named role must decide.
    "referral" requires ["id", "when", "to", "reason", "sources"]
    struct Referral {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// The condition.
        pub when: Text,
        /// The role that decides.
        pub to: Text,
        /// Why it must be decided.
        pub reason: Text,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// What makes the treatment go ahead differently.
    "precaution" requires ["id", "when", "do", "reason", "sources"]
    struct Precaution {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// The condition.
        pub when: Text,
        /// What to do differently.
        #[serde(rename = "do")]
        pub action: Text,
        /// Caps on settings, by the setting's name: the safer value wins.
        pub limits: Entries<Spanned<Scalar>>,
        /// Why.
        pub reason: Text,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

/// How a course ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It has not helped or has done harm.
    Stopped,
    /// It has done what it was for.
    #[default]
    Complete,
}

format! {
    /// What ends the course.
    "completion" requires ["id", "when", "outcome", "reason", "sources"]
    struct Completion {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// The condition.
        pub when: Text,
        /// "complete" or "stopped".
        pub outcome: Outcome,
        /// Why it is over.
        pub reason: Text,
        /// What comes next.
        pub then: Option<Text>,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

/// Which value wins when several apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Safer {
    /// The lower one.
    #[default]
    Lower,
    /// The higher one.
    Higher,
}

format! {
    /// A decision table for the session.
    "setting" requires ["id", "label", "rows", "sources"]
    struct Setting {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// What a person calls it.
        pub label: Text,
        /// The unit of its values.
        pub unit: Option<String>,
        /// Which value wins when several rows or limits apply: "lower" (the default) or "higher".
        pub safer: Safer,
        /// One answer for each value of a set, as { zone = "treatment_area" }.
        pub each: Entries<Text>,
        /// The rows of the table.
        pub rows: Vec<Spanned<SettingRow>>,
        /// Why.
        pub reason: Option<Text>,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// A row of a decision table: a condition, and a value, a range or a text.
    "row" requires []
    struct SettingRow {
        /// The condition. Without it, the row always applies.
        pub when: Option<Text>,
        /// The value: a number or an expression.
        pub value: Option<Spanned<Scalar>>,
        /// The lower end of a range.
        pub from: Option<Spanned<Scalar>>,
        /// The upper end of a range.
        pub to: Option<Spanned<Scalar>>,
        /// An answer in words, such as "forbidden"; it wins over every number.
        pub text: Option<Text>,
    }
}

format! {
    /// What to do before or after a session.
    "instruction" requires ["id", "at", "do", "sources"]
    struct Instruction {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// When it begins, counted from the session's day: "-7 days", "0 days", "+1 day".
        pub at: Text,
        /// When it ends, counted in the same way.
        pub until: Option<Text>,
        /// What to do.
        #[serde(rename = "do")]
        pub action: Text,
        /// For whom. Without it, for everybody.
        pub when: Option<Text>,
        /// Why.
        pub reason: Option<Text>,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// A sign that needs action.
    "red flag" requires ["id", "sign", "action", "sources"]
    struct RedFlag {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// What is seen or felt.
        pub sign: Text,
        /// What to do.
        pub action: Text,
        /// How soon.
        pub within: Option<Text>,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// One of several things that a session may do at once: a course is judged once for each, then combined.
    "component" requires ["products"]
    struct Component {
        /// The products that hold it: groups of `[products]`.
        pub products: Vec<Text>,
        /// When no session is needed any more for this component.
        pub immune: Option<Text>,
    }
}

/// Which of the components' numbers is the next session's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ComponentNumber {
    /// The smallest: a session holds all components.
    #[default]
    Smallest,
    /// The largest: a session may hold some of them.
    Largest,
}

format! {
    /// A way to go through the treatment: how many sessions, how far apart. Either `sessions`, that many alike, or a
    /// `[[course.session]]` for each.
    "course" requires ["id", "sources"]
    struct Course {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// The condition under which this course is offered. Without it, always.
        pub when: Option<Text>,
        /// How many sessions, where all are alike.
        pub sessions: Option<Spanned<Counts>>,
        /// Each planned session, where each has its own bounds.
        pub session: Vec<Spanned<Session>>,
        /// The components that this course is for. Without it, all.
        pub components: Vec<Text>,
        /// A note about a session, a choice or a set, as "area": the course is counted for each of its values, in parallel. In the
        /// course's expressions the name stands for the value that is counted.
        pub separate_by: Option<Text>,
        /// A fact with the same choices, as "treatment_area", that tells which of those values are planned now: only they set the
        /// status, the dates and the number. Without it, all that are in the record.
        pub planned_in: Option<Text>,
        /// The age before which the first valid session must have been given, or else another course is chosen.
        pub start_before: Option<Text>,
        /// The age from which this course is offered to somebody who has outgrown those before it.
        pub offer_from: Option<Text>,
        /// Whether this course is only recognised when it was completed, and never offered.
        pub evaluation_only: bool,
        /// How early a session may be and still count.
        pub grace: Option<Text>,
        /// Bounds counted from birth; for each session that has none of its own.
        pub age: OneOrMore<Age>,
        /// The products that count; for each session that has none of its own.
        pub accept: Vec<Spanned<Accepted>>,
        /// The products that never count; beside those of each session.
        pub reject: Vec<Text>,
        /// The window of the year; for each session that has none of its own.
        pub season: Option<Season>,
        /// Distances between sessions: all that apply hold together. Where each session has its own bounds, for those without.
        pub interval: Vec<Spanned<Interval>>,
        /// What follows a long pause.
        pub gap: Vec<Spanned<Gap>>,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// A planned session.
    "session" requires []
    struct Session {
        /// What a person calls it.
        pub name: Option<Text>,
        /// Bounds counted from birth.
        pub age: OneOrMore<Age>,
        /// Distances from other sessions: all that apply must hold.
        pub interval: Vec<Spanned<Interval>>,
        /// A second chance when judging only: if `interval` fails but all of these hold, the session counts.
        pub allow: Vec<Spanned<Interval>>,
        /// The products that count. Without it, those of the course; without those, all.
        pub accept: Vec<Spanned<Accepted>>,
        /// The products that never count, and are no reference for an interval.
        pub reject: Vec<Text>,
        /// The condition under which this session is not needed.
        pub skip: Option<Text>,
        /// Whether it comes again and again.
        pub repeat: bool,
        /// The window of the year.
        pub season: Option<Season>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// Bounds counted from birth.
    "age" requires []
    struct Age {
        /// The youngest age.
        pub minimum: Option<Text>,
        /// The youngest age at which a past session still counts; without it, the minimum less the grace.
        pub absolute_minimum: Option<Text>,
        /// The best age.
        pub recommended: Option<Text>,
        /// The oldest age that is not late.
        pub latest: Option<Text>,
        /// The age from which the session is not given any more.
        pub maximum: Option<Text>,
        /// The days on which this holds: judged on the session's own date, forecast on the as-of date.
        pub in_force: Period,
    }
}

format! {
    /// The days on which a rule holds; both ends belong to it.
    "in_force" requires []
    struct Period {
        /// The first day.
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        pub from: Option<Text>,
        /// The last day.
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        pub until: Option<Text>,
    }
}

format! {
    /// A window of the year.
    "season" requires ["from"]
    struct Season {
        /// The first day: a date, or a month and day in quotes, as "10-01", for every year.
        #[schemars(schema_with = "season_end")]
        pub from: Text,
        /// The last day, in the same way; without it, the season stays open, or lasts until the next begins.
        #[schemars(schema_with = "season_end")]
        pub until: Option<Text>,
    }
}

fn season_end(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "anyOf": [
        { "type": "string", "format": "date" },
        { "type": "string", "pattern": "^[0-9]{2}-[0-9]{2}$" },
    ] })
}

format! {
    /// Products that count within a window of ages.
    "accepted products" requires ["products"]
    struct AcceptedWithin {
        /// The products: groups of `[products]`, or as they stand in records.
        pub products: Vec<Text>,
        /// The youngest age.
        pub from: Option<Text>,
        /// The age from which they do not count any more.
        pub before: Option<Text>,
    }
}

/// Products that count: a group or product, or several of them within a window of ages.
#[derive(Clone, Debug, PartialEq)]
pub enum Accepted {
    /// At any age.
    Always(String),
    /// Within a window of ages.
    Within(AcceptedWithin),
}

impl Default for Accepted {
    fn default() -> Self {
        Accepted::Always(String::new())
    }
}

impl<'de> Deserialize<'de> for Accepted {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AcceptedVisitor;
        impl<'de> serde::de::Visitor<'de> for AcceptedVisitor {
            type Value = Accepted;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a product, or a table")
            }
            fn visit_str<E>(self, text: &str) -> Result<Accepted, E> {
                Ok(Accepted::Always(text.to_owned()))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Accepted, A::Error> {
                AcceptedWithin::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(Accepted::Within)
            }
        }
        deserializer.deserialize_any(AcceptedVisitor)
    }
}

impl JsonSchema for Accepted {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Accepted".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let within = generator.subschema_for::<AcceptedWithin>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, within] })
    }
}

format! {
    /// How many sessions a course has: numbers or expressions.
    "sessions" requires []
    struct Counts {
        /// The fewest that make sense.
        pub minimum: Option<Spanned<Scalar>>,
        /// How many are planned.
        pub planned: Option<Spanned<Scalar>>,
        /// The most; without it, the course goes on for as long as it helps.
        pub maximum: Option<Spanned<Scalar>>,
    }
}

format! {
    /// A distance between sessions.
    "interval" requires ["from", "minimum"]
    struct Interval {
        /// Its name; without it, its place in the list serves.
        pub id: Option<Text>,
        /// The condition under which it applies. Without it, always.
        pub when: Option<Text>,
        /// What it is counted from: "previous", "first", "session 2", "latest PRODUCTS" or a date expression.
        pub from: Text,
        /// The shortest distance.
        pub minimum: Text,
        /// The shortest distance at which a past session still counts; without it, the minimum less the grace.
        pub absolute_minimum: Option<Text>,
        /// The best distance.
        pub recommended: Option<Text>,
        /// The longest distance that is not late.
        pub latest: Option<Text>,
        /// The days on which this holds: judged on the session's own date, forecast on the as-of date.
        pub in_force: Period,
        /// Whether this component's earliest day goes before the other components' later ones.
        pub priority: bool,
        /// Why.
        pub reason: Option<Text>,
        /// Sources, by name.
        pub sources: Vec<Text>,
    }
}

/// What follows a long pause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GapAction {
    /// The count goes on; the patient is assessed again first.
    #[default]
    Reassess,
    /// The count starts again.
    Restart,
}

format! {
    /// A long pause.
    "gap" requires ["after", "do"]
    struct Gap {
        /// Its name; without it, its place in the list serves.
        pub id: Option<Text>,
        /// More than this since the latest session.
        pub after: Text,
        /// "reassess" or "restart".
        #[serde(rename = "do")]
        pub action: GapAction,
        /// Why.
        pub reason: Option<Text>,
        /// Sources, by name.
        pub sources: Vec<Text>,
    }
}

format! {
    /// A distance from sessions of other treatments.
    "separation" requires ["from", "minimum", "reason", "sources"]
    struct Separation {
        /// Its name; without it, its place in the list serves.
        pub id: Option<Text>,
        /// The other treatments.
        pub from: Vec<Text>,
        /// The other treatments' products that matter. Without it, all.
        pub products: Vec<Text>,
        /// The products of this treatment that must keep the distance. Without it, all.
        pub of: Vec<Text>,
        /// The shortest distance.
        pub minimum: Text,
        /// The shortest distance at which a past session still counts; without it, the minimum: there is no grace.
        pub absolute_minimum: Option<Text>,
        /// Why.
        pub reason: Text,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// A patient with the expected answer.
    "case" requires ["title", "as_of", "expect"]
    struct CaseFile {
        /// What the case shows.
        pub title: Text,
        /// The day for which the question is asked.
        #[schemars(extend("format" = "date"))]
        pub as_of: Text,
        /// A record to start from: the path from this file.
        pub record: Option<Text>,
        /// Parameters set for this case, within their range.
        pub set: Entries<Spanned<Scalar>>,
        /// How deep the approved trace is: "verdict", "rules" (the default) or "full".
        pub explain: Option<Text>,
        /// Any identifier of the patient.
        pub patient: Elsewhere,
        /// When the facts below were taken; without it, on the as-of date.
        pub recorded: Elsewhere,
        /// Facts, laid over those of the record.
        pub facts: Elsewhere,
        /// Sessions, in place of those of the record; `[]` if none were given.
        pub sessions: Elsewhere,
        /// The treatments of which those are all, where they are not all of every treatment.
        pub sessions_cover: Elsewhere,
        /// The expected answer.
        pub expect: Expect,
    }
}

format! {
    /// The expected answer of a case.
    "expect" requires ["status"]
    struct Expect {
        /// The status.
        pub status: Text,
        /// The first permitted day, or "none".
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        pub not_before: Option<Text>,
        /// The day before which it certainly is not, where the first permitted day may still move, or "none".
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        pub no_sooner_than: Option<Text>,
        /// The latest that the first permitted day may then come to, or "none".
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        pub no_later_than: Option<Text>,
        /// Rules that must be among the reasons.
        pub reasons: Vec<Text>,
        /// Rules that must be among the precautions.
        pub precautions: Vec<Text>,
        /// Exactly the facts that are asked for, in any order.
        pub questions: Option<Vec<Text>>,
        /// Exactly the statuses that are still possible, in any order.
        pub could_become: Option<Vec<Text>>,
        /// Protocols that must be named instead.
        pub instead: Vec<Text>,
        /// The window of the next session.
        pub next: Option<ExpectWindow>,
        /// How many sessions count.
        pub sessions_done: Option<i64>,
        /// Settings by name, such as "needle-depth.cheek", as they are shown.
        pub settings: Entries<Text>,
    }
}

format! {
    /// The expected window of the next session.
    "window" requires []
    struct ExpectWindow {
        /// The first permitted day.
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        pub earliest: Option<Text>,
        /// The best day.
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        pub recommended: Option<Text>,
        /// The last day that is not late.
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        pub latest: Option<Text>,
    }
}
