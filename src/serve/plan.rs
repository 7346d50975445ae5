//! The whole clinic on a day: what can be done, what excludes what, and in which order what is wanted can be done.

use maud::html;

use super::app::App;
use super::http::{Answer, Ask, Route, Trouble, get};
use super::page::{self, shown};
use super::patients::Patient;
use super::words::say;
use crate::archive::Role;
use crate::decide::Request;
use crate::document::Notation;
use crate::patient::Record;
use crate::plan::{Asked, BrokenEntry, Plan, plan};
use crate::render;

pub(super) const ROUTES: &[Route] = &[get(&[Role::Practitioner], "/patients/{patient}/plan", show)];

fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let clinic = ask.clinic(app, patient.day)?;
    let ready = clinic.ready(patient.day);
    let wanted: Vec<String> = ask.queries("want").map(str::to_owned).collect();
    let mut records = Vec::new();
    for prepared in ready.iter() {
        let dictionary = &prepared.protocol().dictionary;
        records.push(Record::from_text("record.toml", &patient.row.text, Notation::Toml, dictionary)?.0);
    }
    let asked: Vec<Asked<'_>> = ready
        .iter()
        .zip(&records)
        .map(|(prepared, record)| Asked { protocol: prepared.protocol(), record, request: Request::new(patient.day) })
        .collect();
    let mut plan: Plan = plan(&asked, &wanted)?;
    plan.broken = clinic.broken.iter().map(BrokenEntry::from).collect();
    let (mut sections, w) = (render::plan_sections(&plan), ask.words);
    // Here a protocol is chosen by its title: what the command line is asked by is of no use.
    for item in sections.iter_mut().flat_map(|section| &mut section.items) {
        for prepared in ready.iter() {
            item.text = item.text.replace(&format!(" ({})", prepared.protocol().id), "");
        }
    }
    let main = html! {
        div.heading { h1 { (say!(w, "Plan")) } (page::as_of(w, ask.path(), patient.day, patient.today)) }
        p.preview { (say!(w, "Preview – not recorded")) }
        form.card method="get" action=(format!("{}/plan", patient.address())) {
            input type="hidden" name="as_of" value=(patient.day);
            details open[!wanted.is_empty()] {
                summary { (say!(w, "What is wanted: find the earliest order")) }
                div.pills {
                    @for prepared in ready.iter() {
                        @let protocol = prepared.protocol();
                        label.pill {
                            input type="checkbox" name="want" value=(protocol.id) checked[wanted.contains(&protocol.id)];
                            span lang=[w.unlike(&protocol.language)] { (shown(&protocol.title)) }
                        }
                    }
                }
                p { button { (say!(w, "Find an order")) } " " span.help { (say!(w, "at most eight")) } }
            }
        }
        div.columns { @for section in &sections { (page::section(None, section, 2)) } }
    };
    Ok(page::about(app, ask, say!(w, "Plan"), &patient, main))
}
