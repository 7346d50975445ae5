//! What is still to be kept after sessions that were given: by what held on the day of each, every session once, also in the calendar.

#![cfg(feature = "cli")]

use std::collections::BTreeMap;

use regimen::handout::{Handout, calendar, html};
use regimen::recommendation::AfterCare;
use regimen::{Clinic, Depth, Notation, Protocol, Recommendation, Record, Request, Status};

const PEEL: &str = concat!(
    include_str!("fixtures/head.toml"),
    r#"
[facts.sore]
type = "bool"
ask = "Is the skin sore?"
of = "patient"
valid_for = "visit"

[facts.dark]
type = "bool"
ask = "Does the skin tan easily?"
of = "clinician"
valid_for = "forever"

[session_facts.area]
type = "choice"
choices = ["chin", "leg"]

[facts.areas]
type = "set"
choices = ["chin", "leg"]
ask = "Which areas?"
of = "clinician"
valid_for = "forever"

[[deferral]]
id = "sore-skin"
when = 'sore'
not_before = 'today + days(3)'
reason = "The skin is sore."
sources = ["clinic"]

[[instruction]]
id = "come-clean"
at = "0 days"
do = "Come with a clean face."
sources = ["clinic"]

[[instruction]]
id = "stay-inside"
at = "0 days"
until = "+20 days"
do = "Stay out of the sun."
sources = ["clinic"]

[[instruction]]
id = "soothe"
at = "0 days"
until = "+20 days"
when = 'sore'
do = "Use the soothing gel."
sources = ["clinic"]

[[instruction]]
id = "tint"
at = "0 days"
until = "+20 days"
when = 'dark'
do = "Use the tinted cream."
sources = ["clinic"]

[[instruction]]
id = "first-care"
at = "0 days"
until = "+20 days"
when = 'sessions_done == 0'
do = "Read the leaflet for beginners."
sources = ["clinic"]

[[course]]
id = "standard"
sessions = { planned = 6 }
faulty = "starts_interval"
sources = ["clinic"]
[[course.interval]]
id = "apart"
from = "previous"
minimum = "7 days"
reason = "The skin rests."
sources = ["clinic"]
"#
);

fn protocol(text: &str) -> Protocol {
    let clinic = Clinic::from_text("peel.toml", text).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{found}")).protocols.remove(0)
}

/// The same, counted for each area.
fn by_area() -> Protocol {
    protocol(&PEEL.replace("faulty = \"starts", "separate_by = \"area\"\nplanned_in = \"areas\"\nfaulty = \"starts"))
}

fn answer(protocol: &Protocol, record: &str, as_of: &str) -> Recommendation {
    let text = format!("patient = \"P-1\"\n{record}");
    let read = Record::from_text("record.toml", &text, Notation::Toml, &protocol.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
    let request = Request::new(as_of.parse().expect("a day")).explain(Depth::Full);
    let answer = protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"));
    let found = regimen::verify::verify(&serde_json::to_value(&answer).expect("JSON"));
    assert!(found.faults.is_empty(), "{:?}", found.faults);
    answer
}

fn session(date: &str, more: &str) -> String {
    format!("[[sessions]]\ntreatment = \"trial\"\ndate = {date}\n{more}\n")
}

/// The sessions, each with what is still to be kept; a `?` behind what may not apply.
fn kept(answer: &Recommendation) -> Vec<(String, Vec<String>)> {
    let one = |after: &AfterCare| {
        let ids = after.instructions.iter();
        let ids = ids.map(|one| format!("{}{}", one.id, if one.provisional { "?" } else { "" }));
        (after.session.to_string(), ids.collect())
    };
    answer.after_care.iter().map(one).collect()
}

fn events(answer: &Recommendation, older: Option<&str>) -> (String, BTreeMap<String, String>) {
    let text = calendar(&Handout::for_patient(answer, "en", None), older).expect("a calendar");
    let plain = text.replace("\r\n ", "");
    let mut all = BTreeMap::new();
    for event in plain.split("BEGIN:VEVENT").skip(1) {
        let value = |key: &str| {
            let line = event.lines().find(|line| line.starts_with(key)).unwrap_or_default();
            line.split_once(':').map_or("", |(_, value)| value).to_owned()
        };
        let said = format!("{} {} {}", value("DTSTART"), value("STATUS"), value("SUMMARY"));
        assert_eq!(all.insert(value("UID"), said), None, "{plain}");
    }
    (text, all)
}

fn has(all: &BTreeMap<String, String>, said: &str) -> usize {
    all.values().filter(|one| one.contains(said)).count()
}

#[test]
fn after_care_is_that_of_the_day_of_the_session() {
    let peel = protocol(PEEL);
    let given = session("2026-03-02", "");
    // Sore on that day, and no more today; what holds for ever was true then, too.
    let healed = answer(
        &peel,
        &format!(
            "recorded = 2026-03-06\n[facts]\nsore = false\ndark = true\n{given}[[earlier]]\nfact = \"sore\"\nvalue = true\nrecorded = 2026-03-02\n"
        ),
        "2026-03-06",
    );
    let all = ["stay-inside", "soothe", "tint", "first-care"].map(str::to_owned);
    assert_eq!(kept(&healed), [("2026-03-02".to_owned(), all.to_vec())]);
    // The other way round.
    let sore = answer(
        &peel,
        &format!(
            "recorded = 2026-03-06\n[facts]\nsore = true\ndark = false\n{given}[[earlier]]\nfact = \"sore\"\nvalue = false\nrecorded = 2026-03-02\n"
        ),
        "2026-03-06",
    );
    assert_eq!(kept(&sore), [("2026-03-02".to_owned(), vec!["stay-inside".to_owned(), "first-care".to_owned()])]);
    // What is not known of that day is told with care, whatever holds today, and nobody is asked for it.
    for today in ["true", "false"] {
        let record = format!("recorded = 2026-03-06\n[facts]\nsore = {today}\ndark = false\n{given}");
        let open = answer(&peel, &record, "2026-03-06");
        let told = ["stay-inside", "soothe?", "first-care"].map(str::to_owned);
        assert_eq!(kept(&open), [("2026-03-02".to_owned(), told.to_vec())]);
        assert!(open.questions.iter().all(|one| !one.fact.contains("sore")), "{:?}", open.questions);
        let page = html(&Handout::for_patient(&open, "en", None));
        assert!(
            page.contains("Use the soothing gel.") && page.contains("Ask us whether this applies to you"),
            "{page}"
        );
        let text = regimen::render::text(&open, regimen::render::TextStyle::default());
        assert!(text.contains("Use the soothing gel."), "{text}");
        let screen = regimen::render::brief(&open, regimen::render::TextStyle::default());
        assert!(screen.contains("until 2026-03-22, if it applies: Use the soothing gel."), "{screen}");
        assert_eq!(has(&events(&open, None).1, "soothing"), 1);
    }
    // Of a session that is known by its month, what held on any of its days.
    let month = answer(
        &peel,
        &format!(
            "recorded = 2026-03-20\n[facts]\nsore = false\ndark = false\n{}[[earlier]]\nfact = \"sore\"\nvalue = true\nrecorded = 2026-03-02\n",
            session("\"2026-03\"", "")
        ),
        "2026-03-20",
    );
    assert_eq!(month.after_care[0].session.to_string(), "2026-03-20");
    assert!(kept(&month)[0].1.contains(&"soothe?".to_owned()), "{:?}", kept(&month));
}

#[test]
fn every_session_whose_care_still_runs_is_there_once() {
    let facts = "recorded = 2026-03-12\n[facts]\nsore = false\ndark = false\nareas = [\"leg\"]\n";
    let both = format!("{}{}", session("2026-03-02", "area = \"chin\""), session("2026-03-10", "area = \"leg\""));
    let areas = answer(&by_area(), &format!("{facts}{both}"), "2026-03-12");
    let days: Vec<String> = kept(&areas).into_iter().map(|(day, _)| day).collect();
    assert_eq!(days, ["2026-03-02", "2026-03-10"]);
    assert!(kept(&areas).iter().all(|(_, ids)| ids.contains(&"stay-inside".to_owned())), "{:?}", kept(&areas));
    let page = html(&Handout::for_patient(&areas, "en", None));
    for said in ["After your last session", "10 March 2026 (leg)", "After an earlier session", "2 March 2026 (chin)"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let (_, all) = events(&areas, None);
    assert_eq!((has(&all, "20260302 CONFIRMED"), has(&all, "20260310 CONFIRMED")), (3, 3), "{all:#?}");
    assert_eq!(has(&all, "Stay out of the sun"), 2, "{all:#?}");
    // Of one area, or where none is counted, the later one says it all: but what it does not say stays.
    let one = answer(&protocol(PEEL), &format!("{facts}{both}"), "2026-03-12");
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        kept(&one),
        [
            ("2026-03-02".to_owned(), ids(&["first-care"])),
            ("2026-03-10".to_owned(), ids(&["stay-inside", "soothe?", "first-care?"])),
        ]
    );
    // Two entries of one day are one session.
    let twice = format!("{}{}", session("2026-03-10", "area = \"chin\""), session("2026-03-10", "area = \"leg\""));
    let twice = answer(&by_area(), &format!("{facts}{twice}"), "2026-03-12");
    assert_eq!(kept(&twice).len(), 1);
    assert_eq!(kept(&twice)[0].1.iter().filter(|id| *id == "stay-inside").count(), 1);
}

#[test]
fn the_preparation_of_a_day_is_over_with_the_session_of_that_day() {
    let peel = protocol(PEEL);
    let facts = "recorded = 2026-03-02\n[facts]\nsore = false\ndark = false\n";
    let due = answer(&peel, &format!("sessions = []\n{facts}"), "2026-03-02");
    assert_eq!(due.status, Status::Due);
    let (before, _) = events(&due, None);
    let given = answer(&peel, &format!("{facts}{}", session("2026-03-02", "")), "2026-03-02");
    assert_eq!(kept(&given)[0].1, ["stay-inside", "first-care"]);
    let (_, all) = events(&given, Some(&before));
    assert_eq!((has(&all, "clean face"), has(&all, "CANCELLED")), (0, 0), "{all:#?}");
}

/// A session took place, also where it has to be given again.
#[test]
fn a_faulty_session_stands_on_its_day_beside_the_one_that_is_to_be_given_again() {
    let peel = protocol(PEEL);
    let facts = "recorded = 2026-03-02\n[facts]\nsore = false\ndark = false\n";
    let due = answer(&peel, &format!("sessions = []\n{facts}"), "2026-03-02");
    let (before, old) = events(&due, None);
    let faulty = answer(&peel, &format!("{facts}{}", session("2026-03-02", "faulty = true")), "2026-03-02");
    assert_eq!(faulty.status, Status::Deferred);
    let (after, all) = events(&faulty, Some(&before));
    for said in ["20260302 CONFIRMED A treatment: session 1", "20260302 CONFIRMED A treatment: Stay out"] {
        let uid = |all: &BTreeMap<String, String>| {
            all.iter().find(|(_, one)| one.starts_with(said)).map(|(uid, _)| uid.clone())
        };
        assert!(uid(&old).is_some(), "{said}: {old:#?}");
        assert_eq!(uid(&all), uid(&old), "{said}: {all:#?}");
    }
    assert_eq!(has(&all, "20260309 CONFIRMED A treatment: session 1"), 1, "{all:#?}");
    assert_eq!(has(&all, "CANCELLED"), 0, "{all:#?}");
    // Given again, it has the place that it was planned for.
    let again = format!("{}{}", session("2026-03-02", "faulty = true"), session("2026-03-09", ""));
    let again = answer(&peel, &format!("{}{again}", facts.replace("03-02", "03-09")), "2026-03-09");
    let (_, later) = events(&again, Some(&after));
    assert_eq!(has(&later, "20260302 CONFIRMED A treatment: session 1"), 1, "{later:#?}");
    assert_eq!(has(&later, "20260309 CONFIRMED A treatment: session 1"), 1, "{later:#?}");
    assert!(has(&later, "20260309 CONFIRMED A treatment: Stay out") == 1, "{later:#?}");
}
