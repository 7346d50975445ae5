//! What must hold for every protocol, patient and day, tried on thousands of random ones.
//!
//! The same ones in every run; `PROPTEST_CASES=10000 cargo test --release --test properties` looks harder, at new ones.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "random numbers, cut as they come"
)]

mod applicability;
mod asked;
mod batches;
mod confirm;
mod differences;
mod expressions;
mod keys;
mod less_data;
mod oracle;
mod passed_over;
mod patients;
mod pauses;
mod proofs;
mod protocols;
#[path = "../support/random.rs"]
mod random;
mod series;
mod settings;
mod sheets;
mod shipped;
mod told;
mod verified;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::ToSpan;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;
use regimen::recommendation::Effect;
use regimen::{
    Clinic, Date, Depth, Duration, Notation, Protocol, Recommendation, Record, Request, Status, Tri, check, render,
};

use expressions::Wanted;
use patients::{DICTIONARY, TODAY};
use protocols::HEADER;
use random::cases;

fn clinic(text: &str) -> Clinic {
    match Clinic::from_text("generated.toml", text) {
        Ok((clinic, _)) => clinic,
        Err(mistakes) => panic!("{text}\n{mistakes}"),
    }
}

fn record(protocol: &Protocol, text: &str) -> Record {
    match Record::from_text("record.toml", text, Notation::Toml, &protocol.dictionary) {
        Ok((record, _)) => record,
        Err(mistakes) => panic!("{text}\n{mistakes}"),
    }
}

fn ask(protocol: &Protocol, text: &str, day: jiff::civil::Date) -> Recommendation {
    ask_on(protocol, text, our(day))
}

fn ask_on(protocol: &Protocol, text: &str, day: Date) -> Recommendation {
    let request = Request::new(day);
    protocol.recommend(&record(protocol, text), &request).unwrap_or_else(|mistakes| panic!("{text}\n{mistakes}"))
}

fn our(day: jiff::civil::Date) -> Date {
    Date::new(day.year(), day.month(), day.day()).expect("a day")
}

// ---------------------------------------------------------------------------------------------------------------------
// Expressions
// ---------------------------------------------------------------------------------------------------------------------

proptest! {
    #![proptest_config(cases(64))]

    /// On a patient of whom everything is known, a condition means what Rhai's own evaluator says.
    #[test]
    fn complete_records_agree_with_rhai(
        conditions in proptest::collection::vec(expressions::condition(4, Wanted::ALL), 12),
        patient in patients::whole(),
    ) {
        let mut text = format!("{HEADER}{DICTIONARY}");
        for (at, condition) in conditions.iter().enumerate() {
            text.push_str(&format!(
                "[[precaution]]\nid = \"p{at}\"\nwhen = '{condition}'\ndo = \"x\"\nreason = \"x\"\nsources = [\"custom\"]\n"
            ));
        }
        let clinic = clinic(&text);
        let answer = ask(&clinic.protocols[0], &patient.record(), TODAY);
        let mut rhai = oracle::engine();
        for (at, condition) in conditions.iter().enumerate() {
            let expected = oracle::evaluate(&mut rhai, &patient, condition);
            let expected = expected.unwrap_or_else(|error| panic!("Rhai: {error}\n{condition}"));
            let found = answer.precautions.iter().any(|precaution| precaution.id == format!("p{at}"));
            prop_assert_eq!(found, expected, "{}\n{}", condition, patient.record());
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// More data never overturns an answer
// ---------------------------------------------------------------------------------------------------------------------

/// Whether it is told why nobody can answer, or which setting has no value.
fn says_why(answer: &Recommendation) -> bool {
    answer.doubts.iter().any(|doubt| doubt.code == "R415" || doubt.code == "R416")
}

/// What one patient's answer and a more complete record's answer must have to do with each other.
fn never_overturned(before: &Recommendation, after: &Recommendation, whole: bool) -> Result<(), TestCaseError> {
    let facts: Vec<&str> = before.questions.iter().map(|question| question.fact.as_str()).collect();
    let told =
        format!("{} could become {:?}, asks for {facts:?}; then {}", before.status, before.could_become, after.status);
    for answer in [before, after].into_iter().filter(|answer| answer.status == Status::Undetermined) {
        prop_assert!(!answer.questions.is_empty() || says_why(answer), "{told}: it asks nothing, and does not say why");
    }
    // Kleene's logic may leave open what can no longer be, never the other way round.
    for status in &after.could_become {
        prop_assert!(before.could_become.contains(status), "{told}: {status} was not foreseen");
    }
    if whole {
        prop_assert!(before.could_become.contains(&after.status), "{told}");
        // What nobody can answer is left open: a needed setting that rests on it is not known to be without a value for ever.
        if !after.doubts.iter().any(|doubt| ["R415", "R416"].contains(&doubt.code.as_ref())) {
            prop_assert_eq!(&after.could_become, &[after.status], "{}", told);
        }
        let asked: Vec<&str> = after.questions.iter().map(|question| question.fact.as_str()).collect();
        prop_assert!(asked.is_empty(), "{told}: everything is known, and it asks for {asked:?}");
        prop_assert!(after.no_later_than.is_none(), "{told}: everything is known, and the first day may move");
        prop_assert!(
            after.assumptions.is_empty(),
            "{told}: everything is known, and it assumes {:?}",
            after.assumptions
        );
    }
    Ok(())
}

/// The first permitted day lies where it was said to: on the day, where one was told, and never before it.
fn first_day_was_told(before: &Recommendation, after: &Recommendation) -> Result<(), TestCaseError> {
    let first = |answer: &Recommendation| answer.not_before.or(answer.no_sooner_than);
    let last = |answer: &Recommendation| answer.not_before.or(answer.no_later_than);
    let days = |answer: &Recommendation| {
        let on = &answer.date_depends_on;
        format!("{:?} {:?} {:?} {on:?}", answer.not_before, answer.no_sooner_than, answer.no_later_than)
    };
    let told = format!("{}, then {}", days(before), days(after));
    prop_assert!(first(after) >= first(before), "sooner than was said: {told}");
    // That a day may turn out to be none is told as a doubt; as long as it is not known which day it is, none is looked at.
    let put_off = |answer: &Recommendation| answer.doubts.iter().any(|doubt| doubt.code == "R434");
    let is_doubtful = put_off(before) || (before.not_before.is_none() && put_off(after));
    if let Some(no_later_than) = last(before).filter(|_| !is_doubtful) {
        prop_assert!(last(after).is_some_and(|last| last <= no_later_than), "later than was said: {told}");
    }
    let asked = |fact: &String| before.questions.iter().any(|question| question.fact == *fact);
    prop_assert!(before.date_depends_on.iter().all(asked), "{told}");
    let moved = (first(before), last(before)) != (first(after), last(after));
    prop_assert!(!moved || is_doubtful || !before.date_depends_on.is_empty(), "depends on nothing: {told}");
    Ok(())
}

/// The same where what was taken for granted is still taken for granted.
fn never_withdrawn(before: &Recommendation, after: &Recommendation) -> Result<(), TestCaseError> {
    let told = format!("{} became {}, assuming {:?}", before.status, after.status, before.assumptions);
    // The window that is told is the safest: nobody turns out to wait longer, but where it says that it may be later.
    let earliest = |answer: &Recommendation| answer.course.as_ref()?.next.as_ref()?.earliest;
    let may_be_later = |answer: &Recommendation| answer.course.as_ref().is_some_and(|course| course.may_be_later);
    if let (Some(then), Some(now), false) = (earliest(before), earliest(after), may_be_later(before)) {
        prop_assert!(now <= then, "{told}: the next session from {then}, then from {now}");
        // Where the first permitted day turns out to be none. As long as it is not known which day it is, none is looked at.
        let put_off = |answer: &Recommendation| answer.doubts.iter().any(|doubt| doubt.code == "R434");
        let is_put_off = put_off(after) && (put_off(before) || before.not_before.is_none());
        prop_assert!(is_put_off || !may_be_later(after), "{told}: the next session from {then}, then perhaps later");
    }
    if before.status == Status::Deferred && after.status == Status::Deferred {
        first_day_was_told(before, after)?;
    }
    // Whoever may be treated was told what is to be heeded, or that it may be.
    let possible = |id: &str| {
        let asked = before.questions.iter().filter(|question| question.could_change.contains(&Effect::Precaution));
        asked.flat_map(|question| &question.rules).any(|rule| rule == id)
    };
    let certain = |id: &str| before.precautions.iter().any(|one| one.id == id);
    for id in after.precautions.iter().map(|one| one.id.as_str()).filter(|_| before.status.is_treat()) {
        prop_assert!(certain(id) || possible(id), "{told}: the precaution `{id}` was not foreseen");
    }
    if before.status.is_treat() {
        prop_assert!(after.status.is_treat(), "{told}");
    } else if before.status < Status::Undetermined {
        prop_assert!(!after.status.is_treat() && after.status <= before.status, "{told}");
    }
    Ok(())
}

fn assumed(answer: &Recommendation) -> Vec<String> {
    let told = answer.assumptions.iter().map(|assumption| of_its_day(&assumption.fact));
    let told = told.flat_map(|fact| [patients::of_today(&fact), fact]);
    told.chain([patients::COUNTS_ONCE.to_owned()]).collect()
}

/// What is asked. Whoever answers about one of several sessions of a day or month answers about all of them.
fn asked(answer: &Recommendation) -> Vec<String> {
    answer.questions.iter().map(|question| of_its_day(&question.fact)).collect()
}

/// A name without the number that tells two sessions of one day or month apart.
fn of_its_day(name: &str) -> String {
    match name.split('.').collect::<Vec<_>>()[..] {
        [sessions, day, number, note] if number.parse::<u32>().is_ok() => format!("{sessions}.{day}.{note}"),
        _ => name.to_owned(),
    }
}

proptest! {
    #![proptest_config(cases(96))]

    /// Whatever the unknown facts turn out to be, the answer was foreseen.
    #[test]
    fn completions_of_generated_protocols(
        protocol in protocols::protocol(Wanted::ALL),
        patient in patients::partial(),
        truths in proptest::collection::vec(patients::truth(), 12),
    ) {
        let clinic = clinic(&protocol.text());
        let protocol = &clinic.protocols[0];
        let before = ask(protocol, &patient.record(), TODAY);
        for truth in &truths {
            let told = patient.completed(truth, &[]);
            let after = ask(protocol, &told.record(), TODAY);
            // Of a session that there never was nobody can tell anything, also where a certain status needs no word about it.
            let has_session = told.sessions.iter().any(|session| session.treatment == "own");
            never_overturned(&before, &after, has_session || !protocol.file.text.contains(expressions::UNGUARDED))?;
            let assumed = assumed(&before);
            let after = ask(protocol, &patient.completed(truth, &assumed).record(), TODAY);
            never_overturned(&before, &after, false)?;
            never_withdrawn(&before, &after)?;
            // Until when it is too early was told for one session and for two.
            let but_entries: Vec<String> = assumed.into_iter().filter(|name| name != patients::COUNTS_ONCE).collect();
            let after = ask(protocol, &patient.completed(truth, &but_entries).record(), TODAY);
            if before.status == Status::Deferred && after.status == Status::Deferred {
                first_day_was_told(&before, &after)?;
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(96))]

    /// Whoever answers what is asked, and nothing else, gets an answer.
    #[test]
    fn what_is_asked_is_enough(
        protocol in protocols::protocol(Wanted::ALL),
        patient in patients::partial(),
        truth in patients::truth(),
    ) {
        let clinic = clinic(&protocol.text());
        let mut patient = patient;
        loop {
            let answer = ask(&clinic.protocols[0], &patient.record(), TODAY);
            let asked = asked(&answer);
            if asked.is_empty() {
                prop_assert!(answer.status != Status::Undetermined || says_why(&answer), "{}", patient.record());
                break;
            }
            let others: Vec<String> = patient.names().into_iter().filter(|name| !asked.contains(name)).collect();
            let told = patient.completed(&truth, &others);
            prop_assert!(told != patient, "nothing new for {asked:?}: {}", patient.record());
            patient = told;
        }
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn what_is_asked_is_enough_for_the_shipped_protocols(
        protocol in any::<Index>(),
        patient in shipped::patient(),
        truth in shipped::truth(),
    ) {
        let protocol = *protocol.get(&shipped::IN_FORCE);
        let mut others = patient.names(protocol);
        loop {
            let except: Vec<String> = others.iter().cloned().collect();
            let record = patient.record(protocol, Some(truth), &except);
            let answer = ask(protocol, &record, TODAY);
            // Nobody like this can be: whoever contradicts himself is asked again, and would have to say something else.
            if answer.doubts.iter().any(|doubt| doubt.code == "R419") {
                return Ok(());
            }
            let asked = asked(&answer);
            if asked.is_empty() {
                prop_assert!(answer.status != Status::Undetermined || says_why(&answer), "{}\n{record}", protocol.id);
                break;
            }
            let before = others.len();
            others.retain(|name| !asked.contains(name));
            prop_assert!(others.len() < before, "{}: nothing new for {asked:?}\n{record}", protocol.id);
        }
    }
}

static MICRONEEDLING: LazyLock<Clinic> = LazyLock::new(|| shipped::protocol("microneedling-acne-scars"));

proptest! {
    #![proptest_config(cases(96))]

    /// The same for the protocols that are shipped.
    #[test]
    fn completions_of_the_shipped_protocols(
        protocol in any::<Index>(),
        patient in shipped::patient(),
        truths in proptest::collection::vec(shipped::truth(), 12),
    ) {
        let protocol = *protocol.get(&shipped::IN_FORCE);
        let before = ask(protocol, &patient.record(protocol, None, &[]), TODAY);
        for truth in &truths {
            let Some((after, out)) = applicability::without_contradictions(protocol, |out| {
                ask(protocol, &patient.record(protocol, Some(*truth), out), TODAY)
            }) else {
                continue;
            };
            never_overturned(&before, &after, true)?;
            let except: Vec<String> = assumed(&before).into_iter().chain(out).collect();
            let after = ask(protocol, &patient.record(protocol, Some(*truth), &except), TODAY);
            never_overturned(&before, &after, false)?;
            never_withdrawn(&before, &after)?;
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Order does not matter
// ---------------------------------------------------------------------------------------------------------------------

/// All of an answer that does not depend on the order of the file: no lines, no order of listings.
#[derive(Debug, PartialEq)]
struct Unordered {
    status: Status,
    dates: [Option<Date>; 3],
    could_become: Vec<Status>,
    lists: Vec<BTreeSet<String>>,
    course: String,
}

/// The lists of rules anywhere in an answer.
const LISTINGS: [&str; 6] = ["rules", "because", "limited_by", "depends_on", "reasons", "faults"];

fn forget_order(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Array(items) => items.iter_mut().for_each(forget_order),
        serde_json::Value::Object(object) => {
            object.remove("line");
            for (key, item) in object {
                forget_order(item);
                if let (true, Some(list)) = (LISTINGS.contains(&key.as_str()), item.as_array_mut()) {
                    list.sort_by_key(ToString::to_string);
                }
            }
        }
        _ => {}
    }
}

fn unordered(answer: &Recommendation) -> Unordered {
    fn line<T: serde::Serialize>(item: &T) -> String {
        let mut json = serde_json::to_value(item).expect("JSON");
        forget_order(&mut json);
        json.to_string()
    }
    fn lines<T: serde::Serialize>(items: &[T]) -> BTreeSet<String> {
        items.iter().map(line).collect()
    }
    Unordered {
        status: answer.status,
        dates: [answer.not_before, answer.no_sooner_than, answer.no_later_than],
        could_become: answer.could_become.clone(),
        lists: vec![
            lines(&answer.reasons),
            lines(&answer.questions),
            lines(&answer.assumptions),
            lines(&answer.precautions),
            lines(&answer.settings),
            lines(&answer.instructions),
            lines(&answer.red_flags),
            lines(&answer.sources),
        ],
        course: line(&answer.course),
    }
}

/// The tables of a file: what stands before the first header, then each header with its keys.
fn tables(text: &str) -> Vec<String> {
    let mut tables = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.starts_with('[') {
            tables.push(String::new());
        }
        tables.last_mut().expect("one at least").push_str(line);
    }
    tables
}

/// A protocol's text with the rules of each kind in another order. Courses are offered in the order of the file.
fn shuffled(text: &str) -> BoxedStrategy<String> {
    let (rules, rest): (Vec<String>, Vec<String>) =
        tables(text).into_iter().partition(|table| table.starts_with("[[") && !table.starts_with("[[course"));
    Just(rules).prop_shuffle().prop_map(move |rules| format!("{}{}", rest.concat(), rules.concat())).boxed()
}

fn shuffled_microneedling() -> BoxedStrategy<String> {
    let text =
        format!("{}\n{}", shipped::read("protocols/microneedling-acne-scars/protocol.toml"), shipped::dictionary());
    shuffled(&text)
}

static ALONE: LazyLock<Clinic> = LazyLock::new(|| {
    // One file, so that both orders are read in the same way.
    clinic(&format!("{}\n{}", shipped::read("protocols/microneedling-acne-scars/protocol.toml"), shipped::dictionary()))
});

proptest! {
    #![proptest_config(cases(128))]

    /// Rules and definitions may stand in any order.
    #[test]
    fn order_does_not_matter(
        (protocol, other) in protocols::protocol(Wanted::ALL).prop_flat_map(|protocol| (Just(protocol.clone()), protocol.shuffled())),
        patient in patients::partial(),
    ) {
        let (one, other) = (clinic(&protocol.text()), clinic(&other.text()));
        let answers = [one, other].map(|clinic| unordered(&ask(&clinic.protocols[0], &patient.record(), TODAY)));
        prop_assert_eq!(&answers[0], &answers[1]);
    }
}

proptest! {
    #![proptest_config(cases(12))]

    /// So may those of the shipped protocol.
    #[test]
    fn order_does_not_matter_to_the_shipped_protocol(
        text in shuffled_microneedling(),
        patients in proptest::collection::vec(shipped::patient(), 8),
    ) {
        let (one, other) = (&ALONE.protocols[0], &clinic(&text).protocols[0]);
        for patient in patients {
            let record = patient.record(one, None, &[]);
            prop_assert_eq!(unordered(&ask(one, &record, TODAY)), unordered(&ask(other, &record, TODAY)), "{}", record);
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// What `check` says is true
// ---------------------------------------------------------------------------------------------------------------------

/// The ids that a message names.
fn named(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

proptest! {
    #![proptest_config(cases(96))]

    /// Of rules it is said that they never or always fire, fire together, or one whenever the other does: so they do.
    #[test]
    fn what_check_says_of_rules_is_true(
        protocol in protocols::protocol(Wanted::ALL),
        patients in proptest::collection::vec(patients::whole(), 40),
    ) {
        let clinic = clinic(&protocol.text());
        let protocol = &clinic.protocols[0];
        let holding: Vec<BTreeSet<String>> = patients.iter().map(|patient| holding(protocol, &patient.record())).collect();
        for finding in &check(&clinic, our(TODAY), true) {
            let rules = named(&finding.message);
            // Of the conditions of courses, texts and settings, other tests ask.
            let is_of_a_rule = protocol.rules.iter().any(|rule| rules.first() == Some(&rule.id.as_str()));
            let holds = |at: usize, patient: &BTreeSet<String>| patient.contains(rules[at]);
            let is_true = |patient: &BTreeSet<String>| match finding.code.id {
                "R701" | "R702" if !is_of_a_rule => true,
                "R701" => !holds(0, patient),
                "R702" => holds(0, patient),
                "R703" => holds(0, patient) == holds(1, patient),
                "R704" => !holds(0, patient) || holds(1, patient),
                _ => true,
            };
            let wrong = holding.iter().position(|patient| !is_true(patient));
            prop_assert!(wrong.is_none(), "{}\n{}", finding.message, wrong.map_or_else(String::new, |at| patients[at].record()));
        }
    }
}

proptest! {
    #![proptest_config(cases(12))]

    /// A change that is proven to change nothing for anybody changes nothing for these.
    #[test]
    fn what_is_proven_equivalent_changes_no_answer(
        protocol in protocols::protocol(Wanted::ALL),
        patients in proptest::collection::vec(patients::partial(), 30),
    ) {
        // A separation without a course is refused.
        let Ok((clinic, _)) = Clinic::from_text("generated.toml", &protocol.text()) else { return Ok(()) };
        let protocol = &clinic.protocols[0];
        let decided = |protocol: &Protocol, patient: &patients::Patient| {
            let answer = ask(protocol, &patient.record(), TODAY);
            let reasons: Vec<_> = answer.reasons.iter().map(|one| (one.id.clone(), one.not_before)).collect();
            let questions: Vec<_> = answer.questions.iter().map(|one| one.fact.clone()).collect();
            let settings: Vec<_> = answer.settings.iter().map(|one| (one.id.clone(), one.value.clone())).collect();
            let precautions: Vec<_> = answer.precautions.iter().map(|one| one.id.clone()).collect();
            let dates = (answer.not_before, answer.no_sooner_than, answer.no_later_than);
            (answer.status, answer.could_become, dates, reasons, questions, settings, precautions)
        };
        for (change, other) in regimen::internals::equivalents(protocol) {
            for patient in &patients {
                prop_assert_eq!(decided(protocol, patient), decided(&other, patient), "{}\n{}", change, patient.record());
            }
        }
    }
}

/// The rules that hold for a patient, by their ids.
fn holding(protocol: &Protocol, text: &str) -> BTreeSet<String> {
    let request = Request::new(our(TODAY)).explain(Depth::Full);
    let answer = protocol.recommend(&record(protocol, text), &request).expect("an answer");
    let rules = protocol.rules.iter().filter(|rule| {
        let id = format!("{}.{}", rule.action.kind(), rule.id);
        let node = answer.trace.nodes.iter().find(|node| node.id == id).expect("every rule is in a full trace");
        node.outcome == regimen::trace::Outcome::Truth(Tri::True)
    });
    rules.map(|rule| rule.id.clone()).collect()
}

// ---------------------------------------------------------------------------------------------------------------------
// Same input, same bytes
// ---------------------------------------------------------------------------------------------------------------------

fn bytes(answer: &Recommendation) -> [String; 3] {
    [render::json(answer).expect("JSON"), render::text(answer, render::TextStyle::default()), render::markdown(answer)]
}

proptest! {
    #![proptest_config(cases(48))]

    /// What a text reads is asked of nobody and changes nothing else; a parameter that is set is said as it is set.
    #[test]
    fn texts_say_what_is_set_and_decide_nothing(
        protocol in protocols::protocol(Wanted::ALL), patient in patients::partial(), dose in 20i64..=100,
    ) {
        let answer = |text: &str, dose: i64| {
            let protocol = &clinic(text).protocols[0];
            let request = Request::new(our(TODAY)).set(protocol, "p_mg", &regimen::Scalar::Number(dose.into()));
            let request = request.expect("within its range");
            protocol.recommend(&record(protocol, &patient.record()), &request).expect("an answer")
        };
        let (says, plain) = (answer(&protocol.text(), dose), answer(&protocol.without_values().text(), dose));
        let decided = |answer: &Recommendation| {
            let asked: Vec<String> = answer.questions.iter().map(|question| question.fact.clone()).collect();
            let settings: Vec<String> = answer.settings.iter().map(|one| one.value.clone()).collect();
            let days = (answer.not_before, answer.no_sooner_than, answer.no_later_than);
            (answer.status, days, answer.could_become.clone(), asked, settings)
        };
        prop_assert_eq!(decided(&says), decided(&plain), "{:?}\n{}", protocol, patient.record());
        let text = |answer: &Recommendation| {
            let says = answer.precautions.iter().find(|precaution| precaution.id == "says");
            says.map(|precaution| precaution.action.clone()).expect("it holds for everybody")
        };
        prop_assert!(text(&says).starts_with(&format!("x {dose} mg; 30 days ")), "{}", text(&says));
        prop_assert_eq!(text(&plain), "x");
    }

    /// Everything read anew and asked again gives the same bytes.
    #[test]
    fn same_input_same_bytes(protocol in protocols::protocol(Wanted::ALL), patient in patients::partial()) {
        let once = || {
            let clinic = clinic(&protocol.text());
            let protocol = &clinic.protocols[0];
            let request = Request::new(our(TODAY)).explain(Depth::Full);
            bytes(&protocol.recommend(&record(protocol, &patient.record()), &request).expect("an answer"))
        };
        prop_assert_eq!(once(), once());
    }

    #[test]
    fn same_input_same_bytes_of_the_shipped_protocol(patient in shipped::patient()) {
        let text = patient.record(&ALONE.protocols[0], None, &[]);
        let once = |protocol: &Protocol| {
            let request = Request::new(our(TODAY)).explain(Depth::Full);
            let mut answer = protocol.recommend(&record(protocol, &text), &request).expect("an answer");
            // The one has its dictionary inside, the other beside it.
            answer.provenance.protocol_sha256.clear();
            answer.provenance.dictionary_sha256.clear();
            bytes(&answer)
        };
        prop_assert_eq!(once(&ALONE.protocols[0]), once(&MICRONEEDLING.protocols[0]));
        prop_assert_eq!(once(&ALONE.protocols[0]), once(&ALONE.protocols[0]));
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Time
// ---------------------------------------------------------------------------------------------------------------------

fn permanent(answer: &Recommendation) -> BTreeSet<String> {
    let for_good =
        answer.reasons.iter().filter(|reason| reason.lasts == Some(regimen::recommendation::Duration::Permanent));
    for_good.map(|reason| reason.id.clone()).collect()
}

fn forever(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.split_once("valid_for") {
            Some((before, after)) if !line.trim_start().starts_with('#') => {
                let after =
                    after.split_once('"').and_then(|(_, rest)| rest.split_once('"')).map_or("", |(_, rest)| rest);
                out.push_str(&format!("{before}valid_for = \"forever\"{after}\n"));
            }
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

static FOREVER: LazyLock<Clinic> = LazyLock::new(|| clinic(&forever(&ALONE.protocols[0].file.text)));

proptest! {
    #![proptest_config(cases(96))]

    /// What forbids the treatment for good, by answers that do not expire, forbids it on every later day.
    #[test]
    fn permanent_is_for_good(
        protocol in protocols::protocol(Wanted { time: false, ..Wanted::ALL }),
        patient in patients::partial(),
        later in 1i32..5000,
    ) {
        let clinic = clinic(&forever(&protocol.text()));
        let (text, protocol) = (patient.record(), &clinic.protocols[0]);
        let (before, after) = (ask(protocol, &text, TODAY), ask(protocol, &text, TODAY + later.days()));
        // A course starts again after a pause, and a date that was cut off at today is so no longer.
        let stable = |id: &String| !text_of(protocol, id).contains("sessions_done") && !text_of(protocol, id).contains("date");
        for id in permanent(&before).iter().filter(|id| stable(id)) {
            prop_assert!(permanent(&after).contains(id), "{} after {later} days\n{}", id, text_of(protocol, id));
            prop_assert_eq!(after.status, Status::Contraindicated);
        }
    }

    #[test]
    fn permanent_is_for_good_in_the_shipped_protocol(patient in shipped::patient(), later in 1i32..5000) {
        let protocol = &FOREVER.protocols[0];
        let text = patient.record(protocol, None, &[]);
        let (before, after) = (ask(protocol, &text, TODAY), ask(protocol, &text, TODAY + later.days()));
        prop_assert!(permanent(&before).is_subset(&permanent(&after)), "after {later} days\n{text}");
        prop_assert!(permanent(&before).is_empty() || after.status == Status::Contraindicated);
    }
}

proptest! {
    #![proptest_config(cases(96))]

    /// A first permitted day is right to the day: the day before, the reason still stands, and on the day it no longer does. What is
    /// known in part only is tried elsewhere: it is asked for.
    #[test]
    fn a_wait_ends_on_its_day(
        protocol in protocols::protocol(Wanted { time: false, ..Wanted::ALL }),
        patient in patients::whole(),
    ) {
        let clinic = clinic(&forever(&protocol.text()));
        let (text, protocol) = (patient.record(), &clinic.protocols[0]);
        for reason in ask(protocol, &text, TODAY).reasons {
            let Some(day) = reason.not_before else { continue };
            let waits = |on: Date| {
                let then = ask_on(protocol, &text, on);
                then.reasons.iter().any(|other| other.id == reason.id && other.not_before == Some(day))
            };
            prop_assert!(waits(day + Duration::days(-1)), "{} {day}: over the day before", reason.id);
            prop_assert!(!waits(day), "{} {day}: not over on the day", reason.id);
        }
    }
}

/// The shipped protocols, each with its dictionary in one file, where no answer grows too old.
static ALL_FOREVER: LazyLock<Vec<Clinic>> = LazyLock::new(|| {
    let protocols = shipped::IN_FORCE.iter().copied();
    protocols.map(|protocol| clinic(&forever(&format!("{}\n{}", protocol.file.text, shipped::dictionary())))).collect()
});

proptest! {
    #![proptest_config(cases(200))]

    /// Nobody is treated before the first permitted day, and on that day what was waited for is over.
    #[test]
    fn a_wait_ends_on_its_day_in_the_shipped_protocols(
        protocol in any::<Index>(),
        patient in shipped::patient(),
        truth in shipped::truth(),
    ) {
        let protocol = &protocol.get(&ALL_FOREVER).protocols[0];
        let text = patient.record(protocol, Some(truth), &[]);
        let now = ask(protocol, &text, TODAY);
        let waits = |answer: &Recommendation| -> BTreeSet<(String, Option<Date>)> {
            answer.reasons.iter().map(|reason| (reason.id.clone(), reason.not_before)).collect()
        };
        if let Some(day) = now.not_before {
            let before = ask_on(protocol, &text, day + Duration::days(-1));
            prop_assert!(!before.status.is_treat(), "{} {} on the day before {day}\n{text}", protocol.id, before.status);
            let after = ask_on(protocol, &text, day);
            let still: Vec<(String, Option<Date>)> = waits(&after).intersection(&waits(&now)).filter(|(_, day)| day.is_some()).cloned().collect();
            prop_assert!(still.is_empty(), "{} on {day} still waits for {still:?}\n{text}", protocol.id);
        }
    }
}

/// The condition of a rule, as it is written.
fn text_of(protocol: &Protocol, id: &str) -> String {
    let rule = protocol.rules.iter().find(|rule| rule.id == id).expect("a rule");
    rule.when.map_or_else(String::new, |when| protocol.file.text[protocol.program.node(when).span.clone()].to_owned())
}

proptest! {
    #![proptest_config(cases(2000))]

    /// A month that is too short moves the date to the first of the next, not back to its own end.
    #[test]
    fn months_never_come_out_short(year in 1600i16..2500, month in 1i8..=12, day in 1i8..=31, months in -600i32..600, days in -400i32..400) {
        let Ok(start) = jiff::civil::Date::new(year, month, day) else { return Ok(()) };
        let clipped = start + months.months();
        let landed = if clipped.day() == start.day() { clipped } else { clipped + 1.day() };
        prop_assert_eq!(our(start) + Duration::new(months, days), our(landed + days.days()));
        // The same by words, as a file has it.
        if months >= 0 && days >= 0 {
            let written: Duration = format!("{months} months + {days} days").parse().expect("a length of time");
            prop_assert_eq!((our(start) + written).to_string(), (landed + days.days()).to_string());
        }
    }
}
