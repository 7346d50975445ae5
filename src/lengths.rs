//! Lengths of time as people write them: `4w`, `four weeks`, `7 days before`, `–7 days`. What is read is said by [`Duration`]; here is what
//! to write instead.

use std::str::FromStr;

use crate::date::{Duration, InvalidDate};
use crate::diagnostic::{Diagnostic, Place, codes};

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

/// What may stand before a length of time, and says nothing that is read.
const BEFORE: [&str; 28] = [
    ">=",
    "<=",
    ">",
    "<",
    "≥",
    "≤",
    "~",
    "≈",
    "about ",
    "approx. ",
    "approx ",
    "circa ",
    "ca. ",
    "ca ",
    "at least ",
    "at most ",
    "after ",
    "in ",
    "within ",
    "mindestens ",
    "höchstens ",
    "mind. ",
    "min. ",
    "max. ",
    "minimum ",
    "maximum ",
    "nach ",
    "etwa ",
];

/// What may stand behind one.
const BEHIND: [&str; 12] = [
    " or more",
    " or longer",
    " or later",
    " or less",
    " at least",
    " at most",
    " minimum",
    " maximum",
    " oder mehr",
    " oder länger",
    "+",
    ".",
];

/// What was meant by a text that is no length of time, as the end of a sentence.
pub(crate) fn meant(text: &str) -> Option<String> {
    one(text).or_else(|| one_of_two(text)).or_else(|| joined(text))
}

/// `5 to 6 months`: two lengths, of which one is wanted.
fn one_of_two(text: &str) -> Option<String> {
    let plain = text.to_lowercase();
    let (first, second) =
        ["–", "—", "-", " to ", " or ", " bis ", " oder "].iter().find_map(|sign| plain.split_once(sign))?;
    let (second, unit) = second.trim().split_once(' ')?;
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let lengths = [first.trim(), second].map(|number| format!("{number} {}", unit.trim()));
    let are_lengths = lengths.iter().all(|length| Duration::from_str(length).is_ok());
    (is_number(first.trim()) && is_number(second) && are_lengths)
        .then(|| format!("one length is wanted: write \"{}\" or \"{}\"", lengths[0], lengths[1]))
}

/// `5 months and 2 weeks`: parts that are joined by a word or a comma.
fn joined(text: &str) -> Option<String> {
    let right =
        [" and ", " und ", ", "].iter().fold(text.trim().to_lowercase(), |text, word| text.replace(word, " + "));
    (right != text && Duration::from_str(&right).is_ok()).then(|| format!("write \"{right}\""))
}

fn one(text: &str) -> Option<String> {
    // A name as it stands in a text.
    if let Some(name) = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let is_name = name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
        return is_name.then(|| format!("braces are for texts: write \"{name}\""));
    }
    let is_dash = |sign: char| "–—−‐‑".contains(sign);
    let mut plain = text.trim().to_lowercase().replace(is_dash, "-");
    while let Some(rest) = BEFORE.iter().find_map(|word| plain.strip_prefix(word)) {
        plain = rest.trim_start().to_owned();
    }
    while let Some(rest) = BEHIND.iter().find_map(|word| plain.strip_suffix(word)) {
        plain = rest.trim_end().to_owned();
    }
    if ["fortnight", "a fortnight"].contains(&plain.as_str()) {
        return Some("write \"2 weeks\"".to_owned());
    }
    if plain == "half a year" {
        return Some("write \"6 months\"".to_owned());
    }
    let (sign, unsigned) = match plain.strip_prefix('-') {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", plain.strip_prefix('+').unwrap_or(&plain).trim_start()),
    };
    let mut words = unsigned.split_whitespace();
    let first = words.next()?;
    let digits = digits(first);
    let first = digits.as_deref().unwrap_or(first);
    // The unit may stand right behind the number.
    let end = first.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(first.len());
    let (number, unit) = match first.split_at(end) {
        ("", word) => match words.next()? {
            // `day 14`
            next if next.bytes().all(|byte| byte.is_ascii_digit()) => (next, word),
            next => (word, next),
        },
        (number, "") => (number, words.next()?),
        (number, unit) => (number, unit),
    };
    let unit = UNITS.iter().find(|(_, names)| names.contains(&unit.trim_end_matches('.'))).map(|(unit, _)| *unit)?;
    let sign = match words.next() {
        None | Some("old" | "alt" | "apart") => sign,
        Some("before" | "earlier" | "ago" | "prior" | "vorher" | "davor") => "-",
        Some("after" | "later" | "afterwards" | "nachher" | "danach") => "",
        Some(_) => return None,
    };
    let count = match IN_WORDS.iter().position(|word| *word == number) {
        Some(at) => (at + 1).to_string(),
        None if matches!(number, "a" | "an" | "ein" | "eine" | "einen") => "1".to_owned(),
        None if number.contains(['.', ',']) => return Some(whole(sign, number, unit)),
        None => number.to_owned(),
    };
    let unit = if count == "1" { unit.trim_end_matches('s') } else { unit };
    let right = format!("{sign}{count} {unit}");
    let because = text.chars().find(|sign| is_dash(*sign));
    let because = because.map(|dash| format!("`{dash}` is a dash, not a minus: "));
    let letter = digits.and_then(|_| text.chars().find(|sign| !sign.is_ascii_digit() && digit(*sign).is_some()));
    let letter = letter.map(|letter| format!("`{letter}` is a letter, not a digit: "));
    let because = because.or(letter).unwrap_or_default();
    // Where nothing but a space is missing, that is said; and what is written as it should be is not asked about again.
    let only_space =
        because.is_empty() && text.trim().chars().filter(|c| *c != ' ').eq(right.chars().filter(|c| *c != ' '));
    (!only_space && Duration::from_str(&right).is_ok()).then(|| format!("{because}write \"{right}\""))
}

/// The digit that a letter looks like.
fn digit(letter: char) -> Option<char> {
    match letter {
        'o' | 'O' => Some('0'),
        'l' | 'i' | 'I' => Some('1'),
        's' | 'S' => Some('5'),
        'b' | 'B' => Some('8'),
        _ => letter.is_ascii_digit().then_some(letter),
    }
}

/// A number in which a letter stands for a digit: `18O`, `l4`.
fn digits(word: &str) -> Option<String> {
    let has = |what: fn(&char) -> bool| word.chars().any(|sign| what(&sign));
    let is_mixed = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic);
    word.chars().map(digit).collect::<Option<String>>().filter(|_| is_mixed)
}

/// What is wrong with a text that is no length of time, with what to write where that is known.
pub(crate) fn mistake(error: &InvalidDate, place: &Place) -> Diagnostic {
    let message = error.to_string();
    let right = message
        .rsplit_once("write \"")
        .and_then(|(_, right)| right.strip_suffix('"'))
        .map(|right| format!("\"{right}\""));
    let told = Diagnostic::new(&codes::INVALID_DURATION, message).at(place);
    // A wait is never negative; where a length has a sign, which one is meant is not certain.
    let fits = |right: &String| !right.starts_with("\"-") && right.trim_matches('"').parse::<Duration>().is_ok();
    match right.filter(fits) {
        Some(right) => told.replace_by(right, false),
        None => told,
    }
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
            ("18O days", "`O` is a letter, not a digit: write \"180 days\""),
            ("l4 days", "`l` is a letter, not a digit: write \"14 days\""),
            ("–2B Tage", "`–` is a dash, not a minus: write \"-28 days\""),
            ("about 5 months", "write \"5 months\""),
            (">= 9 years", "write \"9 years\""),
            ("9 years old", "write \"9 years\""),
            ("day 14", "write \"14 days\""),
            ("a week", "write \"1 week\""),
            ("14 days or more", "write \"14 days\""),
            ("14 days minimum", "write \"14 days\""),
            ("14 Tage oder mehr", "write \"14 days\""),
            ("mind. 14 Tage", "write \"14 days\""),
            ("a fortnight", "write \"2 weeks\""),
            ("{wait}", "braces are for texts: write \"wait\""),
            ("14 days+", "write \"14 days\""),
            ("half a year", "write \"6 months\""),
            ("5-6 months", "one length is wanted: write \"5 months\" or \"6 months\""),
            ("5 to 6 months", "one length is wanted: write \"5 months\" or \"6 months\""),
            ("5 months and 2 weeks", "write \"5 months + 2 weeks\""),
            ("5 months, 2 weeks", "write \"5 months + 2 weeks\""),
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
