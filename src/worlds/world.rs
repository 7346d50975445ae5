//! One way that all that is not known can turn out.

use std::collections::BTreeMap;

use crate::course::{At, Given, Plan};
use crate::date::{Date, DateRange, Duration};
use crate::lang::ExprId;
use crate::logic::Tri;
use crate::logic::value::{TextId, Value, bits};
use crate::patient::Entry;
use crate::protocol::model::{Length, Reference};
use crate::worlds::Scheduler;
use crate::worlds::outcome::Part;
use crate::worlds::per_value::{Terms, Unnoted, holds_choice, term};
use crate::worlds::unknown::{Decides, Unknown, whole_range};
use crate::worlds::ways::Candidates;

/// What one course rests on in one world.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub(super) offered: bool,
    pub(super) applies: Vec<bool>,
    pub(super) references: Vec<Option<Date>>,
    pub(crate) planned: Option<u32>,
    pub(crate) maximum: Option<u32>,
    /// Whether more than the planned sessions are given,
    pub(super) beyond_planned: bool,
    /// and whether a long pause begins a new course after one that is complete.
    pub(super) restarts_complete: bool,
    /// For each planned session, whether it is skipped where that is unknown.
    pub(super) skips: Vec<bool>,
}

/// What all courses rest on in one world.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(super) courses: Vec<Decided>,
    /// The same for a course and a value that it is counted for, where its expressions depend on the value.
    pub(super) by_value: BTreeMap<(usize, u8), Decided>,
    /// The values that are planned now, as bits; none: all in the record, for nothing tells.
    pub(crate) planned: Option<u64>,
    /// Whether what is not planned is left out.
    pub(super) is_cut: bool,
    pub(super) days: Vec<Date>,
    /// The courses, intervals and recorded sessions of which the interval held the session back, where that is not known.
    pub(super) held_back: Vec<(usize, usize, usize)>,
    /// What the entries are that may be sessions of their own or others noted twice.
    pub(super) entries: Vec<(usize, Entry)>,
    /// What was used in each recorded session.
    pub(super) products: Vec<Option<TextId>>,
    /// For each recorded session, the values that it was for, as bits, where its note is not known.
    pub(super) values: Vec<u64>,
    pub(super) birth: Option<Date>,
    pub(super) immune: bool,
    pub(super) immune_components: Vec<bool>,
}

impl World {
    /// What an entry is that may be a session of its own or another noted twice; none: it is as the record has it.
    pub(crate) fn entry(&self, session: usize) -> Option<Entry> {
        self.entries.iter().find(|(other, _)| *other == session).map(|(_, entry)| *entry)
    }

    /// What a course rests on, for what it is judged for.
    pub(crate) fn decided(&self, course: usize, part: Part) -> &Decided {
        let own = match part {
            Part::Counter(value) => self.by_value.get(&(course, value)),
            _ => None,
        };
        own.unwrap_or(&self.courses[course])
    }
}

impl Scheduler<'_> {
    pub(crate) fn length(&self, length: Length) -> Duration {
        length.with(&self.known.parameters)
    }

    pub(crate) fn is_own(&self, session: usize) -> bool {
        self.known.given[session].own
    }

    /// The separations that a recorded session takes part in, as another treatment, if a product was used; none: whatever it was.
    pub(super) fn conflicts(&self, session: usize, product: Option<TextId>) -> Vec<usize> {
        let all = self.known.given[session].separations.iter().copied();
        all.filter(|at| self.protocol.separations[*at].is_from(product)).collect()
    }

    pub(super) fn world(
        &self,
        candidates: &Candidates,
        (terms, unnoted): (&Terms, &Unnoted),
        unknowns: &[Unknown],
        choices: &[usize],
    ) -> World {
        let truth = |id: ExprId| self.truth(id).is_true();
        let decide = |at: usize, own: &[(ExprId, Value)]| {
            let course = &self.protocol.courses[at];
            let value = |id: ExprId| term(own, id).unwrap_or_else(|| self.value_of(course, id, Part::Whole));
            let number = |id: ExprId| match value(id) {
                Value::Number(least, _) => least.to_u32(),
                _ => None,
            };
            let holds = |id: Option<ExprId>| id.is_some_and(|id| value(id).truth().is_true());
            Decided {
                offered: candidates.iter().any(|(candidate, offered)| *candidate == at && offered.is_true()),
                applies: course
                    .intervals
                    .iter()
                    .map(|one| one.when.is_none_or(|when| value(when).truth().is_true()))
                    .collect(),
                references: course
                    .intervals
                    .iter()
                    .map(|interval| match interval.from {
                        Reference::Date(reference) => match value(reference) {
                            Value::Date(range) => Some(range.first),
                            _ => None,
                        },
                        _ => None,
                    })
                    .collect(),
                planned: course.planned.map(|planned| self.planned_range(value(planned)).choice(0)),
                maximum: course.maximum.and_then(number),
                beyond_planned: holds(course.beyond_planned),
                restarts_complete: holds(course.restart_when_complete),
                skips: vec![false; course.sessions.len()],
            }
        };
        let mut world = World {
            courses: (0..self.protocol.courses.len()).map(|at| decide(at, &[])).collect(),
            by_value: terms.iter().map(|(&(at, value), own)| ((at, value), decide(at, own))).collect(),
            planned: None,
            is_cut: false,
            days: self.known.given.iter().map(|session| session.date.first).collect(),
            held_back: Vec::new(),
            entries: Vec::new(),
            products: (0..self.known.sessions.len()).map(|session| self.known.product(session)).collect(),
            values: vec![0; self.known.given.len()],
            birth: self.protocol.birth.and_then(|birth| match self.value(birth) {
                Value::Date(range) => Some(range.first),
                _ => None,
            }),
            immune: self.protocol.immune.is_some_and(truth),
            immune_components: self.protocol.components.iter().map(|one| one.immune.is_some_and(truth)).collect(),
        };
        for (unknown, &choice) in unknowns.iter().zip(choices) {
            let day = |range: &DateRange| unknown.day(range, choice);
            self.settle_values(&mut world, terms, unknown, choice);
            match &unknown.decides {
                Decides::Offered(course) => world.courses[*course].offered = choice == 1,
                Decides::Planned(values) => world.planned = Some(1 << values[choice]),
                Decides::Interval(course, interval) => world.courses[*course].applies[*interval] = choice == 1,
                Decides::HeldBack(course, interval, session) => {
                    world.held_back.extend((choice == 1).then_some((*course, *interval, *session)));
                }
                Decides::Entry(session) => {
                    world.entries.push((*session, if choice == 1 { Entry::Separate } else { Entry::NotedTwice }));
                }
                Decides::Day(session, _) if unknown.may_be_noted && choice + 1 == unknown.ways => {
                    world.entries.push((*session, Entry::NotedTwice));
                }
                Decides::Day(session, range) => {
                    world.days[*session] = day(range);
                    world.entries.extend(unknown.may_be_noted.then_some((*session, Entry::Separate)));
                }
                Decides::Product(session, products) => world.products[*session] = products[choice],
                Decides::Values(session) => world.values[*session] = unnoted.values(choice),
                Decides::PlannedSessions(course, range) => world.courses[*course].planned = Some(range.choice(choice)),
                Decides::BeyondPlanned(course) => world.courses[*course].beyond_planned = choice == 1,
                Decides::RestartsComplete(course) => world.courses[*course].restarts_complete = choice == 1,
                Decides::Maximum(course, least) => {
                    world.courses[*course].maximum = Some(least + crate::narrow::u32(choice))
                }
                Decides::Reference(course, interval, range) => {
                    world.courses[*course].references[*interval] = Some(day(range));
                }
                Decides::Birth(range) => world.birth = Some(day(range)),
                Decides::Skip(course, session) => world.courses[*course].skips[*session] = choice == 1,
                Decides::Immune(None) => world.immune = choice == 1,
                Decides::Immune(Some(component)) => world.immune_components[*component] = choice == 1,
            }
        }
        world
    }

    /// Settles what a course rests on for single values, as far as it is open for them. Where the values differ in how much
    /// is open, the widest counts for all.
    pub(super) fn settle_values(&self, world: &mut World, terms: &Terms, unknown: &Unknown, choice: usize) {
        let decides = &unknown.decides;
        let (Decides::Interval(at, _)
        | Decides::Reference(at, ..)
        | Decides::PlannedSessions(at, _)
        | Decides::Maximum(at, _)
        | Decides::BeyondPlanned(at)
        | Decides::RestartsComplete(at)
        | Decides::Skip(at, _)) = decides
        else {
            return;
        };
        let course = &self.protocol.courses[*at];
        let of_course = world.by_value.range_mut((*at, 0)..=(*at, u8::MAX));
        for (decided, own) in of_course.filter_map(|(value, decided)| Some((decided, terms.get(value)?))) {
            let is_open =
                |id: Option<ExprId>| id.and_then(|id| term(own, id)).is_none_or(|own| own.truth().is_unknown());
            match *decides {
                Decides::Interval(_, n) if is_open(course.intervals[n].when) => decided.applies[n] = choice == 1,
                Decides::BeyondPlanned(_) if is_open(course.beyond_planned) => decided.beyond_planned = choice == 1,
                Decides::RestartsComplete(_) if is_open(course.restart_when_complete) => {
                    decided.restarts_complete = choice == 1;
                }
                Decides::PlannedSessions(_, range) => {
                    let own = course.planned.and_then(|planned| Some(self.planned_range(term(own, planned)?)));
                    decided.planned = Some(own.unwrap_or(range).choice(choice));
                }
                Decides::Reference(_, n, range) => {
                    let own = match course.intervals[n].from {
                        Reference::Date(reference) => term(own, reference),
                        _ => None,
                    };
                    let range = match own {
                        Some(Value::Date(own)) => own,
                        _ => range,
                    };
                    decided.references[n] = Some(unknown.day(&range, choice).min(range.last));
                }
                Decides::Maximum(_, least) => {
                    let own = course.maximum.and_then(|maximum| whole_range(term(own, maximum)?));
                    let (least, ways) = own.unwrap_or((least, usize::MAX));
                    decided.maximum = Some(least + crate::narrow::u32(choice.min(ways - 1)));
                }
                Decides::Skip(_, session) => decided.skips[session] = choice == 1,
                _ => {}
            }
        }
    }

    /// Runs something with the plan of a course in a world, for what it is judged for.
    pub(crate) fn with_plan<T>(&self, world: &World, (at, part): (usize, Part), run: impl FnOnce(&Plan<'_>) -> T) -> T {
        let course = &self.protocol.courses[at];
        let decided = world.decided(at, part);
        let inputs = self.known.inputs(Value::Unknown, self.open);
        let each = match part {
            Part::Counter(value) => Some(Value::Choice(value)),
            _ => None,
        };
        let skips =
            |session: usize, moment: &At<'_>| match course.planned_session(session).and_then(|one| one.skip.as_ref()) {
                Some(body) => {
                    match self.evaluation.at_moment(&self.protocol.program, &inputs, body, (moment, each)).truth() {
                        Tri::True => true,
                        Tri::False => false,
                        Tri::Unknown => decided.skips[course.place_of(session)],
                    }
                }
                None => false,
            };
        let then = |interval: usize, session: &Given| self.held_then(world, (at, interval), session, each);
        run(&Plan {
            at,
            course,
            separations: &self.protocol.separations,
            parameters: &self.known.parameters,
            birth: world.birth,
            applies: &decided.applies,
            references: &decided.references,
            planned: decided.planned,
            maximum: decided.maximum,
            beyond_planned: decided.beyond_planned,
            restarts_complete: decided.restarts_complete,
            looks_back: self.looking_back.of_course(at),
            then: &then,
            skips: &skips,
        })
    }

    /// What the courses are judged for: the components, or the values of the note they are counted by, or the whole; then the
    /// values in the record that are not planned.
    pub(super) fn parts(&self, world: &World) -> (Vec<Part>, Vec<Part>) {
        if !self.protocol.components.is_empty() {
            return ((0..self.protocol.components.len()).map(Part::Component).collect(), Vec::new());
        }
        let recorded = self.recorded();
        let counters = |values: u64| bits(values).map(Part::Counter).collect();
        if let Some(planned) = world.planned {
            return (counters(planned), counters(recorded & !planned));
        }
        match world.values.iter().fold(recorded, |all, values| all | values) {
            0 => (vec![Part::Whole], Vec::new()),
            all => (counters(all), Vec::new()),
        }
    }

    /// The name of a part; none for the whole.
    pub(crate) fn part_id(&self, part: Part) -> Option<&str> {
        match part {
            Part::Whole => None,
            Part::Component(at) => Some(&self.protocol.components[at].id),
            Part::Counter(at) => self.counted_by()?.choices.get(usize::from(at)).map(String::as_str),
        }
    }

    /// Whether a recorded session is one for a part.
    pub(super) fn is_for(&self, world: &World, session: usize, part: Part) -> bool {
        match part {
            // Of a course that is counted for each value there is a whole only while no session was for any.
            Part::Whole => self.counted_by().is_none(),
            Part::Component(at) => {
                let products = &self.protocol.components[at].products;
                world.products[session].is_none_or(|product| products.contains(product))
            }
            Part::Counter(at) => {
                let counter = self.counted_by();
                let note = counter.and_then(|counter| self.known.sessions[session].get(usize::from(counter.note)));
                world.values[session] >> at & 1 == 1 || note.is_some_and(|value| holds_choice(*value, at))
            }
        }
    }

    /// The recorded sessions in order of their days, as one part sees them, and each one's place in the record.
    pub(crate) fn given(&self, world: &World, part: Part) -> (Vec<Given>, Vec<usize>) {
        // A day that is not known may change the order of the sessions. Of those that fall on one day, the order of the record counts.
        let mut order: Vec<usize> = (0..world.days.len()).collect();
        order.sort_by_key(|session| (world.days[*session], self.known.order[*session]));
        let entry = |session: usize| world.entry(session).unwrap_or(self.known.given[session].entry);
        // Of alike sessions, two such entries are taken for one, where that is not left open.
        let as_noted = |session: usize| self.known.given[session].entry;
        let given = order.iter().map(|&session| Given {
            place: session,
            date: world.days[session],
            own: self.is_own(session),
            judged: self.is_for(world, session, part),
            faulty: self.known.given[session].faulty,
            entry: if self.open_entries { entry(session) } else { as_noted(session) },
            in_series: entry(session),
            product: world.products[session],
            conflicts: self.conflicts(session, world.products[session]),
        });
        (given.collect(), order)
    }
}
