//! A session that was given is judged by what held on its own day: the age, the sessions before it, the answers of that day. Records keep earlier answers for that.

#[path = "support/random.rs"]
mod random;

use proptest::prelude::*;
use random::cases;
use regimen::recommendation::WhyUnknown;
use regimen::{Clinic, Date, Depth, Diagnostics, Notation, Protocol, Recommendation, Record, Request, Status};
use serde_json::{Value as Json, json};

const HEAD: &str = concat!(
    include_str!("fixtures/head.toml"),
    r#"
[facts.date_of_birth]
type = "date"
ask = "Date of birth?"
of = "patient"
past = true
valid_for = "forever"

[facts.smoker]
type = "bool"
ask = "Do you smoke?"
of = "patient"
valid_for = "30 days"

[facts.dark]
type = "bool"
ask = "Is the skin dark?"
of = "clinician"
valid_for = "forever"

[facts.sunburn]
type = "date"
ask = "When was the last sunburn?"
of = "patient"
past = true
may_be_never = true
valid_for = "forever"

[facts.peel]
type = "date"
ask = "When was the last peel?"
of = "patient"
past = true
may_be_never = true
valid_for = "90 days"

[session_facts.sore]
type = "bool"
"#
);

/// A protocol of alike sessions, which have to be given again where one interval was not kept.
fn protocol(interval: &str) -> Protocol {
    let course = format!(
        "[[course]]\nid = \"standard\"\nsessions = {{ planned = 4, maximum = 4 }}\ntoo_early = \"repeat\"\n\
         interval = [\n  {{ id = \"always\", from = \"previous\", minimum = \"7 days\" }},\n  {{ id = \"longer\", {interval} }},\n]\nsources = [\"clinic\"]\n"
    );
    let clinic = Clinic::from_text("trial.toml", &format!("{HEAD}{course}")).map(|(clinic, _)| clinic);
    let mut clinic = clinic.unwrap_or_else(|found| panic!("{found}"));
    clinic.protocols.remove(0)
}

const LONGER: &str = r#"from = "previous", minimum = "56 days", reason = "It heals more slowly.""#;

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn read(protocol: &Protocol, record: &Json) -> Result<Record, Diagnostics> {
    let read = Record::from_text("record.json", &record.to_string(), Notation::Json, &protocol.dictionary);
    read.map(|(record, _)| record)
}

fn patient(facts: Json, earlier: Json, sessions: &[Json], as_of: &str) -> Json {
    json!({ "patient": "P-1", "recorded": as_of, "facts": facts, "earlier": earlier, "sessions": sessions })
}

fn ask(protocol: &Protocol, record: &Json, as_of: &str) -> Recommendation {
    let record = read(protocol, record).unwrap_or_else(|found| panic!("{found}"));
    let request = Request::new(day(as_of)).explain(Depth::Full);
    protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"))
}

fn on(date: &str) -> Json {
    json!({ "treatment": "trial", "date": date })
}

fn verdicts(told: &Recommendation) -> Vec<&'static str> {
    told.course.as_ref().expect("a course").past.iter().map(|past| past.verdict.word()).collect()
}

fn asked(told: &Recommendation) -> Vec<&str> {
    told.questions.iter().map(|question| question.fact.as_str()).collect()
}

#[test]
fn a_birthday_changes_nothing_that_is_past() {
    let protocol = protocol(&format!("when = 'age < 18', {LONGER}"));
    let run = |sessions: &[Json], as_of| {
        ask(&protocol, &patient(json!({ "date_of_birth": "2008-03-10" }), json!([]), sessions, as_of), as_of)
    };
    let sessions = [on("2026-01-05"), on("2026-02-04")];
    // The day before the eighteenth birthday, on it, and years later.
    for as_of in ["2026-03-09", "2026-03-10", "2029-01-01"] {
        assert_eq!(verdicts(&run(&sessions, as_of)), ["valid", "not_valid"], "{as_of}");
    }
    // The next session is bound by what holds today.
    let next = |as_of| run(&sessions, as_of).course.and_then(|course| course.next?.earliest);
    assert_eq!((next("2026-03-09"), next("2026-03-10")), (Some(day("2026-04-01")), Some(day("2026-02-11"))));
    // A session on the birthday is one of an adult.
    assert_eq!(verdicts(&run(&[on("2026-02-10"), on("2026-03-10")], "2026-03-11")), ["valid", "valid"]);
    // The trace says what was looked at.
    let trace = run(&sessions, "2026-03-10").trace;
    let texts: Vec<String> = trace.nodes.iter().map(|node| format!("{node:?}")).collect();
    assert!(texts.iter().any(|text| text.contains("(on that day: age < 18)")), "{texts:#?}");
}

#[test]
fn today_is_the_day_of_the_session() {
    let interval = |when: &str| format!("when = '{when}', {LONGER}");
    let facts = json!({ "sunburn": "2026-01-01" });
    let sessions = [on("2026-01-05"), on("2026-01-20")];
    let judged = |when: &str| {
        verdicts(&ask(
            &protocol(&interval(when)),
            &patient(facts.clone(), json!([]), &sessions, "2026-06-01"),
            "2026-06-01",
        ))
    };
    assert_eq!(judged("today < date(\"2026-02-01\")"), ["valid", "not_valid"]);
    assert_eq!(judged("today >= date(\"2026-02-01\")"), ["valid", "valid"]);
    // Also beside an answer.
    assert_eq!(judged("sunburn + days(30) > today"), ["valid", "not_valid"]);
    assert_eq!(judged("sunburn + days(10) > today"), ["valid", "valid"]);
    assert_eq!(judged("today - sunburn > days(60)"), ["valid", "valid"]);
}

#[test]
fn an_answer_counts_from_its_day_until_it_expires() {
    let protocol = protocol(&format!("when = 'smoker', {LONGER}"));
    let sessions = [on("2026-01-05"), on("2026-02-04")];
    let run = |facts, earlier| ask(&protocol, &patient(facts, earlier, &sessions, "2026-05-20"), "2026-05-20");
    let told = |value: bool, on: &str| json!([{ "fact": "smoker", "value": value, "recorded": on }]);
    let now = || json!({ "smoker": false });
    // Of the second session's day nobody has said anything: what is said today is no answer.
    let open = run(now(), json!([]));
    assert_eq!((open.status, asked(&open)), (Status::Due, vec!["earlier.2026-02-04.smoker"]));
    let count = open.course.as_ref().map(|course| course.done);
    assert_eq!(count.map(|count| (count.least, count.most)), Some((1, 2)));
    assert!(open.questions[0].ask.contains("on 2026-02-04"), "{}", open.questions[0].ask);
    // An answer of that day, or one that was not too old on it.
    for on in ["2026-02-04", "2026-01-05"] {
        let yes = run(now(), told(true, on));
        assert_eq!((verdicts(&yes), asked(&yes)), (vec!["valid", "not_valid"], vec![]), "{on}");
        assert_eq!(verdicts(&run(now(), told(false, on))), ["valid", "valid"]);
    }
    for on in ["2026-01-04", "2026-02-05"] {
        assert_eq!(asked(&run(now(), told(true, on))), ["earlier.2026-02-04.smoker"], "{on}");
    }
    // The newest by that day.
    let both = json!([
        { "fact": "smoker", "value": false, "recorded": "2026-02-03" },
        { "fact": "smoker", "value": true, "recorded": "2026-01-20" },
        { "fact": "smoker", "value": true, "recorded": "2026-02-06" },
    ]);
    assert_eq!(verdicts(&run(now(), both)), ["valid", "valid"]);
    // Whoever was asked that day and had no answer leaves none, and the one before it does not hold on; where nobody asked, it does.
    let then = |why: &str| {
        let before = json!({ "fact": "smoker", "value": true, "recorded": "2026-01-20" });
        json!([before, { "fact": "smoker", "unknown": why, "recorded": "2026-02-04" }])
    };
    for why in ["declined", "not_known"] {
        assert_eq!(asked(&run(now(), then(why))), ["earlier.2026-02-04.smoker"], "{why}");
    }
    assert_eq!(verdicts(&run(now(), then("not_recorded"))), ["valid", "not_valid"]);
    // An answer under [facts] that is too old today was good then. What is asked is today's.
    let old = run(json!({ "smoker": { "value": true, "on": "2026-02-01" } }), json!([]));
    assert_eq!((verdicts(&old), asked(&old)), (vec!["valid", "not_valid"], vec!["smoker"]));
}

#[test]
fn what_cannot_make_a_difference_is_not_asked() {
    let run = |interval: &str, facts, sessions: &[Json]| {
        ask(&protocol(interval), &patient(facts, json!([]), sessions, "2026-05-20"), "2026-05-20")
    };
    // Long enough after the session before it, whatever held.
    let smoker = format!("when = 'smoker', {LONGER}");
    let late = run(&smoker, json!({ "smoker": false }), &[on("2026-01-05"), on("2026-03-02")]);
    assert_eq!((asked(&late), verdicts(&late)), (vec![], vec!["valid", "valid"]));
    // What the age settles.
    let young = format!("when = 'age < 18 && smoker', {LONGER}");
    let sessions = [on("2026-01-05"), on("2026-02-04")];
    let adult = run(&young, json!({ "date_of_birth": "1990-01-01", "smoker": false }), &sessions);
    assert_eq!((asked(&adult), verdicts(&adult)), (vec![], vec!["valid", "valid"]));
    // An answer that does not expire holds for every day; if there is none, today's is asked for.
    let dark = format!("when = 'dark && today < date(\"2027-01-01\")', {LONGER}");
    assert_eq!(verdicts(&run(&dark, json!({ "dark": true }), &sessions)), ["valid", "not_valid"]);
    assert_eq!(asked(&run(&dark, json!({}), &sessions)), ["dark"]);
    // Where sessions that came too early count, nothing of that day is asked.
    let counts = Clinic::from_text(
        "trial.toml",
        &format!(
            "{HEAD}[[course]]\nid = \"standard\"\nsessions = {{ planned = 4, maximum = 4 }}\ninterval = [{{ when = 'smoker', {LONGER} }}]\nsources = [\"clinic\"]\n"
        ),
    );
    let (clinic, _) = counts.unwrap_or_else(|found| panic!("{found}"));
    let record = patient(json!({ "smoker": true }), json!([]), &sessions, "2026-05-20");
    let told = ask(&clinic.protocols[0], &record, "2026-05-20");
    assert_eq!((verdicts(&told), asked(&told)), (vec!["valid", "valid"], vec![]));
}

#[test]
fn the_sessions_of_that_day_are_those_before_it() {
    let protocol = protocol(&format!("when = 'sessions.len() >= 2 || (sessions.last.sore ?? false)', {LONGER}"));
    let sessions =
        [on("2026-01-05"), json!({ "treatment": "trial", "date": "2026-01-20", "sore": true }), on("2026-02-05")];
    let run = |sessions: &[Json]| ask(&protocol, &patient(json!({}), json!([]), sessions, "2026-05-20"), "2026-05-20");
    // At the second there was one before it, which was not sore; at the third there were two.
    assert_eq!(verdicts(&run(&sessions)), ["valid", "valid", "not_valid"]);
    // A fourth does not change what the second was.
    let mut more = sessions.to_vec();
    more.push(on("2026-05-01"));
    assert_eq!(verdicts(&run(&more)), ["valid", "valid", "not_valid", "valid"]);
}

#[test]
fn a_date_to_count_from_is_the_one_of_that_day() {
    let sessions = [on("2026-01-05"), on("2026-02-04")];
    let peel = protocol("from = 'peel', minimum = \"28 days\", reason = \"Peeled skin.\"");
    let run = |facts, earlier| ask(&peel, &patient(facts, earlier, &sessions, "2026-05-20"), "2026-05-20");
    let earlier = |value: &str, on: &str| json!({ "fact": "peel", "value": value, "recorded": on });
    // The peel of May came after both sessions; of their days nobody has told.
    let open = run(json!({ "peel": "2026-05-01" }), json!([]));
    assert_eq!(asked(&open), ["earlier.2026-01-05.peel", "earlier.2026-02-04.peel"]);
    let none = run(json!({ "peel": "2026-05-01" }), json!([earlier("never", "2026-01-02")]));
    assert_eq!((verdicts(&none), asked(&none)), (vec!["valid", "valid"], vec![]));
    let peeled = run(
        json!({ "peel": "2026-05-01" }),
        json!([earlier("never", "2026-01-02"), earlier("2026-01-20", "2026-02-01")]),
    );
    assert_eq!(verdicts(&peeled), ["valid", "not_valid"]);
    // What does not expire tells of every day after it, and of none before it.
    let sun = protocol("from = 'sunburn', minimum = \"28 days\", reason = \"Burnt skin.\"");
    let run =
        |value| ask(&sun, &patient(json!({ "sunburn": value }), json!([]), &sessions, "2026-05-20"), "2026-05-20");
    assert_eq!(verdicts(&run("2026-01-02")), ["not_valid", "valid"]);
    assert_eq!((verdicts(&run("never")), asked(&run("never"))), (vec!["valid", "valid"], vec![]));
    assert_eq!(asked(&run("2026-01-20")), ["earlier.2026-01-05.sunburn"]);
}

#[test]
fn a_day_that_is_not_known_is_asked_before_what_held_on_it() {
    let protocol = protocol(&format!("when = 'smoker', {LONGER}"));
    let sessions = [on("2026-01-05"), on("2026-02")];
    let run = |earlier, sessions: &[Json]| {
        ask(&protocol, &patient(json!({ "smoker": false }), earlier, sessions, "2026-05-20"), "2026-05-20")
    };
    let open = run(json!([]), &sessions);
    assert_eq!(asked(&open), ["sessions.2026-02.date"]);
    let known = run(json!([]), &[on("2026-01-05"), on("2026-02-10")]);
    assert_eq!(asked(&known), ["earlier.2026-02-10.smoker"]);
    // Whatever the day, the answer covered it: the count is certain.
    let covered = json!([
        { "fact": "smoker", "value": true, "recorded": "2026-02-01" },
    ]);
    assert_eq!(
        run(covered, &sessions).course.map(|course| course.done).map(|done| (done.least, done.most)),
        Some((1, 1))
    );
}

#[test]
fn today_is_asked_for_a_session_of_today() {
    let protocol = protocol(&format!("when = 'smoker', {LONGER}"));
    let sessions = [on("2026-01-05"), on("2026-02-04")];
    let record = |facts| patient(facts, json!([]), &sessions, "2026-02-04");
    let open = ask(&protocol, &record(json!({})), "2026-02-04");
    assert_eq!(asked(&open), ["smoker"]);
    assert_eq!(verdicts(&ask(&protocol, &record(json!({ "smoker": true })), "2026-02-04")), ["valid", "not_valid"]);
}

#[test]
fn earlier_answers_that_contradict_each_other_are_told() {
    let contradiction = "[[contradiction]]\nwhen = 'smoker && dark'\nsay = \"Nobody with dark skin smokes.\"\n";
    let course = format!(
        "[[course]]\nid = \"standard\"\nsessions = {{ planned = 4, maximum = 4 }}\ntoo_early = \"repeat\"\ninterval = [{{ when = 'smoker', {LONGER} }}]\nsources = [\"clinic\"]\n"
    );
    let clinic = Clinic::from_text("trial.toml", &format!("{HEAD}{contradiction}{course}"));
    let (clinic, _) = clinic.unwrap_or_else(|found| panic!("{found}"));
    let earlier = json!([{ "fact": "smoker", "value": true, "recorded": "2026-02-04" }]);
    let facts = json!({ "smoker": false, "dark": true });
    let record = patient(facts, earlier, &[on("2026-01-05"), on("2026-02-04")], "2026-05-20");
    let told = ask(&clinic.protocols[0], &record, "2026-05-20");
    let doubts: Vec<&str> = told.doubts.iter().map(|doubt| doubt.message.as_str()).collect();
    assert_eq!(doubts, ["on 2026-02-04: Nobody with dark skin smokes: `smoker` is yes and `dark` is yes"]);
    assert_eq!(asked(&told), ["earlier.2026-02-04.smoker"]);
    assert!(matches!(told.questions[0].why, WhyUnknown::Contradicted { .. }), "{:?}", told.questions[0].why);
}

/// The codes and messages of what is wrong with earlier answers.
fn mistakes(facts: Json, earlier: Json) -> Vec<String> {
    let protocol = protocol(&format!("when = 'smoker', {LONGER}"));
    let record = patient(facts, earlier, &[], "2026-05-20");
    let (record, mut found) = match read(&protocol, &record) {
        Ok(record) => (Some(record), Diagnostics::default()),
        Err(found) => (None, found),
    };
    if let Some(record) = record {
        found = record.check(&protocol.dictionary, day("2026-05-20"));
    }
    (&found).into_iter().map(|one| format!("{} {}", one.code.id, one.message)).collect()
}

#[test]
fn earlier_answers_are_read_as_answers_are() {
    let born = || json!({ "date_of_birth": "1990-01-01", "smoker": { "value": true, "on": "2026-05-01" } });
    let one = |fact: &str, value: Json, on: &str| json!([{ "fact": fact, "value": value, "recorded": on }]);
    assert_eq!(mistakes(born(), one("smoker", json!(false), "2026-01-01")), Vec::<String>::new());
    assert_eq!(mistakes(born(), one("smoker", Json::Null, "2026-01-01")), Vec::<String>::new());
    assert_eq!(mistakes(born(), Json::Null), Vec::<String>::new());
    let of = |fact: &str, value: Json, on: &str| mistakes(born(), one(fact, value, on)).join("; ");
    assert_eq!(of("smoker", json!("no"), "2026-01-01"), "R105 `smoker` should be true or false, but this is a text");
    assert_eq!(of("smokr", json!(true), "2026-01-01").split(' ').next(), Some("R411"));
    assert_eq!(
        of("smoker", json!(false), "2026-05-02"),
        "R427 this answer to `smoker` is of 2026-05-02, later than the one under [facts]"
    );
    assert_eq!(of("smoker", json!(false), "2026-05-01"), "R425 `smoker` has two answers of 2026-05-01, which differ");
    assert_eq!(of("smoker", json!(true), "2026-05-01"), "");
    assert_eq!(
        of("peel", json!("2026-03-01"), "2026-02-01"),
        "R401 `peel` is 2026-03-01, after 2026-02-01, the day it was reported"
    );
    assert_eq!(
        of("peel", json!("never"), "2026-06-01"),
        "R404 `peel` was answered on 2026-06-01, after the as-of date 2026-05-20"
    );
    assert_eq!(
        of("peel", json!("never"), "1980-06-01"),
        "R408 `peel` was answered on 1980-06-01, before the patient was born (1990-01-01)"
    );
    assert_eq!(of("peel", json!("never"), "2026-13-01").split(' ').next(), Some("R107"));
    assert_eq!(
        mistakes(born(), json!([{ "fact": "peel", "recorded": "2026-01-01" }])),
        ["R104 an earlier answer has no `value`"]
    );
    assert_eq!(
        mistakes(born(), json!([{ "fact": "peel", "value": "never" }])),
        ["R104 an earlier answer has no `recorded`"]
    );
    assert_eq!(
        mistakes(born(), json!([{ "value": "never", "recorded": "2026-01-01" }])),
        ["R104 an earlier answer has no `fact`"]
    );
    assert_eq!(
        mistakes(born(), json!([{ "fact": "peel", "value": "never", "recorded": "2026-01-01", "on": 3 }])),
        ["R103 an earlier answer has no key `on`"]
    );
    // What an export writes that has a place for why nobody knows.
    let nothing_told = json!([{ "fact": "peel", "recorded": "2026-01-01", "by": null, "unknown": null }]);
    assert_eq!(mistakes(born(), nothing_told), Vec::<String>::new());
    assert_eq!(mistakes(born(), json!(null)), Vec::<String>::new());
    assert_eq!(mistakes(born(), json!([null])), ["R105 `earlier` should be a table, but this is null"]);
    assert_eq!(mistakes(born(), json!({})), ["R105 `earlier` should be a list of tables, each headed [[earlier]]"]);
    let twice = json!([
        { "fact": "peel", "value": "never", "recorded": "2026-01-01" },
        { "fact": "peel", "value": "2025-01-01", "recorded": "2026-01-01" },
    ]);
    assert_eq!(mistakes(born(), twice), ["R425 `peel` has two answers of 2026-01-01, which differ"]);
}

// ---------------------------------------------------------------------------------------------------------------------
// Random histories, judged a second time with nothing but the calendar
// ---------------------------------------------------------------------------------------------------------------------

/// The conditions that are tried, and what each says of a day: which it is, how old the patient is, whether they smoke, how many
/// sessions came before.
type Says = fn(day: i32, age: i32, smokes: Option<bool>, before: usize) -> Option<bool>;
const CONDITIONS: [(&str, Says); 6] = [
    ("smoker", |_, _, smokes, _| smokes),
    ("age < 18", |_, age, _, _| Some(age < 18)),
    ("today < date(\"2022-06-01\")", |day, _, _, _| Some(day < 882)),
    ("today >= date(\"2022-03-01\") && smoker", |day, _, smokes, _| if day >= 790 { smokes } else { Some(false) }),
    ("sessions.len() >= 2", |_, _, _, before| Some(before >= 2)),
    ("age < 18 && smoker || sessions.len() == 1", |_, age, smokes, before| match (age < 18, smokes, before == 1) {
        (_, _, true) | (true, Some(true), _) => Some(true),
        (true, None, false) => None,
        _ => Some(false),
    }),
];

fn number(day: Date) -> i32 {
    day.days_since("2020-01-01".parse().expect("a day")).expect("a day")
}

fn of_number(number: i32) -> Date {
    let day = jiff::civil::date(2020, 1, 1) + jiff::ToSpan::days(number);
    Date::new(day.year(), day.month(), day.day()).expect("a day")
}

/// What may become of the sessions: each way in which what is not known can turn out.
fn judged(sessions: &[i32], birth: Date, answers: &[(i32, bool)], says: Says) -> Vec<Vec<&'static str>> {
    // A way: the verdicts so far, the last session that the next is held against, how many count.
    let mut ways: Vec<(Vec<&'static str>, Option<i32>, usize)> = vec![(Vec::new(), None, 0)];
    for (before, &on) in sessions.iter().enumerate() {
        let newest = answers.iter().filter(|(day, _)| *day <= on).max_by_key(|(day, _)| *day);
        let smokes = newest.filter(|(day, _)| day + 30 >= on).map(|(_, smokes)| *smokes);
        let holds = says(on, of_number(on).years_since(birth), smokes, before);
        let branches: &[bool] = match holds {
            Some(true) => &[true],
            Some(false) => &[false],
            None => &[false, true],
        };
        let mut next = Vec::new();
        for (verdicts, previous, done) in &ways {
            for is_longer in branches {
                let wait = if *is_longer { 56 } else { 7 };
                let (verdict, previous, done) = match previous {
                    _ if *done == 4 => ("extraneous", *previous, *done),
                    Some(previous) if on < previous + wait => ("not_valid", Some(on), *done),
                    _ => ("valid", Some(on), done + 1),
                };
                next.push(([&verdicts[..], &[verdict]].concat(), previous, done));
            }
        }
        ways = next;
    }
    ways.into_iter().map(|(verdicts, ..)| verdicts).collect()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn random_histories_are_judged_by_their_own_days(
        which in 0..CONDITIONS.len(),
        steps in proptest::collection::vec(prop_oneof![1i32..12, 20i32..80], 1..7),
        born in -6800i32..-6100,
        answers in proptest::collection::btree_map(700i32..1100, any::<bool>(), 0..6),
        later in 0i32..200,
    ) {
        let (when, says) = CONDITIONS[which];
        let protocol = protocol(&format!("when = '{when}', {LONGER}"));
        let sessions: Vec<i32> = steps.iter().scan(700, |day, step| { *day += step; Some(*day) }).collect();
        let today = sessions.last().expect("a session").max(&1100) + later;
        let birth = of_number(born);
        let mut answers: Vec<(i32, bool)> = answers.into_iter().collect();
        let listed: Vec<Json> = sessions.iter().map(|day| on(&of_number(*day).to_string())).collect();
        let as_of = of_number(today).to_string();
        // Answer what is asked, one thing after the other, until everything is known.
        loop {
            let now = answers.iter().max_by_key(|(day, _)| *day);
            let mut facts = json!({ "date_of_birth": birth.to_string() });
            if let Some((day, smokes)) = now {
                facts["smoker"] = json!({ "value": smokes, "on": of_number(*day).to_string() });
            }
            let before = answers.iter().filter(|one| Some(*one) != now);
            let told = |(day, smokes): &(i32, bool)| json!({ "fact": "smoker", "value": smokes, "recorded": of_number(*day).to_string() });
            let earlier: Vec<Json> = before.map(told).collect();
            let answer = ask(&protocol, &patient(facts, json!(earlier), &listed, &as_of), &as_of);
            let ways = judged(&sessions, birth, &answers, says);
            let counts = || ways.iter().map(|way| way.iter().filter(|verdict| **verdict == "valid").count());
            let done = answer.course.as_ref().expect("a course").done;
            prop_assert_eq!((Some(done.least as usize), Some(done.most as usize)), (counts().min(), counts().max()), "{:?}", ways);
            if ways.iter().all(|way| *way == ways[0]) {
                prop_assert_eq!(verdicts(&answer), ways[0].clone());
            }
            let open: Vec<&str> = asked(&answer).into_iter().filter(|fact| fact.starts_with("earlier.")).collect();
            let Some(first) = open.first() else {
                // Of a course that is complete either way nothing is asked.
                let is_certain = answer.status == Status::Complete || ways.iter().all(|way| *way == ways[0]);
                prop_assert!(is_certain, "{ways:?}, and nothing is asked");
                break;
            };
            let day = first.trim_start_matches("earlier.").trim_end_matches(".smoker");
            let day = number(day.parse().expect("a day"));
            prop_assert!(sessions.contains(&day) && answers.iter().all(|(other, _)| *other != day), "asked of {day}");
            answers.push((day, day % 2 == 0));
        }
    }
}
