//! What is wrong in many cases for one reason is told once.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Label, Place, codes};
use crate::protocol::Protocol;

/// From so many on, the same words in case after case have one cause.
const SEVERAL: usize = 3;

/// What is said in the same words of several cases is told at the first; the others are shown.
pub(super) fn fold(protocol: &Protocol, found: Diagnostics) -> Diagnostics {
    let mut left: Vec<Diagnostic> = Vec::new();
    let mut same: HashMap<(&'static str, String), Vec<Diagnostic>> = HashMap::new();
    let mut order: Vec<(&'static str, String)> = Vec::new();
    for one in &found {
        // The day, and not the words, differs from case to case.
        let is_early = one.code == &codes::NOT_IN_FORCE && one.message.contains(" is in force from ");
        let words = if is_early { String::new() } else { one.message.clone() };
        let key = (one.code.id, words);
        if !same.contains_key(&key) {
            order.push(key.clone());
        }
        same.entry(key).or_default().push(one.clone());
    }
    for key in order {
        let all = same.remove(&key).unwrap_or_default();
        if all.len() < SEVERAL {
            left.extend(all);
        } else if key.1.is_empty() {
            left.extend(too_early(protocol, &all));
        } else {
            left.extend(once(all));
        }
    }
    let mut folded = Diagnostics::default();
    left.into_iter().for_each(|one| folded.push(one));
    folded
}

/// The first of them, with the places of the others.
fn once(all: Vec<Diagnostic>) -> Option<Diagnostic> {
    let mut all = all.into_iter();
    let mut first = all.next()?;
    let others = all.filter_map(|one| one.label).map(|label| Label { text: "and here".into(), ..label });
    first.related.extend(others);
    Some(first)
}

/// Cases that ask about days before the protocol is in force: it was made to begin later.
fn too_early(protocol: &Protocol, all: &[Diagnostic]) -> Option<Diagnostic> {
    let first: &Place = &all.first()?.label.as_ref()?.place;
    let message = format!(
        "protocol `{}` {} is in force from {}, and {} cases ask about earlier days",
        protocol.id,
        protocol.version,
        protocol.in_force_from,
        all.len()
    );
    let place = protocol.value_place("in_force", Some("from"));
    let help =
        "give the cases a later `as_of`, or let it begin when it did and say from when with `regimen publish --from`";
    Some(Diagnostic::new(&codes::NOT_IN_FORCE, message).at(&place).see(first, "the first of them").help(help))
}
