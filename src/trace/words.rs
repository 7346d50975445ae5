//! What a step is, and its operator.

use crate::lang::syntax::{Arithmetic, Comparison, Quantifier};
use crate::protocol::model::RuleKind;
use crate::words::words;

words! {
    /// What a step is: a rule, a part of the course, or an operation of an expression.
    StepKind {
        /// An indication.
        Indication = "indication",
        /// A contraindication.
        Contraindication = "contraindication",
        /// A deferral.
        Deferral = "deferral",
        /// A referral.
        Referral = "referral",
        /// A precaution.
        Precaution = "precaution",
        /// What ends the course.
        Completion = "completion",
        /// A definition, or its use.
        Definition = "definition",
        /// The course as a whole, or what it asks of a session.
        Course = "course",
        /// A day before which there is no session.
        Bound = "bound",
        /// A recorded session.
        Session = "session",
        /// Why a course was chosen.
        Choice = "choice",
        /// A date: what set it, or how it is computed.
        Date = "date",
        /// What was asked of a recorded session.
        Check = "check",
        /// A value that stands in the expression.
        Literal = "literal",
        /// A fact about the patient.
        Fact = "fact",
        /// A parameter of the protocol.
        Parameter = "parameter",
        /// The as-of date.
        Today = "today",
        /// The age of the patient.
        Age = "age",
        /// How many sessions count.
        SessionsDone = "sessions_done",
        /// The value that a setting is for.
        Each = "each",
        /// The opposite.
        Not = "not",
        /// Whether all hold.
        And = "and",
        /// Whether one holds.
        Or = "or",
        /// A comparison.
        Comparison = "comparison",
        /// Whether something is among others.
        Membership = "membership",
        /// A question about a set.
        Set = "set",
        /// A calculation.
        Arithmetic = "arithmetic",
        /// A length of time.
        Duration = "duration",
        /// One value or the other.
        If = "if",
        /// A value with another in its place where it is not known.
        Default = "default",
        /// Whether something is known.
        Known = "known",
        /// A question about recorded sessions.
        Sessions = "sessions",
        /// A note of a session.
        Note = "note",
    }
}

words! {
    /// The operator of a step, as it is written or named.
    Operator {
        /// The opposite.
        Not = "!",
        /// All hold.
        And = "&&",
        /// One holds.
        Or = "||",
        /// The same.
        Equal = "==",
        /// Not the same.
        NotEqual = "!=",
        /// Less, or earlier.
        Less = "<",
        /// Not more, or not later.
        LessOrEqual = "<=",
        /// More, or later.
        Greater = ">",
        /// Not less, or not earlier.
        GreaterOrEqual = ">=",
        /// Among others.
        In = "in",
        /// From the first to the last of two, both among them.
        Through = "..=",
        /// From the first of two, and before the last.
        Until = "..",
        /// Has it among its own.
        Contains = "contains",
        /// Has one of them.
        ContainsAny = "contains_any",
        /// There are none.
        IsEmpty = "is_empty",
        /// How many there are.
        Len = "len",
        /// The sum, or a later day.
        Add = "+",
        /// The difference, or an earlier day.
        Subtract = "-",
        /// The product.
        Multiply = "*",
        /// The quotient.
        Divide = "/",
        /// One or the other.
        If = "if",
        /// What is taken for granted.
        Default = "??",
        /// Somebody has said.
        Known = "known",
        /// One session satisfies the condition.
        Any = "any",
        /// All sessions do.
        All = "all",
        /// How many sessions do.
        Count = "count",
        /// The sum over the sessions.
        Sum = "sum",
        /// The first session.
        First = "first",
        /// The last session.
        Last = "last",
        /// A recorded session is judged.
        Judging = "judging",
        /// The day of that session.
        SessionDate = "session_date",
        /// The age on that day.
        Aged = "aged",
        /// How long it is since another session.
        Waited = "waited",
        /// How many sessions before it count.
        Valid = "valid",
        /// How many sessions were given before it.
        Given = "given",
    }
}

impl From<RuleKind> for StepKind {
    fn from(kind: RuleKind) -> StepKind {
        match kind {
            RuleKind::Indication => StepKind::Indication,
            RuleKind::Contraindication => StepKind::Contraindication,
            RuleKind::Deferral => StepKind::Deferral,
            RuleKind::Referral => StepKind::Referral,
            RuleKind::Precaution => StepKind::Precaution,
            RuleKind::Completion => StepKind::Completion,
        }
    }
}

impl From<Comparison> for Operator {
    fn from(comparison: Comparison) -> Operator {
        match comparison {
            Comparison::Equal => Operator::Equal,
            Comparison::NotEqual => Operator::NotEqual,
            Comparison::Less => Operator::Less,
            Comparison::LessOrEqual => Operator::LessOrEqual,
            Comparison::Greater => Operator::Greater,
            Comparison::GreaterOrEqual => Operator::GreaterOrEqual,
        }
    }
}

impl From<Arithmetic> for Operator {
    fn from(operation: Arithmetic) -> Operator {
        match operation {
            Arithmetic::Add => Operator::Add,
            Arithmetic::Subtract => Operator::Subtract,
            Arithmetic::Multiply => Operator::Multiply,
            Arithmetic::Divide => Operator::Divide,
        }
    }
}

impl From<Quantifier> for Operator {
    fn from(quantifier: Quantifier) -> Operator {
        match quantifier {
            Quantifier::Any => Operator::Any,
            Quantifier::All => Operator::All,
            Quantifier::Count => Operator::Count,
        }
    }
}
