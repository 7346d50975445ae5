//! Files that are large, deep or odd: what is said of them is right, and is said soon.

use std::fmt::Write;

use crate::patient::{LineReader, Slots, Vocabulary};
use crate::{Clinic, Date, Decider, Request, Status};

/// A protocol with some facts, these definitions and these contraindications.
fn text(definitions: &[String], conditions: &[String]) -> String {
    let mut text = include_str!("../../tests/fixtures/head.toml").to_owned();
    text.push_str("[definitions]\n");
    for (at, definition) in definitions.iter().enumerate() {
        let _ = writeln!(text, "d{at} = '{definition}'");
    }
    for (name, ty) in [
        ("a", "\"bool\""),
        ("b", "\"bool\""),
        ("seen", "\"date\""),
        ("date_of_birth", "\"date\"\npast = true"),
        ("score", "\"decimal\"\nrange = [0, 100]"),
        ("other", "\"decimal\"\nrange = [0, 100]"),
    ] {
        let _ = write!(text, "[facts.{name}]\ntype = {ty}\nask = \"?\"\nof = \"patient\"\nvalid_for = \"forever\"\n");
    }
    for at in 0..14 {
        let _ =
            write!(text, "[facts.c{at}]\ntype = \"bool\"\nask = \"?\"\nof = \"patient\"\nvalid_for = \"forever\"\n");
    }
    for (at, condition) in conditions.iter().enumerate() {
        let _ = write!(
            text,
            "[[contraindication]]\nid = \"r{at}\"\nuntil = \"then\"\nwhen = '{condition}'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
        );
    }
    text
}

/// What is said of a protocol about whether its rules fire.
fn said(definitions: &[String], conditions: &[&str]) -> Vec<String> {
    let conditions: Vec<String> = conditions.iter().map(|&condition| condition.to_owned()).collect();
    let text = text(definitions, &conditions);
    let (clinic, _) = Clinic::from_text("trial.toml", &text).unwrap_or_else(|found| panic!("{found}"));
    let found = super::check(&clinic, Date::new(2026, 1, 1).expect("a day"), false);
    let codes = ["R701", "R702", "R703", "R704", "R715", "R722"];
    let found = (&found).into_iter().filter(|one| codes.contains(&one.code.id));
    found.map(|one| format!("{} {}", one.code.id, one.message)).collect()
}

/// A chain of definitions, each made of the one before.
fn chain(first: &str, length: usize, next: impl Fn(String) -> String) -> Vec<String> {
    let links = (1..length).map(|at| next(format!("d{}", at - 1)));
    std::iter::once(first.to_owned()).chain(links).collect()
}

#[test]
fn definitions_that_double_are_gone_through_once() {
    let nothing: [&str; 0] = [];
    assert_eq!(said(&chain("a || b", 100, |d| format!("{d} && {d}")), &["d99"]), nothing);
    let assumed = said(&chain("a ?? b", 100, |d| format!("{d} && {d}")), &["d99", "d99 && b"]);
    assert_eq!(assumed.iter().filter(|one| one.starts_with("R715")).count(), 1);
    assert!(assumed[0].contains("definition `d0`, which contraindication `r0` uses"), "{assumed:?}");
    let sums = chain("1", 100, |d| format!("{d} + {d}"));
    assert_eq!(said(&sums, &["score > d3"]), nothing);
    assert_eq!(said(&sums, &["score > d9"]), ["R701 contraindication `r0` can never fire"]);
}

#[test]
fn definitions_that_double_are_decided_soon() -> Result<(), Box<dyn std::error::Error>> {
    let text = text(&chain("a || b", 60, |d| format!("{d} && {d}")), &["d59".to_owned()]);
    let (clinic, _) = Clinic::from_text("trial.toml", &text)?;
    let day = Date::new(2026, 1, 1).ok_or("a day")?;
    let prepared = clinic.protocols[0].prepare(&Request::new(day)).expect("in force");
    let vocabulary = Vocabulary::new(&clinic.protocols);
    let mut slots = Slots::new(&clinic.dictionary);
    let line = r#"{ "patient": "P-1", "recorded": "2026-01-01", "facts": {} }"#;
    LineReader::new(&clinic.dictionary, &vocabulary, day)
        .scan(line, &mut slots)
        .map_err(|_| "a record as it should be")?;
    let decision = Decider::new(&prepared, &vocabulary).decide(&slots);
    assert_eq!(decision.status, Status::Undetermined);
    Ok(())
}

#[test]
fn waits_that_add_up_to_the_same_are_one() {
    let nothing: [&str; 0] = [];
    let days = chain("seen", 100, |d| format!("if b {{ {d} + days(1) }} else {{ {d} + days(2) }}"));
    assert_eq!(said(&days, &["d99 > today"]), nothing);
    let months = chain("seen", 30, |d| format!("if b {{ {d} + months(1) }} else {{ {d} + days(2) }}"));
    assert_eq!(said(&months, &["d29 > today"]), nothing);
    assert!(said(&months, &["d29 > today && d29 + days(1) > today"])[0].starts_with("R722"));
}

#[test]
fn no_age_is_too_great() {
    for years in ["3000", "1000000", "178956971", "79228162514264337593543950335"] {
        assert_eq!(said(&[], &[&format!("age > {years}")]), ["R701 contraindication `r0` can never fire"], "{years}");
    }
    let nothing: [&str; 0] = [];
    assert_eq!(said(&[], &["age > 120"]), nothing);
}

#[test]
fn a_number_is_seen_behind_its_name() {
    let half = ["score".to_owned()];
    let nothing: [&str; 0] = [];
    assert_eq!(said(&half, &["d0 * 2 == 30"]), nothing);
    assert_eq!(said(&half, &["d0 * 2 == 201"]), ["R701 contraindication `r0` can never fire"]);
    let assumed = said(&[], &["!known(score) && (score ?? other) == 7"]);
    assert!(assumed.iter().all(|one| one.starts_with("R715")), "{assumed:?}");
}

#[test]
fn a_chain_of_definitions_that_is_too_long_is_told_once() {
    let text = text(&chain("a", 8_000, |d| format!("{d} || b")), &["d7999".to_owned()]);
    let found = Clinic::from_text("trial.toml", &text).expect_err("it is too deep");
    let told: Vec<&str> = (&found).into_iter().map(|one| one.code.id).collect();
    assert_eq!(told, ["R306"]);
    // The longest that is not.
    let text = self::text(&chain("a", 199, |d| format!("{d} || b")), &["d198".to_owned()]);
    assert!(Clinic::from_text("trial.toml", &text).is_ok());
}

#[test]
fn a_long_circle_of_definitions_is_told() {
    let mut definitions = chain("d2999", 3_000, |d| format!("{d} || {d}"));
    definitions[0] = "d2 && d2999".to_owned();
    let found = Clinic::from_text("trial.toml", &text(&definitions, &[])).expect_err("it is a circle");
    let first = (&found).into_iter().next().map(|one| one.message.clone());
    assert_eq!(first.as_deref(), Some("`d0` is defined in terms of itself: `d0` → `d2` → `d1` → `d0`"));
}

#[test]
fn what_is_too_much_to_compare_is_left_out_and_told() {
    let facts: Vec<String> = (0..14).map(|at| format!("c{at}")).collect();
    let conditions = (1..=14).map(|at| format!("{} && ({})", facts[..at].join(" && "), facts.join(" || ")));
    let conditions: Vec<String> = conditions.collect();
    let conditions: Vec<&str> = conditions.iter().map(String::as_str).collect();
    let found = said(&[], &conditions);
    let left_out = "R722 whether one rule makes another superfluous was not analysed for ";
    assert!(found.iter().any(|one| one.starts_with(left_out)), "{found:?}");
}

#[test]
fn a_rule_that_decides_nothing_is_told_once() {
    let found = said(&[], &["score > 1", "score > 2", "score > 3", "score > 3"]);
    let told = |rule: &str, wide: &str| format!("R704 whenever contraindication `{rule}` holds, `{wide}` holds too");
    let same = "R703 contraindications `r2` and `r3` hold for the same patients".to_owned();
    assert_eq!(found, [told("r1", "r0"), told("r2", "r0"), same, told("r3", "r0")]);
}

#[test]
fn counts_sums_and_ratios_have_bounds() {
    let nothing: [&str; 0] = [];
    let count = "(count s in sessions where !s.faulty)";
    let codes = |conditions: &[&str]| -> Vec<String> {
        said(&[], conditions).into_iter().map(|one| one.split(' ').next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(codes(&[&format!("{count} > 3")]), nothing);
    assert_eq!(codes(&[&format!("{count} < 0")]), ["R701"]);
    assert_eq!(codes(&[&format!("{count} >= 0")]), ["R702"]);
    assert_eq!(codes(&[&format!("{count} > 3 && {count} < 3")]), ["R701"]);
    assert_eq!(codes(&["sessions.len() > 3 && sessions.len() < 4"]), ["R701"]);
    // A score of nine answers, more of them than can be gone through one by one.
    let score =
        |from: usize| (from..14).map(|at| format!("(if c{at} {{ 1 }} else {{ 0 }})")).collect::<Vec<_>>().join(" + ");
    assert_eq!(codes(&[&format!("age < 80 && score < 3 && {} >= 14", score(0))]), nothing);
    assert_eq!(codes(&[&format!("age < 80 && score < 3 && {} > 14", score(0))]), ["R701"]);
    assert_eq!(codes(&["score + other > 200"]), ["R701"]);
    assert_eq!(codes(&["score + other >= 200"]), nothing);
    assert_eq!(codes(&["score / (other + 10) > 10"]), ["R701"]);
    // What is divided by what may be nothing may have no value: it neither always fires nor never.
    assert_eq!(codes(&["score / other >= 0"]), nothing);
    // The same said twice, and one that goes further.
    assert_eq!(codes(&["score + other > 100", "score + other > 100"]), ["R703"]);
    assert_eq!(codes(&["score + other > 100", "score + other > 120"]), ["R704"]);
    // Somebody without sessions has no last one.
    assert_eq!(codes(&["sessions.last.faulty || !sessions.last.faulty"]), nothing);
    assert_eq!(codes(&["sessions.last.faulty && !sessions.last.faulty"]), ["R701"]);
}

#[test]
fn what_is_compared_with_each_other_is_told_to_be_left_out() {
    let nothing: [&str; 0] = [];
    let codes = |conditions: &[&str]| -> Vec<String> {
        said(&[], conditions).into_iter().map(|one| one.split(' ').next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(codes(&["score > other"]), nothing);
    // One of these decides the other.
    assert_eq!(codes(&["score > other && score < other"]), ["R722"]);
    assert_eq!(codes(&["score > other && other > 100"]), ["R722"]);
    let last = "sessions.last.date";
    assert_eq!(codes(&[&format!("{last} + days(30) > today")]), nothing);
    assert_eq!(codes(&[&format!("{last} + days(30) > today && {last} + days(60) < today")]), ["R722"]);
}
