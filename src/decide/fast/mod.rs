//! Many patients, one after the other: the decision without the reasons, as fast as it can be made.

mod conditions;
mod tables;

use crate::date::DateRange;
use crate::decide::first_day::days;
use crate::decide::needed::Needed;
use crate::decide::no_result::NoResult;
use crate::decide::prepared::{Prepared, RestsOn};
use crate::decide::{Answers, Decision, Standing, decide, ends_today, sessions_done};
use crate::lang::{ExprId, FactId};
use crate::logic::{Evaluation, Tri, Value};
use crate::patient::known::{Filler, Known};
use crate::patient::{Slots, Vocabulary};
use crate::protocol::Protocol;
use crate::recommendation::Status;
use crate::worlds::{Detail, Schedule};
use conditions::{Fast, Patient};
use tables::Quick;

/// Decides patients by one protocol on one day, as fast as it can.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../../tests/fixtures/tiny.toml"))?;
/// use regimen::{Decider, LineReader, Request, Slots, Status, Vocabulary};
/// let prepared = clinic.protocols[0].prepare(&Request::new("2026-03-02".parse()?))?;
/// let vocabulary = Vocabulary::new(&clinic.protocols);
/// let mut reader = LineReader::new(&clinic.dictionary, &vocabulary, "2026-03-02".parse()?);
/// let mut decider = Decider::new(&prepared, &vocabulary);
/// let mut slots = Slots::new(&clinic.dictionary);
/// let line = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#;
/// reader.scan(line, &mut slots).expect("a record as it should be");
/// assert_eq!(decider.decide(&slots).status, Status::Contraindicated);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decider<'p> {
    prepared: &'p Prepared,
    rules: &'p Rules,
    filler: Filler,
    /// What is known of the patient in hand.
    known: Known,
    evaluation: Evaluation,
    /// For each needed setting that is quick, what the evaluator says of the patient in hand, where it has to be asked.
    settings: Vec<Vec<Tri>>,
    /// What was computed of the patient in hand, as the protocol says, and with what it assumes left open.
    computed: [Computed; 2],
}

/// The rules and settings of a protocol made quick for a day. It takes longer than many patients do, so that it is done once for a
/// [`Prepared`], however many decide by it.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    fast: Fast,
    /// The needed settings, where they are quick.
    quick: Option<Vec<Quick>>,
    /// Whether the course or anything else has to be computed.
    needs_sessions: bool,
    /// For each rule that defers, its first permitted day and what that rests on.
    days: Vec<Option<(ExprId, RestsOn)>>,
    /// The calculations that may have no result.
    no_result: NoResult,
    /// The facts that are read as values.
    valued: Vec<FactId>,
}

impl Rules {
    fn new(prepared: &Prepared) -> Rules {
        let protocol = &prepared.protocol;
        let fast = Fast::new(prepared);
        let rests_on = |day: ExprId| (day, RestsOn::of(&protocol.program, [day]));
        let day = |rule: &crate::protocol::model::Rule| {
            rule.not_before().filter(|_| rule.action.leads_to() == Some(Status::Deferred)).map(rests_on)
        };
        let no_result = NoResult::of(prepared);
        let ask_for_sessions = prepared.every_day.needed.ask_for_sessions || no_result.ask_for_sessions;
        Rules {
            quick: Quick::of(prepared),
            needs_sessions: !protocol.courses.is_empty() || fast.computes() || ask_for_sessions,
            days: protocol.rules.iter().map(day).collect(),
            valued: prepared.every_day.courses.facts.iter().chain(&fast.rests_on.facts).copied().collect(),
            fast,
            no_result,
        }
    }
}

/// What was computed of a patient.
#[derive(Clone, Debug)]
struct Computed {
    course: Standing,
    sessions_done: Value,
    /// What the evaluator says of the conditions that only it can decide.
    truths: Vec<Tri>,
}

impl<'p> Decider<'p> {
    /// A decider of patients whose slots are written with a vocabulary.
    #[must_use]
    pub fn new(prepared: &'p Prepared, vocabulary: &Vocabulary) -> Decider<'p> {
        let protocol = &prepared.protocol;
        let rules = prepared.quick.get_or_init(|| Rules::new(prepared));
        let nothing = Computed {
            course: Standing::from(&Schedule::default()),
            sessions_done: Value::Unknown,
            truths: rules.fast.nothing_computed(),
        };
        Decider {
            prepared,
            rules,
            filler: Filler::new(protocol, vocabulary, prepared.as_of()).only(&rules.valued, rules.needs_sessions),
            known: Known::nothing(protocol, &prepared.parameters, prepared.as_of()),
            evaluation: prepared.constants.clone(),
            settings: rules.quick.iter().flatten().map(|setting| setting.rows.nothing_computed()).collect(),
            computed: [nothing.clone(), nothing],
        }
    }

    /// Decides about a patient, as known on the day for which the protocol is ready.
    ///
    /// # Panics
    /// When the slots were read for another day: they may tell of what has not happened yet. Or when they are those of another dictionary,
    /// and say something else than what is asked.
    pub fn decide(&mut self, slots: &Slots) -> Decision {
        assert!(slots.are_of(&self.prepared.protocol.dictionary), "the slots are those of the protocol's dictionary");
        assert_eq!(slots.as_of(), Some(self.prepared.as_of()), "the slots were read for the day of the decision");
        self.filler.fill(slots, &mut self.known);
        let (mut decision, mut held_back) = decide(self.prepared, self);
        if decision.last_first_day().is_some() && self.prepared.may_turn() {
            let all: Vec<FactId> = (0..self.known.cells.len()).map(|at| FactId(crate::narrow::u16(at))).collect();
            value(&mut self.known, &self.prepared.protocol, &all);
            self.prepared.look_again(&self.known, &mut decision, &mut held_back);
        }
        decision
    }

    /// The facts that must be asked again on the first permitted day of the patient who was decided last: their answers are too old by then,
    /// and a rule or the course could change by them.
    /// The day to come may be one of several; it is the latest that is told.
    pub fn to_be_confirmed(&self, slots: &Slots, decision: &Decision) -> impl Iterator<Item = &'p str> {
        let sessions_done = self.computed[0].sessions_done;
        let expiring = self.prepared.expiring(slots, &self.known, sessions_done, decision.first_day());
        let protocol = &self.prepared.protocol;
        expiring.into_iter().map(|(fact, _)| protocol.fact(fact).name.as_str())
    }

    /// Whether a rule of the protocol, by its place, fires for the patient who was decided last: an indication that fails, a deferral
    /// that is not over, any other rule whose condition holds.
    #[must_use]
    pub fn rule(&self, rule: usize) -> Tri {
        self.fires(rule, false)
    }

    /// The truth of every condition that the rules are made of, for the patient who was decided last: the steps of the decision as data.
    pub fn conditions(&self) -> impl Iterator<Item = Tri> {
        self.rules.fast.conditions(self.patient(false))
    }

    /// Whether something may have no result for the patient who was decided last, although all that it is made of is known.
    pub(crate) fn may_have_no_result(&mut self) -> bool {
        let (prepared, no_result) = (self.prepared, &self.rules.no_result);
        if no_result.is_none() {
            return false;
        }
        value(&mut self.known, &prepared.protocol, &no_result.rests_on.facts);
        let inputs = self.known.inputs(self.computed[0].sessions_done, false);
        self.evaluation.refresh(&prepared.protocol.program, &inputs, &no_result.rests_on.nodes);
        no_result.is_found(prepared, &self.evaluation, &inputs)
    }

    /// Whether answers of the patient who was decided last contradict each other.
    #[must_use]
    pub fn found_contradictions(&self) -> bool {
        self.known.has_contradictions()
    }

    /// How the needed settings stand; none where that takes whole tables.
    fn quickly(&mut self, open: bool) -> Option<Needed> {
        let mut needed = Needed::HAVE_VALUES;
        for (at, setting) in self.rules.quick.as_ref()?.iter().enumerate() {
            if setting.rows.computes() {
                value(&mut self.known, &self.prepared.protocol, &setting.rows.rests_on.facts);
                let inputs = self.known.inputs(self.computed[usize::from(open)].sessions_done, open);
                setting.rows.compute(self.prepared, &inputs, &mut self.evaluation, &mut self.settings[at]);
            }
            let patient = Patient { computed: &self.settings[at], ..self.patient(open) };
            let has_value = setting.has_value(patient, |rule| self.fires(rule, open))?;
            needed.add(has_value, (!has_value).into());
        }
        Some(needed)
    }

    fn patient(&self, open: bool) -> Patient<'_> {
        Patient { cells: &self.known.cells, computed: &self.computed[usize::from(open)].truths, open }
    }
}

impl Answers for Decider<'_> {
    fn assume(&self) -> bool {
        self.prepared.every_day.courses_assume
            || self.rules.fast.assumes_anything()
            || self.prepared.every_day.needed.assume
            || self.prepared.supposes_entries(&self.known)
    }

    fn course(&mut self, open: bool) -> Standing {
        let assumed = (self.computed[0].course, self.computed[0].sessions_done);
        let computed = &mut self.computed[usize::from(open)];
        if open && !self.prepared.every_day.courses_assume && !self.prepared.supposes_entries(&self.known) {
            // Where nothing is assumed in the course, it stands the same with nothing assumed.
            (computed.course, computed.sessions_done) = assumed;
        } else if self.rules.needs_sessions {
            let schedule = self.prepared.schedule(&self.known, &mut self.evaluation, open, Detail::Decision);
            computed.course = Standing::from(&schedule);
            computed.sessions_done = sessions_done(&self.known, &schedule);
        }
        if self.rules.fast.computes() {
            let inputs = self.known.inputs(computed.sessions_done, open);
            self.rules.fast.compute(self.prepared, &inputs, &mut self.evaluation, &mut computed.truths);
        }
        let mut course = computed.course;
        let prepared = self.prepared;
        for (at, rule) in prepared.protocol.rules.iter().enumerate() {
            if course.overdue.is_false() {
                break;
            }
            let over = self.over(at, open);
            let holds = || rule.when.map_or(Tri::True, |_| self.rules.fast.holds(at, self.patient(open)));
            course.overdue = course.overdue.and(!ends_today(rule, holds, || over, prepared.as_of()));
        }
        course
    }

    fn fires(&self, rule: usize, open: bool) -> Tri {
        // Where a rule assumes nothing, it says the same with nothing assumed.
        let patient =
            self.patient(open && (self.rules.fast.assumes(rule) || self.prepared.supposes_entries(&self.known)));
        let (holds, waits) = (|_| self.rules.fast.holds(rule, patient), |_| self.rules.fast.waits(rule, patient));
        self.prepared.protocol.rules[rule].fires(holds, waits)
    }

    fn needed_settings(&mut self, open: bool) -> Needed {
        let prepared = self.prepared;
        if let Some(needed) = self.quickly(open) {
            return needed;
        }
        value(&mut self.known, &prepared.protocol, &prepared.every_day.needed.rests_on.facts);
        let mut evaluation = std::mem::take(&mut self.evaluation);
        let inputs = self.known.inputs(self.computed[usize::from(open)].sessions_done, open);
        evaluation.refresh(&prepared.protocol.program, &inputs, &prepared.every_day.needed.rests_on.nodes);
        let needed = prepared.needed_settings(&self.known, (&evaluation, &inputs), |rule| self.fires(rule, open));
        self.evaluation = evaluation;
        needed
    }

    fn over(&mut self, rule: usize, open: bool) -> Option<DateRange> {
        let (day, rests_on) = self.rules.days[rule].as_ref()?;
        let protocol = &self.prepared.protocol;
        value(&mut self.known, protocol, &rests_on.facts);
        let inputs = self.known.inputs(self.computed[usize::from(open)].sessions_done, open);
        self.evaluation.refresh(&protocol.program, &inputs, &rests_on.nodes);
        days(self.evaluation.value(*day))
    }
}

/// Has the evaluator read some facts of the patient in hand.
fn value(known: &mut Known, protocol: &Protocol, facts: &[FactId]) {
    for fact in facts {
        let slot = usize::from(fact.0);
        known.facts[slot] = known.cells[slot].value(&protocol.fact(*fact).answer.ty);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clinic, Request};

    #[test]
    fn deciders_share_what_no_patient_changes() {
        let text = include_str!("../../../tests/fixtures/tiny.toml");
        let (clinic, _) = Clinic::from_text("tiny.toml", text).expect("a protocol");
        let day = "2026-03-02".parse().expect("a day");
        let prepared = clinic.protocols[0].prepare(&Request::new(day)).expect("in force");
        let vocabulary = Vocabulary::new(&clinic.protocols);
        let deciders = [(); 2].map(|()| Decider::new(&prepared, &vocabulary));
        assert!(std::ptr::eq(deciders[0].rules, deciders[1].rules));
    }
}
