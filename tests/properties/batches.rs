//! A batch says what a recommendation says, of whatever patient, and reads whatever line as the reader of records does.

use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;
use regimen::batch::{Batch, Cohort, JsonLines, Numbered, Selection};
use regimen::{
    Decider, Decision, Depth, LineReader, Notation, Prepared, Protocol, Recommendation, Record, Request, Slots,
    Vocabulary,
};

use super::expressions::Wanted;
use super::{DICTIONARY, HEADER, MICRONEEDLING, TODAY, cases, clinic, our, patients, protocols, record, shipped};

fn same(decision: &Decision, answer: &Recommendation) -> bool {
    decision.status == answer.status
        && (decision.not_before, decision.no_sooner_than, decision.no_later_than)
            == (answer.not_before, answer.no_sooner_than, answer.no_later_than)
        && decision.could_become.iter().eq(answer.could_become.iter().copied())
}

pub(crate) fn decided_alike(protocol: &Protocol, patients: &[String]) -> Result<(), TestCaseError> {
    let prepared = protocol.prepare(&Request::new(our(TODAY))).expect("in force");
    let vocabulary = Vocabulary::new([protocol]);
    let mut decider = Decider::new(&prepared, &vocabulary);
    for text in patients {
        let record = record(protocol, text);
        let answer = prepared.recommend(&record).expect("an answer");
        let decision = decider.decide(&Slots::of(&record, &vocabulary, prepared.as_of()));
        prop_assert!(same(&decision, &answer), "{}\n{text}\n{decision:?}", protocol.id);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(32))]

    /// What is quick says what the plain evaluator says, whoever was decided before.
    #[test]
    fn a_batch_decides_as_a_recommendation_does(
        protocol in protocols::protocol(Wanted::ALL),
        patients in proptest::collection::vec(patients::partial(), 40),
    ) {
        let clinic = clinic(&protocol.text());
        let texts: Vec<String> = patients.iter().map(patients::Patient::record).collect();
        decided_alike(&clinic.protocols[0], &texts)?;
    }

}

proptest! {
    #![proptest_config(cases(12))]

    /// The same for the protocols that are shipped.
    #[test]
    fn a_batch_decides_as_a_recommendation_does_by_the_shipped_protocols(
        protocol in any::<Index>(),
        patients in proptest::collection::vec(shipped::patient(), 40),
    ) {
        let protocol = *protocol.get(&shipped::IN_FORCE);
        let texts: Vec<String> = patients.iter().map(|patient| patient.record(protocol, None, &[])).collect();
        decided_alike(protocol, &texts)?;
    }
}

/// Nobody is late on the day on which a wait ends; the wait is only assumed to end on that day.
#[test]
fn a_batch_leaves_open_who_is_late_where_the_end_of_a_wait_is_assumed() {
    let rules = r#"
[[deferral]]
id = "wait"
label = "the wait"
not_before = 'sessions.last.date ?? f1'
until = "it is over"
reason = "It holds back."
sources = ["custom"]

[[course]]
id = "course"
label = "the course"
sessions = { minimum = 1, planned = 3, maximum = 3 }
interval = [{ id = "wait-between", label = "the wait between", from = "previous", minimum = "7 days", latest = "37 days", sources = ["custom"] }]
sources = ["custom"]
"#;
    let clinic = clinic(&format!("{HEADER}{DICTIONARY}{rules}"));
    let patient = format!("patient = \"P\"\nrecorded = {TODAY}\n[facts]\nf1 = {TODAY}\n");
    decided_alike(&clinic.protocols[0], &[patient]).expect("the same answer");
}

/// Lines as they should be, with something of everything.
const LINES: [&str; 6] = [
    r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"date_of_birth":"1994-05-01","breastfeeding":false,"fitzpatrick":3,"treatment_area":["cheek"],"keloid_history":"none"}}"#,
    r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"isotretinoin_last_dose_date":"never","treatment_area_cm2":60.5,"date_of_birth":{"value":"1994","on":"2026-02-01","by":"patient"},"smoker":{"unknown":"declined"}}}"#,
    r#"{"patient":"P-1","facts":{},"recorded":"2026-03-01","sessions":[{"treatment":"microneedling","date":"2026-02-16"},{"treatment":"microneedling","date":"2025-12","faulty":true}]}"#,
    r#"{"patient":"P-1","sessions":[{"treatment":"microneedling","date":"1994-05"}],"sessions_cover":["microneedling","filler"],"recorded":"2026-03-01","facts":{"date_of_birth":"1994-05-01","last_session_problem":["none"]}}"#,
    r#" { "patient" : "P-1" , "sessions" : null , "recorded" : "2026-02-28" , "facts" : { "nobody_asks" : [ { "a" : null } , -1.5 ] , "fitzpatrick" : 4 } } "#,
    r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"date_of_birth":null,"breastfeeding":{"value":null,"on":null,"unknown":null},"fitzpatrick":3,"smoker":{"value":true,"on":null,"by":null}},"sessions":[{"treatment":"microneedling","date":"2026-02-16","product":null,"faulty":null}],"sessions_cover":null,"earlier":null,"planned":null,"sessions_unknown":null}"#,
];

/// A small change somewhere.
#[derive(Clone, Debug)]
enum Edit {
    Delete(Index),
    Insert(Index, char),
    Replace(Index, char),
    /// A part again, behind itself.
    Repeat(Index, Index),
    /// The rest goes.
    Cut(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let place = any::<Index>;
    let sign = || {
        let signs: Vec<char> = "{}[]\",:.-+ \\/0159eEtnfu\u{e9}\t\u{1}".chars().collect();
        proptest::sample::select(signs)
    };
    prop_oneof![
        3 => place().prop_map(Edit::Delete),
        3 => (place(), sign()).prop_map(|(at, sign)| Edit::Insert(at, sign)),
        3 => (place(), sign()).prop_map(|(at, sign)| Edit::Replace(at, sign)),
        1 => (place(), place()).prop_map(|(from, to)| Edit::Repeat(from, to)),
        1 => place().prop_map(Edit::Cut),
    ]
}

fn edited(line: &str, edits: &[Edit]) -> String {
    let mut signs: Vec<char> = line.chars().collect();
    for edit in edits {
        if signs.is_empty() {
            break;
        }
        match edit {
            Edit::Delete(at) => drop(signs.remove(at.index(signs.len()))),
            Edit::Insert(at, sign) => signs.insert(at.index(signs.len()), *sign),
            Edit::Replace(at, sign) => {
                let at = at.index(signs.len());
                signs[at] = *sign;
            }
            Edit::Repeat(from, to) => {
                let (from, to) = (from.index(signs.len()), to.index(signs.len()));
                let part = signs[from.min(to)..from.max(to)].to_vec();
                signs.splice(from.max(to)..from.max(to), part);
            }
            Edit::Cut(at) => signs.truncate(at.index(signs.len())),
        }
    }
    signs.into_iter().collect()
}

/// Which decision a line is scanned to; none if it is left to the reader of records.
fn scanned(protocol: &Protocol, prepared: &Prepared, line: &str) -> Option<Decision> {
    let vocabulary = Vocabulary::new([protocol]);
    let mut slots = Slots::new(&protocol.dictionary);
    LineReader::new(&protocol.dictionary, &vocabulary, prepared.as_of()).scan(line, &mut slots).ok()?;
    Some(Decider::new(prepared, &vocabulary).decide(&slots))
}

proptest! {
    #![proptest_config(cases(512))]

    /// However a line is garbled, nothing panics; and what the quick reader takes, the reader of records takes too, for the same patient.
    #[test]
    fn a_garbled_line_is_read_as_a_record_is(line in proptest::sample::select(&LINES[..]), edits in proptest::collection::vec(edit(), 0..4)) {
        let protocol = &MICRONEEDLING.protocols[0];
        let prepared = protocol.prepare(&Request::new(our(TODAY))).expect("in force");
        let line = edited(line, &edits);
        let read = Record::from_text("line", &line, Notation::Json, &protocol.dictionary);
        let Some(decision) = scanned(protocol, &prepared, &line) else {
            prop_assert!(!edits.is_empty(), "a line as it should be is left to the reader of records: {line}");
            return Ok(());
        };
        let Ok((record, _)) = read else {
            return Err(TestCaseError::fail(format!("only the quick reader takes {line}")));
        };
        let answer = prepared.recommend(&record).map_err(|found| TestCaseError::fail(format!("{line}: {found}")))?;
        prop_assert!(same(&decision, &answer), "{line}\n{decision:?}");
    }
}

/// A protocol that is asked for decisions, and for whole answers.
static COHORTS: LazyLock<[Cohort; 2]> = LazyLock::new(|| {
    [None, Some(Depth::Verdict)].map(|explain| {
        let selection = Selection::read(&["protocols/microneedling-acne-scars"], our(TODAY), None).expect("in force");
        Cohort::new(selection, &[], explain, false).expect("no parameter is set")
    })
});

proptest! {
    #![proptest_config(cases(64))]

    /// Whatever stands beside a record in a column, in whatever order, it is answered as a line that stands alone.
    #[test]
    fn a_column_is_answered_as_its_lines_are(
        lines in proptest::collection::vec((proptest::sample::select(&LINES[..]), proptest::collection::vec(edit(), 0..3)), 1..12),
        explained in any::<bool>(),
        workers in 1..4usize,
    ) {
        let explain = explained.then_some(Depth::Verdict);
        let cohort = &COHORTS[usize::from(explained)];
        let lines: Vec<String> = lines.iter().map(|(line, edits)| edited(line, edits)).collect();
        // Each is the first line of a file of its own.
        let column: Vec<Numbered<'_>> = lines.iter().map(|line| Numbered { number: 1, record: Some(line) }).collect();
        let told = cohort.answer(&column, workers);
        prop_assert_eq!(told.iter().count(), lines.len());
        for (line, answer) in lines.iter().zip(told.iter()) {
            if line.trim_ascii().is_empty() {
                prop_assert!(answer.contains("R843"), "{}", answer);
            } else {
                let answer: serde_json::Value = serde_json::from_str(answer).expect("JSON");
                prop_assert_eq!(answer, answered(&cohort.protocols()[0], explain, line), "{}", line);
            }
        }
    }
}

/// Names as they stand in records: right, nearly right, and of nobody here.
const FACTS: [&str; 6] = ["fitzpatrick", "fitzpatrik", "shoe_size", "smokers", "dose2", "\u{e9}t\u{e9}"];
const TREATMENTS: [&str; 7] = ["microneedling", "microneedeling", "filler", "fillers", "massage", "mmr", "Filler"];
const PRODUCTS: [&str; 5] = ["03", "21", "999", "dermapen", "dtap"];

/// What an answer says is doubtful, without its place: of two places of which the same is said, once.
fn doubts(list: &serde_json::Value) -> Vec<(String, String, String)> {
    let text = |one: &serde_json::Value, key: &str| one[key].to_string();
    let all = list.as_array().into_iter().flatten();
    let all = all.map(|one| (text(one, "code"), text(one, "message"), text(one, "help")));
    all.fold(Vec::new(), |mut told, one| {
        if !told.contains(&one) {
            told.push(one);
        }
        told
    })
}

/// The line that a batch answers a record with.
fn answered(prepared: &Prepared, explain: Option<Depth>, line: &str) -> serde_json::Value {
    let protocols = std::slice::from_ref(prepared);
    let mut batch = Batch::new(protocols);
    batch.explain = explain;
    let (mut lines, mut out) = (JsonLines::new(line.as_bytes(), 0), Vec::new());
    batch.run(&mut lines, &mut out, &mut |_| {}, &AtomicBool::new(false)).expect("it runs");
    serde_json::from_slice(&out).expect("JSON")
}

proptest! {
    #![proptest_config(cases(256))]

    /// Whatever names a record has and in whatever way it is written: the line of a batch and the recommendation are both refused, or say
    /// the same, with the same doubts.
    #[test]
    fn a_batch_doubts_what_a_recommendation_doubts(
        facts in proptest::sample::subsequence(&FACTS[..], 0..3),
        treatments in proptest::collection::vec((proptest::sample::select(&TREATMENTS[..]), proptest::option::of(proptest::sample::select(&PRODUCTS[..]))), 0..3),
        escaped in any::<bool>(),
        sessions_first in any::<bool>(),
        later in any::<bool>(),
    ) {
        let protocol = &MICRONEEDLING.protocols[0];
        let facts: Vec<String> = facts.iter().map(|name| format!("\"{name}\":3")).collect();
        let session = |(treatment, product): &(&str, Option<&str>)| {
            let product = product.map(|product| format!(",\"product\":\"{product}\"")).unwrap_or_default();
            format!("{{\"treatment\":\"{treatment}\",\"date\":\"2025-02-03\"{product}}}")
        };
        let sessions: Vec<String> = treatments.iter().map(session).collect();
        let (facts, sessions) = (format!("\"facts\":{{{}}}", facts.join(",")), format!("\"sessions\":[{}]", sessions.join(",")));
        let (first, second) = if sessions_first { (sessions, facts) } else { (facts, sessions) };
        let patient = if escaped { "\\u0050" } else { "P" };
        let recorded = if later { "2026-03-03" } else { "2026-03-01" };
        let line = format!("{{\"patient\":\"{patient}\",\"recorded\":\"{recorded}\",{first},{second}}}");
        let prepared = protocol.prepare(&Request::new(our(TODAY)).explain(Depth::Verdict)).expect("in force");
        let (short, whole) = (answered(&prepared, None, &line), answered(&prepared, Some(Depth::Verdict), &line));
        let read = Record::from_text("line", &line, Notation::Json, &protocol.dictionary);
        let Ok(answer) = read.and_then(|(record, _)| prepared.recommend(&record)) else {
            prop_assert!(short.get("errors").is_some() && whole.get("errors").is_some(), "{line}\n{short}\n{whole}");
            return Ok(());
        };
        let answer = serde_json::to_value(&answer).expect("JSON");
        prop_assert_eq!(&whole, &answer);
        prop_assert_eq!(doubts(&short["doubts"]), doubts(&answer["doubts"]), "{}", line);
        for key in ["status", "could_become"] {
            prop_assert_eq!(&short[key], &answer[key], "{}", line);
        }
    }
}
