//! `regimen verify-trace`: whether stored answers follow from their traces.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{exit, print, tell_diagnostics};
use crate::archive::Receipt;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, codes};
use crate::files::open_plain;
use crate::verify::{Fault, FaultKind, Verified, verify_with};
use crate::visible;

/// So many faults are told of one answer: one altered leaf is one fault in each step above it.
const MOST: usize = 20;

/// Check that stored answers follow from their traces, without the engine
///
/// Example: regimen recommend protocols/polio P-104.toml --as-of today --format json --explain full > answer.json && regimen verify-trace answer.json
#[derive(Debug, Args)]
pub(super) struct VerifyTrace {
    /// Answers in JSON, made with `--explain full`: one, a list, or one a line as `batch` writes them; or receipts; `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A protocol's folder or file: compare what the answers say with its text, and with that of its dictionary; a receipt brings its own
    #[arg(long, value_name = "PATH")]
    protocol: Option<PathBuf>,
    /// How to print what was verified; what does not follow is told as a mistake in any case
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    /// One line of JSON for each answer, with every fault
    Json,
}

/// The name and version of a line of JSON.
const VERIFIED: &str = "regimen/verified/1";

/// What was verified of one answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct VerifiedAnswer {
    /// The name and version of this shape.
    schema: &'static str,
    /// The file that the answer stands in.
    file: String,
    /// Its place among the answers of the file, from 1.
    answer: usize,
    /// Its protocol, as it says itself; none: it says none.
    protocol: Option<String>,
    /// Its patient.
    patient: Option<String>,
    /// The day it was asked about.
    as_of: Option<String>,
    /// What follows from its trace, and what does not.
    verified: Verified,
}

impl VerifyTrace {
    pub(super) fn run(&self) -> u8 {
        let mut code = exit::DONE;
        let texts = self.protocol.as_deref().map(texts_of);
        for file in &self.files {
            let name = file.display().to_string();
            let opened: std::io::Result<Box<dyn Read>> = match name.as_str() {
                "-" => Ok(Box::new(std::io::stdin().lock())),
                _ => open_plain(file).map(|file: File| -> Box<dyn Read> { Box::new(file) }),
            };
            let told = match opened {
                Ok(input) => self.told(&name, BufReader::new(input), texts.as_deref()),
                Err(error) => {
                    let message = format!("`{name}` cannot be read: {error}");
                    tell_diagnostics(&Diagnostic::new(&codes::UNREADABLE, message).into());
                    exit::MISTAKES
                }
            };
            code = code.max(told);
        }
        code
    }

    /// Tells of every answer of a file whether it follows.
    fn told(&self, name: &str, input: impl Read, texts: Option<&[String]>) -> u8 {
        let (mut code, mut count) = (exit::DONE, 0);
        let mut found = Diagnostics::default();
        for value in serde_json::Deserializer::from_reader(input).into_iter::<Value>() {
            let (mut line, mut own) = (Value::Null, None);
            let answers = match value {
                Ok(Value::Array(answers)) => answers,
                Ok(receipt)
                    if receipt["format"].as_str().is_some_and(|format| format.starts_with("regimen/receipt/")) =>
                {
                    match kept_in(&receipt) {
                        Ok((answer, texts)) => {
                            own = Some(texts);
                            vec![answer]
                        }
                        Err(why) => {
                            why.iter().for_each(|one| found.push(one.clone()));
                            count += 1;
                            continue;
                        }
                    }
                }
                // Of several protocols, a batch writes all answers into one line.
                Ok(mut of_several) if of_several.get("schema").is_none() && of_several["answers"].is_array() => {
                    let answers = of_several["answers"].take();
                    line = of_several;
                    serde_json::from_value(answers).unwrap_or_default()
                }
                Ok(answer) => vec![answer],
                Err(error) => {
                    let message = format!("`{name}` is not JSON: {error}");
                    found.push(Diagnostic::new(&codes::NO_STORED_ANSWER, message));
                    break;
                }
            };
            for answer in &answers {
                count += 1;
                let said = |key: &str| answer[key].as_str().unwrap_or("?");
                // What could not be answered, a batch says in the place of the answer.
                if answer.get("schema").is_none() && answer["errors"].is_array() {
                    let whose = format!("{name}, answer {count}, {}", said("protocol"));
                    code = code.max(self.say(&format!("{whose}: nothing to verify, errors stand in its place\n")));
                    continue;
                }
                let texts = own.as_deref().or(texts);
                let texts: Option<Vec<&str>> = texts.map(|texts| texts.iter().map(String::as_str).collect());
                let mut verified = verify_with(answer, texts.as_deref());
                verified.faults.extend(["patient", "as_of"].iter().filter_map(|key| other_than(&line, key, answer)));
                let whose = format!("{}, {}, {}", said("protocol"), said("patient"), said("as_of"));
                for fault in verified.faults.iter().take(MOST) {
                    found.push(diagnostic(&format!("{name}, answer {count} ({whose})"), fault));
                }
                if let Format::Json = self.format {
                    code = code.max(print(&json(name, count, answer, verified)));
                    continue;
                }
                let more = verified.faults.len().saturating_sub(MOST);
                let line = match verified.faults.len() {
                    0 => format!(
                        "{whose}: {} steps, {} dates and {} statements follow; {} premises taken as they stand\n",
                        verified.steps, verified.dates, verified.statements, verified.premises
                    ),
                    1 => format!("{whose}: 1 thing does not follow\n"),
                    all if more > 0 => format!("{whose}: {all} things do not follow, of which {MOST} are told\n"),
                    all => format!("{whose}: {all} things do not follow\n"),
                };
                code = code.max(print(&line));
            }
        }
        if count == 0 && found.is_empty() {
            found.push(Diagnostic::new(&codes::NO_STORED_ANSWER, format!("`{name}` has no answer in it")));
        }
        tell_diagnostics(&found);
        if found.is_empty() { code } else { code.max(exit::MISTAKES) }
    }

    /// Prints what is for people only.
    fn say(&self, line: &str) -> u8 {
        if let Format::Text = self.format { print(line) } else { exit::DONE }
    }
}

/// The texts beside a protocol, of which an answer names two by their sums: its own, those of its published versions, and the dictionary.
fn texts_of(path: &Path) -> Vec<String> {
    let folder = if path.is_dir() { Some(path) } else { path.parent() };
    let mut files = vec![path.to_owned()];
    for folder in folder.into_iter().flat_map(|folder| [folder.to_owned(), folder.join("..")]) {
        files.extend(["protocol.toml", "facts.toml"].map(|name| folder.join(name)));
    }
    let versions = folder.and_then(|folder| std::fs::read_dir(folder.join("published")).ok());
    for version in versions.into_iter().flatten().flatten() {
        files.extend(["protocol.toml", "facts.toml"].map(|name| version.path().join(name)));
    }
    let read = |file: &PathBuf| {
        let mut text = String::new();
        open_plain(file).ok()?.read_to_string(&mut text).ok().map(|_| text)
    };
    files.iter().filter_map(read).collect()
}

/// The answer that a receipt keeps, and the texts that it was made with.
fn kept_in(receipt: &Value) -> Result<(Value, Vec<String>), Diagnostics> {
    // It is read again as it was written, so that every alteration is found.
    let receipt = Receipt::read(&(serde_json::to_string_pretty(receipt).unwrap_or_default() + "\n"))?;
    let entry = receipt.entry();
    let answer = entry.personal.frames().and_then(|frames| serde_json::from_str(frames.text("answer")).ok());
    let texts = receipt.texts().iter().filter_map(|(_, text)| String::from_utf8(text.to_vec()).ok()).collect();
    let why = "the receipt keeps no answer: what it is of was refused or erased, or is no decision";
    answer.map(|answer| (answer, texts)).ok_or_else(|| Diagnostic::new(&codes::NO_STORED_ANSWER, why).into())
}

/// What a line with several answers says otherwise than one of them.
fn other_than(line: &Value, key: &str, answer: &Value) -> Option<Fault> {
    let said = line.get(key).filter(|said| **said != answer[key])?;
    let message = format!("its line says {said}, and the answer {}", answer[key]);
    Some(Fault { kind: FaultKind::Answer, at: key.to_owned(), message })
}

/// A line of JSON about one answer.
fn json(name: &str, count: usize, answer: &Value, verified: Verified) -> String {
    let said = |key: &str| answer[key].as_str().map(str::to_owned);
    let line = VerifiedAnswer {
        schema: VERIFIED,
        file: name.to_owned(),
        answer: count,
        protocol: said("protocol"),
        patient: said("patient"),
        as_of: said("as_of"),
        verified,
    };
    visible::json(&serde_json::to_string(&line).unwrap_or_default()).into_owned() + "\n"
}

fn diagnostic(whose: &str, fault: &Fault) -> Diagnostic {
    let (code, help): (&'static Code, &str) = match fault.kind {
        FaultKind::NotAnAnswer => {
            (&codes::NO_STORED_ANSWER, "store what `regimen recommend --format json --explain full` prints, as it is")
        }
        FaultKind::NotInFull => (
            &codes::TRACE_NOT_IN_FULL,
            "make the answer with `--explain full`: a shorter trace leaves out what there is to verify",
        ),
        FaultKind::Shape => (&codes::TRACE_IN_PIECES, AGAIN),
        FaultKind::Step => (&codes::STEP_DOES_NOT_FOLLOW, AGAIN),
        FaultKind::Date => (&codes::DATE_DOES_NOT_FOLLOW, AGAIN),
        FaultKind::Answer => (&codes::ANSWER_DOES_NOT_FOLLOW, AGAIN),
        FaultKind::Protocol => (&codes::NOT_AS_THE_PROTOCOL, AGAIN),
    };
    let at = if fault.at.is_empty() { String::new() } else { format!(" at `{}`:", fault.at) };
    Diagnostic::new(code, format!("{whose}:{at} {}", fault.message)).help(help)
}

const AGAIN: &str = "make the answer again from its record and its protocol, and compare the two";
