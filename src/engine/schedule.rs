//! The course as far as it is known.
//!
//! A condition that is unknown, a session of which only the month is known, a count that may be three or four: each way that it
//! can turn out is one scenario, and the course is judged and forecast in all of them. What is the same in all is certain.

use std::collections::BTreeMap;

use rust_decimal::prelude::ToPrimitive;

use super::course::{Anchor, Bound, Distance, Forecast, Given, Plan, State, Verdict};
use super::facts::Known;
use crate::date::{Date, DateRange, Duration};
use crate::expr::{Evaluation, ExprId};
use crate::protocol::Protocol;
use crate::protocol::model::{Course, GapAction, Length, Reference};
use crate::recommendation::{Count, CourseReport, PastSession, Window};
use crate::record::Record;
use crate::tri::Tri;
use crate::value::Value;

/// The most scenarios that are tried. Beyond, nothing is claimed.
const MOST_SCENARIOS: usize = 4096;

/// Where the course stands.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    today: Date,
    /// The course, by its place; none if none is offered.
    pub(super) course: Option<usize>,
    /// Whether no course is offered to this patient, where the protocol has any.
    pub(super) no_course: Tri3,
    /// How many sessions count.
    pub(super) done: Option<Count>,
    /// Whether the most sessions have been given.
    pub(super) over: Tri3,
    /// Whether it is too early for the next.
    pub(super) too_early: Tri3,
    /// Whether it is late.
    pub(super) overdue: Tri3,
    /// Each bound that may hold today, with its latest date.
    pub(super) bounds: BTreeMap<Bound, (Tri, Date)>,
    /// The pauses that may ask for a reassessment, by place among the course's gaps.
    pub(super) reassess: BTreeMap<usize, Tri>,
    /// The conditions and notes that are not known and make a difference.
    pub(super) open: Vec<Open>,
    /// The way in which the patient has to wait longest.
    safest: Option<Outcome>,
    /// For the recommendation, without the sessions to come.
    pub(super) report: Option<CourseReport>,
}

impl Schedule {
    /// No course.
    fn none(today: Date) -> Schedule {
        Schedule {
            today,
            course: None,
            no_course: Tri3::default(),
            done: None,
            over: Tri3::default(),
            too_early: Tri3::default(),
            overdue: Tri3::default(),
            bounds: BTreeMap::new(),
            reassess: BTreeMap::new(),
            open: Vec::new(),
            safest: None,
            report: None,
        }
    }

    /// The report, with the sessions to come counted from a day on which the next is given; without a day, none.
    pub(super) fn projected_from(&self, day: Option<Date>) -> Option<CourseReport> {
        let mut report = self.report.clone()?;
        let (Some(day), Some(safest)) = (day, &self.safest) else { return Some(report) };
        if let Some(next) =
            report.next.as_mut().filter(|next| next.earliest.is_none_or(|earliest| earliest < day) && day > self.today)
        {
            next.earliest = Some(day);
            next.recommended = next.recommended.max(Some(day));
            next.latest = next.latest.map(|latest| latest.max(day));
        }
        report.projected = safest.projected(day, report.planned.map_or(0, |planned| planned.most));
        Some(report)
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
    /// The date of a recorded session, by its place in the record.
    SessionDate(usize),
}

/// One way that the unknown may turn out.
#[derive(Clone, Debug)]
struct Outcome {
    course: usize,
    choices: Vec<usize>,
    verdicts: Vec<Option<Verdict>>,
    state: State,
    over: bool,
    forecast: Forecast,
    maximum: Option<u32>,
    plan: Plan,
}

impl Outcome {
    /// What a person would notice: where two scenarios agree in this, their difference does not matter.
    fn same_as(&self, other: &Outcome, today: Date) -> bool {
        self.verdicts == other.verdicts
            && self.over == other.over
            && self.forecast == other.forecast
            && self.maximum == other.maximum
            && self.projected(today, 2) == other.projected(today, 2)
    }

    /// The windows of the sessions after the next, each from the recommended day of the one before; the next is given on
    /// its own, or on `first` if that is later.
    fn projected(&self, first: Date, until: u32) -> Vec<Window> {
        let mut windows = Vec::new();
        let (mut state, mut forecast) = (self.state.clone(), self.forecast.clone());
        while !self.over && state.done() + 1 < until {
            let day = forecast.recommended.or(forecast.earliest).map_or(first, |day| day.max(first));
            state = state.with(day);
            if self.plan.is_over(&state) {
                break;
            }
            forecast = self.plan.forecast(&state);
            windows.push(window(state.done() + 1, &forecast));
        }
        windows
    }
}

fn window(number: u32, forecast: &Forecast) -> Window {
    Window { number, earliest: forecast.earliest, recommended: forecast.recommended, latest: forecast.latest }
}

/// One thing that is not known: what it is, and in how many ways it can turn out.
struct Dimension {
    open: Open,
    turn: Turn,
    ways: usize,
}

/// What a dimension decides.
enum Turn {
    /// Whether an interval applies.
    Interval(usize),
    /// The day of a recorded session.
    Day(usize, DateRange),
    /// The most sessions, from this number.
    Maximum(u32),
    /// The day an interval is counted from.
    Reference(usize, DateRange),
}

pub(super) struct Scheduler<'a> {
    pub(super) protocol: &'a Protocol,
    pub(super) record: &'a Record,
    pub(super) known: &'a Known,
    pub(super) evaluation: &'a Evaluation,
    pub(super) today: Date,
}

impl Scheduler<'_> {
    pub(super) fn schedule(&self) -> Schedule {
        let protocol = self.protocol;
        if protocol.courses.is_empty() {
            return Schedule::none(self.today);
        }
        let mut candidates = Vec::new();
        let mut choice = Vec::new();
        let mut settled = false;
        for (at, course) in protocol.courses.iter().enumerate() {
            match course.when.map_or(Tri::True, |when| self.evaluation.truth(when)) {
                Tri::False => continue,
                Tri::True => {
                    candidates.push(at);
                    settled = true;
                    break;
                }
                Tri::Unknown => {
                    candidates.push(at);
                    choice.extend(course.when.map(Open::Expression));
                }
            }
        }
        let Some(&first) = candidates.first() else {
            return Schedule { no_course: Tri3(Tri::True), ..Schedule::none(self.today) };
        };
        let no_course = if settled { Tri::False } else { Tri::Unknown };
        let mut outcomes = Vec::new();
        let mut open = Vec::new();
        for course in candidates {
            match self.outcomes(course) {
                Ok((all, matter)) => {
                    outcomes.extend(all);
                    open.extend(matter);
                }
                Err(unsettled) => return self.nothing_certain(first, no_course, unsettled),
            }
        }
        if outcomes.iter().any(|outcome| !outcome.same_as(&outcomes[0], self.today)) || !settled {
            open.extend(choice);
        }
        if let Some(planned) = protocol.courses[first].planned
            && !self.evaluation.value(planned).is_settled()
            && !outcomes.iter().all(|outcome| outcome.over)
        {
            open.push(Open::Expression(planned));
        }
        self.combine(&outcomes, no_course, open)
    }

    /// Too much is unknown to try every way.
    fn nothing_certain(&self, course: usize, no_course: Tri, open: Vec<Open>) -> Schedule {
        let unknown = Tri3(Tri::Unknown);
        Schedule {
            course: Some(course),
            no_course: Tri3(no_course),
            over: unknown,
            too_early: unknown,
            overdue: unknown,
            open,
            ..Schedule::none(self.today)
        }
    }

    fn length(&self, length: Length) -> Duration {
        match length {
            Length::Fixed(duration) => duration,
            Length::Parameter(at) => match self.known.parameters[usize::from(at)] {
                Value::Duration(duration, _) => duration,
                _ => Duration::default(),
            },
        }
    }

    /// Every way that one course can turn out, and what makes a difference.
    fn outcomes(&self, at: usize) -> Result<(Vec<Outcome>, Vec<Open>), Vec<Open>> {
        let course = &self.protocol.courses[at];
        let dimensions = self.dimensions(course)?;
        let count = dimensions.iter().try_fold(1usize, |so_far, dimension| so_far.checked_mul(dimension.ways));
        if count.is_none_or(|count| count > MOST_SCENARIOS) {
            return Err(dimensions.iter().map(|dimension| dimension.open).collect());
        }
        let mut outcomes: Vec<Outcome> = Vec::new();
        let mut choices = vec![0; dimensions.len()];
        loop {
            outcomes.push(self.outcome(at, course, &dimensions, &choices));
            let Some(turn) = (0..choices.len()).find(|turn| choices[*turn] + 1 < dimensions[*turn].ways) else { break };
            choices[..turn].fill(0);
            choices[turn] += 1;
        }
        let mut matter = Vec::new();
        for (turn, dimension) in dimensions.iter().enumerate() {
            let differs = outcomes.iter().any(|outcome| {
                let neighbour = outcomes.iter().find(|other| {
                    other.choices[turn] == 0
                        && other.choices.iter().zip(&outcome.choices).enumerate().all(|(n, (a, b))| n == turn || a == b)
                });
                outcome.choices[turn] > 0 && neighbour.is_some_and(|neighbour| !outcome.same_as(neighbour, self.today))
            });
            if differs {
                matter.push(dimension.open);
            }
        }
        Ok((outcomes, matter))
    }

    fn dimensions(&self, course: &Course) -> Result<Vec<Dimension>, Vec<Open>> {
        let mut dimensions = Vec::new();
        for (at, interval) in course.intervals.iter().enumerate() {
            if let Some(when) = interval.when
                && self.evaluation.truth(when).is_unknown()
            {
                dimensions.push(Dimension { open: Open::Expression(when), turn: Turn::Interval(at), ways: 2 });
            }
            if let Reference::Date(reference) = interval.from {
                match self.evaluation.value(reference) {
                    Value::Date(range) if range.is_partial() => {
                        let ways = range.days().count();
                        dimensions.push(Dimension {
                            open: Open::Expression(reference),
                            turn: Turn::Reference(at, range),
                            ways,
                        });
                    }
                    Value::Date(_) => {}
                    _ => return Err(vec![Open::Expression(reference)]),
                }
            }
        }
        if let Some(maximum) = course.maximum {
            match self.evaluation.value(maximum) {
                Value::Number(least, most) if least == most => {}
                Value::Number(least, most) => {
                    let (least, most) = (least.to_u32().unwrap_or(0), most.to_u32().unwrap_or(0));
                    let ways = (most.saturating_sub(least) + 1) as usize;
                    dimensions.push(Dimension { open: Open::Expression(maximum), turn: Turn::Maximum(least), ways });
                }
                _ => return Err(vec![Open::Expression(maximum)]),
            }
        }
        for (at, session) in self.record.sessions.iter().enumerate() {
            if session.date.is_partial() && (self.is_own(at) || self.conflicts(at) != 0) {
                let last = session.date.last.min(self.today);
                let range = DateRange { first: session.date.first, last };
                let turn = Turn::Day(at, range);
                dimensions.push(Dimension { open: Open::SessionDate(at), turn, ways: range.days().count().max(1) });
            }
        }
        Ok(dimensions)
    }

    fn is_own(&self, session: usize) -> bool {
        self.record.sessions[session].treatment == self.protocol.treatment
    }

    fn conflicts(&self, session: usize) -> u64 {
        let treatment = &self.record.sessions[session].treatment;
        let separations = self.protocol.separations.iter().enumerate();
        separations
            .filter(|(_, separation)| separation.from.contains(treatment))
            .fold(0, |bits, (at, _)| bits | 1 << at)
    }

    fn outcome(&self, at: usize, course: &Course, dimensions: &[Dimension], choices: &[usize]) -> Outcome {
        let mut applies: Vec<bool> = course
            .intervals
            .iter()
            .map(|one| one.when.is_none_or(|when| self.evaluation.truth(when).is_true()))
            .collect();
        let mut references: Vec<Option<Date>> = course
            .intervals
            .iter()
            .map(|interval| match interval.from {
                Reference::Date(reference) => match self.evaluation.value(reference) {
                    Value::Date(range) => Some(range.first),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        let mut maximum = course.maximum.and_then(|maximum| match self.evaluation.value(maximum) {
            Value::Number(least, _) => least.to_u32(),
            _ => None,
        });
        let mut days: Vec<Date> = self.record.sessions.iter().map(|session| session.date.first).collect();
        for (dimension, &choice) in dimensions.iter().zip(choices) {
            match &dimension.turn {
                Turn::Interval(interval) => applies[*interval] = choice == 1,
                Turn::Day(session, range) => days[*session] = range.first.plus_days(choice as i32),
                Turn::Maximum(least) => maximum = Some(least + choice as u32),
                Turn::Reference(interval, range) => references[*interval] = Some(range.first.plus_days(choice as i32)),
            }
        }
        let intervals =
            course.intervals.iter().enumerate().filter(|(at, _)| applies[*at]).map(|(at, interval)| Distance {
                interval: at,
                from: match interval.from {
                    Reference::Previous => Anchor::Previous,
                    Reference::First => Anchor::First,
                    Reference::Session(number) => Anchor::Session(number),
                    Reference::Date(_) => Anchor::Date(references[at].unwrap_or(Date::NEVER)),
                },
                minimum: self.length(interval.minimum),
                absolute_minimum: interval.absolute_minimum.map(|length| self.length(length)),
                recommended: interval.recommended.map(|length| self.length(length)),
                latest: interval.latest.map(|length| self.length(length)),
            });
        let restarts = course.gaps.iter().filter(|gap| gap.action == GapAction::Restart);
        let plan = Plan {
            intervals: intervals.collect(),
            separations: self.protocol.separations.iter().map(|separation| self.length(separation.minimum)).collect(),
            maximum,
            grace: self.length(course.grace),
            restart_after: restarts.map(|gap| self.length(gap.after)).min(),
        };
        // A day that is not known may change the order of the sessions.
        let mut order: Vec<usize> = (0..days.len()).collect();
        order.sort_by_key(|session| days[*session]);
        let given: Vec<Given> = order
            .iter()
            .map(|&session| Given {
                date: days[session],
                own: self.is_own(session),
                faulty: self.record.sessions[session].faulty(),
                conflicts: self.conflicts(session),
            })
            .collect();
        let (judged, state) = plan.judge(&given, self.today);
        let mut verdicts = vec![None; judged.len()];
        for (verdict, session) in judged.into_iter().zip(order) {
            verdicts[session] = verdict;
        }
        let over = plan.is_over(&state);
        let forecast = if over { Forecast::default() } else { plan.forecast(&state) };
        Outcome { course: at, choices: choices.to_vec(), verdicts, state, over, forecast, maximum, plan }
    }

    fn combine(&self, outcomes: &[Outcome], no_course: Tri, open: Vec<Open>) -> Schedule {
        let today = self.today;
        let all =
            |test: &dyn Fn(&Outcome) -> bool| Tri3(Tri::between(outcomes.iter().all(test), outcomes.iter().any(test)));
        let too_early = |outcome: &Outcome| outcome.forecast.earliest.is_some_and(|earliest| today < earliest);
        let overdue = |outcome: &Outcome| outcome.forecast.latest.is_some_and(|latest| today > latest) && !outcome.over;
        // The safest: the one that lets the patient wait longest.
        let mut safest = &outcomes[0];
        let wait = |outcome: &Outcome| {
            let after = outcome.projected(today, 2).first().and_then(|window| window.earliest);
            (outcome.forecast.earliest, outcome.forecast.latest, after)
        };
        for outcome in outcomes {
            if wait(outcome) > wait(safest) {
                safest = outcome;
            }
        }
        let mut bounds: BTreeMap<Bound, (Tri, Date)> = BTreeMap::new();
        for outcome in outcomes {
            for (bound, date) in &outcome.forecast.bounds {
                let entry = bounds.entry(*bound).or_insert((Tri::False, *date));
                entry.1 = entry.1.max(*date);
            }
        }
        for (bound, (truth, _)) in &mut bounds {
            let holds =
                |outcome: &Outcome| outcome.forecast.bounds.iter().any(|(other, date)| other == bound && today < *date);
            *truth = all(&holds).0;
        }
        let least = outcomes.iter().map(|outcome| outcome.state.done()).min().unwrap_or(0);
        let most = outcomes.iter().map(|outcome| outcome.state.done()).max().unwrap_or(0);
        let done = Count { least, most };
        let course = &self.protocol.courses[safest.course];
        let reassess = course.gaps.iter().enumerate().filter(|(_, gap)| gap.action == GapAction::Reassess);
        let reassess = reassess
            .map(|(at, gap)| {
                let after = self.length(gap.after);
                let over = |outcome: &Outcome| outcome.state.last.is_some_and(|last| today > last + after);
                (at, all(&over).0)
            })
            .filter(|(_, truth)| !truth.is_false())
            .collect();
        Schedule {
            course: Some(safest.course),
            no_course: Tri3(no_course),
            done: Some(done),
            over: all(&|outcome: &Outcome| outcome.over),
            too_early: all(&too_early),
            overdue: all(&overdue),
            bounds,
            reassess,
            open,
            today,
            safest: Some(safest.clone()),
            report: Some(self.report(course, safest, outcomes, done)),
        }
    }

    fn report(&self, course: &Course, safest: &Outcome, outcomes: &[Outcome], done: Count) -> CourseReport {
        let count = |id: Option<ExprId>| match id.map(|id| self.evaluation.value(id)) {
            Some(Value::Number(least, most)) => {
                Some(Count { least: least.to_u32().unwrap_or(0), most: most.to_u32().unwrap_or(0) })
            }
            _ => None,
        };
        let planned = count(course.planned);
        let certain = outcomes.iter().all(|outcome| outcome.same_as(safest, self.today));
        let past =
            (0..self.record.sessions.len()).filter(|at| self.is_own(*at)).map(|at| self.past(course, outcomes, at));
        let next = (!safest.over).then(|| window(safest.state.done() + 1, &safest.forecast));
        CourseReport {
            id: course.id.clone(),
            done,
            minimum: count(course.minimum),
            planned,
            maximum: count(course.maximum),
            past: past.collect(),
            next,
            projected: Vec::new(),
            provisional: !certain,
        }
    }

    fn past(&self, course: &Course, outcomes: &[Outcome], at: usize) -> PastSession {
        let date = self.record.sessions[at].date.to_string();
        let verdict = |outcome: &Outcome| outcome.verdicts[at].clone();
        let first = verdict(&outcomes[0]);
        if outcomes.iter().any(|outcome| verdict(outcome) != first) {
            return PastSession { date, verdict: "uncertain", number: None, reasons: Vec::new() };
        }
        let id = |bound: &Bound| match bound {
            Bound::Interval(interval) => course.intervals[*interval].id.clone(),
            Bound::Separation(separation) => self.protocol.separations[*separation].id.clone(),
            Bound::LastSession => String::new(),
        };
        let (verdict, number, reasons) = match first {
            Some(Verdict::Valid(number)) => ("valid", Some(number), Vec::new()),
            Some(Verdict::NotValid(bounds)) => ("not_valid", None, bounds.iter().map(id).collect()),
            Some(Verdict::Extraneous) => ("extraneous", None, Vec::new()),
            Some(Verdict::SubStandard) => ("sub_standard", None, Vec::new()),
            Some(Verdict::EarlierCourse) | None => ("earlier_course", None, Vec::new()),
        };
        PastSession { date, verdict, number, reasons }
    }
}
