//! Names and values that stand side by side with no operator between them: `fitzpatrick 4-6`, `known smoker`, `a, b`.

use crate::lang::parse::{Refusal, RefusalKind};
use crate::lang::phrases::{literal, name_at_end};

/// Words of the language behind which a value may stand.
const WORDS: [&str; 13] = ["in", "if", "else", "where", "any", "all", "count", "sum", "of", "and", "or", "not", "is"];

/// Longer words of the language, in which a sign does not belong.
const LONG_WORDS: [&str; 19] = [
    "today",
    "never",
    "sessions",
    "sessions_done",
    "sessions_of",
    "session_date",
    "judging",
    "known",
    "days",
    "weeks",
    "months",
    "years",
    "aged",
    "waited",
    "given",
    "valid",
    "previous",
    "contains_any",
    "is_empty",
];

/// `judg=ng`, `va(lid()`: a word of the language that a sign stands in, one too many or in the place of a letter.
pub(super) fn split_word(text: &str, at: usize) -> Option<Refusal> {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    let (before, after) = (&text[..at], &text[at + 1..]);
    let start = before.trim_end_matches(is_part).len();
    let end = after.find(|sign| !is_part(sign)).unwrap_or(after.len());
    let (first, last) = (&before[start..], &after[..end]);
    if first.is_empty() || last.is_empty() || LONG_WORDS.contains(&first) {
        return None;
    }
    let is_it = |word: &&&str| {
        let middle = word.strip_prefix(first).and_then(|rest| rest.strip_suffix(last));
        middle.is_some_and(|middle| middle.len() < 2)
    };
    let word = LONG_WORDS.iter().find(is_it)?;
    let span = start..at + 1 + end;
    let message = format!("`{}` has a sign inside that no name has", &text[span.clone()]);
    let refusal = refuse(span, message, format!("did you mean `{word}`?"));
    Some(Refusal { instead: Some(((*word).to_owned(), false)), ..refusal })
}

fn refuse(span: std::ops::Range<usize>, message: String, help: String) -> Refusal {
    Refusal { kind: RefusalKind::Syntax, message, help: Some(help), span, instead: None }
}

/// The name right before a place.
fn name_before(text: &str, at: usize) -> Option<(usize, &str)> {
    let before = text[..at].trim_end();
    let start = name_at_end(before)?;
    Some((start, &before[start..])).filter(|(_, name)| !WORDS.contains(name))
}

/// At a word of a condition.
pub(super) fn word(text: &str, at: usize, length: usize) -> Option<Refusal> {
    let (word, after) = (&text[at..at + length], text[at + length..].trim_start());
    let write = |span: std::ops::Range<usize>, message: String, right: String| {
        let refusal = refuse(span, message, format!("write `{right}`"));
        Some(Refusal { instead: Some((right, false)), ..refusal })
    };
    let next = after.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').unwrap_or(after.len());
    let is_name = after.starts_with(|sign: char| sign.is_ascii_alphabetic());
    let end = text.len() - after.len() + next;
    match word {
        "known" if is_name => {
            write(at..end, "what is known stands in parentheses".to_owned(), format!("known({})", &after[..next]))
        }
        "unless" if text[..at].trim().is_empty() => {
            let help = "write `!(…)` around what must not hold".to_owned();
            Some(refuse(at..at + length, "`unless` is not an operator".to_owned(), help))
        }
        "contains" | "includes" if after.starts_with('"') => {
            let (start, name) = name_before(text, at)?;
            let value = literal(after)?;
            let end = text.len() - after.len() + value;
            write(start..end, format!("`{word}` is not an operator"), format!("{} in {name}", &after[..value]))
        }
        "day" | "days" | "week" | "weeks" | "month" | "months" | "year" | "years" if !after.starts_with('(') => {
            let (_, name) = name_before(text, at)?;
            let message = format!("`{word}` stands behind `{name}` with nothing between them");
            let help = format!("a name has its unit already: take `{word}` out");
            let refusal = refuse(at..at + length, message, help);
            Some(Refusal { instead: Some((String::new(), false)), ..refusal })
        }
        _ => None,
    }
}

/// Words that a condition begins with elsewhere, and what a spreadsheet calls its functions.
pub(super) fn foreign_if(text: &str, at: usize, length: usize) -> Option<Refusal> {
    let (word, after) = (&text[at..at + length], text[at + length..].trim_start());
    let is_begin = text[..at].trim().is_empty();
    match word {
        "IF" | "WENN" | "If" | "Wenn" | "COUNTIF" | "ISBLANK" | "ISTLEER" | "NOT" | "NICHT"
            if after.starts_with('(') =>
        {
            let help = "write the condition alone, as in `x == 1`; `!(…)` is its opposite; a value that depends on one is `if x { a } else { b }`";
            Some(refuse(at..at + length, format!("`{word}` is a function of spreadsheets"), help.to_owned()))
        }
        "if" | "If" | "IF" | "when" | "When" | "wenn" | "Wenn" | "falls" | "Falls"
            if is_begin
                && !after.contains('{')
                && !after.contains(" then ")
                && !after.starts_with('(')
                && !after.is_empty() =>
        {
            let help = format!("a condition stands alone: take `{word}` out");
            let end = text.len() - after.len();
            let refusal = refuse(at..end, format!("`{word}` does not belong here"), help);
            Some(Refusal { instead: Some((String::new(), false)), ..refusal })
        }
        "count" | "number" | "Number" | "Anzahl" => {
            let rest = ["(sessions)", "of sessions", "sessions"].iter().find_map(|rest| after.strip_prefix(rest))?;
            let is_whole = !rest.starts_with(|sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == '.');
            let span = at..text.len() - rest.len();
            let message = format!("`{}` is not how sessions are counted", &text[span.clone()]);
            let refusal = refuse(span, message, "write `sessions.len()`".to_owned());
            is_whole.then(|| Refusal { instead: Some(("sessions.len()".to_owned(), false)), ..refusal })
        }
        _ => None,
    }
}

/// At a number behind a name.
pub(super) fn number(text: &str, at: usize) -> Option<Refusal> {
    let (start, name) = name_before(text, at)?;
    let length = literal(&text[at..])?;
    let (first, rest) = (&text[at..at + length], text[at + length..].trim_start());
    // Two names, or what follows an operator in words, are told of elsewhere.
    let is_begun = text[..start].trim_end().is_empty() || text[..start].trim_end().ends_with(['(', '&', '|', '!']);
    if !is_begun {
        return None;
    }
    let joint = ["-", "–", "to ", "bis "].iter().find_map(|joint| rest.strip_prefix(joint));
    let second = joint.map(str::trim_start).and_then(|rest| Some(&rest[..literal(rest)?]));
    let help = match second {
        Some(second) => format!("write `{name} in {first}..={second}`"),
        None => format!("write `{name} == {first}`, or `<`, `>` in its place"),
    };
    Some(refuse(start..at + length, format!("nothing says how `{name}` and {first} are compared"), help))
}

/// At a sign that parts what stands in a list, where there is none.
pub(super) fn comma(text: &str, at: usize) -> Refusal {
    let sign = &text[at..at + 1];
    let help = "write `&&` where both must hold, and `||` where one is enough; several values are a list, as in \
                `x in [\"a\", \"b\"]`";
    refuse(at..at + 1, format!("`{sign}` joins nothing in a condition"), help.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::lang::slips::slip;

    #[test]
    fn what_stands_side_by_side_is_told_with_what_is_missing() {
        for (text, underlined, help) in [
            ("pregnancy in \"a\", \"b\"", ",", "write `&&` where both"),
            ("smoker, ill", ",", "write `&&` where both"),
            ("smoker; ill", ";", "write `&&` where both"),
            ("area contains \"cheek\"", "area contains \"cheek\"", "write `\"cheek\" in area`"),
            ("fitzpatrick 4-6", "fitzpatrick 4", "write `fitzpatrick in 4..=6`"),
            ("fitzpatrick 4 to 6", "fitzpatrick 4", "write `fitzpatrick in 4..=6`"),
            ("fitzpatrick 4", "fitzpatrick 4", "write `fitzpatrick == 4`"),
            ("unless smoker", "unless", "write `!(…)`"),
            ("!known smoker", "known smoker", "write `known(smoker)`"),
            ("today < peel + wait days", "days", "a name has its unit already: take `days` out"),
            ("judg=ng && x", "judg=ng", "did you mean `judging`?"),
            ("va(lid() == 3", "va(lid", "did you mean `valid`?"),
            ("ag\"d(\"15 months\")", "ag\"d", "did you mean `aged`?"),
            ("Could you be pregnant?", "?", "write what must hold"),
            ("peel < 28 days ago", "28 days ago", "write `today - days(28)`"),
        ] {
            let refusal = slip(text).unwrap_or_else(|| panic!("{text}"));
            let told = refusal.help.unwrap_or_default();
            assert!(&text[refusal.span] == underlined && told.starts_with(help), "{text}: {told}");
        }
        for text in [
            "x in 4..=6",
            "if x { 4 } else { 6 }",
            "known(smoker) && contains",
            "a + days(3) > b + weeks (2)",
            "x in [1, 2] && f(3, 4)",
        ] {
            assert_eq!(slip(text), None, "{text}");
        }
    }
}
