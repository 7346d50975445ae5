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

/// By name, what each takes for granted.
pub(super) type GrantedTo = Vec<(String, Vec<Granted>)>;

impl View<'_> {
    /// What was taken for granted, where it made a difference; also to what is still to be kept.
    pub(super) fn assumptions(&self, to_after_care: GrantedTo) -> Vec<Assumption> {
        let mut by_name = self.granted_to_rules();
        if self.effect(None).is_some() {
            by_name.extend(self.granted_to_settings());
            by_name.extend(self.granted_to_instructions());
        }
        by_name.extend(self.granted_to_courses());
        by_name.extend(to_after_care);
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

    fn granted_to_rules(&self) -> GrantedTo {
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
    fn granted_to_settings(&self) -> GrantedTo {
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

    fn granted_to_instructions(&self) -> GrantedTo {
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
    fn granted_to_courses(&self) -> GrantedTo {
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
id = "sun"
at = "0 days"
until = "+28 days"
when = 'smoker ?? false'
do = "Stay out of the sun."
reason = "Smokers burn."
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

    /// What was to be kept after a session hangs on what was so on its day.
    #[test]
    fn what_is_still_to_be_kept_says_what_it_rests_on() {
        let of = |fact: &str| (fact.to_owned(), "no".to_owned(), vec!["sun".to_owned()]);
        let session = "skin = \"thick\"\nsmoker = false\n\n[[sessions]]\ntreatment = \"trial\"\ndate = 2026-02-16\n";
        assert_eq!(assumed(session), [of("earlier.2026-02-16.smoker")]);
        assert_eq!(assumed(&session.replace("02-16", "01-16")), []);
        let then = "\n[[earlier]]\nfact = \"smoker\"\nvalue = false\nrecorded = 2026-02-16\n";
        assert_eq!(assumed(&format!("{session}{then}")), []);
    }

    #[test]
    fn settings_and_instructions_say_what_they_rest_on() {
        let of = |fact: &str, assumed: &str, rules: &str| {
            let rules = rules.split(", ").map(str::to_owned).collect();
            (fact.to_owned(), assumed.to_owned(), rules)
        };
        assert_eq!(assumed(""), [of("skin", "thin", "level"), of("smoker", "no", "sun, pause")]);
        assert_eq!(assumed("skin = \"thin\"\n"), [of("smoker", "no", "sun, pause")]);
        assert_eq!(assumed("skin = \"thick\"\nsmoker = false\n"), []);
    }
}
