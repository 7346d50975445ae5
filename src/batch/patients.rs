//! Which patients have been answered.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A patient's mark: two patients have the same one less often than a disk errs.
pub(super) type Mark = u128;

/// The patients that have been answered, so that a second record of one is noticed. Each takes 16 bytes, however long its id is.
#[derive(Clone, Debug, Default)]
pub struct Patients(HashSet<Mark>);

impl Patients {
    /// Adds the patient of an answer of an earlier run. Returns whether it is new.
    pub fn insert(&mut self, patient: &str) -> bool {
        self.add(mark(patient))
    }

    pub(super) fn add(&mut self, mark: Mark) -> bool {
        self.0.insert(mark)
    }
}

pub(super) fn mark(patient: &str) -> Mark {
    let half = |half: u8| {
        let mut hasher = DefaultHasher::new();
        (half, patient).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
