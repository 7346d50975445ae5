//! What must hold of every answer, as it is written.

use super::Text;
use schemars::JsonSchema;
use serde::Deserialize;

format! {
    /// What must hold of every answer that the protocol gives, for every patient: `regimen prove` proves or refutes it.
    "property" requires ["id", "reason", "sources"]
    struct Property {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// What must never be so: a condition on the patient and on the answer, which it names `status`, `treat`, `not_before` and
        /// `setting("…")`.
        pub never: Option<Text>,
        /// What must always be so, instead of `never`.
        pub always: Option<Text>,
        /// Why it must hold.
        pub reason: Text,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// For the reader of the file.
        pub note: Option<String>,
    }
}
