//! What must hold of every answer.

use super::build::{Builder, points};
use super::{Point, Section, sentence};
use crate::english::English;
use crate::lang::{Expr, ExprId};
use crate::protocol::Protocol;
use crate::protocol::model::{OfAnswer, Property};

pub(super) fn properties(builder: &mut Builder<'_>) -> Section {
    let model = builder.protocol.with_answer();
    let english = English { speech: builder.speech(), ..model.english() };
    let mut out = Vec::new();
    for property in &builder.protocol.properties.list {
        let lead = match treated_when(builder.protocol, property) {
            Some(when) => builder.say("Never treat if: {}", &[&english.conditions(when.iter().copied())]),
            None => {
                let said = if property.never { "Never: {}" } else { "Always: {}" };
                builder.say(said, &[&english.circumstance(property.root)])
            }
        };
        out.push(Point {
            lead,
            text: String::new(),
            notes: vec![sentence(&property.reason)],
            cites: builder.cite(&property.sources, None),
            id: property.id.clone(),
            ..Point::default()
        });
    }
    let lead =
        "The command “regimen prove” proves each of these for every patient, or names one for whom it does not hold.";
    builder.section("What must hold for every patient", lead, points(out).into_iter().collect())
}

/// When nobody must be treated, where a property says just that: `treat && …`.
fn treated_when(protocol: &Protocol, property: &Property) -> Option<Vec<ExprId>> {
    let properties = &protocol.properties;
    let node = |id: &ExprId| &properties.program.node(*id).expr;
    let is_treat = |id: &ExprId| {
        let says = |fact| properties.of_answer.iter().any(|(slot, what)| slot == fact && *what == OfAnswer::Treat);
        matches!(node(id), Expr::Fact(fact) if says(fact))
    };
    let Expr::And(all) = node(&property.root) else { return None };
    let rest: Vec<ExprId> = all.iter().copied().filter(|id| !is_treat(id)).collect();
    (property.never && rest.len() + 1 == all.len()).then_some(rest)
}
