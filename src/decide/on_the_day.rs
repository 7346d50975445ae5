//! The first permitted day, looked at again: all that holds back today is over by then, but something else may hold back, or the treatment
//! may be out of the question.

use crate::date::Date;
use crate::decide::{Decision, Evaluated, HeldBack, Prepared, Standing, decide};
use crate::patient::known::Known;
use crate::recommendation::Status;
use crate::worlds::Detail;

/// Why a day is, or may be, no first permitted day although all that holds back today is over by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Barred {
    /// The protocol, or this version of it, is in force until an earlier day.
    NotInForce(Date),
    /// Something holds that does not hold today.
    ByThen(ByThen),
}

/// What holds on a day, or may, and is not told of today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ByThen {
    /// What to do on the day.
    pub(crate) status: Status,
    /// The first permitted day as it would be told on it.
    pub(crate) not_before: Option<Date>,
    /// Whether the patient can neither be treated on that day nor be decided about by somebody, whatever is answered.
    is_certain: bool,
    /// The rules, by their places.
    pub(crate) rules: Vec<usize>,
    /// The settings without a value without which nothing is due, by their places.
    pub(crate) settings: Vec<usize>,
    /// The course, by its place, where that has a part in it.
    pub(crate) course: Option<usize>,
}

impl Barred {
    /// Whether the day is certainly no permitted day.
    fn is_certain(&self) -> bool {
        match self {
            Barred::NotInForce(_) => true,
            Barred::ByThen(then) => then.is_certain,
        }
    }
}

impl Prepared {
    /// Looks again at the first permitted day of a decision, or the latest that it may come to, and takes it back where it is certainly none:
    /// then it is only sure that no day before the soonest is one. Where somebody decides by then, or something has to be asked, it stays,
    /// and that is told. What is known today is taken to be answered in the same way on that day.
    pub(crate) fn look_again(
        &self,
        known: &Known,
        decision: &mut Decision,
        held_back: &mut HeldBack,
    ) -> Option<(Date, Barred)> {
        let day = decision.last_first_day().filter(|_| self.may_turn())?;
        let barred = self.barred(known, day)?;
        decision.doubtful = true;
        if barred.is_certain() {
            held_back.put_off();
            decision.set_first_day(held_back.by_all.first_day());
        }
        Some((day, barred))
    }

    /// Whether anything about the protocol may be otherwise on a later day, but for the waits that are told already; whoever is deferred needs
    /// no setting before.
    pub(crate) fn may_turn(&self) -> bool {
        self.every_day.decides.may_turn || self.protocol.in_force_until.is_some() || self.may_lack_a_setting()
    }

    /// Why a day on which nothing of what holds back today is left is no permitted day; none: it is one, as far as is known today.
    fn barred(&self, known: &Known, day: Date) -> Option<Barred> {
        if let Some(until) = self.protocol.in_force_until.filter(|until| *until < day) {
            return Some(Barred::NotInForce(until));
        }
        let later = known.on_later_day(day);
        let mut on_the_day = Evaluated::new(self, &later, Detail::Decision);
        let (then, _) = decide(self, &mut on_the_day);
        if then.status.is_treat() {
            return None;
        }
        let today = Evaluated::new(self, known, Detail::Decision);
        let (needed_today, needed_then) = (today.each_needed_setting(), on_the_day.each_needed_setting());
        let (today, on_the_day) = (today.assumed, on_the_day.assumed);
        // What is open today, or decided by somebody, is told already: only what holds by then alone, or is certain only then, takes the day
        // away.
        let rules = self.protocol.rules.iter().enumerate().filter(|(at, rule)| {
            let (before, after) = (today.fires[*at], on_the_day.fires[*at]);
            // A wait that is told today is over, unless it has moved on with the calendar.
            let is_told = before.is_true() || before == after;
            rule.action.leads_to().is_some() && !after.is_false() && (!is_told || rule.not_before().is_some())
        });
        let rules: Vec<usize> = rules.map(|(at, _)| at).collect();
        // Of whoever is deferred nothing is told of settings.
        let lacking = needed_then.iter().filter(|(at, then)| {
            let is_new = !needed_today.iter().any(|(other, today)| other == at && today.is_open);
            then.is_open && (is_new || !then.lacks.is_false())
        });
        let mut settings: Vec<usize> =
            lacking.map(|(at, _)| *at).filter(|_| then.status == Status::Undetermined).collect();
        settings.dedup();
        let (before, after) = (Standing::from(&today.schedule), Standing::from(&on_the_day.schedule));
        let is_new = after.leads_to.goes_beyond(before.leads_to)
            || (!after.too_early.is_false() && after.first_day.is_none_or(|range| range.last > day));
        let course = on_the_day.schedule.course.or(today.schedule.course).filter(|_| is_new);
        if rules.is_empty() && settings.is_empty() && course.is_none() {
            return None;
        }
        let permits = [Status::Refer, Status::Due, Status::Overdue].map(|status| then.could_become.contains(status));
        let is_certain = match then.status {
            Status::Refer => false,
            Status::Undetermined => !permits.contains(&true),
            _ => true,
        };
        Some(Barred::ByThen(ByThen {
            status: then.status,
            not_before: then.not_before,
            is_certain,
            rules,
            settings,
            course,
        }))
    }
}
