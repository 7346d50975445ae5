//! From the file to the model: periods between two days, and seasons, of one year or of every year.

use super::compile::Compiler;
use super::file::{self, Text};
use super::model::{Period, Season};
use crate::date::{Date, DayOfYear};
use crate::diagnostic::{Diagnostic, codes};
use crate::months;

impl Compiler<'_> {
    pub(super) fn period(&mut self, from: Option<&Text>, until: Option<&Text>) -> Period {
        let mut day = |text: Option<&Text>| -> Option<Date> { text.map(|text| self.date(text)) };
        let period = Period { from: day(from), until: day(until) };
        if let (Some(first), Some(last), Some(until)) = (period.from, period.until, until)
            && last < first
        {
            let diagnostic = Diagnostic::new(&codes::EMPTY_PERIOD, "it ends before it begins");
            self.report(diagnostic.at(&until.place(self.source)));
        }
        period
    }

    pub(super) fn season(&mut self, entry: &file::Season) -> Season {
        // A day of the year in words is told with how it is written, and is no date with a mistake.
        let mut in_words = false;
        for (text, is_last) in std::iter::once((&entry.from, false)).chain(entry.until.iter().map(|text| (text, true)))
        {
            if let Some(right) = months::day(text, is_last) {
                in_words = true;
                let message = format!("`{}` is not how a day of every year is written", text.value);
                let diagnostic = Diagnostic::new(&codes::INVALID_DATE, message).at(&text.place(self.source));
                let right = format!("\"{right}\"");
                self.report(diagnostic.help(format!("write {right}")).replace_by(right, false));
            }
        }
        let yearly = |text: &Text| text.len() < "2026-10".len();
        let ends = || std::iter::once(&entry.from).chain(&entry.until);
        if in_words {
            return Season::Once(Period::default());
        }
        if !ends().any(yearly) || entry.from.span.is_empty() {
            return Season::Once(self.period(Some(&entry.from), entry.until.as_ref()));
        }
        if let Some(until) = entry.until.as_ref().filter(|until| yearly(until) != yearly(&entry.from)) {
            let diagnostic =
                Diagnostic::new(&codes::INVALID_DATE, "one end of the season has a year and the other does not");
            let help = "write both without a year, as \"10-01\" and \"03-31\", for every year, or both with one";
            self.report(diagnostic.at(&until.place(self.source)).help(help));
            return Season::Once(Period::default());
        }
        let mut day = |text: &Text| match text.parse::<DayOfYear>() {
            Ok(day) => Some(day),
            Err(error) => {
                self.report(Diagnostic::new(&codes::INVALID_DATE, error.to_string()).at(&text.place(self.source)));
                None
            }
        };
        match (day(&entry.from), entry.until.as_ref().map(day)) {
            (Some(from), None) => Season::Yearly { from, until: None },
            (Some(from), Some(Some(until))) => Season::Yearly { from, until: Some(until) },
            _ => Season::Once(Period::default()),
        }
    }
}
