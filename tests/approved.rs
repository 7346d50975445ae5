//! What `regimen test` finds changed, and what `--accept` approves.

mod support;

use std::process::Command;

use support::{Folder, Output, run};

const CASE: &str = "title   = \"An oily skin with five spots\"\nas_of   = 2026-03-02\nexplain = \"rules\"\nsessions = []\n\
    [facts]\ndate_of_birth = 1990-05-01\npregnant = false\nkeloids = false\nskin = \"dry\"\nmedicines = []\n\
    zones = [\"cheek\"]\nspots = 5\nhba1c = 5.0\nlast_sunburn_date = \"never\"\nsmoker = \"never\"\n[expect]\nstatus = \"due\"\n";

const PROTOCOL: &str = "clinic/peel/protocol.toml";
const TRACE: &str = "clinic/peel/cases/first.snap";
const SHEET: &str = "clinic/peel/protocol.sheet.md";
const DICTIONARY: &str = "clinic/facts.sheet.md";

fn test(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).args([&["test", "clinic"], arguments].concat()).env("NO_COLOR", "1");
    run(command, "")
}

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn write(folder: &Folder, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).expect("it can be written");
}

fn replace(folder: &Folder, name: &str, from: &str, to: &str) {
    let text = read(folder, name);
    assert!(text.contains(from), "{from}\n{text}");
    write(folder, name, &text.replace(from, to));
}

/// A clinic with a dictionary, a protocol and a case, all approved.
fn clinic() -> Folder {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", PROTOCOL);
    std::fs::create_dir(folder.path().join("clinic/peel/cases")).expect("a folder");
    let facts = "[facts.smoker]\ntype = \"choice\"\nchoices = [\"every_day\", \"never\"]\nask = \"Do you smoke?\"\n\
                 of = \"patient\"\nvalid_for = \"30 days\"\n";
    write(&folder, "clinic/facts.toml", facts);
    write(&folder, "clinic/peel/cases/first.toml", CASE);
    assert_eq!(test(&folder, &[]).stderr, "0 passed, 3 failed\n  new: 1 trace, 2 sheets\n");
    let accepted = test(&folder, &["--accept"]);
    assert_eq!(accepted.stderr, "1 passed, 0 failed\n  accepted, new: 1 trace, 2 sheets\n", "{}", accepted.stdout);
    assert_eq!(
        test(&folder, &[]),
        Output { stdout: String::new(), stderr: "1 passed, 0 failed\n".into(), code: Some(0) }
    );
    folder
}

#[test]
fn a_text_that_says_the_opposite_shows_on_the_sheet_alone() {
    let folder = clinic();
    let trace = read(&folder, TRACE);
    replace(&folder, PROTOCOL, "Half the time, and look every minute.", "Twice the time, and do not look.");
    let found = test(&folder, &[]);
    assert_eq!(found.stderr, "1 passed, 1 failed\n  wording changed: 1 sheet\n");
    assert!(found.stdout.starts_with(&format!("FAILED {SHEET}\n")), "{}", found.stdout);
    assert!(found.stdout.contains("\n  - - ") && found.stdout.contains("do not look"), "{}", found.stdout);
    // What is accepted is shown once more.
    let accepted = test(&folder, &["--accept"]);
    assert_eq!(accepted.stderr, "1 passed, 0 failed\n  accepted, wording changed: 1 sheet\n");
    assert!(accepted.stdout.contains("do not look"), "{}", accepted.stdout);
    assert_eq!(read(&folder, TRACE), trace);
}

#[test]
fn a_choice_that_reads_as_its_opposite_shows_on_the_dictionarys_sheet() {
    let folder = clinic();
    replace(&folder, "clinic/facts.toml", "\"every_day\", \"never\"", "\"never\", \"every_day\"");
    let found = test(&folder, &[]);
    assert_eq!(found.stderr, "1 passed, 1 failed\n  wording changed: 1 sheet\n");
    assert!(found.stdout.contains(DICTIONARY), "{}", found.stdout);
    assert!(
        found.stdout.contains("-   - one of: every_day, never\n  +   - one of: never, every_day"),
        "{}",
        found.stdout
    );
    // A fact that a protocol declares itself stands on the protocol's sheet.
    replace(&folder, "clinic/facts.toml", "\"never\", \"every_day\"", "\"every_day\", \"never\"");
    replace(&folder, PROTOCOL, "range     = [0, 200]", "range     = [0, 20]");
    let found = test(&folder, &[]);
    assert!(found.stdout.contains("-   - whole number, 0 to 200\n  +   - whole number, 0 to 20\n"), "{}", found.stdout);
}

#[test]
fn another_answer_is_accepted_only_where_that_is_said() {
    let folder = clinic();
    let trace = read(&folder, TRACE);
    // The case says nothing of the precaution, so that nothing but the trace tells.
    replace(&folder, PROTOCOL, "sensitive  = 'skin == \"dry\" ||", "sensitive  = 'skin == \"oily\" ||");
    let found = test(&folder, &[]);
    let (answers, sheet) = ("answers changed: 1 (course 1, precautions 1)", "wording changed: 1 sheet");
    assert!(found.stderr.contains(answers) && found.stderr.contains(sheet), "{}", found.stderr);
    assert!(found.stdout.contains("  another answer: precautions, course ("), "{}", found.stdout);
    assert!(found.stdout.contains("    precautions\n  -   sensitive-skin\n"), "{}", found.stdout);
    let refused = test(&folder, &["--accept"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.starts_with("0 passed, 1 failed\n  answers changed: 1"), "{}", refused.stderr);
    assert!(refused.stderr.contains("`--accept --answers` only"), "{}", refused.stderr);
    assert_eq!(read(&folder, TRACE), trace);
    let accepted = test(&folder, &["--accept", "--answers"]);
    assert!(accepted.stderr.starts_with("1 passed, 0 failed\n  accepted, answers changed: 1"), "{}", accepted.stderr);
    assert!(read(&folder, TRACE) != trace);
    assert_eq!(test(&folder, &[]).stderr, "1 passed, 0 failed\n");
    // Alone it would do nothing.
    assert_eq!(test(&folder, &["--answers"]).code, Some(2));
}

#[test]
fn other_reasons_for_the_same_answer_are_told_apart() {
    let folder = clinic();
    let rule = "\n[[contraindication]]\nid = \"smoker\"\nwhen = 'smoker == \"every_day\"'\nlasts = \"while-true\"\n\
                reason = \"Smoke.\"\nsources = [\"custom\"]\n";
    let text = read(&folder, PROTOCOL);
    write(&folder, PROTOCOL, &(text + rule));
    let found = test(&folder, &[]);
    assert!(found.stderr.contains("\n  only reasons changed: 1 trace\n"), "{}{}", found.stdout, found.stderr);
    assert!(found.stdout.contains("    trace\n") && found.stdout.contains("+   no       contraindication.smoker"));
    let accepted = test(&folder, &["--accept"]);
    assert!(accepted.stderr.contains("accepted, only reasons changed: 1 trace\n"), "{}", accepted.stderr);
    replace(&folder, "clinic/peel/cases/first.toml", "An oily skin", "A dry skin");
    assert!(test(&folder, &[]).stderr.ends_with("1 failed\n  wording changed: 1 title\n"));
}

#[test]
fn an_expectation_that_is_missed_is_never_accepted() {
    let folder = clinic();
    replace(&folder, "clinic/peel/cases/first.toml", "status = \"due\"", "status = \"deferred\"");
    for arguments in [&[][..], &["--accept"], &["--accept", "--answers"]] {
        let found = test(&folder, arguments);
        assert_eq!(found.stderr, "0 passed, 1 failed\n  expectations missed: 1\n");
    }
}

/// As some systems write them when a repository is checked out.
#[test]
fn the_ends_of_lines_make_no_difference() {
    let folder = clinic();
    for name in [TRACE, SHEET, DICTIONARY] {
        let text = read(&folder, name);
        write(&folder, name, &text.replace('\n', "\r\n"));
    }
    assert_eq!(test(&folder, &[]).stderr, "1 passed, 0 failed\n");
    replace(&folder, TRACE, "as of                     2026-03-02", "as of                     2026-03-03");
    let found = test(&folder, &[]);
    let lines: Vec<&str> =
        found.stdout.lines().filter(|line| line.starts_with("  - ") || line.starts_with("  + ")).collect();
    assert_eq!(lines.len(), 2, "{}", found.stdout);
}

#[test]
fn what_cannot_be_read_is_not_taken_for_missing() {
    let folder = clinic();
    for name in [TRACE, SHEET] {
        let text = read(&folder, name);
        std::fs::write(folder.path().join(name), b"\xff\xfe\x00").expect("it can be written");
        let found = test(&folder, &["--accept", "--answers"]);
        assert_eq!(found.code, Some(1));
        assert!(found.stdout.contains("not UTF-8 text"), "{}", found.stdout);
        assert_eq!(std::fs::read(folder.path().join(name)).expect("a file"), b"\xff\xfe\x00");
        write(&folder, name, &text);
    }
}
