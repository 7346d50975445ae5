//! Lengths of time as people write them: `4w`, `four weeks`, `7 days before`, `–7 days`. What is read is said by [`Duration`]; here is what
//! to write instead.

use std::str::FromStr;

use crate::date::Duration;

/// Numbers in words.
const IN_WORDS: [&str; 12] =
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/// The units, and what else they are called.
const UNITS: [(&str, &[&str]); 4] = [
    ("days", &["d", "day", "days", "tag", "tage", "tagen"]),
    ("weeks", &["w", "wk", "wks", "week", "weeks", "woche", "wochen"]),
    ("months", &["m", "mo", "mos", "mon", "mth", "mths", "month", "months", "monat", "monate", "monaten"]),
    ("years", &["y", "yr", "yrs", "year", "years", "jahr", "jahre", "jahren"]),
];

/// What was meant by a text that is no length of time, as the end of a sentence.
pub(crate) fn meant(text: &str) -> Option<String> {
    let is_dash = |sign: char| "–—−‐‑".contains(sign);
    let plain = text.trim().to_lowercase().replace(is_dash, "-");
    let (sign, unsigned) = match plain.strip_prefix('-') {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", plain.strip_prefix('+').unwrap_or(&plain).trim_start()),
    };
    let mut words = unsigned.split_whitespace();
    let first = words.next()?;
    // The unit may stand right behind the number.
    let end = first.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(first.len());
    let (number, unit) = match first.split_at(end) {
        ("", word) => (word, words.next()?),
        (number, "") => (number, words.next()?),
        (number, unit) => (number, unit),
    };
    let unit = UNITS.iter().find(|(_, names)| names.contains(&unit.trim_end_matches('.'))).map(|(unit, _)| *unit)?;
    let sign = match words.next() {
        None => sign,
        Some("before" | "earlier" | "ago" | "prior" | "vorher" | "davor") => "-",
        Some("after" | "later" | "afterwards" | "nachher" | "danach") => "",
        Some(_) => return None,
    };
    let count = match IN_WORDS.iter().position(|word| *word == number) {
        Some(at) => (at + 1).to_string(),
        None if number.contains(['.', ',']) => return Some(whole(sign, number, unit)),
        None => number.to_owned(),
    };
    let unit = if count == "1" { unit.trim_end_matches('s') } else { unit };
    let right = format!("{sign}{count} {unit}");
    let because = text.chars().find(|sign| is_dash(*sign));
    let because = because.map(|dash| format!("`{dash}` is a dash, not a minus: ")).unwrap_or_default();
    // Where nothing but a space is missing, that is said; and what is written as it should be is not asked about again.
    let only_space =
        because.is_empty() && text.trim().chars().filter(|c| *c != ' ').eq(right.chars().filter(|c| *c != ' '));
    (!only_space && Duration::from_str(&right).is_ok()).then(|| format!("{because}write \"{right}\""))
}

/// A number with a fraction, in a unit in which it has none.
fn whole(sign: &str, number: &str, unit: &str) -> String {
    let (factor, smaller) = if unit == "years" { (12, "months") } else { (7, "days") };
    let half =
        number.strip_suffix(".5").or_else(|| number.strip_suffix(",5")).and_then(|whole| whole.parse::<u32>().ok());
    match half.filter(|_| unit == "years") {
        Some(whole) => {
            format!("its number is whole: write \"{sign}{} {smaller}\"", u64::from(whole) * factor + factor / 2)
        }
        None => "its number is whole: write it in weeks or days".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::date::Duration;

    #[test]
    fn what_was_meant_for_a_length_of_time_is_said() {
        for (text, end) in [
            ("–7 days", "`–` is a dash, not a minus: write \"-7 days\""),
            ("− 7 days", "`−` is a dash, not a minus: write \"-7 days\""),
            ("– 1 day", "`–` is a dash, not a minus: write \"-1 day\""),
            ("7 days before", "write \"-7 days\""),
            ("7days later", "write \"7 days\""),
            ("4w", "write \"4 weeks\""),
            ("4 wks", "write \"4 weeks\""),
            ("4 Wochen", "write \"4 weeks\""),
            ("four weeks", "write \"4 weeks\""),
            ("4 Weeks", "write \"4 weeks\""),
            ("6 mo.", "write \"6 months\""),
            ("1.5 years", "its number is whole: write \"18 months\""),
            ("1,5 months", "its number is whole: write it in weeks or days"),
            ("28days", "put a space between the number and its unit: \"28 days\""),
            ("4 fortnights", "`fortnights` is not a unit: use days, weeks, months or years"),
            ("28", "a unit is missing: days, weeks, months or years"),
            ("-2 months", "only days and weeks can be subtracted"),
        ] {
            let told = text.parse::<Duration>().expect_err(text).to_string();
            assert_eq!(told, format!("`{text}` is not a length of time: {end}"));
        }
    }
}
