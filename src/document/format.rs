//! The layout of a TOML text: what `regimen fmt` writes. Comments, long lists and texts stay as they are.

use toml_edit::{Array, Decor, DocumentMut, InlineTable, Item, Key, RawString, Table, Value};

use super::{Data, Node};

/// How far the lines of a list are moved in.
const INDENT: &str = "  ";

/// The text in its layout; none if it is not TOML.
///
/// ```
/// let text = "[facts.age]\ntype='integer'   # years\nask = 'How old?'\n\n\n\n[facts.sex]\n";
/// let expected = "[facts.age]\ntype = 'integer'   # years\nask  = 'How old?'\n\n\n[facts.sex]\n";
/// assert_eq!(regimen::internals::format(text).as_deref(), Some(expected));
/// ```
#[must_use]
pub fn format(text: &str) -> Option<String> {
    // What a system ends its lines with is its own.
    let ends = if text.matches("\r\n").count() * 2 > text.matches('\n').count() { "\r\n" } else { "\n" };
    let text = text.replace("\r\n", "\n");
    let mut document: DocumentMut = text.parse().ok()?;
    table(document.as_table_mut());
    let trailing = lines(document.trailing().as_str().unwrap_or_default());
    document.set_trailing(trailing);
    let out = document.to_string();
    let out = out.trim_matches('\n');
    Some(if out.is_empty() { String::new() } else { format!("{out}\n").replace('\n', ends) })
}

/// Whether two trees say the same, wherever it stands in the text.
#[must_use]
pub fn same_meaning(a: &Node, b: &Node) -> bool {
    match (&a.data, &b.data) {
        (Data::Array(a), Data::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_meaning(a, b)),
        (Data::Table(a), Data::Table(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k.name == l.name && same_meaning(a, b))
        }
        (a, b) => a == b,
    }
}

fn table(table: &mut Table) {
    prefix(table.decor_mut());
    suffix(table.decor_mut());
    entries(table);
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(inner) => under_a_blank_line(inner),
            Item::ArrayOfTables(all) => all.iter_mut().for_each(under_a_blank_line),
            _ => {}
        }
    }
}

/// A table under its header, with a blank line above it.
fn under_a_blank_line(inner: &mut Table) {
    table(inner);
    let above = text(inner.decor().prefix()).to_owned();
    if !above.starts_with('\n') {
        inner.decor_mut().set_prefix(format!("\n{above}"));
    }
}

/// One block of entries has its equal signs in one column. A blank line, a comment on a line of its own and a value over several
/// lines end a block. A column that the writer has chosen wider, as for several blocks of a table, stays.
fn entries(table: &mut Table) {
    let mut blocks: Vec<Vec<String>> = Vec::new();
    let mut ended = true;
    let mut widest = 0;
    for (key, item) in table.iter() {
        let (Item::Value(value), Some(key)) = (item, table.key(key)) else { continue };
        widest = widest.max(width(key));
        if ended || has(key.leaf_decor().prefix(), &['\n']) {
            blocks.push(Vec::new());
        }
        ended = value.to_string().trim().contains('\n');
        if let Some(block) = blocks.last_mut() {
            block.push(key.get().to_owned());
        }
    }
    for block in blocks {
        let keys = || block.iter().filter_map(|name| table.key(name));
        let least = keys().map(width).max().unwrap_or(0) + 1;
        let mut present = keys().map(|key| width(key) + text(key.leaf_decor().suffix()).chars().count());
        let first = present.next().unwrap_or(0);
        let chosen = present.all(|column| column == first) && (least..=widest + 1).contains(&first);
        let column = if chosen { first } else { least };
        for name in &block {
            let Some((mut key, item)) = table.get_key_value_mut(name) else { continue };
            let pad = column - key.display_repr().chars().count();
            prefix(key.leaf_decor_mut());
            key.leaf_decor_mut().set_suffix(" ".repeat(pad));
            if let Item::Value(value) = item {
                value.decor_mut().set_prefix(" ");
                suffix(value.decor_mut());
                self::value(value);
            }
        }
    }
}

/// How wide a key is on the page.
fn width(key: &Key) -> usize {
    key.display_repr().chars().count()
}

fn text(raw: Option<&RawString>) -> &str {
    raw.and_then(RawString::as_str).unwrap_or_default()
}

fn has(raw: Option<&RawString>, what: &[char]) -> bool {
    text(raw).contains(what)
}

fn value(value: &mut Value) {
    match value {
        Value::Array(list) if !is_long(list) => short(list),
        // A list that goes on under its first item, in the writer's own columns, stays as it is.
        Value::Array(list) if list.get(0).is_some_and(|first| has(first.decor().prefix(), &['\n'])) => long(list),
        Value::InlineTable(inline) => inline_table(inline),
        _ => {}
    }
}

/// Whether a list stands on lines of its own.
fn is_long(list: &Array) -> bool {
    let broken = |decor: &Decor| has(decor.prefix(), &['\n']) || has(decor.suffix(), &['\n']);
    has(Some(list.trailing()), &['\n']) || list.iter().any(|item| broken(item.decor()))
}

/// A list on lines of its own keeps them: how many items stand on one is the writer's choice.
fn long(list: &mut Array) {
    let mut trailing = text(Some(list.trailing())).to_owned();
    let count = list.len();
    for (at, item) in list.iter_mut().enumerate() {
        let before = text(item.decor().prefix()).to_owned();
        item.decor_mut().set_prefix(if before.contains('\n') { indented(&before, INDENT) } else { " ".into() });
        let after = text(item.decor().suffix()).to_owned();
        if at + 1 == count && after.contains('\n') {
            trailing = format!("{after}{trailing}");
            item.decor_mut().set_suffix("");
        } else if !after.contains(['\n', '#']) {
            item.decor_mut().set_suffix("");
        }
        value(item);
    }
    list.set_trailing_comma(true);
    list.set_trailing(if trailing.contains('\n') { indented(&trailing, "") } else { "\n".into() });
}

/// A list on one line.
fn short(list: &mut Array) {
    for (at, item) in list.iter_mut().enumerate() {
        *item.decor_mut() = Decor::new(if at == 0 { "" } else { " " }, "");
        value(item);
    }
    list.set_trailing("");
    list.set_trailing_comma(false);
}

/// A table in braces; one that is broken over lines stays as it is.
fn inline_table(inline: &mut InlineTable) {
    let broken = |decor: &Decor| has(decor.prefix(), &['\n', '#']) || has(decor.suffix(), &['\n', '#']);
    let keys = inline.iter().filter_map(|(name, _)| inline.key(name));
    let mut decors = keys.map(Key::leaf_decor).chain(inline.iter().map(|(_, item)| item.decor()));
    let is_broken = has(Some(inline.trailing()), &['\n', '#']) || decors.any(broken);
    drop(decors);
    if is_broken {
        return;
    }
    let count = inline.len();
    for (at, (mut key, item)) in inline.iter_mut().enumerate() {
        *key.leaf_decor_mut() = Decor::new(" ", " ");
        *item.decor_mut() = Decor::new(" ", if at + 1 == count { " " } else { "" });
        value(item);
    }
}

/// Comments and line breaks, with the last line moved in.
fn indented(raw: &str, indent: &str) -> String {
    let mut lines: Vec<String> = raw.split('\n').map(|line| line.trim().to_owned()).collect();
    let count = lines.len();
    for (at, line) in lines.iter_mut().enumerate() {
        // The first is what stands behind the comma: a comment at the line's end.
        if at == 0 && !line.is_empty() {
            *line = format!("  {line}");
        } else if at > 0 && (at == count - 1 || !line.is_empty()) {
            let margin = if at == count - 1 { indent } else { INDENT };
            *line = format!("{margin}{line}");
        }
    }
    lines.join("\n")
}

/// What stands before an entry or a header: at most two blank lines together, nothing at the ends of lines.
fn prefix(decor: &mut Decor) {
    let raw = text(decor.prefix()).to_owned();
    decor.set_prefix(lines(&raw));
}

/// What stands behind it: a comment, two spaces away unless the writer has put it further.
fn suffix(decor: &mut Decor) {
    if let Some(raw) = decor.suffix().and_then(|raw| raw.as_str()).map(str::to_owned) {
        let comment = raw.trim();
        let space = raw.len() - raw.trim_start_matches([' ', '\t']).len();
        let space = if raw.contains('\t') { 2 } else { space.max(2) };
        decor.set_suffix(if comment.is_empty() { String::new() } else { format!("{}{comment}", " ".repeat(space)) });
    }
}

fn lines(raw: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut blank = 0;
    let all: Vec<&str> = raw.split('\n').map(str::trim).collect();
    let count = all.len();
    for (at, line) in all.into_iter().enumerate() {
        // The last is the beginning of the entry's own line.
        if line.is_empty() && at + 1 < count {
            blank += 1;
            if blank > 2 {
                continue;
            }
        } else {
            blank = 0;
        }
        out.push(line);
    }
    out.join("\n")
}
