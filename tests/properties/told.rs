//! What is open at the end and could change anything of the answer is asked, or it is told why nobody can answer.

use proptest::prelude::*;
use proptest::sample::select;
use regimen::{Recommendation, Status, Tri, trace::Outcome};

use crate::expressions::{Wanted, condition};
use crate::patients::{self, TODAY};
use crate::protocols;
use crate::random::cases;
use crate::{ask, clinic};

/// What may have no result: it divides by what may be 0, needs too many digits, or asks for a session that there never was.
const UNDECIDABLE: [&str; 3] =
    ["10 / n2 > 3", "n2 * 1000000000000 * 1000000000000 * 1000000000000 > 5", "sessions.last.depth > 1.0"];

/// Rules that nobody may be able to decide, and settings that may be without a value.
pub(crate) fn rules() -> impl Strategy<Value = String> {
    let kinds = &[
        "[[contraindication]]\nlasts = \"permanent\"\nreason = \"x\"",
        "[[deferral]]\nuntil = \"x\"\nreason = \"x\"",
        "[[referral]]\nto = \"x\"\nreason = \"x\"",
        "[[precaution]]\ndo = \"x\"\nreason = \"x\"",
        "[[instruction]]\nat = \"0 days\"\ndo = \"x\"",
        "[[setting]]\nlabel = \"x\"",
    ][..];
    let one = (select(kinds), condition(1, Wanted::ALL), select(&UNDECIDABLE[..]), 0u8..3).prop_map(
        |(kind, condition, undecidable, joined)| match joined {
            0 => (kind, undecidable.to_owned()),
            1 => (kind, format!("({condition}) && {undecidable}")),
            _ => (kind, format!("({condition}) || {undecidable}")),
        },
    );
    proptest::collection::vec(one, 1..3).prop_map(|all| {
        let rule = |(at, (kind, when)): (usize, (&str, String))| {
            let when = match kind.starts_with("[[setting") {
                true => format!("rows = [{{ when = '{when}', value = 4 }}]"),
                false => format!("when = '{when}'"),
            };
            format!("{kind}\nid = \"extra-{at}-x\"\n{when}\nsources = [\"custom\"]\n")
        };
        all.into_iter().enumerate().map(rule).collect()
    })
}

/// Whether something is asked because of a rule, or it is told why nobody can decide it.
fn is_told(answer: &Recommendation, id: &str) -> bool {
    let asked = answer.questions.iter().any(|question| question.rules.iter().any(|rule| rule == id));
    let named = |message: &str| message.contains(&format!("`{id}`")) || message.contains("the first ");
    asked || answer.doubts.iter().any(|doubt| doubt.code == "R415" && named(&doubt.message))
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn what_is_open_is_asked_or_a_doubt(
        protocol in protocols::protocol(Wanted::ALL),
        rules in rules(),
        patients in proptest::collection::vec(prop_oneof![patients::whole(), patients::partial()], 6),
    ) {
        let clinic = clinic(&format!("{}{rules}", protocol.text()));
        for patient in &patients {
            let answer = ask(&clinic.protocols[0], &patient.record(), TODAY);
            let status = answer.status;
            let is_possible = status > Status::Complete;
            let refers = answer.reasons.iter().any(|one| one.leads_to == Status::Refer);
            for node in answer.trace.nodes.iter().filter(|node| node.outcome == Outcome::Truth(Tri::Unknown)) {
                let Some((kind, id)) = node.id.split_once('.').filter(|(_, id)| !id.contains('.')) else { continue };
                let matters = match node.leads_to {
                    None => kind == "precaution" && is_possible,
                    Some(Status::Refer) => !refers && is_possible,
                    Some(other) => other < status || (other, status) == (Status::Deferred, Status::Deferred),
                };
                prop_assert!(!matters || is_told(&answer, id), "{}: nothing is said of {}\n{}", status, node.id, patient.record());
            }
            for instruction in answer.instructions.iter().filter(|one| one.provisional) {
                prop_assert!(is_told(&answer, &instruction.id), "nothing is said of {}\n{}", instruction.id, patient.record());
            }
        }
    }
}
