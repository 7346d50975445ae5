//! Texts that are still to be written: whoever is treated would read `TODO`.

use super::Finder;
use crate::diagnostic::{Diagnostic, Place, codes};
use crate::protocol::model::{Part, Template};

/// What people write in the place of a text until they have it.
const MARKS: [&str; 4] = ["TODO", "TBD", "FIXME", "XXX"];

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let rules = protocol.rules.iter().flat_map(|rule| rule.texts().map(|text| (rule.id.as_str(), text)));
    let settings = protocol.settings.iter().flat_map(|one| one.texts().map(|text| (one.id.as_str(), text)));
    let instructions = protocol.instructions.iter().map(|one| (one.id.as_str(), &one.action));
    let flags = protocol.red_flags.iter().flat_map(|one| [(one.id.as_str(), &one.sign), (&one.id, &one.action)]);
    let separations = protocol.separations.iter().map(|one| (one.id.as_str(), &one.reason));
    for (id, text) in rules.chain(settings).chain(instructions).chain(flags).chain(separations) {
        let Some(mark) = mark(text) else { continue };
        let message = format!("a text of `{id}` is still to be written: it says `{mark}`");
        let place = Place { file: protocol.file.clone(), span: text.span.clone() };
        let help = "write what people are to read here";
        finder.report(id, Diagnostic::new(&codes::TO_BE_WRITTEN, message).at(&place).help(help));
    }
}

/// The mark in a text, if there is one.
fn mark(text: &Template) -> Option<&str> {
    let words = text.parts.iter().filter_map(|part| match part {
        Part::Words(words) => Some(words.as_str()),
        Part::Value(_) => None,
    });
    words.into_iter().find_map(|words| {
        let mut all = words.split(|sign: char| !(sign.is_alphanumeric() || sign == '?'));
        let is_whole = |word: &str| words.trim().eq_ignore_ascii_case(word);
        all.find(|word| {
            let is_mark = MARKS.contains(word) || MARKS.iter().any(|mark| is_whole(mark));
            (is_mark && !word.is_empty()) || (word.ends_with("??") && word.trim_matches('?').is_empty())
        })
    })
}
