//! A number of a record: within its range, with the decimals that it may have, and without the binary noise of another program.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::diagnostic::{Diagnostic, codes};
use crate::document::Node;
use crate::lang::Type;
use crate::logic::value::Value;
use crate::patient::cell::{DECIMALS, is_exact, key};
use crate::patient::read::RecordReader;
use crate::protocol::dictionary::Answer;

impl RecordReader<'_> {
    pub(super) fn number(&mut self, name: &str, answer: &Answer, number: Decimal, node: &Node) -> Option<Value> {
        // Where the dictionary does not say, the noise of another program is taken away all the same.
        let number = match (answer.decimals, with_decimals(number, answer.decimals.unwrap_or(DECIMALS))) {
            (_, Some(number)) => number,
            (None, None) => number,
            (Some(decimals), None) => {
                let most = format!("{decimals} decimal{}", if decimals == 1 { "" } else { "s" });
                let message = format!("`{name}` is {number}, and it has at most {most}");
                let diagnostic = Diagnostic::new(&codes::OUT_OF_RANGE, message).at(&node.place(self.source));
                let help = "an answer is never rounded: write what was measured, or raise `decimals` in the dictionary";
                self.found.push(diagnostic.help(help));
                return None;
            }
        };
        if let Some((least, greatest)) = answer.range
            && (number < least || number > greatest)
        {
            let unit = match &answer.ty {
                Type::Number { unit: Some(unit), .. } => format!(" {unit}"),
                _ => String::new(),
            };
            let message = format!("`{name}` is {number}, but it must be {least} to {greatest}{unit}");
            return self.error(&codes::OUT_OF_RANGE, node, message);
        }
        if !is_exact(key(number.into())) {
            let message =
                format!("`{name}` is {number}: numbers have at most six decimals, and are at most 1,152,921,504,606");
            return self.error(&codes::OUT_OF_RANGE, node, message);
        }
        Some(Value::number(number))
    }
}

/// The number that was meant by one of at most so many decimals: itself, or, of one that carries the binary noise of another program, the
/// one that it is within a thousand-millionth of. None: it was measured more exactly than that.
fn with_decimals(number: Decimal, decimals: u32) -> Option<Decimal> {
    const NOISE: Decimal = Decimal::from_parts(1, 0, 0, false, 9);
    let nearest = number.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    if number == nearest {
        return Some(number);
    }
    let noise = number.abs().checked_mul(NOISE)?;
    ((number - nearest).abs() <= noise).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_taken_away_and_nothing_is_rounded() {
        let taken = |text: &str, decimals| {
            let number: Decimal = text.parse().expect("a number");
            with_decimals(number, decimals).map(|number| number.to_string())
        };
        assert_eq!(taken("54.431039999999996", 5).as_deref(), Some("54.43104"));
        assert_eq!(taken("54.431039999999996", 2), None);
        assert_eq!(taken("0.30000000000000004", 1).as_deref(), Some("0.3"));
        assert_eq!(taken("-0.30000000000000004", 1).as_deref(), Some("-0.3"));
        assert_eq!(taken("99.96", 1), None);
        assert_eq!(taken("99.99999999", 0), Some("100".into()));
        assert_eq!(taken("99.999999", 0), None);
        assert_eq!(taken("0.0000000000000001", 2), None);
        assert_eq!(taken("250.0", 2).as_deref(), Some("250.0"));
    }
}
