//! One label for two things of a kind: an answer and a sheet name them by it, and nobody can tell which of them spoke.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{Finder, Finding};
use crate::diagnostic::{Diagnostic, Place, codes};
use crate::protocol::Dictionary;

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let mut of_kind: BTreeMap<String, Vec<Named<'_>>> = BTreeMap::new();
    for rule in &protocol.rules {
        let one = (rule.id.as_str(), rule.label.as_ref(), &rule.place);
        of_kind.entry(rule.action.kind().to_string()).or_default().push(one);
    }
    let instructions = protocol.instructions.iter().map(|one| (one.id.as_str(), one.label.as_ref(), &one.place));
    let courses = protocol.courses.iter().map(|one| (one.id.as_str(), one.label.as_ref(), &one.place));
    let parameters = protocol.parameters.iter().map(|one| (one.name.as_str(), one.label.as_ref(), &one.place));
    let definitions = protocol.definitions.iter().map(|one| (one.name.as_str(), one.label.as_ref(), &one.place));
    of_kind.insert("instruction".to_owned(), instructions.collect());
    of_kind.insert("course".to_owned(), courses.collect());
    of_kind.insert("parameter".to_owned(), parameters.collect());
    of_kind.insert("definition".to_owned(), definitions.collect());
    let is_own = |file: &str| file == protocol.file.name;
    of_kind.insert("fact".to_owned(), facts(&protocol.dictionary, is_own));
    of_kind.into_iter().for_each(|(kind, all)| finder.found.extend(twice(&kind, &all)));
}

/// What is said of the facts of a clinic's dictionary.
pub(super) fn in_dictionary(dictionary: &Dictionary, is_of_protocol: impl Fn(&str) -> bool) -> Vec<Finding> {
    twice("fact", &facts(dictionary, |file| !is_of_protocol(file)))
}

/// An id, the label and the place of something.
type Named<'a> = (&'a str, Option<&'a String>, &'a Place);

fn facts(dictionary: &Dictionary, is_in: impl Fn(&str) -> bool) -> Vec<Named<'_>> {
    let facts = dictionary.facts.iter().filter(|fact| is_in(&fact.place.file.name));
    facts.map(|fact| (fact.name.as_str(), fact.label.as_ref(), &fact.place)).collect()
}

fn twice(kind: &str, all: &[Named<'_>]) -> Vec<Finding> {
    let mut first: BTreeMap<String, &Named<'_>> = BTreeMap::new();
    let mut found = Vec::new();
    for one in all {
        let (id, Some(label), place) = one else { continue };
        match first.entry(label.trim().to_lowercase()) {
            Entry::Occupied(known) => {
                let (other, _, before) = known.get();
                let message = format!("{kind} `{id}` has the label of {kind} `{other}`: \"{}\"", label.trim());
                let diagnostic = Diagnostic::new(&codes::LABEL_TWICE, message).labelled(place, "again");
                let diagnostic = diagnostic.see(before, "first");
                let help = "give each a label of its own, so that whoever reads an answer knows which of them spoke";
                found.push(Finding { subject: (*id).to_owned(), diagnostic: diagnostic.help(help) });
            }
            Entry::Vacant(place) => drop(place.insert(one)),
        }
    }
    found
}
