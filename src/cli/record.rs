//! `regimen record`: a record to fill in, and what is wrong with one that was.

mod change;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{as_of_told, exit, print, tell, tell_diagnostics, usage};
use crate::decide::Request;
use crate::diagnostic::{Diagnostics, Severity};
use crate::document::Notation;
use crate::files;
use crate::patient::read_for;
use crate::protocol::{Clinic, Dictionary, Protocol};
use crate::render::counted;

/// Begin a patient's record, write into one, or say what is wrong with it
#[derive(Debug, Args)]
pub(super) struct Record {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(New),
    Check(Check),
    Set(change::Set),
    Session(change::Session),
}

/// Write a record with every question as a comment, to be filled in
///
/// Example: regimen record new protocols/microneedling-acne-scars --patient P-104 --as-of today -o P-104.toml
#[derive(Debug, Args)]
struct New {
    /// The folders or files of protocols, or a clinic's folder for all of them; one record serves all
    #[arg(required = true)]
    protocols: Vec<PathBuf>,
    /// The patient's identifier
    #[arg(long, value_name = "ID")]
    patient: String,
    /// The day on which the answers are taken, as 2026-03-02, or `today`
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// The language of questions and comments, as `de`: those of the files `facts.de.toml` and `protocol.de.toml`
    #[arg(long, value_name = "LANGUAGE", value_parser = super::language)]
    lang: Option<String>,
    /// The file to write, which must not be there yet; without it, the record is printed
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Say all that is wrong, doubtful, contradictory or expired in a record
///
/// Example: regimen record check P-104.toml --clinic protocols --as-of today
#[derive(Debug, Args)]
struct Check {
    /// The patient's record, TOML or JSON
    record: PathBuf,
    /// The clinic's folder, or a protocol
    #[arg(long, value_name = "FOLDER", default_value = "protocols")]
    clinic: PathBuf,
    /// The day for which it must be good, as 2026-03-02, or `today`
    #[arg(long, value_name = "DATE")]
    as_of: String,
}

impl Record {
    pub(super) fn run(&self) -> u8 {
        match &self.command {
            Command::New(command) => command.run(),
            Command::Check(command) => command.run(),
            Command::Set(command) => command.run(),
            Command::Session(command) => command.run(),
        }
    }
}

impl New {
    fn run(&self) -> u8 {
        let day = match as_of_told(&self.as_of) {
            Ok(day) => day,
            Err(code) => return code,
        };
        if self.patient.trim().is_empty() {
            return usage("--patient: a record belongs to somebody");
        }
        let mut protocols: Vec<Protocol> = Vec::new();
        for path in &self.protocols {
            let (clinic, found) = Clinic::read_in(path, self.lang.as_deref());
            tell_diagnostics(&found);
            if found.has_errors() {
                return exit::MISTAKES;
            }
            protocols.extend(clinic.protocols);
        }
        let all: Vec<&Protocol> = protocols.iter().collect();
        let text = Protocol::blank_record(&all, &self.patient, day);
        let Some(path) = &self.output else { return print(&text) };
        if path.exists() {
            return usage(&format!("{} already exists and is not overwritten", path.display()));
        }
        match files::write(path, &text) {
            Ok(()) => exit::DONE,
            Err(error) => {
                tell(&format!("error: {} cannot be written: {error}\n", path.display()));
                exit::OUTPUT
            }
        }
    }
}

impl Check {
    fn run(&self) -> u8 {
        let day = match as_of_told(&self.as_of) {
            Ok(day) => day,
            Err(code) => return code,
        };
        let (clinic, mut found) = Clinic::read(&self.clinic);
        // What is wrong with the protocols is for `check` to say, unless nothing can be read without them.
        if clinic.protocols.is_empty() {
            tell_diagnostics(&found);
            return exit::MISTAKES;
        }
        found = Diagnostics::default();
        let Some(source) = crate::protocol::load::read_file(&self.record, &mut found) else {
            tell_diagnostics(&found);
            return exit::MISTAKES;
        };
        let dictionaries: Vec<&Dictionary> =
            clinic.protocols.iter().map(|protocol| protocol.dictionary.as_ref()).collect();
        let records = read_for(&source, Notation::of(&source.name), &dictionaries, day, &mut found);
        // What a protocol in force finds: answers that contradict each other, and appointments that come too early.
        if !found.has_errors() {
            for (protocol, record) in clinic.protocols.iter().zip(&records) {
                let Ok(prepared) = protocol.prepare(&Request::new(day)) else { continue };
                let known: Vec<String> = found.iter().map(|one| one.message.clone()).collect();
                let mut doubts = prepared.doubts_beside_course(record);
                // Several protocols find the same.
                doubts.retain(|one| !known.contains(&one.message));
                found.append(doubts);
            }
        }
        let (errors, warnings) = (found.count(Severity::Error), found.count(Severity::Warning));
        tell_diagnostics(&found);
        let mut text = String::new();
        let mut expired: Vec<String> = Vec::new();
        if errors == 0 {
            for (record, dictionary) in records.iter().zip(&dictionaries) {
                let old = record.expired(dictionary, day).into_iter();
                let lines = old.map(|(fact, on)| format!("{}: {} (answered on {on})", fact.name, fact.ask));
                // Dictionaries of one clinic share most of their facts.
                lines.for_each(|line| {
                    if !expired.contains(&line) {
                        expired.push(line)
                    }
                });
            }
        }
        if !expired.is_empty() {
            text.push_str(&format!("Too old on {day}, to be asked again:\n"));
            expired.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
        if errors + warnings == 0 && expired.is_empty() {
            let names: BTreeSet<&str> =
                records.iter().zip(&dictionaries).flat_map(|(record, dictionary)| record.told(dictionary)).collect();
            let sessions = records.iter().map(|record| record.sessions.len()).max().unwrap_or(0);
            text.push_str(&match (names.len(), sessions) {
                (0, 0) => "no answers and no sessions yet, so nothing that could be wrong\n".to_owned(),
                (answers, sessions) => format!(
                    "nothing wrong found in {} and {}\n",
                    counted(answers, "answer"),
                    counted(sessions, "session")
                ),
            });
        }
        let printed = print(&text);
        if errors > 0 { exit::MISTAKES } else { printed }
    }
}
