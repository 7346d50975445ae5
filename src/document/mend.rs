//! Takes a slip out of a TOML text, so that what follows it can still be read.
//!
//! The parser goes on after a mistake, but what it makes of the next lines is a guess: a list that is not closed swallows all names below
//! it. So each slip is told once, its line is taken out of the text, and the text is read anew. Every byte stays in its place.

use std::ops::Range;

/// What was taken out.
pub(super) struct Slip {
    /// The bytes that cannot be believed.
    pub(super) lines: Range<usize>,
    /// Where something was opened that is not closed, if that is the mistake: from there to the end of its line.
    pub(super) opened: Option<Range<usize>>,
}

/// Takes out the line to blame for a mistake at a place, of which a name with something in place of its value is left, unless that has
/// been tried; none, if there is nothing left to take out.
pub(super) fn mend(text: &mut String, at: usize, tried: &[Range<usize>]) -> Option<Slip> {
    let lines = lines(text);
    let mut this = lines.iter().rposition(|line| line.start <= at)?;
    // A text that ends too early ends after its last line.
    while text[lines[this].clone()].trim().is_empty() {
        this = this.checked_sub(1)?;
    }
    let of = |line: usize| &text[lines[line].clone()];
    let entry = (0..this).rev().find(|line| key(of(*line)).is_some() || is_header(of(*line)));
    let opener = entry.and_then(|entry| Some((entry, unclosed(text, lines[entry].start..lines[this].start)?)));
    let begins_anew = key(of(this)).is_some() || is_header(of(this));
    let (first, last, opened) = match opener {
        // A name where an item should be: the list above was not closed.
        Some((entry, at)) if begins_anew => {
            let line = text[at..].lines().next().unwrap_or_default();
            (entry, this - 1, Some(at..at + line.trim_end().len()))
        }
        _ if is_header(of(this)) => {
            let next = (this + 1..lines.len()).find(|line| is_header(of(*line)));
            (this, next.unwrap_or(lines.len()) - 1, None)
        }
        _ => (this, this, None),
    };
    let span = lines[first].start..lines[last].end;
    let standing = key(of(first)).filter(|key| key.len() + 4 <= lines[first].len()).map(|key| format!("{key} = 0"));
    let mut left = blank(&text[span.clone()]);
    if let Some(standing) = standing.filter(|_| !tried.contains(&span)) {
        left.replace_range(..standing.len(), &standing);
    }
    text.replace_range(span.clone(), &left);
    Some(Slip { lines: span, opened })
}

/// Takes out what was left of an earlier slip, where it stands in the way of a name: `sources = 0` of `[sources.clinic]`. Whether there was
/// any.
pub(super) fn clear_way(text: &mut String, at: usize, tried: &[Range<usize>]) -> bool {
    let first = |line: &str| {
        let name = line.trim_start_matches(['[', ' ']);
        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(name.len());
        name[..end].to_owned()
    };
    let start = line_start(text, at);
    let name = first(&text[start..]);
    let stands = |span: &&Range<usize>| first(&text[(*span).clone()]) == name && !span.contains(&at);
    let Some(span) = tried.iter().find(stands).filter(|_| !name.is_empty()).cloned() else { return false };
    text.replace_range(span.clone(), &blank(&text[span]));
    true
}

/// Closes a heading, if that is what is missing in the line of a place. The room for it comes from the spaces before the next `=`: nothing
/// behind it moves.
pub(super) fn close_heading(text: &mut String, at: usize) -> bool {
    let start = line_start(text, at);
    let Some((line, below)) = text[start..].split_once('\n') else { return false };
    let heading = line.trim_end();
    let name = heading.trim_start_matches('[');
    let opened = heading.len() - name.len();
    let name = name.trim_end_matches(']');
    let missing = opened.saturating_sub(heading.len() - opened - name.len());
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if !is_header(line) || !is_name || missing == 0 {
        return false;
    }
    let Some((before, _)) = below.lines().next().and_then(|next| key(next).and(next.split_once('='))) else {
        return false;
    };
    if before.len() - before.trim_end().len() < missing {
        return false;
    }
    let closed =
        [heading, &"]".repeat(missing), &line[heading.len()..], "\n", &before[..before.len() - missing]].concat();
    let end = start + line.len() + 1 + before.len();
    text.replace_range(start..end, &closed);
    true
}

/// Puts in the comma that is missing before a place, if there is room for it in the same list.
pub(super) fn put_comma(text: &mut String, at: usize) -> bool {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let begins_anew =
        key(text[line..].lines().next().unwrap_or_default()).is_some() && text[line..at].trim().is_empty();
    let has_room = text[..at].ends_with([' ', '\t']);
    if has_room && !begins_anew {
        text.replace_range(at - 1..at, ",");
    }
    has_room && !begins_anew
}

/// As many spaces as a text has bytes; line ends stay.
fn blank(text: &str) -> String {
    text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' }).collect()
}

/// Where the line of a place begins.
fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// The lines, without their ends.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let line = |line: &str| {
        let range = start..start + line.trim_end_matches(['\n', '\r']).len();
        start += line.len();
        range
    };
    text.split_inclusive('\n').map(line).collect()
}

fn is_header(line: &str) -> bool {
    let written = line.trim_end();
    // One with a slip in its name is a heading all the same.
    let is_bracketed = written.ends_with("]]") || (written.ends_with(']') && !written.contains(['"', '\'', ',']));
    line.starts_with('[')
        && (line[1..].trim_start_matches('[').starts_with(|c: char| c.is_ascii_alphabetic())
            || (is_bracketed && written.contains(|c: char| c.is_ascii_alphabetic())))
}

/// The name that a line gives a value, as far as it can be guessed: `owner = …`, `owner : …`, `owner "…"`, `valid for = …`.
fn key(line: &str) -> Option<String> {
    // A bullet, or what else was pasted before it, is no part of the name.
    let line = line.trim_start_matches(|c: char| !c.is_ascii() && !c.is_alphabetic() || c == ' ');
    let end = line.find(['=', ':', '"', '\'', '['])?;
    let key: String = line[..end].split_whitespace().collect::<Vec<_>>().join("_");
    let is_name = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    is_name.then_some(key)
}

/// The last bracket of some lines that is not closed in them.
fn unclosed(text: &str, lines: Range<usize>) -> Option<usize> {
    let mut open: Vec<usize> = Vec::new();
    let mut quote = None;
    let mut chars = text[lines.clone()].char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some('"'), '\\') => {
                chars.next();
            }
            // No text goes over the end of its line, but for those in three quotes.
            (Some(_), '\n') => quote = None,
            (Some(mark), _) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') => while chars.next().is_some_and(|(_, c)| c != '\n') {},
            (None, '[' | '{') => open.push(lines.start + at),
            (None, ']' | '}') => {
                open.pop();
            }
            _ => {}
        }
    }
    open.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a text, and what of it cannot be believed.
    fn mended(text: &str, at: &str) -> (String, Option<String>) {
        let mut left = text.to_owned();
        let slip = mend(&mut left, text.find(at).expect("a place"), &[]).expect("something to take out");
        assert_eq!(left.len(), text.len());
        (left, slip.opened.map(|opened| text[opened].to_owned()))
    }

    #[test]
    fn a_name_is_left_of_a_line() {
        assert_eq!(mended("owner : \"x\"\nnext = 1\n", ":"), ("owner = 0  \nnext = 1\n".into(), None));
        assert_eq!(mended("valid for = \"x\"\n", "for"), ("valid_for = 0  \n".into(), None));
        assert_eq!(mended("a few words\nnext = 1\n", "few"), ("           \nnext = 1\n".into(), None));
        // Characters of several bytes.
        assert_eq!(mended("é = 1\nnext = 1\n", "= 1\nn"), ("      \nnext = 1\n".into(), None));
    }

    #[test]
    fn a_list_ends_where_a_name_begins() {
        let (left, opened) = mended("a = [1, # [ no\n  2\nb = 3\n", "b = 3");
        assert_eq!((left.as_str(), opened.as_deref()), ("a = 0         \n   \nb = 3\n", Some("[1, # [ no")));
        // A text with a bracket opens nothing.
        assert_eq!(mended("a = \"[\"\nb = 3 4\n", "b = 3"), ("a = \"[\"\nb = 0  \n".into(), None));
    }

    #[test]
    fn a_heading_takes_its_table_with_it() {
        let (left, _) = mended("[a\nb = 3\n[c]\nd = 4\n", "[a");
        assert_eq!(left, "  \n     \n[c]\nd = 4\n");
    }

    #[test]
    fn a_heading_is_closed_where_there_is_room() {
        let closed = |text: &str| {
            let mut closed = text.to_owned();
            close_heading(&mut closed, 3).then_some(closed)
        };
        assert_eq!(closed("[a.b\nc   = 3\n").as_deref(), Some("[a.b]\nc  = 3\n"));
        assert_eq!(closed("[[ab]\nc = 3\n").as_deref(), Some("[[ab]]\nc= 3\n"));
        assert_eq!(closed("[a.b\r\nc  = 3\r\n").as_deref(), Some("[a.b]\r\nc = 3\r\n"));
        assert_eq!(closed("[[ab\nc = 3\n"), None);
        assert_eq!(closed("[ab]\nc = 3\n"), None);
        assert_eq!(closed("[ab"), None);
        assert_eq!(closed("[ab, 3\nc  = 3"), None);
    }

    #[test]
    fn what_is_left_gives_way_to_a_heading() {
        let (mut text, told) = ("sources = 0\n[sources.clinic]\n".to_owned(), 0..11);
        assert!(clear_way(&mut text, 13, std::slice::from_ref(&told)));
        assert_eq!(text, "           \n[sources.clinic]\n");
        assert!(!clear_way(&mut text, 13, std::slice::from_ref(&told)));
    }

    #[test]
    fn a_comma_is_put_where_there_is_room() {
        let mut text = "a = [1 2]".to_owned();
        assert!(put_comma(&mut text, 7));
        assert_eq!(text, "a = [1,2]");
        assert!(!put_comma(&mut "a = [1\n  b = 2".to_owned(), 9));
        assert!(!put_comma(&mut "a = [\"1\"\"2\"]".to_owned(), 8));
    }
}
