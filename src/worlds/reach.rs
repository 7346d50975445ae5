//! What a protocol's courses can lead to at all, whoever the patient is: what it cannot is not said to be possible.

use crate::logic::value::Value;
use crate::logic::{Number, Tri};
use crate::protocol::model::{Age, Course, PlannedSession, Season};
use crate::worlds::Scheduler;

/// Whether the courses can lead to something for anybody: unknown, where they can.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reachable {
    pub(super) over: Tri,
    pub(super) past: Tri,
    pub(super) too_early: Tri,
    pub(super) overdue: Tri,
}

impl Scheduler<'_> {
    /// The most sessions that may count, where all that were given are listed.
    pub(super) fn most_done(&self) -> Option<u32> {
        let own = self.known.given.iter().filter(|given| given.own && !given.faulty);
        (!self.known.unlisted.own()).then(|| crate::narrow::u32(own.count()))
    }

    /// Whether the sessions that were given may be all that a course has.
    fn may_be_reached(&self, course: &Course) -> bool {
        let ends = course.maximum.is_some() || course.is_series;
        let numbers = [course.planned, course.maximum].into_iter().flatten().map(|number| match self.value(number) {
            Value::Number(least, _) => least,
            _ => Number::ZERO,
        });
        let length = course.is_series.then(|| Number::from(course.sessions.len()));
        let fewest = numbers.chain(length).min();
        ends && fewest.zip(self.most_done()).is_none_or(|(fewest, most)| fewest <= most.into())
    }

    /// The pauses that may ask for a reassessment, where nothing is certain of the courses: the last session may be so long ago.
    pub(super) fn reachable_pauses(&self) -> impl Iterator<Item = (usize, usize)> {
        let own = self.known.given.iter().filter(|session| session.own).map(|session| session.date.first);
        // Of several areas, the one that was treated longest ago may be meant; else the last session counts.
        let last = if self.counted_by().is_some() { own.min() } else { own.max() };
        let is_unlisted = self.known.unlisted.own();
        let offered =
            |course: &usize| !self.protocol.courses[*course].when.is_some_and(|when| self.truth(when).is_false());
        let pauses = (0..self.protocol.courses.len()).filter(offered).flat_map(|course| self.reassessing(course));
        pauses.filter(move |(course, gap)| {
            let after = self.length(self.protocol.courses[*course].gaps[*gap].after);
            last.map_or(is_unlisted, |last| self.today > last + after)
        })
    }

    /// What the courses can lead to, where nothing is certain of them.
    pub(super) fn reachable(&self) -> Reachable {
        let protocol = self.protocol;
        let may = |is: bool| if is { Tri::Unknown } else { Tri::False };
        let any = |test: &dyn Fn(&Course) -> bool| protocol.courses.iter().any(test);
        let planned = |test: fn(&PlannedSession) -> bool| any(&|course| course.sessions.iter().any(test));
        let aged = |test: fn(&Age) -> bool| any(&|course| course.sessions.iter().any(|one| one.ages.iter().any(test)));
        let interval =
            |is_late: bool| any(&|course| course.intervals.iter().any(|one| !is_late || one.latest.is_some()));
        let ends = |planned: &PlannedSession| {
            planned.season.is_some_and(|season| match season {
                Season::Once(period) => period.until.is_some(),
                Season::Yearly { .. } => true,
            })
        };
        let immune =
            protocol.immune.is_some() || protocol.components.iter().any(|component| component.immune.is_some());
        let skips = planned(|one| one.skip.is_some());
        let allows_none = any(&|course| {
            let maximum = course.maximum.map(|maximum| self.value(maximum));
            maximum.is_some_and(|maximum| !matches!(maximum, Value::Number(least, _) if least >= 1.into()))
        });
        Reachable {
            over: may(immune || skips || any(&|course| self.may_be_reached(course))),
            past: may(skips || allows_none || aged(|age| age.maximum.is_some()) || planned(ends)),
            too_early: may(interval(false)
                || !protocol.separations.is_empty()
                || aged(|age| age.minimum.is_some())
                || planned(|one| one.season.is_some())),
            overdue: may(interval(true)
                || aged(|age| age.latest.is_some() || age.maximum.is_some())
                || planned(|one| one.season.is_some())),
        }
    }
}
