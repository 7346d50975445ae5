//! Decision tables, and the numbers that they and the limits of precautions say.

use std::ops::Range;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::Compiler;
use crate::diagnostic::{Diagnostic, codes};
use crate::document::{Scalar, Spanned};
use crate::lang::lower::{Context, Scope, Symbol, Wanted};
use crate::lang::{ExprId, FactId, Type};
use crate::logic::value::Value;
use crate::logic::{Declared, Number, Reach};
use crate::patient::cell::DECIMALS;
use crate::protocol::dictionary::Note;
use crate::protocol::file::{self, Round, Safer, SettingRow, Text};
use crate::protocol::model::{Quantity, Recorded, Row, Says, Setting};

impl Compiler<'_> {
    /// A number that a row or a limit says. One that is less than 0 for everybody is a mistake.
    pub(super) fn quantity(
        &mut self,
        scalar: &Spanned<Scalar>,
        wanted: &Wanted,
        context: &Context,
    ) -> Option<Quantity> {
        let quantity = self.number(scalar, wanted, context)?;
        if self.reach(&quantity).is_some_and(|(_, greatest)| greatest < Number::ZERO) {
            let text = match &scalar.value {
                Scalar::Text(text) => text.as_str(),
                _ => "",
            };
            let ends = text.split_once('-').map(|(least, most)| (least.trim(), most.trim()));
            let is_number = |end: &str| end.parse::<Decimal>().is_ok();
            let place = scalar.place(self.source);
            self.report(match ends.filter(|(least, most)| is_number(least) && is_number(most)) {
                Some((least, most)) => {
                    let message = format!("`{text}` is a subtraction here, not a range");
                    let help =
                        format!("a row that says a range has `from = {least}, to = {most}` in place of its value");
                    Diagnostic::new(&codes::INVALID_VALUE, message).at(&place).help(help)
                }
                None => Diagnostic::new(&codes::INVALID_VALUE, "a setting cannot be negative").at(&place),
            });
        }
        Some(quantity)
    }

    /// The least and the greatest that a number comes to for anybody, by the declared ranges of the facts that it is made of.
    pub(super) fn reach(&self, quantity: &Quantity) -> Option<(Number, Number)> {
        let body = match quantity {
            Quantity::Fixed(number) => return Some(((*number).into(), (*number).into())),
            Quantity::Computed(body) => body,
        };
        let names = &self.lowerer.scope;
        let declared = Declared {
            fact: &|fact| names.dictionary.facts[names.slots[usize::from(fact.0)]].answer.range,
            note: &|note| names.dictionary.notes[usize::from(note)].answer.range,
        };
        match Reach::of_anybody(&self.lowerer.program, declared, &self.parameters).value(ExprId(body.end - 1)) {
            Value::Number(least, greatest) => Some((least, greatest)),
            _ => None,
        }
    }

    pub(super) fn number(&mut self, scalar: &Spanned<Scalar>, wanted: &Wanted, context: &Context) -> Option<Quantity> {
        match &scalar.value {
            Scalar::Number(number) => Some(Quantity::Fixed(*number)),
            Scalar::Text(text) => {
                let text = Spanned { value: text.clone(), span: scalar.span.clone() };
                self.body(&text, wanted, context).map(Quantity::Computed)
            }
            Scalar::Bool(_) => {
                let diagnostic =
                    Diagnostic::new(&codes::INVALID_VALUE, "this should be a number or an expression for one");
                self.report(diagnostic.at(&scalar.place(self.source)));
                None
            }
        }
    }

    /// The nodes of an expression.
    pub(super) fn body(&mut self, text: &Text, wanted: &Wanted, context: &Context) -> Option<Range<u32>> {
        let start = crate::narrow::u32(self.lowerer.program.nodes.len());
        self.lowerer.lower(text, wanted, context).map(|root| start..root.0 + 1)
    }

    pub(super) fn setting(&mut self, entry: &file::Setting) -> Setting {
        let each = self.each(entry);
        let context = Context {
            each: each.as_ref().map(|(name, fact)| (name.clone(), self.set_choices(*fact))),
            ..Context::default()
        };
        if entry.rows.is_empty() && !entry.id.is_empty() {
            let message = format!("setting `{}` has no rows", entry.id.value);
            self.report(Diagnostic::new(&codes::MISSING_KEY, message).at(&entry.id.place(self.source)));
        }
        let wanted = number_of(&entry.id, entry.unit.as_deref());
        let rows = entry.rows.iter().filter_map(|row| self.row(row, &wanted, &context)).collect();
        // No answer gives it, but a mistake in it is told.
        self.maybe_template(entry.reason.as_ref());
        let sources = self.cite(&entry.sources);
        Setting {
            id: self.id(&entry.id),
            label: self.template(&entry.label),
            unit: entry.unit.clone(),
            safer: entry.safer.unwrap_or_default(),
            rounding: self.rounding(entry),
            needed: entry.needed.unwrap_or(true),
            recorded: self.recorded(entry),
            each,
            rows,
            evidence: self.evidence(entry.evidence, &sources),
            sources,
            place: entry.id.place(self.source),
        }
    }

    /// The note that records the same quantity: the one that is named, or one of the same name and unit.
    fn recorded(&mut self, entry: &file::Setting) -> Option<Recorded> {
        let notes = &self.lowerer.scope.dictionary.notes;
        let name = entry.records.as_ref().map_or_else(|| entry.id.value.replace('-', "_"), |name| name.value.clone());
        let unit = |note: &Note| match &note.answer.ty {
            Type::Number { unit, .. } => Some(unit.clone()),
            _ => None,
        };
        let note = notes.iter().find(|note| note.name == name);
        let fits = |note: &&Note| unit(note).is_some_and(|unit| unit.as_deref() == entry.unit.as_deref());
        if let Some(named) = &entry.records {
            let diagnostic = match note {
                None => {
                    let message = format!("there is no session fact `{name}`");
                    let names = notes.iter().filter(|note| unit(note).is_some()).map(|note| note.name.as_str());
                    Some(Diagnostic::new(&codes::UNKNOWN_NAME, message).suggest(named, names))
                }
                Some(note) if unit(note).is_none() => {
                    let message = format!("`{name}` is {}, and a setting records a number", note.answer.ty.name());
                    Some(Diagnostic::new(&codes::TYPE_MISMATCH, message))
                }
                Some(note) if !fits(&note) => {
                    let message = format!(
                        "`{name}` is {}, and setting `{}` is in another unit",
                        note.answer.ty.name(),
                        entry.id.value
                    );
                    Some(Diagnostic::new(&codes::UNIT_MISMATCH, message))
                }
                Some(_) => None,
            };
            if let Some(diagnostic) = diagnostic {
                self.report(diagnostic.at(&named.place(self.source)));
                return None;
            }
        }
        let note = note.filter(fits)?;
        let (least, greatest) = note.answer.range?;
        Some(Recorded { name, least, greatest })
    }

    /// To how many decimals numbers are rounded, and how.
    fn rounding(&mut self, entry: &file::Setting) -> Option<(u32, Round)> {
        let Some(decimals) = &entry.decimals else {
            if entry.round.is_some() {
                let message =
                    format!("setting `{}` says how to `round`, but not to how many `decimals`", entry.id.value);
                let diagnostic = Diagnostic::new(&codes::MISSING_KEY, message).at(&entry.id.place(self.source));
                self.report(diagnostic.help("write `decimals = 1`, or take `round` out"));
            }
            return None;
        };
        let has_numbers = entry.rows.iter().any(|row| row.value.text.is_none());
        let found = match u32::try_from(decimals.value) {
            Ok(decimals) if decimals <= DECIMALS && has_numbers => {
                let round = entry.round.unwrap_or(match entry.safer {
                    None => Round::Nearest,
                    Some(Safer::Lower) => Round::Down,
                    Some(Safer::Higher) => Round::Up,
                });
                return Some((decimals, round));
            }
            Ok(decimals) if decimals <= DECIMALS => "there are no numbers to round".to_owned(),
            _ => format!("`decimals` is {}, but it must be 0 to {DECIMALS}", decimals.value),
        };
        self.report(Diagnostic::new(&codes::INVALID_VALUE, found).at(&decimals.place(self.source)));
        None
    }

    pub(super) fn set_choices(&self, fact: FactId) -> Arc<[String]> {
        let at = self.lowerer.scope.slots[usize::from(fact.0)];
        self.lowerer.scope.dictionary.facts[at].answer.choices().into()
    }

    pub(super) fn each(&mut self, entry: &file::Setting) -> Option<(String, FactId)> {
        let (name, set) = entry.each.iter().next()?;
        if let Some((second, _)) = entry.each.iter().nth(1) {
            let diagnostic =
                Diagnostic::new(&codes::INVALID_VALUE, "`each` takes exactly one set").at(&second.place(self.source));
            self.report(diagnostic);
        }
        match self.lowerer.scope.find(set) {
            Some(Symbol::Fact(fact, Type::Set(_))) => {
                if self.lowerer.scope.find(name).is_some() {
                    self.new_name(name);
                    return None;
                }
                Some((name.value.clone(), fact))
            }
            Some(_) => {
                let message = format!("`{}` is not a set of the dictionary", set.value);
                self.report(Diagnostic::new(&codes::TYPE_MISMATCH, message).at(&set.place(self.source)));
                None
            }
            None => {
                let names = self.lowerer.scope.names();
                let message = format!("there is no fact `{}`", set.value);
                let diagnostic = Diagnostic::new(&codes::UNKNOWN_NAME, message).at(&set.place(self.source));
                self.report(diagnostic.suggest(set, names.iter().map(String::as_str)));
                None
            }
        }
    }

    pub(super) fn row(&mut self, row: &Spanned<file::SettingRow>, wanted: &Wanted, context: &Context) -> Option<Row> {
        let place = row.place(self.source);
        // A mistake in the condition does not hide one in the value.
        let when = row.when.as_ref().map(|text| self.body(text, &Wanted::Condition, context));
        let SettingRow { value, from, to, text, .. } = &row.value;
        let says = match (value, from, to, text) {
            (Some(value), None, None, None) => Says::Value(self.quantity(value, wanted, context)?),
            (None, Some(from), Some(to), None) => {
                let end = to.place(self.source);
                let (from, to) = (self.quantity(from, wanted, context), self.quantity(to, wanted, context));
                let (from, to) = (from?, to?);
                if let (Some((least, _)), Some((_, greatest))) = (self.reach(&from), self.reach(&to))
                    && least > greatest
                {
                    self.report(Diagnostic::new(&codes::INVALID_VALUE, "the range ends before it begins").at(&end));
                }
                Says::Range(from, to)
            }
            (None, None, None, Some(text)) => Says::Text(self.template_within(text, context)),
            _ => {
                let message = "a row has either `value`, or `from` and `to`, or `text`";
                self.report(Diagnostic::new(&codes::INVALID_VALUE, message).at(&place));
                return None;
            }
        };
        let when = match when {
            None => None,
            Some(when) => Some(when?),
        };
        Some(Row { when, says, place })
    }
}

/// What the rows and limits of a setting have to be.
pub(super) fn number_of(setting: &str, unit: Option<&str>) -> Wanted {
    Wanted::NumberOf(setting.to_owned(), unit.map(Into::into))
}
