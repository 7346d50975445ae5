//! The answer, as it stands beside the questions and on the page of a decision: what to do, when, why.

use maud::{Markup, html};

use super::page::{self, shown};
use super::words::{Words, say};
use crate::recommendation::{Doubt, Reason, Recommendation};
use crate::render::outline::{self, Item, Mood, Section};
use crate::render::{dates_in_words, do_when, steps};
use crate::speech::{Speech, tell};

/// How an answer should strike the eye.
pub(super) fn class(mood: Mood) -> &'static str {
    match mood {
        Mood::Go => "go",
        Mood::Wait => "wait",
        Mood::Stop => "stop",
    }
}

/// The same as a sign: nothing hangs on a colour.
pub(super) fn mark(mood: Mood) -> Markup {
    page::sign(match mood {
        Mood::Go => "✓",
        Mood::Wait => "…",
        Mood::Stop => "✕",
    })
}

/// The first thing that stands against treating as usual, with how long it does.
pub(super) fn first_reason(answer: &Recommendation) -> Option<String> {
    answer.reasons.first().map(|reason| reason.reason.clone())
}

/// The most reasons that are shown at once; the others are counted, and in the whole answer.
const REASONS: usize = 5;

/// The lines of a screen that the verdict, its dates and its reasons have together, and how many letters stand in one of them, and in one of the
/// headline: what a practitioner needs is seen without scrolling.
const ROOM: usize = 17;
const LETTERS: usize = 46;
const LETTERS_OF_HEADLINE: usize = 26;

fn lines(text: &str, letters: usize) -> usize {
    text.chars().count().div_ceil(letters).max(1)
}

/// How many reasons there is room for: one, whatever else there is.
fn most_reasons(answer: &Recommendation, used: usize) -> usize {
    let mut room = ROOM.saturating_sub(used);
    let fits = |reason: &&Reason| {
        let tag = answer.speech().word(reason.leads_to.word());
        let when: usize = when(answer.speech(), reason).iter().map(|when| lines(when, LETTERS)).sum();
        let needed = lines(&format!("{tag}   {}", reason.reason), LETTERS) + when;
        let fits = needed <= room;
        room = room.saturating_sub(needed);
        fits
    };
    answer.reasons.iter().take(REASONS).take_while(fits).count().max(1)
}

/// The most circles that are drawn; the words beside them say the rest.
const CIRCLES: u32 = 12;

/// The sessions of a course as circles: done, perhaps done, booked, free.
fn circles(w: Words, answer: &Recommendation, booked: u32) -> Option<Markup> {
    let course = answer.course.as_ref()?;
    let planned = course.planned.filter(|planned| planned.is_certain()).map(|planned| planned.least);
    let done = course.done;
    let told = done.in_words(w.speech());
    let mut words = match planned {
        Some(planned) => say!(w, "{} of {} sessions done", told, planned),
        None => say!(w, "{} sessions done", told),
    };
    if booked > 0 {
        words.push_str(&say!(w, ", {} booked", booked));
    }
    let free = planned.unwrap_or_default().saturating_sub(done.most.saturating_add(booked));
    let kinds =
        [("done", done.least), ("perhaps", done.most.saturating_sub(done.least)), ("booked", booked), ("", free)];
    let mut room = CIRCLES;
    let kinds = kinds.map(|(kind, count)| {
        let drawn = count.min(room);
        room -= drawn;
        (kind, drawn)
    });
    Some(html! {
        p.circles {
            @if room < CIRCLES {
                span aria-hidden="true" { @for (kind, count) in kinds { @for _ in 0..count { span class={ "circle " (kind) } {} } } }
            }
            (words)
        }
    })
}

/// The headline without what stands in brackets behind it, where a date says the same in the same words.
fn headline<'w>(words: &'w str, dates: &[(String, String)]) -> &'w str {
    let is_said = |aside: &str| dates.iter().any(|(_, text)| text.ends_with(aside));
    words.find(" (").filter(|at| is_said(&words[*at..])).map_or(words, |at| &words[..at])
}

/// How many answers are to be given again after which day, in a few words: which they are stands below.
fn to_ask_again(own: Words, answer: &Recommendation) -> Option<String> {
    let days = answer.to_ask_again();
    let told: Vec<String> =
        days.iter().map(|(day, facts)| say!(own, "{} after {}", facts.len(), own.date(*day))).collect();
    (!told.is_empty()).then(|| say!(own, "answers to ask again: {}", told.join(", ")))
}

/// An answer. `texts` is the language of its protocol's texts, as far as that is known, `status` says whether it is recorded, `booked` how many
/// appointments there are. What can be done with it, `below`, stays in sight.
pub(super) fn panel(
    w: Words,
    answer: &Recommendation,
    texts: Option<&str>,
    status: Markup,
    booked: u32,
    below: Markup,
) -> Markup {
    let (mood, words) = outline::answer(answer);
    let whole = outline::outline(answer);
    let doubts = doubts(w, answer);
    let steps = steps(answer);
    let speech = answer.speech();
    let could: Vec<String> = answer.could_become.iter().map(|status| w.word(status.word())).collect();
    let could = (answer.could_become != [answer.status]).then(|| say!(w, "could still become: {}", could.join(", ")));
    // The engine's sentences are in the language that was asked for when the answer was given; a protocol may have no texts in it.
    let told = w.unlike(speech.code);
    let own = Words::of(speech.code);
    let texts = texts.and_then(|texts| own.unlike(texts));
    let confirm = own.word("confirm");
    let (again, mut dates): (Vec<_>, Vec<_>) =
        dates_in_words(answer).into_iter().partition(|(name, _)| *name == confirm);
    let short = headline(&words, &dates).to_owned();
    dates.extend(to_ask_again(own, answer).map(|text| (confirm, text)));
    let used = lines(&short, LETTERS_OF_HEADLINE)
        + could.iter().map(|could| lines(could, LETTERS)).sum::<usize>()
        + dates.iter().map(|(_, text)| lines(text, LETTERS - 12)).sum::<usize>()
        + usize::from(!doubts.is_empty());
    let shown_reasons = most_reasons(answer, used);
    let dated = |dates: &[(String, String)], class: &'static str| {
        html! {
            dl class=(class) lang=[told] {
                @for (name, text) in dates { div { dt { (if name.is_empty() { say!(own, "for") } else { name.as_str() }) } dd { (shown(text)) } } }
            }
        }
    };
    html! {
        section #answer class={ "verdict " (class(mood)) } aria-label=(say!(w, "Answer")) data-say=(shown(&words)) {
            div.says {
                (mark(mood))
                div { (status) h2 lang=[told] { (shown(&short)) } }
            }
            @if let Some(could) = could { p.could { (could) } }
            @if let Some(circles) = circles(w, answer, booked) { (circles) }
            @if !dates.is_empty() { (dated(&dates, "dates")) }
            @if !doubts.is_empty() {
                p.doubted { a href="#doubts" { @if doubts.len() == 1 { (say!(w, "1 doubt, below")) } @else { (say!(w, "{} doubts, below", doubts.len())) } } }
            }
            @if !answer.reasons.is_empty() {
                h3 { (say!(w, "Why")) }
                ul.reasons lang=[told] {
                    @for reason in answer.reasons.iter().take(shown_reasons) { (why(speech, texts, reason)) }
                    @if answer.reasons.len() > shown_reasons { li lang=[told.map(|_| w.code())] { (say!(w, "and {} more, below", answer.reasons.len() - shown_reasons)) } }
                }
            }
            @if !doubts.is_empty() {
                div.doubts #doubts { h3 { (say!(w, "Doubts")) } (page::points(told, &doubts)) }
            }
            @if !steps.is_empty() {
                h3 { (w.word(do_when(answer))) }
                ul lang=[told] { @for step in &steps { li { (shown(step)) } } }
            }
            @if !again.is_empty() { (dated(&again, "dates again")) }
            details.whole {
                summary { (say!(w, "The whole answer")) }
                @for section in whole.sections.iter().filter(|section| !is_elsewhere(speech, section)) { (page::section(told, &on_page(speech, section), 3)) }
            }
            div.actions { (below) }
        }
    }
}

/// What stands on the page already, or on one of its own.
fn is_elsewhere(speech: &Speech, section: &Section) -> bool {
    ["Trace", "Doubts"].into_iter().any(|title| section.title == speech.word(title))
}

/// A part of the answer without how something is written into a file: here it is answered.
fn on_page(speech: &Speech, section: &Section) -> Section {
    let written = tell!(speech, "record as {}: {}", "", "");
    let written = written.split(':').next().unwrap_or_default().trim_end();
    let mut section = section.clone();
    section.items.iter_mut().for_each(|item| item.notes.retain(|note| !note.starts_with(written)));
    section
}

/// What is doubtful, with what to do about it here. What is to be written into a file stands in backticks or under a heading in
/// brackets: on a page nobody writes one.
fn doubts(w: Words, answer: &Recommendation) -> Vec<Item> {
    let mut doubts: Vec<&Doubt> = Vec::new();
    for doubt in &answer.doubts {
        if !doubts.contains(&doubt) {
            doubts.push(doubt);
        }
    }
    doubts.sort_by_key(|doubt| doubt.line);
    let item = |doubt: &&Doubt| {
        let in_file = Doubt { line: None, ..(*doubt).clone() };
        let mut item = outline::doubt(&in_file, answer.speech());
        let before = item.notes.len();
        item.notes.retain(|note| !note.contains('`') && !note.contains("[["));
        if item.notes.len() < before {
            item.notes.push(say!(w, "Mend it here: change the answer, or the entry under “Sessions”.").to_owned());
        }
        item
    };
    doubts.iter().map(item).collect()
}

/// How long a reason lasts, in words.
fn when(speech: &Speech, reason: &Reason) -> Vec<String> {
    let mut when: Vec<String> = reason.until.iter().map(|until| tell!(speech, "until {}", until)).collect();
    if when.is_empty() {
        when.extend(reason.not_before.map(|day| tell!(speech, "not before {}", speech.date(day))));
    }
    when
}

fn why(speech: &Speech, texts: Option<&str>, reason: &Reason) -> Markup {
    html! {
        li {
            span.tag { (speech.word(reason.leads_to.word())) } " " (page::text_in(texts, &reason.reason))
            @for when in &when(speech, reason) { span.help { (shown(when)) } }
        }
    }
}
