//! Who saved which text of the clinic when: a row for each, with the text as it was before and after. Rows are only added.
//!
//! They are about protocols, not about patients: nothing in them is personal but the name of who saved it. They have a table of their own, which
//! an archive has from the first time that a text was saved.

use rusqlite::{OptionalExtension, params};

use super::entry::Stamp;
use super::store::{Archive, has_table, keep_text, make, number, problem, sql};
use super::tree::Hash;
use crate::diagnostic::{Diagnostics, codes};

/// The table of what was saved.
pub(super) const SCHEMA: &[(&str, &str)] = &[
    (
        "saved",
        "CREATE TABLE saved (number INTEGER PRIMARY KEY, at TEXT NOT NULL, by TEXT NOT NULL, file TEXT NOT NULL, before BLOB NOT NULL, after BLOB NOT NULL) STRICT",
    ),
    ("saved_file", "CREATE INDEX saved_file ON saved (file, number)"),
    (
        "saved_stays",
        "CREATE TRIGGER saved_stays BEFORE UPDATE ON saved BEGIN SELECT raise(ABORT, 'what was saved stays'); END",
    ),
    (
        "saved_is_kept",
        "CREATE TRIGGER saved_is_kept BEFORE DELETE ON saved BEGIN SELECT raise(ABORT, 'what was saved stays'); END",
    ),
];

/// That a text was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// Its number, from 1.
    pub number: u64,
    /// When it was saved, and by whom.
    pub stamp: Stamp,
    /// The file, as the clinic knows it: `hpv/protocol.toml`.
    pub file: String,
    /// The SHA-256 of the text that was there before.
    pub before: Hash,
    /// The SHA-256 of the text that was saved.
    pub after: Hash,
}

impl Archive {
    /// Notes that a text was saved in the place of another.
    ///
    /// # Errors
    /// When it could not be noted.
    pub fn note_saved(&mut self, stamp: &Stamp, file: &str, before: &str, after: &str) -> Result<u64, Diagnostics> {
        self.change(|transaction| {
            make(transaction, SCHEMA)?;
            let (before, after) =
                (keep_text(transaction, before.as_bytes())?, keep_text(transaction, after.as_bytes())?);
            let by = stamp.by.as_deref().unwrap_or_default();
            let insert = "INSERT INTO saved (at, by, file, before, after) VALUES (?1, ?2, ?3, ?4, ?5)";
            transaction.execute(insert, params![stamp.at, by, file, before, after])?;
            Ok(number(transaction.last_insert_rowid()))
        })
    }

    /// What was saved of a file, or of all, the latest first: at most so many, of those before a number.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn saved(&self, file: Option<&str>, before: Option<u64>, most: usize) -> Result<Vec<Saved>, Diagnostics> {
        let read = || -> rusqlite::Result<Vec<Saved>> {
            if !has_table(&self.db, "saved")? {
                return Ok(Vec::new());
            }
            let mut all = self.db.prepare_cached(
                "SELECT number, at, by, file, before, after FROM saved
                 WHERE (?1 IS NULL OR file = ?1) AND number < ?2 ORDER BY number DESC LIMIT ?3",
            )?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            all.query_map(params![file, before.map_or(i64::MAX, sql), most], row)?.collect()
        };
        read().map_err(|error| self.unreadable(&error))
    }

    /// One of them, with the text as it was before and after.
    ///
    /// # Errors
    /// When there is none of that number, or a text was altered.
    pub fn saved_texts(&self, at: u64) -> Result<(Saved, String, String), Diagnostics> {
        let read = || -> rusqlite::Result<Option<Saved>> {
            if !has_table(&self.db, "saved")? {
                return Ok(None);
            }
            let one = "SELECT number, at, by, file, before, after FROM saved WHERE number = ?1";
            self.db.query_row(one, [sql(at)], row).optional()
        };
        let Some(saved) = read().map_err(|error| self.unreadable(&error))? else {
            return Err(problem(&codes::NO_ENTRY, format!("no text was saved under the number {at}")).into());
        };
        let (before, after) = (self.saved_text(&saved.before)?, self.saved_text(&saved.after)?);
        Ok((saved, before, after))
    }

    fn saved_text(&self, hash: &Hash) -> Result<String, Diagnostics> {
        let is_sound = |bytes: &Vec<u8>| Hash::from(<sha2::Sha256 as sha2::Digest>::digest(bytes)) == *hash;
        let text = self.text(hash)?.filter(is_sound).and_then(|bytes| String::from_utf8(bytes).ok());
        let message = format!("a text that was saved is missing in {}, or was altered", self.path().display());
        text.ok_or_else(|| problem(&codes::ALTERED, message).into())
    }

    /// The hashes of texts that were saved and are not there as they were.
    pub(super) fn saved_without_text(&self, is_sound: impl Fn(&Hash) -> bool) -> rusqlite::Result<Vec<(u64, Hash)>> {
        if !has_table(&self.db, "saved")? {
            return Ok(Vec::new());
        }
        let mut all = self.db.prepare("SELECT number, at, by, file, before, after FROM saved ORDER BY number")?;
        let all = all.query_map([], row)?.collect::<rusqlite::Result<Vec<_>>>()?;
        let both = all.into_iter().flat_map(|one| [(one.number, one.before), (one.number, one.after)]);
        Ok(both.filter(|(_, hash)| !is_sound(hash)).collect())
    }
}

fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Saved> {
    let by: String = row.get(2)?;
    let stamp = Stamp { at: row.get(1)?, by: Some(by).filter(|by| !by.is_empty()) };
    Ok(Saved { number: number(row.get(0)?), stamp, file: row.get(3)?, before: row.get(4)?, after: row.get(5)? })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Trial, stamp};
    use super::*;

    #[test]
    fn what_was_saved_is_listed_with_both_texts_and_cannot_be_changed() {
        let trial = Trial::new("saved");
        let mut archive = Archive::create(&trial.path()).expect("an archive");
        assert_eq!(archive.saved(None, None, 10), Ok(Vec::new()));
        assert!(archive.saved_texts(1).is_err());
        for (file, before, after) in
            [("a/protocol.toml", "1", "2"), ("facts.toml", "", "f"), ("a/protocol.toml", "2", "1")]
        {
            archive.note_saved(&stamp(), file, before, after).expect("noted");
        }
        let numbers = |found: Vec<Saved>| found.into_iter().map(|one| one.number).collect::<Vec<_>>();
        assert_eq!(numbers(archive.saved(None, None, 10).expect("read")), [3, 2, 1]);
        assert_eq!(numbers(archive.saved(Some("a/protocol.toml"), None, 10).expect("read")), [3, 1]);
        assert_eq!(numbers(archive.saved(None, Some(3), 1).expect("read")), [2]);
        let (saved, before, after) = archive.saved_texts(3).expect("read");
        assert_eq!((saved.stamp, before.as_str(), after.as_str()), (stamp(), "2", "1"));
        for change in ["UPDATE saved SET by = 'x'", "DELETE FROM saved"] {
            assert!(archive.db.execute(change, []).is_err(), "{change}");
        }
        drop(archive);
        let archive = Archive::open(&trial.path()).expect("it has a table of what was saved");
        assert!(archive.verify(None).found.is_empty());
        archive
            .db
            .execute_batch("DROP TRIGGER text_stays; UPDATE text SET bytes = x'00' WHERE bytes = x'66'")
            .expect("altered");
        assert!(archive.saved_texts(2).is_err());
        assert!(archive.verify(None).found.iter().any(|one| one.message.contains("saved under the number 2")));
    }
}
