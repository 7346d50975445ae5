//! A protocol as the sheet that a clinic would print: what it says, in words, in the order in which it is needed.
//!
//! The sheet is data, made once; Markdown and HTML are two ways to print it. Conditions are put into words from the expressions that
//! are evaluated (`english`): nothing is said twice by hand.

mod about;
mod bounds;
mod build;
mod course;
mod dictionary;
mod html;
mod markdown;
mod properties;
mod settings;

pub use build::sheet;
pub(crate) use dictionary::{declared, dictionary};
pub(super) use html::escape as escape_html;
pub use html::html;
#[cfg(feature = "serve")]
pub(crate) use html::html_sections;
pub use markdown::markdown;

use crate::protocol::model::Evidence;
use crate::speech::Speech;

/// The last section: room for whoever approves the sheet.
const SIGNATURE: &str = "Approved";
/// What they write there.
const SIGNED_WITH: [&str; 4] = ["Name", "Role", "Date", "Signature"];

/// The whole sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The language of its own words, as `de`.
    pub language: String,
    /// The protocol's name for people.
    pub title: String,
    /// A warning above everything: a draft, a retired protocol.
    pub warning: Option<String>,
    /// Version, owner and so on.
    pub about: Vec<(String, String)>,
    /// The rest.
    pub sections: Vec<Section>,
    /// What is cited, by number from 1.
    pub sources: Vec<SourceLine>,
    /// Where the sheet comes from.
    pub origin: String,
}

/// A heading and what stands under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// One sentence on how to read it.
    pub lead: String,
    /// What stands under it.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A smaller heading.
    Heading(String),
    /// A sentence.
    Text(String),
    /// Points.
    Points(Vec<Point>),
    /// A table: its head, then its rows.
    Table(Vec<String>, Vec<Vec<Cell>>),
}

/// One point of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// What stands out: when the rule applies.
    pub lead: String,
    /// Why, or what to do.
    pub text: String,
    /// The conditions, where they are a list: each with its level.
    pub conditions: Vec<(usize, String)>,
    /// Smaller print under it.
    pub notes: Vec<String>,
    /// What it cites.
    pub cites: Cites,
    /// The rule's name in the file.
    pub id: String,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// What it cites.
    pub cites: Cites,
    /// The name in the file of what it is about.
    pub id: String,
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell { text, ..Cell::default() }
    }
}

/// The numbers of sources, and a mark where nobody has read the statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cites {
    /// The numbers, from 1.
    pub numbers: Vec<usize>,
    /// How well it is founded.
    pub evidence: Option<Evidence>,
}

impl Sheet {
    /// The words of its language.
    fn speech(&self) -> &'static Speech {
        Speech::of(&self.language)
    }
}

impl Cites {
    /// `1, 4`, `7, recalled`; nothing where nothing is cited.
    pub(crate) fn text(&self, speech: &Speech) -> String {
        let mut parts: Vec<String> = self.numbers.iter().map(ToString::to_string).collect();
        parts
            .extend(self.evidence.filter(|evidence| *evidence != Evidence::Read).map(|one| evidence_word(one, speech)));
        parts.join(", ")
    }
}

/// What is cited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// What it is called.
    pub title: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// How well it is known.
    pub evidence: Evidence,
}

/// A mark of evidence in words.
fn evidence_word(evidence: Evidence, speech: &Speech) -> String {
    let word = match evidence {
        Evidence::Read => "read",
        Evidence::Recalled => "recalled",
        Evidence::Custom => "clinic custom",
    };
    speech.say(word, &[])
}

/// What the marks of evidence mean.
fn evidence_key(speech: &Speech) -> [(String, String); 3] {
    [
        (Evidence::Read, "the statement was read in the source."),
        (Evidence::Recalled, "from memory."),
        (Evidence::Custom, "no publication is claimed."),
    ]
    .map(|(evidence, meaning)| (evidence_word(evidence, speech), speech.say(meaning, &[])))
}

/// A clause as a sentence's beginning.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A text that ends like a sentence.
fn sentence(text: &str) -> String {
    let text = capital(text.trim());
    if text.is_empty() || text.ends_with(['.', '!', '?', ':']) { text } else { text + "." }
}

#[cfg(test)]
mod tests {
    use super::{build::sheet_in, html, markdown};
    use crate::Clinic;
    use crate::speech::{GERMAN, tests::MISSING};

    #[test]
    fn a_german_sheet_lacks_no_phrase() {
        let (clinic, _) = Clinic::load("protocols").expect("the shipped protocols");
        for protocol in &clinic.protocols {
            let sheet = sheet_in(protocol, &GERMAN);
            assert!(html(&sheet).contains("<html lang=\"de\">"));
            assert!(markdown(&sheet).contains("## Freigegeben"));
        }
        let mut missing = MISSING.take();
        missing.sort();
        missing.dedup();
        assert_eq!(missing, [""; 0]);
    }
}
