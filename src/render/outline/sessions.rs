//! The course in sentences: what was done, what counts, what comes next.

use super::headline::{is_counted, is_endless, next_of};
use super::{Item, Section, item, section};
use crate::english::list;
use crate::recommendation::{
    ComponentReport, Count, CourseReport, CourseStatus, PastSession, PastValue, PlannedNow, Recommendation,
    SessionVerdict, Status, TooEarlyReport, Window,
};
use crate::speech::{Speech, tell};

/// `from 2026-03-30 to 2026-04-13`, `on any day`.
pub fn window(window: &Window, speech: &Speech) -> String {
    let mut text = match (window.earliest, window.latest) {
        (Some(earliest), Some(latest)) if earliest == latest => tell!(speech, "on {}", speech.date(earliest)),
        (Some(earliest), Some(latest)) => {
            tell!(speech, "from {} to {}", speech.date(earliest), speech.date(latest))
        }
        (Some(earliest), None) => tell!(speech, "from {}", speech.date(earliest)),
        (None, Some(latest)) => tell!(speech, "on any day to {}", speech.date(latest)),
        (None, None) => speech.word("on any day"),
    };
    if let Some(recommended) = window.recommended.filter(|day| Some(*day) != window.earliest) {
        text.push_str(&tell!(speech, ", best on {}", speech.date(recommended)));
    }
    text
}

pub(super) fn sessions(recommendation: &Recommendation) -> Section {
    let mut items = Vec::new();
    let speech = recommendation.speech();
    if let Some(course) = &recommendation.course {
        if let Some(why) = course.chosen {
            let why = format!("{}: {}", recommendation.labels.course(&course.id), speech.word(why.word()));
            items.push(item(speech.word("Course"), why, Vec::new()));
        }
        let provisional = provisional(course.provisional, course, speech);
        if is_counted(course) {
            counted(recommendation, course, &mut items);
            return section(speech, "Sessions", items);
        }
        let limits = limits(course.minimum, course.planned, course.maximum, speech);
        items.push(item(speech.word("Done"), format!("{}{limits}", course.done.in_words(speech)), Vec::new()));
        for past in &course.past {
            let told = verdict(recommendation, (past.verdict, past.number), &past.reasons, past.too_early.as_ref());
            items.push(item(speech.date_text(&past.date), told, Vec::new()));
        }
        if let Some(next) = course.next.as_ref().filter(|next| next.earliest.is_some() || course.projected.is_empty()) {
            let confirm = confirm(recommendation, next);
            let and_more = only_after(recommendation, next);
            let text = format!("{}{and_more}{provisional}{confirm}", session(next, speech));
            items.push(item(speech.word("Next"), text, Vec::new()));
        }
        // Where the window has an end of its own, the day on which it is late is another.
        let late = course.next.as_ref().filter(|next| course.may_be_late(next));
        let late = late.filter(|next| next.latest != next.past_due.map(|day| day.plus_days(1)));
        if let Some(past_due) = late.and_then(|next| next.past_due).filter(|_| course.chosen.is_some()) {
            items.push(item(speech.word("Late"), tell!(speech, "after {}", speech.date(past_due)), Vec::new()));
        }
        for part in &course.components {
            let next = part.next.as_ref();
            let next = next.map_or_else(String::new, |next| tell!(speech, ", next {}", window(next, speech)));
            let status = speech.word(&part.status.word().replace('_', " "));
            let name = recommendation.labels.values.get(&part.id).unwrap_or(&part.id).clone();
            let done = part.done.in_words(speech);
            items.push(item(name, tell!(speech, "{}, {} done{}", status, done, next), Vec::new()));
        }
        then(recommendation, course, &mut items);
    }
    section(speech, "Sessions", items)
}

/// `session 2 from 2026-03-30 to 2026-04-13`
fn session(next: &Window, speech: &Speech) -> String {
    format!("{} {}", tell!(speech, "session {}", next.number), window(next, speech))
}

/// The sessions after the next.
pub(super) fn then(recommendation: &Recommendation, course: &CourseReport, items: &mut Vec<Item>) {
    let speech = recommendation.speech();
    let is_open = |next: &Window| next.earliest.is_none_or(|earliest| earliest <= recommendation.as_of);
    let today = recommendation.status >= Status::Undetermined && course.next.as_ref().is_some_and(is_open);
    let told = course.next.as_ref().is_some_and(|next| next.earliest.is_some());
    for (at, projected) in course.projected.iter().enumerate() {
        let condition = match (at, today) {
            (0, true) => speech.word(", if this one is done today"),
            _ => String::new(),
        };
        let provisional = provisional(course.provisional && at == 0 && !told, course, speech);
        let text = format!("{}{condition}{provisional}", session(projected, speech));
        items.push(item(speech.word("Then"), text, Vec::new()));
    }
}

/// `2026-03-01`, `2026-03-01 (9 days early)`
fn dated((date, one): (String, PastValue), speech: &Speech) -> String {
    let date = speech.date_text(&date);
    match one.too_early {
        Some(early) => format!("{date} ({})", early.in_words(speech)),
        None => date,
    }
}

/// That a day of the course is no permission, while something else holds back that has no day to add to it.
fn only_after(recommendation: &Recommendation, next: &Window) -> String {
    let speech = recommendation.speech();
    match next.earliest {
        _ if !(recommendation.status == Status::Deferred && is_endless(recommendation)) => String::new(),
        Some(_) => speech.word(", and only after what is said above"),
        None => speech.word(", but only after what is said above"),
    }
}

/// The sessions of a course that has a count for each value of a note.
pub(super) fn counted(recommendation: &Recommendation, course: &CourseReport, items: &mut Vec<Item>) {
    let speech = recommendation.speech();
    let note = course.separate_by.as_deref().unwrap_or_default().replace('_', " ");
    for part in &course.components {
        let planned = match part.planned_now {
            Some(PlannedNow::Yes) => speech.word("planned: "),
            Some(PlannedNow::No) => speech.word("not planned: "),
            Some(PlannedNow::Unknown) | None => String::new(),
        };
        let and_more = match &part.next {
            Some(next) if part.planned_now != Some(PlannedNow::No) => only_after(recommendation, next),
            _ => String::new(),
        };
        // Of what is not planned, nothing is asked.
        let safest = match part.planned_now {
            Some(PlannedNow::No) if part.provisional => speech.word(" (the safest of several)"),
            _ => provisional(part.provisional, course, speech),
        };
        let confirm = part.next.as_ref().map_or_else(String::new, |next| confirm(recommendation, next));
        let text = format!("{planned}{}{safest}{and_more}{confirm}", stands(part, speech));
        let past = || {
            let of_part = |past: &'_ crate::recommendation::PastSession| {
                past.values.iter().find(|one| one.value == part.id).cloned().map(|one| (past.date.clone(), one))
            };
            course.past.iter().filter_map(of_part)
        };
        let dates: Vec<String> =
            past().filter(|(_, one)| one.verdict == SessionVerdict::Valid).map(|one| dated(one, speech)).collect();
        let limits = limits(part.minimum, part.planned, part.maximum, speech);
        let done = if part.done.most == 0 { speech.none.to_owned() } else { part.done.in_words(speech) };
        let dates = if dates.is_empty() { String::new() } else { format!(": {}", dates.join(", ")) };
        let mut notes = vec![tell!(speech, "{} so far{}{}", done, limits, dates)];
        notes.extend(past().filter(|(_, one)| one.verdict != SessionVerdict::Valid).map(|(date, one)| {
            let told = verdict(recommendation, (one.verdict, one.number), &one.reasons, None);
            format!("{}: {told}", speech.date_text(&date))
        }));
        items.push(item(recommendation.labels.value(&part.id), text, notes));
    }
    for past in course.past.iter().filter(|past| past.values.is_empty()) {
        items.push(item(speech.date_text(&past.date), tell!(speech, "its {} is not known", note), Vec::new()));
    }
    if let (Some(next), Some(value)) = (&course.next, &course.set_by_value) {
        let value = recommendation.labels.value(value);
        let text = tell!(speech, "{}, because of {}", window(next, speech), value);
        let provisional = provisional(course.provisional, course, speech);
        let text = format!("{text}{provisional}{}", confirm(recommendation, next));
        items.push(item(speech.word("Together"), text, Vec::new()));
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
    let speech = recommendation.speech();
    // `face`, `face and leg`
    let names = |parts: &[&ComponentReport]| {
        let names: Vec<String> = parts.iter().map(|part| recommendation.labels.value(&part.id)).collect();
        list(&names, speech.and)
    };
    let phrase = match (free.len(), held.len()) {
        (1, 1) => "{}, by its interval, if {} is left out",
        (1, _) => "{}, by its interval, if {} are left out",
        (_, 1) => "{}, by their intervals, if {} is left out",
        _ => "{}, by their intervals, if {} are left out",
    };
    Some(item(speech.word("Today"), tell!(speech, phrase, names(&free), names(&held)), Vec::new()))
}

/// Where the count of one value stands.
pub(super) fn stands(part: &ComponentReport, speech: &Speech) -> String {
    match (part.status, &part.next) {
        (CourseStatus::NotComplete, Some(next)) => {
            format!("{} {}", next_of(part, next, speech), window(next, speech))
        }
        (CourseStatus::NotComplete | CourseStatus::Contraindicated, _) => speech.word("no date yet"),
        (CourseStatus::Complete, _) => match &part.beyond_planned {
            Some(beyond) => tell!(speech, "complete, {}", beyond.in_words(speech)),
            None => speech.word("complete, no further sessions"),
        },
        (CourseStatus::Immune, _) => speech.word("no session is needed any more"),
        (CourseStatus::AgedOut, _) => speech.word("the patient is too old for the next session"),
        (CourseStatus::NotRecommended, _) => speech.word("no session is recommended"),
    }
}

/// What is said behind a day to come that is none before the answers that are too old by then are given again.
fn confirm(recommendation: &Recommendation, next: &Window) -> String {
    let mut days = [next.earliest, next.recommended].into_iter().flatten();
    match days.any(|day| recommendation.is_to_be_confirmed(day)) {
        true => recommendation.speech().word(" (to be confirmed then)"),
        false => String::new(),
    }
}

/// What is said behind dates of a course that are not certain.
fn provisional(provisional: bool, course: &CourseReport, speech: &Speech) -> String {
    match (provisional, course.may_be_later) {
        (false, _) => String::new(),
        (true, false) => speech.word(" (the safest of several: see what is still open)"),
        (true, true) => speech.word(" (perhaps only later: see what is still open)"),
    }
}

/// ` (at least 3, 4 planned)`
pub(super) fn limits(
    minimum: Option<Count>,
    planned: Option<Count>,
    maximum: Option<Count>,
    speech: &Speech,
) -> String {
    let said = |phrase: &str, count: Option<Count>| count.map(|count| tell!(speech, phrase, count.in_words(speech)));
    let limits = [said("at least {}", minimum), said("{} planned", planned), said("at most {}", maximum)];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    if limits.is_empty() { String::new() } else { format!(" ({})", limits.join(", ")) }
}

/// The last recorded session that does not count and has to be given again, with its day and why, and how many there are before it.
pub fn to_be_given_again(recommendation: &Recommendation) -> Option<String> {
    let speech = recommendation.speech();
    let mut all: Vec<_> = recommendation.to_be_given_again();
    let one = |(past, value): (&PastSession, Option<&PastValue>)| {
        let date = speech.date_text(&past.date);
        match value {
            Some(value) => {
                let told = verdict(recommendation, (value.verdict, value.number), &value.reasons, None);
                format!("{date} ({}): {told}", recommendation.labels.value(&value.value))
            }
            None => {
                let told = verdict(recommendation, (past.verdict, past.number), &past.reasons, past.too_early.as_ref());
                format!("{date}: {told}")
            }
        }
    };
    let last = one(all.pop()?);
    Some(if all.is_empty() { last } else { tell!(speech, "{} (and {} before it)", last, all.len()) })
}

/// What became of a session.
fn verdict(
    recommendation: &Recommendation,
    (verdict, number): (SessionVerdict, Option<u32>),
    reasons: &[String],
    too_early: Option<&TooEarlyReport>,
) -> String {
    let (speech, labels) = (recommendation.speech(), &recommendation.labels);
    let has_other_product = reasons.iter().any(|reason| reason == "wrong-product" || reason == "rejected-product");
    let reasons = || {
        let name = |reason: &String| match reason.as_str() {
            "too-young" => speech.word("too young"),
            "too-old" => speech.word("too old"),
            "wrong-product" => speech.word("another product"),
            "rejected-product" => speech.word("a product that never counts"),
            id => tell!(speech, "too early ({})", labels.too_early.get(id).map_or(id, String::as_str)),
        };
        reasons.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    match verdict {
        SessionVerdict::Valid => {
            let counts = number.map_or_else(|| speech.word("counts"), |number| tell!(speech, "session {}", number));
            too_early.map_or(counts.clone(), |early| format!("{counts}, {}", early.in_words(speech)))
        }
        // Another product is not given again: it is the one for this series that is still to come.
        SessionVerdict::NotValid if has_other_product => tell!(speech, "does not count in this course: {}", reasons()),
        SessionVerdict::NotValid => tell!(speech, "does not count, must be given again: {}", reasons()),
        SessionVerdict::Extraneous if reasons().is_empty() => speech.word("does not count: the course was over"),
        SessionVerdict::Extraneous => tell!(speech, "does not count: {}", reasons()),
        SessionVerdict::NotCounted => speech.word("holds nothing of this course"),
        SessionVerdict::SubStandard => speech.word("does not count: it was faulty and must be given again"),
        SessionVerdict::SameSession => speech.word("counted with another entry of that day"),
        SessionVerdict::EarlierCourse => speech.word("belongs to an earlier course"),
        SessionVerdict::Uncertain => speech.word("uncertain whether it counts"),
    }
}
