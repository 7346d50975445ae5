//! The expressions of a protocol, lowered: one flat list, operands before what uses them, every name a number.
//!
//! Evaluating a protocol is one pass over the list. The trace and the benchmarks read the same list; there is no other
//! evaluator.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::date::{Date, Duration};
use crate::lang::syntax::{Arithmetic, Comparison, Quantifier};
use crate::lang::types::Type;
use crate::logic::value::{MANY, TextId, Texts, Value};

/// A node of a [`Program`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// A fact that a protocol reads, by its place in the protocol's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactId(pub u16);

/// A list of sessions of one treatment, by its place in the program's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListId(pub u16);

/// All expressions of a protocol.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The nodes; operands stand before their users.
    pub nodes: Vec<Node>,
    /// The treatments whose sessions are asked for.
    pub lists: Vec<String>,
    /// The texts that are mentioned.
    pub texts: Texts,
}

/// How deep expressions may be, with the definitions that they use.
pub const MOST_DEPTH: u16 = 400;

/// One operation, with its type and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// The operation.
    pub expr: Expr,
    /// The type of its value.
    pub ty: Type,
    /// The bytes of the file.
    pub span: Range<usize>,
    /// How many binders (`any s in …`, a setting's `each`, a course's value) it stands under. Such a node has a value only within them.
    pub level: u8,
    /// Whether its value depends on how many sessions count.
    pub after_course: bool,
    /// Whether it is the same for all patients.
    pub constant: bool,
    /// How many operations stand below each other in it, itself included. At most [`MOST_DEPTH`], so that what goes down an
    /// expression step by step ends before the stack does.
    pub depth: u16,
    /// How many operations it would have with all definitions written out. Each that uses another twice doubles it.
    pub written_out: u32,
}

/// An operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A value that stands in the text, `today` and `never` aside.
    Literal(Value),
    /// What the record says.
    Fact(FactId),
    /// What the clinic has set, by its place among the parameters.
    Parameter(u16),
    /// The value of a named expression, by its place among the definitions.
    Definition(u16, ExprId),
    /// The as-of date.
    Today,
    /// Whole years since the fact.
    Age(FactId),
    /// How many sessions of the course count.
    SessionsDone,
    /// The current value of a setting's `each`, or the one that a course is counted for.
    Each,
    /// `!a`
    Not(ExprId),
    /// `a && b …`
    And(Box<[ExprId]>),
    /// `a || b …`
    Or(Box<[ExprId]>),
    /// `a < b` of numbers, dates or lengths of time; `==` and `!=` of anything.
    Compare(Comparison, ExprId, ExprId),
    /// `choice in [..]`: the choices as bits.
    OneOf(ExprId, u64),
    /// `x in [..]`
    Among(ExprId, Box<[ExprId]>),
    /// `x in a..=b`
    Within {
        /// The value.
        item: ExprId,
        /// The first of the range.
        from: ExprId,
        /// The last.
        to: ExprId,
        /// Whether the last belongs to it.
        inclusive: bool,
    },
    /// `x in set`
    Contains(ExprId, ExprId),
    /// `set.contains_any([..])`: the choices as bits.
    ContainsAny(ExprId, u64),
    /// `set.is_empty()`
    IsEmpty(ExprId),
    /// `set.len()`
    Len(ExprId),
    /// `a + b` of numbers.
    Arithmetic(Arithmetic, ExprId, ExprId),
    /// `-a` of numbers.
    Negate(ExprId),
    /// `date + duration`, or `date - duration`.
    Shift {
        /// The date.
        date: ExprId,
        /// The length of time.
        by: ExprId,
        /// Whether it is taken away.
        back: bool,
    },
    /// `date - date`
    Distance(ExprId, ExprId),
    /// `days(n)` and its like: so many months and days for each.
    Duration {
        /// How many.
        count: ExprId,
        /// Months in the unit.
        months: i32,
        /// Days in the unit.
        days: i32,
    },
    /// `duration + duration`
    Lengthen(ExprId, ExprId),
    /// `if c { a } else { b }`
    If(ExprId, ExprId, ExprId),
    /// `a ?? b`
    Coalesce(ExprId, ExprId),
    /// `known(a)`
    Known(ExprId),
    /// `any s in sessions where …`
    Quantified {
        /// any, all or count.
        quantifier: Quantifier,
        /// The sessions.
        list: ListId,
        /// The condition on each; its nodes are those from `body.start` up to it.
        body: Range<u32>,
    },
    /// `sum s.units in sessions where …`
    Sum {
        /// The sessions.
        list: ListId,
        /// What is added up, a node of the body.
        note: ExprId,
        /// The condition on each is the last of these nodes.
        body: Range<u32>,
    },
    /// `sessions.len()`
    SessionCount(ListId),
    /// `sessions.is_empty()`
    NoSessions(ListId),
    /// `sessions.first.date`
    FirstDate(ListId),
    /// `sessions.last.date`
    LastDate(ListId),
    /// `sessions.last.depth_mm`: a note of the first or the last session.
    EndNote {
        /// The sessions.
        list: ListId,
        /// Whether the last is meant.
        last: bool,
        /// The place among the notes of a session.
        note: u16,
    },
    /// `s.depth_mm`: a note of the session in hand.
    SessionNote {
        /// Which binder's session: 0 is the outermost.
        binder: u8,
        /// The place among the notes of a session.
        note: u16,
    },
    /// `judging`: whether a recorded session is judged, rather than the next one forecast.
    Judging,
    /// `session_date`: the date for which it is asked whether a planned session is needed.
    SessionDate,
    /// `aged("4 years")`: whether the patient is that old on that date.
    Aged {
        /// The age.
        by: Duration,
        /// Whether the course's grace counts while judging.
        grace: bool,
    },
    /// `waited("6 months")`: whether so much time has gone by since the previous session.
    Waited {
        /// The length of time.
        by: Duration,
        /// Whether the course's grace counts while judging.
        grace: bool,
    },
    /// `valid(…)` or `given(…)`: how many sessions.
    Tally(Box<Tally>),
}

/// Which recorded sessions are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Only those that count in the course.
    pub valid: bool,
    /// Only those with one of these products, in order; none: those of the course.
    pub products: Option<Box<[TextId]>>,
    /// Only those at this age or older.
    pub from_age: Option<Duration>,
    /// Only those before this age.
    pub before_age: Option<Duration>,
    /// Only those on this day or later.
    pub from: Option<Date>,
    /// Only those before this day.
    pub before: Option<Date>,
}

impl Expr {
    /// The list of sessions that it reads.
    pub fn list(&self) -> Option<ListId> {
        match self {
            Expr::Quantified { list, .. }
            | Expr::Sum { list, .. }
            | Expr::SessionCount(list)
            | Expr::NoSessions(list)
            | Expr::FirstDate(list)
            | Expr::LastDate(list)
            | Expr::EndNote { list, .. } => Some(*list),
            _ => None,
        }
    }

    /// Whether it says something of one moment of a course: of a session that is judged, or of the next.
    pub fn is_of_a_moment(&self) -> bool {
        matches!(self, Expr::Judging | Expr::SessionDate | Expr::Aged { .. } | Expr::Waited { .. } | Expr::Tally(_))
    }

    /// The nodes it uses, in the order of the text.
    pub fn operands(&self) -> Vec<ExprId> {
        match self {
            Expr::And(all) | Expr::Or(all) => all.to_vec(),
            Expr::Among(item, all) => std::iter::once(*item).chain(all.iter().copied()).collect(),
            Expr::Not(a)
            | Expr::Definition(_, a)
            | Expr::OneOf(a, _)
            | Expr::ContainsAny(a, _)
            | Expr::IsEmpty(a)
            | Expr::Len(a)
            | Expr::Negate(a)
            | Expr::Duration { count: a, .. }
            | Expr::Known(a) => vec![*a],
            Expr::Compare(_, a, b)
            | Expr::Contains(a, b)
            | Expr::Arithmetic(_, a, b)
            | Expr::Distance(a, b)
            | Expr::Lengthen(a, b)
            | Expr::Coalesce(a, b)
            | Expr::Shift { date: a, by: b, .. } => vec![*a, *b],
            Expr::If(a, b, c) => vec![*a, *b, *c],
            Expr::Within { item, from, to, .. } => vec![*item, *from, *to],
            Expr::Quantified { body, .. } => vec![ExprId(body.end - 1)],
            Expr::Sum { note, body, .. } => vec![*note, ExprId(body.end - 1)],
            Expr::Literal(_)
            | Expr::Fact(_)
            | Expr::Parameter(_)
            | Expr::Today
            | Expr::Age(_)
            | Expr::SessionsDone
            | Expr::Each
            | Expr::SessionCount(_)
            | Expr::NoSessions(_)
            | Expr::FirstDate(_)
            | Expr::LastDate(_)
            | Expr::EndNote { .. }
            | Expr::SessionNote { .. }
            | Expr::Judging
            | Expr::SessionDate
            | Expr::Aged { .. }
            | Expr::Waited { .. }
            | Expr::Tally(_) => Vec::new(),
        }
    }
}

impl Program {
    /// The node of a number.
    #[must_use]
    pub fn node(&self, id: ExprId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The nodes that some expressions are made of, those expressions among them, in the order of the list: operands first. Each comes once,
    /// however many use it: definitions make a graph of the expressions, and a walk along every path would never end.
    pub fn under(&self, roots: impl IntoIterator<Item = ExprId>) -> impl Iterator<Item = ExprId> {
        let mut reached = BTreeSet::new();
        let mut todo: Vec<ExprId> = roots.into_iter().collect();
        while let Some(id) = todo.pop() {
            if reached.insert(id) {
                todo.extend(self.node(id).expr.operands());
            }
        }
        reached.into_iter()
    }

    /// What a value is taken from, seen through definitions, and through `??` to what stands before it.
    #[must_use]
    pub fn behind(&self, mut id: ExprId) -> &Expr {
        loop {
            match &self.node(id).expr {
                Expr::Definition(_, root) => id = *root,
                Expr::Coalesce(a, _) => id = *a,
                other => return other,
            }
        }
    }

    /// The list of a treatment's sessions, a new one if it is new.
    pub(crate) fn list(&mut self, treatment: &str) -> ListId {
        let at = self.lists.iter().position(|known| known == treatment).unwrap_or_else(|| {
            self.lists.push(treatment.to_owned());
            self.lists.len() - 1
        });
        ListId(crate::narrow::u16(at))
    }

    /// A value as a person reads it, given its type.
    #[must_use]
    pub fn show(&self, value: Value, ty: &Type) -> String {
        show(value, ty, &self.texts)
    }

    /// The number of a text.
    pub(crate) fn text(&mut self, text: &str) -> TextId {
        self.texts.intern(text)
    }
}

/// A value as a person reads it.
#[must_use]
pub fn show(value: Value, ty: &Type, texts: &Texts) -> String {
    let unit = match ty {
        Type::Number { unit: Some(unit), .. } => format!(" {unit}"),
        _ => String::new(),
    };
    match (value, ty) {
        (Value::Unknown, _) => "unknown".into(),
        (Value::Bool(value), _) => if value { "yes" } else { "no" }.into(),
        (Value::Number(a, b), _) if a == b => format!("{a}{unit}"),
        (Value::Number(a, b), _) if a <= -MANY && b >= MANY => "unknown".into(),
        (Value::Number(a, b), _) if b >= MANY => format!("at least {a}{unit}"),
        (Value::Number(a, b), _) if a <= -MANY => format!("at most {b}{unit}"),
        (Value::Number(a, b), _) => format!("{a} to {b}{unit}"),
        (Value::Date(range), _) => range.to_string(),
        (Value::Duration(a, b), _) if a == b => show_duration(a),
        (Value::Duration(a, b), _) => format!("{} to {}", show_duration(a), show_duration(b)),
        (Value::Choice(at), Type::Choice(choices)) => choices.get(usize::from(at)).cloned().unwrap_or_default(),
        (Value::Set(bits), Type::Set(choices)) => {
            let names: Vec<&str> = choices
                .iter()
                .enumerate()
                .filter(|(at, _)| bits >> at & 1 == 1)
                .map(|(_, name)| name.as_str())
                .collect();
            if names.is_empty() { "none".into() } else { names.join(", ") }
        }
        (Value::Text(TextId::OTHER), _) => "another".into(),
        (Value::Text(id), _) => texts.get(id).to_owned(),
        (Value::Choice(at), _) => at.to_string(),
        (Value::Set(bits), _) => bits.to_string(),
    }
}

fn show_duration(duration: crate::date::Duration) -> String {
    if duration == crate::logic::value::SINCE_EVER { "ever".into() } else { duration.to_string() }
}
