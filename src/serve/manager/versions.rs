//! The versions of a protocol: those that are published, each with its sheet and its text; any two compared; an old one taken up again.

use maud::{Markup, PreEscaped, html};

use super::file::File;
use super::publishing;
use super::{review, trial};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, SourceFile, codes};
use crate::diff::Difference;
use crate::protocol::published::{Index, Version};
use crate::protocol::{Clinic, Protocol, Which};
use crate::publish::number_after_last;
use crate::render::{difference_lines, sheet};
use crate::serve::app::App;
use crate::serve::http::{Answer, Ask, Trouble};
use crate::serve::page::{self, encoded, shown};
use crate::serve::words::{Words, say};

/// What the file that is being worked on is called among the versions.
const WORKING: &str = "working";

/// The published versions of a file; none where nothing is published yet.
pub(super) fn index(file: &File) -> Result<Option<Index>, Trouble> {
    let mut found = Diagnostics::default();
    match Index::beside(file.path(), &mut found) {
        None if found.has_errors() => Err(found.into()),
        index => Ok(index),
    }
}

/// A published version by its number.
fn version<'i>(index: Option<&'i Index>, number: &str) -> Result<(&'i Index, &'i Version), Trouble> {
    let found = index.and_then(|index| Some((index, index.version(number)?)));
    found.ok_or_else(|| Trouble::nothing("published version", number))
}

/// The clinic of a version: its text with the dictionary that it was published with.
fn clinic_of(index: &Index, version: &Version) -> Result<Clinic, Trouble> {
    let (clinic, broken, mut found) = Clinic::read_which(&index.folder(version), None, Which::WorkingFile);
    broken.into_iter().for_each(|one| found.append(one.mistakes));
    found.retain(|one| one.severity == Severity::Error);
    if found.has_errors() { Err(found.into()) } else { Ok(clinic) }
}

pub(super) fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::of(app, ask)?;
    let (read, today, w) = (ask.clinic(app, app.today()?)?, app.today()?, ask.words);
    let index = index(&file)?;
    let versions = index.as_ref().map_or(&[][..], |index| &index.versions);
    let in_force = |version: &Version| version.from <= today && version.until.is_none_or(|until| until >= today);
    let main = html! {
        (file.heading(w, &read, "/versions"))
        @if versions.is_empty() {
            p.empty { (say!(w, "No version of this protocol is published: answers come from its file, whatever is saved there.")) }
        } @else {
            div.scroll tabindex="0" role="region" aria-label=(say!(w, "Published versions")) {
                table.stack {
                    thead { tr { th scope="col" { (say!(w, "Version")) } th scope="col" { (say!(w, "In force")) } th scope="col" { (say!(w, "Published")) } th scope="col" { (say!(w, "Why")) } th scope="col" { (say!(w, "Tried with")) } th scope="col" { (say!(w, "Text")) } } }
                    tbody {
                        @for version in versions.iter().rev() {
                            @let entry = &version.entry;
                            tr {
                                td { a href=(address(&file, &entry.version.value)) { (shown(&entry.version.value)) } @if in_force(version) { " " span.tag.yes { (say!(w, "in force")) } } }
                                td data-title=(say!(w, "In force")) { span { (say!(w, "from {}", w.date(version.from))) @if let Some(until) = version.until { br; (say!(w, "until {}", w.date(until))) } } }
                                td data-title=(say!(w, "Published")) { span { (w.date(version.on)) br; (say!(w, "by {}", shown(&entry.by.value))) } }
                                td data-title=(say!(w, "Why")) { (shown(entry.why.as_deref().unwrap_or("–"))) }
                                td data-title=(say!(w, "Tried with")) { span { (say!(w, "{} cases", entry.passed.cases)) br; (say!(w, "{} of {} changes noticed", entry.passed.killed, entry.passed.mutants)) } }
                                td data-title=(say!(w, "Text")) { (unaltered(w, index.as_ref(), version)) }
                            }
                        }
                    }
                }
            }
            (compare_form(w, &file, versions))
        }
        (publishing::form(app, ask, &file, index.as_ref())?)
        @if ask.may("/saved") { p.links { a href=(format!("/saved?file={}", encoded(&page::within_clinic(&file.name())))) { (say!(w, "Who saved which text of it when")) } } }
    };
    Ok(page::plain(app, ask, &say!(w, "{} – versions", file.title(w, &read)), main))
}

fn address(file: &File, number: &str) -> String {
    file.page(&format!("/versions/{}", encoded(number)))
}

/// Whether the texts of a version are those that were published, with what stands for them.
fn unaltered(w: Words, index: Option<&Index>, version: &Version) -> Markup {
    let found = index.map(|index| index.altered(version)).unwrap_or_default();
    let hash = version.entry.files.iter().find(|(name, _)| name.value == "protocol.toml").map(|(_, hash)| &hash.value);
    html! {
        span {
            @if found.is_empty() { span.tag.yes { (say!(w, "as published")) } } @else { span.tag.bad { (say!(w, "altered")) } }
            @if let Some(hash) = hash { br; code title=(hash) { (hash.get(..12).unwrap_or(hash)) "…" } }
        }
    }
}

fn compare_form(w: Words, file: &File, versions: &[Version]) -> Markup {
    let numbers = || versions.iter().rev().map(|version| version.entry.version.value.as_str());
    let select = |name: &'static str, label: &'static str, chosen: Option<&str>| {
        html! {
            label { (label)
                select name=(name) {
                    option value=(WORKING) selected[chosen.is_none()] { (say!(w, "the file as it is now")) }
                    @for number in numbers() { option value=(number) selected[chosen == Some(number)] { (say!(w, "version {}", shown(number))) } }
                }
            }
        }
    };
    html! {
        form.card.filter method="get" action=(file.page("/compare")) {
            (select("old", say!(w, "Compare"), numbers().next()))
            (select("new", say!(w, "with"), None))
            button { (say!(w, "Compare")) }
        }
    }
}

/// A version: its sheet, its text, and the way back to it.
pub(super) fn one(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::of(app, ask)?;
    let (read, index) = (ask.clinic(app, app.today()?)?, index(&file)?);
    let (index, version) = version(index.as_ref(), ask.part("version"))?;
    let altered = index.altered(version);
    let entry = &version.entry;
    let number = &entry.version.value;
    let (clinic, w) = (clinic_of(index, version), ask.words);
    let main = html! {
        (file.heading(w, &read, "/versions"))
        h2 { (say!(w, "Version {}", shown(number))) }
        @if !altered.is_empty() { div.notice role="note" { p { strong { (say!(w, "It is not as it was published.")) } } (page::mistakes(w, &altered, 5)) } }
        dl.facts {
            div { dt { (say!(w, "in force")) } dd { (say!(w, "from {}", w.date(version.from))) @if let Some(until) = version.until { " " (say!(w, "until {}", w.date(until))) } } }
            div { dt { (say!(w, "published")) } dd { (say!(w, "{} by {}", w.date(version.on), shown(&entry.by.value))) } }
            @if let Some(why) = &entry.why { div { dt { (say!(w, "why")) } dd { (shown(why)) } } }
            div { dt { (say!(w, "cases")) } dd { (say!(w, "{} passed; {} of {} outcomes", entry.passed.cases, entry.passed.covered, entry.passed.outcomes)) } }
            div { dt { (say!(w, "changes tried")) } dd { (say!(w, "{}: {} noticed, {} not, {} without effect, {} undecided", entry.passed.mutants, entry.passed.killed, entry.passed.survived, entry.passed.equivalent, entry.passed.undecided)) } }
            @for (name, hash) in entry.files.iter() { div { dt { (shown(&name.value)) } dd { code.hash { (shown(&hash.value)) } } } }
        }
        p.links { a href=(file.page(&format!("/compare?old={}&new={WORKING}", encoded(number)))) { (say!(w, "What is different in the file as it is now")) } }
        @if file.can_be_edited() && altered.is_empty() {
            form.card method="post" action=(format!("{}/restore", address(&file, number))) {
                (page::token(ask))
                h3 { (say!(w, "Take it up again")) }
                p { (say!(w, "Its text is put in the place of the file that is being worked on, under a number that can be published, and reviewed first. No version is lost or changed by it. The dictionary stays as it is now.")) }
                p { button { (say!(w, "Review its text")) } }
            }
        }
        @match &clinic {
            Ok(clinic) => {
                @for protocol in &clinic.protocols {
                    @let sheet = sheet::sheet(protocol);
                    details open { summary { (say!(w, "The sheet")) }
                        // It is escaped where it is made.
                        div.sheet lang=[w.unlike(protocol.speech().code)] { (PreEscaped(sheet::html_sections(&sheet))) }
                    }
                    details { summary { (say!(w, "The text")) } pre tabindex="0" { code { (shown(&protocol.file.text)) } } }
                }
            }
            Err(trouble) => { (page::mistakes(w, &trouble.found, 5)) }
        }
    };
    Ok(page::plain(app, ask, &format!("{} {number}", file.title(w, &read)), main))
}

/// One of the two that are compared: what it is called, its protocol with its clinic, its text.
struct Side {
    name: String,
    clinic: Clinic,
}

impl Side {
    fn of(app: &App, w: Words, file: &File, index: Option<&Index>, named: &str) -> Result<Side, Trouble> {
        if named == WORKING {
            return Ok(Side { name: say!(w, "the file as it is now").to_owned(), clinic: file.working(app)?.0 });
        }
        let (index, version) = version(index, named)?;
        Ok(Side { name: say!(w, "version {}", named), clinic: clinic_of(index, version)? })
    }

    fn text(&self) -> &str {
        self.clinic.protocols.first().map(|protocol| protocol.file.text.as_str()).unwrap_or_default()
    }
}

/// Two versions, rule by rule and line by line.
pub(super) fn compare(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::of(app, ask)?;
    let (read, index) = (ask.clinic(app, app.today()?)?, index(&file)?);
    let w = ask.words;
    let side = |name| Side::of(app, w, &file, index.as_ref(), ask.query(name).unwrap_or(WORKING));
    let (old, new) = (side("old")?, side("new")?);
    let main = html! {
        (file.heading(w, &read, "/versions"))
        h2 { (say!(w, "From {} to {}", shown(&old.name), shown(&new.name))) }
        div.review { section.card { h3 { (say!(w, "What is different")) } (review::rules(w, &difference_lines(&Difference::between(&old.clinic, &new.clinic)))) } }
        section.card {
            h3 { (say!(w, "The lines that differ")) }
            @match trial::lines(w, old.text(), new.text()) {
                Some(lines) => { (lines) }
                None => { p.empty { (say!(w, "The texts are the same.")) } }
            }
        }
        @if let Some(index) = &index { (compare_form(w, &file, &index.versions)) }
    };
    Ok(page::plain(app, ask, &say!(w, "{} – compared", file.title(w, &read)), main))
}

/// Shows what the text of an old version would change in the place of the file.
pub(super) fn restore(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::to_edit(app, ask)?;
    let (now, index) = (file.read()?, index(&file)?);
    let (index, version) = version(index.as_ref(), ask.part("version"))?;
    let altered = index.altered(version);
    if !altered.is_empty() {
        return Err(altered.into());
    }
    let clinic = clinic_of(index, version)?;
    let Some(published) = clinic.protocols.first() else {
        let message = format!("there is no text of version {}", version.entry.version.value);
        return Err(Diagnostics::from(Diagnostic::new(&codes::UNREADABLE, message)).into());
    };
    let text = renumbered(app, &file, published);
    review::of(app, ask, &file, &now.in_its_lines(&text), &now.hash())
}

/// The text of a published version with the number that it needs to be published again. A number is given once.
fn renumbered(app: &App, file: &File, published: &Protocol) -> String {
    let text = &published.file.text;
    let (clinic, ..) = Clinic::read_sound_with(app.folder(), &SourceFile::new(file.name(), text));
    let number = file.protocol(&clinic).and_then(number_after_last);
    let span = published.value_place("version", None).span;
    let mut renumbered = text.clone();
    if let (Some(number), false) = (number, span.is_empty()) {
        renumbered.replace_range(span, &format!("\"{number}\""));
    }
    renumbered
}
