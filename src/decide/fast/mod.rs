//! Many patients, one after the other: the decision without the reasons, as fast as it can be made.

mod conditions;

use crate::date::Date;
use crate::decide::fast::conditions::{Case, Fast};
use crate::decide::first_day::{FirstDay, Waits, days};
use crate::decide::prepared::{Prepared, RestsOn};
use crate::decide::status;
use crate::decide::status::{LeadsTo, Statuses};
use crate::lang::{ExprId, FactId, Type};
use crate::logic::Evaluation;
use crate::logic::Tri;
use crate::logic::value::{TextId, Value};
use crate::patient::cell::Cell;
use crate::patient::known::{Known, Recorded, done_by, separations};
use crate::patient::unlisted::OWN;
use crate::patient::{Fresh, last_session};
use crate::patient::{Slots, Vocabulary};
use crate::protocol::dictionary::Validity;
use crate::recommendation::Status;
use crate::worlds::Detail;

/// What is decided about a patient: what a [`Recommendation`](crate::Recommendation) says, without its reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What to do.
    pub status: Status,
    /// When deferred: the first permitted day, if nothing that is open can move it.
    pub not_before: Option<Date>,
    /// When deferred, but something has no day, or may move it: no sooner than this day.
    pub no_sooner_than: Option<Date>,
    /// The latest that the first permitted day may then come to, if that can be said.
    pub no_later_than: Option<Date>,
    /// What the status could become when what is unknown is answered, and what is assumed is asked.
    pub could_become: Statuses,
}

/// Decides patients by one protocol on one day, as fast as it can.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// use regimen::patient::{Reader, Slots, Vocabulary};
/// use regimen::{Decider, Request, Status};
/// let prepared = clinic.protocols[0].prepare(&Request::new("2026-03-02".parse()?));
/// let vocabulary = Vocabulary::new(&clinic.protocols);
/// let mut reader = Reader::new(&clinic.dictionary, &vocabulary, "2026-03-02".parse()?);
/// let mut decider = Decider::new(&prepared, &vocabulary);
/// let mut chart = Slots::new(&clinic.dictionary);
/// let line = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#;
/// reader.scan(line, &mut chart).expect("a record as it should be");
/// assert_eq!(decider.decide(&chart).status, Status::Contraindicated);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decider<'p> {
    prepared: &'p Prepared<'p>,
    fast: Fast,
    /// For each fact of the protocol, its place in a chart.
    facts: Vec<usize>,
    /// Those that are texts, of which the chart has another number than the protocol.
    texts: Vec<usize>,
    /// Those whose answers may be used until the next session.
    until_session: Vec<usize>,
    words: Words,
    /// The rules that lead to a status, in the order in which the statuses win.
    deciding: Vec<(Status, Vec<usize>)>,
    /// The facts whose values are computed with.
    valued: Vec<FactId>,
    /// Whether the course or anything else has to be computed.
    needs_sessions: bool,
    /// As the protocol says; and with what is assumed left open, where anything is.
    cases: [Option<Case>; 2],
    /// What is known of the patient in hand, as far as it has to be computed with.
    known: Known,
    evaluation: Evaluation,
    /// The deferrals, by the places of their rules, each with its first permitted day and what that rests on.
    deferrals: Vec<(usize, Option<(ExprId, RestsOn)>)>,
}

/// What the texts of a chart mean to the protocol, by their numbers in the vocabulary.
#[derive(Clone, Debug)]
struct Words {
    texts: Vec<TextId>,
    /// Whether it is the protocol's treatment.
    own: Vec<bool>,
    /// The separations that it is the other treatment of.
    separations: Vec<Vec<usize>>,
    /// The program's lists that it belongs to.
    lists: Vec<Vec<usize>>,
    /// The numbers of the treatments whose sessions make a difference.
    treatments: Vec<TextId>,
}

/// Where a course stands, as far as the decision wants to know.
#[derive(Clone, Copy, Debug)]
struct Standing {
    leads_to: LeadsTo,
    overdue: Tri,
    waits: Waits,
    sessions_done: Value,
}

impl<'p> Decider<'p> {
    /// A decider of patients whose charts are written with a vocabulary.
    #[must_use]
    pub fn new(prepared: &'p Prepared<'p>, vocabulary: &Vocabulary) -> Decider<'p> {
        let protocol = prepared.protocol;
        let fast = Fast::new(prepared);
        let facts = || protocol.facts.iter().map(|at| &protocol.dictionary.facts[*at]).enumerate();
        let mut deciding: Vec<(Status, Vec<usize>)> = Vec::new();
        for status in Status::ALL {
            let rules = protocol.rules.iter().enumerate();
            let rules = rules.filter(|(_, rule)| rule.action.leads_to() == Some(status)).map(|(at, _)| at);
            deciding.push((status, rules.collect()));
        }
        deciding.retain(|(_, rules)| !rules.is_empty());
        let deferrals = protocol.rules.iter().enumerate();
        let deferrals = deferrals.filter(|(_, rule)| rule.action.leads_to() == Some(Status::Deferred));
        let rests_on = |day: ExprId| (day, RestsOn::of(&protocol.program, &prepared.constant, [day]));
        let deferrals = deferrals.map(|(at, rule)| (at, rule.not_before().map(rests_on))).collect();
        let mut valued: Vec<FactId> = prepared.courses.facts.iter().chain(&fast.rests_on.facts).copied().collect();
        valued.sort_unstable();
        valued.dedup();
        let case = |open| Case::new(protocol.facts.len(), &fast, open);
        let assumes = prepared.courses_assume || (0..protocol.rules.len()).any(|rule| fast.assumes(rule));
        Decider {
            prepared,
            facts: protocol.facts.clone(),
            texts: facts().filter(|(_, fact)| fact.answer.ty == Type::Text).map(|(slot, _)| slot).collect(),
            until_session: facts()
                .filter(|(_, fact)| fact.valid_for == Validity::Session)
                .map(|(slot, _)| slot)
                .collect(),
            words: Words::new(prepared, vocabulary),
            deciding,
            valued,
            needs_sessions: !protocol.courses.is_empty() || fast.computes(),
            cases: [Some(case(false)), assumes.then(|| case(true))],
            known: Known::nothing(protocol, &prepared.parameters, prepared.request.as_of),
            evaluation: prepared.constants.clone(),
            deferrals,
            fast,
        }
    }

    /// Decides about a patient, as known on the day for which the protocol is ready.
    ///
    /// # Panics
    /// When the chart was read for another day: other answers would be too old.
    pub fn decide(&mut self, chart: &Slots) -> Decision {
        assert_eq!(chart.as_of(), Some(self.prepared.request.as_of), "the chart was read for the day of the decision");
        self.fill(chart);
        let standing = self.stand(0, None);
        let leads_to = self.leads_to(0, standing);
        let status = status::status(leads_to, standing.overdue);
        let (open_to, overdue) = if self.cases[1].is_some() {
            // Where nothing is assumed in the course, it stands the same with nothing assumed.
            let open = self.stand(1, (!self.prepared.courses_assume).then_some(standing));
            (self.leads_to(1, open), open.overdue)
        } else {
            (leads_to, standing.overdue)
        };
        let could_become = status::could_become(open_to, overdue, status);
        let FirstDay { not_before, no_sooner_than, no_later_than } =
            if status == Status::Deferred { self.first_day(standing) } else { FirstDay::default() };
        Decision { status, not_before, no_sooner_than, no_later_than, could_become }
    }

    /// Takes over what is known of a patient.
    fn fill(&mut self, chart: &Slots) {
        let (case, open) = {
            let [case, open] = &mut self.cases;
            (case.as_mut(), open.as_mut())
        };
        let Some(case) = case else { return };
        chart.fill(&self.facts, &mut case.cells);
        for slot in &self.texts {
            let text = case.cells[*slot].value(&Type::Text);
            case.cells[*slot] = Cell::new(self.words.translate(text));
        }
        if !self.until_session.is_empty() {
            let today = self.prepared.request.as_of;
            let own = chart.sessions().iter().filter(|session| self.words.is_own(session.treatment));
            let last_session = last_session(own.map(|session| session.date), self.words.covers_own(chart), today);
            for slot in &self.until_session {
                let expired = |on| Fresh::AfterSession.is_expired(on, last_session);
                if chart.taken(self.facts[*slot]).is_some_and(expired) {
                    case.cells[*slot] = Cell::UNKNOWN;
                }
            }
        }
        for fact in &self.valued {
            let slot = usize::from(fact.0);
            let ty = &self.prepared.protocol.fact(*fact).answer.ty;
            self.known.facts[slot] = case.cells[slot].value(ty);
        }
        if let Some(open) = open {
            open.cells.copy_from_slice(&case.cells);
        }
        if self.needs_sessions {
            self.words.note(&mut self.known, chart);
            let treatments = &self.prepared.treatments;
            self.known.unlisted.note(treatments, |place| chart.covers().covers(&self.words.treatments[place]));
        }
    }

    /// Where the course of the patient in hand stands, and what has to be computed; of a course that stands `already`, only that.
    fn stand(&mut self, which: usize, already: Option<Standing>) -> Standing {
        let Some(case) = &mut self.cases[which] else { return Standing::NONE };
        let standing = already.unwrap_or_else(|| {
            if !self.needs_sessions {
                return Standing::NONE;
            }
            let schedule = self.prepared.schedule(&self.known, &mut self.evaluation, which == 1, Detail::Decision);
            let mut waits = Waits::NONE;
            waits.add(schedule.too_early, schedule.first_day);
            Standing {
                leads_to: schedule.leads_to(),
                overdue: schedule.overdue,
                waits,
                sessions_done: self.known.sessions_done(&schedule),
            }
        });
        if self.fast.computes() {
            self.fast.compute(self.prepared, &self.known, standing.sessions_done, &mut self.evaluation, case);
        }
        standing
    }

    /// What the rules and the course lead to. Whatever comes after a certain status does not matter; nor do other rules that lead to the same.
    fn leads_to(&self, which: usize, standing: Standing) -> LeadsTo {
        let mut leads_to = standing.leads_to;
        for (status, rules) in &self.deciding {
            for rule in rules {
                if leads_to.is_certain(*status) {
                    break;
                }
                // Where a rule assumes nothing, it says the same with nothing assumed.
                let which = if self.fast.assumes(*rule) { which } else { 0 };
                leads_to.add(*status, self.fires(*rule, which));
            }
            if leads_to.is_certain(*status) {
                break;
            }
        }
        leads_to
    }

    fn fires(&self, rule: usize, which: usize) -> Tri {
        let Some(case) = &self.cases[which] else { return Tri::Unknown };
        let [holds, waits] = self.fast.of_rule(rule, case);
        let told = |truth: Option<Tri>| move |_| truth.unwrap_or(Tri::Unknown);
        self.prepared.protocol.rules[rule].fires(told(holds), told(waits))
    }

    /// The first permitted day of a patient who is deferred.
    fn first_day(&mut self, standing: Standing) -> FirstDay {
        let protocol = self.prepared.protocol;
        let mut waits = standing.waits;
        for (at, day) in &self.deferrals {
            let fires = self.fires(*at, 0);
            // How late it may become is not said once something has no day.
            if fires.is_false() || (fires.is_unknown() && waits.has_no_last_day()) {
                continue;
            }
            let Some((day, rests_on)) = day else {
                waits.add(fires, None);
                continue;
            };
            if let Some(case) = &self.cases[0] {
                for fact in &rests_on.facts {
                    let slot = usize::from(fact.0);
                    self.known.facts[slot] = case.cells[slot].value(&protocol.fact(*fact).answer.ty);
                }
            }
            self.evaluation.refresh(
                &protocol.program,
                &self.known.inputs(standing.sessions_done, false),
                &rests_on.nodes,
            );
            waits.add(fires, days(self.evaluation.value(*day)));
        }
        waits.first_day()
    }

    /// Whether a rule of the protocol, by its place, fires for the patient who was decided last: an indication that fails, a deferral
    /// that is not over, any other rule whose condition holds.
    #[must_use]
    pub fn rule(&self, rule: usize) -> Tri {
        self.fires(rule, 0)
    }

    /// The truth of every condition that the rules are made of, for the patient who was decided last: the steps of the decision as data.
    pub fn conditions(&self) -> impl Iterator<Item = Tri> {
        self.cases[0].iter().flat_map(|case| self.fast.conditions(case))
    }
}

impl Standing {
    /// No course.
    const NONE: Standing =
        Standing { leads_to: LeadsTo::NOWHERE, overdue: Tri::False, waits: Waits::NONE, sessions_done: Value::Unknown };
}

impl Words {
    fn new(prepared: &Prepared<'_>, vocabulary: &Vocabulary) -> Words {
        let protocol = prepared.protocol;
        let texts = vocabulary.texts();
        let lists = |text: &String| {
            let lists = protocol.program.lists.iter().enumerate();
            lists.filter(|(_, list)| *list == text).map(|(at, _)| at).collect()
        };
        Words {
            texts: texts.iter().map(|text| protocol.program.texts.find(text)).collect(),
            own: texts.iter().map(|text| *text == protocol.treatment).collect(),
            separations: texts.iter().map(|text| separations(protocol, text)).collect(),
            lists: texts.iter().map(lists).collect(),
            treatments: prepared.treatments.names.iter().map(|name| vocabulary.find(name)).collect(),
        }
    }

    /// Whether a chart lists every session of the protocol's own treatment.
    fn covers_own(&self, chart: &Slots) -> bool {
        chart.covers().covers(&self.treatments[OWN])
    }

    /// A value of a chart as the protocol has it.
    fn translate(&self, value: Value) -> Value {
        value.renumbered(|id| self.texts.get(usize::from(id.0)).copied().unwrap_or(TextId::OTHER))
    }

    fn is_own(&self, treatment: TextId) -> bool {
        self.own.get(usize::from(treatment.0)).copied().unwrap_or(false)
    }

    /// Notes the sessions of a chart.
    fn note(&self, known: &mut Known, chart: &Slots) {
        let sessions = chart.sessions();
        known.given.clear();
        known.order.clear();
        known.order.extend(sessions.iter().map(|session| session.order));
        known.lists.iter_mut().for_each(Vec::clear);
        known.sessions.resize_with(sessions.len(), Vec::new);
        for (at, (session, notes)) in sessions.iter().zip(&mut known.sessions).enumerate() {
            notes.clear();
            notes.extend(session.notes.iter().map(|note| self.translate(*note)));
            done_by(notes, known.today);
            let treatment = usize::from(session.treatment.0);
            let separations = self.separations.get(treatment).cloned().unwrap_or_default();
            known.given.push(Recorded {
                date: session.date,
                own: self.is_own(session.treatment),
                faulty: session.faulty(),
                separations,
            });
            for &list in self.lists.get(treatment).into_iter().flatten() {
                known.lists[list].push(at);
            }
        }
    }
}
