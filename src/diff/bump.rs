//! By which step a version has to rise.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Change, ChangeKind, Effect, Impact, Outcome, Part, Search};

/// The step by which a version has to rise, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// Nothing but the layout is different.
    None,
    /// Only texts, or what nobody meets who treats or is treated.
    Patch,
    /// Answers may change.
    Minor,
    /// Somebody who was not treated may now be treated, or records are read differently.
    Major,
}

impl Bump {
    /// The step that some changes need, by what they are. What they do to patients may need a greater one.
    #[must_use]
    pub fn of<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Bump {
        changes.into_iter().map(Bump::of_one).max().unwrap_or(Bump::None)
    }

    fn of_one(change: &Change) -> Bump {
        use Part::{
            Completion, Contraindication, Deferral, Fact, Header, Indication, Referral, Separation, SessionFact,
        };
        if change.effect != Effect::Answer {
            return Bump::Patch;
        }
        let holds_back =
            matches!(change.part, Indication | Contraindication | Deferral | Referral | Completion | Separation);
        // What a record may say, and whose records they are.
        let keys = ["type", "choices", "range", "unit", "decimals", "may_be_never", "past", "id", "treatment"];
        let reads = matches!(change.part, Fact | SessionFact | Header)
            && change.fields.iter().any(|field| keys.contains(&field.key.as_str()));
        match change.kind {
            ChangeKind::Removed if holds_back || matches!(change.part, Fact | SessionFact) => Bump::Major,
            ChangeKind::Changed if reads => Bump::Major,
            _ => Bump::Minor,
        }
    }

    /// The step that answers to recorded patients need.
    #[must_use]
    pub fn of_impact(impact: &Impact) -> Bump {
        Bump::of_outcomes(impact.groups.iter().map(|group| group.outcome))
    }

    /// The step that answers to made-up patients need.
    #[must_use]
    pub fn of_search(search: &Search) -> Bump {
        Bump::of_outcomes(search.patients.iter().map(|one| one.comparison.outcome))
    }

    fn of_outcomes(outcomes: impl Iterator<Item = Outcome>) -> Bump {
        let step = |outcome| match outcome {
            Outcome::NewlyTreated | Outcome::Error => Bump::Major,
            Outcome::Unchanged => Bump::None,
            _ => Bump::Minor,
        };
        outcomes.map(step).max().unwrap_or(Bump::None)
    }

    /// A version after this step; none where it is no version.
    #[must_use]
    pub fn applied(self, version: &str) -> Option<String> {
        let mut version: semver::Version = version.parse().ok()?;
        match self {
            Bump::None => return Some(version.to_string()),
            Bump::Patch => version.patch += 1,
            Bump::Minor => (version.minor, version.patch) = (version.minor + 1, 0),
            Bump::Major => (version.major, version.minor, version.patch) = (version.major + 1, 0, 0),
        }
        (version.pre, version.build) = (semver::Prerelease::EMPTY, semver::BuildMetadata::EMPTY);
        Some(version.to_string())
    }

    /// Whether a version is at least this step above another.
    #[must_use]
    pub fn is_made(self, old: &str, new: &str) -> bool {
        let needed = self.applied(old).and_then(|needed| needed.parse::<semver::Version>().ok());
        match (needed, new.parse::<semver::Version>()) {
            (Some(needed), Ok(new)) => new >= needed,
            _ => false,
        }
    }

    /// The word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Bump::None => "none",
            Bump::Patch => "patch",
            Bump::Minor => "minor",
            Bump::Major => "major",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bump;

    #[test]
    fn versions_rise_by_their_step() {
        assert_eq!(Bump::Patch.applied("1.2.3").as_deref(), Some("1.2.4"));
        assert_eq!(Bump::Minor.applied("1.2.3").as_deref(), Some("1.3.0"));
        assert_eq!(Bump::Major.applied("1.2.3").as_deref(), Some("2.0.0"));
        assert!(Bump::Minor.is_made("1.2.3", "1.3.0") && Bump::Minor.is_made("1.2.3", "2.0.0"));
        assert!(!Bump::Minor.is_made("1.2.3", "1.2.4") && Bump::None.is_made("1.2.3", "1.2.3"));
    }
}
