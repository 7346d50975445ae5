//! Two files, item by item and key by key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::items::{Item, Leaf, List, Taker};
use super::{Change, ChangeKind, Effect, Field, Part};
use crate::diagnostic::{Diagnostics, SourceFile};
use crate::document::{Notation, parse};
use crate::protocol::{Clinic, Protocol};

/// What changed in the file of a protocol; one that is missing says nothing.
pub(super) fn protocols(old: Option<&Protocol>, new: Option<&Protocol>) -> Vec<Change> {
    let take = |one: Option<&Protocol>| one.map(|one| take(&one.file, Some(one))).unwrap_or_default();
    changes(&take(old), &take(new))
}

/// What changed in the dictionaries that are files of their own.
pub(super) fn dictionaries(old: &Clinic, new: &Clinic) -> Vec<Change> {
    let take = |clinic: &Clinic| {
        let all = clinic.protocols.iter().map(|one| &one.dictionary).chain([&clinic.dictionary]);
        let files = all.flat_map(|dictionary| dictionary.facts.first()).map(|fact| &fact.place.file);
        let is_own = |file: &&Arc<SourceFile>| clinic.protocols.iter().any(|one| one.file.name == file.name);
        files.filter(|file| !is_own(file)).map(|file| take(file, None)).next().unwrap_or_default()
    };
    let mut all = changes(&take(old), &take(new));
    for change in all.iter_mut().filter(|change| change.part == Part::Fact) {
        let readers = old.protocols.iter().chain(&new.protocols).filter(|one| reads(one, &change.id));
        let readers: BTreeSet<String> = readers.map(|one| one.id.clone()).collect();
        change.used_by = readers.into_iter().collect();
    }
    all
}

/// Whether a protocol reads a fact.
pub(super) fn reads(protocol: &Protocol, fact: &str) -> bool {
    protocol.facts.iter().any(|at| protocol.dictionary.facts[*at].name == fact)
}

/// The parts of a file.
pub(super) fn take(file: &Arc<SourceFile>, protocol: Option<&Protocol>) -> Vec<List> {
    // What is wrong with a file was told when it was loaded.
    let tree = parse(file, Notation::Toml, &mut Diagnostics::default());
    Taker { protocol }.take(&tree)
}

fn changes(old: &[List], new: &[List]) -> Vec<Change> {
    let key = |list: &List| (list.part, list.owner.clone());
    let places: BTreeSet<(Part, String)> = old.iter().chain(new).map(key).collect();
    let mut changes = Vec::new();
    for (part, owner) in places {
        let of = |all: &'_ [List]| -> Vec<usize> {
            (0..all.len()).filter(|at| all[*at].part == part && all[*at].owner == owner).collect()
        };
        let old: Vec<&Item> = of(old).into_iter().flat_map(|at| &old[at].items).collect();
        let new: Vec<&Item> = of(new).into_iter().flat_map(|at| &new[at].items).collect();
        for (id, old, new) in aligned(part, &owner, &old, &new) {
            changes.extend(change(part, id, old, new));
        }
        if part == Part::Course {
            changes.extend(another_order(&old, &new));
        }
    }
    let uses = [users(old), users(new)];
    for change in &mut changes {
        let is_named = matches!(
            change.part,
            Part::Parameter | Part::Definition | Part::Products | Part::Fact | Part::SessionFact | Part::Component
        );
        if is_named {
            let mut using: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for user in uses.iter().flat_map(|uses| used_by(&change.id, uses)) {
                using.entry(user.id.clone()).or_default().extend(user.facts.iter().cloned());
            }
            change.facts.extend(using.values().filter(|facts| !facts.is_empty()).cloned());
            change.used_by = using.into_keys().collect();
            let is_idle = matches!(change.part, Part::Parameter | Part::Definition | Part::Products);
            if is_idle && change.used_by.is_empty() {
                change.effect = change.effect.min(Effect::Administration);
            }
        }
    }
    changes.sort_by_key(|change| std::cmp::Reverse(change.effect));
    changes
}

type Aligned<'i> = (String, Option<&'i Item>, Option<&'i Item>);

/// Which items belong together: by their names; without one, by their places between what is the same above and below.
fn aligned<'i>(part: Part, owner: &str, old: &[&'i Item], new: &[&'i Item]) -> Vec<Aligned<'i>> {
    let mut pairs: Vec<Aligned<'i>> = Vec::new();
    let find = |all: &[&'i Item], id: &str| all.iter().find(|one| one.id.as_deref() == Some(id)).copied();
    for item in old {
        if let Some(id) = &item.id {
            pairs.push((id.clone(), Some(*item), find(new, id)));
        }
    }
    for item in new {
        if let Some(id) = item.id.as_ref().filter(|id| find(old, id).is_none()) {
            pairs.push((id.clone(), None, Some(*item)));
        }
    }
    // With their places among all, by which the answers name them.
    let nameless = |all: &[&'i Item]| -> Vec<(usize, &'i Item)> {
        all.iter().enumerate().filter(|(_, one)| one.id.is_none()).map(|(at, one)| (at + 1, *one)).collect()
    };
    let (old, new) = (nameless(old), nameless(new));
    let same = |(a, b): &(&(usize, &Item), &(usize, &Item))| meaning(a.1).eq(meaning(b.1));
    let above = old.iter().zip(&new).take_while(same).count();
    let most = old.len().min(new.len()) - above;
    let below = old.iter().rev().zip(new.iter().rev()).take(most).take_while(same).count();
    let prefix = if owner.is_empty() { String::new() } else { format!("{owner}-") };
    let name = |at: usize| format!("{prefix}{}-{at}", part.word().replace(' ', "-"));
    // Those that are the same may still be worded differently.
    pairs.extend((0..above).map(|at| (name(new[at].0), Some(old[at].1), Some(new[at].1))));
    let ends = (old.len() - below, new.len() - below);
    for at in above..ends.0.max(ends.1) {
        let (old, new) = (old.get(at).filter(|_| at < ends.0), new.get(at).filter(|_| at < ends.1));
        if let Some((place, _)) = new.or(old) {
            pairs.push((name(*place), old.map(|one| one.1), new.map(|one| one.1)));
        }
    }
    pairs.extend((0..below).map(|at| {
        let (old, new) = (old[ends.0 + at], new[ends.1 + at]);
        (name(new.0), Some(old.1), Some(new.1))
    }));
    pairs
}

fn meaning(item: &Item) -> impl Iterator<Item = (&String, &String)> {
    item.leaves.iter().filter(|(_, leaf)| leaf.effect == Effect::Answer).map(|(key, leaf)| (key, &leaf.meaning))
}

fn change(part: Part, id: String, old: Option<&Item>, new: Option<&Item>) -> Option<Change> {
    let empty = BTreeMap::new();
    let (before, after) = (old.map_or(&empty, |one| &one.leaves), new.map_or(&empty, |one| &one.leaves));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let fields: Vec<Field> = keys.into_iter().filter_map(|key| field(key, before.get(key), after.get(key))).collect();
    let (kind, least) = match (old, new) {
        (Some(_), Some(_)) => (ChangeKind::Changed, Effect::Administration),
        (None, _) => (ChangeKind::Added, of_whole(part)),
        (_, None) => (ChangeKind::Removed, of_whole(part)),
    };
    if kind == ChangeKind::Changed && fields.is_empty() {
        return None;
    }
    let effect = fields.iter().map(|field| field.effect).max().unwrap_or(least).max(least);
    let effect = if kind == ChangeKind::Changed { effect } else { effect.min(least) };
    let mut facts: BTreeSet<String> =
        before.values().chain(after.values()).flat_map(|leaf| leaf.facts.iter().cloned()).collect();
    facts.extend((part == Part::Fact).then(|| id.clone()));
    Some(Change { part, id, kind, effect, fields, used_by: Vec::new(), facts: vec![facts] })
}

/// What it can do that something is there at all.
fn of_whole(part: Part) -> Effect {
    match part {
        Part::Allow | Part::Property => Effect::Administration,
        Part::Source | Part::RedFlag => Effect::Text,
        _ => Effect::Answer,
    }
}

fn field(key: &str, old: Option<&Leaf>, new: Option<&Leaf>) -> Option<Field> {
    let one = new.or(old)?;
    let effect = match (old, new) {
        (Some(old), Some(new)) if old.meaning == new.meaning && old.written == new.written => return None,
        // A number or a length that is written in another way is read in another way, and no more.
        (Some(old), Some(new)) if old.meaning == new.meaning => one.effect.min(Effect::Text),
        _ => one.effect,
    };
    let written = |leaf: Option<&Leaf>| leaf.map(|leaf| leaf.written.clone());
    let words = |leaf: Option<&Leaf>| leaf.and_then(|leaf| leaf.words.clone());
    Some(Field {
        key: key.to_owned(),
        effect,
        old: written(old),
        new: written(new),
        old_words: words(old),
        new_words: words(new),
    })
}

/// Of courses that are equally good, the first is chosen: here the order is a part of the meaning.
fn another_order(old: &[&Item], new: &[&Item]) -> Option<Change> {
    let ids = |all: &[&Item], other: &[&Item]| -> Vec<String> {
        let stays = |id: &&String| other.iter().any(|one| one.id.as_ref() == Some(*id));
        all.iter().filter_map(|one| one.id.as_ref()).filter(stays).cloned().collect()
    };
    let (old, new) = (ids(old, new), ids(new, old));
    (old != new).then(|| Change {
        part: Part::Course,
        id: new.first().cloned().unwrap_or_default(),
        kind: ChangeKind::Changed,
        effect: Effect::Answer,
        fields: vec![Field {
            key: "order".to_owned(),
            effect: Effect::Answer,
            old: Some(old.join(", ")),
            new: Some(new.join(", ")),
            old_words: None,
            new_words: None,
        }],
        used_by: Vec::new(),
        facts: Vec::new(),
    })
}

/// What each item of a file is called, whether it is only a name for others to use, and the names that its keys mention.
struct User {
    id: String,
    is_definition: bool,
    names: BTreeSet<String>,
    facts: BTreeSet<String>,
}

fn users(lists: &[List]) -> Vec<User> {
    let mut users = Vec::new();
    for list in lists {
        for item in &list.items {
            // A text with a value in it uses what it names as well: it reads differently.
            let texts = item.leaves.values().map(|leaf| &leaf.written);
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            let names = texts.flat_map(|text| text.split(move |c| !is_name(c))).filter(|name| !name.is_empty());
            let own = item.id.clone().filter(|id| !id.is_empty());
            let id =
                own.unwrap_or_else(|| if list.owner.is_empty() { list.part.word().into() } else { list.owner.clone() });
            let is_definition = list.part == Part::Definition;
            let facts = item.leaves.values().flat_map(|leaf| leaf.facts.iter().cloned()).collect();
            users.push(User { id, is_definition, names: names.map(str::to_owned).collect(), facts });
        }
    }
    users
}

/// What uses a name, also through definitions.
fn used_by<'u>(name: &str, users: &'u [User]) -> Vec<&'u User> {
    let mut found = Vec::new();
    let mut todo = vec![name.to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(name) = todo.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        for user in users.iter().filter(|user| user.names.contains(&name)) {
            if user.is_definition { todo.push(user.id.clone()) } else { found.push(user) }
        }
    }
    found
}
