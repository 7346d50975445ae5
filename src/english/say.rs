//! Values as they are read in a sentence.

use super::{chosen, list, plain_name};
use crate::lang::Type;
use crate::lang::program::show;
use crate::logic::value::{MANY, Texts, Value};
use crate::speech::Speech;

/// A value in a sentence: `1.5 mm`, `2 March 2026`, `cheek and chin`; of one of which nothing is known, `not known`. `choices` are what
/// people read for the choices of its type.
#[must_use]
pub(crate) fn say(value: Value, ty: &Type, choices: &[String], texts: &Texts, speech: &Speech) -> String {
    let number = |number: String| match ty {
        // A number whose unit is a word: 1 day, 2 days.
        Type::Number { unit: Some(unit), .. } => speech.length(&number, unit),
        _ => speech.number(&number),
    };
    match value {
        Value::Unknown => speech.not_known.into(),
        Value::Bool(value) => if value { speech.yes } else { speech.no }.into(),
        Value::Number(least, greatest) => match (least <= -MANY, greatest >= MANY) {
            (true, true) => speech.not_known.into(),
            (false, true) => format!("{} {}", speech.at_least, number(least.to_string())),
            (true, false) => format!("{} {}", speech.at_most, number(greatest.to_string())),
            _ if least == greatest => number(least.to_string()),
            _ => format!("{} {} {}", speech.number(&least.to_string()), speech.to, number(greatest.to_string())),
        },
        Value::Date(range) => range.in_words(speech),
        Value::Duration(least, greatest) if least == greatest => speech.written(&show(value, ty, texts)),
        Value::Duration(least, greatest) => {
            let one = |length| speech.written(&show(Value::Duration(length, length), ty, texts));
            format!("{} {} {}", one(least), speech.to, one(greatest))
        }
        Value::Choice(at) => {
            choices.get(usize::from(at)).cloned().unwrap_or_else(|| plain_name(&show(value, ty, texts)))
        }
        Value::Set(bits) => match chosen(choices, bits) {
            names if names.is_empty() => speech.none.into(),
            names => list(&names, speech.and),
        },
        Value::Text(_) => show(value, ty, texts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::{Date, DateRange, Duration};
    use crate::logic::Number;
    use crate::speech::ENGLISH;

    fn said(value: Value, ty: &Type) -> String {
        let choices = if let Type::Choice(choices) | Type::Set(choices) = ty { &choices[..] } else { &[] };
        let choices: Vec<String> = choices.iter().map(|choice| plain_name(choice)).collect();
        say(value, ty, &choices, &Texts::default(), &ENGLISH)
    }

    #[test]
    fn dates_are_said_as_people_write_them() {
        for (date, expected) in
            [("2026-03-02", "2 March 2026"), ("2025-11", "November 2025"), ("2025", "2025"), ("never", "never")]
        {
            let range = if date == "never" { Date::NEVER.into() } else { date.parse::<DateRange>().expect("a date") };
            assert_eq!(said(Value::Date(range), &Type::Date), expected);
        }
        let day = |day| Date::new(2026, 3, day).expect("a day");
        let range = DateRange { first: day(2), last: day(9) };
        assert_eq!(said(Value::Date(range), &Type::Date), "2 March 2026 to 9 March 2026");
    }

    #[test]
    fn numbers_have_their_unit_and_sets_are_lists() {
        let in_unit = |unit: &str| Type::Number { whole: true, unit: Some(unit.into()), scaled: false };
        assert_eq!(said(Value::number(1), &in_unit("days")), "1 day");
        assert_eq!(said(Value::number(21), &in_unit("days")), "21 days");
        assert_eq!(said(Value::number(400), &in_unit("U")), "400 U");
        assert_eq!(said(Value::Number(Number::from(3), MANY), &in_unit("U")), "at least 3 U");
        assert_eq!(said(Value::Number(-MANY, MANY), &in_unit("U")), "not known");
        let choices: std::sync::Arc<[String]> = ["upper_lip".to_owned(), "chin".to_owned(), "cheek".to_owned()].into();
        for (chosen, expected) in
            [(0, "none"), (1, "upper lip"), (5, "upper lip and cheek"), (7, "upper lip, chin and cheek")]
        {
            assert_eq!(said(Value::Set(chosen), &Type::Set(choices.clone())), expected);
        }
        assert_eq!(said(Value::Choice(0), &Type::Choice(choices)), "upper lip");
        assert_eq!(said(Value::Bool(false), &Type::Bool), "no");
        assert_eq!(said(Value::duration(Duration::days(28)), &Type::Duration { exact: true }), "28 days");
        assert_eq!(said(Value::Unknown, &Type::Date), "not known");
    }
}
