//! What a protocol takes for granted (`??`, `known`), where it made a difference to an answer.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::decide::Assessment;
use crate::decide::prepared::roots_of;
use crate::explain::View;
use crate::explain::attribution::Missing;
use crate::lang::{Expr, ExprId};
use crate::logic::value::Value;
use crate::protocol::model::Action;
use crate::recommendation::Assumption;

/// Where something was taken for granted, and what is not known there.
type Granted = (ExprId, Missing);

impl View<'_> {
    /// What was taken for granted, where it made a difference.
    pub(crate) fn assumptions(&self, assessment: &mut Assessment, open: &mut Assessment) -> Vec<Assumption> {
        let mut by_name = self.granted_to_rules(assessment, open);
        if self.effect(None).is_some() {
            by_name.extend(self.granted_to_settings(assessment, open));
            by_name.extend(self.granted_to_instructions(assessment, open));
        }
        by_name.extend(self.granted_to_courses(assessment, open));
        // In the order of the text: for each place, what is not known and who rests on it.
        let mut places: BTreeMap<ExprId, (Vec<Missing>, Vec<String>)> = BTreeMap::new();
        for (name, granted) in by_name {
            for (place, missing) in granted {
                let (all, names) = places.entry(place).or_default();
                push_new(all, missing);
                push_new(names, name.clone());
            }
        }
        let program = &self.protocol.program;
        let mut assumptions: Vec<Assumption> = Vec::new();
        for (place, (missing, names)) in places {
            let node = program.node(place);
            let assumed = match node.expr {
                Expr::Coalesce(a, b) => program.show(assessment.evaluation.value(b), &program.node(a).ty),
                _ => "unknown".to_owned(),
            };
            let line = self.protocol.file.position(node.span.start).0;
            for missing in missing {
                let fact = self.name_of(missing);
                match assumptions.iter_mut().find(|other| other.fact == fact && other.assumed == assumed) {
                    Some(same) => names.iter().for_each(|name| push_new(&mut same.rules, name.clone())),
                    None => {
                        let (assumed, rules) = (assumed.clone(), names.clone());
                        assumptions.push(Assumption { fact, assumed, line, rules });
                    }
                }
            }
        }
        assumptions
    }

    fn granted_to_rules(&self, assessment: &mut Assessment, open: &Assessment) -> Vec<(String, Vec<Granted>)> {
        let mut by_name = Vec::new();
        for (at, rule) in self.protocol.rules.iter().enumerate() {
            // A wait may last the longer or shorter for it.
            let day = |of: &Assessment| {
                rule.not_before().filter(|_| !of.fires[at].is_false()).map(|day| of.evaluation.value(day))
            };
            if assessment.fires[at] == open.fires[at] && day(assessment) == day(open) {
                continue;
            }
            let mut granted = Vec::new();
            for root in rule.roots() {
                self.granted(assessment, root, &mut granted);
            }
            by_name.push((rule.id.clone(), granted));
        }
        by_name
    }

    /// What the rows take for granted that hold, and what their numbers and the limits on them do.
    fn granted_to_settings(&self, assessment: &mut Assessment, open: &mut Assessment) -> Vec<(String, Vec<Granted>)> {
        let mut by_name = Vec::new();
        for setting in &self.protocol.settings {
            let mut granted = Vec::new();
            for when in setting.rows.iter().filter_map(|row| row.when.as_ref()) {
                for each in self.each_of(setting) {
                    let holds = |of: &mut Assessment| self.body_value(of, when, each).truth().is_true();
                    if holds(assessment) && !holds(open) {
                        self.granted(assessment, ExprId(when.end - 1), &mut granted);
                    }
                }
            }
            // A row for an answer that is not known tells so itself.
            granted.retain(|(place, _)| !matches!(self.protocol.program.node(*place).expr, Expr::Known(_)));
            for row in &setting.rows {
                for each in self.each_of(setting) {
                    let when = row.when.as_ref();
                    if when.is_none_or(|when| !self.body_value(assessment, when, each).truth().is_false()) {
                        for body in row.says.computed() {
                            self.granted_to_value(assessment, open, body, each, &mut granted);
                        }
                    }
                }
            }
            by_name.push((setting.id.clone(), granted));
        }
        for (rule, fires) in self.protocol.rules.iter().zip(assessment.fires.clone()) {
            let Action::Precaution { limits, .. } = &rule.action else { continue };
            let mut granted = Vec::new();
            for body in limits.iter().filter(|_| !fires.is_false()).filter_map(|(_, limit)| limit.computed()) {
                self.granted_to_value(assessment, open, body, None, &mut granted);
            }
            by_name.push((rule.id.clone(), granted));
        }
        by_name
    }

    /// What a number of a row or a limit takes for granted.
    fn granted_to_value(
        &self,
        assessment: &mut Assessment,
        open: &mut Assessment,
        body: &Range<u32>,
        each: Option<Value>,
        granted: &mut Vec<Granted>,
    ) {
        if self.body_value(assessment, body, each) != self.body_value(open, body, each) {
            self.granted(assessment, ExprId(body.end - 1), granted);
        }
    }

    fn granted_to_instructions(&self, assessment: &mut Assessment, open: &Assessment) -> Vec<(String, Vec<Granted>)> {
        let mut by_name = Vec::new();
        for instruction in &self.protocol.instructions {
            let Some(when) = instruction.when else { continue };
            if assessment.evaluation.truth(when) != open.evaluation.truth(when) {
                let mut granted = Vec::new();
                self.granted(assessment, when, &mut granted);
                by_name.push((instruction.id.clone(), granted));
            }
        }
        by_name
    }

    /// What the courses take for granted, where they would otherwise stand elsewhere, or on other days.
    fn granted_to_courses(&self, assessment: &mut Assessment, open: &Assessment) -> Vec<(String, Vec<Granted>)> {
        let (now, left_open) = (&assessment.schedule, &open.schedule);
        if (now.leads_to(), now.overdue, now.done, &now.bounds, now.first_day)
            == (left_open.leads_to(), left_open.overdue, left_open.done, &left_open.bounds, left_open.first_day)
        {
            return Vec::new();
        }
        let mut by_name = Vec::new();
        for course in &self.protocol.courses {
            let mut granted = Vec::new();
            for root in roots_of(course) {
                let counter = course.separate_by.as_ref();
                let Some((counter, body)) = counter.and_then(|counter| Some((counter, counter.body(root)?))) else {
                    self.granted(assessment, root, &mut granted);
                    continue;
                };
                let inputs = self.known.inputs(assessment.sessions_done, assessment.open);
                for value in 0..crate::narrow::u8(counter.choices.len()) {
                    let (program, value) = (&self.protocol.program, Value::Choice(value));
                    assessment.evaluation.for_each(program, &inputs, body.clone(), value);
                    self.granted(assessment, root, &mut granted);
                }
            }
            by_name.push((format!("course.{}", course.id), granted));
        }
        by_name
    }

    /// What is taken for granted under a node.
    fn granted(&self, assessment: &mut Assessment, id: ExprId, granted: &mut Vec<Granted>) {
        let node = self.protocol.program.node(id);
        if let Expr::Coalesce(a, _) | Expr::Known(a) = node.expr
            && assessment.evaluation.value(a) == Value::Unknown
        {
            let mut missing = Vec::new();
            self.missing(assessment, a, &mut missing);
            granted.extend(missing.into_iter().map(|missing| (id, missing)));
        }
        if let Expr::Quantified { list, body, .. } | Expr::Sum { list, body, .. } = &node.expr {
            let inputs = self.known.inputs(assessment.sessions_done, assessment.open);
            for &session in &self.known.lists[usize::from(list.0)] {
                assessment.evaluation.for_session(&self.protocol.program, &inputs, body.clone(), session);
                node.expr.operands().into_iter().for_each(|id| self.granted(assessment, id, granted));
            }
            return;
        }
        node.expr.operands().into_iter().for_each(|id| self.granted(assessment, id, granted));
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
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
