//! What is only partly known of what happened and of what was done: a month instead of a day, an area that nobody noted. Whatever it
//! turns out to be, the answer was foreseen; and what cannot be is a mistake of the record.

use regimen::cases::Case;
use regimen::{
    Clinic, Decider, LineReader, Notation, Protocol, Recommendation, Record, Request, Slots, Status, Vocabulary,
};
use serde_json::{Value as Json, json};

const HEAD: &str = include_str!("fixtures/head.toml");

fn protocol(text: &str) -> Protocol {
    let clinic = Clinic::from_text("trial.toml", &format!("{HEAD}{text}")).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{found}")).protocols.remove(0)
}

fn record(protocol: &Protocol, record: &Json) -> Record {
    let read = Record::from_text("record.json", &record.to_string(), Notation::Json, &protocol.dictionary);
    read.unwrap_or_else(|found| panic!("{found}")).0
}

fn recommend(protocol: &Protocol, told: &Json, as_of: &str) -> Recommendation {
    let request = Request::new(as_of.parse().expect("a date"));
    protocol.recommend(&record(protocol, told), &request).unwrap_or_else(|found| panic!("{found}"))
}

/// What is recommended, which a batch decides alike, whichever way it reads the record.
fn ask(protocol: &Protocol, told: &Json, as_of: &str) -> Recommendation {
    let request = Request::new(as_of.parse().expect("a date"));
    let record = record(protocol, told);
    let prepared = protocol.prepare(&request).expect("in force");
    let answer = prepared.recommend(&record).unwrap_or_else(|found| panic!("{found}"));
    let vocabulary = Vocabulary::new([protocol]);
    let mut reader = LineReader::new(&protocol.dictionary, &vocabulary, request.as_of);
    let mut decider = Decider::new(&prepared, &vocabulary);
    let mut slots = Slots::new(&protocol.dictionary);
    reader.scan(&told.to_string(), &mut slots).unwrap_or_else(|_| panic!("{told} is read as it is"));
    let scanned = decider.decide(&slots);
    slots = Slots::of(&record, &vocabulary, request.as_of);
    for decision in [scanned, decider.decide(&slots)] {
        let could_become: Vec<Status> = decision.could_become.iter().collect();
        assert_eq!((decision.status, decision.not_before), (answer.status, answer.not_before), "{told}");
        assert_eq!(could_become, answer.could_become, "{told}");
    }
    answer
}

const WASHOUT: &str = r#"
[facts.last_dose]
type = "date"
ask = "When was the last dose?"
of = "patient"
valid_for = "forever"
may_be_never = true
past = true

[[deferral]]
id = "washout"
not_before = 'last_dose + days(30)'
reason = "x"
sources = ["clinic"]
"#;

#[test]
fn what_had_not_happened_when_it_was_told_is_a_mistake() {
    let protocol = protocol(WASHOUT);
    let told = |value: &str, on: &str| json!({ "patient": "P", "recorded": on, "sessions": [], "facts": { "last_dose": value } });
    let each = |value: &str, on: &str| json!({ "patient": "P", "recorded": "2026-05-02", "sessions": [], "facts": { "last_dose": { "value": value, "on": on } } });
    for value in ["2026-04", "2026-04-30", "2026-03-02"] {
        for line in [told(value, "2026-03-01"), each(value, "2026-03-01")] {
            let as_of = "2026-05-02".parse().expect("a date");
            let found = protocol.recommend(&record(&protocol, &line), &Request::new(as_of)).expect_err("a mistake");
            let found: Vec<_> = (&found).into_iter().collect();
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].code.id, "R401", "{line}");
            assert_eq!(found[0].message, format!("`last_dose` is {value}, after 2026-03-01, the day it was reported"));
            // The quick reader leaves it to the reader of records, who says the same.
            let vocabulary = Vocabulary::new([&protocol]);
            let mut reader = LineReader::new(&protocol.dictionary, &vocabulary, as_of);
            assert!(reader.scan(&line.to_string(), &mut Slots::new(&protocol.dictionary)).is_err(), "{line}");
        }
    }
    // What is left of a month when it is told is at least a day; "never" is before every day.
    let wait = |value: &str, on: &str| {
        let answer = ask(&protocol, &told(value, on), "2026-05-02");
        let moves = [answer.no_sooner_than, answer.no_later_than].map(|day| day.map(|day| day.to_string()));
        let day = answer.not_before.map(|day| day.to_string());
        (
            answer.status,
            day.or_else(|| Some(moves.into_iter().flatten().collect::<Vec<_>>().join(" to ")))
                .filter(|day| !day.is_empty()),
        )
    };
    assert_eq!(wait("2026-04", "2026-04-01"), (Status::Due, None));
    assert_eq!(wait("2026-04", "2026-04-30"), (Status::Undetermined, None));
    assert_eq!(wait("2026-04-30", "2026-04-30"), (Status::Deferred, Some("2026-05-30".into())));
    assert_eq!(wait("never", "2026-04-30"), (Status::Due, None));
    assert_eq!(wait("2026-05", "2026-05-02"), (Status::Deferred, Some("2026-05-31 to 2026-06-01".into())));
}

#[test]
fn a_case_that_tells_what_had_not_happened_is_refused() {
    let folder = std::env::temp_dir().join(format!("regimen-told-early-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("early.toml");
    let text = "title = \"Early\"\nas_of = 2026-05-02\nexpect = { status = \"due\" }\n\
                [facts]\nlast_dose = { value = \"2026-04\", on = 2026-03-01 }\n";
    std::fs::write(&path, text).expect("a case");
    let found = Case::load(&path, &protocol(WASHOUT)).expect_err("a mistake");
    std::fs::remove_dir_all(&folder).expect("gone");
    let found: Vec<_> = (&found).into_iter().map(|one| (one.code.id, one.help.clone())).collect();
    let help = "an event cannot be later than the day it was reported: correct it, or give that day, as in { value = …, on = 2026-05-02 }";
    assert_eq!(found, [("R401", vec![help.to_owned()])]);
}

#[test]
fn a_session_of_this_month_was_not_after_today() {
    let protocol = protocol(
        r#"
[[deferral]]
id = "since-last"
not_before = 'sessions.last.date + days(28)'
reason = "x"
sources = ["clinic"]

[[precaution]]
id = "over"
when = 'sessions.last.date <= today && (all s in sessions where s.date <= today)'
do = "x"
reason = "x"
sources = ["clinic"]
"#,
    );
    let told = |date: &str| json!({ "patient": "P", "recorded": "2026-03-01", "facts": {}, "sessions": [{ "treatment": "trial", "date": date }] });
    let answer = ask(&protocol, &told("2026-03"), "2026-03-02");
    assert_eq!(answer.status, Status::Deferred);
    let days =
        [answer.not_before, answer.no_sooner_than, answer.no_later_than].map(|day| day.map(|day| day.to_string()));
    assert_eq!(days, [None, Some("2026-03-29".into()), Some("2026-03-30".into())]);
    assert_eq!(answer.precautions.len(), 1);
    // On the first day of the month there is nothing left to ask.
    let answer = ask(&protocol, &told("2026-03"), "2026-03-01");
    assert_eq!((answer.not_before.map(|day| day.to_string()), answer.questions.len()), (Some("2026-03-29".into()), 0));
}

const GEL: &str = r#"
[products]
gel = ["gel-10"]
foam = ["foam-1"]

[[course]]
id = "gel-only"
accept = ["gel"]
sessions = { minimum = 1, planned = 1, maximum = 1 }
too_early = "repeat"
interval = [{ id = "usual", from = "previous", minimum = "50 days", reason = "x", sources = ["clinic"] }]
sources = ["clinic"]
"#;

/// A record of sessions of gel and foam, in that order.
fn products(sessions: &[(&str, &str)]) -> Json {
    let session = |(date, product): &(&str, &str)| json!({ "treatment": "trial", "date": date, "product": product });
    let sessions: Vec<Json> = sessions.iter().map(session).collect();
    json!({ "patient": "P", "recorded": "2026-03-20", "facts": {}, "sessions": sessions })
}

#[test]
fn of_sessions_that_fall_on_one_day_the_one_that_counts_stands() {
    let protocol = protocol(GEL);
    let ask = |sessions: &[(&str, &str)]| ask(&protocol, &products(sessions), "2026-03-20");
    let (gel, foam) = ("gel-10", "foam-1");
    // Whichever is listed first: they are one session. On a day before it, foam would make the gel too early.
    assert_eq!(ask(&[("2025-12-01", gel), ("2025-12-01", foam)]).status, Status::Complete);
    assert_eq!(ask(&[("2025-12-01", foam), ("2025-12-01", gel)]).status, Status::Complete);
    // The same where the day is one that the month may be: it is only complete if the gel was on the first.
    let open = [Status::Complete, Status::Due];
    let answer = ask(&[("2025-12", gel), ("2025-12-01", foam)]);
    assert_eq!((answer.status, &answer.could_become[..]), (Status::Undetermined, &open[..]));
    assert_eq!(answer.questions[0].fact, "sessions.2025-12.date");
    assert_eq!(ask(&[("2025-12-01", foam), ("2025-12", gel)]).could_become, open);
    // The last day of the month, where the month is listed after the day.
    assert_eq!(ask(&[("2025-12-31", gel), ("2025-12", foam)]).could_become, open);
    assert_eq!(ask(&[("2025-12", gel), ("2025-12", foam)]).could_become, open);
}

#[test]
fn the_last_note_is_that_of_the_last_in_the_record() {
    let rule = |end: &str, product: &str| {
        format!(
            "[[precaution]]\nid = \"{end}-{product}\"\nwhen = 'sessions.{end}.product == \"{product}\"'\ndo = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
        )
    };
    let rules = [rule("first", "gel-10"), rule("first", "foam-1"), rule("last", "gel-10"), rule("last", "foam-1")];
    let protocol = protocol(&rules.concat());
    let told = |sessions: &[(&str, &str)]| {
        let answer = ask(&protocol, &products(sessions), "2026-03-20");
        let precautions: Vec<String> = answer.precautions.iter().map(|one| one.id.clone()).collect();
        (precautions, answer.questions.len())
    };
    let certain = |first: &str, last: &str| (vec![format!("first-{first}"), format!("last-{last}")], 0);
    let (gel, foam) = ("gel-10", "foam-1");
    assert_eq!(told(&[("2025-12-01", gel), ("2025-12-01", foam)]), certain(gel, foam));
    // On whatever day of December: it came first, or was listed first on the first.
    assert_eq!(told(&[("2025-12-01", gel), ("2025-12", foam)]), certain(gel, foam));
    assert_eq!(told(&[("2025-12", gel), ("2025-12-31", foam)]), certain(gel, foam));
    // It may have been before or after.
    let (precautions, questions) = told(&[("2025-12", gel), ("2025-12-01", foam)]);
    assert_eq!((precautions.len(), questions), (0, 1));
    let (precautions, questions) = told(&[("2025-12-31", foam), ("2025-12", gel)]);
    assert_eq!((precautions.len(), questions), (0, 1));
}

const AREAS: [&str; 3] = ["face", "leg", "arm"];

/// Faces wait for a week and legs for eight weeks; arms are as legs.
fn areas(kind: &str, planned: bool, sessions: &str) -> Protocol {
    let choices = r#"choices = ["face", "leg", "arm"]"#;
    let plan = format!(
        "[facts.plan]\ntype = \"set\"\n{choices}\nask = \"What is planned?\"\nof = \"clinician\"\nvalid_for = \"visit\"\n"
    );
    let planned_in = if planned { "planned_in = \"plan\"\n" } else { "" };
    protocol(&format!(
        "{plan}[session_facts.area]\ntype = \"{kind}\"\n{choices}\n[[course]]\nid = \"standard\"\nseparate_by = \"area\"\n{planned_in}\
         sessions = {{ {sessions} }}\ninterval = [\n\
         {{ id = \"face\", when = 'area == \"face\"', from = \"previous\", minimum = \"7 days\", latest = \"30 days\", reason = \"x\", sources = [\"clinic\"] }},\n\
         {{ id = \"limb\", when = 'area != \"face\"', from = \"previous\", minimum = \"56 days\", reason = \"x\", sources = [\"clinic\"] }},\n\
         ]\nsources = [\"clinic\"]\n"
    ))
}

/// A record of sessions on some days, each with its area, if that was noted.
fn in_areas(plan: &Option<Json>, sessions: &[(&str, Option<Json>)]) -> Json {
    let session = |(date, area): &(&str, Option<Json>)| match area {
        Some(area) => json!({ "treatment": "trial", "date": date, "area": area }),
        None => json!({ "treatment": "trial", "date": date }),
    };
    let facts = plan.as_ref().map_or(json!({}), |plan| json!({ "plan": plan }));
    let sessions: Vec<Json> = sessions.iter().map(session).collect();
    json!({ "patient": "P", "recorded": "2026-03-02", "facts": facts, "sessions": sessions })
}

const SIX: &str = "minimum = 1, planned = 6";

#[test]
fn an_area_that_nobody_noted_may_be_a_new_one() {
    let protocol = areas("choice", false, SIX);
    let answer =
        ask(&protocol, &in_areas(&None, &[("2026-01-05", Some(json!("face"))), ("2026-02-20", None)]), "2026-03-02");
    assert_eq!(
        (answer.status, &answer.could_become[..]),
        (Status::Undetermined, &[Status::Deferred, Status::Due, Status::Overdue][..])
    );
    let asked: Vec<&str> = answer.questions.iter().map(|question| question.fact.as_str()).collect();
    assert_eq!(asked, ["sessions.2026-02-20.area"]);
    // The safest window is that of a leg, of which the record says nothing: it is not named.
    let course = answer.course.expect("a course");
    let earliest = course.next.and_then(|next| next.earliest).map(|day| day.to_string());
    assert_eq!((earliest.as_deref(), course.set_by_value, course.provisional), (Some("2026-04-17"), None, true));
}

#[test]
fn the_only_session_may_have_been_for_what_is_not_planned() {
    // All areas are alike, so that nothing but the area of the session decides.
    let text = "[facts.plan]\ntype = \"set\"\nchoices = [\"face\", \"leg\"]\nask = \"?\"\nof = \"clinician\"\nvalid_for = \"visit\"\n\
                [session_facts.area]\ntype = \"choice\"\nchoices = [\"face\", \"leg\"]\n\
                [[course]]\nid = \"standard\"\nseparate_by = \"area\"\nplanned_in = \"plan\"\nsessions = { planned = 6 }\n\
                interval = [{ from = \"previous\", minimum = \"56 days\", reason = \"x\" }]\nsources = [\"clinic\"]\n";
    let protocol = protocol(text);
    for plan in [None, Some(json!([])), Some(json!(["face"]))] {
        let answer = ask(&protocol, &in_areas(&plan, &[("2026-02-20", None)]), "2026-03-02");
        assert_eq!(answer.status, Status::Undetermined, "{plan:?}");
        assert_eq!(answer.could_become, [Status::Deferred, Status::Due], "{plan:?}");
        assert!(answer.questions.iter().any(|question| question.fact == "sessions.2026-02-20.area"), "{plan:?}");
    }
}

#[test]
fn a_session_that_was_for_no_area_counts_for_none() {
    let text = "[session_facts.area]\ntype = \"set\"\nchoices = [\"face\", \"leg\"]\n\
                [[course]]\nid = \"standard\"\nseparate_by = \"area\"\nsessions = { planned = 6 }\n\
                interval = [{ from = \"previous\", minimum = \"56 days\", reason = \"x\" }]\nsources = [\"clinic\"]\n";
    let answer = ask(&protocol(text), &in_areas(&None, &[("2026-02-20", Some(json!([])))]), "2026-03-02");
    assert_eq!((answer.status, answer.could_become), (Status::Due, vec![Status::Due]));
}

/// Every set of areas.
fn sets() -> Vec<Json> {
    (0..8)
        .map(|bits| {
            json!(
                AREAS
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| bits >> at & 1 == 1)
                    .map(|(_, area)| area)
                    .collect::<Vec<_>>()
            )
        })
        .collect()
}

/// Sessions on some days, each with its area, if that was noted.
type Sessions = Vec<(&'static str, Option<Json>)>;

/// Every record with something of another told that it leaves open: the plan, the area of a session.
fn completions(
    plan: &Option<Json>,
    sessions: &[(&'static str, Option<Json>)],
    areas: &[Json],
) -> Vec<(Option<Json>, Sessions)> {
    let plans = if plan.is_some() { vec![plan.clone()] } else { sets().into_iter().map(Some).collect() };
    let mut told: Vec<Vec<(&str, Option<Json>)>> = vec![Vec::new()];
    for (date, area) in sessions {
        let ways = if area.is_some() { vec![area.clone()] } else { areas.iter().cloned().map(Some).collect() };
        told = told
            .iter()
            .flat_map(|before| ways.iter().map(|way| [&before[..], &[(*date, way.clone())]].concat()))
            .collect();
    }
    plans.iter().flat_map(|plan| told.iter().map(|sessions| (plan.clone(), sessions.clone()))).collect()
}

#[test]
fn whatever_the_areas_turn_out_to_be_the_answer_was_foreseen() {
    let one: Vec<Json> = AREAS.iter().map(|area| json!(area)).collect();
    let mut plans: Vec<Option<Json>> = vec![None];
    plans.extend(sets().into_iter().map(Some));
    for (kind, areas_of) in [("choice", one), ("set", sets())] {
        for counts in [SIX, "minimum = 1, planned = 1, maximum = 1", "minimum = 1, planned = 2, maximum = 2"] {
            for planned in [true, false] {
                let protocol = areas(kind, planned, counts);
                let noted: Vec<Option<Json>> = [json!("face"), json!("leg")]
                    .into_iter()
                    .map(|area| if kind == "set" { json!([area]) } else { area })
                    .map(Some)
                    .chain([None])
                    .collect();
                for (plan, first) in plans.iter().flat_map(|plan| noted.iter().map(move |first| (plan, first))) {
                    if !planned && plan.is_some() {
                        continue;
                    }
                    // Every area of two sessions, or one, that nobody noted.
                    for others in [vec!["2026-02-20"], vec!["2026-01-20", "2026-02-20"]] {
                        if first.is_none() && others.len() > 1 {
                            continue;
                        }
                        let mut sessions = vec![("2025-12-05", first.clone())];
                        sessions.extend(others.into_iter().map(|date| (date, None)));
                        let before = ask(&protocol, &in_areas(plan, &sessions), "2026-03-02");
                        let window = |answer: &Recommendation| answer.course.as_ref()?.next.as_ref()?.earliest;
                        for (plan, sessions) in completions(plan, &sessions, &areas_of) {
                            let plan = plan.filter(|_| planned);
                            let told = in_areas(&plan, &sessions);
                            let after = recommend(&protocol, &told, "2026-03-02");
                            let who = format!(
                                "{kind} {counts} {planned}: {told}\nwas {} {:?}",
                                before.status, before.could_become
                            );
                            assert!(before.could_become.contains(&after.status), "{who}, is {}", after.status);
                            assert!(
                                before.status > Status::Deferred || after.status <= before.status,
                                "{who}, is {}",
                                after.status
                            );
                            if let (Some(then), Some(now)) = (window(&before), window(&after)) {
                                assert!(now <= then, "{who}: from {then}, is from {now}");
                            }
                        }
                    }
                }
            }
        }
    }
}
