//! Records in a column of a Parquet file: the answers are those of a batch, and every row has one.

#![cfg(feature = "parquet")]

mod support;

use std::fs::File;
use std::process::Command;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int32Type;
use arrow_array::{
    Array as _, ArrayRef, DictionaryArray, Int64Array, LargeStringArray, RecordBatch, StringArray, StringViewArray,
};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use support::{Folder, Output, run};

fn tiny() -> Folder {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "tiny.toml");
    folder
}

fn batch(folder: &Folder, arguments: &[&str], records: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).env("NO_COLOR", "1").env_remove("REGIMEN_ARCHIVE");
    command.args(["batch", "tiny.toml", "--as-of", "2026-03-02"]).args(arguments);
    run(command, records)
}

fn record(at: usize) -> Option<String> {
    match at % 50 {
        7 => None,
        8 => Some(" \n".into()),
        9 => Some(format!(r#"{{"patient":"P-{at}","recorded":"2026-03-01","facts":{{"spots":"many"}}}}"#)),
        10 => Some("[]".into()),
        // A second record of one patient, and facts that nobody knows.
        11 => Some(r#"{"patient":"P-0","recorded":"2026-03-01","facts":{"spots":3}}"#.into()),
        12 => Some(format!(r#"{{"patient":"P-{at}","recorded":"2026-03-01","facts":{{"shoe_size":44}}}}"#)),
        _ => Some(format!(
            r#"{{"patient":"P-{at}","recorded":"2026-03-01","facts":{{"spots":{},"pregnant":null}}}}"#,
            at % 7
        )),
    }
}

/// A file with a column `record`, and others around it, in groups of 700 rows.
fn write(folder: &Folder, records: ArrayRef) {
    let numbers: Int64Array = (0_i64..).step_by(3).take(records.len()).collect();
    let columns = [("visit", Arc::new(numbers) as ArrayRef), ("record", records.clone()), ("copy", records)];
    write_rows(
        folder,
        &RecordBatch::try_from_iter_with_nullable(columns.map(|(name, all)| (name, all, true))).expect("rows"),
    );
}

fn write_rows(folder: &Folder, rows: &RecordBatch) {
    let spark = KeyValue::new("org.apache.spark.sql.parquet.row.metadata".into(), "{}".to_owned());
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(700))
        .set_key_value_metadata(Some(vec![spark]))
        .build();
    let file = File::create(folder.path().join("records.parquet")).expect("a file");
    let mut writer = ArrowWriter::try_new(file, rows.schema(), Some(properties)).expect("a writer");
    writer.write(rows).expect("it is written");
    writer.close().expect("it is written");
}

/// What stands in the output, or another file.
fn read(folder: &Folder, name: &str) -> RecordBatch {
    let file = File::open(folder.path().join(name)).expect("a file");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
    // What Spark says of the input is not true of the output.
    if name == "answers.parquet" {
        let said = builder.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
        assert!(said.iter().all(|one| one.key == "ARROW:schema"), "{said:?}");
    }
    let rows = builder.metadata().file_metadata().num_rows();
    let mut reader =
        builder.with_batch_size(usize::try_from(rows).expect("a number").max(1)).build().expect("a reader");
    reader.next().expect("some rows").expect("rows")
}

fn answers(rows: &RecordBatch) -> Vec<String> {
    let column = rows.column_by_name("answer").expect("answers").as_string::<i64>();
    column.iter().map(|one| one.expect("an answer").to_owned()).collect()
}

const ARGUMENTS: [&str; 6] = ["--input", "records.parquet", "--column", "record", "--output", "answers.parquet"];

/// What lines of the same records are answered; none for a blank one, which a batch of lines passes over.
fn of_lines(folder: &Folder, records: &[Option<String>], arguments: &[&str]) -> Vec<Option<String>> {
    let lines: Vec<&str> = records.iter().map(|record| record.as_deref().unwrap_or_default().trim()).collect();
    let told = batch(folder, arguments, &lines.join("\n")).stdout;
    let mut told = told.lines().map(str::to_owned);
    let expected = lines.iter().map(|line| if line.is_empty() { None } else { told.next() }).collect();
    assert_eq!(told.next(), None);
    expected
}

#[test]
fn every_row_is_answered_as_a_line_is() {
    const COUNT: usize = 10_000;
    let records: Vec<Option<String>> = (0..COUNT).map(record).collect();
    let folder = tiny();
    let values: LargeStringArray = records.iter().collect();
    let kinds: [ArrayRef; 4] = [
        Arc::new(records.iter().collect::<StringArray>()),
        Arc::new(values.clone()),
        Arc::new(records.iter().map(Option::as_deref).collect::<StringViewArray>()),
        Arc::new(records.iter().map(Option::as_deref).collect::<DictionaryArray<Int32Type>>()),
    ];
    let expected = of_lines(&folder, &records, &[]);
    for column in kinds {
        write(&folder, column);
        let output = batch(&folder, &ARGUMENTS, "");
        assert_eq!(output.code, Some(1), "{}", output.stderr);
        let summary =
            "10,000 records: 9,200 answered, 400 of them with doubts, 800 with mistakes, the first in line 8; ";
        assert!(output.stderr.starts_with(summary), "{}", output.stderr);
        let (given, rows) = (read(&folder, "records.parquet"), read(&folder, "answers.parquet"));
        let names: Vec<&str> = rows.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, ["visit", "copy", "answer"]);
        // The other columns are as they were, with their types.
        assert_eq!((rows.column(0), rows.column(1)), (given.column(0), given.column(2)));
        for (at, answer) in answers(&rows).iter().enumerate() {
            match &expected[at] {
                Some(line) => assert_eq!(answer, line),
                None => {
                    let number = at + 1;
                    assert!(answer.starts_with(&format!("{{\"line\":{number},")) && answer.contains("R843"), "{answer}")
                }
            }
        }
    }
}

#[test]
fn the_output_is_the_same_however_many_work_at_it() {
    let folder = tiny();
    write(&folder, Arc::new((0..1500).map(record).collect::<StringArray>()));
    let mut bytes = Vec::new();
    for jobs in ["1", "3"] {
        let output = batch(&folder, &[&ARGUMENTS[..], &["--jobs", jobs, "--explain", "verdict"]].concat(), "");
        assert_eq!(output.code, Some(1), "{}", output.stderr);
        bytes.push(std::fs::read(folder.path().join("answers.parquet")).expect("a file"));
    }
    assert!(bytes[0] == bytes[1]);
    let records: Vec<Option<String>> = (0..1500).map(record).collect();
    let expected = of_lines(&folder, &records, &["--explain", "verdict"]);
    let told = answers(&read(&folder, "answers.parquet"));
    assert!(expected.iter().zip(&told).all(|(line, answer)| line.as_ref().is_none_or(|line| line == answer)));
}

#[test]
fn a_record_may_be_written_over_several_lines() {
    let folder = tiny();
    let compact = r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"spots":3}}"#;
    let records = [
        Some(compact.to_owned()),
        Some(compact.replace("P-1", "P-2").replace(',', ",\n  ")),
        Some(compact.replace("P-1", "P-3").replace(',', ",\r\n\t")),
        Some(compact.replace("P-1", "P\n4")),
        Some(compact.replace("P-1", "P\\\n5")),
        Some(format!("\u{feff}{}", compact.replace("P-1", "P-6"))),
    ];
    write(&folder, Arc::new(records.iter().collect::<StringArray>()));
    let output = batch(&folder, &ARGUMENTS, "");
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    let told = answers(&read(&folder, "answers.parquet"));
    let alone = of_lines(&folder, &records[..1], &[]).remove(0).expect("an answer");
    assert_eq!(told[0], alone);
    assert_eq!(told[1], alone.replace("P-1", "P-2"));
    assert_eq!(told[2], alone.replace("P-1", "P-3"));
    assert_eq!(told[3], alone.replace("P-1", "P\\n4"));
    // What may not be in a record, no other form makes sound: a break behind a backslash, a byte order mark in the midst of the file.
    for at in [4, 5] {
        assert!(told[at].starts_with(&format!("{{\"line\":{},", at + 1)), "{}", told[at]);
    }
}

#[test]
fn a_file_without_rows_has_an_output_without_rows() {
    let folder = tiny();
    write_rows(
        &folder,
        &RecordBatch::try_from_iter([("record", Arc::new(StringArray::from_iter_values([""; 0])) as ArrayRef)])
            .expect("rows"),
    );
    let output = batch(&folder, &ARGUMENTS, "");
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let file = File::open(folder.path().join("answers.parquet")).expect("a file");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
    assert_eq!((builder.metadata().file_metadata().num_rows(), builder.schema().fields().len()), (0, 1));
}

/// What is left in the folder beside the protocol and the input.
fn left(folder: &Folder) -> Vec<String> {
    let names = std::fs::read_dir(folder.path()).expect("a folder").map(|one| one.expect("a file").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "tiny.toml" && name != "records.parquet");
    names
}

#[test]
fn what_cannot_be_answered_is_said_and_nothing_is_written() {
    let folder = tiny();
    write(&folder, Arc::new((0..3000).map(record).collect::<StringArray>()));
    let said = |arguments: &[&str]| {
        let output = batch(&folder, arguments, "");
        assert_eq!(left(&folder), [""; 0]);
        (output.code, output.stderr)
    };
    let with = |column: &'static str| ["--input", "records.parquet", "--column", column, "--output", "answers.parquet"];
    let (code, stderr) = said(&with("recrod"));
    assert!(code == Some(1) && stderr.contains("R844") && stderr.contains("did you mean `record`?"), "{stderr}");
    assert!(stderr.contains("its columns are `visit`, `record`, `copy`"), "{stderr}");
    let (code, stderr) = said(&with("visit"));
    assert!(code == Some(1) && stderr.contains("does not hold texts: its type is Int64"), "{stderr}");
    let (code, stderr) = said(&["--input", "tiny.toml", "--column", "record", "--output", "answers.parquet"]);
    assert!(code == Some(1) && stderr.contains("tiny.toml is not a Parquet file"), "{stderr}");
    let (code, stderr) = said(&["--input", "records.parquet", "--column", "record"]);
    assert!(code == Some(2) && stderr.contains("--output"), "{stderr}");
    for other in [&["--archive", "a.db"][..], &["--csv"], &["--resume"]] {
        let (code, stderr) = said(&[&ARGUMENTS[..], other].concat());
        assert!(code == Some(2) && stderr.contains("cannot be used with"), "{stderr}");
    }
    let (code, stderr) = said(&["--input", "records.parquet", "--column", "record", "--output", "records.parquet"]);
    assert!(code == Some(2) && stderr.contains("written over it"), "{stderr}");
    let (code, stderr) = said(&["--input", "records.parquet"]);
    assert!(code == Some(1) && stderr.contains("`--column record`"), "{stderr}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).env("NO_COLOR", "1").env("REGIMEN_ARCHIVE", "a.db");
    command.args(["batch", "tiny.toml", "--as-of", "2026-03-02"]).args(ARGUMENTS);
    let output = run(command, "");
    assert!(output.code == Some(3) && output.stderr.contains("R810"), "{}", output.stderr);
    assert_eq!(left(&folder), [""; 0]);
    // One column more than can be told apart.
    let one = Arc::new(StringArray::from_iter_values(["{}"])) as ArrayRef;
    for (names, words) in [
        (["record", "answer"], "has a column `answer` beside the records"),
        (["record", "record"], "has 2 columns `record`"),
    ] {
        write_rows(&folder, &RecordBatch::try_from_iter(names.map(|name| (name, one.clone()))).expect("rows"));
        let (code, stderr) = said(&ARGUMENTS);
        assert!(code == Some(1) && stderr.contains("R844") && stderr.contains(words), "{stderr}");
    }
    folder.copy("tests/fixtures/gzip.parquet", "records.parquet");
    let (code, stderr) = said(&ARGUMENTS);
    assert!(
        code == Some(1) && stderr.contains("the column `record` of records.parquet is compressed by GZIP"),
        "{stderr}"
    );
}

#[test]
fn a_damaged_file_is_told_of() {
    let folder = tiny();
    write(&folder, Arc::new((0..1500).map(record).collect::<StringArray>()));
    let path = folder.path().join("records.parquet");
    let whole = std::fs::read(&path).expect("a file");
    let said = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("it is written");
        let output = batch(&folder, &ARGUMENTS, "");
        assert!(matches!(output.code, Some(0 | 1)) && !output.stderr.contains("panicked"), "{}", output.stderr);
        output.stderr
    };
    for (length, words) in
        [(0, "is not a Parquet file"), (whole.len() / 2, "without its end"), (whole.len() - 1, "without its end")]
    {
        let stderr = said(&whole[..length]);
        assert!(stderr.contains(words), "{stderr}");
        assert_eq!(left(&folder), [""; 0]);
    }
    let mut encrypted = whole.clone();
    encrypted.splice(whole.len() - 4.., *b"PARE");
    assert!(said(&encrypted).contains("encrypted"));
    // A piece from the middle of the second group of rows.
    let mut damaged = whole.clone();
    damaged[whole.len() / 3..][..200].fill(0xff);
    let stderr = said(&damaged);
    assert!(
        stderr.contains("error: the records cannot be read further: records.parquet is damaged after row"),
        "{stderr}"
    );
    assert_eq!(left(&folder), [""; 0]);
    // Wherever it is, nothing falls over.
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        said(&damaged);
    }
}
