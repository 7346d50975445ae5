//! Every way that the unknown can turn out.

use std::collections::BTreeMap;

use crate::course::choice::{Run, choose};
use crate::course::{Forecast, Plan, Status, Verdict, components};
use crate::date::Date;
use crate::logic::Tri;
use crate::logic::value::{MANY, Value};
use crate::protocol::model::Length;
use crate::recommendation::Window;
use crate::worlds::doubts::in_words;
use crate::worlds::outcome::{Chosen, Outcome, Part, ToCome, window};
use crate::worlds::unknown::Unknown;
use crate::worlds::world::World;
use crate::worlds::{Detail, Open, Scheduler};

/// The most worlds that are tried. Beyond, nothing is claimed.
pub(super) const MOST_WORLDS: usize = 4096;

/// The courses that may be offered, with whether that is certain.
pub(crate) type Candidates = [(usize, Tri)];

/// Every way that the courses can turn out.
pub(crate) struct Ways {
    pub(crate) outcomes: Vec<Outcome>,
    /// What makes a difference.
    pub(crate) matter: Vec<Open>,
    /// What makes a difference to the first permitted day.
    pub(crate) moving: Vec<Open>,
    /// What makes a difference to whether a pause asks for a reassessment.
    pub(crate) pausing: BTreeMap<(usize, usize), Vec<Open>>,
}

/// Why the ways are not tried.
pub(crate) struct Unsettled {
    /// What is not known.
    pub(crate) open: Vec<Open>,
    /// Where there would be too many ways: what is not known, in words.
    pub(crate) too_many: Option<String>,
}

impl From<Vec<Open>> for Unsettled {
    fn from(open: Vec<Open>) -> Unsettled {
        Unsettled { open, too_many: None }
    }
}

impl Scheduler<'_> {
    /// Every way that the courses can turn out, and what makes a difference; what is open, where that is too much.
    pub(crate) fn outcomes(&self, candidates: &Candidates) -> Result<Ways, Unsettled> {
        let plan = self.plan();
        let terms = self.terms(&plan);
        let unnoted = self.unnoted(&plan);
        let mut unknowns = self.unknowns(candidates, &plan.open, &unnoted, &terms)?;
        let ways = |unknowns: &[Unknown]| {
            let count = unknowns.iter().try_fold(1usize, |so_far, unknown| so_far.checked_mul(unknown.ways));
            count.filter(|count| *count <= MOST_WORLDS)
        };
        let mut count = ways(&unknowns);
        // Where there are too many, what is not planned is not judged, and need not be known.
        let is_cut = count.is_none() && plan.known.is_some();
        if let Some(planned) = plan.known.filter(|_| is_cut) {
            unknowns.retain(|unknown| !self.is_beside(&unknown.decides, planned));
            count = ways(&unknowns);
        }
        if count.is_none() {
            let note = self.counted_by().map(|counter| counter.name.as_str());
            let too_many = Some(in_words(&unknowns, note, self.protocol.speech()));
            return Err(Unsettled { open: unknowns.iter().map(|unknown| unknown.open).collect(), too_many });
        }
        let mut outcomes: Vec<Outcome> = Vec::new();
        let mut choices = vec![0; unknowns.len()];
        loop {
            let mut world = self.world(candidates, (&terms, &unnoted), &unknowns, &choices);
            world.planned = world.planned.or(plan.known);
            world.is_cut = is_cut;
            outcomes.push(self.outcome(world, choices.clone(), count > Some(1)));
            let Some(turn) = (0..choices.len()).find(|turn| choices[*turn] + 1 < unknowns[*turn].ways) else { break };
            choices[..turn].fill(0);
            choices[turn] += 1;
        }
        let (mut matter, mut moving): (Vec<Open>, Vec<Open>) = (Vec::new(), Vec::new());
        let mut pausing: BTreeMap<(usize, usize), Vec<Open>> = BTreeMap::new();
        let is_told = self.detail >= Detail::Report;
        let pauses: Vec<(usize, usize)> =
            candidates.iter().filter(|_| is_told).flat_map(|(course, _)| self.reassessing(*course)).collect();
        // The outcome at a choice: the first unknown turns fastest.
        let mut stride = 1;
        for (turn, unknown) in unknowns.iter().enumerate() {
            let differs = |test: &dyn Fn(&Outcome, &Outcome) -> bool| {
                outcomes.iter().enumerate().any(|(at, outcome)| {
                    let neighbour = at - outcome.choices[turn] * stride;
                    test(outcome, &outcomes[neighbour])
                })
            };
            if differs(&|one, other| !one.same_as(other, self.today)) && !matter.contains(&unknown.open) {
                matter.push(unknown.open);
            }
            let day = |outcome: &Outcome| outcome.held_until(self.today);
            if differs(&|one, other| day(one) != day(other)) && !moving.contains(&unknown.open) {
                moving.push(unknown.open);
            }
            for &pause in &pauses {
                let asks = |outcome: &Outcome| self.asks_to_reassess(outcome, pause);
                if differs(&|one, other| asks(one) != asks(other)) {
                    pausing.entry(pause).or_default().push(unknown.open);
                }
            }
            stride *= unknown.ways;
        }
        Ok(Ways { outcomes, matter, moving, pausing })
    }

    fn outcome(&self, world: World, choices: Vec<usize>, is_compared: bool) -> Outcome {
        let (parts, others) = self.parts(&world);
        let chosen = |parts: Vec<Part>| parts.into_iter().filter_map(|part| self.chosen(&world, part)).collect();
        let runs: Vec<Chosen> = chosen(parts);
        // What is not planned is told, and decides nothing.
        let is_told = self.detail > Detail::Decision && !world.is_cut;
        let others = if is_told { chosen(others) } else { Vec::new() };
        let mut outcome = Outcome {
            choices,
            world,
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
        outcome.maximum = outcome.world.decided(outcome.lead().course, outcome.part()).maximum;
        // The sessions after the next are for the report, and to tell one world from another.
        if is_compared || self.detail >= Detail::Report {
            outcome.projected = self.projected_by(&outcome, self.today);
        }
        outcome
    }

    /// The windows of the sessions after the next, if that is given on a day or, where it is later, on its own.
    pub(crate) fn projected_by(&self, outcome: &Outcome, first: Date) -> Vec<Window> {
        self.steps(outcome, first).iter().map(|(_, _, forecast)| window(forecast)).collect()
    }

    /// The sessions after the next, in the same way.
    pub(crate) fn steps(&self, outcome: &Outcome, first: Date) -> Vec<ToCome> {
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
        self.with_plan(&outcome.world, (lead.course, outcome.part()), |plan| {
            self.to_come(plan, &lead.state, &lead.forecast, until, first)
        })
    }

    /// The course of the whole or of one part; none if none is offered.
    fn chosen(&self, world: &World, part: Part) -> Option<Chosen> {
        let (given, order) = self.given(world, part);
        let immune_part = matches!(part, Part::Component(component) if world.immune_components[component]);
        let immune = world.immune || immune_part;
        let is_for = |at: &usize| {
            let course = &self.protocol.courses[*at];
            let of_component = match (&course.components, part) {
                (Some(components), Part::Component(component)) => components.contains(&component),
                _ => true,
            };
            world.courses[*at].offered && of_component
        };
        let offered: Vec<usize> = (0..self.protocol.courses.len()).filter(is_for).collect();
        let run = |plan: &Plan<'_>| {
            let judged = plan.judge(&given, self.today, None);
            let forecast = plan.forecast(&judged.state, self.today, immune);
            let mut verdicts: Vec<Option<Verdict>> = vec![None; given.len()];
            let mut early = vec![None; given.len()];
            for ((verdict, too_early), session) in judged.verdicts.into_iter().zip(judged.early).zip(&order) {
                early[*session] = too_early.filter(|_| matches!(verdict, Some(Verdict::Valid(_))));
                verdicts[*session] = verdict;
            }
            let remaining = plan.remaining(&judged.state, &forecast, self.today);
            Run { course: plan.at, verdicts, early, state: judged.state, forecast, remaining }
        };
        let mut runs: Vec<Run> = offered.iter().map(|at| self.with_plan(world, (*at, part), run)).collect();
        let age = |length: Option<Length>| Some(world.birth? + self.length(length?));
        let courses = offered.iter().map(|at| {
            let course = &self.protocol.courses[*at];
            (age(course.start_before), age(course.offer_from), course.evaluation_only)
        });
        let (at, why) = choose(&runs, &courses.collect::<Vec<_>>(), self.today)?;
        let mut takes = Vec::new();
        if self.detail >= Detail::Report && self.protocol.separations.iter().any(|separation| separation.of.is_some()) {
            let has_begun = runs[at].state.done() > 0;
            let may_follow = |(place, run): &(usize, &Run)| {
                (*place == at || !has_begun) && run.forecast.status == Status::NotComplete
            };
            for (_, run) in runs.iter().enumerate().filter(may_follow) {
                takes.extend(self.with_plan(world, (run.course, part), |plan| plan.takes(run.forecast.planned)));
            }
        }
        Some(Chosen { part, run: runs.swap_remove(at), why, takes })
    }
}
