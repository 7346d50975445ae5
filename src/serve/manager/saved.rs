//! Who saved which text when, with what was different.

use maud::{Markup, html};

use super::file::File;
use super::trial;
use crate::archive::{Saved, to_hex};
use crate::protocol::sha256;
use crate::serve::app::App;
use crate::serve::http::{Answer, Ask, Trouble};
use crate::serve::page::{self, encoded, shown, within_clinic};

/// So many are listed at once.
const LISTED: usize = 100;

/// All that was saved, or what was saved of a file.
pub(super) fn list(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let before = ask.query("before").and_then(|before| before.parse().ok());
    let file = ask.query("file");
    let mut found = app.archive().saved(file, before, LISTED + 1)?;
    let has_more = found.len() > LISTED;
    found.truncate(LISTED);
    let elsewhere = match file {
        Some(name) if before.is_none() => changed_elsewhere(app, name, found.first())?,
        _ => None,
    };
    let main = html! {
        div.heading { h1 { "Saved texts" } @if let Some(file) = file { p.links { (shown(file)) " · " a href="/saved" { "of all files" } } } }
        @if let Some(elsewhere) = &elsewhere { (elsewhere) }
        @if found.is_empty() { p.empty { "Nothing was saved from these pages." } } @else { (table(&found)) }
        @if let (true, Some(last)) = (has_more, found.last()) {
            @let of = file.map(|file| format!("&file={}", encoded(file))).unwrap_or_default();
            p { a href=(format!("/saved?before={}{of}", last.number)) { "Older ones" } }
        }
    };
    Ok(page::in_english(app, ask, "Saved texts", main))
}

/// That a file is not what was last saved here, where that is so.
fn changed_elsewhere(app: &App, name: &str, last: Option<&Saved>) -> Result<Option<Markup>, Trouble> {
    let file = File::all(app)?.into_iter().find(|file| within_clinic(&file.name()) == name);
    let (Some(file), Some(last)) = (file, last) else { return Ok(None) };
    let is_other = sha256(&file.read()?.text) != to_hex(&last.after);
    Ok(is_other.then(|| html! {
        div.notice role="note" { p { "The file was changed elsewhere after it was last saved here: by another program, which these rows do not know." } }
    }))
}

fn table(found: &[Saved]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Saved texts" {
            table.stack {
                thead { tr { th scope="col" { "When" } th scope="col" { "File" } th scope="col" { "By" } th scope="col" { "What" } } }
                tbody {
                    @for one in found {
                        tr {
                            td { (shown(&one.stamp.at)) }
                            td data-title="File" { (shown(&one.file)) }
                            td data-title="By" { (shown(one.stamp.by.as_deref().unwrap_or("–"))) }
                            td data-title="What" { a href=(format!("/saved/{}", one.number)) aria-label=(format!("What is different in {} of {}", one.file, one.stamp.at)) { "What is different" } }
                        }
                    }
                }
            }
        }
    }
}

/// What one of them changed.
pub(super) fn one(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let number = ask.part("number");
    let at = number.parse().map_err(|_| Trouble::nothing("saved text", number))?;
    let (saved, before, after) = app.archive().saved_texts(at)?;
    let main = html! {
        div.heading { h1 { (shown(&saved.file)) } p.links { a href=(format!("/saved?file={}", encoded(&saved.file))) { "All that was saved of it" } } }
        dl.facts {
            div { dt { "saved" } dd { (shown(&saved.stamp.at)) } }
            @if let Some(by) = &saved.stamp.by { div { dt { "by" } dd { (shown(by)) } } }
            div { dt { "text" } dd { code.hash { (to_hex(&saved.after)) } } }
        }
        section.card {
            h2 { "The lines that differ" }
            @match trial::lines(&before, &after) {
                Some(lines) => { (lines) }
                None => { p.empty { "Only the ends of lines." } }
            }
        }
        details { summary { "The whole text, as it was saved" } pre tabindex="0" { code { (shown(&after)) } } }
    };
    Ok(page::in_english(app, ask, &format!("Saved: {}", saved.file), main))
}
