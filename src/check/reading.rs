//! Sentences of a patient's handout that are harder to read than most patients can.
//!
//! English is measured by the Flesch–Kincaid grade (Kincaid and others 1975), German by the first Wiener Sachtextformel (Bamberger and
//! Vanecek 1984). Both give a school grade; pupils are five years older than the number of the grade that they enter. Texts in other
//! languages are not measured.

use std::borrow::Cow;

use super::Finder;
use crate::diagnostic::{Diagnostic, Place, codes};
use crate::protocol::Protocol;
use crate::protocol::model::{Action, Part, Template};

/// The reading age that no sentence should be above.
const AGE: f64 = 14.0;

/// The formulas were made for long texts. Of fewer words than this, a single name decides.
const FEWEST_WORDS: usize = 6;

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let Some(formula) = Formula::of(&protocol.language) else { return };
    for (id, text) in read_by_patients(protocol) {
        let said = in_words(text);
        for sentence in sentences(&said) {
            let age = formula.reading_age(sentence);
            if words(sentence).count() < FEWEST_WORDS || age <= AGE {
                continue;
            }
            let message = format!("`{id}` has a sentence for a reading age of {:.0}: `{sentence}`", age.ceil());
            let place = Place { file: protocol.file.clone(), span: text.span.clone() };
            let help = format!(
                "write shorter sentences and shorter words, for a reading age of {AGE} at most; or say in an `[[allow]]` of {} why not",
                codes::HARD_TO_READ.id
            );
            finder.report(id, Diagnostic::new(&codes::HARD_TO_READ, message).at(&place).help(help));
        }
    }
}

/// The texts of a handout for the patient, with the rule or part that each belongs to: instructions, red flags, and why there is no treatment
/// today. Precautions stand on the clinic's page.
fn read_by_patients(protocol: &Protocol) -> Vec<(&str, &Template)> {
    let instructions = protocol.instructions.iter().filter(|one| one.audience.is_patient());
    let mut texts: Vec<(&str, &Template)> = instructions.map(|one| (one.id.as_str(), &one.action)).collect();
    texts.extend(protocol.red_flags.iter().flat_map(|one| [(one.id.as_str(), &one.sign), (&one.id, &one.action)]));
    for rule in &protocol.rules {
        let (why, until) = match &rule.action {
            Action::Indicate { otherwise, .. } => (otherwise, None),
            Action::Contraindicate { until, .. } | Action::Defer { until, .. } => (&rule.reason, until.as_ref()),
            Action::Refer { .. } | Action::Complete { .. } => (&rule.reason, None),
            Action::Precaution { .. } => continue,
        };
        texts.extend(std::iter::once(why).chain(until).map(|text| (rule.id.as_str(), text)));
    }
    let intervals = protocol.courses.iter().flat_map(|course| &course.intervals);
    texts.extend(intervals.map(|one| (one.id.as_str(), &one.reason)));
    texts.extend(protocol.separations.iter().map(|one| (one.id.as_str(), &one.reason)));
    texts
}

/// What a text says; a value in it counts as a short word.
fn in_words(text: &Template) -> String {
    let part = |part: &Part| match part {
        Part::Words(words) => Cow::Owned(words.clone()),
        Part::Value(_) => Cow::Borrowed("…"),
    };
    text.parts.iter().map(part).collect()
}

/// A formula for how hard a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Formula {
    FleschKincaid,
    WienerSachtext,
}

impl Formula {
    fn of(language: &str) -> Option<Formula> {
        match language.split('-').next() {
            Some("en") => Some(Formula::FleschKincaid),
            Some("de") => Some(Formula::WienerSachtext),
            _ => None,
        }
    }

    /// The age from which pupils read the text.
    fn reading_age(self, text: &str) -> f64 {
        self.grade(text) + 5.0
    }

    /// The school grade.
    fn grade(self, text: &str) -> f64 {
        let all: Vec<&str> = words(text).collect();
        let share = |of: usize| number(of) / number(all.len().max(1));
        let per_sentence = number(all.len()) / number(sentences(text).count().max(1));
        match self {
            Formula::FleschKincaid => {
                let syllables: usize = all.iter().map(|word| english_syllables(word)).sum();
                0.39 * per_sentence + 11.8 * share(syllables) - 15.59
            }
            Formula::WienerSachtext => {
                let syllables: Vec<usize> = all.iter().map(|word| german_syllables(word)).collect();
                let percent = |of: usize| share(of) * 100.0;
                let many = percent(syllables.iter().filter(|count| **count >= 3).count());
                let one = percent(syllables.iter().filter(|count| **count == 1).count());
                let long =
                    percent(all.iter().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 6).count());
                0.1935 * many + 0.1672 * per_sentence + 0.1297 * long - 0.0327 * one - 0.875
            }
        }
    }
}

fn number(count: usize) -> f64 {
    f64::from(crate::narrow::u32(count))
}

/// The sentences of a text. As Flesch has it, a semicolon and a colon end one too.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut ends: Vec<usize> = text.match_indices(['.', '?', '!', ';', ':']).map(|(at, _)| at + 1).collect();
    // A number such as 38.0 is no end.
    ends.retain(|end| text[*end..].chars().next().is_none_or(char::is_whitespace));
    ends.push(text.len());
    let mut start = 0;
    let pieces: Vec<&str> = ends.into_iter().map(|end| text[std::mem::replace(&mut start, end)..end].trim()).collect();
    pieces.into_iter().filter(|piece| !piece.is_empty())
}

/// The words of a text. The parts of a word with a hyphen are words.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c.is_whitespace() || ['-', '–', '/'].contains(&c));
    words.filter(|word| word.chars().any(|c| c.is_alphanumeric() || c == '…'))
}

/// The number of groups of vowels.
fn vowel_groups(word: &str, vowels: &str) -> usize {
    let is_vowel: Vec<bool> = word.chars().map(|c| vowels.contains(c)).collect();
    let begins = |at: usize| is_vowel[at] && (at == 0 || !is_vowel[at - 1]);
    (0..is_vowel.len()).filter(|at| begins(*at)).count()
}

fn letters(word: &str) -> String {
    word.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

/// Groups of vowels, without an `e` that is not heard.
fn english_syllables(word: &str) -> usize {
    let word = letters(word);
    let mut count = vowel_groups(&word, "aeiouy");
    let before = |ending: &str| word.strip_suffix(ending).and_then(|stem| stem.chars().next_back());
    let is_silent = match (before("e"), before("ed"), before("es")) {
        (Some(c), ..) => c != 'l' && !"aeiouy".contains(c),
        (_, Some(c), _) => !"aeiouydt".contains(c),
        (.., Some(c)) => !"aeiouylscxzgh".contains(c),
        _ => false,
    };
    count -= usize::from(is_silent && count > 1);
    // `being`, `drying`
    count += usize::from(before("ing").is_some_and(|c| "aeiouy".contains(c)));
    count.max(1)
}

/// Groups of vowels; two that are no diphthong are two.
fn german_syllables(word: &str) -> usize {
    const DIPHTHONGS: [&str; 10] = ["ei", "ai", "au", "äu", "eu", "ie", "ey", "ay", "aa", "ee"];
    const VOWELS: &str = "aeiouyäöü";
    let chars: Vec<char> = letters(word).chars().collect();
    let (mut at, mut count) = (0, 0);
    while at < chars.len() {
        if !VOWELS.contains(chars[at]) {
            at += 1;
            continue;
        }
        let pair: String = chars[at..].iter().take(2).collect();
        at += if DIPHTHONGS.contains(&pair.as_str()) || pair == "oo" { 2 } else { 1 };
        count += 1;
    }
    count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 0.06
    }

    #[test]
    fn english_agrees_with_published_examples() {
        // The examples of the encyclopaedia's article on the Flesch–Kincaid tests.
        for (text, grade) in [
            ("The cat sat on the mat.", -1.45),
            ("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 11.3),
        ] {
            let found = Formula::FleschKincaid.grade(text);
            assert!(close(found, grade), "{text} {found}");
        }
        // Of this one the reading ease is published, 69: sixteen words with 23 syllables.
        let text = "This sentence, taken as a reading passage unto itself, is being used to prove a point.";
        assert_eq!(words(text).map(english_syllables).sum::<usize>(), 23);
        assert_eq!(words(text).count(), 16);
    }

    #[test]
    fn german_agrees_with_published_examples() {
        let text = "Alle meine Entchen schwimmen auf dem See, Köpfchen unters Wasser, Schwänzchen in die Höh.";
        let grade = Formula::WienerSachtext.grade(text);
        assert!(close(grade, 3.77), "{grade}");
        for (word, syllables) in [("Sonnencreme", 4), ("Behandlung", 3), ("Theater", 3), ("Haut", 1), ("täglich", 2)] {
            assert_eq!(german_syllables(word), syllables, "{word}");
        }
    }

    #[test]
    fn sentences_end_where_they_end() {
        let found: Vec<&str> = sentences("At 38.0 °C or more, call us! Do not wait; come: now").collect();
        assert_eq!(found, ["At 38.0 °C or more, call us!", "Do not wait;", "come:", "now"]);
    }

    #[test]
    fn other_languages_are_not_measured() {
        assert_eq!(Formula::of("fr"), None);
        assert_eq!(Formula::of("de-AT"), Some(Formula::WienerSachtext));
    }
}
