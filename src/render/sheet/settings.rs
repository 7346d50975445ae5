//! How to set the treatment, on the sheet.

use super::build::{Builder, last, section};
use super::{Block, Cell, Point, Section, capital};
use crate::english::{English, plain_name};
use crate::protocol::model::{Quantity, Recorded, Round, Safer, Says, Setting};

impl Builder<'_> {
    pub(super) fn quantity(&self, english: &English<'_>, quantity: &Quantity, unit: Option<&str>) -> String {
        match quantity {
            Quantity::Fixed(number) => match unit {
                Some(unit) => format!("{number} {unit}"),
                None => number.to_string(),
            },
            Quantity::Computed(nodes) => english.value(last(nodes)),
        }
    }

    pub(super) fn settings(&mut self) -> Section {
        let mut blocks = Vec::new();
        for setting in &self.protocol.settings {
            let (head, lead, rows) = self.setting(setting);
            blocks.push(Block::Heading(self.text(&setting.label)));
            let cites = self.cite(&setting.sources, Some(setting.evidence));
            blocks.push(Block::Points(vec![Point { text: lead, cites, id: setting.id.clone(), ..Point::default() }]));
            blocks.push(Block::Table(head, rows));
        }
        section("Settings for the session", "Precautions above may limit them further.", blocks)
    }

    fn setting(&self, setting: &Setting) -> (Vec<String>, String, Vec<Vec<Cell>>) {
        let english = self.english.with_each(setting.each.as_ref().map(|(name, _)| name.as_str()));
        let mut lead = Vec::new();
        if let Some((name, set)) = &setting.each {
            let set = self.protocol.fact(*set).in_words();
            lead.push(format!("For each {} of {set}.", plain_name(name)));
        }
        let numbers = setting.rows.iter().filter(|row| !matches!(row.says, Says::Text(_))).count();
        if numbers > 0 {
            let safer = if setting.safer == Safer::Lower { "lower" } else { "higher" };
            lead.push(format!("If several apply, the {safer} value is used."));
        }
        if let Some((decimals, round)) = setting.rounding {
            let how = match round {
                Round::Down => "down",
                Round::Up => "up",
                Round::Nearest => "to the nearest,",
            };
            let to = match decimals {
                0 => "to a whole number".to_owned(),
                1 => "to 1 decimal".to_owned(),
                many => format!("to {many} decimals"),
            };
            lead.push(format!("Rounded {how} {to}, but never beyond a limit."));
        }
        let needed = match setting.needed {
            true => "Needed: without a value, do not treat.",
            false => "Treatment may go ahead without a value.",
        };
        lead.push(needed.into());
        if let Some(Recorded { name, least, greatest }) = &setting.recorded {
            lead.push(format!(
                "It is noted of the session as {}: {least} to {greatest}, and no other value.",
                plain_name(name)
            ));
        }
        let unit = setting.unit.as_deref();
        let rows = setting.rows.iter().map(|row| {
            let when = row.when.as_ref().map_or_else(|| "always".into(), |when| english.condition(last(when)));
            let says = match &row.says {
                Says::Value(value) => self.quantity(&english, value, unit),
                Says::Range(from, to) => {
                    format!("{} to {}", self.quantity(&english, from, None), self.quantity(&english, to, unit))
                }
                Says::Text(text) => self.text_with(&english, text),
            };
            vec![Cell::from(capital(&when)), Cell::from(says)]
        });
        let computed = setting.rows.iter().any(|row| row.says.computed().next().is_some());
        let label = match unit.filter(|_| computed) {
            Some(unit) => format!("{} ({unit})", self.text(&setting.label)),
            None => self.text(&setting.label),
        };
        (vec!["When".into(), label], lead.join(" "), rows.collect())
    }
}
