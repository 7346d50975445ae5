//! From what holds to a status.

use super::panel::{Statuses, Waits};
use crate::date::Date;
use crate::expr::circuit::Lanes;
use crate::protocol::conditions::LED_TO;
use crate::recommendation::{Reason, Status};
use crate::tri::Tri;

/// What leads to each status of [`LED_TO`], as bits in its order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LeadsTo {
    /// Something certainly does.
    yes: u8,
    /// Something may.
    possible: u8,
}

/// The statuses of [`LED_TO`] that win over all that is open; the last one, referral, does not.
const DECIDING: u8 = (1 << (LED_TO.len() - 1)) - 1;
const REFER: u8 = DECIDING + 1;

impl LeadsTo {
    pub(super) fn new(truths: [Tri; LED_TO.len()]) -> LeadsTo {
        let bits = |test: fn(Tri) -> bool| {
            truths.iter().enumerate().fold(0, |bits, (at, truth)| bits | u8::from(test(*truth)) << at)
        };
        LeadsTo { yes: bits(Tri::is_true), possible: bits(|truth| !truth.is_false()) }
    }

    /// What leads to each status for one of many patients.
    pub(super) fn of(lanes: &[Lanes; LED_TO.len()], lane: usize) -> LeadsTo {
        let mut leads_to = LeadsTo::default();
        for (at, lanes) in lanes.iter().enumerate() {
            leads_to.yes |= ((lanes.yes >> lane & 1) as u8) << at;
            leads_to.possible |= ((!lanes.no >> lane & 1) as u8) << at;
        }
        leads_to
    }

    /// What leads to each status one way or the other.
    pub(super) fn or(self, other: LeadsTo) -> LeadsTo {
        LeadsTo { yes: self.yes | other.yes, possible: self.possible | other.possible }
    }
}

/// The first status that is certain.
///
/// A referral that is certain stays one whatever other referrals turn out to be; only what would win over it leaves the answer open.
pub(super) fn status(leads_to: LeadsTo, overdue: Tri) -> Status {
    let LeadsTo { yes, possible } = leads_to;
    if yes & DECIDING != 0 {
        return LED_TO[yes.trailing_zeros() as usize];
    }
    match (possible & DECIDING != 0, yes & REFER != 0, possible & REFER != 0) {
        (true, ..) | (false, false, true) => Status::Undetermined,
        (false, true, _) => Status::Refer,
        (false, false, false) if overdue.is_true() => Status::Overdue,
        (false, false, false) => Status::Due,
    }
}

/// The statuses that are possible whatever the unknown turns out to be, in order; the present one among them, unless it is
/// `undetermined`, which no complete record leads to.
pub(super) fn could_become(leads_to: LeadsTo, overdue: Tri, present: Status) -> Statuses {
    let LeadsTo { yes, possible } = leads_to;
    // All that come before the first certain one, and that one.
    let reached = if yes == 0 { u8::MAX } else { yes ^ (yes - 1) };
    let mut statuses = Statuses::default();
    let mut left = possible & reached;
    while left != 0 {
        statuses = statuses.with(LED_TO[left.trailing_zeros() as usize]);
        left &= left - 1;
    }
    if yes == 0 {
        if !overdue.is_true() {
            statuses = statuses.with(Status::Due);
        }
        if !overdue.is_false() {
            statuses = statuses.with(Status::Overdue);
        }
    }
    if present == Status::Undetermined { statuses } else { statuses.with(present) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Contraindicated, Deferred, Due, Overdue, Refer, Undetermined};

    fn of(truths: &[(Status, Tri)]) -> (Status, Vec<Status>) {
        let leads_to =
            LeadsTo::new(LED_TO.map(|status| {
                truths.iter().find(|(other, _)| *other == status).map_or(Tri::False, |(_, truth)| *truth)
            }));
        let status = status(leads_to, Tri::False);
        (status, could_become(leads_to, Tri::False, status).iter().collect())
    }

    #[test]
    fn the_first_certain_status_wins_and_the_open_ones_are_told() {
        assert_eq!(of(&[]), (Due, vec![Due]));
        assert_eq!(of(&[(Contraindicated, Tri::Unknown)]), (Undetermined, vec![Contraindicated, Due]));
        assert_eq!(
            of(&[(Contraindicated, Tri::Unknown), (Deferred, Tri::True), (Refer, Tri::Unknown)]),
            (Deferred, vec![Contraindicated, Deferred])
        );
        assert_eq!(of(&[(Refer, Tri::Unknown)]), (Undetermined, vec![Refer, Due]));
        assert_eq!(of(&[(Refer, Tri::True)]), (Refer, vec![Refer]));
        assert_eq!(of(&[(Refer, Tri::True), (Deferred, Tri::Unknown)]), (Undetermined, vec![Deferred, Refer]));
        assert_eq!(status(LeadsTo::default(), Tri::True), Overdue);
        assert!(could_become(LeadsTo::default(), Tri::Unknown, Due).iter().eq([Due, Overdue]));
    }
}
