//! Reviews that are due, seasons and versions that are over, and versions of a protocol whose days in force overlap or leave a hole.

use std::path::Path;

use super::Finder;
use crate::date::{Date, Duration};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::protocol::model::{Period, ProtocolStatus, Season};
use crate::protocol::{Clinic, Protocol};

/// How many days before its review date a protocol is spoken of.
const AHEAD: i32 = 60;

pub(super) fn check(finder: &mut Finder<'_>, as_of: Date) {
    let protocol = finder.protocol;
    if protocol.status == ProtocolStatus::Retired {
        return;
    }
    seasons(finder);
    endless_season(finder, as_of);
    let review = protocol.review_by;
    let message = if as_of > review {
        format!("the review of protocol `{}` was due on {review}", protocol.id)
    } else if as_of.plus_days(AHEAD) >= review {
        format!("the review of protocol `{}` is due on {review}, in less than {AHEAD} days", protocol.id)
    } else {
        return;
    };
    let diagnostic = Diagnostic::new(&codes::REVIEW_DUE, message).at(&protocol.value_place("review_by", None));
    finder.report(&protocol.id, diagnostic.help(format!("{} reviews it and sets the next date", protocol.owner)));
}

/// Tells of a protocol that is in force when the last season of its courses is over: it would say "not indicated" to everybody for ever.
fn seasons(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let ends = protocol.courses.iter().flat_map(|course| &course.sessions).map(|session| match session.season {
        Some(Season::Once(Period { until, .. })) => until,
        Some(Season::Yearly { .. }) | None => None,
    });
    // None where one of them has no end.
    let Some(last) = ends.collect::<Option<Vec<Date>>>().and_then(|ends| ends.into_iter().max()) else { return };
    if protocol.in_force_until.is_some_and(|until| until <= last) {
        return;
    }
    let message = format!(
        "the last season of `{}` ends on {last}, and the protocol is in force after it: from then on it calls nobody due",
        protocol.id
    );
    let diagnostic = Diagnostic::new(&codes::OVER, message).at(&protocol.value_place("in_force", None));
    let help = format!("let it end with the season: until = {last}; or give the days of the next season");
    finder.report(&protocol.id, diagnostic.help(help));
}

/// Tells of a season of one year that has gone on for longer than a year: what was given in it counts for ever as given this season.
fn endless_season(finder: &mut Finder<'_>, as_of: Date) {
    let protocol = finder.protocol;
    let seasons = protocol.courses.iter().flat_map(|course| &course.sessions).filter_map(|session| session.season);
    let begins = seasons.filter_map(|season| match season {
        Season::Once(Period { from, until: None }) => from,
        _ => None,
    });
    let year = Duration::new(12, 0);
    let Some(from) = begins.min().filter(|from| *from + year <= as_of) else { return };
    if protocol.in_force_until.is_some_and(|until| until < from + year) {
        return;
    }
    let message =
        format!("the season of `{}` that began on {from} has no end, and has gone on for a year", protocol.id);
    let diagnostic = Diagnostic::new(&codes::OVER, message).at(&protocol.value_place("in_force", None));
    let last = (from + year).plus_days(-1);
    let help = format!("let the protocol end with its season: until = {last}; or give the days of the next season");
    finder.report(&protocol.id, diagnostic.help(help));
}

/// Tells of protocols whose last version is over on a day.
pub(super) fn over(clinic: &Clinic, as_of: Date, found: &mut Diagnostics) {
    // Clinic sorts by id, then by the first day in force.
    for versions in clinic.protocols.chunk_by(|one, next| one.id == next.id) {
        let Some(last) = versions.last().filter(|last| last.status != ProtocolStatus::Retired) else { continue };
        let Some(until) = last.in_force_until.filter(|until| *until < as_of) else { continue };
        let message = format!("no version of `{}` is in force after {until}: nobody can be treated by it", last.id);
        let diagnostic = Diagnostic::new(&codes::OVER, message).at(&last.value_place("in_force", None));
        let help = "write the next version, with its days; or say that there is to be none: status = \"retired\"";
        found.push(diagnostic.help(help));
    }
}

/// Compares the versions of each protocol.
pub(super) fn in_force(clinic: &Clinic, found: &mut Diagnostics) {
    // Clinic sorts by id, then by the first day in force.
    for pair in clinic.protocols.windows(2) {
        let [first, second] = pair else { continue };
        if first.id != second.id {
            continue;
        }
        // A folder that was copied to begin another protocol.
        if first.version == second.version {
            let message = format!("two protocols have the id `{}` and the version {}", first.id, first.version);
            let place = second.value_place("id", None);
            let diagnostic = Diagnostic::new(&codes::IN_FORCE_OVERLAP, message).at(&place);
            let diagnostic = diagnostic.see(&first.value_place("id", None), "the other");
            let help = "give a copy an id of its own, as the name of its folder; give another version of this protocol its own number";
            found.push(diagnostic.help(help));
            continue;
        }
        let place = second.value_place("in_force", None);
        let next = first.in_force_until.map(|until| until.plus_days(1));
        match next {
            Some(next) if next == second.in_force_from => {}
            Some(next) if next < second.in_force_from => {
                let message = format!(
                    "no version of `{}` is in force from {next} to {}",
                    first.id,
                    second.in_force_from.plus_days(-1)
                );
                let diagnostic = Diagnostic::new(&codes::IN_FORCE_HOLE, message).at(&place);
                found.push(diagnostic.see(&first.value_place("in_force", None), "the version before"));
            }
            _ => {
                let message = format!(
                    "versions {} and {} of `{}` are in force at the same time",
                    first.version, second.version, first.id
                );
                let diagnostic = Diagnostic::new(&codes::IN_FORCE_OVERLAP, message).at(&place);
                let diagnostic = diagnostic.see(&first.value_place("in_force", None), "the version before");
                let last = second.in_force_from.plus_days(-1);
                // A folder that was copied, or an id that was: the other protocol has it by right.
                let folder = |protocol: &Protocol| {
                    let file = Path::new(&protocol.file.name);
                    let folder = file.parent().filter(|_| file.ends_with("protocol.toml"))?.file_name()?;
                    Some(folder.to_string_lossy().into_owned())
                };
                let copy = [first, second].into_iter().find(|one| folder(one).is_some_and(|name| name != one.id));
                let is_owned = [first, second].iter().any(|one| folder(one).as_ref() == Some(&one.id));
                if let Some(copy) = copy.filter(|_| is_owned) {
                    let name = folder(copy).unwrap_or_default();
                    let message = format!("two protocols have the id `{}`", copy.id);
                    let diagnostic =
                        Diagnostic::new(&codes::IN_FORCE_OVERLAP, message).at(&copy.value_place("id", None));
                    let other = if std::ptr::eq(copy, first) { second } else { first };
                    let diagnostic = diagnostic.see(&other.value_place("id", None), "the other");
                    let help = format!("give the protocol in the folder `{name}` an id of its own, as `{name}`");
                    found
                        .push(diagnostic.help(
                            help + "; if it is another version of the same, let one end before the other begins",
                        ));
                    continue;
                }
                let help = match first.in_force_until {
                    _ if last < first.in_force_from => {
                        "let one begin later, or retire it with `status = \"retired\"`".to_owned()
                    }
                    None => format!("end the older one before the newer begins: until = {last}"),
                    Some(until) => {
                        format!("end the older one before the newer begins: until = {last} instead of {until}")
                    }
                };
                found.push(diagnostic.help(help));
            }
        }
    }
}
