//! The values of a [`Program`]'s nodes: Kleene's three-valued logic, ranges for what is partly known.
//!
//! This is the meaning of an expression. Whatever decides faster asks this evaluator what it may say.
//!
//! Nothing is skipped: where `false && x` settles the whole, `x` is evaluated all the same, so that the trace can show it.

use std::ops::Range;

use rust_decimal::Decimal;

use super::calculate::calculate;
use crate::date::{Date, DateRange, Duration};
use crate::lang::program::{Expr, ExprId, ListId, Program, Tally};
use crate::lang::syntax::{Arithmetic, Comparison, Quantifier};
use crate::logic::Tri;
use crate::logic::value::{MANY, SINCE_EVER, Value, add_to_date, distance};

/// The notes of one recorded session, in the order of the protocol's session facts.
pub type Notes = Vec<Value>;

/// What is known of a patient on a day, in the slots of a protocol.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// The facts.
    pub facts: &'a [Value],
    /// The parameters.
    pub parameters: &'a [Value],
    /// The recorded sessions of every treatment, by date.
    pub sessions: &'a [Notes],
    /// For each of them its place among the sessions of the record: which of two on one day came first.
    pub order: &'a [usize],
    /// The sessions of each of the program's lists.
    pub lists: &'a [Vec<usize>],
    /// Whether more sessions of each of them may have been given than are listed.
    pub unlisted: &'a [bool],
    /// The as-of date.
    pub today: Date,
    /// How many sessions of the course count, as far as that is known.
    pub sessions_done: Value,
    /// Whether `??` and `known()` are taken as unknown where they stand on something unknown: what could still turn out
    /// otherwise, rather than what the protocol assumes.
    pub open: bool,
}

impl Inputs<'_> {
    /// Whether there may be more sessions of a list than are known.
    #[must_use]
    pub fn is_open(&self, list: ListId) -> bool {
        self.unlisted[usize::from(list.0)]
    }

    /// A note of a session.
    pub(crate) fn note(&self, session: usize, note: u16) -> Value {
        self.sessions[session].get(usize::from(note)).copied().unwrap_or(Value::Unknown)
    }

    /// The sessions of a list that may be its first or its last: more than one only where a day is not known. Of sessions that fall on
    /// one day, the order of the record counts.
    #[must_use]
    pub fn ends(&self, list: ListId, last: bool) -> Vec<usize> {
        let day = |session: usize| match self.sessions[session].get(DATE_NOTE) {
            Some(Value::Date(range)) => *range,
            _ => DateRange { first: Date::NEVER, last: Date::MAX },
        };
        let sessions = &self.lists[usize::from(list.0)];
        // On its last day it came after every other on that one's first day, or before, the other way round.
        let (first, end) = (|at: usize| (day(at).first, self.order[at]), |at: usize| (day(at).last, self.order[at]));
        let limit =
            if last { sessions.iter().map(|&at| first(at)).max() } else { sessions.iter().map(|&at| end(at)).min() };
        let Some(limit) = limit else { return Vec::new() };
        let may_be = |at: &usize| if last { end(*at) >= limit } else { first(*at) <= limit };
        sessions.iter().copied().filter(may_be).collect()
    }
}

/// The note of a session that holds its date.
pub const DATE_NOTE: usize = 0;

/// The values of all nodes of a program for one patient.
#[derive(Clone, Debug)]
pub struct Evaluation {
    values: Vec<Value>,
    /// What the binders stood for when the nodes under them were last asked for.
    around: Around,
}

/// What the binders around a node stand for.
#[derive(Clone, Copy, Debug)]
struct Around {
    sessions: [usize; MOST_BINDERS],
    each: Option<Value>,
}

/// No binder around.
const FREE: Around = Around { sessions: [0; MOST_BINDERS], each: None };

/// What binders stand for, and the moment of a course.
#[derive(Clone, Copy)]
struct Bindings<'a> {
    around: Around,
    moment: Option<&'a dyn Moment>,
}

impl From<Around> for Bindings<'_> {
    fn from(around: Around) -> Self {
        Bindings { around, moment: None }
    }
}

/// A moment of a course: a date on which it is asked whether a planned session is needed.
pub trait Moment {
    /// The date.
    fn date(&self) -> Date;
    /// Whether a recorded session is judged, rather than the next one forecast.
    fn judging(&self) -> bool;
    /// Whether the patient is that old.
    fn aged(&self, by: Duration, grace: bool) -> Tri;
    /// Whether so much time has gone by since the previous session.
    fn waited(&self, by: Duration, grace: bool) -> Tri;
    /// How many sessions there are of a kind.
    fn tally(&self, tally: &Tally) -> u32;
}

/// How deep binders may be nested.
pub const MOST_BINDERS: usize = 4;

impl Evaluation {
    /// The values of all nodes that stand under no binder.
    #[must_use]
    pub fn complete(program: &Program, inputs: &Inputs<'_>) -> Evaluation {
        let mut evaluation = Evaluation::blank(program);
        evaluation.run(program, inputs, 0..crate::narrow::u32(program.nodes.len()), 0, &FREE.into());
        evaluation
    }

    /// An evaluation in which nothing has been evaluated.
    #[must_use]
    pub fn blank(program: &Program) -> Evaluation {
        Evaluation { values: vec![Value::Unknown; program.nodes.len()], around: FREE }
    }

    /// Evaluates some of the nodes that stand under no binder, in the order given: operands first.
    pub fn refresh(&mut self, program: &Program, inputs: &Inputs<'_>, nodes: &[u32]) {
        for &at in nodes {
            let node = &program.nodes[at as usize];
            if node.level == 0 {
                self.values[at as usize] = self.compute(program, inputs, &node.expr, 0, &FREE.into());
            }
        }
    }

    /// The value of a node.
    #[must_use]
    pub fn value(&self, id: ExprId) -> Value {
        self.values[id.0 as usize]
    }

    /// The truth of a condition.
    #[must_use]
    pub fn truth(&self, id: ExprId) -> Tri {
        self.value(id).truth()
    }

    /// The value of the last node of a body, for one value of a setting's `each`, or one that a course is counted for.
    pub fn for_each(&mut self, program: &Program, inputs: &Inputs<'_>, body: Range<u32>, each: Value) -> Value {
        let root = body.end - 1;
        let around = Around { each: Some(each), ..FREE };
        self.around = around;
        self.run(program, inputs, body, 1, &around.into());
        self.values[root as usize]
    }

    /// The value of the last node of a body that asks whether a planned session is needed, at one moment; where the course is
    /// counted for single values, for one of them.
    pub fn at_moment(
        &mut self,
        program: &Program,
        inputs: &Inputs<'_>,
        body: Range<u32>,
        (moment, each): (&dyn Moment, Option<Value>),
    ) -> Value {
        let root = body.end - 1;
        self.run(program, inputs, body, 1, &Bindings { around: Around { each, ..FREE }, moment: Some(moment) });
        self.values[root as usize]
    }

    /// The value of a quantifier's condition for one session; the values of the nodes under it are then those for that session.
    /// What stands around the quantifier is as it was last asked for: another quantifier's session, a setting's `each`.
    pub fn for_session(&mut self, program: &Program, inputs: &Inputs<'_>, body: Range<u32>, session: usize) -> Value {
        let level = program.nodes[body.end as usize - 1].level;
        self.around.sessions[usize::from(level) - 1] = session;
        let around = self.around;
        self.condition(program, inputs, body, level, session, &around.into())
    }

    /// The session that a binder stood for when the nodes under it were last asked for.
    #[must_use]
    pub fn session(&self, binder: u8) -> usize {
        self.around.sessions[usize::from(binder)]
    }

    fn condition(
        &mut self,
        program: &Program,
        inputs: &Inputs<'_>,
        body: Range<u32>,
        level: u8,
        session: usize,
        bindings: &Bindings<'_>,
    ) -> Value {
        let root = body.end - 1;
        let mut bindings = *bindings;
        if let Some(slot) = bindings.around.sessions.get_mut(usize::from(level) - 1) {
            *slot = session;
        }
        self.run(program, inputs, body, level, &bindings);
        self.values[root as usize]
    }

    fn run(&mut self, program: &Program, inputs: &Inputs<'_>, nodes: Range<u32>, level: u8, bindings: &Bindings<'_>) {
        for at in nodes {
            let node = &program.nodes[at as usize];
            if node.level == level {
                self.values[at as usize] = self.compute(program, inputs, &node.expr, level, bindings);
            }
        }
    }

    fn compute(
        &mut self,
        program: &Program,
        inputs: &Inputs<'_>,
        expr: &Expr,
        level: u8,
        bindings: &Bindings<'_>,
    ) -> Value {
        let value = |id: &ExprId| self.values[id.0 as usize];
        let truth = |id: &ExprId| self.values[id.0 as usize].truth();
        match expr {
            Expr::Literal(literal) => *literal,
            Expr::Fact(fact) => inputs.facts[usize::from(fact.0)],
            Expr::Parameter(at) => inputs.parameters[usize::from(*at)],
            Expr::Definition(_, root) => value(root),
            Expr::Today => Value::date(inputs.today),
            Expr::Age(birth) => age(inputs.facts[usize::from(birth.0)], inputs.today),
            Expr::SessionsDone => inputs.sessions_done,
            Expr::Each => bindings.around.each.unwrap_or(Value::Unknown),
            Expr::Not(a) => (!truth(a)).into(),
            Expr::And(all) => all.iter().fold(Tri::True, |so_far, id| so_far.and(truth(id))).into(),
            Expr::Or(all) => all.iter().fold(Tri::False, |so_far, id| so_far.or(truth(id))).into(),
            Expr::Compare(comparison, a, b) => compare(*comparison, value(a), value(b)).into(),
            Expr::OneOf(item, choices) => match value(item) {
                Value::Choice(at) => Value::Bool(choices >> at & 1 == 1),
                _ => Value::Unknown,
            },
            Expr::Among(item, all) => {
                // An unknown item is unknown even among no items at all.
                if value(item) == Value::Unknown {
                    return Value::Unknown;
                }
                let equal = |id| compare(Comparison::Equal, value(item), value(id));
                all.iter().fold(Tri::False, |so_far, id| so_far.or(equal(id))).into()
            }
            Expr::Within { item, from, to, inclusive } => {
                let below = if *inclusive { Comparison::LessOrEqual } else { Comparison::Less };
                let above = compare(Comparison::GreaterOrEqual, value(item), value(from));
                above.and(compare(below, value(item), value(to))).into()
            }
            Expr::Contains(set, item) => match (value(set), value(item)) {
                (Value::Set(bits), Value::Choice(at)) => Value::Bool(bits >> at & 1 == 1),
                _ => Value::Unknown,
            },
            Expr::ContainsAny(set, choices) => match value(set) {
                Value::Set(bits) => Value::Bool(bits & choices != 0),
                _ => Value::Unknown,
            },
            Expr::IsEmpty(set) => match value(set) {
                Value::Set(bits) => Value::Bool(bits == 0),
                _ => Value::Unknown,
            },
            Expr::Len(set) => match value(set) {
                Value::Set(bits) => Value::number(bits.count_ones()),
                _ => Value::Unknown,
            },
            Expr::Arithmetic(operation, a, b) => calculate(*operation, value(a), value(b)),
            Expr::Negate(a) => match value(a) {
                Value::Number(least, greatest) => Value::Number(-greatest, -least),
                _ => Value::Unknown,
            },
            Expr::Shift { date, by, back } => add_to_date(value(date), value(by), *back),
            Expr::Distance(a, b) => distance(value(a), value(b)),
            Expr::Duration { count, months, days } => match value(count) {
                Value::Number(a, b) => {
                    let times = |n: Decimal| {
                        let n = i32::try_from(n).ok()?;
                        Some(Duration { months: months.checked_mul(n)?, days: days.checked_mul(n)? })
                    };
                    // Of however many sessions there may have been, nobody knows how long it is.
                    let shortest = if a < b && a <= -MANY { Some(SINCE_EVER.negated()) } else { times(a) };
                    let longest = if a < b && b >= MANY { Some(SINCE_EVER) } else { times(b) };
                    match (shortest, longest) {
                        (Some(a), Some(b)) => Value::Duration(a, b),
                        _ => Value::Unknown,
                    }
                }
                _ => Value::Unknown,
            },
            Expr::Lengthen(a, b) => match (value(a), value(b)) {
                (Value::Duration(a, b), Value::Duration(c, d)) => Value::Duration(a.plus(c), b.plus(d)),
                _ => Value::Unknown,
            },
            Expr::If(condition, yes, no) => match truth(condition) {
                Tri::True => value(yes),
                Tri::False => value(no),
                Tri::Unknown => value(yes).either(value(no)),
            },
            Expr::Coalesce(a, b) => match value(a) {
                Value::Unknown if inputs.open => Value::Unknown,
                Value::Unknown => value(b),
                known => known,
            },
            Expr::Known(a) => match value(a) {
                Value::Unknown if inputs.open => Value::Unknown,
                value => Value::Bool(value != Value::Unknown),
            },
            Expr::Quantified { quantifier, list, body } => {
                self.quantify(program, inputs, *quantifier, *list, body.clone(), level, bindings)
            }
            Expr::Sum { list, note, body } => self.sum(program, inputs, (*list, *note, body.clone()), level, bindings),
            Expr::SessionCount(list) => {
                let listed = Decimal::from(inputs.lists[usize::from(list.0)].len() as u64);
                Value::Number(listed, if inputs.is_open(*list) { MANY } else { listed })
            }
            Expr::NoSessions(list) => match inputs.lists[usize::from(list.0)].is_empty() {
                true if inputs.is_open(*list) => Value::Unknown,
                none => Value::Bool(none),
            },
            // Which is the first and which the last, another may be.
            Expr::FirstDate(list) | Expr::LastDate(list) | Expr::EndNote { list, .. } if inputs.is_open(*list) => {
                Value::Unknown
            }
            Expr::FirstDate(list) => end_date(inputs, *list, Date::min),
            Expr::LastDate(list) => end_date(inputs, *list, Date::max),
            Expr::EndNote { list, last, note } => {
                let notes = inputs.ends(*list, *last).into_iter().map(|session| inputs.note(session, *note));
                notes.reduce(Value::either).unwrap_or(Value::Unknown)
            }
            Expr::SessionNote { binder, note } => inputs.note(bindings.around.sessions[usize::from(*binder)], *note),
            Expr::Judging => bindings.moment.map_or(Value::Unknown, |moment| Value::Bool(moment.judging())),
            Expr::SessionDate => bindings.moment.map_or(Value::Unknown, |moment| Value::date(moment.date())),
            Expr::Aged { by, grace } => bindings.moment.map_or(Tri::Unknown, |moment| moment.aged(*by, *grace)).into(),
            Expr::Waited { by, grace } => {
                bindings.moment.map_or(Tri::Unknown, |moment| moment.waited(*by, *grace)).into()
            }
            Expr::Tally(tally) => bindings.moment.map_or(Value::Unknown, |moment| Value::number(moment.tally(tally))),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the context of a nested evaluation, used here only")]
    fn quantify(
        &mut self,
        program: &Program,
        inputs: &Inputs<'_>,
        quantifier: Quantifier,
        list: ListId,
        body: Range<u32>,
        level: u8,
        bindings: &Bindings<'_>,
    ) -> Value {
        let (mut any, mut all, mut surely, mut possibly) = (Tri::False, Tri::True, 0u32, 0u32);
        for &session in &inputs.lists[usize::from(list.0)] {
            let truth = self.condition(program, inputs, body.clone(), level + 1, session, bindings).truth();
            any = any.or(truth);
            all = all.and(truth);
            surely += u32::from(truth.is_true());
            possibly += u32::from(!truth.is_false());
        }
        // Those that are not listed may be of either kind, and any number.
        let (open, most) = if inputs.is_open(list) { (Tri::Unknown, MANY) } else { (Tri::False, possibly.into()) };
        match quantifier {
            Quantifier::Any => any.or(open).into(),
            Quantifier::All => all.and(!open).into(),
            Quantifier::Count => Value::Number(surely.into(), most),
        }
    }

    /// A sum over a list: of this note, where the last node of the body holds.
    fn sum(
        &mut self,
        program: &Program,
        inputs: &Inputs<'_>,
        (list, note, body): (ListId, ExprId, Range<u32>),
        level: u8,
        bindings: &Bindings<'_>,
    ) -> Value {
        let mut sum = if inputs.is_open(list) { Value::Unknown } else { Value::number(0) };
        for &session in &inputs.lists[usize::from(list.0)] {
            let counts = self.condition(program, inputs, body.clone(), level + 1, session, bindings).truth();
            sum = calculate(Arithmetic::Add, sum, addend(counts, self.value(note)));
        }
        sum
    }
}

/// A note's part of a sum: nothing where the condition does not hold, and either where that is not known.
pub(crate) fn addend(condition: Tri, note: Value) -> Value {
    match condition {
        Tri::True => note,
        Tri::False => Value::number(0),
        Tri::Unknown => note.either(Value::number(0)),
    }
}

fn age(birth: Value, today: Date) -> Value {
    match birth {
        Value::Date(range) if !range.first.is_never() => {
            Value::Number(today.years_since(range.last).into(), today.years_since(range.first).into())
        }
        _ => Value::Unknown,
    }
}

fn end_date(inputs: &Inputs<'_>, list: ListId, pick: fn(Date, Date) -> Date) -> Value {
    let dates = inputs.lists[usize::from(list.0)].iter().map(|&session| match inputs.sessions[session][DATE_NOTE] {
        Value::Date(range) => Some(range),
        _ => None,
    });
    let mut end: Option<DateRange> = None;
    for date in dates {
        let Some(date) = date else { return Value::Unknown };
        end = Some(match end {
            None => date,
            Some(so_far) => DateRange { first: pick(so_far.first, date.first), last: pick(so_far.last, date.last) },
        });
    }
    Value::Date(end.unwrap_or(Date::NEVER.into()))
}

/// The truth of a comparison, over all that the two values may be.
pub(crate) fn compare(comparison: Comparison, a: Value, b: Value) -> Tri {
    fn ranges<T: PartialOrd>(comparison: Comparison, (a_least, a_most): (T, T), (b_least, b_most): (T, T)) -> Tri {
        let less = Tri::between(a_most < b_least, a_least < b_most);
        let less_or_equal = Tri::between(a_most <= b_least, a_least <= b_most);
        let equal = || {
            let settled = a_least == a_most && b_least == b_most && a_least == b_least;
            Tri::between(settled, a_least <= b_most && b_least <= a_most)
        };
        match comparison {
            Comparison::Less => less,
            Comparison::LessOrEqual => less_or_equal,
            Comparison::Greater => !less_or_equal,
            Comparison::GreaterOrEqual => !less,
            Comparison::Equal => equal(),
            Comparison::NotEqual => !equal(),
        }
    }
    match (a, b) {
        (Value::Number(a, b), Value::Number(c, d)) => ranges(comparison, (a, b), (c, d)),
        (Value::Date(a), Value::Date(b)) => ranges(comparison, (a.first, a.last), (b.first, b.last)),
        // Only exact lengths are compared; the types see to it.
        (Value::Duration(a, b), Value::Duration(c, d)) => ranges(comparison, (a.days, b.days), (c.days, d.days)),
        (Value::Unknown, _) | (_, Value::Unknown) => Tri::Unknown,
        (a, b) => match comparison {
            Comparison::Equal => (a == b).into(),
            Comparison::NotEqual => (a != b).into(),
            _ => Tri::Unknown,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_hold_for_every_day_or_are_unknown() {
        let november: Value = Value::date("2025-11".parse::<DateRange>().expect("a month"));
        let day = |text: &str| Value::date(text.parse::<Date>().expect("a date"));
        assert_eq!(compare(Comparison::Less, november, day("2025-12-01")), Tri::True);
        assert_eq!(compare(Comparison::Less, november, day("2025-11-30")), Tri::Unknown);
        assert_eq!(compare(Comparison::Less, november, day("2025-11-01")), Tri::False);
        assert_eq!(compare(Comparison::GreaterOrEqual, november, day("2025-11-01")), Tri::True);
        assert_eq!(compare(Comparison::Equal, november, day("2025-11-10")), Tri::Unknown);
        assert_eq!(compare(Comparison::NotEqual, november, day("2025-10-10")), Tri::True);
    }
}
