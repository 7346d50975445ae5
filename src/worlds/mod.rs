//! The course as far as it is known.
//!
//! A condition that is unknown, a session of which only the month is known, a count that may be three or four: each way that it
//! can turn out is one world, and the course is judged and forecast in all of them. What is the same in all is certain.

mod checks;
mod days;
mod derive;
mod doubts;
mod idle;
mod outcome;
mod per_value;
mod reach;
mod report;
mod then;
mod unknown;
mod ways;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use crate::course::Status as Standing;
use crate::course::{Bound, Takes};
use crate::date::{Date, DateRange};
use crate::decide::status::LeadsTo;
use crate::lang::ExprId;
use crate::logic::Evaluation;
use crate::logic::Tri;
use crate::logic::value::Value;
use crate::patient::known::Known;
use crate::patient::unlisted::{OWN, Treatments};
use crate::protocol::Protocol;
use crate::protocol::looking_back::LookingBack;
use crate::protocol::model::GapAction;
use crate::recommendation::{Count, CourseReport, Status};
use crate::trace::Derived;

pub(crate) use checks::{CourseNode, Found, season_words};
pub(crate) use derive::Dated;
pub(crate) use doubts::{CourseDoubt, told};
use outcome::Outcome;
pub(crate) use report::bound_id;
use ways::{Unsettled, Ways};

/// Where the course stands.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    /// The course, by its place; none if none is offered.
    pub(crate) course: Option<usize>,
    /// Whether no course is offered to this patient, where the protocol has any.
    pub(crate) no_course: Tri,
    /// How many sessions count.
    pub(crate) done: Option<Count>,
    /// Whether no session is open any more, or none is needed.
    pub(crate) over: Tri,
    /// Whether the patient is too old, or no session is recommended.
    pub(crate) past: Tri,
    /// Whether it is too early for the next.
    pub(crate) too_early: Tri,
    /// The days on which the next may first be given, over the ways in which it is too early today; none: there is no such way, or
    /// no day can be said.
    pub(crate) first_day: Option<DateRange>,
    /// Whether it is late.
    pub(crate) overdue: Tri,
    /// Each bound that may hold today, with its latest date.
    pub(crate) bounds: BTreeMap<Bound, (Tri, Date)>,
    /// The same for each value that the courses are counted for: whether it may hold back a value that is planned. Only where a report
    /// is wanted.
    pub(crate) values: BTreeMap<(Bound, u8), (Tri, Date)>,
    /// The pauses that may ask for a reassessment, by course and place among its gaps.
    pub(crate) reassess: BTreeMap<(usize, usize), Tri>,
    /// The conditions and notes that are not known and make a difference.
    pub(crate) open: Vec<Open>,
    /// What it depends on whether a pause asks for a reassessment, where that is not known; by course and place among its gaps.
    pub(crate) pausing: BTreeMap<(usize, usize), Vec<Open>>,
    /// Those of them that the first permitted day of the next session depends on.
    pub(crate) moving: Vec<Open>,
    /// What is doubtful about it.
    pub(crate) doubts: Vec<CourseDoubt>,
    /// For the recommendation.
    pub(crate) report: Option<CourseReport>,
    /// What the next session takes, by every way that it may turn out; none: that cannot be told.
    pub(crate) takes: Option<Vec<Takes>>,
    /// The way in which the patient has to wait longest.
    safest: Option<Outcome>,
    /// The way in which the next session may be given first, of those in which it is too early today; none where that is the safest.
    soonest: Option<Outcome>,
    /// Of each value that the courses are counted for, the way that is told of it.
    of_values: Vec<(u8, Outcome)>,
    /// Where the date of each bound comes from; of a value, and of all.
    pub(crate) derived: BTreeMap<(Bound, Option<u8>), Derived>,
    /// For the trace: each check of the world that is told.
    pub(crate) nodes: Vec<CourseNode>,
}

impl Default for Schedule {
    /// Without a course, nothing is due by one, and nothing holds back.
    fn default() -> Schedule {
        Schedule {
            course: None,
            no_course: Tri::False,
            done: None,
            over: Tri::False,
            past: Tri::False,
            too_early: Tri::False,
            first_day: None,
            overdue: Tri::False,
            bounds: BTreeMap::new(),
            values: BTreeMap::new(),
            reassess: BTreeMap::new(),
            open: Vec::new(),
            doubts: Vec::new(),
            report: None,
            takes: None,
            safest: None,
            soonest: None,
            of_values: Vec::new(),
            derived: BTreeMap::new(),
            moving: Vec::new(),
            pausing: BTreeMap::new(),
            nodes: Vec::new(),
        }
    }
}

impl Schedule {
    /// What the course leads to.
    pub(crate) fn leads_to(&self) -> LeadsTo {
        let mut leads_to = LeadsTo::NOWHERE;
        leads_to.add(Status::NotIndicated, self.no_course.or(self.past));
        leads_to.add(Status::Complete, self.over);
        leads_to.add(Status::Deferred, self.too_early);
        leads_to
    }

    /// With another's word on what it leads to, why, and how many sessions count.
    pub(crate) fn decided_as(mut self, taken: Schedule) -> Schedule {
        self.bounds.extend(taken.bounds);
        self.values.extend(taken.values);
        self.derived.extend(taken.derived);
        Schedule {
            no_course: taken.no_course,
            done: taken.done,
            over: taken.over,
            past: taken.past,
            too_early: taken.too_early,
            overdue: taken.overdue,
            ..self
        }
    }

    /// The pauses of which it is not known whether they ask for a reassessment.
    pub(crate) fn open_pauses(&self) -> impl Iterator<Item = (usize, usize)> {
        self.reassess.iter().filter(|(_, truth)| truth.is_unknown()).map(|(pause, _)| *pause)
    }

    /// The course by which the next session may be given first.
    pub(crate) fn soonest_course(&self) -> Option<usize> {
        self.soonest.as_ref().map(|soonest| soonest.lead().course).or(self.course)
    }

    /// The bounds that certainly hold back today, with their days.
    pub(crate) fn holding(&self) -> impl Iterator<Item = (Bound, Date)> {
        let holding = self.bounds.iter().filter(|(bound, (truth, _))| truth.is_true() && **bound != Bound::LastSession);
        let offered = self.course.is_some() && !self.no_course.is_true();
        holding.filter(move |_| offered).map(|(bound, (_, date))| (*bound, *date))
    }

    /// Where it is certainly too early, and longer than any single bound certainly holds back: the latest day that it may come to.
    pub(crate) fn held_by_any(&self) -> Option<Date> {
        let offered = self.course.is_some() && !self.no_course.is_true();
        let first_day = self.first_day.filter(|_| offered && self.too_early.is_true())?;
        let by_one = self.holding().map(|(_, date)| date).max();
        (by_one < Some(first_day.first)).then_some(first_day.last)
    }
}

/// Something that is not known and makes a difference to the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// A condition or number of the protocol.
    Expression(ExprId),
    /// A note of a recorded session (its date, its product), by the places of the session and the note.
    SessionNote(usize, u16),
    /// The facts that a planned session's `skip` lacks, by the places of the course and the session.
    Skip(usize, usize),
    /// An expression of a course, for some of the values that it is counted for: the course, the values as bits.
    ForValues(usize, u64, ExprId),
    /// Whether an entry that says what another of its day says is a session of its own.
    Entry(usize),
    /// What held of an interval on the day of a recorded session, by the places of the course, the interval and the session.
    Then(usize, usize, usize),
    /// Which value the course is for, where nothing tells.
    AnyValue,
    /// Whether there were more sessions of a treatment than are listed: its place among the protocol's treatments.
    Sessions(usize),
}

/// How much is wanted of a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// What it leads to, and its dates.
    Decision,
    /// Also the report on it.
    Report,
    /// Also the checks of every session, for the trace.
    Full,
}

pub(crate) struct Scheduler<'a> {
    pub(crate) protocol: &'a Protocol,
    pub(crate) known: &'a Known,
    /// Which intervals may have been others on another day.
    pub(crate) looking_back: &'a LookingBack,
    /// The values of what the courses rest on.
    pub(crate) evaluation: &'a Evaluation,
    pub(crate) today: Date,
    /// Whether what is assumed is left open.
    pub(crate) open: bool,
    /// Whether it is left open if two entries that say the same are one session.
    pub(crate) open_entries: bool,
    pub(crate) detail: Detail,
}

impl Scheduler<'_> {
    fn value(&self, id: ExprId) -> Value {
        self.evaluation.value(id)
    }

    fn truth(&self, id: ExprId) -> Tri {
        self.evaluation.truth(id)
    }

    pub(crate) fn schedule(&self) -> Schedule {
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
            return Schedule { no_course: Tri::True, ..Schedule::default() };
        };
        // One that is only recognised when complete may be none of them.
        let is_offered = |&(at, offered): &(usize, Tri)| offered.is_true() && !protocol.courses[at].evaluation_only;
        let no_course = if candidates.iter().any(is_offered) { Tri::False } else { Tri::Unknown };
        let unlisted = self.unlisted();
        if !unlisted.is_empty() {
            let may_apply = candidates.iter().filter(|(_, offered)| offered.is_unknown());
            let when = may_apply.filter_map(|(at, _)| protocol.courses[*at].when).map(Open::Expression);
            return self.nothing_certain(first, no_course, unlisted.into_iter().chain(when).collect());
        }
        let Ways { outcomes, matter: mut open, moving, pausing } = match self.outcomes(&candidates) {
            Ok(found) => found,
            Err(Unsettled { open, too_many }) => {
                let doubts = too_many.map(CourseDoubt::TooManyWays).into_iter().collect();
                return Schedule { doubts, ..self.nothing_certain(first, no_course, open) };
            }
        };
        let known: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.runs.is_empty()).collect();
        if known.is_empty() {
            return Schedule { no_course: Tri::True, ..Schedule::default() };
        }
        let no_course = Tri::between(false, known.len() < outcomes.len());
        if let Some(planned) = protocol.courses[first].planned
            && !known.iter().all(|outcome| outcome.is_over())
        {
            let number = self.open_number(first, planned, &known);
            open.extend(number.filter(|number| !open.contains(number)));
        }
        let asks_nobody = open.contains(&Open::AnyValue);
        let mut schedule = Schedule { moving, pausing, ..self.combine(&known, no_course, open) };
        schedule.doubts = self.counted_as_one(&candidates);
        let pauses = schedule.reassess.values().copied();
        let is_open = [schedule.past, schedule.over, schedule.too_early, schedule.overdue]
            .into_iter()
            .chain(pauses)
            .any(Tri::is_unknown);
        if let Some(counter) = self.counted_by().filter(|_| asks_nobody && is_open) {
            schedule.doubts.push(CourseDoubt::AnyValue(counter.name.clone()));
        }
        schedule
    }

    /// The report, with the sessions to come counted from the day on which the next may be given; without a day, none, and the next
    /// is put off as far as anything with a day can do so.
    pub(crate) fn projected_from(
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
        let reach::Reachable { over, past, too_early, overdue } = self.reachable();
        let pauses: Vec<(usize, usize)> = self.reachable_pauses().collect();
        // How long ago the last session was depends on none of another treatment.
        let is_of_others = |one: &Open| matches!(one, Open::Sessions(treatment) if *treatment != OWN);
        let of_pauses: Vec<Open> = open.iter().copied().filter(|one| !is_of_others(one)).collect();
        let of_pauses = if of_pauses.is_empty() { open.clone() } else { of_pauses };
        Schedule {
            course: Some(course),
            no_course,
            done: self.most_done().map(|most| Count { least: 0, most }),
            over,
            past,
            too_early,
            overdue,
            moving: open.clone(),
            reassess: pauses.iter().map(|pause| (*pause, Tri::Unknown)).collect(),
            pausing: pauses.into_iter().map(|pause| (pause, of_pauses.clone())).collect(),
            open,
            ..Schedule::default()
        }
    }

    /// The pauses of a course that ask for a reassessment, each with the course.
    fn reassessing(&self, course: usize) -> impl Iterator<Item = (usize, usize)> {
        let gaps = self.protocol.courses[course].gaps.iter().enumerate();
        gaps.filter(|(_, gap)| gap.action == GapAction::Reassess).map(move |(at, _)| (course, at))
    }

    /// Whether such a pause is over in a world. Without the course, there is no last session of it.
    fn asks_to_reassess(&self, outcome: &Outcome, (course, gap): (usize, usize)) -> bool {
        let after = self.length(self.protocol.courses[course].gaps[gap].after);
        outcome.before_pause(course).is_some_and(|last| self.today > last + after)
    }

    fn combine(&self, outcomes: &[&Outcome], no_course: Tri, open: Vec<Open>) -> Schedule {
        let today = self.today;
        let all = |test: &dyn Fn(&Outcome) -> bool| {
            Tri::between(outcomes.iter().all(|one| test(one)), outcomes.iter().any(|one| test(one)))
        };
        let too_early = |outcome: &Outcome| outcome.held_until(today).is_some();
        let first_days = || outcomes.iter().filter_map(|outcome| outcome.held_until(today));
        let first_day = first_days().min().zip(first_days().max()).map(|(first, last)| DateRange { first, last });
        let overdue = |outcome: &Outcome| outcome.is_overdue(today);
        // The safest: the one that lets the patient wait longest.
        let wait = |outcome: &Outcome| {
            let after = outcome.projected.first().and_then(|window| window.earliest);
            (outcome.forecast.earliest, outcome.forecast.latest, after)
        };
        let longest = outcomes.iter().map(|outcome| wait(outcome)).max();
        let mut alike = outcomes.iter().copied().filter(|outcome| Some(wait(outcome)) == longest);
        // Of several alike, the one whose rule comes first by name, as of several rules that set one day.
        let safest = match self.detail {
            Detail::Decision => alike.next(),
            Detail::Report | Detail::Full => alike.min_by_key(|outcome| self.set_by(&outcome.forecast).earliest),
        };
        let safest = safest.unwrap_or(outcomes[0]);
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
            *truth = all(&holds);
        }
        let done = Count {
            least: outcomes.iter().map(|outcome| outcome.done()).min().unwrap_or(0),
            most: outcomes.iter().map(|outcome| outcome.done()).max().unwrap_or(0),
        };
        // Every course that the patient may be on speaks; and values that are counted apart may be of several.
        let mut reassess = BTreeMap::new();
        let runs = || outcomes.iter().flat_map(|outcome| &outcome.runs);
        for course in runs().map(|chosen| chosen.run.course).collect::<BTreeSet<usize>>() {
            for pause in self.reassessing(course) {
                let is_over = all(&|outcome: &Outcome| self.asks_to_reassess(outcome, pause));
                if !is_over.is_false() {
                    reassess.insert(pause, is_over);
                }
            }
        }
        let past = |outcome: &Outcome| matches!(outcome.forecast.status, Standing::AgedOut | Standing::NotRecommended);
        let report = (self.detail >= Detail::Report).then(|| self.report(safest, outcomes, done));
        let values = if self.detail >= Detail::Report { self.bounds_of_values(outcomes) } else { BTreeMap::new() };
        let nodes = match &report {
            Some(_) if self.detail == Detail::Full => self.nodes(safest),
            _ => Vec::new(),
        };
        let (mut soonest, mut of_values, mut derived) = (None, Vec::new(), BTreeMap::new());
        if self.detail >= Detail::Report {
            let held = outcomes.iter().filter(|outcome| outcome.held_until(today).is_some());
            soonest = held.min_by_key(|outcome| outcome.held_until(today)).copied();
            soonest = soonest.filter(|soonest| soonest.held_until(today) != safest.held_until(today));
            of_values = self.told(safest).into_iter().filter_map(|value| self.way_of(value, outcomes)).collect();
            for (bound, (_, date)) in &bounds {
                derived.extend(
                    self.derived_bound((safest, outcomes), *bound, None, *date).map(|one| ((*bound, None), one)),
                );
            }
            for ((bound, value), (_, date)) in &values {
                let one = self.derived_bound((safest, outcomes), *bound, Some(*value), *date);
                derived.extend(one.map(|one| ((*bound, Some(*value)), one)));
            }
        }
        let soonest = soonest.cloned();
        let next = outcomes.iter().filter(|outcome| outcome.is_open()).flat_map(|outcome| &outcome.runs);
        Schedule {
            course: Some(safest.lead().course),
            no_course,
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
            doubts: Vec::new(),
            moving: Vec::new(),
            pausing: BTreeMap::new(),
            report,
            takes: (self.detail >= Detail::Report).then(|| next.flat_map(|run| &run.takes).cloned().collect()),
            safest: (self.detail >= Detail::Report).then(|| safest.clone()),
            soonest,
            of_values,
            derived,
            nodes,
        }
    }
}
