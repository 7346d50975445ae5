//! Recommendations for people and programs: pure functions.

mod markdown;
pub mod outline;
pub mod sheet;
mod text;

pub use markdown::{markdown, ranked_markdown};
pub use text::{TextStyle, ranked_text, text};

use crate::recommendation::Recommendation;

/// As JSON, indented, ending with a newline. The shape is versioned: see the `schema` key.
///
/// # Errors
/// Never, for a recommendation that the engine made.
pub fn json(recommendation: &Recommendation) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(recommendation).map(|json| crate::visible::json(&json).into_owned() + "\n")
}
