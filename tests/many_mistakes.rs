//! A record with forty mistakes gets forty messages, not one.

#![cfg(feature = "cli")]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use regimen::diagnostic::render;
use regimen::{Clinic, Notation, Record};
use support::{Folder, Output, repository, run};

#[test]
fn forty_mistakes_are_forty_messages() {
    let root = repository();
    let (clinic, _) =
        Clinic::load(root.join("protocols/microneedling-acne-scars")).unwrap_or_else(|found| panic!("{found}"));
    let mut text = String::from("patient = \"P-40\"\nrecorded = 2026-03-02\n\n[facts]\n");
    for fact in clinic.dictionary.facts.iter().take(40) {
        // A table without a value is wrong for every fact.
        text.push_str(&format!("{} = {{ by = \"patient\" }}\n", fact.name));
    }
    let record = std::env::temp_dir().join(format!("regimen-forty-{}.toml", std::process::id()));
    std::fs::write(&record, text).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_regimen"))
        .args(["recommend", "protocols/microneedling-acne-scars"])
        .arg(&record)
        .args(["--as-of", "2026-03-02"])
        .current_dir(root)
        .output()
        .expect("the program");
    std::fs::remove_file(&record).expect("gone");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty(), "no answer is given");
    assert_eq!(told.matches("error[R104]").count(), 40, "{told}");
    assert!(told.ends_with("40 errors\n"), "{told}");
}

/// Each message shows what it is about, and not the whole of what it stands in: else a long file would take hours.
#[test]
fn thousands_of_mistakes_are_told_in_a_moment() {
    let tiny = include_str!("fixtures/tiny.toml");
    let (clinic, _) = Clinic::from_text("tiny.toml", tiny).unwrap_or_else(|found| panic!("{found}"));
    let names = |separator: &str| (0..4_000).map(|at| format!("\"x{at:05}\": 1")).collect::<Vec<_>>().join(separator);
    // In one line of 64 kB, which no terminal shows whole, and in a line each.
    for separator in [", ", ",\n"] {
        let text = format!("{{\"patient\":\"P\",\"facts\":{{}}{separator}{}}}", names(separator));
        let found = Record::from_text("r.json", &text, Notation::Json, &clinic.dictionary).expect_err("strange keys");
        let started = Instant::now();
        let told = render::human(&found, false);
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        assert!(told.len() < 4_000 * 1_500, "{} bytes", told.len());
        let one = told.split("\n\n").find(|one| one.contains("`x03000`")).expect("it is told");
        let before = &text[..text.find("\"x03000\"").expect("it is there")];
        let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1;
        assert!(one.contains(&format!("--> r.json:{}:{column}\n", before.split('\n').count())), "{one}");
        // What is underlined is the name.
        let lines: Vec<&str> = one.lines().collect();
        let at = lines.iter().position(|line| line.contains("^^^^^^^^")).expect("a line is underlined");
        let underlined = lines[at].find('^').and_then(|from| lines[at - 1].get(from..from + 8));
        assert_eq!(underlined, Some("\"x03000\""), "{one}");
    }
}

/// A name that is nowhere declared is told once, with all its uses, and those may be as far apart as the file is long.
#[test]
fn mistakes_all_over_a_long_protocol_are_told_in_a_moment() {
    let rule = |at: usize| {
        format!(
            "[[contraindication]]\nid = \"r{at}\"\nwhen = 'nobody_knows_{} > {at}'\nlasts = \"while-true\"\nreason = \"No.\"\nsources = [\"custom\"]\n\n",
            at % 150
        )
    };
    let text = format!("{}\n{}", include_str!("fixtures/tiny.toml"), (0..3_000).map(rule).collect::<String>());
    let found = Clinic::from_text("tiny.toml", &text).expect_err("unknown names");
    let started = Instant::now();
    let told = render::human(&found, false);
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    assert_eq!(told.matches("error[R202]").count(), 150, "{}", &told[..2_000]);
    assert_eq!(told.matches("and here").count(), 150 * 19);
}

/// Past the last number, one parameter would be taken for another.
#[test]
fn a_protocol_with_more_than_can_be_told_apart_is_refused() {
    let tiny = include_str!("fixtures/tiny.toml");
    let with = |count: usize| {
        let parameters: String =
            (0..count).map(|at| format!("[parameters.p{at}]\nvalue = 1\nsources = [\"custom\"]\n")).collect();
        Clinic::from_text("tiny.toml", &format!("{tiny}\n{parameters}"))
    };
    let refused = with(65_535).expect_err("too many").to_string();
    assert!(refused.contains("R119") && refused.contains("has more than 65534 parameters"), "{refused}");
    assert!(with(100).is_ok());
}

/// One slip in what many files rest on is told where it was made, and not in each of them.
#[test]
fn one_mistake_is_not_told_in_every_case() {
    let folder = Folder::new();
    let mut files =
        vec!["glycolic-peel/protocol.toml".to_owned(), "facts.toml".into(), "records/healthy-adult.toml".into()];
    let cases = ["interval-last-day", "cold-sore-now-fires", "after-a-faulty-session"];
    files.extend(cases.map(|case| format!("glycolic-peel/cases/{case}.toml")));
    files.iter().for_each(|file| folder.copy(&format!("protocols/{file}"), file));
    let errors = |file: &str, from: &str, to: &str| {
        let text = folder.read(file);
        assert!(text.contains(from), "{from}");
        folder.write(file, text.replacen(from, to, 1));
        let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
        command
            .args(["check", ".", "--as-of", "2026-11-27", "--no-notes", "--format", "plain"])
            .current_dir(folder.path());
        let Output { stdout, stderr, code } = run(command, "");
        assert_eq!((stderr.as_str(), code), ("", Some(1)), "{stdout}");
        folder.write(file, text);
        // A file that is not there has no place.
        (stdout.lines().filter(|line| line.starts_with("error[") || line.contains(": error[")).count(), stdout)
    };
    for (file, from, to) in [
        ("records/healthy-adult.toml", "recorded = 2026-03-02", "recorded = 02.03.2026"),
        ("glycolic-peel/protocol.toml", "in_force  = {", "in_force  = { until = 2025-12-31,"),
        ("facts.toml", "[facts.fitzpatrick]\ntype ", "[facts.fitzpatrick]\ntyp "),
        // A heading that is lost: what stood below it comes again, and what it named is known nowhere.
        ("facts.toml", "\n[facts.smoker]\n", "\n"),
        ("facts.toml", "\n[facts.fitzpatrick]\n", "\n"),
        ("glycolic-peel/protocol.toml", "\n[sources.alam-2014]\n", "\n"),
        ("glycolic-peel/protocol.toml", "\n[[precaution]]\n", "\n"),
        // A type that does not go with the choices beside it.
        (
            "facts.toml",
            "[facts.pregnancy_status]\ntype             = \"choice\"",
            "[facts.pregnancy_status]\ntype = \"bool\"",
        ),
        ("glycolic-peel/protocol.toml", "in_force  = { from = 2026-01-01", "in_force  = { from = 2027-01-01"),
        ("glycolic-peel/protocol.toml", "\n[[course]]\n", "\n[course]\n"),
        ("glycolic-peel/protocol.toml", "\nvalue   = 12\nrange   = [4, 12]", "\nvalue   = \"12\"\nrange   = [4, 12]"),
    ] {
        let (count, told) = errors(file, from, to);
        assert!((1..=2).contains(&count), "{to}: {told}");
    }
    // A block that was put into the middle of another.
    let rule =
        "[[precaution]]\nid = \"new\"\nwhen = 'smoker'\ndo = \"x\"\nreason = \"y\"\nsources = [\"sharad-2013\"]\n";
    for (heading, below) in [("[[course]]", "grace"), ("[parameters.max_sessions]", "value")] {
        let text = folder.read("glycolic-peel/protocol.toml");
        let start = text.find(&format!("\n{heading}\n")).expect(heading);
        let line = text[start..].find(&format!("\n{below} ")).expect(below) + start + 1;
        let above = &text[start..line];
        let (count, told) = errors("glycolic-peel/protocol.toml", above, &format!("{above}{rule}"));
        assert!(count == 1 && told.contains(&format!("belong to {heading} above")), "{told}");
    }
    // An empty file, and one without its dictionary.
    let text = folder.read("glycolic-peel/protocol.toml");
    let (count, told) = errors("glycolic-peel/protocol.toml", &text, "");
    assert!(count == 1 && told.contains("this file says nothing"), "{told}");
    std::fs::remove_file(folder.path().join("facts.toml")).expect("gone");
    let (count, told) = errors("glycolic-peel/protocol.toml", "id ", "id ");
    assert!(count == 1 && told.contains("error[R428]"), "{told}");
}
