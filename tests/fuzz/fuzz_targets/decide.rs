//! Protocols and patients drawn from the input by the generators of the property tests: the quick way decides as the plain evaluator does.

#![no_main]

#[path = "../../properties/expressions.rs"]
#[allow(dead_code, reason = "the property tests need the rest")]
mod expressions;
#[path = "../../properties/patients.rs"]
#[allow(dead_code, reason = "the property tests need the rest")]
mod patients;
#[path = "../../properties/protocols.rs"]
#[allow(dead_code, reason = "the property tests need the rest")]
mod protocols;

use expressions::Wanted;
use libfuzzer_sys::fuzz_target;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use regimen::{Clinic, Decider, Notation, Record, Request, Slots, Vocabulary};

fuzz_target!(|bytes: &[u8]| {
    // A seed for the protocol and one for the patient: whichever protocol reaches something new is kept, and other patients are tried
    // on it. (The generators draw too many numbers for the input to be those numbers themselves.)
    let Some((first, second)) = bytes.split_at_checked(32) else { return };
    let Some(second) = second.get(..32) else { return };
    let drawn = |seed| TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, seed));
    let Ok(protocol) = protocols::protocol(Wanted::ALL).new_tree(&mut drawn(first)) else { return };
    let Ok(patient) = patients::partial().new_tree(&mut drawn(second)) else { return };
    let text = protocol.current().text();
    let Ok((clinic, _)) = Clinic::from_text("generated.toml", &text) else { panic!("{text}") };
    let protocol = &clinic.protocols[0];
    let request = Request::new("2026-07-15".parse().expect("a day"));
    let prepared = protocol.prepare(&request).expect("in force");
    let text = patient.current().record();
    let (record, _) = Record::from_text("record.toml", &text, Notation::Toml, &protocol.dictionary)
        .unwrap_or_else(|found| panic!("{text}\n{found}"));
    let answer = prepared.recommend(&record).unwrap_or_else(|found| panic!("{found}"));
    let vocabulary = Vocabulary::new([protocol]);
    let decision = Decider::new(&prepared, &vocabulary).decide(&Slots::of(&record, &vocabulary, prepared.as_of()));
    assert_eq!(decision.status, answer.status, "{text}");
    assert_eq!(decision.not_before, answer.not_before, "{text}");
    assert_eq!(decision.no_sooner_than, answer.no_sooner_than, "{text}");
    assert_eq!(decision.no_later_than, answer.no_later_than, "{text}");
    assert!(decision.could_become.iter().eq(answer.could_become.iter().copied()), "{text}");
});
