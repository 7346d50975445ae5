//! Days of every year as people write them: `October`, `1. Oktober`, `01.10.`. What is read is said by [`crate::date::DayOfYear`]; here is
//! what to write instead.

use crate::date::Date;

/// How the names of the months begin, in English and in German, and how many days each has in every year.
const MONTHS: [(&[&str], u8); 12] = [
    (&["jan", "jän"], 31),
    (&["feb"], 28),
    (&["mar", "mär"], 31),
    (&["apr"], 30),
    (&["may", "mai"], 31),
    (&["jun"], 30),
    (&["jul"], 31),
    (&["aug"], 31),
    (&["sep"], 30),
    (&["oct", "okt"], 31),
    (&["nov"], 30),
    (&["dec", "dez"], 31),
];

/// The words between the two ends of a season.
const BETWEEN: [&str; 8] = [" to ", " until ", " till ", " through ", " bis ", " - ", "–", "—"];

/// Which month a word in small letters names.
fn month(word: &str) -> Option<usize> {
    let is_word = word.chars().count() > 2 && word.chars().all(char::is_alphabetic);
    MONTHS.iter().position(|(names, _)| is_word && names.iter().any(|name| word.starts_with(name)))
}

/// The day that was meant, as it is written: of a month alone its first, or its last where a season ends with it.
pub(crate) fn day(text: &str, is_last: bool) -> Option<String> {
    let plain = text.trim().to_lowercase();
    let words: Vec<&str> = plain.split([' ', '.', ',']).filter(|word| !word.is_empty()).collect();
    let number = |word: &str| word.trim_end_matches(char::is_alphabetic).parse::<u8>().ok();
    let (day, at) = match words[..] {
        [word] => {
            let at = month(word)?;
            (if is_last { MONTHS[at].1 } else { 1 }, at)
        }
        // With points, the day stands first.
        [first, second] if month(first).is_none() && month(second).is_none() && plain.contains('.') => {
            (number(first)?, usize::from(number(second)?.checked_sub(1)?))
        }
        [first, second] => match (month(first), month(second)) {
            (None, Some(at)) => (number(first)?, at),
            (Some(at), None) => (number(second)?, at),
            _ => return None,
        },
        _ => return None,
    };
    let most = MONTHS.get(at)?.1;
    (1..=most).contains(&day).then(|| format!("{:02}-{day:02}", at + 1))
}

/// Whether a month is named beside a year: `January 2026`.
pub(crate) fn names_one(text: &str) -> bool {
    let plain = text.to_lowercase();
    let words = || plain.split(|sign: char| !sign.is_alphanumeric());
    let is_year = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    words().any(is_year) && words().any(|word| month(word).is_some())
}

/// A day as people write it: `1.3.2026`, `2026-3-1`, `2026/03/01`, `1 March 2026`. Where the month is not certain, there is none.
pub(crate) fn date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.trim().split(['.', '/', '-']).collect();
    let number = |part: &str| part.parse::<u16>().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()));
    let [first, second, third] = parts[..] else { return day_of_year(text) };
    let Some((a, b, c)) = number(first).zip(number(second)).zip(number(third)).map(|((a, b), c)| (a, b, c)) else {
        return day_of_year(text);
    };
    let (year, month, day) = match (first.len(), third.len()) {
        (4, 1 | 2) => (a, b, c),
        (1 | 2, 4) if text.contains('.') || a > 12 => (c, b, a),
        (1 | 2, 4) if b > 12 => (c, a, b),
        _ => return None,
    };
    format!("{year:04}-{month:02}-{day:02}").parse().ok()
}

/// The day of a year that is written with its month in words: `26 November 2026`, `November 26th, 2026`, `1. März 2026`.
pub(crate) fn day_of_year(text: &str) -> Option<Date> {
    let (rest, year) = text.trim().rsplit_once([' ', ',', '.'])?;
    let day = day(rest, false).filter(|_| rest.bytes().any(|byte| byte.is_ascii_digit()))?;
    (year.len() == 4).then(|| format!("{year}-{day}").parse().ok()).flatten()
}

/// The two ends of a season that is written as one text; of one month, its first and its last day.
pub(crate) fn ends(text: &str) -> Option<(String, Option<String>)> {
    let plain = text.to_lowercase();
    if let Some((from, until)) = BETWEEN.iter().find_map(|between| plain.split_once(between)) {
        return Some((day(from, false)?, Some(day(until, true)?)));
    }
    let from = day(text, false)?;
    let last = day(text, true)?;
    Some((from.clone(), Some(last).filter(|last| *last != from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_year_in_words_are_said_in_numbers() {
        for (text, from, until) in [
            ("October", "10-01", "10-31"),
            ("Oktober", "10-01", "10-31"),
            ("1 October", "10-01", "10-01"),
            ("October 1st", "10-01", "10-01"),
            ("1. März", "03-01", "03-01"),
            ("01.10.", "10-01", "10-01"),
            ("February", "02-01", "02-28"),
        ] {
            assert_eq!(day(text, false).as_deref(), Some(from), "{text}");
            assert_eq!(day(text, true).as_deref(), Some(until), "{text}");
        }
        for text in ["10-01", "2026-10-01", "31 February", "autumn", "ma", "1.13.", ""] {
            assert_eq!(day(text, false), None, "{text}");
        }
        assert_eq!(ends("October to March"), Some(("10-01".to_owned(), Some("03-31".to_owned()))));
        assert_eq!(ends("1 October"), Some(("10-01".to_owned(), None)));
    }
}
