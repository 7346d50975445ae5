//! The decision tables of a protocol, to a spreadsheet and back: as a file, or through copying and pasting its cells.

use maud::{Markup, html};

use super::file::{File, OnDisk};
use super::review;
use super::rows::{KEYS, Row, Setting, changed, settings};
use crate::batch::Table;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceFile, codes};
use crate::document::{Node, Notation, parse};
use crate::serve::app::App;
use crate::serve::http::{Answer, Ask, Trouble};
use crate::serve::page::{self, shown};
use crate::serve::words::{Words, mark, say};

/// The headings, but for that of the number of a row, which stands for the text that the table was made from.
const SETTING: &str = "setting";
const ROW: &str = "row of ";
const LABEL: &str = "label";
const UNIT: &str = "unit";

/// What makes a spreadsheet take a text for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn tree(file: &File, text: &str) -> Node {
    parse(&SourceFile::new(file.name(), text), Notation::Toml, &mut Diagnostics::default())
}

/// The heading of the numbers of rows.
fn mark(now: &OnDisk) -> String {
    format!("{ROW}{}", now.hash().get(..16).unwrap_or_default())
}

pub(super) fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::to_edit(app, ask)?;
    page(app, ask, &file, &[])
}

fn page(app: &App, ask: &Ask, file: &File, wrong: &[String]) -> Result<Answer, Trouble> {
    let (read, now) = (app.clinic(app.today()?)?, file.read()?);
    let tree = tree(file, &now.text);
    let (all, w) = (settings(&tree), ask.words);
    let lang = file.protocol(&read.clinic).and_then(|protocol| w.unlike(&protocol.language));
    let main = html! {
        (file.heading(w, &read, "/tables"))
        @if !wrong.is_empty() {
            div.notice role="alert" { p { strong { (say!(w, "Nothing was changed.")) } } ul lang=[w.english()] { @for why in wrong { li { (page::with_code(why)) } } } }
        }
        @if all.is_empty() {
            p.empty { (say!(w, "This protocol has no decision tables: they are the rows of its settings.")) }
        } @else {
            section.card {
                h2 { (say!(w, "To a spreadsheet, and back")) }
                p { (mark!(w, "{}, or {}. Change cells, add rows without a number, take rows out; leave the headings as they are.", html! { a href=(file.page("/tables.csv")) { (say!(w, "Download the tables")) } }, html! { a href=(file.page("/tables.csv?decimals=comma")) { (say!(w, "with decimal commas")) } })) }
                form method="post" action=(file.page("/tables")) enctype="multipart/form-data" {
                    (page::token(ask))
                    div.row {
                        label { (say!(w, "The changed file")) input type="file" name="table" accept=".csv,.tsv,.txt,text/csv"; }
                        button.primary { (say!(w, "Review")) }
                    }
                    details { summary { (say!(w, "Or paste its cells, with the headings")) }
                        label { (say!(w, "Cells")) textarea name="cells" rows="8" wrap="off" spellcheck="false" {} }
                        p { button { (say!(w, "Review")) } }
                    }
                }
                p.help { (say!(w, "Nothing is saved before you have seen what it changes. Comments and whatever is not in the tables stay as they are.")) }
            }
            @for setting in &all {
                h2 { (page::text_in(lang, &setting.label)) " " code { (shown(&setting.id)) } }
                div.scroll tabindex="0" role="region" aria-label=(shown(&setting.label)) {
                    table.stack {
                        thead { tr { th scope="col" { (say!(w, "Row")) } th scope="col" { (say!(w, "When")) } th scope="col" { (say!(w, "Value")) } th scope="col" { (say!(w, "From")) } th scope="col" { (say!(w, "To")) } th scope="col" { (say!(w, "Text")) } } }
                        tbody { @for row in setting.rows() { (line(w, &row, &setting.unit)) } }
                    }
                }
            }
        }
    };
    let answer = page::plain(app, ask, &say!(w, "{} – tables", file.title(w, &read)), main);
    Ok(if wrong.is_empty() { answer } else { Answer { code: 422, ..answer } })
}

fn line(w: Words, row: &Row, unit: &str) -> Markup {
    let [when, numbers @ .., text] = &row.cells;
    html! {
        tr {
            td { (row.at.unwrap_or_default()) }
            td data-title=(say!(w, "When")) { @if when.is_empty() { (say!(w, "always")) } @else { code { (shown(when)) } } }
            @for (title, cell) in [say!(w, "Value"), say!(w, "From"), say!(w, "To")].into_iter().zip(numbers) {
                td data-title=(title) { @if cell.is_empty() { "–" } @else { (shown(cell)) @if !unit.is_empty() && cell.starts_with(|c: char| c.is_ascii_digit()) { " " (shown(unit)) } } }
            }
            td data-title=(say!(w, "Text")) { @if text.is_empty() { "–" } @else { (shown(text)) } }
        }
    }
}

/// The tables as a file.
pub(super) fn download(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (file, with_comma) = (File::to_edit(app, ask)?, ask.query("decimals") == Some("comma"));
    let now = file.read()?;
    let tree = tree(&file, &now.text);
    let between = if with_comma { ";" } else { "," };
    let mut lines =
        vec![[SETTING, LABEL, UNIT, &mark(&now)].into_iter().chain(KEYS).map(str::to_owned).collect::<Vec<_>>()];
    for setting in settings(&tree) {
        for row in setting.rows() {
            let at = row.at.map(|at| at.to_string()).unwrap_or_default();
            let cells = row.cells.iter().map(|cell| match cell.parse::<rust_decimal::Decimal>() {
                Ok(_) if with_comma => cell.replace('.', ","),
                _ => cell.clone(),
            });
            lines.push(
                [setting.id.clone(), setting.label.clone(), setting.unit.clone(), at]
                    .into_iter()
                    .chain(cells)
                    .collect(),
            );
        }
    }
    let line = |cells: &Vec<String>| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(between) + "\r\n";
    // Without the mark, spreadsheets take it for the encoding of their system.
    let text: String = std::iter::once("\u{feff}".to_owned()).chain(lines.iter().map(line)).collect();
    Ok(Answer::file("text/csv; charset=utf-8", &format!("{}-tables.csv", file.key), text.into_bytes()))
}

/// A cell in quotes, which no spreadsheet takes for a formula.
fn quoted(cell: &str) -> String {
    let is_number = cell.replace(',', ".").parse::<rust_decimal::Decimal>().is_ok();
    let guard = if cell.starts_with(FORMULA) && !is_number { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

/// Puts a table into the text, and shows what that would change.
pub(super) fn change(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::to_edit(app, ask)?;
    let sent = ["table", "cells"].into_iter().find_map(|name| {
        ask.fields()
            .iter()
            .find(|(other, text)| other == name && !text.trim().is_empty())
            .map(|(_, text)| text.as_str())
    });
    let Some(sent) = sent else {
        return page(app, ask, &file, &["choose a file, or paste the cells of the tables".to_owned()]);
    };
    let now = file.read()?;
    let tree = tree(&file, &now.text);
    let wanted = match rows(sent, &mark(&now), &settings(&tree)) {
        Ok(wanted) => wanted,
        Err(NotRead::Stale) => {
            let message = "this protocol was changed since the table was downloaded: nothing was taken over";
            let wrong = Diagnostic::new(&codes::FILE_CHANGED, message);
            return Err(Trouble::found(
                409,
                wrong.help("download the table again, and make the changes in that").into(),
            ));
        }
        Err(NotRead::Wrong(wrong)) => return page(app, ask, &file, &wrong),
    };
    match changed(&now.text, &tree, &wanted.iter().map(|(_, row)| row.clone()).collect::<Vec<_>>()) {
        Ok(text) => review::of(app, ask, &file, &text, &now.hash()),
        Err(wrong) => {
            let line = |at: usize| wanted.get(at).map_or(0, |(line, _)| *line);
            let wrong: Vec<_> = wrong.into_iter().map(|(at, why)| format!("line {}: {why}", line(at))).collect();
            page(app, ask, &file, &wrong)
        }
    }
}

/// Why a table was not read.
enum NotRead {
    /// It was made from another text.
    Stale,
    Wrong(Vec<String>),
}

/// The rows of a table with their lines.
fn rows(sent: &str, mark: &str, settings: &[Setting<'_>]) -> Result<Vec<(u64, Row)>, NotRead> {
    let one = |why: String| NotRead::Wrong(vec![why]);
    let mut table = Table::new(sent.as_bytes());
    match table.separator(None) {
        Ok(Ok(())) => {}
        Ok(Err(mistake)) => return Err(one(mistake.message)),
        Err(error) => return Err(one(error.to_string())),
    }
    let mut headings: Option<Vec<String>> = None;
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    while let Some((line, read)) = table.read(None, |_| true).map_err(|error| one(error.to_string()))? {
        if let Err(mistake) = read {
            wrong.push(format!("line {line}: {}", mistake.message(|at| format!("cell {}", at + 1))));
            continue;
        }
        let Some(headings) = &headings else {
            let found = table.cells.clone();
            let missing: Vec<_> =
                [SETTING].into_iter().chain(KEYS).filter(|name| !found.iter().any(|one| one == name)).collect();
            if !missing.is_empty() {
                return Err(one(format!(
                    "the table has no column `{}`: leave the headings as they were downloaded",
                    missing.join("`, `")
                )));
            }
            match found.iter().find(|one| one.starts_with(ROW)) {
                None => {
                    return Err(one(format!(
                        "the table has no column that begins with `{ROW}`: leave the headings as they were downloaded"
                    )));
                }
                Some(other) if other != mark => return Err(NotRead::Stale),
                Some(_) => {}
            }
            let has_place =
                |one: &str| one.starts_with(ROW) || [SETTING, LABEL, UNIT].contains(&one) || KEYS.contains(&one);
            if let Some(other) = found.iter().find(|one| !one.trim().is_empty() && !has_place(one)) {
                return Err(one(format!(
                    "the table has a column `{other}`, for which the protocol has no place: take it out"
                )));
            }
            headings = Some(found);
            continue;
        };
        if table.cells.iter().all(String::is_empty) {
            continue;
        }
        let cell = |name: &str| {
            let at = headings.iter().position(|heading| heading == name);
            let cell = at.and_then(|at| table.cells.get(at)).map(String::as_str).unwrap_or_default();
            // What kept it from being a formula.
            cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA)).unwrap_or(cell).to_owned()
        };
        let at = match cell(mark) {
            empty if empty.is_empty() => None,
            number => match number.parse() {
                Ok(at) => Some(at),
                Err(_) => {
                    wrong.push(format!("line {line}: `{number}` is not the number of a row"));
                    continue;
                }
            },
        };
        // What stands beside the rows says of what they are: numbers in another unit would be other numbers.
        let own = settings.iter().find(|one| one.id == cell(SETTING));
        for (key, own) in own.iter().flat_map(|one| [(LABEL, &one.label), (UNIT, &one.unit)]) {
            let told = cell(key);
            if !told.is_empty() && told != *own {
                wrong.push(format!(
                    "line {line}: the {key} of `{}` is `{own}`, and not `{told}`: a table changes rows alone, and the {key} is changed in the protocol's text",
                    cell(SETTING)
                ));
            }
        }
        all.push((line, Row { setting: cell(SETTING), at, cells: KEYS.map(cell) }));
    }
    match (headings, wrong.is_empty()) {
        (None, true) => Err(one("the table is empty".to_owned())),
        (_, false) => Err(NotRead::Wrong(wrong)),
        _ => Ok(all),
    }
}
