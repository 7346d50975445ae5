//! How much of a protocol its cases have tried: which outcome of each rule and condition, whether each part of a condition has decided its
//! rule by itself, and each threshold and wait below, at and above.
//!
//! Nothing is evaluated in another way to find that out. The evaluator leaves the value of every node behind when it answers a case; what is
//! counted here is read from those values, from the trace of the course, and from the evaluator itself, asked once more with one value changed.
//! So it costs a decision nothing.
//!
//! ```
//! # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
//! use regimen::coverage::measure;
//! let coverage = measure(&clinic.protocols[0], &[]);
//! assert_eq!((coverage.cases, coverage.covered), (0, 0));
//! assert!(coverage.items.iter().any(|item| item.of == "contraindication pregnant"));
//! # Ok::<(), regimen::diagnostic::Diagnostics>(())
//! ```

mod items;
pub(crate) mod observe;
pub(crate) mod patient;
pub(crate) mod probe;
mod report;
mod why;

use schemars::JsonSchema;
use serde::Serialize;

use crate::cases::Case;
use crate::protocol::Protocol;
use crate::trace::Depth;
use crate::words::words;

pub use report::{lcov, text};

use observe::Days;
use patient::{Bases, Sought};
use probe::Probe;

/// The shape of the JSON.
pub const SCHEMA: &str = "regimen/coverage/1";

/// What the cases of a protocol have tried. None of its figures depends on how the file is laid out.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Coverage {
    /// `regimen/coverage/1`.
    pub schema: &'static str,
    /// The protocol.
    pub protocol: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// Its file.
    #[serde(skip)]
    pub file: String,
    /// How many cases there are.
    pub cases: usize,
    /// How many outcomes there are to try, without those that cannot be reached.
    pub outcomes: usize,
    /// How many of them some case produced.
    pub covered: usize,
    /// How many more are proven to be out of reach.
    pub unreachable: usize,
    /// What there is to try, in the order of the protocol.
    pub items: Vec<Item>,
    /// Conditions that are not measured, and why.
    pub not_measured: Vec<NotMeasured>,
}

/// Something that comes out in one of several ways.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Item {
    /// What kind of thing.
    pub kind: Kind,
    /// What it belongs to: `deferral recent-filler`.
    pub of: String,
    /// Of a part of it: which, as the file says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The line of the file.
    pub line: usize,
    /// Its outcomes.
    pub outcomes: Vec<Outcome>,
    #[serde(skip)]
    probe: Probe,
}

/// One way in which something comes out.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Outcome {
    /// Which: `true`, `below` …
    pub outcome: &'static str,
    /// How many cases produced it.
    pub cases: usize,
    /// Why none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
}

/// An outcome that no case produced.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Missing {
    /// Why.
    pub why: Why,
    /// The facts for want of which it stayed open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
    /// A case that produces it, found by trying values on the patients of the other cases; none: none was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<ReadyCase>,
}

/// A case that somebody has only to look at.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ReadyCase {
    /// The name of its file.
    pub name: String,
    /// How its patient differs from that of the case it was made of: `last_filler_date = 2026-02-16`.
    pub patient: String,
    /// The case, in TOML. What it expects is what is answered now: whether that is right, a person decides.
    pub text: String,
}

/// A condition that is not measured.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct NotMeasured {
    /// What it belongs to.
    pub of: String,
    /// Why.
    pub why: &'static str,
}

words! {
    /// What is tried.
    Kind {
        /// A status of the answer.
        Status = "status",
        /// A rule.
        Rule = "rule",
        /// A condition: a definition, one of a course, an interval or an instruction.
        Condition = "condition",
        /// A row of a setting.
        Row = "row",
        /// A part of a rule's condition, when it decided the rule by itself.
        Part = "part",
        /// A comparison with a limit.
        Threshold = "threshold",
        /// A wait of the course: an interval, a pause, a separation.
        Wait = "wait",
        /// A recorded session, judged by an interval or a separation.
        Judged = "judged",
    }
}

words! {
    /// Why no case produced an outcome.
    Why {
        /// Whoever it was tried on, it came out otherwise.
        NeverTried = "never_tried",
        /// It stayed open in some case, for want of facts.
        ShortOfFacts = "short_of_facts",
        /// No patient can produce it.
        Unreachable = "unreachable",
    }
}

impl Coverage {
    /// The outcomes that no case produced and that are not out of reach, each with what it is an outcome of.
    pub fn missing(&self) -> impl Iterator<Item = (&Item, &Outcome, &Missing)> {
        let all = self.items.iter().flat_map(|item| item.outcomes.iter().map(move |outcome| (item, outcome)));
        all.filter_map(|(item, outcome)| Some((item, outcome, outcome.missing.as_ref()?)))
            .filter(|(_, _, missing)| missing.why != Why::Unreachable)
    }
}

/// What the cases of a protocol have tried, and a case of each outcome that is missing, where one can be found. A case that the protocol
/// does not answer tries nothing.
#[must_use]
pub fn measure(protocol: &Protocol, cases: &[Case]) -> Coverage {
    let mut coverage = tried(protocol, cases);
    suggest(protocol, cases, &mut coverage.items);
    coverage
}

/// The same without looking for what is missing, which takes many times as long.
pub(crate) fn tried(protocol: &Protocol, cases: &[Case]) -> Coverage {
    let (mut items, not_measured) = items::of(protocol);
    let mut open: Vec<Vec<String>> = vec![Vec::new(); items.len()];
    let mut days = Days::new(protocol, Depth::Full);
    for case in cases {
        let Some(mut observed) = days.observe(&case.request, &case.record) else { continue };
        for (item, open) in items.iter_mut().zip(&mut open) {
            let seen = item.probe.outcomes(&mut observed);
            item.outcomes.iter_mut().enumerate().for_each(|(at, one)| one.cases += usize::from(seen >> at & 1 == 1));
            for fact in item.probe.open(&observed) {
                if !open.contains(&fact) {
                    open.push(fact);
                }
            }
        }
    }
    why::tell(protocol, &mut items, &open);
    let outcomes = || items.iter().flat_map(|item| &item.outcomes);
    let covered = outcomes().filter(|outcome| outcome.cases > 0).count();
    let is_unreachable =
        |outcome: &&Outcome| outcome.missing.as_ref().is_some_and(|missing| missing.why == Why::Unreachable);
    let unreachable = outcomes().filter(is_unreachable).count();
    Coverage {
        schema: SCHEMA,
        protocol: protocol.id.clone(),
        version: protocol.version.clone(),
        sha256: protocol.sha256.clone(),
        file: protocol.file.name.clone(),
        cases: cases.len(),
        outcomes: outcomes().count() - unreachable,
        covered,
        unreachable,
        items,
        not_measured,
    }
}

/// Looks for a case of each outcome that is missing. One that was found for another and shows this too is enough.
fn suggest(protocol: &Protocol, cases: &[Case], items: &mut [Item]) {
    let bases = Bases::new(protocol, cases);
    let mut finder = bases.finder();
    for at in 0..items.len() {
        for which in 0..items[at].outcomes.len() {
            let item = &items[at];
            let outcome = &item.outcomes[which];
            if !outcome.is_sought() {
                continue;
            }
            let part = item.part.as_ref().map_or_else(String::new, |part| format!(", {part}"));
            let sought = Sought {
                title: format!("{}{part}: {}", item.of, outcome.outcome),
                roots: item.probe.roots(protocol),
                unknown: outcome.outcome == "unknown",
            };
            let probe = item.probe.clone();
            let found = finder.find(&sought, &mut |observed| probe.outcomes(observed) >> which & 1 == 1);
            let Some((found, mut observed)) = found else { continue };
            for item in &mut items[at..] {
                if !item.outcomes.iter().any(Outcome::is_sought) {
                    continue;
                }
                let seen = item.probe.outcomes(&mut observed);
                let shown = item.outcomes.iter_mut().enumerate().filter(|(at, _)| seen >> at & 1 == 1);
                for (_, outcome) in shown.filter(|(_, outcome)| outcome.is_sought()) {
                    outcome.missing.iter_mut().for_each(|missing| missing.case = Some(found.clone()));
                }
            }
        }
    }
}

impl Outcome {
    /// Whether a case of it is still to be found.
    fn is_sought(&self) -> bool {
        self.missing.as_ref().is_some_and(|missing| missing.why != Why::Unreachable && missing.case.is_none())
    }
}
