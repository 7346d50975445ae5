//! From what was written to what is evaluated: names become slots, texts become choices, every type is checked.

use std::ops::Range;
use std::sync::Arc;

use crate::date::{Date, Duration};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, SourceFile, codes};
use crate::document::{Spanned, string_offsets};
use crate::lang::parse::{Parser, RefusalKind};
use crate::lang::program::{Expr, ExprId, FactId, ListId, Node, Program};
use crate::lang::syntax::{Arithmetic, Comparison, Kind, Syntax};
use crate::lang::types::Type;
use crate::logic::eval::MOST_BINDERS;
use crate::logic::value::Value;

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Symbol {
    /// A fact of the dictionary.
    Fact(FactId, Type),
    /// A parameter, by its place.
    Parameter(u16, Type),
    /// A definition that has been lowered, by its place.
    Definition(u16, ExprId),
    /// Something that is declared, but wrongly; its mistake has been reported.
    Broken,
}

/// The names that an expression may use.
pub trait Scope {
    /// What a name stands for.
    fn find(&mut self, name: &str) -> Option<Symbol>;
    /// The place and type of a note about a session.
    fn note(&self, name: &str) -> Option<(u16, Type)>;
    /// Every name, for suggestions.
    fn names(&self) -> Vec<String>;
    /// Every note of a session, for suggestions.
    fn notes(&self) -> Vec<String>;
    /// The treatment whose sessions are `sessions`.
    fn treatment(&self) -> &str;
    /// The products of a group, or the product itself; none if there is no such group or product.
    fn products(&self, name: &str) -> Option<Vec<String>>;
    /// Every group of products, for suggestions.
    fn groups(&self) -> Vec<String>;
    /// The notes that courses are counted by.
    fn counted_by(&self) -> Vec<String>;
}

/// The names that mean something everywhere.
pub const RESERVED: [&str; 13] = [
    "today",
    "never",
    "age",
    "sessions",
    "sessions_done",
    "any",
    "all",
    "count",
    "sum",
    "where",
    "known",
    "judging",
    "session_date",
];

/// What an expression is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// A condition.
    Condition,
    /// A date.
    Date,
    /// A number.
    Number,
    /// A number that is shown in the unit of a setting, by its name.
    NumberOf(String, Option<Arc<str>>),
    /// Anything.
    Anything,
}

/// Where an expression stands, which decides what it may use.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// In a course: how many sessions count is not known yet.
    pub inside_course: bool,
    /// In the `skip` of a planned session: the words of a moment in the course may be used.
    pub inside_skip: bool,
    /// The name and choices of what is gone through: a setting's `each`, or the note that a course is counted by.
    pub each: Option<(String, Arc<[String]>)>,
}

/// Lowers expressions into a program.
pub struct Lowerer<'a, S> {
    /// The parser.
    pub parser: &'a Parser,
    /// The file, for places.
    pub file: &'a Arc<SourceFile>,
    /// The names.
    pub scope: S,
    /// The program that grows.
    pub program: Program,
    /// The mistakes.
    pub found: Diagnostics,
}

/// One expression while it is lowered.
pub(crate) struct Work<'w, 'a, S> {
    pub(crate) lowerer: &'w mut Lowerer<'a, S>,
    offsets: Option<Vec<usize>>,
    whole: Range<usize>,
    pub(crate) context: Context,
    /// The names of the sessions in hand, outermost first.
    binders: Vec<String>,
}

pub(crate) type Lowered = Option<ExprId>;

impl<S: Scope> Lowerer<'_, S> {
    /// Reads an expression; its mistake is reported.
    pub fn parse(&mut self, text: &Spanned<String>) -> Option<Syntax> {
        match self.parser.parse(text) {
            Ok(syntax) => Some(syntax),
            Err(refusal) => {
                let offsets = string_offsets(self.file, &text.span, text);
                let span = locate(&offsets, &text.span, &refusal.span);
                let code = match refusal.kind {
                    RefusalKind::Syntax => &codes::EXPRESSION_SYNTAX,
                    RefusalKind::NotInLanguage => &codes::NOT_IN_LANGUAGE,
                    RefusalKind::TooLarge => &codes::TOO_LARGE,
                };
                let mut diagnostic = Diagnostic::new(code, refusal.message).at(&self.place(span));
                diagnostic.help.extend(refusal.help);
                self.found.push(diagnostic);
                None
            }
        }
    }

    /// Lowers an expression; every mistake in it is reported.
    pub fn lower(&mut self, text: &Spanned<String>, wanted: &Wanted, context: &Context) -> Lowered {
        // A required text that is missing has been reported already.
        if text.is_empty() && text.span.is_empty() {
            return None;
        }
        let syntax = self.parse(text)?;
        self.lower_syntax(text, &syntax, wanted, context)
    }

    /// The same for an expression that has been read.
    pub fn lower_syntax(
        &mut self,
        text: &Spanned<String>,
        syntax: &Syntax,
        wanted: &Wanted,
        context: &Context,
    ) -> Lowered {
        let offsets = string_offsets(self.file, &text.span, text);
        let binders = Vec::new();
        let mut work = Work { lowerer: self, offsets, whole: text.span.clone(), context: context.clone(), binders };
        let root = work.lower(syntax)?;
        work.expect(root, syntax, wanted)
    }

    fn place(&self, span: Range<usize>) -> Place {
        Place { file: self.file.clone(), span }
    }
}

/// The bytes of the file for bytes of the expression.
fn locate(offsets: &Option<Vec<usize>>, whole: &Range<usize>, span: &Range<usize>) -> Range<usize> {
    let at = |byte: usize| offsets.as_ref().and_then(|offsets| offsets.get(byte)).copied();
    match (at(span.start), span.end.checked_sub(1).and_then(at)) {
        // The end is the byte after the last one's, so that an escape at the end does not stretch it.
        (Some(start), Some(last)) if span.end > span.start => start..last + 1,
        (Some(start), _) => start..start,
        _ => whole.clone(),
    }
}

impl<S: Scope> Work<'_, '_, S> {
    pub(crate) fn span(&self, syntax: &Syntax) -> Range<usize> {
        locate(&self.offsets, &self.whole, &syntax.span)
    }

    pub(crate) fn error(&mut self, code: &'static Code, syntax: &Syntax, message: impl Into<String>) -> Diagnostic {
        let place = self.lowerer.place(self.span(syntax));
        Diagnostic::new(code, message).at(&place)
    }

    pub(crate) fn report<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.lowerer.found.push(diagnostic);
        None
    }

    pub(crate) fn wrong<T>(&mut self, syntax: &Syntax, message: impl Into<String>, help: &str) -> Option<T> {
        let mut diagnostic = self.error(&codes::TYPE_MISMATCH, syntax, message);
        if !help.is_empty() {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic)
    }

    pub(crate) fn add(&mut self, expr: Expr, ty: Type, syntax: &Syntax) -> Lowered {
        let nodes = &self.lowerer.program.nodes;
        let after_course = expr == Expr::SessionsDone
            || match &expr {
                Expr::Quantified { body, .. } | Expr::Sum { body, .. } => {
                    body.clone().any(|at| nodes[at as usize].after_course)
                }
                other => other.operands().iter().any(|id| nodes[id.0 as usize].after_course),
            };
        let level = crate::narrow::u8(self.binders.len()) + self.outer_level();
        let span = self.span(syntax);
        self.lowerer.program.nodes.push(Node { expr, ty, span, level, after_course });
        Some(ExprId(crate::narrow::u32(self.lowerer.program.nodes.len() - 1)))
    }

    /// 1 where the whole stands under a setting's `each`, under the value that a course is counted for, or at a moment of the course.
    fn outer_level(&self) -> u8 {
        u8::from(self.context.each.is_some() || self.context.inside_skip)
    }

    fn ty(&self, id: ExprId) -> Type {
        self.lowerer.program.node(id).ty.clone()
    }

    /// Checks the type of the whole.
    fn expect(&mut self, root: ExprId, syntax: &Syntax, wanted: &Wanted) -> Lowered {
        let ty = self.ty(root);
        let (fits, name) = match wanted {
            Wanted::Condition => (ty == Type::Bool, "a condition (true or false)"),
            Wanted::Date => (ty == Type::Date, "a date"),
            Wanted::Number | Wanted::NumberOf(..) => (matches!(ty, Type::Number { .. }), "a number"),
            Wanted::Anything => (true, ""),
        };
        if fits {
            return self.fits_unit(&ty, syntax, wanted).then_some(root);
        }
        let help = match (wanted, &ty) {
            (Wanted::Condition, Type::Set(_)) => "ask for something of it, as in `\"x\" in set` or `!set.is_empty()`",
            (Wanted::Condition, _) => "compare it with something, as in `x == 1`",
            (Wanted::Date, Type::Duration { .. }) => "add it to a date, as in `last_filler_date + days(28)`",
            _ => "",
        };
        self.wrong(syntax, format!("this should be {name}, and it is {}", ty.name()), help)
    }

    /// Whether a number is in the unit that is wanted, as in a comparison: a number without one goes with every unit. The other way
    /// round it does not, since a unit would be lost where the number is shown.
    fn fits_unit(&mut self, ty: &Type, syntax: &Syntax, wanted: &Wanted) -> bool {
        let Wanted::NumberOf(setting, unit) = wanted else { return true };
        let Type::Number { unit: Some(found), .. } = ty else { return true };
        let shown = Type::Number { whole: false, unit: unit.clone(), scaled: false };
        if unit.is_some() && shown.join(ty).is_some() {
            return true;
        }
        let (is, help) = match unit {
            Some(unit) => (
                format!("in {unit}"),
                format!(
                    "write both in one unit, since nothing is converted; a factor between the two is a parameter with a unit of its \
                     own, such as `{unit} per {found}`"
                ),
            ),
            None => ("without a unit".to_owned(), format!("give the setting `unit = \"{found}\"`")),
        };
        let message = format!("`{}` is {}, and setting `{setting}` is {is}", self.source(syntax), ty.name());
        let diagnostic = self.error(&codes::UNIT_MISMATCH, syntax, message).help(help);
        self.lowerer.found.push(diagnostic);
        false
    }

    fn condition(&mut self, syntax: &Syntax) -> Lowered {
        let id = self.lower(syntax)?;
        self.expect(id, syntax, &Wanted::Condition)
    }

    fn conditions(&mut self, terms: &[Syntax]) -> Option<Box<[ExprId]>> {
        // Every term is looked at, so that one mistake does not hide the next.
        let lowered: Vec<Lowered> = terms.iter().map(|term| self.condition(term)).collect();
        lowered.into_iter().collect()
    }

    fn number(&mut self, syntax: &Syntax) -> Lowered {
        let id = self.lower(syntax)?;
        self.expect(id, syntax, &Wanted::Number)
    }

    fn lower(&mut self, syntax: &Syntax) -> Lowered {
        match &syntax.kind {
            Kind::Bool(value) => self.add(Expr::Literal(Value::Bool(*value)), Type::Bool, syntax),
            Kind::Integer(value) => self.add(Expr::Literal(Value::number(*value)), Type::PLAIN, syntax),
            Kind::Decimal(value) => {
                let ty = Type::Number { whole: value.is_integer(), unit: None, scaled: false };
                self.add(Expr::Literal(Value::number(*value)), ty, syntax)
            }
            Kind::Text(text) => {
                let message = format!("the text \"{text}\" cannot stand on its own");
                self.wrong(syntax, message, "compare it with a choice or a text, or ask whether it is `in` a set")
            }
            Kind::Name(name) => self.name(name, syntax),
            Kind::Not(inner) => {
                let id = self.condition(inner)?;
                self.add(Expr::Not(id), Type::Bool, syntax)
            }
            Kind::Negate(inner) => {
                let id = self.number(inner)?;
                let ty = self.ty(id);
                self.add(Expr::Negate(id), ty, syntax)
            }
            Kind::And(terms) => {
                let all = self.conditions(terms)?;
                self.add(Expr::And(all), Type::Bool, syntax)
            }
            Kind::Or(terms) => {
                let all = self.conditions(terms)?;
                self.add(Expr::Or(all), Type::Bool, syntax)
            }
            Kind::Compare(comparison, a, b) => self.compare(*comparison, a, b, syntax),
            Kind::Arithmetic(operation, a, b) => self.arithmetic(*operation, a, b, syntax),
            Kind::Coalesce(a, b) => {
                let (a, b, ty) = self.pair(a, b, syntax)?;
                self.add(Expr::Coalesce(a, b), ty, syntax)
            }
            Kind::In(item, list) => self.membership(item, list, syntax),
            Kind::If(condition, yes, no) => {
                let condition = self.condition(condition);
                let (yes, no, ty) = self.pair(yes, no, syntax)?;
                self.add(Expr::If(condition?, yes, no), ty, syntax)
            }
            Kind::Call(name, arguments) => self.call(name, arguments, syntax),
            Kind::Method(receiver, name, arguments) => self.method(receiver, name, arguments, syntax),
            Kind::Property(receiver, name) => self.property(receiver, name, syntax),
            Kind::Quantified { quantifier, variable, list, condition } => {
                let list = self.sessions(list)?;
                self.room_for_binder(syntax)?;
                let start = crate::narrow::u32(self.lowerer.program.nodes.len());
                self.binders.push(variable.clone());
                let root = self.condition(condition);
                self.binders.pop();
                let body = start..root?.0 + 1;
                let ty = match quantifier {
                    crate::lang::syntax::Quantifier::Count => Type::PLAIN,
                    _ => Type::Bool,
                };
                self.add(Expr::Quantified { quantifier: *quantifier, list, body }, ty, syntax)
            }
            Kind::Sum { variable, note, list, condition } => {
                let list = self.sessions(list)?;
                self.room_for_binder(syntax)?;
                let start = crate::narrow::u32(self.lowerer.program.nodes.len());
                self.binders.push(variable.clone());
                let (added, root) = (self.number(note), self.condition(condition));
                self.binders.pop();
                let (added, body) = (added?, start..root?.0 + 1);
                let ty = self.ty(added);
                self.add(Expr::Sum { list, note: added, body }, ty, syntax)
            }
            Kind::List(_) => self.wrong(syntax, "a list in [ ] is only allowed after `in` or in `contains_any`", ""),
            Kind::Range { .. } => self.wrong(syntax, "a range is only allowed after `in`", "write `age in 18..=65`"),
        }
    }

    /// Whether one more name for a session fits.
    fn room_for_binder(&mut self, syntax: &Syntax) -> Option<()> {
        if self.binders.len() + usize::from(self.outer_level()) < MOST_BINDERS {
            return Some(());
        }
        let message = "`any`, `all`, `count` and `sum` are nested too deeply";
        let diagnostic = self.error(&codes::TOO_LARGE, syntax, message);
        self.report(diagnostic)
    }

    fn name(&mut self, name: &str, syntax: &Syntax) -> Lowered {
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
                return self.report(diagnostic);
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
                names.extend(RESERVED.iter().map(|name| (*name).to_owned()));
                names.extend(self.context.each.iter().map(|(each, _)| each.clone()));
                let message = format!("there is no fact, parameter or definition `{name}`");
                let diagnostic = self.error(&codes::UNKNOWN_NAME, syntax, message);
                let diagnostic = diagnostic.suggest(name, names.iter().map(String::as_str));
                let diagnostic = if diagnostic.help.is_empty() {
                    diagnostic.help("facts are declared in facts.toml; texts go in double quotes")
                } else {
                    diagnostic
                };
                self.report(diagnostic)
            }
        }
    }

    /// A text as one of the choices of a list.
    fn choice(&mut self, text: &str, choices: &Arc<[String]>, syntax: &Syntax) -> Option<u8> {
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
    fn lower_as(&mut self, syntax: &Syntax, ty: &Type) -> Lowered {
        match (&syntax.kind, ty) {
            (Kind::Text(text), Type::Choice(choices)) => {
                let at = self.choice(text, choices, syntax)?;
                self.add(Expr::Literal(Value::Choice(at)), ty.clone(), syntax)
            }
            (Kind::Text(text), Type::Text) => {
                let id = self.lowerer.program.text(text);
                self.add(Expr::Literal(Value::Text(id)), Type::Text, syntax)
            }
            (Kind::Text(text), Type::Date) => {
                let message = format!("\"{text}\" is a text, but a date is needed");
                self.wrong(syntax, message, "dates come from facts, `today` and `never`")
            }
            (Kind::Text(text), Type::Duration { .. }) => {
                let message = format!("\"{text}\" is a text, but a length of time is needed");
                self.wrong(syntax, message, "write `days(28)` or `months(6)`, or use a parameter")
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

    /// Two operands of one type; a text takes its meaning from the other side.
    fn pair(&mut self, a: &Syntax, b: &Syntax, syntax: &Syntax) -> Option<(ExprId, ExprId, Type)> {
        let bare = |syntax: &Syntax| matches!(syntax.kind, Kind::Text(_) | Kind::List(_));
        let (left, right) = if bare(a) && !bare(b) {
            let right = self.lower(b)?;
            let ty = self.ty(right);
            (self.lower_as(a, &ty)?, right)
        } else {
            let left = self.lower(a);
            let ty = left.map(|left| self.ty(left));
            let right = match &ty {
                Some(ty) => self.lower_as(b, ty),
                None if bare(b) => None,
                None => self.lower(b),
            };
            (left?, right?)
        };
        let (x, y) = (self.ty(left), self.ty(right));
        if let Some(ty) = x.join(&y) {
            return Some((left, right, ty));
        }
        let code = match (&x, &y) {
            (Type::Number { .. }, Type::Number { .. }) => &codes::UNIT_MISMATCH,
            _ => &codes::TYPE_MISMATCH,
        };
        let (a, b) = (self.source(a), self.source(b));
        let message = match (&x, &y) {
            (Type::Choice(_), Type::Choice(_)) => format!("`{a}` and `{b}` have different choices"),
            _ => format!("`{a}` is {}, and `{b}` is {}", x.name(), y.name()),
        };
        let diagnostic = self.error(code, syntax, message);
        let diagnostic = match (&x, &y) {
            (Type::Bool, Type::Number { .. }) | (Type::Number { .. }, Type::Bool) => diagnostic,
            (Type::Choice(_), Type::Bool) | (Type::Bool, Type::Choice(_)) => {
                diagnostic.help("compare a choice with a text in double quotes")
            }
            (Type::Date, Type::Duration { .. }) | (Type::Duration { .. }, Type::Date) => {
                diagnostic.help("add the length of time to a date first")
            }
            (Type::Duration { .. }, Type::Number { .. }) => {
                diagnostic.help("a difference of dates is a length of time: compare it with `days(28)`")
            }
            _ => diagnostic,
        };
        self.report(diagnostic)
    }

    pub(crate) fn source(&self, syntax: &Syntax) -> String {
        let span = self.span(syntax);
        self.lowerer.file.text.get(span).unwrap_or("this").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn compare(&mut self, comparison: Comparison, a: &Syntax, b: &Syntax, syntax: &Syntax) -> Lowered {
        for (side, other) in [(a, b), (b, a)] {
            if let (Kind::List(_), Kind::Name(_)) = (&side.kind, &other.kind) {
                return self.wrong(syntax, "a value cannot be compared with a list", "write `x in [..]`");
            }
        }
        let (left, right, ty) = self.pair(a, b, syntax)?;
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let ordered = matches!(ty, Type::Number { .. } | Type::Date | Type::Duration { exact: true });
        match &ty {
            Type::Duration { exact: false } => {
                let help = "compare dates instead: `today >= last_date + months(6)`";
                self.wrong(syntax, "months and years have no fixed length in days, so they cannot be compared", help)
            }
            _ if !equality && !ordered => {
                let message =
                    format!("`{}` compares numbers and dates, but this is {}", comparison.symbol(), ty.name());
                self.wrong(syntax, message, "")
            }
            Type::Text if !self.is_literal(left) && !self.is_literal(right) => {
                self.wrong(syntax, "a text can only be compared with a text in double quotes", "")
            }
            Type::Set(_) => {
                self.wrong(syntax, "sets cannot be compared", "write `\"x\" in set` or `set.contains_any([..])`")
            }
            _ => self.add(Expr::Compare(comparison, left, right), Type::Bool, syntax),
        }
    }

    fn is_literal(&self, id: ExprId) -> bool {
        matches!(self.lowerer.program.node(id).expr, Expr::Literal(_))
    }

    fn arithmetic(&mut self, operation: Arithmetic, a: &Syntax, b: &Syntax, syntax: &Syntax) -> Lowered {
        let (left, right) = (self.lower(a), self.lower(b));
        let (left, right) = (left?, right?);
        let (x, y) = (self.ty(left), self.ty(right));
        match (operation, &x, &y) {
            (
                _,
                Type::Number { whole: p, unit: u, scaled: a_scaled },
                Type::Number { whole: q, unit: v, scaled: b_scaled },
            ) => {
                let unit = match (operation, u, v) {
                    (Arithmetic::Add | Arithmetic::Subtract, Some(u), Some(v)) if u != v => {
                        let message = format!("`{}` is in {u}, and `{}` is in {v}", self.source(a), self.source(b));
                        let diagnostic = self.error(&codes::UNIT_MISMATCH, syntax, message);
                        return self.report(diagnostic);
                    }
                    (Arithmetic::Multiply | Arithmetic::Divide, Some(_), Some(_)) => None,
                    (_, Some(unit), _) => Some(unit.clone()),
                    (Arithmetic::Divide, None, Some(_)) => None,
                    (_, None, unit) => unit.clone(),
                };
                let whole = *p && *q && operation != Arithmetic::Divide;
                let times = matches!(operation, Arithmetic::Multiply | Arithmetic::Divide);
                let scaled = unit.is_some() && (times || *a_scaled || *b_scaled);
                self.add(Expr::Arithmetic(operation, left, right), Type::Number { whole, unit, scaled }, syntax)
            }
            (Arithmetic::Add, Type::Date, Type::Duration { .. }) => {
                self.add(Expr::Shift { date: left, by: right, back: false }, Type::Date, syntax)
            }
            (Arithmetic::Add, Type::Duration { .. }, Type::Date) => {
                self.add(Expr::Shift { date: right, by: left, back: false }, Type::Date, syntax)
            }
            (Arithmetic::Subtract, Type::Date, Type::Duration { exact: true }) => {
                self.add(Expr::Shift { date: left, by: right, back: true }, Type::Date, syntax)
            }
            (Arithmetic::Subtract, Type::Date, Type::Duration { .. }) => {
                let help = "add the wait to the other date instead, as in `today < last_date + months(6)`";
                self.wrong(syntax, "only days and weeks can be subtracted from a date", help)
            }
            (Arithmetic::Subtract, Type::Date, Type::Date) => {
                self.add(Expr::Distance(left, right), Type::Duration { exact: true }, syntax)
            }
            (Arithmetic::Add, Type::Duration { exact: p }, Type::Duration { exact: q }) => {
                let ty = Type::Duration { exact: *p && *q };
                self.add(Expr::Lengthen(left, right), ty, syntax)
            }
            (_, Type::Date, Type::Number { .. }) => {
                let help = format!("write `{} days({})`", operation.symbol(), self.source(b));
                self.wrong(
                    syntax,
                    format!("`{}` is a date, and `{}` is a number", self.source(a), self.source(b)),
                    &help,
                )
            }
            _ => {
                let message = format!("`{}` cannot join {} and {}", operation.symbol(), x.name(), y.name());
                self.wrong(syntax, message, "")
            }
        }
    }

    /// The bits of a list of choices.
    fn bits(&mut self, items: &[Syntax], choices: &Arc<[String]>) -> Option<u64> {
        let mut bits = Some(0u64);
        for item in items {
            let at = match &item.kind {
                Kind::Text(text) => self.choice(text, choices, item),
                _ => self.wrong(item, "this list holds choices: texts in double quotes", ""),
            };
            bits = bits.zip(at).map(|(bits, at)| bits | 1 << at);
        }
        bits
    }

    fn membership(&mut self, item: &Syntax, list: &Syntax, syntax: &Syntax) -> Lowered {
        match &list.kind {
            Kind::Range { from, to, inclusive } => {
                let (item_id, from_id, to_id) = (self.lower(item), self.lower(from), self.lower(to));
                let (item_id, from_id, to_id) = (item_id?, from_id?, to_id?);
                let ty = self.ty(item_id);
                let joined = ty.join(&self.ty(from_id)).and_then(|ty| ty.join(&self.ty(to_id)));
                match joined {
                    Some(Type::Number { .. } | Type::Date) => {
                        let expr = Expr::Within { item: item_id, from: from_id, to: to_id, inclusive: *inclusive };
                        self.add(expr, Type::Bool, syntax)
                    }
                    _ => {
                        let message = format!("`{}` is {}, and the range is not", self.source(item), ty.name());
                        self.wrong(syntax, message, "a range is of numbers or dates, as in `age in 18..=65`")
                    }
                }
            }
            Kind::List(items) => {
                if matches!(item.kind, Kind::Text(_)) {
                    return self.wrong(
                        item,
                        "this is the same for every patient",
                        "begin with a fact, as in `device in [\"roller\"]`",
                    );
                }
                let id = self.lower(item)?;
                match self.ty(id) {
                    Type::Choice(choices) => {
                        let bits = self.bits(items, &choices)?;
                        self.add(Expr::OneOf(id, bits), Type::Bool, syntax)
                    }
                    Type::Set(_) => {
                        let help = format!("write `{}.contains_any([..])`", self.source(item));
                        self.wrong(item, "a set is not one value", &help)
                    }
                    ty @ (Type::Number { .. } | Type::Text | Type::Date) => {
                        let lowered: Vec<Lowered> = items
                            .iter()
                            .map(|one| {
                                let one_id = self.lower_as(one, &ty)?;
                                let other = self.ty(one_id);
                                if ty.join(&other).is_some() {
                                    return Some(one_id);
                                }
                                let message =
                                    format!("`{}` is {}, but this is {}", self.source(item), ty.name(), other.name());
                                self.wrong(one, message, "")
                            })
                            .collect();
                        let all: Option<Box<[ExprId]>> = lowered.into_iter().collect();
                        self.add(Expr::Among(id, all?), Type::Bool, syntax)
                    }
                    ty => self.wrong(item, format!("{} cannot be looked for in a list", ty.name()), ""),
                }
            }
            _ => {
                let set = self.lower(list)?;
                match self.ty(set) {
                    Type::Set(choices) => {
                        let ty = Type::Choice(choices);
                        let item_id = self.lower_as(item, &ty)?;
                        if self.ty(item_id) != ty {
                            let (a, b) = (self.source(item), self.source(list));
                            return self.wrong(syntax, format!("`{a}` is not one of the choices of `{b}`"), "");
                        }
                        self.add(Expr::Contains(set, item_id), Type::Bool, syntax)
                    }
                    ty => {
                        let message = format!("`in` needs a set, a list in [ ] or a range, but this is {}", ty.name());
                        let help = if matches!(ty, Type::Choice(_)) { "a choice is one value: write `==`" } else { "" };
                        self.wrong(list, message, help)
                    }
                }
            }
        }
    }

    fn call(&mut self, name: &str, arguments: &[Syntax], syntax: &Syntax) -> Lowered {
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
            (_, Some((months, days)), [count]) => {
                let id = self.number(count)?;
                if !matches!(self.ty(id), Type::Number { whole: true, .. }) {
                    return self.wrong(count, format!("`{name}()` takes a whole number"), "");
                }
                if let Expr::Literal(Value::Number(n, _)) = self.lowerer.program.node(id).expr {
                    // A literal becomes one value, so that it reads as one.
                    let times =
                        i32::try_from(n).ok().and_then(|n| Some((n.checked_mul(months)?, n.checked_mul(days)?)));
                    let Some((months, days)) = times.filter(|(m, d)| m.abs() < 12_000 && d.abs() < 400_000) else {
                        return self.wrong(count, "this length of time is too long", "");
                    };
                    self.lowerer.program.nodes.pop();
                    let value = Value::duration(Duration { months, days });
                    return self.add(Expr::Literal(value), Type::Duration { exact: months == 0 }, syntax);
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
            ("date", _, _) => {
                self.wrong(syntax, "`date()` takes a day in double quotes", "write `date(\"2026-03-02\")`")
            }
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
                self.report(diagnostic.suggest(name, known).help(format!("the functions are {}", known.join(", "))))
            }
        }
    }

    /// `sessions` or `sessions_of("…")`.
    fn sessions(&mut self, syntax: &Syntax) -> Option<ListId> {
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

    fn is_sessions(&self, syntax: &Syntax) -> bool {
        match &syntax.kind {
            Kind::Name(name) => name == "sessions",
            Kind::Call(name, _) => name == "sessions_of",
            _ => false,
        }
    }

    fn method(&mut self, receiver: &Syntax, name: &str, arguments: &[Syntax], syntax: &Syntax) -> Lowered {
        if self.is_sessions(receiver) {
            let list = self.sessions(receiver)?;
            return match (name, arguments) {
                ("len", []) => self.add(Expr::SessionCount(list), Type::PLAIN, syntax),
                ("is_empty", []) => self.add(Expr::NoSessions(list), Type::Bool, syntax),
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
            (Type::Set(_), "contains", _) => self.wrong(syntax, "`contains` is not needed", "write `\"x\" in set`"),
            (Type::Set(_), _, _) => {
                self.no_method(name, &["contains_any", "is_empty", "len"], "a set of choices", syntax)
            }
            _ => self.no_method(name, &[], &ty.name(), syntax),
        }
    }

    fn no_method(&mut self, name: &str, known: &[&str], what: &str, syntax: &Syntax) -> Lowered {
        let diagnostic = self.error(&codes::NOT_IN_LANGUAGE, syntax, format!("{what} has no `{name}()`"));
        let diagnostic = diagnostic.suggest(name, known.iter().copied());
        let diagnostic =
            if known.is_empty() { diagnostic } else { diagnostic.help(format!("it has {}", known.join(", "))) };
        self.report(diagnostic)
    }

    fn no_note(&mut self, name: &str, syntax: &Syntax) -> Lowered {
        let notes = self.lowerer.scope.notes();
        let diagnostic = self.error(&codes::UNKNOWN_NAME, syntax, format!("a session has no `{name}`"));
        let diagnostic = diagnostic.suggest(name, notes.iter().map(String::as_str));
        self.report(diagnostic.help(format!("it has {}", notes.join(", "))))
    }

    fn property(&mut self, receiver: &Syntax, name: &str, syntax: &Syntax) -> Lowered {
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
        if self.is_sessions(receiver) {
            return self.wrong(
                syntax,
                format!("`.{name}` of a list of sessions"),
                "write `sessions.last.date` or `sessions.len()`",
            );
        }
        let id = self.lower(receiver)?;
        let ty = self.ty(id);
        let diagnostic = self.error(&codes::NOT_IN_LANGUAGE, syntax, format!("{} has no `.{name}`", ty.name()));
        self.report(diagnostic)
    }
}
