//! Headings with a slip, such as `7[course.session]]` and `[sources.cd"c]`: which heading was meant can be told, and what stands below it is
//! read as what it is.

use std::ops::Range;

use super::mend::{is_bare, is_open, line_start};

/// What was put in the place of a heading with a slip.
pub(super) struct Restored {
    /// The heading as it was written.
    pub(super) span: Range<usize>,
    /// The one that was meant.
    pub(super) heading: String,
    /// Whether its end is all that was missing.
    pub(super) was_open: bool,
}

/// A longer line is no heading, and would be compared with the whole file at each of its signs.
const LONGEST: usize = 200;

/// Writes the heading that the line of a place was meant for, if it is one with a slip: nothing behind it moves. The room for what is missing
/// comes from the spaces behind it, or from those before the next `=`.
pub(super) fn restore(text: &mut String, at: usize) -> Option<Restored> {
    let start = line_start(text, at);
    let line = text[start..].lines().next()?;
    let written = line.split('#').next()?.trim_end();
    if written.len() > LONGEST || name_of(written).is_some() || is_open(text, start) {
        return None;
    }
    let span = start..start + written.len();
    let is_bracketed = written.contains(['[', ']']);
    let heading = if is_bracketed { meant(text, &span) } else { without_brackets(text, &span) }?;
    let was_open = heading.trim_end_matches(']') == written.trim_end_matches(']');
    let restored = Restored { span: span.clone(), heading: heading.clone(), was_open };
    if let Some(missing) = heading.len().checked_sub(written.len()).filter(|missing| *missing > 0) {
        let line_end = start + line.len();
        let spaces = text[span.end..line_end].len() - text[span.end..line_end].trim_start_matches(' ').len();
        if spaces < missing {
            // The line end moves, and what it parts stays.
            let (end, below) = text[line_end..].split_at(text[line_end..].find('\n')? + 1);
            let before = below.lines().next()?.split_once('=')?.0;
            let room = before.len() - before.trim_end_matches(' ').len();
            if room < missing || before.trim().is_empty() {
                return None;
            }
            let between = [&text[span.end..line_end], end, &before[..before.len() - missing]].concat();
            let end = line_end + end.len() + before.len();
            text.replace_range(start..end, &[heading, between].concat());
            return Some(restored);
        }
        text.replace_range(start..span.end + missing, &heading);
        return Some(restored);
    }
    let rest = " ".repeat(written.len() - heading.len());
    text.replace_range(span, &[heading, rest].concat());
    Some(restored)
}

/// The tables of which a file has one.
const SINGLE: [&str; 5] = ["facts", "expect", "definitions", "products", "columns"];

/// The heading that a line is but for its brackets, where the rest of the file speaks for it: `contraindication:`, `((contraindication))`.
fn without_brackets(text: &str, span: &Range<usize>) -> Option<String> {
    let name = text[span.clone()].trim_matches(['(', ')', '{', '}', '<', '>', ':', ' ']);
    let root = name.split('.').next().unwrap_or_default();
    if !root.starts_with(|sign: char| sign.is_ascii_alphabetic()) {
        return None;
    }
    let (list, table) = (format!("[[{name}]]"), format!("[{name}]"));
    let stands = |heading: &str| text.lines().any(|line| line.starts_with(heading));
    let is_list = stands(&list) || below(text, span.start) == Some(list.as_str());
    let is_table = name != root && stands(&format!("[{root}.")) || SINGLE.contains(&name);
    let heading = if is_list { list } else { Some(table).filter(|table| is_table && !stands(table))? };
    name_of(&heading).is_some().then_some(heading)
}

/// The heading from which one slip has made what is written; of several, the one that the rest of the file speaks for.
fn meant(text: &str, span: &Range<usize>) -> Option<String> {
    let written = &text[span.clone()];
    let mut all: Vec<String> = Vec::new();
    // A name of several words.
    all.extend(written.contains(' ').then(|| written.replace(' ', "_")));
    // A sign that is lost.
    all.push(format!("[{written}"));
    let name = written.trim_start_matches('[');
    let missing = (written.len() - name.len()).saturating_sub(name.len() - name.trim_end_matches(']').len());
    all.push([written, &"]".repeat(missing)].concat());
    let signs = written.char_indices().map(|(at, sign)| (at, at + sign.len_utf8()));
    for (at, end) in signs {
        let (before, after) = (&written[..at], &written[end..]);
        // A sign in the place of another.
        all.extend(['[', ']'].map(|sign| format!("{before}{sign}{after}")));
        let segment = before.rfind(['[', '.']).map_or(0, |point| point + 1);
        let until = after.find([']', '.']).unwrap_or(after.len());
        let letter = sign_between(text, &before[segment..], &after[..until]);
        all.extend(letter.map(|letter| format!("{before}{letter}{after}")));
        // A sign too many.
        all.push([before, after].concat());
    }
    let rest = [&text[..span.start], &text[span.end..]];
    let elsewhere = |part: &str| rest.iter().any(|text| text.contains(part));
    // A point that has become another sign, where what stands before it is known. Two words behind a point are one name.
    let is_below = |heading: &String| {
        let root = heading.split('.').next().unwrap_or_default();
        written.matches('.').count() < heading.matches('.').count() && elsewhere(&format!("\n{root}."))
    };
    let is_between = |(at, sign): &(usize, char)| *sign != ' ' || !written[..*at].contains('.');
    let points = written
        .char_indices()
        .filter(is_between)
        .map(|(at, sign)| format!("{}.{}", &written[..at], &written[at + sign.len_utf8()..]));
    all.extend(points.filter(is_below));
    let fits = |heading: &String| {
        let name = name_of(heading).unwrap_or_default();
        let brackets = &heading[..heading.len() - heading.trim_start_matches('[').len()];
        let root = name.split('.').next().unwrap_or_default();
        let last = name.rsplit('.').next().unwrap_or_default();
        let is_like = |end: &str| elsewhere(&format!("\n{brackets}{root}{end}"));
        let is_used =
            last != root && rest.iter().any(|text| text.split(|sign| !is_bare(sign)).any(|word| word == last));
        (is_like(".") || is_like("]"), elsewhere(&format!("\n{heading}")), is_used)
    };
    // Of those that fit equally well, the first.
    all.into_iter().filter(|heading| name_of(heading).is_some()).rev().max_by_key(fits)
}

/// The sign that stands between two halves of a word, where the word is written whole elsewhere in the text.
fn sign_between(text: &str, before: &str, after: &str) -> Option<char> {
    let may_be = before.len() + after.len() > 1 && before.chars().chain(after.chars()).all(is_bare);
    let mut words = text.split(|sign| !is_bare(sign)).filter(|_| may_be);
    words.find_map(|word| {
        let mut middle = word.strip_prefix(before)?.strip_suffix(after)?.chars();
        middle.next().filter(|_| middle.next().is_none())
    })
}

/// The name in a heading as it should be: `[name]` or `[[name]]`.
fn name_of(heading: &str) -> Option<&str> {
    let inside = heading.strip_prefix('[')?.strip_suffix(']')?;
    let name = match inside.strip_prefix('[') {
        Some(inside) => inside.strip_suffix(']')?,
        None => inside,
    };
    let is_key = |part: &str| !part.is_empty() && part.chars().all(is_bare);
    let begins = name.starts_with(|sign: char| sign.is_ascii_alphabetic());
    (begins && name.split('.').all(is_key)).then_some(name)
}

/// Names that a table has already, behind a blank line or a comment: another table begins there, and its heading is missing.
pub(super) struct Headless {
    /// The first line of what goes together there.
    pub(super) line: Range<usize>,
    /// All of it, up to the next heading.
    pub(super) lines: Range<usize>,
    /// A heading that it can have had.
    pub(super) heading: String,
    /// Whether it has an `id`, which may have been meant for what stands above it.
    pub(super) has_id: bool,
}

/// Whether the heading of a table is missing above a name that is given twice.
pub(super) fn missing_above(text: &str, at: usize) -> Option<Headless> {
    let start = line_start(text, at);
    let line = text[start..].lines().next()?;
    let name = key(line)?;
    let heading = text[..start].rfind("\n[").map(|at| at + 1).or(text.starts_with('[').then_some(0));
    let above = heading.and_then(|top| text[top..].lines().next()).unwrap_or_default();
    let above_end = heading.unwrap_or(0) + above.len();
    let end = text[start..].find("\n[").map_or(text.len(), |end| start + end + 1);
    let has_id = name == "id";
    let first = if has_id { start } else { paragraph(text, above_end, start) };
    let before = text[..first].lines().next_back()?.trim();
    if has_id && !before.is_empty() && !before.starts_with('#') {
        return None;
    }
    let keys: Vec<&str> = text[first..end].lines().filter_map(key).collect();
    let known: Vec<&str> = text[above_end..first].lines().filter_map(key).collect();
    let known_kind = heading_for(&keys);
    // One name that comes again is a slip of its line, but where all the names of another table begin behind a blank line.
    let begins = heading.is_none() || keys.first() == Some(&"id");
    let is_another = begins && first > above_end && first < end && known_kind.is_some();
    if heading.is_none() && !is_another {
        return None;
    }
    if !has_id && !is_another && keys.iter().filter(|key| known.contains(key)).count() < 2 {
        return None;
    }
    // What stands at the top of a protocol, where a table was written above it, is no other table.
    if keys.contains(&"version") {
        return None;
    }
    let line = text[first..].lines().next()?;
    let heading = known_kind.map_or_else(|| without_name(above), str::to_owned);
    Some(Headless { line: first..first + line.trim_end().len(), lines: first..end, heading, has_id })
}

/// The name that a line gives a value.
fn key(line: &str) -> Option<&str> {
    let name = line.split_once('=')?.0.trim_end();
    (!name.is_empty() && name.chars().all(is_bare)).then_some(name)
}

/// Where the lines begin that a line goes together with: behind the last blank line, but below the heading.
fn paragraph(text: &str, above: usize, start: usize) -> usize {
    let mut first = start;
    while first > above + 1 {
        let before = line_start(text, first - 1);
        if before <= above || key(text[before..first].trim_end()).is_none() {
            return if before <= above { start } else { first };
        }
        first = before;
    }
    start
}

/// The heading that what stands below one can have had.
pub(super) fn below(text: &str, heading: usize) -> Option<&'static str> {
    let start = heading + text[heading..].find('\n')? + 1;
    let end = text[start..].find("\n[").map_or(text.len(), |end| start + end);
    heading_for(&text[start..end].lines().filter_map(key).collect::<Vec<_>>())
}

/// Whether a place stands in a table with a name of its own: `[sources.clinic]`.
pub(super) fn is_named(text: &str, at: usize) -> bool {
    let above = text[..at].rfind("\n[").and_then(|above| text[above + 1..].lines().next());
    above.is_some_and(|heading| !heading.starts_with("[[") && heading.contains('.'))
}

/// The heading whose tables have such keys.
pub(super) fn heading_for(keys: &[&str]) -> Option<&'static str> {
    let has = |key: &str| keys.contains(&key);
    let all: [(&[&str], &'static str); 24] = [
        (&["type", "ask"], "[facts.…]"),
        (&["lasts"], "[[contraindication]]"),
        (&["otherwise"], "[[indication]]"),
        (&["outcome"], "[[completion]]"),
        (&["sign"], "[[red_flag]]"),
        (&["rows"], "[[setting]]"),
        (&["at", "do"], "[[instruction]]"),
        (&["do"], "[[precaution]]"),
        (&["to", "when"], "[[referral]]"),
        (&["not_before"], "[[deferral]]"),
        (&["recheck"], "[[deferral]]"),
        (&["until", "when"], "[[deferral]]"),
        (&["value", "sources"], "[parameters.…]"),
        (&["title", "evidence"], "[sources.…]"),
        (&["title", "url"], "[sources.…]"),
        (&["never", "reason"], "[[property]]"),
        (&["always", "reason"], "[[property]]"),
        (&["when", "say"], "[[contradiction]]"),
        (&["code", "reason"], "[[allow]]"),
        (&["id", "from", "minimum", "reason"], "[[separation]]"),
        (&["id", "sessions", "sources"], "[[course]]"),
        (&["id", "accept", "sources"], "[[course]]"),
        (&["id", "grace", "sources"], "[[course]]"),
        (&["id", "components", "sources"], "[[course]]"),
    ];
    all.into_iter().find(|(needed, _)| needed.iter().all(|key| has(key))).map(|(_, heading)| heading)
}

/// A heading of the same kind: `[facts.…]` for `[facts.smoker]`.
fn without_name(heading: &str) -> String {
    let heading = heading.split('#').next().unwrap_or_default().trim();
    match heading.rsplit_once('.') {
        Some((kind, _)) if !heading.starts_with("[[") => format!("{kind}.…]"),
        _ => heading.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of the last heading of a text, and what is left of it.
    fn restored(text: &str) -> Option<String> {
        let mut left = text.to_owned();
        let at = text.rfind(['[', ']']).expect("a bracket");
        let restored = restore(&mut left, at);
        assert_eq!(left.len(), text.len());
        assert_eq!(restored.is_some(), left != text);
        restored.map(|_| left)
    }

    #[test]
    fn a_heading_with_one_slip_is_written_as_it_was_meant() {
        let above = "[course]\nid = 1\n[[course.session]]\nid = 2\n[sources.x]\nid = 3\nuses = [\"cdc\"]\n";
        for (slipped, heading) in [
            ("7[course.session]]", "[[course.session]]"),
            ("][course.session]]", "[[course.session]]"),
            ("[[course.session]7", "[[course.session]]"),
            ("\u{201c}[[course.session]]", "[[course.session]]   "),
            ("[[course.session]]]", "[[course.session]] "),
            ("[[course.se=ssion]]", "[[course.session]] "),
            ("[sources.cd\"c]", "[sources.cdc] "),
            ("[sources.'dc]", "[sources.cdc]"),
            ("[sou rces.cdc]", "[sources.cdc] "),
            ("[sources.cdc]]", "[sources.cdc] "),
            ("\"sources.cdc]", "[sources.cdc]"),
            ("[sources cdc]", "[sources.cdc]"),
            // A name of several words, of which another heading has the end.
            ("[sources.old x]", "[sources.old_x]"),
            ("[sources.the cdc pages]", "[sources.the_cdc_pages]"),
        ] {
            let text = format!("{above}{slipped}\nid  = 3\n");
            assert_eq!(restored(&text), Some(format!("{above}{heading}\nid  = 3\n")), "{slipped}");
        }
        for (slipped, heading) in [("sources.cdc]", "[sources.cdc]"), ("[course.session]]", "[[course.session]]")] {
            let text = format!("{above}{slipped}\nid  = 3\n");
            assert_eq!(restored(&text), Some(format!("{above}{heading}\nid = 3\n")), "{slipped}");
        }
    }

    #[test]
    fn a_heading_without_its_brackets_has_them_where_the_file_speaks_for_it() {
        let above = "[sources.x]\nid = 3\n[[referral]]\nto = 2\n";
        for (slipped, below, heading) in [
            ("referral", "id     = 3", "[[referral]]\nid = 3"),
            ("referral:", "id    = 3", "[[referral]]\nid = 3"),
            ("((referral))", "id = 3", "[[referral]]\nid = 3"),
            ("{sources.cdc}", "id = 3", "[sources.cdc]\nid = 3"),
            ("sources.cdc", "id   = 3", "[sources.cdc]\nid = 3"),
            ("expect", "status   = 3", "[expect]\nstatus = 3"),
            // What stands below it tells its kind.
            ("contraindication", "lasts     = 3", "[[contraindication]]\nlasts = 3"),
        ] {
            let mut text = format!("{above}{slipped}\n{below}\n");
            let written = text.len();
            assert!(restore(&mut text, above.len()).is_some(), "{slipped}");
            assert_eq!((text.len(), text), (written, format!("{above}{heading}\n")), "{slipped}");
        }
        for slipped in ["hello", "sources", "reason", "(a", "sources.x", "new.cdc", ":", ""] {
            let mut text = format!("{above}{slipped}\nid         = 3\n");
            assert!(restore(&mut text, above.len()).is_none(), "{slipped}");
        }
    }

    #[test]
    fn a_heading_is_closed_where_there_is_room() {
        assert_eq!(restored("[a.b\nc   = 3\n").as_deref(), Some("[a.b]\nc  = 3\n"));
        assert_eq!(restored("[[ab]\nc = 3\n").as_deref(), Some("[[ab]]\nc= 3\n"));
        assert_eq!(restored("[a.b\r\nc  = 3\r\n").as_deref(), Some("[a.b]\r\nc = 3\r\n"));
        assert_eq!(restored("[a.b  # x\nc = 3\n").as_deref(), Some("[a.b] # x\nc = 3\n"));
        assert_eq!(restored("[[ab\nc  = 3\n").as_deref(), Some("[[ab]]\nc= 3\n"));
        assert_eq!(restored("[[ab\nc = 3\n"), None);
        assert_eq!(restored("[ab]\nc = 3\n"), None);
        assert_eq!(restored("[ab"), None);
        assert_eq!(restored("[ab, 3\nc  = 3"), None);
    }

    #[test]
    fn a_heading_is_missing_where_several_names_come_again() {
        let fact = "[facts.a]\ntype = \"bool\"\nask = \"A?\"\nof = \"patient\"\n";
        let rule = "[[referral]]\nid = \"a\"\nto = \"x\"\nreason = \"y\"\n";
        for (text, first, heading) in [
            (format!("{fact}\nlabel = \"b\"\ntype = \"bool\"\nask = \"B?\"\n"), "label = \"b\"", "[facts.…]"),
            (format!("{fact}type = \"bool\"\nask = \"B?\"\n"), "type = \"bool\"", "[facts.…]"),
            (format!("{rule}\nid = \"b\"\ndo = \"x\"\nreason = \"y\"\n"), "id = \"b\"", "[[precaution]]"),
            ("[a.b]\nx = 1\ny = 2\n\nx = 1\ny = 2\n".to_owned(), "x = 1", "[a.…]"),
        ] {
            let last = text.rfind("\n\n").map_or(fact.len(), |at| at + 2);
            let at = last + text[last..].find("type").or(text[last..].find("id")).unwrap_or(0);
            let found = missing_above(&text, at).expect(&text);
            assert_eq!((&text[found.line.clone()], found.heading.as_str()), (first, heading), "{text}");
            assert_eq!(found.lines.end, text.len());
        }
        // One alone is a slip of its line.
        let text = format!("{fact}valid_for = \"visit\"\nask = \"B?\"\n");
        assert!(missing_above(&text, text.rfind("ask").expect("it")).is_none());
    }

    #[test]
    fn what_is_no_heading_is_left() {
        for text in ["a = [\n  b]\n", "a = [1, 2]]\n", "[\"a\", \"b\"]\n", "  [1, 2],\n", "]\n", "[[1]]\n"] {
            assert_eq!(restored(text), None, "{text}");
        }
    }
}
