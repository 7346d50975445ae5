//! Whether another length of time in a course changes nothing for anybody: because it is never read, or because another always decides.

use crate::course::ages;
use crate::course::reads::{Forecasts, forecasts, is_offered_later, reads_minimum};
use crate::date::{Date, Duration};
use crate::mutation::change::{Bounds, LengthOf, lengths};
use crate::mutation::copies::is_hidden;
use crate::protocol::Protocol;
use crate::protocol::model::{Age, Interval, Length, Period, PlannedSession, ProtocolModel};

/// Whether a length of time, by its place among all, may be another.
pub(super) fn is_equivalent(protocol: &Protocol, at: usize, other: Length) -> bool {
    let mut model = (**protocol).clone();
    let mut is_idle = |length: Option<Length>| {
        let Some((of, place)) = lengths(&mut model).into_iter().nth(at) else { return false };
        length.into_iter().for_each(|length| *place = length);
        is_idle(&of, &model)
    };
    // All lengths at which it is idle lead to one answer.
    is_idle(None) && is_idle(Some(other))
}

fn is_idle(of: &LengthOf, model: &ProtocolModel) -> bool {
    match of.bounds {
        Bounds::Course(at) => of.name == "offer_from" && !is_offered_later(&model.courses, at),
        Bounds::Interval(course, at) => is_idle_interval(of.name, model, (course, at)),
        Bounds::Age(course, session, at) => {
            let shows_dates = shows_dates(model, course, session);
            let is_next = forecasts(&model.courses, course, session) > Forecasts::Nothing;
            is_idle_age(of.name, &model.courses[course].sessions[session], at, (is_next, shows_dates))
        }
        Bounds::Other => false,
    }
}

/// Whether more is read of the forecast of a planned session than its earliest day.
fn shows_dates(model: &ProtocolModel, course: usize, session: usize) -> bool {
    forecasts(&model.courses, course, session) == Forecasts::Dates && !is_hidden(model, course, session)
}

fn is_idle_interval(name: &str, model: &ProtocolModel, (course, at): (usize, usize)) -> bool {
    let courses = &model.courses;
    let interval = &courses[course].intervals[at];
    let sessions = courses[course].sessions.iter().enumerate();
    let mut forecast =
        sessions.filter(|(session, planned)| planned.intervals.contains(&at) && shows_dates(model, course, *session));
    match name {
        // A session that was given is held against the absolute minimum.
        "minimum" => interval.absolute_minimum.is_some() && !reads_minimum(courses, course, at),
        // An age that is written wins; and no day is before the earliest.
        "recommended" => {
            is_before(interval.recommended, Some(interval.minimum))
                || forecast.all(|(_, planned)| is_always_at_age(planned, interval, |age| age.recommended.is_some()))
        }
        "latest" => {
            is_before(interval.latest, Some(interval.minimum))
                || forecast.all(|(_, planned)| is_always_at_age(planned, interval, |age| age.latest.is_some()))
        }
        _ => false,
    }
}

fn is_idle_age(name: &str, planned: &PlannedSession, at: usize, (is_next, shows_dates): (bool, bool)) -> bool {
    let age = &planned.ages[at];
    match name {
        "minimum age" => age.absolute_minimum.is_some() && !is_next,
        "recommended age" => !shows_dates || is_before(age.recommended, age.minimum),
        "latest age" => {
            // A session is not late before its best day, which is that age where nothing ends before.
            let is_best_day = planned.season.is_none() && age.maximum.is_none();
            !shows_dates
                || is_before(age.latest, age.minimum)
                || (is_best_day && is_before(age.latest, age.recommended))
        }
        _ => false,
    }
}

/// Whether a length of time is written and on no day longer than another.
fn is_before(one: Option<Length>, other: Option<Length>) -> bool {
    match (one, other) {
        (Some(Length::Fixed(one)), Some(Length::Fixed(other))) => is_never_longer(one, other),
        // A clinic may set a parameter.
        _ => false,
    }
}

/// Whether a length of time leads no further than another, whatever day both are counted from. A month more or less is 28 to 31 days.
fn is_never_longer(one: Duration, other: Duration) -> bool {
    let months = i64::from(other.months) - i64::from(one.months);
    let days = i64::from(other.days) - i64::from(one.days);
    days + months * if months > 0 { 28 } else { 31 } >= 0
}

/// Whether on every day on which an interval is in force, the session's age of that day says something.
fn is_always_at_age(planned: &PlannedSession, interval: &Interval, says: impl Fn(&Age) -> bool) -> bool {
    let periods = planned.ages.iter().map(|age| age.in_force).chain([interval.in_force]);
    let begin = |period: Period| [period.from, period.until.map(|until| until.plus_days(1))];
    let mut days = periods.flat_map(begin).flatten().chain([Date::MIN]);
    days.all(|day| !interval.in_force.contains(day) || ages(planned, day).is_some_and(&says))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_never_longer_where_it_leads_no_further_from_any_day() {
        let lengths: Vec<Duration> = [0, 1, 2, 3, 11, 12, 13]
            .into_iter()
            .flat_map(|months| [-4, 0, 1, 27, 28, 29, 31, 56, 62].map(|days| Duration::new(months, days)))
            .collect();
        let first: Date = "2023-01-01".parse().expect("a day");
        for one in &lengths {
            for other in lengths.iter().filter(|other| is_never_longer(*one, **other)) {
                // Four years and a day: with the 29th of February, and without.
                for day in (0..=1461).map(|days| first.plus_days(days)) {
                    assert!(day + *one <= day + *other, "{day} + {one} > {day} + {other}");
                }
            }
        }
        let days = Duration::days;
        assert!(is_never_longer(days(28), Duration::new(1, 0)));
        assert!(!is_never_longer(Duration::new(1, 0), days(30)));
        assert!(is_never_longer(Duration::new(599, 0), Duration::new(600, 0)));
    }
}
