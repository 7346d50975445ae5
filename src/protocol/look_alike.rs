//! Names that a person cannot tell apart on a screen, though they are written with different letters.

use std::collections::HashMap;
use std::sync::Arc;

use unicode_security::skeleton;

use super::file::{FactsFile, ProtocolFile, Text};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, SourceFile, codes};

/// Whether two texts are different and look the same: they have one skeleton in the sense of Unicode's Technical Standard 39, as a Latin and
/// a Cyrillic `a` have. Two texts of ASCII are told apart by their readers, though `l` and `1` look alike in some founts.
#[must_use]
pub(crate) fn look_alike(one: &str, other: &str) -> bool {
    one != other && !(one.is_ascii() && other.is_ascii()) && skeleton(one).eq(skeleton(other))
}

/// Reports those of some names that look like one before them.
pub(super) fn check(what: &str, names: &[(String, Place)], found: &mut Diagnostics) {
    let mut seen: HashMap<String, Vec<&(String, Place)>> = HashMap::new();
    for one in names {
        let (name, place) = one;
        let alike = seen.entry(skeleton(name).collect()).or_default();
        if alike.iter().any(|(other, _)| other == name) {
            continue;
        }
        if let Some((first, first_place)) = alike.iter().find(|(other, _)| look_alike(name, other)) {
            let message = format!("the {what} `{name}` looks like `{first}` and is written with other letters");
            let diagnostic = Diagnostic::new(&codes::LOOK_ALIKE, message).labelled(place, "this one");
            let diagnostic = diagnostic.see(first_place, "that one");
            found.push(
                diagnostic.help("type one of them anew with the letters of the other, or give it a name of its own"),
            );
        }
        alike.push(one);
    }
}

/// The treatments and products of a clinic, as its files name them.
#[derive(Debug, Default)]
pub(super) struct Named {
    treatments: Vec<(String, Place)>,
    products: Vec<(String, Place)>,
}

impl Named {
    pub(super) fn dictionary(&mut self, file: &FactsFile, source: &Arc<SourceFile>) {
        self.treatments.extend(file.treatments.iter().map(|(name, _)| named(name, source)));
        self.treatments.extend(file.ignored.treatments.iter().map(|name| named(name, source)));
        self.products.extend(file.ignored.products.iter().map(|name| named(name, source)));
    }

    pub(super) fn protocol(&mut self, file: &ProtocolFile, source: &Arc<SourceFile>) {
        self.treatments.push(named(&file.treatment, source));
        self.treatments.extend(file.treatments.iter().map(|(name, _)| named(name, source)));
        self.treatments.extend(file.separation.iter().flat_map(|one| &one.from).map(|name| named(name, source)));
        self.products
            .extend(file.products.iter().flat_map(|(_, group)| &group.products).map(|name| named(name, source)));
    }

    pub(super) fn check(self, found: &mut Diagnostics) {
        check("treatment", &self.treatments, found);
        check("product", &self.products, found);
    }
}

pub(super) fn named(name: &Text, source: &Arc<SourceFile>) -> (String, Place) {
    (name.value.clone(), name.place(source))
}

#[cfg(test)]
mod tests {
    use super::look_alike;

    #[test]
    fn letters_of_another_script_look_alike() {
        assert!(look_alike("l\u{430}ser", "laser"));
        assert!(look_alike("d\u{e9}collet\u{e9}", "d\u{e9}\u{441}ollet\u{e9}"));
        assert!(!look_alike("d\u{e9}collet\u{e9}", "decollete"));
        assert!(!look_alike("level1", "levell"));
        assert!(!look_alike("laser", "laser"));
        assert!(!look_alike("peeling", "peel"));
    }
}
