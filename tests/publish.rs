//! Versions that never change: what `regimen publish` demands and writes, which version answers on a day, and what is disclosed.

#![cfg(feature = "cli")]

#[allow(dead_code, reason = "other tests need the rest")]
mod support;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value as Json;
use support::{Folder, Output, run};

const FACTS: &str = r#"
[facts.date_of_birth]
type = "date"
past = true
ask = "What is your date of birth?"
of = "record"
valid_for = "forever"
source_attribute = "date-of-birth"

[facts.pregnant]
type = "bool"
ask = "Are you pregnant?"
of = "patient"
valid_for = "7 days"
source_attribute = "health-status-assessment"

[facts.hba1c]
type = "decimal"
unit = "%"
range = [3, 20]
ask = "What is the latest HbA1c?"
of = "lab"
valid_for = "90 days"

[facts.race]
type = "text"
ask = "How do you describe yourself?"
of = "patient"
valid_for = "forever"
source_attribute = "race"

[[allow]]
code = "R708"
reason = "They are for other clinics."
"#;

const PROTOCOL: &str = r#"
id = "peel"
title = "Glycolic peel"
version = "1.0.0"
status = "active"
in_force = { from = 2026-01-01 }
review_by = 2028-01-01
owner = "medical lead"
treatment = "peel"

[source_attributes]
developer = "Clinic on the Hill"
uses = ["health-status-assessment"]

[sources.handbook]
title = "Handbook of the clinic"
year = 2025
evidence = "read"

[[contraindication]]
id = "pregnant"
when = 'pregnant'
lasts = "while-true"
reason = "Wait until after the pregnancy."
sources = ["handbook"]

[[contraindication]]
id = "sugar"
when = 'hba1c > 8'
lasts = "while-true"
reason = "Blood sugar is too high."
sources = ["handbook"]
"#;

/// Another protocol of the clinic, which is not published.
const OTHER: &str = r#"
id = "wax"
title = "Waxing"
version = "1.0.0"
status = "active"
in_force = { from = 2026-01-01 }
review_by = 2028-01-01
owner = "medical lead"
treatment = "wax"

[sources.handbook]
title = "Handbook of the clinic"
evidence = "read"

[[contraindication]]
id = "waxing-pregnant"
when = 'pregnant'
lasts = "while-true"
reason = "Wait until after the pregnancy."
sources = ["handbook"]
"#;

const CASES: [(&str, &str, &str); 5] = [
    ("well", "pregnant = false\nhba1c = 5", "due"),
    ("expecting", "pregnant = true\nhba1c = 5", "contraindicated"),
    ("eight", "pregnant = false\nhba1c = 8", "due"),
    ("above-eight", "pregnant = false\nhba1c = 8.1", "contraindicated"),
    ("nothing-known", "", "undetermined"),
];

/// Two records of the shipped clinic.
const RECORDS: [&str; 2] = ["healthy-adult.toml", "minimal.toml"];

struct Clinic(Folder);

impl Clinic {
    fn new() -> Clinic {
        let clinic = Clinic(Folder::new());
        clinic.write("c/facts.toml", FACTS);
        clinic.write("c/peel/protocol.toml", PROTOCOL);
        clinic.write("c/peel/protocol.de.toml", "title = \"Glykolsäurepeeling\"\n");
        for (name, facts, status) in CASES {
            clinic.case(name, facts, status);
        }
        clinic.accept();
        clinic
    }

    fn published() -> Clinic {
        let clinic = Clinic::new();
        clinic.publish(&[]);
        clinic
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        self.0.write(name, text);
    }

    #[track_caller]
    fn read(&self, name: &str) -> String {
        self.0.read(name)
    }

    #[track_caller]
    fn replace(&self, name: &str, old: &str, new: &str) {
        let text = self.read(name);
        assert!(text.contains(old), "{name} has no {old}");
        self.write(name, &text.replace(old, new));
    }

    fn case(&self, name: &str, facts: &str, status: &str) {
        self.0.case("c/peel", name, facts, status);
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, "")
    }

    fn run_with(&self, arguments: &[&str], stdin: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
        command.current_dir(self.0.path()).args(arguments).env("NO_COLOR", "1").env_remove("REGIMEN_ARCHIVE");
        run(command, stdin)
    }

    #[track_caller]
    fn accept(&self) {
        let accepted = self.run(&["test", "c/peel", "--accept", "--answers"]);
        assert_eq!(accepted.code, Some(0), "{}{}", accepted.stdout, accepted.stderr);
    }

    fn try_to_publish(&self, more: &[&str]) -> Output {
        let usual = ["publish", "c/peel", "--by", "Dr. A. Huber"];
        let day: &[&str] = if more.contains(&"--as-of") { &[] } else { &["--as-of", "2026-03-01"] };
        self.run(&[&usual[..], day, more].concat())
    }

    #[track_caller]
    fn publish(&self, more: &[&str]) {
        let told = self.try_to_publish(more);
        assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    }

    /// Nothing is published, and it is said why.
    #[track_caller]
    fn refused(&self, more: &[&str], why: &[&str]) {
        let before = self.all_texts();
        let told = self.try_to_publish(more);
        assert_eq!(told.code, Some(1), "{}{}", told.stdout, told.stderr);
        for why in why {
            assert!(told.stderr.contains(why) || told.stdout.contains(why), "{why}: {}{}", told.stdout, told.stderr);
        }
        assert_eq!(self.all_texts(), before);
    }

    /// Every text below `published`, with its name.
    fn all_texts(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let mut todo = vec![self.path("c/peel/published")];
        while let Some(folder) = todo.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
                match entry.path().is_dir() {
                    true => todo.push(entry.path()),
                    false => {
                        let name = entry.path().strip_prefix(self.0.path()).expect("within").display().to_string();
                        all.push((name.clone(), self.read(&name)));
                    }
                }
            }
        }
        all.sort();
        all
    }

    fn record(&self, facts: &str) {
        self.record_of("2026-01-02", facts);
    }

    fn record_of(&self, day: &str, facts: &str) {
        let text = format!("{{\"patient\":\"P-1\",\"recorded\":\"{day}\",\"sessions\":[],\"facts\":{{{facts}}}}}\n");
        self.write("r.json", &text);
    }

    /// The answer of the protocol, in the format of JSON.
    #[track_caller]
    fn answer(&self, day: &str, more: &[&str]) -> Json {
        let usual = ["recommend", "c/peel", "r.json", "--as-of", day, "--format", "json"];
        let told = self.run(&[&usual[..], more].concat());
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        serde_json::from_str(&told.stdout).expect("JSON")
    }

    /// No command answers on a day, and each says why.
    #[track_caller]
    fn nobody_answers(&self, day: &str, code: &str) {
        for command in ["recommend", "when", "handout"] {
            let told = self.run(&[command, "c/peel", "r.json", "--as-of", day]);
            assert_eq!(told.code, Some(1), "{command}: {}", told.stdout);
            assert!(told.stderr.contains(code) && told.stdout.is_empty(), "{command}: {}{}", told.stdout, told.stderr);
        }
        let told = self.run(&["plan", "c", "r.json", "--as-of", day]);
        assert!(told.stderr.contains(code), "plan: {}{}", told.stdout, told.stderr);
        let told = self.run_with(&["batch", "c/peel", "--as-of", day], &self.read("r.json"));
        assert!(told.stderr.contains(code) && told.stdout.is_empty(), "batch: {}{}", told.stdout, told.stderr);
        let told = self.run(&["ask", "c/peel", "P-2.toml", "--patient", "P-2", "--as-of", day]);
        assert!(told.code == Some(1) && told.stderr.contains(code), "ask: {}{}", told.stdout, told.stderr);
    }
}

fn told(output: &Output) -> String {
    format!("{}{}", output.stdout, output.stderr)
}

#[test]
fn a_published_version_answers_and_the_file_does_only_as_a_draft() {
    let clinic = Clinic::new();
    clinic.record(r#""pregnant": false, "hba1c": 8.5"#);
    let before = clinic.answer("2026-01-02", &[]);
    assert_eq!(before["provenance"]["edition"], "unpublished");
    clinic.publish(&["--why", "approved"]);
    for name in ["protocol.toml", "protocol.de.toml"] {
        assert_eq!(clinic.read(&format!("c/peel/published/1.0.0/{name}")), clinic.read(&format!("c/peel/{name}")));
    }
    assert_eq!(clinic.read("c/peel/published/1.0.0/facts.toml"), FACTS);
    let index = clinic.read("c/peel/published/index.toml");
    for line in [
        "version = \"1.0.0\"\nfrom = 2026-01-01\non = 2026-03-01\nby = \"Dr. A. Huber\"\nwhy = \"approved\"\n",
        "cases = 5",
        "survived = 0",
    ] {
        assert!(index.contains(line), "{line}: {index}");
    }
    clinic.replace("c/peel/protocol.toml", "hba1c > 8", "hba1c > 9");
    let answer = clinic.answer("2026-01-02", &[]);
    assert_eq!(answer["status"], "contraindicated");
    let provenance = &answer["provenance"];
    assert_eq!(provenance["edition"], "published");
    assert_eq!(
        (&provenance["published_by"], &provenance["published_on"]),
        (&"Dr. A. Huber".into(), &"2026-03-01".into())
    );
    assert_eq!(provenance["protocol_sha256"], before["provenance"]["protocol_sha256"]);
    let draft = clinic.answer("2026-01-02", &["--draft"]);
    assert_eq!((&draft["status"], &draft["protocol_status"]), (&"due".into(), &"draft".into()));
    assert_eq!(draft["provenance"]["edition"], "draft");
    let published = "published 1.0.0 by Dr. A. Huber on 2026-03-01";
    let commands: [(&[&str], &str); 6] = [
        (&["recommend", "c/peel", "r.json"], published),
        (&["recommend", "c/peel", "r.json", "--full"], published),
        (&["recommend", "c/peel", "r.json", "--format", "markdown"], published),
        (&["when", "c/peel", "r.json"], published),
        (&["when", "c/peel", "r.json", "--format", "json"], published),
        (&["plan", "c", "r.json", "--format", "json"], published),
    ];
    for (command, published) in commands {
        let day = ["--as-of", "2026-01-02"];
        let answer = clinic.run(&[command, &day].concat());
        assert!(answer.code == Some(0) && answer.stdout.contains(published), "{command:?}: {}", told(&answer));
        let draft = clinic.run(&[command, &day, &["--draft"]].concat());
        let is_marked = draft.stdout.contains("DRAFT") || draft.stdout.contains("\"protocol_status\": \"draft\"");
        assert!(
            draft.code == Some(0) && is_marked && !draft.stdout.contains(published),
            "{command:?}: {}",
            told(&draft)
        );
    }
    let line = clinic.read("r.json");
    let answered = clinic.run_with(&["batch", "c/peel", "--as-of", "2026-01-02"], &line).stdout;
    let by = r#""version":"1.0.0","edition":"published","published_by":"Dr. A. Huber","published_on":"2026-03-01""#;
    assert!(answered.contains(by) && answered.contains("contraindicated"), "{answered}");
    let draft = clinic.run_with(&["batch", "c/peel", "--draft", "--as-of", "2026-01-02"], &line).stdout;
    assert!(draft.contains(r#""edition":"draft","protocol_status":"draft""#), "{draft}");
    let handout = clinic.run(&["handout", "c/peel", "r.json", "--draft", "--as-of", "2026-01-02"]);
    assert!(handout.code == Some(0) && handout.stdout.to_lowercase().contains("draft"), "{}", told(&handout));
    // The file is what is tested, as if nothing were published.
    clinic.replace("c/peel/cases/above-eight.toml", "8.1", "9.1");
    let tested = clinic.run(&["test", "c/peel"]);
    assert!(!tested.stdout.contains("a draft") && tested.stderr.contains("4 passed"), "{}", told(&tested));
}

#[test]
fn each_day_has_its_version_and_an_ended_one_answers_no_more() {
    let clinic = Clinic::published();
    clinic.record_of("2026-03-08", r#""pregnant": false, "hba1c": 8.05"#);
    clinic.replace("c/peel/protocol.toml", "1.0.0", "1.1.0");
    clinic.replace("c/peel/protocol.toml", "hba1c > 8'", "hba1c > 8.1'");
    clinic.replace("c/peel/cases/above-eight.toml", "8.1", "8.2");
    clinic.replace("c/peel/cases/eight.toml", "hba1c = 8", "hba1c = 8.1");
    clinic.accept();
    let first = clinic.all_texts();
    clinic.refused(&[], &["R841", "not after 1.0.0"]);
    clinic.refused(&["--from", "2026-02-01"], &["R841", "has answered for days since then"]);
    clinic.publish(&["--from", "2026-03-10"]);
    for (name, text) in &first {
        let now = clinic.read(name);
        assert!(if name.ends_with("index.toml") { now.starts_with(text.trim_end()) } else { now == *text }, "{name}");
    }
    let on = |day: &str| {
        let answer = clinic.answer(day, &[]);
        let text = |value: &Json| value.as_str().expect("a text").to_owned();
        (text(&answer["provenance"]["version"]), text(&answer["status"]))
    };
    assert_eq!(on("2026-03-09"), ("1.0.0".into(), "contraindicated".into()));
    assert_eq!(on("2026-03-10"), ("1.1.0".into(), "due".into()));
    // What lies ahead is looked at until another version begins.
    let ahead = clinic.run(&["when", "c/peel", "r.json", "--as-of", "2026-03-08", "--format", "json"]).stdout;
    assert!(ahead.contains("\"until\": \"2026-03-09\""), "{ahead}");
    clinic.nobody_answers("2025-12-31", "R502");
    clinic.replace("c/peel/published/index.toml", "from = 2026-03-10\n", "from = 2026-03-10\nuntil = 2026-03-20\n");
    assert_eq!(on("2026-03-20").0, "1.1.0");
    clinic.nobody_answers("2026-03-21", "R502");
    let told = clinic.run(&["recommend", "c/peel", "r.json", "--as-of", "2026-03-21"]);
    assert!(
        told.stderr.contains("published/index.toml:1") && told.stderr.contains("until = 2026-03-20"),
        "{}",
        told.stderr
    );
    // A clinic that keeps nothing but what is published answers all the same.
    std::fs::remove_file(clinic.path("c/peel/protocol.toml")).expect("it is there");
    assert_eq!(on("2026-03-09").0, "1.0.0");
}

#[test]
fn a_file_of_another_meaning_needs_another_number() {
    let clinic = Clinic::published();
    let checked = |old: &str, new: &str| {
        clinic.write("c/peel/protocol.toml", &PROTOCOL.replace(old, new));
        assert_ne!(PROTOCOL.replace(old, new), PROTOCOL);
        clinic.run(&["check", "c/peel", "--strict", "--as-of", "2026-03-02"])
    };
    for (old, new) in [
        ("[[contraind", "# Why\n[[contraind"),
        ("id = \"sugar\"", "id    =   \"sugar\""),
        ("when = 'pregnant'\nlasts = \"while-true\"", "lasts = \"while-true\"\nwhen = 'pregnant'"),
    ] {
        let found = checked(old, new);
        assert_eq!(found.code, Some(0), "{new}: {}", told(&found));
    }
    let cases = [
        ("too high", "much too high", "R835", "version 1.0.1 (patch"),
        ("review_by = 2028-01-01", "review_by = 2028-02-01", "R835", "protocol `review_by`"),
        ("status = \"active\"", "status = \"draft\"", "R835", "protocol `status`"),
        ("hba1c > 8", "hba1c > 7", "R835", "version 1.1.0 (minor"),
        ("version = \"1.0.0\"", "version = \"0.9.0\"", "R836", "below the published 1.0.0"),
    ];
    for (old, new, code, help) in cases {
        let found = checked(old, new);
        assert!(
            found.code == Some(1) && found.stdout.contains(code) && found.stdout.contains(help),
            "{new}: {}",
            told(&found)
        );
    }
    clinic.write("c/peel/protocol.toml", &PROTOCOL.replace("hba1c > 8", "hba1c > 7").replace("1.0.0", "1.0.1"));
    let found = clinic.run(&["check", "c/peel", "--as-of", "2026-03-02"]);
    assert!(found.stdout.contains("R836") && found.stdout.contains("1.1.0"), "{}", told(&found));
    clinic.write("c/peel/protocol.toml", &PROTOCOL.replace("too high", "much too high").replace("1.0.0", "1.0.1"));
    let found = clinic.run(&["check", "c/peel", "--as-of", "2026-03-02"]);
    assert_eq!(found.code, Some(0), "{}", told(&found));
    // The dictionary counts where it changes what the protocol reads, and its texts do not.
    clinic.write("c/peel/protocol.toml", PROTOCOL);
    clinic.replace("c/facts.toml", "Are you pregnant?", "Are you pregnant now?");
    let found = clinic.run(&["check", "c/peel", "--as-of", "2026-03-02"]);
    assert_eq!(found.code, Some(0), "{}", told(&found));
    clinic.replace("c/facts.toml", "90 days", "60 days");
    let found = clinic.run(&["check", "c/peel", "--as-of", "2026-03-02"]);
    assert!(found.stdout.contains("R835") && found.stdout.contains("fact `hba1c`"), "{}", told(&found));
}

#[test]
fn a_version_is_read_with_its_own_dictionary() {
    let clinic = Clinic::published();
    clinic.write("c/wax/protocol.toml", OTHER);
    clinic.record(r#""pregnant": false, "hba1c": 8.5"#);
    // For how long an answer may be used is a part of what was published.
    clinic.replace("c/facts.toml", "90 days", "7 days");
    assert_eq!(clinic.answer("2026-01-09", &[])["status"], "contraindicated", "an HbA1c of 7 January");
    clinic.replace("c/facts.toml", "valid_for = \"7 days\"\n\n[facts.race]", "valid_for = \"1 days\"\n\n[facts.race]");
    assert_eq!(clinic.answer("2026-01-09", &[])["status"], "contraindicated");
    // What it does not read may change, and records may hold what is new.
    clinic.replace("c/facts.toml", "[facts.race]\ntype = \"text\"", "[facts.race]\ntype = \"bool\"");
    clinic.replace("c/facts.toml", "[[allow]]", "[facts.smoker]\ntype = \"bool\"\nask = \"Do you smoke?\"\nof = \"patient\"\nvalid_for = \"forever\"\n\n[[allow]]");
    clinic.record(r#""pregnant": false, "hba1c": 8.5, "race": true, "smoker": true"#);
    let answer = clinic.answer("2026-01-09", &[]);
    assert_eq!(answer["doubts"], Json::Array(Vec::new()));
    let batch = clinic.run_with(&["batch", "c", "--as-of", "2026-01-09"], &clinic.read("r.json")).stdout;
    assert!(
        batch.contains("contraindicated") && batch.contains("\"protocol\":\"wax\"") && !batch.contains("doubts"),
        "{batch}"
    );
    let planned = clinic.run(&["plan", "c", "r.json", "--as-of", "2026-01-09"]);
    assert!(planned.stdout.contains("Waxing") && planned.stdout.contains("peel"), "{}", told(&planned));
    let asked = clinic.run_with(&["ask", "c", "P-2.toml", "--patient", "P-2", "--as-of", "2026-01-09"], "no\n9\n");
    let by = "Glycolic peel 1.0.0 (published 1.0.0 by Dr. A. Huber on 2026-03-01) · as of 2026-01-09";
    assert!(asked.stdout.contains("contraindicated") && asked.stdout.contains(by), "{}", told(&asked));
    for (old, new, how) in [
        ("type = \"decimal\"", "type = \"integer\"", "another type"),
        ("unit = \"%\"", "unit = \"mmol/mol\"", "another unit"),
        ("range = [3, 20]", "range = [3, 25]", "another range"),
        ("[facts.hba1c]", "[facts.hba1c_ifcc]", "no place"),
    ] {
        let facts = clinic.read("c/facts.toml");
        clinic.replace("c/facts.toml", old, new);
        clinic.record(r#""pregnant": false"#);
        clinic.nobody_answers("2026-01-09", "R840");
        let all = clinic.run(&["recommend", "c", "r.json", "--as-of", "2026-01-09"]);
        assert!(all.stderr.contains(how) && all.stdout.contains("Waxing"), "{}", told(&all));
        let checked = clinic.run(&["check", "c/peel", "--as-of", "2026-03-02"]);
        // Of a fact that is gone, the file itself has something to say first.
        let is_told = checked.stdout.contains("R840") || how == "no place";
        assert!(checked.code == Some(1) && is_told, "{}", told(&checked));
        clinic.write("c/facts.toml", &facts);
    }
}

#[test]
fn nothing_is_published_while_the_version_in_force_cannot_read_its_facts() {
    let clinic = Clinic::published();
    clinic.replace("c/facts.toml", "range = [3, 20]", "range = [3, 25]");
    clinic.replace("c/peel/protocol.toml", "1.0.0", "2.0.0");
    clinic.accept();
    clinic.refused(&["--from", "2026-03-10"], &["R840", "another range"]);
    // One that takes its place on the day is what is wanted.
    clinic.publish(&["--from", "2026-03-01"]);
    clinic.record_of("2026-03-01", r#""pregnant": false, "hba1c": 22"#);
    assert_eq!(clinic.answer("2026-03-01", &[])["provenance"]["version"], "2.0.0");
    clinic.nobody_answers("2026-02-28", "R840");
}

#[test]
fn texts_and_indexes_that_were_tampered_with_give_no_answer() {
    let clinic = Clinic::published();
    clinic.record(r#""pregnant": false, "hba1c": 8.5"#);
    let both = |code: &str, why: &str| {
        for told_by in
            [clinic.run(&["recommend", "c/peel", "r.json", "--as-of", "2026-01-02"]), clinic.run(&["check", "c/peel"])]
        {
            assert_eq!(told_by.code, Some(1), "{}", told(&told_by));
            assert!(told(&told_by).contains(code) && told(&told_by).contains(why), "{why}: {}", told(&told_by));
        }
    };
    for name in ["protocol.toml", "facts.toml", "protocol.de.toml"] {
        let path = format!("c/peel/published/1.0.0/{name}");
        let text = clinic.read(&path);
        clinic.write(&path, &(text.clone() + "# a comment\n"));
        both("R837", "was changed after it was published");
        std::fs::remove_file(clinic.path(&path)).expect("it is there");
        both("R837", "there is no such file");
        clinic.write(&path, &text);
    }
    clinic.write("c/peel/published/1.0.0/facts.de.toml", "");
    let german = clinic.run(&["recommend", "c/peel", "r.json", "--as-of", "2026-01-02", "--lang", "de"]);
    assert!(german.stderr.contains("was put there after it was published"), "{}", german.stderr);
    let index = clinic.read("c/peel/published/index.toml");
    let again = index.split_once("[[published]]").expect("an entry").1;
    for (text, why) in [
        (index.replace("from = 2026-01-01", "from = 2026-01-01\nuntil = 2025-12-31"), "it ends before it begins"),
        (format!("{index}\n[[published]]{again}"), "is not after that of the version before it"),
        (index.replace("version = \"1.0.0\"", "version = \"one\""), "`one` is not a version"),
        (index.replace("\"facts.toml\" = \"", "\"facts.toml\" = \"x"), "is not a SHA-256"),
        (index.replace("\"facts.toml\"", "\"../facts.toml\""), "is not the name of a text"),
        (index.split_once("[[published]]").expect("an entry").0.to_owned() + "published = []\n", "there is no version"),
    ] {
        clinic.write("c/peel/published/index.toml", &text);
        both("R838", why);
    }
    clinic.write("c/peel/published/index.toml", &index);
    for path in ["c/peel/published", "c/peel/published/1.0.0", "c/peel/published/1.0.0/protocol.toml"] {
        let told = clinic.run(&["recommend", path, "r.json", "--as-of", "2026-01-02"]);
        assert!(told.code == Some(1) && told.stderr.contains("R839"), "{path}: {}", told.stderr);
    }
    let shown = clinic.run(&["show", "c/peel/published/1.0.0"]);
    assert!(shown.code == Some(0) && shown.stdout.contains("Glycolic peel"), "{}", told(&shown));
    // Nor is any of it written over.
    for path in ["c/peel/published/1.0.0/facts.toml", "c/peel/published/index.toml"] {
        let day = ["--as-of", "2026-01-02"];
        let batch = clinic.run_with(&[&["batch", "c/peel", "-o", path][..], &day].concat(), &clinic.read("r.json"));
        assert!(batch.code == Some(2) && batch.stderr.contains("written over it"), "{}", told(&batch));
    }
    // What lies beside it is told, and is no part of it.
    let beside = clinic.run(&["check", "c/peel", "--as-of", "2026-03-02"]);
    assert!(beside.code == Some(0) && beside.stdout.contains("R746"), "{}", told(&beside));
    std::fs::remove_file(clinic.path("c/peel/published/1.0.0/facts.de.toml")).expect("it lies there");
    for (old, new) in [
        ("by = \"", "by = \"Not "),
        ("from = 2026-01-01", "from = 2025-12-01"),
        ("survived = 0", "survived = 1"),
        ("cases = 5", "cases = 500"),
        ("on = 2026-03-01", "on = 2026-02-01"),
        ("on = 2026-03-01", "on = 2026-03-01\nwhy = \"as we like\""),
    ] {
        assert!(index.contains(old), "{old}: {index}");
        clinic.write("c/peel/published/index.toml", &index.replacen(old, new, 1));
        both("R837", "the entry of version 1.0.0 was changed after it was published");
    }
    // How it is laid out is nothing, and it is ended by hand.
    let same = index.replacen("from = 2026-01-01", "until = 2027-12-31\nfrom   =   2026-01-01 # soon", 1);
    assert_ne!(same, index);
    // What an earlier version of regimen wrote has no mark.
    let lines: Vec<&str> = index.lines().filter(|line| !line.starts_with("entry_sha256")).collect();
    let unbound = lines.join("\n") + "\n";
    assert_ne!(unbound, index);
    for (text, is_bound) in [(same, true), (unbound, false)] {
        clinic.write("c/peel/published/index.toml", &text);
        assert_eq!(clinic.answer("2026-01-02", &[])["provenance"]["edition"], "published");
        let checked = clinic.run(&["check", "c/peel", "--strict", "--as-of", "2026-03-02"]);
        assert_eq!((checked.code, checked.stdout.contains("R845")), (Some(0), !is_bound), "{}", told(&checked));
    }
    clinic.write("c/peel/published/index.toml", &index);
    // The versions are no protocols of the clinic.
    let all = clinic.run(&["recommend", "c", "r.json", "--as-of", "2026-01-02", "--format", "json"]).stdout;
    assert_eq!(all.matches("\"regimen/recommendation/1\"").count(), 1, "{all}");
}

#[test]
fn versions_that_lost_their_index_or_their_name_are_not_answered_by_the_file() {
    let clinic = Clinic::published();
    clinic.record(r#""pregnant": false, "hba1c": 8.5"#);
    clinic.write("c/wax/protocol.toml", OTHER);
    let index = clinic.read("c/peel/published/index.toml");
    let refused = |why: &str| {
        let asked = clinic.run(&["recommend", "c/peel", "r.json", "--as-of", "2026-01-02"]);
        assert!(asked.code == Some(1) && asked.stderr.contains("R838"), "{why}: {}", told(&asked));
        assert!(asked.stderr.contains(why), "{why}: {}", told(&asked));
        let batch = clinic.run_with(&["batch", "c/peel", "--as-of", "2026-01-02"], &clinic.read("r.json"));
        assert!(batch.code != Some(0) && told(&batch).contains("R838"), "{why}: {}", told(&batch));
        let draft = clinic.run(&["recommend", "c/peel", "r.json", "--as-of", "2026-01-02", "--draft"]);
        assert_eq!(draft.code, Some(0), "{why}: {}", told(&draft));
        // The other protocols of the clinic answer.
        let all = clinic.run(&["recommend", "c", "r.json", "--as-of", "2026-01-02"]);
        assert!(all.stdout.contains("Waxing") && told(&all).contains("R838"), "{why}: {}", told(&all));
    };
    std::fs::remove_file(clinic.path("c/peel/published/index.toml")).expect("it is there");
    refused("holds published versions, and no `index.toml`");
    // It would be published over what is there.
    clinic.refused(&[], &["R746"]);
    clinic.write("c/peel/published/index.toml", &index);
    std::fs::rename(clinic.path("c/peel/published"), clinic.path("c/peel/Published")).expect("it is renamed");
    if !clinic.path("c/peel/published").exists() {
        refused("is not called `published`");
    }
}

#[test]
fn what_the_index_does_not_name_is_told() {
    let clinic = Clinic::published();
    let told_of = |name: &str| {
        let checked = clinic.run(&["check", "c", "--as-of", "2026-01-02"]);
        checked.stdout.lines().any(|line| line.contains("R746") && line.contains(name))
    };
    assert!(!told_of("published"));
    clinic.write("c/peel/published/1.0.0/protocol.fr.toml", "");
    clinic.write("c/peel/published/0.9.0/protocol.toml", PROTOCOL);
    clinic.write("c/peel/published/notes/why.txt", "");
    assert!(told_of("published/1.0.0/protocol.fr.toml") && told_of("published/0.9.0") && !told_of("notes"));
}

#[test]
fn nothing_is_published_before_it_has_passed() {
    let clinic = Clinic::new();
    let with = |old: &str, new: &str, more: &[&str], why: &[&str]| {
        clinic.replace("c/peel/protocol.toml", old, new);
        clinic.refused(more, why);
        clinic.write("c/peel/protocol.toml", PROTOCOL);
    };
    with("\"active\"", "\"draft\"", &[], &["R841", "when it is active"]);
    with("2028-01-01", "2026-02-01", &[], &["R712"]);
    with("'pregnant'", "'pregnent'", &[], &["did you mean `pregnant`"]);
    with("hba1c > 8", "hba1c > 9", &[], &["FAILED", "above-eight"]);
    clinic.refused(&["--accept-survivors", "none"], &["R841", "no change survives"]);
    std::fs::remove_file(clinic.path("c/peel/cases/expecting.toml")).expect("it is there");
    clinic.refused(&[], &["R841", "contraindication pregnant is never true"]);
    clinic.case("expecting", "pregnant = true\nhba1c = 5", "contraindicated");
    clinic.case("eight", "pregnant = false\nhba1c = 7", "due");
    clinic.accept();
    clinic.refused(&[], &["R841", "no case notices if something else stood here", "contraindication sugar"]);
    clinic.publish(&["--accept-survivors", "8 and 7.9 are the same to us"]);
    let index = clinic.read("c/peel/published/index.toml");
    assert!(index.contains("survivors_accepted = \"8 and 7.9 are the same to us\""), "{index}");
    clinic.refused(&[], &["R841", "is published already"]);
    clinic.write("alone.toml", PROTOCOL);
    let alone = clinic.run(&["publish", "alone.toml", "--by", "N", "--as-of", "2026-03-01"]);
    assert!(alone.code == Some(1), "{}", told(&alone));
    for wrong in [
        &["publish", "c/peel"][..],
        &["publish", "c/peel", "--by", " "],
        &["publish", "c/peel", "--by", "N", "--from", "soon"],
    ] {
        assert_eq!(clinic.run(wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn what_a_broken_off_run_left_is_no_version() {
    let clinic = Clinic::new();
    clinic.record(r#""pregnant": false, "hba1c": 8.5"#);
    // The folder was put in its place, and the index was not written.
    clinic.write("c/peel/published/1.0.0/protocol.toml", "half");
    clinic.write("c/peel/published/.1.0.0.1.new/protocol.toml", "half");
    assert_eq!(clinic.answer("2026-01-02", &[])["provenance"]["edition"], "unpublished");
    clinic.publish(&[]);
    assert_eq!(clinic.answer("2026-01-02", &[])["provenance"]["edition"], "published");
    assert_eq!(clinic.read("c/peel/published/1.0.0/protocol.toml"), PROTOCOL);
}

#[cfg(unix)]
#[test]
fn a_run_that_is_killed_leaves_the_old_or_the_new() {
    let clinic = Clinic::new();
    clinic.record(r#""pregnant": false, "hba1c": 8.5"#);
    let mut published = 0;
    for round in 0..12 {
        let _ = std::fs::remove_dir_all(clinic.path("c/peel/published"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
        let arguments = ["publish", "c/peel", "--by", "N", "--as-of", "2026-03-01"];
        command.current_dir(clinic.0.path()).args(arguments);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = command.spawn().expect("it runs");
        std::thread::sleep(std::time::Duration::from_millis(10 + 40 * round));
        let _ = child.kill();
        child.wait().expect("it ends");
        match clinic.answer("2026-01-02", &[])["provenance"]["edition"].as_str() {
            Some("published") => published += 1,
            Some("unpublished") => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(clinic.run(&["check", "c/peel", "--as-of", "2026-03-01"]).code, Some(0));
    }
    assert!(published < 12);
}

#[test]
fn decisions_are_replayed_by_the_version_that_made_them() {
    let clinic = Clinic::published();
    clinic.write("c/wax/protocol.toml", OTHER);
    clinic.record_of("2026-03-08", r#""pregnant": false, "hba1c": 8.05"#);
    clinic.run(&["archive", "new", "a.db"]);
    let keep = ["--archive", "a.db", "--as-of", "2026-03-10"];
    let ask = |more: &[&str]| {
        let told_by = clinic.run(&[&["recommend", "c/peel", "r.json"], &keep[..], more].concat());
        assert_eq!(told_by.code, Some(0), "{}", told(&told_by));
    };
    ask(&[]);
    ask(&["--draft"]);
    ask(&["--lang", "de"]);
    let batch = clinic.run_with(&[&["batch", "c"], &keep[..]].concat(), &clinic.read("r.json"));
    assert_eq!(batch.code, Some(0), "{}", told(&batch));
    clinic.replace("c/peel/protocol.toml", "1.0.0", "1.1.0");
    clinic.replace("c/peel/protocol.toml", "hba1c > 8'", "hba1c > 8.1'");
    clinic.replace("c/peel/cases/above-eight.toml", "8.1", "8.2");
    clinic.replace("c/peel/cases/eight.toml", "hba1c = 8", "hba1c = 8.1");
    clinic.accept();
    clinic.publish(&["--from", "2026-03-05"]);
    assert_eq!(clinic.answer("2026-03-10", &[])["status"], "due");
    ask(&[]);
    let replayed = clinic.run(&["replay", "--archive", "a.db"]);
    assert_eq!(replayed.code, Some(0), "{}", told(&replayed));
    let list = clinic.run(&["archive", "list", "--archive", "a.db"]).stdout;
    assert!(list.contains("1.0.0") && list.contains("1.1.0"), "{list}");
}

#[test]
fn what_is_read_about_a_person_is_computed() {
    let clinic = Clinic::published();
    let page = clinic.run(&["show", "c/peel", "--source-attributes", "--mutate"]);
    assert_eq!(page.code, Some(0), "{}", page.stderr);
    for line in [
        "| 1 | Bibliographic citation of the intervention | [handbook] Handbook of the clinic (2025) |",
        "| 2 | Developer of the intervention | Clinic on the Hill |",
        "intervention's development | ………………………………",
        "1.0.0 published on 2026-03-01 by Dr. A. Huber, in force from 2026-01-01",
        "| 5 | Use of race | no: nothing reads `race` |",
        "| 10 | Use of sex | not told: no fact of the dictionary is declared as it |",
        "| 11 | Use of date of birth | no: nothing reads `date_of_birth` |",
        "| 13 | Use of health status assessments data | yes: `pregnant`: contraindication pregnant |",
        "| contraindication sugar (line 28) | [handbook] | 1: above-eight | 5 of 5 |",
    ] {
        assert!(page.stdout.contains(line), "{line}\n{}", page.stdout);
    }
    let without = clinic.run(&["show", "c/peel", "--source-attributes"]).stdout;
    assert!(without.contains("| contraindication pregnant (line 21) | [handbook] | 1: expecting |\n"), "{without}");
    for (uses, why) in [
        ("[]", "`uses` does not name `health-status-assessment`, and the protocol reads `pregnant`"),
        ("[\"health-status-assessment\", \"sex\"]", "`uses` names `sex`, and the protocol reads no fact of that kind"),
    ] {
        let text = PROTOCOL.replace("[\"health-status-assessment\"]", uses);
        clinic.write("c/peel/protocol.toml", &text);
        let found = clinic.run(&["check", "c/peel"]);
        assert!(
            found.code == Some(1) && found.stdout.contains("R842") && found.stdout.contains(why),
            "{}",
            told(&found)
        );
    }
    // By a definition, and by the age.
    let text = PROTOCOL.replace("'pregnant'", "'young && pregnant'").replace("uses = [", "uses = [\"date-of-birth\", ");
    clinic.write(
        "c/peel/protocol.toml",
        &text.replace("[sources.handbook]", "[definitions]\nyoung = 'age < 60'\n\n[sources.handbook]"),
    );
    let page = clinic.run(&["show", "c/peel", "--source-attributes"]).stdout;
    assert!(page.contains("| 11 | Use of date of birth | yes: `date_of_birth`: contraindication pregnant |"), "{page}");
}

/// The shipped clinic with every protocol published, by an index that is written here.
fn all_published(clinic: &Clinic) {
    use sha2::{Digest, Sha256};
    let hash =
        |text: &str| Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for entry in std::fs::read_dir(clinic.path("c")).expect("a folder").filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.path().join("protocol.toml").is_file() {
            continue;
        }
        let texts = [("protocol.toml", format!("c/{name}/protocol.toml")), ("facts.toml", "c/facts.toml".to_owned())];
        let files = texts.map(|(file, from)| {
            let text = clinic.read(&from);
            clinic.write(&format!("c/{name}/published/1.0.0/{file}"), &text);
            format!("\"{file}\" = \"{}\"", hash(&text))
        });
        let passed = "engine = \"0\", cases = 1, cases_sha256 = \"0\", outcomes = 1, covered = 1, mutants = 1, killed = 1, survived = 0, equivalent = 0, undecided = 0";
        let head = "[[published]]\nversion = \"1.0.0\"\nfrom = 2026-01-01\non = 2026-01-01\nby = \"N\"";
        let index = format!("{head}\nfiles = {{ {} }}\npassed = {{ {passed} }}\n", files.join(", "));
        clinic.write(&format!("c/{name}/published/index.toml"), &index);
    }
}

#[test]
fn whatever_is_published_answers_as_its_file_did() {
    let clinic = Clinic(Folder::new());
    clinic.0.copy("protocols", "c");
    let answers = || -> Vec<Json> {
        let of = |record: &str| {
            let record = format!("c/records/{record}");
            let asked = ["recommend", "c", &record, "--as-of", "2026-03-02", "--format", "json", "--explain", "full"];
            let told_by = clinic.run(&asked);
            assert_eq!(told_by.code, Some(0), "{record}: {}", told_by.stderr);
            let mut answers: Vec<Json> = serde_json::from_str(&told_by.stdout).expect("JSON");
            for answer in &mut answers {
                let provenance = answer["provenance"].as_object_mut().expect("a table");
                let edition = provenance.remove("edition");
                let by = provenance.remove("published_by");
                assert_eq!(by.is_some(), edition == Some("published".into()), "{edition:?}");
                provenance.remove("published_on");
            }
            answers
        };
        RECORDS.into_iter().flat_map(of).collect()
    };
    let before = answers();
    assert!(before.len() > 2 * 20, "{}", before.len());
    all_published(&clinic);
    // Then the dictionary goes on: other questions, other validities, other facts.
    let facts = clinic.read("c/facts.toml");
    let mut other =
        facts.replace(" days\"", "0 days\"").replace("Are you", "Are you really").replace("asked_when", "# asked_when");
    other = other.replace("otherwise ", "# otherwise ");
    assert_ne!(other, facts);
    clinic.write(
        "c/facts.toml",
        &format!(
            "{other}\n[facts.left_handed]\ntype = \"bool\"\nask = \"?\"\nof = \"patient\"\nvalid_for = \"visit\"\n"
        ),
    );
    let after = answers();
    assert_eq!(after.len(), before.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after, "{}", before["protocol"]);
    }
}
