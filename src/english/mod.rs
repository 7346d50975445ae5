//! Conditions and values in plain English (or in another language that [`crate::speech`] has), made from the lowered expressions, so that the words cannot differ from what is evaluated.
//!
//! `fitzpatrick >= 4 || pih_history` becomes "fitzpatrick is 4 or more, or pih history". Negation is pushed inward; names lose their
//! underscores; a parameter is its value with its name in brackets; a definition is its name.

mod compare;
mod deny;
mod noun;
mod phrase;
mod say;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use noun::is_plural;
use phrase::Phrase;
pub(crate) use phrase::list;
pub(crate) use say::say;

use crate::lang::program::{Expr, ExprId, Program};
use crate::lang::syntax::{Arithmetic, Comparison, Quantifier};
use crate::lang::types::Type;
use crate::logic::value::Value;
use crate::speech::Speech;

/// The names that a program's numbers stand for.
#[derive(Clone, Debug)]
pub struct English<'a> {
    /// The language.
    pub(crate) speech: &'static Speech,
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
    /// What people read for the groups of products, and their products.
    pub(crate) groups: Vec<(String, &'a [String])>,
    /// The fact that is the patient's date of birth.
    pub(crate) birth: Option<usize>,
    /// The name for each value of a setting's set.
    pub each: Option<&'a str>,
    /// Whether what is said are the parts of a definition whose own words cannot be denied.
    pub(crate) in_parts: bool,
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
        self.text(self.phrase(id, false))
    }

    /// The same with a verb throughout, to stand after "if" or "when".
    #[must_use]
    pub fn circumstance(&self, id: ExprId) -> String {
        self.text(self.phrase(id, false).with_verbs(self.speech))
    }

    /// When all conditions of one of several lists hold, with a verb throughout.
    pub(crate) fn any_of(&self, ways: &[Vec<ExprId>]) -> String {
        let way = |way: &Vec<ExprId>| match way[..] {
            [one] => self.phrase(one, false),
            _ => Phrase::All(way.iter().map(|id| self.phrase(*id, false)).collect()),
        };
        let mut ways: Vec<Phrase> = ways.iter().map(way).collect();
        let whole = if ways.len() == 1 { ways.remove(0) } else { Phrase::Any(ways) };
        self.text(whole.with_verbs(self.speech))
    }

    /// When several conditions all hold.
    #[must_use]
    pub fn conditions(&self, all: impl Iterator<Item = ExprId>) -> String {
        self.text(Phrase::All(all.map(|id| self.phrase(id, false)).collect()))
    }

    /// A value that depends on three cases or more, as a list: the first that applies.
    #[must_use]
    pub fn cases(&self, id: ExprId) -> Option<Vec<String>> {
        let mut cases = Vec::new();
        let mut rest = id;
        while let Expr::If(condition, value, otherwise) = self.program.node(rest).expr {
            cases.push(self.say("{} if {}", &[&self.value(value), &self.circumstance(condition)]));
            rest = otherwise;
        }
        cases.push(self.say("otherwise {}", &[&self.value(rest)]));
        (cases.len() > 2).then_some(cases)
    }

    /// The same as a list, where it is nested or long: what stands above it, and each line with its level.
    #[must_use]
    pub fn condition_list(&self, id: ExprId) -> Option<(String, Vec<(usize, String)>)> {
        self.phrase(id, false).into_list(self.speech)
    }

    /// When a condition does not hold.
    #[must_use]
    pub fn negation(&self, id: ExprId) -> String {
        self.text(self.phrase(id, true))
    }

    fn text(&self, phrase: Phrase) -> String {
        phrase.into_text(self.speech)
    }

    /// A phrase of the language, with what is put in.
    pub(crate) fn say(&self, phrase: &'static str, with: &[&str]) -> String {
        self.speech.say(phrase, with)
    }

    /// The day before which nothing is done: that of an age by the age.
    #[must_use]
    pub fn first_day(&self, id: ExprId) -> String {
        match self.program.node(id).expr {
            Expr::Shift { date, by, back: false } if self.is_birth(date) => {
                self.say("the age of {}", &[&self.value(by)])
            }
            _ => self.value(id),
        }
    }

    /// Whether a date is the patient's date of birth.
    pub(super) fn is_birth(&self, id: ExprId) -> bool {
        matches!(self.program.node(id).expr, Expr::Fact(fact) if self.birth == Some(usize::from(fact.0)))
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
                if is_day { self.say("the {}", &[&name.text]) } else { name.text.clone() }
            }
            Expr::Parameter(at) => {
                let (name, value) = &self.parameters[usize::from(*at)];
                match value {
                    Value::Bool(_) => name.text.clone(),
                    _ => format!("{} ({})", self.shown(*value, &node.ty), name.text),
                }
            }
            Expr::Definition(at, _) => self.definitions[usize::from(*at)].text.clone(),
            Expr::Today => self.say("today", &[]),
            Expr::Age(_) => self.say("age", &[]),
            Expr::SessionsDone => self.say("the number of sessions done", &[]),
            Expr::Each => plain_name(self.each.unwrap_or("each")),
            Expr::Len(set) => {
                let name = self.value(*set);
                let phrase = if is_plural(&name) { "the number of {}" } else { "the number of choices in {}" };
                self.say(phrase, &[&name])
            }
            Expr::Arithmetic(operation, a, b) => {
                let phrase = match operation {
                    Arithmetic::Add => "{} plus {}",
                    Arithmetic::Subtract => "{} minus {}",
                    Arithmetic::Multiply => "{} times {}",
                    Arithmetic::Divide => "{} divided by {}",
                };
                // What is added up from left to right needs no brackets.
                let is_sum = |id: ExprId| matches!(self.program.node(id).expr, Expr::Arithmetic(Arithmetic::Add, ..));
                let adds = matches!(operation, Arithmetic::Add | Arithmetic::Subtract);
                let first = if adds && is_sum(*a) { self.value(*a) } else { self.operand(*a) };
                self.say(phrase, &[&first, &self.operand(*b)])
            }
            Expr::Negate(a) => self.say("minus {}", &[&self.operand(*a)]),
            Expr::Shift { date, by, back } if matches!(self.program.node(*date).expr, Expr::Today) => {
                self.say(if *back { "{} ago" } else { "{} from today" }, &[&self.value(*by)])
            }
            Expr::Shift { date, by, back: false } if matches!(self.program.node(*by).expr, Expr::Definition(..)) => {
                self.say("the end of {}, counted from {}", &[&self.value(*by), &self.event(*date)])
            }
            Expr::Shift { date, by, back } => {
                let phrase = if *back { "{} before {}" } else { "{} after {}" };
                self.say(phrase, &[&self.value(*by), &self.event(*date)])
            }
            Expr::Distance(later, earlier) => {
                self.say("the time from {} to {}", &[&self.value(*earlier), &self.value(*later)])
            }
            Expr::Duration { count, months, days } => self.duration(*count, *months, *days),
            Expr::Lengthen(a, b) => self.say("{} plus {}", &[&self.value(*a), &self.value(*b)]),
            Expr::If(..) if node.ty == Type::Bool => self.condition(id),
            Expr::If(c, a, b) => {
                self.say("{} if {}, otherwise {}", &[&self.value(*a), &self.circumstance(*c), &self.value(*b)])
            }
            Expr::Coalesce(a, b) => self.assumed(self.value(*a), *b, &node.ty),
            Expr::Quantified { quantifier: Quantifier::Count, list, body } => {
                let (inside, letter) = self.inside(body);
                let sessions = self.sessions(*list, true);
                let condition = inside.condition(ExprId(body.end - 1));
                whose(self.say("the number of {} in which {}", &[&format!("{sessions}{letter}"), &condition]))
            }
            Expr::Sum { list, note, body } => {
                let (inside, letter) = self.inside(body);
                let (note, sessions) = (inside.value(*note), format!("{}{letter}", self.sessions(*list, true)));
                let condition = ExprId(body.end - 1);
                match self.program.node(condition).expr {
                    Expr::Literal(Value::Bool(true)) => self.say("the sum of {} over all {}", &[&note, &sessions]),
                    _ => {
                        let condition = inside.condition(condition);
                        whose(self.say("the sum of {} over the {} in which {}", &[&note, &sessions, &condition]))
                    }
                }
            }
            Expr::SessionCount(list) => self.say("the number of {}", &[&self.sessions(*list, true)]),
            Expr::FirstDate(list) => self.say("the first {}", &[&self.sessions(*list, false)]),
            Expr::LastDate(list) => self.say("the last {}", &[&self.sessions(*list, false)]),
            Expr::EndNote { list, last, note } => {
                let phrase = if *last { "the last {}'s {}" } else { "the first {}'s {}" };
                self.say(phrase, &[&self.sessions(*list, false), &self.notes[usize::from(*note)].text])
            }
            Expr::SessionNote { binder, note } => {
                let name = &self.notes[usize::from(*note)].text;
                match self.named {
                    Some(_) => self.say("{}'s {}", &[&letter(usize::from(*binder)).to_string(), name]),
                    None if name == "date" => self.say("its date", &[]),
                    None => name.clone(),
                }
            }
            Expr::SessionDate => self.say("the day of the session", &[]),
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
            Expr::OneOf(a, bits) => about(*a, self.one_of(&self.choices(*a, *bits), not)),
            Expr::Among(a, items) => {
                let items: Vec<String> = items.iter().map(|item| self.product(*a, *item)).collect();
                about(*a, self.one_of(&items, not))
            }
            Expr::Within { item, from, to, inclusive } => {
                let (from, to) = (self.value(*from), self.value(*to));
                let phrase = match (*inclusive, not) {
                    (true, false) => "is between {} and {}",
                    (true, true) => "is not between {} and {}",
                    (false, false) => "is from {} to below {}",
                    (false, true) => "is not from {} to below {}",
                };
                about(*item, self.say(phrase, &[&from, &to]))
            }
            Expr::Contains(set, item) => {
                let (name, item) = (self.value(*set), self.value(*item));
                let phrase = match (is_plural(&name), not) {
                    (true, false) => "{} include {}",
                    (false, false) => "{} includes {}",
                    (true, true) => "{} do not include {}",
                    (false, true) => "{} does not include {}",
                };
                clause(self.say(phrase, &[&name, &item]))
            }
            Expr::ContainsAny(set, bits) => clause(self.includes(&self.value(*set), &self.choices(*set, *bits), not)),
            Expr::IsEmpty(set) => {
                let name = self.value(*set);
                let phrase = match (is_plural(&name), not) {
                    (true, false) => "there are no {}",
                    (true, true) => "there are {}",
                    (false, false) => "{} is empty",
                    (false, true) => "{} is not empty",
                };
                clause(self.say(phrase, &[&name]))
            }
            Expr::NoSessions(list) => {
                let phrase = if not { "there has been a {}" } else { "there has been no {}" };
                clause(self.say(phrase, &[&self.sessions(*list, false)]))
            }
            Expr::Quantified { quantifier, list, body } => {
                let (inside, letter) = self.inside(body);
                let body = ExprId(body.end - 1);
                let one = format!("{}{letter}", self.sessions(*list, false));
                let (phrase, not) = match (quantifier, not) {
                    (Quantifier::All, false) => ("in every {}, {}", false),
                    (Quantifier::All, true) => ("there has been a {} in which {}", true),
                    (Quantifier::Any, false) => ("there has been a {} in which {}", false),
                    (Quantifier::Any, true) => ("there has been no {} in which {}", false),
                    (Quantifier::Count, _) => return clause(self.value(id)),
                };
                let condition = if not { inside.negation(body) } else { inside.condition(body) };
                clause(whose(self.say(phrase, &[&one, &condition])))
            }
            Expr::If(condition, then, otherwise) => {
                let parts = [self.phrase(*condition, false), self.phrase(*then, not), self.phrase(*otherwise, not)];
                let is_joined = |part: &Phrase| matches!(part, Phrase::All(_) | Phrase::Any(_));
                match parts {
                    // What "otherwise" ends, or an "and" after it begins, could not be told.
                    [c, a, b] if [&c, &a, &b].into_iter().any(is_joined) => {
                        let without = self.phrase(*condition, true);
                        Phrase::Any(vec![Phrase::All(vec![c, a]), Phrase::All(vec![without, b])])
                    }
                    [c, a, b] => {
                        let c = c.with_verbs(self.speech);
                        clause(self.say("{} if {}, otherwise {}", &[&self.text(a), &self.text(c), &self.text(b)]))
                    }
                }
            }
            Expr::Known(a) => about(*a, self.say(if not { "is not known" } else { "is known" }, &[])),
            Expr::Coalesce(a, b) => clause(self.assumed(self.phrase_of_assumed(*a, not), *b, &Type::Bool)),
            Expr::Literal(Value::Bool(value)) => clause(self.say(if *value != not { "always" } else { "never" }, &[])),
            Expr::Parameter(at) => {
                let name = &self.parameters[usize::from(*at)].0;
                match (name.is_label, not) {
                    (true, false) => clause(self.say("the switch “{}” is on", &[&name.text])),
                    (true, true) => clause(self.say("the switch “{}” is off", &[&name.text])),
                    (false, false) => about(id, self.say("is switched on", &[])),
                    (false, true) => about(id, self.say("is switched off", &[])),
                }
            }
            Expr::Fact(fact) if self.facts[usize::from(fact.0)].is_label => {
                let words = self.value(id);
                // Of an answer, a property says a whole clause.
                if is_clause(&words) {
                    return if not { self.denial(&words, None) } else { clause(words) };
                }
                Phrase::Noun(if not { self.say("no {}", &[&words]) } else { words })
            }
            Expr::Definition(at, root) if not && self.definitions[usize::from(*at)].is_label => {
                self.denial(&self.value(id), Some(*root))
            }
            Expr::SessionNote { binder, note } if self.notes[usize::from(*note)].text == "faulty" => {
                let phrase = if not { "{} was not faulty" } else { "{} was faulty" };
                let which =
                    self.named.map_or_else(|| self.say("it", &[]), |_| letter(usize::from(*binder)).to_string());
                clause(self.say(phrase, &[&which]))
            }
            Expr::Judging => {
                let phrase = if not { "the next session is being planned" } else { "a past session is being judged" };
                clause(self.say(phrase, &[]))
            }
            Expr::Aged { by, grace } => {
                let phrase = if not { "the patient is younger than {}" } else { "the patient is at least {} old" };
                let aged = self.say(phrase, &[&self.speech.written(&by.to_string())]);
                clause(format!("{aged}{}", self.less_grace(*grace)))
            }
            Expr::Waited { by, grace } => {
                let comparison = if not { Comparison::Less } else { Comparison::GreaterOrEqual };
                let (wait, since) = (self.speech.written(&by.to_string()), self.say("the previous session", &[]));
                let waited = self.passed(comparison, &wait, &since);
                clause(format!("{waited}{}", self.less_grace(*grace)))
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
            | Expr::Tally(_) => clause(if not { self.say("not {}", &[&self.value(id)]) } else { self.value(id) }),
        }
    }

    /// What a clause denies: in its own words where they can be turned, else what it names is denied part by part.
    fn denial(&self, words: &str, root: Option<ExprId>) -> Phrase {
        let whole = || Phrase::Clause(self.say("it is not the case that {}", &[words]));
        let own = if self.speech.is_english() { deny::denied(words) } else { deny::denied_in_german(words) };
        if let Some(own) = own {
            return Phrase::Clause(own);
        }
        if !self.speech.is_english() {
            return whole();
        }
        // One level only: names that name each other would never end.
        let parts = root.filter(|_| !self.in_parts);
        let parts = parts.map_or_else(whole, |root| English { in_parts: true, ..self.clone() }.phrase(root, true));
        Phrase::Denied(words.to_owned(), Box::new(parts))
    }

    /// Before "(taken as no if not known)" stands a short clause; a long one is put in brackets.
    fn phrase_of_assumed(&self, id: ExprId, not: bool) -> String {
        match self.phrase(id, not) {
            joined @ (Phrase::All(_) | Phrase::Any(_)) => format!("({})", self.text(joined)),
            simple => self.text(simple),
        }
    }

    /// What `grace` adds to an age or a wait.
    fn less_grace(&self, grace: bool) -> String {
        if grace { self.say(" (for a past session, less the grace)", &[]) } else { String::new() }
    }

    /// `is a or b`, `is neither a nor b`, `is none of a, b and c`.
    fn one_of(&self, items: &[String], not: bool) -> String {
        match (items, not) {
            ([one], true) => self.say("is not {}", &[one]),
            ([a, b], true) => self.say("is neither {} nor {}", &[a, b]),
            (_, true) => self.say("is not {}", &[&list(items, self.speech.or)]),
            (_, false) => self.say("is {}", &[&list(items, self.speech.or)]),
        }
    }

    /// `area includes a or b`, `zones include none of a, b and c`.
    fn includes(&self, name: &str, items: &[String], not: bool) -> String {
        let all = list(items, self.speech.or);
        match (items, not, is_plural(name)) {
            ([one], true, true) => self.say("{} do not include {}", &[name, one]),
            ([one], true, false) => self.say("{} does not include {}", &[name, one]),
            ([a, b], true, true) => self.say("{} include neither {} nor {}", &[name, a, b]),
            ([a, b], true, false) => self.say("{} includes neither {} nor {}", &[name, a, b]),
            (_, true, true) => self.say("{} include none of {}", &[name, &list(items, self.speech.and)]),
            (_, true, false) => self.say("{} includes none of {}", &[name, &list(items, self.speech.and)]),
            (_, false, true) => self.say("{} include {}", &[name, &all]),
            (_, false, false) => self.say("{} includes {}", &[name, &all]),
        }
    }
}

/// Products in words: by their groups, and those that are left by their own names.
pub(crate) fn grouped(groups: &[(String, &[String])], products: &[&str]) -> Vec<String> {
    let mut left = products.to_vec();
    let mut names = Vec::new();
    for (group, members) in groups {
        let is_whole = !members.is_empty() && members.iter().all(|member| products.contains(&member.as_str()));
        if is_whole && members.iter().any(|member| left.contains(&member.as_str())) {
            left.retain(|product| members.iter().all(|member| member != product));
            names.push(group.clone());
        }
    }
    names.extend(left.into_iter().map(str::to_owned));
    names
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

/// "in which its date is" is said otherwise.
fn whose(text: String) -> String {
    text.replace(" in which its date ", " whose date ")
}

/// Whether the words for a fact are a clause, as those for what an answer says are.
fn is_clause(words: &str) -> bool {
    words.starts_with("the answer is ")
}
