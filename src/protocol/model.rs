//! A protocol that has been read and found sound: every name a slot, every text checked.

use std::ops::Range;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::dictionary::{Dictionary, Fact};
pub use super::file::{ComponentNumber, Evidence, GapAction, Lasts, Outcome, ProtocolStatus, Safer};
use crate::date::{Date, DayOfYear, Duration};
use crate::diagnostic::{Code, Place, SourceFile};
use crate::lang::{ExprId, FactId, Program, Type};
use crate::logic::Tri;
use crate::logic::value::{TextId, Value};
use crate::recommendation::Status;

/// A protocol, ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// Its name for programs.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Whether it may be used.
    pub status: ProtocolStatus,
    /// The first day on which it is in force.
    pub in_force_from: Date,
    /// The last day, if there is one.
    pub in_force_until: Option<Date>,
    /// The day by which it must be reviewed.
    pub review_by: Date,
    /// The role that answers for it.
    pub owner: String,
    /// The sessions that count towards its course.
    pub treatment: String,
    /// The text's SHA-256, in hexadecimal.
    pub sha256: String,
    /// The file.
    pub file: Arc<SourceFile>,
    /// The dictionary it was read with.
    pub dictionary: Arc<Dictionary>,
    /// What it cites.
    pub sources: Vec<Source>,
    /// What a clinic may change.
    pub parameters: Vec<Parameter>,
    /// Named expressions.
    pub definitions: Vec<Definition>,
    /// The facts that it reads, by their place in the dictionary.
    pub facts: Vec<usize>,
    /// All expressions.
    pub program: Program,
    /// Its rules, in the order of their kinds, then of the file.
    pub rules: Vec<Rule>,
    /// Its decision tables.
    pub settings: Vec<Setting>,
    /// What to do before and after a session.
    pub instructions: Vec<Instruction>,
    /// Signs that need action.
    pub red_flags: Vec<RedFlag>,
    /// What one session may do several of at once, each judged by itself; empty where it is not told apart.
    pub components: Vec<Component>,
    /// Which of the components' numbers is the next session's.
    pub component_number: ComponentNumber,
    /// When no session is needed any more.
    pub immune: Option<ExprId>,
    /// The date of birth, where a course counts from it.
    pub birth: Option<ExprId>,
    /// Its courses.
    pub courses: Vec<Course>,
    /// Distances from other treatments.
    pub separations: Vec<Separation>,
    /// The groups of products of the file, with their products.
    pub product_groups: Vec<(String, Vec<String>)>,
    /// One product of each kind that makes a difference to the courses, the last being one that nothing names.
    pub products: Box<[TextId]>,
    /// Suspicious things that are meant.
    pub allowed: Vec<Allowed>,
}

impl Protocol {
    /// The fact in a slot.
    #[must_use]
    pub fn fact(&self, id: FactId) -> &Fact {
        &self.dictionary.facts[self.facts[usize::from(id.0)]]
    }

    /// The line of a place in the protocol's file, from 1.
    #[must_use]
    pub fn line(&self, place: &Place) -> usize {
        place.file.position(place.span.start).0
    }

    /// The place of a key at the top of the file; of its first line, if it is not there.
    #[must_use]
    pub fn key_place(&self, key: &str) -> Place {
        let mut start = 0;
        for line in self.file.text.split_inclusive('\n') {
            if line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')) {
                return Place { file: self.file.clone(), span: start..start + line.trim_end().len() };
            }
            start += line.len();
        }
        Place { file: self.file.clone(), span: 0..0 }
    }

    /// What the courses are counted by, once for each value; none: they are not told apart.
    #[must_use]
    pub fn counter(&self) -> Option<&Counter> {
        self.courses.iter().find_map(|course| course.separate_by.as_ref())
    }

    /// The name of a value that the courses are counted by.
    #[must_use]
    pub fn value_name(&self, value: u8) -> String {
        self.counter().and_then(|counter| counter.choices.get(usize::from(value)).cloned()).unwrap_or_default()
    }

    /// The rules of one kind.
    pub fn rules_of(&self, kind: &str) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.action.kind() == kind)
    }
}

/// Something suspicious that is meant.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The code of the warning or note.
    pub code: &'static Code,
    /// What it is about; none: the whole file.
    pub on: Option<String>,
    /// Where it is said.
    pub place: Place,
}

/// Where a statement comes from.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name in the protocol.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// When it was published.
    pub year: Option<i64>,
    /// Where it can be read.
    pub url: Option<String>,
    /// How well it is known.
    pub evidence: Evidence,
    /// Where it is declared.
    pub place: Place,
}

/// A number or length of time that a clinic may change.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// What it is set to in the file.
    pub value: Value,
    /// The least and the greatest value that may be set.
    pub range: Option<(Value, Value)>,
    /// For the reader.
    pub note: Option<String>,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// Where it is declared.
    pub place: Place,
}

/// A named expression.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// The expression.
    pub root: ExprId,
    /// Where it is declared.
    pub place: Place,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name: unique in the file.
    pub id: String,
    /// The condition; none: always.
    pub when: Option<ExprId>,
    /// Why, for a person.
    pub reason: String,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// How well it is founded: its own mark, or the best of its sources'.
    pub evidence: Evidence,
    /// For the reader of the file; also the reason for taking something for granted.
    pub note: Option<String>,
    /// What it does.
    pub action: Action,
    /// Where it is declared.
    pub place: Place,
}

impl Rule {
    /// The date of a deferral that has one.
    #[must_use]
    pub fn not_before(&self) -> Option<ExprId> {
        match self.action {
            Action::Defer { not_before, .. } => not_before,
            _ => None,
        }
    }

    /// The expressions that decide whether it fires: its condition, then the date of a deferral.
    pub fn roots(&self) -> impl Iterator<Item = ExprId> {
        self.when.into_iter().chain(self.not_before())
    }

    /// Whether it fires: an indication whose condition fails, a deferral whose day has not come, any other rule whose condition holds.
    ///
    /// `holds` tells the truth of a condition, `waits` whether a first permitted day has not come.
    #[inline]
    pub fn fires(&self, holds: impl FnOnce(ExprId) -> Tri, waits: impl FnOnce(ExprId) -> Tri) -> Tri {
        let holds = self.when.map_or(Tri::True, holds);
        match (&self.action, self.not_before()) {
            (Action::Indicate { .. }, _) => !holds,
            (_, Some(until)) => holds.and(waits(until)),
            _ => holds,
        }
    }
}

/// What a rule does when its condition holds.
#[derive(Clone, Debug)]
pub enum Action {
    /// Nothing; the treatment is not indicated unless it holds.
    Indicate {
        /// What to say when it does not hold; also the rule's reason.
        otherwise: String,
        /// Protocols to think of instead.
        instead: Vec<String>,
    },
    /// Forbids the treatment.
    Contraindicate {
        /// For good, or while it holds.
        lasts: Lasts,
        /// What ends it.
        until: Option<String>,
    },
    /// Makes it wait.
    Defer {
        /// The first permitted day.
        not_before: Option<ExprId>,
        /// What ends the wait.
        until: Option<String>,
        /// When to look again.
        recheck: Option<ExprId>,
        /// Who may shorten the wait, and to what.
        may_override: Option<(String, Option<String>)>,
    },
    /// Has a role decide.
    Refer {
        /// The role.
        to: String,
    },
    /// Makes it go ahead differently.
    Precaution {
        /// What to do differently.
        action: String,
        /// Caps on settings, by place among the settings.
        limits: Vec<(usize, Quantity)>,
    },
    /// Ends the course.
    Complete {
        /// How it ends.
        outcome: Outcome,
        /// What comes next.
        then: Option<String>,
    },
}

impl Action {
    /// The status that a rule leads to when it fires; a precaution leads nowhere.
    #[must_use]
    pub fn leads_to(&self) -> Option<Status> {
        match self {
            Action::Contraindicate { .. } => Some(Status::Contraindicated),
            Action::Indicate { .. } => Some(Status::NotIndicated),
            Action::Complete { outcome: Outcome::Stopped, .. } => Some(Status::Stopped),
            Action::Complete { outcome: Outcome::Complete, .. } => Some(Status::Complete),
            Action::Defer { .. } => Some(Status::Deferred),
            Action::Refer { .. } => Some(Status::Refer),
            Action::Precaution { .. } => None,
        }
    }

    /// The table of the file that such rules stand in.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Action::Indicate { .. } => "indication",
            Action::Contraindicate { .. } => "contraindication",
            Action::Defer { .. } => "deferral",
            Action::Refer { .. } => "referral",
            Action::Precaution { .. } => "precaution",
            Action::Complete { .. } => "completion",
        }
    }
}

/// A number that stands in the file, or the expression for it.
#[derive(Clone, Debug)]
pub enum Quantity {
    /// The number.
    Fixed(Decimal),
    /// The expression: its nodes, the last being the whole.
    Computed(Range<u32>),
}

impl Quantity {
    /// The expression, if it is one.
    #[must_use]
    pub fn computed(&self) -> Option<&Range<u32>> {
        match self {
            Quantity::Fixed(_) => None,
            Quantity::Computed(body) => Some(body),
        }
    }
}

/// A decision table for the session.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name.
    pub id: String,
    /// What a person calls it.
    pub label: String,
    /// The unit of its values.
    pub unit: Option<String>,
    /// Which value wins.
    pub safer: Safer,
    /// The set whose values are gone through, and the name for each.
    pub each: Option<(String, FactId)>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// How well it is founded.
    pub evidence: Evidence,
    /// Where it is declared.
    pub place: Place,
}

/// A row of a decision table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The condition's nodes, the last being the whole; none: always.
    pub when: Option<Range<u32>>,
    /// What it says.
    pub says: Says,
    /// Where it is declared.
    pub place: Place,
}

/// What a row of a decision table says.
#[derive(Clone, Debug)]
pub enum Says {
    /// One value.
    Value(Quantity),
    /// A range of values.
    Range(Quantity, Quantity),
    /// An answer in words.
    Text(String),
}

impl Says {
    /// The expressions for its numbers.
    pub fn computed(&self) -> impl Iterator<Item = &Range<u32>> {
        let numbers = match self {
            Says::Value(value) => [Some(value), None],
            Says::Range(from, to) => [Some(from), Some(to)],
            Says::Text(_) => [None, None],
        };
        numbers.into_iter().flatten().filter_map(Quantity::computed)
    }
}

/// What to do before or after a session.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// Its name.
    pub id: String,
    /// When it begins, from the session's day.
    pub at: Duration,
    /// When it ends.
    pub until: Option<Duration>,
    /// What to do.
    pub action: String,
    /// For whom; none: for everybody.
    pub when: Option<ExprId>,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// How well it is founded.
    pub evidence: Evidence,
    /// Where it is declared.
    pub place: Place,
}

/// A sign that needs action.
#[derive(Clone, Debug)]
pub struct RedFlag {
    /// Its name.
    pub id: String,
    /// What is seen or felt.
    pub sign: String,
    /// What to do.
    pub action: String,
    /// How soon.
    pub within: Option<String>,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// How well it is founded.
    pub evidence: Evidence,
    /// Where it stands.
    pub place: Place,
}

/// One of several things that a session may do at once.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its name.
    pub id: String,
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
    /// The condition under which it is offered; none: always.
    pub when: Option<ExprId>,
    /// The fewest sessions that make sense.
    pub minimum: Option<ExprId>,
    /// How many are planned.
    pub planned: Option<ExprId>,
    /// The most; none: open-ended.
    pub maximum: Option<ExprId>,
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
    /// What follows long pauses, the shortest first.
    pub gaps: Vec<Gap>,
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
    /// The value of a parameter, by its place.
    Parameter(u16),
}

/// A distance between sessions.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Its name among reasons.
    pub id: String,
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
    pub reason: String,
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
    /// More than this since the latest session.
    pub after: Length,
    /// What follows.
    pub action: GapAction,
    /// Why.
    pub reason: String,
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
    /// Why.
    pub reason: String,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// How well it is founded.
    pub evidence: Evidence,
    /// Where it is declared.
    pub place: Place,
}
