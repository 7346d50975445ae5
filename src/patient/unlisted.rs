//! Which treatments a list of sessions covers: of any other, sessions may have been given that the record does not list.

use std::collections::BTreeSet;

use crate::lang::ExprId;
use crate::protocol::Protocol;

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

/// The treatments whose sessions make a difference to a protocol.
#[derive(Clone, Debug)]
pub(crate) struct Treatments<'p> {
    /// Their names: the protocol's own, then the others by name, in whatever order the file has them.
    pub(crate) names: Vec<&'p str>,
    /// Of each list of sessions that the program reads, the treatment's place among the names.
    pub(crate) lists: Vec<usize>,
}

/// The place of a protocol's own treatment among its treatments.
pub(crate) const OWN: usize = 0;

impl<'p> Treatments<'p> {
    pub(crate) fn of(protocol: &'p Protocol) -> Treatments<'p> {
        let others = protocol.separations.iter().flat_map(|separation| &separation.from).chain(&protocol.program.lists);
        let others: BTreeSet<&str> = others.map(String::as_str).filter(|name| *name != protocol.treatment).collect();
        let names: Vec<&str> = std::iter::once(protocol.treatment.as_str()).chain(others).collect();
        let place = |name: &String| names.iter().position(|other| other == name);
        // INVARIANT: every list is of one of the names.
        let lists = protocol.program.lists.iter().map(|name| place(name).unwrap_or(OWN)).collect();
        Treatments { names, lists }
    }
}

/// The treatments of which more sessions may have been given than are listed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unlisted {
    /// By their places among the protocol's [`Treatments`].
    pub(crate) treatments: Vec<usize>,
    /// The same for each list of sessions that the program reads.
    pub(crate) lists: Vec<bool>,
}

impl Unlisted {
    /// The treatments whose lists a node reads, as far as more may have been given.
    pub(crate) fn under(&self, protocol: &Protocol, id: ExprId) -> Vec<usize> {
        if self.treatments.is_empty() {
            return Vec::new();
        }
        let lists = Treatments::of(protocol).lists;
        let (mut found, mut todo) = (Vec::new(), vec![id]);
        while let Some(id) = todo.pop() {
            let expr = &protocol.program.node(id).expr;
            found.extend(
                expr.list().map(|list| usize::from(list.0)).filter(|list| self.lists[*list]).map(|list| lists[list]),
            );
            todo.extend(expr.operands());
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether there may have been more sessions of the protocol's own treatment.
    pub(crate) fn own(&self) -> bool {
        self.treatments.first() == Some(&OWN)
    }
}
