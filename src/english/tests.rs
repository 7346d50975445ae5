use super::English;
use std::collections::BTreeSet;

use crate::lang::program::{Expr, ExprId};
use crate::protocol::Clinic;

const FACTS: &str = r#"
id = "test"
title = "Test"
version = "1.0.0"
status = "draft"
in_force = { from = 2026-01-01 }
review_by = 2027-01-01
owner = "medical lead"
treatment = "peel"
[sources.s]
title = "S"
evidence = "custom"
[facts.pregnancy_status]
type = "choice"
choices = ["not_pregnant", "pregnant", "possible"]
ask = "?"
of = "patient"
valid_for = "7 days"
[facts.scar_types]
type = "set"
choices = ["ice_pick", "boxcar_deep", "rolling"]
ask = "?"
of = "clinician"
valid_for = "7 days"
[facts.area]
type = "set"
choices = ["cheek", "chin"]
ask = "?"
of = "clinician"
valid_for = "7 days"
[facts.fitzpatrick]
type = "integer"
ask = "?"
of = "clinician"
valid_for = "forever"
[facts.hba1c_percent]
type = "decimal"
unit = "%"
ask = "?"
of = "lab"
valid_for = "90 days"
[facts.smoker]
type = "bool"
ask = "?"
of = "patient"
valid_for = "forever"
[facts.melasma]
type = "bool"
ask = "?"
of = "patient"
valid_for = "forever"
[facts.last_filler_date]
type = "date"
may_be_never = true
ask = "?"
of = "patient"
valid_for = "visit"
[facts.date_of_birth]
type = "date"
ask = "?"
of = "patient"
valid_for = "forever"
[facts.device]
type = "text"
ask = "?"
of = "record"
valid_for = "visit"
[session_facts.reaction]
type = "choice"
choices = ["none", "scar", "granuloma"]
[session_facts.area]
type = "set"
choices = ["cheek", "chin"]
[session_facts.depth_mm]
type = "decimal"
unit = "mm"
[session_facts.planned_date]
type = "date"
[products]
gel = { label = "the gel", products = ["g-1"] }
foam = ["f-1", "f-2"]
[parameters.hba1c_refer]
value = 8.0
unit = "%"
sources = ["s"]
[parameters.hba1c_defer]
value = 8.5
unit = "%"
sources = ["s"]
[parameters.filler_wait]
value = "28 days"
sources = ["s"]
[parameters.sun_days]
value = 14
unit = "days"
sources = ["s"]
[parameters.washout]
value = "6 months"
sources = ["s"]
[parameters.strict]
value = true
sources = ["s"]
[parameters.most]
value = 6
sources = ["s"]
[definitions]
slow_healing = 'fitzpatrick >= 4 || smoker'
series = { when = 'sessions_done >= 6 || (sessions_done >= 4 && smoker)', label = "two full series have been given" }
course = { when = 'melasma || smoker', label = "a course is planned or under way" }
tested = '"#;

/// The expression in words, as a condition or a value.
fn say(expression: &str) -> String {
    let (clinic, _) = Clinic::from_text("test.toml", &format!("{FACTS}{expression}'\n")).expect("a sound protocol");
    let protocol = &clinic.protocols[0];
    let tested = protocol.definitions.iter().find(|definition| definition.name == "tested").expect("it is there");
    protocol.english().value(tested.root)
}

#[track_caller]
fn check(pairs: &[(&str, &str)]) {
    let said: Vec<(&str, String)> = pairs.iter().map(|(expression, _)| (*expression, say(expression))).collect();
    let expected: Vec<(&str, String)> =
        pairs.iter().map(|(expression, words)| (*expression, (*words).into())).collect();
    assert_eq!(said, expected);
}

#[test]
fn comparisons() {
    check(&[
        (r#"pregnancy_status == "pregnant""#, "pregnancy status is pregnant"),
        (r#"pregnancy_status != "not_pregnant""#, "pregnancy status is not not pregnant"),
        (r#"!(pregnancy_status == "pregnant")"#, "pregnancy status is not pregnant"),
        ("fitzpatrick >= 4", "fitzpatrick is 4 or more"),
        ("4 <= fitzpatrick", "fitzpatrick is 4 or more"),
        ("!(fitzpatrick >= 4)", "fitzpatrick is less than 4"),
        ("hba1c_percent > hba1c_defer", "hba1c percent is more than 8.5 % (hba1c defer)"),
        ("hba1c_percent > 8.5", "hba1c percent is more than 8.5 %"),
        ("age < 18", "age is less than 18 years"),
        (r#"device == "pen""#, "device is “pen”"),
        ("fitzpatrick >= sessions_done", "fitzpatrick is at least the number of sessions done"),
        ("sessions_done == 0", "no session has been done yet"),
        ("sessions_done >= 1", "at least one session has been done"),
        ("sessions_done >= most", "6 (most) or more sessions have been done"),
        ("!(sessions_done >= 2)", "fewer than 2 sessions have been done"),
    ]);
}

#[test]
fn choices_sets_and_ranges() {
    check(&[
        (r#"pregnancy_status in ["pregnant", "possible"]"#, "pregnancy status is pregnant or possible"),
        (r#"!(pregnancy_status in ["pregnant", "possible"])"#, "pregnancy status is neither pregnant nor possible"),
        (r#""rolling" in scar_types"#, "scar types include rolling"),
        (r#"!("cheek" in area)"#, "area does not include cheek"),
        (r#"scar_types.contains_any(["ice_pick", "rolling"])"#, "scar types include ice pick or rolling"),
        (
            r#"!scar_types.contains_any(["ice_pick", "boxcar_deep", "rolling"])"#,
            "scar types include none of ice pick, boxcar deep and rolling",
        ),
        ("scar_types.is_empty()", "there are no scar types"),
        ("!scar_types.is_empty()", "there are scar types"),
        ("area.is_empty()", "area is empty"),
        ("area.len() >= 2", "the number of choices in area is 2 or more"),
        ("fitzpatrick in 1..=3", "fitzpatrick is between 1 and 3"),
        ("!(fitzpatrick in 1..=3)", "fitzpatrick is not between 1 and 3"),
        ("fitzpatrick in [1, 2, 3]", "fitzpatrick is 1, 2 or 3"),
        ("!(fitzpatrick in [1, 2, 3])", "fitzpatrick is not 1, 2 or 3"),
        ("scar_types.len() >= 2", "the number of scar types is 2 or more"),
    ]);
}

#[test]
fn and_or_and_not_can_be_read_in_one_way_only() {
    check(&[
        ("smoker && melasma", "smoker and melasma"),
        ("!(smoker || melasma)", "not smoker and not melasma"),
        ("smoker || melasma || slow_healing", "smoker, melasma or slow healing"),
        ("smoker && fitzpatrick >= 4", "smoker, and fitzpatrick is 4 or more"),
        ("(smoker || melasma) && age < 18", "age is less than 18 years, and either smoker or melasma"),
        ("smoker || melasma && age < 18", "smoker, or (melasma and age is less than 18 years)"),
        ("!(smoker && !melasma) && strict", "strict is switched on, and either not smoker or melasma"),
        (
            "hba1c_percent > hba1c_refer && hba1c_percent <= hba1c_defer",
            "hba1c percent is more than 8.0 % (hba1c refer) and 8.5 % (hba1c defer) or less",
        ),
        ("fitzpatrick >= 2 && fitzpatrick < 5", "fitzpatrick is 2 or more and less than 5"),
        (
            "(smoker ?? (age > 60)) && melasma",
            "smoker (if not known: yes if age is more than 60 years, otherwise no), and melasma",
        ),
        ("fitzpatrick + 1 + most > 8", "fitzpatrick plus 1 plus 6 (most) is more than 8"),
        ("fitzpatrick - (1 + most) > 8", "fitzpatrick minus (1 plus 6 (most)) is more than 8"),
        ("sessions.is_empty() || melasma", "there has been no session, or melasma"),
        ("fitzpatrick == 1 || fitzpatrick == 6 || fitzpatrick > 8", "fitzpatrick is 1 or 6 or more than 8"),
        ("(hba1c_percent ?? 5.0) > 8.0", "hba1c percent (taken as 5.0 % if not known) is more than 8.0 %"),
        (
            "smoker && (melasma || (strict && slow_healing))",
            "smoker, and either melasma, or (strict is switched on and slow healing)",
        ),
    ]);
}

#[test]
fn what_must_not_hold_is_denied_in_its_own_words_or_part_by_part() {
    let parts = "fewer than 6 sessions have been done, and either fewer than 4 sessions have been done or not smoker";
    check(&[
        ("!course", "no course is planned or under way"),
        ("!series", parts),
        ("melasma && !series", &format!("melasma, and {parts}")),
        (
            "melasma || !series",
            "melasma, or (fewer than 6 sessions have been done, and (fewer than 4 sessions have been done or not smoker))",
        ),
    ]);
}

#[test]
fn a_list_says_none_of_these() {
    let (clinic, _) =
        Clinic::from_text("test.toml", &format!("{FACTS}melasma && !series'\n")).expect("a sound protocol");
    let protocol = &clinic.protocols[0];
    let tested = protocol.definitions.iter().find(|definition| definition.name == "tested").expect("it is there");
    let (above, lines) = protocol.english().condition_list(tested.root).expect("a list");
    let lines: Vec<(usize, &str)> = lines.iter().map(|(level, line)| (*level, line.as_str())).collect();
    assert_eq!(above, "all of these");
    assert_eq!(lines, [(0, "melasma"), (0, "none of these:"), (1, "two full series have been given")]);
}

#[test]
fn a_product_is_the_group_that_it_alone_makes() {
    check(&[
        (r#"sessions.last.product == "g-1""#, "the last session's product is the gel"),
        (
            r#"any s in sessions where s.product in ["g-1", "f-1"]"#,
            "there has been a session in which product is the gel or “f-1”",
        ),
        (r#"device == "g-1""#, "device is “g-1”"),
    ]);
}

#[test]
fn dates_and_waits() {
    check(&[
        ("today >= date_of_birth + years(18)", "the patient's age is 18 years or more"),
        (
            "today < date_of_birth + years(18) && date_of_birth + years(12) <= today",
            "the patient's age is less than 18 years and 12 years or more",
        ),
        ("today == date_of_birth + years(18)", "exactly 18 years have passed since date of birth"),
        (
            "any s in sessions where s.date < date_of_birth + years(18)",
            "there has been a session in which the patient's age on its date is less than 18 years",
        ),
        (
            "any s in sessions where date_of_birth + years(18) <= s.date + days(4)",
            "there has been a session in which the patient's age on the day 4 days after that session is 18 years or more",
        ),
        (
            "last_filler_date >= sessions.last.date + months(1)",
            "last filler date is 1 month or more after the last session",
        ),
        (
            "sessions.last.date + months(1) > last_filler_date",
            "last filler date is earlier than 1 month after the last session",
        ),
        (
            "last_filler_date > sessions.last.date + filler_wait",
            "last filler date is later than 28 days (filler wait) after the last session",
        ),
        (
            "last_filler_date <= sessions.last.date + days(1)",
            "last filler date is no later than 1 day after the last session",
        ),
        ("last_filler_date + days(1) < date(\"2027-01-01\")", "1 day after last filler date is before 1 January 2027"),
        (
            "today < last_filler_date + filler_wait",
            "less than 28 days (filler wait) have passed since last filler date",
        ),
        ("last_filler_date + days(1) <= today", "1 day or more has passed since last filler date"),
        ("today - last_filler_date < days(14)", "less than 14 days have passed since last filler date"),
        ("last_filler_date + washout", "6 months (washout) after last filler date"),
        ("last_filler_date + days(sun_days)", "14 days (sun days) after last filler date"),
        ("today - weeks(2)", "2 weeks ago"),
        ("today + washout", "6 months (washout) from today"),
        ("last_filler_date == never", "last filler date is “never”"),
        ("(last_filler_date ?? never) != never", "last filler date (taken as never if not known) is not “never”"),
        ("today > sessions.last.date + months(6)", "more than 6 months have passed since the last session"),
        ("last_filler_date < date_of_birth", "last filler date is before date of birth"),
        ("today < today + washout", "6 months (washout) is more than 0 days"),
        ("last_filler_date > never", "last filler date is not “never”"),
    ]);
}

#[test]
fn what_is_not_known() {
    check(&[
        ("smoker ?? false", "smoker (taken as no if not known)"),
        ("!(smoker ?? false)", "not smoker (taken as no if not known)"),
        ("known(smoker)", "smoker is known"),
        ("!known(hba1c_percent)", "hba1c percent is not known"),
        ("if smoker { 4 } else { most }", "4 if smoker, otherwise 6 (most)"),
        (
            "if smoker { melasma } else { slow_healing && age < 18 }",
            "(smoker and melasma), or (not smoker, slow healing and age is less than 18 years)",
        ),
    ]);
}

#[test]
fn sessions() {
    check(&[
        ("sessions.is_empty()", "there has been no session"),
        (r#"!sessions_of("filler").is_empty()"#, "there has been a filler session"),
        ("any s in sessions where s.depth_mm > 1.0", "there has been a session in which depth mm is more than 1.0 mm"),
        (
            r#"!(any s in sessions where (s.reaction ?? "none") in ["scar", "granuloma"])"#,
            "there has been no session in which reaction (taken as none if not known) is scar or granuloma",
        ),
        (r#"all s in sessions where s.reaction == "none""#, "in every session, reaction is none"),
        (
            r#"!(all s in sessions where s.reaction == "none")"#,
            "there has been a session in which reaction is not none",
        ),
        (
            r#"(count s in sessions_of("filler") where s.date > date_of_birth) >= 2"#,
            "the number of filler sessions whose date is after date of birth is 2 or more",
        ),
        (
            "(sum s.depth_mm in sessions where s.date > today - days(90)) + 1 > 3",
            "(the sum of depth mm over the sessions whose date is later than 90 days ago) plus 1 is more than 3 mm",
        ),
        (
            r#"(sum s.depth_mm ?? 1 in sessions_of("filler") where true) <= 3"#,
            "the sum of depth mm (taken as 1 mm if not known) over all filler sessions is 3 mm or less",
        ),
        ("sessions.last.depth_mm >= 2", "the last session's depth mm is 2 mm or more"),
        (r#"!("chin" in sessions.last.area)"#, "the last session's area does not include chin"),
        (r#"sessions_of("filler").first.product == "x""#, "the first filler session's product is “x”"),
    ]);
}

/// A course whose one session is skipped under a condition.
fn skipped(condition: &str) -> String {
    format!(
        "true'\n[[course]]\nid = \"c\"\nsources = [\"s\"]\nseparate_by = \"reaction\"\n\
         [[course.session]]\nskip = '{condition}"
    )
}

/// The condition under which a session is skipped, in words.
fn say_skip(condition: &str) -> String {
    let text = format!("{FACTS}{}'\n", skipped(condition));
    let (clinic, _) = Clinic::from_text("test.toml", &text).expect("a sound protocol");
    let protocol = &clinic.protocols[0];
    let skip = protocol.courses[0].sessions[0].skip.clone().expect("it has one");
    protocol.english().with_each(Some("reaction")).condition(ExprId(skip.end - 1))
}

#[test]
fn when_a_session_is_not_needed() {
    for (condition, words) in [
        ("judging", "a past session is being judged"),
        ("!judging", "the next session is being planned"),
        (r#"aged("7 years")"#, "the patient is at least 7 years old"),
        (r#"!aged("4 years", grace)"#, "the patient is younger than 4 years (for a past session, less the grace)"),
        (r#"waited("6 months")"#, "6 months or more have passed since the previous session"),
        (
            r#"!waited("6 months", grace)"#,
            "less than 6 months have passed since the previous session (for a past session, less the grace)",
        ),
        ("session_date < today", "today is after the day of the session"),
        ("valid() > 2", "the number of valid sessions is more than 2"),
        (
            r#"given("gel", "foam", "from 7 years", "before 2026-07-01") == 0"#,
            "the number of given sessions with the gel or foam from the age of 7 years on and before 1 July 2026 is 0",
        ),
        (
            r#"given("gel", "before 2 years", "from 2025-08-27") == 0"#,
            "the number of given sessions with the gel before the age of 2 years and on or after 27 August 2025 is 0",
        ),
        (r#"reaction == "scar""#, "reaction is scar"),
    ] {
        assert_eq!(say_skip(condition), words, "{condition}");
    }
}

#[test]
fn the_sessions_of_two_quantifiers_are_told_apart() {
    check(&[(
        "any s in sessions where (any t in sessions where t.date > s.date && t.depth_mm > s.depth_mm)",
        "there has been a session A in which there has been a session B in which B's date is after A's date and B's depth \
         mm is more than A's depth mm",
    )]);
}

/// The kind of an expression, from 0; a new one has to be added here, and to the test below.
fn kind(expr: &Expr) -> usize {
    match expr {
        Expr::Literal(_) => 0,
        Expr::Fact(_) => 1,
        Expr::Parameter(_) => 2,
        Expr::Definition(..) => 3,
        Expr::Today => 4,
        Expr::Age(_) => 5,
        Expr::SessionsDone => 6,
        Expr::Each => 7,
        Expr::Not(_) => 8,
        Expr::And(_) => 9,
        Expr::Or(_) => 10,
        Expr::Compare(..) => 11,
        Expr::OneOf(..) => 12,
        Expr::Among(..) => 13,
        Expr::Within { .. } => 14,
        Expr::Contains(..) => 15,
        Expr::ContainsAny(..) => 16,
        Expr::IsEmpty(_) => 17,
        Expr::Len(_) => 18,
        Expr::Arithmetic(..) => 19,
        Expr::Negate(_) => 20,
        Expr::Shift { .. } => 21,
        Expr::Distance(..) => 22,
        Expr::Duration { .. } => 23,
        Expr::Lengthen(..) => 24,
        Expr::If(..) => 25,
        Expr::Coalesce(..) => 26,
        Expr::Known(_) => 27,
        Expr::Quantified { .. } => 28,
        Expr::Sum { .. } => 29,
        Expr::SessionCount(_) => 30,
        Expr::NoSessions(_) => 31,
        Expr::FirstDate(_) => 32,
        Expr::LastDate(_) => 33,
        Expr::EndNote { .. } => 34,
        Expr::SessionNote { .. } => 35,
        Expr::Judging => 36,
        Expr::SessionDate => 37,
        Expr::Aged { .. } => 38,
        Expr::Waited { .. } => 39,
        Expr::Tally(_) => 40,
    }
}

/// Conditions that have every kind of expression between them, those of a course aside.
const EVERY_KIND: &[&str] = &[
    "!(smoker && slow_healing) || today + days(fitzpatrick) > last_filler_date || age > -fitzpatrick + 1 || strict",
    r#"pregnancy_status in ["pregnant"] || fitzpatrick in [1, 2] || fitzpatrick in 1..=3 || "chin" in area || known(melasma)"#,
    r#"area.contains_any(["chin"]) || area.is_empty() || area.len() > 1 || sessions_done > 1 || sessions.is_empty()"#,
    "today - last_filler_date > (if smoker { days(1) } else { weeks(2) }) + filler_wait || (melasma ?? false)",
    "(count s in sessions where s.depth_mm > 1) > 1 || sessions.len() > 1 || sessions.last.depth_mm > 1.0",
    "(sum s.depth_mm in sessions where true) > 1 || sessions.first.date < sessions.last.date",
];

#[test]
fn every_kind_of_expression_has_words() {
    let skip =
        r#"judging && reaction == "scar" && session_date < today && aged("1 year") && waited("1 day") && valid() > 1"#;
    let mut seen = BTreeSet::new();
    for expression in EVERY_KIND.iter().map(|one| (*one).to_owned()).chain([skipped(skip)]) {
        let text = format!("{FACTS}{expression}'\n");
        let (clinic, _) = Clinic::from_text("test.toml", &text).unwrap_or_else(|mistakes| panic!("{text}\n{mistakes}"));
        let protocol = &clinic.protocols[0];
        let english = protocol.english();
        for (at, node) in (0..).zip(&protocol.program.nodes) {
            seen.insert(kind(&node.expr));
            let id = ExprId(at);
            let german = English { speech: &crate::speech::GERMAN, ..english.clone() };
            for language in [&english, &german] {
                for words in [language.value(id), language.condition(id), language.negation(id)] {
                    assert!(!words.is_empty() && !words.contains('_'), "{:?}: {words}", node.expr);
                }
            }
        }
    }
    assert_eq!(seen, (0..41).collect());
    assert_eq!(crate::speech::tests::MISSING.take(), [""; 0]);
}

#[test]
fn conditions_in_german_read_as_a_form_would_say_them() {
    let german = |expression: &str| {
        let (clinic, _) = Clinic::from_text("test.toml", &format!("{FACTS}{expression}'\n")).expect("a sound protocol");
        let protocol = &clinic.protocols[0];
        let tested = protocol.definitions.iter().find(|definition| definition.name == "tested").expect("it is there");
        English { speech: &crate::speech::GERMAN, ..protocol.english() }.value(tested.root)
    };
    for (expression, words) in [
        ("age < 18", "Alter: weniger als 18 Jahre"),
        (r#"pregnancy_status in ["pregnant", "possible"]"#, "pregnancy status: pregnant oder possible"),
        (r#"!(pregnancy_status in ["pregnant", "possible"])"#, "pregnancy status: weder pregnant noch possible"),
        (r#"!("cheek" in area)"#, "area: darunter nicht cheek"),
        ("!smoker && fitzpatrick >= 4", "nicht (smoker) und fitzpatrick: mindestens 4"),
        ("fitzpatrick >= 2 && fitzpatrick < 5", "fitzpatrick: mindestens 2 und weniger als 5"),
        ("smoker || melasma && age < 18", "smoker, oder (melasma und Alter: weniger als 18 Jahre)"),
        (
            "today < last_filler_date + filler_wait",
            "weniger als 28 Tage (filler wait) vergangen seit: last filler date",
        ),
        ("last_filler_date == never", "last filler date: „nie“"),
        ("last_filler_date + weeks(2) < today", "mehr als 2 Wochen vergangen seit: last filler date"),
        ("(hba1c_percent ?? 5.0) > 8.0", "hba1c percent (wenn nicht bekannt: 5,0 %): mehr als 8,0 %"),
        ("!(sessions_done >= 2)", "bisher weniger als 2 Sitzungen"),
        ("sessions.last.depth_mm >= 2", "depth mm (letzte Sitzung): mindestens 2 mm"),
        (r#"!sessions_of("filler").is_empty()"#, "es gab eine Sitzung (filler)"),
    ] {
        assert_eq!(german(expression), words, "{expression}");
    }
}
