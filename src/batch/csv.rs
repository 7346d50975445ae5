//! Tables as lines of records: a row is a patient, a column a fact.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::answer::quoted;
use super::lines::JOB;
use super::table::Table;
use super::{Job, Lines, Row};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, SourceFile, codes};
use crate::protocol::file::FactType;
use crate::protocol::load::read_toml;
use crate::protocol::names::Standing;
use crate::protocol::{Dictionary, Named};

/// A map from the columns of a table to what a record holds. Columns that it does not mention are called as they are in a record.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnMap {
    /// What each column holds, by its heading.
    pub columns: BTreeMap<String, ColumnEntry>,
}

/// What a column holds.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnEntry {
    /// `patient`, `recorded`, or a fact.
    pub is: Option<String>,
    /// The treatment of which it holds the dates of the sessions.
    pub sessions: Option<String>,
    /// What stands between several choices or dates in a cell; `;` if nothing is said.
    pub separator: Option<String>,
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
        read_toml(source, SCHEMA.get_or_init(|| schemars::schema_for!(ColumnMap).to_value()), found)
    }
}

/// What each column of a table holds, for those who tell of mistakes in it.
#[derive(Clone, Debug, Default)]
pub struct Columns(Vec<(String, Target)>);

/// What a column holds.
#[derive(Clone, Debug)]
struct Target {
    holds: Holds,
    separator: String,
    multiline: bool,
    values: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Holds {
    Patient,
    Recorded,
    Fact(String, FactType),
    Sessions(String),
    Nothing,
}

impl Columns {
    /// The heading of the column that a place in a line of JSON, made of a row, came from.
    #[must_use]
    pub fn heading_at(&self, line: &str, byte: usize) -> Option<String> {
        // The last key that is a column's and begins before the place, or at it.
        let last = |key: &str| line.match_indices(key).map(|(at, _)| at).take_while(|at| *at <= byte).last();
        let holds = |target: &Target| match &target.holds {
            Holds::Patient => last("{\"patient\":"),
            Holds::Recorded => last(",\"recorded\":"),
            Holds::Fact(fact, _) => last(&format!("{}:", quoted(fact))),
            Holds::Sessions(treatment) => last(&format!("{{\"treatment\":{}", quoted(treatment))),
            Holds::Nothing => None,
        };
        let places = self.0.iter().filter_map(|(heading, target)| Some((holds(target)?, heading)));
        places.max_by_key(|(at, _)| *at).map(|(_, heading)| heading.clone())
    }
}

/// A table as lines of JSON.
pub struct CsvLines<R> {
    table: Table<R>,
    columns: Columns,
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
        let mut table = Table::new(input);
        let mut found = Diagnostics::default();
        let mut columns = Columns::default();
        match table.read(None, |_| false) {
            Ok(Some((_, Err(mistake)))) => {
                let cell = |at: usize| format!("cell {}", at + 1);
                let message = format!("the heading of the table cannot be read: {}", mistake.message(cell));
                found.push(Diagnostic::new(&codes::UNREADABLE, message));
            }
            Ok(_) => {
                let headings = &table.cells;
                for heading in headings {
                    let entry = map.columns.get(heading).cloned().unwrap_or_default();
                    columns.0.push((heading.to_owned(), target(heading, &entry, dictionaries, &mut found)));
                }
                let missing = map.columns.keys().filter(|name| !headings.contains(name));
                for name in missing {
                    let message = format!("the table has no column `{name}`");
                    let headings = headings.iter().map(String::as_str);
                    found.push(Diagnostic::new(&codes::UNKNOWN_KEY, message).suggest(name, headings));
                }
                if !columns.0.iter().any(|(_, target)| target.holds == Holds::Patient) && !found.has_errors() {
                    let message = "no column of the table is the `patient`";
                    found.push(
                        Diagnostic::new(&codes::MISSING_KEY, message).help("give it a heading, or a map of columns"),
                    );
                }
            }
            Err(error) => {
                let message = format!("the heading of the table cannot be read: {error}");
                found.push(Diagnostic::new(&codes::UNREADABLE, message));
            }
        }
        let told = columns.clone();
        found.into_result(CsvLines { table, columns, skip }).map(|(lines, _)| (lines, told))
    }

    /// The next row as a line of JSON.
    fn line(&self, out: &mut String) {
        let cell = |at: usize| {
            let text = self.table.cells.get(at).map_or("", String::as_str);
            self.columns.0[at].1.values.get(text).map_or(text, String::as_str)
        };
        let filled = |holds: fn(&Holds) -> bool| {
            let columns = self.columns.0.iter().enumerate();
            columns.filter(move |(at, (_, target))| holds(&target.holds) && !cell(*at).is_empty())
        };
        // Writing to a text cannot fail.
        let patient = filled(|holds| *holds == Holds::Patient).map(|(at, _)| cell(at)).next();
        let _ = write!(out, "{{\"patient\":{}", quoted(patient.unwrap_or("")));
        for (at, _) in filled(|holds| *holds == Holds::Recorded) {
            let _ = write!(out, ",\"recorded\":{}", quoted(cell(at)));
        }
        out.push_str(",\"facts\":{");
        let mut comma = "";
        for (at, (_, target)) in filled(|holds| matches!(holds, Holds::Fact(..))) {
            if let Holds::Fact(fact, ty) = &target.holds {
                let _ = write!(out, "{comma}{}:{}", quoted(fact), value(cell(at), *ty, &target.separator));
                comma = ",";
            }
        }
        out.push('}');
        self.sessions(&cell, out);
        out.push('}');
    }
}

impl<R> CsvLines<R> {
    /// The sessions of a row. It says something of a treatment where a cell does: days, or nothing but the separator if there were none. An
    /// empty cell says nothing, and where one of several for a treatment is empty, there may have been more than the others say.
    fn sessions<'s>(&'s self, cell: &impl Fn(usize) -> &'s str, out: &mut String) {
        let columns = self.columns.0.iter().enumerate();
        let columns = columns.filter_map(|(at, (_, target))| match &target.holds {
            Holds::Sessions(treatment) => Some((treatment, cell(at), &target.separator)),
            _ => None,
        });
        if columns.clone().all(|(_, cell, _)| cell.is_empty()) {
            return;
        }
        // Writing to a text cannot fail.
        let mut comma = "";
        out.push_str(",\"sessions\":[");
        for (treatment, cell, separator) in columns.clone() {
            for date in parts(cell, separator) {
                let _ = write!(out, "{comma}{{\"treatment\":{},\"date\":{}}}", quoted(treatment), quoted(date));
                comma = ",";
            }
        }
        comma = "";
        out.push_str("],\"sessions_cover\":[");
        let mut told: Vec<&String> = Vec::new();
        for (treatment, ..) in columns.clone() {
            let is_open = columns.clone().any(|(other, cell, _)| other == treatment && cell.is_empty());
            if !is_open && !told.contains(&treatment) {
                let _ = write!(out, "{comma}{}", quoted(treatment));
                comma = ",";
                told.push(treatment);
            }
        }
        out.push(']');
    }
}

impl<R: Read> Lines for CsvLines<R> {
    fn fill(&mut self, job: &mut Job) -> io::Result<bool> {
        job.bytes = 0;
        let mut line = String::new();
        while job.input.len() < JOB {
            let before = self.table.bytes;
            let targets = &self.columns.0;
            let multiline = |at: usize| targets.get(at).is_some_and(|(_, target)| target.multiline);
            let row = self.table.read(Some(targets.len()), multiline)?;
            job.bytes += self.table.bytes - before;
            let Some((number, row)) = row else { break };
            let heading = |at: usize| match targets.get(at) {
                Some((heading, _)) => format!("the cell of column `{heading}`"),
                None => format!("cell {}", at + 1),
            };
            let (cells, columns) = (self.table.cells.len(), targets.len());
            let mistake = match row {
                Ok(()) if cells == columns => None,
                Ok(()) => Some(format!("this row has {cells} cells, and the table has {columns} columns")),
                Err(mistake) => Some(mistake.message(heading)),
            };
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            line.clear();
            match mistake {
                Some(_) => line.push_str("{}"),
                None => self.line(&mut line),
            }
            job.input.extend_from_slice(line.as_bytes());
            job.input.push(b'\n');
            job.rows.push(Row { line: number, mistake });
        }
        Ok(!job.rows.is_empty())
    }
}

impl<R> std::fmt::Debug for CsvLines<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvLines").field("columns", &self.columns).finish_non_exhaustive()
    }
}

fn target(heading: &str, entry: &ColumnEntry, dictionaries: &[&Dictionary], found: &mut Diagnostics) -> Target {
    let name = entry.is.as_deref().unwrap_or(heading);
    let fact =
        || dictionaries.iter().find_map(|dictionary| dictionary.fact(name)).map(|(_, fact)| fact.answer.declared);
    let known = |what: Named, name: &str| {
        dictionaries.iter().any(|dictionary| what.standing(&dictionary.names, name) == Standing::Known)
    };
    let holds = match (&entry.sessions, name) {
        _ if entry.ignore => Holds::Nothing,
        (Some(treatment), _) => {
            let mut strange = dictionaries.iter().filter_map(|one| Named::Treatment.strange(&one.names, treatment));
            let misspelt = strange.find(|one| one.severity == Severity::Error);
            if let Some(mut misspelt) = misspelt.filter(|_| !known(Named::Treatment, treatment)) {
                misspelt.message = format!("column `{heading}` is said to hold sessions: {}", misspelt.message);
                found.push(misspelt);
            }
            Holds::Sessions(treatment.clone())
        }
        (None, "patient") => Holds::Patient,
        (None, "recorded") => Holds::Recorded,
        (None, name) => match fact() {
            Some(ty) => Holds::Fact(name.to_owned(), ty),
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
                let diagnostic = Diagnostic::new(&codes::UNKNOWN_FACT, message).suggest(name, names);
                let help = "say in the map of columns what it is, or that it is not used: `ignore = true`";
                found.push(Diagnostic { severity: Severity::Error, ..diagnostic.help(help) });
                Holds::Nothing
            }
        },
    };
    let separator = entry.separator.clone().filter(|separator| !separator.is_empty());
    let separator = separator.unwrap_or_else(|| ";".into());
    Target { holds, separator, multiline: entry.multiline, values: entry.values.clone() }
}

/// The parts of a cell, without the space around them. A cell with nothing between its separators has none.
fn parts<'c>(cell: &'c str, separator: &'c str) -> impl Iterator<Item = &'c str> {
    cell.split(separator).map(str::trim).filter(|part| !part.is_empty())
}

/// A cell as JSON. What is not of the fact's type stays a text, and is then refused as one.
fn value(cell: &str, ty: FactType, separator: &str) -> String {
    let is_number = || {
        let digits = cell.strip_prefix('-').unwrap_or(cell);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        all_digits(whole) && all_digits(fraction) && (whole == "0" || !whole.starts_with('0'))
    };
    match ty {
        FactType::Bool if cell == "true" || cell == "false" => cell.to_owned(),
        FactType::Integer | FactType::Decimal if is_number() => cell.to_owned(),
        FactType::Set => format!("[{}]", parts(cell, separator).map(quoted).collect::<Vec<_>>().join(",")),
        _ => quoted(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_become_values_of_their_facts_type() {
        assert_eq!(value("true", FactType::Bool, ";"), "true");
        assert_eq!(value("yes", FactType::Bool, ";"), "\"yes\"");
        assert_eq!(value("-2.50", FactType::Decimal, ";"), "-2.50");
        assert_eq!(value("2,5", FactType::Decimal, ";"), "\"2,5\"");
        assert_eq!(value("007", FactType::Integer, ";"), "\"007\"");
        assert_eq!(value("cheek | nose", FactType::Set, "|"), "[\"cheek\",\"nose\"]");
        assert_eq!(value(";", FactType::Set, ";"), "[]");
        assert_eq!(value("2026", FactType::Date, ";"), "\"2026\"");
    }
}
