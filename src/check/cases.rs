//! What the analysis leaves open and the protocol's cases have shown: that a rule can fire, and that it need not.

use std::borrow::Cow;
use std::path::Path;

use crate::cases::{Case, Cases};
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
    let (mut days, mut seen) = (Days::new(protocol, Depth::Verdict), vec![(false, false); rules.len()]);
    let cases: Box<dyn Iterator<Item = Cow<'_, Case>>> = match cases {
        Some(cases) => Box::new(cases.iter().map(Cow::Borrowed)),
        None => Box::new(Cases::readable(protocol).map(Cow::Owned)),
    };
    for case in cases {
        let Some(prepared) = days.prepared(&case.request) else { continue };
        let observed = Observed::of_facts(protocol, prepared, prepared.known(&case.record));
        for (rule, (fires, does_not)) in rules.iter().zip(&mut seen) {
            let applies = observed.applies(rule);
            *fires |= applies.is_true();
            *does_not |= applies.is_false();
        }
        if seen.iter().all(|(fires, does_not)| *fires && *does_not) {
            break;
        }
    }
    let mut seen = seen.into_iter();
    rules.retain(|_| seen.next() != Some((true, true)));
}
