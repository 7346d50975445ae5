//! A protocol made ready for a day: every constant of its conditions is worked out once, for all patients.

use super::facts::Known;
use super::unlisted::Treatments;
use super::{Request, still_before};
use crate::date::Date;
use crate::expr::cell::{Cell, in_order, is_exact, key};
use crate::expr::circuit::{Above, AnyOf, Atom, Block, Tests, Wire, is_constant};
use crate::expr::eval::compare;
use crate::expr::{Evaluation, ExprId, FactId};
use crate::protocol::Protocol;
use crate::protocol::conditions::{assumes, rest_on};
use crate::protocol::model::{Action, Course, Reference};
use crate::record::Fresh;
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
    /// What the protocol's conditions ask of a patient: as it stands, and with what is assumed left open.
    pub(super) tests: [Tests; 2],
    /// Where each patient's cells are.
    pub(super) rows: Rows,
    /// The values that no patient changes, among those that the others rest on.
    pub(super) constants: Evaluation,
    /// For each fact, how old an answer may be.
    pub(super) fresh: Vec<Fresh>,
    /// The conditions that are computed patient by patient before all are joined, and what they rest on.
    pub(super) computed: Computed,
    /// Those of them that are computed again with what is assumed left open.
    pub(super) assuming: Computed,
    /// The nodes that the courses rest on, operands first, and the facts that those read.
    pub(super) courses: (Vec<u32>, Vec<FactId>),
    /// Whether anything may be assumed in them.
    pub(super) courses_assume: bool,
    /// The facts whose values are computed with: by the courses, or for the conditions that are computed.
    pub(super) valued: Vec<FactId>,
    pub(super) deferrals: Deferrals,
    /// The treatments whose sessions make a difference.
    pub(super) treatments: Treatments<'p>,
}

/// The rows of a block: one for each fact, then these.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rows {
    /// How many sessions count: as it stands, and with what is assumed left open.
    pub(super) sessions_done: [usize; 2],
    /// A row of which something is always known, and one of which nothing ever is.
    known: usize,
    unknown: usize,
    /// How many rows there are.
    pub(super) count: usize,
}

/// Conditions that are computed for each patient.
#[derive(Clone, Debug, Default)]
pub(super) struct Computed {
    /// Each with the row that its truth goes to.
    pub(super) conditions: Vec<(Condition, usize)>,
    /// The nodes that they rest on, operands first.
    pub(super) nodes: Vec<u32>,
    /// The facts that those read.
    pub(super) facts: Vec<FactId>,
}

/// A condition that is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// An expression is true.
    Holds(ExprId),
    /// An expression is false.
    Fails(ExprId),
    /// A day has not come yet.
    Waits(ExprId),
}

impl Condition {
    fn root(self) -> ExprId {
        let (Condition::Holds(id) | Condition::Fails(id) | Condition::Waits(id)) = self;
        id
    }

    /// Its truth, given the values.
    pub(super) fn truth(self, evaluation: &Evaluation, today: Date) -> Tri {
        match self {
            Condition::Holds(id) => evaluation.truth(id),
            Condition::Fails(id) => !evaluation.truth(id),
            Condition::Waits(until) => still_before(evaluation.value(until), today),
        }
    }
}

/// The deferrals.
#[derive(Clone, Debug, Default)]
pub(super) struct Deferrals {
    /// Those without a first permitted day: whether each holds back.
    pub(super) endless: Vec<Wire>,
    /// Those with one.
    pub(super) dated: Vec<Dated>,
}

/// A deferral with a first permitted day.
#[derive(Clone, Debug)]
pub(super) struct Dated {
    /// Whether it holds back.
    pub(super) speaks: Wire,
    /// The day.
    pub(super) day: ExprId,
    /// The nodes that it rests on, operands first.
    pub(super) nodes: Vec<u32>,
    /// The facts that those read.
    pub(super) facts: Vec<FactId>,
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

    /// Makes tests of the atoms.
    fn ask(&mut self, known: &mut Known) {
        let protocol = self.protocol;
        let done = protocol.facts.len();
        let open = done + usize::from(self.courses_assume);
        self.rows = Rows { sessions_done: [done, open], known: open + 1, unknown: open + 2, count: open + 3 };
        let mut evaluation = self.constants.clone();
        for atom in protocol.conditions.circuit.atoms() {
            let above = match (Probe { protocol, known, evaluation: &mut evaluation }).ask(*atom) {
                Asked::AnyOf(test) => {
                    self.tests.iter_mut().for_each(|tests| tests.any_of.push(test));
                    continue;
                }
                Asked::Above(test) if test.row == done => self.rows.sessions_done.map(|row| Above { row, ..test }),
                Asked::Above(test) => [test; 2],
                Asked::Constant(truth) => [self.constant(truth); 2],
                Asked::Computed(condition) => self.compute(condition).map(flag),
            };
            for (tests, test) in self.tests.iter_mut().zip(above) {
                tests.above.push(test);
            }
        }
    }

    /// A test that says the same of everybody.
    fn constant(&self, truth: Tri) -> Above {
        match truth {
            Tri::True => Above { row: self.rows.known, limit: 0 },
            Tri::False => Above { row: self.rows.known, limit: u64::MAX },
            Tri::Unknown => Above { row: self.rows.unknown, limit: 0 },
        }
    }

    /// Room for some patients of whom nothing is known.
    pub(super) fn block<const WIDTH: usize>(&self) -> Block<WIDTH> {
        let mut block = Block::new(self.rows.count);
        (0..WIDTH).for_each(|lane| block.set(self.rows.known, lane, Cell::truth(Tri::True)));
        block
    }

    /// Gives a condition that is computed a row of its own; and a second one, if it may be another with what is assumed left open.
    fn compute(&mut self, condition: Condition) -> [usize; 2] {
        let program = &self.protocol.program;
        let root = condition.root();
        let row = self.rows.count;
        self.computed.conditions.push((condition, row));
        let again = assumes(program, [root]) || (self.courses_assume && program.node(root).after_course);
        let open = row + usize::from(again);
        if again {
            self.assuming.conditions.push((condition, open));
        }
        self.rows.count = open + 1;
        [row, open]
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
        let nodes: Vec<u32> = (0..crate::narrow::u32(self.program.nodes.len())).collect();
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
            tests: Default::default(),
            rows: Rows::default(),
            fresh: Vec::with_capacity(self.facts.len()),
            computed: Computed::default(),
            assuming: Computed::default(),
            courses: rest_on(&course_roots(self)),
            constants,
            courses_assume: assumes(&self.program, course_roots(self)),
            valued: Vec::new(),
            deferrals: Deferrals::default(),
            treatments: Treatments::of(self),
        };
        let today = request.as_of;
        for at in 0..self.facts.len() {
            prepared.fresh.push(Fresh::on(today, self.fact(FactId(crate::narrow::u16(at))).valid_for));
        }
        prepared.ask(&mut known);
        for computed in [&mut prepared.computed, &mut prepared.assuming] {
            let roots: Vec<ExprId> = computed.conditions.iter().map(|(condition, _)| condition.root()).collect();
            (computed.nodes, computed.facts) = rest_on(&roots);
        }
        prepared.valued.extend(prepared.courses.1.iter().chain(&prepared.computed.facts));
        prepared.valued.sort_unstable();
        prepared.valued.dedup();
        for (rule, speaks) in self.rules.iter().zip(&self.conditions.speaks) {
            match rule.action {
                Action::Defer { not_before: Some(day), .. } => {
                    let (nodes, facts) = rest_on(&[day]);
                    prepared.deferrals.dated.push(Dated { speaks: *speaks, day, nodes, facts });
                }
                Action::Defer { not_before: None, .. } => prepared.deferrals.endless.push(*speaks),
                _ => {}
            }
        }
        prepared
    }
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

/// What an atom asks.
enum Asked {
    /// A choice or a set.
    AnyOf(AnyOf),
    /// Any other cell.
    Above(Above),
    /// Nothing: it is the same for all patients.
    Constant(Tri),
    /// Something that has to be computed.
    Computed(Condition),
}

/// Whether a cell is true.
fn flag(row: usize) -> Above {
    Above { row, limit: in_order(0) }
}

/// Finds out what atoms ask: of a date, by trying what is said of somebody of whom that one date is known.
struct Probe<'a> {
    protocol: &'a Protocol,
    known: &'a mut Known,
    /// The values that no patient changes; the rest is what is tried.
    evaluation: &'a mut Evaluation,
}

impl Probe<'_> {
    fn ask(&mut self, atom: Atom) -> Asked {
        let row = |fact: FactId| usize::from(fact.0);
        match atom {
            Atom::Flag(fact) => Asked::Above(flag(row(fact))),
            Atom::AnyOf { fact, bits } => Asked::AnyOf(AnyOf { row: row(fact), bits }),
            Atom::Known(fact) => Asked::Above(Above { row: row(fact), limit: 0 }),
            Atom::Ordered { fact, limit, above: strictly } => {
                let limit = match self.evaluation.value(limit) {
                    // The facts' keys are exact: at least a limit that lies between two millionths is above its key.
                    Value::Number(limit, _) => key(limit) - i64::from(!strictly && is_exact(key(limit))),
                    Value::Date(limit) => i64::from(limit.first.day()) - i64::from(!strictly),
                    // Texts have no order; they are only ever between themselves and the next.
                    Value::Text(limit) => i64::from(limit.0) - i64::from(!strictly),
                    _ => return Asked::Constant(Tri::Unknown),
                };
                Asked::Above(Above { row: row(fact), limit: in_order(limit) })
            }
            Atom::Constant { comparison, a, b } => {
                Asked::Constant(compare(comparison, self.evaluation.value(a), self.evaluation.value(b)))
            }
            Atom::Day { fact, comparison, contrary } => {
                let computed = if contrary { Condition::Fails(comparison) } else { Condition::Holds(comparison) };
                self.turn(fact, computed).unwrap_or(Asked::Computed(computed))
            }
            Atom::Waits { until, fact } => {
                let computed = Condition::Waits(until);
                fact.and_then(|fact| self.turn(fact, computed)).unwrap_or(Asked::Computed(computed))
            }
            Atom::Computed(id) if is_constant(&self.protocol.program, id) => Asked::Constant(self.evaluation.truth(id)),
            Atom::Computed(id) => Asked::Computed(Condition::Holds(id)),
        }
    }

    /// The day on which a condition turns from no to yes as a date moves on; none if it does not.
    fn turn(&mut self, fact: FactId, condition: Condition) -> Option<Asked> {
        let slot = usize::from(fact.0);
        let program = &self.protocol.program;
        let (nodes, _) = rest_on(program, [condition.root()]);
        // Before the first day there is "never", where it is permitted: one step below.
        let never = self.protocol.fact(fact).may_be_never;
        let day = |number: i32| if number < Date::MIN.day() { Date::NEVER } else { Date::from_day(number) };
        let mut holds = |number: i32| {
            self.known.facts[slot] = Value::date(day(number));
            self.evaluation.refresh(program, &self.known.inputs(Value::Unknown, false), &nodes);
            condition.truth(self.evaluation, self.known.today)
        };
        let (mut low, mut high) = (Date::MIN.day() - i32::from(never), Date::MAX.day());
        let (first, last) = (holds(low), holds(high));
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if holds(middle) == first { low = middle } else { high = middle }
        }
        self.known.facts[slot] = Value::Unknown;
        let limit = match (first, last) {
            (Tri::False, Tri::True) => in_order(day(high).day().into()) - 1,
            // It never turns; of a date that is not known, it is still not known.
            (Tri::False, Tri::False) => u64::MAX - 1,
            (Tri::True, Tri::True) => 0,
            _ => return None,
        };
        Some(Asked::Above(Above { row: slot, limit }))
    }
}
