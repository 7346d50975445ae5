//! Why no case produced an outcome: whether a patient can at all.

use crate::check::regions::Trials;
use crate::check::rules::holds;
use crate::coverage::probe::Probe;
use crate::coverage::{Item, Missing, Why};
use crate::lang::syntax::Comparison;
use crate::lang::{Expr, ExprId, Type};
use crate::logic::eval::compare;
use crate::logic::value::MANY;
use crate::logic::{Declared, Number, Reach, Tri, Value};
use crate::protocol::Protocol;

pub(super) fn tell(protocol: &Protocol, items: &mut [Item], open: &[Vec<String>]) {
    let mut trials = Trials::new(protocol);
    for (item, open) in items.iter_mut().zip(open) {
        if item.outcomes.iter().all(|outcome| outcome.cases > 0) {
            continue;
        }
        let out_of_reach = unreachable(protocol, &mut trials, &item.probe);
        for outcome in item.outcomes.iter_mut().filter(|outcome| outcome.cases == 0) {
            let why = match outcome.outcome {
                one if out_of_reach.contains(&one) => Why::Unreachable,
                "unknown" => Why::NeverTried,
                _ if !open.is_empty() => Why::ShortOfFacts,
                _ => Why::NeverTried,
            };
            let facts = if why == Why::ShortOfFacts { open.clone() } else { Vec::new() };
            outcome.missing = Some(Missing { why, facts, case: None });
        }
    }
}

/// The outcomes that no patient can produce, as far as that is proven: by the patients that `check` tells apart, on every day and with each
/// parameter at its least, declared and greatest value.
fn unreachable(protocol: &Protocol, trials: &mut Trials<'_>, probe: &Probe) -> Vec<&'static str> {
    let mut found = Vec::new();
    let is_known = match probe {
        Probe::Rule(at) => protocol.rules[*at].roots().all(|root| is_never_unknown(protocol, root)),
        Probe::Condition(id) | Probe::Part { part: Some(id), .. } => is_never_unknown(protocol, *id),
        _ => false,
    };
    if is_known {
        found.push("unknown");
    }
    if let Probe::Threshold { value: Some(value), limit, .. } = probe {
        return out_of_range(protocol, *value, *limit);
    }
    let roots = probe.roots(protocol);
    let truth_of: &dyn Fn(&mut crate::check::regions::Patient<'_, '_>) -> Tri = match probe {
        Probe::Rule(at) => &|patient| holds(&protocol.rules[*at], patient),
        Probe::Condition(id) => &|patient| patient.value(*id).truth(),
        _ => return found,
    };
    let Some(regions) = trials.regions(&roots) else { return found };
    let (mut ever, mut ever_not) = (false, false);
    trials.find(&regions, |patient| {
        let truth = truth_of(patient);
        ever |= truth.is_true();
        ever_not |= truth.is_false();
        ever && ever_not
    });
    if !trials.is_exhausted() {
        found.extend((!ever).then_some("true"));
        found.extend((!ever_not).then_some("false"));
    }
    found
}

/// The sides of a limit on which a value cannot be by the declared ranges: an answer outside of them is refused.
fn out_of_range(protocol: &Protocol, value: ExprId, limit: ExprId) -> Vec<&'static str> {
    let parameters: Vec<Value> = protocol
        .parameters
        .iter()
        .map(|one| match one.range {
            Some((least, greatest)) => least.either(greatest),
            None => one.value,
        })
        .collect();
    let declared = Declared { fact: &|fact| protocol.fact_range(fact), note: &|note| protocol.note_range(note) };
    let mut reach = Reach::of_anybody(&protocol.program, declared, &parameters);
    // Nothing is counted below 0.
    let least = |id: ExprId, reach: Value| match protocol.program.behind(id) {
        Expr::SessionsDone | Expr::SessionCount(_) | Expr::Quantified { .. } | Expr::Age(_)
            if reach == Value::Unknown && matches!(protocol.program.node(id).ty, Type::Number { .. }) =>
        {
            Value::Number(Number::ZERO, MANY)
        }
        _ => reach,
    };
    let (value, limit) = (least(value, reach.value(value)), least(limit, reach.value(limit)));
    let sides = [("below", Comparison::Less), ("at", Comparison::Equal), ("above", Comparison::Greater)];
    sides.into_iter().filter(|(_, side)| compare(*side, value, limit).is_false()).map(|(name, _)| name).collect()
}

/// Whether an expression is known exactly, whatever is known of a patient: nothing in it may be missing, or a range of days.
fn is_never_unknown(protocol: &Protocol, id: ExprId) -> bool {
    let node = protocol.program.node(id);
    let all = || node.expr.operands().into_iter().all(|operand| is_never_unknown(protocol, operand));
    match &node.expr {
        Expr::Literal(_) | Expr::Parameter(_) | Expr::Today => true,
        Expr::Definition(..) | Expr::Not(_) | Expr::And(_) | Expr::Or(_) | Expr::Compare(..) | Expr::OneOf(..) => all(),
        Expr::Contains(..) | Expr::ContainsAny(..) | Expr::IsEmpty(_) | Expr::If(..) | Expr::Known(_) => {
            matches!(node.expr, Expr::Known(_)) || all()
        }
        // Of a date or a number, a part may be known.
        Expr::Coalesce(_, default) => {
            matches!(node.ty, Type::Bool | Type::Choice(_) | Type::Set(_) | Type::Text)
                && is_never_unknown(protocol, *default)
        }
        _ => false,
    }
}
