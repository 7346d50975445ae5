//! Any text as a condition: it is refused in words, or evaluated; nothing panics, nothing hangs.

#![no_main]

#[path = "../../properties/expressions.rs"]
#[allow(dead_code, reason = "only the dictionary is needed")]
mod expressions;
#[path = "../../properties/patients.rs"]
#[allow(dead_code, reason = "only the dictionary is needed")]
mod patients;
#[path = "../../properties/protocols.rs"]
#[allow(dead_code, reason = "only the header is needed")]
mod protocols;

use libfuzzer_sys::fuzz_target;
use regimen::{Clinic, Notation, Record, Request};

fuzz_target!(|text: &str| {
    // What could end the TOML string is the business of the target `protocol`.
    if text.contains("'''") || text.ends_with('\'') {
        return;
    }
    let (header, dictionary) = (protocols::HEADER, patients::DICTIONARY);
    let rule = "[[precaution]]\nid = \"p\"\ndo = \"x\"\nreason = \"x\"\nsources = [\"custom\"]\n";
    let protocol = format!("{header}{dictionary}{rule}when = '''{text}'''\n");
    let Ok((clinic, _)) = Clinic::from_text("fuzzed.toml", &protocol) else { return };
    let day = "2026-07-15".parse().expect("a day");
    let sessions = r#"[{"treatment":"own","date":"2026-05-01","area":["w"]},{"treatment":"own","date":"2026-06"}]"#;
    for facts in ["{}", r#"{"b1":true,"n1":7,"c1":"a","s1":["w"],"e1":"2026-02","m1":-1.5}"#] {
        let record = format!(r#"{{"patient":"P","recorded":"2026-07-01","facts":{facts},"sessions":{sessions}}}"#);
        let (record, _) =
            Record::from_text("r.json", &record, Notation::Json, &clinic.dictionary).expect("a record as it should be");
        let _ = clinic.protocols[0].recommend(&record, &Request::new(day)).expect("an answer");
    }
});
