//! Altering an archive behind its back, and filling the disk.

use std::path::PathBuf;

use super::frames::Frames;
use super::store::{SCHEMA, sql};
use super::{Archive, Checkpoint, Draft, Kind, NewRow, Receipt, Stamp, Texts};

/// An archive in a folder that is gone afterwards.
pub(super) struct Trial(PathBuf);

impl Trial {
    pub(super) fn new(name: &str) -> Trial {
        let folder = std::env::temp_dir().join(format!("regimen-archive-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        Trial(folder)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.join("clinic.db")
    }

    fn filled(name: &str, entries: u32) -> (Trial, Archive) {
        let trial = Trial::new(name);
        let mut archive = Archive::create(&trial.path()).expect("an archive");
        for at in 0..entries {
            archive.append(&stamp(), &texts(), &[draft(&format!("P-{}", at % 7), at)]).expect("kept");
        }
        (trial, archive)
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(super) fn stamp() -> Stamp {
    Stamp { at: "2026-03-02T08:30:00Z".into(), by: Some("Dr A".into()) }
}

fn texts() -> Texts {
    let mut texts = Texts::default();
    texts.insert("1/protocol.toml", b"id = \"peel\"\n".repeat(20));
    texts
}

fn draft(patient: &str, at: u32) -> Draft {
    let personal = Frames::default()
        .with("patient", patient)
        .with("record", format!("{{ \"n\": {at}, \"secret\": \"MARK-OF-{patient}-MARK\" }}"));
    let public = Frames::default().with("protocol", "peel").with("texts", super::to_hex(&texts().hash()));
    Draft { kind: Kind::Answer, patient: Some(patient.into()), public, personal }
}

fn found(archive: &Archive, checkpoint: Option<&Checkpoint>) -> String {
    archive.verify(checkpoint).found.iter().map(|one| format!("{}: {}\n", one.code.id, one.message)).collect()
}

#[test]
fn an_untouched_archive_is_as_it_was_written() {
    let (trial, archive) = Trial::filled("untouched", 20);
    let checkpoint = archive.checkpoint().expect("a checkpoint");
    let report = archive.verify(Some(&checkpoint));
    assert_eq!((report.size, report.root, report.vouched), (20, checkpoint.root, Some(20)));
    assert!(report.found.is_empty(), "{}", report.found);
    assert_eq!(archive.verify(None).vouched, None);
    drop(archive);
    let archive = Archive::open(&trial.path()).expect("an archive");
    assert_eq!(archive.numbers(Some("P-3")).expect("numbers"), [4, 11, 18]);
    assert_eq!(archive.entry(4).expect("an entry").patient(), "P-3");
}

#[test]
fn what_only_grows_cannot_be_changed_by_accident() {
    let (_trial, archive) = Trial::filled("grows", 3);
    for statement in [
        "UPDATE entry SET body = x'00' WHERE number = 2",
        "DELETE FROM entry WHERE number = 3",
        "INSERT INTO entry VALUES (7, x'00')",
        "UPDATE node SET hash = x'00'",
        "DELETE FROM node",
        "UPDATE text SET bytes = x'00'",
        "DELETE FROM text",
        "UPDATE personal SET sealed = x'00'",
        "UPDATE patient SET key = x'00'",
        "UPDATE about SET value = 'x'",
    ] {
        assert!(archive.db.execute(statement, []).is_err(), "{statement}");
    }
    assert_eq!(found(&archive, None), "");
}

/// Somebody who knows SQL: the triggers are taken away and put back.
fn behind_its_back(archive: &Archive, statements: &str) {
    let triggers = || SCHEMA.iter().filter(|(_, sql)| sql.starts_with("CREATE TRIGGER"));
    for (name, _) in triggers() {
        archive.db.execute(&format!("DROP TRIGGER {name}"), []).expect("dropped");
    }
    archive.db.execute_batch(statements).expect(statements);
    for (_, sql) in triggers() {
        archive.db.execute(sql, []).expect("made");
    }
}

#[test]
fn whoever_knows_sql_is_found_and_what_was_done_is_named() {
    let named = [
        ("UPDATE entry SET body = (SELECT body FROM entry WHERE number = 2) WHERE number = 5", "entry 5"),
        ("UPDATE entry SET body = CAST(body || x'00' AS BLOB) WHERE number = 5", "entry 5"),
        ("DELETE FROM entry WHERE number = 5", "entry 5 is missing"),
        ("DELETE FROM entry WHERE number = 9", "hashes in the tree that belong to no entry"),
        (
            "UPDATE entry SET number = -1 WHERE number = 5; UPDATE entry SET number = 5 WHERE number = 6; UPDATE entry SET number = 6 WHERE number = -1",
            "entry 5",
        ),
        ("INSERT INTO entry SELECT 10, body FROM entry WHERE number = 9", "entry 10"),
        ("UPDATE node SET hash = zeroblob(32) WHERE level = 1 AND at = 1", "entry 4"),
        ("DELETE FROM node WHERE level = 0 AND at = 0", "entry 1"),
        ("UPDATE text SET bytes = x'00' WHERE number = 2", "text"),
        ("DELETE FROM text WHERE number = 2", "1/protocol.toml is missing"),
        ("DELETE FROM personal WHERE entry = 5", "the personal part of entry 5 is gone"),
        ("UPDATE personal SET sealed = (SELECT sealed FROM personal WHERE entry = 2) WHERE entry = 5", "entry 5"),
        ("UPDATE patient SET key = zeroblob(32) WHERE name = 'P-4'", "entry 5"),
        ("DELETE FROM patient WHERE name = 'P-4'", "entry 5"),
        ("INSERT INTO personal VALUES (77, 1, x'00')", "belong to no entry"),
        ("INSERT INTO patient VALUES (77, 'P-77', zeroblob(32))", "keys of patients that belong to no entry"),
        ("UPDATE about SET value = 'other'", "another archive"),
    ];
    for (at, (statement, name)) in named.into_iter().enumerate() {
        let (trial, archive) = Trial::filled(&format!("sql-{at}"), 9);
        behind_its_back(&archive, statement);
        drop(archive);
        let archive = Archive::open(&trial.path()).expect("an archive");
        let told = found(&archive, None);
        assert!(told.contains("R803") && told.contains(name), "{statement}: {told}");
    }
}

#[test]
fn a_name_that_was_altered_is_found_and_nobody_is_erased_by_it() {
    for (at, statement) in [
        "UPDATE patient SET name = 'x' WHERE name = 'P-3'; UPDATE patient SET name = 'P-3' WHERE name = 'P-4'; UPDATE patient SET name = 'P-4' WHERE name = 'x'",
        "UPDATE patient SET name = NULL WHERE name = 'P-3'",
        "UPDATE patient SET name = '' WHERE name = 'P-3'",
        "UPDATE patient SET name = 'P-33' WHERE name = 'P-3'",
    ]
    .into_iter()
    .enumerate()
    {
        let (trial, mut archive) = Trial::filled(&format!("name-{at}"), 9);
        for patient in ["P-3", "P-4"] {
            let new = NewRow { patient, follows: None, day: "2026-03-02".parse().expect("a day"), changed: &[], text: patient };
            archive.keep_record(&stamp(), new).expect("kept");
        }
        assert_eq!(found(&archive, None), "");
        behind_its_back(&archive, statement);
        drop(archive);
        let mut archive = Archive::open(&trial.path()).expect("an archive");
        let told = found(&archive, None);
        assert!(told.contains("R803: entry 4: its personal part is about `P-3`"), "{statement}: {told}");
        assert!(told.contains("row 1 of the records") && told.contains("the name was altered"), "{statement}: {told}");
        assert!(archive.entry(4).is_err(), "{statement}");
        for patient in ["P-3", "P-33", ""] {
            assert!(archive.erase(&stamp(), patient, "asked for").is_err(), "{statement}: {patient}");
        }
        assert_eq!(archive.size(), Ok(9));
    }
}

#[test]
fn a_row_of_a_record_that_is_gone_is_found() {
    let kept = |name: &str| {
        let trial = Trial::new(name);
        let mut archive = Archive::create(&trial.path()).expect("an archive");
        for (patient, follows) in [("P-1", None), ("P-2", None), ("P-1", Some(1)), ("P-1", Some(3)), ("P-3", None)] {
            let day = "2026-03-02".parse().expect("a day");
            archive.keep_record(&stamp(), NewRow { patient, follows, day, changed: &[], text: "x" }).expect("kept");
        }
        assert_eq!(found(&archive, None), "");
        (trial, archive)
    };
    for (at, says) in [(1, "row 1 of the records is missing: row 3 follows it"), (4, "5 were kept"), (5, "5 were kept")]
    {
        let (_trial, archive) = kept(&format!("row-{at}"));
        archive.db.execute(&format!("DELETE FROM record WHERE number = {at}"), []).expect("deleted");
        let told = found(&archive, None);
        assert!(told.contains(says), "{at}: {told}");
    }
    // What an entry says was erased is not missing, and the rest is.
    let (_trial, mut archive) = kept("row-erased");
    archive.erase(&stamp(), "P-1", "asked for").expect("erased");
    assert_eq!(found(&archive, None), "");
    archive.db.execute("DELETE FROM record WHERE number = 5", []).expect("deleted");
    let told = found(&archive, None);
    assert!(told.contains("5 were kept, 3 of them were erased, and 1 are there"), "{told}");
}

#[test]
fn what_fits_together_and_was_written_anew_is_found_by_a_checkpoint() {
    let (_trial, archive) = Trial::filled("anew-1", 9);
    let checkpoint = archive.checkpoint().expect("a checkpoint");
    // A shorter past, and another one of the same length, under the same name.
    for (name, entries, says) in
        [("anew-2", 8, "missing at the end"), ("anew-3", 12, "was altered, put in, taken out or moved")]
    {
        let (_other, shorter) = Trial::filled(name, entries);
        behind_its_back(&shorter, &format!("UPDATE about SET value = '{}'", archive.id()));
        let shorter = Archive::open(shorter.path()).expect("an archive");
        let told = found(&shorter, Some(&checkpoint));
        assert!(told.contains("R804") && told.contains(says), "{told}");
        assert!(shorter.checkpoint_since(Some(&checkpoint)).is_err());
    }
    let (_other, other) = Trial::filled("anew-4", 9);
    assert!(found(&other, Some(&checkpoint)).contains("another archive"));
}

/// What anybody can read of an archive.
fn content(archive: &Archive) -> Option<String> {
    let size = archive.size().ok()?;
    let numbers = archive.numbers(None).ok()?;
    let entries: Option<Vec<String>> = numbers
        .into_iter()
        .map(|at| {
            let entry = archive.entry(at).ok()?;
            Some(format!(
                "{entry:?} {:?} {:?}",
                archive.texts(&entry.public).ok()?,
                archive.numbers(Some(entry.patient())).ok()?
            ))
        })
        .collect();
    Some(format!("{size} {} {:?}", archive.id(), entries?))
}

#[test]
fn a_damaged_byte_anywhere_is_found_unless_nothing_can_be_read_from_it() {
    let (trial, archive) = Trial::filled("bytes", 120);
    let checkpoint = archive.checkpoint().expect("a checkpoint");
    let expected = content(&archive).expect("a content");
    drop(archive);
    let whole = std::fs::read(trial.path()).expect("a file");
    // Places on every page: a step that is no multiple of a page's size.
    let places = std::env::var("REGIMEN_KILLS").ok().and_then(|places| places.parse().ok()).unwrap_or(250);
    let step = (whole.len() / places).max(1) | 1;
    let (mut caught, mut tried) = (0, 0);
    for at in (0..whole.len()).step_by(step) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x41;
        let path = trial.0.join("damaged.db");
        std::fs::write(&path, &damaged).expect("written");
        for beside in ["damaged.db-wal", "damaged.db-shm"] {
            let _ = std::fs::remove_file(trial.0.join(beside));
        }
        tried += 1;
        match Archive::open(&path) {
            Ok(archive) if found(&archive, Some(&checkpoint)).is_empty() => {
                assert_eq!(content(&archive).as_ref(), Some(&expected), "byte {at} was altered, and nobody is told");
            }
            _ => caught += 1,
        }
    }
    assert!(tried >= places * 9 / 10 && caught > tried / 3, "{caught} of {tried}");
}

#[test]
fn every_altered_byte_of_a_receipt_is_found() {
    let (_trial, archive) = Trial::filled("receipt", 11);
    let checkpoint = archive.checkpoint().expect("a checkpoint");
    let receipt = archive.export(5, None).expect("a receipt");
    let text = receipt.json();
    assert_eq!(Receipt::read(&text).as_ref(), Ok(&receipt));
    assert_eq!(receipt.check_against(&checkpoint), Ok(()));
    for at in 0..text.len() {
        for bit in [1_u8, 0x20, 0x80] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= bit;
            let Ok(altered) = String::from_utf8(bytes) else { continue };
            assert!(Receipt::read(&altered).is_err(), "byte {at}, {bit:#x}");
        }
    }
    for length in 0..text.len() {
        assert!(Receipt::read(&text[..length]).is_err(), "{length}");
    }
    assert!(Receipt::read(&format!("{text}\n")).is_err());
}

#[test]
fn a_receipt_is_proved_by_a_checkpoint_of_its_time_and_by_no_other() {
    let (_trial, mut archive) = Trial::filled("proved", 5);
    let early = archive.checkpoint().expect("a checkpoint");
    for at in 5..9 {
        archive.append(&stamp(), &texts(), &[draft("P-9", at)]).expect("kept");
    }
    let late = archive.checkpoint_since(Some(&early)).expect("it goes on there");
    for at in 1..=9 {
        let receipt = archive.export(at, None).expect("a receipt");
        assert_eq!(receipt.check_against(&late), Ok(()));
        assert!(receipt.check_against(&early).is_err());
        let earlier = archive.export(at, Some(&early));
        assert_eq!(earlier.is_ok(), at <= 5, "{at}");
        assert!(earlier.is_ok_and(|receipt| receipt.check_against(&early).is_ok()) || at > 5);
    }
    let other = Checkpoint { root: [7; 32], ..late };
    assert!(archive.export(3, None).expect("a receipt").check_against(&other).is_err());
    assert!(archive.export(3, Some(&other)).is_err());
}

#[test]
fn numbers_and_keys_stay_as_they_were_written() {
    let (_trial, mut archive) = Trial::filled("numbers", 0);
    let written = [
        r#"{ "n": 9007199254740992 }"#,
        r#"{ "n": 9007199254740993 }"#,
        r#"{ "n": -0 }"#,
        r#"{ "n": 0 }"#,
        r#"{ "n": 1e-6 }"#,
        r#"{ "n": 0.000001 }"#,
        r#"{ "n": 1.0 }"#,
        r#"{ "n": 1 }"#,
        r#"{ "n": 1, "n": 2 }"#,
        r#"{ "n": 2, "n": 1 }"#,
        "{ \"n\":  1 }\r\n",
    ];
    for record in written {
        let personal = Frames::default().with("patient", "P-1").with("record", record);
        let draft = Draft { kind: Kind::Answer, patient: Some("P-1".into()), public: Frames::default(), personal };
        archive.append(&stamp(), &Texts::default(), &[draft]).expect("kept");
    }
    let mut committed = std::collections::BTreeSet::new();
    for (at, record) in (1..).zip(written) {
        let entry = archive.entry(at).expect("an entry");
        assert_eq!(entry.personal.frames().expect("frames").text("record"), record);
        let receipt = Receipt::read(&archive.export(at, None).expect("a receipt").json()).expect("a receipt");
        assert_eq!(receipt.entry(), entry);
        // What is hashed differs wherever what was written does, whatever the salt.
        committed.insert(super::privacy::commit(&[0; 32], &entry.personal.frames().expect("frames").bytes()));
    }
    assert_eq!(committed.len(), written.len());
}

fn holds(path: &std::path::Path, what: &str) -> bool {
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes.windows(what.len()).any(|window| window == what.as_bytes())
}

#[test]
fn nothing_is_left_of_what_was_erased() {
    let (trial, mut archive) = Trial::filled("erased", 30);
    let checkpoint = archive.checkpoint().expect("a checkpoint");
    let keys: Vec<Vec<u8>> = archive
        .db
        .prepare("SELECT key FROM patient WHERE name = 'P-3'")
        .and_then(|mut all| all.query_map([], |row| row.get(0))?.collect())
        .expect("keys");
    let sealed: Vec<Vec<u8>> = archive
        .db
        .prepare("SELECT sealed FROM personal WHERE patient = (SELECT number FROM patient WHERE name = 'P-3')")
        .and_then(|mut all| all.query_map([], |row| row.get(0))?.collect())
        .expect("sealed parts");
    assert_eq!((keys.len(), sealed.len()), (1, 4));
    let contains = |path: &std::path::Path, part: &[u8]| {
        std::fs::read(path).unwrap_or_default().windows(part.len()).any(|window| window == part)
    };
    let files = || std::fs::read_dir(&trial.0).expect("a folder").map(|file| file.expect("a file").path());
    assert!(files().any(|file| contains(&file, &keys[0])), "or the search finds nothing");
    assert!(archive.export(4, None).expect("a receipt").json().contains("MARK-OF-P-3-MARK"));
    let erased = archive.erase(&stamp(), "P-3", "asked for").expect("erased");
    assert_eq!((erased.numbers.as_slice(), erased.entry, erased.is_scrubbed), ([4, 11, 18, 25].as_slice(), 31, true));
    for file in files() {
        for part in keys.iter().chain(&sealed) {
            // The first bytes of a part are as good as the whole: a page may have cut it.
            assert!(!contains(&file, &part[..16]), "{}", file.display());
        }
        assert!(!holds(&file, "MARK-OF-P-3-MARK") && !holds(&file, "P-3"), "{}", file.display());
    }
    let receipt = archive.export(4, None).expect("a receipt");
    assert!(!receipt.json().contains("MARK-OF"));
    assert_eq!(super::Replayer::default().receipt(&receipt), super::Replay::Not(super::NotReplayed::Erased));
    let report = archive.verify(Some(&checkpoint));
    assert!(report.found.is_empty(), "{}", report.found);
    assert_eq!((report.erased, report.vouched), (4, Some(30)));
    // The others are as they were, and so is who comes again.
    assert_eq!(archive.entry(5).expect("an entry").patient(), "P-4");
    archive.append(&stamp(), &texts(), &[draft("P-3", 99)]).expect("kept");
    assert_eq!(archive.numbers(Some("P-3")).expect("numbers"), [32]);
    assert!(archive.erase(&stamp(), "P-33", "asked for").is_err());
}

#[test]
fn what_is_held_is_not_erased_before_its_day() {
    let (_trial, mut archive) = Trial::filled("held", 8);
    let hold = |until: &str| {
        let personal = Frames::default().with("patient", "P-3").with("until", until).with("why", "ten years");
        Draft { kind: Kind::Hold, patient: Some("P-3".into()), public: Frames::default(), personal }
    };
    archive.append(&stamp(), &Texts::default(), &[hold("2036-03-02"), hold("2030-01-01")]).expect("kept");
    let told = archive.erase(&stamp(), "P-3", "asked for").expect_err("it is held").to_string();
    assert!(told.contains("R807") && told.contains("2036-03-02"), "{told}");
    assert_eq!(archive.numbers(Some("P-3")).expect("numbers"), [4, 9, 10]);
    let later = Stamp { at: "2036-03-02T00:00:00Z".into(), by: None };
    assert_eq!(archive.erase(&later, "P-3", "asked for").expect("erased").numbers, [4, 9, 10]);
}

#[test]
fn whoever_is_not_known_is_erased_by_entry() {
    let (_trial, mut archive) = Trial::filled("unknown", 2);
    let personal = Frames::default().with("record", "{");
    let draft = Draft { kind: Kind::Refusal, patient: None, public: Frames::default(), personal };
    archive.append(&stamp(), &Texts::default(), &[draft.clone(), draft]).expect("kept");
    assert!(archive.erase_entry(&stamp(), 1, "x").is_err(), "it is somebody's");
    assert_eq!(archive.erase_entry(&stamp(), 3, "x").expect("erased").numbers, [3]);
    assert!(archive.erase_entry(&stamp(), 3, "x").is_err());
    assert!(archive.entry(4).expect("an entry").personal.frames().is_some());
    assert_eq!(found(&archive, None), "");
}

#[test]
fn a_full_disk_leaves_the_archive_as_it_was() {
    let (_trial, mut archive) = Trial::filled("full", 5);
    let mut kept = 5;
    let mut full = 0;
    for room in 0..40_u32 {
        // No more pages than there are, and `room` more.
        let pages: u32 = archive.db.pragma_query_value(None, "page_count", |row| row.get(0)).expect("pages");
        archive.db.pragma_update_and_check(None, "max_page_count", pages + room % 4, |_| Ok(())).expect("limited");
        let drafts: Vec<Draft> = (0..20).map(|at| draft(&format!("P-{room}-{at}"), at)).collect();
        match archive.append(&stamp(), &texts(), &drafts) {
            Ok(numbers) => kept += numbers.len() as u64,
            Err(found) => {
                assert!(
                    found.to_string().contains("R802") && found.to_string().contains("the disk is full"),
                    "{found}"
                );
                full += 1;
            }
        }
        assert_eq!(archive.size().expect("a size"), kept);
    }
    assert!(full > 0 && kept > 5, "{full} {kept}");
    assert_eq!(found(&archive, None), "");
    assert!(
        archive
            .db
            .query_row("SELECT count(*) FROM entry", [], |row| row.get::<_, i64>(0))
            .is_ok_and(|count| count == sql(kept))
    );
}

#[test]
fn only_archives_are_opened_and_nothing_is_written_over() {
    let trial = Trial::new("open");
    assert!(Archive::open(&trial.path()).expect_err("nothing there").to_string().contains("archive new"));
    assert!(!trial.path().exists());
    std::fs::write(trial.path(), "id = 1\n").expect("written");
    assert!(Archive::open(&trial.path()).is_err() && Archive::create(&trial.path()).is_err());
    assert_eq!(std::fs::read_to_string(trial.path()).expect("a file"), "id = 1\n");
    let (_filled, archive) = Trial::filled("trigger", 1);
    archive.db.execute("DROP TRIGGER entry_stays", []).expect("dropped");
    let told = Archive::open(archive.path()).expect_err("a trigger is missing").to_string();
    assert!(told.contains("R801") && told.contains("entry_stays"), "{told}");
}

#[test]
#[ignore = "takes a release build and an idle machine"]
fn fifty_thousand_entries_are_verified_in_a_second() {
    let (_trial, mut archive) = Trial::filled("speed", 0);
    let all: u32 = std::env::var("REGIMEN_ENTRIES").ok().and_then(|all| all.parse().ok()).unwrap_or(1_000_000);
    for start in (0..all).step_by(10_000) {
        let drafts: Vec<Draft> = (start..start + 10_000).map(|at| draft(&format!("P-{}", at % 50_000), at)).collect();
        archive.append(&stamp(), &texts(), &drafts).expect("kept");
    }
    let start = std::time::Instant::now();
    let report = archive.verify(None);
    let rate = f64::from(all) / start.elapsed().as_secs_f64();
    assert!(report.found.is_empty(), "{}", report.found);
    let start = std::time::Instant::now();
    assert!(!archive.numbers(Some("P-77")).expect("numbers").is_empty());
    let listed = start.elapsed().as_millis();
    let bytes = std::fs::metadata(archive.path()).expect("a file").len() / u64::from(all);
    assert!(rate > 50_000.0 && listed < 10, "{rate:.0} a second, listed in {listed} ms, {bytes} bytes an entry");
}
