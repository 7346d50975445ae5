//! Decisions that are kept, can be shown to be unaltered, and can be produced again.
//!
//! ```text
//!  question, record, answer ──> Draft ──┬──> public part ──> leaf ──> tree ──> Checkpoint (kept elsewhere)
//!                                       │        │ commits to
//!                                       └──> personal part, sealed with the patient's key (can be erased)
//! ```
//!
//! Beside its decisions, an archive can keep patients' records ([`Row`]): each state of one, sealed with the same key; who saved which text of the
//! clinic ([`Saved`]); and who may work with the web application ([`Accounts`]). [`Archive::list`] finds entries by what stands in them.
//!
//! An [`Archive`] is an SQLite file. What is hashed are the bytes that are stored ([`Frames`]), never what a program makes of them. A
//! [`Receipt`] is one entry with everything that belongs to it; a [`Replayer`] asks again what was asked then. The format is described
//! in `docs/archive.md`.
//!
//! ```
//! use regimen::archive::{Archive, Draft, Frames, Kind, Stamp, Texts};
//! # let folder = std::env::temp_dir().join(format!("regimen-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("clinic.db");
//! let mut archive = Archive::create(&path)?;
//! let stamp = Stamp { at: "2026-03-02T08:30:00Z".into(), by: Some("Dr A".into()) };
//! let personal = Frames::default().with("patient", "P-1").with("until", "2036-01-01").with("why", "retention");
//! let hold = Draft { kind: Kind::Hold, patient: Some("P-1".into()), public: Frames::default(), personal };
//! assert_eq!(archive.append(&stamp, &Texts::default(), &[hold])?, [1]);
//! assert!(archive.erase(&stamp, "P-1", "asked for").is_err(), "it is held");
//! assert!(archive.verify(None).found.is_empty());
//! # drop(archive);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod accounts;
mod backup;
mod checkpoint;
mod entry;
mod erase;
mod frames;
mod list;
pub(crate) mod privacy;
mod question;
mod receipt;
mod records;
mod remark;
mod replay;
mod saved;
mod store;
#[cfg(test)]
mod tests;
mod texts;
pub mod tree;
mod verify;
mod visits;

pub use accounts::{Account, AccountChange, Accounts, Role};
pub use checkpoint::{Checkpoint, Key};
pub use entry::{Draft, Entry, Kind, Personal, Stamp};
pub use erase::Erased;
pub use frames::{Content, Frames, Hex, from_hex, to_hex};
pub use list::Wanted;
pub use question::{From, Given, Question, Why, why};
pub use receipt::Receipt;
pub use records::{NewRow, Row};
pub use replay::{Difference, NotReplayed, Replay, Replayer};
pub use saved::Saved;
pub use store::Archive;
pub use texts::{Folder, Texts};
pub use verify::Report;
pub use visits::{Happening, Visit};

use crate::diagnostic::{Diagnostics, codes};

impl Archive {
    /// How it stands, to be kept elsewhere.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn checkpoint(&self) -> Result<Checkpoint, Diagnostics> {
        let size = self.size()?;
        let root = tree::root(&self.db, size).map_err(|error| self.unreadable(&error))?;
        Ok(Checkpoint { archive: self.id().to_owned(), size, root, signed: None })
    }

    /// The same, if the archive goes on where an earlier checkpoint ends: whoever signs it signs no archive that was cut or written anew.
    ///
    /// # Errors
    /// When it does not go on there, or cannot be read.
    pub fn checkpoint_since(&self, earlier: Option<&Checkpoint>) -> Result<Checkpoint, Diagnostics> {
        let now = self.checkpoint()?;
        let Some(earlier) = earlier else { return Ok(now) };
        let is_longer = earlier.archive == now.archive && earlier.size <= now.size;
        let path = match is_longer {
            true => tree::consistency(&self.db, earlier.size, now.size).map_err(|error| self.unreadable(&error))?,
            false => Vec::new(),
        };
        if is_longer && tree::is_consistent((earlier.size, earlier.root), (now.size, now.root), &path) {
            return Ok(now);
        }
        let message = format!(
            "the archive {} does not go on where the checkpoint of {} entries ends",
            self.path().display(),
            earlier.size
        );
        let help = "`regimen archive verify` with the same checkpoint says more";
        Err(store::problem(&codes::NOT_AS_VOUCHED, message).help(help).into())
    }

    /// The entry that holds a receipt already, perhaps with a proof that leads to another size.
    ///
    /// # Errors
    /// When an entry cannot be read.
    pub fn imported(&self, receipt: &Receipt) -> Result<Option<u64>, Diagnostics> {
        let wanted = receipt.entry();
        let patient = Some(wanted.patient()).filter(|patient| !patient.is_empty());
        for at in self.numbers(patient)? {
            let entry = self.entry(at)?;
            let held = entry.personal.frames().filter(|_| entry.kind() == Some(Kind::Imported));
            let held = held.and_then(|frames| Receipt::read(frames.text("receipt")).ok());
            if held.is_some_and(|held| held.entry() == wanted) {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// Keeps a receipt of another archive.
    ///
    /// # Errors
    /// When it could not be kept.
    pub fn import(&mut self, stamp: &Stamp, receipt: &Receipt) -> Result<u64, Diagnostics> {
        let entry = receipt.entry();
        let patient = Some(entry.patient().to_owned()).filter(|patient| !patient.is_empty());
        let mut personal = Frames::default();
        patient.iter().for_each(|patient| personal.push("patient", patient.as_str()));
        personal.push("receipt", receipt.json());
        let draft = Draft { kind: Kind::Imported, patient, public: Frames::default(), personal };
        let numbers = self.append(stamp, &Texts::default(), &[draft])?;
        Ok(numbers.first().copied().unwrap_or_default())
    }
}
