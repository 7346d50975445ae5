//! What nobody can answer: a calculation that has no result, whatever else becomes known.
//!
//! A rule that rests on one is unknown without a question. An answer that is undetermined because of it says so among its doubts; a setting
//! says so itself.

use crate::decide::prepared::roots_of;
use crate::diagnostic::{Diagnostic, codes};
use crate::explain::View;
use crate::explain::attribution::push_new;
use crate::explain::derivation::Step;
use crate::explain::settings::NO_VALUE;
use crate::lang::Expr;
use crate::lang::syntax::Arithmetic;
use crate::logic::Number;
use crate::logic::value::Value;
use crate::protocol::labels::label_or_id;
use crate::recommendation::{SettingReport, Status};
use crate::speech::tell;

impl View<'_> {
    /// What nobody can answer and the status waits for.
    pub(crate) fn unanswerable(&self) -> Vec<Diagnostic> {
        if self.status != Status::Undetermined {
            return Vec::new();
        }
        let speech = self.protocol.speech();
        let mut found: Vec<String> = Vec::new();
        for (at, rule) in self.protocol.rules.iter().enumerate() {
            let leads_to = rule.action.leads_to();
            if self.assessment.fires[at].is_unknown() && leads_to.is_some() && self.effect(leads_to).is_some() {
                let roots = rule.roots().map(|root| self.derivation.root(root, None));
                let whys = roots.flat_map(|root| self.without_result(root));
                let name = label_or_id(rule.label.as_deref(), &rule.id);
                found.extend(whys.map(|why| tell!(speech, "nobody can answer whether {} holds: {}", name, why)));
            }
        }
        for course in &self.protocol.courses {
            let roots = roots_of(course).filter(|root| self.protocol.program.node(*root).level == 0);
            let whys = roots.flat_map(|root| self.without_result(self.derivation.root(root, None)));
            let name = label_or_id(course.label.as_deref(), &course.id);
            found.extend(whys.map(|why| tell!(speech, "nobody can answer where course {} stands: {}", name, why)));
        }
        found.dedup();
        let report = |message| {
            let help = speech.word("correct the answers if they are wrong, else the protocol");
            Diagnostic::new(&codes::NOBODY_CAN_ANSWER, message).help(help)
        };
        found.into_iter().map(report).collect()
    }

    /// The needed settings that are without a value whatever is answered, and that the status waits for.
    pub(crate) fn without_value(&self, settings: &[SettingReport]) -> Vec<Diagnostic> {
        if self.status != Status::Undetermined || !self.could_become.contains(Status::Undetermined) {
            return Vec::new();
        }
        let speech = self.protocol.speech();
        let mut found = Vec::new();
        for setting in self.protocol.settings.iter().filter(|setting| setting.needed) {
            let of_it = |report: &&SettingReport| report.line == self.protocol.line(&setting.place);
            for report in settings.iter().filter(of_it).filter(|report| !report.known && report.depends_on.is_empty()) {
                let why = report.value.strip_prefix(&*speech.word(NO_VALUE)).unwrap_or(&report.value);
                let phrase = "`{}` has no value, and nothing is due without one: {}";
                let diagnostic = Diagnostic::new(&codes::NEEDED_SETTING, tell!(speech, phrase, report.id, why));
                let help = "correct the answers if they are wrong, else the rows and limits of the setting";
                found.push(diagnostic.help(speech.word(help)));
            }
        }
        found
    }

    /// The calculations that a value waits for and that have no result, each with what it was made of.
    pub(crate) fn without_result(&self, root: Step) -> Vec<String> {
        let derivation = self.derivation;
        let mut whys = Vec::new();
        derivation.walk(root, |step| {
            if derivation.value(step).is_settled() {
                return Vec::new();
            }
            let mut operands = derivation.operands(step);
            let why = match derivation.expr(step) {
                Expr::Arithmetic(operation, ..)
                    if operands.iter().all(|operand| derivation.value(*operand).is_settled()) =>
                {
                    let by_zero = derivation.value(operands[1]) == Value::number(Number::ZERO);
                    let divided = *operation == Arithmetic::Divide && by_zero;
                    Some(if divided { "`{}` divides by 0{}" } else { "`{}` comes to a number that is too large{}" })
                }
                Expr::Duration { count, .. } if derivation.value(derivation.operand(step, *count)).is_settled() => {
                    Some("`{}` comes to a length of time that is too long{}")
                }
                Expr::EndNote { list, last, .. } => {
                    let is_open = self.known.unlisted.lists[usize::from(list.0)];
                    let none = !is_open && self.inputs().ends(*list, *last).is_empty();
                    none.then_some("`{}` asks for a session, and there was none{}")
                }
                Expr::If(..) => {
                    self.leave_out_branch(&mut operands);
                    None
                }
                // What the protocol takes for granted is known.
                Expr::Coalesce(..) => return self.side(&operands),
                _ => None,
            };
            match why {
                Some(why) => {
                    let speech = self.protocol.speech();
                    push_new(&mut whys, tell!(speech, why, self.text_of(step), self.made_of(step)));
                    Vec::new()
                }
                None => operands,
            }
        });
        whys
    }

    /// The facts and definitions in a calculation, with their values.
    fn made_of(&self, step: Step) -> String {
        let (program, derivation, speech) = (&self.protocol.program, self.derivation, self.protocol.speech());
        let mut values = Vec::new();
        derivation.walk(step, |step| match derivation.expr(step) {
            Expr::Literal(_) => Vec::new(),
            Expr::Arithmetic(..) | Expr::Negate(_) | Expr::If(..) | Expr::Duration { .. } => derivation.operands(step),
            Expr::EndNote { .. } => Vec::new(),
            _ => {
                let shown = program.show(derivation.value(step), &program.node(step.id).ty);
                push_new(&mut values, tell!(speech, "`{}` is {}", self.text_of(step), speech.value(&shown)));
                Vec::new()
            }
        });
        if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) }
    }

    /// The text of an expression, on one line.
    fn text_of(&self, step: Step) -> String {
        let span = self.protocol.program.node(step.id).span.clone();
        let text = self.protocol.file.text.get(span).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
