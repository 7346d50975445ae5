//! What the evaluator left behind when it answered a case.

use crate::decide::{Evaluated, Prepared, Request};
use crate::lang::ExprId;
use crate::logic::{Evaluation, Inputs, Tri, Value};
use crate::patient::Record;
use crate::patient::known::Known;
use crate::protocol::Protocol;
use crate::protocol::model::Rule;
use crate::recommendation::Recommendation;
use crate::trace::Depth;
use crate::worlds::Detail;

/// A case, answered.
pub(crate) struct Observed<'p> {
    pub(crate) protocol: &'p Protocol,
    pub(crate) known: Known,
    pub(crate) sessions_done: Value,
    /// The values of all nodes. Whoever supposes something puts the values back.
    pub(crate) evaluation: Evaluation,
    /// The answer, what was asked and of whom; none where only facts were tried.
    pub(crate) answered: Option<Answered>,
}

/// An answer with a full trace.
pub(crate) struct Answered {
    pub(crate) answer: Recommendation,
    pub(crate) request: Request,
    pub(crate) record: Record,
}

/// A protocol made ready for the days of its cases, once for each.
pub(crate) struct Days<'p> {
    protocol: &'p Protocol,
    depth: Depth,
    ready: Vec<(Request, Option<Prepared>)>,
}

impl<'p> Days<'p> {
    pub(crate) fn new(protocol: &'p Protocol, depth: Depth) -> Days<'p> {
        Days { protocol, depth, ready: Vec::new() }
    }

    /// The protocol for what is asked; none if it cannot be asked.
    pub(crate) fn prepared(&mut self, request: &Request) -> Option<&Prepared> {
        let request = request.clone().explain(self.depth);
        let at = self.ready.iter().position(|(known, _)| *known == request).unwrap_or_else(|| {
            let prepared = self.protocol.prepare(&request).ok();
            self.ready.push((request, prepared));
            self.ready.len() - 1
        });
        self.ready[at].1.as_ref()
    }

    /// Answers a case.
    pub(crate) fn observe(&mut self, request: &Request, record: &Record) -> Option<Observed<'p>> {
        let protocol = self.protocol;
        let prepared = self.prepared(request)?;
        let answer = prepared.recommend(record).ok()?;
        let answered = Answered { answer, request: request.clone(), record: record.clone() };
        Some(Observed { answered: Some(answered), ..Observed::of_facts(protocol, prepared, prepared.known(record)) })
    }
}

impl<'p> Observed<'p> {
    /// The values for a patient, without the answer.
    pub(crate) fn of_facts(protocol: &'p Protocol, prepared: &Prepared, known: Known) -> Observed<'p> {
        let assumed = Evaluated::new(prepared, &known, Detail::Decision).assumed;
        let (sessions_done, evaluation) = (assumed.sessions_done, assumed.evaluation);
        Observed { protocol, known, sessions_done, evaluation, answered: None }
    }

    pub(crate) fn answer(&self) -> Option<&Recommendation> {
        self.answered.as_ref().map(|answered| &answered.answer)
    }

    pub(crate) fn inputs(&self) -> Inputs<'_> {
        self.known.inputs(self.sessions_done, false)
    }

    pub(crate) fn truth(&self, id: ExprId) -> Tri {
        self.evaluation.truth(id)
    }

    /// Evaluates some nodes anew, operands first.
    pub(crate) fn refresh(&mut self, nodes: &[u32]) {
        let inputs = self.known.inputs(self.sessions_done, false);
        self.evaluation.refresh(&self.protocol.program, &inputs, nodes);
    }

    /// What holds of a rule.
    pub(crate) fn applies(&self, rule: &Rule) -> Tri {
        rule.applies(|when| self.truth(when), |until| self.waits(until))
    }

    /// Whether a first permitted day has not come.
    pub(crate) fn waits(&self, until: ExprId) -> Tri {
        crate::decide::still_before(self.evaluation.value(until), self.known.today)
    }
}
