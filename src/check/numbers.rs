//! Calculations that may have no result, and settings whose decimals may never end.

use std::collections::BTreeSet;

use super::Finder;
use crate::diagnostic::{Diagnostic, codes};
use crate::lang::syntax::Arithmetic;
use crate::lang::{Expr, ExprId};
use crate::logic::{Declared, Number, Reach, Value};
use crate::protocol::Protocol;
use crate::protocol::model::{Action, Setting};

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let ranges = protocol.parameters.iter().map(|parameter| match parameter.range {
        Some((least, greatest)) => least.either(greatest),
        None => parameter.value,
    });
    let ranges: Vec<Value> = ranges.collect();
    let declared = Declared {
        fact: &|fact| protocol.fact(fact).answer.range,
        note: &|note| protocol.dictionary.notes.get(usize::from(note)).and_then(|note| note.answer.range),
    };
    let mut reach = Reach::of_anybody(&protocol.program, declared, &ranges);
    for at in 0..protocol.program.nodes.len() {
        let id = ExprId(crate::narrow::u32(at));
        if let Expr::Arithmetic(Arithmetic::Divide, _, divisor) = protocol.program.node(id).expr {
            divides_by_zero(finder, id, reach.value(divisor));
        }
    }
    for (at, setting) in protocol.settings.iter().enumerate().filter(|(_, setting)| setting.rounding.is_none()) {
        if let Some(quotient) = endless(protocol, at, setting, &mut reach) {
            let message =
                format!("the decimals of setting `{}` may never end, and it does not say how to round", setting.id);
            let diagnostic =
                Diagnostic::new(&codes::ENDLESS_DECIMALS, message).labelled(&finder.place(quotient), "a fraction");
            finder
                .report(&setting.id, diagnostic.help("give the setting `decimals`, to which its numbers are rounded"));
        }
    }
}

fn divides_by_zero(finder: &mut Finder<'_>, id: ExprId, divisor: Value) {
    let certain = match divisor {
        Value::Number(least, greatest) if least > Number::ZERO || greatest < Number::ZERO => return,
        Value::Number(least, greatest) => least == greatest,
        _ => false,
    };
    let Expr::Arithmetic(_, _, by) = finder.protocol.program.node(id).expr else { return };
    let place = finder.place(by);
    let divisor = place.file.text.get(place.span.clone()).unwrap_or_default().to_owned();
    let message = if certain {
        format!("`{divisor}` is 0: what is divided by it has no value")
    } else {
        format!("`{divisor}` may be 0: what is divided by it has then no value, and nobody can answer")
    };
    let diagnostic = Diagnostic::new(&codes::MAY_DIVIDE_BY_ZERO, message).at(&place);
    let help = "where it is a fact or a note, declare a `range` that leaves 0 out; where the expression says what happens then, write an `[[allow]]`";
    finder.report(&divisor, diagnostic.help(help));
}

/// A division that gives the numbers of a setting decimals that may never end.
fn endless(protocol: &Protocol, at: usize, setting: &Setting, reach: &mut Reach<'_, '_>) -> Option<ExprId> {
    let limits = protocol.rules.iter().flat_map(|rule| match &rule.action {
        Action::Precaution { limits, .. } => limits.as_slice(),
        _ => &[],
    });
    let limits = limits.filter(|(of, _)| *of == at).map(|(_, limit)| limit);
    let bodies = setting.quantities().chain(limits).filter_map(|quantity| quantity.computed());
    let mut todo: Vec<ExprId> = bodies.map(|body| ExprId(body.end - 1)).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        match &protocol.program.node(id).expr {
            Expr::Arithmetic(Arithmetic::Divide, a, b) => {
                let ends = match reach.value(*b) {
                    Value::Number(least, greatest) if least == greatest => {
                        Number::ONE.over(least).is_none_or(|one| one.decimals().is_some())
                    }
                    _ => false,
                };
                if !ends {
                    return Some(id);
                }
                todo.push(*a);
            }
            // Only what the number is made of, and not what chooses it.
            Expr::If(_, a, b) | Expr::Arithmetic(_, a, b) | Expr::Coalesce(a, b) => todo.extend([*a, *b]),
            Expr::Definition(_, a) | Expr::Negate(a) | Expr::Sum { note: a, .. } => todo.push(*a),
            _ => {}
        }
    }
    None
}
