//! A record is asked about by the dictionary that it was read with, and by no other.

use regimen::{Clinic, Notation, Protocol, Record, Request};

const HEAD: &str = include_str!("fixtures/head.toml");

/// A protocol with one fact of its own.
fn protocol(name: &str, kind: &str) -> Protocol {
    let text = format!(
        "{HEAD}[facts.{name}]\ntype = \"{kind}\"\nask = \"?\"\nof = \"patient\"\nvalid_for = \"7 days\"\n\n\
         [[contraindication]]\nid = \"one\"\nwhen = '{name}{}'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"clinic\"]\n",
        if kind == "bool" { "" } else { " > 3" }
    );
    let (clinic, _) = Clinic::from_text("trial.toml", &text).unwrap_or_else(|found| panic!("{found}"));
    clinic.protocols.into_iter().next().expect("a protocol")
}

fn record(protocol: &Protocol, facts: &str) -> Record {
    let text = format!("{{\"patient\":\"P-1\",\"recorded\":\"2026-03-01\",\"facts\":{facts},\"sessions\":[]}}");
    let read = Record::from_text("record.json", &text, Notation::Json, &protocol.dictionary);
    read.unwrap_or_else(|found| panic!("{found}")).0
}

#[test]
fn a_record_that_was_read_with_another_dictionary_is_refused() {
    let request = Request::new("2026-03-02".parse().expect("a day"));
    let smoker = protocol("smoker", "bool");
    let prepared = smoker.prepare(&request).expect("in force");
    // As many facts, but of another name or type; more; fewer.
    let more = {
        let text = {
            let fact = |name| {
                format!("[facts.{name}]\ntype = \"bool\"\nask = \"?\"\nof = \"patient\"\nvalid_for = \"visit\"\n")
            };
            format!("{HEAD}{}{}", fact("a"), fact("b"))
        };
        Clinic::from_text("more.toml", &text).unwrap_or_else(|found| panic!("{found}")).0.protocols.remove(0)
    };
    let none = Clinic::from_text("none.toml", HEAD).unwrap_or_else(|found| panic!("{found}")).0.protocols.remove(0);
    let others = [
        record(&protocol("pregnant", "bool"), "{\"pregnant\":true}"),
        record(&protocol("smoker", "integer"), "{\"smoker\":1}"),
        record(&more, "{\"a\":true,\"b\":true}"),
        record(&none, "{}"),
    ];
    for other in &others {
        let refused = prepared.recommend(other).expect_err("another dictionary");
        assert_eq!(refused.iter().map(|one| one.code.id).collect::<Vec<_>>(), ["R426"], "{refused}");
        assert!(refused.to_string().contains("another dictionary"), "{refused}");
        assert_eq!(smoker.recommend(other, &request).expect_err("another dictionary").to_string(), refused.to_string());
        assert_eq!(prepared.doubts(other).to_string(), refused.to_string());
    }
    // The same names and types are the same dictionary, wherever they were read from.
    let same = record(&protocol("smoker", "bool"), "{\"smoker\":true}");
    assert_eq!(prepared.recommend(&same).expect("an answer").status, regimen::Status::Contraindicated);
    assert_eq!(prepared.doubts(&same).iter().count(), 0);
}
