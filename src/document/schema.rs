//! Compares a file with the schema of what it should be, and reports every difference at once.
//!
//! The schema is the one that editors use too (`regimen schema`): there is one description of the file format. What does not
//! fit is reported and taken out of the tree, so that the rest can still be read and checked.

use std::sync::Arc;

use serde_json::Value as Json;

use super::misplaced::levels;
use super::{Data, Node, forms, lost, meant};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, SourceFile, all_closest, codes};

/// What a whole file is called.
const WHOLE: &str = "this file";

/// Takes out of `node` what the schema does not allow, and says so.
pub fn repair(node: &mut Node, schema: &Json, file: &Arc<SourceFile>, found: &mut Diagnostics) {
    let empty = matches!(&node.data, Data::Table(entries) if entries.is_empty());
    let needed = required(schema);
    // Of a file that was refused as a whole, more was said already.
    if empty && !needed.is_empty() && !found.has_errors() {
        let help = format!("it should begin with {}", list(&needed));
        found.push(Diagnostic::new(&codes::MISSING_KEY, "this file says nothing").at(&node.place(file)).help(help));
        return;
    }
    levels(node, schema, file, found);
    let displaced = displaced(node, schema);
    let mut walk = Walk { root: schema, displaced, file, found, interrupted: Vec::new(), lost: Vec::new() };
    walk.node(node, schema, WHOLE);
    // What stood below another heading is read as what it is.
    for mut lost in std::mem::take(&mut walk.lost) {
        let entry = schema["properties"].get(&lost.table).map(|table| walk.resolve(table));
        let Some(entry) = entry else { continue };
        let is_sound = match &mut lost.part {
            lost::Part::Item(item) => walk.node(item, &entry["items"], &lost.table),
            lost::Part::Entries(entries) => {
                entries.retain_mut(|(key, value)| walk.node(value, &entry["additionalProperties"], &key.name));
                true
            }
        };
        if is_sound {
            lost::put_back(node, lost);
        }
    }
    // What is missing in a table stands below what was put into its middle.
    let interrupted = walk.interrupted;
    let is_there = |one: &Diagnostic| {
        let place = one.label.as_ref().map(|label| &label.place);
        one.code == &codes::MISSING_KEY
            && place.is_some_and(|place| place.file == *file && interrupted.contains(&place.span.start))
    };
    found.retain(|one| !is_there(one));
}

/// The keys of the file that are missing at its top and stand in one of its tables: a heading was put, or moved, above them.
fn displaced<'a>(node: &Node, schema: &'a Json) -> Vec<&'a str> {
    let missing = |key: &&str| node.get(key).is_none();
    let found: Vec<&str> = required(schema)
        .into_iter()
        .filter(missing)
        .filter(|key| node.entries().iter().any(|(_, value)| holds(value, key)))
        .collect();
    // One alone may be a slip of another kind, or a key of that table.
    if found.len() > 2 { found } else { Vec::new() }
}

/// Whether a table, or one in it, has a key.
fn holds(node: &Node, key: &str) -> bool {
    node.get(key).is_some()
        || node.items().iter().any(|item| holds(item, key))
        || node.entries().iter().any(|(_, value)| holds(value, key))
}

/// Keys whose texts are expressions.
const EXPRESSIONS: [&str; 8] = ["when", "value", "skip", "not_before", "recheck", "never", "always", "asked_when"];

/// What helps where a text stands in the place of a list of texts.
const IN_BRACKETS: &str = "put it in brackets: [\"…\"]";

pub(super) struct Walk<'a> {
    pub(super) root: &'a Json,
    pub(super) displaced: Vec<&'a str>,
    pub(super) file: &'a Arc<SourceFile>,
    pub(super) found: &'a mut Diagnostics,
    /// Where tables begin into whose middle something was put.
    pub(super) interrupted: Vec<usize>,
    /// What stands below a heading that is not its own.
    pub(super) lost: Vec<lost::Lost>,
}

impl<'a> Walk<'a> {
    /// Follows a reference to its definition.
    pub(super) fn resolve(&self, schema: &'a Json) -> &'a Json {
        let target = schema["$ref"].as_str().and_then(|path| self.root.pointer(path.trim_start_matches('#')));
        target.map_or(schema, |target| self.resolve(target))
    }

    /// Whether the node may stay. `name` is what a person would call it.
    fn node(&mut self, node: &mut Node, schema: &'a Json, name: &str) -> bool {
        if node.data == Data::Refused {
            return false;
        }
        let schema = self.resolve(schema);
        let place = node.place(self.file);
        // A text or a table, a table or a list of them: whichever it is, it must be a right one of its kind.
        if let Some(options) = schema["anyOf"].as_array() {
            let of_its_kind = options.iter().map(|option| self.resolve(option)).find(|option| fits(&node.data, option));
            if let Some(option) = of_its_kind {
                return self.node(node, option, name);
            }
            let kinds: Vec<String> = options.iter().map(|option| expected(self.resolve(option))).collect();
            let message = format!("`{name}` should be {}, but this is {}", kinds.join(" or "), node.kind());
            let diagnostic = Diagnostic::new(&codes::WRONG_TYPE, message).at(&place);
            let may_be_list = options.iter().any(|option| types(self.resolve(option)) == ["array"]);
            let bounds =
                options.iter().map(|option| self.resolve(option)).find(|one| one["properties"]["minimum"].is_object());
            self.found.push(match node.data {
                Data::Text(_) if bounds.is_some() => {
                    let right = format!("{{ minimum = {} }}", place.text());
                    diagnostic.help(format!("write {right}, or `maximum`")).replace_by(right, false)
                }
                Data::Text(_) if may_be_list => diagnostic.help(IN_BRACKETS),
                _ => diagnostic,
            });
            return false;
        }
        let words = words(schema);
        if !words.is_empty() {
            return self.word(node, &words, name, &place);
        }
        let is_heading = matches!(&node.data, Data::Table(_)) && place.text().starts_with('[');
        if is_heading && types(schema) == ["array"] {
            let right = format!("[{}]", place.text());
            let message = format!("`{name}` should be {}, but this is {}", expected(schema), node.kind());
            let diagnostic = Diagnostic::new(&codes::WRONG_TYPE, message).at(&place);
            self.found.push(diagnostic.help(format!("write {right}, with two brackets")).replace_by(right, true));
            // What stands in it is read as if it had been written so.
            let one = Node { span: node.span.clone(), data: std::mem::replace(&mut node.data, Data::Refused) };
            node.data = Data::Array(vec![one]);
        }
        if types(schema) == ["object"]
            && let Some(right) = forms::single_heading(node, &self.file.text)
            && let Data::Array(items) = &mut node.data
            && let Some(one) = items.pop()
        {
            let message = format!("`{name}` should be {}, but this is a list", expected(schema));
            let diagnostic = Diagnostic::new(&codes::WRONG_TYPE, message).at(&place);
            self.found.push(diagnostic.help(format!("write {right}, with one bracket")).replace_by(right, true));
            *node = one;
        }
        if !fits(&node.data, schema) {
            let message = format!("`{name}` should be {}, but this is {}", expected(schema), node.kind());
            let diagnostic = Diagnostic::new(&codes::WRONG_TYPE, message).at(&place);
            let keys: Vec<&str> =
                schema["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
            if let Some(right) = forms::right(name, node, &self.file.text, &types(schema), &keys, &required(schema)) {
                let told = diagnostic.help(format!("write {}", right.text));
                self.found.push(if right.whole { told.replace_by(right.text, false) } else { told });
                return false;
            }
            let diagnostic = match (&node.data, types(schema).as_slice()) {
                (Data::Table(_), ["array"]) if place.text().starts_with('{') => {
                    let right = format!("[{}]", place.text());
                    diagnostic.help("write [{ … }]: a list, if only of one").replace_by(right, false)
                }
                (Data::Integer(number), ["string"]) if schema["format"] == "date" => {
                    let (help, day) = meant::day_of(*number);
                    let diagnostic = diagnostic.help(help);
                    day.map_or(diagnostic.clone(), |day| diagnostic.replace_by(day, false))
                }
                (Data::Integer(_) | Data::Decimal(_), ["string"]) => {
                    diagnostic.help("put it in quotes; a length of time has a unit, as in \"28 days\"")
                }
                (Data::Text(_), ["array"]) => diagnostic.help(IN_BRACKETS),
                _ => diagnostic,
            };
            self.found.push(diagnostic);
            return false;
        }
        match &mut node.data {
            Data::Table(_) => self.table(node, schema, name),
            Data::Array(items) => items.retain_mut(|item| self.node(item, &schema["items"], name)),
            _ => {}
        }
        true
    }

    fn word(&mut self, node: &Node, words: &[&str], name: &str, place: &Place) -> bool {
        match node.text() {
            Some(text) if words.contains(&text) => return true,
            Some(text) => {
                let message = match text.trim() {
                    "" => format!("`{name}` is empty"),
                    _ => format!("`{text}` is not a value of `{name}`"),
                };
                let diagnostic = Diagnostic::new(&codes::NOT_A_CHOICE, message);
                let other = match text.to_lowercase().as_str() {
                    "yes/no" | "boolean" | "yes or no" | "ja/nein" | "y/n" | "true/false" => "bool",
                    "int" | "whole" => "integer",
                    "number" | "float" | "real" | "numeric" => "decimal",
                    "string" | "str" => "text",
                    "enum" | "select" | "single choice" => "choice",
                    "inactive" | "archived" | "withdrawn" => "retired",
                    "forever" | "always" | "for life" => "permanent",
                    "temporary" => "while-true",
                    "list" | "multiple choice" | "multiple" | "choices" => "set",
                    _ => text,
                };
                let diagnostic = diagnostic.at(place);
                let diagnostic = match words.iter().find(|word| **word == other) {
                    Some(word) => {
                        let right = format!("\"{word}\"");
                        diagnostic.help(format!("write {right}")).replace_by(right, false)
                    }
                    None => diagnostic.suggest(text, words.iter().copied()),
                };
                self.found.push(diagnostic.help(format!("it is one of {}", list(words))));
            }
            None => {
                let message = format!("`{name}` should be one of {}, but this is {}", list(words), node.kind());
                self.found.push(Diagnostic::new(&codes::WRONG_TYPE, message).at(place));
            }
        }
        false
    }

    fn table(&mut self, node: &mut Node, schema: &'a Json, name: &str) {
        let properties: Vec<(&'a str, &'a Json)> = schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, property)| (name.as_str(), property))
            .collect();
        let keys: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
        // `[facts.x]` and its like: any name, all of one shape.
        let open = schema["additionalProperties"].is_object() || schema == &Json::Bool(true) || properties.is_empty();
        let title = schema["title"].as_str().unwrap_or(name);
        let id = node.get("id").filter(|_| keys.contains(&"id")).and_then(Node::text);
        let who = match id {
            Some(id) => format!("{title} `{id}`"),
            None if name == WHOLE => format!("this {title}"),
            None if schema["title"].is_string() && title != name && !name.is_empty() => format!("{title} `{name}`"),
            None => title.to_owned(),
        };
        self.below(node, schema, name);
        self.missing(node, schema, &who);
        self.empty(node, schema, &who);
        self.misplaced(node, &keys, &who);
        // What is given already cannot have been meant, but for lists and tables that have more than one part.
        let is_open_to = |key: &&str, value: &Node| match node.get(key).map(|there| &there.data) {
            None => true,
            Some(Data::Array(items)) => {
                matches!(&value.data, Data::Array(more) if are_tables(items) && are_tables(more))
            }
            Some(Data::Table(_)) => matches!(value.data, Data::Table(_)),
            Some(_) => false,
        };
        // Those of which it is told below what they may have been meant for.
        let unknown = node.entries().iter().filter(|(key, value)| {
            let name = key.name.as_str();
            !open && !keys.contains(&name) && value.data != Data::Refused && !self.displaced.contains(&name)
        });
        let free: Vec<(String, Vec<&str>)> = unknown
            .map(|(key, value)| (key.name.clone(), keys.iter().copied().filter(|key| is_open_to(key, value)).collect()))
            .collect();
        let strange = self.strangers(node, schema, &free, &who);
        let Data::Table(entries) = &mut node.data else { return };
        // A name that can have been meant for one of them only is told, and what it is given is read as if it were that one's.
        let mut meant: Vec<(&str, Node)> = Vec::new();
        entries.retain_mut(|(key, value)| match properties.iter().find(|(name, _)| *name == key.name) {
            Some((_, property)) if self.is_plural(key, value, property, &properties) => false,
            Some((_, property)) => self.node(value, property, &key.name),
            None if open && schema["additionalProperties"].is_object() => {
                self.node(value, &schema["additionalProperties"], &key.name)
            }
            None if open => true,
            // What is left of a line that was refused.
            None if value.data == Data::Refused => false,
            // Told together.
            None if self.displaced.contains(&key.name.as_str()) || strange.contains(&key.name) => false,
            None => {
                let diagnostic = Diagnostic::new(&codes::UNKNOWN_KEY, format!("{who} has no key `{}`", key.name));
                let free =
                    free.iter().find(|(name, _)| *name == key.name).map(|(_, free)| free.clone()).unwrap_or_default();
                let diagnostic = diagnostic.at(&key.place(self.file));
                let names: Vec<&str> = value.entries().iter().map(|(key, _)| key.name.as_str()).collect();
                if name == WHOLE
                    && let Some(table) = lost::entries_with(self.root, &names)
                {
                    let right = format!("{table}.{}", key.name);
                    self.found.push(diagnostic.help(format!("write [{right}]")).replace_by(right, false));
                    let part = lost::Part::Entries(vec![(key.clone(), value.clone())]);
                    self.lost.push(lost::Lost { table, part });
                    return false;
                }
                let synonym = forms::synonym(&key.name, &free);
                let written = synonym.unwrap_or(&key.name);
                let diagnostic = match synonym.filter(|meant| free.contains(meant)) {
                    Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).replace_by(meant, false),
                    None => diagnostic.suggest(written, free.iter().copied()),
                };
                let diagnostic = diagnostic.help(format!("its keys are {}", list(&keys)));
                let is_table = name == WHOLE && matches!(value.data, Data::Table(_) | Data::Array(_));
                self.found.push(if is_table { diagnostic.unread() } else { diagnostic });
                let close = all_closest(written, free.iter().copied());
                if let Some((name, property)) = properties.iter().find(|(name, _)| close == [*name]) {
                    // What is wrong in it is told once it has its name.
                    let told = std::mem::take(self.found);
                    let is_sound = self.node(value, property, name);
                    *self.found = told;
                    meant.extend(is_sound.then(|| (*name, value.clone())));
                }
                false
            }
        });
        for (name, value) in meant {
            match (entries.iter_mut().find(|(key, _)| key.name == name).map(|(_, there)| &mut there.data), value.data) {
                (Some(Data::Array(items)), Data::Array(more)) => items.extend(more),
                (Some(Data::Table(parts)), Data::Table(more)) => parts.extend(more),
                (Some(_), _) => {}
                (None, data) => {
                    let key = super::Key { name: name.to_owned(), span: value.span.clone() };
                    entries.push((key, Node { span: value.span, data }));
                }
            }
        }
    }

    /// Tells of `[[course.sessions]]`, where the list is called `session` and the other is something else.
    fn is_plural(&mut self, key: &super::Key, value: &Node, property: &'a Json, all: &[(&str, &'a Json)]) -> bool {
        let place = key.place(self.file);
        let start = self.file.line(key.span.start).start;
        let heading =
            self.file.text[start..].lines().next().unwrap_or_default().split('#').next().unwrap_or_default().trim();
        let singular = key.name.strip_suffix('s').unwrap_or_default();
        let is_list = |(name, other): &(&str, &'a Json)| *name == singular && types(self.resolve(other)) == ["array"];
        let is_wrong = matches!(&value.data, Data::Array(items) if are_tables(items) && !items.is_empty())
            && !types(self.resolve(property)).contains(&"array")
            && heading.starts_with("[[")
            && all.iter().any(is_list);
        if !is_wrong {
            return false;
        }
        let right = heading.replacen(&format!("{}]]", key.name), &format!("{singular}]]"), 1);
        let message = format!("`{}` is no list of tables, but `{singular}` is", key.name);
        let start = start + self.file.text[start..].find('[').unwrap_or_default();
        let span = start..start + heading.len();
        let diagnostic = Diagnostic::new(&codes::UNKNOWN_KEY, message).at(&Place { span, ..place });
        self.found.push(diagnostic.help(format!("write {right}")).replace_by(right, false));
        true
    }

    /// A text that says nothing is as good as missing, and is told of once.
    fn empty(&mut self, node: &mut Node, schema: &'a Json, who: &str) {
        let Data::Table(entries) = &mut node.data else { return };
        let needed = required(schema);
        for (key, value) in entries {
            // An expression that says nothing is told of where it is read; of one of several words, which they are.
            let property = self.resolve(&schema["properties"][&key.name]);
            let is_text = types(property) == ["string"] && words(property).is_empty() && key.name != "note";
            let is_needed = needed.contains(&&*key.name);
            let is_expression = EXPRESSIONS.contains(&key.name.as_str()) && !(is_needed && key.name == "value");
            let may_be_empty = is_expression || !(is_needed || is_text);
            let takes_text = words(property).is_empty() && (types(property) != ["array"]);
            // A tab or a blank between cells says something.
            let says_nothing = |text: &str| text.is_empty() || (key.name != "separator" && text.trim().is_empty());
            if !may_be_empty && takes_text && value.text().is_some_and(says_nothing) {
                let diagnostic =
                    Diagnostic::new(&codes::INVALID_VALUE, format!("the `{}` of {who} is empty", key.name));
                let diagnostic = diagnostic.at(&value.place(self.file));
                self.found.push(match is_needed {
                    true => diagnostic,
                    false => diagnostic.help("write it between the quotes, or take the line out"),
                });
                value.data = Data::Refused;
            }
        }
    }

    fn missing(&mut self, node: &Node, schema: &Json, who: &str) {
        let is_file = std::ptr::eq(schema, self.resolve(self.root));
        // A file that ends in the middle of a line was not saved to its end: what is missing here stood there.
        let is_cut_off = node.entries().last().is_some_and(|(key, value)| {
            let below = self.file.text.get(key.span.end..).unwrap_or_default();
            value.data == Data::Refused && !below.contains('\n')
        });
        // A line that was refused may have been the one that is missed, under a name that is no name.
        let is_there = |(key, value): &(super::Key, Node)| {
            value.data == Data::Refused && schema["properties"].get(&key.name).is_none()
        };
        if is_cut_off || (!is_file && node.entries().iter().any(is_there)) {
            return;
        }
        for key in required(schema).into_iter().filter(|key| node.get(key).is_none()) {
            // What stands in the wrong place is told there; and what else is missing then may be there too, unread.
            if is_file && !self.displaced.is_empty() {
                continue;
            }
            // It may be there under its own name alone: `[cdc]` for `[sources.cdc]`.
            let is_of_it = |value: &Node| {
                let names: Vec<&str> = value.entries().iter().map(|(key, _)| key.name.as_str()).collect();
                lost::entries_with(self.root, &names).is_some_and(|table| table == key)
            };
            if is_file && node.entries().iter().any(|(_, value)| is_of_it(value)) {
                continue;
            }
            // A key that is there under a slightly wrong name is reported as such, once.
            let misspelt = node.entries().iter().any(|(given, _)| {
                schema["properties"].get(&given.name).is_none()
                    && (crate::diagnostic::closest(&given.name, [key]).is_some()
                        || forms::synonym(&given.name, &[key]).is_some())
            });
            if misspelt {
                continue;
            }
            let mut diagnostic =
                Diagnostic::new(&codes::MISSING_KEY, format!("{who} has no `{key}`")).at(&node.place(self.file));
            if let Some(description) = schema["properties"][key]["description"].as_str() {
                diagnostic = diagnostic.help(format!("`{key}`: {}", first_sentence(description)));
            }
            self.found.push(diagnostic);
        }
    }
}

fn are_tables(items: &[Node]) -> bool {
    items.iter().all(|item| matches!(item.data, Data::Table(_)))
}

/// The keys that a table must have.
pub(super) fn required(schema: &Json) -> Vec<&str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect()
}

/// The words that a schema allows, if it is a choice of words.
fn words(schema: &Json) -> Vec<&str> {
    let one_of = schema["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    let constants = one_of.iter().flat_map(|option| option["const"].as_str().into_iter().chain(enumerated(option)));
    enumerated(schema).chain(constants).collect()
}

fn enumerated(schema: &Json) -> impl Iterator<Item = &str> {
    schema["enum"].as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(Json::as_str)
}

/// The JSON Schema types that a schema allows; empty: any.
pub(super) fn types(schema: &Json) -> Vec<&str> {
    match &schema["type"] {
        Json::String(one) => vec![one],
        Json::Array(several) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn fits(data: &Data, schema: &Json) -> bool {
    let types = types(schema);
    types.is_empty()
        || types.iter().any(|name| match (*name, data) {
            ("boolean", Data::Bool(_)) | ("integer" | "number", Data::Integer(_)) | ("number", Data::Decimal(_)) => {
                true
            }
            // A date is a text to JSON Schema; TOML's own dates are welcome where a date is meant.
            ("string", Data::Date(_)) => schema["format"] == "date" || types.len() > 1,
            ("string", Data::Text(_)) | ("array", Data::Array(_)) | ("object", Data::Table(_)) => true,
            _ => false,
        })
}

fn expected(schema: &Json) -> String {
    let names: Vec<&str> = types(schema)
        .into_iter()
        .map(|name| match name {
            "boolean" => "true or false",
            "integer" => "a whole number",
            "number" => "a number",
            "string" if schema["format"] == "date" => "a date such as 2026-03-02, without quotes",
            "string" => "a text in quotes",
            "array" => "a list in [ ]",
            "object" => "a table",
            other => other,
        })
        .collect();
    names.join(" or ")
}

fn first_sentence(text: &str) -> &str {
    let end = text.find(". ").or_else(|| text.find("\n\n")).unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

/// `a`, `b` and `c`, each in backticks.
pub(super) fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
