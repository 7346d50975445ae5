//! Why everything came out as it did: the derivation of an answer, which all that is explained is read from.
//!
//! # The graph
//!
//! A derivation is a graph of [`Step`]s. A step is a node of the protocol's program together with the instance that is meant: under `any s in
//! sessions where …` a node has one value for each session, under a setting's `each` and in a course that is counted by something one for each
//! value. Under no binder there is one instance, [`Instance::TOP`], whose values are those that decided. The operands of a step are steps again:
//! those of a quantifier are its condition for each session. All rules share one graph, and a definition is one step of it, however many rules
//! and definitions build on it.
//!
//! # Made once
//!
//! The graph is made in one go, by the evaluator that decided, and does not change any more: reasons, questions, assumptions, settings and the
//! trace are folds over it, in any order, none of which can disturb another. At a moment of the course (`skip`) the course has been judged;
//! here such a condition stands for every moment, so what depends on the moment is unknown.
//!
//! # Folds
//!
//! [`Derivation::walk`] goes through what a step rests on, in the order of the text, and comes to each definition once: thirty definitions each
//! of which names the one before twice are thirty steps, not a thousand million. It keeps what is still to be seen in a list, so that no chain of
//! definitions is too deep for the stack. The fold says of each step where to go from there: "what is missing" turns away from what is known,
//! "what decided" from what made no difference.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::Assessment;
use crate::lang::{Expr, ExprId, Program};
use crate::logic::eval::{Evaluator, Instance, Instances};
use crate::logic::{Declared, Evaluation, Inputs, Reach, Tri, Value};
use crate::patient::known::Known;
use crate::protocol::Protocol;

use crate::decide::needed::each_of;

/// An operation, in one of its instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) id: ExprId,
    instance: Instance,
}

/// How every value of an answer came about.
pub(crate) struct Derivation<'a> {
    program: &'a Program,
    inputs: Inputs<'a>,
    evaluation: &'a Evaluation,
    instances: Instances,
    /// The expressions that are repeated for the values of something, by the value, and those that ask at moments.
    repeated: BTreeMap<(ExprId, Option<Choice>), Instance>,
}

/// The place of a choice.
type Choice = u8;

impl<'a> Derivation<'a> {
    /// The derivation of all that was decided.
    pub(crate) fn new(protocol: &'a Protocol, known: &'a Known, assessment: &'a Assessment) -> Derivation<'a> {
        let (program, evaluation) = (&protocol.program, &assessment.evaluation);
        let inputs = known.inputs(assessment.sessions_done, assessment.open);
        let mut evaluator = Evaluator::keeping(program, &inputs);
        for (at, node) in program.nodes.iter().enumerate() {
            if node.level == 0 && matches!(node.expr, Expr::Quantified { .. } | Expr::Sum { .. }) {
                evaluator.go_through(evaluation, ExprId(crate::narrow::u32(at)));
            }
        }
        let mut repeated = BTreeMap::new();
        let mut repeat = |body: &std::ops::Range<u32>, each: Option<Choice>| {
            let instance = evaluator.instance(evaluation, body, each.map(Value::Choice));
            repeated.insert((ExprId(body.end - 1), each), instance);
        };
        for setting in protocol.settings.iter().filter(|setting| setting.each.is_some()) {
            for each in each_of(known, setting).into_iter().filter_map(choice) {
                let bodies = setting
                    .rows
                    .iter()
                    .flat_map(|row| row.when.iter().chain(row.says.computed()).chain(row.says.in_words()));
                bodies.for_each(|body| repeat(body, Some(each)));
            }
        }
        for course in &protocol.courses {
            if let Some(counter) = &course.separate_by {
                let values = 0..crate::narrow::u8(counter.choices.len());
                values.for_each(|value| counter.bodies.iter().for_each(|body| repeat(body, Some(value))));
            }
            course.sessions.iter().filter_map(|session| session.skip.as_ref()).for_each(|skip| repeat(skip, None));
        }
        let instances = evaluator.into_instances();
        Derivation { program, inputs, evaluation, instances, repeated }
    }

    /// The step of an expression of the protocol; of one that is repeated, for one value.
    pub(crate) fn root(&self, id: ExprId, each: Option<Value>) -> Step {
        let instance = self.repeated.get(&(id, each.and_then(|each| choice(Some(each)))));
        Step { id, instance: instance.copied().unwrap_or(Instance::TOP) }
    }

    /// What it does.
    pub(crate) fn expr(&self, step: Step) -> &'a Expr {
        &self.program.node(step.id).expr
    }

    /// What it came to.
    pub(crate) fn value(&self, step: Step) -> Value {
        self.instances.value(self.evaluation, step.instance, step.id)
    }

    /// What it came to, of a condition.
    pub(crate) fn truth(&self, step: Step) -> Tri {
        self.value(step).truth()
    }

    /// The session that a binder stands for.
    pub(crate) fn session(&self, step: Step, binder: u8) -> usize {
        self.instances.session(step.instance, binder)
    }

    /// A node that a step uses.
    pub(crate) fn operand(&self, of: Step, id: ExprId) -> Step {
        // No binder stands around a definition.
        let is_definition = matches!(self.expr(of), Expr::Definition(..));
        Step { id, instance: if is_definition { Instance::TOP } else { of.instance } }
    }

    /// A node under a quantifier or a sum, once for each session, in the order of its list.
    pub(crate) fn for_sessions(&self, of: Step, id: ExprId) -> impl Iterator<Item = Step> {
        self.instances.of(of.instance, of.id).iter().map(move |instance| Step { id, instance: *instance })
    }

    /// All that a step uses, in the order of the text; under a quantifier or a sum, for one session after the other.
    pub(crate) fn operands(&self, of: Step) -> Vec<Step> {
        let operands = self.expr(of).operands();
        match self.expr(of) {
            Expr::Quantified { .. } | Expr::Sum { .. } => {
                let instances = self.instances.of(of.instance, of.id).iter();
                instances.flat_map(|&instance| operands.iter().map(move |&id| Step { id, instance })).collect()
            }
            _ => operands.into_iter().map(|id| self.operand(of, id)).collect(),
        }
    }

    /// Goes through what a step rests on, in the order of the text and each definition once; `follow` tells where to go from a step.
    pub(crate) fn walk(&self, root: Step, mut follow: impl FnMut(Step) -> Vec<Step>) {
        let (mut todo, mut seen) = (vec![root], BTreeSet::new());
        while let Some(step) = todo.pop() {
            if let Expr::Definition(at, _) = self.expr(step)
                && !seen.insert(at)
            {
                continue;
            }
            todo.extend(follow(step).into_iter().rev());
        }
    }

    /// All that a step may still come to, by the declared ranges of what is not known.
    pub(crate) fn reach(&self, step: Step, declared: Declared<'_>) -> Value {
        let of = (self.evaluation, &self.instances, &self.inputs);
        Reach::of_patient(self.program, declared, of, step.instance).value(step.id)
    }
}

fn choice(value: Option<Value>) -> Option<Choice> {
    match value {
        Some(Value::Choice(at)) => Some(at),
        _ => None,
    }
}
