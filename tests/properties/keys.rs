//! Which keys of the language the generators make. A key that none of them makes is one that no property tries.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value as Json;

use crate::expressions::Wanted;
use crate::random::cases;
use crate::sheets::Tree;
use crate::{applicability, asked, patients, proofs, protocols, series, settings};

/// The keys of a protocol that no generator makes, each with the reason. `*` stands for every table.
const NOT_MADE: [(&str, &str); 16] = [
    ("Session.name", "for the reader of the file"),
    ("*.note", "for the reader of the file: some rules have one"),
    ("*.codes", "for interfaces: nothing reads them"),
    ("*.evidence", "how well a statement is founded decides nothing: some rules have it"),
    ("*.label", "what people read instead of a name decides nothing: some of most kinds have one"),
    ("FactEntry.source_attribute", "what the use of a fact is disclosed as: tests/publish.rs"),
    ("protocol.source_attributes", "what a protocol discloses of itself: tests/publish.rs"),
    ("SourceAttributes.*", "the same"),
    ("protocol.language", "the language of the texts: tests/labels.rs, tests/sheets.rs"),
    ("protocol.allow", "which warnings are meant: tests/check.rs"),
    ("Allow.*", "the same"),
    ("SourceEntry.*", "where and when a source was published decides nothing"),
    ("*.reason", "of a setting and an instruction, which no answer gives"),
    ("InForce.until", "a day on which a protocol is not in force has no answer: tests/publish.rs"),
    ("LabelledDefinition.value", "a definition with a label is a condition here: tests/labels.rs"),
    ("Gap.sources", "which source a pause cites decides nothing"),
];

/// The keys of a record, where all records have the same: `*` stands for a fact.
const OF_A_RECORD: [&str; 25] = [
    "patient",
    "recorded",
    "facts",
    "facts.*.value",
    "facts.*.on",
    "facts.*.unknown",
    "facts.*.no_longer_applies",
    "sessions",
    "sessions.treatment",
    "sessions.date",
    "sessions.product",
    "sessions.faulty",
    "sessions.noted_twice",
    "sessions.reaction.unknown",
    "sessions_cover",
    "sessions_unknown",
    "earlier",
    "earlier.fact",
    "earlier.value",
    "earlier.unknown",
    "earlier.recorded",
    "planned",
    "planned.treatment",
    "planned.date",
    "sessions.area",
];

fn samples<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let mut runner = TestRunner::new(cases(1));
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("a sample").current()).collect()
}

/// The texts that the generators make, by the module that makes them.
fn texts() -> BTreeMap<&'static str, Vec<String>> {
    let generated = || samples(protocols::protocol(Wanted::ALL).prop_map(|one| one.text()), 120);
    let flags = (settings::settings(), any::<bool>(), any::<bool>());
    BTreeMap::from([
        ("protocols", generated()),
        ("settings", samples(flags.prop_map(|(text, open, noted)| settings::marked(&text, open, noted)), 60)),
        ("series", samples(series::with_records().prop_map(|(text, _)| text), 200)),
        ("asked", samples(asked::text(), 60)),
        ("applicability", samples(applicability::text(), 60)),
        ("proofs", generated().into_iter().take(1).map(|text| format!("{text}{}", proofs::properties())).collect()),
    ])
}

/// The keys that stand in a tree, by the table of the schema that they belong to.
fn keys_in(root: &Json, (schema, table): (&Json, &str), tree: &Tree, found: &mut BTreeSet<String>) {
    if let Some(name) = schema.get("$ref").and_then(Json::as_str).and_then(|path| path.strip_prefix("#/$defs/")) {
        return keys_in(root, (&root["$defs"][name], name), tree, found);
    }
    for way in ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten() {
        keys_in(root, (way, table), tree, found);
    }
    match tree {
        Tree::Table(all) => {
            for (key, value) in all {
                if let Some(of_key) = schema.pointer(&format!("/properties/{key}")) {
                    found.insert(format!("{table}.{key}"));
                    keys_in(root, (of_key, table), value, found);
                } else if let Some(of_any) = schema.get("additionalProperties") {
                    keys_in(root, (of_any, table), value, found);
                }
            }
        }
        Tree::Array(all) => {
            if let Some(items) = schema.get("items") {
                all.iter().for_each(|one| keys_in(root, (items, table), one, found));
            }
        }
        Tree::Leaf(_) | Tree::Text(_) => {}
    }
}

/// The keys of every table of a schema.
fn keys_of(schema: &Json) -> BTreeSet<String> {
    let named = schema["$defs"].as_object().into_iter().flatten().map(|(name, one)| (name.as_str(), one));
    let tables = std::iter::once(("protocol", schema)).chain(named);
    let keys = |(table, one): (&str, &Json)| -> Vec<String> {
        one["properties"].as_object().into_iter().flatten().map(|(key, _)| format!("{table}.{key}")).collect()
    };
    tables.flat_map(keys).collect()
}

fn is_excepted(key: &str) -> bool {
    let (table, name) = key.split_once('.').expect("a table and a key");
    NOT_MADE.iter().any(|(except, _)| {
        *except == key || except.strip_prefix("*.") == Some(name) || except.strip_suffix(".*") == Some(table)
    })
}

#[test]
fn every_key_of_a_protocol_is_made_by_a_generator() {
    let schema: Json = serde_json::from_str(include_str!("../../docs/schema/protocol.schema.json")).expect("JSON");
    let mut made = BTreeSet::new();
    for text in texts().values().flatten() {
        keys_in(&schema, (&schema, "protocol"), &Tree::read(text), &mut made);
    }
    let keys = keys_of(&schema);
    let missing: Vec<&String> = keys.iter().filter(|key| !made.contains(*key) && !is_excepted(key)).collect();
    assert!(missing.is_empty(), "made by no generator, and not excepted: {missing:?}");
    let exceptions = NOT_MADE.iter().map(|(except, _)| *except);
    let stale: Vec<&str> = exceptions.filter(|except| made.contains(*except)).collect();
    assert!(stale.is_empty(), "made, and excepted all the same: {stale:?}");
}

/// The keys of a record, without the names of its facts.
fn keys_of_record(path: &str, tree: &Tree, found: &mut BTreeSet<String>) {
    match tree {
        Tree::Table(all) => {
            for (key, value) in all {
                let key = if path == "facts" { "*" } else { key };
                let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                keys_of_record(&path, value, found);
                found.insert(path);
            }
        }
        Tree::Array(all) => all.iter().for_each(|one| keys_of_record(path, one, found)),
        Tree::Leaf(_) | Tree::Text(_) => {}
    }
}

#[test]
fn every_key_of_a_record_is_made_by_a_generator() {
    let mut made = BTreeSet::new();
    let own = samples(patients::partial().prop_map(|patient| patient.record()), 200);
    let of_series = samples(series::with_records().prop_map(|(_, records)| records), 60).concat();
    own.iter().chain(&of_series).for_each(|text| keys_of_record("", &Tree::read(text), &mut made));
    let missing: Vec<&&str> = OF_A_RECORD.iter().filter(|key| !made.contains(**key)).collect();
    assert!(missing.is_empty(), "made by no generator: {missing:?}");
}
