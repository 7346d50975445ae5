//! What the program says to whoever asks in German: no English is left of a protocol that is translated, and nothing but words differs.

#![cfg(feature = "cli")]

#[allow(dead_code, reason = "other tests need the rest")]
mod support;

use std::process::Command;

use serde_json::Value;
use support::{Folder, Output, repository, run};

const PROTOCOL: &str = "protocols/microneedling-acne-scars";
const MINIMAL: &str = "protocols/records/minimal.toml";
const ADULT: &str = "protocols/records/healthy-adult.toml";

fn regimen(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(repository()).args(arguments).env("NO_COLOR", "1").env("COLUMNS", "100");
    run(command, input)
}

fn ask(command: &str, record: &str, more: &[&str]) -> Output {
    regimen(&[&[command, PROTOCOL, record, "--as-of", "2026-03-02", "--lang", "de"], more].concat(), "")
}

/// Fails at the first word that is English. What stands in brackets or backticks is for programs.
fn assert_german(text: &str) {
    const ENGLISH: [&str; 24] = [
        "the", "is", "are", "of", "and", "or", "not", "until", "from", "after", "before", "with", "this", "if", "for",
        "by", "to", "yes", "session", "answer", "days", "patient", "record", "because",
    ];
    for line in text.lines() {
        let line = line.split(['`', '{', '[']).step_by(2).collect::<Vec<_>>().join(" ");
        let is_english = |word: &&str| ENGLISH.contains(&word.trim_matches([',', ':', ';', '.']));
        assert_eq!(line.split_whitespace().find(is_english), None, "{line}\nin\n{text}");
    }
}

#[test]
fn answers_are_german() {
    for (record, headline) in
        [(MINIMAL, "ZUERST FRAGEN: noch offen\n"), (ADULT, "BEHANDELN: Sitzung 1 von 4 ist fällig\n")]
    {
        let shown = ask("recommend", record, &[]);
        assert!(shown.stdout.starts_with(headline), "{}", shown.stdout);
        assert!(shown.stdout.ends_with("(Anweisungen, alle Gründe, Quellen und Herleitung: mit --full)\n"));
        assert_german(&shown.stdout);
        let whole = ask("recommend", record, &["--full"]).stdout;
        assert_german(whole.split("\nQuellen\n").next().unwrap_or_default());
        let markdown = ask("recommend", record, &["--format", "markdown"]).stdout;
        assert!(markdown.contains("\n## Herleitung\n"), "{markdown}");
        assert_german(markdown.split("\n## Quellen\n").next().unwrap_or_default());
    }
}

/// The status, the exit code, every name, number and day are the same; only what people read is not.
#[test]
fn a_program_reads_the_same_in_german() {
    const TEXTS: [&str; 15] = [
        "title",
        "reason",
        "until",
        "label",
        "value",
        "do",
        "ask",
        "sign",
        "action",
        "within",
        "each_label",
        "to",
        "assumed",
        "then",
        "because",
    ];
    fn same(own: &Value, german: &Value, key: &str) {
        match (own, german) {
            (Value::Object(own), Value::Object(german)) => {
                let keys = |all: &serde_json::Map<String, Value>| all.keys().cloned().collect::<Vec<_>>();
                match key {
                    // What people read, by names that are the same.
                    "labels" => {}
                    "provenance" => assert_eq!(own["record_sha256"], german["record_sha256"]),
                    _ => {
                        assert_eq!(keys(own), keys(german), "{key}");
                        own.iter().for_each(|(key, one)| same(one, &german[key], key));
                    }
                }
            }
            (Value::Array(own), Value::Array(german)) => {
                assert_eq!(own.len(), german.len(), "{key}");
                own.iter().zip(german).for_each(|(one, other)| same(one, other, key));
            }
            (Value::String(_), Value::String(_)) if TEXTS.contains(&key) => {}
            (own, german) => assert_eq!(own, german, "{key}"),
        }
    }
    for record in [MINIMAL, ADULT] {
        let asked = ["recommend", PROTOCOL, record, "--as-of", "2026-03-02", "--format", "json", "--explain", "full"];
        let own = regimen(&asked, "");
        let german = regimen(&[&asked[..], &["--lang", "de"]].concat(), "");
        assert_eq!(own.code, german.code);
        let read = |output: &Output| serde_json::from_str::<Value>(&output.stdout).expect("JSON");
        let (own, read) = (read(&own), read(&german));
        same(&own, &read, "");
        assert_ne!(own["title"], read["title"]);
        // Whoever verifies it needs no German.
        let verified = regimen(&["verify-trace", "-"], &german.stdout);
        assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
    }
}

#[test]
fn the_outlook_is_german() {
    for record in [MINIMAL, ADULT] {
        assert_german(&ask("when", record, &["--until", "2026-05-01"]).stdout);
    }
    let shown = ask("when", ADULT, &["--until", "2026-05-01"]).stdout;
    assert!(shown.starts_with("HEUTE: 2. März 2026\n"), "{shown}");
    assert!(shown.contains("\nWas bis wann gilt\n  2. März 2026"), "{shown}");
}

#[test]
fn a_plan_is_german() {
    let shown = regimen(
        &["plan", "protocols", ADULT, "--as-of", "2026-03-02", "--lang", "de", "--only", "microneedling-acne-scars"],
        "",
    );
    assert!(
        shown.stdout.starts_with("Patient/in P-0001 · Stand 2. März 2026 · heute möglich: 1\n"),
        "{}",
        shown.stdout
    );
    assert_german(&shown.stdout);
}

#[test]
fn an_interview_is_german_and_takes_german_answers() {
    let folder = Folder::new();
    let record = folder.path().join("anna.toml");
    let record = record.to_str().expect("a path");
    let shown = ask("ask", record, &["--patient", "P-1"]);
    assert_german(shown.stdout.split("gespeichert in").next().unwrap_or_default());
    let command = ["ask", PROTOCOL, record, "--patient", "P-1", "--as-of", "2026-03-02", "--lang", "de"];
    let shown = regimen(&command, "nein\nnie genommen\nnein\n<\n\n.\n");
    assert!(shown.stdout.contains("beantwortet: nein (Eingabetaste behält es)"), "{}", shown.stdout);
    assert_german(shown.stdout.split("gespeichert in").next().unwrap_or_default());
    let text = std::fs::read_to_string(record).expect("a record");
    assert!(text.contains("can_become_pregnant = false"), "{text}");
}

#[test]
fn a_record_to_fill_in_is_german_and_is_a_record() {
    let shown = regimen(&["record", "new", PROTOCOL, "--patient", "P-1", "--as-of", "2026-03-02", "--lang", "de"], "");
    assert!(shown.stdout.contains("# Eintragen, was bekannt ist"), "{}", shown.stdout);
    let comments = shown.stdout.lines().filter(|line| line.starts_with("# ") && !line.ends_with('='));
    assert_german(&comments.collect::<Vec<_>>().join("\n"));
    let own = regimen(&["record", "new", PROTOCOL, "--patient", "P-1", "--as-of", "2026-03-02"], "");
    let fields = |text: &str| {
        text.lines()
            .filter(|line| !line.starts_with("# ") || line.ends_with('='))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(fields(&shown.stdout), fields(&own.stdout));
}

/// A file that is written in German answers in German, without a translation.
#[test]
fn a_protocol_in_german_answers_in_german() {
    let folder = Folder::new();
    let tiny = std::fs::read_to_string(repository().join("tests/fixtures/tiny.toml")).expect("a protocol");
    let protocol = folder.path().join("tiny.toml");
    std::fs::write(&protocol, format!("language = \"de\"\n{tiny}")).expect("it is written");
    let protocol = protocol.to_str().expect("a path");
    let record = "patient = \"P\"\nrecorded = 2026-03-02\n[facts]\n";
    let shown = regimen(&["recommend", protocol, "-", "--as-of", "2026-03-02"], record);
    assert!(shown.stdout.starts_with("ZUERST FRAGEN: noch offen\n"), "{}{}", shown.stdout, shown.stderr);
    let json = regimen(&["recommend", protocol, "-", "--as-of", "2026-03-02", "--format", "json"], record);
    assert!(json.stdout.contains("\"language\": \"de\""), "{}", json.stdout);
}

/// What is doubtful of a record is told by labels, in the language that was asked for.
#[test]
fn doubts_are_german() {
    let record = r#"
patient = "P-1"
recorded = 2026-03-02
[facts]
unheard_of = true
chemotherapy = "past"
chemo_end_date = "never"
[[sessions]]
treatment = "microneedling"
date = 2026-02-20
[[sessions]]
treatment = "microneedling"
date = 2026-02-20
[[sessions]]
treatment = "rolfing"
date = 2026-02-20
[[planned]]
treatment = "microneedling"
date = 2026-02-28
[[planned]]
treatment = "microneedling"
date = 2026-03-05
"#;
    let shown = regimen(&["recommend", PROTOCOL, "-", "--as-of", "2026-03-02", "--lang", "de", "--full"], record);
    let doubts = shown.stdout.split("\nAuffälligkeiten\n").nth(1).unwrap_or_default();
    let doubts = doubts.split("\n\n").next().unwrap_or_default();
    let told = doubts.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "R402 kein Protokoll fragt nach `unheard_of` die Angabe wird nicht verwendet; in facts.toml festlegen",
        "R412 kein Protokoll nennt die Behandlung `rolfing` ihre Sitzungen werden nicht gezählt",
        "R417 diese Sitzung (Microneedling, 20. Februar 2026) ist schon eingetragen",
        "R419 Eine beendete Chemotherapie hat an einem Tag geendet: Chemotherapie: früher; Ende der Chemotherapie: nie",
        "R420 der Termin (Microneedling) am 28. Februar 2026 liegt vor dem Stichtag 2. März 2026",
        "R421 der Termin (Microneedling) am 5. März 2026 ist zu früh (Abstand",
    ] {
        assert!(told.contains(said), "{said}\n{told}\n{}", shown.stderr);
    }
    assert_german(doubts);
    let brief = regimen(&["recommend", PROTOCOL, "-", "--as-of", "2026-03-02", "--lang", "de"], record);
    assert!(brief.stdout.contains("\nAuffälligkeiten\n"), "{}", brief.stdout);
}
