//! When the next session may be given.

use crate::course::{At, Bound, Plan, State, ages};
use crate::date::{Date, Duration};
use crate::protocol::model::{Accepted, Length, PlannedSession, Products};

/// Where a course stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// A session is still to come.
    #[default]
    NotComplete,
    /// No session is open any more.
    Complete,
    /// No session is needed any more.
    Immune,
    /// The patient is too old for the next session, or will be.
    AgedOut,
    /// No session is open although none was given, or the season is over.
    NotRecommended,
}

/// When the next session may be given, and what set each date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forecast {
    pub(crate) status: Status,
    /// The number of the next session.
    pub(crate) number: u32,
    /// Whether it is one of those that are planned.
    pub(crate) is_planned: bool,
    /// The last session of the course before, if that was complete and this session begins a new one.
    pub(crate) after_complete: Option<Date>,
    /// The planned session, by its place.
    pub(crate) planned: usize,
    pub(crate) earliest: Option<Date>,
    pub(crate) recommended: Option<Date>,
    pub(crate) past_due: Option<Date>,
    pub(crate) latest: Option<Date>,
    /// Each bound's date: the earliest is the latest of them.
    pub(crate) bounds: Vec<(Bound, Date)>,
    /// What set the recommended date; none: the earliest.
    pub(crate) recommended_by: Option<Bound>,
    /// What set the date from which it is past due; none: the earliest.
    pub(crate) past_due_by: Option<Bound>,
    /// Whether its earliest date goes before those of other components.
    pub(crate) priority: bool,
    /// The last day before a pause begins the count again, where other dates would lie after it.
    pub(crate) ends: Option<Date>,
}

impl Forecast {
    /// Whether it is that of a count which begins again, by a pause that is over sooner than the next session may be given.
    pub(crate) fn begins_again(&self) -> bool {
        self.bounds.iter().any(|(bound, _)| matches!(bound, Bound::Restart(..)))
    }
}

impl Plan<'_> {
    /// When the next session may be given. The dates may lie in the past; there is no grace.
    ///
    /// A pause that begins the count again ends the window of the session that goes on with it; one that is over before that session may be
    /// given leaves the first session of the new count as the next, and so does one that is over already.
    pub(crate) fn forecast(&self, state: &State, today: Date, immune: bool) -> Forecast {
        let begun = state.before.filter(|_| state.last.is_none()).and_then(|last| self.pause_over(last));
        let begun = begun.map(|(gap, day)| (day, Bound::Restart(self.at, gap)));
        let mut forecast = self.goes_on(state, today, immune, begun);
        let restart = self.restart_day(state).filter(|(_, day)| today < *day && !immune);
        let begun = |(gap, day): (usize, Date)| {
            Some(((day, Bound::Restart(self.at, gap)), self.begun_again(state, (day, false), self.restarts_complete)?))
        };
        let (Some(earliest), Some((restart, begun))) = (forecast.earliest, restart.and_then(begun)) else {
            return forecast;
        };
        let last_day = restart.0 + Duration::days(-1);
        if last_day < earliest {
            return self.goes_on(&begun, today, immune, Some(restart));
        }
        if forecast.recommended > Some(last_day) {
            forecast.recommended_by = Some(restart.1);
        }
        for date in [&mut forecast.recommended, &mut forecast.past_due, &mut forecast.latest].into_iter().flatten() {
            if *date > last_day {
                (*date, forecast.ends) = (last_day, Some(last_day));
            }
        }
        forecast
    }

    /// Where the course stands when the session of a forecast is given.
    pub(crate) fn before(&self, state: &State, forecast: &Forecast) -> State {
        let day = self.restart_day(state).filter(|_| forecast.begins_again());
        let begun = day.and_then(|(_, day)| self.begun_again(state, (day, false), self.restarts_complete));
        begun.unwrap_or_else(|| state.clone())
    }

    /// When the next session of this count may be given, which begins on a day, if one is named.
    fn goes_on(&self, state: &State, today: Date, immune: bool, begins: Option<SetBy>) -> Forecast {
        let mut pointer = state.pointer;
        loop {
            let planned = match self.planned_session(pointer) {
                Some(planned) if self.limit().is_none_or(|limit| state.done() < limit) => planned,
                _ => return self.no_session(state, pointer),
            };
            if self.is_skipped(planned, pointer, state, today) {
                pointer += 1;
                continue;
            }
            let forecast = self.dates(planned, pointer, state, (today, begins), immune);
            // What is not needed on the day that was found is not needed at all.
            if let Some(earliest) = forecast.earliest
                && self.is_skipped(planned, pointer, state, earliest)
            {
                pointer += 1;
                continue;
            }
            return forecast;
        }
    }

    /// How many planned sessions are still to come, as far as they are not skipped on a day.
    pub(crate) fn remaining(&self, state: &State, forecast: &Forecast, today: Date) -> u32 {
        if forecast.status == Status::Complete {
            return 0;
        }
        if !self.course.is_series {
            // Those beyond the planned ones come into it once they are all that there may be.
            let planned = self.enough().filter(|enough| state.done() < *enough);
            return planned.or(self.limit()).map_or(u32::MAX, |limit| limit.saturating_sub(state.done()));
        }
        let open = self.course.sessions.iter().enumerate().skip(forecast.planned);
        crate::narrow::u32(open.filter(|(at, planned)| !self.is_skipped(planned, *at, state, today)).count())
    }

    fn is_skipped(&self, planned: &PlannedSession, pointer: usize, state: &State, date: Date) -> bool {
        planned.skip.is_some() && (self.skips)(pointer, &At { plan: self, state, date, judging: false })
    }

    fn no_session(&self, state: &State, pointer: usize) -> Forecast {
        let status = if state.valid.is_empty() { Status::NotRecommended } else { Status::Complete };
        Forecast { status, planned: pointer, number: state.done() + 1, ..Forecast::default() }
    }

    fn dates(
        &self,
        planned: &PlannedSession,
        pointer: usize,
        state: &State,
        (today, begins): (Date, Option<SetBy>),
        immune: bool,
    ) -> Forecast {
        let mut forecast = Forecast {
            planned: pointer,
            number: state.done() + 1,
            is_planned: self.planned.is_none_or(|planned| state.done() < planned),
            after_complete: state.before.filter(|_| state.was_complete && state.valid.is_empty()),
            ..Forecast::default()
        };
        let last = state.last.max(state.before);
        let age = ages(planned, today);
        // Sessions that are alike are bound by one age and one season.
        let place = self.course.place_of(pointer);
        let age_bound = Bound::Age(self.at, place);
        let at_age = |pick: fn(&crate::protocol::model::Age) -> Option<Length>| self.at_age(age.and_then(pick));
        forecast.bounds.extend(at_age(|age| age.minimum).map(|date| (age_bound, date)));
        let (mut recommended, mut latest): (Option<SetBy>, Option<SetBy>) = (None, None);
        for (at, interval, reference) in self.intervals(planned.intervals.clone(), state, today) {
            let bound = Bound::Interval(self.at, at);
            forecast.priority |= interval.priority;
            forecast.bounds.push((bound, reference + self.length(interval.minimum)));
            let after = |length: Option<Length>| length.map(|length| (reference + self.length(length), bound));
            recommended = self.later(recommended, after(interval.recommended));
            latest = self.later(latest, after(interval.latest));
        }
        for (at, separation) in self.separations.iter().enumerate() {
            // Which product comes next is not known: where only some must keep the distance, another can be taken, if one counts.
            if separation.of.as_ref().is_some_and(|of| !self.must_be_of(planned, of, today)) {
                continue;
            }
            let together = |date: Date| separation.same_day && date == today;
            let others = state.conflicts.iter().filter(|(date, which)| *which == at && !together(*date));
            let end = others.map(|(date, _)| *date + self.length(separation.minimum)).max();
            forecast.bounds.extend(end.map(|end| (Bound::Separation(at), end)));
        }
        forecast.bounds.extend(begins.map(|(date, bound)| (bound, date)));
        // The season that comes every year is that of the day on which all else allows it.
        let allowed = forecast.bounds.iter().map(|(_, date)| *date).chain(last).fold(today, Date::max);
        let season = planned.season.map(|season| season.around(allowed));
        if let Some(from) = season.and_then(|season| season.from) {
            forecast.bounds.push((Bound::Season(self.at, place), from));
            // Where a session comes again and again, each season counts from one; else a season goes on with the count.
            if self.course.sessions.iter().any(|planned| planned.repeat) {
                forecast.number =
                    crate::narrow::u32(state.valid.iter().filter(|date| **date >= from).count()).saturating_add(1);
            }
        }
        let held_until = forecast.bounds.iter().map(|(_, date)| *date).max();
        forecast.bounds.extend(last.map(|last| (Bound::LastSession, last)));
        forecast.earliest = forecast.bounds.iter().map(|(_, date)| *date).max();
        // An age that is written wins over every interval. The best day lies neither before the earliest nor after the last of the
        // window, and it is not late before the best day.
        let recommended = at_age(|age| age.recommended).map(|date| (date, age_bound)).or(recommended);
        let latest = at_age(|age| age.latest).map(|date| (date, age_bound)).or(latest);
        let floor = |date: Date| forecast.earliest.map_or(date, |earliest| earliest.max(date));
        let maximum = at_age(|age| age.maximum);
        let last_day = maximum.map(|maximum| maximum + Duration::days(-1));
        let season_ends = season.and_then(|season| season.until).filter(|until| forecast.earliest <= Some(*until));
        let end = [last_day, season_ends].into_iter().flatten().min();
        let within = |date: Date| end.map_or(date, |end| floor(date.min(end)));
        forecast.recommended = recommended.map(|(date, _)| within(floor(date))).or(forecast.earliest);
        let not_late = |date: Date| floor(date).max(forecast.recommended.unwrap_or(date));
        forecast.past_due = latest.map(|(date, _)| not_late(date + Duration::days(-1)));
        forecast.latest = latest.map(|(date, _)| not_late(date)).into_iter().chain(end).min();
        // What comes to no later than the bounds of the earliest day sets nothing: they do.
        let sets = |found: Option<(Date, Bound)>, date: Option<Date>| {
            let found = found.filter(|(found, _)| Some(*found) > held_until);
            found.filter(|(found, _)| date.is_some_and(|date| date <= *found)).map(|(_, bound)| bound)
        };
        forecast.recommended_by = sets(recommended, forecast.recommended);
        let by_best_day = forecast.recommended_by.filter(|_| forecast.past_due == forecast.recommended);
        forecast.past_due_by = sets(latest, forecast.past_due).or(by_best_day);
        // Written out one by one, they may be those of a season that is to be renewed.
        let earliest = forecast.earliest.filter(|_| !self.course.is_series);
        let held_against = earliest.map_or(today, |earliest| earliest.max(today));
        forecast.status = if immune {
            Status::Immune
        } else if season.and_then(|season| season.until).is_some_and(|until| held_against > until) {
            Status::NotRecommended
        } else if maximum.is_some_and(|maximum| today >= maximum || forecast.earliest.is_some_and(|e| e >= maximum)) {
            Status::AgedOut
        } else {
            Status::NotComplete
        };
        forecast
    }
}

/// A date, with what set it.
type SetBy = (Date, Bound);

impl Plan<'_> {
    /// The later of two dates, each with the interval that set it; of two on one day, that of the first by name: the order of the file must
    /// not matter.
    fn later(&self, a: Option<SetBy>, b: Option<SetBy>) -> Option<SetBy> {
        let id = |bound: Bound| match bound {
            Bound::Interval(_, at) => Some(&self.course.intervals[at].id),
            _ => None,
        };
        match (a, b) {
            (Some(a), Some(b)) => Some(if b.0 > a.0 || (b.0 == a.0 && id(b.1) < id(a.1)) { b } else { a }),
            (a, b) => a.or(b),
        }
    }

    /// Whether every product that counts for a planned session is one of these.
    fn must_be_of(&self, planned: &PlannedSession, of: &Products, today: Date) -> bool {
        let is_open = |accepted: &&Accepted| self.is_open(accepted, today);
        let accepted = || planned.accept.iter().filter(is_open).flat_map(|accepted| &accepted.products.0);
        accepted().next().is_some()
            && accepted().all(|product| of.contains(*product) || planned.reject.contains(*product))
    }
}
