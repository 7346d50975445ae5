//! Made-up patients to whom two versions answer differently.
//!
//! No claim is made that there are no others: it is a search, and says how far it went. It begins with a patient who would be treated, and with
//! those of the cases; changes one answer after the other to each value at which an expression of either version turns; of what a changed
//! expression reads, all answers together; and the sessions, at the days where a length of time ends. Every patient is
//! asked about as a record would be.

pub(crate) mod values;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::impact::{Impact, ask};
use super::made_up::Patient;
use super::outcome::{Answer, compare};
use super::{Change, Comparison, Effect, Outcome};
use crate::cases::Case;
use crate::date::Date;
use crate::decide::{Prepared, Request};
use crate::parallel;
use crate::protocol::Protocol;
use crate::trace::Depth;
use values::Values;

/// The most patients about whom both versions are asked: a count and not a time, so that the same files are told the same everywhere.
const MOST: usize = 5_000;

/// The most of them for all answers together to what one change reads.
const MOST_TOGETHER: usize = 1_000;

/// A patient to begin with.
#[derive(Clone, Debug)]
pub struct Start {
    protocol: String,
    patient: Patient,
}

impl Start {
    /// The patient of a case. One that sets parameters is none: the versions are compared as they are.
    #[must_use]
    pub fn of_case(case: &Case, protocol: &Protocol) -> Option<Start> {
        let patient = Patient::of(&case.record, &protocol.dictionary, case.request.as_of);
        case.request.set.is_empty().then(|| Start { protocol: protocol.id.clone(), patient })
    }
}

/// What a search for made-up patients came to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Search {
    /// About how many patients both versions were asked.
    pub tried: usize,
    /// What was left out because it would have been too many.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// One patient for each way in which the answers differ, those first whom no recorded patient resembles.
    pub patients: Vec<MadeUp>,
}

/// A patient who was made up, and to whom two versions answer differently.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct MadeUp {
    /// How the answers differ.
    pub comparison: Comparison,
    /// The same in a line.
    pub change: String,
    /// What is special about the patient, beside one who is treated or that of a case; nothing: it is such a patient.
    pub special: Vec<String>,
    /// How many recorded patients are answered differently in the same way; none where no records were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<usize>,
    /// The day for which both were asked.
    pub as_of: Date,
    /// The record, in JSON, to be saved and asked about again.
    pub record: String,
}

impl Search {
    /// Looks for patients to whom two versions answer differently.
    pub(super) fn of(
        (old, new): (&Protocol, &Protocol),
        changes: &[&Change],
        starts: &[Start],
        as_of: Date,
        impact: Option<&Impact>,
    ) -> Search {
        let mut finder = Finder {
            versions: [old, new],
            prepared: BTreeMap::new(),
            seen: HashSet::new(),
            found: BTreeMap::new(),
            tried: 0,
            left_out: Vec::new(),
        };
        // Where no meaning differs, no answer does.
        if changes.iter().any(|change| change.effect == Effect::Answer) {
            let own = |start: &&Start| [&old.id, &new.id].contains(&&start.protocol);
            let starts: Vec<&Patient> = starts.iter().filter(own).map(|start| &start.patient).collect();
            finder.search(changes, &starts, as_of);
        }
        let recorded = |comparison: &Comparison| {
            let alike = |group: &&super::Group| {
                let Comparison { outcome, old, new, because } = comparison;
                (&group.outcome, &group.old, &group.new, &group.because) == (outcome, old, new, because)
            };
            impact.map(|impact| impact.groups.iter().filter(alike).map(|group| group.records).sum())
        };
        let made_up = finder.found.into_iter().enumerate().map(|(at, (comparison, found))| MadeUp {
            recorded: recorded(&comparison),
            comparison,
            change: found.change,
            special: found.special,
            as_of: found.patient.as_of,
            record: found.patient.text(&format!("made-up-{}", at + 1)),
        });
        let mut patients: Vec<MadeUp> = made_up.collect();
        // Within an outcome, those whom no real patient resembles come first.
        patients.sort_by_key(|one| (one.comparison.outcome, one.recorded.unwrap_or(0) > 0));
        Search { tried: finder.tried, left_out: finder.left_out, patients }
    }
}

/// A patient who was found, and what is special about him, beside the one that was begun with.
struct Found {
    special: Vec<String>,
    patient: Patient,
    change: String,
}

struct Finder<'p> {
    versions: [&'p Protocol; 2],
    /// Both versions, ready for a day.
    prepared: BTreeMap<Date, [Prepared; 2]>,
    seen: HashSet<String>,
    found: BTreeMap<Comparison, Found>,
    tried: usize,
    left_out: Vec<String>,
}

impl Finder<'_> {
    fn search(&mut self, changes: &[&Change], cases: &[&Patient], as_of: Date) {
        let mut values = Values::of(self.versions, changes);
        // The first who is treated by both; else by one.
        let standing: Vec<usize> = cases.iter().map(|patient| self.standing(patient).0).collect();
        let treated = [2, 1].iter().find_map(|by| standing.iter().position(|treated| treated == by));
        let healthy = treated.map(|at| cases[at].clone());
        let mut healthy = healthy.unwrap_or_else(|| self.somebody_treated(&mut values, as_of));
        // A session is told of only for what is planned.
        if let Some((fact, value)) = values.planned(&healthy) {
            let planning = healthy.with(&fact, Some(&value));
            if self.standing(&planning).0 >= self.standing(&healthy).0 {
                healthy = planning;
            }
        }
        self.try_all(vec![healthy.clone()], &healthy);
        self.try_all(cases.iter().copied().cloned().collect(), &healthy);
        let day = healthy.as_of;
        for change in changes.iter().filter(|change| change.effect == Effect::Answer) {
            for facts in &change.facts {
                self.together(change, facts, &healthy, values.at(day));
            }
        }
        let all = values.at(day).clone();
        self.singly(&healthy, &healthy, &all);
        let focus = values.focus();
        let focused: Answers = all
            .iter()
            .filter(|(fact, _)| focus.contains(*fact))
            .map(|(fact, all)| (fact.clone(), all.clone()))
            .collect();
        let with = |sessions| Patient { sessions, cover: None, ..healthy.clone() };
        let histories: Vec<Patient> = values.histories(day, &healthy).into_iter().map(with).collect();
        self.try_all(histories.clone(), &healthy);
        for patient in cases {
            let mut values = values.at(patient.as_of).clone();
            values.retain(|fact, _| focus.contains(fact));
            self.singly(patient, &healthy, &values);
        }
        for patient in &histories {
            self.singly(patient, &healthy, &focused);
        }
        for (fact, values) in &focused {
            for value in values {
                self.singly(&healthy.with(fact, value.as_ref()), &healthy, &all);
            }
        }
        if self.tried >= MOST {
            self.left_out.push(format!("the search ended after {MOST} patients"));
        }
        self.left_out.extend(values.left_out());
    }

    /// Every answer to each question by itself.
    fn singly(&mut self, patient: &Patient, start: &Patient, answers: &Answers) {
        if self.tried < MOST {
            let each = answers.iter().flat_map(|(fact, all)| all.iter().map(move |value| (fact, value)));
            self.try_all(each.map(|(fact, value)| patient.with(fact, value.as_ref())).collect(), start);
        }
    }

    /// All answers together to what a change reads, or one of those that use it.
    fn together(&mut self, change: &Change, facts: &BTreeSet<String>, patient: &Patient, answers: &Answers) {
        let axes: Vec<(&String, &Vec<Option<String>>)> =
            answers.iter().filter(|(fact, all)| facts.contains(*fact) && !all.is_empty()).collect();
        let all = axes.iter().try_fold(1usize, |count, (_, values)| count.checked_mul(values.len()));
        if all.is_none_or(|all| all > MOST_TOGETHER) {
            let said = format!("not all answers to what {} `{}` reads were tried together", change.part, change.id);
            if !self.left_out.contains(&said) {
                self.left_out.push(said);
            }
        }
        let (mut at, mut all) = (vec![0usize; axes.len()], Vec::new());
        for _ in 0..MOST_TOGETHER {
            let mut made = patient.clone();
            for ((fact, values), at) in axes.iter().zip(&at) {
                made = made.with(fact, values[*at].as_ref());
            }
            all.push(made);
            let Some(turn) = (0..at.len()).find(|turn| at[*turn] + 1 < axes[*turn].1.len()) else { break };
            at[..turn].fill(0);
            at[turn] += 1;
        }
        self.try_all(all, patient);
    }

    /// Asks both versions about each of those that were not asked about, on as many threads as there are, and keeps in their order those who
    /// differ in a way that is new, or are nearer to the one that was begun with.
    fn try_all(&mut self, mut patients: Vec<Patient>, start: &Patient) {
        patients.retain(|patient| {
            let is_new = self.tried < MOST && self.seen.insert(format!("{} {}", patient.as_of, patient.text("")));
            self.tried += usize::from(is_new);
            is_new
        });
        for patient in &patients {
            self.ready(patient.as_of);
        }
        let prepared = &self.prepared;
        let differ = |patient: &Patient| {
            let answers = ask(prepared.get(&patient.as_of)?, &patient.record()).1;
            // What neither version can read is nobody.
            let told = answers.iter().any(Result::is_ok).then(|| compare(&answers[0], &answers[1]))?;
            (told.0.outcome != Outcome::Unchanged).then_some(told)
        };
        let told = parallel::each(patients.iter().collect(), || (), |patient, _| differ(patient));
        for (patient, told) in patients.into_iter().zip(told) {
            let Some((comparison, change)) = told else { continue };
            let special = patient.beside(start);
            if self.found.get(&comparison).is_none_or(|known| special.len() < known.special.len()) {
                self.found.insert(comparison, Found { special, patient, change });
            }
        }
    }

    /// Both versions, ready for a day.
    fn ready(&mut self, as_of: Date) -> &[Prepared; 2] {
        let versions = self.versions;
        self.prepared.entry(as_of).or_insert_with(|| {
            let request = Request::new(as_of).explain(Depth::Verdict);
            versions.map(|one| one.ready(&request))
        })
    }

    fn ask(&mut self, patient: &Patient) -> [Answer; 2] {
        ask(self.ready(patient.as_of), &patient.record()).1
    }

    /// How both answers stand together.
    fn standing(&mut self, patient: &Patient) -> Standing {
        let answers: Vec<_> = self.ask(patient).into_iter().flatten().collect();
        let treated = answers.iter().filter(|one| one.status.is_treat()).count();
        // A reason against treating counts before all questions: it makes them needless.
        let reasons = answers.iter().map(|one| one.reasons.len()).sum();
        let questions = answers.iter().map(|one| one.questions.len()).sum();
        (treated, answers.len(), Reverse(reasons), Reverse(questions))
    }

    /// Somebody who is treated, or as near to that as one question after the other leads.
    fn somebody_treated(&mut self, values: &mut Values<'_>, as_of: Date) -> Patient {
        let mut best = Patient::unknown(as_of);
        let mut standing = self.standing(&best);
        let all = values.at(as_of).clone();
        // What one answer makes possible may need another: three rounds are enough for questions that make other questions sensible.
        for _ in 0..3 {
            for (fact, values) in &all {
                for value in values {
                    let other = best.with(fact, value.as_ref());
                    let its = self.standing(&other);
                    if its > standing {
                        (best, standing) = (other, its);
                    }
                }
            }
        }
        best
    }
}

/// By how many versions somebody is treated, how many can read the record, what holds against it, and what is asked: the greater, the
/// better.
type Standing = (usize, usize, Reverse<usize>, Reverse<usize>);

/// The answers in JSON that are tried, by fact; none: that it is missing.
pub(crate) type Answers = BTreeMap<String, Vec<Option<String>>>;
