//! Which answers count: whether the question of a fact makes sense for this patient, and which answers contradict each other.
//!
//! Everything is judged on the record as it was given, by the answers that are valid on the day. Whatever contradicts another is then not
//! known, all of it at once, and what rests on that is looked at anew. So the order in which a dictionary declares its conditions makes no
//! difference.

use crate::lang::FactId;
use crate::logic::{Evaluation, Tri, Value};
use crate::patient::cell::Cell;
use crate::patient::known::Known;
use crate::protocol::conditions::{Asked, Conditions, Lowered};

/// How a fact stands to its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is what was answered.
    #[default]
    AsAnswered,
    /// Its question makes no sense: it is what the dictionary says.
    NotApplicable,
    /// Whether its question makes sense is not known, and so neither is the fact.
    Unclear,
    /// Its answer contradicts another.
    Contradicted,
}

/// What was found out about the answers of a patient.
#[derive(Clone, Debug, Default)]
pub(crate) struct Applicability {
    /// How each fact stands to its answer.
    pub(crate) standing: Vec<Standing>,
    /// The contradictions that hold, by their places among the conditions.
    pub(crate) contradictions: Vec<usize>,
    /// The questions that make no sense and are answered all the same, by their places among the conditions.
    pub(crate) out_of_place: Vec<usize>,
    /// What was answered.
    pub(crate) given: Vec<Value>,
    /// What followed from that, before anything was taken away.
    pub(crate) concluded: Vec<Value>,
    /// What the conditions come to.
    pub(crate) evaluation: Evaluation,
}

impl Applicability {
    pub(super) fn of(conditions: &Conditions, facts: usize) -> Applicability {
        Applicability {
            standing: vec![Standing::AsAnswered; facts],
            evaluation: Evaluation::blank(&conditions.program),
            ..Applicability::default()
        }
    }

    /// How a fact stands to its answer.
    pub(crate) fn standing(&self, fact: FactId) -> Standing {
        self.standing.get(usize::from(fact.0)).copied().unwrap_or_default()
    }

    /// Whether answers contradict each other.
    pub(crate) fn has_contradictions(&self) -> bool {
        !(self.contradictions.is_empty() && self.out_of_place.is_empty())
    }
}

impl Known {
    /// Makes of what was answered what is known.
    pub(super) fn settle(&mut self, conditions: &Conditions) {
        let mut found = std::mem::take(&mut self.applicability);
        found.standing.fill(Standing::AsAnswered);
        found.contradictions.clear();
        found.out_of_place.clear();
        found.given.clone_from(&self.facts);
        for (at, one) in conditions.contradictions.iter().enumerate() {
            if self.truth(conditions, &one.when, &mut found.evaluation).is_true() {
                found.contradictions.push(at);
            }
        }
        self.apply(conditions, &mut found, true);
        if found.has_contradictions() {
            found.concluded.clone_from(&self.facts);
            let named = found.contradictions.iter().map(|at| &conditions.contradictions[*at].when.facts);
            let mut todo: Vec<FactId> = named.flatten().copied().collect();
            for at in &found.out_of_place {
                let asked = &conditions.asked[*at];
                todo.push(asked.fact);
                todo.extend(&asked.when.facts);
            }
            let mut contradicted = vec![false; found.standing.len()];
            while let Some(fact) = todo.pop() {
                let slot = usize::from(fact.0);
                if std::mem::replace(&mut contradicted[slot], true) {
                    continue;
                }
                // What is only concluded from another answer is as doubtful as that.
                if found.standing[slot] == Standing::NotApplicable
                    && let Some(asked) = conditions.asked_when(fact)
                {
                    todo.extend(&asked.when.facts);
                }
            }
            self.facts.clone_from(&found.given);
            found.standing.fill(Standing::AsAnswered);
            for slot in (0..contradicted.len()).filter(|slot| contradicted[*slot]) {
                found.standing[slot] = Standing::Contradicted;
                self.set(slot, Value::Unknown);
            }
            self.apply(conditions, &mut found, false);
        }
        self.applicability = found;
    }

    /// Looks at every question that may make no sense. `judge`: what is answered in vain is noted.
    fn apply(&mut self, conditions: &Conditions, found: &mut Applicability, judge: bool) {
        for (at, Asked { fact, when, otherwise }) in conditions.asked.iter().enumerate() {
            let slot = usize::from(fact.0);
            if found.standing[slot] == Standing::Contradicted {
                continue;
            }
            match self.truth(conditions, when, &mut found.evaluation) {
                Tri::True => {}
                Tri::Unknown => {
                    found.standing[slot] = Standing::Unclear;
                    self.set(slot, Value::Unknown);
                }
                Tri::False if judge && self.facts[slot] != Value::Unknown && self.facts[slot] != *otherwise => {
                    found.out_of_place.push(at);
                    self.set(slot, Value::Unknown);
                }
                Tri::False => {
                    found.standing[slot] = Standing::NotApplicable;
                    self.set(slot, *otherwise);
                }
            }
        }
    }

    fn truth(&self, conditions: &Conditions, when: &Lowered, evaluation: &mut Evaluation) -> Tri {
        evaluation.refresh(&conditions.program, &self.inputs(Value::Unknown, false), &when.nodes);
        evaluation.truth(when.root)
    }

    fn set(&mut self, slot: usize, value: Value) {
        self.facts[slot] = value;
        self.cells[slot] = Cell::new(value);
    }
}
