//! Any text as a protocol: it is refused in words or loaded, checked and asked about an empty record; nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use regimen::{Clinic, Notation, Record, Request, check};

fuzz_target!(|text: &str| {
    match Clinic::from_text("fuzzed.toml", text) {
        Err(mistakes) => assert!(!mistakes.to_string().is_empty(), "refused without a word"),
        Ok((clinic, _)) => {
            let day = "2026-07-15".parse().expect("a day");
            let _ = check(&clinic, day, true).to_string();
            let nobody = r#"{"patient":"P","recorded":"2026-07-01","facts":{}}"#;
            let (record, _) =
                Record::from_text("r.json", nobody, Notation::Json, &clinic.dictionary).expect("an empty record");
            for protocol in &clinic.protocols {
                let _ = protocol.recommend(&record, &Request::new(day));
            }
        }
    }
});
