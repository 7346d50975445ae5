//! Whatever answers are taken away, what is said is never less careful: not of a status, a first permitted day or a setting.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;
use regimen::{Recommendation, Status};

use crate::expressions::Wanted;
use crate::patients::{self, TODAY};
use crate::protocols;
use crate::random::cases;
use crate::settings::never_bolder;
use crate::{applicability, ask, assumed, clinic, never_overturned, never_withdrawn, shipped};

/// What the answer with less data may say beside the one with more.
fn never_less_careful(less: &Recommendation, more: &Recommendation) -> Result<(), TestCaseError> {
    never_overturned(less, more, false)?;
    never_withdrawn(less, more)?;
    // A referral that is certain stays one: what could have forbidden the treatment left it open.
    if less.status == Status::Refer {
        prop_assert_eq!(more.status, Status::Refer);
    }
    Ok(())
}

/// Of a list of names, those that are taken away.
fn some_of(names: Vec<String>, away: &[bool]) -> Vec<String> {
    names.into_iter().zip(away.iter().cycle()).filter(|(_, away)| **away).map(|(name, _)| name).collect()
}

proptest! {
    #![proptest_config(cases(96))]

    /// Between a record and all that may be answered there are many: each step is one towards boldness, or none. Only courses assume here.
    #[test]
    fn with_less_data_no_answer_is_less_careful(
        protocol in protocols::protocol(Wanted { assumptions: false, ..Wanted::ALL }),
        patient in patients::partial(),
        truths in proptest::collection::vec(patients::truth(), 4),
        away in proptest::collection::vec(any::<bool>(), 1..40),
    ) {
        let clinic = clinic(&protocol.text());
        let protocol = &clinic.protocols[0];
        let least = ask(protocol, &patient.record(), TODAY);
        for truth in &truths {
            let mut except = assumed(&least);
            let away: Vec<String> = some_of(patient.names(), &away).into_iter().chain(except.iter().cloned()).collect();
            let few = patient.completed(truth, &away).record();
            let less = ask(protocol, &few, TODAY);
            except.extend(assumed(&less));
            let many = patient.completed(truth, &except).record();
            let more = ask(protocol, &many, TODAY);
            for (less, more) in [(&least, &less), (&less, &more), (&least, &more)] {
                let told = |error| TestCaseError::fail(format!("{error}\n{few}\nthen\n{many}"));
                never_less_careful(less, more).map_err(told)?;
                never_bolder(less, more).map_err(told)?;
            }
        }
    }

    /// The same for the status and the days of the protocols that are shipped, but for what `??` and `known` speak of.
    #[test]
    fn with_less_data_no_answer_of_a_shipped_protocol_is_less_careful(
        protocol in any::<Index>(),
        patient in shipped::patient(),
        truth in shipped::truth(),
        away in proptest::collection::vec(any::<bool>(), 1..40),
    ) {
        let protocol = *protocol.get(&shipped::IN_FORCE);
        let away = some_of(patient.names(protocol).into_iter().collect(), &away);
        let told = applicability::without_contradictions(protocol, |out| ask(protocol, &patient.record(protocol, Some(truth), out), TODAY));
        let Some((_, out)) = told else { return Ok(()) };
        let except: Vec<String> = away.iter().chain(&out).cloned().collect();
        let less = ask(protocol, &patient.record(protocol, Some(truth), &except), TODAY);
        let except: Vec<String> = assumed(&less).into_iter().chain(out).collect();
        let more = ask(protocol, &patient.record(protocol, Some(truth), &except), TODAY);
        never_less_careful(&less, &more)?;
    }
}
