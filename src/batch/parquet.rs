//! Records in a column of a Parquet file, and their answers in another such file, in the place of that column.
//!
//! ```text
//!  rows ──> the column of records, as lines ──> a batch ──> answers ──> rows
//!   └───────────── the other columns, in the same order ────────────────┘
//! ```
//!
//! The memory does not grow with the file: a reader holds some pages of each column, and a writer one group of rows.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::metadata::ParquetMetaData;
use ::parquet::file::properties::WriterProperties;
use ::parquet::schema::types::ColumnPath;
use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, LargeStringArray, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::lines::{JOB, is_blank, without_mark};
use super::worker::no_record;
use super::{Job, Lines, Row};
use crate::diagnostic::{Diagnostic, codes};
use crate::files;

/// The name of the column of answers.
const ANSWER: &str = "answer";

/// How many rows are read at a time.
const ROWS: usize = 1024;

/// How many bytes of answers and other columns make a group of rows of the output.
const GROUP: usize = 64 << 20;

/// The columns beside the records, as they were read and until they are written.
type Others = Arc<Mutex<VecDeque<RecordBatch>>>;

/// The records of a Parquet file, as lines.
pub(crate) struct ColumnLines {
    name: String,
    reader: ParquetRecordBatchReader,
    /// The place of the column of records.
    column: usize,
    /// The columns of the output.
    schema: SchemaRef,
    others: Others,
    /// Rows that were read and are not yet in a job.
    rest: Option<RecordBatch>,
    /// How many rows are in jobs.
    row: u64,
    /// How many there are, and how many bytes they take.
    size: (u64, u64),
}

impl ColumnLines {
    /// Opens a file and looks for the column.
    ///
    /// # Errors
    /// When it is no Parquet file, cannot be read, or has no such column of texts.
    pub(crate) fn open(path: &Path, column: &str) -> Result<ColumnLines, Box<Diagnostic>> {
        let name = path.display().to_string();
        let unreadable = |message: String| Diagnostic::new(&codes::UNREADABLE, message);
        let cannot_be_read = |error: io::Error| unreadable(format!("{name} cannot be read: {error}"));
        let file = files::open_plain(path).map_err(cannot_be_read)?;
        let length = file.metadata().map_err(cannot_be_read)?.len();
        let [begins, ends] = marks(&file, length).map_err(cannot_be_read)?;
        match (&begins, &ends) {
            (b"PAR1", b"PAR1") => {}
            (b"PARE", _) | (_, b"PARE") => {
                let help = "records are read from files that are not encrypted";
                return Err(unreadable(format!("{name} is an encrypted Parquet file")).help(help).into());
            }
            (b"PAR1", _) => {
                let help = "it was cut, or somebody is still writing it";
                return Err(unreadable(format!("{name} is a Parquet file without its end")).help(help).into());
            }
            _ => {
                let help = "lines of JSON are read without `--column`, and a table in CSV with `--csv`";
                return Err(unreadable(format!("{name} is not a Parquet file")).help(help).into());
            }
        }
        let damaged = |error: &dyn std::fmt::Display| {
            unreadable(format!("{name} is damaged")).help(format!("what was found in it: {error}"))
        };
        let found = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|error| damaged(&error))?;
        let place = place(found.schema(), &name, column)?;
        compressed_as_can_be_read(found.metadata(), &name)?;
        // However the texts are stored, they are read as views.
        let view = |(at, field): (usize, &Arc<Field>)| match at == place {
            true => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
            false => field.clone(),
        };
        let fields: Vec<Arc<Field>> = found.schema().fields().iter().enumerate().map(view).collect();
        let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields.clone())));
        let found = ArrowReaderMetadata::try_new(found.metadata().clone(), options).map_err(|error| damaged(&error))?;
        let rows = u64::try_from(found.metadata().file_metadata().num_rows()).unwrap_or_default();
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, found)
            .with_batch_size(ROWS)
            .build()
            .map_err(|error| damaged(&error))?;
        // What the file says of itself as a whole is of the columns that it had: Spark would look for the records.
        let mut kept = fields;
        kept.remove(place);
        kept.push(Arc::new(Field::new(ANSWER, DataType::LargeUtf8, false)));
        Ok(ColumnLines {
            schema: Arc::new(Schema::new(kept)),
            name,
            reader,
            column: place,
            others: Others::default(),
            rest: None,
            row: 0,
            size: (rows, length),
        })
    }

    /// Whoever writes the answers to these records, beside their other columns.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub(crate) fn answers<W: Write + Send>(&self, output: W) -> io::Result<ColumnAnswers<W>> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            // No answer is like another.
            .set_column_dictionary_enabled(ColumnPath::from(ANSWER), false)
            .build();
        let writer = ArrowWriter::try_new(output, self.schema.clone(), Some(properties)).map_err(io::Error::other)?;
        Ok(ColumnAnswers { writer, schema: self.schema.clone(), others: self.others.clone() })
    }

    /// How many bytes the file has.
    pub(crate) fn length(&self) -> u64 {
        self.size.1
    }

    fn read(&mut self) -> io::Result<Option<RecordBatch>> {
        let rows = self.rest.take().map(Ok).or_else(|| self.reader.next()).transpose();
        rows.map_err(|error| io::Error::other(format!("{} is damaged after row {}: {error}", self.name, self.row)))
    }
}

impl Lines for ColumnLines {
    fn fill(&mut self, job: &mut Job) -> io::Result<bool> {
        let Some(rows) = self.read()? else { return Ok(false) };
        job.first_line = self.row + 1;
        let mut taken = 0;
        for record in rows.column(self.column).as_string_view() {
            let record = record.unwrap_or_default();
            // Before the first line, a byte order mark says how the file is written.
            let record = if self.row == 0 { without_mark(record) } else { record };
            let is_blank = is_blank(record.as_bytes());
            if is_blank {
                job.input.extend_from_slice(b"{}");
            } else {
                in_a_line(record, &mut job.input);
            }
            job.input.push(b'\n');
            self.row += 1;
            taken += 1;
            let mistakes = if is_blank { vec![(None, no_record())] } else { Vec::new() };
            job.rows.push(Row { line: self.row, mistakes, ..Row::default() });
            if job.input.len() > JOB {
                break;
            }
        }
        let (of_all, length) = self.size;
        job.bytes = taken as u64 * length / of_all.max(1);
        let mut others = rows.slice(0, taken);
        others.remove_column(self.column);
        self.others.lock().unwrap_or_else(PoisonError::into_inner).push_back(others);
        self.rest = (taken < rows.num_rows()).then(|| rows.slice(taken, rows.num_rows() - taken));
        Ok(true)
    }
}

/// Writes a record, which may stand in several lines, in one that means the same.
fn in_a_line(record: &str, line: &mut Vec<u8>) {
    if memchr::memchr(b'\n', record.as_bytes()).is_none() {
        return line.extend_from_slice(record.as_bytes());
    }
    let (mut in_text, mut escaped) = (false, false);
    for byte in record.bytes() {
        match byte {
            b'\n' if in_text && !escaped => line.extend_from_slice(b"\\n"),
            // Between tokens the one break means as little as the other, and behind a backslash neither may be.
            b'\n' => line.push(b'\r'),
            _ => line.push(byte),
        }
        in_text ^= byte == b'"' && !escaped;
        escaped = byte == b'\\' && in_text && !escaped;
    }
}

impl std::fmt::Debug for ColumnLines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ColumnLines").field("name", &self.name).field("row", &self.row).finish_non_exhaustive()
    }
}

/// The output of a batch, as a column beside those that its records had.
pub(crate) struct ColumnAnswers<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: SchemaRef,
    others: Others,
}

impl<W: Write + Send> ColumnAnswers<W> {
    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(io::Error::other)
    }
}

impl<W: Write + Send> Write for ColumnAnswers<W> {
    /// Takes all answers of a job.
    fn write(&mut self, answers: &[u8]) -> io::Result<usize> {
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let text = std::str::from_utf8(answers).map_err(io::Error::other)?;
        let column = LargeStringArray::from_iter_values(text.split_terminator('\n'));
        // INVARIANT: a batch writes the answers of a job at once, in the order of the jobs, and one for each row.
        let Some(others) = others.filter(|others| others.num_rows() == column.len()) else {
            return Err(io::Error::other("this is a bug in regimen: there are other answers than records"));
        };
        let options = RecordBatchOptions::new().with_row_count(Some(column.len()));
        let columns: Vec<ArrayRef> = others.columns().iter().cloned().chain([Arc::new(column) as ArrayRef]).collect();
        let rows =
            RecordBatch::try_new_with_options(self.schema.clone(), columns, &options).map_err(io::Error::other)?;
        self.writer.write(&rows).map_err(io::Error::other)?;
        if self.writer.in_progress_size() > GROUP {
            self.writer.flush().map_err(io::Error::other)?;
        }
        Ok(answers.len())
    }

    /// A group of rows ends where it is large enough, and not before.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How a file begins and ends.
fn marks(mut file: &File, length: u64) -> io::Result<[[u8; 4]; 2]> {
    let mut marks = [[0; 4]; 2];
    // What is shorter has no room for both, and for the length of what describes the columns.
    if length >= 12 {
        file.read_exact(&mut marks[0])?;
        file.seek(SeekFrom::End(-4))?;
        file.read_exact(&mut marks[1])?;
    }
    Ok(marks)
}

/// The place of a column of texts.
fn place(schema: &Schema, file: &str, column: &str) -> Result<usize, Box<Diagnostic>> {
    let wrong = |message: String| Diagnostic::new(&codes::NO_COLUMN, message);
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let places: Vec<usize> = (0..names.len()).filter(|at| names[*at] == column).collect();
    let [place] = places[..] else {
        if !places.is_empty() {
            let message = format!("{file} has {} columns `{column}`", places.len());
            return Err(wrong(message).help("give each column a name of its own").into());
        }
        let all: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let one = wrong(format!("{file} has no column `{column}`"));
        return Err(match all.is_empty() {
            true => one.help("it has no columns").into(),
            false => one.help(format!("its columns are {}", all.join(", "))).suggest(column, names).into(),
        });
    };
    fn is_text(ty: &DataType) -> bool {
        match ty {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
            DataType::Dictionary(_, of) => is_text(of),
            _ => false,
        }
    }
    let ty = schema.field(place).data_type();
    if !is_text(ty) {
        let message = format!("the column `{column}` of {file} does not hold texts: its type is {ty}");
        return Err(wrong(message).help("a record is a text in JSON, as `to_json` makes it of columns").into());
    }
    if column != ANSWER && names.contains(&ANSWER) {
        let message = format!("{file} has a column `{ANSWER}` beside the records, and the answers would be called so");
        return Err(wrong(message).help("give that column another name, or leave it out").into());
    }
    Ok(place)
}

/// Whether all columns are compressed in a way that can be read.
fn compressed_as_can_be_read(metadata: &ParquetMetaData, file: &str) -> Result<(), Box<Diagnostic>> {
    let mut columns = metadata.row_groups().iter().flat_map(|group| group.columns());
    let is_readable =
        |one: Compression| matches!(one, Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_));
    let Some(other) = columns.find(|column| !is_readable(column.compression())) else { return Ok(()) };
    let compression = other.compression().to_string();
    let compression = compression.split('(').next().unwrap_or_default();
    let column = other.column_path().parts().join(".");
    let message = format!("the column `{column}` of {file} is compressed by {compression}");
    Err(Diagnostic::new(&codes::UNREADABLE, message)
        .help("write the file with zstd or snappy, or without compression")
        .into())
}
