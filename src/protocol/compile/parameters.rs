//! What a clinic may change, and within which range.

use super::Compiler;
use crate::date::{Duration, InvalidDate};
use crate::diagnostic::{Diagnostic, codes};
use crate::document::{Scalar, Spanned};
use crate::lang::Type;
use crate::lang::lower::Symbol;
use crate::logic::value::Value;
use crate::protocol::dictionary::check_name;
use crate::protocol::model::Parameter;

impl Compiler<'_> {
    pub(super) fn parameters(&mut self) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for (name, entry) in self.file.parameters.iter() {
            self.new_name(name);
            let sources = self.cite(&entry.sources);
            let other = self.without_unit(&entry.value, &entry.range);
            if let Some(diagnostic) = other.or_else(|| self.without_number(&entry.value, &entry.range)) {
                self.report(diagnostic);
                self.lowerer.scope.known.insert(name.value.clone(), Symbol::Broken);
                continue;
            }
            let Some((value, ty)) = self.parameter_value(&entry.value, entry.unit.as_deref(), None) else {
                self.lowerer.scope.known.insert(name.value.clone(), Symbol::Broken);
                continue;
            };
            if entry.unit.is_some() && !matches!(ty, Type::Number { .. }) {
                let message = format!("`unit` is for numbers, and `{}` is not one", name.value);
                self.report(Diagnostic::new(&codes::USELESS_KEY, message).at(&name.place(self.source)));
            }
            let range = self.parameter_range(&entry.range, &ty, value, &entry.value);
            let ty = with_range(ty, range);
            // A number that may have been meant for true or false.
            if let Value::Number(number, _) = value
                && range.is_none()
                && entry.unit.is_none()
                && [0, 1].contains(&number.to_i32().unwrap_or(-1))
            {
                let (place, is_on) = (entry.value.place(self.source), number.to_i32() == Some(1));
                self.lowerer.scope.switches.insert(name.value.clone(), (place, is_on));
            }
            let symbol = Symbol::Parameter(crate::narrow::u16(parameters.len()), ty.clone());
            self.lowerer.scope.known.insert(name.value.clone(), symbol);
            let place = name.place(self.source);
            self.parameters.push(value);
            parameters.push(Parameter {
                name: name.value.clone(),
                label: self.label(entry.label.as_ref()),
                ty,
                value,
                range,
                note: entry.note.clone(),
                sources,
                place,
            });
        }
        parameters
    }

    /// Reports a name that is taken or cannot be one.
    pub(super) fn new_name(&mut self, name: &Spanned<String>) {
        check_name(name, self.source, &mut self.lowerer.found);
        let place = name.place(self.source);
        let taken = match self.lowerer.scope.dictionary.fact(name) {
            Some((_, fact)) => Some(("a fact", Some(fact.place.clone()))),
            None => self.lowerer.scope.known.get(&name.value).map(|_| ("a parameter", None)),
        };
        if let Some((what, first)) = taken {
            let message = format!("there is already {what} `{}`", name.value);
            let mut diagnostic = Diagnostic::new(&codes::DUPLICATE_NAME, message).at(&place);
            if let Some(first) = first {
                diagnostic = diagnostic.see(&first, "here");
            }
            self.report(diagnostic.help("facts, parameters and definitions share one set of names"));
        }
    }

    pub(super) fn parameter_value(
        &mut self,
        scalar: &Spanned<Scalar>,
        unit: Option<&str>,
        like: Option<&Type>,
    ) -> Option<(Value, Type)> {
        match scalar_value(scalar, unit) {
            Ok((value, ty)) => match like {
                Some(like) if !same_kind(like, &ty) => {
                    let message = format!("this is {}, and the value is {}", ty.name(), like.name());
                    self.report(Diagnostic::new(&codes::INVALID_VALUE, message).at(&scalar.place(self.source)));
                    None
                }
                _ => {
                    if let Value::Duration(duration, _) = value {
                        self.not_negative(duration, &scalar.place(self.source));
                    }
                    Some((value, ty))
                }
            },
            Err(error) => {
                if let Some(right) = unquoted(scalar, unit, like) {
                    let message = format!("`{}` is no text here", scalar.place(self.source).text());
                    let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, message).at(&scalar.place(self.source));
                    self.report(diagnostic.help(format!("write `{right}`, without quotes")).replace_by(right, false));
                } else if !scalar.span.is_empty() {
                    self.report(crate::lengths::mistake(&error, &scalar.place(self.source)));
                }
                None
            }
        }
    }

    /// A number, where the range is one of lengths of time.
    fn without_unit(&self, value: &Spanned<Scalar>, range: &Spanned<Vec<Spanned<Scalar>>>) -> Option<Diagnostic> {
        let Scalar::Number(number) = &value.value else { return None };
        let is_length =
            |end: &Spanned<Scalar>| matches!(&end.value, Scalar::Text(text) if text.parse::<Duration>().is_ok());
        if range.value.is_empty() || !range.value.iter().all(is_length) {
            return None;
        }
        let place = value.place(self.source);
        let message = format!("`{number}` has no unit, and the range is one of lengths of time");
        let diagnostic =
            Diagnostic::new(&codes::INVALID_VALUE, message).at(&place).see(&range.place(self.source), "the range");
        // The unit of the range is that of the value, as a rule.
        let unit = range.value.iter().find_map(|end| match &end.value {
            Scalar::Text(text) => text.trim().split_once(' ').map(|(_, unit)| unit.trim()),
            _ => None,
        });
        let unit = unit.unwrap_or("days");
        let right = format!("\"{number} {unit}\"");
        Some(diagnostic.help(format!("write it with its unit, such as {right}")).replace_by(right, false))
    }

    /// A text, where the range is one of numbers.
    fn without_number(&self, value: &Spanned<Scalar>, range: &Spanned<Vec<Spanned<Scalar>>>) -> Option<Diagnostic> {
        let Scalar::Text(text) = &value.value else { return None };
        let is_number = |end: &Spanned<Scalar>| matches!(&end.value, Scalar::Number(_));
        if value.span.is_empty() || range.value.is_empty() || !range.value.iter().all(is_number) {
            return None;
        }
        let place = value.place(self.source);
        let message = format!("`{}` is no number, and the range is one of numbers", text.trim());
        let diagnostic =
            Diagnostic::new(&codes::INVALID_VALUE, message).at(&place).see(&range.place(self.source), "the range");
        let number = text.trim();
        if number.parse::<rust_decimal::Decimal>().is_ok() {
            return Some(diagnostic.help(format!("write {number}, without quotes")).replace_by(number, false));
        }
        if text.parse::<Duration>().is_err() {
            return Some(diagnostic.help("write a number in digits and without quotes"));
        }
        let help = format!(
            "write a number in digits and without quotes; of a length of time the ends are lengths too, as {}",
            place.text()
        );
        Some(diagnostic.help(help))
    }

    pub(super) fn parameter_range(
        &mut self,
        range: &Spanned<Vec<Spanned<Scalar>>>,
        ty: &Type,
        value: Value,
        at: &Spanned<Scalar>,
    ) -> Option<(Value, Value)> {
        if range.span.is_empty() {
            return None;
        }
        let place = range.place(self.source);
        let [least, greatest] = &range.value[..] else {
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, "a range has two ends").at(&place);
            self.report(diagnostic.help("write `range = [least, greatest]`"));
            return None;
        };
        let unit = match ty {
            Type::Number { unit, .. } => unit.clone(),
            _ => None,
        };
        let least = self.parameter_value(least, unit.as_deref(), Some(ty));
        let greatest = self.parameter_value(greatest, unit.as_deref(), Some(ty));
        let ((least, _), (greatest, _)) = (least?, greatest?);
        if !in_order(least, greatest) {
            self.report(Diagnostic::new(&codes::INVALID_VALUE, "the range ends before it begins").at(&place));
            return None;
        }
        if !in_order(least, value) || !in_order(value, greatest) {
            let diagnostic = Diagnostic::new(&codes::OUT_OF_RANGE, "the value is outside its own range");
            let diagnostic = diagnostic.at(&at.place(self.source)).see(&place, "the range");
            self.report(diagnostic);
        }
        Some((least, greatest))
    }
}

/// A number, `true` or `false` that was put in quotes.
fn unquoted(scalar: &Scalar, unit: Option<&str>, like: Option<&Type>) -> Option<String> {
    let Scalar::Text(text) = scalar else { return None };
    match (text.trim().to_lowercase().as_str(), like) {
        ("true" | "yes" | "ja" | "on" | "an" | "ein" | "enabled", None | Some(Type::Bool)) => Some("true".to_owned()),
        ("false" | "no" | "nein" | "off" | "aus" | "disabled", None | Some(Type::Bool)) => Some("false".to_owned()),
        // Without a unit of its own, the one that is missing may be that of a length of time.
        (number, None) if unit.is_none() && !number.contains('.') => None,
        (number, None | Some(Type::Number { .. })) => {
            number.parse::<rust_decimal::Decimal>().ok().map(|_| number.to_owned())
        }
        _ => None,
    }
}

/// A scalar as a parameter's value.
pub(crate) fn scalar_value(scalar: &Scalar, unit: Option<&str>) -> Result<(Value, Type), InvalidDate> {
    match scalar {
        Scalar::Bool(value) => Ok((Value::Bool(*value), Type::Bool)),
        Scalar::Number(number) => Ok((
            Value::number(*number),
            Type::Number { whole: number.is_integer(), unit: unit.map(Into::into), scaled: false },
        )),
        Scalar::Text(text) => {
            let duration = text.parse::<Duration>()?;
            Ok((Value::duration(duration), Type::Duration { exact: duration.is_exact() }))
        }
    }
}

/// The type of a parameter that may be set to anything in a range: it is an exact number of days only if all of those are taken to be.
fn with_range(ty: Type, range: Option<(Value, Value)>) -> Type {
    let is_exact = |value: Value| matches!(value, Value::Duration(duration, _) if duration.is_exact());
    match (ty, range) {
        (Type::Duration { exact }, Some((least, greatest))) => {
            Type::Duration { exact: exact && is_exact(least) && is_exact(greatest) }
        }
        (ty, _) => ty,
    }
}

pub(crate) fn same_kind(a: &Type, b: &Type) -> bool {
    matches!(
        (a, b),
        (Type::Bool, Type::Bool)
            | (Type::Number { .. }, Type::Number { .. })
            | (Type::Duration { .. }, Type::Duration { .. })
    )
}

/// Whether two parameter values are in ascending order. Months count as at least 28 and at most 31 days, whichever hides no
/// mistake.
pub(crate) fn in_order(a: Value, b: Value) -> bool {
    match (a, b) {
        (Value::Number(a, _), Value::Number(b, _)) => a <= b,
        (Value::Duration(a, _), Value::Duration(b, _)) => {
            let days = |d: Duration| i64::from(d.months) * 3044 + i64::from(d.days) * 100;
            days(a) <= days(b)
        }
        _ => true,
    }
}
