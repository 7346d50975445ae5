//! The types of expressions.

use std::sync::Arc;

use crate::lang::units;

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
        /// Whether a number in that unit was multiplied with one that has none: perhaps with a rate, such as milligrams for each kilogram,
        /// so that it may be meant in another unit.
        scaled: bool,
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
    pub(crate) const PLAIN: Type = Type::Number { whole: true, unit: None, scaled: false };

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
            (
                Type::Number { whole: a, unit: u, scaled: from_u },
                Type::Number { whole: b, unit: v, scaled: from_v },
            ) => {
                let (unit, scaled) = match (u, v) {
                    (Some(u), Some(v)) if u == v => (Some(u), *from_u && *from_v),
                    (Some(u), Some(v)) if *from_v && units::may_turn_into(v, u) => (Some(u), *from_u),
                    (Some(u), Some(v)) if *from_u && units::may_turn_into(u, v) => (Some(v), *from_v),
                    (Some(_), Some(_)) => return None,
                    (Some(u), None) => (Some(u), *from_u),
                    (None, v) => (v.as_ref(), *from_v),
                };
                Some(Type::Number { whole: *a && *b, unit: unit.cloned(), scaled })
            }
            (Type::Duration { exact: a }, Type::Duration { exact: b }) => Some(Type::Duration { exact: *a && *b }),
            (a, b) if a == b => Some(a.clone()),
            _ => None,
        }
    }
}
