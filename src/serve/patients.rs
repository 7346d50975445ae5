//! Patients: finding one, adding one, and what every protocol says of one.

use maud::{Markup, html};

use super::app::App;
use super::http::{Answer, Ask, Route, Trouble, get, post};
use super::page::{self, encoded, shown};
use super::verdict;
use super::words::{Words, mark, say};
use crate::archive::{NewRow, Role, Row};
use crate::date::{Date, DateRange, Duration};
use crate::decide::Prepared;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::interview::Interview;
use crate::plan::Category;
use crate::protocol::look_alike;
use crate::recommendation::Recommendation;
use crate::render;
use crate::visible;

pub(super) const ROUTES: &[Route] = &[
    get(&[Role::Practitioner, Role::Auditor], "/patients", list),
    post(&[Role::Practitioner], "/patients", add),
    get(&[Role::Practitioner, Role::Auditor], "/patients/{patient}", overview),
    get(&[Role::Practitioner, Role::Auditor], "/patients/{patient}/paper.css", on_paper),
];

/// The longest identifier.
const LONGEST: usize = 100;

/// How many patients are listed.
const LISTED: usize = 200;

/// A patient, with the record as it stood on a day.
#[derive(Debug)]
pub(super) struct Patient {
    pub(super) id: String,
    /// The birth date, as far as the record tells it.
    pub(super) born: Option<String>,
    /// Others whose identifiers are nearly the same.
    pub(super) alike: Vec<String>,
    /// The record.
    pub(super) row: Row,
    /// The day of the newest state of the record.
    pub(super) latest: Date,
    /// The day that is asked about.
    pub(super) day: Date,
    /// Today.
    pub(super) today: Date,
}

impl Patient {
    /// The patient of an address, with the record as it stood on the day that is asked about.
    pub(super) fn of(app: &App, ask: &Ask) -> Result<Patient, Trouble> {
        Patient::named(app, ask.part("patient"), ask.as_of(app)?)
    }

    pub(super) fn named(app: &App, id: &str, day: Date) -> Result<Patient, Trouble> {
        let archive = app.archive();
        let known = archive.record(id)?;
        let Some(latest) = known.map(|row| row.day) else {
            let diagnostic =
                Diagnostic::new(&codes::UNKNOWN_PATIENT, format!("there is no record of a patient `{id}`"));
            let all = archive.patients()?;
            let diagnostic = diagnostic.suggest(id, all.iter().map(String::as_str));
            return Err(Trouble::found(404, diagnostic.into()));
        };
        let Some(row) = archive.record_on(id, day)? else {
            let message = format!("nothing was known of the patient `{id}` on {day}");
            return Err(Trouble::found(404, Diagnostic::new(&codes::UNKNOWN_PATIENT, message).into()));
        };
        let alike = alike(id, &archive.patients()?);
        drop(archive);
        let today = app.today()?;
        Ok(Patient { id: id.to_owned(), born: born(&row.text), alike, row, latest, day, today })
    }

    pub(super) fn address(&self) -> String {
        format!("/patients/{}", encoded(&self.id))
    }

    /// The address of one of the patient's pages, on the day that is asked about.
    pub(super) fn page(&self, end: &str) -> String {
        let day = if self.day == self.today { String::new() } else { format!("?as_of={}", self.day) };
        format!("{}{end}{day}", self.address())
    }

    /// Whether answers can be given for the day: it is today or past, and no answers came after it.
    pub(super) fn can_answer(&self) -> bool {
        self.latest <= self.day && self.day <= self.today
    }

    pub(super) fn born_in_words(&self, w: Words) -> Markup {
        let Some(born) = &self.born else { return html! { (say!(w, "date of birth not known")) } };
        let age = born.parse::<DateRange>().ok().filter(|range| !range.is_partial()).and_then(|range| {
            let months = (1..2400).take_while(|months| range.first + Duration::new(*months, 0) <= self.day).count();
            // A child under two is so many months old.
            let (number, unit) = if months < 24 { (months, "month") } else { (months / 12, "year") };
            (range.first <= self.day).then(|| w.speech().length(&number.to_string(), unit))
        });
        let day = w.speech().date_text(born);
        html! {
            @match age {
                Some(age) => (say!(w, "born {}, {}", shown(&day), age)),
                None => (say!(w, "born {}", shown(&day))),
            }
        }
    }
}

/// Whose page it is, at the top of every sheet that is printed: a text of a record has no place in a style of the page itself.
fn on_paper(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (id, w) = (ask.part("patient"), ask.words);
    let born = match Patient::of(app, ask) {
        Ok(patient) => patient.born,
        // Of whom there are decisions and no record, the record of the last of them tells it.
        Err(trouble) => {
            let archive = app.archive();
            let decisions = archive.numbers(Some(id))?;
            if decisions.is_empty() {
                return Err(trouble);
            }
            let entry = decisions.iter().rev().find_map(|at| archive.decision(*at).ok());
            entry.and_then(|entry| super::decisions::born(&entry))
        }
    };
    let born = match &born {
        Some(born) => say!(w, "born {}", w.speech().date_text(born)),
        None => say!(w, "date of birth not known").to_owned(),
    };
    let whose = visible::style_text(&format!("{id} · {born}"));
    let style = format!("@page {{ @top-left {{ content: {whose}; font-size: 8pt; }} }}\n");
    Ok(Answer::of("text/css; charset=utf-8", style.into_bytes()))
}

/// The birth date that a record tells.
pub(super) fn born(text: &str) -> Option<String> {
    let document: toml_edit::DocumentMut = text.parse().ok()?;
    let told = document.get("facts")?.get("date_of_birth")?;
    let value = told.as_table_like().map_or(Some(told), |told| told.get("value"))?;
    let text = value.to_string();
    Some(text.trim().trim_matches(['"', '\'']).to_owned())
}

/// The identifiers that are nearly another one.
fn alike(id: &str, all: &[String]) -> Vec<String> {
    let plain = plain(id);
    all.iter().filter(|other| *other != id && (self::plain(other) == plain || look_alike(id, other))).cloned().collect()
}

/// An identifier without what people leave out or add: capital letters, zeros before a number, spaces and signs.
fn plain(id: &str) -> String {
    let mut out = String::new();
    for c in id.to_lowercase().chars().filter(|c| c.is_alphanumeric()) {
        // A zero counts where a digit other than zero stands before it.
        let after_digit = out.chars().next_back().is_some_and(|last| last.is_ascii_digit());
        if c == '0' && !after_digit {
            continue;
        }
        out.push(c);
    }
    out
}

/// Whether a text can be an identifier.
fn is_id(id: &str) -> bool {
    let is_dots = id.chars().all(|c| c == '.');
    !is_dots && id.trim() == id && id.chars().count() <= LONGEST && crate::visible::text(id) == id
}

fn list(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    listed(app, ask, None)
}

/// The patients, and the form with the identifier that cannot be one.
fn listed(app: &App, ask: &Ask, wrong: Option<&Diagnostics>) -> Result<Answer, Trouble> {
    let wanted = ask.query("find").unwrap_or_default().trim();
    let all = app.archive().patients()?;
    let found: Vec<&String> = match wanted {
        "" => all.iter().collect(),
        wanted => {
            let (plain, lower) = (plain(wanted), wanted.to_lowercase());
            all.iter()
                .filter(|id| {
                    id.to_lowercase().contains(&lower) || !plain.is_empty() && self::plain(id).contains(&plain)
                })
                .collect()
        }
    };
    if let [one] = found[..]
        && one == wanted
    {
        return Ok(Answer::see(format!("/patients/{}", encoded(one))));
    }
    let w = ask.words;
    let new = if wrong.is_some() { ask.field("id") } else { wanted };
    let new = if wrong.is_some() || found.is_empty() { new } else { "" };
    let main = html! {
        h1 { (say!(w, "Patients")) }
        div.two {
            form.card method="get" action="/patients" role="search" {
                h2 { label for="find" { (say!(w, "Find a patient")) } }
                div.row {
                    input #find name="find" value=(shown(wanted)) placeholder=(say!(w, "identifier")) autocomplete="off" spellcheck="false" autofocus;
                    button.primary { (say!(w, "Find")) }
                }
            }
            @if ask.has(Role::Practitioner) { form.card method="post" action="/patients" {
                (page::token(ask))
                h2 { label for="id" { (say!(w, "Add a patient")) } }
                @if let Some(wrong) = wrong { div.wrong #wrong role="alert" { (page::mistakes(w, wrong, 3)) } }
                div.row {
                    input #id name="id" required maxlength=(LONGEST) value=(shown(new)) aria-describedby=[wrong.map(|_| "wrong")] placeholder=(say!(w, "new identifier")) autocomplete="off" spellcheck="false";
                    button { (say!(w, "Add")) }
                }
            } }
        }
        @if !wanted.is_empty() {
            p role="status" {
                @match found.len() {
                    0 => (say!(w, "No identifier has “{}” in it.", shown(wanted))),
                    1 => (say!(w, "1 patient")),
                    more => (say!(w, "{} patients", more)),
                }
            }
        }
        @if all.is_empty() { p.empty { (say!(w, "There is no patient yet.")) } }
        ul.patients {
            @for id in found.iter().take(LISTED) {
                li { a href=(format!("/patients/{}", encoded(id))) { (shown(id)) } }
            }
        }
        @if found.len() > LISTED { p { (say!(w, "and {} more: find by identifier", found.len() - LISTED)) } }
    };
    Ok(page::plain(app, ask, say!(w, "Patients"), main))
}

fn add(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let id = ask.field("id");
    if !is_id(id) {
        let wrong = Diagnostic::new(&codes::NOT_AN_ID, format!("`{id}` cannot be an identifier"));
        let help = "use letters, digits and signs, up to 100, without characters that nobody sees";
        return Ok(Answer { code: 422, ..listed(app, ask, Some(&wrong.help(help).into()))? });
    }
    if app.archive().record(id)?.is_some() {
        return Ok(Answer { code: 409, ..known(app, ask, id) });
    }
    let all = app.archive().patients()?;
    let alike = alike(id, &all);
    if !alike.is_empty() && ask.field("sure") != "yes" {
        return Ok(Answer { code: 409, ..sure(app, ask, id, &alike) });
    }
    let day = app.today()?;
    let text = Interview::blank(id, day);
    let new = NewRow {
        patient: id,
        follows: None,
        day,
        changed: &[say!(ask.words, "the record was begun").to_owned()],
        text: &text,
    };
    app.archive().keep_record(&app.stamp(ask.who()), new)?;
    Ok(Answer::see(format!("/patients/{}", encoded(id))))
}

/// That there is a patient with that identifier.
fn known(app: &App, ask: &Ask, id: &str) -> Answer {
    let w = ask.words;
    let main = html! {
        div.narrow {
            h1 { (say!(w, "This patient is here already")) }
            p { (say!(w, "Nothing was added. This is the patient’s page:")) }
            ul.patients { li { a href=(format!("/patients/{}", encoded(id))) { (shown(id)) } } }
        }
    };
    page::plain(app, ask, say!(w, "This patient is here already"), main)
}

/// Asks whether somebody is not one of those with nearly the same identifier.
fn sure(app: &App, ask: &Ask, id: &str, alike: &[String]) -> Answer {
    let w = ask.words;
    let main = html! {
        div.narrow {
            h1 { (say!(w, "Is it one of these?")) }
            p { (mark!(w, "There are identifiers that differ from {} only in capital letters, zeros, spaces or signs:", html! { strong { (shown(id)) } })) }
            ul.patients {
                @for other in alike { li { a href=(format!("/patients/{}", encoded(other))) { (shown(other)) } } }
            }
            form method="post" action="/patients" {
                (page::token(ask))
                input type="hidden" name="id" value=(id);
                input type="hidden" name="sure" value="yes";
                button { (say!(w, "No, add {} as another person", shown(id))) }
            }
        }
    };
    page::plain(app, ask, say!(w, "Is it one of these?"), main)
}

/// What every protocol says of a patient on a day.
fn overview(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let clinic = ask.clinic(app, patient.day)?;
    let ready = clinic.ready(patient.day);
    let (interview, _doubts) = Interview::begin(ready.to_vec(), "record.toml", &patient.row.text)?;
    let mut answers: Vec<Recommendation> = interview.recommendations().to_vec();
    render::best_first(&mut answers);
    let (told, w) = (interview.told(), ask.words);
    let main = html! {
        div.heading {
            h1 { (say!(w, "What can be done")) }
            (page::as_of(w, ask.path(), patient.day, patient.today))
        }
        p.preview { (say!(w, "Preview – not recorded")) }
        @for (name, list) in by_category(&ready, &answers) {
            h2 { (w.word(name)) }
            ul.answers { @for answer in list { (headline(ask, &patient, &ready, answer)) } }
        }
        @if !clinic.broken.is_empty() {
            h2 { (say!(w, "Broken – no answer")) }
            ul.answers {
                @for broken in &clinic.broken {
                    li.stop { (page::sign("!")) div { strong { (shown(&broken.title)) } p lang=[w.english()] { (shown(&broken.told())) } } }
                }
            }
        }
        @if told.is_empty() {
            p.empty { (say!(w, "Nothing is known yet. Choose what the patient has come for: only what matters for it is asked.")) }
        }
    };
    Ok(page::about(app, ask, say!(w, "What can be done"), &patient, main))
}

/// One protocol's answer in a few words.
fn headline(ask: &Ask, patient: &Patient, ready: &[Prepared], answer: &Recommendation) -> Markup {
    let protocol = ready.iter().map(Prepared::protocol).find(|protocol| protocol.id == answer.protocol);
    let texts = protocol.and_then(|protocol| ask.words.unlike(&protocol.language));
    let (mood, words) = render::outline::answer(answer);
    let treat = patient.page(&format!("/treat/{}", encoded(&answer.protocol)));
    html! {
        li class=(verdict::class(mood)) {
            (verdict::mark(mood))
            div {
                @if ask.may(&treat) { a href=(treat) lang=[texts] { (shown(&answer.title)) } } @else { strong lang=[texts] { (shown(&answer.title)) } }
                p lang=[ask.words.unlike(answer.speech().code)] { (shown(&words)) }
                @if let Some(why) = verdict::first_reason(answer) { p.help lang=[texts] { (shown(&why)) } }
            }
        }
    }
}

/// The answers by what kind of thing they are about, in the order of a plan.
fn by_category<'a>(ready: &[Prepared], answers: &'a [Recommendation]) -> Vec<(&'static str, Vec<&'a Recommendation>)> {
    let mut groups: Vec<(Category, Vec<&Recommendation>)> = Vec::new();
    for answer in answers {
        let protocol = ready.iter().map(Prepared::protocol).find(|protocol| protocol.id == answer.protocol);
        let Some(category) = protocol.map(|protocol| protocol.category) else { continue };
        match groups.iter_mut().find(|(other, _)| *other == category) {
            Some((_, all)) => all.push(answer),
            None => groups.push((category, vec![answer])),
        }
    }
    groups.sort_by_key(|(category, _)| *category);
    groups.into_iter().map(|(category, all)| (render::category(category), all)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_that_people_mix_up_are_alike() {
        let all = ["P-104", "P-105", "P-1040", "Р-104"].map(str::to_owned);
        assert_eq!(alike("p 0104", &all), ["P-104"]);
        assert_eq!(alike("P-104", &all), ["Р-104"], "the second is Cyrillic");
        assert_eq!(alike("P-1004", &all), Vec::<String>::new());
        assert_eq!(alike("P-00105", &all), ["P-105"]);
    }

    #[test]
    fn what_nobody_can_see_or_type_is_no_identifier() {
        for wrong in ["", " P-1", "P-1 ", ".", "..", "P\u{200b}1", "P\n1", &"x".repeat(101)] {
            assert!(!is_id(wrong), "{wrong:?}");
        }
        for right in ["P-1", "a/b", "1", "Ä 7", "<b>", "' OR 1=1 --", "..a"] {
            assert!(is_id(right), "{right}");
        }
    }

    #[test]
    fn the_birth_date_is_read_however_it_is_written() {
        for (text, expected) in [
            ("[facts]\ndate_of_birth = 1990-05-01\n", Some("1990-05-01")),
            ("[facts]\ndate_of_birth = { value = \"1990-05\", on = 2026-01-01 }\n", Some("1990-05")),
            ("[facts]\ndate_of_birth = { unknown = \"declined\" }\n", None),
            ("[facts]\n", None),
        ] {
            assert_eq!(born(text).as_deref(), expected, "{text}");
        }
    }
}
