//! What may have no result for a patient of whom everything is known: found quickly, so that only those answers are looked at as a whole
//! that may have to say so. Why it has none, and whether that makes a difference, is told by whoever explains the answer.

use crate::decide::covered::may_have_no_result;
use crate::decide::prepared::{Prepared, RestsOn, roots_of};
use crate::lang::{Expr, ExprId};
use crate::logic::value::{MANY, Value};
use crate::logic::{Declared, Evaluation, Inputs, Number, Reach};

/// The longest count of a length of time that surely has a result.
const SHORT: i128 = 100_000;

/// The calculations of a protocol that may have no result, and what they rest on.
#[derive(Clone, Debug, Default)]
pub(crate) struct NoResult {
    suspects: Vec<ExprId>,
    pub(crate) rests_on: RestsOn,
    /// Whether there may be one of which nothing can be told quickly: it stands under a binder, or has none for anybody.
    always: bool,
    /// Whether they ask about sessions.
    pub(crate) ask_for_sessions: bool,
}

impl NoResult {
    /// Those of all that is told of in a line of a batch: of the rules, the instructions and the courses. A setting tells of its own.
    pub(crate) fn of(prepared: &Prepared) -> NoResult {
        let protocol = &prepared.protocol;
        let program = &protocol.program;
        let roots = protocol.rules.iter().flat_map(|rule| rule.roots().chain(rule.recheck()));
        let roots = roots.chain(protocol.instructions.iter().filter_map(|instruction| instruction.when));
        let roots: Vec<ExprId> = roots.chain(protocol.courses.iter().flat_map(roots_of)).collect();
        let declared = Declared { fact: &|fact| protocol.fact_range(fact), note: &|note| protocol.note_range(note) };
        let mut reach = Reach::of_anybody(program, declared, &prepared.parameters);
        let may_have_none = |id: &ExprId| match &program.node(*id).expr {
            Expr::Arithmetic(_, a, b) => ![*id, *a, *b].into_iter().all(|id| has_ends(reach.value(id)).is_some()),
            Expr::Duration { count, .. } => {
                let is_short = |(least, greatest): (Number, Number)| {
                    least >= Number::whole(-SHORT) && greatest <= Number::whole(SHORT)
                };
                !has_ends(reach.value(*count)).is_some_and(is_short)
            }
            expr => may_have_no_result(expr),
        };
        let all: Vec<ExprId> = program.under(roots).filter(may_have_none).collect();
        let is_quick = |id: &ExprId| program.node(*id).level == 0 && !program.node(*id).constant;
        let (suspects, others): (Vec<ExprId>, Vec<ExprId>) = all.into_iter().partition(is_quick);
        let always = others.iter().any(|id| program.node(*id).level > 0 || !prepared.constants.value(*id).is_settled());
        let asks = |id: ExprId| {
            let expr = &program.node(id).expr;
            expr.list().is_some() || matches!(expr, Expr::SessionsDone)
        };
        let ask_for_sessions = program.under(suspects.iter().copied()).any(asks);
        let rests_on = RestsOn::of(program, suspects.iter().copied());
        NoResult { suspects, rests_on, always, ask_for_sessions }
    }

    /// Whether there is nothing of the kind.
    pub(crate) fn is_none(&self) -> bool {
        self.suspects.is_empty() && !self.always
    }

    /// Whether one of them may have no result for a patient. `evaluation` holds what they rest on.
    pub(crate) fn is_found(&self, prepared: &Prepared, evaluation: &Evaluation, inputs: &Inputs<'_>) -> bool {
        let is_one = |id: &ExprId| {
            if evaluation.value(*id).is_settled() {
                return false;
            }
            match &prepared.protocol.program.node(*id).expr {
                Expr::EndNote { list, last, .. } => !inputs.is_open(*list) && inputs.ends(*list, *last).is_empty(),
                expr => expr.operands().into_iter().all(|operand| evaluation.value(operand).is_settled()),
            }
        };
        self.always || self.suspects.iter().any(is_one)
    }
}

/// The ends of a number that has both.
fn has_ends(value: Value) -> Option<(Number, Number)> {
    match value {
        Value::Number(least, greatest) if -MANY < least && greatest < MANY => Some((least, greatest)),
        _ => None,
    }
}
