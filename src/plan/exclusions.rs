//! What excludes what on one day.

use super::trial::{Trial, Visit};
use super::{Consequence, Exclusion};
use crate::date::Date;
use crate::diagnostic::Diagnostics;
use crate::explain::labels;
use crate::recommendation::{Effect, Labels, Status};

/// The pairs of what could be done today that must not be done on one day.
pub(super) fn exclusions(
    trials: &mut [Trial<'_>],
    today: &[usize],
    as_of: Date,
    until: Date,
) -> Result<Vec<Exclusion>, Diagnostics> {
    let mut today = today.to_vec();
    today.sort_by(|a, b| trials[*a].protocol.id.cmp(&trials[*b].protocol.id));
    let mut found = Vec::new();
    for (at, one) in today.iter().enumerate() {
        for other in &today[at + 1..] {
            let both = [(*one, *other), (*other, *one)];
            let excluded = |(done, other): &(usize, usize)| {
                let visit = trials[*done].visit(as_of);
                !trials[*other].permits(&[visit], as_of)
            };
            let is_excluded = both.iter().map(excluded).fold(false, |any, one| any | one);
            if is_excluded {
                let ids = [*one, *other].map(|at| trials[at].protocol.id.clone());
                let mut if_done = Vec::new();
                for (done, other) in both {
                    if_done.push(consequence(trials, done, other, (as_of, until))?);
                }
                found.push(Exclusion { protocols: ids, if_done });
            }
        }
    }
    Ok(found)
}

/// What follows for one protocol if another is done today.
fn consequence(
    trials: &mut [Trial<'_>],
    done: usize,
    other: usize,
    (as_of, until): (Date, Date),
) -> Result<Consequence, Diagnostics> {
    let visit = trials[done].visit(as_of);
    let after = std::slice::from_ref(&visit);
    let with = trials[other].recommend(after)?;
    let status = with.status;
    let without = &trials[other].as_it_is()?.reasons;
    let is_new = |id: &String| !without.iter().any(|reason| reason.id == *id);
    let rules = with.reasons.into_iter().filter(|reason| reason.leads_to == status && is_new(&reason.id)).collect();
    let told = with.labels;
    let decides = with.questions.into_iter().filter(|one| one.could_change.contains(&Effect::Status));
    let questions: Vec<String> = decides.filter(|_| status == Status::Undetermined).map(|one| one.fact).collect();
    let first_day = trials[other].first_day(after, as_of, until);
    let excluded = !status.is_treat();
    let of_done = areas_of(&visit).into_iter().filter(|area| {
        let only = only(&visit, area);
        excluded && !trials[other].permits(&[only], as_of)
    });
    let areas_done = some_of(of_done.collect(), areas_of(&visit).len());
    let each = trials[other].one_by_one();
    let count = each.len();
    let matters = each.into_iter().filter(|(_, record)| {
        let stands = trials[other].decide(record, after, as_of);
        excluded && !stands.is_some_and(|(status, _)| status.is_treat())
    });
    let areas = some_of(matters.map(|(area, _)| area).collect(), count);
    let to_be_confirmed = first_day.filter(|day| *day > as_of).map(|day| trials[other].to_be_confirmed(day));
    let mut labels =
        Labels { facts: told.facts, values: labels::of_values(trials[done].protocol), ..Labels::default() };
    labels.values.extend(labels::of_values(trials[other].protocol));
    labels.facts.retain(|fact, _| questions.contains(fact));
    labels.values.retain(|area, _| areas_done.contains(area) || areas.contains(area));
    Ok(Consequence {
        done: trials[done].protocol.id.clone(),
        areas_done,
        other: trials[other].protocol.id.clone(),
        areas,
        status,
        rules,
        questions,
        labels,
        first_day,
        to_be_confirmed: to_be_confirmed.unwrap_or_default(),
    })
}

fn areas_of(visit: &Visit) -> Vec<String> {
    visit.areas.iter().flat_map(|(_, areas)| areas.clone()).collect()
}

/// The same visit for one area only.
fn only(visit: &Visit, area: &str) -> Visit {
    let areas = visit.areas.as_ref().map(|(note, _)| (note.clone(), vec![area.to_owned()]));
    Visit { areas, ..visit.clone() }
}

/// Those that matter, where not all do.
fn some_of(areas: Vec<String>, all: usize) -> Vec<String> {
    if areas.len() < all { areas } else { Vec::new() }
}
