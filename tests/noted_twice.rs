//! Two entries of one day: one session that was noted twice, or two? A course counts them once; where a sum, a count or a limit reads
//! them, both are ways that it can be, and it is asked.

use regimen::recommendation::SessionVerdict;
use regimen::{
    Clinic, Decider, Depth, Diagnostics, LineReader, Notation, Protocol, Recommendation, Record, Request, Slots,
    Status, Vocabulary, render,
};
use serde_json::{Value as Json, json};

const HEAD: &str = include_str!("fixtures/head.toml");

fn protocol(text: &str) -> Protocol {
    let clinic = Clinic::from_text("trial.toml", &format!("{HEAD}{text}")).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{found}")).protocols.remove(0)
}

fn read(protocol: &Protocol, sessions: Json) -> Result<Record, Diagnostics> {
    let told = json!({ "patient": "P", "recorded": "2026-03-10", "facts": {}, "sessions": sessions });
    Record::from_text("record.json", &told.to_string(), Notation::Json, &protocol.dictionary).map(|(record, _)| record)
}

/// What is recommended on 10 March, which a batch decides alike.
fn ask(protocol: &Protocol, sessions: Json) -> Recommendation {
    let record = read(protocol, sessions).unwrap_or_else(|found| panic!("{found}"));
    let prepared =
        protocol.prepare(&Request::new("2026-03-10".parse().expect("a date")).explain(Depth::Full)).expect("in force");
    let answer = prepared.recommend(&record).unwrap_or_else(|found| panic!("{found}"));
    let vocabulary = Vocabulary::new([protocol]);
    let decision = Decider::new(&prepared, &vocabulary).decide(&Slots::of(&record, &vocabulary, prepared.as_of()));
    assert_eq!((decision.status, decision.not_before), (answer.status, answer.not_before));
    assert!(decision.could_become.iter().eq(answer.could_become.iter().copied()));
    answer
}

fn on(date: &str) -> Json {
    json!({ "treatment": "trial", "date": date })
}

/// An entry with some more keys.
fn with(mut entry: Json, more: Json) -> Json {
    let more = more.as_object().expect("a table").clone();
    entry.as_object_mut().expect("a table").extend(more);
    entry
}

fn codes(answer: &Recommendation) -> Vec<&str> {
    answer.doubts.iter().map(|doubt| doubt.code.as_ref()).collect()
}

fn asked(answer: &Recommendation) -> Vec<&str> {
    answer.questions.iter().map(|question| question.fact.as_str()).collect()
}

fn done(answer: &Recommendation) -> (u32, u32) {
    answer.course.as_ref().map(|course| (course.done.least, course.done.most)).expect("a course")
}

const PLAIN: &str = "[session_facts.units]\ntype = \"decimal\"\nrange = [0.0, 1000.0]\n[session_facts.area]\ntype = \"set\"\nchoices = [\"left\", \"right\"]\n\
     [[course]]\nid = \"standard\"\nsessions = { minimum = 2, planned = 3, maximum = 4 }\nsources = [\"clinic\"]\n";

#[test]
fn a_course_counts_a_session_that_is_noted_twice_once() {
    let interval = "interval = [{ from = \"previous\", minimum = \"28 days\", reason = \"x\" }]\n";
    for protocol in [protocol(PLAIN), protocol(&format!("{PLAIN}{interval}"))] {
        let answer = ask(&protocol, json!([on("2026-02-02"), on("2026-02-02")]));
        assert_eq!((done(&answer), codes(&answer)), ((1, 1), vec!["R417"]));
        let verdicts: Vec<_> = answer.course.as_ref().expect("a course").past.iter().map(|one| one.verdict).collect();
        assert_eq!(verdicts, [SessionVerdict::Valid, SessionVerdict::SameSession]);
        assert!(render::text(&answer, render::TextStyle::default()).contains("counted with another entry of that day"));
        // Whoever says that it was noted twice hears no more of it.
        let twice = with(on("2026-02-02"), json!({ "noted_twice": true }));
        let answer = ask(&protocol, json!([on("2026-02-02"), twice]));
        assert_eq!((done(&answer), codes(&answer).len()), ((1, 1), 0));
        assert_eq!(answer.course.expect("a course").past.len(), 1);
    }
    // Two that were two count twice, where nothing keeps them apart.
    let two = with(on("2026-02-02"), json!({ "noted_twice": false }));
    let answer = ask(&protocol(PLAIN), json!([on("2026-02-02"), two]));
    assert_eq!((done(&answer), codes(&answer).len()), ((2, 2), 0));
    // What differs in a note is not the same in everything; the course counts the visit.
    let units = |units: f64| with(on("2026-02-02"), json!({ "units": units }));
    let answer = ask(&protocol(PLAIN), json!([units(10.0), units(20.0)]));
    assert_eq!(
        (done(&answer), answer.doubts[0].message.as_str()),
        ((1, 1), "two entries of `trial` on 2026-02-02 are counted as one session")
    );
    // A faulty one stays faulty, and what did not count makes way for what does.
    let faulty = with(on("2026-02-02"), json!({ "faulty": true }));
    assert_eq!(done(&ask(&protocol(PLAIN), json!([faulty, on("2026-02-02")]))), (1, 1));
}

#[test]
fn a_note_that_only_one_of_two_entries_has_tells_them_not_apart() {
    let protocol = protocol(
        "[session_facts.units]\ntype = \"decimal\"\n[[course]]\nid = \"series\"\nsources = [\"clinic\"]\n[[course.session]]\n[[course.session]]\n",
    );
    let units = || with(on("2026-02-02"), json!({ "units": 5.0 }));
    let product = |name: &str| with(on("2026-02-02"), json!({ "product": name }));
    for sessions in
        [json!([units(), on("2026-02-02")]), json!([on("2026-02-02"), units()]), json!([product("gel"), units()])]
    {
        let answer = ask(&protocol, sessions.clone());
        assert_eq!(
            (&answer.could_become[..], codes(&answer).contains(&"R417")),
            (&[Status::Complete, Status::Due][..], true),
            "{sessions}"
        );
    }
    let answer = ask(&protocol, json!([product("gel"), product("foam")]));
    assert_eq!((&answer.could_become[..], codes(&answer).contains(&"R417")), (&[Status::Complete][..], false));
}

/// The second may be the first; the third, which differs from the first, is another session in any case.
#[test]
fn what_differs_from_the_first_is_no_third_of_them() {
    let protocol = protocol(&format!(
        "{PLAIN}[[precaution]]\nid = \"much\"\nwhen = 'sessions.len() >= 2'\n\
         do = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
    ));
    let units = |units: f64| with(on("2026-02-02"), json!({ "units": units }));
    let answer = ask(&protocol, json!([units(20.0), on("2026-02-02"), units(30.0)]));
    assert_eq!(answer.precautions.len(), 1, "{:?}", answer.questions);
}

/// What holds back as the course takes the entries is the reason, whatever two sessions would lead to.
#[test]
fn the_reason_is_that_of_what_is_taken_for_one() {
    let interval = "interval = [{ from = \"previous\", minimum = \"60 days\", reason = \"the skin heals\" }]\n";
    let protocol = protocol(&format!(
        "{}{interval}",
        PLAIN.replace("minimum = 2, planned = 3, maximum = 4", "planned = 2, maximum = 2")
    ));
    let units = with(on("2026-02-02"), json!({ "units": 20.0 }));
    let answer = ask(&protocol, json!([units, on("2026-02-02")]));
    assert_eq!(
        (answer.status, answer.not_before.map(|day| day.to_string())),
        (Status::Deferred, Some("2026-04-03".into()))
    );
    assert_eq!(answer.reasons.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["the skin heals"]);
    assert!(answer.could_become.contains(&Status::Complete), "{:?}", answer.could_become);
}

/// The course takes the two for two; if they are one, the next session is the second, and has to wait for longer.
#[test]
fn the_first_permitted_day_is_told_for_one_session_and_for_two() {
    let protocol = protocol(
        "[[course]]\nid = \"series\"\nsources = [\"clinic\"]\n[[course.session]]\n[[course.session]]\n\
         interval = [{ from = \"previous\", minimum = \"1 year\", absolute_minimum = \"0 days\" }]\n[[course.session]]\n\
         interval = [{ from = \"previous\", minimum = \"3 months\" }]\n",
    );
    let told = |more: Json| {
        let answer = ask(&protocol, json!([on("2026-02-02"), with(on("2026-02-02"), more)]));
        assert_eq!(answer.status, Status::Deferred);
        [answer.not_before, answer.no_sooner_than, answer.no_later_than].map(|day| day.map(|day| day.to_string()))
    };
    let day = |text: &str| Some(text.to_owned());
    assert_eq!(told(json!({ "noted_twice": true })), [day("2027-02-02"), None, None]);
    assert_eq!(told(json!({})), [None, day("2026-05-02"), day("2027-02-02")]);
}

#[test]
fn areas_of_one_day_are_counted_each() {
    let protocol = protocol(&PLAIN.replace("[[course]]\n", "[[course]]\nseparate_by = \"area\"\n"));
    let area = |area: &[&str]| with(on("2026-02-02"), json!({ "area": area }));
    let parts = |sessions: Json| {
        let answer = ask(&protocol, sessions);
        let course = answer.course.as_ref().expect("a course");
        let done: Vec<u32> = course.components.iter().map(|part| part.done.most).collect();
        (done, codes(&answer).len())
    };
    assert_eq!(parts(json!([area(&["left"]), area(&["right"])])), (vec![1, 1], 0));
    assert_eq!(parts(json!([area(&["left"]), area(&["left", "right"])])), (vec![1, 1], 1));
    assert_eq!(parts(json!([area(&["left"]), area(&["left"])])), (vec![1], 1));
}

#[test]
fn sessions_with_bounds_of_their_own_are_judged_one_by_one() {
    let protocol =
        protocol("[[course]]\nid = \"series\"\nsources = [\"clinic\"]\n[[course.session]]\n[[course.session]]\n");
    let answer = ask(&protocol, json!([on("2026-02-02"), on("2026-02-02")]));
    // One or two: nobody is to be told that the course is complete, nor treated as if it were not.
    assert_eq!((answer.status, codes(&answer)), (Status::Undetermined, vec!["R417"]));
    assert_eq!(answer.could_become, [Status::Complete, Status::Due]);
    assert_eq!(asked(&answer), ["sessions.2026-02-02.2.noted_twice"]);
    assert_eq!(answer.questions[0].could_lead_to, Some(Status::Complete));
    let told = |twice: bool| json!([on("2026-02-02"), with(on("2026-02-02"), json!({ "noted_twice": twice }))]);
    let [one, two] = [true, false].map(|twice| ask(&protocol, told(twice)));
    assert_eq!((one.status, &one.could_become[..]), (Status::Due, &[Status::Due][..]));
    assert_eq!((two.status, &two.could_become[..]), (Status::Complete, &[Status::Complete][..]));
}

#[test]
fn an_entry_that_makes_no_difference_to_a_series_is_not_asked_about() {
    let interval = "interval = [{ from = \"previous\", minimum = \"28 days\", reason = \"x\" }]\n";
    let protocol = protocol(&format!(
        "[[course]]\nid = \"series\"\nsources = [\"clinic\"]\n[[course.session]]\n[[course.session]]\n{interval}"
    ));
    let answer = ask(&protocol, json!([on("2026-02-02"), on("2026-02-02")]));
    assert_eq!((answer.status, done(&answer), codes(&answer)), (Status::Due, (1, 1), vec!["R417"]));
    assert_eq!((&answer.could_become[..], asked(&answer).len()), (&[Status::Due][..], 0));
    // Whether it was a session of its own or not, it does not count.
    let verdicts: Vec<_> = answer.course.as_ref().expect("a course").past.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, [SessionVerdict::Valid, SessionVerdict::NotValid]);
    // Late by one way, and not by the other.
    let late = "[[course]]\nid = \"series\"\nsources = [\"clinic\"]\n[[course.session]]\n[[course.session]]\n[[course.session]]\n\
                interval = [{ from = \"previous\", minimum = \"7 days\", latest = \"14 days\", reason = \"x\" }]\n";
    let answer = ask(&self::protocol(late), json!([on("2026-02-02"), on("2026-02-02")]));
    assert_eq!((answer.status, &answer.could_become[..]), (Status::Due, &[Status::Due, Status::Overdue][..]));
    assert_eq!(asked(&answer), ["sessions.2026-02-02.2.noted_twice"]);
}

#[test]
fn sums_and_counts_try_once_and_twice_and_ask() {
    let rule = |when: &str| {
        protocol(&format!(
            "[session_facts.units]\ntype = \"decimal\"\nrange = [0.0, 1000.0]\n\
             [[contraindication]]\nid = \"enough\"\nwhen = '{when}'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
        ))
    };
    let units = |more: Json| with(with(on("2026-02-02"), json!({ "units": 100.0 })), more);
    for when in [
        "sum s.units in sessions where s.date > today - days(84) >= 200",
        "(count s in sessions where s.units > 50) >= 2",
        "sessions.len() >= 2",
        "sessions_done >= 2",
    ] {
        let when = when.replace(
            "sum s.units in sessions where s.date > today - days(84) >= 200",
            "(sum s.units in sessions where s.date > today - days(84)) >= 200",
        );
        let protocol = rule(&when);
        let answer = ask(&protocol, json!([units(json!({})), units(json!({}))]));
        let open = vec![Status::Contraindicated, Status::Due];
        assert_eq!(
            (answer.status, &answer.could_become, asked(&answer)),
            (Status::Undetermined, &open, vec!["sessions.2026-02-02.2.noted_twice"]),
            "{when}"
        );
        assert_eq!(answer.questions[0].ask, "Session of trial on 2026-02-02, noted twice: was it one session, or two?");
        for (told, status) in [(true, Status::Due), (false, Status::Contraindicated)] {
            let answer = ask(&protocol, json!([units(json!({})), units(json!({ "noted_twice": told }))]));
            assert_eq!((answer.status, codes(&answer).len(), asked(&answer).len()), (status, 0, 0), "{when} {told}");
        }
    }
    // What a condition leaves out, or cannot change, is not asked.
    for (when, status) in [
        ("(count s in sessions where s.units > 500) >= 1", Status::Due),
        ("(sum s.units in sessions where s.units > 50) >= 100", Status::Contraindicated),
        ("any s in sessions where s.units > 50", Status::Contraindicated),
    ] {
        let answer = ask(&rule(when), json!([units(json!({})), units(json!({}))]));
        assert_eq!((answer.status, asked(&answer).len()), (status, 0), "{when}");
    }
}

#[test]
fn an_answer_about_nothing_is_a_mistake() {
    let protocol = protocol(PLAIN);
    for sessions in [
        json!([with(on("2026-02-02"), json!({ "noted_twice": true }))]),
        json!([with(on("2026-02-02"), json!({ "noted_twice": true })), on("2026-02-02")]),
        json!([on("2026-02-02"), with(on("2026-02-03"), json!({ "noted_twice": true }))]),
    ] {
        let found = read(&protocol, sessions).expect_err("a mistake");
        assert_eq!(found.iter().next().expect("one").code.id, "R109");
    }
    let found = read(&protocol, json!([on("2026-02-02"), with(on("2026-02-02"), json!({ "noted_twice": "yes" }))]));
    assert!(found.expect_err("a mistake").iter().any(|one| one.code.id == "R105"));
}

#[test]
fn a_line_of_a_batch_is_read_with_its_doubt() {
    let protocol = protocol(PLAIN);
    let vocabulary = Vocabulary::new([&protocol]);
    let as_of = "2026-03-10".parse().expect("a date");
    let scan = |sessions: Json| {
        let line = json!({ "patient": "P", "recorded": "2026-03-10", "facts": {}, "sessions": sessions }).to_string();
        LineReader::new(&protocol.dictionary, &vocabulary, as_of)
            .scan(&line, &mut Slots::new(&protocol.dictionary))
            .is_ok()
    };
    // The quick reader leaves what may be noted twice to the reader of records.
    assert!(!scan(json!([on("2026-02-02"), on("2026-02-02")])));
    assert!(scan(json!([on("2026-02-02"), on("2026-02-03")])));
    assert!(!scan(json!([on("2026-02-02"), with(on("2026-02-02"), json!({ "noted_twice": false }))])));
}

#[test]
fn what_two_sessions_would_lead_to_is_foreseen() {
    let protocol = protocol(&PLAIN.replace("planned = 3, maximum = 4", "maximum = 2"));
    let answer = ask(&protocol, json!([on("2026-02-02"), on("2026-02-02")]));
    assert_eq!((answer.status, &answer.could_become[..]), (Status::Due, &[Status::Complete, Status::Due][..]));
    // Counted once, it is due; that two would have completed the course is asked about.
    assert_eq!(asked(&answer), ["sessions.2026-02-02.2.noted_twice"]);
    assert_eq!(answer.questions[0].could_lead_to, Some(Status::Complete));
    let told = |twice: bool| json!([on("2026-02-02"), with(on("2026-02-02"), json!({ "noted_twice": twice }))]);
    let two = ask(&protocol, told(false));
    assert_eq!((two.status, &two.could_become[..]), (Status::Complete, &[Status::Complete][..]));
    let one = ask(&protocol, told(true));
    assert_eq!((one.status, &one.could_become[..]), (Status::Due, &[Status::Due][..]));
    // A referral that asks after more sessions than one would be made.
    let rule = "[[referral]]\nid = \"many\"\nwhen = 'sessions_done >= 2'\nto = \"doctor\"\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let answer = ask(&self::protocol(&format!("{PLAIN}{rule}")), json!([on("2026-02-02"), on("2026-02-02")]));
    assert_eq!((answer.status, &answer.could_become[..]), (Status::Due, &[Status::Refer, Status::Due][..]));
    assert_eq!(asked(&answer), ["sessions.2026-02-02.2.noted_twice"]);
    assert_eq!(answer.questions[0].rules, ["many"]);
}

/// Of two entries that are known only by month or year nobody can say that they are of two days.
#[test]
fn entries_of_one_month_may_be_one_session() {
    let protocol = protocol(
        "[session_facts.units]\ntype = \"decimal\"\nrange = [0.0, 1000.0]\n\
         [[contraindication]]\nid = \"enough\"\nwhen = 'sessions.len() >= 2'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"clinic\"]\n",
    );
    let units = |date: &str, units: f64| with(on(date), json!({ "units": units }));
    for (sessions, name) in [
        (json!([on("2026-02"), on("2026-02")]), "sessions.2026-02.2.noted_twice"),
        (json!([on("2026-02"), units("2026-02", 5.0)]), "sessions.2026-02.2.noted_twice"),
        // The one of which less is known may be the other, in whatever order they stand.
        (json!([on("2026-02"), on("2026-02-03")]), "sessions.2026-02.noted_twice"),
        (json!([on("2026-02-03"), on("2026-02")]), "sessions.2026-02.noted_twice"),
        (json!([on("2026"), on("2026-02")]), "sessions.2026.noted_twice"),
    ] {
        let answer = ask(&protocol, sessions.clone());
        assert_eq!(
            (answer.status, &answer.could_become[..], codes(&answer), asked(&answer)),
            (Status::Undetermined, &[Status::Contraindicated, Status::Due][..], vec!["R417"], vec![name]),
            "{sessions}"
        );
        assert!(answer.questions[0].ask.contains(", perhaps noted twice: was it one session, or two?"));
    }
    for sessions in [
        json!([on("2026-01"), on("2026-02")]),
        json!([units("2026-02", 5.0), units("2026-02", 6.0)]),
        json!([on("2026-02"), with(on("2026-02"), json!({ "noted_twice": false }))]),
    ] {
        let answer = ask(&protocol, sessions.clone());
        assert_eq!((answer.status, codes(&answer).len()), (Status::Contraindicated, 0), "{sessions}");
    }
    let one = json!([on("2026-02-03"), with(on("2026-02"), json!({ "noted_twice": true }))]);
    let answer = ask(&protocol, one);
    assert_eq!((answer.status, codes(&answer).len()), (Status::Due, 0));
    // The quick reader of batches leaves them to the reader of records.
    let vocabulary = Vocabulary::new([&protocol]);
    for second in ["2026", "2026-02", "2026-02-03"] {
        let line =
            json!({ "patient": "P", "recorded": "2026-03-10", "facts": {}, "sessions": [on("2026-02"), on(second)] });
        let mut reader = LineReader::new(&protocol.dictionary, &vocabulary, "2026-03-10".parse().expect("a date"));
        assert!(reader.scan(&line.to_string(), &mut Slots::new(&protocol.dictionary)).is_err(), "{second}");
    }
}

#[test]
fn what_one_session_of_a_month_would_lead_to_is_foreseen() {
    let protocol =
        protocol("[[course]]\nid = \"series\"\nsources = [\"clinic\"]\n[[course.session]]\n[[course.session]]\n");
    let answer = ask(&protocol, json!([on("2026-02"), on("2026-02")]));
    assert_eq!(answer.could_become, [Status::Complete, Status::Due]);
    for (twice, status) in [(true, Status::Due), (false, Status::Complete)] {
        let answer = ask(&protocol, json!([on("2026-02"), with(on("2026-02"), json!({ "noted_twice": twice }))]));
        assert_eq!((answer.status, answer.could_become), (status, vec![status]));
    }
}
