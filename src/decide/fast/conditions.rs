//! The rules of a protocol made quick for a day: whatever rests on one fact becomes a look at one cell.
//!
//! The plain evaluator is the meaning. A condition on one fact is tried with it at every value where it can turn ([`turning`](crate::logic::turning)),
//! and what it says there becomes a [`Test`]. `&&`, `||`, `!`, `if` and `??` join truths as the evaluator does; whatever else there is, the
//! evaluator itself decides for each patient. The properties hold both equal.

use std::collections::{BTreeSet, HashMap};

use crate::date::Date;
use crate::decide::prepared::{Prepared, RestsOn, assumes, is_constant};
use crate::decide::still_before;
use crate::lang::syntax::Comparison;
use crate::lang::{Expr, ExprId, FactId, Program, Type};
use crate::logic::turning::{Axis, Fixed, Turning};
use crate::logic::value::{TextId, Value};
use crate::logic::{Evaluation, Inputs, Tri};
use crate::patient::cell::{Cell, in_order, is_exact, key};
use crate::patient::known::Known;
use crate::protocol::model::Row;

/// Of larger conditions, with their definitions written out, the evaluator is quicker.
const MOST_WRITTEN_OUT: u32 = 1_000;

/// The conditions of a protocol's rules, ready for a day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fast {
    conditions: Vec<Condition>,
    /// For each rule, its condition and whether its first permitted day has not come, by places among the conditions.
    rules: Vec<[Option<usize>; 2]>,
    /// What the evaluator decides for each patient.
    computed: Vec<Asked>,
    /// What that rests on.
    pub(crate) rests_on: RestsOn,
    /// Which of the rules may be decided otherwise with what is assumed left open.
    assuming: Vec<bool>,
}

/// What is asked of a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asked {
    /// Whether a condition holds.
    Holds(ExprId),
    /// Whether a first permitted day has not come.
    Waits(ExprId),
}

/// A condition of which the truth is asked for; others by their places.
#[derive(Clone, Debug)]
enum Condition {
    /// The same for everybody.
    Always(Tri),
    /// Something about one fact.
    OfFact(Test),
    /// What the evaluator says, by place.
    Computed(usize),
    Not(usize),
    And(Box<[usize]>),
    Or(Box<[usize]>),
    If([usize; 3]),
    Coalesce([usize; 2]),
    Known(usize),
    Equal([usize; 2]),
}

/// What is asked of the cell of one fact.
#[derive(Clone, Copy, Debug)]
struct Test {
    fact: usize,
    holds: Holds,
    /// Whether the contrary is asked.
    contrary: bool,
    /// The truth where nothing is known: as the protocol says, and with what is assumed left open.
    unknown: [Tri; 2],
}

/// Of which cells a condition holds.
#[derive(Clone, Copy, Debug)]
enum Holds {
    /// Of the words from the first to the last.
    Between(u64, u64),
    /// Of the choices and sets that have one of these bits.
    AnyOf(u64),
}

/// What is known of one patient, as far as the conditions ask for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patient<'c> {
    /// The cell of each fact.
    pub(crate) cells: &'c [Cell],
    /// The truth of what the evaluator decides.
    pub(crate) computed: &'c [Tri],
    /// Whether what is assumed is left open.
    pub(crate) open: bool,
}

impl Fast {
    /// Makes the rules of a protocol quick.
    pub(crate) fn new(prepared: &Prepared) -> Fast {
        let protocol = &prepared.protocol;
        let mut builder = Builder::new(prepared);
        let place = |builder: &mut Builder<'_>, asked: Option<Asked>| asked.map(|asked| builder.place(asked));
        for rule in &protocol.rules {
            let asked = [rule.when.map(Asked::Holds), rule.not_before().map(Asked::Waits)];
            let places = asked.map(|asked| place(&mut builder, asked));
            builder.fast.rules.push(places);
        }
        let mut fast = builder.fast;
        fast.rests_on = RestsOn::of(&protocol.program, fast.computed.iter().map(|asked| asked.root()));
        let may_differ = |root: ExprId| {
            assumes(&protocol.program, [root])
                || (prepared.every_day.courses_assume && protocol.program.node(root).after_course)
        };
        fast.assuming = protocol.rules.iter().map(|rule| rule.roots().any(may_differ)).collect();
        fast
    }

    /// Makes the conditions of a table quick, for each of some values: the rows of one after the other's stand for rules that have no day.
    pub(super) fn of_table(prepared: &Prepared, rows: &[Row], values: &[Option<Value>]) -> Fast {
        let mut builder = Builder::new(prepared);
        for each in values {
            builder.places.clear();
            for row in rows {
                builder.each = row.when.as_ref().zip(*each).map(|(when, each)| (when.start, each));
                let place = row.when.as_ref().map(|when| builder.place(Asked::Holds(ExprId(when.end - 1))));
                builder.fast.rules.push([place, None]);
            }
        }
        let mut fast = builder.fast;
        fast.rests_on = RestsOn::of(&prepared.protocol.program, fast.computed.iter().map(|asked| asked.root()));
        fast
    }

    /// Whether the evaluator has to decide something that is repeated for the values of a set.
    pub(super) fn repeats(&self, program: &Program) -> bool {
        self.computed.iter().any(|asked| program.node(asked.root()).level > 0)
    }

    /// Whether a rule may fire otherwise where what is assumed is left open.
    pub(crate) fn assumes(&self, rule: usize) -> bool {
        self.assuming[rule]
    }

    /// Whether any rule may.
    pub(crate) fn assumes_anything(&self) -> bool {
        self.assuming.contains(&true)
    }

    /// Whether anything has to be computed for each patient.
    pub(crate) fn computes(&self) -> bool {
        !self.computed.is_empty()
    }

    /// The truths of what the evaluator decides, before it has.
    pub(crate) fn nothing_computed(&self) -> Vec<Tri> {
        vec![Tri::Unknown; self.computed.len()]
    }

    /// Has the evaluator decide what only it can.
    pub(crate) fn compute(
        &self,
        prepared: &Prepared,
        inputs: &Inputs<'_>,
        evaluation: &mut Evaluation,
        truths: &mut [Tri],
    ) {
        evaluation.refresh(&prepared.protocol.program, inputs, &self.rests_on.nodes);
        for (asked, truth) in self.computed.iter().zip(truths) {
            *truth = asked.truth(evaluation, inputs.today);
        }
    }

    /// The truth of a rule's condition for a patient; unknown, if it has none.
    #[inline]
    pub(crate) fn holds(&self, rule: usize, patient: Patient<'_>) -> Tri {
        self.rules[rule][0].map_or(Tri::Unknown, |place| self.truth(place, patient))
    }

    /// Whether the first permitted day of a rule has not come for a patient; unknown, if it has none.
    #[inline]
    pub(crate) fn waits(&self, rule: usize, patient: Patient<'_>) -> Tri {
        self.rules[rule][1].map_or(Tri::Unknown, |place| self.truth(place, patient))
    }

    /// The truth of every condition.
    pub(crate) fn conditions<'c>(&'c self, patient: Patient<'c>) -> impl Iterator<Item = Tri> + 'c {
        (0..self.conditions.len()).map(move |place| self.truth(place, patient))
    }

    fn truth(&self, place: usize, patient: Patient<'_>) -> Tri {
        let truth = |place: &usize| self.truth(*place, patient);
        match &self.conditions[place] {
            Condition::OfFact(test) => test.of(patient.cells[test.fact], patient.open),
            Condition::And(all) => join(all.iter().map(truth), Tri::and, Tri::True, Tri::False),
            Condition::Or(all) => join(all.iter().map(truth), Tri::or, Tri::False, Tri::True),
            Condition::Not(a) => !truth(a),
            Condition::Always(truth) => *truth,
            Condition::Computed(at) => patient.computed[*at],
            Condition::If([condition, yes, no]) => match truth(condition) {
                Tri::True => truth(yes),
                Tri::False => truth(no),
                Tri::Unknown => Value::from(truth(yes)).either(truth(no).into()).truth(),
            },
            Condition::Coalesce([a, b]) => match truth(a) {
                Tri::Unknown if patient.open => Tri::Unknown,
                Tri::Unknown => truth(b),
                known => known,
            },
            Condition::Known(a) => match truth(a) {
                Tri::Unknown if patient.open => Tri::Unknown,
                truth => (!truth.is_unknown()).into(),
            },
            Condition::Equal([a, b]) => {
                let (a, b) = (truth(a), truth(b));
                if a.is_unknown() || b.is_unknown() { Tri::Unknown } else { (a == b).into() }
            }
        }
    }
}

/// Joins truths from a first one on, until one settles it.
#[inline]
fn join(truths: impl Iterator<Item = Tri>, join: impl Fn(Tri, Tri) -> Tri, first: Tri, settling: Tri) -> Tri {
    let mut so_far = first;
    for truth in truths {
        so_far = join(so_far, truth);
        if so_far == settling {
            break;
        }
    }
    so_far
}

impl Test {
    /// The truth for a cell.
    #[inline]
    fn of(&self, cell: Cell, open: bool) -> Tri {
        if cell.low == 0 {
            return self.unknown[usize::from(open)];
        }
        let truth = match self.holds {
            Holds::AnyOf(bits) => (cell.low & bits != 0).into(),
            Holds::Between(first, last) => {
                let inside = first <= cell.low && cell.high <= last;
                Tri::between(inside, cell.low <= last && first <= cell.high)
            }
        };
        if self.contrary { !truth } else { truth }
    }
}

impl Asked {
    fn root(self) -> ExprId {
        let (Asked::Holds(id) | Asked::Waits(id)) = self;
        id
    }

    fn truth(self, evaluation: &Evaluation, today: Date) -> Tri {
        match self {
            Asked::Holds(id) => evaluation.truth(id),
            Asked::Waits(until) => still_before(evaluation.value(until), today),
        }
    }
}

/// Builds the conditions.
struct Builder<'a> {
    prepared: &'a Prepared,
    /// The values that no patient changes; the rest is what is tried.
    evaluation: Evaluation,
    known: Known,
    /// Where the conditions turn.
    turning: Turning<'a>,
    places: HashMap<Asked, usize>,
    /// In a row that is repeated for the values of a set, where its nodes begin, and the value.
    each: Option<(u32, Value)>,
    fast: Fast,
}

impl<'a> Builder<'a> {
    fn new(prepared: &'a Prepared) -> Builder<'a> {
        let protocol = &prepared.protocol;
        let known = Known::nothing(protocol, &prepared.parameters, prepared.request.as_of);
        let turning = Turning::new(protocol, Fixed { today: known.today, parameters: Some(&prepared.parameters) });
        let (evaluation, fast) = (prepared.constants.clone(), Fast::default());
        Builder { prepared, evaluation, known, turning, places: HashMap::new(), each: None, fast }
    }

    /// The place of a condition, a new one if it is new.
    fn place(&mut self, asked: Asked) -> usize {
        if let Some(place) = self.places.get(&asked) {
            return *place;
        }
        let condition = self.condition(asked);
        self.fast.conditions.push(condition);
        let place = self.fast.conditions.len() - 1;
        self.places.insert(asked, place);
        place
    }

    fn condition(&mut self, asked: Asked) -> Condition {
        let protocol = &self.prepared.protocol;
        let program = &protocol.program;
        let id = asked.root();
        if is_constant(program, id) {
            return Condition::Always(self.told(asked, false));
        }
        if let Some(test) = of_one_fact(program, asked).and_then(|fact| self.test(fact, asked)) {
            return Condition::OfFact(test);
        }
        // What only asks for which value it is repeated is the same for everybody.
        if self.each.is_some() && rests_on_each_alone(program, id) {
            return Condition::Always(self.told(asked, false));
        }
        let is_bool = |id: &ExprId| program.node(*id).ty == Type::Bool;
        let mut holds = |id: &ExprId| self.place(Asked::Holds(*id));
        match &program.node(id).expr {
            _ if matches!(asked, Asked::Waits(_)) => self.computed(asked),
            // The evaluator takes each definition once, however many use it; here each is looked at where it is used.
            _ if program.node(id).written_out > MOST_WRITTEN_OUT => self.computed(asked),
            Expr::Not(a) => Condition::Not(holds(a)),
            // A definition is what it stands for.
            Expr::Definition(_, root) => {
                let place = holds(root);
                self.fast.conditions[place].clone()
            }
            Expr::And(all) => Condition::And(all.iter().map(holds).collect()),
            Expr::Or(all) => Condition::Or(all.iter().map(holds).collect()),
            Expr::If(a, b, c) => Condition::If([a, b, c].map(holds)),
            Expr::Coalesce(a, b) => Condition::Coalesce([a, b].map(holds)),
            Expr::Known(a) if is_bool(a) => Condition::Known(holds(a)),
            Expr::Compare(comparison, a, b) if is_bool(a) && is_bool(b) => {
                let equal = Condition::Equal([a, b].map(holds));
                if *comparison == Comparison::Equal {
                    return equal;
                }
                self.fast.conditions.push(equal);
                Condition::Not(self.fast.conditions.len() - 1)
            }
            _ => self.computed(asked),
        }
    }

    fn computed(&mut self, asked: Asked) -> Condition {
        self.fast.computed.push(asked);
        Condition::Computed(self.fast.computed.len() - 1)
    }

    /// What is asked of the cell of one fact; none if it cannot be said in one test.
    fn test(&mut self, fact: FactId, asked: Asked) -> Option<Test> {
        let unknown = [false, true].map(|open| self.ask(fact, Value::Unknown, asked, open));
        let test = |holds, contrary| Some(Test { fact: usize::from(fact.0), holds, contrary, unknown });
        let declared = self.prepared.protocol.fact(fact);
        match &declared.answer.ty {
            Type::Choice(choices) | Type::Set(choices) => {
                let is_set = matches!(declared.answer.ty, Type::Set(_));
                let of_none = is_set && self.truth(fact, Value::Set(0), asked)?;
                let mut bits = 0;
                for at in 0..u8::try_from(choices.len()).ok()? {
                    let alone = if is_set { Value::Set(1 << at) } else { Value::Choice(at) };
                    bits |= u64::from(self.truth(fact, alone, asked)? != of_none) << at;
                }
                test(Holds::AnyOf(bits), of_none)
            }
            ty => {
                let mut tried = Vec::new();
                for value in self.samples(fact, asked)? {
                    if let Some(place) = Rank::of(value) {
                        tried.push((place, self.truth(fact, value, asked)?));
                    }
                }
                tried.sort_by_key(|(place, _)| *place);
                let first = tried.first()?.1;
                let mut turns = Vec::new();
                for pair in tried.windows(2) {
                    let [(mut low, truth), (mut high, other)] = [pair[0], pair[1]];
                    if truth == other {
                        continue;
                    }
                    // Between the two it turns once.
                    while high.0 - low.0 > 1 {
                        let middle = Rank(low.0 + (high.0 - low.0) / 2);
                        if self.truth(fact, middle.value(ty)?, asked)? == truth { low = middle } else { high = middle }
                    }
                    turns.push(high.word(ty));
                }
                match turns[..] {
                    [] => test(Holds::Between(1, u64::MAX), !first),
                    [turn] => test(Holds::Between(turn, u64::MAX), first),
                    [from, until] => test(Holds::Between(from, until - 1), first),
                    _ => None,
                }
            }
        }
    }

    /// A value of the fact between every two at which the condition turns.
    fn samples(&self, fact: FactId, asked: Asked) -> Option<Vec<Value>> {
        let protocol = &self.prepared.protocol;
        match protocol.fact(fact).answer.ty {
            Type::Bool => return Some(vec![Value::Bool(false), Value::Bool(true)]),
            // Texts have an order only by their numbers: each of them.
            Type::Text => {
                let texts = (0..protocol.program.texts.iter().count()).map(|at| TextId(crate::narrow::u16(at)));
                return Some(texts.chain([TextId::OTHER]).map(Value::Text).collect());
            }
            _ => {}
        }
        let roots = [asked.root()];
        let nodes: BTreeSet<ExprId> = protocol.program.under(roots).collect();
        let mut axes = self.turning.axes(&nodes, &roots)?;
        axes.retain(|(axis, _)| !matches!(axis, Axis::Parameter(_)));
        let [(Axis::Fact(other), values)] = &mut axes[..] else { return None };
        values.retain(|value| *value != Value::Unknown);
        (*other == fact).then(|| std::mem::take(values))
    }

    /// What the evaluator says of somebody of whom this is known; none if that is neither yes nor no.
    fn truth(&mut self, fact: FactId, value: Value, asked: Asked) -> Option<bool> {
        match self.ask(fact, value, asked, false) {
            Tri::True => Some(true),
            Tri::False => Some(false),
            Tri::Unknown => None,
        }
    }

    fn ask(&mut self, fact: FactId, value: Value, asked: Asked, open: bool) -> Tri {
        let protocol = &self.prepared.protocol;
        let program = &protocol.program;
        let nodes = RestsOn::of(program, [asked.root()]).nodes;
        let slot = usize::from(fact.0);
        self.known.facts[slot] = value;
        self.evaluation.refresh(program, &self.known.inputs(Value::Unknown, open), &nodes);
        let truth = self.told(asked, open);
        self.known.facts[slot] = Value::Unknown;
        truth
    }

    /// What the evaluator says, as it stands; of a row that is repeated, for the value in hand.
    fn told(&self, asked: Asked, open: bool) -> Tri {
        let (program, id) = (&self.prepared.protocol.program, asked.root());
        match self.each {
            Some((start, each)) if program.node(id).level > 0 => {
                let inputs = self.known.inputs(Value::Unknown, open);
                self.evaluation.for_each(program, &inputs, &(start..id.0 + 1), each).truth()
            }
            _ => asked.truth(&self.evaluation, self.known.today),
        }
    }
}

/// A place among the values of a type that have an order: millionths, days, numbers of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(i64);

impl Rank {
    /// Of "never", the place before the first day.
    const NEVER: Rank = Rank(Date::MIN.day() as i64 - 1);

    /// The place of a value; none of a number with more decimals than an answer can have.
    fn of(value: Value) -> Option<Rank> {
        match value {
            Value::Bool(value) => Some(Rank(value.into())),
            Value::Number(number, _) => Some(key(number)).filter(|key| is_exact(*key)).map(|key| Rank(key / 2)),
            Value::Date(range) if range.last.is_never() => Some(Rank::NEVER),
            Value::Date(range) => Some(Rank(range.first.day().into())),
            Value::Text(text) => Some(Rank(text.0.into())),
            _ => None,
        }
    }

    fn value(self, ty: &Type) -> Option<Value> {
        (self != Rank::NEVER || *ty != Type::Date).then(|| {
            let word = self.word(ty);
            Cell { low: word, high: word }.value(ty)
        })
    }

    /// The word of a cell that holds it.
    fn word(self, ty: &Type) -> u64 {
        match ty {
            Type::Number { .. } => in_order(self.0 * 2),
            _ => in_order(self.0),
        }
    }
}

/// Whether a condition rests on the value that it is repeated for, and on nothing else that may differ.
fn rests_on_each_alone(program: &Program, id: ExprId) -> bool {
    program.under([id]).all(|id| match program.node(id).expr {
        Expr::Each => true,
        ref expr => is_constant(program, id) || !expr.operands().is_empty() && expr.list().is_none(),
    })
}

/// The fact on which alone a condition rests, where what is known of it within a range says what its ends say.
fn of_one_fact(program: &Program, asked: Asked) -> Option<FactId> {
    let constant = |id: &ExprId| is_constant(program, *id);
    let one_way = |id: &ExprId| one_way(program, *id);
    let id = match asked {
        Asked::Waits(until) => return one_way(&until),
        Asked::Holds(id) => id,
    };
    match &program.node(id).expr {
        Expr::Fact(fact) => Some(*fact),
        Expr::OneOf(a, _) | Expr::ContainsAny(a, _) | Expr::IsEmpty(a) => one_way(a),
        Expr::Contains(set, item) if constant(item) => one_way(set),
        Expr::Known(a) if program.node(*a).ty != Type::Bool => one_way(a),
        Expr::Compare(_, a, b) if constant(b) => one_way(a),
        Expr::Compare(_, a, b) if constant(a) => one_way(b),
        Expr::Within { item, from, to, .. } if constant(from) && constant(to) => one_way(item),
        Expr::Among(item, all) if all.iter().all(constant) => one_way(item),
        _ => None,
    }
}

/// The fact on which alone a value rests, and with which it only grows or only shrinks.
fn one_way(program: &Program, id: ExprId) -> Option<FactId> {
    match &program.node(id).expr {
        Expr::Fact(fact) | Expr::Age(fact) => Some(*fact),
        Expr::Definition(_, root) => one_way(program, *root),
        Expr::Coalesce(a, b) if is_constant(program, *b) => one_way(program, *a),
        Expr::Shift { date, by, .. } if is_constant(program, *by) => one_way(program, *date),
        Expr::Distance(a, b) if is_constant(program, *a) => one_way(program, *b),
        Expr::Distance(a, b) if is_constant(program, *b) => one_way(program, *a),
        _ => None,
    }
}
