//! Products that a protocol tells apart.

use super::model::{Component, Course, Products, Protocol, Reference, Separation};
use crate::english::grouped;
use crate::lang::{Expr, Program};
use crate::logic::value::TextId;

/// One product of each kind that makes a difference to the courses, the last being one that they do not name: what a session may have
/// used, if nobody noted it. Two products are of one kind if every list of the file names both or neither.
pub(super) fn kinds(
    program: &Program,
    components: &[Component],
    courses: &[Course],
    separations: &[Separation],
) -> Box<[TextId]> {
    let lists = lists(program, components, courses, separations);
    let mut kinds: Vec<(Vec<bool>, TextId)> = Vec::new();
    for product in lists.iter().copied().flatten().copied().chain([TextId::OTHER]) {
        let named_by: Vec<bool> = lists.iter().map(|list| list.contains(&product)).collect();
        if kinds.iter().all(|(other, _)| *other != named_by) {
            kinds.push((named_by, product));
        }
    }
    kinds.into_iter().map(|(_, product)| product).collect()
}

/// Every list of products of a protocol.
fn lists<'p>(
    program: &'p Program,
    components: &'p [Component],
    courses: &'p [Course],
    separations: &'p [Separation],
) -> Vec<&'p [TextId]> {
    let of_components = components.iter().map(|component| &component.products);
    let of_sessions = courses
        .iter()
        .flat_map(|course| &course.sessions)
        .flat_map(|planned| planned.accept.iter().map(|accepted| &accepted.products).chain([&planned.reject]));
    let of_intervals =
        courses.iter().flat_map(|course| &course.intervals).filter_map(|interval| match &interval.from {
            Reference::Latest(products) => Some(products),
            _ => None,
        });
    let of_separations = separations.iter().flat_map(|separation| [&separation.products, &separation.of]).flatten();
    let in_expressions = program.nodes.iter().filter_map(|node| match &node.expr {
        Expr::Tally(tally) => tally.products.as_deref(),
        _ => None,
    });
    of_components
        .chain(of_sessions)
        .chain(of_intervals)
        .chain(of_separations)
        .map(|Products(products)| &**products)
        .chain(in_expressions)
        .collect()
}

impl Protocol {
    /// The groups of products as people read them.
    pub(super) fn groups_in_words(&self) -> Vec<(String, &[String])> {
        self.product_groups.iter().map(|group| (group.in_words(), group.products.as_slice())).collect()
    }

    /// The products that it names, as they stand in records, each with what people read for it: the label of the smallest group that holds
    /// it. A protocol without groups names them where it uses them.
    #[cfg(feature = "interview")]
    pub(crate) fn products_to_choose(&self) -> Vec<(&str, String)> {
        let mut found: Vec<(&str, String)> = Vec::new();
        for product in self.product_groups.iter().flat_map(|group| &group.products) {
            if found.iter().any(|(other, _)| other == product) {
                continue;
            }
            let holds = self.product_groups.iter().filter(|group| group.products.contains(product));
            let smallest = holds.min_by_key(|group| group.products.len());
            found.extend(smallest.map(|group| (product.as_str(), group.in_words())));
        }
        if self.product_groups.is_empty() {
            let lists = lists(&self.program, &self.components, &self.courses, &self.separations);
            for product in lists.into_iter().flatten().map(|product| self.program.texts.get(*product)) {
                if found.iter().all(|(other, _)| *other != product) {
                    found.push((product, product.to_owned()));
                }
            }
        }
        found
    }

    /// The products that are called something: those of a group with that name or label.
    #[cfg(feature = "interview")]
    pub(crate) fn products_called<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> {
        let is_it = |told: &str| told.to_lowercase() == name.to_lowercase();
        let groups = self.product_groups.iter().filter(move |group| is_it(&group.name) || is_it(&group.in_words()));
        groups.flat_map(|group| group.products.iter().map(String::as_str))
    }

    /// Products as people read them.
    pub(crate) fn products_in_words(&self, products: &Products) -> Vec<String> {
        let products: Vec<&str> = products.0.iter().map(|product| self.program.texts.get(*product)).collect();
        grouped(&self.groups_in_words(), &products)
    }
}
