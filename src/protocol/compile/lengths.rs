//! Lengths of time: written out, or a parameter.

use super::Compiler;
use crate::date::Duration;
use crate::diagnostic::{Diagnostic, Place, codes};
use crate::lang::lower::{Scope, Symbol};
use crate::lengths::mistake;
use crate::logic::value::Value;
use crate::protocol::file::Text;
use crate::protocol::model::{Length, Offset, Parameter};

impl Compiler<'_> {
    pub(in crate::protocol) fn duration(&mut self, text: &Text) -> Duration {
        match text.parse::<Duration>() {
            Ok(duration) => duration,
            Err(error) => {
                if !text.span.is_empty() {
                    let told = mistake(&error, &text.place(self.source));
                    // What people read for a parameter.
                    let told = match self.lowerer.scope.labelled(text) {
                        Some(name) => told.help(format!("write \"{name}\"")).replace_by(format!("\"{name}\""), false),
                        None => told,
                    };
                    self.report(told);
                }
                Duration::default()
            }
        }
    }

    /// A length of time before or after a day. What is written in its place has a sign, which nobody can tell.
    fn signed(&mut self, text: &Text) -> Option<Duration> {
        let error = match text.parse() {
            Ok(duration) => return Some(duration),
            Err(error) => error,
        };
        if !text.span.is_empty() {
            let told = mistake(&error, &text.place(self.source));
            self.report(Diagnostic { replacement: None, ..told });
        }
        None
    }

    /// A length of time that is not negative.
    pub(super) fn wait(&mut self, text: &Text) -> Duration {
        let duration = self.duration(text);
        self.not_negative(duration, &text.place(self.source));
        duration
    }

    pub(super) fn not_negative(&mut self, duration: Duration, place: &Place) {
        if duration.months * 28 + duration.days < 0 {
            self.report(Diagnostic::new(&codes::INVALID_DURATION, "a wait cannot be negative").at(place));
        }
    }

    /// A length of time, or the name of a parameter that is one.
    pub(in crate::protocol) fn length(&mut self, text: &Text) -> Length {
        match is_name(text) {
            true => self.named(text, text).unwrap_or(Length::Fixed(Duration::default())),
            false => Length::Fixed(self.wait(text)),
        }
    }

    /// A length of time before or after a day, or the name of a parameter that is one, with its sign; none, if what is wrong was told.
    pub(super) fn offset(&mut self, text: &Text) -> Option<Offset> {
        let name = text.strip_prefix(['-', '+']).unwrap_or(text).trim_start();
        let has_sign = text.trim_start().starts_with(['-', '+']);
        let (length, is_before) = match is_name(name) {
            true => (self.named(text, name)?, text.starts_with('-')),
            false => (Length::Fixed(self.signed(text)?), false),
        };
        if !has_sign && length != Length::Fixed(Duration::default()) {
            let message = format!("`{}` does not say whether it is before or after the session", text.value);
            let diagnostic = Diagnostic::new(&codes::INVALID_DURATION, message).at(&text.place(self.source));
            self.report(diagnostic.help(format!("write \"-{name}\" for before it, \"+{name}\" for after it")));
            return None;
        }
        Some(Offset { length, is_before })
    }

    /// The shortest and the longest that an offset may be set to.
    pub(super) fn ends(offset: Offset, parameters: &[Parameter]) -> [Duration; 2] {
        let range = match offset.length {
            Length::Parameter(at, _) => parameters.get(usize::from(at)).and_then(|parameter| parameter.range),
            Length::Fixed(_) => None,
        };
        match range {
            Some((Value::Duration(least, _), Value::Duration(most, _))) if offset.is_before => {
                [most.negated(), least.negated()]
            }
            Some((Value::Duration(least, _), Value::Duration(most, _))) => [least, most],
            _ => [offset.declared(); 2],
        }
    }

    /// The parameter of a name; none, if what is wrong was told.
    fn named(&mut self, text: &Text, name: &str) -> Option<Length> {
        let symbol = self.lowerer.scope.find(name);
        if let Some(Symbol::Parameter(at, _)) = symbol
            && let Some(Value::Duration(declared, _)) = self.parameters.get(usize::from(at))
        {
            return Some(Length::Parameter(at, *declared));
        }
        match symbol {
            Some(Symbol::Broken) => {}
            Some(_) => {
                let message = format!("`{name}` is not a length of time");
                self.report(Diagnostic::new(&codes::TYPE_MISMATCH, message).at(&text.place(self.source)));
            }
            None => {
                let names: Vec<String> = self.file.parameters.iter().map(|(name, _)| name.value.clone()).collect();
                let message = format!("`{name}` is neither a length of time nor a parameter");
                let diagnostic = Diagnostic::new(&codes::UNKNOWN_NAME, message).at(&text.place(self.source));
                let diagnostic = diagnostic.suggest(name, names.iter().map(String::as_str));
                self.report(diagnostic.help("write a length of time such as \"28 days\""));
            }
        }
        None
    }
}

/// Whether a text is a name, and no length of time that is written out.
fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && text.starts_with(|c: char| c.is_alphabetic())
}
