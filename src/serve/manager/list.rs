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

fn word(status: ProtocolStatus) -> &'static str {
    match status {
        ProtocolStatus::Draft => "draft",
        ProtocolStatus::Active => "active",
        ProtocolStatus::Retired => "retired",
    }
}

/// Whether a file can be used, in a few words.
fn state(file: &File, read: &Read, protocol: Option<&Protocol>) -> Markup {
    let mistakes = file.mistakes(read).iter().count();
    let counted = if mistakes == 1 { "1 mistake".to_owned() } else { format!("{mistakes} mistakes") };
    html! {
        @match (mistakes, protocol.is_some() || file.is_dictionary()) {
            (0, true) => { span.tag.yes { "in use" } }
            (0, false) => { span.tag.no { "not in use" } }
            (_, true) => { span.tag.unknown { "last good version in use" } " " (counted) " in its file" }
            (_, false) => { span.tag.bad { "broken: gives no answer" } " " (counted) }
        }
    }
}

pub(super) fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let today = app.today()?;
    let read = app.clinic(today)?;
    let files = File::all(app)?;
    let figures = figures::of(app, &files.iter().filter(|file| !file.is_dictionary()).cloned().collect::<Vec<_>>());
    let main = html! {
        div.heading { h1 { "Protocols" } @if ask.may("/saved") { p.links { a href="/saved" { "Who saved which text when" } } } }
        div.scroll tabindex="0" role="region" aria-label="Protocols" {
            table.stack {
                thead { tr { th scope="col" { "Protocol" } th scope="col" { "Version" } th scope="col" { "Status" } th scope="col" { "Review by" } th scope="col" { "Cases" } th scope="col" { "State" } } }
                tbody {
                    @for file in files.iter().filter(|file| !file.is_dictionary()) {
                        @let protocol = file.protocol(&read.clinic);
                        tr {
                            td { a href=(file.page("")) { (shown(&file.title(&read))) } span.help { (shown(&file.key)) } }
                            @if let Some(protocol) = protocol {
                                td data-title="Version" { (shown(&protocol.version)) }
                                td data-title="Status" { (word(protocol.status)) @if protocol.in_force_from > today { span.help { "from " (protocol.in_force_from) } } @if let Some(until) = protocol.in_force_until { span.help { "until " (until) } } }
                                td data-title="Review by" { (protocol.review_by) @if protocol.review_by < today { " " span.tag.bad { "past" } } }
                            } @else { td data-title="Version" { "–" } td data-title="Status" { "–" } td data-title="Review by" { "–" } }
                            td data-title="Cases" { (figures::shown(figures.get(&file.key))) }
                            td data-title="State" { (state(file, &read, protocol)) }
                        }
                    }
                }
            }
        }
        @for file in files.iter().filter(|file| file.is_dictionary()) {
            section.card {
                h2 { "Dictionary" }
                p { "What can be known of a patient, for all protocols: the questions, their answers, how long they hold." }
                p { (state(file, &read, None)) @if file.can_be_edited() && ask.may(&file.page("/text")) { " · " a href=(file.page("/text")) { "Edit its text" } } }
            }
        }
    };
    Ok(page::in_english(app, ask, "Protocols", main))
}

/// A protocol as a sheet to read.
pub(super) fn sheet(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (read, file) = (app.clinic(app.today()?)?, File::of(app, ask)?);
    if file.is_dictionary() && file.can_be_edited() {
        return Ok(Answer::see(file.page("/text")));
    }
    let protocol = file.protocol(&read.clinic);
    let mistakes = file.mistakes(&read);
    let main = html! {
        (file.heading(&read, ""))
        @if ask.query("saved").is_some() { p.saved role="status" { "Saved." } }
        @if !mistakes.is_empty() {
            section {
                h2 { @if protocol.is_some() { "Its file has mistakes now" } @else { "This protocol is broken and gives no answer" } }
                (editor::listed(&mistakes, Place::Line))
                @if file.can_be_edited() { p { a href=(file.page("/text")) { "Mend its text" } } }
            }
        }
        @if file.is_published() { p.help { "This is the published version that answers today. The text may be further." } }
        @if let Some(protocol) = protocol {
            @let sheet = sheet::sheet(protocol);
            @if !mistakes.is_empty() { p.help { "Below is the last good version, which is in use." } }
            div.sheet {
                @if let Some(warning) = &sheet.warning { p.wrong { (shown(warning)) } }
                dl.facts { @for (name, value) in &sheet.about { div { dt { (name) } dd { (shown(value)) } } } }
                // It is escaped where it is made.
                (PreEscaped(sheet::html_sections(&sheet)))
            }
        } @else if mistakes.is_empty() {
            p.empty { "The clinic does not use this file." }
        }
    };
    Ok(page::in_english(app, ask, &file.title(&read), main))
}
