//! What held on the day of a recorded session: the conditions and dates of intervals that may be others today.
//!
//! On that day, `today`, the age, the sessions and the answers are those of that day. What is not known of them is tried both ways:
//! the interval held the session back, or did not.

use std::collections::BTreeSet;

use crate::course::{Given, Held};
use crate::date::{Date, DateRange};
use crate::lang::ExprId;
use crate::logic::{Evaluation, Inputs, Tri, Value};
use crate::patient::known::Known;
use crate::protocol::looking_back::{apart_from_sessions, notes_of_any, reads_sessions, roots};
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

/// The first and the last day that an interval may be counted from; no last: that very day.
type CountedFrom = (Date, Option<Date>);

/// What an interval came to on the day of a session: for each value that the session counts for, whether it applied and from when it
/// counted; and what of it has nothing to do with other sessions.
#[derive(PartialEq)]
pub(super) struct HeldOnDay {
    values: Vec<(Tri, Option<CountedFrom>)>,
    beside: Vec<Value>,
}

impl HeldOnDay {
    /// The dates that it may have been counted from.
    pub(super) fn counted_from(&self) -> impl Iterator<Item = Date> {
        let dates = self.values.iter().filter_map(|(_, counted)| *counted);
        dates.flat_map(|(first, last)| std::iter::once(first).chain(last))
    }

    fn is_unknown(&self, day: Date) -> bool {
        let is_partial = |(first, last): CountedFrom| first != last.unwrap_or(day);
        self.values.iter().any(|(applies, counted)| applies.is_unknown() || counted.is_some_and(is_partial))
    }
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
        let known = self.known_then(session.place, &world.days);
        let found = self.then((at, n), (&known, &self.evaluated_then((at, n), &known)), each);
        let is_date = matches!(self.protocol.courses[at].intervals[n].from, Reference::Date(_));
        Held {
            applies: found.applies.is_true() || found.applies.is_unknown() && held_back(),
            // Counted from the last day on which it may have been, it held back for longest.
            reference: found.reference.filter(|_| is_date).map(|days| if held_back() { days.last } else { days.first }),
        }
    }

    /// What an interval came to on the day of a session, as far as that day alone decides it. `beside` is what it reads apart from sessions.
    pub(super) fn held_on_day(
        &self,
        (at, n): (usize, usize),
        session: usize,
        days: &[Date],
        beside: &[ExprId],
    ) -> HeldOnDay {
        let (course, day) = (&self.protocol.courses[at], days[session]);
        let known = self.known_then(session, days);
        let evaluation = self.evaluated_then((at, n), &known);
        let for_value = |each| {
            let found = self.then((at, n), (&known, &evaluation), each);
            // What may have happened until that very day goes on for as long as it does.
            let counted = found.reference.map(|days| (days.first, (days.last != day).then_some(days.last)));
            (found.applies, counted)
        };
        let values = self.values_counted(course, session).into_iter().map(for_value).collect();
        HeldOnDay { values, beside: beside.iter().map(|id| evaluation.value(*id)).collect() }
    }

    /// What an interval came to by what is known of a day, and evaluated by it.
    fn then(&self, (at, n): (usize, usize), (known, evaluation): (&Known, &Evaluation), each: Option<Value>) -> Then {
        let course = &self.protocol.courses[at];
        let interval = &course.intervals[n];
        let inputs = known.inputs(Value::Unknown, self.open);
        let value = |id: ExprId| self.value_then((course, id), (evaluation, &inputs), each);
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

    /// What an interval reads, by what is known of a day.
    fn evaluated_then(&self, (at, n): (usize, usize), known: &Known) -> Evaluation {
        let nodes = self.looking_back.of_course(at)[n].as_deref().unwrap_or_default();
        let mut evaluation = self.evaluation.clone();
        evaluation.refresh(&self.protocol.program, &known.inputs(Value::Unknown, self.open), nodes);
        evaluation
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
        let reads_them = is_open && reads_sessions(self.protocol, &course.intervals[n]);
        if reads_them && !self.is_all_known_of_sessions((at, n)) {
            return true;
        }
        let mut days: Vec<Date> = given.iter().map(|session| session.date.first).collect();
        let last = given[session].date.last.min(self.today);
        let range = DateRange { first: given[session].date.first, last };
        let beside = apart_from_sessions(self.protocol, &course.intervals[n]);
        range.days().any(|day| {
            days[session] = day;
            let held = self.held_on_day((at, n), session, &days, &beside);
            held.is_unknown(day) || reads_them && !held.beside.iter().all(|value| value.is_settled())
        })
    }

    /// Whether an interval reads nothing of sessions but what is known of each of them, whichever came before.
    fn is_all_known_of_sessions(&self, (at, n): (usize, usize)) -> bool {
        let (protocol, known) = (self.protocol, self.known);
        let interval = &protocol.courses[at].intervals[n];
        let is_listed = roots(interval).iter().all(|root| known.unlisted.under(protocol, *root).is_empty());
        let is_noted = |note: &u16| {
            let noted = known.sessions.iter().map(|notes| notes.get(usize::from(*note)));
            noted.into_iter().all(|value| value.is_some_and(|value| value.is_settled()))
        };
        let notes = notes_of_any(protocol, interval);
        is_listed && known.perhaps_noted_twice.is_empty() && notes.is_some_and(|notes| notes.iter().all(is_noted))
    }

    /// The recorded sessions that what held on the day of another may turn with.
    pub(super) fn read_then(&self) -> BTreeSet<usize> {
        let program = &self.protocol.program;
        let intervals: BTreeSet<(usize, usize)> = self.looked_back_at().into_iter().map(|(at, n, _)| (at, n)).collect();
        let roots = intervals.into_iter().flat_map(|(at, n)| roots(&self.protocol.courses[at].intervals[n]));
        let lists: BTreeSet<usize> =
            program.under(roots).filter_map(|id| Some(usize::from(program.node(id).expr.list()?.0))).collect();
        lists.into_iter().flat_map(|list| self.known.lists[list].iter().copied()).collect()
    }

    /// The values for which a session counts, or may count, in a course that is counted for each; in any other, one way.
    pub(crate) fn values_counted(&self, course: &Course, session: usize) -> Vec<Option<Value>> {
        let Some(counter) = &course.separate_by else { return vec![None] };
        let was_for = self.values_of_session(session).unwrap_or(u64::MAX);
        let all = (0..counter.choices.len()).filter(|at| was_for >> at & 1 == 1);
        all.map(|at| Some(Value::Choice(crate::narrow::u8(at)))).collect()
    }
}
