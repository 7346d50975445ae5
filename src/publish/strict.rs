//! Every mistake at a path, and everything suspicious: what `regimen check` tells, and what a version must be free of.

use std::path::Path;

use super::in_cases;
use crate::cases::{Case, Cases, of_protocol};
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, codes};
use crate::protocol::load::languages_of;
use crate::protocol::one_cause;
use crate::protocol::strays::not_read;
use crate::protocol::{Clinic, ClinicDetails, Protocol};

/// All of it, with what is not translated into a language, if one is named.
#[must_use]
pub(crate) fn everything(path: &Path, as_of: Date, language: Option<&str>) -> Diagnostics {
    let mut found = Diagnostics::default();
    let (clinic, mistakes) = Clinic::read(path);
    // Analysis of what is not sound would only confuse.
    let analysed = !mistakes.has_errors();
    // What is wrong in the dictionary is wrong for every protocol.
    let is_protocol = |file: &str| clinic.protocols.iter().any(|protocol| protocol.file.name == file);
    let elsewhere = mistakes.iter().any(|one| {
        let file = one.label.as_ref().map(|label| label.place.file.name.as_str());
        one.severity == Severity::Error && !file.is_some_and(is_protocol)
    });
    let has_dictionary = !mistakes.iter().any(|one| one.code == &codes::NO_DICTIONARY);
    std::thread::scope(|scope| {
        let protocols = clinic.protocols.iter().map(|protocol| {
            let is_sound = !elsewhere && !mistakes.has_errors_in(&protocol.file.name);
            scope.spawn(move || {
                let (cases, mut found) = mistakes_in_cases(protocol, is_sound, has_dictionary);
                if analysed {
                    found.append(crate::check::in_protocol(protocol, as_of, Some(&cases)));
                    found.append(super::check(protocol, as_of));
                }
                found
            })
        });
        let protocols: Vec<_> = protocols.collect();
        found.append(ClinicDetails::read(path, None).1);
        found.append(not_read(path));
        if analysed {
            found.append(crate::check::between_files(&clinic, as_of, is_clinic(path)));
            translations(path, language, &mut found);
        }
        for protocol in protocols {
            found.append(protocol.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
    });
    found.append(mistakes);
    found
}

/// What is wrong with translations; and what the one that was asked for lacks.
fn translations(path: &Path, asked: Option<&str>, found: &mut Diagnostics) {
    let (_, details_mistakes) = ClinicDetails::read(path, None);
    for language in asked.map_or_else(|| languages_of(path), |language| vec![language.to_owned()]) {
        // What the files themselves say has been checked. What is not translated yet is looked for only when it is asked for.
        let (clinic, mut mistakes) = match asked {
            Some(_) => Clinic::read_in(path, Some(&language)),
            None => Clinic::read_translated(path, &language),
        };
        mistakes.retain(|one| one.severity == Severity::Error);
        if !mistakes.has_errors() {
            found.append(crate::check::in_another_language(&clinic));
        }
        let misspelt = mistakes.clone();
        found.append(mistakes);
        let (_, details_untranslated, mut mistakes) = ClinicDetails::read_in(path, Some(&language));
        mistakes.retain(|one| !details_mistakes.iter().any(|other| other == one));
        found.append(mistakes);
        let other_values = crate::check::other_values(&clinic);
        for mut open in [clinic.untranslated, details_untranslated, other_values] {
            // What is not translated yet matters to whoever asks for the language; what is outdated, to whoever changed the text.
            open.retain(|one| asked.is_some() || one.severity == Severity::Warning);
            // Of another file's translation, the rest is no news.
            let other: Vec<&str> = misspelt
                .iter()
                .filter(|one| one_cause::is_other_translation(one))
                .filter_map(one_cause::file_of)
                .collect();
            open.retain(|one| !one_cause::file_of(one).is_some_and(|file| other.contains(&file)));
            // A name that is not known is another name too, and told of as the first.
            let is_told = |one: &Diagnostic| misspelt.iter().any(|other| other.label == one.label);
            open.retain(|one| one.code != &codes::OTHER_VALUES || !is_told(one));
            found.append(open);
        }
    }
}

/// Whether a path is a whole clinic, rather than one protocol.
fn is_clinic(path: &Path) -> bool {
    path.is_dir() && !path.join("protocol.toml").is_file()
}

/// The cases of a protocol that can be read, and every mistake in them; where that is not sound itself, only those of a case's form. What a
/// case names may be right, and what is wrong with the protocol or the dictionary is told there, once, and not in each of a hundred cases;
/// without a dictionary, nothing is.
fn mistakes_in_cases(protocol: &Protocol, is_sound: bool, has_dictionary: bool) -> (Vec<Case>, Diagnostics) {
    let (mut all, mut found) = (Vec::new(), Diagnostics::default());
    if !has_dictionary {
        return (all, found);
    }
    let mut cases = Cases::of(protocol);
    for path in of_protocol(protocol) {
        match cases.load(&path) {
            Ok((case, warnings)) => {
                all.push(case);
                found.append(warnings);
            }
            Err(mistakes) => found.append(mistakes),
        }
    }
    // A parameter that could not be read is one all the same.
    let is_of_form = |one: &Diagnostic| one.code.id.starts_with("R1") && !one.message.contains(" has no parameter `");
    found.retain(|one| is_sound || is_of_form(one));
    (all, in_cases::fold(protocol, found))
}
