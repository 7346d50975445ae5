//! Clauses and how they are joined, so that "and" and "or" can be read in one way only.

/// A condition in words, before it is joined with others.
#[derive(Clone, Debug)]
pub(crate) enum Phrase {
    /// `fitzpatrick` `is 4 or more`; two about one subject share it.
    About(String, String),
    /// A clause that stands alone.
    Clause(String),
    /// Several that must all hold.
    All(Vec<Phrase>),
    /// Several of which one must hold.
    Any(Vec<Phrase>),
}

/// What stands above a list of conditions.
const ALL: &str = "all of these";
const ANY: &str = "any of these";

/// So many conditions, joined by one word, are a list.
const LONG: usize = 4;

impl Phrase {
    /// As a sentence without its capital and its point.
    pub(crate) fn into_text(self) -> String {
        self.text(0)
    }

    /// As a list, where it is nested or long: what stands above it, and each line with its level. None: it reads well as a sentence.
    pub(crate) fn into_list(self) -> Option<(&'static str, Vec<(usize, String)>)> {
        let (parts, all) = match self {
            Phrase::All(parts) => (parts, true),
            Phrase::Any(parts) => (parts, false),
            _ => return None,
        };
        let parts = merged(flat(parts, all), if all { "and" } else { "or" });
        let is_joined = |part: &Phrase| matches!(part, Phrase::All(_) | Phrase::Any(_));
        if parts.len() < 2 || (parts.len() < LONG && !parts.iter().any(is_joined)) {
            return None;
        }
        let mut lines = Vec::new();
        parts.into_iter().for_each(|part| part.lines(0, &mut lines));
        Some((if all { ALL } else { ANY }, lines))
    }

    fn lines(self, level: usize, lines: &mut Vec<(usize, String)>) {
        let (parts, all) = match self {
            Phrase::All(parts) => (parts, true),
            Phrase::Any(parts) => (parts, false),
            simple => return lines.push((level, simple.into_text())),
        };
        let parts = merged(flat(parts, all), if all { "and" } else { "or" });
        match <[Phrase; 1]>::try_from(parts) {
            Ok([one]) => one.lines(level, lines),
            Err(parts) => {
                lines.push((level, format!("{}:", if all { ALL } else { ANY })));
                parts.into_iter().for_each(|part| part.lines(level + 1, lines));
            }
        }
    }

    fn text(self, depth: u8) -> String {
        match self {
            Phrase::About(subject, predicate) => format!("{subject} {predicate}"),
            Phrase::Clause(text) => text,
            Phrase::All(parts) => {
                // What is an alternative in itself stands last: "and" does not mind the order, the reader does.
                let (choices, simple): (Vec<_>, Vec<_>) =
                    merged(flat(parts, true), "and").into_iter().partition(|part| matches!(part, Phrase::Any(_)));
                let parts: Vec<String> = simple.into_iter().chain(choices).map(|part| part.nested(depth)).collect();
                join(&parts, "and")
            }
            Phrase::Any(parts) => {
                let parts =
                    merged(flat(parts, false), "or").into_iter().map(|part| part.nested(depth)).collect::<Vec<_>>();
                join(&parts, "or")
            }
        }
    }

    /// As a part of a larger condition of the other kind.
    fn nested(self, depth: u8) -> String {
        let deep = depth > 0;
        match self {
            Phrase::Any(_) | Phrase::All(_) if deep => format!("({})", self.text(depth + 1)),
            Phrase::Any(_) => format!("either {}", self.text(depth + 1)),
            Phrase::All(parts) => {
                let parts = merged(flat(parts, true), "and");
                let word = if parts.len() == 2 { "both" } else { "all of" };
                let single = parts.len() == 1;
                let text = list(&parts.into_iter().map(|part| part.nested(depth + 1)).collect::<Vec<_>>(), "and");
                if single { text } else { format!("{word} {text}") }
            }
            simple => simple.text(depth),
        }
    }
}

/// `a && (b && c)` is `a && b && c`.
fn flat(parts: Vec<Phrase>, all: bool) -> Vec<Phrase> {
    let mut out = Vec::new();
    for part in parts {
        match part {
            Phrase::All(inner) if all => out.extend(flat(inner, all)),
            Phrase::Any(inner) if !all => out.extend(flat(inner, all)),
            other => out.push(other),
        }
    }
    out
}

/// Neighbours about one subject share it: `hba1c is more than 8 % and 8.5 % or less`.
fn merged(parts: Vec<Phrase>, word: &str) -> Vec<Phrase> {
    let mut out: Vec<Phrase> = Vec::new();
    for part in parts {
        if let (Some(Phrase::About(subject, predicate)), Phrase::About(next, more)) = (out.last_mut(), &part)
            && subject == next
            && predicate.starts_with("is ")
            && may_share(predicate, word)
            && may_share(more, word)
            && let Some(more) = more.strip_prefix("is ")
        {
            predicate.push_str(&format!(" {word} {more}"));
            continue;
        }
        out.push(part);
    }
    out
}

/// Whether a predicate can be joined with another by this word: it has no other "and" or "or" than that of "4 or more".
fn may_share(predicate: &str, word: &str) -> bool {
    let bare = predicate.replace(" or more", "").replace(" or less", "");
    !bare.contains(if word == "and" { " or " } else { " and " }) && !bare.contains("neither")
}

/// `a and b`, `a, b and c`; with commas throughout where a part has an "and" or "or" of its own.
fn join(parts: &[String], word: &str) -> String {
    let busy = |text: &String| [" and ", " or ", ", "].iter().any(|inner| text.contains(inner));
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
