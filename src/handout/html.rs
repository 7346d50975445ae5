//! A handout as one page of HTML: no script, nothing from elsewhere, readable on a phone and printed in black.
//!
//! `maud` escapes whatever is put in; [`shown`] makes visible what nobody would see.

use std::borrow::Cow;

use maud::{DOCTYPE, Markup, PreEscaped, html as page};

use super::words::Words;
use super::{Handout, Section, timeline};
use crate::visible;

/// How a handout looks.
pub(crate) const STYLE: &str = include_str!("handout.css");

/// A handout as a page of HTML.
#[must_use]
pub fn html(handout: &Handout) -> String {
    let whose = visible::style_text(&format!("{} {}", handout.words().patient, handout.patient));
    let on_every_sheet = format!("@page {{ @top-left {{ content: {whose}; font-size: 8pt; color: #595959; }} }}\n");
    whole(handout, &page! { style { (PreEscaped(STYLE)) (PreEscaped(on_every_sheet)) } }, None)
}

/// What a page of an application has beside a page that stands alone.
#[cfg(feature = "serve")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Linked<'a> {
    /// Where its style sheet is.
    pub(crate) style: &'a str,
    /// Where its icon is.
    pub(crate) icon: &'a str,
    /// Where the style sheet is that puts the patient's name on every sheet of paper.
    pub(crate) paper: &'a str,
    /// When the patient was born.
    pub(crate) born: Option<&'a str>,
}

/// The same as a page of an application.
#[cfg(feature = "serve")]
pub(crate) fn html_linked(handout: &Handout, linked: &Linked<'_>) -> String {
    let style = page! { link rel="icon" href=(linked.icon); link rel="stylesheet" href=(linked.style); link rel="stylesheet" media="print" href=(linked.paper); };
    whole(handout, &style, linked.born)
}

fn whole(handout: &Handout, style: &Markup, born: Option<&str>) -> String {
    let words = handout.words();
    let title = match &handout.kind {
        Some(kind) => format!("{kind}: {}", handout.title),
        None => handout.title.clone(),
    };
    let markup = page! {
        (DOCTYPE)
        html lang=(shown(&handout.language)) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (shown(&title)) }
                (style)
            }
            body {
                header lang=[heading_language(handout)] {
                    @if handout.draft { p.draft { (words.draft) } }
                    h1 { (shown(&title)) }
                    p.about {
                        (words.patient) " " (shown(&handout.patient))
                        @if let Some(born) = born { ", " (words.born) " " (shown(born)) }
                        " · " (words.as_of) " " (words.date(handout.as_of))
                    }
                }
                main {
                    div.message { @for sentence in &handout.message { p { (shown(sentence)) } } }
                    @if let Some(picture) = timeline::svg(&handout.timeline, words) { (picture) }
                    @for section in &handout.sections { (part(section)) }
                    @if handout.calls { (whom_to_call(handout, words)) }
                }
            }
        }
    };
    markup.into_string() + "\n"
}

/// The language of the headings, where it is not that of the page.
fn heading_language(handout: &Handout) -> Option<&'static str> {
    (!Handout::speaks(&handout.language)).then_some(handout.words().code())
}

pub(super) fn shown(text: &str) -> Cow<'_, str> {
    visible::lines(text)
}

fn part(section: &Section) -> Markup {
    page! {
        section {
            h2 { (shown(&section.heading)) }
            @if let Some(lead) = &section.lead { p { (shown(lead)) } }
            ul class=[section.boxes.then_some("boxes")] {
                @for item in &section.items {
                    li {
                        @if let Some(lead) = &item.lead { span.when { (shown(lead)) ":" } " " }
                        (shown(&item.text))
                        @for note in &item.notes { " " span.note { "(" (shown(note)) ")" } }
                    }
                }
            }
        }
    }
}

fn whom_to_call(handout: &Handout, words: &Words) -> Markup {
    let dialled =
        |phone: &str| format!("tel:{}", phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>());
    let number = |phone: &str| page! { a.number href=(dialled(phone)) { (shown(phone)) } };
    page! {
        section.calls {
            h2 { (words.whom_to_call) }
            @if let Some(clinic) = &handout.clinic {
                p { (shown(&clinic.name)) ": " (number(&clinic.phone)) " · " (shown(&clinic.hours)) }
                @if let Some(other) = &clinic.out_of_hours { p { (shown(other)) } }
                p { (words.emergency) ": " (number(&clinic.emergency)) }
            } @else {
                p { (words.no_details) }
                div.line {}
                div.line {}
            }
        }
    }
}
