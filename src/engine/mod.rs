//! The engine: a protocol, a record and a day make a recommendation.
//!
//! Every rule is looked at, in any order. Twice, where the protocol takes something for granted: once as it says, and once with
//! that left open, which tells what could still become of the answer.

mod assumptions;
mod because;
mod course;
mod decider;
mod explain;
mod facts;
mod fast;
mod prepared;
mod questions;
mod reasons;
mod schedule;
mod setpoint;
mod settings;
mod status;
pub(crate) mod turning;
mod unlisted;
mod waits;

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::document::Scalar;
use crate::expr::Evaluation;
use crate::protocol::model::ProtocolStatus;
use crate::protocol::{Protocol, in_order, same_kind, scalar_value};
use crate::recommendation::{CourseStatus, Doubt, Provenance, Recommendation, SCHEMA, Status};
use crate::record::Record;
use crate::trace::Depth;
use crate::tri::Tri;
use crate::value::Value;

pub use decider::{Decider, Decision};
use facts::Known;
pub use prepared::Prepared;
use schedule::{Detail, Schedule, Scheduler};
use status::LeadsTo;
pub use status::Statuses;

/// What is asked of a protocol, beside the record.
///
/// ```
/// use regimen::{Date, Request};
/// let as_of: Date = "2026-03-02".parse()?;
/// let request = Request::new(as_of);
/// assert_eq!(request.as_of, as_of);
/// # Ok::<(), regimen::date::InvalidDate>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The day for which the question is asked.
    pub as_of: Date,
    /// Parameters that are set for this answer, by place.
    set: BTreeMap<usize, Value>,
    /// How much of the trace is wanted.
    pub depth: Depth,
}

impl Request {
    /// A question for a day, with the protocol's own parameters and a trace of every rule.
    #[must_use]
    pub fn new(as_of: Date) -> Request {
        Request { as_of, set: BTreeMap::new(), depth: Depth::default() }
    }

    /// The same with another depth of the trace.
    #[must_use]
    pub fn explain(mut self, depth: Depth) -> Request {
        self.depth = depth;
        self
    }

    /// The same with a parameter set: `"0 months"`, `42`, `true`.
    ///
    /// # Errors
    /// When the protocol has no such parameter, or the value is of another type or outside its range. The message is for a
    /// person.
    pub fn set(mut self, protocol: &Protocol, name: &str, value: &Scalar) -> Result<Request, String> {
        let Some(at) = protocol.parameters.iter().position(|parameter| parameter.name == name) else {
            let names = protocol.parameters.iter().map(|parameter| parameter.name.as_str());
            let hint = crate::diagnostic::closest(name, names).map(|name| format!("; did you mean `{name}`?"));
            return Err(format!("{} has no parameter `{name}`{}", protocol.id, hint.unwrap_or_default()));
        };
        let parameter = &protocol.parameters[at];
        let unit = match &parameter.ty {
            crate::expr::Type::Number { unit, .. } => unit.as_deref(),
            _ => None,
        };
        if let Scalar::Text(text) = value
            && !matches!(parameter.ty, crate::expr::Type::Duration { .. })
        {
            return Err(format!("`{name}` is {}, and `{text}` is a text", parameter.ty.name()));
        }
        let (value, ty) = scalar_value(value, unit)?;
        if !same_kind(&ty, &parameter.ty) {
            return Err(format!("`{name}` is {}, and this is {}", parameter.ty.name(), ty.name()));
        }
        if let Some((least, greatest)) = parameter.range
            && (!in_order(least, value) || !in_order(value, greatest))
        {
            let show = |value| protocol.program.show(value, &parameter.ty);
            return Err(format!("`{name}` can be {} to {}, and this is {}", show(least), show(greatest), show(value)));
        }
        self.set.insert(at, value);
        Ok(self)
    }
}

impl Protocol {
    /// What to do for a patient on a day, and why.
    ///
    /// # Errors
    /// When the record names a date in the future, or the protocol is not in force on that day.
    pub fn recommend(&self, record: &Record, request: &Request) -> Result<Recommendation, Diagnostics> {
        self.prepare(request).recommend(record)
    }

    /// Whether the protocol may be used on a day.
    #[must_use]
    pub fn usable(&self, as_of: Date) -> Diagnostics {
        let mut found = Diagnostics::default();
        let (place, days) = (self.key_place("status"), self.key_place("in_force"));
        let who = format!("protocol `{}` {}", self.id, self.version);
        match self.status {
            ProtocolStatus::Retired => {
                found.push(Diagnostic::new(&codes::RETIRED, format!("{who} is retired")).at(&place));
            }
            ProtocolStatus::Draft => {
                let help = "its answers are for trying it out, not for patients";
                found.push(Diagnostic::new(&codes::DRAFT, format!("{who} is a draft")).at(&place).help(help));
            }
            ProtocolStatus::Active => {}
        }
        let until = self.in_force_until;
        if as_of < self.in_force_from || until.is_some_and(|until| as_of > until) {
            let until = until.map_or_else(String::new, |until| format!(" until {until}"));
            let message = format!("{who} is in force from {}{until}, and not on {as_of}", self.in_force_from);
            found.push(Diagnostic::new(&codes::NOT_IN_FORCE, message).at(&days));
        }
        found
    }
}

impl Prepared<'_> {
    /// What to do for a patient, and why.
    ///
    /// # Errors
    /// When the record names a date in the future, or the protocol is not in force on that day.
    pub fn recommend(&self, record: &Record) -> Result<Recommendation, Diagnostics> {
        let mut found = record.doubts.clone();
        found.append(record.check(&self.protocol.dictionary, self.request.as_of));
        found.append(self.protocol.usable(self.request.as_of));
        let ((), found) = found.into_result(())?;
        // That the protocol is a draft is said by its status.
        let doubts = found.iter().filter(|one| *one.code != codes::DRAFT).map(Doubt::from).collect();
        Ok(self.evaluate(record, doubts))
    }

    /// Where the courses of a patient stand. `evaluation` holds what no patient changes; what the courses rest on is evaluated in it.
    fn schedule(&self, known: &Known, evaluation: &RefCell<Evaluation>, open: bool, detail: Detail) -> Schedule {
        let protocol = self.protocol;
        if protocol.courses.is_empty() {
            return Schedule::default();
        }
        let inputs = known.inputs(Value::Unknown, open);
        evaluation.borrow_mut().refresh(&protocol.program, &inputs, &self.courses.nodes);
        Scheduler { protocol, known, evaluation, today: known.today, open, detail }.schedule()
    }

    fn evaluate(&self, record: &Record, doubts: Vec<Doubt>) -> Recommendation {
        let (protocol, request) = (self.protocol, &self.request);
        let known = Known::new(self, record);
        let detail = if request.depth == Depth::Verdict { Detail::Report } else { Detail::Full };
        let mut assessment = Assessment::new(self, &known, false, detail);
        let mut open = if assessment.assumes(protocol) {
            Assessment::new(self, &known, true, Detail::Decision)
        } else {
            assessment.clone()
        };
        let status = assessment.status();
        if status == Status::Contraindicated
            && let Some(report) = &mut assessment.schedule.report
            && matches!(
                report.status,
                Some(CourseStatus::NotComplete | CourseStatus::AgedOut | CourseStatus::NotRecommended)
            )
        {
            report.status = Some(CourseStatus::Contraindicated);
        }
        let mut view = View { protocol, record, known: &known, status, request };
        let reasons = view.reasons(&mut assessment);
        let (by_rules, waits) = view.waits(&assessment);
        let first_day = waits.first_day();
        let session_day = view.session_day(first_day.not_before);
        let possible =
            !matches!(status, Status::Contraindicated | Status::NotIndicated | Status::Stopped | Status::Complete);
        // Precautions ride along with every answer: they will matter to whatever is done instead.
        let precautions = view.precautions(&mut assessment);
        let (settings, open_settings) = if possible { view.settings(&mut assessment) } else { Default::default() };
        let instructions = if possible { view.instructions(&assessment, session_day) } else { Vec::new() };
        let red_flags = if possible || !record.sessions.is_empty() { view.red_flags() } else { Vec::new() };
        let (questions, date_depends_on) = view.questions(&mut assessment, &waits, open_settings);
        let assumptions = view.assumptions(&mut assessment, &mut open);
        let trace = view.trace(&mut assessment);
        let overrides = view.overrides();
        let set = overrides.iter().map(|one| (one.parameter.clone(), one.used.clone())).collect();
        let mut recommendation = Recommendation {
            schema: SCHEMA,
            protocol: protocol.id.clone(),
            protocol_status: protocol.status,
            title: protocol.title.clone(),
            patient: record.patient.clone(),
            as_of: request.as_of,
            status,
            not_before: first_day.not_before,
            no_sooner_than: first_day.no_sooner_than,
            no_later_than: first_day.no_later_than,
            date_depends_on,
            could_become: open.could_become(status),
            doubts,
            reasons,
            questions,
            assumptions,
            precautions,
            course: view.course(&assessment, session_day, &waits, &by_rules),
            settings,
            instructions,
            red_flags,
            overrides,
            sources: Vec::new(),
            trace,
            provenance: Provenance {
                protocol: protocol.id.clone(),
                version: protocol.version.clone(),
                protocol_sha256: protocol.sha256.clone(),
                dictionary_sha256: protocol.dictionary.sha256.clone(),
                record_sha256: record.sha256.clone(),
                as_of: request.as_of,
                set,
                engine: env!("CARGO_PKG_VERSION"),
            },
        };
        recommendation.sources = view.cited(&recommendation);
        recommendation
    }
}

/// Everything that is fixed while one recommendation is made.
struct View<'a> {
    protocol: &'a Protocol,
    record: &'a Record,
    known: &'a Known,
    status: Status,
    request: &'a Request,
}

/// What became of every rule.
#[derive(Clone, Debug)]
struct Assessment {
    evaluation: Evaluation,
    schedule: Schedule,
    sessions_done: Value,
    /// Whether assumptions were left open.
    open: bool,
    /// For each rule, whether it fires: an indication that fails, any other rule whose condition holds.
    fires: Vec<Tri>,
    /// What the rules lead to.
    led_to: LeadsTo,
}

impl Assessment {
    fn new(prepared: &Prepared<'_>, known: &Known, open: bool, detail: Detail) -> Assessment {
        let protocol = prepared.protocol;
        let schedule = prepared.schedule(known, &RefCell::new(prepared.constants.clone()), open, detail);
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
    fn assumes(&self, protocol: &Protocol) -> bool {
        use crate::expr::Expr;
        protocol.program.nodes.iter().any(|node| match node.expr {
            // Under a binder, the value is that of the last round only: better to look twice.
            Expr::Coalesce(..) | Expr::Known(..) if node.level > 0 => true,
            Expr::Coalesce(a, _) | Expr::Known(a) => self.evaluation.value(a) == Value::Unknown,
            _ => false,
        })
    }

    fn status(&self) -> Status {
        status::status(self.led_to.or(self.schedule.leads_to()), self.schedule.overdue.0)
    }

    fn could_become(&self, status: Status) -> Vec<Status> {
        status::could_become(self.led_to.or(self.schedule.leads_to()), self.schedule.overdue.0, status).iter().collect()
    }
}

/// Whether a first permitted day has not come. Of a partial date, any day may be meant.
fn still_before(not_before: Value, today: Date) -> Tri {
    match not_before {
        Value::Date(range) => Tri::between(today < range.first, today < range.last),
        _ => Tri::Unknown,
    }
}
