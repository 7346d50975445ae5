//! From what holds to a status.

use crate::logic::Tri;
use crate::recommendation::Status;

/// Some of the statuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statuses(u16);

impl Statuses {
    /// None of them.
    pub const NONE: Statuses = Statuses(0);

    /// With one more.
    #[must_use]
    pub const fn with(self, status: Status) -> Statuses {
        Statuses(self.0 | 1 << status as u16)
    }

    /// Without one.
    #[must_use]
    pub const fn without(self, status: Status) -> Statuses {
        Statuses(self.0 & !(1 << status as u16))
    }

    /// These, and some more.
    #[must_use]
    pub const fn or(self, other: Statuses) -> Statuses {
        Statuses(self.0 | other.0)
    }

    /// Those that come before a status.
    #[must_use]
    const fn before(self, status: Status) -> Statuses {
        Statuses(self.0 & ((1 << status as u16) - 1))
    }

    /// Whether it is one of them.
    #[must_use]
    pub fn contains(self, status: Status) -> bool {
        self.0 >> status as u16 & 1 == 1
    }

    /// As bits: bit n is the n-th of [`Status::ALL`].
    #[must_use]
    pub fn bits(self) -> usize {
        usize::from(self.0)
    }

    /// In order.
    pub fn iter(self) -> impl Iterator<Item = Status> {
        Status::ALL.into_iter().filter(move |status| self.contains(*status))
    }

    /// The first of them.
    #[inline]
    fn first(self) -> Option<Status> {
        Status::ALL.get(self.0.trailing_zeros() as usize).copied()
    }
}

/// Which statuses something leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeadsTo {
    /// Something certainly does.
    certain: Statuses,
    /// Something may.
    possible: Statuses,
}

impl LeadsTo {
    /// Nothing leads anywhere.
    pub(crate) const NOWHERE: LeadsTo = LeadsTo { certain: Statuses::NONE, possible: Statuses::NONE };

    /// Notes that something leads to a status, if it is true.
    #[inline]
    pub(crate) fn add(&mut self, status: Status, truth: Tri) {
        if !truth.is_false() {
            self.possible = self.possible.with(status);
        }
        if truth.is_true() {
            self.certain = self.certain.with(status);
        }
    }

    /// Whether something certainly leads somewhere, so that nothing is due.
    #[inline]
    pub(crate) fn is_settled(self) -> bool {
        self.certain != Statuses::NONE
    }

    /// Whether nothing leads anywhere, nor may.
    pub(crate) fn is_nowhere(self) -> bool {
        self.possible == Statuses::NONE
    }

    /// Whether something may lead to a status to which nothing else leads, nor may, or certainly does where that only may.
    pub(crate) fn goes_beyond(self, other: LeadsTo) -> bool {
        self.possible.0 & !other.possible.0 != 0 || self.certain.0 & !other.certain.0 != 0
    }

    /// Whether something certainly leads to a status, so that nothing else can change that.
    #[inline]
    pub(crate) fn is_certain(self, status: Status) -> bool {
        self.certain.contains(status)
    }
}

/// The first status that is certain.
///
/// A referral that is certain stays one whatever other referrals turn out to be; only what would win over it leaves the answer open.
/// `lacks_setting`: nothing is due while a needed setting has no value.
pub(crate) fn status(leads_to: LeadsTo, overdue: Tri, lacks_setting: bool) -> Status {
    let LeadsTo { certain, possible } = leads_to;
    if let Some(first) = certain.before(Status::Undetermined).first() {
        return first;
    }
    let is_refer = certain.contains(Status::Refer);
    let is_open = possible.before(Status::Undetermined) != Statuses::NONE;
    if is_open || (possible.contains(Status::Refer) && !is_refer) {
        Status::Undetermined
    } else if is_refer {
        Status::Refer
    } else if lacks_setting {
        Status::Undetermined
    } else if overdue.is_true() {
        Status::Overdue
    } else {
        Status::Due
    }
}

/// The statuses that are possible whatever the unknown turns out to be, in order; the present one among them, unless it is
/// `undetermined`. To that one a complete record leads only where a needed setting is without a value: `lacks_setting`.
pub(crate) fn could_become(leads_to: LeadsTo, (overdue, lacks_setting): (Tri, Tri), present: Status) -> Statuses {
    let LeadsTo { certain, possible } = leads_to;
    let present = Statuses::NONE.with(present).without(Status::Undetermined);
    // All that come before the first certain one, and that one; all there are, where none is certain.
    if let Some(first) = certain.first() {
        return possible.before(first).with(first).or(present);
    }
    let mut reached = possible.or(present);
    if !lacks_setting.is_true() {
        reached = if overdue.is_true() { reached } else { reached.with(Status::Due) };
        reached = if overdue.is_false() { reached } else { reached.with(Status::Overdue) };
    }
    if lacks_setting.is_false() { reached } else { reached.with(Status::Undetermined) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Contraindicated, Deferred, Due, Overdue, Refer, Undetermined};

    fn of(truths: &[(Status, Tri)]) -> (Status, Vec<Status>) {
        let mut leads_to = LeadsTo::NOWHERE;
        truths.iter().for_each(|(status, truth)| leads_to.add(*status, *truth));
        let status = status(leads_to, Tri::False, false);
        (status, could_become(leads_to, (Tri::False, Tri::False), status).iter().collect())
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
        assert_eq!(status(LeadsTo::default(), Tri::True, false), Overdue);
        assert!(could_become(LeadsTo::default(), (Tri::Unknown, Tri::False), Due).iter().eq([Due, Overdue]));
    }

    #[test]
    fn nothing_is_due_while_a_needed_setting_has_no_value() {
        let nowhere = LeadsTo::NOWHERE;
        assert_eq!(status(nowhere, Tri::True, true), Undetermined);
        let could = |lacks| could_become(nowhere, (Tri::False, lacks), Undetermined).iter().collect::<Vec<_>>();
        assert_eq!(could(Tri::False), [Due]);
        assert_eq!(could(Tri::Unknown), [Undetermined, Due]);
        assert_eq!(could(Tri::True), [Undetermined]);
        let mut deferred = nowhere;
        deferred.add(Deferred, Tri::True);
        assert_eq!(status(deferred, Tri::False, true), Deferred);
    }
}
