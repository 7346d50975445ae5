//! Destroying what is personal. What stays is the public part, and that something was erased.

use std::collections::BTreeSet;

use super::entry::{Draft, Kind, Stamp, erased_by, kind_of};
use super::frames::Frames;
use super::list::forget;
use super::records::erase_rows;
use super::store::{Archive, NotKept, add, entries_of, grown, problem, sql};
use crate::diagnostic::{Diagnostics, codes};

impl Archive {
    /// Destroys what is kept about a patient: the personal parts, their salts and the key. An entry tells that it was done.
    ///
    /// # Errors
    /// When nothing is kept about the patient, it must not be erased yet, or the file cannot be written.
    pub fn erase(&mut self, stamp: &Stamp, patient: &str, why: &str) -> Result<Erased, Diagnostics> {
        let numbers = self.numbers(Some(patient))?;
        if numbers.is_empty() && self.record(patient)?.is_none() {
            return Err(self.nothing_about(patient));
        }
        self.erase_entries(stamp, Some(patient), &numbers, why)
    }

    /// The same for an entry of which nobody knows whose it is.
    ///
    /// # Errors
    /// As [`Archive::erase`]; and when it is somebody's, whose other entries would stay.
    pub fn erase_entry(&mut self, stamp: &Stamp, at: u64, why: &str) -> Result<Erased, Diagnostics> {
        let entry = self.entry(at)?;
        if entry.personal.frames().is_none() {
            return Err(problem(&codes::NO_ENTRY, format!("entry {at} holds nothing personal")).into());
        }
        let held: Option<String> = self
            .db
            .query_row(
                "SELECT name FROM patient WHERE number = (SELECT patient FROM personal WHERE entry = ?1)",
                [sql(at)],
                |row| row.get(0),
            )
            .map_err(|error| self.unreadable(&error))?;
        if let Some(patient) = held {
            let help = format!("erase all of it: `regimen archive erase {patient}`");
            return Err(problem(&codes::NO_ENTRY, format!("entry {at} is one of patient `{patient}`"))
                .help(help)
                .into());
        }
        self.erase_entries(stamp, None, &[at], why)
    }

    /// Of some entries, the one that forbids longest that a patient's are erased, with the first day on which they may be.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn held_until(&self, numbers: &[u64]) -> Result<Option<(u64, String)>, Diagnostics> {
        let mut held: Option<(u64, String)> = None;
        for &at in numbers {
            let entry = self.entry(at)?;
            let until = entry.personal.frames().map(|frames| frames.text("until").to_owned()).unwrap_or_default();
            if entry.kind() == Some(Kind::Hold) && held.as_ref().is_none_or(|(_, latest)| *latest < until) {
                held = Some((at, until));
            }
        }
        Ok(held)
    }

    fn erase_entries(
        &mut self,
        stamp: &Stamp,
        patient: Option<&str>,
        numbers: &[u64],
        why: &str,
    ) -> Result<Erased, Diagnostics> {
        let held = self.held_until(numbers)?;
        let day = stamp.at.get(..10).unwrap_or_default();
        if let Some((at, until)) = held.filter(|(_, until)| until.as_str() > day) {
            let message =
                format!("what is kept about this patient must not be erased before {until}: entry {at} says so");
            return Err(problem(&codes::HELD, message).into());
        }
        let list: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let public = Frames::default().with("why", why).with("erased", list.join(","));
        let mut draft = Draft { kind: Kind::Erased, patient: None, public, personal: Frames::default() };
        let (id, has_records) = (self.id().to_owned(), self.has_records);
        let entry = self.change(|transaction| {
            // Whatever was added since is erased too, or nothing is.
            if let Some(patient) = patient
                && entries_of(transaction, patient)? != numbers
            {
                return Err(NotKept("something was just added about this patient".to_owned()));
            }
            let rows = match patient.filter(|_| has_records) {
                Some(patient) => erase_rows(transaction, patient)?,
                None => 0,
            };
            draft.public.push("rows", rows.to_string());
            for at in numbers {
                transaction.execute(
                    "DELETE FROM patient WHERE number = (SELECT patient FROM personal WHERE entry = ?1)",
                    [sql(*at)],
                )?;
                transaction.execute("DELETE FROM personal WHERE entry = ?1", [sql(*at)])?;
            }
            forget(transaction, numbers)?;
            let mut growing = grown(transaction)?;
            add(transaction, &mut growing, &id, stamp, &draft)
        })?;
        Ok(Erased { entry, numbers: numbers.to_vec(), is_scrubbed: self.scrub().is_ok_and(|done| done) })
    }

    /// Rewrites the file without what was deleted from it, and empties the journal.
    fn scrub(&self) -> rusqlite::Result<bool> {
        self.db.execute_batch("VACUUM")?;
        self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).map(|busy| busy == 0)
    }
}

/// What came of erasing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// The entry that tells of it.
    pub entry: u64,
    /// The entries whose personal part is gone.
    pub numbers: Vec<u64>,
    /// Whether the file was rewritten without any remains. Another program that reads it at the same time hinders that.
    pub is_scrubbed: bool,
}

/// What the public parts of an archive say was erased.
pub(super) fn note_erased(public: &Frames, erased: &mut BTreeSet<u64>) {
    if kind_of(public) == Some(Kind::Erased) {
        erased.extend(erased_by(public));
    }
}
