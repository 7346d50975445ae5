//! How an answer came about, step by step; and what holds until when.

use maud::html;

use super::app::App;
use super::http::{Answer, Ask, Route, Trouble, get};
use super::page::{self, encoded, shown};
use super::patients::Patient;
use super::steps;
use super::words::say;
use crate::archive::Role;
use crate::date::Duration;
use crate::decide::Request;
use crate::document::Notation;
use crate::explain::outlook::Outlook;
use crate::patient::Record;
use crate::recommendation::Status;
use crate::render::{self, outline};
use crate::trace::Depth;

pub(super) const ROUTES: &[Route] = &[
    get(&[Role::Practitioner], "/patients/{patient}/why/{protocol}", why),
    get(&[Role::Practitioner], "/patients/{patient}/when/{protocol}", when),
];

/// How far ahead it is looked.
const AHEAD: Duration = Duration::new(24, 0);

/// How many sets of answers are shown that would do.
const MOST_SETS: usize = 12;

fn why(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let prepared = ask.clinic(app, patient.day)?.ready_one(ask.part("protocol"), patient.day)?;
    let protocol = prepared.protocol();
    let (record, _) = Record::from_text("record.toml", &patient.row.text, Notation::Toml, &protocol.dictionary)?;
    let answer = protocol.recommend(&record, &Request::new(patient.day).explain(Depth::Full))?;
    let w = ask.words;
    let main = html! {
        div.heading { h1 { (say!(w, "Every step")) } (page::as_of(w, ask.path(), patient.day, patient.today)) }
        p.preview { (say!(w, "Preview – not recorded")) }
        p { a href=(patient.page(&format!("/treat/{}", encoded(&protocol.id)))) lang=[w.unlike(&protocol.language)] { (shown(&protocol.title)) } ": " (shown(&outline::answer(&answer).1)) }
        (steps::tree(w, &answer, Some(protocol)))
    };
    Ok(page::about(app, ask, say!(w, "Every step"), &patient, main))
}

/// Goes on with the published versions that are in force afterwards.
pub(super) fn go_on(app: &App, language: Option<&str>, outlook: &mut Outlook, (record, notation): (&str, Notation)) {
    while outlook.asked_until.is_some() {
        let (until, next) = (outlook.until, outlook.until.plus_days(1));
        let Ok(clinic) = app.clinic_in(language, next) else { break };
        let Some(protocol) = clinic.clinic.protocol(&outlook.protocol) else { break };
        // What is wrong with the record in the eyes of a later version is told when that is asked.
        let Ok((record, _)) = Record::from_text("record", record, notation, &protocol.dictionary) else { break };
        protocol.go_on(outlook, &record);
        if outlook.until == until {
            break;
        }
    }
}

fn when(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let prepared = ask.clinic(app, patient.day)?.ready_one(ask.part("protocol"), patient.day)?;
    let protocol = prepared.protocol();
    let (record, _) = Record::from_text("record.toml", &patient.row.text, Notation::Toml, &protocol.dictionary)?;
    let mut outlook = protocol.outlook(&record, &Request::new(patient.day), patient.day + AHEAD)?;
    go_on(app, ask.language.as_deref(), &mut outlook, (&patient.row.text, Notation::Toml));
    let w = ask.words;
    let first = match outlook.first_day {
        Some(day) if day == outlook.as_of => say!(w, "Today, {}", w.date(day)),
        Some(day) => say!(w, "From {}, if nothing else changes", w.date(day)),
        None if outlook.stretches.first().is_some_and(|now| now.status == Status::Undetermined) => {
            say!(w, "Ask first: no day up to {} is certain", w.date(outlook.until))
        }
        None => say!(w, "No day up to {}, if nothing else changes", w.date(outlook.until)),
    };
    let main = html! {
        div.heading { h1 { (say!(w, "From when")) } (page::as_of(w, ask.path(), patient.day, patient.today)) }
        p.preview { (say!(w, "Preview – not recorded")) }
        p { a href=(patient.page(&format!("/treat/{}", encoded(&protocol.id)))) lang=[w.unlike(&protocol.language)] { (shown(&protocol.title)) } }
        h2 { (first) }
        @if outlook.asked_until.is_some() { p { (say!(w, "Not looked at after {}, because the version ends then.", w.date(outlook.until))) } }
        @if !outlook.to_be_confirmed.is_empty() {
            p { (say!(w, "To be asked again then: {}", shown(&outlook.to_be_confirmed.iter().map(|one| render::fact_name(&one.fact, &outlook.labels)).collect::<Vec<_>>().join(", ")))) }
        }
        ol.stretches {
            @for stretch in &outlook.stretches {
                li class=(match stretch.status { status if status.is_treat() => "go", crate::Status::Deferred | crate::Status::Undetermined | crate::Status::Refer => "wait", _ => "stop" }) {
                    @let until = if stretch.until == outlook.until && outlook.asked_until.is_none() { "…".to_owned() } else { w.date(stretch.until) };
                    span.days { (say!(w, "{} to {}", w.date(stretch.from), until)) }
                    strong { (w.word(stretch.status.word())) }
                    @if !stretch.because.is_empty() { span.help { (shown(&outlook.labels.rules(&stretch.because))) } }
                    @if let Some(version) = &stretch.version { span.help { (shown(version)) } }
                }
            }
        }
        @if let Some(changes) = &outlook.changes {
            h2 { (say!(w, "What would have to be different today")) }
            @if changes.sets.is_empty() { p { (say!(w, "More than two answers, or the sessions and the day themselves.")) } }
            ul {
                @for set in changes.sets.iter().take(MOST_SETS) {
                    li { (shown(&set.changes.iter().map(|one| render::change(one, &outlook.labels, w.speech())).collect::<Vec<_>>().join(say!(w, ", and ")))) @if set.is_open() { span.help { (say!(w, "to be asked")) } } @else if !set.modifiable { span.help { (say!(w, "nobody can change that")) } } }
                }
                @if changes.sets.len() > MOST_SETS { li { (say!(w, "and {} more", changes.sets.len() - MOST_SETS)) } }
            }
            @if !changes.complete && changes.not_all_values.is_empty() { p.help { (say!(w, "Not everything was tried: there are too many answers.")) } }
        }
    };
    Ok(page::about(app, ask, say!(w, "From when"), &patient, main))
}
