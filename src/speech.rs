//! The words for values, in each language that this crate speaks: months, lengths of time, yes and no.
//!
//! Texts and handouts take them from here. A language is one value of [`Speech`].

mod german;

use crate::date::{Date, DateRange};

/// The words of a language for values.
#[derive(Debug)]
pub(crate) struct Speech {
    /// The language, as `de`.
    pub(crate) code: &'static str,
    months: [&'static str; 12],
    /// Day, month, year.
    date: fn(i8, &str, i16) -> String,
    /// What stands before the decimals of a number.
    decimal: &'static str,
    /// Day, week, month and year: of one, of several.
    lengths: [[&'static str; 2]; 4],
    /// Small numbers, as they are written out.
    pub(crate) numbers: [&'static str; 13],
    pub(crate) no: &'static str,
    pub(crate) yes: &'static str,
    pub(crate) none: &'static str,
    pub(crate) not_known: &'static str,
    pub(crate) never: &'static str,
    pub(crate) and: &'static str,
    pub(crate) or: &'static str,
    pub(crate) to: &'static str,
    pub(crate) at_least: &'static str,
    pub(crate) at_most: &'static str,
    /// What stands between a subject and what is said of it.
    pub(crate) between: &'static str,
    /// What a predicate begins with, as long as two of one subject may share it.
    pub(crate) is: &'static str,
    pub(crate) neither: &'static str,
    pub(crate) not: &'static str,
    /// As in "18 years less 4 days".
    less: &'static str,
    /// Phrases by what they are in English; none where the language is English.
    phrases: &'static [(&'static str, &'static str)],
    /// The phrases of answers, which are looked up first: what a condition says as a form would, an answer says in a sentence.
    answers: &'static [&'static [(&'static str, &'static str)]],
}

/// A phrase of an answer with what is put in, each as it is displayed.
macro_rules! tell {
    ($speech:expr, $phrase:expr $(, $with:expr)* $(,)?) => {
        $speech.tell($phrase, &[$(&*$with.to_string()),*])
    };
}

pub(crate) use tell;

/// The units of lengths of time, as protocols write them, in the order of [`Speech::lengths`].
const UNITS: [&str; 4] = ["day", "week", "month", "year"];

pub(crate) static ENGLISH: Speech = Speech {
    code: "en",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    date: |day, month, year| format!("{day} {month} {year}"),
    decimal: ".",
    lengths: [["day", "days"], ["week", "weeks"], ["month", "months"], ["year", "years"]],
    numbers: [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ],
    no: "no",
    yes: "yes",
    none: "none",
    not_known: "not known",
    never: "never",
    and: "and",
    or: "or",
    to: "to",
    at_least: "at least",
    at_most: "at most",
    between: " ",
    is: "is ",
    neither: "neither",
    not: "not",
    less: "less",
    phrases: &[],
    answers: &[],
};

pub(crate) static GERMAN: Speech = Speech {
    code: "de",
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    date: |day, month, year| format!("{day}. {month} {year}"),
    decimal: ",",
    // In the accusative, as in "mindestens 28 Tage" and "28 Tage lang".
    lengths: [["Tag", "Tage"], ["Woche", "Wochen"], ["Monat", "Monate"], ["Jahr", "Jahre"]],
    numbers: ["null", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"],
    no: "nein",
    yes: "ja",
    none: "keine",
    not_known: "nicht bekannt",
    never: "nie",
    and: "und",
    or: "oder",
    to: "bis",
    at_least: "mindestens",
    at_most: "höchstens",
    // Conditions are said as a form would: a German clause needs the case and the gender of words that a protocol brings along.
    between: ": ",
    is: "",
    neither: "weder",
    not: "nicht",
    less: "weniger",
    phrases: german::PHRASES,
    answers: german::ANSWERS,
};

/// A phrase with what is put in, which is not said in a language yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    phrase: &'static str,
    with: Vec<String>,
}

impl Said {
    pub(crate) fn new(phrase: &'static str, with: &[&dyn std::fmt::Display]) -> Said {
        Said { phrase, with: with.iter().map(ToString::to_string).collect() }
    }

    pub(crate) fn in_words(&self, speech: &Speech) -> String {
        let with: Vec<&str> = self.with.iter().map(String::as_str).collect();
        speech.tell(self.phrase, &with)
    }
}

impl Speech {
    /// The words of a language, or the English ones.
    pub(crate) fn of(language: &str) -> &'static Speech {
        match language.split('-').next() {
            Some("de") => &GERMAN,
            _ => &ENGLISH,
        }
    }

    /// The words of the language in which something is told, where it says one; else the English ones.
    pub(crate) fn told(language: Option<&str>) -> &'static Speech {
        language.map_or(&ENGLISH, Speech::of)
    }

    /// Whether it is the language in which phrases are written.
    pub(crate) fn is_english(&self) -> bool {
        self.phrases.is_empty()
    }

    /// A phrase that is written in English, with what is put in for each `{}`; as it is, where the language has none for it.
    pub(crate) fn say(&self, phrase: &str, with: &[&str]) -> String {
        self.look_up([&self.phrases].into_iter(), phrase, with)
    }

    /// The same of an answer.
    pub(crate) fn tell(&self, phrase: &str, with: &[&str]) -> String {
        self.look_up(self.answers.iter().chain([&self.phrases]), phrase, with)
    }

    /// A word or a phrase of an answer into which nothing is put.
    pub(crate) fn word(&self, phrase: &str) -> String {
        self.tell(phrase, &[])
    }

    fn look_up<'t>(
        &self,
        tables: impl Iterator<Item = &'t &'t [(&'t str, &'static str)]>,
        phrase: &str,
        with: &[&str],
    ) -> String {
        let known = tables.copied().flatten().find(|(english, _)| *english == phrase).map(|(_, own)| *own);
        #[cfg(test)]
        if known.is_none() && !self.is_english() && phrase.chars().any(char::is_alphabetic) {
            tests::MISSING.with_borrow_mut(|missing| missing.push(phrase.to_owned()));
        }
        fill(known.unwrap_or(phrase), with)
    }

    /// A number as it is stored, with the sign before its decimals that the language has; any other text stays as it is.
    pub(crate) fn number(&self, text: &str) -> String {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match text.trim_start_matches('-').split_once('.') {
            Some((whole, decimals)) if self.decimal != "." && digits(whole) && digits(decimals) => {
                text.replace('.', self.decimal)
            }
            _ => text.to_owned(),
        }
    }

    /// `1 week`, `4 weeks`. A unit that is no length of time stays as it is.
    pub(crate) fn length(&self, number: &str, unit: &str) -> String {
        let singular = unit.strip_suffix('s').unwrap_or(unit);
        let forms = UNITS.iter().zip(self.lengths).find(|(known, _)| **known == singular).map(|(_, forms)| forms);
        let unit = forms.map_or(unit, |forms| forms[usize::from(number != "1")]);
        // A unit that is a number itself: 150 × 10^9/L.
        let times = if unit.starts_with(|sign: char| sign.is_ascii_digit()) { "× " } else { "" };
        format!("{} {times}{unit}", self.number(number))
    }

    /// A length of time that is written in English, as protocols write it: `4 weeks`, `2 years + 3 days`.
    pub(crate) fn written(&self, length: &str) -> String {
        let part = |part: &str| match part.split_once(' ') {
            Some((number, unit)) => self.length(number, unit),
            None => self.number(part),
        };
        let less = |parts: &str| parts.split(" - ").map(part).collect::<Vec<_>>().join(&format!(" {} ", self.less));
        length.split(" + ").map(less).collect::<Vec<_>>().join(&format!(" {} ", self.and))
    }

    /// A unit, of several: `days`, `Tage`, `mm`.
    pub(crate) fn units<'a>(&self, unit: &'a str) -> &'a str {
        let singular = unit.strip_suffix('s').unwrap_or(unit);
        match UNITS.iter().zip(self.lengths).find(|(known, _)| **known == singular) {
            Some((_, forms)) if !self.is_english() => forms[1],
            _ => unit,
        }
    }

    /// What a length of time is called, of one: `day`, `Tag`.
    pub(crate) fn unit(&self, unit: &'static str) -> &'static str {
        UNITS.iter().zip(self.lengths).find(|(known, _)| **known == unit).map_or(unit, |(_, forms)| forms[0])
    }

    /// The name of a month, from 1.
    pub(crate) fn month(&self, month: i8) -> &'static str {
        usize::try_from(month - 1).ok().and_then(|at| self.months.get(at).copied()).unwrap_or_default()
    }

    /// A day in an answer: in English as it is stored, so that it is the same on a screen and in a file.
    pub(crate) fn date(&self, day: Date) -> String {
        if self.is_english() { day.to_string() } else { self.day(day) }
    }

    /// The same of a day, a month or a year that is written as it is stored; any other text stays as it is.
    pub(crate) fn date_text(&self, text: &str) -> String {
        match text.parse::<DateRange>() {
            Ok(range) if !self.is_english() => range.in_words(self),
            _ => text.to_owned(),
        }
    }

    /// The same of a date of which perhaps only the month or the year is known.
    pub(crate) fn range(&self, range: DateRange) -> String {
        if self.is_english() { range.to_string() } else { range.in_words(self) }
    }

    /// A value of a record or a trace, as it is stored.
    pub(crate) fn value(&self, value: &str) -> String {
        match value {
            _ if self.is_english() => value.to_owned(),
            "true" | "yes" => self.yes.to_owned(),
            "false" | "no" => self.no.to_owned(),
            "none" => self.none.to_owned(),
            "never" => self.never.to_owned(),
            "unknown" | "not known" => self.not_known.to_owned(),
            other => self.number_or_day(other),
        }
    }

    /// `at least 3 days`, `2026-03-01 to 2026-03-31`, `1.5 mm`, as they are stored; any other text stays as it is.
    fn number_or_day(&self, text: &str) -> String {
        let is_told = |text: &str| text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit());
        let one = |text: &str| match self.date_text(text) {
            // A year alone may be a number.
            date if text.contains('-') && date != text => date,
            _ => self.written(text),
        };
        match (text.split_once(" to "), text.strip_prefix("at least "), text.strip_prefix("at most ")) {
            (Some((from, to)), ..) if is_told(from) && is_told(to) => format!("{} {} {}", one(from), self.to, one(to)),
            (_, Some(least), _) if is_told(least) => format!("{} {}", self.at_least, one(least)),
            (_, _, Some(most)) if is_told(most) => format!("{} {}", self.at_most, one(most)),
            _ if is_told(text) => one(text),
            _ => text.to_owned(),
        }
    }

    /// `2 March 2026`; whole months and years by their names.
    pub(crate) fn day(&self, date: Date) -> String {
        let (_, day, month) = date.in_week();
        if date.is_never() { self.never.to_owned() } else { (self.date)(day, self.month(month), date.year()) }
    }
}

/// A text with what is put in: for each `{}` the next, for `{1}` the second.
pub(crate) fn fill(template: &str, with: &[&str]) -> String {
    let mut out = String::new();
    let (mut rest, mut next) = (template, 0);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((place, after)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        let at = place.parse().unwrap_or(next);
        out.push_str(with.get(at).copied().unwrap_or_default());
        (rest, next) = (after, at + 1);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use super::*;
    use crate::date::DateRange;

    thread_local! {
        /// The phrases that a language did not have.
        pub(crate) static MISSING: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    /// What is always said where a phrase of an answer is: the longest words of those that are long enough to be told by.
    pub(crate) fn fixed_parts() -> Vec<&'static str> {
        let longest = |phrase: &'static str| phrase.split(['{', '}']).max_by_key(|part| part.len()).unwrap_or_default();
        let parts = german::ANSWERS.iter().copied().flatten().map(|(english, _)| longest(english));
        parts.filter(|part| part.len() > 11 && part.trim().contains(' ')).collect()
    }

    /// What is between the braces of a phrase: each place once.
    fn places(phrase: &str, explicit: bool) -> BTreeSet<usize> {
        let mut next = 0;
        let inner = phrase.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(inner, _)| inner);
        inner
            .map(|inner| {
                assert!(explicit || inner.is_empty(), "{phrase}");
                let at = inner.parse().unwrap_or(next);
                next = at + 1;
                at
            })
            .collect()
    }

    #[test]
    fn a_phrase_says_all_that_is_put_in() {
        let mut seen = BTreeSet::new();
        for table in [&[german::PHRASES][..], german::ANSWERS] {
            for (english, german) in table.iter().copied().flatten() {
                assert_eq!(places(english, false), places(german, true), "{english}");
                assert!(seen.insert(english), "twice: {english}");
            }
            seen.clear();
        }
        // A phrase of an answer that is the same on a sheet stands once.
        for (english, german) in german::ANSWERS.iter().copied().flatten() {
            assert!(!german::PHRASES.contains(&(english, german)), "{english}");
        }
        assert_eq!(GERMAN.say("{} after {}", &["2 Tage", "heute"]), "heute plus 2 Tage");
        assert_eq!(ENGLISH.say("{} after {}", &["2 days", "today"]), "2 days after today");
        assert_eq!(fill("from {} to {}", &["a {}", "b"]), "from a {} to b");
        assert_eq!(fill("{ and {0", &["a"]), "{ and {0");
    }

    #[test]
    fn values_are_said_in_each_language() {
        let range = |text: &str| text.parse::<DateRange>().expect("a date");
        for (date, english, german) in [
            ("2026-03-02", "2 March 2026", "2. März 2026"),
            ("2025-11", "November 2025", "November 2025"),
            ("2025", "2025", "2025"),
        ] {
            assert_eq!(
                (range(date).in_words(&ENGLISH).as_str(), range(date).in_words(&GERMAN).as_str()),
                (english, german)
            );
        }
        assert_eq!(GERMAN.day(Date::NEVER), "nie");
        for (number, unit, english, german) in [
            ("1", "week", "1 week", "1 Woche"),
            ("28", "days", "28 days", "28 Tage"),
            ("400", "U", "400 U", "400 U"),
            ("3", "doses", "3 doses", "3 doses"),
        ] {
            let said = (ENGLISH.length(number, unit), GERMAN.length(number, unit));
            assert_eq!((said.0.as_str(), said.1.as_str()), (english, german));
        }
        for (length, english, german) in [
            ("4 weeks", "4 weeks", "4 Wochen"),
            ("2 years + 1 day", "2 years and 1 day", "2 Jahre und 1 Tag"),
            ("1 month - 3 days", "1 month less 3 days", "1 Monat weniger 3 Tage"),
            ("1 year + 2 weeks - 1 day", "1 year and 2 weeks less 1 day", "1 Jahr und 2 Wochen weniger 1 Tag"),
        ] {
            assert_eq!((ENGLISH.written(length).as_str(), GERMAN.written(length).as_str()), (english, german));
        }
        for (stored, german) in [
            ("yes", "ja"),
            ("2026-03-02", "2. März 2026"),
            ("2026-03-02 to 2026-04-30", "2. März 2026 bis 30. April 2026"),
            ("2026", "2026"),
            ("at least 2 weeks", "mindestens 2 Wochen"),
            ("-1 to 3 mm", "-1 bis 3 mm"),
            ("1.5 mm", "1,5 mm"),
            ("0.5", "0,5"),
            ("1.0 to 1.5 mm", "1,0 bis 1,5 mm"),
            ("2.10.3", "2.10.3"),
            // What a person wrote.
            ("from here to there", "from here to there"),
        ] {
            assert_eq!((GERMAN.value(stored).as_str(), ENGLISH.value(stored).as_str()), (german, stored));
        }
        assert_eq!(Speech::of("de-AT").code, "de");
        assert_eq!(Speech::of("fr").code, "en");
    }
}
