//! Whether a property holds of one patient, as the engine answers. This is the meaning of a property.

use std::ops::Range;

use crate::date::{Date, DateRange};
use crate::decide::covered::some_row_applies;
use crate::decide::needed::each_of;
use crate::decide::settings::{Care, Outcome, Table, Worth};
use crate::decide::{Assessment, Decision, Evaluated, Prepared, decide};
use crate::lang::ExprId;
use crate::logic::value::Value;
use crate::logic::{Evaluation, Inputs, Tri};
use crate::patient::Record;
use crate::patient::known::Known;
use crate::protocol::file::Safer;
use crate::protocol::model::{OfAnswer, Properties, Property};
use crate::recommendation::Status;
use crate::worlds::Detail;

/// What a patient is answered, and whether a property holds of that: true or false only where it certainly does or does not.
pub(super) fn judge(
    prepared: &Prepared,
    properties: &Properties,
    property: &Property,
    record: &Record,
) -> (Decision, Tri) {
    let known = prepared.known(record);
    let mut evaluated = Evaluated::new(prepared, &known, Detail::Decision);
    let (decision, _) = decide(prepared, &mut evaluated);
    let assessment = &evaluated.assumed;
    let protocol = &prepared.protocol;
    let mut facts = known.facts.clone();
    for (slot, what) in &properties.of_answer {
        facts[usize::from(slot.0)] = match what {
            OfAnswer::Status => status(decision.status),
            OfAnswer::Treat if decision.status == Status::Undetermined => Value::Unknown,
            OfAnswer::Treat => Value::Bool(decision.status.is_treat()),
            OfAnswer::NotBefore => first_day(&decision, known.today),
            OfAnswer::Setting(at) => setting(prepared, &known, assessment, *at),
        };
    }
    let inputs = Inputs { facts: &facts, ..known.inputs(assessment.sessions_done, false) };
    let nodes: Vec<u32> = protocol.program.under([property.root]).map(|id| id.0).collect();
    let mut evaluation = Evaluation::blank(&protocol.program);
    evaluation.refresh(&protocol.program, &inputs, &nodes);
    let is_so = evaluation.truth(property.root);
    (decision, if property.never { !is_so } else { is_so })
}

/// A status, by its place among those of answers that are decided.
fn status(status: Status) -> Value {
    let decided = Status::ALL.into_iter().filter(|one| *one != Status::Undetermined);
    decided.zip(0u8..).find(|(one, _)| *one == status).map_or(Value::Unknown, |(_, at)| Value::Choice(at))
}

/// The first permitted day: today, where the answer is to treat, and later than any day, where nothing is awaited. (`never` lies before all
/// days: it is what has never happened.)
fn first_day(decision: &Decision, today: Date) -> Value {
    match decision.status {
        Status::Due | Status::Overdue => Value::date(today),
        Status::Contraindicated | Status::NotIndicated | Status::Stopped | Status::Complete => Value::date(Date::MAX),
        Status::Undetermined | Status::Refer => Value::Unknown,
        Status::Deferred => {
            let first = decision.not_before.or(decision.no_sooner_than).unwrap_or(today.plus_days(1));
            let last = decision.not_before.or(decision.no_later_than).unwrap_or(Date::MAX);
            Value::Date(DateRange { first, last })
        }
    }
}

/// The least careful end of a setting.
fn setting(prepared: &Prepared, known: &Known, assessment: &Assessment, at: usize) -> Value {
    let protocol = &prepared.protocol;
    let setting = &protocol.settings[at];
    let worth = OfOne { prepared, assessment, inputs: known.inputs(assessment.sessions_done, false) };
    let care = Care(setting.safer);
    let mut boldest = None;
    for each in each_of(known, setting) {
        match Table::of(protocol, at, each, &worth).outcome {
            Outcome::Range(from, to) => {
                let end = if setting.safer == Safer::Lower { to } else { from };
                boldest = Some(boldest.map_or(end, |so_far| care.bolder(so_far, end)));
            }
            Outcome::Open { .. } => return Value::Unknown,
            Outcome::Text(_) | Outcome::NoRow | Outcome::Unusable(_) => {}
        }
    }
    boldest.map_or(Value::Unknown, Value::number)
}

/// What the rows of a setting come to for one patient.
struct OfOne<'a> {
    prepared: &'a Prepared,
    assessment: &'a Assessment,
    inputs: Inputs<'a>,
}

impl Worth for OfOne<'_> {
    fn may_be(&self, body: &Range<u32>, each: Option<Value>) -> Value {
        let evaluation = &self.assessment.evaluation;
        match each {
            Some(each) => evaluation.for_each(&self.prepared.protocol.program, &self.inputs, body, each),
            None => evaluation.value(ExprId(body.end - 1)),
        }
    }

    fn fires(&self, rule: usize) -> Tri {
        self.assessment.fires[rule]
    }

    fn covers(&self, at: usize, each: Option<Value>) -> bool {
        let protocol = &self.prepared.protocol;
        some_row_applies(protocol, &protocol.settings[at], &[each], (&self.assessment.evaluation, &self.inputs))
    }
}
