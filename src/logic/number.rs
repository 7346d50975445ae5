//! Exact numbers: what expressions compute in.
//!
//! A third has no last decimal, and a rounded one makes `weight / 3 * 3 < weight` true. So a number is a fraction. A record's numbers have at most
//! six decimals and stay below 2^60 millionths, which is a little more than a million million: their sums, products and quotients all fit.
//! What fits no more is no number, never a rounded one.
//!
//! What stands in a file keeps the decimals that it is written with: 8.0 is 80/10, equal to 8 in everything but how it is shown. What is
//! calculated is in lowest terms.

use std::fmt;
use std::ops::Neg;

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Signed, ToPrimitive};
use rust_decimal::Decimal;

/// A whole number or a fraction, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(Ratio<i128>);

/// No numerator or denominator is greater: so none ever overflows when it is turned round or added to another.
const MOST: i128 = 10i128.pow(37);

fn fits(number: &Ratio<i128>) -> bool {
    number.numer().unsigned_abs() <= MOST.unsigned_abs() && *number.denom() <= MOST
}

impl Number {
    /// Nothing.
    pub const ZERO: Number = Number::whole(0);
    /// One.
    pub const ONE: Number = Number::whole(1);

    /// A whole number.
    #[must_use]
    pub const fn whole(number: i128) -> Number {
        Number(Ratio::new_raw(number, 1))
    }

    /// So many millionths.
    #[must_use]
    pub(crate) fn millionths(millionths: i64) -> Number {
        let (numerator, denominator) = Ratio::new(millionths, 1_000_000).into_raw();
        Number(Ratio::new_raw(numerator.into(), denominator.into()))
    }

    fn calculated(
        self,
        other: Number,
        whole: fn(i128, i128) -> Option<i128>,
        any: fn(&Ratio<i128>, &Ratio<i128>) -> Option<Ratio<i128>>,
    ) -> Option<Number> {
        let result = if *self.0.denom() == 1 && *other.0.denom() == 1 {
            Ratio::new_raw(whole(*self.0.numer(), *other.0.numer())?, 1)
        } else {
            any(&self.0, &other.0)?
        };
        fits(&result).then_some(Number(result))
    }

    /// The sum, if it fits.
    #[must_use]
    pub fn plus(self, other: Number) -> Option<Number> {
        self.calculated(other, i128::checked_add, CheckedAdd::checked_add)
    }

    /// The difference, if it fits.
    #[must_use]
    pub fn minus(self, other: Number) -> Option<Number> {
        self.calculated(other, i128::checked_sub, CheckedSub::checked_sub)
    }

    /// The product, if it fits.
    #[must_use]
    pub fn times(self, other: Number) -> Option<Number> {
        self.calculated(other, i128::checked_mul, CheckedMul::checked_mul)
    }

    /// The quotient, if there is one and it fits.
    #[must_use]
    pub fn over(self, other: Number) -> Option<Number> {
        let quotient = self.0.checked_div(&other.0)?;
        fits(&quotient).then_some(Number(quotient))
    }

    /// Its sign: -1, 0 or 1.
    #[must_use]
    pub fn signum(self) -> Number {
        Number(self.0.signum())
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(self) -> Number {
        Number(self.0.abs())
    }

    /// Whether it has no fraction.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.0.numer() % self.0.denom() == 0
    }

    /// The whole number that it is, if it is one and fits.
    #[must_use]
    pub fn to_i32(self) -> Option<i32> {
        if self.is_whole() { self.0.to_integer().to_i32() } else { None }
    }

    /// Its whole part, if it is not below 0 and fits.
    #[must_use]
    pub fn to_u32(self) -> Option<u32> {
        self.0.to_integer().to_u32()
    }

    /// Without what stands behind the point.
    #[must_use]
    pub fn trunc(self) -> Number {
        Number(self.0.trunc())
    }

    /// The number half way to another, if it fits.
    #[must_use]
    pub fn middle(self, other: Number) -> Option<Number> {
        self.plus(other)?.over(Number::whole(2))
    }

    /// How many millionths it has, without what is smaller, and whether that is all.
    pub(crate) fn in_millionths(self) -> (i128, bool) {
        let (numerator, denominator) = (*self.0.numer(), *self.0.denom());
        match numerator.checked_mul(1_000_000) {
            Some(millionths) => (millionths.div_euclid(denominator), millionths % denominator == 0),
            None => ((numerator / denominator).saturating_mul(1_000_000), true),
        }
    }

    /// How many decimals it is written with, if it stands in a file.
    #[must_use]
    pub fn written_decimals(self) -> u32 {
        let decimals = self.0.denom().ilog10();
        if 10i128.pow(decimals) == *self.0.denom() { decimals } else { 0 }
    }

    /// How many decimals it has; none if they never end.
    #[must_use]
    pub fn decimals(self) -> Option<u32> {
        if self.written_decimals() > 0 {
            return Some(self.written_decimals());
        }
        let mut rest = *self.0.reduced().denom();
        let mut count = |by: i128| {
            let mut times = 0u32;
            while rest % by == 0 {
                rest /= by;
                times += 1;
            }
            times
        };
        let decimals = count(2).max(count(5));
        (rest == 1).then_some(decimals)
    }

    /// The greatest number with so many decimals that is not greater; none if it does not fit.
    #[must_use]
    pub fn rounded_down(self, decimals: u32) -> Option<Number> {
        self.rounded(decimals, Ratio::floor)
    }

    /// The least number with so many decimals that is not less; none if it does not fit.
    #[must_use]
    pub fn rounded_up(self, decimals: u32) -> Option<Number> {
        self.rounded(decimals, Ratio::ceil)
    }

    /// The nearest number with so many decimals, of two the one farther from 0; none if it does not fit.
    #[must_use]
    pub fn rounded_to_nearest(self, decimals: u32) -> Option<Number> {
        self.rounded(decimals, Ratio::round)
    }

    fn rounded(self, decimals: u32, round: fn(&Ratio<i128>) -> Ratio<i128>) -> Option<Number> {
        // What has no more decimals stays as it is written.
        if self.decimals().is_some_and(|own| own <= decimals) {
            return Some(self);
        }
        let unit = Number::whole(10i128.checked_pow(decimals)?);
        Number(round(&self.times(unit)?.0)).over(unit)
    }

    /// With at least so many decimals, also where they are 0; a number whose decimals never end as a fraction.
    #[must_use]
    pub fn to_text(self, at_least: u32) -> String {
        let (numerator, denominator) = (*self.0.numer(), *self.0.denom());
        let Some(decimals) = self.decimals() else { return format!("{numerator}/{denominator}") };
        let sign = if numerator < 0 { "-" } else { "" };
        let (numerator, denominator) = (numerator.unsigned_abs(), denominator.unsigned_abs());
        let mut text = format!("{sign}{}", numerator / denominator);
        let mut rest = numerator % denominator;
        for at in 0..decimals.max(at_least) {
            text.push_str(if at == 0 { "." } else { "" });
            rest *= 10;
            text.push_str(&(rest / denominator).to_string());
            rest %= denominator;
        }
        text
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_text(0))
    }
}

impl Neg for Number {
    type Output = Number;
    fn neg(self) -> Number {
        // INVARIANT: no numerator is beyond MOST.
        Number(Ratio::new_raw(-*self.0.numer(), *self.0.denom()))
    }
}

impl From<Decimal> for Number {
    fn from(decimal: Decimal) -> Number {
        // At most 96 bits over 28 decimals: it always fits.
        Number(Ratio::new_raw(decimal.mantissa(), 10i128.pow(decimal.scale())))
    }
}

macro_rules! from_whole {
    ($($ty:ty),*) => { $(impl From<$ty> for Number {
        fn from(number: $ty) -> Number {
            Number::whole(number.into())
        }
    })* };
}
from_whole!(i32, i64, u8, u16, u32, u64);

impl From<usize> for Number {
    fn from(number: usize) -> Number {
        Number::from(number as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse::<Decimal>().expect("a number").into()
    }

    #[test]
    fn a_third_three_times_is_one() {
        let third = Number::ONE.over(number("3")).expect("a number");
        assert_eq!(third.times(number("3")), Some(Number::ONE));
        assert_eq!(number("7").over(number("3")).and_then(|n| n.times(number("3"))), Some(number("7")));
        assert!(third < number("0.3333333333333333333333333334"));
        assert!(third > number("0.3333333333333333333333333333"));
    }

    #[test]
    fn decimals_that_end_are_written_as_such_and_others_as_fractions() {
        let quotient = |a: &str, b: &str| number(a).over(number(b)).expect("a number");
        for (a, b, text) in [
            ("1", "4", "0.25"),
            ("-1", "4", "-0.25"),
            ("-7", "2", "-3.5"),
            ("100", "3", "100/3"),
            ("-1", "3", "-1/3"),
            ("1", "-0.3", "-10/3"),
            ("1", "64", "0.015625"),
            ("60", "1.0", "60"),
            ("1.50", "0.5", "3"),
        ] {
            assert_eq!(quotient(a, b).to_string(), text, "{a} / {b}");
        }
        assert_eq!(number("8.0"), number("8"));
        assert_eq!((number("8.0").to_string(), number("-1.50").to_string()), ("8.0".into(), "-1.50".into()));
        assert_eq!(number("1.5").to_text(2), "1.50");
        assert_eq!(number("-2").to_text(1), "-2.0");
    }

    #[test]
    fn what_does_not_fit_is_no_number() {
        let most = number("999999999999.999999");
        let squared = most.times(most).expect("the numbers of a record can be multiplied");
        assert_eq!(squared.over(most), Some(most));
        assert_eq!(squared.times(squared), None);
        assert_eq!(Number::whole(MOST).plus(Number::ONE), None);
        assert_eq!(Number::ONE.over(Number::ZERO), None);
    }

    #[test]
    fn rounding_goes_where_it_is_told() {
        for (text, down, up, nearest) in [
            ("2.25", "2.2", "2.3", "2.3"),
            ("-2.25", "-2.3", "-2.2", "-2.3"),
            ("2.24", "2.2", "2.3", "2.2"),
            ("2.2", "2.2", "2.2", "2.2"),
        ] {
            let all = [Number::rounded_down, Number::rounded_up, Number::rounded_to_nearest];
            let told = all.map(|round| round(number(text), 1).expect("a number").to_string());
            assert_eq!(told, [down, up, nearest], "{text}");
        }
    }
}
