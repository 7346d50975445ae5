//! Cases as they are written: a patient and what is expected.

use super::Text;
use crate::document::{Elsewhere, Entries, Scalar, Spanned};
use schemars::JsonSchema;
use serde::Deserialize;

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
        /// Answers of earlier days, in place of those of the record.
        pub earlier: Elsewhere,
        /// Sessions, in place of those of the record; `[]` if none were given.
        pub sessions: Elsewhere,
        /// The treatments of which those are all, where they are not all of every treatment.
        pub sessions_cover: Elsewhere,
        /// The treatments of which nobody can tell whether there were sessions, and why.
        pub sessions_unknown: Elsewhere,
        /// Appointments, in place of those of the record.
        pub planned: Elsewhere,
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
