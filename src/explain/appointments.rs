//! Appointments that a protocol does not permit yet.
//!
//! An appointment is no session, and what is decided today rests on none. But each can be looked at from its own day: with the sessions that
//! were given and the appointments before it, and with the answers that are valid today, does a wait hold it back? Only what certainly does is
//! told, and only with a day on which it ends: whether the rest still holds then, nobody can say today.

use crate::date::Date;
use crate::decide::Evaluated;
use crate::decide::Prepared;
use crate::decide::first_day::days;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::patient::known::Known;
use crate::patient::{Record, Session, Slots};
use crate::protocol::labels::label_or_id;
use crate::recommendation::Status;
use crate::speech::tell;
use crate::worlds::{Detail, bound_id};

impl Prepared {
    /// The appointments of the protocol's own treatment that stand too early.
    pub(crate) fn appointments(&self, record: &Record) -> Diagnostics {
        let mut doubts = Diagnostics::default();
        let (today, speech) = (self.as_of(), self.protocol.speech());
        let own = |one: &&Session| one.treatment == self.protocol.treatment && one.date.first >= today;
        for appointment in record.still_planned().filter(own) {
            let day = appointment.date.first;
            let mut held_back = self.held_back_on(day, record);
            held_back.sort_unstable_by(|(one, first), (other, second)| (second, one).cmp(&(first, other)));
            let Some((_, first)) = held_back.first() else { continue };
            let rule = |(rule, until): &(String, Date)| {
                let name = label_or_id(self.protocol.rule_label(rule).as_deref(), rule);
                tell!(speech, "{} until {}", name, speech.date(*until))
            };
            let rules = held_back.iter().map(rule).collect::<Vec<_>>().join(&format!(" {} ", speech.and));
            let phrase = "the appointment of {} on {} is too early for {}: the earliest permitted date is {}";
            let treatment = self.protocol.treatment_label(&appointment.treatment).unwrap_or(&appointment.treatment);
            let (date, first) = (speech.date(day), speech.date(*first));
            let message = tell!(speech, phrase, treatment, date, rules, first);
            let diagnostic = Diagnostic::new(&codes::EARLY_APPOINTMENT, message).at(&appointment.place);
            let help = "move the appointment, or the one that it has to keep its distance from";
            doubts.push(diagnostic.help(speech.word(help)));
        }
        doubts
    }

    /// The first appointment of the protocol's own treatment on or after the first permitted day; none that will certainly be held back.
    pub(crate) fn appointment(&self, record: &Record, first: Date) -> Option<Date> {
        let own = record.still_planned().filter(|one| one.treatment == self.protocol.treatment);
        let day = own.map(|one| one.date.first).filter(|day| *day >= first).min()?;
        self.held_back_on(day, record).is_empty().then_some(day)
    }

    /// The rules that will certainly hold back a session on a day, each with the first day that it permits.
    fn held_back_on(&self, day: Date, record: &Record) -> Vec<(String, Date)> {
        let mut then = record.clone();
        let before = |one: &&Session| {
            let same_day = one.date.first == day && one.treatment != self.protocol.treatment;
            one.date.first >= self.as_of() && (one.date.first < day || same_day)
        };
        let first = then.sessions.len();
        then.sessions.extend(record.still_planned().filter(before).cloned());
        then.sessions[first..].iter_mut().enumerate().for_each(|(at, one)| one.order = first + at);
        then.sessions.sort_by_key(|session| (session.date.first, session.date.last));
        // Of a day on which it is not in force, the protocol says nothing.
        let Ok(prepared) = self.protocol.prepare(&crate::Request { as_of: day, ..self.request.clone() }) else {
            return Vec::new();
        };
        let mut known = Known::nothing(&self.protocol, &self.parameters, day);
        // What is valid today is taken to be so then.
        self.filler.fill(&Slots::of(&then, &self.every_day.vocabulary, day), &mut known);
        let evaluated = Evaluated::new(&prepared, &known, Detail::Report);
        let assessment = &evaluated.assumed;
        let rules = self.protocol.rules.iter().zip(&assessment.fires);
        let waits = rules.filter(|(rule, fires)| rule.action.leads_to() == Some(Status::Deferred) && fires.is_true());
        let waits = waits.filter_map(|(rule, _)| {
            let over = rule.not_before().and_then(|until| days(assessment.evaluation.value(until)))?;
            (over.last > day).then(|| (rule.id.clone(), over.last))
        });
        let bounds = assessment.schedule.bounds.iter().filter(|(_, (truth, until))| truth.is_true() && *until > day);
        let bounds = bounds.map(|(bound, (_, until))| (bound_id(&self.protocol, *bound), *until));
        waits.chain(bounds).collect()
    }
}
