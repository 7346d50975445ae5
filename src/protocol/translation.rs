//! Texts in other languages: a file beside a dictionary or a protocol (`facts.de.toml`, `protocol.de.toml`) with the same tables and ids, and
//! in them nothing but texts and labels.
//!
//! They take the place of the file's own in its tree, before that is read: whatever shows a text shows the translation, and nothing that
//! decides can differ between languages.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::compile::names_between_braces;
use super::labels::{Labelled, check};
use super::load::read_file;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Replacement, SourceFile, codes};
use crate::document::{Data, Key, Node, Notation, parse};

/// The translation that a dictionary or a protocol was read with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translation {
    /// The language, as `de`.
    pub language: String,
    /// The SHA-256 of the translation's text, in hexadecimal.
    pub sha256: String,
    /// Each text of the file that was replaced, and what took its place.
    pub(crate) replaced: Vec<(Place, Place)>,
    /// Texts whose translation names other values, each with what it is a text of: one may be meant so.
    pub(crate) other_values: Vec<(String, Diagnostic)>,
}

impl Translation {
    /// Has what is wrong with a text that took the place of another told where it is written.
    pub(crate) fn relocate(&self, found: &mut Diagnostics) {
        let written = |place: &Place| {
            let is_of = |own: &Place| own.span.start <= place.span.start && place.span.end <= own.span.end;
            let mut all = self.replaced.iter().filter(|(own, _)| is_of(own) && own.file == place.file);
            all.next().map(|(_, translated)| translated.clone())
        };
        for one in found.iter_mut() {
            for label in one.label.iter_mut().chain(&mut one.related) {
                if let Some(place) = written(&label.place) {
                    label.place = if one.code == &codes::SAME_LABEL { place } else { named(&one.message, place) };
                }
            }
            // What was to be written there was found for the bytes of the file.
            one.replacement.take_if(|replacement| written(&replacement.place).is_some());
        }
    }
}

/// The longest of the words in backticks that a text has, where it stands in it; or the whole text.
fn named(message: &str, text: Place) -> Place {
    let is_part = |sign: char| sign.is_alphanumeric() || sign == '_';
    let mut words: Vec<&str> = message.split('`').skip(1).step_by(2).filter(|word| !word.is_empty()).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let literal = text.text();
    let is_whole =
        |at: usize, word: &str| !literal[..at].ends_with(is_part) && !literal[at + word.len()..].starts_with(is_part);
    let find = |word: &&str| {
        let mut all = literal.match_indices(*word).filter(|(at, word)| is_whole(*at, word));
        all.next().map(|(at, word)| text.span.start + at..text.span.start + at + word.len())
    };
    let span = words.iter().find_map(find);
    Place { span: span.unwrap_or(text.span.clone()), ..text }
}

/// The tables that have texts, and the keys of those. A dot leads into a table in a table.
pub(super) const TEXTS: &[(&str, &[&str])] = &[
    // Of a clinic's details, all that is not a number to call.
    ("", &["title", "name", "hours", "out_of_hours"]),
    ("facts", &["label", "ask"]),
    ("session_facts", &["label"]),
    ("treatments", &["label"]),
    ("parameters", &["label"]),
    ("definitions", &["label"]),
    ("products", &["label"]),
    ("components", &["label"]),
    ("indication", &["label", "otherwise", "reason"]),
    ("contraindication", &["label", "reason", "until"]),
    ("deferral", &["label", "reason", "until"]),
    ("referral", &["label", "reason"]),
    ("precaution", &["label", "do", "reason"]),
    ("completion", &["label", "reason", "then"]),
    ("setting", &["label", "reason"]),
    ("instruction", &["label", "do", "reason"]),
    ("red_flag", &["sign", "action"]),
    ("course", &["label"]),
    ("course.interval", &["label", "reason"]),
    ("course.gap", &["label", "reason"]),
    ("separation", &["label", "reason"]),
    ("property", &["reason"]),
];

/// Texts without an id of their own, by the way to them. A translation gives them in `[texts]`, by what they say.
const FREE: &[&[&str]] = &[
    &["setting", "rows", "text"],
    &["referral", "to"],
    &["deferral", "override", "by"],
    &["red_flag", "within"],
    &["contradiction", "say"],
    &["facts", EACH, "group"],
];

/// On a way to a text, every entry of a table.
const EACH: &str = "*";

/// The key that says which text was translated.
pub(super) const OF: &str = "of";

/// A short mark of what texts say: it is another one when any of them is.
fn mark(texts: &[(String, &str)]) -> String {
    let all: String = texts.iter().map(|(key, text)| format!("{key}\0{text}\0")).collect();
    super::sha256(&all)[..8].to_owned()
}

/// Whether a word can be the name of a language: `de`, `pt-BR`.
pub(crate) fn is_language(word: &str) -> bool {
    let mut parts = word.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The file with the texts of another file in a language: `protocol.de.toml`.
pub(crate) fn beside(file: &Path, language: &str) -> PathBuf {
    file.with_extension(format!("{language}.toml"))
}

/// The file that a translation belongs to, by their names.
pub(super) fn original(file: &Path) -> Option<PathBuf> {
    let stem = Path::new(file.file_stem()?);
    let is_translation = file.extension()? == "toml" && is_language(stem.extension()?.to_str()?);
    let original = file.with_file_name(stem.file_stem()?).with_extension("toml");
    (is_translation && original.is_file()).then_some(original)
}

/// The languages in which there are files beside another.
pub(crate) fn languages(file: &Path) -> Vec<String> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let names = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.file_name());
    let language = |name: std::ffi::OsString| {
        let language = name.to_str()?.strip_prefix(stem)?.strip_prefix('.')?.strip_suffix(".toml")?.to_owned();
        is_language(&language).then_some(language)
    };
    let mut all: Vec<String> = names.filter_map(language).collect();
    all.sort();
    all
}

/// Puts the texts of the translation beside a file, if there is one, in the place of the file's own. What has none is told in `missing`.
pub(super) fn translate(
    original: &mut Node,
    source: &Arc<SourceFile>,
    language: &str,
    found: &mut Diagnostics,
    missing: &mut Diagnostics,
) -> Option<Translation> {
    let path = beside(Path::new(&source.name), language);
    // A translation of what is itself not sound would only confuse.
    if !path.is_file() || found.has_errors() {
        return None;
    }
    let file = read_file(&path, found)?;
    let tree = parse(&file, Notation::Toml, found);
    let mut merge =
        Merge { source, file: &file, language, found, missing, replaced: Vec::new(), other_values: Vec::new() };
    merge.file(original, &tree);
    let (replaced, other_values) = (merge.replaced, merge.other_values);
    Some(Translation { language: language.to_owned(), sha256: super::sha256(&file.text), replaced, other_values })
}

struct Merge<'a> {
    source: &'a Arc<SourceFile>,
    file: &'a Arc<SourceFile>,
    language: &'a str,
    found: &'a mut Diagnostics,
    missing: &'a mut Diagnostics,
    replaced: Vec<(Place, Place)>,
    other_values: Vec<(String, Diagnostic)>,
}

impl Merge<'_> {
    fn file(&mut self, original: &mut Node, translation: &Node) {
        let tables = TEXTS.iter().filter(|(table, _)| !table.is_empty() && !table.contains('.'));
        let tables: Vec<&str> = tables.map(|(table, _)| *table).collect();
        for (key, _) in translation.entries() {
            let known = tables.iter().copied().chain(["title", "name", "hours", "out_of_hours", "texts", OF]);
            if !known.clone().any(|known| known == key.name) {
                let message = format!("a translation has no key `{}`", key.name);
                let diagnostic = Diagnostic::new(&codes::UNKNOWN_KEY, message).at(&key.place(self.file));
                self.found.push(diagnostic.suggest(&key.name, known).help("it holds texts and labels only"));
            }
        }
        self.texts(original, Some(translation), "", "this file");
        for table in tables {
            if let Some(own) = get_mut(original, table) {
                self.entries(own, translation.get(table), table);
            } else if let Some((key, _)) = translation.entries().iter().find(|(key, _)| key.name == table) {
                self.nothing(key, &[], &format!("`{table}`"));
            }
        }
        self.free_texts(original, translation.get("texts"));
    }

    /// The entries of a table by name, or of a list of tables by id.
    fn entries(&mut self, original: &mut Node, translation: Option<&Node>, table: &str) {
        // One of them: `facts` has the text of a fact.
        let title = table.rsplit('.').next().unwrap_or(table).trim_end_matches('s').replace('_', " ");
        let translated: Vec<(Key, &Node)> = match translation.map(|node| &node.data) {
            Some(Data::Table(entries)) => entries.iter().map(|(key, node)| (key.clone(), node)).collect(),
            Some(Data::Array(items)) => items.iter().filter_map(|item| Some((self.id(item, &title)?, item))).collect(),
            _ => Vec::new(),
        };
        let mut own: Vec<(String, &mut Node)> = match &mut original.data {
            Data::Table(entries) => entries.iter_mut().map(|(key, node)| (key.name.clone(), node)).collect(),
            Data::Array(items) => {
                let id = |item: &Node| item.get("id").and_then(Node::text).map(str::to_owned);
                items.iter_mut().filter_map(|item| Some((id(item)?, item))).collect()
            }
            _ => return,
        };
        let names: Vec<String> = own.iter().map(|(name, _)| name.clone()).collect();
        for (at, (key, _)) in translated.iter().enumerate() {
            let what = format!("{title} `{}`", key.name);
            if !names.contains(&key.name) {
                self.nothing(key, &names, &what);
            } else if let Some((first, _)) = translated[..at].iter().find(|(first, _)| first.name == key.name) {
                let diagnostic = Diagnostic::new(&codes::DUPLICATE_NAME, format!("{what} is translated twice"));
                let diagnostic = diagnostic.labelled(&key.place(self.file), "again");
                let diagnostic = diagnostic.see(&first.place(self.file), "first");
                self.found.push(diagnostic.help("the first is read: remove one of the two"));
            }
        }
        for (name, node) in &mut own {
            let given = translated.iter().find(|(key, _)| key.name == *name).map(|(_, node)| *node);
            self.texts(node, given, table, &format!("{title} `{name}`"));
        }
    }

    /// The id of an entry of a list.
    fn id(&mut self, item: &Node, title: &str) -> Option<Key> {
        let id = item.get("id").and_then(|id| Some((id.text()?, id)));
        // One that could not be read has been told of.
        let is_told = item.get("id").is_some_and(|id| id.data == Data::Refused);
        if id.is_none() && !is_told {
            let message = format!("{title} has no `id`");
            let diagnostic = Diagnostic::new(&codes::MISSING_KEY, message).at(&item.place(self.file));
            self.found.push(diagnostic.help("write the id that it has in the file that is translated"));
        }
        id.map(|(text, id)| Key { name: text.to_owned(), span: id.span.clone() })
    }

    /// The texts of one entry.
    fn texts(&mut self, original: &mut Node, translation: Option<&Node>, table: &str, who: &str) {
        let keys = TEXTS.iter().find(|(known, _)| *known == table).map_or(&[][..], |(_, keys)| *keys);
        let inner = TEXTS.iter().filter_map(|(known, _)| known.strip_prefix(table)?.strip_prefix('.'));
        let inner: Vec<&str> = if table.is_empty() { Vec::new() } else { inner.collect() };
        let has_choices = matches!(table, "facts" | "session_facts");
        if let Some(translation) = translation {
            self.compare(original, translation, keys, has_choices, who);
        }
        for (key, node) in translation.map(Node::entries).unwrap_or_default() {
            let is_inner = inner.contains(&key.name.as_str()) || (has_choices && key.name == "choices");
            match keys.contains(&key.name.as_str()) {
                true => self.text(original, key, node, who),
                // Tables are looked at by themselves.
                false if table.is_empty() || key.name == "id" || key.name == OF || is_inner => {}
                false => {
                    let message = format!("a translation of {who} has no key `{}`", key.name);
                    let diagnostic = Diagnostic::new(&codes::UNKNOWN_KEY, message).at(&key.place(self.file));
                    let diagnostic = diagnostic.suggest(&key.name, keys.iter().copied());
                    let all: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
                    self.found.push(diagnostic.help(format!("it holds texts and labels only: {}", all.join(", "))));
                }
            }
        }
        for key in keys {
            let given = translation.is_some_and(|node| node.get(key).is_some());
            if let Some(own) = original.get(key).filter(|own| !given && own.text().is_some()) {
                self.lacks(own, &format!("the `{key}` of {who}"));
            }
        }
        if has_choices && let Some(choices) = get_mut(original, "choices") {
            self.choices(choices, translation.and_then(|node| node.get("choices")), who);
        }
        for name in inner {
            if let Some(own) = get_mut(original, name) {
                self.entries(own, translation.and_then(|node| node.get(name)), &format!("{table}.{name}"));
            }
        }
    }

    /// Whether what is translated still says what it said.
    fn compare(&mut self, original: &Node, translation: &Node, keys: &[&str], has_choices: bool, who: &str) {
        let texts = keys.iter().filter_map(|key| Some(((*key).to_owned(), original.get(key)?.text()?)));
        let choices = original.get("choices").filter(|_| has_choices);
        let labels = choices.into_iter().flat_map(Node::entries);
        let ids = choices.into_iter().flat_map(Node::items);
        let texts: Vec<(String, &str)> = texts
            .chain(labels.filter_map(|(key, label)| Some((format!("choices.{}", key.name), label.text()?))))
            .chain(ids.filter_map(|id| Some((format!("choices.{}", id.text()?), id.text()?))))
            .collect();
        let mark = mark(&texts);
        let (own, file) = (file_name(&self.source.name).to_owned(), file_name(&self.file.name));
        match translation.get(OF) {
            Some(of) if of.text() == Some(&mark) => {}
            Some(of) => {
                let message = format!("what {who} says has changed since it was translated into `{}`", self.language);
                let diagnostic = Diagnostic::new(&codes::OUTDATED_TRANSLATION, message).at(&of.place(self.file));
                let diagnostic = diagnostic.see(&original.place(self.source), "this is what it says now");
                let help = format!("bring the translation in {file} up to date, then write `{OF} = \"{mark}\"`");
                self.missing.push(diagnostic.help(help).replace_by(format!("\"{mark}\""), false));
            }
            None if texts.is_empty() => {}
            None => {
                let message = format!("the translation of {who} does not say which text it is of");
                let place = translation.place(self.file);
                let diagnostic = Diagnostic::new(&codes::UNMARKED_TRANSLATION, message).at(&place);
                let help = format!("write `{OF} = \"{mark}\"`: when {own} says something else, `regimen check` tells");
                let mut diagnostic = diagnostic.help(help);
                diagnostic.replacement = self.marked(translation, &mark);
                self.missing.push(diagnostic);
            }
        }
    }

    /// The mark of a text, put behind the id, or before the first of the texts; none where those are in a table of their own.
    fn marked(&self, translation: &Node, mark: &str) -> Option<Replacement> {
        let (first, _) = translation.entries().iter().find(|(_, node)| node.text().is_some())?;
        let line = &self.file.text[self.file.line(first.span.start).start..first.span.start];
        let between = if line.contains('{') { ", " } else { "\n" };
        let (at, text) = match translation.get("id") {
            Some(id) => (id.span.end, format!("{between}{OF} = \"{mark}\"")),
            None => (first.span.start, format!("{OF} = \"{mark}\"{between}")),
        };
        let place = Place { file: self.file.clone(), span: at..at };
        Some(Replacement { place, text, certain: true })
    }

    /// One text in the place of another. A label may also be given to what has none.
    fn text(&mut self, original: &mut Node, key: &Key, node: &Node, who: &str) {
        let Some(text) = node.text().filter(|text| !text.trim().is_empty()) else {
            let message = format!("the `{}` of {who} should be a text that says something", key.name);
            self.found.push(Diagnostic::new(&codes::INVALID_VALUE, message).at(&node.place(self.file)));
            return;
        };
        let (span, data) = (original.span.clone(), Data::Text(text.to_owned()));
        // A definition or a group of products in its short form.
        let long = match original.data {
            Data::Text(_) => Some("value"),
            Data::Array(_) => Some("products"),
            _ => None,
        };
        if let Some(name) = long.filter(|_| key.name == "label") {
            let value = (Key { name: name.into(), span: span.clone() }, original.clone());
            original.data = Data::Table(vec![value]);
        }
        let own = original.get(&key.name).cloned();
        if let Some(own) = &own {
            self.replace(own, node, &format!("the `{}` of {who}", key.name));
        }
        match (get_mut(original, &key.name), &key.name) {
            (Some(own), _) => own.data = data,
            (None, name) if name == "label" => {
                if let Data::Table(entries) = &mut original.data {
                    entries.push((Key { name: name.clone(), span: span.clone() }, Node { span, data }));
                }
            }
            (None, name) => self.nothing(key, &[], &format!("`{name}` of {who}")),
        }
    }

    /// The labels of choices.
    fn choices(&mut self, original: &mut Node, translation: Option<&Node>, who: &str) {
        let own: Vec<(Key, Node)> = match &original.data {
            Data::Table(entries) => entries.clone(),
            Data::Array(items) => {
                let key = |item: &Node| Some(Key { name: item.text()?.to_owned(), span: item.span.clone() });
                items.iter().filter_map(|item| Some((key(item)?, item.clone()))).collect()
            }
            _ => return,
        };
        let names: Vec<String> = own.iter().map(|(key, _)| key.name.clone()).collect();
        let given = translation.map(Node::entries).unwrap_or_default();
        for (key, _) in given {
            if !names.contains(&key.name) {
                self.nothing(key, &names, &format!("choice `{}` of {who}", key.name));
            }
        }
        let find = |name: &str| given.iter().find(|(key, _)| key.name == name).map(|(_, node)| node);
        let labelled = matches!(original.data, Data::Table(_));
        let mut all = Vec::new();
        for (key, node) in &own {
            if labelled && find(&key.name).is_none() {
                self.lacks(node, &format!("the choice `{}` of {who}", key.name));
            }
            let text = find(&key.name).and_then(|node| Some((node.text()?, node.place(self.file))));
            let (label, place) = text.unwrap_or_else(|| (node.text().unwrap_or_default(), node.place(self.source)));
            all.push(Labelled { name: &key.name, label, place });
        }
        if translation.is_some() {
            check(&all, self.found);
            for (key, node) in &own {
                if let Some(translated) = find(&key.name) {
                    self.replaced.push((node.place(self.source), translated.place(self.file)));
                }
            }
            let entries = own.iter().map(|(key, node)| {
                let data = find(&key.name).map_or(&node.data, |node| &node.data).clone();
                (key.clone(), Node { span: node.span.clone(), data })
            });
            original.data = Data::Table(entries.collect());
        }
    }

    /// Texts that are found by what they say.
    fn free_texts(&mut self, original: &mut Node, translation: Option<&Node>) {
        let given = translation.map(Node::entries).unwrap_or_default();
        let mut all = Vec::new();
        FREE.iter().for_each(|way| ends(original, way, &mut |node| all.push(node.clone())));
        let mut texts: Vec<String> = Vec::new();
        for node in &all {
            let Some(text) = node.text().map(str::to_owned) else { continue };
            match given.iter().find(|(key, _)| key.name == text) {
                Some((_, translated)) if translated.text().is_some() => {}
                Some((key, _)) => {
                    let message = format!("the translation of `{}` should be a text", key.name);
                    self.found.push(Diagnostic::new(&codes::WRONG_TYPE, message).at(&key.place(self.file)));
                }
                None if texts.contains(&text) => {}
                None => self.lacks(node, &format!("the text `{text}`")),
            }
            texts.push(text);
        }
        let translated =
            |node: &Node| given.iter().find(|(key, _)| node.text() == Some(&key.name)).map(|(_, node)| node);
        let put = &mut |node: &mut Node| {
            if let Some(translated) = translated(node).filter(|translated| translated.text().is_some()) {
                node.data = translated.data.clone();
            }
        };
        FREE.iter().for_each(|way| ends(original, way, put));
        for own in &all {
            if let Some(translated) = translated(own).filter(|translated| translated.text().is_some()) {
                self.replace(own, translated, &format!("the text `{}`", own.text().unwrap_or_default()));
            }
        }
        for (key, _) in given {
            if !texts.contains(&key.name) {
                self.nothing(key, &texts, &format!("text `{}`", key.name));
            }
        }
    }

    /// Notes that a text takes the place of another, and tells where they do not name the same values.
    fn replace(&mut self, own: &Node, translated: &Node, who: &str) {
        let (place, written) = (own.place(self.source), translated.place(self.file));
        self.replaced.push((place.clone(), written.clone()));
        let [own, other] = [own, translated].map(|node| node.text().map(names_between_braces).unwrap_or_default());
        let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
            let names: Vec<String> = one.difference(other).map(|name| format!("`{name}`")).collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        let (message, names) = match (only(&own, &other), only(&other, &own)) {
            (None, None) => return,
            (Some(lost), Some(names)) => (format!("{who} names {lost}, its translation names {names}"), names),
            (Some(lost), None) => (format!("{who} names {lost}, its translation does not"), String::new()),
            // A language may need to know more, for a form of a word.
            (None, Some(_)) => return,
        };
        let diagnostic = Diagnostic::new(&codes::OTHER_VALUES, message).at(&named(&names, written));
        // What it is about is named last: the `label` of fact `smoker`.
        let subject = who.rsplit('`').nth(1).unwrap_or_default().to_owned();
        let help = "name the same values in both, each between braces: `{…}`";
        let code = codes::OTHER_VALUES.id;
        let or =
            format!("or say in an `[[allow]]` of {code} on `{subject}`, in {}, why not", file_name(&self.source.name));
        let diagnostic = diagnostic.see(&place, "this is translated").help(help).help(or);
        self.other_values.push((subject, diagnostic));
    }

    /// There is nothing of that name to translate.
    fn nothing(&mut self, key: &Key, names: &[String], what: &str) {
        let message = format!("there is no {what} in {} to translate", file_name(&self.source.name));
        let diagnostic = Diagnostic::new(&codes::NOTHING_TO_TRANSLATE, message).at(&key.place(self.file));
        self.found.push(diagnostic.suggest(&key.name, names.iter().map(String::as_str)));
    }

    /// Something has no translation.
    fn lacks(&mut self, node: &Node, what: &str) {
        let message = format!("{what} is not translated into `{}`", self.language);
        let code: &'static Code = &codes::NOT_TRANSLATED;
        let diagnostic = Diagnostic::new(code, message).at(&node.place(self.source));
        self.missing.push(diagnostic.help(format!("write it in {}", file_name(&self.file.name))));
    }
}

pub(super) fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}

fn get_mut<'n>(node: &'n mut Node, name: &str) -> Option<&'n mut Node> {
    match &mut node.data {
        Data::Table(entries) => entries.iter_mut().find(|(key, _)| key.name == name).map(|(_, node)| node),
        _ => None,
    }
}

/// Does something with the nodes at the end of a way, through every list on it.
fn ends(node: &mut Node, way: &[&str], at_end: &mut dyn FnMut(&mut Node)) {
    match (&mut node.data, way.split_first()) {
        (Data::Array(items), _) => items.iter_mut().for_each(|item| ends(item, way, at_end)),
        (_, None) => at_end(node),
        (Data::Table(entries), Some((first, rest))) if *first == EACH => {
            entries.iter_mut().for_each(|(_, entry)| ends(entry, rest, at_end));
        }
        (_, Some((first, rest))) => {
            if let Some(inner) = get_mut(node, first) {
                ends(inner, rest, at_end);
            }
        }
    }
}
