//! What must hold for every protocol, patient and day, tried on thousands of random ones.
//!
//! `PROPTEST_CASES=10000 cargo test --release --test properties` looks harder.

mod expressions;
mod oracle;
mod patients;

use proptest::prelude::*;
use regimen::{Clinic, Notation, Record, Request};

use expressions::Wanted;
use patients::{DICTIONARY, TODAY};

/// So many random cases; the environment may ask for another number. Failures are not written to files.
fn cases(count: u32) -> ProptestConfig {
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { ProptestConfig::default().cases } else { count };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

const HEADER: &str = r#"
id = "generated"
title = "Generated"
version = "1.0.0"
status = "active"
in_force = { from = 2000-01-01 }
review_by = 2100-01-01
owner = "nobody"
treatment = "own"
"#;

fn clinic(text: &str) -> Clinic {
    match Clinic::from_text("generated.toml", text) {
        Ok((clinic, _)) => clinic,
        Err(mistakes) => panic!("{text}\n{mistakes}"),
    }
}

fn record(clinic: &Clinic, text: &str) -> Record {
    match Record::from_text("record.toml", text, Notation::Toml, &clinic.dictionary) {
        Ok((record, _)) => record,
        Err(mistakes) => panic!("{text}\n{mistakes}"),
    }
}

fn today() -> Request {
    Request::new(TODAY.to_string().parse().expect("a date"))
}

proptest! {
    #![proptest_config(cases(96))]

    /// On a patient of whom everything is known, a condition means what Rhai's own evaluator says.
    #[test]
    fn complete_records_agree_with_rhai(
        conditions in proptest::collection::vec(expressions::condition(4, Wanted::ALL), 12),
        patient in patients::whole(),
    ) {
        let mut text = format!("{HEADER}{DICTIONARY}");
        for (at, condition) in conditions.iter().enumerate() {
            text.push_str(&format!(
                "[[precaution]]\nid = \"p{at}\"\nwhen = '{condition}'\ndo = \"x\"\nreason = \"x\"\nsources = [\"custom\"]\n"
            ));
        }
        let clinic = clinic(&text);
        let answer = clinic.protocols[0].recommend(&record(&clinic, &patient.record()), &today()).expect("an answer");
        let mut rhai = oracle::engine();
        for (at, condition) in conditions.iter().enumerate() {
            let expected = oracle::evaluate(&mut rhai, &patient, condition);
            let expected = expected.unwrap_or_else(|error| panic!("Rhai: {error}\n{condition}"));
            let found = answer.precautions.iter().any(|precaution| precaution.id == format!("p{at}"));
            prop_assert_eq!(found, expected, "{}\n{}", condition, patient.record());
        }
    }
}
