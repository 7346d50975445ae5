//! Many patients at a time, or one: the decision without the reasons.

use super::decide::Case;
use super::facts::{Known, Recorded, separations};
use super::prepared::{Fresh, Prepared};
use super::reasons::last_day;
use super::schedule::{Detail, Schedule};
use super::status::{self, LeadsTo};
use crate::chart::{Chart, Vocabulary};
use crate::date::Date;
use crate::expr::cell::{Cell, key_of};
use crate::expr::circuit::{Block, WIDTH};
use crate::expr::{ExprId, FactId, Type};
use crate::protocol::Protocol;
use crate::recommendation::Status;
use crate::tri::Tri;
use crate::value::{TextId, Value};

/// What is decided about a patient: what a [`Recommendation`](crate::Recommendation) says, without its reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What to do.
    pub status: Status,
    /// When deferred: the first permitted day, if nothing but days hold it back.
    pub not_before: Option<Date>,
    /// When deferred by something without a date too: no sooner than this day.
    pub no_sooner_than: Option<Date>,
    /// What the status could become when what is unknown is answered, and what is assumed is asked.
    pub could_become: Statuses,
}

/// Some of the statuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statuses(u16);

impl Statuses {
    /// With one more.
    #[must_use]
    pub fn with(self, status: Status) -> Statuses {
        Statuses(self.0 | 1 << status as u16)
    }

    /// Whether it is one of them.
    #[must_use]
    pub fn contains(self, status: Status) -> bool {
        self.0 >> status as u16 & 1 == 1
    }

    /// As bits: bit n is the n-th of [`Status::ALL`].
    #[must_use]
    pub fn bits(self) -> usize {
        usize::from(self.0)
    }

    /// In order.
    pub fn iter(self) -> impl Iterator<Item = Status> {
        Status::ALL.into_iter().filter(move |status| self.contains(*status))
    }
}

/// Up to 64 patients who are decided together, by one protocol on one day.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// use regimen::chart::{Chart, Reader, Vocabulary};
/// use regimen::{Panel, Request, Status};
/// let prepared = clinic.protocols[0].prepare(&Request::new("2026-03-02".parse()?));
/// let vocabulary = Vocabulary::new(&clinic.protocols);
/// let mut reader = Reader::new(&clinic.dictionary, &vocabulary, "2026-03-02".parse()?);
/// let mut panel = Panel::new(&prepared, &vocabulary, 64);
/// let mut chart = Chart::new(&clinic.dictionary);
/// for line in [r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#] {
///     reader.scan(line, &mut chart).expect("a record as it should be");
///     panel.add(&chart);
/// }
/// assert_eq!(panel.decide().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Panel<'p> {
    prepared: &'p Prepared<'p>,
    slots: Vec<Slot>,
    words: Words,
    block: Block,
    case: Case,
    /// The same with what is assumed left open, where anything is.
    open: Option<Case>,
    /// What is known of each patient, as far as it has to be computed with.
    patients: Vec<Known>,
    /// Where each one's course stands; with what is assumed left open.
    courses: Vec<[Standing; 2]>,
    decisions: Vec<Decision>,
}

/// A fact of the protocol.
#[derive(Clone, Debug)]
struct Slot {
    /// Its place in the dictionary.
    fact: usize,
    ty: Type,
    /// What its cell says when nothing is known.
    unknown: Cell,
    fresh: Fresh,
    /// Whether it has happened by the as-of date.
    past: bool,
    /// Whether it is a text, of which the chart has another number than the protocol.
    is_text: bool,
    /// Whether its value is computed with.
    computed: bool,
}

/// What the texts of a chart mean to the protocol, by their numbers in the vocabulary.
#[derive(Clone, Debug)]
struct Words {
    texts: Vec<TextId>,
    /// Whether it is the protocol's treatment.
    own: Vec<bool>,
    /// The separations that it is the other treatment of.
    separations: Vec<u64>,
    /// The program's lists that it belongs to.
    lists: Vec<Vec<usize>>,
}

/// Where a course stands, as far as the decision wants to know.
#[derive(Clone, Copy, Debug)]
struct Standing {
    leads_to: LeadsTo,
    overdue: Tri,
    waits: Waits,
    sessions_done: Value,
}

/// The first permitted days of all that holds back.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waits {
    /// Whether something has no day.
    endless: bool,
    latest: Option<Date>,
}

impl Waits {
    pub(super) fn add(&mut self, day: Option<Date>) {
        self.endless |= day.is_none();
        self.latest = self.latest.max(day);
    }

    /// The first permitted day, or where there is none, the day before which it certainly is not.
    pub(super) fn days(self) -> (Option<Date>, Option<Date>) {
        if self.endless { (None, self.latest) } else { (self.latest, None) }
    }
}

impl<'p> Panel<'p> {
    /// Room for a number of patients, at most 64, whose charts are written with a vocabulary.
    #[must_use]
    pub fn new(prepared: &'p Prepared<'p>, vocabulary: &Vocabulary, width: usize) -> Panel<'p> {
        let protocol = prepared.protocol;
        let width = width.clamp(1, WIDTH);
        let slot = |(at, fact): (usize, &usize)| Slot {
            unknown: Cell::unknown(&protocol.dictionary.facts[*fact].answer.ty),
            fresh: prepared.fresh[at],
            fact: *fact,
            ty: protocol.dictionary.facts[*fact].answer.ty.clone(),
            past: protocol.dictionary.facts[*fact].past,
            is_text: protocol.dictionary.facts[*fact].answer.ty == Type::Text,
            computed: [&prepared.courses.1, &prepared.computed.1].iter().any(|all| all.contains(&FactId(at as u16))),
        };
        let slots: Vec<Slot> = protocol.facts.iter().enumerate().map(slot).collect();
        let block = Block::new(width, slots.iter().map(|slot| &slot.ty).chain([&Type::PLAIN]));
        Panel {
            prepared,
            words: Words::new(protocol, vocabulary),
            block,
            case: Case::new(prepared, false),
            open: protocol.conditions.assumes.then(|| Case::new(prepared, true)),
            patients: vec![Known::nothing(protocol, &prepared.parameters, prepared.request.as_of); width],
            courses: Vec::with_capacity(width),
            decisions: Vec::with_capacity(width),
            slots,
        }
    }

    /// Whether there is no room for another patient.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.courses.len() == self.block.width()
    }

    /// Adds a patient.
    ///
    /// # Panics
    /// When the panel is full.
    pub fn add(&mut self, chart: &Chart) {
        assert!(!self.is_full(), "a panel has room for {} patients", self.block.width());
        let lane = self.courses.len();
        let prepared = self.prepared;
        let today = i64::from(prepared.request.as_of.day());
        let own = |session: &&crate::chart::Session| self.words.is_own(session.treatment);
        let last_session = chart.sessions().iter().filter(own).map(|session| session.date.last).max();
        let known = &mut self.patients[lane];
        for (at, slot) in self.slots.iter().enumerate() {
            let (mut cell, on) = chart.get(slot.fact);
            if slot.fresh.is_expired(on, last_session) {
                cell = slot.unknown;
            } else if slot.past && !cell.is_unknown() {
                cell.high = cell.high.min(today);
            } else if slot.is_text && !cell.is_unknown() {
                cell = Cell::exactly(self.words.text(TextId(cell.low as u16)).0.into());
            }
            self.block.set(at, lane, cell);
            if slot.computed {
                known.facts[at] = cell.value(&slot.ty);
            }
        }
        let standings = if prepared.protocol.courses.is_empty() && prepared.computed.0.is_empty() {
            let went_well = chart.sessions().iter().filter(own).filter(|session| !session.faulty()).count();
            self.block.set(self.slots.len(), lane, Cell::exactly(key_of(went_well)));
            [Standing::none(Value::number(went_well as u64)); 2]
        } else {
            self.words.note(known, chart);
            let standing = self.case.stand(prepared, known, lane, None);
            // Where nothing is assumed in the course, it is the same with nothing assumed.
            let same = (!prepared.courses_assume).then_some(standing);
            self.block.set(self.slots.len(), lane, Cell::new(standing.sessions_done, &Type::PLAIN));
            [standing, self.open.as_mut().map_or(standing, |open| open.stand(prepared, known, lane, same))]
        };
        self.courses.push(standings);
    }

    /// Decides all patients that were added, in their order. The next patient is the first of the next panel.
    pub fn decide(&mut self) -> &[Decision] {
        self.case.decide(self.prepared, &self.block);
        if let Some(open) = &mut self.open {
            if !self.prepared.courses_assume {
                open.take_settled(self.prepared, &self.case);
            } else {
                for (lane, [_, standing]) in self.courses.iter().enumerate() {
                    self.block.set(self.slots.len(), lane, Cell::new(standing.sessions_done, &Type::PLAIN));
                }
            }
            open.decide(self.prepared, &self.block);
        }
        self.decisions.clear();
        let leads_to = self.prepared.protocol.conditions.leads_to;
        let by_rules = leads_to.map(|literal| self.case.truths.get(literal));
        let by_rules_open = match &self.open {
            Some(open) => leads_to.map(|literal| open.truths.get(literal)),
            None => by_rules,
        };
        for lane in 0..self.courses.len() {
            let [standing, open] = self.courses[lane];
            let leads_to = LeadsTo::of(&by_rules, lane).or(standing.leads_to);
            let status = status::status(leads_to, standing.overdue);
            let open_to = match self.open {
                Some(_) => LeadsTo::of(&by_rules_open, lane).or(open.leads_to),
                None => leads_to,
            };
            let could_become = status::could_become(open_to, open.overdue, status);
            let (not_before, no_sooner_than) =
                if status == Status::Deferred { self.days(lane, standing) } else { (None, None) };
            self.decisions.push(Decision { status, not_before, no_sooner_than, could_become });
        }
        self.courses.clear();
        &self.decisions
    }

    /// The first permitted day of a patient who is deferred.
    fn days(&mut self, lane: usize, standing: Standing) -> (Option<Date>, Option<Date>) {
        let mut waits = standing.waits;
        let known = &mut self.patients[lane];
        for deferral in &self.prepared.deferrals {
            if !self.case.truths.get(deferral.speaks).get(lane).is_true() {
                continue;
            }
            let day = deferral.day.as_ref().and_then(|(root, nodes, facts)| {
                for fact in facts {
                    let at = usize::from(fact.0);
                    known.facts[at] = self.block.get(at, lane).value(&self.slots[at].ty);
                }
                let inputs = known.inputs(standing.sessions_done, false);
                let evaluation = self.case.evaluation.get_mut();
                evaluation.refresh(&self.prepared.protocol.program, &inputs, nodes);
                last_day(evaluation.value(*root))
            });
            waits.add(day);
        }
        waits.days()
    }

    /// Whether a rule of the protocol, by its place, speaks for a patient of the panel that was decided last: an indication that fails,
    /// a deferral that is not over, any other rule whose condition holds.
    #[must_use]
    pub fn rule(&self, lane: usize, rule: usize) -> Tri {
        self.case.truths.get(self.prepared.protocol.conditions.speaks[rule]).get(lane)
    }

    /// The truth of every condition that stands under no binder, for a patient of the panel that was decided last, in the order of the
    /// program: the steps of the decision as data.
    pub fn conditions(&self, lane: usize) -> impl Iterator<Item = (ExprId, Tri)> {
        let circuit = &self.prepared.protocol.conditions.circuit;
        circuit.conditions().iter().map(move |(id, literal)| (*id, self.case.truths.get(*literal).get(lane)))
    }
}

impl Case {
    /// Where the course of one patient stands; the conditions that have to be computed are then computed.
    fn stand(&mut self, prepared: &Prepared<'_>, known: &Known, lane: usize, same: Option<Standing>) -> Standing {
        let standing = same.unwrap_or_else(|| {
            let schedule = self.schedule(prepared, known, Detail::Decision);
            Standing::new(&schedule, known.sessions_done(&schedule))
        });
        if same.is_some() {
            self.compute_assuming(prepared, known, lane, standing.sessions_done);
        } else {
            self.compute(prepared, known, lane, standing.sessions_done);
        }
        standing
    }
}

impl Standing {
    /// No course.
    fn none(sessions_done: Value) -> Standing {
        Standing { leads_to: LeadsTo::default(), overdue: Tri::False, waits: Waits::default(), sessions_done }
    }

    fn new(schedule: &Schedule, sessions_done: Value) -> Standing {
        let mut waits = Waits::default();
        schedule.first_days(&mut |day| waits.add(day));
        Standing { leads_to: schedule.leads_to(), overdue: schedule.overdue.0, waits, sessions_done }
    }
}

impl Words {
    fn new(protocol: &Protocol, vocabulary: &Vocabulary) -> Words {
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
        }
    }

    fn text(&self, id: TextId) -> TextId {
        self.texts.get(usize::from(id.0)).copied().unwrap_or(TextId::OTHER)
    }

    fn is_own(&self, treatment: TextId) -> bool {
        self.own.get(usize::from(treatment.0)).copied().unwrap_or(false)
    }

    /// Notes the sessions of a chart.
    fn note(&self, known: &mut Known, chart: &Chart) {
        let sessions = chart.sessions();
        known.given.clear();
        known.lists.iter_mut().for_each(Vec::clear);
        known.sessions.resize_with(sessions.len(), Vec::new);
        for (at, (session, notes)) in sessions.iter().zip(&mut known.sessions).enumerate() {
            notes.clear();
            notes.extend(session.notes.iter().map(|note| match note {
                Value::Text(id) => Value::Text(self.text(*id)),
                other => *other,
            }));
            let treatment = usize::from(session.treatment.0);
            let separations = self.separations.get(treatment).copied().unwrap_or(0);
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
