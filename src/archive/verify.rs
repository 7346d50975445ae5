//! Whether an archive is as it was written.

use std::collections::BTreeSet;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::accounts::look_at_accounts;
use super::checkpoint::Checkpoint;
use super::entry::{Kind, Personal, is_known_format};
use super::erase::note_erased;
use super::frames::{hash_from_hex, to_hex};
use super::list::is_as_listed;
use super::store::{Archive, has_table, number, opened, problem, size};
use super::tree::{self, Growing, Hash, Place};
use crate::diagnostic::{Diagnostics, codes};

/// What a look through a whole archive found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// How many entries there are.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// Of how many the personal part was erased, as an entry tells.
    pub erased: u64,
    /// The last entry that a checkpoint vouches for; none where there was none: then nobody can tell whether entries are missing at the
    /// end, or all of it was written anew.
    pub vouched: Option<u64>,
    /// Everything that is wrong.
    pub found: Diagnostics,
}

impl Archive {
    /// Looks through the whole archive, and compares it with a checkpoint.
    #[must_use]
    pub fn verify(&self, checkpoint: Option<&Checkpoint>) -> Report {
        let root = Growing::default().root();
        let mut report = Report { size: 0, root, erased: 0, vouched: None, found: Diagnostics::default() };
        let done = self.db.unchecked_transaction().and_then(|snapshot| self.look(&snapshot, checkpoint, &mut report));
        if let Err(error) = done {
            report.found.append(self.unreadable(&error));
        }
        report
    }

    fn look(&self, db: &Connection, checkpoint: Option<&Checkpoint>, report: &mut Report) -> rusqlite::Result<()> {
        let mut wrong = |what: String| report.found.push(problem(&codes::ALTERED, what));
        let mut pages = db.prepare("PRAGMA integrity_check(20)")?;
        for told in pages.query_map([], |row| row.get::<_, String>(0))? {
            let told = told?;
            if told != "ok" {
                wrong(format!("the file is damaged: {}", told.trim().replace('\n', "; ")));
            }
        }
        let texts = look_at_texts(db, &mut wrong)?;
        let (mut growing, mut erased, mut gone) = (Growing::default(), BTreeSet::new(), BTreeSet::new());
        let mut at_checkpoint = checkpoint.filter(|one| one.size == 0).map(|_| growing.root());
        let mut nodes = db.prepare("SELECT hash FROM node WHERE level = ?1 AND at = ?2")?;
        let is_listed = has_table(db, "listed")?;
        let (mut count, mut keys) = (0_u64, BTreeSet::new());
        let mut about_accounts = Vec::new();
        // How many rows of records were erased; none where an entry does not tell.
        let mut erased_rows = Some(0_u64);
        let mut all = db.prepare(
            "SELECT entry.number, body, sealed, key, personal.patient, name FROM entry
             LEFT JOIN personal ON personal.entry = entry.number
             LEFT JOIN patient ON patient.number = personal.patient ORDER BY entry.number",
        )?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let at = number(row.get(0)?);
            let expected = growing.size() + 1;
            if at != expected {
                wrong(format!("entry {expected} is missing: after it comes {at}"));
            }
            let (body, sealed): (Vec<u8>, Option<Vec<u8>>) = (row.get(1)?, row.get(2)?);
            keys.extend(row.get::<_, Option<i64>>(4)?);
            for (Place { level, at: place }, hash) in growing.add(tree::leaf(&body)) {
                count += 1;
                let kept = nodes.query_row((level, super::store::sql(place)), |row| row.get::<_, Hash>(0));
                if kept.is_err() || kept.is_ok_and(|kept| kept != hash) {
                    wrong(format!("entry {at} was altered, or the tree above it (level {level}, place {place})"));
                }
            }
            if checkpoint.is_some_and(|one| one.size == growing.size()) {
                at_checkpoint = Some(growing.root());
            }
            match opened(at, body, sealed, row.get(3)?, row.get(5)?) {
                Err(why) => wrong(format!("entry {at}: {why}")),
                Ok(entry) => {
                    note_erased(&entry.public, &mut erased);
                    if entry.kind() == Some(Kind::Erased) {
                        let rows = entry.public.text("rows").parse::<u64>().ok();
                        erased_rows = erased_rows.zip(rows).map(|(sum, rows)| sum + rows);
                    }
                    if entry.kind() == Some(Kind::Account) {
                        about_accounts.push(at);
                    }
                    if entry.personal == Personal::Erased {
                        gone.insert(at);
                    }
                    if !is_known_format(&entry.public) {
                        wrong(format!("entry {at} has a format that this program does not know"));
                    }
                    if entry.public.text("archive") != self.id() {
                        wrong(format!("entry {at} belongs to another archive"));
                    }
                    if is_listed && !is_as_listed(db, &entry)? {
                        wrong(format!("the list says something else of entry {at} than the entry"));
                    }
                    let list = entry.public.text("texts");
                    if !list.is_empty() && hash_from_hex(list).is_none_or(|list| !texts.contains(&list)) {
                        wrong(format!("entry {at}: the texts that it was made with are missing"));
                    }
                }
            }
        }
        for at in gone.difference(&erased) {
            wrong(format!("the personal part of entry {at} is gone, and no entry tells that it was erased"));
        }
        if number(db.query_row("SELECT count(*) FROM node", [], |row| row.get(0))?) != count {
            wrong("there are hashes in the tree that belong to no entry".to_owned());
        }
        let orphans: i64 =
            db.query_row("SELECT count(*) FROM personal WHERE entry NOT IN (SELECT number FROM entry)", [], |row| {
                row.get(0)
            })?;
        if orphans > 0 {
            wrong(format!("there are {orphans} personal parts that belong to no entry"));
        }
        for (at, hash) in self.saved_without_text(|hash| texts.contains(hash))? {
            wrong(format!("the text {} that was saved under the number {at} is missing", to_hex(&hash)));
        }
        look_at_accounts(db, &about_accounts, &mut wrong)?;
        if self.has_records {
            self.look_at_records(db, &mut wrong, &mut keys, erased_rows)?;
        }
        let owners: i64 = db.query_row("SELECT count(*) FROM patient", [], |row| row.get(0))?;
        if number(owners) != keys.len() as u64 {
            wrong("there are keys of patients that belong to no entry".to_owned());
        }
        report.size = size(db)?;
        report.root = growing.root();
        report.erased = gone.len() as u64;
        if let Some(checkpoint) = checkpoint {
            report.vouched = self.compare(checkpoint, at_checkpoint, report);
        }
        Ok(())
    }

    /// Whether each state of a patient's record opens with its key and is that patient's, and whether the one that it follows is there. They stand
    /// in no tree: the count of all that were ever kept tells whether any is missing, where it is known how many were erased.
    fn look_at_records(
        &self,
        db: &Connection,
        wrong: &mut impl FnMut(String),
        keys: &mut BTreeSet<i64>,
        erased: Option<u64>,
    ) -> rusqlite::Result<()> {
        let (mut there, mut count) = (BTreeSet::new(), 0_u64);
        let mut all = db.prepare(
            "SELECT record.number, key, sealed, record.patient, name FROM record
             LEFT JOIN patient ON patient.number = record.patient ORDER BY record.number",
        )?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let (at, key): (u64, Option<Hash>) = (row.get(0).map(number)?, row.get(1)?);
            let (patient, name): (i64, Option<String>) = (row.get(3)?, row.get(4)?);
            keys.insert(patient);
            count += 1;
            let sealed: Vec<u8> = row.get(2)?;
            match key.map(|key| self.opened_row(at, &key, &sealed, name.as_deref())) {
                None => wrong(format!("the key of row {at} of the records is gone")),
                Some(Err(found)) => wrong(found.in_a_line()),
                Some(Ok(opened)) => {
                    if let Some(before) = opened.follows.filter(|before| !there.contains(&(patient, *before))) {
                        wrong(format!("row {before} of the records is missing: row {at} follows it"));
                    }
                }
            }
            there.insert((patient, at));
        }
        let kept = number(db.query_row(super::records::EVER, [], |row| row.get(0))?);
        if erased.is_some_and(|erased| count + erased != kept) {
            let erased = erased.unwrap_or_default();
            wrong(format!(
                "rows of the records are missing: {kept} were kept, {erased} of them were erased, and {count} are there"
            ));
        }
        Ok(())
    }

    /// Compares the tree with a checkpoint. Returns what it vouches for.
    fn compare(&self, checkpoint: &Checkpoint, root: Option<Hash>, report: &mut Report) -> Option<u64> {
        let wrong = match root {
            _ if checkpoint.archive != self.id() => {
                "the checkpoint is of another archive, or this one was made anew".to_owned()
            }
            None => format!(
                "entries are missing at the end: the checkpoint vouches for {}, and there are {}",
                checkpoint.size, report.size
            ),
            Some(root) if root != checkpoint.root => format!(
                "something in entries 1 to {} was altered, put in, taken out or moved since the checkpoint: their root was {} and is {}",
                checkpoint.size,
                to_hex(&checkpoint.root),
                to_hex(&root)
            ),
            Some(_) => return Some(checkpoint.size),
        };
        report.found.push(problem(&codes::NOT_AS_VOUCHED, wrong));
        None
    }
}

/// Compares each text with its hash; the hashes of those that are as they were.
fn look_at_texts(db: &Connection, wrong: &mut impl FnMut(String)) -> rusqlite::Result<BTreeSet<Hash>> {
    let mut all = db.prepare("SELECT sha256, bytes FROM text ORDER BY number")?;
    let mut rows = all.query([])?;
    let (mut sound, mut lists) = (BTreeSet::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let (hash, bytes): (Hash, Vec<u8>) = (row.get(0)?, row.get(1)?);
        if Hash::from(Sha256::digest(&bytes)) == hash {
            sound.insert(hash);
            lists.extend(super::texts::Texts::list(&bytes).filter(|list| !list.is_empty()));
        } else {
            wrong(format!("the text {} was altered", to_hex(&hash)));
        }
    }
    for (name, hash) in lists.into_iter().flatten().filter(|(_, hash)| !sound.contains(hash)) {
        wrong(format!("the text {} of {name} is missing", to_hex(&hash)));
    }
    Ok(sound)
}
