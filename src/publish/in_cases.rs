//! What is wrong in many cases for one reason is told once.

use crate::diagnostic::{Diagnostic, Diagnostics, Place, codes};
use crate::protocol::Protocol;

/// From so many on, what is wrong with cases has one cause.
const SEVERAL: usize = 3;

/// Where several cases ask about days before the protocol is in force, that is told once.
pub(super) fn fold(protocol: &Protocol, mut found: Diagnostics) -> Diagnostics {
    let is_early = |one: &Diagnostic| one.code == &codes::NOT_IN_FORCE && one.message.contains(" is in force from ");
    let early: Vec<Diagnostic> = found.iter().filter(|one| is_early(one)).cloned().collect();
    if early.len() >= SEVERAL
        && let Some(told) = too_early(protocol, &early)
    {
        found.retain(|one| !is_early(one));
        found.push(told);
    }
    lost_records(&mut found);
    found
}

/// A record that cases start from and that is not there: one mistake, however many of them.
fn lost_records(found: &mut Diagnostics) {
    let is_lost = |one: &Diagnostic| one.code == &codes::UNREADABLE && one.message.starts_with("there is no record `");
    let lost: Vec<Diagnostic> = found.iter().filter(|one| is_lost(one)).cloned().collect();
    for (at, first) in lost.iter().enumerate() {
        let is_same = |one: &Diagnostic| one.code == first.code && one.message == first.message;
        let count = lost.iter().filter(|one| is_same(one)).count();
        if count < SEVERAL || lost[..at].iter().any(is_same) {
            continue;
        }
        found.retain(|one| !is_same(one));
        let mut told = first.clone();
        told.message = format!("{}, and {count} cases start from it", first.message);
        found.push(told.help("put it back, or write in the cases where it is now"));
    }
}

/// Cases that ask about days before the protocol is in force: it was made to begin later.
fn too_early(protocol: &Protocol, all: &[Diagnostic]) -> Option<Diagnostic> {
    let first: &Place = &all.first()?.label.as_ref()?.place;
    let message = format!(
        "protocol `{}` {} is in force from {}, and {} cases ask about earlier days",
        protocol.id,
        protocol.version,
        protocol.in_force_from,
        all.len()
    );
    let place = protocol.value_place("in_force", Some("from"));
    let help =
        "give the cases a later `as_of`, or let it begin when it did and say from when with `regimen publish --from`";
    Some(Diagnostic::new(&codes::NOT_IN_FORCE, message).at(&place).see(first, "the first of them").help(help))
}
