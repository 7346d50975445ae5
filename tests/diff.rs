//! `regimen diff`: what a new version changes, and for whom.

#[allow(dead_code, reason = "other tests need the rest")]
mod support;

#[cfg(feature = "cli")]
use std::process::Command;

use regimen::cases::{Cases, of_protocol};
use regimen::diff::{Bump, Change, ChangeKind, Difference, Effect, Impact, Outcome, Part, RecordText, Start};
use regimen::{Clinic, Date, Notation, Record, Request, Status, render};
use support::Folder;
#[cfg(feature = "cli")]
use support::{Output, run};

const TINY: &str = include_str!("fixtures/tiny.toml");

fn clinic(text: &str) -> Clinic {
    Clinic::from_text("peel.toml", text).unwrap_or_else(|found| panic!("{found}")).0
}

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

/// The text with one part replaced, which stands in it.
fn edited(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "{old}");
    text.replacen(old, new, 1)
}

fn changes(old: &str, new: &str) -> (Vec<Change>, Bump) {
    let mut difference = Difference::between(&clinic(old), &clinic(new));
    let protocol = difference.protocols.remove(0);
    (protocol.changes, protocol.bump)
}

/// The text without the table that an id stands in.
fn without(text: &str, id: &str) -> String {
    let at = text.find(&format!("= \"{id}\"")).expect("the id");
    let start = text[..at].rfind("\n[[").expect("a table") + 1;
    let end = text[at..].find("\n[[").map_or(text.len(), |end| at + end + 1);
    format!("{}{}", &text[..start], &text[end..])
}

#[test]
fn each_kind_of_change_is_told_by_itself() {
    use ChangeKind::{Added, Changed, Removed};
    use Effect::{Administration, Answer, Text};
    let rule = "[[contraindication]]\nid = \"burn\"\nwhen = 'spots > 100'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"custom\"]\n";
    let more = |text: &str| format!("{TINY}\n{text}");
    let of = |old: &str, new: &str| edited(TINY, old, new);
    let all: Vec<(String, Part, &str, ChangeKind, Effect, Bump)> = vec![
        (more(rule), Part::Contraindication, "burn", Added, Answer, Bump::Minor),
        (without(TINY, "pregnant"), Part::Contraindication, "pregnant", Removed, Answer, Bump::Major),
        (of("'keloids'", "'!keloids'"), Part::Contraindication, "keloids", Changed, Answer, Bump::Minor),
        (
            of("\"while-true\"", "\"permanent\"").replace("until   = \"after the pregnancy\"\n", ""),
            Part::Contraindication,
            "pregnant",
            Changed,
            Answer,
            Bump::Minor,
        ),
        (of("spots >= few_spots", "spots > few_spots"), Part::Indication, "enough-spots", Changed, Answer, Bump::Minor),
        (
            of("date_of_birth + years(18)", "date_of_birth + years(16)"),
            Part::Deferral,
            "too-young",
            Changed,
            Answer,
            Bump::Minor,
        ),
        (
            of("down_to = \"7 days\"", "down_to = \"8 days\""),
            Part::Deferral,
            "recent-sunburn",
            Changed,
            Answer,
            Bump::Minor,
        ),
        (
            of("to      = \"doctor\"", "to      = \"dermatologist\""),
            Part::Referral,
            "high-hba1c",
            Changed,
            Answer,
            Bump::Minor,
        ),
        (
            of("limits  = { strength = 30 }", "limits  = { strength = 40 }"),
            Part::Precaution,
            "sensitive-skin",
            Changed,
            Answer,
            Bump::Minor,
        ),
        (
            of("outcome = \"stopped\"", "outcome = \"complete\""),
            Part::Completion,
            "got-worse",
            Changed,
            Answer,
            Bump::Minor,
        ),
        (of("value   = 3\n", "value   = 4\n"), Part::Parameter, "few_spots", Changed, Answer, Bump::Minor),
        (
            of("sessions_done == 0'", "sessions_done <= 1'"),
            Part::Definition,
            "first_time",
            Changed,
            Answer,
            Bump::Minor,
        ),
        (of("minimum = \"14 days\"", "minimum = \"10 days\""), Part::Interval, "healing", Changed, Answer, Bump::Minor),
        (of("after = \"90 days\"", "after = \"60 days\""), Part::Gap, "look-again", Changed, Answer, Bump::Minor),
        (of("planned = 4", "planned = 5"), Part::Course, "standard", Changed, Answer, Bump::Minor),
        (
            of("from    = [\"laser\"]", "from    = [\"laser\", \"filler\"]"),
            Part::Separation,
            "after-laser",
            Changed,
            Answer,
            Bump::Minor,
        ),
        (of("value = 50", "value = 45"), Part::Row, "strength-row-2", Changed, Answer, Bump::Minor),
        (
            of("  { when = 'skin == \"oily\"', value = 5 },\n", ""),
            Part::Row,
            "minutes-row-1",
            Removed,
            Answer,
            Bump::Minor,
        ),
        (
            of("label   = \"Time on the skin\"", "needed = false\nlabel   = \"Time on the skin\""),
            Part::Setting,
            "minutes",
            Changed,
            Answer,
            Bump::Minor,
        ),
        (of("valid_for = \"7 days\"", "valid_for = \"9 days\""), Part::Fact, "pregnant", Changed, Answer, Bump::Minor),
        (of("range     = [0, 200]", "range     = [0, 100]"), Part::Fact, "spots", Changed, Answer, Bump::Major),
        (
            of("range = [10.0, 70.0]", "range = [10.0, 60.0]"),
            Part::SessionFact,
            "strength",
            Changed,
            Answer,
            Bump::Major,
        ),
        (
            of("at      = \"-14 days\"", "at      = \"-7 days\""),
            Part::Instruction,
            "no-sun-before",
            Changed,
            Answer,
            Bump::Minor,
        ),
        (of("status    = \"active\"", "status    = \"draft\""), Part::Header, "", Changed, Answer, Bump::Minor),
        (
            of("A peel is a wound,", "A peel is a small wound,"),
            Part::Contraindication,
            "keloids",
            Changed,
            Text,
            Bump::Patch,
        ),
        (
            of("Half the time, and look every minute.", "Half the time."),
            Part::Precaution,
            "sensitive-skin",
            Changed,
            Text,
            Bump::Patch,
        ),
        (of("Are you pregnant?", "Could you be pregnant?"), Part::Fact, "pregnant", Changed, Text, Bump::Patch),
        (of("Blisters, or pain", "Blisters, or a pain"), Part::RedFlag, "blisters", Changed, Text, Bump::Patch),
        (of("year     = 2025", "year     = 2026"), Part::Source, "handbook", Changed, Text, Bump::Patch),
        (
            of("review_by = 2027-01-01", "review_by = 2028-01-01"),
            Part::Header,
            "",
            Changed,
            Administration,
            Bump::Patch,
        ),
    ];
    for (new, part, id, kind, effect, bump) in all {
        let (found, needed) = changes(TINY, &new);
        let said: Vec<_> = found.iter().map(|one| (one.part, one.id.as_str(), one.kind, one.effect)).collect();
        assert_eq!(said, [(part, id, kind, effect)]);
        assert_eq!(needed, bump, "{id}");
        assert!(kind != Changed || !found[0].fields.is_empty(), "{id}");
        // And back again: what came goes.
        let (back, _) = changes(&new, TINY);
        assert_eq!((back.len(), back[0].part, back[0].effect), (1, part, effect), "{id}");
    }
}

#[test]
fn conditions_are_told_in_words_and_changes_of_what_has_a_name_with_its_users() {
    let (found, _) = changes(TINY, &edited(TINY, "spots >= few_spots", "spots > few_spots"));
    let field = &found[0].fields[0];
    assert_eq!((field.key.as_str(), field.old.as_deref()), ("when", Some("spots>=few_spots")));
    assert_eq!(field.old_words.as_deref(), Some("spots are 3 (few spots) or more"));
    assert_eq!(field.new_words.as_deref(), Some("spots are more than 3 (few spots)"));
    let (found, _) = changes(TINY, &edited(TINY, "skin == \"dry\" ||", "skin != \"oily\" ||"));
    assert_eq!(found[0].used_by, ["sensitive-skin", "slow-healing"]);
    // What nobody uses changes no answer.
    let more = "\n[parameters.nobodys]\nvalue = 3\nsources = [\"custom\"]\n";
    let (found, bump) = changes(TINY, &format!("{TINY}{more}"));
    assert_eq!((found[0].effect, bump), (Effect::Administration, Bump::Patch));
}

#[test]
fn layout_is_no_difference() {
    let same = [
        ("id      = \"keloids\"\nwhen    = 'keloids'\n", "when = 'keloids'  # as it was\nid = \"keloids\"\n"),
        ("'skin == \"dry\" || \"steroid\" in medicines'", "'skin==\"dry\"\t||  \"steroid\"  in medicines'"),
        ("minimum = 3, planned = 4, maximum = 6", "maximum = 6, minimum = 3, planned = 4"),
        ("choices = [\"none\", \"redness\", \"burn\"]", "choices = [\n  \"burn\", \"none\",\n  \"redness\" ]"),
        ("label   = \"Time on the skin\"", "needed = true\nlabel   = \"Time on the skin\""),
    ];
    for (old, new) in same {
        let new = edited(TINY, old, new);
        assert_eq!(changes(TINY, &new), (Vec::new(), Bump::None), "{new}");
    }
    let rule = TINY.find("[[contraindication]]").expect("a rule");
    let (head, rules) = TINY.split_at(rule);
    let (first, rest) = rules.split_at(rules[2..].find("\n[[").expect("another") + 3);
    assert_eq!(changes(TINY, &format!("{head}{rest}\n{first}")).0, Vec::new());
    // The same length, which is read in other words.
    let weeks = edited(TINY, "minimum = \"14 days\"", "minimum = \"2 weeks\"");
    let (found, bump) = changes(TINY, &weeks);
    assert_eq!((found[0].effect, bump), (Effect::Text, Bump::Patch));
    let (found, _) = changes(TINY, &edited(TINY, "\"steroid\" in medicines", "\"retinoid\" in medicines"));
    assert_eq!(found[0].effect, Effect::Answer);
    // Of two courses that are equally good, the first is taken.
    let course = &TINY[TINY.find("[[course]]").expect("a course")..TINY.find("[[separation]]").expect("a separation")];
    let other = course.replace("\"standard\"", "\"other\"").replace("id = \"", "id = \"other-");
    let other = other.replace("other-other", "other");
    let before = TINY.replace(course, &format!("{course}{other}"));
    let after = TINY.replace(course, &format!("{other}{course}"));
    let (found, bump) = changes(&before, &after);
    assert_eq!((found[0].part, found[0].fields[0].key.as_str(), bump), (Part::Course, "order", Bump::Minor));
}

#[test]
fn rows_without_names_keep_their_neighbours() {
    let rows = "  { when = '!first_time && zone == \"chin\"', from = 30, to = 40 },\n";
    let new = edited(
        TINY,
        "  { when = 'first_time', value = 20 },\n",
        &format!("  {{ when = 'first_time', value = 20 }},\n{rows}"),
    );
    let (found, _) = changes(TINY, &new);
    let said: Vec<_> = found.iter().map(|one| (one.id.as_str(), one.kind)).collect();
    assert_eq!(said, [("strength-row-2", ChangeKind::Added)]);
}

const HEALTHY: &str = r#""date_of_birth": "1990-01-01", "keloids": false, "skin": "normal", "medicines": [], "zones": ["cheek"], "spots": 12, "hba1c": 5.0, "last_sunburn_date": "never", "last_product": "soap""#;

fn record(patient: &str, pregnant: &str, sessions: &str) -> RecordText {
    let text = format!(
        r#"{{ "patient": "{patient}", "recorded": "2026-03-02", "facts": {{ {HEALTHY}{pregnant} }}, "sessions": [{sessions}] }}"#
    );
    RecordText::new("records.ndjson", &text, Notation::Json)
}

fn impact(new: &str, records: &[RecordText]) -> Impact {
    let (old, new) = (clinic(TINY), clinic(new));
    let mut difference = Difference::between(&old, &new);
    difference.ask(&old, &new, records, day("2026-03-02"), 2);
    difference.protocols.remove(0).impact.expect("an impact")
}

#[test]
fn every_record_is_counted_once_the_newly_treated_first() {
    let session = r#"{ "treatment": "peel", "date": "2026-02-18" }"#;
    let records: Vec<RecordText> = vec![
        record("P-1", r#", "pregnant": true"#, ""),
        record("P-2", r#", "pregnant": true"#, ""),
        record("P-3", r#", "pregnant": true"#, ""),
        record("P-4", r#", "pregnant": false"#, ""),
        record("P-5", "", ""),
        record("P-6", r#", "pregnant": false, "last_result": "same""#, session),
        record("P-7", r#", "pregnant": false, "unknown_fact_of_nobody": 7, "spots": 1000"#, ""),
        RecordText::new("records.ndjson:8", "{ this is no record", Notation::Json),
    ];
    let found = impact(&edited(&without(TINY, "pregnant"), "minimum = \"14 days\"", "minimum = \"10 days\""), &records);
    assert_eq!(found.records, 8);
    assert_eq!(found.tally.iter().map(|one| one.records).sum::<usize>(), 8);
    let first = &found.groups[0];
    assert_eq!(
        (first.outcome, first.records, &first.because[..]),
        (Outcome::NewlyTreated, 3, &["pregnant".to_owned()][..])
    );
    assert_eq!(first.examples.iter().map(|one| one.patient.as_str()).collect::<Vec<_>>(), ["P-1", "P-2"]);
    assert_eq!(first.examples[0].change, "contraindicated → due");
    // Nobody asks any more: that, too, is somebody who was not treated.
    let asked = found.groups.iter().find(|group| group.old == Some(Status::Undetermined)).expect("who was asked");
    assert_eq!((asked.outcome, asked.examples[0].patient.as_str()), (Outcome::NewlyTreated, "P-5"));
    assert_eq!(found.count(Outcome::Error), 2);
    assert_eq!(found.groups.iter().map(|one| one.records).sum::<usize>() + found.count(Outcome::Unchanged), 8);
}

#[test]
fn what_changes_for_a_patient_is_told_by_the_first_that_is_so() {
    let session = |date: &str| format!(r#"{{ "treatment": "peel", "date": "{date}" }}"#);
    let done = |date: &str| record("P-1", r#", "pregnant": false, "last_result": "same""#, &session(date));
    let plain = record("P-1", r#", "pregnant": false"#, "");
    let more =
        "\n[[precaution]]\nid = \"more\"\nwhen = 'spots > 5'\ndo = \"x\"\nreason = \"x\"\nsources = [\"custom\"]\n";
    let ask = "\n[facts.shy]\ntype = \"bool\"\nask = \"?\"\nof = \"patient\"\nvalid_for = \"forever\"\n[[contraindication]]\nid = \"shy\"\nwhen = 'shy'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"custom\"]\n";
    let of = |old: &str, new: &str| edited(TINY, old, new);
    let all: Vec<(String, RecordText, Outcome, &str, &str)> = vec![
        (
            of("minimum = \"14 days\"", "minimum = \"15 days\""),
            done("2026-02-25"),
            Outcome::Date,
            "healing",
            "not before 2026-03-11 → 2026-03-12",
        ),
        (
            of("minimum = \"14 days\"", "minimum = \"21 days\""),
            done("2026-02-14"),
            Outcome::Status,
            "healing",
            "due → deferred (not before 2026-03-07)",
        ),
        (of("value = 3 }", "value = 2 }"), plain.clone(), Outcome::Setting, "minutes", "minutes 3 min → 2 min"),
        (format!("{TINY}{more}"), plain.clone(), Outcome::Precaution, "more", "none → more"),
        (format!("{TINY}{ask}"), plain.clone(), Outcome::NewlyUnknown, "shy", "due → undetermined"),
        (
            edited(TINY, "at      = \"-14 days\"", "at      = \"-7 days\""),
            plain.clone(),
            Outcome::Other,
            "",
            "an instruction, an assumption, or what a question can change",
        ),
        (
            of("spots >= few_spots", "spots >= 13"),
            plain.clone(),
            Outcome::Status,
            "enough-spots",
            "due → not-indicated",
        ),
    ];
    for (new, record, outcome, because, change) in all {
        let found = impact(&new, &[record]);
        let group = &found.groups[0];
        assert_eq!((group.outcome, group.because.join(" ").as_str()), (outcome, because));
        assert_eq!(found.count(outcome), 1);
        assert!(group.examples[0].change.contains(change), "{}", group.examples[0].change);
    }
    // The other way round, the question is gone.
    let (old, new) = (clinic(&format!("{TINY}{ask}")), clinic(TINY));
    let mut difference = Difference::between(&old, &new);
    let pregnant = record("P-1", r#", "pregnant": false, "spots": 0"#, "");
    difference.ask(&old, &new, &[plain, pregnant], day("2026-03-02"), 1);
    let found = difference.protocols.remove(0).impact.expect("an impact");
    assert_eq!(found.count(Outcome::NewlyTreated), 1);
    assert_eq!(difference.protocols.len(), 0);
}

#[test]
fn a_patient_is_made_up_for_each_way_to_differ_and_is_answered_so() {
    let new = edited(&without(TINY, "pregnant"), "after = \"90 days\"", "after = \"60 days\"");
    let (old, new) = (clinic(TINY), clinic(&new));
    let mut difference = Difference::between(&old, &new);
    difference.ask(&old, &new, &[record("P-1", r#", "pregnant": true"#, "")], day("2026-03-02"), 2);
    difference.search(&old, &new, &[], day("2026-03-02"));
    assert_eq!(difference.protocols[0].bump, Bump::Major);
    let search = difference.protocols.remove(0).made_up.expect("a search");
    let first = &search.patients[0];
    assert_eq!(first.comparison.outcome, Outcome::NewlyTreated);
    // Those whom no recorded patient resembles come first among their kind.
    let recorded: Vec<bool> = search
        .patients
        .iter()
        .filter(|one| one.comparison.outcome == Outcome::NewlyTreated)
        .map(|one| one.recorded > Some(0))
        .collect();
    assert!(recorded.contains(&true) && recorded.is_sorted(), "{recorded:?}");
    let because = |id: &str| search.patients.iter().find(|one| one.comparison.because == [id]);
    assert!(because("pregnant").is_some() && because("look-again").is_some(), "{:#?}", search.patients);
    // Each stands in a record that can be saved, and is answered as it is said.
    for one in &search.patients {
        let statuses = [&old, &new].map(|clinic| {
            let (record, _) = Record::from_text("made-up.json", &one.record, Notation::Json, &clinic.dictionary)
                .unwrap_or_else(|found| panic!("{found}"));
            clinic.protocols[0].recommend(&record, &Request::new(one.as_of)).expect("an answer").status
        });
        assert_eq!(statuses.map(Some), [one.comparison.old, one.comparison.new]);
    }
    let mut nothing = Difference::between(&old, &old);
    nothing.search(&old, &old, &[], day("2026-03-02"));
    assert_eq!(nothing.protocols[0].made_up.as_ref().map(|search| search.tried), Some(0));
}

#[test]
fn versions_are_asked_as_if_they_were_in_force() {
    let new = edited(&without(TINY, "pregnant"), "from = 2026-01-01", "from = 2027-01-01");
    let found = impact(&new, &[record("P-1", r#", "pregnant": true"#, "")]);
    assert_eq!(found.count(Outcome::NewlyTreated), 1);
}

#[test]
fn the_shipped_protocol_without_a_contraindication_leads_with_those_who_are_newly_treated() {
    let folder = Folder::new();
    for version in ["old", "new"] {
        for part in ["facts.toml", "records", "microneedling-acne-scars/protocol.toml"] {
            folder.copy(&format!("protocols/{part}"), &format!("{version}/{part}"));
        }
    }
    for case in ["pregnant-fires", "active-acne-at-the-limit"] {
        let case = format!("microneedling-acne-scars/cases/{case}.toml");
        folder.copy(&format!("protocols/{case}"), &format!("old/{case}"));
    }
    let path = folder.path().join("new/microneedling-acne-scars/protocol.toml");
    let text = std::fs::read_to_string(&path).expect("the protocol");
    let text = without(&text, "pregnant");
    let parameter = text.find("[parameters.interval_minimum]").expect("the interval");
    let text = format!("{}{}", &text[..parameter], text[parameter..].replacen("\"28 days\"", "\"21 days\"", 2));
    std::fs::write(&path, text).expect("written");
    let [old, new] = ["old", "new"].map(|version| {
        Clinic::load(folder.path().join(version).join("microneedling-acne-scars"))
            .unwrap_or_else(|found| panic!("{found}"))
            .0
    });
    let mut difference = Difference::between(&old, &new);
    let ids: Vec<&str> = difference.protocols[0].changes.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["pregnant", "interval_minimum"]);
    let healthy = std::fs::read_to_string(folder.path().join("old/records/healthy-adult.toml")).expect("a record");
    let pregnant = edited(&healthy, "\"not_pregnant\"", "\"pregnant\"");
    let records = [("a", &healthy), ("b", &pregnant)].map(|(name, text)| RecordText::new(name, text, Notation::Toml));
    difference.ask(&old, &new, &records, day("2026-03-02"), 3);
    let protocol = &old.protocols[0];
    let mut cases = Cases::of(protocol);
    let starts: Vec<Start> =
        of_protocol(protocol).iter().filter_map(|file| Start::of_case(&cases.load(file).ok()?.0, protocol)).collect();
    difference.search(&old, &new, &starts, day("2026-03-02"));
    let text = render::difference_text(&difference, 100);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[1], "  not treated → treated: 1 recorded patient", "{text}");
    assert_eq!(lines[3], "  needs a major version: 2.0.0, which the file does not have");
    let one = difference.protocols[0].made_up.as_ref().expect("a search");
    let because = |id: &str| {
        one.patients.iter().any(|one| one.comparison.outcome == Outcome::NewlyTreated && one.comparison.because == [id])
    };
    assert!(because("pregnant") && because("session-interval"), "{text}");
    // Of whoever is treated by both, only the sessions to come are others: by the course, through the parameter of its interval.
    let groups = &difference.protocols[0].impact.as_ref().expect("an impact").groups;
    let other = groups.iter().find(|group| group.outcome == Outcome::Other).expect("the healthy one");
    assert_eq!(other.because, ["standard"], "{text}");
    assert!(text.contains("because of `standard` through “shortest interval”"), "{text}");
}

#[cfg(feature = "cli")]
fn regimen(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.args(arguments).current_dir(folder.path());
    run(command, "")
}

#[cfg(feature = "cli")]
fn git(folder: &Folder, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]);
    command.args(arguments).current_dir(folder.path());
    let output = run(command, "");
    assert_eq!(output.code, Some(0), "{}", output.stderr);
}

/// A repository with a small clinic, of which the second protocol was changed after the first commit.
#[cfg(feature = "cli")]
fn repository() -> Folder {
    let folder = Folder::new();
    let facts = "[facts.ill]\ntype = \"bool\"\nask = \"Ill?\"\nof = \"patient\"\nvalid_for = \"visit\"\n";
    let rule = "[[contraindication]]\nid = \"ill\"\nwhen = 'ill'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let head = include_str!("fixtures/head.toml");
    folder.write("clinic/facts.toml", facts);
    folder.write("clinic/one/protocol.toml", format!("{head}{rule}").replace("trial", "one"));
    folder.write("clinic/two/protocol.toml", format!("{head}{rule}").replace("trial", "two"));
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "first"]);
    folder.write("clinic/two/protocol.toml", head.replace("trial", "two"));
    folder.write(
        "records/all.ndjson",
        "{\"patient\":\"P-1\",\"recorded\":\"2026-03-02\",\"facts\":{\"ill\":true},\"sessions\":[]}\n\n{\"patient\":\"P-2\",\"recorded\":\"2026-03-02\",\"facts\":{\"ill\":false},\"sessions\":[]}\n",
    );
    folder
}

#[cfg(feature = "cli")]
#[test]
fn a_version_may_stand_in_a_git_revision() {
    let folder = repository();
    let asked = ["--records", "records", "--as-of", "2026-03-02"];
    for (old, new) in [
        ("HEAD:clinic/two", "clinic/two"),
        ("HEAD:clinic/two/protocol.toml", "clinic/two/protocol.toml"),
        ("HEAD:./clinic/two", "clinic/two/protocol.toml"),
    ] {
        let output = regimen(&folder, &[&["diff", old, new][..], &asked[..]].concat());
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
        let lines: Vec<&str> = output.stdout.lines().collect();
        assert_eq!(lines[..2], ["two 1.0.0: different in meaning", "  not treated → treated: 1 recorded patient"]);
        assert!(output.stdout.contains("    P-1: contraindicated → due\n"), "{}", output.stdout);
        assert!(output.stdout.contains("  contraindication `ill` removed\n"), "{}", output.stdout);
    }
    let output = regimen(&folder, &["diff", "HEAD:clinic", "clinic"]);
    assert!(output.stdout.ends_with("\nthe same: one\n"), "{}", output.stdout);
    let output = regimen(&folder, &["diff", "clinic", "clinic"]);
    assert_eq!(output.stdout, "the same: one, two\n");
    let output = regimen(&folder, &["diff", "clinic/one", "clinic/one"]);
    assert_eq!(output.stdout, "one 1.0.0: no difference in meaning\n");
}

#[cfg(feature = "cli")]
#[test]
fn a_revision_that_cannot_be_read_is_told() {
    let folder = repository();
    for (old, said) in [
        ("nobody:clinic/two", "error[R827]: git knows no revision `nobody` here"),
        ("HEAD:clinic/three", "error[R827]: there is no `clinic/three` in the revision `HEAD`"),
        ("--help:clinic", "error: unexpected argument '--help:clinic'"),
        ("nowhere", "nowhere cannot be read: there is no such file or folder"),
    ] {
        let output = regimen(&folder, &["diff", old, "clinic/two"]);
        assert!(output.stderr.contains(said), "{}", output.stderr);
        assert_ne!(output.code, Some(0));
    }
    // Outside of any repository, and where there is no git.
    let outside = Folder::new();
    let output = regimen(&outside, &["diff", "HEAD:clinic", "."]);
    assert!(output.stderr.contains("error[R827]: git knows no revision `HEAD` here"), "{}", output.stderr);
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.args(["diff", "HEAD:clinic/two", "clinic/two"]).current_dir(folder.path()).env("PATH", outside.path());
    let output = run(command, "");
    assert!(
        output.stderr.contains("error[R828]: `git` cannot be started: there is no such program here"),
        "{}",
        output.stderr
    );
    // A mistake in a revision is told with the names that its files have there.
    let path = folder.path().join("clinic/two/protocol.toml");
    std::fs::write(path, "id = 7\n").expect("written");
    git(&folder, &["commit", "-q", "-a", "-m", "second"]);
    let output = regimen(&folder, &["diff", "HEAD:clinic/two", "HEAD~1:clinic/two"]);
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains("--> HEAD:clinic/two/protocol.toml:1"), "{}", output.stderr);
}

#[cfg(feature = "cli")]
#[test]
fn it_is_said_in_json_and_for_a_pull_request() {
    let folder = repository();
    let asked = [
        "diff",
        "HEAD:clinic/two",
        "clinic/two",
        "--records",
        "records/all.ndjson",
        "--anywhere",
        "--as-of",
        "2026-03-02",
        "--format",
    ];
    let json = regimen(&folder, &[&asked[..], &["json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(json["schema"], "regimen/diff/1");
    assert_eq!(json["protocols"][0]["changes"][0]["part"], "contraindication");
    assert_eq!(
        json["protocols"][0]["impact"]["tally"][0],
        serde_json::json!({ "outcome": "newly-treated", "records": 1 })
    );
    assert_eq!(json["protocols"][0]["made_up"]["patients"][0]["comparison"]["outcome"], "newly-treated");
    let markdown = regimen(&folder, &[&asked[..], &["markdown"]].concat()).stdout;
    assert!(
        markdown.starts_with("# two 1.0.0: different in meaning\n\n- not treated → treated: 1 recorded patient\n"),
        "{markdown}"
    );
    assert!(
        markdown
            .contains("\n## What can change an answer\n\n- contraindication `ill` removed\n  - lasts: while-true\n"),
        "{markdown}"
    );
    let without_day = regimen(&folder, &["diff", "clinic", "clinic", "--anywhere"]);
    assert_eq!(without_day.code, Some(2));
}

#[test]
fn a_pause_of_a_course_that_is_counted_by_area_is_found_by_made_up_patients() {
    let text = format!(
        "{}{}",
        include_str!("fixtures/head.toml"),
        r#"
[facts]
areas = { type = "set", choices = ["chin", "leg"], ask = "Where?", of = "patient", valid_for = "visit" }

[session_facts]
area = { type = "set", choices = ["chin", "leg"] }

[[course]]
id = "standard"
separate_by = "area"
planned_in = "areas"
sessions = { planned = 6 }
interval = [{ from = "previous", minimum = "28 days" }]
gap = [{ id = "look", after = "12 months", do = "reassess", reason = "Look again." }]
sources = ["clinic"]
"#
    );
    let new = edited(&text, "12 months", "11 months");
    let (old, new) = (clinic(&text), clinic(&new));
    let mut difference = Difference::between(&old, &new);
    difference.search(&old, &new, &[], day("2026-03-02"));
    let search = difference.protocols.remove(0).made_up.expect("a search");
    let found = search.patients.iter().find(|one| one.comparison.because == ["look"]);
    assert!(found.is_some_and(|one| one.record.contains("\"area\": [")), "{:#?}", search.patients);
}
