//! A course that begins as one before it does: as long as both are alike, the other is as far, and is the one that is chosen.

use crate::course::reads::is_for_all;
use crate::lang::{Expr, ExprId};
use crate::protocol::file::GapAction;
use crate::protocol::model::{Age, Course, Interval, PlannedSession, ProtocolModel, Reference};

/// Whether the dates of a planned session, by the places of its course and its own, are those of a course that is not chosen, however long
/// its best and its last interval and age are.
pub(super) fn is_hidden(model: &ProtocolModel, at: usize, session: usize) -> bool {
    let course = &model.courses[at];
    let goes_on = |course: &Course| course.gaps.iter().all(|gap| gap.action != GapAction::Restart);
    let may_hide = |other: &Course| {
        is_for_all(other)
            && course.offer_from.is_none()
            && (other.start_before.is_none() || other.start_before == course.start_before)
            && other.grace == course.grace
            && [other, course].into_iter().all(|one| one.is_series && goes_on(one))
    };
    model.courses[..at].iter().filter(|other| may_hide(other)).any(|other| {
        let pairs = other.sessions.iter().zip(&course.sessions);
        let alike = pairs.take_while(|(one, planned)| are_alike(model, (other, one), (course, planned))).count();
        // Of two that are as far, the one with fewer to come is chosen, then the first. What is skipped is not to come.
        let to_come = course.sessions[alike..].iter().filter(|planned| planned.skip.is_none()).count();
        session < alike && to_come > 0 && other.sessions.len() - alike <= to_come
    })
}

/// Whether two planned sessions judge what was given alike, are skipped alike, and have the same earliest day, whatever nobody knows.
fn are_alike(model: &ProtocolModel, one: (&Course, &PlannedSession), other: (&Course, &PlannedSession)) -> bool {
    let ((of_one, one), (of_other, other)) = (one, other);
    let ages = one.ages.iter().zip(&other.ages).all(|(a, b)| {
        let bounds = |age: &Age| (age.in_force, age.minimum, age.absolute_minimum, age.maximum);
        bounds(a) == bounds(b)
    });
    let mut accept = one.accept.iter().zip(&other.accept);
    let accept = accept.all(|(a, b)| (&a.products, a.from, a.before) == (&b.products, b.from, b.before));
    let intervals = |pick: fn(&PlannedSession) -> &std::ops::Range<usize>| {
        let (a, b) = (&of_one.intervals[pick(one).clone()], &of_other.intervals[pick(other).clone()]);
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| are_one_distance(a, b))
    };
    (one.ages.len(), one.accept.len()) == (other.ages.len(), other.accept.len())
        && ages
        && accept
        && intervals(|planned| &planned.intervals)
        && intervals(|planned| &planned.allow)
        && (&one.reject, one.season, one.repeat) == (&other.reject, other.season, other.repeat)
        && skip(model, one).is_some_and(|skip_one| skip(model, other) == Some(skip_one))
}

/// Whether two intervals hold back alike: under no condition, which may be open for each by itself.
fn are_one_distance(one: &Interval, other: &Interval) -> bool {
    let bounds = |one: &Interval| (one.minimum, one.absolute_minimum, one.in_force, one.priority);
    let is_given = |one: &Interval| one.when.is_none() && !matches!(one.from, Reference::Date(_));
    is_given(one) && is_given(other) && one.from == other.from && bounds(one) == bounds(other)
}

/// The condition under which a session is not needed, as it is written; empty: there is none. None: it reads what may be open for each by itself.
fn skip(model: &ProtocolModel, planned: &PlannedSession) -> Option<String> {
    let Some(skip) = &planned.skip else { return Some(String::new()) };
    let is_of_course = |id: ExprId| {
        matches!(
            model.program.node(id).expr,
            Expr::Aged { .. }
                | Expr::Waited { .. }
                | Expr::Tally(_)
                | Expr::Judging
                | Expr::SessionDate
                | Expr::Not(_)
                | Expr::And(_)
                | Expr::Or(_)
                | Expr::Compare(..)
                | Expr::Literal(_)
        )
    };
    let root = ExprId(skip.end - 1);
    let is_of_course = model.program.under([root]).all(is_of_course);
    is_of_course.then(|| model.written(root))
}
