//! `regimen diff`: what a new version changes, and for whom.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::revision::Revision;
use super::{as_of_told, exit, print, tell_diagnostics, usage, width};
use crate::cases::Cases;
use crate::diagnostic::{Diagnostics, codes};
use crate::diff::{Difference, RecordText, Start};
use crate::document::Notation;
use crate::protocol::Clinic;
use crate::{render, visible};

/// Say what a new version of a protocol changes, and for which patients
///
/// The files are compared by what they mean: layout, comments and the order of rules are no difference. With --records, both versions are
/// asked about each patient; with --anywhere, patients are made up to whom they answer differently.
///
/// Example: regimen diff HEAD:protocols/microneedling-acne-scars protocols/microneedling-acne-scars --anywhere --as-of today
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The old version: a protocol's folder or file, a clinic's folder, or one of these in a git revision, as `HEAD:protocols`
    old: String,
    /// The new version, named in the same way
    new: String,
    /// Records about which both are asked: a folder, a file of lines of JSON (.ndjson, .jsonl), or one record
    #[arg(long, value_name = "PATH", requires = "as_of")]
    records: Option<PathBuf>,
    /// Make up patients to whom the versions answer differently
    #[arg(long, requires = "as_of")]
    anywhere: bool,
    /// The day for which both are asked, as 2026-03-02, or `today`
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// How many patients are named in each group
    #[arg(long, value_name = "N", default_value_t = 3)]
    examples: usize,
    /// How to print the differences
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
    Markdown,
}

impl Diff {
    pub(super) fn run(&self) -> u8 {
        let day = match self.as_of.as_deref().map(as_of_told).transpose() {
            Ok(day) => day,
            Err(code) => return code,
        };
        let mut found = Diagnostics::default();
        let versions = [&self.old, &self.new].map(|named| Version::read(named, &mut found));
        let records = self.records.as_deref().map(|path| read_records(path, &mut found));
        let (true, [Some(old), Some(new)]) = (!found.has_errors(), versions) else {
            found.sort();
            tell_diagnostics(&found);
            return exit::MISTAKES;
        };
        let mut difference = Difference::between(&old.clinic, &new.clinic);
        if let (Some(records), Some(day)) = (&records, day) {
            difference.ask(&old.clinic, &new.clinic, records, day, self.examples);
        }
        if let (true, Some(day)) = (self.anywhere, day) {
            let starts: Vec<Start> = [&old, &new].into_iter().flat_map(Version::starts).collect();
            let bar = super::how_good::at_work("making up patients");
            difference.search(&old.clinic, &new.clinic, &starts, day);
            bar.finish_and_clear();
        }
        match self.format {
            Format::Text => print(&render::difference_text(&difference, width())),
            Format::Markdown => print(&render::difference_markdown(&difference)),
            Format::Json => match serde_json::to_string_pretty(&difference) {
                Ok(json) => print(&(visible::json(&json).into_owned() + "\n")),
                Err(error) => usage(&format!("the differences cannot be written as JSON: {error}")),
            },
        }
    }
}

/// One of the two, with the files it was read from.
struct Version {
    clinic: Clinic,
    /// The copy of a git revision, which is there as long as this is.
    _revision: Option<Revision>,
}

impl Version {
    fn read(named: &str, found: &mut Diagnostics) -> Option<Version> {
        let path = Path::new(named);
        let is_revision = !path.exists() && named.contains(':');
        let revision = if is_revision { Some(Revision::read(named, found)?) } else { None };
        let (clinic, mut mistakes) = Clinic::read(revision.as_ref().map_or(path, Revision::path));
        // What is only suspicious was told when the version was checked.
        mistakes.retain(|one| one.severity == crate::diagnostic::Severity::Error);
        if let Some(revision) = &revision {
            mistakes = revision.renamed(&mistakes);
        }
        found.append(mistakes);
        Some(Version { clinic, _revision: revision })
    }

    /// The patients of its cases. A case with a mistake is for `test` to tell.
    fn starts(&self) -> Vec<Start> {
        let of = |protocol| Cases::readable(protocol).filter_map(move |case| Start::of_case(&case, protocol));
        self.clinic.protocols.iter().flat_map(of).collect()
    }
}

/// The records of a path, those of a folder by name.
fn read_records(path: &Path, found: &mut Diagnostics) -> Vec<RecordText> {
    if path.is_dir() {
        let mut files: Vec<PathBuf> = Vec::new();
        if let Err(error) = gather(path, &mut files) {
            let why = crate::protocol::load::why_unreadable(&error);
            let message = format!("{} cannot be read: {why}", path.display());
            found.push(crate::diagnostic::Diagnostic::new(&codes::UNREADABLE, message));
        }
        files.sort();
        return files.iter().flat_map(|file| read_file(file, found)).collect();
    }
    read_file(path, found)
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            _ if path.is_dir() => gather(&path, files)?,
            Some("toml" | "json" | "ndjson" | "jsonl") => files.push(path),
            _ => {}
        }
    }
    Ok(())
}

/// The record in a file, or one for each of its lines.
fn read_file(path: &Path, found: &mut Diagnostics) -> Vec<RecordText> {
    let name = path.display().to_string();
    let is_lines = [".ndjson", ".jsonl"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    if !is_lines {
        let source = crate::protocol::load::read_named(path, found);
        let record = source.map(|source| RecordText { notation: Notation::of(&source.name), source });
        return record.into_iter().collect();
    }
    // A file of many records may be larger than any of them.
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
            let lines = lines.filter(|(_, line)| !line.trim().is_empty());
            lines.map(|(at, line)| RecordText::new(&format!("{name}:{}", at + 1), line, Notation::Json)).collect()
        }
        Err(error) => {
            let why = crate::protocol::load::why_unreadable(&error);
            found.push(crate::diagnostic::Diagnostic::new(&codes::UNREADABLE, format!("{name} cannot be read: {why}")));
            Vec::new()
        }
    }
}
