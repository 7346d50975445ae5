//! From what was written to what is evaluated: names become slots, texts become choices, every type is checked.

mod called;
mod calls;
mod course;
mod meant;
mod names;
mod operators;

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, SourceFile, codes};
use crate::document::{Spanned, string_offsets};
use crate::lang::parse::{Parser, RefusalKind};
use crate::lang::program::{Expr, ExprId, FactId, MOST_DEPTH, Node, Program};
use crate::lang::slips::UNCLOSED_TEXT;
use crate::lang::syntax::{Kind, Syntax};
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
    /// The settings of an answer and what stands for each; none where an expression is not about an answer.
    fn settings(&self) -> &[(String, Symbol)];
    /// The notes that courses are counted by.
    fn counted_by(&self) -> Vec<String>;
    /// A parameter that is 0 or 1 and is used as a condition: where that stands, and whether it is 1. It is told once.
    fn switch(&mut self, name: &str) -> Option<(Place, bool)>;
    /// The name of what people read a text for: the label of a fact, parameter or definition.
    fn labelled(&self, label: &str) -> Option<String>;
    /// The facts that have a choice of that name.
    fn facts_with(&self, choice: &str) -> Vec<String>;
    /// The labels of choices, each behind its name.
    fn labels_of(&self, choices: &[String]) -> Vec<(String, String)>;
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

/// An expression that has been read.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What was written, or what was meant where it had slips.
    pub syntax: Syntax,
    /// Its text, as it was read.
    text: String,
    /// The byte of the file for each of its bytes, if its text is a literal.
    offsets: Option<Vec<usize>>,
}

/// One expression while it is lowered.
pub(crate) struct Work<'w, 'a, S> {
    pub(crate) lowerer: &'w mut Lowerer<'a, S>,
    text: &'w str,
    offsets: Option<Vec<usize>>,
    whole: Range<usize>,
    pub(crate) context: Context,
    /// The names of the sessions in hand, outermost first.
    binders: Vec<String>,
}

pub(crate) type Lowered = Option<ExprId>;

impl<S: Scope> Lowerer<'_, S> {
    /// Reads an expression; its mistakes are reported.
    pub fn parse(&mut self, text: &Spanned<String>) -> Option<Parsed> {
        self.parse_part(text, 0..text.len())
    }

    /// A slip that can have been meant in one way only is reported and then read as it was meant, so that one look shows whatever else is
    /// wrong with the expression.
    fn parse_part(&mut self, text: &Spanned<String>, part: Range<usize>) -> Option<Parsed> {
        /// As many as one expression is mended in.
        const MOST_SLIPS: usize = 16;
        // Blanks stand for what comes before it, so that its places are those of the text.
        let mut alone = " ".repeat(part.start) + &text[part];
        let mut offsets = string_offsets(self.file, &text.span, text);
        let is_literal = offsets.is_some();
        let mut slips = 0;
        let told = self.found.len();
        loop {
            let refusal = match self.parser.parse(&alone) {
                Ok(syntax) => return Some(Parsed { syntax, text: alone, offsets }),
                Err(refusal) => refusal,
            };
            let place = Place { file: self.file.clone(), span: locate(self.file, &offsets, &text.span, &refusal.span) };
            let code = match refusal.kind {
                RefusalKind::Syntax => &codes::EXPRESSION_SYNTAX,
                RefusalKind::NotInLanguage => &codes::NOT_IN_LANGUAGE,
                RefusalKind::TooLarge => &codes::TOO_LARGE,
            };
            if let Some((word, name)) = self.split_name(&alone, &refusal.span) {
                let span = locate(self.file, &offsets, &text.span, &word);
                let place = Place { file: self.file.clone(), span };
                let message = format!("`{}` has a sign inside that no name has", &alone[word]);
                let diagnostic = Diagnostic::new(code, message).at(&place).help(format!("did you mean `{name}`?"));
                self.found.push(if is_literal { diagnostic.replace_by(name, false) } else { diagnostic });
                return None;
            }
            if let Some((words, name)) = self.spaced_name(&alone, &refusal.span) {
                let span = locate(self.file, &offsets, &text.span, &words);
                let message = format!("a name is one word, and `{}` is none", &alone[words]);
                let diagnostic = Diagnostic::new(code, message).at(&Place { file: self.file.clone(), span });
                let diagnostic = diagnostic.help(format!("did you mean `{name}`?"));
                self.found.push(if is_literal { diagnostic.replace_by(name, false) } else { diagnostic });
                return None;
            }
            // Where a quote is missing, or one too many, texts were taken for what stands between them.
            if refusal.message == UNCLOSED_TEXT {
                self.found.truncate(told);
            }
            let mut diagnostic = Diagnostic::new(code, refusal.message).at(&place);
            diagnostic.help.extend(refusal.help);
            let Some((instead, certain)) = refusal.instead.filter(|_| is_literal) else {
                self.found.push(diagnostic);
                return None;
            };
            let literal = self.file.text.get(text.span.clone()).unwrap_or_default();
            let escapes = literal.starts_with('"') && !literal.starts_with("\"\"\"");
            let written = if escapes { instead.replace('"', "\\\"") } else { instead.clone() };
            self.found.push(diagnostic.replace_by(written, certain));
            slips += 1;
            if !certain || slips == MOST_SLIPS {
                return None;
            }
            // What was meant stands where the slip does: its last byte where that ends, all others where it begins.
            alone.replace_range(refusal.span.clone(), &instead);
            if let Some(offsets) = &mut offsets {
                let (first, last) = (offsets[refusal.span.start], offsets[refusal.span.end.saturating_sub(1)]);
                let at = |byte: usize| if byte > 0 && byte + 1 == instead.len() { last.max(first) } else { first };
                offsets.splice(refusal.span, (0..instead.len()).map(at));
            }
        }
    }

    /// A name that a sign stands in, one too many or in the place of another: `had_sessi=on`. What is written, and the name.
    fn split_name(&self, text: &str, sign: &Range<usize>) -> Option<(Range<usize>, String)> {
        let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
        let (before, after) = (&text[..sign.start], &text[sign.end..]);
        let first = before.trim_end_matches(is_part).len();
        let last = after.find(|sign| !is_part(sign)).unwrap_or(after.len());
        let (begin, end) = (&before[first..], &after[..last]);
        // The sessions of a course are values only with what is asked of them: `previous.date`.
        const SESSIONS: [&str; 3] = ["previous", "first", "session"];
        let mut names = self.scope.names();
        names.extend(RESERVED.iter().chain(&SESSIONS).map(|name| (*name).to_owned()));
        let is_session = |part: &str| SESSIONS.contains(&part);
        let is_value = |part: &str| {
            if is_session(part) { after[last..].starts_with('.') } else { names.iter().any(|name| name == part) }
        };
        let is_known = |part: &str| part.is_empty() || is_value(part);
        let is_meant = |name: &&String| {
            let middle = name.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end));
            middle.is_some_and(|middle| middle.chars().count() <= 1)
        };
        let meant = names.iter().find(is_meant).filter(|_| !is_known(begin) && !is_known(end))?;
        Some((first..sign.end + last, meant.clone()))
    }

    /// Lowers an expression; every mistake in it is reported.
    pub fn lower(&mut self, text: &Spanned<String>, wanted: &Wanted, context: &Context) -> Lowered {
        // A required text that is missing has been reported already.
        if text.is_empty() && text.span.is_empty() {
            return None;
        }
        self.lower_part(text, 0..text.len(), wanted, context)
    }

    /// Lowers an expression that is a part of a text, by its bytes.
    pub fn lower_part(
        &mut self,
        text: &Spanned<String>,
        part: Range<usize>,
        wanted: &Wanted,
        context: &Context,
    ) -> Lowered {
        let parsed = self.parse_part(text, part)?;
        self.lower_parsed(text, &parsed, wanted, context)
    }

    /// The same for an expression that has been read.
    pub fn lower_parsed(
        &mut self,
        text: &Spanned<String>,
        Parsed { syntax, text: read, offsets }: &Parsed,
        wanted: &Wanted,
        context: &Context,
    ) -> Lowered {
        let (offsets, binders) = (offsets.clone(), Vec::new());
        let (whole, context) = (text.span.clone(), context.clone());
        let mut work = Work { lowerer: self, text: read, offsets, whole, context, binders };
        let root = work.lower(syntax)?;
        work.expect(root, syntax, wanted)
    }

    fn place(&self, span: Range<usize>) -> Place {
        Place { file: self.file.clone(), span }
    }
}

/// The place of some bytes of a text.
pub(crate) fn place_in(file: &Arc<SourceFile>, text: &Spanned<String>, span: &Range<usize>) -> Place {
    let offsets = string_offsets(file, &text.span, text);
    Place { file: file.clone(), span: locate(file, &offsets, &text.span, span) }
}

/// The bytes of the file for bytes of the expression.
fn locate(file: &SourceFile, offsets: &Option<Vec<usize>>, whole: &Range<usize>, span: &Range<usize>) -> Range<usize> {
    let at = |byte: usize| offsets.as_ref().and_then(|offsets| offsets.get(byte)).copied();
    match (at(span.start), span.end.checked_sub(1).and_then(at)) {
        (Some(start), Some(last)) if span.end > span.start => {
            // Up to the next byte of the expression, but not across a line that is folded before it.
            let next = at(span.end).unwrap_or(last + 1);
            let is_escape = file.text.as_bytes().get(last) == Some(&b'\\');
            let written = file.text.get(last..next).filter(|_| is_escape).map_or(1, escape_length);
            // The parser counts bytes, and may stop within a sign.
            let whole = |mut end: usize| {
                while !file.text.is_char_boundary(end) {
                    end += 1;
                }
                end
            };
            start..whole((last + written).min(next))
        }
        (Some(start), _) => start..start,
        _ => whole.clone(),
    }
}

/// How many bytes an escape takes in the file.
fn escape_length(written: &str) -> usize {
    match written.as_bytes().get(1) {
        Some(b'x') => 4,
        Some(b'u') => 6,
        Some(b'U') => 10,
        _ => 2,
    }
}

impl<S: Scope> Work<'_, '_, S> {
    pub(crate) fn span(&self, syntax: &Syntax) -> Range<usize> {
        locate(self.lowerer.file, &self.offsets, &self.whole, &syntax.span)
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
        let operands = expr.operands();
        let written_out = operands.iter().fold(1u32, |sum, id| sum.saturating_add(nodes[id.0 as usize].written_out));
        let depth = operands.iter().map(|id| nodes[id.0 as usize].depth).max().unwrap_or(0) + 1;
        if depth > MOST_DEPTH {
            let message = "the definitions that are used here use each other too deeply";
            let diagnostic = self.error(&codes::TOO_LARGE, syntax, message);
            let help =
                format!("at most {MOST_DEPTH} operations may build on each other; shorten the chain of definitions");
            return self.report(diagnostic.help(help));
        }
        let constant = match &expr {
            Expr::Literal(_) | Expr::Parameter(_) | Expr::Today => true,
            Expr::Arithmetic(..)
            | Expr::Negate(_)
            | Expr::Shift { .. }
            | Expr::Distance(..)
            | Expr::Duration { .. }
            | Expr::Lengthen(..)
            | Expr::Definition(..)
            | Expr::Compare(..)
            | Expr::If(..) => expr.operands().iter().all(|id| nodes[id.0 as usize].constant),
            _ => false,
        };
        let level = crate::narrow::u8(self.binders.len()) + self.outer_level();
        let span = self.span(syntax);
        self.lowerer.program.nodes.push(Node { expr, ty, span, level, after_course, constant, depth, written_out });
        Some(ExprId(crate::narrow::u32(self.lowerer.program.nodes.len() - 1)))
    }

    /// 1 where the whole stands under a setting's `each`, under the value that a course is counted for, or at a moment of the course.
    fn outer_level(&self) -> u8 {
        u8::from(self.context.each.is_some() || self.context.inside_skip)
    }

    fn ty(&self, id: ExprId) -> Type {
        self.lowerer.program.node(id).ty.clone()
    }

    fn is_parameter(&mut self, syntax: &Syntax) -> bool {
        matches!(&syntax.kind, Kind::Name(name) if matches!(self.lowerer.scope.find(name), Some(Symbol::Parameter(..))))
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
        if let (Wanted::Condition, Kind::Name(name)) = (wanted, &syntax.kind)
            && let Some((place, is_on)) = self.lowerer.scope.switch(name)
        {
            let message = format!("`{name}` is used as a condition (true or false), and its value is {}", place.text());
            let right = is_on.to_string();
            let used = self.lowerer.place(self.span(syntax));
            let told = Diagnostic::new(&codes::TYPE_MISMATCH, message).at(&place).see(&used, "used here");
            return self.report(told.help(format!("write {right}, without quotes")).replace_by(right, false));
        }
        let help = match (wanted, &ty) {
            (Wanted::Condition, Type::Set(_)) => "ask for something of it, as in `\"x\" in set` or `!set.is_empty()`",
            (Wanted::Condition, Type::Number { .. }) if self.is_parameter(syntax) => {
                "compare it with something, as in `x == 1`; what is `true` or `false` is given as `value = true`"
            }
            (Wanted::Condition, _) => "compare it with something, as in `x == 1`",
            (Wanted::Date, Type::Duration { .. }) => "add it to a date, as in `last_filler_date + days(28)`",
            _ => "",
        };
        self.wrong(syntax, format!("this should be {name}, and it is {}", ty.name()), help)
    }

    /// Whether a number is in the unit that is wanted, as in a comparison: a number without one goes with every unit, and so does a setting
    /// without one. `check` warns of the latter, since the unit is then not shown.
    fn fits_unit(&mut self, ty: &Type, syntax: &Syntax, wanted: &Wanted) -> bool {
        let Wanted::NumberOf(setting, Some(unit)) = wanted else { return true };
        let Type::Number { unit: Some(found), .. } = ty else { return true };
        let shown = Type::Number { whole: false, unit: Some(unit.clone()), scaled: false };
        if shown.join(ty).is_some() {
            return true;
        }
        let message = format!("`{}` is {}, and setting `{setting}` is in {unit}", self.source(syntax), ty.name());
        let help = format!(
            "write both in one unit, since nothing is converted; a factor between the two is a parameter with a unit of its \
             own, such as `{unit} per {found}`"
        );
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
            Kind::Text(text) => self.text_alone(text, syntax),
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
}
