//! What one session does several of at once: each judged by itself, then combined.

use crate::course::{Bound, Fault, Forecast, Status, Verdict};
use crate::date::Date;
use crate::protocol::model::ComponentNumber;

/// The statuses in the order in which one component's decides for all.
const ORDER: [Status; 5] =
    [Status::AgedOut, Status::NotRecommended, Status::NotComplete, Status::Immune, Status::Complete];

/// One forecast for all components, and which of them set each of its dates.
pub(crate) fn combine(forecasts: &[&Forecast], last: Option<Date>, number: ComponentNumber) -> (Forecast, usize) {
    let status = ORDER.into_iter().find(|status| match status {
        // Immune to all of them, or else what is left decides.
        Status::Immune => forecasts.iter().all(|forecast| forecast.status == Status::Immune),
        status => forecasts.iter().any(|forecast| forecast.status == *status),
    });
    let status = status.unwrap_or(Status::Complete);
    let open: Vec<usize> = (0..forecasts.len()).filter(|at| forecasts[*at].status == status).collect();
    let lead = lead(forecasts, &open);
    let mut combined = forecasts[lead].clone();
    combined.status = status;
    if status != Status::NotComplete {
        return (combined, lead);
    }
    combined.bounds = open.iter().flat_map(|at| forecasts[*at].bounds.iter().copied()).collect();
    combined.earliest = forecasts[lead].earliest.max(if combined.priority { last } else { None });
    let floor = |date: Date| combined.earliest.map_or(date, |earliest| earliest.max(date));
    let smallest = |pick: fn(&Forecast) -> Option<Date>, by: fn(&Forecast) -> Option<Bound>| {
        let dated = open.iter().filter_map(|at| pick(forecasts[*at]).map(|date| (date, by(forecasts[*at]))));
        dated.min_by_key(|(date, _)| *date)
    };
    let recommended = smallest(|forecast| forecast.recommended, |forecast| forecast.recommended_by);
    let past_due = smallest(|forecast| forecast.past_due, |forecast| forecast.past_due_by);
    let latest = smallest(|forecast| forecast.latest, |_| None);
    let by =
        |found: Option<(Date, Option<Bound>)>| found.filter(|(date, _)| floor(*date) == *date).and_then(|(_, by)| by);
    combined.recommended_by = by(recommended);
    combined.past_due_by = by(past_due);
    (combined.recommended, combined.past_due, combined.latest) = (
        recommended.map(|(date, _)| floor(date)),
        past_due.map(|(date, _)| floor(date)),
        latest.map(|(date, _)| floor(date)),
    );
    let numbers = open.iter().map(|at| forecasts[*at].number);
    combined.number = match number {
        ComponentNumber::Smallest => numbers.min(),
        ComponentNumber::Largest => numbers.max(),
    }
    .unwrap_or(combined.number);
    (combined, lead)
}

/// The component that sets the earliest date: the latest of them; where some go first, the smallest of those.
fn lead(forecasts: &[&Forecast], open: &[usize]) -> usize {
    let earliest = |at: &usize| forecasts[*at].earliest;
    let first = open.iter().copied().filter(|at| forecasts[*at].priority).min_by_key(earliest);
    // Of several on one day, the first listed.
    let last = || open.iter().rev().copied().max_by_key(earliest);
    first.or_else(last).unwrap_or(0)
}

/// What became of one session, over the components that it holds: it counts if it counts for one of them.
pub(crate) fn verdict<'v>(verdicts: impl Iterator<Item = Option<&'v Verdict>>) -> Option<Verdict> {
    let mut all: Vec<&Verdict> = verdicts.flatten().collect();
    let rank = |verdict: &&Verdict| match verdict {
        Verdict::Valid(_) => 0,
        Verdict::NotValid(_) => 1,
        Verdict::SubStandard => 2,
        Verdict::Extraneous(_) => 3,
        Verdict::EarlierCourse => 4,
        Verdict::SameSession => 5,
    };
    all.sort_by_key(rank);
    let first = *all.first()?;
    let faults = |verdict: &Verdict| match verdict {
        Verdict::NotValid(faults) | Verdict::Extraneous(faults) => faults.clone(),
        _ => Vec::new(),
    };
    let mut joined: Vec<Fault> =
        all.iter().filter(|other| rank(other) == rank(&first)).flat_map(|v| faults(v)).collect();
    joined.sort_unstable();
    joined.dedup();
    Some(match first {
        Verdict::NotValid(_) => Verdict::NotValid(joined),
        Verdict::Extraneous(_) => Verdict::Extraneous(joined),
        other => other.clone(),
    })
}
