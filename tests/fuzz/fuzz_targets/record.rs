//! Any text as a record, in both notations, against a shipped protocol: it is refused in words or answered.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use regimen::{Clinic, Notation, Record, Request, render};

static CLINIC: LazyLock<Clinic> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../protocols");
    Clinic::load(folder).expect("the shipped clinic").0
});

fuzz_target!(|text: &str| {
    let protocol = CLINIC.protocol("microneedling-acne-scars").expect("it is shipped");
    for notation in [Notation::Json, Notation::Toml] {
        let read = Record::from_text("fuzzed", text, notation, &CLINIC.dictionary);
        let Ok((record, _)) = read else { continue };
        if let Ok(answer) = protocol.recommend(&record, &Request::new("2026-07-15".parse().expect("a day"))) {
            let _ = render::markdown(&answer);
        }
    }
});
