//! How good the cases of a protocol are: what `regimen test --coverage` and `--mutate` say.

mod support;

use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value as Json;
use support::{Folder, Output, run};

const PROTOCOL: &str = "clinic/peel/protocol.toml";

/// Somebody who may have a peel.
fn case(title: &str, facts: &[(&str, &str)], rest: &str) -> String {
    let usual = [
        ("date_of_birth", "1990-05-01"),
        ("pregnant", "false"),
        ("keloids", "false"),
        ("skin", "\"normal\""),
        ("medicines", "[]"),
        ("zones", "[\"cheek\"]"),
        ("spots", "5"),
        ("hba1c", "5.0"),
        ("last_sunburn_date", "\"never\""),
        ("last_product", "\"soap\""),
    ];
    let value = |name: &str, usual: &str| {
        facts.iter().find(|(fact, _)| *fact == name).map_or(usual, |(_, value)| *value).to_owned()
    };
    let facts: String = usual.iter().map(|(name, usual)| format!("{name} = {}\n", value(name, usual))).collect();
    let sessions = if rest.contains("[[sessions]]") { "" } else { "sessions = []\n" };
    let (expect, sessions_given) = rest.split_once('|').unwrap_or((rest, ""));
    format!(
        "title = \"{title}\"\nas_of = 2026-03-02\n{sessions}[facts]\n{facts}{sessions_given}\n[expect]\nstatus = \"{expect}\"\n"
    )
}

fn clinic(cases: &[(&str, String)]) -> Folder {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", PROTOCOL);
    std::fs::create_dir(folder.path().join("clinic/peel/cases")).expect("a folder");
    for (name, text) in cases {
        std::fs::write(folder.path().join(format!("clinic/peel/cases/{name}.toml")), text).expect("it can be written");
    }
    let accepted = test(&folder, &["--accept"]);
    assert_eq!(accepted.code, Some(0), "{}{}", accepted.stdout, accepted.stderr);
    folder
}

fn test(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).args([&["test", "clinic/peel"], arguments].concat()).env("NO_COLOR", "1");
    run(command, "")
}

fn coverage(folder: &Folder) -> Json {
    let found = test(folder, &["--coverage", "--format", "json"]);
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    let all: Json = serde_json::from_str(&found.stdout).expect("JSON");
    all[0].clone()
}

/// How often each outcome of something came about: `true 1, false 0 (never_tried), unknown 0 (…)`.
fn outcomes(coverage: &Json, kind: &str, of: &str, part: Option<&str>) -> String {
    let items = coverage["items"].as_array().expect("a list").iter();
    let is_it = |item: &&Json| item["kind"] == kind && item["of"] == of && item["part"].as_str() == part;
    let found: Vec<&Json> = items.filter(is_it).collect();
    assert_eq!(found.len(), 1, "{kind} {of} {part:?}");
    let told = |one: &Json| {
        let why = one["missing"]["why"].as_str().map_or_else(String::new, |why| format!(" ({why})"));
        format!("{} {}{why}", one["outcome"].as_str().unwrap_or_default(), one["cases"])
    };
    found[0]["outcomes"].as_array().expect("a list").iter().map(told).collect::<Vec<_>>().join(", ")
}

fn two_cases() -> Folder {
    clinic(&[
        ("all-well", case("All is well", &[], "due")),
        ("steroid", case("A steroid makes the skin sensitive", &[("medicines", "[\"steroid\"]")], "due")),
    ])
}

#[test]
fn each_outcome_of_a_rule_is_counted_and_told_why_it_is_missing() {
    let folder = two_cases();
    let found = coverage(&folder);
    assert_eq!(
        outcomes(&found, "rule", "contraindication pregnant", None),
        "true 0 (never_tried), false 2, unknown 0 (never_tried)"
    );
    // What stands behind `??` is always known.
    assert_eq!(
        outcomes(&found, "rule", "precaution night-retinol", None),
        "true 0 (never_tried), false 2, unknown 0 (unreachable)"
    );
    assert_eq!(outcomes(&found, "status", "status due", None), "answered 2");
    // The declared range ends at 0, but a clinic may set the parameter to 1 at the least.
    assert_eq!(
        outcomes(&found, "threshold", "indication enough-spots", Some("spots against few_spots")),
        "below 0 (never_tried), at 0 (never_tried), above 2"
    );
    assert_eq!(
        outcomes(&found, "threshold", "completion all-gone", Some("spots against 0")),
        "below 0 (unreachable), at 0 (never_tried), above 2"
    );
    std::fs::write(
        folder.path().join("clinic/peel/cases/unasked.toml"),
        case("Nobody has asked", &[("pregnant", "{ unknown = \"declined\" }")], "undetermined"),
    )
    .expect("it can be written");
    assert_eq!(test(&folder, &["--accept"]).code, Some(0));
    assert_eq!(
        outcomes(&coverage(&folder), "rule", "contraindication pregnant", None),
        "true 0 (short_of_facts), false 2, unknown 1"
    );
}

#[test]
fn a_part_has_decided_a_rule_where_another_value_of_it_would_have_changed_the_rule() {
    let found = coverage(&two_cases());
    let of = "precaution sensitive-skin";
    // Dry skin decided that nothing holds of the first patient, and nothing of the second: the steroid is enough.
    assert_eq!(
        outcomes(&found, "part", of, Some("skin == \"dry\"")),
        "true 0 (never_tried), false 1, unknown 0 (never_tried)"
    );
    assert_eq!(
        outcomes(&found, "part", of, Some("\"steroid\" in medicines")),
        "true 1, false 1, unknown 0 (never_tried)"
    );
}

#[test]
fn waits_of_the_course_are_counted_on_both_sides_of_their_day() {
    let given = |day: &str| {
        let session =
            format!("[[sessions]]\ntreatment = \"peel\"\ndate = {day}\nstrength = 20.0\nreaction = \"none\"\n");
        let status = if day == "2026-02-16" { "due" } else { "deferred" };
        case(day, &[], &format!("{status}|last_result = \"same\"\n{session}"))
    };
    let folder = clinic(&[("first-day", given("2026-02-16")), ("day-before", given("2026-02-17"))]);
    let found = coverage(&folder);
    assert_eq!(outcomes(&found, "wait", "interval healing", Some("minimum")), "below 1, at 1, above 0 (never_tried)");
}

#[test]
fn the_figures_do_not_move_when_the_file_is_laid_out_otherwise() {
    let folder = two_cases();
    let figures = |mut found: Json| {
        for item in found["items"].as_array_mut().expect("a list") {
            item["line"] = Json::Null;
        }
        found["sha256"] = Json::Null;
        found
    };
    let before = figures(coverage(&folder));
    let path = folder.path().join(PROTOCOL);
    let text = std::fs::read_to_string(&path).expect("the protocol");
    let other = text
        .replace(
            "'skin == \"dry\" || \"steroid\" in medicines'",
            "'''\n  skin == \"dry\"\n    ||   \"steroid\"   in medicines\n'''",
        )
        .replace("\n[[", "\n# between\n\n\n[[")
        .replace("rows    = [\n", "rows    = [ # rows\n\n");
    assert_ne!(text, other);
    std::fs::write(&path, &other).expect("it can be written");
    assert_eq!(figures(coverage(&folder)), before);
    let mut fmt = Command::new(env!("CARGO_BIN_EXE_regimen"));
    fmt.current_dir(folder.path()).args(["fmt", PROTOCOL]);
    let formatted = run(fmt, "");
    assert_eq!(formatted.code, Some(0), "{}", formatted.stderr);
    assert_ne!(std::fs::read_to_string(&path).expect("the protocol"), other);
    assert_eq!(figures(coverage(&folder)), before);
}

#[test]
fn what_is_missing_comes_as_a_case_that_shows_it() {
    let folder = two_cases();
    let before = coverage(&folder);
    let found = test(&folder, &["--coverage", "--write-cases"]);
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    assert!(found.stderr.contains("cases written: look at each"), "{}", found.stderr);
    // Nobody has approved them.
    assert_eq!(test(&folder, &[]).code, Some(1));
    let accepted = test(&folder, &["--accept"]);
    assert_eq!(accepted.code, Some(0), "{}{}", accepted.stdout, accepted.stderr);
    let after = coverage(&folder);
    for (before, after) in
        before["items"].as_array().into_iter().flatten().zip(after["items"].as_array().into_iter().flatten())
    {
        for (before, after) in
            before["outcomes"].as_array().into_iter().flatten().zip(after["outcomes"].as_array().into_iter().flatten())
        {
            if before["missing"]["case"].is_object() {
                assert!(after["cases"].as_u64() > Some(0), "{before}");
            }
        }
    }
    assert_eq!(
        outcomes(&after, "threshold", "referral high-hba1c", Some("hba1c against hba1c_limit"))
            .replace(char::is_numeric, ""),
        "below , at , above "
    );
    assert!(!outcomes(&after, "rule", "contraindication pregnant", None).contains('('));
    // None is written over.
    let missing = test(&folder, &["--coverage", "--write-cases"]);
    assert!(missing.code == Some(0) || missing.code == Some(3), "{}", missing.stderr);
}

#[test]
fn lcov_counts_every_outcome_that_can_be_reached_as_a_branch() {
    let folder = two_cases();
    let json = coverage(&folder);
    let found = test(&folder, &["--coverage", "--format", "lcov"]);
    let count = |start: &str| found.stdout.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(found.stdout.lines().next(), Some("TN:tiny_peel"));
    assert!(found.stdout.contains("\nSF:clinic/peel/protocol.toml\n"), "{}", found.stdout);
    assert_eq!(Some(count("BRDA:") as u64), json["outcomes"].as_u64());
    assert!(found.stdout.contains(&format!("\nBRH:{}\n", json["covered"])), "{}", found.stdout);
    assert!(found.stdout.ends_with("end_of_record\n"));
}

#[test]
fn nothing_is_told_while_a_case_fails() {
    let folder = two_cases();
    std::fs::write(folder.path().join("clinic/peel/cases/wrong.toml"), case("Wrong", &[], "deferred")).expect("a case");
    let found = test(&folder, &["--coverage"]);
    assert_eq!(found.code, Some(1));
    assert!(found.stderr.contains("R607") && !found.stdout.contains("tried"), "{}", found.stderr);
}

fn mutation(folder: &Folder) -> (Json, Option<i32>) {
    let found = test(folder, &["--mutate", "--format", "json"]);
    let all: Json = serde_json::from_str(&found.stdout).unwrap_or_else(|error| panic!("{error}: {}", found.stderr));
    (all[0].clone(), found.code)
}

/// What changing the protocol of the two cases as it is comes to; several tests look at it.
static OF_TWO_CASES: LazyLock<Json> = LazyLock::new(|| mutation(&two_cases()).0);

/// What became of the changes of something by an operator, each as `fate: what stands there -> what would`.
fn fates(mutation: &Json, operator: &str, of: &str) -> Vec<String> {
    let all = mutation["mutants"].as_array().expect("a list").iter();
    let of_it = all.filter(|one| one["operator"] == operator && one["of"] == of);
    let word = |one: &Json| one.as_str().unwrap_or("nothing").to_owned();
    of_it.map(|one| format!("{}: {} -> {}", word(&one["fate"]), word(&one["before"]), word(&one["after"]))).collect()
}

/// A protocol with little to change, so that it can be changed many times.
const SMALL: &str = r#"
id = "tiny-peel"
title = "Peel"
version = "1.0.0"
status = "active"
in_force = { from = 2026-01-01 }
review_by = 2027-01-01
owner = "medical lead"
treatment = "peel"

[sources.custom]
title = "Custom"
evidence = "custom"

[facts.pregnant]
type = "bool"
ask = "Are you pregnant?"
of = "patient"
valid_for = "7 days"

[facts.steroid]
type = "bool"
ask = "Do you take a steroid?"
of = "patient"
valid_for = "7 days"

[facts.skin]
type = "choice"
choices = ["dry", "normal", "oily"]
ask = "What kind of skin is it?"
of = "clinician"
valid_for = "180 days"

[definitions]
sensitive = 'skin == "dry" || steroid'

[[contraindication]]
id = "pregnant"
when = 'pregnant'
lasts = "while-true"
until = "after the pregnancy"
reason = "Elective treatments wait."
sources = ["custom"]

[[precaution]]
id = "sensitive-skin"
when = 'sensitive'
do = "Look every minute."
reason = "It burns sooner."
sources = ["custom"]
"#;

/// The small protocol and more of it, with two cases in which nothing is known but its facts and these.
fn small(more: &str, facts: &str) -> Folder {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("clinic/peel/cases")).expect("a folder");
    std::fs::write(folder.path().join(PROTOCOL), format!("{SMALL}{more}")).expect("it can be written");
    for steroid in [false, true] {
        let case = format!(
            "title = \"steroid {steroid}\"\nas_of = 2026-03-02\n[facts]\npregnant = false\nskin = \"normal\"\n\
             steroid = {steroid}\n{facts}[expect]\nstatus = \"due\"\n"
        );
        let path = folder.path().join(format!("clinic/peel/cases/steroid-{steroid}.toml"));
        std::fs::write(path, case).expect("it can be written");
    }
    folder
}

#[test]
fn a_change_that_no_case_notices_survives_with_the_patient_who_would_have_told() {
    let folder = small("", "");
    assert_eq!(test(&folder, &["--accept"]).code, Some(0));
    let (before, code) = mutation(&folder);
    assert_eq!(code, Some(1));
    // The two patients show that a steroid is enough, not that dry skin is.
    let whole = "skin == \"dry\" || steroid";
    assert_eq!(
        fates(&before, "condition", "definition sensitive"),
        [format!("survived: {whole} -> steroid"), format!("killed: {whole} -> skin == \"dry\"")]
    );
    assert_eq!(fates(&before, "rule", "contraindication pregnant"), ["survived: pregnant -> nothing"]);
    let all = before["mutants"].as_array().expect("a list");
    let pregnant = all.iter().find(|one| one["operator"] == "rule" && one["of"] == "contraindication pregnant");
    let text = pregnant.expect("a change")["case"]["text"].as_str().unwrap_or_default();
    assert!(text.contains("pregnant = ") && !text.contains("pregnant = false"), "{text}");
    assert_eq!(mutation(&folder).0, before);

    // With the cases of those who would have told, all of it is noticed.
    let written = test(&folder, &["--mutate", "--write-cases"]);
    assert!(written.stderr.contains("written: look at each"), "{}", written.stderr);
    let accepted = test(&folder, &["--accept"]);
    assert_eq!(accepted.code, Some(0), "{}{}", accepted.stdout, accepted.stderr);
    let (after, code) = mutation(&folder);
    assert!(after["mutants"].as_array().expect("a list").iter().all(|one| one["fate"] == "killed"), "{after}");
    assert_eq!(code, Some(0));
}

#[test]
fn what_changes_nothing_for_anybody_is_proven_to() {
    let rule = "[[referral]]\nid = \"few-enough\"\nwhen = 'pregnant && spots > 300'\nto = \"doctor\"\n\
                reason = \"Too many.\"\nsources = [\"custom\"]\n\n[facts.spots]\ntype = \"integer\"\nrange = [0, 200]\n\
                ask = \"How many dark spots are there?\"\nof = \"clinician\"\nvalid_for = \"90 days\"\n";
    let folder = small(rule, "spots = 5\n");
    assert_eq!(test(&folder, &["--accept"]).code, Some(0));
    let (found, _) = mutation(&folder);
    // There are at most 200 spots. Fewer than that is another matter.
    assert_eq!(
        fates(&found, "comparison", "referral few-enough"),
        ["equivalent: spots > 300 -> spots >= 300", "survived: spots > 300 -> spots <= 300"]
    );
    assert_eq!(fates(&found, "number", "referral few-enough"), ["equivalent: 300 -> 299", "equivalent: 300 -> 301"]);
}

#[test]
fn a_length_that_is_never_read_or_always_outdone_may_be_another() {
    let courses = r#"
[facts.date_of_birth]
type = "date"
past = true
ask = "Born?"
of = "patient"
valid_for = "forever"

[[course]]
id = "first"
grace = "4 days"
sources = ["custom"]

[[course.session]]
age = { minimum = "12 months", recommended = "12 months", latest = "16 months" }

[[course.session]]
age = { recommended = "4 years" }
interval = [{ id = "between", from = "previous", minimum = "28 days", recommended = "56 days", latest = "84 days" }]
allow = [{ id = "perhaps", from = "previous", minimum = "21 days", absolute_minimum = "14 days" }]

[[course]]
id = "later"
sources = ["custom"]

[[course.session]]
age = { minimum = "5 years", absolute_minimum = "4 years", recommended = "6 years", latest = "7 years", maximum = "40 years" }

[[course.session]]
interval = [{ id = "after", from = "previous", minimum = "28 days", recommended = "21 days", latest = "35 days" }]

[[course]]
id = "last"
offer_from = "50 years"
sources = ["custom"]

[[course.session]]
"#;
    let (clinic, _) = regimen::Clinic::from_text("p.toml", &format!("{SMALL}{courses}")).expect("it is sound");
    let found = regimen::mutation::mutate(&clinic.protocols[0], &[], &|_, _| {});
    let mutants = found.mutants.iter().filter(|one| one.fate == regimen::mutation::Fate::Equivalent);
    let after = mutants.filter_map(|one| Some((one.of.as_str(), one.after.as_deref()?)));
    let wanted = [
        // The age at which the second session is best wins over the interval.
        ("interval between", "recommended 55 days"),
        ("interval between", "recommended 57 days"),
        ("interval between", "recommended 8 months"),
        ("interval between", "recommended 8 days"),
        // Its minimum would only be for the next.
        ("interval perhaps", "minimum 20 days"),
        ("interval perhaps", "minimum 22 days"),
        ("interval perhaps", "minimum 3 months"),
        ("interval perhaps", "minimum 3 days"),
        // No day is before the earliest.
        ("course first", "recommended age 11 months"),
        ("course first", "recommended age 1 month"),
        ("interval after", "recommended 20 days"),
        ("interval after", "recommended 22 days"),
        ("interval after", "recommended 3 days"),
        // Who has had none begins the first course.
        ("course later", "minimum age 59 months"),
        ("course later", "minimum age 61 months"),
        ("course later", "minimum age 5 months"),
        ("course later", "recommended age 71 months"),
        ("course later", "recommended age 73 months"),
        ("course later", "recommended age 6 months"),
        ("course later", "latest age 83 months"),
        ("course later", "latest age 85 months"),
        ("course later", "latest age 7 months"),
        // Nobody is ever too old for the first.
        ("course last", "offer_from 599 months"),
        ("course last", "offer_from 601 months"),
        ("course last", "offer_from 50 months"),
    ];
    let sorted = |mut all: Vec<(&str, &str)>| {
        all.sort_unstable();
        all.iter().map(|(of, after)| format!("{of}: {after}")).collect::<Vec<_>>()
    };
    assert_eq!(sorted(after.collect()), sorted(wanted.to_vec()));
}

#[test]
fn the_table_for_a_page_has_a_row_for_each_protocol() {
    let folder = small("", "");
    assert_eq!(test(&folder, &["--accept"]).code, Some(0));
    let found = test(&folder, &["--mutate", "--format", "markdown"]);
    let all = mutation(&folder).0;
    let count = |fate: &str| {
        all["mutants"].as_array().into_iter().flatten().filter(|one| one["fate"] == fate).count().to_string()
    };
    let changes = all["mutants"].as_array().map_or(0, Vec::len).to_string();
    let fates = ["killed", "survived", "equivalent", "undecided"].map(count);
    let row = format!("| tiny-peel 1.0.0 | 2 | {changes} | {} |", fates.join(" | "));
    let lines: Vec<&str> = found.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{}", found.stdout);
    assert_eq!(lines[2], row);
    assert_eq!(test(&folder, &["--coverage", "--format", "markdown"]).code, Some(2));
}

#[test]
fn what_several_answers_of_one_patient_tell_together_is_tried_on_others() {
    // Of a sum, nothing says where it turns: what the patients of two cases answered shows it together.
    let fact = |name: &str| {
        format!(
            "[facts.{name}]\ntype = \"integer\"\nrange = [0, 200]\nask = \"How many {name} are there?\"\n\
             of = \"clinician\"\nvalid_for = \"90 days\"\n\n"
        )
    };
    let rule = "[[referral]]\nid = \"much-of-both\"\nwhen = 'pregnant && spots + patches > 200'\nto = \"doctor\"\n\
                reason = \"Too much of both.\"\nsources = [\"custom\"]\n";
    let folder = small(&format!("{}{}{rule}", fact("spots"), fact("patches")), "spots = 5\npatches = 0\n");
    for (name, spots, patches) in [("many-spots", 150, 0), ("many-patches", 5, 150)] {
        let case = format!(
            "title = \"{name}\"\nas_of = 2026-03-02\n[facts]\npregnant = false\nskin = \"normal\"\nsteroid = false\n\
             spots = {spots}\npatches = {patches}\n[expect]\nstatus = \"due\"\n"
        );
        std::fs::write(folder.path().join(format!("clinic/peel/cases/{name}.toml")), case).expect("written");
    }
    assert_eq!(test(&folder, &["--accept", "--answers"]).code, Some(0));
    let found = mutation(&folder).0;
    let fates = fates(&found, "rule", "referral much-of-both");
    assert_eq!(fates, ["survived: much-of-both -> nothing"]);
}

#[test]
fn a_grace_that_nothing_is_judged_by_is_not_changed() {
    let of_course = |skip: &str| {
        let course = |id: &str, skip: &str| {
            format!(
                "[[course]]\nid = \"{id}\"\ngrace = \"4 days\"\nsources = [\"custom\"]\n\n[[course.session]]\n\n[[course.session]]\n{skip}"
            )
        };
        let text = format!("{SMALL}{}{}", course("one", ""), course("two", skip));
        let (clinic, _) = regimen::Clinic::from_text("p.toml", &text).expect("it is sound");
        let found = regimen::mutation::mutate(&clinic.protocols[0], &[], &|_, _| {});
        let of_grace = found.mutants.iter().filter(|one| one.before.starts_with("grace "));
        of_grace.map(|one| one.of.clone()).collect::<std::collections::BTreeSet<_>>()
    };
    assert!(of_course("").is_empty());
    // What another course asks about is of its own grace.
    assert_eq!(of_course("skip = 'waited(\"8 weeks\", grace)'\n").into_iter().collect::<Vec<_>>(), ["course two"]);

    let folder = two_cases();
    let path = folder.path().join(PROTOCOL);
    let text = std::fs::read_to_string(&path).expect("the protocol");
    let of_grace = |found: &Json| {
        let all = found["mutants"].as_array().into_iter().flatten();
        all.filter(|one| one["before"].as_str().is_some_and(|before| before.starts_with("grace "))).count()
    };
    assert!(of_grace(&OF_TWO_CASES) > 0);
    let other = text
        .replace(
            "minimum = \"14 days\", recommended",
            "minimum = \"14 days\", absolute_minimum = \"7 days\", recommended",
        )
        .replace(
            "minimum = \"28 days\", recommended",
            "minimum = \"28 days\", absolute_minimum = \"7 days\", recommended",
        );
    assert_ne!(text, other);
    std::fs::write(&path, other).expect("written");
    assert_eq!(test(&folder, &["--accept", "--answers"]).code, Some(0));
    assert_eq!(of_grace(&mutation(&folder).0), 0);
}

#[test]
fn every_operator_of_the_language_of_protocols_makes_changes() {
    let found = &*OF_TWO_CASES;
    let operators: std::collections::BTreeSet<&str> =
        found["mutants"].as_array().expect("a list").iter().filter_map(|one| one["operator"].as_str()).collect();
    let all = [
        "choice",
        "comparison",
        "condition",
        "connective",
        "default",
        "interval",
        "limit",
        "negation",
        "number",
        "row",
        "rule",
        "unit",
        "wait",
    ];
    assert_eq!(operators.into_iter().collect::<Vec<_>>(), all);
    let told: Vec<&Json> = found["mutants"].as_array().expect("a list").iter().collect();
    assert!(told.iter().all(|one| one["line"].as_u64() > Some(1)));
    // Nothing is changed into itself.
    assert!(told.iter().all(|one| one["before"] != one["after"]));
    assert_eq!(found["without_result"], 0);
}

#[test]
fn a_protocol_in_which_nothing_can_be_changed_is_a_mistake() {
    let folder = two_cases();
    let head = "id = \"tiny-peel\"\ntitle = \"Peel\"\nversion = \"1.0.0\"\nstatus = \"active\"\nin_force = { from = 2026-01-01 }\n\
                review_by = 2027-01-01\nowner = \"medical lead\"\ntreatment = \"peel\"\n[sources.custom]\ntitle = \"Custom\"\nevidence = \"custom\"\n";
    std::fs::remove_dir_all(folder.path().join("clinic/peel")).expect("a folder");
    std::fs::create_dir_all(folder.path().join("clinic/peel/cases")).expect("a folder");
    std::fs::write(folder.path().join(PROTOCOL), head).expect("it can be written");
    let case = "title = \"Anybody\"\nas_of = 2026-03-02\n[expect]\nstatus = \"due\"\n";
    std::fs::write(folder.path().join("clinic/peel/cases/anybody.toml"), case).expect("it can be written");
    let accepted = test(&folder, &["--accept"]);
    assert_eq!(accepted.code, Some(0), "{}{}", accepted.stdout, accepted.stderr);
    let found = test(&folder, &["--mutate"]);
    assert_eq!(found.code, Some(1));
    assert!(found.stderr.contains("R608"), "{}", found.stderr);
}
