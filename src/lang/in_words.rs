//! Operators in words of which the word alone does not say what is meant: `is not`, `is greater than`, `between 4 and 6`, `AND(a, b)`,
//! `x > 3 and < 6`.
//!
//! What is put in for such a word unasked must be what was meant: it is certain only between two terms.

use crate::lang::parse::{Refusal, RefusalKind};
use crate::lang::phrases::{literal, name_at_end, number_at_end, write};

/// Words for comparisons, the longer ones first.
const COMPARISONS: [(&str, &str); 22] = [
    ("greater than or equal to", ">="),
    ("less than or equal to", "<="),
    ("greater than", ">"),
    ("higher than", ">"),
    ("older than", ">"),
    ("more than", ">"),
    ("less than", "<"),
    ("fewer than", "<"),
    ("lower than", "<"),
    ("younger than", "<"),
    ("kleiner als", "<"),
    ("mehr als", ">"),
    ("weniger als", "<"),
    ("mindestens", ">="),
    ("at least", ">="),
    ("at most", "<="),
    ("equal to", "=="),
    ("above", ">"),
    ("over", ">"),
    ("below", "<"),
    ("under", "<"),
    ("in", "in"),
];

/// The operator that holds where another does not.
fn opposite(operator: &str) -> &'static str {
    match operator {
        ">=" => "<",
        "<=" => ">",
        ">" => "<=",
        "<" => ">=",
        "in" => "!in",
        _ => "!=",
    }
}

/// A text without the words that it begins with, in small or capital letters.
fn without<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let mut rest = text;
    for word in words.split(' ') {
        rest = rest.trim_start();
        let (written, after) = rest.split_at_checked(word.len())?;
        if !written.eq_ignore_ascii_case(word) || after.starts_with(|sign: char| sign.is_alphanumeric() || sign == '_')
        {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

fn refuse(span: std::ops::Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Refusal {
    Refusal { kind: RefusalKind::Syntax, message: message.into(), help: Some(help.into()), span, instead: None }
}

/// Whether a term may end before, or begin at, a place.
fn ends_term(before: &str) -> bool {
    before.trim_end().ends_with(|sign: char| sign.is_alphanumeric() || "_\")]}".contains(sign))
}

fn begins_term(after: &str) -> bool {
    let after = after.trim_start();
    let is_joint = ["and", "or", "und", "oder", "then"].iter().any(|word| without(after, word).is_some());
    !is_joint && after.starts_with(|sign: char| sign.is_alphanumeric() || "_\"'([!-".contains(sign))
}

/// Whether a sign may be put between what stands around a place.
pub(super) fn is_between_terms(before: &str, after: &str) -> bool {
    ends_term(before) && begins_term(after)
}

/// `is …`, at the `is`.
pub(super) fn is(text: &str, at: usize, length: usize) -> Refusal {
    let word = &text[at..at + length];
    let (before, mut rest) = (&text[..at], &text[at + length..]);
    let negation = without(rest, "not").or_else(|| without(rest, "nicht"));
    rest = negation.unwrap_or(rest);
    let not = negation.is_some();
    let end = |rest: &str| text.len() - rest.len();
    let whole = |rest: &str| text[at..end(rest)].trim_end().to_owned();
    let message = |phrase: &str| format!("`{phrase}` is not an operator");
    for (words, known) in
        [("known", true), ("answered", true), ("unknown", false), ("missing", false), ("null", false), ("nil", false)]
    {
        let Some(after) = without(rest, words) else { continue };
        let Some(start) = name_at_end(before.trim_end()) else { continue };
        let right = format!("{}known({})", if known == not { "!" } else { "" }, before[start..].trim_end());
        return write(start..end(after), message(&whole(after)), right, false);
    }
    if let Some(refusal) = without(rest, "between").and_then(|after| range(text, at, after, not)) {
        return refusal;
    }
    for (words, operator) in COMPARISONS {
        if let Some(after) = without(rest, words) {
            let right = if not { opposite(operator) } else { operator };
            return write(at..end(after), message(&whole(after)), right.to_owned(), false);
        }
    }
    let right = if not { "!=" } else { "==" };
    let phrase = if not { whole(rest) } else { word.to_owned() };
    write(at..at + phrase.len(), message(&phrase), right.to_owned(), false)
}

/// `x greater than 4`, `x at least 4`: a comparison in words behind a name, at its first word.
pub(super) fn comparison(text: &str, at: usize) -> Option<Refusal> {
    let is_phrase = |words: &&(&str, &str)| words.0.contains(' ');
    COMPARISONS.iter().filter(is_phrase).find_map(|(words, operator)| {
        let after = without(&text[at..], words)?;
        let span = at..text.len() - after.len();
        let message = format!("`{}` is not an operator", &text[span.clone()]);
        Some(write(span, message, (*operator).to_owned(), false))
    })
}

/// `between 4 and 6`, at the `between`.
pub(super) fn between(text: &str, at: usize, length: usize) -> Refusal {
    range(text, at, &text[at + length..], false).unwrap_or_else(|| {
        let message = format!("`{}` is not an operator", &text[at..at + length]);
        refuse(at..at + length, message, "write `x in 1..=3`, or `x >= a && x <= b`")
    })
}

/// The two ends that follow `between`.
fn range(text: &str, at: usize, after: &str, not: bool) -> Option<Refusal> {
    let end = |text: &str| literal(text).filter(|_| !text.starts_with('"'));
    let least = after.trim_start();
    let (least, rest) = least.split_at(end(least)?);
    let rest = ["and", "und", "to"]
        .iter()
        .find_map(|word| without(rest, word))
        .or_else(|| rest.trim_start().strip_prefix("&&"))?;
    let most = rest.trim_start();
    let (most, rest) = most.split_at(end(most)?);
    let span = at..text.len() - rest.len();
    let message = format!("`{}` is not an operator", text[at..].split_whitespace().next().unwrap_or_default());
    Some(write(span, message, format!("{}in {least}..={most}", if not { "!" } else { "" }), false))
}

/// `and` and `or`, for which the language has signs.
pub(super) fn joint(text: &str, at: usize, length: usize, sign: &str, means: &str) -> Refusal {
    let word = &text[at..at + length];
    let (before, after) = (&text[..at], &text[at + length..]);
    if let Some(other) = after.strip_prefix('/') {
        let more = other.find(|sign: char| !sign.is_alphabetic()).unwrap_or(other.len());
        let span = at..at + length + 1 + more;
        let message = format!("`{}` can be read in two ways", &text[span.clone()]);
        return refuse(span, message, "write `||` where one of the two is enough, and `&&` where both must hold");
    }
    let message = format!("`{word}` is not an operator");
    let refusal = refuse(at..at + length, message, format!("write `{sign}` for \"{means}\""));
    if is_between_terms(before, after) {
        return Refusal { instead: Some((sign.to_owned(), true)), ..refusal };
    }
    if !ends_term(before) {
        return called(text, at, length, sign).unwrap_or(refusal);
    }
    if after.trim_start().starts_with(['<', '>', '=', '!']) {
        let compared = compared(before).map(|name| (format!("{sign} {name}"), false));
        let what = compared.as_ref().map_or("x > 3 && x", |(right, _)| right);
        let help = format!("say on both sides what is compared: write `{what}`");
        return Refusal { help: Some(help), instead: compared, ..refusal };
    }
    refusal
}

/// `age > 18 && < 65`, at the sign that joins them.
pub(super) fn one_sided(text: &str, at: usize) -> Option<Refusal> {
    let sign = &text[at..at + 2];
    let after = text[at + 2..].trim_start();
    let begins = after.starts_with(['<', '>', '=', '≤', '≥', '≠']) || after.starts_with("!=");
    let name = compared(&text[..at]).filter(|_| begins)?;
    let message = format!("nothing stands behind `{sign}` that is compared");
    Some(write(at..at + 2, message, format!("{sign} {name}"), false))
}

/// What is compared at the end of a text: the name in `x > 3`.
fn compared(before: &str) -> Option<&str> {
    let before = before.trim_end();
    let value = match before.strip_suffix('"') {
        Some(inside) => inside.rfind('"')?,
        None => number_at_end(before).or_else(|| name_at_end(before))?,
    };
    let left = before[..value].trim_end();
    let name = left.trim_end_matches(['<', '>', '=', '!']).trim_end();
    let start = name_at_end(name).filter(|_| name.len() < left.len())?;
    Some(&name[start..])
}

/// `AND(a; b)`, as a table calculation has it.
fn called(text: &str, at: usize, length: usize, sign: &str) -> Option<Refusal> {
    let open = at + length + text[at + length..].find(|sign: char| !sign.is_whitespace())?;
    let inside = text[open..].strip_prefix('(')?;
    let (mut parts, mut begin, mut depth, mut in_text, mut end) = (Vec::new(), 0, 0u32, false, None);
    for (here, sign) in inside.char_indices() {
        match sign {
            '"' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                end = Some(here);
                break;
            }
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' | ';' if depth == 0 => {
                parts.push(inside[begin..here].trim());
                begin = here + 1;
            }
            _ => {}
        }
    }
    let end = end?;
    parts.push(inside[begin..end].trim());
    if parts.len() < 2 || parts.iter().any(|part| part.is_empty()) {
        return None;
    }
    let is_simple = |part: &&str| part.chars().all(|sign| sign.is_ascii_alphanumeric() || "_.".contains(sign));
    let part = |part: &&str| if is_simple(part) { (*part).to_owned() } else { format!("({part})") };
    let joined = parts.iter().map(part).collect::<Vec<_>>().join(&format!(" {sign} "));
    let span = at..open + 1 + end + 1;
    let is_whole = text[..at].trim().is_empty() && text[span.end..].trim().is_empty();
    let right = if is_whole { joined } else { format!("({joined})") };
    let message = format!("`{}` is not a function", &text[at..at + length]);
    Some(write(span, message, right, false))
}

/// `in sessions` without the `where` that belongs behind it, at the word.
pub(super) fn sessions_without_where(text: &str, at: usize, length: usize) -> Option<Refusal> {
    let before = text[..at].trim_end();
    let start = name_at_end(before).filter(|start| &before[*start..] == "in")?;
    let is_counted = ["any ", "all ", "count ", "sum "].iter().any(|word| before[..start].contains(word));
    let after = text[at + length..].trim_start();
    if !is_counted || after.starts_with('.') || without(after, "where").is_some() {
        return None;
    }
    let help = "say which sessions, as in `… in sessions where s.faulty`; `where true` means all of them";
    Some(refuse(at..at + length, "`where` is missing here", help))
}

/// `== 4, 5, 6`, at the first number: two with a comma and no space may be one with a decimal comma.
pub(super) fn list_without_brackets(text: &str, at: usize) -> Option<Refusal> {
    let before = text[..at].trim_end();
    let (left, operator) = [("==", "in"), ("!=", "!in"), (" in", "in")]
        .iter()
        .find_map(|(sign, right)| Some((before.strip_suffix(sign)?, *right)))?;
    let (mut values, mut end) = (Vec::new(), at);
    loop {
        let rest = text[end..].trim_start();
        let length = literal(rest)?;
        values.push(&rest[..length]);
        end = text.len() - rest.len() + length;
        match text[end..].trim_start().strip_prefix(',') {
            Some(rest) => end = text.len() - rest.len(),
            None => break,
        }
    }
    let is_list = values.len() > 2 || values.len() == 2 && text[at..end].contains(", ");
    let start = left.len() + before[left.len()..].len() - before[left.len()..].trim_start().len();
    let right = format!("{operator} [{}]", values.join(", "));
    is_list.then(|| write(start..end, "several values are a list, in `[` and `]`", right, false))
}

/// A date as it is written elsewhere, at its first digit: `1.5.2026`, `2026/05/01`.
pub(super) fn date(text: &str) -> Option<(usize, Option<String>)> {
    let end = text.find(|sign: char| !sign.is_ascii_digit() && !"./".contains(sign)).unwrap_or(text.len());
    let written = text[..end].trim_end_matches(['.', '/']);
    let parts: Vec<&str> = written.split(['.', '/']).collect();
    let [first, second, third] = parts[..] else { return None };
    let is_one_sign = written.contains('.') != written.contains('/');
    let number = |part: &str| part.parse::<u32>().ok();
    let (a, b, c) = (number(first)?, number(second)?, number(third)?);
    let date = match (first.len(), third.len()) {
        (4, 1 | 2) => Some((a, b, c)),
        // With strokes, which is the month is certain only where the other number cannot be one.
        (1 | 2, 4) if written.contains('.') || a > 12 => Some((c, b, a)),
        (1 | 2, 4) if b > 12 => Some((c, a, b)),
        (1 | 2, 4) => None,
        _ => return None,
    };
    if !is_one_sign {
        return None;
    }
    let date = date.filter(|(_, month, day)| (1..=12).contains(month) && (1..=31).contains(day));
    Some((written.len(), date.map(|(year, month, day)| format!("date(\"{year:04}-{month:02}-{day:02}\")"))))
}

#[cfg(test)]
mod tests {
    use crate::lang::slips::slip;

    #[test]
    fn words_for_operators_are_told_with_what_was_meant() {
        for (text, underlined, right, certain) in [
            ("x is \"a\"", "is", "==", false),
            ("x is not \"a\"", "is not", "!=", false),
            ("x IS NOT \"a\"", "IS NOT", "!=", false),
            ("x ist nicht 4", "ist nicht", "!=", false),
            ("x is greater than 4", "is greater than", ">", false),
            ("x is not greater than 4", "is not greater than", "<=", false),
            ("x is at least 4", "is at least", ">=", false),
            ("x is in [1]", "is in", "in", false),
            ("x is not in [1]", "is not in", "!in", false),
            ("x NOT IN [1]", "NOT IN", "!in", false),
            ("x not in [1]", "not in", "!in", false),
            ("x IN [1]", "IN", "in", true),
            ("x is known && y", "x is known", "known(x)", false),
            ("y && x is not known", "x is not known", "!known(x)", false),
            ("x is unknown", "x is unknown", "!known(x)", false),
            ("x greater than 4", "greater than", ">", false),
            ("x BETWEEN 4 AND 6", "BETWEEN 4 AND 6", "in 4..=6", false),
            ("x is between 4 and 6 && y", "is between 4 and 6", "in 4..=6", false),
            ("AND(smoker, pih_history)", "AND(smoker, pih_history)", "smoker && pih_history", false),
            ("y && OR(a; b == \"x;y\")", "OR(a; b == \"x;y\")", "(a || (b == \"x;y\"))", false),
            ("x > 3 and < 6", "and", "&& x", false),
            ("s.depth > 3.5 or = 2", "or", "|| s.depth", false),
            ("x > 3 and y", "and", "&&", true),
            ("x > = 4", "> =", ">=", true),
            ("x = > 4", "= >", ">=", false),
            ("x == 4, 5, 6", "== 4, 5, 6", "in [4, 5, 6]", false),
            ("y && x == 4,5,6 && z", "== 4,5,6", "in [4, 5, 6]", false),
            ("x != 4, 5", "!= 4, 5", "!in [4, 5]", false),
            ("d > 1.5.2026", "1.5.2026", "date(\"2026-05-01\")", false),
            ("d > 2026/05/01 && y", "2026/05/01", "date(\"2026-05-01\")", false),
            ("x > 3O", "3O", "30", false),
            ("days(1O0) > x", "1O0", "100", false),
        ] {
            let refusal = slip(text).unwrap_or_else(|| panic!("{text}"));
            let instead = refusal.instead.clone();
            assert_eq!((&text[refusal.span], instead), (underlined, Some((right.to_owned(), certain))), "{text}");
        }
    }

    #[test]
    fn what_may_be_meant_in_two_ways_is_not_put_in() {
        for (text, underlined) in [
            ("a and/or b", "and/or"),
            ("and a", "and"),
            ("a and", "and"),
            ("a and or b", "and"),
            ("d > 01/02/2026", "01/02/2026"),
            ("x between a and b", "between"),
            ("= a", "="),
            ("sum s.minutes in sessions > 10", "sessions"),
            ("any s in sessions", "sessions"),
        ] {
            let refusal = slip(text).unwrap_or_else(|| panic!("{text}"));
            let certain = refusal.instead.as_ref().is_some_and(|(_, certain)| *certain);
            assert_eq!((&text[refusal.span.clone()], certain), (underlined, false), "{text}");
            assert!(refusal.help.is_some(), "{text}");
        }
    }
}
