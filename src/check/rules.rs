//! Rules that never or always fire, say the same, or are shadowed.

use super::Finder;
use super::regions::{Patient, Regions};
use crate::diagnostic::{Diagnostic, codes};
use crate::lang::ExprId;
use crate::logic::Tri;
use crate::logic::value::Value;
use crate::protocol::Protocol;
use crate::protocol::model::{Action, Lasts, Rule};

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let mut not_analysed = Vec::new();
    for rule in &protocol.rules {
        match Regions::new(protocol, &rule.roots().collect::<Vec<_>>()) {
            Some(mut regions) => fires(finder, rule, &mut regions),
            None => not_analysed.push(rule),
        }
    }
    pairs(finder);
    if let Some(first) = not_analysed.first() {
        let ids: Vec<String> = not_analysed.iter().map(|rule| format!("`{}`", rule.id)).collect();
        let count = if ids.len() == 1 { "one rule".to_owned() } else { format!("{} rules", ids.len()) };
        let message = format!("whether {count} can fire was not analysed: {}", ids.join(", "));
        let help = "they depend on sessions, on calculations with facts, or on too many facts at once";
        finder.report("", Diagnostic::new(&codes::NOT_ANALYSED, message).at(&first.place).help(help));
    }
}

/// Whether a rule's condition holds for a patient.
fn holds(rule: &Rule, patient: &Patient<'_, '_>) -> Tri {
    let when = rule.when.map_or(Tri::True, |when| patient.value(when).truth());
    match rule.action {
        Action::Defer { not_before: Some(not_before), .. } => when.and(match patient.value(not_before) {
            Value::Date(range) => Tri::between(patient.today() < range.first, patient.today() < range.last),
            _ => Tri::Unknown,
        }),
        _ => when,
    }
}

fn fires(finder: &mut Finder<'_>, rule: &Rule, regions: &mut Regions<'_>) {
    let ever = regions.find(|patient| holds(rule, patient).is_true());
    // Of a patient of whom something is missing, "not yet known" is neither yes nor no.
    let ever_not = regions.find(|patient| holds(rule, patient).is_false());
    let kind = rule.action.kind();
    let indication = matches!(rule.action, Action::Indicate { .. });
    let place = rule.when.map_or_else(|| rule.place.clone(), |when| finder.place(when));
    if !ever {
        let message = if indication {
            format!("{kind} `{}` can never hold: nobody would be treated", rule.id)
        } else {
            format!("{kind} `{}` can never fire", rule.id)
        };
        let help = "no combination of permitted answers makes its condition true";
        finder.report(&rule.id, Diagnostic::new(&codes::NEVER_FIRES, message).at(&place).help(help));
    } else if !ever_not {
        let what = if indication { "always holds, so it has no effect" } else { "fires for every patient" };
        let mut diagnostic = Diagnostic::new(&codes::ALWAYS_FIRES, format!("{kind} `{}` {what}", rule.id)).at(&place);
        if regions.about_patients() {
            diagnostic = diagnostic.help("every combination of permitted answers makes its condition true");
        }
        finder.report(&rule.id, diagnostic);
    }
}

/// Rules of one kind that cannot be told apart, or of which one holds whenever the other does.
fn pairs(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    for (at, second) in protocol.rules.iter().enumerate() {
        for first in &protocol.rules[..at] {
            if first.action.kind() != second.action.kind() || !share_facts(protocol, first, second) {
                continue;
            }
            let both: Vec<ExprId> = first.roots().chain(second.roots()).collect();
            let Some(mut regions) = Regions::new(protocol, &both) else { continue };
            let only_first =
                regions.find(|patient| holds(first, patient).is_true() && !holds(second, patient).is_true());
            let only_second =
                regions.find(|patient| holds(second, patient).is_true() && !holds(first, patient).is_true());
            // A rule that never fires has been told of.
            let each = |rule: &Rule, regions: &mut Regions<'_>| regions.find(|patient| holds(rule, patient).is_true());
            if !each(first, &mut regions) || !each(second, &mut regions) {
                continue;
            }
            let kind = first.action.kind();
            match (only_first, only_second) {
                (false, false) => {
                    let message = format!("{kind}s `{}` and `{}` hold for the same patients", first.id, second.id);
                    let diagnostic =
                        Diagnostic::new(&codes::SAME_CONDITION, message).labelled(&second.place, "this one");
                    let diagnostic = diagnostic.see(&first.place, "and this one");
                    finder
                        .report(&second.id, diagnostic.help("one of them is enough, unless they do different things"));
                }
                (false, true) if shadows(second, first) => shadowed(finder, first, second),
                (true, false) if shadows(first, second) => shadowed(finder, second, first),
                _ => {}
            }
        }
    }
}

/// Whether a rule that holds makes another of its kind superfluous.
fn shadows(wide: &Rule, narrow: &Rule) -> bool {
    match (&wide.action, &narrow.action) {
        (Action::Contraindicate { lasts: wide, .. }, Action::Contraindicate { lasts: narrow, .. }) => {
            wide == narrow || *wide == Lasts::Permanent
        }
        (Action::Refer { to: wide }, Action::Refer { to: narrow }) => wide == narrow,
        (Action::Defer { not_before: None, .. }, Action::Defer { not_before: None, .. }) => true,
        _ => false,
    }
}

fn shadowed(finder: &mut Finder<'_>, narrow: &Rule, wide: &Rule) {
    let kind = narrow.action.kind();
    let message = format!("whenever {kind} `{}` holds, `{}` holds too", narrow.id, wide.id);
    let diagnostic = Diagnostic::new(&codes::SHADOWED, message).labelled(&narrow.place, "this one has no effect");
    finder.report(
        &narrow.id,
        diagnostic.see(&wide.place, "because of this one").help("keep it if its reason is worth showing"),
    );
}

fn share_facts(protocol: &Protocol, a: &Rule, b: &Rule) -> bool {
    let facts = |rule: &Rule| Regions::new(protocol, &rule.roots().collect::<Vec<_>>()).map(|regions| regions.facts());
    match (facts(a), facts(b)) {
        (Some(a), Some(b)) => a.iter().all(|fact| b.contains(fact)) || b.iter().all(|fact| a.contains(fact)),
        _ => false,
    }
}
