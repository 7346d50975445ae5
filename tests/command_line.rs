//! What the commands do with what they are given: input, parameters, days, and a reader that goes away.

#![cfg(feature = "cli")]

mod support;

use std::process::{Command, Stdio};

use support::{Folder, Output, run};

const RECORD: &str =
    "patient = \"P-1\"\nrecorded = 2026-03-02\n[facts]\npregnant = false\nspots = 5\nkeloids = false\n";

fn tiny() -> Folder {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "tiny.toml");
    std::fs::write(folder.path().join("record.toml"), RECORD).expect("it can be written");
    folder
}

fn regimen(folder: &Folder, arguments: &[&str], stdin: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).args(arguments).env("NO_COLOR", "1");
    run(command, stdin)
}

fn recommend(folder: &Folder, arguments: &[&str]) -> Output {
    let all = [&["recommend", "tiny.toml", "record.toml", "--as-of", "2026-03-02"], arguments].concat();
    regimen(folder, &all, "")
}

/// Changes the protocol.
fn with(folder: &Folder, from: &str, to: &str) {
    let path = folder.path().join("tiny.toml");
    let text = std::fs::read_to_string(&path).expect("a text");
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replace(from, to)).expect("it can be written");
}

#[test]
fn a_record_is_the_same_from_a_file_from_a_pipe_and_in_json() {
    let folder = tiny();
    let answer = |output: Output| {
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{}", output.stdout);
        // The hash of the record's text differs.
        output.stdout.lines().filter(|line| !line.contains("record ")).collect::<Vec<_>>().join("\n")
    };
    let json = r#"{"patient":"P-1","recorded":"2026-03-02","facts":{"pregnant":false,"spots":5,"keloids":false}}"#;
    let from_file = answer(recommend(&folder, &[]));
    let pipe = ["recommend", "tiny.toml", "-", "--as-of", "2026-03-02"];
    assert_eq!(answer(regimen(&folder, &pipe, RECORD)), from_file);
    assert_eq!(answer(regimen(&folder, &pipe, json)), from_file);
    std::fs::write(folder.path().join("record.json"), json).expect("it can be written");
    assert_eq!(
        answer(regimen(&folder, &["recommend", "tiny.toml", "record.json", "--as-of", "2026-03-02"], "")),
        from_file
    );
}

#[test]
fn parameters_are_set_within_their_range_and_signed_for() {
    let folder = tiny();
    let set = recommend(&folder, &["--set", "few_spots=5", "--format", "json"]);
    assert!(set.stdout.contains(r#""used": "5""#), "{}", set.stdout);
    for (wrong, told) in [
        ("few_spots=6", "can be 1 to 5"),
        ("few_spots=many", "`few_spots` is a whole number, and `many` is a text"),
        ("few_spotz=3", "did you mean `few_spots`?"),
        ("few_spots", "should be PARAMETER=VALUE"),
        ("sunburn_wait=6 days", "can be 7 days to 28 days"),
    ] {
        let output = recommend(&folder, &["--set", wrong]);
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{wrong}");
        assert!(output.stderr.contains(told), "{wrong}: {}", output.stderr);
    }
    let twice = recommend(&folder, &["--set", "few_spots=5", "--set", "few_spots = 4"]);
    assert!(twice.code == Some(2) && twice.stderr.contains("`few_spots` is set twice"), "{}", twice.stderr);
    // What is a number of days takes no months, and the short answer says what was set.
    let months = recommend(&folder, &["--set", "sunburn_wait=1 month"]);
    assert!(months.code == Some(2) && months.stderr.contains("days or weeks"), "{}", months.stderr);
    let told = recommend(&folder, &["--set", "sunburn_wait=21 days"]);
    assert!(told.stdout.contains("Set for this answer\n  - sunburn_wait = 21 days"), "{}", told.stdout);
}

#[test]
fn only_a_protocol_in_force_answers() {
    let folder = tiny();
    let early = regimen(&folder, &["recommend", "tiny.toml", "record.toml", "--as-of", "2025-12-31"], "");
    assert_eq!((early.code, early.stdout.as_str()), (Some(1), ""));
    assert!(early.stderr.contains("in force from 2026-01-01"), "{}", early.stderr);
    with(&folder, "status    = \"active\"", "status    = \"draft\"");
    let draft = recommend(&folder, &[]);
    assert_eq!((draft.code, draft.stderr.as_str()), (Some(0), ""));
    assert!(draft.stdout.starts_with("DRAFT – not for patients · "), "{}", draft.stdout);
    let strict = recommend(&folder, &["--strict"]);
    assert_eq!(strict.code, Some(1), "a draft is doubtful");
    assert!(strict.stderr.contains("is a draft"), "{}", strict.stderr);
    with(&folder, "status    = \"draft\"", "status    = \"retired\"");
    let retired = recommend(&folder, &[]);
    assert_eq!((retired.code, retired.stdout.as_str()), (Some(1), ""));
    assert!(retired.stderr.contains("is retired"), "{}", retired.stderr);
}

#[test]
fn what_is_doubtful_in_a_record_is_told_and_with_strict_refused() {
    let folder = tiny();
    let record = RECORD.replace("spots = 5", "spots = 5\nshoe_size = 45");
    std::fs::write(folder.path().join("record.toml"), record).expect("it can be written");
    let told = recommend(&folder, &[]);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
    assert!(told.stdout.contains("no protocol asks for `shoe_size`"), "{}", told.stdout);
    let refused = recommend(&folder, &["--strict"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
}

/// What is doubtful about a course stops `recommend --strict` as it stops `batch --strict`.
#[test]
fn what_is_doubtful_in_a_course_is_refused_with_strict() {
    let folder = tiny();
    let twice = "[[sessions]]\ntreatment = \"peel\"\ndate = 2026-02-01\nstrength = 20\n\
                 [[sessions]]\ntreatment = \"peel\"\ndate = 2026-02-01\nstrength = 30\n";
    let unknown = "[[sessions]]\ntreatment = \"peel\"\ndate = \"2020\"\nnoted_twice = false\n".repeat(12);
    for (sessions, code) in [(twice, "R417"), (unknown.as_str(), "R418")] {
        std::fs::write(folder.path().join("record.toml"), format!("{RECORD}{sessions}")).expect("it can be written");
        let told = recommend(&folder, &["--format", "json"]);
        assert!(told.code == Some(0) && told.stdout.contains(code), "{}", told.stdout);
        let refused = recommend(&folder, &["--strict"]);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{code}");
        assert!(refused.stderr.contains(&format!("[{code}]")), "{}", refused.stderr);
    }
}

#[test]
fn a_wrong_command_line_is_refused_with_help() {
    let folder = tiny();
    for wrong in [
        &["recommend"][..],
        &["recomend", "tiny.toml"],
        &["recommend", "tiny.toml", "record.toml"],
        &["recommend", "tiny.toml", "record.toml", "--as-of", "yesterday"],
        &["recommend", "tiny.toml", "record.toml", "--as-of", "2026-02-30"],
        &["recommend", "tiny.toml", "record.toml", "--as-of", "2026-03-02", "--explain", "everything"],
        &["check"],
        &["explain", "R999"],
        &["schema", "poem"],
    ] {
        let output = regimen(&folder, wrong, "");
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{wrong:?}: {}", output.stderr);
        assert!(output.stderr.starts_with("error: "), "{wrong:?}: {}", output.stderr);
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tiny();
    for (arguments, named) in [
        (&["recommend", "tiny.toml", "missing.toml", "--as-of", "2026-03-02"][..], "missing.toml cannot be read"),
        (&["recommend", "missing", "record.toml", "--as-of", "2026-03-02"], "missing cannot be read"),
        (&["check", "missing"], "missing cannot be read"),
        (&["test", "missing"], "missing cannot be read"),
    ] {
        let output = regimen(&folder, arguments, "");
        assert_eq!(output.code, Some(1), "{arguments:?}");
        let told = output.stdout + &output.stderr;
        assert!(told.contains(named) && told.contains("no such file"), "{arguments:?}: {told}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = tiny();
    for arguments in [
        &["recommend", "tiny.toml", "record.toml", "--as-of", "2026-03-02"][..],
        &["recommend", "tiny.toml", "record.toml", "--as-of", "2026-03-02", "--format", "json", "--explain", "full"],
        &["schema", "protocol"],
        &["show", "tiny.toml"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
        command.current_dir(folder.path()).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}
