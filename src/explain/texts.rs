//! The texts of a protocol with the values that stand in them.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::english::{English, list, say};
use crate::explain::View;
use crate::explain::derivation::Step;
use crate::lang::{Expr, ExprId, Type};
use crate::logic::Tri;
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
            _ => self.length_as_written(step).unwrap_or_else(|| self.value_in_words(step)),
        }
    }

    /// To what a wait may be shortened: as it is written, or as the parameter is set.
    pub(crate) fn shortest(&self, down_to: Option<&(Length, String)>) -> Option<String> {
        down_to.map(|(length, written)| match length {
            Length::Fixed(_) => written.clone(),
            Length::Parameter(at, _) => {
                let parameter = &self.protocol.parameters[usize::from(*at)];
                let value = Value::duration(length.with(&self.known.parameters));
                parameter.say(value, &[], &self.protocol.program, self.speech())
            }
        })
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
        let minimum = interval.minimum;
        let length = self.shortest(Some(&(minimum, speech.written(&minimum.with(&self.known.parameters).to_string()))));
        length.map(|length| tell!(speech, "at least {} after {}", length, from))
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

    /// A length of time as it is written where it comes from: `4 weeks`, not `28 days`.
    fn length_as_written(&self, step: Step) -> Option<String> {
        let derivation = self.derivation;
        let behind = |id: ExprId| self.length_as_written(derivation.operand(step, id));
        if derivation.value(step) == Value::Unknown {
            return None;
        }
        match derivation.expr(step) {
            Expr::Parameter(at) => {
                let parameter = &self.protocol.parameters[usize::from(*at)];
                let (program, choices) = (&self.protocol.program, self.choices(&parameter.ty));
                Some(parameter.say(derivation.value(step), &choices, program, self.speech()))
            }
            Expr::Duration { count, months, days } => match derivation.value(derivation.operand(step, *count)) {
                Value::Number(least, greatest) if least == greatest => {
                    Some(self.speech().length(&least.to_string(), crate::english::unit_of(*months, *days)))
                }
                _ => None,
            },
            Expr::Literal(_) => self.written_out(step.id),
            Expr::Definition(_, root) => behind(*root),
            Expr::Coalesce(a, b) => {
                let known = derivation.value(derivation.operand(step, *a)) != Value::Unknown;
                behind(if known { *a } else { *b })
            }
            Expr::If(condition, a, b) => match derivation.truth(derivation.operand(step, *condition)) {
                Tri::True => behind(*a),
                Tri::False => behind(*b),
                Tri::Unknown => None,
            },
            _ => None,
        }
    }

    /// `weeks(4)` as `4 weeks`: a literal is a number of days to whoever evaluates it.
    fn written_out(&self, id: ExprId) -> Option<String> {
        let written = self.protocol.file.text.get(self.protocol.program.node(id).span.clone())?;
        let (unit, number) = written.strip_suffix(')')?.split_once('(')?;
        let unit = unit.trim().strip_suffix('s').filter(|unit| ["day", "week", "month", "year"].contains(unit))?;
        let number: u32 = number.trim().parse().ok()?;
        Some(self.speech().length(&number.to_string(), unit))
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
