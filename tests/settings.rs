//! What a setting comes to when something that it rests on is not known, and when what comes out is no setting.

use regimen::recommendation::{BoundKind, Effect, SettingReport};
use regimen::render::{TextStyle, text};
use regimen::{Clinic, Date, Notation, Recommendation, Record, Request, Status};

/// Facts, a parameter and a note, with ranges and without.
const FACTS: &str = concat!(
    include_str!("fixtures/head.toml"),
    r#"
[parameters.mg_per_kg]
value = 4.5
unit = "mg/kg"
sources = ["clinic"]

[facts]
weight = { type = "decimal", unit = "kg", range = [2, 200], ask = "Weight?", of = "clinician", valid_for = "30 days" }
cap = { type = "decimal", unit = "mg", range = [10, 200], ask = "Cap?", of = "clinician", valid_for = "forever" }
guess = { type = "decimal", unit = "mg", ask = "Guess?", of = "clinician", valid_for = "forever" }
near_eye = { type = "bool", ask = "Near the eye?", of = "clinician", valid_for = "forever" }
frail = { type = "bool", ask = "Frail?", of = "clinician", valid_for = "forever" }
drug = { type = "choice", choices = ["strong", "weak"], ask = "Which drug?", of = "clinician", valid_for = "visit" }
zones = { type = "set", choices = ["face", "leg"], ask = "Zones?", of = "clinician", valid_for = "visit" }
date_of_birth = { type = "date", past = true, ask = "Born?", of = "patient", valid_for = "forever" }

[session_facts]
noted = { type = "decimal", unit = "mg", range = [5, 400] }
given = { type = "decimal", unit = "mg" }
"#
);

fn answer(rules: &str, record: &str) -> Recommendation {
    let text = format!("{FACTS}\n{rules}");
    let (clinic, _) = Clinic::from_text("trial.toml", &text).unwrap_or_else(|found| panic!("{found}"));
    let protocol = &clinic.protocols[0];
    let text = format!("patient = \"P-1\"\nrecorded = 2026-03-02\n{record}");
    let read = Record::from_text("record.toml", &text, Notation::Toml, &protocol.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
    let request = Request::new(Date::new(2026, 3, 2).expect("a day"));
    protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"))
}

/// In a record: no sessions were given.
const NONE: &str = "sessions = []";

/// A setting `dose` in mg with these rows, and a record with these facts.
fn dose(rows: &str, facts: &str) -> Recommendation {
    answer(&setting(rows, ""), &format!("[facts]\n{facts}"))
}

fn setting(rows: &str, more: &str) -> String {
    format!(
        "[[setting]]\nid = \"dose\"\nlabel = \"Dose\"\nunit = \"mg\"\n{more}\nrows = [{rows}]\nsources = [\"clinic\"]\n"
    )
}

fn precaution(id: &str, when: &str, limits: &str) -> String {
    format!(
        "[[precaution]]\nid = \"{id}\"\nwhen = '{when}'\ndo = \"x\"\nreason = \"x\"\nlimits = {{ {limits} }}\nsources = [\"clinic\"]\n"
    )
}

fn one(answer: &Recommendation) -> &SettingReport {
    assert_eq!(answer.settings.len(), 1, "{:#?}", answer.settings);
    &answer.settings[0]
}

/// The value in words, and the facts that are asked for because of a setting, with who waits for them.
fn told(answer: &Recommendation) -> (&str, Vec<String>) {
    let asked = answer.questions.iter().filter(|question| question.could_change.contains(&Effect::Setting));
    (&one(answer).value, asked.map(|question| format!("{}: {}", question.fact, question.rules.join(" "))).collect())
}

#[track_caller]
fn comes_to(answer: &Recommendation, value: &str, asked: &[&str]) {
    assert_eq!(told(answer), (value, asked.iter().map(|one| (*one).to_owned()).collect()));
    let report = one(answer);
    let status = if report.known { Status::Due } else { Status::Undetermined };
    assert_eq!(answer.status, status, "nothing is due without a value: {value}");
    let open = !asked.is_empty();
    assert_eq!((report.known, report.provisional), (!open && report.known, open));
    let names: Vec<&str> = asked.iter().filter_map(|one| one.split(':').next()).collect();
    assert_eq!(report.depends_on.len(), names.len());
    assert!(names.iter().all(|name| report.depends_on.iter().any(|other| other == name)));
    // The words stand in every rendering; names of notes and of lists of sessions have labels for people there.
    let value = if value.contains("`sessions") { value.split('`').next().unwrap_or_default() } else { value };
    let shown = text(answer, TextStyle { width: 400, colour: false });
    assert!(shown.lines().any(|line| line.trim_start().starts_with(&format!("- Dose: {value}"))), "{shown}");
    assert!(!shown.contains("safest of several"), "{shown}");
}

#[test]
fn a_limit_that_is_not_known_is_no_missing_limit() {
    let rules = format!("{}{}", setting("{ value = 300 }", ""), precaution("eyes", "near_eye", "dose = 'cap'"));
    let near = |facts: &str| answer(&rules, &format!("[facts]\n{facts}"));
    comes_to(&near("near_eye = true\ncap = 50"), "50 mg", &[]);
    let open = near("near_eye = true");
    comes_to(&open, "at most 10 mg until `cap` is known", &["cap: eyes"]);
    assert_eq!(one(&open).limited_by, ["eyes"]);
    let bound = one(&open).bound.as_ref().expect("a bound");
    assert_eq!((bound.kind, bound.number.as_str(), bound.unit.as_deref()), (BoundKind::AtMost, "10", Some("mg")));
    // A limit whose condition is not known applies, and is asked for.
    comes_to(&near("cap = 50"), "at most 50 mg until `near_eye` is known", &["near_eye: eyes"]);
    comes_to(&near(""), "at most 10 mg until `cap` and `near_eye` are known", &["cap: eyes", "near_eye: eyes"]);
    comes_to(&near("near_eye = false"), "300 mg", &[]);
}

#[test]
fn what_cannot_change_the_value_is_not_asked() {
    // Never below another row.
    comes_to(&dose("{ value = 1 }, { when = 'frail', value = 2 }", ""), "1 mg", &[]);
    comes_to(&dose("{ value = 10 }, { value = 'cap' }", ""), "10 mg", &[]);
    comes_to(&dose("{ value = 11 }, { value = 'cap' }", ""), "at most 10 mg until `cap` is known", &["cap: dose"]);
    comes_to(&dose("{ value = 'if cap >= 10.0 { 5 } else { 7 }' }", ""), "5 mg", &[]);
    comes_to(&dose("{ value = 'if frail { 5 } else { 5 }' }", ""), "5 mg", &[]);
    comes_to(&dose("{ when = 'weight > 1.0', value = 5 }", ""), "5 mg", &[]);
    // Nor is a limit that is always above the table, and nothing beside words that win.
    let rules = |limit: &str| format!("{}{}", setting("{ value = 300 }", ""), precaution("eyes", "near_eye", limit));
    comes_to(&answer(&rules("dose = 300"), ""), "300 mg", &[]);
    comes_to(&answer(&rules("dose = 299"), ""), "at most 299 mg until `near_eye` is known", &["near_eye: eyes"]);
    comes_to(&dose("{ text = \"none\" }, { value = 'cap' }", ""), "none", &[]);
}

#[test]
fn what_all_ways_come_to_is_known_though_nobody_knows_the_way() {
    // Whichever of the rows applies.
    let rows = |a: &str, b: &str| format!("{{ when = 'frail', {a} }}, {{ when = '!frail', {b} }}");
    comes_to(&dose(&rows("value = 5", "value = 5"), ""), "5 mg", &[]);
    comes_to(&dose(&rows("from = 5, to = 7", "from = 5, to = 7"), ""), "5 to 7 mg", &[]);
    comes_to(&dose(&rows("text = \"gel\"", "text = \"gel\""), ""), "gel", &[]);
    let open = "at most 5 mg until `frail` is known";
    comes_to(&dose(&rows("value = 5", "value = 6"), ""), open, &["frail: dose"]);
    let choices = "{ when = 'drug == \"strong\"', value = 5 }, { when = 'drug == \"weak\"', value = 5 }";
    comes_to(&dose(choices, ""), "5 mg", &[]);
    let numbers = "{ when = 'weight < 40.0', value = 5 }, { when = 'weight >= 40.0', value = 5 }";
    comes_to(&dose(numbers, ""), "5 mg", &[]);
    // One of them may still not apply.
    let gap = "{ when = 'weight < 40.0', value = 5 }, { when = 'weight > 40.0', value = 5 }";
    comes_to(&dose(gap, ""), "at most 5 mg until `weight` is known", &["weight: dose"]);
    let gap = "{ when = 'frail && near_eye', value = 5 }, { when = '!frail && near_eye', value = 5 }";
    comes_to(&dose(gap, "near_eye = true"), "5 mg", &[]);
    comes_to(&dose(gap, ""), "at most 5 mg until `near_eye` and `frail` are known", &["near_eye: dose", "frail: dose"]);
    // After the limits: one that holds, and one that may hold and is never the lowest.
    let limited = |when: &str, limit: &str| {
        let rules = setting(&rows("from = 5, to = 7", "value = 5"), "");
        answer(&format!("{rules}{}", precaution("eyes", when, limit)), "[facts]\nnear_eye = true")
    };
    comes_to(&limited("near_eye", "dose = 5"), "5 mg", &[]);
    comes_to(&limited("near_eye", "dose = 4"), "4 mg", &[]);
    comes_to(&limited("near_eye", "dose = 6"), "at most 5 mg until `frail` is known", &["frail: dose"]);
    let same =
        format!("{}{}", setting(&rows("value = 5", "value = 5"), ""), precaution("eyes", "near_eye", "dose = 6"));
    comes_to(&answer(&same, ""), "5 mg", &[]);
    // After rounding.
    let rounded = |number: &str| {
        let rules = setting(&rows("value = 5.2", &format!("value = {number}")), "decimals = 0\nround = \"down\"");
        answer(&rules, "")
    };
    comes_to(&rounded("5.9"), "5 mg", &[]);
    comes_to(&rounded("6.1"), open, &["frail: dose"]);
}

#[test]
fn what_a_value_may_still_be_comes_from_the_ranges() {
    let per_kg = "{ value = 'mg_per_kg * weight' }";
    comes_to(&dose(per_kg, "weight = 70"), "315 mg", &[]);
    comes_to(&dose(per_kg, ""), "at most 9 mg until `weight` is known", &["weight: dose"]);
    let by_drug = "{ value = 'if drug == \"strong\" { 2.0 * cap } else { 4.5 * cap }' }";
    comes_to(&dose(by_drug, "cap = 70"), "at most 140 mg until `drug` is known", &["drug: dose"]);
    // An undeclared range, a difference that may be below 0, a divisor that may be 0.
    comes_to(&dose("{ value = 300 }, { value = 'guess' }", ""), "unknown until `guess` is known", &["guess: dose"]);
    comes_to(&dose("{ value = 'cap - 20' }", ""), "unknown until `cap` is known", &["cap: dose"]);
    comes_to(&dose("{ value = '100 / (cap - 20)' }", ""), "unknown until `cap` is known", &["cap: dose"]);
    // Both ends of a range, and a row that may not apply.
    comes_to(&dose("{ from = 20, to = 'cap' }", ""), "at most 10 mg until `cap` is known", &["cap: dose"]);
    comes_to(
        &dose("{ when = 'frail', from = 'cap', to = 'cap * 2' }, { when = '!frail', value = 30 }", "cap = 40"),
        "at most 30 mg until `frail` is known",
        &["frail: dose"],
    );
    // An age from a year of birth is a range, and none that is permitted.
    comes_to(
        &answer(
            "[[setting]]\nid = \"dose\"\nlabel = \"Dose\"\nunit = \"years\"\nrows = [{ value = 'age' }]\nsources = [\"clinic\"]\n",
            "[facts]\ndate_of_birth = \"1980\"",
        ),
        "at most 45 years until `date_of_birth` is known",
        &["date_of_birth: dose"],
    );
}

#[test]
fn where_higher_is_safer_it_is_at_least() {
    let rules = format!(
        "{}{}",
        setting("{ value = 20 }, { when = 'frail', from = 30, to = 40 }", "safer = \"higher\""),
        precaution("eyes", "near_eye", "dose = 'cap'"),
    );
    let wait = |facts: &str| answer(&rules, &format!("[facts]\n{facts}"));
    comes_to(&wait("near_eye = false\nfrail = false"), "20 mg", &[]);
    comes_to(&wait("near_eye = false\nfrail = true"), "30 to 40 mg", &[]);
    comes_to(&wait("near_eye = false"), "at least 40 mg until `frail` is known", &["frail: dose"]);
    comes_to(&wait("near_eye = true\nfrail = false"), "at least 200 mg until `cap` is known", &["cap: eyes"]);
    comes_to(&wait("near_eye = true\nfrail = true\ncap = 35"), "35 to 40 mg", &[]);
}

#[test]
fn words_that_may_win_leave_no_number() {
    let rows = "{ when = 'frail', text = \"forbidden\" }, { value = 5 }";
    comes_to(&dose(rows, "frail = true"), "forbidden", &[]);
    comes_to(&dose(rows, "frail = false"), "5 mg", &[]);
    comes_to(&dose(rows, ""), "unknown until `frail` is known; it may be \"forbidden\"", &["frail: dose"]);
    let two = "{ when = 'frail', text = \"a\" }, { when = '!frail', text = \"b\" }";
    comes_to(&dose(two, ""), "unknown until `frail` is known; it may be \"a\" or \"b\"", &["frail: dose"]);
    let more = "{ text = \"gel\" }, { when = 'frail', text = \"ice\" }, { when = 'near_eye', text = \"gel\" }";
    comes_to(&dose(more, ""), "gel; perhaps also \"ice\", open until `frail` is known", &["frail: dose"]);
}

#[test]
fn no_row_applies_only_where_that_is_certain() {
    let rows = "{ when = 'frail', value = 'cap' }";
    let none = dose(rows, "frail = false");
    comes_to(&none, "no row of the table applies", &[]);
    assert!(!one(&none).known);
    comes_to(&dose(rows, "frail = true"), "at most 10 mg until `cap` is known", &["cap: dose"]);
    comes_to(&dose(rows, ""), "at most 10 mg until `cap` and `frail` are known", &["cap: dose", "frail: dose"]);
}

#[test]
fn notes_of_sessions_are_asked_for() {
    let last = setting("{ value = 300 }, { when = '!sessions.is_empty()', value = 'sessions.last.noted * 1.1' }", "");
    let session = |note: &str| format!("[[sessions]]\ntreatment = \"trial\"\ndate = 2026-01-20\n{note}\n");
    comes_to(&answer(&last, NONE), "300 mg", &[]);
    comes_to(&answer(&last, &session("noted = 100")), "110 mg", &[]);
    comes_to(
        &answer(&last, &session("")),
        "at most 5.5 mg until `sessions.2026-01-20.noted` is known",
        &["sessions.2026-01-20.noted: dose"],
    );
    comes_to(
        &answer(&last.replace(".noted", ".given"), &session("")),
        "unknown until `sessions.2026-01-20.given` is known",
        &["sessions.2026-01-20.given: dose"],
    );
    let sum = setting("{ value = 'sum s.noted in sessions where true' }", "");
    let two = format!("{}{}", session("noted = 100"), session("").replace("01-20", "02-20"));
    comes_to(
        &answer(&sum, &two),
        "at most 105 mg until `sessions.2026-02-20.noted` is known",
        &["sessions.2026-02-20.noted: dose"],
    );
    // Without a session there is nobody to ask.
    let nobody = answer(&setting("{ value = 'sessions.last.noted' }", ""), NONE);
    assert_eq!(
        (one(&nobody).value.as_str(), one(&nobody).known),
        ("cannot be worked out: `sessions.last.noted` asks for a session, and there was none", false)
    );
}

#[test]
fn sessions_that_are_not_listed_leave_an_end_open() {
    let asked = ["sessions.trial: dose"];
    let session = "[[sessions]]\ntreatment = \"trial\"\ndate = 2026-01-20\nnoted = 100\n";
    let some = format!("sessions_cover = []\n{session}");
    let lower = |value: &str| setting(&format!("{{ value = '{value}' }}"), "");
    let higher = |value: &str| setting(&format!("{{ value = '{value}' }}"), "safer = \"higher\"");
    let not_known = "unknown until `sessions.trial` is known";
    // How many there were, nobody knows: no calculation makes a number of that.
    for value in [
        "sessions.len() + 2",
        "2 + sessions.len()",
        "sessions.len() - 2",
        "sessions.len() / 2",
        "sessions.len() * 0.001",
        "(count s in sessions where s.noted > 50.0) + 1",
        "sessions_done * 3",
        "sum s.noted in sessions where s.noted > 50.0",
        "10000000 - (20 - sessions.len())",
    ] {
        comes_to(&answer(&higher(value), ""), not_known, &asked);
        comes_to(&answer(&higher(value), &some), not_known, &asked);
    }
    for value in ["300 - sessions.len()", "300 - sessions.len() * 2", "-1 * (sessions.len() - 20) * 0.5"] {
        comes_to(&answer(&lower(value), ""), not_known, &asked);
    }
    // An end that is known is one.
    comes_to(&answer(&lower("sessions.len() + 2"), ""), "at most 2 mg until `sessions.trial` is known", &asked);
    comes_to(&answer(&lower("sessions.len() + 2"), &some), "at most 3 mg until `sessions.trial` is known", &asked);
    comes_to(&answer(&higher("300 - sessions.len()"), ""), "at least 300 mg until `sessions.trial` is known", &asked);
    comes_to(
        &answer(&higher("60 / (sessions.len() + 2)"), ""),
        "at least 30 mg until `sessions.trial` is known",
        &asked,
    );
    let sum = lower("sum s.noted in sessions where true");
    comes_to(&answer(&sum, ""), "at most 0 mg until `sessions.trial` is known", &asked);
    comes_to(&answer(&sum, &some), "at most 100 mg until `sessions.trial` is known", &asked);
    comes_to(&answer(&lower("sum s.given in sessions where true"), ""), not_known, &asked);
    // The last may be one that is not listed.
    comes_to(&answer(&lower("sessions.last.noted"), &some), "at most 5 mg until `sessions.trial` is known", &asked);
    comes_to(&answer(&lower("sessions.last.given"), ""), not_known, &asked);
    // What is known is none of this.
    comes_to(&answer(&higher("sessions.len() + 2"), session), "3 mg", &[]);
    comes_to(&answer(&higher("1000000 * (sessions.len() + 2)"), session), "3000000 mg", &[]);
}

#[test]
fn each_value_of_a_set_has_its_own() {
    let rules = setting(
        "{ when = 'zone == \"face\"', value = 'cap / 2' }, { when = 'zone == \"leg\"', value = 7 }",
        "each = { zone = \"zones\" }",
    );
    let values = |facts: &str| -> Vec<String> {
        let answer = answer(&rules, &format!("[facts]\n{facts}"));
        answer.settings.iter().map(|one| format!("{} {}", one.id, one.value)).collect()
    };
    assert_eq!(values("zones = [\"face\", \"leg\"]"), ["dose.face at most 5 mg until `cap` is known", "dose.leg 7 mg"]);
    assert_eq!(values("zones = [\"leg\"]"), ["dose.leg 7 mg"]);
    assert_eq!(values("zones = []"), Vec::<String>::new());
    assert_eq!(values(""), ["dose unknown until `zones` is known"]);
    let leg = answer(&rules, "[facts]\nzones = [\"leg\"]");
    assert!(leg.questions.is_empty(), "{:?}", leg.questions);
    // Known for the one, whichever row applies, and open for the other, for which there may be none.
    let rules = setting(
        "{ when = 'zone == \"face\" && frail', value = 7 }, { when = '!frail', value = 7 }",
        "each = { zone = \"zones\" }",
    );
    let both = answer(&rules, "[facts]\nzones = [\"face\", \"leg\"]");
    let told: Vec<&str> = both.settings.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(told, ["7 mg", "at most 7 mg until `frail` is known"]);
}

#[test]
fn what_comes_out_below_0_or_upside_down_is_no_value() {
    comes_to(&dose("{ value = 'cap - 60' }", "cap = 50"), "no value: row 1 of the table comes to less than 0", &[]);
    comes_to(&dose("{ value = 'cap - 60' }", "cap = 60"), "0 mg", &[]);
    comes_to(
        &dose("{ from = 'cap', to = 100 }", "cap = 150"),
        "no value: row 1 of the table ends before it begins",
        &[],
    );
    let rules = format!("{}{}", setting("{ value = 300 }", ""), precaution("eyes", "near_eye", "dose = 'cap - 60'"));
    let below = answer(&rules, "[facts]\nnear_eye = true\ncap = 50");
    comes_to(&below, "no value: the limit of `eyes` comes to less than 0", &[]);
    assert!(!one(&below).known && one(&below).bound.is_none());
    // It may turn out so.
    comes_to(&answer(&rules, "[facts]\ncap = 50"), "unknown until `near_eye` is known", &["near_eye: eyes"]);
    // What makes no sense gets none by a limit, or by another row.
    let careful = "safer = \"higher\"";
    for (rows, more, wrong) in [
        ("{ value = 'cap - 60' }", careful, "comes to less than 0"),
        ("{ from = 'cap', to = 30 }", "", "ends before it begins"),
        ("{ from = 'cap', to = 30 }, { value = 3 }", "", "ends before it begins"),
    ] {
        let limit = precaution("eyes", "near_eye", "dose = 3");
        let rules = format!("{}{limit}", setting(rows, more));
        let of = |facts: &str| answer(&rules, &format!("[facts]\ncap = 50\n{facts}"));
        let wrong = format!("no value: row 1 of the table {wrong}");
        for facts in ["near_eye = true", "near_eye = false", ""] {
            comes_to(&of(facts), &wrong, &[]);
        }
    }
    // The limit wins in any case, but nobody knows yet whether the row makes sense.
    let rules = format!("{}{}", setting("{ value = 'cap - 60' }", careful), precaution("eyes", "true", "dose = 300"));
    comes_to(&answer(&rules, "[facts]\n"), "at least 300 mg until `cap` is known", &["cap: dose"]);
    comes_to(&answer(&rules, "[facts]\ncap = 70"), "300 mg", &[]);
}

#[test]
fn what_a_number_takes_for_granted_is_told() {
    let rules = format!(
        "{}{}",
        setting("{ value = 'cap ?? 300' }", ""),
        precaution("eyes", "near_eye", "dose = 'if known(weight) { 200 } else { 100 }'"),
    );
    let answer = answer(&rules, "[facts]\nnear_eye = true");
    assert_eq!(one(&answer).value, "100 mg");
    let told = answer.assumptions.iter().map(|one| format!("{} {} {}", one.fact, one.assumed, one.rules.join(" ")));
    assert_eq!(told.collect::<Vec<_>>(), ["cap 300 mg dose", "weight unknown eyes"]);
}

#[test]
fn what_leaves_a_row_out_is_told() {
    let assumed = |rows: &str, facts: &str| {
        let told = dose(rows, facts).assumptions.into_iter().map(|one| format!("{}: {}", one.fact, one.assumed));
        told.collect::<Vec<_>>()
    };
    let careful = "{ when = 'CAREFUL', value = 50 }, { value = 100 }";
    for (when, told) in
        [("(near_eye ?? false)", "no"), ("known(near_eye) && frail", ""), ("frail && known(near_eye)", "")]
    {
        let rows = careful.replace("CAREFUL", when);
        assert_eq!(assumed(&rows, "frail = true").len(), 1, "{when}");
        assert!(assumed(&rows, "frail = true")[0].starts_with(&format!("near_eye: {told}")), "{when}");
        assert_eq!(assumed(&rows, "frail = true\nnear_eye = true"), Vec::<String>::new(), "{when}");
    }
    // What rules the row out anyway is no assumption, and a row for the missing answer tells so itself.
    assert_eq!(assumed(&careful.replace("CAREFUL", "known(near_eye) && frail"), "frail = false"), Vec::<String>::new());
    let both = "{ when = 'known(near_eye)', value = 50 }, { when = '!known(near_eye)', value = 20 }";
    assert_eq!(assumed(both, ""), Vec::<String>::new());
}

#[test]
fn machines_read_that_it_is_no_value() {
    let json = |answer: &Recommendation| serde_json::to_value(&answer.settings[0]).expect("JSON");
    let open = json(&dose("{ value = 'cap' }", ""));
    assert_eq!(open["value"], "at most 10 mg until `cap` is known");
    assert_eq!((&open["known"], &open["provisional"]), (&false.into(), &true.into()));
    assert_eq!(open["bound"], serde_json::json!({ "kind": "at_most", "number": "10", "unit": "mg" }));
    assert_eq!(open["depends_on"], serde_json::json!(["cap"]));
    let known = json(&dose("{ value = 'cap' }", "cap = 20"));
    assert_eq!((&known["value"], &known["known"]), (&"20 mg".into(), &true.into()));
    assert!(known.get("bound").is_none() && known.get("depends_on").is_none());
}

#[test]
fn units_fit_or_are_refused() {
    let found = |rules: &str| -> Vec<String> {
        let read = Clinic::from_text("trial.toml", &format!("{FACTS}\n{rules}"));
        read.err().map_or_else(Vec::new, |found| found.iter().map(|one| one.code.id.to_owned()).collect())
    };
    let nothing: [&str; 0] = [];
    for fits in [
        "cap * 0.5",
        "weight * mg_per_kg",
        "sessions.last.noted + 5",
        "weight / weight",
        "sessions.len() * 2",
        "weight * 10 / 3",
    ] {
        assert_eq!(found(&setting(&format!("{{ value = '{fits}' }}"), "")), nothing, "{fits}");
    }
    for wrong in ["weight", "weight + weight", "mg_per_kg", "if frail { weight } else { 3.0 }", "age"] {
        assert_eq!(found(&setting(&format!("{{ value = '{wrong}' }}"), "")), ["R304"], "{wrong}");
        assert_eq!(found(&setting(&format!("{{ from = 1, to = '{wrong}' }}"), "")), ["R304"], "{wrong}");
        let limits = precaution("eyes", "near_eye", &format!("dose = '{wrong}'"));
        assert_eq!(found(&format!("{}{limits}", setting("{ value = 300 }", ""))), ["R304"], "{wrong}");
    }
    // A setting without a unit takes every number, as a comparison does; `check` warns that the unit is not shown.
    let without = setting("{ value = 'cap' }", "").replace("unit = \"mg\"\n", "");
    assert_eq!(found(&without), nothing);
    let (clinic, _) = Clinic::from_text("trial.toml", &format!("{FACTS}\n{without}")).expect("it is read");
    let warned = regimen::check(&clinic, "2026-03-01".parse().expect("a day"), false);
    assert!(warned.iter().any(|one| one.code.id == "R732"), "{warned}");
}

/// A setting with `safer = "lower"` or `"higher"`, rounding and a limit that applies where `frail`.
fn rounded(more: &str, value: &str, limit: &str, facts: &str) -> String {
    let rules = format!(
        "{}{}",
        setting(&format!("{{ value = '{value}' }}"), more),
        precaution("eyes", "frail", &format!("dose = {limit}"))
    );
    one(&answer(&rules, &format!("[facts]\n{facts}"))).value.clone()
}

#[test]
fn numbers_are_rounded_after_the_limits_and_never_beyond_one() {
    let frail = |more: &str, value: &str, limit: &str| rounded(more, value, limit, "weight = 10\nfrail = true");
    let thirds = |more: &str| frail(more, "weight * 10 / 3", "90");
    assert_eq!(thirds(""), "100/3 mg");
    assert_eq!(thirds("decimals = 1"), "33.3 mg");
    assert_eq!(thirds("decimals = 1\nround = \"up\""), "33.4 mg");
    assert_eq!(thirds("decimals = 0\nsafer = \"lower\""), "33 mg");
    // The more careful of 33.3 and a limit of at least 90 is the limit.
    assert_eq!(thirds("decimals = 0\nsafer = \"higher\""), "90 mg");
    assert_eq!(frail("decimals = 0\nsafer = \"higher\"", "weight * 100 / 3", "90"), "334 mg");
    // From the middle away from 0, and towards the safe side where there is one.
    assert_eq!(frail("decimals = 1", "weight * 0.225", "90"), "2.3 mg");
    assert_eq!(frail("decimals = 1\nsafer = \"lower\"", "weight * 0.225", "90"), "2.2 mg");
    assert_eq!(frail("decimals = 1\nsafer = \"lower\"\nround = \"nearest\"", "weight * 0.225", "90"), "2.3 mg");
    // A limit that the exact number keeps, or that capped it, is not rounded away.
    assert_eq!(frail("decimals = 1", "weight * 0.225", "2.27"), "2.27 mg");
    assert_eq!(frail("decimals = 1", "weight * 1", "2.27"), "2.27 mg");
    assert_eq!(frail("decimals = 1\nsafer = \"lower\"", "weight * 1", "2.27"), "2.2 mg");
    assert_eq!(frail("decimals = 1\nsafer = \"higher\"\nround = \"down\"", "weight / 4.0", "2.43"), "2.5 mg");
    // What has no more decimals stays as it is written.
    assert_eq!(frail("decimals = 2", "50.0", "90"), "50.0 mg");
}

#[test]
fn a_bound_is_rounded_as_the_number_will_be() {
    // Of a weight from 2 kg on.
    let open = |more: &str| rounded(more, "weight * 10 / 3", "90", "frail = false");
    assert_eq!(open("decimals = 1\nsafer = \"lower\""), "at most 6.6 mg until `weight` is known");
    assert_eq!(open("decimals = 1\nround = \"up\""), "at most 6.7 mg until `weight` is known");
    assert_eq!(open("decimals = 1\nsafer = \"higher\""), "at least 666.7 mg until `weight` is known");
    // A limit that would only stop the rounding is asked for too.
    let frail = rounded("decimals = 1", "weight * 0.225", "2.27", "weight = 10");
    assert_eq!(frail, "at most 2.27 mg until `frail` is known");
    assert_eq!(rounded("decimals = 1", "weight * 0.225", "2.3", "weight = 10"), "2.3 mg");
}

#[test]
fn comparisons_never_see_a_rounded_number() {
    let rules = format!(
        "{}{}",
        setting("{ value = 5 }", "decimals = 1"),
        "[[contraindication]]\nid = \"thirds\"\nwhen = 'weight / 3 * 3 < weight || 1 / 3 * 3 != 1'\nlasts = \"permanent\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
    );
    for weight in [7, 10, 29, 97] {
        assert_eq!(answer(&rules, &format!("[facts]\nweight = {weight}")).status, Status::Due, "{weight}");
    }
}

/// The status, what it could become, and what is doubtful.
fn decided(answer: &Recommendation) -> (Status, &[Status], Vec<(&str, &str)>) {
    let doubts = answer.doubts.iter().map(|doubt| (&*doubt.code, doubt.message.as_str()));
    (answer.status, &answer.could_become, doubts.collect())
}

#[test]
fn nothing_is_due_without_a_needed_setting() {
    use Status::{Due, Undetermined};
    // Whoever weighs something gets a dose: the answer makes the patient due.
    let rows = "{ value = 'weight * 2' }";
    let open = dose(rows, "");
    assert_eq!(decided(&open), (Undetermined, &[Due][..], Vec::new()));
    assert_eq!(open.questions.len(), 1);
    assert_eq!(open.questions[0].could_change, [Effect::Status, Effect::Setting]);
    assert_eq!(decided(&dose(rows, "weight = 60")), (Due, &[Due][..], Vec::new()));
    // It may stay open where the protocol says so.
    let may_stay_open = answer(&setting(rows, "needed = false"), "[facts]");
    assert_eq!(decided(&may_stay_open), (Due, &[Due][..], Vec::new()));
    assert_eq!(may_stay_open.questions[0].could_change, [Effect::Setting]);
    // No row fits: there is nothing to ask, and the answer says why.
    let some = "{ when = 'weight < 50.0', value = 2 }";
    let why = "`dose` has no value, and nothing is due without one: no row of the table applies";
    assert_eq!(decided(&dose(some, "weight = 60")), (Undetermined, &[Undetermined][..], vec![("R416", why)]));
    assert_eq!(decided(&dose(some, "")), (Undetermined, &[Undetermined, Due][..], Vec::new()));
    assert_eq!(decided(&dose(some, "weight = 40")), (Due, &[Due][..], Vec::new()));
    // Some row applies to everybody.
    let all = "{ when = 'weight < 50.0', value = 2 }, { when = 'weight >= 50.0', text = \"none\" }";
    assert_eq!(decided(&dose(all, "")), (Undetermined, &[Due][..], Vec::new()));
    // A limit that may hold and would lower the value, and one that would not.
    let limited = |limit: &str| {
        answer(&format!("{}{}", setting("{ value = 30 }", ""), precaution("eyes", "near_eye", limit)), "")
    };
    assert_eq!(decided(&limited("dose = 20")), (Undetermined, &[Due][..], Vec::new()));
    assert_eq!(decided(&limited("dose = 40")), (Due, &[Due][..], Vec::new()));
    // What comes out is no setting.
    let why = "`dose` has no value, and nothing is due without one: row 1 of the table comes to less than 0";
    let below = dose("{ value = 'cap - 50' }", "cap = 20");
    assert_eq!(decided(&below), (Undetermined, &[Undetermined][..], vec![("R416", why)]));
    // What is certain otherwise needs no dose.
    let deferral =
        "[[deferral]]\nid = \"frail\"\nwhen = 'frail'\nuntil = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let deferred = answer(&format!("{}{deferral}", setting(rows, "")), "[facts]\nfrail = true");
    assert_eq!(decided(&deferred), (Status::Deferred, &[Status::Deferred][..], Vec::new()));
}

#[test]
fn a_value_that_no_session_can_record_is_no_value() {
    let why = "no value: it comes to 480 mg, and `noted` of a session can be 5 to 400";
    let named = |facts: &str| answer(&setting("{ value = 'weight * 8' }", "records = \"noted\""), facts);
    let above = named("[facts]\nweight = 60");
    assert_eq!((one(&above).value.as_str(), one(&above).known, above.status), (why, false, Status::Undetermined));
    assert_eq!(above.doubts[0].code, "R416");
    let within = named("[facts]\nweight = 50");
    assert_eq!((one(&within).value.as_str(), within.status), ("400 mg", Status::Due));
    // By its own name.
    let rules = setting("{ value = 'weight * 8' }", "").replace("id = \"dose\"", "id = \"noted\"");
    assert_eq!(one(&answer(&rules, "[facts]\nweight = 60")).value, why);
    // A bound that no session can have is none.
    let open = answer(&setting("{ value = 'weight * 300' }", "records = \"noted\""), "");
    assert_eq!(one(&open).value, "unknown until `weight` is known");
}
