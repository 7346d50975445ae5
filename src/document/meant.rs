//! What a value that cannot be read was meant to be, by its name and by what it says: a day in words, a number in words, a value with a remark
//! behind it.

use std::ops::Range;

use toml::de::DeTable;

use super::mend::is_bare;
use super::slips::Told;
use crate::date::Date;

/// Names whose values are days, and nothing else.
const DAYS: [&str; 6] = ["review_by", "in_force", "as_of", "recorded", "no_sooner_than", "no_later_than"];

/// Names whose values are days, or "none" where there is no such day.
const WINDOW: [&str; 6] = ["not_before", "no_sooner_than", "no_later_than", "earliest", "recommended", "latest"];

/// Names whose values are lists that may be empty.
const LISTS: [&str; 6] = ["questions", "reasons", "precautions", "could_become", "sources", "sessions"];

const NUMBERS: [&[&str]; 13] = [
    &["zero"],
    &["one", "eins"],
    &["two", "zwei"],
    &["three", "drei"],
    &["four", "vier"],
    &["five", "fünf"],
    &["six", "sechs"],
    &["seven", "sieben"],
    &["eight", "acht"],
    &["nine", "neun"],
    &["ten", "zehn"],
    &["eleven", "elf"],
    &["twelve", "zwölf"],
];

/// The day that a number in the place of one was meant for: `20271128`, or a spreadsheet's number of a day. What is said of it.
pub(super) fn day_of(number: i64) -> (String, Option<String>) {
    let parts = format!("{number}");
    let joined = (parts.len() == 8).then(|| format!("{}-{}-{}", &parts[..4], &parts[4..6], &parts[6..]));
    if let Some(day) = joined.filter(|day| day.parse::<Date>().is_ok()) {
        return (format!("write {day}"), Some(day));
    }
    /// What spreadsheets call the day before the first day of 1900, as they count.
    const FIRST: &str = "1899-12-30";
    // What may be a year is none of them.
    let counted = i32::try_from(number).ok().filter(|days| (10_000..100_000).contains(days));
    let day = counted.zip(FIRST.parse::<Date>().ok()).map(|(days, first)| first.plus_days(days));
    match day {
        Some(day) => (
            format!("write {day}, if {number} is the number that a spreadsheet has for that day"),
            Some(day.to_string()),
        ),
        None => ("write the whole day, the year first and without quotes, as 2027-11-30".to_owned(), None),
    }
}

/// What is said of a value, `written` behind a name from `start` on.
pub(super) fn told(name: &str, written: &str, start: usize) -> Option<Told> {
    let all = start..start + written.len();
    let name = name.rsplit([' ', ',', '{', '.']).next().unwrap_or_default();
    left_over(written, start)
        .or_else(|| day(name, written, all.clone()))
        .or_else(|| ends(written, all.clone()))
        .or_else(|| words(written, all.clone()))
        .or_else(|| word(name, written, all))
}

/// Whether something can stand behind a `=`.
fn is_value(written: &str) -> bool {
    DeTable::parse(&format!("a = {written}")).is_ok()
}

/// `"28 days",`, `"28 days" (was 42)`, `'age > 3' and not smoker`: a whole value, and something behind it.
fn left_over(written: &str, start: usize) -> Option<Told> {
    let whole = written.trim_end_matches([',', ';', '.', ' ']);
    let behind = |value: &str| start + value.len()..start + written.len();
    if whole.len() < written.len() && is_value(whole) {
        let what = written[whole.len()..].trim();
        return Told::new(behind(whole), format!("`{what}` is left over behind this value"), "take it out")?
            .instead("", false);
    }
    let quoted = written.starts_with(['"', '\'']);
    let mark =
        |mark: &str| written.match_indices(mark).map(|(at, _)| at).find(|at| is_value(written[..*at].trim_end()));
    // What is given a name is more than a remark.
    let mark = |sign: &str| mark(sign).filter(|at| !written[*at..].contains('='));
    if let Some(at) = ["//", "--", "/*", ";", "("].into_iter().find_map(mark) {
        let value = written[..at].trim_end();
        let comment = written[at..].trim_matches(|sign: char| "/*-;() ".contains(sign));
        let told = Told::new(behind(value), "a remark behind a value begins with `#`", format!("write # {comment}"))?;
        return told.instead(format!(" # {comment}"), false);
    }
    let first = written.chars().next().filter(|_| quoted)?;
    let end = 1 + written[1..].find(first)? + 1;
    let (value, rest) = (&written[..end], written[end..].trim_start());
    let (joint, other) = rest.split_once(' ').filter(|_| is_value(value))?;
    if first == '\'' && ["and", "or", "&&", "||", "und", "oder"].contains(&joint) && !rest.contains('\'') {
        let right = format!("'{} {rest}'", &value[1..value.len() - 1]);
        let told = Told::new(start..start + written.len(), "a condition stands whole between its quotes", "")?;
        return told.write(Some(right), false);
    }
    if first == '"' && ["or", "oder", "to", "bis", "-", "–", "and", "und"].contains(&joint) && is_value(other.trim())
    {
        let message = format!("two values stand here, with `{joint}` between them");
        let help =
            format!("write one of them, as {value}; two bounds have two names, as in a list: [{value}, {other}]");
        return Told::new(start..start + written.len(), message, help);
    }
    None
}

/// `November 2027`, `2027 - 11 - 28`, `2O27-11-28`: a day, written as it is said.
fn day(name: &str, written: &str, all: Range<usize>) -> Option<Told> {
    let digit = |sign: char| match sign {
        'O' | 'o' => '0',
        'l' | 'I' => '1',
        other => other,
    };
    let begins = written.starts_with(|sign: char| sign.is_ascii_digit());
    let plain: String = written.chars().filter(|sign| !sign.is_whitespace()).map(digit).collect();
    if begins && plain.len() == 10 && plain.parse::<Date>().is_ok() && plain != written {
        let message = match written.contains(char::is_whitespace) {
            true => "a day is written without spaces".to_owned(),
            false => format!("`{written}` is not a day: a letter stands in it for a digit"),
        };
        return Told::new(all, message, "")?.write(Some(plain), false);
    }
    let says_words = written.chars().any(char::is_alphabetic) && written.bytes().any(|byte| byte.is_ascii_digit());
    let is_plain = says_words && !written.contains(['"', '\'', '{', '[', '=']);
    if is_plain && (DAYS.contains(&name) || crate::months::names_one(written)) {
        let message = format!("`{written}` is not a day");
        if let Some(day) = crate::months::day_of_year(written) {
            return Told::new(all, message, "")?.write(Some(day.to_string()), false);
        }
        return Told::new(all, message, "write the day itself, the year first and without quotes, as 2027-11-30");
    }
    if name == "in_force" {
        let inside = written.strip_prefix(['{', '[', '('])?.strip_suffix(['}', ']', ')'])?.trim();
        if inside.parse::<Date>().is_ok() {
            let told = Told::new(all, "this day has no name that says what it is", "")?;
            return told.write(Some(format!("{{ from = {inside} }}")), false);
        }
    }
    None
}

/// `[30 kg, 250 kg]`, `[30.0 - 250.0]`: two ends in a list, written as they are said.
fn ends(written: &str, all: Range<usize>) -> Option<Told> {
    let inside = written.strip_prefix('[')?.strip_suffix(']')?;
    let is_number = |text: &str| text.parse::<f64>().is_ok() && text.ends_with(|sign: char| sign.is_ascii_digit());
    // A number, or a text in its quotes.
    let is_end = |end: &str| is_number(end) || (end.starts_with('"') && is_value(end));
    for between in [" - ", " – ", " to ", " bis ", " and ", " und ", "..", "…", ";", "–"] {
        if let Some((least, most)) = inside.split_once(between)
            && is_end(least.trim())
            && is_end(most.trim())
        {
            let told = Told::new(all, "the two ends of a range are separated by a comma", "")?;
            return told.write(Some(format!("[{}, {}]", least.trim(), most.trim())), false);
        }
    }
    let items = inside.split(',').map(|item| {
        let item = item.trim();
        let (number, unit) = item.split_once(' ').unwrap_or((item, ""));
        let is_unit = !unit.contains(['"', '\'', '=', ' ']) && !unit.starts_with(|sign: char| sign.is_ascii_digit());
        (is_number(number) && is_unit).then_some((number, unit))
    });
    let items: Vec<(&str, &str)> = items.collect::<Option<_>>()?;
    let (_, unit) = *items.iter().find(|(_, unit)| !unit.is_empty())?;
    let is_time = ["day", "week", "month", "year"].iter().any(|time| unit.starts_with(time));
    let with = |(number, own): &(&str, &str)| match is_time {
        true => format!("\"{number} {}\"", if own.is_empty() { unit } else { *own }),
        false => (*number).to_owned(),
    };
    let right = format!("[{}]", items.iter().map(with).collect::<Vec<_>>().join(", "));
    let told = Told::new(all, format!("`{unit}` cannot stand beside a number"), format!("write {right}"))?;
    let help = format!("write {right}; the unit stands in a line of its own: unit = \"{unit}\"");
    Told { help: if is_time { told.help } else { help }, ..told }.instead(right, false)
}

/// `{ none, mild }`: words of a list, in the brackets of a table and without quotes.
fn words(written: &str, all: Range<usize>) -> Option<Told> {
    let inside = written.strip_prefix(['{', '('])?.strip_suffix(['}', ')'])?;
    let items: Vec<&str> = inside.split(',').map(str::trim).collect();
    let is_word = |item: &&str| item.starts_with(|sign: char| sign.is_ascii_alphabetic()) && item.chars().all(is_bare);
    if items.len() < 2 || !items.iter().all(is_word) {
        return None;
    }
    let right = items.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", ");
    let message = "a list goes in `[` and `]`, and its texts in quotes";
    Told::new(all, message, "")?.write(Some(format!("[{right}]")), false)
}

/// `four`, `wahr`, `none`: a word that was meant for a number, for true or false, or for an empty list.
fn word(name: &str, written: &str, all: Range<usize>) -> Option<Told> {
    let lower = written.to_lowercase();
    let right = match lower.as_str() {
        "wahr" | "richtig" => "true".to_owned(),
        "falsch" => "false".to_owned(),
        // Of a status they may be a word of their own.
        "on" | "an" | "enabled" | "ein" if name != "status" => "true".to_owned(),
        "off" | "aus" | "disabled" if name != "status" => "false".to_owned(),
        "never" | "nie" | "niemals" if WINDOW.contains(&name) => {
            let told = Told::new(all, format!("`{written}` is not a day"), "")?;
            return told.write(Some("\"none\"".to_owned()), false);
        }
        "none" | "nothing" | "keine" | "empty" | "nil" if LISTS.contains(&name) => "[]".to_owned(),
        word => NUMBERS.iter().position(|words| words.contains(&word))?.to_string(),
    };
    Told::new(all, format!("`{written}` is not a value"), format!("write {right}, without quotes"))?
        .instead(right, false)
}

#[cfg(test)]
mod tests {
    use super::super::slips;

    #[test]
    fn a_value_is_told_by_what_it_was_meant_for() {
        for (line, mended) in [
            ("review_by = 2027 - 11 - 28", "review_by = 2027-11-28"),
            ("review_by = 2O27-11-28", "review_by = 2027-11-28"),
            ("review_by = 2027-11-28;", "review_by = 2027-11-28"),
            ("in_force = { 2026-01-01 } # since", "in_force = { from = 2026-01-01 } # since"),
            ("value = \"28 days\", # so", "value = \"28 days\" # so"),
            ("value = \"28 days\";", "value = \"28 days\""),
            ("value = \"28 days\" // was 42", "value = \"28 days\" # was 42"),
            ("value = \"28 days\" (was 42)", "value = \"28 days\" # was 42"),
            ("value = 3 // was 2", "value = 3 # was 2"),
            ("when = 'a == \"b\"' and not c", "when = 'a == \"b\" and not c'"),
            (
                "sessions = { minimum = 3, planned = four, maximum = 4 }",
                "sessions = { minimum = 3, planned = 4, maximum = 4 }",
            ),
            ("past = wahr", "past = true"),
            ("questions = none", "questions = []"),
            ("range = [30 kg, 250 kg]", "range = [30, 250]"),
            ("range = [30 - 250]", "range = [30, 250]"),
            ("range = [14 days, 42 days]", "range = [\"14 days\", \"42 days\"]"),
            ("choices = { none, mild }", "choices = [\"none\", \"mild\"]"),
            ("range = [\"14 days\" - \"28 days\"]", "range = [\"14 days\", \"28 days\"]"),
            ("range = [30.0 .. 250.0]", "range = [30.0, 250.0]"),
            ("value = on", "value = true"),
            ("value = off # for now", "value = false # for now"),
            ("not_before = never", "not_before = \"none\""),
            ("from = 26 November 2026", "from = 2026-11-26"),
            ("review_by = 1. März 2027", "review_by = 2027-03-01"),
            ("value = 06", "value = 6"),
            ("value = ~6", "value = 6"),
            ("value = 1 000", "value = 1000"),
            ("value = 10'000", "value = 10000"),
            ("value = .5", "value = 0.5"),
            ("as_of = 20026-01-01", "as_of = 2026-01-01"),
            ("values = { yes = \"face\"; no = \"none\" }", "values = { yes = \"face\", no = \"none\" }"),
        ] {
            let at = line.find('=').unwrap_or_default() + 2;
            let told = slips::told(line, line.rfind("four").unwrap_or(at)).unwrap_or_else(|| panic!("{line}"));
            let (right, certain) = told.instead.unwrap_or_else(|| panic!("{line}: {}", told.help));
            let mut written = line.to_owned();
            written.replace_range(told.span, &right);
            assert_eq!(written, mended, "{line}");
            assert!(!certain || line.contains('{'), "{line}");
        }
        for line in ["review_by = November 2027", "review_by = Q4 2027", "value = \"28 days\" or \"42 days\""] {
            let told = slips::told(line, 15).unwrap_or_else(|| panic!("{line}"));
            assert!(told.instead.is_none(), "{line}: {told:?}");
        }
    }
}
