//! Erasing what is kept about a patient, for ever.

use maud::html;

use super::app::App;
use super::http::{Answer, Ask, Route, Trouble, get, post};
use super::page::{self, shown};
use super::patients::Patient;
use super::words::{mark, say};
use crate::archive::Role;

pub(super) const ROUTES: &[Route] = &[
    get(&[Role::Auditor], "/patients/{patient}/erase", about),
    post(&[Role::Auditor], "/patients/{patient}/erase", erase),
];

fn about(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    page_of(app, ask, None)
}

/// What would be erased, and the form with what was sent and did not do.
fn page_of(app: &App, ask: &Ask, wrong: Option<&Trouble>) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let archive = app.archive();
    let (entries, rows) = (archive.numbers(Some(&patient.id))?.len(), archive.records(&patient.id)?.len());
    drop(archive);
    let w = ask.words;
    let main = html! {
        div.narrow {
            h1 { (say!(w, "Erase what is kept about {}", shown(&patient.id))) }
            p { (say!(w, "The record with its {} states and what is personal in {} entries of the archive are destroyed for ever. What stays is that there were entries, when, by whom, and the reason that you give.", rows, entries)) }
            p { (say!(w, "Backups, exported files and printed pages are not in this file.")) }
            form.card.danger method="post" action=(format!("{}/erase", patient.address())) {
                (page::token(ask))
                @if let Some(wrong) = wrong { div.wrong #wrong role="alert" { (page::mistakes(w, &wrong.found, 3)) } }
                label { (say!(w, "Why (it stays readable for ever: name nobody)")) input name="why" required maxlength="500" autocomplete="off" value=(shown(ask.field("why"))) aria-describedby=[wrong.map(|_| "wrong")]; }
                label { (say!(w, "The patient’s identifier, typed once more")) input name="id" required autocomplete="off" spellcheck="false" value=(shown(ask.field("id"))) aria-describedby=[wrong.map(|_| "wrong")]; }
                p { button.danger { (say!(w, "Erase for ever")) } }
            }
        }
    };
    Ok(page::about(app, ask, say!(w, "Erase"), &patient, main))
}

fn erase(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = ask.part("patient");
    if ask.field("id") != patient || !crate::visible::says_something(ask.field("why")) {
        let wrong = Trouble::refused(422, "type the identifier once more, and say why: nothing was erased");
        return Ok(Answer { code: 422, ..page_of(app, ask, Some(&wrong))? });
    }
    let erased = app.archive().erase(&app.stamp(ask.who()), patient, ask.field("why"))?;
    let w = ask.words;
    let entry = html! { a href=(format!("/decisions/{}", erased.entry)) { (say!(w, "Entry {}", erased.entry)) } };
    let main = html! {
        div.narrow {
            h1 { (say!(w, "Erased")) }
            p { (mark!(w, "What was personal in {} entries is gone, and the record. {} tells that it was done.", html! { (erased.numbers.len()) }, entry)) }
            @if !erased.is_scrubbed { p.notice { (say!(w, "The file could not be rewritten, and may hold remains until the next erasing: another program reads it, or the disk is full.")) } }
        }
    };
    Ok(page::plain(app, ask, say!(w, "Erased"), main))
}
