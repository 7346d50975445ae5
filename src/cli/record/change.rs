//! `regimen record set` and `regimen record session`: what was learnt, into a record. Its comments and the order of its entries stay.

use std::path::{Path, PathBuf};

use clap::Args;

use super::super::ask::{save, unchanged};
use super::super::{exit, print, tell_diagnostics, usage};
use crate::date::Date;
use crate::decide::{Prepared, Request};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::interview::sessions::{self, List, Visit};
use crate::interview::{Interview, Reply, Subject, products};
use crate::protocol::load::read_file;
use crate::protocol::{Clinic, Dictionary, Which};
use crate::trace::Depth;
use crate::visible;

/// Write answers into a record
///
/// An answer is typed as in an interview: `yes`, `1.5`, `2026-02`, `never`, the names or labels of choices with commas between them, `[]` for none.
/// `declined`, `not_known` and `not_asked` say why there is none. All are written, or, where one is wrong, none.
///
/// Example: regimen record set P-104.toml smoker=no antiplatelets=aspirin keloid_history=declined --as-of today
#[derive(Debug, Args)]
pub(super) struct Set {
    /// The patient's record, in TOML
    record: PathBuf,
    /// What was asked, and the answer
    #[arg(required = true, value_name = "FACT=ANSWER")]
    answers: Vec<String>,
    /// What stood there was wrong: it is not kept as an earlier answer
    #[arg(long)]
    was_wrong: bool,
    #[command(flatten)]
    file: Of,
}

/// Write a session that was given, or an appointment, into a record
///
/// Example: regimen record session P-104.toml microneedling 2026-03-02 depth_mm=1.5 --as-of today
#[derive(Debug, Args)]
pub(super) struct Session {
    /// The patient's record, in TOML
    record: PathBuf,
    /// The treatment, as records name it
    treatment: String,
    /// The day, as 2026-03-02, or 2026-03 where only the month is known
    date: String,
    /// What was noted, as in `depth_mm=1.5`
    #[arg(value_name = "NOTE=VALUE")]
    notes: Vec<String>,
    /// An appointment
    #[arg(long)]
    planned: bool,
    #[command(flatten)]
    file: Of,
}

/// By whose words a record is read, and on which day.
#[derive(Debug, Args)]
struct Of {
    /// The clinic's folder, or a protocol
    #[arg(long, value_name = "FOLDER", default_value = "protocols")]
    clinic: PathBuf,
    /// The day of the answers, as 2026-03-02, or `today`
    #[arg(long, value_name = "DATE")]
    as_of: String,
}

impl Set {
    pub(super) fn run(&self) -> u8 {
        let done = self.file.open(&self.record).and_then(|mut open| {
            let answers = named(&self.answers, "FACT=ANSWER")?;
            for (name, typed) in &answers {
                let reply = open.answer(name, typed)?;
                open.interview.reply_to(&Subject::Fact((*name).to_owned()), &reply, self.was_wrong).map_err(wrong)?;
            }
            let text = open.interview.text().to_owned();
            open.keep(&self.record, &text)?;
            let told = open.interview.told();
            let line = |(name, typed): &(&str, &str)| {
                match told.iter().find(|one| one.subject == Subject::Fact((*name).to_owned())) {
                    Some(one) => format!("{}: {}\n", one.label, one.words()),
                    // It was taken back, or no protocol reads it.
                    None => format!("{name}: {}\n", typed.replace('_', " ")),
                }
            };
            Ok(print(&visible::lines(&answers.iter().map(line).collect::<String>())))
        });
        done.unwrap_or_else(|code| code)
    }
}

impl Session {
    pub(super) fn run(&self) -> u8 {
        let done = self.file.open(&self.record).and_then(|open| {
            let typed = named(&self.notes, "NOTE=VALUE")?.into_iter();
            let mut notes: Vec<(String, Reply)> =
                typed.map(|(name, value)| (name.to_owned(), reply(value, &[]))).collect();
            let protocols = open.prepared.iter().map(Prepared::protocol);
            products::by_name(&mut notes, &self.treatment, protocols).map_err(wrong)?;
            let visit = Visit { treatment: &self.treatment, date: &self.date, notes: &notes };
            let list = if self.planned { List::Planned } else { List::Given };
            let text =
                sessions::add(open.interview.text(), list, &visit, open.dictionary(), open.as_of).map_err(wrong)?;
            open.keep(&self.record, &text)?;
            let what = if self.planned { "an appointment" } else { "a session" };
            Ok(print(&visible::lines(&format!("{what} of {} on {}\n", self.treatment, self.date))))
        });
        done.unwrap_or_else(|code| code)
    }
}

/// A record that is changed.
struct Open {
    prepared: Vec<Prepared>,
    name: String,
    before: String,
    as_of: Date,
    interview: Interview,
}

impl Of {
    fn open(&self, record: &Path) -> Result<Open, u8> {
        let as_of = super::super::as_of_told(&self.as_of)?;
        let (clinic, broken, mut found) = Clinic::read_which(&self.clinic, None, Which::InForceOn(as_of));
        broken.into_iter().for_each(|one| found.append(one.mistakes));
        let request = Request::new(as_of).explain(Depth::Verdict);
        let prepared: Vec<Prepared> = clinic.protocols.iter().filter_map(|one| one.prepare(&request).ok()).collect();
        if prepared.is_empty() {
            tell_diagnostics(&found);
            return Err(if found.has_errors() {
                exit::MISTAKES
            } else {
                usage(&format!("no protocol is in force on {as_of}"))
            });
        }
        let mut found = Diagnostics::default();
        let Some(source) = read_file(record, &mut found) else { return Err(wrong(found)) };
        let (name, before) = (source.name.clone(), source.text.clone());
        let (interview, _) = Interview::begin(prepared.clone(), &name, &before).map_err(wrong)?;
        Ok(Open { prepared, name, before, as_of, interview })
    }
}

/// The same for a command that reads the record, and writes it once.
const OPENED: (&str, &str) = (
    "by another program while this command was at work on it",
    "nothing of this command is saved: give it again, and it goes on from the record as it is now",
);

impl Open {
    /// Every protocol of a clinic has its dictionary.
    fn dictionary(&self) -> &Dictionary {
        &self.prepared[0].protocol.dictionary
    }

    /// What a fact is answered with.
    fn answer(&self, name: &str, typed: &str) -> Result<Reply, u8> {
        let dictionary = self.dictionary();
        let Some((_, fact)) = dictionary.fact(name) else {
            let unknown = Diagnostic::new(&codes::UNKNOWN_NAME, format!("there is no fact `{name}`"));
            return Err(wrong(unknown.suggest(name, dictionary.facts.iter().map(|fact| fact.name.as_str())).into()));
        };
        Ok(reply(typed, fact.answer.choices()))
    }

    /// Saves the record, if it is one with what was written into it, and tells what is doubtful about it.
    fn keep(&self, path: &Path, text: &str) -> Result<(), u8> {
        let (_, doubts) = Interview::begin(self.prepared.clone(), &self.name, text).map_err(wrong)?;
        unchanged(path, &self.before, OPENED)?;
        save(path, text)?;
        tell_diagnostics(&doubts);
        Ok(())
    }
}

/// Names and what is said of each, once.
fn named<'a>(all: &'a [String], form: &str) -> Result<Vec<(&'a str, &'a str)>, u8> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for text in all {
        let Some((name, value)) = text.split_once('=').map(|(name, value)| (name.trim(), value.trim())) else {
            return Err(usage(&format!("`{text}` is not written as {form}")));
        };
        if found.iter().any(|(other, _)| *other == name) {
            return Err(usage(&format!("`{name}` is answered twice")));
        }
        found.push((name, value));
    }
    Ok(found)
}

/// What was typed: an answer, or why there is none, unless a choice has that name.
fn reply(typed: &str, choices: &[String]) -> Reply {
    match typed {
        _ if choices.iter().any(|choice| choice == typed) => Reply::Value(typed.to_owned()),
        "not_known" | "?" => Reply::NotKnown,
        "declined" | "!" => Reply::Declined,
        "not_asked" | "-" => Reply::NotAsked,
        value => Reply::Value(value.to_owned()),
    }
}

/// Nothing was written.
fn wrong(found: Diagnostics) -> u8 {
    tell_diagnostics(&found);
    exit::MISTAKES
}

#[cfg(test)]
mod tests {
    use super::super::super::ask::changed;
    use super::OPENED;

    #[test]
    fn what_another_program_wrote_is_told_without_a_word_of_an_interview() {
        let path = std::env::temp_dir().join(format!("regimen-meanwhile-{}.toml", std::process::id()));
        std::fs::write(&path, "patient = \"P-1\"\n").expect("room");
        assert!(changed(&path, "patient = \"P-1\"\n", OPENED).is_empty());
        let told = changed(&path, "patient = \"P-2\"\n", OPENED).to_string();
        std::fs::remove_file(&path).expect("gone");
        assert!(told.contains("by another program while this command was at work on it"), "{told}");
        assert!(!told.contains("asked") && !told.contains("interview"), "{told}");
    }
}
