//! From what is known of up to 64 patients to the truth of every condition.

use std::cell::RefCell;

use super::facts::Known;
use super::prepared::Prepared;
use super::schedule::{Detail, Schedule, Scheduler};
use super::still_before;
use crate::expr::Evaluation;
use crate::expr::circuit::{Block, Circuit, Test, Truths};
use crate::value::Value;

/// Up to 64 patients, while they are decided: first each one's course, then what has to be computed for each, then all conditions
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

    /// Computes the conditions of one patient that are more than a comparison.
    pub(super) fn compute(&mut self, prepared: &Prepared<'_>, known: &Known, lane: usize, sessions_done: Value) {
        let (nodes, _) = &prepared.computed;
        self.compute_some(prepared, known, lane, sessions_done, nodes, 0..prepared.tests.len());
    }

    /// The same, but only where something may be assumed.
    pub(super) fn compute_assuming(
        &mut self,
        prepared: &Prepared<'_>,
        known: &Known,
        lane: usize,
        sessions_done: Value,
    ) {
        let (atoms, nodes) = &prepared.assuming;
        self.compute_some(prepared, known, lane, sessions_done, nodes, atoms.iter().copied());
    }

    fn compute_some(
        &mut self,
        prepared: &Prepared<'_>,
        known: &Known,
        lane: usize,
        sessions_done: Value,
        nodes: &[u32],
        atoms: impl Iterator<Item = usize>,
    ) {
        if nodes.is_empty() {
            return;
        }
        let inputs = known.inputs(sessions_done, self.open);
        let evaluation = self.evaluation.get_mut();
        evaluation.refresh(&prepared.protocol.program, &inputs, nodes);
        for at in atoms {
            let truth = match prepared.tests[at] {
                Test::Computed(id) => evaluation.truth(id),
                Test::Waits(until) => still_before(evaluation.value(until), prepared.request.as_of),
                _ => continue,
            };
            Circuit::set(&mut self.truths, at, lane, truth);
        }
    }

    /// Takes over the computed conditions in which nothing is assumed, when all patients' have been computed.
    pub(super) fn take_settled(&mut self, prepared: &Prepared<'_>, settled: &Case) {
        for (at, test) in prepared.tests.iter().enumerate() {
            if matches!(test, Test::Computed(_) | Test::Waits(_)) && !prepared.assuming.0.contains(&at) {
                Circuit::copy(&settled.truths, &mut self.truths, at);
            }
        }
    }

    /// Decides all conditions of all patients.
    pub(super) fn decide(&mut self, prepared: &Prepared<'_>, block: &Block) {
        let circuit = &prepared.protocol.conditions.circuit;
        circuit.ask(&prepared.tests, block, self.open, &mut self.truths);
        circuit.join(self.open, &mut self.truths);
    }
}
