//! What nobody can answer: a calculation that has no result, whatever else becomes known.
//!
//! What rests on one is unknown without a question. An answer that could be another one without it says so among its doubts; a setting says so
//! itself.

use crate::decide::prepared::roots_of;
use crate::diagnostic::{Diagnostic, codes};
use crate::explain::View;
use crate::explain::derivation::Step;
use crate::explain::settings::NO_VALUE;
use crate::lang::syntax::Arithmetic;
use crate::lang::{Expr, ExprId};
use crate::logic::value::{Value, bits};
use crate::logic::{Number, Tri};
use crate::once::push_new;
use crate::protocol::labels::label_or_id;
use crate::protocol::model::Rule;
use crate::recommendation::{SettingReport, Status};
use crate::speech::tell;
use crate::worlds::Open;

impl View<'_> {
    /// What nobody can answer and could change anything of the answer: a status or a day, who decides, what to do.
    pub(crate) fn unanswerable(&self) -> Vec<Diagnostic> {
        let speech = self.protocol.speech();
        let mut found: Vec<String> = Vec::new();
        for (at, rule) in self.protocol.rules.iter().enumerate() {
            let name = label_or_id(rule.label.as_deref(), &rule.id);
            for (phrase, root) in self.open_of_rule(rule, self.assessment.fires[at]) {
                self.tell_each(&mut found, (phrase, &name), self.derivation.root(root, None));
            }
        }
        for (course, root) in self.open_of_courses() {
            let course = &self.protocol.courses[course];
            let name = label_or_id(course.label.as_deref(), &course.id);
            self.tell_each(&mut found, ("nobody can answer where course {} stands: {}", &name), root);
        }
        let is_possible = self.effect(None).is_some();
        for instruction in self.protocol.instructions.iter().filter(|_| is_possible) {
            let name = label_or_id(instruction.label.as_deref(), &instruction.id);
            let when = instruction.when.filter(|when| self.assessment.evaluation.truth(*when).is_unknown());
            for root in when.into_iter().map(|when| self.derivation.root(when, None)) {
                self.tell_each(&mut found, ("nobody can answer whether {} applies: {}", &name), root);
            }
        }
        let report = |message| {
            let help = speech.word("correct the answers if they are wrong, else the protocol");
            Diagnostic::new(&codes::NOBODY_CAN_ANSWER, message).help(help)
        };
        found.into_iter().map(report).collect()
    }

    /// Tells each reason why a value has no result.
    fn tell_each(&self, found: &mut Vec<String>, (phrase, name): (&'static str, &str), root: Step) {
        let whys = self.without_result(root).into_iter();
        whys.for_each(|why| push_new(found, tell!(self.protocol.speech(), phrase, name, why)));
    }

    /// What is open of a rule that could change anything: whether it holds, or, where it does, for how long; each with how that is told.
    fn open_of_rule(&self, rule: &Rule, fires: Tri) -> Vec<(&'static str, ExprId)> {
        let leads_to = rule.action.leads_to();
        // Another referral changes no status, but who decides.
        let refers = leads_to == Some(Status::Refer) && self.effect(None).is_some();
        let is_wait = (self.status, leads_to) == (Status::Deferred, Some(Status::Deferred));
        if fires.is_unknown() && (refers || self.effect(leads_to).is_some()) {
            return rule.roots().map(|root| ("nobody can answer whether {} holds: {}", root)).collect();
        }
        if !(fires.is_true() && is_wait) {
            return Vec::new();
        }
        let until = rule.not_before().map(|root| ("nobody can answer until when {} holds: {}", root));
        let again = rule.recheck().map(|root| ("nobody can answer when to look again at {}: {}", root));
        until.into_iter().chain(again).collect()
    }

    /// What makes a difference to the courses and is not known, each with the course that it is of.
    fn open_of_courses(&self) -> Vec<(usize, Step)> {
        let schedule = &self.assessment.schedule;
        let Some(first) = schedule.course else { return Vec::new() };
        let courses = &self.protocol.courses;
        let of =
            |id: ExprId| courses.iter().position(|course| roots_of(course).any(|root| root == id)).unwrap_or(first);
        let matters = schedule.open.iter().filter(|open| self.course_effect(**open).is_some());
        let pausing = schedule.pausing.values().flatten().filter(|_| self.effect(None).is_some());
        let mut found = Vec::new();
        for open in matters.chain(pausing) {
            match open {
                Open::Expression(id) => found.push((of(*id), self.derivation.root(*id, None))),
                Open::ForValues(course, values, id) => {
                    let roots = bits(*values).map(|value| self.derivation.root(*id, Some(Value::Choice(value))));
                    found.extend(roots.map(|root| (*course, root)));
                }
                Open::Skip(course, session) => {
                    let skip = courses[*course].planned_session(*session).and_then(|session| session.skip.as_ref());
                    found.extend(skip.map(|skip| (*course, self.root(skip, None))));
                }
                Open::SessionNote(..) | Open::Entry(_) | Open::Then(..) | Open::AnyValue | Open::Sessions(_) => {}
            }
        }
        found
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
                    push_new(&mut whys, tell!(speech, why, self.protocol.written(step.id), self.made_of(step)));
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
                push_new(
                    &mut values,
                    tell!(speech, "`{}` is {}", self.protocol.written(step.id), speech.value(&shown)),
                );
                Vec::new()
            }
        });
        if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) }
    }
}
