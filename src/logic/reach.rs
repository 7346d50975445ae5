//! What an expression may still come to, by the declared ranges of what is not known.
//!
//! The [evaluator](crate::logic::eval) takes what nobody has answered for unknown, and with it all that is computed of it. That decides conditions
//! well enough. Of a dose it has to be known how low it may turn out.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::lang::program::{Expr, ExprId, FactId, Program};
use crate::lang::syntax::{Arithmetic, Comparison, Quantifier};
use crate::lang::types::Type;
use crate::logic::calculate::calculate;
use crate::logic::eval::{Evaluation, Inputs, Instance, Instances, addend, compare};
use crate::logic::value::{MANY, Value};
use crate::logic::{Number, Tri};

/// The declared ranges of facts and of the notes of sessions.
#[derive(Clone, Copy)]
pub struct Declared<'a> {
    /// That of a fact.
    pub fact: &'a dyn Fn(FactId) -> Option<(Decimal, Decimal)>,
    /// That of a note.
    pub note: &'a dyn Fn(u16) -> Option<(Decimal, Decimal)>,
}

/// Whose expressions are asked about.
#[derive(Clone, Copy)]
enum Whose<'a, 'i> {
    /// Those of one patient, as far as they have been evaluated.
    Patient(&'a Evaluation, &'a Instances, &'a Inputs<'i>),
    /// Those of anybody; the clinic's parameters are known.
    Anybody(&'a [Value]),
}

/// Works out what expressions may come to.
pub struct Reach<'a, 'i> {
    program: &'a Program,
    declared: Declared<'a>,
    whose: Whose<'a, 'i>,
    /// What the binders around the node in hand stand for.
    instance: Instance,
    /// Definitions that have been looked at: one may be used many times over.
    definitions: BTreeMap<ExprId, Value>,
}

impl<'a, 'i> Reach<'a, 'i> {
    /// For one patient, of whom the expressions have been evaluated.
    pub(crate) fn of_patient(
        program: &'a Program,
        declared: Declared<'a>,
        (evaluation, instances, inputs): (&'a Evaluation, &'a Instances, &'a Inputs<'i>),
        instance: Instance,
    ) -> Self {
        let whose = Whose::Patient(evaluation, instances, inputs);
        Reach { program, declared, whose, instance, definitions: BTreeMap::new() }
    }

    /// For every patient of a clinic with these parameters.
    pub fn of_anybody(program: &'a Program, declared: Declared<'a>, parameters: &'a [Value]) -> Self {
        let whose = Whose::Anybody(parameters);
        Reach { program, declared, whose, instance: Instance::TOP, definitions: BTreeMap::new() }
    }

    /// A value that covers all that the expression may come to; unknown where there is no such value.
    pub fn value(&mut self, id: ExprId) -> Value {
        let node = self.program.node(id);
        let told = match (&self.whose, &node.expr) {
            (Whose::Patient(evaluation, instances, _), _) => instances.value(evaluation, self.instance, id),
            (Whose::Anybody(_), Expr::Literal(literal)) => *literal,
            (Whose::Anybody(parameters), Expr::Parameter(at)) => parameters[usize::from(*at)],
            _ => Value::Unknown,
        };
        // Of what is known within a range, the declared ranges may tell more; a default never does.
        if told.is_settled() || (told != Value::Unknown && matches!(node.expr, Expr::Coalesce(..))) {
            return told;
        }
        match self.worked_out(id) {
            Value::Unknown => told,
            value => value,
        }
    }

    /// The same from what its operands may come to.
    fn worked_out(&mut self, id: ExprId) -> Value {
        match &self.program.node(id).expr {
            Expr::Fact(fact) => within((self.declared.fact)(*fact)),
            Expr::SessionNote { note, .. } => within((self.declared.note)(*note)),
            Expr::EndNote { list, last, note } => {
                let declared = within((self.declared.note)(*note));
                match &self.whose {
                    Whose::Anybody(_) => declared,
                    // It may be that of a session which is not listed, if there surely is one: without any session there is no note.
                    Whose::Patient(.., inputs) if inputs.is_open(*list) => {
                        if inputs.ends(*list, *last).is_empty() {
                            Value::Unknown
                        } else {
                            declared
                        }
                    }
                    Whose::Patient(.., inputs) => {
                        let notes = inputs.ends(*list, *last).into_iter().map(|session| inputs.note(session, *note));
                        let notes = notes.map(|note| if note == Value::Unknown { declared } else { note });
                        // Without a session there is no note.
                        notes.reduce(Value::either).unwrap_or(Value::Unknown)
                    }
                }
            }
            Expr::Len(set) => match &self.program.node(*set).ty {
                Type::Set(choices) => Value::Number(Number::ZERO, choices.len().into()),
                _ => Value::Unknown,
            },
            Expr::SessionCount(_) | Expr::Quantified { quantifier: Quantifier::Count, .. }
                if matches!(self.whose, Whose::Anybody(_)) =>
            {
                Value::Number(Number::ZERO, MANY)
            }
            Expr::Definition(_, root) => match self.definitions.get(root) {
                Some(value) => *value,
                None => {
                    // No binder stands around a definition.
                    let value = self.in_instance(Instance::TOP, |reach| reach.value(*root));
                    self.definitions.insert(*root, value);
                    value
                }
            },
            Expr::Negate(a) => calculate(Arithmetic::Subtract, Value::number(0), self.value(*a)),
            Expr::Arithmetic(operation, a, b) => calculate(*operation, self.value(*a), self.value(*b)),
            Expr::If(condition, yes, no) => match self.truth(*condition) {
                Tri::True => self.value(*yes),
                Tri::False => self.value(*no),
                Tri::Unknown => self.value(*yes).either(self.value(*no)),
            },
            // What is not known itself may be answered, and then it is neither default nor unknown.
            Expr::Coalesce(a, b) => self.value(*a).either(self.value(*b)),
            Expr::Sum { list, note, body } => {
                let Whose::Patient(evaluation, instances, inputs) = self.whose else { return self.unlisted(*note) };
                let mut sum = if inputs.is_open(*list) { self.unlisted(*note) } else { Value::number(0) };
                for &session in instances.of(self.instance, id) {
                    let counts = instances.value(evaluation, session, ExprId(body.end - 1)).truth();
                    let binder = self.program.node(ExprId(body.end - 1)).level - 1;
                    let counts =
                        inputs.counts(instances.session(session, crate::narrow::u8(usize::from(binder))), counts);
                    let added = self.in_instance(session, |reach| reach.value(*note));
                    sum = calculate(Arithmetic::Add, sum, addend(counts, added));
                }
                sum
            }
            Expr::Not(a) => (!self.truth(*a)).into(),
            Expr::And(all) => all.iter().fold(Tri::True, |so_far, id| so_far.and(self.truth(*id))).into(),
            Expr::Or(all) => all.iter().fold(Tri::False, |so_far, id| so_far.or(self.truth(*id))).into(),
            Expr::Compare(comparison, a, b) => compare(*comparison, self.value(*a), self.value(*b)).into(),
            Expr::Within { item, from, to, inclusive } => {
                let below = if *inclusive { Comparison::LessOrEqual } else { Comparison::Less };
                let item = self.value(*item);
                let above = compare(Comparison::GreaterOrEqual, item, self.value(*from));
                above.and(compare(below, item, self.value(*to))).into()
            }
            _ => Value::Unknown,
        }
    }

    fn in_instance<T>(&mut self, instance: Instance, work: impl FnOnce(&mut Self) -> T) -> T {
        let around = std::mem::replace(&mut self.instance, instance);
        let done = work(self);
        self.instance = around;
        done
    }

    /// What sessions that are not listed may add to the sum of a note: they may be any number.
    fn unlisted(&self, note: ExprId) -> Value {
        let Expr::SessionNote { note, .. } = self.program.node(note).expr else { return Value::Unknown };
        match (self.declared.note)(note) {
            Some((least, _)) if least >= Decimal::ZERO => Value::Number(Number::ZERO, MANY),
            _ => Value::Unknown,
        }
    }

    /// The truth of a condition, as far as the declared ranges settle it.
    pub fn truth(&mut self, id: ExprId) -> Tri {
        self.value(id).truth()
    }
}

fn within(range: Option<(Decimal, Decimal)>) -> Value {
    range.map_or(Value::Unknown, |(least, greatest)| Value::Number(least.into(), greatest.into()))
}
