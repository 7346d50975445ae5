//! The first permitted day of all that holds back.

use crate::date::Date;
use crate::recommendation::{Reason, Status};

/// The first permitted days of all that holds back.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waits {
    /// Whether something has no day.
    endless: bool,
    latest: Option<Date>,
}

impl Waits {
    /// Nothing holds back.
    pub(super) const NONE: Waits = Waits { endless: false, latest: None };

    pub(super) fn add(&mut self, day: Option<Date>) {
        self.endless |= day.is_none();
        self.latest = self.latest.max(day);
    }

    /// The first permitted day, or where there is none, the day before which it certainly is not.
    pub(super) fn days(self) -> (Option<Date>, Option<Date>) {
        if self.endless { (None, self.latest) } else { (self.latest, None) }
    }
}

/// The first permitted day of all deferring reasons; where one has none, the latest of the others instead.
pub(super) fn dates(status: Status, reasons: &[Reason]) -> (Option<Date>, Option<Date>) {
    if status != Status::Deferred {
        return (None, None);
    }
    let mut waits = Waits::default();
    let deferring = reasons.iter().filter(|reason| reason.leads_to == Status::Deferred);
    deferring.for_each(|reason| waits.add(reason.not_before));
    waits.days()
}
