//! Which leaves decided an outcome, and what made it unknown.

use crate::date::Date;
use crate::explain::View;
use crate::explain::derivation::Step;
use crate::lang::syntax::Quantifier;
use crate::lang::{Expr, ExprId, FactId};
use crate::logic::Tri;
use crate::logic::eval::DATE_NOTE;
use crate::logic::value::{Value, bits};
use crate::once::push_new;
use crate::patient::entries::NOTED_TWICE;
use crate::patient::unlisted::{OWN, Treatments};
use crate::patient::{Entry, NoAnswer, Untold};
use crate::recommendation::WhyUnknown;
use crate::worlds::Open;

/// Something that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Missing {
    /// A fact.
    Fact(FactId),
    /// A fact as it was on an earlier day.
    Earlier(FactId, Date),
    /// A note of a recorded session, by their places.
    Note(usize, u16),
    /// Whether an entry, by its place, notes a session once more.
    Entry(usize),
    /// Whether there were more sessions of a treatment than are listed: its place among the protocol's treatments.
    Sessions(usize),
}

/// What a value was made of: facts, and notes of recorded sessions by their places.
#[derive(Debug, Default)]
pub(crate) struct Used {
    pub(crate) facts: Vec<FactId>,
    pub(crate) notes: Vec<(usize, u16)>,
}

impl View<'_> {
    /// The leaves of a smallest set that fixes the outcome of a condition.
    pub(crate) fn decisive(&self, root: Step) -> Vec<Step> {
        let derivation = self.derivation;
        let mut leaves = Vec::new();
        derivation.walk(root, |step| {
            let truth = |step: &Step| derivation.truth(*step);
            let mut operands = derivation.operands(step);
            match derivation.expr(step) {
                expr @ (Expr::And(_) | Expr::Or(_)) => {
                    // One false term makes a conjunction false; all its true ones make it true. A disjunction the other way round.
                    let settling = if matches!(expr, Expr::And(_)) { Tri::False } else { Tri::True };
                    match truth(&step) {
                        Tri::Unknown => operands.retain(|operand| truth(operand).is_unknown()),
                        settled if settled == settling => {
                            return operands
                                .into_iter()
                                .find(|operand| truth(operand) == settling)
                                .into_iter()
                                .collect();
                        }
                        _ => {}
                    }
                    operands
                }
                Expr::Not(_) | Expr::Definition(..) => operands,
                // Where both branches come to the same, it is no matter which of them is taken.
                Expr::If(..) if !truth(&step).is_unknown() && truth(&operands[0]).is_unknown() => operands.split_off(1),
                Expr::If(..) => {
                    self.leave_out_branch(&mut operands);
                    operands
                }
                _ => {
                    push_new(&mut leaves, step);
                    Vec::new()
                }
            }
        });
        leaves
    }

    /// Leaves out the branch of an `if`, of its condition and two branches, that is not taken; where its condition is unknown, none.
    pub(super) fn leave_out_branch(&self, operands: &mut Vec<Step>) {
        match self.derivation.truth(operands[0]) {
            Tri::True => drop(operands.remove(2)),
            Tri::False => drop(operands.remove(1)),
            Tri::Unknown => {}
        }
    }

    /// Of `a ?? b`, the one that stands for the whole.
    pub(super) fn side(&self, operands: &[Step]) -> Vec<Step> {
        let a_is_unknown = self.derivation.value(operands[0]) == Value::Unknown;
        vec![operands[usize::from(a_is_unknown)]]
    }

    /// The facts and the notes of recorded sessions that a value was made of: of notes, those of the first or last session, and those of
    /// a sum.
    pub(crate) fn used(&self, root: Step, used: &mut Used) {
        let derivation = self.derivation;
        derivation.walk(root, |step| {
            let mut operands = derivation.operands(step);
            match derivation.expr(step) {
                Expr::Fact(fact) | Expr::Age(fact) => push_new(&mut used.facts, *fact),
                Expr::EndNote { list, last, note } => {
                    let ends = self.inputs().ends(*list, *last);
                    ends.into_iter().for_each(|session| push_new(&mut used.notes, (session, *note)));
                }
                Expr::Sum { note, body, .. } => {
                    let conditions = derivation.for_sessions(step, ExprId(body.end - 1));
                    for (condition, added) in conditions.zip(derivation.for_sessions(step, *note)) {
                        if !derivation.truth(condition).is_false() && derivation.value(added) != Value::number(0) {
                            derivation.walk(added, |step| {
                                if let Expr::SessionNote { binder, note } = derivation.expr(step) {
                                    push_new(&mut used.notes, (derivation.session(step, *binder), *note));
                                }
                                derivation.operands(step)
                            });
                        }
                    }
                }
                Expr::SessionNote { binder, note } => {
                    push_new(&mut used.notes, (derivation.session(step, *binder), *note));
                }
                // The sessions that decided: those that the condition holds for, or, of `all`, those that it does not hold for. Where there are
                // none, every session did.
                Expr::Quantified { quantifier, .. } => {
                    let deciding = if *quantifier == Quantifier::All { Tri::False } else { Tri::True };
                    if operands.iter().any(|condition| derivation.truth(*condition) == deciding) {
                        operands.retain(|condition| derivation.truth(*condition) == deciding);
                    }
                    for condition in &operands {
                        let mut leaves = self.decisive(*condition);
                        leaves.retain(|leaf| leaf != condition);
                        if !leaves.is_empty() {
                            leaves.into_iter().for_each(|leaf| self.used(leaf, used));
                            continue;
                        }
                        derivation.operands(*condition).into_iter().for_each(|part| self.used(part, used));
                    }
                    operands.clear();
                }
                Expr::Coalesce(..) => return self.side(&operands),
                Expr::If(condition, ..) => {
                    if derivation.truth(derivation.operand(step, *condition)).is_unknown() {
                        operands.truncate(1);
                    } else {
                        self.leave_out_branch(&mut operands);
                    }
                }
                _ => {}
            }
            operands
        });
    }

    /// What made a value unknown, or not exactly known, in the order of the text.
    pub(crate) fn missing(&self, root: Step, missing: &mut Vec<Missing>) {
        let derivation = self.derivation;
        derivation.walk(root, |step| {
            if derivation.value(step).is_settled() {
                return Vec::new();
            }
            let expr = derivation.expr(step);
            if let Some(list) = expr.list().filter(|list| self.known.unlisted.lists[usize::from(list.0)]) {
                push_new(missing, Missing::Sessions(Treatments::of(self.protocol).lists[usize::from(list.0)]));
            }
            let mut operands = derivation.operands(step);
            if matches!(
                expr,
                Expr::SessionCount(_) | Expr::Quantified { quantifier: Quantifier::Count, .. } | Expr::Sum { .. }
            ) && let Some(list) = expr.list()
            {
                self.missing_entries(step, &self.known.lists[usize::from(list.0)], missing);
            }
            match expr {
                // The age of somebody who was never born is not known either.
                Expr::Fact(fact) | Expr::Age(fact) if self.known.facts[usize::from(fact.0)].is_settled() => {}
                Expr::Fact(fact) | Expr::Age(fact) => push_new(missing, Missing::Fact(*fact)),
                Expr::SessionNote { binder, note } => {
                    push_new(missing, Missing::Note(derivation.session(step, *binder), *note));
                }
                Expr::SessionsDone => {
                    let schedule = &self.assessment.schedule;
                    if schedule.course.is_none() && self.known.unlisted.own() {
                        push_new(missing, Missing::Sessions(OWN));
                    }
                    let open = schedule.open.iter().filter(|open| !self.only_holds_back(**open));
                    open.for_each(|open| self.missing_in_course(*open, missing));
                    if !schedule.no_course.is_false() || self.protocol.courses.is_empty() {
                        let own = self.known.given.iter().enumerate().filter(|(_, given)| given.own && !given.faulty);
                        let alike = own.filter(|(_, given)| given.entry == Entry::Alike);
                        alike.for_each(|(session, _)| push_new(missing, Missing::Entry(session)));
                    }
                }
                Expr::FirstDate(list) | Expr::LastDate(list) => {
                    for &session in &self.known.lists[usize::from(list.0)] {
                        self.missing_note(session, crate::narrow::u16(DATE_NOTE), missing);
                    }
                }
                Expr::EndNote { list, last, note } => {
                    let ends = self.inputs().ends(*list, *last);
                    for &session in &ends {
                        // Which one it is, is asked only where it makes a difference.
                        if ends.len() > 1 {
                            self.missing_note(session, crate::narrow::u16(DATE_NOTE), missing);
                        }
                        self.missing_note(session, *note, missing);
                    }
                }
                Expr::Sum { note, body, .. } => {
                    operands.clear();
                    let conditions = derivation.for_sessions(step, ExprId(body.end - 1));
                    for (condition, added) in conditions.zip(derivation.for_sessions(step, *note)) {
                        // What does not count, and what counts for nothing, is not asked for.
                        let counts_for_nothing = derivation.value(added) == Value::number(0);
                        operands.extend(Some(condition).filter(|_| !counts_for_nothing));
                        operands.extend(Some(added).filter(|_| !derivation.truth(condition).is_false()));
                    }
                }
                // What the protocol takes for granted is not asked for.
                Expr::Coalesce(..) => return self.side(&operands),
                Expr::If(..) => self.leave_out_branch(&mut operands),
                _ => {}
            }
            operands
        });
    }

    /// Of the sessions that a count or a sum looks at, those that it makes a difference to whether they were noted twice.
    fn missing_entries(&self, step: Step, sessions: &[usize], missing: &mut Vec<Missing>) {
        let derivation = self.derivation;
        let condition = match derivation.expr(step) {
            Expr::Quantified { body, .. } | Expr::Sum { body, .. } => Some(ExprId(body.end - 1)),
            _ => None,
        };
        let truths: Option<Vec<Tri>> = condition
            .map(|condition| derivation.for_sessions(step, condition).map(|step| derivation.truth(step)).collect());
        for (at, session) in sessions.iter().enumerate().filter(|(_, session)| self.known.alike[**session]) {
            if truths.as_ref().is_none_or(|truths| truths.get(at).is_none_or(|truth| !truth.is_false())) {
                push_new(missing, Missing::Entry(*session));
            }
        }
    }

    /// A note of a session, if it is not exactly known.
    fn missing_note(&self, session: usize, note: u16, missing: &mut Vec<Missing>) {
        if !self.known.sessions[session].get(usize::from(note)).is_some_and(|note| note.is_settled()) {
            push_new(missing, Missing::Note(session, note));
        }
    }

    /// Whether something can only hold back the next session: sessions of another treatment, where none of the protocol's own is listed that
    /// could have been too soon after one.
    pub(super) fn only_holds_back(&self, open: Open) -> bool {
        matches!(open, Open::Sessions(treatment) if treatment != OWN) && !self.known.given.iter().any(|given| given.own)
    }

    /// What makes a difference to the course.
    pub(crate) fn missing_in_course(&self, open: Open, missing: &mut Vec<Missing>) {
        match open {
            Open::Expression(id) => self.missing(self.derivation.root(id, None), missing),
            Open::SessionNote(session, note) => missing.push(Missing::Note(session, note)),
            Open::ForValues(_, values, id) => {
                for value in bits(values) {
                    self.missing(self.derivation.root(id, Some(Value::Choice(value))), missing);
                }
            }
            Open::Entry(session) => missing.push(Missing::Entry(session)),
            Open::AnyValue => {}
            Open::Then(course, interval, session) => self.missing_then(course, interval, session, missing),
            Open::Sessions(treatment) => missing.push(Missing::Sessions(treatment)),
            Open::Skip(course, session) => {
                let planned = self.protocol.courses[course].planned_session(session);
                let Some(skip) = planned.and_then(|planned| planned.skip.as_ref()) else { return };
                let root = ExprId(skip.end - 1);
                missing.extend(self.known.unknown_facts(self.protocol, root).map(Missing::Fact));
                missing.extend(self.known.unlisted.under(self.protocol, root).into_iter().map(Missing::Sessions));
                let untold = self.known.untold_of_sessions(self.protocol, root);
                missing.extend(untold.into_iter().map(|(session, note)| match note {
                    Some(note) => Missing::Note(session, note),
                    None => Missing::Entry(session),
                }));
            }
        }
    }

    /// The name of something that is not known: a fact, `earlier.2025-03-01.smoker`, `sessions.2026-07-14.depth_mm` or `sessions.filler`.
    pub(crate) fn name_of(&self, missing: Missing) -> String {
        match missing {
            Missing::Fact(fact) => self.protocol.fact(fact).name.clone(),
            Missing::Earlier(fact, day) => format!("earlier.{day}.{}", self.protocol.fact(fact).name),
            Missing::Note(session, note) => {
                format!("{}.{}", self.session_name(session), self.protocol.dictionary.notes[usize::from(note)].name)
            }
            Missing::Entry(session) => format!("{}.{NOTED_TWICE}", self.session_name(session)),
            Missing::Sessions(treatment) => format!("sessions.{}", Treatments::of(self.protocol).names[treatment]),
        }
    }

    /// The name of a recorded session: its day or month as the record has it; of a second one of that day, with its place among them,
    /// those of the protocol's treatment first.
    pub(crate) fn session_name(&self, session: usize) -> String {
        let sessions = &self.record.sessions;
        let is_own = |at: usize| sessions[at].treatment == self.protocol.treatment;
        let comes_before = |at: &usize| (!is_own(*at), *at) < (!is_own(session), session);
        let date = sessions[session].date;
        match (0..sessions.len()).filter(comes_before).filter(|at| sessions[*at].date == date).count() {
            0 => format!("sessions.{date}"),
            before => format!("sessions.{date}.{}", before + 1),
        }
    }

    /// Why it is not known.
    pub(crate) fn why_unknown(&self, missing: Missing) -> WhyUnknown {
        match missing {
            Missing::Fact(fact) => self.known.why(self.protocol, self.record, fact),
            Missing::Note(session, 0) => WhyUnknown::Partial { value: self.record.sessions[session].date.to_string() },
            Missing::Earlier(fact, day) => match self.known.why_then(self.protocol, fact, day) {
                WhyUnknown::NotRecorded => {
                    self.why_untold(&Untold::Earlier(self.protocol.facts[usize::from(fact.0)], day))
                }
                why => why,
            },
            Missing::Note(session, note) => {
                let note = self.protocol.dictionary.notes[usize::from(note)].name.clone();
                self.why_untold(&Untold::Note(self.record.sessions[session].order, note))
            }
            Missing::Entry(session) => {
                self.why_untold(&Untold::Note(self.record.sessions[session].order, NOTED_TWICE.into()))
            }
            Missing::Sessions(treatment) => {
                self.why_untold(&Untold::Sessions(Treatments::of(self.protocol).names[treatment].into()))
            }
        }
    }

    fn why_untold(&self, what: &Untold) -> WhyUnknown {
        match self.record.untold.get(what) {
            Some(NoAnswer::Declined) => WhyUnknown::Declined,
            Some(NoAnswer::NotKnown) => WhyUnknown::NotKnown,
            Some(NoAnswer::NotRecorded) | None => WhyUnknown::NotRecorded,
        }
    }
}
