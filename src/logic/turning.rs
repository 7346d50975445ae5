//! Which facts, parameters and counts move some expressions, and at which values they turn.
//!
//! `check` goes through all patients that expressions can tell apart, `prepare` finds what one fact decides: both ask here, and then ask the
//! evaluator what it says at each of these values.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::date::{Date, Duration};
use crate::lang::{Expr, ExprId, FactId, Type};
use crate::logic::value::Value;
use crate::protocol::Protocol;
use crate::protocol::file::FactType;

/// Something that may differ between patients, or between clinics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Axis {
    Fact(FactId),
    Parameter(u16),
    SessionsDone,
}

/// What is fixed while it is asked where expressions turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fixed<'a> {
    /// The day on which it is asked.
    pub(crate) today: Date,
    /// The parameters as they are set; none: whatever a clinic may set them to.
    pub(crate) parameters: Option<&'a [Value]>,
}

/// The values of each axis that some expressions can tell apart: at least one between every two at which they turn, in order. None if that
/// cannot be told. `roots` are the expressions, `nodes` all that they are made of.
pub(crate) fn axes(
    protocol: &Protocol,
    nodes: &BTreeSet<u32>,
    roots: &[ExprId],
    fixed: Fixed<'_>,
) -> Option<Vec<(Axis, Vec<Value>)>> {
    let mut turning = Turning { protocol, nodes, fixed, targets: BTreeSet::from([fixed.today]) };
    turning.targets.append(&mut turning.fixed_days(roots)?);
    turning.axes()
}

struct Turning<'a, 'n> {
    protocol: &'a Protocol,
    nodes: &'n BTreeSet<u32>,
    fixed: Fixed<'a>,
    /// The days that dates are compared with.
    targets: BTreeSet<Date>,
}

impl Turning<'_, '_> {
    fn axes(&self) -> Option<Vec<(Axis, Vec<Value>)>> {
        let mut axes: BTreeSet<Axis> = BTreeSet::new();
        for &at in self.nodes {
            let node = self.protocol.program.node(ExprId(at));
            match &node.expr {
                Expr::Fact(fact) | Expr::Age(fact) => {
                    axes.insert(Axis::Fact(*fact));
                }
                Expr::Parameter(parameter) => {
                    axes.insert(Axis::Parameter(*parameter));
                }
                Expr::SessionsDone => {
                    axes.insert(Axis::SessionsDone);
                }
                Expr::Quantified { .. }
                | Expr::Sum { .. }
                | Expr::SessionCount(_)
                | Expr::NoSessions(_)
                | Expr::FirstDate(_)
                | Expr::LastDate(_)
                | Expr::EndNote { .. }
                | Expr::SessionNote { .. } => return None,
                _ => {}
            }
        }
        axes.into_iter().map(|axis| self.values(axis).map(|values| (axis, values))).collect()
    }

    /// The days that stand in the expressions; none if they cannot be told.
    fn fixed_days(&self, roots: &[ExprId]) -> Option<BTreeSet<Date>> {
        let program = &self.protocol.program;
        let mut days = BTreeSet::new();
        let (mut is_of_today, mut is_of_a_day) = (roots.iter().any(|root| program.node(*root).ty == Type::Date), false);
        for &at in self.nodes {
            let node = program.node(ExprId(at));
            is_of_today |= matches!(node.expr, Expr::Today | Expr::Age(_));
            is_of_a_day |= matches!(node.expr, Expr::Literal(Value::Date(range)) if !range.last.is_never());
            if node.ty == Type::Date && !self.has_date(ExprId(at)) {
                days.extend(self.days(ExprId(at))?);
            }
        }
        // What is so on a day of the calendar depends on when it is asked, if that is not said.
        if is_of_today && is_of_a_day && self.fixed.parameters.is_none() { None } else { Some(days) }
    }

    /// The days that an expression without facts may come to.
    fn days(&self, id: ExprId) -> Option<BTreeSet<Date>> {
        match &self.protocol.program.node(id).expr {
            Expr::Today => Some(BTreeSet::from([self.fixed.today])),
            Expr::Literal(Value::Date(range)) => Some(BTreeSet::from([range.first])),
            Expr::Definition(_, root) => self.days(*root),
            Expr::If(_, a, b) | Expr::Coalesce(a, b) => Some(&self.days(*a)? | &self.days(*b)?),
            Expr::Shift { date, by, back } => {
                let (days, steps) = (self.days(*date)?, self.steps(*by, *back)?);
                Some(days.iter().flat_map(|day| steps.iter().map(|step| *day + *step)).collect())
            }
            _ => None,
        }
    }

    /// What may be added to a date, one length of time after the other, from a fact to an expression; nothing, where the fact is not in
    /// it.
    fn ways(&self, id: ExprId, fact: FactId) -> Option<BTreeSet<Vec<Duration>>> {
        match &self.protocol.program.node(id).expr {
            Expr::Fact(other) if *other == fact => Some(BTreeSet::from([Vec::new()])),
            Expr::Definition(_, root) => self.ways(*root, fact),
            Expr::If(_, a, b) | Expr::Coalesce(a, b) => Some(&self.ways(*a, fact)? | &self.ways(*b, fact)?),
            Expr::Shift { date, by, back } => {
                let (ways, steps) = (self.ways(*date, fact)?, self.steps(*by, *back)?);
                let longer = |way: &Vec<Duration>, step: &Duration| way.iter().chain([step]).copied().collect();
                Some(ways.iter().flat_map(|way| steps.iter().map(move |step| longer(way, step))).collect())
            }
            Expr::Fact(_) | Expr::Today | Expr::Literal(_) => Some(BTreeSet::new()),
            _ => None,
        }
    }

    /// The steps that adding a length of time to a date, or taking it away, may come to.
    fn steps(&self, by: ExprId, back: bool) -> Option<BTreeSet<Duration>> {
        let lengths = self.lengths(by)?.into_iter();
        Some(lengths.map(|length| if back { length.negated() } else { length }).collect())
    }

    /// The lengths of time that an expression may come to, each clinic's included.
    fn lengths(&self, id: ExprId) -> Option<BTreeSet<Duration>> {
        let length = |value: Value| match value {
            Value::Duration(duration, _) => Some(duration),
            _ => None,
        };
        match &self.protocol.program.node(id).expr {
            Expr::Literal(value) => length(*value).map(|duration| BTreeSet::from([duration])),
            Expr::Parameter(at) => self.parameter(*at).into_iter().map(length).collect(),
            Expr::Definition(_, root) => self.lengths(*root),
            Expr::If(_, a, b) | Expr::Coalesce(a, b) => Some(&self.lengths(*a)? | &self.lengths(*b)?),
            Expr::Lengthen(a, b) => {
                let (a, b) = (self.lengths(*a)?, self.lengths(*b)?);
                Some(a.iter().flat_map(|a| b.iter().map(|b| a.plus(*b))).collect())
            }
            Expr::Duration { count, months, days } => {
                let times = |count: Decimal| {
                    let count = i32::try_from(count).ok()?;
                    Some(Duration { months: months.checked_mul(count)?, days: days.checked_mul(count)? })
                };
                self.constants(*count)?.into_iter().map(times).collect()
            }
            _ => None,
        }
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

    fn values(&self, axis: Axis) -> Option<Vec<Value>> {
        match axis {
            Axis::Parameter(at) => Some(self.parameter(at)),
            Axis::SessionsDone => {
                let cuts = self.cuts(|expr| *expr == Expr::SessionsDone)?;
                Some(pieces(&cuts, Some((Decimal::ZERO, Decimal::from(100))), true))
            }
            Axis::Fact(fact) => {
                let answer = &self.protocol.fact(fact).answer;
                let mut values = match answer.declared {
                    FactType::Bool => vec![Value::Bool(false), Value::Bool(true)],
                    FactType::Choice => {
                        (0..answer.choices().len()).map(|at| Value::Choice(crate::narrow::u8(at))).collect()
                    }
                    FactType::Set => self.sets(fact)?,
                    FactType::Text => self.texts(),
                    FactType::Date => self.dates(fact)?,
                    FactType::Integer | FactType::Decimal => self.numbers(fact)?,
                };
                if self.may_be_missing(fact) {
                    values.push(Value::Unknown);
                }
                Some(values)
            }
        }
    }

    /// Whether an expression says something about the fact's absence.
    fn may_be_missing(&self, fact: FactId) -> bool {
        self.nodes.iter().any(|at| match self.protocol.program.node(ExprId(*at)).expr {
            Expr::Coalesce(a, _) | Expr::Known(a) => {
                let program = &self.protocol.program;
                program.under([a]).any(|id| program.node(id).expr == Expr::Fact(fact))
            }
            _ => false,
        })
    }

    /// The sets that the expressions tell apart: of the choices that they mention, every combination.
    fn sets(&self, fact: FactId) -> Option<Vec<Value>> {
        let mut mentioned = 0u64;
        for &at in self.nodes {
            let node = self.protocol.program.node(ExprId(at));
            match &node.expr {
                Expr::ContainsAny(set, bits) if self.is_fact(*set, fact) => mentioned |= bits,
                Expr::Contains(set, item) if self.is_fact(*set, fact) => match self.protocol.program.node(*item).expr {
                    Expr::Literal(Value::Choice(at)) => mentioned |= 1 << at,
                    _ => mentioned = u64::MAX,
                },
                Expr::Len(set) if self.is_fact(*set, fact) => return None,
                _ => {}
            }
        }
        let count = self.protocol.fact(fact).answer.choices().len();
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
        let literals = self.nodes.iter().filter_map(|at| match self.protocol.program.node(ExprId(*at)).expr {
            Expr::Literal(value @ Value::Text(_)) => Some(value),
            _ => None,
        });
        literals.chain([Value::Text(crate::logic::value::TextId::OTHER)]).collect()
    }

    fn is_fact(&self, id: ExprId, fact: FactId) -> bool {
        match &self.protocol.program.node(id).expr {
            Expr::Fact(other) | Expr::Age(other) => *other == fact,
            Expr::Coalesce(a, _) => self.is_fact(*a, fact),
            Expr::Definition(_, root) => self.is_fact(*root, fact),
            _ => false,
        }
    }

    /// The constants that a number is compared with; none if it is compared with something that is not one.
    fn cuts(&self, is: impl Fn(&Expr) -> bool) -> Option<BTreeSet<Decimal>> {
        let program = &self.protocol.program;
        let is_it = |id: ExprId| self.seen_through(id, &is);
        let mut cuts = BTreeSet::new();
        for &at in self.nodes {
            let expr = &program.node(ExprId(at)).expr;
            let others: Vec<ExprId> = match expr {
                Expr::Compare(_, a, b) if is_it(*a) => vec![*b],
                Expr::Compare(_, a, b) if is_it(*b) => vec![*a],
                Expr::Among(item, all) if is_it(*item) => all.to_vec(),
                Expr::Within { item, from, to, .. } if is_it(*item) => vec![*from, *to],
                // Seen through below, or of no account to a comparison.
                Expr::Definition(..) | Expr::Coalesce(..) | Expr::Known(_) => continue,
                other if other.operands().iter().any(|operand| is(&program.node(*operand).expr)) => return None,
                _ => continue,
            };
            for other in others {
                cuts.extend(self.constants(other)?);
            }
        }
        Some(cuts)
    }

    fn seen_through(&self, id: ExprId, is: &impl Fn(&Expr) -> bool) -> bool {
        match &self.protocol.program.node(id).expr {
            Expr::Definition(_, root) => self.seen_through(*root, is),
            Expr::Coalesce(a, _) => self.seen_through(*a, is),
            other => is(other),
        }
    }

    /// The numbers that an expression without facts may come to.
    fn constants(&self, id: ExprId) -> Option<Vec<Decimal>> {
        let number = |value: Value| match value {
            Value::Number(number, _) => Some(number),
            _ => None,
        };
        match &self.protocol.program.node(id).expr {
            Expr::Literal(value) => number(*value).map(|number| vec![number]),
            Expr::Parameter(at) => self.parameter(*at).into_iter().map(number).collect(),
            Expr::Definition(_, root) => self.constants(*root),
            Expr::Negate(a) => self.constants(*a).map(|all| all.into_iter().map(|number| -number).collect()),
            _ => None,
        }
    }

    fn numbers(&self, fact: FactId) -> Option<Vec<Value>> {
        let answer = &self.protocol.fact(fact).answer;
        let whole = answer.declared == FactType::Integer;
        if let (true, Some((least, greatest))) = (whole, answer.range)
            && greatest - least <= Decimal::from(12)
        {
            // Few enough to go through one by one, however they are used.
            let mut values = Vec::new();
            let mut next = least;
            while next <= greatest {
                values.push(Value::number(next));
                next += Decimal::ONE;
            }
            return Some(values);
        }
        let cuts = self.cuts(|expr| *expr == Expr::Fact(fact))?;
        Some(pieces(&cuts, answer.range, whole))
    }

    /// The days on which a wait counted from the date ends, is about to end, has not begun.
    fn dates(&self, id: FactId) -> Option<Vec<Value>> {
        let fact = self.protocol.fact(id);
        let program = &self.protocol.program;
        let mut ways: BTreeSet<Vec<Duration>> = self.years(id)?.into_iter().map(|years| vec![years]).collect();
        for &at in self.nodes {
            let node = program.node(ExprId(at));
            match &node.expr {
                // Two dates of a patient that are compared with each other have no day of their own.
                Expr::Compare(..) | Expr::Within { .. } | Expr::Among(..)
                    if node.expr.operands().into_iter().filter(|id| self.has_date(*id)).count() > 1 =>
                {
                    return None;
                }
                // How long ago it was is compared with lengths of time: as if they were added to it, or taken away.
                Expr::Distance(a, b) => {
                    if self.has_date(*a) && self.has_date(*b) {
                        return None;
                    }
                    let lengths = self.nodes.iter().map(|at| ExprId(*at));
                    let lengths = lengths.filter(|id| matches!(program.node(*id).ty, Type::Duration { .. }));
                    for length in lengths.filter(|id| !self.has_date(*id)) {
                        for back in [false, true] {
                            ways.extend(self.steps(length, back)?.into_iter().map(|step| vec![step]));
                        }
                    }
                }
                _ if node.ty == Type::Date => ways.extend(self.ways(ExprId(at), id)?),
                _ => {}
            }
        }
        let today = self.fixed.today;
        let mut days: BTreeSet<Date> = BTreeSet::from([today, today.plus_days(-36_500)]);
        for (way, target) in ways.iter().flat_map(|way| self.targets.iter().map(move |target| (way, *target))) {
            // The latest day from which the wait is over by then, and the day after it.
            let reached = |day: Date| way.iter().fold(day, |day, step| day + *step);
            let about = way.iter().map(|step| step.months * 31 + step.days).sum::<i32>();
            let slack = way.iter().map(|step| step.months.abs() * 3 + 4).sum::<i32>() + 4;
            let over = (-about - slack..=slack - about).map(|n| target.plus_days(n));
            if let Some(last) = over.filter(|day| reached(*day) <= target).max() {
                days.extend([last, last.plus_days(1)]);
            }
        }
        days.retain(|day| !fact.past || *day <= today);
        let mut values: Vec<Value> = days.into_iter().map(Value::date).collect();
        if fact.may_be_never {
            values.push(Value::date(Date::NEVER));
        }
        Some(values)
    }

    /// The ages that are asked about, as lengths of time.
    fn years(&self, fact: FactId) -> Option<Vec<Duration>> {
        let cuts = self.cuts(|expr| *expr == Expr::Age(fact))?;
        let years =
            |years: &Decimal| i32::try_from(years.trunc()).ok().map(|years| Duration { months: years * 12, days: 0 });
        cuts.iter().flat_map(|cut| [*cut, *cut + Decimal::ONE]).map(|cut| years(&cut)).collect()
    }

    fn has_date(&self, id: ExprId) -> bool {
        let program = &self.protocol.program;
        program.under([id]).any(|id| {
            let node = program.node(id);
            matches!(node.expr, Expr::Fact(_)) && node.ty == Type::Date
        })
    }
}

/// The cuts, one value between each two, and one beyond each end.
fn pieces(cuts: &BTreeSet<Decimal>, range: Option<(Decimal, Decimal)>, whole: bool) -> Vec<Value> {
    let mut points: BTreeSet<Decimal> = cuts.clone();
    points.extend(range.into_iter().flat_map(|(least, greatest)| [least, greatest]));
    let sorted: Vec<Decimal> = points.iter().copied().collect();
    for pair in sorted.windows(2) {
        let middle = if whole { pair[0] + Decimal::ONE } else { (pair[0] + pair[1]) / Decimal::TWO };
        if middle < pair[1] {
            points.insert(middle);
        }
    }
    if range.is_none() {
        if let (Some(first), Some(last)) = (sorted.first(), sorted.last()) {
            points.extend([*first - Decimal::ONE, *last + Decimal::ONE]);
        } else {
            points.insert(Decimal::ZERO);
        }
    }
    let inside = |point: &Decimal| range.is_none_or(|(least, greatest)| least <= *point && *point <= greatest);
    points.into_iter().filter(inside).map(|point| Value::number(point.normalize())).collect()
}
