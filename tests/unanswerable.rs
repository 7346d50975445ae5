//! An answer that is undetermined although there is nothing to ask says why nobody can answer.

use regimen::batch::{Batch, JsonLines};
use regimen::render::{TextStyle, markdown, text};
use regimen::verify::verify;
use regimen::{Clinic, Date, Depth, Notation, Prepared, Recommendation, Record, Request, Status};

const FACTS: &str = concat!(
    include_str!("fixtures/head.toml"),
    r#"
[facts]
units = { type = "decimal", ask = "Units?", of = "clinician", valid_for = "visit" }
volume = { type = "decimal", unit = "ml", ask = "Volume?", of = "clinician", valid_for = "visit" }
flag = { type = "bool", ask = "Flag?", of = "clinician", valid_for = "visit" }
date_of_birth = { type = "date", ask = "Born?", of = "patient", valid_for = "forever" }

[session_facts]
depth = { type = "decimal" }
"#
);

fn prepared(rules: &str) -> Prepared {
    let (clinic, _) =
        Clinic::from_text("trial.toml", &format!("{FACTS}\n{rules}")).unwrap_or_else(|found| panic!("{found}"));
    clinic.protocols[0].prepare(&Request::new(Date::new(2026, 3, 2).expect("a day"))).expect("in force")
}

fn rule(when: &str) -> String {
    format!(
        "[[contraindication]]\nid = \"strong\"\nwhen = '{when}'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
    )
}

fn line(facts: &str) -> String {
    format!("{{\"patient\":\"P-1\",\"recorded\":\"2026-03-02\",\"facts\":{{{facts}}},\"sessions\":[]}}")
}

fn recommend(prepared: &Prepared, facts: &str) -> Recommendation {
    let read = Record::from_text("line", &line(facts), Notation::Json, &prepared.protocol().dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
    prepared.recommend(&record).unwrap_or_else(|found| panic!("{found}"))
}

fn batch(prepared: Prepared, facts: &str) -> String {
    let protocols = [prepared];
    let batch = Batch::new(&protocols);
    let (mut out, stop) = (Vec::new(), std::sync::atomic::AtomicBool::new(false));
    let lines = line(facts);
    batch.run(&mut JsonLines::new(lines.as_bytes(), 0), &mut out, &mut |_| {}, &stop).expect("it ends");
    String::from_utf8(out).expect("a text")
}

/// The answer is undetermined, asks nothing, and says this in every format.
#[track_caller]
fn nobody_can_answer(when: &str, facts: &str, why: &str) {
    let prepared = prepared(&rule(when));
    let answer = recommend(&prepared, facts);
    assert_eq!(answer.status, Status::Undetermined);
    assert!(answer.questions.is_empty(), "{:?}", answer.questions);
    let told: Vec<(&str, &str)> =
        answer.doubts.iter().map(|doubt| (doubt.code.as_ref(), doubt.message.as_str())).collect();
    let why = format!("nobody can answer whether `strong` holds: {why}");
    assert_eq!(told, [("R415", why.as_str())]);
    let shown = text(&answer, TextStyle { width: 400, colour: false });
    assert!(shown.contains(&why), "{shown}");
    assert!(markdown(&answer).contains("nobody can answer whether"), "{}", markdown(&answer));
    let json = batch(prepared, facts);
    assert!(json.contains(&why) && json.contains("R415") && json.contains("undetermined"), "{json}");
}

#[test]
fn a_calculation_without_a_result_is_named_with_its_values() {
    let by_zero = "`units / volume` divides by 0 (`units` is 50, `volume` is 0 ml)";
    nobody_can_answer("units / volume > 50", "\"units\":50,\"volume\":0", by_zero);
    nobody_can_answer("flag || !(units / volume > 50)", "\"units\":50,\"volume\":0,\"flag\":false", by_zero);
    let great = "units * units * units * units > 1";
    let too_large = "`units * units * units * units` comes to a number that is too large (`units` is 900000000000)";
    nobody_can_answer(great, "\"units\":900000000000", too_large);
    nobody_can_answer("sessions.last.depth > 1.0", "", "`sessions.last.depth` asks for a session, and there was none");
}

#[test]
fn what_makes_no_difference_is_not_told() {
    let by_zero = "\"units\":50,\"volume\":0";
    let answer = recommend(&prepared(&rule("flag && units / volume > 50")), &format!("{by_zero},\"flag\":false"));
    assert_eq!((answer.status, answer.doubts.len()), (Status::Due, 0));
    // As long as something is asked, it is told all the same: the answer may turn out to be no help.
    let answer = recommend(&prepared(&rule("flag && units / volume > 50")), by_zero);
    assert_eq!((answer.status, answer.questions.len(), answer.doubts.len()), (Status::Undetermined, 1, 1));
    // Nor is what stands in a branch that is not taken.
    let branch = "(if sessions.is_empty() { units } else { sessions.last.depth }) > 1.0";
    let answer = recommend(&prepared(&rule(branch)), "");
    assert_eq!((answer.status, answer.questions.len(), answer.doubts.len()), (Status::Undetermined, 1, 0));
    let answer = recommend(&prepared(&rule("units / volume > 50")), "\"units\":50");
    assert_eq!((answer.status, answer.questions.len(), answer.doubts.len()), (Status::Undetermined, 1, 0));
}

/// The answer does not wait for it, and says all the same, in every format, what nobody can tell.
#[track_caller]
fn told_beside(rules: &str, facts: &str, status: Status, told: &[&str]) -> Recommendation {
    let prepared = prepared(rules);
    let answer = recommend(&prepared, facts);
    let doubts: Vec<&str> = answer.doubts.iter().map(|doubt| doubt.message.as_str()).collect();
    assert_eq!((answer.status, doubts), (status, told.to_vec()));
    let shown = text(&answer, TextStyle { width: 400, colour: false });
    let json = batch(prepared, facts);
    assert_eq!(json.contains("R415"), !told.is_empty(), "{json}");
    for one in told {
        assert!(json.contains(one) && shown.contains(one), "{json}\n{shown}");
    }
    answer
}

const BY_ZERO: &str = "\"units\":50,\"volume\":0,\"date_of_birth\":\"2026-02-20\"";

/// The same condition in rules of several kinds.
fn strong(kind: &str, rest: &str) -> String {
    format!("[[{kind}]]\nid = \"strong\"\nwhen = 'units / volume > 50'\n{rest}\nsources = [\"clinic\"]\n")
}

/// Nobody can tell whether it has to be kept, and it is no reason not to treat.
#[test]
fn a_precaution_or_an_instruction_that_nobody_can_decide_is_told() {
    let why = "`units / volume` divides by 0 (`units` is 50, `volume` is 0 ml)";
    let precaution = strong("precaution", "do = \"Dilute it.\"\nreason = \"x\"");
    let told = format!("nobody can answer whether `strong` holds: {why}");
    told_beside(&precaution, BY_ZERO, Status::Due, &[&told]);
    told_beside(&precaution, "\"units\":50,\"volume\":2", Status::Due, &[]);
    let instruction = strong("instruction", "at = \"0 days\"\ndo = \"Rest.\"");
    let applies = format!("nobody can answer whether `strong` applies: {why}");
    let answer = told_beside(&instruction, BY_ZERO, Status::Due, &[&applies]);
    assert!(answer.instructions[0].provisional);
    // Nor who is to decide beside somebody else.
    let referrals = format!(
        "[[referral]]\nid = \"many\"\nwhen = 'units == 50'\nto = \"the doctor\"\nreason = \"x\"\nsources = [\"clinic\"]\n{}",
        strong("referral", "to = \"the surgeon\"\nreason = \"x\"")
    );
    told_beside(&referrals, BY_ZERO, Status::Refer, &[&told]);
    // Where nothing is done, nothing is to be done otherwise.
    let never = "[[contraindication]]\nid = \"many\"\nwhen = 'units == 50'\nlasts = \"permanent\"\nreason = \"x\"\nsources = [\"clinic\"]\n";
    told_beside(&format!("{never}{precaution}"), BY_ZERO, Status::Contraindicated, &[]);
    let great = precaution.replace("units / volume > 50", "units * units * units * units > 1");
    let too_large = "`units * units * units * units` comes to a number that is too large (`units` is 900000000000)";
    let too_large = format!("nobody can answer whether `strong` holds: {too_large}");
    told_beside(&great, "\"units\":900000000000", Status::Due, &[&too_large]);
}

/// What may forbid the treatment for ever, or last longer, is told beside the first permitted day.
#[test]
fn what_nobody_can_decide_is_told_to_whoever_waits() {
    let why = "`units / volume` divides by 0 (`units` is 50, `volume` is 0 ml)";
    let wait = |until: &str| {
        format!("[[deferral]]\nid = \"wait\"\nnot_before = '{until}'\nreason = \"x\"\nsources = [\"clinic\"]\n")
    };
    let rules = format!("{}{}", wait("date_of_birth + days(28)"), rule("units / volume > 50"));
    let told = format!("nobody can answer whether `strong` holds: {why}");
    let answer = told_beside(&rules, BY_ZERO, Status::Deferred, &[&told]);
    assert_eq!(answer.not_before, Date::new(2026, 3, 20));
    let long = wait("date_of_birth + (if units / volume > 50 { days(28) } else { days(40) })");
    let told = format!("nobody can answer until when `wait` holds: {why}");
    let answer = told_beside(&long, BY_ZERO, Status::Deferred, &[&told]);
    assert_eq!((answer.not_before, answer.no_sooner_than), (None, Date::new(2026, 3, 20)));
}

/// Only the year of birth is known, so that the age is 17 or 18.
#[test]
fn an_age_is_no_fraction_and_is_not_asked_whether_it_is() {
    let born = "\"date_of_birth\":\"2008\"";
    for (when, status) in [
        ("age == 17.5", Status::Due),
        ("17.5 == age", Status::Due),
        ("age in [17.2, 16.5]", Status::Due),
        ("age in 17.2..=17.8", Status::Due),
        ("age in 18..=17", Status::Due),
        ("date_of_birth in date(\"2008-05-01\")..=date(\"2008-04-30\")", Status::Due),
        ("date_of_birth in date(\"2008-05-01\")..=date(\"2008-05-01\")", Status::Undetermined),
        ("age != 17.5", Status::Contraindicated),
        ("age !in 17.2..=17.9", Status::Contraindicated),
        ("age in 17.2..=18", Status::Undetermined),
        ("age == 18.0", Status::Undetermined),
        ("age < 17.5", Status::Undetermined),
    ] {
        let prepared = prepared(&rule(when));
        let answer = recommend(&prepared, born);
        assert_eq!(answer.status, status, "{when}");
        assert_eq!(answer.questions.is_empty(), status != Status::Undetermined, "{when}");
        let in_full = Request::new(Date::new(2026, 3, 2).expect("a day")).explain(Depth::Full);
        let answer = recommend(&prepared.protocol().prepare(&in_full).expect("in force"), born);
        let stored = serde_json::to_value(&answer).expect("JSON");
        assert!(verify(&stored).faults.is_empty(), "{when}: {:?}", verify(&stored).faults);
        assert!(batch(prepared, born).contains(&format!("\"status\":\"{}\"", status.word())), "{when}");
    }
}

#[test]
fn a_setting_says_it_itself() {
    let rules =
        "[[setting]]\nid = \"dose\"\nlabel = \"Dose\"\nrows = [{ value = '50 / units' }]\nsources = [\"clinic\"]\n";
    let answer = recommend(&prepared(rules), "\"units\":0");
    assert_eq!(answer.settings[0].value, "cannot be worked out: `50 / units` divides by 0 (`units` is 0)");
    assert!(!answer.settings[0].known);
    // Also beside what somebody can answer.
    let rows = "rows = [{ when = 'flag', value = '50 / units' }, { when = '!flag', value = 7 }]";
    let answer = recommend(&prepared(&rules.replace("rows = [{ value = '50 / units' }]", rows)), "\"units\":0");
    let told = "unknown until `flag` is known: `50 / units` divides by 0 (`units` is 0)";
    assert_eq!(answer.settings[0].value, told);
    // And a limit.
    let limit = "[[precaution]]\nid = \"less\"\nwhen = 'units == 0'\nlimits = { dose = '50 / units' }\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let rules = format!("{}{limit}", rules.replace("value = '50 / units'", "value = 7"));
    let answer = recommend(&prepared(&rules), "\"units\":0");
    assert!(answer.settings[0].value.ends_with(": `50 / units` divides by 0 (`units` is 0)"), "{:?}", answer.settings);
}
