//! `&&` beside `||` without brackets: the program reads it in one way, and a reader may read it in another.

use super::Finder;
use crate::diagnostic::{Diagnostic, codes};
use crate::lang::{Expr, ExprId};

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let program = &protocol.program;
    for node in &program.nodes {
        let Expr::Or(parts) = &node.expr else { continue };
        let is_bare = |id: &&ExprId| matches!(program.node(**id).expr, Expr::And(_)) && !is_bracketed(finder, **id);
        let Some(bare) = parts.iter().find(is_bare) else { continue };
        let text = protocol.written(*bare);
        // Some of what is read as `&&` is written otherwise.
        if !text.contains("&&") {
            continue;
        }
        let subject = protocol.definition_around(*bare).map_or("", |definition| &*definition.name).to_owned();
        let message = "`&&` and `||` stand side by side without brackets, and `&&` is read first";
        let diagnostic = Diagnostic::new(&codes::NO_BRACKETS, message).at(&finder.place(*bare));
        let help = format!("write `({text})`, if that is meant; else put the brackets around what belongs together");
        finder.report(&subject, diagnostic.help(help));
    }
}

/// Whether brackets stand around a part of a condition, and around nothing else.
fn is_bracketed(finder: &Finder<'_>, id: ExprId) -> bool {
    let (text, span) = (&finder.protocol.file.text, &finder.protocol.program.node(id).span);
    let (Some(before), Some(inside), Some(behind)) =
        (text.get(..span.start), text.get(span.clone()), text.get(span.end..))
    else {
        return true;
    };
    let depths = inside.chars().scan(0i32, |depth, sign| {
        *depth += match sign {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        Some(*depth)
    });
    // The brackets belong to what is said of the part, or stand just outside it.
    let closes_early = depths.clone().take(inside.chars().count().saturating_sub(1)).any(|depth| depth == 0);
    inside.starts_with('(') && inside.ends_with(')') && !closes_early
        || before.trim_end().ends_with('(') && behind.trim_start().starts_with(')')
}
