//! The text of a file, with what is wrong with it at its line. Checking keeps nothing.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::file::{Draft, File, OnDisk};
use crate::diagnostic::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Label, Severity};
use crate::protocol::load::{facts_schema, protocol_schema};
use crate::serve::app::App;
use crate::serve::assets;
use crate::serve::http::{Answer, Ask, Trouble};
use crate::serve::page::{self, encoded, shown, within_clinic};
use crate::serve::words::{Words, mark, phrase, say};
use crate::visible;

pub(super) fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (file, w) = (File::to_edit(app, ask)?, ask.words);
    let now = file.read()?;
    let saved = html! { @if ask.query("saved").is_some() { p.saved role="status" { (say!(w, "Saved.")) } } };
    let draft = Draft::new(app, &file, &now.text, app.today()?);
    page(app, ask, &file, &Form { draft: &draft, loaded: &now.hash(), above: saved })
}

/// The same page for a text that was typed: without a script, the button *Check* leads here; the script takes the list out of it.
pub(super) fn check(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::to_edit(app, ask)?;
    let draft = Draft::new(app, &file, &sent(ask, &file.read()?), app.today()?);
    page(app, ask, &file, &Form { draft: &draft, loaded: ask.field("loaded"), above: html! {} })
}

/// The text of a form, to the letter.
pub(super) fn sent(ask: &Ask, now: &OnDisk) -> String {
    let text = ask.fields().iter().find(|(name, _)| name == "text").map(|(_, text)| text.as_str());
    now.in_its_lines(text.unwrap_or_default())
}

/// A text to go on with.
pub(super) struct Form<'d> {
    pub(super) draft: &'d Draft,
    /// Stands for the file as it was when the text was begun.
    pub(super) loaded: &'d str,
    /// What has to be said first.
    pub(super) above: Markup,
}

pub(super) fn page(app: &App, ask: &Ask, file: &File, form: &Form<'_>) -> Result<Answer, Trouble> {
    let (read, w) = (ask.clinic(app, app.today()?)?, ask.words);
    let main = html! {
        (file.heading(w, &read, "/text"))
        (form.above)
        form.editor method="post" action=(file.page("/check")) data-check=(file.page("/check"))
            data-ended=[w.translated(phrase!("The text cannot be checked: the program has ended."))]
            data-old=[w.translated(phrase!("This page is out of date: copy your text, and load it again."))]
            data-none=[w.translated(phrase!("No name begins like this."))]
            data-name=[w.translated(phrase!("1 name: {}"))]
            data-names=[w.translated(phrase!("{} names, the first: {}"))] {
            (page::token(ask))
            input type="hidden" name="loaded" value=(form.loaded);
            div.text {
                label for="text" { (mark!(w, "Text of {}", html! { code { (shown(&within_clinic(&file.name()))) } })) }
                div.lines {
                    // The parser drops the first line break.
                    textarea #text name="text" rows="32" wrap="off" spellcheck="false" autocomplete="off" autocapitalize="off" aria-describedby="found" {
                        "\n" (form.draft.source.text)
                    }
                }
                p.help { (mark!(w, "{} completes a name.", html! { kbd { (say!(w, "Ctrl")) } " + " kbd { (say!(w, "Space")) } })) }
            }
            aside #found { (found(w, form.draft)) }
            p.save {
                button.primary formaction=(file.page("/review")) { (say!(w, "Review")) }
                button { (say!(w, "Check")) }
                " " span.help { (say!(w, "Nothing is saved before you have seen what it changes.")) }
            }
        }
        // For the script to complete names with.
        ul #names hidden { @for name in names(file, form.draft) { li { (name) } } }
        script src=(assets::editor()) defer {}
    };
    Ok(page::plain(app, ask, &say!(w, "{} – text", file.title(w, &read)), main))
}

/// The keys of the file, and the names of the dictionary.
fn names(file: &File, draft: &Draft) -> BTreeSet<String> {
    fn keys(schema: &serde_json::Value, all: &mut BTreeSet<String>) {
        match schema {
            serde_json::Value::Object(entries) => {
                let own = entries.get("properties").and_then(serde_json::Value::as_object);
                all.extend(own.into_iter().flat_map(|own| own.keys().cloned()));
                entries.values().for_each(|inner| keys(inner, all));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|inner| keys(inner, all)),
            _ => {}
        }
    }
    let mut all = BTreeSet::new();
    keys(if file.is_dictionary() { facts_schema() } else { protocol_schema() }, &mut all);
    let dictionary = &draft.clinic.dictionary;
    all.extend(dictionary.facts.iter().map(|fact| fact.name.clone()));
    all.extend(dictionary.notes.iter().map(|note| note.name.clone()));
    all
}

/// What was found, in a sentence and as a list.
fn found(w: Words, draft: &Draft) -> Markup {
    let summary = summary(w, &draft.here, &draft.elsewhere);
    html! {
        h2 #summary data-say=(summary) { (summary) }
        (listed(w, &draft.here, Place::InText))
        @if !draft.elsewhere.is_empty() {
            h3 { (say!(w, "What it breaks in other files")) }
            (listed(w, &draft.elsewhere, Place::OfFile))
        }
    }
}

pub(super) fn summary(w: Words, here: &Diagnostics, elsewhere: &Diagnostics) -> String {
    let counted = |severity: Severity| {
        let words = match (severity, here.count(severity) + elsewhere.count(severity)) {
            (_, 0) => return None,
            (Severity::Error, 1) => say!(w, "1 mistake").to_owned(),
            (Severity::Error, more) => say!(w, "{} mistakes", more),
            (Severity::Warning, 1) => say!(w, "1 suspicion").to_owned(),
            (Severity::Warning, more) => say!(w, "{} suspicions", more),
            (Severity::Note, 1) => say!(w, "1 note").to_owned(),
            (Severity::Note, more) => say!(w, "{} notes", more),
        };
        Some(words)
    };
    let all: Vec<String> =
        [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter_map(counted).collect();
    let first =
        here.iter().chain(elsewhere).find(|one| one.severity == Severity::Error).and_then(|one| one.label.as_ref());
    match (first, all.is_empty()) {
        (_, true) => say!(w, "No mistakes").to_owned(),
        (Some(first), _) => say!(w, "{}, the first in line {}", all.join(", "), line(first)),
        (None, _) => all.join(", "),
    }
}

fn line(label: &Label) -> usize {
    label.place.file.position(label.place.span.start).0
}

/// How a place is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// As a line that leads into the text on the same page.
    InText,
    /// As a line.
    Line,
    /// As a line of another file.
    OfFile,
}

/// Mistakes and suspicions, each with its line, what helps, and a page that explains it.
pub(super) fn listed(w: Words, found: &Diagnostics, places: Place) -> Markup {
    html! {
        ol.mistakes lang=[w.english()] {
            @for one in found {
                li class=(class(one)) {
                    p {
                        @if let Some(label) = &one.label { (place(label, places)) " " }
                        span.kind { (kind(one.severity)) } " " (page::with_code(&one.message)) " "
                        a.code href=(format!("/codes/{}", encoded(one.code.id))) { (one.code.id) }
                    }
                    @if let Some(label) = &one.label { (excerpt(label)) }
                    @for other in &one.related { p.help { (place(other, places)) " " (page::with_code(&other.text)) } }
                    @for help in &one.help { p { span.lead { "Help: " } (page::with_code(help)) } }
                }
            }
        }
    }
}

fn class(one: &Diagnostic) -> &'static str {
    match one.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn kind(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Mistake:",
        Severity::Warning => "Suspicious:",
        Severity::Note => "Note:",
    }
}

/// Where it is; the script leads there.
fn place(label: &Label, places: Place) -> Markup {
    let file = &label.place.file;
    let line = line(label);
    // A textarea counts in UTF-16.
    let units = |byte: usize| file.text.get(..byte).unwrap_or_default().replace("\r\n", "\n").encode_utf16().count();
    html! {
        @match places {
            Place::InText => { a.line href="#text" data-line=(line) data-from=(units(label.place.span.start)) data-to=(units(label.place.span.end)) { "line " (line) } }
            Place::Line => { span.line { "line " (line) } }
            Place::OfFile => { span.line { (shown(&within_clinic(&file.name))) ", line " (line) } }
        }
    }
}

/// The line, with what is meant marked in it.
fn excerpt(label: &Label) -> Markup {
    let file = &label.place.file;
    let span = file.border(label.place.span.start)..file.border(label.place.span.end.max(label.place.span.start));
    let line = file.line(span.start);
    let end = span.end.min(line.end).max(span.start);
    let part = |range: std::ops::Range<usize>| {
        visible::text(file.text.get(range).unwrap_or_default().trim_end_matches(['\r', '\n'])).into_owned()
    };
    html! {
        pre.excerpt { code { (part(line.start..span.start)) mark { (part(span.start..end)) } (part(end..line.end)) } }
        @if !label.text.is_empty() { p.help { (page::with_code(&label.text)) } }
    }
}

/// What a code means: the page that `regimen explain` prints.
pub(super) fn code(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let code = Code::find(ask.part("code")).ok_or_else(|| Trouble::nothing("code", ask.part("code")))?;
    let main = html! {
        div.explained lang=[ask.words.english()] {
            @for (at, part) in code.page.split("```").enumerate() {
                @if at % 2 == 1 {
                    // Behind the fence stands what kind of text it is.
                    pre tabindex="0" { code { (part.split_once('\n').map_or("", |(_, inside)| inside).trim_end()) } }
                } @else {
                    @for block in part.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
                        @if let Some(heading) = block.strip_prefix("# ") { h1 { (heading) } }
                        @else if let Some(heading) = block.strip_prefix("## ") { h2 { (heading) } }
                        @else { p { (page::with_code(block)) } }
                    }
                }
            }
        }
    };
    Ok(page::plain(app, ask, code.id, main))
}
