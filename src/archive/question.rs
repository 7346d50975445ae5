//! What was asked, kept as it was given, and what came of it.

use super::entry::{Draft, Kind};
use super::frames::{Frames, to_hex};
use super::texts::Texts;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::document::Notation;
use crate::patient::Record;
use crate::protocol::{Broken, Protocol};
use crate::recommendation::Recommendation;

/// Where a record came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// A file of its own.
    Record,
    /// A line of a batch.
    Line,
    /// A row of a table: the record is the line that was made of it.
    Row,
}

impl From {
    pub(super) fn word(self) -> &'static str {
        match self {
            From::Record => "record",
            From::Line => "line",
            From::Row => "row",
        }
    }
}

/// A question that is asked of protocols, before it is known about whom.
#[derive(Clone, Debug)]
pub struct Question {
    /// The texts of the protocols.
    pub texts: Texts,
    /// What is the same for every record.
    frames: Frames,
}

/// The record, as it was given.
#[derive(Clone, Copy, Debug)]
pub struct Given<'r> {
    /// Where it came from.
    pub from: From,
    /// How it is written.
    pub notation: Notation,
    /// Its text; none where it could not be read.
    pub text: Option<&'r str>,
    /// The cells of a row that could not be read as a record.
    pub cells: &'r [String],
    /// The line that was printed, of a batch.
    pub printed: Option<&'r str>,
    /// Whose it is, if that could be read.
    pub patient: Option<&'r str>,
}

impl Question {
    /// What is asked: for which day, of which protocols, with which parameters, in which language, how strictly.
    #[must_use]
    pub fn new(
        (texts, asked): (Texts, Vec<String>),
        as_of: Date,
        set: &[String],
        language: Option<&str>,
        strict: bool,
    ) -> Question {
        let mut frames = Frames::default().with("as-of", as_of.to_string());
        asked.iter().for_each(|path| frames.push("asked", path.as_str()));
        set.iter().for_each(|one| frames.push("set", one.as_str()));
        language.iter().for_each(|language| frames.push("language", *language));
        frames.push("strict", if strict { "true" } else { "false" });
        Question { texts, frames }
    }

    /// The same, asked of the files that are being worked on, where that is so.
    #[must_use]
    pub fn drafts(mut self, drafts: bool) -> Question {
        if drafts {
            self.frames.push("draft", "true");
        }
        self
    }

    fn about(&self, given: Given<'_>) -> Frames {
        let mut frames = Frames::default();
        given.patient.iter().for_each(|patient| frames.push("patient", *patient));
        frames.push("from", given.from.word());
        frames.push("notation", if given.notation == Notation::Json { "json" } else { "toml" });
        given.text.iter().for_each(|text| frames.push("record", *text));
        given.cells.iter().for_each(|cell| frames.push("cell", cell.as_str()));
        self.frames.iter().for_each(|(name, content)| frames.push(name, content));
        given.printed.iter().for_each(|printed| frames.push("printed", *printed));
        frames
    }

    fn public(&self, protocol: Option<(&str, &str)>) -> Frames {
        let mut public = Frames::default();
        if let Some((id, version)) = protocol {
            public.push("protocol", id);
            public.push("version", version);
        }
        if !self.texts.is_empty() {
            public.push("texts", to_hex(&self.texts.hash()));
        }
        public
    }

    /// The entry of an answer, which has its full trace.
    ///
    /// # Errors
    /// Never, for an answer that the engine made.
    pub fn answered(
        &self,
        given: Given<'_>,
        protocol: &Protocol,
        record: &Record,
        answer: &Recommendation,
    ) -> Result<Draft, serde_json::Error> {
        let mut personal = self.about(Given { patient: Some(&answer.patient), ..given });
        absent(protocol, record).for_each(|fact| personal.push("absent", fact));
        personal.push("status", answer.status.word());
        personal.push("answer", serde_json::to_string(answer)?);
        let public = self.public(Some((&answer.protocol, &answer.provenance.version)));
        Ok(Draft { kind: Kind::Answer, patient: Some(answer.patient.clone()), public, personal })
    }

    /// The entry of a protocol that cannot be used because of mistakes in its file, in a clinic whose others answer.
    #[must_use]
    pub fn broken(&self, given: Given<'_>, broken: &Broken) -> Draft {
        let draft = self.refused(given, &why(&broken.mistakes, false));
        Draft { public: self.public(Some((&broken.id, ""))), ..draft }
    }

    /// The entry of a question that had no answer.
    #[must_use]
    pub fn refused(&self, given: Given<'_>, why: &[Why]) -> Draft {
        let mut personal = self.about(given);
        let mut codes: Vec<&str> = why.iter().map(|one| one.code.as_str()).collect();
        codes.dedup();
        personal.push("status", codes.join(", "));
        // INVARIANT: texts can always be written.
        personal.push("refusal", serde_json::to_string(why).unwrap_or_default());
        Draft { kind: Kind::Refusal, patient: given.patient.map(str::to_owned), public: self.public(None), personal }
    }
}

/// The facts that the record has no answer to.
fn absent<'p>(protocol: &'p Protocol, record: &'p Record) -> impl Iterator<Item = &'p str> {
    let facts = protocol.dictionary.facts.iter().zip(&record.answers);
    facts.filter(|(_, answer)| answer.is_none()).map(|(fact, _)| fact.name.as_str())
}

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Why {
    /// The code.
    pub code: String,
    /// The message.
    pub message: String,
}

/// Why there was no answer: the mistakes, and what is doubtful where that is one.
#[must_use]
pub fn why(found: &Diagnostics, strict: bool) -> Vec<Why> {
    let stops = |one: &&Diagnostic| one.severity == Severity::Error || (strict && one.severity == Severity::Warning);
    let mut all: Vec<Why> = found
        .iter()
        .filter(stops)
        .map(|one| Why { code: one.code.id.to_owned(), message: one.message.clone() })
        .collect();
    all.sort();
    all.dedup();
    all
}
