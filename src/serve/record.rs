//! The record itself, as it stood on a day, and how it came about.

use maud::html;

use super::app::App;
use super::http::{Answer, Ask, Route, Trouble, get};
use super::page::{self, shown};
use super::patients::Patient;
use super::words::say;
use crate::archive::Role;

pub(super) const ROUTES: &[Route] =
    &[get(READERS, "/patients/{patient}/record", show), get(READERS, "/patients/{patient}/record.toml", export)];

/// An auditor sees the record that decisions were made on.
const READERS: &[Role] = &[Role::Practitioner, Role::Auditor];

fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let mut rows = app.archive().records(&patient.id)?;
    rows.retain(|row| row.number <= patient.row.number);
    rows.reverse();
    let w = ask.words;
    let main = html! {
        div.heading { h1 { (say!(w, "Record")) } (page::as_of(w, ask.path(), patient.day, patient.today)) }
        section.card {
            h2 { (say!(w, "As it stood on {}", w.date(patient.day))) }
            pre tabindex="0" { code { (shown(&patient.row.text)) } }
            p { a href=(patient.page("/record.toml")) download { (say!(w, "Save as a file")) } }
        }
        section {
            h2 { (say!(w, "How it came about")) }
            ol.history {
                @for row in &rows {
                    li {
                        p { strong { (w.date(row.day)) } " " span.help { @match &row.stamp.by { Some(by) => (say!(w, "saved {} by {}", shown(&w.moment(&row.stamp.at)), shown(by))), None => (say!(w, "saved {}", shown(&w.moment(&row.stamp.at)))) } } }
                        ul { @for one in &row.changed { li { (shown(one)) } } }
                    }
                }
            }
        }
        @if ask.has(Role::Auditor) { section.card.danger {
            h2 { (say!(w, "Erase")) }
            p { (say!(w, "If the patient asks for it, all that is kept about them can be destroyed: the record, and what is personal in every decision.")) }
            p { a href=(format!("{}/erase", patient.address())) { (say!(w, "See what would be erased")) } }
        } }
    };
    Ok(page::about(app, ask, say!(w, "Record"), &patient, main))
}

fn export(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let name = format!("{}-{}.toml", patient.id, patient.day);
    Ok(Answer::file("application/toml", &name, patient.row.text.into_bytes()))
}
