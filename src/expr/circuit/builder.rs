//! Building a circuit.

use std::collections::HashMap;

use super::shape::{Shape, Shapes};
use super::{Atom, Circuit, Kind, Literal, Step, Wire};
use crate::expr::program::{Expr, ExprId, FactId, Program};
use crate::expr::syntax::Comparison;
use crate::expr::types::Type;

/// One wire made of others; twice the same, where it is made of one.
type Gate = (Kind, [Wire; 2]);

/// Builds the circuit of a program, and of what is asked beside it.
#[derive(Debug)]
pub struct Builder<'p> {
    program: &'p Program,
    shapes: Shapes<'p>,
    circuit: Circuit,
    /// The gates so far, in the order of their wires.
    gates: Vec<Gate>,
    known: HashMap<Gate, Wire>,
}

impl<'p> Builder<'p> {
    /// The circuit of all conditions of a program that reads so many facts, and of the waits for some first permitted days.
    #[must_use]
    pub fn new(program: &'p Program, facts: usize, waits: &[ExprId]) -> Builder<'p> {
        let mut builder = Builder {
            program,
            shapes: Shapes { program, sessions_done: FactId(crate::narrow::u16(facts)) },
            circuit: Circuit { literals: vec![None; program.nodes.len()], ..Circuit::default() },
            gates: Vec::new(),
            known: HashMap::new(),
        };
        let nodes = program.nodes.iter().zip(0..);
        let conditions = nodes.filter(|(node, _)| node.level == 0 && node.ty == Type::Bool).map(|(_, at)| ExprId(at));
        // All atoms come before all gates: first they are collected, then everything is numbered.
        let mut atoms: Vec<Atom> =
            conditions.clone().flat_map(|condition| builder.shapes.of(condition).atoms()).collect();
        atoms.extend(waits.iter().map(|until| builder.shapes.waits(*until)));
        atoms.sort_by_key(|atom| !matches!(atom, Atom::AnyOf { .. }));
        atoms.into_iter().for_each(|atom| _ = builder.atom(atom));
        for condition in conditions {
            let literal = builder.build(condition);
            builder.circuit.literals[condition.0 as usize] = Some(literal);
            builder.circuit.conditions.push((condition, literal));
        }
        builder
    }

    /// The circuit, with its gates in steps; and for each wire so far, which it has become.
    pub fn finish(self) -> (Circuit, impl Fn(Wire) -> Wire) {
        let Builder { mut circuit, gates, .. } = self;
        let first = 1 + circuit.atoms.len();
        let mut wires: Vec<Option<Wire>> = (0..crate::narrow::u32(first)).map(|wire| Some(Wire(wire))).collect();
        wires.resize(first + gates.len(), None);
        let mut next = crate::narrow::u32(first);
        // As many of a kind as there are all of whose inputs are there, then those of the next kind.
        while wires.contains(&None) {
            for kind in Kind::ALL {
                let mut step = Step { kind, inputs: Vec::new() };
                for (at, (_, [a, b])) in gates.iter().enumerate().filter(|(_, (of, _))| *of == kind) {
                    if let (None, Some(a), Some(b)) = (wires[first + at], wires[a.0 as usize], wires[b.0 as usize]) {
                        step.inputs.push([a, b]);
                        wires[first + at] = Some(Wire(next));
                        next += 1;
                    }
                }
                if !step.inputs.is_empty() {
                    circuit.steps.push(step);
                }
            }
        }
        // INVARIANT: every gate reads wires before its own, so that the first that has no place yet gets one.
        let now = move |wire: Wire| wires[wire.0 as usize].unwrap_or(wire);
        let literals = circuit.literals.iter_mut().flatten();
        for literal in literals.chain(circuit.conditions.iter_mut().map(|(_, literal)| literal)) {
            literal.wire = now(literal.wire);
        }
        (circuit, now)
    }

    /// The literal of a condition.
    #[must_use]
    pub fn literal(&self, node: ExprId) -> Literal {
        // INVARIANT: every condition that stands under no binder has been built.
        self.circuit.literal(node).unwrap_or(Literal::FALSE)
    }

    /// Whether a first permitted day has not come yet: one of those that the circuit was begun with.
    pub fn waits(&mut self, until: ExprId) -> Literal {
        self.atom(self.shapes.waits(until))
    }

    /// A wire that is true where a literal is.
    pub fn wire(&mut self, literal: Literal) -> Wire {
        if literal.contrary { self.gate(Kind::Not, literal.wire, literal.wire) } else { literal.wire }
    }

    /// `a && b`
    pub fn and(&mut self, a: Literal, b: Literal) -> Literal {
        match (a, b) {
            (Literal::TRUE, other) | (other, Literal::TRUE) => other,
            (Literal::FALSE, _) | (_, Literal::FALSE) => Literal::FALSE,
            (a, b) if a == b => a,
            (a, b) => {
                // The same two make the same gate, whichever comes first.
                let (x, y) = (a.wire.min(b.wire), a.wire.max(b.wire));
                match (a.contrary, b.contrary) {
                    (false, false) => self.gate(Kind::And, x, y).into(),
                    (true, true) => !Literal::from(self.gate(Kind::Or, x, y)),
                    (false, true) => self.gate(Kind::AndNot, a.wire, b.wire).into(),
                    (true, false) => self.gate(Kind::AndNot, b.wire, a.wire).into(),
                }
            }
        }
    }

    /// `a || b`
    pub fn or(&mut self, a: Literal, b: Literal) -> Literal {
        !self.and(!a, !b)
    }

    /// `if known { a } else { b }`, where it is known whether.
    fn choose(&mut self, known: Literal, a: Literal, b: Literal) -> Literal {
        let (then, otherwise) = (self.and(known, a), self.and(!known, b));
        self.or(then, otherwise)
    }

    /// `known(a)`: of a condition as of its contrary.
    fn known(&mut self, a: Literal) -> Literal {
        self.gate(Kind::Known, a.wire, a.wire).into()
    }

    fn gate(&mut self, kind: Kind, a: Wire, b: Wire) -> Wire {
        let (gate, next) = ((kind, [a, b]), Wire(crate::narrow::u32(1 + self.circuit.atoms.len() + self.gates.len())));
        let wire = *self.known.entry(gate).or_insert(next);
        if wire == next {
            self.gates.push(gate);
        }
        wire
    }

    fn atom(&mut self, atom: Atom) -> Literal {
        let same = |other: &Atom| self.shapes.same_atom(atom, *other);
        let at = self.circuit.atoms.iter().position(same).unwrap_or_else(|| {
            self.circuit.atoms.push(atom);
            self.circuit.atoms.len() - 1
        });
        Wire(crate::narrow::u32(1 + at)).into()
    }

    fn build(&mut self, id: ExprId) -> Literal {
        let shape = self.shapes.of(id);
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
                let known = self.known(a);
                self.choose(known, a, b)
            }
            Expr::Known(a) => {
                let a = of(self, a);
                self.known(a)
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
            Shape::Known(fact) => {
                let known = self.atom(Atom::Known(*fact));
                self.known(known)
            }
            Shape::Default { fact, known, otherwise } => {
                let is_known = self.join(&Shape::Known(*fact));
                let (known, otherwise) = (self.join(known), self.join(otherwise));
                self.choose(is_known, known, otherwise)
            }
        }
    }
}
