//! `regimen verify-trace`: stored answers follow from their traces, and altered ones do not.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use regimen::cases::{Cases, of_protocol};
use regimen::verify::{FaultKind, verify};
use regimen::{Clinic, Depth, Status, render};
use serde_json::{Value, json};

/// The answers of some shipped cases: each of so many; of all, where the environment variable `REGIMEN_ALL_CASES` asks for it.
fn answers(each: usize) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    let (clinic, _) = Clinic::load(&folder).expect("the shipped protocols");
    let each = if std::env::var_os("REGIMEN_ALL_CASES").is_some() { 1 } else { each };
    let mut answers = Vec::new();
    for protocol in &clinic.protocols {
        let mut cases = Cases::of(protocol);
        for path in of_protocol(protocol).into_iter().step_by(each) {
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
            let (case, _) = cases.load(&path).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            let Ok(answer) = protocol.recommend(&case.record, &case.request.explain(Depth::Full)) else { continue };
            let json = render::json(&answer).expect("JSON");
            answers.push((format!("{}/{name}", protocol.id), serde_json::from_str(&json).expect("JSON")));
        }
    }
    answers
}

#[test]
fn shipped_answers_follow_from_their_traces() {
    let (mut steps, mut dates) = (0, 0);
    for (name, answer) in answers(7) {
        let verified = verify(&answer);
        assert_eq!(verified.faults, [], "{name}");
        steps += verified.steps;
        dates += verified.dates;
    }
    assert!(steps > 20_000 && dates > 3_000, "{steps} steps, {dates} dates");
}

/// The fields that say what was read, and not what follows: nothing else in the answer tells whether they were altered. A field is named by its
/// path without the places in lists; with a point at its end, all below it.
const PREMISES: &[(&str, &str)] = &[
    ("title", "a text"),
    ("patient", "who it is, the record says"),
    ("protocol_status", "the protocol says it"),
    ("doubts.", "texts about the record, which is not in the answer"),
    ("labels.", "texts"),
    ("sources.", "texts about sources"),
    ("provenance.", "versions and hashes: to be compared with the files"),
    ("to_be_confirmed.", "how long an answer may be used, the dictionary says"),
    ("overrides.", "what the protocol declares, and who signs"),
    ("reasons.kind", "of a part of the course, the protocol says which it is"),
    ("reasons.reason", "a text"),
    ("reasons.label", "a text"),
    ("precautions.label", "a text"),
    ("reasons.lasts", "the protocol says it"),
    ("reasons.until", "a text"),
    ("reasons.to", "a text"),
    ("reasons.then", "a text"),
    ("reasons.evidence", "the protocol says it"),
    ("reasons.instead", "the protocol says it"),
    ("reasons.may_override.", "the protocol says it"),
    ("reasons.values.value", "a name of the record"),
    ("reasons.because.", "of a note of a session, the record says it"),
    ("questions.ask", "a text"),
    ("questions.of", "the dictionary says it"),
    ("questions.answer.", "the dictionary says it"),
    ("questions.decides", "the dictionary says it"),
    ("questions.could_change", "of the course and of settings, the trace does not tell it"),
    ("questions.could_lead_to", "of the course and of settings, the trace does not tell it"),
    ("questions.rules", "of the course, settings and instructions, the trace does not tell it"),
    ("questions.fact", "of the course, settings and instructions, the trace does not tell it"),
    ("questions.why.", "of a note of a session, the record says it"),
    ("assumptions.", "of a note of a session, the record says it"),
    ("precautions.do", "a text"),
    ("precautions.reason", "a text"),
    ("precautions.evidence", "the protocol says it"),
    ("precautions.because.", "of a note of a session, the record says it"),
    ("settings.", "the rows' conditions are in the trace, what the rows say is not"),
    ("instructions.", "the protocol says it; its dates follow"),
    ("after_care.instructions.", "the protocol says it; its dates follow"),
    ("appointment", "the record says it; what is counted from it follows"),
    ("red_flags.", "texts"),
    ("course.status", "a word for a person; what it leads to is in the trace"),
    ("course.chosen", "a text"),
    ("course.minimum", "the protocol says it"),
    ("course.planned", "the protocol says it"),
    ("course.maximum", "the protocol says it"),
    ("course.done", "of a course of several parts, the sum of them"),
    ("course.beyond_planned.", "a text"),
    ("course.past.reasons", "texts"),
    ("course.past.faults", "words for what the reasons say"),
    ("course.past.values.", "what became of a session for one value"),
    ("course.past.too_early.", "how early a session was, which the record tells"),
    ("course.set_by.", "names beside a date that follows"),
    ("course.set_by_value", "a name beside a date that follows"),
    ("course.separate_by", "the protocol says it"),
    ("course.provisional", "a word of caution for a person"),
    ("course.components.", "the parts of a course are told in words; their dates follow"),
    ("course.next.number", "after a course that began anew"),
    ("course.next.after_complete", "the record says it"),
    ("trace.given.why.", "why the record does not say it"),
    ("trace.given.origin.by", "who answered, the record says"),
    ("trace.nodes.line", "where it stands in the protocol; of rules, the reasons say it too"),
    ("trace.nodes.text", "of what has no parts, and beside its parts: words for a person"),
    ("trace.nodes.id", "of a leaf that nothing is made of: a name"),
    ("trace.nodes.kind", "of a leaf of the course: a word for a person"),
    ("trace.nodes.derived.from.number", "of a course of several parts, words for a person"),
    ("trace.nodes.unknown.", "of a note of a session, why the record does not say it"),
    ("trace.nodes.leads_to", "of a completion that does not fire, the protocol says which of two it is"),
    ("trace.nodes.outcome", "a leaf that is read of the sessions, once"),
    ("trace.nodes.origin.", "of what is read of the sessions"),
    ("trace.nodes.decisive", "of a part of the course"),
    ("trace.nodes.period.", "of a check that is written in words only"),
    ("could_become", "where the course rests on what was assumed, the trace does not tell of the other course"),
    ("trace.nodes.derived.operation", "of one date, the latest is the earliest"),
    ("trace.nodes.operator", "of two that come to the same here, and are written alike"),
];

/// The fields that are altered in every answer.
const ALWAYS: &[&str] = &["status", "not_before", "no_sooner_than", "no_later_than", "as_of", "could_become"];

/// Every scalar below a value, by its path.
fn paths(value: &Value, path: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        Value::Null => return,
        _ => return all.push(path.clone()),
    };
    for (key, value) in below {
        path.push(key);
        paths(value, path, all);
        path.pop();
    }
}

fn at<'a>(value: &'a mut Value, path: &[String]) -> &'a mut Value {
    path.iter().fold(value, |value, key| match value {
        Value::Array(items) => &mut items[key.parse::<usize>().expect("a place")],
        other => &mut other[key.as_str()],
    })
}

/// Another value for a field: another word of the same kind where there is one, the next day, the next number.
fn altered(value: &Value, key: &str) -> Value {
    const WORDS: &[&[&str]] = &[
        &["true", "false", "unknown"],
        &["yes", "no"],
        &["==", "!="],
        &["<", "<="],
        &[">", ">="],
        &["&&", "||"],
        &["+", "-"],
        &["any", "all"],
        &["in", "contains"],
        &["after", "latest", "earliest"],
        &["valid", "not_valid"],
    ];
    const KINDS: &[&str] =
        &["fact", "parameter", "literal", "comparison", "and", "or", "not", "membership", "deferral"];
    let next = |words: &[&str], word: &str| {
        let place = words.iter().position(|one| *one == word).map_or(0, |place| place + 1);
        words[place % words.len()].to_owned()
    };
    match value {
        Value::Bool(truth) => json!(!truth),
        Value::Number(number) => json!(number.as_i64().unwrap_or(0) + 1),
        Value::String(text) => {
            let day = text.parse::<regimen::Date>().ok().filter(|day| !day.is_never());
            let statuses = Status::ALL.map(|status| status.to_string());
            let statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
            json!(match WORDS.iter().find(|words| words.contains(&text.as_str())) {
                _ if key == "kind" && KINDS.contains(&text.as_str()) => next(KINDS, text),
                Some(words) => next(words, text),
                None if statuses.contains(&text.as_str()) => next(&statuses, text),
                None => match (day, text.find(|mark: char| mark.is_ascii_digit()).filter(|_| key != "id")) {
                    (Some(day), _) => day.plus_days(1).to_string(),
                    (None, Some(place)) => {
                        let digit = if &text[place..=place] == "1" { "2" } else { "1" };
                        format!("{}{digit}{}", &text[..place], &text[place + 1..])
                    }
                    (None, None) => format!("{text}x"),
                },
            })
        }
        other => other.clone(),
    }
}

#[test]
fn a_thousand_alterations_of_shipped_answers_are_noticed() {
    let (mut noticed, mut unnoticed, mut met) = (0, Vec::new(), BTreeSet::new());
    let mut dice = 0x9E37_79B9_7F4A_7C15_u64;
    for (name, mut answer) in answers(24) {
        let mut all = Vec::new();
        paths(&answer, &mut Vec::new(), &mut all);
        // What people read first, always; of the rest, some.
        let mut chosen: Vec<Vec<String>> =
            all.iter().filter(|path| ALWAYS.contains(&path[0].as_str())).take(4).cloned().collect();
        while chosen.len() < 30 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            chosen.push(all[usize::try_from(dice >> 33).expect("it fits") % all.len()].clone());
        }
        for path in chosen {
            let keys: Vec<&str> = path.iter().map(String::as_str).filter(|key| key.parse::<usize>().is_err()).collect();
            let field = keys.join(".");
            let place = at(&mut answer, &path);
            let before = place.clone();
            *place = altered(&before, keys.last().copied().unwrap_or_default());
            let after = place.clone();
            let is_noticed = !verify(&answer).faults.is_empty();
            *at(&mut answer, &path) = before.clone();
            let premise = PREMISES
                .iter()
                .find(|(known, _)| field == *known || (known.ends_with('.') && field.starts_with(known)));
            match (is_noticed, premise) {
                (true, _) => noticed += 1,
                (false, Some((known, _))) => drop(met.insert(*known)),
                (false, None) => unnoticed.push(format!("{name}: {}: {before} -> {after}", path.join("."))),
            }
        }
    }
    assert!(unnoticed.is_empty(), "{noticed} noticed, not these {}:\n{}", unnoticed.len(), unnoticed.join("\n"));
    assert!(noticed > 1_000, "{noticed}");
}

fn regimen(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_regimen")).args(arguments).output().expect("it runs")
}

fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_command_tells_what_does_not_follow_and_where() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verified-answer.json");
    let path = file.to_str().expect("a path");
    let answer = |depth: &str| {
        let record = "protocols/records/healthy-adult.toml";
        let protocol = "protocols/glycolic-peel";
        let arguments =
            ["recommend", protocol, record, "--as-of", "2026-03-02", "--format", "json", "--explain", depth];
        said(&regimen(&arguments)).1
    };
    let verified = |text: &str| {
        std::fs::write(&file, text).expect("written");
        said(&regimen(&["verify-trace", path]))
    };
    let whole = answer("full");
    let (code, out, err) = verified(&whole);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("glycolic-peel, P-0001, 2026-03-02: ") && out.contains(" steps, "), "{out}");
    // A list, and one a line.
    let line = serde_json::from_str::<Value>(&whole).expect("JSON").to_string();
    assert_eq!(verified(&format!("[{line},{line}]")).1.lines().count(), 2);
    assert_eq!(verified(&format!("{line}\n{line}\n")).1.lines().count(), 2);

    let altered = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        verified(&whole.replacen(from, to, 1))
    };
    let status = serde_json::from_str::<Value>(&whole).expect("JSON")["status"].as_str().expect("a status").to_owned();
    let (code, out, err) = altered(&format!("\"status\": \"{status}\""), "\"status\": \"complete\"");
    assert_eq!((code, out.contains("not follow")), (1, true), "{out}");
    assert!(err.contains("R826") && err.contains("it is `complete`, and `"), "{err}");
    let (code, _, err) = altered("\"outcome\": \"true\"", "\"outcome\": \"false\"");
    assert!(code == 1 && err.contains("R824"), "{err}");
    let (code, _, err) = altered("\"id\": \"contraindication.", "\"id\": \"contraindication.x");
    assert!(code == 1 && err.contains("R823"), "{err}");
    let (code, _, err) = altered("\"from_date\": \"2026-", "\"from_date\": \"2025-");
    assert!(code == 1 && err.contains("R825"), "{err}");
    let (code, _, err) = verified(&answer("rules"));
    assert!(code == 1 && err.contains("R822") && err.contains("--explain full"), "{err}");
    for other in ["", "{", "{}", "[1]", "DO NOT TREAT"] {
        let (code, _, err) = verified(other);
        assert!(code == 1 && err.contains("R821"), "{other}: {err}");
    }
    assert_eq!(said(&regimen(&["verify-trace", "nowhere.json"])).0, 1);
}

#[test]
fn a_derivation_that_leads_back_to_itself_is_a_fault() {
    let (_, mut answer) = answers(1_000).into_iter().next().expect("an answer");
    let node = |from: &str| json!({ "date": "2026-03-02", "operation": "latest", "from": [{ "id": from, "date": "2026-03-02" }] });
    let nodes = answer["trace"]["nodes"].as_array_mut().expect("nodes");
    for (id, from) in
        [("course.a.next.earliest", "course.b.next.earliest"), ("course.b.next.earliest", "course.a.next.earliest")]
    {
        nodes.push(json!({ "id": id, "kind": "date", "outcome": "2026-03-02", "derived": node(from) }));
    }
    assert!(verify(&answer).faults.iter().any(|fault| fault.kind == FaultKind::Date));
}
