//! zen-engine: a decision table, the form that this engine is for, compiled once. The hit policy is to collect.
//!
//! Each rule has rows that say when it surely holds, and the same rows again that say when it may hold; a rule with several ways
//! to hold has several rows. The columns are the facts, and the cells whole conditions: a column with a field of its own would let
//! a cell say just `> 3.5`, but the engine reads such a field anew for every patient, which costs half as much again. The objects
//! are those of zen-expression.

use zen_engine::model::DecisionContent;
use zen_engine::{Decision, DecisionEngine};
use zen_expression::Variable;

use crate::answer::{Answer, RULES};
use crate::days::Cuts;
use crate::patients::Facts;
use crate::zen_expression::object;

/// The table and the patients.
pub struct ZenEngine {
    table: Decision,
    patients: Vec<Variable>,
}

impl ZenEngine {
    /// Compiles the table and makes the objects.
    pub fn new(patients: &[Facts], cuts: &Cuts) -> ZenEngine {
        let table = cuts.written_into(include_str!("../rules.jdm.json"));
        let table: DecisionContent = serde_json::from_str(&table).expect("the table is right");
        let mut table = DecisionEngine::default().create_decision(table.into()).expect("the table is a decision");
        table.validate().expect("the table is a graph");
        table.compile();
        ZenEngine { table, patients: patients.iter().map(object).collect() }
    }
}

impl crate::Engine for ZenEngine {
    fn name(&self) -> String {
        "zen-engine, a compiled decision table".into()
    }

    fn decide(&mut self, answers: &mut [Answer]) {
        for (patient, answer) in self.patients.iter().zip(answers) {
            let response = pollster::block_on(self.table.evaluate(patient.shallow_clone())).expect("the table runs");
            let rows = response.result.as_array().expect("it collects");
            let mut truths = [Some(false); RULES.len()];
            for row in rows.borrow().iter() {
                let row = row.as_object().expect("a row is an object");
                let row = row.borrow();
                let rule =
                    row.get_str("rule").and_then(Variable::as_number).and_then(|rule| usize::try_from(rule).ok());
                let rule = &mut truths[rule.expect("a row names its rule")];
                if row.get_str("surely").and_then(Variable::as_bool) == Some(true) {
                    *rule = Some(true);
                } else if *rule == Some(false) {
                    *rule = None;
                }
            }
            *answer = Answer::new(truths);
        }
    }
}
