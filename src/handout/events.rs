//! What of a handout goes into a calendar.

use super::Event;
use super::patient::{Page, Part, capital};
use super::words::fill;
use crate::date::Date;
use crate::protocol::ClinicDetails;
use crate::recommendation::{InstructionReport, PastSession, ProtocolStatus, SessionVerdict, Window};

impl Page<'_> {
    pub(super) fn events(&self, clinic: Option<&ClinicDetails>) -> Vec<Event> {
        let (answer, words) = (self.answer, self.words);
        let call = clinic.map(|clinic| format!("{}: {} ({})", clinic.name, clinic.phone, clinic.hours));
        let mut events = Vec::new();
        // Of an instruction with days, what belongs to a session.
        let care = |one: &InstructionReport, of_session: &str, counted: Option<String>| {
            let from = one.from_date?;
            let until = one.until_date.unwrap_or(from).max(from);
            let mut description = vec![one.action.clone()];
            description.extend(counted);
            description.extend(one.provisional.then(|| words.if_it_applies.to_owned()));
            description.extend(call.clone());
            let key = format!("{of_session}.{}", one.id);
            Some(Event { key, summary: self.named(&one.action), description, from, until })
        };
        // What is owed after a session is owed whatever becomes of the next.
        let of_last = self.key_of_last();
        events.extend(self.kept_after_last().filter_map(|one| care(one, &of_last, None)));
        let next = self.next();
        let mut session = |window: Option<&Window>, what: &str, from: Date, until: Date, confirm: bool| {
            let best = window.and_then(|window| window.recommended).filter(|best| *best >= from && *best <= until);
            let mut description: Vec<String> =
                best.map(|day| capital(&fill(words.best, &[&words.date(day)]))).into_iter().collect();
            if confirm {
                description.push(format!("{}. {}", capital(words.to_be_confirmed), words.confirm_why));
            }
            description.extend(call.clone());
            let named = self.named(what);
            let summary = if confirm { format!("{named} ({})", words.to_be_confirmed) } else { named };
            events.push(Event { key: key(window), summary, description, from, until: until.max(from) });
        };
        let what = match next.filter(|_| answer.course.as_ref().is_some_and(|one| one.done.is_certain())) {
            Some(next) => words.numbered(next.number, None),
            None => words.the_day.to_owned(),
        };
        let Some(day) = self.session_day() else {
            // Whether an appointment can be kept is open.
            if let Some(booked) = answer.appointment {
                session(next, &what, booked, booked, true);
            }
            return events;
        };
        if self.is_due() {
            session(next, &what, day, day, false);
        } else {
            let until = next.and_then(|next| next.latest.or(next.recommended)).unwrap_or(day);
            let until = if answer.appointment.is_some() { day } else { until };
            session(next, &what, day, until, answer.is_to_be_confirmed(day));
        }
        // Those after an appointment are counted from the first permitted day, which is not the day of the appointment.
        let to_come = if answer.appointment.is_none() { self.to_come() } else { Vec::new() };
        for (number, window) in to_come {
            if let Some(from) = window.earliest.or(window.recommended) {
                let until = window.latest.or(window.recommended).unwrap_or(from);
                session(Some(window), &number, from, until, true);
            }
        }
        let of_session = key(next);
        let counted =
            || answer.is_to_be_confirmed(day).then(|| fill(words.preparation_lead, &[&self.session_to_come(day)]));
        // After-care is counted from a session that takes place.
        let is_wanted = |one: &&InstructionReport| match self.part(one, day) {
            Part::Preparation => true,
            Part::Afterwards => self.is_due(),
            Part::Past | Part::Day => false,
        };
        let of_next = self.for_patient().filter(is_wanted).filter_map(|one| care(one, &of_session, counted()));
        // What is past is no appointment.
        events.extend(of_next.filter(|event| event.until >= answer.as_of));
        events
    }

    /// The sessions that were given, as far as their days and numbers are known, each with the key that it had while it was planned.
    pub(super) fn given(&self) -> Vec<Event> {
        let past = self.answer.course.iter().flat_map(|course| &course.past);
        let one = |past: &PastSession| {
            let day: Date = past.date.parse().ok()?;
            let summary = self.named(&self.words.numbered(number_of(past)?, None));
            Some(Event { key: self.key_of(past)?, summary, description: Vec::new(), from: day, until: day })
        };
        past.filter_map(one).collect()
    }

    fn next(&self) -> Option<&Window> {
        self.answer.course.as_ref().and_then(|course| course.next.as_ref())
    }

    /// The key that a session had in the calendar before it was given; none: of several areas, it is still that of the next.
    fn key_of(&self, past: &PastSession) -> Option<String> {
        let number = number_of(past)?;
        let mut all = self.answer.course.iter().flat_map(|course| &course.past);
        let earlier = all.rfind(|one| one.verdict == SessionVerdict::EarlierCourse);
        let key = match earlier.filter(|_| number == 1) {
            Some(last) => format!("session-1-after-{}", last.date),
            None => format!("session-{number}"),
        };
        (key != self::key(self.next())).then_some(key)
    }

    /// The key of the last session that was given, for what is to be kept after it.
    fn key_of_last(&self) -> String {
        let last = self.answer.course.as_ref().and_then(|course| course.past.last());
        last.and_then(|past| self.key_of(past)).unwrap_or_else(|| {
            let day = self.answer.after_care.as_ref().map_or(self.answer.as_of, |after| after.session);
            format!("session-of-{day}")
        })
    }

    /// What stands in a calendar for something.
    fn named(&self, what: &str) -> String {
        let is_draft = self.answer.protocol_status == ProtocolStatus::Draft;
        let draft = if is_draft { format!("{} ", self.words.draft) } else { String::new() };
        format!("{draft}{}: {what}", self.answer.title)
    }
}

/// The number that a session has in its course; where each area has its own, the smallest, by which the next session is called too.
fn number_of(past: &PastSession) -> Option<u32> {
    past.number.or_else(|| past.values.iter().filter_map(|value| value.number).min())
}

/// What an event of a session to come is known by.
fn key(window: Option<&Window>) -> String {
    match window {
        Some(Window { number, after_complete: Some(last), .. }) => format!("session-{number}-after-{last}"),
        Some(window) => format!("session-{}", window.number),
        None => "session".to_owned(),
    }
}
