//! Answers in German: every phrase has an entry, and nothing that is told is written past the table.

use std::collections::BTreeSet;
use std::path::Path;

use super::{TextStyle, brief, plan_brief, plan_text, ranked_text, text};
use crate::cases::{Cases, of_protocol};
use crate::plan::{Asked, plan};
use crate::speech::tests::{MISSING, fixed_parts};
use crate::{Clinic, Depth, Notation, Protocol, Recommendation, Record, Request};

/// A line that nothing wraps.
const WIDE: TextStyle = TextStyle { width: 1_000_000, colour: false };

/// Words that German has not.
const ENGLISH: [&str; 40] = [
    "the", "is", "are", "of", "and", "or", "not", "until", "from", "after", "before", "with", "this", "that", "known",
    "today", "if", "for", "by", "on", "be", "as", "to", "no", "yes", "session", "sessions", "course", "answer", "day",
    "days", "weeks", "months", "patient", "record", "because", "could", "holds", "true", "never",
];

fn shipped() -> Clinic {
    let (clinic, found) = Clinic::read_in(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/protocols")), Some("de"));
    assert!(!found.has_errors(), "{found}");
    clinic
}

fn answers(protocol: &Protocol, depth: Depth) -> Vec<Recommendation> {
    let mut cases = Cases::of(protocol);
    let answer = |path: &std::path::PathBuf| {
        let (case, _) = cases.load(path).unwrap_or_else(|found| panic!("{found}"));
        let request = case.request.clone().explain(depth);
        protocol.recommend(&case.record, &request).unwrap_or_else(|found| panic!("{found}"))
    };
    of_protocol(protocol).iter().map(answer).collect()
}

fn assert_no_phrase_is_missing() {
    let missing: BTreeSet<String> = MISSING.take().into_iter().collect();
    assert_eq!(missing, BTreeSet::new());
}

#[test]
fn the_answers_of_all_shipped_cases_lack_no_phrase() {
    let parts = fixed_parts();
    let dictionary = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/protocols/facts.toml"));
    let dictionary = dictionary.expect("the dictionary");
    for protocol in &shipped().protocols {
        // What the files themselves say in English is theirs.
        let own = format!("{}{dictionary}", protocol.file.text);
        let parts: Vec<&&str> = parts.iter().filter(|part| !own.contains(part.trim())).collect();
        let answers = answers(protocol, Depth::Rules);
        for answer in &answers {
            let all = [text(answer, WIDE), brief(answer, WIDE)];
            for line in all.iter().flat_map(|told| told.lines()) {
                assert_eq!(parts.iter().find(|part| line.contains(**part)), None, "{}: {line}", protocol.id);
            }
        }
        assert!(answers.is_empty() || ranked_text(&answers, WIDE).starts_with("Patient/in "));
    }
    assert_no_phrase_is_missing();
}

/// Of a protocol that is translated, everything is German but names for programs, expressions, and the titles of sources.
#[test]
fn no_english_word_is_left() {
    let clinic = shipped();
    let protocol = clinic.protocols.iter().find(|one| one.language == "de").expect("one in German");
    let of_sources = protocol.sources.iter().map(|source| source.title.as_str());
    // Other protocols are translated or not.
    let titles: Vec<&str> = of_sources.chain(clinic.protocols.iter().map(|one| one.title.as_str())).collect();
    for answer in answers(protocol, Depth::Rules) {
        for told in [text(&answer, WIDE), brief(&answer, WIDE)] {
            let lines = told.lines().filter(|line| !titles.iter().any(|title| line.contains(title)));
            for line in lines {
                // What stands in brackets or backticks is for a program.
                let line = line.split(['`', '{', '[']).step_by(2).collect::<Vec<_>>().join(" ");
                let line = line.replace("(true)", "").replace("(false)", "").replace("(never)", "");
                let word = line.split(' ').find(|word| ENGLISH.contains(&word.trim_matches([',', ':', ';', '.'])));
                assert_eq!(word, None, "{line}");
            }
        }
    }
}

#[test]
fn a_plan_lacks_no_phrase() {
    let clinic = shipped();
    for name in ["healthy-adult", "healthy-man", "minimal"] {
        let path = format!("{}/protocols/records/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).expect("a record");
        let read = |protocol: &Protocol| Record::from_text(&path, &text, Notation::Toml, &protocol.dictionary);
        let records: Vec<Record> = clinic.protocols.iter().map(|one| read(one).expect("a sound record").0).collect();
        let request = Request::new("2026-03-02".parse().expect("a day"));
        let asked = clinic.protocols.iter().zip(&records);
        let asked: Vec<Asked<'_>> =
            asked.map(|(protocol, record)| Asked { protocol, record, request: request.clone() }).collect();
        let plan = plan(&asked, &["microneedling-acne-scars".to_owned()]).unwrap_or_else(|found| panic!("{found}"));
        assert!(plan_text(&plan, WIDE).starts_with("Patient/in "));
        assert!(plan_brief(&plan, WIDE).starts_with("Patient/in "));
    }
    assert_no_phrase_is_missing();
}
