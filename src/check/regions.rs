//! All patients that a set of expressions can tell apart.
//!
//! A fact with choices is gone through value by value. A number is cut at the constants that it is compared with, a date where what
//! is counted from it reaches today or another fixed day: within a piece, no expression changes. Parameters stand for their least, declared and
//! greatest value. What cannot be cut in this way is not analysed, and nothing is claimed of it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::date::{Date, Duration};
use crate::expr::{Evaluation, Expr, ExprId, FactId, Inputs, Type};
use crate::protocol::Protocol;
use crate::protocol::file::FactType;
use crate::value::Value;

/// The most patients that are tried for one question.
const MOST: usize = 20_000;

/// The day on which the patients are looked at: no month around it is of unusual length.
fn today() -> Date {
    Date::new(2026, 7, 15).unwrap_or(Date::MIN)
}

/// Something that may differ between patients, or between clinics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Axis {
    Fact(FactId),
    Parameter(u16),
    SessionsDone,
}

/// The patients that some expressions can tell apart.
pub(super) struct Regions<'a> {
    protocol: &'a Protocol,
    axes: Vec<(Axis, Vec<Value>)>,
    /// The nodes to evaluate, operands first.
    nodes: Vec<u32>,
    evaluation: Evaluation,
    facts: Vec<Value>,
    parameters: Vec<Value>,
    lists: Vec<Vec<usize>>,
    sessions_done: Value,
    each: Option<Value>,
}

impl<'a> Regions<'a> {
    /// The patients that these expressions can tell apart; none if they are too many or cannot be cut.
    pub(super) fn new(protocol: &'a Protocol, roots: &[ExprId]) -> Option<Regions<'a>> {
        let nodes: BTreeSet<u32> = protocol.program.under(roots.iter().copied()).map(|id| id.0).collect();
        let mut cutter = Cutter { protocol, nodes: &nodes, targets: BTreeSet::from([today()]) };
        cutter.fix(roots)?;
        let axes = cutter.axes()?;
        let count = axes.iter().try_fold(1usize, |count, (_, values)| count.checked_mul(values.len()))?;
        if count > MOST {
            return None;
        }
        Some(Regions {
            protocol,
            axes,
            nodes: nodes.into_iter().collect(),
            evaluation: Evaluation::blank(&protocol.program),
            facts: vec![Value::Unknown; protocol.facts.len()],
            parameters: protocol.parameters.iter().map(|parameter| parameter.value).collect(),
            lists: vec![Vec::new(); protocol.program.lists.len()],
            sessions_done: Value::Unknown,
            each: None,
        })
    }

    /// Whether the expressions say anything about the patient at all, rather than only about parameters.
    pub(super) fn about_patients(&self) -> bool {
        self.axes.iter().any(|(axis, _)| !matches!(axis, Axis::Parameter(_)))
    }

    /// The facts that are told apart.
    pub(super) fn facts(&self) -> Vec<FactId> {
        let fact = |(axis, _): &(Axis, Vec<Value>)| match axis {
            Axis::Fact(fact) => Some(*fact),
            _ => None,
        };
        self.axes.iter().filter_map(fact).collect()
    }

    /// The value of `each` in a setting's rows.
    pub(super) fn set_each(&mut self, each: Value) {
        self.each = Some(each);
    }

    /// Goes through all patients until `stop` says so. Returns whether it did.
    pub(super) fn find(&mut self, mut stop: impl FnMut(&mut Patient<'_, 'a>) -> bool) -> bool {
        let mut at = vec![0usize; self.axes.len()];
        loop {
            for (turn, (axis, values)) in self.axes.iter().enumerate() {
                let value = values[at[turn]];
                match axis {
                    Axis::Fact(fact) => self.facts[usize::from(fact.0)] = value,
                    Axis::Parameter(parameter) => self.parameters[usize::from(*parameter)] = value,
                    Axis::SessionsDone => self.sessions_done = value,
                }
            }
            let inputs = Inputs {
                facts: &self.facts,
                parameters: &self.parameters,
                sessions: &[],
                lists: &self.lists,
                today: today(),
                sessions_done: self.sessions_done,
                open: false,
            };
            self.evaluation.refresh(&self.protocol.program, &inputs, &self.nodes);
            let mut patient = Patient {
                protocol: self.protocol,
                axes: &self.axes,
                at: &at,
                evaluation: &mut self.evaluation,
                inputs: &inputs,
                each: self.each,
            };
            if stop(&mut patient) {
                return true;
            }
            let Some(turn) = (0..at.len()).find(|turn| at[*turn] + 1 < self.axes[*turn].1.len()) else { return false };
            at[..turn].fill(0);
            at[turn] += 1;
        }
    }
}

/// One of the patients.
pub(super) struct Patient<'r, 'a> {
    protocol: &'a Protocol,
    axes: &'r [(Axis, Vec<Value>)],
    at: &'r [usize],
    evaluation: &'r mut Evaluation,
    inputs: &'r Inputs<'r>,
    each: Option<Value>,
}

impl Patient<'_, '_> {
    pub(super) fn value(&self, id: ExprId) -> Value {
        self.evaluation.value(id)
    }

    /// The value of the last node of a body, which may stand under a setting's `each`.
    pub(super) fn body(&mut self, body: &std::ops::Range<u32>) -> Value {
        match self.each {
            Some(each) => self.evaluation.for_each(&self.protocol.program, self.inputs, body.clone(), each),
            None => self.evaluation.value(ExprId(body.end - 1)),
        }
    }

    /// The day that counts as today.
    pub(super) fn today(&self) -> Date {
        today()
    }

    /// The patient in words: `fitzpatrick = 4, pih_history = no`.
    pub(super) fn words(&self) -> String {
        let mut words = Vec::new();
        for ((axis, values), at) in self.axes.iter().zip(self.at) {
            let value = values[*at];
            match axis {
                Axis::Fact(fact) => {
                    let fact = self.protocol.fact(*fact);
                    let shown = self.protocol.program.show(value, &fact.answer.ty);
                    let shown = match value {
                        Value::Date(range) if !range.last.is_never() => {
                            let days = today().days_since(range.last).unwrap_or(0);
                            format!("{days} days ago")
                        }
                        _ => shown,
                    };
                    words.push(format!("{} = {shown}", fact.name));
                }
                Axis::Parameter(at) => {
                    let parameter = &self.protocol.parameters[usize::from(*at)];
                    if value != parameter.value {
                        words.push(format!(
                            "{} = {}",
                            parameter.name,
                            self.protocol.program.show(value, &parameter.ty)
                        ));
                    }
                }
                Axis::SessionsDone => {
                    words.push(format!("sessions_done = {}", self.protocol.program.show(value, &Type::PLAIN)))
                }
            }
        }
        words.join(", ")
    }
}

struct Cutter<'a, 'n> {
    protocol: &'a Protocol,
    nodes: &'n BTreeSet<u32>,
    /// The days that dates are compared with.
    targets: BTreeSet<Date>,
}

impl Cutter<'_, '_> {
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

    /// Finds the days that dates are compared with; none if they cannot be told.
    fn fix(&mut self, roots: &[ExprId]) -> Option<()> {
        let program = &self.protocol.program;
        let (mut is_of_today, mut is_of_a_day) = (roots.iter().any(|root| program.node(*root).ty == Type::Date), false);
        for &at in self.nodes {
            let node = program.node(ExprId(at));
            is_of_today |= matches!(node.expr, Expr::Today | Expr::Age(_));
            is_of_a_day |= matches!(node.expr, Expr::Literal(Value::Date(range)) if !range.last.is_never());
            if node.ty == Type::Date && !self.has_date(ExprId(at)) {
                self.targets.extend(self.days(ExprId(at))?);
            }
        }
        // What is so on a day of the calendar depends on when it is asked.
        if is_of_today && is_of_a_day { None } else { Some(()) }
    }

    /// The days that an expression without facts may come to.
    fn days(&self, id: ExprId) -> Option<BTreeSet<Date>> {
        match &self.protocol.program.node(id).expr {
            Expr::Today => Some(BTreeSet::from([today()])),
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
                    FactType::Choice => (0..answer.choices().len()).map(|at| Value::Choice(at as u8)).collect(),
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
        literals.chain([Value::Text(crate::value::TextId::OTHER)]).collect()
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
        let today = today();
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

#[cfg(test)]
mod tests {
    use crate::{Clinic, Date, check};

    /// What is said of a rule with a condition on two dates: one that lies in the past, and one that may lie ahead.
    fn said(condition: &str) -> Vec<&'static str> {
        let date = |name: &str, past: bool| {
            format!(
                "[facts.{name}]\ntype = \"date\"\npast = {past}\nask = \"?\"\nof = \"patient\"\nvalid_for = \"forever\"\n"
            )
        };
        let text = format!(
            "id = \"trial\"\ntitle = \"A treatment\"\nversion = \"1.0.0\"\nstatus = \"active\"\nin_force = {{ from = 2000-01-01 }}\n\
             review_by = 2030-01-01\nowner = \"medical lead\"\ntreatment = \"trial\"\n\
             [sources.clinic]\ntitle = \"Clinic custom\"\nevidence = \"custom\"\n{}{}\
             [[contraindication]]\nid = \"rule\"\nuntil = \"then\"\nwhen = '{condition}'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"clinic\"]\n",
            date("seen", true),
            date("planned", false),
        );
        let (clinic, _) = Clinic::from_text("trial.toml", &text).unwrap_or_else(|found| panic!("{found}"));
        let found = check::check(&clinic, Date::new(2026, 1, 1).expect("a day"), false);
        let codes = (&found).into_iter().map(|one| one.code.id);
        codes.filter(|code| ["R701", "R702", "R722"].contains(code)).collect()
    }

    #[test]
    fn one_day_is_found_among_all() {
        let nothing: [&str; 0] = [];
        assert_eq!(said("seen + days(10) + days(5) < today && today < seen + days(17)"), nothing);
        assert_eq!(said("seen + days(10) + days(5) < today && today < seen + days(16)"), ["R701"]);
        assert_eq!(said("today < planned - (days(3) + days(4)) && planned - days(9) < today"), nothing);
        assert_eq!(said("planned < today + days(9) && today + days(7) < planned"), nothing);
        assert_eq!(said("planned < today + days(9) && today + days(8) < planned"), ["R701"]);
        assert_eq!(said("seen <= today"), ["R702"]);
        // Two dates, of which nothing is claimed.
        assert_eq!(said("seen in planned - days(3)..today"), ["R722"]);
        assert_eq!(said("seen in [planned, today]"), ["R722"]);
        // Whether the year is over depends on when it is asked.
        assert_eq!(said("today < date(\"2027-01-01\")"), ["R722"]);
        assert_eq!(said("seen < date(\"2020-01-01\") && seen > date(\"2019-12-30\")"), nothing);
    }
}
