//! Slips of more than one word: `x == "a" || "b"`, `18 years`, `in 4 to 6`, `not x == "a"`.
//!
//! They are looked for at the word or sign that gives them away, and told with the whole phrase underlined.

use std::ops::Range;

use crate::lang::parse::{Refusal, RefusalKind};
use crate::numerals;

/// Says what to write in the place of a phrase, and whether nothing else can have been meant.
pub(super) fn write(span: Range<usize>, message: impl Into<String>, right: String, certain: bool) -> Refusal {
    let help = Some(format!("write `{right}`"));
    Refusal { kind: RefusalKind::Syntax, message: message.into(), help, span, instead: Some((right, certain)) }
}

/// Where the name, or the note of a session, begins that ends a text.
pub(super) fn name_at_end(text: &str) -> Option<usize> {
    let start = text.rfind(|sign: char| !sign.is_ascii_alphanumeric() && !"_.".contains(sign)).map_or(0, |at| at + 1);
    text[start..].starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '_').then_some(start)
}

/// Where the number begins that ends a text.
pub(super) fn number_at_end(text: &str) -> Option<usize> {
    let start = text.rfind(|sign: char| !sign.is_ascii_digit() && !"_.".contains(sign)).map_or(0, |at| at + 1);
    let is_alone = !text[..start].ends_with(|sign: char| sign.is_ascii_alphanumeric());
    (is_alone && text[start..].starts_with(|sign: char| sign.is_ascii_digit())).then_some(start)
}

/// The length of the text in quotes, or the number, that a text begins with.
pub(super) fn literal(text: &str) -> Option<usize> {
    if let Some(inside) = text.strip_prefix('"') {
        return inside.find(['"', '\\']).filter(|end| inside[*end..].starts_with('"')).map(|end| end + 2);
    }
    let length = text.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(text.len());
    (length > 0 && text.starts_with(|sign: char| sign.is_ascii_digit())).then_some(length)
}

/// Whether a term of a condition may end before this.
fn ends_term(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || ["&&", "||", ")", "}", "and ", "or ", "und ", "oder "].iter().any(|end| rest.starts_with(end))
}

/// What follows a number, if it is a word or a sign that no number has behind it: a unit, or `to`.
pub(super) fn behind_number(text: &str, at: usize, length: usize) -> Option<Refusal> {
    let word = &text[at..at + length];
    let start = number_at_end(text[..at].trim_end())?;
    let number = text[start..at].trim_end();
    let after = &text[at + length..];
    if matches!(
        word.to_lowercase().as_str(),
        "in" | "where" | "and" | "or" | "und" | "oder" | "if" | "else" | "then" | "is" | "not"
    ) {
        return None;
    }
    // A zero that was typed as a letter. `0o17` is of another notation.
    let run = &text[start..at + length];
    let is_zero = |sign: char| sign.is_ascii_digit() || sign == 'O' || sign == 'o';
    if run.chars().all(is_zero) && !run.starts_with("0o") && text[..at].ends_with(|sign: char| sign.is_ascii_digit()) {
        let right = run.replace(['O', 'o'], "0");
        let message = format!("`{run}` is not a number: is the letter `O` meant to be a zero?");
        return Some(write(start..at + length, message, right, false));
    }
    // `1 January 2026`
    let rest = after.trim_start();
    let year = rest.bytes().take_while(u8::is_ascii_digit).count();
    let end = text.len() - rest.len() + year;
    if let Some(day) = crate::months::date(&text[start..end]).filter(|_| year == 4) {
        let message = format!("`{}` is not a date", &text[start..end]);
        return Some(write(start..end, message, format!("date(\"{day}\")"), false));
    }
    if matches!(word, "to" | "bis" | "till" | "through") {
        let before = text[..start].trim_end();
        // `age from 18 to 65`, `age 18 to 65`
        let plain =
            ["from", "von", "between"].iter().find_map(|word| before.strip_suffix(word)).unwrap_or(before).trim_end();
        let last = literal(rest).filter(|_| !rest.starts_with('"'));
        if let (Some(name), Some(last)) = (name_at_end(plain), last)
            && &plain[name..] != "in"
        {
            let end = text.len() - rest.len() + last;
            let right = format!("{} in {number}..={}", &plain[name..], &rest[..last]);
            return Some(write(name..end, format!("`{word}` does not join the ends of a range"), right, false));
        }
        if name_at_end(before).is_none_or(|name| &before[name..] != "in") {
            let help = "two ends go after `in`, as in `x in 4..=6`; in a row, into `from` and `to`".to_owned();
            let message = format!("`{word}` does not join two numbers");
            return Some(Refusal {
                kind: RefusalKind::Syntax,
                message,
                help: Some(help),
                span: at..at + length,
                instead: None,
            });
        }
        let last = literal(after.trim_start()).filter(|_| !after.trim_start().starts_with('"'))?;
        let end = text.len() - after.trim_start().len() + last;
        let right = format!("{number}..={}", &text[end - last..end]);
        return Some(write(start..end, format!("`{word}` does not join the ends of a range"), right, true));
    }
    let unit = match word.to_lowercase().trim_end_matches('s') {
        unit @ ("day" | "week" | "month" | "year") => Some(format!("{unit}s")),
        _ => None,
    };
    if let Some(unit) = unit {
        let span = start..at + length;
        let before = text[..start].trim_end().trim_end_matches(['<', '>', '=', '!']).trim_end();
        let is_age = before.ends_with("age") && name_at_end(before) == Some(before.len() - 3);
        if is_age && unit == "years" {
            return Some(write(span, "`age` is a number of whole years", number.to_owned(), true));
        }
        let message = format!("a length of time is not written with `{word}` after the number");
        // `28 days ago` is a day. Months have no fixed length, so that they are not taken from one.
        let ago = after.trim_start().strip_prefix("ago").filter(|rest| !rest.starts_with(char::is_alphanumeric));
        if let Some(rest) = ago {
            let span = start..text.len() - rest.len();
            let message = format!("`{}` is not a day in an expression", &text[span.clone()]);
            if matches!(unit.as_str(), "days" | "weeks") && !number.contains('.') {
                return Some(write(span, message, format!("today - {unit}({number})"), false));
            }
            let help = format!("add the length to the other day: `last_date + {unit}({number}) > today`");
            return Some(Refusal { kind: RefusalKind::Syntax, message, help: Some(help), span, instead: None });
        }
        if number.contains('.') {
            let help = "write a whole number of a smaller unit, as in `days(10)`".to_owned();
            return Some(Refusal { kind: RefusalKind::Syntax, message, help: Some(help), span, instead: None });
        }
        // The functions of a moment take their lengths in quotes.
        if text[..start].ends_with("aged(") || text[..start].ends_with("waited(") {
            return Some(write(span, message, format!("\"{number} {unit}\""), true));
        }
        // Alone, it is no day and no condition.
        if text[..start].trim_matches([' ', '+', '-']).is_empty() && after.trim().is_empty() {
            let help = Some(format!("add it to a day, as in `date_of_birth + {unit}({number})`"));
            return Some(Refusal { kind: RefusalKind::Syntax, message, help, span, instead: None });
        }
        return Some(write(span, message, format!("{unit}({number})"), true));
    }
    // Of another notation: `0xFF`, `1e5`.
    let is_notation =
        word.starts_with(['x', 'X', 'o', 'b', 'e', 'E']) && word[1..].bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_notation && word.len() > 1 && text[..at].ends_with(|sign: char| sign.is_ascii_digit()) {
        return None;
    }
    let more = after.find(|sign: char| sign.is_whitespace() || ")],}&|".contains(sign)).unwrap_or(after.len());
    let end = at + length + more;
    let message = format!("`{}` cannot stand beside a number in an expression", &text[at..end]);
    let help = format!("write the number alone, `{number}`: it is in the unit of what it is compared with or given to");
    Some(Refusal { help: Some(help), ..write(start..end, message, number.to_owned(), false) })
}

/// `x == "a" || "b"`, at the sign that joins them.
pub(super) fn alternatives(text: &str, at: usize) -> Option<Refusal> {
    let before = text[..at].trim_end();
    let first = match before.strip_suffix('"') {
        Some(inside) => inside.rfind('"')?,
        None => number_at_end(before)?,
    };
    let compared = text[..first].trim_end();
    let (is_equal, left) = match (compared.strip_suffix("=="), compared.strip_suffix("!=")) {
        (Some(left), _) => (true, left.trim_end()),
        (_, Some(left)) => (false, left.trim_end()),
        _ => return None,
    };
    let start = name_at_end(left)?;
    let is_whole = text[..start].trim_end().chars().last().is_none_or(|sign| "(|&{".contains(sign));
    let join = &text[at..at + 2];
    if !is_whole || (is_equal && join == "&&") {
        return None;
    }
    let (mut values, mut end) = (vec![&before[first..]], at);
    while text[end..].trim_start().starts_with(join) {
        let rest = text[end..].trim_start()[2..].trim_start();
        let Some(length) = literal(rest).filter(|length| ends_term(&rest[*length..])) else { break };
        values.push(&rest[..length]);
        end = text.len() - rest.len() + length;
    }
    let alone = values.get(1)?;
    let word = if is_equal { "in" } else { "!in" };
    let right = format!("{} {word} [{}]", &left[start..], values.join(", "));
    Some(write(start..end, format!("`{alone}` is compared with nothing"), right, is_equal))
}

/// `not x == "a"`, at the `not`.
pub(super) fn negated(text: &str, at: usize, length: usize) -> Option<Refusal> {
    let rest = &text[at + length..];
    let begin = text.len() - rest.trim_start().len();
    let (mut in_text, mut depth, mut end, mut operator) = (false, 0i32, text.len(), None);
    for (here, sign) in text[begin..].char_indices().map(|(here, sign)| (begin + here, sign)) {
        let next = &text[here..];
        match sign {
            '"' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' => depth += 1,
            ')' | ']' if depth > 0 => depth -= 1,
            _ if depth == 0
                && here > begin
                && (ends_term(next) && (text[..here].ends_with(' ') || !next.starts_with(['a', 'o', 'u']))) =>
            {
                end = here;
                break;
            }
            '=' | '!' | '<' | '>' if depth == 0 && operator.is_none() => {
                operator = ["==", "!="]
                    .into_iter()
                    .find(|operator| next.starts_with(operator))
                    .or(Some("<"))
                    .map(|it| (here, it));
            }
            _ => {}
        }
    }
    let (sign, operator) = operator?;
    let compared = text[begin..end].trim_end();
    // `x not > 1` has what is compared before it.
    if compared.starts_with(['=', '!', '<', '>']) {
        return None;
    }
    let span = at..begin + compared.len();
    let message = format!("`{}` is not an operator", &text[at..at + length]);
    let opposite = match operator {
        "==" => "!=",
        "!=" => "==",
        _ => return Some(write(span, message, format!("!({compared})"), false)),
    };
    let right = format!("{}{opposite}{}", &text[begin..sign], &text[sign + 2..span.end]);
    Some(write(span, message, right, false))
}

/// `x == null`, at the `null`.
pub(super) fn null(text: &str, at: usize, length: usize) -> Refusal {
    let word = &text[at..at + length];
    let before = text[..at].trim_end();
    let sides =
        before.strip_suffix("==").map(|left| ("!known", left)).or_else(|| Some(("known", before.strip_suffix("!=")?)));
    let found = sides.and_then(|(known, left)| {
        let start = name_at_end(left.trim_end())?;
        Some((start, format!("{known}({})", left[start..].trim_end())))
    });
    match found {
        Some((start, right)) => write(start..at + length, format!("`{word}` is not a value"), right, false),
        None => Refusal {
            kind: RefusalKind::Syntax,
            message: format!("`{word}` is not a value"),
            help: Some("ask whether a value is known: `known(x)` or `!known(x)`".to_owned()),
            span: at..at + length,
            instead: None,
        },
    }
}

/// `in (4, 5, 6)`, at the bracket.
pub(super) fn list_in_parentheses(text: &str, at: usize) -> Option<Refusal> {
    let before = text[..at].trim_end();
    let start = name_at_end(before).filter(|start| &before[*start..] == "in")?;
    let end = at + text[at..].find(')')?;
    let items: Vec<&str> = text[at + 1..end].split(',').map(str::trim).collect();
    let is_literal = |item: &&str| literal(item) == Some(item.len());
    // What goes on behind the bracket is a range, or a number in parentheses: `in (2)..=5`.
    let goes_on = text[end + 1..].trim_start().starts_with(|next: char| !"&|)}?".contains(next));
    if start == 0 || goes_on || !items.iter().all(is_literal) {
        return None;
    }
    Some(write(at..end + 1, "a list goes in `[` and `]`", format!("[{}]", items.join(", ")), items.len() > 1))
}

/// `1 000`, `10'000`: thousands that are parted by a space or a stroke, at the first digit.
pub(super) fn thousands_apart(text: &str, at: usize) -> Option<Refusal> {
    let (length, right) = numerals::thousands_apart(&text[at..])?;
    let span = at..at + length;
    let message = format!("`{}` is not one number: its digits stand together", &text[span.clone()]);
    Some(write(span, message, right, false))
}

/// `.5`, at the point.
pub(super) fn point_first(text: &str, at: usize) -> Option<Refusal> {
    let is_operand = !text[..at].trim_end().ends_with(|sign: char| sign.is_alphanumeric() || "_.)]}\"".contains(sign));
    let digits = text[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
    let end = at + 1 + digits;
    let right = format!("0{}", &text[at..end]);
    (is_operand && digits > 0).then(|| write(at..end, "a number begins with a digit", right, true))
}

/// `{wait}`: a name between braces, as in a text, at the brace.
pub(super) fn in_braces(text: &str, at: usize) -> Option<Refusal> {
    let end = at + text[at..].find('}')?;
    let name = text[at + 1..end].trim();
    let is_name = name_at_end(name) == Some(0);
    // A part of an `if` stands in braces too.
    let is_part = text[..at].split(|sign: char| !sign.is_ascii_alphanumeric()).any(|word| word == "if");
    let message = "braces are for texts: in a condition a name stands alone";
    (is_name && !is_part).then(|| write(at..end + 1, message, name.to_owned(), true))
}

#[cfg(test)]
mod tests {
    use crate::lang::slips::slip;

    #[test]
    fn a_phrase_is_told_as_a_whole_with_what_to_write() {
        for (text, underlined, right, certain) in [
            ("x == \"a\" || \"b\"", "x == \"a\" || \"b\"", "x in [\"a\", \"b\"]", true),
            ("y && (x == 4 || 5 || 6)", "x == 4 || 5 || 6", "x in [4, 5, 6]", true),
            ("x != \"a\" && \"b\" && y", "x != \"a\" && \"b\"", "x !in [\"a\", \"b\"]", false),
            ("s.last.tip == \"a\" || \"b\"", "s.last.tip == \"a\" || \"b\"", "s.last.tip in [\"a\", \"b\"]", true),
            ("not x == \"a\"", "not x == \"a\"", "x != \"a\"", false),
            ("y && not x == \"a and b\" and z", "not x == \"a and b\"", "x != \"a and b\"", false),
            ("(not age > 18)", "not age > 18", "!(age > 18)", false),
            ("not x != y || z", "not x != y", "x == y", false),
            ("age < 18 years", "18 years", "18", true),
            ("average < 18 years", "18 years", "years(18)", true),
            ("today - d > 1 day", "1 day", "days(1)", true),
            ("grade in 4 to 6", "4 to 6", "4..=6", true),
            ("grade in 4 bis 6", "4 bis 6", "4..=6", true),
            ("x in (4, 5, 6)", "(4, 5, 6)", "[4, 5, 6]", true),
            ("x !in (\"a\")", "(\"a\")", "[\"a\"]", false),
            ("waited(5 months, grace)", "5 months", "\"5 months\"", true),
            ("area >= 100 cm2 && y", "100 cm2", "100", false),
            ("platelets < 150 G/L", "150 G/L", "150", false),
            ("hba1c > 8.5 %", "8.5 %", "8.5", false),
            ("(hba1c > 8.5%)", "8.5%", "8.5", false),
            ("smoker == null", "smoker == null", "!known(smoker)", false),
            ("y && smoker != nil", "smoker != nil", "known(smoker)", false),
            ("(smoker ? false)", "?", "??", false),
            ("a || b) && c", ")", "", false),
            ("a und b", "und", "&&", true),
            ("x > 1 000", "1 000", "1000", false),
            ("x > 10'000 && y", "10'000", "10000", false),
            ("(x > 1 000 000)", "1 000 000", "1000000", false),
            ("x > .5", ".5", "0.5", true),
            ("{wait} > days(3)", "{wait}", "wait", true),
            ("a oder b", "oder", "||", true),
        ] {
            let refusal = slip(text).unwrap_or_else(|| panic!("{text}"));
            let instead = refusal.instead.clone();
            assert_eq!((&text[refusal.span], instead), (underlined, Some((right.to_owned(), certain))), "{text}");
        }
    }

    #[test]
    fn what_is_no_such_phrase_is_left() {
        for text in [
            "x == 4 || y == 5",
            "x == \"a\" && y",
            "x in (y)",
            "x in (4 + 5)",
            "a % 2 == 0",
            "sum s.units ?? 0 in sessions where true",
            "1 in [1, 2]",
            "x + 1 == 4 || y",
            "1e5 > x",
            "if x { y } else { z }",
            "sessions.last.x",
            "0..5",
        ] {
            assert_eq!(slip(text), None, "{text}");
        }
    }
}
