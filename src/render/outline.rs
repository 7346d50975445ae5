//! What a person is told, in order: the answer first. Text and Markdown are two ways to print it.

use std::collections::BTreeSet;

use crate::protocol::file::ProtocolStatus;
use crate::recommendation::{
    ComponentReport, Count, CourseReport, CourseStatus, Doubt, Duration, Effect, KnownFact, PlannedNow, Question,
    Reason, Recommendation, Status, WhyUnknown, Window,
};
use crate::trace::{Depth, Origin, Trace, TraceNode};

/// The whole of what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The answer in a few words, and how it should strike the eye.
    pub answer: String,
    /// How it should strike the eye.
    pub mood: Mood,
    /// Protocol, patient, day; and what may still become of the answer.
    pub about: Vec<String>,
    /// The rest.
    pub sections: Vec<Section>,
}

/// How an answer should strike the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Treat.
    Go,
    /// Something comes first.
    Wait,
    /// Do not treat.
    Stop,
}

/// A heading and what stands under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// The points.
    pub items: Vec<Item>,
}

/// One point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// What stands out, such as a date.
    pub lead: String,
    /// The sentence.
    pub text: String,
    /// Smaller print under it.
    pub notes: Vec<String>,
    /// How far it is moved in.
    pub level: usize,
}

fn item(lead: impl Into<String>, text: impl Into<String>, notes: Vec<String>) -> Item {
    Item { lead: lead.into(), text: text.into(), notes, level: 0 }
}

/// What stands before the answer of a protocol that is still being written.
const DRAFT: &str = "DRAFT – not for patients";

/// Whether an answer is for trying out only.
#[must_use]
pub fn is_draft(recommendation: &Recommendation) -> bool {
    recommendation.protocol_status == ProtocolStatus::Draft
}

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

fn what_to_do(recommendation: &Recommendation) -> (Mood, String) {
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
        Status::Stopped => (Mood::Stop, "STOP: the course is over".into()),
        Status::Complete => (Mood::Stop, "COURSE COMPLETE".into()),
        Status::Deferred => (
            Mood::Wait,
            match (recommendation.not_before, recommendation.no_sooner_than) {
                (Some(date), _) => format!("NOT TODAY: deferred, not before {date}"),
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
fn is_endless(recommendation: &Recommendation) -> bool {
    let mut waits = recommendation.reasons.iter().filter(|reason| reason.leads_to == Status::Deferred);
    waits.any(|reason| reason.not_before.is_none())
}

/// `may become as late as 2026-04-21: depends on b`. Of many facts, the most decisive.
fn how_late(recommendation: &Recommendation) -> String {
    const MOST: usize = 3;
    let mut text = match recommendation.no_later_than {
        Some(date) => format!("may become as late as {date}"),
        None => "how much later cannot be said yet".to_owned(),
    };
    match &recommendation.date_depends_on[..] {
        [] => {}
        few if few.len() <= MOST => text.push_str(&format!(": depends on {}", few.join(", "))),
        many => {
            let (first, rest) = many.split_at(MOST);
            text.push_str(&format!(": depends on {} and {} more", first.join(", "), rest.len()));
        }
    }
    text
}

/// `session 2 of 4`.
fn session_of(course: &CourseReport) -> Option<String> {
    Some(numbered(course.next.as_ref()?.number, course.planned))
}

fn numbered(number: u32, planned: Option<Count>) -> String {
    match planned {
        Some(planned) if number <= planned.most => format!("session {number} of {planned}"),
        Some(planned) => format!("session {number}, beyond the {planned} planned,"),
        None => format!("session {number}"),
    }
}

/// The next session of a value that is counted, without its number where that is not certain.
fn next_of(part: &ComponentReport, next: &Window) -> String {
    if part.done.least == part.done.most { numbered(next.number, part.planned) } else { "the next session".into() }
}

/// Whether a course has a count for each value of a note, and any of them to tell of.
fn is_counted(course: &CourseReport) -> bool {
    course.separate_by.is_some() && !course.components.is_empty()
}

/// `session 3 (face) and session 1 (axilla) are due`: the planned values by name. Where it is not known which are, no number is said.
fn sessions_due(course: &CourseReport, recommendation: &Recommendation) -> String {
    let planned = || course.components.iter().filter(|part| matches!(part.planned_now, None | Some(PlannedNow::Yes)));
    let late = |next: &Window| {
        recommendation.status == Status::Overdue && next.latest.is_some_and(|latest| latest < recommendation.as_of)
    };
    let mut sentences = Vec::new();
    for (is_late, word) in [(true, "overdue"), (false, "due")] {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for part in planned() {
            let Some(next) = part.next.as_ref().filter(|next| late(next) == is_late) else { continue };
            let (number, value) = (next_of(part, next), part.id.replace('_', " "));
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
        planned().filter(|part| part.next.is_none()).map(|part| part.id.replace('_', " ")).collect();
    if !over.is_empty() {
        sentences.push(format!("leave out what is over ({})", over.join(", ")));
    }
    sentences.join("; ")
}

/// Everything that is said of a recommendation.
#[must_use]
pub fn outline(recommendation: &Recommendation) -> Outline {
    let (mood, answer) = answer(recommendation);
    let mut about = vec![format!(
        "{} {} · patient {} · as of {}",
        recommendation.title, recommendation.provenance.version, recommendation.patient, recommendation.as_of
    )];
    let words = |statuses: &[Status]| statuses.iter().map(|status| status.word()).collect::<Vec<_>>().join(", ");
    if recommendation.could_become != [recommendation.status] {
        about.push(format!("could still become: {}", words(&recommendation.could_become)));
    }
    let sections = [
        doubts(std::slice::from_ref(recommendation)),
        reasons(recommendation),
        questions(recommendation),
        precautions(recommendation),
        sessions(recommendation),
        settings(recommendation),
        instructions(recommendation),
        red_flags(recommendation),
        assumptions(recommendation),
        overrides(recommendation),
        trace(&recommendation.trace),
        sources(recommendation),
        provenance(recommendation),
    ];
    Outline {
        answer,
        mood,
        about,
        sections: sections.into_iter().filter(|section| !section.items.is_empty()).collect(),
    }
}

/// What is doubtful, each thing once, however many protocols find it so.
#[must_use]
pub fn doubts(recommendations: &[Recommendation]) -> Section {
    let mut all: Vec<&Doubt> = Vec::new();
    for doubt in recommendations.iter().flat_map(|recommendation| &recommendation.doubts) {
        if !all.contains(&doubt) {
            all.push(doubt);
        }
    }
    all.sort_by_key(|doubt| doubt.line);
    let one = |doubt: &Doubt| {
        let mut notes = doubt.help.clone();
        notes.extend(doubt.line.map(|line| format!("line {line} of the record")));
        item(doubt.code, doubt.message.clone(), notes)
    };
    Section { title: "Doubts", items: all.into_iter().map(one).collect() }
}

fn reasons(recommendation: &Recommendation) -> Section {
    Section { title: "Reasons", items: recommendation.reasons.iter().map(reason).collect() }
}

fn reason(reason: &Reason) -> Item {
    let mut notes = Vec::new();
    let mut when = Vec::new();
    match reason.lasts {
        Some(Duration::Permanent) => when.push("permanent".to_owned()),
        Some(Duration::WhileTrue) if reason.until.is_none() => when.push("while this applies".to_owned()),
        Some(Duration::WhileTrue) | None => {}
    }
    let names: Vec<String> = reason.values.iter().map(|one| one.value.replace('_', " ")).collect();
    match reason.not_before {
        Some(date) if reason.values.iter().any(|one| one.not_before != Some(date)) => {
            let each = names.iter().zip(&reason.values);
            let each = each.map(|(name, one)| (name, one.not_before.unwrap_or(date)));
            when.extend(each.map(|(name, date)| format!("{name}: not before {date}")));
        }
        Some(date) if !names.is_empty() => when.push(format!("not before {date} ({})", names.join(", "))),
        Some(date) => when.push(format!("not before {date}")),
        None if !names.is_empty() => when.push(format!("for {}", names.join(", "))),
        None => {}
    }
    when.extend(reason.until.as_ref().map(|until| format!("until {until}")));
    when.extend(reason.recheck.map(|date| format!("look again from {date}")));
    when.extend(reason.to.as_ref().map(|to| format!("to be decided by {to}")));
    if !when.is_empty() {
        notes.push(when.join("; "));
    }
    if let Some(allowed) = &reason.may_override {
        let down_to = allowed.down_to.as_ref().map_or_else(String::new, |down_to| format!(", down to {down_to}"));
        notes.push(format!("{} may shorten the wait{down_to}", allowed.by));
    }
    if !reason.instead.is_empty() {
        notes.push(format!("instead: {}", reason.instead.join(", ")));
    }
    notes.extend(reason.then.iter().map(|then| format!("next: {then}")));
    notes.extend(because(&reason.because));
    let mut origin = format!("{} {}", reason.kind, reason.id);
    origin.push_str(&cited(&reason.sources));
    notes.push(origin);
    item(reason.leads_to.word(), reason.reason.clone(), notes)
}

fn because(facts: &[KnownFact]) -> Option<String> {
    let shown: Vec<String> = facts
        .iter()
        .map(|fact| {
            let on = fact.on.map_or_else(String::new, |on| format!(" (answered {on})"));
            format!("{} = {}{on}", fact.fact, fact.value)
        })
        .collect();
    (!shown.is_empty()).then(|| format!("because {}", shown.join(", ")))
}

fn cited(sources: &[String]) -> String {
    if sources.is_empty() { String::new() } else { format!(" [{}]", sources.join(", ")) }
}

fn questions(recommendation: &Recommendation) -> Section {
    let title = if recommendation.status == Status::Undetermined { "Ask" } else { "Still open" };
    Section { title, items: recommendation.questions.iter().enumerate().map(|(at, one)| question(at, one)).collect() }
}

/// Why something is not known, in words.
#[must_use]
pub fn why(why: &WhyUnknown) -> String {
    match why {
        WhyUnknown::NotRecorded => "not recorded".into(),
        WhyUnknown::Declined => "declined to answer".into(),
        WhyUnknown::Expired { days_ago, valid_for, value, .. } => {
            let ago = days_ago
                .map_or_else(String::new, |days| format!("{days} day{} ago, ", if days == 1 { "" } else { "s" }));
            let how_long = if valid_for.starts_with("until ") { "" } else { "for " };
            format!("expired: \"{value}\" was answered {ago}and counts {how_long}{valid_for}")
        }
        WhyUnknown::Partial { value } => format!("not exact: {value}"),
    }
}

fn question(at: usize, question: &Question) -> Item {
    let effects: Vec<&str> = question.could_change.iter().map(|effect| effect.word()).collect();
    let leads = match question.could_lead_to {
        Some(status) if question.could_change.contains(&Effect::Status) => format!(" (could lead to {status})"),
        _ => String::new(),
    };
    let notes = vec![
        format!("{} · {} · {}", question.fact, question.of, why(&question.why)),
        format!("could change {}{leads}: {}", effects.join(", "), question.rules.join(", ")),
    ];
    item(format!("{}.", at + 1), question.ask.clone(), notes)
}

fn precautions(recommendation: &Recommendation) -> Section {
    let items = recommendation.precautions.iter().map(|precaution| {
        let mut notes = vec![precaution.reason.clone()];
        notes.extend(because(&precaution.because));
        notes.push(format!("precaution {}{}", precaution.id, cited(&precaution.sources)));
        item("", precaution.action.clone(), notes)
    });
    Section { title: "Take care", items: items.collect() }
}

/// `from 2026-03-30 to 2026-04-13`, `on any day`.
fn window(window: &Window) -> String {
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

fn sessions(recommendation: &Recommendation) -> Section {
    let mut items = Vec::new();
    if let Some(course) = &recommendation.course {
        if let Some(why) = course.chosen {
            items.push(item("Course", format!("{}: {why}", course.id), Vec::new()));
        }
        let provisional = provisional(course.provisional);
        if is_counted(course) {
            counted(recommendation, course, &mut items);
            return Section { title: "Sessions", items };
        }
        let limits = limits(course.minimum, course.planned, course.maximum);
        items.push(item("Done", format!("{}{limits}", course.done), Vec::new()));
        for past in &course.past {
            items.push(item(past.date.clone(), verdict(past.verdict, past.number, &past.reasons), Vec::new()));
        }
        if let Some(next) = course.next.as_ref().filter(|next| next.earliest.is_some() || course.projected.is_empty()) {
            items.push(item("Next", format!("session {} {}{provisional}", next.number, window(next)), Vec::new()));
        }
        // Where the window has an end of its own, the day on which it is late is another.
        let late = course.next.as_ref().filter(|next| next.latest != next.past_due.map(|day| day.plus_days(1)));
        if let Some(past_due) = late.and_then(|next| next.past_due).filter(|_| course.chosen.is_some()) {
            items.push(item("Late", format!("after {past_due}"), Vec::new()));
        }
        for part in &course.components {
            let next = part.next.as_ref().map_or_else(String::new, |next| format!(", next {}", window(next)));
            let status = part.status.word().replace('_', " ");
            items.push(item(part.id.clone(), format!("{status}, {} done{next}", part.done), Vec::new()));
        }
        then(recommendation, course, &mut items);
    }
    Section { title: "Sessions", items }
}

/// The sessions after the next.
fn then(recommendation: &Recommendation, course: &CourseReport, items: &mut Vec<Item>) {
    let today = recommendation.status.is_treat() && course.next.is_some();
    let told = course.next.as_ref().is_some_and(|next| next.earliest.is_some());
    for (at, projected) in course.projected.iter().enumerate() {
        let condition = match (at, today) {
            (0, true) => ", if this one is done today",
            _ => "",
        };
        let provisional = if at == 0 && !told { provisional(course.provisional) } else { "" };
        let text = format!("session {} {}{condition}{provisional}", projected.number, window(projected));
        items.push(item("Then", text, Vec::new()));
    }
}

/// The sessions of a course that has a count for each value of a note.
fn counted(recommendation: &Recommendation, course: &CourseReport, items: &mut Vec<Item>) {
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
            _ => provisional(part.provisional),
        };
        let text = format!("{planned}{}{safest}{and_more}", stands(part));
        let past = || {
            let of_part = |past: &'_ crate::recommendation::PastSession| {
                past.values.iter().find(|one| one.value == part.id).cloned().map(|one| (past.date.clone(), one))
            };
            course.past.iter().filter_map(of_part).collect::<Vec<_>>()
        };
        let dates: Vec<String> =
            past().into_iter().filter(|(_, one)| one.verdict == "valid").map(|(date, _)| date).collect();
        let limits = limits(part.minimum, part.planned, part.maximum);
        let done = if part.done.most == 0 { "none".to_owned() } else { part.done.to_string() };
        let dates = if dates.is_empty() { String::new() } else { format!(": {}", dates.join(", ")) };
        let mut notes = vec![format!("{done} so far{limits}{dates}")];
        let others = past().into_iter().filter(|(_, one)| one.verdict != "valid");
        notes.extend(others.map(|(date, one)| format!("{date}: {}", verdict(one.verdict, one.number, &one.reasons))));
        items.push(item(part.id.replace('_', " "), text, notes));
    }
    for past in course.past.iter().filter(|past| past.values.is_empty()) {
        items.push(item(past.date.clone(), format!("its {note} is not known"), Vec::new()));
    }
    if let (Some(next), Some(value)) = (&course.next, &course.set_by_value) {
        let text = format!("{}, because of {}", window(next), value.replace('_', " "));
        items.push(item("Together", format!("{text}{}", provisional(course.provisional)), Vec::new()));
    }
    items.extend(without_the_others(recommendation, course));
    then(recommendation, course, items);
}

/// The planned values that could be treated today if the others, which wait for their intervals, were left out.
fn without_the_others(recommendation: &Recommendation, course: &CourseReport) -> Option<Item> {
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
    let by = if free.len() == 1 { "by its interval" } else { "by their intervals" };
    let is = if held.len() == 1 { "is" } else { "are" };
    Some(item("Today", format!("{}, {by}, if {} {is} left out", in_words(&free), in_words(&held)), Vec::new()))
}

/// `face`, `face and leg`
fn in_words(parts: &[&ComponentReport]) -> String {
    let names: Vec<String> = parts.iter().map(|part| part.id.replace('_', " ")).collect();
    match &names[..] {
        [first @ .., second, last] if !first.is_empty() => format!("{}, {second} and {last}", first.join(", ")),
        [first, last] => format!("{first} and {last}"),
        _ => names.join(", "),
    }
}

/// Where the count of one value stands.
fn stands(part: &ComponentReport) -> String {
    match (part.status, &part.next) {
        (CourseStatus::NotComplete, Some(next)) => format!("{} {}", next_of(part, next), window(next)),
        (CourseStatus::NotComplete | CourseStatus::Contraindicated, _) => "no date now".into(),
        (CourseStatus::Complete, _) => "complete, no further sessions".into(),
        (CourseStatus::Immune, _) => "no session is needed any more".into(),
        (CourseStatus::AgedOut, _) => "the patient is too old for the next session".into(),
        (CourseStatus::NotRecommended, _) => "no session is recommended".into(),
    }
}

fn provisional(provisional: bool) -> &'static str {
    if provisional { " (the safest of several: see what is still open)" } else { "" }
}

/// ` (at least 3, 4 planned)`
fn limits(minimum: Option<Count>, planned: Option<Count>, maximum: Option<Count>) -> String {
    let mut limits = Vec::new();
    limits.extend(minimum.map(|minimum| format!("at least {minimum}")));
    limits.extend(planned.map(|planned| format!("{planned} planned")));
    limits.extend(maximum.map(|maximum| format!("at most {maximum}")));
    if limits.is_empty() { String::new() } else { format!(" ({})", limits.join(", ")) }
}

/// What became of a session.
fn verdict(verdict: &str, number: Option<u32>, reasons: &[String]) -> String {
    match (verdict, number) {
        ("valid", Some(number)) => format!("session {number}"),
        ("not_valid", _) => format!("does not count, must be given again: {}", reasons.join(", ")),
        ("extraneous", _) if !reasons.is_empty() => format!("does not count: {}", reasons.join(", ")),
        ("extraneous", _) => "does not count: the course was over".into(),
        ("not_counted", _) => "holds nothing of this course".into(),
        ("sub_standard", _) => "does not count: it was faulty and must be given again".into(),
        ("earlier_course", _) => "belongs to an earlier course".into(),
        _ => "uncertain whether it counts".into(),
    }
}

fn settings(recommendation: &Recommendation) -> Section {
    let items = recommendation.settings.iter().map(|setting| {
        let mut notes = Vec::new();
        if !setting.limited_by.is_empty() {
            notes.push(format!("limited by {}", setting.limited_by.join(", ")));
        }
        let each = setting.each.as_ref().map_or_else(String::new, |each| format!(", {}", each.replace('_', " ")));
        item("", format!("{}{each}: {}", setting.label, setting.value), notes)
    });
    Section { title: "Settings", items: items.collect() }
}

fn instructions(recommendation: &Recommendation) -> Section {
    let items = recommendation.instructions.iter().map(|instruction| {
        let lead = match (&instruction.from_date, &instruction.until_date, &instruction.until) {
            (Some(from), Some(until), _) if from != until => format!("{from} to {until}"),
            (Some(from), _, _) => from.to_string(),
            (None, _, Some(until)) => format!("{} to {until}", instruction.at),
            (None, _, None) => instruction.at.clone(),
        };
        let notes =
            if instruction.provisional { vec!["if it applies: see what is still open".to_owned()] } else { Vec::new() };
        item(lead, instruction.action.clone(), notes)
    });
    Section { title: "Before and after", items: items.collect() }
}

fn red_flags(recommendation: &Recommendation) -> Section {
    let items = recommendation.red_flags.iter().map(|flag| {
        let within = flag.within.as_ref().map_or_else(String::new, |within| format!(" (within {within})"));
        item("", format!("{}: {}{within}", flag.sign, flag.action), Vec::new())
    });
    Section { title: "Red flags", items: items.collect() }
}

fn assumptions(recommendation: &Recommendation) -> Section {
    let items = recommendation.assumptions.iter().map(|assumption| {
        let text = format!("{} is not known; assumed {}", assumption.fact, assumption.assumed);
        item("", text, vec![format!("because of {}", assumption.rules.join(", "))])
    });
    Section { title: "Assumed", items: items.collect() }
}

fn overrides(recommendation: &Recommendation) -> Section {
    let items = recommendation.overrides.iter().map(|one| {
        let notes = if one.sign_off.is_empty() {
            Vec::new()
        } else {
            vec![format!("needs the signature of: {}", one.sign_off.join(", "))]
        };
        item("", format!("{} = {} (the protocol says {})", one.parameter, one.used, one.declared), notes)
    });
    Section { title: "Set for this answer", items: items.collect() }
}

fn sources(recommendation: &Recommendation) -> Section {
    let reasons = recommendation.reasons.iter().flat_map(|reason| &reason.sources);
    let shown: Vec<&String> = reasons.chain(recommendation.precautions.iter().flat_map(|one| &one.sources)).collect();
    let items = recommendation.sources.iter().filter(|source| shown.contains(&&source.id)).map(|source| {
        let year = source.year.map_or_else(String::new, |year| format!(" ({year})"));
        let url = source.url.as_ref().map_or_else(String::new, |url| format!(" {url}"));
        let evidence = match source.evidence {
            crate::recommendation::EvidenceWord::Read => "",
            crate::recommendation::EvidenceWord::Recalled => " – from memory, not read again",
            crate::recommendation::EvidenceWord::Custom => " – clinic custom",
        };
        item("", format!("[{}] {}{year}{url}{evidence}", source.id, source.title), Vec::new())
    });
    Section { title: "Sources", items: items.collect() }
}

fn provenance(recommendation: &Recommendation) -> Section {
    let from = &recommendation.provenance;
    let set: String = from.set.iter().map(|(name, value)| format!(", {name} = {value}")).collect();
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let text = format!(
        "protocol {} {} ({}), record {}{set}, engine {}",
        from.protocol,
        from.version,
        short(&from.protocol_sha256),
        short(&from.record_sha256),
        from.engine
    );
    Section { title: "Made from", items: vec![item("", text, Vec::new())] }
}

fn trace(trace: &Trace) -> Section {
    let mut items = Vec::new();
    if trace.depth == Depth::Full {
        // Definitions are shown once, by themselves, and not again where they are used.
        let parts: BTreeSet<&str> = trace.nodes.iter().flat_map(|node| &node.operands).map(String::as_str).collect();
        for top in trace.nodes.iter().filter(|node| is_definition(node) || !parts.contains(node.id.as_str())) {
            tree(trace, top, 0, &mut items);
        }
    } else {
        for node in &trace.nodes {
            items.push(item(node.outcome.to_string(), node_text(node), Vec::new()));
        }
    }
    for group in &trace.not_holding {
        items.push(item("no", format!("{}: {}", group.kind, group.rules.join(", ")), Vec::new()));
    }
    Section { title: "Trace", items }
}

fn is_definition(node: &TraceNode) -> bool {
    node.id.strip_prefix("definition.").is_some_and(|name| !name.contains('.'))
}

fn tree(trace: &Trace, node: &TraceNode, level: usize, items: &mut Vec<Item>) {
    items.push(Item { level, ..item(node.outcome.to_string(), node_text(node), Vec::new()) });
    for operand in &node.operands {
        if let Some(part) = trace.nodes.iter().find(|other| other.id == *operand)
            && !is_definition(part)
        {
            tree(trace, part, level + 1, items);
        }
    }
}

fn node_text(node: &TraceNode) -> String {
    let part = node.id.contains(".when") || node.id.contains(".not_before") || node.id.contains(".row-");
    let mut text = match (&node.text, part || node.id.matches('.').count() > 1 && node.id.starts_with("definition.")) {
        (Some(text), true) => text.clone(),
        (Some(text), false) if node.kind != "definition" => format!("{}: {text}", node.id),
        (Some(text), false) => format!("{} = {text}", node.id),
        (None, _) => node.id.clone(),
    };
    match &node.origin {
        Some(Origin::Record { on: Some(on), by, .. }) => {
            let by = by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
            text.push_str(&format!(" (answered {on}{by})"));
        }
        Some(Origin::Parameter { set: true, .. }) => text.push_str(" (set for this answer)"),
        Some(Origin::Assumed) => text.push_str(" (assumed)"),
        _ => {}
    }
    if node.decisive {
        text.push_str(" ←");
    }
    if !node.unknown.is_empty() {
        let facts: Vec<String> =
            node.unknown.iter().map(|unknown| format!("{} ({})", unknown.fact, why(&unknown.why))).collect();
        text.push_str(&format!(" – waits for {}", facts.join(", ")));
    }
    text
}

/// The answers of several protocols, best first: one line each, and whether it is a draft's.
#[must_use]
pub fn ranked(recommendations: &[Recommendation]) -> Vec<(bool, Item)> {
    let one = |recommendation: &Recommendation| {
        let (_, answer) = answer(recommendation);
        let mut notes = Vec::new();
        if let Some(question) =
            recommendation.questions.first().filter(|_| recommendation.status == Status::Undetermined)
        {
            notes.push(format!("first question: {}", question.ask));
        }
        notes.extend(recommendation.reasons.first().map(|reason| reason.reason.clone()));
        notes.extend(recommendation.precautions.first().map(|precaution| format!("take care: {}", precaution.action)));
        notes.push(format!("protocol {}", recommendation.protocol));
        (is_draft(recommendation), item(recommendation.title.clone(), answer, notes))
    };
    recommendations.iter().map(one).collect()
}

/// The order in which a practitioner wants to see the answers of several protocols; those of drafts come last.
#[must_use]
pub fn rank(recommendation: &Recommendation) -> (bool, u8, Option<crate::date::Date>, String) {
    let rank = match recommendation.status {
        Status::Overdue => 0,
        Status::Due => 1,
        Status::Refer => 2,
        Status::Undetermined => 3,
        Status::Deferred => 4,
        Status::Complete => 5,
        Status::Stopped => 6,
        Status::NotIndicated => 7,
        Status::Contraindicated => 8,
    };
    (
        is_draft(recommendation),
        rank,
        recommendation.not_before.or(recommendation.no_sooner_than),
        recommendation.protocol.clone(),
    )
}
