//! Facts whose absence is papered over, in rules that decide whether to treat, without a stated reason.

use std::collections::BTreeSet;

use super::Finder;
use crate::diagnostic::{Diagnostic, codes};
use crate::lang::{Expr, ExprId};
use crate::protocol::Protocol;
use crate::protocol::model::Action;

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let mut seen = BTreeSet::new();
    for rule in &protocol.rules {
        // The note of a rule is the place for its reason.
        if matches!(rule.action, Action::Precaution { .. }) || rule.note.is_some() {
            continue;
        }
        for root in rule.roots() {
            assumptions(protocol, root, None, &mut |definition, id| {
                if !seen.insert(id) {
                    return;
                }
                let (subject, what) = match definition {
                    Some(at) => {
                        let name = protocol.definitions[usize::from(at)].name.as_str();
                        (name, format!("definition `{name}`, which {} `{}` uses,", rule.action.kind(), rule.id))
                    }
                    None => (rule.id.as_str(), format!("{} `{}`", rule.action.kind(), rule.id)),
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
            });
        }
    }
}

/// Each `??` and `known()` under an expression, with the definition it stands in.
fn assumptions(protocol: &Protocol, id: ExprId, definition: Option<u16>, visit: &mut impl FnMut(Option<u16>, ExprId)) {
    let expr = &protocol.program.node(id).expr;
    if matches!(expr, Expr::Coalesce(..) | Expr::Known(_)) {
        visit(definition, id);
    }
    let inside = match expr {
        Expr::Definition(at, _) => Some(*at),
        _ => definition,
    };
    expr.operands().into_iter().for_each(|operand| assumptions(protocol, operand, inside, visit));
}
