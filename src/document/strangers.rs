//! Several names that a table cannot have: what stands above them, or below, was put in the wrong place.

use serde_json::Value as Json;

use super::heading::heading_for;
use super::{Data, Key, Node, lost};

/// Names in a row that a table cannot have, and why they stand there.
pub(super) struct Strangers<'n> {
    pub(super) keys: Vec<&'n Key>,
    /// The heading above that of the table to which they belong, and where it stands; none: theirs is missing.
    pub(super) of: Option<(usize, String)>,
    /// The heading that is missing, where it can be guessed.
    pub(super) heading: Option<String>,
}

/// Such names, if there are several and nothing else stands between them. `is_strange` tells those that no other name of the table is like.
pub(super) fn in_table<'n>(
    node: &'n Node,
    text: &str,
    root: &Json,
    schema: &Json,
    is_strange: impl Fn(&Key, &Node) -> bool,
) -> Option<Strangers<'n>> {
    let entries = node.entries();
    let first = entries.iter().position(|(key, value)| is_strange(key, value))?;
    // What stands below has a heading of its own.
    let begins_line = |key: &Key| text[..key.span.start].ends_with('\n') || key.span.start == 0;
    let own = text[..entries[first].0.span.start].rfind("\n[").map(|at| at + 1)?;
    let all: Vec<&Key> =
        entries.iter().filter(|(key, value)| is_strange(key, value) && begins_line(key)).map(|(key, _)| key).collect();
    if let Some(of) = belongs_above(text, own, root, &all).filter(|_| all.len() > 1) {
        return Some(Strangers { keys: all, of: Some(of), heading: None });
    }
    let row: Vec<&(Key, Node)> =
        entries[first..].iter().take_while(|(key, value)| is_strange(key, value) && begins_line(key)).collect();
    let rest = &entries[first + row.len()..];
    let are_definitions = row.iter().all(|(_, value)| lost::is_definition(value));
    if (row.len() < 3 && !are_definitions) || rest.iter().any(|(key, _)| begins_line(key)) {
        return None;
    }
    let keys: Vec<&Key> = row.iter().map(|(key, _)| key).collect();
    let line = heading_at(text, own)?;
    // A name of its own for each: choices with their labels, or definitions.
    let are_texts = row.iter().all(|(_, value)| matches!(value.data, Data::Text(_) | Data::Table(_)));
    let choices = schema["properties"]["choices"].is_object() && node.get("choices").is_none();
    let is_definition = root["properties"]["definitions"].is_object();
    let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
    let heading = match (heading_for(&names), choices) {
        (Some(heading), _) => Some(heading.to_owned()),
        (None, true) if are_texts && (line.starts_with("[facts.") || line.starts_with("[session_facts.")) => {
            Some(format!("{}.choices]", line.trim_end_matches(']')))
        }
        (None, false) if are_texts && is_definition && !line.starts_with("[[") => Some("[definitions]".to_owned()),
        _ => None,
    };
    Some(Strangers { keys, of: None, heading })
}

/// The heading that begins at a place.
pub(super) fn heading_at(text: &str, at: usize) -> Option<&str> {
    let line = text.get(at..)?.lines().next()?.split('#').next()?.trim();
    (line.starts_with('[') && line.ends_with(']')).then_some(line)
}

/// The next heading above a place to whose tables all the names belong.
fn belongs_above(text: &str, own: usize, root: &Json, keys: &[&Key]) -> Option<(usize, String)> {
    let mut at = own;
    for _ in 0..4 {
        at = text[..at.checked_sub(1)?].rfind("\n[").map(|at| at + 1)?;
        let heading = heading_at(text, at)?;
        let schema = schema_of(root, heading.trim_matches(['[', ']']))?;
        let has = |key: &&Key| schema["properties"][&key.name].is_object() || schema["properties"][&key.name] == true;
        if keys.iter().all(has) {
            return Some((at, heading.to_owned()));
        }
        // A part of a table belongs to what stands above it.
        if !heading.contains('.') {
            return None;
        }
    }
    None
}

/// The schema of a table by its heading.
fn schema_of<'a>(root: &'a Json, name: &str) -> Option<&'a Json> {
    let mut schema = root;
    for part in name.split('.') {
        let open = &schema["additionalProperties"];
        let inner = &schema["properties"][part];
        schema = table_of(root, if inner.is_object() { inner } else { open })?;
    }
    Some(schema)
}

/// What a schema says of one table, through references, lists and alternatives.
pub(super) fn table_of<'a>(root: &'a Json, schema: &'a Json) -> Option<&'a Json> {
    if let Some(path) = schema["$ref"].as_str() {
        return table_of(root, root.pointer(path.trim_start_matches('#'))?);
    }
    if let Some(options) = schema["anyOf"].as_array() {
        return options.iter().find_map(|option| table_of(root, option));
    }
    if schema["items"].is_object() {
        return table_of(root, &schema["items"]);
    }
    (schema["properties"].is_object() || schema["additionalProperties"].is_object()).then_some(schema)
}
