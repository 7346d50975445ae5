//! Appointments: they are no sessions, and one that stands too early is told with the answer.

use regimen::{Clinic, Notation, Protocol, Recommendation, Record, Request, Status};

const RULES: &str = r#"
[treatments]
filler = { label = "Filler" }

[session_facts.area]
type = "set"
choices = ["left", "right"]

[facts.burnt]
type = "date"
past = true
may_be_never = true
ask = "Burnt?"
of = "patient"
valid_for = "visit"

[[deferral]]
id = "sunburn"
not_before = 'burnt + days(30)'
reason = "x"
sources = ["clinic"]

[[course]]
id = "standard"
sessions = { minimum = 2, planned = 4 }
interval = [{ id = "rest", from = "previous", minimum = "28 days", sources = ["clinic"] }]
sources = ["clinic"]

[[separation]]
id = "after-filler"
from = ["filler"]
minimum = "14 days"
reason = "x"
sources = ["clinic"]
"#;

fn protocol() -> Protocol {
    let text = format!("{}{RULES}", include_str!("fixtures/head.toml"));
    let clinic = Clinic::from_text("trial.toml", &text).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{found}")).protocols.remove(0)
}

/// The answer on 2 March 2026 for somebody treated on 1 February, with these appointments.
fn ask(burnt: &str, planned: &[(&str, &str)]) -> Recommendation {
    let protocol = protocol();
    let mut text = format!(
        "patient = \"P\"\n[facts]\nburnt = {{ value = {burnt}, on = 2026-03-02 }}\n[[sessions]]\ntreatment = \"trial\"\ndate = 2026-02-01\n"
    );
    for (treatment, date) in planned {
        text.push_str(&format!("[[planned]]\ntreatment = \"{treatment}\"\ndate = {date}\narea = [\"left\"]\n"));
    }
    let read = Record::from_text("record.toml", &text, Notation::Toml, &protocol.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{text}{found}"));
    let request = Request::new("2026-03-02".parse().expect("a day"));
    protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"))
}

fn doubts(burnt: &str, planned: &[(&str, &str)]) -> Vec<String> {
    let answer = ask(burnt, planned);
    // Appointments change nothing else.
    let without = ask(burnt, &[]);
    assert_eq!((answer.status, answer.not_before), (without.status, without.not_before));
    assert_eq!(answer.course, without.course);
    answer.doubts.iter().map(|doubt| format!("{} {}", doubt.code, doubt.message)).collect()
}

#[test]
fn an_appointment_is_no_session() {
    assert_eq!(ask("\"never\"", &[("trial", "2026-03-02")]).status, Status::Due);
    assert_eq!(doubts("\"never\"", &[("trial", "2026-03-02"), ("trial", "2026-03-30")]), Vec::<String>::new());
}

#[test]
fn one_that_stands_too_early_is_told() {
    let early = |day: &str, rules: &str, first: &str| {
        format!(
            "R421 the appointment of trial on {day} is too early for {rules}: the earliest permitted date is {first}"
        )
    };
    // By the interval from the appointment before it, by a wait, and by the distance from another appointment.
    let told = doubts("\"never\"", &[("trial", "2026-03-29"), ("trial", "2026-03-02")]);
    assert_eq!(told, [early("2026-03-29", "`rest` until 2026-03-30", "2026-03-30")]);
    let told = doubts("2026-02-20", &[("trial", "2026-03-21")]);
    assert_eq!(told, [early("2026-03-21", "`sunburn` until 2026-03-22", "2026-03-22")]);
    assert_eq!(doubts("2026-02-20", &[("trial", "2026-03-22")]), Vec::<String>::new());
    let told = doubts("2026-02-20", &[("filler", "2026-03-10"), ("trial", "2026-03-21")]);
    let rules = "`after-filler` until 2026-03-24 and `sunburn` until 2026-03-22";
    assert_eq!(told, [early("2026-03-21", rules, "2026-03-24")]);
    assert_eq!(doubts("\"never\"", &[("filler", "2026-03-10"), ("trial", "2026-03-24")]), Vec::<String>::new());
}

#[test]
fn one_of_the_past_is_a_doubt_and_still_no_session() {
    let told = doubts("\"never\"", &[("trial", "2026-02-28")]);
    assert_eq!(told, ["R420 the appointment of trial on 2026-02-28 is before the as-of date 2026-03-02"]);
}

/// In a record of any notation, in a line of a batch, and whatever protocol is asked.
#[test]
fn two_on_one_day_that_nothing_tells_apart_are_a_doubt() {
    let told = |treatment: &str| {
        // By its label, where it has one.
        let named = if treatment == "filler" { "Filler".to_owned() } else { format!("`{treatment}`") };
        format!("R417 this appointment for {named} on 2026-03-30 is noted before, and nothing tells the two apart")
    };
    for treatment in ["trial", "filler"] {
        let of_one_day = [(treatment, "2026-03-30"), (treatment, "2026-03-30")];
        assert_eq!(doubts("\"never\"", &of_one_day), [told(treatment)]);
    }
    assert_eq!(doubts("\"never\"", &[("filler", "2026-03-30"), ("filler", "2026-03-31")]), Vec::<String>::new());
    let read = |first: &str, second: &str| -> Vec<String> {
        let protocol = protocol();
        let one = |more: &str| format!(r#"{{"treatment":"trial","date":"2026-03-30"{more}}}"#);
        let line = format!(r#"{{"patient":"P","planned":[{},{}]}}"#, one(first), one(second));
        let (record, _) = Record::from_text("line", &line, Notation::Json, &protocol.dictionary)
            .unwrap_or_else(|found| panic!("{line}{found}"));
        let prepared = protocol.prepare(&Request::new("2026-03-02".parse().expect("a day"))).expect("in force");
        let answer = prepared.recommend(&record).unwrap_or_else(|found| panic!("{line}{found}"));
        answer.doubts.iter().map(|doubt| format!("{} {}", doubt.code, doubt.message)).collect()
    };
    let (left, right) = (r#","area":["left"]"#, r#","area":["right"]"#);
    assert_eq!(read("", ""), [told("trial")]);
    assert_eq!(read(left, left), [told("trial")]);
    assert_eq!(read(left, ""), [told("trial")]);
    assert_eq!(read(left, right), Vec::<String>::new());
    assert_eq!(read("", r#","noted_twice":false"#), Vec::<String>::new());
    // Each doubts that one before it says the same.
    assert_eq!(read(left, r#","area":["left"],"product":"x""#)[..1], [told("trial")]);
}

/// A session of the treatment on its day is what it was made for, also where only one of them says of which area.
#[test]
fn one_that_was_kept_is_no_doubt() {
    let protocol = protocol();
    let told = |given: &str, planned: &str, as_of: &str| -> Vec<String> {
        let text = format!(
            r#"{{"patient":"P","recorded":"2026-03-02","facts":{{"burnt":"never"}},
            "sessions":[{{"treatment":"trial","date":"2026-03-02"{given}}}],
            "planned":[{{"treatment":"trial","date":"2026-03-02"{planned}}},{{"treatment":"trial","date":"2026-03-30"}}]}}"#
        );
        let read = Record::from_text("record.json", &text, Notation::Json, &protocol.dictionary);
        let (record, _) = read.unwrap_or_else(|found| panic!("{text}{found}"));
        let request = Request::new(as_of.parse().expect("a day"));
        let answer = protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"));
        answer.doubts.iter().map(|doubt| doubt.code.to_string()).collect()
    };
    let (left, both, right) = (r#","area":["left"]"#, r#","area":["left","right"]"#, r#","area":["right"]"#);
    for (given, planned) in [(left, left), (left, ""), ("", left), ("", ""), (left, both)] {
        for as_of in ["2026-03-02", "2026-03-05"] {
            assert_eq!(told(given, planned, as_of), Vec::<String>::new(), "{given} {planned} {as_of}");
        }
    }
    // Of another area, it is another.
    assert_eq!(told(left, right, "2026-03-02"), ["R421"]);
    assert_eq!(told(left, right, "2026-03-05"), ["R420"]);
}
