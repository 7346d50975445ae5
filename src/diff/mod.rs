//! What a new version of a protocol changes: in its text, and for whom.
//!
//! ```text
//!  old file ──> items ──┐                         ┌──> bump
//!                       ├──> compare ──> changes ─┤
//!  new file ──> items ──┘                         └──> search (made-up patients) ──┐
//!                                                      records ───────────────────┴──> outcome ──> impact
//! ```
//!
//! The texts are compared as trees, key by key, and not as models: a key that is added to the language is compared from its first day, and what
//! is not known to be mere wording counts as a difference of meaning. What the difference does is never derived from the
//! texts: both versions are asked about the same patient, and their answers compared.

mod bump;
mod compare;
mod impact;
mod items;
mod labels;
pub(crate) mod made_up;
mod outcome;
pub(crate) mod search;

pub use bump::Bump;
pub use impact::{Example, Group, Impact, RecordText, Tally};
pub(crate) use labels::Labels;
pub use outcome::{Comparison, Outcome};
pub use search::{MadeUp, Search, Start};

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::protocol::{Clinic, Protocol};
use crate::words::words;

/// The name and version of the shape of the JSON output.
pub const SCHEMA: &str = "regimen/diff/1";

/// What is different between two versions of a clinic, or of a protocol.
///
/// ```
/// use regimen::{Clinic, diff::{Bump, Difference}};
/// let old = include_str!("../../tests/fixtures/tiny.toml");
/// let new = old.replace("minimum = \"14 days\"", "minimum = \"10 days\"");
/// let (old, _) = Clinic::from_text("peel.toml", old)?;
/// let (new, _) = Clinic::from_text("peel.toml", &new)?;
/// let difference = Difference::between(&old, &new);
/// assert_eq!(difference.protocols[0].changes[0].id, "healing");
/// assert_eq!(difference.protocols[0].bump, Bump::Minor);
/// assert!(!Difference::between(&old, &old).is_of_meaning());
/// # Ok::<(), regimen::Diagnostics>(())
/// ```
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Difference {
    /// The name and version of this shape.
    pub schema: &'static str,
    /// What changed in the dictionary, where it is a file of its own.
    pub dictionary: Vec<Change>,
    /// The protocols of both, those that are in only one of them among them.
    pub protocols: Vec<ProtocolDifference>,
    /// What people read for what the dictionary names.
    #[serde(skip)]
    pub(crate) labels: Labels,
}

/// What is different between two versions of one protocol.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ProtocolDifference {
    /// The protocol's id: the new one, where it has another.
    pub protocol: String,
    /// The old version; none: the protocol is new.
    pub old: Option<String>,
    /// The new version; none: the protocol is gone.
    pub new: Option<String>,
    /// What changed in its file, what can change an answer first.
    pub changes: Vec<Change>,
    /// By which step the version has to rise, the dictionary's changes considered.
    pub bump: Bump,
    /// What it does to recorded patients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
    /// What it does to patients who were made up for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_up: Option<Search>,
    /// What people read for the names and ids.
    #[serde(skip)]
    pub(crate) labels: Labels,
}

/// Something that was added, removed or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Change {
    /// What it is.
    pub part: Part,
    /// Its id, its name, or its place, as in `standard-interval-2`.
    pub id: String,
    /// What happened to it.
    pub kind: ChangeKind,
    /// What it can do.
    pub effect: Effect,
    /// What is different, key by key.
    pub fields: Vec<Field>,
    /// What uses it, directly or through a definition: ids of rules, settings, courses and so on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<String>,
    /// The facts that its expressions read in either version, and those of each thing that uses it.
    #[serde(skip)]
    pub(crate) facts: Vec<BTreeSet<String>>,
}

/// One key that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Field {
    /// The key, as `when` or `sessions.planned`.
    pub key: String,
    /// What it can do.
    pub effect: Effect,
    /// What it was, as it is written; none: it was not there.
    pub old: Option<String>,
    /// What it is now; none: it is gone.
    pub new: Option<String>,
    /// What it was in words, where it is an expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_words: Option<String>,
    /// What it is now in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_words: Option<String>,
}

words! {
    /// What happened.
    ChangeKind {
        /// It was not there.
        Added = "added",
        /// It is gone.
        Removed = "removed",
        /// It says something else.
        Changed = "changed",
    }
}

words! {
    /// What a change can do, the least first.
    Effect {
        /// Nothing that a patient or practitioner meets.
        Administration = "administration",
        /// Other words.
        Text = "text",
        /// Another answer.
        Answer = "answer",
    }
}

words! {
    /// What is compared by itself, in the order of the output.
    Part {
        /// What stands at the top of a file.
        Header = "protocol",
        /// An indication.
        Indication = "indication",
        /// A contraindication.
        Contraindication = "contraindication",
        /// A deferral.
        Deferral = "deferral",
        /// A referral.
        Referral = "referral",
        /// A precaution.
        Precaution = "precaution",
        /// A completion.
        Completion = "completion",
        /// A course, without its intervals, gaps and sessions.
        Course = "course",
        /// An interval of a course.
        Interval = "interval",
        /// A gap of a course.
        Gap = "gap",
        /// A planned session of a course.
        Session = "session",
        /// A distance from other treatments.
        Separation = "separation",
        /// A setting, without its rows.
        Setting = "setting",
        /// A row of a setting.
        Row = "row",
        /// A parameter.
        Parameter = "parameter",
        /// A definition.
        Definition = "definition",
        /// A component.
        Component = "component",
        /// A group of products.
        Products = "products",
        /// A fact.
        Fact = "fact",
        /// A note of a session.
        SessionFact = "session fact",
        /// Answers that cannot all be right.
        Contradiction = "contradiction",
        /// The name of a treatment.
        Treatment = "treatment",
        /// Names that records may hold and nobody reads.
        Ignored = "ignored names",
        /// A table that has no kind of its own here.
        Table = "table",
        /// An instruction.
        Instruction = "instruction",
        /// A red flag.
        RedFlag = "red flag",
        /// A source.
        Source = "source",
        /// What must hold of every answer.
        Property = "property",
        /// Something suspicious that is meant.
        Allow = "allow",
    }
}

impl Difference {
    /// Compares the texts of two versions. Protocols belong together by their ids; one of each belong together whatever they are called.
    #[must_use]
    pub fn between(old: &Clinic, new: &Clinic) -> Difference {
        let dictionary = compare::dictionaries(old, new);
        let pairs = pairs(&old.protocols, &new.protocols).into_iter();
        let protocols = pairs.map(|(old, new)| {
            let changes = compare::protocols(old, new);
            let bump = match (old, new) {
                (Some(old), Some(new)) => {
                    Bump::of(changes.iter().chain(dictionary.iter().filter(|change| concerns(change, old, new))))
                }
                _ => Bump::Major,
            };
            let version = |one: Option<&Protocol>| one.map(|one| one.version.clone());
            ProtocolDifference {
                protocol: new.or(old).map(|one| one.id.clone()).unwrap_or_default(),
                old: version(old),
                new: version(new),
                changes,
                bump,
                impact: None,
                made_up: None,
                labels: Labels::of(old, new),
            }
        });
        let protocols = protocols.collect();
        Difference { schema: SCHEMA, dictionary, protocols, labels: Labels::of_dictionaries(old, new) }
    }

    /// Whether anything is different that can change an answer.
    #[must_use]
    pub fn is_of_meaning(&self) -> bool {
        let mut changes = self.dictionary.iter().chain(self.protocols.iter().flat_map(|one| &one.changes));
        changes.any(|change| change.effect == Effect::Answer)
            || self.protocols.iter().any(|one| one.old.is_none() || one.new.is_none())
    }

    /// What both versions of each protocol answer to recorded patients, on a day. Both are asked as if they were in force.
    pub fn ask(&mut self, old: &Clinic, new: &Clinic, records: &[RecordText], as_of: crate::Date, examples: usize) {
        let pairs = pairs(&old.protocols, &new.protocols);
        for (difference, pair) in self.protocols.iter_mut().zip(pairs) {
            if let (Some(old), Some(new)) = pair {
                let impact = Impact::of(old, new, records, as_of, examples);
                difference.bump = difference.bump.max(Bump::of_impact(&impact));
                difference.impact = Some(impact);
            }
        }
    }

    /// Makes up patients to whom the versions of each protocol answer differently. `starts` are patients to begin with, by protocol, such as
    /// those of its cases.
    pub fn search(&mut self, old: &Clinic, new: &Clinic, starts: &[Start], as_of: crate::Date) {
        let pairs = pairs(&old.protocols, &new.protocols);
        for (difference, pair) in self.protocols.iter_mut().zip(pairs) {
            if let (Some(old), Some(new)) = pair {
                let shared = self.dictionary.iter().filter(|change| concerns(change, old, new));
                let changes: Vec<&Change> = difference.changes.iter().chain(shared).collect();
                let search = Search::of((old, new), &changes, starts, as_of, difference.impact.as_ref());
                difference.bump = difference.bump.max(Bump::of_search(&search));
                difference.made_up = Some(search);
            }
        }
    }
}

/// Whether a change of the dictionary is about something that a protocol reads, in either version.
fn concerns(change: &Change, old: &Protocol, new: &Protocol) -> bool {
    let reads = |one: &Protocol| compare::reads(one, &change.id);
    change.part != Part::Fact || reads(old) || reads(new)
}

/// The protocols that belong together, by id; several of one id in the order of their days.
fn pairs<'p>(old: &'p [Protocol], new: &'p [Protocol]) -> Vec<(Option<&'p Protocol>, Option<&'p Protocol>)> {
    if let ([old], [new]) = (old, new) {
        return vec![(Some(old), Some(new))];
    }
    let ids: BTreeSet<&str> = old.iter().chain(new).map(|one| one.id.as_str()).collect();
    let mut pairs = Vec::new();
    for id in ids {
        let of = |all: &'p [Protocol]| all.iter().filter(|one| one.id == id).collect::<Vec<_>>();
        let (old, new) = (of(old), of(new));
        pairs.extend((0..old.len().max(new.len())).map(|at| (old.get(at).copied(), new.get(at).copied())));
    }
    pairs
}
