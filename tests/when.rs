//! `regimen when`: from when a patient may be treated, if nothing else changes.

#[allow(dead_code, reason = "other tests need the rest")]
mod support;

use std::process::Command;

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
    let text = format!(
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
    );
    Clinic::from_text("trial.toml", &text).unwrap_or_else(|found| panic!("{found}")).0.protocols.remove(0)
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
}

/// Of every shipped case with a first permitted day: the day before, the patient still waits, and on the day nothing holds back.
#[test]
fn the_first_permitted_day_is_the_first_on_which_nothing_holds_back() {
    let (clinic, _) = Clinic::load(support::repository().join("protocols")).expect("the shipped clinic");
    let mut tried = 0;
    for protocol in &clinic.protocols {
        let mut cases = Cases::of(protocol);
        // Every seventh is enough: each decides about months of days.
        for path in of_protocol(protocol).into_iter().step_by(7) {
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
    assert!(told.stdout.contains("  2026-03-02 to 2026-03-12  deferred         recent-sunburn\n"), "{}", told.stdout);
    let json = ask(&["--format", "json"]).stdout;
    let outlook: Outlook = serde_json::from_str(&json).expect("an outlook");
    assert_eq!(outlook.first_day, Some(day("2026-03-13")));
    assert_eq!(ask(&["--until", "2026-01-01"]).code, Some(2));
}
