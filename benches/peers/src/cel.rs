//! CEL: a compiled program for each rule. The facts are values made beforehand, which a resolver hands out without copying
//! them; `rules.cel` says how what is not known becomes unknown.

use std::sync::Arc;

use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value as CelValue};

use crate::answer::{Answer, RULES};
use crate::days::Cuts;
use crate::patients::{Facts, Value, in_it};

/// The programs and the patients.
pub struct Cel {
    env: Arc<Env>,
    programs: [Program; RULES.len()],
    patients: Vec<Patient>,
}

/// The facts in the order of [`Facts::values`].
struct Patient([Option<Box<dyn Val>>; 14]);

impl VariableResolver for Patient {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let at = match variable {
            "date_of_birth" => 0,
            "pregnancy" => 1,
            "nursing" => 2,
            "fitzpatrick" => 3,
            "keloids" => 4,
            "isotretinoin" => 5,
            "last_isotretinoin" => 6,
            "blood_thinners" => 7,
            "inr" => 8,
            "diabetes" => 9,
            "hba1c" => 10,
            "cold_sore" => 11,
            "last_sunburn" => 12,
            "zones" => 13,
            _ => return None,
        };
        self.0[at].as_deref().map(|value| CowVal::Borrowed(value as &dyn Val))
    }
}

impl Cel {
    /// Compiles the rules and makes the values.
    pub fn new(patients: &[Facts], cuts: &Cuts) -> Cel {
        let env = Arc::new(Env::stdlib());
        let rules = cuts.written_into(include_str!("../rules.cel"));
        let programs = RULES.map(|rule| {
            let expression = rules.lines().find_map(|line| line.strip_prefix(rule)?.strip_prefix(": "));
            env.compile(expression.expect("each rule has a line")).expect("the expression is right")
        });
        let patients = patients.iter().map(|facts| Patient(facts.values().map(|(_, value)| value.map(made)))).collect();
        Cel { env, programs, patients }
    }
}

fn made(value: Value) -> Box<dyn Val> {
    match value {
        Value::Bool(truth) => Box::new(CelBool::from(truth)),
        Value::Integer(number) => Box::new(CelInt::from(number)),
        Value::Tenths(tenths) => Box::new(CelDouble::from(tenths as f64 / 10.0)),
        Value::Word(word) => Box::new(CelString::from(word)),
        Value::Set(members) => {
            let words = in_it(members).map(|word| Box::new(CelString::from(word)) as Box<dyn Val>);
            Box::new(CelList::from(words.collect::<Vec<_>>()))
        }
    }
}

impl crate::Engine for Cel {
    fn name(&self) -> String {
        "cel, a compiled program for each rule".into()
    }

    fn decide(&mut self, answers: &mut [Answer]) {
        for (patient, answer) in self.patients.iter().zip(answers) {
            let mut context = Context::with_env(Arc::clone(&self.env));
            context.set_variable_resolver(patient);
            *answer = Answer::new(self.programs.each_ref().map(|program| {
                let value = CelValue::resolve_val(program.expression(), &context).ok()?;
                value.downcast_ref::<CelBool>().map(|truth| *truth.inner())
            }));
        }
    }
}
