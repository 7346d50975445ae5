//! Cells of a table as the values of a record, in JSON. What a cell means is never guessed: one that can be read in two ways is refused, with the
//! key of the map of columns that says which is meant.

use std::collections::BTreeMap;
use std::fmt::Write;

use schemars::JsonSchema;
use serde::Deserialize;

use super::answer::quoted;
use crate::date::{DateRange, InvalidDate};
use crate::diagnostic::{Diagnostic, codes};
use crate::protocol::file::FactType;

/// What stands before the decimals of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum DecimalMark {
    /// 22.5
    #[default]
    #[serde(rename = ".")]
    Point,
    /// 22,5
    #[serde(rename = ",")]
    Comma,
}

/// In which order the parts of a date stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// 2026-03-02
    #[default]
    YearMonthDay,
    /// 02.03.2026
    DayMonthYear,
    /// 3/2/2026
    MonthDayYear,
}

/// How the cells of a column are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Writing {
    /// What stands between several choices or dates in a cell.
    pub(super) separator: String,
    pub(super) decimal: DecimalMark,
    pub(super) dates: DateOrder,
    /// What the words in the cells mean.
    pub(super) values: BTreeMap<String, String>,
}

impl Writing {
    /// The cell's meaning as it was declared, or the cell.
    pub(super) fn meaning<'c>(&'c self, cell: &'c str) -> &'c str {
        self.values.get(cell).map_or(cell, String::as_str)
    }

    /// The parts of a cell, without the space around them. A cell with nothing but a separator has none; an empty part could stand for one that
    /// nobody wrote down.
    pub(super) fn parts<'c>(&'c self, cell: &'c str) -> impl Iterator<Item = Result<&'c str, Box<Diagnostic>>> {
        let is_none = cell.trim().is_empty() || cell.trim() == self.separator.trim();
        let parts = cell.split(self.separator.as_str()).map(str::trim).filter(move |_| !is_none);
        parts.map(|part| if part.is_empty() { Err(self.nothing_between(cell)) } else { Ok(part) })
    }

    fn nothing_between(&self, cell: &str) -> Box<Diagnostic> {
        let message =
            format!("something is missing in `{cell}`: nothing stands before, between or after a `{}`", self.separator);
        Diagnostic::new(&codes::INVALID_VALUE, message)
            .help("write what is missing, or take that sign away; alone in a cell it says that there are none")
            .into()
    }

    /// A cell as a fact's value in JSON.
    pub(super) fn value(&self, cell: &str, ty: FactType) -> Result<String, Box<Diagnostic>> {
        match ty {
            FactType::Bool if cell == "true" || cell == "false" => Ok(cell.to_owned()),
            FactType::Bool => {
                // Only what the cell says itself is suggested: a "no" must not become a "yes" by doing as one is told.
                let meaning = cell.to_lowercase();
                let either = if meaning == "true" || meaning == "false" { "" } else { ", or `\"false\"`" };
                let meaning = if meaning == "false" { "false" } else { "true" };
                let word = quoted(cell);
                let help =
                    format!("say in the map of columns what it means: `values = {{ {word} = \"{meaning}\" }}`{either}");
                Err(Box::new(wrong(format!("`{cell}` should be `true` or `false`")).help(help)))
            }
            FactType::Integer | FactType::Decimal => self.number(cell),
            FactType::Date => self.date(cell),
            FactType::Set => {
                let mut list = String::from("[");
                for part in self.parts(cell) {
                    let part = part?;
                    // Writing to a text cannot fail.
                    let _ = write!(list, "{}{}", if list.len() == 1 { "" } else { "," }, quoted(part));
                }
                Ok(list + "]")
            }
            FactType::Choice | FactType::Text => Ok(quoted(cell)),
        }
    }

    fn number(&self, cell: &str) -> Result<String, Box<Diagnostic>> {
        let number = match self.decimal {
            DecimalMark::Point => cell.to_owned(),
            // A point would stand between the thousands, or be a decimal point after all.
            DecimalMark::Comma if cell.contains('.') => String::new(),
            DecimalMark::Comma => cell.replacen(',', ".", 1),
        };
        let digits = number.strip_prefix('-').unwrap_or(&number);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if all_digits(whole) && all_digits(fraction) && (whole == "0" || !whole.starts_with('0')) {
            return Ok(number);
        }
        let mistake = wrong(format!("`{cell}` is not a number"));
        Err(Box::new(match self.decimal {
            DecimalMark::Point if cell.contains(',') => {
                mistake.help("if the comma stands before the decimals, say `decimal = \",\"` in the map of columns")
            }
            DecimalMark::Comma if cell.contains('.') => {
                mistake.help("the map of columns says `decimal = \",\"`: write 22,5, and nothing between thousands")
            }
            _ => mistake.help("write its digits alone; what a word means is said by `values` in the map of columns"),
        }))
    }

    /// A cell as a date in JSON: a day, a month, a year, or `never`.
    pub(super) fn date(&self, cell: &str) -> Result<String, Box<Diagnostic>> {
        // A day that there is not is told as such: how it is written is not what is wrong with it.
        let no_such = |error: &InvalidDate| {
            let message = format!("`{cell}` does not exist: {}", error.no_such()?);
            Some(Box::new(Diagnostic::new(&codes::INVALID_DATE, message)))
        };
        if cell == "never" {
            return Ok(quoted(cell));
        }
        match cell.parse::<DateRange>() {
            Ok(_) => return Ok(quoted(cell)),
            Err(error) => no_such(&error).map_or(Ok(()), Err)?,
        }
        let parts: Vec<&str> = cell.split(['.', '/', '-']).collect();
        let all_digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let (day, month, year) = match (self.dates, &parts[..]) {
            _ if !parts.iter().all(all_digits) => (None, "", ""),
            (DateOrder::DayMonthYear, [day, month, year]) | (DateOrder::MonthDayYear, [month, day, year]) => {
                (Some(*day), *month, *year)
            }
            (DateOrder::DayMonthYear | DateOrder::MonthDayYear, [month, year]) => (None, *month, *year),
            _ => (None, "", ""),
        };
        let date = format!("{year}-{month:0>2}{}", day.map(|day| format!("-{day:0>2}")).unwrap_or_default());
        if year.len() == 4 {
            match date.parse::<DateRange>() {
                Ok(_) => return Ok(quoted(&date)),
                Err(error) => no_such(&error).map_or(Ok(()), Err)?,
            }
        }
        let mistake = Diagnostic::new(&codes::INVALID_DATE, format!("`{cell}` is not a date"));
        Err(Box::new(match self.dates {
            DateOrder::YearMonthDay => mistake.help(
                "write it as 2026-03-02, or say in the map of columns in which order its parts stand: `dates = \"day-month-year\"` or `\"month-day-year\"`",
            ),
            DateOrder::DayMonthYear => mistake.help("the map of columns says `dates = \"day-month-year\"`: write it as 02.03.2026, with four digits for the year"),
            DateOrder::MonthDayYear => mistake.help("the map of columns says `dates = \"month-day-year\"`: write it as 3/2/2026, with four digits for the year"),
        }))
    }
}

fn wrong(message: String) -> Diagnostic {
    Diagnostic::new(&codes::WRONG_TYPE, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writing(decimal: DecimalMark, dates: DateOrder, separator: &str) -> Writing {
        Writing { separator: separator.into(), decimal, dates, values: BTreeMap::new() }
    }

    #[test]
    fn cells_become_values_of_their_facts_type() {
        let plain = writing(DecimalMark::Point, DateOrder::YearMonthDay, ";");
        let comma = writing(DecimalMark::Comma, DateOrder::DayMonthYear, "|");
        let american = writing(DecimalMark::Point, DateOrder::MonthDayYear, ";");
        for (writing, cell, ty, value) in [
            (&plain, "true", FactType::Bool, "true"),
            (&plain, "-2.50", FactType::Decimal, "-2.50"),
            (&comma, "22,5", FactType::Decimal, "22.5"),
            (&comma, "-7", FactType::Integer, "-7"),
            (&comma, "cheek | nose", FactType::Set, "[\"cheek\",\"nose\"]"),
            (&plain, ";", FactType::Set, "[]"),
            (&plain, "2026", FactType::Date, "\"2026\""),
            (&plain, "never", FactType::Date, "\"never\""),
            (&comma, "2.3.2026", FactType::Date, "\"2026-03-02\""),
            (&comma, "02/03/2026", FactType::Date, "\"2026-03-02\""),
            (&comma, "2026-03-02", FactType::Date, "\"2026-03-02\""),
            (&comma, "03.2026", FactType::Date, "\"2026-03\""),
            (&american, "3/2/2026", FactType::Date, "\"2026-03-02\""),
            (&plain, "a \"b\"", FactType::Text, "\"a \\\"b\\\"\""),
        ] {
            assert_eq!(writing.value(cell, ty).ok().as_deref(), Some(value), "{cell}");
        }
        // What nobody wrote down is not left out.
        for cell in ["cheek;;nose", "cheek;", ";;", " ; ; "] {
            assert!(
                plain.value(cell, FactType::Set).is_err_and(|wrong| wrong.message.contains("is missing")),
                "{cell}"
            );
            assert!(plain.parts(cell).any(|part| part.is_err()), "{cell}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused_with_the_key_that_decides() {
        let plain = writing(DecimalMark::Point, DateOrder::YearMonthDay, ";");
        let comma = writing(DecimalMark::Comma, DateOrder::DayMonthYear, ";");
        for (writing, cell, ty, key) in [
            (&plain, "TRUE", FactType::Bool, "values = { \"TRUE\" = \"true\" }"),
            (&plain, "1", FactType::Bool, "values"),
            (&plain, "2,5", FactType::Decimal, "decimal = \",\""),
            (&plain, "1,000", FactType::Integer, "decimal = \",\""),
            (&plain, "007", FactType::Integer, "values"),
            (&comma, "2.5", FactType::Decimal, "decimal = \",\""),
            (&comma, "1.234,5", FactType::Decimal, "decimal = \",\""),
            (&comma, "1,234,5", FactType::Decimal, "values"),
            (&plain, "02.03.2026", FactType::Date, "day-month-year"),
            (&comma, "02.03.26", FactType::Date, "four digits"),
            (&comma, "2.3.2026 10:00", FactType::Date, "02.03.2026"),
        ] {
            let mistake = writing.value(cell, ty).expect_err(cell);
            assert!(mistake.message.contains(&format!("`{cell}`")), "{mistake:?}");
            assert!(mistake.help.iter().any(|help| help.contains(key)), "{mistake:?}");
        }
        for (writing, cell, why) in [
            (&plain, "2026-02-30", "February 2026 has 28 days"),
            (&comma, "29.2.1990", "February 1990 has 28 days"),
            (&comma, "03.13.2026", "there are twelve months in a year"),
        ] {
            let mistake = writing.date(cell).expect_err(cell);
            assert_eq!((mistake.message, mistake.help), (format!("`{cell}` does not exist: {why}"), Vec::new()));
        }
    }
}
