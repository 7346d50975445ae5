//! `regimen verify-trace`: stored answers follow from their traces, and altered ones do not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

use regimen::cases::{Cases, of_protocol};
use regimen::verify::{FaultKind, verify, verify_with};
use regimen::{Clinic, Depth, Notation, Record, Request, Status, render};
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
        let texts = texts_of(&name);
        let verified = verify_with(&answer, Some(&[&texts[0], &texts[1]]));
        assert_eq!(verified.faults, [], "{name}");
        steps += verified.steps;
        dates += verified.dates;
    }
    assert!(steps > 20_000 && dates > 3_000, "{steps} steps, {dates} dates");
}

/// The text of the protocol of a shipped case, and that of the dictionary.
fn texts_of(case: &str) -> [String; 2] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    let protocol = case.split('/').next().expect("a protocol");
    [folder.join(protocol).join("protocol.toml"), folder.join("facts.toml")]
        .map(|file| std::fs::read_to_string(file).expect("a text"))
}

/// What nothing in an answer binds, and the text of its protocol does: by the case, the path, and what stands there then.
#[test]
fn what_the_protocol_says_otherwise_is_refused() {
    let of =
        |path: &str, instead: Value| ("laser-hair-reduction", "isotretinoin-shortened", path.to_owned(), Some(instead));
    let without = |path: &str| ("laser-hair-reduction", "isotretinoin-shortened", path.to_owned(), None);
    let mut forgeries = vec![
        of("overrides.0.declared", json!("2 months")),
        without("overrides.0.sign_off"),
        of("overrides.0.sign_off.0", json!("anybody")),
        of("protocol_status", json!("draft")),
        of("title", json!("Another protocol")),
        of("provenance.version", json!("1.0.1")),
        of("settings.1.value", json!("Whatever you like")),
        without("settings.1"),
        without("instructions.0"),
        of("instructions.0.do", json!("Come as you are.")),
        of("red_flags.0.action", json!("Wait.")),
        of("sources.0.title", json!("A better one")),
        of("provenance.protocol_sha256", json!("00")),
    ];
    let one_to_go = "planned-sessions-done-mild-scars-one-to-go";
    forgeries.push(("microneedling-acne-scars", one_to_go, "settings.2".to_owned(), None));
    forgeries.push(("microneedling-acne-scars", one_to_go, "settings.0.value".to_owned(), Some(json!("3.0 mm"))));
    forgeries.push(("fractional-laser", "first-session-due", "course.planned".to_owned(), Some(json!(9))));
    for (protocol, case, path, instead) in forgeries {
        let answer = answer_of_case(protocol, case);
        let texts = texts_of(protocol);
        let texts = [texts[0].as_str(), texts[1].as_str()];
        assert_eq!(verify_with(&answer, Some(&texts)).faults, [], "{protocol}/{case}");
        let mut forged = answer.clone();
        alter(&mut forged, &path, instead);
        assert_ne!(forged, answer, "{protocol}/{case}: {path}");
        let faults = verify_with(&forged, Some(&texts)).faults;
        assert!(faults.iter().any(|fault| fault.kind == FaultKind::Protocol), "{protocol}/{case}: {path}: {faults:?}");
    }
}

#[test]
fn a_rule_that_was_taken_out_with_all_its_steps_is_missed_by_its_protocol() {
    let (mut answer, texts) =
        (answer_of_case("glycolic-peel", "isotretinoin-past-day-unknown"), texts_of("glycolic-peel"));
    let id = "contraindication.keloid-history";
    nodes(&mut answer)
        .retain(|node| !node["id"].as_str().is_some_and(|other| other == id || other.starts_with(&format!("{id}."))));
    assert_eq!(verify(&answer).faults, [], "nothing else tells");
    let faults = verify_with(&answer, Some(&[&texts[0], &texts[1]])).faults;
    assert!(faults.iter().any(|fault| fault.at == id), "{faults:?}");
}

/// The fields that say what was read, and not what follows: nothing else in the answer tells whether they were altered. A field is named by its
/// path without the places in lists; with a point at its end, all below it.
const PREMISES: &[(&str, &str)] = &[
    ("title", "a text"),
    ("patient", "who it is, the record says"),
    ("protocol_status", "of a protocol without published versions, the protocol says it"),
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
    ("questions.rules", "of settings and instructions, the trace does not tell it"),
    ("questions.fact", "of settings and instructions, the trace does not tell it"),
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
    ("course.chosen", "a text"),
    ("course.minimum", "the protocol says it"),
    ("course.planned", "the protocol says it"),
    ("course.maximum", "the protocol says it"),
    ("course.done", "of a course of several parts, the sum of them"),
    ("course.beyond_planned.", "a text"),
    ("course.past.faults", "words for what the reasons say"),
    ("course.past.values.reasons", "texts"),
    ("course.past.values.verdict", "of one that does not count, which of the words it is"),
    ("course.past.values.too_early.interval", "a name"),
    ("course.set_by.", "names beside a date that follows"),
    ("course.set_by_value", "a name beside a date that follows"),
    ("course.separate_by", "the protocol says it"),
    ("course.provisional", "a word of caution for a person"),
    ("course.components.chosen", "a text"),
    ("course.components.course", "a name; of one of which the trace has nothing else"),
    ("course.components.id", "a name; of one of which the trace has nothing else"),
    ("course.components.done", "of which not every session holds all parts"),
    ("course.components.status", "of one of which nothing is to be done, or that is not chosen"),
    ("course.components.minimum", "the protocol says it"),
    ("course.components.planned", "the protocol says it"),
    ("course.components.planned_now", "the record says it"),
    ("course.components.maximum", "the protocol says it"),
    ("course.components.beyond_planned.", "a text"),
    ("course.components.set_by.", "names beside a date that follows"),
    ("course.components.provisional", "a word of caution for a person"),
    ("course.next.number", "after a course that began anew, or with sessions that are not needed"),
    ("course.components.next.number", "after a course that began anew, or with sessions that are not needed"),
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

/// Those of them that the text of the protocol tells, whatever they are altered to.
const BY_THE_PROTOCOL: &[&str] = &[
    "title",
    "protocol_status",
    "sources.id",
    "sources.title",
    "sources.evidence",
    "provenance.version",
    "provenance.protocol_sha256",
    "overrides.declared",
    "overrides.sign_off",
    "reasons.lasts",
    "reasons.to",
    "questions.of",
    "settings.id",
    "settings.label",
    "settings.needed",
    "settings.evidence",
    "settings.sources",
    "instructions.id",
    "instructions.for",
    "instructions.evidence",
    "instructions.sources",
    "red_flags.id",
    "red_flags.evidence",
    "red_flags.sources",
    "course.separate_by",
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
        let texts = texts_of(&name);
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
            let mut is_noticed = !verify(&answer).faults.is_empty();
            let with_its_protocol = !is_noticed && BY_THE_PROTOCOL.contains(&field.as_str());
            is_noticed |= with_its_protocol && !verify_with(&answer, Some(&[&texts[0], &texts[1]])).faults.is_empty();
            *at(&mut answer, &path) = before.clone();
            let premise = PREMISES
                .iter()
                .find(|(known, _)| field == *known || (known.ends_with('.') && field.starts_with(known)));
            match (is_noticed, premise) {
                (true, _) => noticed += 1,
                (false, _) if with_its_protocol => {
                    unnoticed.push(format!("{name}: {}: {before} -> {after}, also with its protocol", path.join(".")));
                }
                (false, Some((known, _))) => drop(met.insert(*known)),
                (false, None) => unnoticed.push(format!("{name}: {}: {before} -> {after}", path.join("."))),
            }
        }
    }
    assert!(unnoticed.is_empty(), "{noticed} noticed, not these {}:\n{}", unnoticed.len(), unnoticed.join("\n"));
    assert!(noticed > 1_000, "{noticed}");
}

/// The answer of one shipped case.
fn answer_of_case(protocol: &str, case: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols").join(protocol);
    let (clinic, _) = Clinic::load(&folder).expect("a shipped protocol");
    let protocol = &clinic.protocols[0];
    let path = folder.join("cases").join(format!("{case}.toml"));
    let (case, _) = Cases::of(protocol).load(&path).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let answer = protocol.recommend(&case.record, &case.request.explain(Depth::Full)).expect("an answer");
    serde_json::from_str(&render::json(&answer).expect("JSON")).expect("JSON")
}

/// Puts something in the place of what stands at a path; nothing, where it is taken out.
fn alter(answer: &mut Value, path: &str, instead: Option<Value>) {
    let mut keys: Vec<String> = path.split('.').map(str::to_owned).collect();
    let last = keys.pop().expect("a key");
    match (at(answer, &keys), instead) {
        (Value::Array(all), None) => drop(all.remove(last.parse().expect("a place"))),
        (Value::Object(fields), None) => assert!(fields.remove(&last).is_some(), "{path}"),
        (place, Some(instead)) => *at(place, &[last]) = instead,
        (place, None) => panic!("{place}"),
    }
}

/// Forgeries that change one thing, by the case, the path to it, and what stands there then: nothing, where it is taken out.
#[test]
fn what_the_trace_says_otherwise_is_refused() {
    let forgeries: [(&str, &str, &str, Option<Value>); 22] = [
        ("glycolic-peel", "isotretinoin-past-day-unknown", "questions.2", None),
        ("glycolic-peel", "isotretinoin-past-day-unknown", "questions.2.fact", Some(json!("shoe_size"))),
        ("glycolic-peel", "isotretinoin-past-day-unknown", "questions.2.could_lead_to", Some(json!("due"))),
        ("glycolic-peel", "isotretinoin-past-day-unknown", "questions.2.rules", Some(json!([]))),
        ("glycolic-peel", "isotretinoin-past-day-unknown", "questions.2.could_change", Some(json!([]))),
        ("glycolic-peel", "isotretinoin-past-day-unknown", "settings.1.bound.number", Some(json!("60"))),
        ("glycolic-peel", "isotretinoin-past-day-unknown", "settings.1.bound", None),
        ("isotretinoin-monitoring", "two-tests-unknown", "questions.0.could_lead_to", Some(json!("complete"))),
        ("mmr", "severe-immunocompromise", "course.components.2.status", Some(json!("complete"))),
        ("mmr", "cannot-become-pregnant", "course.components.2.done", Some(json!(9))),
        ("mmr", "cannot-become-pregnant", "course.components.2.next.number", Some(json!(3))),
        ("mmr", "27-days-after-yellow-fever", "course.components", None),
        ("mmr", "27-days-after-yellow-fever", "course.components.1", None),
        ("laser-hair-reduction", "skin-infection-last-day", "course.next.number", Some(json!(5))),
        ("laser-hair-reduction", "review-agreed", "course.past.2.values.0.number", None),
        ("pneumococcal", "begun-at-12-months-day-before-five", "course.next.number", Some(json!(1))),
        ("botulinum-toxin", "units-here-ninety-days-ago-and-yesterday", "course.past.1.too_early", None),
        (
            "botulinum-toxin",
            "units-here-ninety-days-ago-and-yesterday",
            "course.past.1.too_early.days",
            Some(json!(99)),
        ),
        ("hepatitis-b-staff", "heplisav-before-18-tested", "precautions.1.because.4.value", Some(json!("190"))),
        ("microneedling-acne-scars", "assess-before-fourth-session-fires", "assumptions.3", None),
        ("covid-19", "moderna-too-early", "course.past.0.date", Some(json!("2020-01-01"))),
        ("hepatitis-a", "second-dose-too-early", "course.past.1.faults", None),
    ];
    for (protocol, case, path, instead) in forgeries {
        let mut answer = answer_of_case(protocol, case);
        assert_eq!(verify(&answer).faults, [], "{protocol}/{case}");
        alter(&mut answer, path, instead);
        assert!(!verify(&answer).faults.is_empty(), "{protocol}/{case}: {path}");
    }
}

/// The same of the trace: a node that is altered, by its case, its id, the field, and what stands there then.
#[test]
fn a_node_that_the_rest_of_the_trace_denies_is_refused() {
    for (protocol, case, id, field, instead) in [
        ("hpv", "man-second-late", "course.male-3-dose.male-3-dose-session-2-interval-1", "outcome", json!("unknown")),
        (
            "pneumococcal",
            "begun-at-12-months-day-before-five",
            "course.begun-at-12-to-23-months.chosen",
            "outcome",
            json!("x"),
        ),
        ("fractional-laser", "ablative-reassess-fires", "course.offered", "operands", json!(["course.ablative.when"])),
        ("fractional-laser", "first-session-due", "contraindication.keloid-history.when", "among", json!(["face"])),
        (
            "isotretinoin-monitoring",
            "two-tests-unknown",
            "deferral.two-tests-before-the-start.when.3.1.1",
            "unknown",
            Value::Null,
        ),
    ] {
        let mut answer = answer_of_case(protocol, case);
        let all = nodes(&mut answer);
        let found = all.iter_mut().find(|node| node["id"] == id).filter(|node| node.get(field).is_some());
        let Some(node) = found else { panic!("{protocol}/{case}: {id} has no {field}") };
        match instead {
            Value::Null => drop(node.as_object_mut().expect("a node").remove(field)),
            instead => node[field] = instead,
        }
        assert!(!verify(&answer).faults.is_empty(), "{protocol}/{case}: {id}.{field}");
    }
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
    // Those of several protocols stand in one line of a batch, with what could not be answered in its place.
    let broken = json!({ "protocol": "torn", "broken": true, "errors": [] });
    let of = |patient: &str, day: &str| {
        verified(&format!("{{\"patient\":\"{patient}\",\"as_of\":\"{day}\",\"answers\":[{line},{line},{broken}]}}\n"))
    };
    let (code, out, err) = of("P-0001", "2026-03-02");
    assert_eq!((code, out.lines().count(), err.as_str()), (0, 3, ""));
    for (code, _, err) in [of("P-0002", "2026-03-02"), of("P-0001", "2026-03-03")] {
        assert!(code == 1 && err.contains("R826") && err.contains("its line says"), "{err}");
    }

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
    let (code, _, err) = altered("\"length\": {", "\"length\": { \"written\": \"5 weeks\",");
    assert!(code == 1 && err.contains("it is written as 5 weeks, and that is not "), "{err}");
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

/// A list of an answer.
fn items<'a>(of: &'a mut Value, key: &str) -> Option<&'a mut Vec<Value>> {
    of[key].as_array_mut().filter(|list| !list.is_empty())
}

/// The nodes of an answer.
fn nodes(answer: &mut Value) -> &mut Vec<Value> {
    answer["trace"]["nodes"].as_array_mut().expect("nodes")
}

fn is_rule(node: &Value) -> bool {
    let kinds = ["indication", "contraindication", "deferral", "referral", "precaution", "completion"];
    kinds.contains(&node["kind"].as_str().unwrap_or_default())
}

/// Takes something out of a step: its fault, if it is not noticed.
fn without(answer: &Value, at: usize, keys: &[&str]) -> Option<String> {
    let mut altered = answer.clone();
    let node = nodes(&mut altered)[at].as_object_mut().expect("a node");
    let taken: Vec<bool> = keys.iter().map(|key| node.remove(*key).is_some()).collect();
    (taken.contains(&true) && verify(&altered).faults.is_empty())
        .then(|| format!("{keys:?} of {}", answer["trace"]["nodes"][at]))
}

#[test]
fn no_step_becomes_a_premise() {
    let mut tried = 0;
    // One of each operator and kind: there are thousands of each.
    let mut seen = BTreeSet::new();
    for (name, answer) in answers(20) {
        let all = answer["trace"]["nodes"].as_array().expect("nodes");
        let steps = (0..all.len()).filter(|at| all[*at].get("operator").is_some() && !is_rule(&all[*at]));
        for at in steps {
            let key = (all[at]["operator"].to_string(), all[at]["kind"].to_string());
            if !seen.insert(key) {
                continue;
            }
            tried += 1;
            for keys in [&["operator"][..], &["operator", "operands"], &["operator", "operands", "text"], &["text"]] {
                let is_nothing = keys == ["text"] && all[at]["text"].is_null();
                assert_eq!(without(&answer, at, keys).filter(|_| !is_nothing), None, "{name}");
            }
            if all[at]["origin"]["from"] == "sessions" {
                continue;
            }
            let read = |from: &str| json!({ "from": from });
            let forged = [
                ("course", None, Value::Null),
                ("course", Some("judging"), Value::Null),
                ("check", None, Value::Null),
                ("bound", None, Value::Null),
                ("date", None, Value::Null),
                ("each", None, Value::Null),
                ("fact", None, read("assumed")),
                ("literal", None, read("literal")),
                ("note", None, read("sessions")),
                ("sessions_done", None, read("sessions")),
                ("sessions", None, read("sessions")),
                ("sessions", Some("len"), read("sessions")),
                ("sessions", Some("is_empty"), read("sessions")),
                ("sessions", Some("last"), read("sessions")),
            ];
            for (kind, operator, origin) in forged {
                let mut altered = answer.clone();
                let node = nodes(&mut altered)[at].as_object_mut().expect("a node");
                ["operator", "operands", "origin"].iter().for_each(|key| drop(node.remove(*key)));
                // The kind of a whole definition stays what it is.
                if node["kind"] != "definition" {
                    node.insert("kind".into(), json!(kind));
                }
                if let Some(operator) = operator {
                    node.insert("operator".into(), json!(operator));
                }
                if !origin.is_null() {
                    node.insert("origin".into(), origin);
                }
                // Together with all its parts, so that none is left over.
                let parts = format!("{}.", all[at]["id"].as_str().expect("an id"));
                nodes(&mut altered).retain(|node| !node["id"].as_str().is_some_and(|id| id.starts_with(&parts)));
                assert!(!verify(&altered).faults.is_empty(), "{name}: {kind} {operator:?} for {}", all[at]);
            }
        }
    }
    assert!(tried > 30, "{tried}");
}

#[test]
fn a_pause_without_its_days_is_no_premise() {
    let (name, answer) = answers(3)
        .into_iter()
        .find(|(_, answer)| answer["precautions"].to_string().contains("reassess"))
        .expect("a case of a pause");
    let all = answer["trace"]["nodes"].as_array().expect("nodes");
    let pause = |node: &Value| node["kind"] == "course" && node.get("period").is_some() && node["decisive"] == true;
    let at = all.iter().position(pause).unwrap_or_else(|| panic!("{name}: no pause decides"));
    for keys in [&["period"][..], &["period", "derived"], &["period", "derived", "decisive"]] {
        assert_eq!(without(&answer, at, keys), None, "{name}");
    }
}

#[test]
fn a_pregnant_patient_is_not_treated_although_a_definition_has_lost_its_operator() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    let path = |name: &str| folder.join(name).to_str().expect("a path").to_owned();
    let (protocol, record) = (path("microneedling-acne-scars"), path("records/healthy-adult.toml"));
    let asked = ["recommend", &protocol, &record, "--as-of", "2026-03-02", "--format", "json", "--explain", "full"];
    let mut answer: Value = serde_json::from_str(&said(&regimen(&asked)).1).expect("JSON");
    assert_eq!((answer["status"].as_str(), verify(&answer).faults.len()), (Some("due"), 0));
    let given = answer["trace"]["given"].as_array_mut().expect("what was read");
    let given = given.iter_mut().find(|given| given["origin"]["fact"] == "pregnancy_status").expect("it was asked");
    given["outcome"] = json!("pregnant");
    for node in nodes(&mut answer) {
        match node["id"].as_str() {
            Some("definition.pregnancy.2" | "definition.pregnancy.3.1" | "definition.pregnancy.3") => {
                node["outcome"] = json!("pregnant");
            }
            Some("definition.pregnancy") => drop(node.as_object_mut().expect("a node").remove("operator")),
            _ => {}
        }
    }
    let faults = verify(&answer).faults;
    assert!(faults.iter().any(|fault| fault.at == "definition.pregnancy"), "{faults:?}");
    // The whole expression may be taken away, too.
    nodes(&mut answer).retain(|node| !node["id"].as_str().is_some_and(|id| id.starts_with("definition.pregnancy.")));
    for node in nodes(&mut answer) {
        if node["id"] == "definition.pregnancy" {
            node.as_object_mut().expect("a node").remove("operands");
        }
    }
    let faults = verify(&answer).faults;
    assert!(faults.iter().any(|fault| fault.at == "definition.pregnancy"), "{faults:?}");
}

#[test]
fn a_rule_without_its_condition_and_a_condition_without_its_rule_are_faults() {
    for (name, answer) in answers(200) {
        let all = answer["trace"]["nodes"].as_array().expect("nodes");
        let Some(at) = all.iter().position(|node| is_rule(node) && node["kind"] != "deferral") else { continue };
        let id = all[at]["id"].as_str().expect("an id").to_owned();
        let mut altered = answer.clone();
        nodes(&mut altered).remove(at);
        let faults = verify(&altered).faults;
        assert!(faults.iter().any(|fault| fault.at == format!("{id}.when")), "{name}: {id}: {faults:?}");
        nodes(&mut altered)
            .retain(|node| !node["id"].as_str().is_some_and(|other| other.starts_with(&format!("{id}.when"))));
        // A rule that is taken out as a whole leaves no mark but where it is asked for; without its condition it does.
        nodes(&mut altered).insert(0, all[at].clone());
        nodes(&mut altered)[0].as_object_mut().expect("a node").remove("operands");
        assert!(!verify(&altered).faults.is_empty(), "{name}: {id}");
    }
}

/// Takes something out of the answer that its trace says must be there; false, where this answer has no such thing.
type LeaveOut = fn(&mut Value) -> bool;

const LEFT_OUT: &[(&str, LeaveOut)] = &[
    ("a reason", |answer| items(answer, "reasons").map(|all| all.remove(0)).is_some()),
    ("all precautions", |answer| items(answer, "precautions").map(Vec::clear).is_some()),
    ("a pause", |answer| {
        let Some(all) = items(answer, "precautions") else { return false };
        let before = all.len();
        all.retain(|one| one["id"] != "reassess");
        all.len() < before
    }),
    ("overrides", |answer| items(answer, "overrides").map(Vec::clear).is_some()),
    ("assumptions of rules", |answer| {
        let is_of_rule = |one: &Value, nodes: &[Value]| {
            one["rules"].as_array().into_iter().flatten().any(|rule| {
                let end = format!(".{}", rule.as_str().unwrap_or_default());
                nodes.iter().any(|node| is_rule(node) && node["id"].as_str().is_some_and(|id| id.ends_with(&end)))
            })
        };
        let all = nodes(answer).clone();
        let Some(assumptions) = items(answer, "assumptions") else { return false };
        let before = assumptions.len();
        assumptions.retain(|one| !is_of_rule(one, &all));
        assumptions.len() < before
    }),
    ("a day until which an answer counts", |answer| {
        let Some(all) = items(answer, "to_be_confirmed") else { return false };
        all[0]["valid_until"] = json!("2099-01-01");
        true
    }),
    ("the last session to come", |answer| items(&mut answer["course"], "projected").map(Vec::pop).is_some()),
    ("what the day depends on", |answer| {
        let is_of_session = |one: &Value| one.as_str().is_some_and(|one| one.contains('.'));
        items(answer, "date_depends_on").filter(|all| !is_of_session(&all[0])).map(|all| all.remove(0)).is_some()
    }),
    ("a fact that decided", |answer| {
        let Some(all) = items(answer, "reasons") else { return false };
        let with = all.iter_mut().find(|one| one["kind"] == "contraindication");
        with.and_then(|one| items(one, "because").map(Vec::clear)).is_some()
    }),
    ("the rules of a question", |answer| {
        let is_deferred = answer["status"] == "deferred";
        let Some(all) = items(answer, "questions").filter(|_| is_deferred) else { return false };
        let first = &mut all[0];
        let is_schedule = first["could_change"].as_array().is_some_and(|all| all.contains(&json!("schedule")));
        let of_course = first["rules"].to_string().contains("course.");
        is_schedule && !of_course && items(first, "rules").map(Vec::clear).is_some()
    }),
    ("a setting", |answer| {
        let Some(all) = items(answer, "settings") else { return false };
        let Some(at) = all.iter().position(|one| one["each"].is_string()) else { return false };
        all.remove(at);
        true
    }),
    ("that a setting is open", |answer| {
        let Some(all) = items(answer, "settings") else { return false };
        let Some(open) = all.iter_mut().find(|one| one["known"] == false && one["depends_on"].is_array()) else {
            return false;
        };
        open["known"] = json!(true);
        true
    }),
];

#[test]
fn what_is_left_out_although_the_trace_says_it_is_noticed() {
    // Some of each: there are hundreds.
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unnoticed = Vec::new();
    for (name, answer) in answers(3) {
        for (what, leave_out) in LEFT_OUT {
            let met = met.entry(what).or_default();
            let mut altered = answer.clone();
            if *met < 8 && leave_out(&mut altered) {
                *met += 1;
                if verify(&altered).faults.is_empty() {
                    unnoticed.push(format!("{name}: {what}"));
                }
            }
        }
    }
    assert!(unnoticed.is_empty(), "{} not noticed:\n{}", unnoticed.len(), unnoticed.join("\n"));
    let never: Vec<&str> = LEFT_OUT.iter().map(|(what, _)| *what).filter(|what| met[what] == 0).collect();
    assert!(never.is_empty(), "no shipped answer has: {never:?}");
}

/// The whole answer of a protocol to a record.
fn answer_of(protocol: &str, record: &str) -> Value {
    answer_on("2026-03-02", protocol, record)
}

fn answer_on(day: &str, protocol: &str, record: &str) -> Value {
    let text = format!("{}{protocol}", include_str!("fixtures/head.toml"));
    let (clinic, _) = Clinic::from_text("trial.toml", &text).unwrap_or_else(|found| panic!("{found}"));
    let read = Record::from_text("record.json", record, Notation::Json, &clinic.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
    let request = Request::new(day.parse().expect("a day")).explain(Depth::Full);
    let answer = clinic.protocols[0].recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"));
    serde_json::from_str(&render::json(&answer).expect("JSON")).expect("JSON")
}

/// Of which component the visit waits rests on the day of birth, of which only the year is known.
#[test]
fn what_holds_a_component_back_in_another_way_than_the_one_that_is_told_has_its_own_days() {
    let series = |id: &str, component: &str, first: &str, second: &str| {
        format!(
            "[[course]]\nid = \"{id}\"\nsources = [\"clinic\"]\ncomponents = [\"{component}\"]\n\
             [[course.session]]\nage = {{ minimum = \"20 years{first}\" }}\n[[course.session]]\nage = {{ minimum = \"20 years + {second}\" }}\n\
             interval = [{{ id = \"{id}-i\", from = \"previous\", minimum = \"28 days\", priority = true, reason = \"x\" }}]\n"
        )
    };
    let birth = "[facts]\ndate_of_birth = { type = \"date\", past = true, ask = \"Born?\", of = \"patient\", valid_for = \"forever\" }\n\
                 [products]\ngel = [\"gel-10\"]\nfoam = [\"foam-1\"]\n\
                 [components.one]\nproducts = [\"gel\"]\n[components.two]\nproducts = [\"foam\"]\n";
    let protocol =
        format!("{birth}{}{}", series("a", "one", "", "1 month"), series("b", "two", " + 2 months", "3 months"));
    let given = |date: &str, product: &str| json!({ "treatment": "trial", "date": date, "product": product });
    let sessions = json!([given("2025-12-28", "gel-10"), given("2026-01-06", "foam-1"), given("2026-02-17", "foam-1")]);
    let record =
        json!({ "patient": "P", "recorded": "2026-03-01", "facts": { "date_of_birth": "2005" }, "sessions": sessions });
    let answer = answer_on("2026-03-15", &protocol, &record.to_string());
    assert_eq!(verify(&answer).faults, []);
}

const FACTS: &str = r#"
[facts]
smoker = { type = "bool", ask = "Do you smoke?", of = "patient", valid_for = "forever" }
packs = { type = "bool", asked_when = 'smoker', otherwise = false, ask = "Many?", of = "patient", valid_for = "forever" }
healthy = { type = "bool", ask = "Are you healthy?", of = "patient", valid_for = "forever" }

[[contraindication]]
id = "ill"
when = '!healthy'
lasts = "permanent"
reason = "Not now."
sources = ["clinic"]

[[deferral]]
id = "packs"
when = 'packs'
until = "you have stopped"
reason = "Not now."
sources = ["clinic"]
"#;

#[test]
fn nobody_has_to_be_asked_whether_a_question_makes_sense_that_matters_no_more() {
    let answer = answer_of(
        FACTS,
        r#"{ "patient": "P", "recorded": "2026-03-01", "facts": { "healthy": false }, "sessions": [] }"#,
    );
    assert_eq!(
        (answer["status"].as_str(), answer["questions"].as_array().map(Vec::len)),
        (Some("contraindicated"), Some(0))
    );
    assert_eq!(verify(&answer).faults, []);
}

#[test]
fn what_a_course_that_was_not_chosen_takes_for_granted_stands_in_no_node() {
    let protocol = r#"
[facts]
done = { type = "date", past = true, may_be_never = true, ask = "When?", of = "patient", valid_for = "forever" }
more = { type = "bool", asked_when = 'done != never', otherwise = false, ask = "More?", of = "patient", valid_for = "forever" }

[[course]]
id = "long"
when = 'more'
sessions = { planned = 1, maximum = 2, beyond_planned = 'more ?? false' }
interval = [{ from = "first", minimum = "28 days" }]
sources = ["clinic"]

[[course]]
id = "short"
sessions = { planned = 2 }
sources = ["clinic"]
"#;
    let record = r#"{ "patient": "P", "recorded": "2026-03-01", "facts": {}, "sessions": [{ "date": "2025-11-29", "treatment": "trial" }] }"#;
    assert_eq!(verify(&answer_of(protocol, record)).faults, []);
}

#[test]
fn an_answer_that_shows_that_there_must_be_a_doubt_has_one() {
    let contradicts = "\n[[contradiction]]\nwhen = 'healthy && packs'\nsay = \"who smokes is not healthy\"\n";
    let twice = r#"
[[referral]]
id = "many"
when = '(count s in sessions where true) > 1'
to = "doctor"
reason = "Many."
sources = ["clinic"]
"#;
    let session = r#"{ "date": "2025-11-29", "treatment": "trial" }"#;
    for (protocol, record, code) in [
        (
            format!("{FACTS}{contradicts}"),
            r#"{ "patient": "P", "recorded": "2026-03-01", "facts": { "smoker": true, "packs": true, "healthy": true }, "sessions": [] }"#.to_owned(),
            "R419",
        ),
        (
            twice.to_owned(),
            format!(r#"{{ "patient": "P", "recorded": "2026-03-01", "sessions": [{session}, {session}] }}"#),
            "R417",
        ),
    ] {
        let mut answer = answer_of(&protocol, &record);
        assert_eq!(verify(&answer).faults, [], "{code}");
        let doubts = answer["doubts"].as_array_mut().expect("doubts");
        let before = doubts.len();
        doubts.retain(|doubt| doubt["code"] != code);
        assert!(doubts.len() < before, "{code}");
        let faults = verify(&answer).faults;
        assert!(faults.iter().any(|fault| fault.at == "doubts"), "{code}: {faults:?}");
    }
}

/// A course of which the second session is due or late, and settings of which one waits for an answer.
const COURSE: &str = r#"
[facts]
dark = { type = "bool", ask = "Is your skin dark?", of = "patient", valid_for = "forever" }
sent = { type = "bool", ask = "Did a doctor send you?", of = "patient", valid_for = "forever" }

[[deferral]]
id = "sent"
when = 'sent'
until = "you have been seen"
reason = "Not now."
sources = ["clinic"]

[[course]]
id = "standard"
sessions = { planned = 3 }
interval = [{ id = "pause", from = "previous", minimum = "28 days", recommended = "28 days", latest = "42 days" }]
sources = ["clinic"]

[[setting]]
id = "depth"
label = "Depth"
unit = "mm"
sources = ["clinic"]
rows = [{ when = '!dark', value = "1.5" }, { when = 'dark', value = "1.0" }]
"#;

/// The answer of `COURSE` to somebody who was treated on a day, with more answers.
fn answer_of_course(day: &str, facts: &str) -> Value {
    let record = format!(
        r#"{{ "patient": "P", "recorded": "2026-03-01", "facts": {{ {facts} }}, "sessions": [{{ "date": "{day}", "treatment": "trial" }}] }}"#
    );
    let answer = answer_of(COURSE, &record);
    assert_eq!(verify(&answer).faults, [], "{answer}");
    answer
}

fn is_refused(answer: &Value, at: &str) {
    let faults = verify(answer).faults;
    assert!(faults.iter().any(|fault| fault.at == at), "{at}: {faults:?}");
}

#[test]
fn whether_a_session_is_late_follows_from_its_latest_day() {
    for (day, status, other) in [("2026-01-10", "overdue", "due"), ("2026-01-19", "due", "overdue")] {
        let mut answer = answer_of_course(day, r#""dark": true, "sent": false"#);
        assert_eq!(answer["status"], status, "{day}");
        answer["status"] = json!(other);
        answer["could_become"] = json!([other]);
        for node in nodes(&mut answer) {
            if node["id"] == "course.standard.overdue" {
                node["outcome"] = json!((other == "overdue").to_string());
            }
        }
        is_refused(&answer, "course.standard.overdue");
    }
}

#[test]
fn a_course_that_is_not_over_has_a_next_session() {
    let mut answer = answer_of_course("2026-01-19", r#""dark": true, "sent": false"#);
    answer["course"]["next"] = Value::Null;
    is_refused(&answer, "course.next");
    let mut answer = answer_of_course("2026-01-19", r#""dark": true, "sent": false"#);
    answer["course"]["status"] = json!("complete");
    is_refused(&answer, "course.status");
    let mut answer = answer_of_course("2026-01-19", r#""dark": true, "sent": false"#);
    answer["course"]["may_be_later"] = json!(true);
    is_refused(&answer, "course.may_be_later");
}

#[test]
fn an_open_value_is_not_made_exact() {
    let answer = answer_of_course("2026-01-19", r#""sent": false"#);
    assert_eq!(answer["status"], "undetermined");
    // As if nothing waited for it.
    let mut forged = answer.clone();
    forged["status"] = json!("due");
    forged["could_become"] = json!(["due"]);
    let setting = forged["settings"][0].as_object_mut().expect("a setting");
    ["needed", "depends_on", "bound"].iter().for_each(|key| drop(setting.remove(*key)));
    setting.insert("provisional".into(), json!(false));
    setting.insert("value".into(), json!("1.5 mm"));
    forged["questions"][0]["could_change"] = json!(["setting"]);
    is_refused(&forged, "settings.depth.known");
    is_refused(&forged, "questions.dark.could_change");
    is_refused(&forged, "questions.dark.rules");
    let mut forged = answer.clone();
    forged["settings"][0]["value"] = json!("1.5 mm");
    is_refused(&forged, "settings.depth.known");
    let mut forged = answer;
    forged["settings"][0].as_object_mut().expect("a setting").remove("needed");
    is_refused(&forged, "questions.dark.could_change");
}

#[test]
fn a_draft_of_what_is_published_is_a_draft() {
    let answer = answer_of_course("2026-01-19", r#""dark": true, "sent": false"#);
    let mut draft = answer.clone();
    draft["provenance"]["edition"] = json!("draft");
    is_refused(&draft, "protocol_status");
    let mut published = answer.clone();
    published["provenance"]["edition"] = json!("published");
    is_refused(&published, "provenance.published_by");
    let mut retired = answer;
    retired["protocol_status"] = json!("retired");
    is_refused(&retired, "protocol_status");
}

#[test]
fn nothing_stands_twice_in_an_answer() {
    let mut tried = BTreeSet::new();
    for (name, answer) in answers(40) {
        for list in
            ["reasons", "questions", "precautions", "settings", "instructions", "red_flags", "sources", "doubts"]
        {
            let mut twice = answer.clone();
            let Some(all) = items(&mut twice, list) else { continue };
            all.insert(0, all[0].clone());
            tried.insert(list);
            let faults = verify(&twice).faults;
            assert!(faults.iter().any(|fault| fault.message == "it stands there twice"), "{name}: {list}: {faults:?}");
        }
        let mut twice = answer.clone();
        let because = items(&mut twice, "reasons").and_then(|all| items(&mut all[0], "because"));
        let Some(because) = because else { continue };
        because.push(because[0].clone());
        is_refused(&twice, "reasons.0.because");
        tried.insert("because");
    }
    assert!(tried.len() > 6, "{tried:?}");
}

/// A receipt brings the texts that its answer was made with; whoever alters it alters its sum.
#[test]
fn a_receipt_is_verified_with_its_texts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/receipts/next");
    let path = |name: &str| folder.join(name).to_str().expect("a path").to_owned();
    for name in ["contraindicated.json", "course.json", "doubtful.json", "nothing-known.json", "parameter-set.json"] {
        let (code, out, err) = said(&regimen(&["verify-trace", &path(name)]));
        assert_eq!((code, err.as_str()), (0, ""), "{name}: {out}");
    }
    let (code, _, err) = said(&regimen(&["verify-trace", &path("refused.json")]));
    assert!(code == 1 && err.contains("R821") && err.contains("keeps no answer"), "{err}");
    let text = std::fs::read_to_string(path("course.json")).expect("a receipt");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("altered-receipt.json");
    std::fs::write(&file, text.replacen("due", "duo", 1)).expect("written");
    let (code, _, err) = said(&regimen(&["verify-trace", file.to_str().expect("a path")]));
    assert!(code == 1 && err.contains("R805"), "{err}");
}

#[test]
fn the_command_compares_answers_with_a_protocol() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("with-its-protocol.json");
    let path = file.to_str().expect("a path");
    let mut answer = answer_of_case("glycolic-peel", "isotretinoin-past-day-unknown");
    let with = |answer: &Value, protocol: &str| {
        std::fs::write(&file, answer.to_string()).expect("written");
        said(&regimen(&["verify-trace", path, "--protocol", protocol]))
    };
    for protocol in ["protocols/glycolic-peel", "protocols/glycolic-peel/protocol.toml"] {
        let (code, out, err) = with(&answer, protocol);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
    }
    let (code, _, err) = with(&answer, "protocols/polio");
    assert!(code == 1 && err.contains("R892") && err.contains("no text that was given has this sum"), "{err}");
    answer["title"] = json!("Another");
    let (code, _, err) = with(&answer, "protocols/glycolic-peel");
    assert!(code == 1 && err.contains("R892") && err.contains("at `title`: the protocol says otherwise"), "{err}");
}

/// What nothing waits for in a part of a condition that is settled is not asked for it, also where the day of the wait reads it.
#[test]
fn a_settled_part_of_a_condition_waits_for_nothing_although_the_day_reads_the_same() {
    let protocol = r#"
[facts]
dose = { type = "date", past = true, may_be_never = true, ask = "When?", of = "patient", valid_for = "forever" }
ill = { type = "bool", ask = "Ill?", of = "patient", valid_for = "forever" }
told = { type = "bool", ask = "Told?", of = "patient", valid_for = "forever" }

[[deferral]]
id = "wait"
when = 'ill && dose > today - days(5) || told'
not_before = 'dose + years(2)'
reason = "Not now."
sources = ["clinic"]
"#;
    let record =
        r#"{ "patient": "P", "recorded": "2026-03-01", "facts": { "dose": "2026-02", "ill": false }, "sessions": [] }"#;
    let answer = answer_of(protocol, record);
    assert_eq!(answer["status"], "undetermined");
    let asked: Vec<&str> =
        answer["questions"].as_array().into_iter().flatten().filter_map(|one| one["fact"].as_str()).collect();
    assert_eq!(asked, ["told"]);
    assert_eq!(verify(&answer).faults, []);
}

/// What a reason of the course rests on is named, and how many sessions are done follows from the parts.
#[test]
fn a_reason_of_the_course_names_what_it_rests_on_and_the_parts_tell_how_many_are_done() {
    let mut answer = answer_of_case("laser-hair-reduction", "skin-infection-last-day");
    assert_eq!(verify(&answer).faults, []);
    let done = answer["course"]["done"].as_u64().expect("a number");
    answer["course"]["done"] = json!(done + 1);
    is_refused(&answer, "course.done");
    let mut tried = 0;
    for (name, answer) in answers(3) {
        let all = answer["reasons"].as_array().expect("reasons");
        let at = all.iter().position(|one| one["kind"] == "age" || one["id"] == "no-course");
        let Some(at) = at.filter(|at| all[*at]["because"].is_array()) else { continue };
        tried += 1;
        let mut forged = answer.clone();
        forged["reasons"][at].as_object_mut().expect("a reason").remove("because");
        assert!(!verify(&forged).faults.is_empty(), "{name}");
    }
    assert!(tried > 0);
}
