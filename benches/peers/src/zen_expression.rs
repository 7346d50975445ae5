//! zen-expression: one compiled expression that returns the truths, one machine that is used again, and for each patient an object
//! made beforehand.
//!
//! `rules.zen` is written like `rules.rhai`, whose head says why, with null for what is not known: the rules in the order of the
//! protocol, first whether each surely holds, then whether it may. The language has no comments in which it could say so. A set
//! is an object of all its choices, because reading a property is quicker than searching an array. Definitions are written out
//! where they are used: an assignment costs more than they do.

use zen_expression::expression::Standard;
use zen_expression::vm::VM;
use zen_expression::{Expression, Scope, Variable, compile_expression};

use crate::answer::Answer;
use crate::days::Cuts;
use crate::patients::{Facts, Value};

/// The expression, the machine and the patients.
pub struct ZenExpression {
    rules: Expression<Standard>,
    vm: VM,
    scopes: Vec<Scope>,
}

impl ZenExpression {
    /// Compiles the expression and makes the objects.
    pub fn new(patients: &[Facts], cuts: &Cuts) -> ZenExpression {
        let rules = cuts.written_into(include_str!("../rules.zen"));
        let rules = compile_expression(&rules).expect("the expression is right");
        ZenExpression { rules, vm: VM::new(), scopes: patients.iter().map(|facts| Scope::new(object(facts))).collect() }
    }
}

/// A patient as an object, without what is not known.
pub fn object(facts: &Facts) -> Variable {
    let object = Variable::empty_object();
    for (name, value) in facts.values() {
        let Some(value) = value else { continue };
        let json = match value {
            Value::Bool(truth) => truth.into(),
            Value::Integer(number) => number.into(),
            Value::Tenths(tenths) => (tenths as f64 / 10.0).into(),
            Value::Word(word) => word.into(),
            Value::Set(members) => serde_json::Value::Object(
                members.into_iter().map(|(word, is_in)| (word.to_owned(), is_in.into())).collect(),
            ),
        };
        object.dot_insert(name, json.into());
    }
    object
}

impl crate::Engine for ZenExpression {
    fn name(&self) -> String {
        "zen-expression, one compiled expression".into()
    }

    fn decide(&mut self, answers: &mut [Answer]) {
        for (scope, answer) in self.scopes.iter().zip(answers) {
            let truths = self.rules.evaluate_with_scope(scope, &mut self.vm).expect("the expression evaluates");
            let truths = truths.as_array().expect("it makes an array");
            let truths = truths.borrow();
            *answer = Answer::bounded(|at| truths[at].as_bool().expect("a condition is true or false"));
        }
    }
}
