//! Settings that show a number without the unit it has.

use super::Finder;
use crate::diagnostic::{Diagnostic, codes};
use crate::lang::{ExprId, Type};
use crate::protocol::model::{Action, Quantity, Setting};

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    for (at, setting) in protocol.settings.iter().enumerate().filter(|(_, setting)| setting.unit.is_none()) {
        let limits = protocol.rules.iter().flat_map(|rule| match &rule.action {
            Action::Precaution { limits, .. } => limits.as_slice(),
            _ => &[],
        });
        let limits = limits.filter(|(setting, _)| *setting == at).map(|(_, limit)| limit);
        let numbers: Vec<&Quantity> = setting.quantities().chain(limits).collect();
        numbers.into_iter().for_each(|number| unit_is_shown(finder, setting, number));
    }
}

fn unit_is_shown(finder: &mut Finder<'_>, setting: &Setting, number: &Quantity) {
    let Some(body) = number.computed() else { return };
    let root = ExprId(body.end - 1);
    let Type::Number { unit: Some(unit), .. } = &finder.protocol.program.node(root).ty else { return };
    let message = format!("setting `{}` has no unit, and shows a number in {unit} without it", setting.id);
    let diagnostic = Diagnostic::new(&codes::UNIT_NOT_SHOWN, message).at(&finder.place(root));
    finder.report(&setting.id, diagnostic.help(format!("give the setting `unit = \"{unit}\"`")));
}
