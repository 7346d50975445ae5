//! What would have to be different today for a patient to be treated: the smallest sets of answers.
//!
//! Every set is tried: the answers are put into the record, and it is decided again. Which sets need not be tried follows from what holds
//! the patient back: as long as a rule does, nothing else can help than a fact that it rests on.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::decide::{Evaluated, Prepared, decide};
use crate::lang::{Expr, ExprId, FactId, Type};
use crate::logic::turning::{Axis, Fixed, Turning};
use crate::logic::value::{TextId, Value, bits};
use crate::patient::{Answered, Record};
use crate::protocol::file::FactType;
use crate::worlds::Detail;

/// How often it is decided at most.
const MOST_TRIES: usize = 20_000;

/// What would have to be different today for the patient to be treated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Changes {
    /// The smallest sets of answers that would do, those first that a person can change: all of a single answer, or, where there is none,
    /// all of two.
    pub sets: Vec<ChangeSet>,
    /// Whether everything was tried that could be one of these sets: no number of tries, and no fact of which not all values are told, stood
    /// in the way.
    pub complete: bool,
    /// The facts of which not all values that may make a difference could be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_all_values: Vec<String>,
}

/// Answers that together would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ChangeSet {
    /// Whether a person can change all of them.
    pub modifiable: bool,
    /// The answers. Any of the values of the one goes with any of the other.
    pub changes: Vec<Change>,
}

impl ChangeSet {
    /// Whether one of the answers is not known today: then it is to be asked, and not to be changed.
    #[cfg(feature = "cli")]
    pub(crate) fn is_open(&self) -> bool {
        self.changes.iter().any(|one| one.now.is_none())
    }
}

/// An answer that would have to be another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Change {
    /// The fact.
    pub fact: String,
    /// Whether a person can change it.
    pub modifiable: bool,
    /// What it is now, as a record writes it; none: it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Json>,
    /// What it would have to be, as a record writes it.
    pub instead: Vec<Json>,
    /// Whether these are examples: of numbers, dates, sets and texts, one of each kind that the protocol tells apart.
    pub examples: bool,
}

/// A fact, with the values that it may have instead.
struct Candidate {
    slot: usize,
    /// Its place among the answers of the record.
    place: usize,
    values: Vec<Value>,
    /// Whether these are one of each kind.
    is_whole: bool,
}

struct Search<'a> {
    prepared: &'a Prepared,
    record: &'a Record,
    candidates: BTreeMap<FactId, Candidate>,
    /// The facts of which other values have been tried.
    tried: BTreeSet<FactId>,
    tries: usize,
}

/// What holds a patient back: for each thing that does, the facts that could turn it. None: nothing does.
type Holding = Option<Vec<BTreeSet<FactId>>>;

/// A value of one fact, with the values of another that go with it.
type Way = (Value, Vec<Value>);

impl Prepared {
    /// The smallest sets of other answers with which a patient would be treated on this day.
    pub(crate) fn changes(&self, record: &Record) -> Changes {
        let candidates = self.candidates(record);
        let mut search = Search { prepared: self, record, candidates, tried: BTreeSet::new(), tries: 0 };
        let mut sets = Vec::new();
        if let Some(holding) = search.holding(&[]) {
            sets = search.singles(&holding);
            if sets.is_empty() {
                sets = search.pairs(&holding);
            }
        }
        sets.sort_by_key(|set| !set.modifiable);
        let mut open: Vec<&FactId> = search.tried.iter().filter(|fact| !search.candidates[fact].is_whole).collect();
        open.sort_by_key(|fact| search.candidates[fact].place);
        let not_all_values: Vec<String> = open.into_iter().map(|fact| self.protocol.fact(*fact).name.clone()).collect();
        Changes { sets, complete: search.tries < MOST_TRIES && not_all_values.is_empty(), not_all_values }
    }

    /// The facts that decide, with the values at which anything turns.
    fn candidates(&self, record: &Record) -> BTreeMap<FactId, Candidate> {
        let protocol = &self.protocol;
        let fixed = Fixed { today: self.as_of(), parameters: Some(&self.parameters) };
        let mut values = Values {
            prepared: self,
            turning: Turning::new(protocol, fixed),
            of: BTreeMap::new(),
            open: BTreeSet::new(),
        };
        let (of_rules, of_courses) = self.deciding_roots();
        of_rules.iter().chain(&of_courses).for_each(|root| values.add(*root));
        // What a course counts from or up to, it compares by itself.
        let program = &protocol.program;
        let counted = |root: &&ExprId| matches!(program.node(**root).ty, Type::Date | Type::Number { .. });
        for id in program.under(of_courses.iter().filter(counted).copied()) {
            if let Expr::Fact(fact) | Expr::Age(fact) = program.node(id).expr {
                values.open.insert(fact);
            }
        }
        let mut candidates = BTreeMap::new();
        let known = self.known(record);
        for fact in self.deciding_facts() {
            let (slot, declared) = (usize::from(fact.0), protocol.fact(fact));
            let mut all = values.of.remove(&fact).unwrap_or_default();
            let is_whole = match declared.answer.declared {
                FactType::Bool => {
                    all = vec![Value::Bool(false), Value::Bool(true)];
                    true
                }
                FactType::Choice => {
                    let count = declared.answer.choices().len();
                    all = (0..count).map(|at| Value::Choice(crate::narrow::u8(at))).collect();
                    true
                }
                _ => !values.open.contains(&fact) && !all.is_empty(),
            };
            let now =
                if known.applicability.given.is_empty() { known.facts[slot] } else { known.applicability.given[slot] };
            // Between two numbers at which something turns, one with as many decimals as an answer may have.
            let most = declared.answer.decimals.unwrap_or(crate::patient::cell::DECIMALS);
            let writable = |value: &Value| match value {
                Value::Number(number, _) => {
                    [number.rounded_down(most), number.rounded_up(most)].map(|end| end.map(Value::number))
                }
                other => [Some(*other), None],
            };
            let mut each: Vec<Value> = Vec::new();
            for value in all.iter().flat_map(writable).flatten() {
                if value != now && !each.contains(&value) && self.may_be_answered(fact, value) {
                    each.push(value);
                }
            }
            candidates.insert(fact, Candidate { slot, place: protocol.facts[slot], values: each, is_whole });
        }
        candidates
    }

    /// Whether a record may say so.
    fn may_be_answered(&self, fact: FactId, value: Value) -> bool {
        let fact = self.protocol.fact(fact);
        match value {
            Value::Unknown | Value::Text(TextId::OTHER) => false,
            Value::Number(number, _) => {
                let inside = |(least, greatest): (rust_decimal::Decimal, rust_decimal::Decimal)| {
                    number >= least.into() && number <= greatest.into()
                };
                fact.answer.range.is_none_or(inside)
            }
            Value::Date(range) => !fact.past || range.first <= self.as_of(),
            _ => true,
        }
    }
}

/// The values of facts at which expressions turn.
struct Values<'a> {
    prepared: &'a Prepared,
    turning: Turning<'a>,
    of: BTreeMap<FactId, Vec<Value>>,
    /// The facts that are compared with something of which the values cannot be told.
    open: BTreeSet<FactId>,
}

impl Values<'_> {
    /// Adds those of an expression; where they cannot be told of the whole, of its parts.
    fn add(&mut self, root: ExprId) {
        let program = &self.prepared.protocol.program;
        let nodes: BTreeSet<ExprId> = program.under([root]).collect();
        if let Some(axes) = self.turning.axes(&nodes, &[root]) {
            for (axis, values) in axes {
                let Axis::Fact(fact) = axis else { continue };
                let known = self.of.entry(fact).or_default();
                for value in values {
                    if !known.contains(&value) {
                        known.push(value);
                    }
                }
            }
            return;
        }
        for operand in program.node(root).expr.operands() {
            if let Expr::Fact(fact) | Expr::Age(fact) = program.behind(operand) {
                self.open.insert(*fact);
            }
            self.add(operand);
        }
    }
}

impl Search<'_> {
    /// What holds the patient back with some answers changed; none: nothing does.
    fn holding(&mut self, changed: &[(FactId, Value)]) -> Holding {
        self.tries += 1;
        let mut record = self.record.clone();
        for (fact, value) in changed {
            let place = self.candidates[fact].place;
            let value = value.renumbered(|id| record.texts.intern(self.prepared.protocol.program.texts.get(id)));
            let declared = self.prepared.protocol.fact(*fact).place.clone();
            record.answers[place] = Some(Box::new(Answered::given(value, Some(self.prepared.as_of()), declared)));
        }
        let known = self.prepared.known(&record);
        let mut evaluated = Evaluated::new(self.prepared, &known, Detail::Decision);
        let (decision, _) = decide(self.prepared, &mut evaluated);
        if decision.status.is_treat() {
            return None;
        }
        let (rules, course) = (&evaluated.assumed.fires, evaluated.assumed.schedule.leads_to());
        Some(self.prepared.rests_on(rules, course.is_nowhere()))
    }

    fn is_exhausted(&self) -> bool {
        self.tries >= MOST_TRIES
    }

    /// The values of a fact with which the patient is treated, some other answers being changed.
    fn values_that_do(&mut self, fact: FactId, other: Option<(FactId, Value)>) -> Vec<Value> {
        let Some(candidate) = self.candidates.get(&fact) else { return Vec::new() };
        let mut found = Vec::new();
        self.tried.insert(fact);
        for value in candidate.values.clone() {
            let changed: Vec<(FactId, Value)> = other.into_iter().chain([(fact, value)]).collect();
            if !self.is_exhausted() && self.holding(&changed).is_none() {
                found.push(value);
            }
        }
        found
    }

    fn singles(&mut self, holding: &[BTreeSet<FactId>]) -> Vec<ChangeSet> {
        let mut sets = Vec::new();
        for fact in common(holding) {
            let values = self.values_that_do(fact, None);
            if !values.is_empty() {
                sets.push(self.set(&[(fact, values)]));
            }
        }
        sets
    }

    fn pairs(&mut self, holding: &[BTreeSet<FactId>]) -> Vec<ChangeSet> {
        // One of the two must turn what rests on the fewest.
        let Some(first) = holding.iter().min_by_key(|facts| facts.len()) else { return Vec::new() };
        // Of each pair, with each value of the one, the values of the other.
        let mut found: BTreeMap<(FactId, FactId), Vec<Way>> = BTreeMap::new();
        for one in first {
            let Some(candidate) = self.candidates.get(one) else { continue };
            self.tried.insert(*one);
            for value in candidate.values.clone() {
                if self.is_exhausted() {
                    break;
                }
                let Some(left) = self.holding(&[(*one, value)]) else { continue };
                for other in common(&left) {
                    // The pair was found from its other side.
                    if other == *one || (first.contains(&other) && other < *one) {
                        continue;
                    }
                    let values = self.values_that_do(other, Some((*one, value)));
                    if !values.is_empty() {
                        found.entry((*one, other)).or_default().push((value, values));
                    }
                }
            }
        }
        let mut sets = Vec::new();
        for ((one, other), ways) in found {
            let mut alike: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
            for (value, values) in ways {
                match alike.iter_mut().find(|(_, same)| *same == values) {
                    Some((ones, _)) => ones.push(value),
                    None => alike.push((vec![value], values)),
                }
            }
            for (ones, others) in alike {
                sets.push(self.set(&[(one, ones), (other, others)]));
            }
        }
        sets
    }

    fn set(&self, changes: &[(FactId, Vec<Value>)]) -> ChangeSet {
        let mut changes: Vec<(FactId, Vec<Value>)> = changes.to_vec();
        changes.sort_by_key(|(fact, _)| self.candidates[fact].place);
        let changes: Vec<Change> = changes.iter().map(|(fact, values)| self.change(*fact, values)).collect();
        ChangeSet { modifiable: changes.iter().all(|one| one.modifiable), changes }
    }

    fn change(&self, fact: FactId, values: &[Value]) -> Change {
        let declared = self.prepared.protocol.fact(fact);
        let known = self.prepared.known(self.record);
        let now = known.facts[self.candidates[&fact].slot];
        let written = |value: &Value| self.written(fact, *value);
        // A day of a hundred years ago stands for all early days, and is told where no other does.
        let long_ago = self.prepared.as_of().plus_days(-36_500);
        let is_early =
            |value: &&Value| matches!(value, Value::Date(range) if range.first <= long_ago && !range.first.is_never());
        let others: Vec<&Value> = values.iter().filter(|value| !is_early(value)).collect();
        let told = if others.is_empty() { values.iter().collect() } else { others };
        Change {
            fact: declared.name.clone(),
            modifiable: declared.modifiable,
            now: (now != Value::Unknown).then(|| written(&now)),
            instead: told.into_iter().map(written).collect(),
            examples: !matches!(declared.answer.declared, FactType::Bool | FactType::Choice),
        }
    }

    /// A value as a record writes it.
    fn written(&self, fact: FactId, value: Value) -> Json {
        let answer = &self.prepared.protocol.fact(fact).answer;
        let name = |at: u8| answer.choices().get(usize::from(at)).cloned().unwrap_or_default();
        match value {
            Value::Bool(value) => value.into(),
            Value::Set(chosen) => bits(chosen).map(name).collect(),
            Value::Number(number, greatest) if number == greatest => {
                let text = number.to_text(0);
                text.parse::<serde_json::Number>().map_or_else(|_| Json::from(text), Json::from)
            }
            _ => {
                let ty = match &answer.ty {
                    Type::Number { whole, scaled, .. } => Type::Number { whole: *whole, unit: None, scaled: *scaled },
                    other => other.clone(),
                };
                self.prepared.protocol.program.show(value, &ty).into()
            }
        }
    }
}

/// What all have in common.
fn common(all: &[BTreeSet<FactId>]) -> BTreeSet<FactId> {
    let mut all = all.iter();
    let first = all.next().cloned().unwrap_or_default();
    all.fold(first, |common, facts| &common & facts)
}
