//! The archive, for whoever checks what was decided: every decision with its steps, its texts, what became of it, and the proof that it is there.

use std::sync::Arc;

use maud::{Markup, html};

use super::app::{App, Read};
use super::http::{self, Answer, Ask, Route, Trouble, get, post};
use super::page::{self, encoded, shown};
use super::words::{Words, mark, say};
use super::{steps, verdict};
use crate::archive::{Draft, Entry, Frames, Kind, Personal, Role, Texts, Wanted, to_hex, tree};
use crate::recommendation::{Recommendation, Status};

pub(super) const ROUTES: &[Route] = &[
    get(&[Role::Practitioner, Role::Auditor], "/decisions", list),
    get(&[Role::Practitioner, Role::Auditor], "/decisions/{entry}", show),
    get(&[Role::Practitioner, Role::Auditor], "/decisions/{entry}/receipt.json", receipt),
    get(&[Role::Practitioner, Role::Auditor], "/decisions/{entry}/text", text),
    post(&[Role::Practitioner, Role::Auditor], "/decisions/{entry}/remark", remark),
];

/// How many entries are listed at once.
const LISTED: usize = 50;

/// How many entries are named that nobody could read.
const DAMAGED: usize = 20;

/// The number of the address.
pub(super) fn number(ask: &Ask) -> Result<u64, Trouble> {
    ask.part("entry").parse().map_err(|_| Trouble::nothing("decision", ask.part("entry")))
}

/// The answer that was recorded.
pub(super) fn answer(app: &App, ask: &Ask) -> Result<(Entry, Recommendation), Trouble> {
    let at = number(ask)?;
    let entry = app.archive().decision(at)?;
    let answer = entry
        .answer()
        .ok_or_else(|| Trouble::refused(422, &format!("entry {at} has no answer that this version can read")))?;
    Ok((entry, answer))
}

fn kind_of(entry: &Entry) -> &str {
    entry.public.text("kind")
}

fn frame<'e>(entry: &'e Entry, name: &str) -> &'e str {
    entry.personal.frames().map(|frames| frames.text(name)).unwrap_or_default()
}

/// The language that a decision was asked for in; empty: that of the files themselves.
pub(super) fn language(entry: &Entry) -> &str {
    frame(entry, "language")
}

/// The clinic in the language that a decision was asked for in, and on its day.
fn clinic_of(app: &App, entry: &Entry, answer: &Recommendation) -> Option<Arc<Read>> {
    app.clinic_in(Some(language(entry)), answer.as_of).ok()
}

/// What people read for the kind of an entry.
fn kind_in_words(w: Words, word: &str) -> &str {
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word);
    kind.map_or(word, |kind| match kind {
        Kind::Answer => say!(w, "answer"),
        Kind::Refusal => say!(w, "refusal"),
        Kind::Override => say!(w, "override"),
        Kind::Ignored => say!(w, "ignored"),
        Kind::Corrected => say!(w, "corrected"),
        Kind::Annulled => say!(w, "annulled"),
        Kind::Hold => say!(w, "hold"),
        Kind::Erased => say!(w, "erased"),
        Kind::Imported => say!(w, "imported"),
        Kind::Account => say!(w, "account"),
    })
}

/// What people read for the name of a part of an entry.
fn part_in_words(w: Words, name: &str) -> &str {
    match name {
        "at" => say!(w, "at"),
        "by" => say!(w, "by"),
        "protocol" => say!(w, "protocol"),
        "version" => say!(w, "version"),
        "engine" => say!(w, "engine"),
        "about" => say!(w, "about"),
        "why" => say!(w, "why"),
        "erased" => say!(w, "erased"),
        "account" => say!(w, "account"),
        "does" => say!(w, "does"),
        "roles" => say!(w, "roles"),
        "as-of" => say!(w, "as-of"),
        "status" => say!(w, "status"),
        "reason" => say!(w, "reason"),
        "allowed" => say!(w, "allowed"),
        "text" => say!(w, "text"),
        "see" => say!(w, "see"),
        "until" => say!(w, "until"),
        _ => name,
    }
}

/// What stands in a part of an entry: words of ours in a reader's language, whatever somebody has written as it is.
fn content_in_words(w: Words, name: &str, content: &str) -> String {
    match name {
        "as-of" | "until" => w.speech().date_text(content),
        "at" => w.moment(content),
        "status" => w.word(content),
        "allowed" if content == "to nobody" => say!(w, "to nobody").to_owned(),
        "allowed" => say!(w, "to {}", content.strip_prefix("to ").unwrap_or(content)),
        _ => content.to_owned(),
    }
}

/// The birth date that the record of a decision tells.
pub(super) fn born(entry: &Entry) -> Option<String> {
    super::patients::born(frame(entry, "record"))
}

/// That a list is asked for something that there is not.
fn unknown(what: &str, name: &str) -> Trouble {
    Trouble { code: 400, ..Trouble::nothing(what, name) }
}

fn among<'a>(what: &str, name: &str, mut all: impl Iterator<Item = &'a str>) -> Result<(), Trouble> {
    if name.is_empty() || all.any(|one| one == name) { Ok(()) } else { Err(unknown(what, name)) }
}

fn list(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let w = ask.words;
    let wanted = |name: &'static str| ask.query(name).unwrap_or_default().trim().to_owned();
    let (patient, protocol, day) = (wanted("patient"), wanted("protocol"), wanted("day"));
    let (status, kind) = (wanted("status"), wanted("kind"));
    // What cannot be is told: it is not that there was none.
    if !day.is_empty() {
        http::day(&day, 400)?;
    }
    among("status", &status, Status::ALL.iter().map(|status| status.word()))?;
    among("kind", &kind, Kind::ALL.iter().map(|kind| kind.word()))?;
    let before = ask.query("before").map(|before| before.parse::<u64>().map_err(|_| unknown("entry", before)));
    let before = before.transpose()?;
    let mut archive = app.archive();
    let asked = Wanted { patient: &patient, protocol: &protocol, day: &day, status: &status, kind: &kind, before };
    let mut numbers = archive.list(&asked, LISTED + 1)?;
    let has_more = numbers.len() > LISTED;
    numbers.truncate(LISTED);
    let last = numbers.last().copied();
    let (mut found, mut damaged) = (Vec::new(), Vec::new());
    // What cannot be read is told whatever is asked for.
    let unlisted = archive.unlisted(DAMAGED)?;
    for at in numbers.iter().chain(unlisted.iter().filter(|at| !numbers.contains(at))) {
        match archive.entry(*at) {
            Ok(entry) if !unlisted.contains(at) => found.push(entry),
            Ok(_) => {}
            Err(wrong) => damaged.push((*at, wrong)),
        }
    }
    let size = archive.size()?;
    drop(archive);
    let clinic = ask.clinic(app, app.today()?)?;
    let select =
        |name: &'static str, label: &'static str, now: &str, all: Vec<String>, shown_as: &dyn Fn(&str) -> String| {
            html! {
                label { (label)
                    select name=(name) {
                        option value="" { (say!(w, "any")) }
                        @for one in &all { option value=(one) selected[one == now] { (shown(&shown_as(one))) } }
                    }
                }
            }
        };
    let protocols = clinic.clinic.protocols.iter().map(|protocol| protocol.id.clone()).collect();
    let title = |id: &str| clinic.clinic.protocol(id).map_or_else(|| id.to_owned(), |protocol| protocol.title.clone());
    let statuses = Status::ALL.iter().map(|status| status.word().to_owned()).collect();
    let kinds = Kind::ALL.iter().map(|kind| kind.word().to_owned()).collect();
    let query = |before: u64| {
        let all = [("patient", &patient), ("protocol", &protocol), ("day", &day), ("status", &status), ("kind", &kind)];
        let all = all.iter().filter(|(_, value)| !value.is_empty());
        all.map(|(name, value)| format!("&{name}={}", encoded(value)))
            .fold(format!("/decisions?before={before}"), |address, part: String| address + part.as_str())
    };
    let main = html! {
        div.heading {
            h1 { (say!(w, "Decisions")) }
            @if ask.may("/decisions/verify") { p.links { a href="/decisions/verify" { (say!(w, "Verify the archive")) } " · " a href="/decisions/replay" { (say!(w, "Ask all of them again")) } } }
        }
        form.card.filter method="get" action="/decisions" {
            label { (say!(w, "Patient")) input name="patient" value=(patient) autocomplete="off" spellcheck="false"; }
            (select("protocol", say!(w, "Protocol"), &protocol, protocols, &title))
            label { (say!(w, "Day")) input type="date" name="day" value=(day); }
            (select("status", say!(w, "Status"), &status, statuses, &|word| w.word(word)))
            (select("kind", say!(w, "Kind"), &kind, kinds, &|word| kind_in_words(w, word).to_owned()))
            button { (say!(w, "Show")) }
        }
        @for (at, wrong) in &damaged { div.notice role="note" { p { strong { (say!(w, "Entry {} is damaged.", at)) } } (page::mistakes(w, wrong, 3)) } }
        p.help { @if size == 1 { (say!(w, "1 entry in the archive")) } @else { (say!(w, "{} entries in the archive", size)) } }
        @if found.is_empty() { p.empty { (say!(w, "No entry matches.")) } }
        @else {
            div.scroll tabindex="0" role="region" aria-label=(say!(w, "Decisions")) {
                table.stack {
                    thead { tr { th scope="col" { (say!(w, "Entry")) } th scope="col" { (say!(w, "When")) } th scope="col" { (say!(w, "Patient")) } th scope="col" { (say!(w, "What")) } th scope="col" { (say!(w, "Protocol")) } th scope="col" { (say!(w, "By")) } } }
                    tbody { @for entry in &found { (row(w, entry, &title)) } }
                }
            }
        }
        @if let (true, Some(last)) = (has_more, last) { p { a href=(query(last)) { (say!(w, "Older ones")) } } }
    };
    Ok(page::plain(app, ask, say!(w, "Decisions"), main))
}

fn row(w: Words, entry: &Entry, title: &dyn Fn(&str) -> String) -> Markup {
    let public = |name| entry.public.text(name);
    let about = public("about");
    html! {
        tr {
            td data-title=(say!(w, "Entry")) { a href=(format!("/decisions/{}", entry.number)) { (entry.number) } }
            td data-title=(say!(w, "When")) { (shown(&w.moment(public("at")))) }
            td data-title=(say!(w, "Patient")) { @if entry.personal == Personal::Erased { em { (say!(w, "erased")) } } @else { (shown(entry.patient())) } }
            td data-title=(say!(w, "What")) { (shown(kind_in_words(w, kind_of(entry)))) @if !frame(entry, "status").is_empty() { ": " strong { (shown(&w.word(frame(entry, "status")))) } } @if !about.is_empty() { " " (mark!(w, "of {}", html! { a href=(format!("/decisions/{}", encoded(about))) { (about) } })) } }
            td data-title=(say!(w, "Protocol")) { (shown(&title(public("protocol")))) " " (shown(public("version"))) @if !public("account").is_empty() { (page::text_in(w.english(), public("does"))) " " (shown(public("account"))) } }
            td data-title=(say!(w, "By")) { (shown(public("by"))) }
        }
    }
}

/// Whose entry it is, with the birth date: what was said of a decision has it from that.
pub(super) fn whose(app: &App, w: Words, entry: &Entry) -> Markup {
    let about = || app.archive().entry(entry.public.text("about").parse().ok()?).ok();
    let born = born(entry).or_else(|| born(&about()?));
    html! {
        @if !entry.patient().is_empty() { p.lead { (say!(w, "patient")) " " (shown(entry.patient())) @if let Some(born) = born { " · " (say!(w, "born")) " " (shown(&w.speech().date_text(&born))) } } }
    }
}

/// What was doubtful beside the answer when it was decided.
fn beside(w: Words, entry: &Entry) -> Markup {
    let doubts = entry.personal.frames().into_iter().flat_map(|frames| frames.all("doubt"));
    html! {
        @for doubt in doubts.map(String::from_utf8_lossy) {
            p.notice {
                @match &*doubt {
                    "R853" => (say!(w, "When this was decided there was another identifier like this one (R853).")),
                    "R857" => (say!(w, "When this was decided the files of the clinic had mistakes: the last version without mistakes has answered (R857).")),
                    other => (shown(other)),
                }
            }
        }
    }
}

fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    page_of(app, ask, None)
}

/// An entry, with what was to be said of it and is not enough.
fn page_of(app: &App, ask: &Ask, wrong: Option<&Trouble>) -> Result<Answer, Trouble> {
    let at = number(ask)?;
    let archive = app.archive();
    let entry = archive.entry(at)?;
    let (later, texts, checkpoint) =
        (archive.about(&entry)?, archive.texts(&entry.public)?.unwrap_or_default(), archive.checkpoint()?);
    // The reason that somebody did not count is one of the decision that the override is about.
    let about = entry.public.text("about").parse().ok().and_then(|about| archive.entry(about).ok()?.answer());
    drop(archive);
    let reason = |id: &str| about.as_ref()?.reasons.iter().find(|one| one.id == id).map(|one| one.reason.clone());
    let answer = entry.answer();
    let (base, w) = (format!("/decisions/{at}"), ask.words);
    let clinic = answer.as_ref().and_then(|answer| clinic_of(app, &entry, answer));
    let protocol =
        answer.as_ref().zip(clinic.as_ref()).and_then(|(answer, read)| read.clinic.protocol(&answer.protocol));
    // The language of the texts that it was made with, as far as the clinic still has the protocol.
    let texts_in = protocol.map(|protocol| protocol.language.clone());
    let as_of = w.speech().date_text(frame(&entry, "as-of"));
    let recorded = html! { p.recorded { (say!(w, "Recorded as entry {} · as of {}", at, shown(&as_of))) } };
    let links = html! {
        p.links {
            a href=(format!("{base}/handout")) { (say!(w, "Handout")) } " · "
            a href=(format!("{base}/checklist")) { (say!(w, "Check-list")) } " · "
            a href=(format!("{base}/calendar.ics")) { (say!(w, "Calendar file")) }
        }
    };
    let is_decision = entry.personal.frames().is_some()
        && matches!(entry.kind(), Some(Kind::Answer | Kind::Refusal | Kind::Imported));
    let main = html! {
        div.heading {
            h1 { (say!(w, "Entry {}: {}", at, shown(kind_in_words(w, kind_of(&entry))))) }
            p.links { a href=(format!("{base}/receipt.json")) { (say!(w, "Receipt")) } @if is_decision && ask.may(&format!("{base}/replay")) { " · " a href=(format!("{base}/replay")) { (say!(w, "Ask again")) } } }
        }
        (whose(app, w, &entry))
        @if let Some(wrong) = wrong { div.wrong #wrong role="alert" { (page::mistakes(w, &wrong.found, 3)) } }
        (beside(w, &entry))
        @if entry.personal == Personal::Erased { p.notice { (say!(w, "What was personal in it was erased.")) } }
        div.treat {
            div {
        dl.facts {
            @if !entry.patient().is_empty() {
                div { dt { (say!(w, "patient")) } dd { a href=(format!("/patients/{}", encoded(entry.patient()))) { (shown(entry.patient())) } } }
                @if let Some(born) = born(&entry) { div { dt { (say!(w, "born")) } dd { (shown(&w.speech().date_text(&born))) } } }
            }
            @for (name, content) in entry.public.iter().filter(|(name, _)| ["at", "by", "protocol", "version", "engine", "about", "why", "erased", "account", "does", "roles"].contains(name)) {
                div { dt { (part_in_words(w, name)) } dd lang=[w.english().filter(|_| ["does", "roles"].contains(&name))] { @if let (true, Some(answer)) = (name == "protocol", &answer) { (shown(&answer.title)) " " } (shown(&content_in_words(w, name, &String::from_utf8_lossy(content)))) } }
            }
            @for name in ["as-of", "status", "reason", "allowed", "text", "see", "until", "why"] {
                @if !frame(&entry, name).is_empty() { div { dt { (part_in_words(w, name)) } dd {
                    @match reason(frame(&entry, name)).filter(|_| name == "reason") {
                        Some(reason) => { (shown(&reason)) " " code.help { (shown(frame(&entry, name))) } }
                        None => (shown(&content_in_words(w, name, frame(&entry, name)))),
                    }
                } } }
            }
        }
        @if !later.is_empty() {
            section.card { h2 { (say!(w, "What became of it")) }
                ul { @for one in &later {
                    li { a href=(format!("/decisions/{}", one.number)) { (shown(kind_in_words(w, kind_of(one)))) } " " (say!(w, "{} by {}: {}", shown(&w.moment(one.public.text("at"))), shown(one.public.text("by")), shown(frame(one, "text")))) }
                } }
            }
        }
                @if is_decision { (remarks(ask, &base, answer.as_ref(), texts_in.as_deref(), wrong.is_some())) }
                @if let Some(answer) = &answer {
                    section { h2 { (say!(w, "Every step")) } (steps::tree(w, answer, protocol)) }
                }
                @if !frame(&entry, "record").is_empty() {
                    details { summary { (say!(w, "The record, as it was given")) } pre tabindex="0" { code { (shown(frame(&entry, "record"))) } } }
                }
                (made_with(w, &base, &texts))
                (proof(w, &entry, checkpoint.size, &to_hex(&checkpoint.root)))
            }
            aside { @if let Some(answer) = &answer { (verdict::panel(w, answer, texts_in.as_deref(), recorded, 0, links)) } }
        }
    };
    Ok(page::plain(app, ask, &say!(w, "Entry {}", at), main))
}

/// What can be said of a decision.
fn remarks(ask: &Ask, base: &str, answer: Option<&Recommendation>, texts: Option<&str>, is_wrong: bool) -> Markup {
    let w = ask.words;
    // What was sent stands where it was typed.
    let is_override = ask.field("kind") == "override";
    let text = |here: bool| if here { ask.field("text") } else { "" };
    let told = |here: bool| (is_wrong && here).then_some("wrong");
    let reasons = answer.map(|answer| answer.reasons.as_slice()).unwrap_or_default();
    html! {
        details.card.remarks open[is_wrong] {
            summary { (say!(w, "What was done all the same, or was wrong")) }
            @if !reasons.is_empty() {
                form method="post" action=(format!("{base}/remark")) {
                    (page::token(ask))
                    input type="hidden" name="kind" value="override";
                    h3 { (say!(w, "Act otherwise")) }
                    label { (say!(w, "Which reason does not count"))
                        select name="reason" required {
                            option value="" { (say!(w, "choose")) }
                            @for reason in reasons {
                                @let who = reason.may_override.as_ref().map_or_else(|| say!(w, "nobody is allowed to").to_owned(), |allowed| say!(w, "allowed to {}", allowed.by));
                                option value=(reason.id) selected[ask.field("reason") == reason.id] lang=[texts.and_then(|texts| w.unlike(texts))] { (shown(&reason.reason)) " (" (shown(&who)) ")" }
                            }
                        }
                    }
                    label { (say!(w, "Why")) textarea name="text" required rows="2" maxlength="2000" aria-describedby=[told(is_override)] { (shown(text(is_override))) } }
                    button { (say!(w, "Record the override")) }
                }
            }
            form method="post" action=(format!("{base}/remark")) {
                (page::token(ask))
                h3 { (say!(w, "Say what became of it")) }
                label { (say!(w, "What"))
                    select name="kind" required {
                        option value="" { (say!(w, "choose")) }
                        option value="ignored" selected[ask.field("kind") == "ignored"] { (say!(w, "it was not acted upon")) }
                        option value="corrected" selected[ask.field("kind") == "corrected"] { (say!(w, "it rested on something wrong")) }
                        option value="annulled" selected[ask.field("kind") == "annulled"] { (say!(w, "it is void")) }
                    }
                }
                label { (say!(w, "Why")) textarea name="text" required rows="2" maxlength="2000" aria-describedby=[told(!is_override)] { (shown(text(!is_override))) } }
                button { (say!(w, "Record it")) }
            }
        }
    }
}

fn made_with(w: Words, base: &str, texts: &Texts) -> Markup {
    if texts.is_empty() {
        return html! {};
    }
    html! {
        details { summary { (say!(w, "The texts that it was made with")) }
            ul { @for (name, _) in texts.iter() { li { a href=(format!("{base}/text?name={}", encoded(name))) { (shown(name)) } } } }
        }
    }
}

fn proof(w: Words, entry: &Entry, size: u64, root: &str) -> Markup {
    html! {
        details { summary { (say!(w, "The proof that it is in the archive")) }
            dl.facts {
                div { dt { (say!(w, "its hash (leaf)")) } dd { code { (to_hex(&tree::leaf(&entry.body))) } } }
                div { dt { (say!(w, "the archive")) } dd { (mark!(w, "{} entries, root {}", html! { (size) }, html! { code { (root) } })) } }
            }
            p { (say!(w, "The receipt holds the hashes from the one to the other. Whoever has kept a checkpoint can see by it that nothing was altered.")) }
        }
    }
}

fn text(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let entry = app.archive().entry(number(ask)?)?;
    let texts = app.archive().texts(&entry.public)?.unwrap_or_default();
    let wanted = ask.query("name").unwrap_or_default();
    let Some((name, bytes)) = texts.iter().find(|(name, _)| *name == wanted) else {
        return Err(Trouble::nothing("text", wanted));
    };
    let main = html! {
        h1 { (shown(name)) }
        (whose(app, ask.words, &entry))
        p { a href=(format!("/decisions/{}", entry.number)) { (say!(ask.words, "Entry {}", entry.number)) } }
        pre tabindex="0" { code { (shown(&String::from_utf8_lossy(bytes))) } }
    };
    Ok(page::plain(app, ask, name, main))
}

fn receipt(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let at = number(ask)?;
    let receipt = app.archive().export(at, None)?;
    Ok(Answer::file("application/json", &format!("receipt-{at}.json"), receipt.json().into_bytes()))
}

fn remark(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let at = number(ask)?;
    let said = ask.field("text");
    if !crate::visible::says_something(said) {
        return Ok(Answer { code: 422, ..page_of(app, ask, Some(&Trouble::refused(422, "say why")))? });
    }
    let mut archive = app.archive();
    let entry = archive.decision(at)?;
    let remark = |kind| Draft::remark(kind, &entry, &Frames::default().with("text", said));
    let draft = match ask.field("kind") {
        "override" => Draft::overriding(&entry, ask.field("reason"), said)?.0,
        "ignored" => remark(Kind::Ignored),
        "corrected" => remark(Kind::Corrected),
        "annulled" => remark(Kind::Annulled),
        other => return Err(Trouble::nothing("remark", other)),
    };
    archive.append(&app.stamp(ask.who()), &Texts::default(), &[draft])?;
    Ok(Answer::see(format!("/decisions/{at}")))
}
