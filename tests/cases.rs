//! What holds of the shipped clinic and of each of its cases: every expectation, every approved trace and sheet, every first screen, every
//! handout, every date. To answer all cases takes a while, so that it is done once, for all that looks at them.

#[path = "cases/decisions.rs"]
mod decisions;
#[cfg(feature = "cli")]
#[path = "cases/handout.rs"]
mod handout;
#[path = "cases/one_screen.rs"]
mod one_screen;
#[path = "cases/recomputed.rs"]
mod recomputed;
#[cfg(feature = "cli")]
#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regimen::cases::{Case, Cases, Outcome, dictionary_sheet, of_protocol, protocol_sheet};
use regimen::recommendation::{Count, SessionVerdict};
use regimen::{Clinic, Depth, Protocol, Recommendation, render};

static CLINIC: LazyLock<Clinic> = LazyLock::new(|| load(None));
static ANSWERED: LazyLock<Vec<Answered>> = LazyLock::new(|| answered(&CLINIC));
static ANSWERED_IN_GERMAN: LazyLock<Vec<Answered>> = LazyLock::new(|| {
    static CLINIC: LazyLock<Clinic> = LazyLock::new(|| load(Some("de")));
    answered(&CLINIC)
});

/// A shipped case, and the answer to it.
struct Answered {
    protocol: &'static Protocol,
    path: PathBuf,
    case: Case,
    outcome: Outcome,
}

impl Answered {
    /// The name of its file.
    fn stem(&self) -> &str {
        self.path.file_stem().and_then(|stem| stem.to_str()).expect("a name")
    }
}

fn load(language: Option<&str>) -> Clinic {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    let (clinic, found) = Clinic::read_in(&folder, language);
    assert!(!found.has_errors(), "{found}");
    clinic
}

/// Every case of a clinic, in the order of protocols and names.
fn answered(clinic: &'static Clinic) -> Vec<Answered> {
    let of_one = |protocol: &'static Protocol| -> Vec<Answered> {
        let mut cases = Cases::of(protocol);
        let answer = |path: PathBuf| {
            let (case, _) = cases.load(&path).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            let outcome = case.run(protocol).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            Answered { protocol, path, case, outcome }
        };
        of_protocol(protocol).into_iter().map(answer).collect()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = clinic.protocols.iter().map(|one| scope.spawn(move || of_one(one))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    })
}

#[test]
fn every_case_is_as_expected_and_approved() {
    let mut failures = Vec::new();
    for one in ANSWERED.iter() {
        for difference in &one.outcome.differences {
            failures.push(format!("{}/{}: {difference:?}", one.protocol.id, one.stem()));
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(one.path.parent().expect("a folder"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(one.stem(), one.outcome.snapshot));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(!ANSWERED.is_empty(), "there are no cases");
}

/// What is stored can be read back, and says the same: an archive must not lose a word. And every date in it follows from its derivation.
#[test]
fn every_whole_answer_can_be_read_back_and_its_dates_follow() {
    let look = |answered: &[Answered]| {
        let (mut count, mut dates, mut faults) = (0, 0, Vec::new());
        for Answered { protocol, path, case, .. } in answered {
            let request = case.request.clone().explain(Depth::Full);
            let Ok(answer) = protocol.recommend(&case.record, &request) else { continue };
            count += 1;
            let json = render::json(&answer).expect("JSON");
            let read: Recommendation =
                serde_json::from_str(&json).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(render::json(&read).expect("JSON") == json, "{}", path.display());
            let (of_answer, found) = recomputed::check(&json);
            dates += of_answer;
            faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", path.display())));
        }
        (count, dates, faults)
    };
    let (first, second) = ANSWERED.split_at(ANSWERED.len() / 2);
    let (mut all, rest) = std::thread::scope(|scope| {
        let second = scope.spawn(|| look(second));
        (look(first), second.join().expect("no panic"))
    });
    all.2.extend(rest.2);
    let (count, dates, faults) = (all.0 + rest.0, all.1 + rest.1, all.2);
    assert!(count > 1_000 && dates > 1_000, "{count} answers, {dates} dates");
    let first: Vec<&str> = faults.iter().take(40).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} of {dates}\n{}", faults.len(), first.join("\n"));
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
    for sheet in std::iter::once(dictionary).chain(CLINIC.protocols.iter().map(protocol_sheet)) {
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
    for protocol in &CLINIC.protocols {
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
