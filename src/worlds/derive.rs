//! Where the dates of a course come from: of each its anchor, its length and its condition.
//!
//! Nothing is decided here. What the forecast says is traced back to the days that it is counted from.

use crate::course::{Bound, Forecast, Plan, State, Status, ages};
use crate::date::{Date, Duration};
use crate::protocol::model::{Interval, Length, PlannedSession, Reference};
use crate::recommendation::Window;
use crate::trace::{Anchor, Derived};
use crate::worlds::outcome::{Chosen, Outcome, Part, window};
use crate::worlds::{Schedule, Scheduler, bound_id};

/// A date of the course, with its id in the trace.
#[derive(Clone, Debug)]
pub(crate) struct Dated {
    pub(crate) id: String,
    pub(crate) derived: Derived,
}

/// A course in one world, at one point of it.
struct Point<'p> {
    scheduler: &'p Scheduler<'p>,
    plan: &'p Plan<'p>,
    state: &'p State,
    /// The day that the ages and intervals in force are those of.
    day: Date,
    /// The sessions so far, each with its day, the latest last.
    sessions: &'p [Anchor],
    /// Those of other treatments, each with the separations that it takes part in.
    others: &'p [(Anchor, Vec<usize>)],
    birth: Option<Date>,
    /// What stands before the ids of conditions.
    path: &'p str,
}

impl Point<'_> {
    fn session(&self, date: Date) -> Anchor {
        let known = self.sessions.iter().rev().find(|anchor| anchor.date == date);
        known.cloned().unwrap_or_else(|| Anchor::new(format!("sessions.{date}"), date))
    }

    fn birth(&self, length: Length) -> Option<Derived> {
        Some(Derived::after(Anchor::new("date_of_birth", self.birth?), self.plan.length(length)))
    }

    /// A length after what an interval is counted from.
    fn interval(&self, at: usize, interval: &Interval, length: Duration) -> Option<Derived> {
        let date = self.plan.reference(at, interval, self.state)?;
        let anchor = match interval.from {
            Reference::Date(_) => Anchor::new(format!("course.{}.{}.from", self.path, interval.id), date),
            _ => self.session(date),
        };
        let condition = interval.when.map(|_| format!("course.{}.{}.when", self.path, interval.id));
        Some(Derived { condition, ..Derived::after(anchor, length) })
    }

    /// Where a bound comes from.
    fn bound(&self, planned: &PlannedSession, bound: Bound, date: Date) -> Option<Derived> {
        match bound {
            Bound::Age(..) => self.birth(ages(planned, self.day)?.minimum?),
            Bound::Interval(_, at) => {
                let interval = &self.plan.course.intervals[at];
                self.interval(at, interval, self.plan.length(interval.minimum))
            }
            Bound::Separation(at) => {
                let mut others = self.others.iter().filter(|(_, separations)| separations.contains(&at));
                let length = self.plan.length(self.plan.separations[at].minimum);
                let derived = |(anchor, _): &(Anchor, Vec<usize>)| Derived::after(anchor.clone(), length);
                others.find(|(anchor, _)| anchor.date + length == date).map(derived)
            }
            Bound::Season(..) => Some(Derived::after(Anchor::new("season", date), Duration::default())),
            Bound::LastSession => Some(Derived::after(self.session(date), Duration::default())),
            Bound::Restart(_, at) => {
                let length = self.plan.length(self.plan.course.gaps[at].after);
                Some(Derived::after(self.session(self.state.last.max(self.state.before)?), later(length, 1)))
            }
        }
    }

    /// The dates of a window and what they are made of, what is used before what uses it. Also the window's own, whatever they are.
    fn window(&self, forecast: &Forecast, prefix: &str) -> Vec<Dated> {
        let scheduler = self.scheduler;
        let Some(planned) = self.plan.course.planned_session(forecast.planned) else { return Vec::new() };
        let mut nodes: Vec<Dated> = Vec::new();
        let mut push = |name: &str, derived: Option<Derived>| -> Option<Anchor> {
            let derived = derived?;
            let id = format!("{prefix}.{name}");
            let anchor = Anchor::new(id.clone(), derived.date);
            nodes.push(Dated { id, derived });
            Some(anchor)
        };
        let mut bounds = Vec::new();
        for (bound, date) in &forecast.bounds {
            let derived = self.bound(planned, *bound, *date);
            let id = bound_id(scheduler.protocol, *bound);
            match bound {
                Bound::LastSession => bounds.push(self.session(*date)),
                _ => bounds.extend(push(&id, derived)),
            }
        }
        let earliest = push("earliest", Derived::latest(bounds));
        let age = ages(planned, self.day);
        let age_id = format!("{}-age", self.plan.course.id);
        let (mut best, mut late) = (Vec::new(), Vec::new());
        let at_age = |pick: fn(&crate::protocol::model::Age) -> Option<Length>, days: i32| {
            let mut derived = self.birth(age.and_then(pick)?)?;
            if days != 0 {
                derived = Derived::after(derived.from.remove(0), later(self.plan.length(age.and_then(pick)?), days));
            }
            Some(derived)
        };
        let by_age = at_age(|age| age.recommended, 0);
        let late_by_age = at_age(|age| age.latest, 0);
        if by_age.is_none() || late_by_age.is_none() {
            for (at, interval, _) in self.plan.intervals(planned.intervals.clone(), self.state, self.day) {
                let length = |length: Length| self.plan.length(length);
                if let (None, Some(recommended)) = (&by_age, interval.recommended) {
                    let derived = self.interval(at, interval, length(recommended));
                    best.extend(push(&format!("{}.recommended", interval.id), derived));
                }
                if let (None, Some(latest)) = (&late_by_age, interval.latest) {
                    let derived = self.interval(at, interval, length(latest));
                    late.extend(push(&format!("{}.latest", interval.id), derived));
                }
            }
        }
        best.extend(push(&format!("{age_id}.recommended"), by_age));
        late.extend(push(&format!("{age_id}.latest"), late_by_age));
        let best = Derived::latest(earliest.iter().cloned().chain(best).collect());
        // The last day before a pause begins the count again, where that comes before other dates.
        let pause = self.plan.restart_day(self.state).zip(self.state.last).filter(|_| forecast.ends.is_some());
        let pause = pause.map(|((gap, _), last)| {
            Derived::after(self.session(last), self.plan.length(self.plan.course.gaps[gap].after))
        });
        let pause = push(&format!("{}-restart.eve", self.plan.course.id), pause);
        let by_age = age.and_then(|age| age.maximum).and_then(|_| at_age(|age| age.maximum, -1));
        let mut oldest = None;
        // No later than the session may be given.
        let last = forecast.recommended.filter(|day| best.as_ref().is_some_and(|best| *day < best.date));
        let recommended = match last {
            None => push("recommended", best),
            Some(day) => {
                push("best", best);
                oldest = push(&format!("{age_id}.maximum"), by_age.clone());
                let is_last = |anchor: &&Anchor| anchor.date == day;
                let last = earliest.iter().chain(&oldest).chain(&pause).find(is_last).cloned();
                push("recommended", Derived::latest(vec![last.unwrap_or_else(|| Anchor::new("season", day))]))
            }
        };
        // It is not late before the best day.
        let best_day = |late: Option<&Anchor>| {
            let is_after = |best: &Anchor, other: Option<&Anchor>| other.is_none_or(|other| other.date < best.date);
            recommended.clone().filter(|best| is_after(best, late) && is_after(best, earliest.as_ref()))
        };
        if let Some(end) = push("late", Derived::latest(late.clone())) {
            let day_before = push("late.eve", Some(Derived::after(end.clone(), Duration::days(-1))));
            let best = best_day(day_before.as_ref());
            let not_late = Derived::latest(earliest.iter().cloned().chain(day_before).chain(best).collect());
            let is_cut = |pause: &Anchor| not_late.as_ref().is_some_and(|not_late| pause.date < not_late.date);
            let past_due = match pause.clone().filter(is_cut) {
                Some(pause) => Derived::latest(vec![pause]),
                None => not_late,
            };
            push("past-due", past_due);
            late = vec![end];
        }
        let best = best_day(late.first());
        let not_late = (!late.is_empty())
            .then(|| Derived::latest(late.into_iter().chain(earliest).chain(best).collect()))
            .flatten();
        let mut ends: Vec<Anchor> = Vec::new();
        ends.extend(push("not-late", not_late));
        ends.extend(pause.filter(|pause| forecast.latest == Some(pause.date)));
        ends.extend(oldest.or_else(|| push(&format!("{age_id}.maximum"), by_age)));
        // The end of a season is written in the protocol.
        if let Some(latest) = forecast.latest.filter(|latest| ends.iter().all(|end| end.date > *latest)) {
            ends.push(Anchor::new("season", latest));
        }
        push("latest", Derived::earliest(ends));
        nodes
    }
}

/// A length, and some days more.
fn later(length: Duration, days: i32) -> Duration {
    Duration::new(length.months, length.days + days)
}

impl Scheduler<'_> {
    /// The sessions of a world as anchors: those of one part of the course, and those of other treatments.
    pub(super) fn anchors(&self, outcome: &Outcome, chosen: &Chosen) -> (Vec<Anchor>, Vec<(Anchor, Vec<usize>)>) {
        let (mut own, mut others) = (Vec::new(), Vec::new());
        let (_, order) = self.given(&outcome.world, Part::Whole);
        for session in order {
            let date = outcome.world.days[session];
            let id = format!("sessions.{}", self.known.given[session].date);
            if self.is_own(session) {
                let number = chosen.run.verdicts[session].as_ref().and_then(|verdict| match verdict {
                    crate::course::Verdict::Valid(number) => Some(*number),
                    _ => None,
                });
                own.push(Anchor { number, ..Anchor::new(id, date) });
            }
            let separations = self.conflicts(session, outcome.world.products[session]);
            if !separations.is_empty() {
                others.push((Anchor::new(format!("sessions.{}", self.known.given[session].date), date), separations));
            }
        }
        (own, others)
    }

    /// Runs something with a course in a world, as it stands.
    fn at<T>(&self, outcome: &Outcome, chosen: &Chosen, path: &str, run: impl FnOnce(&Point<'_>) -> T) -> T {
        let (sessions, others) = self.anchors(outcome, chosen);
        self.with_plan(&outcome.world, (chosen.run.course, chosen.part), |plan| {
            run(&Point {
                scheduler: self,
                plan,
                state: &plan.before(&chosen.run.state, &chosen.run.forecast),
                day: self.today,
                sessions: &sessions,
                others: &others,
                birth: outcome.world.birth,
                path,
            })
        })
    }

    /// Where a day of one world comes from that a bound of any part comes to.
    fn derived_day(&self, outcome: &Outcome, date: Date) -> Option<Derived> {
        outcome.runs.iter().find_map(|chosen| {
            let (bound, _) = chosen.run.forecast.bounds.iter().find(|(_, own)| *own == date)?;
            self.at(outcome, chosen, &self.path(chosen), |point| {
                point.bound(point.plan.course.planned_session(chosen.run.forecast.planned)?, *bound, date)
            })
        })
    }

    /// Where a bound of one world comes from, that of one value or of any part.
    pub(crate) fn derived_bound(
        &self,
        (safest, outcomes): (&Outcome, &[&Outcome]),
        bound: Bound,
        value: Option<u8>,
        date: Date,
    ) -> Option<Derived> {
        let mut capped = None;
        for outcome in outcomes.iter().filter(|outcome| outcome.is_open()) {
            for chosen in &outcome.runs {
                if value.is_some_and(|value| chosen.part != Part::Counter(value)) {
                    continue;
                }
                let Some((_, own)) = chosen.run.forecast.bounds.iter().find(|(other, _)| *other == bound) else {
                    continue;
                };
                let derived = || {
                    self.at(outcome, chosen, &self.path(chosen), |point| {
                        let planned = point.plan.course.planned_session(chosen.run.forecast.planned)?;
                        point.bound(planned, bound, *own)
                    })
                };
                if *own == date {
                    return derived();
                }
                // Where components are combined, a later bound of another does not hold back.
                if *own > date && outcome.forecast.earliest == Some(date) {
                    capped = capped.or_else(|| {
                        let path = self.path(chosen);
                        let raw = match bound {
                            Bound::Season(..) => Anchor::new("season", *own),
                            _ => Anchor::new(format!("course.{path}.next.{}", bound_id(self.protocol, bound)), *own),
                        };
                        let course = outcome.lead().course;
                        let all =
                            Anchor::new(format!("course.{}.next.earliest", self.protocol.courses[course].id), date);
                        // The dates of one way stand in the trace. Another that comes to the same day is told by that, and one that
                        // does not, by what holds it back until then.
                        let is_alike = (course, Some(date)) == (safest.lead().course, safest.forecast.earliest);
                        match (std::ptr::eq(*outcome, safest), is_alike) {
                            (true, _) => Derived::earliest(vec![raw, all]),
                            (false, true) => Derived::earliest(vec![all]),
                            (false, false) => self.derived_day(outcome, date),
                        }
                    });
                }
            }
        }
        capped
    }

    /// The dates of the next session and of those to come after it, with all that they are made of.
    pub(crate) fn dates_of(&self, schedule: &Schedule, day: Option<&Anchor>) -> Vec<Dated> {
        let mut nodes = Vec::new();
        if let Some(safest) = &schedule.safest {
            self.dates_in(safest, "next", &mut nodes);
            self.dates_to_come(safest, day, &mut nodes);
        }
        // The way in which the wait is shortest, where that is another.
        if let Some(soonest) = &schedule.soonest {
            self.dates_in(soonest, "soonest", &mut nodes);
        }
        for (value, outcome) in &schedule.of_values {
            if let Some(chosen) = outcome.of_value(*value) {
                self.dates_of_run(outcome, chosen, "own", &mut nodes);
            }
        }
        nodes
    }

    fn dates_of_run(&self, outcome: &Outcome, chosen: &Chosen, which: &str, nodes: &mut Vec<Dated>) {
        if chosen.run.forecast.status == Status::NotComplete {
            let path = self.path(chosen);
            let prefix = format!("course.{path}.{which}");
            self.at(outcome, chosen, &path, |point| nodes.extend(point.window(&chosen.run.forecast, &prefix)));
        }
    }

    fn dates_in(&self, outcome: &Outcome, which: &str, nodes: &mut Vec<Dated>) {
        // Also where all of it is not open, a part may be.
        for chosen in &outcome.runs {
            self.dates_of_run(outcome, chosen, which, nodes);
        }
        let lead = &outcome.runs[outcome.lead];
        if lead.part == Part::Whole || !outcome.is_open() {
            return;
        }
        // What is done at once is given when all of it may be.
        let open: Vec<&Chosen> =
            outcome.runs.iter().filter(|chosen| chosen.run.forecast.status == Status::NotComplete).collect();
        let prefix = format!("course.{}.{which}", self.protocol.courses[lead.run.course].id);
        let of = |chosen: &Chosen, name: &str, date: Date| {
            Anchor::new(format!("course.{}.{which}.{name}", self.path(chosen)), date)
        };
        let all = window(&outcome.forecast);
        let mut push = |name: &str, derived: Option<Derived>| {
            if let Some(derived) = derived {
                nodes.push(Dated { id: format!("{prefix}.{name}"), derived });
            }
        };
        let earliest = all.earliest.map(|date| Anchor::new(format!("{prefix}.earliest"), date));
        let mut from: Vec<Anchor> = if outcome.forecast.priority {
            lead.run.forecast.earliest.map(|date| of(lead, "earliest", date)).into_iter().collect()
        } else {
            open.iter().filter_map(|one| one.run.forecast.earliest.map(|date| of(one, "earliest", date))).collect()
        };
        if outcome.forecast.priority {
            from.extend(outcome.last().map(|last| Anchor::new(format!("sessions.{last}"), last)));
        }
        push("earliest", Derived::latest(from));
        type Pick = fn(&Window) -> Option<Date>;
        let dates: [(&str, Pick); 3] =
            [("recommended", |one| one.recommended), ("past-due", |one| one.past_due), ("latest", |one| one.latest)];
        for (name, pick) in dates {
            let smallest = open.iter().filter_map(|one| Some(of(one, name, pick(&window(&one.run.forecast))?)));
            let smallest = smallest.min_by_key(|anchor| anchor.date);
            push(name, smallest.and_then(|one| Derived::latest([one].into_iter().chain(earliest.clone()).collect())));
        }
    }

    /// The sessions after the next: each is counted from the one before it, on its best day.
    fn dates_to_come(&self, outcome: &Outcome, day: Option<&Anchor>, nodes: &mut Vec<Dated>) {
        let Some(day) = day else { return };
        let (lead, steps) = (&outcome.runs[outcome.lead], self.steps(outcome, day.date));
        let path = self.path(lead);
        let (mut sessions, others) = self.anchors(outcome, lead);
        let mut before = lead.run.forecast.clone();
        let mut prefix = format!("course.{path}.next");
        for (at, (given, state, forecast)) in steps.iter().enumerate() {
            let mut from = vec![day.clone()];
            let best = [("recommended", before.recommended), ("earliest", before.earliest)];
            let best = best.into_iter().find_map(|(name, date)| Some(Anchor::new(format!("{prefix}.{name}"), date?)));
            // One that is given today, where today is permitted, does not wait for its best day.
            from.extend(best.filter(|best| best.date <= *given));
            let id = format!("{prefix}.given");
            nodes.extend(Derived::latest(from).map(|derived| Dated { id: id.clone(), derived }));
            sessions.push(Anchor { number: Some(before.number), ..Anchor::new(id, *given) });
            prefix = format!("course.{path}.then-{}", at + 1);
            self.with_plan(&outcome.world, (lead.run.course, lead.part), |plan| {
                let point = Point {
                    scheduler: self,
                    plan,
                    state,
                    day: self.today.max(*given),
                    sessions: &sessions,
                    others: &others,
                    birth: outcome.world.birth,
                    path: &path,
                };
                nodes.extend(point.window(forecast, &prefix));
            });
            before = forecast.clone();
        }
    }
}
