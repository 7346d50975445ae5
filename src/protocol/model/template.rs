//! A text that people read, with the values that stand in it.

use std::ops::Range;

/// A text of the file. What stands between its braces is an expression: `"The area must be clear for {acne_clear_wait}."`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// The bytes of the file.
    pub span: Range<usize>,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Words, with plain braces.
    Words(String),
    /// An expression whose value is read: its nodes, the last being the whole.
    Value(Range<u32>),
}

impl Template {
    /// A text that stands in no file.
    #[must_use]
    pub fn of_words(words: &str) -> Template {
        Template { parts: vec![Part::Words(words.to_owned())], span: 0..0 }
    }

    /// The text with something said for each of its expressions.
    #[must_use]
    pub fn fill(&self, say: impl Fn(&Range<u32>) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Words(words) => words.clone(),
            Part::Value(body) => say(body),
        };
        self.parts.iter().map(part).collect()
    }

    /// Its expressions.
    pub fn values(&self) -> impl Iterator<Item = &Range<u32>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Words(_) => None,
            Part::Value(body) => Some(body),
        })
    }
}
