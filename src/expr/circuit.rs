//! The conditions of a protocol as a circuit: distinct atoms, joined by gates, for 64 patients at a time.
//!
//! An [`Atom`] asks one thing of a patient: is this fact at least so much, is it one of these. Each distinct atom is there once,
//! however many rules ask it. Everything built of atoms by `&&`, `||`, `!`, `if`, `??` and `known` is a few gates. The truth of
//! an atom or gate is two words ([`Lanes`]): bit *n* is the *n*-th patient's. One patient is the case of one bit, so that a
//! single answer, its trace and a batch of millions are read off the same words.

use std::collections::HashMap;
use std::ops::Not;

use super::cell::Cell;
use super::program::{Expr, ExprId, FactId, Program};
use super::syntax::Comparison;
use super::types::Type;
use crate::tri::Tri;
use crate::value::Value;

/// How many patients are decided at once.
pub const WIDTH: usize = 64;

/// The truth of one condition for each of up to 64 patients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lanes {
    /// Those for whom it is certainly true.
    pub yes: u64,
    /// Those for whom it is certainly false.
    pub no: u64,
}

impl Lanes {
    /// The same for all patients.
    #[must_use]
    pub fn all(truth: Tri) -> Lanes {
        let word = |holds: bool| if holds { u64::MAX } else { 0 };
        Lanes { yes: word(truth.is_true()), no: word(truth.is_false()) }
    }

    /// The truth for one patient.
    #[must_use]
    pub fn get(self, lane: usize) -> Tri {
        match (self.yes >> lane & 1, self.no >> lane & 1) {
            (1, _) => Tri::True,
            (_, 1) => Tri::False,
            _ => Tri::Unknown,
        }
    }

    /// Sets the truth for one patient.
    pub fn set(&mut self, lane: usize, truth: Tri) {
        let bit = 1 << lane;
        self.yes = self.yes & !bit | if truth.is_true() { bit } else { 0 };
        self.no = self.no & !bit | if truth.is_false() { bit } else { 0 };
    }

    /// Those for whom it is neither.
    #[must_use]
    pub fn unknown(self) -> u64 {
        !(self.yes | self.no)
    }

    /// Conjunction.
    #[must_use]
    pub fn and(self, other: Lanes) -> Lanes {
        Lanes { yes: self.yes & other.yes, no: self.no | other.no }
    }

    /// Disjunction.
    #[must_use]
    pub fn or(self, other: Lanes) -> Lanes {
        Lanes { yes: self.yes | other.yes, no: self.no & other.no }
    }
}

impl Not for Lanes {
    type Output = Lanes;
    fn not(self) -> Lanes {
        Lanes { yes: self.no, no: self.yes }
    }
}

/// An atom or gate of a circuit, or its contrary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Literal(u32);

impl Literal {
    /// What is always true.
    pub const TRUE: Literal = Literal(0);
    /// What is always false.
    pub const FALSE: Literal = Literal(1);

    fn of(wire: usize) -> Literal {
        Literal((wire as u32) << 1)
    }

    fn wire(self) -> usize {
        (self.0 >> 1) as usize
    }
}

impl Not for Literal {
    type Output = Literal;
    fn not(self) -> Literal {
        Literal(self.0 ^ 1)
    }
}

/// One thing that is asked of a patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Atom {
    /// A fact that is a condition.
    Flag(FactId),
    /// Whether a number or date is at least, or above, something that is the same for all patients.
    Ordered {
        /// The number or date.
        fact: FactId,
        /// What it is held against.
        limit: ExprId,
        /// Whether it must be above it.
        above: bool,
    },
    /// A comparison that goes over once, from no to yes or from yes to no, as the fact's day moves on: an age, a wait.
    Day {
        /// The date.
        fact: FactId,
        /// The comparison.
        comparison: ExprId,
    },
    /// Whether a choice is one of these, or a set has one of them.
    AnyOf {
        /// The choice or set.
        fact: FactId,
        /// The choices as bits.
        bits: u64,
    },
    /// Whether a first permitted day has not come yet.
    Waits {
        /// The day.
        until: ExprId,
        /// The date with which alone it moves, if there is one.
        fact: Option<FactId>,
    },
    /// Whether anything is known of a fact.
    Known(FactId),
    /// A comparison of two things that are the same for all patients.
    Constant {
        /// How they are compared.
        comparison: Comparison,
        /// The one.
        a: ExprId,
        /// The other.
        b: ExprId,
    },
    /// Any other condition: the evaluator computes it for each patient.
    Computed(ExprId),
}

/// An atom whose constants are known: for a day and parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Test {
    /// Whether a fact's cell is at least a key; or the contrary.
    AtLeast {
        /// The fact.
        fact: FactId,
        /// The key.
        key: i64,
        /// Whether the contrary is meant.
        contrary: bool,
    },
    /// Whether a fact's cell has one of these bits.
    AnyOf {
        /// The fact.
        fact: FactId,
        /// The bits.
        bits: u64,
    },
    /// Whether anything is known of a fact.
    Known(FactId),
    /// The same for all patients.
    Constant(Tri),
    /// The truth of an expression.
    Computed(ExprId),
    /// Whether the day that an expression gives has not come yet.
    Waits(ExprId),
}

/// How two conditions are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operation {
    And,
    Or,
    /// `a ?? b`
    Coalesce,
    /// `known(a)`
    Known,
}

/// A condition made of two others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Gate {
    operation: Operation,
    a: Literal,
    b: Literal,
}

/// The cells of up to 64 patients: all patients' of the first fact, then of the second.
#[derive(Clone, Debug)]
pub struct Block {
    width: usize,
    cells: Vec<Cell>,
}

impl Block {
    /// Room for a number of patients, of whom nothing is known.
    #[must_use]
    pub fn new<'t>(width: usize, types: impl Iterator<Item = &'t Type>) -> Block {
        let cells = types.flat_map(|ty| std::iter::repeat_n(Cell::unknown(ty), width)).collect();
        Block { width, cells }
    }

    /// How many patients there is room for.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// A patient's cell of a fact.
    #[must_use]
    pub fn get(&self, fact: usize, lane: usize) -> Cell {
        self.cells[fact * self.width + lane]
    }

    /// Sets a patient's cell of a fact.
    #[inline]
    pub fn set(&mut self, fact: usize, lane: usize, cell: Cell) {
        self.cells[fact * self.width + lane] = cell;
    }

    fn of(&self, fact: FactId) -> &[Cell] {
        let start = usize::from(fact.0) * self.width;
        &self.cells[start..start + self.width]
    }
}

/// The conditions of a protocol.
#[derive(Clone, Debug, Default)]
pub struct Circuit {
    atoms: Vec<Atom>,
    gates: Vec<Gate>,
    /// The literal of each node that is a condition and stands under no binder.
    literals: Vec<Option<Literal>>,
    /// Those nodes, each with its literal.
    conditions: Vec<(ExprId, Literal)>,
}

/// The truth of every atom and gate.
#[derive(Clone, Debug, Default)]
pub struct Truths(Vec<Lanes>);

impl Truths {
    /// The truth of a literal, for all patients.
    #[must_use]
    #[inline]
    pub fn get(&self, literal: Literal) -> Lanes {
        let lanes = self.0[literal.wire()];
        // Exchanged for the contrary, without a branch.
        let exchange = (lanes.yes ^ lanes.no) & u64::from(literal.0 & 1).wrapping_neg();
        Lanes { yes: lanes.yes ^ exchange, no: lanes.no ^ exchange }
    }
}

impl Circuit {
    /// The atoms.
    #[must_use]
    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    /// The literal of a node; none if the node is no condition, or stands under a binder.
    #[must_use]
    pub fn literal(&self, node: ExprId) -> Option<Literal> {
        self.literals.get(node.0 as usize).copied().flatten()
    }

    /// Every condition that stands under no binder, in the order of the program.
    #[must_use]
    pub fn conditions(&self) -> &[(ExprId, Literal)] {
        &self.conditions
    }

    /// Truths with room for this circuit.
    #[must_use]
    pub fn blank(&self) -> Truths {
        let mut truths = Truths(vec![Lanes::default(); 1 + self.atoms.len() + self.gates.len()]);
        truths.0[0] = Lanes::all(Tri::True);
        truths
    }

    /// Takes over the truth of an atom for all patients.
    pub fn copy(from: &Truths, to: &mut Truths, atom: usize) {
        to.0[1 + atom] = from.0[1 + atom];
    }

    /// Sets the truth of an atom that is computed.
    pub fn set(truths: &mut Truths, atom: usize, lane: usize, truth: Tri) {
        truths.0[1 + atom].set(lane, truth);
    }

    /// Asks all atoms but the computed ones.
    pub fn ask(&self, tests: &[Test], block: &Block, open: bool, truths: &mut Truths) {
        for (test, lanes) in tests.iter().zip(&mut truths.0[1..]) {
            match *test {
                Test::AtLeast { fact, key, contrary } => {
                    let asked = each(block.of(fact), |cell| (cell.low >= key, cell.high < key));
                    *lanes = if contrary { !asked } else { asked };
                }
                Test::AnyOf { fact, bits } => {
                    *lanes = each(block.of(fact), |cell| (cell.low as u64 & bits != 0, cell.high as u64 & bits == 0));
                }
                Test::Known(fact) => {
                    *lanes = each(block.of(fact), |cell| (!cell.is_unknown(), cell.is_unknown() && !open));
                }
                Test::Constant(truth) => *lanes = Lanes::all(truth),
                Test::Computed(_) | Test::Waits(_) => {}
            }
        }
    }

    /// Joins the atoms: the truth of every gate. With `open`, what is assumed (`??`, `known`) is left open where it rests on nothing.
    pub fn join(&self, open: bool, truths: &mut Truths) {
        for (gate, at) in self.gates.iter().zip(1 + self.atoms.len()..) {
            truths.0[at] = gate.join(open, truths);
        }
    }
}

/// Asks every patient: first whether it is certainly so, then whether it is certainly not.
#[inline]
fn each(cells: &[Cell], ask: impl Fn(Cell) -> (bool, bool)) -> Lanes {
    if let [cell] = cells {
        let (yes, no) = ask(*cell);
        return Lanes { yes: yes.into(), no: no.into() };
    }
    let mut lanes = Lanes::default();
    for (lane, cell) in cells.iter().enumerate() {
        let (yes, no) = ask(*cell);
        lanes.yes |= u64::from(yes) << lane;
        lanes.no |= u64::from(no) << lane;
    }
    lanes
}

impl Gate {
    #[inline]
    fn join(self, open: bool, truths: &Truths) -> Lanes {
        let (a, b) = (truths.get(self.a), truths.get(self.b));
        match self.operation {
            Operation::And => a.and(b),
            Operation::Or => a.or(b),
            Operation::Coalesce if open => a,
            Operation::Coalesce => Lanes { yes: a.yes | a.unknown() & b.yes, no: a.no | a.unknown() & b.no },
            Operation::Known => Lanes { yes: !a.unknown(), no: if open { 0 } else { a.unknown() } },
        }
    }
}

/// Builds the circuit of a program, and of what is asked beside it.
#[derive(Debug)]
pub struct Builder<'p> {
    program: &'p Program,
    /// How many sessions count has a cell of its own, after those of the facts.
    sessions_done: FactId,
    circuit: Circuit,
    gates: HashMap<Gate, Literal>,
}

impl<'p> Builder<'p> {
    /// The circuit of all conditions of a program that reads so many facts, and of the waits for some first permitted days.
    #[must_use]
    pub fn new(program: &'p Program, facts: usize, waits: &[ExprId]) -> Builder<'p> {
        let mut builder = Builder {
            program,
            sessions_done: FactId(facts as u16),
            circuit: Circuit { literals: vec![None; program.nodes.len()], ..Circuit::default() },
            gates: HashMap::new(),
        };
        // All atoms come before all gates: first they are counted, then everything is numbered.
        let conditions = || program.nodes.iter().enumerate().filter(|(_, node)| is_condition(node));
        for (at, _) in conditions() {
            builder.collect(ExprId(at as u32));
        }
        for until in waits {
            builder.waits(*until);
        }
        for (at, _) in conditions() {
            let literal = builder.build(ExprId(at as u32));
            builder.circuit.literals[at] = Some(literal);
            builder.circuit.conditions.push((ExprId(at as u32), literal));
        }
        builder
    }

    /// The circuit.
    #[must_use]
    pub fn finish(self) -> Circuit {
        self.circuit
    }

    /// The literal of a condition.
    #[must_use]
    pub fn literal(&self, node: ExprId) -> Literal {
        // INVARIANT: every condition that stands under no binder has been built.
        self.circuit.literal(node).unwrap_or(Literal::FALSE)
    }

    /// Whether a first permitted day has not come yet: one of those that the circuit was begun with.
    pub fn waits(&mut self, until: ExprId) -> Literal {
        let fact = self.moved_by(until);
        self.atom(Atom::Waits { until, fact })
    }

    /// `a && b`
    pub fn and(&mut self, a: Literal, b: Literal) -> Literal {
        match (a, b) {
            (Literal::TRUE, other) | (other, Literal::TRUE) => other,
            (Literal::FALSE, _) | (_, Literal::FALSE) => Literal::FALSE,
            (a, b) if a == b => a,
            (a, b) => self.gate(Operation::And, a.min(b), a.max(b)),
        }
    }

    /// `a || b`
    pub fn or(&mut self, a: Literal, b: Literal) -> Literal {
        match (a, b) {
            (Literal::FALSE, other) | (other, Literal::FALSE) => other,
            (Literal::TRUE, _) | (_, Literal::TRUE) => Literal::TRUE,
            (a, b) if a == b => a,
            (a, b) => self.gate(Operation::Or, a.min(b), a.max(b)),
        }
    }

    fn gate(&mut self, operation: Operation, a: Literal, b: Literal) -> Literal {
        let gate = Gate { operation, a, b };
        if let Some(known) = self.gates.get(&gate) {
            return *known;
        }
        let literal = Literal::of(1 + self.circuit.atoms.len() + self.circuit.gates.len());
        self.circuit.gates.push(gate);
        self.gates.insert(gate, literal);
        literal
    }

    /// Adds the atoms of a condition.
    fn collect(&mut self, id: ExprId) {
        for atom in self.shape(id).atoms() {
            self.atom(atom);
        }
    }

    fn atom(&mut self, atom: Atom) -> Literal {
        let same = |other: &Atom| self.same_atom(atom, *other);
        let at = self.circuit.atoms.iter().position(same).unwrap_or_else(|| {
            self.circuit.atoms.push(atom);
            self.circuit.atoms.len() - 1
        });
        Literal::of(1 + at)
    }

    fn build(&mut self, id: ExprId) -> Literal {
        let shape = self.shape(id);
        if !matches!(shape, Shape::Nodes) {
            return self.join(&shape);
        }
        let of = |builder: &Builder<'_>, id: &ExprId| builder.literal(*id);
        match &self.program.node(id).expr {
            Expr::Not(a) => !of(self, a),
            Expr::Definition(_, root) => of(self, root),
            Expr::And(all) => all.iter().fold(Literal::TRUE, |so_far, id| {
                let next = of(self, id);
                self.and(so_far, next)
            }),
            Expr::Or(all) => all.iter().fold(Literal::FALSE, |so_far, id| {
                let next = of(self, id);
                self.or(so_far, next)
            }),
            // Where the condition is not known, what both branches agree on still is.
            Expr::If(condition, yes, no) => {
                let (condition, yes, no) = (of(self, condition), of(self, yes), of(self, no));
                let either = [self.and(condition, yes), self.and(!condition, no), self.and(yes, no)];
                either.into_iter().fold(Literal::FALSE, |so_far, one| self.or(so_far, one))
            }
            Expr::Compare(comparison, a, b) => {
                let (a, b) = (of(self, a), of(self, b));
                let (both, neither) = (self.and(a, b), self.and(!a, !b));
                let equal = self.or(both, neither);
                if *comparison == Comparison::Equal { equal } else { !equal }
            }
            Expr::Coalesce(a, b) => {
                let (a, b) = (of(self, a), of(self, b));
                self.gate(Operation::Coalesce, a, b)
            }
            Expr::Known(a) => {
                let a = of(self, a);
                self.gate(Operation::Known, a, a)
            }
            // INVARIANT: `shape` gives `Nodes` for the operations above only.
            _ => Literal::FALSE,
        }
    }

    fn join(&mut self, shape: &Shape) -> Literal {
        match shape {
            Shape::Atom(atom) => self.atom(*atom),
            Shape::Always(true) => Literal::TRUE,
            Shape::Always(false) | Shape::Nodes => Literal::FALSE,
            Shape::Not(shape) => !self.join(shape),
            // At least the one, and not above the other.
            Shape::Between(both) => {
                let (from, above) = (self.atom(both[0]), self.atom(both[1]));
                self.and(from, !above)
            }
            Shape::Default { fact, known, otherwise } => {
                let (is_known, known, otherwise) =
                    (self.atom(Atom::Known(*fact)), self.join(known), self.join(otherwise));
                let (then, or_else) = (self.and(is_known, known), self.and(!is_known, otherwise));
                self.or(then, or_else)
            }
        }
    }

    /// What a condition is made of.
    fn shape(&self, id: ExprId) -> Shape {
        let is_bool = |id: &ExprId| self.program.node(*id).ty == Type::Bool;
        let computed = Shape::Atom(Atom::Computed(id));
        match &self.program.node(id).expr {
            Expr::Literal(Value::Bool(truth)) => Shape::Always(*truth),
            Expr::Fact(fact) => Shape::Atom(Atom::Flag(*fact)),
            Expr::Not(_) | Expr::Definition(..) | Expr::And(_) | Expr::Or(_) | Expr::If(..) => Shape::Nodes,
            Expr::Coalesce(..) => Shape::Nodes,
            Expr::Known(a) if is_bool(a) => Shape::Nodes,
            Expr::Known(a) => self.fact(*a).map_or(computed, |fact| Shape::Atom(Atom::Known(fact))),
            Expr::Compare(_, a, b) if is_bool(a) && is_bool(b) => Shape::Nodes,
            Expr::Compare(comparison, a, b) => {
                let compared = self.comparison(*comparison, *a, *b);
                let turns = |fact| Shape::Atom(Atom::Day { fact, comparison: id });
                let is_order = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
                let moved = || self.moved_by(*a).filter(|_| self.is_constant(*b));
                let moved = || moved().or_else(|| self.moved_by(*b).filter(|_| self.is_constant(*a)));
                compared.or_else(|| moved().filter(|_| is_order).map(turns)).unwrap_or(computed)
            }
            Expr::Within { item, from, to, inclusive } => match self.ordered(*item) {
                Some(fact) if self.is_constant(*from) && self.is_constant(*to) => Shape::Between([
                    Atom::Ordered { fact, limit: *from, above: false },
                    Atom::Ordered { fact, limit: *to, above: *inclusive },
                ]),
                _ => computed,
            },
            Expr::OneOf(item, bits) | Expr::ContainsAny(item, bits) if *bits != 0 => {
                self.fact(*item).map_or(computed, |fact| Shape::Atom(Atom::AnyOf { fact, bits: *bits }))
            }
            Expr::Contains(set, item) => match (self.fact(*set), &self.program.node(*item).expr) {
                (Some(fact), Expr::Literal(Value::Choice(at))) => Shape::Atom(Atom::AnyOf { fact, bits: 1 << at }),
                _ => computed,
            },
            Expr::IsEmpty(set) => {
                let some = |fact| Shape::Atom(Atom::AnyOf { fact, bits: u64::MAX });
                self.fact(*set).map_or(computed, |fact| Shape::Not(some(fact).into()))
            }
            _ => computed,
        }
    }

    fn fact(&self, id: ExprId) -> Option<FactId> {
        match self.program.node(id).expr {
            Expr::Fact(fact) => Some(fact),
            Expr::Definition(_, root) => self.fact(root),
            _ => None,
        }
    }

    /// The cell of a number, date or text that is not computed.
    fn ordered(&self, id: ExprId) -> Option<FactId> {
        let node = self.program.node(id);
        match node.expr {
            Expr::SessionsDone => Some(self.sessions_done),
            _ if matches!(node.ty, Type::Number { .. } | Type::Date | Type::Text) => self.fact(id),
            _ => None,
        }
    }

    /// A comparison of something that is not computed with something that is the same for all patients.
    fn comparison(&self, comparison: Comparison, a: ExprId, b: ExprId) -> Option<Shape> {
        let (item, limit, comparison) = match (self.is_constant(a), self.is_constant(b)) {
            (true, true) => return Some(Shape::Atom(Atom::Constant { comparison, a, b })),
            (false, true) => (a, b, comparison),
            (true, false) => (b, a, comparison.turned()),
            (false, false) => return None,
        };
        // What stands in for a missing answer is compared in its stead.
        if let Expr::Coalesce(known, otherwise) = self.program.node(item).expr {
            return Some(Shape::Default {
                fact: self.fact(known)?,
                known: self.comparison(comparison, known, limit)?.into(),
                otherwise: self.comparison(comparison, otherwise, limit)?.into(),
            });
        }
        if let (Some(fact), Expr::Literal(Value::Choice(at))) = (self.fact(item), &self.program.node(limit).expr) {
            let is = Shape::Atom(Atom::AnyOf { fact, bits: 1 << at });
            return match comparison {
                Comparison::Equal => Some(is),
                Comparison::NotEqual => Some(Shape::Not(is.into())),
                _ => None,
            };
        }
        let fact = self.ordered(item)?;
        let [at_least, above] = [false, true].map(|above| Atom::Ordered { fact, limit, above });
        Some(match comparison {
            Comparison::GreaterOrEqual => Shape::Atom(at_least),
            Comparison::Greater => Shape::Atom(above),
            Comparison::Less => Shape::Not(Shape::Atom(at_least).into()),
            Comparison::LessOrEqual => Shape::Not(Shape::Atom(above).into()),
            Comparison::Equal => Shape::Between([at_least, above]),
            Comparison::NotEqual => Shape::Not(Shape::Between([at_least, above]).into()),
        })
    }

    /// The date on which alone a value depends, growing or shrinking with it throughout.
    fn moved_by(&self, id: ExprId) -> Option<FactId> {
        let node = self.program.node(id);
        match &node.expr {
            Expr::Fact(fact) if node.ty == Type::Date => Some(*fact),
            Expr::Age(fact) => Some(*fact),
            Expr::Shift { date, by, .. } if self.is_constant(*by) => self.moved_by(*date),
            Expr::Distance(a, b) if self.is_constant(*a) => self.moved_by(*b),
            Expr::Distance(a, b) if self.is_constant(*b) => self.moved_by(*a),
            Expr::Definition(_, root) => self.moved_by(*root),
            _ => None,
        }
    }

    /// Whether a value is the same for all patients.
    fn is_constant(&self, id: ExprId) -> bool {
        is_constant(self.program, id)
    }

    fn same_atom(&self, a: Atom, b: Atom) -> bool {
        let same = |a, b| same(self.program, a, b);
        match (a, b) {
            (Atom::Ordered { fact, limit, above }, Atom::Ordered { fact: fact_b, limit: limit_b, above: above_b }) => {
                fact == fact_b && above == above_b && same(limit, limit_b)
            }
            (Atom::Day { fact, comparison }, Atom::Day { fact: fact_b, comparison: comparison_b }) => {
                fact == fact_b && same(comparison, comparison_b)
            }
            (Atom::Computed(a), Atom::Computed(b)) => same(a, b),
            (Atom::Waits { until: a, .. }, Atom::Waits { until: b, .. }) => same(a, b),
            (a, b) => a == b,
        }
    }
}

/// What a condition is made of.
enum Shape {
    Atom(Atom),
    Always(bool),
    Not(Box<Shape>),
    /// The first holds and the second does not.
    Between([Atom; 2]),
    /// `fact ?? otherwise`, compared with something.
    Default {
        fact: FactId,
        known: Box<Shape>,
        otherwise: Box<Shape>,
    },
    /// The nodes under it, joined by its operation.
    Nodes,
}

impl Shape {
    fn atoms(&self) -> Vec<Atom> {
        match self {
            Shape::Atom(atom) => vec![*atom],
            Shape::Always(_) | Shape::Nodes => Vec::new(),
            Shape::Not(shape) => shape.atoms(),
            Shape::Between(both) => both.to_vec(),
            Shape::Default { fact, known, otherwise } => {
                [vec![Atom::Known(*fact)], known.atoms(), otherwise.atoms()].concat()
            }
        }
    }
}

fn is_condition(node: &super::program::Node) -> bool {
    node.level == 0 && node.ty == Type::Bool
}

/// Whether a value is the same for all patients.
#[must_use]
pub fn is_constant(program: &Program, id: ExprId) -> bool {
    match &program.node(id).expr {
        Expr::Literal(_) | Expr::Parameter(_) | Expr::Today => true,
        Expr::Arithmetic(..)
        | Expr::Negate(_)
        | Expr::Shift { .. }
        | Expr::Distance(..)
        | Expr::Duration { .. }
        | Expr::Lengthen(..)
        | Expr::Definition(..)
        | Expr::Compare(..)
        | Expr::If(..) => program.node(id).expr.operands().into_iter().all(|operand| is_constant(program, operand)),
        _ => false,
    }
}

/// Whether two expressions are the same wherever they stand.
fn same(program: &Program, a: ExprId, b: ExprId) -> bool {
    if a == b {
        return true;
    }
    let (a, b) = (&program.node(a).expr, &program.node(b).expr);
    // Of the same nodes, the same is made.
    if a == b {
        return true;
    }
    let alike = match (a, b) {
        (Expr::Compare(a, ..), Expr::Compare(b, ..)) => a == b,
        (Expr::Arithmetic(a, ..), Expr::Arithmetic(b, ..)) => a == b,
        (Expr::Shift { back: a, .. }, Expr::Shift { back: b, .. }) => a == b,
        (Expr::Duration { months: a, days: b, .. }, Expr::Duration { months: c, days: d, .. }) => (a, b) == (c, d),
        (Expr::OneOf(_, a), Expr::OneOf(_, b)) | (Expr::ContainsAny(_, a), Expr::ContainsAny(_, b)) => a == b,
        (Expr::Negate(_), Expr::Negate(_))
        | (Expr::Distance(..), Expr::Distance(..))
        | (Expr::Lengthen(..), Expr::Lengthen(..))
        | (Expr::Contains(..), Expr::Contains(..))
        | (Expr::Len(_), Expr::Len(_))
        | (Expr::Coalesce(..), Expr::Coalesce(..)) => true,
        // Of the rest, nothing is claimed.
        _ => return false,
    };
    let (a, b) = (a.operands(), b.operands());
    alike && a.len() == b.len() && a.into_iter().zip(b).all(|(a, b)| same(program, a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_kleenes_tables() {
        let all = [Tri::False, Tri::Unknown, Tri::True];
        for a in all {
            assert_eq!((!Lanes::all(a)).get(17), !a);
            for b in all {
                assert_eq!(Lanes::all(a).and(Lanes::all(b)).get(0), a.and(b));
                assert_eq!(Lanes::all(a).or(Lanes::all(b)).get(63), a.or(b));
                let mut lanes = Lanes::all(a);
                lanes.set(5, b);
                assert_eq!((lanes.get(4), lanes.get(5)), (a, b));
            }
        }
    }
}
