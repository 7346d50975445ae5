//! The texts of a version and its entry in the index, so that a crash leaves the old or the new.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use toml_edit::{InlineTable, Value};

use super::TextOf;
use super::gates::mark_of_cases;
use crate::Date;
use crate::coverage::Coverage;
use crate::diagnostic::{Diagnostics, SourceFile};
use crate::files;
use crate::mutation::{Fate, Mutation};
use crate::protocol::Protocol;
use crate::protocol::lost::NOT_YET;
use crate::protocol::published::{FOLDER, INDEX, Index};

/// What stands above the entries.
const HEAD: &str = "\
# The published versions of this protocol, each in the folder of its number. `regimen publish` writes this file.
# Only one line is written by hand: `until = 2026-12-31` in an entry ends that version.
";

/// A version that is to be published.
pub(super) struct Version<'a> {
    pub(super) protocol: &'a Protocol,
    pub(super) by: &'a str,
    pub(super) why: Option<&'a str>,
    pub(super) from: Date,
    pub(super) on: Date,
    pub(super) texts: Vec<TextOf>,
    pub(super) coverage: Coverage,
    pub(super) mutation: Mutation,
    pub(super) survivors_accepted: Option<&'a str>,
    pub(super) proved: usize,
}

impl Version<'_> {
    /// The entry of the index.
    fn entry(&self) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        let mut lines = vec![
            "[[published]]".to_owned(),
            format!("version = {}", quoted(&self.protocol.version)),
            format!("from = {}", self.from),
        ];
        lines.extend(self.protocol.in_force_until.map(|until| format!("until = {until}")));
        lines.push(format!("on = {}", self.on));
        lines.push(format!("by = {}", quoted(self.by)));
        lines.extend(self.why.map(|why| format!("why = {}", quoted(why))));
        let files: InlineTable =
            self.texts.iter().map(|text| (text.name.as_str(), Value::from(text.sha256.as_str()))).collect();
        lines.push(format!("files = {files}"));
        let number = |count: usize| Value::from(i64::try_from(count).unwrap_or(i64::MAX));
        let fate = |fate| number(self.mutation.count(fate));
        let mut passed: InlineTable = [
            ("engine", Value::from(env!("CARGO_PKG_VERSION"))),
            ("cases", number(self.coverage.cases)),
            ("cases_sha256", Value::from(mark_of_cases(self.protocol))),
            ("outcomes", number(self.coverage.outcomes)),
            ("covered", number(self.coverage.covered)),
            ("mutants", number(self.mutation.mutants.len())),
            ("killed", fate(Fate::Killed)),
            ("survived", fate(Fate::Survived)),
            ("equivalent", fate(Fate::Equivalent)),
            ("undecided", fate(Fate::Undecided)),
            ("proved", number(self.proved)),
        ]
        .into_iter()
        .collect();
        if let Some(why) = self.survivors_accepted {
            passed.insert("survivors_accepted", why.into());
        }
        lines.push(format!("passed = {passed}"));
        let entry = lines.join("\n") + "\n";
        match bound(&entry) {
            Some(sha256) => format!("{entry}entry_sha256 = \"{sha256}\"\n"),
            // What cannot be read is told by whoever reads it next.
            None => entry,
        }
    }
}

/// The SHA-256 of what an entry says, once it is read as it will be.
fn bound(entry: &str) -> Option<String> {
    let index = Index::of(&SourceFile::new(INDEX, entry), &mut Diagnostics::default())?;
    Some(index.versions.first()?.entry.sha256())
}

/// Writes a version beside a protocol's file. `index` is what the index was when it was decided that this may be.
///
/// # Errors
/// When something cannot be written, or somebody else has published meanwhile. Then nothing is published.
pub(super) fn write(version: &Version<'_>, index: Option<&Index>) -> io::Result<()> {
    let folder = Path::new(&version.protocol.file.name).with_file_name(FOLDER);
    std::fs::create_dir_all(&folder)?;
    let place = folder.join(&version.protocol.version);
    let beside = folder.join(format!(".{}.{}{NOT_YET}", version.protocol.version, std::process::id()));
    let begun = folder.join(format!(".{}.begun{NOT_YET}", version.protocol.version));
    let written = texts(version, &beside).and_then(|()| {
        let before = match std::fs::read_to_string(folder.join(INDEX)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            read => Some(read?),
        };
        if before.as_deref() != index.map(|index| index.source.text.as_str()) {
            return Err(io::Error::other(
                "the index was changed meanwhile, perhaps by somebody who published another version",
            ));
        }
        // What is there without an entry was left by a run that was broken off.
        if place.exists() {
            std::fs::remove_dir_all(&place)?;
        }
        // Until the index is written, this tells that they are no version.
        std::fs::create_dir_all(&begun)?;
        synced(&folder);
        std::fs::rename(&beside, &place)?;
        synced(&folder);
        let before = before.unwrap_or_else(|| HEAD.to_owned());
        files::write(&folder.join(INDEX), &format!("{}\n\n{}", before.trim_end(), version.entry()))
    });
    if written.is_err() {
        // What cannot be removed is left: the failure that is told is the first.
        let _ = std::fs::remove_dir_all(&beside);
        return written;
    }
    // Also what earlier runs have left, which would hide that the index was lost.
    let left = std::fs::read_dir(&folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let is_left = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with('.') && name.ends_with(NOT_YET)
    };
    for path in left.filter(is_left) {
        let _ = std::fs::remove_dir_all(path);
    }
    Ok(())
}

fn texts(version: &Version<'_>, folder: &Path) -> io::Result<()> {
    std::fs::create_dir(folder)?;
    version.texts.iter().try_for_each(|text| files::write(&folder.join(&text.name), &text.text))?;
    synced(folder);
    Ok(())
}

/// Makes the names in a folder safe on the disk, where a folder can be opened.
fn synced(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}
