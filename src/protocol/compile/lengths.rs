//! Lengths of time: written out, or a parameter.

use super::Compiler;
use crate::date::Duration;
use crate::diagnostic::{Diagnostic, Place, codes};
use crate::lang::lower::Symbol;
use crate::logic::value::Value;
use crate::protocol::file::Text;
use crate::protocol::model::Length;

impl Compiler<'_> {
    pub(in crate::protocol) fn duration(&mut self, text: &Text) -> Duration {
        match text.parse::<Duration>() {
            Ok(duration) => duration,
            Err(error) => {
                if !text.span.is_empty() {
                    self.report(
                        Diagnostic::new(&codes::INVALID_DURATION, error.to_string()).at(&text.place(self.source)),
                    );
                }
                Duration::default()
            }
        }
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
        let is_name = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && text.starts_with(|c: char| c.is_alphabetic());
        if !is_name {
            return Length::Fixed(self.wait(text));
        }
        let symbol = self.lowerer.scope.known.get(&text.value);
        if let Some(Symbol::Parameter(at, _)) = symbol
            && let Some(Value::Duration(declared, _)) = self.parameters.get(usize::from(*at))
        {
            return Length::Parameter(*at, *declared);
        }
        match symbol {
            Some(Symbol::Broken) => {}
            Some(_) => {
                let message = format!("`{}` is not a length of time", text.value);
                self.report(Diagnostic::new(&codes::TYPE_MISMATCH, message).at(&text.place(self.source)));
            }
            None => {
                let names: Vec<String> = self.file.parameters.iter().map(|(name, _)| name.value.clone()).collect();
                let message = format!("`{}` is neither a length of time nor a parameter", text.value);
                let diagnostic = Diagnostic::new(&codes::UNKNOWN_NAME, message).at(&text.place(self.source));
                let diagnostic = diagnostic.suggest(text, names.iter().map(String::as_str));
                self.report(diagnostic.help("write a length of time such as \"28 days\""));
            }
        }
        Length::Fixed(Duration::default())
    }
}
