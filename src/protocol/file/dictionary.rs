//! What a clinic may know about patients and sessions, as it is written.

use super::{Allow, Choices, SourceAttribute, Text};
use crate::document::{Entries, Literal, Scalar, Spanned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
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

impl std::fmt::Display for AnsweredBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
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
        /// What people read for its name, as "history of cold sores": a noun, so that "no" can stand before that of a question with yes or no.
        pub label: Option<Text>,
        /// The question, as the person hears it. No value can stand in it; a brace is written twice.
        pub ask: Text,
        /// Who answers: patient, clinician, record or lab.
        pub of: AnsweredBy,
        /// How long an answer may be used: "forever", a length of time such as "7 days", "visit" or "session".
        pub valid_for: Text,
        /// The group that it belongs to, by any word: an interview asks what matters of a group in one go.
        pub group: Option<Text>,
        /// The permitted answers of a choice or a set: ["a", "b"], or with a label for each, { a = "first", b = "second" }.
        pub choices: Choices,
        /// The least and the greatest number; both are allowed.
        pub range: Spanned<Vec<Spanned<Scalar>>>,
        /// The unit of a number.
        pub unit: Option<String>,
        /// How many decimals an answer has at most, from 0 to 6; a whole number has none.
        pub decimals: Option<Spanned<i64>>,
        /// When the question makes sense: a condition on other facts. Where it is certainly false, the fact is not applicable: a date
        /// that may be "never" is "never", any other fact is what `otherwise` says.
        pub asked_when: Option<Text>,
        /// What the fact is where its question makes no sense.
        pub otherwise: Option<Spanned<Literal>>,
        /// Whether the event may not have happened: a record then answers "never".
        pub may_be_never: bool,
        /// Whether a date after the as-of date is a mistake in the record.
        pub past: bool,
        /// Whether a person can change it: what somebody takes, uses or plans, and not an illness, an age or an event of the past.
        /// `regimen when` tells such answers apart.
        pub modifiable: Spanned<bool>,
        /// Which of the kinds of data it is whose use a protocol discloses, such as "sex" or "date-of-birth"; without it, none of them.
        pub source_attribute: Option<SourceAttribute>,
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
        /// What people read for its name.
        pub label: Option<Text>,
        /// The type of the note.
        #[serde(rename = "type")]
        pub kind: FactType,
        /// The permitted notes of a choice or a set: ["a", "b"], or with a label for each, { a = "first", b = "second" }.
        pub choices: Choices,
        /// The least and the greatest number; both are allowed.
        pub range: Spanned<Vec<Spanned<Scalar>>>,
        /// The unit of a number.
        pub unit: Option<String>,
        /// How many decimals a note has at most, from 0 to 6; a whole number has none.
        pub decimals: Option<Spanned<i64>>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// Answers that cannot all be right.
    "contradiction" requires ["when", "say"]
    struct ContradictionEntry {
        /// A condition on facts. Where it is certainly true, every fact that it names is unknown and is asked again.
        pub when: Text,
        /// What does not fit together, for whoever reads the answer.
        pub say: Text,
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
        /// Answers that cannot all be right.
        pub contradiction: Vec<ContradictionEntry>,
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
