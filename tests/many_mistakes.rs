//! A record with forty mistakes gets forty messages, not one.

#![cfg(feature = "cli")]

mod support;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use regimen::diagnostic::render;
use regimen::{Clinic, Notation, Record};
use support::Folder;

#[test]
fn forty_mistakes_are_forty_messages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Folder::new();
    let copy = |from: &str| {
        let text = std::fs::read_to_string(root.join("protocols").join(from)).expect("a file");
        let to = folder.path().join(from);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        std::fs::write(to, &text).expect("written");
        text
    };
    let protocol = copy("glycolic-peel/protocol.toml");
    let (facts, record) = (copy("facts.toml"), copy("records/healthy-adult.toml"));
    for case in ["interval-last-day", "cold-sore-now-fires", "after-a-faulty-session"] {
        copy(&format!("glycolic-peel/cases/{case}.toml"));
    }
    let errors = |file: &str, text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        std::fs::write(folder.path().join(file), text.replacen(from, to, 1)).expect("written");
        let output = Command::new(env!("CARGO_BIN_EXE_regimen"))
            .args(["check", ".", "--as-of", "2026-11-27", "--no-notes", "--format", "plain"])
            .current_dir(folder.path())
            .output()
            .expect("the program");
        std::fs::write(folder.path().join(file), text).expect("written");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        (told.lines().filter(|line| line.contains(": error[")).count(), told)
    };
    let reversed = ("in_force  = { from = 2026-01-01", "in_force  = { until = 2025-12-31, from = 2026-01-01");
    for (file, text, from, to) in [
        ("records/healthy-adult.toml", &record, "recorded = 2026-03-02", "recorded = 02.03.2026"),
        ("glycolic-peel/protocol.toml", &protocol, reversed.0, reversed.1),
        ("facts.toml", &facts, "[facts.fitzpatrick]\ntype ", "[facts.fitzpatrick]\ntyp "),
    ] {
        let (count, told) = errors(file, text, from, to);
        assert!((1..=2).contains(&count), "{to}: {told}");
    }
}
