//! A patient for whom a property does not hold: made up from what seems to violate it, and found only if the engine says so.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::cases::{Case, Cases};
use crate::date::Date;
use crate::decide::{Prepared, Request, needed};
use crate::diagnostic::Diagnostics;
use crate::diff::made_up::{Patient, value};
use crate::diff::search::Answers;
use crate::diff::search::values::Values;
use crate::lang::{Expr, FactId};
use crate::logic::value::Value;
use crate::logic::{Number, Tri};
use crate::patient::{Record, read_for};
use crate::protocol::Protocol;
use crate::protocol::file::FactType;
use crate::protocol::model::{OfAnswer, Property};
use crate::prove::attempt::Hint;
use crate::prove::judge::judge;
use crate::prove::{Counterexample, set_to};
use crate::trace::Depth;

/// The most patients about whom the engine is asked for one property: a count and not a time, so that the same file is told the same
/// everywhere.
const MOST: usize = 2_000;

/// How many of them are those who were never treated, at most.
const MOST_UNTREATED: usize = 1_000;

/// How many are left for those who have been treated.
const MOST_TREATED: usize = 500;

/// Looks for patients, of all properties of a protocol.
pub(super) struct Hunt<'p> {
    protocol: &'p Protocol,
    model: &'p Protocol,
    values: Values<'p>,
    ready: Vec<Ready>,
    left: usize,
    /// The patients of the protocol's cases, those first who were never treated.
    cases: Vec<Patient>,
}

/// The protocol on a day, with parameters set, and somebody whom it treats, or as near to that as one answer after the other leads.
struct Ready {
    parameters: BTreeMap<usize, Value>,
    prepared: Prepared,
    somebody: Option<Patient>,
}

/// How near a patient is to violating a property: the greater, the nearer.
type Standing = (u8, Reverse<usize>, Reverse<usize>);

impl<'p> Hunt<'p> {
    pub(super) fn new(protocol: &'p Protocol, model: &'p Protocol) -> Hunt<'p> {
        let of_case = |case: Case| {
            let patient = Patient::of(&case.record, &protocol.dictionary, case.request.as_of);
            case.request.set.is_empty().then_some(patient)
        };
        let mut cases: Vec<Patient> = Cases::readable(protocol).filter_map(of_case).collect();
        cases.sort_by_key(|patient| patient.sessions.as_ref().is_none_or(|sessions| !sessions.is_empty()));
        Hunt { protocol, model, values: Values::of([model, model], &[]), ready: Vec::new(), left: 0, cases }
    }

    /// A patient for whom it does not hold. None if none was found, which says nothing about whether there is one.
    pub(super) fn find(&mut self, property: &Property, hints: &[Hint]) -> Option<Counterexample> {
        self.left = MOST;
        let mut hinted = Vec::new();
        for hint in hints {
            let at = self.on(hint.today, &hint.parameters);
            hinted.push((at, self.like(&self.somebody(at), hint), hint));
        }
        // Who violates it at once, by any hint, before one of them uses up what may be tried: a hint may be of nobody who can exist.
        for (at, patient, _) in &hinted {
            if let Some(found) = self.if_violated(property, *at, patient) {
                return Some(found);
            }
        }
        for (at, patient, hint) in hinted {
            if self.left < MOST - MOST_UNTREATED {
                break;
            }
            if let Some(found) = self.led_to(property, at, patient, hint.facts.keys().copied().collect()) {
                return Some(found);
            }
        }
        let today = hints.first().map_or_else(crate::check::regions::today, |hint| hint.today);
        let at = self.on(today, &BTreeMap::new());
        let somebody = self.somebody(at);
        let lately = self.lately(at, &somebody);
        let mut starts = vec![somebody.clone()];
        starts.extend(hints.first().map(|hint| self.like(&somebody, hint)));
        starts.extend(hints.first().map(|hint| self.like(&lately, hint)));
        starts.push(lately);
        // Every answer to what the property reads, two together; and patients who have been treated.
        let answers = self.near(property, today);
        let histories = self.values.histories(today, &somebody);
        for start in &starts {
            for patient in in_pairs(start, &answers) {
                if self.left <= MOST_TREATED {
                    break;
                }
                if let Some(found) = self.if_violated(property, at, &patient) {
                    return Some(found);
                }
            }
        }
        let treated = histories.into_iter().flat_map(|sessions| {
            starts.iter().map(move |start| Patient { sessions: sessions.clone(), cover: None, ..start.clone() })
        });
        for patient in treated.collect::<Vec<_>>() {
            if let Some(found) = self.if_violated(property, at, &patient) {
                return Some(found);
            }
        }
        None
    }

    /// The answers to what a property reads, and to what decides about the settings that it names. Of a number also those that it is
    /// compared with, be it as a part of a sum.
    fn near(&mut self, property: &Property, day: Date) -> Answers {
        let program = &self.model.program;
        let mut roots = vec![property.root];
        for (slot, what) in &self.protocol.properties.of_answer {
            let is_named = program.under([property.root]).any(|id| program.node(id).expr == Expr::Fact(*slot));
            if let (OfAnswer::Setting(at), true) = (what, is_named) {
                roots.extend(needed::roots_of(self.model, *at));
            }
        }
        let (mut facts, mut numbers) = (BTreeSet::new(), BTreeSet::new());
        for id in program.under(roots) {
            match program.node(id).expr {
                Expr::Fact(fact) | Expr::Age(fact) if !self.is_of_answer(fact) => drop(facts.insert(fact)),
                Expr::Literal(Value::Number(number, _)) => numbers.extend([-1, 0, 1].map(|by| number.plus(by.into()))),
                _ => {}
            }
        }
        // What a setting is repeated for.
        let each = self.protocol.settings.iter().filter_map(|setting| setting.each.as_ref());
        facts.extend(each.map(|(_, set)| *set));
        let mut answers = self.answers(day);
        answers.retain(|name, _| facts.iter().any(|fact| self.model.fact(*fact).name == *name));
        for fact in facts.iter().map(|fact| self.model.fact(*fact)) {
            let Some((least, greatest)) = fact.answer.range else { continue };
            let permitted = numbers.iter().flatten().filter(|number| {
                Number::from(least) <= **number && **number <= Number::from(greatest) && number.is_whole()
            });
            let more = permitted.filter_map(|number| value(Value::number(*number), &fact.answer, &program.texts));
            let all = answers.entry(fact.name.clone()).or_default();
            for one in more.map(Some) {
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        }
        answers
    }

    fn is_of_answer(&self, fact: FactId) -> bool {
        self.protocol.properties.of_answer.iter().any(|(slot, _)| *slot == fact)
    }

    /// The answers that are tried on a day.
    fn answers(&mut self, day: Date) -> Answers {
        let all = self.values.at(day);
        let places = self.protocol.properties.of_answer.iter().map(|(slot, _)| &self.model.fact(*slot).name);
        let names: Vec<&String> = places.collect();
        // A fact may have the name of something that an answer says; then that is what the name stands for.
        all.iter().filter(|(name, _)| !names.contains(name)).map(|(name, all)| (name.clone(), all.clone())).collect()
    }

    /// The protocol on a day with parameters set, by its place.
    fn on(&mut self, day: Date, parameters: &BTreeMap<usize, Value>) -> usize {
        let is_it = |one: &Ready| one.prepared.as_of() == day && one.parameters == *parameters;
        let at = self.ready.iter().position(is_it).unwrap_or_else(|| {
            let mut request = Request::new(day).explain(Depth::Verdict);
            request.set.extend(parameters.iter().map(|(at, value)| (*at, *value)));
            let prepared = self.model.ready(&request);
            self.ready.push(Ready { parameters: parameters.clone(), prepared, somebody: None });
            self.ready.len() - 1
        });
        if self.ready[at].somebody.is_none() {
            let somebody = self.somebody_treated(at, day);
            self.ready[at].somebody = Some(somebody);
        }
        at
    }

    fn somebody(&self, at: usize) -> Patient {
        let ready = &self.ready[at];
        ready.somebody.clone().unwrap_or_else(|| Patient::unknown(ready.prepared.as_of()))
    }

    /// The patient with the answers of a hint.
    fn like(&self, patient: &Patient, hint: &Hint) -> Patient {
        let facts = hint.facts.iter().filter(|(fact, _)| !self.is_of_answer(**fact));
        facts.fold(patient.clone(), |patient, (fact, told)| {
            let fact = self.model.fact(*fact);
            let written = value(*told, &fact.answer, &self.model.program.texts);
            patient.with(&fact.name, written.as_ref())
        })
    }

    fn record(&self, at: usize, patient: &Patient) -> Option<Record> {
        let (text, mut found) = (patient.record(), Diagnostics::default());
        let (dictionary, day) = (&*self.model.dictionary, self.ready[at].prepared.as_of());
        let record = read_for(&text.source, text.notation, &[dictionary], day, &mut found).pop();
        record.filter(|_| !found.has_errors())
    }

    /// Somebody who is treated, or as near to that as one answer after the other leads.
    fn somebody_treated(&mut self, at: usize, day: Date) -> Patient {
        let standing = |hunt: &Hunt<'_>, patient: &Patient| {
            let answer = hunt.record(at, patient).and_then(|record| hunt.ready[at].prepared.recommend(&record).ok());
            answer.map(|answer| {
                (answer.status.is_treat(), Reverse(answer.reasons.len()), Reverse(answer.questions.len()))
            })
        };
        let mut best = Patient::unknown(day);
        let mut its = standing(self, &best);
        // What was told to somebody of a case is told on this day: what has happened lies farther back, or nearer.
        for patient in &self.cases {
            let patient = Patient { as_of: day, ..patient.clone() };
            let others = standing(self, &patient);
            if others > its {
                (best, its) = (patient, others);
            }
            if its.is_some_and(|its| its.0) {
                return best;
            }
        }
        let answers = self.answers(day);
        // What one answer makes possible may need another: three rounds are enough for questions that make other questions sensible.
        for _ in 0..3 {
            let before = its;
            for (fact, value) in answers.iter().flat_map(|(fact, all)| all.iter().map(move |value| (fact, value))) {
                let other = best.with(fact, value.as_ref());
                let others = standing(self, &other);
                if others > its {
                    (best, its) = (other, others);
                }
            }
            if its == before {
                break;
            }
        }
        best
    }

    /// The same patient, of whom all that has happened did so as lately as leaves him treated, or never: nobody can be younger than what
    /// happened to him.
    fn lately(&mut self, at: usize, patient: &Patient) -> Patient {
        let model = self.model;
        let births = model.program.nodes.iter().filter_map(|node| match node.expr {
            Expr::Age(fact) => Some(fact),
            _ => None,
        });
        let births: BTreeSet<FactId> = births.collect();
        let answers = self.answers(patient.as_of);
        let is_treated = |hunt: &Hunt<'_>, patient: &Patient| {
            let record = hunt.record(at, patient);
            let answer = record.and_then(|record| hunt.ready[at].prepared.recommend(&record).ok());
            answer.is_some_and(|answer| answer.status.is_treat())
        };
        let mut best = patient.clone();
        for id in (0..model.facts.len()).map(|at| FactId(crate::narrow::u16(at))).filter(|id| !births.contains(id)) {
            let fact = model.fact(id);
            if fact.answer.declared != FactType::Date || !best.facts.contains_key(&fact.name) {
                continue;
            }
            // In the order of the days, "never" after the last.
            let values = answers.get(&fact.name).into_iter().flatten().rev().flatten();
            let later = values.map(|value| best.with(&fact.name, Some(value))).find(|other| is_treated(self, other));
            best = later.unwrap_or(best);
        }
        best
    }

    /// From a patient to one who violates the property, by one answer after the other to what is not given.
    fn led_to(&mut self, property: &Property, at: usize, start: Patient, given: Vec<FactId>) -> Option<Counterexample> {
        let mut patient = start;
        let mut its = self.standing(property, at, &patient)?;
        if its.0 == 2 {
            return self.if_violated(property, at, &patient);
        }
        let names: Vec<String> = given.iter().map(|fact| self.model.fact(*fact).name.clone()).collect();
        let answers = self.answers(patient.as_of);
        for _ in 0..2 {
            let before = its;
            for (fact, all) in answers.iter().filter(|(fact, _)| !names.contains(fact)) {
                for value in all {
                    let other = patient.with(fact, value.as_ref());
                    let Some(others) = self.standing(property, at, &other) else { continue };
                    if others.0 == 2 {
                        return self.if_violated(property, at, &other);
                    }
                    if others > its {
                        (patient, its) = (other, others);
                    }
                }
            }
            if its == before {
                break;
            }
        }
        None
    }

    fn standing(&mut self, property: &Property, at: usize, patient: &Patient) -> Option<Standing> {
        self.left = self.left.checked_sub(1)?;
        let record = self.record(at, patient)?;
        let prepared = &self.ready[at].prepared;
        let answer = prepared.recommend(&record).ok()?;
        let truth = match judge(prepared, &self.protocol.properties, property, &record).1 {
            Tri::False => 2,
            Tri::Unknown => 1,
            Tri::True => 0,
        };
        Some((truth, Reverse(answer.reasons.len()), Reverse(answer.questions.len())))
    }

    /// The patient as a counterexample, if the protocol as it is in the file gives him the answer that violates the property.
    fn if_violated(&mut self, property: &Property, at: usize, patient: &Patient) -> Option<Counterexample> {
        self.left = self.left.checked_sub(1)?;
        let record = self.record(at, patient)?;
        let ready = &self.ready[at];
        let (decision, truth) = judge(&ready.prepared, &self.protocol.properties, property, &record);
        let asked = self.protocol.ready(&ready.prepared.request);
        let text = patient.text("counterexample");
        let source = crate::diagnostic::SourceFile::new("counterexample.json", &text);
        let mut found = Diagnostics::default();
        let notation = crate::document::Notation::Json;
        let read = read_for(&source, notation, &[&*self.protocol.dictionary], patient.as_of, &mut found).pop()?;
        let answer = asked.recommend(&read).ok()?;
        let is_so = truth.is_false() && answer.status == decision.status && !found.has_errors();
        is_so.then(|| Counterexample {
            as_of: patient.as_of,
            status: answer.status,
            not_before: answer.not_before,
            set: ready.parameters.iter().filter_map(|(at, value)| set_to(self.protocol, *at, *value)).collect(),
            record: text,
        })
    }
}

/// The patient with another answer, then with two others.
fn in_pairs<'a>(patient: &'a Patient, answers: &'a Answers) -> impl Iterator<Item = Patient> + 'a {
    let each = || answers.iter().flat_map(|(fact, all)| all.iter().map(move |value| (fact, value)));
    let one = each().map(|(fact, value)| patient.with(fact, value.as_ref()));
    let two = each().flat_map(move |(fact, value)| {
        let others = each().filter(move |(other, _)| *other > fact);
        others.map(move |(other, its)| patient.with(fact, value.as_ref()).with(other, its.as_ref()))
    });
    one.chain(two)
}
