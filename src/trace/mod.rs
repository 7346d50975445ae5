//! How an answer came about, as data: a flat list of nodes, children by id. Prose is made from it by the renderers.

mod derived;
mod words;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::logic::Tri;
pub use crate::protocol::model::RuleKind;
use crate::recommendation::{Status, WhyUnknown};
use crate::speech::{Speech, tell};

pub use derived::{Anchor, DateOperation, Derived, Length, Period};
pub use words::{Operator, StepKind};

/// How much of the trace is wanted.
///
/// ```
/// use regimen::Depth;
/// assert_eq!("full".parse(), Ok(Depth::Full));
/// assert_eq!("deep".parse::<Depth>().unwrap_err().to_string(), "`deep` is not a depth: use verdict, rules or full");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "How much of the trace is wanted.")]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    /// What decided.
    Verdict,
    /// Each rule.
    #[default]
    Rules,
    /// Each node of each expression.
    Full,
}

impl std::str::FromStr for Depth {
    type Err = InvalidDepth;

    /// Reads `verdict`, `rules` or `full`.
    fn from_str(text: &str) -> Result<Depth, InvalidDepth> {
        match text {
            "verdict" => Ok(Depth::Verdict),
            "rules" => Ok(Depth::Rules),
            "full" => Ok(Depth::Full),
            _ => Err(InvalidDepth(text.to_owned())),
        }
    }
}

/// A text that is none of the depths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidDepth(String);

impl std::fmt::Display for InvalidDepth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is not a depth: use verdict, rules or full", self.0)
    }
}

impl std::error::Error for InvalidDepth {}

/// How an answer came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Trace {
    /// How much of it is here.
    pub depth: Depth,
    /// The nodes, in the order of evaluation. Operands stand before what uses them.
    pub nodes: Vec<TraceNode>,
    /// At depth `rules`: the rules that certainly do not hold, by kind. (At depth `full` they are nodes.)
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_holding: Vec<NotHolding>,
    /// At depth `full`: the facts and parameters that the nodes read, each once. Whatever node reads one says the same of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
}

/// A fact of the record, or a parameter, as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Given {
    /// Which it is, and where its value comes from.
    pub origin: Origin,
    /// Its value.
    pub outcome: Outcome,
    /// Of a fact that is not known: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<WhyUnknown>,
}

/// Rules of one kind that certainly do not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct NotHolding {
    /// The kind.
    pub kind: RuleKind,
    /// The rules' ids.
    pub rules: Vec<String>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct TraceNode {
    /// Derived from the protocol: `contraindication.pregnant`, `definition.slow_healing`, then the path inside the expression.
    pub id: String,
    /// What it is: the kind of rule, or the kind of operation.
    pub kind: StepKind,
    /// What came out.
    pub outcome: Outcome,
    /// As it is written in the protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
    /// The nodes it is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operands: Vec<String>,
    /// Of `in` and `contains_any`: the choices that one is to be among.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub among: Vec<String>,
    /// Of a question about sessions: whether there may be some that are not listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlisted: bool,
    /// Of a count or a sum over sessions: the operands of those that may have been noted before, and count only if they were not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noted_twice: Vec<String>,
    /// Of a rule: the status that it leads to where it fires. A precaution leads to none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leads_to: Option<Status>,
    /// Where a value comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The facts that made it unknown, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<UnknownFact>,
    /// Whether it belongs to a smallest set of leaves that fixes the outcome of its rule.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decisive: bool,
    /// Of a date, and of what holds back until one: how it came about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derived: Option<Derived>,
    /// Of what asks for a day between two others: these days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The line of the protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

impl TraceNode {
    /// Of a rule as a whole: its id.
    pub(crate) fn rule(&self) -> Option<&str> {
        let (kind, id) = self.id.split_once('.')?;
        let is_of_rule = matches!(
            self.kind,
            StepKind::Indication
                | StepKind::Contraindication
                | StepKind::Deferral
                | StepKind::Referral
                | StepKind::Precaution
                | StepKind::Completion
        );
        (is_of_rule && kind == self.kind.word()).then_some(id)
    }

    /// Of what is asked of a recorded session: its day.
    pub(crate) fn session(&self) -> Option<&str> {
        let (whole, day) = self.id.rsplit_once(".sessions.")?;
        let is_of_expression =
            [".when", ".not_before", ".row-", "definition."].into_iter().any(|mark| whole.contains(mark));
        let day = day.strip_suffix(".note").unwrap_or(day);
        (is_of_expression && !day.contains('.')).then_some(day)
    }

    /// What stands behind its id: how it is written in the protocol; and what the program says of a part of the course, in a language. A
    /// program reads that in English.
    pub(crate) fn said(&self, speech: &Speech) -> Option<String> {
        let text = self.text.as_ref()?;
        if speech.is_english() {
            return Some(text.clone());
        }
        let planned = self.id.strip_suffix(".skip").and_then(|id| id.rsplit_once(".planned-"));
        let condition = text.split_once(" is not needed: ");
        Some(match (self.kind, &self.derived, self.period) {
            (StepKind::Bound, Some(derived), _) => {
                tell!(speech, "holds back until {}: {}", speech.date(derived.date), derived.in_words(speech))
            }
            (StepKind::Bound, None, _) => speech.word("holds back"),
            (StepKind::Check, _, None) => speech.word("the right product"),
            (_, _, Some(period)) => period.in_words(speech),
            (_, Some(derived), None) => derived.in_words(speech),
            (StepKind::Choice, ..) => speech.word(text),
            (StepKind::Course, ..) if self.id == "course.offered" => speech.word(text),
            (StepKind::Course, ..) if planned.is_some() => match (planned, condition) {
                (Some((_, number)), Some((_, condition))) => {
                    tell!(speech, "session {} is not needed: {}", number, condition)
                }
                _ => text.clone(),
            },
            _ => text.clone(),
        })
    }

    /// What is said behind the step in every rendering: when it was answered and by whom, that it was set or assumed, that it decides.
    pub(crate) fn remarks(&self, speech: &Speech) -> String {
        let mut remarks = match &self.origin {
            Some(Origin::Record { on: Some(on), by: Some(by), .. }) => {
                tell!(speech, " (answered {} by {})", speech.date(*on), by)
            }
            Some(Origin::Record { on: Some(on), by: None, .. }) => tell!(speech, " (answered {})", speech.date(*on)),
            Some(Origin::Parameter { set: true, .. }) => speech.word(" (set for this answer)"),
            Some(Origin::Assumed) => speech.word(" (assumed)"),
            Some(Origin::NotApplicable { because, .. }) => tell!(speech, " (not applicable, because {})", because),
            _ => String::new(),
        };
        if self.decisive {
            remarks.push_str(" ←");
        }
        remarks
    }
}

/// What came out of a step.
///
/// In JSON both are texts. Read back, the texts `true`, `false` and `unknown` are those of a condition.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
#[non_exhaustive]
pub enum Outcome {
    /// Of a condition.
    Truth(Tri),
    /// Of anything else, as a person reads it.
    Value(String),
}

impl Serialize for Outcome {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Outcome::Truth(Tri::True) => serializer.serialize_str("true"),
            Outcome::Truth(Tri::False) => serializer.serialize_str("false"),
            Outcome::Truth(Tri::Unknown) => serializer.serialize_str("unknown"),
            Outcome::Value(value) => serializer.serialize_str(value),
        }
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Outcome, D::Error> {
        Ok(match String::deserialize(deserializer)?.as_str() {
            "true" => Outcome::Truth(Tri::True),
            "false" => Outcome::Truth(Tri::False),
            "unknown" => Outcome::Truth(Tri::Unknown),
            value => Outcome::Value(value.to_owned()),
        })
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Outcome::Truth(truth) => truth.fmt(f),
            Outcome::Value(value) => f.write_str(value),
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "from", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// The record.
    Record {
        /// The fact.
        fact: String,
        /// When it was taken.
        #[serde(skip_serializing_if = "Option::is_none")]
        on: Option<Date>,
        /// Who gave it.
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// A parameter of the protocol.
    Parameter {
        /// Its name.
        name: String,
        /// Whether it was set for this answer.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        set: bool,
    },
    /// A definition of the protocol.
    Definition {
        /// Its name.
        name: String,
    },
    /// Written in the expression.
    Literal,
    /// The as-of date.
    AsOf,
    /// The recorded sessions.
    Sessions,
    /// Taken for granted, because the protocol says so.
    Assumed,
    /// What the dictionary says of a fact whose question makes no sense.
    NotApplicable {
        /// The fact.
        fact: String,
        /// Why.
        because: String,
    },
}

/// A fact that made something unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct UnknownFact {
    /// The fact.
    pub fact: String,
    /// Why it is not known.
    pub why: WhyUnknown,
}
