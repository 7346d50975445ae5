//! The questions that matter for a treatment, and the answer beside them.

use maud::{Markup, html};

use super::app::App;
use super::form::{Control, Sent, sent};
use super::http::{Answer, Ask, Route, Trouble, get, post, trial};
use super::page::{self, encoded, shown};
use super::patients::Patient;
use super::verdict;
use super::words::{Words, say};
use crate::archive::{NewRow, Role};
use crate::decide::Prepared;
use crate::diagnostic::Diagnostics;
use crate::document::Notation;
use crate::interview::{Asked, Interview, Reply, Subject, Told};
use crate::patient::Record;

pub(super) const ROUTES: &[Route] = &[
    get(&[Role::Practitioner], "/patients/{patient}/treat/{protocol}", show),
    post(&[Role::Practitioner], "/patients/{patient}/treat/{protocol}/answers", save),
    trial(&[Role::Practitioner], "/patients/{patient}/treat/{protocol}/preview", preview),
];

/// Questions with what was sent for them, and what would come of that.
struct Sheet {
    patient: Patient,
    prepared: Prepared,
    /// The record as it is kept.
    before: Interview,
    /// With what was sent, as far as it can be an answer.
    after: Interview,
    sent: Vec<Sent>,
    /// The answers that are to be changed, by the keys of their questions.
    change: Vec<String>,
    /// Why what was asked for was not done.
    refused: Option<Diagnostics>,
}

impl Sheet {
    fn new(app: &App, ask: &Ask) -> Result<Sheet, Trouble> {
        Sheet::of(app, ask, ask.part("protocol"))
    }

    fn of(app: &App, ask: &Ask, protocol: &str) -> Result<Sheet, Trouble> {
        let patient = Patient::of(app, ask)?;
        let prepared = ask.clinic(app, patient.day)?.ready_one(protocol, patient.day)?;
        let (before, _doubts) = Interview::begin(vec![prepared.clone()], "record.toml", &patient.row.text)?;
        let mut after = before.clone();
        let mut sent = sent(ask.fields());
        // What stands in a question that is to be changed, and was not, is no new answer: it was not asked again today.
        let (told, open) = (before.told(), before.questions());
        let is_open = |subject: &Subject| open.iter().flat_map(|(_, all)| all).any(|one| one.subject == *subject);
        sent.retain(|one| {
            let is_as_it_was = told
                .iter()
                .any(|told| told.subject == one.subject && one.reply().is_ok_and(|reply| reply == told.reply));
            one.was_wrong || is_open(&one.subject) || !is_as_it_was
        });
        for one in &mut sent {
            let replied = one.offered_reply(&prepared.protocol().dictionary);
            let replied = replied.and_then(|reply| after.reply_to(&one.subject, &reply, one.was_wrong));
            one.wrong = replied.err();
        }
        // No to whatever is left of a group, for which one button is enough: what was asked on the page and still is, with what was sent. What the
        // other answers have made needless is not shown any more, and nobody has said no to it.
        let none = ask.field("none");
        let still = after.questions();
        let left = |group: &Option<String>| !none.is_empty() && group.as_deref() == Some(none);
        for one in open.iter().filter(|(group, _)| left(group)).flat_map(|(_, all)| all) {
            let is_left = still.iter().flat_map(|(_, all)| all).any(|other| other.subject == one.subject);
            let was_sent = sent.iter().any(|sent| sent.subject == one.subject);
            if let Some(no) = before.no_to(&one.subject).filter(|_| is_left && !was_sent) {
                after.reply_to(&one.subject, &Reply::Value(no.to_owned()), false)?;
            }
        }
        let keys = ask.fields().iter().filter(|(name, _)| name == "change").map(|(_, key)| key.clone());
        let change = ask.queries("change").map(str::to_owned).chain(keys);
        // Where nothing can be saved there is nothing to change.
        let change = change.filter(|_| patient.can_answer()).collect();
        Ok(Sheet { patient, prepared, before, after, sent, change, refused: None })
    }

    fn address(&self) -> String {
        format!("{}/treat/{}", self.patient.address(), encoded(&self.prepared.protocol().id))
    }

    fn sent_for(&self, subject: &Subject) -> Option<&Sent> {
        self.sent.iter().find(|sent| sent.subject == *subject)
    }

    /// Those that are asked: what is open with what was sent, and whatever something was sent for.
    fn groups(&self) -> Vec<(Option<String>, Vec<Asked>)> {
        let mut groups = self.before.questions();
        let after = self.after.questions();
        let is_open = |subject: &Subject| after.iter().flat_map(|(_, all)| all).any(|one| one.subject == *subject);
        for (_, all) in &mut groups {
            all.retain(|one| is_open(&one.subject) || self.sent_for(&one.subject).is_some());
        }
        for (group, asked) in &after {
            for one in asked {
                let known = groups.iter().flat_map(|(_, all)| all).any(|other| other.subject == one.subject);
                match groups.iter_mut().find(|(other, _)| other == group) {
                    _ if known => {}
                    Some((_, all)) => all.push(one.clone()),
                    None => groups.push((group.clone(), vec![one.clone()])),
                }
            }
        }
        groups.retain(|(_, all)| !all.is_empty());
        groups
    }

    fn has_something_to_answer(&self) -> bool {
        !self.change.is_empty() || !self.sent.is_empty() || !self.before.questions().is_empty()
    }

    fn has_mistakes(&self) -> bool {
        self.sent.iter().any(|sent| sent.wrong.is_some())
    }

    /// What was sent and cannot be an answer, each with its question: the answer beside it is without that.
    fn mistakes(&self) -> Vec<(String, &Diagnostics)> {
        let (told, groups) = (self.before.told(), self.groups());
        let one = |sent: &'_ Sent| {
            let asked = groups.iter().flat_map(|(_, all)| all).find(|one| one.subject == sent.subject);
            let asked = asked.map(|one| one.question.ask.clone());
            asked.or_else(|| Some(told.iter().find(|one| one.subject == sent.subject)?.ask.clone())).unwrap_or_default()
        };
        self.sent.iter().filter_map(|sent| Some((one(sent), sent.wrong.as_ref()?))).collect()
    }

    /// The answer with what was sent.
    fn panel(&self, ask: &Ask) -> Markup {
        let Some(answer) = self.after.recommendations().first() else { return html! {} };
        let w = ask.words;
        let unsaved = self.after.text() != self.before.text() || self.has_mistakes();
        let protocol = &self.prepared.protocol().id;
        let below = html! {
            @for (ask, wrong) in self.mistakes() {
                p.wrong { @if !ask.is_empty() { (shown(&ask)) " " } (page::told(w, wrong)) }
            }
            @if unsaved {
                p.help { (say!(w, "With answers that are not saved yet: save them before you decide.")) }
            } @else if self.patient.day <= self.patient.today {
                form method="post" action=(format!("{}/decide", self.patient.address())) {
                    (page::token(ask))
                    input type="hidden" name="protocol" value=(protocol);
                    input type="hidden" name="as_of" value=(self.patient.day);
                    input type="hidden" name="row" value=(self.patient.row.number);
                    button.primary name="then" value="show" { (say!(w, "Decide")) }
                    button name="then" value="handout" { (say!(w, "Handout")) }
                    button name="then" value="calendar" { (say!(w, "Calendar file")) }
                }
                p.help { (say!(w, "Each of these records the decision first.")) }
            } @else {
                p.help { (say!(w, "A day to come: nothing can be recorded for it yet.")) }
            }
            p.links {
                a href=(self.patient.page(&format!("/why/{}", encoded(protocol)))) { (say!(w, "Every step")) }
                " · " a href=(self.patient.page(&format!("/when/{}", encoded(protocol)))) { (say!(w, "From when")) }
            }
        };
        let status = html! { p.preview { (say!(w, "Preview – not recorded · as of {}", w.date(self.patient.day))) } };
        verdict::panel(w, answer, Some(&self.prepared.protocol().language), status, self.booked(), below)
    }

    /// How many appointments for this treatment are still to come.
    fn booked(&self) -> u32 {
        let protocol = self.prepared.protocol();
        let read = Record::from_text("record.toml", self.after.text(), Notation::Toml, &protocol.dictionary);
        let is_booked =
            |one: &&crate::patient::Session| one.treatment == protocol.treatment && one.date.last >= self.patient.day;
        read.map_or(0, |(record, _)| crate::narrow::u32(record.still_planned().filter(is_booked).count()))
    }

    /// The questions, by group.
    fn questions(&self, w: Words) -> Markup {
        let (groups, told) = (self.groups(), self.before.told());
        // What is open anyway is asked as it is, without the answer that does not count any more.
        let open = self.before.questions();
        let is_open = |told: &Told| open.iter().flat_map(|(_, all)| all).any(|one| one.subject == told.subject);
        let is_to_change = |told: &&Told| self.change.contains(&told.subject.key()) && !is_open(told);
        let changed: Vec<&Told> = told.iter().filter(is_to_change).collect();
        let is_changed = |subject: &Subject| changed.iter().any(|told| told.subject == *subject);
        html! {
            div #questions {
                @if !changed.is_empty() {
                    section.group data-group="change" {
                        h2 { (say!(w, "Change")) }
                        @for told in &changed {
                            input type="hidden" name="change" value=(told.subject.key());
                            (Control::told(w, told, self.sent_for(&told.subject), self.patient.day).html())
                        }
                    }
                }
                @for (group, asked) in &groups {
                    section.group data-group=(group.as_deref().unwrap_or_default()) {
                        (heading(w, 2, group.as_deref(), &self.prepared.protocol().language))
                        @for one in asked.iter().filter(|one| !is_changed(&one.subject)) {
                            (Control::open(w, one, self.sent_for(&one.subject)).html())
                        }
                        @let noes = asked.iter().filter(|one| self.before.no_to(&one.subject).is_some()).count();
                        @if let (Some(group), true) = (group, noes > 1 && self.patient.can_answer()) {
                            button.quiet name="none" value=(group) { (say!(w, "No to what is left here, and save")) }
                        }
                    }
                }
                @if groups.is_empty() { p.empty { (say!(w, "Nothing that was not asked can change the answer.")) } }
            }
        }
    }

    fn page(&self, app: &App, ask: &Ask) -> Answer {
        let protocol = self.prepared.protocol();
        let told = self.before.told();
        let (path, w) = (self.address(), ask.words);
        let main = html! {
            div.heading {
                h1 lang=[w.unlike(&protocol.language)] { (shown(&protocol.title)) }
                @if ask.query("saved").is_some() { p.saved role="status" { (say!(w, "Saved.")) } }
                (page::as_of(w, &path, self.patient.day, self.patient.today))
            }
            @if let Some(refused) = &self.refused {
                div.wrong role="alert" { (page::mistakes(w, refused, 20)) }
            }
            @if self.has_mistakes() {
                p.wrong role="alert" { (say!(w, "Nothing was saved yet: mend what is marked below.")) }
            }
            div.treat {
                div {
                form.questions method="post" action=(format!("{path}/answers")) data-preview=(format!("{path}/preview")) {
                    (page::token(ask))
                    input type="hidden" name="as_of" value=(self.patient.day);
                    input type="hidden" name="row" value=(self.patient.row.number);
                    (self.questions(w))
                    @if self.patient.can_answer() && !self.has_something_to_answer() {}
                    @else if self.patient.can_answer() {
                        p.save { button.primary { (say!(w, "Save")) } " " button.quiet type="reset" { (say!(w, "Undo what is not saved")) } }
                    } @else {
                        p.notice { (why_not(w, &self.patient)) }
                    }
                }
                @if !told.is_empty() { (answers_so_far(w, &protocol.language, &told, &path, &self.patient)) }
                }
                aside { (self.panel(ask)) }
            }
        };
        page::about(app, ask, &protocol.title, &self.patient, main)
    }
}

/// The name of a group of questions, as a heading.
fn heading(w: Words, rank: u8, group: Option<&str>, texts_in: &str) -> Markup {
    let (group, lang) = match group {
        None => (say!(w, "more"), None),
        // Those that are no clinic's.
        Some("sessions") => (say!(w, "sessions"), None),
        Some("earlier sessions") => (say!(w, "earlier sessions"), None),
        Some(group) => (group, w.unlike(texts_in)),
    };
    let mut letters = group.chars();
    let name = letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
    html! { @if rank == 2 { h2 lang=[lang] { (name) } } @else { h3 lang=[lang] { (name) } } }
}

fn why_not(w: Words, patient: &Patient) -> String {
    if patient.day > patient.today {
        say!(w, "This day is to come: what is answered here is a preview.").to_owned()
    } else {
        say!(
            w,
            "The record has answers of {}: this page shows what was known on {}, and nothing can be added before them.",
            w.date(patient.latest),
            w.date(patient.day)
        )
    }
}

/// What was answered, to be changed.
fn answers_so_far(w: Words, texts_in: &str, told: &[Told], path: &str, patient: &Patient) -> Markup {
    let mut groups: Vec<(Option<&str>, Vec<&Told>)> = Vec::new();
    for one in told {
        match groups.iter_mut().find(|(group, _)| *group == one.group.as_deref()) {
            Some((_, all)) => all.push(one),
            None => groups.push((one.group.as_deref(), vec![one])),
        }
    }
    html! {
        section.told {
            h2 { (say!(w, "Answers so far")) }
            @for (group, all) in &groups {
                (heading(w, 3, *group, texts_in))
                dl {
                    @for one in all {
                        @let key = one.subject.key();
                        div {
                            dt { (shown(&one.label)) }
                            dd {
                                (shown(&one.in_words(w.speech())))
                                @if one.no_longer_applies { span.help { (say!(w, "once; does not apply any more")) } }
                                @if let Some(on) = one.on { span.help { (w.date(on)) } }
                                @if patient.can_answer() {
                                    a.change href=(format!("{path}?as_of={}&change={}#q-{}", patient.day, encoded(&key), encoded(&key)))
                                        aria-label=(say!(w, "Change: {}", one.label)) { (say!(w, "Change")) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    Ok(Sheet::new(app, ask)?.page(app, ask))
}

/// What the answer would be, for the script. Nothing is kept.
fn preview(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let sheet = Sheet::new(app, ask)?;
    Ok(Answer::page(html! { (sheet.panel(ask)) (sheet.questions(ask.words)) }))
}

fn save(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let sheet = Sheet::new(app, ask)?;
    if sheet.has_mistakes() {
        return Ok(Answer { code: 422, ..sheet.page(app, ask) });
    }
    let to = format!("{}?as_of={}", sheet.address(), sheet.patient.day);
    if sheet.after.text() == sheet.before.text() {
        return Ok(Answer::see(to));
    }
    match keep(app, ask, &sheet.patient, &changed(ask.words, &sheet.before, &sheet.after), sheet.after.text()) {
        // What was typed stands there still, beside the record as it is now.
        Err(Trouble { code: code @ (409 | 422), found }) => {
            let mut sheet = Sheet { refused: Some(found), ..sheet };
            // Also where somebody else has answered the same meanwhile.
            sheet.change.extend(sheet.sent.iter().map(|one| one.subject.key()));
            Ok(Answer { code, ..sheet.page(app, ask) })
        }
        kept => kept.map(|()| Answer::see(format!("{to}&saved=yes"))),
    }
}

/// The page of a protocol, with why what was asked for was not done.
pub(super) fn refused(app: &App, ask: &Ask, protocol: &str, trouble: Trouble) -> Result<Answer, Trouble> {
    let sheet = Sheet { refused: Some(trouble.found), ..Sheet::of(app, ask, protocol)? };
    Ok(Answer { code: trouble.code, ..sheet.page(app, ask) })
}

/// What is different, in words: a line for each answer.
fn changed(w: Words, before: &Interview, after: &Interview) -> Vec<String> {
    let (old, new) = (before.told(), after.told());
    let differs = |told: &&Told| !old.iter().any(|other| other == *told);
    let mut lines: Vec<String> =
        new.iter().filter(differs).map(|told| format!("{}: {}", told.label, told.in_words(w.speech()))).collect();
    let gone = old.iter().filter(|told| !new.iter().any(|other| other.subject == told.subject));
    lines.extend(gone.map(|told| say!(w, "{}: taken back", told.label)));
    lines
}

/// Keeps a record that was changed on a page.
pub(super) fn keep(app: &App, ask: &Ask, patient: &Patient, changed: &[String], text: &str) -> Result<(), Trouble> {
    let day = patient.day;
    if day > patient.today {
        return Err(Trouble::refused(422, "answers can only be saved for today, or for a day that is past"));
    }
    // What the page showed is what is changed: the form says which state that was.
    let follows = Some(ask.field("row").parse().unwrap_or_default());
    let new = NewRow { patient: &patient.id, follows, day, changed, text };
    app.archive().keep_record(&app.stamp(ask.who()), new)?;
    Ok(())
}

/// The mistakes of a record that is about to be kept, as all protocols read it.
pub(super) fn check(app: &App, patient: &Patient, text: &str) -> Result<(), Diagnostics> {
    let ready = app.clinic(patient.day)?.ready(patient.day);
    Interview::begin(ready.to_vec(), "record.toml", text).map(|_| ())
}
