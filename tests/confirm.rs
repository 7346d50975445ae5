//! What is to be asked again on a day to come: answers that are too old by then, and by which something could still change.

use regimen::cases::approved_text;
use regimen::render::{self, TextStyle};
use regimen::{Clinic, Decider, Notation, Protocol, Recommendation, Record, Request, Slots, Vocabulary};
use serde_json::{Value as Json, json};

const TODAY: &str = "2026-03-02";

const HEAD: &str = concat!(
    include_str!("fixtures/head.toml"),
    r#"
[facts.last_filler]
type = "date"
ask = "When was the last filler?"
of = "patient"
valid_for = "forever"
may_be_never = true
past = true

[facts.sex]
type = "choice"
choices = ["female", "male"]
ask = "What is the sex?"
of = "patient"
valid_for = "forever"

[facts.pregnant]
type = "bool"
ask = "Are you pregnant?"
of = "patient"
valid_for = "7 days"

[facts.sore]
type = "bool"
ask = "Is there a sore?"
of = "clinician"
valid_for = "visit"

[facts.calm]
type = "bool"
ask = "Is the patient calm?"
of = "clinician"
valid_for = "visit"

[facts.blood]
type = "bool"
ask = "Are the blood tests good?"
of = "lab"
valid_for = "6 months"

[facts.area]
type = "choice"
choices = ["face", "leg"]
ask = "Which area?"
of = "clinician"
valid_for = "visit"

[facts.lesion]
type = "bool"
ask = "Is there a lesion?"
of = "clinician"
valid_for = "visit"

[facts.lesion_seen]
type = "date"
ask = "When was the lesion looked at?"
of = "clinician"
valid_for = "forever"
may_be_never = true
past = true
asked_when = 'lesion'

[[contraindication]]
id = "pregnant"
when = 'sex == "female" && pregnant'
lasts = "while-true"
reason = "x"
sources = ["clinic"]

[[deferral]]
id = "filler"
not_before = 'last_filler + days(28)'
reason = "x"
sources = ["clinic"]

[[deferral]]
id = "sore"
when = '(sore ?? false) && sex == "female"'
until = "it has healed"
recheck = 'today + days(7)'
reason = "x"
sources = ["clinic"]

[[referral]]
id = "blood"
when = '!blood'
to = "the doctor"
reason = "x"
sources = ["clinic"]

[[precaution]]
id = "calm"
when = '!calm'
do = "x"
reason = "x"
sources = ["clinic"]
"#
);

const LESION: &str = r#"
[[deferral]]
id = "lesion"
when = 'today < lesion_seen + days(400)'
until = "it is gone"
recheck = 'today + days(7)'
reason = "x"
sources = ["clinic"]
"#;

const COURSE: &str = r#"
[[course]]
id = "standard"
sessions = { planned = 'if area == "face" { 3 } else { 5 }', maximum = 6 }
interval = [{ from = "previous", minimum = "60 days", recommended = "70 days", reason = "x", sources = ["clinic"] }]
sources = ["clinic"]
"#;

fn protocol(rules: &str) -> Protocol {
    let clinic = Clinic::from_text("trial.toml", &format!("{HEAD}{rules}")).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{found}")).protocols.remove(0)
}

/// The answer, after making sure that a batch asks for the same on the first permitted day.
fn ask(protocol: &Protocol, facts: &Json, sessions: &Json) -> Recommendation {
    let record = json!({ "patient": "P-1", "recorded": TODAY, "facts": facts, "sessions": sessions }).to_string();
    let read = Record::from_text("record.json", &record, Notation::Json, &protocol.dictionary);
    let (read, _) = read.unwrap_or_else(|found| panic!("{found}"));
    let prepared = protocol.prepare(&Request::new(TODAY.parse().expect("a date"))).expect("in force");
    let answer = prepared.recommend(&read).unwrap_or_else(|found| panic!("{found}"));
    let vocabulary = Vocabulary::new([protocol]);
    let slots = Slots::of(&read, &vocabulary, prepared.as_of());
    let mut decider = Decider::new(&prepared, &vocabulary);
    let decision = decider.decide(&slots);
    let by_batch: Vec<&str> = decider.to_be_confirmed(&slots, &decision).collect();
    let first_day = answer.not_before.or(answer.no_later_than).or(answer.no_sooner_than);
    let due = answer.to_be_confirmed.iter().filter(|one| first_day.is_some_and(|day| one.valid_until < day));
    assert_eq!(by_batch, due.map(|one| one.fact.as_str()).collect::<Vec<_>>(), "{record}");
    answer
}

fn again(answer: &Recommendation) -> Vec<(&str, String)> {
    answer.to_be_confirmed.iter().map(|one| (one.fact.as_str(), one.valid_until.to_string())).collect()
}

fn facts() -> Json {
    json!({
        "last_filler": "2026-02-20", "sex": "female", "pregnant": false, "sore": false, "calm": true, "blood": true,
        "area": "face", "lesion": false
    })
}

fn with(name: &str, value: Json) -> Json {
    let mut all = facts();
    all[name] = value;
    all
}

fn on(day: &str) -> String {
    day.to_owned()
}

#[test]
fn what_could_still_change_the_answer_is_asked_again() {
    // The blood tests are good for months; what is only said beside the answer changes nothing of the day.
    let protocol = protocol("");
    let answer = ask(&protocol, &facts(), &json!([]));
    assert_eq!(answer.not_before, Some("2026-03-20".parse().expect("a day")));
    assert_eq!(again(&answer), [("pregnant", on("2026-03-09")), ("sore", on("2026-03-02"))]);
    // Nobody asks a man again whether he is pregnant; nor whether he has a sore, which defers women only.
    assert_eq!(again(&ask(&protocol, &with("sex", json!("male")), &json!([]))), []);
    // An answer that was never given is asked for, not asked again.
    assert_eq!(again(&ask(&protocol, &with("sore", Json::Null), &json!([]))), [("pregnant", on("2026-03-09"))]);
    // The laboratory's answer is too old on the day.
    let blood = json!({ "value": true, "on": "2025-09-10" });
    let answer = ask(&protocol, &with("blood", blood), &json!([]));
    assert!(again(&answer).contains(&("blood", on("2026-03-10"))), "{:?}", again(&answer));
    // Where nothing is put off, nothing is to be confirmed.
    assert_eq!(again(&ask(&protocol, &with("last_filler", json!("never")), &json!([]))), []);
}

#[test]
fn what_tells_whether_a_question_makes_sense_is_asked_again() {
    let answer = ask(&protocol(LESION), &facts(), &json!([]));
    let expected = [("pregnant", on("2026-03-09")), ("sore", on("2026-03-02")), ("lesion", on("2026-03-02"))];
    assert_eq!(again(&answer), expected);
}

const PACKS: &str = r#"
[facts.smoker]
type = "bool"
ask = "Do you smoke?"
of = "patient"
valid_for = "forever"

[facts.packs]
type = "integer"
range = [0, 10]
ask = "How many packs?"
of = "patient"
valid_for = "7 days"
asked_when = 'smoker'
otherwise = 0

[[contraindication]]
id = "packs"
when = 'packs > 5'
lasts = "while-true"
reason = "x"
sources = ["clinic"]
"#;

#[test]
fn nobody_is_asked_again_what_does_not_apply() {
    let facts = |smoker: bool| {
        let mut facts = with("smoker", json!(smoker));
        facts["packs"] = json!(0);
        facts
    };
    let is_asked = |smoker: bool| {
        let answer = ask(&protocol(PACKS), &facts(smoker), &json!([]));
        again(&answer).contains(&("packs", on("2026-03-09")))
    };
    assert_eq!([is_asked(true), is_asked(false)], [true, false]);
}

const PAIN: &str = r#"
[facts.pain]
type = "bool"
ask = "Was there pain?"
of = "patient"
valid_for = "session"

[[contraindication]]
id = "pain"
when = 'pain'
lasts = "while-true"
reason = "x"
sources = ["clinic"]
"#;

/// Where there may be more sessions than are listed, there may be one after any day.
#[test]
fn what_counts_until_a_session_is_asked_again_where_there_may_have_been_one() {
    let is_asked = |sessions: Json| {
        let answer = ask(&protocol(PAIN), &with("pain", json!(false)), &sessions);
        again(&answer).contains(&("pain", on("2026-03-02")))
    };
    assert_eq!([is_asked(json!([])), is_asked(Json::Null)], [false, true]);
}

#[test]
fn what_a_course_reads_is_asked_again_by_the_day_of_its_next_session() {
    let session = json!([{ "treatment": "trial", "date": "2026-02-25" }]);
    let answer = ask(&protocol(COURSE), &facts(), &session);
    let expected = [("pregnant", on("2026-03-09")), ("sore", on("2026-03-02")), ("area", on("2026-03-02"))];
    assert_eq!(again(&answer), expected);
}

#[test]
fn it_stands_in_one_line_a_day_after_the_questions() {
    let answer = ask(&protocol(LESION), &with("blood", Json::Null), &json!([]));
    let style = TextStyle { width: 200, colour: false };
    for text in [render::text(&answer, style), render::markdown(&answer), approved_text("A case", &answer)] {
        let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("no `{words}` in\n{text}"));
        let (visit, week) = (at("after 2026-03-02"), at("after 2026-03-09"));
        assert!(visit < week, "{text}");
        let line = text[visit..].lines().next().expect("a line");
        assert!(line.contains("ask again: ") && line.contains("lesion") && line.contains("sore"), "{line}");
        let question = text.find("Still open").or(text.find("\nquestions")).expect("questions");
        assert!(question < visit, "{text}");
    }
}
