//! Every way that the unknown can turn out.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::course::choice::{Run, choose};
use crate::course::{At, Forecast, Given, Plan, Verdict, components};
use crate::date::{Date, DateRange, Duration};
use crate::lang::{ExprId, FactId};
use crate::logic::Tri;
use crate::logic::value::{MANY, TextId, Value, bits};
use crate::patient::known::PRODUCT_NOTE;
use crate::protocol::model::{Course, GapAction, Length, Reference};
use crate::recommendation::Window;
use crate::worlds::outcome::{Chosen, Outcome, Part};
use crate::worlds::per_value::{Terms, Unnoted, holds_choice, term};
use crate::worlds::{Detail, Open, Scheduler};

/// The most scenarios that are tried. Beyond, nothing is claimed.
const MOST_SCENARIOS: usize = 4096;

/// The courses that may be offered, with whether that is certain.
pub(crate) type Candidates = [(usize, Tri)];

/// Every way that the courses can turn out.
pub(crate) struct Ways {
    pub(crate) outcomes: Vec<Outcome>,
    /// What makes a difference.
    pub(crate) matter: Vec<Open>,
    /// What makes a difference to the first permitted day.
    pub(crate) moving: Vec<Open>,
}

/// One thing that is not known: what it is, and in how many ways it can turn out.
struct Dimension {
    open: Open,
    turn: Turn,
    ways: usize,
}

/// What a dimension decides.
enum Turn {
    /// Whether a course is offered.
    Offered(usize),
    /// Whether an interval applies, by the places of its course and its own.
    Interval(usize, usize),
    /// The day of a recorded session.
    Day(usize, DateRange),
    /// What was used in a recorded session: one of these; none: the right product, whatever it is.
    Product(usize, Vec<Option<TextId>>),
    /// The most sessions of a course, from this number.
    Maximum(usize, u32),
    /// The day an interval is counted from, by the places of its course and its own.
    Reference(usize, usize, DateRange),
    /// The date of birth.
    Birth(DateRange),
    /// The values that a recorded session was for.
    Values(usize),
    /// Which value is planned, where that is not known: one of these.
    Planned(Vec<u8>),
    /// Whether a planned session is not needed, where that is unknown.
    Skip(usize, usize),
    /// Whether no session is needed any more; of a component, by its place.
    Immune(Option<usize>),
}

/// What one course rests on in one scenario.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    offered: bool,
    applies: Vec<bool>,
    references: Vec<Option<Date>>,
    pub(crate) maximum: Option<u32>,
    /// For each planned session, whether it is skipped where that is unknown.
    skips: Vec<bool>,
}

/// What all courses rest on in one scenario.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    courses: Vec<Decided>,
    /// The same for a course and a value that it is counted for, where its expressions depend on the value.
    by_value: BTreeMap<(usize, u8), Decided>,
    /// The values that are planned now, as bits; none: all in the record, for nothing tells.
    pub(crate) planned: Option<u64>,
    /// Whether what is not planned is left out.
    is_cut: bool,
    days: Vec<Date>,
    /// What was used in each recorded session.
    products: Vec<Option<TextId>>,
    /// For each recorded session, the values that it was for, as bits, where its note is not known.
    values: Vec<u64>,
    birth: Option<Date>,
    immune: bool,
    immune_components: Vec<bool>,
}

impl Scenario {
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
        match length {
            Length::Fixed(duration) => duration,
            Length::Parameter(at) => match self.known.parameters[usize::from(at)] {
                Value::Duration(duration, _) => duration,
                _ => Duration::default(),
            },
        }
    }

    /// Every way that the courses can turn out, and what makes a difference; what is open, where that is too much.
    pub(crate) fn outcomes(&self, candidates: &Candidates) -> Result<Ways, Vec<Open>> {
        let plan = self.plan();
        let terms = self.terms(&plan);
        let unnoted = self.unnoted(&plan);
        let mut dimensions = self.dimensions(candidates, &plan.open, &unnoted, &terms)?;
        let ways = |dimensions: &[Dimension]| {
            let count = dimensions.iter().try_fold(1usize, |so_far, dimension| so_far.checked_mul(dimension.ways));
            count.filter(|count| *count <= MOST_SCENARIOS)
        };
        let mut count = ways(&dimensions);
        // Where there are too many, what is not planned is not judged, and need not be known.
        let is_cut = count.is_none() && plan.known.is_some();
        if let Some(planned) = plan.known.filter(|_| is_cut) {
            dimensions.retain(|dimension| !self.is_beside(&dimension.turn, planned));
            count = ways(&dimensions);
        }
        if count.is_none() {
            return Err(dimensions.iter().map(|dimension| dimension.open).collect());
        }
        let mut outcomes: Vec<Outcome> = Vec::new();
        let mut choices = vec![0; dimensions.len()];
        loop {
            let mut scenario = self.scenario(candidates, (&terms, &unnoted), &dimensions, &choices);
            scenario.planned = scenario.planned.or(plan.known);
            scenario.is_cut = is_cut;
            outcomes.push(self.outcome(scenario, choices.clone(), count > Some(1)));
            let Some(turn) = (0..choices.len()).find(|turn| choices[*turn] + 1 < dimensions[*turn].ways) else { break };
            choices[..turn].fill(0);
            choices[turn] += 1;
        }
        let (mut matter, mut moving): (Vec<Open>, Vec<Open>) = (Vec::new(), Vec::new());
        // The outcome at a choice: the first dimension turns fastest.
        let mut stride = 1;
        for (turn, dimension) in dimensions.iter().enumerate() {
            let differs = |test: &dyn Fn(&Outcome, &Outcome) -> bool| {
                outcomes.iter().enumerate().any(|(at, outcome)| {
                    let neighbour = at - outcome.choices[turn] * stride;
                    test(outcome, &outcomes[neighbour])
                })
            };
            if differs(&|one, other| !one.same_as(other)) && !matter.contains(&dimension.open) {
                matter.push(dimension.open);
            }
            let day = |outcome: &Outcome| outcome.held_until(self.today);
            if differs(&|one, other| day(one) != day(other)) && !moving.contains(&dimension.open) {
                moving.push(dimension.open);
            }
            stride *= dimension.ways;
        }
        Ok(Ways { outcomes, matter, moving })
    }

    fn dimensions(
        &self,
        candidates: &Candidates,
        plan: &Option<(Open, Vec<u8>)>,
        unnoted: &Unnoted,
        terms: &Terms,
    ) -> Result<Vec<Dimension>, Vec<Open>> {
        let mut dimensions = Vec::new();
        if let Some((open, values)) = plan {
            dimensions.push(Dimension { open: *open, turn: Turn::Planned(values.clone()), ways: values.len() });
        }
        for &(at, offered) in candidates {
            let course = &self.protocol.courses[at];
            if let (Tri::Unknown, Some(when)) = (offered, course.when) {
                dimensions.push(Dimension { open: Open::Expression(when), turn: Turn::Offered(at), ways: 2 });
            }
            self.course_dimensions(at, course, terms, &mut dimensions)?;
        }
        if let Some(birth) = self.protocol.birth {
            match self.value(birth) {
                Value::Date(range) if range.is_partial() => {
                    let ways = range.days().count();
                    dimensions.push(Dimension { open: Open::Expression(birth), turn: Turn::Birth(range), ways });
                }
                Value::Date(_) => {}
                _ => return Err(vec![Open::Expression(birth)]),
            }
        }
        let immune = self.protocol.components.iter().enumerate().map(|(at, component)| (Some(at), component.immune));
        for (component, immune) in std::iter::once((None, self.protocol.immune)).chain(immune) {
            if let Some(immune) = immune
                && self.truth(immune).is_unknown()
            {
                dimensions.push(Dimension { open: Open::Expression(immune), turn: Turn::Immune(component), ways: 2 });
            }
        }
        for (at, session) in self.known.given.iter().enumerate() {
            if session.date.is_partial() && (session.own || !self.conflicts(at, self.product(at)).is_empty()) {
                let last = session.date.last.min(self.today);
                let range = DateRange { first: session.date.first, last };
                let (open, turn) = (Open::SessionNote(at, 0), Turn::Day(at, range));
                dimensions.push(Dimension { open, turn, ways: range.days().count().max(1) });
            }
            if let Some(note) = self.counted_by().map(|counter| counter.note)
                && self.is_unnoted(at)
            {
                let open = Open::SessionNote(at, note);
                dimensions.push(Dimension { open, turn: Turn::Values(at), ways: unnoted.ways() });
            }
            let products = self.possible_products(at);
            if products.len() > 1 {
                let open = Open::SessionNote(at, crate::narrow::u16(PRODUCT_NOTE));
                dimensions.push(Dimension { open, ways: products.len(), turn: Turn::Product(at, products) });
            }
        }
        Ok(dimensions)
    }

    fn course_dimensions(
        &self,
        at: usize,
        course: &Course,
        terms: &Terms,
        dimensions: &mut Vec<Dimension>,
    ) -> Result<(), Vec<Open>> {
        for (n, interval) in course.intervals.iter().enumerate() {
            if let Some(when) = interval.when
                && let Some(open) = self.open_where(terms, at, when, |value| value.truth().is_unknown())
            {
                dimensions.push(Dimension { open, turn: Turn::Interval(at, n), ways: 2 });
            }
            if let Reference::Date(reference) = interval.from {
                if let Some(open) = self.open_where(terms, at, reference, |value| !matches!(value, Value::Date(_))) {
                    return Err(vec![open]);
                }
                let partial = |value: Value| match value {
                    Value::Date(range) if range.is_partial() => Some(range),
                    _ => None,
                };
                let ranges = self.values(terms, at, reference).filter_map(partial);
                if let Some(range) = ranges.max_by_key(|range| range.days().count())
                    && let Some(open) = self.open_where(terms, at, reference, |value| partial(value).is_some())
                {
                    let (turn, ways) = (Turn::Reference(at, n, range), range.days().count());
                    dimensions.push(Dimension { open, turn, ways });
                }
            }
        }
        if let Some(maximum) = course.maximum {
            if let Some(open) = self.open_where(terms, at, maximum, |value| whole_range(value).is_none()) {
                return Err(vec![open]);
            }
            let widest = self.values(terms, at, maximum).filter_map(whole_range).max_by_key(|(_, ways)| *ways);
            if let Some((least, ways)) = widest
                && let Some(open) =
                    self.open_where(terms, at, maximum, |value| whole_range(value).is_some_and(|(_, ways)| ways > 1))
            {
                dimensions.push(Dimension { open, turn: Turn::Maximum(at, least), ways });
            }
        }
        for session in 0..course.sessions.len() {
            if !self.missing_in_skip(at, session).is_empty() || !self.unlisted_in_skip(at, session).is_empty() {
                let (open, turn) = (Open::Skip(at, session), Turn::Skip(at, session));
                dimensions.push(Dimension { open, turn, ways: 2 });
            }
        }
        Ok(())
    }

    /// The facts that a planned session's `skip` reads and that are not known.
    pub(crate) fn missing_in_skip(&self, course: usize, session: usize) -> Vec<FactId> {
        let planned = self.protocol.courses[course].planned_session(session);
        let skip = planned.and_then(|planned| planned.skip.as_ref()).map(|skip| ExprId(skip.end - 1));
        skip.map_or_else(Vec::new, |skip| self.known.unknown_facts(self.protocol, skip).collect())
    }

    /// The treatments of which a planned session's `skip` reads the sessions, and more may have been given than are listed.
    pub(crate) fn unlisted_in_skip(&self, course: usize, session: usize) -> Vec<usize> {
        let skip = &self.protocol.courses[course].sessions[session].skip;
        skip.as_ref().map_or_else(Vec::new, |skip| self.known.unlisted.under(self.protocol, ExprId(skip.end - 1)))
    }

    /// Whether a turn is about the day of a session that was for nothing that is planned, and that nothing else looks at.
    fn is_beside(&self, turn: &Turn, planned: u64) -> bool {
        let Turn::Day(session, _) = *turn else { return false };
        let looks_across = |course: &Course| {
            course.sessions.iter().any(|planned| planned.skip.is_some())
                || course.intervals.iter().any(|interval| matches!(interval.from, Reference::Latest(_)))
        };
        let values = self.values_of_session(session);
        self.is_own(session)
            && self.conflicts(session, self.product(session)).is_empty()
            && values.is_some_and(|values| values & planned == 0)
            && !self.protocol.courses.iter().any(looks_across)
    }

    pub(crate) fn is_own(&self, session: usize) -> bool {
        self.known.given[session].own
    }

    /// What was used in a recorded session, where that is known.
    fn product(&self, session: usize) -> Option<TextId> {
        match self.known.sessions[session].get(PRODUCT_NOTE) {
            Some(Value::Text(product)) => Some(*product),
            _ => None,
        }
    }

    /// The separations that a recorded session takes part in, as another treatment, if a product was used; none: whatever it was.
    fn conflicts(&self, session: usize, product: Option<TextId>) -> Vec<usize> {
        let all = self.known.given[session].separations.iter().copied();
        let after = |at: &usize| {
            let products = self.protocol.separations[*at].products.as_ref();
            product.zip(products).is_none_or(|(product, products)| products.contains(product))
        };
        all.filter(after).collect()
    }

    /// What may have been used in a recorded session of which that is not known: one product of each kind that makes a difference.
    fn possible_products(&self, session: usize) -> Vec<Option<TextId>> {
        if self.protocol.products.len() == 1 || self.product(session).is_some() {
            return Vec::new();
        }
        let kinds = self.protocol.products.iter().copied().map(Some);
        if self.is_own(session) {
            return kinds.collect();
        }
        // Of another treatment, only the separations that it brings matter.
        let mut possible: Vec<(Option<TextId>, Vec<usize>)> = Vec::new();
        for product in kinds {
            let separations = self.conflicts(session, product);
            if possible.iter().all(|(_, other)| *other != separations) {
                possible.push((product, separations));
            }
        }
        possible.into_iter().map(|(product, _)| product).collect()
    }

    fn scenario(
        &self,
        candidates: &Candidates,
        (terms, unnoted): (&Terms, &Unnoted),
        dimensions: &[Dimension],
        choices: &[usize],
    ) -> Scenario {
        let truth = |id: ExprId| self.truth(id).is_true();
        let decide = |at: usize, own: &[(ExprId, Value)]| {
            let course = &self.protocol.courses[at];
            let value = |id: ExprId| term(own, id).unwrap_or_else(|| self.value_of(course, id, Part::Whole));
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
                maximum: course.maximum.and_then(|maximum| match value(maximum) {
                    Value::Number(least, _) => least.to_u32(),
                    _ => None,
                }),
                skips: vec![false; course.sessions.len()],
            }
        };
        let mut scenario = Scenario {
            courses: (0..self.protocol.courses.len()).map(|at| decide(at, &[])).collect(),
            by_value: terms.iter().map(|(&(at, value), own)| ((at, value), decide(at, own))).collect(),
            planned: None,
            is_cut: false,
            days: self.known.given.iter().map(|session| session.date.first).collect(),
            products: (0..self.known.sessions.len()).map(|session| self.product(session)).collect(),
            values: vec![0; self.known.given.len()],
            birth: self.protocol.birth.and_then(|birth| match self.value(birth) {
                Value::Date(range) => Some(range.first),
                _ => None,
            }),
            immune: self.protocol.immune.is_some_and(truth),
            immune_components: self.protocol.components.iter().map(|one| one.immune.is_some_and(truth)).collect(),
        };
        for (dimension, &choice) in dimensions.iter().zip(choices) {
            let day = |range: &DateRange| range.first.plus_days(crate::narrow::i32(choice));
            self.turn_values(&mut scenario, terms, &dimension.turn, choice);
            match &dimension.turn {
                Turn::Offered(course) => scenario.courses[*course].offered = choice == 1,
                Turn::Planned(values) => scenario.planned = Some(1 << values[choice]),
                Turn::Interval(course, interval) => scenario.courses[*course].applies[*interval] = choice == 1,
                Turn::Day(session, range) => scenario.days[*session] = day(range),
                Turn::Product(session, products) => scenario.products[*session] = products[choice],
                Turn::Values(session) => scenario.values[*session] = unnoted.values(choice),
                Turn::Maximum(course, least) => {
                    scenario.courses[*course].maximum = Some(least + crate::narrow::u32(choice))
                }
                Turn::Reference(course, interval, range) => {
                    scenario.courses[*course].references[*interval] = Some(day(range));
                }
                Turn::Birth(range) => scenario.birth = Some(day(range)),
                Turn::Skip(course, session) => scenario.courses[*course].skips[*session] = choice == 1,
                Turn::Immune(None) => scenario.immune = choice == 1,
                Turn::Immune(Some(component)) => scenario.immune_components[*component] = choice == 1,
            }
        }
        scenario
    }

    /// Applies a turn to what a course rests on for single values, as far as it is open for them. Where the values differ in how much
    /// is open, the widest counts for all.
    fn turn_values(&self, scenario: &mut Scenario, terms: &Terms, turn: &Turn, choice: usize) {
        let (Turn::Interval(at, _) | Turn::Reference(at, ..) | Turn::Maximum(at, _) | Turn::Skip(at, _)) = turn else {
            return;
        };
        let course = &self.protocol.courses[*at];
        let of_course = scenario.by_value.range_mut((*at, 0)..=(*at, u8::MAX));
        for (decided, own) in of_course.filter_map(|(value, decided)| Some((decided, terms.get(value)?))) {
            match *turn {
                Turn::Interval(_, n) => {
                    let own = course.intervals[n].when.and_then(|when| term(own, when));
                    if own.is_none_or(|own| own.truth().is_unknown()) {
                        decided.applies[n] = choice == 1;
                    }
                }
                Turn::Reference(_, n, range) => {
                    let own = match course.intervals[n].from {
                        Reference::Date(reference) => term(own, reference),
                        _ => None,
                    };
                    let range = match own {
                        Some(Value::Date(own)) => own,
                        _ => range,
                    };
                    decided.references[n] = Some(range.first.plus_days(crate::narrow::i32(choice)).min(range.last));
                }
                Turn::Maximum(_, least) => {
                    let own = course.maximum.and_then(|maximum| whole_range(term(own, maximum)?));
                    let (least, ways) = own.unwrap_or((least, usize::MAX));
                    decided.maximum = Some(least + crate::narrow::u32(choice.min(ways - 1)));
                }
                Turn::Skip(_, session) => decided.skips[session] = choice == 1,
                _ => {}
            }
        }
    }

    /// Runs something with the plan of a course in a scenario, for what it is judged for.
    pub(crate) fn with_plan<T>(
        &self,
        scenario: &Scenario,
        (at, part): (usize, Part),
        run: impl FnOnce(&Plan<'_>) -> T,
    ) -> T {
        let course = &self.protocol.courses[at];
        let decided = scenario.decided(at, part);
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
        let restarts = course.gaps.iter().filter(|gap| gap.action == GapAction::Restart);
        run(&Plan {
            at,
            course,
            separations: &self.protocol.separations,
            parameters: &self.known.parameters,
            birth: scenario.birth,
            applies: &decided.applies,
            references: &decided.references,
            maximum: decided.maximum,
            restart_after: restarts.map(|gap| self.length(gap.after)).min(),
            skips: &skips,
        })
    }

    /// What the courses are judged for: the components, or the values of the note they are counted by, or the whole; then the
    /// values in the record that are not planned.
    fn parts(&self, scenario: &Scenario) -> (Vec<Part>, Vec<Part>) {
        if !self.protocol.components.is_empty() {
            return ((0..self.protocol.components.len()).map(Part::Component).collect(), Vec::new());
        }
        let recorded = self.recorded();
        let counters = |values: u64| bits(values).map(Part::Counter).collect();
        if let Some(planned) = scenario.planned {
            return (counters(planned), counters(recorded & !planned));
        }
        match scenario.values.iter().fold(recorded, |all, values| all | values) {
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
    fn is_for(&self, scenario: &Scenario, session: usize, part: Part) -> bool {
        match part {
            // Of a course that is counted for each value there is a whole only while no session was for any.
            Part::Whole => self.counted_by().is_none(),
            Part::Component(at) => {
                let products = &self.protocol.components[at].products;
                scenario.products[session].is_none_or(|product| products.contains(product))
            }
            Part::Counter(at) => {
                let counter = self.counted_by();
                let note = counter.and_then(|counter| self.known.sessions[session].get(usize::from(counter.note)));
                scenario.values[session] >> at & 1 == 1 || note.is_some_and(|value| holds_choice(*value, at))
            }
        }
    }

    /// The recorded sessions in order of their days, as one part sees them, and each one's place in the record.
    pub(crate) fn given(&self, scenario: &Scenario, part: Part) -> (Vec<Given>, Vec<usize>) {
        // A day that is not known may change the order of the sessions. Of those that fall on one day, the order of the record counts.
        let mut order: Vec<usize> = (0..scenario.days.len()).collect();
        order.sort_by_key(|session| (scenario.days[*session], self.known.order[*session]));
        let given = order.iter().map(|&session| Given {
            date: scenario.days[session],
            own: self.is_own(session),
            judged: self.is_for(scenario, session, part),
            faulty: self.known.given[session].faulty,
            product: scenario.products[session],
            conflicts: self.conflicts(session, scenario.products[session]),
        });
        (given.collect(), order)
    }

    fn outcome(&self, scenario: Scenario, choices: Vec<usize>, is_compared: bool) -> Outcome {
        let (parts, others) = self.parts(&scenario);
        let chosen = |parts: Vec<Part>| parts.into_iter().filter_map(|part| self.chosen(&scenario, part)).collect();
        let runs: Vec<Chosen> = chosen(parts);
        // What is not planned is told, and decides nothing.
        let is_told = self.detail > Detail::Decision && !scenario.is_cut;
        let others = if is_told { chosen(others) } else { Vec::new() };
        let mut outcome = Outcome {
            choices,
            scenario,
            lead: 0,
            verdicts: vec![None; self.known.given.len()],
            forecast: Forecast::default(),
            maximum: None,
            projected: Vec::new(),
            runs,
            others,
        };
        if outcome.runs.is_empty() {
            return outcome;
        }
        for session in 0..self.known.given.len() {
            let verdicts = outcome.runs.iter().map(|chosen| chosen.run.verdicts[session].as_ref());
            outcome.verdicts[session] = components::verdict(verdicts);
        }
        let forecasts: Vec<&Forecast> = outcome.runs.iter().map(|chosen| &chosen.run.forecast).collect();
        (outcome.forecast, outcome.lead) = match forecasts[..] {
            [only] => (only.clone(), 0),
            _ => components::combine(&forecasts, outcome.last(), self.protocol.component_number),
        };
        outcome.maximum = outcome.scenario.decided(outcome.lead().course, outcome.part()).maximum;
        // The sessions after the next are for the report, and to tell one scenario from another.
        if is_compared || self.detail >= Detail::Report {
            outcome.projected = self.projected_by(&outcome, self.today);
        }
        outcome
    }

    /// The windows of the sessions after the next, if that is given on a day or, where it is later, on its own.
    pub(crate) fn projected_by(&self, outcome: &Outcome, first: Date) -> Vec<Window> {
        // Where several values are planned, each has a pace of its own.
        if matches!(outcome.part(), Part::Counter(_)) && outcome.runs.len() > 1 {
            return Vec::new();
        }
        let lead = outcome.lead();
        let course = &self.protocol.courses[lead.course];
        let until = match course.planned.map(|planned| self.value_of(course, planned, outcome.part())) {
            Some(Value::Number(least, most)) => if most < MANY { most } else { least }.to_u32().unwrap_or(0),
            _ if course.is_series && outcome.runs.len() == 1 => crate::narrow::u32(course.sessions.len()),
            _ => 0,
        };
        self.with_plan(&outcome.scenario, (lead.course, outcome.part()), |plan| {
            self.projected(plan, &lead.state, &lead.forecast, until, first)
        })
    }

    /// The course of the whole or of one part; none if none is offered.
    fn chosen(&self, scenario: &Scenario, part: Part) -> Option<Chosen> {
        let (given, order) = self.given(scenario, part);
        let immune_part = matches!(part, Part::Component(component) if scenario.immune_components[component]);
        let immune = scenario.immune || immune_part;
        let is_for = |at: &usize| {
            let course = &self.protocol.courses[*at];
            let of_component = match (&course.components, part) {
                (Some(components), Part::Component(component)) => components.contains(&component),
                _ => true,
            };
            scenario.courses[*at].offered && of_component
        };
        let offered: Vec<usize> = (0..self.protocol.courses.len()).filter(is_for).collect();
        let run = |plan: &Plan<'_>| {
            let judged = plan.judge(&given, self.today, None);
            let forecast = plan.forecast(&judged.state, self.today, immune);
            let mut verdicts: Vec<Option<Verdict>> = vec![None; given.len()];
            for (verdict, session) in judged.verdicts.into_iter().zip(&order) {
                verdicts[*session] = verdict;
            }
            let remaining = plan.remaining(&judged.state, &forecast, self.today);
            Run { course: plan.at, verdicts, state: judged.state, forecast, remaining }
        };
        let mut runs: Vec<Run> = offered.iter().map(|at| self.with_plan(scenario, (*at, part), run)).collect();
        if runs.is_empty() {
            return None;
        }
        let age = |length: Option<Length>| Some(scenario.birth? + self.length(length?));
        let courses = offered.iter().map(|at| {
            let course = &self.protocol.courses[*at];
            (age(course.start_before), age(course.offer_from), course.evaluation_only)
        });
        let (at, why) = choose(&runs, &courses.collect::<Vec<_>>(), self.today);
        Some(Chosen { part, run: runs.swap_remove(at), why })
    }
}

/// The least of a number of sessions, and how many ways there are up to the most; none: it is not known at all.
fn whole_range(value: Value) -> Option<(u32, usize)> {
    let Value::Number(least, most) = value else { return None };
    let whole = |number: Decimal| number.max(Decimal::ZERO).to_u32().unwrap_or(u32::MAX);
    let (least, most) = (whole(least), whole(most));
    Some((least, (most.saturating_sub(least) + 1) as usize))
}
