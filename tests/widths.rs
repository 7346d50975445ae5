//! What a protocol may have many of: there is no limit, or it is told when the file is loaded. Nothing wraps.

use regimen::diagnostic::Diagnostics;
use regimen::{
    Clinic, Decider, LineReader, Notation, Protocol, Recommendation, Record, Request, Slots, Status, Vocabulary,
};

const HEAD: &str = include_str!("fixtures/head.toml");

fn protocol(text: &str) -> Protocol {
    let clinic = Clinic::from_text("trial.toml", &format!("{HEAD}{text}")).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{found}")).protocols.remove(0)
}

/// What is recommended, which a batch decides alike.
fn ask(protocol: &Protocol, line: &str) -> Recommendation {
    let request = Request::new("2026-03-02".parse().expect("a date"));
    let read = Record::from_text("line", line, Notation::Json, &protocol.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
    let prepared = protocol.prepare(&request).expect("in force");
    let answer = prepared.recommend(&record).unwrap_or_else(|found| panic!("{found}"));
    let vocabulary = Vocabulary::new([protocol]);
    let mut slots = Slots::new(&protocol.dictionary);
    let mut reader = LineReader::new(&protocol.dictionary, &vocabulary, request.as_of);
    // A line with more than the quick reader takes is left to the reader of records.
    if reader.scan(line, &mut slots).is_err() {
        slots = Slots::of(&record, &vocabulary, request.as_of);
    }
    let mut decider = Decider::new(&prepared, &vocabulary);
    let decision = decider.decide(&slots);
    assert_eq!((decision.status, decision.not_before), (answer.status, answer.not_before), "{line}");
    answer
}

fn names(count: usize) -> String {
    (0..count).map(|at| format!("\"x{at}\"")).collect::<Vec<_>>().join(", ")
}

const COURSE: &str = "[[course]]\nid = \"standard\"\nsessions = { planned = 3 }\nsources = [\"clinic\"]\n";

#[test]
fn separations_have_no_limit() {
    let separation = |at: usize| {
        let days = if at == 0 { 365 } else { 1 };
        format!(
            "[[separation]]\nid = \"from-{at}\"\nfrom = [\"t{at}\"]\nminimum = \"{days} days\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
        )
    };
    let protocol = protocol(&format!("{COURSE}{}", (0..200).map(separation).collect::<String>()));
    let after = |at: usize, day: &str| {
        let line = format!(
            r#"{{"patient":"P","recorded":"2026-03-02","facts":{{}},"sessions":[{{"treatment":"t{at}","date":"{day}"}}]}}"#
        );
        let answer = ask(&protocol, &line);
        let reasons = answer.reasons.iter().map(|reason| reason.id.clone()).collect::<Vec<_>>();
        (answer.status, answer.not_before.map(|day| day.to_string()), reasons)
    };
    for at in [1, 63, 64, 65, 128, 199] {
        assert_eq!(after(at, "2026-02-01"), (Status::Due, None, vec![]), "{at}");
        let reasons = vec![format!("from-{at}")];
        assert_eq!(after(at, "2026-03-02"), (Status::Deferred, Some("2026-03-03".into()), reasons), "{at}");
    }
    let reasons = vec!["from-0".to_owned()];
    assert_eq!(after(0, "2026-02-01"), (Status::Deferred, Some("2027-02-01".into()), reasons));
}

#[test]
fn a_choice_or_a_set_has_63_choices_at_most() {
    let declared = |kind: &str, ty: &str, count: usize| {
        let rest = if kind == "facts" { "ask = \"x?\"\nof = \"patient\"\nvalid_for = \"forever\"\n" } else { "" };
        format!("{HEAD}[{kind}.x]\ntype = \"{ty}\"\nchoices = [{}]\n{rest}{COURSE}", names(count))
    };
    for kind in ["facts", "session_facts"] {
        for ty in ["choice", "set"] {
            assert!(Clinic::from_text("trial.toml", &declared(kind, ty, 63)).is_ok(), "{kind} {ty}");
            let found = Clinic::from_text("trial.toml", &declared(kind, ty, 64)).expect_err("too many");
            assert!(found.to_string().contains("has 64 choices, and the most is 63"), "{found}");
        }
    }
}

#[test]
fn the_last_of_63_choices_is_told_from_the_first() {
    let rule = |id: &str, when: &str| {
        format!("[[precaution]]\nid = \"{id}\"\nwhen = '{when}'\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n")
    };
    let fact = |name: &str, ty: &str| {
        let choices = names(63);
        format!(
            "[facts.{name}]\ntype = \"{ty}\"\nchoices = [{choices}]\nask = \"?\"\nof = \"patient\"\nvalid_for = \"forever\"\n"
        )
    };
    let text = [
        fact("one", "choice"),
        fact("many", "set"),
        rule("first", "one == \"x0\" || \"x0\" in many"),
        rule("last", "one == \"x62\" && many.contains_any([\"x62\"])"),
    ];
    let answer = ask(
        &protocol(&text.concat()),
        r#"{"patient":"P","recorded":"2026-03-02","facts":{"one":"x62","many":["x62"]}}"#,
    );
    let precautions: Vec<&str> = answer.precautions.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(precautions, ["last"]);
}

#[test]
fn a_course_is_counted_for_each_of_63_areas() {
    let text = format!(
        "[facts.plan]\ntype = \"set\"\nchoices = [{0}]\nask = \"?\"\nof = \"patient\"\nvalid_for = \"forever\"\n\
         [session_facts.area]\ntype = \"set\"\nchoices = [{0}]\n\
         [[course]]\nid = \"standard\"\nseparate_by = \"area\"\nplanned_in = \"plan\"\nsessions = {{ planned = 3 }}\n\
         interval = [{{ from = \"previous\", minimum = \"28 days\" }}]\nsources = [\"clinic\"]\n",
        names(63)
    );
    let protocol = protocol(&text);
    let planned = |area: &str| {
        let line = format!(
            r#"{{"patient":"P","recorded":"2026-03-02","facts":{{"plan":["{area}"]}},"sessions":[{{"treatment":"trial","date":"2026-02-20","area":["x62"]}}]}}"#
        );
        ask(&protocol, &line).status
    };
    assert_eq!([planned("x0"), planned("x61"), planned("x62")], [Status::Due, Status::Due, Status::Deferred]);
}

#[test]
fn notes_of_sessions_have_no_limit() {
    let notes = (0..100).map(|at| format!("[session_facts.n{at}]\ntype = \"bool\"\n")).collect::<String>();
    let rule = "[[precaution]]\nid = \"last\"\nwhen = 'any s in sessions where s.n99 && !s.n35'\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let protocol = protocol(&format!("{notes}{COURSE}{rule}"));
    let line = r#"{"patient":"P","recorded":"2026-03-02","facts":{},"sessions":[{"treatment":"trial","date":"2026-02-20","n35":false,"n99":true}]}"#;
    assert_eq!(ask(&protocol, line).precautions.len(), 1);
}

/// Definitions, the first of which asks `a || b`, and each other as `next` makes of the name of the one before.
fn definitions(count: usize, next: impl Fn(&str) -> String) -> String {
    let named = |at: usize| {
        let text = if at == 0 { "a || b".to_owned() } else { next(&format!("d{}", at - 1)) };
        format!("d{at} = '{text}'\n")
    };
    let facts = ["a", "b"].map(|fact| {
        format!("[facts.{fact}]\ntype = \"bool\"\nask = \"{fact}?\"\nof = \"patient\"\nvalid_for = \"forever\"\n")
    });
    let rule = format!(
        "[[contraindication]]\nid = \"rule\"\nwhen = 'd{}'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"clinic\"]\n",
        count - 1
    );
    format!("{}[definitions]\n{}{rule}", facts.concat(), (0..count).map(named).collect::<String>())
}

fn check(text: &str) -> Diagnostics {
    let clinic = Clinic::from_text("trial.toml", &format!("{HEAD}{text}")).map(|(clinic, _)| clinic);
    let clinic = clinic.unwrap_or_else(|found| panic!("{found}"));
    regimen::check(&clinic, "2026-03-02".parse().expect("a date"), true)
}

#[test]
fn definitions_that_name_others_twice_are_looked_at_once() {
    let line = |facts: &str| {
        let sessions = r#"[{"treatment":"trial","date":"2026-01-05"}]"#;
        format!(r#"{{"patient":"P","recorded":"2026-03-02","facts":{{{facts}}},"sessions":{sessions}}}"#)
    };
    let doubled: [&dyn Fn(&str) -> String; 4] = [
        &|below| format!("{below} && {below}"),
        &|below| format!("if {below} {{ {below} }} else {{ {below} }}"),
        &|below| format!("{below} ?? {below}"),
        &|below| format!("any s in sessions where {below} && {below} && s.date <= today"),
    ];
    for next in doubled {
        let protocol = protocol(&definitions(40, next));
        let asked = ask(&protocol, &line(""));
        assert_eq!(
            asked.questions.iter().map(|one| one.fact.as_str()).collect::<Vec<_>>(),
            ["a", "b"],
            "{}",
            next("d")
        );
        let known = ask(&protocol, &line(r#""a":true,"b":false"#));
        assert_eq!(known.status, Status::Contraindicated, "{}", next("d"));
    }
    let found = check(&definitions(40, |below| format!("{below} ?? {below}")));
    assert_eq!(found.iter().filter(|one| one.code.id == "R715").count(), 39, "{found}");
    // Of numbers that are the same for everybody.
    let constants = definitions(40, |below| {
        if below == "d0" {
            "1 + 1".into()
        } else {
            format!("if {below} > 0 {{ {below} - 1 }} else {{ {below} + {below} }}")
        }
    });
    assert_eq!(ask(&protocol(&constants.replace("when = 'd39'", "when = 'd39 > 5'")), &line("")).status, Status::Due);
}

#[test]
fn definitions_stand_upon_each_other_only_so_deep() {
    let loaded = |count: usize| {
        Clinic::from_text("trial.toml", &format!("{HEAD}{}", definitions(count, |below| format!("!{below}"))))
    };
    let fits = loaded(199).unwrap_or_else(|found| panic!("{found}")).0.protocols.remove(0);
    let line = r#"{"patient":"P","recorded":"2026-03-02","facts":{}}"#;
    assert_eq!(ask(&fits, line).questions.len(), 2);
    check(&definitions(199, |below| format!("!{below}")));
    for count in [200, 3000] {
        let found = loaded(count).expect_err("it is too deep");
        let told: Vec<(&str, &str)> = found.iter().map(|one| (one.code.id, one.message.as_str())).collect();
        let message = "the definitions that are used here use each other too deeply";
        assert_eq!(told, [("R306", message)], "{found}");
    }
    // A circle that nobody can go round in all its ways.
    let circle = definitions(40, |below| format!("{below} && {below}")).replace("'a || b'", "'d0 && a'");
    let found = Clinic::from_text("trial.toml", &format!("{HEAD}{circle}")).expect_err("`d0` stands on itself");
    assert!(found.iter().any(|one| one.code.id == "R204"), "{found}");
}
