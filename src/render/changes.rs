//! What would have to be different, in words.

use serde_json::Value as Json;

use crate::english::{list, plain_name};
use crate::explain::changes::Change;
use crate::recommendation::Labels;
use crate::speech::{Speech, tell};
use crate::visible;

/// As many sets are named as examples.
const MOST_SETS: usize = 4;

/// The values that are named: of sets, those that are nearest to what is so now, for there are as many as there are ways to choose.
fn named(one: &Change) -> Vec<&Json> {
    let mut instead: Vec<&Json> = one.instead.iter().collect();
    if one.examples && instead.iter().all(|value| value.is_array()) {
        let now = one.now.as_ref().and_then(Json::as_array);
        instead.sort_by_key(|value| apart(value.as_array(), now));
        instead.truncate(MOST_SETS);
    }
    instead
}

/// How many choices one set has and the other has not.
fn apart(one: Option<&Vec<Json>>, other: Option<&Vec<Json>>) -> usize {
    let (one, other) = (one.map_or(&[][..], Vec::as_slice), other.map_or(&[][..], Vec::as_slice));
    let lacks = |all: &[Json], of: &[Json]| of.iter().filter(|choice| !all.contains(choice)).count();
    lacks(one, other) + lacks(other, one)
}

/// `smoker: no (now yes)`
pub(crate) fn change(one: &Change, labels: &Labels, speech: &Speech) -> String {
    let words = |value: &Json| words(value, &one.fact, labels, speech);
    let instead: Vec<String> = named(one).into_iter().map(words).collect();
    let now = match &one.now {
        Some(now) => tell!(speech, "now {}", words(now)),
        None => speech.word("not known now"),
    };
    let such_as = if one.examples { speech.word("for example ") } else { String::new() };
    format!("{}: {such_as}{} ({now})", fact_name(&one.fact, labels), list(&instead, speech.or))
}

/// What people read for a fact.
pub(crate) fn fact_name(fact: &str, labels: &Labels) -> String {
    labels.facts.get(fact).cloned().unwrap_or_else(|| plain_name(fact))
}

/// A value of a record in words.
fn words(value: &Json, fact: &str, labels: &Labels, speech: &Speech) -> String {
    match value {
        Json::Bool(true) => speech.yes.into(),
        Json::Bool(false) => speech.no.into(),
        Json::String(text) => match labels.answer(fact, text) {
            same if same == text => speech.value(&plain_name(&visible::text(text))),
            label => label.to_owned(),
        },
        Json::Array(all) if all.is_empty() => speech.none.into(),
        Json::Array(all) => all.iter().map(|one| words(one, fact, labels, speech)).collect::<Vec<_>>().join(" + "),
        other => other.to_string(),
    }
}
