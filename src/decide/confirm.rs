//! What must be asked again before a day that an answer gives: the answers that are too old by then, as far as anything could still change
//! by them.

use std::collections::BTreeSet;

use crate::date::Date;
use crate::decide::needed::NeededSettings;
use crate::decide::prepared::{RestsOn, course_roots};
use crate::decide::{Prepared, still_before};
use crate::lang::{Expr, ExprId, FactId};
use crate::logic::{Inputs, Tri, Value};
use crate::patient::Slots;
use crate::patient::applicability::Standing;
use crate::patient::cell::Cell;
use crate::patient::known::Known;
use crate::protocol::Protocol;
use crate::protocol::dictionary::Validity;
use crate::protocol::model::Rule;

/// The last day on which an answer that was given on a day may be used, as far as the calendar tells. Of one that counts until the next
/// session it does not, unless sessions may have been given that are not listed: after any day there may have been one.
fn valid_until(on: Date, valid_for: Validity, session_may_follow: bool) -> Option<Date> {
    match valid_for {
        Validity::Forever => None,
        Validity::Session if !session_may_follow => None,
        Validity::Visit | Validity::Session => Some(on),
        Validity::For(duration) => Some(on + duration),
    }
}

/// What decides whether and when to treat, with the facts that it rests on: what it reads, and what tells whether the questions of that
/// make sense.
#[derive(Clone, Debug)]
pub(crate) struct Deciding {
    /// The rules, by their places.
    rules: Vec<(usize, Vec<FactId>)>,
    /// The expressions of the courses, and of the settings that are needed.
    courses: Vec<(ExprId, Vec<FactId>)>,
    /// All these facts, each with those that its value rests on, itself the first.
    facts: Vec<(FactId, Vec<FactId>)>,
    /// The nodes of all that stand under no binder, operands first.
    nodes: Vec<u32>,
    /// Whether anything of it may be otherwise on another day: there is a course, or a rule or setting that reads the calendar.
    pub(crate) may_turn: bool,
}

impl Deciding {
    pub(crate) fn of(protocol: &Protocol, needed: &NeededSettings) -> Deciding {
        let program = &protocol.program;
        let with_asked_when = |mut facts: Vec<FactId>| {
            let mut at = 0;
            while let Some(fact) = facts.get(at).copied() {
                let asked_when = protocol.conditions.asked_when(fact);
                let others = asked_when.iter().flat_map(|asked| &asked.when.facts).copied();
                let new: Vec<FactId> = others.filter(|other| !facts.contains(other)).collect();
                facts.extend(new);
                at += 1;
            }
            facts
        };
        let rests_on = |roots: &mut dyn Iterator<Item = ExprId>| with_asked_when(RestsOn::of(program, roots).facts);
        let decide = |(_, rule): &(usize, &Rule)| rule.action.leads_to().is_some();
        let rules = || protocol.rules.iter().enumerate().filter(decide);
        // Without a needed setting nothing is due.
        let needed = needed.settings.iter().copied();
        let mut course_roots = course_roots(protocol);
        let of_courses = course_roots.len();
        course_roots.extend(needed.flat_map(|at| crate::decide::needed::roots_of(protocol, at)));
        let rules_of = rules().map(|(at, rule)| (at, rests_on(&mut rule.roots()))).collect();
        let courses = course_roots.iter().map(|root| (*root, rests_on(&mut [*root].into_iter()))).collect();
        let all = || rules().flat_map(|(_, rule)| rule.roots()).chain(course_roots.iter().copied());
        let nodes = program.under(all()).filter(|id| program.node(*id).level == 0).map(|id| id.0).collect();
        let facts = rests_on(&mut all()).into_iter().map(|fact| (fact, with_asked_when(vec![fact]))).collect();
        let reads_calendar = |id: ExprId| matches!(program.node(id).expr, Expr::Today | Expr::Age(_));
        let of_settings = course_roots[of_courses..].iter().copied();
        let may_turn = !protocol.courses.is_empty()
            || program.under(rules().flat_map(|(_, rule)| rule.roots()).chain(of_settings)).any(reads_calendar);
        Deciding { rules: rules_of, courses, facts, nodes, may_turn }
    }
}

impl Prepared {
    /// The answers that are used today but are too old on a later day that the answer gives, and that a rule or course rests on which is
    /// then open without them: each with the last day on which it may be used, in the dictionary's order. Until that day, no session is
    /// given.
    pub(crate) fn expiring(
        &self,
        slots: &Slots,
        known: &Known,
        sessions_done: Value,
        days: impl IntoIterator<Item = Date>,
    ) -> Vec<(FactId, Date)> {
        let protocol = &self.protocol;
        let answered = |fact: FactId| {
            let slot = usize::from(fact.0);
            let on = slots.on(protocol.facts[slot]).filter(|_| known.cells[slot] != Cell::UNKNOWN)?;
            let until = valid_until(on, protocol.fact(fact).valid_for, known.session_may_follow)?;
            // What does not apply may be too old already.
            (until >= known.today).then_some((fact, until))
        };
        let answered: Vec<(FactId, Date)> =
            self.every_day.decides.facts.iter().filter_map(|(fact, _)| answered(*fact)).collect();
        let mut found: Vec<(FactId, Date)> = Vec::new();
        for day in days {
            let is_old = |fact: FactId| answered.iter().any(|(other, until)| *other == fact && *until < day);
            // Nobody is asked again what does not apply to them, unless what tells so is asked again.
            let applies = |fact: FactId| {
                let mut rests_on =
                    self.every_day.decides.facts.iter().filter(|(one, _)| *one == fact).flat_map(|(_, on)| on);
                known.applicability.standing(fact) != Standing::NotApplicable
                    || rests_on.any(|one| *one != fact && is_old(*one))
            };
            let mut expired = answered.clone();
            expired.retain(|(fact, until)| *until < day && applies(*fact));
            if !expired.is_empty() {
                let is_expired = |fact: FactId| expired.iter().any(|(other, _)| *other == fact);
                let open = self.open_on(day, known, sessions_done, &is_expired);
                found.extend(expired.into_iter().filter(|(fact, _)| open.contains(fact)));
            }
        }
        found.sort_by_key(|(fact, _)| protocol.facts[usize::from(fact.0)]);
        found.dedup();
        found
    }

    /// The facts of the rules and courses that are open on a day when some answers are too old.
    fn open_on(
        &self,
        day: Date,
        known: &Known,
        sessions_done: Value,
        is_expired: &dyn Fn(FactId) -> bool,
    ) -> Vec<FactId> {
        let protocol = &self.protocol;
        let mut facts = known.facts.clone();
        for (fact, rests_on) in &self.every_day.decides.facts {
            let slot = usize::from(fact.0);
            // Whether its question makes sense is not known either, where that rests on an answer that is too old.
            let is_open = rests_on.iter().any(|one| is_expired(*one));
            let value = || known.cells[slot].value(&protocol.fact(*fact).answer.ty);
            facts[slot] = if is_open { Value::Unknown } else { value() };
        }
        let inputs = Inputs { facts: &facts, today: day, ..known.inputs(sessions_done, true) };
        let mut evaluation = self.constants.clone();
        evaluation.refresh(&protocol.program, &inputs, &self.every_day.decides.nodes);
        let waits = |until| still_before(evaluation.value(until), day);
        let fires = |rule: usize| protocol.rules[rule].fires(|when| evaluation.truth(when), waits);
        let rules =
            self.every_day.decides.rules.iter().filter(|(rule, _)| fires(*rule).is_unknown()).map(|(_, facts)| facts);
        let courses = self.every_day.decides.courses.iter().filter(|(root, _)| !evaluation.value(*root).is_settled());
        rules.chain(courses.map(|(_, facts)| facts)).flatten().copied().collect()
    }
}

impl Prepared {
    /// The facts that decide whether and when to treat.
    pub(crate) fn deciding_facts(&self) -> Vec<FactId> {
        let mut facts: Vec<FactId> = self.every_day.decides.facts.iter().map(|(fact, _)| *fact).collect();
        facts.extend(self.contradicting(&facts));
        facts.sort_unstable();
        facts.dedup();
        facts
    }

    /// The expressions that decide it: those of the rules, and those of the courses and the settings that are needed.
    pub(crate) fn deciding_roots(&self) -> (Vec<ExprId>, Vec<ExprId>) {
        let rules = self.every_day.decides.rules.iter().flat_map(|(at, _)| self.protocol.rules[*at].roots());
        (rules.collect(), self.every_day.decides.courses.iter().map(|(root, _)| *root).collect())
    }

    /// What holds a patient back who is not treated: for each thing that does, or may, the facts that it rests on. As long as none of them
    /// is another, it goes on.
    pub(crate) fn rests_on(&self, fires: &[Tri], course_is_free: bool) -> Vec<BTreeSet<FactId>> {
        let of_courses = || self.every_day.decides.courses.iter().flat_map(|(_, facts)| facts).copied();
        let mut all: Vec<BTreeSet<FactId>> = Vec::new();
        for (at, facts) in self.every_day.decides.rules.iter().filter(|(at, _)| !fires[*at].is_false()) {
            let program = &self.protocol.program;
            let counts = |id: ExprId| matches!(program.node(id).expr, Expr::SessionsDone);
            // How many sessions count is what the courses say.
            let by_course = program.under(self.protocol.rules[*at].roots()).any(counts);
            all.push(facts.iter().copied().chain(of_courses().filter(|_| by_course)).collect());
        }
        if !course_is_free || all.is_empty() {
            all.push(of_courses().collect());
        }
        for facts in &mut all {
            let more: Vec<FactId> = self.contradicting(&facts.iter().copied().collect::<Vec<_>>());
            facts.extend(more);
        }
        all
    }

    /// What else has a part in whether answers to these facts are used: answers that contradict them, and those that tell whether the
    /// question of one makes sense.
    fn contradicting(&self, facts: &[FactId]) -> Vec<FactId> {
        let conditions = &self.protocol.conditions;
        let contradictions = conditions.contradictions.iter().map(|one| one.when.facts.clone());
        let asked = conditions.asked.iter().map(|one| one.when.facts.iter().copied().chain([one.fact]).collect());
        let together: Vec<Vec<FactId>> = contradictions.chain(asked).collect();
        let mut found: BTreeSet<FactId> = facts.iter().copied().collect();
        loop {
            let before = found.len();
            for facts in &together {
                if facts.iter().any(|fact| found.contains(fact)) {
                    found.extend(facts);
                }
            }
            if found.len() == before {
                return found.into_iter().collect();
            }
        }
    }
}
