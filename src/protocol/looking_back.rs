//! Which intervals mean something else on another day: those by which a past session can fail, under a condition or counted from a date that
//! may have been another then. What held on the session's own day decides, and not what holds today.
//!
//! Sessions that each have bounds of their own are judged as published schedules are: by what is known today.

use std::collections::BTreeSet;

use crate::lang::program::Node;
use crate::lang::syntax::Arithmetic;
use crate::lang::{Expr, ExprId};
use crate::logic::eval::DATE_NOTE;
use crate::protocol::Protocol;
use crate::protocol::dictionary::Validity;
use crate::protocol::model::{Course, Interval, Reference};

/// For each course and each of its intervals, the nodes to be evaluated for the day of a session, operands first; none: it means the same
/// on every day.
#[derive(Clone, Debug)]
pub(crate) struct LookingBack(Vec<Vec<Option<Box<[u32]>>>>);

impl LookingBack {
    pub(crate) fn of(protocol: &Protocol) -> LookingBack {
        let of_course = |course: &Course| {
            let of_interval = |at: usize| {
                let roots = roots(&course.intervals[at]);
                let is_dated = can_fail(course, at) && roots.iter().any(|root| changes(protocol, *root));
                is_dated.then(|| nodes(protocol, roots))
            };
            (0..course.intervals.len()).map(of_interval).collect()
        };
        LookingBack(protocol.courses.iter().map(of_course).collect())
    }

    /// Whether any is.
    pub(crate) fn looks_back(&self) -> bool {
        self.0.iter().flatten().any(Option::is_some)
    }

    /// Those of a course.
    pub(crate) fn of_course(&self, course: usize) -> &[Option<Box<[u32]>>] {
        &self.0[course]
    }
}

/// What an interval reads.
pub(crate) fn roots(interval: &Interval) -> Vec<ExprId> {
    let date = match interval.from {
        Reference::Date(date) => Some(date),
        _ => None,
    };
    interval.when.into_iter().chain(date).collect()
}

/// Whether a past session can fail by an interval of its course, in a course whose sessions are all alike.
fn can_fail(course: &Course, interval: usize) -> bool {
    let is_bound = course.sessions.iter().any(|planned| planned.intervals.contains(&interval));
    is_bound && !course.is_series && !course.counts_early(interval)
}

/// Whether an expression may come to something else on another day: by the day itself, by the sessions before it, by an answer that
/// expires, or by a date on which something may not have happened yet.
fn changes(protocol: &Protocol, root: ExprId) -> bool {
    let program = &protocol.program;
    program.under([root]).any(|id| match &program.node(id).expr {
        Expr::Today | Expr::Age(_) => true,
        Expr::Fact(fact) => protocol.fact(*fact).valid_for != Validity::Forever || protocol.fact(*fact).past,
        expr => expr.list().is_some(),
    })
}

fn nodes(protocol: &Protocol, roots: Vec<ExprId>) -> Box<[u32]> {
    let program = &protocol.program;
    let under = program.under(roots).map(|id| (id.0, program.node(id)));
    under.filter(|(_, node)| node.level == 0).map(|(at, _)| at).collect()
}

/// Whether an interval reads the sessions.
pub(crate) fn reads_sessions(protocol: &Protocol, interval: &Interval) -> bool {
    let program = &protocol.program;
    program.under(roots(interval)).any(|id| program.node(id).expr.list().is_some())
}

/// Whether all that an interval reads of sessions is which of them came before, and what is noted about them, but not their days.
pub(crate) fn reads_only_their_order(protocol: &Protocol, interval: &Interval) -> bool {
    let program = &protocol.program;
    program.under(roots(interval)).all(|id| match program.node(id) {
        Node { expr: Expr::FirstDate(_) | Expr::LastDate(_), .. } => false,
        Node { expr: Expr::EndNote { note, .. } | Expr::SessionNote { note, .. }, .. } => {
            usize::from(*note) != DATE_NOTE
        }
        // What turns with the day is not looked at where it is asked about each session.
        Node { expr: Expr::Today | Expr::Age(_) | Expr::Fact(_), level, .. } => *level == 0,
        _ => true,
    })
}

/// What an interval reads that has nothing to do with sessions: the largest of such expressions.
pub(crate) fn apart_from_sessions(protocol: &Protocol, interval: &Interval) -> Vec<ExprId> {
    let program = &protocol.program;
    let reads = |id: ExprId| program.under([id]).any(|id| program.node(id).expr.list().is_some());
    let (mut apart, mut todo) = (BTreeSet::new(), roots(interval));
    let mut seen = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        if program.node(id).level == 0 && !reads(id) {
            apart.insert(id);
        } else {
            todo.extend(program.node(id).expr.operands());
        }
    }
    apart.into_iter().collect()
}

/// The notes that an interval reads of any of some sessions; none: it reads something that may be unknown although they are known, such as
/// a note of the last session where there may be none.
pub(crate) fn notes_of_any(protocol: &Protocol, interval: &Interval) -> Option<Vec<u16>> {
    let program = &protocol.program;
    let note = |id: ExprId| match program.node(id).expr {
        Expr::EndNote { .. } | Expr::FirstDate(_) | Expr::LastDate(_) | Expr::SessionsDone => Some(None),
        Expr::Arithmetic(Arithmetic::Divide, ..) => Some(None),
        Expr::SessionNote { note, .. } => Some(Some(note)),
        _ => None,
    };
    program.under(roots(interval)).filter_map(note).collect()
}
