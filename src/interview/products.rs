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

    /// The product of a session that is meant: by its name, or by its label or that of its group.
    pub(super) fn product(&self, session: usize, text: &str) -> Result<String, Diagnostics> {
        let sessions = self.state.records.iter().flat_map(|record| &record.sessions);
        let treatment = sessions.filter(|one| one.order == session).map(|one| one.treatment.as_str()).next();
        meant(text, treatment.unwrap_or_default(), self.prepared.iter().map(|prepared| &prepared.protocol))
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

/// The product that a person means for a session of a treatment: what stands in records is that; a label is that of a product, or of a group of
/// one. The protocols of the treatment say what a label means; only where it has none, all of them do. What is neither is left to whoever reads
/// the record, who says that it is on no list.
///
/// # Errors
/// If it is the label of several.
fn meant<'p>(
    text: &str,
    treatment: &str,
    protocols: impl Iterator<Item = &'p Protocol>,
) -> Result<String, Diagnostics> {
    let text = text.trim();
    let (own, others): (Vec<&Protocol>, Vec<&Protocol>) =
        protocols.partition(|protocol| protocol.treatment == treatment);
    let protocols = if own.is_empty() { others } else { own };
    if protocols.iter().any(|protocol| protocol.products_to_choose().iter().any(|(id, _)| *id == text)) {
        return Ok(text.to_owned());
    }
    let called = protocols.iter().flat_map(|protocol| protocol.products_called(text));
    let mut called: BTreeSet<String> = called.map(str::to_owned).collect();
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

/// The notes of a session of a treatment as they are typed, with the product by its name.
///
/// # Errors
/// If it is the label of several.
#[cfg(feature = "cli")]
pub(crate) fn by_name<'p>(
    notes: &mut [(String, Reply)],
    treatment: &str,
    protocols: impl Iterator<Item = &'p Protocol> + Clone,
) -> Result<(), Diagnostics> {
    for (note, reply) in notes {
        if let Reply::Value(text) = reply
            && note == PRODUCT
        {
            *text = meant(text, treatment, protocols.clone())?;
        }
    }
    Ok(())
}
