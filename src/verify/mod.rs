//! Whether a stored answer follows from its own trace, told without the engine.
//!
//! The engine decides; this room only checks. It reads the JSON of an answer, and knows three-valued logic, fractions, the calendar and the
//! order of the statuses. It shares no evaluation with the engine, so that a slip there is found here instead of being made twice. What it
//! takes as it stands are the *premises*: what was read of the record and the protocol, and the texts for people. Where the text of the
//! protocol is given, the answer is compared with it, word by word.

mod agreement;
mod answer;
mod complete;
mod course;
mod dates;
mod premises;
mod protocol;
mod questions;
mod reasons;
mod steps;
mod value;
mod written;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use crate::date::{Date, DateRange};
use crate::recommendation::Recommendation;
use value::Value;

/// What is wrong with a stored answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Fault {
    /// What kind of thing does not follow.
    pub kind: FaultKind,
    /// Where: the id of a node, or a path into the answer.
    pub at: String,
    /// What does not follow, in words.
    pub message: String,
}

/// What kind of thing does not follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// It is not an answer.
    NotAnAnswer,
    /// The trace has not every step.
    NotInFull,
    /// The nodes of the trace do not hang together.
    Shape,
    /// A step does not follow from its parts.
    Step,
    /// A date does not follow from what it is counted from.
    Date,
    /// The answer does not follow from the trace.
    Answer,
    /// The answer or its trace does not say what the text of its protocol says.
    Protocol,
}

/// What was verified of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Verified {
    /// Steps that follow from their parts.
    pub steps: usize,
    /// Dates that follow from what they are counted from.
    pub dates: usize,
    /// Statements of the answer that follow from the trace.
    pub statements: usize,
    /// Leaves, which say what was read and follow from nothing.
    pub premises: usize,
    /// What does not follow.
    pub faults: Vec<Fault>,
}

/// Verifies the JSON of one answer, made with `--explain full`.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// use regimen::{Depth, Notation, Record, Request, render, verify::verify};
/// let text = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#;
/// let (record, _) = Record::from_text("record.json", text, Notation::Json, &clinic.dictionary)?;
/// let request = Request::new("2026-03-02".parse()?).explain(Depth::Full);
/// let stored = render::json(&clinic.protocols[0].recommend(&record, &request)?)?;
/// assert_eq!(verify(&serde_json::from_str(&stored)?).faults, []);
///
/// let altered = stored.replace(r#""status": "contraindicated""#, r#""status": "due""#);
/// let faults = verify(&serde_json::from_str(&altered)?).faults;
/// assert_eq!(faults[0].message, "it is `due`, and `contraindicated` follows from the rules");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn verify(answer: &Json) -> Verified {
    verify_with(answer, None)
}

/// The same, and whether the answer and its trace say what the texts of its protocol and of its dictionary say. Which of the texts these are,
/// their sums tell, which stand in the answer.
#[must_use]
pub fn verify_with(answer: &Json, texts: Option<&[&str]>) -> Verified {
    let mut check = Check { answer, ..Check::default() };
    let refused = |kind, at: &str, message: &str| Verified {
        faults: vec![Fault { kind, at: at.into(), message: message.into() }],
        ..Verified::default()
    };
    let nodes = answer["trace"]["nodes"].as_array();
    let (Some("regimen/recommendation/1"), Some(nodes), Some(as_of)) =
        (answer["schema"].as_str(), nodes, day(&answer["as_of"]))
    else {
        return refused(FaultKind::NotAnAnswer, "", "it is not an answer of `regimen recommend --format json`");
    };
    if answer["trace"]["depth"] != "full" {
        return refused(FaultKind::NotInFull, "trace.depth", "the trace has not every step");
    }
    // Words that no answer has, and fields that are not there, are found by reading it as one.
    match serde_json::from_value::<Recommendation>(answer.clone()) {
        Err(error) => return refused(FaultKind::NotAnAnswer, "", &format!("it cannot be read as an answer: {error}")),
        Ok(read) if serde_json::to_value(&read).ok().as_ref() != Some(answer) => {
            return refused(FaultKind::NotAnAnswer, "", "something in it is not read as it is written");
        }
        Ok(_) => {}
    }
    check.as_of = Some(as_of);
    check.shape(nodes);
    check.steps();
    check.written();
    check.dates();
    check.answer();
    texts.into_iter().for_each(|texts| check.protocol(texts));
    check.found
}

/// One answer, while it is verified.
#[derive(Default)]
struct Check<'a> {
    answer: &'a Json,
    as_of: Option<Date>,
    nodes: Vec<&'a Json>,
    by_id: BTreeMap<&'a str, &'a Json>,
    /// The nodes of courses' conditions for each value, where none is told.
    untold: Vec<&'a str>,
    /// What each node came to.
    values: BTreeMap<&'a str, Value>,
    /// What each derivation comes to, each worked out once.
    derived: RefCell<BTreeMap<String, Option<Date>>>,
    found: Verified,
}

/// A text of an object; nothing where there is none.
fn text<'a>(of: &'a Json, key: &str) -> &'a str {
    of[key].as_str().unwrap_or_default()
}

/// The objects of a list; none where there is no list.
fn list<'a>(of: &'a Json, key: &str) -> std::slice::Iter<'a, Json> {
    of[key].as_array().map_or([].iter(), |all| all.iter())
}

/// The texts of a list.
fn texts<'a>(of: &'a Json, key: &str) -> impl Iterator<Item = &'a str> {
    list(of, key).map(|one| one.as_str().unwrap_or_default())
}

/// A day of the answer.
fn day(of: &Json) -> Option<Date> {
    of.as_str()?.parse().ok()
}

impl<'a> Check<'a> {
    fn fault(&mut self, kind: FaultKind, at: impl Into<String>, message: impl Into<String>) {
        self.found.faults.push(Fault { kind, at: at.into(), message: message.into() });
    }

    /// A statement of the answer, or what is wrong with it.
    fn states(&mut self, at: impl FnOnce() -> String, holds: bool, message: impl FnOnce() -> String) {
        self.found.statements += 1;
        if !holds {
            self.fault(FaultKind::Answer, at(), message());
        }
    }

    fn node(&self, id: &str) -> Option<&'a Json> {
        self.by_id.get(id).copied()
    }

    fn value(&self, id: &str) -> Value {
        self.values.get(id).cloned().unwrap_or(Value::Unknown)
    }

    fn days_of(&self, id: &str) -> Option<DateRange> {
        self.value(id).days()
    }

    /// Every node has a name of its own, and stands behind those that it is made of. A part of one belongs to it by its name.
    fn shape(&mut self, nodes: &'a [Json]) {
        for node in nodes {
            let id = text(node, "id");
            let operands: Vec<&str> = texts(node, "operands").collect();
            let operands = operands.into_iter().chain(texts(node, "noted_twice"));
            let missing: Vec<&str> = operands.filter(|operand| !self.by_id.contains_key(operand)).collect();
            for operand in missing {
                self.fault(FaultKind::Shape, id, format!("`{operand}`, which it is made of, does not stand before it"));
            }
            if id.is_empty() || self.by_id.insert(id, node).is_some() {
                self.fault(FaultKind::Shape, id, "a node before it has the same id");
            }
            if node["kind"] == "each" && node["outcome"] == "unknown" {
                self.untold.push(id);
            }
            self.nodes.push(node);
        }
        let used: BTreeSet<&str> = nodes.iter().flat_map(|node| texts(node, "operands")).collect();
        let lost: Vec<&str> =
            nodes.iter().map(|node| text(node, "id")).filter(|id| is_part(id) && !used.contains(*id)).collect();
        for id in lost {
            self.fault(FaultKind::Shape, id, "it is a part of an expression, and no node is made of it");
        }
    }
}

/// Whether an id is that of a part of a rule, a definition, a row or a condition: `….when`, `….when.1`, `….row-2.1.3`.
fn is_part(id: &str) -> bool {
    premises::expression(id).is_some_and(|whole| whole != id)
}
