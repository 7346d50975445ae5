//! From what is known of up to 32 patients to the truth of every condition.

use std::cell::RefCell;

use super::facts::Known;
use super::prepared::Prepared;
use super::schedule::{Detail, Schedule, Scheduler};
use crate::expr::Evaluation;
use crate::expr::cell::Cell;
use crate::expr::circuit::{Block, Truths};
use crate::value::Value;

/// Up to 32 patients, while they are decided: first each one's course, then what has to be computed for each, then all conditions
/// of all of them at once.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) truths: Truths,
    /// The values of the patient in hand, as far as they have to be computed.
    pub(super) evaluation: RefCell<Evaluation>,
    /// Whether what is assumed is left open.
    open: bool,
}

impl Case {
    pub(super) fn new(prepared: &Prepared<'_>, open: bool) -> Case {
        let protocol = prepared.protocol;
        let (truths, evaluation) = (protocol.conditions.circuit.blank(), RefCell::new(prepared.constants.clone()));
        Case { truths, evaluation, open }
    }

    /// The course of one patient.
    pub(super) fn schedule(&mut self, prepared: &Prepared<'_>, known: &Known, detail: Detail) -> Schedule {
        let protocol = prepared.protocol;
        if protocol.courses.is_empty() {
            return Schedule::default();
        }
        let inputs = known.inputs(Value::Unknown, self.open);
        self.evaluation.get_mut().refresh(&protocol.program, &inputs, &prepared.courses.0);
        let today = prepared.request.as_of;
        Scheduler { protocol, known, evaluation: &self.evaluation, today, open: self.open, detail }.schedule()
    }

    /// Notes how many sessions of one patient count, and computes the conditions that are more than a comparison. With what is assumed
    /// left open, only those that may then be others: the rest must have been computed before.
    pub(super) fn compute<const WIDTH: usize>(
        &mut self,
        prepared: &Prepared<'_>,
        known: &Known,
        sessions_done: Value,
        block: &mut Block<WIDTH>,
        lane: usize,
    ) {
        block.set(prepared.rows.sessions_done[usize::from(self.open)], lane, Cell::new(sessions_done));
        let computed = if self.open { &prepared.assuming } else { &prepared.computed };
        if computed.conditions.is_empty() {
            return;
        }
        let inputs = known.inputs(sessions_done, self.open);
        let evaluation = self.evaluation.get_mut();
        evaluation.refresh(&prepared.protocol.program, &inputs, &computed.nodes);
        for (condition, row) in &computed.conditions {
            block.set(*row, lane, Cell::truth(condition.truth(evaluation, prepared.request.as_of)));
        }
    }

    /// Decides all conditions of all patients.
    pub(super) fn decide<const WIDTH: usize>(&mut self, prepared: &Prepared<'_>, block: &Block<WIDTH>) {
        let tests = &prepared.tests[usize::from(self.open)];
        prepared.protocol.conditions.circuit.decide(tests, block, self.open, &mut self.truths);
    }
}
