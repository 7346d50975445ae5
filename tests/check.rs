//! What `regimen check` says to a clinic manager, word by word.
//!
//! `tests/broken` holds small files with planted mistakes. The lines `#~ R103 titel` at the head of a file are the intention of who
//! planted them: the code of each mistake, and the text that must be underlined. What is printed is a snapshot beside this file.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regimen::cases::Case;
use regimen::diagnostic::{Diagnostics, codes, render};
use regimen::{Clinic, Date, Notation, Record, check};

/// Files of which something else is said than was intended, and why that is so.
const OTHERWISE: &[(&str, &str)] = &[
    ("R101-accent-in-bare-key", "the same slip is told twice: as syntax and as a name"),
    ("R101-colon", "the rest of the table is lost, and its keys are told to be missing"),
    ("R101-date-with-dots", "one slip is told three times"),
    ("R101-double-quotes-in-double-quotes", "the half of the expression before the quote is read too"),
    ("R101-fact-twice", "every key of the second table is told, not only its header"),
    ("R101-half-closed-header", "the header's keys fall into the table before it"),
    ("R101-key-with-space", "the key is told to be missing too"),
    ("R101-missing-equals", "the rest of the table is lost, and its keys are told to be missing"),
    ("R101-number-with-unit", "the same slip is told twice"),
    ("R101-several-at-once", "two of the slips are told twice"),
    ("R101-single-quotes-in-single-quotes", "the half of the expression before the quote is read too"),
    ("R101-table-and-list", "the same slip is told twice"),
    ("R101-unclosed-header", "the next header is taken for part of it"),
    ("R101-unclosed-inline-table", "every key that follows is told"),
    ("R101-unclosed-list", "every line that follows is told, forty times over"),
    ("R101-unclosed-multi-line", "the keys inside the text are told to be missing, and the text to be wrong"),
    ("R104-choice-without-choices", "the fact is told to be missing where it is used"),
    ("R105-date-with-time", "a time of day is told to be no date"),
    ("R105-double-brackets", "the fact is told to be missing where it is used"),
    ("R105-fact-on-one-line", "the fact is told to be missing where it is used"),
    ("R105-numbers-for-texts", "choices that were refused are told to be missing"),
    ("R106-words", "a fact whose type was refused is taken for a text where it is used"),
    ("R107-month-without-quotes", "the beginning of a date is taken for a time of day"),
    ("R108-shorter-than-nothing", "a wait shorter than nothing is not noticed"),
    ("R109-session-zero", "the reference is read as an expression"),
    ("R205-word-of-rhai", "a name that no expression can use is not noticed where it is declared"),
    ("R206-instead", "a protocol that stands alone cannot know the others"),
    ("R301-at-least-sign", "the token before the mistake is underlined"),
    ("R301-equals-less", "only the second half of the operator is underlined"),
    ("R301-not", "the word after `not` is underlined"),
    ("R301-not-after-and", "the word after `not` is underlined"),
    ("R301-single-quotes-in-double-quotes", "the token before the mistake is underlined"),
    ("R301-typographic-quotes", "the token before the mistake is underlined"),
    ("R301-unclosed-text", "the token before the mistake is underlined"),
    ("R301-unequal", "only the second half of the operator is underlined"),
    ("R302-comment", "a comment hides part of a condition, and nothing is said"),
    ("R303-values", "a mistake in the condition of a row hides those in its values"),
    ("R304-range", "the units of a range are told as a mistake of type"),
    ("R502-no-longer-in-force", "the first line of the file is underlined"),
    ("R502-not-yet-in-force", "the first line of the file is underlined"),
    ("R503-retired", "the first line of the file is underlined"),
    ("R504-draft", "the first line of the file is underlined"),
    ("R701-or-and", "a rule that never fires is told to be shadowed too"),
    ("R707-choices", "the first line of the file is underlined"),
    ("R711-no-source", "red flags are not looked at"),
    ("at-accents-and-emoji", "the token before the mistake is underlined"),
    ("at-both-ends", "what follows a line that is no TOML is not looked at"),
    ("at-crlf", "an escaped quote at the end is underlined by half"),
    ("at-dotted-keys", "a fact whose type was refused is taken for a text where it is used"),
    ("at-escapes", "an escaped quote at the end is underlined by half"),
    ("at-folded-lines", "an escaped quote at the end is underlined by half"),
    ("at-the-very-end", "the same slip is told twice"),
    ("cases-R107-expected-dates", "expected dates are compared as texts and never read"),
    ("clinics-R206-instead", "the ids in `instead` are not looked up"),
    ("records-R405-treatment", "the header of the session is underlined, not its treatment"),
];

/// Codes that no file here can bring about.
const ELSEWHERE: &[(&str, &str)] = &[("R501", "said by `regimen test` of a path without cases")];

fn as_of() -> Date {
    "2026-03-02".parse().unwrap()
}

/// A broken file: its name, and how it is looked at.
struct Broken {
    /// `R103-hyphen`, `records-R401-future`: the name of its snapshot.
    name: String,
    /// The file that says what is planted.
    path: String,
    found: Diagnostics,
}

/// The entries of a folder in the order of their names, as paths with forward slashes.
fn list(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names.into_iter().map(|name| format!("{folder}/{name}")).collect()
}

fn stem(path: &str) -> String {
    Path::new(path).file_stem().unwrap().to_str().unwrap().to_owned()
}

/// Everything that can be said of a clinic or protocol: mistakes, then what analysis finds.
fn look(path: &str, whole: bool) -> Diagnostics {
    let (clinic, mut found) = Clinic::read(Path::new(path));
    if !found.has_errors() {
        found.append(check::check(&clinic, as_of(), whole));
    }
    if stem(path).starts_with("R50") {
        clinic.protocols.iter().for_each(|protocol| found.append(protocol.usable(as_of())));
    }
    found.sort();
    found
}

fn sound() -> Clinic {
    let (clinic, warnings) = Clinic::load("tests/broken/sound").unwrap();
    assert!(warnings.is_empty());
    clinic
}

fn record(path: &str, clinic: &Clinic) -> Diagnostics {
    let mut found = Diagnostics::default();
    let Some(source) = regimen::protocol::load::read_file(Path::new(path), &mut found) else { return found };
    let (record, mistakes) = Record::read(&source, Notation::of(path), &clinic.dictionary);
    found.append(mistakes);
    found.append(record.check(&clinic.dictionary, as_of()));
    clinic.protocols.iter().for_each(|protocol| found.append(protocol.doubts(&record)));
    found.sort();
    found
}

fn case(path: &str, clinic: &Clinic) -> Diagnostics {
    match Case::load(Path::new(path), &clinic.protocols[0]) {
        Ok((_, warnings)) => warnings,
        Err(mistakes) => mistakes,
    }
}

fn all() -> Vec<Broken> {
    let mut all = Vec::new();
    for path in list("tests/broken").into_iter().filter(|path| path.ends_with(".toml")) {
        all.push(Broken { name: stem(&path), found: look(&path, false), path });
    }
    let clinic = sound();
    for path in list("tests/broken/records") {
        all.push(Broken { name: format!("records-{}", stem(&path)), found: record(&path, &clinic), path });
    }
    for path in list("tests/broken/sound/cases") {
        all.push(Broken { name: format!("cases-{}", stem(&path)), found: case(&path, &clinic), path });
    }
    for path in list("tests/broken/clinics") {
        let name = format!("clinics-{}", Path::new(&path).file_name().unwrap().to_str().unwrap());
        all.push(Broken { name, found: look(&path, true), path: format!("{path}/facts.toml") });
    }
    all
}

/// What was planted, if the file says so: `R103 titel`.
fn planted(path: &str) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(path).ok()?;
    let lines = text.lines().filter_map(|line| line.strip_prefix("#~ "));
    // JSON has no comments.
    path.ends_with(".toml").then(|| lines.map(|line| line.trim_end_matches('\r').to_owned()).collect())
}

/// What was found, in the same form: the code, and the first line of what is underlined.
fn told(found: &Diagnostics) -> Vec<String> {
    let mut told: Vec<String> = found
        .iter()
        .map(|diagnostic| {
            let text = diagnostic.label.as_ref().map_or("", |label| label.place.text());
            format!("{} {}", diagnostic.code.id, text.lines().next().unwrap_or(""))
        })
        .collect();
    told.sort();
    told
}

#[test]
fn every_file_is_told_as_it_was() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    let changed: Vec<String> = all()
        .into_iter()
        .filter(|broken| {
            let text = render::human(&broken.found, false);
            let snapshot = || settings.bind(|| insta::assert_snapshot!(broken.name.as_str(), text));
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(snapshot)).is_err()
        })
        .map(|broken| broken.name)
        .collect();
    assert!(changed.is_empty(), "{changed:#?}");
}

#[test]
fn exactly_what_was_planted_is_underlined() {
    let mut wrong = Vec::new();
    for broken in all() {
        let Some(mut planted) = planted(&broken.path) else { continue };
        planted.sort();
        let told = told(&broken.found);
        let otherwise = OTHERWISE.iter().any(|(name, _)| *name == broken.name);
        if (planted == told) == otherwise {
            wrong.push(format!("{}\n  planted {planted:?}\n  told    {told:?}", broken.name));
        }
    }
    assert!(wrong.is_empty(), "{} files\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_code_is_brought_about() {
    let mut met: BTreeSet<&str> = all().iter().flat_map(|broken| broken.found.iter().map(|one| one.code.id)).collect();
    let missing = look("tests/broken/no-such-file.toml", false);
    met.extend(missing.iter().map(|one| one.code.id));
    for (code, why) in ELSEWHERE {
        assert!(met.insert(code), "{code} is brought about after all: {why}");
    }
    let never: Vec<&str> = codes::ALL.iter().map(|code| code.id).filter(|id| !met.contains(id)).collect();
    assert!(never.is_empty(), "{never:?}");
}

#[test]
fn snapshots_have_files() {
    let names: BTreeSet<String> = all().into_iter().map(|broken| format!("check__{}.snap", broken.name)).collect();
    for entry in std::fs::read_dir("tests/snapshots").unwrap() {
        let file: PathBuf = entry.unwrap().path();
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(!name.starts_with("check__") || names.contains(name), "{name} belongs to no file");
    }
}
