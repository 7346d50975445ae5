//! Which facts, parameters and counts move some expressions, and at which values they turn.
//!
//! `check` goes through all patients that expressions can tell apart, `prepare` finds what one fact decides: both ask here, and then ask the
//! evaluator what it says at each of these values.

mod calendar;
mod some;
mod terms;

use std::collections::BTreeSet;

pub(crate) use calendar::every_day;
pub(crate) use some::History;
pub(crate) use terms::Terms;

use crate::date::{Date, Duration};
use crate::lang::program::Node;
use crate::lang::syntax::Comparison;
use crate::lang::{Expr, ExprId, FactId, Program, Type};
use crate::logic::Number;
use crate::logic::calculate::calculate;
use crate::logic::value::Value;
use crate::protocol::Protocol;
use crate::protocol::file::FactType;

/// Something that may differ between patients, or between clinics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Axis {
    Fact(FactId),
    Parameter(u16),
    SessionsDone,
    /// What is taken as a fact of its own, by the first expression that is like it. See [`Terms`].
    Term(ExprId),
}

/// What is fixed while it is asked where expressions turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fixed<'a> {
    /// The day on which it is asked.
    pub(crate) today: Date,
    /// The parameters as they are set; none: whatever a clinic may set them to.
    pub(crate) parameters: Option<&'a [Value]>,
}

/// The most values of one expression that are told apart, and of the days on which a date may turn.
const MOST: usize = 1_000;

/// Beyond so many years no day of the calendar turns.
const MOST_YEARS: i32 = 10_000;

/// Where the expressions of a protocol turn.
#[derive(Debug)]
pub(crate) struct Turning<'a> {
    protocol: &'a Protocol,
    fixed: Fixed<'a>,
    /// What each node of the program may come to; none: that cannot be told.
    comes_to: Vec<Option<ComesTo>>,
    /// Whether each rests on a date of the patient.
    has_date: Vec<bool>,
}

/// All that an expression may come to.
#[derive(Clone, Debug)]
enum ComesTo {
    Numbers(BTreeSet<Number>),
    Lengths(BTreeSet<Duration>),
    /// Days, each by where it is counted from and what is added to that, one step after the other.
    Days(BTreeSet<(Start, Steps)>),
}

/// What a day is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Start {
    Day(Date),
    Today,
    Fact(FactId),
}

type Steps = Vec<Duration>;

impl ComesTo {
    fn any_of(values: &[Value]) -> Option<ComesTo> {
        let all = values.iter().map(|value| match value {
            Value::Number(number, _) => Some(ComesTo::Numbers(BTreeSet::from([*number]))),
            Value::Duration(length, _) => Some(ComesTo::Lengths(BTreeSet::from([*length]))),
            Value::Date(range) => Some(ComesTo::from(Start::Day(range.first))),
            _ => None,
        });
        all.reduce(|a, b| a?.or(&b?))?
    }

    fn from(start: Start) -> ComesTo {
        ComesTo::Days(BTreeSet::from([(start, Steps::new())]))
    }

    fn or(self, other: &ComesTo) -> Option<ComesTo> {
        match (self, other) {
            (ComesTo::Numbers(a), ComesTo::Numbers(b)) => Some(ComesTo::Numbers(&a | b)),
            (ComesTo::Lengths(a), ComesTo::Lengths(b)) => Some(ComesTo::Lengths(&a | b)),
            (ComesTo::Days(a), ComesTo::Days(b)) => Some(ComesTo::Days(&a | b)),
            _ => None,
        }
    }

    fn count(&self) -> usize {
        match self {
            ComesTo::Numbers(all) => all.len(),
            ComesTo::Lengths(all) => all.len(),
            ComesTo::Days(all) => all.len(),
        }
    }
}

/// The same day, a step later. Days that follow each other are added up, so that ways that come to the same are one.
fn later((start, steps): &(Start, Steps), step: Duration) -> (Start, Steps) {
    if let Start::Day(day) = start {
        return (Start::Day(*day + step), Steps::new());
    }
    let mut steps = steps.clone();
    match steps.last_mut() {
        Some(last) if step.months == 0 => *last = last.plus(step),
        _ => steps.push(step),
    }
    (*start, steps)
}

impl<'a> Turning<'a> {
    pub(crate) fn new(protocol: &'a Protocol, fixed: Fixed<'a>) -> Turning<'a> {
        let mut turning = Turning { protocol, fixed, comes_to: Vec::new(), has_date: Vec::new() };
        // Operands stand before what uses them.
        for node in &protocol.program.nodes {
            let comes_to = turning.of_operands(node).filter(|comes_to| comes_to.count() <= MOST);
            turning.comes_to.push(comes_to);
            let is_date = matches!(node.expr, Expr::Fact(_)) && node.ty == Type::Date;
            let has_date = is_date || node.expr.operands().into_iter().any(|id| turning.has_date(id));
            turning.has_date.push(has_date);
        }
        turning
    }

    /// What a node may come to, by what its operands may.
    fn of_operands(&self, node: &Node) -> Option<ComesTo> {
        Some(match &node.expr {
            Expr::Literal(value) => ComesTo::any_of(&[*value])?,
            Expr::Parameter(at) => ComesTo::any_of(&self.parameter(*at))?,
            Expr::Today => ComesTo::from(Start::Today),
            Expr::Fact(fact) if node.ty == Type::Date => ComesTo::from(Start::Fact(*fact)),
            Expr::Definition(_, root) => self.comes_to(*root)?.clone(),
            Expr::If(_, a, b) | Expr::Coalesce(a, b) => self.comes_to(*a)?.clone().or(self.comes_to(*b)?)?,
            Expr::Negate(a) => ComesTo::Numbers(self.numbers(*a)?.iter().map(|number| -*number).collect()),
            Expr::Lengthen(a, b) => {
                let (a, b) = (self.lengths(*a)?, self.lengths(*b)?);
                ComesTo::Lengths(a.iter().flat_map(|a| b.iter().map(|b| a.plus(*b))).collect())
            }
            Expr::Shift { date, by, back } => {
                let (days, steps) = (self.days(*date)?, self.lengths(*by)?);
                let signed = |step: &Duration| if *back { step.negated() } else { *step };
                let reached = |day| steps.iter().map(move |step| later(day, signed(step)));
                ComesTo::Days(days.iter().flat_map(reached).collect())
            }
            Expr::Arithmetic(operation, a, b) => {
                let (a, b) = (self.numbers(*a)?, self.numbers(*b)?);
                if a.len().saturating_mul(b.len()) > MOST {
                    return None;
                }
                let result = |a: &Number, b: &Number| match calculate(*operation, Value::number(*a), Value::number(*b))
                {
                    Value::Number(number, _) => Some(number),
                    _ => None,
                };
                ComesTo::Numbers(a.iter().flat_map(|a| b.iter().map(|b| result(a, b))).collect::<Option<_>>()?)
            }
            Expr::Duration { count, months, days } => {
                let times = |count: &Number| Duration::of(count.to_i32()?, *months, *days);
                ComesTo::Lengths(self.numbers(*count)?.iter().map(times).collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    fn comes_to(&self, id: ExprId) -> Option<&ComesTo> {
        self.comes_to[id.0 as usize].as_ref()
    }

    fn has_date(&self, id: ExprId) -> bool {
        self.has_date[id.0 as usize]
    }

    fn numbers(&self, id: ExprId) -> Option<&BTreeSet<Number>> {
        match self.comes_to(id)? {
            ComesTo::Numbers(numbers) => Some(numbers),
            _ => None,
        }
    }

    fn lengths(&self, id: ExprId) -> Option<&BTreeSet<Duration>> {
        match self.comes_to(id)? {
            ComesTo::Lengths(lengths) => Some(lengths),
            _ => None,
        }
    }

    fn days(&self, id: ExprId) -> Option<&BTreeSet<(Start, Steps)>> {
        match self.comes_to(id)? {
            ComesTo::Days(days) => Some(days),
            _ => None,
        }
    }

    /// The one number that an expression comes to for everybody.
    pub(crate) fn constant(&self, id: ExprId) -> Option<Number> {
        self.numbers(id).filter(|numbers| numbers.len() == 1)?.first().copied()
    }

    /// The values of each axis that some expressions can tell apart: at least one between every two at which they turn, in order. None if
    /// that cannot be told. `roots` are the expressions, `nodes` all that they are made of.
    pub(crate) fn axes(&self, nodes: &BTreeSet<ExprId>, roots: &[ExprId]) -> Option<Vec<(Axis, Vec<Value>)>> {
        let among = Among { turning: self, program: &self.protocol.program, nodes };
        let axes = among.axes()?.into_iter();
        let targets = among.targets(roots)?;
        axes.map(|axis| among.values(axis, &targets).map(|values| (axis, values))).collect()
    }

    /// The values of one fact that some expressions can tell apart, whatever moves them beside it. None if that cannot be told.
    pub(crate) fn values_of(&self, fact: FactId, nodes: &BTreeSet<ExprId>, roots: &[ExprId]) -> Option<Vec<Value>> {
        let among = Among { turning: self, program: &self.protocol.program, nodes };
        among.values(Axis::Fact(fact), &among.targets(roots)?)
    }

    /// From now on, it is asked on another day.
    pub(crate) fn set_today(&mut self, today: Date) {
        self.fixed.today = today;
    }

    fn parameter(&self, at: u16) -> Vec<Value> {
        if let Some(set) = self.fixed.parameters {
            return vec![set[usize::from(at)]];
        }
        let parameter = &self.protocol.parameters[usize::from(at)];
        match (parameter.value, parameter.range) {
            (Value::Bool(_), _) => vec![Value::Bool(false), Value::Bool(true)],
            (value, Some((least, greatest))) => {
                let mut values = vec![value];
                values.extend([least, greatest].into_iter().filter(|end| *end != value));
                values
            }
            (value, None) => vec![value],
        }
    }
}

/// Some of the expressions of a protocol.
struct Among<'t> {
    turning: &'t Turning<'t>,
    program: &'t Program,
    nodes: &'t BTreeSet<ExprId>,
}

impl Among<'_> {
    fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.nodes.iter().map(|id| &self.program.node(*id).expr)
    }

    /// What moves the expressions; none if that cannot be told.
    fn axes(&self) -> Option<BTreeSet<Axis>> {
        let mut axes = BTreeSet::new();
        for expr in self.exprs() {
            axes.extend(match expr {
                Expr::Fact(fact) | Expr::Age(fact) => Some(Axis::Fact(*fact)),
                Expr::Parameter(parameter) => Some(Axis::Parameter(*parameter)),
                Expr::SessionsDone => Some(Axis::SessionsDone),
                other if other.list().is_some() || matches!(other, Expr::SessionNote { .. }) => return None,
                _ => None,
            });
        }
        Some(axes)
    }

    /// The days that dates are compared with; none if they cannot be told.
    fn targets(&self, roots: &[ExprId]) -> Option<BTreeSet<Date>> {
        let mut targets = BTreeSet::from([self.turning.fixed.today]);
        for id in self.nodes {
            if self.program.node(*id).ty == Type::Date && !self.turning.has_date(*id) {
                targets.extend(self.turning.days(*id)?.iter().filter_map(|(start, steps)| match start {
                    Start::Day(day) => Some(*day),
                    Start::Today => Some(steps.iter().fold(self.turning.fixed.today, |day, step| day + *step)),
                    Start::Fact(_) => None,
                }));
            }
        }
        // What is so on a day of the calendar depends on when it is asked, if that is not said.
        let is_of_any_day = self.turning.fixed.parameters.is_none();
        if is_of_any_day && self.is_of_today(roots) && self.names_a_day() { None } else { Some(targets) }
    }

    /// Whether the day on which it is asked has a part in it.
    fn is_of_today(&self, roots: &[ExprId]) -> bool {
        roots.iter().any(|root| self.program.node(*root).ty == Type::Date)
            || self.exprs().any(|expr| matches!(expr, Expr::Today | Expr::Age(_)))
    }

    /// Whether a day of the calendar has a part in it.
    fn names_a_day(&self) -> bool {
        let days = self.nodes.iter().filter_map(|id| self.turning.days(*id)).flatten();
        days.into_iter().any(|(start, _)| matches!(start, Start::Day(day) if !day.is_never()))
    }

    fn values(&self, axis: Axis, targets: &BTreeSet<Date>) -> Option<Vec<Value>> {
        let fact = match axis {
            Axis::Parameter(at) => return Some(self.turning.parameter(at)),
            Axis::SessionsDone => {
                let cuts = self.cuts(&Expr::SessionsDone)?;
                return Some(pieces(&cuts, Some((Number::ZERO, 100.into())), Some(0)));
            }
            Axis::Term(_) => return None,
            Axis::Fact(fact) => fact,
        };
        let answer = &self.turning.protocol.fact(fact).answer;
        let mut values = match answer.declared {
            FactType::Bool => vec![Value::Bool(false), Value::Bool(true)],
            FactType::Choice => (0..answer.choices().len()).map(|at| Value::Choice(crate::narrow::u8(at))).collect(),
            FactType::Set => self.sets(fact)?,
            FactType::Text => self.texts(),
            FactType::Date => self.dates(fact, targets)?,
            FactType::Integer | FactType::Decimal => self.numbers(fact)?,
        };
        if self.may_be_missing(fact) {
            values.push(Value::Unknown);
        }
        Some(values)
    }

    /// Whether an expression says something about the fact's absence.
    fn may_be_missing(&self, fact: FactId) -> bool {
        let asked = self.exprs().filter_map(|expr| match expr {
            Expr::Coalesce(a, _) | Expr::Known(a) => Some(*a),
            _ => None,
        });
        self.program.under(asked).any(|id| self.program.node(id).expr == Expr::Fact(fact))
    }

    /// The sets that the expressions tell apart: of the choices that they mention, every combination.
    fn sets(&self, fact: FactId) -> Option<Vec<Value>> {
        let is_it = |id: &ExprId| *self.program.behind(*id) == Expr::Fact(fact);
        let mut mentioned = 0u64;
        for expr in self.exprs() {
            mentioned |= match expr {
                Expr::ContainsAny(set, bits) if is_it(set) => *bits,
                Expr::Contains(set, item) if is_it(set) => match self.program.node(*item).expr {
                    Expr::Literal(Value::Choice(at)) => 1 << at,
                    _ => u64::MAX,
                },
                Expr::Len(set) if is_it(set) => return None,
                Expr::Coalesce(_, default) if is_it(default) => u64::MAX,
                Expr::IsEmpty(_) | Expr::Known(_) | Expr::Definition(..) | Expr::Coalesce(..) => 0,
                other if other.operands().iter().any(is_it) => u64::MAX,
                _ => 0,
            };
        }
        let count = self.turning.protocol.fact(fact).answer.choices().len();
        let all = if count >= 64 { u64::MAX } else { (1 << count) - 1 };
        let bits: Vec<u64> = (0..count as u64).map(|at| 1 << at).filter(|bit| mentioned & bit != 0).collect();
        if bits.len() > 10 {
            return None;
        }
        let mut sets: Vec<Value> = Vec::new();
        for combination in 0..1u64 << bits.len() {
            let chosen = bits.iter().enumerate().filter(|(at, _)| combination >> at & 1 == 1);
            sets.push(Value::Set(chosen.fold(0, |set, (_, bit)| set | bit)));
        }
        // And one that holds nothing that is mentioned, but is not empty.
        let other = all & !mentioned;
        if other != 0 {
            sets.push(Value::Set(other & other.wrapping_neg()));
        }
        Some(sets)
    }

    fn texts(&self) -> Vec<Value> {
        let literals = self.exprs().filter_map(|expr| match expr {
            Expr::Literal(value @ Value::Text(_)) => Some(*value),
            _ => None,
        });
        literals.chain([Value::Text(crate::logic::value::TextId::OTHER)]).collect()
    }

    /// The constants that a number is compared with; none if it is compared with something that is not one.
    fn cuts(&self, number: &Expr) -> Option<BTreeSet<Number>> {
        let is_it = |id: &ExprId| self.program.behind(*id) == number;
        let mut cuts = BTreeSet::new();
        for expr in self.exprs() {
            let compared = compared(expr);
            for (_, _, other) in compared.iter().filter(|(item, ..)| is_it(item)) {
                cuts.extend(self.turning.numbers(*other)?);
            }
            match expr {
                _ if compared.iter().any(|(item, ..)| is_it(item)) => {}
                Expr::Coalesce(_, default) if is_it(default) => return None,
                // Seen through, or of no account to a comparison.
                Expr::Definition(..) | Expr::Coalesce(..) | Expr::Known(_) => {}
                other if other.operands().iter().any(is_it) => return None,
                _ => {}
            }
        }
        Some(cuts)
    }

    fn numbers(&self, fact: FactId) -> Option<Vec<Value>> {
        let answer = &self.turning.protocol.fact(fact).answer;
        let whole = answer.declared == FactType::Integer;
        if let (true, Some((least, greatest))) = (whole, answer.range)
            && greatest - least <= 12.into()
        {
            // Few enough to go through one by one, however they are used.
            let each = std::iter::successors(Some(Number::from(least)), |number| number.plus(Number::ONE));
            return Some(each.take_while(|number| *number <= greatest.into()).map(Value::number).collect());
        }
        let cuts = self.cuts(&Expr::Fact(fact))?;
        let decimals = if whole { 0 } else { answer.decimals.unwrap_or(MOST_DECIMALS) };
        let range = answer.range.map(|(least, greatest)| (least.into(), greatest.into()));
        Some(pieces(&cuts, range, Some(decimals)))
    }

    /// What is counted from a date until it is compared.
    fn waits(&self, id: FactId) -> Option<BTreeSet<Steps>> {
        let has_date = |id: &ExprId| self.turning.has_date(*id);
        let mut waits: BTreeSet<Steps> = self.ages(id)?;
        for at in self.nodes {
            let node = self.program.node(*at);
            match &node.expr {
                // Two dates of a patient that are compared with each other have no day of their own.
                Expr::Compare(..) | Expr::Within { .. } | Expr::Among(..) | Expr::Distance(..)
                    if node.expr.operands().iter().filter(|id| has_date(id)).count() > 1 =>
                {
                    return None;
                }
                // How long ago it was is compared with lengths of time: as if they were added to it, or taken away.
                Expr::Distance(..) => {
                    let is_length = |id: &&ExprId| matches!(self.program.node(**id).ty, Type::Duration { .. });
                    for length in self.nodes.iter().filter(is_length).filter(|id| !has_date(id)) {
                        let lengths = self.turning.lengths(*length)?;
                        waits.extend(lengths.iter().flat_map(|step| [vec![*step], vec![step.negated()]]));
                    }
                }
                _ if node.ty == Type::Date => {
                    let days = self.turning.days(*at)?.iter();
                    waits.extend(days.filter(|(start, _)| *start == Start::Fact(id)).map(|(_, steps)| steps.clone()));
                }
                _ => {}
            }
        }
        Some(waits)
    }

    /// The days on which a wait counted from the date ends, is about to end, has not begun.
    fn dates(&self, id: FactId, targets: &BTreeSet<Date>) -> Option<Vec<Value>> {
        let waits = self.waits(id)?;
        if waits.len().saturating_mul(targets.len()) > MOST {
            return None;
        }
        let (fact, today) = (self.turning.protocol.fact(id), self.turning.fixed.today);
        let turns = waits.iter().flat_map(|steps| targets.iter().filter_map(|target| last_before(steps, *target)));
        let mut days: BTreeSet<Date> = turns.flat_map(|last| [last, last.plus_days(1)]).collect();
        days.extend([today, today.plus_days(-36_500)]);
        // Where no day is said on which it is asked, every day of the calendar is past at some time.
        let is_of_any_day = self.turning.fixed.parameters.is_none() && self.names_a_day();
        days.retain(|day| !fact.past || is_of_any_day || *day <= today);
        let mut values: Vec<Value> = days.into_iter().map(Value::date).collect();
        if fact.may_be_never {
            values.push(Value::date(Date::NEVER));
        }
        Some(values)
    }

    /// The ages that are asked about, as lengths of time.
    fn ages(&self, fact: FactId) -> Option<BTreeSet<Steps>> {
        let cuts = self.cuts(&Expr::Age(fact))?;
        let most = Number::from(MOST_YEARS);
        let years = cuts.iter().map(|cut| cut.trunc().clamp(-most, most));
        let years = years.flat_map(|cut| [Some(cut), cut.plus(Number::ONE)]).map(|year| year?.to_i32());
        years.map(|years| Some(vec![Duration::new(years? * 12, 0)])).collect()
    }
}

/// The last day from which so many steps lead to the target at the latest; none if that is so of all days, or of none.
fn last_before(steps: &[Duration], target: Date) -> Option<Date> {
    let is_over = |day: i32| steps.iter().fold(Date::from_day(day), |day, step| day + *step) <= target;
    let (mut over, mut open) = (Date::MIN.day(), Date::MAX.day());
    if target.is_never() || !is_over(over) || is_over(open) {
        return None;
    }
    // INVARIANT: it is over by the target from the one, and not from the other. A later day never leads to an earlier one.
    while open - over > 1 {
        let middle = over + (open - over) / 2;
        if is_over(middle) { over = middle } else { open = middle }
    }
    Some(Date::from_day(over))
}

/// How many decimals a number has at most where nothing else is declared.
const MOST_DECIMALS: u32 = 6;

/// What is compared with what in an operation, seen from each side.
pub(crate) fn compared(expr: &Expr) -> Vec<(ExprId, Comparison, ExprId)> {
    match expr {
        Expr::Compare(comparison, a, b) => vec![(*a, *comparison, *b), (*b, comparison.turned(), *a)],
        Expr::Among(item, all) => all.iter().map(|one| (*item, Comparison::Equal, *one)).collect(),
        Expr::Within { item, from, to, inclusive } => {
            let below = if *inclusive { Comparison::LessOrEqual } else { Comparison::Less };
            vec![(*item, Comparison::GreaterOrEqual, *from), (*item, below, *to)]
        }
        _ => Vec::new(),
    }
}

/// The cuts, one value between each two, and one beyond each end: of those that have so many decimals at most, for no answer has more.
fn pieces(cuts: &BTreeSet<Number>, range: Option<(Number, Number)>, decimals: Option<u32>) -> Vec<Value> {
    let mut points: BTreeSet<Number> = cuts.clone();
    points.extend(range.into_iter().flat_map(|(least, greatest)| [least, greatest]));
    let sorted: Vec<Number> = points.iter().copied().collect();
    for pair in sorted.windows(2) {
        points.extend(between(pair[0], pair[1], decimals));
    }
    let shortened = |point: Number| decimals.map_or(Some(point), |decimals| point.rounded_down(decimals));
    if range.is_none() {
        if let (Some(first), Some(last)) = (sorted.first(), sorted.last()) {
            let beyond = [first.minus(Number::ONE), last.plus(Number::ONE)];
            points.extend(beyond.into_iter().flatten().filter_map(shortened));
        } else {
            points.insert(Number::ZERO);
        }
    }
    let inside = |point: &Number| range.is_none_or(|(least, greatest)| least <= *point && *point <= greatest);
    let is_answer = |point: &Number| shortened(*point) == Some(*point);
    points.into_iter().filter(inside).filter(is_answer).map(Value::number).collect()
}

/// A number between two others that has so many decimals at most, if there is one: of whole numbers the next, of others the middle.
fn between(least: Number, greatest: Number, decimals: Option<u32>) -> Option<Number> {
    let Some(decimals) = decimals else { return least.middle(greatest).filter(|middle| *middle < greatest) };
    let step = Number::ONE.over(Number::whole(10i128.checked_pow(decimals)?))?;
    let next = least.rounded_down(decimals)?.plus(step)?;
    let middle = least.middle(greatest)?.rounded_down(decimals)?;
    let inner = if decimals == 0 || middle <= least { next } else { middle };
    (inner < greatest).then_some(inner)
}
