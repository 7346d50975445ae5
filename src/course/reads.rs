//! What the forecast of a planned session is read for: not every one is ever the next, and its numbers are then for judging alone.

use crate::protocol::model::Course;

/// What is read of the forecast of a planned session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Forecasts {
    /// Nothing: wherever it is the next one of its course, another course is chosen.
    Nothing,
    /// Its earliest day, on which it may not be needed any more.
    Earliest,
    /// All its dates.
    Dates,
}

/// What is read of the forecast of a planned session, by the places of its course and its own.
pub(crate) fn forecasts(courses: &[Course], at: usize, session: usize) -> Forecasts {
    let course = &courses[at];
    let planned = &course.sessions[session];
    // A course that is recognised when complete is not chosen while a session is open: it only matters whether one is.
    if course.evaluation_only {
        return if planned.skip.is_some() { Forecasts::Earliest } else { Forecasts::Nothing };
    }
    // While no session of it counts, a course is chosen only in its turn; and then its first planned session is behind.
    let is_of_beginning = course.is_series && session == 0 && !planned.repeat;
    if is_of_beginning && is_begun_elsewhere(courses, at) { Forecasts::Nothing } else { Forecasts::Dates }
}

/// Whether a course is never chosen while no session of it counts: another stands before it for everybody, and it does not take that one's
/// place.
fn is_begun_elsewhere(courses: &[Course], at: usize) -> bool {
    courses[..at].iter().any(is_for_all) && !(courses[at].offer_from.is_some() && is_offered_later(courses, at))
}

/// Whether the age from which a course is offered is read: a patient must be able to outgrow the one that he would begin, the first that is
/// for him.
pub(crate) fn is_offered_later(courses: &[Course], at: usize) -> bool {
    let first_for_all = courses[..at].iter().position(is_for_all).map_or(at, |first| first + 1);
    !courses[at].evaluation_only && courses[..first_for_all].iter().any(can_be_outgrown)
}

/// Whether a course is offered to every patient.
pub(crate) fn is_for_all(course: &Course) -> bool {
    course.when.is_none() && course.components.is_none() && !course.evaluation_only
}

/// Whether a patient may be too old for a course that was offered.
pub(crate) fn can_be_outgrown(course: &Course) -> bool {
    let mut ages = course.sessions.iter().flat_map(|planned| &planned.ages);
    !course.evaluation_only && ages.any(|age| age.maximum.is_some())
}

/// Whether the shortest distance of an interval is read for the next session, by the places of its course and its own.
pub(crate) fn reads_minimum(courses: &[Course], at: usize, interval: usize) -> bool {
    let mut sessions = courses[at].sessions.iter().enumerate();
    sessions.any(|(session, planned)| {
        planned.intervals.contains(&interval) && forecasts(courses, at, session) > Forecasts::Nothing
    })
}
