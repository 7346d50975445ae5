//! What the rules of a protocol come to, as a circuit.

use super::model::{Action, Outcome, Rule};
use crate::expr::circuit::{Builder, Circuit, Literal, Wire};
use crate::expr::{Expr, ExprId, FactId, Program};
use crate::recommendation::Status;

/// The statuses that something certain leads to, in the order in which they win; then referral.
pub const LED_TO: [Status; 6] =
    [Status::Contraindicated, Status::NotIndicated, Status::Stopped, Status::Complete, Status::Deferred, Status::Refer];

/// All conditions of a protocol, and what follows from them.
#[derive(Clone, Debug)]
pub struct Conditions {
    /// The conditions.
    pub circuit: Circuit,
    /// For each rule, whether it speaks: an indication that fails, a deferral that is not over, any other whose condition holds.
    pub speaks: Vec<Wire>,
    /// For each status of [`LED_TO`], the rules that lead to it: whether each speaks.
    pub leads_to: [Vec<Wire>; LED_TO.len()],
    /// Whether anything may be assumed (`??`, `known`), so that there is something to be left open.
    pub assumes: bool,
}

impl Conditions {
    /// The conditions of a program that reads so many facts, and of its rules.
    #[must_use]
    pub fn new(program: &Program, facts: usize, rules: &[Rule]) -> Conditions {
        let waits: Vec<ExprId> = rules.iter().filter_map(Rule::not_before).collect();
        let mut builder = Builder::new(program, facts, &waits);
        let mut speaks = Vec::with_capacity(rules.len());
        for rule in rules {
            let holds = rule.when.map_or(Literal::TRUE, |when| builder.literal(when));
            let literal = match (&rule.action, rule.not_before()) {
                (Action::Indicate { .. }, _) => !holds,
                (_, Some(until)) => {
                    let waits = builder.waits(until);
                    builder.and(holds, waits)
                }
                _ => holds,
            };
            speaks.push(builder.wire(literal));
        }
        let (circuit, now) = builder.finish();
        let speaks: Vec<Wire> = speaks.into_iter().map(now).collect();
        let leads_to = LED_TO.map(|status| {
            let rules = rules.iter().zip(&speaks).filter(|(rule, _)| led_to_by(&rule.action) == Some(status));
            rules.map(|(_, speaks)| *speaks).collect()
        });
        let assumes = program.nodes.iter().any(|node| matches!(node.expr, Expr::Coalesce(..) | Expr::Known(_)));
        Conditions { circuit, speaks, leads_to, assumes }
    }
}

/// The status that a rule leads to when it speaks.
#[must_use]
pub fn led_to_by(action: &Action) -> Option<Status> {
    match action {
        Action::Contraindicate { .. } => Some(Status::Contraindicated),
        Action::Indicate { .. } => Some(Status::NotIndicated),
        Action::Complete { outcome: Outcome::Stopped, .. } => Some(Status::Stopped),
        Action::Complete { outcome: Outcome::Complete, .. } => Some(Status::Complete),
        Action::Defer { .. } => Some(Status::Deferred),
        Action::Refer { .. } => Some(Status::Refer),
        Action::Precaution { .. } => None,
    }
}

/// The nodes that stand under no binder and that some expressions rest on, operands first; and the facts they read.
#[must_use]
pub fn rest_on(program: &Program, roots: impl IntoIterator<Item = ExprId>) -> (Vec<u32>, Vec<FactId>) {
    let (mut nodes, mut facts) = (Vec::new(), Vec::new());
    for id in program.under(roots) {
        let node = program.node(id);
        if node.level == 0 {
            nodes.push(id.0);
        }
        if let Expr::Fact(fact) | Expr::Age(fact) = node.expr
            && !facts.contains(&fact)
        {
            facts.push(fact);
        }
    }
    (nodes, facts)
}

/// Whether some expressions rest on anything that may be assumed.
#[must_use]
pub fn assumes(program: &Program, roots: impl IntoIterator<Item = ExprId>) -> bool {
    program.under(roots).any(|id| matches!(program.node(id).expr, Expr::Coalesce(..) | Expr::Known(_)))
}
