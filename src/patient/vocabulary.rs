//! The texts that protocols mention, each with a number.

use std::collections::HashMap;

use crate::logic::value::TextId;
use crate::protocol::Protocol;

/// Every text and treatment that some protocols mention. A text that none of them does is `TextId::OTHER`: to the protocols they are
/// all alike, and a batch of any length needs no room for them.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    numbers: HashMap<String, TextId>,
    texts: Vec<String>,
}

impl Vocabulary {
    /// The texts of some protocols.
    #[must_use]
    pub fn new<'p>(protocols: impl IntoIterator<Item = &'p Protocol>) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for protocol in protocols {
            let separations = protocol.separations.iter().flat_map(|separation| &separation.from);
            let treatments = separations.chain(&protocol.program.lists).chain([&protocol.treatment]);
            for text in treatments.chain(protocol.program.texts.iter()) {
                vocabulary.add(text);
            }
        }
        vocabulary
    }

    fn add(&mut self, text: &str) {
        let next = TextId(crate::narrow::u16(self.texts.len()));
        if next != TextId::OTHER && !self.numbers.contains_key(text) {
            self.numbers.insert(text.to_owned(), next);
            self.texts.push(text.to_owned());
        }
    }

    /// The number of a text.
    #[must_use]
    pub fn find(&self, text: &str) -> TextId {
        self.numbers.get(text).copied().unwrap_or(TextId::OTHER)
    }

    /// All texts, by their numbers.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}
