//! The conditions of a protocol as a circuit: distinct atoms, joined by gates, for 64 patients at a time.
//!
//! An [`Atom`] asks one thing of a patient: is this fact at least so much, is it one of these. Each distinct atom is there once,
//! however many rules ask it. Everything built of atoms by `&&`, `||`, `!`, `if`, `??` and `known` is a few [`Gate`]s. The truth of
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
    /// Whether a number is at least, or above, something that is the same for all patients.
    Number {
        /// The number.
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
}

/// The truth of every atom and gate.
#[derive(Clone, Debug, Default)]
pub struct Truths(Vec<Lanes>);

impl Truths {
    /// The truth of a literal, for all patients.
    #[must_use]
    pub fn get(&self, literal: Literal) -> Lanes {
        let lanes = self.0[literal.wire()];
        if literal.0 & 1 == 1 { !lanes } else { lanes }
    }
}

impl Circuit {
    /// The atoms.
    #[must_use]
    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    /// The number of gates.
    #[must_use]
    pub fn size(&self) -> usize {
        self.gates.len()
    }

    /// The literal of a node; none if the node is no condition, or stands under a binder.
    #[must_use]
    pub fn literal(&self, node: ExprId) -> Option<Literal> {
        self.literals.get(node.0 as usize).copied().flatten()
    }

    /// Truths with room for this circuit.
    #[must_use]
    pub fn blank(&self) -> Truths {
        let mut truths = Truths(vec![Lanes::default(); 1 + self.atoms.len() + self.gates.len()]);
        truths.0[0] = Lanes::all(Tri::True);
        truths
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
        let first = 1 + self.atoms.len();
        for (at, gate) in self.gates.iter().enumerate() {
            truths.0[first + at] = gate.join(open, truths);
        }
    }
}

/// Asks every patient: first whether it is certainly so, then whether it is certainly not.
fn each(cells: &[Cell], ask: impl Fn(Cell) -> (bool, bool)) -> Lanes {
    let mut lanes = Lanes::default();
    for (lane, cell) in cells.iter().enumerate() {
        let (yes, no) = ask(*cell);
        lanes.yes |= u64::from(yes) << lane;
        lanes.no |= u64::from(no) << lane;
    }
    lanes
}

impl Gate {
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
    circuit: Circuit,
    gates: HashMap<Gate, Literal>,
}

impl<'p> Builder<'p> {
    /// The circuit of all conditions of a program, and of the waits for some first permitted days.
    #[must_use]
    pub fn new(program: &'p Program, waits: &[ExprId]) -> Builder<'p> {
        let mut builder = Builder {
            program,
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
        for atom in self.shape(id).atoms {
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
        let atoms: Vec<Literal> = shape.atoms.into_iter().map(|atom| self.atom(atom)).collect();
        let of = |builder: &Builder<'_>, id: &ExprId| builder.literal(*id);
        match shape.join {
            Join::Constant(truth) => {
                if truth {
                    Literal::TRUE
                } else {
                    Literal::FALSE
                }
            }
            Join::All { contrary } => {
                let all = atoms.into_iter().fold(Literal::TRUE, |so_far, atom| self.and(so_far, atom));
                if contrary { !all } else { all }
            }
            // At least the least, and not above the greatest.
            Join::Between => self.and(atoms[0], !atoms[1]),
            Join::NotBetween => {
                let between = self.and(atoms[0], !atoms[1]);
                !between
            }
            Join::Nodes => match &self.program.node(id).expr {
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
            },
        }
    }

    /// What a condition is made of.
    fn shape(&self, id: ExprId) -> Shape {
        let is_bool = |id: &ExprId| self.program.node(*id).ty == Type::Bool;
        let of_nodes = Shape { atoms: Vec::new(), join: Join::Nodes };
        let one = |atom: Atom, contrary: bool| Shape { atoms: vec![atom], join: Join::All { contrary } };
        let computed = one(Atom::Computed(id), false);
        let fact = |id: ExprId| match self.program.node(id).expr {
            Expr::Fact(fact) => Some(fact),
            _ => None,
        };
        match &self.program.node(id).expr {
            Expr::Literal(Value::Bool(truth)) => Shape { atoms: Vec::new(), join: Join::Constant(*truth) },
            Expr::Fact(fact) => one(Atom::Flag(*fact), false),
            Expr::Not(_) | Expr::Definition(..) | Expr::And(_) | Expr::Or(_) | Expr::If(..) => of_nodes,
            Expr::Coalesce(..) => of_nodes,
            Expr::Known(a) if is_bool(a) => of_nodes,
            Expr::Known(a) => fact(*a).map_or(computed, |fact| one(Atom::Known(fact), false)),
            Expr::Compare(_, a, b) if is_bool(a) && is_bool(b) => of_nodes,
            Expr::Compare(comparison, a, b) => self.comparison(id, *comparison, *a, *b).unwrap_or(computed),
            Expr::Within { item, from, to, inclusive } => match fact(*item) {
                Some(fact) if self.is_number(*item) && self.is_constant(*from) && self.is_constant(*to) => Shape {
                    atoms: vec![
                        Atom::Number { fact, limit: *from, above: false },
                        Atom::Number { fact, limit: *to, above: *inclusive },
                    ],
                    join: Join::Between,
                },
                _ => computed,
            },
            Expr::OneOf(item, bits) | Expr::ContainsAny(item, bits) if *bits != 0 => {
                fact(*item).map_or(computed, |fact| one(Atom::AnyOf { fact, bits: *bits }, false))
            }
            Expr::Contains(set, item) => match (fact(*set), &self.program.node(*item).expr) {
                (Some(fact), Expr::Literal(Value::Choice(at))) => one(Atom::AnyOf { fact, bits: 1 << at }, false),
                _ => computed,
            },
            Expr::IsEmpty(set) => fact(*set).map_or(computed, |fact| one(Atom::AnyOf { fact, bits: u64::MAX }, true)),
            _ => computed,
        }
    }

    fn is_number(&self, id: ExprId) -> bool {
        matches!(self.program.node(id).ty, Type::Number { .. })
    }

    fn comparison(&self, id: ExprId, comparison: Comparison, a: ExprId, b: ExprId) -> Option<Shape> {
        let (item, limit, comparison) = if self.is_constant(b) {
            (a, b, comparison)
        } else if self.is_constant(a) {
            (b, a, comparison.turned())
        } else {
            return None;
        };
        let number = |fact, above| Atom::Number { fact, limit, above };
        let one = |atom, contrary| Some(Shape { atoms: vec![atom], join: Join::All { contrary } });
        match (&self.program.node(item).expr, &self.program.node(limit).expr) {
            (Expr::Fact(fact), Expr::Literal(Value::Choice(at))) => match comparison {
                Comparison::Equal => one(Atom::AnyOf { fact: *fact, bits: 1 << at }, false),
                Comparison::NotEqual => one(Atom::AnyOf { fact: *fact, bits: 1 << at }, true),
                _ => None,
            },
            (Expr::Fact(fact), _) if self.is_number(item) => match comparison {
                Comparison::GreaterOrEqual => one(number(*fact, false), false),
                Comparison::Greater => one(number(*fact, true), false),
                Comparison::Less => one(number(*fact, false), true),
                Comparison::LessOrEqual => one(number(*fact, true), true),
                Comparison::Equal | Comparison::NotEqual => Some(Shape {
                    atoms: vec![number(*fact, false), number(*fact, true)],
                    join: if comparison == Comparison::Equal { Join::Between } else { Join::NotBetween },
                }),
            },
            _ if matches!(comparison, Comparison::Equal | Comparison::NotEqual) => None,
            _ => one(Atom::Day { fact: self.moved_by(item)?, comparison: id }, false),
        }
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
            (Atom::Number { fact, limit, above }, Atom::Number { fact: fact_b, limit: limit_b, above: above_b }) => {
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
struct Shape {
    atoms: Vec<Atom>,
    join: Join,
}

/// How a condition is put together.
enum Join {
    Constant(bool),
    /// All atoms hold; or the contrary.
    All {
        contrary: bool,
    },
    /// The first holds and the second does not.
    Between,
    NotBetween,
    /// By the nodes under it.
    Nodes,
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
        // What has no operands is the same when it is equal; of the rest, nothing is claimed.
        (a, b) => return a.operands().is_empty() && a == b,
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
