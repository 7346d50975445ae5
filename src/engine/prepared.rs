//! A protocol made ready for a day: every constant of its conditions is worked out once, for all patients.

use super::facts::Known;
use super::{Request, still_before};
use crate::date::{Date, Duration};
use crate::expr::cell::{is_exact, key};
use crate::expr::circuit::{Atom, Literal, Test, is_constant};
use crate::expr::eval::compare;
use crate::expr::{Evaluation, ExprId, FactId};
use crate::protocol::Protocol;
use crate::protocol::conditions::{assumes, rest_on};
use crate::protocol::dictionary::Validity;
use crate::protocol::model::{Action, Course, Reference};
use crate::tri::Tri;
use crate::value::Value;

/// A protocol, ready for one day and one set of parameters.
///
/// What no patient changes is worked out here: the least number that fulfils a comparison, the last birthday that makes an adult,
/// the first day from which an answer is still valid. What remains for a patient is to compare words.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// use regimen::{Notation, Record, Request};
/// let prepared = clinic.protocols[0].prepare(&Request::new("2026-03-02".parse()?));
/// let text = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#;
/// let (record, _) = Record::from_text("record.json", text, Notation::Json, &clinic.dictionary)?;
/// assert_eq!(prepared.recommend(&record)?.patient, "P-1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Prepared<'p> {
    pub(super) protocol: &'p Protocol,
    pub(super) request: Request,
    pub(super) parameters: Vec<Value>,
    /// The atoms of the protocol's conditions.
    pub(super) tests: Vec<Test>,
    /// The values that no patient changes, among those that the others rest on.
    pub(super) constants: Evaluation,
    /// For each fact, how old an answer may be.
    pub(super) fresh: Vec<Fresh>,
    /// The nodes that are computed patient by patient before the conditions are joined, and the facts they read.
    pub(super) computed: (Vec<u32>, Vec<FactId>),
    /// The atoms among them in which something may be assumed, and the nodes that those rest on.
    pub(super) assuming: (Vec<usize>, Vec<u32>),
    /// The same for what the courses rest on.
    pub(super) courses: (Vec<u32>, Vec<FactId>),
    /// Whether anything may be assumed there.
    pub(super) courses_assume: bool,
    pub(super) deferrals: Vec<Deferral>,
}

/// A deferral.
#[derive(Clone, Debug)]
pub(super) struct Deferral {
    /// Whether it holds back.
    pub(super) speaks: Literal,
    /// The first permitted day, if there is one, with the nodes it rests on and the facts they read.
    pub(super) day: Option<(ExprId, Vec<u32>, Vec<FactId>)>,
}

/// How old an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fresh {
    /// As old as it likes.
    Always,
    /// Taken on this day or later.
    From(Date),
    /// Taken after the last session.
    AfterSession,
}

impl Fresh {
    /// Whether an answer that was taken on a day is too old.
    #[inline]
    pub(super) fn is_expired(self, on: Date, last_session: Option<Date>) -> bool {
        match self {
            Fresh::Always => false,
            Fresh::From(first) => on < first,
            Fresh::AfterSession => last_session.is_some_and(|last| on <= last),
        }
    }
}

impl<'p> Prepared<'p> {
    /// The protocol.
    #[must_use]
    pub fn protocol(&self) -> &'p Protocol {
        self.protocol
    }

    /// The day for which it is ready.
    #[must_use]
    pub fn as_of(&self) -> Date {
        self.request.as_of
    }
}

impl Protocol {
    /// The protocol, ready for a day.
    #[must_use]
    pub fn prepare(&self, request: &Request) -> Prepared<'_> {
        let mut parameters: Vec<Value> = self.parameters.iter().map(|parameter| parameter.value).collect();
        for (at, value) in &request.set {
            parameters[*at] = *value;
        }
        let mut known = Known::nothing(self, &parameters, request.as_of);
        let mut constants = Evaluation::blank(&self.program);
        let nodes: Vec<u32> = (0..self.program.nodes.len() as u32).collect();
        let (constant, varying): (Vec<u32>, Vec<u32>) =
            nodes.into_iter().partition(|at| is_constant(&self.program, ExprId(*at)));
        constants.refresh(&self.program, &known.inputs(Value::Unknown, false), &constant);
        // Whatever rests on a patient, of all that some expressions rest on.
        let rest_on = |roots: &[ExprId]| {
            let (mut nodes, facts) = rest_on(&self.program, roots.iter().copied());
            nodes.retain(|at| varying.binary_search(at).is_ok());
            (nodes, facts)
        };
        let mut prepared = Prepared {
            protocol: self,
            request: request.clone(),
            parameters,
            tests: Vec::with_capacity(self.conditions.circuit.atoms().len()),
            fresh: Vec::with_capacity(self.facts.len()),
            computed: (Vec::new(), Vec::new()),
            assuming: (Vec::new(), Vec::new()),
            courses: rest_on(&course_roots(self)),
            constants,
            courses_assume: assumes(&self.program, course_roots(self)),
            deferrals: Vec::new(),
        };
        let today = request.as_of;
        for at in 0..self.facts.len() {
            prepared.fresh.push(match self.fact(FactId(at as u16)).valid_for {
                Validity::Forever => Fresh::Always,
                Validity::Visit => Fresh::From(today),
                Validity::Session => Fresh::AfterSession,
                Validity::For(duration) => Fresh::From(first_fresh(today, duration)),
            });
        }
        let mut evaluation = prepared.constants.clone();
        for atom in self.conditions.circuit.atoms() {
            let test = Probe { protocol: self, known: &mut known, evaluation: &mut evaluation }.test(*atom);
            prepared.tests.push(test);
        }
        let roots = prepared.tests.iter().enumerate().filter_map(|(at, test)| match test {
            Test::Computed(id) | Test::Waits(id) => Some((at, *id)),
            _ => None,
        });
        let roots: Vec<(usize, ExprId)> = roots.collect();
        let of = |roots: &[(usize, ExprId)]| rest_on(&roots.iter().map(|(_, id)| *id).collect::<Vec<_>>());
        prepared.computed = of(&roots);
        let assuming = roots.iter().filter(|(_, id)| assumes(&self.program, [*id]));
        let assuming: Vec<(usize, ExprId)> = assuming.copied().collect();
        let (nodes, _) = of(&assuming);
        prepared.assuming = (assuming.into_iter().map(|(at, _)| at).collect(), nodes);
        for (rule, speaks) in self.rules.iter().zip(&self.conditions.speaks) {
            if let Action::Defer { not_before, .. } = rule.action {
                let day = not_before.map(|day| {
                    let (nodes, facts) = rest_on(&[day]);
                    (day, nodes, facts)
                });
                prepared.deferrals.push(Deferral { speaks: *speaks, day });
            }
        }
        prepared
    }
}

/// The first day from which an answer is not too old: the first that lies no more than the duration back.
fn first_fresh(today: Date, duration: Duration) -> Date {
    let (mut stale, mut fresh) = (Date::MIN.day() - 1, today.day());
    while fresh - stale > 1 {
        let middle = stale + (fresh - stale) / 2;
        if today > Date::from_day(middle) + duration { stale = middle } else { fresh = middle }
    }
    Date::from_day(fresh)
}

/// Everything that a course reads.
pub(super) fn roots_of(course: &Course) -> impl Iterator<Item = ExprId> {
    let mut roots = vec![course.when, course.minimum, course.planned, course.maximum];
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
fn course_roots(protocol: &Protocol) -> Vec<ExprId> {
    let immune = protocol.components.iter().map(|component| component.immune);
    let others = immune.chain([protocol.immune, protocol.birth]).flatten();
    protocol.courses.iter().flat_map(roots_of).chain(others).collect()
}

/// Tries what a condition says of somebody of whom one date is known.
struct Probe<'a> {
    protocol: &'a Protocol,
    known: &'a mut Known,
    /// The values that no patient changes; the rest is what is tried.
    evaluation: &'a mut Evaluation,
}

impl Probe<'_> {
    fn test(&mut self, atom: Atom) -> Test {
        match atom {
            Atom::Flag(fact) => Test::AtLeast { fact, key: 1, contrary: false },
            Atom::AnyOf { fact, bits } => Test::AnyOf { fact, bits },
            Atom::Known(fact) => Test::Known(fact),
            // The facts' keys are exact: above a limit that lies between two millionths is at least its key.
            Atom::Ordered { fact, limit, above } => match self.evaluation.value(limit) {
                Value::Number(limit, _) => {
                    let key = key(limit);
                    Test::AtLeast { fact, key: key + i64::from(above && is_exact(key)), contrary: false }
                }
                Value::Date(limit) => {
                    let key = i64::from(limit.first.day());
                    Test::AtLeast { fact, key: key + i64::from(above), contrary: false }
                }
                // Texts have no order; they are only ever between themselves and the next.
                Value::Text(limit) => {
                    let key = i64::from(limit.0);
                    Test::AtLeast { fact, key: key + i64::from(above), contrary: false }
                }
                _ => Test::Constant(Tri::Unknown),
            },
            Atom::Constant { comparison, a, b } => {
                Test::Constant(compare(comparison, self.evaluation.value(a), self.evaluation.value(b)))
            }
            Atom::Day { fact, comparison } => {
                self.turn(fact, comparison, |value, _| value.truth()).unwrap_or(Test::Computed(comparison))
            }
            Atom::Waits { until, fact } => {
                fact.and_then(|fact| self.turn(fact, until, still_before)).unwrap_or(Test::Waits(until))
            }
            Atom::Computed(id) if is_constant(&self.protocol.program, id) => {
                Test::Constant(self.evaluation.value(id).truth())
            }
            Atom::Computed(id) => Test::Computed(id),
        }
    }

    /// The day on which what is said of an expression turns as a date moves on; none if it does not turn once.
    fn turn(&mut self, fact: FactId, id: ExprId, said: fn(Value, Date) -> Tri) -> Option<Test> {
        let slot = usize::from(fact.0);
        let program = &self.protocol.program;
        let (nodes, _) = rest_on(program, [id]);
        // Before the first day there is "never", where it is permitted: one step below.
        let never = self.protocol.fact(fact).may_be_never;
        let day = |number: i32| if number < Date::MIN.day() { Date::NEVER } else { Date::from_day(number) };
        let mut holds = |number: i32| {
            self.known.facts[slot] = Value::date(day(number));
            self.evaluation.refresh(program, &self.known.inputs(Value::Unknown, false), &nodes);
            said(self.evaluation.value(id), self.known.today)
        };
        let (mut low, mut high) = (Date::MIN.day() - i32::from(never), Date::MAX.day());
        let (first, last) = (holds(low), holds(high));
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if holds(middle) == first { low = middle } else { high = middle }
        }
        self.known.facts[slot] = Value::Unknown;
        let key = i64::from(day(high).day());
        match (first, last) {
            (Tri::False, Tri::True) => Some(Test::AtLeast { fact, key, contrary: false }),
            (Tri::True, Tri::False) => Some(Test::AtLeast { fact, key, contrary: true }),
            // It never turns, but a date that is not known is still not known.
            (Tri::False, Tri::False) => Some(Test::AtLeast { fact, key: i64::MAX, contrary: false }),
            (Tri::True, Tri::True) => Some(Test::AtLeast { fact, key: i64::MAX, contrary: true }),
            _ => None,
        }
    }
}
