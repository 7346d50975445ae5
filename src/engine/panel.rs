//! Many patients at a time, or one: the decision without the reasons.

use super::decide::Case;
use super::facts::{Known, Recorded, done_by, separations};
use super::prepared::Prepared;
use super::schedule::Detail;
use super::status::{self, LeadsTo};
use super::unlisted::OWN;
use super::waits::{FirstDay, Waits, days};
use crate::chart::{Chart, Vocabulary};
use crate::date::Date;
use crate::expr::cell::{Cell, in_order, key, key_of};
use crate::expr::circuit::{Block, MOST_LANES};
use crate::expr::{Expr, ExprId, FactId, Type};
use crate::protocol::dictionary::{Fact, Validity};
use crate::recommendation::Status;
use crate::record::{Fresh, last_session};
use crate::tri::Tri;
use crate::value::{MANY, TextId, Value};

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

/// Some of the statuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statuses(u16);

impl Statuses {
    /// None of them.
    pub const NONE: Statuses = Statuses(0);

    /// With one more.
    #[must_use]
    pub const fn with(self, status: Status) -> Statuses {
        Statuses(self.0 | 1 << status as u16)
    }

    /// Without one.
    #[must_use]
    pub const fn without(self, status: Status) -> Statuses {
        Statuses(self.0 & !(1 << status as u16))
    }

    /// These, and some more.
    #[must_use]
    pub const fn or(self, other: Statuses) -> Statuses {
        Statuses(self.0 | other.0)
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

/// Up to 32 patients who are decided together, by one protocol on one day.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// use regimen::chart::{Chart, Reader, Vocabulary};
/// use regimen::{Panel, Request, Status};
/// let prepared = clinic.protocols[0].prepare(&Request::new("2026-03-02".parse()?));
/// let vocabulary = Vocabulary::new(&clinic.protocols);
/// let mut reader = Reader::new(&clinic.dictionary, &vocabulary, "2026-03-02".parse()?);
/// let mut panel = Panel::<32>::new(&prepared, &vocabulary);
/// let mut chart = Chart::new(&clinic.dictionary);
/// for line in [r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#] {
///     reader.scan(line, &mut chart).expect("a record as it should be");
///     panel.add(&chart);
/// }
/// assert_eq!(panel.decide().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Panel<'p, const WIDTH: usize> {
    prepared: &'p Prepared<'p>,
    /// For each fact of the protocol, its place in a chart.
    facts: Vec<usize>,
    /// Those that are texts, of which the chart has another number than the protocol.
    texts: Vec<usize>,
    /// Those whose answers may be used until the next session.
    until_session: Vec<usize>,
    /// Whether the conditions ask for more than facts that stand in a chart as they are asked for.
    is_more_than_facts: bool,
    words: Words,
    block: Block<WIDTH>,
    case: Case,
    /// The same with what is assumed left open, where anything is.
    open: Option<Case>,
    /// How many patients have been added.
    filled: usize,
    /// What is known of each, as far as it has to be computed.
    patients: Vec<Known>,
    /// Where each one's course stands; with what is assumed left open. Without courses, nothing.
    courses: Vec<[Standing; 2]>,
    decisions: Vec<Decision>,
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
}

impl<'p, const WIDTH: usize> Panel<'p, WIDTH> {
    /// Room for patients whose charts are written with a vocabulary.
    #[must_use]
    pub fn new(prepared: &'p Prepared<'p>, vocabulary: &Vocabulary) -> Panel<'p, WIDTH> {
        const { assert!(0 < WIDTH && WIDTH <= MOST_LANES, "a panel has room for 1 to 32 patients") };
        let protocol = prepared.protocol;
        let slots = || (0..protocol.facts.len()).map(|slot| (slot, protocol.fact(FactId(crate::narrow::u16(slot)))));
        let some = |wanted: fn(&Fact) -> bool| slots().filter(|(_, fact)| wanted(fact)).map(|(slot, _)| slot).collect();
        let (texts, until_session): (Vec<usize>, Vec<usize>) =
            (some(|fact| fact.answer.ty == Type::Text), some(|fact| fact.valid_for == Validity::Session));
        let is_more_than_facts = !texts.is_empty()
            || !until_session.is_empty()
            || !protocol.courses.is_empty()
            || !prepared.computed.conditions.is_empty()
            || protocol.program.nodes.iter().any(|node| node.expr == Expr::SessionsDone);
        Panel {
            prepared,
            facts: protocol.facts.clone(),
            texts,
            until_session,
            is_more_than_facts,
            words: Words::new(prepared, vocabulary),
            block: prepared.block(),
            case: Case::new(prepared, false),
            open: protocol.conditions.assumes.then(|| Case::new(prepared, true)),
            filled: 0,
            patients: vec![Known::nothing(protocol, &prepared.parameters, prepared.request.as_of); WIDTH],
            courses: vec![[Standing::NONE; 2]; WIDTH],
            decisions: Vec::with_capacity(WIDTH),
        }
    }

    /// Whether there is no room for another patient.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.filled == WIDTH
    }

    /// Adds a patient, as known on the panel's day.
    ///
    /// # Panics
    /// When the panel is full, or the chart was read for another day: other answers would be too old.
    pub fn add(&mut self, chart: &Chart) {
        assert!(!self.is_full(), "a panel has room for {WIDTH} patients");
        assert_eq!(chart.as_of(), Some(self.prepared.request.as_of), "the chart was read for the panel's day");
        let lane = self.filled;
        self.filled += 1;
        self.block.fill(lane, &chart.words, &self.facts);
        if self.is_more_than_facts || chart.has_ranges() {
            self.add_more(chart, lane);
        }
    }

    /// Adds what is not in the words of a chart as the protocol has it.
    #[inline(never)]
    fn add_more(&mut self, chart: &Chart, lane: usize) {
        for (fact, cell) in chart.ranges() {
            if let Some(slot) = self.facts.iter().position(|other| other == fact) {
                self.block.set(slot, lane, *cell);
            }
        }
        for slot in &self.texts {
            let text = self.block.get(*slot, lane).value(&Type::Text);
            self.block.set(*slot, lane, Cell::new(self.words.translate(text)));
        }
        let own = |session: &&crate::chart::Session| self.words.is_own(session.treatment);
        if !self.until_session.is_empty() {
            let today = self.prepared.request.as_of;
            let days = chart.sessions().iter().filter(own).map(|session| session.date);
            let last_session = last_session(days, self.words.covers_own(chart), today);
            for slot in &self.until_session {
                let expired = |on| Fresh::AfterSession.is_expired(on, last_session);
                if chart.taken(self.facts[*slot]).is_some_and(expired) {
                    self.block.set(*slot, lane, Cell::UNKNOWN);
                }
            }
        }
        let prepared = self.prepared;
        if prepared.protocol.courses.is_empty() && prepared.computed.conditions.is_empty() {
            let went_well = chart.sessions().iter().filter(own).filter(|session| !session.faulty()).count();
            let mut done = Cell::exactly(key_of(went_well as u64));
            if !self.words.covers_own(chart) {
                done.high = in_order(key(MANY));
            }
            self.block.set(prepared.rows.sessions_done[0], lane, done);
            return;
        }
        self.value(lane, &prepared.valued);
        let known = &mut self.patients[lane];
        self.words.note(known, chart);
        known.unlisted.note(&prepared.treatments, |place| chart.covers().covers(&self.words.treatments[place]));
        let (standing, sessions_done) = self.case.stand(prepared, known);
        self.case.compute(prepared, known, sessions_done, &mut self.block, lane);
        self.courses[lane] = [standing; 2];
        if let Some(open) = &mut self.open {
            // Where nothing is assumed in the course, it is the same with nothing assumed.
            let same = (standing, sessions_done);
            let (standing, sessions_done) = if prepared.courses_assume { open.stand(prepared, known) } else { same };
            open.compute(prepared, known, sessions_done, &mut self.block, lane);
            self.courses[lane][1] = standing;
        }
    }

    /// Decides all patients that were added, in their order. The next patient is the first of the next panel.
    pub fn decide(&mut self) -> &[Decision] {
        let conditions = &self.prepared.protocol.conditions;
        self.case.decide(self.prepared, &self.block);
        let by_rules = LeadsTo::by_rules(conditions, &self.case.truths);
        let by_rules_open = self.open.as_mut().map(|open| {
            open.decide(self.prepared, &self.block);
            LeadsTo::by_rules(conditions, &open.truths)
        });
        let mut endless = None;
        self.decisions.clear();
        for lane in 0..std::mem::take(&mut self.filled) {
            let [standing, open] = self.courses[lane];
            let leads_to = LeadsTo::of(&by_rules, lane).or(standing.leads_to);
            let open_to =
                by_rules_open.as_ref().map_or(leads_to, |by_rules| LeadsTo::of(by_rules, lane).or(open.leads_to));
            let status = status::status(leads_to, standing.overdue);
            let could_become = status::could_become(open_to, open.overdue, status);
            let FirstDay { not_before, no_sooner_than, no_later_than } = if status == Status::Deferred {
                let endless = *endless.get_or_insert_with(|| self.case.truths.any(&self.prepared.deferrals.endless));
                let mut waits = standing.waits;
                waits.add(endless.get(lane), None);
                self.first_day(lane, waits)
            } else {
                FirstDay::default()
            };
            self.decisions.push(Decision { status, not_before, no_sooner_than, no_later_than, could_become });
        }
        &self.decisions
    }

    /// The first permitted day of a patient who is deferred, given what the course and the deferrals without a day make of it.
    #[inline(never)]
    fn first_day(&mut self, lane: usize, mut waits: Waits) -> FirstDay {
        let prepared = self.prepared;
        for dated in &prepared.deferrals.dated {
            let holds = self.case.truths.get(dated.speaks.into()).get(lane);
            // How late it may become is not said once something has no day.
            if holds.is_false() || (holds.is_unknown() && waits.has_no_last_day()) {
                continue;
            }
            self.value(lane, &dated.facts);
            let sessions_done = self.block.get(prepared.rows.sessions_done[0], lane).value(&Type::PLAIN);
            let inputs = self.patients[lane].inputs(sessions_done, false);
            let evaluation = self.case.evaluation.get_mut();
            evaluation.refresh(&prepared.protocol.program, &inputs, &dated.nodes);
            waits.add(holds, days(evaluation.value(dated.day)));
        }
        waits.first_day()
    }

    /// Takes the values of some facts of a patient out of the cells, to compute with them.
    fn value(&mut self, lane: usize, facts: &[FactId]) {
        for fact in facts {
            let slot = usize::from(fact.0);
            let ty = &self.prepared.protocol.fact(*fact).answer.ty;
            self.patients[lane].facts[slot] = self.block.get(slot, lane).value(ty);
        }
    }

    /// Whether a rule of the protocol, by its place, speaks for a patient of the panel that was decided last: an indication that fails,
    /// a deferral that is not over, any other rule whose condition holds.
    #[must_use]
    pub fn rule(&self, lane: usize, rule: usize) -> Tri {
        self.case.truths.get(self.prepared.protocol.conditions.speaks[rule].into()).get(lane)
    }

    /// The truth of every condition that stands under no binder, for a patient of the panel that was decided last, in the order of the
    /// program: the steps of the decision as data.
    pub fn conditions(&self, lane: usize) -> impl Iterator<Item = (ExprId, Tri)> {
        let circuit = &self.prepared.protocol.conditions.circuit;
        circuit.conditions().iter().map(move |(id, literal)| (*id, self.case.truths.get(*literal).get(lane)))
    }
}

impl Case {
    /// Where the course of one patient stands, and how many sessions count.
    fn stand(&mut self, prepared: &Prepared<'_>, known: &Known) -> (Standing, Value) {
        let schedule = self.schedule(prepared, known, Detail::Decision);
        let mut waits = Waits::NONE;
        waits.add(schedule.too_early.0, schedule.first_day);
        let standing = Standing { leads_to: schedule.leads_to(), overdue: schedule.overdue.0, waits };
        (standing, known.sessions_done(&schedule))
    }
}

impl Standing {
    /// No course.
    const NONE: Standing = Standing { leads_to: LeadsTo::NOWHERE, overdue: Tri::False, waits: Waits::NONE };
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
    fn covers_own(&self, chart: &Chart) -> bool {
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
    fn note(&self, known: &mut Known, chart: &Chart) {
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
