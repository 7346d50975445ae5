//! Recommendations for people and programs: pure functions.

mod brief;
mod broken;
#[cfg(feature = "cli")]
mod changes;
mod difference;
#[cfg(test)]
mod in_german;
mod markdown;
#[allow(unreachable_pub, reason = "public to the renderings")]
pub(crate) mod outline;
mod plan;
mod plan_brief;
mod proofs;
pub mod sheet;
mod text;

#[cfg(feature = "cli")]
pub(crate) use brief::how_open;
pub use brief::{brief, ranked_brief};
#[cfg(feature = "serve")]
pub(crate) use brief::{dates_in_words, do_when, steps};
#[cfg(feature = "cli")]
pub(crate) use broken::broken_text_in;
pub use broken::{broken_html, broken_markdown, broken_text};
#[cfg(feature = "cli")]
pub(crate) use changes::{change, fact_name};
#[cfg(feature = "cli")]
pub(crate) use difference::counted;
#[cfg(feature = "serve")]
pub(crate) use difference::{Line as DifferenceLine, because_of, lines as difference_lines, statuses};
pub use difference::{difference_markdown, difference_text};
pub use markdown::{markdown, ranked_markdown};
#[cfg(feature = "serve")]
pub(crate) use plan::{category, sections as plan_sections};
pub use plan::{plan_markdown, plan_text};
pub use plan_brief::plan_brief;
pub use proofs::proofs_text;
pub use text::{TextStyle, ranked_text, text};

use crate::recommendation::Recommendation;

/// Puts the answers of several protocols in the order in which a practitioner wants to see them: the best first, those of drafts last.
pub fn best_first(answers: &mut [Recommendation]) {
    answers.sort_by_key(outline::rank);
}

/// The answer in a few words: what stands first in every rendering.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// # let text = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#;
/// # let (record, _) = regimen::Record::from_text("r", text, regimen::Notation::Json, &clinic.dictionary)?;
/// # let answer = clinic.protocols[0].recommend(&record, &regimen::Request::new("2026-03-02".parse()?))?;
/// use regimen::render;
/// let headline = render::headline(&answer);
/// assert!(render::text(&answer, render::TextStyle::default()).starts_with(&headline));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn headline(recommendation: &Recommendation) -> String {
    outline::answer(recommendation).1
}

/// As JSON, indented, ending with a newline. The shape is versioned: see the `schema` key. It can be read back.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// # let text = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#;
/// # let (record, _) = regimen::Record::from_text("r", text, regimen::Notation::Json, &clinic.dictionary)?;
/// # let answer = clinic.protocols[0].recommend(&record, &regimen::Request::new("2026-03-02".parse()?))?;
/// use regimen::{Recommendation, render};
/// let json = render::json(&answer)?;
/// let read: Recommendation = serde_json::from_str(&json)?;
/// assert_eq!(render::json(&read)?, json);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Never, for a recommendation that the engine made.
pub fn json(recommendation: &Recommendation) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(recommendation).map(|json| crate::visible::json(&json).into_owned() + "\n")
}
