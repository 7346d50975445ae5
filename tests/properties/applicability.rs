//! Questions that may make no sense, and answers that contradict each other, on random dictionaries and patients.

use std::collections::BTreeMap;

use proptest::prelude::*;
use regimen::{Clinic, Decider, Notation, Protocol, Recommendation, Record, Request, Slots, Status, Vocabulary};

use crate::patients::TODAY;
use crate::protocols::HEADER;
use crate::random::cases;
use crate::{ask, clinic, never_overturned, never_withdrawn, our};

/// The facts, each with its type, what it may be where its question makes no sense, and the answers that are tried.
const FACTS: [(&str, &str, &str, [&str; 3]); 6] = [
    ("a", "type = \"bool\"", "otherwise = false", ["true", "false", "true"]),
    ("b", "type = \"choice\"\nchoices = [\"x\", \"y\", \"z\"]", "otherwise = \"x\"", ["\"x\"", "\"y\"", "\"z\""]),
    ("c", "type = \"date\"\npast = true\nmay_be_never = true", "", ["\"never\"", "2026-01-10", "2026-07-10"]),
    ("d", "type = \"integer\"\nrange = [0, 9]", "otherwise = 0", ["0", "3", "7"]),
    ("e", "type = \"set\"\nchoices = [\"x\", \"y\"]", "otherwise = []", ["[]", "[\"x\"]", "[\"x\", \"y\"]"]),
    ("f", "type = \"text\"", "otherwise = \"none\"", ["\"none\"", "\"red\"", "\"blue\""]),
];

/// Conditions that read one fact.
const LEAVES: [(usize, &str); 12] = [
    (0, "a"),
    (0, "!a"),
    (1, "b == \"x\""),
    (1, "b in [\"y\", \"z\"]"),
    (2, "c > never"),
    (2, "c + days(30) > today"),
    (3, "d > 2"),
    (3, "d == 0"),
    (4, "\"x\" in e"),
    (4, "e.is_empty()"),
    (5, "f == \"none\""),
    (5, "f != \"red\""),
];

/// A condition on facts before a place.
fn condition(before: usize) -> impl Strategy<Value = String> {
    let leaves: Vec<&str> = LEAVES.iter().filter(|(fact, _)| *fact < before).map(|(_, text)| *text).collect();
    let leaf = proptest::sample::select(leaves);
    (leaf.clone(), leaf, 0u8..4).prop_map(|(one, other, how)| match how {
        0 => format!("{one} && {other}"),
        1 => format!("{one} || {other}"),
        _ => one.to_owned(),
    })
}

/// A dictionary: for each fact, from the second, when it is asked; and what contradicts.
#[derive(Clone, Debug)]
struct Dictionary {
    asked: Vec<Option<String>>,
    contradictions: Vec<String>,
    rules: Vec<String>,
}

fn dictionary() -> impl Strategy<Value = Dictionary> {
    let asked: Vec<BoxedStrategy<Option<String>>> = (0..FACTS.len())
        .map(|at| match at {
            0 => Just(None).boxed(),
            at => proptest::option::weighted(0.6, condition(at)).boxed(),
        })
        .collect();
    // What contradicts is rare, or else every patient would contradict himself.
    let contradiction =
        (condition(FACTS.len()), condition(FACTS.len())).prop_map(|(one, other)| format!("({one}) && ({other})"));
    let contradictions = proptest::collection::vec(contradiction, 0..3);
    let rules = proptest::collection::vec(condition(FACTS.len()), 1..4);
    (asked, contradictions, rules).prop_map(|(asked, contradictions, rules)| Dictionary {
        asked,
        contradictions,
        rules,
    })
}

/// The text of a protocol with such a dictionary.
pub(crate) fn text() -> impl Strategy<Value = String> {
    dictionary().prop_map(|dictionary| dictionary.text(false))
}

impl Dictionary {
    /// The protocol, with its facts and contradictions in this order or the other way round.
    fn text(&self, reversed: bool) -> String {
        let fact = |(at, (name, ty, otherwise, _)): (usize, &(&str, &str, &str, _))| {
            let asked = self.asked[at]
                .as_ref()
                .map_or_else(String::new, |when| format!("asked_when = '{when}'\n{otherwise}\n"));
            format!("[facts.{name}]\n{ty}\nask = \"{name}?\"\nof = \"patient\"\nvalid_for = \"forever\"\n{asked}")
        };
        let mut facts: Vec<String> = FACTS.iter().enumerate().map(fact).collect();
        let contradiction = |when: &String| format!("[[contradiction]]\nwhen = '{when}'\nsay = \"x\"\n");
        let mut contradictions: Vec<String> = self.contradictions.iter().map(contradiction).collect();
        if reversed {
            facts.reverse();
            contradictions.reverse();
        }
        let rule = |(at, when): (usize, &String)| {
            let (kind, rest) = match at % 3 {
                0 => ("contraindication", "lasts = \"while-true\""),
                1 => ("deferral", "not_before = 'c + days(60)'"),
                _ => ("referral", "to = \"somebody\""),
            };
            format!("[[{kind}]]\nid = \"rule-{at}\"\nwhen = '{when}'\n{rest}\nreason = \"x\"\nsources = [\"custom\"]\n")
        };
        let rules: String = self.rules.iter().enumerate().map(rule).collect();
        let source = "[sources.custom]\ntitle = \"Custom\"\nevidence = \"custom\"\n";
        format!("{HEADER}{source}{}{}{rules}", facts.concat(), contradictions.concat())
    }
}

/// Whether an answer is given.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Now,
    /// It was, and is marked as one that no longer applies.
    Once,
    Never,
}

/// Which of the three answers each fact has, and whether it is given.
type Answers = Vec<(usize, Told)>;

fn answers() -> impl Strategy<Value = Answers> {
    let told = prop_oneof![3 => Just(Told::Now), 1 => Just(Told::Once), 2 => Just(Told::Never)];
    proptest::collection::vec((0usize..3, told), FACTS.len())
}

/// A record: the answers that are given; with `all`, all of them.
fn record(answers: &Answers, all: bool, but: &[String]) -> String {
    let mut text = "patient = \"P\"\nrecorded = 2026-07-15\nsessions = []\n[facts]\n".to_owned();
    for ((name, .., values), (value, told)) in FACTS.iter().zip(answers) {
        let value = values[*value];
        match told {
            _ if but.iter().any(|other| other == name) => {}
            Told::Once if !all => text.push_str(&format!("{name} = {{ value = {value}, no_longer_applies = true }}\n")),
            Told::Never if !all => {}
            _ => text.push_str(&format!("{name} = {value}\n")),
        }
    }
    text
}

fn decided(protocol: &Protocol, text: &str) -> (Status, Vec<Status>, bool) {
    let prepared = protocol.prepare(&Request::new(our(TODAY))).expect("in force");
    let vocabulary = Vocabulary::new([protocol]);
    let (record, _) = Record::from_text("r.toml", text, Notation::Toml, &protocol.dictionary).expect("a record");
    let mut decider = Decider::new(&prepared, &vocabulary);
    let decision = decider.decide(&Slots::of(&record, &vocabulary, our(TODAY)));
    (decision.status, decision.could_become.iter().collect(), decider.found_contradictions())
}

/// The answer to somebody in whom nothing contradicts, and the facts that are left out because they do not apply; none: there is no such
/// person.
pub(crate) fn without_contradictions(
    protocol: &Protocol,
    ask: impl Fn(&[String]) -> Recommendation,
) -> Option<(Recommendation, Vec<String>)> {
    let mut out: Vec<String> = Vec::new();
    loop {
        let answer = ask(&out);
        let told = answer.doubts.iter().filter(|doubt| doubt.code == "R419").map(|doubt| doubt.message.as_str());
        let told: Vec<&str> = told.collect();
        if told.is_empty() {
            return Some((answer, out));
        }
        let fact = |told: &&str| {
            let (told, _) = told.split_once(", but it does not apply where").expect("a misplaced answer");
            // By its label, where it has one; of two that fit, the longer one was meant.
            let labelled =
                protocol.dictionary.facts.iter().filter_map(|fact| Some((fact.label.as_deref()?, &fact.name)));
            let labelled = labelled.filter(|(label, _)| told.contains(&format!("{label}: ")));
            let name = labelled.max_by_key(|(label, _)| label.len()).map(|(_, name)| name.as_str());
            name.or_else(|| told.split('`').nth(1)).expect("a fact").to_owned()
        };
        let misplaced = told.iter().filter(|told| told.contains("does not apply where")).map(fact);
        let misplaced: Vec<String> = misplaced.filter(|fact| !out.contains(fact)).collect();
        // What is left, the dictionary declares, or it is more than a missing answer that is wrong.
        if misplaced.is_empty() {
            return None;
        }
        out.extend(misplaced);
    }
}

fn unordered(answer: &Recommendation) -> (Status, Vec<Status>, BTreeMap<String, String>, Vec<String>) {
    let mut doubts: Vec<String> = answer.doubts.iter().map(|doubt| doubt.message.clone()).collect();
    doubts.sort_unstable();
    let questions =
        answer.questions.iter().map(|one| (one.fact.clone(), format!("{:?}{:?}", one.why, one.could_change)));
    (answer.status, answer.could_become.clone(), questions.collect(), doubts)
}

proptest! {
    #![proptest_config(cases(256))]

    /// Whatever what is unknown turns out to be, it was foreseen; and with fewer answers the answer is never more permissive.
    #[test]
    fn fewer_answers_are_never_more_permissive(dictionary in dictionary(), answers in answers()) {
        let clinic: Clinic = clinic(&dictionary.text(false));
        let protocol = &clinic.protocols[0];
        if let Some((after, out)) = without_contradictions(protocol, |out| ask(protocol, &record(&answers, true, out), TODAY)) {
            let before = ask(protocol, &record(&answers, false, &out), TODAY);
            prop_assert!(before.doubts.is_empty(), "fewer answers contradict each other: {:?}", before.doubts);
            never_overturned(&before, &after, true)?;
            never_withdrawn(&before, &after)?;
            if before.status == Status::Undetermined {
                prop_assert!(!before.questions.is_empty());
            }
            for question in &before.questions {
                let place = FACTS.iter().position(|(name, ..)| *name == question.fact).expect("a fact");
                prop_assert!(answers[place].1 != Told::Now || out.contains(&question.fact), "{} was answered", question.fact);
            }
        }
    }

    /// What no longer applies contradicts nothing, and is asked again where its question makes sense: as if it had never been told.
    #[test]
    fn what_no_longer_applies_is_as_if_never_told(dictionary in dictionary(), answers in answers()) {
        let clinic = clinic(&dictionary.text(false));
        let never = answers.iter().map(|(value, told)| (*value, if *told == Told::Now { Told::Now } else { Told::Never }));
        let texts = [record(&answers, false, &[]), record(&never.collect(), false, &[])];
        let [marked, untold] = texts.each_ref().map(|text| ask(&clinic.protocols[0], text, TODAY));
        prop_assert_eq!(unordered(&marked), unordered(&untold));
        prop_assert_eq!(decided(&clinic.protocols[0], &texts[0]), decided(&clinic.protocols[0], &texts[1]));
    }

    /// The fast way says the same, of answers that contradict each other too, and the order of the file makes no difference.
    #[test]
    fn order_and_speed_make_no_difference(dictionary in dictionary(), answers in answers(), all in any::<bool>()) {
        let text = record(&answers, all, &[]);
        let clinics = [false, true].map(|reversed| clinic(&dictionary.text(reversed)));
        let [one, other] = clinics.each_ref().map(|clinic| ask(&clinic.protocols[0], &text, TODAY));
        prop_assert_eq!(unordered(&one), unordered(&other));
        let fast = decided(&clinics[0].protocols[0], &text);
        prop_assert_eq!(fast, (one.status, one.could_become.clone(), !one.doubts.is_empty()));
        if one.status == Status::Undetermined {
            prop_assert!(!one.questions.is_empty(), "{text}");
        }
    }
}
