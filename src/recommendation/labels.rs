//! What people read for the names in an answer, and how a question is answered.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::speech::{ENGLISH, Speech, tell};

/// What people read for the names in an answer, where the dictionary or the protocol says so. Names are for programs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Labels {
    /// Of facts, and of notes about sessions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
    /// Of the answers to them: by fact, then by answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, BTreeMap<String, String>>,
    /// Of the values that a course is counted for, such as areas, or of its components.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// Of courses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub courses: BTreeMap<String, String>,
    /// What sessions were too early for: intervals in words, separations by their labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub too_early: BTreeMap<String, String>,
    /// Of rules, instructions, settings and parts of the course.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, String>,
}

impl Labels {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Labels::default()
    }

    /// What people read for a fact; its name, where there is no label.
    #[must_use]
    pub fn fact<'a>(&'a self, name: &'a str) -> &'a str {
        self.facts.get(name).map_or(name, String::as_str)
    }

    /// What people read for an answer.
    #[must_use]
    pub fn answer<'a>(&'a self, fact: &str, answer: &'a str) -> &'a str {
        self.answers.get(fact).and_then(|answers| answers.get(answer)).map_or(answer, String::as_str)
    }

    /// What people read for a value that a course is counted for.
    #[must_use]
    pub fn value(&self, value: &str) -> String {
        self.values.get(value).cloned().unwrap_or_else(|| value.replace('_', " "))
    }

    /// What people read for a course.
    #[must_use]
    pub fn course<'a>(&'a self, id: &'a str) -> &'a str {
        self.courses.get(id).map_or(id, String::as_str)
    }

    /// What people read for a rule, an instruction, a setting or a part of the course.
    #[must_use]
    pub fn rule<'a>(&'a self, id: &'a str) -> &'a str {
        self.rules.get(id).map_or(id, String::as_str)
    }

    /// Rules by their labels, as a list; what is called the same is said once.
    pub(crate) fn rules<'a>(&'a self, ids: impl IntoIterator<Item = &'a String>) -> String {
        let mut names: Vec<&str> = Vec::new();
        for id in ids {
            let name = self.rule(id);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        // A name of several words may have a comma of its own.
        names.join(if names.iter().any(|name| name.contains(',')) { "; " } else { ", " })
    }

    /// Facts by their labels, as a list.
    pub(crate) fn facts<'a>(&'a self, names: impl IntoIterator<Item = &'a String>) -> Vec<&'a str> {
        names.into_iter().map(|name| self.fact(name)).collect()
    }
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct AnswerForm {
    /// The type of the answer.
    #[serde(rename = "type")]
    pub kind: AnswerType,
    /// The unit of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The least number: a text, so that no reader rounds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<String>,
    /// The greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greatest: Option<String>,
    /// How many decimals a number has at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
    /// The choices, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<ChoiceReport>,
    /// What a record holds for the answers that are no value: `none` of a set, `never` of a date, `declined` of every question.
    pub written: BTreeMap<String, serde_json::Value>,
}

/// One of the choices of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ChoiceReport {
    /// What a record holds.
    pub id: String,
    /// What people read.
    pub label: String,
}

/// The type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AnswerType {
    /// Yes or no.
    Bool,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// Any text.
    Text,
    /// A day, or a month or year where no more is known.
    Date,
    /// One of the choices.
    Choice,
    /// Any number of the choices, or none.
    Set,
}

impl AnswerForm {
    /// Which answers there are, in words: `never, rarely (rare) or often (frequent)`; `1 to 6`; `yes or no`.
    #[must_use]
    pub fn in_words(&self) -> String {
        self.said(&ENGLISH)
    }

    /// The same in a language.
    pub(crate) fn said(&self, speech: &Speech) -> String {
        let choices: Vec<String> = self.choices.iter().map(ChoiceReport::in_words).collect();
        let mut text = match self.kind {
            AnswerType::Bool => speech.word("yes (true) or no (false)"),
            AnswerType::Integer => speech.word("a whole number"),
            AnswerType::Decimal => speech.word("a number"),
            AnswerType::Text => speech.word("a text"),
            AnswerType::Date => speech.word("a day, or its month or year"),
            AnswerType::Choice => tell!(speech, "one of: {}", choices.join("; ")),
            AnswerType::Set => tell!(speech, "any of: {}", choices.join("; ")),
        };
        if let (Some(least), Some(greatest)) = (&self.least, &self.greatest) {
            text.push_str(&tell!(speech, " from {} to {}", least, greatest));
        }
        text.extend(self.unit.iter().map(|unit| tell!(speech, " in {}", speech.units(unit))));
        for (word, written) in self.written.iter().filter(|(word, _)| *word != "declined") {
            text.push_str(&format!("; {}: {written}", speech.word(word)));
        }
        text
    }
}

impl ChoiceReport {
    fn in_words(&self) -> String {
        // What is said as it is written needs no saying twice.
        if self.label == self.id { self.id.clone() } else { format!("{} ({})", self.label, self.id) }
    }
}
