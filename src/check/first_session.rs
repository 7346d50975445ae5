//! Rules that hold of everybody who has had no session yet, because the date of one that is not there is earlier than every date.

use super::Finder;
use crate::coverage::observe::Observed;
use crate::date::Date;
use crate::decide::Request;
use crate::diagnostic::{Diagnostic, codes};
use crate::document::Notation;
use crate::lang::{Expr, ExprId};
use crate::patient::Record;
use crate::protocol::model::{Action, Rule};

pub(super) fn check(finder: &mut Finder<'_>, as_of: Date) {
    let protocol = finder.protocol;
    let program = &protocol.program;
    let is_date = |id: ExprId| matches!(program.node(id).expr, Expr::FirstDate(_) | Expr::LastDate(_));
    // Whoever asks whether there are sessions has thought of none.
    let is_guard = |id: ExprId| {
        let expr = &program.node(id).expr;
        matches!(expr, Expr::NoSessions(_) | Expr::SessionCount(_) | Expr::SessionsDone | Expr::Quantified { .. })
    };
    let reads_only_dates = |rule: &&Rule| {
        let under = || program.under(rule.when);
        !matches!(rule.action, Action::Indicate { .. }) && under().any(is_date) && !under().any(is_guard)
    };
    let rules: Vec<&Rule> = protocol.rules.iter().filter(reads_only_dates).collect();
    if rules.is_empty() {
        return;
    }
    let nobody = format!("patient = \"-\"\nrecorded = {as_of}\nsessions = []\n");
    let Ok((record, _)) = Record::from_text("no sessions", &nobody, Notation::Toml, &protocol.dictionary) else {
        return;
    };
    let prepared = protocol.ready(&Request::new(as_of));
    let observed = Observed::of_facts(protocol, &prepared, prepared.known(&record));
    for rule in rules.into_iter().filter(|rule| observed.applies(rule).is_true()) {
        let compares = |id: &ExprId| {
            matches!(program.node(*id).expr, Expr::Compare(..))
                && observed.truth(*id).is_true()
                && program.under([*id]).any(is_date)
        };
        let Some(comparison) = program.under(rule.when).find(compares) else { continue };
        let message = format!(
            "{} `{}` holds before the first session: the date of a session is then \"never\", earlier than every date",
            rule.action.kind(),
            rule.id
        );
        let diagnostic = Diagnostic::new(&codes::BEFORE_FIRST_SESSION, message).at(&finder.place(comparison));
        finder.report(&rule.id, diagnostic.help("say first that there was one: `!sessions.is_empty() && …`"));
    }
}
