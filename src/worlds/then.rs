//! What held on the day of a recorded session: the conditions and dates of intervals that may be others today.
//!
//! On that day, `today`, the age, the sessions and the answers are those of that day. What is not known of them is tried both ways:
//! the interval held the session back, or did not.

use crate::course::{Given, Held};
use crate::date::{Date, DateRange};
use crate::lang::ExprId;
use crate::logic::{Evaluation, Inputs, Tri, Value};
use crate::patient::known::Known;
use crate::protocol::looking_back::reads_sessions;
use crate::protocol::model::{Course, Interval, Reference};
use crate::worlds::unknown::{Decides, Unknown};
use crate::worlds::world::World;
use crate::worlds::{Open, Scheduler};

/// What is known of an interval on a day.
struct Then {
    applies: Tri,
    /// The first and last day that it may be counted from; none: there is none. Only where that is an expression.
    reference: Option<DateRange>,
}

impl Scheduler<'_> {
    /// What was known on the day of a recorded session, with every session on a day of its own.
    pub(crate) fn known_then(&self, session: usize, days: &[Date]) -> Known {
        let place = |session: usize| (days[session], self.known.order[session]);
        self.known.on_day(days[session], days, |other| place(other) < place(session))
    }

    /// What held of an interval for a recorded session, in a world and for a value that the course is counted for.
    pub(super) fn held_then(
        &self,
        world: &World,
        (at, n): (usize, usize),
        session: &Given,
        each: Option<Value>,
    ) -> Held {
        let held_back = || world.held_back.contains(&(at, n, session.place));
        let found = self.then((at, n), (session.place, &world.days), each);
        let is_date = matches!(self.protocol.courses[at].intervals[n].from, Reference::Date(_));
        Held {
            applies: found.applies.is_true() || found.applies.is_unknown() && held_back(),
            // Counted from the last day on which it may have been, it held back for longest.
            reference: found.reference.filter(|_| is_date).map(|days| if held_back() { days.last } else { days.first }),
        }
    }

    /// Whether an interval applied on the day of a session.
    pub(super) fn applied_then(&self, interval: (usize, usize), session: usize, days: &[Date]) -> Tri {
        self.then(interval, (session, days), None).applies
    }

    fn then(&self, (at, n): (usize, usize), (session, days): (usize, &[Date]), each: Option<Value>) -> Then {
        let program = &self.protocol.program;
        let course = &self.protocol.courses[at];
        let interval = &course.intervals[n];
        let known = self.known_then(session, days);
        let inputs = known.inputs(Value::Unknown, self.open);
        let mut evaluation = self.evaluation.clone();
        evaluation.refresh(program, &inputs, self.looking_back.of_course(at)[n].as_deref().unwrap_or_default());
        let value = |id: ExprId| self.value_then((course, id), (&evaluation, &inputs), each);
        let mut applies = interval.when.map_or(Tri::True, |when| value(when).truth());
        let reference = match interval.from {
            Reference::Date(reference) => match value(reference) {
                Value::Date(range) if range.last.is_never() || range.first > known.today => None,
                // What had not happened by then is no date to count from.
                Value::Date(range) => Some(DateRange { last: range.last.min(known.today), ..range }),
                _ => {
                    applies = applies.and(Tri::Unknown);
                    Some(known.today.into())
                }
            },
            _ => None,
        };
        Then { applies, reference }
    }

    fn value_then(
        &self,
        (course, id): (&Course, ExprId),
        (evaluation, inputs): (&Evaluation, &Inputs<'_>),
        each: Option<Value>,
    ) -> Value {
        match (course.separate_by.as_ref().and_then(|counter| counter.body(id)), each) {
            (None, _) => evaluation.value(id),
            (Some(body), Some(each)) => evaluation.for_each(&self.protocol.program, inputs, &body, each),
            (Some(_), None) => Value::Unknown,
        }
    }

    /// What held on whose day can make a past session fail: the places of courses, their intervals and the sessions.
    pub(crate) fn looked_back_at(&self) -> Vec<(usize, usize, usize)> {
        let mut all = Vec::new();
        for (at, course) in self.protocol.courses.iter().enumerate() {
            let looks_back = self.looking_back.of_course(at);
            for n in (0..looks_back.len()).filter(|n| looks_back[*n].is_some()) {
                let own = (0..self.known.given.len()).filter(|session| self.is_own(*session));
                let early = own.filter(|session| self.may_be_too_early(course, &course.intervals[n], *session));
                all.extend(early.map(|session| (at, n, session)));
            }
        }
        all
    }

    /// What is not known of the days of past sessions, as far as a session may not count by it.
    pub(super) fn unknown_then(&self, course: usize, unknowns: &mut Vec<Unknown>) {
        for (at, n, session) in self.looked_back_at() {
            if at == course && self.is_unknown_then((at, n), session) {
                unknowns.push(Unknown::new(Open::Then(at, n, session), Decides::HeldBack(at, n, session), 2));
            }
        }
    }

    /// Whether a session may have been given too early after another: as long after all of them as is asked for, it counts
    /// whatever held on its day.
    fn may_be_too_early(&self, course: &Course, interval: &Interval, session: usize) -> bool {
        if matches!(interval.from, Reference::Date(_)) {
            return true;
        }
        let given = &self.known.given;
        let before = (0..given.len()).filter(|other| *other != session && self.is_own(*other));
        let before = before.filter(|other| given[*other].date.first <= given[session].date.last);
        let latest = before.map(|other| given[other].date.last.min(given[session].date.last)).max();
        let first_valid = |latest| course.first_valid_day(interval, latest, &self.known.parameters);
        latest.is_some_and(|latest| given[session].date.first < first_valid(latest))
    }

    /// Whether it may be unknown, on any day on which the session may have been, what held of an interval.
    fn is_unknown_then(&self, (at, n): (usize, usize), session: usize) -> bool {
        let course = &self.protocol.courses[at];
        let given = &self.known.given;
        // Which sessions came before is another thing in each world.
        let is_open = given.iter().any(|session| session.date.is_partial());
        if is_open && reads_sessions(self.protocol, &course.intervals[n]) {
            return true;
        }
        let mut days: Vec<Date> = given.iter().map(|session| session.date.first).collect();
        let last = given[session].date.last.min(self.today);
        let range = DateRange { first: given[session].date.first, last };
        range.days().any(|day| {
            days[session] = day;
            let is_unknown = |each| {
                let found = self.then((at, n), (session, &days), each);
                found.applies.is_unknown() || found.reference.is_some_and(DateRange::is_partial)
            };
            self.values_counted(course, session).into_iter().any(is_unknown)
        })
    }

    /// The values for which a session counts, or may count, in a course that is counted for each; in any other, one way.
    pub(crate) fn values_counted(&self, course: &Course, session: usize) -> Vec<Option<Value>> {
        let Some(counter) = &course.separate_by else { return vec![None] };
        let was_for = self.values_of_session(session).unwrap_or(u64::MAX);
        let all = (0..counter.choices.len()).filter(|at| was_for >> at & 1 == 1);
        all.map(|at| Some(Value::Choice(crate::narrow::u8(at)))).collect()
    }
}
