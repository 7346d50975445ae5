//! How each outcome is recognised.

use crate::coverage::observe::Observed;
use crate::decide::needed::each_of;
use crate::lang::syntax::Comparison;
use crate::lang::{Expr, ExprId, FactId, Program, Type};
use crate::logic::eval::compare;
use crate::logic::{Tri, Value};
use crate::protocol::Protocol;
use crate::recommendation::Status;
use crate::trace::{Outcome, StepKind, TraceNode};

/// What is looked at.
#[derive(Clone, Debug)]
pub(crate) enum Probe {
    /// Whether a status was answered.
    Status(Status),
    /// What holds of a rule, by place.
    Rule(usize),
    /// A condition under no binder.
    Condition(ExprId),
    /// A row of a setting, by their places: for every value that the setting is repeated for.
    Row(usize, usize),
    /// A part of a rule's condition, where another value of it would have changed what holds of the rule.
    Part {
        /// The rule, by place.
        rule: usize,
        /// The part; none: whether its first permitted day has not come.
        part: Option<ExprId>,
        /// What is made of the part, operands first.
        path: Vec<u32>,
    },
    /// On which side of a limit a value is.
    Threshold {
        /// The comparison; of a first permitted day, the day.
        at: ExprId,
        /// The value; none: the as-of date.
        value: Option<ExprId>,
        /// The limit.
        limit: ExprId,
        /// The branch of an `if` that the limit is taken from; none: there is no `if`.
        arm: Option<ExprId>,
    },
    /// On which side of a date of the course the as-of date is: nodes of the trace of a kind, by the end of their ids or by their line.
    Wait(StepKind, End),
    /// Whether a recorded session kept a distance: checks of the trace, by the end of their ids.
    Judged(String),
}

/// Which nodes of a trace are meant.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// Those whose id ends so.
    Name(String),
    /// Those of a line whose id ends so.
    Line(usize, &'static str),
}

/// Where outcomes have their bits.
const OF_TRUTH: [&str; 3] = ["true", "false", "unknown"];
const OF_SIDE: [&str; 3] = ["below", "at", "above"];

impl Probe {
    /// The names of the outcomes.
    pub(crate) fn names(&self) -> &'static [&'static str] {
        match self {
            Probe::Status(_) => &["answered"],
            Probe::Rule(_) | Probe::Condition(_) | Probe::Row(..) | Probe::Part { .. } => &OF_TRUTH,
            Probe::Threshold { .. } | Probe::Wait(..) => &OF_SIDE,
            Probe::Judged(_) => &["kept", "too early"],
        }
    }

    /// The outcomes that a case produced, as bits in the order of their names.
    pub(crate) fn outcomes(&self, observed: &mut Observed<'_>) -> u8 {
        match self {
            Probe::Status(status) => u8::from(observed.answer().is_some_and(|answer| answer.status == *status)),
            Probe::Rule(at) => of_truth(observed.applies(&observed.protocol.rules[*at])),
            Probe::Condition(id) => of_truth(observed.truth(*id)),
            Probe::Row(setting, row) => {
                let setting = &observed.protocol.settings[*setting];
                let Some(when) = &setting.rows[*row].when else { return 1 };
                let program = &observed.protocol.program;
                let each = each_of(&observed.known, setting);
                let truth = |each: Option<Value>| match each {
                    Some(each) => observed.evaluation.for_each(program, &observed.inputs(), when, each).truth(),
                    None => observed.truth(ExprId(when.end - 1)),
                };
                each.into_iter().fold(0, |seen, each| seen | of_truth(truth(each)))
            }
            Probe::Part { rule, part, path } => decided(observed, *rule, *part, path),
            Probe::Threshold { value, limit, arm, .. } => {
                if let Some(arm) = arm
                    && !leads_to(observed, *limit, *arm)
                {
                    return 0;
                }
                let value = value.map_or(Value::date(observed.known.today), |id| observed.evaluation.value(id));
                of_side(value, observed.evaluation.value(*limit))
            }
            Probe::Wait(kind, end) => {
                let today = Value::date(observed.known.today);
                let nodes = nodes(observed).filter(|node| node.kind == *kind && end.is_of(node));
                let dates = nodes.filter_map(|node| Some(node.derived.as_ref()?.date));
                dates.fold(0, |seen, date| seen | of_side(today, Value::date(date)))
            }
            Probe::Judged(id) => {
                let end = End::Name(id.clone());
                let checks = nodes(observed).filter(|node| node.kind == StepKind::Check && end.is_of(node));
                checks.fold(0, |seen, node| match node.outcome {
                    Outcome::Truth(Tri::True) => seen | 1,
                    Outcome::Truth(Tri::False) => seen | 2,
                    _ => seen,
                })
            }
        }
    }

    /// The facts for want of which it stayed open in a case.
    pub(crate) fn open(&self, observed: &Observed<'_>) -> Vec<String> {
        let protocol = observed.protocol;
        let is_open = match self {
            Probe::Rule(at) => observed.applies(&protocol.rules[*at]).is_unknown(),
            Probe::Condition(id) => observed.truth(*id).is_unknown(),
            Probe::Threshold { limit, value, .. } => {
                let is_unknown = |id: &ExprId| !observed.evaluation.value(*id).is_settled();
                is_unknown(limit) || value.as_ref().is_some_and(is_unknown)
            }
            _ => false,
        };
        if !is_open {
            return Vec::new();
        }
        let roots = self.roots(protocol).into_iter();
        let facts = roots.flat_map(|root| observed.known.unknown_facts(protocol, root).collect::<Vec<FactId>>());
        facts.map(|fact| protocol.fact(fact).name.clone()).collect()
    }

    /// The expressions that it rests on.
    pub(crate) fn roots(&self, protocol: &Protocol) -> Vec<ExprId> {
        match self {
            Probe::Rule(at) | Probe::Part { rule: at, .. } => protocol.rules[*at].roots().collect(),
            Probe::Condition(id) => vec![*id],
            Probe::Threshold { at, .. } => vec![*at],
            Probe::Row(setting, row) => {
                let when = protocol.settings[*setting].rows[*row].when.iter();
                when.map(|when| ExprId(when.end - 1)).collect()
            }
            Probe::Status(_) | Probe::Wait(..) | Probe::Judged(_) => Vec::new(),
        }
    }
}

impl End {
    fn is_of(&self, node: &TraceNode) -> bool {
        match self {
            End::Name(name) => node.id.strip_suffix(name.as_str()).is_some_and(|before| before.ends_with('.')),
            End::Line(line, name) => node.line == Some(*line) && node.id.ends_with(name),
        }
    }
}

fn nodes<'o>(observed: &'o Observed<'_>) -> impl Iterator<Item = &'o TraceNode> {
    observed.answer().into_iter().flat_map(|answer| &answer.trace.nodes)
}

fn of_truth(truth: Tri) -> u8 {
    match truth {
        Tri::True => 1,
        Tri::False => 2,
        Tri::Unknown => 4,
    }
}

/// On which side of a limit a value certainly is.
fn of_side(value: Value, limit: Value) -> u8 {
    // What never was is on no side of a day.
    let is_never = |value: Value| matches!(value, Value::Date(range) if range.last.is_never());
    if is_never(value) || is_never(limit) {
        return 0;
    }
    let sides = [Comparison::Less, Comparison::Equal, Comparison::Greater];
    let is_so = |side: &Comparison| u8::from(compare(*side, value, limit).is_true());
    sides.iter().enumerate().fold(0, |seen, (at, side)| seen | is_so(side) << at)
}

/// Whether a part of a rule's condition decided it: with another truth of it, something else would hold.
fn decided(observed: &mut Observed<'_>, rule: usize, part: Option<ExprId>, path: &[u32]) -> u8 {
    let rule = &observed.protocol.rules[rule];
    let present = observed.applies(rule);
    let all = [Tri::True, Tri::False, Tri::Unknown];
    let Some(part) = part else {
        let Some(until) = rule.not_before() else { return 0 };
        let is = observed.waits(until);
        let differs = |other: &Tri| *other != is && rule.applies(|when| observed.truth(when), |_| *other) != present;
        return if all.iter().any(differs) { of_truth(is) } else { 0 };
    };
    let is = observed.truth(part);
    let before: Vec<Value> = path.iter().map(|id| observed.evaluation.value(ExprId(*id))).collect();
    let own = observed.evaluation.value(part);
    let mut differs = false;
    for other in all.into_iter().filter(|other| *other != is) {
        observed.evaluation.suppose(part, other.into());
        observed.refresh(path);
        differs |= observed.applies(rule) != present;
    }
    observed.evaluation.suppose(part, own);
    path.iter().zip(before).for_each(|(id, value)| observed.evaluation.suppose(ExprId(*id), value));
    if differs { of_truth(is) } else { 0 }
}

/// Whether a value was taken from a branch of an `if`.
fn leads_to(observed: &Observed<'_>, from: ExprId, arm: ExprId) -> bool {
    let mut todo = vec![from];
    while let Some(id) = todo.pop() {
        if id == arm {
            return true;
        }
        match &observed.protocol.program.node(id).expr {
            Expr::If(condition, yes, no) => match observed.truth(*condition) {
                Tri::True => todo.push(*yes),
                Tri::False => todo.push(*no),
                Tri::Unknown => {}
            },
            other => todo.extend(other.operands()),
        }
    }
    false
}

/// The branches of `if`s that a value may be taken from, those that hold no other.
pub(super) fn arms(program: &Program, from: ExprId) -> Vec<ExprId> {
    let branches = |roots: &[ExprId]| {
        let mut found = Vec::new();
        let (mut todo, mut seen) = (roots.to_vec(), std::collections::BTreeSet::new());
        while let Some(id) = todo.pop() {
            if !seen.insert(id) {
                continue;
            }
            match &program.node(id).expr {
                Expr::If(_, yes, no) => {
                    found.extend([*yes, *no]);
                    todo.extend([*yes, *no]);
                }
                other => todo.extend(other.operands()),
            }
        }
        found
    };
    let mut all = branches(&[from]);
    all.retain(|arm| branches(&[*arm]).is_empty());
    all.sort_unstable();
    all.dedup();
    all
}

/// The parts of a condition: what `&&`, `||`, `!` and `if` put together, seen through definitions.
pub(super) fn parts(program: &Program, root: ExprId) -> Vec<ExprId> {
    let (mut found, mut todo) = (std::collections::BTreeSet::new(), vec![root]);
    while let Some(id) = todo.pop() {
        let node = program.node(id);
        match &node.expr {
            Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Definition(..) | Expr::If(..)
                if node.ty == Type::Bool && node.level == 0 =>
            {
                todo.extend(node.expr.operands());
            }
            _ if node.level == 0 && !node.constant => {
                found.insert(id);
            }
            _ => {}
        }
    }
    found.into_iter().collect()
}

/// What is made of a part on the way to some roots, operands first.
pub(super) fn path(program: &Program, part: ExprId, roots: &[ExprId]) -> Vec<u32> {
    let mut of_it = std::collections::BTreeSet::from([part]);
    let mut path = Vec::new();
    for id in program.under(roots.iter().copied()) {
        let node = program.node(id);
        if id != part && node.level == 0 && node.expr.operands().iter().any(|operand| of_it.contains(operand)) {
            of_it.insert(id);
            path.push(id.0);
        }
    }
    path
}
