//! The cases of the file that is being worked on, and its sheets: each that is not as approved, with what differs, to be looked at and approved.

use maud::{Markup, html};

use super::file::File;
use super::trial;
use crate::cases::{ApprovedSheet, Case, Cases, Outcome, approve, of_protocol, open_sheets};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::protocol::{Protocol, sha256};
use crate::serve::app::App;
use crate::serve::http::{Answer, Ask, Trouble};
use crate::serve::page::{self, shown};
use crate::serve::words::{Words, say};

/// How many cases are shown that fail.
const SHOWN: usize = 30;

/// Something that can be approved: what stands for it in a form changes with it, so that nothing is approved that nobody has seen.
fn mark(name: &str, present: &str) -> String {
    format!("{}/{name}", sha256(present))
}

/// What came of everything that is approved.
#[derive(Default)]
struct Found {
    passed: usize,
    /// Cases that cannot be approved as they are: an expectation is missed, or they cannot be read.
    failed: Vec<(String, Markup)>,
    /// Cases that meet their expectations.
    open: Vec<(Case, Outcome)>,
    sheets: Vec<ApprovedSheet>,
}

fn name(path: &std::path::Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl Found {
    fn of(w: Words, protocol: &Protocol) -> Result<Found, Trouble> {
        let (mut cases, mut found) = (Cases::of(protocol), Found::default());
        for path in of_protocol(protocol) {
            match cases.run(&path) {
                Ok((_, outcome)) if outcome.passed() => found.passed += 1,
                Ok((case, outcome)) if outcome.differences.is_empty() => found.open.push((case, outcome)),
                Ok((case, outcome)) => found.failed.push((case.title, trial::told(w, &outcome))),
                Err(mistakes) => found.failed.push((name(&path), page::mistakes(w, &mistakes, 5))),
            }
        }
        found.sheets = open_sheets(protocol)?;
        Ok(found)
    }
}

pub(super) fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (file, w) = (File::of(app, ask)?, ask.words);
    let read = ask.clinic(app, app.today()?)?;
    let main = html! {
        (file.heading(w, &read, "/cases"))
        @if let Some(count) = ask.query("approved") { p.saved role="status" { (say!(w, "{} approved.", shown(count))) } }
        @match file.working(app) {
            Err(mistakes) => {
                p { (say!(w, "Its text has mistakes: its cases cannot be run.")) }
                (page::mistakes(w, &mistakes, 5))
            }
            Ok((_, protocol)) => { (found(ask, &file, &Found::of(w, &protocol)?)) }
        }
    };
    Ok(page::plain(app, ask, &say!(w, "{} – cases", file.title(w, &read)), main))
}

fn found(ask: &Ask, file: &File, found: &Found) -> Markup {
    let w = ask.words;
    let to_approve = found.open.len() + found.sheets.len();
    html! {
        p { span.tag.yes { (say!(w, "{} as approved", found.passed)) } @if to_approve > 0 { " " span.tag.unknown { (say!(w, "{} to look at", to_approve)) } } @if !found.failed.is_empty() { " " span.tag.bad { (say!(w, "{} failed", found.failed.len())) } } }
        @if to_approve + found.failed.len() == 0 {
            p.empty { @if found.passed == 0 { (say!(w, "There are no cases: nothing tells whether the answers are the ones that are meant.")) } @else { (say!(w, "Every case is answered as expected and approved, and the sheets are approved.")) } }
        }
        @if !found.failed.is_empty() {
            section.card {
                h2 { (say!(w, "Not as expected")) }
                p { (say!(w, "Either the protocol is wrong, or what the case expects: that is mended in the case’s file.")) }
                ul.failed {
                    @for (title, why) in found.failed.iter().take(SHOWN) { li { details { summary { (shown(title)) } (why) } } }
                    @if found.failed.len() > SHOWN { li { (say!(w, "and {} more", found.failed.len() - SHOWN)) } }
                }
            }
        }
        @if to_approve > 0 {
            form.card method="post" action=(file.page("/cases")) {
                (page::token(ask))
                h2 { (say!(w, "Other than approved")) }
                p { (say!(w, "Each meets what is expected of it. Look at what differs: what you approve is what every later change is compared with.")) }
                ul.failed {
                    @for sheet in &found.sheets {
                        (item(w, file, &mark(&name(&sheet.path), &sheet.present), say!(w, "The sheet"), &name(&sheet.path), html! {
                            @match &sheet.approved {
                                None => { p { (say!(w, "It has not been approved yet.")) } }
                                Some(approved) => { @if let Some(lines) = trial::lines(w, approved, &sheet.present) { (lines) } }
                            }
                        }))
                    }
                    @for (case, outcome) in &found.open {
                        (item(w, file, &mark(&name(&case.path), &outcome.snapshot), &case.title, &name(&case.path), trial::told(w, outcome)))
                    }
                }
                @if file.can_be_edited() {
                    p.row { button.primary { (say!(w, "Approve what is marked")) } button name="all" value="yes" { (say!(w, "Approve all {}", to_approve)) } }
                }
            }
        }
    }
}

fn item(w: Words, file: &File, mark: &str, title: &str, name: &str, why: Markup) -> Markup {
    html! {
        li {
            @if file.can_be_edited() { input type="hidden" name="seen" value=(mark); label.check { input type="checkbox" name="approve" value=(mark); span { (shown(title)) } } } @else { p { (shown(title)) } }
            details { summary { (say!(w, "What differs")) } p.help { (shown(name)) } (why) }
        }
    }
}

/// Approves what was marked, if it is still what was seen.
pub(super) fn save(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::to_edit(app, ask)?;
    let found = Found::of(ask.words, &file.working(app)?.1)?;
    let field = if ask.field("all") == "yes" { "seen" } else { "approve" };
    let marked: Vec<&str> =
        ask.fields().iter().filter(|(name, _)| name == field).map(|(_, mark)| mark.as_str()).collect();
    let is_marked = |name: String, present: &str| marked.contains(&mark(&name, present).as_str());
    let sheets: Vec<_> = found.sheets.iter().filter(|sheet| is_marked(name(&sheet.path), &sheet.present)).collect();
    let cases: Vec<_> =
        found.open.iter().filter(|(case, outcome)| is_marked(name(&case.path), &outcome.snapshot)).collect();
    let count = sheets.len() + cases.len();
    if count < marked.len() {
        let wrong =
            Diagnostic::new(&codes::FILE_CHANGED, "what you looked at was changed meanwhile, and nothing was approved");
        return Err(Trouble::found(409, wrong.help("look at it as it is now").into()));
    }
    let failed = |error: std::io::Error| {
        let wrong = Diagnostic::new(&codes::NOT_SAVED, format!("it cannot be written: {error}"));
        Trouble::found(
            500,
            Diagnostics::from(wrong.help("see to it that this program may write the folder of the cases")),
        )
    };
    sheets.iter().try_for_each(|sheet| sheet.approve()).map_err(failed)?;
    cases.iter().try_for_each(|(case, outcome)| approve(case, outcome).map(drop)).map_err(failed)?;
    Ok(Answer::see(file.page(&format!("/cases?approved={count}"))))
}
