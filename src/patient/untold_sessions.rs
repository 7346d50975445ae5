//! What an expression may ask about recorded sessions, and nobody has told.

use crate::lang::syntax::Quantifier;
use crate::lang::{Expr, ExprId};
use crate::logic::eval::DATE_NOTE;
use crate::logic::value::Value;
use crate::patient::known::Known;
use crate::protocol::Protocol;

impl Known {
    /// The sessions and those of their notes that are not exactly known; without a note, whether the session was noted twice.
    ///
    /// All that the condition may read, rather than what it would turn on: it is asked on many days, and may be known on each of them all
    /// the same. Then both ways in which it is supposed to turn out come to the same.
    pub(crate) fn untold_of_sessions(&self, protocol: &Protocol, root: ExprId) -> Vec<(usize, Option<u16>)> {
        let program = &protocol.program;
        let day = crate::narrow::u16(DATE_NOTE);
        let inputs = self.inputs(Value::Unknown, false);
        let mut untold = Vec::new();
        for id in program.under([root]) {
            let expr = &program.node(id).expr;
            let Some(list) = expr.list() else { continue };
            let (mut sessions, mut notes) = (self.lists[usize::from(list.0)].clone(), Vec::new());
            let mut counts = false;
            match expr {
                Expr::Quantified { body, .. } | Expr::Sum { body, .. } => {
                    counts = !matches!(expr, Expr::Quantified { quantifier: Quantifier::Any | Quantifier::All, .. });
                    let nodes = &program.nodes[body.start as usize..body.end as usize];
                    notes.extend(nodes.iter().filter_map(|node| match node.expr {
                        Expr::SessionNote { note, .. } => Some(note),
                        _ => None,
                    }));
                }
                Expr::SessionCount(_) => counts = true,
                Expr::FirstDate(_) | Expr::LastDate(_) => notes.push(day),
                Expr::EndNote { list, last, note } => {
                    sessions = inputs.ends(*list, *last);
                    // Which one is meant matters only where there are several.
                    notes.extend((sessions.len() > 1).then_some(day));
                    notes.push(*note);
                }
                _ => {}
            }
            for session in sessions {
                let is_told =
                    |note: u16| self.sessions[session].get(usize::from(note)).is_some_and(|note| note.is_settled());
                let open = notes.iter().copied().filter(|note| !is_told(*note)).map(Some);
                let twice = (counts && self.alike[session]).then_some(None);
                for one in open.chain(twice) {
                    if !untold.contains(&(session, one)) {
                        untold.push((session, one));
                    }
                }
            }
        }
        untold
    }
}
