//! What a protocol takes for granted (`??`, `known`), where it made a difference to an answer.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::decide::Assessment;
use crate::decide::needed::each_of;
use crate::decide::prepared::roots_of;
use crate::explain::View;
use crate::explain::attribution::Missing;
use crate::explain::derivation::Step;
use crate::lang::{Expr, ExprId};
use crate::logic::value::Value;
use crate::once::push_new;
use crate::protocol::model::Action;
use crate::recommendation::Assumption;

/// Where something was taken for granted, what is not known there, and what it was taken for.
pub(super) type Granted = (ExprId, Assumed);

/// What is not known, and what it was taken for.
pub(super) type Assumed = (Missing, String);

impl View<'_> {
    /// What was taken for granted, where it made a difference.
    pub(crate) fn assumptions(&self) -> Vec<Assumption> {
        let mut by_name = self.granted_to_rules();
        if self.effect(None).is_some() {
            by_name.extend(self.granted_to_settings());
            by_name.extend(self.granted_to_instructions());
        }
        by_name.extend(self.granted_to_courses());
        // In the order of the text: for each place, what is not known and who rests on it.
        let mut places: BTreeMap<ExprId, (Vec<Assumed>, Vec<String>)> = BTreeMap::new();
        for (name, granted) in by_name {
            for (place, missing) in granted {
                let (all, names) = places.entry(place).or_default();
                push_new(all, missing);
                push_new(names, name.clone());
            }
        }
        let mut assumptions: Vec<Assumption> = Vec::new();
        for (place, (all, names)) in places {
            let line = self.protocol.file.position(self.protocol.program.node(place).span.start).0;
            for (missing, assumed) in all {
                let fact = self.name_of(missing);
                match assumptions.iter_mut().find(|other| other.fact == fact && other.assumed == assumed) {
                    Some(same) => names.iter().for_each(|name| push_new(&mut same.rules, name.clone())),
                    None => assumptions.push(Assumption { fact, assumed, line, rules: names.clone() }),
                }
            }
        }
        assumptions
    }

    fn granted_to_rules(&self) -> Vec<(String, Vec<Granted>)> {
        let mut by_name = Vec::new();
        for (at, rule) in self.protocol.rules.iter().enumerate() {
            // A wait may last the longer or shorter for it.
            let day = |of: &Assessment| {
                rule.not_before().filter(|_| !of.fires[at].is_false()).map(|day| of.evaluation.value(day))
            };
            if self.assessment.fires[at] == self.open.fires[at] && day(self.assessment) == day(self.open) {
                continue;
            }
            let mut granted = Vec::new();
            for root in rule.roots() {
                self.granted(self.derivation.root(root, None), &mut granted);
            }
            by_name.push((rule.id.clone(), granted));
        }
        by_name
    }

    /// What the rows take for granted that hold, or do not; and what their numbers and the limits on them do.
    fn granted_to_settings(&self) -> Vec<(String, Vec<Granted>)> {
        let mut by_name = Vec::new();
        for setting in &self.protocol.settings {
            let (mut granted, mut to_others) = (Vec::new(), Vec::new());
            for when in setting.rows.iter().filter_map(|row| row.when.as_ref()) {
                for each in each_of(self.known, setting) {
                    let root = self.root(when, each);
                    let holds = self.derivation.truth(root);
                    if holds != self.left_open(when, each).truth() {
                        self.granted(root, if holds.is_true() { &mut granted } else { &mut to_others });
                    }
                }
            }
            // Why a row holds says enough of what is not known; a row for an answer that is not known tells so itself.
            let told: Vec<Missing> = granted.iter().map(|(_, (missing, _))| *missing).collect();
            granted.retain(|(place, _)| !matches!(self.protocol.program.node(*place).expr, Expr::Known(_)));
            to_others.retain(|(_, (missing, _))| !told.contains(missing));
            granted.extend(to_others);
            for row in &setting.rows {
                for each in each_of(self.known, setting) {
                    let when = row.when.as_ref().map(|when| self.root(when, each));
                    if when.is_none_or(|when| !self.derivation.truth(when).is_false()) {
                        row.says.computed().for_each(|body| self.granted_to_value(body, each, &mut granted));
                    }
                }
            }
            by_name.push((setting.id.clone(), granted));
        }
        for (rule, fires) in self.protocol.rules.iter().zip(&self.assessment.fires) {
            let Action::Precaution { limits, .. } = &rule.action else { continue };
            let mut granted = Vec::new();
            for body in limits.iter().filter(|_| !fires.is_false()).filter_map(|(_, limit)| limit.computed()) {
                self.granted_to_value(body, None, &mut granted);
            }
            by_name.push((rule.id.clone(), granted));
        }
        by_name
    }

    /// What a number of a row or a limit takes for granted.
    fn granted_to_value(&self, body: &Range<u32>, each: Option<Value>, granted: &mut Vec<Granted>) {
        let root = self.root(body, each);
        if self.derivation.value(root) != self.left_open(body, each) {
            self.granted(root, granted);
        }
    }

    /// What an expression of a row or a limit comes to where everything is left open.
    fn left_open(&self, body: &Range<u32>, each: Option<Value>) -> Value {
        let Some(each) = each else { return self.open.evaluation.value(ExprId(body.end - 1)) };
        let inputs = self.known.inputs(self.open.sessions_done, self.open.open);
        self.open.evaluation.for_each(&self.protocol.program, &inputs, body, each)
    }

    fn granted_to_instructions(&self) -> Vec<(String, Vec<Granted>)> {
        let mut by_name = Vec::new();
        for instruction in &self.protocol.instructions {
            let Some(when) = instruction.when else { continue };
            if self.assessment.evaluation.truth(when) != self.open.evaluation.truth(when) {
                let mut granted = Vec::new();
                self.granted(self.derivation.root(when, None), &mut granted);
                by_name.push((instruction.id.clone(), granted));
            }
        }
        by_name
    }

    /// What the courses take for granted, where they would otherwise stand elsewhere, or on other days.
    fn granted_to_courses(&self) -> Vec<(String, Vec<Granted>)> {
        let (now, left_open) = (&self.assessment.schedule, &self.open.schedule);
        if (now.leads_to(), now.overdue, now.done, &now.bounds, now.first_day)
            == (left_open.leads_to(), left_open.overdue, left_open.done, &left_open.bounds, left_open.first_day)
        {
            return Vec::new();
        }
        let mut by_name = Vec::new();
        for (at, course) in self.protocol.courses.iter().enumerate() {
            let mut granted = Vec::new();
            self.granted_then(at, &mut granted);
            for root in roots_of(course) {
                let counter = course.separate_by.as_ref().filter(|counter| counter.body(root).is_some());
                let values = counter.map(|counter| (0..crate::narrow::u8(counter.choices.len())).map(Value::Choice));
                match values {
                    None => self.granted(self.derivation.root(root, None), &mut granted),
                    Some(values) => {
                        values.for_each(|value| self.granted(self.derivation.root(root, Some(value)), &mut granted))
                    }
                }
            }
            by_name.push((format!("course.{}", course.id), granted));
        }
        by_name
    }

    /// What is taken for granted under a step.
    pub(super) fn granted(&self, root: Step, granted: &mut Vec<Granted>) {
        let (derivation, program) = (self.derivation, &self.protocol.program);
        derivation.walk(root, |step| {
            let operands = derivation.operands(step);
            if let (Expr::Coalesce(..) | Expr::Known(_), Some(unknown)) = (derivation.expr(step), operands.first())
                && derivation.value(*unknown) == Value::Unknown
            {
                let assumed = operands.get(1).map(|other| derivation.value(*other));
                let assumed = assumed.unwrap_or(Value::Unknown);
                let assumed = program.show(assumed, &program.node(unknown.id).ty);
                let mut missing = Vec::new();
                self.missing(*unknown, &mut missing);
                granted.extend(missing.into_iter().map(|missing| (step.id, (missing, assumed.clone()))));
            }
            operands
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::{Clinic, Date, Notation, Record, Request};

    /// One setting and one instruction, each resting on an answer that nobody has given.
    const PROTOCOL: &str = concat!(
        include_str!("../../tests/fixtures/head.toml"),
        r#"
[facts.skin]
type = "choice"
choices = ["thin", "thick"]
ask = "How thick is the skin?"
of = "clinician"
valid_for = "visit"

[facts.smoker]
type = "bool"
ask = "Do you smoke?"
of = "patient"
valid_for = "visit"

[[setting]]
id = "level"
label = "Level"
rows = [
  { when = '(skin ?? "thin") == "thick"', value = 3 },
  { when = '(skin ?? "thin") == "thin" && known(skin)', value = 2 },
  { when = '(skin ?? "thin") == "thin"', value = 1 },
]
sources = ["clinic"]

[[instruction]]
id = "pause"
at = "-2 days"
when = '!(smoker ?? false)'
do = "Do not start to smoke."
reason = "Healing."
sources = ["clinic"]
"#
    );

    fn assumed(facts: &str) -> Vec<(String, String, Vec<String>)> {
        let (clinic, _) = Clinic::from_text("trial.toml", PROTOCOL).unwrap_or_else(|found| panic!("{found}"));
        let protocol = &clinic.protocols[0];
        let text = format!("patient = \"P-1\"\nrecorded = 2026-03-02\n[facts]\n{facts}");
        let read = Record::from_text("record.toml", &text, Notation::Toml, &protocol.dictionary);
        let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
        let request = Request::new(Date::new(2026, 3, 2).expect("a day"));
        let answer = protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"));
        let assumptions = answer.assumptions.into_iter();
        assumptions.map(|one| (one.fact, one.assumed, one.rules)).collect()
    }

    #[test]
    fn settings_and_instructions_say_what_they_rest_on() {
        let of = |fact: &str, assumed: &str, rule: &str| (fact.to_owned(), assumed.to_owned(), vec![rule.to_owned()]);
        assert_eq!(assumed(""), [of("skin", "thin", "level"), of("smoker", "no", "pause")]);
        assert_eq!(assumed("skin = \"thin\"\n"), [of("smoker", "no", "pause")]);
        assert_eq!(assumed("skin = \"thick\"\nsmoker = false\n"), []);
    }
}
