//! The cases of the shipped clinic: every expectation holds, and every trace and every sheet is the approved one.

use std::path::{Path, PathBuf};

use regimen::cases::{Case, Cases, dictionary_sheet, of_protocol, protocol_sheet};
use regimen::recommendation::{Count, SessionVerdict};
use regimen::{Clinic, Depth, Recommendation, render};

fn clinic() -> Clinic {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    let (clinic, _) = Clinic::load(folder).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    clinic
}

#[test]
fn every_case_is_as_expected_and_approved() {
    let mut failures = Vec::new();
    let mut count = 0;
    for protocol in &clinic().protocols {
        let mut cases = Cases::of(protocol);
        for path in of_protocol(protocol) {
            count += 1;
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
            let (case, _) = cases.load(&path).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            let outcome = case.run(protocol).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            for difference in &outcome.differences {
                failures.push(format!("{}/{name}: {difference:?}", protocol.id));
            }
            let mut settings = insta::Settings::clone_current();
            settings.set_snapshot_path(path.parent().expect("a folder"));
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.bind(|| insta::assert_snapshot!(name, outcome.snapshot));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count > 0, "there are no cases");
}

/// What is stored can be read back, and says the same: an archive must not lose a word.
#[test]
fn every_answer_can_be_read_back() {
    let mut count = 0;
    for protocol in &clinic().protocols {
        let mut cases = Cases::of(protocol);
        for path in of_protocol(protocol) {
            let (case, _) = cases.load(&path).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            for depth in [Depth::Verdict, Depth::Full] {
                let request = case.request.clone().explain(depth);
                let Ok(answer) = protocol.recommend(&case.record, &request) else { continue };
                count += 1;
                let json = render::json(&answer).expect("JSON");
                let read: Recommendation =
                    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                assert_eq!(render::json(&read).expect("JSON"), json, "{}", path.display());
            }
        }
    }
    assert!(count > 2_000, "{count} answers");
}

#[test]
fn a_word_that_nobody_says_is_refused() {
    let read = |json: &str| serde_json::from_str::<SessionVerdict>(json);
    assert_eq!(read("\"not_valid\"").expect("a verdict"), SessionVerdict::NotValid);
    let error = read("\"notvalid\"").expect_err("no verdict").to_string();
    assert!(error.contains("unknown variant `notvalid`") && error.contains("`not_valid`"), "{error}");
    assert!(serde_json::from_str::<Count>(r#"{ "least": 3 }"#).is_err());
    assert!(serde_json::from_str::<Count>("-1").is_err());
    assert!(serde_json::from_str::<regimen::Date>(r#""2026-02-30""#).is_err());
}

#[test]
fn every_sheet_is_the_approved_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    let dictionary = dictionary_sheet(&folder).transpose().expect("the clinic has a dictionary");
    for sheet in std::iter::once(dictionary).chain(clinic().protocols.iter().map(protocol_sheet)) {
        let sheet = sheet.unwrap_or_else(|mistakes| panic!("{mistakes}"));
        // `regimen test protocols` shows what differs, and `--accept` approves it.
        assert_approved(&sheet.path, sheet.approved.as_deref().unwrap_or_default(), &sheet.present);
    }
}

fn assert_approved(path: &Path, approved: &str, present: &str) {
    let diff = similar::TextDiff::from_lines(approved, present);
    assert!(approved == present, "{}\n{}", path.display(), diff.unified_diff().context_radius(1));
}

#[test]
fn every_approved_trace_has_its_case() {
    for protocol in &clinic().protocols {
        let folder: PathBuf = Path::new(&protocol.file.name).with_file_name("cases");
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "snap") {
                assert!(path.with_extension("toml").is_file(), "{} has no case", path.display());
            }
        }
    }
}

/// `regimen test --accept` and insta write the same bytes, so that either may approve.
#[test]
fn both_ways_to_approve_write_the_same_file() {
    let folder = std::env::temp_dir().join(format!("regimen-cases-{}", std::process::id())).join("tiny");
    let cases = folder.join("cases");
    std::fs::create_dir_all(&cases).expect("a folder");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny.toml"), folder.join("protocol.toml"))
        .expect("a copy");
    let path = cases.join("first.toml");
    std::fs::write(&path, "title = \"First\"\nas_of = 2026-03-02\nexpect = { status = \"undetermined\" }\n")
        .expect("a case");
    let (clinic, _) = Clinic::load(&folder).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let protocol = &clinic.protocols[0];
    let (case, _) = Case::load(&path, protocol).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let outcome = case.run(protocol).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let ours = std::fs::read_to_string(regimen::cases::approve(&case, &outcome).expect("a file")).expect("a text");
    let header = ours.split("---\n").nth(1).expect("a header");
    assert_eq!(header, "source: tests/cases.rs\n");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&cases);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("first", outcome.snapshot));
    std::fs::remove_dir_all(&folder).expect("gone");
}
