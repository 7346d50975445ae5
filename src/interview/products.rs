//! What was used in a session: the products that protocols name are offered, and told by their labels too. Any other can be typed.

use std::collections::BTreeSet;

#[cfg(feature = "cli")]
use super::Reply;
use super::{Interview, Subject};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::protocol::Protocol;
use crate::recommendation::ChoiceReport;

/// The note of a session that says what was used.
const PRODUCT: &str = "product";

impl Subject {
    /// Whether it is the product of a session.
    pub(super) fn is_product(&self) -> bool {
        matches!(self, Subject::Note { note, .. } if note == PRODUCT)
    }
}

impl Interview {
    /// The products that the protocols name, each once.
    pub(super) fn products(&self) -> Vec<ChoiceReport> {
        choices(self.prepared.iter().map(|prepared| &prepared.protocol))
    }

    /// The product that is meant: by its name, or by its label or that of its group.
    pub(super) fn product(&self, text: &str) -> Result<String, Diagnostics> {
        meant(text, || self.prepared.iter().map(|prepared| &prepared.protocol))
    }
}

/// The products that some protocols name, each once, as the first of them calls it.
pub(crate) fn choices<'p>(protocols: impl Iterator<Item = &'p Protocol>) -> Vec<ChoiceReport> {
    let mut all: Vec<ChoiceReport> = Vec::new();
    for (id, label) in protocols.flat_map(Protocol::products_to_choose) {
        if all.iter().all(|one| one.id != id) {
            all.push(ChoiceReport { id: id.to_owned(), label });
        }
    }
    all
}

/// The product that a person means: what stands in records is that; a label is that of a product, or of a group of one. What is neither is
/// left to whoever reads the record, who says that it is on no list.
///
/// # Errors
/// If it is the label of several.
pub(crate) fn meant<'p, P: Iterator<Item = &'p Protocol>>(
    text: &str,
    protocols: impl Fn() -> P,
) -> Result<String, Diagnostics> {
    let text = text.trim();
    if protocols().any(|protocol| protocol.products_to_choose().iter().any(|(id, _)| *id == text)) {
        return Ok(text.to_owned());
    }
    let mut called: BTreeSet<String> = BTreeSet::new();
    for protocol in protocols() {
        called.extend(protocol.products_called(text).map(str::to_owned));
    }
    match called.len() {
        0 => Ok(text.to_owned()),
        1 => Ok(called.pop_first().unwrap_or_default()),
        _ => {
            let several = called.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
            let message = format!("`{text}` is a group of products, and not one of them");
            let help = format!("note which of them was used: {several}");
            Err(Diagnostic::new(&codes::MISSPELT_PRODUCT, message).help(help).into())
        }
    }
}

/// The notes of a session as they are typed, with the product by its name.
///
/// # Errors
/// If it is the label of several.
#[cfg(feature = "cli")]
pub(crate) fn by_name<'p, P: Iterator<Item = &'p Protocol>>(
    notes: &mut [(String, Reply)],
    protocols: impl Fn() -> P,
) -> Result<(), Diagnostics> {
    for (note, reply) in notes {
        if let Reply::Value(text) = reply
            && note == PRODUCT
        {
            *text = meant(text, &protocols)?;
        }
    }
    Ok(())
}
