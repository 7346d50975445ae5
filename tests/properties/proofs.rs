//! What is proved is violated by nobody, and whoever is said to refute a property does.

use proptest::prelude::*;
use proptest::sample::Index;
use regimen::internals::holds;
use regimen::prove::{Outcome, prove};
use regimen::{Notation, Record, Request, Tri};

use crate::expressions::{self, Wanted};
use crate::patients::{self, TODAY};
use crate::protocols;
use crate::random::cases;
use crate::{ask_on, clinic, our};

/// The conditions and days of a protocol's rules, as they stand in its text.
fn written(text: &str, key: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(" = '")?.strip_suffix('\''));
    lines.map(str::to_owned).collect()
}

/// Properties that are made of a rule's condition, of another, and of a day: some that hold, and some that do not.
fn claims(rule: &str, other: &str, day: &str) -> Vec<String> {
    vec![
        format!("never = 'treat && ({rule})'"),
        format!("never = 'treat && ({rule}) && ({other})'"),
        format!("never = 'status in [\"due\", \"overdue\"] && ({other})'"),
        format!("always = 'status == \"contraindicated\" || !({rule})'"),
        format!(
            "always = 'status in [\"contraindicated\", \"not-indicated\", \"stopped\", \"complete\", \"deferred\", \"refer\"] || !({rule})'"
        ),
        format!("never = 'status == \"deferred\" && ({rule})'"),
        format!("never = 'status != \"refer\" && !treat && ({other})'"),
        format!("always = 'not_before >= {day}'"),
        format!("never = 'status == \"deferred\" && not_before > {day}'"),
        format!("never = 'not_before == {day} && ({other})'"),
        "never = 'setting(\"level\") > 8'".to_owned(),
        format!("never = 'setting(\"level\") > 6 && ({rule})'"),
        "never = 'setting(\"mg\") > p_mg'".to_owned(),
        "always = 'setting(\"each\") >= 1 || b1'".to_owned(),
        "never = 'setting(\"level\") < 3'".to_owned(),
    ]
}

/// One of them, in a protocol.
fn property(at: usize, claim: &str) -> String {
    format!("[[property]]\nid = \"property-{at}\"\n{claim}\nreason = \"x\"\nsources = [\"custom\"]\n")
}

/// All of them, in a protocol.
pub(crate) fn properties() -> String {
    claims("b1", "b2", "e1").iter().enumerate().map(|(at, claim)| property(at, claim)).collect()
}

proptest! {
    #![proptest_config(cases(3))]

    #[test]
    fn what_is_proved_holds_and_who_refutes_does(
        protocol in protocols::protocol(Wanted::ALL),
        other in expressions::condition(1, Wanted::ALL),
        day in expressions::date(1, Wanted::ALL),
        pick in any::<Index>(),
        whole in proptest::collection::vec(patients::whole(), 16),
        partial in proptest::collection::vec(patients::partial(), 8),
    ) {
        let plain = protocol.text();
        let rules = written(&plain, "when");
        let rule = if rules.is_empty() { &other } else { pick.get(&rules) };
        let days = written(&plain, "not_before");
        let day = if days.is_empty() { &day } else { pick.get(&days) };
        let mut text = plain.clone();
        let claims = claims(rule, &other, day);
        let chosen: Vec<&String> = (0..4).map(|at| &claims[(pick.index(claims.len()) + at * 4) % claims.len()]).collect();
        chosen.iter().enumerate().for_each(|(at, claim)| text.push_str(&property(at, claim)));
        let clinic = clinic(&text);
        let protocol = &clinic.protocols[0];
        let request = Request::new(our(TODAY));
        for (proof, claim) in prove(protocol).iter().zip(chosen) {
            match proof.outcome {
                Outcome::Proved => {
                    for patient in whole.iter().chain(&partial) {
                        let record = patient.record();
                        let truth = holds(protocol, &proof.id, &request, (&record, Notation::Toml));
                        prop_assert_ne!(truth, Some(Tri::False), "{} is not so of\n{}\n{:?}", claim, record, proof.assumptions);
                    }
                }
                Outcome::Refuted => {
                    let found = proof.counterexample.as_ref().expect("a patient");
                    let read = Record::from_text("record.json", &found.record, Notation::Json, &protocol.dictionary);
                    let (record, _) = read.unwrap_or_else(|mistakes| panic!("{}\n{mistakes}", found.record));
                    if found.set.is_empty() {
                        let request = Request::new(found.as_of);
                        let answer = protocol.recommend(&record, &request).expect("an answer");
                        prop_assert_eq!((answer.status, answer.not_before), (found.status, found.not_before));
                        let truth = holds(protocol, &proof.id, &request, (&found.record, Notation::Json));
                        prop_assert_eq!(truth, Some(Tri::False), "{} is so of\n{}", claim, found.record);
                    }
                }
                _ => prop_assert!(proof.why.is_some()),
            }
        }
    }

    /// What a property means is what the answer and a rule with its condition say.
    #[test]
    fn a_property_means_what_the_answer_says(
        protocol in protocols::protocol(Wanted::ALL),
        condition in expressions::condition(2, Wanted::ALL),
        everybody in proptest::collection::vec(patients::partial(), 12),
    ) {
        let mut text = protocol.text();
        text.push_str(&format!("[[precaution]]\nid = \"claimed\"\nwhen = '{condition}'\ndo = \"x\"\nreason = \"x\"\nsources = [\"custom\"]\n"));
        text.push_str(&format!("[[property]]\nid = \"safe\"\nnever = 'treat && ({condition})'\nreason = \"x\"\nsources = [\"custom\"]\n"));
        let clinic = clinic(&text);
        let protocol = &clinic.protocols[0];
        for patient in &everybody {
            let record = patient.record();
            let answer = ask_on(protocol, &record, our(TODAY));
            let is_so = answer.precautions.iter().any(|one| one.id == "claimed");
            let violated = answer.status.is_treat() && is_so;
            let truth = holds(protocol, "safe", &Request::new(our(TODAY)), (&record, Notation::Toml));
            prop_assert_eq!(truth == Some(Tri::False), violated, "{}\n{}", condition, record);
        }
    }
}
