//! Whether a change of an expression changes nothing for anybody: proven, never taken for granted.
//!
//! The changed expression is put beside the one that it replaces, up to the nearest condition, and both are asked of all patients that they can
//! tell apart, as `check` does, on every day. Equal conditions make equal answers: whatever is built on them, rules, questions and dates,
//! is the same. It is claimed only where a known value is exact and an unknown one leaves both unknown alike: of one comparison or list
//! without dates, ages, counts, sessions, `if`, and parameters that a clinic may set.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::regions::{Regions, Trials};
use crate::lang::{Expr, ExprId, Type};
use crate::protocol::Protocol;

pub(super) fn is_equivalent(protocol: &Protocol, id: ExprId, changed: &Expr) -> bool {
    let mut model = (**protocol).clone();
    let program = &mut model.program;
    let count = program.nodes.len();
    // For each node that is another now, its number.
    let mut others: BTreeMap<ExprId, ExprId> = BTreeMap::new();
    let mut pairs: Vec<(ExprId, ExprId)> = Vec::new();
    for at in id.0..crate::narrow::u32(count) {
        let here = ExprId(at);
        let mut node = program.node(here).clone();
        if here == id {
            node.expr = changed.clone();
        } else {
            let is_above = |operand: &ExprId| others.contains_key(operand);
            if !node.expr.operands().iter().any(is_above) {
                continue;
            }
            let Some(expr) = replaced(&node.expr, &others) else { return false };
            node.expr = expr;
        }
        if node.level > 0 || matches!(node.expr, Expr::And(_) | Expr::Or(_) | Expr::Not(_)) {
            return false;
        }
        let is_condition = node.ty == Type::Bool;
        let other = ExprId(crate::narrow::u32(program.nodes.len()));
        program.nodes.push(node);
        if is_condition {
            pairs.push((here, other));
        } else {
            others.insert(here, other);
        }
    }
    // A value that no condition is made of is a date or a number of an answer.
    let reach_a_condition = others.keys().all(|above| {
        let uses = |node: &crate::lang::program::Node| node.expr.operands().contains(above);
        program.nodes[..count].iter().any(uses)
    });
    if pairs.is_empty() || !reach_a_condition {
        return false;
    }
    let protocol = Protocol::from(model);
    let roots: Vec<ExprId> = pairs.iter().flat_map(|(one, other)| [*one, *other]).collect();
    let under: BTreeSet<ExprId> = protocol.program.under(roots.iter().copied()).collect();
    if !under.iter().all(|id| is_exact(&protocol, *id)) || is_read_elsewhere(&protocol, &others) {
        return false;
    }
    let mut trials = Trials::new(&protocol);
    let Some(regions) = trials.regions(&roots).filter(Regions::are_exact) else { return false };
    let mut differ = false;
    trials.find(&regions, |patient| {
        differ |= pairs.iter().any(|(one, other)| patient.value(*one) != patient.value(*other));
        differ
    });
    !differ && !trials.is_exhausted()
}

/// Whether what a node comes to is exact where it is known, and unknown where something in it is.
fn is_exact(protocol: &Protocol, id: ExprId) -> bool {
    let program = &protocol.program;
    let node = program.node(id);
    let are_constant = |all: &[ExprId]| all.iter().all(|id| program.node(*id).constant);
    let is_exact = match &node.expr {
        Expr::Among(_, all) => are_constant(all),
        // That nobody has answered is tried as a value of its own.
        Expr::Coalesce(a, default) => matches!(program.node(*a).expr, Expr::Fact(_)) && are_constant(&[*default]),
        Expr::Within { from, to, .. } => are_constant(&[*from, *to]),
        // Of a parameter that a clinic may set, only some values are tried.
        Expr::Parameter(at) => protocol.parameters[usize::from(*at)].range.is_none(),
        Expr::Literal(_) | Expr::Fact(_) | Expr::Definition(..) | Expr::Compare(..) => true,
        Expr::OneOf(..) | Expr::Contains(..) | Expr::ContainsAny(..) | Expr::Arithmetic(..) | Expr::Negate(_) => true,
        _ => false,
    };
    is_exact && !matches!(node.ty, Type::Date | Type::Duration { .. } | Type::Sessions)
}

/// Whether a value that is another now is a number or a date of the answer itself: of a setting, a limit, a course.
fn is_read_elsewhere(protocol: &Protocol, others: &BTreeMap<ExprId, ExprId>) -> bool {
    let owners = crate::mutation::operators::owners(protocol);
    owners
        .iter()
        .filter(|(of, _)| !of.starts_with("definition "))
        .any(|(_, roots)| roots.iter().any(|root| others.contains_key(root)))
}

/// An operation with other operands, of those that a value is exact through.
fn replaced(expr: &Expr, others: &BTreeMap<ExprId, ExprId>) -> Option<Expr> {
    let one = |id: &ExprId| others.get(id).copied().unwrap_or(*id);
    Some(match expr {
        Expr::Definition(at, root) => Expr::Definition(*at, one(root)),
        Expr::Compare(comparison, a, b) => Expr::Compare(*comparison, one(a), one(b)),
        Expr::OneOf(item, choices) => Expr::OneOf(one(item), *choices),
        Expr::Among(item, all) => Expr::Among(one(item), all.iter().map(one).collect()),
        Expr::Within { item, from, to, inclusive } => {
            Expr::Within { item: one(item), from: one(from), to: one(to), inclusive: *inclusive }
        }
        Expr::Arithmetic(operation, a, b) => Expr::Arithmetic(*operation, one(a), one(b)),
        Expr::Negate(a) => Expr::Negate(one(a)),
        Expr::Coalesce(a, default) => Expr::Coalesce(one(a), one(default)),
        _ => return None,
    })
}
