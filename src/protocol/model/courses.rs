//! Courses, what they are made of, and distances from other treatments.

use super::Template;
use crate::date::{Date, DayOfYear, Duration};
use crate::diagnostic::Place;
use crate::lang::ExprId;
use crate::logic::value::{TextId, Value};
use crate::protocol::file::{Evidence, Faulty, GapAction, TooEarly};
use std::ops::Range;
use std::sync::Arc;

/// One of several things that a session may do at once.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its name.
    pub id: String,
    /// What people read for its name, where the file says so.
    pub label: Option<String>,
    /// The products that hold it.
    pub products: Products,
    /// When no session is needed any more for it.
    pub immune: Option<ExprId>,
}

/// Products by their texts' numbers, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Products(pub Box<[TextId]>);

impl Products {
    /// Whether a product is among them.
    #[must_use]
    pub fn contains(&self, product: TextId) -> bool {
        self.0.binary_search(&product).is_ok()
    }
}

/// A way to go through the treatment.
#[derive(Clone, Debug)]
pub struct Course {
    /// Its name.
    pub id: String,
    /// What people read for its name, where the file says so.
    pub label: Option<String>,
    /// The condition under which it is offered; none: always.
    pub when: Option<ExprId>,
    /// The fewest sessions that make sense.
    pub minimum: Option<ExprId>,
    /// How many are planned.
    pub planned: Option<ExprId>,
    /// The most; none: open-ended.
    pub maximum: Option<ExprId>,
    /// The condition under which more than the planned ones are given; none: they never are.
    pub beyond_planned: Option<ExprId>,
    /// The planned sessions: each of a series; one that stands for all where they are alike.
    pub sessions: Vec<PlannedSession>,
    /// Whether the sessions have bounds of their own.
    pub is_series: bool,
    /// The components that it is for, by place; none: all.
    pub components: Option<Vec<usize>>,
    /// What it is counted by, once for each value.
    pub separate_by: Option<Counter>,
    /// The age before which the first valid session must have been given.
    pub start_before: Option<Length>,
    /// The age from which it is offered to somebody who has outgrown the courses before it.
    pub offer_from: Option<Length>,
    /// Whether it is only recognised when complete.
    pub evaluation_only: bool,
    /// How early a session may be and still count.
    pub grace: Length,
    /// Distances between sessions, those of every planned session.
    pub intervals: Vec<Interval>,
    /// What becomes of a session that was given before its interval was over.
    pub too_early: TooEarly,
    /// Whether "previous" means a faulty session, too.
    pub faulty: Faulty,
    /// What follows long pauses, the shortest first.
    pub gaps: Vec<Gap>,
    /// The condition under which a pause begins a new course after one that is complete; none: it never does.
    pub restart_when_complete: Option<ExprId>,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// How well it is founded.
    pub evidence: Evidence,
    /// Where it is declared.
    pub place: Place,
}

impl Course {
    /// The place among `sessions` of what holds for a session of the course, counted from 0: where all are alike, one stands for all.
    #[must_use]
    pub fn place_of(&self, pointer: usize) -> usize {
        if self.is_series { pointer } else { 0 }
    }

    /// What is planned for a session of the course, counted from 0; none: it is beyond the last.
    #[must_use]
    pub fn planned_session(&self, pointer: usize) -> Option<&PlannedSession> {
        self.sessions.get(self.place_of(pointer))
    }

    /// Whether a session that came before one of its intervals was over counts all the same.
    pub(crate) fn counts_early(&self, interval: usize) -> bool {
        self.too_early == TooEarly::Counts && self.intervals[interval].absolute_minimum.is_none()
    }

    /// The first day on which a past session counts, of those after a date that an interval is counted from.
    pub(crate) fn first_valid_day(&self, interval: &Interval, reference: Date, parameters: &[Value]) -> Date {
        match interval.absolute_minimum {
            Some(minimum) => reference + minimum.with(parameters),
            None => reference + interval.minimum.with(parameters) + self.grace.with(parameters).negated(),
        }
    }

    /// Where what is planned for a session is declared.
    pub(crate) fn place_of_session(&self, pointer: usize) -> &Place {
        self.planned_session(pointer).map_or(&self.place, |planned| &planned.place)
    }
}

/// What a course is counted by: a note about a session. Each of its values has a count of its own.
#[derive(Clone, Debug)]
pub struct Counter {
    /// The note, by its place.
    pub note: u16,
    /// The note's name.
    pub name: String,
    /// The values, by name.
    pub choices: Arc<[String]>,
    /// The values that are planned now: a set or one of them; none: the protocol does not tell.
    pub planned: Option<ExprId>,
    /// The expressions of the course that depend on the value: the nodes of each, the last being the whole. They have no value
    /// but for one of the values.
    pub bodies: Vec<Range<u32>>,
}

impl Counter {
    /// The nodes of an expression, if it depends on the value.
    #[must_use]
    pub fn body(&self, id: ExprId) -> Option<Range<u32>> {
        self.bodies.iter().find(|body| body.end == id.0 + 1).cloned()
    }
}

/// A planned session.
#[derive(Clone, Debug)]
pub struct PlannedSession {
    /// What a person calls it.
    pub name: Option<String>,
    /// Bounds counted from birth; the first that is in force holds.
    pub ages: Vec<Age>,
    /// Its distances, by place among the course's.
    pub intervals: Range<usize>,
    /// The distances of its second chance, by place among the course's; empty: there is none.
    pub allow: Range<usize>,
    /// The products that count; empty: all.
    pub accept: Vec<Accepted>,
    /// The products that never count.
    pub reject: Products,
    /// The condition under which it is not needed: its nodes, the last being the whole.
    pub skip: Option<Range<u32>>,
    /// Whether it comes again and again.
    pub repeat: bool,
    /// The window of the year.
    pub season: Option<Season>,
    /// Where it is declared.
    pub place: Place,
}

/// Days from the first to the last; an end that is missing is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
}

impl Period {
    /// Whether a day is one of them.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.from.is_none_or(|from| day >= from) && self.until.is_none_or(|until| day <= until)
    }
}

/// The window in which a planned session is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// Once.
    Once(Period),
    /// Every year. Without a last day, until the next begins; with one before the first, across the new year.
    Yearly {
        /// The first day.
        from: DayOfYear,
        /// The last day.
        until: Option<DayOfYear>,
    },
}

impl Season {
    /// The days of the season in which a day lies, or else of the next to come.
    #[must_use]
    pub fn around(self, day: Date) -> Period {
        let (from, until) = match self {
            Season::Once(period) => return period,
            Season::Yearly { from, until } => (from, until),
        };
        let window = |year: i16| {
            let first = from.in_year(year);
            let last = match until {
                Some(until) if until >= from => until.in_year(year),
                Some(until) => until.in_year(year + 1),
                None => from.in_year(year + 1).plus_days(-1),
            };
            Period { from: Some(first), until: Some(last) }
        };
        let year = day.year();
        let years = [year - 1, year].map(window);
        years.into_iter().find(|window| window.until.is_some_and(|last| day <= last)).unwrap_or(window(year + 1))
    }
}

/// Bounds counted from birth.
#[derive(Clone, Debug)]
pub struct Age {
    /// The days on which they hold.
    pub in_force: Period,
    /// The youngest age.
    pub minimum: Option<Length>,
    /// The youngest age at which a past session counts; none: the minimum less the grace.
    pub absolute_minimum: Option<Length>,
    /// The best age.
    pub recommended: Option<Length>,
    /// The oldest age that is not late.
    pub latest: Option<Length>,
    /// The age from which the session is not given any more.
    pub maximum: Option<Length>,
}

/// Products that count, within a window of ages.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The products.
    pub products: Products,
    /// The youngest age.
    pub from: Option<Length>,
    /// The age from which they do not count.
    pub before: Option<Length>,
}

/// A length of time that stands in the file, or a parameter's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Written out.
    Fixed(Duration),
    /// The value of a parameter, by its place, and what the file sets it to.
    Parameter(u16, Duration),
}

impl Length {
    /// The length with the parameters as they are set.
    #[must_use]
    pub fn with(self, parameters: &[Value]) -> Duration {
        match self {
            Length::Fixed(duration) => duration,
            // INVARIANT: a parameter is only ever set to a value of the kind that it is declared with. If one were not, the wait would be
            // the declared one; it never becomes none.
            Length::Parameter(at, declared) => match parameters.get(usize::from(at)) {
                Some(Value::Duration(duration, _)) => *duration,
                _ => declared,
            },
        }
    }
}

/// A length of time before or after a session's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// How long: one that is written out has its own sign.
    pub length: Length,
    /// Whether a parameter stands behind a minus.
    pub is_before: bool,
}

impl Offset {
    /// The day itself.
    pub(in crate::protocol) fn none() -> Offset {
        Offset { length: Length::Fixed(Duration::default()), is_before: false }
    }

    /// The offset with the parameters as they are set.
    #[must_use]
    pub fn with(self, parameters: &[Value]) -> Duration {
        let length = self.length.with(parameters);
        if self.is_before { length.negated() } else { length }
    }

    /// The offset as the file sets it.
    #[must_use]
    pub fn declared(self) -> Duration {
        self.with(&[])
    }
}

/// A distance between sessions.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Its name among reasons.
    pub id: String,
    /// What people read for that.
    pub label: Option<String>,
    /// The condition; none: always.
    pub when: Option<ExprId>,
    /// What it is counted from.
    pub from: Reference,
    /// The shortest distance.
    pub minimum: Length,
    /// The shortest distance at which a past session counts; none: the minimum less the grace.
    pub absolute_minimum: Option<Length>,
    /// The best distance.
    pub recommended: Option<Length>,
    /// The longest distance that is not late.
    pub latest: Option<Length>,
    /// The days on which it holds.
    pub in_force: Period,
    /// Whether its component's earliest day goes before the other components' later ones.
    pub priority: bool,
    /// Why.
    pub reason: Template,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// Where it is declared.
    pub place: Place,
}

/// What an interval is counted from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The session before.
    Previous,
    /// The first session.
    First,
    /// The planned session of a number, from 1.
    Session(u32),
    /// The latest recorded session with one of these products.
    Latest(Products),
    /// A date.
    Date(ExprId),
}

/// A long pause.
#[derive(Clone, Debug)]
pub struct Gap {
    /// Its name among precautions.
    pub id: String,
    /// What people read for that.
    pub label: Option<String>,
    /// More than this since the latest session.
    pub after: Length,
    /// What follows.
    pub action: GapAction,
    /// Why.
    pub reason: Template,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// Where it is declared.
    pub place: Place,
}

/// A distance from sessions of other treatments.
#[derive(Clone, Debug)]
pub struct Separation {
    /// Its name among reasons.
    pub id: String,
    /// What people read for that.
    pub label: Option<String>,
    /// The other treatments.
    pub from: Vec<String>,
    /// The other treatments' products that matter; none: all.
    pub products: Option<Products>,
    /// The products of this treatment that keep the distance; none: all, and the next session does too.
    pub of: Option<Products>,
    /// The shortest distance.
    pub minimum: Length,
    /// The shortest distance at which a past session counts; none: the minimum.
    pub absolute_minimum: Option<Length>,
    /// Whether both may be given on one day.
    pub same_day: bool,
    /// Why.
    pub reason: Template,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// How well it is founded.
    pub evidence: Evidence,
    /// Where it is declared.
    pub place: Place,
}

impl Separation {
    /// Whether it is kept from a session of another treatment with that product; of one that nobody noted, it may be.
    pub(crate) fn is_from(&self, product: Option<TextId>) -> bool {
        product.zip(self.products.as_ref()).is_none_or(|(product, products)| products.contains(product))
    }
}
