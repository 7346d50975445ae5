//! The web application for somebody who reads German: no English is left on a page, and whatever has no German is marked as English.
#![cfg(feature = "serve")]

#[allow(dead_code, reason = "other tests run the program")]
mod support;
#[allow(dead_code, reason = "other tests send what no browser does")]
#[path = "support/web.rs"]
mod web;

use std::collections::BTreeSet;
use std::path::Path;

use support::{Folder, repository};
use web::{Person, Reply, Server, encoded, raw, value_of};

const RECORD: &str = r#"
patient  = "P-1"
recorded = 2026-03-02

[facts]
date_of_birth = 1990-05-01
schwanger     = false
narben        = { unknown = "declined" }
haut          = "trocken"
arzneien      = []
flecken       = 12
hba1c         = 5.4
sonnenbrand   = "never"

[[sessions]]
date          = 2026-01-15
treatment     = "peeling"
konzentration = 20
reaktion      = "rot"
zonen         = ["stirn"]
gut           = true
"#;

/// A clinic in which everything is German but the names of the language of protocols.
fn german(folder: &Folder) -> Server {
    folder.copy("tests/fixtures/peeling.toml", "klinik/peeling/protocol.toml");
    folder.write("klinik/akten/p-1.toml", RECORD);
    let clinic = folder.path().join("klinik");
    Server::of(&clinic, &folder.path().join("klinik.db"), &clinic.join("akten"))
}

/// Words that German has not.
const ENGLISH: [&str; 92] = [
    "the",
    "is",
    "are",
    "of",
    "and",
    "or",
    "not",
    "until",
    "from",
    "after",
    "before",
    "with",
    "this",
    "that",
    "known",
    "today",
    "if",
    "for",
    "by",
    "on",
    "as",
    "to",
    "no",
    "yes",
    "never",
    "none",
    "session",
    "sessions",
    "course",
    "answer",
    "answers",
    "day",
    "days",
    "week",
    "weeks",
    "months",
    "years",
    "born",
    "patients",
    "record",
    "records",
    "because",
    "could",
    "holds",
    "true",
    "false",
    "what",
    "when",
    "where",
    "who",
    "why",
    "which",
    "there",
    "nothing",
    "nobody",
    "saved",
    "save",
    "show",
    "add",
    "change",
    "find",
    "choose",
    "sign",
    "leave",
    "your",
    "you",
    "here",
    "more",
    "all",
    "any",
    "its",
    "it",
    "has",
    "have",
    "be",
    "can",
    "cannot",
    "decide",
    "decisions",
    "decision",
    "handout",
    "entry",
    "entries",
    "archive",
    "users",
    "password",
    "protocols",
    "appointments",
    "appointment",
    "notes",
    "overview",
    "language",
];

/// The texts of a page outside of what is marked as English, of code and of what a person has written: those of elements, and of attributes that
/// are read out.
fn texts(page: &str) -> Vec<String> {
    const VOID: [&str; 4] = ["meta", "link", "input", "br"];
    const READ_OUT: [&str; 4] = ["aria-label", "placeholder", "title", "data-title"];
    let (mut open, mut all): (Vec<(&str, bool)>, Vec<String>) = (Vec::new(), Vec::new());
    let mut rest = page;
    while let Some((text, after)) = rest.split_once('<') {
        let hidden = open.last().is_some_and(|(_, hidden)| *hidden);
        if !hidden {
            all.push(text.trim().to_owned());
        }
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().map(|(name, _)| name), Some(name), "{page}");
            continue;
        }
        if tag.starts_with('!') {
            continue;
        }
        let attribute = |name: &str| {
            let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
            tag[start..].split('"').next()
        };
        let name = tag.split(' ').next().unwrap_or_default();
        let is_code = ["script", "style", "pre", "code", "textarea"].contains(&name) || tag.ends_with(" hidden");
        let hidden = is_code || attribute("lang").map_or(hidden, |lang| lang != "de");
        if !hidden {
            all.extend(READ_OUT.iter().filter_map(|name| attribute(name)).map(str::to_owned));
        }
        if !VOID.contains(&name) {
            open.push((name, hidden));
        }
    }
    assert_eq!(open, [], "{page}");
    all.retain(|text| !text.is_empty());
    all
}

/// Fails at the first English word of a page. `name` is what was asked for.
fn assert_german(name: &str, page: &str) {
    assert!(page.contains("<html lang=\"de\">"), "{name}: {page}");
    assert_words_are_german(name, page);
}

fn assert_words_are_german(name: &str, page: &str) {
    for text in texts(page) {
        // An expression and its values, what was written when the record was imported, and what stands in backticks or brackets is for a program.
        if text.contains("==") || text.starts_with("taken over from") || ["never", "none"].contains(&text.as_str()) {
            continue;
        }
        let plain = text.split(['`', '[']).step_by(2).collect::<Vec<_>>().join(" ");
        let plain = plain.replace("(true)", "").replace("(false)", "").replace("(never)", "");
        let words = plain.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
        let is_english = |word: &str| ENGLISH.contains(&word.to_lowercase().as_str());
        let found: BTreeSet<&str> = words.filter(|word| is_english(word)).collect();
        assert!(found.is_empty(), "{name}: {found:?} in {text:?}");
    }
}

fn assert_reply_is_german(name: &str, reply: &Reply, code: u16) {
    assert_eq!(reply.code, code, "{name}: {}", reply.body);
    assert_german(name, &reply.body);
}

#[test]
fn no_english_word_is_left_on_a_practitioners_pages() {
    let folder = Folder::new();
    let server = german(&folder);
    assert_german("/you", &raw(&server.address, get("/you", &server.address, "").as_bytes()).body);
    let person = Person::new(&server, "Dr. Ä", "/patients");
    let day = "2026-03-02";
    // Finding and adding somebody.
    for path in ["/patients", "/patients?find=P", "/patients?find=zz"] {
        assert_german(path, &person.page(path));
    }
    assert_reply_is_german("alike", &person.post("/patients", &[("id", "p 01")]), 409);
    assert_reply_is_german("no identifier", &person.post("/patients", &[("id", "")]), 422);
    assert_eq!(person.post("/patients", &[("id", "p 01"), ("sure", "yes")]).code, 303);
    // Their pages, of one of whom much is known and one of whom nothing is; on a day that is past, today, and one to come.
    let ends = ["", "/plan", "/sessions", "/record", "/treat/peeling", "/why/peeling", "/when/peeling"];
    for patient in ["P-1", "p%2001"] {
        for query in ["", "?as_of=2026-03-02", "?as_of=2199-03-02"] {
            for end in ends {
                let path = format!("/patients/{patient}{end}{query}");
                let reply = person.get(&path);
                // Nothing was known of whom has only just come.
                let is_before = patient == "p%2001" && query.contains("2026");
                assert_reply_is_german(&path, &reply, if is_before { 404 } else { 200 });
            }
        }
    }
    let wanted = format!("/patients/P-1/plan?as_of={day}&want=peeling");
    assert_german(&wanted, &person.page(&wanted));
    // Answers: looked at, refused, saved, changed.
    let treat = "/patients/P-1/treat/peeling";
    let page = person.page(&format!("{treat}?as_of={day}"));
    let row = value_of(&page, "row");
    let base = [("as_of", day), ("row", row.as_str())];
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    let preview = person.post(&format!("{treat}/preview"), &with(&[("fact:haut", "=fettig")]));
    assert_words_are_german("preview", &preview.body);
    assert!(preview.body.contains("Mit Angaben, die noch nicht gespeichert sind"), "{}", preview.body);
    let wrong = with(&[("fact:narben", "=yes"), ("fact:narben", "?")]);
    assert_reply_is_german("two answers", &person.post(&format!("{treat}/answers"), &wrong), 422);
    // What cannot be is told beside the question and in the answer, before anything is saved.
    for (value, told) in [("900", "muss aber 0 bis 200 sein"), ("viele", "ist keine Zahl")] {
        let preview =
            person.post(&format!("{treat}/preview"), &with(&[("change", "fact:flecken"), ("fact:flecken~", value)]));
        assert_words_are_german("preview", &preview.body);
        let (answer, questions) = preview.body.split_once("id=\"questions\"").expect("both");
        assert!(answer.contains(told) && answer.contains("Wie viele dunkle Flecken"), "{answer}");
        assert!(questions.contains(told), "{questions}");
    }
    let saved = person.post(&format!("{treat}/answers"), &with(&[("fact:narben", "=no"), ("fact:haut", "=fettig")]));
    assert!(saved.to().contains("saved=yes"));
    assert_german("saved", &person.page(saved.to()));
    for key in ["fact:sonnenbrand", "fact:arzneien", "fact:hba1c", "fact:schwanger", "note:0:reaktion"] {
        let path = format!("{treat}?as_of={day}&change={}", encoded(key));
        assert_german(&path, &person.page(&path));
    }
    // Sessions and appointments.
    let sessions = "/patients/P-1/sessions";
    let row = value_of(&person.page(&format!("{sessions}?as_of={day}")), "row");
    let of = |list: &'static str, date: &'static str| {
        [("as_of", day), ("list", list), ("treatment", "peeling"), ("date", date)]
    };
    let with = |fields: [(&'static str, &'static str); 4]| [&fields[..], &[("row", row.as_str())]].concat();
    assert_reply_is_german("no day", &person.post(sessions, &with(of("planned", "bald"))), 422);
    let added = person.post(sessions, &with(of("planned", "2026-04-02")));
    assert_german("added", &person.page(added.to()));
    assert_reply_is_german("changed", &person.post(sessions, &with(of("planned", "2026-05-02"))), 409);
    assert_german("booked", &person.page(&format!("{treat}?as_of={day}")));
    assert_german("history", &person.page(&format!("/patients/P-1/record?as_of={day}")));
    // Deciding, and what comes of it.
    let row = value_of(&person.page(&format!("{treat}?as_of={day}")), "row");
    let decide = |row: &str, then: &str| {
        person.post("/patients/P-1/decide", &[("protocol", "peeling"), ("as_of", day), ("row", row), ("then", then)])
    };
    assert_eq!(decide(&row, "show").to(), "/decisions/1");
    assert_reply_is_german("changed since", &decide("1", "show"), 409);
    assert_german("/decisions/1", &person.page("/decisions/1"));
    let remark = |kind: &str, text: &str| person.post("/decisions/1/remark", &[("kind", kind), ("text", text)]);
    assert_reply_is_german("no remark", &remark("ignored", ""), 422);
    assert_eq!(remark("ignored", "Termin versäumt").to(), "/decisions/1");
    for path in ["/decisions", "/decisions?patient=P-1", "/decisions?patient=zz", "/decisions/1", "/decisions/2"] {
        assert_german(path, &person.page(path));
    }
    // A day before the last answer.
    let page = person.page(treat);
    let (today, row) = (value_of(&page, "as_of"), value_of(&page, "row"));
    let fields = [("as_of", today.as_str()), ("row", &row), ("fact:schwanger", "=no")];
    assert!(person.post(&format!("{treat}/answers"), &fields).to().contains("saved=yes"));
    let before = person.page(&format!("{treat}?as_of={day}"));
    assert!(before.contains("Die Akte hat Angaben vom"), "{before}");
    assert_german("before", &before);
    // Nothing that is there.
    for path in ["/patients/niemand", "/nirgends", "/patients/P-1/treat/nichts", "/decisions/99"] {
        assert_reply_is_german(path, &person.get(path), 404);
    }
}

#[test]
fn no_english_word_is_left_on_the_pages_of_auditors_and_administrators() {
    let folder = Folder::new();
    let server = german(&folder);
    let person = Person::new(&server, "Dr. Ä", "/patients");
    let row = value_of(&person.page("/patients/P-1/treat/peeling?as_of=2026-03-02"), "row");
    let fields = [("protocol", "peeling"), ("as_of", "2026-03-02"), ("row", row.as_str()), ("then", "show")];
    assert_eq!(person.post("/patients/P-1/decide", &fields).to(), "/decisions/1");
    for path in ["/decisions/1/replay", "/decisions/replay", "/decisions/verify", "/patients/P-1/erase", "/you"] {
        assert_german(path, &person.page(path));
    }
    for path in ["/users", "/you/password"] {
        let reply = person.get(path);
        assert_reply_is_german(path, &reply, 404);
        assert!(!reply.body.contains("lang=\"en\""), "{path}: {}", reply.body);
    }
    let erase = |why: &str| person.post("/patients/P-1/erase", &[("id", "P-1"), ("why", why)]);
    assert_reply_is_german("no reason", &erase(""), 422);
    assert_reply_is_german("erased", &erase("auf Verlangen"), 200);
    for path in ["/decisions", "/decisions/1", "/decisions/2", "/decisions/1/replay"] {
        assert_german(path, &person.page(path));
    }
}

#[test]
fn no_english_word_is_left_on_a_managers_pages() {
    let folder = Folder::new();
    let server = german(&folder);
    let person = Person::new(&server, "Dr. Ä", "/protocols");
    let base = "/protocols/peeling";
    for path in ["/protocols", "/saved", "/saved?file=peeling/protocol.toml"] {
        assert_german(path, &person.page(path));
    }
    for end in ["", "/text", "/parameters", "/tables", "/cases", "/versions"] {
        assert_german(end, &person.page(&format!("{base}{end}")));
    }
    // A text is broken, changed, saved; and somebody else was faster.
    let loaded = value_of(&person.page(&format!("{base}/text")), "loaded");
    let text = folder.read("klinik/peeling/protocol.toml");
    let send = |end: &str, loaded: &str, text: &str| {
        person.post(&format!("{base}{end}"), &[("loaded", loaded), ("text", text)])
    };
    let (broken, changed) = (text.replace("'narben'", "'narbe'"), text.replace("'flecken >= 3'", "'flecken >= 20'"));
    assert!(broken != text && changed != text);
    for (name, text) in [("same", &text), ("broken", &broken), ("changed", &changed)] {
        for end in ["/check", "/review"] {
            assert_reply_is_german(&format!("{name} {end}"), &send(end, &loaded, text), 200);
        }
    }
    assert_reply_is_german("not saved", &send("/save", &loaded, &broken), 422);
    assert_reply_is_german("changed meanwhile", &send("/save", "x", &changed), 409);
    let saved = send("/save", &loaded, &changed);
    for path in [saved.to(), "/saved", "/saved/1"] {
        assert_german(path, &person.page(path));
    }
    // Parameters and tables.
    let loaded = value_of(&person.page(&format!("{base}/parameters")), "loaded");
    let set =
        |value: &str| person.post(&format!("{base}/parameters"), &[("loaded", &loaded), ("p:sonnenpause", value)]);
    assert_reply_is_german("out of range", &set("90 days"), 422);
    assert_reply_is_german("in range", &set("21 days"), 200);
    assert_reply_is_german("no table", &person.post(&format!("{base}/tables"), &[("cells", "")]), 422);
    assert_reply_is_german("no reason", &person.post(&format!("{base}/publish"), &[("why", "")]), 422);
    assert_german("/codes/R860", &person.page("/codes/R860"));
}

fn get(path: &str, address: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{more}Connection: close\r\n\r\n")
}

/// What the shipped clinic has in German is shown to whoever has chosen it, or whose browser asks for it; all others read English.
#[test]
fn the_language_is_the_one_that_was_chosen_or_that_the_browser_asks_for() {
    let folder = Folder::new();
    let clinic = repository().join("protocols");
    let server = Server::of(&clinic, &folder.path().join("clinic.db"), Path::new(&clinic.join("records")));
    let page = |header: &str| raw(&server.address, get("/you", &server.address, header).as_bytes()).body;
    let is_german = |page: &str| page.contains("<html lang=\"de\">") && page.contains("Wer sind Sie?");
    for wanted in ["de", "de-AT,de;q=0.9,en;q=0.5", "fr, de;q=0.7, en;q=0.5", "en;q=0.1, de"] {
        assert!(is_german(&page(&format!("Accept-Language: {wanted}\r\n"))), "{wanted}");
        // What was chosen is stronger, also where that is the language of the files.
        for chosen in ["", "en"] {
            let both = format!("Accept-Language: {wanted}\r\nCookie: regimen-language={chosen}\r\n");
            assert!(page(&both).contains("<html lang=\"en\">"), "{wanted}, {chosen}");
        }
    }
    for wanted in [
        "",
        "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n",
        "Accept-Language: fr, de;q=0\r\n",
        "Accept-Language: *\r\n",
    ] {
        let page = page(wanted);
        assert!(page.contains("<html lang=\"en\">") && page.contains("Who are you?"), "{wanted}: {page}");
        assert!(!page.contains("data-ended"), "an English page is what it was: {page}");
    }
    assert!(is_german(&page("Cookie: regimen-language=de\r\n")));
    // A protocol that has no German texts is marked where they stand, and its sentences are German.
    let mut person = Person::new(&server, "Dr. A", "/patients");
    person.cookie.push_str("; regimen-language=de");
    let overview = person.page("/patients/P-0001?as_of=2026-03-02");
    assert!(overview.contains("Muster-Hautklinik"), "the clinic’s name: {overview}");
    assert!(overview.contains("Was möglich ist") && overview.contains("Microneedling bei atrophen Aknenarben"));
    assert!(overview.contains("lang=\"en\">Glycolic acid peels"), "{overview}");
    let treat = person.page("/patients/P-0001/treat/glycolic-peel?as_of=2026-03-02");
    assert!(treat.contains("<h1 lang=\"en\">Glycolic acid peels") && treat.contains("BEHANDELN: Sitzung 1"), "{treat}");
    // A manager reads the titles, and the sheet, as far as they are translated.
    for path in ["/protocols", "/protocols/microneedling-acne-scars"] {
        let page = person.page(path);
        assert!(page.contains("Microneedling bei atrophen Aknenarben"), "{path}: {page}");
    }
    let parameters = person.page("/protocols/glycolic-peel/parameters");
    assert!(
        parameters.contains("<legend><span lang=\"en\">") && parameters.contains("Quelle: <span lang=\"en\">"),
        "{parameters}"
    );
}
