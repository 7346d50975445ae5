//! The protocols, and the sheet of one.

use maud::{Markup, PreEscaped, html};

use super::editor::{self, Place};
use super::figures;
use super::file::File;
use crate::protocol::Protocol;
use crate::protocol::file::ProtocolStatus;
use crate::render::sheet;
use crate::serve::app::{App, Read};
use crate::serve::http::{Answer, Ask, Trouble};
use crate::serve::page::{self, shown};
use crate::serve::words::{Words, say};

fn word(w: Words, status: ProtocolStatus) -> &'static str {
    match status {
        ProtocolStatus::Draft => say!(w, "draft"),
        ProtocolStatus::Active => say!(w, "active"),
        ProtocolStatus::Retired => say!(w, "retired"),
    }
}

/// Whether a file can be used, in a few words.
fn state(w: Words, file: &File, read: &Read, protocol: Option<&Protocol>) -> Markup {
    let mistakes = file.mistakes(read).iter().count();
    let counted = if mistakes == 1 { say!(w, "1 mistake").to_owned() } else { say!(w, "{} mistakes", mistakes) };
    html! {
        @match (mistakes, protocol.is_some() || file.is_dictionary()) {
            (0, true) => { span.tag.yes { (say!(w, "in use")) } }
            (0, false) => { span.tag.no { (say!(w, "not in use")) } }
            (_, true) => { span.tag.unknown { (say!(w, "last good version in use")) } " " (say!(w, "{} in its file", counted)) }
            (_, false) => { span.tag.bad { (say!(w, "broken: gives no answer")) } " " (counted) }
        }
    }
}

pub(super) fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (today, w) = (app.today()?, ask.words);
    let read = ask.clinic(app, today)?;
    let files = File::all(app)?;
    let figures = figures::of(app, &files.iter().filter(|file| !file.is_dictionary()).cloned().collect::<Vec<_>>());
    let main = html! {
        div.heading { h1 { (say!(w, "Protocols")) } @if ask.may("/saved") { p.links { a href="/saved" { (say!(w, "Who saved which text when")) } } } }
        div.scroll tabindex="0" role="region" aria-label=(say!(w, "Protocols")) {
            table.stack {
                thead { tr { th scope="col" { (say!(w, "Protocol")) } th scope="col" { (say!(w, "Version")) } th scope="col" { (say!(w, "Status")) } th scope="col" { (say!(w, "Review by")) } th scope="col" { (say!(w, "Cases")) } th scope="col" { (say!(w, "State")) } } }
                tbody {
                    @for file in files.iter().filter(|file| !file.is_dictionary()) {
                        @let protocol = file.protocol(&read.clinic);
                        tr {
                            td { a href=(file.page("")) lang=[protocol.and_then(|one| w.unlike(&one.language))] { (shown(&file.title(w, &read))) } span.help { (shown(&file.key)) } }
                            @if let Some(protocol) = protocol {
                                td data-title=(say!(w, "Version")) { (shown(&protocol.version)) }
                                td data-title=(say!(w, "Status")) { (word(w, protocol.status)) @if protocol.in_force_from > today { span.help { (say!(w, "from {}", w.date(protocol.in_force_from))) } } @if let Some(until) = protocol.in_force_until { span.help { (say!(w, "until {}", w.date(until))) } } }
                                td data-title=(say!(w, "Review by")) { (w.date(protocol.review_by)) @if protocol.review_by < today { " " span.tag.bad { (say!(w, "past")) } } }
                            } @else { td data-title=(say!(w, "Version")) { "–" } td data-title=(say!(w, "Status")) { "–" } td data-title=(say!(w, "Review by")) { "–" } }
                            td data-title=(say!(w, "Cases")) { (figures::shown(w, figures.get(&file.key))) }
                            td data-title=(say!(w, "State")) { (state(w, file, &read, protocol)) }
                        }
                    }
                }
            }
        }
        @for file in files.iter().filter(|file| file.is_dictionary()) {
            section.card {
                h2 { (say!(w, "Dictionary")) }
                p { (say!(w, "What can be known of a patient, for all protocols: the questions, their answers, how long they hold.")) }
                p { (state(w, file, &read, None)) @if file.can_be_edited() && ask.may(&file.page("/text")) { " · " a href=(file.page("/text")) { (say!(w, "Edit its text")) } } }
            }
        }
    };
    Ok(page::plain(app, ask, say!(w, "Protocols"), main))
}

/// A protocol as a sheet to read.
pub(super) fn sheet(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (read, file) = (ask.clinic(app, app.today()?)?, File::of(app, ask)?);
    if file.is_dictionary() && file.can_be_edited() {
        return Ok(Answer::see(file.page("/text")));
    }
    let (protocol, w) = (file.protocol(&read.clinic), ask.words);
    let mistakes = file.mistakes(&read);
    let main = html! {
        (file.heading(w, &read, ""))
        @if ask.query("saved").is_some() { p.saved role="status" { (say!(w, "Saved.")) } }
        @if !mistakes.is_empty() {
            section {
                h2 { @if protocol.is_some() { (say!(w, "Its file has mistakes now")) } @else { (say!(w, "This protocol is broken and gives no answer")) } }
                (editor::listed(w, &mistakes, Place::Line))
                @if file.can_be_edited() { p { a href=(file.page("/text")) { (say!(w, "Mend its text")) } } }
            }
        }
        @if file.is_published() { p.help { (say!(w, "This is the published version that answers today. The text may be further.")) } }
        @if let Some(protocol) = protocol {
            @let sheet = sheet::sheet(protocol);
            @if !mistakes.is_empty() { p.help { (say!(w, "Below is the last good version, which is in use.")) } }
            div.sheet lang=[w.unlike(protocol.speech().code)] {
                @if let Some(warning) = &sheet.warning { p.wrong { (shown(warning)) } }
                dl.facts { @for (name, value) in &sheet.about { div { dt { (name) } dd { (shown(value)) } } } }
                // It is escaped where it is made.
                (PreEscaped(sheet::html_sections(&sheet)))
            }
        } @else if mistakes.is_empty() {
            p.empty { (say!(w, "The clinic does not use this file.")) }
        }
    };
    Ok(page::plain(app, ask, &file.title(w, &read), main))
}
