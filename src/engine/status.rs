//! From what holds to a status.

use super::panel::{Statuses, Waits};
use crate::date::Date;
use crate::protocol::conditions::LED_TO;
use crate::recommendation::{Reason, Status};
use crate::tri::Tri;

/// Whether something leads to each status of [`LED_TO`].
pub(super) type LeadsTo = [Tri; LED_TO.len()];

/// The first status that is certain.
///
/// A referral that is certain stays one whatever other referrals turn out to be; only what would win over it leaves the answer open.
pub(super) fn status(leads_to: LeadsTo, overdue: Tri) -> Status {
    let mut open = false;
    let [deciding @ .., refer] = leads_to;
    for (status, truth) in LED_TO.into_iter().zip(deciding) {
        match truth {
            Tri::True => return status,
            Tri::Unknown => open = true,
            Tri::False => {}
        }
    }
    match (open, refer) {
        (true, _) | (false, Tri::Unknown) => Status::Undetermined,
        (false, Tri::True) => Status::Refer,
        (false, Tri::False) if overdue.is_true() => Status::Overdue,
        (false, Tri::False) => Status::Due,
    }
}

/// The statuses that are possible whatever the unknown turns out to be, in order; the present one among them, unless it is
/// `undetermined`, which no complete record leads to.
pub(super) fn could_become(leads_to: LeadsTo, overdue: Tri, present: Status) -> Statuses {
    let mut possible = Statuses::default();
    let mut certain = false;
    for (status, truth) in LED_TO.into_iter().zip(leads_to) {
        if !truth.is_false() {
            possible = possible.with(status);
        }
        if truth.is_true() {
            certain = true;
            break;
        }
    }
    if !certain {
        if !overdue.is_true() {
            possible = possible.with(Status::Due);
        }
        if !overdue.is_false() {
            possible = possible.with(Status::Overdue);
        }
    }
    if present == Status::Undetermined { possible } else { possible.with(present) }
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
        let leads_to = LED_TO
            .map(|status| truths.iter().find(|(other, _)| *other == status).map_or(Tri::False, |(_, truth)| *truth));
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
        assert_eq!(status([Tri::False; 6], Tri::True), Overdue);
        assert!(could_become([Tri::False; 6], Tri::Unknown, Due).iter().eq([Due, Overdue]));
    }
}
