//! Which leaves decided an outcome, and what made it unknown.

use crate::decide::Assessment;
use crate::explain::View;
use crate::lang::syntax::Quantifier;
use crate::lang::{Expr, ExprId, FactId};
use crate::logic::Tri;
use crate::logic::eval::DATE_NOTE;
use crate::logic::value::{Value, bits};
use crate::patient::unlisted::{OWN, Treatments};
use crate::recommendation::WhyUnknown;
use crate::worlds::Open;

/// Something that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Missing {
    /// A fact.
    Fact(FactId),
    /// A note of a recorded session, by their places.
    Note(usize, u16),
    /// Whether there were more sessions of a treatment than are listed: its place among the protocol's treatments.
    Sessions(usize),
}

impl View<'_> {
    /// The leaves of a smallest set that fixes the outcome of a node.
    pub(crate) fn decisive(&self, assessment: &Assessment, id: ExprId, leaves: &mut Vec<ExprId>) {
        let evaluation = &assessment.evaluation;
        let truth = |id: &ExprId| evaluation.truth(*id);
        let outcome = evaluation.value(id);
        match &self.protocol.program.node(id).expr {
            Expr::And(all) | Expr::Or(all) => {
                let joins = matches!(self.protocol.program.node(id).expr, Expr::And(_));
                // One false term makes a conjunction false; all its true ones make it true. A disjunction the other way round.
                let settling = if joins { Tri::False } else { Tri::True };
                match outcome.truth() {
                    Tri::Unknown => {
                        all.iter()
                            .filter(|id| truth(id).is_unknown())
                            .for_each(|id| self.decisive(assessment, *id, leaves));
                    }
                    settled if settled == settling => {
                        if let Some(one) = all.iter().find(|id| truth(id) == settling) {
                            self.decisive(assessment, *one, leaves);
                        }
                    }
                    _ => all.iter().for_each(|id| self.decisive(assessment, *id, leaves)),
                }
            }
            Expr::Not(a) => self.decisive(assessment, *a, leaves),
            Expr::Definition(_, root) => self.decisive(assessment, *root, leaves),
            Expr::If(condition, yes, no) => {
                self.decisive(assessment, *condition, leaves);
                match truth(condition) {
                    Tri::True => self.decisive(assessment, *yes, leaves),
                    Tri::False => self.decisive(assessment, *no, leaves),
                    Tri::Unknown => [yes, no].into_iter().for_each(|id| self.decisive(assessment, *id, leaves)),
                }
            }
            _ => {
                if !leaves.contains(&id) {
                    leaves.push(id);
                }
            }
        }
    }

    /// The facts under a node, as far as it used them.
    pub(crate) fn facts_of(&self, assessment: &Assessment, id: ExprId, facts: &mut Vec<FactId>) {
        let mut add = |fact: FactId| {
            if !facts.contains(&fact) {
                facts.push(fact);
            }
        };
        match &self.protocol.program.node(id).expr {
            Expr::Fact(fact) | Expr::Age(fact) => add(*fact),
            Expr::Coalesce(a, b) => {
                let side = if assessment.evaluation.value(*a) == Value::Unknown { b } else { a };
                self.facts_of(assessment, *side, facts);
            }
            Expr::If(condition, yes, no) => {
                self.facts_of(assessment, *condition, facts);
                match assessment.evaluation.truth(*condition) {
                    Tri::True => self.facts_of(assessment, *yes, facts),
                    Tri::False => self.facts_of(assessment, *no, facts),
                    Tri::Unknown => {}
                }
            }
            other => other.operands().into_iter().for_each(|id| self.facts_of(assessment, id, facts)),
        }
    }

    /// The notes of recorded sessions under a node, as far as it used them: those of the first or last session, those of a sum.
    pub(crate) fn notes_of(&self, assessment: &Assessment, id: ExprId, notes: &mut Vec<(usize, u16)>) {
        let program = &self.protocol.program;
        let mut add = |session: usize, note: u16| {
            if !notes.contains(&(session, note)) {
                notes.push((session, note));
            }
        };
        match &program.node(id).expr {
            Expr::EndNote { list, last, note } => {
                let ends = self.known.inputs(assessment.sessions_done, assessment.open).ends(*list, *last);
                ends.into_iter().for_each(|session| add(session, *note));
            }
            Expr::Sum { list, note: added, body } => {
                let inputs = self.known.inputs(assessment.sessions_done, assessment.open);
                let mut evaluation = assessment.evaluation.clone();
                for &session in &self.known.lists[usize::from(list.0)] {
                    let counts = evaluation.for_session(program, &inputs, body.clone(), session).truth();
                    let nodes = program.nodes[body.start as usize..=added.0 as usize].iter();
                    for note in nodes.filter_map(|node| match node.expr {
                        Expr::SessionNote { note, .. } => Some(note),
                        _ => None,
                    }) {
                        if !counts.is_false() && evaluation.value(*added) != Value::number(0) {
                            add(session, note);
                        }
                    }
                }
            }
            Expr::If(condition, yes, no) => {
                self.notes_of(assessment, *condition, notes);
                match assessment.evaluation.truth(*condition) {
                    Tri::True => self.notes_of(assessment, *yes, notes),
                    Tri::False => self.notes_of(assessment, *no, notes),
                    Tri::Unknown => {}
                }
            }
            other => other.operands().into_iter().for_each(|id| self.notes_of(assessment, id, notes)),
        }
    }

    /// Every fact under a node.
    pub(crate) fn facts_under(&self, id: ExprId, facts: &mut Vec<FactId>) {
        let expr = &self.protocol.program.node(id).expr;
        if let Expr::Fact(fact) | Expr::Age(fact) = expr
            && !facts.contains(fact)
        {
            facts.push(*fact);
        }
        expr.operands().into_iter().for_each(|id| self.facts_under(id, facts));
    }

    /// What made a node unknown, or not exactly known, in the order of the text.
    pub(crate) fn missing(&self, assessment: &mut Assessment, id: ExprId, missing: &mut Vec<Missing>) {
        if assessment.evaluation.value(id).is_settled() {
            return;
        }
        let protocol = self.protocol;
        let mut add = |what: Missing| {
            if !missing.contains(&what) {
                missing.push(what);
            }
        };
        let expr = &protocol.program.node(id).expr;
        if let Some(list) = expr.list().filter(|list| self.known.unlisted.lists[usize::from(list.0)]) {
            add(Missing::Sessions(Treatments::of(protocol).lists[usize::from(list.0)]));
        }
        match expr {
            // Under what asks at a moment of the course, nothing but the facts themselves tells.
            Expr::Fact(fact) | Expr::Age(fact) if self.known.facts[usize::from(fact.0)].is_settled() => {}
            Expr::Fact(fact) | Expr::Age(fact) => add(Missing::Fact(*fact)),
            Expr::SessionNote { binder, note } => add(Missing::Note(assessment.evaluation.session(*binder), *note)),
            Expr::SessionsDone => {
                if assessment.schedule.course.is_none() && self.known.unlisted.own() {
                    add(Missing::Sessions(OWN));
                }
                for open in assessment.schedule.open.clone() {
                    self.missing_in_course(assessment, open, missing);
                }
            }
            Expr::FirstDate(list) | Expr::LastDate(list) => {
                for &session in &self.known.lists[usize::from(list.0)] {
                    if !self.is_noted(session, DATE_NOTE) {
                        add(Missing::Note(session, 0));
                    }
                }
            }
            Expr::EndNote { list, last, note } => {
                let ends = self.known.inputs(assessment.sessions_done, assessment.open).ends(*list, *last);
                for &session in &ends {
                    // Which one it is, is asked only where it makes a difference.
                    if ends.len() > 1 && !self.is_noted(session, DATE_NOTE) {
                        add(Missing::Note(session, 0));
                    }
                    if !self.is_noted(session, usize::from(*note)) {
                        add(Missing::Note(session, *note));
                    }
                }
            }
            Expr::Quantified { list, body, quantifier } => {
                let inputs = self.known.inputs(assessment.sessions_done, assessment.open);
                let sessions = self.known.lists[usize::from(list.0)].clone();
                for session in sessions {
                    let value = assessment.evaluation.for_session(&protocol.program, &inputs, body.clone(), session);
                    if value.truth().is_unknown() || (*quantifier == Quantifier::Count && !value.is_settled()) {
                        self.missing(assessment, ExprId(body.end - 1), missing);
                    }
                }
            }
            Expr::Sum { list, note, body } => {
                let inputs = self.known.inputs(assessment.sessions_done, assessment.open);
                let (note, condition) = (*note, ExprId(body.end - 1));
                for session in self.known.lists[usize::from(list.0)].clone() {
                    let counts =
                        assessment.evaluation.for_session(&protocol.program, &inputs, body.clone(), session).truth();
                    // What does not count, and what counts for nothing, is not asked for.
                    let added = assessment.evaluation.value(note);
                    if counts.is_unknown() && added != Value::number(0) {
                        self.missing(assessment, condition, missing);
                    }
                    if !counts.is_false() && !added.is_settled() {
                        self.missing(assessment, note, missing);
                    }
                }
            }
            // What the protocol takes for granted is not asked for.
            Expr::Coalesce(a, b) => {
                let side = if assessment.evaluation.value(*a) == Value::Unknown { *b } else { *a };
                self.missing(assessment, side, missing);
            }
            Expr::If(condition, yes, no) => {
                let (condition, yes, no) = (*condition, *yes, *no);
                match assessment.evaluation.truth(condition) {
                    Tri::True => self.missing(assessment, yes, missing),
                    Tri::False => self.missing(assessment, no, missing),
                    Tri::Unknown => {
                        [condition, yes, no].into_iter().for_each(|id| self.missing(assessment, id, missing))
                    }
                }
            }
            other => {
                for operand in other.operands() {
                    self.missing(assessment, operand, missing);
                }
            }
        }
    }

    /// Whether a note of a session is exactly known.
    fn is_noted(&self, session: usize, note: usize) -> bool {
        self.known.sessions[session].get(note).is_some_and(|note| note.is_settled())
    }

    /// What makes a difference to the course.
    pub(crate) fn missing_in_course(&self, assessment: &mut Assessment, open: Open, missing: &mut Vec<Missing>) {
        match open {
            Open::Expression(id) => self.missing(assessment, id, missing),
            Open::SessionNote(session, note) => missing.push(Missing::Note(session, note)),
            Open::ForValues(course, values, id) => {
                let counter = self.protocol.courses[course].separate_by.as_ref();
                let Some(body) = counter.and_then(|counter| counter.body(id)) else { return };
                let inputs = self.known.inputs(assessment.sessions_done, assessment.open);
                for value in bits(values) {
                    let program = &self.protocol.program;
                    assessment.evaluation.for_each(program, &inputs, body.clone(), Value::Choice(value));
                    self.missing(assessment, id, missing);
                }
            }
            Open::AnyValue => {}
            Open::Sessions(treatment) => missing.push(Missing::Sessions(treatment)),
            Open::Skip(course, session) => {
                let planned = self.protocol.courses[course].planned_session(session);
                let root = planned.and_then(|planned| planned.skip.as_ref()).map(|skip| ExprId(skip.end - 1));
                let mut facts = Vec::new();
                root.into_iter().for_each(|root| self.facts_under(root, &mut facts));
                let unknown = facts.into_iter().filter(|fact| !self.known.facts[usize::from(fact.0)].is_settled());
                missing.extend(unknown.map(Missing::Fact));
                let unlisted = root.map(|root| self.known.unlisted.under(self.protocol, root));
                missing.extend(unlisted.into_iter().flatten().map(Missing::Sessions));
            }
        }
    }

    /// The name of something that is not known: a fact, `sessions.2026-07-14.depth_mm` or `sessions.filler`.
    pub(crate) fn name_of(&self, missing: Missing) -> String {
        match missing {
            Missing::Fact(fact) => self.protocol.fact(fact).name.clone(),
            Missing::Note(session, note) => {
                let date = self.record.sessions[session].date;
                format!("sessions.{date}.{}", self.protocol.dictionary.notes[usize::from(note)].name)
            }
            Missing::Sessions(treatment) => format!("sessions.{}", Treatments::of(self.protocol).names[treatment]),
        }
    }

    /// Why it is not known.
    pub(crate) fn why_unknown(&self, missing: Missing) -> WhyUnknown {
        match missing {
            Missing::Fact(fact) => self.known.why(self.protocol, self.record, fact),
            Missing::Note(session, 0) => WhyUnknown::Partial { value: self.record.sessions[session].date.to_string() },
            Missing::Note(..) | Missing::Sessions(_) => WhyUnknown::NotRecorded,
        }
    }
}
