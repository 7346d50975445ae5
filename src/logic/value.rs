//! Values of expressions, as far as they are known.

use crate::date::{Date, DateRange, Duration};
use crate::logic::{Number, Tri};

/// What an expression comes to for one patient.
///
/// Numbers, dates and lengths of time are ranges: an age is one when only the year of birth is known, a first permitted day is
/// one when only the month of an event is. A range of one is simply a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Nothing is known of it.
    Unknown,
    /// Yes or no.
    Bool(bool),
    /// A number, from the least to the greatest that it may be.
    Number(Number, Number),
    /// A day, or the days that it may be.
    Date(DateRange),
    /// A length of time, from the shortest to the longest that it may be.
    Duration(Duration, Duration),
    /// One of a list of choices, by its place in the list.
    Choice(u8),
    /// Any of a list of choices: bit n is the n-th.
    Set(u64),
    /// A text, by its number in a [`Texts`].
    Text(TextId),
}

/// The upper end of a range that has none, where sessions may have been given that are not listed: more than any number of a record. A range
/// from its negative has no lower end.
pub(crate) const MANY: Number = Number::whole(1_000_000_000_000);

impl Value {
    /// A text with the number that it has elsewhere; anything else as it is.
    #[must_use]
    pub(crate) fn renumbered(self, number: impl FnOnce(TextId) -> TextId) -> Value {
        match self {
            Value::Text(id) => Value::Text(number(id)),
            other => other,
        }
    }

    /// An event cannot be later than the day it was reported: of "some time in 2026", only the days until then are left. Where none is left,
    /// the answer contradicts itself; it stays as it is, so that nothing is made of it that nobody told.
    #[must_use]
    pub(crate) fn happened_by(self, told: Date) -> Value {
        match self {
            Value::Date(range) if range.first <= told && told < range.last => {
                Value::Date(DateRange { last: told, ..range })
            }
            other => other,
        }
    }

    /// An exact number.
    #[must_use]
    pub fn number(number: impl Into<Number>) -> Value {
        let number = number.into();
        Value::Number(number, number)
    }

    /// An exact length of time.
    #[must_use]
    pub fn duration(duration: Duration) -> Value {
        Value::Duration(duration, duration)
    }

    /// A day.
    #[must_use]
    pub fn date(date: impl Into<DateRange>) -> Value {
        Value::Date(date.into())
    }

    /// Whether nothing more could be learnt about it.
    #[must_use]
    pub fn is_settled(self) -> bool {
        match self {
            Value::Unknown => false,
            Value::Number(least, greatest) => least == greatest,
            Value::Date(range) => !range.is_partial(),
            Value::Duration(shortest, longest) => shortest == longest,
            Value::Bool(_) | Value::Choice(_) | Value::Set(_) | Value::Text(_) => true,
        }
    }

    /// Its truth, if it is a condition; of anything else, unknown.
    #[must_use]
    pub fn truth(self) -> Tri {
        match self {
            Value::Bool(value) => value.into(),
            _ => Tri::Unknown,
        }
    }

    /// The value that covers both: what is known when it is one of the two.
    #[must_use]
    pub fn either(self, other: Value) -> Value {
        match (self, other) {
            (a, b) if a == b => a,
            (Value::Number(a, b), Value::Number(c, d)) => Value::Number(a.min(c), b.max(d)),
            (Value::Date(a), Value::Date(b)) => {
                Value::Date(DateRange { first: a.first.min(b.first), last: a.last.max(b.last) })
            }
            (Value::Duration(a, b), Value::Duration(c, d)) => match (surely_longer(a, c), surely_longer(d, b)) {
                (Some(a_longer), Some(d_longer)) => {
                    Value::Duration(if a_longer { c } else { a }, if d_longer { d } else { b })
                }
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }
}

impl From<Tri> for Value {
    fn from(truth: Tri) -> Value {
        match truth {
            Tri::True => Value::Bool(true),
            Tri::False => Value::Bool(false),
            Tri::Unknown => Value::Unknown,
        }
    }
}

/// Whether the first length of time is longer than the second, whatever day it is counted from; none where that depends
/// on the day, as with a month and 30 days.
fn surely_longer(a: Duration, b: Duration) -> Option<bool> {
    let at_least = |d: Duration| i64::from(d.months) * 28 + i64::from(d.days);
    let at_most = |d: Duration| i64::from(d.months) * 31 + i64::from(d.days);
    if a == b || (a.months <= b.months && a.days <= b.days) || at_most(a) <= at_least(b) {
        Some(false)
    } else if (a.months >= b.months && a.days >= b.days) || at_least(a) >= at_most(b) {
        Some(true)
    } else {
        None
    }
}

/// The distance from "never" to any day: longer than every wait.
pub(crate) const SINCE_EVER: Duration = Duration::new(0, 10_000_000);

/// `date + duration`. After "never", every wait is over, also one of unknown length.
#[must_use]
pub(crate) fn add_to_date(date: Value, duration: Value, subtract: bool) -> Value {
    let turn = |d: Duration| if subtract { d.negated() } else { d };
    match (date, duration) {
        (Value::Date(range), _) if range.last.is_never() => date,
        (Value::Date(range), Value::Duration(a, b)) => {
            let (one, other) = (range.plus(turn(a)), range.plus(turn(b)));
            Value::Date(DateRange { first: one.first.min(other.first), last: one.last.max(other.last) })
        }
        _ => Value::Unknown,
    }
}

/// `date - date`, in days.
#[must_use]
pub(crate) fn distance(later: Value, earlier: Value) -> Value {
    let (Value::Date(a), Value::Date(b)) = (later, earlier) else { return Value::Unknown };
    let days = |a: Date, b: Date| match a.days_since(b) {
        Some(days) => Duration::days(days),
        None if a.is_never() && b.is_never() => Duration::default(),
        None if a.is_never() => SINCE_EVER.negated(),
        None => SINCE_EVER,
    };
    Value::Duration(days(a.first, b.last), days(a.last, b.first))
}

/// A number for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextId(pub u16);

impl TextId {
    /// A text that no expression mentions: different from all that do.
    pub const OTHER: TextId = TextId(u16::MAX);
}

/// Texts, each once, so that expressions compare numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts(Vec<String>);

impl Texts {
    /// The number of a text, a new one if it is new.
    pub fn intern(&mut self, text: &str) -> TextId {
        match self.find(text) {
            TextId::OTHER if self.0.len() < usize::from(u16::MAX) => {
                self.0.push(text.to_owned());
                TextId(crate::narrow::u16(self.0.len() - 1))
            }
            id => id,
        }
    }

    /// The number of a text, [`TextId::OTHER`] if it has none.
    #[must_use]
    pub fn find(&self, text: &str) -> TextId {
        self.0.iter().position(|known| known == text).map_or(TextId::OTHER, |at| TextId(crate::narrow::u16(at)))
    }

    /// All texts, by their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &String> {
        self.0.iter()
    }

    /// The text of a number.
    #[must_use]
    pub fn get(&self, id: TextId) -> &str {
        self.0.get(usize::from(id.0)).map_or("", String::as_str)
    }
}

/// The places of the bits that are set: the choices of a set.
pub(crate) fn bits(bits: u64) -> impl Iterator<Item = u8> {
    (0..64u8).filter(move |at| bits >> at & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(n: i32) -> Duration {
        Duration::days(n)
    }

    #[test]
    fn what_has_happened_had_happened_when_it_was_told() {
        let day = |day| Date::new(2026, 7, day).expect("a day");
        let july = |first, last| Value::Date(DateRange { first: day(first), last: day(last) });
        assert_eq!(july(1, 31).happened_by(day(15)), july(1, 15));
        assert_eq!(july(1, 31).happened_by(day(31)), july(1, 31));
        assert_eq!(july(1, 31).happened_by(day(1)), july(1, 1));
        // Nobody told that it was on the first of the days that are left.
        assert_eq!(july(20, 20).happened_by(day(15)), july(20, 20));
        assert_eq!(july(16, 31).happened_by(day(15)), july(16, 31));
    }

    #[test]
    fn either_covers_both_or_says_nothing() {
        let months = |n| Duration::new(n, 0);
        assert_eq!(Value::duration(days(14)).either(Value::duration(months(6))), Value::Duration(days(14), months(6)));
        assert_eq!(Value::duration(months(6)).either(Value::duration(days(14))), Value::Duration(days(14), months(6)));
        assert_eq!(Value::duration(days(30)).either(Value::duration(months(1))), Value::Unknown);
        assert_eq!(Value::Bool(true).either(Value::Bool(false)), Value::Unknown);
        assert_eq!(Value::number(3).either(Value::number(4)), Value::Number(3.into(), 4.into()));
    }

    #[test]
    fn never_plus_an_unknown_wait_is_never() {
        let never = Value::date(Date::NEVER);
        assert_eq!(add_to_date(never, Value::Unknown, false), never);
        assert_eq!(distance(Value::date(Date::MAX), never), Value::duration(SINCE_EVER));
    }
}
