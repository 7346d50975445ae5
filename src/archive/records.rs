//! Patients' records in the same file: every state of one is a row, sealed with the patient's key, never overwritten, and erased with it.
//!
//! The rows are no decisions, and stand in no tree: what was decided upon is in the entry of the decision. They have tables of their own, which
//! an archive has from the first time that somebody keeps records in it.

use rusqlite::{Connection, OptionalExtension, params};

use super::entry::{Stamp, is_of};
use super::frames::Frames;
use super::privacy::{random, seal, unseal};
use super::store::{Archive, NotKept, key_of, make, number, problem, sql};
use super::tree::Hash;
use crate::date::Date;
use crate::diagnostic::{Diagnostics, codes};

/// The tables of the records.
pub(super) const SCHEMA: &[(&str, &str)] = &[
    (
        "record",
        "CREATE TABLE record (number INTEGER PRIMARY KEY AUTOINCREMENT, patient INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT",
    ),
    ("record_patient", "CREATE INDEX record_patient ON record (patient, number)"),
    (
        "record_stays",
        "CREATE TRIGGER record_stays BEFORE UPDATE ON record BEGIN SELECT raise(ABORT, 'a record is added to or erased, never changed'); END",
    ),
];

/// The number of the last row that was ever kept.
pub(super) const EVER: &str = "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'record'), 0)";

/// What a sealed row is bound to, beside its number: it opens as no entry.
const ROWS: u64 = 1 << 63;

/// A record as it stood from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The number of the row; later rows have greater ones.
    pub number: u64,
    /// The number of the row that it follows; none for the first one, and where it was kept before rows said so.
    pub follows: Option<u64>,
    /// When it was kept, and by whom.
    pub stamp: Stamp,
    /// The day whose answers it holds.
    pub day: Date,
    /// What was changed, in words: a line for each answer.
    pub changed: Vec<String>,
    /// The whole record, in TOML.
    pub text: String,
}

/// A record that is to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewRow<'a> {
    /// The patient's identifier.
    pub patient: &'a str,
    /// The number of the row that was changed; none: there is no record yet.
    pub follows: Option<u64>,
    /// The day whose answers it holds, not before that of the row that it follows.
    pub day: Date,
    /// What was changed, in words.
    pub changed: &'a [String],
    /// The whole record, in TOML.
    pub text: &'a str,
}

impl Archive {
    /// Makes the tables of records, if they are not there yet.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep_records(&mut self) -> Result<(), Diagnostics> {
        if self.has_records {
            return Ok(());
        }
        self.change(|transaction| Ok(make(transaction, SCHEMA)?))?;
        self.has_records = true;
        Ok(())
    }

    /// The identifiers of all of whom something is kept, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn patients(&self) -> Result<Vec<String>, Diagnostics> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut all = self.db.prepare_cached("SELECT name FROM patient WHERE name IS NOT NULL ORDER BY name")?;
            all.query_map([], |row| row.get(0))?.collect()
        };
        read().map_err(|error| self.unreadable(&error))
    }

    /// All states of a patient's record, the first one first.
    ///
    /// # Errors
    /// When they cannot be read, or one was altered.
    pub fn records(&self, patient: &str) -> Result<Vec<Row>, Diagnostics> {
        if !self.has_records {
            return Ok(Vec::new());
        }
        let sealed = sealed_rows(&self.db, patient, i64::MAX).map_err(|error| self.unreadable(&error))?;
        sealed.into_iter().map(|(at, key, sealed)| self.opened_row(at, &key, &sealed, Some(patient))).collect()
    }

    /// A patient's record as it stands.
    ///
    /// # Errors
    /// When it cannot be read, or was altered.
    pub fn record(&self, patient: &str) -> Result<Option<Row>, Diagnostics> {
        if !self.has_records {
            return Ok(None);
        }
        let sealed = sealed_rows(&self.db, patient, 1).map_err(|error| self.unreadable(&error))?;
        sealed.first().map(|(at, key, sealed)| self.opened_row(*at, key, sealed, Some(patient))).transpose()
    }

    /// A patient's record as it stood at the end of a day. Of the days, none comes before that of an earlier row.
    ///
    /// # Errors
    /// When it cannot be read, or was altered.
    pub fn record_on(&self, patient: &str, day: Date) -> Result<Option<Row>, Diagnostics> {
        // The latest is what is nearly always asked for.
        match self.record(patient)? {
            Some(row) if row.day > day => Ok(self.records(patient)?.into_iter().rfind(|row| row.day <= day)),
            latest => Ok(latest),
        }
    }

    /// Keeps a record. When this returns, it is safe on the disk.
    ///
    /// # Errors
    /// When the record was changed since the row that it follows (`R850`), its day is before that of that row
    /// (`R855`), or it could not be kept.
    pub fn keep_record(&mut self, stamp: &Stamp, new: NewRow<'_>) -> Result<u64, Diagnostics> {
        self.keep_records()?;
        let mut personal = Frames::default()
            .with("patient", new.patient)
            .with("at", stamp.at.as_str())
            .with("day", new.day.to_string());
        stamp.by.iter().for_each(|by| personal.push("by", by.as_str()));
        new.follows.iter().for_each(|follows| personal.push("follows", follows.to_string()));
        new.changed.iter().for_each(|one| personal.push("changed", one.as_str()));
        personal.push("record", new.text);
        let personal = personal.bytes();
        let before = self.record(new.patient)?;
        if let Some(before) = before.as_ref().filter(|before| before.day > new.day) {
            let message = format!("the record has answers of {}, and none can be added before them", before.day);
            return Err(problem(&codes::BEFORE_LATER_ANSWERS, message).help(LATER_HELP).into());
        }
        let kept = self.change(|transaction| {
            let latest = latest_row(transaction, new.patient)?;
            if latest != new.follows {
                return Ok(None);
            }
            let (patient, key) = key_of(transaction, Some(new.patient))?;
            // What is sealed is bound to its number, and a number is never given twice, also not after rows were erased.
            let at = transaction.query_row(EVER, [], |row| row.get(0).map(number))? + 1;
            let salt: Hash = random()?;
            let sealed = seal(&key, ROWS | at, &salt, &personal)?;
            let mut insert = transaction.prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3)")?;
            insert.execute(params![sql(at), patient, sealed])?;
            Ok(Some(at))
        })?;
        kept.ok_or_else(|| {
            let message = format!("the record of `{}` was changed meanwhile, and nothing was saved", new.patient);
            problem(&codes::RECORD_CHANGED, message).help("look at it as it is now, and answer again").into()
        })
    }

    pub(super) fn opened_row(
        &self,
        at: u64,
        key: &Hash,
        sealed: &[u8],
        name: Option<&str>,
    ) -> Result<Row, Diagnostics> {
        let altered = || {
            let message = format!("row {at} of the records in {} was altered", self.path().display());
            Diagnostics::from(problem(&codes::ALTERED, message))
        };
        let (_, content) = unseal(key, ROWS | at, sealed).ok_or_else(altered)?;
        let frames = Frames::read(&content).ok_or_else(altered)?;
        is_of(&frames, name).map_err(|why| {
            problem(&codes::ALTERED, format!("row {at} of the records in {} {why}", self.path().display()))
        })?;
        let by = frames.get("by").map(|by| String::from_utf8_lossy(by).into_owned());
        Ok(Row {
            number: at,
            follows: frames.text("follows").parse().ok(),
            stamp: Stamp { at: frames.text("at").to_owned(), by },
            day: frames.text("day").parse().map_err(|_| altered())?,
            changed: frames.all("changed").map(|one| String::from_utf8_lossy(one).into_owned()).collect(),
            text: frames.text("record").to_owned(),
        })
    }
}

/// What to do about answers of a day that others came after.
const LATER_HELP: &str = "choose that day or a later one; what was so before is told as an earlier answer";

/// The sealed rows of a patient with their numbers and the key: all in order, or the last ones.
fn sealed_rows(db: &Connection, patient: &str, most: i64) -> rusqlite::Result<Vec<(u64, Hash, Vec<u8>)>> {
    let mut all = db.prepare_cached(
        "SELECT record.number, key, sealed FROM record JOIN patient ON patient.number = record.patient
         WHERE name = ?1 ORDER BY record.number DESC LIMIT ?2",
    )?;
    let rows = all.query_map(params![patient, most], |row| Ok((row.get(0).map(number)?, row.get(1)?, row.get(2)?)))?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    rows.reverse();
    Ok(rows)
}

fn latest_row(db: &Connection, patient: &str) -> Result<Option<u64>, NotKept> {
    let mut latest = db.prepare_cached(
        "SELECT max(record.number) FROM record JOIN patient ON patient.number = record.patient WHERE name = ?1",
    )?;
    Ok(latest.query_row([patient], |row| row.get::<_, Option<i64>>(0)).optional()?.flatten().map(number))
}

/// Destroys all rows of a patient, and the key if nothing else has done so: how many there were.
pub(super) fn erase_rows(db: &Connection, patient: &str) -> Result<usize, NotKept> {
    let rows =
        db.execute("DELETE FROM record WHERE patient = (SELECT number FROM patient WHERE name = ?1)", [patient])?;
    db.execute("DELETE FROM patient WHERE name = ?1", [patient])?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Trial, stamp};
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    fn keep(
        archive: &mut Archive,
        patient: &str,
        follows: Option<u64>,
        on: &str,
        text: &str,
    ) -> Result<u64, Diagnostics> {
        archive.keep_record(&stamp(), NewRow { patient, follows, day: day(on), changed: &["smoker: no".into()], text })
    }

    #[test]
    fn a_record_is_as_it_stood_on_each_day() {
        let trial = Trial::new("records");
        let mut archive = Archive::create(&trial.path()).expect("an archive");
        assert_eq!(archive.record("P-1"), Ok(None));
        let first = keep(&mut archive, "P-1", None, "2026-03-02", "a").expect("kept");
        let second = keep(&mut archive, "P-1", Some(first), "2026-03-02", "b").expect("kept");
        keep(&mut archive, "P-1", Some(second), "2026-03-09", "c").expect("kept");
        keep(&mut archive, "P-2", None, "2026-03-01", "MARK-OF-P-2-MARK").expect("kept");
        let on = |archive: &Archive, on: &str| archive.record_on("P-1", day(on)).expect("read").map(|row| row.text);
        assert_eq!(on(&archive, "2026-03-01"), None);
        assert_eq!(on(&archive, "2026-03-02").as_deref(), Some("b"));
        assert_eq!(on(&archive, "2026-03-08").as_deref(), Some("b"));
        assert_eq!(on(&archive, "2027-03-08").as_deref(), Some("c"));
        assert_eq!(archive.records("P-1").expect("read").len(), 3);
        assert_eq!(archive.patients().expect("read"), ["P-1", "P-2"]);
        drop(archive);
        let archive = Archive::open(&trial.path()).expect("it has tables of records");
        assert_eq!(archive.record("P-1").expect("read").map(|row| row.changed), Some(vec!["smoker: no".to_owned()]));
        assert!(archive.verify(None).found.is_empty());
    }

    #[test]
    fn nothing_is_saved_over_what_was_changed_meanwhile_or_before_later_answers() {
        let trial = Trial::new("meanwhile");
        let mut archive = Archive::create(&trial.path()).expect("an archive");
        let first = keep(&mut archive, "P-1", None, "2026-03-02", "a").expect("kept");
        let code = |kept: Result<u64, Diagnostics>| kept.map_err(|found| found.iter().next().map(|one| one.code.id));
        assert_eq!(code(keep(&mut archive, "P-1", None, "2026-03-02", "b")), Err(Some("R850")));
        assert_eq!(code(keep(&mut archive, "P-1", Some(first), "2026-03-01", "b")), Err(Some("R855")));
        keep(&mut archive, "P-1", Some(first), "2026-03-02", "b").expect("kept");
        assert_eq!(code(keep(&mut archive, "P-1", Some(first), "2026-03-02", "c")), Err(Some("R850")));
    }

    #[test]
    fn who_is_erased_leaves_no_record() {
        let trial = Trial::new("erased-records");
        let mut archive = Archive::create(&trial.path()).expect("an archive");
        keep(&mut archive, "P-1", None, "2026-03-02", "MARK-OF-P-1-MARK").expect("kept");
        let other = keep(&mut archive, "P-2", None, "2026-03-02", "MARK-OF-P-2-MARK").expect("kept");
        archive.erase(&stamp(), "P-1", "asked for").expect("erased, though there is no decision");
        assert_eq!(archive.patients().expect("read"), ["P-2"]);
        assert_eq!(archive.record("P-1"), Ok(None));
        // What is sealed is bound to its number: no number is given again.
        assert!(keep(&mut archive, "P-1", None, "2026-03-02", "new").expect("kept") > other);
        assert!(archive.verify(None).found.is_empty());
    }

    #[test]
    fn a_row_that_was_altered_or_moved_is_found() {
        let trial = Trial::new("altered-records");
        let mut archive = Archive::create(&trial.path()).expect("an archive");
        keep(&mut archive, "P-1", None, "2026-03-02", "a").expect("kept");
        keep(&mut archive, "P-1", Some(1), "2026-03-02", "b").expect("kept");
        archive.db.execute_batch("DROP TRIGGER record_stays; UPDATE record SET sealed = (SELECT sealed FROM record WHERE number = 1) WHERE number = 2").expect("altered");
        let code = |found: Diagnostics| found.iter().next().map(|one| one.code.id);
        assert_eq!(archive.record("P-1").map_err(code), Err(Some("R803")));
        assert!(archive.verify(None).found.has_errors());
    }
}
