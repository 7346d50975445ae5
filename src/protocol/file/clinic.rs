//! The clinic as its patients reach it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Text;

format! {
    /// A clinic: what stands on a handout about whom to call, and when somebody answers.
    "clinic" requires ["name", "phone", "hours", "emergency"]
    struct ClinicFile {
        /// The clinic's name.
        pub name: Text,
        /// The number that patients call.
        pub phone: Text,
        /// When somebody answers there, as "Monday to Friday, 9 to 17 o'clock".
        pub hours: Text,
        /// The emergency number of the country, as "112".
        pub emergency: Text,
        /// Whom to call when nobody answers there.
        pub out_of_hours: Option<Text>,
    }
}
