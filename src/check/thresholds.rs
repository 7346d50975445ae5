//! Thresholds that touch without meeting: less than 8 here, more than 8 there, and 8 itself nowhere.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Finder;
use crate::diagnostic::{Diagnostic, codes};
use crate::lang::syntax::Comparison;
use crate::lang::{Expr, ExprId, FactId};
use crate::logic::value::Value;
use crate::protocol::Protocol;

/// How a constant is compared with a fact.
#[derive(Default)]
struct Uses {
    below: Option<ExprId>,
    above: Option<ExprId>,
    at: bool,
}

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let mut uses: BTreeMap<(FactId, Decimal), Uses> = BTreeMap::new();
    for at in 0..crate::narrow::u32(protocol.program.nodes.len()) {
        let id = ExprId(at);
        match &protocol.program.node(id).expr {
            Expr::Compare(comparison, a, b) => {
                let (fact, constant, comparison) = match (fact_of(protocol, *a), constant(protocol, *b)) {
                    (Some(fact), Some(constant)) => (fact, constant, *comparison),
                    _ => match (fact_of(protocol, *b), constant(protocol, *a)) {
                        (Some(fact), Some(constant)) => (fact, constant, turned(*comparison)),
                        _ => continue,
                    },
                };
                let entry = uses.entry((fact, constant)).or_default();
                match comparison {
                    Comparison::Less => entry.below = entry.below.or(Some(id)),
                    Comparison::Greater => entry.above = entry.above.or(Some(id)),
                    _ => entry.at = true,
                }
            }
            Expr::Among(item, all) => {
                for constant in all.iter().filter_map(|one| constant(protocol, *one)) {
                    if let Some(fact) = fact_of(protocol, *item) {
                        uses.entry((fact, constant)).or_default().at = true;
                    }
                }
            }
            Expr::Within { item, from, to, .. } => {
                for constant in [from, to].into_iter().filter_map(|one| constant(protocol, *one)) {
                    if let Some(fact) = fact_of(protocol, *item) {
                        uses.entry((fact, constant)).or_default().at = true;
                    }
                }
            }
            _ => {}
        }
    }
    for ((fact, constant), found) in uses {
        if let (Some(below), Some(above), false) = (found.below, found.above, found.at) {
            let name = &protocol.fact(fact).name;
            let message = format!(
                "`{name}` is tested for less than {constant} and for more than {constant}, but never for exactly {constant}"
            );
            let diagnostic =
                Diagnostic::new(&codes::TOUCHING_THRESHOLDS, message).labelled(&finder.place(above), "more than it");
            let diagnostic = diagnostic.see(&finder.place(below), "less than it");
            finder.report(name, diagnostic.help("use `<=` or `>=` to say which side the limit itself belongs to"));
        }
    }
}

fn fact_of(protocol: &Protocol, id: ExprId) -> Option<FactId> {
    match &protocol.program.node(id).expr {
        Expr::Fact(fact) => Some(*fact),
        Expr::Coalesce(a, _) => fact_of(protocol, *a),
        Expr::Definition(_, root) => fact_of(protocol, *root),
        _ => None,
    }
}

fn constant(protocol: &Protocol, id: ExprId) -> Option<Decimal> {
    let value = match &protocol.program.node(id).expr {
        Expr::Literal(value) => *value,
        Expr::Parameter(at) => protocol.parameters[usize::from(*at)].value,
        Expr::Definition(_, root) => return constant(protocol, *root),
        _ => return None,
    };
    match value {
        Value::Number(number, _) => Some(number.normalize()),
        _ => None,
    }
}

/// The comparison with its sides exchanged.
fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}
