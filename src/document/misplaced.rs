//! Tells of what stands under a heading that is not its own, and has it read as what it is.

use std::sync::Arc;

use serde_json::Value as Json;

use super::schema::{Walk, list, required, types};
use super::{Data, Key, Node, lost, strangers};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Replacement, SourceFile, all_closest, codes};

/// Puts what stands below another heading into the table of the file that is missing, and says so.
pub fn restore_table(node: &mut Node, schema: &Json, file: &Arc<SourceFile>, found: &mut Diagnostics) {
    if let Some((table, first)) = lost::table_below(node, schema, &file.text) {
        found.push(heading_above(&first, &format!("[{table}]"), file));
    }
}

/// Puts the entries of a table whose heading is lost, which then stand at the top of the file, back into it, and says so. `is_its` tells them by
/// their names and values; none is a key of the file.
pub fn restore_entries(
    node: &mut Node,
    table: &str,
    is_its: impl Fn(&str, &Node) -> bool,
    file: &Arc<SourceFile>,
    found: &mut Diagnostics,
) {
    // A heading that could not be read has been told of.
    let is_told = match node.get(table).map(|there| &there.data) {
        None => false,
        Some(Data::Refused) => true,
        Some(_) => return,
    };
    let Data::Table(entries) = &mut node.data else { return };
    let is_lost = |(key, value): &(Key, Node)| lost::begins_line(key, &file.text) && is_its(&key.name, value);
    let (own, kept) = std::mem::take(entries).into_iter().partition(is_lost);
    *entries = kept;
    let own: Vec<(Key, Node)> = own;
    let Some((first, _)) = own.first().cloned() else { return };
    entries.retain(|(key, _)| key.name != table);
    // So has one without its brackets.
    let above = file.text[..first.span.start].lines().next_back().unwrap_or_default();
    if !is_told && above.trim() != table {
        found.push(heading_above(&first, &format!("[{table}]"), file));
    }
    let part = lost::Part::Entries(own);
    lost::put_back(node, lost::Lost { table: table.to_owned(), part });
}

/// Says that the heading of a table is missing above a name.
fn heading_above(key: &super::Key, heading: &str, file: &Arc<SourceFile>) -> Diagnostic {
    let place = Place { file: file.clone(), span: key.span.start..key.span.start };
    let told = Diagnostic::new(&codes::SYNTAX, "a new table begins here, and its heading is missing");
    let mut told = told.at(&key.place(file)).help(format!("write its heading above it: {heading}"));
    told.replacement = Some(Replacement { place, text: format!("{heading}\n"), certain: false });
    told
}

/// Tells of tables that were written as another level of their list, and puts them on their own.
pub(super) fn levels(node: &mut Node, schema: &Json, file: &Arc<SourceFile>, found: &mut Diagnostics) {
    let Data::Table(tables) = &mut node.data else { return };
    for (key, list) in tables {
        let Some(item) = strangers::table_of(schema, &schema["properties"][&key.name]["items"]) else { continue };
        for lost::Level { right, span } in lost::levels(list, &key.name, item, schema, &file.text) {
            let place = Place { file: file.clone(), span };
            let message = format!("what stands below {} belongs to a {right}", place.text());
            let told = Diagnostic::new(&codes::UNKNOWN_KEY, message).at(&place);
            found.push(told.help(format!("write {right}")).replace_by(right, false));
        }
    }
}

impl<'a> Walk<'a> {
    /// Tells of several names in a row that a table cannot have: one mistake, at the first of them. Their names.
    pub(super) fn strangers(
        &mut self,
        node: &Node,
        schema: &Json,
        free: &[(String, Vec<&str>)],
        who: &str,
    ) -> Vec<String> {
        let is_strange = |key: &Key, _: &Node| {
            let of_its_own = |(name, free): &(String, Vec<&str>)| {
                *name == key.name && all_closest(name, free.iter().copied()).is_empty()
            };
            free.iter().any(of_its_own)
        };
        // Keys that only the tables of a list in it can have: `repeat`, of a session.
        // `name` is what people write for `id` and `label` too.
        let is_of_part = |key: &&Key| {
            let is_unknown =
                !std::ptr::eq(schema, self.root) && free.iter().any(|(name, _)| *name == key.name && name != "name");
            is_unknown && lost::part_with(schema, self.root, &[&key.name]).is_some()
        };
        let strange: Vec<&Key> = node.entries().iter().map(|(key, _)| key).filter(is_of_part).collect();
        let names: Vec<&str> = strange.iter().map(|key| key.name.as_str()).collect();
        if let (Some(first), Some(part)) = (strange.first(), lost::part_with(schema, self.root, &names)) {
            let belong = if names.len() > 1 { "they belong" } else { "it belongs" };
            let message = format!("{who} has no {} of its own: {belong} in its `{part}`", list(&names));
            let above = self.file.text[..first.span.start].rfind("\n[[").map(|at| at + 1);
            let list_of = above.and_then(|at| strangers::heading_at(&self.file.text, at)).unwrap_or_default();
            let heading = format!("{}.{part}]]", list_of.trim_end_matches(']'));
            let help = match self.file.text.contains(&heading) {
                true => format!("write {heading} above the first line that belongs to it"),
                false => format!("write it in `{part}`"),
            };
            self.found.push(Diagnostic::new(&codes::UNKNOWN_KEY, message).at(&first.place(self.file)).help(help));
            return names.into_iter().map(str::to_owned).collect();
        }
        let found = strangers::in_table(node, &self.file.text, self.root, schema, is_strange);
        let Some(strangers::Strangers { keys, of, heading }) = found else { return Vec::new() };
        let [first, ..] = keys[..] else { return Vec::new() };
        let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
        let told = match &names[..] {
            [one, two, three, _, ..] => format!("`{one}`, `{two}`, `{three}` …"),
            few => list(few),
        };
        if let Some((at, _)) = &of {
            self.interrupted.push(*at);
            // What is given twice here belongs there.
            let below = self.file.text[first.span.start..].find("\n[").map_or(usize::MAX, |end| first.span.start + end);
            let is_of_it = |one: &Diagnostic| {
                let start = one.label.as_ref().map(|label| label.place.span.start);
                one.message == "this name is given twice"
                    && start.is_some_and(|start| (first.span.start..below).contains(&start))
            };
            self.found.retain(|one| !is_of_it(one));
        }
        let is_definitions = heading.as_deref() == Some("[definitions]");
        let message = match &of {
            Some((_, above)) => format!("{told} belong to {above} above, and stand in {who}"),
            None => format!("{told} are no keys of {who}"),
        };
        let help = match (&of, heading) {
            (Some((_, above)), _) => {
                format!("move them up to the rest of {above}, or what begins between them below the last of them")
            }
            (None, Some(heading)) => format!("write the heading that is missing above them, such as {heading}"),
            (None, None) => "write the heading that is missing above them".to_owned(),
        };
        let diagnostic = Diagnostic::new(&codes::UNKNOWN_KEY, message).at(&first.place(self.file)).help(help);
        let diagnostic = if of.is_some() { diagnostic } else { diagnostic.unread() };
        if is_definitions {
            let of_them = |(key, _): &&(Key, Node)| names.contains(&key.name.as_str());
            let entries = node.entries().iter().filter(of_them).cloned().collect();
            let part = lost::Part::Entries(entries);
            self.lost.push(lost::Lost { table: "definitions".to_owned(), part });
        }
        let keys: Vec<&str> =
            schema["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        self.found.push(diagnostic.help(format!("the keys of {who} are {}", list(&keys))));
        names.into_iter().map(str::to_owned).collect()
    }

    /// Keys of the file that stand in a table: one mistake, told at the first of them.
    pub(super) fn misplaced(&mut self, node: &Node, keys: &[&str], who: &str) {
        let of_the_file = |name: &str| self.displaced.contains(&name) && !keys.contains(&name);
        let here: Vec<&Key> = node.entries().iter().map(|(key, _)| key).filter(|key| of_the_file(&key.name)).collect();
        if let [first, ..] = here[..] {
            let names: Vec<&str> = here.iter().map(|key| key.name.as_str()).collect();
            let message = format!("{} belong to the file, but stand in {who}", list(&names));
            let diagnostic = Diagnostic::new(&codes::UNKNOWN_KEY, message).at(&first.place(self.file));
            self.found.push(diagnostic.help("move these lines to the top of the file, above the first heading in [ ]"));
        }
    }

    /// What stands in a table of named entries and is none: its heading is missing, or has no name.
    pub(super) fn below(&mut self, node: &mut Node, schema: &'a Json, name: &str) {
        let inner = self.resolve(&schema["additionalProperties"]);
        if !inner.is_object() {
            return;
        }
        let text = &self.file.text;
        let item = lost::item_below(node, text, self.root);
        let definitions =
            || lost::definitions_below(node, text, inner, self.root).map(|at| (at, "definitions".to_owned()));
        let is_item = item.is_some();
        if let Some((first, table)) = item.or_else(definitions)
            && let Data::Table(entries) = &mut node.data
        {
            let below = entries.split_off(first);
            let Some((key, _)) = below.first() else { return };
            let heading = if is_item { format!("[[{table}]]") } else { format!("[{table}]") };
            self.found.push(heading_above(key, &heading, self.file));
            let part = match is_item {
                true => lost::Part::Item(Node { span: key.span.clone(), data: Data::Table(below) }),
                false => lost::Part::Entries(below),
            };
            self.lost.push(lost::Lost { table, part });
            return;
        }
        // `[sources]` with the keys of one of them.
        let keys: Vec<&str> =
            inner["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        let is_own = |(key, value): &(Key, Node)| {
            keys.contains(&key.name.as_str()) && !matches!(value.data, Data::Table(_)) && lost::begins_line(key, text)
        };
        let own: Vec<&Key> = node.entries().iter().filter(|entry| is_own(entry)).map(|(key, _)| key).collect();
        let has_all = required(inner).iter().all(|key| own.iter().any(|own| own.name == *key));
        if types(inner) != ["object"] || own.is_empty() || !has_all {
            return;
        }
        let above = text[..own[0].span.start].rfind("\n[").map_or(0, |at| at + 1);
        let Some(heading) = strangers::heading_at(text, above) else { return };
        let place = Place { file: self.file.clone(), span: above..above + heading.len() };
        let names: Vec<&str> = own.iter().map(|key| key.name.as_str()).collect();
        let message = format!("one of the `{name}` needs a name of its own, and {heading} has none");
        let told = Diagnostic::new(&codes::WRONG_TYPE, message).at(&place).unread();
        let right = format!("{}.…]", heading.trim_end_matches(']'));
        self.found.push(told.help(format!("write {right}: {} belong to one of them", list(&names))));
        if let Data::Table(entries) = &mut node.data {
            entries.retain(|entry| !is_own(entry));
        }
    }
}
