//! What conditions are made of: which of them are atoms, and of what kind.

use super::Atom;
use crate::expr::cell::Cell;
use crate::expr::program::{Expr, ExprId, FactId, Program};
use crate::expr::syntax::Comparison;
use crate::expr::types::Type;
use crate::value::Value;

/// What a condition is made of.
pub(super) enum Shape {
    Atom(Atom),
    Always(bool),
    Not(Box<Shape>),
    /// Whether anything is known of a fact.
    Known(FactId),
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
    /// The atoms it is made of.
    pub(super) fn atoms(&self) -> Vec<Atom> {
        match self {
            Shape::Atom(atom) => vec![*atom],
            Shape::Known(fact) => vec![Atom::Known(*fact)],
            Shape::Always(_) | Shape::Nodes => Vec::new(),
            Shape::Not(shape) => shape.atoms(),
            Shape::Between(both) => both.to_vec(),
            Shape::Default { fact, known, otherwise } => {
                [vec![Atom::Known(*fact)], known.atoms(), otherwise.atoms()].concat()
            }
        }
    }
}

/// Takes the conditions of a program apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shapes<'p> {
    pub(super) program: &'p Program,
    /// How many sessions count has a cell of its own, after those of the facts.
    pub(super) sessions_done: FactId,
}

impl Shapes<'_> {
    /// What a condition is made of.
    pub(super) fn of(&self, id: ExprId) -> Shape {
        let is_bool = |id: &ExprId| self.program.node(*id).ty == Type::Bool;
        let computed = Shape::Atom(Atom::Computed(id));
        match &self.program.node(id).expr {
            Expr::Literal(Value::Bool(truth)) => Shape::Always(*truth),
            Expr::Fact(fact) => Shape::Atom(Atom::Flag(*fact)),
            Expr::Not(_) | Expr::Definition(..) | Expr::And(_) | Expr::Or(_) | Expr::If(..) => Shape::Nodes,
            Expr::Coalesce(..) => Shape::Nodes,
            Expr::Known(a) if is_bool(a) => Shape::Nodes,
            Expr::Known(a) => self.fact(*a).map_or(computed, Shape::Known),
            Expr::Compare(_, a, b) if is_bool(a) && is_bool(b) => Shape::Nodes,
            Expr::Compare(comparison, a, b) => {
                let compared = self.comparison(*comparison, *a, *b);
                compared.or_else(|| self.turning(id, *comparison, *a, *b)).unwrap_or(computed)
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
                let some = |fact| Shape::Atom(Atom::AnyOf { fact, bits: Cell::CHOICES });
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
        let is_least = matches!(self.program.node(limit).expr, Expr::Literal(Value::Date(day)) if day.last.is_never());
        Some(match comparison {
            // Nothing is before "never".
            Comparison::Equal if is_least => Shape::Not(Shape::Atom(above).into()),
            Comparison::NotEqual if is_least => Shape::Atom(above),
            Comparison::GreaterOrEqual => Shape::Atom(at_least),
            Comparison::Greater => Shape::Atom(above),
            Comparison::Less => Shape::Not(Shape::Atom(at_least).into()),
            Comparison::LessOrEqual => Shape::Not(Shape::Atom(above).into()),
            Comparison::Equal => Shape::Between([at_least, above]),
            Comparison::NotEqual => Shape::Not(Shape::Between([at_least, above]).into()),
        })
    }

    /// A comparison that goes over once as one date moves on.
    fn turning(&self, id: ExprId, comparison: Comparison, a: ExprId, b: ExprId) -> Option<Shape> {
        let growing = match comparison {
            Comparison::Greater | Comparison::GreaterOrEqual => true,
            Comparison::Less | Comparison::LessOrEqual => false,
            Comparison::Equal | Comparison::NotEqual => return None,
        };
        let (fact, contrary) = match (self.moved_by(a), self.moved_by(b)) {
            (Some((fact, grows)), None) if self.is_constant(b) => (fact, grows != growing),
            (None, Some((fact, grows))) if self.is_constant(a) => (fact, grows == growing),
            _ => return None,
        };
        let atom = Shape::Atom(Atom::Day { fact, comparison: id, contrary });
        Some(if contrary { Shape::Not(atom.into()) } else { atom })
    }

    /// Whether a first permitted day has not come yet.
    pub(super) fn waits(&self, until: ExprId) -> Atom {
        let fact = self.moved_by(until).filter(|(_, grows)| *grows).map(|(fact, _)| fact);
        Atom::Waits { until, fact }
    }

    /// The date on which alone a value depends, and whether the value grows throughout as the date moves on, or shrinks throughout.
    fn moved_by(&self, id: ExprId) -> Option<(FactId, bool)> {
        let node = self.program.node(id);
        match &node.expr {
            Expr::Fact(fact) if node.ty == Type::Date => Some((*fact, true)),
            Expr::Age(fact) => Some((*fact, false)),
            Expr::Shift { date, by, .. } if self.is_constant(*by) => self.moved_by(*date),
            Expr::Distance(a, b) if self.is_constant(*a) => self.moved_by(*b).map(|(fact, grows)| (fact, !grows)),
            Expr::Distance(a, b) if self.is_constant(*b) => self.moved_by(*a),
            Expr::Definition(_, root) => self.moved_by(*root),
            _ => None,
        }
    }

    fn is_constant(&self, id: ExprId) -> bool {
        is_constant(self.program, id)
    }

    /// Whether two atoms ask the same.
    pub(super) fn same_atom(&self, a: Atom, b: Atom) -> bool {
        let same = |a, b| same(self.program, a, b);
        match (a, b) {
            (Atom::Ordered { fact, limit, above }, Atom::Ordered { fact: fact_b, limit: limit_b, above: above_b }) => {
                fact == fact_b && above == above_b && same(limit, limit_b)
            }
            // What they are made of says which date moves them, and which way.
            (Atom::Day { comparison: a, .. }, Atom::Day { comparison: b, .. }) => same(a, b),
            (Atom::Computed(a), Atom::Computed(b)) => same(a, b),
            (Atom::Waits { until: a, .. }, Atom::Waits { until: b, .. }) => same(a, b),
            (a, b) => a == b,
        }
    }
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
