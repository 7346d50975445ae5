//! The conditions of a protocol as a circuit: distinct atoms, joined by gates, for up to 32 patients at a time.
//!
//! An [`Atom`] asks one thing of a patient: is this fact at least so much, is it one of these. Each distinct atom is there once,
//! however many rules ask it. Everything built of atoms by `&&`, `||`, `!`, `if`, `??` and `known` is a few gates. The truth of
//! an atom or gate is a word ([`Lanes`]), two bits for each patient. One patient is the case of two bits, so that a
//! single answer, its trace and a batch of millions are read off the same words.

mod block;
mod builder;
mod shape;

pub use block::{Above, AnyOf, Block, Tests};
pub use builder::Builder;
pub use shape::is_constant;

use std::cell::Cell;
use std::ops::Not;

use super::program::{ExprId, FactId};
use super::syntax::Comparison;
use crate::tri::Tri;

/// How many patients can be decided at once: two bits each make a word.
pub const MOST_LANES: usize = 32;

/// The truth of one condition for each of up to 32 patients.
///
/// Bit *n* says that it is certainly true for the *n*-th, bit *32 + n* that it may be. So Kleene's "and" and "or" are those of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lanes(u64);

impl Lanes {
    /// What is certainly true for some patients, and may be for others.
    #[must_use]
    #[inline]
    pub fn new(certain: u32, possible: u32) -> Lanes {
        Lanes(u64::from(certain) | u64::from(possible) << 32)
    }

    /// The truth for one patient.
    #[must_use]
    #[inline]
    pub fn get(self, lane: usize) -> Tri {
        let bits = self.bits(lane);
        // What is certain is also possible.
        [Tri::False, Tri::True, Tri::Unknown, Tri::True][((bits | bits >> 31) & 3) as usize]
    }

    /// The truth for one patient as bits: bit 0 says that it is certain, bit 32 that it is possible.
    #[must_use]
    #[inline]
    pub fn bits(self, lane: usize) -> u64 {
        self.0 >> lane & 0x1_0000_0001
    }

    #[inline]
    fn and(self, other: Lanes) -> Lanes {
        Lanes(self.0 & other.0)
    }

    #[inline]
    fn or(self, other: Lanes) -> Lanes {
        Lanes(self.0 | other.0)
    }

    /// What may be true is not certainly false, and the other way round.
    #[inline]
    fn not(self) -> Lanes {
        Lanes(!self.0.rotate_left(32))
    }

    /// Whether it is known. With `open`, that it is not is left open.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the lower half is what is wanted; the upper one has been joined to it"
    )]
    fn known(self, open: bool) -> Lanes {
        let known = (self.0 | !(self.0 >> 32)) as u32;
        Lanes::new(known, if open { u32::MAX } else { known })
    }
}

/// A place in a circuit that has a truth: first what is always true, then the atoms, then the gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wire(u32);

/// The truth of a wire, or its contrary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal {
    wire: Wire,
    contrary: bool,
}

impl Literal {
    /// Always true.
    pub const TRUE: Literal = Literal { wire: Wire(0), contrary: false };
    /// Always false.
    pub const FALSE: Literal = Literal { wire: Wire(0), contrary: true };
}

impl From<Wire> for Literal {
    fn from(wire: Wire) -> Literal {
        Literal { wire, contrary: false }
    }
}

impl Not for Literal {
    type Output = Literal;
    fn not(self) -> Literal {
        Literal { contrary: !self.contrary, ..self }
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
    /// A comparison, or its contrary, that goes over once, from no to yes, as the fact's day moves on: an age, a wait.
    Day {
        /// The date.
        fact: FactId,
        /// The comparison.
        comparison: ExprId,
        /// Whether its contrary is meant.
        contrary: bool,
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
        /// The date with which alone it moves on, if there is one.
        fact: Option<FactId>,
    },
    /// Anything is known of a fact: yes or open, never no. A gate makes a no of it.
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

/// How wires are joined to a new one. Whichever of two are contraries, there is one for them: `!a && !b` is the contrary of `a || b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    And,
    Or,
    /// `a && !b`
    AndNot,
    /// `!a`
    Not,
    /// `known(a)`. `a ?? b` is `known(a) && a || !known(a) && b`.
    Known,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Not, Kind::AndNot, Kind::And, Kind::Or, Kind::Known];
}

/// Some gates of one kind. Each reads only what stands before it.
#[derive(Clone, Debug)]
struct Step {
    kind: Kind,
    /// What each joins; twice the same, where it reads one.
    inputs: Vec<[Wire; 2]>,
}

/// The conditions of a protocol.
#[derive(Clone, Debug, Default)]
pub struct Circuit {
    /// Those of choices and sets come first.
    atoms: Vec<Atom>,
    steps: Vec<Step>,
    /// The literal of each node that is a condition and stands under no binder.
    literals: Vec<Option<Literal>>,
    /// Those nodes, each with its literal.
    conditions: Vec<(ExprId, Literal)>,
}

/// The truth of every wire.
#[derive(Clone, Debug)]
pub struct Truths(Vec<Lanes>);

impl Truths {
    /// The truth of a literal, for all patients.
    #[must_use]
    #[inline]
    pub fn get(&self, literal: Literal) -> Lanes {
        let lanes = self.0[literal.wire.0 as usize];
        if literal.contrary { lanes.not() } else { lanes }
    }

    /// Whether any of some wires is true, for all patients.
    #[must_use]
    #[inline]
    pub fn any(&self, wires: &[Wire]) -> Lanes {
        wires.iter().fold(Lanes::default(), |so_far, wire| so_far.or(self.0[wire.0 as usize]))
    }
}

impl Circuit {
    /// The atoms: those of choices and sets first.
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
        let gates: usize = self.steps.iter().map(|step| step.inputs.len()).sum();
        let mut truths = vec![Lanes::default(); 1 + self.atoms.len() + gates];
        truths[0] = Lanes::new(u32::MAX, u32::MAX);
        Truths(truths)
    }

    /// Decides: asks the tests that a day has made of the atoms, in their order, and joins the answers. With `open`, what is assumed (`??`,
    /// `known`) is left open where it rests on nothing.
    pub fn decide<const WIDTH: usize>(&self, tests: &Tests, block: &Block<WIDTH>, open: bool, truths: &mut Truths) {
        // In cells, since each gate reads what was written before it.
        let truths = Cell::from_mut(&mut truths.0[..]).as_slice_of_cells();
        let (any_of, rest) = truths[1..].split_at(tests.any_of.len());
        let (above, mut gates) = rest.split_at(tests.above.len());
        tests.any_of.iter().zip(any_of).for_each(|(test, to)| to.set(block.any_of(test)));
        tests.above.iter().zip(above).for_each(|(test, to)| to.set(block.above(test)));
        for step in &self.steps {
            let (here, rest) = gates.split_at(step.inputs.len());
            match step.kind {
                Kind::And => step.join(truths, here, Lanes::and),
                Kind::Or => step.join(truths, here, Lanes::or),
                Kind::AndNot => step.join(truths, here, |a, b| a.and(b.not())),
                Kind::Not => step.join(truths, here, |a, _| a.not()),
                Kind::Known => step.join(truths, here, |a, _| a.known(open)),
            }
            gates = rest;
        }
    }
}

impl Step {
    #[inline]
    fn join(&self, truths: &[Cell<Lanes>], here: &[Cell<Lanes>], join: impl Fn(Lanes, Lanes) -> Lanes) {
        let get = |wire: Wire| truths[wire.0 as usize].get();
        for ([a, b], to) in self.inputs.iter().zip(here) {
            to.set(join(get(*a), get(*b)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_kleenes_tables() {
        let all = [Tri::False, Tri::Unknown, Tri::True];
        let lanes = |truth: Tri| Lanes::new(u32::from(truth.is_true()) << 31, u32::from(!truth.is_false()) << 31);
        for a in all {
            assert_eq!((lanes(a).get(31), lanes(a).get(0)), (a, Tri::False));
            assert_eq!(lanes(a).not().get(31), !a);
            assert_eq!(lanes(a).known(false).get(31), (!a.is_unknown()).into());
            assert_eq!(lanes(a).known(true).get(31), if a.is_unknown() { a } else { Tri::True });
            for b in all {
                assert_eq!(lanes(a).and(lanes(b)).get(31), a.and(b));
                assert_eq!(lanes(a).or(lanes(b)).get(31), a.or(b));
            }
        }
    }
}
