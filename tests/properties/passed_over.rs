//! What a record may hold and nothing is made of: names that are ignored, what nobody knew, and what no longer applies.

use proptest::prelude::*;

use crate::batches::decided_alike;
use crate::expressions::Wanted;
use crate::patients::{self, Patient, TODAY, Told};
use crate::random::cases;
use crate::{ask, clinic, protocols, unordered};

proptest! {
    #![proptest_config(cases(96))]

    /// Names that are ignored, and a question of an earlier day that nobody could answer, change nothing and are no doubt.
    #[test]
    fn what_nobody_here_uses_changes_nothing(
        protocol in protocols::protocol(Wanted::ALL),
        patients in proptest::collection::vec(patients::partial(), 4),
    ) {
        let clinic = clinic(&protocol.text());
        let protocol = &clinic.protocols[0];
        for patient in patients {
            let texts = [false, true].map(|beside| Patient { beside, ..patient.clone() }.record());
            let [without, with] = texts.each_ref().map(|text| ask(protocol, text, TODAY));
            prop_assert_eq!(unordered(&without), unordered(&with), "{}", texts[1]);
            let doubts = |answer: &regimen::Recommendation| -> Vec<String> {
                answer.doubts.iter().map(|doubt| doubt.message.clone()).collect()
            };
            prop_assert_eq!(doubts(&without), doubts(&with), "{}", texts[1]);
            decided_alike(protocol, &texts)?;
        }
    }

    /// An answer that no longer applies is as if nobody had given it.
    #[test]
    fn what_no_longer_applies_changes_nothing(
        protocol in protocols::protocol(Wanted::ALL),
        patients in proptest::collection::vec(patients::partial(), 4),
    ) {
        let clinic = clinic(&protocol.text());
        for patient in patients {
            let mut untold = patient.clone();
            untold.facts.iter_mut().filter(|(_, told)| matches!(told, Told::Once(_))).for_each(|(_, told)| *told = Told::Missing);
            let [marked, untold] = [&patient, &untold].map(|one| unordered(&ask(&clinic.protocols[0], &one.record(), TODAY)));
            prop_assert_eq!(marked, untold, "{}", patient.record());
        }
    }
}
