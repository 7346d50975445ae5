//! The names of one protocol: facts, parameters, definitions, notes and products.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::Place;
use crate::lang::lower::{Scope, Symbol};
use crate::lang::parse::is_name;
use crate::lang::{FactId, Type};
use crate::protocol::dictionary::{Dictionary, Fact};
use crate::protocol::model::ProductGroup;

/// The names of one protocol.
pub(in crate::protocol) struct Names {
    pub(in crate::protocol) dictionary: Arc<Dictionary>,
    pub(in crate::protocol) treatment: String,
    /// The facts that are read, by their place in the dictionary.
    pub(in crate::protocol) slots: Vec<usize>,
    pub(in crate::protocol) known: HashMap<String, Symbol>,
    /// The parameters and definitions that are declared, also those that are not known yet, each with its label.
    pub(in crate::protocol) declared: Vec<(String, Option<String>)>,
    /// The settings of the answer, where an expression may name them.
    pub(in crate::protocol) settings: Vec<(String, Symbol)>,
    /// The groups of products.
    pub(in crate::protocol) groups: Vec<ProductGroup>,
    /// Whether there are more facts than there are numbers for them.
    pub(in crate::protocol) is_full: bool,
    /// The notes that courses are counted by.
    pub(in crate::protocol) counted_by: Vec<String>,
    /// Parameters that are 0 or 1 and may have been meant for false or true: where, and whether it is 1.
    pub(in crate::protocol) switches: HashMap<String, (Place, bool)>,
}

impl Names {
    /// Whether a name was declared in a line that could not be read, perhaps with one sign too many or too few.
    fn is_refused(&self, name: &str) -> bool {
        self.dictionary.broken.iter().any(|broken| strsim::damerau_levenshtein(broken, name) <= 1)
    }
}

/// Whether a name that is declared cannot be one, and another is what it was meant for.
fn is_misspelt(declared: &str, name: &str) -> bool {
    !is_name(declared) && strsim::damerau_levenshtein(declared, name) == 1
}

impl Scope for Names {
    fn find(&mut self, name: &str) -> Option<Symbol> {
        if let Some(symbol) = self.known.get(name) {
            return Some(symbol.clone());
        }
        if self.dictionary.broken.iter().any(|broken| broken == name) {
            return Some(Symbol::Broken);
        }
        let Some((at, fact)) = self.dictionary.fact(name) else {
            // One that is written with a sign that no name has, has been told of where it is declared.
            let mut declared = self.known.keys().chain(self.dictionary.facts.iter().map(|fact| &fact.name));
            let is_told = self.is_refused(name) || declared.any(|declared| is_misspelt(declared, name));
            return is_told.then_some(Symbol::Broken);
        };
        let slot = match self.slots.iter().position(|slot| *slot == at) {
            Some(slot) => slot,
            None if self.slots.len() == crate::narrow::MOST => {
                self.is_full = true;
                return Some(Symbol::Broken);
            }
            None => {
                self.slots.push(at);
                self.slots.len() - 1
            }
        };
        let symbol = Symbol::Fact(FactId(crate::narrow::u16(slot)), fact.answer.ty.clone());
        self.known.insert(name.to_owned(), symbol.clone());
        Some(symbol)
    }

    fn note(&self, name: &str) -> Option<(u16, Type)> {
        self.dictionary.note(name).map(|(at, note)| (crate::narrow::u16(at), note.answer.ty.clone()))
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.dictionary.facts.iter().map(|fact| fact.name.clone()).collect();
        names.extend(self.known.keys().chain(self.declared.iter().map(|(name, _)| name)).cloned());
        names.sort();
        names.dedup();
        names
    }

    fn notes(&self) -> Vec<String> {
        self.dictionary.notes.iter().map(|note| note.name.clone()).collect()
    }

    fn treatment(&self) -> &str {
        &self.treatment
    }

    fn products(&self, name: &str) -> Option<Vec<String>> {
        if let Some(group) = self.groups.iter().find(|group| group.name == name) {
            return Some(group.products.clone());
        }
        if self.is_refused(name) {
            return Some(Vec::new());
        }
        // Where no products are declared, every text is one.
        let known = self.groups.is_empty() || self.groups.iter().any(|group| group.products.iter().any(|p| p == name));
        known.then(|| vec![name.to_owned()])
    }

    fn groups(&self) -> Vec<String> {
        self.groups.iter().map(|group| group.name.clone()).collect()
    }

    fn settings(&self) -> &[(String, Symbol)] {
        &self.settings
    }

    fn counted_by(&self) -> Vec<String> {
        self.counted_by.clone()
    }

    fn switch(&mut self, name: &str) -> Option<(Place, bool)> {
        let switch = self.switches.remove(name)?;
        self.known.insert(name.to_owned(), Symbol::Broken);
        Some(switch)
    }

    fn labelled(&self, label: &str) -> Option<String> {
        let facts = self.dictionary.facts.iter().filter_map(|fact| Some((&fact.name, fact.label.as_ref()?)));
        let own = self.declared.iter().filter_map(|(name, label)| Some((name, label.as_ref()?)));
        let words = |text: &str| text.to_lowercase().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let (mut all, written) = (facts.chain(own), words(label));
        all.find(|(_, label)| words(label) == written).map(|(name, _)| name.clone())
    }

    fn facts_with(&self, choice: &str) -> Vec<String> {
        let is_one = |fact: &&Fact| {
            matches!(fact.answer.ty, Type::Choice(_)) && fact.answer.choices().iter().any(|one| one == choice)
        };
        self.dictionary.facts.iter().filter(is_one).map(|fact| fact.name.clone()).collect()
    }

    fn labels_of(&self, choices: &[String]) -> Vec<(String, String)> {
        let notes = self.dictionary.notes.iter().map(|note| &note.answer);
        let mut answers = self.dictionary.facts.iter().map(|fact| &fact.answer).chain(notes);
        let answer = answers.find(|answer| answer.choices() == choices);
        answer.map_or_else(Vec::new, |answer| choices.iter().cloned().zip(answer.labels.iter().cloned()).collect())
    }
}
