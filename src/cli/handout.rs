//! `regimen handout`: what the patient takes home, and the clinic's check-list.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{exit, print, tell_diagnostics, usage};
use crate::decide::Request;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, codes};
use crate::document::Notation;
use crate::files;
use crate::handout::{CalendarTrouble, Handout, calendar, html};
use crate::patient::read_for;
use crate::protocol::ClinicDetails;
use crate::protocol::load::{read_named, why_unreadable};

/// Write what the patient takes home: what happens when, how to prepare, what to watch for, whom to call
///
/// Prints a page of HTML that fits one or two sheets of A4 and a phone. Whom to call comes from the `clinic.toml` beside the dictionary.
///
/// Example: regimen handout protocols/microneedling-acne-scars P-104.toml --as-of today --calendar P-104.ics > P-104.html
#[derive(Debug, Args)]
pub(super) struct HandoutPage {
    /// A protocol's folder or file
    protocol: PathBuf,
    /// The patient's record, TOML or JSON
    record: PathBuf,
    /// The day for which to answer, as 2026-03-02, or `today`
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// Whom the page is for
    #[arg(long = "for", value_enum, default_value_t)]
    audience: Whom,
    /// Also write the days as iCalendar into a file. Over an older file of the same patient and protocol, events keep their identifiers:
    /// what has changed is marked as newer, what is planned no longer as cancelled
    #[arg(long, value_name = "FILE")]
    calendar: Option<PathBuf>,
    /// Set a parameter for this answer, within its range
    #[arg(long, value_name = "PARAMETER=VALUE")]
    set: Vec<String>,
    /// The language of the page, as `de`: texts and labels are those of the files `protocol.de.toml`, `facts.de.toml` and `clinic.de.toml`
    #[arg(long, value_name = "LANGUAGE", value_parser = super::language)]
    lang: Option<String>,
    #[command(flatten)]
    drafts: super::Drafts,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Whom {
    /// What the patient takes home
    #[default]
    Patient,
    /// The clinic's check-list: its tasks, the settings, what needs care
    Clinic,
}

impl HandoutPage {
    pub(super) fn run(&self) -> u8 {
        if let Some(code) = super::keep::refused("handout") {
            return code;
        }
        if self.audience == Whom::Clinic && self.calendar.is_some() {
            return usage("--calendar is for the patient's page");
        }
        let as_of = match super::as_of_told(&self.as_of) {
            Ok(as_of) => as_of,
            Err(code) => return code,
        };
        let language = self.lang.as_deref();
        let (protocol, mut found) = match super::one_protocol(&self.protocol, language, self.drafts.which(as_of)) {
            Ok(read) => read,
            Err(code) => return code,
        };
        let (details, mistakes) = ClinicDetails::read(&self.protocol, language);
        if details.is_none() && !mistakes.has_errors() && self.audience == Whom::Patient {
            found.push(no_details(&self.protocol));
        }
        found.append(mistakes);
        let record = read_named(&self.record, &mut found)
            .map(|source| read_for(&source, Notation::of(&source.name), &[&protocol.dictionary], as_of, &mut found));
        found.append(protocol.usable(as_of));
        if !Handout::speaks(&protocol.language) {
            let message =
                format!("the headings and dates of this page are in English, its texts in `{}`", protocol.language);
            let diagnostic = Diagnostic::new(&codes::OTHER_HEADINGS, message);
            found.push(diagnostic.help("headings are known in `en` and `de`: translate them by hand"));
        }
        found.sort();
        let request = match Request::with_settings(&protocol, as_of, &self.set, false) {
            Ok(request) => request,
            Err(message) => return usage(&format!("--set: {message}")),
        };
        let record = record.as_ref().and_then(|records| records.first()).filter(|_| !found.has_errors());
        let answer = match record.map(|record| protocol.recommend(record, &request)) {
            Some(Ok(answer)) => answer,
            Some(Err(mistakes)) => {
                found.append(mistakes);
                tell_diagnostics(&found);
                return exit::MISTAKES;
            }
            None => {
                tell_diagnostics(&found);
                return exit::MISTAKES;
            }
        };
        // What is doubtful about the record is on the clinic's page; whoever prints the patient's alone is told here.
        found.retain(|one| one.severity == Severity::Warning);
        tell_diagnostics(&found);
        let handout = match self.audience {
            Whom::Patient => Handout::for_patient(&answer, &protocol.language, details.as_ref()),
            Whom::Clinic => Handout::for_clinic(&answer, &protocol.language),
        };
        // The page is given whatever becomes of the calendar.
        let printed = print(&html(&handout));
        match self.calendar.as_deref().map(|file| write_calendar(file, &handout)) {
            Some(Err(code)) => code,
            Some(Ok(())) | None => printed,
        }
    }
}

fn no_details(path: &Path) -> Diagnostic {
    let message = format!("there is no `clinic.toml` for {}: the handout cannot say whom to call", path.display());
    let help = "write one beside `facts.toml`, or beside a protocol that stands alone: name, phone, hours, emergency";
    Diagnostic::new(&codes::NO_CLINIC_DETAILS, message).help(help)
}

fn write_calendar(file: &Path, handout: &Handout) -> Result<(), u8> {
    let refused = |why: &str, help: Option<&str>| {
        let message = format!("{} was not written: {why}", file.display());
        let diagnostic = Diagnostic::new(&codes::NO_CALENDAR, message);
        let mut found = Diagnostics::default();
        found.push(help.into_iter().fold(diagnostic, |diagnostic, help| diagnostic.help(help)));
        tell_diagnostics(&found);
    };
    let older = match files::open_plain(file).and_then(files::read_text) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            refused(&format!("what is there cannot be read: {}", why_unreadable(&error)), Some("name another file"));
            return Err(exit::MISTAKES);
        }
    };
    let text = calendar(handout, older.as_deref()).map_err(|trouble| {
        let help = match trouble {
            CalendarTrouble::NoDay => "leave `--calendar` out: the page says what comes next",
            _ => "name another file, or move the one that is there",
        };
        refused(&trouble.to_string(), Some(help));
        exit::MISTAKES
    })?;
    files::write(file, &text).map_err(|error| {
        refused(&why_unreadable(&error), None);
        exit::OUTPUT
    })
}
