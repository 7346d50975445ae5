//! The record itself, as it stood on a day, and how it came about.

use maud::html;

use super::app::App;
use super::http::{Answer, Ask, Route, Trouble, get};
use super::page::{self, shown};
use super::patients::Patient;
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
    let main = html! {
        div.heading { h1 { "Record" } (page::as_of(ask.path(), patient.day, patient.today)) }
        section.card {
            h2 { "As it stood on " (patient.day) }
            pre tabindex="0" { code { (shown(&patient.row.text)) } }
            p { a href=(patient.page("/record.toml")) download { "Save as a file" } }
        }
        section {
            h2 { "How it came about" }
            ol.history {
                @for row in &rows {
                    li {
                        p { strong { (row.day) } " " span.help { "saved " (shown(&row.stamp.at)) @if let Some(by) = &row.stamp.by { " by " (shown(by)) } } }
                        ul { @for one in &row.changed { li { (shown(one)) } } }
                    }
                }
            }
        }
        @if ask.has(Role::Auditor) { section.card.danger {
            h2 { "Erase" }
            p { "If the patient asks for it, all that is kept about them can be destroyed: the record, and what is personal in every decision." }
            p { a href=(format!("{}/erase", patient.address())) { "See what would be erased" } }
        } }
    };
    Ok(page::about(app, ask, "Record", &patient, main))
}

fn export(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let name = format!("{}-{}.toml", patient.id, patient.day);
    Ok(Answer::file("application/toml", &name, patient.row.text.into_bytes()))
}
