//! Keeping what was answered, before it is written.

use std::io;

use crate::decide::Prepared;
use crate::patient::Record;
use crate::recommendation::Recommendation;

/// Keeps records with their answers.
pub trait Keep: std::fmt::Debug + Sync {
    /// The protocols that are asked, in the order of the batch, each with as much of the trace as is to be kept.
    fn prepared(&self) -> &[Prepared];

    /// Keeps some records. Their lines are written when this returns, and only then.
    ///
    /// # Errors
    /// When they could not be kept: then the run ends.
    fn keep(&self, records: &[Kept]) -> io::Result<()>;
}

/// A record with its answers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Kept {
    /// The line of JSON.
    pub line: Vec<u8>,
    /// Whether it was made of the row of a table.
    pub is_row: bool,
    /// The cells of a row that cannot be read as a record.
    pub cells: Vec<String>,
    /// The line that is written.
    pub printed: Vec<u8>,
    /// The whole answers, each with the record as its protocol reads it; none, where there is none. An error is a mistake of regimen: a line
    /// says what no whole answer says.
    pub answers: Result<Vec<(Record, Recommendation)>, String>,
}

impl Kept {
    /// Whether the line that is written is no answer.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        is_refusal(&self.printed)
    }
}

/// Whether a line tells of mistakes instead of answering.
pub(super) fn is_refusal(line: &[u8]) -> bool {
    line.starts_with(b"{\"line\":")
}

/// Keeps the records of a job, each with the line that is written.
pub(super) fn keep(keep: Option<&dyn Keep>, records: &mut [Kept], output: &[u8]) -> io::Result<()> {
    let Some(keep) = keep else { return Ok(()) };
    let mut lines = output.split_inclusive(|byte| *byte == b'\n');
    for record in &mut *records {
        // INVARIANT: each record has one line.
        record.printed = lines.next().unwrap_or_default().to_vec();
    }
    if lines.next().is_some() || records.iter().any(|record| record.printed.is_empty()) {
        return Err(io::Error::other("this is a bug in regimen: there are more lines than records"));
    }
    if let Some(why) = records.iter().find_map(|record| record.answers.as_ref().err()) {
        return Err(io::Error::other(format!(
            "this is a bug in regimen: a line says what no whole answer says: {why}"
        )));
    }
    keep.keep(records)
}
