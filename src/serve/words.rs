//! The pages' own words, in each language that the pages speak.
//!
//! A phrase is written in English where it stands, as in `say!(words, "Find a patient")`; what it is in another language is in the table of that
//! language. That every table has every phrase is seen when the crate is compiled; that it has no other is tested.

mod german;

use maud::{Markup, PreEscaped, html};

use crate::date::Date;
use crate::speech::{ENGLISH, Speech, fill};

/// A phrase in each language, with a `{}` for whatever is put in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phrase {
    english: &'static str,
    german: &'static str,
}

impl Phrase {
    /// The phrase that is this one in English. It is asked for where a constant is worked out: `phrase!` sees to that.
    ///
    /// # Panics
    /// Where a table has none, so that the crate is not compiled.
    pub(super) const fn of(english: &'static str) -> Phrase {
        match look_up(german::TABLES, english) {
            Some(german) => Phrase { english, german },
            None => panic!("no table of words/german has this phrase"),
        }
    }
}

/// What a language has for a phrase.
const fn look_up(tables: &[&[(&str, &'static str)]], english: &str) -> Option<&'static str> {
    let (mut table, mut at) = (0, 0);
    while table < tables.len() {
        if at == tables[table].len() {
            (table, at) = (table + 1, 0);
            continue;
        }
        let (known, own) = tables[table][at];
        if same(known.as_bytes(), english.as_bytes()) {
            return Some(own);
        }
        at += 1;
    }
    None
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// A phrase, to be said later.
macro_rules! phrase {
    ($phrase:literal) => {
        const { $crate::serve::words::Phrase::of($phrase) }
    };
}

/// A phrase in a reader's language; with what is put in, a new text, which is escaped where it is shown.
macro_rules! say {
    ($words:expr, $phrase:literal) => {
        $words.get($crate::serve::words::phrase!($phrase))
    };
    ($words:expr, $phrase:literal, $($with:expr),+ $(,)?) => {
        $words.fill($crate::serve::words::phrase!($phrase), &[$(&*$with.to_string()),+])
    };
}

/// A phrase with markup that is put in.
macro_rules! mark {
    ($words:expr, $phrase:literal, $($with:expr),+ $(,)?) => {
        $words.mark($crate::serve::words::phrase!($phrase), &[$($with),+])
    };
}

pub(super) use {mark, phrase, say};

/// The words of the language that somebody reads: English, unless it is another one that the pages speak.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(&'static Speech);

impl Default for Words {
    fn default() -> Words {
        Words(&ENGLISH)
    }
}

impl Words {
    /// Those of a language, or the English ones.
    pub(super) fn of(language: &str) -> Words {
        Words(Speech::of(language))
    }

    /// The language, as `de`.
    pub(super) fn code(self) -> &'static str {
        self.0.code
    }

    /// The words for values, and of answers.
    pub(super) fn speech(self) -> &'static Speech {
        self.0
    }

    /// The language of a part of a page, where it is not that of the page.
    pub(super) fn unlike(self, language: &str) -> Option<&str> {
        (self.code() != language).then_some(language)
    }

    /// That a part of a page is in English, where the page is not.
    pub(super) fn english(self) -> Option<&'static str> {
        self.unlike("en").and(Some("en"))
    }

    pub(super) fn get(self, phrase: Phrase) -> &'static str {
        if self.0.is_english() { phrase.english } else { phrase.german }
    }

    /// A phrase, where it is not said in English: for what is English unless something else is told.
    pub(super) fn translated(self, phrase: Phrase) -> Option<&'static str> {
        (!self.0.is_english()).then_some(phrase.german)
    }

    pub(super) fn fill(self, phrase: Phrase, with: &[&str]) -> String {
        fill(self.get(phrase), with)
    }

    pub(super) fn mark(self, phrase: Phrase, with: &[Markup]) -> Markup {
        let with: Vec<&str> = with.iter().map(|markup| markup.0.as_str()).collect();
        let phrase = html! { (self.get(phrase)) }.into_string();
        PreEscaped(fill(&phrase, &with))
    }

    /// A sentence about what is wrong, with whatever was put in; none where the language has none for it.
    pub(super) fn mistake(self, text: &str) -> Option<String> {
        if self.0.is_english() {
            return None;
        }
        german::mistakes::ALL.iter().find_map(|(english, german)| Some(fill(german, &put_in(english, text)?)))
    }

    /// A day: in English as it is stored.
    pub(super) fn date(self, day: Date) -> String {
        self.0.date(day)
    }

    /// A moment as the archive has it, `2026-11-28T09:45:47Z`, to the minute. The clock's time is that of no place, and says so.
    pub(super) fn moment(self, at: &str) -> String {
        let read = || {
            let (day, time) = at.split_once('T')?;
            Some(format!("{}, {} UTC", self.date(day.parse().ok()?), time.get(..5).filter(|_| time.ends_with('Z'))?))
        };
        read().unwrap_or_else(|| at.to_owned())
    }

    /// A word of an answer, as `due`.
    pub(super) fn word(self, word: &str) -> String {
        self.0.word(word)
    }
}

/// What stands in a text for each `{}` of a phrase; none where it is another phrase.
fn put_in<'t>(phrase: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = phrase.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut with = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let at = if parts.peek().is_none() { rest.len().checked_sub(part.len())? } else { rest.find(part)? };
        with.push(rest.get(..at)?);
        rest = rest.get(at..)?.strip_prefix(part)?;
    }
    rest.is_empty().then_some(with)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn moments_are_told_to_the_minute() {
        assert_eq!(Words::of("de").moment("2026-11-28T09:45:47Z"), "28. November 2026, 09:45 UTC");
        assert_eq!(Words::default().moment("2026-11-28T09:45:47Z"), "2026-11-28, 09:45 UTC");
        assert_eq!(Words::default().moment("once"), "once");
    }

    /// The pages, without what tests them and without the tables.
    fn sources(folder: &Path) -> Vec<String> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("words") {
                all.extend(sources(&path));
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source");
                all.push(text.split("#[cfg(test)]").next().unwrap_or_default().to_owned());
            }
        }
        all
    }

    #[test]
    fn no_table_has_a_phrase_that_nothing_says_or_one_twice() {
        let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve"));
        let mut known = BTreeSet::new();
        for (english, _) in german::TABLES.iter().copied().flatten() {
            assert!(known.insert(english), "twice: {english}");
            let quoted = format!("\"{english}\"");
            let is_said = |before: &str| before.trim_end().ends_with([',', '(']);
            let mut said = sources.iter().flat_map(|text| text.match_indices(&quoted).map(move |(at, _)| &text[..at]));
            assert!(said.any(is_said), "nothing says: {english}");
        }
    }

    #[test]
    fn every_sentence_about_a_mistake_is_one_that_is_told() {
        fn all_of(folder: &Path, out: &mut String) {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() && !path.ends_with("words") {
                    all_of(&path, out);
                } else if path.extension().is_some_and(|end| end == "rs") {
                    out.push_str(&std::fs::read_to_string(&path).expect("a source"));
                }
            }
        }
        let mut sources = String::new();
        all_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
        for (english, _) in german::mistakes::ALL {
            // What is wrong with a password is told behind its name.
            let english = english.strip_prefix("the password ").unwrap_or(english);
            // What there is not is put into one sentence.
            let nothing = english.strip_prefix("there is no ").and_then(|rest| rest.strip_suffix(" `{}`"));
            if nothing.is_some_and(|what| sources.contains(&format!("\"{what}\""))) {
                continue;
            }
            for part in english.split("{}").filter(|part| part.trim().len() > 2) {
                assert!(sources.contains(part), "nothing says `{part}` of: {english}");
            }
        }
        let w = Words::of("de");
        assert_eq!(w.mistake("there is no user `Eva`").as_deref(), Some("Es gibt keinen Benutzer `Eva`"));
        assert_eq!(w.mistake("there is no user"), None);
        assert_eq!(Words::default().mistake("say why"), None);
        assert_eq!(put_in("`{}` is {}", "`a` is `b` is c"), Some(vec!["a", "`b` is c"]));
        assert_eq!(put_in("a{}", "b"), None);
    }

    #[test]
    fn a_translation_takes_in_what_the_phrase_does() {
        let places = |phrase: &str| phrase.matches("{}").count();
        for (english, german) in german::TABLES.iter().copied().chain([german::mistakes::ALL]).flatten() {
            assert_eq!(places(english), places(german), "{english}");
            let ends = |phrase: &str| (phrase.starts_with(' '), phrase.ends_with(' '));
            assert_eq!(ends(english), ends(german), "{english}");
        }
    }

    #[test]
    fn what_is_put_in_is_escaped_once() {
        let w = Words::of("de-AT");
        let told = say!(w, "No identifier has “{}” in it.", "<b>{}");
        assert_eq!(html! { (told) }.into_string(), "In keiner Kennung kommt „&lt;b&gt;{}“ vor.");
        let name = html! { strong { "<b>{}" } };
        assert_eq!(
            mark!(w, "You are signed in as {}. Whoever signs in now takes your place.", name).into_string(),
            "Sie sind angemeldet als <strong>&lt;b&gt;{}</strong>. Wer sich jetzt anmeldet, tritt an Ihre Stelle."
        );
        assert_eq!(say!(Words::of("fr"), "Save"), "Save");
    }
}
