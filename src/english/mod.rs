//! Conditions and values in plain English, made from the lowered expressions, so that the words cannot differ from what is evaluated.
//!
//! `fitzpatrick >= 4 || pih_history` becomes "fitzpatrick is 4 or more, or pih history". Negation is pushed inward; names lose their
//! underscores; a parameter is its value with its name in brackets; a definition is its name.

mod compare;
mod phrase;
mod say;
#[cfg(test)]
mod tests;

use compare::passed;
use phrase::Phrase;
pub(crate) use phrase::list;
pub(crate) use say::say;

use crate::lang::program::{Expr, ExprId, Program, Tally};
use crate::lang::syntax::{Arithmetic, Comparison, Quantifier};
use crate::lang::types::Type;
use crate::logic::value::Value;

/// The names that a program's numbers stand for.
#[derive(Clone, Debug)]
pub struct English<'a> {
    /// The expressions.
    pub program: &'a Program,
    /// The names of the facts, by their number.
    pub facts: Vec<Name>,
    /// The names and values of the parameters.
    pub parameters: Vec<(Name, Value)>,
    /// The names of the definitions.
    pub definitions: Vec<Name>,
    /// The names of the notes of a session.
    pub notes: Vec<Name>,
    /// The choices that have labels, as they were declared, and the labels.
    pub choices: Vec<(&'a [String], Vec<String>)>,
    /// The treatments that have labels.
    pub treatments: &'a [(String, String)],
    /// The treatment whose sessions are simply "sessions".
    pub treatment: &'a str,
    /// The name for each value of a setting's set.
    pub each: Option<&'a str>,
    /// Inside a condition on sessions that has another inside: how many sessions are spoken of, each by a letter.
    pub named: Option<u8>,
}

/// What people read for something: its label, or its name without underscores.
#[derive(Clone, Debug)]
pub struct Name {
    /// What they read.
    pub text: String,
    /// Whether somebody wrote it for people.
    pub is_label: bool,
}

/// A name without its underscores.
#[must_use]
pub fn plain_name(name: &str) -> String {
    name.replace('_', " ")
}

impl<'a> English<'a> {
    /// The same, for a setting that goes through a set.
    #[must_use]
    pub fn with_each(&self, each: Option<&'a str>) -> English<'a> {
        English { each, ..self.clone() }
    }

    /// When a condition holds, as a clause without capital and point.
    #[must_use]
    pub fn condition(&self, id: ExprId) -> String {
        self.phrase(id, false).into_text()
    }

    /// The same as a list, where it is nested or long: what stands above it, and each line with its level.
    #[must_use]
    pub fn condition_list(&self, id: ExprId) -> Option<(&'static str, Vec<(usize, String)>)> {
        self.phrase(id, false).into_list()
    }

    /// When a condition does not hold.
    #[must_use]
    pub fn negation(&self, id: ExprId) -> String {
        self.phrase(id, true).into_text()
    }

    /// A value, or a condition where a condition is the value.
    #[must_use]
    pub fn value(&self, id: ExprId) -> String {
        let node = self.program.node(id);
        match &node.expr {
            Expr::Literal(value) => self.literal(*value, &node.ty),
            Expr::Fact(fact) => {
                let name = &self.facts[usize::from(fact.0)];
                let is_day = name.is_label && node.ty == Type::Date && !name.text.starts_with("the ");
                format!("{}{}", if is_day { "the " } else { "" }, name.text)
            }
            Expr::Parameter(at) => {
                let (name, value) = &self.parameters[usize::from(*at)];
                match value {
                    Value::Bool(_) => name.text.clone(),
                    _ => format!("{} ({})", self.program.show(*value, &node.ty), name.text),
                }
            }
            Expr::Definition(at, _) => self.definitions[usize::from(*at)].text.clone(),
            Expr::Today => "today".into(),
            Expr::Age(_) => "age".into(),
            Expr::SessionsDone => "the number of sessions done".into(),
            Expr::Each => plain_name(self.each.unwrap_or("each")),
            Expr::Len(set) => format!("the number of choices in {}", self.value(*set)),
            Expr::Arithmetic(operation, a, b) => {
                let word = match operation {
                    Arithmetic::Add => "plus",
                    Arithmetic::Subtract => "minus",
                    Arithmetic::Multiply => "times",
                    Arithmetic::Divide => "divided by",
                };
                format!("{} {word} {}", self.operand(*a), self.operand(*b))
            }
            Expr::Negate(a) => format!("minus {}", self.operand(*a)),
            Expr::Shift { date, by, back } if matches!(self.program.node(*date).expr, Expr::Today) => {
                format!("{} {}", self.value(*by), if *back { "ago" } else { "from today" })
            }
            Expr::Shift { date, by, back } => {
                format!("{} {} {}", self.value(*by), if *back { "before" } else { "after" }, self.value(*date))
            }
            Expr::Distance(later, earlier) => {
                format!("the time from {} to {}", self.value(*earlier), self.value(*later))
            }
            Expr::Duration { count, months, days } => self.duration(*count, *months, *days),
            Expr::Lengthen(a, b) => format!("{} plus {}", self.value(*a), self.value(*b)),
            Expr::If(c, a, b) => format!("{} if {}, otherwise {}", self.value(*a), self.condition(*c), self.value(*b)),
            Expr::Coalesce(a, b) => self.assumed(self.value(*a), *b, &node.ty),
            Expr::Quantified { quantifier: Quantifier::Count, list, body } => {
                let (inside, letter) = self.inside(body);
                let sessions = self.sessions(*list, true);
                format!("the number of {sessions}{letter} in which {}", inside.condition(ExprId(body.end - 1)))
            }
            Expr::Sum { list, note, body } => {
                let (inside, letter) = self.inside(body);
                let (note, sessions) = (inside.value(*note), format!("{}{letter}", self.sessions(*list, true)));
                let condition = ExprId(body.end - 1);
                match self.program.node(condition).expr {
                    Expr::Literal(Value::Bool(true)) => format!("the sum of {note} over all {sessions}"),
                    _ => format!("the sum of {note} over the {sessions} in which {}", inside.condition(condition)),
                }
            }
            Expr::SessionCount(list) => format!("the number of {}", self.sessions(*list, true)),
            Expr::FirstDate(list) => format!("the first {}", self.sessions(*list, false)),
            Expr::LastDate(list) => format!("the last {}", self.sessions(*list, false)),
            Expr::EndNote { list, last, note } => {
                let end = if *last { "last" } else { "first" };
                format!("the {end} {}'s {}", self.sessions(*list, false), self.notes[usize::from(*note)].text)
            }
            Expr::SessionNote { binder, note } => {
                let name = &self.notes[usize::from(*note)].text;
                match self.named {
                    Some(_) => format!("{}'s {name}", letter(usize::from(*binder))),
                    None if name == "date" => "its date".into(),
                    None => name.clone(),
                }
            }
            Expr::SessionDate => "the day of the session".into(),
            Expr::Tally(tally) => self.tally(tally),
            Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Compare(..)
            | Expr::OneOf(..)
            | Expr::Among(..)
            | Expr::Within { .. }
            | Expr::Contains(..)
            | Expr::ContainsAny(..)
            | Expr::IsEmpty(_)
            | Expr::Known(_)
            | Expr::Quantified { quantifier: Quantifier::Any | Quantifier::All, .. }
            | Expr::NoSessions(_)
            | Expr::Judging
            | Expr::Aged { .. }
            | Expr::Waited { .. } => self.condition(id),
        }
    }

    /// `the number of valid sessions with gel-10 or gel-20 from the age of 7 years on`
    fn tally(&self, tally: &Tally) -> String {
        let mut text = format!("the number of {} sessions", if tally.valid { "valid" } else { "given" });
        if let Some(products) = &tally.products {
            let names: Vec<&str> = products.iter().map(|product| self.program.texts.get(*product)).collect();
            text.push_str(&format!(" with {}", list(&names, "or")));
        }
        let bounds = [
            tally.from_age.map(|age| format!("from the age of {age} on")),
            tally.before_age.map(|age| format!("before the age of {age}")),
            tally.from.map(|day| format!("on or after {day}")),
            tally.before.map(|day| format!("before {day}")),
        ];
        let bounds: Vec<String> = bounds.into_iter().flatten().collect();
        if !bounds.is_empty() {
            text.push_str(&format!(" {}", bounds.join(" and ")));
        }
        text
    }

    /// A value inside a calculation: brackets where it is a calculation itself.
    fn operand(&self, id: ExprId) -> String {
        match self.program.node(id).expr {
            Expr::Arithmetic(..) | Expr::If(..) | Expr::Quantified { .. } | Expr::Sum { .. } => {
                format!("({})", self.value(id))
            }
            _ => self.value(id),
        }
    }

    fn literal(&self, value: Value, ty: &Type) -> String {
        let shown = self.program.show(value, ty);
        match value {
            Value::Choice(at) => self.choices_of(ty).get(usize::from(at)).cloned().unwrap_or(shown),
            Value::Set(bits) if bits != 0 => chosen(&self.choices_of(ty), bits).join(", "),
            Value::Text(_) => format!("“{shown}”"),
            _ => shown,
        }
    }

    fn duration(&self, count: ExprId, months: i32, days: i32) -> String {
        let unit = unit_of(months, days);
        let number = self.value(count);
        // A parameter in days says so itself.
        if matches!(&self.program.node(count).ty, Type::Number { unit: Some(own), .. } if own.trim_end_matches('s') == unit)
        {
            return number;
        }
        let ending = if number == "1" { "" } else { "s" };
        format!("{number} {unit}{ending}")
    }

    fn assumed(&self, what: String, default: ExprId, ty: &Type) -> String {
        let default = match self.program.node(default).expr {
            Expr::Literal(value) => self.literal(value, ty),
            _ => self.value(default),
        };
        format!("{what} (taken as {default} if not known)")
    }

    /// `sessions`, `filler session`.
    fn sessions(&self, list: crate::lang::program::ListId, many: bool) -> String {
        let treatment = &self.program.lists[usize::from(list.0)];
        let noun = if many { "sessions" } else { "session" };
        let label = self.treatments.iter().find(|(name, _)| name == treatment).map(|(_, label)| label.clone());
        let label = || label.unwrap_or_else(|| treatment.replace('-', " "));
        if treatment == self.treatment { noun.into() } else { format!("{} {noun}", label()) }
    }

    /// The choices that a word's bits stand for.
    fn choices(&self, id: ExprId, bits: u64) -> Vec<String> {
        chosen(&self.choices_of(&self.program.node(id).ty), bits)
    }

    /// What people read for the choices of a type.
    pub(crate) fn choices_of(&self, ty: &Type) -> Vec<String> {
        let (Type::Choice(choices) | Type::Set(choices)) = ty else { return Vec::new() };
        // A type goes from its declaration into an expression as it is: it is the very same list. One value of a set has a copy of it.
        let same = |declared: &[String]| std::ptr::eq(declared.as_ptr(), choices.as_ptr());
        let labels = self.choices.iter().find(|(declared, _)| same(declared));
        let labels = labels.or_else(|| self.choices.iter().find(|(declared, _)| **declared == **choices));
        labels.map_or_else(|| choices.iter().map(|choice| plain_name(choice)).collect(), |(_, labels)| labels.clone())
    }

    /// The words inside a condition on sessions, and the letter of the session in hand where another condition on sessions is inside it.
    fn inside(&self, body: &std::ops::Range<u32>) -> (English<'a>, String) {
        let is_about_sessions =
            |id: u32| matches!(self.program.node(ExprId(id)).expr, Expr::Quantified { .. } | Expr::Sum { .. });
        let named = self.named.map(|outer| outer + 1).or_else(|| body.clone().any(is_about_sessions).then_some(1));
        let letter = named.map_or_else(String::new, |named| format!(" {}", letter(usize::from(named) - 1)));
        (English { named, ..self.clone() }, letter)
    }

    fn phrase(&self, id: ExprId, not: bool) -> Phrase {
        let about = |id: ExprId, predicate: String| Phrase::About(self.value(id), predicate);
        let clause = |text: String| Phrase::Clause(text);
        match &self.program.node(id).expr {
            Expr::Not(a) => self.phrase(*a, !not),
            Expr::And(all) | Expr::Or(all) => {
                let parts = all.iter().map(|part| self.phrase(*part, not)).collect();
                let all_hold = matches!(self.program.node(id).expr, Expr::And(_)) != not;
                if all_hold { Phrase::All(parts) } else { Phrase::Any(parts) }
            }
            Expr::Compare(comparison, a, b) => {
                self.comparison(if not { comparison.opposite() } else { *comparison }, *a, *b)
            }
            Expr::OneOf(a, bits) => about(*a, one_of("is", &self.choices(*a, *bits), not)),
            Expr::Among(a, items) => {
                let items: Vec<String> = items.iter().map(|item| self.value(*item)).collect();
                about(*a, one_of("is", &items, not))
            }
            Expr::Within { item, from, to, inclusive } => {
                let (from, to) = (self.value(*from), self.value(*to));
                let not = if not { "not " } else { "" };
                let range =
                    if *inclusive { format!("between {from} and {to}") } else { format!("from {from} to below {to}") };
                about(*item, format!("is {not}{range}"))
            }
            Expr::Contains(set, item) => {
                let (name, item) = (self.value(*set), self.value(*item));
                let verb = match (is_plural(&name), not) {
                    (true, false) => "include",
                    (false, false) => "includes",
                    (true, true) => "do not include",
                    (false, true) => "does not include",
                };
                clause(format!("{name} {verb} {item}"))
            }
            Expr::ContainsAny(set, bits) => {
                let name = self.value(*set);
                let verb = if is_plural(&name) { "include" } else { "includes" };
                clause(format!("{name} {}", included(verb, &self.choices(*set, *bits), not)))
            }
            Expr::IsEmpty(set) => {
                let name = self.value(*set);
                clause(match (is_plural(&name), not) {
                    (true, false) => format!("there are no {name}"),
                    (true, true) => format!("there are {name}"),
                    (false, false) => format!("{name} is empty"),
                    (false, true) => format!("{name} is not empty"),
                })
            }
            Expr::NoSessions(list) if not => clause(format!("there has been a {}", self.sessions(*list, false))),
            Expr::NoSessions(list) => clause(format!("there has been no {}", self.sessions(*list, false))),
            Expr::Quantified { quantifier, list, body } => {
                let (inside, letter) = self.inside(body);
                let body = ExprId(body.end - 1);
                let one = format!("{}{letter}", self.sessions(*list, false));
                clause(match (quantifier, not) {
                    (Quantifier::All, false) => format!("in every {one}, {}", inside.condition(body)),
                    (Quantifier::All, true) => format!("there has been a {one} in which {}", inside.negation(body)),
                    (Quantifier::Any, false) => format!("there has been a {one} in which {}", inside.condition(body)),
                    (Quantifier::Any, true) => format!("there has been no {one} in which {}", inside.condition(body)),
                    (Quantifier::Count, _) => self.value(id),
                })
            }
            Expr::If(c, a, b) => clause(format!(
                "{} if {}, otherwise {}",
                self.phrase(*a, not).into_text(),
                self.condition(*c),
                self.phrase(*b, not).into_text()
            )),
            Expr::Known(a) => about(*a, if not { "is not known" } else { "is known" }.into()),
            Expr::Coalesce(a, b) => clause(self.assumed(self.phrase_of_assumed(*a, not), *b, &Type::Bool)),
            Expr::Literal(Value::Bool(value)) => clause(if *value != not { "always" } else { "never" }.into()),
            Expr::Parameter(at) => {
                let name = &self.parameters[usize::from(*at)].0;
                let is_on = if not { "off" } else { "on" };
                match name.is_label {
                    true => clause(format!("the switch “{}” is {is_on}", name.text)),
                    false => about(id, format!("is switched {is_on}")),
                }
            }
            Expr::Fact(fact) if not && self.facts[usize::from(fact.0)].is_label => {
                clause(format!("no {}", self.value(id)))
            }
            Expr::Definition(at, _) if not && self.definitions[usize::from(*at)].is_label => {
                clause(format!("it is not the case that {}", self.value(id)))
            }
            Expr::Judging => {
                clause(if not { "the next session is being planned" } else { "a past session is being judged" }.into())
            }
            Expr::Aged { by, grace } => {
                let aged = if not { format!("younger than {by}") } else { format!("at least {by} old") };
                clause(format!("the patient is {aged}{}", less_grace(*grace)))
            }
            Expr::Waited { by, grace } => {
                let comparison = if not { Comparison::Less } else { Comparison::GreaterOrEqual };
                let waited = passed(comparison, &by.to_string(), "the previous session");
                clause(format!("{waited}{}", less_grace(*grace)))
            }
            // Names of conditions; all else is a value that cannot be negated.
            Expr::Literal(_)
            | Expr::Fact(_)
            | Expr::Definition(..)
            | Expr::Today
            | Expr::Age(_)
            | Expr::SessionsDone
            | Expr::Each
            | Expr::Len(_)
            | Expr::Arithmetic(..)
            | Expr::Negate(_)
            | Expr::Shift { .. }
            | Expr::Distance(..)
            | Expr::Duration { .. }
            | Expr::Lengthen(..)
            | Expr::Sum { .. }
            | Expr::SessionCount(_)
            | Expr::FirstDate(_)
            | Expr::LastDate(_)
            | Expr::EndNote { .. }
            | Expr::SessionNote { .. }
            | Expr::SessionDate
            | Expr::Tally(_) => clause(if not { format!("not {}", self.value(id)) } else { self.value(id) }),
        }
    }

    /// Before "(taken as no if not known)" stands a short clause; a long one is put in brackets.
    fn phrase_of_assumed(&self, id: ExprId, not: bool) -> String {
        match self.phrase(id, not) {
            joined @ (Phrase::All(_) | Phrase::Any(_)) => format!("({})", joined.into_text()),
            simple => simple.into_text(),
        }
    }
}

/// The unit of so many months and days.
pub(crate) fn unit_of(months: i32, days: i32) -> &'static str {
    match (months, days) {
        (12, _) => "year",
        (1, _) => "month",
        (_, 7) => "week",
        _ => "day",
    }
}

/// `A`, `B`: a session among several that are spoken of.
fn letter(at: usize) -> char {
    u8::try_from(at).ok().filter(|at| *at < 26).map_or('Z', |at| char::from(b'A' + at))
}

/// The choices whose bits are set.
fn chosen(choices: &[String], bits: u64) -> Vec<String> {
    choices.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, choice)| choice.clone()).collect()
}

/// What `grace` adds to an age or a wait.
fn less_grace(grace: bool) -> &'static str {
    if grace { " (for a past session, less the grace)" } else { "" }
}

/// `is a or b`, `is neither a nor b`, `is none of a, b and c`.
fn one_of(verb: &str, items: &[String], not: bool) -> String {
    match (items, not) {
        ([one], true) => format!("{verb} not {one}"),
        ([a, b], true) => format!("{verb} neither {a} nor {b}"),
        (_, true) => format!("{verb} none of {}", list(items, "and")),
        (_, false) => format!("{verb} {}", list(items, "or")),
    }
}

fn included(verb: &str, items: &[String], not: bool) -> String {
    match (items, not, verb) {
        ([one], true, "include") => format!("do not include {one}"),
        ([one], true, _) => format!("does not include {one}"),
        _ => one_of(verb, items, not),
    }
}

/// Whether a name is in the plural: `mask items in area`, `zones planned for today`. What comes behind the noun does not count.
pub(crate) fn is_plural(name: &str) -> bool {
    const BEHIND: &[&str] =
        &["in", "of", "for", "to", "on", "after", "before", "with", "from", "that", "planned", "given", "prescribed"];
    let words = name.split(' ').enumerate();
    let head = words.take_while(|(at, word)| *at == 0 || !BEHIND.contains(word)).last().map_or(name, |(_, word)| word);
    head.ends_with('s') && !head.ends_with("ss") && !head.ends_with("is")
}
