//! Who saved which text when, with what was different.

use maud::{Markup, html};

use super::file::File;
use super::trial;
use crate::archive::{Saved, to_hex};
use crate::protocol::sha256;
use crate::serve::app::App;
use crate::serve::http::{Answer, Ask, Trouble};
use crate::serve::page::{self, encoded, shown, within_clinic};
use crate::serve::words::{Words, say};

/// So many are listed at once.
const LISTED: usize = 100;

/// All that was saved, or what was saved of a file.
pub(super) fn list(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let before = ask.query("before").and_then(|before| before.parse().ok());
    let (file, w) = (ask.query("file"), ask.words);
    let mut found = app.archive().saved(file, before, LISTED + 1)?;
    let has_more = found.len() > LISTED;
    found.truncate(LISTED);
    let elsewhere = match file {
        Some(name) if before.is_none() => changed_elsewhere(app, w, name, found.first())?,
        _ => None,
    };
    let main = html! {
        div.heading { h1 { (say!(w, "Saved texts")) } @if let Some(file) = file { p.links { (shown(file)) " · " a href="/saved" { (say!(w, "of all files")) } } } }
        @if let Some(elsewhere) = &elsewhere { (elsewhere) }
        @if found.is_empty() { p.empty { (say!(w, "Nothing was saved from these pages.")) } } @else { (table(w, &found)) }
        @if let (true, Some(last)) = (has_more, found.last()) {
            @let of = file.map(|file| format!("&file={}", encoded(file))).unwrap_or_default();
            p { a href=(format!("/saved?before={}{of}", last.number)) { (say!(w, "Older ones")) } }
        }
    };
    Ok(page::plain(app, ask, say!(w, "Saved texts"), main))
}

/// That a file is not what was last saved here, where that is so.
fn changed_elsewhere(app: &App, w: Words, name: &str, last: Option<&Saved>) -> Result<Option<Markup>, Trouble> {
    let file = File::all(app)?.into_iter().find(|file| within_clinic(&file.name()) == name);
    let (Some(file), Some(last)) = (file, last) else { return Ok(None) };
    let is_other = sha256(&file.read()?.text) != to_hex(&last.after);
    Ok(is_other.then(|| html! {
        div.notice role="note" { p { (say!(w, "The file was changed elsewhere after it was last saved here: by another program, which these rows do not know.")) } }
    }))
}

fn table(w: Words, found: &[Saved]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(say!(w, "Saved texts")) {
            table.stack {
                thead { tr { th scope="col" { (say!(w, "When")) } th scope="col" { (say!(w, "File")) } th scope="col" { (say!(w, "By")) } th scope="col" { (say!(w, "What")) } } }
                tbody {
                    @for one in found {
                        tr {
                            td { (shown(&w.moment(&one.stamp.at))) }
                            td data-title=(say!(w, "File")) { (shown(&one.file)) }
                            td data-title=(say!(w, "By")) { (shown(one.stamp.by.as_deref().unwrap_or("–"))) }
                            td data-title=(say!(w, "What")) { a href=(format!("/saved/{}", one.number)) aria-label=(say!(w, "What is different in {} of {}", one.file, one.stamp.at)) { (say!(w, "What is different")) } }
                        }
                    }
                }
            }
        }
    }
}

/// What one of them changed.
pub(super) fn one(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (number, w) = (ask.part("number"), ask.words);
    let at = number.parse().map_err(|_| Trouble::nothing("saved text", number))?;
    let (saved, before, after) = app.archive().saved_texts(at)?;
    let main = html! {
        div.heading { h1 { (shown(&saved.file)) } p.links { a href=(format!("/saved?file={}", encoded(&saved.file))) { (say!(w, "All that was saved of it")) } } }
        dl.facts {
            div { dt { (say!(w, "saved")) } dd { (shown(&w.moment(&saved.stamp.at))) } }
            @if let Some(by) = &saved.stamp.by { div { dt { (say!(w, "by")) } dd { (shown(by)) } } }
            div { dt { (say!(w, "text")) } dd { code.hash { (to_hex(&saved.after)) } } }
        }
        section.card {
            h2 { (say!(w, "The lines that differ")) }
            @match trial::lines(w, &before, &after) {
                Some(lines) => { (lines) }
                None => { p.empty { (say!(w, "Only the ends of lines.")) } }
            }
        }
        details { summary { (say!(w, "The whole text, as it was saved")) } pre tabindex="0" { code { (shown(&after)) } } }
    };
    Ok(page::plain(app, ask, &say!(w, "Saved: {}", saved.file), main))
}
