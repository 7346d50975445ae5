//! Kleene's strong three-valued logic.

use std::ops::Not;

/// The truth of a condition about a patient of whom not everything is known.
///
/// `Unknown` is not a third kind of "no": it is "yes or no, and nobody has said which". The operations are Kleene's strong
/// ones, so that an answer is given as soon as the unknown part cannot change it, and never before.
///
/// ```
/// use regimen::Tri::{self, *};
/// assert_eq!(False.and(Unknown), False);   // whatever it is, the whole is false
/// assert_eq!(True.and(Unknown), Unknown);
/// assert_eq!(True.or(Unknown), True);
/// assert_eq!(!Unknown, Unknown);
/// assert_eq!(Tri::from(true), True);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tri {
    /// Certainly false.
    False,
    /// Nobody has said.
    Unknown,
    /// Certainly true.
    True,
}

impl Tri {
    /// Conjunction: false as soon as one side is.
    #[must_use]
    pub fn and(self, other: Tri) -> Tri {
        self.min(other)
    }

    /// Disjunction: true as soon as one side is.
    #[must_use]
    pub fn or(self, other: Tri) -> Tri {
        self.max(other)
    }

    /// Whether it is certainly true.
    #[must_use]
    pub fn is_true(self) -> bool {
        self == Tri::True
    }

    /// Whether it is certainly false.
    #[must_use]
    pub fn is_false(self) -> bool {
        self == Tri::False
    }

    /// Whether it may still turn out either way.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        self == Tri::Unknown
    }

    /// True if both bounds say so, false if both deny it: the truth of a comparison over a range of possibilities, from
    /// its truth in the least and in the most favourable one.
    #[must_use]
    pub fn between(surely: bool, possibly: bool) -> Tri {
        match (surely, possibly) {
            (true, _) => Tri::True,
            (false, true) => Tri::Unknown,
            (false, false) => Tri::False,
        }
    }
}

impl From<bool> for Tri {
    fn from(b: bool) -> Tri {
        if b { Tri::True } else { Tri::False }
    }
}

impl Not for Tri {
    type Output = Tri;
    fn not(self) -> Tri {
        match self {
            Tri::False => Tri::True,
            Tri::Unknown => Tri::Unknown,
            Tri::True => Tri::False,
        }
    }
}

impl std::fmt::Display for Tri {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Tri::False => "no",
            Tri::Unknown => "unknown",
            Tri::True => "yes",
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::logic::Tri;
    use crate::logic::tri::Tri::*;

    const ALL: [Tri; 3] = [False, Unknown, True];

    /// Kleene's tables, from completions: a result is known exactly when every completion of the operands agrees.
    #[test]
    fn operations_agree_with_every_completion() {
        let completions = |t: Tri| match t {
            False => vec![false],
            True => vec![true],
            Unknown => vec![false, true],
        };
        let merge = |results: Vec<bool>| match (results.contains(&true), results.contains(&false)) {
            (true, true) => Unknown,
            (true, false) => True,
            _ => False,
        };
        for a in ALL {
            assert_eq!(!a, merge(completions(a).iter().map(|x| !x).collect()));
            for b in ALL {
                let pairs: Vec<(bool, bool)> =
                    completions(a).into_iter().flat_map(|x| completions(b).into_iter().map(move |y| (x, y))).collect();
                assert_eq!(a.and(b), merge(pairs.iter().map(|(x, y)| *x && *y).collect()));
                assert_eq!(a.or(b), merge(pairs.iter().map(|(x, y)| *x || *y).collect()));
            }
        }
    }
}
