//! The course as far as it is known.
//!
//! A condition that is unknown, a session of which only the month is known, a count that may be three or four: each way that it
//! can turn out is one scenario, and the course is judged and forecast in all of them. What is the same in all is certain.

mod counters;
mod outcome;
mod report;
mod scenarios;
mod words;

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::course::Bound;
use super::course::Status as Standing;
use super::facts::Known;
use super::status::LeadsTo;
use super::unlisted::{OWN, Treatments};
use crate::date::{Date, DateRange};
use crate::expr::{Evaluation, ExprId};
use crate::protocol::Protocol;
use crate::protocol::model::GapAction;
use crate::recommendation::{Count, CourseReport, Status};
use crate::tri::Tri;
use crate::value::Value;

use outcome::Outcome;
pub(super) use report::bound_id;
use scenarios::Ways;
pub(super) use words::{CourseNode, Found};

/// Where the course stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Schedule {
    /// The course, by its place; none if none is offered.
    pub(super) course: Option<usize>,
    /// Whether no course is offered to this patient, where the protocol has any.
    pub(super) no_course: Tri3,
    /// How many sessions count.
    pub(super) done: Option<Count>,
    /// Whether no session is open any more, or none is needed.
    pub(super) over: Tri3,
    /// Whether the patient is too old, or no session is recommended.
    pub(super) past: Tri3,
    /// Whether it is too early for the next.
    pub(super) too_early: Tri3,
    /// The days on which the next may first be given, over the ways in which it is too early today; none: there is no such way, or
    /// no day can be said.
    pub(super) first_day: Option<DateRange>,
    /// Whether it is late.
    pub(super) overdue: Tri3,
    /// Each bound that may hold today, with its latest date.
    pub(super) bounds: BTreeMap<Bound, (Tri, Date)>,
    /// The same for each value that the courses are counted for: whether it may hold back a value that is planned. Only where a report
    /// is wanted.
    pub(super) values: BTreeMap<(Bound, u8), (Tri, Date)>,
    /// The pauses that may ask for a reassessment, by place among the course's gaps.
    pub(super) reassess: BTreeMap<usize, Tri>,
    /// The conditions and notes that are not known and make a difference.
    pub(super) open: Vec<Open>,
    /// Those of them that the first permitted day of the next session depends on.
    pub(super) moving: Vec<Open>,
    /// For the recommendation.
    pub(super) report: Option<CourseReport>,
    /// The way in which the patient has to wait longest.
    safest: Option<Outcome>,
    /// For the trace: each check of the scenario that is told.
    pub(super) nodes: Vec<CourseNode>,
}

impl Schedule {
    /// What the course leads to.
    pub(super) fn leads_to(&self) -> LeadsTo {
        let mut leads_to = LeadsTo::NOWHERE;
        leads_to.add(Status::NotIndicated, self.no_course.0.or(self.past.0));
        leads_to.add(Status::Complete, self.over.0);
        leads_to.add(Status::Deferred, self.too_early.0);
        leads_to
    }

    /// The bounds that certainly hold back today, with their days.
    pub(super) fn holding(&self) -> impl Iterator<Item = (Bound, Date)> {
        let holding = self.bounds.iter().filter(|(bound, (truth, _))| truth.is_true() && **bound != Bound::LastSession);
        let offered = self.course.is_some() && !self.no_course.0.is_true();
        holding.filter(move |_| offered).map(|(bound, (_, date))| (*bound, *date))
    }

    /// Where it is certainly too early, and longer than any single bound certainly holds back: the latest day that it may come to.
    pub(super) fn held_by_any(&self) -> Option<Date> {
        let offered = self.course.is_some() && !self.no_course.0.is_true();
        let first_day = self.first_day.filter(|_| offered && self.too_early.0.is_true())?;
        let by_one = self.holding().map(|(_, date)| date).max();
        (by_one < Some(first_day.first)).then_some(first_day.last)
    }
}

/// A truth that is false where nothing was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tri3(pub(super) Tri);

impl Default for Tri3 {
    fn default() -> Self {
        Tri3(Tri::False)
    }
}

/// Something that is not known and makes a difference to the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// A condition or number of the protocol.
    Expression(ExprId),
    /// A note of a recorded session (its date, its product), by the places of the session and the note.
    SessionNote(usize, u16),
    /// The facts that a planned session's `skip` lacks, by the places of the course and the session.
    Skip(usize, usize),
    /// An expression of a course, for some of the values that it is counted for: the course, the values as bits.
    ForValues(usize, u64, ExprId),
    /// Which value the course is for, where nothing tells.
    AnyValue,
    /// Whether there were more sessions of a treatment than are listed: its place among the protocol's treatments.
    Sessions(usize),
}

/// How much is wanted of a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    /// What it leads to, and its dates.
    Decision,
    /// Also the report on it.
    Report,
    /// Also the checks of every session, for the trace.
    Full,
}

pub(super) struct Scheduler<'a> {
    pub(super) protocol: &'a Protocol,
    pub(super) known: &'a Known,
    /// The values; those under a planned session's `skip` change from moment to moment.
    pub(super) evaluation: &'a RefCell<Evaluation>,
    pub(super) today: Date,
    /// Whether what is assumed is left open.
    pub(super) open: bool,
    pub(super) detail: Detail,
}

impl Scheduler<'_> {
    fn value(&self, id: ExprId) -> Value {
        self.evaluation.borrow().value(id)
    }

    fn truth(&self, id: ExprId) -> Tri {
        self.evaluation.borrow().truth(id)
    }

    pub(super) fn schedule(&self) -> Schedule {
        let protocol = self.protocol;
        if protocol.courses.is_empty() {
            return Schedule::default();
        }
        let candidates: Vec<(usize, Tri)> = protocol
            .courses
            .iter()
            .enumerate()
            .map(|(at, course)| (at, course.when.map_or(Tri::True, |when| self.truth(when))))
            .filter(|(_, offered)| !offered.is_false())
            .collect();
        let Some(&(first, _)) = candidates.first() else {
            return Schedule { no_course: Tri3(Tri::True), ..Schedule::default() };
        };
        let unlisted = self.unlisted();
        if !unlisted.is_empty() {
            let may_apply = candidates.iter().filter(|(_, offered)| offered.is_unknown());
            let when = may_apply.filter_map(|(at, _)| protocol.courses[*at].when).map(Open::Expression);
            let no_course =
                if candidates.iter().any(|(_, offered)| offered.is_true()) { Tri::False } else { Tri::Unknown };
            return self.nothing_certain(first, no_course, unlisted.into_iter().chain(when).collect());
        }
        let Ways { outcomes, matter: mut open, moving } = match self.outcomes(&candidates) {
            Ok(found) => found,
            Err(unsettled) => return self.nothing_certain(first, Tri::Unknown, unsettled),
        };
        let known: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.runs.is_empty()).collect();
        let no_course = Tri::between(known.is_empty(), known.len() < outcomes.len());
        if let Some(planned) = protocol.courses[first].planned
            && !known.iter().all(|outcome| outcome.is_over())
        {
            open.extend(self.open_number(first, planned, &known));
        }
        Schedule { moving, ..self.combine(&known, no_course, open) }
    }

    /// The report, with the sessions to come counted from the day on which the next may be given; without a day, none, and the next
    /// is put off as far as anything with a day can do so.
    pub(super) fn projected_from(
        &self,
        schedule: &Schedule,
        day: Option<Date>,
        latest: Option<Date>,
    ) -> Option<CourseReport> {
        let mut report = schedule.report.clone()?;
        if let (Some(next), Some(day)) = (report.next.as_mut(), day.or(latest)) {
            next.put_off(day, self.today);
        }
        report.projected = match (day, &schedule.safest) {
            (Some(day), Some(safest)) => self.projected_by(safest, day),
            _ => Vec::new(),
        };
        Some(report)
    }

    /// The treatments of which sessions may have been given that are not listed, where a course depends on them: the protocol's own, and
    /// those that it keeps a distance from.
    fn unlisted(&self) -> Vec<Open> {
        let unlisted = &self.known.unlisted.treatments;
        if unlisted.is_empty() {
            return Vec::new();
        }
        let names = Treatments::of(self.protocol).names;
        let is_apart = |treatment: usize| {
            let mut from = self.protocol.separations.iter().flat_map(|separation| &separation.from);
            from.any(|other| other == names[treatment])
        };
        unlisted.iter().filter(|at| **at == OWN || is_apart(**at)).map(|at| Open::Sessions(*at)).collect()
    }

    /// Too much is unknown to try every way.
    fn nothing_certain(&self, course: usize, no_course: Tri, open: Vec<Open>) -> Schedule {
        let unknown = Tri3(Tri::Unknown);
        let no_course = if self.protocol.courses[course].when.is_none() { Tri::False } else { no_course };
        Schedule {
            course: Some(course),
            no_course: Tri3(no_course),
            over: unknown,
            past: unknown,
            too_early: unknown,
            overdue: unknown,
            moving: open.clone(),
            open,
            ..Schedule::default()
        }
    }

    fn combine(&self, outcomes: &[&Outcome], no_course: Tri, open: Vec<Open>) -> Schedule {
        let today = self.today;
        let all = |test: &dyn Fn(&Outcome) -> bool| {
            Tri3(Tri::between(outcomes.iter().all(|one| test(one)), outcomes.iter().any(|one| test(one))))
        };
        let too_early = |outcome: &Outcome| outcome.held_until(today).is_some();
        let first_days = || outcomes.iter().filter_map(|outcome| outcome.held_until(today));
        let first_day = first_days().min().zip(first_days().max()).map(|(first, last)| DateRange { first, last });
        let overdue =
            |outcome: &Outcome| outcome.is_open() && outcome.forecast.latest.is_some_and(|latest| today > latest);
        // The safest: the one that lets the patient wait longest.
        let mut safest = outcomes[0];
        let wait = |outcome: &Outcome| {
            let after = outcome.projected.first().and_then(|window| window.earliest);
            (outcome.forecast.earliest, outcome.forecast.latest, after)
        };
        for outcome in outcomes {
            if wait(outcome) > wait(safest) {
                safest = outcome;
            }
        }
        let mut bounds: BTreeMap<Bound, (Tri, Date)> = BTreeMap::new();
        for outcome in outcomes.iter().filter(|outcome| outcome.is_open()) {
            for (bound, date) in &outcome.forecast.bounds {
                // Where components are combined, a later bound of another does not hold back.
                let date = outcome.forecast.earliest.map_or(*date, |earliest| earliest.min(*date));
                let entry = bounds.entry(*bound).or_insert((Tri::False, date));
                entry.1 = entry.1.max(date);
            }
        }
        for (bound, (truth, _)) in &mut bounds {
            let holds = |outcome: &Outcome| {
                outcome.is_open()
                    && outcome.forecast.bounds.iter().any(|(other, date)| other == bound && today < *date)
                    && outcome.forecast.earliest.is_some_and(|earliest| today < earliest)
            };
            *truth = all(&holds).0;
        }
        let done = Count {
            least: outcomes.iter().map(|outcome| outcome.done()).min().unwrap_or(0),
            most: outcomes.iter().map(|outcome| outcome.done()).max().unwrap_or(0),
        };
        let course = &self.protocol.courses[safest.lead().course];
        let reassess = course.gaps.iter().enumerate().filter(|(_, gap)| gap.action == GapAction::Reassess);
        let reassess = reassess
            .map(|(at, gap)| {
                let after = self.length(gap.after);
                let over = |outcome: &Outcome| outcome.before_pause().is_some_and(|last| today > last + after);
                (at, all(&over).0)
            })
            .filter(|(_, truth)| !truth.is_false())
            .collect();
        let past = |outcome: &Outcome| matches!(outcome.forecast.status, Standing::AgedOut | Standing::NotRecommended);
        let report = (self.detail >= Detail::Report).then(|| self.report(safest, outcomes, done));
        let values = if self.detail >= Detail::Report { self.bounds_of_values(outcomes) } else { BTreeMap::new() };
        let nodes = match &report {
            Some(report) if self.detail == Detail::Full => self.nodes(safest, report),
            _ => Vec::new(),
        };
        Schedule {
            course: Some(safest.lead().course),
            no_course: Tri3(no_course),
            done: Some(done),
            over: all(&|outcome: &Outcome| outcome.is_over()),
            past: all(&past),
            too_early: all(&too_early),
            first_day,
            overdue: all(&overdue),
            bounds,
            values,
            reassess,
            open,
            moving: Vec::new(),
            report,
            safest: (self.detail >= Detail::Report).then(|| safest.clone()),
            nodes,
        }
    }
}
