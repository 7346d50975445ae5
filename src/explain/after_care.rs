//! What is still to be kept after the sessions that were given, by what held on the day of each.

use crate::date::Date;
use crate::decide::Prepared;
use crate::explain::View;
use crate::explain::assumptions::GrantedTo;
use crate::lang::{Expr, ExprId};
use crate::logic::value::{MANY, Value};
use crate::logic::{Evaluation, Number};
use crate::patient::Slots;
use crate::recommendation::{AfterCare, InstructionReport};

impl Prepared {
    /// What is still to be kept after the sessions of the treatment, each day once, whether or not they count: they were given. `granted` is told by
    /// instruction what that takes for granted.
    pub(super) fn after_care(&self, view: &View<'_>, slots: &Slots, granted: &mut GrantedTo) -> Vec<AfterCare> {
        let (known, today) = (view.known, view.known.today);
        let day_of = |session: usize| known.given[session].date.last.min(today);
        let own = (0..known.given.len()).filter(|at| known.given[*at].own && view.may_owe_care(day_of(*at)));
        let mut sessions: Vec<usize> = own.collect();
        if sessions.is_empty() {
            return Vec::new();
        }
        sessions.sort_by_key(|at| (day_of(*at), known.order[*at]));
        let mut then = known.clone();
        let days = sessions.iter().flat_map(|at| known.given[*at].date.days());
        self.filler.look_back_at(slots, days, &mut then);
        let view = View { known: &then, ..*view };
        let mut all: Vec<(AfterCare, Values)> = Vec::new();
        for session in sessions {
            let day = day_of(session);
            let kept = view.care_after(session, day, granted);
            let values = view.was_for(session);
            match all.last_mut().filter(|(last, _)| last.session == day) {
                // Entries of one day are told as one session.
                Some((last, of)) => {
                    kept.into_iter().for_each(|one| add(&mut last.instructions, one));
                    *of = Values { certain: of.certain | values.certain, perhaps: of.perhaps | values.perhaps };
                }
                None => all.push((AfterCare { session: day, instructions: kept }, values)),
            }
        }
        // What a later session says for as long, of the same values, need not be told twice.
        for at in 0..all.len() {
            let (earlier, later) = all.split_at_mut(at + 1);
            let Some((care, of)) = earlier.last_mut() else { continue };
            let later = || later.iter().filter(|(_, values)| of.perhaps & !values.certain == 0);
            care.instructions
                .retain(|one| !later().flat_map(|(care, _)| &care.instructions).any(|other| other.covers(one, today)));
        }
        let cares = all.into_iter().map(|(care, _)| care);
        cares.filter(|care| !care.instructions.is_empty()).collect()
    }
}

/// The values of a note, such as areas, that a session was for, as bits; none where no course is counted for each.
#[derive(Clone, Copy)]
struct Values {
    certain: u64,
    perhaps: u64,
}

/// Adds an instruction, unless it is there; where it is certain in one of two ways, it is certain.
fn add(all: &mut Vec<InstructionReport>, one: InstructionReport) {
    match all.iter_mut().find(|other| other.id == one.id && other.action == one.action) {
        Some(other) => other.provisional &= one.provisional,
        None => all.push(one),
    }
}

impl View<'_> {
    /// Whether any instruction may still have to be kept after a session of a day.
    fn may_owe_care(&self, session: Date) -> bool {
        self.protocol.instructions.iter().any(|one| {
            let last = one.until.unwrap_or(one.at).with(&self.known.parameters);
            is_owed(session + last, session, self.known.today)
        })
    }

    /// What a session was for.
    fn was_for(&self, session: usize) -> Values {
        let scheduler = self.scheduler();
        if scheduler.counted_by().is_none() {
            return Values { certain: 0, perhaps: 0 };
        }
        let noted = scheduler.values_of_session(session);
        Values { certain: noted.unwrap_or(0), perhaps: noted.unwrap_or(u64::MAX) }
    }

    /// How many sessions may have counted on a day on which a session was given, before that.
    fn done_before(&self, session: usize, day: Date) -> Value {
        let given = &self.known.given;
        let came_before = |at: &usize| {
            let first = given[*at].date.first;
            given[*at].own && (first, self.known.order[*at]) < (day, self.known.order[session])
        };
        let before = (0..given.len()).filter(|at| *at != session).filter(came_before).count();
        Value::Number(Number::from(0), if self.known.unlisted.own() { MANY } else { Number::from(before) })
    }

    /// What is still to be kept after a session: where its day is not known, what is to be kept on any that it may have been.
    fn care_after(&self, session: usize, counted_from: Date, granted: &mut GrantedTo) -> Vec<InstructionReport> {
        let (date, today) = (self.known.given[session].date, self.known.today);
        let mut all: Vec<InstructionReport> = Vec::new();
        let days: Vec<Date> = date.days().filter(|day| *day <= today).collect();
        for day in days.into_iter().rev() {
            self.on_day_of(session, (day, self.done_before(session, day)), |then| {
                self.granted_to_care(then, counted_from, granted);
                for one in then.instructions(Some(counted_from)) {
                    if !all.iter().any(|other| other.id == one.id) {
                        all.push(one);
                    }
                }
            });
        }
        all.retain(|one| one.last_day().is_some_and(|last| is_owed(last, counted_from, today)));
        all.iter_mut().for_each(|one| one.provisional |= date.is_partial());
        all
    }
}

impl View<'_> {
    /// What is taken for granted on the day of a session where it decides for whom something is that is still to be kept.
    fn granted_to_care(&self, then: &View<'_>, counted_from: Date, granted: &mut GrantedTo) {
        let program = &self.protocol.program;
        let mut left_open = None;
        for instruction in &self.protocol.instructions {
            let last = instruction.until.unwrap_or(instruction.at).with(&self.known.parameters);
            let owed = instruction.when.filter(|_| is_owed(counted_from + last, counted_from, self.known.today));
            let takes = |id: &ExprId| matches!(program.node(*id).expr, Expr::Coalesce(..) | Expr::Known(_));
            let Some(when) = owed.filter(|when| program.under([*when]).any(|id| takes(&id))) else { continue };
            let inputs = then.known.inputs(then.assessment.sessions_done, true);
            let left_open = left_open.get_or_insert_with(|| Evaluation::complete(program, &inputs));
            if left_open.truth(when) != then.assessment.evaluation.truth(when) {
                let mut found = Vec::new();
                then.granted(then.derivation.root(when, None), &mut found);
                found.iter_mut().for_each(|(_, (missing, _))| *missing = self.asked_of(then, *missing));
                granted.push((instruction.id.clone(), found));
            }
        }
    }
}

/// What is for the time up to a session, or for its day alone, is over with it.
fn is_owed(last: Date, session: Date, today: Date) -> bool {
    last > session && last >= today
}
