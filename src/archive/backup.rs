//! A copy of an archive, also while others read it and write to it.

use std::fs::File;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::checkpoint::Checkpoint;
use super::store::{Archive, problem};
use super::tree;
use crate::diagnostic::{Diagnostics, codes};

impl Archive {
    /// Copies the whole archive as it stands at this moment: how it stands in the copy. Nobody waits meanwhile; what is added while it is copied
    /// is in the next copy. The file appears under its name when it is complete.
    ///
    /// # Errors
    /// When there is a file of that name already, it cannot be written, or the copy is not as the archive.
    pub fn backup(&self, to: &Path) -> Result<Checkpoint, Diagnostics> {
        let failed = |why: &dyn std::fmt::Display| {
            let message = format!("{} cannot be copied to {}: {why}", self.path().display(), to.display());
            Diagnostics::from(
                problem(&codes::NO_BACKUP, message).help("no copy was made; mend what hinders it, and try again"),
            )
        };
        if to.exists() {
            return Err(failed(&"there is a file already"));
        }
        let beside = to.with_added_extension(format!("{}.new", std::process::id()));
        let copied = self.copy(&beside).map_err(|error| failed(&error)).and_then(|()| {
            let copy = Archive::open(&beside)?.checkpoint()?;
            if tree::root(&self.db, copy.size).ok() != Some(copy.root) {
                return Err(failed(&"the copy is not as the archive"));
            }
            std::fs::rename(&beside, to).map_err(|error| failed(&error))?;
            Ok(copy)
        });
        // What cannot be removed is left: what is told is whether the copy is there.
        for end in ["", "-wal", "-shm"] {
            let mut name = beside.clone().into_os_string();
            name.push(end);
            let _ = std::fs::remove_file(name);
        }
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        copied
    }

    fn copy(&self, to: &Path) -> Result<(), String> {
        let words = |error: rusqlite::Error| error.to_string();
        let mut copy = Connection::open(to).map_err(words)?;
        copy.pragma_update(None, "synchronous", "full").map_err(words)?;
        {
            // All pages in one step: one moment of the archive, which others may write to meanwhile.
            let backup = Backup::new(&self.db, &mut copy).map_err(words)?;
            match backup.step(-1).map_err(words)? {
                StepResult::Done => {}
                _ => return Err("another program holds it".to_owned()),
            }
        }
        copy.close().map_err(|(_, error)| words(error))?;
        File::open(to).and_then(|file| file.sync_all()).map_err(|error| error.to_string())
    }
}
