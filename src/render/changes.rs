//! What would have to be different, in words.

use crate::english::{list, plain_name};
use crate::explain::changes::Change;
use crate::recommendation::Labels;
use crate::speech::{Speech, tell};
use crate::visible;

/// `smoker: no (now yes)`
pub(crate) fn change(one: &Change, labels: &Labels, speech: &Speech) -> String {
    let words = |value: &serde_json::Value| words(value, &one.fact, labels, speech);
    let instead: Vec<String> = one.instead.iter().map(words).collect();
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
fn words(value: &serde_json::Value, fact: &str, labels: &Labels, speech: &Speech) -> String {
    use serde_json::Value as Json;
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
