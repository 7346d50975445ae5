//! Whether expressions may turn otherwise on one day than on another: a month has 28 to 31 days, a year 365 or 366.
//!
//! Waits of one kind come in the same order on every day, and so do two of which the one is always longer. Where a month may be shorter or
//! longer than so many days, and both are counted, what holds on one day says nothing about the next.

use std::collections::BTreeSet;

use super::{Among, Axis, Start, Steps, Turning};
use crate::date::{Date, Duration};
use crate::lang::{ExprId, Type};
use crate::protocol::file::FactType;

/// How many days a number of months may differ from as many months of the average length.
const MONTHS_DIFFER: i64 = 4;

/// A day on which something turns, by what is counted to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    /// What is counted from the as-of date.
    from_today: Steps,
    /// What is counted from the date of the patient.
    from_date: Steps,
}

/// In what a turn is counted.
#[derive(PartialEq)]
enum Kind {
    Days,
    MonthsFromToday,
    MonthsFromDate,
    Mixed,
}

impl Turn {
    fn kind(&self) -> Kind {
        let is_days = |steps: &[Duration]| steps.iter().all(|step| step.months == 0);
        let is_months = |steps: &[Duration]| matches!(steps, [step] if step.days == 0);
        match (&self.from_today[..], &self.from_date[..]) {
            (a, b) if is_days(a) && is_days(b) => Kind::Days,
            (a, []) if is_months(a) => Kind::MonthsFromToday,
            ([], b) if is_months(b) => Kind::MonthsFromDate,
            _ => Kind::Mixed,
        }
    }

    /// The fewest and the most days that it may lie after the as-of date.
    fn reach(&self) -> (i64, i64) {
        let steps = self.from_today.iter().copied().chain(self.from_date.iter().map(|step| step.negated()));
        steps.fold((0, 0), |(least, most), step| {
            let (months, days) = (i64::from(step.months), i64::from(step.days));
            // The Gregorian calendar: 146,097 days in 4,800 months.
            let average = (months * 146_097).div_euclid(4_800);
            let differ = if months == 0 { 0 } else { MONTHS_DIFFER + months.abs() / 1_200 };
            (least + average + days - differ, most + average + days + differ)
        })
    }

    /// Whether this comes before another on some days, and after it on others, or lies now nearer and now farther.
    fn may_pass(&self, other: &Turn) -> bool {
        let (kind, other_kind) = (self.kind(), other.kind());
        if kind == other_kind && kind != Kind::Mixed {
            return false;
        }
        let ((least, most), (other_least, other_most)) = (self.reach(), other.reach());
        least <= other_most + 2 && other_least <= most + 2
    }
}

impl Turning<'_> {
    /// Whether what some expressions can tell apart may differ from day to day.
    pub(crate) fn differs_by_day(&self, nodes: &BTreeSet<ExprId>) -> Option<bool> {
        let among = Among { turning: self, program: &self.protocol.program, nodes };
        let mut targets: BTreeSet<Steps> = BTreeSet::from([Steps::new()]);
        for id in nodes.iter().filter(|id| among.program.node(**id).ty == Type::Date) {
            let days = self.days(*id)?.iter();
            targets.extend(days.filter(|(start, _)| *start == Start::Today).map(|(_, steps)| steps.clone()));
        }
        let turn = |from_today: &Steps, from_date| Turn { from_today: from_today.clone(), from_date };
        let mut turns: BTreeSet<Turn> = targets.iter().map(|target| turn(target, Steps::new())).collect();
        for axis in among.axes()? {
            let Axis::Fact(fact) = axis else { continue };
            if self.protocol.fact(fact).answer.declared != FactType::Date {
                continue;
            }
            for wait in among.waits(fact)? {
                turns.extend(targets.iter().map(|target| turn(target, wait.clone())));
            }
        }
        let mut others = turns.iter().enumerate();
        Some(others.any(|(at, one)| turns.iter().skip(at + 1).any(|other| one.may_pass(other))))
    }
}

/// Days on which everything comes about that the calendar has in store: those of four years, and of nine around the year 2100, which has
/// no leap day. They are all that there are, for waits of less than a hundred years.
pub(crate) fn every_day() -> impl Iterator<Item = Date> {
    let years = |first, last| {
        let day = |year, month, of_month| Date::new(year, month, of_month).map_or(0, Date::day);
        (day(first, 1, 1)..=day(last, 12, 31)).map(Date::from_day)
    };
    years(2026, 2029).chain(years(2096, 2104))
}
