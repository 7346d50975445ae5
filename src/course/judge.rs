//! Which recorded sessions count.

use crate::course::{At, Early, Fault, Given, Past, Plan, State, Verdict, ages};
use crate::date::{Date, Duration};
use crate::patient::Entry;
use crate::protocol::model::{Accepted, Faulty, GapAction, PlannedSession, Reference};

/// What was looked at for one bound of one recorded session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// The session's place among those given.
    pub(crate) session: usize,
    /// What would be wrong if it does not hold.
    pub(crate) fault: Fault,
    /// The number of the planned session, from 1.
    pub(crate) planned: usize,
    /// Whether it is one of the second chances.
    pub(crate) allow: bool,
    /// The date that it is counted from.
    pub(crate) reference: Option<Date>,
    /// The first (or, of the oldest age, the first that is too late) day.
    pub(crate) bound: Option<Date>,
    /// Whether it holds.
    pub(crate) holds: bool,
}

/// The verdicts and where the course stands after them.
pub(crate) struct Judged {
    /// For each session given, what became of it; none for other treatments'.
    pub(crate) verdicts: Vec<Option<Verdict>>,
    /// How much too early it was, if it counts all the same.
    pub(crate) early: Vec<Option<Early>>,
    pub(crate) state: State,
}

/// Where the checks of one session are written down, if anywhere.
struct Notebook<'n> {
    checks: Option<&'n mut Vec<Check>>,
    session: usize,
    planned: usize,
}

impl Notebook<'_> {
    fn note(&mut self, fault: Fault, allow: bool, reference: Option<Date>, bound: Option<Date>, holds: bool) {
        if let Some(checks) = self.checks.as_deref_mut() {
            let (session, planned) = (self.session, self.planned);
            checks.push(Check { session, fault, planned, allow, reference, bound, holds });
        }
    }
}

impl Plan<'_> {
    /// Judges recorded sessions, which must be in order of date. Every check is written to `checks`, if there are any.
    pub(crate) fn judge(&self, given: &[Given], today: Date, mut checks: Option<&mut Vec<Check>>) -> Judged {
        let mut state = State::default();
        let mut verdicts: Vec<Option<Verdict>> = Vec::with_capacity(given.len());
        let mut early = vec![None; given.len()];
        for (at, session) in given.iter().enumerate() {
            let entry = if self.course.is_series { session.in_series } else { session.entry };
            if entry == Entry::NotedTwice {
                verdicts.push(None);
                continue;
            }
            state.conflicts.extend(session.conflicts.iter().map(|separation| (session.date, *separation)));
            if !session.own || !session.judged {
                if session.own {
                    state.history.push(past(session, false, false));
                }
                verdicts.push(None);
                continue;
            }
            let restarts_complete = self.course.restart_when_complete.is_some();
            self.restart(&mut state, &mut verdicts, (session.date, true), restarts_complete);
            if self.is_noted_before(&state, session) {
                state.history.push(past(session, false, false));
                verdicts.push(Some(Verdict::SameSession));
                continue;
            }
            state.pass(Some(session.date));
            let notebook = Notebook { checks: checks.as_deref_mut(), session: at, planned: 0 };
            let verdict = self.judge_one(&mut state, session, notebook, &mut early[at]);
            let rejected = matches!(&verdict, Verdict::NotValid(faults) if faults.contains(&Fault::Rejected));
            match &verdict {
                Verdict::Valid(_) => {
                    self.place(&mut state, Some(session.date));
                    state.previous = Some(session.date);
                }
                // Bounds of their own judge each entry by itself; else those of a day are one session.
                Verdict::NotValid(_) if !rejected && self.course.is_series => state.previous = Some(session.date),
                Verdict::NotValid(_) if !rejected => state.without_success = Some(session.date),
                Verdict::SubStandard if self.course.faulty == Faulty::StartsInterval => {
                    state.without_success = Some(session.date)
                }
                _ => {}
            }
            state.history.push(past(session, matches!(verdict, Verdict::Valid(_)), rejected));
            state.last = Some(session.date);
            verdicts.push(Some(verdict));
        }
        self.restart(&mut state, &mut verdicts, (today, false), self.restarts_complete);
        state.pass(None);
        Judged { verdicts, early, state }
    }

    /// Begins again, if the pause before that day was long enough; after a course that is complete, only where that is wanted.
    fn restart(
        &self,
        state: &mut State,
        verdicts: &mut [Option<Verdict>],
        (date, judging): (Date, bool),
        restarts_complete: bool,
    ) {
        if self.restart_day(state).is_some_and(|(_, day)| date >= day)
            && let Some(begun) = self.begun_again(state, (date, judging), restarts_complete)
        {
            verdicts.iter_mut().flatten().for_each(|verdict| *verdict = Verdict::EarlierCourse);
            *state = begun;
        }
    }

    /// The first day on which the pause since the last session begins the count again, and the pause, by its place: of several, the first
    /// that is over.
    pub(crate) fn restart_day(&self, state: &State) -> Option<(usize, Date)> {
        self.pause_over(state.last?)
    }

    /// The same of a pause since a day.
    pub(super) fn pause_over(&self, last: Date) -> Option<(usize, Date)> {
        let gaps = self.course.gaps.iter().enumerate().filter(|(_, gap)| gap.action == GapAction::Restart);
        let over = gaps.map(|(at, gap)| (at, last + self.length(gap.after) + Duration::days(1)));
        over.min_by_key(|(_, day)| *day)
    }

    /// Where the course stands on a day on which a pause has begun it again; none: it was complete, and goes on.
    pub(crate) fn begun_again(
        &self,
        state: &State,
        (date, judging): (Date, bool),
        restarts_complete: bool,
    ) -> Option<State> {
        let was_complete = self.is_complete(&At { plan: self, state, date, judging });
        let conflicts = state.conflicts.clone();
        (!was_complete || restarts_complete).then(|| State {
            conflicts,
            before: state.last,
            was_complete,
            ..State::default()
        })
    }

    /// Whether an entry is counted with one before it on its day: where sessions are alike, those of one day are one. Bounds of their own
    /// tell sessions of one day apart.
    fn is_noted_before(&self, state: &State, session: &Given) -> bool {
        let mut on_the_day = state.history.iter().rev().take_while(|past| past.date == session.date);
        let is_one = match session.entry {
            Entry::Alike => on_the_day.any(|past| past.judged),
            Entry::Session => !session.faulty && on_the_day.any(|past| past.judged && past.valid),
            Entry::Separate | Entry::NotedTwice => false,
        };
        is_one && !self.course.is_series
    }

    fn judge_one(
        &self,
        state: &mut State,
        session: &Given,
        mut notebook: Notebook<'_>,
        early: &mut Option<Early>,
    ) -> Verdict {
        // What is not needed on the session's own day is passed over, and the session is held against the next.
        while self.planned_session(state.pointer).is_some_and(|planned| planned.skip.is_some()) {
            let at = At { plan: self, state, date: session.date, judging: true };
            if !(self.skips)(state.pointer, &at) {
                break;
            }
            self.place(state, None);
        }
        let planned = match self.planned_session(state.pointer) {
            Some(planned) if !self.is_over(state) => planned,
            _ => return Verdict::Extraneous(Vec::new()),
        };
        if session.faulty {
            return Verdict::SubStandard;
        }
        notebook.planned = state.pointer + 1;
        let mut faults = Vec::new();
        if session.product.is_some_and(|product| planned.reject.contains(product)) {
            faults.push(Fault::Rejected);
        }
        self.judge_age(planned, session, &mut notebook, &mut faults);
        *early = self.judge_intervals(planned, state, session, &mut notebook, &mut faults);
        self.judge_separations(state, session, &mut notebook, &mut faults);
        if !self.is_accepted(planned, session) {
            faults.push(Fault::Product);
        }
        if faults.is_empty() {
            Verdict::Valid(state.done() + 1)
        } else if faults.contains(&Fault::TooOld) && !faults.contains(&Fault::Rejected) {
            Verdict::Extraneous(faults)
        } else {
            Verdict::NotValid(faults)
        }
    }

    fn judge_age(
        &self,
        planned: &PlannedSession,
        session: &Given,
        notebook: &mut Notebook<'_>,
        faults: &mut Vec<Fault>,
    ) {
        let (Some(birth), Some(age)) = (self.birth, ages(planned, session.date)) else { return };
        let grace = self.length(self.course.grace).negated();
        let youngest =
            self.at_age(age.absolute_minimum).or_else(|| self.at_age(age.minimum).map(|minimum| minimum + grace));
        let ends = [(Fault::TooYoung, youngest), (Fault::TooOld, self.at_age(age.maximum))];
        for (fault, end) in ends {
            let Some(end) = end else { continue };
            let holds = (session.date >= end) == (fault == Fault::TooYoung);
            notebook.note(fault, false, Some(birth), Some(end), holds);
            if !holds {
                faults.push(fault);
            }
        }
    }

    fn judge_intervals(
        &self,
        planned: &PlannedSession,
        state: &State,
        session: &Given,
        notebook: &mut Notebook<'_>,
        faults: &mut Vec<Fault>,
    ) -> Option<Early> {
        let before = faults.len();
        let mut early: Option<Early> = None;
        for at in planned.intervals.clone() {
            let interval = &self.course.intervals[at];
            let Some(reference) = self.counted_from(at, state, session, notebook.checks.is_some()) else { continue };
            let first = self.course.first_valid_day(interval, reference, self.parameters);
            notebook.note(Fault::Interval(self.at, at), false, Some(reference), Some(first), session.date >= first);
            if session.date >= first {
                continue;
            }
            if self.course.counts_early(at) {
                // Whether a condition held on that day is not known: nothing is said of it.
                if interval.when.is_some() {
                    continue;
                }
                let days = (reference + self.length(interval.minimum)).day() - session.date.day();
                let days = u32::try_from(days).unwrap_or(0);
                early = early.filter(|other| other.days >= days).or(Some(Early { days, interval: at }));
            } else {
                faults.push(Fault::Interval(self.at, at));
            }
        }
        if faults.len() > before && !planned.allow.is_empty() {
            let mut all = true;
            for (at, interval, reference) in self.intervals(planned.allow.clone(), state, session.date) {
                let first = self.course.first_valid_day(interval, reference, self.parameters);
                notebook.note(Fault::Interval(self.at, at), true, Some(reference), Some(first), session.date >= first);
                all &= session.date >= first;
            }
            if all {
                faults.truncate(before);
            }
        }
        early
    }

    /// The date from which an interval is counted for a recorded session; none: it does not apply to it. What may have been
    /// otherwise is as it was on the session's day. With `all`, also where the session was late enough whatever held then.
    fn counted_from(&self, at: usize, state: &State, session: &Given, all: bool) -> Option<Date> {
        let interval = &self.course.intervals[at];
        if self.looks_back[at].is_none() {
            let (_, _, reference) = self.intervals(at..at + 1, state, session.date).next()?;
            // What had not happened yet, no session was too early after.
            let is_to_come = matches!(interval.from, Reference::Date(_)) && reference > session.date;
            return Some(reference).filter(|_| self.course.is_series || !is_to_come);
        }
        if !interval.in_force.contains(session.date) {
            return None;
        }
        let is_date = matches!(interval.from, Reference::Date(_));
        let reference = if is_date { None } else { Some(self.reference(at, interval, state)?) };
        if !all
            && reference.is_some_and(|reference| {
                session.date >= self.course.first_valid_day(interval, reference, self.parameters)
            })
        {
            return None;
        }
        let held = (self.then)(at, session);
        reference.or(held.reference).filter(|_| held.applies)
    }

    fn judge_separations(&self, state: &State, session: &Given, notebook: &mut Notebook<'_>, faults: &mut Vec<Fault>) {
        for (at, separation) in self.separations.iter().enumerate() {
            let concerns = match (&separation.of, session.product) {
                (Some(of), Some(product)) => of.contains(product),
                _ => true,
            };
            let others = state.conflicts.iter().filter(|(date, which)| *which == at && *date < session.date);
            let Some(latest) = others.map(|(date, _)| *date).max().filter(|_| concerns) else { continue };
            let first = latest + self.length(separation.absolute_minimum.unwrap_or(separation.minimum));
            notebook.note(Fault::Separation(at), false, Some(latest), Some(first), session.date >= first);
            if session.date < first {
                faults.push(Fault::Separation(at));
            }
        }
    }

    fn is_accepted(&self, planned: &PlannedSession, session: &Given) -> bool {
        let Some(product) = session.product.filter(|_| !planned.accept.is_empty()) else { return true };
        planned
            .accept
            .iter()
            .any(|accepted| accepted.products.contains(product) && self.is_open(accepted, session.date))
    }

    /// Whether the patient is of an age on a day at which these products count.
    pub(super) fn is_open(&self, accepted: &Accepted, day: Date) -> bool {
        self.at_age(accepted.from).is_none_or(|from| day >= from)
            && self.at_age(accepted.before).is_none_or(|before| day < before)
    }
}

fn past(session: &Given, valid: bool, rejected: bool) -> Past {
    Past { date: session.date, product: session.product, judged: session.judged, valid, rejected }
}
