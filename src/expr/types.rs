//! The types of expressions.

use std::sync::Arc;

/// The type of an expression, known when the protocol is loaded.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// A condition.
    Bool,
    /// A number; whole numbers count things.
    Number {
        /// Whether it has no fraction.
        whole: bool,
        /// The declared unit; numbers without one go with every unit.
        unit: Option<Arc<str>>,
    },
    /// A day.
    Date,
    /// A length of time; one that counts months can neither be compared nor subtracted.
    Duration {
        /// Whether it is an exact number of days.
        exact: bool,
    },
    /// One of a list of choices.
    Choice(Arc<[String]>),
    /// Any number of the choices of a list.
    Set(Arc<[String]>),
    /// Any text.
    Text,
    /// Recorded sessions.
    Sessions,
}

impl Type {
    /// A number without a unit.
    pub(crate) const PLAIN: Type = Type::Number { whole: true, unit: None };

    /// What a person would call it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Type::Bool => "a condition".into(),
            Type::Number { unit: Some(unit), .. } => format!("a number in {unit}"),
            Type::Number { whole: true, .. } => "a whole number".into(),
            Type::Number { .. } => "a number".into(),
            Type::Date => "a date".into(),
            Type::Duration { .. } => "a length of time".into(),
            Type::Choice(_) => "a choice".into(),
            Type::Set(_) => "a set of choices".into(),
            Type::Text => "a text".into(),
            Type::Sessions => "a list of sessions".into(),
        }
    }

    /// The type that covers both, for the two branches of an `if` or the two sides of `??`.
    pub(crate) fn join(&self, other: &Type) -> Option<Type> {
        match (self, other) {
            (Type::Number { whole: a, unit: u }, Type::Number { whole: b, unit: v }) => {
                let unit = match (u, v) {
                    (Some(u), Some(v)) if u != v => return None,
                    (Some(unit), _) | (_, Some(unit)) => Some(unit.clone()),
                    (None, None) => None,
                };
                Some(Type::Number { whole: *a && *b, unit })
            }
            (Type::Duration { exact: a }, Type::Duration { exact: b }) => Some(Type::Duration { exact: *a && *b }),
            (a, b) if a == b => Some(a.clone()),
            _ => None,
        }
    }
}
