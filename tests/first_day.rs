//! The first permitted day of somebody who is deferred: told as that only if nothing that is open can move it.

use regimen::{
    Clinic, Date, Decider, Decision, Notation, Protocol, Recommendation, Record, Request, Slots, Status, Vocabulary,
    handout, plan, render,
};
use serde_json::{Value as Json, json};

const TODAY: &str = "2026-03-02";

const HEAD: &str = concat!(
    include_str!("fixtures/head.toml"),
    r#"
[facts]
thick      = { type = "bool", ask = "Is the layer thick?", of = "clinician", valid_for = "forever" }
sore       = { type = "bool", ask = "Is it sore?", of = "patient", valid_for = "forever" }
wet        = { type = "bool", ask = "Is it wet?", of = "patient", valid_for = "forever" }
last_dose  = { type = "date", past = true, may_be_never = true, ask = "Last dose?", of = "patient", valid_for = "forever" }
last_flare = { type = "date", past = true, may_be_never = true, ask = "Last flare?", of = "patient", valid_for = "forever" }

[[instruction]]
id      = "stop-cream"
at      = "-7 days"
do      = "Stop the cream."
sources = ["clinic"]
"#
);

/// Twenty days after the last dose.
const DOSE: &str = r#"
[[deferral]]
id         = "dose"
not_before = 'last_dose + days(20)'
reason     = "The dose has to wear off."
sources    = ["clinic"]
"#;

/// With a thick layer, sixty after the last flare.
const FLARE: &str = r#"
[[deferral]]
id         = "flare"
when       = 'thick'
not_before = 'last_flare + days(60)'
reason     = "A thick layer needs longer."
sources    = ["clinic"]
"#;

const SORE: &str = r#"
[[deferral]]
id      = "sore"
when    = 'sore'
until   = "it has healed"
reason  = "It would sting."
sources = ["clinic"]
"#;

const COURSE: &str = r#"
[[course]]
id       = "standard"
sessions = { minimum = 2, planned = 4, maximum = 5 }
interval = [
  { id = "short", from = "previous", minimum = "28 days", reason = "It has to heal.", sources = ["clinic"] },
  { id = "long", when = 'thick', from = "previous", minimum = "60 days", reason = "A thick layer heals slowly.", sources = ["clinic"] },
]
sources  = ["clinic"]
"#;

fn protocol(rules: &[&str]) -> Protocol {
    let (mut clinic, _) =
        Clinic::from_text("trial.toml", &format!("{HEAD}{}", rules.concat())).unwrap_or_else(|found| panic!("{found}"));
    clinic.protocols.remove(0)
}

fn day(text: &str) -> Option<Date> {
    Some(text.parse().expect("a date"))
}

/// The answer, after making sure that a batch decides alike.
fn ask(protocol: &Protocol, facts: Json, sessions: Json) -> Recommendation {
    let record = json!({ "patient": "P-1", "recorded": TODAY, "facts": facts, "sessions": sessions }).to_string();
    let read = Record::from_text("record.json", &record, Notation::Json, &protocol.dictionary);
    let (read, _) = read.unwrap_or_else(|found| panic!("{found}"));
    let prepared = protocol.prepare(&Request::new(TODAY.parse().expect("a date"))).expect("in force");
    let answer = prepared.recommend(&read).unwrap_or_else(|found| panic!("{found}"));
    let vocabulary = Vocabulary::new([protocol]);
    let slots = Slots::of(&read, &vocabulary, prepared.as_of());
    let mut decider = Decider::new(&prepared, &vocabulary);
    let Decision { status, not_before, no_sooner_than, no_later_than, .. } = decider.decide(&slots);
    assert_eq!(status, answer.status);
    assert_eq!(
        (not_before, no_sooner_than, no_later_than),
        (answer.not_before, answer.no_sooner_than, answer.no_later_than),
        "{record}"
    );
    answer
}

fn days(answer: &Recommendation) -> [Option<Date>; 3] {
    assert_eq!(answer.status, Status::Deferred);
    [answer.not_before, answer.no_sooner_than, answer.no_later_than]
}

fn headline(answer: &Recommendation) -> String {
    render::headline(answer)
}

fn next(answer: &Recommendation) -> Option<Date> {
    answer.course.as_ref()?.next.as_ref()?.earliest
}

#[test]
fn a_wait_that_may_be_longer_is_no_first_permitted_day() {
    let protocol = protocol(&[DOSE, FLARE]);
    let facts = |thick: Json| json!({ "last_dose": "2026-02-20", "last_flare": "2026-02-20", "thick": thick });
    let open = ask(&protocol, facts(json!({ "unknown": "declined" })), json!([]));
    assert_eq!(days(&open), [None, day("2026-03-12"), day("2026-04-21")]);
    assert_eq!(open.date_depends_on, ["thick"]);
    let line = "NOT TODAY: deferred, no sooner than 2026-03-12 (may become as late as 2026-04-21: depends on thick)";
    assert_eq!(headline(&open), line);
    // What is to be done before is counted from a day that is known.
    assert_eq!((open.instructions[0].from_date, open.instructions[0].at.as_str()), (None, "-7 days"));
    // The one reason that is certain keeps its own day.
    assert_eq!((open.reasons.len(), open.reasons[0].not_before), (1, day("2026-03-12")));
    let thin = ask(&protocol, facts(json!(false)), json!([]));
    assert_eq!(days(&thin), [day("2026-03-12"), None, None]);
    assert_eq!(thin.date_depends_on, [""; 0]);
    assert_eq!(thin.instructions[0].from_date, day("2026-03-05"));
    let thick = ask(&protocol, facts(json!(true)), json!([]));
    assert_eq!(days(&thick), [day("2026-04-21"), None, None]);
}

#[test]
fn what_ends_sooner_than_is_certain_moves_nothing() {
    let facts = json!({ "last_dose": "2026-02-20", "last_flare": "2026-01-10" });
    let answer = ask(&protocol(&[DOSE, FLARE]), facts, json!([]));
    assert_eq!(days(&answer), [day("2026-03-12"), None, None]);
    assert_eq!(headline(&answer), "NOT TODAY: deferred, not before 2026-03-12");
    assert_eq!(answer.date_depends_on, [""; 0]);
}

#[test]
fn of_a_wait_without_a_day_nobody_can_say_how_late_it_becomes() {
    let protocol = protocol(&[DOSE, FLARE, SORE]);
    let facts = |sore: Json| json!({ "last_dose": "2026-02-20", "thick": false, "sore": sore });
    let open = ask(&protocol, facts(json!({ "unknown": "declined" })), json!([]));
    assert_eq!(days(&open), [None, day("2026-03-12"), None]);
    let line = "NOT TODAY: deferred, no sooner than 2026-03-12 (how much later cannot be said yet: depends on sore)";
    assert_eq!(headline(&open), line);
    // Certainly sore: a day that is no permission, whatever else there is.
    let sore = ask(&protocol, facts(json!(true)), json!([]));
    assert_eq!(days(&sore), [None, day("2026-03-12"), None]);
    assert_eq!(headline(&sore), "NOT TODAY: deferred, not before 2026-03-12, and only after what is said below");
    assert_eq!(days(&ask(&protocol, facts(json!(false)), json!([]))), [day("2026-03-12"), None, None]);
    // A day that rests on a date nobody knows.
    let facts = json!({ "last_dose": "2026-02-20", "thick": true, "sore": false });
    let unknown = ask(&protocol, facts, json!([]));
    assert_eq!((days(&unknown), unknown.date_depends_on), ([None, day("2026-03-12"), None], vec!["last_flare".into()]));
}

#[test]
fn of_sessions_that_are_not_listed_nobody_can_say_how_long_a_wait_becomes() {
    for unit in ["days", "weeks", "months"] {
        let wait = format!("days(20) + {unit}(sessions.len())");
        let protocol = protocol(&[&DOSE.replace("days(20)", &wait)]);
        let facts = || json!({ "last_dose": "2026-02-20" });
        let open = ask(&protocol, facts(), Json::Null);
        assert_eq!((open.status, days(&open)), (Status::Deferred, [None, day("2026-03-12"), None]), "{wait}");
        assert_eq!(open.date_depends_on, ["sessions.trial"]);
        assert_eq!(open.reasons[0].not_before, None, "no day is the last");
        assert_eq!(days(&ask(&protocol, facts(), json!([]))), [day("2026-03-12"), None, None], "{wait}");
    }
}

#[test]
fn of_a_month_every_day_is_possible() {
    let protocol = protocol(&[DOSE, FLARE]);
    let month = ask(&protocol, json!({ "last_dose": "2026-02", "thick": false }), json!([]));
    assert_eq!(month.status, Status::Undetermined, "twenty days after the first are over");
    let longer = self::protocol(&[&DOSE.replace("days(20)", "days(40)")]);
    let month = ask(&longer, json!({ "last_dose": "2026-02" }), json!([]));
    assert_eq!(days(&month), [None, day("2026-03-13"), day("2026-04-09")]);
    assert_eq!(month.date_depends_on, ["last_dose"]);
    let asked: Vec<&str> = month.questions.iter().map(|question| question.fact.as_str()).collect();
    assert_eq!(asked, ["last_dose"], "what the day depends on is asked for");
}

#[test]
fn an_interval_that_may_apply_moves_the_day() {
    let protocol = protocol(&[COURSE]);
    let sessions = json!([{ "treatment": "trial", "date": "2026-02-20" }]);
    let open = ask(&protocol, json!({}), sessions.clone());
    assert_eq!(days(&open), [None, day("2026-03-20"), day("2026-04-21")]);
    assert_eq!(open.date_depends_on, ["thick"]);
    assert_eq!(next(&open), day("2026-04-21"));
    let projected = &open.course.as_ref().expect("a course").projected;
    assert_eq!(projected.first().and_then(|window| window.earliest), day("2026-06-20"), "as slowly as it may go");
    assert_eq!(days(&ask(&protocol, json!({ "thick": true }), sessions.clone())), [day("2026-04-21"), None, None]);
    assert_eq!(days(&ask(&protocol, json!({ "thick": false }), sessions)), [day("2026-03-20"), None, None]);
    // A session of which only the month is known: yesterday, or the day before.
    let some_day = json!([{ "treatment": "trial", "date": "2026-03" }]);
    let open = ask(&protocol, json!({ "thick": false }), some_day);
    assert_eq!(days(&open), [None, day("2026-03-29"), day("2026-03-30")]);
    assert_eq!(open.date_depends_on, ["sessions.2026-03.date"]);
}

#[test]
fn a_rule_puts_off_the_next_session_as_far_as_it_may_hold_back() {
    let sessions = json!([{ "treatment": "trial", "date": "2026-02-20" }]);
    let facts = json!({ "last_dose": "2026-03-01", "last_flare": "2026-03-02", "wet": true });
    let flare = FLARE.replace("'thick'", "'sore'");
    let open = ask(&protocol(&[DOSE, &flare, &COURSE.replace("'thick'", "'!wet'")]), facts, sessions);
    assert_eq!(days(&open), [None, day("2026-03-21"), day("2026-05-01")]);
    let course = open.course.as_ref().expect("a course");
    assert_eq!((next(&open), course.provisional), (day("2026-05-01"), true));
    assert_eq!(course.projected.first().and_then(|window| window.earliest), day("2026-05-29"));
}

#[test]
fn a_long_list_of_open_facts_is_cut_in_the_headline() {
    let many = r#"
[[deferral]]
id      = "many"
when    = 'thick && sore && wet && last_flare < today'
until   = "somebody has looked"
reason  = "r"
sources = ["clinic"]
"#;
    let answer = ask(&protocol(&[DOSE, many]), json!({ "last_dose": "2026-02-20" }), json!([]));
    assert_eq!(answer.date_depends_on, ["thick", "sore", "wet", "last_flare"]);
    let end = "(how much later cannot be said yet: depends on thick, sore, wet and 1 more)";
    assert!(headline(&answer).ends_with(end), "{}", headline(&answer));
}

/// A course without intervals: its window is put off by rules alone.
const PLAIN_COURSE: &str = r#"
[[course]]
id       = "standard"
sessions = { minimum = 2, planned = 4, maximum = 5 }
sources  = ["clinic"]
"#;

/// Twenty days after the last dose, if it is wet.
const WET: &str = r#"
[[deferral]]
id         = "wet"
when       = 'wet'
not_before = 'last_dose + days(20)'
reason     = "It has to dry."
sources    = ["clinic"]
"#;

#[test]
fn a_window_says_that_it_may_be_later_while_a_wait_has_no_day_yet() {
    let protocol = protocol(&[WET, FLARE, PLAIN_COURSE]);
    let text = |answer: &Recommendation| render::text(answer, render::TextStyle::default());
    let sessions = json!([{ "treatment": "trial", "date": "2025-12-01" }]);
    // Nobody has told of the last flare, and whether it matters.
    let before = ask(&protocol, json!({ "last_dose": "2026-02-25" }), sessions.clone());
    let course = before.course.as_ref().expect("a course");
    assert_eq!((before.status, next(&before)), (Status::Undetermined, day("2026-03-17")));
    assert!(course.may_be_later && course.provisional);
    assert!(
        text(&before).contains("session 2 from 2026-03-17 (perhaps only later: see what is still open)"),
        "{}",
        text(&before)
    );
    assert!(
        render::brief(&before, render::TextStyle::default()).contains("2026-03-17, perhaps only later"),
        "{}",
        render::brief(&before, render::TextStyle::default())
    );
    // Of the flare the day is known, and still not whether it matters: the window has moved, and can move no further.
    let after = ask(&protocol, json!({ "last_dose": "2026-02-25", "last_flare": "2026-02-20" }), sessions.clone());
    let course = after.course.as_ref().expect("a course");
    assert_eq!((after.status, next(&after)), (Status::Undetermined, day("2026-04-21")));
    assert!(course.provisional && !course.may_be_later);
    let brief = render::brief(&after, render::TextStyle::default());
    assert!(brief.contains("2026-04-21, the safest of several: see what is still open"), "{brief}");
    assert!(text(&after).contains("session 2 from 2026-04-21 (the safest of several: see what is still open)"));
    // A wait that cannot hold makes nothing later; nor does one that ends with an event, which puts off no window.
    let answer = ask(&protocol, json!({ "last_dose": "2026-02-25", "thick": false }), sessions.clone());
    assert!(answer.course.is_some_and(|course| !course.may_be_later));
    let sore = self::protocol(&[SORE, COURSE]);
    let answer = ask(&sore, json!({ "thick": false }), sessions);
    assert_eq!(answer.status, Status::Undetermined);
    assert!(answer.course.is_some_and(|course| !course.may_be_later));
}

/// Nobody is booked on the earlier day: whoever shows it says that it may come to be later, and whoever has no room for that does not
/// show it.
#[test]
fn a_day_that_may_come_to_be_later_is_shown_nowhere_without_that_word() {
    let protocol = protocol(&[WET, FLARE, PLAIN_COURSE]);
    let as_of: Date = TODAY.parse().expect("a day");
    let days = ["2026-03-17", "17 March 2026", "17. M\u{e4}rz 2026"];
    // Undetermined: nobody has said whether anything waits. Deferred: one wait is certain, and another has no day yet.
    let open = json!({ "last_dose": "2026-02-25" });
    let certain = json!({ "last_dose": "2026-02-25", "wet": true });
    for (facts, status) in [(open, Status::Undetermined), (certain, Status::Deferred)] {
        let sessions = json!([{ "treatment": "trial", "date": "2025-12-01" }]);
        let record = json!({ "patient": "P-1", "recorded": TODAY, "facts": facts, "sessions": sessions });
        let read = Record::from_text("r.json", &record.to_string(), Notation::Json, &protocol.dictionary);
        let (read, _) = read.expect("a record");
        let request = Request::new(as_of);
        // A line of a batch has the day, if at all, as the first that it may be, and no last one.
        let answer = ask(&protocol, facts, sessions);
        let first = if status == Status::Deferred { day(days[0]) } else { None };
        assert_eq!(answer.status, status);
        assert_eq!((answer.not_before, answer.no_sooner_than, answer.no_later_than), (None, first, None));
        assert!(answer.course.as_ref().is_some_and(|course| course.may_be_later));
        // In every line of a text that names the day, or in the one after it, where the line was too long.
        let style = render::TextStyle::default;
        let may = ["perhaps only later", "how much later cannot be said", "may be later"];
        let plan = plan::plan(&[plan::Asked { protocol: &protocol, record: &read, request: request.clone() }], &[]);
        let plan = plan.expect("a plan");
        let texts = [
            render::text(&answer, style()),
            render::brief(&answer, style()),
            render::markdown(&answer),
            render::plan_text(&plan, style()),
            render::plan_brief(&plan, style()),
            render::plan_markdown(&plan),
        ];
        for text in &texts {
            let next = |line: &str| ["session 2", "earliest", "no sooner than"].iter().any(|word| line.contains(word));
            // The trace says what each date was made of.
            let lines: Vec<&str> =
                text.lines().take_while(|line| !line.trim_start_matches("## ").starts_with("Trace")).collect();
            for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(days[0]) && next(line)) {
                let told = format!("{line} {}", lines.get(at + 1).unwrap_or(&""));
                assert!(may.iter().any(|word| told.contains(word)), "{text}");
            }
        }
        // What the patient takes home, and the calendar.
        for language in ["en", "de"] {
            let handout = handout::Handout::for_patient(&answer, language, None);
            let page = handout::html(&handout);
            let body = &page[page.find("<body").expect("a body")..];
            let is_said = body.contains("it may be later") || body.contains("vielleicht auch sp\u{e4}ter");
            assert!(is_said || !days.iter().any(|day| body.contains(day)), "{body}");
            assert!(handout.timeline.is_empty() && handout.events.is_empty(), "{:?}", handout.events);
            assert!(handout::calendar(&handout, None).is_err());
        }
        // On each of the days to come somebody decides anew.
        let outlook = protocol.outlook(&read, &request, day("2026-06-30").expect("a day")).expect("an outlook");
        assert_eq!(outlook.first_day, None);
    }
}

/// A day two weeks around which nobody is treated, and an age from which somebody may.
const LATER: &str = r#"
[[deferral]]
id         = "operation"
label      = "operation ahead"
when       = 'today >= operation - days(14)'
not_before = 'operation + days(14)'
reason     = "It must not become infected."
sources    = ["clinic"]
"#;

fn later(rule: &str) -> Protocol {
    let facts = HEAD.replace(
        "thick      =",
        concat!(
            "operation = { type = \"date\", ask = \"Operation?\", of = \"patient\", valid_for = \"forever\" }\n",
            "date_of_birth = { type = \"date\", past = true, ask = \"Born?\", of = \"patient\", valid_for = \"forever\" }\n",
            "thick      =",
        ),
    );
    let text = format!("{facts}{DOSE}{rule}");
    let (mut clinic, _) = Clinic::from_text("trial.toml", &text).unwrap_or_else(|found| panic!("{found}"));
    clinic.protocols.remove(0)
}

fn barred(answer: &Recommendation) -> String {
    let mut told = answer.doubts.iter().filter(|doubt| doubt.code == "R434").map(|doubt| doubt.message.clone());
    told.next().unwrap_or_default()
}

/// All that holds back today is over on 12 March, and that is no permitted day: something else holds by then.
#[test]
fn a_day_on_which_something_else_holds_by_then_is_no_first_permitted_day() {
    let facts = |operation: &str, birth: &str| json!({ "last_dose": "2026-02-20", "operation": operation, "date_of_birth": birth });
    let days = |answer: &Recommendation| (answer.not_before, answer.no_sooner_than, answer.no_later_than);
    let protocol = later(LATER);
    let answer = ask(&protocol, facts("2026-03-20", "1990"), json!([]));
    assert_eq!((answer.status, days(&answer)), (Status::Deferred, (None, day("2026-03-12"), None)));
    let told = "what holds back today is over by 2026-03-12, but the answer will then be deferred, not before 2026-04-03: operation ahead";
    assert_eq!(barred(&answer), told);
    // Later, or long over: the day stands.
    for operation in ["2026-05-20", "2026-01-20"] {
        let answer = ask(&protocol, facts(operation, "1990"), json!([]));
        assert_eq!((days(&answer), barred(&answer)), ((day("2026-03-12"), None, None), String::new()));
    }
    let never = "[[contraindication]]\nid = \"grown\"\nwhen = 'age >= 26'\nlasts = \"permanent\"\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let protocol = later(never);
    let answer = ask(&protocol, facts("2026-05-20", "2000-03-10"), json!([]));
    assert_eq!((answer.status, days(&answer)), (Status::Deferred, (None, day("2026-03-12"), None)));
    assert!(barred(&answer).ends_with("but the answer will then be contraindicated: `grown`"), "{}", barred(&answer));
    let answer = ask(&protocol, facts("2026-05-20", "2000-03-13"), json!([]));
    assert_eq!((days(&answer), barred(&answer)), ((day("2026-03-12"), None, None), String::new()));
}

/// What is only open today and certain by then is told as well: an answer that is missing takes nothing for granted.
#[test]
fn a_day_on_which_something_is_certain_that_is_open_today_is_no_first_permitted_day() {
    let never = "[[contraindication]]\nid = \"grown\"\nwhen = 'age >= 26 || wet'\nlasts = \"permanent\"\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let protocol = later(never);
    let ask = |birth: &str, wet: Json| {
        let facts = json!({ "last_dose": "2026-02-20", "date_of_birth": birth, "wet": wet });
        let answer = ask(&protocol, facts, json!([]));
        ([answer.not_before, answer.no_sooner_than], barred(&answer))
    };
    let told = "what holds back today is over by 2026-03-12, but the answer will then be contraindicated: `grown`";
    assert_eq!(ask("2000-03-10", Json::Null), ([None, day("2026-03-12")], told.to_owned()));
    // As open then as it is today, and asked about.
    assert_eq!(ask("2000-03-13", Json::Null), ([day("2026-03-12"), None], String::new()));
}

/// Whoever is deferred needs no setting today; on the day, nothing can be given without one.
#[test]
fn a_day_on_which_a_needed_setting_has_no_value_is_no_first_permitted_day() {
    let setting = |rows: &str| {
        let text = format!(
            "{HEAD}{DOSE}[[setting]]\nid = \"power\"\nlabel = \"Power\"\nrows = [{rows}]\nsources = [\"clinic\"]\n"
        );
        let (mut clinic, _) = Clinic::from_text("trial.toml", &text).unwrap_or_else(|found| panic!("{found}"));
        clinic.protocols.remove(0)
    };
    let told = |rows: &str, facts: Json| {
        let mut facts = facts;
        facts["last_dose"] = json!("2026-02-20");
        let answer = ask(&setting(rows), facts, json!([]));
        ([answer.not_before, answer.no_sooner_than], barred(&answer))
    };
    let none = "what holds back today is over by 2026-03-12, but the answer will then be undetermined: `power` without a value";
    let one = "{ when = 'thick', value = 10 }";
    assert_eq!(told(one, json!({ "thick": false })), ([None, day("2026-03-12")], none.to_owned()));
    // It may turn out to have one.
    assert_eq!(told(one, json!({})), ([day("2026-03-12"), None], none.to_owned()));
    assert_eq!(told(one, json!({ "thick": true })), ([day("2026-03-12"), None], String::new()));
    // What is asked today will have been answered.
    let both = "{ when = 'thick', value = 10 }, { when = '!thick', value = 5 }";
    assert_eq!(told(both, json!({})), ([day("2026-03-12"), None], String::new()));
    let text = "{ when = 'thick', text = \"a doctor sets the power\" }, { when = '!thick', value = 5 }";
    assert_eq!(told(text, json!({})), ([day("2026-03-12"), None], String::new()));
}

/// An interval that is longer by then, and a version that ends before the day.
#[test]
fn a_day_that_the_course_or_the_version_does_not_reach_is_no_first_permitted_day() {
    let grown = r#"
[[course]]
id       = "standard"
sessions = { planned = 3 }
interval = [
  { from = "previous", minimum = "28 days", reason = "x", sources = ["clinic"] },
  { when = 'age >= 18', from = "previous", minimum = "56 days", reason = "x", sources = ["clinic"] },
]
sources  = ["clinic"]
"#;
    let protocol = later(grown);
    let facts = |birth: &str| json!({ "last_dose": "never", "operation": "2026-05-20", "date_of_birth": birth });
    let sessions = json!([{ "treatment": "trial", "date": "2026-02-10" }]);
    let answer = ask(&protocol, facts("2008-03-08"), sessions.clone());
    assert_eq!((answer.status, answer.not_before, answer.no_sooner_than), (Status::Deferred, None, day("2026-03-10")));
    assert!(barred(&answer).contains("the answer will then be deferred, not before 2026-04-07"), "{}", barred(&answer));
    let answer = ask(&protocol, facts("2008-03-11"), sessions.clone());
    assert_eq!((answer.not_before, barred(&answer)), (day("2026-03-10"), String::new()));
    let text =
        format!("{HEAD}{COURSE}").replacen("in_force", "in_force = { from = 2026-01-01, until = 2026-03-09 } #", 1);
    let (clinic, _) = Clinic::from_text("trial.toml", &text).unwrap_or_else(|found| panic!("{found}"));
    let answer = ask(&clinic.protocols[0], json!({ "thick": false }), sessions);
    assert_eq!((answer.not_before, answer.no_sooner_than), (None, day("2026-03-10")));
    assert!(barred(&answer).contains("in force until 2026-03-09 only"), "{}", barred(&answer));
}
