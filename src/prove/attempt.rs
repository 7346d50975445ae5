//! Whether anybody meets a claim: decided over all patients that can be told apart by it, as `check` does.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::regions::{Regions, Trials};
use crate::date::Date;
use crate::lang::{Expr, ExprId, FactId};
use crate::logic::turning::Axis;
use crate::logic::value::Value;
use crate::protocol::Protocol;
use crate::prove::claim::{Claim, Claims};

/// How many who seem to meet a claim are looked at by the engine.
const MOST_HINTS: usize = 12;

/// Somebody who seems to meet a claim, by what tells him from others.
#[derive(Clone, Debug)]
pub(super) struct Hint {
    pub(super) today: Date,
    pub(super) facts: BTreeMap<FactId, Value>,
    pub(super) parameters: BTreeMap<usize, Value>,
}

/// What became of a claim.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Nobody meets it, over these patients.
    Nobody(Looked),
    /// These seem to.
    Perhaps(Vec<Hint>),
    /// The patients are too many to be told apart.
    TooMany,
}

/// What has been looked at: the ground that a proof stands on.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) facts: BTreeSet<FactId>,
    pub(super) parameters: BTreeMap<u16, Vec<Value>>,
    pub(super) sessions_done: bool,
    pub(super) days_differ: bool,
}

impl Looked {
    pub(super) fn add(&mut self, other: Looked) {
        self.facts.extend(other.facts);
        self.parameters.extend(other.parameters);
        self.sessions_done |= other.sessions_done;
        self.days_differ |= other.days_differ;
    }

    fn of(regions: &Regions) -> Looked {
        let mut looked = Looked { days_differ: regions.differ_by_day(), ..Looked::default() };
        for (axis, values) in regions.axes_tried() {
            match axis {
                Axis::Fact(fact) => drop(looked.facts.insert(*fact)),
                Axis::Parameter(at) => drop(looked.parameters.insert(*at, values.clone())),
                Axis::SessionsDone => looked.sessions_done = true,
                Axis::Term(_) => {}
            }
        }
        looked
    }
}

/// Decides about one claim: first by what it says itself, then with more and more of the rules that have to do with it.
pub(super) fn decide(claim: &Claim, claims: &mut Claims<'_>) -> Verdict {
    let order = rules_by_nearness(claim, claims);
    let mut tried: Vec<Vec<usize>> = vec![Vec::new()];
    tried.extend(order.iter().map(|rule| vec![*rule]));
    let mut last = Verdict::TooMany;
    for rules in &tried {
        match attempt(&claim.of_rules(rules), claims) {
            Verdict::Nobody(looked) => return Verdict::Nobody(looked),
            Verdict::Perhaps(hints) if matches!(last, Verdict::TooMany) => last = Verdict::Perhaps(hints),
            _ => {}
        }
    }
    // Together, as many as can be told apart.
    let mut together: Vec<usize> = Vec::new();
    for rule in order {
        together.push(rule);
        match attempt(&claim.of_rules(&together), claims) {
            Verdict::Nobody(looked) => return Verdict::Nobody(looked),
            Verdict::Perhaps(hints) => last = Verdict::Perhaps(hints),
            Verdict::TooMany => drop(together.pop()),
        }
    }
    last
}

fn attempt(claim: &Claim, claims: &mut Claims<'_>) -> Verdict {
    match claim {
        Claim::Is(false) => return Verdict::Nobody(Looked::default()),
        Claim::Is(true) => {
            let hint =
                Hint { today: crate::check::regions::today(), facts: BTreeMap::new(), parameters: BTreeMap::new() };
            return Verdict::Perhaps(vec![hint]);
        }
        _ => {}
    }
    let before = claims.out.program.nodes.len();
    let root = claim.expression(&mut claims.out);
    let protocol = claims.out.protocol();
    let verdict = look(&protocol, root);
    // What was written for this attempt is of no use to the next, save for what says whether rules fire.
    claims.out.forget(before);
    verdict
}

fn look(protocol: &Protocol, root: ExprId) -> Verdict {
    let mut trials = Trials::new(protocol);
    let Some(regions) = trials.regions_or_more(&[root]) else { return Verdict::TooMany };
    let mut hints = Vec::new();
    trials.find(&regions, |patient| {
        if patient.value(root).truth().is_true() {
            let mut hint = Hint { today: patient.today(), facts: BTreeMap::new(), parameters: BTreeMap::new() };
            for (axis, value) in patient.values() {
                match axis {
                    Axis::Fact(fact) => drop(hint.facts.insert(fact, value)),
                    Axis::Parameter(at) => drop(hint.parameters.insert(usize::from(at), value)),
                    Axis::SessionsDone | Axis::Term(_) => {}
                }
            }
            hints.push(hint);
        }
        hints.len() >= MOST_HINTS
    });
    match hints.is_empty() {
        false => Verdict::Perhaps(hints),
        true if trials.is_exhausted() => Verdict::TooMany,
        true => Verdict::Nobody(Looked::of(&regions)),
    }
}

/// The rules of a claim that read what its conditions read, those first that read little else.
fn rules_by_nearness(claim: &Claim, claims: &mut Claims<'_>) -> Vec<usize> {
    let (mut conditions, mut rules) = (Vec::new(), Vec::new());
    claim.made_of(&mut conditions, &mut rules);
    let mut read = reads(claims, &conditions);
    let mut left: Vec<(usize, BTreeSet<Read>)> = Vec::new();
    for rule in rules {
        let fires = claims.out.fires(rule);
        left.push((rule, reads(claims, &[fires])));
    }
    let mut order = Vec::new();
    // Those that are near to what it says; then those near to these.
    for _ in 0..2 {
        let (mut near, far): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, of_rule)| !of_rule.is_disjoint(&read));
        near.sort_by_key(|(rule, of_rule)| (of_rule.difference(&read).count(), *rule));
        read.extend(near.iter().flat_map(|(_, of_rule)| of_rule.iter().copied()));
        order.extend(near.into_iter().map(|(rule, _)| rule));
        left = far;
    }
    order
}

/// Something that an expression reads of a patient.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Read {
    Fact(FactId),
    Sessions(u16),
    SessionsDone,
}

fn reads(claims: &Claims<'_>, roots: &[ExprId]) -> BTreeSet<Read> {
    let program = &claims.out.program;
    let read = |id: ExprId| match &program.node(id).expr {
        Expr::Fact(fact) | Expr::Age(fact) => Some(Read::Fact(*fact)),
        Expr::SessionsDone => Some(Read::SessionsDone),
        other => other.list().map(|list| Read::Sessions(list.0)),
    };
    program.under(roots.iter().copied()).filter_map(read).collect()
}
