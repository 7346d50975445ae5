//! Rhai's parser, and an allow-list over its tree.
//!
//! Rhai accepts far more than the protocol language has (assignments inside closures, interpolation, `eval`, floats by
//! epsilon …). Everything that is not matched here is refused in words, at its place. All matching on Rhai's own types is in this
//! module: they are outside Rhai's promise of stability.

use std::ops::Range;

use rhai::{ASTFlags, Engine, Expr as Rhai, FnCallExpr, LexError, OptimizationLevel, ParseErrorType, Stmt, StmtBlock};
use rust_decimal::Decimal;

use crate::lang::slips::slip;
use crate::lang::syntax::{Arithmetic, Comparison, Kind, Quantifier, Syntax};
use crate::lang::tokens::{Extent, Tokens};

/// The longest expression, in bytes.
pub const LONGEST: usize = 16 * 1024;

/// How deep an expression may be nested; a chain of `&&` counts its terms. Rhai's own default differs between debug and release
/// builds, and no limit would let a hostile file exhaust the stack.
const DEEPEST: usize = 128;

/// Why an expression is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which kind of mistake.
    pub kind: RefusalKind,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The bytes of the expression's text.
    pub span: Range<usize>,
    /// What to write in their place, if that is known, and whether nothing else can have been meant.
    pub instead: Option<(String, bool)>,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// Not an expression at all.
    Syntax,
    /// Rhai, but not the protocol language.
    NotInLanguage,
    /// Too long or too deeply nested.
    TooLarge,
}

/// Reads expressions. Building one takes a while; keep it for a whole clinic.
pub struct Parser {
    engine: Engine,
}

impl Default for Parser {
    fn default() -> Self {
        Parser::new()
    }
}

impl std::fmt::Debug for Parser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parser")
    }
}

/// Whether expressions read a word as a name: it is no word of the language, such as `if` or `new`.
#[must_use]
pub fn is_name(word: &str) -> bool {
    thread_local!(static PARSER: Parser = Parser::new());
    PARSER.with(|parser| matches!(parser.parse(word), Ok(Syntax { kind: Kind::Name(name), .. }) if name == word))
}

impl Parser {
    /// A parser for the protocol language.
    #[must_use]
    pub fn new() -> Parser {
        let mut engine = Engine::new_raw();
        // The default optimiser folds constants, and their places are lost.
        engine.set_optimization_level(OptimizationLevel::None);
        engine.set_max_expr_depths(DEEPEST);
        for quantifier in [Quantifier::Any, Quantifier::All, Quantifier::Count] {
            let symbols = [quantifier.word(), "$ident$", "in", "$expr$", "where", "$expr$"];
            let registered = engine.register_custom_syntax(symbols, false, |_, _| Ok(rhai::Dynamic::UNIT));
            debug_assert!(registered.is_ok(), "the symbols are fixed");
        }
        // `s.units in sessions` is an expression to Rhai: a question whether the one is among the other.
        let sum =
            engine.register_custom_syntax(["sum", "$expr$", "where", "$expr$"], false, |_, _| Ok(rhai::Dynamic::UNIT));
        debug_assert!(sum.is_ok(), "the symbols are fixed");
        Parser { engine }
    }

    /// Reads one expression.
    ///
    /// # Errors
    /// With the first reason why the text is not an expression of the language.
    pub fn parse(&self, text: &str) -> Result<Syntax, Refusal> {
        let whole = 0..text.len();
        let too_large = |message: String| Refusal {
            kind: RefusalKind::TooLarge,
            message,
            help: split_help(),
            span: whole.clone(),
            instead: None,
        };
        if text.len() > LONGEST {
            return Err(too_large(format!("this expression is longer than {LONGEST} characters")));
        }
        if let Some(refusal) = slip(text) {
            return Err(refusal);
        }
        let tokens = Tokens::new(&self.engine, text);
        let ast = self.engine.compile_expression(text).map_err(|error| {
            let extent = tokens.at(error.1);
            let span = if error.1.is_none() { text.len().saturating_sub(1)..text.len() } else { tokens.span(extent) };
            translate(&error.0, tokens.word(extent), span)
        })?;
        if let Some(span) = tokens.comment() {
            return Err(Refusal {
                kind: RefusalKind::NotInLanguage,
                message: "a comment hides this part of the expression: nothing in it is looked at".into(),
                help: Some("remove it; write comments on lines of their own in the file, after `#`".into()),
                span,
                instead: None,
            });
        }
        match ast.statements() {
            [Stmt::Expr(expression)] => Reader { tokens }.read(expression).map(|(syntax, _)| syntax),
            _ => Err(Refusal {
                kind: RefusalKind::Syntax,
                message: "there is no expression here".into(),
                help: None,
                span: whole,
                instead: None,
            }),
        }
    }
}

fn split_help() -> Option<String> {
    Some("split it: give parts of it a name in [definitions]".into())
}

/// Rhai's message for a person who knows no Rhai.
fn translate(error: &ParseErrorType, word: &str, span: Range<usize>) -> Refusal {
    let refuse = |kind, message: &str, help: Option<&str>| Refusal {
        kind,
        message: message.into(),
        help: help.map(Into::into),
        span: span.clone(),
        instead: None,
    };
    let syntax = |message: &str, help: Option<&str>| refuse(RefusalKind::Syntax, message, help);
    let outside = |message: &str, help: Option<&str>| refuse(RefusalKind::NotInLanguage, message, help);
    match error {
        ParseErrorType::ExprTooDeep => refuse(
            RefusalKind::TooLarge,
            "this expression is nested too deeply, or has too many terms",
            split_help().as_deref(),
        ),
        ParseErrorType::UnexpectedEOF => syntax("the expression is not finished", None),
        ParseErrorType::BadInput(LexError::UnexpectedInput(input)) => {
            let is_word = input.len() > 3 && input.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
            let help = "a name is one word, as it stands in facts.toml; between two conditions stands `&&` or `||`";
            syntax(&format!("`{input}` has no meaning in an expression"), is_word.then_some(help))
        }
        ParseErrorType::BadInput(LexError::MalformedNumber(number)) => {
            syntax(&format!("`{number}` is not a number"), None)
        }
        ParseErrorType::MissingToken(token, _) => {
            let help = "say which sessions, as in `… in sessions where s.faulty`; `where true` means all of them";
            syntax(&format!("`{token}` is missing here"), (token == "where").then_some(help))
        }
        ParseErrorType::MismatchedType(_, actual) => {
            syntax(&format!("`&&`, `||` and `!` join conditions, but this is {}", plain_type(actual)), None)
        }
        ParseErrorType::Reserved(word) => outside(&format!("`{word}` cannot be used as a name"), None),
        ParseErrorType::AssignmentToInvalidLHS(_) | ParseErrorType::AssignmentToConstant(_) => {
            outside("an expression cannot change anything", Some("write `==` to ask whether two values are equal"))
        }
        ParseErrorType::UnknownOperator(operator) => syntax(&format!("`{operator}` is not an operator"), None),
        _ if word.is_empty() => syntax("the expression is not finished", None),
        _ => {
            let is_name = word.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '_');
            let help = "write `&&` or `||` before it, or take it out";
            syntax(&format!("`{word}` does not belong here"), is_name.then_some(help))
        }
    }
}

fn plain_type(rhai: &str) -> &'static str {
    match rhai {
        "string" | "&str" => "a text",
        "i64" => "a number",
        "char" => "a text in single quotes",
        "array" => "a list",
        _ => "not one",
    }
}

struct Reader<'a> {
    tokens: Tokens<'a>,
}

type Read = Result<(Syntax, Extent), Refusal>;

impl Reader<'_> {
    fn refuse(&self, extent: Extent, message: impl Into<String>, help: Option<&str>) -> Refusal {
        Refusal {
            kind: RefusalKind::NotInLanguage,
            message: message.into(),
            help: help.map(Into::into),
            span: self.tokens.span(extent),
            instead: None,
        }
    }

    fn done(&self, kind: Kind, extent: Extent) -> Read {
        let extent = self.tokens.balanced(extent);
        Ok((Syntax { kind, span: self.tokens.span(extent) }, extent))
    }

    fn boxed(&self, expression: &Rhai) -> Result<(Box<Syntax>, Extent), Refusal> {
        self.read(expression).map(|(syntax, extent)| (Box::new(syntax), extent))
    }

    fn several<'e>(
        &self,
        expressions: impl IntoIterator<Item = &'e Rhai>,
        mut extent: Extent,
    ) -> Result<(Vec<Syntax>, Extent), Refusal> {
        let mut all = Vec::new();
        for expression in expressions {
            let (syntax, place) = self.read(expression)?;
            extent = extent.join(place);
            all.push(syntax);
        }
        Ok((all, extent))
    }

    fn read(&self, expression: &Rhai) -> Read {
        let here = self.tokens.at(expression.position());
        match expression {
            Rhai::BoolConstant(value, _) => self.done(Kind::Bool(*value), here),
            Rhai::IntegerConstant(value, _) => {
                let digits = self.tokens.word(here).trim_start_matches(['-', ' ']);
                if !digits.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
                    return Err(self.refuse(here, "write numbers in decimal", None));
                }
                // Rhai computes `-(-8)` while it reads it.
                let is_computed = self.tokens.word(here) == "-";
                let extent = if is_computed { self.tokens.through_bracket(here) } else { here };
                self.done(Kind::Integer(*value), extent)
            }
            Rhai::DynamicConstant(value, _) => match value.as_decimal() {
                Ok(decimal) => {
                    let digits = self.tokens.word(here).trim_start_matches(['-', ' ']).replace('_', "");
                    // Rhai silently turns a number that is too large or too long into another.
                    if Decimal::from_str_exact(&digits).ok() != Some(decimal.abs()) {
                        return Err(self.refuse(
                            here,
                            format!("`{digits}` is not a number that can be kept exactly"),
                            None,
                        ));
                    }
                    self.done(Kind::Decimal(decimal), here)
                }
                Err(_) => Err(self.refuse(here, "this is not part of the protocol language", None)),
            },
            Rhai::StringConstant(text, _) => {
                if !self.tokens.word(here).starts_with('"') {
                    return Err(self.refuse(here, "texts go in double quotes", Some("write \"rolling\"")));
                }
                self.done(Kind::Text(text.to_string()), here)
            }
            Rhai::Variable(name, ..) => self.done(Kind::Name(name.1.to_string()), here),
            Rhai::And(terms, _) => {
                let (terms, extent) = self.several(terms.iter(), here)?;
                self.done(Kind::And(terms), extent)
            }
            Rhai::Or(terms, _) => {
                let (terms, extent) = self.several(terms.iter(), here)?;
                self.done(Kind::Or(terms), extent)
            }
            Rhai::Coalesce(terms, _) => {
                let (terms, extent) = self.several(terms.iter(), here)?;
                let mut terms = terms.into_iter().rev();
                let last = terms.next().ok_or_else(|| self.refuse(here, "`??` needs two sides", None))?;
                let joined = terms.fold(last, |right, left| {
                    let span = left.span.start..right.span.end;
                    Syntax { kind: Kind::Coalesce(Box::new(left), Box::new(right)), span }
                });
                self.done(joined.kind, extent)
            }
            Rhai::Array(items, _) => {
                let (items, extent) = self.several(items.iter(), self.tokens.through_bracket(here))?;
                self.done(Kind::List(items), extent)
            }
            Rhai::FnCall(call, _) if call.op_token.is_some() || call.name == "contains" => self.operator(call, here),
            Rhai::FnCall(call, _) => {
                if call.capture_parent_scope {
                    return Err(self.refuse(
                        here,
                        "`!` after a function's name is not part of the protocol language",
                        None,
                    ));
                }
                let (arguments, extent) = self.several(call.args.iter(), self.tokens.through_bracket(here))?;
                self.done(Kind::Call(call.name.to_string(), arguments), extent)
            }
            Rhai::Dot(pair, flags, _) => {
                let (left, extent) = self.read(&pair.lhs)?;
                self.chain(left, extent, &pair.rhs, *flags, here)
            }
            Rhai::Stmt(block) => match block.statements() {
                [statement] => self.condition(statement, here),
                _ => Err(self.refuse(here, "this is not part of the protocol language", None)),
            },
            Rhai::Custom(custom, _) if self.tokens.word(here) == "sum" => self.sum(&custom.inputs, here),
            Rhai::Custom(custom, _) => {
                let [variable, list, condition] = &custom.inputs[..] else {
                    return Err(self.refuse(here, "this is not part of the protocol language", None));
                };
                let quantifier = match self.tokens.word(here) {
                    "any" => Quantifier::Any,
                    "all" => Quantifier::All,
                    _ => Quantifier::Count,
                };
                let variable = match variable {
                    Rhai::Variable(name, ..) => name.1.to_string(),
                    _ => {
                        return Err(self.refuse(
                            here,
                            "a name for one session is missing, as in `any s in sessions where …`",
                            None,
                        ));
                    }
                };
                let ((list, a), (condition, b)) = (self.boxed(list)?, self.boxed(condition)?);
                self.done(Kind::Quantified { quantifier, variable, list, condition }, here.join(a).join(b))
            }
            Rhai::InterpolatedString(..) => {
                Err(self.refuse(here, "texts go in double quotes", Some("write \"rolling\"")))
            }
            Rhai::CharConstant(..) => {
                Err(self.refuse(here, "texts go in double quotes", Some("write \"rolling\", not 'rolling'")))
            }
            Rhai::Unit(_) => Err(self.refuse(here, "there is nothing between the parentheses", None)),
            Rhai::Index(..) => Err(self.refuse(
                here,
                "`[ ]` after a value is not part of the protocol language",
                Some("use `.first` or `.last`"),
            )),
            Rhai::Map(..) => Err(self.refuse(here, "`#{ }` is not part of the protocol language", None)),
            _ => Err(self.refuse(here, "this is not part of the protocol language", None)),
        }
    }

    /// `a.b`, `a.b(c)`, and what follows them. Rhai nests to the right.
    fn chain(&self, left: Syntax, extent: Extent, right: &Rhai, flags: ASTFlags, dot: Extent) -> Read {
        if flags.contains(ASTFlags::NEGATED) {
            return Err(self.refuse(
                dot,
                "`?.` is not part of the protocol language: an unknown value is unknown",
                Some("write `.`"),
            ));
        }
        let here = self.tokens.at(right.position());
        match right {
            Rhai::Property(name, _) => self.done(Kind::Property(Box::new(left), name.2.to_string()), extent.join(here)),
            Rhai::MethodCall(call, _) => {
                let (arguments, end) = self.several(call.args.iter(), self.tokens.through_bracket(here))?;
                self.done(Kind::Method(Box::new(left), call.name.to_string(), arguments), extent.join(end))
            }
            Rhai::Dot(pair, flags, _) => {
                let (left, extent) = self.chain(left, extent, &pair.lhs, ASTFlags::empty(), dot)?;
                self.chain(left, extent, &pair.rhs, *flags, here)
            }
            _ => Err(self.refuse(here, "this is not part of the protocol language", None)),
        }
    }

    fn operator(&self, call: &FnCallExpr, here: Extent) -> Read {
        let word = self.tokens.word(here);
        let unary = |make: fn(Box<Syntax>) -> Kind| {
            let (operand, extent) = self.boxed(&call.args[0])?;
            self.done(make(operand), here.join(extent))
        };
        let pair = || -> Result<(Box<Syntax>, Box<Syntax>, Extent), Refusal> {
            let ((a, first), (b, second)) = (self.boxed(&call.args[0])?, self.boxed(&call.args[1])?);
            Ok((a, b, here.join(first).join(second)))
        };
        let compare = |comparison| pair().and_then(|(a, b, extent)| self.done(Kind::Compare(comparison, a, b), extent));
        let calculate =
            |operation| pair().and_then(|(a, b, extent)| self.done(Kind::Arithmetic(operation, a, b), extent));
        match (call.name.as_str(), call.args.len()) {
            ("!", 1) => {
                if word == "!in"
                    && let Rhai::FnCall(inner, _) = &call.args[0]
                {
                    let (membership, extent) = self.membership(inner, here)?;
                    return self.done(Kind::Not(Box::new(membership)), extent);
                }
                unary(Kind::Not)
            }
            ("-", 1) => unary(Kind::Negate),
            ("+", 1) => self.read(&call.args[0]),
            ("==", 2) => compare(Comparison::Equal),
            ("!=", 2) => compare(Comparison::NotEqual),
            ("<", 2) => compare(Comparison::Less),
            ("<=", 2) => compare(Comparison::LessOrEqual),
            (">", 2) => compare(Comparison::Greater),
            (">=", 2) => compare(Comparison::GreaterOrEqual),
            ("+", 2) => calculate(Arithmetic::Add),
            ("-", 2) => calculate(Arithmetic::Subtract),
            ("*", 2) => calculate(Arithmetic::Multiply),
            ("/", 2) => calculate(Arithmetic::Divide),
            ("contains", 2) if word == "in" || word == "!in" => self.membership(call, here),
            ("contains", 2) => Err(self.refuse(
                here,
                "`contains(…)` is not a function of the protocol language",
                Some("write `\"x\" in set`"),
            )),
            ("..=", 2) => pair().and_then(|(from, to, extent)| self.done(Kind::Range { from, to }, extent)),
            ("..", 2) => {
                let (from, to, extent) = pair()?;
                Err(self.open_range(&from, &to, extent))
            }
            (name @ ("&" | "|"), 2) => {
                let help = format!("write `{name}{name}`");
                Err(self.refuse(here, format!("`{name}` does not join conditions"), Some(&help)))
            }
            (name, _) => Err(self.refuse(here, format!("`{name}` is not an operator of the protocol language"), None)),
        }
    }

    /// `4..6`: in other languages it ends before 6, and whoever reads it takes 6 to belong to it.
    fn open_range(&self, from: &Syntax, to: &Syntax, extent: Extent) -> Refusal {
        let [first, last] = [from, to].map(|end| self.tokens.text(end));
        let closed = format!("{first}..={last}");
        let without = match (&from.kind, &to.kind) {
            (Kind::Integer(from), Kind::Integer(to)) if from < to => format!("`{first}..={}`", to - 1),
            _ => format!("`x >= {first} && x < {last}`"),
        };
        let help = format!("write `{closed}` if the end belongs to it, or {without} if it does not");
        let message = format!("`{first}..{last}` does not say whether its end belongs to it");
        Refusal { instead: Some((closed, false)), ..self.refuse(extent, message, Some(&help)) }
    }

    /// `sum s.units in sessions where …`. The name for a session is that before the point.
    fn sum(&self, inputs: &[Rhai], here: Extent) -> Read {
        const HELP: Option<&str> = Some("write `sum s.units in sessions where …`");
        let [added, condition] = inputs else {
            return Err(self.refuse(here, "this is not part of the protocol language", None));
        };
        let (added, a) = self.read(added)?;
        let Kind::In(note, list) = added.kind else {
            return Err(self.refuse(a, "`sum` needs the sessions whose notes it adds up", HELP));
        };
        let Some(variable) = noted(&note).map(str::to_owned) else {
            return Err(Refusal { span: note.span, ..self.refuse(a, "`sum` adds up a note of each session", HELP) });
        };
        let (condition, b) = self.boxed(condition)?;
        self.done(Kind::Sum { variable, note, list, condition }, here.join(a).join(b))
    }

    /// `x in y`: Rhai calls `contains` with the sides swapped.
    fn membership(&self, call: &FnCallExpr, here: Extent) -> Read {
        let ((list, a), (item, b)) = (self.boxed(&call.args[0])?, self.boxed(&call.args[1])?);
        self.done(Kind::In(item, list), here.join(a).join(b))
    }

    /// `if c { a } else { b }`.
    fn condition(&self, statement: &Stmt, here: Extent) -> Read {
        match statement {
            Stmt::If(parts, position) => {
                let start = self.tokens.at(*position);
                let (condition, a) = self.boxed(&parts.expr)?;
                let (yes, b) = self.branch(&parts.body, start)?;
                let (no, c) = self.branch(&parts.branch, start)?;
                let kind = Kind::If(condition, Box::new(yes), Box::new(no));
                self.done(kind, start.join(a).join(b).join(c))
            }
            Stmt::Expr(expression) => self.read(expression),
            _ => Err(self.refuse(here, "this is not part of the protocol language", None)),
        }
    }

    fn branch(&self, block: &StmtBlock, start: Extent) -> Read {
        match block.statements() {
            [statement] => self.condition(statement, start),
            [] => Err(self.refuse(
                start,
                "an `if` needs a value in both branches",
                Some("write `if condition { a } else { b }`"),
            )),
            _ => Err(self.refuse(start, "a branch of an `if` is one expression", None)),
        }
    }
}

/// The name of the session in `s.units` and in `s.units ?? 0`.
fn noted(note: &Syntax) -> Option<&str> {
    match &note.kind {
        Kind::Property(session, _) => match &session.kind {
            Kind::Name(name) => Some(name),
            _ => None,
        },
        Kind::Coalesce(note, _) => noted(note),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Syntax {
        Parser::new().parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    /// Each part, with the text it was found at, from the outside in.
    fn parts<'t>(syntax: &Syntax, text: &'t str) -> Vec<&'t str> {
        let mut all = vec![&text[syntax.span.clone()]];
        let children: Vec<&Syntax> = match &syntax.kind {
            Kind::Not(a) | Kind::Negate(a) | Kind::Property(a, _) => vec![a],
            Kind::And(items) | Kind::Or(items) | Kind::List(items) | Kind::Call(_, items) => items.iter().collect(),
            Kind::Compare(_, a, b) | Kind::Arithmetic(_, a, b) | Kind::Coalesce(a, b) | Kind::In(a, b) => vec![a, b],
            Kind::Range { from, to, .. } => vec![from, to],
            Kind::Method(a, _, items) => std::iter::once(&**a).chain(items).collect(),
            Kind::If(a, b, c) => vec![a, b, c],
            Kind::Quantified { list, condition, .. } => vec![list, condition],
            Kind::Sum { note, list, condition, .. } => vec![note, list, condition],
            _ => vec![],
        };
        all.extend(children.into_iter().flat_map(|child| parts(child, text)));
        all
    }

    #[test]
    fn places_are_whole() {
        let text = "(a == 1.50 || !b)\n && c.contains_any([\"x\", \"y\"])";
        assert_eq!(
            parts(&parse(text), text),
            [
                text,
                "a == 1.50 || !b",
                "a == 1.50",
                "a",
                "1.50",
                "!b",
                "b",
                "c.contains_any([\"x\", \"y\"])",
                "c",
                "[\"x\", \"y\"]",
                "\"x\"",
                "\"y\""
            ]
        );
    }

    #[test]
    fn every_form_has_its_place() {
        for (text, expected) in [
            ("x !in [1, -2]", vec!["x !in [1, -2]", "x !in [1, -2]", "x", "[1, -2]", "1", "-2"]),
            ("age in 18..=65", vec!["age in 18..=65", "age", "18..=65", "18", "65"]),
            ("if a { 1 } else { f(x) }", vec!["if a { 1 } else { f(x) }", "a", "1", "f(x)", "x"]),
            (
                "any s in sessions where s.depth > 1",
                vec!["any s in sessions where s.depth > 1", "sessions", "s.depth > 1", "s.depth", "s", "1"],
            ),
            (
                "(sum s.units ?? 0 in sessions where s.faulty) + 1",
                vec![
                    "(sum s.units ?? 0 in sessions where s.faulty) + 1",
                    "sum s.units ?? 0 in sessions where s.faulty",
                    "s.units ?? 0",
                    "s.units",
                    "s",
                    "0",
                    "sessions",
                    "s.faulty",
                    "s",
                    "1",
                ],
            ),
            ("a ?? b ?? c", vec!["a ?? b ?? c", "a", "b ?? c", "b", "c"]),
            ("s.first.date + days(3)", vec!["s.first.date + days(3)", "s.first.date", "s.first", "s", "days(3)", "3"]),
            ("l.len() + 1", vec!["l.len() + 1", "l.len()", "l", "1"]),
        ] {
            assert_eq!(parts(&parse(text), text), expected);
        }
    }

    #[test]
    fn what_is_not_in_the_language_is_refused_at_its_place() {
        let parser = Parser::new();
        for (text, message, underlined) in [
            ("a and b", "`and` is not an operator", "and"),
            ("a = 1", "`=` does not compare", "="),
            ("a & b", "`&` does not join conditions", "&"),
            ("'x' == a", "texts go in double quotes", "'x'"),
            ("`x` == a", "texts go in double quotes", "`x`"),
            ("a[0]", "`[ ]` after a value is not part of the protocol language", "["),
            ("a ?? return 3", "this is not part of the protocol language", "return"),
            ("a?.b", "`?.` is not part of the protocol language: an unknown value is unknown", "?."),
            ("a % 2", "`%` is not an operator of the protocol language", "%"),
            ("a >", "the expression is not finished", ">"),
            (
                "1.00000000000000000000000000000001 > a",
                "`1.00000000000000000000000000000001` is not a number that can be kept exactly",
                "1.00000000000000000000000000000001",
            ),
            ("sum s.units where s.faulty", "`sum` needs the sessions whose notes it adds up", "s.units"),
            ("sum units in sessions where s.faulty", "`sum` adds up a note of each session", "units"),
            ("sum s.units in sessions", "`where` is missing here", "sessions"),
            ("0xFF > a", "write numbers in decimal", "0xFF"),
            ("a in 4..6", "`4..6` does not say whether its end belongs to it", "4..6"),
            ("a in b + 1..c", "`b + 1..c` does not say whether its end belongs to it", "b + 1..c"),
            ("contains(a, 1)", "`contains(…)` is not a function of the protocol language", "contains"),
            ("", "the expression is not finished", ""),
        ] {
            let refusal = parser.parse(text).expect_err(text);
            let shown = (refusal.message.as_str(), &text[refusal.span.clone()]);
            assert_eq!(shown, (message, underlined), "{text}");
        }
    }

    #[test]
    fn hostile_expressions_are_errors() {
        let parser = Parser::new();
        for text in [
            "(".repeat(10_000),
            "!".repeat(10_000) + "a",
            vec!["a"; 5_000].join(" && "),
            vec!["a"; 5_000].join(" + "),
            "[".repeat(9_000),
            "if a { ".repeat(1_000),
            "x".repeat(LONGEST + 1),
            "any s in ".repeat(500),
            "a.b".repeat(3_000),
        ] {
            assert!(parser.parse(&text).is_err());
        }
    }
}
