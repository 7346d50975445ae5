//! The answer, as it stands beside the questions and on the page of a decision: what to do, when, why.

use maud::{Markup, html};

use super::page::{self, shown};
use super::words::{Words, say};
use crate::recommendation::{Reason, Recommendation};
use crate::render::outline::{self, Mood};
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

/// The most circles that are drawn; the words beside them say the rest.
const CIRCLES: u32 = 12;

/// The sessions of a course as circles: done, booked, free. Where how many were done is not certain, there are words only.
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
    let is_certain = done.is_certain();
    let booked = booked.min(CIRCLES);
    let free = planned.unwrap_or_default().saturating_sub(done.least + booked).min(CIRCLES);
    Some(html! {
        p.circles {
            @if is_certain {
                span aria-hidden="true" {
                    @for _ in 0..done.least.min(CIRCLES) { span.circle.done {} }
                    @for _ in 0..booked { span.circle.booked {} }
                    @for _ in 0..free { span.circle {} }
                }
            }
            (words)
        }
    })
}

/// An answer. `texts` is the language of its protocol's texts, as far as that is known, `status` says whether it is recorded, `booked` how many
/// appointments there are.
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
    let doubts = outline::doubts(std::slice::from_ref(answer));
    let dates = dates_in_words(answer);
    let steps = steps(answer);
    let trace = answer.speech().word("Trace");
    let could: Vec<String> = answer.could_become.iter().map(|status| w.word(status.word())).collect();
    // The engine's sentences are in the language that was asked for when the answer was given; a protocol may have no texts in it.
    let told = w.unlike(answer.speech().code);
    let own = Words::of(answer.speech().code);
    let texts = texts.and_then(|texts| own.unlike(texts));
    html! {
        section #answer class={ "verdict " (class(mood)) } aria-label=(say!(w, "Answer")) data-say=(shown(&words)) {
            div.says {
                (mark(mood))
                div { (status) h2 lang=[told] { (shown(&words)) } }
            }
            @if answer.could_become != [answer.status] { p.could { (say!(w, "could still become: {}", could.join(", "))) } }
            @if let Some(circles) = circles(w, answer, booked) { (circles) }
            @if !dates.is_empty() {
                dl.dates lang=[told] {
                    @for (name, text) in &dates { div { dt { (if name.is_empty() { say!(own, "for") } else { name.as_str() }) } dd { (shown(text)) } } }
                }
            }
            (below)
            @if !doubts.items.is_empty() {
                div.doubts { h3 { (say!(w, "Doubts")) } (page::points(told, &doubts.items)) }
            }
            @if !answer.reasons.is_empty() {
                h3 { (say!(w, "Why")) }
                ul.reasons lang=[told] {
                    @for reason in answer.reasons.iter().take(REASONS) { (why(answer.speech(), texts, reason)) }
                    @if answer.reasons.len() > REASONS { li lang=[told.map(|_| w.code())] { (say!(w, "and {} more, below", answer.reasons.len() - REASONS)) } }
                }
            }
            @if !steps.is_empty() {
                h3 { (w.word(do_when(answer))) }
                ul lang=[told] { @for step in &steps { li { (shown(step)) } } }
            }
            details.whole {
                summary { (say!(w, "The whole answer")) }
                @for section in whole.sections.iter().filter(|section| section.title != trace) { (page::section(told, section, 3)) }
            }
        }
    }
}

fn why(speech: &Speech, texts: Option<&str>, reason: &Reason) -> Markup {
    let mut when: Vec<String> = reason.until.iter().map(|until| tell!(speech, "until {}", until)).collect();
    if when.is_empty() {
        when.extend(reason.not_before.map(|day| tell!(speech, "not before {}", speech.date(day))));
    }
    html! {
        li {
            span.tag { (speech.word(reason.leads_to.word())) } " " (page::text_in(texts, &reason.reason))
            @for when in &when { span.help { (shown(when)) } }
        }
    }
}
