//! A protocol that was read without the dictionary that it was written for: one mistake, and not one for each of its facts.

use crate::diagnostic::{Diagnostic, Diagnostics, SourceFile, codes};
use crate::protocol::Protocol;

/// From so many names on, they are not misspelt.
const SEVERAL: usize = 4;

/// Tells once that there is no dictionary, where a protocol names many facts and none is declared anywhere.
pub(super) fn tell(protocol: &Protocol, found: &mut Diagnostics) {
    if !protocol.dictionary.facts.is_empty() {
        return;
    }
    let is_of = |one: &Diagnostic, file: &SourceFile| {
        one.label.as_ref().is_some_and(|label| label.place.file.name == file.name)
    };
    let is_name = |one: &Diagnostic| {
        one.code == &codes::UNKNOWN_NAME && one.message.starts_with("there is no fact, ") && is_of(one, &protocol.file)
    };
    let mut names: Vec<&str> = found
        .iter()
        .filter(|one| is_name(one))
        .filter_map(|one| one.label.as_ref())
        .map(|label| label.place.text())
        .collect();
    names.sort_unstable();
    names.dedup();
    if names.len() < SEVERAL {
        return;
    }
    let message =
        format!("there is no dictionary: none of the {} names that this protocol asks for is declared", names.len());
    let place = protocol.value_place("id", None);
    let diagnostic = Diagnostic::new(&codes::NO_DICTIONARY, message).at(&place);
    let diagnostic =
        diagnostic.help("put the protocol's folder into the clinic's, beside the `facts.toml` that declares them");
    let diagnostic = diagnostic.help("a protocol that stands alone declares its facts itself: [facts.…]");
    // What depends on what a name stands for cannot be said either.
    let depends = |one: &Diagnostic| ["R202", "R303", "R305"].contains(&one.code.id);
    found.retain(|one| !(is_of(one, &protocol.file) && depends(one)));
    found.push(diagnostic);
}
