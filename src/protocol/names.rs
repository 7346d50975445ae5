//! The names that a record may mention: those of the whole clinic, also where only one of its protocols is asked.
//!
//! They are read from the tree of each file, before anything is checked or compiled. So the names of the neighbours of
//! a protocol cost no more than their text, and are the same whether one of them is asked or all.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::all_closest;
use crate::document::{Data, Node};
use crate::protocol::{Named, look_alike};
use crate::visible;

/// The names that a clinic knows.
#[derive(Clone, Debug, Default)]
pub struct KnownNames {
    /// Facts, of the dictionary and of protocols that declare their own.
    facts: BTreeSet<String>,
    /// Notes of sessions that protocols declare themselves.
    notes: BTreeSet<String>,
    /// Treatments: those declared, and those that a separation or an expression names.
    treatments: BTreeSet<String>,
    /// Treatments that somebody answers for: those of `[treatments]`, and each protocol's own.
    declared: BTreeSet<String>,
    /// The treatment of each protocol, by the protocol's id: whoever types the id in every command may write it in a session, too.
    of_protocols: BTreeMap<String, String>,
    /// What people read for a protocol, by its id: where a translation is read, as that has it.
    titles: BTreeMap<String, String>,
    /// Products, as they stand in records.
    products: BTreeSet<String>,
    /// The names of groups of products, which no record should hold.
    groups: BTreeSet<String>,
    ignored: Ignored,
}

/// What another system exports, and nobody here uses.
#[derive(Clone, Debug, Default)]
struct Ignored {
    facts: BTreeSet<String>,
    treatments: BTreeSet<String>,
    products: BTreeSet<String>,
}

/// How a name in a record stands to those that a clinic knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing<'n> {
    /// It is one of them.
    Known,
    /// It is none of them, and close enough to one or several to be that one misspelt.
    Nearly(Vec<&'n str>),
    /// It is none of them.
    Unknown,
}

/// The fewest letters that the longer of two names has, if one can be the other misspelt: shorter ones are too often close by chance.
const FEWEST_LETTERS: usize = 5;

impl KnownNames {
    /// How a fact stands to those of the clinic.
    #[must_use]
    pub fn fact(&self, name: &str) -> Standing<'_> {
        standing(name, &self.facts, &self.ignored.facts)
    }

    /// How a treatment stands to those of the clinic.
    #[must_use]
    pub fn treatment(&self, name: &str) -> Standing<'_> {
        match standing(name, &self.treatments, &self.ignored.treatments) {
            Standing::Known => Standing::Known,
            other => match (self.of_protocol(name), other) {
                (Some(treatment), _) => Standing::Nearly(vec![treatment]),
                (None, Standing::Unknown) => self.longer_than(name),
                (None, other) => other,
            },
        }
    }

    /// The treatment of a protocol, by its id.
    fn of_protocol(&self, name: &str) -> Option<&str> {
        let is_it = |(id, _): &(&String, &String)| written_alike(name, id);
        self.of_protocols.iter().find(is_it).map(|(_, treatment)| treatment.as_str())
    }

    /// The treatments of which a name that nobody knows is a part: `needling`.
    fn longer_than(&self, name: &str) -> Standing<'_> {
        let part = name.to_lowercase();
        if letters(&part) < FEWEST_LETTERS || part.contains(char::is_numeric) {
            return Standing::Unknown;
        }
        let longer: Vec<&str> =
            self.treatments.iter().map(String::as_str).filter(|known| known.contains(&part)).collect();
        if longer.is_empty() { Standing::Unknown } else { Standing::Nearly(longer) }
    }

    /// How a product stands to those that the clinic's protocols name.
    #[must_use]
    pub fn product(&self, name: &str) -> Standing<'_> {
        standing(name, &self.products, &self.ignored.products)
    }

    /// Whether a name is one of the clinic's, or one that it ignores: sooner said than how it stands to all others.
    pub(crate) fn knows(&self, what: Named, name: &str) -> bool {
        match what {
            Named::Fact => is_known(name, &self.facts, &self.ignored.facts),
            Named::Treatment => is_known(name, &self.treatments, &self.ignored.treatments),
            Named::Product => is_known(name, &self.products, &self.ignored.products),
        }
    }

    /// How a treatment that a protocol names stands to those that somebody answers for.
    pub(crate) fn declared(&self, name: &str) -> Standing<'_> {
        standing(name, &self.declared, &BTreeSet::new())
    }

    /// Whether a note of a session is one of the clinic's, though perhaps not of the dictionary in hand.
    #[must_use]
    pub fn has_note(&self, name: &str) -> bool {
        self.notes.contains(name)
    }

    /// Whether a treatment is one that nobody here uses.
    #[must_use]
    pub fn is_ignored_treatment(&self, name: &str) -> bool {
        self.ignored.treatments.contains(name) && !self.treatments.contains(name)
    }

    /// What people read for protocols; of one that the clinic has not, its id.
    pub(crate) fn titles(&self, ids: &[String]) -> Vec<String> {
        ids.iter().map(|id| self.titles.get(id).unwrap_or(id).clone()).collect()
    }

    /// Adds what people read for a protocol.
    pub(super) fn add_title(&mut self, file: &Node) {
        let text = |key: &str| file.get(key).and_then(Node::text).map(str::to_owned);
        self.titles.extend(text("id").zip(text("title")));
    }

    /// Whether products are grouped under a name.
    pub(crate) fn is_group(&self, name: &str) -> bool {
        self.groups.contains(name)
    }

    /// Adds the names of a dictionary or a protocol, from its file as it was parsed. What is not as it should be there has no names; it is
    /// told when that file is checked.
    pub(super) fn add(&mut self, file: &Node) {
        let keys = |name: &str| {
            let entries = file.get(name).map(Node::entries).unwrap_or_default();
            entries.iter().map(|(key, _)| key.name.clone()).collect::<Vec<_>>()
        };
        self.facts.extend(keys("facts"));
        self.notes.extend(keys("session_facts"));
        let own = file.get("treatment").and_then(Node::text).map(str::to_owned);
        self.of_protocols.extend(file.get("id").and_then(Node::text).map(str::to_owned).zip(own.clone()));
        self.declared.extend(keys("treatments").into_iter().chain(own));
        self.add_title(file);
        self.treatments.extend(self.declared.iter().cloned());
        let ignored = |kind: &str| {
            let names = file.get("ignored").and_then(|ignored| ignored.get(kind)).map(texts).unwrap_or_default();
            names.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        self.ignored.facts.extend(ignored("facts"));
        self.ignored.treatments.extend(ignored("treatments"));
        self.ignored.products.extend(ignored("products"));
        let separations = file.get("separation").map(Node::items).unwrap_or_default();
        let from = separations.iter().filter_map(|separation| separation.get("from")).flat_map(texts);
        self.treatments.extend(from.map(str::to_owned));
        let groups: BTreeSet<String> = keys("products").into_iter().collect();
        // A group may have the name of one of its products.
        let listed = file.get("products").map(Node::entries).unwrap_or_default().iter();
        // In its long form a group has a label beside its products.
        let listed = listed.flat_map(|(_, group)| texts(group.get("products").unwrap_or(group)));
        self.products.extend(listed.map(str::to_owned));
        let mut products: Vec<&str> = Vec::new();
        for part in ["course", "components", "separation"] {
            file.get(part).into_iter().for_each(|part| products_in(part, &mut products));
        }
        for text in texts(file) {
            self.treatments.extend(arguments(text, "sessions_of(").into_iter().map(str::to_owned));
            for call in ["valid(", "given("] {
                let named = arguments(text, call).into_iter();
                products.extend(named.filter(|name| !name.starts_with("from ") && !name.starts_with("before ")));
            }
            products.extend(compared_products(text));
        }
        self.products.extend(products.into_iter().filter(|name| !groups.contains(*name)).map(str::to_owned));
        self.groups.extend(groups);
    }
}

fn is_known(name: &str, known: &BTreeSet<String>, ignored: &BTreeSet<String>) -> bool {
    known.contains(name) || ignored.contains(name)
}

fn letters(name: &str) -> usize {
    name.chars().filter(|sign| sign.is_alphabetic()).count()
}

/// How a name stands to known ones.
pub(crate) fn standing<'n>(name: &str, known: &'n BTreeSet<String>, ignored: &BTreeSet<String>) -> Standing<'n> {
    if is_known(name, known, ignored) {
        return Standing::Known;
    }
    let has_digit = |name: &str| name.contains(char::is_numeric);
    let same: Vec<&str> = known.iter().map(String::as_str).filter(|known| written_alike(name, known)).collect();
    if !same.is_empty() {
        return Standing::Nearly(same);
    }
    // A digit tells codes and numbered things apart: `03` and `21` are both right.
    if has_digit(name) {
        return Standing::Unknown;
    }
    let is_short = letters(name) < FEWEST_LETTERS;
    let names = known.iter().map(String::as_str);
    let names = names.filter(|known| !has_digit(known) && (!is_short || letters(known) >= FEWEST_LETTERS));
    match all_closest(name, names) {
        close if close.is_empty() => Standing::Unknown,
        close => Standing::Nearly(close),
    }
}

/// Whether nobody means two things by two names, however short they are: only blanks and invisible signs tell them apart, or letters of
/// another script, or capitals. Capitals may tell codes with digits apart.
fn written_alike(name: &str, known: &str) -> bool {
    let bare = |name: &str| {
        let seen = name.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !visible::is_invisible(*c, None));
        seen.collect::<String>()
    };
    let (one, other) = (bare(name), bare(known));
    one == other
        || look_alike(&one, &other)
        || (!one.contains(char::is_numeric) && one.to_lowercase() == other.to_lowercase())
}

/// Every text in a tree.
fn texts(node: &Node) -> Vec<&str> {
    match &node.data {
        Data::Text(text) => vec![text],
        Data::Array(items) => items.iter().flat_map(texts).collect(),
        Data::Table(entries) => entries.iter().flat_map(|(_, node)| texts(node)).collect(),
        _ => Vec::new(),
    }
}

/// The products, and groups of them, that a course, a component or a separation names.
fn products_in<'n>(node: &'n Node, products: &mut Vec<&'n str>) {
    node.items().iter().for_each(|item| products_in(item, products));
    for (key, value) in node.entries() {
        match (key.name.as_str(), value.text()) {
            ("products" | "of", _) => products.extend(texts(value)),
            ("accept" | "reject", _) => {
                products.extend(value.text());
                products.extend(value.items().iter().filter_map(Node::text));
                products_in(value, products);
            }
            ("from", Some(text)) => {
                let latest = text.strip_prefix("latest ").into_iter().flat_map(|names| names.split(','));
                products.extend(latest.map(str::trim));
            }
            _ => products_in(value, products),
        }
    }
}

/// The texts in quotation marks in the parentheses after `call`, wherever an expression has it.
fn arguments<'t>(text: &'t str, call: &str) -> Vec<&'t str> {
    let after = text.match_indices(call).map(|(at, _)| &text[at + call.len()..]);
    after.flat_map(|rest| quoted(rest, ')')).collect()
}

/// The texts that an expression compares a session's product with.
fn compared_products(text: &str) -> Vec<&str> {
    let mut products = Vec::new();
    for (at, name) in text.match_indices(".product") {
        let rest = text[at + name.len()..].trim_start();
        if rest.starts_with("==") || rest.starts_with("!=") {
            products.extend(quoted(rest[2..].trim_start(), ' ').first());
        } else if let Some(list) = rest.strip_prefix("in").map(str::trim_start).and_then(|rest| rest.strip_prefix('['))
        {
            products.extend(quoted(list, ']'));
        }
    }
    products
}

/// The texts in quotation marks up to a character that stands outside of them.
fn quoted(text: &str, end: char) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['"', end]).filter(|start| rest[*start..].starts_with('"')) {
        let Some(length) = rest[start + 1..].find('"') else { break };
        found.push(&rest[start + 1..start + 1 + length]);
        rest = &rest[start + length + 2..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostics, SourceFile};
    use crate::document::{Notation, parse};

    fn names(text: &str) -> KnownNames {
        let mut found = Diagnostics::default();
        let node = parse(&SourceFile::new("p.toml", text), Notation::Toml, &mut found);
        assert!(found.is_empty(), "{found}");
        let mut names = KnownNames::default();
        names.add(&node);
        names
    }

    #[test]
    fn every_name_of_a_file_is_found() {
        let names = names(
            r#"
            treatment = "laser"
            products = { gels = ["azure", "beige"], rose = ["rose"] }
            facts.weight = { type = "integer", of = "patient" }
            definitions.waited = 'sessions_of("filler").last.date + days(3) < today && valid("gels", "cream", "from 2 years") > 1'
            session_facts.depth = { type = "integer" }
            [[contraindication]]
            when = 'sessions.last.product in ["ochre", "sepia"] || (any s in sessions where "x" in zone && s.product != "umber")'
            [[course]]
            accept = ["gels", { products = ["foam"], from = "2 years" }]
            reject = ["paste"]
            interval = [{ from = "latest lotion, gels", minimum = "3 days" }]
            [[course.session]]
            accept = ["salve"]
            [components.x]
            products = ["tonic"]
            [[separation]]
            from = ["peeling"]
            of = ["water"]
            "#,
        );
        let all = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(all(&names.facts), "weight");
        assert_eq!(all(&names.notes), "depth");
        assert_eq!(all(&names.treatments), "filler laser peeling");
        assert_eq!(all(&names.declared), "laser");
        // A product may give its name to its group.
        let products = "azure beige cream foam lotion ochre paste rose salve sepia tonic umber water";
        assert_eq!(all(&names.products), products);
        assert_eq!(all(&names.groups), "gels rose");
    }

    #[test]
    fn a_name_is_known_nearly_known_or_unknown() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let known = set(&["laser", "filler", "filter", "peel", "hba1c", "07"]);
        let ignored = set(&["massage"]);
        let of = |name| standing(name, &known, &ignored);
        assert_eq!(of("laser"), Standing::Known);
        assert_eq!(of("massage"), Standing::Known);
        assert_eq!(of("lazer"), Standing::Nearly(vec!["laser"]));
        assert_eq!(of("Laser"), Standing::Nearly(vec!["laser"]));
        assert_eq!(of("lase"), Standing::Nearly(vec!["laser"]));
        assert_eq!(of("peels"), Standing::Nearly(vec!["peel"]));
        assert_eq!(of("filtre"), Standing::Nearly(vec!["filter"]));
        assert_eq!(of("filber"), Standing::Nearly(vec!["filler", "filter"]));
        // However short, nobody means another: a capital, a blank, a sign that nobody sees, a letter of another script.
        for same in ["Peel", "PEEL", "peel ", "pe\u{200b}el", "\u{a0}peel", "p\u{435}el"] {
            assert_eq!(of(same), Standing::Nearly(vec!["peel"]), "{same}");
        }
        assert_eq!(of("07 "), Standing::Nearly(vec!["07"]));
        // Four letters, a digit here or there, or close to nothing that is used.
        for unknown in ["peal", "laser2", "hbaic", "HbA1c", "7", "massages", "botulinum-toxin", ""] {
            assert_eq!(of(unknown), Standing::Unknown, "{unknown}");
        }
    }
}
