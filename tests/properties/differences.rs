//! One random edit of a random protocol: if anybody is answered differently, the comparison of the texts says that the meaning differs.

use proptest::prelude::*;
use proptest::sample::Index;
use regimen::diff::{Difference, Outcome, RecordText};
use regimen::{Clinic, Notation, Recommendation};

use crate::expressions::Wanted;
use crate::patients::TODAY;
use crate::random::cases;
use crate::{ask, clinic, our, patients, protocols};

/// The places of a text where a small slip changes it, and what stands there then.
fn edits(text: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let pairs = [
        ("&&", "||"),
        ("||", "&&"),
        (" < ", " <= "),
        (" <= ", " < "),
        (" > ", " >= "),
        ("true", "false"),
        ("false", "true"),
    ];
    let pairs = pairs.into_iter().chain([
        ("days", "weeks"),
        ("\"w\"", "\"x\""),
        ("\"a\"", "\"b\""),
        ("b1", "b2"),
        ("n1", "n2"),
        ("!", ""),
    ]);
    let words = pairs.flat_map(|(old, new)| {
        text.match_indices(old).map(move |(at, old)| (at..at + old.len(), new.to_owned())).collect::<Vec<_>>()
    });
    let digits = text.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, c)| {
        let next = if c == '9' { '8' } else { char::from(c as u8 + 1) };
        (at..at + 1, next.to_string())
    });
    // A rule that goes.
    let starts: Vec<usize> =
        text.match_indices("[[").filter(|(at, _)| text[..*at].ends_with('\n')).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let rules = starts.iter().zip(ends).map(|(start, end)| (*start..end, String::new()));
    words.chain(digits).chain(rules.collect::<Vec<_>>()).collect()
}

/// What a patient is told, apart from words.
fn told(answer: &Recommendation) -> String {
    let reasons = answer.reasons.iter().map(|reason| (&reason.id, reason.leads_to, reason.not_before));
    let settings = answer.settings.iter().map(|setting| (&setting.id, &setting.value, setting.known));
    let precautions = answer.precautions.iter().map(|precaution| &precaution.id);
    let questions = answer.questions.iter().map(|question| &question.fact);
    let instructions = answer.instructions.iter().map(|one| (&one.id, &one.at, one.from_date, one.provisional));
    format!(
        "{:?}",
        (
            (answer.status, answer.not_before, answer.no_sooner_than, answer.no_later_than, &answer.could_become),
            reasons.collect::<Vec<_>>(),
            settings.collect::<Vec<_>>(),
            precautions.collect::<Vec<_>>(),
            (questions.collect::<Vec<_>>(), instructions.collect::<Vec<_>>()),
        )
    )
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn who_is_answered_differently_is_so_by_a_difference_that_is_told(
        protocol in protocols::protocol(Wanted::ALL),
        pick in any::<Index>(),
        patients in proptest::collection::vec(patients::partial(), 12),
    ) {
        let text = protocol.text();
        let from = text.find("[definitions]").expect("definitions");
        let all = edits(&text[from..]);
        let (place, instead) = &all[pick.index(all.len())];
        let mut edited = text.clone();
        edited.replace_range(from + place.start..from + place.end, instead);
        // Some slips are refused when the file is loaded.
        let Ok((new, _)) = Clinic::from_text("generated.toml", &edited) else { return Ok(()) };
        let old = clinic(&text);
        let mut difference = Difference::between(&old, &new);
        let records: Vec<RecordText> = patients.iter().map(|one| RecordText::new("record.toml", &one.record(), Notation::Toml)).collect();
        difference.ask(&old, &new, &records, our(TODAY), 1);
        let impact = difference.protocols[0].impact.clone().expect("an impact");
        prop_assert_eq!(impact.tally.iter().map(|tally| tally.records).sum::<usize>(), patients.len());
        let changed: usize = impact.groups.iter().map(|group| group.records).sum();
        prop_assert_eq!(changed + impact.count(Outcome::Unchanged), patients.len());
        let told_otherwise = patients.iter().filter(|patient| {
            let [old, new] = [&old, &new].map(|clinic| told(&ask(&clinic.protocols[0], &patient.record(), TODAY)));
            old != new
        });
        let told_otherwise = told_otherwise.count();
        prop_assert!(told_otherwise <= changed, "{} of {changed}", told_otherwise);
        prop_assert!(changed == 0 || difference.is_of_meaning(), "{instead:?} at {place:?} {:?}", difference.protocols[0]);
    }

    /// The order of rules and definitions is no meaning.
    #[test]
    fn another_order_is_no_difference(
        (protocol, shuffled) in protocols::protocol(Wanted::ALL).prop_flat_map(|one| { let other = one.shuffled(); (Just(one), other) }),
    ) {
        let difference = Difference::between(&clinic(&protocol.text()), &clinic(&shuffled.text()));
        prop_assert!(difference.protocols[0].changes.is_empty(), "{:?}", difference.protocols[0].changes);
    }
}
