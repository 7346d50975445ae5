//! The layout of a TOML text: what `regimen fmt` writes. Comments, long lists and texts stay as they are.

use toml_edit::{Array, Decor, DocumentMut, InlineTable, Item, Table, Value};

use super::{Data, Node};

/// How far the lines of a list are moved in.
const INDENT: &str = "  ";

/// The text in its layout; none if it is not TOML.
///
/// ```
/// let text = "[facts.age]\ntype='integer'   # years\nask = 'How old?'\n\n\n\n[facts.sex]\n";
/// let expected = "[facts.age]\ntype = 'integer'  # years\nask  = 'How old?'\n\n\n[facts.sex]\n";
/// assert_eq!(regimen::document::format(text).as_deref(), Some(expected));
/// ```
#[must_use]
pub fn format(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    let mut document: DocumentMut = text.parse().ok()?;
    table(document.as_table_mut());
    let trailing = lines(document.trailing().as_str().unwrap_or_default());
    document.set_trailing(trailing);
    let out = document.to_string();
    let out = out.trim_matches('\n');
    Some(if out.is_empty() { String::new() } else { format!("{out}\n") })
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
            Item::Table(inner) => self::table(inner),
            Item::ArrayOfTables(all) => all.iter_mut().for_each(self::table),
            _ => {}
        }
    }
}

/// One block of entries, without a blank line or a comment of its own line in it, has its equal signs in one column.
fn entries(table: &mut Table) {
    let mut blocks: Vec<Vec<String>> = Vec::new();
    for (key, item) in table.iter() {
        if !item.is_value() || table.key(key).is_some_and(|key| key.dotted_decor().suffix().is_some()) {
            continue;
        }
        let before = table.key(key).and_then(|key| key.leaf_decor().prefix()).and_then(|raw| raw.as_str());
        if blocks.is_empty() || before.is_some_and(|before| before.contains('\n')) {
            blocks.push(Vec::new());
        }
        if let Some(block) = blocks.last_mut() {
            block.push(key.to_owned());
        }
    }
    for block in blocks {
        let shown = |key: &String| table.key(key).map_or(0, |key| key.display_repr().chars().count());
        let widest = block.iter().map(shown).max().unwrap_or(0);
        for name in &block {
            let Some((mut key, item)) = table.get_key_value_mut(name) else { continue };
            let pad = widest - key.display_repr().chars().count() + 1;
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

fn value(value: &mut Value) {
    match value {
        Value::Array(list) if list_is_long(list) => long(list),
        Value::Array(list) => list.fmt_spaced(),
        Value::InlineTable(inline) => inline.fmt_spaced(),
        _ => {}
    }
}

/// Whether a list stands on lines of its own.
fn list_is_long(list: &Array) -> bool {
    let broken = |raw: Option<&toml_edit::RawString>| raw.and_then(|raw| raw.as_str()).is_some_and(|raw| raw.contains('\n'));
    broken(Some(list.trailing())) || list.iter().any(|item| broken(item.decor().prefix()) || broken(item.decor().suffix()))
}

/// A list on lines of its own keeps them: how many items stand on one is the writer's choice.
fn long(list: &mut Array) {
    for item in list.iter_mut() {
        let before = item.decor().prefix().and_then(|raw| raw.as_str()).unwrap_or_default().to_owned();
        if before.contains('\n') {
            item.decor_mut().set_prefix(indented(&before, INDENT));
        } else {
            item.decor_mut().set_prefix(" ");
        }
        let after = item.decor().suffix().and_then(|raw| raw.as_str()).unwrap_or_default();
        if !after.contains(['\n', '#']) {
            item.decor_mut().set_suffix("");
        }
        if !matches!(item, Value::Array(inner) if list_is_long(inner)) {
            value(item);
        }
    }
    let trailing = list.trailing().as_str().unwrap_or_default().to_owned();
    let last_has_comment = list.iter().last().and_then(|item| item.decor().suffix()?.as_str()).is_some_and(|raw| raw.contains('#'));
    if !list.is_empty() && !last_has_comment {
        list.set_trailing_comma(true);
        list.set_trailing(if trailing.contains('\n') { indented(&trailing, "") } else { format!("{trailing}\n") });
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

/// Spaces inside brackets on one line.
trait Spaced {
    fn fmt_spaced(&mut self);
}

impl Spaced for Array {
    fn fmt_spaced(&mut self) {
        for (at, item) in self.iter_mut().enumerate() {
            *item.decor_mut() = Decor::new(if at == 0 { "" } else { " " }, "");
            value(item);
        }
        self.set_trailing("");
        self.set_trailing_comma(false);
    }
}

impl Spaced for InlineTable {
    fn fmt_spaced(&mut self) {
        // A comment may stand in a table that is broken over lines: then it stays as it is.
        if self.to_string().contains(['\n', '#']) {
            return;
        }
        let count = self.len();
        for (at, (mut key, item)) in self.iter_mut().enumerate() {
            *key.leaf_decor_mut() = Decor::new(" ", " ");
            *item.decor_mut() = Decor::new(" ", if at + 1 == count { " " } else { "" });
            value(item);
        }
    }
}

/// What stands before an entry or a header: at most two blank lines together, nothing at the ends of lines.
fn prefix(decor: &mut Decor) {
    if let Some(raw) = decor.prefix().and_then(|raw| raw.as_str()).map(str::to_owned) {
        decor.set_prefix(lines(&raw));
    }
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
