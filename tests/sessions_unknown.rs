//! No list of sessions is not "no sessions": what a record does not list is unknown, and asked.

#![cfg(feature = "cli")]

mod support;

use std::process::Command;

use regimen::recommendation::{Effect, WhyUnknown};
use regimen::{
    Clinic, Date, Decider, Decision, LineReader, Notation, Protocol, Recommendation, Record, Request, Slots, Status,
    Unusual, Vocabulary,
};
use support::{Folder, run};

const FACTS: &str = r#"
[facts.date_of_birth]
type = "date"
past = true
ask = "When were you born?"
of = "record"
valid_for = "forever"

[facts.reaction]
type = "bool"
ask = "How did the skin react?"
of = "patient"
valid_for = "session"

[facts.pregnant]
type = "bool"
ask = "Are you pregnant?"
of = "patient"
valid_for = "7 days"

[session_facts.units]
type = "integer"
unit = "U"
"#;

const COURSE: &str = r#"
[[course]]
id = "standard"
sessions = { minimum = 2, planned = 3, maximum = 4 }
interval = [{ from = "previous", minimum = "28 days", recommended = "28 days", latest = "42 days", reason = "x" }]
sources = ["clinic"]
"#;

const SEPARATION: &str = r#"
[[separation]]
from = ["filler"]
minimum = "14 days"
reason = "x"
sources = ["clinic"]
"#;

const DAY: &str = "2026-03-02";

fn day() -> Date {
    DAY.parse().expect("a day")
}

fn protocol(rest: &str) -> Protocol {
    let text = format!("{}{FACTS}{rest}", include_str!("fixtures/head.toml"));
    let clinic = Clinic::from_text("trial.toml", &text).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{found}")).protocols.remove(0)
}

/// A record in JSON: `facts`, then what it says of sessions.
fn line(facts: &str, sessions: &str) -> String {
    format!(r#"{{"patient":"P-1","recorded":"{DAY}","facts":{{{facts}}}{sessions}}}"#)
}

fn read(protocol: &Protocol, line: &str) -> Record {
    let read = Record::from_text("line", line, Notation::Json, &protocol.dictionary);
    read.unwrap_or_else(|found| panic!("{line}\n{found}")).0
}

/// The answer to a record; a batch reads and decides it in the same way.
#[track_caller]
fn ask(protocol: &Protocol, facts: &str, sessions: &str) -> Recommendation {
    let line = line(facts, sessions);
    let prepared = protocol.prepare(&Request::new(day())).expect("in force");
    let answer = prepared.recommend(&read(protocol, &line)).unwrap_or_else(|found| panic!("{line}\n{found}"));
    let decision = scan(protocol, &line).unwrap_or_else(|_| panic!("{line} is as it should be"));
    assert_eq!((decision.status, decision.not_before), (answer.status, answer.not_before), "{line}");
    assert!(decision.could_become.iter().eq(answer.could_become.iter().copied()), "{line}");
    answer
}

fn scan(protocol: &Protocol, line: &str) -> Result<Decision, Unusual> {
    let prepared = protocol.prepare(&Request::new(day())).expect("in force");
    let vocabulary = Vocabulary::new([protocol]);
    let mut slots = Slots::new(&protocol.dictionary);
    LineReader::new(&protocol.dictionary, &vocabulary, day()).scan(line, &mut slots)?;
    let mut decider = Decider::new(&prepared, &vocabulary);
    Ok(decider.decide(&slots))
}

fn asked(answer: &Recommendation) -> Vec<&str> {
    answer.questions.iter().map(|question| question.fact.as_str()).collect()
}

const NONE: &str = r#","sessions":[]"#;
const NULL: &str = r#","sessions":null"#;
const ONE: &str = r#","sessions":[{"treatment":"trial","date":"2026-02-20"}]"#;

fn covering(treatments: &str, sessions: &str) -> String {
    format!(r#"{sessions},"sessions_cover":[{treatments}]"#)
}

#[test]
fn without_a_list_nobody_is_due() {
    let protocol = protocol(COURSE);
    assert_eq!(ask(&protocol, "", NONE).status, Status::Due);
    assert_eq!(ask(&protocol, "", ONE).status, Status::Deferred);
    for sessions in ["", NULL, &covering("", NONE), &covering("\"filler\"", NONE), &covering("", ONE)] {
        let answer = ask(&protocol, "", sessions);
        assert_eq!((answer.status, asked(&answer)), (Status::Undetermined, vec!["sessions.trial"]), "{sessions}");
        let question = &answer.questions[0];
        assert_eq!((&question.why, &question.could_change[..]), (&WhyUnknown::NotRecorded, &[Effect::Status][..]));
        let other = if sessions.contains("2026-02-20") { "other " } else { "" };
        assert_eq!(question.ask, format!("Has there been any {other}session of trial?"));
        let possible = [Status::Complete, Status::Deferred, Status::Due, Status::Overdue];
        assert!(possible.iter().all(|status| answer.could_become.contains(status)), "{:?}", answer.could_become);
    }
    // With other words for the same: an absent key in TOML.
    let text = "patient = \"P-1\"\n";
    let (record, _) = Record::from_text("r.toml", text, Notation::Toml, &protocol.dictionary).expect("a record");
    let answer = protocol.recommend(&record, &Request::new(day())).expect("an answer");
    assert_eq!((answer.status, asked(&answer)), (Status::Undetermined, vec!["sessions.trial"]));
}

#[test]
fn what_does_not_depend_on_sessions_does_not_ask() {
    let rules = r#"
[[contraindication]]
id = "pregnant"
when = 'pregnant'
lasts = "while-true"
reason = "x"
sources = ["clinic"]
"#;
    let answer = ask(&protocol(rules), r#""pregnant":false"#, "");
    assert_eq!((answer.status, asked(&answer)), (Status::Due, vec![]));
    let with_course = protocol(&format!("{rules}{COURSE}"));
    let answer = ask(&with_course, r#""pregnant":true"#, "");
    assert_eq!((answer.status, asked(&answer)), (Status::Contraindicated, vec![]));
    assert_eq!(asked(&ask(&with_course, "", "")), ["pregnant", "sessions.trial"]);
    // Nobody is offered a course, whatever there was.
    let never = COURSE.replace("id = \"standard\"", "id = \"standard\"\nwhen = 'pregnant'");
    let answer = ask(&protocol(&never), r#""pregnant":false"#, "");
    assert_eq!((answer.status, asked(&answer)), (Status::NotIndicated, vec![]));
    // Whether one is offered may settle it alone.
    assert_eq!(asked(&ask(&protocol(&never), "", "")), ["pregnant", "sessions.trial"]);
}

#[test]
fn a_distance_from_what_is_not_listed_may_hold_back() {
    let protocol = protocol(&format!("{COURSE}{SEPARATION}"));
    assert_eq!(ask(&protocol, "", NONE).status, Status::Due);
    let answer = ask(&protocol, "", &covering("\"trial\"", NONE));
    assert_eq!((answer.status, asked(&answer)), (Status::Undetermined, vec!["sessions.filler"]));
    assert!(answer.could_become.contains(&Status::Deferred) && answer.could_become.contains(&Status::Due));
    assert_eq!(asked(&ask(&protocol, "", "")), ["sessions.trial", "sessions.filler"]);
    let both = covering("\"filler\",\"trial\"", NONE);
    assert_eq!(ask(&protocol, "", &both).status, Status::Due);
}

/// What a question says that it could lead to, it leads to by some answer, whatever else is not known.
#[test]
fn only_sessions_of_the_treatment_itself_end_its_course() {
    let completion = "[[completion]]\nid = \"all-done\"\nwhen = 'sessions_done >= 4'\noutcome = \"complete\"\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let protocol = protocol(&format!("{COURSE}{SEPARATION}{completion}"));
    let could_lead_to = |sessions: &str| -> Vec<(String, Option<Status>)> {
        let questions = ask(&protocol, "", sessions).questions.into_iter();
        questions.map(|question| (question.fact, question.could_lead_to)).collect()
    };
    let own = |leads_to| ("sessions.trial".to_owned(), Some(leads_to));
    let filler = |leads_to| ("sessions.filler".to_owned(), Some(leads_to));
    assert_eq!(could_lead_to(""), [own(Status::Complete), filler(Status::Deferred)]);
    let given = |days: &[&str], others: &str| {
        let own = days.iter().map(|day| format!(r#"{{"treatment":"trial","date":"{day}"}}"#));
        let all: Vec<String> = own.chain((!others.is_empty()).then(|| others.to_owned())).collect();
        format!(r#","sessions":[{}]"#, all.join(","))
    };
    let four = ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"];
    assert_eq!(ask(&protocol, "", &given(&four, "")).status, Status::Complete);
    let yesterday = r#"{"treatment":"filler","date":"2026-03-01"}"#;
    assert_eq!(ask(&protocol, "", &given(&[], yesterday)).status, Status::Deferred);
    // Where all of its own are listed and are too few, nothing leads to the end.
    for listed in [&[][..], &four[..2]] {
        let sessions = covering("\"trial\"", &given(listed, ""));
        assert_eq!(could_lead_to(&sessions), [filler(Status::Deferred)], "{sessions}");
        let answer = ask(&protocol, "", &sessions);
        assert_eq!(answer.could_become, [Status::Deferred, Status::Due, Status::Overdue][..], "{sessions}");
    }
    // One of these may have been too soon after the other treatment, or not: then the last is still to come.
    let all = covering("\"trial\"", &given(&four[1..], ""));
    assert_eq!(could_lead_to(&all), [filler(Status::Complete)]);
    let between = r#"{"treatment":"filler","date":"2026-01-30"}"#;
    assert_eq!(ask(&protocol, "", &given(&four[1..], "")).status, Status::Complete);
    assert_ne!(ask(&protocol, "", &given(&four[1..], between)).status, Status::Complete);
}

/// What a condition comes to, and what is asked, where a list of one session is not all.
#[track_caller]
fn check(condition: &str, expected: Option<bool>, questions: &[&str]) {
    let rule = |id: &str, when: &str| {
        format!("[[precaution]]\nid = \"{id}\"\nwhen = '{when}'\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n")
    };
    let protocol = protocol(&format!("{}{}", rule("yes", condition), rule("no", &format!("!({condition})"))));
    let one = r#","sessions":[{"treatment":"trial","date":"2026-02-20","units":60}]"#;
    let answer = ask(&protocol, "", &covering("", one));
    let holds = |id: &str| answer.precautions.iter().any(|precaution| precaution.id == id);
    let found = [("yes", true), ("no", false)].into_iter().find(|(id, _)| holds(id)).map(|(_, truth)| truth);
    assert_eq!((found, asked(&answer)), (expected, questions.to_vec()), "{condition}");
}

#[test]
fn a_list_that_is_not_all_says_what_it_can() {
    let own: &[&str] = &["sessions.trial"];
    let other: &[&str] = &["sessions.filler"];
    check("sessions.len() >= 1", Some(true), &[]);
    check("sessions.len() >= 2", None, own);
    check("sessions.len() == 0", Some(false), &[]);
    check("sessions.is_empty()", Some(false), &[]);
    check("sessions_done >= 1", Some(true), &[]);
    check("sessions_done < 2", None, own);
    check("any s in sessions where s.units > 50", Some(true), &[]);
    check("any s in sessions where s.units > 60", None, own);
    check("all s in sessions where s.units > 60", Some(false), &[]);
    check("all s in sessions where s.units > 50", None, own);
    check("(count s in sessions where s.units > 50) >= 1", Some(true), &[]);
    check("(count s in sessions where s.units > 50) < 2", None, own);
    check("(sum s.units in sessions where true) >= 60", None, own);
    check("sessions.last.date < today", None, own);
    check("sessions.first.date < today", None, own);
    check("sessions.last.units == 60", None, own);
    check("sessions.last.units == 60 || sessions.len() > 0", Some(true), &[]);
    check("sessions_of(\"filler\").is_empty()", None, other);
    check("any s in sessions_of(\"filler\") where true", None, other);
    check("all s in sessions_of(\"filler\") where false", None, other);
    check("sessions_of(\"filler\").len() < 5", None, other);
    check("sessions_of(\"filler\").last.date == never", None, other);
}

#[test]
fn a_number_without_an_end_is_shown_as_one() {
    let rule = "[[precaution]]\nid = \"p\"\nwhen = 'sessions.len() >= 2'\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let protocol = protocol(rule);
    let request = Request::new(day()).explain(regimen::Depth::Full);
    let record = read(&protocol, &line("", &covering("", ONE)));
    let answer = protocol.recommend(&record, &request).expect("an answer");
    let text = regimen::render::text(&answer, regimen::render::TextStyle::default());
    assert!(text.contains("at least 1"), "{text}");
}

#[test]
fn a_count_of_what_is_not_listed_sets_no_end_of_a_course() {
    let course = COURSE.replace("maximum = 4", "maximum = 'sessions_of(\"filler\").len() + 1'");
    let protocol = protocol(&course);
    let answer =
        ask(&protocol, "", &covering("\"trial\"", r#","sessions":[{"treatment":"trial","date":"2026-01-20"}]"#));
    assert_eq!((answer.status, asked(&answer)), (Status::Undetermined, vec!["sessions.filler"]));
}

#[test]
fn a_skip_that_reads_what_is_not_listed_is_open() {
    let course = r#"
[[course]]
id = "series"
sources = ["clinic"]
[[course.session]]
skip = 'sessions_of("filler").len() > 0'
[[course.session]]
interval = [{ from = "previous", minimum = "28 days" }]
skip = 'sessions_of("filler").len() > 0'
"#;
    let protocol = protocol(course);
    let one = r#","sessions":[{"treatment":"trial","date":"2026-01-20"}]"#;
    let born = r#""date_of_birth":"1990-05-05""#;
    let answer = ask(&protocol, born, &covering("\"trial\"", one));
    assert_eq!((answer.status, asked(&answer)), (Status::Undetermined, vec!["sessions.filler"]));
    assert_eq!(ask(&protocol, born, one).status, Status::Due);
}

#[test]
fn an_answer_until_the_next_session_may_be_too_old() {
    let rule = r#"
[[contraindication]]
id = "reacted"
when = 'reaction'
lasts = "while-true"
reason = "x"
sources = ["clinic"]
"#;
    let protocol = protocol(rule);
    let on = |day: &str| format!(r#""reaction":{{"value":false,"on":"{day}"}}"#);
    for (day, sessions, status) in [
        ("2026-03-01", NONE, Status::Due),
        ("2026-03-01", "", Status::Undetermined),
        ("2026-03-01", &covering("\"filler\"", NONE), Status::Undetermined),
        ("2026-03-01", ONE, Status::Due),
        ("2026-02-20", ONE, Status::Undetermined),
        (DAY, "", Status::Due),
        (DAY, &covering("", ONE), Status::Due),
    ] {
        let answer = ask(&protocol, &on(day), sessions);
        let expected: &[&str] = if status == Status::Due { &[] } else { &["reaction"] };
        assert_eq!((answer.status, asked(&answer)), (status, expected.to_vec()), "{day} {sessions}");
    }
}

#[test]
fn a_course_of_however_many_sessions_shows_no_number_of_them() {
    let of = |key: &str, number: u32| {
        let more = format!("{key} = '{number} + sessions_of(\"filler\").len()'");
        protocol(&COURSE.replace(&format!("{key} = {number}"), &more))
    };
    let some = covering("\"trial\"", ONE);
    let planned = ask(&of("planned", 3), "", &some);
    let course = planned.course.as_ref().expect("a course");
    assert_eq!((planned.status, course.planned), (Status::Deferred, None));
    assert!(course.maximum.is_some());
    assert_eq!(asked(&planned), ["sessions.filler"]);
    assert!(ask(&of("planned", 3), "", ONE).course.expect("a course").planned.is_some());
    let maximum = ask(&of("maximum", 4), "", &some);
    assert_eq!((maximum.status, asked(&maximum)), (Status::Undetermined, vec!["sessions.filler"]));
}

fn mistakes(protocol: &Protocol, line: &str) -> Vec<String> {
    let read = Record::from_text("line", line, Notation::Json, &protocol.dictionary);
    let found = match read {
        Ok((record, _)) => protocol.recommend(&record, &Request::new(day())).map(|_| ()),
        Err(found) => Err(found),
    };
    assert!(found.is_ok() || scan(protocol, line).is_err(), "only the quick reader takes {line}");
    found
        .err()
        .into_iter()
        .flat_map(|found| found.iter().map(|one| format!("{} {}", one.code.id, one.message)).collect::<Vec<_>>())
        .collect()
}

#[test]
fn what_a_list_covers_is_said_beside_it() {
    let protocol = protocol(COURSE);
    let of = |sessions: &str| mistakes(&protocol, &line("", sessions));
    let no_list = "R104 `sessions_cover` says what a list of sessions covers, but there is no list";
    assert_eq!(of(r#","sessions_cover":["trial"]"#), [no_list]);
    assert_eq!(of(r#","sessions":null,"sessions_cover":["trial"]"#), [no_list]);
    assert!(of(r#","sessions":[],"sessions_cover":"trial""#)[0].starts_with("R105"));
    assert_eq!(of(r#","sessions":[],"sessions_cover":null"#), Vec::<String>::new());
    assert!(of(r#","sessions":[],"sessions_cover":[3]"#)[0].starts_with("R105 a treatment is a text"));
    assert_eq!(of(r#","sessions":[],"sessions_cover":["trial","trial"]"#), Vec::<String>::new());
}

#[test]
fn null_says_nothing_and_in_a_list_nobody_knows_of_what() {
    let protocol = protocol(COURSE);
    let of = |sessions: &str| mistakes(&protocol, &line("", sessions));
    let session = |notes: &str| format!(r#","sessions":[{{"treatment":"trial","date":"2026-02-02"{notes}}}]"#);
    for notes in
        [r#","units":null"#, r#","units":{"unknown":null}"#, r#","noted_twice":null,"product":{"unknown":null}"#]
    {
        assert_eq!(of(&session(notes)), Vec::<String>::new(), "{notes}");
        let (told, plain) = (read(&protocol, &line("", &session(notes))), read(&protocol, &line("", &session(""))));
        let answer =
            |record: &Record| protocol.recommend(record, &Request::new(day())).expect("an answer").could_become;
        assert_eq!(answer(&told), answer(&plain), "{notes}");
    }
    assert!(of(&session(r#","units":{"unknown":null,"value":3}"#))[0].starts_with("R105 `units` should be"));
    assert!(of(r#","sessions":[null]"#)[0].starts_with("R105 `sessions` should be a table, but this is null"));
    let read = Record::from_text("line", &line("", r#","sessions":[null]"#), Notation::Json, &protocol.dictionary);
    let help = read.expect_err("a mistake").iter().flat_map(|one| one.help.clone()).collect::<Vec<_>>();
    assert_eq!(help, ["leave it out; or write `null` for the whole list, if nobody knows all of it"]);
}

#[test]
fn nothing_was_before_the_birth() {
    let protocol = protocol(&format!(
        "[facts.last_peel]\ntype = \"date\"\npast = true\nmay_be_never = true\nask = \"Peel?\"\nof = \"patient\"\nvalid_for = \"forever\"\n\
         [[precaution]]\nid = \"p\"\nwhen = 'last_peel > never'\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n{COURSE}"
    ));
    let born = |day: &str, more: &str| format!(r#""date_of_birth":"{day}"{more}"#);
    let session = |day: &str| format!(r#","sessions":[{{"treatment":"trial","date":"{day}"}}]"#);
    let told = |facts: &str, sessions: &str| mistakes(&protocol, &line(facts, sessions));
    let early = |what: &str, birth: &str| vec![format!("R408 {what}, before the patient was born ({birth})")];
    assert_eq!(
        told(&born("1990-05-05", ""), &session("1985-01-01")),
        early("this session is on 1985-01-01", "1990-05-05")
    );
    assert_eq!(told(&born("1990-05", ""), &session("1990-04")), early("this session is on 1990-04", "1990-05"));
    // On the day, or perhaps after it.
    for (birth, day) in
        [("1990-05-05", "1990-05-05"), ("1990-05-05", "1990"), ("1990", "1990-01-01"), ("1990-05", "1990-05-01")]
    {
        assert_eq!(told(&born(birth, ""), &session(day)), Vec::<String>::new(), "{birth} {day}");
    }
    let peel = born("1990-05-05", r#","last_peel":"1989""#);
    assert_eq!(told(&peel, NONE), early("`last_peel` is 1989", "1990-05-05"));
    assert_eq!(told(&born("1990-05-05", r#","last_peel":"never""#), NONE), Vec::<String>::new());
    let answered = born("1990-05-05", r#","pregnant":{"value":false,"on":"1980-01-01"}"#);
    assert_eq!(told(&answered, NONE), early("`pregnant` was answered on 1980-01-01", "1990-05-05"));
    let declined = born("1990-05-05", r#","pregnant":{"unknown":"declined","on":"1980-01-01"}"#);
    assert_eq!(told(&declined, NONE), early("`pregnant` was answered on 1980-01-01", "1990-05-05"));
    let recorded = line(&born("1990-05-05", r#","pregnant":false"#), NONE).replace(DAY, "1980-01-01");
    assert_eq!(mistakes(&protocol, &recorded), early("the facts were recorded on 1980-01-01", "1990-05-05"));
    // That what it tells of came later than the answer follows, and is not told as well.
    let both = born("1990-05-05", r#","last_peel":{"value":"2001","on":"1980-01-01"}"#);
    assert_eq!(told(&both, NONE), early("`last_peel` was answered on 1980-01-01", "1990-05-05"));
    let recorded = line(&born("1990-05-05", r#","last_peel":"2001""#), NONE).replace(DAY, "1980-01-01");
    assert_eq!(mistakes(&protocol, &recorded), early("the facts were recorded on 1980-01-01", "1990-05-05"));
    // Of a birth that is still to come, only that is told.
    let unborn = told(&born("2990-05-05", r#","last_peel":"2001""#), &session("2026-02-20"));
    assert_eq!(unborn, [format!("R401 `date_of_birth` is 2990-05-05, after the as-of date {DAY}")]);
    // Of somebody whose birth is not known, nothing is before it.
    assert_eq!(told("", &session("1985-01-01")), Vec::<String>::new());
}

#[test]
fn no_date_of_a_record_is_before_1900() {
    let protocol = protocol(COURSE);
    let told = |facts: &str, sessions: &str| mistakes(&protocol, &line(facts, sessions));
    let early = |day: &str| vec![format!("R408 {day} is before 1900: nobody born then can be treated")];
    assert_eq!(told(r#""date_of_birth":"0026-05-05""#, NONE), early("0026-05-05"));
    assert_eq!(told(r#""date_of_birth":"1899""#, NONE), early("1899"));
    assert_eq!(told(r#""date_of_birth":1899"#, NONE), early("1899"));
    assert_eq!(told(r#""date_of_birth":"1900-01-01""#, NONE), Vec::<String>::new());
    assert_eq!(told("", r#","sessions":[{"treatment":"trial","date":"0026-02-20"}]"#), early("0026-02-20"));
    assert_eq!(told(r#""pregnant":{"value":false,"on":"1899-12-30"}"#, NONE), early("1899-12-30"));
    assert_eq!(mistakes(&protocol, &line("", NONE).replace(DAY, "1899-12-30")), early("1899-12-30"));
}

/// The program in a folder with the protocol.
fn in_folder(folder: &Folder, arguments: &[&str], stdin: &str) -> support::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).args(arguments);
    run(command, stdin)
}

fn folder(protocol: &str, files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("trial/cases")).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("it can be written");
    folder.copy("tests/fixtures/head.toml", "trial/protocol.toml");
    let head = std::fs::read_to_string(folder.path().join("trial/protocol.toml")).expect("the copy");
    write("trial/protocol.toml", &format!("{head}{FACTS}{protocol}"));
    files.iter().for_each(|(name, text)| write(name, text));
    folder
}

#[test]
fn a_table_says_of_which_treatments_it_tells() {
    let columns = r#"
[columns]
"first"  = { sessions = "trial" }
"second" = { sessions = "trial", values = { "-" = ";" } }
"filler" = { sessions = "filler" }
"#;
    let folder = folder(&format!("{COURSE}{SEPARATION}"), &[("columns.toml", columns)]);
    let statuses = |columns: &[&str], table: &str| -> Vec<String> {
        let mut arguments = vec!["batch", "trial", "--as-of", DAY, "--csv"];
        arguments.extend(columns);
        let output = in_folder(&folder, &arguments, table);
        let status = |line: &str| {
            let answer: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let word = answer["status"].as_str().unwrap_or("mistake").to_owned();
            format!("{} {word}", answer["patient"].as_str().unwrap_or_default())
        };
        output.stdout.lines().map(status).collect()
    };
    let table = "\
patient,recorded,first,second,filler
nothing,2026-03-02,,,
none,2026-03-02,;,;,;
none-and-nothing,2026-03-02,;,,;
one-and-nothing,2026-03-02,2026-02-20,,;
one-and-none,2026-03-02,2026-02-20,-,;
no-filler-known,2026-03-02,;,;,
filler,2026-03-02,;,;,2026-02-20
old-filler,2026-03-02,;,;,2026-02-01; 2026-02-10
";
    assert_eq!(
        statuses(&["--columns", "columns.toml"], table),
        [
            "nothing undetermined",
            "none due",
            "none-and-nothing undetermined",
            "one-and-nothing undetermined",
            "one-and-none deferred",
            "no-filler-known undetermined",
            "filler deferred",
            "old-filler due",
        ]
    );
    // Without a column of sessions, nothing is said of any.
    assert_eq!(statuses(&[], "patient,recorded\nP-1,2026-03-02\n"), ["P-1 undetermined"]);
    // What is before the birth is told by its row and column.
    let early = "patient,recorded,date_of_birth,first,second,filler\nP-1,2026-03-02,1990-05-05,1985-01-01,-,;\n";
    let output = in_folder(&folder, &["batch", "trial", "--as-of", DAY, "--csv", "--columns", "columns.toml"], early);
    assert!(output.stdout.contains(r#""code":"R408""#), "{}", output.stdout);
    assert_eq!(output.code, Some(1));
}

#[test]
fn a_case_has_the_sessions_of_its_starting_record() {
    let record = |sessions: &str| format!("patient = \"P-1\"\nrecorded = 2026-03-02\n{sessions}");
    let case = |more: &str, expected: &str| {
        format!("title = \"A case\"\nas_of = 2026-03-02\n{more}[expect]\nstatus = \"{expected}\"\n")
    };
    let one = "[[sessions]]\ntreatment = \"trial\"\ndate = 2026-02-20\n";
    let cases = [
        ("without", case("", "undetermined")),
        ("none", case("sessions = []\n", "due")),
        ("other", case("sessions = []\nsessions_cover = [\"filler\"]\n", "undetermined")),
        ("one", case(one, "deferred")),
        ("record-without", case("record = \"../without.toml\"\n", "undetermined")),
        ("record-one", case("record = \"../one.toml\"\n", "deferred")),
        ("record-one-none", case("record = \"../one.toml\"\nsessions = []\n", "due")),
        ("record-one-unknown", case("record = \"../one.toml\"\nsessions = []\nsessions_cover = []\n", "undetermined")),
    ];
    let names: Vec<String> = cases.iter().map(|(name, _)| format!("trial/cases/{name}.toml")).collect();
    let (without, with) = (record(""), record(one));
    let mut files: Vec<(&str, &str)> = vec![("trial/without.toml", &without), ("trial/one.toml", &with)];
    files.extend(names.iter().zip(&cases).map(|(name, (_, text))| (name.as_str(), text.as_str())));
    let folder = folder(COURSE, &files);
    let output = in_folder(&folder, &["test", "trial", "--accept"], "");
    assert!(output.code == Some(0), "{}{}", output.stdout, output.stderr);
}
