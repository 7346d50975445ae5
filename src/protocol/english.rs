//! A protocol's expressions in words.

use super::model::Protocol;
use crate::english::English;

impl Protocol {
    /// The words for its expressions.
    ///
    /// ```no_run
    /// let (clinic, _) = regimen::Clinic::load("protocols")?;
    /// let protocol = &clinic.protocols[0];
    /// for definition in &protocol.definitions {
    ///     println!("{}: {}", definition.name, protocol.english().value(definition.root));
    /// }
    /// # Ok::<(), regimen::diagnostic::Diagnostics>(())
    /// ```
    #[must_use]
    pub fn english(&self) -> English<'_> {
        English {
            program: &self.program,
            facts: self.facts.iter().map(|at| self.dictionary.facts[*at].name.as_str()).collect(),
            parameters: self.parameters.iter().map(|one| (one.name.as_str(), one.value)).collect(),
            definitions: self.definitions.iter().map(|one| one.name.as_str()).collect(),
            notes: self.dictionary.notes.iter().map(|note| note.name.as_str()).collect(),
            treatment: &self.treatment,
            each: None,
        }
    }
}
