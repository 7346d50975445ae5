//! Numbers with a point and three digits behind it: `10.000` is ten, and may have been meant as ten thousand.

use std::sync::Arc;

use super::{Finder, Finding};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, SourceFile, codes};
use crate::document::{Data, Node, Notation, parse};
use crate::lang::{Expr, ExprId, Type};
use crate::logic::turning::compared;
use crate::numerals::with_point;
use crate::protocol::Clinic;

/// Nobody writes a whole number with three zeros behind a point.
const ZEROS: &str = ".000";

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    finder.found.extend(in_values(&protocol.file));
    let program = &protocol.program;
    for (at, node) in program.nodes.iter().enumerate() {
        let is_whole = |id: ExprId| matches!(program.node(id).ty, Type::Number { whole: true, .. });
        let beside = compared(&node.expr).into_iter().filter(|(item, ..)| is_whole(*item)).map(|(_, _, other)| other);
        // Where a whole number stands on the other side, no decimals can have been meant.
        for id in beside.filter(|id| matches!(program.node(*id).expr, Expr::Literal(_))) {
            finder.found.extend(suspicious(finder.place(id), false));
        }
        if matches!(node.expr, Expr::Literal(_)) {
            finder.found.extend(suspicious(finder.place(ExprId(crate::narrow::u32(at))), true));
        }
    }
}

/// The same of what a clinic's dictionary says.
pub(super) fn in_dictionary(clinic: &Clinic) -> Vec<Finding> {
    let is_protocol = |file: &SourceFile| clinic.protocols.iter().any(|protocol| protocol.file.name == file.name);
    let file = clinic.dictionary.facts.first().map(|fact| &fact.place.file);
    file.filter(|file| !is_protocol(file)).map(in_values).unwrap_or_default()
}

/// The numbers of a file outside its expressions.
fn in_values(file: &Arc<SourceFile>) -> Vec<Finding> {
    let mut found = Vec::new();
    if !file.text.contains(ZEROS) {
        return found;
    }
    let mut todo = vec![parse(file, Notation::Toml, &mut Diagnostics::default())];
    while let Some(Node { data, span }) = todo.pop() {
        match data {
            Data::Array(items) => todo.extend(items),
            Data::Table(entries) => todo.extend(entries.into_iter().map(|(_, value)| value)),
            Data::Decimal(_) => found.extend(suspicious(Place { file: Arc::clone(file), span }, true)),
            _ => {}
        }
    }
    found
}

/// Says of a number that another may have been meant.
fn suspicious(place: Place, only_zeros: bool) -> Option<Finding> {
    let written = place.text();
    let meant = with_point(written).filter(|_| written.ends_with(ZEROS) || !only_zeros)?;
    let subject = written.to_owned();
    let number = written.parse::<rust_decimal::Decimal>().ok()?.normalize();
    let message = format!("`{written}` is {number}: a point begins the decimals");
    let diagnostic = Diagnostic::new(&codes::POINT_FOR_THOUSANDS, message).at(&place).help(meant.help("point"));
    Some(Finding { subject, diagnostic })
}
