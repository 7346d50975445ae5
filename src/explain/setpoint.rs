//! What a setting comes to, and what it waits for.

use std::ops::Range;

use crate::decide::covered::some_row_applies;
use crate::decide::settings::{Origin, Outcome, Part, Table, Worth};
use crate::explain::View;
use crate::explain::attribution::Missing;
use crate::explain::derivation::Step;
use crate::logic::value::Value;
use crate::logic::{Declared, Tri};
use crate::protocol::model::Setting;

/// What is known of a setting, and what it waits for.
#[derive(Clone, Debug)]
pub(crate) struct Setpoint {
    pub(crate) outcome: Outcome,
    /// The precautions that capped it.
    pub(crate) limited_by: Vec<String>,
    /// What is not known and could change it, each with the setting or the precaution that it stands in.
    pub(crate) waits: Vec<(String, Vec<Missing>)>,
}

impl Worth for View<'_> {
    fn may_be(&self, body: &Range<u32>, each: Option<Value>) -> Value {
        let root = self.root(body, each);
        let told = self.derivation.value(root);
        if told.is_settled() {
            return told;
        }
        let protocol = self.protocol;
        let declared = Declared { fact: &|fact| protocol.fact_range(fact), note: &|note| protocol.note_range(note) };
        self.derivation.reach(root, declared)
    }

    fn fires(&self, rule: usize) -> Tri {
        self.assessment.fires[rule]
    }

    fn covers(&self, at: usize, each: Option<Value>) -> bool {
        let (protocol, assessment) = (self.protocol, self.assessment);
        let inputs = self.known.inputs(assessment.sessions_done, assessment.open);
        some_row_applies(protocol, &protocol.settings[at], &[each], (&assessment.evaluation, &inputs))
    }
}

impl View<'_> {
    /// What a setting comes to, for one value of its set.
    pub(crate) fn setpoint(&self, at: usize, setting: &Setting, each: Option<Value>) -> Setpoint {
        let table = Table::of(self.protocol, at, each, self);
        let mut waits: Vec<(String, Vec<Missing>)> = Vec::new();
        // What cannot change the value is not asked.
        let (words, parts) = match table.outcome {
            Outcome::Text(_) | Outcome::Range(..) | Outcome::Unusable(_) => (&[][..], &[][..]),
            Outcome::NoRow | Outcome::Open { .. } => (&table.words[..], &table.parts[..]),
        };
        for when in words.iter().filter_map(|row| setting.rows[*row].when.as_ref()) {
            self.wait_for(&mut waits, &setting.id, self.root(when, each));
        }
        for part in parts {
            self.part_waits(&table, setting, part, each, &mut waits);
        }
        let (care, parts) = (table.care, &table.parts);
        let rows_say = |end| care.careful(parts.iter().filter(|part| !part.is_limit()), end);
        let limiting = parts.iter().filter_map(|part| match part.origin {
            Origin::Limit(_, id) => {
                let reaches = |end: usize| match part.ends[end].careful {
                    limit if limit == table.careful[end] => limit != rows_say(end),
                    limit => limit == table.shown[end] && setting.rounding.is_some(),
                };
                (table.careful[0].is_some() && (reaches(0) || reaches(1))).then(|| id.to_owned())
            }
            Origin::Row(_) => None,
        });
        let mut limited_by: Vec<String> = limiting.collect();
        if matches!(table.outcome, Outcome::Unusable(_) | Outcome::Open { bound: None, .. }) {
            limited_by.clear();
        }
        Setpoint { outcome: table.outcome, limited_by, waits }
    }

    /// What a row or a limit waits for, where that could change what all of them come to.
    fn part_waits(
        &self,
        table: &Table<'_>,
        setting: &Setting,
        part: &Part<'_>,
        each: Option<Value>,
        waits: &mut Vec<(String, Vec<Missing>)>,
    ) {
        let care = table.care;
        // A limit that the exact number keeps may stop it from being rounded beyond.
        let bold = match part.is_limit() {
            true => [0, 1].map(|end| table.bold[end].zip(table.shown_bold[end]).map(|(a, b)| care.bolder(a, b))),
            false => table.bold,
        };
        let may_be_none = part.is_nonsense(setting.safer).into_iter().any(|one| !one.is_false());
        let matters = may_be_none
            || (0..2).any(|end| match (part.ends[end].careful, bold[end]) {
                (Some(careful), Some(bold)) => care.is_safer(careful, bold),
                // Nobody knows how far it reaches.
                _ => true,
            });
        let only = !table.parts.iter().any(|other| other.applies.is_true() && !other.is_limit());
        if part.applies.is_unknown() && (matters || (only && !part.is_limit())) {
            match part.origin {
                Origin::Row(at) => {
                    if let Some(when) = &setting.rows[at].when {
                        self.wait_for(waits, &setting.id, self.root(when, each));
                    }
                }
                Origin::Limit(rule, id) => {
                    let missing = self.missing_in_rule(&self.protocol.rules[rule], false);
                    waits.push((id.to_owned(), missing));
                }
            }
        }
        if part.ends.iter().any(|end| end.careful.is_none() || end.careful != end.bold) && matters {
            let (id, each) = match part.origin {
                Origin::Row(_) => (setting.id.as_str(), each),
                Origin::Limit(_, id) => (id, None),
            };
            let roots = part.says.into_iter().filter_map(|quantity| Some(self.root(quantity.computed()?, each)));
            let mut roots: Vec<Step> = roots.collect();
            roots.dedup();
            roots.into_iter().for_each(|root| self.wait_for(waits, id, root));
        }
    }

    fn wait_for(&self, waits: &mut Vec<(String, Vec<Missing>)>, id: &str, root: Step) {
        let mut missing = Vec::new();
        self.missing(root, &mut missing);
        waits.push((id.to_owned(), missing));
    }
}
