//! The lines that go out.

use std::io::Write;

use serde::Serialize;

use crate::decide::{Decision, Statuses};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::protocol::Protocol;
use crate::protocol::file::ProtocolStatus;
use crate::recommendation::Status;
use crate::visible;

/// Writes the decisions of one protocol.
#[derive(Clone, Debug)]
pub(super) struct Decisions {
    /// `"protocol":"…","status":"`
    head: String,
    /// `…"]` for each set of statuses that came up.
    could_become: Vec<Option<Box<str>>>,
}

impl Decisions {
    pub(super) fn new(protocol: &Protocol) -> Decisions {
        let draft = if protocol.status == ProtocolStatus::Draft { ",\"protocol_status\":\"draft\"" } else { "" };
        Decisions {
            head: format!("\"protocol\":{}{draft},\"status\":\"", quoted(&protocol.id)),
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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
}

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
pub(super) fn once(remarks: Vec<Remark>) -> Vec<Remark> {
    let mut told: Vec<Remark> = Vec::new();
    for remark in remarks {
        if !told.contains(&remark) {
            told.push(remark);
        }
    }
    told
}
