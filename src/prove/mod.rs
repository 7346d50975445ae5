//! Whether what must hold of every answer does: for every patient, on every day, whatever a clinic sets within what the protocol permits.
//!
//! A property speaks of one patient and of what is answered (`judge` says what it means). What would violate it is written out as a
//! condition on the patient (`claim`), and the analysis of `check` decides whether anybody meets that (`attempt`). If nobody does, the
//! property is proven. If somebody seems to, the engine is asked about made-up patients (`hunt`): one whom it gives the forbidden answer
//! refutes it. What is neither is not proven, and never counts as a success.

mod attempt;
mod claim;
mod hunt;
mod judge;
mod written_out;

use schemars::JsonSchema;
use serde::Serialize;

use crate::date::Date;
use crate::decide::Request;
use crate::document::Notation;
use crate::logic::Tri;
use crate::logic::value::Value;
use crate::patient::Record;
use crate::protocol::Protocol;
use crate::protocol::file::FactType;
use crate::protocol::model::Property;
use crate::recommendation::Status;
use crate::words::words;
use attempt::{Looked, Verdict};
use claim::Claims;
use hunt::Hunt;

/// The name and version of the shape of the JSON output.
pub const SCHEMA: &str = "regimen/proof/1";

/// What became of the properties of a protocol.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Proofs {
    /// The name and version of this shape.
    pub schema: &'static str,
    /// The protocol's id.
    pub protocol: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of its file, in hexadecimal.
    pub sha256: String,
    /// Its properties, in the order of the file.
    pub properties: Vec<Proof>,
}

impl Proofs {
    /// Of the properties of a protocol.
    #[must_use]
    pub fn of(protocol: &Protocol) -> Proofs {
        Proofs {
            schema: SCHEMA,
            protocol: protocol.id.clone(),
            version: protocol.version.clone(),
            sha256: protocol.sha256.clone(),
            properties: prove(protocol),
        }
    }
}

/// What became of a property.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Proof {
    /// The property's id.
    pub id: String,
    /// What must hold, as it is written: `never …` or `always …`.
    pub claim: String,
    /// Why it must hold.
    pub reason: String,
    /// Sources, by name.
    pub sources: Vec<String>,
    /// The line of the protocol.
    pub line: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// What the proof rests on, where it is proven.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<String>,
    /// The patient for whom it does not hold, where it is refuted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterexample: Option<Counterexample>,
    /// Why it could not be decided, where it is not proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

words! {
    /// What may become of a property.
    Outcome {
        /// It holds of every answer.
        Proved = "proved",
        /// There is a patient for whom it does not hold.
        Refuted = "refuted",
        /// Neither: the analysis cannot tell, and no such patient was found.
        NotProven = "not-proven",
    }
}

/// A patient for whom a property does not hold, as the engine answers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Counterexample {
    /// The day for which it was asked.
    pub as_of: Date,
    /// What it answered.
    pub status: Status,
    /// The first permitted day that it told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Date>,
    /// The parameters that were set, as `--set` takes them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// The record, in JSON, to be saved and asked about again.
    pub record: String,
}

/// What becomes of each property of a protocol, in the order of its file.
///
/// ```
/// use regimen::{Clinic, prove, prove::Outcome};
///
/// let tiny = include_str!("../../tests/fixtures/tiny.toml");
/// let property = |never: &str| {
///     format!("{tiny}\n[[property]]\nid = \"safe\"\nnever = '{never}'\nreason = \"It would harm.\"\nsources = [\"custom\"]\n")
/// };
/// let (clinic, _) = Clinic::from_text("peel.toml", &property("treat && pregnant"))?;
/// assert_eq!(prove(&clinic.protocols[0])[0].outcome, Outcome::Proved);
///
/// // Somebody with dry skin is treated: here is who.
/// let (clinic, _) = Clinic::from_text("peel.toml", &property("treat && skin == \"dry\""))?;
/// let proof = &prove(&clinic.protocols[0])[0];
/// assert_eq!(proof.outcome, Outcome::Refuted);
/// assert!(proof.counterexample.as_ref().is_some_and(|one| one.status.is_treat()));
/// # Ok::<(), regimen::Diagnostics>(())
/// ```
#[must_use]
pub fn prove(protocol: &Protocol) -> Vec<Proof> {
    if protocol.properties.list.is_empty() {
        return Vec::new();
    }
    let model = protocol.with_answer();
    let mut prover = Prover { protocol, model: &model, hunt: None };
    protocol.properties.list.iter().map(|property| prover.prove(property)).collect()
}

/// Whether a property holds of a patient, as the engine answers: true or false only where it certainly does or does not. None where there is
/// no such property, or the record cannot be read.
#[doc(hidden)]
#[must_use]
pub fn holds(protocol: &Protocol, id: &str, request: &Request, (record, notation): (&str, Notation)) -> Option<Tri> {
    let property = protocol.properties.list.iter().find(|property| property.id == id)?;
    let model = protocol.with_answer();
    let (record, _) = Record::from_text("record", record, notation, &model.dictionary).ok()?;
    Some(judge::judge(&model.ready(request), &protocol.properties, property, &record).1)
}

struct Prover<'p> {
    protocol: &'p Protocol,
    model: &'p Protocol,
    /// Made when it is needed: where all is proven, nobody is looked for.
    hunt: Option<Hunt<'p>>,
}

impl<'p> Prover<'p> {
    fn prove(&mut self, property: &Property) -> Proof {
        let protocol = self.protocol;
        let said = if property.never { "never" } else { "always" };
        let mut proof = Proof {
            id: property.id.clone(),
            claim: format!("{said} {}", property.written),
            reason: property.reason.clone(),
            sources: property.sources.iter().map(|at| protocol.sources[*at].id.clone()).collect(),
            line: protocol.line(&property.place),
            outcome: Outcome::Proved,
            assumptions: Vec::new(),
            counterexample: None,
            why: None,
        };
        let mut claims = Claims::new(protocol, self.model);
        let violation = claims.violation(property);
        let mut looked = Looked::default();
        let (mut hints, mut too_many) = (Vec::new(), false);
        for way in violation.taken_apart() {
            match attempt::decide(&way, &mut claims) {
                Verdict::Nobody(at) => looked.add(at),
                Verdict::Perhaps(some) => hints.extend(some),
                Verdict::TooMany => too_many = true,
            }
        }
        if hints.is_empty() && !too_many {
            proof.assumptions = self.assumptions(&looked);
            return proof;
        }
        let model = self.model;
        let hunt = self.hunt.get_or_insert_with(|| Hunt::new(protocol, model));
        match hunt.find(property, &hints) {
            Some(found) => {
                proof.outcome = Outcome::Refuted;
                proof.counterexample = Some(found);
            }
            None => {
                proof.outcome = Outcome::NotProven;
                proof.why = Some(self.why(property, too_many));
            }
        }
        proof
    }

    /// What a proof rests on, as a person reads it.
    fn assumptions(&self, looked: &Looked) -> Vec<String> {
        let mut all = Vec::new();
        for fact in &looked.facts {
            let fact = self.model.fact(*fact);
            match (fact.answer.declared, fact.answer.range) {
                (_, Some((least, greatest))) => all.push(format!("`{}` is {least} to {greatest}", fact.name)),
                (FactType::Date, _) if fact.past => {
                    all.push(format!("`{}` is not after the day that is asked about", fact.name));
                }
                _ => {}
            }
        }
        for (at, values) in &looked.parameters {
            let parameter = &self.protocol.parameters[usize::from(*at)];
            let words: Vec<String> =
                values.iter().map(|value| self.protocol.program.show(*value, &parameter.ty)).collect();
            all.push(match words.as_slice() {
                [one] => format!("parameter `{}` is {one}", parameter.name),
                several => format!("parameter `{}` is one of {}", parameter.name, several.join(", ")),
            });
        }
        if looked.sessions_done {
            all.push("at most 100 sessions count".to_owned());
        }
        if looked.days_differ {
            all.push("months differ: each day of 2026 to 2029 and of 2096 to 2104 was looked at".to_owned());
        }
        all
    }

    /// Why a property could not be decided.
    fn why(&self, property: &Property, too_many: bool) -> String {
        let program = &self.model.program;
        let reads_sessions = program.under([property.root]).any(|id| {
            let expr = &program.node(id).expr;
            expr.list().is_some() || matches!(expr, crate::lang::Expr::SessionsDone)
        });
        let found_none = "no patient was found for whom it does not hold";
        if too_many {
            format!("the rules that it depends on tell too many patients apart; {found_none}")
        } else if reads_sessions {
            format!(
                "it depends on recorded sessions, which the analysis takes as something that may be anything; {found_none}"
            )
        } else if !self.protocol.courses.is_empty() {
            format!(
                "it may depend on the course, or on what the rules compute, which the analysis cannot decide; {found_none}"
            )
        } else {
            format!(
                "it depends on what the analysis cannot decide, such as a sum or two dates that are compared; {found_none}"
            )
        }
    }
}

/// A parameter with a value, as `--set` takes it; none where it has that value already.
fn set_to(protocol: &Protocol, at: usize, value: Value) -> Option<String> {
    let parameter = &protocol.parameters[at];
    let written = match value {
        Value::Bool(value) => value.to_string(),
        Value::Number(number, _) => number.to_string(),
        value => protocol.program.show(value, &parameter.ty),
    };
    (value != parameter.value).then(|| format!("{}={written}", parameter.name))
}
