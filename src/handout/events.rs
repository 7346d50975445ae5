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
        let keys = self.keys();
        // What is owed after a session is owed whatever becomes of the next, and until the next has been given.
        for after in &answer.after_care {
            let given = answer.sessions_of(after).next();
            let of_session = given.and_then(|given| keys.past(given));
            let of_session = of_session.map_or_else(|| format!("session-of-{}", after.session), str::to_owned);
            let kept = after.instructions.iter().filter(|one| one.audience.is_patient());
            events.extend(kept.filter_map(|one| care(one, &of_session, None)));
        }
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
            events.push(Event { key: keys.planned(window), summary, description, from, until: until.max(from) });
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
        let of_session = keys.planned(next);
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

    /// The sessions that were given, as far as their days are known, each with the key that it had while it was planned: also one that has to be
    /// given again, which took place all the same.
    pub(super) fn given(&self) -> Vec<Event> {
        let keys = self.keys();
        let all = self.past().iter().zip(&keys.0).filter_map(|(past, (_, number, key))| {
            let day: Date = past.date.parse().ok()?;
            let summary = self.named(&self.words.numbered(*number, None));
            Some(Event { key: key.clone(), summary, description: Vec::new(), from: day, until: day })
        });
        all.collect()
    }

    fn past(&self) -> &[PastSession] {
        self.answer.course.as_ref().map_or(&[], |course| &course.past)
    }

    /// What the sessions of the course are known by.
    fn keys(&self) -> Keys {
        let mut keys = Keys(Vec::new());
        let (mut done, mut was_earlier) = (0, false);
        for past in self.past() {
            let is_earlier = past.verdict == SessionVerdict::EarlierCourse;
            if was_earlier && !is_earlier {
                done = 0;
            }
            was_earlier = is_earlier;
            // One that does not count was to be the next.
            let number = number_of(past).unwrap_or(done + 1);
            if is_earlier || number_of(past).is_some() {
                done = number;
            }
            let key = keys.of(number);
            keys.0.push((past.date.clone(), number, key));
        }
        keys
    }

    fn next(&self) -> Option<&Window> {
        self.answer.course.as_ref().and_then(|course| course.next.as_ref())
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

/// Of each session that was given its day, the number that it has or was to have, and what its event is known by.
struct Keys(Vec<(String, u32, String)>);

impl Keys {
    /// What the next session of a number is known by: where one of that number was given before (it did not count, was of another area, or of a
    /// course that has ended), the day of that tells them apart, so that both stand in the calendar.
    fn of(&self, number: u32) -> String {
        match self.0.iter().rfind(|(_, other, _)| *other == number) {
            Some((day, ..)) => format!("session-{number}-after-{day}"),
            None => format!("session-{number}"),
        }
    }

    /// What a session to come is known by.
    fn planned(&self, window: Option<&Window>) -> String {
        window.map_or_else(|| "session".to_owned(), |window| self.of(window.number))
    }

    /// What a session that was given is known by.
    fn past(&self, past: &PastSession) -> Option<&str> {
        self.0.iter().find(|(day, ..)| *day == past.date).map(|(.., key)| key.as_str())
    }
}
