//! What would violate a property, as conditions on the patient alone.
//!
//! The answer's part of a property is written out: `treat` is that no rule fires which leads elsewhere, `not_before < x` that no deferral which
//! fires waits until `x`, and so on. Where that cannot be said exactly, more is said than is so, never less: the course may lead anywhere
//! it can, and what an answer says in other ways is taken as an answer of its own. So a claim that nobody can meet is met by nobody, and one
//! that somebody seems to meet is left to the engine.

use crate::date::{Date, Duration};
use crate::lang::syntax::{Arithmetic, Comparison};
use crate::lang::{Expr, ExprId, FactId, Type};
use crate::logic::Number;
use crate::logic::value::Value;
use crate::protocol::Protocol;
use crate::protocol::file::{Round, Safer};
use crate::protocol::model::{Action, OfAnswer, Property, Quantity, Row, Rule, Says};
use crate::prove::written_out::WrittenOut;
use crate::recommendation::Status;

/// A condition of which rules are named apart from what else it is made of: whether they fire may be left out of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Claim {
    /// It always holds, or never.
    Is(bool),
    /// A condition on the patient.
    Condition(ExprId),
    /// Whether a rule fires.
    Fires(usize, bool),
    All(Vec<Claim>),
    Any(Vec<Claim>),
    /// The same as `Any`, of ways that are looked at one by one.
    Ways(Vec<Claim>),
}

/// The most ways into which a claim is taken apart.
const MOST_WAYS: usize = 400;

/// How deep choices are followed. Deeper ones are taken as they are.
const MOST_CHOICES: usize = 8;

impl Claim {
    fn all(parts: impl IntoIterator<Item = Claim>) -> Claim {
        let mut all = Vec::new();
        for part in parts {
            match part {
                Claim::Is(true) => {}
                Claim::Is(false) => return Claim::Is(false),
                Claim::All(more) => all.extend(more),
                other => all.push(other),
            }
        }
        if all.is_empty() { Claim::Is(true) } else { Claim::All(all) }
    }

    fn any(parts: impl IntoIterator<Item = Claim>) -> Claim {
        let mut any = Vec::new();
        for part in parts {
            match part {
                Claim::Is(false) => {}
                Claim::Is(true) => return Claim::Is(true),
                other => any.push(other),
            }
        }
        match any.len() {
            0 => Claim::Is(false),
            1 => any.remove(0),
            _ => Claim::Any(any),
        }
    }

    fn ways(parts: impl IntoIterator<Item = Claim>) -> Claim {
        match Claim::any(parts) {
            Claim::Any(ways) => Claim::Ways(ways),
            other => other,
        }
    }

    /// The ways in which it may hold, each by itself; the whole as one, if they are too many.
    pub(super) fn taken_apart(self) -> Vec<Claim> {
        let ways = self.clone().apart();
        if ways.len() > MOST_WAYS {
            vec![self]
        } else {
            ways.into_iter().filter(|way| *way != Claim::Is(false)).collect()
        }
    }

    fn apart(self) -> Vec<Claim> {
        match self {
            Claim::Ways(ways) => ways.into_iter().flat_map(Claim::apart).take(MOST_WAYS + 1).collect(),
            Claim::All(parts) => parts.into_iter().fold(vec![Claim::Is(true)], |so_far, part| {
                let ways = part.apart();
                let both = so_far.iter().flat_map(|one| ways.iter().map(|way| Claim::all([one.clone(), way.clone()])));
                both.take(MOST_WAYS + 1).collect()
            }),
            other => vec![other],
        }
    }

    /// The same where of all rules but some it is left open whether they fire.
    pub(super) fn of_rules(&self, some: &[usize]) -> Claim {
        match self {
            Claim::Fires(rule, _) if !some.contains(rule) => Claim::Is(true),
            Claim::All(parts) => Claim::all(parts.iter().map(|part| part.of_rules(some))),
            Claim::Any(parts) | Claim::Ways(parts) => Claim::any(parts.iter().map(|part| part.of_rules(some))),
            other => other.clone(),
        }
    }

    /// The conditions in it, and the rules.
    pub(super) fn made_of(&self, conditions: &mut Vec<ExprId>, rules: &mut Vec<usize>) {
        match self {
            Claim::Is(_) => {}
            Claim::Condition(id) => conditions.push(*id),
            Claim::Fires(rule, _) if rules.contains(rule) => {}
            Claim::Fires(rule, _) => rules.push(*rule),
            Claim::All(parts) | Claim::Any(parts) | Claim::Ways(parts) => {
                parts.iter().for_each(|part| part.made_of(conditions, rules));
            }
        }
    }

    /// The expression that says it.
    pub(super) fn expression(&self, out: &mut WrittenOut) -> ExprId {
        match self {
            Claim::Is(truth) => out.literal(Value::Bool(*truth), Type::Bool),
            Claim::Condition(id) => *id,
            Claim::Fires(rule, true) => out.fires(*rule),
            Claim::Fires(rule, false) => {
                let fires = out.fires(*rule);
                out.add(Expr::Not(fires), Type::Bool)
            }
            Claim::All(parts) => {
                let parts = parts.iter().map(|part| part.expression(out)).collect();
                out.add(Expr::And(parts), Type::Bool)
            }
            Claim::Any(parts) | Claim::Ways(parts) => {
                let parts = parts.iter().map(|part| part.expression(out)).collect();
                out.add(Expr::Or(parts), Type::Bool)
            }
        }
    }
}

/// Writes out what an answer says.
pub(super) struct Claims<'p> {
    protocol: &'p Protocol,
    of_answer: &'p [(FactId, OfAnswer)],
    pub(super) out: WrittenOut,
    /// How many more choices may be followed within the one in hand: each doubles what is written.
    depth: usize,
}

impl<'p> Claims<'p> {
    pub(super) fn new(protocol: &'p Protocol, model: &Protocol) -> Claims<'p> {
        Claims { protocol, of_answer: &protocol.properties.of_answer, out: WrittenOut::new(model), depth: MOST_CHOICES }
    }

    /// What a patient is like for whom a property does not hold.
    pub(super) fn violation(&mut self, property: &Property) -> Claim {
        self.holds(property.root, property.never)
    }

    /// That a condition is certainly true, or certainly false.
    fn holds(&mut self, id: ExprId, truth: bool) -> Claim {
        if !self.is_of_answer(id) {
            return self.condition(id, truth);
        }
        let node = self.out.program.node(id).expr.clone();
        let compared = match &node {
            Expr::Compare(comparison, a, b) => {
                let comparison = if truth { *comparison } else { comparison.opposite() };
                let one = |a: ExprId, comparison, b| Some((self.what(a)?, comparison, b));
                one(*a, comparison, *b)
                    .or_else(|| one(*b, comparison.turned(), *a))
                    .filter(|one| !self.is_of_answer(one.2))
            }
            _ => None,
        };
        match (node, compared) {
            (Expr::Not(a), _) => self.holds(a, !truth),
            (Expr::And(parts), _) if truth => Claim::all(parts.iter().map(|part| self.holds(*part, true))),
            (Expr::And(parts), _) => Claim::ways(parts.iter().map(|part| self.holds(*part, false))),
            (Expr::Or(parts), _) if truth => Claim::ways(parts.iter().map(|part| self.holds(*part, true))),
            (Expr::Or(parts), _) => Claim::all(parts.iter().map(|part| self.holds(*part, false))),
            (Expr::Fact(_), _) if self.what(id) == Some(OfAnswer::Treat) => self.status(|one| one.is_treat() == truth),
            (Expr::OneOf(a, bits), _) if self.what(a) == Some(OfAnswer::Status) => {
                self.status(|one| place(one).is_some_and(|at| (bits >> at & 1 == 1) == truth))
            }
            (_, Some((OfAnswer::Status, comparison, other))) => self.is_status(id, truth, comparison, other),
            (_, Some((OfAnswer::NotBefore, comparison, day))) => self.first_day(comparison, day),
            (_, Some((OfAnswer::Setting(at), comparison, number))) => {
                self.setting(at, comparison, number).unwrap_or_else(|| self.condition(id, truth))
            }
            _ => self.condition(id, truth),
        }
    }

    fn is_status(&mut self, id: ExprId, truth: bool, comparison: Comparison, other: ExprId) -> Claim {
        let Expr::Literal(Value::Choice(at)) = self.out.program.node(other).expr else {
            return self.condition(id, truth);
        };
        let is_it = comparison == Comparison::Equal;
        self.status(|one| place(one).is_some_and(|place| (place == at) == is_it))
    }

    fn condition(&mut self, id: ExprId, truth: bool) -> Claim {
        Claim::Condition(if truth { id } else { self.out.add(Expr::Not(id), Type::Bool) })
    }

    /// What an answer says, if the expression is that.
    fn what(&self, id: ExprId) -> Option<OfAnswer> {
        let Expr::Fact(fact) = self.out.program.node(id).expr else { return None };
        self.of_answer.iter().find(|(slot, _)| *slot == fact).map(|(_, what)| *what)
    }

    fn is_of_answer(&self, id: ExprId) -> bool {
        self.out.program.under([id]).any(|id| self.what(id).is_some())
    }

    /// That the status is one of some.
    fn status(&self, is_one: impl Fn(Status) -> bool) -> Claim {
        let treat = [Status::Due, Status::Overdue].into_iter().any(|one| is_one(one) && self.is_possible(one));
        let others = Status::ALL.into_iter().filter(|one| *one != Status::Undetermined && !one.is_treat());
        let others = others.filter(|one| is_one(*one)).map(|one| self.stands(Some(one)));
        Claim::ways(treat.then(|| self.stands(None)).into_iter().chain(others))
    }

    fn is_possible(&self, status: Status) -> bool {
        status != Status::Overdue || !self.protocol.courses.is_empty()
    }

    /// That a status is certain; none: that nothing holds against treating.
    fn stands(&self, status: Option<Status>) -> Claim {
        let before = Status::ALL.into_iter().filter(|one| !one.is_treat() && status.is_none_or(|status| *one < status));
        let mut parts: Vec<Claim> =
            before.flat_map(|one| self.rules(one)).map(|rule| Claim::Fires(rule, false)).collect();
        parts.extend(status.map(|status| self.leads_to(status)));
        Claim::all(parts)
    }

    /// That something leads to a status.
    fn leads_to(&self, status: Status) -> Claim {
        let by_course = matches!(status, Status::NotIndicated | Status::Complete | Status::Deferred);
        let by_course = Claim::Is(by_course && !self.protocol.courses.is_empty());
        Claim::any(self.rules(status).map(|rule| Claim::Fires(rule, true)).chain([by_course]))
    }

    fn rules(&self, status: Status) -> impl Iterator<Item = usize> {
        let rules = self.protocol.rules.iter().enumerate();
        rules.filter(move |(_, rule)| rule.action.leads_to() == Some(status)).map(|(at, _)| at)
    }

    /// That the first permitted day is before or after another: today, where the answer is to treat; later than any, where nothing is awaited.
    fn first_day(&mut self, comparison: Comparison, day: ExprId) -> Claim {
        let today = self.out.add(Expr::Today, Type::Date);
        let is_today = Claim::Condition(self.out.add(Expr::Compare(comparison, today, day), Type::Bool));
        let is_later = matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual | Comparison::NotEqual);
        let over = [Status::Contraindicated, Status::NotIndicated, Status::Stopped, Status::Complete];
        let ways = [
            Claim::all([is_today, self.stands(None)]),
            Claim::all([Claim::Is(is_later), self.status(|one| over.contains(&one))]),
            Claim::all([self.last_wait(comparison, day), self.stands(Some(Status::Deferred))]),
        ];
        Claim::ways(ways)
    }

    /// That the latest day of all deferrals is before or after another.
    fn last_wait(&mut self, comparison: Comparison, day: ExprId) -> Claim {
        let waits: Vec<(usize, Option<ExprId>)> =
            self.rules(Status::Deferred).map(|rule| (rule, self.protocol.rules[rule].not_before())).collect();
        let is_so = |claims: &mut Self, comparison, a: ExprId| claims.days(comparison, a, day);
        let ends_before = |claims: &mut Self, comparison| {
            // It is after today.
            let today = claims.out.add(Expr::Today, Type::Date);
            let mut parts = vec![is_so(claims, Comparison::Less, today)];
            for (rule, wait) in &waits {
                let spared = Claim::Fires(*rule, false);
                parts.push(match wait {
                    Some(wait) => Claim::any([spared, is_so(claims, comparison, *wait)]),
                    None => spared,
                });
            }
            Claim::all(parts)
        };
        let one_ends_after = |claims: &mut Self, comparison| {
            let dated = waits.iter().filter_map(|(rule, wait)| wait.map(|wait| (*rule, wait)));
            let mut ways: Vec<Claim> = dated
                .map(|(rule, wait)| Claim::all([Claim::Fires(rule, true), is_so(claims, comparison, wait)]))
                .collect();
            // A course may hold back until any day.
            ways.push(Claim::Is(!claims.protocol.courses.is_empty()));
            Claim::any(ways)
        };
        match comparison {
            Comparison::Less | Comparison::LessOrEqual => ends_before(self, comparison),
            Comparison::Greater | Comparison::GreaterOrEqual => one_ends_after(self, comparison),
            Comparison::Equal => {
                let both =
                    [ends_before(self, Comparison::LessOrEqual), one_ends_after(self, Comparison::GreaterOrEqual)];
                Claim::all(both)
            }
            Comparison::NotEqual => {
                let either = [ends_before(self, Comparison::Less), one_ends_after(self, Comparison::Greater)];
                Claim::ways(either)
            }
        }
    }

    /// That a day is before or after another. Two that are counted from one date of the patient lie as far apart whatever it is.
    fn days(&mut self, comparison: Comparison, a: ExprId, b: ExprId) -> Claim {
        let (one, other) = (self.counted(a), self.counted(b));
        let is_day = |step: &Step| matches!(step, Step::Fixed(length) if length.is_exact());
        if let (Some((from, one)), Some((same, other))) = (one, other)
            && self.out.program.node(from).expr == self.out.program.node(same).expr
        {
            let alike = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
            let rest = [&one[alike..], &other[alike..]];
            if rest.iter().all(|steps| steps.iter().all(is_day)) {
                let days = rest.map(|steps| steps.iter().map(Step::days).sum::<i32>());
                let holds = |order: std::cmp::Ordering| match comparison {
                    Comparison::Equal => order.is_eq(),
                    Comparison::NotEqual => order.is_ne(),
                    Comparison::Less => order.is_lt(),
                    Comparison::LessOrEqual => order.is_le(),
                    Comparison::Greater => order.is_gt(),
                    Comparison::GreaterOrEqual => order.is_ge(),
                };
                // Never is never, however long after.
                return match (holds(days[0].cmp(&days[1])), holds(std::cmp::Ordering::Equal)) {
                    (true, _) => Claim::Is(true),
                    (false, false) => Claim::Is(false),
                    (false, true) => {
                        let never = self.out.literal(Value::date(Date::NEVER), Type::Date);
                        Claim::Condition(self.out.add(Expr::Compare(Comparison::Equal, from, never), Type::Bool))
                    }
                };
            }
        }
        Claim::Condition(self.out.add(Expr::Compare(comparison, a, b), Type::Bool))
    }

    /// The date of the patient from which a day is counted, and what is added to it, one after the other.
    fn counted(&self, id: ExprId) -> Option<(ExprId, Vec<Step>)> {
        let id = self.named(id);
        match self.out.program.node(id).expr {
            Expr::Fact(_) => Some((id, Vec::new())),
            Expr::Shift { date, by, back } => {
                let (from, mut steps) = self.counted(date)?;
                let by = self.named(by);
                steps.push(match self.out.program.node(by).expr {
                    Expr::Literal(Value::Duration(length, other)) if length == other => {
                        Step::Fixed(if back { length.negated() } else { length })
                    }
                    Expr::Parameter(at) => Step::Parameter(at, back),
                    _ => return None,
                });
                Some((from, steps))
            }
            _ => None,
        }
    }

    /// That the least careful end of a setting is bolder than a number. None for the other way round.
    fn setting(&mut self, at: usize, comparison: Comparison, number: ExprId) -> Option<Claim> {
        let setting = &self.protocol.settings[at];
        let comparison = match (setting.safer, comparison) {
            (Safer::Lower, Comparison::Greater | Comparison::GreaterOrEqual)
            | (Safer::Higher, Comparison::Less | Comparison::LessOrEqual) => comparison,
            // What is equal to it is no more careful.
            (Safer::Lower, Comparison::Equal) => Comparison::GreaterOrEqual,
            (Safer::Higher, Comparison::Equal) => Comparison::LessOrEqual,
            _ => return None,
        };
        let each: Vec<Option<Value>> = match &setting.each {
            None => vec![None],
            Some((_, set)) => {
                let choices = crate::narrow::u8(self.protocol.fact(*set).answer.choices().len());
                (0..choices).map(|at| Some(Value::Choice(at))).collect()
            }
        };
        let limits = self.limits(at, comparison, number)?;
        let mut ways = Vec::new();
        for each in each {
            let mut parts = limits.clone();
            let mut applies = Vec::new();
            for row in &setting.rows {
                let when = match &row.when {
                    Some(when) => Some(self.out.body(when, each)?),
                    None => None,
                };
                let spared = when.map_or(Claim::Is(false), |when| self.condition(when, false));
                // Words win over every number.
                if matches!(row.says, Says::Text(_)) {
                    parts.push(spared);
                    continue;
                }
                let end = self.bold_end(at, row, each)?;
                let is_so = self.compares(comparison, end, number);
                parts.push(Claim::any([spared, is_so]));
                applies.push(when.map_or(Claim::Is(true), Claim::Condition));
            }
            parts.push(Claim::any(applies));
            ways.push(Claim::all(parts));
        }
        Some(Claim::ways(ways))
    }

    /// That no limit on a setting which holds is more careful than a number.
    fn limits(&mut self, at: usize, comparison: Comparison, number: ExprId) -> Option<Vec<Claim>> {
        let protocol = self.protocol;
        let of_rule = |(place, rule): (usize, &'p Rule)| match &rule.action {
            Action::Precaution { limits, .. } => {
                limits.iter().filter(|(setting, _)| *setting == at).map(|(_, limit)| (place, limit)).collect()
            }
            _ => Vec::new(),
        };
        let limits: Vec<(usize, &Quantity)> = protocol.rules.iter().enumerate().flat_map(of_rule).collect();
        let claim = |(rule, limit): (usize, &Quantity)| {
            let limit = self.quantity(at, limit, None)?;
            let is_so = self.compares(comparison, limit, number);
            Some(Claim::any([Claim::Fires(rule, false), is_so]))
        };
        limits.into_iter().map(claim).collect()
    }

    /// That a number is above or below another, branch by branch where one of them is chosen by conditions.
    ///
    /// Of what is capped by another, `if a > b { b } else { a }`, the branches stay whole: what caps them is said of the same numbers.
    fn compares(&mut self, comparison: Comparison, a: ExprId, b: ExprId) -> Claim {
        let named = self.named(a);
        if let (Expr::If(condition, yes, no), true) = (&self.out.program.node(named).expr, self.depth > 0) {
            let (condition, yes, no) = (*condition, *yes, *no);
            self.depth -= 1;
            let capped = self.is_capped(condition, yes, no);
            let mut branch = |branch: ExprId| match capped && !self.is_chosen(branch) {
                true => self.whole(comparison, branch, b),
                false => self.compares(comparison, branch, b),
            };
            let (yes, no) = (branch(yes), branch(no));
            let either = self.either((condition, yes, no));
            self.depth += 1;
            return either;
        }
        if self.is_chosen(b) && self.depth > 0 {
            return self.compares(comparison.turned(), b, a);
        }
        self.whole(comparison, a, b)
    }

    /// The same of a number as it is and another, which may be chosen.
    fn whole(&mut self, comparison: Comparison, a: ExprId, b: ExprId) -> Claim {
        let named = self.named(b);
        if let (Expr::If(condition, yes, no), true) = (&self.out.program.node(named).expr, self.depth > 0)
            && self.is_chosen(b)
        {
            let (condition, yes, no) = (*condition, *yes, *no);
            self.depth -= 1;
            let (yes, no) = (self.whole(comparison, a, yes), self.whole(comparison, a, no));
            let either = self.either((condition, yes, no));
            self.depth += 1;
            return either;
        }
        Claim::Condition(self.out.add(Expr::Compare(comparison, a, b), Type::Bool))
    }

    /// What holds of a choice: its condition and the one branch, or the other; or both, where nobody knows which.
    fn either(&mut self, (condition, yes, no): (ExprId, Claim, Claim)) -> Claim {
        let mut with = |truth: bool, branch: &Claim| {
            let node = self.out.program.node(condition).expr.clone();
            let chosen = match node {
                Expr::Compare(comparison, a, b) if self.is_number(a) => {
                    self.whole(if truth { comparison } else { comparison.opposite() }, a, b)
                }
                _ => self.condition(condition, truth),
            };
            Claim::all([chosen, branch.clone()])
        };
        let ways = [with(true, &yes), with(false, &no), Claim::all([yes, no])];
        Claim::any(ways)
    }

    fn is_number(&self, id: ExprId) -> bool {
        matches!(self.out.program.node(id).ty, Type::Number { .. })
    }

    /// An expression, seen through the definitions that name it.
    fn named(&self, mut id: ExprId) -> ExprId {
        while let Expr::Definition(_, root) = self.out.program.node(id).expr {
            id = root;
        }
        id
    }

    /// Whether a choice is between the two numbers that its condition compares.
    fn is_capped(&self, condition: ExprId, yes: ExprId, no: ExprId) -> bool {
        let Expr::Compare(_, a, b) = self.out.program.node(condition).expr else { return false };
        let [a, b, yes, no] = [a, b, yes, no].map(|id| self.named(id));
        (a, b) == (yes, no) || (b, a) == (yes, no)
    }

    /// Whether conditions choose one of a few numbers that are the same for everybody.
    fn is_chosen(&self, id: ExprId) -> bool {
        match self.out.program.node(self.named(id)).expr {
            Expr::If(_, yes, no) => [yes, no].iter().all(|branch| self.is_chosen(*branch) || self.is_constant(*branch)),
            _ => false,
        }
    }

    fn is_constant(&self, id: ExprId) -> bool {
        self.out.program.node(id).constant
    }

    /// The least careful number of a row, as it is shown at most; none where that cannot be written out.
    fn bold_end(&mut self, at: usize, row: &Row, each: Option<Value>) -> Option<ExprId> {
        let setting = &self.protocol.settings[at];
        let quantity = match (&row.says, setting.safer) {
            (Says::Text(_), _) => return None,
            (Says::Value(value), _) => value,
            (Says::Range(_, to), Safer::Lower) => to,
            (Says::Range(from, _), Safer::Higher) => from,
        };
        let Some((decimals, round)) = setting.rounding else { return self.quantity(at, quantity, each) };
        if let Quantity::Fixed(number) = quantity {
            let number = Number::from(*number);
            let rounded = match round {
                Round::Down => number.rounded_down(decimals),
                Round::Up => number.rounded_up(decimals),
                Round::Nearest => number.rounded_to_nearest(decimals),
            };
            return Some(self.number(at, rounded.unwrap_or(number)));
        }
        let end = self.quantity(at, quantity, each)?;
        let step = (0..decimals).try_fold(Number::ONE, |step, _| step.over(10.into()))?;
        let by = match (round, setting.safer) {
            (Round::Down, Safer::Lower) | (Round::Up, Safer::Higher) => return Some(end),
            (Round::Nearest, _) => step.over(2.into())?,
            (Round::Up, Safer::Lower) | (Round::Down, Safer::Higher) => step,
        };
        let operation = if setting.safer == Safer::Lower { Arithmetic::Add } else { Arithmetic::Subtract };
        let by = self.number(at, by);
        let ty = self.out.program.node(end).ty.clone();
        Some(self.out.add(Expr::Arithmetic(operation, end, by), ty))
    }

    fn quantity(&mut self, at: usize, quantity: &Quantity, each: Option<Value>) -> Option<ExprId> {
        match quantity {
            Quantity::Fixed(number) => Some(self.number(at, (*number).into())),
            Quantity::Computed(body) => self.out.body(body, each),
        }
    }

    fn number(&mut self, at: usize, number: Number) -> ExprId {
        let unit = self.protocol.settings[at].unit.as_deref().map(Into::into);
        self.out.literal(Value::number(number), Type::Number { whole: false, unit, scaled: false })
    }
}

/// The place of a status among the words that a property may have.
fn place(status: Status) -> Option<u8> {
    let words = Status::ALL.into_iter().filter(|one| *one != Status::Undetermined);
    words.zip(0u8..).find(|(one, _)| *one == status).map(|(_, at)| at)
}

/// Something that is added to a date.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Fixed(Duration),
    /// A parameter, by its place, or taken away.
    Parameter(u16, bool),
}

impl Step {
    fn days(&self) -> i32 {
        match self {
            Step::Fixed(length) => length.days,
            Step::Parameter(..) => 0,
        }
    }
}
