//! How old an answer may be on a day.

use crate::date::{Date, DateRange, Duration};
use crate::logic::value::Value;
use crate::patient::Record;
use crate::protocol::Dictionary;
use crate::protocol::dictionary::{Fact, Validity};

/// Which answers to a question are not too old, on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fresh {
    /// All.
    Always,
    /// Those taken on this day or later.
    From(Date),
    /// Those taken after the last session.
    AfterSession,
}

impl Fresh {
    /// What is fresh on a day.
    pub(crate) fn on(today: Date, valid_for: Validity) -> Fresh {
        match valid_for {
            Validity::Forever => Fresh::Always,
            Validity::Visit => Fresh::From(today),
            Validity::Session => Fresh::AfterSession,
            Validity::For(duration) => Fresh::From(first_fresh(today, duration)),
        }
    }

    /// The first day from which an answer is not too old, whatever the sessions.
    pub(crate) fn first_day(self) -> Date {
        match self {
            Fresh::From(first) => first,
            Fresh::Always | Fresh::AfterSession => Date::MIN,
        }
    }
}

/// The first day from which an answer is not too old on a day, as far as the calendar tells.
#[cfg(feature = "interview")]
pub(crate) fn first_fresh_day(today: Date, valid_for: Validity) -> Date {
    Fresh::on(today, valid_for).first_day()
}

impl Record {
    /// The facts that it has an answer to, be it that it was declined.
    pub fn told<'d>(&self, dictionary: &'d Dictionary) -> impl Iterator<Item = &'d str> {
        let answers = dictionary.facts.iter().zip(&self.answers);
        answers.filter(|(_, answer)| answer.is_some()).map(|(fact, _)| fact.name.as_str())
    }

    /// The answers that are too old on a day by the calendar alone, with the day on which each was taken; what is asked again after a session
    /// depends on the treatment.
    pub fn expired<'d>(&self, dictionary: &'d Dictionary, day: Date) -> Vec<(&'d Fact, Date)> {
        let answers = dictionary.facts.iter().zip(&self.answers);
        answers
            .filter_map(|(fact, answer)| {
                Some((fact, answer.as_ref().filter(|answer| answer.value != Value::Unknown)?.on?))
            })
            .filter(|(fact, on)| *on < Fresh::on(day, fact.valid_for).first_day())
            .collect()
    }
}

/// The last day on which a session of some may have been, for what is asked again after it; none if there was none. Where there may have
/// been more than are listed, one may have been as late as yesterday: only what is answered today is surely answered after it.
pub(crate) fn last_session(
    sessions: impl Iterator<Item = DateRange>,
    are_all_listed: bool,
    today: Date,
) -> Option<Date> {
    let unlisted = (!are_all_listed).then(|| today + Duration::days(-1));
    sessions.map(|session| last_day(session, today)).max().max(unlisted)
}

/// The last day on which a session may have been. Whoever treats today notes the day: a session of which only the month is known was
/// before, as long as that can be. Else what is answered today would be asked again today.
fn last_day(session: DateRange, today: Date) -> Date {
    if session.is_partial() { session.last.min(today + Duration::days(-1)).max(session.first) } else { session.last }
}

/// The first day from which an answer is not too old: the first that lies no more than the duration back.
fn first_fresh(today: Date, duration: Duration) -> Date {
    let (mut stale, mut fresh) = (Date::MIN.day() - 1, today.day());
    while fresh - stale > 1 {
        let middle = stale + (fresh - stale) / 2;
        if today > Date::from_day(middle) + duration { stale = middle } else { fresh = middle }
    }
    Date::from_day(fresh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_of_a_validity_is_fresh() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        let six_months = Fresh::on(day("2026-03-01"), Validity::For("6 months".parse().expect("a duration")));
        // Six months after 31 August is the first of March, since February has no such day.
        assert_eq!(six_months, Fresh::From(day("2025-08-29")));
        assert_eq!(Fresh::on(day("2026-03-01"), Validity::Visit), Fresh::From(day("2026-03-01")));
    }

    #[test]
    fn an_unlisted_session_was_yesterday_at_the_latest() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        let (today, listed) = (day("2026-03-15"), DateRange::from(day("2026-02-01")));
        let last = |are_all_listed| last_session([listed].into_iter(), are_all_listed, today);
        assert_eq!(last(true), Some(day("2026-02-01")));
        assert_eq!(last(false), Some(day("2026-03-14")));
        assert_eq!(last_session(std::iter::empty(), true, today), None);
        assert_eq!(last_session([today.into()].into_iter(), false, today), Some(today));
    }

    #[test]
    fn a_session_of_this_month_was_before_today() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        let march = DateRange { first: day("2026-03-01"), last: day("2026-03-31") };
        assert_eq!(last_day(march, day("2026-03-15")), day("2026-03-14"));
        assert_eq!(last_day(march, day("2026-04-15")), day("2026-03-31"));
        assert_eq!(last_day(march, day("2026-03-01")), day("2026-03-01"));
        assert_eq!(last_day(day("2026-03-15").into(), day("2026-03-15")), day("2026-03-15"));
    }
}
