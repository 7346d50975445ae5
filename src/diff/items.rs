//! A file taken apart: what is compared by itself, and of each the keys with what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Effect, Part};
use crate::date::Duration;
use crate::document::{Data, Node};
use crate::lang::{Expr, ExprId, Type};
use crate::protocol::Protocol;

/// Things of one kind in one place, such as the intervals of a course.
pub(super) struct List {
    pub(super) part: Part,
    /// What they belong to; empty: the file.
    pub(super) owner: String,
    pub(super) items: Vec<Item>,
}

/// One of them.
pub(super) struct Item {
    /// Its name; none: it is known by its place.
    pub(super) id: Option<String>,
    pub(super) leaves: BTreeMap<String, Leaf>,
}

/// What a key says.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) effect: Effect,
    /// What two that mean the same have in common.
    pub(super) meaning: String,
    /// As it is written.
    pub(super) written: String,
    pub(super) words: Option<String>,
    pub(super) facts: BTreeSet<String>,
}

/// What is so if it is not said.
const DEFAULTS: [(&str, &str); 13] = [
    ("needed", "true"),
    ("repeat", "false"),
    ("evaluation_only", "false"),
    ("faulty", "no_interval"),
    ("priority", "false"),
    ("may_be_never", "false"),
    ("past", "false"),
    ("grace", "0 days"),
    ("same_day", "false"),
    ("modifiable", "false"),
    ("category", "treatment"),
    ("language", "en"),
    ("for", "patient"),
];

/// Where keys hold words for people, whatever they stand in.
const TEXTS: [&str; 13] = [
    "label",
    "reason",
    "title",
    "name",
    "note",
    "ask",
    "say",
    "group",
    "evidence",
    "sources",
    "language",
    "for",
    "modifiable",
];

/// Conditions of a dictionary, which no protocol's program holds in their place.
const CONDITIONS: [&str; 2] = ["asked_when", "when"];

/// Takes a file apart.
pub(super) struct Taker<'p> {
    /// The protocol whose file it is; none: a dictionary.
    pub(super) protocol: Option<&'p Protocol>,
}

impl Taker<'_> {
    pub(super) fn take(&self, root: &Node) -> Vec<List> {
        let mut lists = Vec::new();
        let mut header = Item { id: Some(String::new()), leaves: BTreeMap::new() };
        for (key, node) in root.entries() {
            let key = key.name.as_str();
            let list = |part, items| List { part, owner: String::new(), items };
            match (part_of(key), &node.data) {
                (Some(Part::Ignored), _) => {
                    lists.push(list(Part::Ignored, vec![self.item(Part::Ignored, Some(String::new()), node, &[])]));
                }
                (Some(part), Data::Array(items)) => self.array(part, items, &mut lists),
                (Some(part), Data::Table(entries)) => {
                    let items = entries.iter().map(|(name, node)| self.item(part, Some(name.name.clone()), node, &[]));
                    lists.push(list(part, items.collect()));
                }
                // The tables of a key that is not known here: each is an item as well.
                (None, Data::Array(items)) if items.iter().any(|one| !one.entries().is_empty()) => {
                    self.array(Part::Table, items, &mut lists);
                }
                _ => self.flatten(Part::Header, key, node, None, &mut header.leaves),
            }
        }
        lists.push(List { part: Part::Header, owner: String::new(), items: vec![header] });
        lists
    }

    fn array(&self, part: Part, items: &[Node], lists: &mut Vec<List>) {
        let inner: &[(&str, Part)] = match part {
            Part::Course => &[("interval", Part::Interval), ("gap", Part::Gap), ("session", Part::Session)],
            Part::Setting => &[("rows", Part::Row)],
            _ => &[],
        };
        let mut of_file = List { part, owner: String::new(), items: Vec::new() };
        for node in items {
            let id = node.get("id").and_then(Node::text).map(str::to_owned);
            let owner = id.clone().unwrap_or_default();
            let each = node.get("each").and_then(|each| each.entries().first()).map(|(name, _)| name.name.as_str());
            of_file.items.push(self.item(part, id, node, inner));
            for (key, part) in inner {
                let nodes = node.get(key).map(Node::items).unwrap_or_default();
                let item = |node: &Node| {
                    let id = node.get("id").and_then(Node::text).map(str::to_owned);
                    let mut leaves = BTreeMap::new();
                    for (key, node) in node.entries().iter().filter(|(key, _)| key.name != "id") {
                        self.flatten(*part, &key.name, node, each, &mut leaves);
                    }
                    Item { id, leaves }
                };
                lists.push(List { part: *part, owner: owner.clone(), items: nodes.iter().map(item).collect() });
            }
        }
        lists.push(of_file);
    }

    fn item(&self, part: Part, id: Option<String>, node: &Node, inner: &[(&str, Part)]) -> Item {
        let mut leaves = BTreeMap::new();
        if matches!(node.data, Data::Table(_)) {
            for (key, node) in node.entries() {
                // A definition with a label stands in a table, and so does a group of products.
                let key = match key.name.as_str() {
                    "when" | "value" if part == Part::Definition => "is",
                    "products" if part == Part::Products => "is",
                    key => key,
                };
                let is_id = key == "id" && id.is_some() && part != Part::Header;
                if !is_id && inner.iter().all(|(inner, _)| *inner != key) {
                    self.flatten(part, key, node, None, &mut leaves);
                }
            }
        } else {
            self.flatten(part, "is", node, None, &mut leaves);
        }
        Item { id, leaves }
    }

    /// A node with all that stands in it, each by its key.
    fn flatten(&self, part: Part, key: &str, node: &Node, each: Option<&str>, leaves: &mut BTreeMap<String, Leaf>) {
        match &node.data {
            Data::Table(entries) if key == "choices" => {
                let mut names: Vec<&str> = entries.iter().map(|(name, _)| name.name.as_str()).collect();
                names.sort_unstable();
                leaves.insert(key.to_owned(), self.plain(part, key, names.join(", ")));
                for (name, label) in entries {
                    self.flatten(part, &format!("{}.label", name.name), label, each, leaves);
                }
            }
            Data::Table(entries) => {
                for (name, node) in entries {
                    self.flatten(part, &format!("{key}.{}", name.name), node, each, leaves);
                }
            }
            Data::Array(items) if items.iter().any(|one| matches!(one.data, Data::Table(_))) => {
                for (at, node) in items.iter().enumerate() {
                    self.flatten(part, &format!("{key}.{}", at + 1), node, each, leaves);
                }
            }
            Data::Array(items) => {
                let mut all: Vec<String> = items.iter().map(|one| written(&one.data)).collect();
                if last(key) != "range" {
                    all.sort();
                }
                let joined = all.join(if last(key) == "range" { " to " } else { ", " });
                leaves.insert(key.to_owned(), self.plain(part, key, joined));
            }
            data => {
                let leaf = self.leaf(part, key, data, &node.span, each);
                if !DEFAULTS.contains(&(last(key), leaf.meaning.as_str())) {
                    leaves.insert(key.to_owned(), leaf);
                }
            }
        }
    }

    fn plain(&self, part: Part, key: &str, text: String) -> Leaf {
        let effect = effect(part, key);
        Leaf { effect, meaning: text.clone(), written: text, words: None, facts: BTreeSet::new() }
    }

    fn leaf(&self, part: Part, key: &str, data: &Data, span: &Range<usize>, each: Option<&str>) -> Leaf {
        let mut leaf = self.plain(part, key, written(data));
        match data {
            Data::Integer(number) => leaf.meaning = number.to_string(),
            Data::Decimal(number) => leaf.meaning = number.normalize().to_string(),
            Data::Text(text) if leaf.effect == Effect::Answer => {
                if let Ok(length) = text.parse::<Duration>() {
                    // However it is written.
                    leaf.meaning = Duration::new(length.months, length.days).to_string();
                } else if let Some(root) = self.root(span) {
                    leaf.meaning = without_layout(text);
                    leaf.written = leaf.meaning.clone();
                    self.say(root, each, &mut leaf);
                } else if self.protocol.is_none() && CONDITIONS.contains(&last(key)) || key == "asked_when" {
                    leaf.meaning = without_layout(text);
                    leaf.written = leaf.meaning.clone();
                }
            }
            _ => {}
        }
        leaf
    }

    /// The whole of the expression that is written in a place of the protocol's file.
    fn root(&self, span: &Range<usize>) -> Option<ExprId> {
        let nodes = &self.protocol?.program.nodes;
        // INVARIANT: what uses others stands after them.
        let within = |node: &crate::lang::program::Node| span.start <= node.span.start && node.span.end <= span.end;
        nodes.iter().rposition(within).map(|at| ExprId(crate::narrow::u32(at)))
    }

    fn say(&self, root: ExprId, each: Option<&str>, leaf: &mut Leaf) {
        let Some(protocol) = self.protocol else { return };
        let english = protocol.english().with_each(each);
        leaf.words = Some(match protocol.program.node(root).ty {
            Type::Bool => english.condition(root),
            _ => english.value(root),
        });
        for id in protocol.program.under([root]) {
            if let Expr::Fact(fact) | Expr::Age(fact) = &protocol.program.node(id).expr {
                leaf.facts.insert(protocol.fact(*fact).name.clone());
            }
        }
    }
}

/// The last part of a key.
fn last(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

fn part_of(key: &str) -> Option<Part> {
    Some(match key {
        "indication" => Part::Indication,
        "contraindication" => Part::Contraindication,
        "deferral" => Part::Deferral,
        "referral" => Part::Referral,
        "precaution" => Part::Precaution,
        "completion" => Part::Completion,
        "course" => Part::Course,
        "separation" => Part::Separation,
        "setting" => Part::Setting,
        "parameters" => Part::Parameter,
        "definitions" => Part::Definition,
        "components" => Part::Component,
        "products" => Part::Products,
        "facts" => Part::Fact,
        "session_facts" => Part::SessionFact,
        "contradiction" => Part::Contradiction,
        "treatments" => Part::Treatment,
        "ignored" => Part::Ignored,
        "instruction" => Part::Instruction,
        "red_flag" => Part::RedFlag,
        "sources" => Part::Source,
        "property" => Part::Property,
        "allow" => Part::Allow,
        _ => return None,
    })
}

/// What a key can do. What is not known to be words can change an answer.
fn effect(part: Part, key: &str) -> Effect {
    let is_of = |parts: &[Part], keys: &[&str]| parts.contains(&part) && keys.contains(&key);
    match last(key) {
        // What must hold of the answers changes none.
        _ if matches!(part, Part::Allow | Part::Property) => Effect::Administration,
        // Names that somebody has chosen: a setting may be called `label`.
        _ if key.starts_with("limits.") || key.starts_with("each.") => Effect::Answer,
        "version" | "review_by" | "owner" | "category" | "note" if part == Part::Header => Effect::Administration,
        "codes" | "source_attribute" => Effect::Administration,
        _ if part == Part::Header && key.starts_with("source_attributes") => Effect::Administration,
        _ if matches!(part, Part::Source | Part::RedFlag | Part::Treatment) => Effect::Text,
        _ if is_of(&[Part::Fact], &["of"]) => Effect::Text,
        last if TEXTS.contains(&last) => Effect::Text,
        _ if is_of(&[Part::Indication], &["otherwise"]) => Effect::Text,
        _ if is_of(&[Part::Contraindication, Part::Deferral], &["until", "override.by"]) => Effect::Text,
        _ if is_of(&[Part::Precaution, Part::Instruction], &["do"]) => Effect::Text,
        _ if is_of(&[Part::Completion], &["then"]) => Effect::Text,
        _ => Effect::Answer,
    }
}

/// A value as it is written in a file.
fn written(data: &Data) -> String {
    match data {
        Data::Null => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Integer(number) => number.to_string(),
        Data::Decimal(number) => number.to_string(),
        Data::Text(text) | Data::Date(text) => text.clone(),
        Data::Array(items) => items.iter().map(|one| written(&one.data)).collect::<Vec<_>>().join(", "),
        Data::Table(_) | Data::Refused => String::new(),
        Data::Other(kind) => (*kind).to_owned(),
    }
}

/// An expression with one space where its tokens need or usually have one, and none elsewhere. Texts within it stay as they are.
fn without_layout(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quote, mut escaped, mut gap) = (false, false, false);
    for c in text.chars() {
        if quote {
            out.push(c);
            quote = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        let before = out.chars().next_back();
        // Brackets, commas and points part tokens by themselves; between others a space may have been what does.
        let parts = |c: char| "()[]{},.".contains(c);
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '"';
        let needs = before.is_some_and(|before| match (is_word(before), is_word(c)) {
            (true, true) => gap,
            (false, false) => gap && !parts(before) && !parts(c),
            // Between a word and an operator it makes no difference: `a<b`, `a < b`.
            _ => false,
        });
        if needs {
            out.push(' ');
        }
        out.push(c);
        (quote, gap) = (c == '"', false);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::without_layout;

    #[test]
    fn layout_is_no_meaning_and_texts_are() {
        let same =
            [("a  &&\n b", "a&&b"), ("x in [ 1 , 2 ]", "x in [1,2]"), ("f( a )", "f(a)"), ("a  ??  b", "a ?? b")];
        for (one, other) in same {
            assert_eq!(without_layout(one), without_layout(other));
        }
        for (one, other) in [("a == \"x y\"", "a == \"xy\""), ("a - -b", "a --b"), ("a in b", "ainb")] {
            assert_ne!(without_layout(one), without_layout(other));
        }
        assert_eq!(without_layout(r#"a == "\" b""#), r#"a=="\" b""#);
    }
}
