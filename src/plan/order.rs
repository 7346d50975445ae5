//! The earliest order in which what is wanted can be done: all orders are tried, as far as they are not worse already than the best so
//! far.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::trial::{Trial, Visit};
use super::{Impossible, PlannedSession, Wanted};
use crate::date::Date;
use crate::recommendation::Status;

/// A session by its place among the trials, with its day.
type Step = (Date, usize);

/// In which order what is wanted can be done.
pub(super) fn wanted(trials: &mut [Trial<'_>], wanted: &[usize], as_of: Date, until: Date) -> Wanted {
    let mut wanted = wanted.to_vec();
    wanted.sort_by(|a, b| trials[*a].protocol.id.cmp(&trials[*b].protocol.id));
    let mut impossible = Vec::new();
    let mut search = Search { trials, wanted, until, best: None, seen: HashSet::new() };
    search.extend(&mut Vec::new(), as_of);
    let Search { trials, wanted, best, .. } = search;
    let sessions = best.unwrap_or_default();
    if sessions.is_empty() {
        for at in &wanted {
            if trials[*at].first_day(&[], as_of, until).is_none() {
                let status = trials[*at].stands(&[], as_of).map_or(Status::Undetermined, |(status, _)| status);
                impossible.push(Impossible { protocol: trials[*at].protocol.id.clone(), status });
            }
        }
    }
    let planned = |trials: &mut [Trial<'_>], (date, at): Step| {
        let steps = || sessions.iter().copied().filter(|(other, _)| *other < date);
        let before = visits(trials, steps());
        let eve = date.plus_days(-1);
        let held = (date > as_of).then(|| trials[at].stands(&before, eve)).flatten();
        let is_free = held.as_ref().is_some_and(|(status, _)| status.is_treat());
        let not_with = steps().filter(|(day, _)| is_free && *day == eve);
        let not_with = not_with.map(|(_, other)| trials[other].protocol.id.clone()).collect();
        let waited_for = held.filter(|_| !is_free).map(|(_, because)| because).unwrap_or_default();
        let trial = &trials[at];
        let (protocol, title) = (trial.protocol.id.clone(), trial.protocol.title.clone());
        PlannedSession { date, protocol, title, waited_for, not_with, to_be_confirmed: trial.to_be_confirmed(date) }
    };
    Wanted {
        protocols: wanted.iter().map(|at| trials[*at].protocol.id.clone()).collect(),
        sessions: sessions.iter().map(|step| planned(trials, *step)).collect(),
        impossible,
    }
}

fn visits(trials: &[Trial<'_>], steps: impl Iterator<Item = Step>) -> Vec<Visit> {
    steps.map(|(date, at)| trials[at].visit(date)).collect()
}

struct Search<'s, 'a> {
    trials: &'s mut [Trial<'a>],
    /// By id.
    wanted: Vec<usize>,
    until: Date,
    best: Option<Vec<Step>>,
    /// What has been gone on from. Sessions of one day make no order.
    seen: HashSet<Vec<Step>>,
}

impl Search<'_, '_> {
    /// Tries everything that can follow some sessions, of which the last is on a day.
    fn extend(&mut self, steps: &mut Vec<Step>, day: Date) {
        let mut key = steps.clone();
        key.sort_unstable();
        if !self.seen.insert(key) {
            return;
        }
        if steps.len() == self.wanted.len() {
            let mut sessions = steps.clone();
            sessions.sort_by(|a, b| self.by_day_and_id(a, b));
            if self.best.as_ref().is_none_or(|best| self.compare(&sessions, best).is_lt()) {
                self.best = Some(sessions);
            }
            return;
        }
        let open: Vec<usize> =
            self.wanted.iter().copied().filter(|at| steps.iter().all(|(_, other)| other != at)).collect();
        let end = self.best.as_ref().and_then(|best| best.last()).map_or(self.until, |(day, _)| *day);
        let mut next: Vec<Step> =
            open.into_iter().filter_map(|at| self.first_day(steps, at, day, end).map(|day| (day, at))).collect();
        next.sort_by(|a, b| self.by_day_and_id(a, b));
        for step in next {
            steps.push(step);
            self.extend(steps, step.0);
            steps.pop();
        }
    }

    /// The first day on which a session is permitted after others, and they with it, where they are on the same day.
    fn first_day(&mut self, steps: &[Step], at: usize, from: Date, until: Date) -> Option<Date> {
        let mut day = from;
        while day <= until {
            let others = visits(self.trials, steps.iter().copied());
            if self.trials[at].permits(&others, day) {
                let with_this = || steps.iter().copied().chain([(day, at)]);
                let permitted = |(_, one): &Step| {
                    let rest = visits(self.trials, with_this().filter(|(_, other)| other != one));
                    self.trials[*one].permits(&rest, day)
                };
                if steps.iter().filter(|(other, _)| *other == day).all(permitted) {
                    return Some(day);
                }
            }
            day = day.plus_days(1);
        }
        None
    }

    fn by_day_and_id(&self, a: &Step, b: &Step) -> Ordering {
        let id = |at: usize| &self.trials[at].protocol.id;
        a.0.cmp(&b.0).then_with(|| id(a.1).cmp(id(b.1)))
    }

    /// The earlier end, then the earlier sessions, then the ids.
    fn compare(&self, a: &[Step], b: &[Step]) -> Ordering {
        let days = |steps: &[Step]| steps.iter().map(|(day, _)| *day).collect::<Vec<_>>();
        let ids = |steps: &[Step]| steps.iter().map(|(_, at)| self.trials[*at].protocol.id.clone()).collect::<Vec<_>>();
        let end = |steps: &[Step]| steps.last().map(|(day, _)| *day);
        end(a).cmp(&end(b)).then_with(|| days(a).cmp(&days(b))).then_with(|| ids(a).cmp(&ids(b)))
    }
}
