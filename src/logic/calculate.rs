//! Calculating with all that two numbers may be.

use crate::lang::syntax::Arithmetic;
use crate::logic::Number;
use crate::logic::value::{MANY, Value};

/// A calculation with all that two numbers may be. What is calculated with an end that a range does not have is none either.
pub(crate) fn calculate(operation: Arithmetic, a: Value, b: Value) -> Value {
    let (Value::Number(a, b), Value::Number(c, d)) = (a, b) else { return Value::Unknown };
    let is_endless = |least: Number, greatest: Number| least < greatest && (least <= -MANY || greatest >= MANY);
    let (calculated, endless) = match (is_endless(a, b), is_endless(c, d)) {
        (false, false) => (operation.corners((a, b), (c, d), exactly), false),
        _ => (operation.corners((a, b), (c, d), endlessly), true),
    };
    let Some((least, greatest)) = calculated else { return Value::Unknown };
    // A number beyond all numbers of a record, and no end, are not told apart.
    if endless && (least >= MANY || greatest <= -MANY) {
        return Value::Unknown;
    }
    Value::Number(least, greatest)
}

/// The least and the greatest of a calculation with two ranges that have their ends, however great these are; none: it may have no result.
pub(crate) fn ends(operation: Arithmetic, a: (Number, Number), b: (Number, Number)) -> Option<(Number, Number)> {
    operation.corners(a, b, exactly)
}

impl Arithmetic {
    /// The least and the greatest of what comes of the ends of two ranges.
    fn corners(
        self,
        (a, b): (Number, Number),
        (c, d): (Number, Number),
        calculate: fn(Arithmetic, Number, Number) -> Option<Number>,
    ) -> Option<(Number, Number)> {
        match self {
            Arithmetic::Add => calculate(self, a, c).zip(calculate(self, b, d)),
            Arithmetic::Subtract => calculate(self, a, d).zip(calculate(self, b, c)),
            // A divisor that may be zero leaves everything open.
            Arithmetic::Divide if c <= Number::ZERO && d >= Number::ZERO => None,
            Arithmetic::Multiply | Arithmetic::Divide => {
                let corners = [(a, c), (a, d), (b, c), (b, d)].map(|(one, other)| calculate(self, one, other));
                let corners: Option<Vec<Number>> = corners.into_iter().collect();
                let corners = corners?;
                Some((corners.iter().copied().min()?, corners.iter().copied().max()?))
            }
        }
    }
}

fn exactly(operation: Arithmetic, a: Number, b: Number) -> Option<Number> {
    match operation {
        Arithmetic::Add => a.plus(b),
        Arithmetic::Subtract => a.minus(b),
        Arithmetic::Multiply => a.times(b),
        Arithmetic::Divide => a.over(b),
    }
}

/// The same where one of the two is an end, and an end that is not there stays so.
fn endlessly(operation: Arithmetic, a: Number, b: Number) -> Option<Number> {
    let is_end = |number: Number| number.abs() < MANY;
    let told = match operation {
        // Whatever is divided by more and more comes close to nothing.
        Arithmetic::Divide if !is_end(b) => Some(Number::ZERO),
        Arithmetic::Multiply | Arithmetic::Divide if !(is_end(a) && is_end(b)) => {
            a.signum().times(b.signum())?.times(MANY)
        }
        Arithmetic::Add | Arithmetic::Subtract if !is_end(a) => a.signum().times(MANY),
        Arithmetic::Add if !is_end(b) => b.signum().times(MANY),
        Arithmetic::Subtract if !is_end(b) => (-b.signum()).times(MANY),
        _ => exactly(operation, a, b),
    };
    told.map(|number| number.clamp(-MANY, MANY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_by_what_may_be_zero_is_unknown() {
        assert_eq!(calculate(Arithmetic::Divide, Value::number(1), Value::number(0)), Value::Unknown);
        let around_zero = Value::Number((-1).into(), 1.into());
        assert_eq!(calculate(Arithmetic::Divide, Value::number(1), around_zero), Value::Unknown);
        assert_eq!(
            calculate(Arithmetic::Multiply, Value::number(2), around_zero),
            Value::Number((-2).into(), 2.into())
        );
    }

    #[test]
    fn an_end_that_is_not_there_never_becomes_one() {
        let number = |text: &str| -> Number { text.parse::<rust_decimal::Decimal>().expect("a number").into() };
        let up = |from: &str| Value::Number(number(from), MANY);
        let down = |to: &str| Value::Number(-MANY, number(to));
        let exactly = |text: &str| Value::number(number(text));
        for (a, operation, b, expected) in [
            (up("1"), Arithmetic::Add, exactly("-2"), up("-1")),
            (exactly("2"), Arithmetic::Add, up("1"), up("3")),
            (up("1"), Arithmetic::Add, down("1"), Value::Number(-MANY, MANY)),
            (up("1"), Arithmetic::Subtract, exactly("2"), up("-1")),
            (exactly("2"), Arithmetic::Subtract, up("1"), down("1")),
            (up("1"), Arithmetic::Subtract, up("1"), Value::Number(-MANY, MANY)),
            (up("1"), Arithmetic::Multiply, exactly("0.001"), up("0.001")),
            (up("1"), Arithmetic::Multiply, exactly("-2"), down("-2")),
            (up("1"), Arithmetic::Multiply, exactly("0"), exactly("0")),
            (up("-1"), Arithmetic::Multiply, up("2"), Value::Number(-MANY, MANY)),
            (up("6"), Arithmetic::Divide, exactly("2"), up("3")),
            (exactly("6"), Arithmetic::Divide, up("2"), Value::Number(number("0"), number("3"))),
            (exactly("6"), Arithmetic::Divide, down("-2"), Value::Number(number("-3"), number("0"))),
            (up("6"), Arithmetic::Divide, up("2"), up("0")),
            // Beyond all numbers of a record, nothing is known of a range without an end.
            (exactly("2000000000000"), Arithmetic::Add, up("0"), Value::Unknown),
        ] {
            assert_eq!(calculate(operation, a, b), expected, "{a:?} {operation:?} {b:?}");
        }
        // What is known exactly has its ends, however great it is.
        let great = exactly("2000000000000");
        assert_eq!(calculate(Arithmetic::Add, great, exactly("1")), exactly("2000000000001"));
    }
}
