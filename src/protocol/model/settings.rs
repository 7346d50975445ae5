//! Decision tables, instructions and red flags.

use super::{Offset, Template};
use crate::diagnostic::Place;
use crate::lang::{ExprId, FactId};
use crate::logic::Number;
use crate::protocol::file::{Audience, Evidence, Round, Safer};
use rust_decimal::Decimal;
use std::ops::Range;

/// A number that stands in the file, or the expression for it.
#[derive(Clone, Debug)]
pub enum Quantity {
    /// The number.
    Fixed(Decimal),
    /// The expression: its nodes, the last being the whole.
    Computed(Range<u32>),
}

impl Quantity {
    /// The expression, if it is one.
    #[must_use]
    pub fn computed(&self) -> Option<&Range<u32>> {
        match self {
            Quantity::Fixed(_) => None,
            Quantity::Computed(body) => Some(body),
        }
    }
}

/// A decision table for the session.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name.
    pub id: String,
    /// What a person calls it.
    pub label: Template,
    /// The unit of its values.
    pub unit: Option<String>,
    /// Which value wins.
    pub safer: Safer,
    /// To how many decimals its numbers are rounded, and how; none: they are not.
    pub rounding: Option<(u32, Round)>,
    /// Whether nothing is due without a value of it.
    pub needed: bool,
    /// The note of a session that holds the same quantity, where that has a range.
    pub recorded: Option<Recorded>,
    /// The set whose values are gone through, and the name for each.
    pub each: Option<(String, FactId)>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// How well it is founded.
    pub evidence: Evidence,
    /// Where it is declared.
    pub place: Place,
}

impl Setting {
    /// Whether sessions can record these numbers, and all between them.
    pub(crate) fn can_be_recorded(&self, from: Number, to: Number) -> bool {
        let within =
            |recorded: &Recorded| Number::from(recorded.least) <= from && to <= Number::from(recorded.greatest);
        self.recorded.as_ref().is_none_or(within)
    }

    /// What it says to people: its name, and the words of its rows.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &Template> {
        let words = self.rows.iter().filter_map(|row| if let Says::Text(text) = &row.says { Some(text) } else { None });
        std::iter::once(&self.label).chain(words)
    }

    /// The numbers of its rows.
    pub fn quantities(&self) -> impl Iterator<Item = &Quantity> {
        self.rows.iter().flat_map(|row| match &row.says {
            Says::Value(value) => vec![value],
            Says::Range(from, to) => vec![from, to],
            Says::Text(_) => Vec::new(),
        })
    }
}

/// A note of sessions that holds what a setting says, and its declared range.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its name.
    pub name: String,
    /// The least that it may be.
    pub least: Decimal,
    /// The greatest.
    pub greatest: Decimal,
}

/// A row of a decision table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The condition's nodes, the last being the whole; none: always.
    pub when: Option<Range<u32>>,
    /// What it says.
    pub says: Says,
    /// Where it is declared.
    pub place: Place,
}

/// What a row of a decision table says.
#[derive(Clone, Debug)]
pub enum Says {
    /// One value.
    Value(Quantity),
    /// A range of values.
    Range(Quantity, Quantity),
    /// An answer in words.
    Text(Template),
}

impl Says {
    /// The expressions for its numbers.
    pub fn computed(&self) -> impl Iterator<Item = &Range<u32>> {
        let numbers = match self {
            Says::Value(value) => [Some(value), None],
            Says::Range(from, to) => [Some(from), Some(to)],
            Says::Text(_) => [None, None],
        };
        numbers.into_iter().flatten().filter_map(Quantity::computed)
    }
}

impl Says {
    /// The expressions in its words.
    pub fn in_words(&self) -> impl Iterator<Item = &Range<u32>> {
        let words = if let Says::Text(words) = self { Some(words) } else { None };
        words.into_iter().flat_map(Template::values)
    }
}

/// What to do before or after a session.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// Its name.
    pub id: String,
    /// What people read for that.
    pub label: Option<String>,
    /// When it begins, from the session's day.
    pub at: Offset,
    /// When it ends.
    pub until: Option<Offset>,
    /// Who does it.
    pub audience: Audience,
    /// What to do.
    pub action: Template,
    /// For which patients; none: for everybody.
    pub when: Option<ExprId>,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// How well it is founded.
    pub evidence: Evidence,
    /// Where it is declared.
    pub place: Place,
}

/// A sign that needs action.
#[derive(Clone, Debug)]
pub struct RedFlag {
    /// Its name.
    pub id: String,
    /// What is seen or felt.
    pub sign: Template,
    /// What to do.
    pub action: Template,
    /// How soon.
    pub within: Option<Template>,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// How well it is founded.
    pub evidence: Evidence,
    /// Where it stands.
    pub place: Place,
}
