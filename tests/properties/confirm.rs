//! What is asked on the first permitted day, because an answer of today is too old by then, was told today.

use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use proptest::test_runner::TestCaseError;
use regimen::recommendation::{Effect, WhyUnknown};
use regimen::{Date, Duration, Protocol, Recommendation, Status};

use crate::expressions::Wanted;
use crate::patients::{self, TODAY};
use crate::random::cases;
use crate::{ask, ask_on, clinic, forever, our, protocols, shipped, told};

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

/// Asked again on the first permitted day, or the latest that it may come to, with the same answers, the protocol permits it; what is open
/// then is open today.
fn is_permitted(protocol: &Protocol, record: &str) -> Result<(), TestCaseError> {
    let today = ask(protocol, record, TODAY);
    // What somebody decides by then, or has to be asked, is told as a doubt.
    let is_doubtful = today.doubts.iter().any(|doubt| doubt.code == "R434");
    let Some(day) = today.not_before.or(today.no_later_than).filter(|_| !is_doubtful) else { return Ok(()) };
    let then = ask_on(protocol, record, day);
    let refers = today.reasons.iter().any(|one| one.leads_to == Status::Refer);
    let asked = |fact: &String| today.questions.iter().any(|question| question.fact == *fact);
    let nobody = |answer: &Recommendation| answer.doubts.iter().any(|doubt| doubt.code == "R415");
    let is_as_today = match then.status {
        Status::Refer => refers || today.could_become.contains(&Status::Refer),
        Status::Undetermined => {
            let decides = |effects: &[Effect]| effects.contains(&Effect::Status);
            let mut open = then.questions.iter().filter(|question| decides(&question.could_change)).peekable();
            if open.peek().is_none() { nobody(&today) && nobody(&then) } else { open.all(|one| asked(&one.fact)) }
        }
        status => status.is_treat(),
    };
    prop_assert!(is_as_today, "{} on {day}, the first permitted day\n{record}", then.status);
    Ok(())
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn a_first_permitted_day_is_permitted(
        protocol in protocols::protocol(Wanted::ALL),
        rules in proptest::option::of(told::rules()),
        patients in proptest::collection::vec((patients::whole(), subsequence(&patients::FACTS[..], 0..3)), 6),
    ) {
        let clinic = clinic(&forever(&format!("{}{}", protocol.text(), rules.unwrap_or_default())));
        for (patient, away) in &patients {
            let away: Vec<String> = away.iter().map(|fact| (*fact).to_owned()).collect();
            is_permitted(&clinic.protocols[0], &patient.without(&away).record())?;
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
        let protocol = *protocol.get(&shipped::IN_FORCE);
        for patient in &patients {
            was_foreseen(protocol, &patient.record(protocol, Some(truth), &[]))?;
            was_foreseen(protocol, &patient.record(protocol, None, &[]))?;
        }
    }
}
