//! One case for several changes: who tells of one often tells of others.

use std::path::Path;

use crate::cases::Cases;
use crate::coverage::ReadyCase;
use crate::coverage::observe::Days;
use crate::decide::Request;
use crate::mutation::Mutant;
use crate::mutation::operators::Made;
use crate::mutation::trial::said;
use crate::patient::Record;
use crate::protocol::Protocol;
use crate::trace::Depth;

/// Gives each change that survived the first case in their order that tells of it. A case that was found for a change and is needed for none is
/// left out.
pub(super) fn share(protocol: &Protocol, made: &[Made], found: &mut [(usize, Mutant)]) {
    let mut reader = Cases::of(protocol);
    let folder = Path::new(&protocol.file.name).parent().unwrap_or(Path::new("")).join("cases");
    let mut present = Days::new(protocol, Depth::Verdict);
    let mut chosen: Vec<(ReadyCase, Request, Record, Option<String>)> = Vec::new();
    for (at, mutant) in found {
        let Some(own) = &mut mutant.case else { continue };
        let mutated = made[*at].change.made_of(protocol);
        let mut days = Days::new(&mutated, Depth::Verdict);
        let told = chosen.iter().find(|(_, request, record, answer)| answered(&mut days, request, record) != *answer);
        if let Some((shared, ..)) = told {
            *own = shared.clone();
        } else if let Ok((case, _)) = reader.read_text(&folder.join(&own.name), &own.text) {
            let answer = answered(&mut present, &case.request, &case.record);
            chosen.push((own.clone(), case.request, case.record, answer));
        }
    }
}

fn answered(days: &mut Days<'_>, request: &Request, record: &Record) -> Option<String> {
    let answer = days.prepared(request)?.recommend(record).ok()?;
    Some(said(&answer, |_| true))
}
