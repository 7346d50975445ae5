//! Comparisons in words: numbers, choices, dates and what has passed since them.

use crate::date::Date;
use crate::english::English;
use crate::english::phrase::Phrase;
use crate::lang::program::{Expr, ExprId};
use crate::lang::syntax::Comparison;
use crate::lang::types::Type;
use crate::logic::value::Value;

/// The comparison with its two sides exchanged.
fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

impl English<'_> {
    pub(crate) fn comparison(&self, comparison: Comparison, a: ExprId, b: ExprId) -> Phrase {
        // What is fixed stands behind; of two dates, today is the one that is spoken of.
        let is = |id: ExprId, what: fn(&Expr) -> bool| what(&self.program.node(id).expr);
        let fixed = |expr: &Expr| matches!(expr, Expr::Literal(_) | Expr::Parameter(_));
        let today = |expr: &Expr| matches!(expr, Expr::Today);
        if (is(a, fixed) && !is(b, fixed)) || (is(b, today) && !is(a, today)) {
            return self.ordered(turned(comparison), b, a);
        }
        self.ordered(comparison, a, b)
    }

    fn ordered(&self, comparison: Comparison, a: ExprId, b: ExprId) -> Phrase {
        match (&self.program.node(a).ty, &self.program.node(b).ty) {
            (Type::Bool, _) => self.same_truth(comparison, a, b),
            (Type::Date, _) => self.dates(comparison, a, b),
            (Type::Duration { .. }, _) => self.durations(comparison, a, b),
            (Type::Number { .. }, _) => self.numbers(comparison, a, b),
            _ => {
                let word = if comparison == Comparison::NotEqual { "is not" } else { "is" };
                Phrase::About(self.value(a), format!("{word} {}", self.value(b)))
            }
        }
    }

    fn same_truth(&self, comparison: Comparison, a: ExprId, b: ExprId) -> Phrase {
        let equal = comparison == Comparison::Equal;
        match self.program.node(b).expr {
            Expr::Literal(Value::Bool(value)) => self.phrase(a, value != equal),
            _ if equal => Phrase::Clause(format!("these go together: {}; {}", self.value(a), self.value(b))),
            _ => Phrase::Clause(format!("exactly one of these holds: {}; {}", self.value(a), self.value(b))),
        }
    }

    /// A number with the unit of what it is compared with.
    fn number(&self, id: ExprId, unit_of: ExprId) -> String {
        match (&self.program.node(id).expr, &self.program.node(unit_of).ty) {
            (Expr::Literal(value), ty) => self.program.show(*value, ty),
            _ => self.value(id),
        }
    }

    fn numbers(&self, comparison: Comparison, a: ExprId, b: ExprId) -> Phrase {
        let limit = self.number(b, a);
        let fixed = matches!(self.program.node(b).expr, Expr::Literal(_) | Expr::Parameter(_));
        if matches!(self.program.node(a).expr, Expr::SessionsDone) && fixed {
            return Phrase::Clause(sessions_done(comparison, &limit));
        }
        let predicate = match comparison {
            Comparison::Equal => format!("is {limit}"),
            Comparison::NotEqual => format!("is not {limit}"),
            Comparison::Less => format!("is less than {limit}"),
            Comparison::Greater => format!("is more than {limit}"),
            Comparison::LessOrEqual if fixed => format!("is {limit} or less"),
            Comparison::GreaterOrEqual if fixed => format!("is {limit} or more"),
            Comparison::LessOrEqual => format!("is at most {limit}"),
            Comparison::GreaterOrEqual => format!("is at least {limit}"),
        };
        Phrase::About(self.value(a), predicate)
    }

    fn durations(&self, comparison: Comparison, a: ExprId, b: ExprId) -> Phrase {
        let limit = self.value(b);
        match self.program.node(a).expr {
            Expr::Distance(later, earlier) if matches!(self.program.node(later).expr, Expr::Today) => {
                Phrase::Clause(passed(comparison, &limit, &self.value(earlier)))
            }
            _ => {
                let predicate = match comparison {
                    Comparison::Equal => format!("is {limit}"),
                    Comparison::NotEqual => format!("is not {limit}"),
                    Comparison::Less => format!("is less than {limit}"),
                    Comparison::Greater => format!("is more than {limit}"),
                    Comparison::LessOrEqual => format!("is {limit} or less"),
                    Comparison::GreaterOrEqual => format!("is {limit} or more"),
                };
                Phrase::About(self.value(a), predicate)
            }
        }
    }

    fn dates(&self, comparison: Comparison, a: ExprId, b: ExprId) -> Phrase {
        let never = Value::date(Date::NEVER);
        match (&self.program.node(a).expr, &self.program.node(b).expr, comparison) {
            (Expr::Today, Expr::Shift { date, by, back: false }, _) => {
                return Phrase::Clause(passed(comparison, &self.value(*by), &self.value(*date)));
            }
            (_, Expr::Literal(value), Comparison::NotEqual) if *value == never => {
                return Phrase::About(self.value(a), "is a day, not never".into());
            }
            _ => {}
        }
        let word = match comparison {
            Comparison::Equal => "is",
            Comparison::NotEqual => "is not",
            Comparison::Less => "is before",
            Comparison::LessOrEqual => "is on or before",
            Comparison::Greater => "is after",
            Comparison::GreaterOrEqual => "is on or after",
        };
        Phrase::About(self.value(a), format!("{word} {}", self.value(b)))
    }
}

/// `less than 28 days (filler wait) have passed since last filler date`
pub(super) fn passed(comparison: Comparison, wait: &str, since: &str) -> String {
    let have = if wait.starts_with("1 ") { "has" } else { "have" };
    match comparison {
        Comparison::Less => format!("less than {wait} {have} passed since {since}"),
        Comparison::LessOrEqual => format!("no more than {wait} {have} passed since {since}"),
        Comparison::Greater => format!("more than {wait} {have} passed since {since}"),
        Comparison::GreaterOrEqual => format!("{wait} or more {have} passed since {since}"),
        Comparison::Equal => format!("exactly {wait} {have} passed since {since}"),
        Comparison::NotEqual => format!("not exactly {wait} {have} passed since {since}"),
    }
}

fn sessions_done(comparison: Comparison, limit: &str) -> String {
    let one = limit == "1";
    let noun = if one { "session has" } else { "sessions have" };
    match (comparison, limit) {
        (Comparison::Equal | Comparison::LessOrEqual, "0") | (Comparison::Less, "1") => {
            "no session has been done yet".into()
        }
        (Comparison::Greater | Comparison::NotEqual, "0") | (Comparison::GreaterOrEqual, "1") => {
            "at least one session has been done".into()
        }
        (Comparison::Equal, _) => format!("exactly {limit} {noun} been done"),
        (Comparison::NotEqual, _) => format!("not exactly {limit} {noun} been done"),
        (Comparison::Less, _) => format!("fewer than {limit} {noun} been done"),
        (Comparison::LessOrEqual, _) => format!("{limit} or fewer sessions have been done"),
        (Comparison::Greater, _) => format!("more than {limit} {noun} been done"),
        (Comparison::GreaterOrEqual, _) => format!("{limit} or more sessions have been done"),
    }
}
