//! The first permitted day of a patient who is deferred, as far as it is known.

use crate::date::{Date, DateRange};
use crate::logic::Tri;
use crate::logic::value::Value;

/// All that holds back or may do so, each with the days on which its wait may be over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waits {
    /// Whether something certainly holds back that has no day.
    endless: bool,
    /// Whether something may hold back of which no day can be said.
    may_be_endless: bool,
    /// The first day on which all that certainly holds back may be over.
    soonest: Option<Date>,
    /// The last day on which anything may be over that has one.
    latest: Option<Date>,
    /// Whether something counts from a day that nobody can say yet: `latest` may come to be later.
    may_be_later: bool,
}

/// What is said of the first permitted day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FirstDay {
    /// The day, where nothing can move it.
    pub(crate) not_before: Option<Date>,
    /// Else the day before which it certainly is not,
    pub(crate) no_sooner_than: Option<Date>,
    /// and the latest that it may come to; none where that cannot be said.
    pub(crate) no_later_than: Option<Date>,
}

impl Waits {
    pub(crate) const NONE: Waits =
        Waits { endless: false, may_be_endless: false, soonest: None, latest: None, may_be_later: false };

    /// Adds something that holds back until a day, or may. Where that day is not known, it is as if it had none, but that it will put off
    /// what comes after it.
    pub(crate) fn add_dated(&mut self, holds: Tri, over: Option<DateRange>) {
        self.may_be_later |= !holds.is_false() && over.is_none_or(|over| over.last == Date::MAX);
        self.add(holds, over);
    }

    /// Adds something that holds back, or may.
    pub(crate) fn add(&mut self, holds: Tri, over: Option<DateRange>) {
        match (holds, over) {
            (Tri::False, _) => {}
            (Tri::True, None) => self.endless = true,
            (Tri::Unknown, None) => self.may_be_endless = true,
            (_, Some(over)) => {
                if holds.is_true() {
                    self.soonest = self.soonest.max(Some(over.first));
                }
                // A wait of unknown length reaches the end of the calendar.
                let is_endless = over.last == Date::MAX;
                self.may_be_endless |= is_endless;
                self.latest = self.latest.max(Some(if is_endless { over.first } else { over.last }));
            }
        }
    }

    /// Whether it cannot be said how late it may become, whatever else may hold back.
    pub(crate) fn has_no_last_day(&self) -> bool {
        self.endless || self.may_be_endless
    }

    /// Whether the last day on which anything may be over that has one, or will have, may come to be later than is known now.
    pub(crate) fn may_be_later(&self) -> bool {
        self.may_be_later
    }

    /// Whether something leaves the first permitted day open: it may put it off beyond the day on which the rest may be over.
    pub(crate) fn is_moved_by(&self, holds: Tri, over: Option<DateRange>) -> bool {
        match (holds, over) {
            (Tri::False, _) | (Tri::True, None) => false,
            (Tri::Unknown, None) => true,
            (_, Some(over)) => Some(over.last) > self.soonest,
        }
    }

    /// Whether something that is not known can move the first permitted day.
    pub(crate) fn is_open(&self) -> bool {
        self.may_be_endless || self.latest > self.soonest
    }

    /// The last day on which anything may be over that has one.
    pub(crate) fn latest(&self) -> Option<Date> {
        self.latest
    }

    /// What is said of the first permitted day of somebody who is deferred.
    pub(crate) fn first_day(&self) -> FirstDay {
        let has_no_last_day = self.has_no_last_day();
        if !has_no_last_day && self.soonest == self.latest {
            return FirstDay { not_before: self.latest, ..FirstDay::default() };
        }
        let no_later_than = self.latest.filter(|_| !has_no_last_day);
        FirstDay { not_before: None, no_sooner_than: self.soonest, no_later_than }
    }
}

/// The days on which a wait may be over; none: it has none, or nobody knows.
pub(crate) fn days(value: Value) -> Option<DateRange> {
    match value {
        Value::Date(range) if !range.last.is_never() => Some(range),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i8) -> Date {
        Date::new(2026, 3, day).expect("a day")
    }

    fn told(waits: &[(Tri, Option<(i8, i8)>)]) -> [Option<Date>; 3] {
        let mut all = Waits::NONE;
        let range = |(first, last)| DateRange { first: day(first), last: day(last) };
        waits.iter().for_each(|(holds, over)| all.add(*holds, over.map(range)));
        let FirstDay { not_before, no_sooner_than, no_later_than } = all.first_day();
        [not_before, no_sooner_than, no_later_than]
    }

    #[test]
    fn a_day_is_told_as_the_first_only_if_nothing_can_move_it() {
        let (yes, open, no) = (Tri::True, Tri::Unknown, Tri::False);
        let on = |one| Some((one, one));
        assert_eq!(told(&[(yes, on(12)), (no, on(20)), (no, None)]), [Some(day(12)), None, None]);
        assert_eq!(told(&[(yes, on(12)), (open, on(12)), (open, Some((3, 9)))]), [Some(day(12)), None, None]);
        assert_eq!(told(&[(yes, on(12)), (open, on(20))]), [None, Some(day(12)), Some(day(20))]);
        assert_eq!(told(&[(yes, on(12)), (open, None), (open, on(20))]), [None, Some(day(12)), None]);
        assert_eq!(told(&[(yes, on(12)), (yes, None)]), [None, Some(day(12)), None]);
        assert_eq!(told(&[(yes, None), (open, on(20))]), [None; 3]);
        let mut endless = Waits::NONE;
        endless.add(yes, Some(DateRange { first: day(12), last: Date::MAX }));
        assert_eq!(endless.first_day(), FirstDay { no_sooner_than: Some(day(12)), ..FirstDay::default() });
        // A month: all its days are possible, unless another wait covers them.
        assert_eq!(told(&[(yes, Some((12, 20)))]), [None, Some(day(12)), Some(day(20))]);
        assert_eq!(told(&[(yes, Some((12, 20))), (yes, on(25))]), [Some(day(25)), None, None]);
        assert_eq!(told(&[(yes, Some((12, 20))), (yes, Some((14, 16)))]), [None, Some(day(14)), Some(day(20))]);
    }
}
