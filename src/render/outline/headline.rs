//! What to do, in one sentence.

use super::{DRAFT, Mood, is_draft};
use crate::english::list;
use crate::recommendation::{ComponentReport, Count, CourseReport, PlannedNow, Recommendation, Status, Window};
use crate::speech::{Speech, tell};

/// The answer in a few words. That of a draft says so, and never looks like a permission.
#[must_use]
pub fn answer(recommendation: &Recommendation) -> (Mood, String) {
    let (mood, words) = what_to_do(recommendation);
    if is_draft(recommendation) {
        let mood = if mood == Mood::Go { Mood::Wait } else { mood };
        return (mood, format!("{} · {words}", recommendation.speech().word(DRAFT)));
    }
    (mood, words)
}

pub(super) fn what_to_do(recommendation: &Recommendation) -> (Mood, String) {
    let speech = recommendation.speech();
    let due = |word: &str| {
        let course = recommendation.course.as_ref();
        match course.filter(|course| is_counted(course)) {
            Some(course) => sessions_due(course, recommendation),
            None => {
                let session = course.and_then(|course| session_of(course, speech));
                let session = session.unwrap_or_else(|| speech.word("the treatment"));
                tell!(speech, "{} is {}", session, speech.word(word))
            }
        }
    };
    match recommendation.status {
        Status::Contraindicated => (Mood::Stop, speech.word("DO NOT TREAT: contraindicated")),
        Status::NotIndicated => (Mood::Stop, speech.word("NOT THE RIGHT TREATMENT: not indicated")),
        Status::Stopped => (Mood::Stop, speech.word("STOP: the course has ended")),
        Status::Complete => (Mood::Stop, speech.word("COURSE COMPLETE")),
        Status::Deferred => (
            Mood::Wait,
            match (recommendation.not_before, recommendation.no_sooner_than) {
                (Some(date), _) => {
                    let phrase = match recommendation.is_to_be_confirmed(date) {
                        true => "NOT TODAY: deferred, not before {}, to be confirmed on that day",
                        false => "NOT TODAY: deferred, not before {}",
                    };
                    tell!(speech, phrase, speech.date(date))
                }
                (None, Some(date)) if is_endless(recommendation) => tell!(
                    speech,
                    "NOT TODAY: deferred, not before {}, and only after what is said below",
                    speech.date(date)
                ),
                (None, Some(date)) => {
                    let later = how_late(recommendation);
                    tell!(speech, "NOT TODAY: deferred, no sooner than {} ({})", speech.date(date), later)
                }
                (None, None) => {
                    let mut waits = recommendation.reasons.iter().filter(|reason| reason.leads_to == Status::Deferred);
                    match (waits.next().and_then(|reason| reason.until.as_ref()), waits.next()) {
                        (Some(until), None) => tell!(speech, "NOT TODAY: deferred until {}", until),
                        _ => speech.word("NOT TODAY: deferred, until all that is said below"),
                    }
                }
            },
        ),
        Status::Undetermined => (Mood::Wait, speech.word("ASK FIRST: undetermined")),
        Status::Refer => {
            let mut roles: Vec<&str> = Vec::new();
            for reason in &recommendation.reasons {
                roles.extend(reason.to.as_deref().filter(|role| !roles.contains(role)));
            }
            let roles = roles.join(&format!(" {} ", speech.and));
            (Mood::Wait, tell!(speech, "REFER: to be decided by {}", roles))
        }
        Status::Due => (Mood::Go, tell!(speech, "TREAT: {}", due("due"))),
        Status::Overdue => (Mood::Go, tell!(speech, "TREAT: {}", due("overdue"))),
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
    let speech = recommendation.speech();
    let mut text = match recommendation.no_later_than {
        Some(date) => tell!(speech, "may become as late as {}", speech.date(date)),
        None => speech.word("how much later cannot be said yet"),
    };
    let labels = &recommendation.labels;
    match &recommendation.date_depends_on[..] {
        [] => {}
        few if few.len() <= MOST => text.push_str(&tell!(speech, ": depends on {}", labels.facts(few).join(", "))),
        many => {
            let (first, rest) = many.split_at(MOST);
            let first = labels.facts(first).join(", ");
            text.push_str(&tell!(speech, ": depends on {} and {} more", first, rest.len()));
        }
    }
    text
}

/// `session 2 of 4`, without the number where it is not certain how many count.
pub(super) fn session_of(course: &CourseReport, speech: &Speech) -> Option<String> {
    let next = course.next.as_ref()?;
    Some(match course.done.is_certain() {
        true => numbered(next, course.planned, speech),
        false => speech.word("the next session"),
    })
}

pub(super) fn numbered(next: &Window, planned: Option<Count>, speech: &Speech) -> String {
    let number = next.number;
    let text = match planned {
        Some(planned) if number <= planned.most => {
            tell!(speech, "session {} of {}", number, planned.in_words(speech))
        }
        Some(planned) => tell!(speech, "session {}, beyond the {} planned,", number, planned.in_words(speech)),
        None => tell!(speech, "session {}", number),
    };
    match next.after_complete {
        Some(last) => {
            tell!(speech, "{} in a new course, after one that was completed by {},", text, speech.date(last))
        }
        None => text,
    }
}

/// The next session of a value that is counted, without its number where that is not certain.
pub fn next_of(part: &ComponentReport, next: &Window, speech: &Speech) -> String {
    match part.done.is_certain() {
        true => numbered(next, part.planned, speech),
        false => speech.word("the next session"),
    }
}

/// Whether a course has a count for each value of a note, and any of them to tell of.
pub fn is_counted(course: &CourseReport) -> bool {
    course.separate_by.is_some() && !course.components.is_empty()
}

/// `session 3 (face) and session 1 (axilla) are due`: the planned values by name. Where it is not known which are, no number is said.
pub(super) fn sessions_due(course: &CourseReport, recommendation: &Recommendation) -> String {
    let speech = recommendation.speech();
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
            let (number, value) = (next_of(part, next, speech), recommendation.labels.value(&part.id));
            match groups.iter_mut().find(|(other, _)| *other == number) {
                Some((_, values)) => values.push(value),
                None => groups.push((number, vec![value])),
            }
        }
        let sessions: Vec<String> =
            groups.iter().map(|(number, values)| format!("{number} ({})", values.join(", "))).collect();
        match &sessions[..] {
            [] => {}
            [one] => sentences.push(tell!(speech, "{} is {}", one, speech.word(word))),
            several => sentences.push(tell!(speech, "{} are {}", list(several, speech.and), speech.word(word))),
        }
    }
    if sentences.is_empty() {
        return tell!(speech, "{} is {}", speech.word("the treatment"), speech.word("due"));
    }
    let over: Vec<String> =
        planned().filter(|part| part.next.is_none()).map(|part| recommendation.labels.value(&part.id)).collect();
    if !over.is_empty() {
        sentences.push(tell!(speech, "leave out what is over ({})", over.join(", ")));
    }
    sentences.join("; ")
}
