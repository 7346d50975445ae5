//! Which treatments a list of sessions covers.

/// The treatments of which a list of sessions holds every one that was given. Of any other there may have been more than it lists:
/// a list that is missing is not an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covers<T> {
    /// Every treatment.
    All,
    /// These.
    Only(Vec<T>),
}

impl<T> Covers<T> {
    /// Whether it holds every session of a treatment.
    #[must_use]
    pub fn covers<U: ?Sized>(&self, treatment: &U) -> bool
    where
        T: PartialEq<U>,
    {
        match self {
            Covers::All => true,
            Covers::Only(treatments) => treatments.iter().any(|covered| covered == treatment),
        }
    }
}

/// No list: no treatment.
impl<T> Default for Covers<T> {
    fn default() -> Self {
        Covers::Only(Vec::new())
    }
}
