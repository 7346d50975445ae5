//! Recording a decision, and what comes of it: the handout and the calendar file. Each is made from what was recorded, and never before it.

use super::app::App;
use super::http::{Answer, Ask, Route, Trouble, get, post};
use super::page::encoded;
use super::patients::Patient;
use super::{answers, assets, decisions};
use crate::archive::{Entry, From, Given, Question, Role, Wanted};
use crate::decide::Request;
use crate::diagnostic::{Diagnostic, codes};
use crate::document::Notation;
use crate::handout::{Handout, Linked, calendar, html_linked};
use crate::patient::Record;
use crate::recommendation::Recommendation;
use crate::trace::Depth;

pub(super) const ROUTES: &[Route] = &[
    post(&[Role::Practitioner], "/patients/{patient}/decide", decide),
    get(&[Role::Practitioner, Role::Auditor], "/decisions/{entry}/handout", handout),
    get(&[Role::Practitioner, Role::Auditor], "/decisions/{entry}/checklist", checklist),
    get(&[Role::Practitioner, Role::Auditor], "/decisions/{entry}/calendar.ics", calendar_file),
];

/// Asks the protocol what the page has shown, keeps that, and then says so.
fn decide(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let at = match ask.field("form") {
        "" => decided(app, ask, &patient),
        form => app.decided_once(&format!("{form} {}", patient.id), || decided(app, ask, &patient)),
    };
    let at = match at {
        // The answer as it is now is what has to be looked at.
        Err(trouble) if trouble.code == 409 => return answers::refused(app, ask, ask.field("protocol"), trouble),
        at => at?,
    };
    let then = match ask.field("then") {
        "handout" => "/handout",
        "calendar" => "/calendar.ics",
        _ => "",
    };
    Ok(Answer::see(format!("/decisions/{at}{then}")))
}

/// The entry of the decision.
fn decided(app: &App, ask: &Ask, patient: &Patient) -> Result<u64, Trouble> {
    if patient.day > patient.today {
        return Err(Trouble::refused(422, "a decision cannot be recorded for a day that is to come"));
    }
    if ask.field("row") != patient.row.number.to_string() {
        let message = format!("the record of `{}` was changed meanwhile, and nothing was decided", patient.id);
        let changed = Diagnostic::new(&codes::RECORD_CHANGED, message);
        return Err(Trouble::found(409, changed.help("look at the answer as it is now").into()));
    }
    let clinic = ask.clinic(app, patient.day)?;
    let prepared = clinic.ready_one(ask.field("protocol"), patient.day)?;
    let protocol = prepared.protocol();
    let (record, _doubts) = Record::from_text("record.toml", &patient.row.text, Notation::Toml, &protocol.dictionary)?;
    let answer = protocol.recommend(&record, &Request::new(patient.day).explain(Depth::Full))?;
    let texts = (clinic.texts.clone(), clinic.asked(protocol));
    let question = Question::new(texts, patient.day, &[], clinic.language.as_deref(), false);
    let given = Given {
        from: From::Record,
        notation: Notation::Toml,
        text: Some(&patient.row.text),
        cells: &[],
        printed: None,
        patient: Some(&patient.id),
    };
    let mut draft = question
        .answered(given, protocol, &record, &answer)
        .map_err(|error| Trouble::refused(500, &format!("the answer cannot be written as JSON: {error}")))?;
    // Beside the answer, whose bytes are those of the command line. By their codes: the identifier of somebody else would outlast their erasing.
    let doubts = [
        (!patient.alike.is_empty()).then_some(&codes::ALIKE_PATIENT),
        clinic.stale.as_ref().map(|_| &codes::LAST_GOOD_VERSION),
    ];
    doubts.into_iter().flatten().for_each(|doubt| draft.personal.push("doubt", doubt.id));
    // INVARIANT: nothing is said of the decision before it is safe on the disk.
    let kept = app.archive().append(&app.stamp(ask.who()), &question.texts, &[draft])?;
    Ok(kept.first().copied().unwrap_or_default())
}

/// The handout of an answer that was recorded.
fn handout_of(app: &App, entry: &Entry, answer: &Recommendation, is_for_clinic: bool) -> Result<Handout, Trouble> {
    // What was recorded is in the language that was read then.
    let clinic = app.clinic_in(Some(decisions::language(entry)), answer.as_of)?;
    let language = clinic.clinic.protocol(&answer.protocol).map_or_else(|| "en".to_owned(), |one| one.language.clone());
    Ok(match is_for_clinic {
        true => Handout::for_clinic(answer, &language),
        false => Handout::for_patient(answer, &language, clinic.details.as_ref()),
    })
}

fn handout(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    printed(app, ask, false)
}

fn checklist(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    printed(app, ask, true)
}

fn printed(app: &App, ask: &Ask, is_for_clinic: bool) -> Result<Answer, Trouble> {
    let (entry, answer) = decisions::answer(app, ask)?;
    let handout = handout_of(app, &entry, &answer, is_for_clinic)?;
    let born = decisions::born(&entry);
    let paper = format!("/patients/{}/paper.css", encoded(&handout.patient));
    let linked = Linked { style: assets::handout(), icon: assets::icon(), paper: &paper, born: born.as_deref() };
    Ok(Answer::of("text/html; charset=utf-8", html_linked(&handout, &linked).into_bytes()))
}

fn calendar_file(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (entry, answer) = decisions::answer(app, ask)?;
    let handout = handout_of(app, &entry, &answer, false)?;
    let older = earlier_calendar(app, &entry, &answer)?;
    let text = calendar(&handout, older.as_deref()).map_err(|trouble| {
        let none = Diagnostic::new(&codes::NO_CALENDAR, format!("there is no calendar file: {trouble}"));
        Trouble::found(422, none.help("the decision is recorded, and its page says what comes next").into())
    })?;
    let name = format!("{}-{}.ics", answer.patient, answer.protocol);
    Ok(Answer::file("text/calendar; charset=utf-8", &name, text.into_bytes()))
}

/// The calendar file of the patient's decision before this one by the same protocol, itself over the one before that. Whether anybody took it
/// along is not known: what has changed since has a higher number all the same, and what is planned no longer is cancelled.
fn earlier_calendar(app: &App, entry: &Entry, answer: &Recommendation) -> Result<Option<String>, Trouble> {
    let wanted = Wanted {
        patient: entry.patient(),
        protocol: &answer.protocol,
        before: Some(entry.number),
        ..Wanted::default()
    };
    let mut numbers = app.archive().list(&wanted, usize::MAX)?;
    numbers.reverse();
    let mut older: Option<String> = None;
    for at in numbers {
        let earlier = app.archive().entry(at)?;
        // What came of a decision is an entry too, and one that was erased has no answer.
        let Some(answer) = earlier.answer() else { continue };
        let handout = handout_of(app, &earlier, &answer, false)?;
        older = calendar(&handout, older.as_deref()).ok().or(older);
    }
    Ok(older)
}
