//! The decision without reasons is the recommendation's, also of what is read straight from a line of JSON.

use std::collections::HashMap;

use regimen::recommendation::WhyUnknown;
use regimen::{
    Date, Decider, Decision, LineReader, Notation, Recommendation, Record, Request, Slots, Unusual, Vocabulary,
};

use super::{ANSWERED, Answered, CLINIC};

fn assert_same(decision: &Decision, answer: &Recommendation, who: &str) {
    assert_eq!(decision.status, answer.status, "{who}");
    assert_eq!(decision.not_before, answer.not_before, "{who}");
    assert_eq!(decision.no_sooner_than, answer.no_sooner_than, "{who}");
    assert_eq!(decision.no_later_than, answer.no_later_than, "{who}");
    assert_eq!(decision.could_become.iter().collect::<Vec<_>>(), answer.could_become, "{who}");
}

#[test]
fn every_case_is_decided_as_it_is_recommended() {
    let vocabulary = Vocabulary::new(&CLINIC.protocols);
    let mut by_request: HashMap<String, Vec<&Answered>> = HashMap::new();
    for one in ANSWERED.iter() {
        by_request.entry(format!("{} {:?}", one.protocol.id, one.case.request)).or_default().push(one);
    }
    for answered in by_request.values() {
        let prepared = answered[0].protocol.prepare(&answered[0].case.request).expect("in force");
        let mut decider = Decider::new(&prepared, &vocabulary);
        for one in answered {
            let slots = Slots::of(&one.case.record, &vocabulary, prepared.as_of());
            let who = one.path.display().to_string();
            assert_same(&decider.decide(&slots), &one.outcome.recommendation, &who);
        }
    }
}

const DAY: &str = "2026-03-02";

fn day() -> Date {
    DAY.parse().expect("a day")
}

/// What the two ways of reading a line make of it: the same decision, or the line is left to the reader of records.
fn scanned(line: &str) -> Option<Decision> {
    let clinic = &*CLINIC;
    let protocol = clinic.protocol("microneedling-acne-scars").expect("the protocol");
    let vocabulary = Vocabulary::new(&clinic.protocols);
    let prepared = protocol.prepare(&Request::new(day())).expect("in force");
    let mut reader = LineReader::new(&clinic.dictionary, &vocabulary, day());
    let mut slots = Slots::new(&clinic.dictionary);
    if reader.scan(line, &mut slots) == Err(Unusual) {
        return None;
    }
    let decision = Decider::new(&prepared, &vocabulary).decide(&slots);
    let (record, _) = Record::from_text("line", line, Notation::Json, &clinic.dictionary).expect("a record");
    assert_same(&decision, &prepared.recommend(&record).expect("an answer"), line);
    Some(decision)
}

#[test]
fn a_line_is_read_as_a_record_is() {
    for line in [
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{}}"#,
        r#" { "patient" : "P-1" , "facts" : { "date_of_birth" : "1994-05-01" , "breastfeeding" : false } , "recorded" : "2026-03-01" } "#,
        r#"{"patient":"P-1","facts":{"date_of_birth":{"value":"1994","on":"2026-02-01","by":"patient"}}}"#,
        r#"{"patient":"P-1","recorded":"2025-01-01","facts":{"breastfeeding":{"unknown":"declined"},"date_of_birth":"2001-07"}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"isotretinoin_last_dose_date":"never"}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"isotretinoin_last_dose_date":"2025-11-15"},"sessions":[{"treatment":"microneedling","date":"2026-02-16"},{"treatment":"microneedling","date":"2025-12-01","faulty":true}]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions":[]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions":null}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions":[],"sessions_cover":["microneedling","filler"]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","sessions_cover":[],"facts":{},"sessions":[]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"shoe_size":[{"a":null,"b":[-1.5,"x",true]}],"smoker":true}}"#,
        // As engines write it, where nobody has said anything.
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":null}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":null,"date_of_birth":"1994-05-01","fitzpatrick": null }}"#,
        r#"{"patient":"P-1","recorded":null,"facts":{"breastfeeding":null}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":null,"sessions":null,"sessions_cover":null,"sessions_unknown":null,"earlier":null,"planned":null}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":{"value":null,"on":null,"by":null,"unknown":null,"no_longer_applies":null}}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":{"value":false,"on":null,"by":null,"unknown":null,"no_longer_applies":null}}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":{"value":null,"on":"2026-02-01","unknown":null}}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":{"unknown":"declined","value":null}}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions":[{"treatment":"microneedling","date":"2026-02-16","product":null,"faulty":null}],"sessions_cover":null}"#,
    ] {
        assert!(scanned(line).is_some(), "{line}");
    }
}

#[test]
fn whatever_is_unusual_is_left_to_the_reader_of_records() {
    for line in [
        "",
        "{",
        "[]",
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{}} x"#,
        r#"{"recorded":"2026-03-01","facts":{}}"#,
        r#"{"patient":"P-1","facts":{"breastfeeding":true}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-03","facts":{}}"#,
        r#"{"patient":"P-1","recorded":"2026-03","facts":{}}"#,
        r#"{"patient":"P-1","recorded":"2026-02-30","facts":{}}"#,
        r#"{"patient":"P\u0031","recorded":"2026-03-01","facts":{}}"#,
        r#"{"patient":"P-1","patient":"P-2","recorded":"2026-03-01","facts":{}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":true,"breastfeeding":false}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":"yes"}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":truely}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":null,"breastfeeding":true}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":nul}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":{"unknown":null,"on":null}}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":{"value":null,"value":true}}}"#,
        r#"{"patient":"P-1","recorded":null,"facts":{"breastfeeding":true}}"#,
        r#"{"patient":null,"recorded":"2026-03-01","facts":{}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions":null,"sessions":null}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions":[null]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions":[{"treatment":"microneedling","date":null}]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"shoe_size":45,"shoe_size":45}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeedin":true}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions":[{"treatment":"microneedeling","date":"2026-02-02"}]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":true,}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"date_of_birth":"never"}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"date_of_birth":"2027-01-01"}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"fitzpatrick":7}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"fitzpatrick":03}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"fitzpatrick":3.0}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"fitzpatrick":3e0}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":{"on":"2026-02-01"}}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":{"value":true,"unknown":"declined"}}}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions":[{"treatment":"microneedling"}]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions":[{"treatment":"microneedling","date":"2026-03-03"}]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions":[{"treatment":"microneedling","date":"2026-02-02","date":"2026-02-02"}]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"session":[]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions_cover":["microneedling"]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{},"sessions":nul}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"date_of_birth":"1994-05-01"},"sessions":[{"treatment":"microneedling","date":"1994-04-30"}]}"#,
        r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"date_of_birth":"0094-05-01"}}"#,
    ] {
        assert_eq!(scanned(line), None, "{line}");
    }
}

#[test]
fn an_answer_that_nobody_recorded_is_missing_however_long_ago_that_was() {
    let clinic = &*CLINIC;
    let protocol = clinic.protocol("microneedling-acne-scars").expect("the protocol");
    let text = r#"{"patient":"P-1","facts":{"breastfeeding":{"unknown":"not_recorded","on":"2020-01-01"}}}"#;
    let (record, _) = Record::from_text("line", text, Notation::Json, &clinic.dictionary).expect("a record");
    let answer = protocol.recommend(&record, &Request::new(day())).expect("an answer");
    let question = answer.questions.iter().find(|question| question.fact == "breastfeeding").expect("it is asked");
    assert_eq!(question.why, WhyUnknown::NotRecorded);
}

#[test]
fn what_is_prepared_can_be_kept_after_its_clinic_is_gone_and_asked_from_another_thread() {
    let prepared = {
        let clinic = super::load(None);
        clinic
            .protocol("microneedling-acne-scars")
            .expect("the protocol")
            .prepare(&Request::new(day()))
            .expect("in force")
    };
    let asked = std::thread::spawn(move || {
        let text = r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"breastfeeding":true},"sessions":[]}"#;
        let dictionary = &prepared.protocol().dictionary;
        let (record, _) = Record::from_text("line", text, Notation::Json, dictionary).expect("a record");
        prepared.recommend(&record).expect("an answer").patient
    });
    assert_eq!(asked.join().expect("the thread ends"), "P-1");
}
