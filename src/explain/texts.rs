//! The texts of a protocol with the values that stand in them.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::english::{English, list, say};
use crate::explain::View;
use crate::explain::derivation::Step;
use crate::lang::{Expr, Type};
use crate::logic::value::{TextId, Value};
use crate::patient::known::answer;
use crate::protocol::model::{Interval, Length, Reference, Template};
use crate::speech::{Speech, tell};

impl View<'_> {
    /// A text for this patient.
    pub(crate) fn text(&self, text: &Template) -> String {
        self.text_for(text, None)
    }

    pub(crate) fn maybe_text(&self, text: Option<&Template>) -> Option<String> {
        text.map(|text| self.text(text))
    }

    /// A text for one value of what is gone through.
    pub(crate) fn text_for(&self, text: &Template, each: Option<Value>) -> String {
        text.fill(|body| self.said(body, each))
    }

    fn said(&self, body: &Range<u32>, each: Option<Value>) -> String {
        let program = &self.protocol.program;
        let step = self.root(body, each);
        match program.node(step.id).expr {
            // What a definition is called says nothing to whoever has not read the protocol.
            Expr::Definition(_, root) if program.node(root).ty == Type::Bool => self.words().condition(root),
            _ => self.value_in_words(step),
        }
    }

    /// A length of time as it is written, or as the parameter is set.
    pub(crate) fn length(&self, length: Length) -> String {
        length.with(&self.known.parameters).to_string()
    }

    /// What an interval asks for, in words: `at least 4 weeks after the session before`. None of one that is counted from anything but a
    /// session of the course.
    pub(crate) fn interval(&self, interval: &Interval) -> Option<String> {
        let speech = self.speech();
        let from = match interval.from {
            Reference::Previous => speech.word("the session before"),
            Reference::First => speech.word("the first session"),
            Reference::Session(number) => tell!(speech, "session {}", number),
            Reference::Latest(_) | Reference::Date(_) => return None,
        };
        Some(tell!(speech, "at least {} after {}", speech.written(&self.length(interval.minimum)), from))
    }

    /// The words for expressions, with the parameters as they are set.
    fn words(&self) -> English<'_> {
        let mut english = self.protocol.english();
        english.parameters.iter_mut().zip(&self.known.parameters).for_each(|((_, value), set)| *value = *set);
        english
    }

    /// The words for values in the language of the texts.
    fn speech(&self) -> &'static Speech {
        Speech::of(&self.protocol.language)
    }

    /// What people read for the choices of a type.
    fn choices(&self, ty: &Type) -> Vec<String> {
        match ty {
            Type::Choice(_) | Type::Set(_) => self.protocol.english().choices_of(ty),
            _ => Vec::new(),
        }
    }

    fn value_in_words(&self, step: Step) -> String {
        let (program, value) = (&self.protocol.program, self.derivation.value(step));
        // A text that no expression mentions has no number of its own: the record has it.
        let in_the_record = (value == Value::Text(TextId::OTHER)).then(|| self.text_of_the_record(step)).flatten();
        let ty = &program.node(step.id).ty;
        in_the_record.unwrap_or_else(|| say(value, ty, &self.choices(ty), &program.texts, self.speech()))
    }

    fn text_of_the_record(&self, step: Step) -> Option<String> {
        let values: Vec<Value> = match self.protocol.program.behind(step.id) {
            Expr::Fact(fact) => {
                answer(self.protocol, self.record, *fact).map(|answer| answer.value).into_iter().collect()
            }
            // Of several that may be the last, as far as anybody knows.
            Expr::EndNote { list, last, note } => {
                let sessions = self.inputs().ends(*list, *last).into_iter().map(|at| &self.record.sessions[at]);
                sessions.filter_map(|session| session.notes.get(usize::from(*note)).copied()).collect()
            }
            _ => return None,
        };
        let texts: BTreeSet<&str> = values
            .iter()
            .filter_map(|value| match value {
                Value::Text(id) => Some(self.record.texts.get(*id)),
                _ => None,
            })
            .collect();
        (!texts.is_empty()).then(|| list(&texts.into_iter().collect::<Vec<_>>(), self.speech().or))
    }
}
