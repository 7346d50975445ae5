//! Days of every year as people write them: `October`, `1. Oktober`, `01.10.`. What is read is said by [`crate::date::DayOfYear`]; here is
//! what to write instead.

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

/// The day that was meant, as it is written: of a month alone its first, or its last where a season ends with it.
pub(crate) fn day(text: &str, is_last: bool) -> Option<String> {
    let plain = text.trim().to_lowercase();
    let words: Vec<&str> = plain.split([' ', '.', ',']).filter(|word| !word.is_empty()).collect();
    let month = |word: &str| {
        let is_word = word.chars().count() > 2 && word.chars().all(char::is_alphabetic);
        MONTHS.iter().position(|(names, _)| is_word && names.iter().any(|name| word.starts_with(name)))
    };
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
