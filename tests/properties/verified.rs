//! Every honest answer follows from its trace: `verify` accepts whatever the engine says of random protocols and records.

use proptest::prelude::*;
use proptest::sample::Index;
use regimen::verify::verify_with;
use regimen::{Clinic, Depth, Notation, Protocol, Record, Request, render};

use crate::expressions::Wanted;
use crate::patients::{self, TODAY};
use crate::random::cases;
use crate::{our, protocols, series, settings, shipped};

/// What does not follow from its trace in the answer of a protocol to a record; nothing where there is no answer.
fn faults(protocol: &Protocol, record: &str) -> Vec<String> {
    let Ok((record, _)) = Record::from_text("record.toml", record, Notation::Toml, &protocol.dictionary) else {
        panic!("a record that cannot be read:\n{record}");
    };
    let Ok(answer) = protocol.recommend(&record, &Request::new(our(TODAY)).explain(Depth::Full)) else {
        return Vec::new();
    };
    let json = render::json(&answer).expect("JSON");
    let dictionary = protocol.dictionary.facts.first().map_or("", |fact| &fact.place.file.text);
    let texts = [protocol.file.text.as_str(), dictionary];
    let verified = verify_with(&serde_json::from_str(&json).expect("JSON"), Some(&texts));
    verified.faults.iter().map(|fault| format!("{}: {}", fault.at, fault.message)).collect()
}

/// The same of the text of a protocol; some that are generated are refused when they are loaded.
fn faults_of(text: &str, record: &str) -> Vec<String> {
    Clinic::from_text("generated.toml", text)
        .map_or_else(|_| Vec::new(), |(clinic, _)| faults(&clinic.protocols[0], record))
}

/// A protocol in which nothing but the question of one fact reads another, and records that tell it or do not.
fn guarded(text: &str, record: &str, fact: &str, told: Option<bool>) -> (String, String) {
    let guard = "guard = { type = \"bool\", ask = \"guard?\", of = \"patient\", valid_for = \"forever\" }";
    let asked = format!("\n{guard}\n{fact} = {{ asked_when = 'guard', otherwise = false, type");
    let told = told.map_or_else(|| "[facts]\n".to_owned(), |told| format!("[facts]\nguard = {told}\n"));
    (text.replacen(&format!("\n{fact} = {{ type"), &asked, 1), record.replacen("[facts]\n", &told, 1))
}

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn answers_of_generated_protocols_follow_from_their_traces(
        protocol in protocols::protocol(Wanted::ALL),
        patients in proptest::collection::vec(patients::partial(), 2),
        whole in patients::whole(),
    ) {
        for patient in patients.iter().chain([&whole]) {
            prop_assert_eq!(faults_of(&protocol.text(), &patient.record()), Vec::<String>::new(), "{}", patient.record());
        }
    }

    #[test]
    fn answers_of_series_follow_from_their_traces((text, records) in series::with_records()) {
        for record in &records {
            prop_assert_eq!(faults_of(&text, record), Vec::<String>::new(), "{}", record);
        }
    }

    /// Whether a question makes sense may rest on what no rule, setting or course reads.
    #[test]
    fn answers_follow_where_nothing_else_reads_when_a_question_makes_sense(
        protocol in protocols::protocol(Wanted::ALL),
        patient in patients::partial(),
        fact in proptest::sample::select(&["b1", "b2", "b3"][..]),
        (series, records) in series::with_records(),
        told in any::<Option<bool>>(),
    ) {
        let (text, record) = guarded(&protocol.text(), &patient.record(), fact, told);
        prop_assert!(text.contains("asked_when = 'guard'"));
        prop_assert_eq!(faults_of(&text, &record), Vec::<String>::new(), "{}", record);
        for record in &records {
            let (text, record) = guarded(&series, record, "b", told);
            prop_assert!(text.contains("asked_when = 'guard'"));
            prop_assert_eq!(faults_of(&text, &record), Vec::<String>::new(), "{}", record);
        }
    }

    #[test]
    fn answers_with_settings_follow_from_their_traces(text in settings::protocol(), patient in patients::partial()) {
        prop_assert_eq!(faults_of(&text, &patient.record()), Vec::<String>::new(), "{}", patient.record());
    }

    #[test]
    fn answers_of_the_shipped_protocols_follow_from_their_traces(protocol in any::<Index>(), patient in shipped::patient()) {
        let protocol = *protocol.get(&shipped::IN_FORCE);
        let record = patient.record(protocol, None, &[]);
        prop_assert_eq!(faults(protocol, &record), Vec::<String>::new(), "{}\n{}", protocol.id, record);
    }
}
