//! Values as they are read in a sentence.

use super::{list, plain_name};
use crate::lang::Type;
use crate::lang::program::show;
use crate::logic::value::{MANY, Texts, Value, bits};

/// A value in a sentence: `1.5 mm`, `2 March 2026`, `cheek and chin`; of one of which nothing is known, `not known`.
#[must_use]
pub(crate) fn say(value: Value, ty: &Type, texts: &Texts) -> String {
    match (value, ty) {
        (Value::Unknown, _) => "not known".into(),
        (Value::Number(least, greatest), _) if least <= -MANY && greatest >= MANY => "not known".into(),
        // A number whose unit is a word: 1 day, 2 days.
        (Value::Number(least, greatest), Type::Number { unit: Some(unit), .. })
            if least == greatest && ["days", "weeks", "months", "years"].contains(&&**unit) =>
        {
            say_length(&least.to_string(), unit.trim_end_matches('s'))
        }
        (Value::Date(range), _) => range.in_words(),
        (Value::Choice(_), _) => plain_name(&show(value, ty, texts)),
        (Value::Set(chosen), Type::Set(choices)) => {
            let names = bits(chosen).filter_map(|at| choices.get(usize::from(at))).map(|name| plain_name(name));
            let names: Vec<String> = names.collect();
            if names.is_empty() { "none".into() } else { list(&names, "and") }
        }
        _ => show(value, ty, texts),
    }
}

/// `1 week`, `4 weeks`
pub(crate) fn say_length(number: &str, unit: &str) -> String {
    format!("{number} {unit}{}", if number == "1" { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::{Date, DateRange, Duration};
    use crate::logic::Number;

    fn said(value: Value, ty: &Type) -> String {
        say(value, ty, &Texts::default())
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
