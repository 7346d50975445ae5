//! Recommendations for people and programs: pure functions.

mod markdown;
#[allow(unreachable_pub, reason = "public to the renderings")]
pub(crate) mod outline;
pub mod sheet;
mod text;

pub use markdown::{markdown, ranked_markdown};
pub use text::{TextStyle, ranked_text, text};

use crate::recommendation::Recommendation;

/// Puts the answers of several protocols in the order in which a practitioner wants to see them: the best first, those of drafts last.
pub fn best_first(answers: &mut [Recommendation]) {
    answers.sort_by_key(outline::rank);
}

/// The answer in a few words: what stands first in every rendering.
#[must_use]
pub fn headline(recommendation: &Recommendation) -> String {
    outline::answer(recommendation).1
}

/// As JSON, indented, ending with a newline. The shape is versioned: see the `schema` key.
///
/// # Errors
/// Never, for a recommendation that the engine made.
pub fn json(recommendation: &Recommendation) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(recommendation).map(|json| crate::visible::json(&json).into_owned() + "\n")
}
