//! Questions that may make no sense, and answers that contradict each other, beside rules, settings and courses of every kind.

use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::applicability::without_contradictions;
use crate::batches::decided_alike;
use crate::expressions::{UNGUARDED, Wanted};
use crate::oracle;
use crate::patients::{self, Patient, TODAY};
use crate::protocols::{self, Generated};
use crate::random::cases;
use crate::settings::never_bolder;
use crate::{ask, asked, assumed, clinic, never_overturned, never_withdrawn, says_why};

/// When the questions of some facts make sense, and what they are where these make none.
const ASKED: [(&str, &str); 6] = [
    ("n2", "asked_when = 'b2', otherwise = 0"),
    ("e2", "asked_when = 'c2 != \"a\"'"),
    ("m1", "asked_when = 'n2 > 20 || b2', otherwise = 0"),
    ("s2", "asked_when = '!(e2 == never)', otherwise = []"),
    ("c1", "asked_when = 'b1', otherwise = \"b\""),
    ("u1", "asked_when = 'age >= 18', otherwise = 5"),
];

const CONTRADICTIONS: [&str; 3] = ["c2 == \"b\" && e2 == never", "b2 && n2 < 10", "\"w\" in s2 && n1 > 30"];

/// A protocol in which questions may make no sense.
#[derive(Clone, Debug)]
struct Asking {
    protocol: Generated,
    asked: Vec<(&'static str, &'static str)>,
    contradictions: Vec<&'static str>,
}

impl Asking {
    fn text(&self) -> String {
        let mut text = self.protocol.text();
        for (fact, when) in &self.asked {
            text = text.replace(&format!("\n{fact} = {{ type"), &format!("\n{fact} = {{ {when}, type"));
        }
        for when in &self.contradictions {
            text.push_str(&format!("[[contradiction]]\nwhen = '{when}'\nsay = \"x\"\n"));
        }
        text
    }

    /// Whether the question is out of place today. One that is so on the day of a past session alone is open today without its answer.
    fn makes_no_sense(&self, fact: &str, patient: &Patient) -> bool {
        let (_, keys) = self.asked.iter().find(|(name, _)| *name == fact).expect("a fact that is not always asked");
        let when = keys.split('\'').nth(1).expect("a condition");
        patient.is_whole() && !oracle::evaluate(&mut oracle::engine(), patient, when).expect("a truth value")
    }
}

fn asking() -> impl Strategy<Value = Asking> {
    (protocols::protocol(Wanted::ALL), subsequence(&ASKED[..], 1..=4), subsequence(&CONTRADICTIONS[..], 0..=2))
        .prop_map(|(protocol, asked, contradictions)| Asking { protocol, asked, contradictions })
}

/// The text of such a protocol.
pub(crate) fn text() -> impl Strategy<Value = String> {
    asking().prop_map(|asking| asking.text())
}

proptest! {
    #![proptest_config(cases(48))]

    /// Whatever the unknown turns out to be, the answer was foreseen.
    #[test]
    fn completions_where_questions_make_no_sense(
        asking in asking(),
        patient in patients::partial(),
        truths in proptest::collection::vec(patients::truth(), 12),
    ) {
        let clinic = clinic(&asking.text());
        let protocol = &clinic.protocols[0];
        for truth in &truths {
            let told = patient.completed(truth, &[]);
            let whole = without_contradictions(protocol, |out| ask(protocol, &told.without(out).record(), TODAY));
            let Some((after, out)) = whole else { continue };
            let before = ask(protocol, &patient.without(&out).record(), TODAY);
            // With fewer answers nothing contradicts today. On an earlier day it may have, of which more answers tell something else: then what
            // contradicted was unknown, and is foreseen or not as such.
            let of_today = |doubt: &&regimen::recommendation::Doubt| doubt.code == "R419" && !doubt.message.starts_with("on ");
            prop_assert_eq!(before.doubts.iter().find(of_today), None);
            if before.doubts.iter().any(|doubt| doubt.code == "R419") {
                continue;
            }
            let has_session = told.sessions.iter().any(|session| session.treatment == "own");
            let whole = has_session || !protocol.file.text.contains(UNGUARDED);
            never_overturned(&before, &after, whole && out.iter().all(|fact| asking.makes_no_sense(fact, &told)))?;
            let told = patient.completed(truth, &assumed(&before)).without(&out);
            let after = ask(protocol, &told.record(), TODAY);
            never_overturned(&before, &after, false)?;
            never_withdrawn(&before, &after)?;
            if before.assumptions.is_empty() {
                never_bolder(&before, &after)?;
            }
        }
    }

    /// Whoever answers what is asked, and nothing else, gets an answer; and what is quick says the same.
    #[test]
    fn what_is_asked_where_questions_make_no_sense_is_enough(
        asking in asking(),
        patient in patients::partial(),
        truth in patients::truth(),
    ) {
        let clinic = clinic(&asking.text());
        let protocol = &clinic.protocols[0];
        let mut patient = patient;
        loop {
            let text = patient.record();
            decided_alike(protocol, std::slice::from_ref(&text))?;
            let answer = ask(protocol, &text, TODAY);
            // Nobody like this can be: whoever contradicts himself is asked again, and would have to say something else.
            if answer.doubts.iter().any(|doubt| doubt.code == "R419") {
                return Ok(());
            }
            let asked = asked(&answer);
            if asked.is_empty() {
                prop_assert!(answer.status != regimen::Status::Undetermined || says_why(&answer), "{}", text);
                break;
            }
            let others: Vec<String> = patient.names().into_iter().filter(|name| !asked.contains(name)).collect();
            let told = patient.completed(&truth, &others);
            prop_assert!(told != patient, "nothing new for {asked:?}: {text}");
            patient = told;
        }
    }
}
