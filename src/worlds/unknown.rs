//! What is not known about the courses, and in how many ways each of it can turn out.

use crate::logic::Number;

use crate::date::{Date, DateRange};
use crate::lang::ExprId;
use crate::logic::Tri;
use crate::logic::value::{TextId, Value};
use crate::patient::known::PRODUCT_NOTE;
use crate::protocol::model::{Course, GapAction, Reference};
use crate::worlds::per_value::{Terms, Unnoted};
use crate::worlds::ways::Candidates;
use crate::worlds::{Open, Scheduler};

/// One thing that is not known: what it is, and in how many ways it can turn out.
pub(super) struct Unknown {
    pub(super) open: Open,
    pub(super) decides: Decides,
    pub(super) ways: usize,
    /// Of a date, the days that are tried; empty: every day.
    pub(super) days: Vec<Date>,
    /// Of a session's day, whether the last of the ways is that another entry notes the session as well.
    pub(super) may_be_noted: bool,
    /// Of a session's day, whether nothing turns with it, and dates only move.
    pub(super) only_moves: bool,
}

impl Unknown {
    pub(super) fn new(open: Open, decides: Decides, ways: usize) -> Unknown {
        Unknown { open, decides, ways, days: Vec::new(), may_be_noted: false, only_moves: false }
    }

    /// A date's day in one of the ways.
    pub(super) fn day(&self, range: &DateRange, choice: usize) -> Date {
        self.days.get(choice).copied().unwrap_or_else(|| range.first.plus_days(crate::narrow::i32(choice)))
    }
}

/// What it decides.
pub(super) enum Decides {
    /// Whether a course is offered.
    Offered(usize),
    /// Whether an interval applies, by the places of its course and its own.
    Interval(usize, usize),
    /// Whether an interval held a recorded session back on its day, by the places of the course, the interval and the session.
    HeldBack(usize, usize, usize),
    /// Whether an entry that says what another of its day says is a session of its own.
    Entry(usize),
    /// The day of a recorded session.
    Day(usize, DateRange),
    /// What was used in a recorded session: one of these; none: the right product, whatever it is.
    Product(usize, Vec<Option<TextId>>),
    /// How many sessions of a course are planned.
    PlannedSessions(usize, PlannedRange),
    /// Whether more than those planned are given.
    BeyondPlanned(usize),
    /// Whether a long pause begins a new course after one that is complete.
    RestartsComplete(usize),
    /// The most sessions of a course, from this number.
    Maximum(usize, u32),
    /// The day an interval is counted from, by the places of its course and its own.
    Reference(usize, usize, DateRange),
    /// The date of birth.
    Birth(DateRange),
    /// The values that a recorded session was for.
    Values(usize),
    /// Which value is planned, where that is not known: one of these.
    Planned(Vec<u8>),
    /// Whether a planned session is not needed, where that is unknown.
    Skip(usize, usize),
    /// Whether no session is needed any more; of a component, by its place.
    Immune(Option<usize>),
}

impl Scheduler<'_> {
    pub(super) fn unknowns(
        &self,
        candidates: &Candidates,
        plan: &Option<(Open, Vec<u8>)>,
        unnoted: &Unnoted,
        terms: &Terms,
    ) -> Result<Vec<Unknown>, Vec<Open>> {
        let mut unknowns = Vec::new();
        if let Some((open, values)) = plan {
            unknowns.push(Unknown::new(*open, Decides::Planned(values.clone()), values.len()));
        }
        for &(at, offered) in candidates {
            let course = &self.protocol.courses[at];
            if let (Tri::Unknown, Some(when)) = (offered, course.when) {
                unknowns.push(Unknown::new(Open::Expression(when), Decides::Offered(at), 2));
            }
            self.course_unknowns(at, course, terms, &mut unknowns)?;
        }
        if let Some(birth) = self.protocol.birth {
            match self.value(birth) {
                Value::Date(range) if range.is_partial() => {
                    let ways = range.days().count();
                    unknowns.push(Unknown::new(Open::Expression(birth), Decides::Birth(range), ways));
                }
                Value::Date(_) => {}
                _ => return Err(vec![Open::Expression(birth)]),
            }
        }
        let immune = self.protocol.components.iter().enumerate().map(|(at, component)| (Some(at), component.immune));
        for (component, immune) in std::iter::once((None, self.protocol.immune)).chain(immune) {
            if let Some(immune) = immune
                && self.truth(immune).is_unknown()
            {
                unknowns.push(Unknown::new(Open::Expression(immune), Decides::Immune(component), 2));
            }
        }
        // Few records have a session of which only the month is known.
        let read_then = std::cell::LazyCell::new(|| self.read_then());
        for (at, session) in self.known.given.iter().enumerate() {
            if session.date.is_partial() && (self.is_compared(at) || read_then.contains(&at)) {
                let last = session.date.last.min(self.today);
                let range = DateRange { first: session.date.first, last };
                let ways = range.days().count().max(1);
                unknowns.push(Unknown::new(Open::SessionNote(at, 0), Decides::Day(at, range), ways));
            }
            if let Some(note) = self.counted_by().map(|counter| counter.note)
                && self.is_unnoted(at)
            {
                unknowns.push(Unknown::new(Open::SessionNote(at, note), Decides::Values(at), unnoted.ways()));
            }
            let products = self.possible_products(at);
            if products.len() > 1 {
                let open = Open::SessionNote(at, crate::narrow::u16(PRODUCT_NOTE));
                let ways = products.len();
                unknowns.push(Unknown::new(open, Decides::Product(at, products), ways));
            }
        }
        self.choose_days(candidates, &mut unknowns);
        // Where sessions are alike, two such entries are taken for one, unless that is left open. Else each may count: both ways are tried.
        let tries = self.open_entries || candidates.iter().any(|(at, _)| self.protocol.courses[*at].is_series);
        for &at in self.known.perhaps_noted_twice.iter().filter(|_| tries) {
            // The day of a session that is noted elsewhere makes no difference.
            let of_day = |unknown: &&mut Unknown| matches!(unknown.decides, Decides::Day(session, _) if session == at);
            match unknowns.iter_mut().find(of_day) {
                Some(day) => (day.ways, day.may_be_noted, day.only_moves) = (day.ways + 1, true, false),
                None => unknowns.push(Unknown::new(Open::Entry(at), Decides::Entry(at), 2)),
            }
        }
        Ok(unknowns)
    }

    pub(super) fn course_unknowns(
        &self,
        at: usize,
        course: &Course,
        terms: &Terms,
        unknowns: &mut Vec<Unknown>,
    ) -> Result<(), Vec<Open>> {
        for (n, interval) in course.intervals.iter().enumerate() {
            if let Some(when) = interval.when
                && let Some(open) = self.open_where(terms, at, when, |value| value.truth().is_unknown())
            {
                unknowns.push(Unknown::new(open, Decides::Interval(at, n), 2));
            }
            if let Reference::Date(reference) = interval.from {
                if let Some(open) = self.open_where(terms, at, reference, |value| !matches!(value, Value::Date(_))) {
                    return Err(vec![open]);
                }
                let partial = |value: Value| match value {
                    Value::Date(range) if range.is_partial() => Some(range),
                    _ => None,
                };
                let ranges = self.values(terms, at, reference).filter_map(partial);
                if let Some(range) = ranges.max_by_key(|range| range.days().count())
                    && let Some(open) = self.open_where(terms, at, reference, |value| partial(value).is_some())
                {
                    unknowns.push(Unknown::new(open, Decides::Reference(at, n, range), range.days().count()));
                }
            }
        }
        self.unknown_then(at, unknowns);
        self.ends_unknown(at, course, terms, unknowns);
        if let Some(maximum) = course.maximum {
            if let Some(open) = self.open_where(terms, at, maximum, |value| whole_range(value).is_none()) {
                return Err(vec![open]);
            }
            let widest = self.values(terms, at, maximum).filter_map(whole_range).max_by_key(|(_, ways)| *ways);
            if let Some((least, ways)) = widest
                && let Some(open) =
                    self.open_where(terms, at, maximum, |value| whole_range(value).is_some_and(|(_, ways)| ways > 1))
            {
                unknowns.push(Unknown::new(open, Decides::Maximum(at, least), ways));
            }
        }
        for session in 0..course.sessions.len() {
            let skip = course.sessions[session].skip.as_ref().map(|skip| ExprId(skip.end - 1));
            if skip.is_some_and(|skip| self.may_be_unknown_in_skip(skip)) {
                unknowns.push(Unknown::new(Open::Skip(at, session), Decides::Skip(at, session), 2));
            }
        }
        Ok(())
    }

    /// What is not known of where a course ends, as far as so many sessions have been given that it can matter.
    fn ends_unknown(&self, at: usize, course: &Course, terms: &Terms, unknowns: &mut Vec<Unknown>) {
        let mut enough = 0;
        if let Some(planned) = course.planned {
            let ranges = || self.values(terms, at, planned).map(|value| self.planned_range(value));
            enough = ranges().map(|range| range.least).min().unwrap_or(0);
            if let Some(widest) = ranges().max_by_key(|range| range.ways)
                && let Some(open) = self.open_where(terms, at, planned, |value| self.planned_range(value).ways > 1)
            {
                unknowns.push(Unknown::new(open, Decides::PlannedSessions(at, widest), widest.ways));
            }
        }
        let given = || self.known.given.iter().filter(|session| session.own);
        let is_unknown = |value: Value| value.truth().is_unknown();
        if let Some(beyond) = course.beyond_planned
            && given().count() >= enough as usize
            && let Some(open) = self.open_where(terms, at, beyond, is_unknown)
        {
            unknowns.push(Unknown::new(open, Decides::BeyondPlanned(at), 2));
        }
        let mut restarts = course.gaps.iter().filter(|gap| gap.action == GapAction::Restart);
        let is_over = |after| given().any(|session| self.today > session.date.first + after);
        // Of a complete course a session may be to come as well, which a pause that is not over yet may take the place of.
        let may_go_on = course.beyond_planned.is_some() || course.is_series;
        if let Some(again) = course.restart_when_complete
            && restarts.any(|gap| may_go_on || is_over(self.length(gap.after)))
            && let Some(open) = self.open_where(terms, at, again, is_unknown)
        {
            unknowns.push(Unknown::new(open, Decides::RestartsComplete(at), 2));
        }
    }

    /// How many sessions may be planned.
    pub(super) fn planned_range(&self, value: Value) -> PlannedRange {
        let next = self.known.given.iter().filter(|session| session.own).count() + 1;
        let (least, ways) = whole_range(value).unwrap_or((0, usize::MAX));
        let most = least.saturating_add(u32::try_from(ways - 1).unwrap_or(u32::MAX));
        PlannedRange { least, most, ways: ways.min(next.saturating_sub(least as usize).saturating_add(1)) }
    }

    /// Whether the courses compare the day of a session: it is of this treatment, or of one that it keeps a distance from.
    pub(super) fn is_compared(&self, session: usize) -> bool {
        self.known.given[session].own || !self.conflicts(session, self.known.product(session)).is_empty()
    }

    /// Whether a planned session's `skip` may turn out to be unknown on some day: it reads a fact that is not known, sessions of a treatment
    /// of which more may have been given than are listed, or something about a listed one that nobody has told.
    fn may_be_unknown_in_skip(&self, skip: ExprId) -> bool {
        self.known.unknown_facts(self.protocol, skip).next().is_some()
            || !self.known.unlisted.under(self.protocol, skip).is_empty()
            || !self.known.untold_of_sessions(self.protocol, skip).is_empty()
    }

    /// Whether what is not known is about a session that was for nothing that is planned, and that nothing else looks at.
    pub(super) fn is_beside(&self, decides: &Decides, planned: u64) -> bool {
        let (Decides::Day(session, _) | Decides::HeldBack(_, _, session)) = *decides else { return false };
        let looks_across = |course: &Course| {
            course.sessions.iter().any(|planned| planned.skip.is_some())
                || course.intervals.iter().any(|interval| matches!(interval.from, Reference::Latest(_)))
        };
        let values = self.values_of_session(session);
        self.is_own(session)
            && self.conflicts(session, self.known.product(session)).is_empty()
            && values.is_some_and(|values| values & planned == 0)
            && !self.protocol.courses.iter().any(looks_across)
    }

    /// What may have been used in a recorded session of which that is not known: one product of each kind that makes a difference.
    pub(super) fn possible_products(&self, session: usize) -> Vec<Option<TextId>> {
        if self.protocol.products.len() == 1 || self.known.product(session).is_some() {
            return Vec::new();
        }
        let kinds = self.protocol.products.iter().copied().map(Some);
        if self.is_own(session) {
            return kinds.collect();
        }
        // Of another treatment, only the separations that it brings matter.
        let mut possible: Vec<(Option<TextId>, Vec<usize>)> = Vec::new();
        for product in kinds {
            let separations = self.conflicts(session, product);
            if possible.iter().all(|(_, other)| *other != separations) {
                possible.push((product, separations));
            }
        }
        possible.into_iter().map(|(product, _)| product).collect()
    }
}

/// How many sessions may be planned. Numbers beyond all that were given and the next one make no difference: they go together as the most.
#[derive(Clone, Copy)]
pub(super) struct PlannedRange {
    pub(super) least: u32,
    most: u32,
    pub(super) ways: usize,
}

impl PlannedRange {
    /// One of the ways; of a range with fewer, its last.
    pub(super) fn choice(self, choice: usize) -> u32 {
        if choice + 1 < self.ways { self.least + crate::narrow::u32(choice) } else { self.most }
    }
}

/// The least of a number of sessions, and how many ways there are up to the most; none: it is not known at all.
pub(super) fn whole_range(value: Value) -> Option<(u32, usize)> {
    let Value::Number(least, most) = value else { return None };
    let whole = |number: Number| number.max(Number::ZERO).to_u32().unwrap_or(u32::MAX);
    let (least, most) = (whole(least), whole(most));
    Some((least, most.saturating_sub(least).saturating_add(1) as usize))
}
