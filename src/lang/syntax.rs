//! An expression as it was written: a tree with places, nothing resolved yet.

use std::ops::Range;

use rust_decimal::Decimal;

/// A part of an expression and the bytes of the expression's text that it was written in.
#[derive(Clone, Debug, PartialEq)]
pub struct Syntax {
    /// What it is.
    pub kind: Kind,
    /// Where it stands in the text.
    pub span: Range<usize>,
}

/// The forms of the language.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `true`
    Bool(bool),
    /// `42`
    Integer(i64),
    /// `1.5`
    Decimal(Decimal),
    /// `"rolling"`
    Text(String),
    /// `fitzpatrick`
    Name(String),
    /// `!x`
    Not(Box<Syntax>),
    /// `-x`
    Negate(Box<Syntax>),
    /// `a && b && c`
    And(Vec<Syntax>),
    /// `a || b || c`
    Or(Vec<Syntax>),
    /// `a == b`
    Compare(Comparison, Box<Syntax>, Box<Syntax>),
    /// `a + b`
    Arithmetic(Arithmetic, Box<Syntax>, Box<Syntax>),
    /// `a ?? b`
    Coalesce(Box<Syntax>, Box<Syntax>),
    /// `a in b`
    In(Box<Syntax>, Box<Syntax>),
    /// `18..=65`
    Range {
        /// The first.
        from: Box<Syntax>,
        /// The last, which belongs to it.
        to: Box<Syntax>,
    },
    /// `["a", "b"]`
    List(Vec<Syntax>),
    /// `days(3)`
    Call(String, Vec<Syntax>),
    /// `x.contains_any([..])`
    Method(Box<Syntax>, String, Vec<Syntax>),
    /// `x.date`
    Property(Box<Syntax>, String),
    /// `if c { a } else { b }`
    If(Box<Syntax>, Box<Syntax>, Box<Syntax>),
    /// `any s in sessions where …`
    Quantified {
        /// `any`, `all` or `count`.
        quantifier: Quantifier,
        /// The name for one session.
        variable: String,
        /// The sessions.
        list: Box<Syntax>,
        /// The condition on each.
        condition: Box<Syntax>,
    },
    /// `sum s.units in sessions where …`
    Sum {
        /// The name for one session.
        variable: String,
        /// What is added up: a note of the session, or one with what is taken for it where it is not known.
        note: Box<Syntax>,
        /// The sessions.
        list: Box<Syntax>,
        /// The condition on each.
        condition: Box<Syntax>,
    },
}

/// A comparison of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// As it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }

    /// The comparison that is true exactly when this one is false.
    #[must_use]
    pub fn opposite(self) -> Comparison {
        match self {
            Comparison::Equal => Comparison::NotEqual,
            Comparison::NotEqual => Comparison::Equal,
            Comparison::Less => Comparison::GreaterOrEqual,
            Comparison::LessOrEqual => Comparison::Greater,
            Comparison::Greater => Comparison::LessOrEqual,
            Comparison::GreaterOrEqual => Comparison::Less,
        }
    }

    /// The comparison that says the same with its sides exchanged.
    #[must_use]
    pub fn turned(self) -> Comparison {
        match self {
            Comparison::Equal => Comparison::Equal,
            Comparison::NotEqual => Comparison::NotEqual,
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        }
    }
}

/// A calculation with two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Arithmetic {
    /// As it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Arithmetic::Add => "+",
            Arithmetic::Subtract => "-",
            Arithmetic::Multiply => "*",
            Arithmetic::Divide => "/",
        }
    }
}

/// A question about all sessions of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// Does one satisfy the condition?
    Any,
    /// Do all?
    All,
    /// How many do?
    Count,
}

impl Quantifier {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Quantifier::Any => "any",
            Quantifier::All => "all",
            Quantifier::Count => "count",
        }
    }
}
