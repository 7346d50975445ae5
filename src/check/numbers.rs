//! Calculations that may have no result, and settings whose decimals may never end.

use std::collections::BTreeSet;

use super::Finder;
use crate::diagnostic::{Diagnostic, Place, codes};
use crate::lang::syntax::Arithmetic;
use crate::lang::{Expr, ExprId};
use crate::logic::value::MANY;
use crate::logic::{Declared, Number, Reach, Value};
use crate::protocol::Protocol;
use crate::protocol::model::{Action, Quantity, Safer, Says, Setting};

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let ranges = protocol.parameters.iter().map(|parameter| match parameter.range {
        Some((least, greatest)) => least.either(greatest),
        None => parameter.value,
    });
    let ranges: Vec<Value> = ranges.collect();
    let declared = Declared { fact: &|fact| protocol.fact_range(fact), note: &|note| protocol.note_range(note) };
    let mut reach = Reach::of_anybody(&protocol.program, declared, &ranges);
    // Of every number its ends, where it has them, operands first: however great they become.
    let mut ends: Vec<Option<(Number, Number)>> = Vec::new();
    for at in 0..protocol.program.nodes.len() {
        let id = ExprId(crate::narrow::u32(at));
        let of = |id: &ExprId| ends[id.0 as usize];
        let found = match &protocol.program.node(id).expr {
            Expr::Arithmetic(operation, a, b) => {
                let divisor = if *operation == Arithmetic::Divide { Some(reach.value(*b)) } else { None };
                let operands = of(a).zip(of(b)).filter(|_| divisor.is_none_or(leaves_out_zero));
                divisor.into_iter().for_each(|divisor| divides_by_zero(finder, id, divisor));
                let found = operands.and_then(|(a, b)| crate::logic::ends(*operation, a, b));
                if operands.is_some() && found.is_none() {
                    too_large(finder, id);
                }
                found
            }
            Expr::Definition(_, root) => of(root),
            Expr::Negate(a) => of(a).map(|(least, greatest)| (-greatest, -least)),
            _ => match reach.value(id) {
                Value::Number(least, greatest) if least == greatest || (-MANY < least && greatest < MANY) => {
                    Some((least, greatest))
                }
                _ => None,
            },
        };
        ends.push(found);
    }
    for (at, setting) in protocol.settings.iter().enumerate() {
        no_such_setting(finder, at, setting, &mut reach);
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

fn leaves_out_zero(divisor: Value) -> bool {
    matches!(divisor, Value::Number(least, greatest) if least > Number::ZERO || greatest < Number::ZERO)
}

fn too_large(finder: &mut Finder<'_>, id: ExprId) {
    let place = finder.place(id);
    let text = place.file.text.get(place.span.clone()).unwrap_or_default().to_owned();
    let message =
        format!("`{text}` may come to a number that is too large: it has then no value, and nobody can answer");
    let diagnostic = Diagnostic::new(&codes::MAY_BE_TOO_LARGE, message).at(&place);
    let help = "give what it is made of a `range` as small as it is in truth; where the expression says what happens then, write an `[[allow]]`";
    finder.report(&text, diagnostic.help(help));
}

fn divides_by_zero(finder: &mut Finder<'_>, id: ExprId, divisor: Value) {
    if leaves_out_zero(divisor) {
        return;
    }
    let certain = matches!(divisor, Value::Number(least, greatest) if least == greatest);
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

/// Numbers of a setting, and limits on it, that no session can have, for some patients or for all.
fn no_such_setting(finder: &mut Finder<'_>, at: usize, setting: &Setting, reach: &mut Reach<'_, '_>) {
    let mut ends = |quantity: &Quantity| match quantity {
        Quantity::Fixed(number) => Some(((*number).into(), (*number).into())),
        Quantity::Computed(body) => match reach.value(ExprId(body.end - 1)) {
            Value::Number(least, greatest) if -MANY < least && greatest < MANY => Some((least, greatest)),
            _ => None,
        },
    };
    for (row_at, row) in setting.rows.iter().enumerate() {
        let who = format!("row {} of setting `{}`", row_at + 1, setting.id);
        let quantities = match &row.says {
            Says::Value(value) => vec![value],
            Says::Range(from, to) => vec![from, to],
            Says::Text(_) => Vec::new(),
        };
        let reached: Vec<Option<(Number, Number)>> = quantities.iter().map(|quantity| ends(quantity)).collect();
        let wrong = reached.iter().flatten().find_map(|(least, greatest)| outside(setting, *least, *greatest));
        // Two expressions of one fact may never meet, whatever each comes to by itself.
        let is_fixed = quantities.iter().any(|quantity| quantity.computed().is_none());
        let crossed = match reached[..] {
            [Some((_, from)), Some((to, _))] if is_fixed && from > to => {
                Some(format!("may begin at {from} and end at {to}"))
            }
            _ => None,
        };
        if let Some(wrong) = wrong.or(crossed) {
            finder.no_such_setting(setting, &row.place, format!("{who} {wrong}"));
        }
    }
    let all: Option<Vec<(Number, Number)>> = setting.quantities().map(&mut ends).collect();
    let all = all.filter(|all| !all.is_empty() && setting.rows.iter().all(|row| !matches!(row.says, Says::Text(_))));
    let rules = finder.protocol.rules.iter();
    let limits: Vec<_> = rules
        .flat_map(|rule| match &rule.action {
            Action::Precaution { limits, .. } => limits.iter().map(|limit| (rule, limit)).collect(),
            _ => Vec::new(),
        })
        .filter(|(_, (of, _))| *of == at)
        .collect();
    for (rule, (_, limit)) in limits {
        let Some((least, greatest)) = ends(limit) else { continue };
        let beyond = all.as_ref().and_then(|all| match setting.safer {
            Safer::Lower => all.iter().map(|(_, most)| *most).max().filter(|most| least > *most),
            Safer::Higher => all.iter().map(|(least, _)| *least).min().filter(|least| greatest < *least),
        });
        // One below 0 is no limit, and leaves the setting without a value.
        if let Some(end) = beyond.filter(|_| least >= Number::ZERO) {
            let side = if setting.safer == Safer::Lower { "above" } else { "below" };
            let message =
                format!("the limit of `{}` has no effect: setting `{}` is never {side} {end}", rule.id, setting.id);
            let diagnostic = Diagnostic::new(&codes::WITHOUT_EFFECT, message).at(&rule.place);
            finder.report(&rule.id, diagnostic.help("correct the limit, or take it out"));
        }
        // One that some setting can have caps it to that.
        let wrong = ends(limit).filter(|(_, greatest)| outside(setting, *greatest, *greatest).is_some());
        if let Some(wrong) = wrong.and_then(|(least, _)| outside(setting, least, least)) {
            finder.no_such_setting(setting, &rule.place, format!("the limit of `{}` {wrong}", rule.id));
        }
    }
}

/// What is wrong with numbers that reach from one end to the other, if anything is.
fn outside(setting: &Setting, least: Number, greatest: Number) -> Option<String> {
    let verb = if least == greatest { "is" } else { "may come to" };
    if least < Number::ZERO {
        return Some(format!("{verb} {least}, which is below 0"));
    }
    let recorded = setting.recorded.as_ref().filter(|_| !setting.can_be_recorded(least, greatest))?;
    let far = if greatest > Number::from(recorded.greatest) { greatest } else { least };
    Some(format!(
        "{verb} {far}, and `{}` of a session can be {} to {}",
        recorded.name, recorded.least, recorded.greatest
    ))
}

impl Finder<'_> {
    fn no_such_setting(&mut self, setting: &Setting, place: &Place, message: String) {
        let diagnostic = Diagnostic::new(&codes::NO_SUCH_SETTING, message).at(place);
        let help = "no session can have such a setting; correct the number, or the `range` of a fact or note";
        self.report(&setting.id, diagnostic.help(help));
    }
}
