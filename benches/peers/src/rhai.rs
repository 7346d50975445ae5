//! Rhai: one script, compiled once and optimized with the day's constants, that returns the truths; a scope for each
//! patient, filled beforehand. `rules.rhai` says why it is written as it is.
//!
//! regimen uses Rhai's parser, so that both share one build of it, with regimen's features: without floating point, functions,
//! closures and modules. None of them is used here.

use rhai::{AST, Array, Dynamic, Engine, Map, OptimizationLevel, Scope};

use crate::answer::Answer;
use crate::days::Cuts;
use crate::patients::{Facts, Value};

/// The engine, the script and the patients.
pub struct Rhai {
    engine: Engine,
    script: AST,
    scopes: Vec<Scope<'static>>,
}

impl Rhai {
    /// Compiles the script and fills the scopes.
    pub fn new(patients: &[Facts], cuts: &Cuts) -> Rhai {
        let mut engine = Engine::new();
        engine.set_optimization_level(OptimizationLevel::Full);
        let mut constants = Scope::new();
        for (name, day) in cuts.names() {
            constants.push_constant(name, i64::from(day));
        }
        let script = engine.compile_with_scope(&constants, include_str!("../rules.rhai")).expect("the script is right");
        Rhai { engine, script, scopes: patients.iter().map(scope).collect() }
    }
}

fn scope(facts: &Facts) -> Scope<'static> {
    let mut scope = Scope::new();
    for (name, value) in facts.values() {
        let value = match value {
            None => Dynamic::UNIT,
            Some(Value::Bool(truth)) => truth.into(),
            Some(Value::Integer(number) | Value::Tenths(number)) => number.into(),
            Some(Value::Word(word)) => word.into(),
            Some(Value::Set(members)) => {
                members.into_iter().map(|(word, is_in)| (word.into(), is_in.into())).collect::<Map>().into()
            }
        };
        scope.push_dynamic(name, value);
    }
    scope
}

impl crate::Engine for Rhai {
    fn name(&self) -> String {
        "Rhai, one compiled script".into()
    }

    fn decide(&mut self, answers: &mut [Answer]) {
        for (scope, answer) in self.scopes.iter_mut().zip(answers) {
            let facts = scope.len();
            let truths: Array = self.engine.eval_ast_with_scope(scope, &self.script).expect("the script runs");
            scope.rewind(facts);
            *answer = Answer::bounded(|at| truths[at].as_bool().expect("a condition is true or false"));
        }
    }
}
