//! Sentences of docs/language.md that nothing else holds to.

use regimen::{Clinic, Notation, Protocol, Recommendation, Record, Request};
use serde_json::{Value as Json, json};

const HEAD: &str = concat!(
    include_str!("fixtures/head.toml"),
    r#"
[facts.peel]
type = "date"
ask = "When was the last peel?"
of = "patient"
valid_for = "forever"
may_be_never = true
past = true

[facts.filler]
type = "date"
ask = "When was the last filler?"
of = "patient"
valid_for = "forever"
may_be_never = true
past = true

[session_facts.units]
type = "decimal"
range = [0.0, 1000.0]
"#
);

fn protocol(condition: &str) -> Protocol {
    let text = format!(
        "{HEAD}[[precaution]]\nid = \"yes\"\nwhen = '{condition}'\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n\
         [[precaution]]\nid = \"no\"\nwhen = '!({condition})'\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
    );
    let clinic = Clinic::from_text("trial.toml", &text).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{found}")).protocols.remove(0)
}

fn recommend(condition: &str, facts: &Json, sessions: &Json) -> Recommendation {
    let protocol = protocol(condition);
    let record = json!({ "patient": "P-1", "recorded": "2026-03-02", "facts": facts, "sessions": sessions });
    let read = Record::from_text("record.json", &record.to_string(), Notation::Json, &protocol.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
    let request = Request::new("2026-03-02".parse().expect("a day"));
    protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"))
}

/// Whether a condition holds; none: it is not known.
fn holds(condition: &str, facts: &Json, sessions: &Json) -> Option<bool> {
    let answer = recommend(condition, facts, sessions);
    let has = |id: &str| answer.precautions.iter().any(|precaution| precaution.id == id);
    assert!(!(has("yes") && has("no")), "{condition}");
    (has("yes") || has("no")).then(|| has("yes"))
}

#[test]
fn a_partial_date_is_known() {
    let facts = json!({ "peel": "2026-02" });
    for (condition, expected) in [
        ("known(peel)", Some(true)),
        ("(peel ?? never) > never", Some(true)),
        ("(peel ?? date(\"2026-01-01\")) > date(\"2026-01-31\")", Some(true)),
        ("peel > date(\"2026-02-10\")", None),
        ("known(filler)", Some(false)),
    ] {
        assert_eq!(holds(condition, &facts, &json!([])), expected, "{condition}");
    }
}

#[test]
fn what_has_passed_since_never_is_longer_than_anything() {
    let facts = json!({ "peel": "never", "filler": "never" });
    for (condition, expected) in [
        ("today - peel > days(100000)", Some(true)),
        ("peel - filler > days(0)", Some(false)),
        ("peel - filler >= days(0)", Some(true)),
        ("peel + days(28) > date(\"1900-01-01\")", Some(false)),
    ] {
        assert_eq!(holds(condition, &facts, &json!([])), expected, "{condition}");
    }
    // It is a length of time, and no number.
    let text = format!(
        "{HEAD}[[precaution]]\nid = \"yes\"\nwhen = 'today - peel > 28'\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
    );
    let found = Clinic::from_text("trial.toml", &text).expect_err("a mistake");
    assert_eq!(found.iter().map(|one| one.code.id).collect::<Vec<_>>(), ["R303"]);
}

#[test]
fn only_a_fault_that_nobody_noted_is_none() {
    let sessions = json!([{ "treatment": "trial", "date": "2026-02-10" }]);
    assert_eq!(holds("sessions.last.faulty", &json!({}), &sessions), Some(false));
    assert_eq!(holds("sessions.last.units > 1", &json!({}), &sessions), None);
}

#[test]
fn an_answer_without_a_day_is_a_mistake() {
    let protocol = protocol("known(peel)");
    let read = |text: Json| Record::from_text("r.json", &text.to_string(), Notation::Json, &protocol.dictionary);
    let found = read(json!({ "patient": "P", "facts": { "peel": "never" } })).expect_err("a mistake");
    assert_eq!(found.iter().map(|one| one.code.id).collect::<Vec<_>>(), ["R403"]);
    assert!(read(json!({ "patient": "P", "facts": { "peel": { "value": "never", "on": "2026-03-01" } } })).is_ok());
}

#[test]
fn two_sessions_of_a_month_are_asked_about_by_names_of_their_own() {
    let session = |treatment: &str| json!({ "treatment": treatment, "date": "2026-02" });
    let condition = "any s in sessions where s.units > 5 || (any s in sessions_of(\"other\") where s.units > 7)";
    let answer = recommend(condition, &json!({}), &json!([session("other"), session("trial"), session("trial")]));
    let mut asked: Vec<&str> = answer.questions.iter().map(|question| question.fact.as_str()).collect();
    asked.sort_unstable();
    assert_eq!(asked, ["sessions.2026-02.2.units", "sessions.2026-02.3.units", "sessions.2026-02.units"]);
    let words: Vec<&str> = answer.questions.iter().map(|question| question.ask.as_str()).collect();
    let other = answer.questions.iter().find(|question| question.fact == "sessions.2026-02.3.units").expect("asked");
    assert!(other.ask.contains("other"), "{words:?}");
}
