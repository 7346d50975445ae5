//! `regimen plan`: what can be done for a patient by all protocols of a clinic, what excludes what, and the earliest order.

#[path = "support/random.rs"]
mod random;
#[allow(dead_code, reason = "other tests need the rest")]
mod support;

use std::process::Command;

use proptest::prelude::*;
use random::cases;
use regimen::plan::{Asked, Consequence, Group, Plan, plan};
use regimen::{Clinic, Date, Diagnostics, Duration, Notation, Protocol, Record, Request, Status};
use support::{Folder, Output, run};

const DAY: &str = "2026-03-02";

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

/// A protocol that is due for everybody, with whatever else is said.
fn protocol(id: &str, rest: &str) -> Protocol {
    read(id, &text_of(id, rest))
}

fn read(id: &str, text: &str) -> Protocol {
    Clinic::from_text(&format!("{id}.toml"), text)
        .unwrap_or_else(|found| panic!("{found}\n{text}"))
        .0
        .protocols
        .remove(0)
}

fn text_of(id: &str, rest: &str) -> String {
    format!(
        r#"
id = "{id}"
title = "The {id}"
version = "1.0.0"
status = "active"
in_force = {{ from = 2000-01-01 }}
review_by = 2100-01-01
owner = "nobody"
treatment = "{id}"
sources.clinic = {{ title = "Custom", evidence = "custom" }}
[facts.ill]
type = "bool"
ask = "Ill?"
of = "patient"
valid_for = "visit"
[facts.allergic]
type = "bool"
ask = "Allergic?"
of = "patient"
valid_for = "forever"
[facts.areas]
type = "set"
choices = ["face", "leg", "arm"]
ask = "Where?"
of = "clinician"
valid_for = "visit"
[facts.burnt]
type = "date"
past = true
may_be_never = true
ask = "Burnt?"
of = "patient"
valid_for = "forever"
[session_facts.area]
type = "set"
choices = ["face", "leg", "arm"]
{rest}
"#
    )
}

const COURSE: &str = r#"
[[course]]
id = "one"
sessions = { planned = 3, maximum = 3 }
interval = [{ from = "previous", minimum = "28 days" }]
sources = ["clinic"]
"#;

fn separation(from: &str, days: u16, rest: &str) -> String {
    format!(
        "[[separation]]\nid = \"after-{from}\"\nfrom = [\"{from}\"]\nminimum = \"{days} days\"\n{rest}\nreason = \"x\"\nsources = [\"clinic\"]\n"
    )
}

const RULES: &str = r#"
[[contraindication]]
id = "is-ill"
when = 'ill'
lasts = "while-true"
reason = "x"
sources = ["clinic"]
"#;

fn text(facts: &str, sessions: &str) -> String {
    format!("patient = \"P\"\nrecorded = {DAY}\nsessions = [{sessions}]\n[facts]\n{facts}")
}

fn record(protocol: &Protocol, text: &str) -> Record {
    Record::from_text("r.toml", text, Notation::Toml, &protocol.dictionary)
        .unwrap_or_else(|found| panic!("{found}\n{text}"))
        .0
}

fn planned(protocols: &[Protocol], text: &str, wanted: &[&str]) -> Result<Plan, Diagnostics> {
    let records: Vec<Record> = protocols.iter().map(|protocol| record(protocol, text)).collect();
    let request = || Request::new(day(DAY));
    let asked = protocols.iter().zip(&records);
    let asked: Vec<Asked<'_>> =
        asked.map(|(protocol, record)| Asked { protocol, record, request: request() }).collect();
    plan(&asked, &wanted.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
}

fn of(protocols: &[Protocol], facts: &str, wanted: &[&str]) -> Plan {
    planned(protocols, &text(facts, ""), wanted).unwrap_or_else(|found| panic!("{found}"))
}

/// `done -> other: status from, because`
fn said(one: &Consequence) -> String {
    let rules: Vec<&str> = one.rules.iter().map(|rule| rule.id.as_str()).collect();
    let from = one.first_day.map_or_else(|| "never".into(), |day| day.to_string());
    format!("{} -> {}: {} {from} {}", one.done, one.other, one.status, rules.join(","))
}

fn exclusions(plan: &Plan) -> Vec<Vec<String>> {
    plan.exclusions.iter().map(|one| one.if_done.iter().map(said).collect()).collect()
}

fn sessions(plan: &Plan) -> Vec<String> {
    let wanted = plan.wanted.as_ref().expect("it was asked for");
    wanted.sessions.iter().map(|one| format!("{} {}", one.date, one.protocol)).collect()
}

#[test]
fn what_keeps_a_distance_is_not_done_on_one_day() {
    let peel = protocol("peel", &format!("{COURSE}{}", separation("needling", 28, "")));
    let needling = protocol("needling", &format!("{COURSE}{}", separation("peel", 14, "")));
    let toxin = protocol("toxin", &format!("{COURSE}{}", separation("needling", 7, "")));
    let plan = of(&[peel, needling, toxin], "", &[]);
    assert!(plan.protocols.iter().all(|one| one.group == Group::Today));
    assert_eq!(
        exclusions(&plan),
        [
            [
                "needling -> peel: deferred 2026-03-30 after-needling",
                "peel -> needling: deferred 2026-03-16 after-peel"
            ],
            // One of the two is enough.
            ["needling -> toxin: deferred 2026-03-09 after-needling", "toxin -> needling: due 2026-03-02 "],
        ]
    );
}

/// Of two that are done today, a third waits for tomorrow because of one of them.
#[test]
fn what_is_not_on_one_day_names_those_that_forbid_it() {
    let all = [("a", separation("b", 28, "")), ("b", String::new()), ("c", String::new())];
    let all = all.map(|(id, rest)| protocol(id, &format!("{COURSE}{rest}")));
    let plan = of(&all, "", &["a", "b", "c"]);
    assert_eq!(sessions(&plan), ["2026-03-02 a", "2026-03-02 c", "2026-03-03 b"]);
    let not_with: Vec<_> =
        plan.wanted.expect("it was asked for").sessions.into_iter().map(|one| one.not_with).collect();
    assert_eq!(not_with, [vec![], vec![], vec!["a".to_owned()]]);
}

#[test]
fn what_may_be_given_on_one_day_is_no_exclusion_and_keeps_its_distance_after_it() {
    let of_both = |rest: &str| {
        [("a", "b"), ("b", "a")].map(|(id, from)| protocol(id, &format!("{COURSE}{}", separation(from, 28, rest))))
    };
    assert!(of(&of_both("same_day = true"), "", &[]).exclusions.is_empty());
    assert_eq!(sessions(&of(&of_both("same_day = true"), "", &["b", "a"])), ["2026-03-02 a", "2026-03-02 b"]);
    assert_eq!(of(&of_both(""), "", &[]).exclusions.len(), 1);
    // What was given yesterday counts as ever.
    let given = text("", "{ treatment = \"a\", date = 2026-03-01 }");
    let plan = planned(&of_both("same_day = true"), &given, &["b"]).expect("a plan");
    assert_eq!(sessions(&plan), ["2026-03-29 b"]);
}

#[test]
fn a_product_that_nobody_knows_yet_is_asked_for() {
    let products = "[products]\nlive = [\"live-1\"]\ndead = [\"dead-1\"]\n";
    let a = protocol("a", COURSE);
    let b = protocol("b", &format!("{products}{COURSE}{}", separation("a", 28, "products = [\"live\"]")));
    let plan = of(&[a, b], "", &[]);
    assert_eq!(exclusions(&plan), [["a -> b: undetermined 2026-03-30 ", "b -> a: due 2026-03-02 "]]);
    assert_eq!(plan.exclusions[0].if_done[0].questions, ["sessions.2026-03-02.product"]);
}

#[test]
fn an_exclusion_names_the_areas_that_matter() {
    let laser = protocol(
        "laser",
        r#"
[[course]]
id = "one"
separate_by = "area"
planned_in = "areas"
sessions = { planned = 3, maximum = 3 }
interval = [{ from = "previous", minimum = "28 days" }]
sources = ["clinic"]
[[deferral]]
id = "after-peel"
when = '"face" in areas'
not_before = 'sessions_of("peel").last.date + days(28)'
reason = "x"
sources = ["clinic"]
"#,
    );
    let peel = protocol(
        "peel",
        &format!(
            "{COURSE}[[deferral]]\nid = \"after-laser\"\n\
             when = 'any s in sessions_of(\"laser\") where \"face\" in s.area'\nuntil = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
        ),
    );
    let plan = of(&[laser, peel], "areas = [\"face\", \"leg\"]\n", &[]);
    let [exclusion] = &plan.exclusions[..] else { panic!("{:?}", plan.exclusions) };
    let areas: Vec<_> = exclusion.if_done.iter().map(|one| (said(one), &one.areas_done[..], &one.areas[..])).collect();
    let face = &["face".to_owned()][..];
    assert_eq!(
        areas,
        [
            ("laser -> peel: deferred never after-laser".to_owned(), face, &[][..]),
            ("peel -> laser: deferred 2026-03-30 after-peel".to_owned(), &[][..], face),
        ]
    );
}

#[test]
fn the_question_that_opens_most_comes_first() {
    let allergy = RULES.replace("ill", "allergic");
    let both = protocol("both", &format!("{RULES}{allergy}"));
    let one = protocol("one", &allergy);
    let plan = of(&[both, one], "", &[]);
    let told: Vec<_> =
        plan.questions.iter().map(|one| (one.fact.as_str(), one.opens.len(), one.alone.join(","))).collect();
    assert_eq!(told, [("allergic", 2, "one".to_owned()), ("ill", 1, String::new())]);
    assert!(plan.protocols.iter().all(|one| one.group == Group::Ask && one.status == Status::Undetermined));
}

#[test]
fn an_order_says_what_it_waits_for_and_what_is_to_be_confirmed() {
    let peel = protocol("peel", &format!("{COURSE}{RULES}{}", separation("needling", 28, "")));
    let needling = protocol("needling", &format!("{COURSE}{}", separation("peel", 14, "")));
    let plan = of(&[peel.clone(), needling.clone()], "ill = false\n", &["needling", "peel"]);
    assert_eq!(sessions(&plan), ["2026-03-02 peel", "2026-03-16 needling"]);
    let wanted = plan.wanted.expect("an order");
    assert_eq!(wanted.sessions[1].waited_for, ["after-peel"]);
    assert!(wanted.sessions.iter().all(|one| one.to_be_confirmed.is_empty()));
    // With a peel of last week, needling waits for it, and the peel for its own interval.
    let given = text("ill = false\n", "{ treatment = \"peel\", date = 2026-02-23 }");
    let plan = planned(&[peel, needling], &given, &["needling", "peel"]).expect("a plan");
    assert_eq!(sessions(&plan), ["2026-03-09 needling", "2026-04-06 peel"]);
    let wanted = plan.wanted.expect("an order");
    assert_eq!(wanted.sessions[1].to_be_confirmed[0].fact, "ill");
}

#[test]
fn what_cannot_be_done_is_said_and_why() {
    let ill = protocol("ill", &format!("{COURSE}{RULES}"));
    let well = protocol("well", COURSE);
    let plan = of(&[ill.clone(), well.clone()], "ill = true\n", &["well", "ill"]);
    let wanted = plan.wanted.expect("an order");
    let order: Vec<&str> = wanted.sessions.iter().map(|one| one.protocol.as_str()).collect();
    assert_eq!(order, ["well"], "the others have their order");
    assert_eq!(wanted.impossible.len(), 1);
    assert_eq!((wanted.impossible[0].protocol.as_str(), wanted.impossible[0].status), ("ill", Status::Contraindicated));
    let wrong = |wanted: &[&str]| {
        let found = planned(&[ill.clone(), well.clone()], &text("", ""), wanted).expect_err("a mistake");
        found.iter().map(|one| one.code.id).collect::<Vec<_>>()
    };
    assert_eq!(wrong(&["wel"]), ["R202"]);
    assert_eq!(wrong(&["well", "well"]), ["R201"]);
}

/// Eight that all keep a distance from each other, each another one: 40,320 orders.
/// That it was not looked further than a version goes is said with it.
#[test]
fn the_end_of_a_version_is_told() {
    let wait =
        "[[deferral]]\nid = \"heals\"\nnot_before = 'burnt + days(60)'\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let held = text_of("held", wait).replace("from = 2000-01-01", "from = 2000-01-01, until = 2026-03-20");
    let held = read("held", &held);
    let plan = of(&[held, protocol("other", "")], "burnt = 2026-02-25\n", &["held", "other"]);
    let ends = |id: &str| plan.protocols.iter().find(|one| one.protocol == id).expect("it is listed").looked_at_until;
    assert_eq!((ends("held"), ends("other")), (Some(day("2026-03-20")), None));
    let text = regimen::render::plan_markdown(&plan);
    assert!(text.contains("The held: deferred today, and on no day until 2026-03-20 due"), "{text}");
    assert!(text.contains("not looked at after 2026-03-20, because the version ends then: The held"), "{text}");
}

#[test]
fn eight_are_ordered() {
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let one = |at: usize| {
        let others = ids.iter().enumerate().filter(|(other, _)| *other != at);
        let apart = others
            .map(|(other, from)| separation(from, 3 + u16::try_from((other * 5 + at * 3) % 7).expect("small"), ""));
        protocol(ids[at], &format!("{COURSE}{}", apart.collect::<String>()))
    };
    let protocols: Vec<Protocol> = (0..ids.len()).map(one).collect();
    let plan = of(&protocols, "", &ids);
    assert_eq!(plan.exclusions.len(), 28);
    assert_eq!(sessions(&plan).len(), 8);
    assert!(plan.wanted.is_some_and(|one| !one.cut_short));
}

// ---------------------------------------------------------------------------------------------------------------------
// Against brute force
// ---------------------------------------------------------------------------------------------------------------------

/// What is planned, by day and id.
type Order = Vec<(Date, String)>;

/// Whether a protocol says "treat" on a day on which a record lists some sessions.
fn permits(protocol: &Protocol, facts: &str, sessions: &Order, on: Date) -> bool {
    let sessions = sessions.iter().map(|(day, id)| format!("{{ treatment = \"{id}\", date = {day} }}"));
    let text = text(facts, &sessions.collect::<Vec<_>>().join(", "));
    let answer = protocol.recommend(&record(protocol, &text), &Request::new(on));
    answer.unwrap_or_else(|found| panic!("{found}\n{text}")).status.is_treat()
}

/// Follows one order, each on the first day that all on it permit.
fn follow(protocols: &[Protocol], order: &[usize], facts: &str) -> Option<Order> {
    let until = day(DAY) + Duration::new(24, 0);
    let (mut done, mut on): (Order, Date) = (Vec::new(), day(DAY));
    for at in order {
        loop {
            let mut all = done.clone();
            all.push((on, protocols[*at].id.clone()));
            let together = all.iter().filter(|(day, _)| *day == on).cloned().collect::<Order>();
            let good = together.iter().all(|one| {
                let others = all.iter().filter(|other| *other != one).cloned().collect::<Order>();
                let protocol = protocols.iter().find(|protocol| protocol.id == one.1).expect("it is one of them");
                permits(protocol, facts, &others, on)
            });
            if good {
                done = all;
                break;
            }
            on = on + Duration::days(1);
            if on > until {
                return None;
            }
        }
    }
    done.sort();
    Some(done)
}

fn orders(of: &[usize]) -> Vec<Vec<usize>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for at in of {
        let rest: Vec<usize> = of.iter().copied().filter(|other| other != at).collect();
        all.extend(orders(&rest).into_iter().map(|order| [vec![*at], order].concat()));
    }
    all
}

fn brute_force(protocols: &[Protocol], facts: &str) -> Option<Order> {
    let all = orders(&(0..protocols.len()).collect::<Vec<_>>());
    let found = all.iter().filter_map(|order| follow(protocols, order, facts));
    found.min_by_key(|order| {
        let days: Vec<Date> = order.iter().map(|(day, _)| *day).collect();
        let ids: Vec<String> = order.iter().map(|(_, id)| id.clone()).collect();
        (days.last().copied(), days, ids)
    })
}

/// The order of all, or, where there is none, that of those which can be done by themselves.
fn order_of_the_possible(protocols: &[Protocol], facts: &str) -> Order {
    let all = brute_force(protocols, facts).or_else(|| {
        let is_possible = |one: &&Protocol| brute_force(std::slice::from_ref(one), facts).is_some();
        let possible: Vec<Protocol> = protocols.iter().filter(is_possible).cloned().collect();
        Some(possible).filter(|some| some.len() < protocols.len()).and_then(|some| brute_force(&some, facts))
    });
    all.unwrap_or_default()
}

const IDS: [&str; 4] = ["a", "b", "c", "d"];

/// Of each other protocol the distance, whether it may be on one day, and whether a rule keeps it; the wait after a burn; what has to be
/// given before.
type Random = (Vec<(u16, bool, bool)>, Option<u16>, Option<usize>);

/// Protocols of which each keeps its distance from some of the others, waits after a burn, begins on some day, or wants another to have
/// been given before it.
fn several() -> impl Strategy<Value = Vec<Protocol>> {
    let apart = proptest::collection::vec((0u16..9, any::<bool>(), any::<bool>()), IDS.len());
    let one = (apart, proptest::option::of(1u16..20), proptest::option::weighted(0.2, 0usize..IDS.len()));
    proptest::collection::vec(one, 1..=IDS.len()).prop_map(|all| {
        let one = |(at, (apart, burnt, after)): (usize, Random)| {
            let mut rest = COURSE.to_owned();
            for (other, (days, same_day, by_rule)) in apart.into_iter().enumerate() {
                let from = IDS[other];
                if other == at || days == 0 {
                    continue;
                }
                rest += &match by_rule {
                    true => format!(
                        "[[deferral]]\nid = \"rule-{from}\"\nwhen = 'sessions_of(\"{from}\").len() > 0'\n\
                         not_before = 'sessions_of(\"{from}\").last.date + days({days})'\nreason = \"x\"\nsources = [\"clinic\"]\n"
                    ),
                    false => separation(from, days, &format!("same_day = {same_day}")),
                };
            }
            if let Some(days) = burnt {
                rest += &format!("[[deferral]]\nid = \"burnt\"\nnot_before = 'burnt + days({days})'\nreason = \"x\"\nsources = [\"clinic\"]\n");
            }
            if let Some(other) = after.filter(|other| *other != at) {
                rest += &format!(
                    "[[indication]]\nid = \"second\"\nwhen = 'sessions_of(\"{}\").len() > 0'\notherwise = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n",
                    IDS[other]
                );
            }
            protocol(IDS[at], &rest)
        };
        all.into_iter().enumerate().map(one).collect()
    })
}

/// What is done only so many days after another waits for a later day of that one: every day of both is tried here.
#[test]
fn a_session_waits_for_what_has_to_follow_it_soon() {
    for (within, first, wait) in
        [(5, "2026-03-09", 0), (1, "2026-03-06", 0), (3, "2026-03-02", 2), (4, "2026-03-08", 3)]
    {
        let a = protocol("a", COURSE);
        let rest = format!(
            "[[deferral]]\nid = \"start\"\nnot_before = 'date(\"{first}\")'\nreason = \"x\"\nsources = [\"clinic\"]\n\
             [[indication]]\nid = \"recent\"\nwhen = 'any s in sessions_of(\"a\") where today - s.date < days({within})'\n\
             otherwise = \"x\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
        );
        let apart =
            if wait > 0 { format!("{COURSE}{}", separation("a", wait, "same_day = false")) } else { String::new() };
        let rest = rest + apart.as_str();
        let protocols = [a, protocol("b", &rest)];
        let plan = of(&protocols, "", &["a", "b"]);
        assert!(plan.wanted.as_ref().is_some_and(|one| !one.cut_short && one.impossible.is_empty()), "{plan:?}");
        let days = || (0..9).map(|days| day(DAY) + Duration::days(days));
        let pairs = days().flat_map(|a| days().map(move |b| (a, b)));
        let is_good = |(a, b): &(Date, Date)| {
            let others = |on: &Date, other: &str, at: &Date| match at <= on {
                true => vec![(*at, other.to_owned())],
                false => Vec::new(),
            };
            permits(&protocols[0], "", &others(a, "b", b), *a) && permits(&protocols[1], "", &others(b, "a", a), *b)
        };
        let best = pairs.filter(is_good).min_by_key(|(a, b)| (*a.max(b), *a.min(b))).expect("there is one");
        let mut best = [format!("{} a", best.0), format!("{} b", best.1)];
        best.sort();
        assert_eq!(sessions(&plan), best, "{within} {first} {wait}");
    }
}

proptest! {
    #![proptest_config(cases(20))]

    #[test]
    fn the_order_is_that_of_brute_force(protocols in several(), ago in 0i32..15) {
        let facts = format!("burnt = {}\n", day(DAY) + Duration::days(-ago));
        let ids: Vec<&str> = protocols.iter().map(|one| one.id.as_str()).collect();
        let plan = of(&protocols, &facts, &ids);
        let found: Order =
            plan.wanted.expect("it was asked for").sessions.iter().map(|one| (one.date, one.protocol.clone())).collect();
        prop_assert_eq!(found, order_of_the_possible(&protocols, &facts), "{:?}", protocols.iter().map(|one| &one.file.text).collect::<Vec<_>>());
    }

    /// Two that are said to exclude each other do, and no others.
    #[test]
    fn an_exclusion_is_what_the_protocol_says_after_the_session(protocols in several()) {
        let facts = "burnt = \"never\"\n";
        let plan = of(&protocols, facts, &[]);
        let today: Vec<&Protocol> = protocols.iter().filter(|one| permits(one, facts, &Vec::new(), day(DAY))).collect();
        let after = |one: &Protocol, other: &Protocol| permits(other, facts, &vec![(day(DAY), one.id.clone())], day(DAY));
        let mut expected = Vec::new();
        for (at, one) in today.iter().enumerate() {
            for other in &today[at + 1..] {
                if !after(one, other) || !after(other, one) {
                    expected.push([one.id.clone(), other.id.clone()]);
                }
            }
        }
        let found: Vec<[String; 2]> = plan.exclusions.iter().map(|one| one.protocols.clone()).collect();
        prop_assert_eq!(found, expected);
        for one in plan.exclusions.iter().flat_map(|one| &one.if_done) {
            let other = protocols.iter().find(|protocol| protocol.id == one.other).expect("it is one of them");
            let done = vec![(day(DAY), one.done.clone())];
            let mut first = day(DAY);
            while !permits(other, facts, &done, first) {
                first = first + Duration::days(1);
            }
            prop_assert_eq!(one.first_day, Some(first));
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// What was done all the same
// ---------------------------------------------------------------------------------------------------------------------

/// A session that was given against the answer is read, counted or not as the course says, and told of; the answer goes on from it.
#[test]
fn what_was_done_all_the_same_is_recorded_and_judged_as_it_was() {
    let (clinic, _) = Clinic::load(support::repository().join("protocols")).expect("the shipped clinic");
    let healthy =
        std::fs::read_to_string(support::repository().join("protocols/records/healthy-adult.toml")).expect("a record");
    let done = |one: &str, other: &str| {
        format!(
            "{}\n[[sessions]]\ntreatment = \"{one}\"\ndate = 2026-03-02\n[[sessions]]\ntreatment = \"{other}\"\ndate = 2026-03-03\n",
            healthy.replace("sessions = []\n", "")
        )
    };
    let ours: Vec<&Protocol> =
        clinic.protocols.iter().filter(|one| one.category == regimen::plan::Category::Treatment).collect();
    assert!(ours.len() > 6);
    for one in &ours {
        for other in &ours {
            let text = done(&one.treatment, &other.treatment);
            let (record, _) = Record::from_text("r.toml", &text, Notation::Toml, &other.dictionary).expect("a record");
            let answer = other.recommend(&record, &Request::new(day("2026-03-03"))).expect("an answer");
            assert!(!answer.status.is_treat(), "{} after {}: {}", other.id, one.id, answer.status);
            let Some(course) = &answer.course else { continue };
            let told = course.past.iter().filter(|session| session.date == "2026-03-03").count();
            assert_eq!(told, 1, "{} after {}: {:?}", other.id, one.id, course.past);
        }
    }
    // Peeled yesterday, needled today all the same: it is told that it was too close.
    let needling = ours.iter().find(|one| one.id == "microneedling-acne-scars").expect("it is shipped");
    let text = done("glycolic-peel", "microneedling");
    let (record, _) = Record::from_text("r.toml", &text, Notation::Toml, &needling.dictionary).expect("a record");
    let answer = needling.recommend(&record, &Request::new(day("2026-03-10"))).expect("an answer");
    let course = answer.course.expect("a course");
    assert!(!course.past[0].faults.is_empty(), "{:?}", course.past);
}

// ---------------------------------------------------------------------------------------------------------------------
// The command
// ---------------------------------------------------------------------------------------------------------------------

fn regimen(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.args(arguments).current_dir(support::repository());
    run(command, "")
}

const ASK: [&str; 5] = ["plan", "protocols", "protocols/records/healthy-adult.toml", "--as-of", DAY];

/// The plan of the whole clinic begins with one screen, whoever the patient is; nothing is dropped without being counted.
#[test]
fn one_screen_first() {
    let records = ["healthy-adult", "healthy-man", "minimal"];
    for (record, want) in records.into_iter().zip(["glycolic-peel,botulinum-toxin,microneedling", "mmr", "polio,hib"]) {
        let path = format!("protocols/records/{record}.toml");
        let ask = ["plan", "protocols", &path, "--as-of", DAY, "--want", want];
        let told = regimen(&ask);
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        assert!(told.stdout.lines().count() <= 45, "{}", told.stdout);
        let json = regimen(&[&ask[..], &["--format", "json"]].concat());
        let plan: Plan = serde_json::from_str(&json.stdout).expect("a plan");
        let part = |title: &str| -> usize {
            let lines = told.stdout.lines().skip_while(|line| *line != title).skip(1);
            let lines: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
            let number =
                |line: &&&str| line.trim_start().split_once(". ").is_some_and(|(at, _)| at.parse::<u8>().is_ok());
            let points = lines.iter().filter(|line| line.starts_with("  - ") || number(line)).count();
            let rest = lines
                .iter()
                .find_map(|line| line.trim().strip_prefix("and ")?.strip_suffix(" more")?.parse::<usize>().ok());
            points + rest.unwrap_or(0)
        };
        let in_group = |group: Group| plan.protocols.iter().filter(|one| one.group == group).count();
        assert_eq!(part("Today"), in_group(Group::Today), "{}", told.stdout);
        assert_eq!(part("From a day on"), in_group(Group::Later), "{}", told.stdout);
        assert_eq!(part("Not on one day"), plan.exclusions.len(), "{}", told.stdout);
        assert_eq!(part("Questions that open most"), plan.questions.len(), "{}", told.stdout);
        assert!(told.stdout.ends_with("add --full)\n"), "{}", told.stdout);
        // The whole plan has them all.
        let whole = regimen(&[&ask[..], &["--full"]].concat()).stdout;
        assert!(plan.questions.iter().all(|one| whole.contains(one.ask.split_whitespace().next().expect("a word"))));
        assert!(plan.protocols.iter().all(|one| whole.contains(&format!("({})", one.protocol))), "{whole}");
    }
}

#[test]
fn the_command_lists_what_can_be_done_first() {
    let told = regimen(&[&ASK[..], &["--full", "--want", "glycolic-peel,botulinum-toxin,microneedling"]].concat());
    assert!(told.code == Some(0) && told.stderr.is_empty(), "{}", told.stderr);
    let expected = "Patient P-0001 · as of 2026-03-02 · 5 can be done today, 10 wait for answers\n\nWhat is wanted\n  2026-03-02 (today)  Glycolic";
    assert!(told.stdout.starts_with(expected), "{}", told.stdout);
    for part in [
        "Today\n  - Treatments\n",
        "Not on one day\n",
        "Questions that open most\n  1.  ",
        "opens MMR vaccine and chickenpox vaccine\n",
        "Not for this patient\n",
    ] {
        assert!(told.stdout.contains(part), "{part}\n{}", told.stdout);
    }
    let markdown = regimen(&[&ASK[..], &["--format", "markdown"]].concat()).stdout;
    assert!(markdown.contains("\n## Not on one day\n\n- botulinum toxin and fractional laser\n"), "{markdown}");
    let json = regimen(&[&ASK[..], &["--format", "json", "--only", "glycolic-peel,mmr"]].concat());
    let plan: Plan = serde_json::from_str(&json.stdout).expect("a plan");
    assert_eq!(plan.protocols.iter().map(|one| one.protocol.as_str()).collect::<Vec<_>>(), ["glycolic-peel", "mmr"]);
    assert_eq!(serde_json::to_string_pretty(&plan).expect("JSON") + "\n", json.stdout);
}

#[test]
fn a_slip_on_the_command_line_is_told_in_words() {
    for (arguments, message) in [
        (["--want", "glycolic-pel"], "--want: there is no protocol `glycolic-pel`; did you mean `glycolic-peel`?"),
        (["--want", "mmr,mmr"], "--want: `mmr` is wanted twice"),
        (
            ["--want", "mmr,polio,hpv,hib,rsv,zoster,varicella,influenza,rotavirus"],
            "--want: 9 are wanted, and all orders can be tried of at most 8",
        ),
        (["--only", "mrm"], "--only: there is no protocol `mrm`; did you mean `mmr`?"),
    ] {
        let told = regimen(&[&ASK[..], &arguments].concat());
        assert!(told.code == Some(2) && told.stderr.contains(message), "{}", told.stderr);
    }
}

#[test]
fn drafts_and_broken_protocols_stand_apart() {
    let folder = Folder::new();
    for part in ["facts.toml", "records", "glycolic-peel", "mmr", "botulinum-toxin"] {
        folder.copy(&format!("protocols/{part}"), &format!("clinic/{part}"));
    }
    let change = |id: &str, from: &str, to: &str| {
        let path = folder.path().join(format!("clinic/{id}/protocol.toml"));
        let text = std::fs::read_to_string(&path).expect("text");
        assert!(text.contains(from));
        std::fs::write(path, text.replacen(from, to, 1)).expect("written");
    };
    change("botulinum-toxin", "status    = \"active\"", "status    = \"draft\"");
    change("mmr", "owner ", "ownr ");
    let (clinic, patient) = (folder.path().join("clinic"), folder.path().join("clinic/records/healthy-adult.toml"));
    let ask = [clinic.to_str().expect("a path"), patient.to_str().expect("a path"), "--as-of", DAY];
    let told = regimen(&[&["plan"], &ask[..]].concat());
    assert_eq!(told.code, Some(1));
    assert!(told.stdout.contains("Drafts – not for patients\n  - Treatments: botulinum toxin\n"), "{}", told.stdout);
    let told = regimen(&[&["plan", "--full"], &ask[..]].concat());
    assert!(told.stdout.contains("Drafts – not for patients\n  - Botulinum toxin"), "{}", told.stdout);
    assert!(told.stdout.contains("Broken – no answer\n"), "{}", told.stdout);
    assert!(told.stdout.contains("1 can be done today") && !told.stdout.contains("Not on one day"), "{}", told.stdout);
    let told = regimen(&[&["plan"], &ask[..], &["--want", "botulinum-toxin"]].concat());
    assert!(told.code == Some(2) && told.stderr.contains("`botulinum-toxin` is a draft"), "{}", told.stderr);
}
