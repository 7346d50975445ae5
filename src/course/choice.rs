//! Which of several courses a patient is on.

use crate::course::{Early, Forecast, State, Status, Verdict};
use crate::date::Date;
use crate::recommendation::WhyChosen;

/// A course with what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// The course, by its place in the protocol.
    pub(crate) course: usize,
    pub(crate) verdicts: Vec<Option<Verdict>>,
    /// How much too early each session was that counts all the same.
    pub(crate) early: Vec<Option<Early>>,
    pub(crate) state: State,
    pub(crate) forecast: Forecast,
    /// How many planned sessions are still to come.
    pub(crate) remaining: u32,
}

/// When a course must have been started, from when it is offered, and whether it is only recognised when complete.
pub(crate) type Terms = (Option<Date>, Option<Date>, bool);

/// Chooses among the courses of a patient: which, and why; none: none of them is offered, and none is complete. The terms are those of the
/// runs' courses.
pub(crate) fn choose(runs: &[Run], terms: &[Terms], today: Date) -> Option<(usize, WhyChosen)> {
    let is_complete = |at: &usize| runs[*at].forecast.status == Status::Complete;
    let offered: Vec<usize> = (0..runs.len()).filter(|at| !terms[*at].2 || is_complete(at)).collect();
    if offered.is_empty() {
        return None;
    }
    if let [_] = runs {
        return Some((0, WhyChosen::Only));
    }
    let started_in_time = |at: &usize| {
        let limit = terms[*at].0;
        runs[*at].state.valid.first().is_some_and(|first| limit.is_none_or(|limit| *first < limit))
    };
    let mut eligible: Vec<usize> = offered.iter().copied().filter(started_in_time).collect();
    if eligible.is_empty() {
        if offered.iter().all(|at| runs[*at].state.valid.is_empty()) {
            return Some(first(runs, terms, &offered, today));
        }
        eligible = offered;
    }
    Some(best(runs, &eligible, &is_complete))
}

/// Complete first, then most valid sessions, then those that the patient is not too old to go on with, then fewest remaining, then the order
/// of the file.
fn best(runs: &[Run], eligible: &[usize], is_complete: &dyn Fn(&usize) -> bool) -> (usize, WhyChosen) {
    type Measure<'m> = &'m dyn Fn(&usize) -> u32;
    let measures: [(WhyChosen, Measure<'_>); 4] = [
        (WhyChosen::Complete, &|at| u32::from(!is_complete(at))),
        (WhyChosen::MostValid, &|at| u32::MAX - runs[*at].state.done()),
        (WhyChosen::NotTooOld, &|at| u32::from(runs[*at].forecast.status == Status::AgedOut)),
        (WhyChosen::FewestRemaining, &|at| runs[*at].remaining),
    ];
    if let [only] = *eligible {
        return (only, WhyChosen::OnlyBegun);
    }
    let mut left = eligible.to_vec();
    for (why, measure) in measures {
        let Some(least) = left.iter().map(measure).min() else { break };
        left.retain(|at| measure(at) == least);
        if let [only] = left[..] {
            return (only, why);
        }
    }
    (left.first().copied().unwrap_or(0), WhyChosen::FirstOfEqual)
}

/// The first course; if outgrown, the first later one that is offered from the patient's age on.
fn first(runs: &[Run], terms: &[Terms], offered: &[usize], today: Date) -> (usize, WhyChosen) {
    let Some((&first, later)) = offered.split_first() else { return (0, WhyChosen::First) };
    let outgrown = runs[first].forecast.status == Status::AgedOut;
    let reached = |at: &&usize| terms[**at].1.is_some_and(|from| today >= from);
    match later.iter().find(reached).filter(|_| outgrown) {
        Some(&at) => (at, WhyChosen::Outgrown),
        None => (first, WhyChosen::First),
    }
}
