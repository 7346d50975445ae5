//! What was probably meant by an expression that can be read and makes no sense: `!x == "a"`, `4 <= x <= 6`, `smoker == unknown`.

use std::ops::Range;

use rust_decimal::Decimal;

use crate::date::{Date, Duration};
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::lang::lower::{Lowerer, Scope, Work};
use crate::lang::program::ExprId;
use crate::lang::syntax::{Arithmetic, Comparison, Kind, Syntax};
use crate::lang::types::Type;

/// How many words of a name are looked for on each side of one that does not belong: a long expression is not tried in all its parts.
const MOST_WORDS: usize = 6;

impl<S: Scope> Work<'_, '_, S> {
    /// Says what to write in place of a part.
    pub(super) fn write<T>(
        &mut self,
        code: &'static Code,
        syntax: &Syntax,
        message: impl Into<String>,
        right: &str,
        certain: bool,
    ) -> Option<T> {
        let diagnostic = self.error(code, syntax, message).help(format!("write `{right}`"));
        let diagnostic = self.replaced(diagnostic, right, certain);
        self.report(diagnostic)
    }

    /// What is underlined may be replaced, where the expression stands in the file as it is.
    pub(super) fn replaced(&self, diagnostic: Diagnostic, right: &str, certain: bool) -> Diagnostic {
        if self.offsets.is_none() {
            return diagnostic;
        }
        let literal = self.lowerer.file.text.get(self.whole.clone()).unwrap_or_default();
        let escapes = literal.starts_with('"') && !literal.starts_with("\"\"\"");
        diagnostic.replace_by(if escapes { right.replace('"', "\\\"") } else { right.to_owned() }, certain)
    }

    /// Whether a part of a list is a range that was typed as a subtraction: with no space in it.
    pub(super) fn is_typed_as_range(&self, one: &Syntax) -> bool {
        numbers_apart(one).is_some() && !self.source(one).contains([' ', '('])
    }

    /// A list in which a range was typed as a subtraction: `step in [2-3, 5]`.
    pub(super) fn range_in_list(&mut self, item: &Syntax, items: &[Syntax], syntax: &Syntax) -> Option<ExprId> {
        let (ranges, others): (Vec<&Syntax>, Vec<&Syntax>) = items.iter().partition(|one| self.is_typed_as_range(one));
        let [name, first] = [item, ranges.first()?].map(|part| self.source(part));
        let is_negated =
            self.source(syntax).strip_prefix(&name).is_some_and(|rest| rest.trim_start().starts_with("!in"));
        let ends = ranges.iter().filter_map(|range| numbers_apart(range));
        let mut parts: Vec<String> = ends
            .map(|ends| {
                let [from, to] = ends.map(|end| self.source(end));
                format!("{name} in {from}..={to}")
            })
            .collect();
        if !others.is_empty() {
            let others: Vec<String> = others.iter().map(|one| self.source(one)).collect();
            parts.push(format!("{name} in [{}]", others.join(", ")));
        }
        let right = parts.join(" || ");
        let right = match (is_negated, parts.len()) {
            (true, _) => format!("!({right})"),
            (false, 1) => right,
            (false, _) => format!("({right})"),
        };
        let message = format!("`{first}` is a subtraction, not a range");
        self.write(&codes::TYPE_MISMATCH, syntax, message, &right, false)
    }

    /// A comparison that was meant otherwise; none, if it is one.
    pub(super) fn misread(&mut self, comparison: Comparison, a: &Syntax, b: &Syntax, syntax: &Syntax) -> Option<()> {
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let symbol = comparison.symbol();
        if let (Kind::Name(name), true) = (&b.kind, equality)
            && matches!(name.as_str(), "unknown" | "undefined" | "missing" | "none" | "empty")
            && self.lowerer.scope.find(name).is_none()
            && !self.is_choice_of(a, name)
        {
            let left = self.source(a);
            let is_equal = comparison == Comparison::Equal;
            let right = match (name.as_str(), is_equal) {
                // A date of something that has not happened: not one that nobody asked for.
                ("none" | "empty", _) if self.is_date(a) => format!("{left} {symbol} never"),
                (_, true) => format!("!known({left})"),
                (_, false) => format!("known({left})"),
            };
            return self
                .write(&codes::UNKNOWN_NAME, syntax, format!("`{name}` is not a value"), &right, false)
                .or(Some(()));
        }
        let is_literal = matches!(b.kind, Kind::Text(_) | Kind::Integer(_) | Kind::Decimal(_));
        if let (Kind::Not(inner), true) = (&a.kind, is_literal)
            && !matches!(inner.kind, Kind::Not(_) | Kind::Compare(..) | Kind::And(_) | Kind::Or(_))
        {
            let (inner, right) = (self.source(inner), self.source(b));
            let right = match comparison {
                Comparison::Equal => format!("{inner} != {right}"),
                Comparison::NotEqual => format!("{inner} == {right}"),
                _ => format!("!({inner} {symbol} {right})"),
            };
            let message = format!("`!` is about `{inner}` alone here");
            return self.write(&codes::TYPE_MISMATCH, syntax, message, &right, false).or(Some(()));
        }
        if let Kind::Compare(first, least, middle) = &a.kind
            && is_one_way(*first, comparison)
        {
            let [least, middle, most] = [least, middle, b].map(|part| self.source(part));
            let right = match (first, comparison) {
                (Comparison::LessOrEqual, Comparison::LessOrEqual) => format!("{middle} in {least}..={most}"),
                (Comparison::GreaterOrEqual, Comparison::GreaterOrEqual) => format!("{middle} in {most}..={least}"),
                _ => format!("{least} {} {middle} && {middle} {symbol} {most}", first.symbol()),
            };
            let message = "a value is compared with one other at a time";
            return self.write(&codes::TYPE_MISMATCH, syntax, message, &right, false).or(Some(()));
        }
        None
    }

    /// `sessions.last.date > days(14)`: a day is compared with a length of time, as people say "more than 14 days ago".
    pub(super) fn date_and_length(
        &mut self,
        comparison: Comparison,
        a: &Syntax,
        b: &Syntax,
        syntax: &Syntax,
    ) -> Option<()> {
        let [from, to] = [a, b].map(|part| match &part.kind {
            Kind::Call(name, _) => ["days", "weeks", "months", "years"].contains(&name.as_str()),
            Kind::Text(text) => length(text).is_some(),
            Kind::Name(_) => matches!(self.ty_of(part), Some(Type::Duration { .. })),
            _ => false,
        });
        let (day, by, symbol) = match (from, to) {
            (false, true) => (a, b, comparison.symbol()),
            (true, false) => (b, a, comparison.turned().symbol()),
            _ => return None,
        };
        let is_said = matches!(&day.kind, Kind::Name(_) | Kind::Property(..)) && !matches!(symbol, "==" | "!=");
        // Whatever else is wrong with it is told where it is compared.
        let is_day = is_said && self.is_day(day);
        if !is_day {
            return None;
        }
        let day = self.source(day);
        let written = self.source(by);
        let by = match &by.kind {
            Kind::Text(text) => length(text)?,
            _ => written.clone(),
        };
        let message = format!("`{day}` is a date, and `{written}` is a length of time");
        let right = format!("today {symbol} {day} + {by}");
        self.write(&codes::TYPE_MISMATCH, syntax, message, &right, false).or(Some(()))
    }

    /// Whether what is written is a day, by its declaration.
    fn is_day(&mut self, of: &Syntax) -> bool {
        match &of.kind {
            Kind::Property(_, note) if note == "date" => true,
            Kind::Property(_, note) => matches!(self.lowerer.scope.note(note), Some((_, Type::Date))),
            _ => self.is_date(of),
        }
    }

    /// Whether a word is one of the choices of what it is compared with: quotes are missing then.
    fn is_choice_of(&mut self, of: &Syntax, word: &str) -> bool {
        matches!(self.ty_of(of), Some(Type::Choice(choices)) if choices.iter().any(|choice| choice == word))
    }

    /// Whether a name stands for a date.
    fn is_date(&mut self, of: &Syntax) -> bool {
        self.ty_of(of) == Some(Type::Date)
    }

    /// The type of a fact or a definition.
    fn ty_of(&mut self, of: &Syntax) -> Option<Type> {
        let Kind::Name(name) = &of.kind else { return None };
        match self.lowerer.scope.find(name) {
            Some(super::Symbol::Fact(_, ty) | super::Symbol::Parameter(_, ty)) => Some(ty),
            Some(super::Symbol::Definition(_, root)) => Some(self.ty(root)),
            _ => None,
        }
    }

    /// A list that something is compared with.
    pub(super) fn compared_with_list(
        &mut self,
        comparison: Comparison,
        (name, list): (&Syntax, &Syntax),
        syntax: &Syntax,
    ) -> Option<()> {
        let Kind::List(items) = &list.kind else { return None };
        let id = self.lower(name)?;
        let (of, written) = (self.source(name), self.source(list));
        let not = if comparison == Comparison::NotEqual { "!" } else { "" };
        let (right, help) = match (self.ty(id), &items[..]) {
            (Type::Set(_), []) => (format!("{not}{of}.is_empty()"), "to ask whether there is nothing in it"),
            (Type::Set(_), [one]) => {
                (format!("{} {not}in {of}", self.source(one)), "to ask whether that is among them")
            }
            (Type::Set(_), _) => {
                (format!("{not}{of}.contains_any({written})"), "to ask whether one of these is among them")
            }
            _ => (format!("{of} {not}in {written}"), ""),
        };
        let message = if help.is_empty() {
            "a value cannot be compared with a list"
        } else {
            "a set of choices cannot be compared"
        };
        let diagnostic = self.error(&codes::TYPE_MISMATCH, syntax, message);
        let diagnostic = diagnostic.help(format!("write `{right}` {help}").trim_end());
        let diagnostic = self.replaced(diagnostic, &right, false);
        self.report(diagnostic)
    }

    /// `isotretinoin-status`, where there is an `isotretinoin_status`.
    pub(super) fn hyphened(&mut self, syntax: &Syntax) -> Option<()> {
        let written = self.source(syntax);
        let is_name = |part: &str| part.starts_with(|sign: char| sign.is_ascii_alphabetic());
        let mut parts = written.split('-');
        let is_word = written.chars().all(|sign| sign.is_ascii_alphanumeric() || "_-".contains(sign));
        let name = written.replace('-', "_");
        if !is_word || !parts.clone().all(is_name) || self.lowerer.scope.find(&name).is_none() {
            return None;
        }
        // Two names that are both known are subtracted.
        if parts.all(|part| self.lowerer.scope.find(part).is_some() || super::RESERVED.contains(&part)) {
            return None;
        }
        let diagnostic = self.error(&codes::UNKNOWN_NAME, syntax, format!("there is no `{written}`"));
        let diagnostic = diagnostic.help(format!("did you mean `{name}`?"));
        let diagnostic = self.replaced(diagnostic, &name, false);
        self.lowerer.found.push(diagnostic);
        Some(())
    }

    /// A number that is added to a date, or taken from it: of which unit, only the writer knows.
    pub(super) fn number_at_date<T>(
        &mut self,
        operation: Arithmetic,
        (date, number): (&Syntax, &Syntax),
        syntax: &Syntax,
    ) -> Option<T> {
        let (date, number) = (self.source(date), self.source(number));
        let with = |unit: &str| format!("`{} {unit}({number})`", operation.symbol());
        let help = match operation {
            Arithmetic::Subtract => format!("write {} or {}", with("days"), with("weeks")),
            _ => format!("write {}, {}, {} or {}", with("days"), with("weeks"), with("months"), with("years")),
        };
        self.wrong(syntax, format!("`{date}` is a date, and `{number}` is a number: it has no unit"), &help)
    }

    /// What helps where an age is compared with a length of time.
    pub(super) fn age_and_length(&self, diagnostic: Diagnostic, length: &Syntax) -> Diagnostic {
        let written = self.source(length);
        match &length.kind {
            Kind::Call(name, arguments) if name == "years" && arguments.len() == 1 => {
                let number = self.source(&arguments[0]);
                diagnostic.help(format!("`age` is a number of whole years: write `{number}` for `{written}`"))
            }
            _ => diagnostic
                .help("`age` is a number of whole years: compare it with one, as in `age < 18`")
                .help(format!("or compare dates, as in `today < date_of_birth + {written}`")),
        }
    }

    /// A text where a date is needed.
    pub(super) fn text_for_date<T>(&mut self, text: &str, syntax: &Syntax) -> Option<T> {
        let message = format!("\"{text}\" is a text, but a date is needed");
        if matches!(text, "never" | "today") {
            let diagnostic = self.error(&codes::TYPE_MISMATCH, syntax, message);
            let diagnostic = diagnostic.help(format!("write `{text}` without quotes"));
            let diagnostic = self.replaced(diagnostic, text, true);
            return self.report(diagnostic);
        }
        if text.parse::<Date>().is_ok() {
            return self.write(&codes::TYPE_MISMATCH, syntax, message, &format!("date(\"{text}\")"), true);
        }
        if let Some(day) = crate::months::date(text) {
            return self.write(&codes::TYPE_MISMATCH, syntax, message, &format!("date(\"{day}\")"), false);
        }
        self.wrong(syntax, message, "dates come from facts, `today` and `never`")
    }

    /// A text where a length of time is needed.
    pub(super) fn text_for_length<T>(&mut self, text: &str, syntax: &Syntax) -> Option<T> {
        let message = format!("\"{text}\" is a text, but a length of time is needed");
        match length(text) {
            Some(right) => self.write(&codes::TYPE_MISMATCH, syntax, message, &right, true),
            None => self.wrong(syntax, message, "write `days(28)` or `months(6)`, or use a parameter"),
        }
    }
}

/// Whether two comparisons in a row look in one direction, as in `4 <= x < 6`.
fn is_one_way(first: Comparison, second: Comparison) -> bool {
    let is_up = |one| matches!(one, Comparison::Less | Comparison::LessOrEqual);
    let is_down = |one| matches!(one, Comparison::Greater | Comparison::GreaterOrEqual);
    (is_up(first) && is_up(second)) || (is_down(first) && is_down(second))
}

/// `28 days` as it is written in an expression.
pub(super) fn length(text: &str) -> Option<String> {
    text.parse::<Duration>().ok()?;
    let (number, unit) = text.trim().split_once(' ')?;
    let is_one =
        number.bytes().all(|byte| byte.is_ascii_digit()) && unit.trim().bytes().all(|byte| byte.is_ascii_lowercase());
    is_one.then(|| format!("{}s({number})", unit.trim().trim_end_matches('s')))
}

impl<S: Scope> Lowerer<'_, S> {
    /// A name of which the words are parted, `isotretinoin status`, at a word that does not belong there. What is written, and the name.
    pub(super) fn spaced_name(&self, text: &str, word: &Range<usize>) -> Option<(Range<usize>, String)> {
        let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
        let mut all: Vec<Range<usize>> = Vec::new();
        for (at, sign) in text.char_indices().filter(|(_, sign)| is_part(*sign)) {
            match all.last_mut() {
                Some(last) if last.end == at => last.end = at + sign.len_utf8(),
                _ => all.push(at..at + sign.len_utf8()),
            }
        }
        let here = all.iter().position(|one| one.start == word.start)?;
        let names = self.scope.names();
        let mut found = Vec::new();
        for first in here.saturating_sub(MOST_WORDS)..here {
            for last in here..all.len().min(here + MOST_WORDS) {
                let words = &all[first..=last];
                let between = |pair: &[Range<usize>]| &text[pair[0].end..pair[1].start];
                let is_parted = words.windows(2).all(|pair| between(pair) == "-" || between(pair).trim().is_empty());
                let words: Vec<&str> = words.iter().map(|one| &text[one.clone()]).collect();
                let name = Some(words.join("_")).filter(|name| names.contains(name));
                if let Some(name) = name.or_else(|| self.scope.labelled(&words.join(" "))).filter(|_| is_parted) {
                    found.push((all[first].start..all[last].end, name));
                }
            }
        }
        found.into_iter().max_by_key(|(span, _)| span.len())
    }
}

/// The ends of a range that was typed as a subtraction of numbers, the lower first.
pub(super) fn numbers_apart(syntax: &Syntax) -> Option<[&Syntax; 2]> {
    let Kind::Arithmetic(Arithmetic::Subtract, from, to) = &syntax.kind else { return None };
    let number = |end: &Syntax| match &end.kind {
        Kind::Integer(number) => Some(Decimal::from(*number)),
        Kind::Decimal(number) => Some(*number),
        _ => None,
    };
    let is_in_order = number(from)? <= number(to)?;
    Some(if is_in_order { [from, to] } else { [to, from] })
}
