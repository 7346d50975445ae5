//! Whatever decides is on the sheet: a protocol that differs in anything that decides has another sheet.

use std::collections::BTreeMap;

use proptest::prelude::*;
use regimen::diagnostic::{Diagnostics, SourceFile};
use regimen::internals::{Data, Node, parse};
use regimen::render::sheet::{Sheet, sheet};
use regimen::{Clinic, Duration, Notation};

use crate::expressions::Wanted;
use crate::random::cases;
use crate::{protocols, shipped};

/// A TOML document as a tree, to change one key of it at a time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    /// A value, as it is written.
    Leaf(String),
    Text(String),
    Array(Vec<Tree>),
    Table(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn read(text: &str) -> Tree {
        let mut found = Diagnostics::default();
        let tree = Tree::of(parse(&SourceFile::new("f.toml", text), Notation::Toml, &mut found));
        assert!(!found.has_errors(), "{text}\n{found}");
        tree
    }

    fn of(node: Node) -> Tree {
        match node.data {
            Data::Bool(value) => Tree::Leaf(value.to_string()),
            Data::Integer(value) => Tree::Leaf(value.to_string()),
            Data::Decimal(value) => Tree::Leaf(format!("{value:?}")),
            Data::Date(text) => Tree::Leaf(text),
            Data::Text(text) => Tree::Text(text),
            Data::Array(all) => Tree::Array(all.into_iter().map(Tree::of).collect()),
            Data::Table(all) => Tree::Table(all.into_iter().map(|(key, value)| (key.name, Tree::of(value))).collect()),
            Data::Null | Data::Refused | Data::Other(_) => unreachable!("no protocol has it"),
        }
    }

    fn write(&self) -> String {
        let quoted = |text: &String| serde_json::to_string(text).expect("a text");
        match self {
            Tree::Leaf(text) => text.clone(),
            Tree::Text(text) => quoted(text),
            Tree::Array(all) => format!("[{}]", all.iter().map(Tree::write).collect::<Vec<_>>().join(", ")),
            Tree::Table(all) => {
                let pairs = all.iter().map(|(key, value)| format!("{} = {}", quoted(key), value.write()));
                format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// The whole document.
    fn document(&self) -> String {
        let Tree::Table(all) = self else { unreachable!("a document is a table") };
        let all: Vec<_> = all.iter().map(|(key, value)| format!("{key} = {}\n", value.write())).collect();
        all.concat()
    }

    fn child(&self, step: &Step) -> &Tree {
        match (self, step) {
            (Tree::Array(all), Step::At(at)) => &all[*at],
            (Tree::Table(all), Step::Key(key)) => &all.iter().find(|(name, _)| name == key).expect("it is there").1,
            _ => unreachable!("the path was found in this tree"),
        }
    }

    fn child_mut(&mut self, step: &Step) -> &mut Tree {
        match (self, step) {
            (Tree::Array(all), Step::At(at)) => &mut all[*at],
            (Tree::Table(all), Step::Key(key)) => {
                &mut all.iter_mut().find(|(name, _)| name == key).expect("it is there").1
            }
            _ => unreachable!("the path was found in this tree"),
        }
    }

    fn get(&self, path: &[Step]) -> Option<&Tree> {
        path.iter().try_fold(self, |tree, step| match (tree, step) {
            (Tree::Table(all), Step::Key(key)) => all.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => Some(tree.child(step)),
        })
    }

    /// The paths of all parts.
    fn paths(&self, path: &[Step], all: &mut Vec<Vec<Step>>) {
        let steps: Vec<Step> = match self {
            Tree::Leaf(_) | Tree::Text(_) => Vec::new(),
            Tree::Array(parts) => (0..parts.len()).map(Step::At).collect(),
            Tree::Table(parts) => parts.iter().map(|(key, _)| Step::Key(key.clone())).collect(),
        };
        for step in steps {
            let path: Vec<Step> = path.iter().cloned().chain([step.clone()]).collect();
            all.push(path.clone());
            self.child(&step).paths(&path, all);
        }
    }

    /// The same document without a part.
    fn without(&self, path: &[Step]) -> Tree {
        let mut changed = self.clone();
        let (last, parents) = path.split_last().expect("not the whole");
        match (parents.iter().fold(&mut changed, |tree, step| tree.child_mut(step)), last) {
            (Tree::Array(all), Step::At(at)) => drop(all.remove(*at)),
            (Tree::Table(all), Step::Key(key)) => all.retain(|(name, _)| name != key),
            _ => unreachable!("the path was found in this tree"),
        }
        changed
    }

    /// The same document with another value, in every way that may make sense there; most of them will not load.
    fn changed(&self, path: &[Step]) -> Vec<Tree> {
        let part = self.get(path).expect("it is there");
        part.others()
            .into_iter()
            .map(|other| {
                let mut changed = self.clone();
                *path.iter().fold(&mut changed, |tree, step| tree.child_mut(step)) = other;
                changed
            })
            .collect()
    }

    fn others(&self) -> Vec<Tree> {
        match self {
            Tree::Leaf(text) if text == "true" => vec![Tree::Leaf("false".into())],
            Tree::Leaf(text) if text == "false" => vec![Tree::Leaf("true".into())],
            Tree::Leaf(text) if text.len() == 10 && text.contains('-') => {
                ["1999-01-02", "2090-01-02"].map(|day| Tree::Leaf(day.into())).into()
            }
            Tree::Leaf(number) => {
                let number: rust_decimal::Decimal = number.parse().expect("a number");
                let one = rust_decimal::Decimal::ONE;
                [number + one, number - one].map(|number| Tree::Leaf(number.to_string())).into()
            }
            Tree::Text(text) => {
                let words = WORDS.iter().find(|words| words.contains(&text.as_str()));
                let others: Vec<String> = match words {
                    Some(words) => words.iter().filter(|word| *word != text).map(|word| (*word).to_owned()).collect(),
                    None if text.parse::<Duration>().is_ok() => vec![format!("{text} + 1 day"), "5 days".into()],
                    None => vec![
                        format!("{text}x"),
                        format!("!({text})"),
                        format!("({text}) + days(1)"),
                        format!("({text}) + 1"),
                        "05-05".into(),
                        "gel".into(),
                        "foam".into(),
                    ],
                };
                others.into_iter().filter(|other| other != text).map(Tree::Text).collect()
            }
            Tree::Array(_) | Tree::Table(_) => Vec::new(),
        }
    }
}

/// Words of which a key has one.
const WORDS: &[&[&str]] = &[
    &["draft", "active", "retired"],
    &["treatment", "vaccination", "medication", "other"],
    &["permanent", "while-true"],
    &["complete", "stopped"],
    &["lower", "higher"],
    &["reassess", "restart"],
    &["smallest", "largest"],
    &["read", "recalled", "custom"],
    &["first", "previous", "session 1"],
    &["patient", "clinician", "record", "lab"],
    &["forever", "visit", "session"],
    &["bool", "integer", "decimal", "text", "date", "choice", "set"],
];

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    At(usize),
}

/// A path without places: `course.session.skip`.
fn kind(path: &[Step]) -> String {
    let keys = path.iter().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::At(_) => None,
    });
    keys.collect::<Vec<_>>().join(".")
}

/// The same for every name in a table of names: `parameters.*.value`.
fn kind_of_any_name(path: &[Step]) -> String {
    const OF_NAMES: &[&str] =
        &["facts", "session_facts", "parameters", "definitions", "products", "components", "sources"];
    let kind = kind(path);
    match kind.splitn(3, '.').collect::<Vec<_>>()[..] {
        [table, _] if OF_NAMES.contains(&table) => format!("{table}.*"),
        [table, _, rest] if OF_NAMES.contains(&table) => format!("{table}.*.{rest}"),
        _ => kind,
    }
}

/// Left out, such a key changes nothing, but another value does. (A label may say what the condition says.)
const DEFAULT: &str = "it is what holds without it";

/// Why a key does not decide; none: it does.
fn does_not_decide(tree: &Tree, path: &[Step], read: &[String]) -> Option<&'static str> {
    let kind = kind(path);
    let parts: Vec<&str> = kind.split('.').collect();
    let last = *parts.last().expect("not the whole");
    match parts.as_slice() {
        ["allow", ..] => Some("it says which warnings of `check` are meant"),
        ["ignored" | "treatments", ..] => Some("records may name it without a doubt; nothing follows from it"),
        ["facts", name] | ["facts", name, ..] if !read.iter().any(|one| one == name) => Some("no rule reads the fact"),
        ["session_facts", name] | ["session_facts", name, ..] if !read.iter().any(|one| one == name) => {
            Some("no rule reads the note about a session")
        }
        ["facts" | "session_facts"] => Some("its entries are looked at one by one"),
        ["sources", _, "year"] => {
            Some("on the sheet where the title does not have it; when a source was published decides nothing")
        }
        ["facts", _, "codes"] => Some("codes for interfaces"),
        ["facts", _, "source_attribute"] => Some("what the use of the fact is disclosed as: on the dictionary's sheet"),
        ["facts", _, "group"] => Some("which questions an interview asks together"),
        ["setting" | "instruction", "reason"] => Some("no answer gives it"),
        ["id"] => Some("the name of the whole, in the last line of the sheet, beside the hash of the file"),
        [.., "id"] => Some("a name, for reasons and traces"),
        [_, "label"] => Some(DEFAULT),
        // People read the name without its underscores.
        [_, name, "label"]
            if tree.get(path).is_some_and(|value| value.write().trim_matches('"') == name.replace('_', " ")) =>
        {
            Some(DEFAULT)
        }
        ["note"] | ["sources" | "facts" | "session_facts", _, "note"] => Some("for the reader of the file"),
        ["setting" | "instruction" | "red_flag" | "course" | "separation" | "property", "note"]
        | ["course", "session", "note"] => Some("for the reader of the file"),
        [table, "evidence"] if *table != "sources" => Some("how well a statement is founded decides nothing"),
        ["course", key @ ("age" | "season" | "accept" | "interval"), ..] if all_have_their_own(tree, path, key) => {
            Some("each planned session has its own")
        }
        [.., "interval", "sources"] => Some("the intervals of a session cite their sources together"),
        _ if tree.get(path).is_some_and(|value| *value == Tree::Table(Vec::new())) => Some("it is empty"),
        _ if tree.get(path).is_some_and(|value| *value == Tree::Array(Vec::new())) => Some("it is empty"),
        _ if tree.get(path).is_some_and(|value| is_default(last, value)) => Some(DEFAULT),
        _ => None,
    }
}

fn all_have_their_own(tree: &Tree, path: &[Step], key: &str) -> bool {
    let session = path[..2].iter().cloned().chain([Step::Key("session".into())]).collect::<Vec<_>>();
    let Some(Tree::Array(sessions)) = tree.get(&session) else { return false };
    sessions.iter().all(|session| session.get(&[Step::Key(key.into())]).is_some())
}

/// Whether leaving a key out would mean the same.
fn is_default(key: &str, value: &Tree) -> bool {
    let default = match key {
        "grace" => "\"0 days\"",
        "safer" => "\"lower\"",
        "number" => "\"smallest\"",
        "evaluation_only" | "repeat" | "priority" | "may_be_never" | "past" | "modifiable" | "same_day" => "false",
        "faulty" => "\"no_interval\"",
        "category" => "\"treatment\"",
        _ => return false,
    };
    value.write() == default
}

/// The sheet of a document; none: it does not load.
fn sheet_of(tree: &Tree) -> Option<Sheet> {
    let (clinic, _) = Clinic::from_text("p.toml", &tree.document()).ok()?;
    // The last line has the hash of the file, which every change changes.
    Some(Sheet { origin: String::new(), ..sheet(&clinic.protocols[0]) })
}

/// Every key that decides shows: without it, and with another value, the sheet is another one. Of each kind of key,
/// at most so many are tried, those already counted among them.
fn whatever_decides_shows(text: &str, most: usize, tried: &mut BTreeMap<String, usize>) {
    let tree = Tree::read(text);
    let (clinic, _) = Clinic::from_text("p.toml", text).unwrap_or_else(|mistakes| panic!("{text}\n{mistakes}"));
    let protocol = &clinic.protocols[0];
    let mut read: Vec<String> = protocol.facts.iter().map(|at| protocol.dictionary.facts[*at].name.clone()).collect();
    let is_read =
        |name: &str| text.contains(&format!(".{name}")) || text.contains(&format!("separate_by = \"{name}\""));
    read.extend(protocol.dictionary.notes.iter().map(|note| note.name.clone()).filter(|name| is_read(name)));
    let before = sheet_of(&tree).expect("it loads");
    let mut paths = Vec::new();
    tree.paths(&[], &mut paths);
    let mut hidden = Vec::new();
    for path in paths {
        let reason = does_not_decide(&tree, &path, &read);
        if reason.is_some_and(|reason| reason != DEFAULT) {
            continue;
        }
        let times = tried.entry(kind_of_any_name(&path)).or_default();
        *times += 1;
        if *times > most {
            continue;
        }
        let other = tree.changed(&path).iter().find_map(|other| sheet_of(other).map(|sheet| (other.clone(), sheet)));
        if let Some((other, sheet)) = other
            && sheet == before
        {
            hidden.push(format!("{path:?} from {:?} to {:?}", tree.get(&path), other.get(&path)));
        }
        if reason.is_none() && sheet_of(&tree.without(&path)).is_some_and(|sheet| sheet == before) {
            hidden.push(format!("{path:?} is left out: {:?}", tree.get(&path)));
        }
    }
    assert!(hidden.is_empty(), "the sheet does not change with\n{}\n{}", hidden.join("\n"), tree.document());
}

/// A protocol in which every key that the others lack is written.
const ALL_KEYS: &str = r#"
category = "vaccination"
immune = 'b1'
number = "largest"
[products]
gel = { label = "soft gel", products = ["gel-10", "gel-20"] }
foam = ["foam-1"]
patch = ["patch-1"]
[components.a-component]
label = "first component"
products = ["gel"]
immune = 'b2'
[components.b-component]
products = ["foam", "patch"]
[facts.k1]
type = "bool"
label = "first key"
ask = "k1?"
of = "patient"
valid_for = "forever"
asked_when = 'c1 == "a"'
otherwise = true
modifiable = true
[facts.k2]
type = "set"
choices = { x = "ex", y = "why" }
ask = "k2?"
of = "patient"
valid_for = "forever"
asked_when = 'k1'
otherwise = ["x"]
[[contradiction]]
when = 'k1 && b2'
say = "x"
[[referral]]
id = "all-keys-asked"
when = '"x" in k2'
to = "x"
reason = "x"
sources = ["custom"]
[[deferral]]
id = "all-keys"
when = 'b1'
not_before = 'e1 + days(3)'
until = "x"
recheck = 'today + days(9)'
override = { by = "doctor", down_to = "1 day" }
reason = "x"
note = "x"
sources = ["custom"]
[[contraindication]]
id = "all-keys-too"
when = 'b2'
lasts = "while-true"
until = "x"
reason = "x"
sources = ["custom"]
[[completion]]
id = "all-keys-over"
when = 'b1 && b2'
outcome = "stopped"
then = "x"
reason = "x"
sources = ["custom"]
[[instruction]]
id = "all-keys-care"
label = "care"
at = "+1 month"
until = "+2 months"
when = 'b1'
do = "x"
sources = ["custom"]
[[property]]
id = "all-keys-never"
never = 'treat && b1 && setting("all-keys-rounded") > 1'
reason = "x"
note = "x"
sources = ["custom"]
[[property]]
id = "all-keys-always"
always = 'not_before >= e1 + days(3) || status == "deferred"'
reason = "x"
sources = ["custom"]
[[red_flag]]
id = "all-keys-flag"
sign = "x"
action = "x"
within = "1 hour"
sources = ["custom"]
[[setting]]
id = "all-keys-rounded"
label = "Rounded"
safer = "higher"
decimals = 1
round = "nearest"
rows = [{ value = 1 }]
sources = ["custom"]
[[setting]]
id = "all-keys-text"
label = "Words"
rows = [{ when = 'b1', text = "x" }, { text = "y" }]
sources = ["custom"]
[[separation]]
label = "wait after something else"
same_day = true
from = ["other"]
products = ["gel"]
of = ["foam"]
minimum = "5 days"
absolute_minimum = "4 days"
reason = "x"
sources = ["custom"]
[[course]]
id = "early"
when = 'b3'
components = ["a-component", "b-component"]
start_before = "13 years"
evaluation_only = true
faulty = "starts_interval"
grace = "4 days"
accept = ["gel", { products = ["foam"], from = "2 years", before = "18 years" }]
reject = ["patch"]
sources = ["custom"]
[[course.session]]
age = [
  { minimum = "12 months", absolute_minimum = "11 months", recommended = "12 months", latest = "16 months", maximum = "9 years", in_force = { from = 2020-01-01, until = 2030-01-01 } },
  { minimum = "13 months" },
]
season = { from = "10-01", until = "03-31" }
[[course.session]]
name = "second"
interval = [
  { label = "three months", from = "previous", minimum = "12 weeks", absolute_minimum = "11 weeks", recommended = "3 years", latest = "6 years", when = 'b1', reason = "because", priority = true, in_force = { from = 2020-01-01 }, sources = ["custom"] },
  { from = "latest gel", minimum = "1 week" },
  { from = "session 1", minimum = "2 weeks" },
]
allow = [{ from = "previous", minimum = "4 weeks" }]
accept = ["foam"]
reject = ["gel"]
skip = 'aged("7 years", grace) || waited("6 months") || (!judging && given("gel", "from 1 year", "before 2026-01-01") > 5)'
repeat = true
season = { from = 2025-10-01, until = 2026-03-31 }
[[course]]
id = "late"
label = "late course"
offer_from = "20 years"
sessions = { minimum = 1, planned = 'n1', maximum = 5 }
age = { minimum = "20 years" }
accept = ["gel"]
reject = ["foam"]
season = { from = "08-15" }
interval = [{ label = "since e1", from = "e1", minimum = "30 days", in_force = { until = 2030-01-01 }, sources = ["custom"] }]
gap = [{ label = "long break", after = "60 days", do = "reassess", reason = "x", sources = ["custom"] }]
sources = ["custom"]
"#;

#[test]
fn every_key_that_decides_is_on_the_sheet() {
    let text = format!("{}{}", protocols::HEADER, crate::DICTIONARY);
    let (top, tables) = ALL_KEYS.split_at(ALL_KEYS.find("[products]").expect("it is there"));
    whatever_decides_shows(&format!("{top}{text}{tables}"), usize::MAX, &mut BTreeMap::new());
}

/// Of each kind of key one is tried, or as many as `PROPTEST_CASES` says.
#[test]
fn whatever_decides_in_a_shipped_protocol_is_on_its_sheet() {
    let most = usize::try_from(cases(1).cases).expect("a number");
    let Tree::Table(dictionary) = Tree::read(&shipped::dictionary()) else { unreachable!("it is a table") };
    let mut tried = BTreeMap::new();
    for protocol in &shipped::CLINIC.protocols {
        let Tree::Table(mut all) = Tree::read(&protocol.file.text) else { unreachable!("it is a table") };
        // The clinic's dictionary goes into the file, but for the facts that are not read.
        let is_read = |name: &str| protocol.facts.iter().any(|at| protocol.dictionary.facts[*at].name == name);
        for (table, entries) in &dictionary {
            let Tree::Table(mut entries) = entries.clone() else { continue };
            entries.retain(|(name, _)| table != "facts" || is_read(name));
            match all.iter_mut().find(|(name, _)| name == table) {
                Some((_, Tree::Table(own))) => own.extend(entries),
                _ => all.push((table.clone(), Tree::Table(entries))),
            }
        }
        whatever_decides_shows(&Tree::Table(all).document(), most, &mut tried);
    }
}

proptest! {
    #![proptest_config(cases(2))]

    #[test]
    fn whatever_decides_in_a_random_protocol_is_on_its_sheet(protocol in protocols::protocol(Wanted::ALL)) {
        whatever_decides_shows(&protocol.text(), 1, &mut BTreeMap::new());
    }
}
