//! Whether a protocol uses the data about a person that it says it uses.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::file::{SourceAttribute, SourceAttributes};
use super::model::Protocol;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceFile, codes};

/// What its expressions read, also in order to know whether a question makes sense.
fn used(protocol: &Protocol) -> BTreeSet<SourceAttribute> {
    let facts = protocol.facts.iter().filter_map(|at| protocol.dictionary.facts.get(*at));
    facts.filter_map(|fact| fact.source_attribute).collect()
}

/// Reports a declaration that disagrees with the expressions.
pub(super) fn check(
    protocol: &Protocol,
    declared: &SourceAttributes,
    source: &Arc<SourceFile>,
    found: &mut Diagnostics,
) {
    let Some(uses) = &declared.uses else { return };
    let used = used(protocol);
    let told: BTreeSet<SourceAttribute> = uses.iter().map(|one| one.value).collect();
    let right = used.iter().map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(", ");
    let right = format!("[{right}]");
    for one in uses.iter().filter(|one| !used.contains(&one.value)) {
        let message = format!("`uses` names `{}`, and the protocol reads no fact of that kind", one.value);
        let diagnostic = Diagnostic::new(&codes::USES_DISAGREE, message).at(&one.place(source));
        found.push(diagnostic.help(format!("write `uses = {right}`")));
    }
    for one in used.difference(&told) {
        let facts = protocol.facts.iter().filter_map(|at| protocol.dictionary.facts.get(*at));
        let facts: Vec<String> =
            facts.filter(|fact| fact.source_attribute == Some(*one)).map(|fact| format!("`{}`", fact.name)).collect();
        let message = format!("`uses` does not name `{one}`, and the protocol reads {}", facts.join(", "));
        let diagnostic = Diagnostic::new(&codes::USES_DISAGREE, message).at(&uses.place(source));
        found.push(diagnostic.help(format!("write `uses = {right}`")));
    }
}
