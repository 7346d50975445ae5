//! Any line against the reader of records: what the quick reader of lines takes, the reader of records takes, for the same decision.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use regimen::{Clinic, Decider, LineReader, Notation, Record, Request, Slots, Vocabulary};

static CLINIC: LazyLock<Clinic> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../protocols");
    Clinic::load(folder).expect("the shipped clinic").0
});

fuzz_target!(|line: &str| {
    let protocol = CLINIC.protocol("microneedling-acne-scars").expect("it is shipped");
    let vocabulary = Vocabulary::new([protocol]);
    let request = Request::new("2026-07-15".parse().expect("a day"));
    let prepared = protocol.prepare(&request).expect("in force");
    let mut slots = Slots::new(&CLINIC.dictionary);
    if LineReader::new(&CLINIC.dictionary, &vocabulary, prepared.as_of()).scan(line, &mut slots).is_err() {
        return;
    }
    let (record, _) = Record::from_text("line", line, Notation::Json, &CLINIC.dictionary)
        .unwrap_or_else(|found| panic!("only the quick reader takes it: {found}"));
    let answer = prepared.recommend(&record).unwrap_or_else(|found| panic!("{found}"));
    let decision = Decider::new(&prepared, &vocabulary).decide(&slots);
    assert_eq!(decision.status, answer.status);
    assert_eq!(decision.not_before, answer.not_before);
    assert_eq!(decision.no_sooner_than, answer.no_sooner_than);
    assert!(decision.could_become.iter().eq(answer.could_become.iter().copied()));
});
