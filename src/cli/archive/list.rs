//! What is in an archive.

use clap::{Args, ValueEnum};

use super::super::keep::Place;
use super::super::{exit, print, tell};
use super::failed;
use crate::archive::{Archive, Entry, Personal};
use crate::recommendation::Recommendation;
use crate::render::{self, TextStyle};
use crate::visible;

/// List the entries: when, by whom, about whom, what
///
/// Example: regimen archive list --archive clinic.db --patient P-104
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those about this patient
    #[arg(long, value_name = "ID")]
    patient: Option<String>,
    /// How to print the list
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// Show an entry: the record as it was given, the answer, and what became of it
///
/// Example: regimen archive show 12 --archive clinic.db
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The number of the entry
    entry: u64,
    #[command(flatten)]
    place: Place,
}

/// What a list says of an entry.
#[derive(serde::Serialize)]
struct Line<'e> {
    entry: String,
    at: &'e str,
    kind: &'e str,
    patient: &'e str,
    protocol: &'e str,
    version: &'e str,
    status: &'e str,
    about: &'e str,
    /// What was done to which account of the web application.
    #[serde(skip_serializing_if = "str::is_empty")]
    does: &'e str,
    #[serde(skip_serializing_if = "str::is_empty")]
    account: &'e str,
    by: &'e str,
    erased: bool,
}

impl<'e> Line<'e> {
    fn of(entry: &'e Entry) -> Line<'e> {
        let public = |name| entry.public.text(name);
        Line {
            entry: entry.number.to_string(),
            at: public("at"),
            kind: public("kind"),
            patient: entry.patient(),
            protocol: public("protocol"),
            version: public("version"),
            status: entry.personal.frames().map(|frames| frames.text("status")).unwrap_or_default(),
            about: public("about"),
            does: public("does"),
            account: public("account"),
            by: public("by"),
            erased: entry.personal == Personal::Erased,
        }
    }

    fn text(&self) -> String {
        let patient = match (self.patient, self.erased) {
            (_, true) => "(erased)",
            ("", _) => "-",
            (patient, _) => patient,
        };
        let about = if self.about.is_empty() { String::new() } else { format!("of entry {}", self.about) };
        let parts = [self.kind, self.status, self.protocol, self.version, about.as_str(), self.does, self.account];
        let what = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let by = if self.by.is_empty() { String::new() } else { format!("  by {}", self.by) };
        visible::text(&format!("{:>6}  {}  {patient:12}  {what}{by}", self.entry, self.at)).into_owned() + "\n"
    }
}

impl List {
    pub(super) fn run(&self) -> Result<u8, u8> {
        let archive = self.place.open()?;
        let numbers = archive.numbers(self.patient.as_deref()).map_err(failed(exit::MISTAKES))?;
        if let Some(patient) = self.patient.as_deref().filter(|_| numbers.is_empty()) {
            if archive.record(patient).map_err(failed(exit::MISTAKES))?.is_none() {
                return Err(failed(exit::MISTAKES)(archive.nothing_about(patient)));
            }
            tell(&format!("note: the archive keeps the record of `{}`, and no entry yet\n", visible::text(patient)));
        }
        let mut text = String::new();
        for at in numbers {
            let entry = archive.entry(at).map_err(failed(exit::MISTAKES))?;
            let line = Line::of(&entry);
            match self.format {
                Format::Text => text.push_str(&line.text()),
                // INVARIANT: texts can always be written.
                Format::Json => text.push_str(&(serde_json::to_string(&line).unwrap_or_default() + "\n")),
            }
        }
        Ok(print(&text))
    }
}

impl Show {
    pub(super) fn run(&self) -> Result<u8, u8> {
        let archive = self.place.open()?;
        let entry = archive.entry(self.entry).map_err(failed(exit::MISTAKES))?;
        let mut text = format!("entry {} of {}\n", entry.number, super::shown(archive.path()));
        let simple =
            |name: &str, content: &[u8]| format!("{name:12} {}\n", visible::text(&String::from_utf8_lossy(content)));
        entry.public.iter().for_each(|(name, content)| text.push_str(&simple(name, content)));
        match &entry.personal {
            Personal::None => {}
            Personal::Erased => text.push_str("\nwhat was personal in it was erased\n"),
            Personal::Kept(_, frames) => {
                text.push('\n');
                let long = ["record", "answer", "absent", "printed", "receipt"];
                let short = frames.iter().filter(|(name, _)| !long.contains(name));
                short.for_each(|(name, content)| text.push_str(&simple(name, content)));
                let absent: Vec<String> =
                    frames.all("absent").map(|one| String::from_utf8_lossy(one).into_owned()).collect();
                if !absent.is_empty() {
                    let options = textwrap::Options::new(super::super::width()).subsequent_indent("             ");
                    let line = visible::text(&format!("{:12} {}", "absent", absent.join(", "))).into_owned();
                    text.push_str(&(textwrap::fill(&line, options) + "\n"));
                }
                if let Some(record) = frames.get("record") {
                    text.push_str("\nthe record, as it was given\n\n");
                    text.push_str(visible::lines(&String::from_utf8_lossy(record)).trim_end());
                    text.push('\n');
                }
                if let Some(answer) = frames.get("answer") {
                    text.push_str("\nthe answer\n\n");
                    text.push_str(&match serde_json::from_slice::<Recommendation>(answer) {
                        Ok(answer) => render::text(&answer, TextStyle { width: super::super::width(), colour: true }),
                        // Of another version of regimen: the bytes are there all the same.
                        Err(_) => visible::lines(&String::from_utf8_lossy(answer)).into_owned() + "\n",
                    });
                }
            }
        }
        text.push_str(&became_of(&archive, &entry)?);
        Ok(print(&text))
    }
}

/// What later entries say of an entry.
fn became_of(archive: &Archive, entry: &Entry) -> Result<String, u8> {
    let later = archive.about(entry).map_err(failed(exit::MISTAKES))?;
    if later.is_empty() {
        return Ok(String::new());
    }
    let lines: String = later.iter().map(|one| Line::of(one).text()).collect();
    Ok(format!("\nwhat became of it\n\n{lines}"))
}
