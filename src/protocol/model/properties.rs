//! What must hold of every answer.
//!
//! Nothing that decides about a patient reads any of this: the expressions of properties stand in a copy of the program, in which what the
//! answer says is a fact like others.

use crate::diagnostic::Place;
use crate::lang::{ExprId, FactId, Program};
use crate::protocol::dictionary::Dictionary;
use crate::protocol::{Protocol, ProtocolModel};
use std::sync::Arc;

/// The properties of a protocol, with what their expressions are made of.
#[derive(Clone, Debug, Default)]
pub struct Properties {
    /// They.
    pub list: Vec<Property>,
    /// The protocol's program, and after it their expressions.
    pub program: Program,
    /// The protocol's facts, and after them those that only properties read, by their place in the dictionary.
    pub facts: Vec<usize>,
    /// The protocol's dictionary, and after its facts what an answer says.
    pub dictionary: Arc<Dictionary>,
    /// Which facts are what an answer says.
    pub of_answer: Vec<(FactId, OfAnswer)>,
}

/// What must hold of every answer.
#[derive(Clone, Debug)]
pub struct Property {
    /// Its name: unique in the file.
    pub id: String,
    /// The condition.
    pub root: ExprId,
    /// Whether it must never hold, rather than always.
    pub never: bool,
    /// The condition as it is written.
    pub written: String,
    /// Why.
    pub reason: String,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// Where it is declared.
    pub place: Place,
}

/// Something that an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfAnswer {
    /// `status`
    Status,
    /// `treat`: whether the status is `due` or `overdue`.
    Treat,
    /// `not_before`: the first permitted day.
    NotBefore,
    /// `setting("…")`, by its place: of a range, and of all values of its `each`, the end that is least careful.
    Setting(usize),
}

impl Protocol {
    /// The same protocol with the expressions of its properties, in which what an answer says is a fact. For analysis: nobody is asked
    /// these facts.
    pub(crate) fn with_answer(&self) -> Protocol {
        let Properties { program, facts, dictionary, .. } = &self.properties;
        if self.properties.list.is_empty() {
            return self.clone();
        }
        Protocol::from(ProtocolModel {
            program: program.clone(),
            facts: facts.clone(),
            dictionary: dictionary.clone(),
            ..(**self).clone()
        })
    }
}
