//! Comparisons, calculations and `in`, with the types that they need on both sides.

use std::sync::Arc;

use crate::diagnostic::codes;
use crate::lang::program::{Expr, ExprId};
use crate::lang::syntax::{Arithmetic, Comparison, Kind, Syntax};
use crate::lang::types::Type;

use super::meant::numbers_apart;
use super::{Lowered, Scope, Work};

impl<S: Scope> Work<'_, '_, S> {
    /// Two operands of one type; a text takes its meaning from the other side.
    pub(super) fn pair(&mut self, a: &Syntax, b: &Syntax, syntax: &Syntax) -> Option<(ExprId, ExprId, Type)> {
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
        let (left_syntax, right_syntax) = (a, b);
        let is_age = |syntax: &Syntax| matches!(&syntax.kind, Kind::Name(name) if name == "age");
        let (a, b) = (self.source(a), self.source(b));
        let message = match (&x, &y) {
            (Type::Choice(_), Type::Choice(_)) => format!("`{a}` and `{b}` have different choices"),
            _ => format!("`{a}` is {}, and `{b}` is {}", x.name(), y.name()),
        };
        let diagnostic = self.error(code, syntax, message);
        let diagnostic = match (&x, &y) {
            (Type::Bool, Type::Number { .. }) if matches!(right_syntax.kind, Kind::Integer(0 | 1)) => {
                let right = if b == "1" { a } else { format!("!{a}") };
                let told = diagnostic.help(format!("a condition stands alone: write `{right}`"));
                self.replaced(told, &right, false)
            }
            (Type::Bool, Type::Number { .. }) | (Type::Number { .. }, Type::Bool) => diagnostic,
            (Type::Choice(_), Type::Bool) | (Type::Bool, Type::Choice(_)) => {
                diagnostic.help("compare a choice with a text in double quotes")
            }
            (Type::Date, Type::Duration { .. }) | (Type::Duration { .. }, Type::Date) => {
                diagnostic.help("add the length of time to a date first")
            }
            _ if is_age(left_syntax) && matches!(y, Type::Duration { .. }) => {
                self.age_and_length(diagnostic, right_syntax)
            }
            _ if is_age(right_syntax) && matches!(x, Type::Duration { .. }) => {
                self.age_and_length(diagnostic, left_syntax)
            }
            (Type::Duration { .. }, Type::Number { .. }) => {
                let units = match right_syntax.kind {
                    Kind::Integer(number) => format!("`days({number})` or `weeks({number})`"),
                    _ => "`days(28)`".to_owned(),
                };
                diagnostic.help(format!("a difference of dates is a length of time: compare it with {units}"))
            }
            (Type::Date, Type::Number { .. }) => {
                diagnostic.help("compare a date with another, as in `today < date_of_birth + years(18)`")
            }
            _ => diagnostic,
        };
        self.report(diagnostic)
    }

    pub(crate) fn source(&self, syntax: &Syntax) -> String {
        self.text.get(syntax.span.clone()).unwrap_or("this").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn compare(&mut self, comparison: Comparison, a: &Syntax, b: &Syntax, syntax: &Syntax) -> Lowered {
        for (side, other) in [(a, b), (b, a)] {
            if let (Kind::List(_), Kind::Name(_)) = (&side.kind, &other.kind) {
                self.compared_with_list(comparison, (other, side), syntax);
                return None;
            }
        }
        if self.misread(comparison, a, b, syntax).is_some() {
            return None;
        }
        if self.date_and_length(comparison, a, b, syntax).is_some() {
            return None;
        }
        let (left, right, ty) = self.pair(a, b, syntax)?;
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let ordered = matches!(ty, Type::Number { .. } | Type::Date | Type::Duration { exact: true });
        match &ty {
            Type::Duration { exact: false } => {
                let message = "months and years have no fixed length in days, so they cannot be compared";
                if let Kind::Arithmetic(Arithmetic::Subtract, later, earlier) = &a.kind {
                    let [later, earlier, length] = [later, earlier, b].map(|part| self.source(part));
                    let right = format!("{later} {} {earlier} + {length}", comparison.symbol());
                    return self.write(&codes::TYPE_MISMATCH, syntax, message, &right, false);
                }
                self.wrong(syntax, message, "compare dates instead: `today >= last_date + months(6)`")
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

    pub(super) fn is_literal(&self, id: ExprId) -> bool {
        matches!(self.lowerer.program.node(id).expr, Expr::Literal(_))
    }

    pub(super) fn arithmetic(&mut self, operation: Arithmetic, a: &Syntax, b: &Syntax, syntax: &Syntax) -> Lowered {
        if operation == Arithmetic::Subtract && self.hyphened(syntax).is_some() {
            return None;
        }
        let (left, right) = match &b.kind {
            Kind::Text(text) if super::meant::length(text).is_some() => (self.lower(a), self.text_for_length(text, b)),
            _ => (self.lower(a), self.lower(b)),
        };
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
            (_, Type::Date, Type::Number { .. }) => self.number_at_date(operation, (a, b), syntax),
            _ => {
                let message = format!("`{}` cannot join {} and {}", operation.symbol(), x.name(), y.name());
                self.wrong(syntax, message, "")
            }
        }
    }

    /// The bits of a list of choices.
    pub(super) fn bits(&mut self, items: &[Syntax], choices: &Arc<[String]>) -> Option<u64> {
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

    pub(super) fn membership(&mut self, item: &Syntax, list: &Syntax, syntax: &Syntax) -> Lowered {
        match &list.kind {
            Kind::Range { from, to } => {
                let (item_id, from_id, to_id) = (self.lower(item), self.lower(from), self.lower(to));
                let (item_id, from_id, to_id) = (item_id?, from_id?, to_id?);
                let ty = self.ty(item_id);
                let joined = ty.join(&self.ty(from_id)).and_then(|ty| ty.join(&self.ty(to_id)));
                match joined {
                    Some(Type::Number { .. } | Type::Date) => {
                        let expr = Expr::Within { item: item_id, from: from_id, to: to_id, inclusive: true };
                        self.add(expr, Type::Bool, syntax)
                    }
                    _ => {
                        let ends = [(from_id, from), (to_id, to)].map(|(id, end)| (self.ty(id), self.source(end)));
                        let is_number = |ty: &Type| matches!(ty, Type::Number { .. });
                        let other = ends.iter().find(|(end, _)| ty.join(end).is_none());
                        if let Some((end, name)) = other.filter(|(end, _)| is_number(&ty) && is_number(end)) {
                            let message =
                                format!("`{}` is {}, and `{name}` is {}", self.source(item), ty.name(), end.name());
                            let diagnostic = self.error(&codes::UNIT_MISMATCH, syntax, message);
                            return self.report(diagnostic);
                        }
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
                if items.iter().any(|one| self.is_typed_as_range(one)) {
                    return self.range_in_list(item, items, syntax);
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
            Kind::Text(text) => {
                let [item, list] = [item, list].map(|part| self.source(part));
                let is_negated = self.source(syntax)[item.len()..].trim_start().starts_with('!');
                let right = match self.lowerer.scope.find(text) {
                    Some(_) => format!("{item} {}in {text}", if is_negated { "!" } else { "" }),
                    None => format!("{item} {} {list}", if is_negated { "!=" } else { "==" }),
                };
                let message = format!("`in` needs a set, a list in [ ] or a range, but {list} is a text");
                self.write(&codes::TYPE_MISMATCH, syntax, message, &right, false)
            }
            Kind::Arithmetic(..) if let Some(ends) = numbers_apart(list) => {
                let [from, to] = ends.map(|end| self.source(end));
                let right = format!("{from}..={to}");
                let message = format!("`{}` is a subtraction, not a range", self.source(list));
                self.write(&codes::TYPE_MISMATCH, list, message, &right, false)
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
}
