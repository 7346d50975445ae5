//! Finding decisions by patient, protocol, day, status and kind, without opening each: a row for every entry, made from it.
//!
//! The rows are an index: whatever they say can be made again from the entries, and [`Archive::verify`] compares the two. What is personal in a
//! row goes when the entry is erased. An archive has the table from the first time that somebody lists its entries.

use rusqlite::{Connection, params, params_from_iter};

use super::entry::Entry;
use super::store::{Archive, NotKept, entry, has_table, make, number, size, sql};
use crate::diagnostic::Diagnostics;

/// The table of the list.
pub(super) const SCHEMA: &[(&str, &str)] = &[
    (
        "listed",
        "CREATE TABLE listed (entry INTEGER PRIMARY KEY, kind TEXT NOT NULL, protocol TEXT NOT NULL, day TEXT NOT NULL, as_of TEXT, status TEXT) STRICT",
    ),
    ("listed_kind", "CREATE INDEX listed_kind ON listed (kind, entry)"),
    ("listed_protocol", "CREATE INDEX listed_protocol ON listed (protocol, entry)"),
    ("listed_day", "CREATE INDEX listed_day ON listed (day, entry)"),
    ("listed_as_of", "CREATE INDEX listed_as_of ON listed (as_of, entry)"),
    ("listed_status", "CREATE INDEX listed_status ON listed (status, entry)"),
];

/// So many entries are taken up in one transaction: who writes meanwhile waits for no longer.
const AT_ONCE: u64 = 1_000;

/// Which entries are wanted; an empty text: any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// The patient's identifier.
    pub patient: &'a str,
    /// The id of the protocol.
    pub protocol: &'a str,
    /// The day that was asked about, or on which the entry was made.
    pub day: &'a str,
    /// The word of the status.
    pub status: &'a str,
    /// The word of the kind.
    pub kind: &'a str,
    /// Only those before this one.
    pub before: Option<u64>,
}

/// What stands in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Listed {
    kind: String,
    protocol: String,
    day: String,
    as_of: Option<String>,
    status: Option<String>,
}

impl Listed {
    fn of(entry: &Entry) -> Listed {
        let public = |name| entry.public.text(name).to_owned();
        let personal = |name| entry.personal.frames().map(|frames| frames.text(name).to_owned());
        let said = |text: &String| !text.is_empty();
        Listed {
            kind: public("kind"),
            protocol: public("protocol"),
            day: entry.public.text("at").get(..10).unwrap_or_default().to_owned(),
            as_of: personal("as-of").filter(said),
            status: personal("status").filter(said),
        }
    }
}

impl Archive {
    /// Takes up in the list what is not in it yet.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn keep_list(&mut self) -> Result<(), Diagnostics> {
        while self.is_list_behind()? {
            self.change(|transaction| {
                make(transaction, SCHEMA)?;
                let first = last(transaction)? + 1;
                let mut insert = transaction.prepare_cached("INSERT INTO listed VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
                for at in first..=size(transaction)?.min(first + AT_ONCE - 1) {
                    // What cannot be read has a row that says nothing: it is told whatever is asked for.
                    let listed = match entry(transaction, at)? {
                        Some(Ok(entry)) => Listed::of(&entry),
                        _ => Listed::default(),
                    };
                    let Listed { kind, protocol, day, as_of, status } = listed;
                    insert.execute(params![sql(at), kind, protocol, day, as_of, status])?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn is_list_behind(&self) -> Result<bool, Diagnostics> {
        let look = || Ok(!has_table(&self.db, "listed")? || last(&self.db)? < size(&self.db)?);
        look().map_err(|error| self.unreadable(&error))
    }

    /// The numbers of entries, the latest first: at most so many.
    ///
    /// # Errors
    /// When they cannot be read, or the list cannot be brought up to date.
    pub fn list(&mut self, wanted: &Wanted<'_>, most: usize) -> Result<Vec<u64>, Diagnostics> {
        self.keep_list()?;
        let Wanted { patient, protocol, day, status, kind, before } = *wanted;
        let filters = [
            (
                patient,
                "entry IN (SELECT entry FROM personal WHERE patient = (SELECT number FROM patient WHERE name = ?))",
                1,
            ),
            (protocol, "protocol = ?", 1),
            (day, "(day = ? OR as_of = ?)", 2),
            (status, "status = ?", 1),
            (kind, "kind = ?", 1),
        ];
        let used = || filters.iter().filter(|(value, ..)| !value.is_empty());
        let mut question = "SELECT entry FROM listed WHERE entry < ?".to_owned();
        used().for_each(|(_, filter, _)| question.extend([" AND ", *filter]));
        question.push_str(" ORDER BY entry DESC LIMIT ?");
        let mut values: Vec<rusqlite::types::Value> = vec![before.map_or(i64::MAX, sql).into()];
        values.extend(used().flat_map(|(value, _, times)| std::iter::repeat_n((*value).to_owned().into(), *times)));
        values.push(i64::try_from(most).unwrap_or(i64::MAX).into());
        self.numbers_of(&question, values)
    }

    /// The numbers of entries that could not be read when they were listed, the latest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn unlisted(&mut self, most: usize) -> Result<Vec<u64>, Diagnostics> {
        self.keep_list()?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.numbers_of("SELECT entry FROM listed WHERE kind = '' ORDER BY entry DESC LIMIT ?", vec![most.into()])
    }

    fn numbers_of(&self, question: &str, values: Vec<rusqlite::types::Value>) -> Result<Vec<u64>, Diagnostics> {
        let read = || -> rusqlite::Result<Vec<u64>> {
            let mut all = self.db.prepare_cached(question)?;
            all.query_map(params_from_iter(values), |row| row.get(0).map(number))?.collect()
        };
        read().map_err(|error| self.unreadable(&error))
    }
}

/// The last entry that is in the list.
fn last(db: &Connection) -> rusqlite::Result<u64> {
    db.query_row("SELECT ifnull(max(entry), 0) FROM listed", [], |row| row.get(0)).map(number)
}

/// Takes out what was personal in the rows of entries.
pub(super) fn forget(db: &Connection, entries: &[u64]) -> Result<(), NotKept> {
    if has_table(db, "listed")? {
        let mut forget = db.prepare_cached("UPDATE listed SET as_of = NULL, status = NULL WHERE entry = ?1")?;
        entries.iter().try_for_each(|at| forget.execute([sql(*at)]).map(drop))?;
    }
    Ok(())
}

/// Whether the list says of an entry what the entry says, as far as it is in the list.
pub(super) fn is_as_listed(db: &Connection, entry: &Entry) -> rusqlite::Result<bool> {
    let mut one = db.prepare_cached("SELECT kind, protocol, day, as_of, status FROM listed WHERE entry = ?1")?;
    let mut rows = one.query([sql(entry.number)])?;
    let Some(row) = rows.next()? else { return Ok(last(db)? < entry.number) };
    let (kind, protocol, day) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(Listed { kind, protocol, day, as_of: row.get(3)?, status: row.get(4)? } == Listed::of(entry))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Trial, stamp};
    use super::super::{Draft, Frames, Kind, Texts};
    use super::*;

    fn draft(patient: &str, protocol: &str, as_of: &str, status: &str, kind: Kind) -> Draft {
        let personal = Frames::default().with("patient", patient).with("as-of", as_of).with("status", status);
        let public = Frames::default().with("protocol", protocol);
        Draft { kind, patient: Some(patient.to_owned()), public, personal }
    }

    /// An archive with entries of all kinds of things.
    fn filled(trial: &Trial) -> Archive {
        let mut archive = Archive::create(&trial.path()).expect("an archive");
        let (patients, protocols, days) = (["P-1", "P-2", "P-3"], ["peel", "wax"], ["2026-03-02", "2026-03-03"]);
        let mut drafts = Vec::new();
        for at in 0..40 {
            let kind = if at % 7 == 0 { Kind::Override } else { Kind::Answer };
            let status = ["due", "deferred", "contraindicated"][at % 3];
            drafts.push(draft(patients[at % 3], protocols[at / 3 % 2], days[at / 5 % 2], status, kind));
        }
        archive.append(&stamp(), &Texts::default(), &drafts).expect("kept");
        archive
    }

    #[test]
    fn the_list_finds_what_looking_at_every_entry_finds() {
        let trial = Trial::new("list");
        let mut archive = filled(&trial);
        let made = stamp().at.get(..10).expect("a day").to_owned();
        for patient in ["", "P-1", "P-9", "' OR 1 --"] {
            for protocol in ["", "wax"] {
                for day in ["", "2026-03-03", &made, "2020-01-01"] {
                    for status in ["", "deferred"] {
                        for kind in ["", "override"] {
                            for before in [None, Some(20)] {
                                let wanted = Wanted { patient, protocol, day, status, kind, before };
                                let fits = |entry: &Entry| {
                                    let frames = entry.personal.frames().expect("kept");
                                    let is = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
                                    is(patient, entry.patient())
                                        && is(protocol, entry.public.text("protocol"))
                                        && (is(day, &made) || is(day, frames.text("as-of")))
                                        && is(status, frames.text("status"))
                                        && is(kind, entry.public.text("kind"))
                                        && before.is_none_or(|before| entry.number < before)
                                };
                                let all = (1..=40).rev().map(|at| archive.entry(at).expect("an entry"));
                                let expected: Vec<u64> = all.filter(fits).map(|entry| entry.number).collect();
                                assert_eq!(archive.list(&wanted, 100).expect("listed"), expected, "{wanted:?}");
                                let some = archive.list(&wanted, 3).expect("listed");
                                assert_eq!(some, expected[..expected.len().min(3)], "{wanted:?}");
                            }
                        }
                    }
                }
            }
        }
        assert!(archive.verify(None).found.is_empty());
    }

    #[test]
    fn what_is_added_later_is_listed_and_what_is_erased_is_not_known_any_more() {
        let trial = Trial::new("list-erased");
        let mut archive = filled(&trial);
        archive.keep_list().expect("listed");
        // Another program that knows nothing of the list adds entries, and erases.
        let mut other = Archive::open(&trial.path()).expect("opened");
        other
            .append(&stamp(), &Texts::default(), &[draft("P-4", "wax", "2026-03-04", "due", Kind::Answer)])
            .expect("kept");
        let of = |status| Wanted { status, protocol: "wax", ..Wanted::default() };
        assert_eq!(archive.list(&of("due"), 1).expect("listed"), [41]);
        other.erase(&stamp(), "P-4", "asked for").expect("erased");
        assert!(!archive.list(&of("due"), 100).expect("listed").contains(&41));
        let left: i64 = archive
            .db
            .query_row(
                "SELECT count(*) FROM listed WHERE entry = 41 AND (as_of NOT NULL OR status NOT NULL)",
                [],
                |row| row.get(0),
            )
            .expect("read");
        assert_eq!(left, 0);
        assert!(archive.verify(None).found.is_empty());
    }

    #[test]
    fn a_list_that_hides_an_entry_is_found_and_what_cannot_be_read_is_told() {
        let trial = Trial::new("list-altered");
        let mut archive = filled(&trial);
        archive
            .db
            .execute_batch("DROP TRIGGER entry_stays; UPDATE entry SET body = x'00' WHERE number = 5")
            .expect("altered");
        assert_eq!(archive.unlisted(10).expect("listed"), [5]);
        archive.db.execute("UPDATE listed SET status = 'due' WHERE entry = 3", []).expect("altered");
        archive.db.execute("DELETE FROM listed WHERE entry = 4", []).expect("altered");
        let found = archive.verify(None).found;
        for at in [3, 4] {
            let told = format!("the list says something else of entry {at}");
            assert!(found.iter().any(|one| one.message.contains(&told)), "{told}: {found}");
        }
    }
}
