//! Tables whose heading is lost or belongs to another level: what it was can be told from what stands below it, and it is read as that.

use std::ops::Range;

use serde_json::Value as Json;

use super::strangers::{heading_at, table_of};
use super::{Data, Key, Node};

/// What was found below a heading that is not its own.
pub(super) struct Lost {
    /// The table of the file that it belongs to: `definitions`, `indication`.
    pub(super) table: String,
    /// The entries of a table, or one table of a list.
    pub(super) part: Part,
}

pub(super) enum Part {
    /// Entries with names of their own.
    Entries(Vec<(Key, Node)>),
    /// One of a list.
    Item(Node),
}

/// Puts what was lost where it belongs.
pub(super) fn put_back(root: &mut Node, lost: Lost) {
    let Data::Table(tables) = &mut root.data else { return };
    let there = tables.iter_mut().find(|(key, _)| key.name == lost.table).map(|(_, node)| &mut node.data);
    match (there, lost.part) {
        (Some(Data::Table(entries)), Part::Entries(more)) => entries.extend(more),
        (Some(Data::Array(items)), Part::Item(item)) => items.push(item),
        (Some(_), _) => {}
        (None, part) => {
            let (span, data) = match part {
                Part::Item(item) => (item.span.clone(), Data::Array(vec![item])),
                Part::Entries(entries) => {
                    (entries.first().map_or(0..0, |(key, _)| key.span.clone()), Data::Table(entries))
                }
            };
            tables.push((Key { name: lost.table, span: span.clone() }, Node { span, data }));
        }
    }
}

/// The keys that the tables of a schema can have, and those that they must have.
fn shape(schema: &Json) -> (Vec<&str>, Vec<&str>) {
    let keys = schema["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str());
    let needed = schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
    (keys.collect(), needed.collect())
}

fn is_of(names: &[&str], schema: &Json) -> bool {
    let (keys, needed) = shape(schema);
    !needed.is_empty() && needed.iter().all(|key| names.contains(key)) && names.iter().all(|name| keys.contains(name))
}

/// The list of the file whose tables have such keys, if there is one only: `indication`.
pub(super) fn list_with(root: &Json, names: &[&str]) -> Option<String> {
    let lists = root["properties"].as_object()?.iter().filter(|(_, list)| list["type"] == "array");
    let mut fitting = lists.filter(|(_, list)| table_of(root, list).is_some_and(|item| is_of(names, item)));
    fitting.next().filter(|_| fitting.next().is_none()).map(|(name, _)| name.clone())
}

/// The table of the file whose named entries have such keys: `parameters`.
pub(super) fn entries_with(root: &Json, names: &[&str]) -> Option<String> {
    let properties = root["properties"].as_object()?;
    let entry = |table: &Json| {
        let table = table["$ref"].as_str().and_then(|path| root.pointer(path.trim_start_matches('#'))).unwrap_or(table);
        table["additionalProperties"].is_object().then(|| table["additionalProperties"].clone())
    };
    let is_like = |table: &&(&String, &Json)| {
        entry(table.1).is_some_and(|entry| table_of(root, &entry).is_some_and(|entry| is_of(names, entry)))
    };
    // A definition has one key alone that is its own.
    let all: Vec<(&String, &Json)> = properties.iter().collect();
    let mut fitting = all.iter().filter(is_like);
    let first = fitting.next()?;
    fitting.next().is_none().then(|| first.0.clone())
}

/// Whether a value is a condition or a value with its label, as definitions are.
pub(super) fn is_definition(value: &Node) -> bool {
    let entries = value.entries();
    let has = |name: &str| value.get(name).is_some();
    (has("when") || has("value"))
        && entries
            .iter()
            .all(|(key, value)| ["when", "value", "label"].contains(&key.name.as_str()) && value.text().is_some())
}

/// Whether a name begins its line: it has no heading of its own.
pub(super) fn begins_line(key: &Key, text: &str) -> bool {
    key.span.start == 0 || text.get(..key.span.start).is_some_and(|above| above.ends_with('\n'))
}

/// Where, in a table of named entries, what belongs to a list of the file begins: an `id`, and what a table of that list has.
pub(super) fn item_below(node: &Node, text: &str, root: &Json) -> Option<(usize, String)> {
    let entries = node.entries();
    let first =
        entries.iter().position(|(key, value)| key.name == "id" && value.text().is_some() && begins_line(key, text))?;
    let names: Vec<&str> = entries[first..].iter().map(|(key, _)| key.name.as_str()).collect();
    let all_begin = entries[first..].iter().all(|(key, _)| begins_line(key, text));
    list_with(root, &names).filter(|_| all_begin).map(|list| (first, list))
}

/// Where, in a table of named entries of another kind, definitions begin.
pub(super) fn definitions_below(node: &Node, text: &str, entry: &Json, root: &Json) -> Option<usize> {
    let (own, _) = table_of(root, entry).map(shape)?;
    let is_strange =
        |value: &Node| is_definition(value) && value.entries().iter().any(|(key, _)| !own.contains(&key.name.as_str()));
    let entries = node.entries();
    let of_the_end =
        |(key, value): &&(Key, Node)| begins_line(key, text) && (is_strange(value) || value.text().is_some());
    let count = entries.iter().rev().take_while(of_the_end).count();
    let row = &entries[entries.len() - count..];
    row.iter().position(|(_, value)| is_strange(value)).map(|at| entries.len() - count + at)
}

/// Of a list of the file, a table that was written as another level: `[[course]]` for `[[course.session]]`, or the other way round.
pub(super) struct Level {
    /// The heading as it was meant.
    pub(super) right: String,
    /// Where it stands.
    pub(super) span: Range<usize>,
}

/// Puts the tables of a list, and of the lists in them, on their levels. `name` is the list's, `item` the schema of its tables.
pub(super) fn levels(list: &mut Node, name: &str, item: &Json, root: &Json, text: &str) -> Vec<Level> {
    let mut told = Vec::new();
    let (own, needed) = shape(item);
    // Where none is a table of the list, its parts make one table of it.
    let is_one = matches!(&list.data, Data::Table(entries) if !entries.is_empty() && entries.iter().all(|(_, node)| matches!(node.data, Data::Array(_))));
    if is_one {
        let whole = Node { span: list.span.clone(), data: std::mem::replace(&mut list.data, Data::Refused) };
        list.data = Data::Array(vec![whole]);
    }
    let Data::Array(items) = &mut list.data else { return told };
    let inner = |part: &str| {
        let part = &item["properties"][part];
        let of_list = part["type"] == "array" || part["anyOf"].is_array() || part["$ref"].is_string();
        table_of(root, part).filter(|_| of_list)
    };
    let is_heading = |node: &Node| text.get(node.span.clone()).is_some_and(|text| text.starts_with("[["));
    for part in own.iter().copied().filter(|part| inner(part).is_some()) {
        let Some((keys, _)) = inner(part).map(shape) else { continue };
        let mut at = 0;
        while at < items.len() {
            let names: Vec<&str> = items[at].entries().iter().map(|(key, _)| key.name.as_str()).collect();
            // One that has nothing that its list needs, and all that a part can have, is a part of the one above.
            let is_part = at > 0
                && is_heading(&items[at])
                && !names.is_empty()
                && needed.iter().all(|key| !names.contains(key))
                && names.iter().all(|name| *name == part || keys.contains(name))
                && names.iter().any(|name| *name != part)
                && heading_at(text, items[at].span.start).is_some_and(|heading| heading == format!("[[{name}]]"))
                && items[at - 1].get(part).is_none_or(|parts| parts.items().iter().all(is_heading));
            if is_part {
                let mut one = items.remove(at);
                told.push(Level { right: format!("[[{name}.{part}]]"), span: one.span.clone() });
                let mut parts = take(&mut items[at - 1], part);
                let below = take(&mut one, part);
                parts.push(one);
                parts.extend(below);
                give(&mut items[at - 1], part, parts);
                continue;
            }
            // One that has all that a table of the list needs begins another; what stands below it belongs to that.
            let parts = items[at].get(part).map(Node::items).unwrap_or_default();
            let begins = parts.iter().position(|one| {
                let names: Vec<&str> = one.entries().iter().map(|(key, _)| key.name.as_str()).collect();
                is_heading(one) && is_of(&names, item) && !names.iter().all(|name| keys.contains(name))
            });
            if let Some(begins) = begins {
                let mut parts = take(&mut items[at], part);
                let below = parts.split_off(begins + 1);
                if let Some(mut one) = parts.pop() {
                    told.push(Level { right: format!("[[{name}]]"), span: one.span.clone() });
                    give(&mut one, part, below);
                    items.insert(at + 1, one);
                }
                give(&mut items[at], part, parts);
            }
            at += 1;
        }
    }
    if is_one {
        // What is left of it, if anything, is told of as what it is.
        match items.first().is_some_and(|first| first.entries().is_empty()) {
            true => drop(items.remove(0)),
            false if items.len() == 1 => list.data = items.remove(0).data,
            false => {}
        }
    }
    told
}

/// Takes a list out of a table.
fn take(node: &mut Node, name: &str) -> Vec<Node> {
    let Data::Table(entries) = &mut node.data else { return Vec::new() };
    let Some(at) = entries.iter().position(|(key, _)| key.name == name) else { return Vec::new() };
    match entries.remove(at).1.data {
        Data::Array(items) => items,
        _ => Vec::new(),
    }
}

/// Gives a table a list, unless it is empty.
fn give(node: &mut Node, name: &str, items: Vec<Node>) {
    if let (Data::Table(entries), Some(first)) = (&mut node.data, items.first()) {
        let span = first.span.clone();
        entries.push((Key { name: name.to_owned(), span: span.clone() }, Node { span, data: Data::Array(items) }));
    }
}

/// A table of the file that is missing, and whose keys stand at the end of another: they are put into it. Its name, and the first of them.
pub(super) fn table_below(root: &mut Node, schema: &Json, text: &str) -> Option<(String, Key)> {
    let (own, needed) = shape(schema);
    for table in needed {
        if root.get(table).is_some() {
            continue;
        }
        let Some((keys, _)) = table_of(schema, &schema["properties"][table]).map(shape) else { continue };
        let Data::Table(tables) = &mut root.data else { return None };
        let is_of_it = |(key, _): &&(Key, Node)| keys.contains(&key.name.as_str()) && begins_line(key, text);
        let at_top = tables.iter().filter(|entry| is_of_it(entry) && !own.contains(&entry.0.name.as_str())).count();
        let mut row = Vec::new();
        if at_top > 0 {
            let (lost, kept) = std::mem::take(tables)
                .into_iter()
                .partition(|entry| is_of_it(&entry) && !own.contains(&entry.0.name.as_str()));
            (row, *tables) = (lost, kept);
        }
        for (_, node) in tables.iter_mut().filter(|_| at_top == 0) {
            let last = match &mut node.data {
                Data::Array(items) => items.last_mut(),
                _ => Some(&mut *node),
            };
            let Some(Data::Table(entries)) = last.map(|last| &mut last.data) else { continue };
            let count = entries.iter().rev().take_while(is_of_it).count();
            if count > 0 {
                row = entries.split_off(entries.len() - count);
                break;
            }
        }
        let Some((first, _)) = row.first().cloned() else { continue };
        tables.push((
            Key { name: table.to_owned(), span: first.span.clone() },
            Node { span: first.span.clone(), data: Data::Table(row) },
        ));
        return Some((table.to_owned(), first));
    }
    None
}

/// The list in the tables of another whose tables can have such keys: `session` of `course`.
pub(super) fn part_with<'a>(schema: &'a Json, root: &'a Json, names: &[&str]) -> Option<&'a str> {
    let (keys, _) = shape(schema);
    let is_part = |part: &&str| {
        let part = &schema["properties"][*part];
        part["type"] == "array"
            && table_of(root, part).is_some_and(|part| names.iter().all(|name| shape(part).0.contains(name)))
    };
    keys.into_iter().find(is_part)
}
