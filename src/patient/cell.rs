//! What is known of a fact, in two words: the form in which conditions are decided.

use crate::date::{Date, DateRange};
use crate::lang::types::Type;
use crate::logic::Number;
use crate::logic::value::{TextId, Value};

/// What is known of one fact of one patient.
///
/// Of a condition (0 or 1), a number (its [`key`]), a date (its day) or a text (its number), the least and the greatest that it
/// may be, as words [in order](in_order). Of a choice or a set, the bits that are certainly in it and those that may be. Where nothing
/// is known, the one is 0, as no other is, and the other all bits. So a comparison is two comparisons of words, and "not known" needs
/// no case of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The least that it may be; the bits that are certainly in it.
    pub(crate) low: u64,
    /// The greatest that it may be; the bits that may be in it.
    pub(crate) high: u64,
}

/// The bit of a choice or set that is known, so that an empty set is not nothing.
const KNOWN: u64 = 1 << 63;

/// The word of a key, day or number of a text: in the same order, without a sign.
#[must_use]
#[expect(clippy::cast_sign_loss, reason = "the sign becomes the highest bit, turned over")]
pub(crate) const fn in_order(number: i64) -> u64 {
    number as u64 ^ 1 << 63
}

#[expect(clippy::cast_possible_wrap, reason = "the highest bit, turned back, is the sign")]
const fn number_of(word: u64) -> i64 {
    (word ^ 1 << 63) as i64
}

impl Cell {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Cell = Cell { low: 0, high: u64::MAX };
    /// The bits that choices may have.
    pub(crate) const CHOICES: u64 = !KNOWN;

    /// Exactly this key, day or number of a text; of a condition 0 or 1.
    #[must_use]
    pub(crate) const fn exactly(number: i64) -> Cell {
        Cell { low: in_order(number), high: in_order(number) }
    }

    /// These of the choices; of a choice, the one.
    #[must_use]
    pub(crate) const fn choices(bits: u64) -> Cell {
        Cell { low: bits | KNOWN, high: bits | KNOWN }
    }

    /// Whether something is known, but not exactly.
    #[must_use]
    #[inline]
    pub(crate) fn is_range(self) -> bool {
        self.low != self.high && self.low != 0
    }

    /// What is left of the days on which something happened that was told on a day: those until then; where none is left, the answer
    /// contradicts itself, and nothing is known.
    #[must_use]
    #[inline]
    pub(crate) fn happened_by(self, told: Date) -> Cell {
        let told = in_order(told.day().into());
        match self {
            Cell { low, .. } if low > told => Cell::UNKNOWN,
            Cell { low, high } if low != 0 && high > told => Cell { low, high: told },
            other => other,
        }
    }

    /// Of a cell that is known: whether the date lies no later than a day, whichever it is.
    pub(crate) fn is_over_by(self, day: Date) -> bool {
        self.high <= in_order(day.day().into())
    }

    /// A value. Lengths of time have no cell: of them nothing is known.
    #[must_use]
    pub(crate) fn new(value: Value) -> Cell {
        match value {
            Value::Bool(value) => Cell::exactly(value.into()),
            Value::Number(least, greatest) => Cell { low: in_order(key(least)), high: in_order(key(greatest)) },
            Value::Date(range) => {
                Cell { low: in_order(range.first.day().into()), high: in_order(range.last.day().into()) }
            }
            Value::Choice(at) => Cell::choices(1 << at),
            Value::Set(bits) => Cell::choices(bits),
            Value::Text(id) => Cell::exactly(id.0.into()),
            Value::Unknown | Value::Duration(..) => Cell::UNKNOWN,
        }
    }

    /// The value, given the type of the fact. Of a number it is the exact one only if the key [`is_exact`].
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cell was made of a value of that type"
    )]
    pub(crate) fn value(self, ty: &Type) -> Value {
        if self == Cell::UNKNOWN {
            return Value::Unknown;
        }
        let (low, high) = (number_of(self.low), number_of(self.high));
        let day = |word: i64| Date::from_day(word as i32);
        match ty {
            Type::Bool => Value::Bool(low != 0),
            Type::Number { .. } => Value::Number(number(low), number(high)),
            Type::Date => Value::Date(DateRange { first: day(low), last: day(high) }),
            Type::Choice(_) => Value::Choice(self.low.trailing_zeros() as u8),
            Type::Set(_) => Value::Set(self.low & Cell::CHOICES),
            Type::Text => Value::Text(TextId(low as u16)),
            Type::Duration { .. } | Type::Sessions => Value::Unknown,
        }
    }
}

/// How many decimals a key holds exactly.
pub(crate) const DECIMALS: u32 = 6;
/// A million: one, in units of the last decimal that a key holds.
pub(crate) const ONE: i64 = 1_000_000;
/// Numbers beyond this, in millionths, have the key of this.
const MOST: i128 = i64::MAX as i128 / 8;

/// A word that orders numbers: twice the number in millionths, and one more for a number between two millionths. Against a number
/// whose key [`is_exact`], every number compares as its key does.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "every number is within MOST, and twice that fits")]
pub(crate) fn key(number: Number) -> i64 {
    let (floor, exact) = number.in_millionths();
    match floor {
        floor if floor >= MOST => (MOST * 2) as i64 + 1,
        floor if floor <= -MOST => -(MOST * 2) as i64 - 1,
        floor => (floor * 2) as i64 + i64::from(!exact),
    }
}

/// Whether a key stands for one number.
#[must_use]
pub(crate) fn is_exact(key: i64) -> bool {
    key % 2 == 0
}

fn number(key: i64) -> Number {
    let millionths = key.div_euclid(2);
    if millionths % ONE == 0 { Number::from(millionths / ONE) } else { Number::millionths(millionths) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_numbers_as_numbers_do() {
        let texts = [
            "-999999999999",
            "-12.5",
            "-0.0000011",
            "-0.000001",
            "-0.0000001",
            "0",
            "0.0000001",
            "0.000001",
            "0.0000015",
            "0.5",
            "1",
            "1.50",
            "30",
            "30.0000001",
            "999999999999",
            "99999999999999999999",
        ];
        let exact = |text: &str| Number::from(text.parse::<rust_decimal::Decimal>().expect("a number"));
        let numbers: Vec<Number> = texts.iter().map(|text| exact(text)).collect();
        for a in &numbers {
            for b in numbers.iter().filter(|b| is_exact(key(**b))) {
                assert_eq!(a.cmp(b), key(*a).cmp(&key(*b)), "{a} and {b}");
            }
        }
        assert_eq!(number(key(exact("1.50"))).to_string(), "1.5");
    }

    #[test]
    fn a_cell_gives_back_the_value() {
        let choices: std::sync::Arc<[String]> = ["a".to_owned(), "b".to_owned()].into();
        let number = Type::Number { whole: false, unit: None, scaled: false };
        let range: DateRange = "2025-11".parse().expect("a month");
        for (value, ty) in [
            (Value::Unknown, Type::Bool),
            (Value::Unknown, Type::Set(choices.clone())),
            (Value::Bool(false), Type::Bool),
            (Value::number(-7), number),
            (Value::date(range), Type::Date),
            (Value::date(Date::NEVER), Type::Date),
            (Value::Choice(1), Type::Choice(choices.clone())),
            (Value::Set(0), Type::Set(choices.clone())),
            (Value::Set(3), Type::Set(choices)),
            (Value::Text(TextId(4)), Type::Text),
        ] {
            assert_eq!(Cell::new(value).value(&ty), value);
            assert_eq!(Cell::new(value) == Cell::UNKNOWN, value == Value::Unknown);
        }
    }
}
