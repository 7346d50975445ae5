//! A TOML or JSON text as one tree of values, each with its place.
//!
//! Protocols, dictionaries, cases and records are all read through it, so that a mistake in any of them is shown in the same
//! way, and a record means the same in both notations.

#[cfg(feature = "cli")]
mod format;
mod forms;
mod heading;
mod json;
mod lost;
mod meant;
mod mend;
mod merged;
mod misplaced;
mod punctuation;
mod schema;
mod serde_impl;
mod slips;
mod spanned;
mod strangers;
mod toml;
mod toml_words;
mod wrapped;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use rust_decimal::Decimal;
use unicode_normalization::{UnicodeNormalization, is_nfc};

#[cfg(feature = "cli")]
pub use format::{format, same_meaning};
pub use misplaced::{restore_entries, restore_table};
pub use schema::repair;
pub use spanned::{Elsewhere, Entries, Literal, OneOrMore, Scalar, Spanned};

use crate::diagnostic::{Diagnostics, Place, SourceFile};

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The bytes it was written in, in the file.
    pub span: Range<usize>,
    /// The value.
    pub data: Data,
}

/// A value as it stands in the text, before anybody has said what it should be.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// JSON's `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a point, exact.
    Decimal(Decimal),
    /// A text.
    Text(String),
    /// A TOML date without a time of day, as written.
    Date(String),
    /// A list.
    Array(Vec<Node>),
    /// Keys with values, in the order of the text.
    Table(Vec<(Key, Node)>),
    /// Something that could not be read and has been reported.
    Refused,
    /// Something that no file of ours uses, such as a time of day; with its name.
    Other(&'static str),
}

/// The name of an entry, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The name.
    pub name: String,
    /// The bytes it was written in.
    pub span: Range<usize>,
}

impl Node {
    /// The entry of a table.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node> {
        match &self.data {
            Data::Table(entries) => entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The entries of a table; of anything else, none.
    #[must_use]
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.data {
            Data::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; of anything else, none.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.data {
            Data::Array(items) => items,
            _ => &[],
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What it is, for a sentence: `a whole number`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.data {
            Data::Null => "null",
            Data::Refused => "not readable",
            Data::Bool(_) => "true or false",
            Data::Integer(_) => "a whole number",
            Data::Decimal(_) => "a number",
            Data::Text(_) => "a text",
            Data::Date(_) => "a date",
            Data::Array(_) => "a list",
            Data::Table(_) => "a table",
            Data::Other(kind) => kind,
        }
    }

    /// Its place.
    #[must_use]
    pub fn place(&self, file: &Arc<SourceFile>) -> Place {
        Place { file: file.clone(), span: self.span.clone() }
    }
}

impl Key {
    /// Whether it is no name that anybody wrote, but what is left of a line that was refused: see `document::mend::take`.
    #[must_use]
    pub fn is_left_over(&self, file: &SourceFile) -> bool {
        self.name == format!("_{}", self.span.start)
            && !file.text.get(self.span.clone()).is_some_and(|written| written.starts_with('_'))
    }

    /// Its place.
    #[must_use]
    pub fn place(&self, file: &Arc<SourceFile>) -> Place {
        Place { file: file.clone(), span: self.span.clone() }
    }
}

/// The notation of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// <https://toml.io>
    Toml,
    /// <https://www.json.org>
    Json,
}

impl Notation {
    /// By the name of the file: `.json` is JSON, all else TOML.
    #[must_use]
    pub fn of(name: &str) -> Notation {
        if name.to_ascii_lowercase().ends_with(".json") { Notation::Json } else { Notation::Toml }
    }
}

/// A text in Unicode's composed form (NFC): an accent is one with its letter, however it was typed, so that what looks the same is the same.
#[must_use]
pub(crate) fn composed(text: Cow<'_, str>) -> String {
    if is_nfc(&text) { text.into_owned() } else { text.nfc().collect() }
}

/// Reads a text. Whatever could not be understood is reported, and the rest is returned.
pub fn parse(file: &Arc<SourceFile>, notation: Notation, found: &mut Diagnostics) -> Node {
    match notation {
        Notation::Toml => toml::parse(file, found),
        Notation::Json => json::parse(file, found),
    }
}

/// For each byte of a TOML string's value, the byte of the file it was written with; one more for its end.
///
/// `span` is the literal with its quotes. None if it is not a string literal (a bare key, a JSON string with escapes that
/// differ), in which case the whole literal is the best place there is.
#[must_use]
pub fn string_offsets(file: &SourceFile, span: &Range<usize>, value: &str) -> Option<Vec<usize>> {
    toml::string_offsets(file.text.get(span.clone())?, span.start).filter(|offsets| offsets.len() == value.len() + 1)
}
