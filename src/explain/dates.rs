//! Where the dates of an answer come from: the waits that make them, and the windows that the waits put off.

use crate::date::Date;
use crate::decide::Decision;
use crate::decide::first_day::{Waits, days};
use crate::explain::View;
use crate::recommendation::{CourseReport, SetBy, Status, Window};
use crate::trace::{Anchor, Derived};
use crate::worlds::Dated;

/// Something that holds back, or may, with the first and the last day on which that may be over.
pub(crate) struct Wait {
    id: String,
    is_certain: bool,
    first: Anchor,
    last: Anchor,
}

type Pick = fn(&Window) -> Option<Date>;

/// The dates of a window, by their names in the trace.
const DATES: [(&str, Pick); 4] = [
    ("earliest", |window| window.earliest),
    ("recommended", |window| window.recommended),
    ("past-due", |window| window.past_due),
    ("latest", |window| window.latest),
];

impl View<'_> {
    /// What holds back until a day, or may: rules, by their ids.
    pub(crate) fn rule_waits(&self) -> Vec<Wait> {
        let mut waits = Vec::new();
        for (rule, fires) in self.protocol.rules.iter().zip(&self.assessment.fires) {
            let over = rule.not_before().and_then(|day| days(self.assessment.evaluation.value(day)));
            let Some(over) = over.filter(|_| rule.action.leads_to() == Some(Status::Deferred) && !fires.is_false())
            else {
                continue;
            };
            let node = format!("deferral.{}.not_before", rule.id);
            // A wait of unknown length reaches the end of the calendar.
            let last = if over.last == Date::MAX { over.first } else { over.last };
            let (first, last) = (Anchor::new(node.clone(), over.first), Anchor::new(node, last));
            waits.push(Wait { id: rule.id.clone(), is_certain: fires.is_true(), first, last });
        }
        waits
    }

    /// The rule whose wait was over last, of those that held back until a day that has come.
    pub(crate) fn ended_wait(&self) -> Option<Wait> {
        let evaluation = &self.assessment.evaluation;
        let rules = self.protocol.rules.iter().filter(|rule| rule.action.leads_to() == Some(Status::Deferred));
        let rules = rules.filter(|rule| rule.when.is_none_or(|when| evaluation.truth(when).is_true()));
        let over = rules.filter_map(|rule| {
            let over = days(evaluation.value(rule.not_before()?))?;
            (!over.is_partial() && over.last <= self.known.today).then_some((over.last, rule))
        });
        let (day, rule) = over.max_by(|(a, one), (b, other)| (a, &other.id).cmp(&(b, &one.id)))?;
        let anchor = Anchor::new(format!("deferral.{}.not_before", rule.id), day);
        Some(Wait { id: rule.id.clone(), is_certain: true, first: anchor.clone(), last: anchor })
    }

    /// The day until which a wait that is over held back.
    pub(crate) fn waited_until(&self) -> Option<Date> {
        self.ended_wait().map(|wait| wait.last.date)
    }

    /// The course as a wait.
    fn course_wait(&self) -> Option<Wait> {
        let schedule = &self.assessment.schedule;
        let days = schedule.first_day.filter(|_| !schedule.too_early.is_false())?;
        let id = &self.protocol.courses[schedule.course?].id;
        let (which, first) =
            if days.first == days.last { ("next", schedule.course?) } else { ("soonest", schedule.soonest_course()?) };
        let first = &self.protocol.courses[first].id;
        Some(Wait {
            id: String::new(),
            is_certain: schedule.too_early.is_true(),
            first: Anchor::new(format!("course.{first}.{which}.earliest"), days.first),
            last: Anchor::new(format!("course.{id}.next.earliest"), days.last),
        })
    }

    /// Every date of the answer that is not told by a rule or by the course alone, and those of the course, operands first.
    pub(crate) fn dates(
        &self,
        decision: &Decision,
        waits: &Waits,
        by_rules: &Waits,
        report: Option<&CourseReport>,
        session_day: Option<Date>,
    ) -> Vec<Dated> {
        let rules = self.rule_waits();
        let all: Vec<Wait> = self.rule_waits().into_iter().chain(self.course_wait()).collect();
        let last = |waits: &[Wait]| waits.iter().map(|wait| wait.last.clone()).collect::<Vec<_>>();
        let before = self.assessment.schedule.report.as_ref();
        let mut own = Vec::new();
        let mut push = |id: &str, derived: Option<Derived>| {
            let derived = derived?;
            let anchor = Anchor::new(id, derived.date);
            own.push(Dated { id: id.to_owned(), derived });
            Some(anchor)
        };
        if decision.no_sooner_than.is_some() {
            let certain = all.iter().filter(|wait| wait.is_certain);
            push("no_sooner_than", Derived::latest(certain.map(|wait| wait.first.clone()).collect()));
        }
        let moved = report.map(|report| &report.next) != before.map(|before| &before.next);
        let name = match (decision.not_before, decision.no_later_than) {
            (Some(_), _) => Some("not_before"),
            (None, Some(_)) => Some("no_later_than"),
            (None, None) => (moved && waits.latest().is_some()).then_some("wait"),
        };
        let wait = name.and_then(|name| push(name, Derived::latest(last(&all))));
        let rules_wait = report.is_some_and(|report| report.separate_by.is_some()) && by_rules.latest().is_some();
        let rules_wait = rules_wait.then(|| push("wait-by-rules", Derived::latest(last(&rules)))).flatten();
        let day = [wait.clone(), self.day_anchor(decision, session_day)].into_iter().flatten();
        let day = day.max_by_key(|anchor| anchor.date);
        if let (Some(report), Some(before)) = (report, before) {
            let path = |of: String, which: &str| format!("course.{of}.{which}");
            let ended = self.ended_wait().map(|wait| wait.last);
            let mut moved = |own: Option<&Window>, now: Option<&Window>, path: &str, to: &str, by: &[Anchor]| {
                let (Some(own), Some(now)) = (own, now) else { return };
                for (name, pick) in DATES {
                    let (before, after) = (pick(own), pick(now));
                    if before != after {
                        let before = before.map(|date| Anchor::new(format!("{path}.{name}"), date));
                        // What came to a later day has moved something else.
                        let by = by.iter().filter(|by| Some(by.date) <= after).cloned();
                        push(&format!("{to}.{name}"), Derived::latest(before.into_iter().chain(by).collect()));
                    }
                }
            };
            let own_path = path(before.id.clone(), "next");
            let by: Vec<Anchor> = wait.or_else(|| ended.clone()).into_iter().collect();
            moved(before.next.as_ref(), report.next.as_ref(), &own_path, "next", &by);
            let visit = report.next.as_ref().and_then(|next| next.earliest);
            let is_moved = visit != before.next.as_ref().and_then(|next| next.earliest);
            let visit = visit.map(|day| {
                Anchor::new(if is_moved { "next.earliest".to_owned() } else { format!("{own_path}.earliest") }, day)
            });
            for (own, now) in before.components.iter().zip(&report.components) {
                let path = path(format!("{}.{}", own.course, own.id), "own");
                let by: Vec<Anchor> =
                    rules_wait.clone().or_else(|| ended.clone()).into_iter().chain(visit.clone()).collect();
                moved(own.next.as_ref(), now.next.as_ref(), &path, &format!("components.{}", now.id), &by);
            }
        }
        let mut dates = self.scheduler().dates_of(&self.assessment.schedule, day.as_ref());
        dates.extend(own);
        dates
    }

    /// The day from which the sessions to come are counted.
    fn day_anchor(&self, decision: &Decision, session_day: Option<Date>) -> Option<Anchor> {
        let told = decision.not_before.map(|day| Anchor::new("not_before", day));
        let told = told.or(decision.no_later_than.map(|day| Anchor::new("no_later_than", day)));
        told.or(session_day.map(|day| Anchor::new("as_of", day)))
    }

    /// Names what set the dates of a window that rules have put off: the first by name of those that did.
    pub(crate) fn set_by_rules(&self, own: &Window, now: &Window, set_by: Option<SetBy>) -> Option<SetBy> {
        let day = now.earliest?;
        let rules = self.rule_waits().into_iter().chain(self.ended_wait());
        let rules = rules.filter(|wait| wait.last.date == day).map(|wait| wait.id);
        let mut set_by = set_by.unwrap_or_default();
        let by_course = set_by.earliest.take().filter(|id| own.earliest == Some(day) && id != "last-session");
        let Some(first) = rules.chain(by_course.clone()).min() else { return Some(set_by) };
        if own.recommended != now.recommended || set_by.recommended == by_course {
            set_by.recommended = now.recommended.map(|_| first.clone());
        }
        if own.past_due != now.past_due {
            set_by.past_due = Some(first.clone());
        }
        set_by.earliest = Some(first);
        Some(set_by)
    }
}
