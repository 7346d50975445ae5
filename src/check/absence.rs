//! Facts whose absence is papered over, in rules that decide whether to treat, without a stated reason.

use std::collections::BTreeSet;

use super::Finder;
use crate::diagnostic::{Diagnostic, codes};
use crate::lang::Expr;
use crate::protocol::model::{Action, Definition};

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let mut seen = BTreeSet::new();
    for rule in &protocol.rules {
        // The note of a rule is the place for its reason.
        if matches!(rule.action, Action::Precaution { .. }) || rule.note.is_some() {
            continue;
        }
        for id in protocol.program.under(rule.roots()) {
            let assumes = matches!(protocol.program.node(id).expr, Expr::Coalesce(..) | Expr::Known(_));
            if !assumes || !seen.insert(id) {
                continue;
            }
            let definition = protocol.definition_around(id);
            let kind = rule.action.kind();
            let (subject, what) = match definition {
                Some(Definition { name, .. }) => {
                    (name.as_str(), format!("definition `{name}`, which {kind} `{}` uses,", rule.id))
                }
                None => (rule.id.as_str(), format!("{kind} `{}`", rule.id)),
            };
            let message = format!("{what} treats a missing answer as known; say why that is safe");
            let diagnostic = Diagnostic::new(&codes::ABSENCE_ASSUMED, message).at(&finder.place(id));
            let help = match definition {
                Some(_) => {
                    format!("if it is meant, say so: [[allow]] code = \"R715\", on = \"{subject}\", reason = \"…\"")
                }
                None => "if this is intended, give the rule a `note` with the reason".to_owned(),
            };
            finder.report(subject, diagnostic.help("without it, the patient would be asked").help(help));
        }
    }
}
