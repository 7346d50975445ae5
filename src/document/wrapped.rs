//! What mail programs and spreadsheets do to a line: a text that goes on in the next one, and a comma or semicolon behind a value.

use std::ops::Range;

use super::mend::{blank, is_bare, is_open, line_start, open_above};

/// How many lines a text may go over.
const MOST_LINES: usize = 12;

/// A text in quotes for one line that goes over several: its place, and the same on one line.
pub(super) fn over_lines(text: &str, at: usize) -> Option<(Range<usize>, String)> {
    let start = line_start(text, at);
    let first = text[start..].lines().next()?;
    let (name, value) = first.split_once('=')?;
    let quote = value.trim_start().chars().next().filter(|sign| matches!(sign, '"' | '\''))?;
    let is_name = !name.trim().is_empty() && name.trim().chars().all(is_bare);
    let inside = value.trim().strip_prefix(quote)?;
    if !is_name || inside.contains(quote) || inside.is_empty() {
        return None;
    }
    let mut end = start + first.len();
    let mut all = inside.to_owned();
    for line in text[end..].lines().skip(1).take(MOST_LINES) {
        let written = line.trim();
        let begins = written.starts_with(['[', '#']) || written.split_once('=').is_some_and(|(name, _)| is_key(name));
        if written.is_empty() || begins {
            return None;
        }
        end += text[end..].find('\n')? + 1;
        all.push(' ');
        match written.split_once(quote) {
            None => all.push_str(written),
            Some((last, "")) => {
                all.push_str(last);
                let from = start + first.len() - value.trim_start().len();
                let until = end + line.trim_end().len();
                return Some((from..until, format!("{quote}{}{quote}", all.trim())));
            }
            Some(_) => return None,
        }
        end += line.len();
    }
    None
}

fn is_key(name: &str) -> bool {
    !name.trim().is_empty() && name.trim().chars().all(is_bare)
}

/// The sign of a list before the name of a line, `- ` or `1. `, which is taken out of the text; none, if the line has another mistake too.
pub(super) fn stray_bullet(text: &mut String, at: usize) -> Option<Range<usize>> {
    let start = line_start(text, at);
    let line = text[start..].lines().next()?;
    let written = line.trim_start();
    let number = written.trim_start_matches(|sign: char| sign.is_ascii_digit());
    let is_number = number.len() < written.len() && number.starts_with(['.', ')']);
    let bullet = if is_number {
        &number[..1]
    } else {
        &written[..written.chars().next().filter(|sign| "-*–—•·".contains(*sign))?.len_utf8()]
    };
    let rest = written.get(if is_number { written.len() - number.len() + 1 } else { bullet.len() }..)?;
    let is_sound =
        rest.starts_with([' ', '\t']) && rest.contains('=') && toml::de::DeTable::parse(rest.trim_start()).is_ok();
    let from = start + line.len() - written.len();
    let span = from..from + written.len() - rest.len();
    if is_sound {
        text.replace_range(span.clone(), &blank(&text[span.clone()]));
    }
    is_sound.then_some(span)
}

/// The comma or semicolon behind the value of a line, which is taken out of the text; none, if the line has another mistake too.
pub(super) fn stray_end(text: &mut String, at: usize) -> Option<Range<usize>> {
    let start = line_start(text, at);
    let line = text[start..].lines().next()?;
    let code = line.trim_end();
    let rest = code.strip_suffix([',', ';'])?;
    let is_sound = rest.contains('=') && toml::de::DeTable::parse(rest).is_ok();
    let span = start + rest.len()..start + code.len();
    if is_sound {
        text.replace_range(span.clone(), &blank(&text[span.clone()]));
    }
    is_sound.then_some(span)
}
/// An item of a list over several lines whose `{` is lost, or has become another sign: it is put back. Where it begins, and that sign.
pub(super) fn unopened_item(text: &mut String, at: usize) -> Option<(Range<usize>, String)> {
    let start = line_start(text, at);
    let line = text[start..].lines().next()?.trim_end();
    let indent = line.len() - line.trim_start().len();
    let written = line.split('#').next()?.trim();
    let is_list = open_above(text, start).is_some_and(|open| text[open.start..].starts_with('['));
    let inside = written.trim_end_matches(',').strip_suffix('}')?;
    // A sign in the place of the brace stands alone.
    let sign = written.chars().next().filter(|sign| !is_bare(*sign));
    if sign.is_some_and(|sign| "{[(".contains(sign)) {
        return None;
    }
    let inside = inside.strip_prefix(|first| Some(first) == sign).unwrap_or(inside).trim_start();
    let is_sound = inside.contains('=') && toml::de::DeTable::parse(&format!("a = {{ {inside} }}")).is_ok();
    if !is_list || indent == 0 || !is_sound {
        return None;
    }
    let span = start + indent..start + indent + sign.map_or(1, char::len_utf8);
    let sign = sign.map(String::from).unwrap_or_default();
    if sign.is_empty() {
        text.replace_range(span.start - 1..span.start, "{");
    } else {
        text.replace_range(span.clone(), &format!("{{{}", " ".repeat(span.len() - 1)));
    }
    Some((span, sign))
}

/// A text over several lines of whose three quotes before it one is lost, at one of its lines: those quotes, and all its lines.
pub(super) fn begun_with_two(text: &str, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let here = line_start(text, at);
    let (mut first, mut quotes) = (here, None);
    for _ in 0..MOST_LINES {
        first = line_start(text, first.checked_sub(1)?);
        let line = text[first..].lines().next()?.trim_end();
        if line.starts_with('[') {
            return None;
        }
        let value = line.split_once('=').filter(|(name, _)| is_key(name)).map(|(_, value)| value.trim());
        if let Some(two @ ("\"\"" | "''")) = value {
            quotes = Some((first + line.len() - 2..first + line.len(), &two[..1]));
            break;
        }
    }
    let (span, quote) = quotes?;
    let mut end = here;
    for line in text[here..].split_inclusive('\n').take(MOST_LINES) {
        end += line.len();
        if line.starts_with('[') {
            return None;
        }
        if line.contains(&quote.repeat(3)) {
            return Some((span, first..end - (line.len() - line.trim_end().len())));
        }
    }
    None
}

/// An item of a list in the wrong brackets, `[ when = 'x', value = 1 ]`: it is read in braces. Where it stands, and how it is written.
pub(super) fn bracketed_item(text: &mut String, at: usize) -> Option<(Range<usize>, String)> {
    let start = line_start(text, at);
    let line = text[start..].lines().next()?.trim_end();
    let written = line.split(" #").next()?.trim().trim_end_matches(',');
    let inside = written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let inside = inside.or_else(|| written.strip_prefix('(')?.strip_suffix(')'))?;
    let right = format!("{{{inside}}}");
    let is_item = line.starts_with([' ', '\t']) && inside.contains('=');
    if !is_item || toml::de::DeTable::parse(&format!("a = {right}")).is_err() {
        return None;
    }
    let from = start + line.len() - line.trim_start().len();
    let span = from..from + written.len();
    text.replace_range(span.clone(), &right);
    Some((span, right))
}

/// A sign that stands alone among the brackets that end a list or a table, `] "}`: it is taken out.
pub(super) fn stray_among_ends(text: &mut String, at: usize) -> Option<Range<usize>> {
    let start = line_start(text, at);
    let line = text[start..].lines().next()?;
    let written = line.split('#').next()?;
    let is_end = |sign: char| "]}, ".contains(sign);
    let mut strays = written.char_indices().filter(|(_, sign)| !is_end(*sign));
    let (stray, sign) = strays.next().filter(|_| strays.next().is_none())?;
    if !written.contains([']', '}']) || !is_open(text, start) {
        return None;
    }
    let span = start + stray..start + stray + sign.len_utf8();
    text.replace_range(span.clone(), &" ".repeat(span.len()));
    Some(span)
}
