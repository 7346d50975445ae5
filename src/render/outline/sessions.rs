//! The course in sentences: what was done, what counts, what comes next.

use super::headline::{is_counted, is_endless, next_of};
use super::{Item, Section, item};
use crate::recommendation::{
    ComponentReport, Count, CourseReport, CourseStatus, Labels, PastValue, PlannedNow, Recommendation, SessionVerdict,
    Status, TooEarlyReport, Window,
};

/// `from 2026-03-30 to 2026-04-13`, `on any day`.
pub fn window(window: &Window) -> String {
    let mut text = match window.earliest {
        Some(earliest) => format!("from {earliest}"),
        None => "on any day".to_owned(),
    };
    if let Some(latest) = window.latest {
        text.push_str(&format!(" to {latest}"));
    }
    if window.recommended.is_some() && window.recommended != window.earliest {
        let recommended = window.recommended.map(|day| day.to_string()).unwrap_or_default();
        text.push_str(&format!(", best on {recommended}"));
    }
    text
}

pub(super) fn sessions(recommendation: &Recommendation) -> Section {
    let mut items = Vec::new();
    if let Some(course) = &recommendation.course {
        if let Some(why) = course.chosen {
            items.push(item("Course", format!("{}: {why}", recommendation.labels.course(&course.id)), Vec::new()));
        }
        let provisional = provisional(course.provisional, course);
        if is_counted(course) {
            counted(recommendation, course, &mut items);
            return Section { title: "Sessions", items };
        }
        let limits = limits(course.minimum, course.planned, course.maximum);
        items.push(item("Done", format!("{}{limits}", course.done), Vec::new()));
        for past in &course.past {
            items.push(item(
                past.date.clone(),
                verdict(past.verdict, past.number, &past.reasons, past.too_early.as_ref()),
                Vec::new(),
            ));
        }
        if let Some(next) = course.next.as_ref().filter(|next| next.earliest.is_some() || course.projected.is_empty()) {
            let confirm = confirm(recommendation, next);
            items.push(item(
                "Next",
                format!("session {} {}{provisional}{confirm}", next.number, window(next)),
                Vec::new(),
            ));
        }
        // Where the window has an end of its own, the day on which it is late is another.
        let late = course.next.as_ref().filter(|next| next.latest != next.past_due.map(|day| day.plus_days(1)));
        if let Some(past_due) = late.and_then(|next| next.past_due).filter(|_| course.chosen.is_some()) {
            items.push(item("Late", format!("after {past_due}"), Vec::new()));
        }
        for part in &course.components {
            let next = part.next.as_ref().map_or_else(String::new, |next| format!(", next {}", window(next)));
            let status = part.status.word().replace('_', " ");
            let name = recommendation.labels.values.get(&part.id).unwrap_or(&part.id).clone();
            items.push(item(name, format!("{status}, {} done{next}", part.done), Vec::new()));
        }
        then(recommendation, course, &mut items);
    }
    Section { title: "Sessions", items }
}

/// The sessions after the next.
pub(super) fn then(recommendation: &Recommendation, course: &CourseReport, items: &mut Vec<Item>) {
    let is_open = |next: &Window| next.earliest.is_none_or(|earliest| earliest <= recommendation.as_of);
    let today = recommendation.status >= Status::Undetermined && course.next.as_ref().is_some_and(is_open);
    let told = course.next.as_ref().is_some_and(|next| next.earliest.is_some());
    for (at, projected) in course.projected.iter().enumerate() {
        let condition = match (at, today) {
            (0, true) => ", if this one is done today",
            _ => "",
        };
        let provisional = if at == 0 && !told { provisional(course.provisional, course) } else { "" };
        let text = format!("session {} {}{condition}{provisional}", projected.number, window(projected));
        items.push(item("Then", text, Vec::new()));
    }
}

/// `2026-03-01`, `2026-03-01 (9 days early)`
fn dated((date, one): (String, PastValue)) -> String {
    match one.too_early {
        Some(early) => format!("{date} ({early})"),
        None => date,
    }
}

/// The sessions of a course that has a count for each value of a note.
pub(super) fn counted(recommendation: &Recommendation, course: &CourseReport, items: &mut Vec<Item>) {
    let note = course.separate_by.as_deref().unwrap_or_default().replace('_', " ");
    // A wait without a date has no day to add to.
    let endless = recommendation.status == Status::Deferred && is_endless(recommendation);
    for part in &course.components {
        let planned = match part.planned_now {
            Some(PlannedNow::Yes) => "planned: ",
            Some(PlannedNow::No) => "not planned: ",
            Some(PlannedNow::Unknown) | None => "",
        };
        let and_more = match &part.next {
            Some(next) if endless && part.planned_now != Some(PlannedNow::No) => match next.earliest {
                Some(_) => ", and only after what is said above",
                None => ", but only after what is said above",
            },
            _ => "",
        };
        // Of what is not planned, nothing is asked.
        let safest = match part.planned_now {
            Some(PlannedNow::No) if part.provisional => " (the safest of several)",
            _ => provisional(part.provisional, course),
        };
        let confirm = part.next.as_ref().map_or("", |next| confirm(recommendation, next));
        let text = format!("{planned}{}{safest}{and_more}{confirm}", stands(part));
        let past = || {
            let of_part = |past: &'_ crate::recommendation::PastSession| {
                past.values.iter().find(|one| one.value == part.id).cloned().map(|one| (past.date.clone(), one))
            };
            course.past.iter().filter_map(of_part).collect::<Vec<_>>()
        };
        let dates: Vec<String> =
            past().into_iter().filter(|(_, one)| one.verdict == SessionVerdict::Valid).map(dated).collect();
        let limits = limits(part.minimum, part.planned, part.maximum);
        let done = if part.done.most == 0 { "none".to_owned() } else { part.done.to_string() };
        let dates = if dates.is_empty() { String::new() } else { format!(": {}", dates.join(", ")) };
        let mut notes = vec![format!("{done} so far{limits}{dates}")];
        let others = past().into_iter().filter(|(_, one)| one.verdict != SessionVerdict::Valid);
        notes.extend(
            others.map(|(date, one)| format!("{date}: {}", verdict(one.verdict, one.number, &one.reasons, None))),
        );
        items.push(item(recommendation.labels.value(&part.id), text, notes));
    }
    for past in course.past.iter().filter(|past| past.values.is_empty()) {
        items.push(item(past.date.clone(), format!("its {note} is not known"), Vec::new()));
    }
    if let (Some(next), Some(value)) = (&course.next, &course.set_by_value) {
        let text = format!("{}, because of {}", window(next), recommendation.labels.value(value));
        let confirm = confirm(recommendation, next);
        items.push(item("Together", format!("{text}{}{confirm}", provisional(course.provisional, course)), Vec::new()));
    }
    items.extend(without_the_others(recommendation, course));
    then(recommendation, course, items);
}

/// The planned values that could be treated today if the others, which wait for their intervals, were left out.
pub(super) fn without_the_others(recommendation: &Recommendation, course: &CourseReport) -> Option<Item> {
    let waits = || recommendation.reasons.iter().filter(|reason| reason.leads_to == Status::Deferred);
    if recommendation.status != Status::Deferred || waits().any(|reason| reason.values.is_empty()) {
        return None;
    }
    let held = |part: &&ComponentReport| waits().flat_map(|reason| &reason.values).any(|one| one.value == part.id);
    let planned: Vec<&ComponentReport> =
        course.components.iter().filter(|part| part.planned_now == Some(PlannedNow::Yes)).collect();
    let (held, free): (Vec<&ComponentReport>, Vec<&ComponentReport>) = planned.into_iter().partition(held);
    let today = |part: &&ComponentReport| {
        part.next.as_ref().is_some_and(|next| next.earliest.is_none_or(|earliest| earliest <= recommendation.as_of))
    };
    let free: Vec<&ComponentReport> = free.into_iter().filter(today).collect();
    if free.is_empty() || held.is_empty() {
        return None;
    }
    let labels = &recommendation.labels;
    let by = if free.len() == 1 { "by its interval" } else { "by their intervals" };
    let is = if held.len() == 1 { "is" } else { "are" };
    Some(item(
        "Today",
        format!("{}, {by}, if {} {is} left out", in_words(&free, labels), in_words(&held, labels)),
        Vec::new(),
    ))
}

/// `face`, `face and leg`
pub(super) fn in_words(parts: &[&ComponentReport], labels: &Labels) -> String {
    let names: Vec<String> = parts.iter().map(|part| labels.value(&part.id)).collect();
    match &names[..] {
        [first @ .., second, last] if !first.is_empty() => format!("{}, {second} and {last}", first.join(", ")),
        [first, last] => format!("{first} and {last}"),
        _ => names.join(", "),
    }
}

/// Where the count of one value stands.
pub(super) fn stands(part: &ComponentReport) -> String {
    match (part.status, &part.next) {
        (CourseStatus::NotComplete, Some(next)) => format!("{} {}", next_of(part, next), window(next)),
        (CourseStatus::NotComplete | CourseStatus::Contraindicated, _) => "no date yet".into(),
        (CourseStatus::Complete, _) => match &part.beyond_planned {
            Some(beyond) => format!("complete, {beyond}"),
            None => "complete, no further sessions".into(),
        },
        (CourseStatus::Immune, _) => "no session is needed any more".into(),
        (CourseStatus::AgedOut, _) => "the patient is too old for the next session".into(),
        (CourseStatus::NotRecommended, _) => "no session is recommended".into(),
    }
}

/// What is said behind a day to come that is none before the answers that are too old by then are given again.
fn confirm(recommendation: &Recommendation, next: &Window) -> &'static str {
    let days = [next.earliest, next.recommended].into_iter().flatten();
    if days.into_iter().any(|day| recommendation.is_to_be_confirmed(day)) { " (to be confirmed then)" } else { "" }
}

/// What is said behind dates of a course that are not certain.
fn provisional(provisional: bool, course: &CourseReport) -> &'static str {
    match (provisional, course.may_be_later) {
        (false, _) => "",
        (true, false) => " (the safest of several: see what is still open)",
        (true, true) => " (perhaps only later: see what is still open)",
    }
}

/// ` (at least 3, 4 planned)`
pub(super) fn limits(minimum: Option<Count>, planned: Option<Count>, maximum: Option<Count>) -> String {
    let mut limits = Vec::new();
    limits.extend(minimum.map(|minimum| format!("at least {minimum}")));
    limits.extend(planned.map(|planned| format!("{planned} planned")));
    limits.extend(maximum.map(|maximum| format!("at most {maximum}")));
    if limits.is_empty() { String::new() } else { format!(" ({})", limits.join(", ")) }
}

/// What became of a session.
pub(super) fn verdict(
    verdict: SessionVerdict,
    number: Option<u32>,
    reasons: &[String],
    too_early: Option<&TooEarlyReport>,
) -> String {
    match verdict {
        SessionVerdict::Valid => {
            let counts = number.map_or_else(|| "counts".into(), |number| format!("session {number}"));
            too_early.map_or(counts.clone(), |early| format!("{counts}, {early}"))
        }
        SessionVerdict::NotValid => format!("does not count, must be given again: {}", reasons.join(", ")),
        SessionVerdict::Extraneous if reasons.is_empty() => "does not count: the course was over".into(),
        SessionVerdict::Extraneous => format!("does not count: {}", reasons.join(", ")),
        SessionVerdict::NotCounted => "holds nothing of this course".into(),
        SessionVerdict::SubStandard => "does not count: it was faulty and must be given again".into(),
        SessionVerdict::SameSession => "counted with another entry of that day".into(),
        SessionVerdict::EarlierCourse => "belongs to an earlier course".into(),
        SessionVerdict::Uncertain => "uncertain whether it counts".into(),
    }
}
