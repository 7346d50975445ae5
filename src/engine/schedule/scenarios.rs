//! Every way that the unknown can turn out.

use rust_decimal::prelude::ToPrimitive;

use super::outcome::{Chosen, Outcome, Part};
use super::{Detail, Open, Scheduler};
use crate::date::{Date, DateRange, Duration};
use crate::engine::course::choice::{Run, choose};
use crate::engine::course::{At, Forecast, Given, Plan, Verdict, components};
use crate::engine::facts::PRODUCT_NOTE;
use crate::expr::{Expr, ExprId, FactId};
use crate::protocol::model::{Course, GapAction, Length, Reference};
use crate::recommendation::Window;
use crate::tri::Tri;
use crate::value::{TextId, Value};

/// The most scenarios that are tried. Beyond, nothing is claimed.
const MOST_SCENARIOS: usize = 4096;

/// The courses that may be offered, with whether that is certain.
pub(super) type Candidates = [(usize, Tri)];

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
    /// Whether what was used in a recorded session is the right product or a wrong one.
    Product(usize),
    /// The most sessions of a course, from this number.
    Maximum(usize, u32),
    /// The day an interval is counted from, by the places of its course and its own.
    Reference(usize, usize, DateRange),
    /// The date of birth.
    Birth(DateRange),
    /// Whether a recorded session counts for every counter or for none.
    Counter(usize),
    /// Whether a planned session is not needed, where that is unknown.
    Skip(usize, usize),
    /// Whether no session is needed any more; of a component, by its place.
    Immune(Option<usize>),
}

/// What one course rests on in one scenario.
#[derive(Clone, Debug)]
struct Decided {
    offered: bool,
    applies: Vec<bool>,
    references: Vec<Option<Date>>,
    maximum: Option<u32>,
    /// For each planned session, whether it is skipped where that is unknown.
    skips: Vec<bool>,
}

/// What all courses rest on in one scenario.
#[derive(Clone, Debug)]
pub(super) struct Scenario {
    courses: Vec<Decided>,
    days: Vec<Date>,
    /// What was used in each recorded session.
    products: Vec<Option<TextId>>,
    /// For each recorded session, whether it counts for every counter, where its note is not known.
    everywhere: Vec<bool>,
    birth: Option<Date>,
    immune: bool,
    immune_components: Vec<bool>,
}

impl Scheduler<'_> {
    pub(super) fn length(&self, length: Length) -> Duration {
        match length {
            Length::Fixed(duration) => duration,
            Length::Parameter(at) => match self.known.parameters[usize::from(at)] {
                Value::Duration(duration, _) => duration,
                _ => Duration::default(),
            },
        }
    }

    /// Every way that the courses can turn out, and what makes a difference.
    pub(super) fn outcomes(&self, candidates: &Candidates) -> Result<(Vec<Outcome>, Vec<Open>), Vec<Open>> {
        let dimensions = self.dimensions(candidates)?;
        let count = dimensions.iter().try_fold(1usize, |so_far, dimension| so_far.checked_mul(dimension.ways));
        if count.is_none_or(|count| count > MOST_SCENARIOS) {
            return Err(dimensions.iter().map(|dimension| dimension.open).collect());
        }
        let mut outcomes: Vec<Outcome> = Vec::new();
        let mut choices = vec![0; dimensions.len()];
        loop {
            let scenario = self.scenario(candidates, &dimensions, &choices);
            outcomes.push(self.outcome(scenario, choices.clone(), count > Some(1)));
            let Some(turn) = (0..choices.len()).find(|turn| choices[*turn] + 1 < dimensions[*turn].ways) else { break };
            choices[..turn].fill(0);
            choices[turn] += 1;
        }
        let mut matter: Vec<Open> = Vec::new();
        // The outcome at a choice: the first dimension turns fastest.
        let mut stride = 1;
        for (turn, dimension) in dimensions.iter().enumerate() {
            let differs = outcomes.iter().enumerate().any(|(at, outcome)| {
                let neighbour = at - outcome.choices[turn] * stride;
                !outcome.same_as(&outcomes[neighbour])
            });
            if differs && !matter.contains(&dimension.open) {
                matter.push(dimension.open);
            }
            stride *= dimension.ways;
        }
        Ok((outcomes, matter))
    }

    fn dimensions(&self, candidates: &Candidates) -> Result<Vec<Dimension>, Vec<Open>> {
        let mut dimensions = Vec::new();
        for &(at, offered) in candidates {
            let course = &self.protocol.courses[at];
            if let (Tri::Unknown, Some(when)) = (offered, course.when) {
                dimensions.push(Dimension { open: Open::Expression(when), turn: Turn::Offered(at), ways: 2 });
            }
            self.course_dimensions(at, course, &mut dimensions)?;
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
        let is_any_accepted = |(at, _): &(usize, Tri)| {
            let course = &self.protocol.courses[*at];
            course.sessions.iter().any(|planned| !planned.accept.is_empty() || !planned.reject.0.is_empty())
        };
        let products_matter = candidates.iter().any(is_any_accepted);
        for (at, session) in self.known.given.iter().enumerate() {
            if session.date.is_partial() && (session.own || self.conflicts(at) != 0) {
                let last = session.date.last.min(self.today);
                let range = DateRange { first: session.date.first, last };
                let (open, turn) = (Open::SessionNote(at, 0), Turn::Day(at, range));
                dimensions.push(Dimension { open, turn, ways: range.days().count().max(1) });
            }
            if let Some((note, _)) = self.counted_by()
                && self.is_own(at)
                && self.known.sessions[at].get(usize::from(*note)).is_none_or(|note| *note == Value::Unknown)
            {
                let open = Open::SessionNote(at, *note);
                dimensions.push(Dimension { open, turn: Turn::Counter(at), ways: 2 });
            }
            if products_matter && self.is_own(at) && self.known.sessions[at][PRODUCT_NOTE] == Value::Unknown {
                let open = Open::SessionNote(at, PRODUCT_NOTE as u16);
                dimensions.push(Dimension { open, turn: Turn::Product(at), ways: 2 });
            }
        }
        Ok(dimensions)
    }

    fn course_dimensions(&self, at: usize, course: &Course, dimensions: &mut Vec<Dimension>) -> Result<(), Vec<Open>> {
        for (n, interval) in course.intervals.iter().enumerate() {
            if let Some(when) = interval.when
                && self.truth(when).is_unknown()
            {
                dimensions.push(Dimension { open: Open::Expression(when), turn: Turn::Interval(at, n), ways: 2 });
            }
            if let Reference::Date(reference) = interval.from {
                let open = Open::Expression(reference);
                match self.value(reference) {
                    Value::Date(range) if range.is_partial() => {
                        let (turn, ways) = (Turn::Reference(at, n, range), range.days().count());
                        dimensions.push(Dimension { open, turn, ways });
                    }
                    Value::Date(_) => {}
                    _ => return Err(vec![open]),
                }
            }
        }
        if let Some(maximum) = course.maximum {
            match self.value(maximum) {
                Value::Number(least, most) if least == most => {}
                Value::Number(least, most) => {
                    let (least, most) = (least.to_u32().unwrap_or(0), most.to_u32().unwrap_or(0));
                    let ways = (most.saturating_sub(least) + 1) as usize;
                    let turn = Turn::Maximum(at, least);
                    dimensions.push(Dimension { open: Open::Expression(maximum), turn, ways });
                }
                _ => return Err(vec![Open::Expression(maximum)]),
            }
        }
        for session in 0..course.sessions.len() {
            if !self.missing_in_skip(at, session).is_empty() {
                let (open, turn) = (Open::Skip(at, session), Turn::Skip(at, session));
                dimensions.push(Dimension { open, turn, ways: 2 });
            }
        }
        Ok(())
    }

    /// The facts that a planned session's `skip` reads and that are not known.
    pub(in crate::engine) fn missing_in_skip(&self, course: usize, session: usize) -> Vec<FactId> {
        let mut missing = Vec::new();
        if let Some(skip) = &self.protocol.courses[course].sessions[session].skip {
            let mut todo = vec![ExprId(skip.end - 1)];
            while let Some(id) = todo.pop() {
                let expr = &self.protocol.program.node(id).expr;
                if let Expr::Fact(fact) | Expr::Age(fact) = expr
                    && !self.known.facts[usize::from(fact.0)].is_settled()
                    && !missing.contains(fact)
                {
                    missing.push(*fact);
                }
                todo.extend(expr.operands());
            }
        }
        missing
    }

    pub(super) fn is_own(&self, session: usize) -> bool {
        self.known.given[session].own
    }

    /// The separations that a recorded session takes part in, as another treatment.
    pub(super) fn conflicts(&self, session: usize) -> u64 {
        let mut bits = self.known.given[session].separations;
        if bits != 0
            && let Some(Value::Text(product)) = self.known.sessions[session].get(PRODUCT_NOTE)
        {
            for (at, separation) in self.protocol.separations.iter().enumerate() {
                if separation.products.as_ref().is_some_and(|products| !products.contains(*product)) {
                    bits &= !(1 << at);
                }
            }
        }
        bits
    }

    fn scenario(&self, candidates: &Candidates, dimensions: &[Dimension], choices: &[usize]) -> Scenario {
        let truth = |id: ExprId| self.truth(id).is_true();
        let decide = |(at, course): (usize, &Course)| Decided {
            offered: candidates.iter().any(|(candidate, offered)| *candidate == at && offered.is_true()),
            applies: course.intervals.iter().map(|one| one.when.is_none_or(truth)).collect(),
            references: course
                .intervals
                .iter()
                .map(|interval| match interval.from {
                    Reference::Date(reference) => match self.value(reference) {
                        Value::Date(range) => Some(range.first),
                        _ => None,
                    },
                    _ => None,
                })
                .collect(),
            maximum: course.maximum.and_then(|maximum| match self.value(maximum) {
                Value::Number(least, _) => least.to_u32(),
                _ => None,
            }),
            skips: vec![false; course.sessions.len()],
        };
        let product = |notes: &Vec<Value>| match notes.get(PRODUCT_NOTE) {
            Some(Value::Text(product)) => Some(*product),
            _ => None,
        };
        let mut scenario = Scenario {
            courses: self.protocol.courses.iter().enumerate().map(decide).collect(),
            days: self.known.given.iter().map(|session| session.date.first).collect(),
            products: self.known.sessions.iter().map(product).collect(),
            everywhere: vec![false; self.known.given.len()],
            birth: self.protocol.birth.and_then(|birth| match self.value(birth) {
                Value::Date(range) => Some(range.first),
                _ => None,
            }),
            immune: self.protocol.immune.is_some_and(truth),
            immune_components: self.protocol.components.iter().map(|one| one.immune.is_some_and(truth)).collect(),
        };
        for (dimension, &choice) in dimensions.iter().zip(choices) {
            let day = |range: &DateRange| range.first.plus_days(choice as i32);
            match &dimension.turn {
                Turn::Offered(course) => scenario.courses[*course].offered = choice == 1,
                Turn::Interval(course, interval) => scenario.courses[*course].applies[*interval] = choice == 1,
                Turn::Day(session, range) => scenario.days[*session] = day(range),
                Turn::Product(session) => {
                    scenario.products[*session] = (choice == 1).then_some(TextId::OTHER);
                }
                Turn::Counter(session) => scenario.everywhere[*session] = choice == 1,
                Turn::Maximum(course, least) => scenario.courses[*course].maximum = Some(least + choice as u32),
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

    /// Runs something with the plan of a course in a scenario.
    pub(super) fn with_plan<T>(&self, scenario: &Scenario, at: usize, run: impl FnOnce(&Plan<'_>) -> T) -> T {
        let course = &self.protocol.courses[at];
        let decided = &scenario.courses[at];
        let inputs = self.known.inputs(Value::Unknown, false);
        let skips = |session: usize, moment: &At<'_>| match &course.sessions[session].skip {
            Some(body) => {
                let mut evaluation = self.evaluation.borrow_mut();
                match evaluation.at_moment(&self.protocol.program, &inputs, body.clone(), moment).truth() {
                    Tri::True => true,
                    Tri::False => false,
                    Tri::Unknown => decided.skips[session],
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

    /// The note that the courses are counted by, and its choices.
    fn counted_by(&self) -> Option<&(u16, std::sync::Arc<[String]>)> {
        self.protocol.courses.iter().find_map(|course| course.separate_by.as_ref())
    }

    /// What the courses are judged for: the components, or the values of the note they are counted by, or the whole.
    fn parts(&self) -> Vec<Part> {
        if !self.protocol.components.is_empty() {
            return (0..self.protocol.components.len()).map(Part::Component).collect();
        }
        let Some((note, choices)) = self.counted_by() else { return vec![Part::Whole] };
        let own = self.known.sessions.iter().enumerate().filter(|(session, _)| self.is_own(*session));
        let values: Vec<Value> = own.filter_map(|(_, notes)| notes.get(usize::from(*note)).copied()).collect();
        let is_there = |at: &u8| values.iter().any(|value| holds_choice(*value, *at));
        let parts: Vec<Part> = (0..choices.len() as u8).filter(is_there).map(Part::Counter).collect();
        if parts.is_empty() { vec![Part::Whole] } else { parts }
    }

    /// The name of a part; none for the whole.
    pub(super) fn part_id(&self, part: Part) -> Option<&str> {
        match part {
            Part::Whole => None,
            Part::Component(at) => Some(&self.protocol.components[at].id),
            Part::Counter(at) => self.counted_by()?.1.get(usize::from(at)).map(String::as_str),
        }
    }

    /// Whether a recorded session is one for a part.
    fn is_for(&self, scenario: &Scenario, session: usize, part: Part) -> bool {
        match part {
            Part::Whole => true,
            Part::Component(at) => {
                let products = &self.protocol.components[at].products;
                scenario.products[session].is_none_or(|product| products.contains(product))
            }
            Part::Counter(at) => {
                let note = self.counted_by().and_then(|(note, _)| self.known.sessions[session].get(usize::from(*note)));
                scenario.everywhere[session] || note.is_some_and(|value| holds_choice(*value, at))
            }
        }
    }

    /// The recorded sessions in order of their days, as one part sees them, and each one's place in the record.
    pub(super) fn given(&self, scenario: &Scenario, part: Part) -> (Vec<Given>, Vec<usize>) {
        // A day that is not known may change the order of the sessions.
        let mut order: Vec<usize> = (0..scenario.days.len()).collect();
        order.sort_by_key(|session| scenario.days[*session]);
        let given = order.iter().map(|&session| Given {
            date: scenario.days[session],
            own: self.is_own(session),
            judged: self.is_for(scenario, session, part),
            faulty: self.known.given[session].faulty,
            product: scenario.products[session],
            conflicts: self.conflicts(session),
        });
        (given.collect(), order)
    }

    fn outcome(&self, scenario: Scenario, choices: Vec<usize>, is_compared: bool) -> Outcome {
        let runs: Vec<Chosen> = self.parts().into_iter().filter_map(|part| self.chosen(&scenario, part)).collect();
        let mut outcome = Outcome {
            choices,
            scenario,
            lead: 0,
            verdicts: vec![None; self.known.given.len()],
            forecast: Forecast::default(),
            maximum: None,
            projected: Vec::new(),
            runs,
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
        outcome.maximum = outcome.scenario.courses[outcome.lead().course].maximum;
        // The sessions after the next are for the report, and to tell one scenario from another.
        if is_compared || self.detail >= Detail::Report {
            outcome.projected = self.projected_by(&outcome, self.today);
        }
        outcome
    }

    /// The windows of the sessions after the next, if that is given on a day or, where it is later, on its own.
    pub(super) fn projected_by(&self, outcome: &Outcome, first: Date) -> Vec<Window> {
        let lead = outcome.lead();
        let course = &self.protocol.courses[lead.course];
        let until = match course.planned.map(|planned| self.value(planned)) {
            Some(Value::Number(_, most)) => most.to_u32().unwrap_or(0),
            _ if course.is_series && outcome.runs.len() == 1 => course.sessions.len() as u32,
            _ => 0,
        };
        self.with_plan(&outcome.scenario, lead.course, |plan| {
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
        let mut runs: Vec<Run> = offered.iter().map(|at| self.with_plan(scenario, *at, run)).collect();
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

/// Whether a note is a choice, or holds it.
fn holds_choice(note: Value, choice: u8) -> bool {
    match note {
        Value::Choice(at) => at == choice,
        Value::Set(bits) => bits >> choice & 1 == 1,
        _ => false,
    }
}
