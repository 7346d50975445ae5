//! What an answer says of itself is right: who decided, what is decisive, what moved a date, and what could still come.

use regimen::recommendation::SessionVerdict;
use regimen::trace::{Outcome, TraceNode};
use regimen::{Clinic, Depth, Notation, Protocol, Recommendation, Record, Request, Status, Tri};

const HEAD: &str = include_str!("fixtures/head.toml");

fn protocol(text: &str) -> Protocol {
    let clinic = Clinic::from_text("trial.toml", &format!("{HEAD}{text}")).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{found}")).protocols.remove(0)
}

/// The answer on 2 March 2026.
fn ask(protocol: &Protocol, record: &str) -> Recommendation {
    let text = format!("patient = \"P\"\nrecorded = 2026-03-02\n{record}");
    let read = Record::from_text("record.toml", &text, Notation::Toml, &protocol.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{text}{found}"));
    let request = Request::new("2026-03-02".parse().expect("a day")).explain(Depth::Full);
    protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"))
}

fn session(date: &str, more: &str) -> String {
    format!("[[sessions]]\ntreatment = \"trial\"\ndate = {date}\n{more}\n")
}

fn bool_fact(name: &str) -> String {
    format!("[facts.{name}]\ntype = \"bool\"\nask = \"{name}?\"\nof = \"patient\"\nvalid_for = \"forever\"\n")
}

fn contraindication(when: &str) -> String {
    format!(
        "[[contraindication]]\nid = \"rule\"\nwhen = '{when}'\nlasts = \"permanent\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
    )
}

fn asked(answer: &Recommendation) -> Vec<&str> {
    answer.questions.iter().map(|question| question.fact.as_str()).collect()
}

fn node<'a>(answer: &'a Recommendation, id: &str) -> &'a TraceNode {
    let all: Vec<&str> = answer.trace.nodes.iter().map(|node| node.id.as_str()).collect();
    answer.trace.nodes.iter().find(|node| node.id == id).unwrap_or_else(|| panic!("no {id} among {all:?}"))
}

#[test]
fn whatever_goes_through_sessions_names_those_that_decided() {
    let notes = "[session_facts.swelling]\ntype = \"choice\"\nchoices = [\"none\", \"much\"]\n[session_facts.units]\ntype = \"integer\"\nrange = [0, 100]\n";
    let sessions = session("2024-01-10", "swelling = \"much\"\nunits = 40")
        + session("2025-01-10", "swelling = \"none\"\nunits = 5").as_str()
        + session("2025-06-10", "swelling = \"much\"\nunits = 30").as_str();
    let swelling = |day: &str| format!("sessions.{day}.swelling");
    let both = vec![swelling("2024-01-10"), swelling("2025-06-10")];
    for (when, because) in [
        ("any s in sessions where s.swelling == \"much\"", both.clone()),
        ("(count s in sessions where s.swelling == \"much\") >= 2", both),
        ("!(all s in sessions where s.swelling == \"much\")", vec![swelling("2025-01-10")]),
        (
            "(sum s.units in sessions where true) > 70",
            ["2024-01-10", "2025-01-10", "2025-06-10"].map(|day| format!("sessions.{day}.units")).to_vec(),
        ),
    ] {
        let answer = ask(&protocol(&format!("{notes}{}", contraindication(when))), &sessions);
        let mut named: Vec<String> = answer.reasons[0].because.iter().map(|fact| fact.fact.clone()).collect();
        named.sort_unstable();
        assert_eq!(named, because, "{when}");
        // Each line of a whole trace says which session it is about.
        let nodes: Vec<&str> = answer.trace.nodes.iter().map(|node| node.id.as_str()).collect();
        for fact in because {
            let day = fact.split('.').nth(1).expect("a day");
            assert!(nodes.iter().any(|id| id.contains(day)), "{when}: {nodes:?}");
        }
    }
}

#[test]
fn what_is_decisive_is_marked_inside_definitions_too() {
    let facts = bool_fact("a") + bool_fact("b").as_str() + bool_fact("c").as_str();
    let definitions = "[definitions]\ninner = 'b || c'\nrisky = 'a && inner'\n";
    let protocol = protocol(&format!("{facts}{definitions}{}", contraindication("risky")));
    let decisive = |record: &str| {
        let answer = ask(&protocol, &format!("sessions = []\n[facts]\n{record}"));
        let nodes = answer.trace.nodes.iter().filter(|node| node.decisive);
        nodes.filter_map(|node| node.text.clone()).collect::<Vec<_>>()
    };
    let of = |record: &str, text: &str| decisive(record).iter().any(|one| one == text);
    let yes = "a = true\nb = true\nc = false";
    assert!(of(yes, "a") && of(yes, "b") && !of(yes, "c"), "{:?}", decisive(yes));
    // One part that is false decides alone.
    let no = "a = false\nb = true\nc = true";
    assert!(of(no, "a") && !of(no, "b"), "{:?}", decisive(no));
}

#[test]
fn yes_and_no_of_a_past_session_mean_that_what_is_named_is_so() {
    let birth = "[facts.date_of_birth]\ntype = \"date\"\npast = true\nask = \"Born?\"\nof = \"patient\"\nvalid_for = \"forever\"\n";
    let course = "[[course]]\nid = \"c\"\nsources = [\"clinic\"]\n[[course.session]]\nage = { minimum = \"9 months\" }\n[[course.session]]\nage = { minimum = \"12 months\" }\ninterval = [{ id = \"apart\", from = \"previous\", minimum = \"28 days\" }]\n";
    let protocol = protocol(&format!("{birth}{course}"));
    let sessions = session("2025-08-01", "") + session("2025-11-01", "").as_str();
    let record = format!("[facts]\ndate_of_birth = 2025-01-01\n{sessions}");
    let answer = ask(&protocol, &record);
    let past: Vec<SessionVerdict> =
        answer.course.as_ref().expect("a course").past.iter().map(|one| one.verdict).collect();
    assert_eq!(past, [SessionVerdict::NotValid, SessionVerdict::Valid]);
    // It is not so that the first was old enough, and it is so that the second was.
    let too_young = node(&answer, "course.c.sessions.2025-08-01.minimum-age");
    assert_eq!(too_young.outcome, Outcome::Truth(Tri::False));
    let old_enough = node(&answer, "course.c.sessions.2025-11-01.minimum-age");
    assert_eq!(old_enough.outcome, Outcome::Truth(Tri::True));
    // "Session 1" is the first of the plan, not of the record.
    assert!(old_enough.text.as_deref().is_some_and(|text| text.contains("as session 1")), "{:?}", old_enough.text);
}

#[test]
fn who_moved_the_next_session_is_named_whatever_the_order() {
    let fact = "[facts.peeled]\ntype = \"date\"\nask = \"Peeled?\"\nof = \"patient\"\nvalid_for = \"forever\"\n";
    let wait =
        "[[deferral]]\nid = \"wait\"\nnot_before = 'peeled + days(28)'\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let [one, two] =
        ["alpha", "beta"].map(|id| format!("{{ id = \"{id}\", from = \"previous\", minimum = \"28 days\" }}"));
    for (intervals, peeled, set_by) in [
        (&one, "2026-02-25", "wait"),
        (&one, "2026-01-01", "alpha"),
        (&format!("{one}, {two}"), "2026-01-01", "alpha"),
        (&format!("{two}, {one}"), "2026-01-01", "alpha"),
    ] {
        let course = format!(
            "[[course]]\nid = \"c\"\nsessions = {{ minimum = 1, planned = 4 }}\ninterval = [{intervals}]\nsources = [\"clinic\"]\n"
        );
        let protocol = protocol(&format!("{fact}{wait}{course}"));
        let answer = ask(&protocol, &format!("[facts]\npeeled = {peeled}\n{}", session("2026-02-10", "")));
        let course = answer.course.expect("a course");
        let earliest = course.next.and_then(|next| next.earliest).map(|day| day.to_string());
        assert_eq!(earliest.as_deref(), Some(if set_by == "wait" { "2026-03-25" } else { "2026-03-10" }));
        assert_eq!(course.set_by.and_then(|by| by.earliest).as_deref(), Some(set_by), "{intervals}");
    }
}

#[test]
fn a_best_day_that_is_the_earliest_is_set_by_what_sets_that() {
    for (best, set_by) in [("28 days", "alpha"), ("29 days", "beta")] {
        let intervals = format!(
            "{{ id = \"alpha\", from = \"previous\", minimum = \"28 days\" }}, \
             {{ id = \"beta\", from = \"previous\", minimum = \"21 days\", recommended = \"{best}\" }}"
        );
        let protocol = protocol(&format!(
            "[[course]]\nid = \"c\"\nsessions = {{ planned = 4 }}\ninterval = [{intervals}]\nsources = [\"clinic\"]\n"
        ));
        let by =
            ask(&protocol, &session("2026-02-10", "")).course.and_then(|course| course.set_by).expect("it says so");
        assert_eq!((by.earliest.as_deref(), by.recommended.as_deref()), (Some("alpha"), Some(set_by)), "{best}");
    }
}

#[test]
fn what_is_the_same_in_all_ways_is_said_and_not_asked() {
    let fact = bool_fact("b");
    let course = |intervals: &str, more: &str| {
        format!(
            "{fact}[[course]]\nid = \"c\"\n{more}sessions = {{ minimum = 1, planned = 4 }}\ninterval = [{intervals}]\nsources = [\"clinic\"]\n"
        )
    };
    let usual = "{ id = \"usual\", from = \"previous\", minimum = \"28 days\" }";
    let shorter = "{ id = \"other\", when = 'b', from = \"previous\", minimum = \"10 days\" }";
    let birth = "[facts.date_of_birth]\ntype = \"date\"\npast = true\nask = \"Born?\"\nof = \"patient\"\nvalid_for = \"forever\"\n";
    for (text, facts) in [
        // The other interval never lasts longer.
        (course(&format!("{usual}, {shorter}"), ""), ""),
        // Old enough on every day of that month.
        (
            format!("{birth}{}", course(usual, "age = { minimum = \"17 years\" }\n")),
            "[facts]\ndate_of_birth = \"1980-05\"\n",
        ),
    ] {
        let answer = ask(&protocol(&text), &format!("{facts}{}", session("2026-02-20", "")));
        assert_eq!((answer.status, asked(&answer)), (Status::Deferred, vec![]), "{text}");
        let course = answer.course.as_ref().expect("a course");
        assert!(!course.provisional, "{text}");
        assert_eq!(answer.not_before.map(|day| day.to_string()).as_deref(), Some("2026-03-20"), "{text}");
    }
    // Nor is it asked whether a row holds that could only make it bolder.
    let rows = "[[setting]]\nid = \"depth\"\nlabel = \"Depth\"\nsafer = \"lower\"\nsources = [\"clinic\"]\nrows = [{ value = 1 }, { when = 'b', value = 2 }]\n";
    let answer = ask(&protocol(&format!("{fact}{rows}")), "sessions = []\n");
    assert_eq!((asked(&answer), answer.settings[0].value.as_str()), (vec![], "1"));
    assert!(!answer.settings[0].provisional);
}

#[test]
fn without_a_course_every_recorded_session_is_counted_and_that_is_foreseen() {
    let course = "[[course]]\nid = \"c\"\nwhen = '!b'\nsessions = { minimum = 1, planned = 1, maximum = 1 }\nsources = [\"clinic\"]\n";
    let protocol = protocol(&format!("{}{}{course}", bool_fact("b"), contraindication("sessions_done >= 2")));
    let sessions = session("2026-01-02", "") + session("2026-02-20", "").as_str();
    let open = ask(&protocol, &sessions);
    assert_eq!(open.status, Status::Complete);
    assert_eq!(open.could_become, [Status::Contraindicated, Status::NotIndicated, Status::Complete]);
    assert_eq!(asked(&open), ["b"]);
    let told = ask(&protocol, &format!("[facts]\nb = true\n{sessions}"));
    assert_eq!(told.status, Status::Contraindicated);
}

#[test]
fn a_course_that_began_again_has_no_window_before_the_sessions_that_were_given() {
    let fact = "[facts.since]\ntype = \"date\"\npast = true\nask = \"Since when?\"\nof = \"patient\"\nvalid_for = \"forever\"\n";
    let course = "[[course]]\nid = \"c\"\nsources = [\"clinic\"]\ngap = [{ after = \"365 days\", do = \"restart\" }]\n[[course.session]]\ninterval = [{ id = \"begin\", from = \"since\", minimum = \"0 days\" }]\n[[course.session]]\ninterval = [{ id = \"again\", from = \"previous\", minimum = \"180 days\" }]\n";
    let answer = ask(
        &protocol(&format!("{fact}{course}")),
        &format!("[facts]\nsince = 2014-05-01\n{}", session("2019-10-01", "")),
    );
    assert_eq!(answer.status, Status::Due);
    let earliest = answer.course.and_then(|course| course.next?.earliest).map(|day| day.to_string());
    // The first day after the pause, on which the count begins again.
    assert_eq!(earliest.as_deref(), Some("2020-10-01"));
}

#[test]
fn a_note_of_sessions_cannot_have_a_name_that_means_something_else() {
    for name in ["until", "new", "call", "go", "thread", "shared", "switch", "async", "default"] {
        let text = format!("{HEAD}[session_facts.{name}]\ntype = \"bool\"\n");
        let found = Clinic::from_text("trial.toml", &text).expect_err("a reserved name");
        assert_eq!(found.iter().map(|one| one.code.id).collect::<Vec<_>>(), ["R205"], "{name}");
    }
}
