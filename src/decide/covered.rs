//! Whether some row of a setting applies, whatever becomes known: tried for every way that the unknown answers can turn out, as `check` tries
//! tables.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::lang::{Expr, ExprId, Type};
use crate::logic::turning::{Axis, Fixed, Turning};
use crate::logic::value::Value;
use crate::logic::{Evaluation, Inputs};
use crate::protocol::Protocol;
use crate::protocol::model::Setting;

/// The most ways that are tried. Where there are more, no row may apply in one of them.
const MOST_TRIED: usize = 5_000;

/// Whether some row applies for each of some values of the setting's set. `evaluation` holds what is known to begin with.
pub(crate) fn some_row_applies(
    protocol: &Protocol,
    setting: &Setting,
    each: &[Option<Value>],
    (evaluation, inputs): (&Evaluation, &Inputs<'_>),
) -> bool {
    let program = &protocol.program;
    if setting.rows.iter().any(|row| row.when.is_none()) {
        return true;
    }
    let whens: Vec<&Range<u32>> = setting.rows.iter().filter_map(|row| row.when.as_ref()).collect();
    let roots: Vec<ExprId> = whens.iter().map(|when| ExprId(when.end - 1)).collect();
    let open = open_under(protocol, &roots, evaluation);
    let nodes: Vec<u32> = open.iter().filter(|id| !evaluation.value(**id).is_settled()).map(|id| id.0).collect();
    if nodes.iter().any(|id| may_have_no_result(&program.nodes[*id as usize].expr)) {
        return false;
    }
    let fixed = Fixed { today: inputs.today, parameters: Some(inputs.parameters) };
    let Some(axes) = Turning::new(protocol, fixed).axes(&open, &roots) else { return false };
    let told = |axis: &Axis| match axis {
        Axis::Fact(fact) => Some(inputs.facts[usize::from(fact.0)]).filter(|value| value.is_settled()),
        Axis::SessionsDone => Some(inputs.sessions_done).filter(|value| value.is_settled()),
        Axis::Parameter(_) | Axis::Term(_) => None,
    };
    let axes: Vec<(Axis, Vec<Value>)> =
        axes.into_iter().map(|(axis, values)| (axis, told(&axis).map_or(values, |value| vec![value]))).collect();
    let count = axes.iter().try_fold(each.len(), |count, (_, values)| count.checked_mul(values.len()));
    if count.is_none_or(|count| count > MOST_TRIED) {
        return false;
    }
    let (mut facts, mut sessions_done) = (inputs.facts.to_vec(), inputs.sessions_done);
    let mut evaluation = evaluation.clone();
    let mut at = vec![0usize; axes.len()];
    loop {
        for ((axis, values), at) in axes.iter().zip(&at) {
            match axis {
                Axis::Fact(fact) => facts[usize::from(fact.0)] = values[*at],
                Axis::SessionsDone => sessions_done = values[*at],
                Axis::Parameter(_) | Axis::Term(_) => {}
            }
        }
        let inputs = Inputs { facts: &facts, sessions_done, ..inputs.clone() };
        evaluation.refresh(program, &inputs, &nodes);
        let applies = |when: &&Range<u32>, each: Option<Value>| {
            let value = match each {
                Some(each) => evaluation.for_each(program, &inputs, when, each),
                None => evaluation.value(ExprId(when.end - 1)),
            };
            value.truth().is_true()
        };
        if each.iter().any(|each| !whens.iter().any(|when| applies(when, *each))) {
            return false;
        }
        let Some(turn) = (0..at.len()).find(|turn| at[*turn] + 1 < axes[*turn].1.len()) else { return true };
        at[..turn].fill(0);
        at[turn] += 1;
    }
}

/// What conditions still rest on: all that is not known of what they are made of, and what it is compared with.
fn open_under(protocol: &Protocol, roots: &[ExprId], evaluation: &Evaluation) -> BTreeSet<ExprId> {
    let mut open = BTreeSet::new();
    let mut todo = roots.to_vec();
    while let Some(id) = todo.pop() {
        let node = protocol.program.node(id);
        let is_told = evaluation.value(id).is_settled();
        if is_told && node.ty == Type::Bool {
            continue;
        }
        if open.insert(id) && !is_told {
            todo.extend(node.expr.operands());
        }
    }
    open
}

/// Whether an expression may have no result although all that it reads is known.
pub(super) fn may_have_no_result(expr: &Expr) -> bool {
    matches!(expr, Expr::Arithmetic(..) | Expr::Duration { .. } | Expr::EndNote { .. })
}
