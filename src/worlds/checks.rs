//! The course for the trace: every check in words, with its dates.

use crate::course::{At, Check, Fault};
use crate::date::{Date, Duration};
use crate::diagnostic::Place;
use crate::lang::ExprId;
use crate::protocol::model::{Age, Course, Length, Period as Season, Reference};
use crate::recommendation::WhyChosen;
use crate::trace::{Anchor, Derived, Period, StepKind};
use crate::worlds::Scheduler;
use crate::worlds::outcome::{Chosen, Outcome, Part};

/// A node of the trace about the course.
#[derive(Clone, Debug)]
pub(crate) struct CourseNode {
    /// Its id, after `course.`.
    pub(crate) id: String,
    pub(crate) kind: StepKind,
    pub(crate) found: Found,
    pub(crate) text: String,
    /// Of a day that something is counted from: how it came about.
    pub(crate) derived: Option<Derived>,
    /// The day that is looked at, and the days between which it has to lie.
    pub(crate) period: Option<Period>,
    pub(crate) place: Option<Place>,
}

/// What a node found.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// Whether a bound holds.
    Holds(bool),
    /// A course, a date.
    Value(String),
}

/// A season, as a check is written.
pub(crate) fn season_words(season: Season) -> String {
    format!("in the season {}", ends_in_words(season.from, season.until))
}

fn ends_in_words(from: Option<Date>, until: Option<Date>) -> String {
    let ends = [from.map(|day| format!("from {day}")), until.map(|day| format!("until {day}"))];
    ends.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

impl Scheduler<'_> {
    /// Every check of one world: each bound of each recorded session, which sessions are not needed, why the course was chosen.
    pub(crate) fn nodes(&self, outcome: &Outcome) -> Vec<CourseNode> {
        let mut nodes = Vec::new();
        let all = || outcome.runs.iter().chain(&outcome.others);
        for chosen in all() {
            self.checks_of(outcome, chosen, &mut nodes);
            self.skips_of(outcome, chosen, &mut nodes);
            self.periods_of(outcome, chosen, &mut nodes);
        }
        for chosen in all().filter(|chosen| chosen.why != WhyChosen::Only) {
            let course = &self.protocol.courses[chosen.run.course];
            nodes.push(CourseNode {
                id: format!("{}.chosen", self.path(chosen)),
                kind: StepKind::Choice,
                found: Found::Value(course.id.clone()),
                text: chosen.why.word().to_owned(),
                derived: None,
                period: None,
                place: Some(course.place.clone()),
            });
        }
        nodes
    }

    pub(super) fn path(&self, chosen: &Chosen) -> String {
        let course = &self.protocol.courses[chosen.run.course].id;
        match self.part_id(chosen.part) {
            Some(part) => format!("{course}.{part}"),
            None => course.clone(),
        }
    }

    fn checks_of(&self, outcome: &Outcome, chosen: &Chosen, nodes: &mut Vec<CourseNode>) {
        let (given, order) = self.given(&outcome.world, chosen.part);
        let mut checks = Vec::new();
        self.with_plan(&outcome.world, (chosen.run.course, chosen.part), |plan| {
            plan.judge(&given, self.today, Some(&mut checks));
        });
        let course = &self.protocol.courses[chosen.run.course];
        for check in &checks {
            let session = order[check.session];
            let date = given[check.session].date;
            let second = if check.allow { ", as a second chance" } else { "" };
            let counts = match check.fault {
                Fault::Interval(of, at) if !check.holds && self.protocol.courses[of].counts_early(at) => {
                    "; it counts all the same"
                }
                _ => "",
            };
            let place = match check.fault {
                Fault::Interval(course, at) => &self.protocol.courses[course].intervals[at].place,
                Fault::Separation(at) => &self.protocol.separations[at].place,
                _ => course.place_of_session(check.planned - 1),
            };
            // An id names what is asked for, so that "yes" means that it was kept.
            let asked = match check.fault {
                Fault::TooYoung => "minimum-age".into(),
                Fault::TooOld => "maximum-age".into(),
                Fault::Product | Fault::Rejected => "product".into(),
                fault => self.fault_id(fault),
            };
            let then = match check.fault {
                Fault::Interval(of, at) if self.looking_back.of_course(of)[at].is_some() => {
                    let when = self.protocol.courses[of].intervals[at].when;
                    when.map_or_else(String::new, |when| format!(" (on that day: {})", self.protocol.written(when)))
                }
                _ => String::new(),
            };
            nodes.push(CourseNode {
                id: format!("{}.sessions.{}.{asked}", self.path(chosen), self.known.given[session].date),
                kind: StepKind::Check,
                found: Found::Holds(check.holds),
                text: format!(
                    "the session of {date}, as session {}: {}{then}{second}{counts}",
                    check.planned,
                    self.words(course, check, date)
                ),
                derived: None,
                period: check.bound.map(|bound| match check.fault {
                    Fault::TooOld => Period::new(date, None, Some(bound)),
                    _ => Period::new(date, Some(bound), None),
                }),
                place: Some(place.clone()),
            });
        }
    }

    /// Whether the planned sessions that come next are needed.
    fn skips_of(&self, outcome: &Outcome, chosen: &Chosen, nodes: &mut Vec<CourseNode>) {
        let (run, course) = (&chosen.run, &self.protocol.courses[chosen.run.course]);
        self.with_plan(&outcome.world, (run.course, chosen.part), |plan| {
            let state = plan.before(&run.state, &run.forecast);
            for at in state.pointer..=run.forecast.planned {
                let Some(planned) = course.planned_session(at).filter(|planned| planned.skip.is_some()) else {
                    continue;
                };
                // What is not needed on the day that was found is not needed at all.
                let days = [Some(self.today), run.forecast.earliest.filter(|_| at == run.forecast.planned)];
                let moment = |date: Date| At { plan, state: &state, date, judging: false };
                let skipped = days.into_iter().flatten().any(|date| (plan.skips)(at, &moment(date)));
                let text =
                    planned.skip.as_ref().map_or_else(String::new, |skip| self.protocol.written(ExprId(skip.end - 1)));
                nodes.push(CourseNode {
                    id: format!("{}.planned-{}.skip", self.path(chosen), at + 1),
                    kind: StepKind::Course,
                    found: Found::Holds(skipped),
                    text: format!("session {} is not needed: {text}", at + 1),
                    derived: None,
                    period: None,
                    place: Some(planned.place.clone()),
                });
            }
        });
    }

    /// The limits of time that a course has beside its bounds: until when it must have been begun, which intervals are in force, pauses.
    fn periods_of(&self, outcome: &Outcome, chosen: &Chosen, nodes: &mut Vec<CourseNode>) {
        let (run, course, path) = (&chosen.run, &self.protocol.courses[chosen.run.course], self.path(chosen));
        let mut push = |id: String, period: Period, text: String, derived: Option<Derived>, place: &Place| {
            let (kind, found, place) = (StepKind::Course, Found::Holds(period.holds()), Some(place.clone()));
            let period = Some(period);
            nodes.push(CourseNode { id: format!("{path}.{id}"), kind, found, text, derived, period, place });
        };
        if let (Some(birth), Some(before)) = (outcome.world.birth, course.start_before) {
            let limit = Derived::after(Anchor::new("date_of_birth", birth), self.length(before));
            if let Some(first) = run.state.valid.first() {
                let text = format!("begun on {first}, before {}: {limit}", limit.date);
                push(
                    "start-before".into(),
                    Period::new(*first, None, Some(limit.date)),
                    text,
                    Some(limit),
                    &course.place,
                );
            }
        }
        if let Some(planned) = course.planned_session(run.forecast.planned) {
            for interval in &course.intervals[planned.intervals.clone()] {
                let ends = ends_in_words(interval.in_force.from, interval.in_force.until);
                if !ends.is_empty() {
                    push(
                        format!("{}.in-force", interval.id),
                        Period::through(self.today, interval.in_force.from, interval.in_force.until),
                        format!("in force {ends}"),
                        None,
                        &interval.place,
                    );
                }
            }
            if let Some(season) = planned.season.map(|season| season.around(self.today)) {
                let period = Period::through(self.today, season.from, season.until);
                push("season".into(), period, season_words(season), None, &planned.place);
            }
        }
        let (sessions, _) = self.anchors(outcome, chosen);
        // Of a value that is planned, its own sessions count.
        let day = match (chosen.part, outcome.world.planned) {
            (Part::Counter(_), Some(_)) => run.state.last,
            _ => outcome.last(),
        };
        let last = sessions.iter().rev().find(|session| Some(session.date) == day);
        if let Some(last) = last {
            for gap in &course.gaps {
                let end = Derived::after(last.clone(), self.length(gap.after));
                let text = format!("no session since {}: {end}", end.date);
                let over = Period::new(self.today, Some(end.date.plus_days(1)), None);
                push(gap.id.clone(), over, text, Some(end), &gap.place);
            }
        }
    }

    /// A check in words: what it asks for, and from when on it holds.
    fn words(&self, course: &Course, check: &Check, date: Date) -> String {
        let bound = check.bound.map_or_else(String::new, |bound| bound.to_string());
        let planned = course.planned_session(check.planned - 1);
        let age = planned.and_then(|planned| planned.ages.iter().find(|age| age.in_force.contains(date)));
        let length = |pick: fn(&Age) -> Option<Length>| {
            age.and_then(pick).map_or(String::new(), |length| self.length(length).to_string())
        };
        let grace = self.grace_words(course);
        match check.fault {
            Fault::TooYoung if age.is_some_and(|age| age.absolute_minimum.is_some()) => {
                format!("{} old from {bound}", length(|age| age.absolute_minimum))
            }
            Fault::TooYoung => format!("{}{grace} old from {bound}", length(|age| age.minimum)),
            Fault::TooOld => format!("{} old not before {bound}", length(|age| age.maximum)),
            Fault::Interval(of, at) => {
                let interval = &self.protocol.courses[of].intervals[at];
                let (length, grace) = match interval.absolute_minimum {
                    Some(minimum) => (self.length(minimum), ""),
                    None => (self.length(interval.minimum), grace.as_str()),
                };
                format!("{length}{grace} after {} from {bound}", self.reference_words(&interval.from, check.reference))
            }
            Fault::Separation(at) => {
                let separation = &self.protocol.separations[at];
                let length = self.length(separation.absolute_minimum.unwrap_or(separation.minimum));
                format!("{length} after {} from {bound}", separation.from.join(" or "))
            }
            Fault::Product | Fault::Rejected => "the right product".into(),
        }
    }

    fn grace_words(&self, course: &Course) -> String {
        match self.length(course.grace) {
            grace if grace == Duration::default() => String::new(),
            grace => format!(" less {grace}"),
        }
    }

    fn reference_words(&self, reference: &Reference, date: Option<Date>) -> String {
        let on = date.map_or_else(String::new, |date| format!(" ({date})"));
        match reference {
            Reference::Previous => format!("the previous session{on}"),
            Reference::First => format!("the first session{on}"),
            Reference::Session(number) => format!("session {number}{on}"),
            Reference::Latest(_) => format!("the latest session with that product{on}"),
            Reference::Date(_) => format!("the date{on}"),
        }
    }
}
