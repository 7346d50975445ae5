//! regorus: Rego compiled to regorus' register machine, loaded once; the inputs are values made beforehand. `rules.rego` says
//! how what is not known becomes unknown.

use std::collections::{BTreeMap, BTreeSet};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::{Engine, Value as Rego};

use crate::answer::{Answer, RULES};
use crate::days::Cuts;
use crate::patients::{Facts, Value, in_it};

/// What is asked.
const QUERY: &str = "data.peers.answer";

/// The machine and the patients.
pub struct Regorus {
    machine: RegoVM,
    rules: [Rego; RULES.len()],
    patients: Vec<Rego>,
}

impl Regorus {
    /// Compiles the policy and makes the inputs.
    pub fn new(patients: &[Facts], cuts: &Cuts) -> Regorus {
        let policy = cuts.written_into(include_str!("../rules.rego"));
        let mut engine = Engine::new();
        engine.add_policy("rules.rego".into(), policy).expect("the policy is right");
        let policy = engine.compile_with_entrypoint(&QUERY.into()).expect("the policy compiles");
        let program = Compiler::compile_from_policy(&policy, &[QUERY]).expect("the machine can run the policy");
        let mut machine = RegoVM::new();
        machine.load_program(program);
        Regorus { machine, rules: RULES.map(Rego::from), patients: patients.iter().map(input).collect() }
    }
}

fn input(facts: &Facts) -> Rego {
    let mut input = BTreeMap::new();
    for (name, value) in facts.values() {
        let Some(value) = value else { continue };
        let value = match value {
            Value::Bool(truth) => truth.into(),
            Value::Integer(number) => number.into(),
            Value::Tenths(tenths) => (tenths as f64 / 10.0).into(),
            Value::Word(word) => word.into(),
            Value::Set(members) => in_it(members).map(Rego::from).collect::<BTreeSet<_>>().into(),
        };
        input.insert(Rego::from(name), value);
    }
    input.into()
}

impl crate::Engine for Regorus {
    fn name(&self) -> String {
        "regorus, its register machine".into()
    }

    fn decide(&mut self, answers: &mut [Answer]) {
        for (patient, answer) in self.patients.iter().zip(answers) {
            self.machine.set_input(patient.clone());
            let truths = self.machine.execute().expect("the policy runs");
            let sets = (truths["yes"].as_set(), truths["no"].as_set());
            let (Ok(yes), Ok(no)) = sets else { panic!("the policy makes two sets, and made {truths}") };
            *answer = Answer::new(self.rules.each_ref().map(|rule| match (yes.contains(rule), no.contains(rule)) {
                (true, false) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
                (true, true) => panic!("the policy says yes and no to {rule}"),
            }));
        }
    }
}
