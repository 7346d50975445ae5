//! TOML into [`Node`]s, with recovery: one slip does not hide the next.

use std::ops::Range;
use std::sync::Arc;

use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mend::{blank, clear_way, line_start, mend, open_above, put_comma, run_on, take};
use super::slips;
use super::toml_words::plain_message;
use super::wrapped;
use super::{Data, Key, Node, composed};
use super::{heading, merged};
use crate::date::DateRange;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, SourceFile, codes};

/// How deep tables and lists may be nested.
const DEEPEST: usize = 64;

/// The most slips of one file that are told.
const MOST_SLIPS: usize = 100;

/// How many bytes are read again for slips: of a large file that is full of them, fewer are told.
const MOST_READ_AGAIN: usize = 4 << 20;

pub(super) fn parse(file: &Arc<SourceFile>, found: &mut Diagnostics) -> Node {
    let mut text = file.text.clone();
    let mut broken: Vec<Range<usize>> = Vec::new();
    let mut slips = 0;
    for marks in merged::take_out(&mut text) {
        let place = Place { file: file.clone(), span: marks };
        let message = "two versions of the file were put together here, and it was not decided between them";
        let help =
            "keep the lines of one of the two, and take out the lines with the signs <<<<<<<, ======= and >>>>>>>";
        found.push(Diagnostic::new(&codes::SYNTAX, message).at(&place).help(help));
    }
    let most_slips = most_slips(text.len());
    loop {
        let (table, errors) = DeTable::parse_recoverable(&text);
        // The reader below says more about a date that does not exist.
        let errors = errors.into_iter().filter(|error| !error.message().starts_with("invalid date"));
        let first = errors.min_by_key(|error| error.span().unwrap_or(0..0).start);
        let Some(error) = first.filter(|_| slips < most_slips) else {
            let span = table.span();
            let mut reader = Reader { file, found, broken };
            let data = reader.table(table.into_inner(), 0);
            return Node { span, data };
        };
        drop(table);
        slips += 1;
        take_out(&error, &mut text, file, &mut broken, found);
    }
}

/// How many slips of a file of so many bytes are told: after each, the file is read again.
fn most_slips(length: usize) -> usize {
    (MOST_READ_AGAIN / length.max(1)).clamp(4, MOST_SLIPS)
}

/// Tells of a slip, and takes it out of the text.
fn take_out(
    error: &toml::de::Error,
    text: &mut String,
    file: &Arc<SourceFile>,
    broken: &mut Vec<Range<usize>>,
    found: &mut Diagnostics,
) {
    let mut span = error.span().unwrap_or(0..0);
    // The parser may stop within a sign of several bytes, where the line had one that was taken out.
    span = span.start.min(text.len())..span.end.min(text.len());
    while !file.text.is_char_boundary(span.start) {
        span.start -= 1;
    }
    while !file.text.is_char_boundary(span.end) {
        span.end += 1;
    }
    let is = |begins: &str| error.message().starts_with(begins);
    if (is("duplicate key") || is("cannot extend")) && clear_way(text, span.start, broken) {
        return;
    }
    if let Some((quotes, lines, last)) = run_on(text, span.start) {
        take(text, lines.clone(), broken);
        broken.push(lines);
        let (message, help) = plain_message("invalid multi-line");
        let is_one_line = last.contains(&quotes.start);
        let diagnostic = Diagnostic::new(&codes::SYNTAX, message).at(&Place { file: file.clone(), span: quotes });
        let end = Place { file: file.clone(), span: last };
        let told = if is_one_line { diagnostic } else { diagnostic.see(&end, "its end is missing here, or above") };
        found.push(told.help(help));
        return;
    }
    if let Some(span) = wrapped::stray_end(text, span.start) {
        let place = Place { file: file.clone(), span };
        let message = format!("a line does not end with `{}`", place.text());
        let told = Diagnostic::new(&codes::SYNTAX, message).at(&place);
        found.push(told.help("delete it").replace_by("", true));
        return;
    }
    if let Some(span) = wrapped::stray_bullet(text, span.start) {
        let place = Place { file: file.clone(), span };
        let message = format!("a line does not begin with `{}`", place.text());
        found.push(Diagnostic::new(&codes::SYNTAX, message).at(&place).help("delete it").replace_by("", true));
        return;
    }
    if let Some((span, right)) = wrapped::over_lines(text, span.start) {
        let lines = line_start(text, span.start)..span.end;
        take(text, lines.clone(), broken);
        broken.push(lines);
        let place = Place { file: file.clone(), span };
        let told = Diagnostic::new(&codes::SYNTAX, "this text goes over several lines").at(&place);
        let help = "put it on one line, or in three quotes on each side: \"\"\"…\"\"\"";
        found.push(told.help(help).replace_by(right, false));
        return;
    }
    if let Some((span, sign)) = wrapped::unopened_item(text, span.start) {
        let (message, help) = plain_message("missing inline table opening");
        let told = Diagnostic::new(&codes::SYNTAX, message).at(&Place { file: file.clone(), span });
        found.push(told.help(if sign.is_empty() { help.to_owned() } else { format!("write `{{` for `{sign}`") }));
        return;
    }
    if let Some((quotes, lines)) = wrapped::begun_with_two(text, span.start) {
        take(text, lines.clone(), broken);
        broken.push(lines);
        let place = Place { file: file.clone(), span: quotes };
        let right = place.text()[..1].repeat(3);
        let told = Diagnostic::new(&codes::SYNTAX, "a text over several lines begins with three quotes").at(&place);
        found.push(told.help(format!("write {right}")).replace_by(right, true));
        return;
    }
    if let Some((span, right)) = wrapped::bracketed_item(text, span.start) {
        let told = Diagnostic::new(&codes::SYNTAX, "what has names stands in braces");
        let told = told.at(&Place { file: file.clone(), span }).help(format!("write {right}"));
        found.push(told.replace_by(right, false));
        return;
    }
    if let Some(span) = wrapped::stray_among_ends(text, span.start) {
        let place = Place { file: file.clone(), span };
        let message = format!("`{}` has no meaning here", place.text());
        found.push(Diagnostic::new(&codes::SYNTAX, message).at(&place).help("delete it").replace_by("", false));
        return;
    }
    // A list goes on, or ends, where the parser still waits for a name: a table above was not closed.
    let waits_for_name = is("missing key for inline table") || is("invalid inline table element");
    if waits_for_name
        && text[span.start..].starts_with(['{', '[', ']'])
        && let Some(open) = open_above(text, line_start(text, span.start))
        && text[open.start..].starts_with('{')
    {
        broken.extend(mend(text, open.start, broken).map(|slip| slip.lines));
        let (message, help) = plain_message("unclosed inline table");
        let place = Place { file: file.clone(), span: open };
        found.push(Diagnostic::new(&codes::SYNTAX, message).at(&place).help(help));
        return;
    }
    if let Some(restored) = heading::restore(text, span.start) {
        let written = Place { file: file.clone(), span: restored.span };
        let has_accent = written.text().chars().any(|sign| !sign.is_ascii() && sign.is_alphabetic());
        let diagnostic = if restored.was_open || has_accent {
            let (message, help) =
                plain_message(if restored.was_open { "unclosed table" } else { "invalid unquoted key" });
            Diagnostic::new(&codes::SYNTAX, message).at(&Place { file: file.clone(), span }).help(help)
        } else {
            let message = format!("`{}` is not a heading", written.text());
            let told = Diagnostic::new(&codes::SYNTAX, message).at(&written);
            told.help(format!("write {}", restored.heading)).replace_by(restored.heading, false)
        };
        found.push(diagnostic);
        return;
    }
    if is("duplicate key")
        && let Some(single) = single_among_list(text, span.start)
    {
        let name = text[single.clone()].trim_matches(['[', ']']).to_owned();
        broken.extend(mend(text, single.start, broken).map(|slip| slip.lines));
        let message = format!("`[{name}]` is one table, but there is a list of them: `[[{name}]]`");
        let place = Place { file: file.clone(), span: single };
        let diagnostic = Diagnostic::new(&codes::SYNTAX, message).at(&place);
        let instead = format!("[[{name}]]");
        found.push(diagnostic.help(format!("write {instead}, with two brackets")).replace_by(instead, true));
        return;
    }
    if is("duplicate key")
        && let Some((part, name)) = part_above(text, span.start)
    {
        // What has all that the list needs was meant to begin it.
        let right = format!("[[{name}]]");
        if heading::below(text, part.start) == Some(right.as_str()) {
            let place = Place { file: file.clone(), span: part.clone() };
            let message = format!("what stands below {} belongs to a {right}", place.text());
            text.replace_range(part.clone(), &format!("{right}{}", " ".repeat(part.len() - right.len())));
            let told = Diagnostic::new(&codes::UNKNOWN_KEY, message).at(&place);
            found.push(told.help(format!("write {right}")).replace_by(right, false));
            return;
        }
        broken.extend(mend(text, part.start, broken).map(|slip| slip.lines));
        let message = format!("this belongs to a `[[{name}]]`, which must stand above it");
        let diagnostic = Diagnostic::new(&codes::SYNTAX, message).at(&Place { file: file.clone(), span: part });
        // Each further part has the same cause; and so have all where the list's own heading is missing.
        let heading = format!("such as [[{name}]]");
        let is_told = found.iter().any(|one| {
            let is_same = one.message == diagnostic.message && one.code == diagnostic.code;
            is_same || (one.unread && one.help.iter().any(|help| help.contains(&heading)))
        });
        if !is_told {
            found.push(diagnostic.help(format!("move it below the `[[{name}]]` that it belongs to")));
        }
        return;
    }
    if is("duplicate key")
        && let Some(headless) = heading::missing_above(text, span.start)
    {
        let lines = headless.lines;
        text.replace_range(lines.clone(), &blank(&text[lines.clone()]));
        broken.push(lines);
        let place = Place { file: file.clone(), span: headless.line };
        let message = if headless.has_id {
            "a new table begins here, and its heading is missing"
        } else {
            "several names come again from here on: the heading above this line is missing"
        };
        let help = format!("write its heading above it, such as {}", headless.heading);
        let or = if headless.has_id { "give what belongs together one `id`" } else { "take out what is given twice" };
        found.push(Diagnostic::new(&codes::SYNTAX, message).at(&place).help(format!("{help}, or {or}")).unread());
        return;
    }
    let (mut message, mut help) = plain_message(error.message());
    let is_of_one_line = !(is("duplicate key") || is("cannot extend") || is("invalid multi-line"));
    let known = is_of_one_line.then(|| slips::told(&file.text, span.start)).flatten();
    if is("invalid multi-line") {
        // The parser has come to the end of the file: the text begins at the last three quotes.
        let opened = ["\"\"\"", "'''"].iter().filter_map(|quotes| text.rfind(quotes)).max();
        span = opened.map_or(span, |at| at..at + 3);
    } else if span.is_empty() && (is("invalid basic") || is("invalid literal")) {
        // The file ends within a text: it begins at the quote before.
        let line = line_start(text, span.start);
        span.start = text[line..span.start].rfind(['"', '\'']).map_or(span.start, |at| line + at);
        (message, help) = plain_message("invalid literal string");
    } else if is("unexpected leading zero") {
        let end = text[span.start..].find(|c: char| c.is_whitespace() || ",]}".contains(c));
        span.end = end.map_or(text.len(), |end| span.start + end);
    }
    if known.as_ref().is_some_and(|told| join_name(text, told)) {
        // What it is given is read under the name that was meant.
    } else if known.is_some() || !(is("missing comma") && put_comma(text, span.start)) {
        let slip = mend(text, span.start, broken);
        if let Some(opened) = slip.as_ref().and_then(|slip| slip.opened.clone()) {
            let is_list = file.text[opened.clone()].starts_with('[');
            (message, help) = plain_message(if is_list { "unclosed array" } else { "unclosed inline table" });
            span = opened;
        }
        // What stands for a line that was told of already is no second slip.
        let is_told = broken.iter().any(|told| told.contains(&span.start));
        broken.push(slip.map_or(span.clone(), |slip| slip.lines));
        if is_told {
            return;
        }
    }
    let is_of_named = is("duplicate key") && heading::is_named(&file.text, span.start);
    let told = known.unwrap_or_else(|| slips::Told { span, message, help: help.to_owned(), instead: None });
    let told = told.diagnostic(file);
    // It may be the first of a table with a name of its own, whose heading is lost.
    found.push(if is_of_named { told.unread() } else { told });
}

/// Writes a name of several words as one, if that is what was told.
fn join_name(text: &mut String, told: &slips::Told) -> bool {
    let Some((name, _)) = &told.instead else { return false };
    let is_joined = text.get(told.span.clone()).is_some_and(|words| words != name && words.replace(' ', "_") == *name);
    if is_joined {
        text.replace_range(told.span.clone(), name);
    }
    is_joined
}

/// The heading in single brackets, where the heading at a place, or one of the same name, has two.
fn single_among_list(text: &str, at: usize) -> Option<Range<usize>> {
    let start = line_start(text, at);
    let heading = text[start..].lines().next()?.split('#').next()?.trim();
    let name = heading.strip_prefix('[')?.trim_start_matches('[').strip_suffix(']')?.trim_end_matches(']');
    let (single, double) = (format!("[{name}]"), format!("[[{name}]]"));
    let mut from = 0;
    let (mut first, mut is_list) = (None, false);
    for line in text.split_inclusive('\n') {
        let written = line.split('#').next().unwrap_or_default().trim();
        is_list |= written == double;
        if written == single && first.is_none() {
            first = line.find('[').map(|at| from + at..from + at + single.len());
        }
        from += line.len();
    }
    first.filter(|_| is_list)
}

/// The heading of a part, `[[course.session]]`, that stands above the list it belongs to; with the list's name.
fn part_above(text: &str, at: usize) -> Option<(Range<usize>, String)> {
    let start = line_start(text, at);
    let heading = text[start..].lines().next()?.split('#').next()?.trim();
    let name = heading.strip_prefix("[[")?.strip_suffix("]]")?.trim();
    let mut from = 0;
    for line in text[..start].split_inclusive('\n') {
        let written = line.split('#').next().unwrap_or_default().trim();
        let above = written.trim_start_matches('[');
        if written.starts_with('[') && above.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')) {
            let at = from + line.find('[')?;
            return Some((at..at + written.len(), name.to_owned()));
        }
        if written == heading {
            return None;
        }
        from += line.len();
    }
    None
}

struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    found: &'a mut Diagnostics,
    /// Where the syntax is broken: what the parser makes of it there is a guess.
    broken: Vec<Range<usize>>,
}

impl Reader<'_> {
    fn table(&mut self, table: DeTable<'_>, depth: usize) -> Data {
        let mut entries: Vec<(Key, Node)> = table
            .into_iter()
            .map(|(key, value)| {
                // Where a heading was restored, what stands there now may begin within a sign of several bytes.
                let bound = |mut at: usize| {
                    while !self.file.text.is_char_boundary(at) {
                        at -= 1;
                    }
                    at
                };
                let span = bound(key.span().start)..bound(key.span().end);
                (Key { name: composed(key.into_inner()), span }, self.node(value, depth + 1))
            })
            .collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        // The parser takes two spellings of one accent for two names.
        let twice = |at: &usize| entries[..*at].iter().any(|(other, _)| other.name == entries[*at].0.name);
        let is_ascii = entries.iter().all(|(key, _)| key.name.is_ascii());
        let again: Vec<usize> = (0..entries.len()).filter(|_| !is_ascii).filter(twice).collect();
        for at in again.into_iter().rev() {
            let (key, _) = entries.remove(at);
            let diagnostic = Diagnostic::new(&codes::SYNTAX, format!("`{}` is given twice", key.name));
            let help = "each name may be given once: remove one of the two or rename it";
            self.found.push(diagnostic.at(&key.place(self.file)).help(help));
        }
        Data::Table(entries)
    }

    fn node(&mut self, value: Spanned<DeValue<'_>>, depth: usize) -> Node {
        let span = value.span();
        let place = Place { file: self.file.clone(), span: span.clone() };
        if depth > DEEPEST {
            self.found.push(Diagnostic::new(&codes::TOO_DEEP, format!("nested more than {DEEPEST} deep")).at(&place));
            return Node { span, data: Data::Refused };
        }
        let whole = matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_));
        if !whole && self.broken.iter().any(|broken| broken.start <= span.end && span.start <= broken.end) {
            return Node { span, data: Data::Refused };
        }
        let data = match value.into_inner() {
            DeValue::String(text) => Data::Text(one_line_end(composed(text), place.text())),
            DeValue::Integer(integer) => match i64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix())
            {
                Ok(integer) => Data::Integer(integer),
                Err(_) if self.slip(&place) => Data::Refused,
                Err(_) => self.refuse(&place, "is too large a number"),
            },
            DeValue::Float(float) => match decimal(float.as_str()) {
                Some(decimal) => Data::Decimal(decimal),
                None => self.refuse(&place, "is not a number that can be kept exactly"),
            },
            DeValue::Boolean(boolean) => Data::Bool(boolean),
            DeValue::Datetime(_) if (place.text().len() < 7 || place.text().ends_with('.')) && self.slip(&place) => {
                Data::Refused
            }
            DeValue::Datetime(_) if place.text().parse::<DateRange>().is_err() && place.text().len() <= 10 => {
                let why = place.text().parse::<DateRange>().err().map(|error| error.to_string()).unwrap_or_default();
                self.found.push(Diagnostic::new(&codes::INVALID_DATE, why).at(&place));
                Data::Refused
            }
            // What is written of a month begins like a time of day.
            DeValue::Datetime(_) if place.text().parse::<DateRange>().is_ok_and(|range| range.is_partial()) => {
                let why = format!("`{}` is not a day", place.text());
                let help = "write the whole date, such as 2026-03-02; a month of a record stands in quotes";
                self.found.push(Diagnostic::new(&codes::INVALID_DATE, why).at(&place).help(help));
                Data::Refused
            }
            DeValue::Datetime(datetime) => match (datetime.date, datetime.time, datetime.offset) {
                (Some(date), None, None) => Data::Date(date.to_string()),
                (Some(_), _, _) => Data::Other("a date with a time of day"),
                _ if self.slip(&place) => Data::Refused,
                _ => Data::Other("a time of day"),
            },
            DeValue::Array(items) => Data::Array(items.into_iter().map(|item| self.node(item, depth + 1)).collect()),
            DeValue::Table(table) => self.table(table, depth),
        };
        Node { span, data }
    }

    /// Tells of a value that the parser lets pass, and that is one of the slips that are known.
    fn slip(&mut self, place: &Place) -> bool {
        // Of a day with a full stop behind it, that is to blame.
        let is_it = |told: &slips::Told| {
            told.span == place.span || (place.text().ends_with('.') && told.span.end == place.span.end)
        };
        let Some(told) = slips::told(&self.file.text, place.span.start).filter(is_it) else { return false };
        self.found.push(told.diagnostic(self.file));
        true
    }

    fn refuse(&mut self, place: &Place, why: &str) -> Data {
        self.found.push(Diagnostic::new(&codes::SYNTAX, format!("`{}` {why}", place.text())).at(place));
        Data::Refused
    }
}

/// A text over several lines, whose lines end in the same way whichever editor saved the file. What was written as `\r` stays.
fn one_line_end(text: String, literal: &str) -> String {
    let is_raw = literal.starts_with("'''") || (literal.starts_with("\"\"\"") && !literal.contains("\\r"));
    if is_raw && text.contains("\r\n") { text.replace("\r\n", "\n") } else { text }
}

/// The exact decimal of a TOML or JSON number.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.replace('_', "");
    let text = text.strip_prefix('+').unwrap_or(&text);
    // rust_decimal rounds what has more digits than it holds: `from_str_exact` refuses it instead.
    match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => Decimal::from_str_exact(&without_exponent(digits, exponent.parse().ok()?)?).ok(),
        None => Decimal::from_str_exact(text).ok(),
    }
}

/// The digits of a number with an exponent, with the point where it belongs; none for one that is longer than any that can be kept.
fn without_exponent(digits: &str, exponent: i64) -> Option<String> {
    const MOST_DIGITS: i64 = 40;
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_end_matches('0');
    if significant.trim_start_matches('0').is_empty() {
        return Some("0".into());
    }
    // How many digits stand before the point.
    let before = exponent.checked_add(i64::try_from(whole.len()).ok()?)?;
    let length = i64::try_from(significant.len()).ok()?;
    if before.abs() > MOST_DIGITS || length > 2 * MOST_DIGITS {
        return None;
    }
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    Some(if before <= 0 {
        format!("{sign}0.{}{significant}", zeros(-before))
    } else if before >= length {
        format!("{sign}{significant}{}", zeros(before - length))
    } else {
        let (whole, fraction) = significant.split_at(usize::try_from(before).ok()?);
        format!("{sign}{whole}.{fraction}")
    })
}

/// See [`super::string_offsets`].
pub(super) fn string_offsets(literal: &str, start: usize) -> Option<Vec<usize>> {
    let (open, multiline, escapes) = match literal.as_bytes() {
        [b'\'', b'\'', b'\'', ..] if literal.len() >= 6 => (3, true, false),
        [b'"', b'"', b'"', ..] if literal.len() >= 6 => (3, true, true),
        [b'\'', ..] if literal.len() >= 2 => (1, false, false),
        [b'"', ..] if literal.len() >= 2 => (1, false, true),
        _ => return None,
    };
    let body_end = literal.len() - open;
    let body = literal.get(open..body_end)?;
    let mut chars = body.char_indices().peekable();
    if multiline {
        // A newline right after the opening quotes is not part of the value.
        if chars.peek().is_some_and(|(_, c)| *c == '\r') && body[1..].starts_with('\n') {
            chars.next();
        }
        if chars.peek().is_some_and(|(_, c)| *c == '\n') {
            chars.next();
        }
    }
    let mut offsets = Vec::new();
    while let Some((at, c)) = chars.next() {
        let at = start + open + at;
        if multiline && c == '\r' && chars.peek().is_some_and(|(_, c)| *c == '\n') {
            continue;
        }
        if !(escapes && c == '\\') {
            offsets.extend((0..c.len_utf8()).map(|n| at + n));
            continue;
        }
        let (_, escape) = chars.next()?;
        let digits = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            ' ' | '\t' | '\r' | '\n' => {
                // A backslash at the end of a line swallows all white space that follows.
                while chars.next_if(|(_, c)| c.is_ascii_whitespace()).is_some() {}
                continue;
            }
            _ => 0,
        };
        let mut length = 1;
        if digits > 0 {
            let code: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
            length = char::from_u32(u32::from_str_radix(&code, 16).ok()?)?.len_utf8();
        }
        offsets.extend(std::iter::repeat_n(at, length));
    }
    offsets.push(start + body_end);
    Some(offsets)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The offsets agree with the parser's own reading: each byte of the value is found where it was written.
    #[test]
    fn offsets_follow_every_kind_of_string() {
        for text in [
            r"k = 'a == b'",
            r#"k = "a == \"b\" é""#,
            "k = '''\na\n  b é'''",
            "k = \"\"\"\na \\\n   b \\u00e9 c\\tx\"\"\"",
            "k = '''\r\na\r\nb'''",
            r#"k = "\u0041\U0001F600z""#,
        ] {
            let (table, errors) = DeTable::parse_recoverable(text);
            assert!(errors.is_empty(), "{errors:?}");
            let value = &table.get_ref()["k"];
            let string = one_line_end(value.get_ref().as_str().expect("a string").to_owned(), &text[value.span()]);
            let offsets = string_offsets(&text[value.span()], value.span().start).expect("a literal");
            assert_eq!(offsets.len(), string.len() + 1, "{text}");
            for (i, byte) in string.bytes().enumerate() {
                let written = text.as_bytes()[offsets[i]];
                assert!(written == byte || written == b'\\', "{text}: {i}");
            }
        }
    }

    #[test]
    fn a_large_file_full_of_slips_is_not_read_a_hundred_times() {
        assert_eq!([0, 40_000, 400_000, 4_000_000].map(most_slips), [100, 100, 10, 4]);
    }

    #[test]
    fn lines_of_a_text_end_alike() {
        for (literal, text, read) in [
            ("'''a\r\nb'''", "a\r\nb", "a\nb"),
            ("\"\"\"a\r\nb\"\"\"", "a\r\nb", "a\nb"),
            // An escape was meant.
            ("\"a\\r\\nb\"", "a\r\nb", "a\r\nb"),
            ("\"\"\"a\\r\nb\"\"\"", "a\r\nb", "a\r\nb"),
        ] {
            assert_eq!(one_line_end(text.to_owned(), literal), read);
        }
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(decimal("8.50").expect("a number").to_string(), "8.50");
        assert_eq!(decimal("1e3").expect("a number").to_string(), "1000");
        assert_eq!(decimal("nan"), None);
        for (text, value) in [
            ("-1.25e+1", "-12.5"),
            ("0.00000000000000000000000000000012e31", "1.2"),
            ("12300000000000000000000000000000000e-32", "123"),
            ("7.9e28", "79000000000000000000000000000"),
            ("1E-28", "0.0000000000000000000000000001"),
            ("0.0e5", "0"),
        ] {
            let exact: Decimal = value.parse().expect("a number");
            assert_eq!(decimal(text), Some(exact), "{text}");
        }
        for text in
            ["0.99999999999999999999999999999999999e0", "1e-29", "8e28", "1.5e-28", "1e999999999999999999999", "1e"]
        {
            assert_eq!(decimal(text), None, "{text}");
        }
        assert_eq!(decimal("1.00000000000000000000000000000000001"), None);
    }
}
