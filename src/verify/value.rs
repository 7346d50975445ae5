//! What a step came to, read back from the words of a trace, and how values are compared and calculated with.
//!
//! Nothing here is shared with the engine but the calendar: a slip of the engine must not be repeated by whoever checks it.

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Signed};

use crate::date::{Date, DateRange, Duration};

type Number = Ratio<i128>;

/// Numbers from here on say that a range has no upper end; from its negative down, that it has no lower one.
const MANY: Number = Ratio::new_raw(1_000_000_000_000, 1);

/// The distance from "never" to any day.
const EVER: i32 = 10_000_000;

/// The truth of a condition; none where it is not known.
pub(super) type Truth = Option<bool>;

/// What a step came to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Unknown,
    Truth(bool),
    Date(DateRange),
    /// `28 days` may be a number with its unit, or a length of time; whoever uses it knows which.
    Amount {
        number: Option<(Number, Number)>,
        length: Option<(Duration, Duration)>,
    },
    /// A choice, several choices with commas, or a text.
    Words(String),
}

impl Value {
    /// Reads the words of a trace.
    pub(super) fn read(text: &str) -> Value {
        match text {
            "unknown" => Value::Unknown,
            "true" => Value::Truth(true),
            "false" => Value::Truth(false),
            _ => {
                let (number, length) = (numbers(text), lengths(text));
                match span(text) {
                    // `2026` may be a number; a year is never all that is left of one.
                    Some(days) if number.is_none() => Value::Date(days),
                    _ if number.is_some() || length.is_some() => Value::Amount { number, length },
                    _ => Value::Words(text.to_owned()),
                }
            }
        }
    }

    /// Whether the words of a trace say this value.
    pub(super) fn is_said(&self, text: &str) -> bool {
        match (self, Value::read(text)) {
            (Value::Words(words), _) => words == text,
            (Value::Amount { number: Some((least, most)), .. }, Value::Unknown) => *least <= -MANY && *most >= MANY,
            (Value::Amount { number, length }, Value::Amount { number: of_text, length: of_words }) => {
                match (length, of_words) {
                    (Some(length), Some(of_words)) => *length == of_words,
                    _ => number.is_some() && *number == of_text,
                }
            }
            (Value::Date(days), _) => self.days().is_some() && (Value::read(text).days() == Some(*days)),
            (value, said) => *value == said,
        }
    }

    /// Whether it is one value, and not one of several.
    pub(super) fn is_settled(&self) -> bool {
        match self {
            Value::Unknown => false,
            Value::Date(days) => days.first == days.last,
            Value::Amount { number, length } => {
                number.is_none_or(|(least, most)| least == most) && length.is_none_or(|(least, most)| least == most)
            }
            Value::Truth(_) | Value::Words(_) => true,
        }
    }

    pub(super) fn truth(&self) -> Truth {
        match self {
            Value::Truth(truth) => Some(*truth),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<(Number, Number)> {
        match self {
            Value::Amount { number, .. } => *number,
            _ => None,
        }
    }

    fn length(&self) -> Option<(Duration, Duration)> {
        match self {
            Value::Amount { length, .. } => *length,
            _ => None,
        }
    }

    /// The days of a date; of `2026`, which may be a number, those of the year.
    pub(super) fn days(&self) -> Option<DateRange> {
        match self {
            Value::Date(days) => Some(*days),
            Value::Amount { number: Some((year, most)), length: None } if year == most => year.to_string().parse().ok(),
            _ => None,
        }
    }

    /// So many.
    pub(super) fn count(least: usize, most: Option<usize>) -> Value {
        let number = |count: usize| Ratio::from_integer(i128::try_from(count).unwrap_or(i128::MAX));
        Value::Amount { number: Some((number(least), most.map_or(MANY, number))), length: None }
    }

    /// So many days, weeks, months or years.
    pub(super) fn times(&self, unit: Duration) -> Value {
        let times = |count: Number| {
            let count =
                Some(count).filter(Ratio::is_integer).and_then(|count| i32::try_from(count.to_integer()).ok())?;
            Some(Duration::new(unit.months.checked_mul(count)?, unit.days.checked_mul(count)?))
        };
        let ever = Duration::days(EVER);
        let length = self.number().and_then(|(least, most)| {
            let is_range = least < most;
            let shortest = if is_range && least <= -MANY { Some(ever.negated()) } else { times(least) };
            let longest = if is_range && most >= MANY { Some(ever) } else { times(most) };
            shortest.zip(longest)
        });
        match length {
            Some(_) => Value::Amount { number: None, length },
            None => Value::Unknown,
        }
    }

    /// What is known where it is one of the two.
    pub(super) fn or(&self, other: &Value) -> Value {
        match (self, other) {
            (one, other) if one == other => one.clone(),
            (Value::Date(a), Value::Date(b)) => {
                Value::Date(DateRange { first: a.first.min(b.first), last: a.last.max(b.last) })
            }
            _ => {
                let number = self.number().zip(other.number());
                let number = number.map(|((a, b), (c, d))| (a.min(c), b.max(d)));
                let length = self.length().zip(other.length()).and_then(|((a, b), (c, d))| {
                    let shortest = if is_longer(a, c)? { c } else { a };
                    Some((shortest, if is_longer(d, b)? { d } else { b }))
                });
                match number.is_some() || length.is_some() {
                    true => Value::Amount { number, length },
                    false => Value::Unknown,
                }
            }
        }
    }
}

/// Whether a length of time is longer than another, from whatever day it is counted; none where that depends on the day.
fn is_longer(a: Duration, b: Duration) -> Option<bool> {
    let least = |length: Duration| i64::from(length.months) * 28 + i64::from(length.days);
    let most = |length: Duration| i64::from(length.months) * 31 + i64::from(length.days);
    if (a.months <= b.months && a.days <= b.days) || most(a) <= least(b) {
        Some(false)
    } else if (a.months >= b.months && a.days >= b.days) || least(a) >= most(b) {
        Some(true)
    } else {
        None
    }
}

/// All hold.
pub(super) fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let truths: Vec<Truth> = truths.into_iter().collect();
    // One that fails decides, whatever is not known of the others.
    if truths.contains(&Some(false)) {
        return Some(false);
    }
    truths.iter().all(|truth| *truth == Some(true)).then_some(true)
}

/// One holds.
pub(super) fn any(truths: impl IntoIterator<Item = Truth>) -> Truth {
    all(truths.into_iter().map(|truth| truth.map(|truth| !truth))).map(|none| !none)
}

/// A comparison, whatever day or number of a range is meant.
pub(super) fn compare(operator: &str, a: &Value, b: &Value) -> Truth {
    fn ends<T: PartialOrd>(operator: &str, (a, b): (T, T), (c, d): (T, T)) -> Truth {
        let decided = |surely: bool, possibly: bool| if surely == possibly { Some(surely) } else { None };
        let not = |truth: Truth| truth.map(|truth| !truth);
        match operator {
            "<" => decided(b < c, a < d),
            "<=" => decided(b <= c, a <= d),
            ">" => not(ends("<=", (a, b), (c, d))),
            ">=" => not(ends("<", (a, b), (c, d))),
            "==" => decided(a == b && c == d && a == c, a <= d && c <= b),
            _ => not(ends("==", (a, b), (c, d))),
        }
    }
    let days = |length: (Duration, Duration)| (length.0.days, length.1.days);
    match (a, b) {
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        _ => match (a.number().zip(b.number()), a.length().zip(b.length()), a.days().zip(b.days())) {
            // Weeks and days may be lengths of time, or numbers of one unit: the order is the same.
            (_, Some((a, b)), _) if [a.0, a.1, b.0, b.1].iter().all(|length| length.is_exact()) => {
                ends(operator, days(a), days(b))
            }
            (Some((a, b)), _, _) => ends(operator, a, b),
            (_, Some((a, b)), _) => ends(operator, days(a), days(b)),
            (_, _, Some((a, b))) => ends(operator, (a.first, a.last), (b.first, b.last)),
            _ => match operator {
                "==" => Some(a == b),
                "!=" => Some(a != b),
                _ => None,
            },
        },
    }
}

/// A calculation, with numbers, dates or lengths of time.
pub(super) fn calculate(operator: &str, a: &Value, b: &Value) -> Value {
    let back = operator == "-";
    let turn = |length: Duration| if back { length.negated() } else { length };
    match (a, b) {
        // After "never", every wait is over, also one of unknown length. How far it is from a day that is not known, nobody can say.
        (Value::Date(date), b) if date.last.is_never() && !matches!(b, Value::Date(_)) => Value::Date(*date),
        (Value::Unknown, _) | (_, Value::Unknown) => Value::Unknown,
        (Value::Date(a), Value::Date(b)) => {
            let days = |a: Date, b: Date| match a.days_since(b) {
                Some(days) => days,
                None if a.is_never() && b.is_never() => 0,
                None if a.is_never() => -EVER,
                None => EVER,
            };
            let (shortest, longest) = (days(a.first, b.last), days(a.last, b.first));
            Value::Amount { number: None, length: Some((Duration::days(shortest), Duration::days(longest))) }
        }
        (Value::Date(date), by) => match by.length() {
            Some((shortest, longest)) => {
                let (one, other) = (date.plus(turn(shortest)), date.plus(turn(longest)));
                Value::Date(DateRange { first: one.first.min(other.first), last: one.last.max(other.last) })
            }
            None => Value::Unknown,
        },
        _ => {
            let number = a.number().zip(b.number()).and_then(|(a, b)| numbers_of(operator, a, b));
            let length = a.length().zip(b.length()).filter(|_| operator == "+");
            let length = length.map(|((a, b), (c, d))| (a.plus(c), b.plus(d)));
            match number.is_some() || length.is_some() {
                true => Value::Amount { number, length },
                false => Value::Unknown,
            }
        }
    }
}

/// The opposite of a number.
pub(super) fn negative(value: &Value) -> Value {
    match value.number() {
        Some((least, most)) => Value::Amount { number: Some((-most, -least)), length: None },
        None => Value::Unknown,
    }
}

/// The least and the greatest that a calculation with two ranges may come to.
fn numbers_of(operator: &str, (a, b): (Number, Number), (c, d): (Number, Number)) -> Option<(Number, Number)> {
    let endless = |least: Number, most: Number| least < most && (least <= -MANY || most >= MANY);
    let is_endless = endless(a, b) || endless(c, d);
    let one = |a: Number, b: Number| {
        let is_end = |number: Number| is_endless && (number <= -MANY || number >= MANY);
        let sign = |number: Number| number.signum();
        let result = match operator {
            "/" if is_end(b) => Ratio::from_integer(0),
            "*" | "/" if is_end(a) || is_end(b) => sign(a) * sign(b) * MANY,
            "+" | "-" if is_end(a) => sign(a) * MANY,
            "+" if is_end(b) => sign(b) * MANY,
            "-" if is_end(b) => -sign(b) * MANY,
            "+" => a.checked_add(&b)?,
            "-" => a.checked_sub(&b)?,
            "*" => a.checked_mul(&b)?,
            _ => a.checked_div(&b)?,
        };
        Some(if is_endless { result.clamp(-MANY, MANY) } else { result })
    };
    let zero = Ratio::from_integer(0);
    let (least, most) = match operator {
        "+" => (one(a, c)?, one(b, d)?),
        "-" => (one(a, d)?, one(b, c)?),
        // A divisor that may be 0 leaves everything open.
        "/" if c <= zero && d >= zero => return None,
        _ => {
            let corners = [one(a, c)?, one(a, d)?, one(b, c)?, one(b, d)?];
            (corners.iter().copied().min()?, corners.iter().copied().max()?)
        }
    };
    (!is_endless || (least < MANY && most > -MANY)).then_some((least, most))
}

/// A number or a range of numbers, with or without a unit.
fn numbers(text: &str) -> Option<(Number, Number)> {
    let first = |text: &str| number(text.split(' ').next()?);
    if let Some(least) = text.strip_prefix("at least ") {
        return Some((first(least)?, MANY));
    }
    if let Some(most) = text.strip_prefix("at most ") {
        return Some((-MANY, first(most)?));
    }
    match text.split_once(" to ") {
        Some((least, most)) => Some((first(least)?, first(most)?)),
        None => first(text).map(|number| (number, number)),
    }
}

/// A number as the trace writes it, `12`, `-0.5`, `1/3`, and no other writing of it: `01` is a name.
pub(super) fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_whole = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = |text: &str| is_whole(text) && (text == "0" || !text.starts_with('0'));
    let whole = |text: &str| text.parse::<i128>().ok();
    let (numerator, denominator) = if let Some((over, under)) = digits.split_once('/') {
        if !(is_plain(over) && is_plain(under)) {
            return None;
        }
        (whole(over)?, whole(under)?)
    } else if let Some((before, fraction)) = digits.split_once('.') {
        if !(is_plain(before) && is_whole(fraction)) {
            return None;
        }
        (whole(&format!("{before}{fraction}"))?, 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?)
    } else if is_plain(digits) {
        (whole(digits)?, 1)
    } else {
        return None;
    };
    let sign: i128 = if digits == text { 1 } else { -1 };
    (denominator != 0).then(|| Ratio::new(sign * numerator, denominator))
}

/// Choices, as a set shows them.
pub(super) fn choices(set: &str) -> Vec<&str> {
    if set == "none" { Vec::new() } else { set.split(", ").collect() }
}

/// A length of time, or the shortest and the longest.
fn lengths(text: &str) -> Option<(Duration, Duration)> {
    let one = |text: &str| match text {
        "ever" => Some(Duration::days(EVER)),
        _ => length(text),
    };
    match text.split_once(" to ") {
        Some((shortest, longest)) => Some((one(shortest)?, one(longest)?)),
        None => one(text).map(|length| (length, length)),
    }
}

/// A length of time as the trace writes it: `2 years - 3 days`, `-7 days`.
pub(super) fn length(text: &str) -> Option<Duration> {
    let spaced = text.replace(" + ", " ").replace(" - ", " -");
    let words: Vec<&str> = spaced.split(' ').collect();
    let parts = words.chunks(2).map(|part| {
        let [count, unit] = part else { return None };
        let count: i32 = count.parse().ok()?;
        let (months, days) = match *unit {
            "day" | "days" => (0, 1),
            "week" | "weeks" => (0, 7),
            "month" | "months" => (1, 0),
            "year" | "years" => (12, 0),
            _ => return None,
        };
        Some(Duration::new(count.checked_mul(months)?, count.checked_mul(days)?))
    });
    parts.reduce(|sum, part| Some(sum?.plus(part?)))?
}

/// The days that a text may mean: a day, a month, a year, a range, never.
pub(super) fn span(text: &str) -> Option<DateRange> {
    match text.split_once(" to ") {
        Some((first, last)) => {
            let (first, last) = (span(first)?.first, span(last)?.last);
            // A range that begins with "never" is shown from the first day of all.
            Some(DateRange { first: if first == Date::MIN { Date::NEVER } else { first }, last })
        }
        None if text == "never" => Some(Date::NEVER.into()),
        None => text.parse().ok(),
    }
}
