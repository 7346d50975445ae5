//! The course for the recommendation.

use rust_decimal::prelude::ToPrimitive;

use super::Scheduler;
use super::outcome::{Chosen, Outcome, window};
use crate::engine::course::{Bound, Fault, Forecast, Status, Verdict};
use crate::expr::ExprId;
use crate::recommendation::{ComponentReport, Count, CourseReport, CourseStatus, PastSession, SessionFault, SetBy};
use crate::value::Value;

impl Scheduler<'_> {
    pub(super) fn report(&self, safest: &Outcome, outcomes: &[&Outcome], done: Count) -> CourseReport {
        let course = &self.protocol.courses[safest.lead().course];
        let count = |id: Option<ExprId>| match id.map(|id| self.value(id)) {
            Some(Value::Number(least, most)) => {
                Some(Count { least: least.to_u32().unwrap_or(0), most: most.to_u32().unwrap_or(0) })
            }
            _ => None,
        };
        let certain = outcomes.iter().all(|outcome| outcome.same_as(safest));
        let past = (0..self.known.given.len()).filter(|at| self.is_own(*at)).map(|at| self.past(outcomes, at));
        let same_status = outcomes.iter().all(|outcome| outcome.forecast.status == safest.forecast.status);
        CourseReport {
            id: course.id.clone(),
            status: same_status.then(|| status(safest.forecast.status)),
            chosen: (self.protocol.courses.len() > 1).then(|| safest.runs[safest.lead].why.words()),
            done,
            minimum: count(course.minimum),
            planned: if course.is_series { self.series_length(safest) } else { count(course.planned) },
            maximum: count(course.maximum),
            past: past.collect(),
            next: safest.is_open().then(|| window(&safest.forecast)),
            set_by: safest
                .is_open()
                .then(|| self.set_by(&safest.forecast))
                .filter(|set_by| *set_by != SetBy::default()),
            projected: safest.projected.clone(),
            components: safest.runs.iter().filter_map(|chosen| self.component(chosen)).collect(),
            provisional: !certain,
        }
    }

    fn component(&self, chosen: &Chosen) -> Option<ComponentReport> {
        let id = self.part_id(chosen.part)?.to_owned();
        let forecast = &chosen.run.forecast;
        Some(ComponentReport {
            id,
            course: self.protocol.courses[chosen.run.course].id.clone(),
            chosen: chosen.why.words(),
            status: status(forecast.status),
            done: chosen.run.state.done(),
            next: (forecast.status == Status::NotComplete).then(|| window(forecast)),
        })
    }

    /// How many sessions a series comes to for this patient: those done and those to come. None where some may be skipped or
    /// come again.
    fn series_length(&self, outcome: &Outcome) -> Option<Count> {
        let run = outcome.lead();
        let to_come = self.protocol.courses[run.course].sessions.iter().skip(run.forecast.planned);
        let is_settled = to_come.clone().all(|planned| planned.skip.is_none() && !planned.repeat);
        let length = run.state.done() + to_come.count() as u32;
        is_settled.then_some(Count { least: length, most: length })
    }

    /// What set each of the three dates.
    pub(super) fn set_by(&self, forecast: &Forecast) -> SetBy {
        let name = |bound: Option<Bound>| bound.map(|bound| bound_id(self.protocol, bound));
        let earliest = name(forecast.earliest_by());
        let or_earliest = |bound: Option<Bound>, date: Option<crate::date::Date>| {
            date.and_then(|_| name(bound).or_else(|| earliest.clone()))
        };
        SetBy {
            recommended: or_earliest(forecast.recommended_by, forecast.recommended),
            past_due: or_earliest(forecast.past_due_by, forecast.past_due),
            earliest,
        }
    }

    fn past(&self, outcomes: &[&Outcome], at: usize) -> PastSession {
        let date = self.known.given[at].date.to_string();
        let first = &outcomes[0].verdicts[at];
        if outcomes.iter().any(|outcome| outcome.verdicts[at] != *first) {
            return PastSession { date, verdict: "uncertain", number: None, reasons: Vec::new(), faults: Vec::new() };
        }
        let (verdict, number, faults): (_, _, &[Fault]) = match first {
            Some(Verdict::Valid(number)) => ("valid", Some(*number), &[]),
            Some(Verdict::NotValid(faults)) => ("not_valid", None, faults),
            Some(Verdict::Extraneous(faults)) => ("extraneous", None, faults),
            Some(Verdict::SubStandard) => ("sub_standard", None, &[]),
            Some(Verdict::EarlierCourse) => ("earlier_course", None, &[]),
            // It holds none of the components.
            None => ("not_counted", None, &[]),
        };
        let reasons = faults.iter().map(|fault| self.fault_id(*fault)).collect();
        let faults = faults.iter().map(|fault| fault_word(*fault)).collect();
        PastSession { date, verdict, number, reasons, faults }
    }

    /// The name of a fault among a session's reasons.
    pub(super) fn fault_id(&self, fault: Fault) -> String {
        match fault {
            Fault::Interval(course, at) => self.protocol.courses[course].intervals[at].id.clone(),
            Fault::Separation(at) => self.protocol.separations[at].id.clone(),
            Fault::TooYoung => "too-young".into(),
            Fault::TooOld => "too-old".into(),
            Fault::Product => "wrong-product".into(),
            Fault::Rejected => "rejected-product".into(),
        }
    }
}

/// The name of a bound in reasons and traces.
pub(in crate::engine) fn bound_id(protocol: &crate::protocol::Protocol, bound: Bound) -> String {
    let course = |at: usize| &protocol.courses[at];
    match bound {
        Bound::Age(at, _) => format!("{}-age", course(at).id),
        Bound::Interval(at, interval) => course(at).intervals[interval].id.clone(),
        Bound::Separation(at) => protocol.separations[at].id.clone(),
        Bound::Season(at, _) => format!("{}-season", course(at).id),
        Bound::LastSession => "last-session".into(),
    }
}

fn fault_word(fault: Fault) -> SessionFault {
    match fault {
        Fault::TooYoung => SessionFault::TooYoung,
        Fault::TooOld => SessionFault::TooOld,
        Fault::Interval(..) => SessionFault::IntervalTooShort,
        Fault::Separation(_) => SessionFault::TooCloseToOtherTreatment,
        Fault::Product => SessionFault::WrongProduct,
        Fault::Rejected => SessionFault::RejectedProduct,
    }
}

fn status(status: Status) -> CourseStatus {
    match status {
        Status::NotComplete => CourseStatus::NotComplete,
        Status::Complete => CourseStatus::Complete,
        Status::Immune => CourseStatus::Immune,
        Status::AgedOut => CourseStatus::AgedOut,
        Status::NotRecommended => CourseStatus::NotRecommended,
    }
}
