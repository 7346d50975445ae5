//! Patients who do not exist: what is known of each as it stands in a record.

use std::collections::{BTreeMap, BTreeSet};

use super::RecordText;
use crate::date::Date;
use crate::document::Notation;
use crate::logic::value::{Texts, Value, bits};
use crate::patient::{Covers, Record};
use crate::protocol::Dictionary;
use crate::protocol::dictionary::Answer;

/// A patient, in the words of a record. Only what is known stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patient {
    pub(crate) as_of: Date,
    /// Answers in JSON, by fact.
    pub(crate) facts: BTreeMap<String, String>,
    /// Sessions in JSON; none: whether there were any is not known.
    pub(crate) sessions: Option<Vec<String>>,
    /// `sessions_cover` in JSON, where it does not cover every treatment.
    pub(crate) cover: Option<String>,
    pub(crate) planned: Vec<String>,
}

impl Patient {
    /// Somebody who was never treated, and of whom nothing is known.
    pub(crate) fn unknown(as_of: Date) -> Patient {
        Patient { as_of, facts: BTreeMap::new(), sessions: Some(Vec::new()), cover: None, planned: Vec::new() }
    }

    /// The patient of a record. What only a record can say, and no made-up one needs, is left out: who gave an answer, for instance.
    pub(crate) fn of(record: &Record, dictionary: &Dictionary, as_of: Date) -> Patient {
        let mut patient = Patient::unknown(as_of);
        for (fact, answer) in dictionary.facts.iter().zip(&record.answers) {
            let Some(told) = answer else { continue };
            let value = match told {
                // Why no more is known of a day than its month needs no made-up patient.
                _ if told.declined && told.value == Value::Unknown => "{ \"unknown\": \"declined\" }".to_owned(),
                _ if told.not_known && told.value == Value::Unknown => "{ \"unknown\": \"not_known\" }".to_owned(),
                _ if told.no_longer_applies => continue,
                _ => match (value(told.value, &fact.answer, &record.texts), told.on.filter(|on| *on != as_of)) {
                    (Some(value), Some(on)) => format!("{{ \"value\": {value}, \"on\": \"{on}\" }}"),
                    (Some(value), None) => value,
                    (None, _) => continue,
                },
            };
            patient.facts.insert(fact.name.clone(), value);
        }
        let session = |session: &crate::patient::Session| {
            let mut text = format!("{{ \"treatment\": {}, \"date\": \"{}\"", quoted(&session.treatment), session.date);
            for (note, told) in dictionary.notes.iter().zip(&session.notes) {
                if let Some(value) = value(*told, &note.answer, &record.texts) {
                    text.push_str(&format!(", {}: {value}", quoted(&note.name)));
                }
            }
            text + " }"
        };
        patient.planned = record.planned.iter().map(session).collect();
        patient.sessions = Some(record.sessions.iter().map(session).collect());
        if let Covers::Only(treatments) = &record.covers {
            let names: Vec<String> = treatments.iter().map(|name| quoted(name)).collect();
            match names.is_empty() && record.sessions.is_empty() {
                true => patient.sessions = None,
                false => patient.cover = Some(format!("[{}]", names.join(", "))),
            }
        }
        patient
    }

    /// The record, as it can be saved and read again.
    pub(crate) fn text(&self, name: &str) -> String {
        let members = |all: &BTreeMap<String, String>| {
            let lines: Vec<String> = all.iter().map(|(fact, value)| format!("    {}: {value}", quoted(fact))).collect();
            if lines.is_empty() { "{}".to_owned() } else { format!("{{\n{}\n  }}", lines.join(",\n")) }
        };
        let list = |all: &[String]| {
            let lines: Vec<String> = all.iter().map(|one| format!("    {one}")).collect();
            if lines.is_empty() { "[]".to_owned() } else { format!("[\n{}\n  ]", lines.join(",\n")) }
        };
        let mut text = format!(
            "{{\n  \"patient\": {},\n  \"recorded\": \"{}\",\n  \"facts\": {}",
            quoted(name),
            self.as_of,
            members(&self.facts)
        );
        if let Some(sessions) = &self.sessions {
            text.push_str(&format!(",\n  \"sessions\": {}", list(sessions)));
        }
        if let Some(cover) = &self.cover {
            text.push_str(&format!(",\n  \"sessions_cover\": {cover}"));
        }
        if !self.planned.is_empty() {
            text.push_str(&format!(",\n  \"planned\": {}", list(&self.planned)));
        }
        text + "\n}\n"
    }

    /// What is different about the patient from another.
    pub(crate) fn beside(&self, other: &Patient) -> Vec<String> {
        let names: BTreeSet<&String> = self.facts.keys().chain(other.facts.keys()).collect();
        let differ = names.into_iter().filter(|name| self.facts.get(*name) != other.facts.get(*name));
        let said = |name: &String| match self.facts.get(name) {
            Some(value) => format!("{name} = {value}"),
            None => format!("{name} is not known"),
        };
        let mut all: Vec<String> = differ.map(said).collect();
        if self.sessions != other.sessions {
            all.push(match &self.sessions {
                None => "sessions are not known".to_owned(),
                Some(sessions) if sessions.is_empty() => "no sessions".to_owned(),
                Some(sessions) => format!("sessions: {}", sessions.join(", ")),
            });
        }
        all
    }

    pub(crate) fn record(&self) -> RecordText {
        RecordText::new("made-up.json", &self.text("made-up"), Notation::Json)
    }

    /// The same with another answer, or without one.
    pub(crate) fn with(&self, fact: &str, value: Option<&String>) -> Patient {
        let mut patient = self.clone();
        match value {
            Some(value) => drop(patient.facts.insert(fact.to_owned(), value.clone())),
            None => drop(patient.facts.remove(fact)),
        }
        patient
    }
}

/// A value as a record writes it in JSON; none where it cannot.
pub(crate) fn value(value: Value, answer: &Answer, texts: &Texts) -> Option<String> {
    let choice = |at: u8| answer.choices().get(usize::from(at)).map(|name| quoted(name));
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(least, greatest) if least == greatest => {
            Some(least.to_string()).filter(|text| !text.contains('/'))
        }
        Value::Choice(at) => choice(at),
        Value::Set(chosen) => {
            let names: Option<Vec<String>> = bits(chosen).map(choice).collect();
            names.map(|names| format!("[{}]", names.join(", ")))
        }
        Value::Date(range) => Some(range.to_string()).filter(|text| !text.contains(' ')).map(|text| quoted(&text)),
        Value::Text(crate::logic::value::TextId::OTHER) => Some("\"something else\"".to_owned()),
        Value::Text(id) => Some(quoted(texts.get(id))),
        _ => None,
    }
}

pub(super) fn quoted(text: &str) -> String {
    // INVARIANT: a text can always be written.
    serde_json::to_string(text).unwrap_or_default()
}
