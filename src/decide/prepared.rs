//! A protocol made ready for a day.

use crate::date::Date;
use crate::decide::Request;
use crate::decide::confirm::Deciding;
use crate::decide::fast::Rules;
use crate::decide::needed::{Foreseen, NeededSettings};
use crate::diagnostic::Diagnostics;
use crate::lang::{Expr, ExprId, FactId, Program};
use crate::logic::Evaluation;
use crate::logic::value::Value;
use crate::patient::Vocabulary;
use crate::patient::known::{Filler, Known};
use crate::protocol::Protocol;
use crate::protocol::looking_back::LookingBack;
use crate::protocol::model::{Course, Reference};
use crate::recommendation::Status;
use std::sync::{Arc, OnceLock};

/// A protocol, ready for one day and one set of parameters.
///
/// What no patient changes is worked out here: the parameters, the constants of the conditions, the first day from which an answer is still
/// valid.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// use regimen::{Notation, Record, Request};
/// let prepared = clinic.protocols[0].prepare(&Request::new("2026-03-02".parse()?))?;
/// let text = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#;
/// let (record, _) = Record::from_text("record.json", text, Notation::Json, &clinic.dictionary)?;
/// assert_eq!(prepared.recommend(&record)?.patient, "P-1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(crate) protocol: Protocol,
    pub(crate) request: Request,
    pub(crate) parameters: Vec<Value>,
    /// The values that no patient changes; of all others nothing is known.
    pub(crate) constants: Evaluation,
    /// How slots that are written with the texts of the protocol fill its own.
    pub(crate) filler: Filler,
    /// What is the same on every day.
    pub(crate) every_day: Arc<EveryDay>,
    /// What can be told of each setting before anything is known of a patient, once it has been asked.
    pub(crate) foreseen: OnceLock<Vec<Foreseen>>,
    /// The rules made quick, once somebody decides about many patients.
    pub(crate) quick: OnceLock<Rules>,
}

/// What of a protocol made ready is the same on every day and with any parameters. It is worked out once for a protocol.
#[derive(Debug)]
pub(crate) struct EveryDay {
    /// The texts of the protocol.
    pub(crate) vocabulary: Vocabulary,
    /// The rules that lead to a status, in the order in which the statuses win.
    pub(crate) deciding: Vec<(Status, Vec<usize>)>,
    /// What the courses rest on.
    pub(crate) courses: RestsOn,
    /// Which intervals of the courses may have been others on another day.
    pub(crate) looking_back: LookingBack,
    /// What decides whether and when to treat, and the facts that it rests on.
    pub(crate) decides: Deciding,
    /// Whether anything in the courses may be assumed.
    pub(crate) courses_assume: bool,
    /// The settings without which nothing is due, and what they rest on.
    pub(crate) needed: NeededSettings,
    /// The nodes that no patient changes.
    constant: Vec<u32>,
}

impl EveryDay {
    pub(crate) fn of(protocol: &Protocol) -> EveryDay {
        let program = &protocol.program;
        let all = 0..crate::narrow::u32(program.nodes.len());
        let needed = NeededSettings::of(protocol);
        EveryDay {
            vocabulary: Vocabulary::new([protocol]),
            deciding: deciding(protocol),
            courses: RestsOn::of(program, course_roots(protocol)),
            looking_back: LookingBack::of(protocol),
            decides: Deciding::of(protocol, &needed),
            courses_assume: assumes(program, course_roots(protocol)),
            needed,
            constant: all.filter(|at| is_constant(program, ExprId(*at))).collect(),
        }
    }
}

/// What some expressions rest on, as far as a patient can change it.
#[derive(Clone, Debug, Default)]
pub(crate) struct RestsOn {
    /// The nodes that stand under no binder, operands first.
    pub(crate) nodes: Vec<u32>,
    /// The facts that they and all below them read.
    pub(crate) facts: Vec<FactId>,
}

impl RestsOn {
    /// What these expressions rest on.
    pub(crate) fn of(program: &Program, roots: impl IntoIterator<Item = ExprId>) -> RestsOn {
        let mut found = RestsOn::default();
        for id in program.under(roots) {
            let node = program.node(id);
            if node.level == 0 && !is_constant(program, id) {
                found.nodes.push(id.0);
            }
            if let Expr::Fact(fact) | Expr::Age(fact) = node.expr
                && !found.facts.contains(&fact)
            {
                found.facts.push(fact);
            }
        }
        found
    }
}

/// Whether some expressions rest on anything that may be assumed.
pub(crate) fn assumes(program: &Program, roots: impl IntoIterator<Item = ExprId>) -> bool {
    program.under(roots).any(|id| matches!(program.node(id).expr, Expr::Coalesce(..) | Expr::Known(_)))
}

/// Whether a value is the same for all patients.
pub(crate) fn is_constant(program: &Program, id: ExprId) -> bool {
    program.node(id).constant
}

impl Prepared {
    /// Whether a course takes two entries of one day for one session, or for two, and it may be otherwise.
    pub(crate) fn supposes_entries(&self, known: &Known) -> bool {
        !known.perhaps_noted_twice.is_empty() && !self.protocol.courses.is_empty()
    }

    /// The protocol.
    #[must_use]
    pub fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// The day for which it is ready.
    #[must_use]
    pub fn as_of(&self) -> Date {
        self.request.as_of
    }
}

impl Protocol {
    /// The protocol, ready for a day.
    ///
    /// # Errors
    /// When it is retired, or not in force on that day: nobody can then ask it anything.
    pub fn prepare(&self, request: &Request) -> Result<Prepared, Diagnostics> {
        let ((), _drafts) = self.usable(request.as_of).into_result(())?;
        Ok(self.ready(request))
    }

    /// The same, whether or not it is in force: for whoever compares it with another version.
    pub(crate) fn ready(&self, request: &Request) -> Prepared {
        let mut parameters: Vec<Value> = self.parameters.iter().map(|parameter| parameter.value).collect();
        for (at, value) in &request.set {
            parameters[*at] = *value;
        }
        let known = Known::nothing(self, &parameters, request.as_of);
        let every_day = self.every_day().clone();
        let mut constants = Evaluation::blank(&self.program);
        constants.refresh(&self.program, &known.inputs(Value::Unknown, false), &every_day.constant);
        Prepared {
            protocol: self.clone(),
            request: request.clone(),
            filler: Filler::new(self, &every_day.vocabulary, request.as_of),
            every_day,
            foreseen: OnceLock::new(),
            quick: OnceLock::new(),
            parameters,
            constants,
        }
    }
}

fn deciding(protocol: &Protocol) -> Vec<(Status, Vec<usize>)> {
    let rules = |status: Status| {
        let rules = protocol.rules.iter().enumerate();
        rules.filter(move |(_, rule)| rule.action.leads_to() == Some(status)).map(|(at, _)| at).collect()
    };
    let all = Status::ALL.into_iter().map(|status| (status, rules(status)));
    all.filter(|(_, rules): &(_, Vec<usize>)| !rules.is_empty()).collect()
}

/// Everything that a course reads.
pub(crate) fn roots_of(course: &Course) -> impl Iterator<Item = ExprId> {
    let mut roots = vec![course.when, course.minimum, course.planned, course.maximum];
    roots.extend([course.beyond_planned, course.restart_when_complete]);
    roots.push(course.separate_by.as_ref().and_then(|counter| counter.planned));
    roots.extend(course.intervals.iter().flat_map(|interval| {
        let reference = match interval.from {
            Reference::Date(reference) => Some(reference),
            _ => None,
        };
        [interval.when, reference]
    }));
    roots.extend(course.sessions.iter().map(|session| session.skip.as_ref().map(|skip| ExprId(skip.end - 1))));
    roots.into_iter().flatten()
}

/// Everything that the courses read.
pub(crate) fn course_roots(protocol: &Protocol) -> Vec<ExprId> {
    let immune = protocol.components.iter().map(|component| component.immune);
    let others = immune.chain([protocol.immune, protocol.birth]).flatten();
    protocol.courses.iter().flat_map(roots_of).chain(others).collect()
}
