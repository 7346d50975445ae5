//! Publishing a version of a protocol: what it must have passed, and its texts for ever.
//!
//! ```text
//!  strict, gates (cases, coverage, mutation, prove) ──> passed ──┐
//!  protocol, dictionary, translations ──────────────────────────┴──> write ──> published/1.0.0/, published/index.toml
//!
//!  attempt: all of it, in order, for the command line and the web application
//! ```
//!
//! The index is written last, and in one step: a version is published when its entry is there. What a run that was broken off has left beside
//! the index is no version, and the next run replaces it.

mod attempt;
mod attributes;
mod compare;
mod gates;
mod in_cases;
mod strict;
mod write;

pub(crate) use attempt::{Refusal, Step, Wish, publish};
pub(crate) use attributes::markdown as source_attributes;
pub(crate) use compare::check;
#[cfg(feature = "serve")]
pub(crate) use compare::{beside_published, number_after_last};
pub(crate) use strict::everything;

use std::path::{Path, PathBuf};

use crate::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::protocol::file::ProtocolStatus;
use crate::protocol::find::dictionary_of;
use crate::protocol::load::read_file;
use crate::protocol::published::{Index, index_of, within};
use crate::protocol::translation::languages;
use crate::protocol::{Protocol, sha256};

/// Something that is in the way of publishing.
fn refused(message: impl Into<String>, help: &str) -> Diagnostics {
    Diagnostic::new(&codes::NOT_PUBLISHED, message).help(help).into()
}

/// What somebody says in the index; none where it says nothing, or is not one line.
#[must_use]
pub(crate) fn said(text: &str) -> Option<String> {
    let text = text.trim();
    (crate::visible::says_something(text) && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// A text of a version: the name of its file, and what it says.
pub(crate) struct TextOf {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) sha256: String,
}

/// Whether a version of this number may be published at all, before anything is tried; the index that it will stand in, if there is one.
///
/// # Errors
/// With what is in the way.
fn may_be(protocol: &Protocol, from: Option<Date>, on: Date) -> Result<Option<Index>, Diagnostics> {
    let file = Path::new(&protocol.file.name);
    let number = &protocol.version;
    let Some(path) = index_of(file) else {
        let message = format!("`{}` has no folder of its own, where its versions could be kept", file.display());
        return Err(refused(message, "put it into one, as `protocol.toml`"));
    };
    if within(file).is_some() {
        return Err(refused(format!("`{}` is published already", file.display()), "give the protocol's own folder"));
    }
    if protocol.status != ProtocolStatus::Active {
        let message = Diagnostic::new(&codes::NOT_PUBLISHED, "a protocol is published when it is active");
        let diagnostic = message.at(&protocol.value_place("status", None));
        return Err(diagnostic.help("write `status = \"active\"` when it may be used").into());
    }
    let mut found = Diagnostics::default();
    let index = if path.is_file() { Index::read(&path, &mut found) } else { None };
    if found.has_errors() {
        return Err(found);
    }
    let Some(index) = index else { return Ok(None) };
    if index.version(number).is_some() {
        let message = format!("version {number} is published already, and never changes");
        let diagnostic = Diagnostic::new(&codes::NOT_PUBLISHED, message).at(&protocol.value_place("version", None));
        return Err(diagnostic.help("raise the version: `regimen check` says by which step").into());
    }
    let from = from.unwrap_or(protocol.in_force_from);
    let Some(last) = index.versions.last() else { return Ok(Some(index)) };
    let before = &last.entry.version.value;
    if from <= last.from {
        let message =
            format!("version {number} would be in force from {from}, not after {before}, which is from {}", last.from);
        return Err(refused(message, "say from when it is to be in force: `--from DATE`"));
    }
    // What has been answered for a day that is past stays the answer for that day.
    if from < on && last.until.is_none_or(|until| until >= from) {
        let message =
            format!("version {number} would be in force from {from}, and {before} has answered for days since then");
        return Err(refused(message, "say from when it is to be in force, from today at the earliest: `--from DATE`"));
    }
    Ok(Some(index))
}

/// The texts of a version: the protocol, the dictionary where it is a file of its own, and the translations of both.
///
/// # Errors
/// When one cannot be read, or is not the one that was checked.
fn texts(protocol: &Protocol) -> Result<Vec<TextOf>, Diagnostics> {
    let file = PathBuf::from(&protocol.file.name);
    let own = [(file.clone(), &protocol.sha256)];
    let facts = dictionary_of(&file).map(|facts| (facts, &protocol.dictionary.sha256));
    let mut found = Diagnostics::default();
    let mut all = Vec::new();
    for (path, checked) in own.into_iter().chain(facts) {
        let translations =
            languages(&path).into_iter().map(|language| crate::protocol::translation::beside(&path, &language));
        for (path, checked) in
            std::iter::once((path.clone(), Some(checked))).chain(translations.map(|path| (path, None)))
        {
            let Some(source) = read_file(&path, &mut found) else { continue };
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let sha256 = sha256(&source.text);
            if checked.is_some_and(|checked| *checked != sha256) {
                let message =
                    format!("{} was changed while it was being checked, and nothing was published", path.display());
                found.push(Diagnostic::new(&codes::FILES_CHANGED, message).help("publish it again"));
            }
            all.push(TextOf { name, text: source.text.clone(), sha256 });
        }
    }
    found.into_result(all).map(|(all, _)| all)
}
