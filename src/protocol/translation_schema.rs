//! The JSON Schema of a translation, made from the list of what has texts.

use serde_json::{Map, Value as Json, json};

use super::translation::{OF, TEXTS};

/// The tables that name their entries; the others are lists whose entries have an `id`.
const NAMED: [&str; 6] = ["facts", "session_facts", "treatments", "parameters", "definitions", "components"];

/// The schema of a `protocol.de.toml`, a `facts.de.toml` or a `clinic.de.toml`.
#[must_use]
pub(crate) fn translation_schema() -> Json {
    let mut properties = Map::new();
    for (table, keys) in TEXTS.iter().filter(|(table, _)| !table.contains('.')) {
        if table.is_empty() {
            properties.extend(texts(keys));
        } else {
            properties.insert((*table).to_owned(), entries(table, keys));
        }
    }
    let free = "Texts without an id of their own, by what they say in the file that is translated.";
    properties.insert("texts".into(), json!({ "type": "object", "additionalProperties": text(), "description": free }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "translation",
        "description": "The texts and labels of a protocol, a dictionary or a clinic's details in another language.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn text() -> Json {
    json!({ "type": "string", "minLength": 1 })
}

/// Texts, and the mark of those that they are of.
fn texts(keys: &[&str]) -> Map<String, Json> {
    let mut all: Map<String, Json> = keys.iter().map(|key| ((*key).to_owned(), text())).collect();
    let mark = "Which text it is of: `regimen check` says what to write, and tells when that text has changed.";
    all.insert(OF.into(), json!({ "type": "string", "pattern": "^[0-9a-f]{8}$", "description": mark }));
    all
}

fn entries(table: &str, keys: &[&str]) -> Json {
    let mut properties = texts(keys);
    if matches!(table, "facts" | "session_facts") {
        let choices = "The label of each choice, by its name.";
        properties.insert(
            "choices".into(),
            json!({ "type": "object", "additionalProperties": text(), "description": choices }),
        );
    }
    for (inner, keys) in TEXTS {
        if let Some(name) = inner.strip_prefix(table).and_then(|rest| rest.strip_prefix('.')) {
            properties.insert(name.to_owned(), entries(inner, keys));
        }
    }
    if NAMED.contains(&table) {
        let entry = json!({ "type": "object", "additionalProperties": false, "properties": properties });
        return json!({ "type": "object", "additionalProperties": entry });
    }
    let id = "The id of what is translated, as it stands in the file.";
    properties.insert("id".into(), json!({ "type": "string", "description": id }));
    let entry =
        json!({ "type": "object", "additionalProperties": false, "required": ["id"], "properties": properties });
    json!({ "type": "array", "items": entry })
}
