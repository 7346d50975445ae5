//! What a file is that was given in the place of a protocol: one message, instead of one for each of its keys.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

#[cfg(feature = "cli")]
use super::load::read_file;
use super::translation::original;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, SourceFile, codes};
use crate::document::{Data, Node, Notation, parse};

/// What a dictionary may hold. A protocol has more.
const OF_A_DICTIONARY: &[&str] = &["facts", "session_facts", "treatments", "ignored", "contradiction"];

/// Says what a file is, if it is another kind of file than a protocol. One that might be a protocol with mistakes in it is one.
pub(super) fn no_protocol(source: &Arc<SourceFile>) -> Option<Diagnostic> {
    let path = Path::new(&source.name);
    let is_json = source.text.trim_start().starts_with('{');
    let notation = if is_json { Notation::Json } else { Notation::Toml };
    // Whatever else is wrong with it is told by whoever reads files of its kind.
    let tree = parse(source, notation, &mut Diagnostics::default());
    let (key, what, help) = match original(path) {
        Some(original) => {
            let help = format!("give `{}`: its translations are checked with it", original.display());
            (None, "a translation", help)
        }
        None => by_keys(&tree, path)?,
    };
    let message = format!("`{}` is {what}, not a protocol", super::translation::file_name(&source.name));
    let place = Place { file: source.clone(), span: key.unwrap_or(0..0) };
    Some(Diagnostic::new(&codes::ANOTHER_KIND, message).at(&place).help(help))
}

/// The same of a file that is called as a protocol is: its own text was lost.
pub(super) fn in_place_of_protocol(other: Diagnostic) -> Diagnostic {
    let help = "put the protocol's own text back, from a backup or from the version control system".to_owned();
    Diagnostic { help: vec![help], ..other }
}

/// Whether a file is a case, by what is in it.
#[cfg(feature = "cli")]
pub(super) fn is_case(path: &Path) -> bool {
    toml_in(path).is_some_and(|tree| tree.get("expect").is_some() && tree.get("id").is_none())
}

/// Whether a file is a protocol, by what is in it.
#[cfg(feature = "cli")]
pub(super) fn is_protocol_text(path: &Path) -> bool {
    toml_in(path).is_some_and(|tree| ["id", "version", "in_force"].iter().all(|key| tree.get(key).is_some()))
}

/// What is in a file that is called as TOML is, whatever is wrong with it.
#[cfg(feature = "cli")]
fn toml_in(path: &Path) -> Option<Node> {
    let is_toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let source = is_toml.then(|| read_file(path, &mut Diagnostics::default())).flatten()?;
    Some(parse(&source, Notation::Toml, &mut Diagnostics::default()))
}

/// The key that tells, what the file is, and what to do with it.
type Kind = (Option<Range<usize>>, &'static str, String);

fn by_keys(tree: &Node, path: &Path) -> Option<Kind> {
    let entries = tree.entries();
    let span = |name: &str| entries.iter().find(|(key, _)| key.name == name).map(|(key, _)| key.span.clone());
    let first = |names: &[&str]| names.iter().find_map(|name| span(name));
    if first(&["id", "version", "in_force", "review_by", "treatment", "sources", "course", "setting"]).is_some() {
        return None;
    }
    if let Some(expect) = span("expect") {
        let help = "a case is checked and run with the protocol that it is about: `regimen check` and `regimen test` take that \
                    protocol, or the whole clinic, and find the cases in the folder `cases` beside it";
        return Some((Some(expect), "a case", help.into()));
    }
    // A dictionary's facts are tables that say what is asked; a record's are answers.
    let is_answer = |fact: &Node| !matches!(fact.data, Data::Table(_)) || fact.get("value").is_some();
    let facts = tree.get("facts").map(Node::entries).unwrap_or_default();
    let has_answers = !facts.is_empty() && facts.iter().all(|(_, fact)| is_answer(fact));
    if let Some(key) = first(&["recorded", "patient", "earlier", "planned"]).or(span("facts").filter(|_| has_answers)) {
        let help = format!(
            "`regimen record check {} --as-of today` checks it; `regimen recommend` and the other commands that answer for a patient take the \
             protocol first, and the record behind it",
            path.display()
        );
        return Some((Some(key), "a patient's record", help));
    }
    if let Some(key) = first(&["phone", "hours", "emergency", "out_of_hours"]) {
        let help = "it is checked with the clinic: give the folder that it is in".to_owned();
        return Some((Some(key), "what patients are told of the clinic", help));
    }
    let is_dictionary =
        span("facts").is_some() && entries.iter().all(|(key, _)| OF_A_DICTIONARY.contains(&key.name.as_str()));
    is_dictionary.then(|| {
        let help = "a dictionary is called `facts.toml` and lies beside the folders of the protocols: give that folder"
            .to_owned();
        (span("facts"), "a dictionary", help)
    })
}
