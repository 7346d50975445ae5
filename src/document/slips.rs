//! What people write in a TOML file that is not TOML: what a word processor makes of quotes and dashes, dates with the day first, decimal
//! commas, units beside numbers, texts without quotes. Told at the sign to blame, with what to write.

use std::ops::Range;
use std::sync::Arc;

use super::{meant, punctuation};
use crate::diagnostic::{Diagnostic, Place, SourceFile, codes};
use crate::numerals::{roman, thousands_apart, with_comma};
use crate::visible::{code_point, is_invisible};

/// A slip in words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
    /// What to write in place of the span, if that is known, and whether nothing else can have been meant.
    pub(super) instead: Option<(String, bool)>,
}

impl Told {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Option<Told> {
        Some(Told { span, message: message.into(), help: help.into(), instead: None })
    }

    pub(super) fn instead(self, text: impl Into<String>, certain: bool) -> Option<Told> {
        Some(Told { instead: Some((text.into(), certain)), ..self })
    }

    pub(super) fn diagnostic(self, file: &Arc<SourceFile>) -> Diagnostic {
        let place = Place { file: file.clone(), span: self.span };
        let diagnostic = Diagnostic::new(&codes::SYNTAX, self.message).at(&place);
        let diagnostic = match self.instead {
            Some((instead, certain)) => diagnostic.replace_by(instead, certain),
            None => diagnostic,
        };
        if self.help.is_empty() { diagnostic } else { diagnostic.help(self.help) }
    }

    /// Says what to write, if that can be written on one line.
    pub(super) fn write(self, text: Option<String>, certain: bool) -> Option<Told> {
        match text {
            Some(text) => Told { help: format!("write {text}"), ..self }.instead(text, certain),
            None => Some(Told { help: "put it in three single quotes on each side: '''…'''".to_owned(), ..self }),
        }
    }
}

/// A text in the quotes that leave it as it is; none, if there are no such quotes in one line.
pub(super) fn in_quotes(text: &str) -> Option<String> {
    match (text.contains(['"', '\\']), text.contains('\'')) {
        (false, _) => Some(format!("\"{text}\"")),
        (true, false) => Some(format!("'{text}'")),
        (true, true) => None,
    }
}

/// What is wrong in the line of a place, if it is one of the slips that are known.
pub(super) fn told(text: &str, at: usize) -> Option<Told> {
    let start = text[..at.min(text.len())].rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    // In a text of several lines anything may stand.
    let is_inside = |quotes: &str| text[..start].matches(quotes).count() % 2 == 1;
    if is_inside("\"\"\"") || is_inside("'''") {
        return None;
    }
    let mut told = elsewhere(line)
        .or_else(|| foreign(line))
        .or_else(|| punctuation::told(line))
        .or_else(|| within(line, at.saturating_sub(start)))
        .or_else(|| value(line))?;
    told.span = start + told.span.start..start + told.span.end;
    Some(told)
}

/// A line that belongs to another kind of file: what was left of two versions, a comment.
fn elsewhere(line: &str) -> Option<Told> {
    let whole = 0..line.trim_end().len();
    if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark)) {
        let message = "two versions of the file were put together here, and it was not decided between them";
        return Told::new(whole, message, "keep the lines of one of the two, and take out the lines with these signs");
    }
    let written = line.trim_start();
    let start = line.len() - written.len();
    let mark = ["//", "<!--", "/*", "%", ";", "--", "REM "].into_iter().find(|mark| written.starts_with(mark))?;
    let comment = written[mark.len()..].trim().trim_end_matches("-->").trim_end_matches("*/").trim_end();
    let right = format!("# {comment}");
    let told = Told::new(start..whole.end, "a comment begins with `#`", format!("write {right}"))?;
    told.instead(right, false)
}

/// What is wrong with a `name = value` in a table in braces, at a place of a line.
fn within(line: &str, at: usize) -> Option<Told> {
    let mut open: Vec<(usize, char)> = Vec::new();
    for (here, sign) in outside(line).take_while(|(here, _)| *here < at) {
        match sign {
            '{' | '[' => open.push((here, sign)),
            '}' | ']' => drop(open.pop()),
            _ => {}
        }
    }
    let (brace, _) = *open.iter().rfind(|(_, sign)| *sign == '{')?;
    // Where each part begins, and where the table ends.
    let (mut begins, mut end, mut depth) = (vec![brace + 1], line.len(), 0);
    for (here, sign) in outside(line).filter(|(here, _)| *here > brace) {
        match sign {
            '{' | '[' => depth += 1,
            '}' if depth == 0 => {
                end = here;
                break;
            }
            '}' | ']' => depth -= 1,
            ',' if depth == 0 => begins.push(here + 1),
            _ => {}
        }
    }
    let last = begins.iter().rposition(|begin| *begin <= at)?;
    let until = begins.get(last + 1).map_or(end, |next| next - 1);
    // What follows a decimal comma is no part of its own.
    let first = (0..=last).rev().find(|part| {
        let until = begins.get(part + 1).map_or(end, |next| next - 1);
        line[begins[*part]..until].contains(['=', ':'])
    })?;
    let mut told = value(&line[begins[first]..until])?;
    told.span = begins[first] + told.span.start..begins[first] + told.span.end;
    // Behind a `#`, the brace would not be seen.
    if told.instead.as_ref().is_some_and(|(instead, _)| instead.starts_with(" #")) {
        let help = "take it out, or put it behind the whole line, after a `#`".to_owned();
        return Some(Told { help, instead: None, ..told });
    }
    Some(told)
}

/// The bytes outside texts and comments, with their places.
fn outside(line: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut quote, mut escaped, mut comment) = (None, false, false);
    line.char_indices().filter(move |(_, sign)| {
        match (quote, sign) {
            _ if comment => return false,
            (Some(_), _) if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(open), sign) if open == *sign => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(*sign),
            (None, '#') => comment = true,
            (None, _) => return true,
        }
        false
    })
}

/// A sign outside ASCII, where only names, numbers and signs of the format may stand.
fn foreign(line: &str) -> Option<Told> {
    let (at, sign) = outside(line).find(|(_, sign)| !sign.is_ascii())?;
    let here = at..at + sign.len_utf8();
    match sign {
        '“' | '”' | '„' | '‟' | '‘' | '’' | '‚' | '«' | '»' => {
            let inside = here.end;
            let close = |next: char| "“”„‟‘’‚«»\"'".contains(next);
            let end = line[inside..].char_indices().rfind(|(_, next)| close(*next));
            let Some((end, last)) = end else {
                return Told::new(
                    here,
                    format!("`{sign}` is not one of the quotes that texts go in"),
                    "write straight quotes: \"",
                );
            };
            let written = &line[inside..inside + end];
            let (open, is_condition) = if written.contains('"') { ('\'', true) } else { ('"', false) };
            let kind = if is_condition { "straight single quotes" } else { "straight quotes" };
            let message = format!("texts go in straight quotes, not in `{sign}` and `{last}`");
            let help = format!("type {kind}: {open}{written}{open}");
            let told = Told::new(at..inside + end + last.len_utf8(), message, help)?;
            match in_quotes(written) {
                Some(instead) => told.instead(instead, true),
                None => Some(told),
            }
        }
        '–' | '—' | '−' | '‐' | '‑' => {
            let word = word_around(line, at);
            let plain: String = line[word.clone()].chars().map(|c| if "–—−‐‑".contains(c) { '-' } else { c }).collect();
            Told::new(word, format!("`{sign}` is a dash, not a hyphen"), format!("write {plain}"))?
                .instead(plain, false)
        }
        _ if sign.is_whitespace() || is_invisible(sign, None) => {
            let message = format!("an invisible sign stands here ({})", code_point(sign));
            let told = Told::new(here, message, "delete it; type an ordinary space where one is needed")?;
            told.instead(if sign.is_whitespace() { " " } else { "" }, true)
        }
        _ if line[..at].trim().is_empty() && !sign.is_alphabetic() => {
            Told::new(here, format!("`{sign}` has no meaning here"), "delete it")?.instead("", false)
        }
        _ if !line[..at].contains('=') && line.contains('=') => {
            let word = word_around(line, at);
            let message = format!("a name cannot have `{sign}` ({})", code_point(sign));
            Told::new(word, message, "a name has letters a to z, digits, `_` and `-`: type it anew")
        }
        _ => None,
    }
}

/// The word that a place stands in: up to the spaces and commas around it.
fn word_around(line: &str, at: usize) -> Range<usize> {
    let ends = |sign: char| sign.is_whitespace() || ",[]{}=".contains(sign);
    let start =
        line[..at].char_indices().rev().find(|(_, sign)| ends(*sign)).map_or(0, |(at, sign)| at + sign.len_utf8());
    let end = line[at..].find(ends).map_or(line.len(), |end| at + end);
    start..end
}

/// A value that is none.
fn value(line: &str) -> Option<Told> {
    let equals = outside(line).find(|(_, sign)| *sign == '=').map(|(at, _)| at);
    let Some(equals) = equals else { return colon(line) };
    let after = &line[equals + 1..];
    let start = equals + 1 + after.len() - after.trim_start().len();
    let written = without_comment(&line[start..]);
    let all = start..start + written.len();
    let first = written.chars().next()?;
    let word = written.split([' ', '\t', ',']).next().unwrap_or_default();
    let here = start..start + word.len();
    if let Some(told) = meant::told(line[..equals].trim(), written, start) {
        return Some(told);
    }
    let is_call = matches!(line[..equals].trim(), "phone" | "emergency" | "out_of_hours");
    if is_call && written.chars().all(|sign| sign.is_ascii_digit() || " +-/()".contains(sign)) {
        return Told::new(all, "a number to call goes in quotes", "")?.write(Some(format!("\"{written}\"")), true);
    }
    match first {
        '"' | '\'' => quotes(written, all),
        '`' | '´' => {
            let inside = written[first.len_utf8()..].strip_suffix(['`', '´'])?;
            Told::new(all, format!("texts go in straight quotes, not in `{first}`"), "")?.write(in_quotes(inside), true)
        }
        '[' => numbers(written, start),
        '(' => Told::new(start..start + 1, "a list goes in `[` and `]`", "write `[` here, and `]` where it ends"),
        '.' | '~' | '≈' | '>' | '<' | '≥' | '≤' | '±' => beside_number(written, all),
        _ if first.is_ascii_digit() => number(line[..equals].trim(), written, word, all, here),
        _ if first.is_ascii_alphabetic() && word.len() == written.len() => match word {
            "no" | "No" | "NO" | "nein" | "Nein" | "NEIN" | "False" | "FALSE" => {
                let told = Told::new(here, format!("`{word}` is not a value"), "write `false`, without quotes")?;
                told.instead("false", word.eq_ignore_ascii_case("false"))
            }
            "yes" | "Yes" | "YES" | "ja" | "Ja" | "JA" | "True" | "TRUE" => {
                let told = Told::new(here, format!("`{word}` is not a value"), "write `true`, without quotes")?;
                told.instead("true", word.eq_ignore_ascii_case("true"))
            }
            "true" | "false" | "inf" | "nan" => None,
            "unknown" | "Unknown" => {
                let told = Told::new(here, format!("`{word}` is not a value"), "")?;
                let help = "an answer that is not known is written { unknown = \"not_known\" }, and a text in quotes";
                Told { help: help.to_owned(), ..told }.instead("{ unknown = \"not_known\" }", false)
            }
            "null" | "Null" | "NULL" | "nil" => {
                let told = Told::new(here, format!("`{word}` is not a value"), "")?;
                let help = "an answer that is missing is written { unknown = \"not_recorded\" }; what else has no value is left out";
                Told { help: help.to_owned(), ..told }.instead("{ unknown = \"not_recorded\" }", false)
            }
            "today" | "now" | "heute" => {
                Told::new(here, format!("`{word}` is another day tomorrow"), "write the day, such as 2026-03-02")
            }
            _ if let Some(number) = roman(word) => {
                let help = format!("write {number}, or \"{word}\" where a text is meant");
                Told::new(here, format!("`{word}` is not a value"), help)?.instead(number.to_string(), false)
            }
            // It may be meant for a number, as in `twelve`.
            _ => Told::new(here, "texts go in quotes", format!("write \"{word}\"; a number in digits"))?
                .instead(format!("\"{word}\""), false),
        },
        _ if first.is_ascii_alphabetic() => {
            let quote = if written.contains('"') { '\'' } else { '"' };
            let what = if quote == '\'' { "conditions go in single quotes" } else { "texts go in quotes" };
            let end = written.contains(quote);
            let help = if end { "put quotes around it".to_owned() } else { format!("write {quote}{written}{quote}") };
            let told = Told::new(all, what, help)?;
            match in_quotes(written).filter(|_| !end && !written.ends_with([',', ']', '}'])) {
                Some(instead) => told.instead(instead, true),
                None => Some(told),
            }
        }
        _ => None,
    }
}

/// `.5`, `~6`, `>= 18`: a number that does not begin with a digit.
fn beside_number(written: &str, all: Range<usize>) -> Option<Told> {
    let number = written.trim_start_matches(|sign: char| "~≈><≥≤±= ".contains(sign));
    let right = if number.starts_with('.') { format!("0{number}") } else { number.to_owned() };
    let is_number = right.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && right.parse::<f64>().is_ok();
    let told = is_number.then(|| Told::new(all, format!("`{written}` is not one number"), ""))??;
    told.write(Some(right), false)
}

/// What stands before a comment, if there is one.
fn without_comment(written: &str) -> &str {
    let mut quote = None;
    for (at, sign) in written.char_indices() {
        match (quote, sign) {
            (Some(open), _) if open == sign => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(sign),
            (None, '#') => return written[..at].trim_end(),
            (None, _) => {}
        }
    }
    written.trim_end()
}

/// `name: value`.
fn colon(line: &str) -> Option<Told> {
    let (at, _) = outside(line).find(|(_, sign)| *sign == ':')?;
    let name = line[..at].trim();
    let is_name = !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-.".contains(sign));
    is_name.then(|| {
        Told::new(
            at..at + 1,
            "a name is given its value with `=`, not `:`",
            format!("write {name} = {}", line[at + 1..].trim()),
        )
    })?
}

/// A text whose quotes do not fit what stands in it.
fn quotes(written: &str, all: Range<usize>) -> Option<Told> {
    let open = written.chars().next()?;
    if written.len() < 2 || written.starts_with("\"\"\"") || written.starts_with("'''") || !written.ends_with(open) {
        return None;
    }
    let inside = &written[1..written.len() - 1];
    // As a spreadsheet writes it.
    let doubled = inside.strip_prefix(open).and_then(|inside| inside.strip_suffix(open));
    if let Some(inside) = doubled.filter(|inside| !inside.is_empty() && !inside.contains(open)) {
        return Told::new(all, "there are two quotes on each side", "")?.write(in_quotes(inside), true);
    }
    // `'a' && 'b'`: each part in quotes of its own.
    let parts: Vec<&str> = inside.split("' && '").flat_map(|part| part.split("' || '")).collect();
    if open == '\'' && parts.len() > 1 && !parts.iter().any(|part| part.contains('\'')) {
        let whole = inside.replace("' && '", " && ").replace("' || '", " || ");
        let told = Told::new(all, "a condition stands whole between its quotes", "")?;
        return told.write(Some(format!("'{whole}'")), false);
    }
    if open == '\'' && inside.contains('\'') {
        let end = 1 + inside.find('\'')?;
        let is_condition = ["==", "!=", " in ", "&&", "||"].iter().any(|operator| inside.contains(operator));
        let help = if inside.contains('"') {
            "put it in three single quotes on each side: '''…'''".to_owned()
        } else if is_condition {
            format!("inside a condition, texts go in double quotes: '{}'", inside.replace('\'', "\""))
        } else {
            format!("a text with `'` inside goes in double quotes: \"{inside}\"")
        };
        let instead = match (inside.contains(['"', '\\']), is_condition) {
            (true, _) => None,
            (false, true) => Some(format!("'{}'", inside.replace('\'', "\""))),
            (false, false) => Some(format!("\"{inside}\"")),
        };
        let told = Told::new(all, format!("this text ends at its second `'`, after `{}`", &inside[..end - 1]), help)?;
        return Some(Told { instead: instead.map(|instead| (instead, !inside.contains(','))), ..told });
    }
    let mut escaped = false;
    let inner = inside.chars().any(|sign| {
        let is_end = sign == '"' && !escaped;
        escaped = sign == '\\' && !escaped;
        is_end
    });
    if open == '"' && inner {
        let help = if inside.contains('\'') {
            "put it in three single quotes on each side: '''…'''".to_owned()
        } else {
            format!("a text with `\"` inside goes in single quotes: '{inside}'")
        };
        let told = Told::new(all, "this text ends at its second `\"`", help)?;
        let plain = !inside.contains(['\'', '\\']);
        // Two texts with a comma that is missing between them look much the same.
        return Some(Told { instead: plain.then(|| (format!("'{inside}'"), !inside.contains(','))), ..told });
    }
    None
}

/// A list of numbers with no comma between two of them.
fn numbers(written: &str, start: usize) -> Option<Told> {
    let inside = written.strip_prefix('[')?.strip_suffix(']')?;
    let is_number = |word: &str| word.parse::<f64>().is_ok() && word.ends_with(|sign: char| sign.is_ascii_digit());
    let words: Vec<&str> =
        inside.split(|sign: char| sign.is_whitespace() || sign == ',').filter(|word| !word.is_empty()).collect();
    let lacks_comma = inside.split(',').any(|item| item.split_whitespace().count() > 1);
    (lacks_comma && words.iter().all(|word| is_number(word))).then(|| {
        let list = format!("[{}]", words.join(", "));
        Told::new(start..start + written.len(), "numbers in a list are separated by commas", format!("write {list}"))?
            .instead(list, true)
    })?
}

/// A value that begins with a digit.
fn number(name: &str, written: &str, word: &str, all: Range<usize>, here: Range<usize>) -> Option<Told> {
    let parts: Vec<&str> = word.split(['.', '/', '-']).collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    // Of a date, the year or the day has two digits at least.
    let is_version = name == "version" || parts.len() > 3 || parts.iter().all(|part| part.len() == 1);
    let is_dotted = parts.len() > 2 && parts.iter().all(is_number) && word.matches('.').count() + 1 == parts.len();
    if is_version && is_dotted {
        return Told::new(here, format!("`{word}` is not a number"), "")?.write(Some(format!("\"{word}\"")), true);
    }
    let name = name.rsplit([' ', ',', '{']).next().unwrap_or_default();
    if matches!(name, "from" | "until")
        && matches!(parts[..], [month, day] if month.len() == 2 && day.len() == 2 && is_number(&month) && is_number(&day))
        && word.contains('-')
    {
        return Told::new(here, "a day of the year goes in quotes", "")?.write(Some(format!("\"{word}\"")), false);
    }
    if let Some((least, most)) = written.split_once(" - ").or_else(|| written.split_once(" to "))
        && [least.trim(), most.trim()].iter().all(|end| end.parse::<f64>().is_ok())
    {
        let (least, most) = (least.trim(), most.trim());
        if name == "range" {
            let told = Told::new(all, format!("`{written}` is not one number"), "")?;
            return told.write(Some(format!("[{least}, {most}]")), false);
        }
        let help = format!(
            "two ends have two names: in a row of a setting, `from = {least}, to = {most}` in place of `{name}`"
        );
        return Told::new(all, format!("`{written}` is not one number"), help);
    }
    if let [least, most] = parts[..]
        && [least, most].iter().all(is_number)
        && word.contains('-')
        && least.len() < 4
        // A day of the year.
        && !(least.len() == 2 && most.len() == 2 && least <= "12" && most <= "31")
    {
        let told = Told::new(here, format!("`{word}` is not one number"), "")?;
        if name == "range" {
            return told.write(Some(format!("[{least}, {most}]")), false);
        }
        let help = format!(
            "write {least} or {most}; two bounds have two names, such as `minimum` and `maximum`, or `from` and `to`"
        );
        return Some(Told { help, ..told });
    }
    if let [year, month, day] = parts[..]
        && word.contains('-')
        && parts.iter().all(is_number)
        && matches!((year.len(), month.len(), day.len()), (3 | 5 | 6, 1 | 2, 1 | 2))
    {
        // A digit that was typed twice.
        let twice = year.as_bytes().windows(2).position(|pair| pair[0] == pair[1]);
        let right = twice.map(|at| format!("{}{}-{month}-{day}", &year[..at], &year[at + 1..]));
        let told = Told::new(here, "a year has four digits", "write the day as 2026-03-02")?;
        return match right.filter(|right| right.parse::<crate::Date>().is_ok()) {
            Some(right) => told.write(Some(right), false),
            None => Some(told),
        };
    }
    if let [first, second, third] = parts[..]
        && let (Ok(a), Ok(b), Ok(c)) = (first.parse::<u16>(), second.parse::<u16>(), third.parse::<u16>())
        && !(first.len() == 4 && word.contains('-'))
    {
        let year_first = match (first.len(), third.len()) {
            (4, _) => Some((a, b, c)),
            // Which is the month is certain only where the other number cannot be one.
            (_, 4) if a > 12 || word.contains('.') => Some((c, b, a)),
            (_, 4) if b > 12 => Some((c, a, b)),
            _ => None,
        };
        let help = match year_first {
            Some((year, month, day)) if month <= 12 && day <= 31 => format!("write {year:04}-{month:02}-{day:02}"),
            _ => "write the year first, then month and day: 2026-03-02".to_owned(),
        };
        let told = Told::new(here, "a date is written with the year first", &*help)?;
        let instead = help.strip_prefix("write ").filter(|_| !help.contains(':')).map(|date| (date.to_owned(), false));
        return Some(Told { instead, ..told });
    }
    if let Some((length, right)) = thousands_apart(written).filter(|(length, _)| *length == written.len()) {
        let message = format!("`{}` is not one number: its digits stand together", &written[..length]);
        return Told::new(all, message, "")?.write(Some(right), false);
    }
    if let Some(number) = written.strip_suffix('+').filter(is_number) {
        return Told::new(all, format!("`{written}` is not one number"), "")?.write(Some(number.to_owned()), false);
    }
    if written == word && is_number(&word) && word.starts_with('0') && word.len() > 1 {
        let right = Some(word.trim_start_matches('0')).filter(|right| !right.is_empty()).unwrap_or("0");
        let help = format!("write {right}; if it is a date, the year first, as 2026-03-02");
        return Told::new(here, "a number does not begin with a zero", help)?.instead(right, false);
    }
    if let Some(meant) = with_comma(written) {
        let told = Told::new(all, format!("`{written}` is not a number"), meant.help("comma"))?;
        let Some(number) = meant.only() else { return Some(told) };
        return told.instead(number, false);
    }
    let is_zero = |sign: char| sign.is_ascii_digit() || "Oo".contains(sign);
    if written == word && word.contains(['O', 'o']) && !word.starts_with("0o") && word.chars().all(is_zero) {
        let right = word.replace(['O', 'o'], "0");
        let message = format!("`{word}` is not a number: is the letter `O` meant to be a zero?");
        return Told::new(here, message, format!("write {right}"))?.instead(right, false);
    }
    let digits =
        |text: &str| text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.' || *byte == b'_').count();
    let whole = digits(written);
    let (number, rest) = written.split_at(whole);
    let (number, unit) = (number.trim_end_matches('_'), rest.trim_start());
    if unit.starts_with(|sign: char| sign.is_alphabetic() || "%\u{b0}".contains(sign))
        && !unit.contains(['"', '\'', '=', ',', ']'])
    {
        let is_time = ["day", "week", "month", "year"].iter().any(|time| unit.starts_with(time));
        let help = if is_time {
            format!("a length of time goes in quotes: \"{number} {unit}\"")
        } else {
            format!("write the number alone: {number}; its unit stands in `unit = \"{unit}\"`")
        };
        let told = Told::new(all, format!("`{unit}` cannot stand beside a number"), help)?;
        return if is_time { told.instead(format!("\"{number} {unit}\""), true) } else { Some(told) };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_at_its_sign_with_what_to_write() {
        for (line, underlined, help) in [
            ("title = “Peel”", "“Peel”", "type straight quotes: \"Peel\""),
            ("when = “a == \"x\"”", "“a == \"x\"”", "type straight single quotes: 'a == \"x\"'"),
            ("review_by\u{a0}= 1", "\u{a0}", "delete it; type an ordinary space where one is needed"),
            ("• owner = \"x\"", "•", "delete it"),
            ("from = 2026–03–02", "2026–03–02", "write 2026-03-02"),
            ("from = 26.11.2027", "26.11.2027", "write 2027-11-26"),
            ("from = 01/02/2026", "01/02/2026", "write the year first, then month and day: 2026-03-02"),
            ("from = 31/01/2026", "31/01/2026", "write 2026-01-31"),
            ("value = 12,5", "12,5", "write a point: 12.5"),
            ("value = 10,000", "10,000", "write `10000` if the comma parts thousands, or `10` if decimals follow it"),
            (
                "value = 12 g/dL # as printed",
                "12 g/dL",
                "write the number alone: 12; its unit stands in `unit = \"g/dL\"`",
            ),
            ("value = 3O", "3O", "write 30"),
            ("phone = 00555 010 0000", "00555 010 0000", "write \"00555 010 0000\""),
            ("from = 10-01", "10-01", "write \"10-01\""),
            (
                "smoker = null",
                "null",
                "an answer that is missing is written { unknown = \"not_recorded\" }; what else has no value is left out",
            ),
            ("as_of = today", "today", "write the day, such as 2026-03-02"),
            (
                "value = 30 - 50",
                "30 - 50",
                "two ends have two names: in a row of a setting, `from = 30, to = 50` in place of `value`",
            ),
            ("// a comment", "// a comment", "write # a comment"),
            ("<!-- a comment -->", "<!-- a comment -->", "write # a comment"),
            (
                "<<<<<<< HEAD",
                "<<<<<<< HEAD",
                "keep the lines of one of the two, and take out the lines with these signs",
            ),
            ("value = 1O0", "1O0", "write 100"),
            ("value = 28 days", "28 days", "a length of time goes in quotes: \"28 days\""),
            ("value = 28days", "28days", "a length of time goes in quotes: \"28 days\""),
            ("value = 28_days", "28_days", "a length of time goes in quotes: \"28 days\""),
            ("version = 1.0.0", "1.0.0", "write \"1.0.0\""),
            ("version = 10.12.2026", "10.12.2026", "write \"10.12.2026\""),
            ("range = 4-5", "4-5", "write [4, 5]"),
            ("range = 10-90", "10-90", "write [10, 90]"),
            (
                "sessions = { value = 4-5, most = 6 }",
                "4-5",
                "write 4 or 5; two bounds have two names, such as `minimum` and `maximum`, or `from` and `to`",
            ),
            (
                "smoker = unknown",
                "unknown",
                "an answer that is not known is written { unknown = \"not_known\" }, and a text in quotes",
            ),
            ("smoker = ja", "ja", "write `true`, without quotes"),
            ("smoker = no", "no", "write `false`, without quotes"),
            ("fitzpatrick = IV", "IV", "write 4, or \"IV\" where a text is meant"),
            ("phone = +00 (555) 010", "+00 (555) 010", "write \"+00 (555) 010\""),
            ("value = 6+", "6+", "write 6"),
            ("when = 'a' && 'b'", "'a' && 'b'", "write 'a && b'"),
            ("owner = medical lead", "medical lead", "write \"medical lead\""),
            ("when = a == \"x\"", "a == \"x\"", "write 'a == \"x\"'"),
            ("do = 'Don't'", "'Don't'", "a text with `'` inside goes in double quotes: \"Don't\""),
            ("when = \"x == \"a\"\"", "\"x == \"a\"\"", "a text with `\"` inside goes in single quotes: 'x == \"a\"'"),
            ("value: 12", ":", "write value = 12"),
            ("limit = { value = no, unit = \"%\" }", "no", "write `false`, without quotes"),
            ("limit = { value = 12,5, unit = \"%\" }", "12,5", "write a point: 12.5"),
            ("limit = { value: 12, unit = \"%\" }", ":", "write value = 12"),
            ("limit = { a = [1, 2], value = twelve }", "twelve", "write 12, without quotes"),
            ("range = [100 200]", "[100 200]", "write [100, 200]"),
            ("größe = 1", "größe", "a name has letters a to z, digits, `_` and `-`: type it anew"),
        ] {
            // The parser stops behind the name, or in the middle of what it does not understand.
            let at = line.find("value").map_or(0, |at| line[at..].find(", ").map_or(line.len() - 3, |end| at + end));
            let told = told(line, at).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((&line[told.span.clone()], told.help.as_str()), (underlined, help), "{line}");
        }
    }

    #[test]
    fn what_is_no_known_slip_is_left_to_the_parser() {
        for line in [
            "a = 1",
            "a = \"“x” – y\" # é",
            "a = 'x == \"a\"'",
            "a = [1, 2",
            "a = { b = 1 }",
            "",
            "a = 2026-03-02",
            "a = true",
            "a = 10-01",
        ] {
            assert_eq!(told(line, 0), None, "{line}");
        }
    }
}
