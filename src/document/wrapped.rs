//! What mail programs and spreadsheets do to a line: a text that goes on in the next one, and a comma or semicolon behind a value.

use std::ops::Range;

use super::mend::{blank, is_bare, line_start};

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
