//! The rules of a protocol as they are written.
//!
//! In the texts that people read, expressions may stand between braces.

use super::{Evidence, Text};
use crate::document::{Entries, Scalar, Spanned};
use schemars::JsonSchema;
use serde::Deserialize;

format! {
    /// What must hold, or else the treatment is not indicated.
    "indication" requires ["id", "when", "otherwise", "sources"]
    struct Indication {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// What people read for its id: a few words, as "isotretinoin in the last 6 months".
        pub label: Option<Text>,
        /// The condition that must hold.
        pub when: Text,
        /// What to say when it does not hold; `{expression}` stands for a value.
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
        /// What people read for its id: a few words, as "isotretinoin in the last 6 months".
        pub label: Option<Text>,
        /// The condition.
        pub when: Text,
        /// "permanent", or "while-true".
        pub lasts: Lasts,
        /// What ends it.
        pub until: Option<Text>,
        /// Why the treatment is forbidden; `{expression}` stands for a value.
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
        /// What people read for its id: a few words, as "isotretinoin in the last 6 months".
        pub label: Option<Text>,
        /// The condition. Without it, the wait applies to everybody.
        pub when: Option<Text>,
        /// The first permitted day, a date expression.
        pub not_before: Option<Text>,
        /// What ends the wait, where no date does.
        pub until: Option<Text>,
        /// When to look again, a date expression; not a permission.
        pub recheck: Option<Text>,
        /// Why to wait; `{expression}` stands for a value.
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
        /// The shortest wait that role may allow: a length of time, or a parameter that is one.
        pub down_to: Option<Text>,
    }
}

format! {
    /// What a named role must decide.
    "referral" requires ["id", "when", "to", "reason", "sources"]
    struct Referral {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// What people read for its id: a few words, as "isotretinoin in the last 6 months".
        pub label: Option<Text>,
        /// The condition.
        pub when: Text,
        /// The role that decides.
        pub to: Text,
        /// Why it must be decided; `{expression}` stands for a value.
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
        /// What people read for its id: a few words, as "isotretinoin in the last 6 months".
        pub label: Option<Text>,
        /// The condition.
        pub when: Text,
        /// What to do differently; `{expression}` stands for a value.
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
        /// What people read for its id: a few words, as "isotretinoin in the last 6 months".
        pub label: Option<Text>,
        /// The condition.
        pub when: Text,
        /// "complete" or "stopped".
        pub outcome: Outcome,
        /// Why it is over; `{expression}` stands for a value.
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

/// What is written for a rule of any kind.
pub(crate) struct Common<'file> {
    pub(crate) id: &'file Text,
    pub(crate) label: Option<&'file Text>,
    pub(crate) sources: &'file [Text],
    pub(crate) evidence: Option<Evidence>,
    pub(crate) note: Option<&'file String>,
}

macro_rules! common {
    ($($kind:ty)*) => {$(
        impl $kind {
            pub(crate) fn common(&self) -> Common<'_> {
                let (label, note) = (self.label.as_ref(), self.note.as_ref());
                Common { id: &self.id, label, sources: &self.sources, evidence: self.evidence, note }
            }
        }
    )*};
}

common!(Indication Contraindication Deferral Referral Precaution Completion);
