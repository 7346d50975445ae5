//! The course for the trace: every check in words, with its dates.

use crate::course::{Check, Fault, Status};
use crate::date::{Date, Duration};
use crate::diagnostic::Place;
use crate::protocol::model::{Age, Course, Length, Reference};
use crate::recommendation::{CourseReport, SetBy, WhyChosen, Window};
use crate::trace::StepKind;
use crate::worlds::Scheduler;
use crate::worlds::outcome::{Chosen, Outcome, Part, window};

/// A node of the trace about the course.
#[derive(Clone, Debug)]
pub(crate) struct CourseNode {
    /// Its id, after `course.`.
    pub(crate) id: String,
    pub(crate) kind: StepKind,
    pub(crate) found: Found,
    pub(crate) text: String,
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

impl Scheduler<'_> {
    /// Every check of one world: each bound of each recorded session, why the course was chosen, what set the dates.
    pub(crate) fn nodes(&self, outcome: &Outcome, report: &CourseReport) -> Vec<CourseNode> {
        let mut nodes = Vec::new();
        let all = || outcome.runs.iter().chain(&outcome.others);
        for chosen in all() {
            self.checks_of(outcome, chosen, &mut nodes);
        }
        for chosen in all().filter(|chosen| chosen.why != WhyChosen::Only) {
            let course = &self.protocol.courses[chosen.run.course];
            nodes.push(CourseNode {
                id: format!("{}.chosen", self.path(chosen)),
                kind: StepKind::Choice,
                found: Found::Value(course.id.clone()),
                text: chosen.why.word().to_owned(),
                place: Some(course.place.clone()),
            });
        }
        match outcome.part() {
            // Each value that is counted has its own dates.
            Part::Counter(_) => {
                for chosen in all().filter(|chosen| chosen.run.forecast.status == Status::NotComplete) {
                    let forecast = &chosen.run.forecast;
                    self.dates(chosen, &window(forecast), &self.set_by(forecast), &mut nodes);
                }
            }
            _ => {
                if let (Some(next), Some(set_by)) = (&report.next, &report.set_by) {
                    self.dates(&outcome.runs[outcome.lead], next, set_by, &mut nodes);
                }
            }
        }
        nodes
    }

    /// What set each date of the next session.
    fn dates(&self, chosen: &Chosen, next: &Window, set_by: &SetBy, nodes: &mut Vec<CourseNode>) {
        let dates = [
            ("earliest", next.earliest, &set_by.earliest),
            ("recommended", next.recommended, &set_by.recommended),
            ("past-due", next.past_due, &set_by.past_due),
        ];
        for (name, date, by) in dates {
            let (Some(date), Some(by)) = (date, by) else { continue };
            nodes.push(CourseNode {
                id: format!("{}.next.{name}", self.path(chosen)),
                kind: StepKind::Date,
                found: Found::Value(date.to_string()),
                text: format!("set by {by}"),
                place: None,
            });
        }
    }

    fn path(&self, chosen: &Chosen) -> String {
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
        let own: Vec<usize> = (0..order.len()).filter(|at| self.is_own(*at)).collect();
        for check in &checks {
            let session = order[check.session];
            let number = own.iter().position(|at| *at == session).map_or(0, |at| at + 1);
            let date = given[check.session].date;
            let second = if check.allow { ", as a second chance" } else { "" };
            let holds = match check.fault {
                _ if check.holds => "yes",
                Fault::Interval(of, at) if self.protocol.courses[of].counts_early(at) => "no, but it counts",
                _ => "no",
            };
            let place = match check.fault {
                Fault::Interval(course, at) => &self.protocol.courses[course].intervals[at].place,
                Fault::Separation(at) => &self.protocol.separations[at].place,
                _ => course.place_of_session(check.planned - 1),
            };
            nodes.push(CourseNode {
                id: format!("{}.session-{number}.{}", self.path(chosen), self.fault_id(check.fault)),
                kind: StepKind::Check,
                found: Found::Holds(check.holds),
                text: format!("session {number} on {date}: {}{second}: {holds}", self.words(course, check, date)),
                place: Some(place.clone()),
            });
        }
    }

    /// A check in words: what it asks for, and from when on it holds.
    fn words(&self, course: &Course, check: &Check, date: Date) -> String {
        let bound = check.bound.map_or_else(String::new, |bound| bound.to_string());
        let planned = course.planned_session(check.planned - 1);
        let age = planned.and_then(|planned| planned.ages.iter().find(|age| age.in_force.contains(date)));
        let length = |pick: fn(&Age) -> Option<Length>| {
            age.and_then(pick).map_or(String::new(), |length| in_weeks(self.length(length)))
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
                let length = in_weeks(length);
                format!("{length}{grace} after {} from {bound}", self.reference_words(&interval.from, check.reference))
            }
            Fault::Separation(at) => {
                let separation = &self.protocol.separations[at];
                let length = in_weeks(self.length(separation.absolute_minimum.unwrap_or(separation.minimum)));
                format!("{length} after {} from {bound}", separation.from.join(" or "))
            }
            Fault::Product | Fault::Rejected => "the right product".into(),
        }
    }

    fn grace_words(&self, course: &Course) -> String {
        match self.length(course.grace) {
            grace if grace == Duration::default() => String::new(),
            grace => format!(" less {}", in_weeks(grace)),
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

/// A length of time as a person counts it: whole weeks as weeks.
fn in_weeks(length: Duration) -> String {
    if length.months == 0 && length.days >= 14 && length.days % 7 == 0 {
        format!("{} weeks", length.days / 7)
    } else {
        length.to_string()
    }
}
