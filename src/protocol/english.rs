//! A protocol's expressions in words.

use super::model::Protocol;
use crate::english::{English, Name};
use crate::patient::BIRTH;
use crate::protocol::dictionary::Answer;
use crate::speech::ENGLISH;

impl Protocol {
    /// The words for its expressions, in the language in which it answers.
    pub(crate) fn spoken(&self) -> English<'_> {
        English { speech: self.speech(), ..self.english() }
    }

    /// The English words for its expressions.
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
        let name = |label: &Option<String>, text| Name { text, is_label: label.is_some() };
        let notes = self.dictionary.notes.iter().map(|note| &note.answer);
        let answers = self.dictionary.facts.iter().map(|fact| &fact.answer).chain(notes);
        let answers = answers.filter(|answer: &&Answer| !answer.labels.is_empty());
        English {
            speech: &ENGLISH,
            program: &self.program,
            facts: self
                .facts
                .iter()
                .map(|at| &self.dictionary.facts[*at])
                .map(|one| name(&one.label, one.in_words()))
                .collect(),
            parameters: self.parameters.iter().map(|one| (name(&one.label, one.in_words()), one.value)).collect(),
            definitions: self.definitions.iter().map(|one| name(&one.label, one.in_words())).collect(),
            notes: self.dictionary.notes.iter().map(|one| name(&one.label, one.in_words())).collect(),
            choices: answers.map(|answer| (answer.choices(), answer.choices_in_words())).collect(),
            treatments: &self.treatments,
            treatment: &self.treatment,
            groups: self.groups_in_words(),
            birth: self.facts.iter().position(|at| self.dictionary.facts[*at].name == BIRTH),
            each: None,
            in_parts: false,
            named: None,
        }
    }
}
