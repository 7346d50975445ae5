//! The lines that go out.

use std::collections::HashSet;
use std::io::Write;

use serde::Serialize;

use super::csv::Columns;
use super::patients::Mark;
use super::{Answered, Patients, Tally};
use crate::decide::{Decision, Prepared, Statuses};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, codes};
use crate::protocol::file::ProtocolStatus;
use crate::protocol::{Broken, Protocol};
use crate::recommendation::{Doubt, Recommendation, Status};
use crate::visible;

/// Writes the decisions of one protocol.
#[derive(Clone, Debug)]
pub(super) struct Decisions {
    /// `"protocol":"…","version":"…","status":"`
    head: String,
    /// `…"]` for each set of statuses that came up.
    could_become: Vec<Option<Box<str>>>,
}

impl Decisions {
    pub(super) fn new(protocol: &Protocol) -> Decisions {
        let draft = if protocol.standing() == ProtocolStatus::Draft { ",\"protocol_status\":\"draft\"" } else { "" };
        Decisions {
            head: format!("{}{draft},\"status\":\"", named(protocol)),
            could_become: vec![None; 1 << Status::ALL.len()],
        }
    }

    /// The members of an answer, without its braces.
    pub(super) fn write<'f>(
        &mut self,
        decision: &Decision,
        to_be_confirmed: impl Iterator<Item = &'f str>,
        out: &mut Vec<u8>,
    ) {
        out.extend_from_slice(self.head.as_bytes());
        out.extend_from_slice(decision.status.word().as_bytes());
        out.push(b'"');
        let days = [
            ("not_before", decision.not_before),
            ("no_sooner_than", decision.no_sooner_than),
            ("no_later_than", decision.no_later_than),
        ];
        for (name, day) in days {
            if let Some(day) = day {
                // Writing to memory cannot fail.
                let _ = write!(out, ",\"{name}\":\"{day}\"");
            }
        }
        // The day is none without them.
        let mut open: &[u8] = b",\"to_be_confirmed\":[";
        for fact in to_be_confirmed {
            out.extend_from_slice(open);
            out.extend_from_slice(quoted(fact).as_bytes());
            open = b",";
        }
        if open == b"," {
            out.push(b']');
        }
        out.extend_from_slice(self.could_become(decision.could_become).as_bytes());
    }

    fn could_become(&mut self, statuses: Statuses) -> &str {
        self.could_become[statuses.bits()].get_or_insert_with(|| {
            let words: Vec<&str> = statuses.iter().map(Status::word).collect();
            format!(",\"could_become\":[\"{}\"]", words.join("\",\"")).into()
        })
    }
}

/// What every line says: for which day, and by which protocols.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// `,"as_of":"…"`
    pub(super) day: String,
    /// The same, with the protocols: for lines without an answer.
    all: String,
    /// `,{…}` for each protocol that cannot answer.
    pub(super) broken: String,
}

impl Asked {
    pub(super) fn new(protocols: &[Prepared], broken: &[Broken]) -> Asked {
        let day = protocols.first().map(|one| format!(",\"as_of\":\"{}\"", one.as_of())).unwrap_or_default();
        let names: Vec<String> = protocols.iter().map(|one| named(one.protocol())).collect();
        let all = match &names[..] {
            [one] => format!("{day},{one}"),
            several => format!("{day},\"protocols\":[{{{}}}]", several.join("},{")),
        };
        let broken = broken.iter().map(|one| format!(",{}", json(&one.json()))).collect();
        Asked { day, all, broken }
    }

    /// Writes what is wrong with a line instead of an answer.
    pub(super) fn refuse(&self, remarks: &[Remark], number: u64, out: &mut Vec<u8>) {
        // Writing to memory cannot fail.
        let _ = writeln!(out, "{{\"line\":{number}{},\"errors\":{}}}", self.all, json(remarks));
    }
}

fn named(protocol: &Protocol) -> String {
    let published = protocol
        .edition
        .published()
        .map_or_else(String::new, |(by, on)| format!(",\"published_by\":{},\"published_on\":\"{on}\"", quoted(by)));
    let edition = protocol.edition.word();
    let (id, version) = (quoted(&protocol.id), quoted(&protocol.version));
    format!("\"protocol\":{id},\"version\":{version},\"edition\":\"{edition}\"{published}")
}

/// A text in JSON, with its quotation marks.
pub(super) fn quoted(text: &str) -> String {
    // INVARIANT: a text can always be written.
    json(text)
}

/// Something as JSON in one line, which may be shown on a terminal.
pub(super) fn json<T: Serialize + ?Sized>(one: &T) -> String {
    let json = serde_json::to_string(one).unwrap_or_default();
    if visible::is_plain(&json) { json } else { visible::json(&json).into_owned() }
}

/// What is wrong with a line, or doubtful.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(super) struct Remark {
    code: &'static str,
    severity: &'static str,
    message: String,
    line: u64,
    /// In characters, from 1; of a table, the name of the column.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<Column>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    help: Vec<String>,
}

/// Where in a line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub(super) enum Column {
    At(usize),
    Named(String),
}

impl Remark {
    /// The same of another place.
    pub(super) fn at(&self, line: u64, column: Column) -> Remark {
        Remark { line, column: Some(column), ..self.clone() }
    }

    /// The same of the cell of a column.
    pub(super) fn of(self, heading: Option<String>) -> Remark {
        Remark { column: heading.map(Column::Named), ..self }
    }

    /// Says how records come to stand in a line each, where this line looks like a part of something else.
    pub(super) fn help_with(&mut self, line: &str) {
        let line = line.trim();
        let help = if line.starts_with('[') || line == "]" || line.ends_with("},") {
            "a list of records is no record: write one record a line, for instance with `jq -c '.[]'`"
        } else if self.code == codes::SYNTAX.id && !(line.starts_with('{') && line.ends_with('}')) {
            "a record stands in one line: `jq -c .` writes it so"
        } else {
            return;
        };
        self.help.push(help.to_owned());
    }

    /// Says what can be done in a table, and in which of its cells: it has no keys of a record, and the words in it are given their meaning
    /// elsewhere.
    pub(super) fn help_with_cell(&mut self, columns: Option<&Columns>) {
        if self.code == codes::NOT_A_CHOICE.id {
            self.help.push("what the words of the table mean is said by `values` in the map of columns".to_owned());
        } else if self.code == codes::NO_RECORDED_DATE.id {
            let recorded = columns.and_then(Columns::recorded);
            self.help = vec![match &recorded {
                Some(heading) => format!("write into `{heading}` the day on which the answers were given: they expire"),
                None => "add a column `recorded` with the day on which the answers were given: they expire".to_owned(),
            }];
            self.column = recorded.map(Column::Named);
        } else if self.code == codes::NOTED_TWICE.id {
            self.help = vec![NOTED_TWICE_IN_A_TABLE.to_owned()];
        }
    }
}

/// What to do about a session that may be noted twice, where there is no key to say it with.
pub(super) const NOTED_TWICE_IN_A_TABLE: &str = "if it was one session, write its day once; that there were two cannot be said in a table: give this patient as a record, with `noted_twice = false` in the later entry";

/// What is wrong with a line, or doubtful.
pub(super) fn remark(one: &Diagnostic, line: u64, named: &dyn Fn(usize) -> Option<String>) -> Remark {
    Remark {
        code: one.code.id,
        severity: one.severity.word(),
        message: one.message.clone(),
        line,
        column: one.label.as_ref().map(|label| {
            let start = label.place.span.start;
            named(start).map_or_else(|| Column::At(label.place.file.position(start).1), Column::Named)
        }),
        help: one.help.clone(),
    }
}

/// What was found in a line, the mistakes first.
pub(super) fn remarks(found: &Diagnostics, line: u64, named: &dyn Fn(usize) -> Option<String>) -> Vec<Remark> {
    let mut all: Vec<_> = found.iter().collect();
    all.sort_by_key(|one| one.severity != Severity::Error);
    once(all.into_iter().map(|one| remark(one, line, named)).collect())
}

/// Each remark once: of several places in one cell of a table, the same may be told.
pub(super) fn once(mut remarks: Vec<Remark>) -> Vec<Remark> {
    let mut told = HashSet::new();
    remarks.retain(|remark| told.insert(remark.clone()));
    remarks
}

/// Says of the answers to a job which of them are to patients who have been answered before: the record that counts cannot be told from here.
///
/// The lines that are doubtful by this alone, and those that are no answers now, are counted.
pub(super) fn tell_repeated(
    (output, answers, tally): (&mut Vec<u8>, &[Answered], &mut Tally),
    patients: &mut Patients,
    asked: &Asked,
    strict: bool,
) {
    let mut is_new = |patient: Option<Mark>| patient.is_none_or(|patient| patients.add(patient));
    let repeated: Vec<usize> =
        answers.iter().enumerate().filter(|(_, one)| !is_new(one.patient)).map(|(at, _)| at).collect();
    if repeated.is_empty() {
        return;
    }
    let told = std::mem::take(output);
    let mut start = 0;
    let mut repeated = repeated.into_iter().peekable();
    for (at, one) in answers.iter().enumerate() {
        let line = &told[start..one.end];
        start = one.end;
        if repeated.next_if_eq(&at).is_none() {
            output.extend_from_slice(line);
            continue;
        }
        let message = "this patient has been answered in a line before this one";
        let help = "give each patient one record, with everything that is known in it";
        let said = remark(&Diagnostic::new(&codes::REPEATED_PATIENT, message).help(help), one.line, &|_| None);
        if strict {
            tally.mistake(one.line);
            asked.refuse(&[said], one.line, output);
        } else {
            tally.doubtful += u64::from(doubted(line, &said, output));
        }
    }
}

/// Writes an answer with one doubt more. Returns whether it had none.
fn doubted(line: &[u8], said: &Remark, output: &mut Vec<u8>) -> bool {
    // A whole recommendation has its doubts in its midst.
    if let Ok(mut answer) = serde_json::from_slice::<Recommendation>(line) {
        let first = answer.doubts.is_empty();
        let doubt =
            Doubt { code: said.code.into(), message: said.message.clone(), help: said.help.clone(), line: None };
        answer.doubts.push(doubt);
        output.extend_from_slice(json(&answer).as_bytes());
        output.push(b'\n');
        return first;
    }
    let body = line.strip_suffix(b"}\n").unwrap_or(line);
    // Of several whole recommendations, each has doubts of its own; the line's stand at its end.
    let with = body.strip_suffix(b"]").filter(|_| has_doubts(line));
    let (body, before) = with.map_or((body, ",\"doubts\":["), |with| (with, ","));
    output.extend_from_slice(body);
    output.extend_from_slice(format!("{before}{}]}}\n", json(said)).as_bytes());
    with.is_none()
}

fn has_doubts(line: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line)
        .is_ok_and(|all| all.contains_key("doubts"))
}
