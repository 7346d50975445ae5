//! The sessions that were given, and the appointments.

use maud::{Markup, html};

use super::answers::{check, keep};
use super::app::{App, Read};
use super::form::{Sent, offered, sent};
use super::http::{Answer, Ask, Route, Trouble, get, post};
use super::page::{self, shown};
use super::patients::Patient;
use super::words::{Words, say};
use crate::archive::Role;
use crate::document::Notation;
use crate::english::plain_name;
use crate::interview::sessions::{List, Visit, add, remove};
use crate::interview::{Reply, Subject, products};
use crate::patient::{Record, Session};
use crate::protocol::Dictionary;
use crate::protocol::dictionary::Note;
use crate::protocol::file::FactType;

pub(super) const ROUTES: &[Route] = &[
    get(&[Role::Practitioner], "/patients/{patient}/sessions", show),
    post(&[Role::Practitioner], "/patients/{patient}/sessions", save),
    post(&[Role::Practitioner], "/patients/{patient}/sessions/remove", take_out),
];

/// The notes that are asked for with a session: those of the treatment's own protocols, where any is read.
fn notes(dictionary: &Dictionary) -> impl Iterator<Item = &Note> {
    dictionary.notes.iter().filter(|note| !["date", "noted_twice"].contains(&note.name.as_str()))
}

/// Every treatment that can be named, with its label.
fn treatments(clinic: &Read) -> Vec<(String, String)> {
    let own = clinic.clinic.protocols.iter().map(|protocol| (protocol.treatment.clone(), protocol.title.clone()));
    let known = clinic.clinic.dictionary.treatments.iter().cloned();
    let mut all: Vec<(String, String)> = known.collect();
    for (name, _) in own {
        if !all.iter().any(|(other, _)| *other == name) {
            all.push((name.clone(), plain_name(&name)));
        }
    }
    all.sort_by_key(|(_, label)| label.to_lowercase());
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

/// What people call a treatment.
fn label(treatments: &[(String, String)], name: &str) -> String {
    treatments.iter().find(|(other, _)| other == name).map_or_else(|| plain_name(name), |(_, label)| label.clone())
}

fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    sheet(app, ask, None)
}

/// The lists, and the form with what was sent and could not be added.
fn sheet(app: &App, ask: &Ask, wrong: Option<&Trouble>) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let clinic = ask.clinic(app, patient.day)?;
    let (dictionary, w) = (&clinic.clinic.dictionary, ask.words);
    let (record, _doubts) = Record::from_text("record.toml", &patient.row.text, Notation::Toml, dictionary)?;
    let treatments = treatments(&clinic);
    let list = |sessions: &[Session], list: &'static str, name: &str| {
        html! {
            @if sessions.is_empty() { p.empty { (say!(w, "None are noted.")) } }
            ol.visits {
                @for session in sessions {
                    @let is_kept = list == "planned" && record.still_planned().all(|one| one.order != session.order);
                    li {
                        span.dot aria-hidden="true" { (if list == "given" || is_kept { "●" } else { "○" }) }
                        div {
                            strong { (w.speech().range(session.date)) } " " (shown(&label(&treatments, &session.treatment)))
                            @let told = told(w, session, dictionary, &record);
                            @if is_kept { span.help { (say!(w, "kept: the session of that day is noted")) } }
                            @if !told.is_empty() { span.help { (shown(&told.join(" · "))) } }
                        }
                        @if patient.can_answer() {
                            form method="post" action=(format!("{}/sessions/remove", patient.address())) {
                                (hidden(ask, &patient))
                                input type="hidden" name="list" value=(list);
                                input type="hidden" name="at" value=(session.order);
                                button.quiet aria-label=(say!(w, "Take out: {} of {}", name, w.speech().range(session.date))) { (say!(w, "Take out")) }
                            }
                        }
                    }
                }
            }
        }
    };
    let today = patient.day.to_string();
    let date = Some(ask.field("date")).filter(|day| !day.is_empty()).unwrap_or(&today);
    let was_sent = sent(ask.fields());
    let main = html! {
        div.heading { h1 { (say!(w, "Sessions")) } (page::as_of(w, ask.path(), patient.day, patient.today)) }
        @if ask.query("saved").is_some() { p.saved role="status" { (say!(w, "Saved.")) } }
        @if let Some(wrong) = wrong {
            div.wrong role="alert" {
                p { (say!(w, "Nothing was saved yet: mend it below.")) }
                (page::mistakes(w, &wrong.found, 20))
            }
        }
        div.two {
            section.card { h2 { (say!(w, "Given")) } (list(&record.sessions, "given", say!(w, "session"))) }
            section.card { h2 { (say!(w, "Appointments")) } (list(&record.planned, "planned", say!(w, "appointment"))) }
        }
        @if patient.can_answer() {
            form.card.visit method="post" action=(format!("{}/sessions", patient.address())) {
                (hidden(ask, &patient))
                h2 { (say!(w, "Add")) }
                div.row {
                    label { (say!(w, "What")) select name="list" { option value="given" { (say!(w, "a session that was given")) } option value="planned" selected[ask.field("list") == "planned"] { (say!(w, "an appointment")) } } }
                    label { (say!(w, "Treatment"))
                        select name="treatment" required {
                            option value="" { (say!(w, "choose")) }
                            @for (name, label) in &treatments { option value=(name) selected[ask.field("treatment") == name] { (shown(label)) } }
                        }
                    }
                    label { (say!(w, "Day")) input type="text" name="date" required placeholder="2026-03-02" value=(date) autocomplete="off"; }
                }
                details open[!was_sent.is_empty()] {
                    summary { (say!(w, "Notes")) }
                    p.help { (say!(w, "What is left empty is not known.")) }
                    (offered("products", &products::choices(clinic.clinic.protocols.iter())))
                    div.notes { @for note in notes(dictionary) { (field(w, note, &was_sent)) } }
                }
                p { button.primary { (say!(w, "Save")) } }
            }
        }
    };
    Ok(page::about(app, ask, say!(w, "Sessions"), &patient, main))
}

fn hidden(ask: &Ask, patient: &Patient) -> Markup {
    html! {
        (page::token(ask))
        input type="hidden" name="as_of" value=(patient.day);
        input type="hidden" name="row" value=(patient.row.number);
    }
}

/// The notes of a session in words.
fn told(w: Words, session: &Session, dictionary: &Dictionary, record: &Record) -> Vec<String> {
    let known = dictionary.notes.iter().zip(&session.notes).filter(|(note, _)| note.name != "date");
    let known = known.filter(|(note, value)| {
        use crate::logic::value::Value;
        **value != Value::Unknown && !(note.name == "faulty" && **value == Value::Bool(false))
    });
    let in_words = |(note, value): (&Note, &crate::logic::value::Value)| {
        let text = w.speech().value(&crate::lang::program::show(*value, &note.answer.ty, &record.texts));
        let label = note.label.clone().unwrap_or_else(|| plain_name(&note.name));
        let choice = |id: &str| {
            let at = note.answer.choices().iter().position(|one| one == id);
            at.and_then(|at| note.answer.labels.get(at)).cloned().unwrap_or_else(|| id.to_owned())
        };
        format!("{label}: {}", text.split(", ").map(choice).collect::<Vec<_>>().join(", "))
    };
    known.map(in_words).collect()
}

/// A note to fill in.
fn field(w: Words, note: &Note, was_sent: &[Sent]) -> Markup {
    let subject = Subject::Note { session: 0, note: note.name.clone() };
    let before = was_sent.iter().find(|one| one.subject == subject);
    let ticked = |value: &str| before.is_some_and(|one| one.ticked.iter().any(|ticked| ticked == value));
    let key = subject.key();
    let label = note.label.clone().unwrap_or_else(|| plain_name(&note.name));
    let answer = &note.answer;
    let choice = |at: usize, id: &str| answer.labels.get(at).cloned().unwrap_or_else(|| id.to_owned());
    html! {
        @match answer.declared {
            FactType::Bool => {
                label { (shown(&label)) select name=(key) { option value="" { "" } option value="=yes" selected[ticked("=yes")] { (say!(w, "yes")) } option value="=no" selected[ticked("=no")] { (say!(w, "no")) } option value="?" selected[ticked("?")] { (say!(w, "don’t know")) } } }
            }
            FactType::Choice => {
                label { (shown(&label))
                    select name=(key) {
                        option value="" { "" }
                        @for (at, id) in answer.choices().iter().enumerate() { option value=(format!("={id}")) selected[ticked(&format!("={id}"))] { (shown(&choice(at, id))) } }
                        option value="?" selected[ticked("?")] { (say!(w, "don’t know")) }
                    }
                }
            }
            FactType::Set => {
                fieldset { legend { (shown(&label)) }
                    @for (at, id) in answer.choices().iter().enumerate() {
                        label.check { input type="checkbox" name=(key) value=(format!("={id}")) checked[ticked(&format!("={id}"))]; " " (shown(&choice(at, id))) }
                    }
                }
            }
            _ => {
                @let list = (note.name == "product").then_some("products");
                label { (shown(&label)) input type="text" name={ (key) "~" } value=[before.map(|one| &one.typed)] list=[list] autocomplete="off"; }
            }
        }
    }
}

fn list_of(ask: &Ask) -> Result<List, Trouble> {
    match ask.field("list") {
        "given" => Ok(List::Given),
        "planned" => Ok(List::Planned),
        other => Err(Trouble::nothing("list", other)),
    }
}

fn save(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    mended(app, ask, added(app, ask))
}

/// What a person mistyped is mended where it was typed, and so is what somebody else has changed meanwhile.
fn mended(app: &App, ask: &Ask, done: Result<Answer, Trouble>) -> Result<Answer, Trouble> {
    match done {
        Err(wrong) if matches!(wrong.code, 409 | 422) => {
            Ok(Answer { code: wrong.code, ..sheet(app, ask, Some(&wrong))? })
        }
        done => done,
    }
}

fn added(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let list = list_of(ask)?;
    let (treatment, date) = (ask.field("treatment"), ask.field("date"));
    let clinic = ask.clinic(app, patient.day)?;
    let Some((_, label)) = treatments(&clinic).into_iter().find(|(name, _)| name == treatment) else {
        return Err(Trouble::nothing("treatment", treatment));
    };
    let mut notes: Vec<(String, Reply)> = Vec::new();
    for sent in sent(ask.fields()) {
        if let Subject::Note { note, .. } = &sent.subject {
            notes.push((note.clone(), sent.offered_reply(&clinic.clinic.dictionary)?));
        }
    }
    products::by_name(&mut notes, treatment, clinic.clinic.protocols.iter())?;
    let visit = Visit { treatment, date, notes: &notes };
    let text = add(&patient.row.text, list, &visit, &clinic.clinic.dictionary, patient.day)?;
    check(app, &patient, &text)?;
    let w = ask.words;
    let added = match list {
        List::Given => say!(w, "session of {}: {}, added", w.speech().date_text(date), label),
        List::Planned => say!(w, "appointment of {}: {}, added", w.speech().date_text(date), label),
    };
    keep(app, ask, &patient, &[added], &text)?;
    Ok(saved(&patient))
}

fn saved(patient: &Patient) -> Answer {
    Answer::see(format!("{}/sessions?as_of={}&saved=yes", patient.address(), patient.day))
}

fn take_out(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    mended(app, ask, taken_out(app, ask))
}

fn taken_out(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let list = list_of(ask)?;
    let at = ask.field("at").parse().map_err(|_| Trouble::nothing("session", ask.field("at")))?;
    let text = remove(&patient.row.text, list, at, patient.day)?;
    let clinic = ask.clinic(app, patient.day)?;
    let dictionary = &clinic.clinic.dictionary;
    let (record, _doubts) = Record::from_text("record.toml", &patient.row.text, Notation::Toml, dictionary)?;
    let all = if list == List::Given { &record.sessions } else { &record.planned };
    let gone = all.iter().find(|one| one.order == at).ok_or_else(|| Trouble::nothing("session", ask.field("at")))?;
    check(app, &patient, &text)?;
    let w = ask.words;
    let (day, treatment) = (w.speech().range(gone.date), label(&treatments(&clinic), &gone.treatment));
    let taken_out = match list {
        List::Given => say!(w, "session of {}: {}, taken out", day, treatment),
        List::Planned => say!(w, "appointment of {}: {}, taken out", day, treatment),
    };
    keep(app, ask, &patient, &[taken_out], &text)?;
    Ok(saved(&patient))
}
