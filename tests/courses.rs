//! What a course says about sessions and dates, to the day: the cases that no published collection has, and properties over random
//! histories.

#[path = "support/random.rs"]
mod random;

use proptest::prelude::*;
use random::cases;
use regimen::recommendation::{CourseReport, CourseStatus, Effect, SessionFault, SessionVerdict, WhyChosen};
use regimen::trace::StepKind;
use regimen::{Clinic, Date, Depth, Duration, Notation, Protocol, Recommendation, Record, Request, Status};
use serde_json::{Value as Json, json};

const HEAD: &str = concat!(
    include_str!("fixtures/head.toml"),
    r#"
[facts.date_of_birth]
type = "date"
ask = "Date of birth?"
of = "patient"
valid_for = "forever"

[facts.immune]
type = "bool"
ask = "Immune?"
of = "lab"
valid_for = "forever"

[session_facts.area]
type = "set"
choices = ["left", "right"]
"#
);

fn protocol(text: &str) -> Protocol {
    let clinic = Clinic::from_text("trial.toml", &format!("{HEAD}{text}")).map(|(clinic, _)| clinic);
    let mut clinic = clinic.unwrap_or_else(|found| panic!("{found:?}"));
    clinic.protocols.remove(0)
}

/// The codes of the mistakes in a text.
fn mistakes(text: &str) -> Vec<&'static str> {
    match Clinic::from_text("trial.toml", &format!("{HEAD}{text}")) {
        Ok(_) => Vec::new(),
        Err(found) => (&found).into_iter().map(|one| one.code.id).collect(),
    }
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn ask(protocol: &Protocol, facts: Json, sessions: Vec<Json>, as_of: &str) -> Recommendation {
    let record = json!({ "patient": "P-1", "recorded": as_of, "facts": facts, "sessions": sessions });
    let read = Record::from_text("record.json", &record.to_string(), Notation::Json, &protocol.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found:?}"));
    let request = Request::new(day(as_of)).explain(Depth::Full);
    protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found:?}"))
}

fn course(protocol: &Protocol, born: &str, sessions: Vec<Json>, as_of: &str) -> CourseReport {
    ask(protocol, json!({ "date_of_birth": born, "immune": false }), sessions, as_of).course.expect("a course")
}

fn on(date: &str) -> Json {
    json!({ "treatment": "trial", "date": date })
}

fn with(date: &str, product: &str) -> Json {
    json!({ "treatment": "trial", "date": date, "product": product })
}

fn verdicts(course: &CourseReport) -> Vec<&'static str> {
    course.past.iter().map(|past| past.verdict.word()).collect()
}

fn earliest(course: &CourseReport) -> Option<String> {
    Some(course.next.as_ref()?.earliest?.to_string())
}

const UNIFORM: &str = r#"
[[course]]
id = "standard"
sessions = { planned = 2, maximum = 3, beyond_planned = 'immune' }
grace = "3 days"
too_early = "repeat"
interval = [{ from = "previous", minimum = "28 days", recommended = "28 days", latest = "42 days" }]
gap = [{ after = "365 days", do = "restart" }]
sources = ["clinic"]

[[separation]]
from = ["filler"]
minimum = "14 days"
reason = "swelling"
sources = ["clinic"]
"#;

#[test]
fn alike_sessions_are_judged_one_after_the_other() {
    let protocol = protocol(UNIFORM);
    let facts = || json!({ "date_of_birth": "1990-01-01", "immune": true });
    let run = |sessions, as_of| ask(&protocol, facts(), sessions, as_of).course.expect("a course");
    // Three days early is within the grace, four are not; a session that is too early restarts the interval.
    let sessions = || vec![on("2026-01-01"), on("2026-01-26"), on("2026-02-19")];
    assert_eq!(verdicts(&run(sessions(), "2026-03-01")), ["valid", "valid", "not_valid"]);
    assert_eq!(earliest(&run(sessions(), "2026-03-01")).as_deref(), Some("2026-03-19"));
    // There is no grace for the next.
    assert_eq!(earliest(&run(vec![on("2026-01-01")], "2026-01-02")).as_deref(), Some("2026-01-29"));
    // The window ends on the latest day; it is past due from the day before on, as published schedules count.
    let next = run(vec![on("2026-01-01")], "2026-01-02").next.expect("a window");
    assert_eq!((next.past_due, next.latest), (Some(day("2026-02-11")), Some(day("2026-02-12"))));
    let all = vec![on("2026-01-01"), on("2026-02-01"), on("2026-03-01"), on("2026-04-01")];
    let over = run(all, "2026-04-02");
    assert_eq!(verdicts(&over), ["valid", "valid", "valid", "extraneous"]);
    assert_eq!((over.status, over.next), (Some(CourseStatus::Complete), None));
}

#[test]
fn an_age_and_a_season_bind_every_one_of_alike_sessions() {
    let text = UNIFORM.replace(
        "grace =",
        "age = { minimum = \"18 years\" }\nseason = { from = \"10-01\", until = \"03-31\" }\ngrace =",
    );
    let protocol = protocol(&text);
    let run = |born, sessions, as_of| course(&protocol, born, sessions, as_of);
    // The second visit is bound as the first is, and its number goes on with the count.
    let next = run("1990-01-01", vec![on("2026-03-20")], "2026-03-25").next.expect("a window");
    assert_eq!((next.number, next.earliest), (2, Some(day("2026-10-01"))));
    // The window that the interval gives is over before the season begins: from its second day on the session is late.
    assert_eq!((next.recommended, next.latest), (Some(day("2026-10-01")), Some(day("2026-10-01"))));
    assert_eq!(earliest(&run("1990-01-01", vec![on("2026-01-05")], "2026-01-10")).as_deref(), Some("2026-02-02"));
    // Somebody who was too young at the first visit still is at the second.
    let young = ask(&protocol, json!({ "date_of_birth": "2008-12-01" }), vec![on("2026-01-05")], "2026-01-10");
    assert_eq!((young.status, young.not_before), (Status::Deferred, Some(day("2026-12-01"))));
    assert_eq!(verdicts(&young.course.expect("a course")), ["not_valid"]);
    // The session after the next has the next number, too.
    let first = run("1990-01-01", vec![], "2026-03-20");
    assert_eq!(first.projected.iter().map(|window| window.number).collect::<Vec<_>>(), [2]);
    assert_eq!(first.projected[0].earliest, Some(day("2026-10-01")));
}

#[test]
fn a_season_counts_from_one_only_where_sessions_come_again_and_again() {
    let series = |repeat: &str| {
        protocol(&format!(
            "[[course]]\nid = \"yearly\"\nsources = [\"clinic\"]\nseason = {{ from = \"10-01\", until = \"03-31\" }}\n\
             [[course.session]]\n[[course.session]]\n{repeat}\ninterval = [{{ from = \"previous\", minimum = \"180 days\" }}]\n"
        ))
    };
    let number = |protocol: &Protocol| {
        course(protocol, "1990-01-01", vec![on("2026-01-05")], "2026-04-10").next.map(|next| next.number)
    };
    assert_eq!(number(&series("")), Some(2));
    assert_eq!(number(&series("repeat = true")), Some(1));
}

/// What is given on one day and else keeps a distance waits from the day after on, and as long as ever.
#[test]
fn a_separation_may_leave_out_the_same_day() {
    let of = |same_day: bool| {
        protocol(&format!(
            "[[course]]\nid = \"one\"\nsessions = {{ planned = 1, maximum = 1 }}\nsources = [\"clinic\"]\n\
             [[separation]]\nid = \"apart\"\nfrom = [\"peel\"]\nminimum = \"28 days\"\nsame_day = {same_day}\n\
             reason = \"x\"\nsources = [\"clinic\"]\n"
        ))
    };
    let told = |protocol: &Protocol, date: &str| {
        let answer = ask(protocol, json!({}), vec![json!({ "treatment": "peel", "date": date })], "2026-03-02");
        (answer.status, answer.not_before)
    };
    let waits = (Status::Deferred, Some(day("2026-03-30")));
    assert_eq!(told(&of(true), "2026-03-02"), (Status::Due, None));
    assert_eq!(told(&of(false), "2026-03-02"), waits);
    assert_eq!(told(&of(true), "2026-03-01"), (Status::Deferred, Some(day("2026-03-29"))));
    // It may have been today or before: both stay possible.
    let answer = ask(&of(true), json!({}), vec![json!({ "treatment": "peel", "date": "2026-03" })], "2026-03-02");
    assert_eq!((answer.status, answer.could_become), (Status::Undetermined, vec![Status::Deferred, Status::Due]));
}

#[test]
fn a_separation_judges_and_holds_back_without_grace() {
    let protocol = protocol(UNIFORM);
    let filler = || json!({ "treatment": "filler", "date": "2026-01-20" });
    let early = course(&protocol, "1990-01-01", vec![on("2026-01-01"), filler(), on("2026-02-02")], "2026-02-10");
    assert_eq!(verdicts(&early), ["valid", "not_valid"]);
    assert_eq!(early.past[1].faults, [SessionFault::TooCloseToOtherTreatment]);
    let on_time = course(&protocol, "1990-01-01", vec![on("2026-01-01"), filler(), on("2026-02-03")], "2026-02-10");
    assert_eq!(verdicts(&on_time), ["valid", "valid"]);
    let same_day = course(&protocol, "1990-01-01", vec![filler(), on("2026-01-20")], "2026-02-10");
    assert_eq!(verdicts(&same_day), ["valid"]);
    assert_eq!(earliest(&course(&protocol, "1990-01-01", vec![filler()], "2026-01-21")).as_deref(), Some("2026-02-03"));
}

/// Of areas that follow courses of their own, each has the pauses of its course.
#[test]
fn a_pause_that_asks_for_a_reassessment_is_that_of_an_areas_own_course() {
    let of = |gap_of: &str| {
        let gap = |id: &str| match id == gap_of {
            true => "gap = [{ id = \"pause\", after = \"90 days\", do = \"reassess\", reason = \"look again\" }]\n",
            false => "",
        };
        protocol(&format!(
            "[facts.planned]\ntype = \"set\"\nchoices = [\"left\", \"right\"]\nask = \"Which?\"\nof = \"patient\"\nvalid_for = \"forever\"\n\
             [facts.since]\ntype = \"date\"\nask = \"Since?\"\nof = \"patient\"\nvalid_for = \"forever\"\n\
             [[course]]\nid = \"new\"\nsources = [\"clinic\"]\nseparate_by = \"area\"\nplanned_in = \"planned\"\nsessions = {{}}\n\
             interval = [{{ from = \"since\", minimum = \"1 year\", reason = \"x\" }}]\n{}\
             [[course]]\nid = \"old\"\nsources = [\"clinic\"]\nseparate_by = \"area\"\nplanned_in = \"planned\"\n\
             sessions = {{ planned = 2, maximum = 2 }}\n{}",
            gap("new"),
            gap("old"),
        ))
    };
    let left = json!({ "treatment": "trial", "date": "2026-09-15", "area": ["left"] });
    for (gap_of, planned, told) in [
        ("old", json!(["left"]), true),
        ("old", json!(["left", "right"]), true),
        ("old", json!(["right"]), false),
        ("new", json!(["left", "right"]), false),
    ] {
        let facts = json!({ "planned": planned, "since": "2025-12-01" });
        let answer = ask(&of(gap_of), facts, vec![left.clone()], "2026-12-31");
        assert_eq!(answer.status, Status::Due, "{gap_of} {planned}");
        assert_eq!(answer.precautions.iter().any(|one| one.id == "pause"), told, "{gap_of} {planned}");
    }
}

/// A pause of which nobody can tell yet whether it is over: its reassessment is a possible precaution, and its trace says that it is open.
#[test]
fn a_reassessment_that_may_be_due_is_in_the_answer() {
    let text = "[facts.planned]\ntype = \"set\"\nchoices = [\"left\", \"right\"]\nask = \"Which?\"\nof = \"patient\"\nvalid_for = \"forever\"\n\
                [[course]]\nid = \"new\"\nsources = [\"clinic\"]\nseparate_by = \"area\"\nplanned_in = \"planned\"\nsessions = { planned = 3 }\n\
                interval = [{ from = \"previous\", minimum = \"28 days\", reason = \"x\" }]\n\
                gap = [{ id = \"pause\", after = \"60 days\", do = \"reassess\", reason = \"look again\" }]\n";
    let protocol = protocol(text);
    let session = |date: &str, area: Json| json!({ "treatment": "trial", "date": date, "area": area });
    let left = || json!(["left"]);
    let cases = [
        (vec![session("2026-01", left())], Some(("sessions.2026-01.date", true)), false),
        (vec![session("2026-01-05", left())], None, true),
        (vec![session("2026-01-20", left())], None, false),
        (
            vec![session("2026-01-02", left()), session("2026-01-20", Json::Null)],
            Some(("sessions.2026-01-20.area", true)),
            false,
        ),
    ];
    for (sessions, asked, certain) in cases {
        let answer = ask(&protocol, json!({ "planned": ["left"] }), sessions.clone(), "2026-03-15");
        assert_eq!(answer.status, Status::Due, "{sessions:?}");
        assert_eq!(answer.precautions.iter().any(|one| one.id == "pause"), certain, "{sessions:?}");
        let possible = answer.questions.iter().find(|one| one.rules.iter().any(|rule| rule == "pause"));
        let possible = possible.map(|one| (one.fact.as_str(), one.could_change.contains(&Effect::Precaution)));
        assert_eq!(possible, asked, "{sessions:?}");
        let json: Json = serde_json::to_value(&answer).expect("JSON");
        let nodes = json["trace"]["nodes"].as_array().expect("nodes").iter();
        let pauses = nodes.filter(|node| node["id"].as_str().is_some_and(|id| id.ends_with(".pause")));
        let said: Vec<&str> = pauses.map(|node| node["outcome"].as_str().unwrap_or_default()).collect();
        let expected = if asked.is_some() {
            "unknown"
        } else if certain {
            "true"
        } else {
            "false"
        };
        assert!(!said.is_empty() && said.iter().all(|one| *one == expected), "{said:?} {sessions:?}");
        let verified = regimen::verify::verify(&json);
        assert!(verified.faults.is_empty(), "{:?}", verified.faults);
    }
    // Nothing is claimed of the course, and that it asks for nothing is not claimed either.
    let record = json!({ "patient": "P", "recorded": "2026-03-15", "facts": { "planned": ["left"] } });
    let read = Record::from_text("record.json", &record.to_string(), Notation::Json, &protocol.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
    let request = Request::new("2026-03-15".parse().expect("a date"));
    let answer = protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"));
    assert!(answer.questions.iter().any(|one| one.rules.iter().any(|rule| rule == "pause")), "{:?}", answer.questions);
}

/// Whoever had to wait is not late for that, neither by a rule nor for another area.
#[test]
fn a_wait_moves_the_window_on_and_nobody_is_late_for_it() {
    let late = "interval = [{ from = \"previous\", minimum = \"28 days\", latest = \"42 days\", reason = \"x\" }]\n";
    let by_rule = protocol(&format!(
        "[facts.since]\ntype = \"date\"\nask = \"Since?\"\nof = \"patient\"\nvalid_for = \"forever\"\n\
         [[course]]\nid = \"standard\"\nsources = [\"clinic\"]\nsessions = {{ planned = 3 }}\n{late}\
         [[deferral]]\nid = \"wait\"\nnot_before = 'since + days(60)'\nreason = \"x\"\nsources = [\"clinic\"]\n"
    ));
    let window = |answer: &Recommendation| {
        let next = answer.course.as_ref().and_then(|course| course.next.clone()).expect("a next session");
        (next.earliest.map(|day| day.to_string()), next.latest.map(|day| day.to_string()))
    };
    for (as_of, status) in
        [("2026-04-20", Status::Deferred), ("2026-04-21", Status::Due), ("2026-04-22", Status::Overdue)]
    {
        let answer = ask(&by_rule, json!({ "since": "2026-02-20" }), vec![on("2026-02-01")], as_of);
        assert_eq!(answer.status, status, "{as_of}");
        assert_eq!(window(&answer), (Some("2026-04-21".into()), Some("2026-04-21".into())), "{as_of}");
        let verified = regimen::verify::verify(&serde_json::to_value(&answer).expect("JSON"));
        assert!(verified.faults.is_empty(), "{as_of} {:?}", verified.faults);
    }
    // One that was over before the window ended says nothing.
    let answer = ask(&by_rule, json!({ "since": "2025-12-20" }), vec![on("2026-02-01")], "2026-04-21");
    assert_eq!((answer.status, window(&answer).1), (Status::Overdue, Some("2026-03-15".into())));
    let by_area = protocol(
        "[facts.planned]\ntype = \"set\"\nchoices = [\"left\", \"right\"]\nask = \"Which?\"\nof = \"patient\"\nvalid_for = \"forever\"\n\
         [[course]]\nid = \"standard\"\nsources = [\"clinic\"]\nseparate_by = \"area\"\nplanned_in = \"planned\"\nsessions = { planned = 3 }\n\
         interval = [{ from = \"previous\", minimum = \"14 days\", latest = \"21 days\", reason = \"x\" }]\n",
    );
    let session = |date: &str, area: &str| json!({ "treatment": "trial", "date": date, "area": [area] });
    let sessions = vec![session("2026-02-16", "right"), session("2026-03-01", "left")];
    let answer = ask(&by_area, json!({ "planned": ["left", "right"] }), sessions, "2026-03-15");
    assert_eq!(answer.status, Status::Due);
    let course = answer.course.as_ref().expect("a course");
    let latest =
        |id: &str| course.components.iter().find(|part| part.id == id).and_then(|part| part.next.as_ref()?.latest);
    assert_eq!(
        [latest("left"), latest("right")].map(|day| day.expect("a day").to_string()),
        ["2026-03-22", "2026-03-15"]
    );
    let verified = regimen::verify::verify(&serde_json::to_value(&answer).expect("JSON"));
    assert!(verified.faults.is_empty(), "{:?}", verified.faults);
}

#[test]
fn what_another_treatment_used_is_asked_where_it_makes_a_difference() {
    let after = |products: &str, weeks: u8| {
        format!(
            "\n[[separation]]\nid = \"{weeks}-weeks\"\nfrom = [\"peel\"]\nproducts = {products}\nminimum = \"{weeks} weeks\"\n\
             reason = \"skin\"\nsources = [\"clinic\"]\n"
        )
    };
    let protocol = protocol(&format!("{UNIFORM}{}{}", after(r#"["tca", "phenol"]"#, 4), after(r#"["phenol"]"#, 8)));
    let run = |product: Option<&str>, as_of: &str| {
        let mut peel = json!({ "treatment": "peel", "date": "2026-01-01" });
        if let Some(product) = product {
            peel["product"] = json!(product);
        }
        let told = ask(&protocol, json!({ "immune": false }), vec![peel], as_of);
        let asked: Vec<String> = told.questions.into_iter().map(|question| question.fact).collect();
        (told.status, told.course.and_then(|course| earliest(&course)), asked)
    };
    let until = |date: &str| Some(date.to_owned());
    let product = || vec!["sessions.2026-01-01.product".to_owned()];
    assert_eq!(run(Some("glycolic"), "2026-01-02"), (Status::Due, None, vec![]));
    assert_eq!(run(Some("tca"), "2026-01-02"), (Status::Deferred, until("2026-01-29"), vec![]));
    assert_eq!(run(Some("phenol"), "2026-01-02"), (Status::Deferred, until("2026-02-26"), vec![]));
    // Not known: neither is the wait. The longest of the possible ones is told, and the product is asked for until that is over.
    assert_eq!(run(None, "2026-01-02"), (Status::Undetermined, until("2026-02-26"), product()));
    assert_eq!(run(None, "2026-02-25"), (Status::Undetermined, until("2026-02-26"), product()));
    assert_eq!(run(None, "2026-02-26").0, Status::Due);
}

#[test]
fn what_moves_only_the_dates_is_an_assumption_too() {
    let protocol = protocol(&UNIFORM.replace(
        r#"interval = [{ from = "previous", minimum = "28 days""#,
        r#"interval = [{ when = '!(immune ?? true)', from = "previous", minimum = "28 days""#,
    ));
    let assumed = |facts: Json| -> Vec<(String, Vec<String>)> {
        let told = ask(&protocol, facts, vec![on("2026-01-01")], "2026-02-10");
        assert_eq!(told.status, Status::Due);
        told.assumptions.into_iter().map(|one| (one.fact, one.rules)).collect()
    };
    // Whether the interval holds or not, the next session may be given today; but not since the same day.
    assert_eq!(assumed(json!({})), [("immune".to_owned(), vec!["course.standard".to_owned()])]);
    assert_eq!(assumed(json!({ "immune": false })), []);
}

#[test]
fn a_long_pause_starts_again() {
    let protocol = protocol(UNIFORM);
    let on_the_day = course(&protocol, "1990-01-01", vec![on("2025-01-01")], "2026-01-01");
    assert_eq!(verdicts(&on_the_day), ["valid"]);
    let a_day_later = course(&protocol, "1990-01-01", vec![on("2025-01-01")], "2026-01-02");
    assert_eq!(verdicts(&a_day_later), ["earlier_course"]);
}

/// The count that goes on ends with the pause: no date of it lies after that day.
#[test]
fn no_date_of_a_session_lies_after_the_pause_that_begins_the_count_again() {
    let of = |minimum: &str, after: &str| {
        protocol(&format!(
            "[[course]]\nid = \"standard\"\nsessions = {{ planned = 4, maximum = 4 }}\nsources = [\"clinic\"]\n\
             interval = [{{ id = \"i\", from = \"previous\", minimum = \"{minimum}\", recommended = \"200 days\", latest = \"300 days\", reason = \"x\" }}]\n\
             gap = [{{ id = \"far\", after = \"60 days\", do = \"restart\" }}, {{ id = \"pause\", after = \"{after}\", do = \"restart\", reason = \"it wears off\" }}]\n"
        ))
    };
    let sessions = || vec![on("2025-12-15"), on("2026-01-10")];
    let ask = |protocol: &Protocol| ask(protocol, json!({}), sessions(), "2026-01-15");
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let window = |answer: &Recommendation| {
        let next = answer.course.as_ref().and_then(|course| course.next.clone()).expect("a next session");
        (next.number, [next.earliest, next.recommended, next.past_due, next.latest].map(day))
    };
    // A month is shorter than sixty days.
    let answer = ask(&of("28 days", "1 month"));
    assert_eq!(window(&answer), (3, ["2026-02-07", "2026-02-10", "2026-02-10", "2026-02-10"].map(str::to_owned)));
    let course = answer.course.expect("a course");
    assert_eq!(course.set_by.expect("bounds").recommended.as_deref(), Some("standard-restart"));
    // The new count begins before the next session of the old one could be given.
    let answer = ask(&of("120 days", "1 month"));
    assert_eq!((answer.status, day(answer.not_before)), (Status::Deferred, "2026-02-11".to_owned()));
    assert_eq!(window(&answer), (1, ["2026-02-11", "2026-02-11", "", ""].map(str::to_owned)));
    assert_eq!(answer.reasons.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["it wears off"]);
}

/// A pause that is over begins the count again, and its window with it: what is counted from a date lies before.
#[test]
fn nobody_is_late_for_a_count_that_had_not_begun() {
    let protocol = protocol(
        "[[course]]\nid = \"standard\"\nsessions = { planned = 3 }\nsources = [\"clinic\"]\n\
         interval = [{ id = \"begun\", from = \"date_of_birth\", minimum = \"0 days\", recommended = \"3 days\", latest = \"14 days\", reason = \"x\" }]\n\
         gap = [{ id = \"pause\", after = \"90 days\", do = \"restart\" }]\n",
    );
    let born = json!({ "date_of_birth": "2025-10-01" });
    let on_day = |day: &str| ask(&protocol, born.clone(), vec![on("2025-11-02")], day);
    let window = |answer: &Recommendation| {
        let next = answer.course.as_ref().and_then(|course| course.next.clone()).expect("a next session");
        (next.number, [next.earliest, next.recommended, next.latest].map(|day| day.expect("a day").to_string()))
    };
    let answer = on_day("2026-02-01");
    assert_eq!((answer.status, window(&answer)), (Status::Due, (1, [(); 3].map(|()| "2026-02-01".to_owned()))));
    assert_eq!(on_day("2026-02-02").status, Status::Overdue);
    // The count that goes on is late as it was.
    assert_eq!((on_day("2026-01-31").status, window(&on_day("2026-01-31")).0), (Status::Overdue, 2));
}

/// Each course that the patient may be on asks for what its own pause asks for.
#[test]
fn a_pause_of_any_course_that_is_possible_is_told() {
    let of = |first: &str, second: &str| {
        let course = |id: &str, when: &str, minimum: &str, after: &str| {
            format!(
                "[[course]]\nid = \"{id}\"\nwhen = '{when}'\nsessions = {{ planned = 4 }}\nsources = [\"clinic\"]\n\
                 interval = [{{ id = \"{id}-i\", from = \"previous\", minimum = \"{minimum}\", reason = \"x\" }}]\n\
                 gap = [{{ id = \"{id}-pause\", after = \"{after}\", do = \"reassess\", reason = \"look again\" }}]\n"
            )
        };
        protocol(&format!(
            "{}{}",
            course("slow", "immune", "40 days", first),
            course("fast", "!immune", "20 days", second)
        ))
    };
    let told = |protocol: &Protocol, facts: Json| {
        let answer = ask(protocol, facts, vec![on("2026-01-01")], "2026-06-01");
        let of_pauses =
            |question: &&regimen::recommendation::Question| question.rules.iter().any(|rule| rule.ends_with("-pause"));
        let asked: Vec<String> = answer.questions.iter().filter(of_pauses).map(|one| one.fact.clone()).collect();
        (answer.precautions.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), asked)
    };
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    for (first, second) in [("90 days", "1 year"), ("1 year", "90 days"), ("90 days", "90 days")] {
        let protocol = of(first, second);
        assert_eq!(told(&protocol, json!({})), (Vec::new(), ids(&["immune"])), "{first} {second}");
    }
    let protocol = of("1 year", "90 days");
    assert_eq!(told(&protocol, json!({ "immune": false })), (ids(&["fast-pause"]), Vec::new()));
    assert_eq!(told(&protocol, json!({ "immune": true })), (Vec::new(), Vec::new()));
    // A pause of which nobody can say whether it is over, because the day of the last session is not known, is asked about as well.
    let months = |as_of: &str| {
        let answer = ask(&protocol, json!({ "immune": false }), vec![on("2026-03")], as_of);
        let asked: Vec<(String, Vec<String>)> =
            answer.questions.iter().map(|one| (one.fact.clone(), one.rules.clone())).collect();
        (answer.status, answer.precautions.len(), asked)
    };
    let day = ("sessions.2026-03.date".to_owned(), vec!["fast-pause".to_owned()]);
    assert_eq!(months("2026-05-30"), (Status::Due, 0, Vec::new()));
    assert_eq!(months("2026-05-31"), (Status::Due, 0, vec![day.clone()]));
    assert_eq!(months("2026-06-29"), (Status::Due, 0, vec![day]));
    assert_eq!(months("2026-06-30"), (Status::Due, 1, Vec::new()));
}

/// Of a dozen sessions noted by month long ago, only the last can matter.
#[test]
fn days_of_old_sessions_that_make_no_difference_are_not_multiplied() {
    let of = |terms: &str| {
        protocol(&format!(
            "[[course]]\nid = \"standard\"\nsessions = {{ planned = 40 }}\nsources = [\"clinic\"]\n{terms}\
             interval = [{{ id = \"i\", from = \"previous\", minimum = \"21 days\", latest = \"60 days\", reason = \"x\" }}]\n"
        ))
    };
    let months: Vec<Json> =
        (2022..=2025).flat_map(|year| [2, 4, 6, 8, 10, 12].map(|month| on(&format!("{year}-{month:02}")))).collect();
    let answer = ask(&of(""), json!({}), months.clone(), "2026-04-01");
    assert_eq!((answer.status, answer.doubts.len()), (Status::Overdue, 0));
    assert_eq!(answer.course.expect("a course").done.least, 24);
    // The day of the last one still moves the window.
    let answer = ask(&of(""), json!({}), months, "2026-01-10");
    assert_eq!((answer.status, answer.doubts.len()), (Status::Undetermined, 0));
    assert_eq!(answer.questions.iter().map(|one| one.fact.as_str()).collect::<Vec<_>>(), ["sessions.2025-12.date"]);
    // Where each may have been too early for the one before it, each matters.
    let months: Vec<Json> =
        (2024..=2025).flat_map(|year| (1..=12).map(move |month| on(&format!("{year}-{month:02}")))).collect();
    let answer = ask(&of("too_early = \"repeat\"\n"), json!({}), months, "2026-03-01");
    assert_eq!(answer.doubts[0].code, "R418");
}

const ENDS: &str = r#"
[facts.helps]
type = "bool"
ask = "Does it help?"
of = "clinician"
valid_for = "30 days"

[facts.again]
type = "bool"
ask = "A new course?"
of = "clinician"
valid_for = "30 days"

[[course]]
id = "standard"
sessions = { minimum = 1, planned = 2, maximum = 4, beyond_planned = 'helps' }
interval = [{ id = "usual", from = "previous", minimum = "28 days", recommended = "28 days", latest = "42 days", reason = "r" }]
gap = [{ after = "365 days", do = "restart" }]
restart_when_complete = 'again'
sources = ["clinic"]
"#;

fn both() -> Vec<Json> {
    vec![on("2026-01-01"), on("2026-02-01")]
}

fn asked(told: &Recommendation) -> Vec<&str> {
    told.questions.iter().map(|question| question.fact.as_str()).collect()
}

#[test]
fn the_planned_sessions_complete_a_course_with_a_maximum() {
    let protocol = protocol(ENDS);
    let run = |facts: Json, sessions| ask(&protocol, facts, sessions, "2026-06-01");
    let complete = run(json!({ "helps": false }), both());
    assert_eq!((complete.status, complete.could_become.as_slice()), (Status::Complete, &[Status::Complete][..]));
    let reason = &complete.reasons[0];
    assert_eq!(reason.reason, "the 2 planned sessions have been given; 2 more are possible only if helps");
    assert_eq!(reason.because.iter().map(|fact| fact.fact.as_str()).collect::<Vec<_>>(), ["helps"]);
    assert!(complete.trace.nodes.iter().any(|node| node.id == "course.standard.beyond_planned"));
    // Beyond the plan nobody is late, however long ago the window was.
    let further = run(json!({ "helps": true }), both());
    assert_eq!(further.status, Status::Due);
    assert_eq!(headline(&further), "TREAT: session 3, beyond the 2 planned, is due");
    let unknown = run(json!({}), both());
    assert_eq!((unknown.status, asked(&unknown)), (Status::Undetermined, vec!["helps"]));
    assert_eq!(unknown.could_become, [Status::Complete, Status::Due]);
    // Before that it does not matter.
    let first = run(json!({}), vec![on("2026-01-01")]);
    assert_eq!((first.status, asked(&first)), (Status::Overdue, Vec::<&str>::new()));
    let most = vec![on("2026-01-01"), on("2026-02-01"), on("2026-03-01"), on("2026-04-01")];
    let most = run(json!({ "helps": true }), most);
    assert_eq!(
        (most.status, most.reasons[0].reason.as_str()),
        (Status::Complete, "the most sessions of this course, 4, have been given")
    );
    assert_eq!(mistakes(&ENDS.replace(", maximum = 4", "")), ["R601"]);
    assert_eq!(mistakes(&ENDS.replace("\"restart\"", "\"reassess\"")), ["R601"]);
}

#[test]
fn without_a_maximum_a_course_goes_on() {
    let protocol = protocol(&ENDS.replace(", maximum = 4, beyond_planned = 'helps'", ""));
    let told = ask(&protocol, json!({}), both(), "2026-06-01");
    assert_eq!((told.status, told.course.expect("a course").next.expect("a window").number), (Status::Due, 3));
}

#[test]
fn how_many_are_planned_may_be_open() {
    let text =
        ENDS.replace("planned = 2", "planned = 'if immune { 2 } else { 3 }'").replace(", beyond_planned = 'helps'", "");
    let protocol = protocol(&text);
    let told = ask(&protocol, json!({}), both(), "2026-03-02");
    assert_eq!((told.status, asked(&told)), (Status::Undetermined, vec!["immune"]));
    assert_eq!(told.could_become, [Status::Complete, Status::Due]);
    assert_eq!(ask(&protocol, json!({ "immune": true }), both(), "2026-03-02").status, Status::Complete);
    // All that may be planned is told from the first session on.
    let first = ask(&protocol, json!({}), Vec::new(), "2026-03-02").course.expect("a course");
    assert_eq!(first.projected.iter().map(|next| next.number).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn a_complete_course_begins_anew_only_where_that_is_wanted() {
    let ends = protocol(ENDS);
    let run = |facts: Json, sessions| ask(&ends, facts, sessions, "2027-06-01");
    let stays = run(json!({ "helps": false, "again": false }), both());
    assert_eq!((stays.status, stays.course.expect("a course").done.most), (Status::Complete, 2));
    let again = run(json!({ "helps": false, "again": true }), both());
    assert_eq!(
        headline(&again),
        "TREAT: session 1 of 2 in a new course, after one that was completed by 2026-02-01, is due"
    );
    let course = again.course.expect("a course");
    assert_eq!(verdicts(&course), ["earlier_course", "earlier_course"]);
    // The window does not begin before the pause is over.
    assert_eq!(course.next.and_then(|next| next.earliest), Some(day("2027-02-02")));
    let unknown = run(json!({ "helps": false }), both());
    assert_eq!((unknown.status, asked(&unknown)), (Status::Undetermined, vec!["again"]));
    assert_eq!(unknown.could_become, [Status::Complete, Status::Due]);
    // One that was broken off begins anew by itself, and says nothing.
    let broken_off = run(json!({}), vec![on("2026-02-01")]);
    assert_eq!(headline(&broken_off), "TREAT: session 1 of 2 is due");
    // Without the condition the pause alone does nothing.
    let without = protocol(&ENDS.replace("restart_when_complete = 'again'", ""));
    let told = ask(&without, json!({ "helps": false }), both(), "2027-06-01");
    assert_eq!((told.status, told.could_become), (Status::Complete, vec![Status::Complete]));
    // Nor after a series whose last session is not needed any more.
    let series = protocol(
        "[[course]]\nid = \"two\"\nsources = [\"clinic\"]\ngap = [{ after = \"365 days\", do = \"restart\" }]\n[[course.session]]\n[[course.session]]\nskip = 'immune'\n",
    );
    let told = ask(&series, json!({ "immune": true }), vec![on("2026-01-01")], "2027-06-01");
    assert_eq!(told.status, Status::Complete);
}

/// The same with another line in its course.
fn ends_with(line: &str) -> String {
    ENDS.replace("sources = [\"clinic\"]", &format!("{line}\nsources = [\"clinic\"]"))
}

#[test]
fn a_faulty_session_starts_the_interval_where_the_course_says_so() {
    let faulty = |date| json!({ "treatment": "trial", "date": date, "faulty": true });
    let course =
        |text: &str, sessions| ask(&protocol(text), json!({}), sessions, "2026-02-01").course.expect("a course");
    let waits = ends_with("faulty = \"starts_interval\"");
    assert_eq!(earliest(&course(ENDS, vec![faulty("2026-01-20")])).as_deref(), Some("2026-01-20"));
    assert_eq!(earliest(&course(&waits, vec![faulty("2026-01-20")])).as_deref(), Some("2026-02-17"));
    // The later of the two: a good one after it, and one that went wrong after a good one.
    let before = course(&waits, vec![faulty("2026-01-10"), on("2026-01-20")]);
    assert_eq!(earliest(&before).as_deref(), Some("2026-02-17"));
    let after = course(&waits, vec![on("2026-01-10"), faulty("2026-01-20")]);
    assert_eq!(earliest(&after).as_deref(), Some("2026-02-17"));
    // On its own day it may be given again; on another, the next one is too early.
    let repeat = ends_with("faulty = \"starts_interval\"\ntoo_early = \"repeat\"");
    let same_day = course(&repeat, vec![faulty("2026-01-10"), on("2026-01-10")]);
    assert_eq!(verdicts(&same_day), ["sub_standard", "valid"]);
    let next_day = course(&repeat, vec![faulty("2026-01-10"), on("2026-01-11")]);
    assert_eq!(verdicts(&next_day), ["sub_standard", "not_valid"]);
}

#[test]
fn a_skip_that_asks_what_nobody_told_of_a_session_is_tried_both_ways() {
    let series = |skip: &str| {
        format!(
            "[session_facts.reaction]\ntype = \"bool\"\n[[course]]\nid = \"two\"\nsources = [\"clinic\"]\n[[course.session]]\n[[course.session]]\nskip = '{skip}'\n"
        )
    };
    let run = |skip: &str, session: Json| ask(&protocol(&series(skip)), json!({}), vec![session], "2026-03-10");
    let given = |date: &str, more: Json| {
        let mut session = json!({ "treatment": "trial", "date": date });
        session.as_object_mut().expect("a table").extend(more.as_object().expect("a table").clone());
        session
    };
    let note = "sessions.last.reaction";
    let day = "today < sessions.last.date + days(60)";
    for (skip, session, question) in [
        (note, given("2026-01-12", json!({})), "sessions.2026-01-12.reaction"),
        ("!sessions.last.reaction", given("2026-01-12", json!({})), "sessions.2026-01-12.reaction"),
        ("any s in sessions where s.reaction", given("2026-01-12", json!({})), "sessions.2026-01-12.reaction"),
        (day, given("2026-01", json!({})), "sessions.2026-01.date"),
    ] {
        let told = run(skip, session);
        assert_eq!((told.status, asked(&told)), (Status::Undetermined, vec![question]), "{skip}");
        assert_eq!(told.could_become, [Status::Complete, Status::Due], "{skip}");
    }
    assert_eq!(run(note, given("2026-01-12", json!({ "reaction": true }))).status, Status::Complete);
    assert_eq!(run(note, given("2026-01-12", json!({ "reaction": false }))).status, Status::Due);
    assert_eq!(run(day, given("2026-01-12", json!({}))).status, Status::Complete);
    assert_eq!(run(day, given("2026-01-02", json!({}))).status, Status::Due);
}

#[test]
fn of_two_entries_of_a_day_the_order_decides_nothing() {
    let products = "[products]\ngel = [\"gel-1\"]\njunk = [\"junk-1\"]\n";
    let course = ENDS.replace("gap = [", "accept = [\"gel\"]\ntoo_early = \"repeat\"\ngap = [");
    let alike = protocol(&format!("{products}{course}"));
    let run = |second, third| {
        let sessions = vec![with("2026-01-02", "gel-1"), with("2026-02-03", second), with("2026-02-03", third)];
        ask(&alike, json!({ "helps": true }), sessions, "2026-03-01").course.expect("a course")
    };
    let (one, other) = (run("junk-1", "gel-1"), run("gel-1", "junk-1"));
    assert_eq!((one.done.least, other.done.least), (2, 2));
    assert_eq!(earliest(&one), earliest(&other));
}

#[test]
fn a_session_that_was_given_happened() {
    let early = || vec![on("2026-01-01"), on("2026-01-20")];
    let told = ask(&protocol(ENDS), json!({ "helps": true }), early(), "2026-02-01");
    let course = told.course.clone().expect("a course");
    assert_eq!(verdicts(&course), ["valid", "valid"]);
    assert_eq!(
        course.past[1].too_early.as_ref().map(|early| (early.days, early.interval.as_str())),
        Some((9, "usual"))
    );
    assert!(regimen::render::text(&told, regimen::render::TextStyle::default()).contains("session 2, 9 days early"));
    assert_eq!(earliest(&course).as_deref(), Some("2026-02-17"));
    // Of an interval with a condition nothing is said: it may have been another on that day.
    let then = ask(
        &protocol(&ENDS.replace("from = \"previous\"", "when = 'helps', from = \"previous\"")),
        json!({ "helps": true }),
        early(),
        "2026-02-01",
    );
    assert_eq!(then.course.expect("a course").past[1].too_early, None);
    // Where it is said so, it has to be given again.
    let repeat = protocol(&ends_with("too_early = \"repeat\""));
    assert_eq!(
        verdicts(&ask(&repeat, json!({}), early(), "2026-02-01").course.expect("a course")),
        ["valid", "not_valid"]
    );
    // A written absolute minimum is still the limit, and a session of a series is always given again.
    let least =
        protocol(&ENDS.replace("minimum = \"28 days\"", "minimum = \"28 days\", absolute_minimum = \"20 days\""));
    assert_eq!(
        verdicts(&ask(&least, json!({}), early(), "2026-02-01").course.expect("a course")),
        ["valid", "not_valid"]
    );
    let series = "[[course]]\nid = \"two\"\nsources = [\"clinic\"]\ninterval = [{ from = \"previous\", minimum = \"28 days\" }]\n[[course.session]]\n[[course.session]]\n";
    let told = ask(&protocol(series), json!({}), early(), "2026-02-01").course.expect("a course");
    assert_eq!(verdicts(&told), ["valid", "not_valid"]);
    assert_eq!(mistakes(&series.replace("sources", "too_early = \"counts\"\nsources")), ["R601"]);
}

#[test]
fn it_is_never_late_before_the_best_day() {
    let text = ENDS.replace(
        "interval = [",
        "interval = [{ from = \"previous\", minimum = \"60 days\", recommended = \"90 days\" }, ",
    );
    let told = ask(&protocol(&text), json!({}), vec![on("2026-01-02")], "2026-03-04");
    let next = told.course.expect("a course").next.expect("a window");
    let best = Some(day("2026-04-02"));
    assert_eq!((told.status, next.recommended, next.past_due, next.latest), (Status::Due, best, best, best));
}

#[test]
fn the_sessions_to_come_count_from_today_where_today_is_permitted() {
    let text =
        ENDS.replace("planned = 2", "planned = 4").replace("recommended = \"28 days\"", "recommended = \"42 days\"");
    let told = ask(&protocol(&text), json!({}), vec![on("2026-02-01")], "2026-03-02");
    let projected = told.course.expect("a course").projected;
    // The next may be given from 1 March on, best on 15 March: done today, the one after is possible 28 days later.
    assert_eq!((projected[0].earliest, projected[0].recommended), (Some(day("2026-03-30")), Some(day("2026-04-13"))));
    assert_eq!(projected[1].earliest, Some(day("2026-05-11")));
}

#[test]
fn a_skip_that_is_not_about_age_needs_no_date_of_birth() {
    let text = "[[course]]\nid = \"c\"\nsources = [\"clinic\"]\n[[course.session]]\ninterval = [{ from = \"previous\", minimum = \"28 days\" }]\nrepeat = true\nskip = 'SKIP'\n";
    let run = |skip: &str| ask(&protocol(&text.replace("SKIP", skip)), json!({}), vec![on("2026-01-01")], "2026-01-10");
    for skip in ["today > d(\"2031-01-01\")", "waited(\"6 months\")", "given() > 5"] {
        let skip = skip.replace("d(\"2031-01-01\")", "session_date + years(1)");
        let told = run(&skip);
        assert_eq!(
            (told.status, told.not_before, asked(&told)),
            (Status::Deferred, Some(day("2026-01-29")), Vec::<&str>::new()),
            "{skip}"
        );
    }
    for skip in ["aged(\"7 years\")", "valid(\"from 7 years\") > 2"] {
        assert_eq!(asked(&run(skip)), ["date_of_birth"], "{skip}");
    }
}

/// A trace, and what is approved of it, are the same however an expression is spaced.
#[test]
fn spaces_in_an_expression_change_no_trace() {
    let text = "[[course]]\nid = \"c\"\nsources = [\"clinic\"]\n[[course.session]]\ninterval = [{ from = \"previous\", minimum = \"28 days\" }]\nrepeat = true\nskip = 'SKIP'\n\
        [[precaution]]\nid = \"p\"\nwhen = 'WHEN'\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let run = |skip: &str, when: &str| {
        let text = text.replace("SKIP", skip).replace("WHEN", when);
        serde_json::to_value(ask(&protocol(&text), json!({}), vec![on("2026-01-01")], "2026-01-10").trace)
            .expect("JSON")
    };
    let spaced = run(r#"waited("6 months") || given() > 5"#, "sessions_done > 1 && !(sessions_done == 3)");
    assert!(spaced.to_string().contains(r#"waited(\"6 months\") || given() > 5"#), "{spaced}");
    assert_eq!(run(r#"waited( "6 months" )||given( )>5"#, "sessions_done>1  &&  ! ( sessions_done==3 )"), spaced);
}

const SERIES: &str = r#"
[products]
gel = ["g-1", "g-2"]
foam = ["f-1"]
never = ["x-1"]

[[course]]
id = "2-dose"
start_before = "13 years"
grace = "4 days"
accept = ["gel"]
reject = ["never"]
sources = ["clinic"]

  [[course.session]]
  age = { minimum = "12 months", recommended = "12 months", latest = "16 months + 4 weeks", maximum = "16 years" }

  [[course.session]]
  age = { minimum = "15 months", recommended = "4 years", latest = "7 years + 4 weeks", maximum = "16 years" }
  interval = [
    { from = "previous", minimum = "12 weeks", recommended = "3 years" },
    { from = "session 1", minimum = "16 weeks" },
  ]
  allow = [{ from = "previous", minimum = "4 weeks" }]

[[course]]
id = "3-dose"
offer_from = "15 years"
grace = "4 days"
accept = ["gel", "foam"]
sources = ["clinic"]

  [[course.session]]
  [[course.session]]
  interval = [{ from = "previous", minimum = "4 weeks" }]
  [[course.session]]
  interval = [{ from = "previous", minimum = "4 weeks" }]
"#;

/// The first of the two courses alone.
fn two_dose() -> &'static str {
    SERIES.split("[[course]]\nid = \"3-dose\"").next().unwrap_or_default()
}

#[test]
fn the_oldest_age_ends_a_course_also_by_the_earliest_date() {
    let alone = protocol(two_dose());
    let told = course(&alone, "2010-02-20", vec![with("2012-01-01", "g-1")], "2026-02-19");
    assert_eq!(told.status, Some(CourseStatus::NotComplete));
    assert_eq!(told.next.expect("a window").latest, Some(day("2017-03-20")));
    let told = course(&alone, "2010-02-20", vec![with("2012-01-01", "g-1")], "2026-02-20");
    assert_eq!((told.status, told.next), (Some(CourseStatus::AgedOut), None));
    // Today the patient is young enough, and will not be any more on the earliest day.
    let long = protocol(&two_dose().replace("minimum = \"12 weeks\"", "minimum = \"20 years\""));
    let told = course(&long, "2012-01-01", vec![with("2014-01-01", "g-1")], "2014-02-01");
    assert_eq!((told.status, told.next), (Some(CourseStatus::AgedOut), None));
    // Nothing counts yet: who has outgrown the first course is offered the next from its age on.
    let told = course(&protocol(SERIES), "2009-12-20", vec![], "2025-12-20");
    assert_eq!((told.id.as_str(), told.status), ("3-dose", Some(CourseStatus::NotComplete)));
}

#[test]
fn the_start_is_the_first_session_that_counts() {
    let protocol = protocol(SERIES);
    // Given before the thirteenth birthday, but never valid; valid only after it.
    let sessions = vec![with("2020-01-01", "f-1"), with("2024-01-01", "g-1"), with("2024-06-01", "g-1")];
    let told = course(&protocol, "2010-06-01", sessions, "2024-06-02");
    assert_eq!(told.id, "3-dose");
    assert_eq!(told.chosen, Some(WhyChosen::OnlyBegun));
    let sessions = vec![with("2023-05-31", "g-1")];
    assert_eq!(course(&protocol, "2010-06-01", sessions, "2024-06-02").id, "2-dose");
    let sessions = vec![with("2023-06-01", "g-1")];
    assert_eq!(course(&protocol, "2010-06-01", sessions, "2024-06-02").id, "3-dose");
}

#[test]
fn what_never_counts_is_no_reference_but_holds_back_the_next() {
    let protocol = protocol(two_dose());
    let sessions = vec![with("2011-09-01", "g-1"), with("2011-12-20", "x-1"), with("2011-12-23", "g-1")];
    let told = course(&protocol, "2010-06-01", sessions, "2012-01-01");
    assert_eq!(verdicts(&told), ["valid", "not_valid", "valid"]);
    assert!(told.past[1].faults.contains(&SessionFault::RejectedProduct));
    let told =
        course(&protocol, "2010-06-01", vec![with("2011-09-01", "g-1"), with("2013-01-05", "x-1")], "2013-02-01");
    assert_eq!(earliest(&told).as_deref(), Some("2013-01-05"));
}

#[test]
fn a_second_chance_needs_all_of_it() {
    let protocol = protocol(two_dose());
    let second = |date: &str| {
        let told = course(&protocol, "2010-06-01", vec![with("2011-09-01", "g-1"), with(date, "g-2")], "2013-01-01");
        told.past[1].clone()
    };
    // Twelve weeks less four days, and sixteen from the first: neither holds on this day; four weeks do.
    assert_eq!(second("2011-09-25").verdict, SessionVerdict::Valid);
    assert_eq!(second("2011-09-24").verdict, SessionVerdict::NotValid);
    let told = course(&protocol, "2010-06-01", vec![with("2011-05-20", "g-1")], "2011-06-01");
    assert_eq!(told.past[0].faults, [SessionFault::TooYoung]);
    let told = course(&protocol, "2010-06-01", vec![with("2011-05-28", "g-1")], "2011-06-01");
    assert_eq!(verdicts(&told), ["valid"]);
}

#[test]
fn faulty_and_extraneous_sessions_are_no_reference() {
    let protocol = protocol(two_dose());
    let mut faulty = with("2011-10-01", "g-1");
    faulty["faulty"] = json!(true);
    let told = course(
        &protocol,
        "2010-06-01",
        vec![with("2011-09-01", "g-1"), faulty, with("2011-12-20", "g-1")],
        "2012-01-01",
    );
    assert_eq!(verdicts(&told), ["valid", "sub_standard", "valid"]);
    let too_old = vec![with("2011-09-01", "g-1"), with("2026-06-01", "g-1")];
    let told = course(&protocol, "2010-06-01", too_old, "2026-06-02");
    assert_eq!(
        (told.past[1].verdict, &told.past[1].faults[..]),
        (SessionVerdict::Extraneous, &[SessionFault::TooOld][..])
    );
}

#[test]
fn months_end_moves_forward_in_a_course() {
    let text = r#"
[[course]]
id = "half-yearly"
sessions = { maximum = 3 }
interval = [{ from = "previous", minimum = "6 months", recommended = "5 months + 4 weeks" }]
sources = ["clinic"]
"#;
    let protocol = protocol(text);
    let next = |date: &str| earliest(&course(&protocol, "1990-01-01", vec![on(date)], "2026-01-01"));
    assert_eq!(next("2025-05-31").as_deref(), Some("2025-12-01"));
    assert_eq!(next("2025-08-31").as_deref(), Some("2026-03-01"));
    let leap = self::protocol(&text.replace("6 months", "1 year"));
    let told = course(&leap, "1990-01-01", vec![on("2024-02-29")], "2026-01-01");
    assert_eq!(earliest(&told).as_deref(), Some("2025-03-01"));
}

#[test]
fn a_session_that_is_skipped_does_not_count() {
    let text = r#"
[[course]]
id = "three"
grace = "4 days"
sources = ["clinic"]
  [[course.session]]
  [[course.session]]
  skip = 'aged("2 years", grace)'
  interval = [{ from = "previous", minimum = "4 weeks" }]
  [[course.session]]
  interval = [{ from = "previous", minimum = "8 weeks" }, { from = "session 2", minimum = "6 months" }]
  [[course.session]]
  skip = 'valid("from 1 year") >= 2 || (judging && waited("6 months", grace))'
  interval = [{ from = "previous", minimum = "4 weeks" }]
"#;
    let protocol = protocol(text);
    let told = course(&protocol, "2020-01-01", vec![on("2021-06-01"), on("2021-12-28")], "2021-12-29");
    // Four days before the second birthday the grace counts: it is the third, and nothing is left to do.
    assert_eq!((verdicts(&told), told.status), (vec!["valid", "valid"], Some(CourseStatus::Complete)));
    // For what is to come it does not: on that day the second session is still due.
    let told = course(&protocol, "2020-01-01", vec![on("2021-12-01")], "2021-12-28");
    assert_eq!(told.next.map(|next| next.number), Some(2));
    assert_eq!(
        earliest(&course(&protocol, "2020-01-01", vec![on("2021-12-01")], "2021-12-28")).as_deref(),
        Some("2021-12-29")
    );
    // The second is not needed on the earliest day that is found for it: the third is forecast.
    let told = course(&protocol, "2020-01-01", vec![on("2021-12-10")], "2021-12-28");
    assert_eq!(earliest(&told).as_deref(), Some("2022-02-04"));
}

#[test]
fn seasons_repeats_and_rules_in_force() {
    let text = r#"
[[course]]
id = "yearly"
sources = ["clinic"]
season = { from = 2025-09-01, until = 2026-03-31 }
  [[course.session]]
  repeat = true
  age = [
    { minimum = "18 years", in_force = { until = 2025-09-30 } },
    { minimum = "16 years", in_force = { from = 2025-10-01 } },
  ]
  interval = [{ from = "previous", minimum = "1 year" }]
"#;
    let protocol = protocol(text);
    let told = course(&protocol, "2008-01-01", vec![on("2025-09-30")], "2025-10-01");
    assert_eq!(verdicts(&told), ["not_valid"]);
    let told = course(&protocol, "2008-01-01", vec![on("2023-10-01"), on("2025-10-01")], "2025-10-02");
    assert_eq!(verdicts(&told), ["not_valid", "valid"]);
    assert_eq!(told.next.map(|next| (next.number, next.earliest)), Some((2, Some(day("2026-10-01")))));
    let told = course(&protocol, "2008-01-01", vec![], "2026-04-01");
    assert_eq!((told.status, told.next), (Some(CourseStatus::NotRecommended), None));
}

#[test]
fn a_season_without_a_year_comes_every_year() {
    let course_of = |season: &str| {
        format!(
            r#"
[[course]]
id = "winter"
sources = ["clinic"]
season = {season}
  [[course.session]]
  repeat = true
  age = {{ minimum = "18 years" }}
  interval = [{{ from = "previous", minimum = "4 weeks", recommended = "4 weeks", latest = "6 weeks" }}]
"#
        )
    };
    let across = protocol(&course_of(r#"{ from = "10-01", until = "03-31" }"#));
    let next = |protocol: &Protocol, born: &str, sessions: &[&str], as_of: &str| {
        let sessions = sessions.iter().map(|date| on(date)).collect();
        let next = course(protocol, born, sessions, as_of).next.expect("a session is open");
        let [earliest, latest] = [next.earliest, next.latest].map(|date| date.map(|date| date.to_string()));
        (next.number, earliest.unwrap_or_default(), latest.unwrap_or_default())
    };
    let expected = |number, earliest: &str, latest: &str| (number, earliest.to_owned(), latest.to_owned());
    for (as_of, sessions, found) in [
        // Summer: the next season. The last day of the season, and the day after it.
        ("2025-07-01", &[][..], expected(1, "2025-10-01", "2026-03-31")),
        ("2025-10-01", &[], expected(1, "2025-10-01", "2026-03-31")),
        ("2026-01-15", &[], expected(1, "2025-10-01", "2026-03-31")),
        ("2026-03-31", &[], expected(1, "2025-10-01", "2026-03-31")),
        ("2026-04-01", &[], expected(1, "2026-10-01", "2027-03-31")),
        // Within the season, the interval counts, and the window ends with the season.
        ("2025-11-02", &["2025-10-20"], expected(2, "2025-11-17", "2025-12-01")),
        ("2026-02-20", &["2026-02-18"], expected(2, "2026-03-18", "2026-03-31")),
        // What would fall after the season waits for the next, and is its first.
        ("2026-03-05", &["2026-03-03"], expected(2, "2026-03-31", "2026-03-31")),
        ("2026-03-05", &["2026-03-04"], expected(1, "2026-10-01", "2026-10-01")),
        // In another year the same.
        ("2031-12-24", &[], expected(1, "2031-10-01", "2032-03-31")),
    ] {
        assert_eq!(next(&across, "1990-01-01", sessions, as_of), found, "{as_of} {sessions:?}");
    }
    // Old enough only when the season is over.
    assert_eq!(next(&across, "2008-04-01", &[], "2026-03-01"), expected(1, "2026-10-01", "2027-03-31"));
    assert_eq!(next(&across, "2008-03-31", &[], "2026-03-01"), expected(1, "2026-03-31", "2026-03-31"));

    let within = protocol(&course_of(r#"{ from = "05-01", until = "05-31" }"#));
    assert_eq!(next(&within, "1990-01-01", &[], "2026-01-01").1, "2026-05-01");
    assert_eq!(next(&within, "1990-01-01", &[], "2026-05-31").1, "2026-05-01");
    assert_eq!(next(&within, "1990-01-01", &[], "2026-06-01").1, "2027-05-01");
    // Without an end, until the next begins.
    let open = protocol(&course_of(r#"{ from = "07-01" }"#));
    assert_eq!(next(&open, "1990-01-01", &[], "2026-06-30"), expected(1, "2025-07-01", "2026-06-30"));
    assert_eq!(next(&open, "1990-01-01", &[], "2026-07-01"), expected(1, "2026-07-01", "2027-06-30"));

    for (season, code) in [
        (r#"{ from = "02-29" }"#, "R107"),
        (r#"{ from = "13-01" }"#, "R107"),
        (r#"{ from = "10-1" }"#, "R107"),
        (r#"{ from = "10-01", until = 2026-03-31 }"#, "R107"),
        ("{ from = 2026-10-01, until = 2026-03-31 }", "R606"),
    ] {
        assert_eq!(mistakes(&course_of(season)), [code], "{season}");
    }
}

#[test]
fn components_are_judged_by_themselves() {
    let text = r#"
immune = 'immune'

[products]
both = ["b"]
one = ["o"]
other = ["t"]

[components.first]
products = ["both", "one"]
[components.second]
products = ["both", "other"]

[[course]]
id = "two"
grace = "0 days"
sources = ["clinic"]
  [[course.session]]
  [[course.session]]
  interval = [{ from = "previous", minimum = "4 weeks", recommended = "8 weeks" }]
"#;
    // `immune` stands above the tables.
    let (head, rest) = text.split_once("\n\n").expect("two parts");
    let text =
        format!("{}\n{rest}", HEAD.replacen("treatment = \"trial\"", &format!("treatment = \"trial\"\n{head}"), 1));
    let (mut clinic, _) = Clinic::from_text("trial.toml", &text).unwrap_or_else(|found| panic!("{found:?}"));
    let protocol = clinic.protocols.remove(0);
    let sessions = || vec![with("2026-01-01", "b"), with("2026-02-01", "o")];
    let told = course(&protocol, "1990-01-01", sessions(), "2026-02-02");
    assert_eq!(told.components.len(), 2);
    assert_eq!(told.components[0].status, CourseStatus::Complete);
    assert_eq!((told.status, told.next.as_ref().map(|next| next.number)), (Some(CourseStatus::NotComplete), Some(2)));
    assert_eq!(earliest(&told).as_deref(), Some("2026-01-29"));
    let facts = json!({ "date_of_birth": "1990-01-01", "immune": true });
    let told = ask(&protocol, facts, sessions(), "2026-02-02");
    assert_eq!(told.course.expect("a course").components[1].status, CourseStatus::Immune);
}

#[test]
fn counters_run_in_parallel() {
    let text = UNIFORM.replace("grace =", "separate_by = \"area\"\ngrace =");
    let protocol = protocol(&text);
    let at = |date: &str, area: Json| json!({ "treatment": "trial", "date": date, "area": area });
    let sessions = vec![
        at("2026-01-01", json!(["left"])),
        at("2026-01-10", json!(["right"])),
        at("2026-02-10", json!(["left", "right"])),
    ];
    let told = course(&protocol, "1990-01-01", sessions, "2026-02-11");
    assert_eq!(verdicts(&told), ["valid", "valid", "valid"]);
    let done: Vec<(&str, u32)> = told.components.iter().map(|one| (one.id.as_str(), one.done.most)).collect();
    assert_eq!(done, [("left", 2), ("right", 2)]);
}

#[test]
fn what_is_not_known_gives_a_window_or_a_question_and_never_a_wrong_date() {
    let protocol = protocol(SERIES);
    let unknown = ask(&protocol, json!({ "immune": false }), vec![], "2012-01-01");
    assert!(unknown.questions.iter().any(|question| question.fact == "date_of_birth"), "{unknown:?}");
    assert!(unknown.course.is_none());
    // Of the year, every day is tried: the latest earliest day is told, and that it is provisional.
    let partial = ask(&protocol, json!({ "date_of_birth": "2010-06" }), vec![], "2010-12-01").course.expect("a course");
    assert_eq!((earliest(&partial).as_deref(), partial.provisional), (Some("2011-06-30"), true));
    let undated = json!({ "treatment": "trial", "date": "2011-09", "product": "g-1" });
    let told = ask(&protocol, json!({ "date_of_birth": "2010-06-01" }), vec![undated], "2011-10-10");
    assert!(told.questions.iter().any(|question| question.fact.ends_with(".date")), "{:?}", told.questions);
    assert_eq!(earliest(&told.course.expect("a course")).as_deref(), Some("2012-01-20"));
    // A session with an unknown product may be one that never counts.
    let told = ask(&protocol, json!({ "date_of_birth": "2010-06-01" }), vec![on("2011-09-01")], "2011-10-10");
    assert!(told.questions.iter().any(|question| question.fact.ends_with(".product")), "{:?}", told.questions);
    assert_eq!(told.course.expect("a course").past[0].verdict, SessionVerdict::Uncertain);
}

#[test]
fn the_trace_tells_each_bound_with_its_dates() {
    let protocol = protocol(SERIES);
    let sessions = vec![with("2011-09-01", "g-1"), with("2011-12-20", "g-1")];
    let told = ask(&protocol, json!({ "date_of_birth": "2010-06-01", "immune": false }), sessions, "2012-01-01");
    let texts: Vec<&str> = told.trace.nodes.iter().filter_map(|node| node.text.as_deref()).collect();
    let wanted =
        "the session of 2011-12-20, as session 2: 16 weeks less 4 days after session 1 (2011-09-01) from 2011-12-18";
    assert!(texts.contains(&wanted), "{texts:#?}");
    assert_eq!(told.status, Status::Complete);
    assert!(told.trace.nodes.iter().any(|node| node.kind == StepKind::Choice));
}

#[test]
fn mistakes_in_a_course_are_told() {
    let course = |inside: &str| format!("[[course]]\nid = \"c\"\nsources = [\"clinic\"]\n{inside}");
    assert_eq!(mistakes(&course("")), ["R601"]);
    assert_eq!(mistakes(&course("sessions = { maximum = 2 }\n[[course.session]]")), ["R601"]);
    assert_eq!(
        mistakes(&format!("[products]\ngel = [\"g\"]\n{}", course("[[course.session]]\naccept = [\"gle\"]"))),
        ["R602"]
    );
    assert_eq!(mistakes(&course("components = [\"x\"]\nsessions = { maximum = 2 }")), ["R603"]);
    assert_eq!(
        mistakes(&course("[[course.session]]\ninterval = [{ from = \"session 1\", minimum = \"1 day\" }]")),
        ["R605"]
    );
    let period = "sessions = { maximum = 2 }\nage = { minimum = \"1 year\", in_force = { from = 2026-01-02, until = 2026-01-01 } }";
    assert_eq!(mistakes(&course(period)), ["R606"]);
    assert_eq!(mistakes(&course("sessions = { maximum = 2 }\nage = 3")), ["R105"]);
    assert_eq!(mistakes(&course("[[course.session]]\nskip = 'agd(\"2 years\")'")), ["R302"]);
    assert_eq!(mistakes("[definitions]\nold = 'aged(\"2 years\")'"), ["R307"]);
}

/// Days after the start of 2020, each with a product.
fn history() -> impl Strategy<Value = Vec<(u16, u8)>> {
    prop::collection::vec((0u16..2000, 0u8..4), 0..9)
}

fn sessions(history: &[(u16, u8)]) -> Vec<Json> {
    let date = |days: u16| (day("2020-01-01") + Duration::new(0, i32::from(days))).to_string();
    history
        .iter()
        .map(|(days, product)| with(&date(*days), ["g-1", "g-2", "f-1", "x-1"][usize::from(*product)]))
        .collect()
}

proptest! {
    #![proptest_config(cases(64))]

    /// The order of the record does not matter, as long as no two sessions are on one day.
    #[test]
    fn a_shuffled_record_is_judged_alike(mut history in history(), seed in any::<u64>()) {
        history.sort_unstable();
        history.dedup_by_key(|(days, _)| *days);
        let mut shuffled = history.clone();
        let mut state = seed;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(at, (state >> 33) as usize % (at + 1));
        }
        let protocol = protocol(SERIES);
        let (a, b) = (sessions(&history), sessions(&shuffled));
        prop_assert_eq!(course(&protocol, "2018-05-31", a, "2026-01-01"), course(&protocol, "2018-05-31", b, "2026-01-01"));
    }

    /// A session that counts goes on counting when a later one is added, in the same course.
    #[test]
    fn a_later_session_takes_nothing_back(mut history in history(), later in 2001u16..2100, product in 0u8..4) {
        history.sort_unstable();
        // One course, so that the choice among several does not change.
        let protocol = protocol(two_dose());
        let before = course(&protocol, "2018-05-31", sessions(&history), "2026-01-01");
        history.push((later, product));
        let after = course(&protocol, "2018-05-31", sessions(&history), "2026-01-01");
        for (old, new) in before.past.iter().zip(&after.past) {
            prop_assert_eq!(old, new);
        }
    }

    /// The next session never lies before the last one, and its dates are in order.
    #[test]
    fn dates_are_in_order(history in history()) {
        let told = course(&protocol(SERIES), "2018-05-31", sessions(&history), "2026-01-01");
        if let Some(next) = told.next {
            prop_assert!(next.earliest <= next.recommended);
            prop_assert!(next.past_due.is_none() || next.earliest <= next.past_due);
        }
    }
}

#[test]
fn an_interval_of_the_course_is_one_rule_for_all_its_sessions() {
    let course = |own: &str| {
        format!(
            r#"
[[course]]
id = "three"
sources = ["clinic"]
interval = [{{ id = "four-weeks", from = "previous", minimum = "4 weeks" }}]
  [[course.session]]
  [[course.session]]
  [[course.session]]
  {own}
"#
        )
    };
    let protocol = protocol(&course(""));
    let sessions = vec![on("2026-01-01"), on("2026-01-28"), on("2026-01-29")];
    let told = ask(&protocol, json!({}), sessions, "2026-02-01");
    let past = told.course.expect("a course").past;
    assert_eq!(past[1].reasons, ["four-weeks"]);
    assert_eq!(told.reasons[0].id, "four-weeks");
    // Written twice, it is two rules.
    let own = r#"interval = [{ id = "four-weeks", from = "previous", minimum = "4 weeks" }]"#;
    assert_eq!(mistakes(&course(own)), ["R201"]);
    // A mistake in it is told once.
    assert_eq!(mistakes(&course("").replace("4 weeks", "4 weks")), ["R108"]);
}

/// A course that is counted by the side, with what is planned in a fact.
const SIDES: &str = r#"
[facts.plan]
type = "set"
choices = ["left", "right"]
ask = "Which side?"
of = "clinician"
valid_for = "visit"

[facts.tender]
type = "bool"
ask = "Tender?"
of = "patient"
valid_for = "visit"

[[course]]
id = "standard"
separate_by = "area"
planned_in = "plan"
sessions = { planned = 'if area == "left" { 2 } else { 4 }', maximum = 'if area == "left" { 2 } else { 5 }' }
interval = [
  { id = "left", when = 'area == "left"', from = "previous", minimum = "28 days" },
  { id = "right", when = 'area in ["right"]', from = "previous", minimum = "56 days" },
  { id = "tender", when = 'tender && area == "right"', from = "previous", minimum = "84 days" },
]
sources = ["clinic"]
"#;

fn sides(plan: Json, sessions: &[(&str, &[&str])], as_of: &str) -> Recommendation {
    let protocol = protocol(SIDES);
    let sessions = sessions.iter().map(|(date, area)| json!({ "treatment": "trial", "date": date, "area": area }));
    let mut facts = json!({ "tender": false });
    if !plan.is_null() {
        facts["plan"] = plan;
    }
    ask(&protocol, facts, sessions.collect(), as_of)
}

fn part<'r>(told: &'r Recommendation, id: &str) -> &'r regimen::recommendation::ComponentReport {
    let course = told.course.as_ref().expect("a course");
    course.components.iter().find(|part| part.id == id).unwrap_or_else(|| panic!("{id} is not told: {course:?}"))
}

fn headline(told: &Recommendation) -> String {
    regimen::render::headline(told)
}

#[test]
fn only_what_is_planned_holds_back() {
    let sessions: &[(&str, &[&str])] = &[("2026-01-20", &["left"]), ("2026-02-20", &["right"])];
    let told = sides(json!(["left"]), sessions, "2026-03-02");
    assert_eq!(told.status, Status::Due);
    assert_eq!(headline(&told), "TREAT: session 2 of 2 (left) is due");
    assert_eq!(part(&told, "right").next.as_ref().and_then(|next| next.earliest), Some(day("2026-04-17")));
    let told = sides(json!(["left", "right"]), sessions, "2026-03-02");
    assert_eq!((told.status, told.not_before), (Status::Deferred, Some(day("2026-04-17"))));
    let reason = &told.reasons[0];
    assert_eq!((reason.id.as_str(), reason.values.len(), reason.values[0].value.as_str()), ("right", 1, "right"));
    assert_eq!(told.course.as_ref().and_then(|course| course.set_by_value.as_deref()), Some("right"));
    // Both on the day after the longer wait: the numbers are the same, the plans are not.
    let told = sides(json!(["left", "right"]), sessions, "2026-04-17");
    assert_eq!(headline(&told), "TREAT: session 2 of 2 (left) and session 2 of 4 (right) are due");
}

#[test]
fn a_value_that_was_never_treated_begins_its_own_count() {
    let told = sides(json!(["right"]), &[("2026-03-01", &["left"])], "2026-03-02");
    assert_eq!((told.status, headline(&told)), (Status::Due, "TREAT: session 1 of 4 (right) is due".to_owned()));
    let course = told.course.as_ref().expect("a course");
    assert_eq!((course.done.most, course.next.as_ref().and_then(|next| next.earliest)), (0, None));
}

#[test]
fn one_visit_has_its_own_number_for_each_value() {
    let sessions: &[(&str, &[&str])] = &[("2025-10-01", &["right"]), ("2026-01-01", &["left", "right"])];
    let told = sides(json!(["left", "right"]), sessions, "2026-03-02");
    assert_eq!(headline(&told), "TREAT: session 2 of 2 (left) and session 3 of 4 (right) are due");
    let past = &told.course.as_ref().expect("a course").past;
    let numbers: Vec<(&str, Option<u32>)> = past[1].values.iter().map(|one| (one.value.as_str(), one.number)).collect();
    assert_eq!((past[1].number, numbers), (None, vec![("left", Some(1)), ("right", Some(2))]));
    // What is complete is named, and not counted on.
    let sessions: &[(&str, &[&str])] = &[("2025-10-01", &["left"]), ("2026-01-01", &["left", "right"])];
    let told = sides(json!(["left", "right"]), sessions, "2026-03-02");
    assert_eq!(headline(&told), "TREAT: session 2 of 4 (right) is due; leave out what is over (left)");
    assert_eq!(part(&told, "left").status, CourseStatus::Complete);
    let told = sides(json!(["left"]), sessions, "2026-03-02");
    assert_eq!((told.status, told.reasons[0].values[0].value.as_str()), (Status::Complete, "left"));
}

#[test]
fn what_is_open_is_open_for_the_values_that_it_concerns() {
    // Nobody has said what is planned: one side is due, the other not.
    let sessions: &[(&str, &[&str])] = &[("2026-01-20", &["left"]), ("2026-02-20", &["right"])];
    let told = sides(Json::Null, sessions, "2026-03-02");
    assert_eq!(told.status, Status::Undetermined);
    assert_eq!(told.questions.iter().map(|one| one.fact.as_str()).collect::<Vec<_>>(), ["plan"]);
    // The same for both, whatever is planned, is certain. Which number it is, is not.
    let told = sides(Json::Null, &[("2026-03-01", &["left", "right"]), ("2026-02-01", &["left"])], "2026-03-02");
    assert_eq!(told.status, Status::Undetermined, "left is complete");
    let told = sides(Json::Null, sessions, "2026-06-01");
    assert_eq!((told.status, headline(&told)), (Status::Due, "TREAT: the treatment is due".to_owned()));
    let told = sides(Json::Null, &[("2026-03-01", &["left", "right"])], "2026-03-02");
    assert_eq!((told.status, told.could_become.clone()), (Status::Deferred, vec![Status::Deferred]));
    // Both are too early, but the one waits longer.
    assert_eq!((told.not_before, told.date_depends_on), (None, vec!["plan".to_owned()]));
    assert_eq!((told.no_sooner_than, told.no_later_than), (Some(day("2026-03-29")), Some(day("2026-04-26"))));
    // Some day in January: that of the side that is planned is asked for.
    let sessions: &[(&str, &[&str])] = &[("2026-01", &["right"]), ("2026-01-02", &["left"])];
    let told = sides(json!(["right"]), sessions, "2026-03-02");
    assert_eq!(told.questions.iter().map(|one| one.fact.as_str()).collect::<Vec<_>>(), ["sessions.2026-01.date"]);
    assert_eq!((told.status, part(&told, "right").provisional), (Status::Undetermined, true));
    let told = sides(json!(["left"]), sessions, "2026-03-02");
    assert_eq!((told.status, told.questions.len()), (Status::Due, 0));
    // Two years are a handful of days that make a difference.
    let sessions: &[(&str, &[&str])] = &[("2024", &["right"]), ("2025", &["right"]), ("2026-01", &["left"])];
    assert_eq!(sides(json!(["right"]), sessions, "2026-03-02").status, Status::Due);
    // Too many days to try them all: those that make no difference are left out.
    let months: Vec<String> =
        (1..=12).flat_map(|month| ["2024", "2025"].map(|year| format!("{year}-{month:02}"))).collect();
    let mut sessions: Vec<(&str, &[&str])> = months.iter().map(|month| (month.as_str(), &["right"][..])).collect();
    sessions.push(("2026-01", &["left"]));
    let told = sides(json!(["left"]), &sessions, "2026-03-02");
    // Whichever day the open one was, the wait is over.
    assert_eq!((told.status, told.questions.len(), part(&told, "left").done.most), (Status::Due, 0, 1));
    assert_eq!(told.course.as_ref().expect("a course").past[1].values[0].verdict, SessionVerdict::Valid);
    assert!(told.doubts.is_empty());
    // Where that side is planned, its days make no difference either: all that there may be have been given.
    let told = sides(json!(["right"]), &sessions, "2026-03-02");
    assert_eq!((told.status, told.doubts.len()), (Status::Complete, 0));
    // Twelve of one year may stand in any order.
    let sessions: Vec<(&str, &[&str])> = vec![("2024", &["right"][..]); 12];
    let told = sides(json!(["right"]), &sessions, "2026-03-02");
    let doubt = told.doubts.iter().find(|doubt| doubt.code == "R418").expect("a doubt");
    let message = "nothing is claimed of the course: too much is unknown (the day of 12 sessions)";
    assert_eq!((told.status, doubt.message.as_str()), (Status::Undetermined, message));
    // Of a side that is not planned, they are not judged.
    let beside: Vec<(&str, &[&str])> = sessions.iter().copied().chain([("2026-01", &["left"][..])]).collect();
    let told = sides(json!(["left"]), &beside, "2026-03-02");
    assert_eq!((told.status, part(&told, "left").done.most), (Status::Due, 1));
    assert_eq!(told.course.as_ref().expect("a course").past[1].values[0].verdict, SessionVerdict::Uncertain);
    // A condition that is not known matters only to the side that it is about.
    let protocol = protocol(SIDES);
    let asked = |plan: Json| {
        let session = json!({ "treatment": "trial", "date": "2026-01-01", "area": ["left", "right"] });
        let told = ask(&protocol, json!({ "plan": plan }), vec![session], "2026-03-02");
        (told.status, told.questions.into_iter().map(|one| one.fact).collect::<Vec<_>>())
    };
    assert_eq!(asked(json!(["left"])), (Status::Due, vec![]));
    assert_eq!(asked(json!(["right"])), (Status::Undetermined, vec!["tender".to_owned()]));
}

#[test]
fn a_plan_that_is_empty_or_not_told_waits_for_all_in_the_record() {
    let sessions: &[(&str, &[&str])] = &[("2026-01-20", &["left"]), ("2026-02-20", &["right"])];
    assert_eq!(sides(json!([]), sessions, "2026-03-02").not_before, Some(day("2026-04-17")));
    let protocol = protocol(&SIDES.replace("planned_in = \"plan\"\n", ""));
    let sessions = sessions.iter().map(|(date, area)| json!({ "treatment": "trial", "date": date, "area": area }));
    let facts = json!({ "tender": false });
    let told = ask(&protocol, facts.clone(), sessions.collect(), "2026-05-01");
    assert_eq!(headline(&told), "TREAT: session 2 of 2 (left) and session 2 of 4 (right) are due");
    // The first session of nobody knows which side: its plan is not said, for the sides have different ones.
    let told = ask(&protocol, facts, vec![], "2026-05-01");
    assert_eq!(told.status, Status::Due);
    let course = told.course.expect("a course");
    assert_eq!((course.components.len(), course.next.map(|next| next.number)), (0, Some(1)));
}

#[test]
fn a_session_may_be_skipped_for_one_value() {
    let text = SIDES.split("[[course]]").next().expect("the facts").to_owned()
        + r#"
[[course]]
id = "series"
separate_by = "area"
planned_in = "plan"
sources = ["clinic"]
  [[course.session]]
  skip = 'area == "left"'
  [[course.session]]
"#;
    let text = text + "\n";
    let protocol = protocol(&text);
    let told = |plan: &str| {
        let facts = json!({ "date_of_birth": "1990-01-01", "plan": [plan] });
        let session = json!({ "treatment": "trial", "date": "2026-01-01", "area": ["left", "right"] });
        ask(&protocol, facts, vec![session], "2026-03-02").status
    };
    assert_eq!((told("left"), told("right")), (Status::Complete, Status::Due));
}

#[test]
fn mistakes_about_counters_are_told() {
    let change = |from: &str, to: &str| {
        assert!(SIDES.contains(from), "{from}");
        mistakes(&SIDES.replacen(from, to, 1))
    };
    assert_eq!(change("", ""), Vec::<&str>::new());
    // The name that five conditions use is told once.
    assert_eq!(change("separate_by = \"area\"\n", ""), ["R601", "R202"]);
    assert_eq!(change("planned_in = \"plan\"", "planned_in = \"tender\""), ["R303"]);
    assert_eq!(change("planned_in = \"plan\"", "planned_in = \"area\""), ["R307"]);
    assert_eq!(change("choices = [\"left\", \"right\"]", "choices = [\"left\", \"middle\", \"right\"]"), ["R303"]);
    assert_eq!(change("planned_in = \"plan\"", "when = 'area == \"left\"'"), ["R307"]);
    assert_eq!(change("[facts.plan]", "[facts.area]"), ["R201", "R202"]);
    assert_eq!(change("'area == \"left\"'", "'area == \"lft\"'"), ["R305"]);
    let second = "\n[[course]]\nid = \"second\"\nsessions = { maximum = 2 }\nsources = [\"clinic\"]\n";
    assert_eq!(mistakes(&format!("{SIDES}{second}")), ["R601"]);
    let part = "\n[products]\ngel = [\"gel\"]\n[components.gel]\nproducts = [\"gel\"]\n";
    assert_eq!(mistakes(&format!("{SIDES}{part}")), ["R601"]);
}

/// Of products that must keep a distance where others need not: the session is due, and those are named with their day. Where
/// none of the others counts, the session itself waits.
#[test]
fn products_that_must_keep_a_distance_are_told_or_hold_the_session_back() {
    let text = |accept: &str| {
        format!(
            "{}[products]\ngel = [\"gel-10\", \"gel-20\"]\nfoam = [\"foam-1\"]\nsoft = [\"soft\"]\nhard = [\"hard\"]\n[treatments]\nfiller = {{ label = \"filler\" }}\n\
             [[course]]\nid = \"standard\"\nsessions = {{ planned = 3 }}\n{accept}sources = [\"clinic\"]\n\
             [[separation]]\nid = \"gel-after-filler\"\nfrom = [\"filler\"]\nproducts = [\"soft\"]\nof = [\"gel\"]\nminimum = \"28 days\"\n\
             reason = \"The gel would dissolve it.\"\nsources = [\"clinic\"]\n",
            include_str!("fixtures/head.toml")
        )
    };
    let answer = |accept: &str, filler: &str, as_of: &str| {
        let (clinic, _) = Clinic::from_text("trial.toml", &text(accept)).unwrap_or_else(|found| panic!("{found}"));
        let record = format!(
            r#"{{ "patient": "P", "recorded": "{as_of}", "sessions": [{{ "treatment": "filler", {filler} }}] }}"#
        );
        let protocol = &clinic.protocols[0];
        let (record, _) = Record::from_text("r", &record, Notation::Json, &protocol.dictionary)
            .unwrap_or_else(|found| panic!("{found}"));
        protocol
            .recommend(&record, &Request::new(as_of.parse().expect("a day")))
            .unwrap_or_else(|found| panic!("{found}"))
    };
    let soft = r#""date": "2026-10-20", "product": "soft""#;
    let told = |answer: &Recommendation| answer.precautions.iter().map(|one| one.action.clone()).collect::<Vec<_>>();
    let wait = ["Do not use gel before 2026-11-17."];
    // The gel is only one of several that may be used.
    for accept in ["", "accept = [\"gel\", \"foam\"]\n"] {
        let due = answer(accept, soft, "2026-11-01");
        assert_eq!((due.status, told(&due)), (Status::Due, wait.map(str::to_owned).to_vec()), "{accept}");
        assert_eq!(due.precautions[0].id, "gel-after-filler");
        // A product that nobody noted may have been the soft one; any day of a month, its last.
        assert_eq!(told(&answer(accept, r#""date": "2026-10-20""#, "2026-11-01")), wait);
        assert_eq!(
            told(&answer(accept, r#""date": "2026-10", "product": "soft""#, "2026-11-01")),
            ["Do not use gel before 2026-11-28."]
        );
        for (filler, as_of) in [(soft, "2026-11-17"), (r#""date": "2026-10-20", "product": "hard""#, "2026-11-01")] {
            assert_eq!(told(&answer(accept, filler, as_of)), [""; 0], "{filler}");
        }
    }
    // Nothing but gel counts.
    for accept in ["accept = [\"gel\"]\n", "accept = [\"gel\", \"foam\"]\nreject = [\"foam\"]\n"] {
        let deferred = answer(accept, soft, "2026-11-01");
        assert_eq!(deferred.status, Status::Deferred, "{accept}");
        assert_eq!(deferred.not_before.map(|day| day.to_string()).as_deref(), Some("2026-11-17"));
        assert_eq!(told(&deferred), [""; 0]);
        assert_eq!(answer(accept, soft, "2026-11-17").status, Status::Due);
    }
    // What the next session never takes is not told to wait: after the wait, it would be no more right than before.
    assert_eq!(told(&answer("accept = [\"foam\"]\n", soft, "2026-11-01")), [""; 0]);
    let some = answer("accept = [\"gel-10\", \"foam\"]\n", soft, "2026-11-01");
    assert_eq!(told(&some), ["Do not use gel-10 before 2026-11-17."]);
    assert_eq!(told(&answer("reject = [\"gel-20\"]\n", soft, "2026-11-01")), ["Do not use gel-10 before 2026-11-17."]);
}

/// Of an age at which a product is not used any more before its wait is over, or not yet, nothing is said of it. Of a course that has not
/// begun, the others that may begin count too; of one that has, only its next session.
#[test]
fn a_product_waits_only_where_the_next_session_may_take_it() {
    let text = |courses: &str, separations: &str| {
        let products = "[products]\ngel = [\"gel\"]\nfoam = [\"foam\"]\n";
        let others = "[treatments]\nfiller = { label = \"filler\" }\nlaser = { label = \"laser\" }\n";
        [products, others, courses, separations].concat()
    };
    let series = |id: &str, sessions: [&str; 2]| {
        let sessions = sessions.map(|one| format!("[[course.session]]\naccept = [{one}]\n")).concat();
        format!("[[course]]\nid = \"{id}\"\nsources = [\"clinic\"]\n{sessions}")
    };
    let apart = |from: &str, days: u32, reason: &str| {
        format!(
            "[[separation]]\nid = \"after-{from}\"\nfrom = [\"{from}\"]\nof = [\"gel\"]\nminimum = \"{days} days\"\n\
             reason = \"{reason}\"\nsources = [\"clinic\"]\n"
        )
    };
    let answer = |text: &str, given: Vec<Json>| {
        ask(&protocol(text), json!({ "date_of_birth": "1986-03-10" }), given, "2026-03-02")
    };
    let told = |answer: &Recommendation| -> Vec<(String, String)> {
        answer.precautions.iter().map(|one| (one.id.clone(), one.action.clone())).collect()
    };
    let filler = || json!({ "treatment": "filler", "date": "2026-02-20" });
    let own = |product: &str| json!({ "treatment": "trial", "date": "2026-01-05", "product": product });
    let after_filler = apart("filler", 28, "Healing.");
    let waits = || [("after-filler".to_owned(), "Do not use gel before 2026-03-20.".to_owned())];
    // Forty on 10 March: before that, or from then on.
    for (accept, is_told) in [
        ("\"foam\", { products = [\"gel\"], before = \"40 years\" }", true),
        ("\"foam\", { products = [\"gel\"], from = \"40 years\" }", true),
        ("\"foam\", { products = [\"gel\"], before = \"39 years\" }", false),
        ("\"foam\", { products = [\"gel\"], from = \"41 years\" }", false),
    ] {
        let text = text(&series("one", [accept, "\"foam\""]), &after_filler);
        assert_eq!(told(&answer(&text, vec![filler()])), waits()[..usize::from(is_told)], "{accept}");
    }
    let foam_or_gel = [series("foam", ["\"foam\"", "\"foam\""]), series("gel", ["\"gel\"", "\"gel\""])].concat();
    let foam_or_gel = text(&foam_or_gel, &after_filler);
    assert_eq!(told(&answer(&foam_or_gel, vec![filler()])), waits());
    assert_eq!(told(&answer(&foam_or_gel, vec![own("foam"), filler()])), []);
    // What is said for the same reason is said once, with the latest day; for another reason it is another precaution.
    let either = series("one", ["\"foam\", \"gel\"", "\"foam\""]);
    let laser = || json!({ "treatment": "laser", "date": "2026-02-25" });
    let same = text(&either, &[&*after_filler, &*apart("laser", 28, "Healing.")].concat());
    let latest = ("after-laser".to_owned(), "Do not use gel before 2026-03-25.".to_owned());
    assert_eq!(told(&answer(&same, vec![filler(), laser()])), std::slice::from_ref(&latest));
    let other = text(&either, &[&*after_filler, &*apart("laser", 28, "Redness.")].concat());
    assert_eq!(told(&answer(&other, vec![filler(), laser()])), [waits()[0].clone(), latest]);
}

#[test]
fn a_course_that_is_only_recognised_is_offered_to_nobody() {
    let only = protocol(
        "[[course]]\nid = \"old\"\nsessions = { maximum = 2 }\nevaluation_only = true\nsources = [\"clinic\"]\n\
         interval = [{ from = \"previous\", minimum = \"28 days\" }]\n",
    );
    let today = "2026-03-02";
    let answer = ask(&only, json!({}), vec![], today);
    assert_eq!((answer.status, answer.reasons[0].id.as_str()), (Status::NotIndicated, "no-course"));
    let begun = ask(&only, json!({}), vec![on("2026-01-05")], today);
    assert_eq!(begun.status, Status::NotIndicated);
    // It is recognised when it is complete.
    let complete = ask(&only, json!({}), vec![on("2026-01-05"), on("2026-02-09")], today);
    assert_eq!(complete.status, Status::Complete);
    // Where nobody knows of the sessions, both are foreseen.
    let record = json!({ "patient": "P-1", "recorded": today, "facts": {} });
    let read = Record::from_text("record.json", &record.to_string(), Notation::Json, &only.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found:?}"));
    let unlisted = only.recommend(&record, &Request::new(day(today))).unwrap_or_else(|found| panic!("{found:?}"));
    assert_eq!(unlisted.status, Status::Undetermined);
    assert!([Status::NotIndicated, Status::Complete].iter().all(|status| unlisted.could_become.contains(status)));
}
