//! The days of a date that is only partly known which need to be tried: those at which something turns.
//!
//! A course compares dates in one way only: is this day, a length of time later, before that day, a length of time later? As long as the
//! truth of every such comparison stays the same, so does every verdict, and every date of the forecast moves with the dates it is counted
//! from. Of all days that leave the comparisons as they are, there is a first one for each date at once, and a last one. So it is enough to
//! try, of each date, its ends and the days on either side of each turn; where two dates are open, also the turns that a day of the one
//! brings about in the other, and so on along every chain of them.

use std::collections::BTreeSet;

use crate::course::reads::{Forecasts, forecasts, is_offered_later, reads_minimum};
use crate::date::{Date, DateRange, Duration};
use crate::lang::Expr;
use crate::protocol::looking_back::{apart_from_sessions, reads_only_their_order, reads_sessions};
use crate::protocol::model::{Course, GapAction, Period, Reference, Season};
use crate::worlds::Scheduler;
use crate::worlds::unknown::{Decides, Unknown};
use crate::worlds::ways::{Candidates, MOST_WORLDS};

/// What a date is to a course.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The day of a recorded session.
    Session,
    /// The date of birth.
    Birth,
    /// What an interval is counted from.
    Reference,
}

/// A date, as far as it is known.
#[derive(Clone, Copy)]
struct Point {
    kind: Kind,
    range: DateRange,
}

/// Whether one date and a length of time is on the day of another and a length of time, or later.
#[derive(Clone, Copy, PartialEq)]
struct Comparison {
    of: Duration,
    with: Duration,
}

/// What the courses compare, by what it is counted from.
#[derive(Default)]
struct Compared {
    /// From a session to the first day on which a later one counts.
    counts: Vec<Duration>,
    /// The same from a date that an interval is counted from.
    counts_from: Vec<Duration>,
    /// From birth to a day from which or before which a session counts.
    ages: Vec<Duration>,
    /// From a session, from a date that an interval is counted from, and from birth to the earliest day of the next.
    next: Vec<Duration>,
    next_from: Vec<Duration>,
    next_aged: Vec<Duration>,
    /// From birth, and from a session, to what the earliest day is held against.
    old: Vec<Duration>,
    waited: Vec<Duration>,
    /// The pauses after which the count starts again.
    pauses: Vec<Duration>,
    /// Days that the day of a session is held against.
    dates: Vec<Date>,
    seasons: Vec<Season>,
    /// Whether a condition reads the day of a session in whatever way it likes.
    in_any_way: bool,
}

const DAY: Duration = Duration::days(1);
const NONE: Duration = Duration::days(0);

/// The dates that are open, each with its days to try: the first days after a turn, and the last before one.
struct Search {
    points: Vec<Point>,
    found: Vec<[BTreeSet<Date>; 2]>,
}

impl Scheduler<'_> {
    /// Chooses the days to try of every date that is only partly known.
    pub(super) fn choose_days(&self, candidates: &Candidates, unknowns: &mut [Unknown]) {
        let open: Vec<(usize, Point)> = unknowns
            .iter()
            .enumerate()
            .filter_map(|(at, unknown)| {
                let (kind, range) = match unknown.decides {
                    Decides::Day(_, range) => (Kind::Session, range),
                    Decides::Birth(range) => (Kind::Birth, range),
                    // That of each value has its own days.
                    Decides::Reference(course, n, range) if !self.is_reference_by_value(course, n) => {
                        (Kind::Reference, range)
                    }
                    _ => return None,
                };
                Some((at, Point { kind, range }))
            })
            .collect();
        let is_open = open.iter().any(|(_, point)| point.kind == Kind::Session);
        let is_candidate = |at: usize| candidates.iter().any(|(candidate, _)| *candidate == at);
        let mut looked_back = self.looked_back_at();
        looked_back.retain(|(at, ..)| is_open && is_candidate(*at));
        // What held on the day of a session, by the days of other sessions, may turn with any of them.
        if looked_back.iter().any(|(at, n, _)| self.is_by_days_of_others(*at, *n)) {
            return;
        }
        let compared = self.compared(candidates);
        if compared.in_any_way {
            return;
        }
        let mut search = Search {
            points: open.iter().map(|(_, point)| *point).collect(),
            found: open.iter().map(|(_, point)| [[point.range.first].into(), [point.range.last].into()]).collect(),
        };
        self.turn_at_known(candidates, &compared, &mut search);
        for (at, (unknown, _)) in open.iter().enumerate() {
            let Decides::Day(session, _) = unknowns[*unknown].decides else { continue };
            for (course, interval, _) in looked_back.iter().filter(|(.., other)| *other == session) {
                self.turn_at_what_held((*course, *interval), (session, at), &compared, &mut search);
            }
        }
        let is_complete = search.turn_at_each_other(&compared);
        for ((at, point), found) in open.into_iter().zip(search.found) {
            let [after, before] = found;
            unknowns[at].days = after.union(&before).copied().collect();
            unknowns[at].ways = unknowns[at].days.len();
            unknowns[at].only_moves = is_complete && point.kind == Kind::Session && unknowns[at].ways == 2;
        }
    }

    fn is_reference_by_value(&self, course: usize, interval: usize) -> bool {
        match self.protocol.courses[course].intervals[interval].from {
            Reference::Date(reference) => self.is_by_value(course, reference),
            _ => false,
        }
    }

    /// Whether the days of other sessions decide whether an interval held a session back then: more than which of them came before.
    fn is_by_days_of_others(&self, course: usize, interval: usize) -> bool {
        let of = &self.protocol.courses[course].intervals[interval];
        let is_by_value = of.when.is_some_and(|when| self.is_by_value(course, when));
        reads_sessions(self.protocol, of) && (is_by_value || !reads_only_their_order(self.protocol, of))
    }

    /// Where an interval holds a session back on one day, and not on the next, or nobody knows; and where that session is late enough
    /// for the date that the interval counted from then.
    fn turn_at_what_held(
        &self,
        interval: (usize, usize),
        (session, at): (usize, usize),
        compared: &Compared,
        search: &mut Search,
    ) {
        let range = search.points[at].range;
        let mut days: Vec<Date> = self.known.given.iter().map(|session| session.date.first).collect();
        let mut counted_from: BTreeSet<Date> = BTreeSet::new();
        let beside = apart_from_sessions(self.protocol, &self.protocol.courses[interval.0].intervals[interval.1]);
        let mut held_on = |day: Date| {
            days[session] = day;
            let held = self.held_on_day(interval, session, &days, &beside);
            counted_from.extend(held.counted_from());
            held
        };
        let mut before = held_on(range.first);
        let mut day = range.first.plus_days(1);
        while day <= range.last {
            let held = held_on(day);
            if held != before {
                search.found[at][0].insert(day);
                search.found[at][1].insert(day.plus_days(-1));
            }
            (before, day) = (held, day.plus_days(1));
        }
        for date in counted_from {
            for comparison in compared.between(Kind::Session, Kind::Reference) {
                search.turn(at, comparison.of, date + comparison.with);
            }
        }
    }

    /// Where what is known makes the open dates turn: other dates, today, seasons, the days from which rules are in force.
    fn turn_at_known(&self, candidates: &Candidates, compared: &Compared, search: &mut Search) {
        let known = |kind: Kind, day: Date| Point { kind, range: day.into() };
        let mut others: Vec<Point> = Vec::new();
        for (at, session) in self.known.given.iter().enumerate() {
            if !session.date.is_partial() && self.is_compared(at) {
                others.push(known(Kind::Session, session.date.first));
            }
        }
        let exact = |value| match value {
            crate::logic::Value::Date(range) if !range.is_partial() && !range.first.is_never() => Some(range.first),
            _ => None,
        };
        let birth = self.protocol.birth.and_then(|birth| exact(self.value(birth)));
        others.extend(birth.map(|day| known(Kind::Birth, day)));
        for (at, _) in candidates {
            for interval in &self.protocol.courses[*at].intervals {
                if let Reference::Date(reference) = interval.from
                    && !self.is_by_value(*at, reference)
                {
                    others.extend(exact(self.value(reference)).map(|day| known(Kind::Reference, day)));
                }
            }
        }
        for at in 0..search.points.len() {
            let point = search.points[at];
            for other in &others {
                for comparison in compared.between(point.kind, other.kind) {
                    search.turn(at, comparison.of, other.range.first + comparison.with);
                }
                for comparison in compared.between(other.kind, point.kind) {
                    search.turn(at, comparison.with, other.range.first + comparison.of + DAY);
                }
            }
            let next = compared.next_after(point.kind);
            let today = match point.kind {
                Kind::Session => [next, &compared.pauses].concat(),
                Kind::Birth => [next, &compared.ages, &compared.old].concat(),
                Kind::Reference => next.to_vec(),
            };
            for length in today {
                search.turn(at, length, self.today);
                search.turn(at, length, self.today + DAY);
            }
            if point.kind == Kind::Session {
                compared.dates.iter().for_each(|date| search.turn(at, NONE, *date));
            }
            for season in &compared.seasons {
                for length in next.iter().chain((point.kind == Kind::Session).then_some(&NONE)) {
                    let (from, until) = (point.range.first + *length, point.range.last + *length);
                    for day in ends(*season, from, until) {
                        search.turn(at, *length, day);
                    }
                }
            }
        }
    }

    /// What the courses that may be offered compare.
    fn compared(&self, candidates: &Candidates) -> Compared {
        let mut compared = Compared { counts: vec![NONE, DAY], next: vec![NONE], ..Compared::default() };
        for (at, _) in candidates {
            self.compared_by(*at, &self.protocol.courses[*at], &mut compared);
        }
        for separation in &self.protocol.separations {
            compared.counts.push(self.length(separation.absolute_minimum.unwrap_or(separation.minimum)));
            compared.next.push(self.length(separation.minimum));
        }
        let Compared { counts, counts_from, ages, next, next_from, next_aged, old, waited, pauses, .. } = &mut compared;
        for lengths in [counts, counts_from, ages, next, next_from, next_aged, old, waited, pauses] {
            lengths.sort_unstable();
            lengths.dedup();
        }
        compared
    }

    fn compared_by(&self, at: usize, course: &Course, compared: &mut Compared) {
        let early = self.length(course.grace).negated();
        let mut period = |period: Period| {
            compared.dates.extend(period.from);
            compared.dates.extend(period.until.map(|until| until + DAY));
        };
        course.intervals.iter().for_each(|interval| period(interval.in_force));
        course.sessions.iter().flat_map(|planned| &planned.ages).for_each(|age| period(age.in_force));
        let never = |when| !self.is_by_value(at, when) && self.truth(when).is_false();
        let looks_back = self.looking_back.of_course(at);
        for (n, interval) in course.intervals.iter().enumerate() {
            // What never applies today may have on another day.
            if interval.when.is_some_and(never) && looks_back[n].is_none() {
                continue;
            }
            let minimum = self.length(interval.minimum);
            let counts = interval.absolute_minimum.map_or(minimum.plus(early), |minimum| self.length(minimum));
            let (all_counts, all_next) = match interval.from {
                Reference::Date(_) => (&mut compared.counts_from, &mut compared.next_from),
                _ => (&mut compared.counts, &mut compared.next),
            };
            // What came too early and counts all the same turns nothing.
            all_counts.extend(Some(counts).filter(|_| !course.counts_early(n)));
            all_next.extend(reads_minimum(&self.protocol.courses, at, n).then_some(minimum));
        }
        for pause in course.gaps.iter().map(|gap| self.length(gap.after)) {
            compared.counts.push(pause.plus(DAY));
            compared.pauses.push(pause);
        }
        // What the next session is held against, and where a new count begins.
        for pause in course.gaps.iter().filter(|gap| gap.action == GapAction::Restart) {
            let begins = self.length(pause.after).plus(DAY);
            compared.waited.push(begins);
            compared.next.push(begins);
        }
        let offer_from = course.offer_from.iter().filter(|_| is_offered_later(&self.protocol.courses, at));
        let ages = course.start_before.iter().chain(offer_from);
        compared.ages.extend(ages.map(|age| self.length(*age)));
        for (session, planned) in course.sessions.iter().enumerate() {
            let is_next = forecasts(&self.protocol.courses, at, session) > Forecasts::Nothing;
            for age in &planned.ages {
                let minimum = age.minimum.map(|age| self.length(age));
                let youngest = age.absolute_minimum.map(|age| self.length(age));
                compared.ages.extend(youngest.or(minimum.map(|age| age.plus(early))));
                compared.next_aged.extend(minimum.filter(|_| is_next));
                compared.ages.extend(age.maximum.map(|age| self.length(age)));
                compared.old.extend(age.maximum.map(|age| self.length(age)));
            }
            let accepted = planned.accept.iter().flat_map(|accepted| [accepted.from, accepted.before]);
            compared.ages.extend(accepted.flatten().map(|age| self.length(age)));
            compared.seasons.extend(planned.season);
            for node in planned.skip.iter().flat_map(|skip| skip.clone()) {
                match &self.protocol.program.nodes[node as usize].expr {
                    Expr::SessionDate => compared.in_any_way = true,
                    Expr::Aged { by, .. } => {
                        compared.ages.extend([*by, by.plus(early)]);
                        compared.old.push(*by);
                    }
                    Expr::Waited { by, .. } => {
                        compared.counts.extend([*by, by.plus(early)]);
                        compared.waited.push(*by);
                    }
                    Expr::Tally(tally) => {
                        compared.ages.extend(tally.from_age.iter().chain(&tally.before_age));
                        compared.dates.extend(tally.from.iter().chain(&tally.before));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The days on which a season begins, and those after its last, of the seasons around some days.
fn ends(season: Season, from: Date, until: Date) -> Vec<Date> {
    let mut days = Vec::new();
    let mut day = from;
    loop {
        let period = season.around(day);
        days.extend(period.from);
        let Some(after) = period.until.map(|until| until + DAY) else { return days };
        days.push(after);
        if matches!(season, Season::Once(_)) || after > until || after <= day {
            return days;
        }
        day = after;
    }
}

impl Compared {
    fn next_after(&self, kind: Kind) -> &[Duration] {
        match kind {
            Kind::Session => &self.next,
            Kind::Birth => &self.next_aged,
            Kind::Reference => &self.next_from,
        }
    }

    /// What is compared of two dates: the first, as a day that is judged or that the next session is counted from, with the second.
    fn between(&self, one: Kind, other: Kind) -> Vec<Comparison> {
        let (judged, held_against): (&[Duration], &[Duration]) = match other {
            Kind::Session => (&self.counts, &self.waited),
            Kind::Birth => (&self.ages, &self.old),
            Kind::Reference => (&self.counts_from, &[]),
        };
        let judged = judged.iter().filter(|_| one == Kind::Session).map(|with| Comparison { of: NONE, with: *with });
        let next = self.next_after(one).iter();
        let next = next.flat_map(|of| held_against.iter().map(|with| Comparison { of: *of, with: *with }));
        judged.chain(next).collect()
    }
}

impl Search {
    /// Notes where a date and a length of time comes to a day: the first day on which it does, and the last on which it does not.
    fn turn(&mut self, at: usize, length: Duration, day: Date) {
        let range = self.points[at].range;
        if let Some(first) = first_day(range, |own| own + length >= day)
            && first > range.first
        {
            self.found[at][0].insert(first);
            self.found[at][1].insert(first.plus_days(-1));
        }
    }

    /// Follows the turns that a day of one date brings about in another, along chains as long as there are dates. Tells whether all were
    /// found.
    fn turn_at_each_other(&mut self, compared: &Compared) -> bool {
        let count = self.points.len();
        let mut all: BTreeSet<(usize, Date, usize, usize)> = BTreeSet::new();
        let mut last: Vec<(usize, Date, usize, usize)> = Vec::new();
        for (at, found) in self.found.iter().enumerate() {
            for (side, days) in found.iter().enumerate() {
                last.extend(days.iter().map(|day| (at, *day, side, at)));
            }
        }
        for _ in 1..count {
            let mut next = Vec::new();
            for (from, day, side, before) in std::mem::take(&mut last) {
                for at in (0..count).filter(|at| *at != from && *at != before) {
                    for turned in self.turned(at, (from, day), side, compared) {
                        self.found[at][side].insert(turned);
                        if all.insert((at, turned, side, from)) {
                            next.push((at, turned, side, from));
                        }
                    }
                }
            }
            // Where there are too many already, no more need be found.
            if next.is_empty() {
                return true;
            }
            if self.is_too_much() {
                return false;
            }
            last = next;
        }
        true
    }

    fn is_too_much(&self) -> bool {
        // Two ends of which nothing turns may not both have to be tried.
        let size = |[after, before]: &[BTreeSet<Date>; 2]| Some(after.union(before).count()).filter(|size| *size > 2);
        let mut sizes = self.found.iter().map(|found| size(found).unwrap_or(1));
        sizes.try_fold(1usize, |so_far, size| so_far.checked_mul(size).filter(|all| *all <= MOST_WORLDS)).is_none()
    }

    /// The days of a date that turn where another has a day: those after a turn or those before one.
    fn turned(&self, at: usize, (from, day): (usize, Date), side: usize, compared: &Compared) -> Vec<Date> {
        let (point, other) = (self.points[at], self.points[from]);
        let above = compared.between(point.kind, other.kind).into_iter();
        let above = above.filter_map(|one| first_day(point.range, |own| own + one.of >= day + one.with));
        let below = compared.between(other.kind, point.kind).into_iter();
        let below = below.filter_map(|one| first_day(point.range, |own| own + one.with > day + one.of));
        let turns = above.chain(below).filter(|first| *first > point.range.first);
        turns.map(|first| if side == 0 { first } else { first.plus_days(-1) }).collect()
    }
}

/// The first of some days on which a test holds that goes on holding; none if it never does.
fn first_day(range: DateRange, test: impl Fn(Date) -> bool) -> Option<Date> {
    let (mut first, mut end) = (0, range.last.days_since(range.first)?);
    if !test(range.last) {
        return None;
    }
    while first < end {
        let middle = first + (end - first) / 2;
        if test(range.first.plus_days(middle)) { end = middle } else { first = middle + 1 }
    }
    Some(range.first.plus_days(first))
}
