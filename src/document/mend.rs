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
    let entry = (0..this).rev().find(|line| begins(of(*line)));
    let opener = entry.and_then(|entry| Some((entry, unclosed(text, lines[entry].start..lines[this].start)?)));
    let begins_anew = begins(of(this));
    let is_inside = opener.is_some() && !begins_anew;
    let (first, last, opened) = match opener {
        // A name where an item should be: the list above was not closed.
        Some((entry, at)) if begins_anew => (entry, this - 1, Some(to_line_end(text, at))),
        _ if is_header(of(this)) => {
            let next = (this + 1..lines.len()).find(|line| is_header(of(*line)));
            (this, next.unwrap_or(lines.len()) - 1, None)
        }
        _ if is_inside => (this, this, None),
        // What can begin nothing is the rest of what was broken: of a list, of a table in braces, of a text of several lines.
        _ => {
            let is_rest = |line: &usize| {
                let written = of(*line);
                !written.trim().is_empty() && !written.starts_with('#') && !begins(written)
            };
            // What stands further in, or begins with a bracket or a quote, was not meant to begin anything.
            let is_inner = of(this).starts_with([' ', '\t', '[', ']', '{', '}', '"', '\'']);
            let begun =
                (0..=this).rev().find(|line| !is_rest(line)).filter(|line| is_inner && key(of(*line)).is_some());
            let first = begun.unwrap_or(this);
            let quotes = |quotes: &&str| text[lines[first].start..lines[this].end].matches(*quotes).count() % 2 == 1;
            let quotes = ["'''", "\"\"\""].into_iter().find(quotes);
            let end = quotes.and_then(|quotes| (this + 1..lines.len()).find(|line| of(*line).contains(quotes)));
            let last = end.unwrap_or(this);
            (first, (last + 1..lines.len()).take_while(is_rest).last().unwrap_or(last), None)
        }
    };
    let span = lines[first].start..lines[last].end;
    take(text, span.clone(), tried);
    Some(Slip { lines: span, opened })
}

/// Takes out lines, of which the name that the first one gives a value is left, unless that has been tried.
pub(super) fn take(text: &mut String, span: Range<usize>, tried: &[Range<usize>]) {
    let first = text[span.clone()].lines().next().unwrap_or_default();
    // Where not even a name can be made out, one that stands nowhere else says that something was there.
    let unnamed = || (!first.starts_with([' ', '\t', '[', '#'])).then(|| format!("_{}", span.start));
    let mut left = blank(&text[span.clone()]);
    if let Some(key) = key(first).or_else(unnamed).filter(|_| !tried.contains(&span)) {
        let standing = [format!("{key} = 0"), format!("{key}=0")];
        if let Some(standing) = standing.into_iter().find(|standing| standing.len() <= first.len()) {
            left.replace_range(..standing.len(), &standing);
        }
    }
    text.replace_range(span, &left);
}

/// Takes out what was left of an earlier slip, where it stands in the way of a name: `sources = 0` of `[sources.clinic]`. Whether there was
/// any.
pub(super) fn clear_way(text: &mut String, at: usize, tried: &[Range<usize>]) -> bool {
    let first = |line: &str| {
        let name = line.trim_start_matches(['[', ' ']);
        let end = name.find(|c: char| !is_bare(c)).unwrap_or(name.len());
        name[..end].to_owned()
    };
    let start = line_start(text, at);
    let name = first(&text[start..]);
    let stands = |span: &&Range<usize>| first(&text[(*span).clone()]) == name && !span.contains(&at);
    let Some(span) = tried.iter().find(stands).filter(|_| !name.is_empty()).cloned() else { return false };
    text.replace_range(span.clone(), &blank(&text[span]));
    true
}

/// Puts in the comma that is missing before a place, if there is room for it in the same list.
pub(super) fn put_comma(text: &mut String, at: usize) -> bool {
    let line = line_start(text, at);
    let begins_anew =
        key(text[line..].lines().next().unwrap_or_default()).is_some() && text[line..at].trim().is_empty();
    let has_room = text[..at].ends_with([' ', '\t']) && !text[at..].starts_with('=');
    if has_room && !begins_anew {
        text.replace_range(at - 1..at, ",");
    }
    has_room && !begins_anew
}

/// As many spaces as a text has bytes; line ends stay.
pub(super) fn blank(text: &str) -> String {
    text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' }).collect()
}

/// Whether a key may have a sign without being put in quotes.
pub(super) fn is_bare(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-')
}

/// Where the line of a place begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
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

/// Whether a line begins a table, or gives a name its value: not so one item of a list, with its comma, or a comparison.
fn begins(line: &str) -> bool {
    let is_item = line.starts_with(' ') && line.split('#').next().unwrap_or_default().trim_end().ends_with(',');
    let compares = line.find('=').is_some_and(|at| line[at..].starts_with("=="));
    is_header(line) || (key(line).is_some() && !is_item && !compares)
}

/// Whether a line stands in a list, or in a table in braces, that was opened above it.
pub(super) fn is_open(text: &str, start: usize) -> bool {
    open_above(text, start).is_some()
}

/// What is open where a line begins, a list or a table in braces: from its bracket to the end of the line that the bracket is on.
pub(super) fn open_above(text: &str, start: usize) -> Option<Range<usize>> {
    let lines = lines(&text[..start]);
    let entry = lines.iter().rev().find(|line| begins(&text[(*line).clone()]))?;
    let at = unclosed(text, entry.start..start)?;
    Some(to_line_end(text, at))
}

/// From a place to the end of its line, without the spaces there.
fn to_line_end(text: &str, at: usize) -> Range<usize> {
    at..at + text[at..].lines().next().unwrap_or_default().trim_end().len()
}

/// A text of several lines before a place in which a table or a name begins: its end is missing. Its quotes, its lines up to what begins
/// there, and the last of them that is not empty.
pub(super) fn run_on(text: &str, at: usize) -> Option<(Range<usize>, Range<usize>, Range<usize>)> {
    let is_statement = |line: &str| {
        let name = line.split('=').next().unwrap_or_default().trim_end();
        let is_name = !name.is_empty() && name.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_');
        is_header(line) || (is_name && line[name.len()..].trim_start().starts_with("= "))
    };
    let mut open: Option<(Range<usize>, &str)> = None;
    let (mut before, mut last) = (0..0, 0..0);
    for line in lines(text) {
        let written = &text[line.clone()];
        if let Some((opened, quotes)) = &open {
            if line.start != opened.start && is_statement(written) {
                let lines = opened.start..before.end;
                let quotes = opened.start + text[opened.clone()].find(quotes)?;
                return Some((quotes..quotes + 3, lines, last));
            }
            if written.contains(quotes) {
                open = None;
            }
        } else if line.start < at && key(written).is_some() {
            let quotes = ["'''", "\"\"\""].into_iter().filter(|quotes| written.matches(quotes).count() == 1);
            open = quotes.min_by_key(|quotes| written.find(quotes)).map(|quotes| (line.clone(), quotes));
        }
        if !written.trim().is_empty() && !written.starts_with('#') {
            last = line.clone();
        }
        before = line;
    }
    None
}

/// The name that a line gives a value, as far as it can be guessed: `owner = …`, `owner : …`, `owner "…"`, `valid for = …`.
fn key(line: &str) -> Option<String> {
    let is_further_in = line.starts_with([' ', '\t']);
    // A bullet, or what else was pasted before it, is no part of the name.
    let line = line.trim_start_matches(|c: char| !c.is_ascii() && !c.is_alphabetic() || c == ' ');
    let end = line.find(['=', ':', '"', '\'', '['])?;
    // One sign that no name has may have been typed into it.
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-' | '.' | ' ' | '\t');
    let foreign = line[..end].chars().filter(|sign| !is_part(*sign)).count();
    let is_name_with_slip =
        foreign == 1 && line[end..].starts_with("= ") && !line.starts_with(['{', '[']) && !is_further_in;
    let name: String = line[..end].chars().filter(|sign| !is_name_with_slip || is_part(*sign)).collect();
    let key: String = name.split_whitespace().collect::<Vec<_>>().join("_");
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
        // Of a line without a name, that something stood there.
        assert_eq!(mended("a few words\nnext = 1\n", "few"), ("_0 = 0     \nnext = 1\n".into(), None));
        // Characters of several bytes.
        assert_eq!(mended("é = 1\nnext = 1\n", "= 1\nn"), ("_0 = 0\nnext = 1\n".into(), None));
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
