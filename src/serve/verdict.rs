//! The answer, as it stands beside the questions and on the page of a decision: what to do, when, why.

use maud::{Markup, html};

use super::page::{self, shown};
use crate::recommendation::{Reason, Recommendation};
use crate::render::outline::{self, Mood};
use crate::render::{dates_in_words, steps};

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

/// An answer. `status` says whether it is recorded.
pub(super) fn panel(answer: &Recommendation, status: Markup, below: Markup) -> Markup {
    let (mood, words) = outline::answer(answer);
    let whole = outline::outline(answer);
    let doubts = outline::doubts(std::slice::from_ref(answer));
    let dates = dates_in_words(answer);
    let steps = steps(answer);
    let could: Vec<&str> = answer.could_become.iter().map(|status| status.word()).collect();
    html! {
        section #answer class={ "verdict " (class(mood)) } aria-label="Answer" data-say=(shown(&words)) {
            div.says {
                (mark(mood))
                div { (status) h2 { (shown(&words)) } }
            }
            @if answer.could_become != [answer.status] { p.could { "could still become: " (could.join(", ")) } }
            @if !dates.is_empty() {
                dl.dates {
                    @for (name, text) in &dates { div { dt { (if name.is_empty() { "for" } else { name }) } dd { (shown(text)) } } }
                }
            }
            @if !doubts.items.is_empty() {
                div.doubts { h3 { "Doubts" } (page::points(&doubts.items)) }
            }
            @if !answer.reasons.is_empty() {
                h3 { "Why" }
                ul.reasons {
                    @for reason in answer.reasons.iter().take(REASONS) { (why(reason)) }
                    @if answer.reasons.len() > REASONS { li { "and " (answer.reasons.len() - REASONS) " more, below" } }
                }
            }
            @if !steps.is_empty() {
                h3 { "Do now" }
                ul { @for step in &steps { li { (shown(step)) } } }
            }
            (below)
            details.whole {
                summary { "The whole answer" }
                @for section in whole.sections.iter().filter(|section| section.title != "Trace") { (page::section(section)) }
            }
        }
    }
}

fn why(reason: &Reason) -> Markup {
    let mut when: Vec<String> = reason.until.iter().map(|until| format!("until {until}")).collect();
    if when.is_empty() {
        when.extend(reason.not_before.map(|day| format!("not before {day}")));
    }
    html! {
        li {
            span.tag { (reason.leads_to.word()) } " " (shown(&reason.reason))
            @for when in &when { span.help { (shown(when)) } }
        }
    }
}
