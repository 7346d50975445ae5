//! One way that the unknown may turn out.

use crate::course::choice::Run;
use crate::course::{Fault, Forecast, Plan, State, Status, Takes, Verdict};
use crate::date::Date;
use crate::recommendation::{WhyChosen, Window};
use crate::worlds::Scheduler;
use crate::worlds::world::World;

/// What a course is judged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Everything at once.
    Whole,
    /// A component of the protocol, by its place.
    Component(usize),
    /// A value of the note that the courses are counted by, by its place among the note's choices.
    Counter(u8),
}

/// The course that was chosen for the whole, or for one part of it.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) part: Part,
    pub(crate) run: Run,
    pub(crate) why: WhyChosen,
    /// What the next session takes; of a course that has not begun, also by those that it may begin instead. Only where a report is wanted.
    pub(crate) takes: Vec<Takes>,
}

/// One way that the unknown may turn out.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) choices: Vec<usize>,
    pub(crate) world: World,
    /// The chosen course, or one for each component; empty where none is offered.
    pub(crate) runs: Vec<Chosen>,
    /// Those of the values in the record that are not planned.
    pub(crate) others: Vec<Chosen>,
    /// Which of them sets the earliest date.
    pub(crate) lead: usize,
    /// What became of each recorded session, over all components.
    pub(crate) verdicts: Vec<Option<Verdict>>,
    /// The forecast over all components.
    pub(crate) forecast: Forecast,
    pub(crate) maximum: Option<u32>,
    /// The windows of the sessions after the next.
    pub(crate) projected: Vec<Window>,
}

impl Outcome {
    pub(crate) fn lead(&self) -> &Run {
        &self.runs[self.lead].run
    }

    /// What it was chosen for.
    pub(crate) fn part(&self) -> Part {
        self.runs[self.lead].part
    }

    /// The course of a value that is counted, whether it is planned or not.
    pub(crate) fn of_value(&self, value: u8) -> Option<&Chosen> {
        self.runs.iter().chain(&self.others).find(|chosen| chosen.part == Part::Counter(value))
    }

    /// Whether a session is still to come.
    pub(crate) fn is_open(&self) -> bool {
        self.forecast.status == Status::NotComplete
    }

    /// The day on which the next session may first be given, where that is still to come.
    pub(crate) fn held_until(&self, today: Date) -> Option<Date> {
        self.forecast.earliest.filter(|earliest| self.is_open() && today < *earliest)
    }

    /// Whether a session is late: one that is planned, and of several that are due together any.
    pub(crate) fn is_overdue(&self, today: Date) -> bool {
        let late = |forecast: &Forecast| {
            let latest = forecast.latest.max(forecast.latest.and(self.forecast.earliest));
            forecast.status == Status::NotComplete && forecast.is_planned && latest.is_some_and(|latest| today > latest)
        };
        self.is_open() && self.runs.iter().any(|chosen| late(&chosen.run.forecast))
    }

    /// Whether no session is open any more, or none is needed.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.forecast.status, Status::Complete | Status::Immune)
    }

    /// How many sessions count; over several components, in the one that is least far.
    pub(crate) fn done(&self) -> u32 {
        self.runs.iter().map(|chosen| chosen.run.state.done()).min().unwrap_or(0)
    }

    /// The last session of this treatment.
    pub(crate) fn last(&self) -> Option<Date> {
        self.runs.iter().filter_map(|chosen| chosen.run.state.last).max()
    }

    /// Whether a course was chosen for anything.
    pub(crate) fn has(&self, course: usize) -> bool {
        self.runs.iter().any(|chosen| chosen.run.course == course)
    }

    /// The last session before the longest pause of a course that matters: that of the planned value which was treated longest ago.
    pub(crate) fn before_pause(&self, course: usize) -> Option<Date> {
        let of_course = self.runs.iter().filter(|chosen| chosen.run.course == course);
        match self.world.planned {
            Some(_) => of_course.filter_map(|chosen| chosen.run.state.last).min(),
            None => self.last().filter(|_| self.has(course)),
        }
    }

    /// What a person would notice on a day: where two worlds agree in this, their difference does not matter. Which of several bounds a
    /// date that is the same comes from does not, nor which of several faults a session has, nor when what is open today was first.
    pub(crate) fn same_as(&self, other: &Outcome, today: Date) -> bool {
        let courses = |outcome: &Outcome| -> Vec<usize> { outcome.runs.iter().map(|one| one.run.course).collect() };
        // Of different values, different sessions are judged.
        let same_plan = self.world.planned == other.world.planned;
        // An entry that notes another session once more has no verdict of its own; what matters is whether one more counts.
        let mut verdicts = self.verdicts.iter().zip(&other.verdicts).enumerate();
        let mut are_alike = || {
            verdicts.all(|(at, (one, other))| self.world.entry(at).is_some() || kind(one) == kind(other))
                && self.done() == other.done()
        };
        courses(self) == courses(other)
            && (!same_plan || are_alike())
            && noticed(&self.forecast, today) == noticed(&other.forecast, today)
            && self.maximum == other.maximum
            && self.projected == other.projected
    }
}

/// A session to come after the next: the day on which the one before it is given, where the course then stands, and the forecast.
pub(crate) type ToCome = (Date, State, Forecast);

impl Scheduler<'_> {
    /// The sessions after the next, up to a number: each with the day on which the one before it is given, which is its recommended day, or
    /// `first` if that is later. The next is given today if `first` is today and its window is open.
    pub(crate) fn to_come(
        &self,
        plan: &Plan<'_>,
        state: &State,
        forecast: &Forecast,
        until: u32,
        first: Date,
    ) -> Vec<ToCome> {
        let mut sessions = Vec::new();
        let (mut state, mut forecast) = (plan.before(state, forecast), forecast.clone());
        let mut is_today = first == self.today && forecast.earliest <= Some(first);
        while forecast.status == Status::NotComplete && state.done() + 1 < until {
            let best = forecast.recommended.or(forecast.earliest).filter(|_| !is_today);
            is_today = false;
            let day = best.map_or(first, |day| day.max(first));
            state.pointer = forecast.planned;
            state = plan.after(&state, day);
            if plan.is_over(&state) {
                break;
            }
            forecast = plan.forecast(&state, self.today.max(day), false);
            // Where each pause begins the count again, nothing comes after its first session.
            if forecast.status != Status::NotComplete || forecast.begins_again() {
                break;
            }
            sessions.push((day, state.clone(), forecast.clone()));
        }
        sessions
    }
}

/// What a person would notice of a forecast.
pub(crate) fn noticed(forecast: &Forecast, today: Date) -> (Status, Window) {
    let open = |date: Option<Date>| Some(date.map_or(today, |date| date.max(today)));
    let Window { earliest, recommended, .. } = window(forecast);
    (forecast.status, Window { earliest: open(earliest), recommended: open(recommended), ..window(forecast) })
}

/// What became of a session, without its faults.
pub(crate) fn kind(verdict: &Option<Verdict>) -> Option<Verdict> {
    verdict.as_ref().map(|verdict| match verdict {
        Verdict::NotValid(_) => Verdict::NotValid(Vec::new()),
        Verdict::Extraneous(faults) => {
            // Beyond the last session, or at too great an age.
            Verdict::Extraneous(if faults.is_empty() { Vec::new() } else { vec![Fault::TooOld] })
        }
        other => other.clone(),
    })
}

pub(crate) fn window(forecast: &Forecast) -> Window {
    Window {
        number: forecast.number,
        after_complete: forecast.after_complete,
        earliest: forecast.earliest,
        recommended: forecast.recommended,
        past_due: forecast.past_due,
        latest: forecast.latest,
    }
}
