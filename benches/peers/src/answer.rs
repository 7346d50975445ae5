//! What every engine answers: the truth of each rule, and the status that they add up to.

/// A truth; `None` is unknown.
pub type Truth = Option<bool>;

/// The rules' ids, in the order of the protocol.
pub const RULES: [&str; 20] = [
    "zone-planned",
    "unlikely-to-scar",
    "keloids",
    "pregnant",
    "nursing-on-thinners",
    "isotretinoin-now",
    "only-thin-skin",
    "too-young",
    "possible-pregnancy",
    "recent-isotretinoin",
    "isotretinoin-answers-disagree",
    "high-inr",
    "high-hba1c",
    "cold-sore",
    "recent-sunburn",
    "recent-sunburn-on-darker-skin",
    "frail",
    "younger-than-label",
    "bleeds-longer",
    "dark-marks",
];

/// What to do, as regimen words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Contraindicated,
    NotIndicated,
    Deferred,
    Undetermined,
    Refer,
    Due,
}

/// The truth of each rule and the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub truths: [Truth; RULES.len()],
    pub status: Status,
}

impl Answer {
    /// The truths and what they add up to: the first of contraindicated, not indicated and deferred that is certain; else
    /// undetermined, where one of them is possible; else whether to refer.
    #[must_use]
    pub fn new(truths: [Truth; RULES.len()]) -> Answer {
        let contraindicated = any(&truths[2..7]);
        let not_indicated = not(all(&truths[0..2]));
        let deferred = any(&truths[7..16]);
        let refer = any(&truths[16..18]);
        let mut status = match refer {
            Some(true) => Status::Refer,
            Some(false) => Status::Due,
            None => Status::Undetermined,
        };
        let deciding = [
            (deferred, Status::Deferred),
            (not_indicated, Status::NotIndicated),
            (contraindicated, Status::Contraindicated),
        ];
        if deciding.iter().any(|(truth, _)| truth.is_none()) {
            status = Status::Undetermined;
        }
        for (truth, certain) in deciding {
            if truth == Some(true) {
                status = certain;
            }
        }
        Answer { truths, status }
    }

    /// An answer of which each rule is asked twice: whether it surely holds, and whether it may hold.
    pub fn bounded(asked: impl Fn(usize) -> bool) -> Answer {
        Answer::new(std::array::from_fn(|rule| match (asked(2 * rule), asked(2 * rule + 1)) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        }))
    }

    /// An answer that is certainly not right, to be overwritten.
    pub const NONE: Answer = Answer { truths: [None; RULES.len()], status: Status::Due };
}

/// False if one is false, true if both are true.
#[must_use]
pub fn and(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// True if one is true, false if both are false.
#[must_use]
pub fn or(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// The opposite.
#[must_use]
pub fn not(a: Truth) -> Truth {
    a.map(|a| !a)
}

fn any(truths: &[Truth]) -> Truth {
    truths.iter().copied().fold(Some(false), or)
}

fn all(truths: &[Truth]) -> Truth {
    truths.iter().copied().fold(Some(true), and)
}
