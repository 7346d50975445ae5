//! The values of a [`Program`]'s nodes: Kleene's three-valued logic, ranges for what is partly known.
//!
//! This is the meaning of an expression. Whatever decides faster asks this evaluator what it may say.
//!
//! Nothing is skipped: where `false && x` settles the whole, `x` is evaluated all the same, so that the trace can show it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::calculate::calculate;
use crate::date::{Date, DateRange, Duration};
use crate::lang::program::{Expr, ExprId, ListId, Program, Tally};
use crate::lang::syntax::{Arithmetic, Comparison, Quantifier};
use crate::logic::value::{MANY, SINCE_EVER, Value, add_to_date, distance};
use crate::logic::{Number, Tri};

/// The notes of one recorded session, in the order of the protocol's session facts.
pub type Notes = Vec<Value>;

/// What is known of a patient on a day, in the slots of a protocol.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// The facts.
    pub facts: &'a [Value],
    /// The parameters.
    pub parameters: &'a [Value],
    /// The recorded sessions of every treatment, by date.
    pub sessions: &'a [Notes],
    /// For each of them its place among the sessions of the record: which of two on one day came first.
    pub order: &'a [usize],
    /// For each of them whether it may be one that was noted before.
    pub alike: &'a [bool],
    /// The sessions of each of the program's lists.
    pub lists: &'a [Vec<usize>],
    /// Whether more sessions of each of them may have been given than are listed.
    pub unlisted: &'a [bool],
    /// The as-of date.
    pub today: Date,
    /// How many sessions of the course count, as far as that is known.
    pub sessions_done: Value,
    /// Whether `??` and `known()` are taken as unknown where they stand on something unknown: what could still turn out
    /// otherwise, rather than what the protocol assumes.
    pub open: bool,
}

impl Inputs<'_> {
    /// Whether there may be more sessions of a list than are known.
    #[must_use]
    pub fn is_open(&self, list: ListId) -> bool {
        self.unlisted[usize::from(list.0)]
    }

    /// Whether a session counts, of those that do: one that may have been noted before counts, or does not.
    pub(crate) fn counts(&self, session: usize, counts: Tri) -> Tri {
        if self.alike.get(session) == Some(&true) { counts.and(Tri::Unknown) } else { counts }
    }

    /// A note of a session.
    pub(crate) fn note(&self, session: usize, note: u16) -> Value {
        self.sessions[session].get(usize::from(note)).copied().unwrap_or(Value::Unknown)
    }

    /// The sessions of a list that may be its first or its last: more than one only where a day is not known. Of sessions that fall on
    /// one day, the order of the record counts.
    #[must_use]
    pub fn ends(&self, list: ListId, last: bool) -> Vec<usize> {
        let day = |session: usize| match self.sessions[session].get(DATE_NOTE) {
            Some(Value::Date(range)) => *range,
            _ => DateRange { first: Date::NEVER, last: Date::MAX },
        };
        let sessions = &self.lists[usize::from(list.0)];
        // On its last day it came after every other on that one's first day, or before, the other way round.
        let (first, end) = (|at: usize| (day(at).first, self.order[at]), |at: usize| (day(at).last, self.order[at]));
        let limit =
            if last { sessions.iter().map(|&at| first(at)).max() } else { sessions.iter().map(|&at| end(at)).min() };
        let Some(limit) = limit else { return Vec::new() };
        let may_be = |at: &usize| if last { end(*at) >= limit } else { first(*at) <= limit };
        sessions.iter().copied().filter(may_be).collect()
    }
}

/// The note of a session that holds its date.
pub const DATE_NOTE: usize = 0;

/// The values of the nodes of a program that stand under no binder, for one patient.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    values: Vec<Value>,
}

/// What the binders around a node stand for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Around {
    pub(crate) sessions: [usize; MOST_BINDERS],
    pub(crate) each: Option<Value>,
}

/// A moment of a course: a date on which it is asked whether a planned session is needed.
pub trait Moment {
    /// The date.
    fn date(&self) -> Date;
    /// Whether a recorded session is judged, rather than the next one forecast.
    fn judging(&self) -> bool;
    /// Whether the patient is that old.
    fn aged(&self, by: Duration, grace: bool) -> Tri;
    /// Whether so much time has gone by since the previous session.
    fn waited(&self, by: Duration, grace: bool) -> Tri;
    /// How many sessions there are of a kind.
    fn tally(&self, tally: &Tally) -> u32;
}

/// How deep binders may be nested.
pub const MOST_BINDERS: usize = 4;

impl Evaluation {
    /// The values of all nodes that stand under no binder.
    #[must_use]
    pub fn complete(program: &Program, inputs: &Inputs<'_>) -> Evaluation {
        let mut evaluation = Evaluation::blank(program);
        evaluation.work_out(program, inputs, 0..crate::narrow::u32(program.nodes.len()));
        evaluation
    }

    /// An evaluation in which nothing has been evaluated.
    #[must_use]
    pub fn blank(program: &Program) -> Evaluation {
        Evaluation { values: vec![Value::Unknown; program.nodes.len()] }
    }

    /// Evaluates some of the nodes that stand under no binder, in the order given: operands first.
    pub fn refresh(&mut self, program: &Program, inputs: &Inputs<'_>, nodes: &[u32]) {
        self.work_out(program, inputs, nodes.iter().copied());
    }

    fn work_out(&mut self, program: &Program, inputs: &Inputs<'_>, nodes: impl IntoIterator<Item = u32>) {
        let mut evaluator = Evaluator::new(program, inputs, None);
        for at in nodes {
            if program.nodes[at as usize].level == 0 {
                self.values[at as usize] = evaluator.compute(&self.values, &Scope::TOP, ExprId(at));
            }
        }
    }

    /// Takes a value for that of a node, which is then not worked out.
    pub(crate) fn take(&mut self, id: ExprId, value: Value) {
        self.values[id.0 as usize] = value;
    }

    /// The value of a node.
    #[must_use]
    pub fn value(&self, id: ExprId) -> Value {
        self.values[id.0 as usize]
    }

    /// Takes another value for a node than it came to: evaluating what uses it then tells what would follow.
    pub(crate) fn suppose(&mut self, id: ExprId, value: Value) {
        self.values[id.0 as usize] = value;
    }

    /// The truth of a condition.
    #[must_use]
    pub fn truth(&self, id: ExprId) -> Tri {
        self.value(id).truth()
    }

    /// The value of the last node of a body, for one value of a setting's `each`, or one that a course is counted for.
    #[must_use]
    pub fn for_each(&self, program: &Program, inputs: &Inputs<'_>, body: &Range<u32>, each: Value) -> Value {
        let around = Around { each: Some(each), ..Around::default() };
        Evaluator::new(program, inputs, None).body(&self.values, body, around)
    }

    /// The value of the last node of a body that asks whether a planned session is needed, at one moment; where the course is
    /// counted for single values, for one of them.
    pub fn at_moment(
        &self,
        program: &Program,
        inputs: &Inputs<'_>,
        body: &Range<u32>,
        (moment, each): (&dyn Moment, Option<Value>),
    ) -> Value {
        let around = Around { each, ..Around::default() };
        Evaluator::new(program, inputs, Some(moment)).body(&self.values, body, around)
    }
}

/// One instance of the nodes under some binders: what they stand for, and where the values are.
#[derive(Clone, Copy, Debug)]
struct Scope {
    instance: Instance,
    around: Around,
    /// The nodes from here on have their values from `base` on; those before are definitions, which no binder stands around.
    start: u32,
    base: usize,
}

impl Scope {
    /// No binder around.
    const TOP: Scope = Scope {
        instance: Instance::TOP,
        around: Around { sessions: [0; MOST_BINDERS], each: None },
        start: u32::MAX,
        base: 0,
    };
}

/// An instance of the nodes under some binders, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instance(u32);

impl Instance {
    /// That of the nodes under no binder.
    pub(crate) const TOP: Instance = Instance(0);
}

/// The values of the nodes under binders: one instance for each session that a quantifier looks at, for each value that an expression is
/// repeated for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Instances {
    values: Vec<Value>,
    /// All but the first, in which no binder stands for anything.
    scopes: Vec<Scope>,
    /// Those that a quantifier or a sum looked at, in the order of its list.
    of: BTreeMap<(Instance, ExprId), Vec<Instance>>,
}

impl Instances {
    /// The instances of a quantifier's body, each for one session.
    pub(crate) fn of(&self, instance: Instance, quantifier: ExprId) -> &[Instance] {
        self.of.get(&(instance, quantifier)).map_or(&[], Vec::as_slice)
    }

    /// The value of a node in one instance.
    pub(crate) fn value(&self, evaluation: &Evaluation, instance: Instance, id: ExprId) -> Value {
        read(&evaluation.values, &self.values, self.scope(instance), id)
    }

    /// The session that a binder stands for.
    pub(crate) fn session(&self, instance: Instance, binder: u8) -> usize {
        self.scope(instance).around.sessions[usize::from(binder)]
    }

    fn scope(&self, Instance(at): Instance) -> &Scope {
        at.checked_sub(1).and_then(|at| self.scopes.get(at as usize)).unwrap_or(&Scope::TOP)
    }
}

fn read(top: &[Value], under: &[Value], scope: &Scope, id: ExprId) -> Value {
    match id.0.checked_sub(scope.start) {
        Some(at) => under[scope.base + at as usize],
        None => top[id.0 as usize],
    }
}

/// Works out values, each from those of its operands.
pub(crate) struct Evaluator<'a, 'i> {
    program: &'a Program,
    inputs: &'a Inputs<'i>,
    moment: Option<&'a dyn Moment>,
    /// Whether the instances are wanted, or only what is made of them.
    keeps: bool,
    instances: Instances,
}

impl<'a, 'i> Evaluator<'a, 'i> {
    fn new(program: &'a Program, inputs: &'a Inputs<'i>, moment: Option<&'a dyn Moment>) -> Self {
        Evaluator { program, inputs, moment, keeps: false, instances: Instances::default() }
    }

    /// One that keeps all instances that it goes through.
    pub(crate) fn keeping(program: &'a Program, inputs: &'a Inputs<'i>) -> Self {
        Evaluator { keeps: true, ..Evaluator::new(program, inputs, None) }
    }

    /// Goes through what a node that stands under no binder has under binders of its own.
    pub(crate) fn go_through(&mut self, evaluation: &Evaluation, id: ExprId) {
        self.compute(&evaluation.values, &Scope::TOP, id);
    }

    /// A new instance of a body that stands under a setting's `each`, a course's value or a moment of the course.
    pub(crate) fn instance(&mut self, evaluation: &Evaluation, body: &Range<u32>, each: Option<Value>) -> Instance {
        self.enter(&evaluation.values, body, Around { each, ..Around::default() }).instance
    }

    /// What it went through.
    pub(crate) fn into_instances(self) -> Instances {
        self.instances
    }

    fn body(&mut self, top: &[Value], body: &Range<u32>, around: Around) -> Value {
        let scope = self.enter(top, body, around);
        read(top, &self.instances.values, &scope, last(body))
    }

    /// Evaluates a body for what its binders stand for.
    fn enter(&mut self, top: &[Value], body: &Range<u32>, around: Around) -> Scope {
        let (start, base) = (body.start, self.instances.values.len());
        self.instances.values.resize(base + body.len(), Value::Unknown);
        let instance = Instance(crate::narrow::u32(self.instances.scopes.len() + 1));
        let scope = Scope { instance, around, start, base };
        if self.keeps {
            self.instances.scopes.push(scope);
        }
        let level = self.program.node(last(body)).level;
        for at in body.clone() {
            if self.program.nodes[at as usize].level == level {
                let value = self.compute(top, &scope, ExprId(at));
                self.instances.values[base + (at - start) as usize] = value;
            }
        }
        scope
    }

    /// Evaluates the body of a quantifier for each session of its list.
    fn for_sessions(
        &mut self,
        (top, scope): (&[Value], &Scope),
        id: ExprId,
        (list, body): (ListId, &Range<u32>),
        mut take: impl FnMut(usize, &dyn Fn(ExprId) -> Value),
    ) {
        let binder = usize::from(self.program.node(last(body)).level) - 1;
        let mut kept = Vec::new();
        for &session in &self.inputs.lists[usize::from(list.0)] {
            let mut around = scope.around;
            around.sessions[binder] = session;
            let scope = self.enter(top, body, around);
            take(session, &|id| read(top, &self.instances.values, &scope, id));
            if self.keeps {
                kept.push(scope.instance);
            } else {
                self.instances.values.truncate(scope.base);
            }
        }
        if self.keeps {
            self.instances.of.insert((scope.instance, id), kept);
        }
    }

    fn compute(&mut self, top: &[Value], scope: &Scope, id: ExprId) -> Value {
        let (program, inputs) = (self.program, self.inputs);
        let value = |id: &ExprId| read(top, &self.instances.values, scope, *id);
        let truth = |id: &ExprId| value(id).truth();
        match &program.node(id).expr {
            Expr::Literal(literal) => *literal,
            Expr::Fact(fact) => inputs.facts[usize::from(fact.0)],
            Expr::Parameter(at) => inputs.parameters[usize::from(*at)],
            Expr::Definition(_, root) => value(root),
            Expr::Today => Value::date(inputs.today),
            Expr::Age(birth) => age(inputs.facts[usize::from(birth.0)], inputs.today),
            Expr::SessionsDone => inputs.sessions_done,
            Expr::Each => scope.around.each.unwrap_or(Value::Unknown),
            Expr::Not(a) => (!truth(a)).into(),
            Expr::And(all) => all.iter().fold(Tri::True, |so_far, id| so_far.and(truth(id))).into(),
            Expr::Or(all) => all.iter().fold(Tri::False, |so_far, id| so_far.or(truth(id))).into(),
            Expr::Compare(Comparison::Equal, a, b) => equal(self.program, (*a, value(a)), (*b, value(b))).into(),
            Expr::Compare(Comparison::NotEqual, a, b) => (!equal(self.program, (*a, value(a)), (*b, value(b)))).into(),
            Expr::Compare(comparison, a, b) => compare(*comparison, value(a), value(b)).into(),
            Expr::OneOf(item, choices) => match value(item) {
                Value::Choice(at) => Value::Bool(choices >> at & 1 == 1),
                _ => Value::Unknown,
            },
            Expr::Among(item, all) => {
                // An unknown item is unknown even among no items at all.
                if value(item) == Value::Unknown {
                    return Value::Unknown;
                }
                let equal = |id: &ExprId| equal(self.program, (*item, value(item)), (*id, value(id)));
                let found = all.iter().fold(Tri::False, |so_far, id| so_far.or(equal(id)));
                // Each of the values that a count or an age may be may be another of them.
                let is_one =
                    |one| all.iter().any(|id| compare(Comparison::Equal, Value::number(one), value(id)).is_true());
                let each = || match value(item) {
                    Value::Number(least, most) if is_counted(self.program, *item) => {
                        // More of them than there are in the list cannot all be in it.
                        least.plus(Number::from(all.len())).is_some_and(|last| most < last)
                            && std::iter::successors(Some(least), |one| one.plus(Number::ONE))
                                .take_while(|one| *one <= most)
                                .all(is_one)
                    }
                    _ => false,
                };
                if found.is_unknown() && each() { Tri::True.into() } else { found.into() }
            }
            Expr::Within { item, from, to, inclusive } => {
                let below = if *inclusive { Comparison::LessOrEqual } else { Comparison::Less };
                let above = compare(Comparison::GreaterOrEqual, value(item), value(from));
                let found = above.and(compare(below, value(item), value(to)));
                // Nothing lies between bounds that leave no room, and no age from 17.2 to 17.8.
                let none = || match (value(item), value(from), value(to)) {
                    (Value::Unknown, ..) => false,
                    (_, from, to) if compare(below, from, to).is_false() => true,
                    (_, Value::Number(from, _), Value::Number(_, to)) => {
                        is_counted(self.program, *item) && !has_whole(from, to, *inclusive)
                    }
                    _ => false,
                };
                if found.is_unknown() && none() { Tri::False } else { found }.into()
            }
            Expr::Contains(set, item) => match (value(set), value(item)) {
                (Value::Set(bits), Value::Choice(at)) => Value::Bool(bits >> at & 1 == 1),
                _ => Value::Unknown,
            },
            Expr::ContainsAny(set, choices) => match value(set) {
                Value::Set(bits) => Value::Bool(bits & choices != 0),
                _ => Value::Unknown,
            },
            Expr::IsEmpty(set) => match value(set) {
                Value::Set(bits) => Value::Bool(bits == 0),
                _ => Value::Unknown,
            },
            Expr::Len(set) => match value(set) {
                Value::Set(bits) => Value::number(bits.count_ones()),
                _ => Value::Unknown,
            },
            Expr::Arithmetic(operation, a, b) => calculate(*operation, value(a), value(b)),
            Expr::Negate(a) => match value(a) {
                Value::Number(least, greatest) => Value::Number(-greatest, -least),
                _ => Value::Unknown,
            },
            Expr::Shift { date, by, back } => add_to_date(value(date), value(by), *back),
            Expr::Distance(a, b) => distance(value(a), value(b)),
            Expr::Duration { count, months, days } => match value(count) {
                Value::Number(a, b) => {
                    let times = |n: Number| Duration::of(n.to_i32()?, *months, *days);
                    // Of however many sessions there may have been, nobody knows how long it is.
                    let shortest = if a < b && a <= -MANY { Some(SINCE_EVER.negated()) } else { times(a) };
                    let longest = if a < b && b >= MANY { Some(SINCE_EVER) } else { times(b) };
                    match (shortest, longest) {
                        (Some(a), Some(b)) => Value::Duration(a, b),
                        _ => Value::Unknown,
                    }
                }
                _ => Value::Unknown,
            },
            Expr::Lengthen(a, b) => match (value(a), value(b)) {
                (Value::Duration(a, b), Value::Duration(c, d)) => Value::Duration(a.plus(c), b.plus(d)),
                _ => Value::Unknown,
            },
            Expr::If(condition, yes, no) => match truth(condition) {
                Tri::True => value(yes),
                Tri::False => value(no),
                Tri::Unknown => value(yes).either(value(no)),
            },
            Expr::Coalesce(a, b) => match value(a) {
                Value::Unknown if inputs.open => Value::Unknown,
                Value::Unknown => value(b),
                known => known,
            },
            Expr::Known(a) => match value(a) {
                Value::Unknown if inputs.open => Value::Unknown,
                value => Value::Bool(value != Value::Unknown),
            },
            Expr::Quantified { quantifier, list, body } => self.quantify((top, scope), id, (*quantifier, *list, body)),
            Expr::Sum { list, note, body } => self.sum((top, scope), id, (*list, *note, body)),
            Expr::SessionCount(list) => {
                let sessions = &inputs.lists[usize::from(list.0)];
                let certain = sessions.iter().filter(|session| inputs.counts(**session, Tri::True).is_true()).count();
                let listed = Number::from(sessions.len() as u64);
                Value::Number(Number::from(certain), if inputs.is_open(*list) { MANY } else { listed })
            }
            Expr::NoSessions(list) => match inputs.lists[usize::from(list.0)].is_empty() {
                true if inputs.is_open(*list) => Value::Unknown,
                none => Value::Bool(none),
            },
            // Which is the first and which the last, another may be.
            Expr::FirstDate(list) | Expr::LastDate(list) | Expr::EndNote { list, .. } if inputs.is_open(*list) => {
                Value::Unknown
            }
            Expr::FirstDate(list) => end_date(inputs, *list, Date::min),
            Expr::LastDate(list) => end_date(inputs, *list, Date::max),
            Expr::EndNote { list, last, note } => {
                let notes = inputs.ends(*list, *last).into_iter().map(|session| inputs.note(session, *note));
                notes.reduce(Value::either).unwrap_or(Value::Unknown)
            }
            Expr::SessionNote { binder, note } => inputs.note(scope.around.sessions[usize::from(*binder)], *note),
            Expr::Judging => self.moment.map_or(Value::Unknown, |moment| Value::Bool(moment.judging())),
            Expr::SessionDate => self.moment.map_or(Value::Unknown, |moment| Value::date(moment.date())),
            Expr::Aged { by, grace } => self.moment.map_or(Tri::Unknown, |moment| moment.aged(*by, *grace)).into(),
            Expr::Waited { by, grace } => self.moment.map_or(Tri::Unknown, |moment| moment.waited(*by, *grace)).into(),
            Expr::Tally(tally) => self.moment.map_or(Value::Unknown, |moment| Value::number(moment.tally(tally))),
        }
    }

    fn quantify(
        &mut self,
        known: (&[Value], &Scope),
        id: ExprId,
        (quantifier, list, body): (Quantifier, ListId, &Range<u32>),
    ) -> Value {
        let (mut any, mut all, mut surely, mut possibly) = (Tri::False, Tri::True, 0u32, 0u32);
        let inputs = self.inputs;
        self.for_sessions(known, id, (list, body), |session, value| {
            let truth = value(last(body)).truth();
            any = any.or(truth);
            all = all.and(truth);
            surely += u32::from(inputs.counts(session, truth).is_true());
            possibly += u32::from(!truth.is_false());
        });
        // Those that are not listed may be of either kind, and any number.
        let is_open = self.inputs.is_open(list);
        let (open, most) = if is_open { (Tri::Unknown, MANY) } else { (Tri::False, possibly.into()) };
        match quantifier {
            Quantifier::Any => any.or(open).into(),
            Quantifier::All => all.and(!open).into(),
            Quantifier::Count => Value::Number(surely.into(), most),
        }
    }

    /// A sum over a list: of this note, where the last node of the body holds.
    fn sum(
        &mut self,
        known: (&[Value], &Scope),
        id: ExprId,
        (list, note, body): (ListId, ExprId, &Range<u32>),
    ) -> Value {
        let mut sum = if self.inputs.is_open(list) { Value::Unknown } else { Value::number(0) };
        let inputs = self.inputs;
        self.for_sessions(known, id, (list, body), |session, value| {
            let counts = inputs.counts(session, value(last(body)).truth());
            sum = calculate(Arithmetic::Add, sum, addend(counts, value(note)));
        });
        sum
    }
}

/// Whether two values are equal, over all that they may be; an age is never 17.5.
fn equal(program: &Program, a: (ExprId, Value), b: (ExprId, Value)) -> Tri {
    let found = compare(Comparison::Equal, a.1, b.1);
    let never = |(id, whole): (ExprId, Value), (_, other): (ExprId, Value)| match (whole, other) {
        (Value::Number(..), Value::Number(least, most)) => !has_whole(least, most, true) && is_counted(program, id),
        _ => false,
    };
    if found.is_unknown() && (never(a, b) || never(b, a)) { Tri::False } else { found }
}

/// Whether a whole number lies between two others.
fn has_whole(from: Number, to: Number, inclusive: bool) -> bool {
    from.rounded_up(0).is_none_or(|first| first < to || inclusive && first == to)
}

/// Whether a number is a whole one, whatever is known of it: an age in years, a count.
fn is_counted(program: &Program, id: ExprId) -> bool {
    match program.node(id).expr {
        Expr::Age(_) | Expr::SessionsDone | Expr::SessionCount(_) => true,
        Expr::Quantified { quantifier, .. } => quantifier == Quantifier::Count,
        Expr::Definition(_, root) => is_counted(program, root),
        _ => false,
    }
}

/// The last node of a body: the value of the whole.
fn last(body: &Range<u32>) -> ExprId {
    ExprId(body.end - 1)
}

/// A note's part of a sum: nothing where the condition does not hold, and either where that is not known.
pub(crate) fn addend(condition: Tri, note: Value) -> Value {
    match condition {
        Tri::True => note,
        Tri::False => Value::number(0),
        Tri::Unknown => note.either(Value::number(0)),
    }
}

fn age(birth: Value, today: Date) -> Value {
    match birth {
        Value::Date(range) if !range.first.is_never() => {
            Value::Number(today.years_since(range.last).into(), today.years_since(range.first).into())
        }
        _ => Value::Unknown,
    }
}

fn end_date(inputs: &Inputs<'_>, list: ListId, pick: fn(Date, Date) -> Date) -> Value {
    let dates = inputs.lists[usize::from(list.0)].iter().map(|&session| match inputs.sessions[session][DATE_NOTE] {
        Value::Date(range) => Some(range),
        _ => None,
    });
    let mut end: Option<DateRange> = None;
    for date in dates {
        let Some(date) = date else { return Value::Unknown };
        end = Some(match end {
            None => date,
            Some(so_far) => DateRange { first: pick(so_far.first, date.first), last: pick(so_far.last, date.last) },
        });
    }
    Value::Date(end.unwrap_or(Date::NEVER.into()))
}

/// The truth of a comparison, over all that the two values may be.
pub(crate) fn compare(comparison: Comparison, a: Value, b: Value) -> Tri {
    fn ranges<T: PartialOrd>(comparison: Comparison, (a_least, a_most): (T, T), (b_least, b_most): (T, T)) -> Tri {
        let less = Tri::between(a_most < b_least, a_least < b_most);
        let less_or_equal = Tri::between(a_most <= b_least, a_least <= b_most);
        let equal = || {
            let settled = a_least == a_most && b_least == b_most && a_least == b_least;
            Tri::between(settled, a_least <= b_most && b_least <= a_most)
        };
        match comparison {
            Comparison::Less => less,
            Comparison::LessOrEqual => less_or_equal,
            Comparison::Greater => !less_or_equal,
            Comparison::GreaterOrEqual => !less,
            Comparison::Equal => equal(),
            Comparison::NotEqual => !equal(),
        }
    }
    match (a, b) {
        (Value::Number(a, b), Value::Number(c, d)) => ranges(comparison, (a, b), (c, d)),
        (Value::Date(a), Value::Date(b)) => ranges(comparison, (a.first, a.last), (b.first, b.last)),
        // Only exact lengths are compared; the types see to it.
        (Value::Duration(a, b), Value::Duration(c, d)) => ranges(comparison, (a.days, b.days), (c.days, d.days)),
        (Value::Unknown, _) | (_, Value::Unknown) => Tri::Unknown,
        (a, b) => match comparison {
            Comparison::Equal => (a == b).into(),
            Comparison::NotEqual => (a != b).into(),
            _ => Tri::Unknown,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_hold_for_every_day_or_are_unknown() {
        let november: Value = Value::date("2025-11".parse::<DateRange>().expect("a month"));
        let day = |text: &str| Value::date(text.parse::<Date>().expect("a date"));
        assert_eq!(compare(Comparison::Less, november, day("2025-12-01")), Tri::True);
        assert_eq!(compare(Comparison::Less, november, day("2025-11-30")), Tri::Unknown);
        assert_eq!(compare(Comparison::Less, november, day("2025-11-01")), Tri::False);
        assert_eq!(compare(Comparison::GreaterOrEqual, november, day("2025-11-01")), Tri::True);
        assert_eq!(compare(Comparison::Equal, november, day("2025-11-10")), Tri::Unknown);
        assert_eq!(compare(Comparison::NotEqual, november, day("2025-10-10")), Tri::True);
    }
}
