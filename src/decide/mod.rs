//! From what is known of a patient to what is decided: the course, every rule, the status.
//!
//! Every rule is looked at, in any order. Twice, where the protocol takes something for granted: once as it says, and once with
//! that left open, which tells what could still become of the answer. [`fast`] decides the same for many patients; nothing else
//! depends on it.

pub(crate) mod fast;
pub(crate) mod first_day;
pub(crate) mod prepared;
mod request;
pub(crate) mod status;

use crate::date::Date;
use crate::lang::Expr;
use crate::logic::{Evaluation, Tri, Value};
use crate::patient::known::Known;
use crate::protocol::Protocol;
use crate::recommendation::Status;
use crate::worlds::{Detail, Schedule, Scheduler};

pub use fast::{Decider, Decision};
pub use prepared::Prepared;
pub use request::Request;
use status::LeadsTo;
pub use status::Statuses;

impl Prepared<'_> {
    /// Where the courses of a patient stand. `evaluation` holds what no patient changes; what the courses rest on is evaluated in it.
    pub(crate) fn schedule(&self, known: &Known, evaluation: &mut Evaluation, open: bool, detail: Detail) -> Schedule {
        let protocol = self.protocol;
        if protocol.courses.is_empty() {
            return Schedule::default();
        }
        let inputs = known.inputs(Value::Unknown, open);
        evaluation.refresh(&protocol.program, &inputs, &self.courses.nodes);
        Scheduler { protocol, known, evaluation, today: known.today, open, detail }.schedule()
    }
}

/// What became of every rule.
#[derive(Clone, Debug)]
pub(crate) struct Assessment {
    pub(crate) evaluation: Evaluation,
    pub(crate) schedule: Schedule,
    pub(crate) sessions_done: Value,
    /// Whether assumptions were left open.
    pub(crate) open: bool,
    /// For each rule, whether it fires: an indication that fails, any other rule whose condition holds.
    pub(crate) fires: Vec<Tri>,
    /// What the rules lead to.
    pub(crate) led_to: LeadsTo,
}

impl Assessment {
    pub(crate) fn new(prepared: &Prepared<'_>, known: &Known, open: bool, detail: Detail) -> Assessment {
        let protocol = prepared.protocol;
        let schedule = prepared.schedule(known, &mut prepared.constants.clone(), open, detail);
        let sessions_done = known.sessions_done(&schedule);
        let evaluation = Evaluation::complete(&protocol.program, &known.inputs(sessions_done, open));
        let waits = |until| still_before(evaluation.value(until), known.today);
        let fires: Vec<Tri> =
            protocol.rules.iter().map(|rule| rule.fires(|when| evaluation.truth(when), waits)).collect();
        let mut led_to = LeadsTo::NOWHERE;
        for (rule, fires) in protocol.rules.iter().zip(&fires) {
            if let Some(status) = rule.action.leads_to() {
                led_to.add(status, *fires);
            }
        }
        Assessment { evaluation, schedule, sessions_done, open, fires, led_to }
    }

    /// Whether anything was taken for granted.
    pub(crate) fn assumes(&self, protocol: &Protocol) -> bool {
        protocol.program.nodes.iter().any(|node| match node.expr {
            // Under a binder it has as many values as the binder stands for things: better to look twice.
            Expr::Coalesce(..) | Expr::Known(..) if node.level > 0 => true,
            Expr::Coalesce(a, _) | Expr::Known(a) => self.evaluation.value(a) == Value::Unknown,
            _ => false,
        })
    }

    pub(crate) fn status(&self) -> Status {
        status::status(self.led_to.or(self.schedule.leads_to()), self.schedule.overdue)
    }

    pub(crate) fn could_become(&self, status: Status) -> Vec<Status> {
        status::could_become(self.led_to.or(self.schedule.leads_to()), self.schedule.overdue, status).iter().collect()
    }
}

/// Whether a first permitted day has not come. Of a partial date, any day may be meant.
pub(crate) fn still_before(not_before: Value, today: Date) -> Tri {
    match not_before {
        Value::Date(range) => Tri::between(today < range.first, today < range.last),
        _ => Tri::Unknown,
    }
}
