//! Keys that a record, or a part of it, does not have.

use crate::diagnostic::{Diagnostic, codes};
use crate::document::{Key, Node};
use crate::patient::read::RecordReader;

/// The keys of a record.
const RECORD: [&str; 8] =
    ["patient", "recorded", "facts", "earlier", "sessions", "sessions_cover", "sessions_unknown", "planned"];

impl RecordReader<'_> {
    pub(super) fn keys(&mut self, node: &Node, known: &[&str], who: &str) {
        for (key, _) in node.entries() {
            if !known.contains(&key.name.as_str()) {
                self.unknown_key(key, known, who);
            }
        }
    }

    /// The keys of a record. Facts among them are one mistake, however many they are: their heading was forgotten.
    pub(super) fn keys_of_record(&mut self, node: &Node) {
        let is_fact = |key: &&Key| !RECORD.contains(&key.name.as_str()) && self.dictionary.fact(&key.name).is_some();
        let facts: Vec<&Key> = node.entries().iter().map(|(key, _)| key).filter(is_fact).collect();
        if let [first, ..] = facts[..] {
            let what = match facts.len() {
                1 => format!("`{}` is a fact, but stands", first.name),
                count => format!("`{}` and {} more are facts, but stand", first.name, count - 1),
            };
            let message = format!("{what} outside `facts`");
            let diagnostic = Diagnostic::new(&codes::UNKNOWN_KEY, message).at(&first.place(self.source));
            self.found.push(diagnostic.help("put the heading [facts] above it; in JSON: \"facts\": { … }"));
        }
        let names: Vec<&str> = facts.iter().map(|key| key.name.as_str()).collect();
        for (key, _) in node.entries().iter().filter(|(key, _)| !RECORD.contains(&key.name.as_str())) {
            if !names.contains(&key.name.as_str()) {
                self.unknown_key(key, &RECORD, "a record");
            }
        }
    }

    pub(super) fn unknown_key(&mut self, key: &Key, known: &[&str], who: &str) {
        if key.is_left_over(self.source) {
            return;
        }
        let diagnostic = Diagnostic::new(&codes::UNKNOWN_KEY, format!("{who} has no key `{}`", key.name));
        let diagnostic = diagnostic.at(&key.place(self.source)).suggest(&key.name, known.iter().copied());
        let list = known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        self.found.push(diagnostic.help(format!("its keys are {list}")));
    }
}
