//! The course for the recommendation.

use crate::course::choice::Run;
use crate::course::{Bound, Fault, Forecast, Status, Verdict, components};
use crate::lang::ExprId;
use crate::logic::value::{MANY, Value, bits};
use crate::patient::Entry;
use crate::recommendation::{
    BeyondPlanned, ComponentReport, Count, CourseReport, CourseStatus, PastSession, PastValue, PlannedNow,
    SessionFault, SessionVerdict, SetBy, TooEarlyReport,
};
use crate::worlds::Scheduler;
use crate::worlds::outcome::{Chosen, Outcome, Part, kind, noticed, window};

impl Scheduler<'_> {
    pub(crate) fn report(&self, safest: &Outcome, outcomes: &[&Outcome], done: Count) -> CourseReport {
        let course = &self.protocol.courses[safest.lead().course];
        // Of several values that are counted, what is the same for all.
        let count = |id: Option<ExprId>| {
            let mut counts = safest.runs.iter().map(|chosen| self.count(chosen, id));
            let first = counts.next().flatten();
            if counts.all(|other| other == first) { first } else { None }
        };
        let values = self.told(safest);
        let certain = outcomes.iter().all(|outcome| outcome.same_as(safest, self.today));
        let past = (0..self.known.given.len()).filter(|at| self.is_own(*at)).map(|at| self.past(outcomes, at));
        let same_status = outcomes.iter().all(|outcome| outcome.forecast.status == safest.forecast.status);
        CourseReport {
            id: course.id.clone(),
            status: same_status.then(|| status(safest.forecast.status)),
            chosen: (self.protocol.courses.len() > 1).then(|| safest.runs[safest.lead].why),
            done,
            minimum: count(course.minimum),
            planned: if course.is_series { self.series_length(safest.lead()) } else { count(course.planned) },
            maximum: count(course.maximum),
            beyond_planned: match &safest.runs[..] {
                [_] => self.beyond_planned(&safest.runs[0]).filter(|_| same_status),
                _ => None,
            },
            past: past.collect(),
            next: safest.is_open().then(|| window(&safest.forecast)),
            set_by: safest
                .is_open()
                .then(|| self.set_by(&safest.forecast))
                .filter(|set_by| *set_by != SetBy::default()),
            projected: safest.projected.clone(),
            components: match safest.part() {
                Part::Counter(_) => values.into_iter().filter_map(|value| self.counted(value, outcomes)).collect(),
                _ => safest.runs.iter().filter_map(|chosen| self.component(chosen)).collect(),
            },
            separate_by: self.counted_by().map(|counter| counter.name.clone()),
            set_by_value: self.deciding(safest),
            provisional: !certain,
            may_be_later: false,
        }
    }

    /// The value that sets the first permitted day, of several that are planned.
    fn deciding(&self, safest: &Outcome) -> Option<String> {
        match safest.part() {
            // One that is not told of is only an instance of what a session without the note may have been for.
            Part::Counter(value) if safest.runs.len() > 1 && safest.is_open() && self.told(safest).contains(&value) => {
                safest.forecast.earliest.map(|_| self.protocol.value_name(value))
            }
            _ => None,
        }
    }

    fn count(&self, chosen: &Chosen, id: Option<ExprId>) -> Option<Count> {
        match self.value_of(&self.protocol.courses[chosen.run.course], id?, chosen.part) {
            // Of sessions that are not listed nobody knows how many there are.
            Value::Number(least, most) if least == most || most < MANY => {
                Some(Count { least: least.to_u32().unwrap_or(0), most: most.to_u32().unwrap_or(0) })
            }
            _ => None,
        }
    }

    /// What may still be given in a course of which the planned sessions have been.
    fn beyond_planned(&self, chosen: &Chosen) -> Option<BeyondPlanned> {
        let course = &self.protocol.courses[chosen.run.course];
        let only_if = course.beyond_planned.filter(|_| chosen.run.forecast.status == Status::Complete)?;
        let maximum = self.count(chosen, course.maximum).filter(|maximum| maximum.is_certain())?;
        let more = maximum.most.checked_sub(chosen.run.state.done()).filter(|more| *more > 0)?;
        let english = self.protocol.spoken();
        let english = english.with_each(self.counted_by().map(|counter| counter.name.as_str()));
        Some(BeyondPlanned { more, only_if: english.circumstance(only_if) })
    }

    /// The way in which the patient has to wait longest for a value. Of several that wait as long, the first.
    pub(crate) fn way_of(&self, value: u8, outcomes: &[&Outcome]) -> Option<(u8, Outcome)> {
        let ways = outcomes.iter().filter_map(|outcome| Some((outcome.of_value(value)?, *outcome)));
        let wait = |chosen: &Chosen| (chosen.run.forecast.earliest, chosen.run.forecast.latest);
        let ways: Vec<(&Chosen, &Outcome)> = ways.collect();
        let safest = ways.iter().rev().max_by_key(|(chosen, _)| wait(chosen))?;
        Some((value, safest.1.clone()))
    }

    /// Where the count of one value stands, as the patient has to wait longest.
    fn counted(&self, value: u8, outcomes: &[&Outcome]) -> Option<ComponentReport> {
        let ways: Vec<&Chosen> = outcomes.iter().filter_map(|outcome| outcome.of_value(value)).collect();
        let wait = |chosen: &&&Chosen| (chosen.run.forecast.earliest, chosen.run.forecast.latest);
        // Of several that wait as long, the first.
        let safest = ways.iter().rev().max_by_key(wait)?;
        let forecast = &safest.run.forecast;
        let course = &self.protocol.courses[safest.run.course];
        let plan = self.plan();
        let planned_now = match (self.counted_by()?.planned, plan.known, plan.open) {
            (Some(_), Some(known), _) if known >> value & 1 == 1 => Some(PlannedNow::Yes),
            (Some(_), Some(_), _) => Some(PlannedNow::No),
            (Some(_), None, Some(_)) => Some(PlannedNow::Unknown),
            _ => None,
        };
        let open = forecast.status == Status::NotComplete;
        let done = ways.iter().map(|way| way.run.state.done());
        Some(ComponentReport {
            planned_now,
            done: Count { least: done.clone().min()?, most: done.max()? },
            minimum: self.count(safest, course.minimum),
            planned: if course.is_series {
                self.series_length(&safest.run)
            } else {
                self.count(safest, course.planned)
            },
            maximum: self.count(safest, course.maximum),
            beyond_planned: self.beyond_planned(safest),
            set_by: open.then(|| self.set_by(forecast)).filter(|set_by| *set_by != SetBy::default()),
            provisional: ways.iter().any(|way| noticed(&way.run.forecast, self.today) != noticed(forecast, self.today)),
            ..self.component(safest)?
        })
    }

    fn component(&self, chosen: &Chosen) -> Option<ComponentReport> {
        let id = self.part_id(chosen.part)?.to_owned();
        let forecast = &chosen.run.forecast;
        Some(ComponentReport {
            id,
            course: self.protocol.courses[chosen.run.course].id.clone(),
            chosen: chosen.why,
            status: status(forecast.status),
            done: Count { least: chosen.run.state.done(), most: chosen.run.state.done() },
            next: (forecast.status == Status::NotComplete).then(|| window(forecast)),
            planned_now: None,
            minimum: None,
            planned: None,
            maximum: None,
            beyond_planned: None,
            set_by: None,
            provisional: false,
        })
    }

    /// How many sessions a series comes to for this patient: those done and those to come. None where some may be skipped or
    /// come again.
    fn series_length(&self, run: &Run) -> Option<Count> {
        let to_come = self.protocol.courses[run.course].sessions.iter().skip(run.forecast.planned);
        let is_settled = to_come.clone().all(|planned| planned.skip.is_none() && !planned.repeat);
        let done = if run.forecast.begins_again() { 0 } else { run.state.done() };
        let length = done + crate::narrow::u32(to_come.count());
        is_settled.then_some(Count { least: length, most: length })
    }

    /// What set each of the three dates.
    pub(crate) fn set_by(&self, forecast: &Forecast) -> SetBy {
        let name = |bound: Option<Bound>| bound.map(|bound| bound_id(self.protocol, bound));
        let earliest = name(self.earliest_by(forecast));
        let or_earliest = |bound: Option<Bound>, date: Option<crate::date::Date>| {
            date.and_then(|_| name(bound).or_else(|| earliest.clone()))
        };
        SetBy {
            recommended: or_earliest(forecast.recommended_by, forecast.recommended),
            past_due: or_earliest(forecast.past_due_by, forecast.past_due),
            earliest,
        }
    }

    /// What set the earliest date. Of several on one day, the first by name, so that the order of the file does not matter; the last
    /// session, which tells least, only if there is nothing else.
    fn earliest_by(&self, forecast: &Forecast) -> Option<Bound> {
        let on_the_day = forecast.bounds.iter().filter(|(_, date)| Some(*date) == forecast.earliest);
        let bounds = on_the_day.map(|(bound, _)| *bound);
        bounds.min_by_key(|bound| (*bound == Bound::LastSession, bound_id(self.protocol, *bound)))
    }

    fn past(&self, outcomes: &[&Outcome], at: usize) -> PastSession {
        let date = self.known.given[at].date.to_string();
        let values = self.past_values(outcomes, at);
        let over_all = |outcome: &Outcome| {
            let others = outcome.others.iter().map(|chosen| chosen.run.verdicts[at].as_ref());
            components::verdict(std::iter::once(outcome.verdicts[at].as_ref()).chain(others))
        };
        // What may be another entry's session is told of as if it were not; where it would count, that is open.
        let is_own = |outcome: &&&Outcome| outcome.world.entry(at) != Some(Entry::NotedTwice);
        let outcomes: Vec<&Outcome> = match outcomes.iter().filter(is_own).copied().collect::<Vec<_>>() {
            own if own.iter().any(|one| matches!(over_all(one), Some(Verdict::Valid(_)))) => outcomes.to_vec(),
            own => own,
        };
        let mut first = over_all(outcomes[0]);
        if outcomes.iter().any(|outcome| kind(&over_all(outcome)) != kind(&first)) {
            let (reasons, faults) = (Vec::new(), Vec::new());
            let verdict = SessionVerdict::Uncertain;
            return PastSession { date, verdict, number: None, reasons, faults, too_early: None, values };
        }
        // Of the faults, those that it certainly has.
        for other in outcomes.iter().filter_map(|outcome| over_all(outcome)) {
            if let Some(Verdict::NotValid(faults) | Verdict::Extraneous(faults)) = &mut first {
                faults.retain(|fault| told(Some(&other)).2.contains(fault));
            }
        }
        let (verdict, number, faults) = told(first.as_ref());
        let reasons = faults.iter().map(|fault| self.fault_id(*fault)).collect();
        let faults = faults.iter().map(|fault| fault_word(*fault)).collect();
        // Where it has another number for each value, it has none for all.
        let number = number.filter(|number| values.iter().all(|one| one.number.is_none_or(|other| other == *number)));
        let runs = outcomes.iter().flat_map(|outcome| outcome.runs.iter().chain(&outcome.others));
        let too_early = self.too_early(runs.map(|chosen| &chosen.run), at);
        PastSession { date, verdict, number, reasons, faults, too_early, values }
    }

    /// How much too early a session was that counts all the same; none where that is not the same in all ways.
    fn too_early<'r>(&self, runs: impl Iterator<Item = &'r Run>, at: usize) -> Option<TooEarlyReport> {
        let judged = runs.filter(|run| run.verdicts[at].is_some());
        let mut told = judged.map(|run| {
            let intervals = &self.protocol.courses[run.course].intervals;
            run.early[at].map(|early| (early.days, &intervals[early.interval].id))
        });
        let first = told.next()??;
        let (days, interval) = told.all(|other| other == Some(first)).then_some(first)?;
        Some(TooEarlyReport { days, interval: interval.clone() })
    }

    /// What became of a session, for each value that the courses are counted for.
    fn past_values(&self, outcomes: &[&Outcome], at: usize) -> Vec<PastValue> {
        let mut values = Vec::new();
        for value in bits(self.recorded() | self.plan().known.unwrap_or(0)) {
            let ways: Vec<Option<&Verdict>> = outcomes
                .iter()
                .filter_map(|outcome| Some(outcome.of_value(value)?.run.verdicts[at].as_ref()))
                .collect();
            // What is not judged is at least named.
            let is_for = ways.is_empty() && self.values_of_session(at).is_some_and(|values| values >> value & 1 == 1);
            if ways.iter().all(Option::is_none) && !is_for {
                continue;
            }
            let certain = ways.first().filter(|first| ways.iter().all(|way| way == *first));
            let (verdict, number, faults) =
                certain.map_or((SessionVerdict::Uncertain, None, &[][..]), |way| told(*way));
            let reasons = faults.iter().map(|fault| self.fault_id(*fault)).collect();
            let runs = outcomes.iter().filter_map(|outcome| Some(&outcome.of_value(value)?.run));
            let too_early = self.too_early(runs, at);
            values.push(PastValue { value: self.protocol.value_name(value), verdict, number, too_early, reasons });
        }
        values
    }

    /// The name of a fault among a session's reasons.
    pub(crate) fn fault_id(&self, fault: Fault) -> String {
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
pub(crate) fn bound_id(protocol: &crate::protocol::Protocol, bound: Bound) -> String {
    let course = |at: usize| &protocol.courses[at];
    match bound {
        Bound::Age(at, _) => format!("{}-age", course(at).id),
        Bound::Interval(at, interval) => course(at).intervals[interval].id.clone(),
        Bound::Separation(at) => protocol.separations[at].id.clone(),
        Bound::Season(at, _) => format!("{}-season", course(at).id),
        Bound::LastSession => "last-session".into(),
        Bound::Restart(at, _) => format!("{}-restart", course(at).id),
    }
}

/// A verdict with its number and its faults.
fn told(verdict: Option<&Verdict>) -> (SessionVerdict, Option<u32>, &[Fault]) {
    match verdict {
        Some(Verdict::Valid(number)) => (SessionVerdict::Valid, Some(*number), &[]),
        Some(Verdict::NotValid(faults)) => (SessionVerdict::NotValid, None, faults),
        Some(Verdict::Extraneous(faults)) => (SessionVerdict::Extraneous, None, faults),
        Some(Verdict::SubStandard) => (SessionVerdict::SubStandard, None, &[]),
        Some(Verdict::EarlierCourse) => (SessionVerdict::EarlierCourse, None, &[]),
        Some(Verdict::SameSession) => (SessionVerdict::SameSession, None, &[]),
        // It holds none of the components.
        None => (SessionVerdict::NotCounted, None, &[]),
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
