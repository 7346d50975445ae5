//! How to set the treatment, on the sheet.

use super::build::{Builder, last};
use super::{Block, Cell, Point, Section, capital};
use crate::english::{English, is_plural, plain_name};
use crate::protocol::model::{Quantity, Recorded, Round, Safer, Says, Setting};

impl Builder<'_> {
    pub(super) fn quantity(&self, english: &English<'_>, quantity: &Quantity, unit: Option<&str>) -> String {
        match quantity {
            Quantity::Fixed(number) => match unit {
                Some(unit) => self.speech().length(&number.to_string(), unit),
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
        self.section("Settings for the session", "Precautions above may limit them further.", blocks)
    }

    fn setting(&self, setting: &Setting) -> (Vec<String>, String, Vec<Vec<Cell>>) {
        let english = self.english.with_each(setting.each.as_ref().map(|(name, _)| name.as_str()));
        let mut lead = Vec::new();
        if let Some((name, set)) = &setting.each {
            let set = self.protocol.fact(*set).in_words();
            lead.push(match is_plural(&set) {
                true => self.say("For each of the {}.", &[&set]),
                false => self.say("For each {} of {}.", &[&plain_name(name), &set]),
            });
        }
        let numbers = setting.rows.iter().filter(|row| !matches!(row.says, Says::Text(_))).count();
        if numbers > 0 {
            lead.push(match setting.safer {
                Safer::Lower => self.say("If several apply, the lower value is used.", &[]),
                Safer::Higher => self.say("If several apply, the higher value is used.", &[]),
            });
        }
        if let Some((decimals, round)) = setting.rounding {
            let to = match decimals {
                0 => self.say("to a whole number", &[]),
                1 => self.say("to 1 decimal", &[]),
                many => self.say("to {} decimals", &[&many.to_string()]),
            };
            let phrase = match round {
                Round::Down => "Rounded down {}, but never beyond a limit.",
                Round::Up => "Rounded up {}, but never beyond a limit.",
                Round::Nearest => "Rounded to the nearest, {}, but never beyond a limit.",
            };
            lead.push(self.say(phrase, &[&to]));
        }
        let needed = match setting.needed {
            true => "Needed: without a value, do not treat.",
            false => "Treatment may go ahead without a value.",
        };
        lead.push(self.say(needed, &[]));
        if let Some(Recorded { name, least, greatest }) = &setting.recorded {
            let note =
                self.protocol.dictionary.note(name).map_or_else(|| plain_name(name), |(_, note)| note.in_words());
            let with = [note, least.to_string(), greatest.to_string()];
            let phrase = "Noted with the session as “{}”: {} to {}, and no other value.";
            lead.push(self.say(phrase, &with.each_ref().map(String::as_str)));
        }
        let unit = setting.unit.as_deref();
        let rows = setting.rows.iter().map(|row| {
            let when = row.when.as_ref().map_or_else(|| self.say("always", &[]), |when| english.condition(last(when)));
            let says = match &row.says {
                Says::Value(value) => self.quantity(&english, value, unit),
                Says::Range(from, to) => {
                    let (from, to) = (self.quantity(&english, from, None), self.quantity(&english, to, unit));
                    self.say("{} to {}", &[&from, &to])
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
        (vec![self.say("When", &[]), label], lead.join(" "), rows.collect())
    }
}
