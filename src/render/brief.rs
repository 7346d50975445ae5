//! The answer on one screen: what is doubtful, what to do now, the dates, what is missing, and why. The rest is a page of its own.
//!
//! Whatever does not fit is counted, never dropped in silence.

use std::collections::BTreeSet;

use super::outline::{
    Item, SET, STILL_KEPT, assumes_nothing, assumption, doubts, down_to, how_late, is_counted, is_endless, leads,
    next_of, ranked, set, setting, signed_by, to_be_given_again, window,
};
use super::text::{TextStyle, heading, opening, paragraph};
use crate::date::Date;
use crate::once::push_new;
use crate::recommendation::{CourseReport, EvidenceWord, InstructionReport, Reason, Recommendation, Status};
use crate::speech::{ENGLISH, Speech, tell};

/// The lines of a screen, without the two that say where the rest is.
const SCREEN: usize = 43;

/// The points that a part shows at most, and the fewest that it keeps where the screen is full.
pub(super) struct Room {
    pub(super) most: usize,
    pub(super) least: usize,
}

/// A heading and its points, each laid out in lines.
pub(super) struct Part {
    speech: &'static Speech,
    title: &'static str,
    points: Vec<Vec<String>>,
    shown: usize,
    least: usize,
}

impl Part {
    pub(super) fn new(speech: &'static Speech, title: &'static str, points: Vec<Vec<String>>, room: Room) -> Self {
        let shown = points.len().min(room.most);
        Part { speech, title, points, shown, least: room.least }
    }

    /// How many lines it takes: a blank one, its heading, its points, and how many are not shown.
    fn height(&self) -> usize {
        if self.points.is_empty() {
            return 0;
        }
        let rest = usize::from(self.shown < self.points.len());
        2 + self.points.iter().take(self.shown).map(Vec::len).sum::<usize>() + rest
    }

    fn print(&self, out: &mut String, style: TextStyle) {
        if self.points.is_empty() {
            return;
        }
        heading(out, &self.speech.word(self.title), style);
        for line in self.points.iter().take(self.shown).flatten() {
            out.push_str(line);
            out.push('\n');
        }
        let rest = self.points.len() - self.shown;
        match (self.shown, rest) {
            (_, 0) => {}
            (0, rest) => out.push_str(&format!("  {}\n", tell!(self.speech, "{} of them", rest))),
            (_, rest) => out.push_str(&format!("  {}\n", tell!(self.speech, "and {} more", rest))),
        }
    }
}

/// A recommendation on one screen: 43 lines at most, so that whoever prints it has two left to say where the rest is.
#[must_use]
pub fn brief(recommendation: &Recommendation, style: TextStyle) -> String {
    let width = style.laid_out();
    let mut out = opening(recommendation, style);
    let part = |title, points, room| Part::new(recommendation.speech(), title, points, room);
    let parts = [
        part("Doubts", doubtful(recommendation, width), Room { most: 4, least: 1 }),
        part(do_when(recommendation), do_now(recommendation, width), Room { most: 10, least: 3 }),
        part("Dates", dates(recommendation, width), Room { most: 8, least: 4 }),
        part(SET, was_set(recommendation, width), Room { most: 4, least: 1 }),
        part("Missing", missing(recommendation, width), Room { most: 5, least: 2 }),
        part("Assumed", assumed(recommendation, width), Room { most: 3, least: 0 }),
        part("Why", why(recommendation, width), Room { most: 8, least: 1 }),
        part(STILL_KEPT, still_kept(recommendation, width), Room { most: 4, least: 1 }),
    ];
    print(&mut out, parts, style);
    out
}

/// The parts in their order. Where the screen is full, the last give way first.
pub(super) fn print<const N: usize>(out: &mut String, mut parts: [Part; N], style: TextStyle) {
    let room = SCREEN.saturating_sub(out.lines().count());
    while parts.iter().map(Part::height).sum::<usize>() > room {
        let over_least = parts.iter().rposition(|part| part.shown > part.least);
        // On a screen too narrow for even that, headings and numbers are all that is left.
        let over = over_least.or_else(|| parts.iter().rposition(|part| part.shown > 0));
        match over.and_then(|at| parts.get_mut(at)) {
            Some(part) => part.shown -= 1,
            None => break,
        }
    }
    parts.iter().for_each(|part| part.print(out, style));
}

/// A point with a dash, in as many lines as it takes.
pub(super) fn point(text: &str, width: usize) -> Vec<String> {
    lines(text, "  - ", "    ", width)
}

pub(super) fn lines(text: &str, first: &str, rest: &str, width: usize) -> Vec<String> {
    let mut out = String::new();
    paragraph(&mut out, text, first, rest, width);
    out.lines().map(str::to_owned).collect()
}

/// What stands above the steps: while it is somebody else's to decide, they are no order.
pub(crate) fn do_when(recommendation: &Recommendation) -> &'static str {
    if recommendation.status == Status::Refer { "If the decision is to treat" } else { "Do now" }
}

fn do_now(recommendation: &Recommendation, width: usize) -> Vec<Vec<String>> {
    steps(recommendation).iter().map(|step| point(step, width)).collect()
}

/// How to treat, where the answer is to treat; otherwise the next step that a reason names.
pub(crate) fn steps(recommendation: &Recommendation) -> Vec<String> {
    let mut points = Vec::new();
    let speech = recommendation.speech();
    let treat = matches!(recommendation.status, Status::Due | Status::Overdue | Status::Refer);
    if treat {
        for precaution in &recommendation.precautions {
            points.push(tell!(speech, "take care: {}", precaution.action));
        }
    }
    points.extend(recommendation.settings_for_today().iter().map(|one| setting(recommendation, one)));
    for reason in &recommendation.reasons {
        if !reason.instead.is_empty() {
            points.push(tell!(speech, "consider instead: {}", reason.instead_in_words()));
        }
        points.extend(reason.then.clone());
        if let Some(allowed) = &reason.may_override {
            let down_to = down_to(allowed, speech);
            points.push(tell!(speech, "the wait may be shortened by: {}{}", allowed.by, down_to));
        }
    }
    // On the day of a session: what begins on it. While one waits: the preparation that should be going on.
    let today = recommendation.as_of;
    let is_now = |instruction: &&InstructionReport| match instruction.from_date {
        _ if instruction.provisional || recommendation.status == Status::Undetermined => false,
        Some(from) if treat => from == today,
        Some(from) => from <= today && instruction.until_date.or(Some(from)).is_some_and(|until| today <= until),
        None => false,
    };
    // What the clinic does comes before what it tells the patient.
    let (clinic, patient): (Vec<_>, Vec<_>) =
        recommendation.instructions.iter().filter(is_now).partition(|instruction| !instruction.audience.is_patient());
    points.extend(clinic.iter().map(|instruction| instruction.action.clone()));
    points.extend(patient.iter().map(|one| tell!(speech, "tell the patient: {}", one.action)));
    points.dedup();
    points
}

/// What is to be kept today after the sessions that were given.
fn still_kept(recommendation: &Recommendation, width: usize) -> Vec<Vec<String>> {
    let (speech, today) = (recommendation.speech(), recommendation.as_of);
    let is_now = |one: &&InstructionReport| one.from_date.is_some_and(|from| from <= today);
    let all = recommendation.kept().flat_map(|(_, kept)| kept).filter(is_now);
    let points = all.filter_map(|one| {
        let until = match one.until_date {
            Some(until) => tell!(speech, "until {}", speech.date(until)),
            // It is for that day alone, or true from that day on.
            None => tell!(speech, "on {}", speech.date(one.from_date?)),
        };
        let open = if one.provisional { format!(", {}", speech.word("if it applies")) } else { String::new() };
        Some(point(&format!("{until}{open}: {}", one.action), width))
    });
    points.collect()
}

fn dates(recommendation: &Recommendation, width: usize) -> Vec<Vec<String>> {
    let all = dates_in_words(recommendation);
    // In English the longest name is `earliest`, and the column as wide in every answer.
    let column = all.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(9);
    let indent = " ".repeat(column + 3);
    all.iter().map(|(name, text)| lines(text, &format!("  {name:<column$} "), &indent, width)).collect()
}

/// The most facts that are named among those to ask again; the whole answer names all.
const MOST_TO_CONFIRM: usize = 6;

/// What is said beside the days of a course that are not certain.
pub(crate) fn how_open(course: &CourseReport) -> &'static str {
    match course {
        course if course.may_be_later => ", perhaps only later: see what is still open",
        course if course.provisional => ", the safest of several: see what is still open",
        _ => "",
    }
}

/// Earliest, best and late, as far as they are known, and what a day to come still needs.
pub(crate) fn dates_in_words(recommendation: &Recommendation) -> Vec<(String, String)> {
    let next = recommendation.course.as_ref().and_then(|course| course.next.as_ref());
    let open = recommendation.course.as_ref().map_or("", how_open);
    let mut points = Vec::new();
    let speech = recommendation.speech();
    let mut dated = |name: &'static str, text: String| points.push((speech.word(name), text));
    let confirmed = |day: Date| match recommendation.is_to_be_confirmed(day) {
        true => tell!(speech, "{}, to be confirmed then", speech.date(day)),
        false => speech.date(day),
    };
    match (recommendation.not_before, recommendation.no_sooner_than) {
        (Some(day), _) => dated("earliest", confirmed(day)),
        (None, Some(day)) => {
            let how_late = match is_endless(recommendation) {
                true => speech.word("and only after what is said below"),
                false => how_late(recommendation),
            };
            dated("earliest", tell!(speech, "no sooner than {} ({})", speech.date(day), how_late));
        }
        (None, None) => {
            // A day that is past is no day to wait for: something else keeps the patient waiting.
            let waits = |day: &Date| recommendation.status.is_treat() || *day >= recommendation.as_of;
            if let Some(day) = next.and_then(|next| next.earliest).filter(waits) {
                dated("earliest", format!("{}{}", confirmed(day), speech.word(open)));
            }
        }
    }
    if let Some(day) = recommendation.appointment {
        dated("booked", confirmed(day));
    }
    if recommendation.status == Status::Deferred && !recommendation.is_ruled_out_for_good() {
        let again: BTreeSet<Date> = recommendation.reasons.iter().filter_map(|reason| reason.recheck).collect();
        again.into_iter().for_each(|day| dated("reassess", tell!(speech, "from {}", speech.date(day))));
    }
    let counted = recommendation.course.as_ref().filter(|course| is_counted(course));
    if let Some(next) = next.filter(|_| counted.is_none()) {
        if let Some(day) = next.recommended.filter(|day| Some(*day) != next.earliest) {
            dated("best", confirmed(day));
        }
        // Of several days the one on which it waits longest is no last day for the others.
        let may_be_late = recommendation.course.as_ref().is_some_and(|course| course.may_be_late(next));
        if let Some(day) = next.latest.filter(|_| may_be_late && open.is_empty() && next.past_due.is_some()) {
            dated("late", tell!(speech, "after {}", speech.date(day)));
        }
    }
    if let Some(session) = to_be_given_again(recommendation) {
        dated("given", session);
    }
    if let Some(course) = &recommendation.course
        && let Some(then) = course.projected.first()
        && matches!(recommendation.status, Status::Due | Status::Overdue)
    {
        let number = match course.done.is_certain() {
            true => tell!(speech, "session {}", then.number),
            false => speech.word("the one after"),
        };
        dated("then", tell!(speech, "{} {}, if this one is done today", number, window(then, speech)));
    }
    for part in counted.into_iter().flat_map(|course| &course.components) {
        if let Some(next) = &part.next {
            let (next, window) = (next_of(part, next, speech), window(next, speech));
            dated("", format!("{}: {next} {window}", recommendation.labels.value(&part.id)));
        }
    }
    for (day, facts) in recommendation.to_ask_again() {
        let more = facts.len().saturating_sub(MOST_TO_CONFIRM);
        let named = facts.into_iter().take(MOST_TO_CONFIRM).map(|fact| recommendation.labels.fact(fact).to_owned());
        let more = (more > 0).then(|| tell!(speech, "and {} more", more));
        let facts: Vec<String> = named.chain(more).collect();
        dated("confirm", tell!(speech, "after {} ask again: {}", speech.date(day), facts.join(", ")));
    }
    points
}

/// What was set for this answer, and who has to sign for it.
fn was_set(recommendation: &Recommendation, width: usize) -> Vec<Vec<String>> {
    let speech = recommendation.speech();
    let told = recommendation.overrides.iter().map(|one| {
        let signs = signed_by(one, speech).map_or_else(String::new, |signs| format!("; {signs}"));
        point(&format!("{}{signs}", set(one, speech)), width)
    });
    told.collect()
}

fn missing(recommendation: &Recommendation, width: usize) -> Vec<Vec<String>> {
    let questions = recommendation.questions.iter().enumerate();
    questions
        .map(|(at, question)| {
            let leads = leads(question, recommendation.speech());
            lines(&format!("{}{leads}", question.ask), &format!("  {}. ", at + 1), "     ", width)
        })
        .collect()
}

/// What may change the answer although nobody is asked for it.
fn assumed(recommendation: &Recommendation, width: usize) -> Vec<Vec<String>> {
    let all = &recommendation.assumptions;
    // Of what is assumed to have a value elsewhere, that is enough.
    let has_value = |fact: &str| all.iter().any(|one| one.fact == fact && !assumes_nothing(recommendation, one));
    let told = all.iter().filter(|one| !assumes_nothing(recommendation, one) || !has_value(&one.fact));
    told.map(|one| point(&assumption(recommendation, one), width)).collect()
}

fn doubtful(recommendation: &Recommendation, width: usize) -> Vec<Vec<String>> {
    let doubts = doubts(std::slice::from_ref(recommendation));
    doubts.items.iter().map(|doubt| point(&format!("{}: {}", doubt.lead, doubt.text), width)).collect()
}

/// Each reason and precaution in two lines at most, with the title of its first source.
fn why(recommendation: &Recommendation, width: usize) -> Vec<Vec<String>> {
    let speech = recommendation.speech();
    let reasons = recommendation.reasons.iter().map(|reason| {
        let lead = format!("{}: {}", speech.word(reason.leads_to.word()), said(reason, recommendation));
        (lead, cited(recommendation, &reason.sources, reason.evidence))
    });
    // Courses of several components may wait for the same, each by a rule of its own.
    let mut told = Vec::new();
    reasons.for_each(|reason| push_new(&mut told, reason));
    let precautions = recommendation.precautions.iter().map(|one| {
        let lead = tell!(speech, "take care: {}", one.reason.trim_end_matches('.'));
        (lead, cited(recommendation, &one.sources, one.evidence))
    });
    told.into_iter().chain(precautions).map(|(text, source)| two_lines(&text, &source, width)).collect()
}

/// A reason and how long it holds. Where another rules the treatment out for good, nobody is to wait for its end.
fn said(reason: &Reason, recommendation: &Recommendation) -> String {
    let speech = recommendation.speech();
    let until = match (&reason.until, reason.not_before) {
        _ if reason.is_permanent() => format!(" ({})", speech.word("permanent")),
        _ if recommendation.is_ruled_out_for_good() => String::new(),
        (Some(until), _) => tell!(speech, " (until {})", until),
        (None, Some(day)) => tell!(speech, " (not before {})", speech.date(day)),
        (None, None) => String::new(),
    };
    format!("{}{until}", reason.reason.trim_end_matches('.'))
}

fn cited(recommendation: &Recommendation, sources: &[String], evidence: EvidenceWord) -> String {
    let speech = recommendation.speech();
    let Some(first) = sources.first() else {
        let custom = || format!(" [{}]", speech.word("clinic custom"));
        return (evidence == EvidenceWord::Custom).then(custom).unwrap_or_default();
    };
    let known = recommendation.sources.iter().find(|source| source.id == *first);
    let year = known.and_then(|source| source.year).map_or_else(String::new, |year| format!(" {year}"));
    let more = match sources.len() {
        0 | 1 => String::new(),
        several => format!(" {}", tell!(speech, "and {} more", several - 1)),
    };
    format!(" [{first}{year}{more}]")
}

/// The text cut so that it stands in two lines together with its source.
fn two_lines(text: &str, source: &str, width: usize) -> Vec<String> {
    let whole = point(&format!("{text}{source}"), width);
    if whole.len() <= 2 {
        return whole;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let cut = |count: usize| {
        let kept: Vec<&str> = words.iter().take(count).copied().collect();
        point(&format!("{} …{source}", kept.join(" ")), width)
    };
    let most = (1..words.len()).rev().find(|count| cut(*count).len() <= 2).unwrap_or(1);
    cut(most)
}

/// The answers of several protocols on one screen, best first: a line or two each; those of drafts last, and apart.
#[must_use]
pub fn ranked_brief(recommendations: &[Recommendation], style: TextStyle) -> String {
    let width = style.laid_out();
    let mut out = String::new();
    let speech = recommendations.first().map_or(&ENGLISH, Recommendation::speech);
    if let Some(first) = recommendations.first() {
        paragraph(&mut out, &best_first(first), "", "", width);
    }
    let doubts = doubts(recommendations);
    let doubts = doubts.items.iter().map(|doubt| point(&format!("{}: {}", doubt.lead, doubt.text), width));
    let one = |item: &Item| lines(&format!("{}: {}", item.lead, item.text), "  ", "    ", width);
    let (drafts, others): (Vec<_>, Vec<_>) = ranked(recommendations).into_iter().partition(|(is_draft, _)| *is_draft);
    let parts = [
        Part::new(speech, "Doubts", doubts.collect(), Room { most: 3, least: 1 }),
        Part::new(
            speech,
            "Answers",
            others.iter().map(|(_, item)| one(item)).collect(),
            Room { most: usize::MAX, least: 1 },
        ),
        Part::new(
            speech,
            "Drafts – not for patients",
            drafts.iter().map(|(_, item)| one(item)).collect(),
            Room { most: 5, least: 0 },
        ),
    ];
    print(&mut out, parts, style);
    out
}

/// What stands above the answers of several protocols.
pub(super) fn best_first(first: &Recommendation) -> String {
    let speech = first.speech();
    tell!(speech, "Patient {} · as of {} · best first", first.patient, speech.date(first.as_of))
}
