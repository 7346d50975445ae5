//! One cause, one message: what is told of a clinic whose files were mixed up, and of cases that nothing can fulfil.

#![cfg(feature = "cli")]

mod support;

use std::process::Command;

use support::{Folder, repository, run};

/// What `check` tells of a clinic, by its first lines.
fn told(folder: &Folder) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).env("NO_COLOR", "1");
    command.args(["check", "clinic", "--as-of", "2026-03-02", "--no-notes", "--format", "plain"]);
    let ran = run(command, "");
    let is_told = |line: &&str| line.contains("error[") || line.contains("warning[");
    ran.stdout.lines().filter(is_told).map(str::to_owned).collect()
}

fn shipped(name: &str) -> String {
    std::fs::read_to_string(repository().join("protocols").join(name)).expect("a file")
}

#[test]
fn a_lost_dictionary_is_one_mistake() {
    let clinic = |facts: Option<String>, protocol: String| {
        let folder = Folder::new();
        folder.write("clinic/needling/protocol.toml", protocol);
        facts.into_iter().for_each(|facts| folder.write("clinic/facts.toml", facts));
        told(&folder)
    };
    let needling = || shipped("microneedling-acne-scars/protocol.toml");
    for (facts, protocol, cause) in [
        (None, needling(), "there is no `facts.toml` in clinic: none of the"),
        (Some(String::new()), needling(), "`facts.toml` declares no fact: none of the"),
        (Some("# nothing\n".to_owned()), needling(), "`facts.toml` declares no fact: none of the"),
        (Some(needling()), needling(), "`facts.toml` is a protocol, not a dictionary"),
        (Some(shipped("facts.toml")), shipped("facts.toml"), "`protocol.toml` is a dictionary, not a protocol"),
    ] {
        let found = clinic(facts, protocol);
        let errors: Vec<&String> = found.iter().filter(|line| line.contains("error[")).collect();
        assert!(errors.len() == 1 && errors[0].contains(cause), "{cause}: {found:#?}");
    }
}

#[test]
fn the_translation_of_another_protocol_is_one_mistake() {
    let folder = Folder::new();
    folder.copy("protocols/facts.toml", "clinic/facts.toml");
    folder.copy("protocols/hpv/protocol.toml", "clinic/hpv/protocol.toml");
    folder.copy("protocols/microneedling-acne-scars/protocol.de.toml", "clinic/hpv/protocol.de.toml");
    let found: Vec<String> = told(&folder).into_iter().filter(|line| line.contains("protocol.de.toml")).collect();
    assert!(
        found.len() == 1 && found[0].contains("texts of this file are not in the file that it translates"),
        "{found:#?}"
    );
}

/// A clinic of one protocol with cases that are written so.
fn with_cases(cases: &[(&str, &str)]) -> Vec<String> {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "clinic/peel/protocol.toml");
    folder.write("clinic/facts.toml", "");
    for (name, rest) in cases {
        let head = "as_of = 2026-03-02\npatient = \"P\"\nrecorded = 2026-03-02\nsessions = []";
        folder.write(&format!("clinic/peel/cases/{name}"), format!("title = \"{name}\"\n{head}\n{rest}\n"));
    }
    told(&folder).into_iter().filter(|line| line.contains("cases")).collect()
}

#[test]
fn a_lost_record_is_one_mistake() {
    let rest = "record = \"../../adult.toml\"\n[expect]\nstatus = \"due\"";
    let found = with_cases(&[("a.toml", rest), ("b.toml", rest), ("c.toml", rest)]);
    let message = "there is no record `../../adult.toml`, and 3 cases start from it";
    assert!(found.len() == 1 && found[0].contains(message), "{found:#?}");
}

#[test]
fn what_no_answer_can_be_is_told_of_a_case() {
    for (expect, message) in [
        ("status = \"due\"\nnot_before = 2026-05-01", "may be done on the day of the case, and `not_before` is later"),
        ("status = \"overdue\"\nno_sooner_than = 2026-05-01", "and `no_sooner_than` is later"),
        ("status = \"deferred\"\nnot_before = 2026-02-03", "`not_before` is before the day of the case"),
        (
            "status = \"deferred\"\nnot_before = 2026-05-01\nno_sooner_than = 2026-05-01",
            "`no_sooner_than` and `not_before` are never in one answer",
        ),
        ("status = \"due\"\nreasons = [\"pregnant\"]", "whoever `pregnant` applies to is not `due`"),
    ] {
        let found = with_cases(&[("a.toml", &format!("[expect]\n{expect}"))]);
        assert!(found.len() == 1 && found[0].contains(message), "{expect}: {found:#?}");
    }
    let sound = "[expect]\nstatus = \"deferred\"\nnot_before = 2026-05-01\nno_sooner_than = \"none\"";
    assert_eq!(with_cases(&[("a.toml", sound)]), Vec::<String>::new());
    // What a system puts beside a file is no case.
    assert_eq!(with_cases(&[("._a.toml", "\u{0}"), ("~$a.toml", "x")]), Vec::<String>::new());
}

#[test]
fn a_lost_heading_of_a_case_is_one_mistake() {
    let expect = "[expect]\nstatus = \"due\"";
    for facts in ["skin = \"dry\"\nkeloids = false", "facts\nskin = \"dry\"\nkeloids = false"] {
        let found = with_cases(&[("a.toml", &format!("{facts}\n{expect}"))]);
        assert!(found.len() == 1 && found[0].contains("error["), "{facts}: {found:#?}");
    }
}

#[test]
fn another_word_for_a_key_is_one_mistake() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(repository().join("tests/fixtures/tiny.toml")).expect("a file");
    let asked = "ask       = \"Are you pregnant?\"";
    assert!(text.contains(asked));
    folder.write("clinic/peel/protocol.toml", text.replace(asked, "question  = \"Are you pregnant?\""));
    folder.write("clinic/facts.toml", "");
    let found = told(&folder);
    assert!(found.len() == 1 && found[0].contains("has no key `question`"), "{found:#?}");
}
