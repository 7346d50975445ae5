//! Whom a patient calls: `clinic.toml`, beside the dictionary.

use std::path::Path;

use super::file::{ClinicFile, Text};
use super::find::details_of;
use super::load::{clinic_schema, read_file, read_node};
use super::translation::translate;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::document::{Notation, parse};

/// A clinic as its patients reach it: its name, its number, when somebody answers.
///
/// Recommendations need none of it. It is read apart, so that a mistake in a phone number holds back no answer.
///
/// ```
/// let (details, found) = regimen::ClinicDetails::read("protocols".as_ref(), None);
/// assert!(found.is_empty());
/// assert!(details.is_some_and(|details| !details.phone.is_empty()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClinicDetails {
    /// Its name.
    pub name: String,
    /// The number that patients call.
    pub phone: String,
    /// When somebody answers there.
    pub hours: String,
    /// The emergency number.
    pub emergency: String,
    /// Whom to call when nobody answers there.
    pub out_of_hours: Option<String>,
}

impl ClinicDetails {
    /// Reads the `clinic.toml` of a clinic's folder, or of the clinic that a protocol belongs to; nothing where there is none. The texts of
    /// another language are those in `clinic.de.toml`.
    #[must_use]
    pub fn read(path: &Path, language: Option<&str>) -> (Option<ClinicDetails>, Diagnostics) {
        let (details, _, found) = ClinicDetails::read_in(path, language);
        (details, found)
    }

    /// The same, also with what is not translated.
    pub(crate) fn read_in(path: &Path, language: Option<&str>) -> (Option<ClinicDetails>, Diagnostics, Diagnostics) {
        let (mut found, mut untranslated) = (Diagnostics::default(), Diagnostics::default());
        let source = details_of(path).and_then(|file| read_file(&file, &mut found));
        let Some(source) = source else { return (None, untranslated, found) };
        let mut tree = parse(&source, Notation::Toml, &mut found);
        let translation =
            language.and_then(|language| translate(&mut tree, &source, language, &mut found, &mut untranslated));
        // What is said of a clinic cannot be declared meant.
        translation.iter().flat_map(|one| &one.other_values).for_each(|(_, one)| untranslated.push(one.clone()));
        let file: ClinicFile = read_node(tree, &source, clinic_schema(), &mut found);
        let texts =
            [("name", &file.name), ("phone", &file.phone), ("hours", &file.hours), ("emergency", &file.emergency)];
        let texts = texts.into_iter().chain(file.out_of_hours.as_ref().map(|text| ("out_of_hours", text)));
        // A key that is missing altogether has no place, and has been told of.
        for (key, text) in texts.filter(|(_, text)| text.trim().is_empty() && !text.span.is_empty()) {
            let message = format!("`{key}` says nothing");
            found.push(Diagnostic::new(&codes::INVALID_VALUE, message).at(&text.place(&source)));
        }
        for (key, text) in [("phone", &file.phone), ("emergency", &file.emergency)] {
            if text.trim().is_empty() {
                continue;
            }
            let message = if !text.chars().any(|c| c.is_ascii_digit()) {
                format!("`{key}` is `{}`, and no number", text.value)
            } else if let Some(word) = with_letters_for_digits(text) {
                format!("`{word}` in `{key}` has letters in the place of digits")
            } else {
                continue;
            };
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, message).at(&text.place(&source));
            found.push(diagnostic.help("write the number that patients dial, as in \"+43 1 234 56 78\""));
        }
        translation.iter().for_each(|one| one.relocate(&mut found));
        found.sort();
        if found.has_errors() {
            return (None, untranslated, found);
        }
        let text = |text: Text| text.value;
        let details = ClinicDetails {
            name: text(file.name),
            phone: text(file.phone),
            hours: text(file.hours),
            emergency: text(file.emergency),
            out_of_hours: file.out_of_hours.map(text),
        };
        (Some(details), untranslated, found)
    }
}

/// A part of a number in which letters stand that look like digits, as in "O1O": it could not be dialled, or another number would be.
fn with_letters_for_digits(text: &str) -> Option<&str> {
    let is_letter = |c: char| matches!(c, 'O' | 'o' | 'I' | 'l' | '|');
    let is_mistaken = |part: &&str| {
        let mut all = part.chars().filter(|c| !"+-/().".contains(*c)).peekable();
        all.peek().is_some() && all.all(|c| c.is_ascii_digit() || is_letter(c)) && part.contains(is_letter)
    };
    // A word of the language is made of such letters, too: only two of them are no number.
    text.split_whitespace()
        .find(|part| is_mistaken(part) && (part.contains(|c: char| c.is_ascii_digit()) || part.contains("OO")))
}
