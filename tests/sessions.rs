//! What can be asked of recorded sessions: sums of a note, and the notes of the first and the last session. What is not known of them
//! is asked for, and nothing else is.

use regimen::trace::Outcome;
use regimen::{Clinic, Depth, Notation, Protocol, Recommendation, Record, Request, Tri};

const HEAD: &str = concat!(
    include_str!("fixtures/head.toml"),
    r#"
[session_facts.units]
type = "integer"
unit = "U"

[session_facts.area]
type = "set"
choices = ["left", "right"]
"#
);

/// What a condition comes to, and the notes that are asked for.
fn ask(condition: &str, sessions: &str) -> (Option<bool>, Vec<String>) {
    let protocol = protocol(condition);
    let answer = recommend(&protocol, sessions);
    let holds = answer.precautions.iter().any(|precaution| precaution.id == "yes");
    let questions: Vec<String> = answer.questions.iter().map(|question| question.fact.clone()).collect();
    let fails = answer.precautions.iter().any(|precaution| precaution.id == "no");
    assert!(!(holds && fails));
    ((holds || fails).then_some(holds), questions)
}

fn protocol(condition: &str) -> Protocol {
    let rule = |id: &str, when: &str| {
        format!("[[precaution]]\nid = \"{id}\"\nwhen = '{when}'\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n")
    };
    let text = format!("{HEAD}{}{}", rule("yes", condition), rule("no", &format!("!({condition})")));
    let clinic = Clinic::from_text("trial.toml", &text).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{found}")).protocols.remove(0)
}

fn record(protocol: &Protocol, sessions: &str) -> Record {
    let mut text = "patient = \"P-1\"\nrecorded = 2026-03-02\n".to_owned();
    if sessions.trim().is_empty() {
        text.push_str("sessions = []\n");
    }
    for session in sessions.split(';').map(str::trim).filter(|session| !session.is_empty()) {
        let lines = session.replace(", ", "\n");
        text.push_str(&format!("[[sessions]]\ntreatment = \"trial\"\ndate = {lines}\n"));
    }
    let read = Record::from_text("record.toml", &text, Notation::Toml, &protocol.dictionary);
    read.unwrap_or_else(|found| panic!("{found}")).0
}

fn recommend(protocol: &Protocol, sessions: &str) -> Recommendation {
    let request = Request::new("2026-03-02".parse().expect("a date"));
    protocol.recommend(&record(protocol, sessions), &request).unwrap_or_else(|found| panic!("{found}"))
}

#[track_caller]
fn check(cases: &[(&str, &str, Option<bool>, &[&str])]) {
    for (condition, sessions, expected, questions) in cases {
        let found = ask(condition, sessions);
        let questions: Vec<String> = questions.iter().map(|question| (*question).to_owned()).collect();
        assert_eq!(found, (*expected, questions), "{condition}\n{sessions}");
    }
}

const RECENT: &str = "(sum s.units in sessions where today < s.date + days(90)) > 100";

#[test]
fn a_sum_is_of_the_sessions_that_count() {
    check(&[
        (RECENT, "", Some(false), &[]),
        (RECENT, "2026-01-10, units = 60; 2026-02-10, units = 40", Some(false), &[]),
        (RECENT, "2026-01-10, units = 60; 2026-02-10, units = 41", Some(true), &[]),
        // 2 December is 90 days ago, and no longer counts.
        (RECENT, "2025-12-02, units = 60; 2026-02-10, units = 41", Some(false), &[]),
        (RECENT, "2025-12-03, units = 60; 2026-02-10, units = 41", Some(true), &[]),
        (
            "(sum s.units in sessions where true) == 101",
            "2020-01-10, units = 60; 2026-02-10, units = 41",
            Some(true),
            &[],
        ),
        ("(sum s.units in sessions_of(\"other\") where true) == 0", "2020-01-10, units = 60", Some(true), &[]),
    ]);
}

#[test]
fn what_a_sum_lacks_is_asked_for() {
    check(&[
        // Which day of December decides.
        (RECENT, "\"2025-12\", units = 60; 2026-02-10, units = 41", None, &["sessions.2025-12.date"]),
        // It counts or not: 40 units make no difference.
        (RECENT, "\"2025-12\", units = 40; 2026-02-10, units = 41", Some(false), &[]),
        (RECENT, "\"2025-12\", units = 40; 2026-02-10, units = 101", Some(true), &[]),
        // Units that nobody noted may be any number.
        (RECENT, "2026-02-10", None, &["sessions.2026-02-10.units"]),
        (RECENT, "2026-02-10; 2026-02-20, units = 500", None, &["sessions.2026-02-10.units"]),
        // Of a session that does not count they do not matter.
        (RECENT, "2025-02-10; 2026-02-20, units = 500", Some(true), &[]),
        (RECENT, "\"2025-12\"", None, &["sessions.2025-12.date", "sessions.2025-12.units"]),
        // Nor does the day of a session without any units.
        (RECENT, "\"2025-12\", units = 0; 2026-02-10", None, &["sessions.2026-02-10.units"]),
        // What the protocol takes for granted is not asked for.
        ("(sum s.units ?? 50 in sessions where true) > 100", "2026-02-10; 2026-02-20, units = 51", Some(true), &[]),
    ]);
}

#[test]
fn the_first_and_the_last_session_have_notes() {
    let two = "2026-01-10, units = 60, product = \"old\"; 2026-02-10, units = 40, product = \"new\"";
    check(&[
        ("sessions.last.units == 40", two, Some(true), &[]),
        ("sessions.first.units == 60", two, Some(true), &[]),
        ("sessions.first.product == \"old\" && sessions.last.product == \"new\"", two, Some(true), &[]),
        ("sessions.last.product == \"old\"", two, Some(false), &[]),
        ("sessions.last.faulty", two, Some(false), &[]),
        ("\"left\" in sessions.last.area", "2026-02-10, area = [\"left\"]", Some(true), &[]),
        // On one day, the order of the record counts.
        ("sessions.last.units == 40", "2026-02-10, units = 60; 2026-02-10, units = 40", Some(true), &[]),
        ("sessions.first.units == 60", "2026-02-10, units = 60; 2026-02-10, units = 40", Some(true), &[]),
        // There is none: unknown, and nobody can tell.
        ("sessions.last.units == 40", "", None, &[]),
        ("!sessions.is_empty() && sessions.last.units == 40", "", Some(false), &[]),
    ]);
}

#[test]
fn which_session_is_the_last_is_asked_where_it_matters() {
    let open = "\"2026-02\", units = 60; 2026-02-10, units = 40";
    check(&[
        ("sessions.last.units > 50", open, None, &["sessions.2026-02.date"]),
        // It is one of the two.
        ("sessions.last.units >= 40", open, Some(true), &[]),
        ("sessions.last.units > 60", open, Some(false), &[]),
        ("sessions.first.units > 50", open, None, &["sessions.2026-02.date"]),
        // January is over.
        ("sessions.last.units == 40", "\"2026-01\", units = 60; 2026-02-01, units = 40", Some(true), &[]),
        // Two products are no range.
        (
            "sessions.last.product == \"a\"",
            "\"2026-02\", product = \"a\"; 2026-02-10, product = \"b\"",
            None,
            &["sessions.2026-02.date"],
        ),
        (
            "sessions.last.product == \"a\"",
            "\"2026-02\", product = \"a\"; 2026-02-10, product = \"a\"",
            Some(true),
            &[],
        ),
        ("sessions.last.units > 50", "2026-01-10, units = 60; 2026-02-10", None, &["sessions.2026-02-10.units"]),
        (
            "sessions.last.units > 50",
            "\"2026-02\", units = 60; 2026-02-10",
            None,
            &["sessions.2026-02.date", "sessions.2026-02-10.units"],
        ),
    ]);
}

/// What was assumed, with what was assumed instead.
fn assumed(condition: &str, sessions: &str) -> Vec<(String, String)> {
    let answer = recommend(&protocol(condition), sessions);
    for assumption in &answer.assumptions {
        assert_eq!(assumption.rules, ["yes", "no"], "{condition}");
    }
    answer.assumptions.into_iter().map(|assumption| (assumption.fact, assumption.assumed)).collect()
}

#[test]
fn what_is_assumed_of_a_session_is_told() {
    let two = "2026-01-10; 2026-02-10, units = 40";
    let first = "sessions.2026-01-10.units";
    type Assumed<'a> = (&'a str, &'a str);
    let cases: [(&str, &str, &[Assumed<'_>]); 8] = [
        ("any s in sessions where (s.units ?? 0) > 50", two, &[(first, "0 U")]),
        ("all s in sessions where known(s.units)", two, &[(first, "unknown")]),
        ("(sum s.units ?? 50 in sessions where true) > 80", two, &[(first, "50 U")]),
        ("(sum s.units in sessions where (s.units ?? 50) < 50) > 80", two, &[(first, "50 U")]),
        ("(sessions.first.units ?? 0) > 50", two, &[(first, "0 U")]),
        ("(sessions.last.units ?? 0) > 50", two, &[]),
        // Both of which nothing was noted.
        (
            "any s in sessions where (s.units ?? 0) > 50",
            "2026-01-10; 2026-02-10",
            &[(first, "0 U"), ("sessions.2026-02-10.units", "0 U")],
        ),
        // It makes no difference.
        ("any s in sessions where (s.units ?? 0) > 30", two, &[]),
    ];
    for (condition, sessions, expected) in cases {
        let found = assumed(condition, sessions);
        let found: Vec<Assumed<'_>> = found.iter().map(|(fact, assumed)| (&**fact, &**assumed)).collect();
        assert_eq!(found, expected, "{condition}\n{sessions}");
    }
}

/// Of the second session no units were noted; what is asked for, the trace finds unknown too.
const NESTED: &str = "2026-01-10, units = 5; 2026-01-20; 2026-02-10, units = 3";

#[test]
fn sessions_are_compared_with_each_other() {
    let followed = "any s in sessions where (any t in sessions where t.date > s.date && t.units > 4)";
    check(&[
        (followed, NESTED, None, &["sessions.2026-01-20.units"]),
        (followed, "2026-01-10; 2026-01-20, units = 5", Some(true), &[]),
        (followed, "2026-01-10, units = 5; 2026-01-20, units = 3", Some(false), &[]),
    ]);
    let protocol = protocol(followed);
    let request = Request::new("2026-03-02".parse().expect("a date")).explain(Depth::Full);
    let answer = protocol.recommend(&record(&protocol, NESTED), &request).unwrap_or_else(|found| panic!("{found}"));
    let outcome = |of: &str| {
        let id = format!("precaution.yes.when.{of}");
        let node = answer.trace.nodes.iter().find(|node| node.id == id);
        node.unwrap_or_else(|| panic!("no {id}")).outcome.clone()
    };
    let unknown = Outcome::Truth(Tri::Unknown);
    assert_eq!(outcome("sessions.2026-01-10"), unknown);
    assert_eq!(outcome("sessions.2026-01-10.sessions.2026-01-20"), unknown);
    assert_eq!(outcome("sessions.2026-01-10.sessions.2026-02-10"), Outcome::Truth(Tri::False));
    assert_eq!(outcome("sessions.2026-01-20"), Outcome::Truth(Tri::False));
}

#[test]
fn a_row_for_each_part_asks_for_the_session_that_it_lacks() {
    let setting = r#"
[[setting]]
id = "level"
label = "Level"
each = { part = "area" }
safer = "lower"
rows = [{ when = 'part == "left" && (any s in sessions where s.units > 10)', value = 1 }, { value = 2 }]
sources = ["clinic"]

[facts.area]
type = "set"
choices = ["left", "right"]
ask = "Where?"
of = "clinician"
valid_for = "visit"
"#;
    let (clinic, _) =
        Clinic::from_text("trial.toml", &format!("{HEAD}{setting}")).unwrap_or_else(|found| panic!("{found}"));
    let protocol = &clinic.protocols[0];
    let text = "patient = \"P-1\"\nrecorded = 2026-03-02\nfacts.area = [\"left\"]\n";
    let sessions = "[[sessions]]\ntreatment = \"trial\"\ndate = 2026-01-10\n\
                    [[sessions]]\ntreatment = \"trial\"\ndate = 2026-02-10\nunits = 5\n";
    let read = Record::from_text("record.toml", &format!("{text}{sessions}"), Notation::Toml, &protocol.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
    let request = Request::new("2026-03-02".parse().expect("a date"));
    let answer = protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"));
    let asked: Vec<&str> = answer.questions.iter().map(|question| &*question.fact).collect();
    assert_eq!(asked, ["sessions.2026-01-10.units"]);
}
