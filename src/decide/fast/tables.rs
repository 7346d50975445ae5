//! Needed settings, as fast as can be: where it is known which rows apply and which limits hold, and all of them are plain numbers or
//! words, there is a value as soon as one row applies. Whatever else there is, [`Table`](crate::decide::settings::Table) says.

use super::conditions::{Fast, Patient};
use crate::decide::needed::are_plain;
use crate::decide::prepared::Prepared;
use crate::lang::FactId;
use crate::logic::Tri;
use crate::logic::value::{Value, bits};
use crate::patient::cell::Cell;
use crate::protocol::model::Action;

/// A needed setting of which the rows' conditions are quick.
#[derive(Clone, Debug)]
pub(super) struct Quick {
    /// The conditions of its rows; where it has a value for each of a set, those for the first of them, then for the next.
    pub(super) rows: Fast,
    /// For each row, whether it always applies.
    always: Vec<bool>,
    /// The set.
    each: Option<FactId>,
    /// The precautions that limit it, by their places.
    limits: Vec<usize>,
}

impl Quick {
    /// One for each needed setting; none if one of them takes the whole table in any case.
    pub(super) fn of(prepared: &Prepared) -> Option<Vec<Quick>> {
        let protocol = &prepared.protocol;
        let quick = |at: &usize| {
            let setting = &protocol.settings[*at];
            if !are_plain(protocol, *at) {
                return None;
            }
            let each = setting.each.as_ref().map(|(_, set)| *set);
            let values = match each {
                None => vec![None],
                Some(set) => {
                    let count = protocol.fact(set).answer.choices().len();
                    (0..count).map(|at| Some(Value::Choice(crate::narrow::u8(at)))).collect()
                }
            };
            let limits = |action: &Action| match action {
                Action::Precaution { limits, .. } => limits.iter().any(|(of, _)| of == at),
                _ => false,
            };
            let limiting = protocol.rules.iter().enumerate().filter(|(_, rule)| limits(&rule.action));
            let rows = Fast::of_table(prepared, &setting.rows, &values);
            (!rows.repeats(&protocol.program)).then(|| Quick {
                rows,
                always: setting.rows.iter().map(|row| row.when.is_none()).collect(),
                each,
                limits: limiting.map(|(place, _)| place).collect(),
            })
        };
        prepared.every_day.needed.settings.iter().map(quick).collect()
    }

    /// Whether a patient has a value of it, of whom what its rows ask was computed; none where that takes the whole table.
    pub(super) fn has_value(&self, patient: Patient<'_>, fires: impl Fn(usize) -> Tri) -> Option<bool> {
        let mut has_value = true;
        match self.each {
            None => has_value = self.has_value_at(0, patient)?,
            Some(set) => {
                let cell = patient.cells[usize::from(set.0)];
                if cell == Cell::UNKNOWN || cell.is_range() {
                    return None;
                }
                for value in bits(cell.low & Cell::CHOICES) {
                    has_value &= self.has_value_at(usize::from(value) * self.always.len(), patient)?;
                }
            }
        }
        self.limits.iter().all(|rule| !fires(*rule).is_unknown()).then_some(has_value)
    }

    /// Whether one of the rows applies whose conditions begin at a place; none where that is not known of all of them.
    fn has_value_at(&self, start: usize, patient: Patient<'_>) -> Option<bool> {
        let mut has_value = false;
        for (row, always) in self.always.iter().enumerate() {
            let applies = if *always { Tri::True } else { self.rows.holds(start + row, patient) };
            if applies.is_unknown() {
                return None;
            }
            has_value |= applies.is_true();
        }
        Some(has_value)
    }
}
