//! A setting is never less careful than with the answer known.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use regimen::recommendation::{BoundKind, SettingReport};
use regimen::{Clinic, Decider, Notation, Protocol, Recommendation, Record, Request, Slots, Status, Vocabulary};
use rust_decimal::Decimal;

use crate::expressions::{Wanted, condition, number};
use crate::patients::{self, DICTIONARY, TODAY};
use crate::protocols::{self, HEADER};
use crate::random::cases;
use crate::{ask, assumed, clinic};

/// Without what lets a protocol go on without an answer: that says itself that it may turn out otherwise.
const PLAIN: Wanted = Wanted { time: false, sessions_done: true, assumptions: false };

/// A number as it is shown: a decimal, or a fraction whose decimals never end.
fn shown(word: &str) -> Option<Decimal> {
    match word.split_once('/') {
        Some((above, below)) => above.parse::<Decimal>().ok()?.checked_div(below.parse().ok()?),
        None => word.parse().ok(),
    }
}

/// The numbers of a value: one, or the two ends of a range.
fn numbers(setting: &SettingReport) -> Vec<Decimal> {
    let words: Vec<&str> = setting.value.split(' ').collect();
    match words.as_slice() {
        _ if !setting.known => Vec::new(),
        [from, "to", to, ..] => [from, to].into_iter().filter_map(|word| shown(word)).collect(),
        [one, ..] => shown(one).into_iter().collect(),
        [] => Vec::new(),
    }
}

/// A value, however many decimals its numbers are written with: of two equal ones, the range of a note may have one and the note two.
fn said(setting: &SettingReport) -> Vec<String> {
    let plain = |word: &str| shown(word).map_or(word.to_owned(), |number| number.normalize().to_string());
    setting.value.split(' ').map(plain).collect()
}

/// What was said before may turn out to have been more careful than needed, and never less.
pub(crate) fn never_bolder(before: &Recommendation, after: &Recommendation) -> Result<(), TestCaseError> {
    for now in &after.settings {
        // Before, nobody may have known for what.
        let Some(then) = before.settings.iter().find(|then| then.id == now.id) else { continue };
        let told = format!("{}: {} became {}", now.id, then.value, now.value);
        if !then.provisional {
            prop_assert_eq!(then.known, now.known, "{}", &told);
            // Of several rows that are no setting, another may be named.
            prop_assert!(said(then) == said(now) || then.value.starts_with("no value: "), "{}", told);
        }
        let Some(bound) = &then.bound else { continue };
        let most = shown(&bound.number).expect("a number");
        let later = now.bound.iter().map(|bound| shown(&bound.number).expect("a number"));
        for number in numbers(now).into_iter().chain(later) {
            match bound.kind {
                BoundKind::AtMost => prop_assert!(most <= number, "{}", told),
                BoundKind::AtLeast => prop_assert!(most >= number, "{}", told),
            }
        }
    }
    Ok(())
}

/// Rows and limits of two settings, one of which is for each value of a set.
pub(crate) fn settings() -> impl Strategy<Value = String> {
    let says = prop_oneof![
        6 => number(1, PLAIN).prop_map(|value| format!("value = '{value}'")),
        2 => (0u8..50).prop_map(|value| format!("value = {value}")),
        2 => (number(1, PLAIN), number(1, PLAIN)).prop_map(|(from, to)| format!("from = '{from}', to = '{to}'")),
        2 => (0u8..50, number(1, PLAIN)).prop_map(|(from, to)| format!("from = {from}, to = '{to} + 50'")),
        2 => Just("value = 'u1 * p_number'".to_owned()),
        2 => Just("value = 'u1 * 10 / 7'".to_owned()),
        1 => Just("from = 'u1 / 3', to = 'u1 / 2 + 0.03'".to_owned()),
        1 => Just("value = 'if b3 { v1 } else { p_mg }'".to_owned()),
        1 => Just("value = '(sum s.depth in sessions where s.good) * 10'".to_owned()),
        1 => Just("value = 'sessions.last.depth * 20'".to_owned()),
        1 => Just("value = 'sessions.len() * 2 + 2'".to_owned()),
        1 => Just("value = '50 - (count s in sessions where s.good)'".to_owned()),
        1 => Just("value = '60 / (sessions.len() + 2)'".to_owned()),
        1 => Just("text = \"none\"".to_owned()),
    ];
    let each = prop_oneof![2 => Just(String::new()), 1 => Just("(part == \"w\") == ".to_owned())];
    // Some rows have another beside them for all other patients, which may say the same.
    let mirror =
        prop_oneof![3 => Just(None), 1 => Just(Some(None)), 1 => says.clone().prop_map(|says| Some(Some(says)))];
    let row = (proptest::option::weighted(0.7, (each, condition(1, PLAIN))), says, mirror);
    let limit = (
        condition(1, PLAIN),
        prop_oneof![number(1, PLAIN), Just("u1".to_owned()), Just("u1 * 1.4".to_owned()), Just("90".to_owned())],
    );
    let round = proptest::sample::select(&["", "round = \"down\"\n", "round = \"up\"\n", "round = \"nearest\"\n"][..]);
    (
        proptest::collection::vec(row, 1..5),
        proptest::collection::vec(limit, 0..3),
        proptest::sample::select(&["lower", "higher"][..]),
        any::<bool>(),
        proptest::option::of((0u8..3, round)),
    )
        .prop_map(|(rows, limits, safer, each, rounding)| {
            // Words are not rounded.
            let rounding = rounding.filter(|_| rows.iter().any(|(_, says, _)| !says.starts_with("text")));
            let rounding = rounding.map_or_else(String::new, |(decimals, round)| format!("decimals = {decimals}\n{round}"));
            let rows: String = rows
                .into_iter()
                .map(|(when, says, mirror)| {
                    let Some((part, when)) = when else { return format!("  {{ {says} }},\n") };
                    let part = if each { part.as_str() } else { "" };
                    let other = mirror.map(|other| other.unwrap_or_else(|| says.clone()));
                    let other = other.map(|other| format!("  {{ when = '!({part}({when}))', {other} }},\n"));
                    format!("  {{ when = '{part}({when})', {says} }},\n{}", other.unwrap_or_default())
                })
                .collect();
            let each = if each { "each = { part = \"s1\" }\n" } else { "" };
            let limits = limits.into_iter().enumerate().map(|(at, (when, limit))| {
                format!("[[precaution]]\nid = \"limit-{at}\"\nwhen = '{when}'\ndo = \"x\"\nreason = \"x\"\nlimits = {{ dose = '{limit}' }}\nsources = [\"custom\"]\n")
            });
            let limits: String = limits.collect();
            format!("[[setting]]\nid = \"dose\"\nlabel = \"Dose\"\nunit = \"mg\"\nsafer = \"{safer}\"\n{rounding}{each}rows = [\n{rows}]\nsources = [\"custom\"]\n{limits}")
        })
}

/// The text of a protocol of settings.
pub(crate) fn protocol() -> impl Strategy<Value = String> {
    settings().prop_map(|settings| format!("{HEADER}{DICTIONARY}{settings}"))
}

/// The same, with a dose that may stay open, or that a note of the session records.
pub(crate) fn marked(settings: &str, may_stay_open: bool, recorded: bool) -> String {
    let needed = if may_stay_open { "needed = false\n" } else { "" };
    let records = if recorded { "records = \"given\"\n" } else { "" };
    let settings = settings.replacen("label = \"Dose\"\n", &format!("label = \"Dose\"\n{needed}{records}"), 1);
    let note = "[session_facts.given]\ntype = \"decimal\"\nunit = \"mg\"\nrange = [1, 60]\n";
    format!("{HEADER}{DICTIONARY}{note}{settings}")
}

/// The quick way of deciding says the same.
fn decides_alike(protocol: &Protocol, record: &str, answer: &Recommendation) -> Result<(), TestCaseError> {
    let as_of = crate::our(TODAY);
    let (record, _) = Record::from_text("r.toml", record, Notation::Toml, &protocol.dictionary).expect("a record");
    let vocabulary = Vocabulary::new([protocol]);
    let prepared = protocol.prepare(&Request::new(as_of)).expect("in force");
    let decision = Decider::new(&prepared, &vocabulary).decide(&Slots::of(&record, &vocabulary, as_of));
    prop_assert_eq!(decision.status, answer.status, "{:?}", answer.settings);
    prop_assert!(decision.could_become.iter().eq(answer.could_become.iter().copied()));
    Ok(())
}

proptest! {
    #![proptest_config(cases(512))]

    /// Taking any answer away never makes a setting less careful; and who answers what is asked knows the setting.
    #[test]
    fn a_missing_answer_never_makes_a_setting_less_careful(
        settings in settings(),
        may_stay_open in proptest::bool::weighted(0.2),
        recorded in proptest::bool::weighted(0.2),
        patient in patients::partial(),
        truth in patients::truth(),
        others in patients::truth(),
        some in proptest::sample::subsequence(&patients::FACTS[..], 0..patients::FACTS.len()),
    ) {
        let Ok((clinic, _)) = Clinic::from_text("generated.toml", &marked(&settings, may_stay_open, recorded)) else {
            // A number that is below 0 for everybody, or a divisor that is written as 0.
            return Ok(());
        };
        let protocol = &clinic.protocols[0];
        let before = ask(protocol, &patient.record(), TODAY);
        let is_due = |answer: &Recommendation| answer.settings.iter().all(|setting| setting.known) || may_stay_open;
        prop_assert_eq!(before.status == Status::Due, is_due(&before), "{:?}", before.settings);
        for truth in [&truth, &others] {
            let after = ask(protocol, &patient.completed(truth, &[]).record(), TODAY);
            never_bolder(&before, &after)?;
            prop_assert_eq!(after.status == Status::Due, is_due(&after), "{:?}", after.settings);
            prop_assert!(before.could_become.contains(&after.status), "{:?}: {:?}", before.could_become, after.settings);
            prop_assert!(before.status != Status::Due || after.status == Status::Due);
            for answer in [&before, &after].into_iter().filter(|answer| answer.status == Status::Undetermined) {
                let says_why = answer.doubts.iter().any(|doubt| doubt.code == "R416");
                prop_assert!(!answer.questions.is_empty() || says_why, "{:?}", answer.settings);
            }
            decides_alike(protocol, &patient.record(), &before)?;
            prop_assert!(after.questions.is_empty(), "{:?}", after.questions);
            // Some of the answers.
            let some: Vec<String> = some.iter().map(|&name| name.to_owned()).collect();
            let between = ask(protocol, &patient.completed(truth, &some).record(), TODAY);
            never_bolder(&before, &between)?;
            never_bolder(&between, &after)?;
            // What is asked, and nothing else.
            let asked: Vec<&str> = before.questions.iter().map(|question| question.fact.as_str()).collect();
            let not_asked: Vec<String> =
                patient.names().into_iter().filter(|name| !asked.contains(&name.as_str())).collect();
            let answered = ask(protocol, &patient.completed(truth, &not_asked).record(), TODAY);
            for then in answered.settings.iter().filter(|then| then.provisional && then.depends_on.is_empty()) {
                // Only what nobody can answer stays open.
                let now = after.settings.iter().find(|now| now.id == then.id);
                prop_assert!(now.is_none_or(|now| now.provisional), "{}: {} became {now:?}", then.id, then.value);
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(128))]

    /// The same beside rules and courses of every kind.
    #[test]
    fn a_missing_answer_never_makes_a_setting_less_careful_beside_rules(
        generated in protocols::protocol(Wanted { assumptions: false, ..Wanted::ALL }),
        patient in patients::partial(),
        truths in proptest::collection::vec(patients::truth(), 4),
    ) {
        let clinic = clinic(&generated.text());
        let before = ask(&clinic.protocols[0], &patient.record(), TODAY);
        for truth in &truths {
            let after = ask(&clinic.protocols[0], &patient.completed(truth, &assumed(&before)).record(), TODAY);
            never_bolder(&before, &after)?;
        }
    }
}
