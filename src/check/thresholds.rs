//! Thresholds that touch without meeting: less than 8 here, more than 8 there, and 8 itself nowhere.

use std::collections::BTreeMap;

use super::Finder;
use super::regions::today;
use crate::diagnostic::{Diagnostic, codes};
use crate::lang::syntax::Comparison;
use crate::lang::{Expr, ExprId, FactId};
use crate::logic::Number;
use crate::logic::turning::{Fixed, Turning, compared};
use crate::logic::value::Value;

/// How a constant is compared with a fact.
#[derive(Default)]
struct Uses {
    below: Option<ExprId>,
    above: Option<ExprId>,
    at: bool,
}

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let program = &protocol.program;
    let parameters: Vec<Value> = protocol.parameters.iter().map(|parameter| parameter.value).collect();
    let turning = Turning::new(protocol, Fixed { today: today(), parameters: Some(&parameters) });
    let mut uses: BTreeMap<(FactId, Number), Uses> = BTreeMap::new();
    for (at, node) in program.nodes.iter().enumerate() {
        let id = ExprId(crate::narrow::u32(at));
        for (item, comparison, other) in compared(&node.expr) {
            let (Expr::Fact(fact), Some(constant)) = (program.behind(item), turning.constant(other)) else { continue };
            let found = uses.entry((*fact, constant)).or_default();
            match (&node.expr, comparison) {
                (Expr::Compare(..), Comparison::Less) => found.below = found.below.or(Some(id)),
                (Expr::Compare(..), Comparison::Greater) => found.above = found.above.or(Some(id)),
                _ => found.at = true,
            }
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
