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
            _ => self.choices_compared(comparison == Comparison::Equal, a, b),
        }
    }

    fn choices_compared(&self, equal: bool, a: ExprId, b: ExprId) -> Phrase {
        let other = self.product(a, b);
        match (&self.program.node(a).expr, &self.program.node(b).expr) {
            // What is none is not there: "no diabetes", "any diabetes".
            (Expr::Fact(_), Expr::Literal(value)) if other == self.speech.none || self.is_none(a, *value) => {
                Phrase::Noun(self.say(if equal { "no {}" } else { "any {}" }, &[&self.value(a)]))
            }
            (_, Expr::Literal(Value::Choice(never))) if !equal && other.starts_with(self.speech.never) => {
                let choices = self.choices_of(&self.program.node(a).ty).into_iter().enumerate();
                let others: Vec<String> =
                    choices.filter(|(at, _)| at != &usize::from(*never)).map(|(_, choice)| choice).collect();
                Phrase::About(self.value(a), self.one_of(&others, false))
            }
            (_, Expr::Fact(fact)) if self.facts[usize::from(fact.0)].is_label => {
                let phrase = if equal { "is the same as the {}" } else { "differs from the {}" };
                Phrase::About(self.value(a), self.say(phrase, &[&other]))
            }
            _ => Phrase::About(self.value(a), self.say(if equal { "is {}" } else { "is not {}" }, &[&other])),
        }
    }

    /// Whether a choice is "none", which another language may have to say otherwise for each: "keine", "keiner".
    fn is_none(&self, of: ExprId, value: Value) -> bool {
        match (&self.program.node(of).ty, value) {
            (Type::Choice(choices), Value::Choice(at)) if !self.speech.is_english() => {
                choices.get(usize::from(at)).is_some_and(|choice| choice == "none")
            }
            _ => false,
        }
    }

    fn same_truth(&self, comparison: Comparison, a: ExprId, b: ExprId) -> Phrase {
        let equal = comparison == Comparison::Equal;
        match self.program.node(b).expr {
            Expr::Literal(Value::Bool(value)) => self.phrase(a, value != equal),
            _ => {
                let phrase = if equal { "these go together: {}; {}" } else { "exactly one of these holds: {}; {}" };
                Phrase::Clause(self.say(phrase, &[&self.value(a), &self.value(b)]))
            }
        }
    }

    /// A number with the unit of what it is compared with.
    fn number(&self, id: ExprId, unit_of: ExprId) -> String {
        match (&self.program.node(id).expr, &self.program.node(unit_of).ty) {
            (Expr::Literal(value), ty) => self.shown(*value, ty),
            _ => self.value(id),
        }
    }

    fn numbers(&self, comparison: Comparison, a: ExprId, b: ExprId) -> Phrase {
        let limit = self.number(b, a);
        let fixed = matches!(self.program.node(b).expr, Expr::Literal(_) | Expr::Parameter(_));
        if matches!(self.program.node(a).expr, Expr::SessionsDone) && fixed {
            return Phrase::Clause(self.sessions_done(comparison, &limit));
        }
        let phrase = match comparison {
            Comparison::LessOrEqual if !fixed => "is at most {}",
            Comparison::GreaterOrEqual if !fixed => "is at least {}",
            other => compared(other),
        };
        Phrase::About(self.value(a), self.say(phrase, &[&limit]))
    }

    fn durations(&self, comparison: Comparison, a: ExprId, b: ExprId) -> Phrase {
        let limit = self.value(b);
        match self.program.node(a).expr {
            Expr::Distance(later, earlier) if matches!(self.program.node(later).expr, Expr::Today) => {
                Phrase::Clause(self.passed(comparison, &limit, &self.event(earlier)))
            }
            _ => Phrase::About(self.value(a), self.say(compared(comparison), &[&limit])),
        }
    }

    fn dates(&self, comparison: Comparison, a: ExprId, b: ExprId) -> Phrase {
        let never = Value::date(Date::NEVER);
        let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        match (&self.program.node(a).expr, &self.program.node(b).expr, comparison) {
            // Whether there is a wait at all.
            (Expr::Today, Expr::Shift { date, by, back: false }, _)
                if matches!(self.program.node(*date).expr, Expr::Today) =>
            {
                let none = self.speech.length("0", "days");
                return Phrase::About(self.value(*by), self.say(compared(turned(comparison)), &[&none]));
            }
            // On the very day of an age the patient is that old for long after.
            (Expr::Today, Expr::Shift { date, by, back: false }, _) if self.is_birth(*date) && !is_equality => {
                return self.aged(comparison, self.say("the patient's age", &[]), *by);
            }
            (Expr::Today, Expr::Shift { date, by, back: false }, _) => {
                return Phrase::Clause(self.passed(comparison, &self.value(*by), &self.event(*date)));
            }
            (_, Expr::Literal(value), Comparison::Equal) if *value == never => {
                return Phrase::About(self.value(a), self.say("is “never”", &[]));
            }
            // The session that is spoken of is the one of that day.
            (Expr::SessionNote { .. }, Expr::FirstDate(_) | Expr::LastDate(_), Comparison::Equal) => {
                return Phrase::About(self.value(a), self.say("is that of {}", &[&self.value(b)]));
            }
            // Never is before every day.
            (_, Expr::Literal(value), Comparison::NotEqual | Comparison::Greater) if *value == never => {
                return Phrase::About(self.value(a), self.say("is not “never”", &[]));
            }
            (_, Expr::Shift { date, by, back: false }, _) if self.is_birth(*date) && !is_equality => {
                let on = match self.program.node(a).expr {
                    Expr::Shift { .. } => "the patient's age on the day {}",
                    _ => "the patient's age on {}",
                };
                return self.aged(comparison, self.say(on, &[&self.value(a)]), *by);
            }
            // The day that is worked out stands behind.
            (Expr::Shift { .. }, other, _)
                if !matches!(other, Expr::Shift { .. } | Expr::Literal(_) | Expr::Parameter(_)) =>
            {
                return self.dates(turned(comparison), b, a);
            }
            (Expr::Shift { date, .. }, Expr::Shift { date: other, .. }, _)
                if self.is_birth(*date) && !self.is_birth(*other) =>
            {
                return self.dates(turned(comparison), b, a);
            }
            (_, Expr::Shift { date, by, back: false }, Comparison::GreaterOrEqual)
                if !matches!(self.program.node(*date).expr, Expr::Today) =>
            {
                let (wait, since) = (self.value(*by), self.event(*date));
                return Phrase::About(self.value(a), self.say("is {} or more after {}", &[&wait, &since]));
            }
            (_, Expr::Shift { .. }, _) if !is_equality => {
                let phrase = match comparison {
                    Comparison::Less => "is earlier than {}",
                    Comparison::LessOrEqual => "is no later than {}",
                    Comparison::Greater => "is later than {}",
                    _ => "is no earlier than {}",
                };
                return Phrase::About(self.value(a), self.say(phrase, &[&self.value(b)]));
            }
            _ => {}
        }
        let phrase = match comparison {
            Comparison::Equal => "is {}",
            Comparison::NotEqual => "is not {}",
            Comparison::Less => "is before {}",
            Comparison::LessOrEqual => "is on or before {}",
            Comparison::Greater => "is after {}",
            Comparison::GreaterOrEqual => "is on or after {}",
        };
        Phrase::About(self.value(a), self.say(phrase, &[&self.value(b)]))
    }

    /// An age on a day.
    fn aged(&self, comparison: Comparison, age: String, by: ExprId) -> Phrase {
        Phrase::About(age, self.say(compared(comparison), &[&self.value(by)]))
    }

    /// What a wait is counted from: not from "the date of the last peel", but from the last peel.
    pub(super) fn event(&self, date: ExprId) -> String {
        let words = self.value(date);
        match words.strip_prefix("the date of ").filter(|_| self.speech.is_english()) {
            Some(event) => event.to_owned(),
            None if words == self.say("its date", &[]) => self.say("that session", &[]),
            None => words,
        }
    }

    /// `less than 28 days (filler wait) have passed since last filler date`
    pub(super) fn passed(&self, comparison: Comparison, wait: &str, since: &str) -> String {
        let have = self.say(if wait.starts_with("1 ") { "has" } else { "have" }, &[]);
        let phrase = match comparison {
            Comparison::Less => "less than {} {} passed since {}",
            Comparison::LessOrEqual => "no more than {} {} passed since {}",
            Comparison::Greater => "more than {} {} passed since {}",
            Comparison::GreaterOrEqual => "{} or more {} passed since {}",
            Comparison::Equal => "exactly {} {} passed since {}",
            Comparison::NotEqual => "not exactly {} {} passed since {}",
        };
        self.say(phrase, &[wait, &have, since])
    }

    fn sessions_done(&self, comparison: Comparison, limit: &str) -> String {
        let noun = self.say(if limit == "1" { "session has" } else { "sessions have" }, &[]);
        let phrase = match (comparison, limit) {
            (Comparison::Equal | Comparison::LessOrEqual, "0") | (Comparison::Less, "1") => {
                return self.say("no session has been done yet", &[]);
            }
            (Comparison::Greater | Comparison::NotEqual, "0") | (Comparison::GreaterOrEqual, "1") => {
                return self.say("at least one session has been done", &[]);
            }
            (Comparison::Equal, _) => "exactly {} {} been done",
            (Comparison::NotEqual, _) => "not exactly {} {} been done",
            (Comparison::Less, _) => "fewer than {} {} been done",
            (Comparison::LessOrEqual, _) => "{} or fewer sessions have been done",
            (Comparison::Greater, _) => "more than {} {} been done",
            (Comparison::GreaterOrEqual, _) => "{} or more sessions have been done",
        };
        self.say(phrase, &[limit, &noun])
    }
}

/// What is said of a quantity that is compared with a fixed one.
fn compared(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "is {}",
        Comparison::NotEqual => "is not {}",
        Comparison::Less => "is less than {}",
        Comparison::Greater => "is more than {}",
        Comparison::LessOrEqual => "is {} or less",
        Comparison::GreaterOrEqual => "is {} or more",
    }
}
