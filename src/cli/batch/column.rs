//! `--column`: records in a column of a Parquet file, and their answers in another one.

use std::time::Instant;

use clap::Args;

use super::output::Found;
use super::{Batch, told};
use crate::batch::{self, ColumnLines, Stop, Tally};
use crate::cli::{exit, keep, tell, tell_diagnostics, usage};

/// Where the records are in a Parquet file.
#[derive(Debug, Args)]
pub(super) struct Column {
    /// The column of a Parquet file that holds the records, as texts in JSON: `--input` and `--output` are then Parquet files
    #[arg(
        long,
        value_name = "NAME",
        requires = "input",
        requires = "output",
        conflicts_with_all = ["csv", "resume", "archive"]
    )]
    pub(super) column: Option<String>,
}

impl Column {
    /// An archive keeps lines and rows as they were given, and a row of such a file is neither: what the process ends with.
    pub(super) fn refused(&self) -> Option<u8> {
        self.column.as_ref().and_then(|_| keep::refused("batch --column"))
    }
}

impl Batch {
    /// Answers a column of a file into another file, which takes its place when it is whole.
    pub(super) fn answer_column(&self, column: &str, batch: &batch::Batch<'_>, there: Found) -> u8 {
        // INVARIANT: whoever names a column has to name both.
        let Some(input) = &self.input else { return usage("--column: name the file with `--input`") };
        let mut lines = match ColumnLines::open(input, column) {
            Ok(lines) => lines,
            Err(mistake) => {
                tell_diagnostics(&(*mistake).into());
                return exit::MISTAKES;
            }
        };
        let length = Some(lines.length());
        let output = match there.open(false) {
            Ok(output) => output,
            Err(message) => {
                tell(&format!("error: {message}\n"));
                return exit::OUTPUT;
            }
        };
        let part = output.part().map(ToOwned::to_owned);
        let start = Instant::now();
        let unwritten = |tally| move |error| (tally, Stop::Output(error));
        let result = lines.answers(output).map_err(unwritten(Tally::default())).and_then(|mut answers| {
            let tally = self.go(batch, &mut lines, &mut answers, length)?;
            let written = answers.finish().and_then(|mut output| output.finish());
            written.map(|()| tally).map_err(unwritten(tally))
        });
        // Half of such a file can be neither read nor continued.
        if let Some(part) = part.filter(|_| result.is_err()) {
            let _ = std::fs::remove_file(part);
        }
        told(result, (0, 0), start, None)
    }
}
