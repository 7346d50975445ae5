//! How a page looks, whatever stands on it. `maud` escapes whatever is put in; [`shown`] makes visible what nobody would see.

use std::borrow::Cow;
use std::path::Path;

use axum::http::header;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::app::App;
use super::http::{Answer, Ask, Trouble};
use super::patients::Patient;
use super::words::{Phrase, Words, phrase, say};
use super::{assets, language};
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::render::outline::{Item, Section};
use crate::visible;

/// A text of a record, a protocol or a person.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    visible::lines(text)
}

/// A text as a part of an address.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The parts of the application, as they stand at the top of every page.
const PARTS: [(&str, Phrase); 4] = [
    ("/patients", phrase!("Patients")),
    ("/protocols", phrase!("Protocols")),
    ("/decisions", phrase!("Decisions")),
    ("/users", phrase!("Users")),
];

/// The parts that whoever asks may use. Users are a part where they sign in, or may begin to.
fn parts(ask: &Ask) -> impl Iterator<Item = (&'static str, Phrase)> {
    let has_account = ask.session.as_ref().is_some_and(|session| session.has_account);
    PARTS.into_iter().filter(move |(path, _)| ask.may(path) && (has_account || *path != "/users"))
}

/// Where somebody begins: the first part that they may use.
pub(super) fn home(ask: &Ask) -> &'static str {
    parts(ask).next().map_or("/you", |(path, _)| path)
}

/// A page about no patient.
pub(super) fn plain(app: &App, ask: &Ask, title: &str, main: Markup) -> Answer {
    Answer::page(whole(app, ask, title, None, main))
}

/// A page about a patient: who it is stands on it, and on paper.
pub(super) fn about(app: &App, ask: &Ask, title: &str, patient: &Patient, main: Markup) -> Answer {
    Answer::page(whole(app, ask, title, Some(patient), main))
}

fn whole(app: &App, ask: &Ask, title: &str, patient: Option<&Patient>, main: Markup) -> Markup {
    let clinic = app.today().ok().and_then(|today| app.clinic(today).ok());
    let is_here = |path: &str| ask.address.starts_with(path);
    // The clinic's name is one of its texts.
    let read = app.today().ok().and_then(|today| ask.clinic(app, today).ok());
    let details = read.as_ref().and_then(|read| read.details.as_ref());
    let name = details.map_or("Regimen", |details| details.name.as_str());
    let w = ask.words;
    let of_patient = patient.map_or_else(String::new, |patient| format!(" · {}", patient.id));
    html! {
        (DOCTYPE)
        html lang=(w.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (shown(title)) (shown(&of_patient)) " · Regimen" }
                link rel="icon" type="image/svg+xml" href=(assets::icon());
                link rel="stylesheet" href=(assets::style());
                @if let Some(patient) = patient { link rel="stylesheet" media="print" href=(patient.page("/paper.css")); }
                script src=(assets::script()) defer {}
            }
            body {
                a.skip href="#main" { (say!(w, "Skip to the content")) }
                header.top {
                    a.brand href="/" { (shown(name)) }
                    @if ask.session.is_some() {
                        nav aria-label=(say!(w, "Parts")) {
                            @for (path, name) in parts(ask) {
                                a href=(path) aria-current=[is_here(path).then_some("page")] { (w.get(name)) }
                            }
                        }
                        @if let Some(clinic) = &clinic { (language::form(ask, clinic)) }
                        form.who method="post" action="/you/leave" {
                            (token(ask))
                            @if ask.session.as_ref().is_some_and(|session| session.has_account) {
                                a href="/you/password" title=(say!(w, "Your password")) { (shown(ask.who())) }
                                button.quiet { (say!(w, "Sign out")) }
                            } @else {
                                span { (shown(ask.who())) }
                                button.quiet { (say!(w, "Leave")) }
                            }
                        }
                    }
                }
                @if let Some(patient) = patient { (banner(ask, patient)) }
                @if let Some(found) = clinic.as_ref().and_then(|clinic| clinic.stale.as_ref()) {
                    section.notice aria-label=(say!(w, "The clinic’s files")) {
                        p { strong { (say!(w, "The files of the clinic have mistakes now (R857).")) } " " (say!(w, "The last version without mistakes is in use.")) }
                        (mistakes(w, found, 3))
                    }
                }
                main #main tabindex="-1" { (main) }
                footer.bottom { p { (say!(w, "Nothing that regimen or its protocols say has been clinically validated.")) } }
                div #live .unseen role="status" aria-live="polite" data-ended=[w.translated(phrase!("The answer cannot be asked for: the program has ended."))]
                    data-old=[w.translated(phrase!("This page is out of date: load it again."))]
                    data-lost=[w.translated(phrase!("It cannot be told how far it is: the program has ended."))] {}
            }
        }
    }
}

/// Who a page is about, and the pages about them.
fn banner(ask: &Ask, patient: &Patient) -> Markup {
    let base = patient.address();
    let path = ask.path();
    let w = ask.words;
    let pages = [
        ("", say!(w, "Overview")),
        ("/plan", say!(w, "Plan")),
        ("/sessions", say!(w, "Sessions")),
        ("/record", say!(w, "Record")),
    ];
    html! {
        section.patient aria-label=(say!(w, "Patient")) {
            p {
                strong { (shown(&patient.id)) }
                " " span.born { (patient.born_in_words(w)) }
            }
            nav aria-label=(say!(w, "This patient")) {
                @for (to, name) in pages.map(|(end, name)| (format!("{base}{end}"), name)).iter().filter(|(to, _)| ask.may(to)) {
                    a href=(to) aria-current=[(path == to).then_some("page")] { (name) }
                }
                a href=(format!("/decisions?patient={}", encoded(&patient.id))) { (say!(w, "Decisions")) }
            }
        }
        @if !patient.alike.is_empty() {
            section.notice aria-label=(say!(w, "Another identifier")) {
                p {
                    strong { (say!(w, "There is another identifier like this one (R853):")) " " }
                    @for (at, other) in patient.alike.iter().enumerate() {
                        @if at > 0 { ", " }
                        a href=(format!("/patients/{}", encoded(other))) { (shown(other)) }
                    }
                    ". " (say!(w, "Make sure that this is the right person."))
                }
            }
        }
    }
}

/// What every form carries: whose it is, and which, so that it is done once although it is sent twice.
pub(super) fn token(ask: &Ask) -> Markup {
    html! {
        input type="hidden" name="token" value=(ask.token());
        @if let Ok(form) = super::password::secret() { input type="hidden" name="form" value=(form); }
    }
}

/// The day that a page is about, to be moved; on paper, the day alone.
pub(super) fn as_of(w: Words, path: &str, day: Date, today: Date) -> Markup {
    html! {
        p.paper { (say!(w, "As of {}", w.date(day))) }
        form.as-of method="get" action=(path) {
            label for="as_of" { (say!(w, "As of")) }
            input #as_of type="date" name="as_of" value=(day) required;
            button.quiet { (say!(w, "Show")) }
            @if day != today { a href=(path) { (say!(w, "today")) } }
        }
    }
}

/// A sentence about what is wrong, in the language of the page if that has it.
fn sentence(w: Words, text: &str) -> Markup {
    let translated = w.mistake(text);
    let lang = if translated.is_none() { w.english() } else { None };
    html! { span lang=[lang] { (shown(translated.as_deref().unwrap_or(text))) } }
}

/// What is wrong and what helps, in a line.
pub(super) fn told(w: Words, found: &Diagnostics) -> Markup {
    let all = found.iter().flat_map(|one| std::iter::once(&one.message).chain(&one.help));
    html! { @for (at, text) in all.enumerate() { @if at > 0 { "; " } (sentence(w, text)) } }
}

/// What is wrong, in words, with what helps. What the page's language does not have is told in English.
pub(super) fn mistakes(w: Words, found: &Diagnostics, most: usize) -> Markup {
    let all: Vec<&Diagnostic> = found.iter().collect();
    html! {
        ul.mistakes {
            @for one in all.iter().take(most) {
                li class=(if one.severity == Severity::Error { "error" } else { "warning" }) {
                    span.code { (one.code.id) } " " (sentence(w, &one.message))
                    @if let Some(label) = &one.label {
                        // A record is no file to whoever answers on a page.
                        @if label.place.file.text.contains('\n') && label.place.file.name != "record.toml" {
                            " (" (shown(&within_clinic(&label.place.file.name))) ", " (say!(w, "line")) " " (label.place.file.position(label.place.span.start).0) ")"
                        }
                    }
                    @for help in &one.help { span.help { (sentence(w, help)) } }
                }
            }
            @if all.len() > most { li { (say!(w, "and {} more", all.len() - most)) } }
        }
    }
}

/// That there is no answer, and why: a page, or JSON for a program.
pub(super) fn trouble(app: &App, ask: &Ask, trouble: &Trouble, is_program: bool) -> Answer {
    if is_program {
        let all = trouble
            .found
            .iter()
            .map(|one| serde_json::json!({ "code": one.code.id, "message": one.message, "help": one.help }));
        let body = serde_json::json!({ "errors": all.collect::<Vec<_>>() }).to_string();
        let answer = Answer::of("application/json", visible::json(&body).into_owned().into_bytes());
        let answer = if trouble.code == 401 { answer.with(header::WWW_AUTHENTICATE, "Bearer") } else { answer };
        return Answer { code: trouble.code, ..answer };
    }
    let w = ask.words;
    let title = match trouble.code {
        401 => say!(w, "Who asks?"),
        403 => say!(w, "That must not be done"),
        404 => say!(w, "That is not here"),
        409 => say!(w, "Something else came first"),
        413 | 415 | 408 => say!(w, "That cannot be read"),
        421 => say!(w, "Not at this address"),
        500.. => say!(w, "That could not be kept"),
        _ => say!(w, "That cannot be"),
    };
    let main = html! {
        div.narrow {
            h1 { (title) }
            (mistakes(w, &trouble.found, 20))
            @if let Some(back) = back(ask) { p { a href=(back) { (say!(w, "Back to the page where this was sent")) } } }
            p { a href="/" { (say!(w, "Back to the beginning")) } }
        }
    };
    Answer { code: trouble.code, ..plain(app, ask, title, main) }
}

/// The page that a form was sent from, as far as its address tells: the nearest one above it that may be looked at, on the same day.
fn back(ask: &Ask) -> Option<String> {
    let mut path = ask.sent_to.as_str();
    while !path.is_empty() && !ask.may(path) {
        path = path.rsplit_once('/').map_or("", |(above, _)| above);
    }
    let day = ask.field("as_of").parse::<Date>().map_or_else(|_| String::new(), |day| format!("?as_of={day}"));
    (!path.is_empty()).then(|| format!("{path}{day}"))
}

/// Points under a heading of the third rank, or of the second where nothing is above it. `lang` is their language, where it is not that of the page.
pub(super) fn section(lang: Option<&str>, section: &Section, rank: u8) -> Markup {
    html! {
        section.points lang=[lang] {
            @if rank == 2 { h2 { (section.title) } } @else { h3 { (section.title) } }
            (points(None, &section.items))
        }
    }
}

pub(super) fn points(lang: Option<&str>, items: &[Item]) -> Markup {
    html! {
        ul lang=[lang] {
            @for item in items {
                // What is numbered needs no dot before its number.
                @let number = item.lead.strip_suffix('.').filter(|number| number.parse::<u32>().is_ok());
                @let class = number.map(|_| "numbered".to_owned()).or_else(|| (item.level > 0).then(|| format!("in-{}", item.level.min(8))));
                li class=[class] {
                    @if !item.lead.is_empty() { span.lead { (shown(&item.lead)) } " " }
                    (shown(&item.text))
                    @for note in &item.notes { span.help { (shown(note)) } }
                }
            }
        }
    }
}

/// A sign that is read by nobody: what it says stands beside it.
pub(super) fn sign(shape: &'static str) -> Markup {
    html! { span.sign aria-hidden="true" { (PreEscaped(shape)) } }
}

/// A text in a language of its own, where it is not that of what is around it.
pub(super) fn text_in(lang: Option<&str>, text: &str) -> Markup {
    html! { @if let Some(lang) = lang { span lang=(lang) { (shown(text)) } } @else { (shown(text)) } }
}

/// A text with code where backticks are.
pub(super) fn with_code(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (shown(part)) } } @else { (shown(part)) }
        }
    }
}

/// The name of a file as people of the clinic know it, wherever its folder lies: `hpv/protocol.toml`, `facts.toml`.
pub(super) fn within_clinic(file: &str) -> String {
    let path = Path::new(file);
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let folder = path.parent().filter(|_| path.ends_with("protocol.toml")).and_then(Path::file_name);
    folder.map_or_else(|| name.to_string(), |folder| format!("{}/{name}", folder.to_string_lossy()))
}
