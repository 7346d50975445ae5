//! Tables as lines of records: a row is a patient, a column a fact.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::answer::quoted;
use super::cells::{DateOrder, DecimalMark, Writing};
use super::lines::JOB;
use super::table::Table;
use super::{Job, Lines, Row};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Severity, SourceFile, codes};
use crate::document::{Data, Node, Notation, parse, restore_entries};
use crate::protocol::file::FactType;
use crate::protocol::load::read_node;
use crate::protocol::{Dictionary, Named};

/// A map from the columns of a table to what a record holds. Columns that it does not mention are called as they are in a record.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "map of columns")]
pub struct ColumnMap {
    /// What stands between the cells of a row: `,`, `;`, `|` or a tab. If nothing is said, the one that the heading has.
    pub separator: Option<String>,
    /// What stands before the decimals of a number: a point, if nothing is said.
    pub decimal: DecimalMark,
    /// In which order the parts of a date stand: as in 2026-03-02, if nothing is said.
    pub dates: DateOrder,
    /// What each column holds, by its heading.
    pub columns: BTreeMap<String, ColumnEntry>,
    /// Where that is written.
    #[serde(skip)]
    written: Option<(Arc<SourceFile>, Node)>,
}

/// What a column holds.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "column")]
pub struct ColumnEntry {
    /// `patient`, `recorded`, or a fact.
    pub is: Option<String>,
    /// The treatment of which it holds the dates of the sessions.
    pub sessions: Option<String>,
    /// What stands between several choices or dates in a cell; `;` if nothing is said.
    pub separator: Option<String>,
    /// What stands before the decimals in this column, if not what the map says for all.
    pub decimal: Option<DecimalMark>,
    /// In which order the parts of a date stand in this column, if not as the map says for all.
    pub dates: Option<DateOrder>,
    /// What the words in the cells mean. An empty text means that nobody asked.
    pub values: BTreeMap<String, String>,
    /// Whether its cells may have several lines. Elsewhere, a quote that is not closed in its line is a mistake.
    pub multiline: bool,
    /// The column is not used.
    pub ignore: bool,
}

impl ColumnMap {
    /// Reads a map.
    #[must_use]
    pub fn read(source: &Arc<SourceFile>, found: &mut Diagnostics) -> ColumnMap {
        static SCHEMA: OnceLock<Json> = OnceLock::new();
        let schema = SCHEMA.get_or_init(crate::protocol::schema::generate::<ColumnMap>);
        let mut tree = parse(source, Notation::Toml, found);
        let is_column =
            |name: &str, value: &Node| matches!(value.data, Data::Table(_)) && schema["properties"].get(name).is_none();
        restore_entries(&mut tree, "columns", is_column, source, found);
        let map = read_node(tree.clone(), source, schema, found);
        let columns = match &mut tree.data {
            Data::Table(entries) => entries.iter_mut().find(|(key, _)| key.name == "columns").map(|(_, node)| node),
            _ => None,
        };
        let written =
            columns.map(|node| (source.clone(), std::mem::replace(node, Node { span: 0..0, data: Data::Null })));
        ColumnMap { written, ..map }
    }

    /// The same, told at the heading of a column in the map, or at what is said there of the column.
    fn at(&self, diagnostic: Diagnostic, heading: &str, said: &[&str]) -> Diagnostic {
        let Some((file, columns)) = &self.written else { return diagnostic };
        let Some((key, entry)) = columns.entries().iter().find(|(key, _)| key.name == heading) else {
            return diagnostic;
        };
        let found = said.iter().try_fold(entry, |node, name| node.get(name)).filter(|_| !said.is_empty());
        let span = found.map_or(key.span.clone(), |node| node.span.clone());
        diagnostic.at(&Place { file: file.clone(), span })
    }
}

/// The headings of a table, for those who tell of mistakes in it.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    headings: Vec<String>,
    /// The one that says when the answers were given.
    recorded: Option<usize>,
}

impl Columns {
    /// The heading of the column that a place in a line of JSON, made of a row, came from.
    #[must_use]
    pub fn heading_at(&self, row: &Row, byte: usize) -> Option<String> {
        let (_, column) = row.cells.iter().rev().find(|(start, _)| *start <= byte)?;
        self.heading(*column)
    }

    /// The heading of the column that says when the answers were given, if there is one.
    pub(super) fn recorded(&self) -> Option<String> {
        self.recorded.and_then(|at| self.heading(at))
    }

    pub(super) fn heading(&self, column: usize) -> Option<String> {
        self.headings.get(column).cloned()
    }
}

/// What a column holds.
#[derive(Clone, Debug)]
struct Target {
    heading: String,
    holds: Holds,
    multiline: bool,
    writing: Writing,
}

#[derive(Clone, Debug, PartialEq)]
enum Holds {
    Patient,
    Recorded,
    Fact(String, FactType),
    Sessions(String),
    Nothing,
}

/// A table as lines of JSON.
pub struct CsvLines<R> {
    table: Table<R>,
    columns: Vec<Target>,
    skip: u64,
}

impl<R: Read> CsvLines<R> {
    /// The rows of a table, but for those that have been answered already.
    ///
    /// # Errors
    /// When the heading cannot be read, or a column holds nothing that a protocol asks for.
    pub fn new(
        input: R,
        map: &ColumnMap,
        dictionaries: &[&Dictionary],
        skip: u64,
    ) -> Result<(CsvLines<R>, Columns), Diagnostics> {
        let mut found = Diagnostics::default();
        let mut table = Table::new(input);
        let mut columns: Vec<Target> = Vec::new();
        let unreadable =
            |why: &str| Diagnostic::new(&codes::UNREADABLE, format!("the heading of the table cannot be read: {why}"));
        match table.separator(map.separator.as_deref()).map(|told| told.map(|()| table.read(None, |_| false))) {
            Err(error) | Ok(Ok(Err(error))) => found.push(unreadable(&error.to_string())),
            Ok(Err(mistake)) => found.push(*mistake),
            Ok(Ok(Ok(Some((_, Err(mistake)))))) => {
                found.push(unreadable(&mistake.message(|at| format!("cell {}", at + 1))));
            }
            Ok(Ok(Ok(None))) => found.push(unreadable("the table is empty")),
            Ok(Ok(Ok(Some(_)))) => {
                let headings = &table.cells;
                for heading in headings {
                    let entry = map.columns.get(heading).cloned().unwrap_or_default();
                    let target = target(heading, &entry, map, dictionaries, &mut found);
                    let twin = columns.iter().find(|other| {
                        other.holds == target.holds && !matches!(target.holds, Holds::Sessions(_) | Holds::Nothing)
                    });
                    if let Some(twin) = twin {
                        let message = format!("columns `{}` and `{heading}` hold the same", twin.heading);
                        let help = "say in the map of columns which of them is not used: `ignore = true`";
                        let which = if map.columns.contains_key(heading) { heading } else { &twin.heading };
                        found.push(map.at(Diagnostic::new(&codes::DUPLICATE_NAME, message), which, &[]).help(help));
                    }
                    columns.push(target);
                }
                let missing = map.columns.keys().filter(|name| !headings.contains(name));
                for name in missing {
                    let message = format!("the table has no column `{name}`");
                    let headings = headings.iter().map(String::as_str);
                    let diagnostic = map.at(Diagnostic::new(&codes::UNKNOWN_KEY, message), name, &[]);
                    found.push(diagnostic.suggest(name, headings));
                }
                if !columns.iter().any(|target| target.holds == Holds::Patient) && !found.has_errors() {
                    let message = "no column of the table is the `patient`";
                    found.push(
                        Diagnostic::new(&codes::MISSING_KEY, message).help("give it a heading, or a map of columns"),
                    );
                }
            }
        }
        let told = Columns {
            headings: columns.iter().map(|target| target.heading.clone()).collect(),
            recorded: columns.iter().position(|target| target.holds == Holds::Recorded),
        };
        found.into_result(CsvLines { table, columns, skip }).map(|(lines, _)| (lines, told))
    }

    /// Writes the row in hand as a line of JSON, and notes which cell each part of it came from.
    fn line(&self, row: &mut Row, out: &mut String) {
        let cells = || {
            let cells = self.table.cells.iter().enumerate().zip(&self.columns);
            cells.map(|((at, cell), target)| (at, target.writing.meaning(cell), target))
        };
        let filled = |holds: fn(&Holds) -> bool| {
            cells().filter(move |(_, cell, target)| holds(&target.holds) && !cell.is_empty())
        };
        let Row { mistakes, cells: places, .. } = row;
        // A cell with a mistake is left out, so that those of the others are told beside it.
        let mut add = |at: usize, before: &str, value: Result<String, Box<Diagnostic>>, out: &mut String| match value {
            Ok(value) => {
                out.push_str(if out.ends_with(['{', '[']) { "" } else { before });
                places.push((out.len(), at));
                out.push_str(&value);
            }
            Err(mistake) => mistakes.push((Some(at), *mistake)),
        };
        out.push('{');
        match filled(|holds| *holds == Holds::Patient).next() {
            Some((at, cell, _)) => add(at, ",", Ok(format!("\"patient\":{}", quoted(cell))), out),
            None => {
                let at = self.columns.iter().position(|target| target.holds == Holds::Patient).unwrap_or(0);
                let mistake = Diagnostic::new(&codes::NO_PATIENT, "this row names no patient");
                add(at, "", Err(Box::new(mistake.help("give any identifier, as P-0017"))), out);
            }
        }
        for (at, cell, target) in filled(|holds| *holds == Holds::Recorded) {
            add(at, ",", target.writing.date(cell).map(|date| format!("\"recorded\":{date}")), out);
        }
        out.push_str(",\"facts\":{");
        for (at, cell, target) in filled(|holds| matches!(holds, Holds::Fact(..))) {
            if let Holds::Fact(fact, ty) = &target.holds {
                let value = target.writing.value(cell, *ty).map(|value| format!("{}:{value}", quoted(fact)));
                add(at, ",", value, out);
            }
        }
        out.push('}');
        let sessions = || {
            cells().filter_map(|(at, cell, target)| match &target.holds {
                Holds::Sessions(treatment) => Some((at, cell, treatment, &target.writing)),
                _ => None,
            })
        };
        // A row says something of a treatment where a cell does: days, or nothing but the separator if there were none. An empty cell says
        // nothing, and where one of several for a treatment is empty, there may have been more than the others say.
        if sessions().any(|(_, cell, ..)| !cell.is_empty()) {
            out.push_str(",\"sessions\":[");
            for (at, cell, treatment, writing) in sessions() {
                for part in writing.parts(cell) {
                    let session = part
                        .and_then(|part| writing.date(part))
                        .map(|date| format!("{{\"treatment\":{},\"date\":{date}}}", quoted(treatment)));
                    add(at, ",", session, out);
                }
            }
            out.push_str("],\"sessions_cover\":[");
            let mut told: Vec<&String> = Vec::new();
            for (at, _, treatment, _) in sessions() {
                let is_open = sessions().any(|(_, cell, other, _)| other == treatment && cell.is_empty());
                if !is_open && !told.contains(&treatment) {
                    add(at, ",", Ok(quoted(treatment)), out);
                    told.push(treatment);
                }
            }
            out.push(']');
        }
        out.push('}');
    }
}

impl<R: Read> Lines for CsvLines<R> {
    fn fill(&mut self, job: &mut Job) -> io::Result<bool> {
        job.bytes = 0;
        let mut line = String::new();
        while job.input.len() < JOB {
            let before = self.table.bytes;
            let targets = &self.columns;
            let multiline = |at: usize| targets.get(at).is_some_and(|target| target.multiline);
            let read = self.table.read(Some(targets.len()), multiline)?;
            job.bytes += self.table.bytes - before;
            let Some((number, read)) = read else { break };
            // Rows that a spreadsheet has left empty say nothing of anybody.
            if read.is_ok() && self.table.cells.iter().all(String::is_empty) {
                continue;
            }
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            let heading = |at: usize| match targets.get(at) {
                Some(target) => format!("the cell of column `{}`", target.heading),
                None => format!("cell {}", at + 1),
            };
            let (cells, columns) = (self.table.cells.len(), targets.len());
            let mut row = Row { line: number, ..Row::default() };
            line.clear();
            let mistake = match read {
                Ok(()) if cells == columns => {
                    self.line(&mut row, &mut line);
                    None
                }
                Ok(()) => Some(format!("this row has {cells} cells, and the table has {columns} columns")),
                Err(mistake) => Some(mistake.message(heading)),
            };
            row.mistakes.extend(mistake.map(|mistake| (None, Diagnostic::new(&codes::UNREADABLE, mistake))));
            if !row.mistakes.is_empty() {
                row.written = self.table.cells.clone();
            }
            // Without its patient or its day, or its cells, there is nothing to read on in.
            let rests = |at: &Option<usize>| {
                at.is_some_and(|at| !matches!(targets[at].holds, Holds::Patient | Holds::Recorded))
            };
            if !row.mistakes.iter().all(|(at, _)| rests(at)) {
                line.clear();
                line.push_str("{}");
            }
            job.input.extend_from_slice(line.as_bytes());
            job.input.push(b'\n');
            job.rows.push(row);
        }
        Ok(!job.rows.is_empty())
    }
}

impl<R> std::fmt::Debug for CsvLines<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvLines").field("columns", &self.columns).finish_non_exhaustive()
    }
}

/// What the words in the cells of a fact's column cannot mean.
fn check_values(
    (heading, name): (&str, &str),
    entry: &ColumnEntry,
    map: &ColumnMap,
    dictionaries: &[&Dictionary],
    found: &mut Diagnostics,
) {
    let answers = || dictionaries.iter().filter_map(|dictionary| dictionary.fact(name)).map(|(_, fact)| &fact.answer);
    let is_choice = answers().all(|answer| answer.declared == FactType::Choice);
    for (word, meaning) in entry.values.iter().filter(|(_, meaning)| !meaning.is_empty()) {
        let at = |diagnostic| map.at(diagnostic, heading, &["values", word]);
        if word.trim().is_empty() {
            let message = format!("an empty cell cannot mean `{meaning}`: it is a question that nobody asked");
            let help = "take this out; in the table, write into the cell what the patient has answered";
            found.push(at(Diagnostic::new(&codes::INVALID_VALUE, message)).help(help));
        } else if is_choice && !answers().any(|answer| answer.choices().contains(meaning)) {
            let choices: Vec<&str> = answers().flat_map(|answer| answer.choices()).map(String::as_str).collect();
            let diagnostic =
                at(Diagnostic::new(&codes::NOT_A_CHOICE, format!("`{meaning}` is not a choice of `{name}`")));
            let help = format!("the choices are {}", choices.join(", "));
            found.push(diagnostic.suggest(meaning, choices.iter().copied()).help(help));
        }
    }
}

fn target(
    heading: &str,
    entry: &ColumnEntry,
    map: &ColumnMap,
    dictionaries: &[&Dictionary],
    found: &mut Diagnostics,
) -> Target {
    let name = entry.is.as_deref().unwrap_or(heading);
    let fact =
        || dictionaries.iter().find_map(|dictionary| dictionary.fact(name)).map(|(_, fact)| fact.answer.declared);
    let known = |what: Named, name: &str| dictionaries.iter().any(|dictionary| dictionary.names.knows(what, name));
    let holds = match (&entry.sessions, name) {
        _ if entry.ignore => Holds::Nothing,
        (Some(treatment), _) => {
            let mut strange =
                dictionaries.iter().filter_map(|one| Named::Treatment.strange(&one.names, treatment, one.speech()));
            let misspelt = strange.find(|one| one.severity == Severity::Error);
            if let Some(mut misspelt) = misspelt.filter(|_| !known(Named::Treatment, treatment)) {
                misspelt.message = format!("column `{heading}` is said to hold sessions: {}", misspelt.message);
                found.push(map.at(misspelt, heading, &["sessions"]));
            }
            Holds::Sessions(treatment.clone())
        }
        (None, "patient") => Holds::Patient,
        (None, "recorded") => Holds::Recorded,
        (None, name) => match fact() {
            Some(ty) => {
                check_values((heading, name), entry, map, dictionaries, found);
                Holds::Fact(name.to_owned(), ty)
            }
            // Another protocol of the clinic asks for it, or nobody needs it.
            None if known(Named::Fact, name) => Holds::Nothing,
            None => {
                let facts = dictionaries.iter().flat_map(|dictionary| &dictionary.facts);
                let names = facts.map(|fact| fact.name.as_str()).chain(["patient", "recorded"]);
                let message = if entry.is.is_some() {
                    format!("column `{heading}` is said to be `{name}`, which no protocol asks for")
                } else {
                    format!("no protocol asks for column `{heading}`")
                };
                let diagnostic = map.at(Diagnostic::new(&codes::UNKNOWN_FACT, message), heading, &["is"]);
                let diagnostic = diagnostic.suggest(name, names);
                let help = "say in the map of columns what it is, or that it is not used: `ignore = true`";
                found.push(Diagnostic { severity: Severity::Error, ..diagnostic.help(help) });
                Holds::Nothing
            }
        },
    };
    let separator = entry.separator.clone().filter(|separator| !separator.is_empty());
    let separator = separator.unwrap_or_else(|| ";".into());
    let decimal = entry.decimal.unwrap_or(map.decimal);
    let dates = entry.dates.unwrap_or(map.dates);
    let writing = Writing { separator, decimal, dates, values: entry.values.clone() };
    Target { heading: heading.to_owned(), holds, multiline: entry.multiline, writing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_heading_of_the_columns_is_one_mistake() {
        let text = "decimal = \",\"\nweight = { is = \"weight\" }\n\"Born on\" = { is = \"date_of_birth\" }\n";
        let mut found = Diagnostics::default();
        let map = ColumnMap::read(&SourceFile::new("map.toml", text), &mut found);
        let told: Vec<&str> = found.iter().flat_map(|one| &one.help).map(String::as_str).collect();
        assert_eq!(told, ["write its heading above it: [columns]"]);
        assert_eq!(map.columns.keys().collect::<Vec<_>>(), ["Born on", "weight"]);
    }
}
