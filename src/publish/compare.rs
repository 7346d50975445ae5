//! A protocol's file beside its published versions: what was changed, and by which step its number has to rise.

use std::path::{Path, PathBuf};

use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, codes};
use crate::diff::{Bump, Change, Difference, Effect, Part};
use crate::protocol::published::{Index, Version};
use crate::protocol::{Clinic, Protocol, Which};

/// What is wrong with the published versions of a protocol, and with its file beside them. Nothing is said of a protocol that has none.
#[must_use]
pub(crate) fn check(protocol: &Protocol, as_of: Date) -> Diagnostics {
    let mut found = Diagnostics::default();
    let file = PathBuf::from(&protocol.file.name);
    let Some(index) = Index::beside(&file, &mut found) else { return found };
    index.versions.iter().for_each(|version| found.append(index.altered(version)));
    if found.has_errors() {
        return found;
    }
    for version in index.versions.iter().filter(|version| version.entry.entry_sha256.is_none()) {
        let number = &version.entry.version.value;
        let message = format!("of version {number}, only the texts are bound: its entry has no `entry_sha256`");
        let help = "an earlier version of regimen wrote it; whether somebody has changed who published it, when, why, from which day and what it \
                    had passed, compare with a backup or the version control system";
        let place = version.entry.version.place(&index.source);
        found.push(Diagnostic::new(&codes::UNBOUND_ENTRY, message).at(&place).help(help));
    }
    found.append(unanswered(&file, &index, as_of));
    if let Some(difference) = against(protocol, &index) {
        found.push(difference);
    }
    found
}

/// Why versions that are in force on a day or later give no answers.
fn unanswered(file: &Path, index: &Index, as_of: Date) -> Diagnostics {
    let mut found = Diagnostics::default();
    let is_to_come = |version: &&Version| version.until.is_none_or(|until| until >= as_of);
    for version in index.versions.iter().filter(is_to_come) {
        let day = version.from.max(as_of);
        let (_, broken, mut mistakes) = Clinic::read_which(file, None, Which::InForceOn(day));
        broken.into_iter().for_each(|one| mistakes.append(one.mistakes));
        mistakes.retain(|one| one.severity == Severity::Error);
        found.append(mistakes);
    }
    found
}

/// How a text would stand beside the published versions, if its number does not fit.
#[cfg(feature = "serve")]
#[must_use]
pub(crate) fn beside_published(protocol: &Protocol) -> Option<Diagnostic> {
    against(protocol, &Index::beside(Path::new(&protocol.file.name), &mut Diagnostics::default())?)
}

/// The number that a text has to have to come after the last published version, by what it changes; none where nothing is published.
#[cfg(feature = "serve")]
#[must_use]
pub(crate) fn number_after_last(protocol: &Protocol) -> Option<String> {
    let index = Index::beside(Path::new(&protocol.file.name), &mut Diagnostics::default())?;
    let last = index.versions.last()?;
    let step = Bump::of(&changes(&read(&index, last)?, protocol));
    step.applied(&last.entry.version.value)
}

/// A published version, read.
fn read(index: &Index, version: &Version) -> Option<Protocol> {
    let (published, _, mistakes) = Clinic::read_which(&index.folder(version), None, Which::WorkingFile);
    if mistakes.has_errors() {
        return None;
    }
    published.protocols.into_iter().next()
}

/// How the file differs from the version of its number, if it does; or how its number is too low for what is different from the last one.
fn against(protocol: &Protocol, index: &Index) -> Option<Diagnostic> {
    let number = protocol.version.parse::<semver::Version>().ok()?;
    let last = index.versions.last()?;
    let (before, is_same) = match index.version(&protocol.version) {
        Some(same) => (same, true),
        None => (last, false),
    };
    let changes = changes(&read(index, before)?, protocol);
    let step = Bump::of(&changes);
    let needed = step.applied(&last.entry.version.value)?;
    let place = protocol.value_place("version", None);
    let told = |code, message: String| {
        let why = match step {
            Bump::None | Bump::Patch => "patch: nothing of it can change an answer",
            Bump::Minor => "minor: it can change an answer",
            Bump::Major => "major: somebody may be treated who was not, or records are read differently",
        };
        let diagnostic =
            Diagnostic::new(code, message).at(&place).see(&before.entry.version.place(&index.source), "published");
        diagnostic.help(format!("make it version {needed} ({why})")).replace_by(format!("\"{needed}\""), false)
    };
    let first = changes.first().map(|change| {
        let rest = changes.len() - 1;
        let more = if rest == 0 { String::new() } else { format!(", and {rest} more") };
        // The head of a protocol has no name; its keys do.
        let name = match change.fields.first().filter(|_| change.id.is_empty()) {
            Some(field) => field.key.as_str(),
            None => change.id.as_str(),
        };
        format!("{} in {} `{name}`{more}", change.kind.word(), change.part.word())
    });
    match first {
        Some(first) if is_same => {
            let message =
                format!("version {} is published, and this file says something else: {first}", protocol.version);
            Some(told(&codes::NOT_AS_PUBLISHED, message))
        }
        _ if is_same => None,
        Some(first) if number > last.version && !step.is_made(&last.entry.version.value, &protocol.version) => {
            let message = format!(
                "version {} is too close to the published {}: {first}",
                protocol.version, last.entry.version.value
            );
            Some(told(&codes::VERSION_TOO_LOW, message))
        }
        _ if number < last.version => {
            let message = format!("version {} is below the published {}", protocol.version, last.entry.version.value);
            Some(told(&codes::VERSION_TOO_LOW, message))
        }
        _ => None,
    }
}

/// What is different in the file, and in what it reads of the dictionary. Of the dictionary only what can change an answer counts: texts of
/// it may be corrected for all protocols at once.
fn changes(old: &Protocol, new: &Protocol) -> Vec<Change> {
    let alone = |protocol: &Protocol| Clinic {
        dictionary: protocol.dictionary.clone(),
        protocols: vec![protocol.clone()],
        untranslated: Diagnostics::default(),
    };
    let mut difference = Difference::between(&alone(old), &alone(new));
    let reads = |name: &str| [old, new].iter().any(|one| one.reads_of_dictionary().any(|read| read == name));
    let concerns = |change: &Change| match change.part {
        Part::Fact | Part::SessionFact => reads(&change.id),
        Part::Contradiction => change.facts.iter().flatten().any(|fact| reads(fact)),
        _ => false,
    };
    let dictionary =
        difference.dictionary.into_iter().filter(|change| change.effect == Effect::Answer && concerns(change));
    let dictionary: Vec<Change> = dictionary.collect();
    let own = difference.protocols.pop().map(|one| one.changes).unwrap_or_default();
    // The number itself is no change, where it was raised.
    let own = own.into_iter().filter_map(|mut change| {
        if change.part == Part::Header {
            change.fields.retain(|field| field.key != "version");
            change.effect = change.fields.iter().map(|field| field.effect).max()?;
        }
        Some(change)
    });
    own.chain(dictionary).collect()
}
