//! The JSON Schemas: the committed copies are current, and the shipped files fit them, as an independent validator sees it.

#![cfg(feature = "cli")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;
use support::{Folder, run};
use toml_edit::{DocumentMut, Item, Table, Value};

const KINDS: [&str; 16] = [
    "protocol",
    "facts",
    "clinic",
    "translation",
    "published",
    "proof",
    "case",
    "record",
    "recommendation",
    "plan",
    "outlook",
    "coverage",
    "mutation",
    "diff",
    "replay",
    "verified",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn regimen(arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_regimen")).current_dir(root()).args(arguments).output().expect("it runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A TOML file as JSON, read by another parser than ours; dates become texts.
fn json(path: &Path) -> Json {
    let text = fs::read_to_string(path).expect("text");
    of_table(text.parse::<DocumentMut>().expect("TOML").as_table())
}

fn of_table(table: &Table) -> Json {
    table.iter().map(|(key, item)| (key.to_owned(), of_item(item))).collect()
}

fn of_item(item: &Item) -> Json {
    match item {
        Item::None => Json::Null,
        Item::Value(one) => of_value(one),
        Item::Table(one) => of_table(one),
        Item::ArrayOfTables(all) => all.iter().map(of_table).collect(),
    }
}

fn of_value(value: &Value) -> Json {
    match value {
        Value::String(text) => text.value().as_str().into(),
        Value::Integer(number) => (*number.value()).into(),
        Value::Float(number) => (*number.value()).into(),
        Value::Boolean(flag) => (*flag.value()).into(),
        Value::Datetime(date) => date.value().to_string().into(),
        Value::Array(list) => list.iter().map(of_value).collect(),
        Value::InlineTable(entries) => entries.iter().map(|(key, one)| (key.to_owned(), of_value(one))).collect(),
    }
}

/// The TOML files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            all.push(path);
        }
    }
    all.sort();
    all
}

/// Which schema a shipped file is for: by its place in the clinic's folder.
fn kind(path: &Path) -> &'static str {
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    match (path.file_name().and_then(|name| name.to_str()), folder) {
        (Some(name), _) if name.ends_with(".de.toml") => "translation",
        (Some("facts.toml"), _) => "facts",
        (Some("clinic.toml"), _) => "clinic",
        (Some("protocol.toml"), _) => "protocol",
        (_, Some("cases")) => "case",
        _ => "record",
    }
}

#[track_caller]
fn fits(schema: &Json, instance: &Json, name: &str) {
    let validator = jsonschema::options().should_validate_formats(true).build(schema).expect("a schema");
    let errors: Vec<String> =
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{name}:\n{}", errors.join("\n"));
}

#[test]
fn the_committed_schemas_are_current() {
    for kind in KINDS {
        let path = root().join(format!("docs/schema/{kind}.schema.json"));
        let committed = fs::read_to_string(&path).unwrap_or_default();
        let current = regimen(&["schema", kind]);
        assert!(committed == current, "run: cargo run -- schema {kind} > docs/schema/{kind}.schema.json");
    }
}

#[test]
fn the_schemas_are_schemas() {
    for kind in KINDS {
        let schema: Json = serde_json::from_str(&regimen(&["schema", kind])).expect("JSON");
        jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|error| panic!("{kind}: {error}"));
    }
}

#[test]
fn every_shipped_file_fits_its_schema() {
    let schemas = KINDS.map(|kind| {
        let general: Json = serde_json::from_str(&regimen(&["schema", kind])).expect("JSON");
        (kind, general)
    });
    let of_clinic = ["record", "case"].map(|kind| {
        let schema: Json = serde_json::from_str(&regimen(&["schema", kind, "--clinic", "protocols"])).expect("JSON");
        (kind, schema)
    });
    let all = files(&root().join("protocols"));
    assert!(all.len() > 3);
    for path in all {
        let (kind, instance) = (kind(&path), json(&path));
        for (_, schema) in schemas.iter().chain(&of_clinic).filter(|(one, _)| *one == kind) {
            fits(schema, &instance, &path.display().to_string());
        }
    }
}

#[test]
fn a_recommendation_fits_its_schema() {
    let schema: Json = serde_json::from_str(&regimen(&["schema", "recommendation"])).expect("JSON");
    for record in files(&root().join("protocols/records")) {
        for protocol in fs::read_dir(root().join("protocols")).expect("a folder").filter_map(Result::ok) {
            let protocol = protocol.path();
            if !protocol.join("protocol.toml").is_file() {
                continue;
            }
            let (protocol, record) = (protocol.display().to_string(), record.display().to_string());
            let depth = ["--as-of", "2026-03-02", "--format", "json", "--explain", "full"];
            let answer = regimen(&[&["recommend", &protocol, &record], &depth[..]].concat());
            fits(&schema, &serde_json::from_str(&answer).expect("JSON"), &record);
        }
    }
}

#[test]
fn a_plan_and_an_outlook_fit_their_schemas() {
    let fits_its = |kind: &str, arguments: &[&str]| {
        let schema: Json = serde_json::from_str(&regimen(&["schema", kind])).expect("JSON");
        let record = ["protocols/records/healthy-adult.toml", "--as-of", "2026-03-02", "--format", "json"];
        let answer = regimen(&[arguments, &record[..]].concat());
        fits(&schema, &serde_json::from_str(&answer).expect("JSON"), kind);
    };
    fits_its("plan", &["plan", "--want", "glycolic-peel,microneedling", "protocols"]);
    fits_its("outlook", &["when", "protocols/tca-cross-ice-pick"]);
    fits_its("outlook", &["when", "protocols/glycolic-peel"]);
}

#[test]
fn what_the_auditor_reads_fits_its_schema() {
    let printed = |folder: &Path, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
        command.current_dir(folder).args(arguments);
        run(command, "").stdout
    };
    let schema_of = |kind: &str| serde_json::from_str::<Json>(&regimen(&["schema", kind])).expect("JSON");
    let fits_its = |kind: &str, text: &str| {
        let value: Json = serde_json::from_str(text).unwrap_or_else(|error| panic!("{kind}: {error}: {text}"));
        fits(&schema_of(kind), &value, kind);
        value
    };
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "old/peel/protocol.toml");
    let text = fs::read_to_string(folder.path().join("old/peel/protocol.toml")).expect("a protocol");
    let changed = text.replace("when    = 'pregnant'", "when    = 'pregnant || keloids'");
    assert_ne!(text, changed);
    fs::create_dir_all(folder.path().join("new/peel")).expect("a folder");
    fs::write(folder.path().join("new/peel/protocol.toml"), changed).expect("written");
    fs::create_dir_all(folder.path().join("old/peel/cases")).expect("a folder");
    let case = "title = \"Nobody was asked\"\nas_of = 2026-03-02\n[expect]\nstatus = \"undetermined\"\n";
    fs::write(folder.path().join("old/peel/cases/unasked.toml"), case).expect("written");
    printed(folder.path(), &["test", "old", "--accept"]);
    let coverage = fits_its("coverage", &printed(folder.path(), &["test", "old", "--coverage", "--format", "json"]));
    assert!(coverage[0]["items"].as_array().is_some_and(|items| items.len() > 10));
    let mutation = fits_its("mutation", &printed(folder.path(), &["test", "old", "--mutate", "--format", "json"]));
    assert!(mutation[0]["mutants"].as_array().is_some_and(|mutants| mutants.len() > 10));
    let arguments = ["diff", "old", "new", "--anywhere", "--as-of", "2026-03-02", "--format", "json"];
    let diff = fits_its("diff", &printed(folder.path(), &arguments));
    assert!(diff["protocols"][0]["changes"].as_array().is_some_and(|changes| !changes.is_empty()), "{diff}");

    let record = root().join("protocols/records/healthy-adult.toml").display().to_string();
    let arguments = ["recommend", "protocols/glycolic-peel", &record, "--as-of", "2026-03-02"];
    let answer = printed(root(), &[&arguments[..], &["--format", "json", "--explain", "full"]].concat());
    let altered = answer.replace("\"could_become\": [", "\"could_become\": [\n    \"stopped\",");
    for (name, text, follows) in [("answer.json", &answer, true), ("altered.json", &altered, false)] {
        fs::write(folder.path().join(name), text).expect("written");
        let verified = printed(folder.path(), &["verify-trace", name, "--format", "json"]);
        let verified = fits_its("verified", &verified);
        assert_eq!(verified["verified"]["faults"].as_array().map(Vec::is_empty), Some(follows), "{verified}");
    }

    let archive = folder.path().join("kept.db").display().to_string();
    printed(root(), &["archive", "new", &archive]);
    printed(root(), &[&arguments[..], &["--archive", &archive]].concat());
    let replayed = printed(root(), &["replay", "--archive", &archive, "--format", "json"]);
    assert_eq!(fits_its("replay", &replayed)["outcome"], "identical");
}

#[test]
fn the_record_schema_of_a_clinic_refuses_what_the_engine_refuses() {
    let schema: Json = serde_json::from_str(&regimen(&["schema", "record", "--clinic", "protocols"])).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let record = |facts: Json| serde_json::json!({ "patient": "P-1", "recorded": "2026-03-02", "facts": facts });
    let facts = |text: &str| record(serde_json::from_str(text).expect("JSON"));
    for right in [
        r#"{ "fitzpatrick": 3 }"#,
        r#"{ "fitzpatrick": { "value": 3, "on": "2026-02-10", "by": "clinician" } }"#,
        r#"{ "fitzpatrick": { "unknown": "declined" } }"#,
        r#"{ "last_filler_date": "never" }"#,
        r#"{ "last_filler_date": "2025-11" }"#,
        r#"{ "scar_types": [] }"#,
    ] {
        assert!(validator.is_valid(&facts(right)), "{right}");
    }
    for wrong in [
        r#"{ "fitzpatrik": 3 }"#,
        r#"{ "fitzpatrick": "3" }"#,
        r#"{ "fitzpatrick": 9 }"#,
        r#"{ "fitzpatrick": { "value": 3, "unknown": "declined" } }"#,
        r#"{ "fitzpatrick": { "unknown": "forgotten" } }"#,
        r#"{ "date_of_birth": "never" }"#,
        r#"{ "scar_types": "rolling" }"#,
        r#"{ "scar_types": ["roling"] }"#,
    ] {
        assert!(!validator.is_valid(&facts(wrong)), "{wrong}");
    }
}

#[test]
fn the_schema_of_a_translation_refuses_what_the_engine_refuses() {
    let schema: Json = serde_json::from_str(&regimen(&["schema", "translation"])).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let text = |text: &str| of_table(text.parse::<DocumentMut>().expect("TOML").as_table());
    for right in [
        "title = \"Peeling\"\nof = \"0a1b2c3d\"",
        "[facts.zones.choices]\nleg = \"Bein\"",
        "[[course]]\nid = \"standard\"\ninterval = [{ id = \"wait\", of = \"0a1b2c3d\", reason = \"Warten.\" }]",
        "[texts]\n\"doctor\" = \"Arzt\"",
    ] {
        assert!(validator.is_valid(&text(right)), "{right}");
    }
    for wrong in [
        "owner = \"Leitung\"",
        "[[contraindication]]\nreason = \"Ohne id.\"",
        "[[contraindication]]\nid = \"sores\"\nwhen = 'true'",
        "[facts.zones]\nunit = \"mm\"",
        "[texts]\n\"doctor\" = 3",
    ] {
        assert!(!validator.is_valid(&text(wrong)), "{wrong}");
    }
}

/// Editors find the schema of a file by its first line. Cases are many and short: an editor's settings name theirs by folder.
#[test]
fn shipped_files_name_their_schema() {
    let lines = |path: &Path| fs::read_to_string(path).expect("text").lines().next().unwrap_or_default().to_owned();
    for path in files(&root().join("protocols")) {
        let kind = kind(&path);
        if kind == "case" {
            continue;
        }
        let depth = path.strip_prefix(root()).expect("below").components().count() - 1;
        let expected = format!("#:schema {}docs/schema/{kind}.schema.json", "../".repeat(depth));
        assert_eq!(lines(&path), expected, "{}", path.display());
    }
}

#[test]
fn what_is_proved_and_refuted_fits_its_schema() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("proofs");
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("peel.toml");
    let mut text = fs::read_to_string(root().join("tests/fixtures/tiny.toml")).expect("text");
    for (id, never) in
        [("safe", "treat && pregnant"), ("dry", r#"treat && skin == "dry""#), ("open", "treat && sessions_done >= 6")]
    {
        text.push_str(&format!(
            "\n[[property]]\nid = \"{id}\"\nnever = '{never}'\nreason = \"x\"\nsources = [\"custom\"]\n"
        ));
    }
    fs::write(&path, text).expect("written");
    let run = |arguments: &[&str]| {
        let path = path.to_str().expect("text");
        let output = Command::new(env!("CARGO_BIN_EXE_regimen"))
            .args(["prove", path].iter().chain(arguments))
            .output()
            .expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, out, told) = run(&["--format", "json"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("R831") && told.contains("R832"), "{told}");
    let schema: Json = serde_json::from_str(&regimen(&["schema", "proof"])).expect("JSON");
    let all: Json = serde_json::from_str(&out).expect("JSON");
    let outcomes: Vec<&str> = all[0]["properties"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["outcome"].as_str().expect("a word"))
        .collect();
    assert_eq!(outcomes, ["proved", "refuted", "not-proven"]);
    all.as_array().expect("a list").iter().for_each(|one| fits(&schema, one, "proof"));
    // The same bytes each time, and for people the same outcomes.
    assert_eq!(run(&["--format", "json"]).1, out);
    let (code, shown, _) = run(&[]);
    assert_eq!(code, Some(1));
    assert!(shown.ends_with("1 proved, 1 refuted, 1 not proven\n"), "{shown}");
}
