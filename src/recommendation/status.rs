//! What to do, in one word.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
/// What to do, in the order in which a status wins over the next.
///
/// There are these nine: whoever matches them is told by the compiler if there should ever be another, and does not treat a
/// patient by accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Do not treat: a contraindication holds.
    Contraindicated,
    /// This is not the right treatment: an indication fails.
    NotIndicated,
    /// The course is over: it has not helped, or has done harm.
    Stopped,
    /// The course is over: it has done what it was for.
    Complete,
    /// Not today: a deferral, an interval or a separation holds.
    Deferred,
    /// Ask first: something that is not known could forbid, end, defer or refer, or a needed setting has no value.
    Undetermined,
    /// A named role decides.
    Refer,
    /// Treat.
    Due,
    /// Treat; it is late.
    Overdue,
}

impl Status {
    /// Every status, in order.
    pub const ALL: [Status; 9] = [
        Status::Contraindicated,
        Status::NotIndicated,
        Status::Stopped,
        Status::Complete,
        Status::Deferred,
        Status::Undetermined,
        Status::Refer,
        Status::Due,
        Status::Overdue,
    ];

    /// The word in files and output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Status::Contraindicated => "contraindicated",
            Status::NotIndicated => "not-indicated",
            Status::Stopped => "stopped",
            Status::Complete => "complete",
            Status::Deferred => "deferred",
            Status::Undetermined => "undetermined",
            Status::Refer => "refer",
            Status::Due => "due",
            Status::Overdue => "overdue",
        }
    }

    /// Whether it says "treat today".
    #[must_use]
    pub fn is_treat(self) -> bool {
        matches!(self, Status::Due | Status::Overdue)
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
