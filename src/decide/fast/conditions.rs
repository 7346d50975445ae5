//! The rules of a protocol made quick for a day: whatever rests on one fact becomes a look at one cell.
//!
//! The plain evaluator is the meaning. A condition on one fact is tried with it at every value where it can turn ([`turning`](crate::logic::turning)),
//! and what it says there becomes a [`Test`]. `&&`, `||`, `!`, `if` and `??` join truths as the evaluator does; whatever else there is, the
//! evaluator itself decides for each patient. The properties hold both equal.

use std::collections::{BTreeSet, HashMap};

use crate::date::Date;
use crate::decide::prepared::{Prepared, RestsOn, assumes};
use crate::decide::still_before;
use crate::lang::syntax::Comparison;
use crate::lang::{Expr, ExprId, FactId, Type};
use crate::logic::Evaluation;
use crate::logic::Tri;
use crate::logic::turning;
use crate::logic::turning::{Axis, Fixed};
use crate::logic::value::{TextId, Value};
use crate::patient::cell::{Cell, in_order, is_exact, key};
use crate::patient::known::Known;

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
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The cell of each fact.
    pub(crate) cells: Vec<Cell>,
    /// The truth of what the evaluator decides.
    computed: Vec<Tri>,
    /// Whether what is assumed is left open.
    open: bool,
}

impl Case {
    pub(crate) fn new(facts: usize, fast: &Fast, open: bool) -> Case {
        Case { cells: vec![Cell::UNKNOWN; facts], computed: vec![Tri::Unknown; fast.computed.len()], open }
    }
}

impl Fast {
    /// Makes the rules of a protocol quick.
    pub(crate) fn new(prepared: &Prepared<'_>) -> Fast {
        let protocol = prepared.protocol;
        let known = Known::nothing(protocol, &prepared.parameters, prepared.request.as_of);
        let fast = Fast::default();
        let mut builder = Builder {
            prepared,
            evaluation: prepared.constants.clone(),
            known,
            places: HashMap::new(),
            weights: Vec::new(),
            fast,
        };
        let place = |builder: &mut Builder<'_, '_>, asked: Option<Asked>| asked.map(|asked| builder.place(asked));
        for rule in &protocol.rules {
            let asked = [rule.when.map(Asked::Holds), rule.not_before().map(Asked::Waits)];
            let places = asked.map(|asked| place(&mut builder, asked));
            builder.fast.rules.push(places);
        }
        let mut fast = builder.fast;
        fast.rests_on =
            RestsOn::of(&protocol.program, &prepared.constant, fast.computed.iter().map(|asked| asked.root()));
        let may_differ = |root: ExprId| {
            assumes(&protocol.program, [root]) || (prepared.courses_assume && protocol.program.node(root).after_course)
        };
        fast.assuming = protocol.rules.iter().map(|rule| rule.roots().any(may_differ)).collect();
        fast
    }

    /// Whether a rule may fire otherwise where what is assumed is left open.
    pub(crate) fn assumes(&self, rule: usize) -> bool {
        self.assuming[rule]
    }

    /// Whether anything has to be computed for each patient.
    pub(crate) fn computes(&self) -> bool {
        !self.computed.is_empty()
    }

    /// Has the evaluator decide what only it can.
    pub(crate) fn compute(
        &self,
        prepared: &Prepared<'_>,
        known: &Known,
        sessions_done: Value,
        evaluation: &mut Evaluation,
        case: &mut Case,
    ) {
        evaluation.refresh(&prepared.protocol.program, &known.inputs(sessions_done, case.open), &self.rests_on.nodes);
        for (asked, truth) in self.computed.iter().zip(&mut case.computed) {
            *truth = asked.truth(evaluation, known.today);
        }
    }

    /// The truth of a rule's condition for a patient, and whether its first permitted day has not come; none: it has none.
    pub(crate) fn of_rule(&self, rule: usize, case: &Case) -> [Option<Tri>; 2] {
        self.rules[rule].map(|place| place.map(|place| self.truth(place, case)))
    }

    /// The truth of every condition.
    pub(crate) fn conditions(&self, case: &Case) -> impl Iterator<Item = Tri> {
        (0..self.conditions.len()).map(move |place| self.truth(place, case))
    }

    fn truth(&self, place: usize, case: &Case) -> Tri {
        let truth = |place: &usize| self.truth(*place, case);
        match &self.conditions[place] {
            Condition::OfFact(test) => test.of(case.cells[test.fact], case.open),
            Condition::And(all) => join(all.iter().map(truth), Tri::and, Tri::True, Tri::False),
            Condition::Or(all) => join(all.iter().map(truth), Tri::or, Tri::False, Tri::True),
            Condition::Not(a) => !truth(a),
            Condition::Always(truth) => *truth,
            Condition::Computed(at) => case.computed[*at],
            Condition::If([condition, yes, no]) => match truth(condition) {
                Tri::True => truth(yes),
                Tri::False => truth(no),
                Tri::Unknown => Value::from(truth(yes)).either(truth(no).into()).truth(),
            },
            Condition::Coalesce([a, b]) => match truth(a) {
                Tri::Unknown if case.open => Tri::Unknown,
                Tri::Unknown => truth(b),
                known => known,
            },
            Condition::Known(a) => match truth(a) {
                Tri::Unknown if case.open => Tri::Unknown,
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
fn join(truths: impl Iterator<Item = Tri>, join: fn(Tri, Tri) -> Tri, first: Tri, settling: Tri) -> Tri {
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
/// A condition that is heavier than so many others is left to the evaluator.
const HEAVIEST: usize = 1_000;

struct Builder<'a, 'p> {
    prepared: &'a Prepared<'p>,
    /// The values that no patient changes; the rest is what is tried.
    evaluation: Evaluation,
    known: Known,
    places: HashMap<Asked, usize>,
    /// How many conditions have to be looked at for each.
    weights: Vec<usize>,
    fast: Fast,
}

impl Builder<'_, '_> {
    /// The place of a condition, a new one if it is new.
    fn place(&mut self, asked: Asked) -> usize {
        if let Some(place) = self.places.get(&asked) {
            return *place;
        }
        let mut condition = self.condition(asked);
        // Definitions that name others twice double the work; the evaluator comes to each once.
        if self.weight(&condition) > HEAVIEST {
            condition = self.computed(asked);
        }
        let place = self.add(condition);
        self.places.insert(asked, place);
        place
    }

    fn add(&mut self, condition: Condition) -> usize {
        self.weights.push(self.weight(&condition));
        self.fast.conditions.push(condition);
        self.fast.conditions.len() - 1
    }

    /// How many conditions have to be looked at for one.
    fn weight(&self, condition: &Condition) -> usize {
        let parts = match condition {
            Condition::Always(_) | Condition::OfFact(_) | Condition::Computed(_) => &[],
            Condition::Not(a) | Condition::Known(a) => std::slice::from_ref(a),
            Condition::And(all) | Condition::Or(all) => all,
            Condition::If(all) => all.as_slice(),
            Condition::Coalesce(both) | Condition::Equal(both) => both,
        };
        1 + parts.iter().map(|part| self.weights[*part]).sum::<usize>()
    }

    fn condition(&mut self, asked: Asked) -> Condition {
        let protocol = self.prepared.protocol;
        let program = &protocol.program;
        let id = asked.root();
        if self.prepared.is_constant(id) {
            return Condition::Always(asked.truth(&self.evaluation, self.known.today));
        }
        if let Some(test) = of_one_fact(self.prepared, asked).and_then(|fact| self.test(fact, asked)) {
            return Condition::OfFact(test);
        }
        let is_bool = |id: &ExprId| program.node(*id).ty == Type::Bool;
        let mut holds = |id: &ExprId| self.place(Asked::Holds(*id));
        match &program.node(id).expr {
            _ if matches!(asked, Asked::Waits(_)) => self.computed(asked),
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
                Condition::Not(self.add(equal))
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
                    if let Some(place) = Place::of(value) {
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
                        let middle = Place(low.0 + (high.0 - low.0) / 2);
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
        let protocol = self.prepared.protocol;
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
        let nodes: BTreeSet<u32> = protocol.program.under(roots).map(|id| id.0).collect();
        let fixed = Fixed { today: self.known.today, parameters: Some(&self.prepared.parameters) };
        let mut axes = turning::axes(protocol, &nodes, &roots, fixed)?;
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
        let protocol = self.prepared.protocol;
        let program = &protocol.program;
        let nodes = RestsOn::of(program, &self.prepared.constant, [asked.root()]).nodes;
        let slot = usize::from(fact.0);
        self.known.facts[slot] = value;
        self.evaluation.refresh(program, &self.known.inputs(Value::Unknown, open), &nodes);
        self.known.facts[slot] = Value::Unknown;
        asked.truth(&self.evaluation, self.known.today)
    }
}

/// A place among the values of a type that have an order: millionths, days, numbers of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place(i64);

impl Place {
    /// Of "never", the place before the first day.
    const NEVER: Place = Place(Date::MIN.day() as i64 - 1);

    /// The place of a value; none of a number with more decimals than an answer can have.
    fn of(value: Value) -> Option<Place> {
        match value {
            Value::Bool(value) => Some(Place(value.into())),
            Value::Number(number, _) => Some(key(number)).filter(|key| is_exact(*key)).map(|key| Place(key / 2)),
            Value::Date(range) if range.last.is_never() => Some(Place::NEVER),
            Value::Date(range) => Some(Place(range.first.day().into())),
            Value::Text(text) => Some(Place(text.0.into())),
            _ => None,
        }
    }

    fn value(self, ty: &Type) -> Option<Value> {
        (self != Place::NEVER || *ty != Type::Date).then(|| {
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

/// The fact on which alone a condition rests, where what is known of it within a range says what its ends say.
fn of_one_fact(prepared: &Prepared<'_>, asked: Asked) -> Option<FactId> {
    let program = &prepared.protocol.program;
    let constant = |id: &ExprId| prepared.is_constant(*id);
    let one_way = |id: &ExprId| self::one_way(prepared, *id);
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
fn one_way(prepared: &Prepared<'_>, id: ExprId) -> Option<FactId> {
    match &prepared.protocol.program.node(id).expr {
        Expr::Fact(fact) | Expr::Age(fact) => Some(*fact),
        Expr::Definition(_, root) => one_way(prepared, *root),
        Expr::Coalesce(a, b) if prepared.is_constant(*b) => one_way(prepared, *a),
        Expr::Shift { date, by, .. } if prepared.is_constant(*by) => one_way(prepared, *date),
        Expr::Distance(a, b) if prepared.is_constant(*a) => one_way(prepared, *b),
        Expr::Distance(a, b) if prepared.is_constant(*b) => one_way(prepared, *a),
        _ => None,
    }
}
