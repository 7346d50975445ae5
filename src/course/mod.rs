//! The course of one treatment: which recorded sessions count, and when the next is due.
//!
//! Pure functions of known values: [`Plan::judge`] for what was done, [`Plan::forecast`] for what comes next, [`choice`] among
//! several courses, [`components`] for what one session does several of at once. What is not known is tried in every way by
//! [`schedule`](crate::worlds).

pub(crate) mod choice;
pub(crate) mod components;
mod forecast;
mod judge;
mod moment;
pub(crate) mod reads;
mod takes;

use crate::date::{Date, Duration};
use crate::logic::value::{TextId, Value};
use crate::patient::Entry;
use crate::protocol::model::{Age, Course, Interval, Length, PlannedSession, Reference, Separation};

pub(crate) use forecast::{Forecast, Status};
pub(crate) use judge::Check;
pub(crate) use moment::At;
pub(crate) use takes::Takes;

/// The rules of a course, with every condition decided.
#[derive(Clone, Copy)]
pub(crate) struct Plan<'a> {
    /// Its place in the protocol.
    pub(crate) at: usize,
    pub(crate) course: &'a Course,
    pub(crate) separations: &'a [Separation],
    /// The parameters, for lengths that are one.
    pub(crate) parameters: &'a [Value],
    /// The date of birth, where the protocol counts from it.
    pub(crate) birth: Option<Date>,
    /// For each interval of the course, whether its condition holds.
    pub(crate) applies: &'a [bool],
    /// For each interval of the course, the date it is counted from, where that is an expression.
    pub(crate) references: &'a [Option<Date>],
    /// How many sessions are planned; none: as many as there are.
    pub(crate) planned: Option<u32>,
    pub(crate) maximum: Option<u32>,
    /// Whether more than the planned sessions are given now, up to the maximum.
    pub(crate) beyond_planned: bool,
    /// Whether a pause after which the count starts again also begins a new course after one that is complete.
    pub(crate) restarts_complete: bool,
    /// For each interval of the course, whether it may have been another on another day,
    pub(crate) looks_back: &'a [Option<Box<[u32]>>],
    /// and what held of it on the day of a recorded session.
    pub(crate) then: &'a dyn Fn(usize, &Given) -> Held,
    /// Whether a planned session, by its place, is not needed at a moment.
    pub(crate) skips: &'a dyn Fn(usize, &At<'_>) -> bool,
}

/// What held of an interval on the day of a recorded session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// Whether its condition did.
    pub(crate) applies: bool,
    /// The date it was counted from, where that is an expression; none: there was none.
    pub(crate) reference: Option<Date>,
}

/// A recorded session, of this treatment or of another that it keeps a distance from.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Its place in the record.
    pub(crate) place: usize,
    pub(crate) date: Date,
    /// Whether it is of this treatment.
    pub(crate) own: bool,
    /// Whether it holds the component that is judged.
    pub(crate) judged: bool,
    pub(crate) faulty: bool,
    /// Whether it is a session of its own: to a course of sessions that are alike,
    pub(crate) entry: Entry,
    /// and to one that writes them out one by one.
    pub(crate) in_series: Entry,
    /// What was used; none: it is not known, and taken for the right one.
    pub(crate) product: Option<TextId>,
    /// The separations that it takes part in, as another treatment, by their places in the protocol.
    pub(crate) conflicts: Vec<usize>,
}

/// What became of a recorded session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the session of that number.
    Valid(u32),
    /// It does not count and must be given again.
    NotValid(Vec<Fault>),
    /// It does not count and need not be given again: the course was over, or the patient too old.
    Extraneous(Vec<Fault>),
    /// Something went wrong with it; it must be given again.
    SubStandard,
    /// It belonged to a course before a long pause.
    EarlierCourse,
    /// It is counted with one that was noted before it on its day.
    SameSession,
}

/// How much too early a session was that counts all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Early {
    /// The days.
    pub(crate) days: u32,
    /// The interval, by its place among the course's.
    pub(crate) interval: usize,
}

/// Why a session does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The patient was too young.
    TooYoung,
    /// The patient was too old.
    TooOld,
    /// It was too soon after another session: an interval, by the places of its course and its own.
    Interval(usize, usize),
    /// It was too soon after another treatment: the separation's place in the protocol.
    Separation(usize),
    /// What was used is not among what counts.
    Product,
    /// What was used never counts.
    Rejected,
}

/// What sets a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Bound {
    /// The age, for a planned session by the places of its course and its own.
    Age(usize, usize),
    /// An interval, by the places of its course and its own.
    Interval(usize, usize),
    /// A separation, by its place in the protocol.
    Separation(usize),
    /// The window of the year, for a planned session by the places of its course and its own.
    Season(usize, usize),
    /// The day of a recorded session: the next cannot come before it.
    LastSession,
    /// The first day after a pause that begins the count again, by the places of its course and its own: one that is over, or is so sooner than
    /// the next session of the count that goes on.
    Restart(usize, usize),
}

/// A recorded session that has been judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Past {
    pub(crate) date: Date,
    product: Option<TextId>,
    judged: bool,
    valid: bool,
    rejected: bool,
}

/// Where the course stands after the recorded sessions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    /// The dates of the sessions that count.
    pub(crate) valid: Vec<Date>,
    /// The current planned session of a series, by its place.
    pub(crate) pointer: usize,
    /// For each planned session that is done with, when it was given; none: it was skipped.
    placed: Vec<Option<Date>>,
    /// The last session that is valid or not valid: what "previous" means.
    previous: Option<Date>,
    /// A session that does not count and that "previous" means from the day after it on: on its own day it may be given again, or another
    /// entry may stand for it.
    without_success: Option<Date>,
    /// The last session of this treatment, whatever became of it.
    pub(crate) last: Option<Date>,
    /// The last session of the course before, where a long pause has begun a new one,
    pub(crate) before: Option<Date>,
    /// and whether that was complete.
    pub(crate) was_complete: bool,
    /// The other treatments' sessions: the date, and a separation that it takes part in, by its place in the protocol.
    conflicts: Vec<(Date, usize)>,
    /// Every session of this treatment so far, in order.
    history: Vec<Past>,
}

impl State {
    /// The sessions that count.
    pub(crate) fn done(&self) -> u32 {
        crate::narrow::u32(self.valid.len())
    }

    /// What happens on a day, or, if none is named, from now on, is after the sessions without success before it.
    fn pass(&mut self, day: Option<Date>) {
        if day.is_none_or(|day| self.without_success.is_some_and(|without| without < day)) {
            self.previous = self.previous.max(self.without_success.take());
        }
    }
}

impl<'a> Plan<'a> {
    pub(crate) fn length(&self, length: Length) -> Duration {
        length.with(self.parameters)
    }

    /// The planned session at a place; none: no session is open any more.
    pub(crate) fn planned_session(&self, pointer: usize) -> Option<&'a PlannedSession> {
        self.course.planned_session(pointer)
    }

    /// Whether a session that is given now is beyond all that there may be, whatever may be skipped.
    pub(crate) fn is_over(&self, state: &State) -> bool {
        self.maximum.is_some_and(|maximum| state.done() >= maximum) || self.planned_session(state.pointer).is_none()
    }

    /// How many sessions complete the course. Without a maximum, they go on for as long as they help.
    fn enough(&self) -> Option<u32> {
        self.maximum.map(|maximum| self.planned.map_or(maximum, |planned| planned.min(maximum)))
    }

    /// How many sessions may be given as things stand: beyond those planned only where that is wanted.
    fn limit(&self) -> Option<u32> {
        if self.beyond_planned { self.maximum } else { self.enough() }
    }

    /// Whether all has been given that is planned, or is needed on a day.
    fn is_complete(&self, at: &At<'_>) -> bool {
        let is_needed =
            |(pointer, planned): (usize, &PlannedSession)| planned.skip.is_none() || !(self.skips)(pointer, at);
        let done = at.state.done();
        if !self.course.is_series {
            return self.enough().is_some_and(|enough| done >= enough);
        }
        !self.course.sessions.iter().enumerate().skip(at.state.pointer).any(is_needed)
    }

    /// The date at an age.
    fn at_age(&self, age: Option<Length>) -> Option<Date> {
        Some(self.birth? + self.length(age?))
    }

    /// The intervals of a range that apply on a day, each with the date it is counted from.
    pub(crate) fn intervals(
        &self,
        range: std::ops::Range<usize>,
        state: &State,
        day: Date,
    ) -> impl Iterator<Item = (usize, &'a Interval, Date)> {
        range.filter_map(move |at| {
            let interval = &self.course.intervals[at];
            let applies = self.applies[at] && interval.in_force.contains(day);
            let reference = if applies { self.reference(at, interval, state) } else { None };
            reference.map(|reference| (at, interval, reference))
        })
    }

    /// The date that an interval is counted from; none: it does not apply.
    pub(crate) fn reference(&self, at: usize, interval: &Interval, state: &State) -> Option<Date> {
        match &interval.from {
            Reference::Previous => state.previous,
            Reference::First => state.valid.first().copied(),
            Reference::Session(number) => state.placed.get(*number as usize - 1).copied().flatten(),
            Reference::Latest(products) => {
                let is_one = |past: &&Past| !past.rejected && past.product.is_some_and(|one| products.contains(one));
                state.history.iter().rev().find(is_one).map(|past| past.date)
            }
            Reference::Date(_) => self.references[at].filter(|date| !date.is_never()),
        }
    }

    /// Marks the current planned session as done on a day, or as skipped.
    fn place(&self, state: &mut State, date: Option<Date>) {
        state.placed.push(date);
        state.valid.extend(date);
        let again = date.is_some() && self.planned_session(state.pointer).is_some_and(|planned| planned.repeat);
        // A session that comes again puts a copy of itself next.
        if !again {
            state.pointer += 1;
        }
    }

    /// The same, one valid session later.
    pub(crate) fn after(&self, state: &State, date: Date) -> State {
        let mut next = state.clone();
        self.place(&mut next, Some(date));
        next.previous = Some(date);
        next.last = Some(date);
        next.history.push(Past { date, product: None, judged: true, valid: true, rejected: false });
        next
    }
}

/// The bounds of age of a planned session that are in force on a day.
pub(crate) fn ages(planned: &PlannedSession, day: Date) -> Option<&Age> {
    planned.ages.iter().find(|age| age.in_force.contains(day))
}
