//! Clauses and how they are joined, so that "and" and "or" can be read in one way only.

use super::is_plural;
use crate::speech::Speech;

/// A condition in words, before it is joined with others.
#[derive(Clone, Debug)]
pub(crate) enum Phrase {
    /// `fitzpatrick` `is 4 or more`; two about one subject share it.
    About(String, String),
    /// A clause that stands alone.
    Clause(String),
    /// What there is or is not, `metal allergy`, `no diabetes`: enough in a list, and after "if" it takes a verb.
    Noun(String),
    /// A clause that must not hold and has no denial of its own, and the same denied part by part: a list says "none of these", a sentence
    /// denies the parts.
    Denied(String, Box<Phrase>),
    /// Several that must all hold.
    All(Vec<Phrase>),
    /// Several of which one must hold.
    Any(Vec<Phrase>),
}

/// What stands above a list of conditions.
fn above(all: bool, speech: &Speech) -> String {
    speech.say(if all { "all of these" } else { "any of these" }, &[])
}

/// What joins them in a sentence.
fn word(all: bool, speech: &Speech) -> &'static str {
    if all { speech.and } else { speech.or }
}

/// So many conditions, joined by one word, are a list.
const LONG: usize = 4;

impl Phrase {
    /// The same with a verb wherever there is none, to stand after "if" or "when".
    pub(crate) fn with_verbs(self, speech: &Speech) -> Phrase {
        let each = |parts: Vec<Phrase>| parts.into_iter().map(|part| part.with_verbs(speech)).collect();
        match self {
            Phrase::Noun(text) if speech.is_english() && is_plural(&text) => {
                Phrase::Clause(format!("there are {text}"))
            }
            Phrase::Noun(text) => Phrase::Clause(speech.say("there is {}", &[&text])),
            Phrase::All(parts) => Phrase::All(each(parts)),
            Phrase::Any(parts) => Phrase::Any(each(parts)),
            Phrase::Denied(words, parts) => Phrase::Denied(words, Box::new(parts.with_verbs(speech))),
            other => other,
        }
    }

    /// As a sentence without its capital and its point.
    pub(crate) fn into_text(self, speech: &Speech) -> String {
        match self {
            Phrase::Denied(_, denied) => denied.into_text(speech),
            other => other.text(0, speech),
        }
    }

    /// As a list, where it is nested or long: what stands above it, and each line with its level. None: it reads well as a sentence.
    pub(crate) fn into_list(self, speech: &Speech) -> Option<(String, Vec<(usize, String)>)> {
        let (parts, all) = match self {
            Phrase::All(parts) => (parts, true),
            Phrase::Any(parts) => (parts, false),
            Phrase::Denied(_, denied) => return denied.into_list(speech),
            _ => return None,
        };
        let parts = merged(flat(parts, all, true), all, speech);
        let is_joined = |part: &Phrase| matches!(part, Phrase::All(_) | Phrase::Any(_) | Phrase::Denied(..));
        if parts.len() < 2 || (parts.len() < LONG && !parts.iter().any(is_joined)) {
            return None;
        }
        let mut lines = Vec::new();
        listed(parts, 0, &mut lines, speech);
        Some((above(all, speech), lines))
    }

    fn lines(self, level: usize, lines: &mut Vec<(usize, String)>, speech: &Speech) {
        let (parts, all) = match self {
            Phrase::All(parts) => (parts, true),
            Phrase::Any(parts) => (parts, false),
            simple => return lines.push((level, simple.into_text(speech))),
        };
        let parts = merged(flat(parts, all, true), all, speech);
        match <[Phrase; 1]>::try_from(parts) {
            Ok([one]) => one.lines(level, lines, speech),
            Err(parts) => {
                lines.push((level, format!("{}:", above(all, speech))));
                listed(parts, level + 1, lines, speech);
            }
        }
    }

    fn text(self, depth: u8, speech: &Speech) -> String {
        match self {
            Phrase::About(subject, predicate) => match predicate.strip_prefix("is ") {
                Some(rest) if speech.is_english() && is_plural(&subject) => format!("{subject} are {rest}"),
                _ => format!("{subject}{}{predicate}", speech.between),
            },
            Phrase::Clause(text) | Phrase::Noun(text) | Phrase::Denied(text, _) => text,
            Phrase::All(parts) => sentence(merged(flat(parts, true, false), true, speech), true, depth, speech),
            Phrase::Any(parts) => sentence(merged(flat(parts, false, false), false, speech), false, depth, speech),
        }
    }

    /// As a part of a larger condition of the other kind.
    fn nested(self, depth: u8, speech: &Speech) -> String {
        let (parts, all) = match self {
            Phrase::All(parts) => (parts, true),
            Phrase::Any(parts) => (parts, false),
            simple => return simple.text(depth, speech),
        };
        let parts = merged(flat(parts, all, false), all, speech);
        match parts.len() {
            1 => sentence(parts, all, depth, speech),
            _ if depth == 0 && !all => speech.say("either {}", &[&sentence(parts, all, depth + 1, speech)]),
            _ => format!("({})", sentence(parts, all, depth + 1, speech)),
        }
    }
}

/// The lines of conditions that are flat and merged; what must not hold stands last.
fn listed(parts: Vec<Phrase>, level: usize, lines: &mut Vec<(usize, String)>, speech: &Speech) {
    let mut denied = Vec::new();
    for part in parts {
        match part {
            Phrase::Denied(words, _) => denied.push((level + 1, words)),
            other => other.lines(level, lines, speech),
        }
    }
    if !denied.is_empty() {
        lines.push((level, format!("{}:", speech.say("none of these", &[]))));
        lines.extend(denied);
    }
}

/// Conditions that are flat and merged, joined by one word.
fn sentence(parts: Vec<Phrase>, all: bool, depth: u8, speech: &Speech) -> String {
    // What is an alternative in itself stands last: "and" does not mind the order, the reader does. Joined by "or", there is none.
    let (choices, simple): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| matches!(part, Phrase::Any(_)));
    let parts: Vec<String> = simple.into_iter().chain(choices).map(|part| part.nested(depth, speech)).collect();
    join(&parts, word(all, speech), speech)
}

/// `a && (b && c)` is `a && b && c`. What is denied stays whole in a list only, under "none of these". In a sentence it is denied part by
/// part: "unless" would waive what is required, and not forbid it.
fn flat(parts: Vec<Phrase>, all: bool, is_list: bool) -> Vec<Phrase> {
    let mut parts = in_one(parts, all);
    let is_denied = |part: &Phrase| matches!(part, Phrase::Denied(..));
    while !(is_list && all) && parts.iter().any(is_denied) {
        let part_by_part = |part| if let Phrase::Denied(_, denied) = part { *denied } else { part };
        parts = in_one(parts.into_iter().map(part_by_part).collect(), all);
    }
    parts
}

/// Parts joined by the same word, however deep, in one list.
fn in_one(parts: Vec<Phrase>, all: bool) -> Vec<Phrase> {
    let mut out = Vec::new();
    for part in parts {
        match part {
            Phrase::All(inner) if all => out.extend(in_one(inner, all)),
            Phrase::Any(inner) if !all => out.extend(in_one(inner, all)),
            other => out.push(other),
        }
    }
    out
}

/// Neighbours about one subject share it: `hba1c is more than 8 % and 8.5 % or less`.
fn merged(parts: Vec<Phrase>, all: bool, speech: &Speech) -> Vec<Phrase> {
    let mut out: Vec<Phrase> = Vec::new();
    for part in parts {
        if let (Some(Phrase::About(subject, predicate)), Phrase::About(next, more)) = (out.last_mut(), &part)
            && subject == next
            && predicate.starts_with(speech.is)
            && may_share(predicate, all, speech)
            && may_share(more, all, speech)
            && let Some(more) = more.strip_prefix(speech.is)
        {
            predicate.push_str(&format!(" {} {more}", word(all, speech)));
            continue;
        }
        out.push(part);
    }
    out
}

/// Whether a predicate can be joined with another by "and" or "or": it has no other such word than that of "4 or more".
fn may_share(predicate: &str, all: bool, speech: &Speech) -> bool {
    let bare = predicate.replace(" or more", "").replace(" or less", "");
    let is_word = |word: &str| bare.split(' ').any(|part| part == word);
    let is_negated = is_word(speech.neither) || (is_word(speech.not) && is_word(speech.or));
    !bare.contains(&format!(" {} ", word(!all, speech))) && !is_negated
}

/// `a and b`, `a, b and c`; with commas throughout where a part has an "and" or "or" of its own, or goes on to the end of the sentence:
/// "it is not the case that a, and b" cannot be read as denying both, nor "there has been no session, or b" as two things that there were
/// not.
fn join(parts: &[String], word: &str, speech: &Speech) -> String {
    let inner = [format!(" {} ", speech.and), format!(" {} ", speech.or), ", ".to_owned()];
    let open =
        |text: &String| ["it is not the case that ", "there has been "].iter().any(|open| text.starts_with(open));
    let busy = |text: &String| open(text) || inner.iter().any(|inner| text.contains(inner));
    if parts.iter().any(busy) { parts.join(&format!(", {word} ")) } else { list(parts, word) }
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn list<S: AsRef<str>>(parts: &[S], word: &str) -> String {
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}
