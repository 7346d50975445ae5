//! What is asked on the first permitted day, because an answer of today is too old by then, was told today.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;
use regimen::recommendation::{Effect, WhyUnknown};
use regimen::{Date, Duration, Protocol, Recommendation, Status};

use crate::expressions::Wanted;
use crate::patients::{self, TODAY};
use crate::random::cases;
use crate::{ask, ask_on, clinic, forever, our, protocols, shipped};

/// Whether an answer that is too old by now could be used today, as far as the calendar tells.
fn was_valid(on: Option<Date>, valid_for: &str) -> bool {
    let (Some(on), today) = (on, our(TODAY)) else { return false };
    match valid_for.parse::<Duration>() {
        Ok(duration) => on + duration >= today,
        Err(_) => valid_for == "visit" && on == today,
    }
}

fn was_foreseen(protocol: &Protocol, record: &str) -> Result<(), TestCaseError> {
    let today = ask(protocol, record, TODAY);
    // Of answers that contradict each other today none is used.
    let contradicts = today.doubts.iter().any(|doubt| doubt.code == "R419");
    let Some(day) = today.not_before.filter(|_| !contradicts) else { return Ok(()) };
    let told: Vec<&str> = today.to_be_confirmed.iter().map(|one| one.fact.as_str()).collect();
    for question in ask_on(protocol, record, day).questions {
        let decides = question.could_change.iter().any(|effect| matches!(effect, Effect::Status | Effect::Schedule));
        let WhyUnknown::Expired { on, valid_for, .. } = &question.why else { continue };
        if decides && was_valid(*on, valid_for) {
            let fact = question.fact.as_str();
            prop_assert!(told.contains(&fact), "{fact} is asked on {day}, and only {told:?} was told\n{record}");
        }
    }
    Ok(())
}

/// Asked again on the first permitted day, with the same answers, the protocol permits it. What is open is left to other properties.
fn is_permitted(protocol: &Protocol, record: &str) -> Result<(), TestCaseError> {
    let today = ask(protocol, record, TODAY);
    // What somebody decides by then, or has to be asked, is told as a doubt.
    let is_doubtful = today.doubts.iter().any(|doubt| doubt.code == "R434");
    let is_settled = today.questions.is_empty() && today.could_become == [Status::Deferred] && !is_doubtful;
    let Some(day) = today.not_before.filter(|_| is_settled) else { return Ok(()) };
    let then = ask_on(protocol, record, day);
    // Somebody decides, or no row of a setting fits, today as on that day.
    let lacks_a_setting = then.status == Status::Undetermined && then.doubts.iter().any(|doubt| doubt.code == "R416");
    let refers = |answer: &Recommendation| answer.reasons.iter().any(|one| one.leads_to == Status::Refer);
    let is_as_today = lacks_a_setting || (then.status == Status::Refer && refers(&today));
    prop_assert!(then.status.is_treat() || is_as_today, "{} on {day}, the first permitted day\n{record}", then.status);
    Ok(())
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn a_first_permitted_day_is_permitted(
        protocol in protocols::protocol(Wanted::ALL),
        patients in proptest::collection::vec(patients::whole(), 6),
    ) {
        let clinic = clinic(&forever(&protocol.text()));
        for patient in &patients {
            is_permitted(&clinic.protocols[0], &patient.record())?;
        }
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn what_is_asked_again_was_told(
        protocol in protocols::protocol(Wanted::ALL),
        patients in proptest::collection::vec(patients::partial(), 6),
    ) {
        let clinic = clinic(&protocol.text());
        for patient in &patients {
            was_foreseen(&clinic.protocols[0], &patient.record())?;
        }
    }

    #[test]
    fn what_is_asked_again_was_told_by_the_shipped_protocols(
        protocol in any::<Index>(),
        patients in proptest::collection::vec(shipped::patient(), 4),
        truth in shipped::truth(),
    ) {
        let protocol = protocol.get(&shipped::CLINIC.protocols);
        for patient in &patients {
            was_foreseen(protocol, &patient.record(protocol, Some(truth), &[]))?;
            was_foreseen(protocol, &patient.record(protocol, None, &[]))?;
        }
    }
}
