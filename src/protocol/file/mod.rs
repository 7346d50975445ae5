//! The shape of the files that a clinic manager writes: what each key is called and what it means.
//!
//! These structs are the only description of the format. The doc comments are what an editor shows (`regimen schema`), the
//! required keys are those the check asks for, and nothing is read that is not here. Meaning (names, types, dates) is the work of
//! the compiler beside this file.

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

mod attributes;
mod cases;
mod clinic;
mod courses;
mod dictionary;
mod labels;
mod properties;
mod published;
mod rules;
mod settings;

pub use attributes::*;
pub use cases::*;
pub use clinic::*;
pub use courses::*;
pub use dictionary::*;
pub use labels::{Choices, Defined, ProductGroup};
pub use properties::*;
pub use published::*;
pub use rules::*;
pub use settings::*;

use crate::document::{Entries, Scalar, Spanned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text with its place.
pub type Text = Spanned<String>;

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
        /// The language of its texts, as "de"; without it, "en".
        pub language: Option<Text>,
        /// What kind of thing it is: "treatment" (unless said), "vaccination", "medication" or "other". Plans list each kind apart.
        pub category: Category,
        /// For the reader of this file.
        pub note: Option<String>,
        /// Who developed it, who paid for that, and which data about a person it uses.
        pub source_attributes: SourceAttributes,
        /// Where statements come from; each rule cites these by name.
        pub sources: Entries<SourceEntry>,
        /// Facts of a protocol that stands alone in one file.
        pub facts: Entries<FactEntry>,
        /// Facts about a session, of a protocol that stands alone in one file.
        pub session_facts: Entries<SessionFactEntry>,
        /// Answers that cannot all be right, of a protocol that declares its own facts.
        pub contradiction: Vec<ContradictionEntry>,
        /// Treatments that records may name, of a protocol that stands alone in one file.
        pub treatments: Entries<TreatmentEntry>,
        /// Names that records hold and nobody uses, of a protocol that stands alone in one file.
        pub ignored: IgnoredNames,
        /// Numbers and lengths of time that a clinic may change within their range. Texts name them between braces, as
        /// `{isotretinoin_washout}`.
        pub parameters: Entries<ParameterEntry>,
        /// Named conditions or values, used by rules; they may use each other.
        pub definitions: Entries<Defined>,
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
        /// Named groups of products (or devices, or procedures), as they stand in records: a list, or a table with a label.
        pub products: Entries<ProductGroup>,
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
        /// What must hold of every answer, for every patient.
        pub property: Vec<Property>,
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

/// What kind of thing a protocol is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Something that is done to the patient.
    #[default]
    Treatment,
    /// A vaccination.
    Vaccination,
    /// A medicine that is prescribed and watched over.
    Medication,
    /// Whatever else it is.
    Other,
}

impl Category {
    /// The word in files and output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Category::Treatment => "treatment",
            Category::Vaccination => "vaccination",
            Category::Medication => "medication",
            Category::Other => "other",
        }
    }
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

format! {
    /// A number or length of time that a clinic may change.
    "parameter" requires ["value", "sources"]
    struct ParameterEntry {
        /// What people read for its name, as "the shortest wait"; of one that is true or false a whole clause, as "breastfeeding rules it out".
        pub label: Option<Text>,
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
