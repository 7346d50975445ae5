//! Rules: when they fire, and what they do then.

use super::{Length, Quantity, Template};
use crate::diagnostic::Place;
use crate::lang::ExprId;
use crate::logic::Tri;
use crate::protocol::file::{Evidence, Lasts, Outcome};
use crate::recommendation::{ReasonKind, Status};
use crate::words::words;

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name: unique in the file.
    pub id: String,
    /// What people read for that.
    pub label: Option<String>,
    /// The condition; none: always.
    pub when: Option<ExprId>,
    /// Why, for a person.
    pub reason: Template,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// How well it is founded: its own mark, or the best of its sources'.
    pub evidence: Evidence,
    /// For the reader of the file; also the reason for taking something for granted.
    pub note: Option<String>,
    /// What it does.
    pub action: Action,
    /// Where it is declared.
    pub place: Place,
}

impl Rule {
    /// The date of a deferral that has one.
    #[must_use]
    pub fn not_before(&self) -> Option<ExprId> {
        match self.action {
            Action::Defer { not_before, .. } => not_before,
            _ => None,
        }
    }

    /// When to look again at what a deferral waits for.
    pub(crate) fn recheck(&self) -> Option<ExprId> {
        match self.action {
            Action::Defer { recheck, .. } => recheck,
            _ => None,
        }
    }

    /// What it says to people, but for who may override it: its reason, and what there is to do or to wait for.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &Template> {
        let more = match &self.action {
            // Where it says nothing of its own, that is its reason.
            Action::Indicate { otherwise, .. } => Some(otherwise).filter(|text| **text != self.reason),
            Action::Contraindicate { until, .. } | Action::Defer { until, .. } => until.as_ref(),
            Action::Refer { to } => Some(to),
            Action::Precaution { action, .. } => Some(action),
            Action::Complete { then, .. } => then.as_ref(),
        };
        std::iter::once(&self.reason).chain(more)
    }

    /// The expressions that decide whether it fires: its condition, then the date of a deferral.
    pub fn roots(&self) -> impl Iterator<Item = ExprId> {
        self.when.into_iter().chain(self.not_before())
    }

    /// Whether it fires: an indication whose condition fails, a deferral whose day has not come, any other rule whose condition holds.
    ///
    /// `holds` tells the truth of a condition, `waits` whether a first permitted day has not come.
    #[inline]
    pub fn fires(&self, holds: impl FnOnce(ExprId) -> Tri, waits: impl FnOnce(ExprId) -> Tri) -> Tri {
        let holds = self.when.map_or(Tri::True, holds);
        match (&self.action, self.not_before()) {
            (Action::Indicate { .. }, _) => !holds,
            // A condition that fails needs no date.
            (_, Some(_)) if holds.is_false() => Tri::False,
            (_, Some(until)) => holds.and(waits(until)),
            _ => holds,
        }
    }

    /// Whether what it says of a patient is so: that it fires, and of an indication that it does not.
    pub(crate) fn applies(&self, holds: impl FnOnce(ExprId) -> Tri, waits: impl FnOnce(ExprId) -> Tri) -> Tri {
        let fires = self.fires(holds, waits);
        if matches!(self.action, Action::Indicate { .. }) { !fires } else { fires }
    }
}

/// What a rule does when its condition holds.
#[derive(Clone, Debug)]
pub enum Action {
    /// Nothing; the treatment is not indicated unless it holds.
    Indicate {
        /// What to say when it does not hold; also the rule's reason.
        otherwise: Template,
        /// Protocols to think of instead.
        instead: Vec<String>,
    },
    /// Forbids the treatment.
    Contraindicate {
        /// For good, or while it holds.
        lasts: Lasts,
        /// What ends it.
        until: Option<Template>,
    },
    /// Makes it wait.
    Defer {
        /// The first permitted day.
        not_before: Option<ExprId>,
        /// What ends the wait.
        until: Option<Template>,
        /// When to look again.
        recheck: Option<ExprId>,
        /// Who may shorten the wait, and to what.
        may_override: Option<(Template, Option<Length>)>,
    },
    /// Has a role decide.
    Refer {
        /// The role.
        to: Template,
    },
    /// Makes it go ahead differently.
    Precaution {
        /// What to do differently.
        action: Template,
        /// Caps on settings, by place among the settings.
        limits: Vec<(usize, Quantity)>,
    },
    /// Ends the course.
    Complete {
        /// How it ends.
        outcome: Outcome,
        /// What comes next.
        then: Option<Template>,
    },
}

impl Action {
    /// The status that a rule leads to when it fires; a precaution leads nowhere.
    #[must_use]
    pub fn leads_to(&self) -> Option<Status> {
        match self {
            Action::Contraindicate { .. } => Some(Status::Contraindicated),
            Action::Indicate { .. } => Some(Status::NotIndicated),
            Action::Complete { outcome: Outcome::Stopped, .. } => Some(Status::Stopped),
            Action::Complete { outcome: Outcome::Complete, .. } => Some(Status::Complete),
            Action::Defer { .. } => Some(Status::Deferred),
            Action::Refer { .. } => Some(Status::Refer),
            Action::Precaution { .. } => None,
        }
    }

    /// The table of the file that such rules stand in.
    #[must_use]
    pub fn kind(&self) -> RuleKind {
        match self {
            Action::Indicate { .. } => RuleKind::Indication,
            Action::Contraindicate { .. } => RuleKind::Contraindication,
            Action::Defer { .. } => RuleKind::Deferral,
            Action::Refer { .. } => RuleKind::Referral,
            Action::Precaution { .. } => RuleKind::Precaution,
            Action::Complete { .. } => RuleKind::Completion,
        }
    }
}

words! {
    /// The tables of a file that rules stand in.
    RuleKind {
        /// What must hold.
        Indication = "indication",
        /// What forbids the treatment.
        Contraindication = "contraindication",
        /// What makes it wait.
        Deferral = "deferral",
        /// What a named role decides.
        Referral = "referral",
        /// What makes it go ahead differently.
        Precaution = "precaution",
        /// What ends the course.
        Completion = "completion",
    }
}

impl From<RuleKind> for ReasonKind {
    fn from(kind: RuleKind) -> ReasonKind {
        match kind {
            RuleKind::Indication => ReasonKind::Indication,
            RuleKind::Contraindication => ReasonKind::Contraindication,
            RuleKind::Deferral => ReasonKind::Deferral,
            RuleKind::Referral => ReasonKind::Referral,
            RuleKind::Precaution => ReasonKind::Precaution,
            RuleKind::Completion => ReasonKind::Completion,
        }
    }
}
