//! The course of one treatment: which recorded sessions count, and when the next is due.
//!
//! Two pure functions of known values: [`Plan::judge`] and [`Plan::forecast`]. What is not known is tried in every way by
//! [`schedule`](super::schedule).

use crate::date::{Date, Duration};

/// The rules of a course, with every condition decided and every length known.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) intervals: Vec<Distance>,
    /// The distance of each separation.
    pub(super) separations: Vec<Duration>,
    pub(super) maximum: Option<u32>,
    pub(super) grace: Duration,
    /// After a longer pause the count starts again.
    pub(super) restart_after: Option<Duration>,
}

/// A distance that applies.
#[derive(Clone, Debug)]
pub(super) struct Distance {
    /// Its place among the course's intervals.
    pub(super) interval: usize,
    pub(super) from: Anchor,
    pub(super) minimum: Duration,
    pub(super) absolute_minimum: Option<Duration>,
    pub(super) recommended: Option<Duration>,
    pub(super) latest: Option<Duration>,
}

/// What a distance is counted from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    Previous,
    First,
    Session(u32),
    Date(Date),
}

/// A recorded session, of this treatment or of another that it keeps a distance from.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) date: Date,
    /// Whether it is of this treatment.
    pub(super) own: bool,
    pub(super) faulty: bool,
    /// The separations that it takes part in: bit n is the n-th.
    pub(super) conflicts: u64,
}

/// What became of a recorded session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the session of that number.
    Valid(u32),
    /// It does not count and must be given again.
    NotValid(Vec<Bound>),
    /// The course was over.
    Extraneous,
    /// Something went wrong with it; it must be given again.
    SubStandard,
    /// It belonged to a course before a long pause.
    EarlierCourse,
}

/// What sets a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Bound {
    /// An interval, by its place in the course.
    Interval(usize),
    /// A separation, by its place in the protocol.
    Separation(usize),
    /// The day of a recorded session: the next cannot come before it.
    LastSession,
}

/// Where the course stands after the recorded sessions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    /// The dates of the sessions that count.
    pub(super) valid: Vec<Date>,
    /// The last session that is valid or not valid: what "previous" means.
    previous: Option<Date>,
    /// The last session of this treatment, whatever became of it.
    pub(super) last: Option<Date>,
    /// The other treatments' sessions: the date, and the separations they take part in.
    conflicts: Vec<(Date, u64)>,
}

/// When the next session may be given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Forecast {
    pub(super) earliest: Option<Date>,
    pub(super) recommended: Option<Date>,
    pub(super) latest: Option<Date>,
    /// Each bound's date.
    pub(super) bounds: Vec<(Bound, Date)>,
}

impl State {
    /// The sessions that count.
    pub(super) fn done(&self) -> u32 {
        self.valid.len() as u32
    }

    fn reference(&self, anchor: Anchor) -> Option<Date> {
        match anchor {
            Anchor::Previous => self.previous,
            Anchor::First => self.valid.first().copied(),
            Anchor::Session(number) => self.valid.get(number as usize - 1).copied(),
            Anchor::Date(date) => (!date.is_never()).then_some(date),
        }
    }

    /// The same, one valid session later.
    pub(super) fn with(&self, date: Date) -> State {
        let mut next = self.clone();
        next.valid.push(date);
        next.previous = Some(date);
        next.last = Some(date);
        next
    }
}

impl Plan {
    /// Judges recorded sessions, which must be in order of date.
    pub(super) fn judge(&self, given: &[Given], today: Date) -> (Vec<Option<Verdict>>, State) {
        let mut state = State::default();
        let mut verdicts: Vec<Option<Verdict>> = Vec::new();
        for session in given {
            if session.conflicts != 0 {
                state.conflicts.push((session.date, session.conflicts));
            }
            if !session.own {
                verdicts.push(None);
                continue;
            }
            self.restart(&mut state, &mut verdicts, session.date);
            let verdict = self.judge_one(&state, session);
            match &verdict {
                Verdict::Valid(_) => {
                    state.valid.push(session.date);
                    state.previous = Some(session.date);
                }
                Verdict::NotValid(_) => state.previous = Some(session.date),
                Verdict::Extraneous | Verdict::SubStandard | Verdict::EarlierCourse => {}
            }
            state.last = Some(session.date);
            verdicts.push(Some(verdict));
        }
        self.restart(&mut state, &mut verdicts, today);
        (verdicts, state)
    }

    /// Begins again, if the pause before that day was long enough.
    fn restart(&self, state: &mut State, verdicts: &mut [Option<Verdict>], day: Date) {
        if let (Some(last), Some(after)) = (state.last, self.restart_after)
            && day > last + after
        {
            verdicts.iter_mut().flatten().for_each(|verdict| *verdict = Verdict::EarlierCourse);
            let conflicts = std::mem::take(&mut state.conflicts);
            *state = State { conflicts, ..State::default() };
        }
    }

    fn judge_one(&self, state: &State, session: &Given) -> Verdict {
        if self.is_over(state) {
            return Verdict::Extraneous;
        }
        if session.faulty {
            return Verdict::SubStandard;
        }
        let too_close = self.intervals.iter().filter(|distance| {
            state.reference(distance.from).is_some_and(|reference| session.date < self.absolute(distance, reference))
        });
        let mut reasons: Vec<Bound> = too_close.map(|distance| Bound::Interval(distance.interval)).collect();
        for (at, distance) in self.separations.iter().enumerate() {
            let conflict = |(date, which): &(Date, u64)| {
                which >> at & 1 == 1 && *date < session.date && session.date < *date + *distance
            };
            if state.conflicts.iter().any(conflict) {
                reasons.push(Bound::Separation(at));
            }
        }
        if reasons.is_empty() { Verdict::Valid(state.done() + 1) } else { Verdict::NotValid(reasons) }
    }

    /// The first day on which a past session counts.
    fn absolute(&self, distance: &Distance, reference: Date) -> Date {
        match distance.absolute_minimum {
            Some(minimum) => reference + minimum,
            None => reference + distance.minimum + self.grace.negated(),
        }
    }

    /// Whether no session is open any more.
    pub(super) fn is_over(&self, state: &State) -> bool {
        self.maximum.is_some_and(|maximum| state.done() >= maximum)
    }

    /// When the next session may be given. The dates may lie in the past; there is no grace.
    pub(super) fn forecast(&self, state: &State) -> Forecast {
        let mut forecast = Forecast::default();
        let (mut recommended, mut latest) = (None, None);
        for distance in &self.intervals {
            let Some(reference) = state.reference(distance.from) else { continue };
            forecast.bounds.push((Bound::Interval(distance.interval), reference + distance.minimum));
            recommended = recommended.max(distance.recommended.map(|length| reference + length));
            latest = latest.max(distance.latest.map(|length| reference + length));
        }
        for (at, distance) in self.separations.iter().enumerate() {
            let ends =
                state.conflicts.iter().filter(|(_, which)| which >> at & 1 == 1).map(|(date, _)| *date + *distance);
            forecast.bounds.extend(ends.max().map(|end| (Bound::Separation(at), end)));
        }
        forecast.bounds.extend(state.last.map(|last| (Bound::LastSession, last)));
        forecast.earliest = forecast.bounds.iter().map(|(_, date)| *date).max();
        forecast.recommended = recommended.max(forecast.earliest);
        forecast.latest = latest.map(|latest: Date| forecast.earliest.map_or(latest, |earliest| earliest.max(latest)));
        forecast
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a date")
    }

    fn every(days: i32) -> Distance {
        Distance {
            interval: 0,
            from: Anchor::Previous,
            minimum: Duration::days(days),
            absolute_minimum: None,
            recommended: Some(Duration::days(days)),
            latest: Some(Duration::days(days + 14)),
        }
    }

    fn plan() -> Plan {
        Plan {
            intervals: vec![every(28)],
            separations: vec![Duration::days(14)],
            maximum: Some(3),
            grace: Duration::default(),
            restart_after: Some(Duration::days(365)),
        }
    }

    fn own(date: &str) -> Given {
        Given { date: day(date), own: true, faulty: false, conflicts: 0 }
    }

    fn verdicts(plan: &Plan, given: &[Given], today: &str) -> Vec<Option<Verdict>> {
        plan.judge(given, day(today)).0
    }

    #[test]
    fn a_session_that_is_too_early_restarts_the_interval() {
        let given = [own("2026-01-01"), own("2026-01-28"), own("2026-02-24"), own("2026-02-25")];
        assert_eq!(
            verdicts(&plan(), &given, "2026-03-01"),
            [
                Some(Verdict::Valid(1)),
                Some(Verdict::NotValid(vec![Bound::Interval(0)])),
                Some(Verdict::NotValid(vec![Bound::Interval(0)])),
                Some(Verdict::NotValid(vec![Bound::Interval(0)])),
            ]
        );
        let on_time = [own("2026-01-01"), own("2026-01-28"), own("2026-02-25")];
        assert_eq!(verdicts(&plan(), &on_time, "2026-03-01")[2], Some(Verdict::Valid(2)));
    }

    #[test]
    fn grace_is_for_judging_only() {
        let plan = Plan { grace: Duration::days(3), ..plan() };
        let (verdicts, state) = plan.judge(&[own("2026-01-01"), own("2026-01-26")], day("2026-02-01"));
        assert_eq!(verdicts[1], Some(Verdict::Valid(2)));
        assert_eq!(plan.forecast(&state).earliest, Some(day("2026-02-23")));
    }

    #[test]
    fn faulty_and_extra_sessions() {
        let faulty = Given { faulty: true, ..own("2026-02-01") };
        let given = [own("2026-01-01"), faulty, own("2026-03-01"), own("2026-04-01"), own("2026-05-01")];
        let (verdicts, state) = plan().judge(&given, day("2026-05-02"));
        assert_eq!(
            verdicts[1..],
            [Some(Verdict::SubStandard), Some(Verdict::Valid(2)), Some(Verdict::Valid(3)), Some(Verdict::Extraneous)]
        );
        assert!(plan().is_over(&state));
    }

    #[test]
    fn a_separation_holds_back_and_judges() {
        let filler = Given { date: day("2026-01-20"), own: false, faulty: false, conflicts: 1 };
        let (verdicts, state) = plan().judge(&[own("2026-01-01"), filler, own("2026-02-01")], day("2026-02-10"));
        assert_eq!(verdicts[2], Some(Verdict::NotValid(vec![Bound::Separation(0)])));
        assert_eq!(plan().forecast(&state).earliest, Some(day("2026-03-01")));
    }

    #[test]
    fn more_than_the_gap_starts_again() {
        let on_the_day = plan().judge(&[own("2025-01-01")], day("2026-01-01")).1;
        assert_eq!(on_the_day.done(), 1);
        let a_day_later = plan().judge(&[own("2025-01-01")], day("2026-01-02"));
        assert_eq!(a_day_later.0, [Some(Verdict::EarlierCourse)]);
        assert_eq!(plan().forecast(&a_day_later.1).earliest, None);
    }
}
