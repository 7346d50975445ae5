//! `regimen when`: from when a patient may be treated, if nothing else changes.

#[allow(dead_code, reason = "other tests need the rest")]
mod support;

#[path = "support/random.rs"]
mod random;

use std::process::Command;

use proptest::prelude::*;
use random::cases;

use regimen::cases::{Cases, of_protocol};
use regimen::{Clinic, Date, Depth, Notation, Outlook, Protocol, Record, Request, Status};
use support::{Folder, Output, run};

fn regimen(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.args(arguments).current_dir(support::repository());
    run(command, "")
}

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn protocol(rules: &str) -> Protocol {
    read(&text(rules))
}

fn read(text: &str) -> Protocol {
    Clinic::from_text("trial.toml", text).unwrap_or_else(|found| panic!("{found}")).0.protocols.remove(0)
}

fn text(rules: &str) -> String {
    format!(
        r#"
id = "trial"
title = "Trial"
version = "1.0.0"
status = "active"
in_force = {{ from = 2000-01-01, until = 2026-12-31 }}
review_by = 2100-01-01
owner = "nobody"
treatment = "trial"
sources.clinic = {{ title = "Custom", evidence = "custom" }}
[facts]
ill = {{ type = "bool", ask = "Ill?", of = "patient", valid_for = "visit" }}
burnt = {{ type = "date", past = true, may_be_never = true, ask = "Burnt?", of = "patient", valid_for = "7 days" }}
{rules}"#
    )
}

const WAITS: &str = r#"
[[deferral]]
id = "burn"
not_before = 'burnt + days(14)'
reason = "x"
sources = ["clinic"]
[[contraindication]]
id = "ill"
when = 'ill'
lasts = "while-true"
reason = "x"
sources = ["clinic"]
[[precaution]]
id = "thursday"
when = 'today >= date("2026-03-20")'
do = "x"
reason = "x"
sources = ["clinic"]
"#;

fn outlook(protocol: &Protocol, facts: &str, until: &str) -> Outlook {
    let text = format!("patient = \"P\"\nrecorded = 2026-03-01\nsessions = []\n[facts]\n{facts}");
    let record = Record::from_text("record.toml", &text, Notation::Toml, &protocol.dictionary);
    let record = record.unwrap_or_else(|found| panic!("{found}")).0;
    let outlook = protocol.outlook(&record, &Request::new(day("2026-03-02")), day(until));
    outlook.unwrap_or_else(|found| panic!("{found}"))
}

fn stretches(outlook: &Outlook) -> Vec<String> {
    let one = |one: &regimen::Stretch| format!("{} {} {} {}", one.from, one.until, one.status, one.because.join(","));
    outlook.stretches.iter().map(one).collect()
}

#[test]
fn what_is_known_today_is_taken_as_answered_again() {
    let protocol = protocol(WAITS);
    let told = outlook(&protocol, "ill = { value = false, on = 2026-03-02 }\nburnt = 2026-02-25\n", "2026-04-30");
    assert_eq!(stretches(&told), ["2026-03-02 2026-03-10 deferred burn", "2026-03-11 2026-04-30 due "]);
    assert_eq!(told.first_day, Some(day("2026-03-11")));
    let again: Vec<&str> = told.to_be_confirmed.iter().map(|one| one.fact.as_str()).collect();
    assert_eq!(again, ["ill", "burnt"]);
}

#[test]
fn what_is_not_known_today_is_not_known_later_either() {
    let protocol = protocol(WAITS);
    // Yesterday's answer no longer counts.
    let told = outlook(&protocol, "ill = false\nburnt = \"never\"\n", "2026-03-31");
    assert_eq!(stretches(&told), ["2026-03-02 2026-03-31 undetermined "]);
    assert_eq!(
        (told.first_day, told.stretches[0].could_become.as_slice()),
        (None, &[Status::Contraindicated, Status::Due][..])
    );
}

#[test]
fn a_month_told_today_does_not_grow() {
    let protocol = protocol(WAITS);
    let told = outlook(
        &protocol,
        "ill = { value = false, on = 2026-03-02 }\nburnt = { value = \"2026-03\", on = 2026-03-02 }\n",
        "2026-03-31",
    );
    assert_eq!(told.first_day, Some(day("2026-03-16")));
}

#[test]
fn the_days_end_with_the_protocol() {
    let protocol = protocol(WAITS);
    let told = outlook(&protocol, "ill = { value = true, on = 2026-03-02 }\nburnt = \"never\"\n", "2027-03-31");
    assert_eq!(stretches(&told), ["2026-03-02 2026-12-31 contraindicated ill"]);
    assert_eq!((told.first_day, told.until), (None, day("2026-12-31")));
    assert_eq!(told.asked_until, Some(day("2027-03-31")));
    let told = outlook(&protocol, "ill = { value = true, on = 2026-03-02 }\nburnt = \"never\"\n", "2026-12-31");
    assert_eq!(told.asked_until, None);
}

/// On each day the version that is in force then answers, with what is known today.
#[test]
fn the_next_version_goes_on() {
    let later =
        text("").replace("1.0.0", "1.1.0").replace("from = 2000-01-01, until = 2026-12-31", "from = 2027-01-01");
    let (first, later) = (protocol(WAITS), read(&later));
    let facts = "ill = { value = true, on = 2026-03-02 }\nburnt = \"never\"\n";
    let mut told = outlook(&first, facts, "2027-03-31");
    let text = format!("patient = \"P\"\nrecorded = 2026-03-01\nsessions = []\n[facts]\n{facts}");
    let record = Record::from_text("record.toml", &text, Notation::Toml, &later.dictionary).expect("a record").0;
    later.go_on(&mut told, &record);
    assert_eq!(stretches(&told), ["2026-03-02 2026-12-31 contraindicated ill", "2027-01-01 2027-03-31 due "]);
    assert_eq!((told.first_day, told.until), (Some(day("2027-01-01")), day("2027-03-31")));
    assert_eq!((told.asked_until, told.stretches[0].version.as_deref()), (None, None));
    assert_eq!(told.stretches[1].version.as_deref(), Some("1.1.0"));
}

#[test]
fn that_the_version_ends_is_told() {
    let folder = Folder::new();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("a path").to_owned()
    };
    let protocol = write("trial.toml", &text(WAITS));
    let facts = "ill = { value = true, on = 2026-03-02 }\nburnt = \"never\"\n";
    let record = write("p.txt", &format!("patient = \"P\"\nrecorded = 2026-03-01\nsessions = []\n[facts]\n{facts}"));
    let told = regimen(&["when", &protocol, &record, "--as-of", "2026-03-02", "--until", "2027-03-31"]).stdout;
    assert!(told.contains("\nNot looked at after 2026-12-31, because the version ends then\n"), "{told}");
    assert!(told.contains("  2026-03-02 to 2026-12-31  contraindicated"), "{told}");
    let told = regimen(&["when", &protocol, &record, "--as-of", "2026-03-02", "--until", "2026-12-31"]).stdout;
    assert!(!told.contains("Not looked at") && told.contains("2026-03-02 to …"), "{told}");
}

/// Of every shipped case with a first permitted day: the day before, the patient still waits, and on the day nothing holds back.
#[test]
fn the_first_permitted_day_is_the_first_on_which_nothing_holds_back() {
    let (clinic, _) = Clinic::load(support::repository().join("protocols")).expect("the shipped clinic");
    let mut tried = 0;
    for protocol in &clinic.protocols {
        let mut cases = Cases::of(protocol);
        // Every twentieth is enough: each decides about months of days.
        for path in of_protocol(protocol).into_iter().step_by(20) {
            let (case, _) = cases.load(&path).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            let request = case.request.explain(Depth::Verdict);
            let Ok(answer) = protocol.recommend(&case.record, &request) else { continue };
            let Some(first) = answer.not_before else { continue };
            let Ok(outlook) = protocol.outlook(&case.record, &request, first) else { continue };
            if outlook.until != first {
                continue;
            }
            let before = &outlook.stretches[..outlook.stretches.len() - 1];
            let last = outlook.stretches.last().expect("a stretch");
            assert!(before.iter().all(|one| one.status <= Status::Deferred), "{}: {outlook:?}", path.display());
            assert!(last.from == first && last.status > Status::Deferred, "{}: {outlook:?}", path.display());
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn the_command_answers_first_and_then_says_what_holds_until_when() {
    let folder = Folder::new();
    let path = folder.path().join("p.toml");
    let healthy =
        std::fs::read_to_string(support::repository().join("protocols/records/healthy-adult.toml")).expect("a record");
    let burnt =
        healthy.lines().filter(|line| !line.starts_with("sunburn_resolved_date")).collect::<Vec<_>>().join("\n");
    std::fs::write(&path, format!("{burnt}\nsunburn_resolved_date = 2026-02-27\n")).expect("written");
    let file = path.to_str().expect("a path");
    let ask = |more: &[&str]| {
        let whole =
            ["when", "protocols/microneedling-acne-scars", file, "--as-of", "2026-03-02", "--until", "2026-06-30"];
        regimen(&[&whole[..], more].concat())
    };
    let told = ask(&[]);
    assert!(told.code == Some(0) && told.stderr.is_empty(), "{}", told.stderr);
    assert!(told.stdout.starts_with("FROM 2026-03-13, if nothing else changes\n"), "{}", told.stdout);
    assert!(
        told.stdout.contains("  2026-03-02 to 2026-03-12  deferred         sunburn not long ago\n"),
        "{}",
        told.stdout
    );
    let json = ask(&["--format", "json"]).stdout;
    let outlook: Outlook = serde_json::from_str(&json).expect("an outlook");
    assert_eq!(outlook.first_day, Some(day("2026-03-13")));
    assert_eq!(ask(&["--until", "2026-01-01"]).code, Some(2));
}

// ---------------------------------------------------------------------------------------------------------------------
// What would have to be different
// ---------------------------------------------------------------------------------------------------------------------

/// Each set as `b1=[true] & c1=["a", "b"]`, with a `*` where a person can change it.
fn changes(outlook: &Outlook) -> Vec<String> {
    let changes = outlook.changes.as_ref().expect("the patient is not treated");
    let change = |one: &regimen::Change| format!("{}={}", one.fact, serde_json::Value::from(one.instead.clone()));
    let set = |set: &regimen::ChangeSet| {
        let all: Vec<String> = set.changes.iter().map(change).collect();
        format!("{}{}", if set.modifiable { "*" } else { "" }, all.join(" & "))
    };
    changes.sets.iter().map(set).collect()
}

/// Facts of every kind that can be tried whole, and one that a person can change.
fn differing(rules: &[&str]) -> Protocol {
    let rule = |(at, when): (usize, &&str)| {
        format!(
            "[[contraindication]]\nid = \"rule-{at}\"\nwhen = '{when}'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
        )
    };
    let rules: String = rules.iter().enumerate().map(rule).collect();
    protocol(&format!(
        r#"
smoker = {{ type = "bool", ask = "Smoke?", of = "patient", valid_for = "forever", modifiable = true }}
packs = {{ type = "integer", range = [0, 4], ask = "Packs?", of = "patient", valid_for = "forever", modifiable = true, asked_when = 'smoker', otherwise = 0 }}
skin = {{ type = "choice", choices = ["fair", "dark"], ask = "Skin?", of = "patient", valid_for = "forever" }}
weight = {{ type = "decimal", range = [20, 300], decimals = 1, ask = "Weight?", of = "patient", valid_for = "forever" }}
marks = {{ type = "set", choices = ["a", "b"], ask = "Marks?", of = "patient", valid_for = "forever" }}
{rules}
[[contradiction]]
when = 'smoker && skin == "fair" && ill'
say  = "not all of it"
"#
    ))
}

const WELL: &str = "ill = { value = false, on = 2026-03-02 }\nsmoker = false\npacks = { value = 0, no_longer_applies = true }\nskin = \"fair\"\nweight = 60\nmarks = []\n";

#[test]
fn a_single_answer_is_told_with_all_its_values_and_what_can_be_changed_first() {
    let told = |rule: &str, facts: &str| changes(&outlook(&differing(&[rule]), facts, "2026-03-02"));
    let smoking =
        WELL.replace("smoker = false\npacks = { value = 0, no_longer_applies = true }", "smoker = true\npacks = 3");
    // Whoever does not smoke any more has no packs: the two answers would contradict each other.
    assert_eq!(told("packs > 1", &smoking), ["*packs=[0,1]"]);
    assert_eq!(
        told("smoker && skin == \"fair\"", &smoking.replace("packs = 3\n", "")),
        ["*smoker=[false]", "skin=[\"dark\"]"]
    );
    assert_eq!(told("weight < 80.5", WELL), ["weight=[80.5,190.2,300]"]);
    assert_eq!(told("!(\"a\" in marks)", WELL), ["marks=[[\"a\"]]"]);
    // What is not known is answered.
    assert_eq!(told("skin == \"fair\"", &WELL.replace("skin = \"fair\"\n", "")), ["skin=[\"dark\"]"]);
}

#[test]
fn two_answers_are_told_where_one_is_not_enough() {
    let protocol = differing(&["skin == \"fair\"", "weight < 80 || ill"]);
    assert_eq!(changes(&outlook(&protocol, WELL, "2026-03-02")), ["skin=[\"dark\"] & weight=[80,190,300]"]);
    let three = differing(&["skin == \"fair\"", "weight < 80", "marks.is_empty()"]);
    let told = outlook(&three, WELL, "2026-03-02");
    assert!(changes(&told).is_empty() && told.changes.expect("it waits").complete);
    let due = outlook(&differing(&["ill"]), WELL, "2026-03-02");
    assert_eq!(due.changes, None);
}

#[test]
fn what_waits_for_a_day_and_what_a_course_counts_from_is_not_claimed_to_be_whole() {
    let protocol = protocol(
        "birth = { type = \"date\", past = true, ask = \"Birth?\", of = \"patient\", valid_for = \"forever\" }\n\
         [[course]]\nid = \"c\"\nsessions = { planned = 1, maximum = 1 }\n\
         interval = [{ from = \"birth\", minimum = \"20 years\" }]\nsources = [\"clinic\"]\n",
    );
    let told = outlook(&protocol, "birth = 2010-01-01\n", "2026-03-02").changes.expect("too young");
    assert_eq!(told.not_all_values, ["birth"]);
    let waits = self::protocol(WAITS);
    let told = outlook(&waits, "ill = { value = false, on = 2026-03-02 }\nburnt = 2026-02-25\n", "2026-03-02");
    let changes = told.changes.expect("it waits");
    assert!(changes.complete && changes.not_all_values.is_empty());
    assert!(changes.sets.iter().all(|set| !set.modifiable && set.changes[0].fact == "burnt"), "{changes:?}");
}

/// The whole domain of each fact of `differing`, of which the rules below tell apart no more.
const DOMAINS: [(&str, &[&str]); 6] = [
    ("ill", &["true", "false"]),
    ("smoker", &["true", "false"]),
    ("packs", &["0", "1", "2", "3", "4"]),
    ("skin", &["\"fair\"", "\"dark\""]),
    ("weight", &["20", "40", "40.1", "60", "60.1", "300"]),
    ("marks", &["[]", "[\"a\"]", "[\"b\"]", "[\"a\", \"b\"]"]),
];

fn is_treated(protocol: &Protocol, answers: &[Option<String>]) -> bool {
    let lines = DOMAINS.iter().zip(answers).filter_map(|((fact, _), answer)| {
        Some(format!("{fact} = {{ value = {}, on = 2026-03-02 }}\n", answer.as_ref()?))
    });
    let text = format!("patient = \"P\"\nsessions = []\n[facts]\n{}", lines.collect::<String>());
    let record = Record::from_text("r.toml", &text, Notation::Toml, &protocol.dictionary)
        .unwrap_or_else(|found| panic!("{found}"))
        .0;
    protocol.recommend(&record, &Request::new(day("2026-03-02"))).expect("an answer").status.is_treat()
}

/// The sets of so many facts with which, given some other answers, the patient is treated.
fn by_brute_force(
    protocol: &Protocol,
    answers: &[Option<String>],
    size: usize,
) -> std::collections::BTreeSet<Vec<String>> {
    let mut found = std::collections::BTreeSet::new();
    let with = |answers: &[Option<String>], at: usize, value: &str| {
        let mut answers = answers.to_vec();
        answers[at] = Some(value.to_owned());
        answers
    };
    for (one, (name, values)) in DOMAINS.iter().enumerate() {
        for value in *values {
            let first = with(answers, one, value);
            if size == 1 && is_treated(protocol, &first) {
                found.insert(vec![(*name).to_owned()]);
            }
            for (other, (second, values)) in DOMAINS.iter().enumerate().skip(one + 1).filter(|_| size == 2) {
                if values.iter().any(|value| is_treated(protocol, &with(&first, other, value))) {
                    found.insert(vec![(*name).to_owned(), (*second).to_owned()]);
                }
            }
        }
    }
    found
}

fn condition() -> impl Strategy<Value = String> {
    let atom = prop::sample::select(vec![
        "ill",
        "!ill",
        "smoker",
        "packs > 1",
        "packs == 0",
        "skin == \"dark\"",
        "skin != \"dark\"",
        "weight > 40",
        "weight <= 60",
        "\"a\" in marks",
        "marks.is_empty()",
        "!(\"b\" in marks)",
        "known(smoker) && smoker",
        "(ill ?? true)",
    ]);
    let joined = (atom.clone(), prop::sample::select(vec!["&&", "||"]), atom.clone());
    prop_oneof![atom.prop_map(str::to_owned), joined.prop_map(|(a, op, b)| format!("({a}) {op} ({b})"))]
}

proptest! {
    #![proptest_config(cases(24))]

    /// Each set that is named does, with each of its answers, and there is no other of its size, nor a smaller one.
    #[test]
    fn the_smallest_sets_of_answers_are_those_of_brute_force(
        rules in prop::collection::vec(condition(), 1..4),
        answers in prop::collection::vec(prop::option::weighted(0.8, any::<prop::sample::Index>()), DOMAINS.len()),
    ) {
        let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        let protocol = differing(&rules);
        let answers: Vec<Option<String>> = DOMAINS.iter().zip(&answers)
            .map(|((_, values), at)| at.map(|at| (*at.get(values)).to_owned())).collect();
        let facts: String = DOMAINS.iter().zip(&answers)
            .filter_map(|((fact, _), answer)| Some(format!("{fact} = {{ value = {}, on = 2026-03-02 }}\n", answer.as_ref()?))).collect();
        let told = outlook(&protocol, &facts, "2026-03-02");
        let Some(changes) = told.changes else {
            prop_assert!(is_treated(&protocol, &answers));
            return Ok(());
        };
        prop_assert!(changes.complete && changes.not_all_values.is_empty(), "{changes:?}");
        let named = |set: &regimen::ChangeSet| {
            let mut names: Vec<String> = set.changes.iter().map(|one| one.fact.clone()).collect();
            names.sort_by_key(|name| DOMAINS.iter().position(|(fact, _)| fact == name));
            names
        };
        let found: std::collections::BTreeSet<Vec<String>> = changes.sets.iter().map(named).collect();
        let singles = by_brute_force(&protocol, &answers, 1);
        let expected = if singles.is_empty() { by_brute_force(&protocol, &answers, 2) } else { singles };
        prop_assert_eq!(&found, &expected, "{:?}\n{}", rules, facts);
        for set in &changes.sets {
            let mut ways = vec![answers.clone()];
            for one in &set.changes {
                let at = DOMAINS.iter().position(|(fact, _)| *fact == one.fact).expect("a fact");
                ways = ways.iter().flat_map(|way| one.instead.iter().map(move |value| {
                    let mut way = way.clone();
                    way[at] = Some(value.to_string());
                    way
                })).collect();
            }
            for way in ways {
                prop_assert!(is_treated(&protocol, &way), "{:?}\n{:?}\n{:?}", rules, facts, way);
            }
        }
    }
}

#[test]
fn the_calendar_has_an_end() {
    for as_of in ["9998-01-01", "9999-12-31"] {
        let protocol = "protocols/microneedling-acne-scars";
        let record = "protocols/records/minimal.toml";
        let output = regimen(&["when", protocol, record, "--as-of", as_of, "--format", "json"]);
        assert!(output.code == Some(0) && output.stdout.contains("\"until\": \"9999-12-31\""), "{output:?}");
        let wanted =
            ["plan", "protocols", record, "--as-of", as_of, "--want", "microneedling-acne-scars,glycolic-peel"];
        assert_eq!(regimen(&wanted).code, Some(0));
    }
}

/// There are as many sets as ways to choose: a few are named, those that are nearest to what is planned.
#[test]
fn of_sets_a_few_are_named() {
    let healthy =
        std::fs::read_to_string(support::repository().join("protocols/records/healthy-adult.toml")).expect("read");
    let is_replaced = |line: &&str| !line.starts_with("sessions ") && !line.starts_with("treatment_area ");
    let mut text = String::new();
    for line in healthy.lines().filter(is_replaced) {
        text.push_str(line);
        text.push('\n');
        if line == "[facts]" {
            text.push_str("treatment_area = [\"cheek\", \"leg\"]\n");
        }
    }
    for (date, area) in [("2026-01-20", "leg"), ("2025-12-10", "cheek")] {
        text.push_str(&format!(
            "[[sessions]]\ntreatment = \"laser-hair-reduction\"\ndate = {date}\narea = [\"{area}\"]\n"
        ));
    }
    let folder = Folder::new();
    let record = folder.path().join("lh.toml");
    std::fs::write(&record, text).expect("written");
    let record = record.to_str().expect("a path");
    let output = regimen(&["when", "protocols/laser-hair-reduction", record, "--as-of", "2026-03-02"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let told = output.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    // The leg is what waits.
    assert!(told.contains("zones planned for today: for example cheek, "), "{}", output.stdout);
    assert!(output.stdout.lines().count() < 60, "{}", output.stdout);
}
