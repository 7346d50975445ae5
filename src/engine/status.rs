//! From what holds to a status.

use super::panel::Statuses;
use crate::expr::circuit::{Lanes, Truths};
use crate::protocol::conditions::{Conditions, LED_TO};
use crate::recommendation::Status;
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

/// The statuses that some bits in the order of [`LED_TO`] stand for.
static STATUSES: [Statuses; 1 << LED_TO.len()] = {
    let mut all = [Statuses::NONE; 1 << LED_TO.len()];
    let mut bits = 1;
    while bits < all.len() {
        // Those of the same bits without the highest, and the highest's.
        let highest = bits.ilog2() as usize;
        all[bits] = all[bits & !(1 << highest)].with(LED_TO[highest]);
        bits += 1;
    }
    all
};

impl LeadsTo {
    /// Nothing leads anywhere.
    pub(super) const NOWHERE: LeadsTo = LeadsTo { yes: 0, possible: 0 };

    pub(super) fn new(truths: [Tri; LED_TO.len()]) -> LeadsTo {
        let bits = |test: fn(Tri) -> bool| {
            truths.iter().enumerate().fold(0, |bits, (at, truth)| bits | u8::from(test(*truth)) << at)
        };
        LeadsTo { yes: bits(Tri::is_true), possible: bits(|truth| !truth.is_false()) }
    }

    /// What the rules lead to: for each status of [`LED_TO`], whether a rule leads to it.
    #[inline]
    pub(super) fn by_rules(conditions: &Conditions, truths: &Truths) -> [Lanes; LED_TO.len()] {
        std::array::from_fn(|at| truths.any(&conditions.leads_to[at]))
    }

    /// What leads to each status for one of many patients.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "each half has a bit for each of the statuses that rules lead to, and these are no more than eight"
    )]
    pub(super) fn of(lanes: &[Lanes; LED_TO.len()], lane: usize) -> LeadsTo {
        let bits = lanes.iter().enumerate().fold(0, |bits, (at, lanes)| bits | lanes.bits(lane) << at);
        LeadsTo { yes: bits as u8, possible: (bits >> 32) as u8 }
    }

    /// What leads to each status one way or the other.
    pub(super) fn or(self, other: LeadsTo) -> LeadsTo {
        LeadsTo { yes: self.yes | other.yes, possible: self.possible | other.possible }
    }
}

/// The first status that is certain.
///
/// A referral that is certain stays one whatever other referrals turn out to be; only what would win over it leaves the answer open.
///
/// Which status it is nobody can foresee, a processor neither: it is looked up instead of branched upon.
pub(super) fn status(leads_to: LeadsTo, overdue: Tri) -> Status {
    let LeadsTo { yes, possible } = leads_to;
    let is_refer = yes & REFER != 0;
    let is_open = possible & DECIDING != 0 || (!is_refer && possible & REFER != 0);
    let calm = if overdue.is_true() { Status::Overdue } else { Status::Due };
    let undecided = [calm, Status::Refer, Status::Undetermined, Status::Undetermined];
    let undecided = undecided[usize::from(is_refer) | usize::from(is_open) << 1];
    [undecided, FIRST[usize::from(yes & DECIDING)]][usize::from(yes & DECIDING != 0)]
}

/// The first of the statuses that some deciding bits in the order of [`LED_TO`] stand for.
static FIRST: [Status; REFER as usize] = {
    let mut first = [Status::Due; REFER as usize];
    let mut bits = 1usize;
    while bits < first.len() {
        first[bits] = LED_TO[bits.trailing_zeros() as usize];
        bits += 1;
    }
    first
};

/// The statuses that are possible whatever the unknown turns out to be, in order; the present one among them, unless it is
/// `undetermined`, which no complete record leads to.
pub(super) fn could_become(leads_to: LeadsTo, overdue: Tri, present: Status) -> Statuses {
    let LeadsTo { yes, possible } = leads_to;
    // All that come before the first certain one, and that one; all there are, where none is certain.
    let reached = yes ^ yes.wrapping_sub(1);
    let led_to = STATUSES[usize::from(possible & reached)];
    let calm = match overdue {
        Tri::True => Statuses::NONE.with(Status::Overdue),
        Tri::Unknown => Statuses::NONE.with(Status::Due).with(Status::Overdue),
        Tri::False => Statuses::NONE.with(Status::Due),
    };
    let calm = [Statuses::NONE, calm][usize::from(yes == 0)];
    led_to.or(calm).with(present).without(Status::Undetermined)
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
