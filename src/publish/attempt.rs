//! Publishing from the first gate to the entry in the index, in the same order whoever asks for it.

use std::io;
use std::path::Path;

use super::write::{Version, write};
use super::{everything, gates, may_be, texts};
use crate::coverage::Coverage;
use crate::date::Date;
use crate::diagnostic::{Diagnostics, Severity, codes};
use crate::mutation::{self, Fate, Mutation};
use crate::protocol::Protocol;
use crate::protocol::lost::{is_begun, lost_index};
use crate::protocol::published::FOLDER;

/// What somebody wants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    /// Who publishes it.
    pub(crate) by: &'a str,
    pub(crate) why: Option<&'a str>,
    /// The first day on which it is in force; none: the one that the protocol gives.
    pub(crate) from: Option<Date>,
    /// The day of publication.
    pub(crate) on: Date,
    /// Why changes may be left that no case notices.
    pub(crate) survivors_accepted: Option<&'a str>,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'s> {
    /// `check --strict` finds nothing.
    Checked,
    /// So many cases are answered as expected and approved.
    Tested(usize),
    /// The cases show what the rules do.
    Covered(&'s Coverage),
    /// So many of so many changes are tried.
    Changing(usize, usize),
    /// No change that may not be left goes unnoticed.
    Changed(&'s Mutation),
    /// So many properties are proved.
    Proved(usize),
}

impl Step<'_> {
    /// What was found, in a line; none while it is still being tried.
    pub(crate) fn in_words(self) -> Option<String> {
        Some(match self {
            Step::Checked => "check: no mistake, and nothing suspicious".to_owned(),
            Step::Tested(1) => "cases: 1 passed".to_owned(),
            Step::Tested(cases) => format!("cases: {cases} passed, 0 failed"),
            Step::Covered(coverage) => format!("coverage: {} of {} outcomes", coverage.covered, coverage.outcomes),
            Step::Changing(..) => return None,
            Step::Changed(mutation) => {
                let count = |fate| mutation.count(fate);
                format!(
                    "mutation: {} killed, {} survived, {} equivalent, {} undecided",
                    count(Fate::Killed),
                    count(Fate::Survived),
                    count(Fate::Equivalent),
                    count(Fate::Undecided)
                )
            }
            Step::Proved(1) => "properties: 1 proved".to_owned(),
            Step::Proved(proved) => format!("properties: {proved} proved"),
        })
    }
}

/// Why nothing was published.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// What is in the way.
    Found(Diagnostics),
    /// A case or a sheet is not as approved.
    NotAsApproved(Diagnostics),
    /// It could not be written.
    NotWritten(io::Error),
}

impl From<Diagnostics> for Refusal {
    fn from(found: Diagnostics) -> Refusal {
        Refusal::Found(found)
    }
}

/// Tries the working file of a protocol, and publishes it if nothing is in the way: from which day it is in force. `path` is the protocol's folder.
pub(crate) fn publish(
    path: &Path,
    protocol: &Protocol,
    wish: &Wish<'_>,
    told: &(dyn Fn(Step<'_>) + Sync),
) -> Result<Date, Refusal> {
    let index = may_be(protocol, wish.from, wish.on)?;
    let from = wish.from.unwrap_or(protocol.in_force_from);
    let mut found = everything(path, wish.on, None);
    found.retain(|one| match one.severity {
        Severity::Note => false,
        // A version that this one follows on the same day answers nobody any more.
        _ => *one.code != codes::READ_DIFFERENTLY || from > wish.on,
    });
    // A run that was broken off has left the version without the index: it is published now.
    let begun = lost_index(&path.join(FOLDER))
        .filter(|(versions, _)| *versions == [protocol.version.as_str()] && is_begun(&path.join(FOLDER), versions));
    found.retain(|one| !begun.as_ref().is_some_and(|(_, lost)| lost == one));
    found.sort();
    if !found.is_empty() {
        return Err(found.into());
    }
    told(Step::Checked);
    let cases = gates::tested(protocol).map_err(Refusal::NotAsApproved)?;
    told(Step::Tested(cases.len()));
    let coverage = gates::covered(protocol, &cases)?;
    told(Step::Covered(&coverage));
    let mutation = mutation::mutate(protocol, &cases, &|done, of| told(Step::Changing(done, of)));
    gates::killed(&mutation, wish.survivors_accepted)?;
    told(Step::Changed(&mutation));
    let proved = gates::proved(protocol)?;
    told(Step::Proved(proved));
    let texts = texts(protocol)?;
    let Wish { by, why, on, survivors_accepted, .. } = *wish;
    let version = Version { protocol, by, why, from, on, texts, coverage, mutation, survivors_accepted, proved };
    write(&version, index.as_ref()).map_err(Refusal::NotWritten)?;
    Ok(from)
}
