//! What a new version does to recorded patients.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::outcome::{Answer, compare};
use super::{Comparison, Outcome};
use crate::date::Date;
use crate::decide::{Prepared, Request};
use crate::diagnostic::{Diagnostics, Severity, SourceFile};
use crate::document::Notation;
use crate::patient::read_for;
use crate::protocol::Protocol;
use crate::trace::Depth;

/// A record that has not been read yet: each version reads it with its own dictionary.
#[derive(Clone, Debug)]
pub struct RecordText {
    /// The file, with the line where it has several records.
    pub source: Arc<SourceFile>,
    /// How it is written.
    pub notation: Notation,
}

impl RecordText {
    /// A record in a text; `name` is shown where its patient cannot be read.
    #[must_use]
    pub fn new(name: &str, text: &str, notation: Notation) -> RecordText {
        RecordText { source: SourceFile::new(name, text), notation }
    }
}

/// What a new version does to recorded patients on a day. Each record is in one group, and counted once.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Impact {
    /// The day.
    pub as_of: Date,
    /// How many records there are.
    pub records: usize,
    /// How many of them have each outcome: together, all.
    pub tally: Vec<Tally>,
    /// Those whose answer changed, by what did it; the gravest first.
    pub groups: Vec<Group>,
}

/// How many records have an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Tally {
    /// The outcome.
    pub outcome: Outcome,
    /// How many records.
    pub records: usize,
}

/// Records whose answers changed in the same way, for the same reason.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Group {
    /// The outcome.
    pub outcome: Outcome,
    /// The old status; none: there was no answer.
    pub old: Option<crate::recommendation::Status>,
    /// The new status; none: there is no answer.
    pub new: Option<crate::recommendation::Status>,
    /// What did it.
    pub because: Vec<String>,
    /// How many records.
    pub records: usize,
    /// Some of them.
    pub examples: Vec<Example>,
}

/// A record and what is different about it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Example {
    /// The patient's identifier; the file, where it has none.
    pub patient: String,
    /// What changed.
    pub change: String,
}

impl Impact {
    /// Asks two versions about each record, on a day, as if both were in force.
    #[must_use]
    pub fn of(old: &Protocol, new: &Protocol, records: &[RecordText], as_of: Date, examples: usize) -> Impact {
        let request = Request::new(as_of).explain(Depth::Verdict);
        let versions = [old.ready(&request), new.ready(&request)];
        let mut groups: BTreeMap<Comparison, (usize, Vec<Example>)> = BTreeMap::new();
        for record in records {
            let (patients, answers) = ask(&versions, record);
            let (comparison, change) = compare(&answers[0], &answers[1]);
            let (count, some) = groups.entry(comparison).or_default();
            *count += 1;
            if some.len() < examples {
                let patient = patients.into_iter().find(|patient| !patient.is_empty());
                let patient = patient.unwrap_or_else(|| record.source.name.clone());
                some.push(Example { patient, change });
            }
        }
        let count = |outcome: Outcome| {
            groups.iter().filter(|(one, _)| one.outcome == outcome).map(|(_, (count, _))| count).sum()
        };
        let tally = Outcome::ALL.into_iter().map(|outcome| Tally { outcome, records: count(outcome) }).collect();
        let changed = groups.into_iter().filter(|(one, _)| one.outcome != Outcome::Unchanged);
        let mut groups: Vec<Group> = changed
            .map(|(one, (records, examples))| {
                let Comparison { outcome, old, new, because } = one;
                Group { outcome, old, new, because, records, examples }
            })
            .collect();
        // Those of one outcome stay in the order of their statuses and ids where they are as many.
        groups.sort_by_key(|group| (group.outcome, std::cmp::Reverse(group.records)));
        Impact { as_of, records: records.len(), tally, groups }
    }

    /// How many records were answered in this way.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.tally.iter().filter(|tally| tally.outcome == outcome).map(|tally| tally.records).sum()
    }
}

/// The patient as each version reads it, and what it answers.
pub(super) fn ask(versions: &[Prepared; 2], record: &RecordText) -> ([String; 2], [Answer; 2]) {
    let mut patients = [String::new(), String::new()];
    let answers = [0, 1].map(|at| {
        let version = &versions[at];
        let dictionary = &*version.protocol().dictionary;
        let mut found = Diagnostics::default();
        let mut read = read_for(&record.source, record.notation, &[dictionary], version.as_of(), &mut found);
        if let Some(record) = read.first() {
            patients[at].clone_from(&record.patient);
        }
        if found.has_errors() {
            return Err(why(&found));
        }
        match read.pop() {
            Some(record) => version.recommend(&record).map_err(|found| why(&found)),
            None => Err(why(&found)),
        }
    });
    (patients, answers)
}

/// The first mistake, in a part of a sentence.
fn why(found: &Diagnostics) -> String {
    let mistakes = found.iter().filter(|one| one.severity == Severity::Error);
    mistakes.map(|one| format!("{}: {}", one.code.id, one.message)).next().unwrap_or_default()
}
