//! What to do before and after a session, and what is still to be kept after those that were given.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Audience, EvidenceWord, PastSession, Recommendation};
use crate::date::{Date, DateRange};

/// What to do before or after a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct InstructionReport {
    /// The instruction's id.
    pub id: String,
    /// When it begins, from the session's day.
    pub at: String,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The day on which it begins, once the session's day is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_date: Option<Date>,
    /// The day on which it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_date: Option<Date>,
    /// Who does it; the patient where nothing is said.
    #[serde(rename = "for", default, skip_serializing_if = "Audience::is_patient")]
    pub audience: Audience,
    /// What to do.
    #[serde(rename = "do")]
    pub action: String,
    /// Whether it is not certain that it applies, because something is not known.
    pub provisional: bool,
    /// How well it is founded.
    pub evidence: EvidenceWord,
    /// Sources, by name.
    pub sources: Vec<String>,
}

impl InstructionReport {
    /// The last day on which it is to be kept.
    pub(crate) fn last_day(&self) -> Option<Date> {
        self.until_date.or(self.from_date)
    }

    /// Whether it says all that another does, from a day on.
    pub(crate) fn covers(&self, other: &InstructionReport, today: Date) -> bool {
        let begins = |one: &InstructionReport| one.from_date.map(|from| from.max(today));
        let is_same = self.id == other.id && self.action == other.action;
        is_same
            && (other.provisional || !self.provisional)
            && begins(self) <= begins(other)
            && self.last_day() >= other.last_day()
    }
}

/// What is still to be kept after a session that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct AfterCare {
    /// The day of the session, from which the days are counted; where the record has no day, the last on which it may have been.
    pub session: Date,
    /// What is not over yet.
    pub instructions: Vec<InstructionReport>,
}

impl Recommendation {
    /// What is still to be kept after each session that was given, but for what begins anew with a session of today. Where each area has
    /// sessions of its own, that may be of another.
    pub(crate) fn kept(&self) -> impl Iterator<Item = (&AfterCare, Vec<&InstructionReport>)> {
        let is_counted = self.course.as_ref().is_some_and(|course| course.separate_by.is_some());
        let begins_anew = self.status.is_treat() && !is_counted;
        let is_again = move |one: &InstructionReport| {
            begins_anew && self.instructions.iter().any(|other| other.covers(one, self.as_of))
        };
        let all = self.after_care.iter().map(move |after| {
            let kept: Vec<&InstructionReport> = after.instructions.iter().filter(|one| !is_again(one)).collect();
            (after, kept)
        });
        all.filter(|(_, kept)| !kept.is_empty())
    }

    /// The recorded sessions of a day from which after-care is counted, as the course has them.
    pub(crate) fn sessions_of(&self, after: &AfterCare) -> impl Iterator<Item = &PastSession> {
        let is_it = |past: &&PastSession| {
            let date = past.date.parse::<DateRange>().ok();
            date.is_some_and(|date| date.last.min(self.as_of) == after.session)
        };
        self.course.iter().flat_map(|course| &course.past).filter(is_it)
    }
}
