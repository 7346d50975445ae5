//! What a change of a file changes, before it is saved: rule by rule, case by case, patient by patient; then saving it.

use maud::{Markup, html};

use super::editor::{self, Form, Place, sent};
use super::file::{Draft, File, Written, only};
use super::trial::{self, Trial};
use crate::date::Date;
use crate::diagnostic::{Diagnostic, codes};
use crate::diff::{Change, Difference, Group, Impact, Labels, Outcome, RecordText};
use crate::document::Notation;
use crate::render::{DifferenceLine, because_of, difference_lines, statuses};
use crate::serve::app::App;
use crate::serve::http::{Answer, Ask, Trouble};
use crate::serve::page::{self, encoded, shown, within_clinic};
use crate::serve::words::{Words, mark, say};

/// How many patients of a group are named.
const NAMED: usize = 30;

/// How many cases are shown that fail.
const SHOWN: usize = 30;

pub(super) fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::to_edit(app, ask)?;
    let text = sent(ask, &file.read()?);
    of(app, ask, &file, &text, ask.field("loaded"))
}

/// What a text would change, on one page, with the button that saves it.
pub(super) fn of(app: &App, ask: &Ask, file: &File, text: &str, loaded: &str) -> Result<Answer, Trouble> {
    let read = ask.clinic(app, app.today()?)?;
    let (now, day) = (file.read()?, ask.as_of(app)?);
    let draft = Draft::new(app, file, text, app.today()?);
    let (is_same, w) = (now.text == text, ask.words);
    let lines = trial::lines(w, &now.text, text);
    let main = html! {
        (file.heading(w, &read, "/text"))
        h2 { (say!(w, "Review")) }
        @if is_same {
            p.empty { (say!(w, "The text is the same as that of the file: there is nothing to save.")) }
        } @else if draft.is_sound() {
            p { (say!(w, "This is what changes when you save. Nothing is saved yet.")) }
        } @else {
            div.notice role="note" {
                p { strong { (say!(w, "This text has mistakes.")) }
                    @if file.is_published() { " " (say!(w, "It cannot be published like this; the published version goes on answering.")) }
                    @else { " " (say!(w, "The clinic cannot use it: saved as it is, every page goes on with the last good version of the clinic’s files, and says so, until it is mended.")) }
                }
            }
        }
        @if file.is_held_up(&read) && !is_same {
            div.notice role="note" { p { strong { (say!(w, "Another file of the clinic has mistakes.")) } " " (say!(w, "What you save here is not used until that one is mended, too.")) } }
        }
        @if file.is_published() && !is_same {
            div.notice role="note" { p { strong { (say!(w, "This protocol has published versions.")) } " " (say!(w, "They go on answering, whatever is saved here, until it is published (page “Versions”): below is what would change then.")) } }
        }
        (form(ask, file, &draft, loaded, day, is_same))
        @if !(draft.here.is_empty() && draft.elsewhere.is_empty()) {
            section.card {
                h2 { (editor::summary(w, &draft.here, &draft.elsewhere)) }
                (editor::listed(w, &draft.here, Place::Line))
                (editor::listed(w, &draft.elsewhere, Place::OfFile))
            }
        }
        @if draft.is_sound() && !is_same { (consequences(app, w, file, &draft, day)?) }
        @if let Some(lines) = &lines {
            section.card { details open[!draft.is_sound()] { summary { (say!(w, "The lines that differ")) } (lines) } }
        }
    };
    Ok(page::plain(app, ask, &say!(w, "{} – review", file.title(w, &read)), main))
}

/// What can be done with the text now.
fn form(ask: &Ask, file: &File, draft: &Draft, loaded: &str, day: Date, is_same: bool) -> Markup {
    let w = ask.words;
    html! {
        form.review method="post" action=(file.page("/save")) {
            (page::token(ask))
            input type="hidden" name="loaded" value=(loaded);
            input type="hidden" name="text" value=(draft.source.text);
            @if !draft.is_sound() && !is_same {
                label.check { input type="checkbox" name="broken" value="yes"; span { (say!(w, "Save it with its mistakes: the clinic answers from the last good version")) } }
            }
            div.row {
                @if !is_same { button.primary { (say!(w, "Save")) } }
                button formaction=(file.page("/check")) { (say!(w, "Back to the text")) }
                @if draft.is_sound() && !is_same {
                    span.as-of {
                        label for="as_of" { (say!(w, "Patients as of")) }
                        input #as_of type="date" name="as_of" value=(day) required;
                        button.quiet formaction=(file.page("/review")) { (say!(w, "Show")) }
                    }
                }
            }
        }
    }
}

/// What comes of a text that the clinic can use.
fn consequences(app: &App, w: Words, file: &File, draft: &Draft, day: Date) -> Result<Markup, Trouble> {
    let read = app.clinic(app.today()?)?;
    let (old, new) = (only(&read.clinic, file), only(&draft.clinic, file));
    let records = records(app, day)?;
    let trials = trial::run(w, &old, &new);
    let by_rule = Difference::between(&old, &new);
    let mut asked = by_rule.clone();
    asked.ask(&old, &new, &records, day, NAMED);
    let lines = difference_lines(&by_rule);
    Ok(html! {
        div.review {
            section.card {
                h2 { (say!(w, "Patients whose answer changes")) }
                @for one in &asked.protocols {
                    @let changes: Vec<&Change> = one.changes.iter().chain(&asked.dictionary).collect();
                    @let title = new.protocol(&one.protocol).map_or(one.protocol.as_str(), |protocol| protocol.title.as_str());
                    @match &one.impact {
                        Some(impact) if asked.protocols.len() == 1 || !impact.groups.is_empty() => {
                            @if asked.protocols.len() > 1 { h3 { (shown(title)) } }
                            (patients(w, impact, (&changes, &one.labels)))
                        }
                        Some(_) => {}
                        None => { p { (say!(w, "{}: nobody had an answer from it before.", shown(title))) } }
                    }
                }
                @if asked.protocols.len() > 1 && asked.protocols.iter().all(|one| one.impact.as_ref().is_some_and(|impact| impact.groups.is_empty())) {
                    p { (nobody(w, records.len(), day)) }
                }
            }
            section.card { h2 { (say!(w, "What is different")) } (rules(w, &lines)) }
            section.card { h2 { (say!(w, "Cases")) } (cases(w, &trials)) }
        }
    })
}

/// The records that the clinic has, as they stood on a day.
fn records(app: &App, day: Date) -> Result<Vec<RecordText>, Trouble> {
    let archive = app.archive();
    let mut all = Vec::new();
    for patient in archive.patients()? {
        if let Some(row) = archive.record_on(&patient, day)? {
            all.push(RecordText::new(&patient, &row.text, Notation::Toml));
        }
    }
    Ok(all)
}

fn counted(w: Words, patients: usize) -> String {
    if patients == 1 { say!(w, "1 patient").to_owned() } else { say!(w, "{} patients", patients) }
}

fn nobody(w: Words, records: usize, day: Date) -> String {
    match records {
        0 => say!(w, "The clinic has no patients with a record on {}.", w.date(day)),
        _ => say!(w, "None of the clinic’s {} on {}.", counted(w, records), w.date(day)),
    }
}

/// Who is answered differently, by what did it; the gravest first.
fn patients(w: Words, impact: &Impact, changes: (&[&Change], &Labels)) -> Markup {
    let unchanged = impact.count(Outcome::Unchanged);
    html! {
        @if impact.groups.is_empty() {
            p { (nobody(w, impact.records, impact.as_of)) }
        } @else {
            p { (mark!(w, "{} on {}:", html! { strong { (say!(w, "{} of {}", impact.records - unchanged, counted(w, impact.records))) } }, html! { (w.date(impact.as_of)) })) }
            @for group in &impact.groups { (group_of(w, group, changes, impact.as_of)) }
        }
    }
}

fn group_of(w: Words, group: &Group, (changes, labels): (&[&Change], &Labels), day: Date) -> Markup {
    let Group { outcome, old, new, because, records, examples } = group;
    let is_grave = matches!(outcome, Outcome::NewlyTreated | Outcome::Error);
    html! {
        div.affected.grave[is_grave] lang=[w.english()] {
            p {
                strong { (outcome.in_words()) } (statuses(*outcome, *old, *new))
                (page::with_code(&because_of(because, changes, labels))) ": " (counted(Words::default(), *records))
            }
            ul {
                @for example in examples {
                    li { a href=(format!("/patients/{}?as_of={day}", encoded(&example.patient))) { (shown(&example.patient)) } ": " (shown(&example.change)) }
                }
                @if examples.len() < *records { li { "and " (records - examples.len()) " more" } }
            }
        }
    }
}

/// What came of the cases.
fn cases(w: Words, trials: &[Trial]) -> Markup {
    let passed: usize = trials.iter().map(|trial| trial.passed).sum();
    let mut failed: Vec<_> = trials.iter().flat_map(|trial| &trial.failed).collect();
    // What comes of the change stands first.
    failed.sort_by_key(|one| one.failed_before);
    let before = failed.iter().filter(|one| one.failed_before).count();
    html! {
        @if passed + failed.len() == 0 {
            p { (say!(w, "There are no cases: nothing tells whether the answers are the ones that are meant.")) }
        } @else {
            p { span.tag.yes { (say!(w, "{} passed", passed)) } " " @if !failed.is_empty() { span.tag.bad { (say!(w, "{} failed", failed.len())) } } @if before > 0 { " " (say!(w, "{} of them with the version in use, too", before)) } }
        }
        ul.failed {
            @for one in failed.iter().take(SHOWN) {
                li {
                    details {
                        summary { (shown(&one.title)) @if one.failed_before { " " span.tag.no { (say!(w, "failed before, too")) } } }
                        p.help { (shown(&one.file)) }
                        (one.why)
                    }
                }
            }
            @if failed.len() > SHOWN { li { (say!(w, "and {} more", failed.len() - SHOWN)) } }
        }
        @if !failed.is_empty() {
            p.help { (say!(w, "Where another answer is meant, save, look at each of them, and approve it on the page “Cases”.")) }
        }
    }
}

/// What is different, rule by rule.
pub(super) fn rules(w: Words, lines: &[DifferenceLine]) -> Markup {
    html! {
        @for line in lines {
            @match line {
                DifferenceLine::Title(text) => { p lang=[w.english()] { strong { (page::with_code(text)) } } }
                DifferenceLine::Heading(text) => { h3 lang=[w.english()] { (page::with_code(text)) } }
                DifferenceLine::Item(level, text) => { p class=(format!("item in-{}", level + 1)) lang=[w.english()] { (page::with_code(text)) } }
                DifferenceLine::Copy(text) => { pre lang=[w.english()] { code { (shown(text)) } } }
            }
        }
    }
}

pub(super) fn save(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::to_edit(app, ask)?;
    let text = sent(ask, &file.read()?);
    let draft = Draft::new(app, &file, &text, app.today()?);
    if !draft.is_sound() && ask.field("broken") != "yes" {
        let message = "the text has mistakes, and was not saved";
        let wrong = Diagnostic::new(&codes::STILL_BROKEN, message);
        let help = "mend it, or say on the page “Review” that it is to be saved all the same";
        return Err(Trouble::found(422, wrong.help(help).into()));
    }
    match file.write(app, ask.field("loaded"), &text)? {
        Written::Saved { before } => {
            let name = within_clinic(&file.name());
            app.archive().note_saved(&app.stamp(ask.who()), &name, &before.text, &text)?;
            Ok(Answer::see(file.page(if file.is_dictionary() { "/text?saved=yes" } else { "?saved=yes" })))
        }
        Written::ChangedMeanwhile(now) => {
            let w = ask.words;
            let above = html! {
                div.notice role="alert" {
                    p {
                        strong { (mark!(w, "Somebody else has changed this file since you opened it ({}). Nothing was saved.", html! { a href="/codes/R860" { "R860" } })) }
                        " " (say!(w, "Below is your text. Take over into it what you want to keep of the other one, and review it again: it then takes the place of the other one."))
                    }
                }
                @if let Some(lines) = trial::lines(w, &now.text, &text) {
                    section.card { h2 { (say!(w, "From the file as it is now (−) to your text (+)")) } (lines) }
                }
                section.card { details { summary { (say!(w, "The file as it is now")) } pre tabindex="0" { code { (shown(&now.text)) } } } }
            };
            let form = Form { draft: &draft, loaded: &now.hash(), above };
            Ok(Answer { code: 409, ..editor::page(app, ask, &file, &form)? })
        }
    }
}
