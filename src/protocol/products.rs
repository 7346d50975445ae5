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
    let lists: Vec<&[TextId]> = of_components
        .chain(of_sessions)
        .chain(of_intervals)
        .chain(of_separations)
        .map(|Products(products)| &**products)
        .chain(in_expressions)
        .collect();
    let mut kinds: Vec<(Vec<bool>, TextId)> = Vec::new();
    for product in lists.iter().copied().flatten().copied().chain([TextId::OTHER]) {
        let named_by: Vec<bool> = lists.iter().map(|list| list.contains(&product)).collect();
        if kinds.iter().all(|(other, _)| *other != named_by) {
            kinds.push((named_by, product));
        }
    }
    kinds.into_iter().map(|(_, product)| product).collect()
}

impl Protocol {
    /// The groups of products as people read them.
    pub(super) fn groups_in_words(&self) -> Vec<(String, &[String])> {
        self.product_groups.iter().map(|group| (group.in_words(), group.products.as_slice())).collect()
    }

    /// Products as people read them.
    pub(crate) fn products_in_words(&self, products: &Products) -> Vec<String> {
        let products: Vec<&str> = products.0.iter().map(|product| self.program.texts.get(*product)).collect();
        grouped(&self.groups_in_words(), &products)
    }
}
