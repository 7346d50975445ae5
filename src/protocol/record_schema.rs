//! JSON Schema of a record: what an editor offers and underlines while somebody writes one.
//!
//! A record is read against the clinic's dictionary, not into a struct, so its schema is made from the dictionary.

use serde_json::{Map, Value as Json, json};

use crate::protocol::Dictionary;
use crate::protocol::dictionary::{Answer, Fact, Note, Validity};
use crate::protocol::file::FactType;

/// The schema of records, with the facts of a dictionary or, without one, with any facts.
///
/// ```
/// let schema = regimen::internals::record_schema(None);
/// assert_eq!(schema["title"], "record");
/// ```
#[must_use]
pub fn record_schema(dictionary: Option<&Dictionary>) -> Json {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "record",
        "description": "What is known about a patient.",
        "type": "object",
        "required": ["patient"],
        "additionalProperties": false,
        "properties": {
            "patient": {
                "description": "Any identifier; nothing else about the person is needed.",
                "type": "string",
                "examples": ["P-0017"],
            },
            "recorded": {
                "description": "When the facts below were taken, unless one says otherwise.",
                "type": "string",
                "format": "date",
            },
            "facts": facts(dictionary),
            "earlier": {
                "description": "Answers that others came after, each headed [[earlier]]: a session that was given is judged by what held on its own day.",
                "type": ["array", "null"],
                "items": earlier(dictionary),
            },
            "sessions": {
                "description": "Sessions of any treatment, each headed [[sessions]]; `sessions = []` if none were given. Without a list, or null, it is not known.",
                "type": ["array", "null"],
                "items": session(dictionary, false),
            },
            "planned": {
                "description": "Appointments, each headed [[planned]]. They are no sessions and count for nothing; one that stands too early is told with the answer.",
                "type": ["array", "null"],
                "items": session(dictionary, true),
            },
            "sessions_cover": {
                "description": "The treatments of which the list holds every session, where it does not do so of all. Of any other, more may have been given.",
                "type": "array",
                "items": { "type": "string" },
                "examples": [["microneedling", "filler"]],
            },
            "sessions_unknown": {
                "description": "The treatments of which somebody was asked whether there were sessions, or more than are listed, and could not or would not say.",
                "type": ["object", "null"],
                "additionalProperties": { "$ref": "#/$defs/no_answer" },
                "examples": [{ "peel": "declined" }],
            },
        },
        "$defs": definitions(),
    })
}

fn facts(dictionary: Option<&Dictionary>) -> Json {
    let description =
        "What is known, by the names of facts.toml. What nobody asked is left out: missing is not \"no\".";
    match dictionary {
        None => {
            let mut any = annotated(&json!({ "type": ["boolean", "number", "string", "array"] }));
            any["properties"]["unknown"] = no_more();
            json!({
                "description": description,
                "type": "object",
                "additionalProperties": { "anyOf": [
                    { "type": ["boolean", "number", "string", "array"] },
                    any,
                    { "$ref": "#/$defs/unknown" },
                    { "type": "null" },
                ] },
            })
        }
        Some(dictionary) => {
            let properties: Map<String, Json> =
                dictionary.facts.iter().map(|fact| (fact.name.clone(), fact_schema(fact))).collect();
            json!({
                "description": description,
                "type": "object",
                "additionalProperties": false,
                "properties": properties,
            })
        }
    }
}

fn fact_schema(fact: &Fact) -> Json {
    let value = value(&fact.answer, fact.may_be_never);
    let mut annotated = annotated(&value);
    if fact.answer.declared == FactType::Date {
        annotated["properties"]["unknown"] = no_more();
    }
    let valid = match fact.valid_for {
        Validity::Forever => "does not expire".to_owned(),
        Validity::For(duration) => format!("good for {duration}"),
        Validity::Visit => "good on its day".into(),
        Validity::Session => "good until the next session".into(),
    };
    json!({
        "title": fact.name,
        "description": format!("{} Answered by: {}; {valid}.{}", fact.ask, fact.of.word(), unit(&fact.answer)),
        "anyOf": [value, annotated, { "$ref": "#/$defs/unknown" }, { "type": "null" }],
    })
}

fn unit(answer: &Answer) -> String {
    match &answer.ty {
        crate::lang::Type::Number { unit: Some(unit), .. } => format!(" In {unit}."),
        _ => String::new(),
    }
}

/// The answers that the dictionary permits.
fn value(answer: &Answer, may_be_never: bool) -> Json {
    match answer.declared {
        FactType::Bool => json!({ "type": "boolean" }),
        FactType::Integer => ranged("integer", answer),
        FactType::Decimal => ranged("number", answer),
        FactType::Text => json!({ "type": "string" }),
        FactType::Date if may_be_never => json!({ "$ref": "#/$defs/date_or_never" }),
        FactType::Date => json!({ "$ref": "#/$defs/date" }),
        FactType::Choice => json!({ "enum": answer.choices() }),
        FactType::Set => json!({ "type": "array", "uniqueItems": true, "items": { "enum": answer.choices() } }),
    }
}

fn ranged(kind: &str, answer: &Answer) -> Json {
    let mut out = json!({ "type": kind });
    if let Some(decimals) = answer.decimals {
        out["description"] = format!("At most {decimals} decimals.").into();
    }
    if let Some((least, greatest)) = answer.range {
        for (key, end) in [("minimum", least), ("maximum", greatest)] {
            // A number of JSON: exact, as it is written.
            out[key] = serde_json::from_str(&end.normalize().to_string()).unwrap_or_default();
        }
    }
    out
}

/// `{ value = 3, on = 2026-02-10, by = "patient" }`
fn annotated(value: &Json) -> Json {
    json!({
        "type": "object",
        "required": ["value"],
        "additionalProperties": false,
        "properties": {
            "value": value,
            "on": { "$ref": "#/$defs/on" },
            "by": { "$ref": "#/$defs/by" },
            "no_longer_applies": {
                "description": "Whether the answer was true once and is kept for the history only: it is not used.",
                "type": "boolean",
            },
        },
    })
}

/// Beside the month of a day.
fn no_more() -> Json {
    json!({
        "description": "Why no more is known than the month or year that `value` says.",
        "enum": ["declined", "not_known", "not_recorded"],
    })
}

/// An answer of an earlier day: what its value may be depends on the fact.
fn earlier(dictionary: Option<&Dictionary>) -> Json {
    let mut item = json!({
        "title": "earlier answer",
        "type": "object",
        "required": ["fact", "recorded"],
        "anyOf": [{ "required": ["value"] }, { "required": ["unknown"] }],
        "additionalProperties": false,
        "properties": {
            "fact": { "description": "The fact, as it stands under [facts].", "type": "string" },
            "value": { "description": "What was answered." },
            "unknown": { "$ref": "#/$defs/no_answer" },
            "recorded": { "$ref": "#/$defs/on" },
            "by": { "$ref": "#/$defs/by" },
        },
    });
    if let Some(dictionary) = dictionary {
        let names: Vec<&str> = dictionary.facts.iter().map(|fact| fact.name.as_str()).collect();
        item["properties"]["fact"]["enum"] = names.into();
        let of_fact = |fact: &Fact| {
            let value = json!({ "anyOf": [value(&fact.answer, fact.may_be_never), { "type": "null" }] });
            json!({
                "if": { "properties": { "fact": { "const": fact.name } } },
                "then": { "properties": { "value": value } },
            })
        };
        item["allOf"] = dictionary.facts.iter().map(of_fact).collect();
    }
    item
}

fn session(dictionary: Option<&Dictionary>, planned: bool) -> Json {
    let mut properties = json!({
        "treatment": { "description": "As the protocol's `treatment`.", "type": "string", "examples": ["microneedling"] },
        "date": {
            "description": "The day; its month or year if no more is known.",
            "anyOf": [{ "$ref": "#/$defs/date" }, { "$ref": "#/$defs/day_unknown" }],
        },
        "product": { "description": "What was used.", "anyOf": [{ "type": "string" }, { "$ref": "#/$defs/note_unknown" }] },
        "faulty": { "description": "Whether it went wrong and must be given again.", "type": "boolean" },
        "noted_twice": {
            "description": "Of the later of two entries of one day: true if they are one session, noted twice; false if there were two.",
            "anyOf": [{ "type": "boolean" }, { "$ref": "#/$defs/note_unknown" }],
        },
    });
    if planned {
        properties["date"] = json!({ "type": "string", "format": "date", "description": "The day." });
    }
    let built_in = ["date", "product", "faulty"];
    let declared = dictionary.map_or(&[][..], |dictionary| &dictionary.notes);
    for Note { name, answer, .. } in declared.iter().filter(|note| !built_in.contains(&note.name.as_str())) {
        let mut schema = json!({ "anyOf": [value(answer, false), { "$ref": "#/$defs/note_unknown" }] });
        schema["description"] = format!("Noted about the session.{}", unit(answer)).into();
        properties[name] = schema;
    }
    json!({
        "title": if planned { "appointment" } else { "session" },
        "type": "object",
        "required": ["treatment", "date"],
        "additionalProperties": dictionary.is_none(),
        "properties": properties,
    })
}

fn definitions() -> Json {
    json!({
        "date": {
            "description": "A day, as 2026-03-02 (in TOML without quotes); \"2026-03\" or \"2026\" if no more is known.",
            "anyOf": [
                { "type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$" },
                { "type": "integer", "minimum": 1000, "maximum": 9999 },
            ],
        },
        "date_or_never": {
            "description": "A day, its month or its year, or \"never\" if it has not happened.",
            "anyOf": [{ "$ref": "#/$defs/date" }, { "const": "never" }],
        },
        "no_answer": { "description": "Why there is no answer.", "enum": ["declined", "not_known", "not_recorded"] },
        "note_unknown": {
            "description": "It was asked what the note should be, and there is no answer.",
            "type": "object",
            "required": ["unknown"],
            "additionalProperties": false,
            "properties": { "unknown": { "$ref": "#/$defs/no_answer" } },
        },
        "day_unknown": {
            "description": "It was asked on which day, and no more than this is known.",
            "type": "object",
            "required": ["value", "unknown"],
            "additionalProperties": false,
            "properties": { "value": { "$ref": "#/$defs/date" }, "unknown": { "$ref": "#/$defs/no_answer" } },
        },
        "on": { "description": "When the answer was taken.", "type": "string", "format": "date" },
        "by": { "description": "Who gave the answer.", "type": "string", "examples": ["patient", "clinician"] },
        "unknown": {
            "description": "The question was asked, and there is no answer.",
            "type": "object",
            "required": ["unknown"],
            "additionalProperties": false,
            "properties": {
                "unknown": { "$ref": "#/$defs/no_answer" },
                "on": { "$ref": "#/$defs/on" },
                "by": { "$ref": "#/$defs/by" },
            },
        },
    })
}
