//! Decisions that are kept: nothing is said that is not kept, nothing kept is lost, and everything comes out again.

#![cfg(feature = "cli")]

#[allow(dead_code, reason = "other tests need the rest")]
mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use regimen::archive::{Archive, Checkpoint, Entry, Frames, NotReplayed, Personal, Receipt, Replay, Replayer};
use support::{Folder, Output, repository, run};

/// The protocol that most of these ask.
const TINY: &str = "tests/fixtures/tiny.toml";

const AT: &str = "2026-03-02T08:30:00Z";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.args(arguments).current_dir(repository()).env_remove("REGIMEN_ARCHIVE");
    command
}

fn regimen(arguments: &[&str], stdin: &str) -> Output {
    run(command(arguments), stdin)
}

#[test]
fn what_keeps_no_entry_is_refused_where_an_archive_is_named() {
    let clinic = Clinic::new();
    for (name, protocol) in
        [("plan", "protocols"), ("when", "protocols/glycolic-peel"), ("handout", "protocols/glycolic-peel")]
    {
        let asked = || command(&[name, protocol, "protocols/records/healthy-adult.toml", "--as-of", "2026-03-02"]);
        let mut named = asked();
        named.env("REGIMEN_ARCHIVE", &clinic.archive);
        let refused = run(named, "");
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(3), ""), "{name}");
        assert!(refused.stderr.contains("R810") && refused.stderr.contains(&format!("`{name}`")), "{}", refused.stderr);
        let mut empty = asked();
        empty.env("REGIMEN_ARCHIVE", "");
        let shown = run(empty, "");
        assert!(shown.code == Some(0) && !shown.stdout.is_empty(), "{name}: {}", shown.stderr);
    }
    assert_eq!(clinic.entries().len(), 0);
}

#[test]
fn the_archive_to_verify_may_be_given_as_an_argument() {
    let clinic = Clinic::new();
    let by_name = clinic.run(&["archive", "verify"], "");
    let by_place = regimen(&["archive", "verify", &clinic.archive], "");
    assert_eq!((by_place.code, &by_place.stdout), (Some(0), &by_name.stdout), "{}", by_place.stderr);
    let both = clinic.run(&["archive", "verify", &clinic.archive], "");
    assert_eq!(both.code, Some(2), "{}", both.stderr);
    assert_eq!(regimen(&["archive", "verify", "nowhere.db"], "").code, Some(3));
}

/// A clinic's archive, in a folder of its own.
struct Clinic {
    folder: Folder,
    archive: String,
}

impl Clinic {
    fn new() -> Clinic {
        let folder = Folder::new();
        let archive = folder.path().join("clinic.db").display().to_string();
        let made = regimen(&["archive", "new", &archive], "");
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        Clinic { folder, archive }
    }

    /// A command about the archive.
    fn run(&self, arguments: &[&str], stdin: &str) -> Output {
        let all: Vec<&str> = arguments.iter().copied().chain(["--archive", &self.archive]).collect();
        regimen(&all, stdin)
    }

    fn recommend(&self, protocol: &str, record: &str, more: &[&str]) -> Output {
        let all: Vec<&str> = ["recommend", protocol, "-", "--as-of", "2026-03-02", "--at", AT]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        self.run(&all, record)
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn open(&self) -> Archive {
        Archive::open(Path::new(&self.archive)).unwrap_or_else(|found| panic!("{found}"))
    }

    fn entries(&self) -> Vec<Entry> {
        let archive = self.open();
        let all = archive.numbers(None).unwrap_or_else(|found| panic!("{found}"));
        all.into_iter().map(|at| archive.entry(at).unwrap_or_else(|found| panic!("{found}"))).collect()
    }

    fn is_sound(&self) {
        let report = self.open().verify(None);
        assert!(report.found.is_empty(), "{}", report.found);
    }

    fn replayed(&self, outcomes: &str) {
        let replay = self.run(&["replay"], "");
        assert!(replay.stdout.ends_with(outcomes), "{}{}", replay.stdout, replay.stderr);
        assert_eq!(replay.code, Some(0), "{}{}", replay.stdout, replay.stderr);
    }
}

fn personal(entry: &Entry) -> &Frames {
    entry.personal.frames().expect("a personal part")
}

fn record(patient: &str, facts: &str) -> String {
    format!(r#"{{ "patient": "{patient}", "recorded": "2026-03-01", "facts": {{ {facts} }} }}"#)
}

#[test]
fn an_answer_is_kept_as_it_was_given_with_what_was_absent_and_its_full_trace() {
    let clinic = Clinic::new();
    let given = record("P-1", r#""spots": 1e0, "pregnant": false"#);
    let with = clinic.recommend(TINY, &given, &["--by", "Dr A", "--format", "json"]);
    let without = regimen(&["recommend", TINY, "-", "--as-of", "2026-03-02", "--format", "json"], &given);
    assert_eq!(with, without, "that it is kept changes nothing about the answer");
    let [entry] = &clinic.entries()[..] else { panic!("one entry") };
    let kept = personal(entry);
    assert_eq!((kept.text("record"), kept.text("as-of"), kept.text("patient")), (given.as_str(), "2026-03-02", "P-1"));
    let absent: Vec<&[u8]> = kept.all("absent").collect();
    assert!(absent.contains(&b"keloids".as_slice()) && !absent.contains(&b"pregnant".as_slice()));
    let public = |name| entry.public.text(name);
    assert_eq!((public("at"), public("by"), public("protocol"), public("version")), (AT, "Dr A", "tiny-peel", "1.2.0"));
    assert_eq!(public("engine"), env!("CARGO_PKG_VERSION"));
    assert!(!String::from_utf8_lossy(&entry.body).contains("P-1"), "the patient stands outside of the tree");
    let full =
        regimen(&["recommend", TINY, "-", "--as-of", "2026-03-02", "--format", "json", "--explain", "full"], &given);
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    assert_eq!(parse(kept.text("answer")), parse(&full.stdout));
    assert!(!kept.text("answer").contains("Dr A") && !kept.text("answer").contains(AT));
    clinic.is_sound();
    clinic.replayed("1 identical, 0 with another trace, 0 different, 0 not replayed\n");
}

#[test]
fn where_nothing_can_be_kept_nothing_is_said() {
    let clinic = Clinic::new();
    let given = record("P-1", "");
    let batch =
        |archive: &str| regimen(&["batch", TINY, "--as-of", "2026-03-02", "--archive", archive], &record("P-1", ""));
    let nowhere = clinic.file("nowhere.db");
    let other = clinic.file("other.db");
    std::fs::write(&other, "not a database, and long enough to be taken for one\n".repeat(20)).expect("written");
    for archive in [&nowhere, &other] {
        let told = regimen(&["recommend", TINY, "-", "--as-of", "2026-03-02", "--archive", archive], &given);
        assert_eq!((told.stdout.as_str(), told.code), ("", Some(3)), "{}", told.stderr);
        assert!(told.stderr.contains("R801"), "{}", told.stderr);
        assert_eq!((batch(archive).stdout, batch(archive).code), (String::new(), Some(3)));
    }
    assert!(!Path::new(&nowhere).exists());
    let useless = regimen(&["recommend", TINY, "-", "--as-of", "2026-03-02", "--by", "Dr A"], &given);
    assert_eq!((useless.stdout.as_str(), useless.code), ("", Some(2)));
    // The environment names one as well.
    let mut named = command(&["recommend", TINY, "-", "--as-of", "2026-03-02"]);
    named.env("REGIMEN_ARCHIVE", &clinic.archive);
    assert_eq!(run(named, &given).code, Some(0));
    assert_eq!(clinic.entries().len(), 1);
}

#[test]
fn answers_are_not_written_over_the_archive() {
    let clinic = Clinic::new();
    let before = std::fs::read(&clinic.archive).expect("a file");
    let told = clinic.run(&["batch", TINY, "--as-of", "2026-03-02", "-o", &clinic.archive], &record("P-1", ""));
    assert!(told.code == Some(2) && told.stderr.contains("would be written over it"), "{}", told.stderr);
    assert_eq!(std::fs::read(&clinic.archive).expect("a file"), before);
}

#[test]
fn a_record_that_cannot_be_read_is_not_kept_as_an_empty_one() {
    let clinic = Clinic::new();
    let mut latin = command(&["recommend", TINY, "-", "--as-of", "2026-03-02", "--archive", &clinic.archive]);
    let path = clinic.file("record.json");
    std::fs::write(&path, b"{ \"patient\": \"J\xfcrg\" }").expect("written");
    latin.stdin(std::fs::File::open(&path).expect("a file")).stdout(Stdio::null()).stderr(Stdio::null());
    assert_eq!(latin.status().expect("a run").code(), Some(1));
    let kept = clinic.entries().remove(0);
    assert_eq!((personal(&kept).get("record"), personal(&kept).text("status")), (None, "R100"));
}

#[test]
fn errors_and_refusals_are_entries_too_and_come_out_again() {
    let clinic = Clinic::new();
    let refused: [(&str, &str, &[&str], &str); 7] = [
        (TINY, r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": "perhaps" } }"#, &[], "R105"),
        (TINY, "{ \"patient\": \"P-1\", \"recorded\": ", &[], "R101"),
        (TINY, r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "zzz": 1 } }"#, &["--strict"], "R402"),
        (TINY, r#"{ "patient": "P-1", "recorded": "2026-04-01", "facts": {} }"#, &[], "R404"),
        (TINY, r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": {} }"#, &["--set", "nothing=1"], "R109"),
        (
            TINY,
            r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": {} }"#,
            &["--set", "sunburn_wait=2 days"],
            "R109",
        ),
        ("nowhere", r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": {} }"#, &[], "R100"),
    ];
    for (at, (protocol, given, more, code)) in refused.iter().enumerate() {
        let told = clinic.recommend(protocol, given, more);
        assert!(told.code != Some(0) && told.stdout.is_empty(), "{given}: {}", told.stdout);
        let entries = clinic.entries();
        assert_eq!(entries.len(), at + 1);
        let kept = personal(&entries[at]);
        assert_eq!((entries[at].public.text("kind"), kept.text("record")), ("refusal", *given));
        assert!(kept.text("refusal").contains(code), "{code}: {}", kept.text("refusal"));
        assert_eq!(kept.get("answer"), None);
    }
    clinic.is_sound();
    clinic.replayed("6 identical, 0 with another trace, 0 different, 1 not replayed\n");
}

#[test]
fn every_line_of_a_batch_is_kept_and_comes_out_again() {
    let clinic = Clinic::new();
    let lines = [
        record("P-1", r#""pregnant": true"#),
        record("P-2", r#""pregnant": "x""#),
        "not JSON".to_owned(),
        record("P-3", r#""zzz": 1"#),
        record("P-1", ""),
    ]
    .join("\n");
    for more in [&[][..], &["--strict"], &["--explain", "rules"]] {
        let arguments = ["batch", TINY, "--as-of", "2026-03-02", "--at", AT];
        let all: Vec<&str> = arguments.iter().chain(more).copied().collect();
        let with = clinic.run(&all, &lines);
        let without: Vec<&str> = all.iter().copied().filter(|one| !["--at", AT].contains(one)).collect();
        assert_eq!(with.stdout, regimen(&without, &lines).stdout);
    }
    let entries = clinic.entries();
    assert_eq!(entries.len(), 15);
    let kinds: Vec<&str> = entries.iter().map(|entry| entry.public.text("kind")).collect();
    assert_eq!(kinds[..5], ["answer", "refusal", "refusal", "answer", "answer"]);
    assert_eq!(kinds[5..10], ["answer", "refusal", "refusal", "refusal", "refusal"]);
    assert_eq!(personal(&entries[1]).text("patient"), "P-2");
    assert!(personal(&entries[0]).text("printed").contains("contraindicated"));
    clinic.is_sound();
    // Whether a patient has been answered before is not in the record.
    clinic.replayed("14 identical, 0 with another trace, 0 different, 1 not replayed\n");
}

#[test]
fn of_a_row_that_cannot_be_read_each_cell_is_kept() {
    let clinic = Clinic::new();
    let table = "patient,recorded,spots,pregnant\nP-1,2026-03-01,3,true\nP-2,2026-03-01,1 000,true\nP-3,2026-03-01\n";
    assert_eq!(clinic.run(&["batch", TINY, "--as-of", "2026-03-02", "--csv"], table).code, Some(1));
    let cells: Vec<Vec<String>> = clinic
        .entries()
        .iter()
        .map(|entry| personal(entry).all("cell").map(|cell| String::from_utf8_lossy(cell).into_owned()).collect())
        .collect();
    assert_eq!(cells, [vec![], vec!["P-2", "2026-03-01", "1 000", "true"], vec!["P-3", "2026-03-01"]]);
    clinic.is_sound();
    clinic.replayed("1 identical, 0 with another trace, 0 different, 2 not replayed\n");
}

#[test]
fn every_shipped_protocol_answers_again_as_it_did() {
    let clinic = Clinic::new();
    for name in ["healthy-adult", "healthy-man", "minimal"] {
        let record = format!("protocols/records/{name}.toml");
        for more in [&[][..], &["--lang", "de"]] {
            let all = ["recommend", "protocols", &record, "--as-of", "2026-03-02"];
            let all: Vec<&str> = all.iter().chain(more).copied().collect();
            assert_eq!(clinic.run(&all, "").code, Some(0));
        }
    }
    let count = clinic.entries().len();
    assert!(count > 100, "{count}");
    clinic.is_sound();
    clinic.replayed(&format!("\n{count} identical, 0 with another trace, 0 different, 0 not replayed\n"));
}

#[test]
fn a_decision_comes_out_again_after_its_files_changed() {
    let clinic = Clinic::new();
    clinic.folder.copy("protocols/facts.toml", "c/facts.toml");
    clinic.folder.copy("protocols/hpv/protocol.toml", "c/hpv/protocol.toml");
    clinic.folder.copy("protocols/zoster/protocol.toml", "c/zoster/protocol.toml");
    let protocols = clinic.file("c");
    let record = repository().join("protocols/records/healthy-adult.toml").display().to_string();
    let all = ["recommend", &protocols, &record, "--as-of", "2026-03-02", "--at", AT];
    assert_eq!(clinic.run(&all, "").code, Some(0));
    let text = std::fs::read_to_string(clinic.file("c/hpv/protocol.toml")).expect("a protocol");
    // One of them breaks, and the other goes.
    std::fs::write(clinic.file("c/hpv/protocol.toml"), format!("nothing = true\n{text}")).expect("written");
    let told = clinic.run(&all, "");
    assert_eq!(told.code, Some(1), "{}", told.stderr);
    std::fs::remove_dir_all(&protocols).expect("removed");
    let kinds: Vec<String> = clinic.entries().iter().map(|entry| entry.public.text("kind").to_owned()).collect();
    assert_eq!(kinds, ["answer", "answer", "answer", "refusal"]);
    clinic.replayed("4 identical, 0 with another trace, 0 different, 0 not replayed\n");
}

#[test]
fn a_receipt_stands_by_itself_and_is_replayed_without_the_archive() {
    let clinic = Clinic::new();
    for patient in ["P-1", "P-2", "P-3"] {
        clinic.recommend(TINY, &record(patient, ""), &[]);
    }
    let checkpoint = clinic.run(&["archive", "checkpoint"], "");
    let (kept, receipt) = (clinic.file("checkpoint.txt"), clinic.file("receipt.json"));
    std::fs::write(&kept, &checkpoint.stdout).expect("written");
    assert_eq!(clinic.run(&["archive", "export", "2", "-o", &receipt], "").code, Some(0));
    let text = std::fs::read_to_string(&receipt).expect("a receipt");
    assert!(text.contains("P-2") && !text.contains("P-1") && !text.contains("P-3"));
    let replay = regimen(&["replay", &receipt, "--checkpoint", &kept], "");
    assert_eq!(replay.code, Some(0), "{}", replay.stderr);
    assert!(replay.stdout.contains("identical\n"), "{}", replay.stdout);
    // Another clinic keeps it, and replays it.
    let other = Clinic::new();
    let told = other.run(&["archive", "import", &receipt, "--by", "Dr B"], "");
    assert_eq!((told.code, other.entries().len()), (Some(0), 1), "{}", told.stderr);
    other.replayed("1 identical, 0 with another trace, 0 different, 0 not replayed\n");
    // Once is enough, also where the proof has grown meanwhile.
    clinic.recommend(TINY, &record("P-4", ""), &[]);
    let later = clinic.file("later.json");
    assert_eq!(clinic.run(&["archive", "export", "2", "-o", &later], "").code, Some(0));
    let again = other.run(&["archive", "import", &receipt, &later, "--by", "Dr B"], "");
    assert_eq!((again.code, other.entries().len()), (Some(0), 1), "{}", again.stderr);
    assert_eq!(again.stdout.matches("entry 1: ").count(), 2, "{}", again.stdout);
    assert!(again.stdout.contains("in the archive already"), "{}", again.stdout);
    let unproved = regimen(&["replay", &receipt], "");
    assert!(unproved.code == Some(0) && unproved.stdout.contains("not checked: "), "{}", unproved.stdout);
    assert!(!replay.stdout.contains("not checked"), "{}", replay.stdout);
    std::fs::write(&receipt, text.replace("P-2", "P-4")).expect("written");
    let altered = regimen(&["replay", &receipt], "");
    assert_eq!(altered.code, Some(1));
    assert!(altered.stderr.contains("R805"), "{}", altered.stderr);
    assert_eq!(other.run(&["archive", "import", &receipt, "--by", "Dr B"], "").code, Some(1));
}

/// The same entry with another answer: what somebody would have kept whose engine says something else.
fn with_answer(entry: &Entry, change: impl Fn(&str) -> String) -> Entry {
    let Personal::Kept(salt, frames) = &entry.personal else { panic!("a personal part") };
    let mut changed = Frames::default();
    for (name, content) in frames.iter() {
        match name {
            "answer" => changed.push(name, change(std::str::from_utf8(content).expect("a text"))),
            _ => changed.push(name, content),
        }
    }
    Entry { personal: Personal::Kept(*salt, changed), ..entry.clone() }
}

#[test]
fn what_comes_out_otherwise_is_told_exactly() {
    let clinic = Clinic::new();
    clinic.recommend(TINY, &record("P-1", r#""pregnant": true"#), &[]);
    let archive = clinic.open();
    let entry = archive.entry(1).expect("an entry");
    let texts = archive.texts(&entry.public).expect("texts").expect("texts");
    let mut replayer = Replayer::default();
    let mut replay = |change: &dyn Fn(&str) -> String| replayer.entry(&with_answer(&entry, change), &texts);
    assert_eq!(replay(&|answer| answer.to_owned()), Replay::Identical);
    let other = replay(&|answer| answer.replacen(r#""status":"contraindicated""#, r#""status":"due""#, 1));
    let Replay::Different(all) = other else { panic!("{other:?}") };
    assert_eq!(all.len(), 1);
    assert_eq!(
        (all[0].place.as_str(), all[0].then.as_deref(), all[0].now.as_deref()),
        ("status", Some("\"due\""), Some("\"contraindicated\""))
    );
    let engine = format!(r#""engine":"{}""#, env!("CARGO_PKG_VERSION"));
    assert_eq!(replay(&|answer| answer.replace(&engine, r#""engine":"0.0.1""#)), Replay::Identical);
    let traced = replay(&|answer| {
        let mut json: serde_json::Value = serde_json::from_str(answer).expect("JSON");
        json["trace"]["nodes"][0]["id"] = "another".into();
        json.to_string()
    });
    let Replay::OtherTrace(all) = traced else { panic!("{traced:?}") };
    assert!(all.iter().all(|one| one.place.starts_with("trace.")) && !all.is_empty());
    let mut unknown = Frames::default().with("regimen/entry", "99");
    entry.public.iter().skip(1).for_each(|(name, content)| unknown.push(name, content));
    let unknown = Entry { public: unknown, ..entry.clone() };
    assert_eq!(replayer.entry(&unknown, &texts), Replay::Not(NotReplayed::UnknownFormat("99".into())));
}

#[test]
fn what_people_do_with_an_answer_refers_to_it_and_leaves_it_as_it_is() {
    let clinic = Clinic::new();
    clinic.recommend(TINY, &record("P-1", r#""pregnant": true"#), &[]);
    let before = clinic.entries().remove(0);
    let code = |arguments: &[&str]| {
        let told = clinic.run(arguments, "");
        (told.code, told.stderr)
    };
    assert_eq!(
        code(&["archive", "override", "1", "--reason", "pregnant", "--text", "x"]).0,
        Some(2),
        "nobody answers for it"
    );
    let (unknown, told) = code(&["archive", "override", "1", "--reason", "pregnnt", "--text", "x", "--by", "Dr A"]);
    assert!(unknown == Some(1) && told.contains("R806") && told.contains("`pregnant`"), "{told}");
    let (done, told) = code(&["archive", "override", "1", "--reason", "pregnant", "--text", "x", "--by", "Dr A"]);
    assert!(done == Some(0) && told.contains("allows nobody"), "{told}");
    assert_eq!(code(&["archive", "ignore", "1", "--text", "x", "--by", "Dr A"]).0, Some(0));
    clinic.recommend(TINY, &record("P-1", ""), &[]);
    let other = Clinic::new();
    other.recommend(TINY, &record("P-1", ""), &[]);
    other.recommend(TINY, &record("P-2", ""), &[]);
    other.recommend("protocols/glycolic-peel", &record("P-1", ""), &[]);
    for (see, why) in [("1", "it is that entry"), ("2", "about another patient"), ("3", "of another protocol")] {
        let told = other.run(&["archive", "correct", "1", "--text", "x", "--see", see, "--by", "Dr A"], "");
        assert!(told.code == Some(1) && told.stderr.contains(why), "{see}: {}", told.stderr);
    }
    assert_eq!(other.entries().len(), 3);
    assert_eq!(code(&["archive", "correct", "1", "--text", "x", "--see", "4", "--by", "Dr A"]).0, Some(0));
    assert_eq!(code(&["archive", "annul", "1", "--text", "x", "--by", "Dr A"]).0, Some(0));
    for nothing in ["", "  ", "\u{200b}"] {
        for what in [
            &["override", "1", "--reason", "pregnant", "--text", nothing][..],
            &["ignore", "1", "--text", nothing],
            &["correct", "1", "--text", nothing],
            &["annul", "1", "--text", nothing],
            &["hold", "P-1", "--until", "2099-03-02", "--why", nothing],
            &["erase", "P-1", "--why", nothing],
        ] {
            let (refused, told) = code(&[&["archive"], what, &["--by", "Dr A"]].concat());
            assert!(refused == Some(2) && told.contains("it must say something"), "{what:?}: {told}");
        }
    }
    assert_eq!(code(&["archive", "annul", "2", "--text", "x", "--by", "Dr A"]).0, Some(1), "it is no decision");
    assert_eq!(code(&["archive", "annul", "77", "--text", "x", "--by", "Dr A"]).0, Some(1));
    let entries = clinic.entries();
    assert_eq!(entries[0], before);
    let kinds: Vec<(&str, &str)> =
        entries[1..].iter().map(|entry| (entry.public.text("kind"), entry.public.text("about"))).collect();
    assert_eq!(kinds, [("override", "1"), ("ignored", "1"), ("answer", ""), ("corrected", "1"), ("annulled", "1")]);
    let shown = clinic.run(&["archive", "show", "1"], "").stdout;
    for what in ["override of entry 1", "ignored of entry 1", "corrected of entry 1", "annulled of entry 1", "keloids"]
    {
        assert!(shown.contains(what), "{what}: {shown}");
    }
    let (again, told) = code(&["archive", "annul", "1", "--text", "x", "--by", "Dr A"]);
    assert!(again == Some(0) && told.contains("is void already, as entry 6 says"), "{told}");
    clinic.is_sound();
}

#[test]
fn of_whom_nothing_is_kept_is_told() {
    let clinic = Clinic::new();
    clinic.recommend(TINY, &record("P-0101", ""), &[]);
    let by = ["--by", "Dr A", "--at", AT];
    for (patient, help) in
        [("p0101", Some("`P-0101`")), ("P-101", Some("`P-0101`")), ("P-O1O1", Some("`P-0101`")), ("P-0102", None)]
    {
        for command in [
            &["archive", "list", "--patient", patient][..],
            &["archive", "list", "--format", "json", "--patient", patient],
            &[&["archive", "hold", patient, "--until", "2036-03-02", "--why", "x"], &by[..]].concat(),
            &[&["archive", "erase", patient, "--why", "x"], &by[..]].concat(),
        ] {
            let told = clinic.run(command, "");
            assert!(told.code == Some(1) && told.stderr.contains("R806"), "{command:?}: {}", told.stderr);
            assert_eq!(told.stderr.contains("did you mean"), help.is_some(), "{command:?}: {}", told.stderr);
            assert!(help.is_none_or(|help| told.stderr.contains(help)), "{command:?}: {}", told.stderr);
        }
    }
    let until =
        |day: &str| clinic.run(&[&["archive", "hold", "P-0101", "--until", day, "--why", "x"], &by[..]].concat(), "");
    let today = AT.get(..10).expect("a day");
    for past in ["2020-01-01", today] {
        let told = until(past);
        assert!(told.code == Some(2) && told.stderr.contains("is not after today"), "{}", told.stderr);
    }
    assert_eq!(until("2036-03-02").code, Some(0));
    assert_eq!(clinic.entries().len(), 2);
}

#[test]
fn who_is_held_is_erased_later_and_then_for_good() {
    let clinic = Clinic::new();
    clinic.recommend(TINY, &record("P-1", ""), &[]);
    clinic.recommend(TINY, &record("P-2", ""), &[]);
    let by = ["--by", "Dr A", "--at", AT];
    let all = |arguments: &[&str]| clinic.run(&[arguments, &by].concat(), "");
    assert_eq!(all(&["archive", "hold", "P-1", "--until", "2036-03-02", "--why", "ten years"]).code, Some(0));
    let shorter = all(&["archive", "hold", "P-1", "--until", "2030-01-01", "--why", "five years"]);
    assert!(
        shorter.code == Some(0) && shorter.stdout.contains("still not to be erased before 2036-03-02"),
        "{}",
        shorter.stdout
    );
    let held = all(&["archive", "erase", "P-1", "--why", "asked for"]);
    assert!(held.code == Some(1) && held.stderr.contains("R807"), "{}", held.stderr);
    let later = ["archive", "erase", "P-1", "--why", "asked for", "--by", "Dr A", "--at", "2036-03-02T00:00:00Z"];
    assert_eq!(clinic.run(&later, "").code, Some(0));
    let verified = clinic.run(&["archive", "verify"], "");
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    assert!(verified.stdout.contains("of 3 of them what was personal was erased"), "{}", verified.stdout);
    let list = clinic.run(&["archive", "list"], "").stdout;
    assert!(list.contains("(erased)") && list.contains("P-2") && !list.contains("P-1"), "{list}");
    assert!(!clinic.run(&["archive", "export", "1"], "").stdout.contains("P-1"));
    clinic.replayed("1 identical, 0 with another trace, 0 different, 1 not replayed\n");
}

#[test]
fn a_checkpoint_that_is_signed_tells_by_whom() {
    let clinic = Clinic::new();
    clinic.recommend(TINY, &record("P-1", ""), &[]);
    let (key, kept) = (clinic.file("clinic.key"), clinic.file("checkpoint.txt"));
    let made = regimen(&["archive", "key", &key], "");
    let public = made.stdout.trim().strip_prefix("public key ").expect("a key").to_owned();
    assert_eq!(regimen(&["archive", "key", &key], "").code, Some(3), "a key is not written over");
    let signed = clinic.run(&["archive", "checkpoint", "--key", &key], "").stdout;
    assert!(Checkpoint::read(&signed).expect("a checkpoint").signed.is_some());
    std::fs::write(&kept, &signed).expect("written");
    let verify = |more: &[&str]| clinic.run(&[&["archive", "verify", "--checkpoint", &kept], more].concat(), "");
    let told = verify(&["--public-key", &public]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("the first 1 are those of the checkpoint") && !told.stdout.contains("not checked"));
    assert!(verify(&[]).stdout.contains("whose that is was not checked"));
    assert!(verify(&["--public-key", &"00".repeat(32)]).stderr.contains("R808"));
    std::fs::write(&kept, signed.replace("size 1", "size 2")).expect("written");
    assert!(verify(&[]).stderr.contains("R808"));
    let unchecked = clinic.run(&["archive", "verify"], "");
    assert!(unchecked.stdout.contains("not checked: whether entries are missing at the end"), "{}", unchecked.stdout);
}

#[test]
fn several_processes_write_at_once() {
    let clinic = Clinic::new();
    let lines = |of: usize| (0..25).map(|at| record(&format!("P-{of}-{at}"), "") + "\n").collect::<String>();
    let threads: Vec<_> = (0..4)
        .map(|of| {
            let (archive, lines) = (clinic.archive.clone(), lines(of));
            std::thread::spawn(move || {
                regimen(&["batch", TINY, "--as-of", "2026-03-02", "--archive", &archive], &lines)
            })
        })
        .collect();
    for thread in threads {
        let output = thread.join().expect("a run");
        assert_eq!((output.code, output.stdout.lines().count()), (Some(0), 25), "{}", output.stderr);
    }
    assert_eq!(clinic.entries().len(), 100);
    clinic.is_sound();
}

/// How often something is tried that depends on chance.
fn times(usual: usize) -> usize {
    std::env::var("REGIMEN_KILLS").ok().and_then(|times| times.parse().ok()).unwrap_or(usual)
}

/// Every answer that came out has its entry, and the archive is sound.
fn nothing_is_missing(clinic: &Clinic, printed: &str) {
    clinic.is_sound();
    let archive = clinic.open();
    for line in printed.lines().filter(|line| line.ends_with('}')) {
        let patient = line.split('"').nth(3).expect("a patient");
        assert!(!archive.numbers(Some(patient)).expect("numbers").is_empty(), "{patient} was answered and not kept");
    }
}

#[test]
fn a_process_that_is_killed_leaves_no_answer_without_its_entry() {
    let (files, mut clinic) = (Folder::new(), Clinic::new());
    // Lines that are long make many small transactions.
    let input = files.path().join("records.ndjson").display().to_string();
    let lines: String = (0..80)
        .map(|at| {
            record(&format!("P-{at}"), "").replace("{ \"patient\"", &format!("{{{}\"patient\"", " ".repeat(60_000)))
                + "\n"
        })
        .collect();
    std::fs::write(&input, lines).expect("written");
    let mut cut = 0;
    for at in 0..times(24) {
        // All of an archive is looked at each time.
        if at % 20 == 0 {
            clinic = Clinic::new();
        }
        let output = clinic.file("answers.ndjson");
        let mut batch =
            command(&["batch", TINY, "--as-of", "2026-03-02", "--input", &input, "--archive", &clinic.archive]);
        batch.stdout(std::fs::File::create(&output).expect("a file")).stderr(Stdio::null());
        let mut child = batch.spawn().expect("a process");
        // Spread over the time that a run takes, in an order that looks like none.
        std::thread::sleep(Duration::from_millis((at as u64 * 37) % 300));
        child.kill().expect("killed");
        cut += usize::from(!child.wait().expect("an end").success());
        nothing_is_missing(&clinic, &std::fs::read_to_string(&output).expect("answers"));
    }
    assert!(cut > 0, "every run was at its end before it was killed");
}

#[cfg(unix)]
#[test]
fn a_full_disk_at_any_step_leaves_no_answer_without_its_entry() {
    let clinic = Clinic::new();
    let (mut told, mut refused) = (0, 0);
    for blocks in (0..420).step_by(20) {
        // A file may not grow beyond so many blocks of 512 bytes: as if the disk were full at that step.
        let script = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" recommend {TINY} - --as-of 2026-03-02 --format json --archive \"$1\""
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_regimen"), &clinic.archive]).current_dir(repository());
        let before = clinic.entries().len();
        let output = run(shell, &record(&format!("P-{blocks}"), ""));
        let after = clinic.entries().len();
        match output.code {
            Some(0) => {
                told += 1;
                assert_eq!(after, before + 1);
            }
            code => {
                refused += 1;
                assert_eq!((output.stdout.as_str(), code, after), ("", Some(3), before), "{}", output.stderr);
            }
        }
        clinic.is_sound();
        let script = script.replace("recommend", "batch").replace(" - ", " ").replace(" --format json", "");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_regimen"), &clinic.archive]).current_dir(repository());
        // Of lines as long as these, a few make a transaction.
        let long = format!("{{{}\"patient\"", " ".repeat(100_000));
        let lines = (0..12).map(|at| record(&format!("B-{blocks}-{at}"), "").replace("{ \"patient\"", &long) + "\n");
        let output = run(shell, &lines.collect::<String>());
        assert!([Some(0), Some(3)].contains(&output.code), "{}", output.stderr);
        nothing_is_missing(&clinic, &output.stdout);
    }
    assert!(told > 0 && refused > 0, "{told} told, {refused} refused");
}

/// Receipts that every later version replays.
fn frozen() -> Vec<std::path::PathBuf> {
    let folders = std::fs::read_dir(repository().join("tests/receipts")).expect("a folder").flatten();
    let folders = folders.map(|folder| folder.path()).filter(|path| path.is_dir());
    let mut all: Vec<_> = folders
        .flat_map(|folder| std::fs::read_dir(folder).expect("a folder").flatten().map(|file| file.path()))
        .filter(|file| file.extension().is_some_and(|ending| ending == "json"))
        .collect();
    all.sort();
    all
}

#[test]
fn the_receipts_of_every_version_come_out_again() {
    let all = frozen();
    assert!(all.len() >= 8, "{}", all.len());
    let mut replayer = Replayer::default();
    for path in all {
        let receipt = Receipt::read(&std::fs::read_to_string(&path).expect("a receipt"));
        let receipt = receipt.unwrap_or_else(|found| panic!("{}: {found}", path.display()));
        let came = replayer.receipt(&receipt);
        assert!(matches!(came, Replay::Identical | Replay::OtherTrace(_)), "{}: {came:#?}", path.display());
    }
}

/// Writes the receipts of the version that is being worked on. See tests/receipts/README.md.
#[test]
#[ignore = "writes into the repository"]
fn write_the_receipts_of_the_next_version() {
    let clinic = Clinic::new();
    let folder = repository().join("tests/receipts/next");
    clinic.folder.copy("protocols/facts.toml", "c/facts.toml");
    clinic.folder.copy("protocols/facts.de.toml", "c/facts.de.toml");
    clinic.folder.copy("protocols/hpv/protocol.toml", "c/hpv/protocol.toml");
    let hpv = clinic.file("c/hpv");
    let adult = std::fs::read_to_string(repository().join("protocols/records/healthy-adult.toml")).expect("a record");
    let asked: [(&str, &str, String, &[&str]); 9] = [
        ("nothing-known", TINY, record("P-1", ""), &[]),
        ("contraindicated", TINY, record("P-2", r#""pregnant": true"#), &[]),
        ("numbers", TINY, record("P-3", r#""spots": 1e0, "pregnant": false"#), &[]),
        ("parameter-set", TINY, record("P-4", r#""pregnant": false"#), &["--set", "sunburn_wait=21 days"]),
        ("doubtful", TINY, record("P-5", r#""zzz": 1"#), &[]),
        ("refused", TINY, record("P-6", r#""pregnant": "perhaps""#), &[]),
        ("refused-strictly", TINY, record("P-7", r#""zzz": 1"#), &["--strict"]),
        ("course", &hpv, adult.clone(), &[]),
        ("in-german", &hpv, adult, &["--lang", "de"]),
    ];
    for (at, (name, protocol, given, more)) in asked.iter().enumerate() {
        clinic.recommend(protocol, given, more);
        let path = folder.join(format!("{name}.json"));
        let _ = std::fs::remove_file(&path);
        let number = (at + 1).to_string();
        let told = clinic.run(&["archive", "export", &number, "-o", &path.display().to_string()], "");
        assert_eq!(told.code, Some(0), "{name}: {}", told.stderr);
    }
}

#[test]
fn a_backup_is_the_archive_of_a_moment_and_goes_over_no_file() {
    let folder = Folder::new();
    let (archive, copy) = (folder.path().join("clinic.db"), folder.path().join("copy of clinic.db"));
    let run = |arguments: &[&str]| regimen(arguments, "");
    let (from, to) = (archive.display().to_string(), copy.display().to_string());
    assert_eq!(run(&["archive", "new", &from]).code, Some(0));
    let decide = || {
        let record = "protocols/records/healthy-adult.toml";
        let decided = ["recommend", "protocols/glycolic-peel", record, "--as-of", "2026-03-02", "--archive", &from];
        assert_eq!(run(&decided).code, Some(0));
    };
    decide();
    let root = |file: &str| run(&["archive", "checkpoint", "--archive", file]).stdout;
    let before = root(&from);
    let copied = run(&["archive", "backup", &from, &to]);
    assert_eq!(copied.code, Some(0), "{}", copied.stderr);
    assert!(copied.stdout.contains("1 entry, root "), "{}", copied.stdout);
    assert_eq!(root(&to), before);
    decide();
    assert_eq!(root(&to), before);
    assert_ne!(root(&from), before);
    assert_eq!(run(&["archive", "verify", &to]).code, Some(0));
    for wrong in [&to, &from, "/no/such/folder/copy.db"] {
        let refused = run(&["archive", "backup", &from, wrong]);
        assert!(refused.code != Some(0) && refused.stderr.contains("R815"), "{wrong}: {}", refused.stderr);
    }
    assert_eq!(root(&to), before);
    let names = std::fs::read_dir(folder.path()).expect("read").flatten().map(|one| one.file_name());
    assert!(names.filter(|name| name.to_string_lossy().contains(".new")).count() == 0, "nothing is left beside it");
}
