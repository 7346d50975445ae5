//! Values, products, lengths of time and choices inside a condition.

use super::{English, chosen, grouped, list, plain_name, say, unit_of};
use crate::lang::program::{Expr, ExprId, ListId, Tally};
use crate::lang::types::Type;
use crate::logic::value::Value;

impl English<'_> {
    /// `the number of valid sessions with gel-10 or gel-20 from the age of 7 years on`
    pub(super) fn tally(&self, tally: &Tally) -> String {
        let phrase = if tally.valid { "the number of valid sessions" } else { "the number of given sessions" };
        let mut text = self.say(phrase, &[]);
        if let Some(products) = &tally.products {
            let names: Vec<&str> = products.iter().map(|product| self.program.texts.get(*product)).collect();
            let names = grouped(&self.groups, &names);
            text.push_str(&self.say(" with {}", &[&list(&names, self.speech.or)]));
        }
        let bounds = [
            tally.from_age.map(|age| self.say("from the age of {} on", &[&self.speech.written(&age.to_string())])),
            tally.before_age.map(|age| self.say("before the age of {}", &[&self.speech.written(&age.to_string())])),
            tally.from.map(|day| self.say("on or after {}", &[&self.speech.day(day)])),
            tally.before.map(|day| self.say("before {}", &[&self.speech.day(day)])),
        ];
        let bounds: Vec<String> = bounds.into_iter().flatten().collect();
        if !bounds.is_empty() {
            text.push_str(&format!(" {}", bounds.join(&format!(" {} ", self.speech.and))));
        }
        text
    }

    /// A value with its unit, in the language.
    pub(crate) fn shown(&self, value: Value, ty: &Type) -> String {
        match self.speech.is_english() {
            true => match ty {
                // A number whose unit is a number itself.
                Type::Number { unit: Some(unit), .. } if unit.starts_with(|sign: char| sign.is_ascii_digit()) => {
                    say(value, ty, &[], &self.program.texts, self.speech)
                }
                Type::Date => say(value, ty, &[], &self.program.texts, self.speech),
                _ => self.program.show(value, ty),
            },
            false => say(value, ty, &self.choices_of(ty), &self.program.texts, self.speech),
        }
    }

    /// A value inside a calculation: brackets where it is a calculation itself.
    pub(super) fn operand(&self, id: ExprId) -> String {
        match self.program.node(id).expr {
            Expr::Arithmetic(..) | Expr::If(..) | Expr::Quantified { .. } | Expr::Sum { .. } => {
                format!("({})", self.value(id))
            }
            _ => self.value(id),
        }
    }

    /// A value that is written in an expression: a choice by its label.
    pub(crate) fn literal(&self, value: Value, ty: &Type) -> String {
        let shown = self.shown(value, ty);
        match value {
            Value::Choice(at) => self.choices_of(ty).get(usize::from(at)).cloned().unwrap_or(shown),
            Value::Set(bits) if bits != 0 => chosen(&self.choices_of(ty), bits).join(", "),
            Value::Text(_) => format!("“{shown}”"),
            _ => shown,
        }
    }

    /// What something is compared with; of a session's product, the name of its group where it is alone in that.
    pub(super) fn product(&self, of: ExprId, item: ExprId) -> String {
        let is_product = match self.program.node(of).expr {
            Expr::SessionNote { note, .. } | Expr::EndNote { note, .. } => {
                self.notes[usize::from(note)].text == "product"
            }
            _ => false,
        };
        match self.program.node(item).expr {
            Expr::Literal(Value::Text(text)) if is_product => {
                let name = self.program.texts.get(text);
                let alone = |(_, products): &&(String, &[String])| matches!(products, [one] if one == name);
                self.groups.iter().find(alone).map_or_else(|| self.value(item), |(group, _)| group.clone())
            }
            _ => self.value(item),
        }
    }

    pub(super) fn duration(&self, count: ExprId, months: i32, days: i32) -> String {
        let unit = unit_of(months, days);
        let number = self.value(count);
        // A parameter in days says so itself.
        if matches!(&self.program.node(count).ty, Type::Number { unit: Some(own), .. } if own.trim_end_matches('s') == unit)
        {
            return number;
        }
        self.speech.length(&number, unit)
    }

    pub(super) fn assumed(&self, what: String, default: ExprId, ty: &Type) -> String {
        let default = match self.program.node(default).expr {
            Expr::Literal(value) => self.literal(value, ty),
            _ if *ty == Type::Bool => {
                let when = self.circumstance(default);
                return self.say("{} (if not known: yes if {}, otherwise no)", &[&what, &when]);
            }
            _ => self.value(default),
        };
        self.say("{} (taken as {} if not known)", &[&what, &default])
    }

    /// `sessions`, `filler session`.
    pub(super) fn sessions(&self, list: ListId, many: bool) -> String {
        let treatment = &self.program.lists[usize::from(list.0)];
        let noun = self.say(if many { "sessions" } else { "session" }, &[]);
        let label = self.treatments.iter().find(|(name, _)| name == treatment).map(|(_, label)| label.clone());
        let label = || label.unwrap_or_else(|| treatment.replace('-', " "));
        if treatment == self.treatment { noun } else { self.say("{} {}", &[&label(), &noun]) }
    }

    /// The choices that a word's bits stand for.
    pub(super) fn choices(&self, id: ExprId, bits: u64) -> Vec<String> {
        chosen(&self.choices_of(&self.program.node(id).ty), bits)
    }

    /// What people read for the choices of a type.
    pub(crate) fn choices_of(&self, ty: &Type) -> Vec<String> {
        let (Type::Choice(choices) | Type::Set(choices)) = ty else { return Vec::new() };
        // A type goes from its declaration into an expression as it is: it is the very same list. One value of a set has a copy of it.
        let same = |declared: &[String]| std::ptr::eq(declared.as_ptr(), choices.as_ptr());
        let labels = self.choices.iter().find(|(declared, _)| same(declared));
        let labels = labels.or_else(|| self.choices.iter().find(|(declared, _)| **declared == **choices));
        labels.map_or_else(|| choices.iter().map(|choice| plain_name(choice)).collect(), |(_, labels)| labels.clone())
    }
}
