//! What nobody knows does not vanish: nearly a name of the clinic is a mistake, any other name a doubt that stands in the answer.

#![cfg(feature = "cli")]

mod support;

use std::process::Command;

use regimen::internals::read_file;
use regimen::{Clinic, Notation, Record, Request};
use serde_json::Value as Json;

use support::{Folder, Output, run};

const DAY: &str = "2026-03-10";

/// The top of a protocol, without its treatment.
fn protocol(id: &str, rest: &str) -> String {
    format!(
        "id = \"{id}\"\ntitle = \"The {id}\"\nversion = \"1.0.0\"\nstatus = \"active\"\n\
         in_force = {{ from = 2020-01-01 }}\nreview_by = 2030-01-01\nowner = \"medical lead\"\n{rest}\n\
         [sources.custom]\ntitle = \"Custom\"\nevidence = \"custom\"\n"
    )
}

/// Deferred for four weeks after a session, and forbidden where there are few platelets; nobody has to know how many there are.
const LASER: &str = r#"
treatment = "laser"
products = { gel = ["azure", "gel-10"] }
contraindication = [{ id = "few", when = '(platelets ?? 200) < 50', lasts = "while-true", reason = "They bleed.", note = "A trial.", sources = ["custom"] }]
separation = [{ from = ["filler"], minimum = "28 days", reason = "Swelling.", sources = ["custom"] }]
course = [{ id = "standard", sessions = { planned = 3 }, sources = ["custom"], interval = [{ from = "previous", minimum = "28 days" }] }]
"#;

/// It knows a fact, a note, a treatment and a product of its own.
const PEEL: &str = r#"
treatment = "peeling"
products = { acids = ["glycolic"] }
facts.oiliness = { type = "bool", ask = "Is the skin oily?", of = "clinician", valid_for = "visit" }
session_facts.frosting = { type = "bool" }
precaution = [{ id = "slow", when = 'oiliness || !sessions_of("dermabrasion").is_empty()', do = "Go slowly.", reason = "It stings.", sources = ["custom"] }]
"#;

const FACTS: &str = r#"
facts.platelets = { type = "decimal", range = [0, 900], ask = "Platelets?", of = "lab", valid_for = "90 days" }
treatments.filler = { label = "Filler" }
treatments.dermabrasion = { label = "Dermabrasion" }

[ignored]
facts = ["shoe_size"]
treatments = ["massage"]
products = ["lavender"]
"#;

/// A clinic of two protocols.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("facts.toml", FACTS);
    folder.write("laser/protocol.toml", protocol("laser", LASER));
    folder.write("peel/protocol.toml", protocol("peel", PEEL));
    folder
}

fn regimen(folder: &Folder, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).env("NO_COLOR", "1").args(arguments);
    run(command, input)
}

/// Names in a record, what is said of them, and whether that is a mistake. Each is a member of `facts` or a session.
const STRANGE: [(&str, &str, &str, bool); 13] = [
    (r#"{"platelet":20.0}"#, "[]", "R411", true),
    (r#"{"height":180}"#, "[]", "R402", false),
    ("{}", r#"[{"treatment":"lazer","date":"2026-03-01"}]"#, "R405", true),
    ("{}", r#"[{"treatment":"Laser","date":"2026-03-01"}]"#, "R405", true),
    ("{}", r#"[{"treatment":"cryotherapy","date":"2026-03-01"}]"#, "R412", false),
    // The protocol's own name, and a part of a treatment's.
    ("{}", r#"[{"treatment":"peel","date":"2026-03-01"}]"#, "R405", true),
    ("{}", r#"[{"treatment":"abrasion","date":"2026-03-01"}]"#, "R405", true),
    ("{}", r#"[{"treatment":"laser","date":"2025-03-01","product":"azur"}]"#, "R414", true),
    ("{}", r#"[{"treatment":"laser","date":"2025-03-01","product":"gel-20"}]"#, "R413", false),
    ("{}", r#"[{"treatment":"laser","date":"2025-03-01","product":"gel"}]"#, "R413", false),
    ("{}", r#"[{"treatment":"filler","date":"2025-03-01","product":"zirconium"}]"#, "R413", false),
    ("{}", r#"[],"sessions_cover":["filler","lazer"]"#, "R405", true),
    ("{}", r#"[],"sessions_cover":["filler","cryotherapy"]"#, "R412", false),
];

/// Names that somebody in the clinic knows, or that it ignores.
const KNOWN: [(&str, &str); 7] = [
    (r#"{"oiliness":false,"shoe_size":42}"#, "[]"),
    ("{}", r#"[{"treatment":"peeling","date":"2025-03-01","product":"glycolic"}]"#),
    ("{}", r#"[{"treatment":"dermabrasion","date":"2025-03-01"}]"#),
    ("{}", r#"[{"treatment":"massage","date":"2025-03-01","product":"sandalwood"}]"#),
    ("{}", r#"[{"treatment":"laser","date":"2025-03-01","product":"lavender"}]"#),
    ("{}", r#"[{"treatment":"peeling","date":"2025-03-01","frosting":true}]"#),
    ("{}", r#"[],"sessions_cover":["laser","peeling","dermabrasion","massage"]"#),
];

/// A record in one line, as most are written, or in an unusual way that only the reader of records takes.
fn line(facts: &str, sessions: &str, unusual: bool) -> String {
    let patient = if unusual { "\\u0050" } else { "P" };
    format!(r#"{{"patient":"{patient}","recorded":"{DAY}","facts":{facts},"sessions":{sessions}}}"#)
}

fn parsed(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Whether `doubts` is a list of one, with that code.
fn only(doubts: &Json, code: &str) -> bool {
    doubts.as_array().is_some_and(|all| all.len() == 1 && all[0]["code"] == code)
}

#[test]
fn a_strange_name_is_told_by_recommend_of_one_protocol_and_of_a_clinic() {
    let folder = folder();
    for (facts, sessions, code, is_mistake) in STRANGE {
        let record = line(facts, sessions, false);
        for (asked, list) in [("laser", false), ("laser/protocol.toml", false), (".", true)] {
            let ask =
                |more: &[&str]| regimen(&folder, &[&["recommend", asked, "-", "--as-of", DAY], more].concat(), &record);
            let (text, json, strict) = (ask(&[]), ask(&["--format", "json"]), ask(&["--strict"]));
            assert_eq!((strict.code, strict.stdout.as_str()), (Some(1), ""), "{record}");
            assert!(strict.stderr.contains(&format!("[{code}]")), "{record}: {}", strict.stderr);
            if is_mistake {
                assert_eq!((text.code, text.stdout.as_str()), (Some(1), ""), "{record}");
                assert!(text.stderr.contains("did you mean"), "{record}: {}", text.stderr);
                continue;
            }
            assert_eq!((text.code, text.stderr.as_str()), (Some(0), ""), "{record}");
            assert_eq!(text.stdout.matches(code).count(), 1, "{record}: {}", text.stdout);
            let heading = text.stdout.find("\nDoubts\n").expect("a heading");
            assert!(heading < text.stdout.find(if list { "The laser:" } else { "add --full" }).expect("the answer"));
            let answers = parsed(&json.stdout);
            let answers = if list { answers.as_array().expect("a list").clone() } else { vec![answers] };
            assert!(answers.iter().all(|answer| only(&answer["doubts"], code)), "{}", json.stdout);
            let markdown = ask(&["--format", "markdown"]).stdout;
            assert_eq!(markdown.matches(&format!("## Doubts\n\n- **{code}**")).count(), answers.len(), "{markdown}");
        }
    }
}

#[test]
fn a_strange_name_is_told_by_both_readers_of_a_batch() {
    let folder = folder();
    for (facts, sessions, code, is_mistake) in STRANGE {
        for unusual in [false, true] {
            let record = line(facts, sessions, unusual);
            for more in [&[][..], &["--explain", "verdict"]] {
                let ask = |asked: &str, strict: &[&str]| {
                    regimen(&folder, &[&["batch", asked, "--as-of", DAY], more, strict].concat(), &record)
                };
                for asked in ["laser", "."] {
                    let answer = parsed(&ask(asked, &[]).stdout);
                    let told = if is_mistake { &answer["errors"] } else { &answer["doubts"] };
                    assert!(only(told, code), "{record}: {answer}");
                    assert!(only(&parsed(&ask(asked, &["--strict"]).stdout)["errors"], code), "{record}");
                }
            }
        }
    }
}

#[test]
fn what_another_protocol_knows_and_what_is_ignored_causes_no_doubt() {
    let folder = folder();
    for (facts, sessions) in KNOWN {
        for unusual in [false, true] {
            let record = line(facts, sessions, unusual);
            for asked in ["laser", "peel", "peel/protocol.toml", "."] {
                let one = regimen(&folder, &["recommend", asked, "-", "--as-of", DAY, "--strict"], &record);
                assert_eq!(one.code, Some(0), "{asked} {record}: {}", one.stderr);
                assert!(!one.stdout.contains("Doubts"), "{asked} {record}: {}", one.stdout);
                let answer = regimen(&folder, &["batch", asked, "--as-of", DAY, "--strict"], &record);
                assert_eq!(answer.code, Some(0), "{asked} {record}: {}", answer.stdout);
                assert!(!answer.stdout.contains("doubts"), "{asked} {record}: {}", answer.stdout);
            }
        }
    }
}

/// What one of two protocols knows is no mistake, however nearly it is a name of the other's.
#[test]
fn protocols_that_are_no_clinic_know_their_names_together() {
    let folder = Folder::new();
    folder.write("laser.toml", protocol("laser", "treatment = \"laser\""));
    folder.write("lasers.toml", protocol("lasers", "treatment = \"lasers\""));
    for unusual in [false, true] {
        let record = line("{}", r#"[{"treatment":"lasers","date":"2025-03-01"}]"#, unusual);
        let alone = regimen(&folder, &["batch", "laser.toml", "--as-of", DAY], &record);
        assert!(only(&parsed(&alone.stdout)["errors"], "R405"), "{}", alone.stdout);
        let both = regimen(&folder, &["batch", "laser.toml", "lasers.toml", "--as-of", DAY, "--strict"], &record);
        assert_eq!((both.code, both.stdout.contains("doubts")), (Some(0), false), "{}", both.stdout);
        let record = record.replace("lasers", "laserss");
        let neither = regimen(&folder, &["batch", "laser.toml", "lasers.toml", "--as-of", DAY], &record);
        assert!(only(&parsed(&neither.stdout)["errors"], "R405"), "{}", neither.stdout);
    }
}

#[test]
fn a_strange_name_is_told_in_cases_and_in_the_records_that_they_start_from() {
    for (session, code) in [("lazer", "R405"), ("cryotherapy", "R412")] {
        let folder = folder();
        let sessions = format!("\n[[sessions]]\ntreatment = \"{session}\"\ndate = 2026-03-01\n");
        let case = |record: &str, rest: &str| {
            format!("title = \"…\"\nas_of = {DAY}\n{record}\n{rest}\n[expect]\nstatus = \"due\"\n")
        };
        folder.write("laser/cases/own.toml", case("", &sessions));
        folder.write("records/one.toml", format!("patient = \"P\"\nrecorded = {DAY}\n{sessions}"));
        folder.write("laser/cases/start.toml", case("record = \"../../records/one.toml\"", ""));
        // The sessions of the record are replaced, and with them what is doubtful about them.
        let replaced = "sessions = []\nrecord = \"../../records/one.toml\"";
        folder.write("laser/cases/replaced.toml", case(replaced, ""));
        let checked = regimen(&folder, &["check", ".", "--no-notes", "--format", "plain", "--as-of", DAY], "");
        for file in ["laser/cases/own.toml", "records/one.toml"] {
            let is_told = |line: &str| line.contains(file) && line.contains(code);
            assert!(checked.stdout.lines().any(is_told), "{file}: {}", checked.stdout);
        }
        let (clinic, _) = Clinic::load(folder.path()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let protocol = clinic.protocol("laser").expect("it is there");
        let load = |name: &str| {
            let path = folder.path().join(format!("laser/cases/{name}.toml"));
            regimen::cases::Case::load(&path, protocol).map(|(case, _)| {
                let answer = protocol.recommend(&case.record, &case.request).expect("an answer");
                answer.doubts.iter().map(|doubt| doubt.code.to_string()).collect::<Vec<_>>()
            })
        };
        if code == "R405" {
            assert!(load("own").is_err() && load("start").is_err());
            let tested = regimen(&folder, &["test", "laser"], "");
            assert_eq!(tested.code, Some(1));
            assert!(tested.stdout.contains("did you mean `laser`?"), "{}", tested.stdout);
        } else {
            assert_eq!(load("own").expect("a case"), ["R412"]);
            assert_eq!(load("start").expect("a case"), ["R412"]);
            assert!(load("replaced").expect("a case").is_empty());
        }
    }
}

#[test]
fn a_strange_name_is_told_of_a_map_of_columns() {
    let folder = folder();
    let table = format!("patient,recorded,Done\nP1,{DAY},2026-02-01;2026-03-01\nP2,{DAY},\n");
    let ask = |map: &str, table: &str, asked: &str| {
        folder.write("map.toml", map);
        regimen(&folder, &["batch", asked, "--as-of", DAY, "--csv", "--columns", "map.toml"], table)
    };
    for asked in ["laser", "."] {
        let near = ask("columns.Done.sessions = \"lazer\"", &table, asked);
        assert_eq!((near.code, near.stdout.as_str()), (Some(1), ""));
        assert!(near.stderr.contains("`Done`") && near.stderr.contains("did you mean `laser`?"), "{}", near.stderr);
        let unknown = ask("columns.Done.sessions = \"cryotherapy\"", &table, asked);
        assert_eq!(unknown.code, Some(0), "{}", unknown.stderr);
        let lines: Vec<Json> = unknown.stdout.lines().map(parsed).collect();
        assert!(only(&lines[0]["doubts"], "R412"), "{}", unknown.stdout);
        assert_eq!((&lines[0]["doubts"][0]["line"], &lines[0]["doubts"][0]["column"]), (&2.into(), &"Done".into()));
        assert!(lines[1].get("doubts").is_none(), "an empty cell holds no session: {}", unknown.stdout);
        let known = ask("columns.Done.sessions = \"massage\"", &table, asked);
        assert!(!known.stdout.contains("doubts"), "{}", known.stdout);
        let fact = ask("columns.Done.is = \"platelet\"", &table, asked);
        assert_eq!(fact.code, Some(1));
        assert!(fact.stderr.contains("did you mean `platelets`?"), "{}", fact.stderr);
        // What is ignored, or another protocol's, needs no map.
        let quiet = ask("", &format!("patient,recorded,shoe_size,oiliness\nP1,{DAY},42,true\n"), asked);
        assert_eq!((quiet.code, quiet.stdout.contains("doubts")), (Some(0), false), "{}", quiet.stderr);
    }
}

#[test]
fn a_name_that_is_nearly_two_is_a_mistake_that_names_both() {
    let folder = folder();
    folder.write(
        "facts.toml",
        FACTS.replace("treatments.filler", "treatments.filter = { label = \"F\" }\ntreatments.filler"),
    );
    let record = line("{}", r#"[{"treatment":"filber","date":"2026-03-01"}]"#, false);
    let answer = regimen(&folder, &["batch", "laser", "--as-of", DAY], &record);
    assert!(answer.stdout.contains("did you mean `filler` or `filter`?"), "{}", answer.stdout);
}

#[test]
fn the_library_carries_the_doubts() {
    let folder = folder();
    let (clinic, _) = Clinic::load(folder.path().join("laser")).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let protocol = &clinic.protocols[0];
    let text = "patient = \"P\"\nrecorded = 2026-03-01\n\n[facts]\nheight = 180\n\n[[sessions]]\ntreatment = \"laser\"\nproduct = \"gel-20\"\ndate = 2025-01-01\n";
    let (record, warnings) = Record::from_text("r.toml", text, Notation::Toml, &clinic.dictionary).expect("a record");
    assert_eq!(record.doubts, warnings);
    let answer = protocol.recommend(&record, &Request::new(DAY.parse().expect("a day"))).expect("an answer");
    let doubts: Vec<_> = answer.doubts.iter().map(|doubt| (doubt.code.as_ref(), doubt.line)).collect();
    assert_eq!(doubts, [("R402", Some(5)), ("R413", Some(9))]);
    assert!(!answer.doubts.iter().any(|doubt| doubt.message.contains("r.toml")), "no path is stored");
}

#[test]
fn an_answer_that_came_later_is_refused_everywhere() {
    let folder = folder();
    let record = r#"{"patient":"P","recorded":"2026-03-11","facts":{"platelets":200}}"#;
    let told = regimen(&folder, &["recommend", "laser", "-", "--as-of", DAY], record);
    assert_eq!((told.code, told.stdout.as_str()), (Some(1), ""));
    assert!(told.stderr.contains("error[R404]"), "{}", told.stderr);
    for more in [&[][..], &["--explain", "rules"]] {
        let answer = regimen(&folder, &[&["batch", "laser", "--as-of", DAY], more].concat(), record);
        assert!(only(&parsed(&answer.stdout)["errors"], "R404"), "{}", answer.stdout);
    }
}

#[test]
fn the_answer_of_a_draft_says_so_and_stands_apart() {
    let folder = folder();
    let draft = protocol("draft", "treatment = \"draft-laser\"").replace("\"active\"", "\"draft\"");
    folder.write("a-draft/protocol.toml", &draft);
    let record = line(r#"{"platelets":20}"#, "[]", false);
    let ask = |asked: &str, more: &[&str]| {
        regimen(&folder, &[&["recommend", asked, "-", "--as-of", DAY], more].concat(), &record)
    };
    let one = ask("a-draft", &[]);
    assert_eq!((one.code, one.stderr.as_str()), (Some(0), ""));
    assert!(one.stdout.starts_with("DRAFT – not for patients · TREAT"), "{}", one.stdout);
    let markdown = ask("a-draft", &["--format", "markdown"]).stdout;
    assert!(markdown.starts_with("# DRAFT – not for patients · TREAT"), "{markdown}");
    assert_eq!(parsed(&ask("a-draft", &["--format", "json"]).stdout)["protocol_status"], "draft");
    assert_eq!(parsed(&ask("laser", &["--format", "json"]).stdout)["protocol_status"], "active");
    // It is due, and comes after what is contraindicated.
    let list = ask(".", &[]).stdout;
    let at = |text: &str| list.find(text).unwrap_or_else(|| panic!("{text}: {list}"));
    assert!(at("The laser: DO NOT TREAT") < at("\nDrafts – not for patients\n"));
    assert!(at("\nDrafts – not for patients\n") < at("The draft: DRAFT – not for patients · TREAT"));
    let list = ask(".", &["--format", "markdown"]).stdout;
    assert!(list.contains("\n---\n\n# Drafts – not for patients\n\n# DRAFT – not for patients · TREAT"), "{list}");
    let json = parsed(&ask(".", &["--format", "json"]).stdout);
    assert_eq!(json.as_array().and_then(|all| all.last()).map(|last| &last["protocol_status"]), Some(&"draft".into()));
    assert_eq!(ask("a-draft", &["--strict"]).code, Some(1));
    let batch = regimen(&folder, &["batch", "a-draft", "--as-of", DAY], &record);
    assert!(batch.stdout.contains(r#""protocol_status":"draft","status":"due""#), "{}", batch.stdout);
    let batch = regimen(&folder, &["batch", "laser", "--as-of", DAY], &record);
    assert!(!batch.stdout.contains("protocol_status"), "{}", batch.stdout);
}

#[test]
fn a_day_on_which_nothing_is_in_force_is_refused_alike_everywhere() {
    let folder = folder();
    let record = line("{}", "[]", false).replace(DAY, "2019-03-10");
    for command in ["recommend", "batch"] {
        for asked in ["laser", "."] {
            let arguments: &[&str] = if command == "recommend" { &["-"] } else { &[] };
            let arguments = [&[command, asked], arguments, &["--as-of", "2019-03-10"]].concat();
            let output = regimen(&folder, &arguments, &record);
            assert_eq!((output.code, output.stdout.as_str()), (Some(1), ""), "{arguments:?}");
            assert!(output.stderr.contains("R502"), "{arguments:?}: {}", output.stderr);
        }
    }
}

#[test]
fn a_separation_from_what_nobody_declares_is_suspicious() {
    let folder = folder();
    let check = || regimen(&folder, &["check", ".", "--no-notes", "--format", "plain", "--as-of", DAY], "").stdout;
    assert_eq!(check(), "no problems found\n");
    folder.write("facts.toml", FACTS.replace("treatments.filler", "treatments.fillers"));
    let near = check();
    assert!(near.contains("R731") && near.contains("did you mean `fillers`?"), "{near}");
    folder.write("facts.toml", FACTS.replace("treatments.dermabrasion", "treatments.other"));
    let asked_for = check();
    assert!(asked_for.contains("R731") && asked_for.contains("`dermabrasion`"), "{asked_for}");
    // A file that stands alone need not declare it.
    let alone = Folder::new();
    let text = protocol("laser", &LASER.replace("(platelets ?? 200) < 50", "today < date(\"2020-01-01\")"));
    alone.write("laser.toml", &text);
    let checked = regimen(&alone, &["check", "laser.toml", "--no-notes", "--format", "plain", "--as-of", DAY], "");
    assert!(!checked.stdout.contains("R731"), "{}", checked.stdout);
}

#[test]
fn a_broken_neighbour_is_no_mistake_of_the_protocol_that_is_asked() {
    let folder = folder();
    folder.write("peel/protocol.toml", &(protocol("peel", PEEL) + "\nthis is no toml"));
    let (clinic, found) = Clinic::read(&folder.path().join("laser"));
    assert!(found.is_empty(), "{found}");
    let mut found = Default::default();
    assert!(read_file(&folder.path().join("peel/protocol.toml"), &mut found).is_some());
    assert_eq!(clinic.protocols.len(), 1);
    assert!(matches!(clinic.dictionary.names.treatment("peeling"), regimen::internals::Standing::Known));
}

#[test]
fn a_shipped_protocol_knows_the_treatments_of_the_others() {
    let folder = Folder::new();
    for name in ["facts.toml", "mmr/protocol.toml", "botulinum-toxin/protocol.toml"] {
        folder.copy(&format!("protocols/{name}"), name);
    }
    for (treatment, code) in [("filler", None), ("botulinum-toxin", None), ("botulinum-toxine", Some("R405"))] {
        let record = line("{}", &format!(r#"[{{"treatment":"{treatment}","date":"2025-03-01"}}]"#), false);
        let answer = parsed(&regimen(&folder, &["batch", "mmr", "--as-of", DAY], &record).stdout);
        assert!(answer.get("doubts").is_none(), "{answer}");
        match code {
            None => assert!(answer["status"].is_string(), "{answer}"),
            Some(code) => assert!(only(&answer["errors"], code), "{answer}"),
        }
    }
}
