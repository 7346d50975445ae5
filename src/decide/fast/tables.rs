//! Needed settings, as fast as can be: where it is known which rows apply and which limits hold, and all of them are plain numbers or
//! words, there is a value as soon as one row applies. Whatever else there is, [`Table`](crate::decide::settings::Table) says.

use super::conditions::{Fast, Patient};
use crate::decide::needed::are_plain;
use crate::decide::prepared::Prepared;
use crate::logic::Tri;
use crate::protocol::model::Action;

/// A needed setting of which the rows' conditions are quick.
#[derive(Clone, Debug)]
pub(super) struct Quick {
    /// The conditions of its rows.
    rows: Fast,
    /// For each row, whether it always applies.
    always: Vec<bool>,
    /// The precautions that limit it, by their places.
    limits: Vec<usize>,
}

impl Quick {
    /// One for each needed setting; none if for any of them the evaluator has to be asked in any case.
    pub(super) fn of(prepared: &Prepared) -> Option<Vec<Quick>> {
        let protocol = &prepared.protocol;
        let whens = prepared.needed.settings.iter().map(|at| {
            let rows = protocol.settings[*at].rows.iter();
            rows.map(|row| row.when.as_ref().map(|when| crate::lang::ExprId(when.end - 1))).collect()
        });
        let rows = Fast::of_tables(prepared, whens);
        let quick = prepared.needed.settings.iter().zip(rows).map(|(&at, rows)| {
            let setting = &protocol.settings[at];
            let limits = |action: &Action| match action {
                Action::Precaution { limits, .. } => limits.iter().any(|(of, _)| *of == at),
                _ => false,
            };
            let limiting = || protocol.rules.iter().enumerate().filter(|(_, rule)| limits(&rule.action));
            (setting.each.is_none() && are_plain(protocol, at) && !rows.computes()).then(|| Quick {
                rows,
                always: setting.rows.iter().map(|row| row.when.is_none()).collect(),
                limits: limiting().map(|(place, _)| place).collect(),
            })
        });
        quick.collect()
    }

    /// Whether a patient has a value of it; none where that takes the whole table.
    pub(super) fn has_value(&self, patient: Patient<'_>, fires: impl Fn(usize) -> Tri) -> Option<bool> {
        let mut has_value = false;
        for (row, always) in self.always.iter().enumerate() {
            let applies = if *always { Tri::True } else { self.rows.holds(row, patient) };
            if applies.is_unknown() {
                return None;
            }
            has_value |= applies.is_true();
        }
        self.limits.iter().all(|rule| !fires(*rule).is_unknown()).then_some(has_value)
    }
}
