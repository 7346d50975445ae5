//! Days that make no difference. Where there would be too many ways to try, they are not multiplied.

use crate::course::Bound;
use crate::date::Date;
use crate::worlds::Scheduler;
use crate::worlds::outcome::{Chosen, Outcome, noticed};
use crate::worlds::unknown::Unknown;
use crate::worlds::ways::MOST_WORLDS;

impl Scheduler<'_> {
    /// Leaves out the days of recorded sessions that make no difference in any way that the rest may turn out. `at` is the outcome of some
    /// choices.
    ///
    /// Where nothing turns with the day of a session, all dates only move with it, and those that are the latest of several may not move at
    /// all: each session is tried on its first and its last day, with all others of that kind on their first and on their last.
    pub(super) fn leave_out_idle_days(&self, unknowns: &mut [Unknown], at: &dyn Fn(&[Unknown], &[usize]) -> Outcome) {
        let (moving, rest): (Vec<usize>, Vec<usize>) = (0..unknowns.len()).partition(|one| unknowns[*one].only_moves);
        let mut idle = moving.clone();
        let each = 2 * idle.len() + 2;
        let count = rest.iter().try_fold(each, |so_far, one| so_far.checked_mul(unknowns[*one].ways));
        if count.is_none_or(|count| count > MOST_WORLDS) {
            return;
        }
        let mut choices = vec![0; unknowns.len()];
        loop {
            for all in [0, 1] {
                moving.iter().for_each(|one| choices[*one] = all);
                let together = at(unknowns, &choices);
                idle.retain(|one| {
                    let mut apart = choices.clone();
                    apart[*one] = 1 - all;
                    self.is_alike(&together, &at(unknowns, &apart))
                });
            }
            let Some(turn) = rest.iter().find(|one| choices[**one] + 1 < unknowns[**one].ways) else { break };
            let turned = rest.iter().take_while(|one| *one != turn);
            turned.for_each(|one| choices[*one] = 0);
            choices[*turn] += 1;
        }
        for one in idle {
            // Any of its days is as good as another.
            (unknowns[one].ways, unknowns[one].only_moves) = (1, false);
        }
    }

    /// Whether nothing that is told of the course differs.
    fn is_alike(&self, one: &Outcome, other: &Outcome) -> bool {
        let told = |outcome: &Outcome, chosen: &Chosen| {
            let forecast = &chosen.run.forecast;
            let holding = forecast.bounds.iter().filter(|(_, date)| *date > self.today);
            let holding: Vec<(Bound, Date)> = holding.copied().collect();
            let pauses = self.reassessing(chosen.run.course);
            let pauses: Vec<bool> = pauses.map(|pause| self.asks_to_reassess(outcome, pause)).collect();
            (noticed(forecast, self.today), forecast.planned, holding, pauses)
        };
        let these: Vec<&Chosen> = one.runs.iter().chain(&one.others).collect();
        let those: Vec<&Chosen> = other.runs.iter().chain(&other.others).collect();
        let same = |(a, b): (&&Chosen, &&Chosen)| {
            (&a.run.verdicts, &a.run.early) == (&b.run.verdicts, &b.run.early) && told(one, a) == told(other, b)
        };
        one.same_as(other, self.today) && these.len() == those.len() && these.iter().zip(&those).all(same)
    }
}
