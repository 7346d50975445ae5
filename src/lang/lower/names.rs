//! Names, and texts that stand for a choice of what they are compared with.

use std::sync::Arc;

use crate::date::Date;
use crate::diagnostic::codes;
use crate::lang::program::Expr;
use crate::lang::syntax::{Kind, Syntax};
use crate::lang::types::Type;
use crate::logic::value::Value;

use super::{Lowered, RESERVED, Scope, Symbol, Work};

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
            None => {
                let mut names = self.lowerer.scope.names();
                // Alone, the sessions are no value: how many there are is one.
                let is_alone = !self.lowerer.file.text[self.span(syntax).end..].starts_with('.');
                let reserved =
                    RESERVED.iter().map(|name| if is_alone && *name == "sessions" { "sessions_done" } else { *name });
                names.extend(reserved.map(str::to_owned));
                names.extend(self.context.each.iter().map(|(each, _)| each.clone()));
                let message = format!("there is no fact, parameter or definition `{name}`");
                let diagnostic = self.error(&codes::UNKNOWN_NAME, syntax, message);
                let diagnostic = match name {
                    "session" if is_alone => diagnostic.suggest("sessions_done", ["sessions_done"]),
                    _ => diagnostic.suggest(name, names.iter().map(String::as_str)),
                };
                let has = |words: &[&str]| name.split('_').any(|word| words.contains(&word));
                let is_age = has(&["age"]) && has(&["month", "months", "week", "weeks", "day", "days"]);
                let diagnostic = if is_age && self.lowerer.scope.find("date_of_birth").is_some() {
                    let help =
                        "`age` is in whole years; for months compare dates: `today >= date_of_birth + months(3)`";
                    diagnostic.help(help)
                } else if diagnostic.help.is_empty() {
                    diagnostic.help("facts are declared in facts.toml; texts go in double quotes")
                } else {
                    diagnostic
                };
                self.report(diagnostic)
            }
        }
    }

    /// A text as one of the choices of a list.
    pub(super) fn choice(&mut self, text: &str, choices: &Arc<[String]>, syntax: &Syntax) -> Option<u8> {
        if let Some(at) = choices.iter().position(|choice| choice == text) {
            return Some(crate::narrow::u8(at));
        }
        let diagnostic = self.error(&codes::UNKNOWN_CHOICE, syntax, format!("`{text}` is not one of the choices"));
        let all = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
        let diagnostic =
            diagnostic.suggest(text, choices.iter().map(String::as_str)).help(format!("the choices are {all}"));
        self.report(diagnostic)
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
            (Kind::Text(text), other) => {
                let message = format!("\"{text}\" is a text, but {} is needed", other.name());
                let help = match other {
                    Type::Set(_) => "ask whether it is in the set: `\"x\" in set`",
                    Type::Number { .. } => "numbers are written without quotes",
                    Type::Bool => "write `true` or `false` without quotes, or the condition alone",
                    _ => "",
                };
                self.wrong(syntax, message, help)
            }
            _ => self.lower(syntax),
        }
    }
}
