//! What is missing of the day of a recorded session.

use crate::date::Date;
use crate::decide::Assessment;
use crate::explain::View;
use crate::explain::assumptions::Granted;
use crate::explain::attribution::Missing;
use crate::explain::derivation::Derivation;
use crate::logic::eval::DATE_NOTE;
use crate::logic::{Evaluation, Value};
use crate::once::push_new;
use crate::patient::known::answer;
use crate::protocol::dictionary::Validity;
use crate::protocol::looking_back::{reads_sessions, roots};
use crate::worlds::Schedule;

impl View<'_> {
    /// What is not known of an interval on the day of a session. Where the day is not known, that is asked first, for nobody could say
    /// what held on it.
    pub(super) fn missing_then(&self, course: usize, interval: usize, session: usize, missing: &mut Vec<Missing>) {
        let given = &self.known.given;
        let course = &self.protocol.courses[course];
        let interval = &course.intervals[interval];
        let looks_across = reads_sessions(self.protocol, interval);
        let open = (0..given.len()).filter(|at| (looks_across || *at == session) && given[*at].date.is_partial());
        let first = given[session].date.first;
        let open: Vec<Missing> = open.map(|at| Missing::Note(at, crate::narrow::u16(DATE_NOTE))).collect();
        if !open.is_empty() {
            open.into_iter().for_each(|one| push_new(missing, one));
            return;
        }
        self.on_day_of(session, (first, Value::Unknown), |then| {
            let mut found = Vec::new();
            for root in roots(interval) {
                for each in then.scheduler().values_counted(course, session) {
                    then.missing(then.derivation.root(root, each), &mut found);
                }
            }
            let asked = found.into_iter().flat_map(|one| then.to_ask(one)).map(|one| self.asked_of(then, one));
            asked.for_each(|one| push_new(missing, one));
        });
    }

    /// What the courses took for granted on the days of past sessions.
    pub(super) fn granted_then(&self, course: usize, granted: &mut Vec<Granted>) {
        let looked_back_at = self.scheduler().looked_back_at().into_iter().filter(|(at, ..)| *at == course);
        for (_, interval, session) in looked_back_at {
            let course = &self.protocol.courses[course];
            let first = self.known.given[session].date.first;
            self.on_day_of(session, (first, Value::Unknown), |then| {
                let mut found = Vec::new();
                for root in roots(&course.intervals[interval]) {
                    for each in then.scheduler().values_counted(course, session) {
                        then.granted(then.derivation.root(root, each), &mut found);
                    }
                }
                granted.extend(
                    found.into_iter().map(|(place, (one, taken_for))| (place, (self.asked_of(then, one), taken_for))),
                );
            });
        }
    }

    /// Looks at what was known on the day of a session, or on one on which it may have been, with how many counted before it.
    pub(super) fn on_day_of(&self, session: usize, (day, sessions_done): (Date, Value), look: impl FnOnce(&View<'_>)) {
        let mut days: Vec<_> = self.known.given.iter().map(|session| session.date.first).collect();
        days[session] = day;
        let known = self.scheduler().known_then(session, &days);
        let open = self.assessment.open;
        let assessment = Assessment {
            evaluation: Evaluation::complete(&self.protocol.program, &known.inputs(sessions_done, open)),
            schedule: Schedule::default(),
            sessions_done,
            open,
            fires: Vec::new(),
        };
        let derivation = Derivation::new(self.protocol, &known, &assessment);
        look(&View { known: &known, assessment: &assessment, derivation: &derivation, ..*self });
    }

    /// What tells something of an earlier day: of a fact its answer of that day, or today's, where one that is given now tells
    /// that day, too.
    pub(super) fn asked_of(&self, then: &View<'_>, missing: Missing) -> Missing {
        let Missing::Fact(fact) = missing else { return missing };
        let is_known = answer(self.protocol, self.record, fact).is_some_and(|answer| answer.value != Value::Unknown);
        let declared = self.protocol.fact(fact);
        let lasts = declared.valid_for == Validity::Forever;
        let is_partial = then.known.facts[usize::from(fact.0)] != Value::Unknown;
        if then.known.today == self.known.today || lasts && (!declared.past || !is_known || is_partial) {
            return missing;
        }
        Missing::Earlier(fact, then.known.today)
    }
}
