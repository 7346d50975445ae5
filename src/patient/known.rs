//! What is known on a day, in the slots of a protocol.

use std::collections::{BTreeMap, BTreeSet};

use crate::date::{Date, DateRange};
use crate::lang::{Expr, ExprId, FactId, Type};
use crate::logic::Inputs;
use crate::logic::eval::DATE_NOTE;
use crate::logic::value::{TextId, Value};
use crate::patient::applicability::Applicability;
use crate::patient::cell::Cell;
use crate::patient::freshness::{Fresh, last_session};
use crate::patient::unlisted::{OWN, Treatments, Unlisted};
use crate::patient::{Answered, Entry, Record, Slots, Vocabulary};
use crate::protocol::Protocol;
use crate::protocol::dictionary::{Fact, Validity};
use crate::protocol::looking_back::LookingBack;

/// What is known on a day, in the slots of a protocol.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The facts, quick to compare.
    pub(crate) cells: Vec<Cell>,
    /// The same as the evaluator reads them, of those that are wanted.
    pub(crate) facts: Vec<Value>,
    /// Which answers count.
    pub(crate) applicability: Applicability,
    /// The parameters.
    pub(crate) parameters: Vec<Value>,
    /// The sessions' notes.
    pub(crate) sessions: Vec<Vec<Value>>,
    /// For each session its place among those of the record: which of two on one day came first.
    pub(crate) order: Vec<usize>,
    /// What the course wants to know of each session.
    pub(crate) given: Vec<Recorded>,
    /// For each session whether it may be one that was noted before.
    pub(crate) alike: Vec<bool>,
    /// Those of this treatment that may: a course takes the two for one, or for two, until somebody says what they are.
    pub(crate) perhaps_noted_twice: Vec<usize>,
    /// The sessions of each of the program's lists.
    pub(crate) lists: Vec<Vec<usize>>,
    /// The treatments of which there may have been more.
    pub(crate) unlisted: Unlisted,
    /// Whether there may have been more of the protocol's own treatment, where an answer may be used until the next.
    pub(crate) session_may_follow: bool,
    /// The as-of date.
    pub(crate) today: Date,
    /// What was known on the days on which sessions of the protocol's treatment were given, where its courses look back.
    pub(crate) then: BTreeMap<Date, Then>,
}

/// What was known of the facts on an earlier day.
#[derive(Clone, Debug)]
pub(crate) struct Then {
    facts: Vec<Value>,
    pub(crate) applicability: Applicability,
}

/// A recorded session, as the course sees it.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// When.
    pub(crate) date: DateRange,
    /// Whether it is of the protocol's treatment.
    pub(crate) own: bool,
    /// Whether something went wrong with it.
    pub(crate) faulty: bool,
    /// Whether it is a session of its own.
    pub(crate) entry: Entry,
    /// The separations that its treatment takes part in, as another treatment, whatever was used, by their places in the protocol.
    pub(crate) separations: Vec<usize>,
}

impl Known {
    /// Nothing is known of the patient.
    pub(crate) fn nothing(protocol: &Protocol, parameters: &[Value], today: Date) -> Known {
        Known {
            cells: vec![Cell::UNKNOWN; protocol.facts.len()],
            facts: vec![Value::Unknown; protocol.facts.len()],
            applicability: Applicability::of(&protocol.conditions, protocol.facts.len()),
            parameters: parameters.to_vec(),
            sessions: Vec::new(),
            order: Vec::new(),
            given: Vec::new(),
            alike: Vec::new(),
            perhaps_noted_twice: Vec::new(),
            lists: vec![Vec::new(); protocol.program.lists.len()],
            unlisted: Unlisted { lists: vec![false; protocol.program.lists.len()], ..Unlisted::default() },
            session_may_follow: false,
            today,
            then: BTreeMap::new(),
        }
    }

    /// The same on an earlier day on which a session was given, each session on a day of its own; of those, which came before is told.
    pub(crate) fn on_day(&self, day: Date, days: &[Date], came_before: impl Fn(usize) -> bool) -> Known {
        let mut known = Known { today: day, then: BTreeMap::new(), ..self.clone() };
        if let Some(then) = self.then.get(&day) {
            known.facts.clone_from(&then.facts);
            known.applicability.clone_from(&then.applicability);
        }
        known.lists.iter_mut().for_each(|list| list.retain(|session| came_before(*session)));
        for (notes, day) in known.sessions.iter_mut().zip(days) {
            if let Some(date) = notes.get_mut(DATE_NOTE) {
                *date = Value::date(*day);
            }
        }
        known
    }

    /// The same on a day to come, with nothing new: what has been done was done by now.
    pub(crate) fn on_later_day(&self, day: Date) -> Known {
        let mut known = Known { today: day, ..self.clone() };
        for session in &mut known.given {
            session.date.last = session.date.last.min(self.today).max(session.date.first);
        }
        known
    }

    /// The same on the days of the sessions that courses look back at; the lists of sessions are those of today.
    pub(crate) fn on_days_of_sessions(&self) -> impl Iterator<Item = Known> {
        let days: Vec<Date> = self.given.iter().map(|session| session.date.first).collect();
        self.then.keys().map(move |day| self.on_day(*day, &days, |_| true))
    }

    /// Whether answers contradict each other, today or on one of those days.
    pub(crate) fn has_contradictions(&self) -> bool {
        let mut then = self.then.values().map(|then| &then.applicability);
        self.applicability.has_contradictions() || then.any(Applicability::has_contradictions)
    }

    /// What was used in a recorded session, where that is known.
    pub(crate) fn product(&self, session: usize) -> Option<TextId> {
        match self.sessions[session].get(PRODUCT_NOTE) {
            Some(Value::Text(product)) => Some(*product),
            _ => None,
        }
    }

    /// What the evaluator reads.
    pub(crate) fn inputs(&self, sessions_done: Value, open: bool) -> Inputs<'_> {
        Inputs {
            facts: &self.facts,
            parameters: &self.parameters,
            sessions: &self.sessions,
            order: &self.order,
            alike: &self.alike,
            lists: &self.lists,
            unlisted: &self.unlisted.lists,
            today: self.today,
            sessions_done,
            open,
        }
    }

    /// The facts under an expression that are not exactly known.
    pub(crate) fn unknown_facts(&self, protocol: &Protocol, root: ExprId) -> impl Iterator<Item = FactId> {
        let mut facts = Vec::new();
        for id in protocol.program.under([root]) {
            if let Expr::Fact(fact) | Expr::Age(fact) = protocol.program.node(id).expr
                && !self.facts[usize::from(fact.0)].is_settled()
                && !facts.contains(&fact)
            {
                facts.push(fact);
            }
        }
        facts.into_iter()
    }
}

/// The answer in a protocol's slot.
pub(crate) fn answer<'r>(protocol: &Protocol, record: &'r Record, id: FactId) -> Option<&'r Answered> {
    record.answers.get(protocol.facts[usize::from(id.0)])?.as_deref()
}

/// The note of a session that holds its product.
pub(crate) const PRODUCT_NOTE: usize = 1;

/// How the slots of a dictionary fill those of a protocol on a day: which answers are too old by then, by when what they tell of had happened,
/// and which of the protocol's texts they are. Nothing else decides that.
#[derive(Clone, Debug)]
pub(crate) struct Filler {
    facts: Vec<Slot>,
    /// Those whose answers may be used until the next session.
    until_session: Vec<usize>,
    /// Those that say when something happened.
    past: Vec<usize>,
    texts: Vec<usize>,
    /// Those that the evaluator reads, with their types.
    valued: Vec<(usize, Type)>,
    /// The protocol, if questions of it may make no sense, or answers contradict each other.
    conditions: Option<Protocol>,
    /// Whether the sessions are wanted,
    sessions: bool,
    /// and what was known on their days.
    looks_back: bool,
    /// What each text of the vocabulary is to the protocol.
    words: Vec<Word>,
    /// The numbers of the treatments whose sessions make a difference, as [`Treatments`] has them.
    treatments: Vec<TextId>,
    /// Of each list of sessions that the program reads, the treatment's place among them.
    lists: Vec<usize>,
}

/// Where a protocol's fact comes from.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Its place in the dictionary.
    place: usize,
    /// An answer that was taken before this day is too old.
    first_fresh: Date,
    /// How long it may be used, for an earlier day.
    valid_for: Validity,
    /// Whether it says when something happened.
    past: bool,
}

/// What a text is to a protocol.
#[derive(Clone, Debug)]
struct Word {
    text: TextId,
    /// Whether it is the protocol's treatment.
    own: bool,
    /// The separations that it is the other treatment of.
    separations: Vec<usize>,
    /// The program's lists that it belongs to.
    lists: Vec<usize>,
}

impl Filler {
    /// For a protocol on a day, and slots that are written with a vocabulary.
    pub(crate) fn new(protocol: &Protocol, vocabulary: &Vocabulary, today: Date) -> Filler {
        let facts = || protocol.facts.iter().map(|at| &protocol.dictionary.facts[*at]).enumerate();
        let fresh: Vec<Fresh> = facts().map(|(_, fact)| Fresh::on(today, fact.valid_for)).collect();
        let slot = |((place, fresh), (_, fact)): ((&usize, &Fresh), (_, &Fact))| Slot {
            place: *place,
            first_fresh: fresh.first_day(),
            valid_for: fact.valid_for,
            past: fact.past,
        };
        let treatments = Treatments::of(protocol);
        let which =
            |all: &mut dyn Iterator<Item = bool>| all.enumerate().filter(|(_, is)| *is).map(|(at, _)| at).collect();
        let word = |text: &String| Word {
            text: protocol.program.texts.find(text),
            own: *text == protocol.treatment,
            separations: which(&mut protocol.separations.iter().map(|separation| separation.from.contains(text))),
            lists: which(&mut protocol.program.lists.iter().map(|list| list == text)),
        };
        Filler {
            facts: protocol.facts.iter().zip(&fresh).zip(facts()).map(slot).collect(),
            until_session: which(&mut fresh.iter().map(|fresh| *fresh == Fresh::AfterSession)),
            past: which(&mut facts().map(|(_, fact)| fact.past)),
            texts: which(&mut facts().map(|(_, fact)| fact.answer.ty == Type::Text)),
            valued: facts().map(|(slot, fact)| (slot, fact.answer.ty.clone())).collect(),
            conditions: (!protocol.conditions.is_empty()).then(|| protocol.clone()),
            sessions: true,
            looks_back: LookingBack::of(protocol).looks_back(),
            words: vocabulary.texts().iter().map(word).collect(),
            treatments: treatments.names.iter().map(|name| vocabulary.find(name)).collect(),
            lists: treatments.lists,
        }
    }

    /// The same for whoever reads the values of these facts only, and may not want the sessions.
    pub(crate) fn only(mut self, facts: &[FactId], sessions: bool) -> Filler {
        let conditions = self.conditions.iter().map(|protocol| &protocol.conditions);
        let asked =
            conditions.clone().flat_map(|all| &all.asked).flat_map(|one| one.when.facts.iter().chain([&one.fact]));
        let contradicting = conditions.flat_map(|all| &all.contradictions).flat_map(|one| &one.when.facts);
        let wanted: Vec<FactId> = facts.iter().chain(asked).chain(contradicting).copied().collect();
        self.valued.retain(|(slot, _)| wanted.iter().any(|fact| usize::from(fact.0) == *slot));
        Filler { sessions, ..self }
    }

    /// Puts what is known of a patient into the slots of the protocol.
    pub(crate) fn fill(&self, slots: &Slots, known: &mut Known) {
        self.fill_facts(slots, |slot| slot.first_fresh, known);
        if self.sessions {
            self.fill_sessions(slots, known);
        }
        if self.sessions && self.looks_back {
            self.look_back(slots, known);
        }
    }

    /// Puts in what was known on each day on which a session of the protocol's treatment was given, or may have been.
    fn look_back(&self, slots: &Slots, known: &mut Known) {
        known.then.clear();
        let own = known.given.iter().filter(|session| session.own);
        let days: BTreeSet<Date> = own.flat_map(|session| session.date.days()).collect();
        self.look_back_at(slots, days, known);
    }

    /// The same on these days as well.
    pub(crate) fn look_back_at(&self, slots: &Slots, days: impl IntoIterator<Item = Date>, known: &mut Known) {
        let mut then = std::mem::take(&mut known.then);
        let kind = |place: usize| {
            let slot = self.facts.iter().find(|slot| slot.place == place);
            slot.map_or((false, false), |slot| (slot.valid_for == Validity::Forever, slot.past))
        };
        let mut on_day = Known { today: Date::MIN, ..known.clone() };
        for day in days.into_iter().filter(|day| *day <= known.today) {
            if then.contains_key(&day) {
                continue;
            }
            on_day.today = day;
            let slots = slots.on_day(day, kind);
            self.fill_facts(&slots, |slot| Fresh::on(day, slot.valid_for).first_day(), &mut on_day);
            then.insert(day, Then { facts: on_day.facts.clone(), applicability: on_day.applicability.clone() });
        }
        known.then = then;
    }

    fn fill_facts(&self, slots: &Slots, first_fresh: impl Fn(&Slot) -> Date, known: &mut Known) {
        for (slot, cell) in self.facts.iter().zip(&mut known.cells) {
            *cell = slots.cell(slot.place);
            if slots.on[slot.place] < first_fresh(slot) {
                *cell = Cell::UNKNOWN;
            }
        }
        for (place, range) in &slots.ranges {
            let slot = self.facts.iter().position(|slot| slot.place == *place);
            if let Some(cell) = slot.map(|slot| &mut known.cells[slot]).filter(|cell| **cell != Cell::UNKNOWN) {
                *cell = *range;
            }
        }
        for slot in &self.past {
            let told = slots.on[self.facts[*slot].place].min(known.today);
            known.cells[*slot] = known.cells[*slot].happened_by(told);
        }
        for slot in &self.texts {
            let text = known.cells[*slot].value(&Type::Text);
            known.cells[*slot] = Cell::new(self.translate(text));
        }
        if !self.until_session.is_empty() {
            let own = slots.sessions.iter().filter(|session| self.word(session.treatment).is_some_and(|word| word.own));
            let are_all_listed = slots.covers.covers(&self.treatments[OWN]);
            let last_session = last_session(own.map(|session| session.date), are_all_listed, known.today);
            known.session_may_follow = !are_all_listed;
            for slot in &self.until_session {
                if Some(slots.on[self.facts[*slot].place]) <= last_session {
                    known.cells[*slot] = Cell::UNKNOWN;
                }
            }
        }
        for (slot, ty) in &self.valued {
            known.facts[*slot] = known.cells[*slot].value(ty);
        }
        for (place, number) in &slots.written {
            let slot = self.facts.iter().position(|slot| slot.place == *place);
            if let Some(fact) = slot.map(|slot| &mut known.facts[slot]).filter(|fact| **fact != Value::Unknown) {
                *fact = *number;
            }
        }
        if let Some(protocol) = &self.conditions {
            known.settle(&protocol.conditions);
        }
    }

    fn fill_sessions(&self, slots: &Slots, known: &mut Known) {
        let sessions = &slots.sessions;
        known.given.clear();
        known.order.clear();
        known.order.extend(sessions.iter().map(|session| session.order));
        known.alike.clear();
        known.alike.extend(sessions.iter().map(|session| session.entry == Entry::Alike));
        known.lists.iter_mut().for_each(Vec::clear);
        known.sessions.resize_with(sessions.len(), Vec::new);
        for (at, (session, notes)) in sessions.iter().zip(&mut known.sessions).enumerate() {
            notes.clear();
            notes.extend(session.notes.iter().map(|note| self.translate(*note)));
            // What was done was done by today: of a month, the days until then are left.
            if let Some(date) = notes.get_mut(DATE_NOTE) {
                *date = date.happened_by(known.today);
            }
            // What was noted twice is read once.
            let word = self.word(session.treatment).filter(|_| session.entry != Entry::NotedTwice);
            known.given.push(Recorded {
                date: session.date,
                own: word.is_some_and(|word| word.own),
                faulty: session.faulty(),
                entry: session.entry,
                separations: word.map(|word| word.separations.clone()).unwrap_or_default(),
            });
            for list in word.into_iter().flat_map(|word| &word.lists) {
                known.lists[*list].push(at);
            }
        }
        let given = known.given.iter().enumerate();
        let taken = given.filter(|(_, session)| session.own && session.entry == Entry::Alike).map(|(at, _)| at);
        known.perhaps_noted_twice.clear();
        known.perhaps_noted_twice.extend(taken);
        let unlisted = &mut known.unlisted;
        unlisted.treatments.clear();
        let treatments = self.treatments.iter().enumerate();
        unlisted.treatments.extend(treatments.filter(|(_, id)| !slots.covers.covers(*id)).map(|(at, _)| at));
        unlisted.lists.clear();
        unlisted.lists.extend(self.lists.iter().map(|treatment| unlisted.treatments.contains(treatment)));
    }

    fn word(&self, id: TextId) -> Option<&Word> {
        self.words.get(usize::from(id.0))
    }

    /// A value of the slots as the protocol has it.
    fn translate(&self, value: Value) -> Value {
        value.renumbered(|id| self.word(id).map_or(TextId::OTHER, |word| word.text))
    }
}
