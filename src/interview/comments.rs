//! What a person wrote into a record beside its answers: comments stay where what they stand beside is taken out, and lines end as they did.

use toml_edit::{ArrayOfTables, DocumentMut, Item, RawString, Table, Value};

/// The comments of a piece of a file, one a line.
fn lines(pieces: &[Option<&str>]) -> String {
    let comments = pieces.iter().flatten().flat_map(|piece| piece.lines()).map(str::trim);
    comments.filter(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect()
}

/// Takes an entry out; the comments that stood above it, behind it and in it.
pub(super) fn taken_with(table: &mut Table, key: &str) -> String {
    let Some((key, item)) = table.remove_entry(key) else { return String::new() };
    let above = key.leaf_decor().prefix().and_then(|prefix| prefix.as_str());
    match &item {
        Item::Value(value) => {
            let within = value.as_array().and_then(|all| all.trailing().as_str());
            lines(&[above, within, value.decor().suffix().and_then(|suffix| suffix.as_str())])
        }
        Item::Table(table) => lines(&[above, table.decor().prefix().and_then(|prefix| prefix.as_str())]),
        _ => lines(&[above]),
    }
}

/// Takes an entry of the record out; its comments stay where they stood.
pub(super) fn take_out(document: &mut DocumentMut, key: &str) {
    let root = document.as_table_mut();
    let next = root.iter().skip_while(|(name, _)| *name != key).nth(1).map(|(name, _)| name.to_owned());
    let about = taken_with(root, key);
    put_before(document, next.as_deref(), &about);
}

/// Takes one out of a list of the record; its comments stay where it stood. False: there is none at that place.
pub(super) fn take_from(document: &mut DocumentMut, list: &str, at: usize) -> bool {
    match document.get_mut(list) {
        Some(Item::ArrayOfTables(all)) if at < all.len() => {
            let about = within(&all.remove(at));
            match all.get_mut(at) {
                Some(next) => {
                    let prefix = above(next.decor().prefix(), &about);
                    next.decor_mut().set_prefix(prefix);
                }
                None => {
                    let others = document.iter().skip_while(|(name, _)| *name != list);
                    let next = others.skip(1).map(|(name, _)| name.to_owned()).next();
                    put_before(document, next.as_deref(), &about);
                }
            }
            true
        }
        Some(Item::Value(Value::Array(all))) if at < all.len() => {
            let gone = all.remove(at);
            let sides = [gone.decor().prefix(), gone.decor().suffix()];
            let about = lines(&sides.map(|side| side.and_then(|side| side.as_str())));
            if about.is_empty() {
                return true;
            }
            let beside = |old: Option<&str>| {
                let old = old.unwrap_or_default();
                let end = if old.contains('\n') { "" } else { "\n" };
                format!("\n{}{end}{old}", about.trim_end())
            };
            match all.get_mut(at) {
                Some(next) => {
                    let prefix = beside(next.decor().prefix().and_then(|old| old.as_str()));
                    next.decor_mut().set_prefix(prefix);
                }
                None => all.set_trailing(beside(all.trailing().as_str())),
            }
            true
        }
        _ => false,
    }
}

/// The comments above a table and in it.
fn within(table: &Table) -> String {
    let mut all = lines(&[table.decor().prefix().and_then(|prefix| prefix.as_str())]);
    for (name, item) in table {
        let above = table.key(name).and_then(|key| key.leaf_decor().prefix()).and_then(|prefix| prefix.as_str());
        let behind = item.as_value().and_then(|value| value.decor().suffix()).and_then(|suffix| suffix.as_str());
        all.push_str(&lines(&[above, behind]));
    }
    all
}

/// What stands above a table, with comments.
fn above(old: Option<&RawString>, about: &str) -> String {
    let old = old.and_then(RawString::as_str).unwrap_or("\n");
    let gap = old.len() - old.trim_start_matches('\n').len();
    format!("{}{about}{}", &old[..gap], &old[gap..])
}

/// Puts comments above an entry of the record, or at its end.
fn put_before(document: &mut DocumentMut, next: Option<&str>, about: &str) {
    if about.is_empty() {
        return;
    }
    let root = document.as_table_mut();
    let before = |old: Option<&RawString>| above(old, about);
    let decor = next.and_then(|next| match root.get(next)? {
        Item::Value(_) => None,
        Item::Table(table) => Some(before(table.decor().prefix())),
        Item::ArrayOfTables(all) => all.get(0).map(|table| before(table.decor().prefix())),
        Item::None => None,
    });
    match (next.and_then(|next| root.get_mut(next)), decor) {
        (Some(Item::Table(table)), Some(prefix)) => return table.decor_mut().set_prefix(prefix),
        (Some(Item::ArrayOfTables(all)), Some(prefix)) => {
            if let Some(table) = ArrayOfTables::get_mut(all, 0) {
                return table.decor_mut().set_prefix(prefix);
            }
        }
        (Some(Item::Value(_)), _) => {
            if let Some(mut key) = next.and_then(|next| root.key_mut(next)) {
                let old = key.leaf_decor().prefix().and_then(|old| old.as_str()).unwrap_or_default().to_owned();
                return key.leaf_decor_mut().set_prefix(format!("{about}{old}"));
            }
        }
        _ => {}
    }
    let rest = document.trailing().as_str().unwrap_or_default().to_owned();
    document.set_trailing(format!("{about}{rest}"));
}

/// A text whose lines end as those of another do: each that stood there as it did, a new one as most.
pub(super) fn with_line_ends_of(before: &str, text: String) -> String {
    let of_windows = before.matches("\r\n").count();
    if of_windows == 0 {
        return text;
    }
    let all = before.matches('\n').count();
    let usual = if of_windows * 2 >= all { "\r\n" } else { "\n" };
    let mut old: Vec<(&str, &str)> = Vec::new();
    for line in before.split_inclusive('\n') {
        let content = line.trim_end_matches('\n').trim_end_matches('\r');
        old.push((content, &line[content.len()..]));
    }
    let mut next = 0;
    let mut out = String::with_capacity(text.len() + of_windows);
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        out.push_str(content);
        if content.len() == line.len() {
            continue;
        }
        // A line that is nowhere below is new; blank ones are too many to be told by.
        let near = if content.is_empty() { next + 1 } else { old.len() };
        let found = old[next.min(old.len())..near.min(old.len())].iter().position(|(other, _)| *other == content);
        match found {
            Some(at) => {
                out.push_str(if old[next + at].1.is_empty() { usual } else { old[next + at].1 });
                next += at + 1;
            }
            None => out.push_str(usual),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_they_did() {
        let before = "a\r\n\r\nb\nc\r\nd";
        assert_eq!(with_line_ends_of(before, "a\n\nb\nnew\nc\nd\n".into()), "a\r\n\r\nb\nnew\r\nc\r\nd\r\n");
        assert_eq!(with_line_ends_of("a\nb", "a\nc\n".into()), "a\nc\n");
    }

    #[test]
    fn what_is_taken_out_leaves_its_comments() {
        let text = "# top\npatient = \"P\"\n# none so far\nsessions = [ # really\n]  # asked in May\n\n# answers\n[facts]\na = 1\n";
        for (text, kept) in
            [(text.to_owned(), 5), (text.replace("[facts]\na = 1\n", ""), 5), (text.replace("[facts]", "b = 2"), 5)]
        {
            let mut document: DocumentMut = text.parse().expect("TOML");
            take_out(&mut document, "sessions");
            let left = document.to_string();
            assert!(!left.contains("sessions ="), "{left}");
            assert_eq!(left.matches("# ").count(), kept, "{left}");
            assert!(left.parse::<DocumentMut>().is_ok(), "{left}");
        }
    }
    #[test]
    fn one_of_a_list_leaves_its_comments() {
        let tables = "patient = \"P\"\n\n# by phone\n[[sessions]]\ndate = 1 # sure\n\n# at home\n[[sessions]]\ndate = 2\n\n# answers\n[facts]\na = 1\n";
        let short = "patient = \"P\"\nsessions = [\n  # by phone\n  { date = 1 }, # sure\n  # at home\n  { date = 2 },\n]\n# answers\n[facts]\n";
        let alone = "sessions = [{ date = 1 }, { date = 2 }] # by phone, sure # at home # answers\n";
        for (text, kept) in
            [(tables, 4), (&tables.replace("# answers\n[facts]\na = 1\n", ""), 3), (short, 4), (alone, 3)]
        {
            for places in [&[0][..], &[1], &[1, 0], &[0, 0]] {
                let mut document: DocumentMut = text.parse().expect("TOML");
                assert!(places.iter().all(|at| take_from(&mut document, "sessions", *at)));
                assert!(!take_from(&mut document, "sessions", 2));
                let left = document.to_string();
                assert_eq!(left.matches("# ").count(), kept, "{places:?} {left}");
                assert_eq!(left.matches("date").count(), 2 - places.len(), "{left}");
                assert!(left.parse::<DocumentMut>().is_ok(), "{left}");
            }
        }
    }
}
