//! The rows of a table, read as strictly as RFC 4180 writes them.
//!
//! A lenient reader takes a stray quote for the beginning of a cell that ends some patients further down, and these are gone. Here a
//! quote that is out of place is a mistake of its row alone, and the next line is read as a row of its own.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use super::lines::{ENDLESS, LONGEST};
use crate::diagnostic::{Diagnostic, codes};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Of how many lines a cell can be. One that was never closed would else hold the rest of the table in memory.
const MOST_LINES: usize = 1000;

/// What may stand between cells.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// A reader of rows.
pub(crate) struct Table<R> {
    input: BufReader<R>,
    /// What stands between cells.
    separator: char,
    /// Lines that were read for a cell that turned out to be broken: they are rows of their own.
    again: VecDeque<Vec<u8>>,
    /// The lines of the present row, each with its end.
    lines: Vec<Vec<u8>>,
    /// The number of the next line, from 1.
    next: u64,
    /// How many bytes have been read.
    pub(super) bytes: u64,
    /// The cells of the present row, without the space around them.
    pub(crate) cells: Vec<String>,
}

/// A mistake in the quotes of a row, with the cell that it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    // The numbers are the cells'.
    NotText,
    StrayQuote(usize),
    AfterQuote(usize),
    Unclosed(usize),
    TooLong(usize),
    TooLarge,
    Rows,
}

impl Mistake {
    /// In words; `heading` names the column of a cell.
    pub(crate) fn message(&self, heading: impl Fn(usize) -> String) -> String {
        match self {
            Mistake::NotText => "this is not text in UTF-8".into(),
            Mistake::StrayQuote(cell) => format!(
                "{} has a quote and does not begin with one; such a cell stands in quotes, with each quote in it written twice",
                heading(*cell)
            ),
            Mistake::AfterQuote(cell) => format!(
                "text follows the closing quote of {}; a quote inside a cell in quotes is written twice",
                heading(*cell)
            ),
            Mistake::Unclosed(cell) => format!(
                "the quote that begins {} is not closed in this line; if its cells may have several lines, say `multiline = true` for it in the map of columns",
                heading(*cell)
            ),
            Mistake::TooLong(cell) => {
                format!("the quote that begins {} is not closed within {MOST_LINES} lines", heading(*cell))
            }
            Mistake::TooLarge => format!("this row has more than {} MiB", LONGEST >> 20),
            Mistake::Rows => {
                "a cell runs over several lines, each of which looks like a row of its own; a quote is missing or too many".into()
            }
        }
    }
}

impl<R: Read> Table<R> {
    pub(crate) fn new(input: R) -> Table<R> {
        let (again, lines, cells) = (VecDeque::new(), Vec::new(), Vec::new());
        Table {
            input: BufReader::with_capacity(1 << 16, input),
            separator: ',',
            again,
            lines,
            next: 1,
            bytes: 0,
            cells,
        }
    }

    /// What stands between cells: what is declared, or the one that the heading has. Where it has several, nobody guesses.
    pub(crate) fn separator(&mut self, declared: Option<&str>) -> io::Result<Result<(), Box<Diagnostic>>> {
        let name = |separator: char| if separator == '\t' { "\\t".to_owned() } else { separator.to_string() };
        let list = SEPARATORS.map(|one| format!("`\"{}\"`", name(one))).join(", ");
        // The first line with anything in it is the heading; whoever reads rows finds it again.
        let mut first = Vec::new();
        while self.line()? {
            first.append(&mut self.lines);
            if first.last().is_some_and(|line| !without_end(line).is_empty()) {
                break;
            }
        }
        // Spreadsheets write a line before it that says what stands between the cells.
        let told = first.last().and_then(|line| told_separator(line));
        let heading = if told.is_some() {
            String::new()
        } else {
            self.next -= first.len() as u64;
            let heading = first.last().map(|line| String::from_utf8_lossy(line).into_owned());
            self.again.extend(first);
            heading.unwrap_or_default()
        };
        if let Some(declared) = declared {
            return Ok(match SEPARATORS.into_iter().find(|one| declared == one.to_string()) {
                Some(separator) if told.is_some_and(|told| told != separator) => {
                    let told = told.map(name).unwrap_or_default();
                    let declared = name(separator);
                    let message =
                        format!("the table says `sep={told}`, and the map of columns `separator = \"{declared}\"`");
                    let help = "take one of the two out: what stands between the cells is said once";
                    Err(Box::new(Diagnostic::new(&codes::UNCLEAR_SEPARATOR, message).help(help)))
                }
                Some(separator) => {
                    self.separator = separator;
                    Ok(())
                }
                None => {
                    let message =
                        format!("`separator` cannot be `{declared}`: that is what stands between the cells of a row");
                    Err(Box::new(Diagnostic::new(&codes::NOT_A_CHOICE, message).help(format!("it can be {list}"))))
                }
            });
        }
        if let Some(told) = told {
            self.separator = told;
            return Ok(Ok(()));
        }
        let mut quoted = false;
        let outside: String = heading
            .chars()
            .filter(|c| {
                quoted ^= *c == '"';
                !quoted
            })
            .collect();
        let there: Vec<char> = SEPARATORS.into_iter().filter(|one| outside.contains(*one)).collect();
        Ok(match there[..] {
            [] => Ok(()),
            [one] => {
                self.separator = one;
                Ok(())
            }
            _ => {
                let there = there.iter().map(|one| format!("`{}`", name(*one))).collect::<Vec<_>>().join(" and ");
                let message = format!("the heading of the table has {there}: which of them stands between the cells?");
                let help = format!(
                    "say it in the map of columns, as `separator = \"{}\"` above `[columns]`: it can be {list}",
                    name(SEPARATORS[1])
                );
                Err(Box::new(Diagnostic::new(&codes::UNCLEAR_SEPARATOR, message).help(help)))
            }
        })
    }

    /// Reads the next row into `cells`; gives the number of the line in which it begins, or nothing at the end. `columns` says how many
    /// the table has, where that is known, and `multiline` whether a column's cells may have several lines.
    pub(crate) fn read(
        &mut self,
        columns: Option<usize>,
        multiline: impl Fn(usize) -> bool,
    ) -> io::Result<Option<(u64, Result<(), Mistake>)>> {
        self.lines.clear();
        loop {
            let number = self.next;
            if !self.line()? {
                return Ok(None);
            }
            // Empty lines are no rows.
            if self.lines.last().is_some_and(|line| without_end(line).is_empty()) {
                self.lines.clear();
                continue;
            }
            let row = self.row(columns, multiline)?;
            if row.is_err() {
                // The mistake is the first line's; those that were read for its cell are rows of their own.
                self.next = number + 1;
                self.lines.drain(1..).rev().for_each(|line| self.again.push_front(line));
            }
            return Ok(Some((number, row)));
        }
    }

    fn row(&mut self, columns: Option<usize>, multiline: impl Fn(usize) -> bool) -> io::Result<Result<(), Mistake>> {
        self.cells.clear();
        let (mut line, mut at) = (0, 0);
        let separator = self.separator;
        if self.lines[0].len() > LONGEST {
            return Ok(Err(Mistake::TooLarge));
        }
        loop {
            let cell = self.cells.len();
            let Ok(text) = std::str::from_utf8(without_end(&self.lines[line])) else {
                return Ok(Err(Mistake::NotText));
            };
            let rest = &text[at..];
            if !rest.starts_with('"') {
                let end = rest.find(separator).unwrap_or(rest.len());
                if rest[..end].contains('"') {
                    return Ok(Err(Mistake::StrayQuote(cell)));
                }
                self.cells.push(rest[..end].trim().to_owned());
                at += end;
            } else {
                let mut content = String::new();
                at += 1;
                loop {
                    let Ok(text) = std::str::from_utf8(&self.lines[line]) else { return Ok(Err(Mistake::NotText)) };
                    match text[at..].find('"') {
                        Some(length) => {
                            content.push_str(&text[at..at + length]);
                            at += length + 1;
                            if !text[at..].starts_with('"') {
                                break;
                            }
                            content.push('"');
                            at += 1;
                        }
                        None if !multiline(cell) => return Ok(Err(Mistake::Unclosed(cell))),
                        None if line + 1 == MOST_LINES => return Ok(Err(Mistake::TooLong(cell))),
                        None => {
                            content.push_str(&text[at..]);
                            if content.len() > LONGEST {
                                return Ok(Err(Mistake::TooLarge));
                            }
                            if !self.line()? {
                                return Ok(Err(Mistake::Unclosed(cell)));
                            }
                            (line, at) = (line + 1, 0);
                        }
                    }
                }
                self.cells.push(content.trim().to_owned());
            }
            let text = without_end(&self.lines[line]);
            match text.get(at) {
                None => break,
                Some(byte) if char::from(*byte) == separator => at += 1,
                Some(_) => return Ok(Err(Mistake::AfterQuote(cell))),
            }
        }
        // Two stray quotes, one below the other, make a cell of the rows between them.
        let separators = |line: &Vec<u8>| line.iter().filter(|byte| char::from(**byte) == separator).count();
        let is_rows = |columns: usize| columns > 1 && self.lines.iter().all(|line| separators(line) + 1 >= columns);
        if self.lines.len() > 1 && columns.is_some_and(is_rows) {
            return Ok(Err(Mistake::Rows));
        }
        Ok(Ok(()))
    }

    /// Reads a line of the present row, with its end. Returns whether there is one.
    fn line(&mut self) -> io::Result<bool> {
        if let Some(line) = self.again.pop_front() {
            self.lines.push(line);
            self.next += 1;
            return Ok(true);
        }
        let mut line = Vec::new();
        let mut dropped = 0;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            // Old programs end a line with a carriage return alone.
            let end = memchr::memchr2(b'\n', b'\r', buffer);
            let length = end.map_or(buffer.len(), |end| end + 1);
            // Of a line that is too long, no more is kept than it takes to see that.
            let kept = length.min((LONGEST + 2).saturating_sub(line.len()));
            line.extend_from_slice(&buffer[..kept]);
            dropped += length - kept;
            self.input.consume(length);
            if dropped > ENDLESS {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line has no end"));
            }
            if end.is_some() {
                if line.ends_with(b"\r") && self.input.fill_buf()?.starts_with(b"\n") {
                    line.push(b'\n');
                    self.input.consume(1);
                }
                break;
            }
        }
        if line.is_empty() {
            return Ok(false);
        }
        self.bytes += (line.len() + dropped) as u64;
        if self.bytes == line.len() as u64 && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        self.lines.push(line);
        self.next += 1;
        Ok(true)
    }
}

/// What stands between cells, where a line says so: `sep=;`.
fn told_separator(line: &[u8]) -> Option<char> {
    let line = without_end(line);
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let told = line.strip_prefix(b"sep=").or_else(|| line.strip_prefix(b"SEP="))?;
    SEPARATORS.into_iter().find(|one| told == one.to_string().as_bytes())
}

/// A line without its end.
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of a table of three columns, the last of which may have several lines; a mistake stands as its number of the cell.
    fn rows(text: &str) -> Vec<(u64, String)> {
        let mut table = Table::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some((number, row)) = table.read(Some(3), |column| column == 2).expect("a text can be read") {
            let text = match row {
                Ok(()) => table.cells.join("|"),
                Err(mistake) => format!("{mistake:?}"),
            };
            found.push((number, text));
        }
        assert_eq!(table.bytes, text.len() as u64);
        found
    }

    fn row(number: u64, text: &str) -> (u64, String) {
        (number, text.to_owned())
    }

    #[test]
    fn rows_are_cut_at_separators_outside_quotes() {
        assert_eq!(rows(""), []);
        assert_eq!(
            rows("\u{feff}a, b ,c\r\n\n\"a,\"\"x\"\"\",,\"\"\rd\n,"),
            [row(1, "a|b|c"), row(3, "a,\"x\"||"), row(4, "d"), row(5, "|")]
        );
        assert_eq!(
            rows("a,b,\"two\n\nlines, \"\"and\"\" more\"\nd,e,f"),
            [row(1, "a|b|two\n\nlines, \"and\" more"), row(4, "d|e|f")]
        );
    }

    #[test]
    fn a_first_line_may_say_what_stands_between_cells() {
        for (text, declared, separator) in [
            ("sep=;\na;b,c\n", None, Some(';')),
            ("\u{feff}\r\nsep=\t\r\na\tb\r\n", None, Some('\t')),
            ("sep=;\na;b\n", Some(";"), Some(';')),
            ("sep=;\na;b\n", Some(","), None),
            // That is a heading.
            ("sep=x\n1\n", None, Some(',')),
        ] {
            let mut table = Table::new(text.as_bytes());
            let told = table.separator(declared).expect("a text can be read").is_ok();
            assert_eq!(told.then_some(table.separator), separator, "{text:?}");
            let (number, row) = table.read(None, |_| false).expect("a text can be read").expect("a row");
            row.expect("no mistake");
            let line = text.lines().position(|line| line.contains(&table.cells[0])).expect("its line");
            assert_eq!(number, line as u64 + 1, "{text:?}");
        }
    }

    #[test]
    fn a_quote_out_of_place_is_a_mistake_of_its_row_alone() {
        assert_eq!(rows("a,b\",c\nd,e,f"), [row(1, "StrayQuote(1)"), row(2, "d|e|f")]);
        assert_eq!(rows("a, \"b\",c\nd,e,f"), [row(1, "StrayQuote(1)"), row(2, "d|e|f")]);
        assert_eq!(rows("a,\"b\" c,\nd,e,f"), [row(1, "AfterQuote(1)"), row(2, "d|e|f")]);
        assert_eq!(rows("a,\"b,c\nd,\"e\",f"), [row(1, "Unclosed(1)"), row(2, "d|e|f")]);
        // Where a cell may have several lines, the lines that it took are given back.
        assert_eq!(rows("a,b,\"c\nd,e,f"), [row(1, "Unclosed(2)"), row(2, "d|e|f")]);
        assert_eq!(rows("a,b,\"c\nd,e,\"f\"\n"), [row(1, "AfterQuote(2)"), row(2, "d|e|f")]);
        assert_eq!(rows("a,b,\"c\nd,e,f\"\ng,h,i"), [row(1, "Rows"), row(2, "StrayQuote(2)"), row(3, "g|h|i")]);
        let long = format!("a,b,\"{}", "\n".repeat(MOST_LINES + 5));
        assert_eq!(rows(&format!("{long}d,e,f")).last(), Some(&row(MOST_LINES as u64 + 6, "d|e|f")));
    }
}
