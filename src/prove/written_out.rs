//! A program to which expressions are added that stand in no file.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::lang::program::Node;
use crate::lang::syntax::Comparison;
use crate::lang::{Expr, ExprId, Program, Type};
use crate::logic::value::Value;
use crate::protocol::Protocol;
use crate::protocol::model::Action;

pub(super) struct WrittenOut {
    model: Protocol,
    pub(super) program: Program,
    /// The expression of each rule that says whether it fires, once it has been asked for.
    fires: BTreeMap<usize, ExprId>,
}

impl WrittenOut {
    pub(super) fn new(model: &Protocol) -> WrittenOut {
        WrittenOut { model: model.clone(), program: model.program.clone(), fires: BTreeMap::new() }
    }

    /// The protocol with all that has been added.
    pub(super) fn protocol(&self) -> Protocol {
        let mut model = (*self.model).clone();
        model.program = self.program.clone();
        Protocol::from(model)
    }

    pub(super) fn literal(&mut self, value: Value, ty: Type) -> ExprId {
        self.add(Expr::Literal(value), ty)
    }

    pub(super) fn add(&mut self, expr: Expr, ty: Type) -> ExprId {
        self.push(expr, ty, 0)
    }

    fn push(&mut self, expr: Expr, ty: Type, level: u8) -> ExprId {
        let operands = expr.operands();
        let nodes = || operands.iter().map(|id| self.program.node(*id));
        let constant = match &expr {
            Expr::Literal(_) | Expr::Parameter(_) | Expr::Today => true,
            Expr::Arithmetic(..)
            | Expr::Negate(_)
            | Expr::Shift { .. }
            | Expr::Distance(..)
            | Expr::Duration { .. }
            | Expr::Lengthen(..)
            | Expr::Definition(..)
            | Expr::Compare(..)
            | Expr::If(..) => nodes().all(|node| node.constant),
            _ => false,
        };
        let node = Node {
            constant,
            after_course: nodes().any(|node| node.after_course),
            depth: nodes().map(|node| node.depth).max().unwrap_or(0).saturating_add(1),
            written_out: nodes().fold(1, |sum, node| sum.saturating_add(node.written_out)),
            expr,
            ty,
            span: 0..0,
            level,
        };
        self.program.nodes.push(node);
        ExprId(crate::narrow::u32(self.program.nodes.len() - 1))
    }

    /// Whether a rule fires, as [`Rule::fires`](crate::protocol::model::Rule::fires) says it.
    pub(super) fn fires(&mut self, at: usize) -> ExprId {
        if let Some(fires) = self.fires.get(&at) {
            return *fires;
        }
        let rule = &self.model.rules[at];
        let (when, day, is_indication) = (rule.when, rule.not_before(), matches!(rule.action, Action::Indicate { .. }));
        let waits = day.map(|day| {
            let today = self.add(Expr::Today, Type::Date);
            self.add(Expr::Compare(Comparison::Less, today, day), Type::Bool)
        });
        let fires = match (when, waits) {
            (Some(when), None) if is_indication => self.add(Expr::Not(when), Type::Bool),
            (Some(when), None) => when,
            (Some(when), Some(waits)) => self.add(Expr::And([when, waits].into()), Type::Bool),
            (None, Some(waits)) => waits,
            (None, None) => self.literal(Value::Bool(!is_indication), Type::Bool),
        };
        self.fires.insert(at, fires);
        fires
    }

    /// Takes out what has been added since there were so many expressions.
    pub(super) fn forget(&mut self, before: usize) {
        self.program.nodes.truncate(before);
        self.fires.retain(|_, id| (id.0 as usize) < before);
    }

    /// The expression of a row, for one value of the setting's `each`. None where it goes through sessions for each of those.
    pub(super) fn body(&mut self, body: &Range<u32>, each: Option<Value>) -> Option<ExprId> {
        let Some(each) = each else { return Some(ExprId(body.end - 1)) };
        let (start, length) = (body.start, crate::narrow::u32(self.program.nodes.len()));
        let moved = |id: ExprId| if id.0 < start { id } else { ExprId(id.0 - start + length) };
        for at in body.clone() {
            let node = self.program.node(ExprId(at)).clone();
            let expr = if node.expr == Expr::Each { Expr::Literal(each) } else { with_operands(&node.expr, moved)? };
            self.push(expr, node.ty, node.level.saturating_sub(1));
        }
        Some(ExprId(crate::narrow::u32(self.program.nodes.len() - 1)))
    }
}

/// An operation with other operands; none for what has a body of its own.
fn with_operands(expr: &Expr, one: impl Fn(ExprId) -> ExprId) -> Option<Expr> {
    let each = |all: &[ExprId]| all.iter().map(|id| one(*id)).collect();
    Some(match expr {
        Expr::Quantified { .. } | Expr::Sum { .. } => return None,
        Expr::Not(a) => Expr::Not(one(*a)),
        Expr::Definition(at, a) => Expr::Definition(*at, one(*a)),
        Expr::OneOf(a, bits) => Expr::OneOf(one(*a), *bits),
        Expr::ContainsAny(a, bits) => Expr::ContainsAny(one(*a), *bits),
        Expr::IsEmpty(a) => Expr::IsEmpty(one(*a)),
        Expr::Len(a) => Expr::Len(one(*a)),
        Expr::Negate(a) => Expr::Negate(one(*a)),
        Expr::Known(a) => Expr::Known(one(*a)),
        Expr::Duration { count, months, days } => Expr::Duration { count: one(*count), months: *months, days: *days },
        Expr::And(all) => Expr::And(each(all)),
        Expr::Or(all) => Expr::Or(each(all)),
        Expr::Compare(comparison, a, b) => Expr::Compare(*comparison, one(*a), one(*b)),
        Expr::Contains(a, b) => Expr::Contains(one(*a), one(*b)),
        Expr::Arithmetic(operation, a, b) => Expr::Arithmetic(*operation, one(*a), one(*b)),
        Expr::Distance(a, b) => Expr::Distance(one(*a), one(*b)),
        Expr::Lengthen(a, b) => Expr::Lengthen(one(*a), one(*b)),
        Expr::Coalesce(a, b) => Expr::Coalesce(one(*a), one(*b)),
        Expr::Shift { date, by, back } => Expr::Shift { date: one(*date), by: one(*by), back: *back },
        Expr::If(a, b, c) => Expr::If(one(*a), one(*b), one(*c)),
        Expr::Among(item, all) => Expr::Among(one(*item), each(all)),
        Expr::Within { item, from, to, inclusive } => {
            Expr::Within { item: one(*item), from: one(*from), to: one(*to), inclusive: *inclusive }
        }
        leaf => leaf.clone(),
    })
}
