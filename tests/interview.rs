//! The interview: it asks what can still change the answer, and nothing else.

#![cfg(feature = "interview")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "small numbers; and how many questions are asked is printed"
)]

use std::collections::BTreeMap;
use std::path::Path;

use regimen::internals::FactType;
use regimen::interview::{Answers, Asked, Interview, Outcome, Reply, Subject};
use regimen::{Clinic, Date, Notation, Prepared, Recommendation, Record, Request, Status};

const TODAY: &str = "2026-03-02";

fn shipped(id: &str) -> Prepared {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols").join(id);
    let (clinic, _) = Clinic::load(folder).unwrap_or_else(|found| panic!("{found}"));
    prepared(&clinic)
}

fn prepared(clinic: &Clinic) -> Prepared {
    clinic.protocols[0].prepare(&Request::new(TODAY.parse().expect("a day"))).unwrap_or_else(|found| panic!("{found}"))
}

fn begin(prepared: Vec<Prepared>, text: &str) -> Interview {
    Interview::begin(prepared, "record.toml", text).unwrap_or_else(|found| panic!("{found}\n{text}")).0
}

fn blank() -> String {
    Interview::blank("P-1", TODAY.parse().expect("a day"))
}

/// The answers of the healthy adult.
fn healthy() -> BTreeMap<String, Reply> {
    let text = std::fs::read_to_string("protocols/records/healthy-adult.toml").expect("a record");
    let record: toml_edit::DocumentMut = text.parse().expect("TOML");
    let facts = record["facts"].as_table().expect("facts").iter();
    facts.map(|(name, item)| (name.to_owned(), Reply::Value(typed(item.get("value").unwrap_or(item))))).collect()
}

/// An answer as it is typed.
fn typed(item: &toml_edit::Item) -> String {
    match item.as_array() {
        Some(all) if all.is_empty() => "[]".into(),
        Some(all) => all.iter().filter_map(toml_edit::Value::as_str).collect::<Vec<_>>().join(", "),
        None => item.to_string().trim().to_owned(),
    }
}

/// Goes through an interview to its end; the names of what was asked.
fn go_through(interview: &mut Interview, mut reply: impl FnMut(&Asked) -> Reply) -> Vec<String> {
    let mut asked = Vec::new();
    while let Some(question) = interview.current() {
        asked.push(question.question.fact.clone());
        assert!(asked.len() < 500, "{asked:?}");
        let reply = reply(&question);
        interview.answer(&reply).unwrap_or_else(|found| panic!("{}: {reply:?}: {found}", question.question.fact));
    }
    asked
}

/// What the healthy adult says to a question.
fn healthy_reply(asked: &Asked, healthy: &BTreeMap<String, Reply>) -> Reply {
    let one = |subject: &Subject| match subject {
        Subject::Fact(name) => healthy.get(name).cloned().unwrap_or(Reply::NotKnown),
        Subject::Sessions(_) => Reply::Value("no".into()),
        _ => Reply::NotKnown,
    };
    several(asked, one).unwrap_or_else(|| one(&asked.subject))
}

/// What is said to several questions at once, where it is known what is said to each; else they are asked one by one.
fn several(asked: &Asked, mut one: impl FnMut(&Subject) -> Reply) -> Option<Reply> {
    let Subject::Several { members, .. } = &asked.subject else { return None };
    let no = |reply: &Reply| matches!(reply, Reply::Value(text) if ["no", "false", "never", "\"never\"", "none", "\"none\"", "[]"].contains(&text.as_str()));
    let replies: Vec<Reply> = members.iter().map(&mut one).collect();
    if replies.iter().any(|reply| !matches!(reply, Reply::Value(_))) {
        return Some(Reply::NotKnown);
    }
    let others = replies.iter().enumerate().filter(|(_, reply)| !no(reply)).map(|(at, _)| (at + 1).to_string());
    let others = others.collect::<Vec<_>>().join(", ");
    Some(Reply::Value(if others.is_empty() { "no".into() } else { others }))
}

#[test]
fn a_healthy_adult_is_asked_less_than_45_questions_for_microneedling() {
    let healthy = healthy();
    let mut interview = begin(vec![shipped("microneedling-acne-scars")], &blank());
    let asked = go_through(&mut interview, |asked| healthy_reply(asked, &healthy));
    assert_eq!(interview.recommendations()[0].status, Status::Due, "{}", interview.text());
    assert!(asked.len() < 45, "{}: {asked:#?}", asked.len());
}

/// A stream of numbers from a seed and a name: the same on every computer (splitmix64).
fn dice(seed: u64, name: &str) -> impl FnMut(u64) -> u64 {
    let mut state = name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    move |most| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}

/// What is true of a patient: the healthy adult's answer mostly, else any.
fn truth(prepared: &Prepared, healthy: &BTreeMap<String, Reply>, seed: u64, subject: &Subject) -> Reply {
    let name = match subject {
        Subject::Fact(name) => name,
        Subject::Sessions(treatment) => {
            let mut roll = dice(seed, treatment);
            return Reply::Value(if roll(4) > 0 { "no".into() } else { format!("2025-1{}-0{}", roll(3), 1 + roll(9)) });
        }
        Subject::NotedTwice { .. } => return Reply::Value("one".into()),
        Subject::Note { note, .. } => note,
        _ => return Reply::NotKnown,
    };
    let mut roll = dice(seed, name);
    match roll(20) {
        0 => return Reply::NotKnown,
        1 => return Reply::Declined,
        2..=13 => {
            if let Some(reply) = healthy.get(name) {
                return reply.clone();
            }
        }
        _ => {}
    }
    let dictionary = &prepared.protocol().dictionary;
    let fact = dictionary.fact(name).map(|(_, fact)| fact);
    let never = fact.is_some_and(|fact| fact.may_be_never);
    let Some(answer) = fact.map(|fact| &fact.answer).or_else(|| dictionary.note(name).map(|(_, note)| &note.answer))
    else {
        return Reply::NotKnown;
    };
    let choices = answer.choices();
    Reply::Value(match answer.declared {
        FactType::Bool => ["yes", "no"][roll(2) as usize].into(),
        FactType::Integer | FactType::Decimal => {
            let (least, most) = answer.range.unwrap_or((0.into(), 10.into()));
            let span = i64::try_from((most - least).trunc().mantissa()).expect("a small range") as u64;
            (least + rust_decimal::Decimal::from(roll(span.min(12) + 1))).to_string()
        }
        FactType::Text => "something".into(),
        FactType::Date if never && roll(3) == 0 => "never".into(),
        FactType::Date if name == "date_of_birth" => format!("{}-05-01", 1940 + roll(80)),
        FactType::Date => format!("202{}-0{}-1{}", 3 + roll(3), 1 + roll(9), roll(9)),
        FactType::Choice => choices[roll(choices.len() as u64) as usize].clone(),
        FactType::Set => match roll(2) {
            0 => "0".into(),
            _ => choices[roll(choices.len() as u64) as usize].clone(),
        },
    })
}

fn say(prepared: &Prepared, healthy: &BTreeMap<String, Reply>, seed: u64, asked: &Asked) -> Reply {
    let one = |subject: &Subject| truth(prepared, healthy, seed, subject);
    several(asked, one).unwrap_or_else(|| one(&asked.subject))
}

/// The shipped protocols.
fn all_shipped() -> Vec<Prepared> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    let (clinic, _) = Clinic::load(folder).unwrap_or_else(|found| panic!("{found}"));
    let prepare = |protocol: &regimen::Protocol| protocol.prepare(&Request::new(TODAY.parse().expect("a day"))).ok();
    clinic.protocols.iter().filter_map(prepare).collect()
}

/// How many patients of each protocol are tried.
fn patients(of_ten_thousand: u64) -> u64 {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse::<u64>().ok());
    cases.map_or(of_ten_thousand, |cases| cases.div_ceil(25))
}

/// What the engine says of a text, apart from any interview.
fn recommend(prepared: &Prepared, text: &str) -> Recommendation {
    let dictionary = &prepared.protocol().dictionary;
    let (record, _) = Record::from_text("record.toml", text, Notation::Toml, dictionary)
        .unwrap_or_else(|found| panic!("{found}\n{text}"));
    prepared.recommend(&record).unwrap_or_else(|found| panic!("{found}\n{text}"))
}

/// What must be the same: what to do and when; how, where it is done.
fn essence(answer: &Recommendation) -> String {
    let grave = [Status::Contraindicated, Status::NotIndicated, Status::Stopped, Status::Complete];
    let possible = !grave.contains(&answer.status);
    let care: Vec<&str> = answer.precautions.iter().filter(|_| possible).map(|one| one.id.as_str()).collect();
    let settings: Vec<(&str, &str)> =
        answer.settings.iter().filter(|one| one.known).map(|one| (one.id.as_str(), one.value.as_str())).collect();
    // Whoever waits is told for what, and who decides when that is over.
    let waits =
        |leads_to: Status| answer.status == Status::Deferred && [Status::Deferred, Status::Refer].contains(&leads_to);
    let waits: Vec<&str> = answer.reasons.iter().filter(|one| waits(one.leads_to)).map(|one| one.id.as_str()).collect();
    // What only matters on the first permitted day is told as a doubt, and asked on that day.
    let is_put_off = answer.doubts.iter().any(|doubt| doubt.code == "R434");
    let days = match is_put_off {
        true => (answer.not_before.or(answer.no_sooner_than), None, None),
        false => (answer.not_before, answer.no_sooner_than, answer.no_later_than),
    };
    format!("{} {days:?} {waits:?} {care:?} {settings:?}", answer.status)
}

/// What is true of what was not asked, as a record has it: by the names of the facts. `without` leaves out what a protocol goes on without.
fn not_asked(
    prepared: &Prepared,
    healthy: &BTreeMap<String, Reply>,
    seed: u64,
    stopped: (&str, &Recommendation),
    without: bool,
) -> Vec<(String, String)> {
    let (told, answer) = stopped;
    let text = &prepared.protocol().file.text;
    let goes_on_without = |name: &str| {
        [format!("{name} ??"), format!("known({name})")].iter().any(|one| text.contains(one))
            || answer.assumptions.iter().any(|one| one.fact == name)
    };
    let mut left = Vec::new();
    for at in &prepared.protocol().facts {
        let fact = &prepared.protocol().dictionary.facts[*at];
        if told.contains(&format!("\n{} = ", fact.name)) || without && goes_on_without(&fact.name) {
            continue;
        }
        if let Reply::Value(text) = truth(prepared, healthy, seed, &Subject::Fact(fact.name.clone())) {
            left.push((fact.name.clone(), written(&fact.answer.declared, &text)));
        }
    }
    left
}

/// What the engine says where all of these is answered too. What contradicts what was answered is no part of the form.
fn with_all(prepared: &Prepared, told: &str, mut left: Vec<(String, String)>) -> Recommendation {
    let also = |left: &[(String, String)]| {
        let more: String = left.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
        recommend(prepared, &told.replacen("[facts]\n", &format!("[facts]\n{more}"), 1))
    };
    let contradictions = |full: &Recommendation| -> Vec<String> {
        full.doubts.iter().filter(|one| one.code == "R419").map(|one| one.message.clone()).collect()
    };
    if !contradictions(&also(&left)).is_empty() {
        // What a contradiction says in words of its own names nobody: each answer is tried by itself.
        left.retain(|one| contradictions(&also(std::slice::from_ref(one))).is_empty());
    }
    loop {
        let full = also(&left);
        let doubts = contradictions(&full);
        let named = |name: &str| doubts.iter().any(|doubt| doubt.contains(&format!("`{name}`")));
        let before = left.len();
        left.retain(|(name, _)| !named(name));
        if left.len() == before {
            return full;
        }
    }
}

/// Of one protocol: whose stopped interview and full form differ, and of how many they differ only by what the protocol goes on without.
fn stopped_and_full(prepared: &Prepared, seeds: std::ops::Range<u64>) -> (Vec<String>, u64) {
    let healthy = healthy();
    let (mut wrong, mut excess) = (Vec::new(), 0);
    for seed in seeds {
        let mut interview = begin(vec![prepared.clone()], &blank());
        go_through(&mut interview, |asked| say(prepared, &healthy, seed, asked));
        let stopped = recommend(prepared, interview.text());
        assert_eq!(essence(&stopped), essence(&interview.recommendations()[0]));
        let full = |without: bool| {
            let left = not_asked(prepared, &healthy, seed, (interview.text(), &stopped), without);
            essence(&with_all(prepared, interview.text(), left))
        };
        if essence(&stopped) == full(false) {
            continue;
        }
        // Of what the protocol goes on without (`??`, `known`), an answer may still change what to do: it is counted.
        let full = full(true);
        match essence(&stopped) == full {
            true => excess += 1,
            false => wrong.push(format!("{} {seed}:\n  {}\n  {full}", stopped.protocol, essence(&stopped))),
        }
    }
    (wrong, excess)
}

/// With `PROPTEST_CASES`, that many patients of each protocol are tried; `INTERVIEW_OF` names protocols, with commas between them.
#[test]
fn a_stopped_interview_says_what_the_full_form_does() {
    let patients = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse::<u64>().ok()).unwrap_or(6);
    let only = std::env::var("INTERVIEW_OF").ok();
    let is_tried = |id: &str| only.as_ref().is_none_or(|only| only.split(',').any(|one| one == id));
    let (mut wrong, mut tried) = (Vec::new(), 0);
    println!(
        "patients whose answer another one may still change, though the protocol goes on without it (`??`, `known`)"
    );
    for prepared in all_shipped().into_iter().filter(|one| is_tried(&one.protocol().id)) {
        let (differ, excess) = stopped_and_full(&prepared, 0..patients);
        println!("  {}: {excess} of {patients}", prepared.protocol().id);
        wrong.extend(differ);
        tried += patients;
    }
    assert!(tried > 0);
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
}

/// An answer as a record has it.
fn written(kind: &FactType, text: &str) -> String {
    let plain = text.trim_matches('"');
    match (kind, plain) {
        (FactType::Bool, "yes") => "true".into(),
        (FactType::Bool, "no") => "false".into(),
        (FactType::Date, "never") => "\"never\"".into(),
        (FactType::Date, day) if day.len() < 10 => format!("{day:?}"),
        (FactType::Set, "0" | "[]") => "[]".into(),
        (FactType::Set, all) => {
            format!("[{}]", all.split(", ").map(|one| format!("{one:?}")).collect::<Vec<_>>().join(", "))
        }
        (FactType::Choice | FactType::Text, one) => format!("{one:?}"),
        (_, other) => other.into(),
    }
}

#[test]
fn every_claim_holds_when_the_engine_is_asked_again() {
    let healthy = healthy();
    let (mut tried, mut ranges, mut settings) = (0, 0, 0);
    for id in ["microneedling-acne-scars", "glycolic-peel", "isotretinoin-monitoring", "hepatitis-b-staff"] {
        let prepared = shipped(id);
        for seed in 0..patients(2) {
            let mut interview = begin(vec![prepared.clone()], &blank());
            while let Some(asked) = interview.current() {
                for claim in interview.claims() {
                    let replies = match &claim.answers {
                        Answers::One(reply) => vec![reply.clone()],
                        Answers::Numbers { from, to } => {
                            ranges += 1;
                            let ends = [from, to].into_iter().flatten().filter(|end| end.included);
                            ends.map(|end| end.number.clone()).collect()
                        }
                        Answers::Days { from, until } => {
                            ranges += 1;
                            let far = |day: Option<Date>, days: i32| day.map(|day| day + regimen::Duration::days(days));
                            let middle = from.zip(*until).and_then(|(a, b)| far(Some(a), b.days_since(a)? / 2));
                            let beyond =
                                [far(until.filter(|_| from.is_none()), -400), far(from.filter(|_| until.is_none()), 1)];
                            let days = [*from, *until, middle].into_iter().chain(beyond).flatten();
                            days.map(|day| day.to_string()).collect()
                        }
                        _ => Vec::new(),
                    };
                    for reply in replies {
                        let mut other = interview.clone();
                        // A day that cannot be one of the patient's life is no answer.
                        if other.answer(&Reply::Value(reply.clone())).is_err() {
                            continue;
                        }
                        let mut found = Outcome::of(&recommend(&prepared, other.text()));
                        // Of ranges, settings are not told.
                        settings += claim.outcomes[0].settings.iter().flatten().count();
                        found.settings = found.settings.filter(|_| claim.outcomes[0].settings.is_some());
                        assert_eq!(
                            claim.outcomes,
                            [found],
                            "{id} {seed} {}: {reply} of {}\n{}",
                            asked.question.fact,
                            claim.label,
                            interview.text()
                        );
                        tried += 1;
                    }
                }
                let reply = say(&prepared, &healthy, seed, &asked);
                interview.answer(&reply).unwrap_or_else(|found| panic!("{found}"));
            }
        }
    }
    assert!(tried > 200 && ranges > 20 && settings > 20, "{tried} {ranges} {settings}");
}

#[test]
fn edits_come_to_what_a_fresh_interview_does() {
    let healthy = healthy();
    for id in ["microneedling-acne-scars", "glycolic-peel", "isotretinoin-monitoring", "fractional-laser"] {
        let prepared = shipped(id);
        for seed in 0..patients(4) {
            let (one, other) = (seed, seed + 1_000);
            let mut edited = begin(vec![prepared.clone()], &blank());
            go_through(&mut edited, |asked| say(&prepared, &healthy, one, asked));
            // Every answer is given anew, from the first to the last, by going back to it.
            let mut at = 0;
            while at < edited.answered() {
                (at..edited.answered()).for_each(|_| assert!(edited.back()));
                let asked = edited.current().expect("a question");
                assert!(asked.answer.is_some(), "{}", asked.question.fact);
                let reply = say(&prepared, &healthy, other, &asked);
                edited.answer(&reply).unwrap_or_else(|found| panic!("{found}"));
                at += 1;
            }
            go_through(&mut edited, |asked| say(&prepared, &healthy, other, asked));
            let mut fresh = begin(vec![prepared.clone()], &blank());
            go_through(&mut fresh, |asked| say(&prepared, &healthy, other, asked));
            assert_eq!(
                essence(&edited.recommendations()[0]),
                essence(&fresh.recommendations()[0]),
                "{id} {seed}\n{}\n{}",
                edited.text(),
                fresh.text()
            );
        }
    }
}

const HEAD: &str = include_str!("fixtures/head.toml");

/// A protocol over some facts that are yes or no, each of which is used once.
fn small(seed: u64, facts: usize) -> Prepared {
    let mut roll = dice(seed, "small");
    let mut text = String::from(HEAD);
    for at in 0..facts {
        text.push_str(&format!(
            "[facts.b{at}]\ntype = \"bool\"\nask = \"b{at}?\"\nof = \"patient\"\nvalid_for = \"visit\"\n"
        ));
    }
    let mut left: Vec<usize> = (0..facts).collect();
    let mut rule = 0;
    while !left.is_empty() {
        rule += 1;
        let mut condition = String::new();
        for _ in 0..1 + roll(left.len() as u64) {
            let fact = left.remove(roll(left.len() as u64) as usize);
            let not = ["", "!"][roll(2) as usize];
            condition = match (condition.is_empty(), roll(2)) {
                (true, _) => format!("{not}b{fact}"),
                (false, 0) => format!("({condition} && {not}b{fact})"),
                (false, _) => format!("({condition} || {not}b{fact})"),
            };
        }
        let (table, rest) = [
            ("contraindication", "lasts = \"while-true\"\nreason = \"x\""),
            ("deferral", "until = \"x\"\nrecheck = 'today + days(7)'\nreason = \"x\""),
            ("referral", "to = \"somebody\"\nreason = \"x\""),
            ("precaution", "do = \"x\"\nreason = \"x\""),
        ][roll(4) as usize];
        text.push_str(&format!(
            "[[{table}]]\nid = \"r{rule}\"\nwhen = '{condition}'\n{rest}\nsources = [\"clinic\"]\n"
        ));
    }
    let (clinic, _) = Clinic::from_text("small.toml", &text).unwrap_or_else(|found| panic!("{found}\n{text}"));
    prepared(&clinic)
}

/// Which of the facts are known: none, or yes or no.
type Known = Vec<Option<bool>>;

fn answer_of(prepared: &Prepared, known: &Known) -> Recommendation {
    let facts = known.iter().enumerate().filter_map(|(at, one)| Some(format!("b{at} = {}\n", (*one)?)));
    recommend(
        prepared,
        &format!("{}sessions = []\n[facts]\n{}", blank().replace("[facts]\n", ""), facts.collect::<String>()),
    )
}

/// Every way that what is not known can turn out.
fn completions(known: &Known) -> Vec<Known> {
    known.iter().fold(vec![Vec::new()], |all, one| {
        let values = one.map_or(vec![false, true], |value| vec![value]);
        all.iter().flat_map(|before| values.iter().map(|value| [before.as_slice(), &[Some(*value)]].concat())).collect()
    })
}

fn place(fact: &str) -> usize {
    fact[1..].parse().expect("the number of a fact")
}

/// How many questions the cleverest order takes at worst.
fn optimum(prepared: &Prepared, known: &Known, found: &mut BTreeMap<Known, usize>) -> usize {
    if let Some(count) = found.get(known) {
        return *count;
    }
    let asked = answer_of(prepared, known).questions;
    let after = |fact: usize, value: bool| {
        let mut known = known.clone();
        known[fact] = Some(value);
        known
    };
    let worst = |fact: usize, found: &mut BTreeMap<Known, usize>| {
        1 + [false, true].into_iter().map(|value| optimum(prepared, &after(fact, value), found)).max().unwrap_or(0)
    };
    let count = asked.iter().map(|one| worst(place(&one.fact), found)).min().unwrap_or(0);
    found.insert(known.clone(), count);
    count
}

#[test]
fn what_is_asked_matters_and_what_is_not_asked_does_not() {
    const FACTS: usize = 4;
    let (mut ours, mut in_file_order, mut best) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 0..patients(40) {
        let prepared = small(seed, FACTS);
        let mut worst = (0, 0);
        for patient in completions(&vec![None; FACTS]) {
            let mut known: Known = vec![None; FACTS];
            let mut interview = begin(vec![prepared.clone()], &format!("sessions = []\n{}", blank()));
            let mut count = 0;
            while let Some(asked) = interview.current() {
                let at = place(&asked.question.fact);
                let outcomes = |value: bool| {
                    let mut known = known.clone();
                    known[at] = Some(value);
                    completions(&known).iter().map(|all| essence(&answer_of(&prepared, all))).collect::<Vec<_>>()
                };
                assert_ne!(outcomes(true), outcomes(false), "{seed} {known:?} {}", asked.question.fact);
                known[at] = patient[at];
                let reply = if patient[at] == Some(true) { "yes" } else { "no" };
                interview.answer(&Reply::Value(reply.into())).unwrap_or_else(|found| panic!("{found}"));
                count += 1;
            }
            let stopped = essence(&answer_of(&prepared, &known));
            for all in completions(&known) {
                assert_eq!(essence(&answer_of(&prepared, &all)), stopped, "{seed} {known:?}");
            }
            let mut known: Known = vec![None; FACTS];
            let mut in_order = 0;
            while let Some(at) = answer_of(&prepared, &known).questions.iter().map(|one| place(&one.fact)).min() {
                known[at] = patient[at];
                in_order += 1;
            }
            worst = (worst.0.max(count), worst.1.max(in_order));
            ours.push(count);
            in_file_order.push(in_order);
        }
        best.push(optimum(&prepared, &vec![None; FACTS], &mut BTreeMap::new()));
        assert!(worst.0 <= FACTS);
    }
    println!("small protocols, {FACTS} questions in the full form: median and worst number of questions");
    println!("  the interview   {} {}", median(&mut ours), ours.iter().max().unwrap_or(&0));
    println!("  in file order   {} {}", median(&mut in_file_order), in_file_order.iter().max().unwrap_or(&0));
    println!("  at worst, in the best order: median {}, worst {}", median(&mut best), best.iter().max().unwrap_or(&0));
}

/// A fact of any kind that a made-up protocol asks for, with the answers that its condition tells apart, and those at the ends.
struct Varied {
    name: String,
    /// As a record has them.
    values: Vec<String>,
}

/// A protocol over a yes-or-no fact, a choice, numbers and days, each of which is used once: in a condition, or as the day that something waits
/// for.
fn varied(seed: u64, facts: usize) -> (Prepared, Vec<Varied>) {
    let mut roll = dice(seed, "varied");
    let mut text = String::from(HEAD);
    let (mut all, mut atoms, mut waits) = (Vec::new(), Vec::new(), Vec::new());
    let today: Date = TODAY.parse().expect("a day");
    let ago = |days: u64| today.plus_days(-(days as i32)).to_string();
    for at in 0..facts {
        let name = format!("f{at}");
        let fact =
            |of: &str| format!("[facts.{name}]\n{of}\nask = \"{name}?\"\nof = \"patient\"\nvalid_for = \"visit\"\n");
        let (declared, values, atom) = match roll(5) {
            0 => {
                let not = ["", "!"][roll(2) as usize];
                (fact("type = \"bool\""), vec!["true".to_owned(), "false".into()], format!("{not}{name}"))
            }
            1 => {
                let atom = ["NAME == \"x\"", "NAME != \"y\"", "NAME in [\"x\", \"z\"]"][roll(3) as usize];
                let values = ["x", "y", "z"].map(|one| format!("{one:?}")).to_vec();
                (fact("type = \"choice\"\nchoices = [\"x\", \"y\", \"z\"]"), values, atom.replace("NAME", &name))
            }
            2 => {
                let turn = 2 + roll(97);
                let sign = [">=", "<", ">", "<=", "=="][roll(5) as usize];
                let values = [0, turn - 1, turn, turn + 1, 100].map(|one| one.to_string()).to_vec();
                (fact("type = \"integer\"\nrange = [0, 100]"), values, format!("{name} {sign} {turn}"))
            }
            3 => {
                let turn = 2 + roll(7);
                let sign = [">=", "<", ">", "<="][roll(4) as usize];
                let values = [format!("{}.9", turn - 1), format!("{turn}.0"), format!("{turn}.1")].to_vec();
                (fact("type = \"decimal\"\nrange = [0, 10]"), values, format!("{name} {sign} {turn}"))
            }
            _ => {
                let days = 2 + roll(60);
                let values = vec!["\"never\"".to_owned(), ago(days + 1), ago(days), ago(days - 1), ago(0)];
                let declared = fact("type = \"date\"\nmay_be_never = true\npast = true");
                if roll(2) == 0 {
                    waits.push((name.clone(), days));
                    text.push_str(&declared);
                    all.push(Varied { name, values });
                    continue;
                }
                let atom =
                    ["NAME + days(DAYS) > today", "NAME <= today - days(DAYS)", "NAME != never"][roll(3) as usize];
                (declared, values, atom.replace("NAME", &name).replace("DAYS", &days.to_string()))
            }
        };
        text.push_str(&declared);
        atoms.push(atom);
        all.push(Varied { name, values });
    }
    let (mut rule, mut rows) = (0, String::new());
    let rest = "reason = \"x\"\nsources = [\"clinic\"]\n";
    for (name, days) in waits {
        text.push_str(&format!("[[deferral]]\nid = \"w-{name}\"\nnot_before = '{name} + days({days})'\n{rest}"));
    }
    while !atoms.is_empty() {
        rule += 1;
        let mut condition = String::new();
        for _ in 0..1 + roll(atoms.len() as u64) {
            let atom = atoms.remove(roll(atoms.len() as u64) as usize);
            condition = match (condition.is_empty(), roll(2)) {
                (true, _) => atom,
                (false, 0) => format!("({condition} && {atom})"),
                (false, _) => format!("({condition} || {atom})"),
            };
        }
        if roll(6) == 0 {
            rows.push_str(&format!(", {{ when = '{condition}', from = {rule}, to = {rule} }}"));
            continue;
        }
        let (table, more) = [
            ("contraindication", "lasts = \"while-true\""),
            ("deferral", "until = \"x\"\nrecheck = 'today + days(7)'"),
            ("referral", "to = \"somebody\""),
            ("precaution", "do = \"x\""),
            ("indication", "otherwise = \"x\""),
        ][roll(5) as usize];
        text.push_str(&format!("[[{table}]]\nid = \"r{rule}\"\nwhen = '{condition}'\n{more}\n{rest}"));
    }
    if !rows.is_empty() {
        text.push_str(&format!(
            "[[setting]]\nid = \"dose\"\nlabel = \"Dose\"\nunit = \"mg\"\nrows = [{{ from = 90, to = 90 }}{rows}]\nsources = [\"clinic\"]\n"
        ));
    }
    let (clinic, _) = Clinic::from_text("varied.toml", &text).unwrap_or_else(|found| panic!("{found}\n{text}"));
    (prepared(&clinic), all)
}

/// As the test above, with facts of every kind, and with answers that nobody knows.
#[test]
fn what_is_asked_of_any_kind_matters_and_what_is_not_asked_does_not() {
    const FACTS: usize = 4;
    let (mut asked_for, mut skipped) = (0, 0);
    for seed in 0..patients(40) {
        let (prepared, facts) = varied(seed, FACTS);
        // Every patient about whom everything is known: the places of the answers, and what is said.
        let mut patients: Vec<Vec<usize>> = vec![Vec::new()];
        for fact in &facts {
            let with = |before: &Vec<usize>| {
                (0..fact.values.len()).map(|at| [before.as_slice(), &[at]].concat()).collect::<Vec<_>>()
            };
            patients = patients.iter().flat_map(with).collect();
        }
        let head = format!("sessions = []\n{}", blank());
        let say = |patient: &Vec<usize>| {
            let lines = facts.iter().zip(patient).map(|(fact, at)| format!("{} = {}\n", fact.name, fact.values[*at]));
            essence(&recommend(&prepared, &format!("{head}{}", lines.collect::<String>())))
        };
        let said: BTreeMap<&Vec<usize>, String> = patients.iter().map(|patient| (patient, say(patient))).collect();
        let mut roll = dice(seed, "patients");
        for _ in 0..12 {
            let patient = patients[roll(patients.len() as u64) as usize].clone();
            let is_unknown: Vec<bool> = (0..FACTS).map(|_| roll(5) == 0).collect();
            let mut known: Vec<Option<usize>> = vec![None; FACTS];
            let mut told_unknown = vec![false; FACTS];
            let fits = |known: &Vec<Option<usize>>, one: &Vec<usize>| {
                known.iter().zip(one).all(|(known, at)| known.is_none_or(|known| known == *at))
            };
            let mut interview = begin(vec![prepared.clone()], &head);
            while let Some(asked) = interview.current() {
                let at = facts.iter().position(|fact| fact.name == asked.question.fact).expect("a fact");
                // By two answers something differs, whatever else may be needed for it.
                let mut others: BTreeMap<Vec<usize>, &String> = BTreeMap::new();
                let mut matters = false;
                for (one, essence) in said.iter().filter(|(one, _)| fits(&known, one)) {
                    let mut rest: Vec<usize> = (*one).clone();
                    rest.remove(at);
                    matters |= *others.entry(rest).or_insert(essence) != essence;
                }
                assert!(matters, "{seed}: {} is asked of {known:?}\n{}", facts[at].name, prepared.protocol().file.text);
                asked_for += 1;
                let reply = if is_unknown[at] {
                    told_unknown[at] = true;
                    Reply::NotKnown
                } else {
                    known[at] = Some(patient[at]);
                    Reply::Value(
                        facts[at].values[patient[at]].trim_matches('"').replace("true", "yes").replace("false", "no"),
                    )
                };
                interview.answer(&reply).unwrap_or_else(|found| panic!("{found}"));
            }
            // Whatever was not asked may be as it likes, and so may what nobody knows: the first makes no difference whatever the second is.
            let mut by_unknown: BTreeMap<Vec<usize>, &String> = BTreeMap::new();
            for (one, essence) in said.iter().filter(|(one, _)| fits(&known, one)) {
                let unknown = (0..FACTS).filter(|at| told_unknown[*at]).map(|at| one[at]).collect();
                let same = *by_unknown.entry(unknown).or_insert(essence) == essence;
                assert!(same, "{seed}: not asked of {known:?} {told_unknown:?}\n{}", prepared.protocol().file.text);
            }
            skipped += known.iter().zip(&told_unknown).filter(|(known, unknown)| known.is_none() && !**unknown).count();
            if !told_unknown.contains(&true) {
                let stopped = essence(&interview.recommendations()[0]);
                assert!(
                    by_unknown.values().all(|said| **said == stopped),
                    "{seed} {known:?}\n{}",
                    prepared.protocol().file.text
                );
            }
        }
    }
    assert!(asked_for > 200 && skipped > 100, "{asked_for} {skipped}");
}

fn median(numbers: &mut [usize]) -> usize {
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}

/// How many questions are asked if of those that could change the answer the first of the dictionary is asked, one by one.
fn asked_in_file_order(prepared: &Prepared, healthy: &BTreeMap<String, Reply>, seed: u64, head: &str) -> usize {
    let dictionary = &prepared.protocol().dictionary;
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let facts: String = told.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
        let open = recommend(prepared, &format!("{head}{facts}")).questions;
        let open = open.iter().filter(|one| !told.contains_key(&one.fact));
        let Some((_, fact)) = open.filter_map(|one| dictionary.fact(&one.fact)).min_by_key(|(at, _)| *at) else {
            return told.len();
        };
        let value = match truth(prepared, healthy, seed, &Subject::Fact(fact.name.clone())) {
            Reply::Value(text) => written(&fact.answer.declared, &text),
            _ => "{ unknown = \"not_known\" }".into(),
        };
        told.insert(fact.name.clone(), value);
    }
}

/// Prints how many questions are asked of patients of the shipped protocols who had no session yet, beside file order and the full form. What
/// is read out at once is one question of the interview.
#[test]
fn how_many_questions_are_asked() {
    let healthy = healthy();
    let head = format!("sessions = []\n{}", blank());
    let mut all = (0, 0);
    println!("median and worst number of questions of the interview; in file order; facts in the full form");
    for prepared in all_shipped() {
        let (id, full) = (&prepared.protocol().id, prepared.protocol().facts.len());
        let (mut ours, mut in_order) = (Vec::new(), Vec::new());
        for seed in 0..patients(3) {
            let mut interview = begin(vec![prepared.clone()], &head);
            ours.push(go_through(&mut interview, |asked| say(&prepared, &healthy, seed, asked)).len());
            in_order.push(asked_in_file_order(&prepared, &healthy, seed, &head));
        }
        let ([middle, middle_in_order], [worst, worst_in_order]) = (
            [median(&mut ours), median(&mut in_order)],
            [&ours, &in_order].map(|counts| *counts.last().expect("a patient")),
        );
        println!("  {id}: {middle} {worst}; {middle_in_order} {worst_in_order}; {full}");
        assert!(worst <= full, "{id}");
        all = (all.0 + middle, all.1 + middle_in_order);
    }
    assert!(all.0 < all.1, "the interview asks {}, file order {}", all.0, all.1);
}

/// Answers with what is known, and moves on from the rest, until a question is about a fact.
fn until(interview: &mut Interview, fact: &str, known: &[(&str, &str)]) {
    while let Some(asked) = interview.current().filter(|asked| asked.subject != Subject::Fact(fact.into())) {
        let value =
            |name: &str| known.iter().find(|(one, _)| *one == name).map(|(_, value)| Reply::Value((*value).into()));
        let reply = value(&asked.question.fact).filter(|_| asked.items.is_empty()).unwrap_or(Reply::NotKnown);
        interview.answer(&reply).unwrap_or_else(|found| panic!("{found}"));
    }
    assert!(interview.current().is_some(), "{fact} is not asked");
}

#[test]
fn what_no_longer_applies_is_kept_and_labelled_and_back_shows_the_answer() {
    let mut interview = begin(vec![shipped("microneedling-acne-scars")], &blank());
    until(&mut interview, "isotretinoin_last_dose_date", &[("isotretinoin_status", "past")]);
    interview.answer(&Reply::Value("2026-01-15".into())).expect("a day");
    let while_it_applied = interview.text().to_owned();
    // Back to the question that decides whether that one makes sense.
    let back_to_status = |interview: &mut Interview| loop {
        assert!(interview.back());
        let asked = interview.current().expect("a question");
        if asked.subject == Subject::Fact("isotretinoin_status".into()) {
            break asked;
        }
    };
    assert_eq!(back_to_status(&mut interview).answer, Some(Reply::Value("past".into())));
    interview.answer(&Reply::Value("never".into())).expect("a choice");
    let label = "isotretinoin_last_dose_date = { value = 2026-01-15, no_longer_applies = true }";
    assert!(interview.text().contains(label), "{}", interview.text());
    assert!(!interview.recommendations()[0].doubts.iter().any(|doubt| doubt.code == "R419"));
    back_to_status(&mut interview);
    interview.answer(&Reply::Value("past".into())).expect("a choice");
    assert!(interview.text().contains("no_longer_applies = false") || !interview.text().contains("no_longer_applies"));
    assert_eq!(
        essence(&recommend(&shipped("microneedling-acne-scars"), interview.text())),
        essence(&recommend(&shipped("microneedling-acne-scars"), &while_it_applied))
    );
}

#[test]
fn the_rest_of_a_record_stays_as_it_is() {
    let text = "# Of Anna.\npatient = \"P-1\"   # her number\nrecorded = 2026-02-01\n\n[facts]\n# asked by phone\nsmoker = true # since May\n\
                shoe_size = 39\n# isotretinoin_status =\nkeloid_history = { value = \"none\", on = 2025-12-01, by = \"patient\" }\n";
    let mut interview = begin(vec![shipped("microneedling-acne-scars")], text);
    until(&mut interview, "isotretinoin_status", &[]);
    interview.answer(&Reply::Value("never taken".into())).expect("a choice");
    let written = interview.text();
    let value = "isotretinoin_status = { value = \"never\", on = 2026-03-02 }";
    for kept in [
        "# Of Anna.",
        "# her number",
        "# asked by phone\nsmoker = true # since May",
        "shoe_size = 39",
        "by = \"patient\"",
        value,
    ] {
        assert!(written.contains(kept), "{kept}\n{written}");
    }
    assert!(!written.contains("# isotretinoin_status"), "{written}");
}

#[test]
fn not_known_declined_and_not_asked_survive() {
    let prepared = shipped("microneedling-acne-scars");
    for (reply, word, is_asked_again) in [
        (Reply::NotKnown, "not_known", false),
        (Reply::Declined, "declined", false),
        (Reply::NotAsked, "not_recorded", true),
    ] {
        let mut interview = begin(vec![prepared.clone()], &blank());
        until(&mut interview, "isotretinoin_status", &[]);
        interview.answer(&reply).expect("an answer");
        assert!(
            interview.text().contains(&format!("isotretinoin_status = {{ unknown = \"{word}\" }}")),
            "{}",
            interview.text()
        );
        assert_ne!(interview.current().expect("a question").question.fact, "isotretinoin_status");
        let asked = |again: bool| {
            let mut next = begin(vec![prepared.clone()], interview.text());
            if again {
                next.ask_again();
            }
            go_through(&mut next, |_| Reply::NotKnown).contains(&"isotretinoin_status".to_owned())
        };
        assert_eq!((asked(false), asked(true)), (is_asked_again, true), "{word}");
    }
}

/// What nobody can tell of sessions and of days that are past is written down as well, is told with the question, and is not asked again.
#[test]
fn what_nobody_can_tell_of_sessions_survives_too() {
    let text = concat!(
        include_str!("fixtures/head.toml"),
        r#"
[facts.smoker]
type = "bool"
ask = "Do you smoke?"
of = "patient"
valid_for = "30 days"

[session_facts.depth]
type = "integer"
range = [1, 9]

[[course]]
id = "standard"
sessions = { planned = 4, maximum = 4 }
too_early = "repeat"
interval = [
  { id = "always", from = "previous", minimum = "7 days" },
  { id = "longer", when = 'smoker', from = "previous", minimum = "56 days", reason = "It heals more slowly." },
]
sources = ["clinic"]

[[precaution]]
id = "deep"
when = '(sum s.depth in sessions where true) > 10 || sessions_of("peel").len() > 0'
do = "x"
reason = "x"
sources = ["clinic"]
"#
    );
    let (clinic, _) = Clinic::from_text("trial.toml", text).unwrap_or_else(|found| panic!("{found}"));
    let treatment = &clinic.protocols[0].treatment;
    let session = |day: &str| format!("\n[[sessions]]\ntreatment = \"{treatment}\"\ndate = {day}\ndepth = 1\n");
    let sessions = format!(
        "patient = \"P\"\nrecorded = 2026-03-02\nsessions_cover = [\"{treatment}\"]\n\n[facts]\nsmoker = false\n{}{}{}",
        session("2026-01-05").replace("depth = 1\n", ""),
        session("2026-02-02"),
        session("2026-02-02"),
    );
    let whys = |interview: &Interview| -> Vec<String> {
        let open = interview.left_open();
        open.iter().map(|one| format!("{} {:?}", one.fact, one.why)).collect()
    };
    for (reply, word, why) in [(Reply::NotKnown, "not_known", "NotKnown"), (Reply::Declined, "declined", "Declined")] {
        let mut interview = begin(vec![prepared(&clinic)], &sessions);
        let asked = go_through(&mut interview, |_| reply.clone());
        for kind in ["smoker", "depth", "noted_twice", "peel"] {
            assert!(asked.iter().any(|one| one.contains(kind)), "{kind}: {asked:?}");
        }
        let written = interview.text().to_owned();
        for line in [
            format!("sessions_unknown = {{ peel = \"{word}\" }}"),
            format!("depth = {{ unknown = \"{word}\" }}"),
            format!("noted_twice = {{ unknown = \"{word}\" }}"),
            format!("[[earlier]]\nfact = \"smoker\"\nunknown = \"{word}\"\nrecorded = 2026-02-02\n"),
        ] {
            assert!(written.contains(&line), "{line}\n{written}");
        }
        let open = whys(&interview);
        assert!(open.iter().all(|one| one.ends_with(why)), "{open:?}");
        // It is not asked again, unless somebody wants that; and then it can be taken back.
        let mut next = begin(vec![prepared(&clinic)], &written);
        assert!(next.current().is_none(), "{:?}", next.current());
        assert_eq!(whys(&next), open);
        next.ask_again();
        assert_eq!(go_through(&mut next, |_| Reply::NotAsked), asked);
        assert_eq!(next.text(), written);
        // Taken back, nothing of it is left.
        let mut at = 0;
        while at < interview.answered() {
            (at..interview.answered()).for_each(|_| assert!(interview.back()));
            interview.answer(&Reply::NotAsked).unwrap_or_else(|found| panic!("{found}"));
            at += 1;
        }
        assert_eq!(interview.text(), sessions);
        // A value takes the place of why there was none.
        let mut told = begin(vec![prepared(&clinic)], &written);
        told.ask_again();
        go_through(&mut told, |asked| match &asked.subject {
            Subject::Earlier { .. } => Reply::Value("no".into()),
            Subject::Note { .. } => Reply::Value("9".into()),
            Subject::NotedTwice { .. } => Reply::Value("one".into()),
            _ => Reply::Value("no".into()),
        });
        assert!(!told.text().contains("unknown"), "{}", told.text());
    }
    // A list that holds every peel does not have peels of which nobody knows.
    let both = "patient = \"P\"\nrecorded = 2026-03-02\nsessions = []\nsessions_unknown = { peel = \"declined\", laser = \"x\" }\n";
    let found = Interview::begin(vec![prepared(&clinic)], "record.toml", both).expect_err("two mistakes");
    let codes: Vec<&str> = found.iter().map(|one| one.code.id).collect();
    assert!(codes.contains(&"R433") && codes.contains(&"R106"), "{found}");
}

#[test]
fn sessions_are_asked_for_and_can_be_corrected() {
    let prepared = shipped("microneedling-acne-scars");
    let mut interview = begin(vec![prepared.clone()], &blank());
    let treatment = "microneedling";
    while let Some(asked) = interview.current().filter(|asked| asked.subject != Subject::Sessions(treatment.into())) {
        let Subject::Several { members, .. } = &asked.subject else { panic!("{asked:?}") };
        let at = members.iter().position(|one| *one == Subject::Sessions(treatment.into())).expect("it is asked first");
        interview.answer(&Reply::Value((at + 1).to_string())).expect("a number");
    }
    assert!(interview.answer(&Reply::Value("yes".into())).is_err());
    interview.answer(&Reply::Value("2026-01-05, 2026-02".into())).expect("days");
    let days = |interview: &Interview| {
        let record: toml_edit::DocumentMut = interview.text().parse().expect("TOML");
        let sessions = record["sessions"]
            .as_array_of_tables()
            .map(|all| all.iter().map(|one| one["date"].to_string()).collect::<Vec<_>>());
        sessions.unwrap_or_default().iter().map(|day| day.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(days(&interview), ["2026-01-05", "\"2026-02\""]);
    assert!(interview.back());
    interview.answer(&Reply::Value("2026-01-06".into())).expect("a day");
    assert_eq!(days(&interview), ["2026-01-06"]);
    assert!(recommend(&prepared, interview.text()).course.is_some_and(|course| course.done.least == 1));
    assert!(interview.back());
    interview.answer(&Reply::Value("no".into())).expect("none");
    assert_eq!(days(&interview), [""; 0]);
}

/// What held on the day of a session is written as an earlier answer of that day, and can be corrected.
#[test]
fn what_held_on_a_day_that_is_past_is_written_as_an_earlier_answer() {
    let text = concat!(
        include_str!("fixtures/head.toml"),
        r#"
[facts.smoker]
type = "bool"
ask = "Do you smoke?"
of = "patient"
valid_for = "30 days"

[[course]]
id = "standard"
sessions = { planned = 4, maximum = 4 }
too_early = "repeat"
interval = [
  { id = "always", from = "previous", minimum = "7 days" },
  { id = "longer", when = 'smoker', from = "previous", minimum = "56 days", reason = "It heals more slowly." },
]
sources = ["clinic"]
"#
    );
    let (clinic, _) = Clinic::from_text("trial.toml", text).unwrap_or_else(|found| panic!("{found}"));
    let treatment = &clinic.protocols[0].treatment;
    let sessions = format!(
        "patient = \"P\"\nrecorded = 2026-03-02\n\n[facts]\nsmoker = false\n\n[[sessions]]\ntreatment = \"{treatment}\"\n\
         date = 2026-01-05\n\n[[sessions]]\ntreatment = \"{treatment}\"\ndate = 2026-02-02\n"
    );
    let mut interview = begin(vec![prepared(&clinic)], &sessions);
    let asked = interview.current().expect("a question");
    let subject = Subject::Earlier { fact: "smoker".into(), on: "2026-02-02".parse().expect("a day") };
    assert_eq!(asked.subject, subject);
    assert!(asked.question.ask.contains("2026-02-02"), "{}", asked.question.ask);
    assert_eq!(interview.claims().len(), 2);
    interview.answer(&Reply::Value("yes".into())).unwrap_or_else(|found| panic!("{found}"));
    let told = "[[earlier]]\nfact = \"smoker\"\nvalue = true\nrecorded = 2026-02-02\n";
    assert!(interview.text().contains(told), "{}", interview.text());
    assert!(interview.current().is_none_or(|asked| asked.subject != subject));
    let smoked = interview.recommendations().to_vec();
    assert!(interview.back());
    assert_eq!(interview.current().and_then(|asked| asked.answer), Some(Reply::Value("yes".into())));
    interview.answer(&Reply::Value("no".into())).unwrap_or_else(|found| panic!("{found}"));
    assert!(interview.text().contains(&told.replace("true", "false")), "{}", interview.text());
    assert_ne!(interview.recommendations(), smoked);
    assert!(interview.back());
    interview.answer(&Reply::NotAsked).unwrap_or_else(|found| panic!("{found}"));
    assert_eq!(interview.text(), sessions);
}

/// The record of the healthy adult, and the place of something in it.
fn healthy_record(without: &str) -> String {
    let text = std::fs::read_to_string("protocols/records/healthy-adult.toml").expect("a record");
    text.replacen(without, "", 1)
}

/// What does not apply when it is answered is not put aside: it contradicts what says so. What loses its ground afterwards is.
#[test]
fn what_has_just_been_answered_is_not_put_aside() {
    let prepared = shipped("microneedling-acne-scars");
    let fact = |name: &str| Subject::Fact(name.into());
    let value = |text: &str| Reply::Value(text.into());
    let is_doubtful = |interview: &Interview| {
        let answer = &interview.recommendations()[0];
        answer.doubts.iter().any(|doubt| doubt.code == "R419") && !answer.status.is_treat()
    };
    // In a form.
    let mut form = begin(vec![prepared.clone()], &healthy_record(""));
    form.reply_to(&fact("isotretinoin_last_dose_date"), &value("2025-11-15"), false).expect("a day");
    assert!(is_doubtful(&form) && !form.text().contains("no_longer_applies"), "{}", form.text());
    form.reply_to(&fact("isotretinoin_status"), &value("past"), false).expect("a choice");
    assert!(!is_doubtful(&form), "{:?}", form.recommendations()[0].doubts);
    assert_eq!(form.recommendations()[0].status, Status::Deferred);
    form.reply_to(&fact("isotretinoin_status"), &value("never"), false).expect("a choice");
    assert!(is_doubtful(&form), "a form has no order");
    // In an interview, by going back: the day loses its ground, and is then told anew all the same.
    let mut interview = begin(vec![prepared], &blank());
    until(&mut interview, "isotretinoin_last_dose_date", &[("isotretinoin_status", "past")]);
    interview.answer(&value("2026-01-15")).expect("a day");
    let back_to = |interview: &mut Interview, name: &str| {
        while interview.current().is_none_or(|asked| asked.subject != fact(name)) {
            assert!(interview.back(), "{name}");
        }
    };
    back_to(&mut interview, "isotretinoin_status");
    interview.answer(&value("never")).expect("a choice");
    assert!(interview.text().contains("no_longer_applies = true"), "{}", interview.text());
    back_to(&mut interview, "isotretinoin_last_dose_date");
    interview.answer(&value("2025-11-15")).expect("a day");
    let told = |interview: &Interview| {
        let doubts = interview.recommendations()[0].doubts.iter();
        doubts.filter(|doubt| doubt.code == "R419").count()
    };
    assert!(told(&interview) > 0 && !interview.text().contains("no_longer_applies = true"), "{}", interview.text());
    // Whatever is answered next does not put it aside either.
    until(&mut interview, "isotretinoin_status", &[]);
    interview.answer(&value("past")).expect("a choice");
    assert_eq!(told(&interview), 0, "{}", interview.text());
}

/// Nobody may know the day of a session: the month stays known, and the question is not asked again of itself.
#[test]
fn the_day_of_a_session_may_not_be_known() {
    let prepared = shipped("microneedling-acne-scars");
    let session = "\n[[sessions]]\ntreatment = \"microneedling\"\ndate = \"2026-02\"\narea = [\"cheek\"]\n";
    let text = healthy_record("sessions = []\n") + session;
    let day = Subject::Note { session: 0, note: "date".into() };
    for (reply, word) in [(Reply::NotKnown, "not_known"), (Reply::Declined, "declined")] {
        let mut interview = begin(vec![prepared.clone()], &text);
        while interview.current().is_some_and(|asked| asked.subject != day) {
            interview.answer(&Reply::NotKnown).unwrap_or_else(|found| panic!("{found}"));
        }
        assert!(interview.current().is_some(), "{}", interview.text());
        let before = interview.recommendations()[0].clone();
        interview.answer(&reply).unwrap_or_else(|found| panic!("{found}"));
        let line = format!("date = {{ value = \"2026-02\", unknown = \"{word}\" }}");
        assert!(interview.text().contains(&line), "{}", interview.text());
        assert_eq!(essence(&interview.recommendations()[0]), essence(&before));
        assert!(interview.current().is_none_or(|asked| asked.subject != day));
        // It is not asked again when the interview is continued, unless somebody wants that.
        let mut next = begin(vec![prepared.clone()], interview.text());
        go_through(&mut next, |asked| if asked.subject == day { panic!("asked again") } else { Reply::NotKnown });
        let mut next = begin(vec![prepared.clone()], interview.text());
        next.ask_again();
        let asked = go_through(&mut next, |asked| {
            if asked.subject == day { Reply::Value("2026-02-16".into()) } else { Reply::NotKnown }
        });
        assert!(asked.contains(&"sessions.2026-02.date".to_owned()), "{asked:?}");
        assert!(next.text().contains("date = 2026-02-16"), "{}", next.text());
        // Back, and taken back.
        while interview.current().is_none_or(|asked| asked.subject != day) {
            assert!(interview.back());
        }
        interview.answer(&Reply::NotAsked).unwrap_or_else(|found| panic!("{found}"));
        assert!(interview.text().contains("date = \"2026-02\"\n"), "{}", interview.text());
    }
    // A day that is known is not unknown as well.
    let both = text.replace("\"2026-02\"", "{ value = 2026-02-03, unknown = \"declined\" }");
    assert!(Interview::begin(vec![prepared], "record.toml", &both).is_err());
}

const SESSIONS: &str = concat!(
    r#"
[treatments]
peel = { label = "peel" }

[session_facts.depth]
type = "integer"
range = [1, 9]

[facts.ill]
type = "bool"
ask = "Are you ill?"
of = "patient"
valid_for = "visit"

"#,
    include_str!("fixtures/chemotherapy.toml"),
    r#"
[[course]]
id = "standard"
sessions = { planned = 4 }
interval = [{ from = "previous", minimum = "28 days" }]
sources = ["clinic"]

[[separation]]
id = "after-peel"
from = ["peel"]
minimum = "14 days"
reason = "x"
sources = ["clinic"]

[[contraindication]]
id = "ill-today"
when = 'ill'
lasts = "while-true"
reason = "x"
sources = ["clinic"]

[[deferral]]
id = "recent"
when = 'chemo != "none"'
not_before = 'ended + days(90)'
reason = "x"
sources = ["clinic"]

[[precaution]]
id = "deep"
when = 'any s in sessions where s.depth > 5'
do = "x"
reason = "x"
sources = ["clinic"]
"#
);

/// Back to the group of sessions, the same answer is taken again, and what was told of a session that is not there any more is forgotten.
#[test]
fn the_group_of_sessions_is_answered_again() {
    let (clinic, _) =
        Clinic::from_text("trial.toml", &format!("{HEAD}{SESSIONS}")).unwrap_or_else(|found| panic!("{found}"));
    let mut interview = begin(vec![prepared(&clinic)], &blank());
    let is_group = |interview: &Interview| {
        interview.current().is_some_and(|asked| matches!(asked.subject, Subject::Several { .. }))
    };
    let value = |text: &str| Reply::Value(text.into());
    while !is_group(&interview) {
        interview.answer(&Reply::NotKnown).unwrap_or_else(|found| panic!("{found}"));
    }
    interview.answer(&value("1")).unwrap_or_else(|found| panic!("{found}"));
    interview.answer(&value("2026-02-16")).unwrap_or_else(|found| panic!("{found}"));
    let told = interview.text().to_owned();
    for _ in 0..2 {
        while !is_group(&interview) {
            assert!(interview.back());
        }
        // What waits for it is told where it is answered already.
        assert!(!interview.current().expect("it is asked").because.is_empty());
        interview.answer(&value("1")).unwrap_or_else(|found| panic!("{found}"));
        assert!(!interview.text().contains("2026-02-16"), "{}", interview.text());
        interview.answer(&value("2026-02-16")).unwrap_or_else(|found| panic!("{found}"));
        assert_eq!(interview.recommendations()[0].status, recommend(&prepared(&clinic), &told).status);
    }
}

/// Any answers in any order, with going back: whatever is asked takes each of them, every claim holds, what was just answered is not put aside, and
/// the record says what the interview does.
#[test]
fn any_sequence_of_answers_is_taken_and_every_claim_holds() {
    let (clinic, _) =
        Clinic::from_text("trial.toml", &format!("{HEAD}{SESSIONS}")).unwrap_or_else(|found| panic!("{found}"));
    let prepared = prepared(&clinic);
    let healthy = BTreeMap::new();
    let mut claims = 0;
    for seed in 0..patients(40) {
        let mut roll = dice(seed, "any sequence");
        let mut interview = begin(vec![prepared.clone()], &blank());
        for step in 0..40 {
            let Some(asked) = interview.current() else {
                if !interview.back() {
                    break;
                }
                continue;
            };
            for claim in interview.claims() {
                let Answers::One(reply) = &claim.answers else { continue };
                let mut other = interview.clone();
                other.answer(&Reply::Value(reply.clone())).unwrap_or_else(|found| panic!("{seed} {found}"));
                let mut found = Outcome::of(&recommend(&prepared, other.text()));
                // Of ranges, settings are not told.
                found.settings = found.settings.filter(|_| claim.outcomes.iter().any(|one| one.settings.is_some()));
                assert_eq!(claim.outcomes, [found], "{seed} {}: {reply}\n{}", asked.question.fact, interview.text());
                claims += 1;
            }
            let reply = match (roll(8), &asked.subject) {
                (0, _) => {
                    interview.back();
                    continue;
                }
                (1, _) => Reply::NotKnown,
                (2, _) => Reply::Declined,
                (3, _) => Reply::NotAsked,
                (_, Subject::Several { members, .. }) => {
                    Reply::Value(if roll(2) == 0 { "no".into() } else { (1 + roll(members.len() as u64)).to_string() })
                }
                (_, Subject::Sessions(_)) => {
                    Reply::Value(["no", "2026-02", "2026-02-16", "2026-01-05, 2026-02"][roll(4) as usize].into())
                }
                (_, Subject::Note { note, .. }) if note == "date" => Reply::Value("2026-02-03".into()),
                (_, Subject::NotedTwice { .. }) => Reply::Value("one".into()),
                (_, Subject::Fact(name)) if name == "ended" => {
                    Reply::Value(["never", "2025-11", "2026-02-01"][roll(3) as usize].into())
                }
                (_, subject) => truth(&prepared, &healthy, seed + step, subject),
            };
            interview.answer(&reply).unwrap_or_else(|found| {
                panic!("{seed} {step} {:?}: {reply:?}: {found}\n{}", asked.subject, interview.text())
            });
            if let (Subject::Fact(name), Reply::Value(_)) = (&asked.subject, &reply) {
                let line =
                    interview.text().lines().find(|line| line.starts_with(&format!("{name} ="))).map(str::to_owned);
                assert!(line.is_some_and(|line| !line.contains("no_longer_applies = true")), "{}", interview.text());
            }
            assert_eq!(essence(&interview.recommendations()[0]), essence(&recommend(&prepared, interview.text())));
        }
    }
    assert!(claims > 200, "{claims}");
}

/// Whatever is answered, gone back to and set, in as many sittings of a day as it takes: the record comes to what its latest answers come to when they
/// are given once. What was put aside is not asked anew, unless what takes its ground away is told in a sitting after it: then they contradict each other.
#[test]
fn sittings_of_a_day_come_to_what_a_fresh_record_does() {
    let (clinic, _) =
        Clinic::from_text("trial.toml", &format!("{HEAD}{SESSIONS}")).unwrap_or_else(|found| panic!("{found}"));
    let prepared = prepared(&clinic);
    let fact = |name: &str| Subject::Fact(name.into());
    let in_words = |text: &str| if text == "?" { Reply::NotKnown } else { Reply::Value(text.into()) };
    let told = |all: &[(&str, &str)]| {
        let mut fresh = begin(vec![prepared.clone()], &blank());
        for (name, text) in all {
            fresh.reply_to(&fact(name), &in_words(text), false).unwrap_or_else(|found| panic!("{found}"));
        }
        go_through(&mut fresh, |_| Reply::Value("no".into()));
        essence(&fresh.recommendations()[0])
    };
    let mut taken_up = 0;
    for seed in 0..patients(20) {
        let mut roll = dice(seed, "sittings");
        let mut of = |name: &str| match name {
            "chemo" => ["none", "past", "current", "past", "?"][roll(5) as usize],
            "ended" => ["2025-11-03", "2026-02-01"][roll(2) as usize],
            "again" => ["", "chemo", "chemo", "ended"][roll(4) as usize],
            _ => ["yes", "no"][roll(2) as usize],
        };
        let mut interview = begin(vec![prepared.clone()], &blank());
        let mut latest: BTreeMap<String, &str> = BTreeMap::from([("ill".to_owned(), "no")]);
        for step in 0..12 {
            let was_aside = interview.text().contains("no_longer_applies");
            let is_another = match of("again") {
                "" => {
                    interview = begin(vec![prepared.clone()], interview.text());
                    false
                }
                name if latest.contains_key(name) && (name == "chemo" || latest["chemo"] != "none") => {
                    let (subject, reply) = (fact(name), of(name));
                    let mut other = interview.clone();
                    while other.current().is_none_or(|asked| asked.subject != subject) && other.back() {}
                    let is_here = other.current().is_some_and(|asked| asked.subject == subject);
                    if is_here {
                        other.answer(&in_words(reply)).unwrap_or_else(|found| panic!("{found}"));
                        (0..20).for_each(|_| other.forward());
                    } else {
                        other = interview.clone();
                        other.reply_to(&subject, &in_words(reply), false).unwrap_or_else(|found| panic!("{found}"));
                    }
                    if other.recommendations()[0].doubts.iter().any(|doubt| doubt.code == "R419") {
                        assert!(!is_here && reply == "none" && !was_aside, "{seed} {step}\n{}", other.text());
                        continue;
                    }
                    interview = other;
                    latest.insert(name.to_owned(), reply);
                    true
                }
                _ => false,
            };
            let is_aside = interview.text().contains("no_longer_applies");
            taken_up += usize::from(is_another && was_aside && !is_aside);
            go_through(&mut interview, |asked| match &asked.subject {
                Subject::Fact(name) => {
                    assert!(name != "ended" || !latest.contains_key(name), "{seed} {step}: {name} is asked anew");
                    in_words(latest.entry(name.clone()).or_insert_with(|| of(name)))
                }
                _ => Reply::Value("no".into()),
            });
            let mut all = vec![("ill", latest["ill"]), ("chemo", latest["chemo"])];
            all.extend(
                latest.get("ended").filter(|_| !["none", "?"].contains(&latest["chemo"])).map(|on| ("ended", *on)),
            );
            let found = essence(&recommend(&prepared, interview.text()));
            assert_eq!(found, told(&all), "{seed} {step} {all:?}\n{}", interview.text());
        }
    }
    assert!(taken_up > 3, "{taken_up}");
}

/// Nobody may know more of a day than its month: that stays known, is as old as it was, and is not asked again of itself.
#[test]
fn the_month_stays_known_where_nobody_knows_the_day() {
    let prepared = shipped("microneedling-acne-scars");
    let name = "isotretinoin_last_dose_date";
    let of = |written: &str| {
        let text = healthy_record("isotretinoin_last_dose_date   = \"never\"\n");
        let text = text.replacen("isotretinoin_status           = \"never\"", "isotretinoin_status = \"past\"", 1);
        text.replacen("[facts]\n", &format!("[facts]\n{name} = {written}\n"), 1)
    };
    for (reply, word) in [(Reply::NotKnown, "not_known"), (Reply::Declined, "declined")] {
        for (written, then) in [
            ("\"2025-10\"", format!("{{ value = \"2025-10\", unknown = \"{word}\" }}")),
            (
                "{ value = \"2025-10\", on = 2026-02-20 }",
                format!("{{ value = \"2025-10\", on = 2026-02-20 , unknown = \"{word}\"}}"),
            ),
        ] {
            let before = of(written);
            let mut interview = begin(vec![prepared.clone()], &before);
            while interview.current().is_some_and(|asked| asked.subject != Subject::Fact(name.into())) {
                interview.answer(&Reply::NotKnown).unwrap_or_else(|found| panic!("{found}"));
            }
            interview.answer(&reply).unwrap_or_else(|found| panic!("{found}"));
            let line = format!("{name} = {then}\n").replace(' ', "");
            assert!(interview.text().replace(' ', "").contains(&line), "{}", interview.text());
            assert_eq!(essence(&recommend(&prepared, interview.text())), essence(&recommend(&prepared, &before)));
            // Neither is it asked again, nor is anything else lost by taking it back.
            let mut next = begin(vec![prepared.clone()], interview.text());
            go_through(&mut next, |asked| {
                assert_ne!(asked.subject, Subject::Fact(name.into()));
                Reply::NotKnown
            });
            while interview.current().is_none_or(|asked| asked.subject != Subject::Fact(name.into())) {
                assert!(interview.back());
            }
            interview.answer(&Reply::NotAsked).unwrap_or_else(|found| panic!("{found}"));
            assert!(interview.text().contains(&format!("{name} = {written}\n")), "{}", interview.text());
            // In a form likewise, unless the month was wrong.
            for was_wrong in [false, true] {
                let mut form = begin(vec![prepared.clone()], &before);
                form.reply_to(&Subject::Fact(name.into()), &reply, was_wrong).unwrap_or_else(|found| panic!("{found}"));
                assert_eq!(form.text().contains("2025-10"), !was_wrong, "{}", form.text());
                assert!(!form.text().contains("[[earlier]]"), "{}", form.text());
            }
        }
    }
    // What is known whole is not unknown as well.
    let both = of("{ value = 2025-10-03, unknown = \"not_known\" }");
    assert!(Interview::begin(vec![prepared], "record.toml", &both).is_err());
}
