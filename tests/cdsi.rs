//! CDC's published cases for immunization schedules, through the public API.
//!
//! Reads the cases from `$CDSI_DIR/cases.ndjson`, or from the file in `$CDSI_CASES`, and nothing else; without either it says so and
//! passes. Everything is compared: the status of the series, the number of the next dose, its three dates (a blank is a claim), and
//! for every dose given its status and reason.

#![allow(clippy::print_stderr, reason = "the figures are for whoever runs the test")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use regimen::recommendation::{CourseReport, PastSession, SessionFault};
use regimen::{Clinic, Date, Notation, Protocol, Record, Request};
use serde_json::{Value as Json, json};

/// The share of cases that must pass; fewer is a failure. One of the published cases carries a wrong label.
const AT_LEAST: f64 = 0.998;

/// CDC's name of a vaccine group, and the protocol for it.
const GROUPS: [(&str, &str); 16] = [
    ("COVID-19", "covid-19"),
    ("DTaP/Tdap/Td", "diphtheria-tetanus-pertussis"),
    ("HPV", "hpv"),
    ("HepA", "hepatitis-a"),
    ("HepB", "hepatitis-b"),
    ("Hib", "hib"),
    ("Influenza", "influenza"),
    ("MMR", "mmr"),
    ("Meningococcal", "meningococcal-acwy"),
    ("Meningococcal B", "meningococcal-b"),
    ("Pneumococcal", "pneumococcal"),
    ("Polio", "polio"),
    ("RSV", "rsv"),
    ("Rotavirus", "rotavirus"),
    ("Varicella", "varicella"),
    ("Zoster", "zoster"),
];

/// The id of the protocol for a group; of a group without one, its name as an id would be written.
fn protocol_id(group: &str) -> String {
    let known = GROUPS.iter().find(|(name, _)| *name == group).map(|(_, id)| (*id).to_owned());
    known.unwrap_or_else(|| group.to_lowercase().replace(' ', "-"))
}

fn text<'j>(value: &'j Json, key: &str) -> &'j str {
    value[key].as_str().unwrap_or_default()
}

/// The patient of a case: a healthy person, so that every yes-or-no fact of the protocol's own is "no".
fn record(case: &Json, protocol: &Protocol) -> Record {
    let sex = if text(case, "gender") == "M" { "male" } else { "female" };
    let mut facts = serde_json::Map::new();
    for fact in &protocol.dictionary.facts {
        let is_own = fact.place.file.name == protocol.file.name;
        if is_own && matches!(fact.answer.ty, regimen::internals::Type::Bool) {
            facts.insert(fact.name.clone(), json!(false));
        }
    }
    facts.insert("date_of_birth".into(), json!(text(case, "dob")));
    facts.insert("sex".into(), json!(sex));
    facts.insert("pregnancy_status".into(), json!("not_pregnant"));
    let group = text(case, "vaccine_group");
    let doses = case["doses"].as_array().map(Vec::as_slice).unwrap_or_default();
    let sessions: Vec<Json> = doses
        .iter()
        .map(|dose| {
            let groups: Vec<&str> =
                dose["vaccine_groups"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
            let own = groups.contains(&group);
            let of = if own { group } else { groups.first().copied().unwrap_or_default() };
            json!({ "treatment": protocol_id(of), "date": text(dose, "date"), "product": text(dose, "cvx") })
        })
        .collect();
    let record = json!({
        "patient": text(case, "id"),
        "recorded": text(case, "assessment_date"),
        "facts": facts,
        "sessions": sessions,
    });
    match Record::from_text("case.json", &record.to_string(), Notation::Json, &protocol.dictionary) {
        Ok((record, _)) => record,
        Err(found) => panic!("{}: {found:?}", text(case, "id")),
    }
}

/// Whether a dose was judged as CDC says; its reason must be one of all reasons found.
fn same_verdict(dose: &Json, past: &PastSession) -> bool {
    let expected = text(dose, "expected_status");
    let reason = match dose["expected_reason"].as_str() {
        None => true,
        Some("series_already_complete") => past.verdict.word() == "extraneous" && past.faults.is_empty(),
        Some(reason) => past.faults.iter().any(|fault| word(*fault) == reason),
    };
    past.verdict.word() == expected && reason
}

fn word(fault: SessionFault) -> &'static str {
    match fault {
        SessionFault::TooYoung => "too_young",
        SessionFault::TooOld => "too_old",
        SessionFault::IntervalTooShort => "interval_too_short",
        SessionFault::TooCloseToOtherTreatment => "live_virus_conflict",
        SessionFault::WrongProduct => "wrong_product",
        SessionFault::RejectedProduct => "inadvertent",
        other => panic!("CDC has no word for {other:?}"),
    }
}

/// What differs from CDC's answer, in words.
fn differences(case: &Json, course: &CourseReport) -> Vec<String> {
    let mut found = Vec::new();
    let expected = &case["expected"];
    let mut compare = |what: &str, ours: Option<String>| {
        let theirs = match &expected[what] {
            Json::Null => None,
            Json::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        if theirs != ours {
            found.push(format!("{what}: expected {}, found {}", show(&theirs), show(&ours)));
        }
    };
    compare("series_status", course.status.map(|status| status.word().to_owned()));
    let next = course.next.as_ref();
    let date = |date: Option<Date>| date.map(|date| date.to_string());
    compare("forecast_number", next.map(|next| next.number.to_string()));
    compare("earliest", next.and_then(|next| date(next.earliest)));
    compare("recommended", next.and_then(|next| date(next.recommended)));
    compare("past_due", next.and_then(|next| date(next.past_due)));
    let group = text(case, "vaccine_group");
    let mut own: Vec<&Json> = case["doses"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|dose| dose["vaccine_groups"].as_array().into_iter().flatten().any(|one| one == group))
        .collect();
    own.sort_by_key(|dose| text(dose, "date").to_owned());
    if own.len() != course.past.len() {
        found.push(format!("{} doses, and {} judged", own.len(), course.past.len()));
    }
    for (dose, past) in own.iter().zip(&course.past) {
        if !same_verdict(dose, past) {
            let (status, reason) = (text(dose, "expected_status"), text(dose, "expected_reason"));
            let ours = format!("{} {:?}", past.verdict, past.faults);
            found.push(format!(
                "dose of {} ({}): expected {status} {reason}, found {ours}",
                past.date,
                text(dose, "cvx")
            ));
        }
    }
    found
}

fn show(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("none")
}

#[test]
fn cases_of_the_cdc() {
    let path = match (std::env::var_os("CDSI_CASES"), std::env::var_os("CDSI_DIR")) {
        (Some(file), _) => PathBuf::from(file),
        (None, Some(folder)) => PathBuf::from(folder).join("cases.ndjson"),
        (None, None) => {
            eprintln!("neither CDSI_DIR nor CDSI_CASES is set: CDC's cases are not run");
            return;
        }
    };
    let cases = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/protocols");
    let (clinic, _) = Clinic::load(folder).unwrap_or_else(|found| panic!("{found:?}"));
    let only = std::env::var("CDSI_ONLY").unwrap_or_default();
    let mut groups: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for line in cases.lines().filter(|line| !line.trim().is_empty()) {
        let case: Json = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let group = text(&case, "vaccine_group");
        let entry = groups.entry(group.to_owned()).or_default();
        entry.1 += 1;
        let Some(protocol) = clinic.protocol(&protocol_id(group)) else { continue };
        let as_of: Date = text(&case, "assessment_date").parse().expect("a date");
        let record = record(&case, protocol);
        let found = match protocol.recommend(&record, &Request::new(as_of)) {
            Ok(recommendation) => match &recommendation.course {
                Some(course) => differences(&case, course),
                None => vec!["nothing certain".to_owned()],
            },
            Err(found) => vec![format!("{found:?}")],
        };
        if found.is_empty() {
            entry.0 += 1;
        } else if only.is_empty() || group == only {
            eprintln!("{} {group}: {}\n    {}", text(&case, "id"), text(&case, "name"), found.join("\n    "));
        }
    }
    let (mut passed, mut all) = (0, 0);
    for (group, (good, of)) in &groups {
        eprintln!("{group:<16} {good:>4} / {of}");
        passed += good;
        all += of;
    }
    eprintln!("{:<16} {passed:>4} / {all}", "all");
    let share = f64::from(passed) / f64::from(all.max(1));
    assert!(share >= AT_LEAST, "{passed} of {all} cases pass, and it should be {AT_LEAST}");
}
