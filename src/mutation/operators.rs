//! Every change that is made of a protocol.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::date::Duration;
use crate::decide::prepared::course_roots;
use crate::diagnostic::Place;
use crate::lang::syntax::Comparison;
use crate::lang::{Expr, ExprId, Type};
use crate::logic::value::bits;
use crate::logic::{Number, Value};
use crate::mutation::Operator;
use crate::mutation::change::{Change, lengths};
use crate::protocol::Protocol;
use crate::protocol::model::{Action, Course, Length, Quantity, Says};

/// A change, and what a person is told of it.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) operator: Operator,
    pub(super) of: String,
    pub(super) line: usize,
    pub(super) before: String,
    pub(super) after: Option<String>,
    pub(super) change: Change,
}

/// All changes, in the order of the model.
pub(super) fn all(protocol: &Protocol) -> Vec<Made> {
    let mut maker = Maker { protocol, all: Vec::new() };
    maker.parameters();
    maker.rules();
    maker.settings();
    maker.courses();
    maker.expressions();
    maker.all
}

struct Maker<'p> {
    protocol: &'p Protocol,
    all: Vec<Made>,
}

impl Maker<'_> {
    fn push(
        &mut self,
        operator: Operator,
        of: &str,
        place: &Place,
        (before, after): (String, Option<String>),
        change: Change,
    ) {
        let line = self.protocol.line(place);
        self.all.push(Made { operator, of: of.to_owned(), line, before, after, change });
    }

    fn parameters(&mut self) {
        let protocol = self.protocol;
        for (at, parameter) in protocol.parameters.iter().enumerate() {
            let of = format!("parameter {}", parameter.name);
            let show = |value| protocol.program.show(value, &parameter.ty);
            for (operator, other) in others(parameter.value) {
                let words = (show(parameter.value), Some(show(other)));
                self.push(operator, &of, &parameter.place, words, Change::Parameter(at, other));
            }
        }
    }

    fn rules(&mut self) {
        let protocol = self.protocol;
        for (at, rule) in protocol.rules.iter().enumerate() {
            let of = format!("{} {}", rule.action.kind(), rule.id);
            self.push(Operator::Rule, &of, &rule.place, (rule.id.clone(), None), Change::NoRule(at));
            let Action::Precaution { limits, .. } = &rule.action else { continue };
            for (limit, (setting, number)) in limits.iter().enumerate() {
                let name = format!("the limit on {}", protocol.settings[*setting].id);
                self.push(Operator::Limit, &of, &rule.place, (name.clone(), None), Change::NoLimit(at, limit));
                for (other, before, after) in other_numbers(number) {
                    let words = (format!("{name}, {before}"), Some(after));
                    self.push(Operator::Limit, &of, &rule.place, words, Change::Limit(at, limit, other));
                }
            }
        }
    }

    fn settings(&mut self) {
        let protocol = self.protocol;
        for (at, setting) in protocol.settings.iter().enumerate() {
            let of = format!("setting {}", setting.id);
            for (row, entry) in setting.rows.iter().enumerate() {
                let name = format!("row {}", row + 1);
                self.push(Operator::Row, &of, &entry.place, (name, None), Change::NoRow(at, row));
                let numbers = match &entry.says {
                    Says::Value(value) => vec![value],
                    Says::Range(from, to) => vec![from, to],
                    Says::Text(_) => Vec::new(),
                };
                for (which, number) in numbers.into_iter().enumerate() {
                    for (other, before, after) in other_numbers(number) {
                        let change = Change::RowNumber(at, row, which, other);
                        self.push(Operator::Number, &of, &entry.place, (before, Some(after)), change);
                    }
                }
            }
        }
    }

    fn courses(&mut self) {
        let protocol = self.protocol;
        for (at, course) in protocol.courses.iter().enumerate() {
            for (interval, one) in course.intervals.iter().enumerate() {
                let change = Change::NoInterval(at, interval);
                self.push(
                    Operator::Interval,
                    &format!("interval {}", one.id),
                    &one.place,
                    (one.id.clone(), None),
                    change,
                );
            }
            for (gap, one) in course.gaps.iter().enumerate() {
                let change = Change::NoGap(at, gap);
                self.push(Operator::Interval, &format!("gap {}", one.id), &one.place, (one.id.clone(), None), change);
            }
        }
        for (at, one) in protocol.separations.iter().enumerate() {
            let of = format!("separation {}", one.id);
            self.push(Operator::Interval, &of, &one.place, (one.id.clone(), None), Change::NoSeparation(at));
        }
        let mut model = (**protocol).clone();
        let is_idle = |of: &str| {
            protocol.courses.iter().any(|one| format!("course {}", one.id) == of && !has_grace(protocol, one))
        };
        for (at, (of, length)) in lengths(&mut model).into_iter().enumerate() {
            // A parameter has been changed by itself. A grace that nothing is judged by cannot be wrong.
            let Length::Fixed(length) = *length else { continue };
            if of.name == "grace" && is_idle(&of.of) {
                continue;
            }
            for (operator, other) in others(Value::duration(length)) {
                let Value::Duration(other, _) = other else { continue };
                let words = (format!("{} {length}", of.name), Some(format!("{} {other}", of.name)));
                self.push(operator, &of.of, &of.place, words, Change::Length(at, Length::Fixed(other)));
            }
        }
    }

    /// The operations of all expressions that have a part in an answer. An instruction and a text are not what is decided.
    fn expressions(&mut self) {
        let protocol = self.protocol;
        let program = &protocol.program;
        let owners = owners(protocol);
        let mut done = BTreeSet::new();
        for (of, roots) in &owners {
            // Definitions come first: what stands in one is told of there.
            for id in program.under(roots.iter().copied()) {
                if done.insert(id) {
                    self.node(of, id);
                }
            }
        }
    }

    fn node(&mut self, of: &str, id: ExprId) {
        let protocol = self.protocol;
        let node = protocol.program.node(id);
        let place = Place { file: protocol.file.clone(), span: node.span.clone() };
        let text = |id: ExprId| protocol.written(id);
        let whole = text(id);
        let mut make = |operator, after: String, expr| {
            self.push(operator, of, &place, (whole.clone(), Some(after)), Change::Node(id, expr));
        };
        match &node.expr {
            Expr::Compare(comparison, a, b) => {
                for other in other_comparisons(*comparison) {
                    let after = format!("{} {} {}", text(*a), other.symbol(), text(*b));
                    make(Operator::Comparison, after, Expr::Compare(other, *a, *b));
                }
            }
            Expr::Within { item, from, to, inclusive } => {
                let dots = if *inclusive { ".." } else { "..=" };
                let after = format!("{} in {}{dots}{}", text(*item), text(*from), text(*to));
                let expr = Expr::Within { item: *item, from: *from, to: *to, inclusive: !inclusive };
                make(Operator::Comparison, after, expr);
            }
            Expr::And(all) | Expr::Or(all) => {
                let is_and = matches!(node.expr, Expr::And(_));
                let join = |all: &[ExprId], symbol: &str| {
                    all.iter().map(|id| text(*id)).collect::<Vec<_>>().join(&format!(" {symbol} "))
                };
                let (symbol, other) = if is_and { ("&&", "||") } else { ("||", "&&") };
                let turned = if is_and { Expr::Or(all.clone()) } else { Expr::And(all.clone()) };
                make(Operator::Connective, join(all, other), turned);
                for at in 0..all.len().saturating_mul(usize::from(all.len() > 1)) {
                    let mut left = all.to_vec();
                    left.remove(at);
                    let after = join(&left, symbol);
                    let left = left.into_boxed_slice();
                    make(Operator::Condition, after, if is_and { Expr::And(left) } else { Expr::Or(left) });
                }
            }
            Expr::Not(a) => make(Operator::Negation, text(*a), Expr::And(Box::new([*a]))),
            Expr::Known(_) => make(Operator::Known, "true".to_owned(), Expr::Literal(Value::Bool(true))),
            // Its own default is none.
            Expr::Coalesce(a, _) => make(Operator::Default, text(*a), Expr::Coalesce(*a, *a)),
            Expr::OneOf(item, choices) | Expr::ContainsAny(item, choices) if choices.count_ones() > 1 => {
                let is_one_of = matches!(node.expr, Expr::OneOf(..));
                let names = match &protocol.program.node(*item).ty {
                    Type::Choice(names) | Type::Set(names) => names.to_vec(),
                    _ => Vec::new(),
                };
                for bit in bits(*choices) {
                    let left = choices & !(1 << bit);
                    let name = names.get(usize::from(bit)).cloned().unwrap_or_default();
                    let expr = if is_one_of { Expr::OneOf(*item, left) } else { Expr::ContainsAny(*item, left) };
                    make(Operator::Choice, format!("the same without \"{name}\""), expr);
                }
            }
            Expr::Among(item, all) if all.len() > 1 => {
                for at in 0..all.len() {
                    let mut left = all.to_vec();
                    let taken = left.remove(at);
                    let after = format!("the same without {}", text(taken));
                    make(Operator::Choice, after, Expr::Among(*item, left.into_boxed_slice()));
                }
            }
            Expr::Literal(value) => {
                for (operator, other) in others(*value) {
                    make(operator, protocol.program.show(other, &node.ty), Expr::Literal(other));
                }
            }
            Expr::Duration { count, months, days } => {
                for (other, unit) in other_units(Duration::new(*months, *days)) {
                    let expr = Expr::Duration { count: *count, months: other.months, days: other.days };
                    make(Operator::Unit, format!("{unit}({})", text(*count)), expr);
                }
            }
            _ => {}
        }
    }
}

/// The expressions that have a part in an answer, by what they belong to, definitions first.
pub(crate) fn owners(protocol: &Protocol) -> Vec<(String, Vec<ExprId>)> {
    let last = |body: &std::ops::Range<u32>| ExprId(body.end - 1);
    let mut read: Vec<(String, Vec<ExprId>)> = Vec::new();
    for rule in &protocol.rules {
        let mut roots: Vec<ExprId> = rule.roots().collect();
        match &rule.action {
            Action::Defer { recheck, .. } => roots.extend(*recheck),
            Action::Precaution { limits, .. } => {
                roots.extend(limits.iter().filter_map(|(_, number)| number.computed()).map(last));
            }
            _ => {}
        }
        read.push((format!("{} {}", rule.action.kind(), rule.id), roots));
    }
    for setting in &protocol.settings {
        let bodies = setting.rows.iter().flat_map(|row| row.when.iter().chain(row.says.computed()));
        read.push((format!("setting {}", setting.id), bodies.map(last).collect()));
    }
    read.push((format!("course of {}", protocol.treatment), course_roots(protocol)));
    let used: BTreeSet<ExprId> = protocol.program.under(read.iter().flat_map(|(_, roots)| roots.clone())).collect();
    let definitions = protocol.definitions.iter().filter(|definition| used.contains(&definition.root));
    let definitions = definitions.map(|definition| (format!("definition {}", definition.name), vec![definition.root]));
    definitions.chain(read).collect()
}

/// Whether anything of a course is judged by its grace: an interval or age without an absolute minimum, or an expression that asks for it.
fn has_grace(protocol: &Protocol, course: &Course) -> bool {
    let of_interval = course.intervals.iter().any(|interval| interval.absolute_minimum.is_none());
    let mut ages = course.sessions.iter().flat_map(|planned| &planned.ages);
    let of_age = ages.any(|age| age.minimum.is_some() && age.absolute_minimum.is_none());
    let skips = course.sessions.iter().filter_map(|planned| planned.skip.as_ref());
    let asked = skips.flat_map(|skip| protocol.program.under([ExprId(skip.end - 1)]));
    let mut asked = asked.map(|id| &protocol.program.node(id).expr);
    of_interval
        || of_age
        || asked.any(|expr| matches!(expr, Expr::Aged { grace: true, .. } | Expr::Waited { grace: true, .. }))
}

/// The comparisons that somebody may have meant.
fn other_comparisons(comparison: Comparison) -> Vec<Comparison> {
    match comparison {
        Comparison::Equal => vec![Comparison::NotEqual],
        Comparison::NotEqual => vec![Comparison::Equal],
        Comparison::Less => vec![Comparison::LessOrEqual, Comparison::GreaterOrEqual],
        Comparison::LessOrEqual => vec![Comparison::Less, Comparison::Greater],
        Comparison::Greater => vec![Comparison::GreaterOrEqual, Comparison::LessOrEqual],
        Comparison::GreaterOrEqual => vec![Comparison::Greater, Comparison::Less],
    }
}

/// A value one step lower and one step higher, and a length of time in another unit.
fn others(value: Value) -> Vec<(Operator, Value)> {
    match value {
        Value::Number(number, most) if number == most => {
            let step = Decimal::new(1, number.written_decimals()).into();
            let steps = [number.minus(step), number.plus(step)].into_iter().flatten();
            // A number that was none below zero stays so.
            let steps = steps.filter(|other| *other >= Number::ZERO || number < Number::ZERO);
            steps.map(|other| (Operator::Number, Value::number(other))).collect()
        }
        Value::Date(range) if !range.is_partial() && !range.first.is_never() => {
            [-1, 1].map(|days| (Operator::Day, Value::date(range.first.plus_days(days)))).to_vec()
        }
        Value::Duration(length, longest) if length == longest => {
            let step = |by| match length.months {
                0 => Duration::new(length.months, length.days + by),
                _ => Duration::new(length.months + by, length.days),
            };
            let steps = [-1, 1].map(step).into_iter().filter(|other| other.months >= 0 && other.days >= 0);
            let units = other_units(length).into_iter().map(|(other, _)| (Operator::Unit, Value::duration(other)));
            steps.map(|other| (Operator::Wait, Value::duration(other))).chain(units).collect()
        }
        _ => Vec::new(),
    }
}

/// The same number of another unit of time that stands beside it, and that unit's name.
fn other_units(length: Duration) -> Vec<(Duration, &'static str)> {
    let months = |months| Duration::new(months, 0);
    match (length.months, length.days) {
        (0, 0) => Vec::new(),
        (0, days) if days % 7 == 0 => vec![(months(days / 7), "months"), (Duration::days(days / 7), "days")],
        (0, days) => vec![(Duration::days(days.saturating_mul(7)), "weeks")],
        (12, 0) => vec![(months(1), "months")],
        (count, 0) if count % 12 == 0 => vec![(months(count / 12), "months")],
        (count, 0) => vec![(Duration::days(count.saturating_mul(7)), "weeks")],
        _ => Vec::new(),
    }
}

/// A number that stands in the file one step lower and one step higher, with both as text.
fn other_numbers(number: &Quantity) -> Vec<(Quantity, String, String)> {
    let Quantity::Fixed(number) = number else { return Vec::new() };
    let step = Decimal::new(1, number.scale());
    let steps = [number.checked_sub(step), number.checked_add(step)].into_iter().flatten();
    let steps = steps.filter(|other| !other.is_sign_negative());
    steps.map(|other| (Quantity::Fixed(other), number.to_string(), other.to_string())).collect()
}
