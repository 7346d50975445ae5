//! The texts of a protocol and of a dictionary, approved once: their sheets, beside their files.

use std::path::{Path, PathBuf};

use super::compare::{Change, plain};
use super::run::stored;
use crate::diagnostic::Diagnostics;
use crate::document::{Notation, parse};
use crate::protocol::Protocol;
use crate::protocol::file::ProtocolFile;
use crate::protocol::find::dictionary_of;
use crate::protocol::load::{facts_file, protocol_schema, read_node};
use crate::render::sheet;

/// A sheet, and the one that was approved.
#[derive(Clone, Debug)]
pub struct ApprovedSheet {
    /// The file of the approved sheet: `protocol.sheet.md` beside `protocol.toml`.
    pub path: PathBuf,
    /// The sheet as it is now, in Markdown.
    pub present: String,
    /// The approved sheet; none if there is none yet.
    pub approved: Option<String>,
}

impl ApprovedSheet {
    fn of(file: &Path, sheet: &sheet::Sheet) -> Result<ApprovedSheet, Diagnostics> {
        let path = file.with_extension("sheet.md");
        let approved = stored(&path)?;
        Ok(ApprovedSheet { path, present: plain(&sheet::markdown(sheet)), approved })
    }

    /// How it differs from the approved one: new, or it reads otherwise.
    #[must_use]
    pub fn change(&self) -> Option<Change> {
        match &self.approved {
            None => Some(Change::New),
            Some(approved) => (*approved != self.present).then_some(Change::Wording),
        }
    }

    /// Writes the present sheet as the approved one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn approve(&self) -> std::io::Result<()> {
        crate::files::write(&self.path, &format!("{}\n", self.present))
    }
}

/// The sheet of a protocol: what `regimen show` prints, with everything about the facts that its file declares. It names neither the
/// file's hash nor the program's version, so that a comment added to a protocol changes no approved sheet.
///
/// # Errors
/// When a file cannot be read.
pub fn protocol_sheet(protocol: &Protocol) -> Result<ApprovedSheet, Diagnostics> {
    let mut sheet = sheet::sheet(protocol);
    let mut found = Diagnostics::default();
    let node = parse(&protocol.file, Notation::Toml, &mut found);
    let file: ProtocolFile = read_node(node, &protocol.file, protocol_schema(), &mut found);
    sheet.sections.extend(sheet::declared(&file.facts, &file.session_facts));
    sheet.origin =
        format!("The texts of protocol {} {}. The protocol's file is what counts.", protocol.id, protocol.version);
    ApprovedSheet::of(Path::new(&protocol.file.name), &sheet)
}

/// The sheet of the dictionary that belongs to the protocols of a path; none where they have no dictionary of their own.
///
/// # Errors
/// When a file cannot be read.
pub fn dictionary_sheet(path: &Path) -> Result<Option<ApprovedSheet>, Diagnostics> {
    let Some(path) = dictionary_of(path) else { return Ok(None) };
    let mut found = Diagnostics::default();
    let Some(file) = facts_file(&path, None, &mut found) else { return Err(found) };
    ApprovedSheet::of(&path, &sheet::dictionary(&file)).map(Some)
}

/// The sheets of a protocol and of its dictionary that are not as approved.
///
/// # Errors
/// When a file cannot be read.
#[cfg(feature = "cli")]
pub(crate) fn open_sheets(protocol: &Protocol) -> Result<Vec<ApprovedSheet>, Diagnostics> {
    let dictionary = dictionary_sheet(Path::new(&protocol.file.name))?;
    let sheets = dictionary.into_iter().chain([protocol_sheet(protocol)?]);
    Ok(sheets.filter(|sheet| sheet.change().is_some()).collect())
}
