//! `regimen batch`: a line in, a line out, in order, whatever the lines are.

#![cfg(feature = "cli")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "random numbers, cut as they come"
)]

mod support;

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use regimen::{Clinic, Date, Depth, Notation, Record, Request};
use serde_json::Value as Json;

use support::{Folder, Output, run};

const DAY: &str = "2026-03-02";

fn command(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).env("NO_COLOR", "1").args(["batch", "--as-of", DAY]).args(arguments);
    command
}

/// A folder with the small protocol in it.
fn tiny() -> Folder {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "tiny.toml");
    folder
}

fn batch(folder: &Folder, arguments: &[&str], records: &str) -> Output {
    run(command(folder, arguments), records)
}

/// The summary without what differs from run to run.
fn timeless(text: &str) -> String {
    let line = |line: &str| line.split_once("; ").map_or(line.to_owned(), |(head, _)| format!("{head}; [time]"));
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// So many records of all kinds, the same ones every time; some are written in an unusual way, and every tenth has a mistake.
fn records(count: u64) -> Vec<String> {
    let mut state = 7u64;
    let mut roll = |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    let mut all = Vec::new();
    for n in 0..count {
        let mut facts = Vec::new();
        let day = format!("20{:02}-{:02}-{:02}", 10 + roll(16), 1 + roll(12), 1 + roll(28));
        let possible = [
            format!("\"date_of_birth\":\"{}\"", ["1990-02-28", "2008-03-02", "2008-03-03", "2008"][roll(4) as usize]),
            format!("\"pregnant\":{}", roll(8) == 0),
            format!("\"keloids\":{{\"value\":{},\"on\":\"{day}\"}}", roll(8) == 0),
            format!("\"skin\":\"{}\"", ["dry", "normal", "oily"][roll(3) as usize]),
            format!("\"medicines\":{}", ["[]", "[\"retinoid\"]", "[\"steroid\",\"blood_thinner\"]"][roll(3) as usize]),
            format!("\"spots\":{}", roll(8)),
            format!("\"hba1c\":{}", ["5", "8.5", "8.51", "9.000001"][roll(4) as usize]),
            format!("\"last_sunburn_date\":\"{}\"", ["never", "2026-02-16", "2026-02-15", "2026-02"][roll(4) as usize]),
            format!("\"last_result\":\"{}\"", ["better", "same", "worse"][roll(3) as usize]),
            format!("\"last_product\":\"{}\"", ["retinol", "a caf\u{e9} cream", "ret\\u0069nol"][roll(3) as usize]),
        ];
        facts.extend(possible.into_iter().filter(|_| roll(10) != 0));
        let session = |date: String, roll: u64| {
            let treatment = ["peel", "peel", "laser", "massage"][roll as usize % 4];
            format!(
                "{{\"treatment\":\"{treatment}\",\"date\":\"{date}\",\"strength\":{},\"reaction\":\"burn\"}}",
                20 + roll
            )
        };
        let sessions: Vec<String> = (0..roll(4))
            .map(|_| {
                let date = ["2026-02-02", "2026-01-31", "2025-12", "2026-02-16"][roll(4) as usize];
                session(date.to_owned(), roll(20))
            })
            .collect();
        let mut line = format!(
            "{{\"patient\":\"P-{n}\",\"recorded\":\"2026-03-01\",\"facts\":{{{}}},\"sessions\":[{}]}}",
            facts.join(","),
            sessions.join(",")
        );
        match roll(30) {
            0 => line.truncate(line.len() / 2),
            1 => line = line.replace("\"spots\":", "\"spotz\":"),
            2 => line = line.replace("\"skin\":\"", "\"skin\":\"very "),
            3 => line = line.replace(',', " ,\t"),
            _ => {}
        }
        all.push(line);
    }
    all
}

fn clinic() -> Clinic {
    Clinic::from_text("tiny.toml", include_str!("fixtures/tiny.toml")).unwrap_or_else(|mistakes| panic!("{mistakes}")).0
}

#[test]
fn every_line_is_answered_as_the_record_is() {
    let lines = records(3000);
    let output = batch(&tiny(), &["tiny.toml"], &(lines.join("\n") + "\n"));
    let clinic = clinic();
    let request = Request::new(DAY.parse::<Date>().expect("a day")).explain(Depth::Verdict);
    let prepared = clinic.protocols[0].prepare(&request).expect("in force");
    let answers: Vec<Json> = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    assert_eq!(answers.len(), lines.len());
    let (mut mistakes, mut doubtful) = (0, 0);
    for (at, (line, answer)) in lines.iter().zip(&answers).enumerate() {
        let record = Record::from_text("line", line, Notation::Json, &clinic.dictionary);
        match record.and_then(|(record, _)| prepared.recommend(&record)) {
            Ok(expected) => {
                let doubts = expected.doubts.len();
                let expected = serde_json::to_value(expected).expect("it can be written");
                for key in [
                    "patient",
                    "as_of",
                    "protocol",
                    "status",
                    "not_before",
                    "no_sooner_than",
                    "no_later_than",
                    "could_become",
                ] {
                    let written = expected.get(key).filter(|value| !value.is_null());
                    assert_eq!(answer.get(key), written, "{key} of {line}\n{answer}");
                }
                // A line tells the column, too: of two places of which the same is said, both.
                let told = answer["doubts"].as_array().into_iter().flatten();
                let told = told.map(|one| &one["message"]).collect::<HashSet<_>>().len();
                assert_eq!(told, doubts, "{line}\n{answer}");
                doubtful += u32::from(doubts > 0);
            }
            Err(expected) => {
                mistakes += 1;
                assert_eq!(answer["line"], at + 1, "{answer}");
                let first = expected.iter().next().expect("a mistake");
                assert!(answer["errors"].as_array().expect("a list").iter().any(|one| one["message"] == first.message));
            }
        }
    }
    assert!(mistakes > 100 && doubtful > 10, "{mistakes} mistakes and {doubtful} doubtful of {}", lines.len());
    assert_eq!(output.code, Some(1));
    let answered = 3000 - mistakes;
    assert!(
        output.stderr.starts_with(&format!("3,000 records: {} answered", answered.to_string().replacen('2', "2,", 1))),
        "{}",
        output.stderr
    );
}

#[test]
fn the_number_of_workers_changes_no_byte() {
    let folder = tiny();
    let text: String = records(2500).iter().map(|line| format!("{line}\n")).collect();
    assert!(text.len() > 2 * 256 * 1024, "several jobs");
    let one = batch(&folder, &["tiny.toml", "--jobs", "1"], &text);
    for jobs in ["2", "5"] {
        let many = batch(&folder, &["tiny.toml", "--jobs", jobs], &text);
        assert!(many.stdout == one.stdout, "with {jobs} workers");
    }
}

#[test]
fn mistakes_and_doubts_are_told_at_their_place() {
    let records = concat!(
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"pregnant":true},"sessions":[]}"#,
        "\n",
        "\n",
        r#"{"patient":"P-2","recorded":"2026-03-01","facts":{"pregnant":"yes","skin":"drry"},"sessions":[]}"#,
        "\n",
        r#"{"patient":"P-3","recorded":"2026-03-01","facts":{"pregnent":true,"spots":4},"sessions":[]}"#,
        "\n",
        r#"{"patient":"P-4","recorded":"2026-03-01","facts":{"#,
        "\n",
        r#"{"patient":"P \"5\"","facts":{"last_sunburn_date":{"value":"2026-03-03","on":"2026-03-02"}}}"#,
        "\n",
        r#"{"patient":"P-6","recorded":"2026-03-01","facts":{"spots":1},"sessions":[]}"#,
    );
    let output = batch(&tiny(), &["tiny.toml"], records);
    insta::assert_snapshot!("mistakes", format!("{}---\n{}", output.stdout, timeless(&output.stderr)));
    assert_eq!(output.code, Some(1));
    let strict = batch(&tiny(), &["tiny.toml", "--strict"], records);
    let first = strict.stdout.lines().nth(2).expect("a third line");
    assert!(first.contains(r#""errors":[{"code":"R"#) && first.contains("pregnent"), "{first}");
}

#[test]
fn several_protocols_answer_in_one_line() {
    let folder = tiny();
    let other =
        include_str!("fixtures/tiny.toml").replace("tiny-peel", "other-peel").replace("value   = 3\n", "value   = 5\n");
    std::fs::write(folder.path().join("other.toml"), other).expect("it can be written");
    let records = r#"{"patient":"P-1","recorded":"2026-03-02","facts":{"spots":4},"sessions":[]}"#;
    let output = batch(&folder, &["tiny.toml", "other.toml"], records);
    insta::assert_snapshot!("several", output.stdout);
    let explained = batch(&folder, &["tiny.toml", "other.toml", "--explain", "verdict"], records);
    let explained: Json = serde_json::from_str(&explained.stdout).expect("JSON");
    assert_eq!(explained["answers"][1]["status"], "not-indicated");
    let set = batch(&folder, &["tiny.toml", "other.toml", "--set", "few_spots=5"], records);
    assert!(
        set.stdout
            .contains(r#""protocol":"tiny-peel","version":"1.2.0","edition":"unpublished","status":"not-indicated""#),
        "{}",
        set.stdout
    );
    let unknown = batch(&folder, &["tiny.toml", "other.toml", "--set", "few_spotz=5"], records);
    assert_eq!(unknown.code, Some(2), "{}", unknown.stderr);
}

#[test]
fn explained_answers_are_the_recommendations() {
    let folder = tiny();
    let lines = records(40);
    let clinic = clinic();
    for (word, depth) in [("verdict", Depth::Verdict), ("rules", Depth::Rules), ("full", Depth::Full)] {
        let output = batch(&folder, &["tiny.toml", "--explain", word], &lines.join("\n"));
        let prepared = clinic.protocols[0]
            .prepare(&Request::new(DAY.parse::<Date>().expect("a day")).explain(depth))
            .expect("in force");
        for (line, answer) in lines.iter().zip(output.stdout.lines()) {
            let Ok((record, _)) = Record::from_text("line", line, Notation::Json, &clinic.dictionary) else {
                continue;
            };
            let expected = serde_json::to_string(&prepared.recommend(&record).expect("an answer")).expect("JSON");
            assert_eq!(answer, expected);
        }
    }
}

#[test]
fn a_run_that_was_cut_goes_on_where_it_ended() {
    let folder = tiny();
    let records: String = records(500).iter().map(|line| format!("{line}\n\n")).collect();
    let whole = batch(&folder, &["tiny.toml"], &records).stdout;
    let path = folder.path().join("answers.ndjson");
    for cut in [0, 1, whole.len() / 3, whole.len() - 1, whole.len()] {
        std::fs::write(&path, &whole.as_bytes()[..cut]).expect("it can be written");
        let output = batch(&folder, &["tiny.toml", "-o", "answers.ndjson", "--resume"], &records);
        assert_eq!(output.code, Some(1), "mistakes of both runs count: {}", output.stderr);
        assert!(std::fs::read_to_string(&path).expect("text") == whole, "cut after {cut} bytes");
    }
    // The answers of somebody else are not continued.
    std::fs::write(&path, "{\"patient\":\"Q-1\"}\n").expect("it can be written");
    let output = batch(&folder, &["tiny.toml", "-o", "answers.ndjson", "--resume"], &records);
    assert_eq!(output.code, Some(3));
    assert!(output.stderr.contains("do not go on where the file ends"), "{}", output.stderr);
    assert_eq!(std::fs::read_to_string(&path).expect("text"), "{\"patient\":\"Q-1\"}\n");
}

#[test]
fn a_closed_pipe_ends_the_run_without_a_word() {
    let folder = tiny();
    let mut command = command(&folder, &["tiny.toml"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let feeder = std::thread::spawn(move || {
        let line = "{\"patient\":\"P-1\",\"recorded\":\"2026-03-01\",\"facts\":{}}\n".repeat(10_000);
        // Until nobody reads any more.
        while stdin.write_all(line.as_bytes()).is_ok() {}
    });
    let mut answers = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut first = String::new();
    answers.read_line(&mut first).expect("a line");
    drop(answers);
    let output = child.wait_with_output().expect("it ends");
    feeder.join().expect("it ends too");
    assert!(first.starts_with("{\"patient\":\"P-1\""), "{first}");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).expect("text"), "");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_after_a_whole_line_and_the_run_can_go_on() {
    let folder = tiny();
    let mut command = command(&folder, &["tiny.toml", "-o", "answers.ndjson"]);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let lines = "{\"patient\":\"P-1\",\"recorded\":\"2026-03-01\",\"facts\":{}}\n".repeat(20_000);
    stdin.write_all(lines.as_bytes()).expect("it is read");
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(kill.success());
    // It notices when it has read on.
    let _ = stdin.write_all(lines.repeat(20).as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    let told = String::from_utf8(output.stderr).expect("text");
    assert!(told.contains("stopped before the end") && told.contains("--resume"), "{told}");
    // What was done stands beside the output, which is not there before it is whole.
    assert!(!folder.path().join("answers.ndjson").exists());
    let files = std::fs::read_dir(folder.path()).expect("a folder").map(|file| file.expect("a file").path());
    let part = files.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "part"));
    let answers = std::fs::read_to_string(part.expect("a part")).expect("text");
    assert!(answers.is_empty() || answers.ends_with("}\n"));
}

#[test]
fn a_table_is_read_by_its_heading_or_by_a_map() {
    let folder = tiny();
    std::fs::write(
        folder.path().join("columns.toml"),
        r#"
[columns]
"Patient No" = { is = "patient" }
"Visit"      = { is = "recorded" }
"Pregnant?"  = { is = "pregnant", values = { Y = "true", N = "false", "?" = "" } }
"Medicines"  = { is = "medicines", separator = "+" }
"Peels"      = { sessions = "peel", separator = "," }
"Remarks"    = { ignore = true, multiline = true }
"#,
    )
    .expect("it can be written");
    let table = "\
Patient No,Visit,Pregnant?,Medicines,Peels,Remarks,spots,hba1c
P-1,2026-03-01,N,retinoid+steroid,\"2026-02-01,2026-01-02\",\"a, b\",4,8.5
P-2,2026-03-01,?,+,,\"two
lines\",4,
P-3,2026-03-01,perhaps,aspirin,,,4,8.5
P-4,2026-03-01,Y
P-5,2026-03-01,Y,,,,4,\"8,5\"
";
    let output = batch(&folder, &["tiny.toml", "--csv", "--columns", "columns.toml"], table);
    insta::assert_snapshot!("table", format!("{}---\n{}", output.stdout, timeless(&output.stderr)));
    let plain = batch(&folder, &["tiny.toml", "--csv"], "patient,recorded,spots\nP-1,2026-03-01,1\n");
    assert!(plain.stdout.contains("not-indicated"), "{}", plain.stdout);
    // Many programs write every number with a point.
    let pointed = batch(&folder, &["tiny.toml", "--csv"], "patient,recorded,spots\nP-1,2026-03-01,1.0\n");
    assert_eq!(pointed.stdout, plain.stdout);
    let wrong = batch(&folder, &["tiny.toml", "--csv"], "patient,recorded,spotz\nP-1,2026-03-01,1\n");
    insta::assert_snapshot!("wrong-heading", wrong.stderr);
    assert_eq!(wrong.code, Some(1));
}

/// What a map says that cannot be is told at its line, and not for every patient's row.
#[test]
fn a_map_that_cannot_be_is_told_at_its_line() {
    for (column, message) in [
        ("Skin = { is = \"skin\", values = { T = \"Dry\" } }", "`Dry` is not a choice of `skin`"),
        ("Skin = { is = \"skin\", values = { \"\" = \"dry\" } }", "an empty cell cannot mean `dry`"),
        ("Skin = { is = \"skinn\" }", "column `Skin` is said to be `skinn`, which no protocol asks for"),
        ("Skin = { is = \"skin\" }\nskin = { is = \"skin\" }", "the table has no column `skin`"),
        ("Skin = { is = \"patient\" }", "columns `patient` and `Skin` hold the same"),
    ] {
        let folder = tiny();
        std::fs::write(folder.path().join("columns.toml"), format!("[columns]\n{column}\n"))
            .expect("it can be written");
        let table = "patient,recorded,Skin\nP-1,2026-03-01,T\n";
        let output = batch(&folder, &["tiny.toml", "--csv", "--columns", "columns.toml"], table);
        assert_eq!(output.code, Some(1), "{column}: {}", output.stdout);
        let line = if message.contains("no column") { "columns.toml:3:" } else { "columns.toml:2:" };
        assert!(output.stderr.contains(message) && output.stderr.contains(line), "{column}: {}", output.stderr);
    }
}

/// An empty cell is a question that nobody asked: of blanks, in quotes, and whatever a map of columns says of it.
#[test]
fn an_empty_cell_is_unknown_however_it_is_written() {
    let folder = tiny();
    let of = |cell: &str| format!("P-1,2026-03-01,{cell},4,8.5\n");
    let answered = |cell: &str| {
        let table = format!("patient,recorded,pregnant,spots,hba1c\n{}", of(cell));
        let output = batch(&folder, &["tiny.toml", "--csv"], &table);
        assert_eq!(output.code, Some(0), "{cell:?}: {}", output.stderr);
        output.stdout
    };
    let empty = answered("");
    assert!(empty.contains("undetermined"), "{empty}");
    for cell in ["  ", "\"\"", "\"  \"", "\u{a0}", "\t"] {
        assert_eq!(answered(cell), empty, "{cell:?}");
    }
    // In a record it is the same.
    for value in ["null", "\"\"", "\" \""] {
        let record = format!(
            "{{ \"patient\": \"P-1\", \"recorded\": \"2026-03-01\", \"facts\": {{ \"pregnant\": {value}, \"spots\": 4, \"hba1c\": 8.5 }} }}\n"
        );
        let output = batch(&folder, &["tiny.toml"], &record);
        assert!(output.stdout.contains("undetermined"), "{value}: {} {}", output.stdout, output.stderr);
    }
    for (values, code) in [("{ \"\" = \"false\" }", 1), ("{ \" \" = \"false\" }", 1), ("{ \"-\" = \"\" }", 0)] {
        let map = format!("[columns]\npregnant = {{ values = {values} }}\n");
        std::fs::write(folder.path().join("columns.toml"), map).expect("it can be written");
        let table = format!("patient,recorded,pregnant,spots,hba1c\n{}", of(if code == 0 { "-" } else { "" }));
        let output = batch(&folder, &["tiny.toml", "--csv", "--columns", "columns.toml"], &table);
        assert_eq!(output.code, Some(code), "{values}: {}", output.stderr);
        let says =
            if code == 0 { output.stdout.contains("undetermined") } else { output.stderr.contains("nobody asked") };
        assert!(says, "{values}: {} {}", output.stdout, output.stderr);
    }
}

/// In a table that was well formed, a quote anywhere costs at most the answers of the row that it is in: every row is answered or told,
/// and no patient is answered from another's facts.
#[test]
fn a_stray_quote_costs_no_other_patient_its_answer() {
    let folder = tiny();
    let columns = "[columns]\nnote = { ignore = true, multiline = MULTI }\n";
    let notes = ["", "\"a, \"\"b\"\"\"", "c", "\"\""];
    let rows: Vec<String> = (0..notes.len())
        .map(|at| format!("P-{at},{},2026-03-01,{}\n", notes[at], if at % 2 == 0 { "true" } else { "false" }))
        .collect();
    let heading = "patient,note,recorded,pregnant\n";
    let sound: Vec<String> = {
        std::fs::write(folder.path().join("columns.toml"), columns.replace("MULTI", "false"))
            .expect("it can be written");
        let table = format!("{heading}{}", rows.concat());
        let output = batch(&folder, &["tiny.toml", "--csv", "--columns", "columns.toml"], &table);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        output.stdout.lines().map(str::to_owned).collect()
    };
    for multiline in ["false", "true"] {
        std::fs::write(folder.path().join("columns.toml"), columns.replace("MULTI", multiline))
            .expect("it can be written");
        for (broken, row) in rows.iter().enumerate() {
            for at in 0..row.len() {
                let mut row = row.clone();
                row.insert(at, '"');
                let mut table = rows.clone();
                table[broken] = row;
                let table = format!("{heading}{}", table.concat());
                let output = batch(&folder, &["tiny.toml", "--csv", "--columns", "columns.toml"], &table);
                let answers: Vec<&str> = output.stdout.lines().collect();
                assert_eq!(answers.len(), rows.len(), "{table}{}", output.stdout);
                for (other, answer) in answers.iter().enumerate().filter(|(other, _)| *other != broken) {
                    assert_eq!(*answer, sound[other], "{table}");
                }
                let told = format!("{{\"line\":{},", broken + 2);
                let (answer, code) = (answers[broken], output.code);
                assert!(answer == sound[broken] || (answer.starts_with(&told) && code == Some(1)), "{table}{answer}");
            }
        }
    }
}

#[test]
fn what_cannot_be_run_is_said_before_the_first_line() {
    let folder = tiny();
    assert_eq!(batch(&folder, &[], "").code, Some(2));
    assert_eq!(batch(&folder, &["missing.toml"], "").code, Some(1));
    assert_eq!(batch(&folder, &["tiny.toml", "--set", "few_spots=9"], "").code, Some(2));
    assert_eq!(batch(&folder, &["tiny.toml", "--resume"], "").code, Some(2));
    assert_eq!(batch(&folder, &["tiny.toml", "--input", "missing.ndjson"], "").code, Some(1));
    // One mistake, and not as many as the file happens to have lines.
    std::fs::write(folder.path().join("records.parquet"), b"PAR1\n\xff\n\n\nPAR1").expect("it is written");
    let columns = batch(&folder, &["tiny.toml", "--input", "records.parquet"], "");
    assert_eq!((columns.code, columns.stdout.as_str()), (Some(1), ""));
    assert!(columns.stderr.contains("records.parquet is a Parquet file"), "{}", columns.stderr);
    let early = Command::new(env!("CARGO_BIN_EXE_regimen"))
        .current_dir(folder.path())
        .args(["batch", "tiny.toml", "--as-of", "2025-01-01"])
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    assert_eq!(early.status.code(), Some(1));
    let empty = batch(&folder, &["tiny.toml"], "");
    assert_eq!((empty.code, empty.stdout.as_str()), (Some(0), ""));
}
