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
use crate::serve::words::Words;

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
    fn of(protocol: &Protocol) -> Result<Found, Trouble> {
        let (mut cases, mut found) = (Cases::of(protocol), Found::default());
        for path in of_protocol(protocol) {
            match cases.run(&path) {
                Ok((_, outcome)) if outcome.passed() => found.passed += 1,
                Ok((case, outcome)) if outcome.differences.is_empty() => found.open.push((case, outcome)),
                Ok((case, outcome)) => found.failed.push((case.title, trial::told(&outcome))),
                Err(mistakes) => found.failed.push((name(&path), page::mistakes(Words::default(), &mistakes, 5))),
            }
        }
        found.sheets = open_sheets(protocol)?;
        Ok(found)
    }
}

pub(super) fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::of(app, ask)?;
    let read = app.clinic(app.today()?)?;
    let main = html! {
        (file.heading(&read, "/cases"))
        @if let Some(count) = ask.query("approved") { p.saved role="status" { (shown(count)) " approved." } }
        @match file.working(app) {
            Err(mistakes) => {
                p { "Its text has mistakes: its cases cannot be run." }
                (page::mistakes(Words::default(), &mistakes, 5))
            }
            Ok((_, protocol)) => { (found(ask, &file, &Found::of(&protocol)?)) }
        }
    };
    Ok(page::in_english(app, ask, &format!("{} – cases", file.title(&read)), main))
}

fn found(ask: &Ask, file: &File, found: &Found) -> Markup {
    let to_approve = found.open.len() + found.sheets.len();
    html! {
        p { span.tag.yes { (found.passed) " as approved" } @if to_approve > 0 { " " span.tag.unknown { (to_approve) " to look at" } } @if !found.failed.is_empty() { " " span.tag.bad { (found.failed.len()) " failed" } } }
        @if to_approve + found.failed.len() == 0 {
            p.empty { @if found.passed == 0 { "There are no cases: nothing tells whether the answers are the ones that are meant." } @else { "Every case is answered as expected and approved, and the sheets are approved." } }
        }
        @if !found.failed.is_empty() {
            section.card {
                h2 { "Not as expected" }
                p { "Either the protocol is wrong, or what the case expects: that is mended in the case’s file." }
                ul.failed {
                    @for (title, why) in found.failed.iter().take(SHOWN) { li { details { summary { (shown(title)) } (why) } } }
                    @if found.failed.len() > SHOWN { li { "and " (found.failed.len() - SHOWN) " more" } }
                }
            }
        }
        @if to_approve > 0 {
            form.card method="post" action=(file.page("/cases")) {
                (page::token(ask))
                h2 { "Other than approved" }
                p { "Each meets what is expected of it. Look at what differs: what you approve is what every later change is compared with." }
                ul.failed {
                    @for sheet in &found.sheets {
                        (item(file, &mark(&name(&sheet.path), &sheet.present), "The sheet", &name(&sheet.path), html! {
                            @match &sheet.approved {
                                None => { p { "It has not been approved yet." } }
                                Some(approved) => { @if let Some(lines) = trial::lines(approved, &sheet.present) { (lines) } }
                            }
                        }))
                    }
                    @for (case, outcome) in &found.open {
                        (item(file, &mark(&name(&case.path), &outcome.snapshot), &case.title, &name(&case.path), trial::told(outcome)))
                    }
                }
                @if file.can_be_edited() {
                    p.row { button.primary { "Approve what is marked" } button name="all" value="yes" { "Approve all " (to_approve) } }
                }
            }
        }
    }
}

fn item(file: &File, mark: &str, title: &str, name: &str, why: Markup) -> Markup {
    html! {
        li {
            @if file.can_be_edited() { input type="hidden" name="seen" value=(mark); label.check { input type="checkbox" name="approve" value=(mark); span { (shown(title)) } } } @else { p { (shown(title)) } }
            details { summary { "What differs" } p.help { (shown(name)) } (why) }
        }
    }
}

/// Approves what was marked, if it is still what was seen.
pub(super) fn save(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::to_edit(app, ask)?;
    let found = Found::of(&file.working(app)?.1)?;
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
