//! Decision tables, instructions and red flags as they are written.

use super::{Evidence, Text};
use crate::document::{Entries, Scalar, Spanned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// Where a number goes that has too many decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Round {
    /// To the next lower number.
    Down,
    /// To the next higher number.
    Up,
    /// To the nearest number; from the middle, away from 0.
    Nearest,
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
        pub safer: Option<Safer>,
        /// To how many decimals its numbers are rounded, after the limits. Without it, nothing is rounded.
        pub decimals: Option<Spanned<i64>>,
        /// How they are rounded: "down", "up" or "nearest". By default towards the safer value; where `safer` is not written, "nearest".
        pub round: Option<Round>,
        /// Whether nothing is due without it (the default). With false, its value may stay open.
        pub needed: Option<bool>,
        /// The note of a session that holds the same quantity, whose declared range its values have to be in. By default the one of the
        /// same name and unit, with `_` for `-`.
        pub records: Option<Text>,
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

/// Whom an instruction is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Audience {
    /// The patient, who finds it in the handout.
    #[default]
    Patient,
    /// The clinic, which finds it in its check-list.
    Clinic,
}

impl Audience {
    /// Whether it is for the patient.
    #[must_use]
    pub fn is_patient(&self) -> bool {
        *self == Audience::Patient
    }
}

format! {
    /// What to do before or after a session.
    "instruction" requires ["id", "at", "do", "sources"]
    struct Instruction {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// What people read for its id: a few words, as "isotretinoin in the last 6 months".
        pub label: Option<Text>,
        /// When it begins, counted from the session's day: "-7 days", "0 days", "+1 day"; or a parameter with its sign, "-retinoid_pause".
        pub at: Text,
        /// When it ends, counted in the same way.
        pub until: Option<Text>,
        /// Who does it: "patient" (the default) or "clinic". The patient's handout holds only what is for the patient.
        #[serde(rename = "for")]
        pub audience: Option<Audience>,
        /// What to do; `{expression}` stands for a value.
        #[serde(rename = "do")]
        pub action: Text,
        /// For which patients. Without it, for everybody.
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
