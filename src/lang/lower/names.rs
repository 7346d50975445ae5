//! Names, and texts that stand for a choice of what they are compared with.

use std::sync::Arc;

use crate::date::Date;
use crate::diagnostic::codes;
use crate::lang::program::Expr;
use crate::lang::syntax::{Kind, Syntax};
use crate::lang::types::Type;
use crate::logic::value::Value;
use crate::numerals;

use super::{Lowered, Scope, Symbol, Work};

impl<S: Scope> Work<'_, '_, S> {
    pub(super) fn name(&mut self, name: &str, syntax: &Syntax) -> Lowered {
        if let Some((each, choices)) = self.context.each.clone()
            && each == name
        {
            return self.add(Expr::Each, Type::Choice(choices), syntax);
        }
        if self.binders.iter().any(|binder| binder == name) {
            return self.wrong(
                syntax,
                format!("`{name}` is a session"),
                &format!("ask for one of its notes, as in `{name}.date`"),
            );
        }
        if let Some(lowered) = self.moment_name(name, syntax) {
            return lowered;
        }
        match name {
            "today" => return self.add(Expr::Today, Type::Date, syntax),
            "never" => return self.add(Expr::Literal(Value::date(Date::NEVER)), Type::Date, syntax),
            "age" => {
                return match self.lowerer.scope.find("date_of_birth") {
                    Some(Symbol::Fact(fact, Type::Date)) => {
                        let ty = Type::Number { whole: true, unit: Some("years".into()), scaled: false };
                        self.add(Expr::Age(fact), ty, syntax)
                    }
                    _ => {
                        let diagnostic = self.error(&codes::UNKNOWN_NAME, syntax, "`age` needs a fact `date_of_birth`");
                        self.report(diagnostic.help("declare [facts.date_of_birth] with type = \"date\""))
                    }
                };
            }
            "sessions_done" if self.context.inside_course => {
                let message = "`sessions_done` is not known inside a course: the course decides it";
                let diagnostic = self.error(&codes::NOT_HERE, syntax, message);
                let help = "where the sessions differ, write one `[[course.session]]` for each; the last may have `repeat = true`";
                return self.report(diagnostic.help(help));
            }
            "sessions_done" => return self.add(Expr::SessionsDone, Type::PLAIN, syntax),
            "sessions" => {
                let help = "write `sessions.len()`, `sessions.last.date` or `any s in sessions where …`";
                return self.wrong(syntax, "`sessions` cannot stand on its own", help);
            }
            _ => {}
        }
        match self.lowerer.scope.find(name) {
            Some(Symbol::Fact(fact, ty)) => self.add(Expr::Fact(fact), ty, syntax),
            Some(Symbol::Parameter(at, ty)) => self.add(Expr::Parameter(at), ty, syntax),
            Some(Symbol::Definition(at, root)) => {
                let ty = self.ty(root);
                if self.context.inside_course && self.lowerer.program.node(root).after_course {
                    let message = format!("`{name}` depends on `sessions_done`, which is not known inside a course");
                    let diagnostic = self.error(&codes::NOT_HERE, syntax, message);
                    return self.report(diagnostic);
                }
                self.add(Expr::Definition(at, root), ty, syntax)
            }
            Some(Symbol::Broken) => None,
            None if self.lowerer.scope.counted_by().iter().any(|counted| counted == name) => {
                let message = format!("`{name}` has a value only inside a course that is counted by it");
                let diagnostic = self.error(&codes::NOT_HERE, syntax, message);
                let help = format!(
                    "in a course with `separate_by = \"{name}\"` it may be used in `sessions`, in an interval and in `skip`"
                );
                let others = format!("elsewhere ask for the sessions: `any s in sessions where … s.{name} …`");
                self.report(diagnostic.help(help).help(others))
            }
            None => self.unknown(name, syntax),
        }
    }

    /// A text as one of the choices of a list.
    pub(super) fn choice(&mut self, text: &str, choices: &Arc<[String]>, syntax: &Syntax) -> Option<u8> {
        if let Some(at) = choices.iter().position(|choice| choice == text) {
            return Some(crate::narrow::u8(at));
        }
        let diagnostic = self.error(&codes::UNKNOWN_CHOICE, syntax, format!("`{text}` is not one of the choices"));
        let all = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
        let labels = self.lowerer.scope.labels_of(choices);
        let labels = labels.iter().map(|(name, label)| (name.as_str(), label.as_str()));
        let mut told = diagnostic.suggest_label(text, labels);
        let told = match told.replacement.take() {
            Some(right) => self.replaced(told, &right.text, false),
            None => told.suggest(text, choices.iter().map(String::as_str)),
        };
        self.report(told.help(format!("the choices are {all}")))
    }

    /// A text where a value of that type is wanted; any other expression as it is.
    pub(super) fn lower_as(&mut self, syntax: &Syntax, ty: &Type) -> Lowered {
        match (&syntax.kind, ty) {
            (Kind::Text(text), Type::Choice(choices)) => {
                let at = self.choice(text, choices, syntax)?;
                self.add(Expr::Literal(Value::Choice(at)), ty.clone(), syntax)
            }
            (Kind::Text(text), Type::Text) => {
                let id = self.lowerer.program.text(text);
                self.add(Expr::Literal(Value::Text(id)), Type::Text, syntax)
            }
            (Kind::Text(text), Type::Date) => self.text_for_date(text, syntax),
            (Kind::Text(text), Type::Duration { .. }) => self.text_for_length(text, syntax),
            (Kind::Name(name), Type::Bool)
                if matches!(name.as_str(), "yes" | "no" | "ja" | "nein") && self.lowerer.scope.find(name).is_none() =>
            {
                let right = if matches!(name.as_str(), "yes" | "ja") { "true" } else { "false" };
                self.write(&codes::UNKNOWN_NAME, syntax, format!("`{name}` is not a value"), right, true)
            }
            (Kind::Name(name), Type::Choice(choices))
                if choices.contains(name) && self.lowerer.scope.find(name).is_none() =>
            {
                let message = format!("there is no fact, parameter or definition `{name}`");
                let diagnostic = self.error(&codes::UNKNOWN_NAME, syntax, message);
                self.report(diagnostic.help(format!("choices go in double quotes: \"{name}\"")))
            }
            (Kind::List(items), Type::Set(choices)) => {
                let bits = self.bits(items, choices)?;
                self.add(Expr::Literal(Value::Set(bits)), ty.clone(), syntax)
            }
            (Kind::Text(text) | Kind::Name(text), Type::Number { unit, .. })
                if let Some(right) = number_meant(text, unit.as_deref())
                    && self.lowerer.scope.find(text).is_none() =>
            {
                let message = format!("{} is no number in digits", self.source(syntax));
                self.write(&codes::TYPE_MISMATCH, syntax, message, &right, false)
            }
            (Kind::Text(text), other) => {
                let message = format!("\"{text}\" is a text, but {} is needed", other.name());
                let help = match other {
                    Type::Set(_) => "ask whether it is in the set: `\"x\" in set`",
                    Type::Number { .. } => "write the number in digits and without quotes, as in `x >= 4`",
                    Type::Bool => "write `true` or `false` without quotes, or the condition alone",
                    _ => "",
                };
                self.wrong(syntax, message, help)
            }
            _ => self.lower(syntax),
        }
    }
}

/// The number in digits that a word or a text was meant for: `IV`, `"18 years"` where years are compared.
fn number_meant(text: &str, unit: Option<&str>) -> Option<String> {
    let text = text.trim();
    let is_number = |text: &str| text.parse::<rust_decimal::Decimal>().is_ok();
    if is_number(text) {
        return Some(text.to_owned());
    }
    if let Some((number, own)) = text.split_once(' ') {
        let is_same =
            unit.is_some_and(|unit| own.trim() == unit || own.trim().strip_suffix('s') == unit.strip_suffix('s'));
        return Some(number.to_owned()).filter(|number| is_number(number) && is_same);
    }
    numerals::roman(text).map(|number| number.to_string())
}
