//! Whether the cases of a protocol would notice if the protocol said something else.
//!
//! The protocol is changed in one place, as somebody might mistype or misjudge it, and the cases are answered anew. A change that some case
//! answers otherwise is *killed*. Of one that none does, a patient is looked for who would have told; where there can be none, that is proven,
//! and where neither succeeds, nothing is claimed.
//!
//! The model is changed, not the text: whatever is made is a protocol that could have been written, and the engine stays as it is.
//!
//! ```
//! # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
//! use regimen::mutation::{Fate, mutate};
//! // Without a case nothing is noticed.
//! let found = mutate(&clinic.protocols[0], &[], &|_, _| {});
//! assert!(!found.mutants.is_empty() && found.count(Fate::Killed) == 0);
//! # Ok::<(), regimen::diagnostic::Diagnostics>(())
//! ```

mod change;
mod copies;
mod equivalent;
mod idle;
mod operators;
mod share;
mod trial;

use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use schemars::JsonSchema;
use serde::Serialize;

use crate::cases::Case;
use crate::coverage::ReadyCase;
use crate::coverage::patient::Bases;
use crate::protocol::Protocol;
use crate::words::words;

use operators::Made;
#[cfg(feature = "cli")]
pub(crate) use operators::owners;
use trial::Trial;

/// The shape of the JSON.
pub const SCHEMA: &str = "regimen/mutation/1";

/// What became of every change.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Mutation {
    /// `regimen/mutation/1`.
    pub schema: &'static str,
    /// The protocol.
    pub protocol: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// How many cases there are.
    pub cases: usize,
    /// Every change, in the order of the protocol's model.
    pub mutants: Vec<Mutant>,
    /// How many changes have no result, because the work on them broke off. None of them is taken for a good one.
    pub without_result: usize,
}

/// One change of the protocol.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Mutant {
    /// How it was changed.
    pub operator: Operator,
    /// Where: `deferral recent-filler`.
    pub of: String,
    /// The line of the file.
    pub line: usize,
    /// What stands there.
    pub before: String,
    /// What would stand there; none: nothing.
    pub after: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// The first case that noticed, by the name of its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub killed_by: Option<String>,
    /// A case that would have noticed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<ReadyCase>,
}

words! {
    /// What a change does to a protocol.
    Operator {
        /// Another comparison.
        Comparison = "comparison",
        /// `&&` for `||`, or the other way round.
        Connective = "connective",
        /// A condition left out.
        Condition = "condition",
        /// A `!` left out.
        Negation = "negation",
        /// A `known` left out.
        Known = "known",
        /// A default left out.
        Default = "default",
        /// A choice taken out.
        Choice = "choice",
        /// A number by one step.
        Number = "number",
        /// A day by one.
        Day = "day",
        /// A wait by one step.
        Wait = "wait",
        /// Another unit of time: months for weeks.
        Unit = "unit",
        /// A rule left out.
        Rule = "rule",
        /// A row of a setting left out.
        Row = "row",
        /// An interval, a gap or a separation left out.
        Interval = "interval",
        /// A limit on a setting left out, or raised or lowered.
        Limit = "limit",
    }
}

words! {
    /// What became of a change.
    Fate {
        /// A case noticed.
        Killed = "killed",
        /// No case noticed, and somebody would have: his case is there.
        Survived = "survived",
        /// Proven to change nothing for anybody.
        Equivalent = "equivalent",
        /// No case noticed. Whether anybody could, is neither shown nor refuted.
        Undecided = "undecided",
    }
}

impl Mutation {
    /// How many changes had a fate.
    #[must_use]
    pub fn count(&self, fate: Fate) -> usize {
        self.mutants.iter().filter(|mutant| mutant.fate == fate).count()
    }

    /// Whether the cases would notice every change that anybody could notice.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let is_good = |mutant: &Mutant| matches!(mutant.fate, Fate::Killed | Fate::Equivalent);
        self.without_result == 0 && !self.mutants.is_empty() && self.mutants.iter().all(is_good)
    }
}

/// Changes a protocol in every way that is known, each by itself, and tells what its cases make of it. `told` is told how many of how many are
/// done, now and then, from any thread. The result does not depend on how many threads there are.
#[must_use]
pub fn mutate(protocol: &Protocol, cases: &[Case], told: &(dyn Fn(usize, usize) + Sync)) -> Mutation {
    let made = operators::all(protocol);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(made.len().max(1));
    let bases = Bases::new(protocol, cases);
    let work = || {
        let mut trial = Trial::new(protocol, cases, &bases);
        let mut found: Vec<(usize, Mutant)> = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = made.get(at) else { return found };
            found.push((at, trial.judge(one)));
            told(done.fetch_add(1, Ordering::Relaxed) + 1, made.len());
        }
    };
    let mut found: Vec<(usize, Mutant)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        // What a thread that broke off had found is lost; it is counted below.
        threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    });
    found.sort_by_key(|(at, _)| *at);
    share::share(protocol, &made, &mut found);
    Mutation {
        schema: SCHEMA,
        protocol: protocol.id.clone(),
        version: protocol.version.clone(),
        sha256: protocol.sha256.clone(),
        cases: cases.len(),
        without_result: made.len() - found.len(),
        mutants: found.into_iter().map(|(_, mutant)| mutant).collect(),
    }
}

/// Every change that is proven to change nothing, in words, and the protocol with it: for the tests, which try it on many patients.
#[doc(hidden)]
#[must_use]
pub fn equivalents(protocol: &Protocol) -> Vec<(String, Protocol)> {
    let made = operators::all(protocol).into_iter().filter(|made| made.change.is_equivalent(protocol));
    made.map(|made| (format!("{}: {} -> {:?}", made.of, made.before, made.after), made.change.made_of(protocol)))
        .collect()
}

/// A table for people: how many changes were noticed, then those that were not.
#[must_use]
pub fn text(mutation: &Mutation) -> String {
    let mut out = format!(
        "{} {}, {} case{}: {} changes\n\n",
        mutation.protocol,
        mutation.version,
        mutation.cases,
        if mutation.cases == 1 { "" } else { "s" },
        mutation.mutants.len() + mutation.without_result,
    );
    let _ = writeln!(out, "  {:12}{:>8}{:>10}{:>12}{:>11}", "", "killed", "survived", "equivalent", "undecided");
    let row = |out: &mut String, name: &str, is_it: &dyn Fn(&Mutant) -> bool| {
        let count = |fate| mutation.mutants.iter().filter(|mutant| mutant.fate == fate && is_it(mutant)).count();
        let (killed, survived) = (count(Fate::Killed), count(Fate::Survived));
        let (equivalent, undecided) = (count(Fate::Equivalent), count(Fate::Undecided));
        let _ = writeln!(out, "  {name:12}{killed:>8}{survived:>10}{equivalent:>12}{undecided:>11}");
    };
    let mut operators: Vec<Operator> = mutation.mutants.iter().map(|mutant| mutant.operator).collect();
    operators.sort_unstable();
    operators.dedup();
    for operator in operators {
        row(&mut out, operator.word(), &|mutant| mutant.operator == operator);
    }
    row(&mut out, "all", &|_| true);
    for (fate, heading) in [(Fate::Survived, "Survived"), (Fate::Undecided, "Undecided")] {
        let all: Vec<&Mutant> = mutation.mutants.iter().filter(|mutant| mutant.fate == fate).collect();
        if all.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{heading}\n");
        for mutant in all {
            let after = match &mutant.after {
                Some(after) => format!("becomes `{after}`"),
                None => "is left out".to_owned(),
            };
            let _ = writeln!(out, "  line {}: {}: `{}` {after}", mutant.line, mutant.of, mutant.before);
            if let Some(case) = &mutant.case {
                let _ = writeln!(out, "    try {}", case.patient);
            }
        }
    }
    out
}

/// A table for a page: what became of the changes, a row for each protocol.
#[must_use]
pub fn markdown(all: &[Mutation]) -> String {
    let mut out = String::from(
        "| protocol | cases | changes | killed | survived | equivalent | undecided |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for one in all {
        let fates = [Fate::Killed, Fate::Survived, Fate::Equivalent, Fate::Undecided].map(|fate| one.count(fate));
        let [killed, survived, equivalent, undecided] = fates;
        let changes = one.mutants.len() + one.without_result;
        let _ = writeln!(
            out,
            "| {} {} | {} | {changes} | {killed} | {survived} | {equivalent} | {undecided} |",
            one.protocol, one.version, one.cases,
        );
    }
    out
}

impl Mutant {
    fn of(made: &Made, fate: Fate) -> Mutant {
        Mutant {
            operator: made.operator,
            of: made.of.clone(),
            line: made.line,
            before: made.before.clone(),
            after: made.after.clone(),
            fate,
            killed_by: None,
            case: None,
        }
    }
}
