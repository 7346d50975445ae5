//! What the analysis leaves open and the protocol's cases have shown: that a rule can fire, and that it need not.

use std::borrow::Cow;
use std::path::Path;

use crate::cases::{Case, Cases, of_protocol};
use crate::coverage::observe::{Days, Observed};
use crate::protocol::Protocol;
use crate::protocol::model::Rule;
use crate::trace::Depth;

/// Leaves out the rules that fire for the patient of one case and do not for that of another. Whoever is in a case may be somebody, so of such a
/// rule neither "never" nor "always" could be said.
pub(super) fn decided(protocol: &Protocol, cases: Option<&[Case]>, rules: &mut Vec<&Rule>) {
    // What was never a file has no cases beside it.
    if rules.is_empty() || !Path::new(&protocol.file.name).is_file() {
        return;
    }
    let mut days = Days::new(protocol, Depth::Verdict);
    let mut seen = vec![(false, false); rules.len()];
    let mut look = |case: &Case| {
        let Some(prepared) = days.prepared(&case.request) else { return false };
        let observed = Observed::of_facts(protocol, prepared, prepared.known(&case.record));
        for (rule, (fires, does_not)) in rules.iter().zip(&mut seen) {
            let applies = observed.applies(rule);
            *fires |= applies.is_true();
            *does_not |= applies.is_false();
        }
        seen.iter().all(|(fires, does_not)| *fires && *does_not)
    };
    let mut reader = Cases::of(protocol);
    // What is wrong with a case is told where the cases are checked.
    let read = of_protocol(protocol).into_iter().take_while(|_| cases.is_none());
    let read = read.filter_map(|path| Some(Cow::Owned(reader.load(&path).ok()?.0)));
    for case in cases.into_iter().flatten().map(Cow::Borrowed).chain(read) {
        if look(&case) {
            break;
        }
    }
    let mut seen = seen.into_iter();
    rules.retain(|_| seen.next() != Some((true, true)));
}
