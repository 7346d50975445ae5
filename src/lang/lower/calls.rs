//! Functions, methods and properties: of dates and lengths of time, of sets, of lists of sessions.

use crate::date::{Date, Duration};
use crate::diagnostic::codes;
use crate::lang::program::{Expr, ListId};
use crate::lang::syntax::{Kind, Syntax};
use crate::lang::types::Type;
use crate::logic::value::Value;

use super::{Lowered, Scope, Symbol, Work};

impl<S: Scope> Work<'_, '_, S> {
    pub(super) fn call(&mut self, name: &str, arguments: &[Syntax], syntax: &Syntax) -> Lowered {
        if let Some(lowered) = self.moment_call(name, arguments, syntax) {
            return lowered;
        }
        let unit = match name {
            "days" => Some((0, 1)),
            "weeks" => Some((0, 7)),
            "months" => Some((1, 0)),
            "years" => Some((12, 0)),
            _ => None,
        };
        match (name, unit, arguments) {
            (_, Some(_), [Syntax { kind: Kind::Text(text), .. }]) if text.parse::<u32>().is_ok() => {
                let message = format!("`{name}()` takes a number without quotes");
                self.write(&codes::TYPE_MISMATCH, syntax, message, &format!("{name}({text})"), true)
            }
            (_, Some((months, days)), [count]) => {
                let id = self.number(count)?;
                if !matches!(self.ty(id), Type::Number { whole: true, .. }) {
                    return self.wrong(count, format!("`{name}()` takes a whole number"), "");
                }
                if let Expr::Literal(Value::Number(n, _)) = self.lowerer.program.node(id).expr {
                    // A literal becomes one value, so that it reads as one.
                    let times = n.to_i32().and_then(|n| Duration::of(n, months, days));
                    let Some(times) = times.filter(|of| of.months.abs() < 12_000 && of.days.abs() < 400_000) else {
                        return self.wrong(count, "this length of time is too long", "");
                    };
                    self.lowerer.program.nodes.pop();
                    return self.add(
                        Expr::Literal(Value::duration(times)),
                        Type::Duration { exact: months == 0 },
                        syntax,
                    );
                }
                self.add(Expr::Duration { count: id, months, days }, Type::Duration { exact: months == 0 }, syntax)
            }
            ("date", _, [Syntax { kind: Kind::Text(text), .. }]) => match text.parse::<Date>() {
                Ok(date) => self.add(Expr::Literal(Value::date(date)), Type::Date, syntax),
                Err(error) => {
                    let diagnostic = self.error(&codes::INVALID_DATE, &arguments[0], error.to_string());
                    self.report(diagnostic)
                }
            },
            ("date", _, [year, month, day])
                if let [Kind::Integer(year), Kind::Integer(month), Kind::Integer(day)] =
                    [year, month, day].map(|part| &part.kind) =>
            {
                let right = format!("date(\"{year:04}-{month:02}-{day:02}\")");
                self.write(&codes::TYPE_MISMATCH, syntax, "`date()` takes a day in double quotes", &right, false)
            }
            ("today" | "never", _, []) => {
                let message = format!("`{name}` is a day, and no function");
                self.write(&codes::NOT_IN_LANGUAGE, syntax, message, name, true)
            }
            ("date", _, _) => {
                self.wrong(syntax, "`date()` takes a day in double quotes", "write `date(\"2026-03-02\")`")
            }
            ("setting", _, _) if !self.lowerer.scope.settings().is_empty() => self.setting(arguments, syntax),
            ("known", _, [inner]) => {
                let id = self.lower(inner)?;
                self.add(Expr::Known(id), Type::Bool, syntax)
            }
            ("sessions_of", _, _) => {
                let help = "write `sessions_of(\"filler\").last.date` or `any s in sessions_of(\"filler\") where …`";
                self.wrong(syntax, "a list of sessions cannot stand on its own", help)
            }
            ("known" | "days" | "weeks" | "months" | "years", _, _) => {
                self.wrong(syntax, format!("`{name}()` takes one value"), "")
            }
            _ => {
                let diagnostic = self.error(&codes::NOT_IN_LANGUAGE, syntax, format!("there is no function `{name}`"));
                let known = ["days", "weeks", "months", "years", "date", "known", "sessions_of"];
                let diagnostic = match name {
                    "max" => diagnostic.help("the greater of two is `if a > b { a } else { b }`"),
                    "min" => diagnostic.help("the lesser of two is `if a < b { a } else { b }`"),
                    _ => diagnostic.suggest(name, known),
                };
                self.report(diagnostic.help(format!("the functions are {}", known.join(", "))))
            }
        }
    }

    /// `setting("…")`: what an answer says, of which a property speaks.
    fn setting(&mut self, arguments: &[Syntax], syntax: &Syntax) -> Lowered {
        let [Syntax { kind: Kind::Text(id), .. }] = arguments else {
            let help = "write `setting(\"needle-depth\")`, with the id of one that says a number";
            return self.wrong(syntax, "`setting()` takes the id of a setting in double quotes", help);
        };
        let settings = self.lowerer.scope.settings();
        match settings.iter().find(|(known, _)| known == id) {
            Some((_, Symbol::Fact(fact, ty))) => {
                let (fact, ty) = (*fact, ty.clone());
                return self.add(Expr::Fact(fact), ty, syntax);
            }
            Some((_, Symbol::Broken)) => return None,
            _ => {}
        }
        let names: Vec<String> = settings.iter().map(|(known, _)| known.clone()).collect();
        let message = format!("there is no setting `{id}` that says a number");
        let diagnostic = self.error(&codes::UNKNOWN_REFERENCE, &arguments[0], message);
        let diagnostic = diagnostic.suggest(id, names.iter().map(String::as_str));
        self.report(diagnostic.help(format!("the settings that say numbers are {}", names.join(", "))))
    }

    /// `sessions` or `sessions_of("…")`.
    pub(super) fn sessions(&mut self, syntax: &Syntax) -> Option<ListId> {
        match &syntax.kind {
            Kind::Name(name) if name == "sessions" => {
                let treatment = self.lowerer.scope.treatment().to_owned();
                Some(self.lowerer.program.list(&treatment))
            }
            Kind::Call(name, arguments) if name == "sessions_of" => match arguments.as_slice() {
                [Syntax { kind: Kind::Text(treatment), .. }] => Some(self.lowerer.program.list(treatment)),
                _ => {
                    self.wrong(syntax, "`sessions_of` takes the name of a treatment", "write `sessions_of(\"filler\")`")
                }
            },
            _ => self.wrong(syntax, "this is not a list of sessions", "write `sessions` or `sessions_of(\"filler\")`"),
        }
    }

    pub(super) fn is_sessions(&self, syntax: &Syntax) -> bool {
        match &syntax.kind {
            Kind::Name(name) => name == "sessions",
            Kind::Call(name, _) => name == "sessions_of",
            _ => false,
        }
    }

    pub(super) fn method(&mut self, receiver: &Syntax, name: &str, arguments: &[Syntax], syntax: &Syntax) -> Lowered {
        if self.is_sessions(receiver) {
            let list = self.sessions(receiver)?;
            return match (name, arguments) {
                ("len", []) => self.add(Expr::SessionCount(list), Type::PLAIN, syntax),
                ("is_empty", []) => self.add(Expr::NoSessions(list), Type::Bool, syntax),
                (other, []) if is_length(other) => self.length(receiver, other, syntax),
                _ => self.no_method(name, &["len", "is_empty"], "a list of sessions", syntax),
            };
        }
        let id = self.lower(receiver)?;
        let ty = self.ty(id);
        match (&ty, name, arguments) {
            (Type::Set(choices), "contains_any", [Syntax { kind: Kind::List(items), .. }]) => {
                let bits = self.bits(items, choices)?;
                self.add(Expr::ContainsAny(id, bits), Type::Bool, syntax)
            }
            (Type::Set(_), "contains_any", _) => {
                self.wrong(syntax, "`contains_any` takes a list", "write `set.contains_any([\"a\", \"b\"])`")
            }
            (Type::Set(_), "is_empty", []) => self.add(Expr::IsEmpty(id), Type::Bool, syntax),
            (Type::Set(_), "len", []) => self.add(Expr::Len(id), Type::PLAIN, syntax),
            (Type::Set(_), other, []) if is_length(other) => self.length(receiver, other, syntax),
            (Type::Set(_), "contains", _) => self.wrong(syntax, "`contains` is not needed", "write `\"x\" in set`"),
            (Type::Set(_), _, _) => {
                self.no_method(name, &["contains_any", "is_empty", "len"], "a set of choices", syntax)
            }
            _ => self.no_method(name, &[], &ty.name(), syntax),
        }
    }

    pub(super) fn no_method(&mut self, name: &str, known: &[&str], what: &str, syntax: &Syntax) -> Lowered {
        let diagnostic = self.error(&codes::NOT_IN_LANGUAGE, syntax, format!("{what} has no `{name}()`"));
        let diagnostic = diagnostic.suggest(name, known.iter().copied());
        let diagnostic =
            if known.is_empty() { diagnostic } else { diagnostic.help(format!("it has {}", known.join(", "))) };
        self.report(diagnostic)
    }

    pub(super) fn no_note(&mut self, name: &str, syntax: &Syntax) -> Lowered {
        let notes = self.lowerer.scope.notes();
        let diagnostic = self.error(&codes::UNKNOWN_NAME, syntax, format!("a session has no `{name}`"));
        let diagnostic = diagnostic.suggest(name, notes.iter().map(String::as_str));
        self.report(diagnostic.help(format!("it has {}", notes.join(", "))))
    }

    /// How many there are, by the name that it has elsewhere.
    fn length(&mut self, receiver: &Syntax, name: &str, syntax: &Syntax) -> Lowered {
        let right = format!("{}.len()", self.source(receiver));
        self.write(
            &codes::NOT_IN_LANGUAGE,
            syntax,
            format!("how many there are is not told by `{name}`"),
            &right,
            false,
        )
    }

    fn without_parentheses(&mut self, receiver: &Syntax, name: &str, syntax: &Syntax) -> Lowered {
        let right = format!("{}.{name}()", self.source(receiver));
        self.write(&codes::NOT_IN_LANGUAGE, syntax, format!("`.{name}` needs its parentheses"), &right, true)
    }

    pub(super) fn property(&mut self, receiver: &Syntax, name: &str, syntax: &Syntax) -> Lowered {
        if let Kind::Name(variable) = &receiver.kind
            && let Some(binder) = self.binders.iter().rposition(|binder| binder == variable)
        {
            let binder = crate::narrow::u8(binder) + self.outer_level();
            return match self.lowerer.scope.note(name) {
                Some((note, ty)) => self.add(Expr::SessionNote { binder, note }, ty, syntax),
                None => self.no_note(name, syntax),
            };
        }
        if let Kind::Property(list, which) = &receiver.kind
            && self.is_sessions(list)
        {
            let list = self.sessions(list)?;
            return match (which.as_str(), name) {
                ("first", "date") => self.add(Expr::FirstDate(list), Type::Date, syntax),
                ("last", "date") => self.add(Expr::LastDate(list), Type::Date, syntax),
                ("first" | "last", _) => match self.lowerer.scope.note(name) {
                    Some((note, ty)) => self.add(Expr::EndNote { list, last: which == "last", note }, ty, syntax),
                    None => self.no_note(name, syntax),
                },
                _ => {
                    let help = "a list of sessions has `.first` and `.last`: write `sessions.last.date`";
                    self.wrong(syntax, format!("`.{which}.{name}` is not available"), help)
                }
            };
        }
        if self.is_sessions(receiver) && matches!(name, "len" | "is_empty") {
            return self.without_parentheses(receiver, name, syntax);
        }
        if self.is_sessions(receiver) && is_length(name) {
            return self.length(receiver, name, syntax);
        }
        if self.is_sessions(receiver) {
            let message = format!("`.{name}` of a list of sessions");
            if name == "date" || self.lowerer.scope.note(name).is_some() {
                let right = format!("{}.last.{name}", self.source(receiver));
                return self.write(&codes::TYPE_MISMATCH, syntax, message, &right, false);
            }
            return self.wrong(syntax, message, "write `sessions.last.date` or `sessions.len()`");
        }
        if let Some(lowered) = self.without_its_table(receiver, name, syntax) {
            return lowered;
        }
        let id = self.lower(receiver)?;
        let ty = self.ty(id);
        if matches!(ty, Type::Set(_)) && matches!(name, "len" | "is_empty") {
            return self.without_parentheses(receiver, name, syntax);
        }
        if matches!(ty, Type::Set(_)) && is_length(name) {
            return self.length(receiver, name, syntax);
        }
        let diagnostic = self.error(&codes::NOT_IN_LANGUAGE, syntax, format!("{} has no `.{name}`", ty.name()));
        let help = "compare dates with each other, as in `today >= last_date + months(3)`; `age` is in whole years";
        self.report(if ty == Type::Date { diagnostic.help(help) } else { diagnostic })
    }
}

/// What the number of something is called elsewhere.
fn is_length(name: &str) -> bool {
    matches!(name, "count" | "length" | "size" | "number")
}
