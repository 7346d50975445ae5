//! Many mistakes of one cause: the cause is told, and not each of its consequences.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::model::Protocol;
use crate::diagnostic::{Diagnostic, Diagnostics, Label, Place, SourceFile, codes};
use crate::document::Node;

/// From so many names on, they are not misspelt.
const SEVERAL: usize = 4;

/// From so many texts on, a translation is of something else.
const STRANGE: usize = 20;

const OTHER_FILE: &str = "texts of this file are not in the file that it translates";

/// The dictionary's file as it was read.
pub(super) type Facts = (Arc<SourceFile>, Node);

/// Tells once that a clinic has no dictionary, or another file in its place, where its protocols name facts that nobody declares.
pub(super) fn no_dictionary(
    clinic: &Path,
    facts: Option<&Facts>,
    declares_nothing: bool,
    protocols: &[Protocol],
    found: &mut Diagnostics,
) {
    let is_protocol = |tree: &Node| ["id", "version", "in_force"].iter().all(|key| tree.get(key).is_some());
    let is_other = facts.is_some_and(|(_, tree)| is_protocol(tree));
    if protocols.is_empty() || !(is_other || declares_nothing) {
        return;
    }
    let is_of = |one: &Diagnostic, name: &str| file_of(one).is_some_and(|file| file == name);
    let names: BTreeSet<&str> = found
        .iter()
        .filter(|one| one.code == &codes::UNKNOWN_NAME && one.message.starts_with("there is no fact, "))
        .filter(|one| protocols.iter().any(|protocol| is_of(one, &protocol.file.name)))
        .filter_map(|one| Some(one.label.as_ref()?.place.text()))
        .collect();
    let count = names.len();
    // Of protocols that declare none themselves, fewer are enough.
    let declare = protocols.iter().any(|protocol| !protocol.dictionary.facts.is_empty());
    if count < (if declare { SEVERAL } else { 2 }) && !is_other {
        return;
    }
    let rest = format!("none of the {count} names that the protocols ask for is declared");
    let back = "put the clinic's dictionary back, from a backup or from the version control system";
    let diagnostic = match facts {
        None => {
            let message = format!("there is no `facts.toml` in {}: {rest}", clinic.display());
            Diagnostic::new(&codes::NO_DICTIONARY, message)
        }
        Some((source, tree)) => {
            // In a file that says nothing, its beginning.
            let key = tree.entries().iter().find(|(key, _)| key.name == "id").map_or(0..0, |(key, _)| key.span.clone());
            let place = Place { file: source.clone(), span: key };
            let message = match is_other {
                true => "`facts.toml` is a protocol, not a dictionary".to_owned(),
                false => format!("`facts.toml` declares no fact: {rest}"),
            };
            Diagnostic::new(&codes::NO_DICTIONARY, message).at(&place)
        }
    };
    // What depends on what a name stands for cannot be said either.
    let depends = |one: &Diagnostic| ["R2", "R3", "R604"].iter().any(|code| one.code.id.starts_with(code));
    let is_consequence = |one: &Diagnostic| {
        let of_protocol = protocols.iter().any(|protocol| is_of(one, &protocol.file.name));
        (of_protocol && depends(one)) || (is_other && facts.is_some_and(|(source, _)| is_of(one, &source.name)))
    };
    found.retain(|one| !is_consequence(one));
    found.push(diagnostic.help(back));
}

/// Whether it is told of a translation that it is of another file.
#[cfg(feature = "cli")]
pub(crate) fn is_other_translation(one: &Diagnostic) -> bool {
    one.code == &codes::NOTHING_TO_TRANSLATE && one.message.ends_with(OTHER_FILE)
}

/// Tells once that a translation is of another file, where most of what it translates is not there.
pub(super) fn other_translations(found: &mut Diagnostics) {
    let is_strange = |one: &Diagnostic| one.code == &codes::NOTHING_TO_TRANSLATE;
    let strange: Vec<&Label> =
        found.iter().filter(|one| is_strange(one)).filter_map(|one| one.label.as_ref()).collect();
    let mut told = Vec::new();
    for label in &strange {
        let file = &label.place.file;
        let is_told = |one: &Diagnostic| file_of(one) == Some(file.name.as_str());
        let count = strange.iter().filter(|other| other.place.file.name == file.name).count();
        if count < STRANGE || told.iter().any(is_told) {
            continue;
        }
        let message = format!("{count} {OTHER_FILE}");
        let diagnostic = Diagnostic::new(&codes::NOTHING_TO_TRANSLATE, message).at(&label.place);
        let help =
            "if it is the translation of another file, put the right one back; else take out what is there no more";
        told.push(diagnostic.help(help));
    }
    let files: Vec<String> = told.iter().filter_map(file_of).map(str::to_owned).collect();
    let is_of_them = |one: &Diagnostic| file_of(one).is_some_and(|name| files.iter().any(|file| file == name));
    found.retain(|one| !(is_of_them(one) && is_strange(one)));
    told.into_iter().for_each(|one| found.push(one));
}

/// Leaves out what is inside of something else of which it is told what to write: `or`, where all of `x == "a" or "b"` is to be written anew.
pub(super) fn within_others(found: &mut Diagnostics) {
    let is_slip = |one: &Diagnostic| one.code == &codes::EXPRESSION_SYNTAX && one.replacement.is_some();
    let whole: Vec<Place> = found
        .iter()
        .filter(|one| one.code.id.starts_with("R3"))
        .filter_map(|one| Some(one.replacement.as_ref()?.place.clone()))
        .collect();
    found.retain(|one| {
        let Some(label) = one.label.as_ref().filter(|_| is_slip(one)) else { return true };
        let (file, span) = (&label.place.file.name, &label.place.span);
        !whole.iter().any(|other| {
            let other_span = &other.span;
            other.file.name == *file
                && other_span.start <= span.start
                && span.end <= other_span.end
                && span.len() < other_span.len()
        })
    });
}

pub(crate) fn file_of(one: &Diagnostic) -> Option<&str> {
    one.label.as_ref().map(|label| label.place.file.name.as_str())
}
