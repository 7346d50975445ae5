//! The database: opening it, adding to it, reading from it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};

use super::entry::{Draft, Entry, Personal, Stamp, commitment, is_of, public_part};
use super::frames::{Frames, to_hex};
use super::privacy::{commit, random, seal, unseal};
use super::texts::Texts;
use super::tree::{self, Growing, Hash, Nodes, Place};
use super::{accounts, list, records, saved};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, codes};

/// What tells an archive from other databases: "rgmn".
const APPLICATION: i32 = 0x7267_6d6e;

/// The version of the tables.
const VERSION: i32 = 1;

/// How long one process waits for another that is writing.
const PATIENCE: Duration = Duration::from_secs(30);

/// The tables, and what keeps them from being changed by accident. `entry`, `text` and `node` only grow; `patient` and `personal` stand
/// outside of the tree, and can be emptied.
pub(super) const SCHEMA: &[(&str, &str)] = &[
    ("about", "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT"),
    ("entry", "CREATE TABLE entry (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT"),
    (
        "node",
        "CREATE TABLE node (level INTEGER, at INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, at)) STRICT, WITHOUT ROWID",
    ),
    ("text", "CREATE TABLE text (number INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL) STRICT"),
    ("patient", "CREATE TABLE patient (number INTEGER PRIMARY KEY, name TEXT UNIQUE, key BLOB NOT NULL) STRICT"),
    (
        "personal",
        "CREATE TABLE personal (entry INTEGER PRIMARY KEY, patient INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT",
    ),
    ("personal_patient", "CREATE INDEX personal_patient ON personal (patient, entry)"),
    (
        "about_stays",
        "CREATE TRIGGER about_stays BEFORE UPDATE ON about BEGIN SELECT raise(ABORT, 'an archive only grows'); END",
    ),
    (
        "about_is_kept",
        "CREATE TRIGGER about_is_kept BEFORE DELETE ON about BEGIN SELECT raise(ABORT, 'an archive only grows'); END",
    ),
    (
        "entry_stays",
        "CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT raise(ABORT, 'an archive only grows'); END",
    ),
    (
        "entry_is_kept",
        "CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry BEGIN SELECT raise(ABORT, 'an archive only grows'); END",
    ),
    (
        "entry_is_next",
        "CREATE TRIGGER entry_is_next BEFORE INSERT ON entry WHEN new.number IS NOT (SELECT ifnull(max(number), 0) + 1 FROM entry) BEGIN SELECT raise(ABORT, 'entries are numbered without a gap'); END",
    ),
    (
        "node_stays",
        "CREATE TRIGGER node_stays BEFORE UPDATE ON node BEGIN SELECT raise(ABORT, 'an archive only grows'); END",
    ),
    (
        "node_is_kept",
        "CREATE TRIGGER node_is_kept BEFORE DELETE ON node BEGIN SELECT raise(ABORT, 'an archive only grows'); END",
    ),
    (
        "text_stays",
        "CREATE TRIGGER text_stays BEFORE UPDATE ON text BEGIN SELECT raise(ABORT, 'an archive only grows'); END",
    ),
    (
        "text_is_kept",
        "CREATE TRIGGER text_is_kept BEFORE DELETE ON text BEGIN SELECT raise(ABORT, 'an archive only grows'); END",
    ),
    (
        "patient_stays",
        "CREATE TRIGGER patient_stays BEFORE UPDATE ON patient BEGIN SELECT raise(ABORT, 'a key is destroyed, never changed'); END",
    ),
    (
        "personal_stays",
        "CREATE TRIGGER personal_stays BEFORE UPDATE ON personal BEGIN SELECT raise(ABORT, 'what was answered is erased, never changed'); END",
    ),
];

/// Tables that not every archive has: all of a group, or none of it.
const OPTIONAL: [&[(&str, &str)]; 4] = [records::SCHEMA, accounts::SCHEMA, saved::SCHEMA, list::SCHEMA];

/// An archive of decisions.
#[derive(Debug)]
pub struct Archive {
    pub(super) db: Connection,
    path: PathBuf,
    /// What tells it from other archives.
    id: String,
    /// Whether it has the tables of records.
    pub(super) has_records: bool,
}

/// A place in the database, from a number of ours.
pub(super) fn sql(number: u64) -> i64 {
    // INVARIANT: nobody makes so many entries.
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number of ours, from the database.
pub(super) fn number(sql: i64) -> u64 {
    u64::try_from(sql).unwrap_or_default()
}

impl Nodes for Connection {
    type Error = rusqlite::Error;

    fn node(&self, place: Place) -> Result<Hash, rusqlite::Error> {
        let mut node = self.prepare_cached("SELECT hash FROM node WHERE level = ?1 AND at = ?2")?;
        node.query_row(params![place.level, sql(place.at)], |row| row.get(0))
    }
}

impl Archive {
    /// Makes an archive where there is no file yet.
    ///
    /// # Errors
    /// When there is one, or it cannot be written.
    pub fn create(path: &Path) -> Result<Archive, Diagnostics> {
        let failed = |error: &dyn std::fmt::Display| {
            problem(&codes::NO_ARCHIVE, format!("{} cannot be made an archive: {error}", path.display()))
        };
        if path.metadata().is_ok_and(|about| about.len() > 0) {
            return Err(failed(&"there is a file already").help("choose another name").into());
        }
        let id = to_hex(&random::<16>().map_err(|error| failed(&error))?);
        let make = || -> rusqlite::Result<()> {
            let mut db = Connection::open(path)?;
            prepare(&db)?;
            let transaction = db.transaction_with_behavior(TransactionBehavior::Exclusive)?;
            for (_, sql) in SCHEMA {
                transaction.execute(sql, [])?;
            }
            transaction.execute("INSERT INTO about VALUES ('id', ?1)", [&id])?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            transaction.commit()
        };
        make().map_err(|error| failed(&error))?;
        Archive::open(path)
    }

    /// Opens an archive.
    ///
    /// # Errors
    /// When there is none, it is none, it was made by another version, or its tables are not as they should be.
    pub fn open(path: &Path) -> Result<Archive, Diagnostics> {
        let failed = |error: &dyn std::fmt::Display| {
            problem(&codes::NO_ARCHIVE, format!("the archive {} cannot be opened: {error}", path.display()))
        };
        if !path.exists() {
            let help = format!("make it with `regimen archive new {}`", path.display());
            return Err(failed(&"there is no such file").help(help).into());
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || -> rusqlite::Result<(Connection, i32, i32)> {
            let db = Connection::open_with_flags(path, flags)?;
            db.busy_timeout(PATIENCE)?;
            let application = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
            let version = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
            Ok((db, application, version))
        };
        let (db, application, version) = open().map_err(|error| failed(&error))?;
        if application != APPLICATION {
            return Err(failed(&"it is another kind of file").into());
        }
        if version != VERSION {
            let help = "use the version of regimen that made it: an archive is never rewritten";
            return Err(failed(&format!("its tables have version {version}, and this program knows {VERSION}"))
                .help(help)
                .into());
        }
        let found = (|| {
            prepare(&db)?;
            Ok((schema_of(&db)?, db.query_row("SELECT value FROM about WHERE name = 'id'", [], |row| row.get(0))?))
        })();
        let (schema, id): (Vec<(String, String)>, String) = found.map_err(|error: rusqlite::Error| failed(&error))?;
        let has = |group: &[(&str, &str)]| group.iter().any(|(name, _)| schema.iter().any(|(other, _)| other == name));
        let has_records = has(records::SCHEMA);
        let expected = SCHEMA.iter().chain(OPTIONAL.into_iter().filter(|group| has(group)).flatten());
        let mut expected: Vec<(String, String)> =
            expected.map(|(name, sql)| ((*name).to_owned(), (*sql).to_owned())).collect();
        expected.sort();
        if let Some((name, _)) = schema.iter().find(|one| !expected.contains(one)) {
            return Err(failed(&format!("`{name}` is not as regimen made it")).into());
        }
        if let Some((name, _)) = expected.iter().find(|one| !schema.contains(one)) {
            return Err(failed(&format!("`{name}` was taken out of it")).into());
        }
        Ok(Archive { db, path: path.to_owned(), id, has_records })
    }

    /// What tells it from other archives.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds entries, all or none of them. When this returns, they are safe on the disk.
    ///
    /// # Errors
    /// When they could not be kept.
    pub fn append(&mut self, stamp: &Stamp, texts: &Texts, drafts: &[Draft]) -> Result<Vec<u64>, Diagnostics> {
        let id = self.id.clone();
        self.change(|transaction| {
            for bytes in texts.stored() {
                keep_text(transaction, bytes)?;
            }
            let mut growing = grown(transaction)?;
            drafts.iter().map(|draft| add(transaction, &mut growing, &id, stamp, draft)).collect()
        })
    }

    /// Does something in one transaction.
    pub(super) fn change<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, NotKept>,
    ) -> Result<T, Diagnostics> {
        let path = &self.path;
        let failed = |error: NotKept| {
            let message = format!("the archive {} could not keep it: {}", path.display(), error.0);
            let help = "nothing was kept, and so nothing is said; mend what hinders it, and try again";
            Diagnostics::from(problem(&codes::NOT_KEPT, message).help(help))
        };
        let begun = self.db.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.map_err(|error| failed(error.into()))?;
        let done = work(&transaction).map_err(failed)?;
        transaction.commit().map_err(|error| failed(error.into()))?;
        Ok(done)
    }

    /// How many entries there are.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn size(&self) -> Result<u64, Diagnostics> {
        size(&self.db).map_err(|error| self.unreadable(&error))
    }

    /// An entry.
    ///
    /// # Errors
    /// When there is none of that number, or it cannot be read.
    pub fn entry(&self, at: u64) -> Result<Entry, Diagnostics> {
        match entry(&self.db, at) {
            Ok(Some(Ok(entry))) => Ok(entry),
            Ok(Some(Err(why))) => {
                Err(problem(&codes::ALTERED, format!("entry {at} of {}: {why}", self.path.display())).into())
            }
            Ok(None) => {
                let size = self.size()?;
                let message = format!("{} has no entry {at}", self.path.display());
                let help = if size == 0 { "it is empty".to_owned() } else { format!("it has entries 1 to {size}") };
                Err(problem(&codes::NO_ENTRY, message).help(help).into())
            }
            Err(error) => Err(self.unreadable(&error)),
        }
    }

    /// The numbers of a patient's entries, or of all, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn numbers(&self, patient: Option<&str>) -> Result<Vec<u64>, Diagnostics> {
        let read = || -> rusqlite::Result<Vec<u64>> {
            let Some(patient) = patient else { return Ok((1..=size(&self.db)?).collect()) };
            entries_of(&self.db, patient)
        };
        read().map_err(|error| self.unreadable(&error))
    }

    /// That nothing is kept about a patient; with the identifier that was perhaps meant.
    #[must_use]
    pub fn nothing_about(&self, patient: &str) -> Diagnostics {
        let names = || -> rusqlite::Result<Vec<String>> {
            let mut names = self.db.prepare("SELECT name FROM patient WHERE name IS NOT NULL ORDER BY name")?;
            let names = names.query_map([], |row| row.get(0))?;
            names.collect()
        };
        let message = format!("{} holds nothing about a patient `{patient}`", self.path.display());
        let diagnostic = problem(&codes::NO_ENTRY, message);
        // Another number is another patient.
        let alike = names().unwrap_or_default().into_iter().find(|name| plain(name) == plain(patient));
        match alike {
            Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
            None => diagnostic,
        }
        .into()
    }

    /// The entries that say about another entry what became of it.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn about(&self, entry: &Entry) -> Result<Vec<Entry>, Diagnostics> {
        let patient = entry.patient();
        let mut found = Vec::new();
        if patient.is_empty() {
            return Ok(found);
        }
        for at in self.numbers(Some(patient))?.into_iter().filter(|at| *at > entry.number) {
            let later = self.entry(at)?;
            if later.public.text("about") == entry.number.to_string() {
                found.push(later);
            }
        }
        Ok(found)
    }

    /// The texts that an entry was made with; none where it names none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn texts(&self, public: &Frames) -> Result<Option<Texts>, Diagnostics> {
        let Some(list) = super::frames::hash_from_hex(public.text("texts")) else { return Ok(None) };
        let missing =
            |what: &str| problem(&codes::ALTERED, format!("the archive {} lacks {what}", self.path.display()));
        let found = self.text(&list)?.ok_or_else(|| missing("the list of the texts"))?;
        let names = Texts::list(&found).ok_or_else(|| missing("a list of the texts that can be read"))?;
        let mut texts = Texts::default();
        for (name, hash) in names {
            let bytes = self.text(&hash)?;
            texts.insert(&name, bytes.ok_or_else(|| missing(&format!("the text of {name}")))?);
        }
        Ok(Some(texts))
    }

    /// A text that is kept, by its hash; none where it is not there.
    pub(super) fn text(&self, hash: &Hash) -> Result<Option<Vec<u8>>, Diagnostics> {
        let read = || -> rusqlite::Result<Option<Vec<u8>>> {
            let mut one = self.db.prepare_cached("SELECT bytes FROM text WHERE sha256 = ?1")?;
            one.query_row([hash], |row| row.get(0)).optional()
        };
        read().map_err(|error| self.unreadable(&error))
    }

    /// That something could not be read.
    pub(super) fn unreadable(&self, error: &rusqlite::Error) -> Diagnostics {
        problem(&codes::ALTERED, format!("the archive {} cannot be read: {error}", self.path.display())).into()
    }
}

/// Why something could not be kept.
#[derive(Debug)]
pub(super) struct NotKept(pub(super) String);

impl From<rusqlite::Error> for NotKept {
    fn from(error: rusqlite::Error) -> NotKept {
        NotKept(match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => "the disk is full".to_owned(),
            Some(rusqlite::ErrorCode::DatabaseBusy) => "another program has been writing for too long".to_owned(),
            Some(rusqlite::ErrorCode::ReadOnly) => "it may only be read".to_owned(),
            _ => error.to_string(),
        })
    }
}

impl From<String> for NotKept {
    fn from(why: String) -> NotKept {
        NotKept(why)
    }
}

/// An identifier without what people write in different ways: signs, upper and lower case, zeros before a number, letters like digits.
fn plain(name: &str) -> String {
    let letters = name.to_lowercase().replace('o', "0").replace(['l', 'i'], "1");
    let parts = letters.split(|c: char| !c.is_alphanumeric());
    let parts = parts.flat_map(|part| part.split_inclusive(|c: char| !c.is_ascii_digit()));
    parts.map(|part| part.trim_start_matches('0')).collect()
}

pub(super) fn problem(code: &'static Code, message: String) -> Diagnostic {
    Diagnostic::new(code, message)
}

/// How a connection writes: what is committed is on the disk, and what is deleted is overwritten.
fn prepare(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(PATIENCE)?;
    db.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update_and_check(None, "secure_delete", "on", |_| Ok(()))?;
    db.pragma_update(None, "trusted_schema", "off")?;
    db.pragma_update(None, "cell_size_check", "on")
}

/// The tables, indexes and triggers that somebody has written.
fn schema_of(db: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut all = db.prepare(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*' ORDER BY name",
    )?;
    all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Whether a table is there now: another program may have made it since the archive was opened.
pub(super) fn has_table(db: &Connection, name: &str) -> rusqlite::Result<bool> {
    let mut made = db.prepare_cached("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1")?;
    made.query_row([name], |row| row.get::<_, i64>(0)).map(|count| count > 0)
}

/// Makes a group of tables, if its first one is not there. Another program may have made them since this one was opened.
pub(super) fn make(db: &Connection, group: &[(&str, &str)]) -> rusqlite::Result<()> {
    if let Some((first, _)) = group.first()
        && !has_table(db, first)?
    {
        for (_, sql) in group {
            db.execute(sql, [])?;
        }
    }
    Ok(())
}

pub(super) fn size(db: &Connection) -> rusqlite::Result<u64> {
    db.query_row("SELECT ifnull(max(number), 0) FROM entry", [], |row| row.get(0)).map(number)
}

/// The tree as it is.
pub(super) fn grown(db: &Connection) -> Result<Growing, NotKept> {
    Ok(Growing::from(db, size(db)?)?)
}

/// Keeps a text, if it is not there yet: its hash.
pub(super) fn keep_text(db: &Connection, bytes: &[u8]) -> Result<Hash, NotKept> {
    let hash: Hash =
        sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), bytes)).into();
    let mut insert = db.prepare_cached("INSERT INTO text (sha256, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    insert.execute(params![hash, bytes])?;
    Ok(hash)
}

/// Adds an entry at the end.
pub(super) fn add(
    db: &Connection,
    growing: &mut Growing,
    archive: &str,
    stamp: &Stamp,
    draft: &Draft,
) -> Result<u64, NotKept> {
    let at = growing.size() + 1;
    let mut committed = None;
    let personal = draft.personal.bytes();
    if !personal.is_empty() {
        let salt = random()?;
        committed = Some(commit(&salt, &personal));
        let (patient, key) = key_of(db, draft.patient.as_deref())?;
        let mut insert = db.prepare_cached("INSERT INTO personal VALUES (?1, ?2, ?3)")?;
        insert.execute(params![sql(at), patient, seal(&key, at, &salt, &personal)?])?;
    }
    let body = public_part(draft, archive, stamp, committed).bytes();
    db.prepare_cached("INSERT INTO entry VALUES (?1, ?2)")?.execute(params![sql(at), body])?;
    let mut node = db.prepare_cached("INSERT INTO node VALUES (?1, ?2, ?3)")?;
    for (place, hash) in growing.add(tree::leaf(&body)) {
        node.execute(params![place.level, sql(place.at), hash])?;
    }
    Ok(at)
}

/// The key of a patient: what was kept before is sealed with the same. Whoever is not known has one for the entry.
pub(super) fn key_of(db: &Connection, patient: Option<&str>) -> Result<(i64, Hash), NotKept> {
    if let Some(patient) = patient {
        let mut known = db.prepare_cached("SELECT number, key FROM patient WHERE name = ?1")?;
        if let Some(known) = known.query_row([patient], |row| Ok((row.get(0)?, row.get(1)?))).optional()? {
            return Ok(known);
        }
    }
    let key: Hash = random()?;
    db.prepare_cached("INSERT INTO patient (name, key) VALUES (?1, ?2)")?.execute(params![patient, key])?;
    Ok((db.last_insert_rowid(), key))
}

pub(super) fn entries_of(db: &Connection, patient: &str) -> rusqlite::Result<Vec<u64>> {
    let mut all = db.prepare_cached(
        "SELECT entry FROM personal WHERE patient = (SELECT number FROM patient WHERE name = ?1) ORDER BY entry",
    )?;
    all.query_map([patient], |row| row.get(0).map(number))?.collect()
}

/// An entry; if there is one, what is wrong with it.
pub(super) fn entry(db: &Connection, at: u64) -> rusqlite::Result<Option<Result<Entry, String>>> {
    let mut one = db.prepare_cached(
        "SELECT body, sealed, key, name FROM entry LEFT JOIN personal ON personal.entry = entry.number
         LEFT JOIN patient ON patient.number = personal.patient WHERE entry.number = ?1",
    )?;
    let row = |row: &rusqlite::Row<'_>| Ok(opened(at, row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    one.query_row([sql(at)], row).optional()
}

/// An entry from what is stored, if it fits together.
pub(super) fn opened(
    at: u64,
    body: Vec<u8>,
    sealed: Option<Vec<u8>>,
    key: Option<Hash>,
    name: Option<String>,
) -> Result<Entry, String> {
    let Some(public) = Frames::read(&body) else { return Err("its public part was altered".to_owned()) };
    let personal = match (commitment(&public), sealed, key) {
        (None, None, _) => Personal::None,
        (None, Some(_), _) => return Err("a personal part was added to it".to_owned()),
        (Some(_), None, _) => Personal::Erased,
        (Some(_), Some(_), None) => return Err("the key of its personal part is gone".to_owned()),
        (Some(committed), Some(sealed), Some(key)) => {
            let altered = || "its personal part was altered".to_owned();
            let (salt, content) = unseal(&key, at, &sealed).ok_or_else(altered)?;
            if commit(&salt, &content) != committed {
                return Err("its personal part is not the one that was committed to".to_owned());
            }
            let frames = Frames::read(&content).ok_or_else(altered)?;
            is_of(&frames, name.as_deref()).map_err(|why| format!("its personal part {why}"))?;
            Personal::Kept(salt, frames)
        }
    };
    Ok(Entry { number: at, body, public, personal })
}
