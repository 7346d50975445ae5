//! What to do, in one sentence.

use super::{DRAFT, Mood, is_draft};
use crate::recommendation::{ComponentReport, Count, CourseReport, PlannedNow, Recommendation, Status, Window};

/// The answer in a few words. That of a draft says so, and never looks like a permission.
#[must_use]
pub fn answer(recommendation: &Recommendation) -> (Mood, String) {
    let (mood, words) = what_to_do(recommendation);
    if is_draft(recommendation) {
        let mood = if mood == Mood::Go { Mood::Wait } else { mood };
        return (mood, format!("{DRAFT} · {words}"));
    }
    (mood, words)
}

pub(super) fn what_to_do(recommendation: &Recommendation) -> (Mood, String) {
    let due = |word: &str| {
        let course = recommendation.course.as_ref();
        match course.filter(|course| is_counted(course)) {
            Some(course) => sessions_due(course, recommendation),
            None => {
                let session = course.and_then(session_of);
                format!("{} is {word}", session.as_deref().unwrap_or("the treatment"))
            }
        }
    };
    match recommendation.status {
        Status::Contraindicated => (Mood::Stop, "DO NOT TREAT: contraindicated".into()),
        Status::NotIndicated => (Mood::Stop, "NOT THE RIGHT TREATMENT: not indicated".into()),
        Status::Stopped => (Mood::Stop, "STOP: the course has ended".into()),
        Status::Complete => (Mood::Stop, "COURSE COMPLETE".into()),
        Status::Deferred => (
            Mood::Wait,
            match (recommendation.not_before, recommendation.no_sooner_than) {
                (Some(date), _) => {
                    let confirm =
                        if recommendation.is_to_be_confirmed(date) { ", to be confirmed on that day" } else { "" };
                    format!("NOT TODAY: deferred, not before {date}{confirm}")
                }
                (None, Some(date)) if is_endless(recommendation) => {
                    format!("NOT TODAY: deferred, not before {date}, and only after what is said below")
                }
                (None, Some(date)) => {
                    let later = how_late(recommendation);
                    format!("NOT TODAY: deferred, no sooner than {date} ({later})")
                }
                (None, None) => {
                    let mut waits = recommendation.reasons.iter().filter(|reason| reason.leads_to == Status::Deferred);
                    match (waits.next().and_then(|reason| reason.until.as_ref()), waits.next()) {
                        (Some(until), None) => format!("NOT TODAY: deferred until {until}"),
                        _ => "NOT TODAY: deferred, until all that is said below".into(),
                    }
                }
            },
        ),
        Status::Undetermined => (Mood::Wait, "ASK FIRST: undetermined".into()),
        Status::Refer => {
            let mut roles: Vec<&str> = Vec::new();
            for reason in &recommendation.reasons {
                roles.extend(reason.to.as_deref().filter(|role| !roles.contains(role)));
            }
            (Mood::Wait, format!("REFER: to be decided by {}", roles.join(" and ")))
        }
        Status::Due => (Mood::Go, format!("TREAT: {}", due("due"))),
        Status::Overdue => (Mood::Go, format!("TREAT: {}", due("overdue"))),
    }
}

/// Whether something holds back that has no day.
pub fn is_endless(recommendation: &Recommendation) -> bool {
    let mut waits = recommendation.reasons.iter().filter(|reason| reason.leads_to == Status::Deferred);
    waits.any(|reason| reason.not_before.is_none())
}

/// `may become as late as 2026-04-21: depends on b`. Of many facts, the most decisive.
pub fn how_late(recommendation: &Recommendation) -> String {
    const MOST: usize = 3;
    let mut text = match recommendation.no_later_than {
        Some(date) => format!("may become as late as {date}"),
        None => "how much later cannot be said yet".to_owned(),
    };
    let labels = &recommendation.labels;
    match &recommendation.date_depends_on[..] {
        [] => {}
        few if few.len() <= MOST => text.push_str(&format!(": depends on {}", labels.facts(few).join(", "))),
        many => {
            let (first, rest) = many.split_at(MOST);
            text.push_str(&format!(": depends on {} and {} more", labels.facts(first).join(", "), rest.len()));
        }
    }
    text
}

/// `session 2 of 4`, without the number where it is not certain how many count.
pub(super) fn session_of(course: &CourseReport) -> Option<String> {
    let next = course.next.as_ref()?;
    Some(if course.done.is_certain() { numbered(next, course.planned) } else { "the next session".into() })
}

pub(super) fn numbered(next: &Window, planned: Option<Count>) -> String {
    let number = next.number;
    let text = match planned {
        Some(planned) if number <= planned.most => format!("session {number} of {planned}"),
        Some(planned) => format!("session {number}, beyond the {planned} planned,"),
        None => format!("session {number}"),
    };
    match next.after_complete {
        Some(last) => format!("{text} in a new course, after one that was completed by {last},"),
        None => text,
    }
}

/// The next session of a value that is counted, without its number where that is not certain.
pub fn next_of(part: &ComponentReport, next: &Window) -> String {
    if part.done.is_certain() { numbered(next, part.planned) } else { "the next session".into() }
}

/// Whether a course has a count for each value of a note, and any of them to tell of.
pub fn is_counted(course: &CourseReport) -> bool {
    course.separate_by.is_some() && !course.components.is_empty()
}

/// `session 3 (face) and session 1 (axilla) are due`: the planned values by name. Where it is not known which are, no number is said.
pub(super) fn sessions_due(course: &CourseReport, recommendation: &Recommendation) -> String {
    let planned = || course.components.iter().filter(|part| matches!(part.planned_now, None | Some(PlannedNow::Yes)));
    // A session beyond those planned is never late.
    let late = |part: &ComponentReport, next: &Window| {
        recommendation.status == Status::Overdue
            && part.planned.is_none_or(|planned| next.number <= planned.most)
            && next.latest.is_some_and(|latest| latest < recommendation.as_of)
    };
    let mut sentences = Vec::new();
    for (is_late, word) in [(true, "overdue"), (false, "due")] {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for part in planned() {
            let Some(next) = part.next.as_ref().filter(|next| late(part, next) == is_late) else { continue };
            let (number, value) = (next_of(part, next), recommendation.labels.value(&part.id));
            match groups.iter_mut().find(|(other, _)| *other == number) {
                Some((_, values)) => values.push(value),
                None => groups.push((number, vec![value])),
            }
        }
        let sessions: Vec<String> =
            groups.iter().map(|(number, values)| format!("{number} ({})", values.join(", "))).collect();
        match &sessions[..] {
            [] => {}
            [one] => sentences.push(format!("{one} is {word}")),
            [first @ .., last] => sentences.push(format!("{} and {last} are {word}", first.join(", "))),
        }
    }
    if sentences.is_empty() {
        return "the treatment is due".into();
    }
    let over: Vec<String> =
        planned().filter(|part| part.next.is_none()).map(|part| recommendation.labels.value(&part.id)).collect();
    if !over.is_empty() {
        sentences.push(format!("leave out what is over ({})", over.join(", ")));
    }
    sentences.join("; ")
}
