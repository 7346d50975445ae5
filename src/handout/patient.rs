//! What the patient's page says, by the status of the answer.

use super::words::{Words, fill};
use super::{Handout, Item, Milestone, Section};
use crate::date::Date;
use crate::protocol::ClinicDetails;
use crate::recommendation::{
    AfterCare, AnsweredBy, CourseReport, Duration, Effect, InstructionReport, PlannedNow, ProtocolStatus, Question,
    Reason, ReasonKind, Recommendation, Status, Window,
};
use crate::render::outline::is_endless;

/// As many questions stand on a handout; the others are asked when the patient is there.
const MOST_QUESTIONS: usize = 8;

impl Handout {
    /// What the patient takes home. `language` is that of the answer's texts.
    #[must_use]
    pub fn for_patient(answer: &Recommendation, language: &str, clinic: Option<&ClinicDetails>) -> Handout {
        let page = Page { answer, words: Words::of(language) };
        let is_due = page.is_due();
        let mut sections = page.after_sessions();
        if !is_due {
            sections.push(page.why());
            sections.push(page.to_clear_up());
            sections.push(page.when_to_come());
        }
        if is_due {
            sections.push(page.plan());
        }
        if let Some(day) = page.session_day() {
            sections.extend(page.around(day));
        }
        sections.push(page.red_flags());
        sections.retain(|section| !section.items.is_empty());
        Handout {
            language: language.to_owned(),
            title: answer.title.clone(),
            kind: None,
            protocol: answer.protocol.clone(),
            patient: answer.patient.clone(),
            as_of: answer.as_of,
            draft: answer.protocol_status == ProtocolStatus::Draft,
            message: page.message(),
            sections,
            timeline: page.timeline(),
            calls: true,
            clinic: clinic.cloned(),
            events: page.events(clinic),
            given: page.given(),
            open: page.is_open(),
            no_sooner_than: answer.not_before.or(answer.no_sooner_than),
        }
    }
}

pub(super) struct Page<'a> {
    pub(super) answer: &'a Recommendation,
    pub(super) words: &'static Words,
}

/// Where an instruction stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Past,
    Preparation,
    Day,
    Afterwards,
}

impl Page<'_> {
    pub(super) fn is_due(&self) -> bool {
        matches!(self.answer.status, Status::Due | Status::Overdue)
    }

    /// The day that preparation and after-care are counted from: none where nothing may be planned.
    pub(super) fn session_day(&self) -> Option<Date> {
        match self.answer.status {
            Status::Due | Status::Overdue => Some(self.answer.as_of),
            // An appointment that may still have to be moved is none to prepare for.
            Status::Deferred => self.answer.not_before.map(|first| self.answer.appointment.unwrap_or(first)),
            _ => None,
        }
    }

    /// Whether a session was given today.
    fn was_given_today(&self) -> bool {
        let today = self.answer.as_of.to_string();
        self.answer.course.as_ref().is_some_and(|course| course.past.iter().any(|past| past.date == today))
    }

    /// A day on which the patient may be treated or looked at, with its line where it is to be confirmed. None is shown in another way.
    pub(super) fn session_to_come(&self, day: Date) -> String {
        let date = self.words.date(day);
        match self.answer.is_to_be_confirmed(day) {
            true => format!("{date} ({})", self.words.to_be_confirmed),
            false => date,
        }
    }

    /// The main message, with the sessions that have to be given again: whoever thinks that they count comes too late for the rest.
    fn message(&self) -> Vec<String> {
        let words = self.words;
        let all: Vec<_> = self.answer.to_be_given_again();
        // The last of them is news to her; the clinic has them all.
        let again = all.last().map(|(past, value)| {
            let date = past.date.parse().map_or_else(|_| words.date_text(&past.date), |day| words.date(day));
            let of = value
                .as_ref()
                .map_or_else(String::new, |value| format!(" ({})", self.answer.labels.value(&value.value)));
            fill(words.given_again, &[&format!("{date}{of}")])
        });
        self.status().into_iter().chain(again).collect()
    }

    fn status(&self) -> Vec<String> {
        let (answer, words) = (self.answer, self.words);
        let waits: Vec<&Reason> = self.reasons().collect();
        match answer.status {
            Status::Due | Status::Overdue => {
                let sessions = self.sessions_due();
                let now = if sessions.is_empty() {
                    words.today.to_owned()
                } else {
                    fill(words.today_session, &[&sessions.join(", ")])
                };
                let late = (answer.status == Status::Overdue).then(|| words.late.to_owned());
                std::iter::once(now).chain(late).collect()
            }
            Status::Deferred => {
                let now = if self.was_given_today() { words.given_today } else { words.not_today };
                let mut message = vec![now.to_owned()];
                match (answer.not_before, answer.no_sooner_than) {
                    (Some(day), _) => {
                        message.push(fill(words.not_before, &[&self.session_to_come(day)]));
                        message.extend(answer.is_to_be_confirmed(day).then(|| words.confirm_why.to_owned()));
                    }
                    (None, Some(day)) => message.push(fill(words.no_sooner, &[&self.session_to_come(day)])),
                    (None, None) => message.push(words.wait.to_owned()),
                }
                message
            }
            Status::Undetermined => vec![words.cannot_say.to_owned()],
            Status::Refer => {
                let mut roles: Vec<&str> = Vec::new();
                for role in waits.iter().filter_map(|reason| reason.to.as_deref()) {
                    if !roles.contains(&role) {
                        roles.push(role);
                    }
                }
                vec![fill(words.refer, &[&roles.join(", ")])]
            }
            Status::Contraindicated => {
                let for_good = waits.iter().any(|reason| reason.lasts == Some(Duration::Permanent));
                vec![if for_good { words.not_for_you } else { words.not_for_now }.to_owned()]
            }
            Status::NotIndicated => vec![words.not_right.to_owned()],
            Status::Stopped => vec![words.stopped.to_owned()],
            Status::Complete => vec![words.complete.to_owned()],
        }
    }

    /// The sessions that are due: `session 2 of 4`, or each area with its own.
    fn sessions_due(&self) -> Vec<String> {
        let Some(course) = &self.answer.course else { return Vec::new() };
        if course.separate_by.is_none() {
            let next = course.next.as_ref().filter(|_| course.done.is_certain());
            return next.map(|next| self.numbered(next, course)).into_iter().collect();
        }
        let planned = course.components.iter().filter(|part| part.planned_now != Some(PlannedNow::No));
        let named = planned.filter_map(|part| {
            let next = part.next.as_ref().filter(|_| part.done.is_certain())?;
            let planned = part.planned.filter(|planned| planned.is_certain()).map(|planned| planned.most);
            let number = self.words.numbered(next.number, planned);
            Some(format!("{number} ({})", self.answer.labels.value(&part.id)))
        });
        named.collect()
    }

    fn numbered(&self, window: &Window, course: &CourseReport) -> String {
        let planned = course.planned.filter(|planned| planned.is_certain()).map(|planned| planned.most);
        self.words.numbered(window.number, planned)
    }

    /// What decided the status.
    fn reasons(&self) -> impl Iterator<Item = &Reason> {
        self.answer.reasons.iter().filter(|reason| reason.leads_to == self.answer.status)
    }

    pub(super) fn why(&self) -> Section {
        let words = self.words;
        let item = |reason: &Reason| {
            // Of a course the engine itself says the reason, to whoever treats.
            let text = match (reason.kind, reason.leads_to) {
                (ReasonKind::Age, _) => words.too_young.to_owned(),
                (ReasonKind::Season, _) => words.wrong_season.to_owned(),
                (ReasonKind::Course, Status::Complete) => words.all_given.to_owned(),
                (ReasonKind::Course, _) => words.none_recommended.to_owned(),
                _ => reason.reason.clone(),
            };
            let mut notes: Vec<String> = Vec::new();
            let until = reason.until.as_deref().filter(|_| !self.answer.is_ruled_out_for_good());
            notes.extend(until.map(|until| fill(words.until, &[until.trim_end_matches('.')])));
            // Where the first day is open, that of a reason is the latest that it may turn out to be.
            let day = reason.not_before.filter(|_| self.answer.not_before.is_some());
            notes.extend(day.map(|day| fill(words.not_before_short, &[&self.session_to_come(day)])));
            notes.extend(reason.recheck.map(|day| fill(words.look_again, &[&self.session_to_come(day)])));
            Item { text, notes, ..Item::default() }
        };
        Section { heading: words.why.to_owned(), items: self.reasons().map(item).collect(), ..Section::default() }
    }

    /// The questions that could still change the answer.
    fn open(&self, by_patient: bool) -> impl Iterator<Item = &Question> {
        let decides = |question: &Question| {
            question.could_change.iter().any(|effect| matches!(effect, Effect::Status | Effect::Schedule))
        };
        let questions = self.answer.questions.iter().filter(move |question| decides(question));
        questions.filter(move |question| (question.of == AnsweredBy::Patient) == by_patient)
    }

    fn to_clear_up(&self) -> Section {
        let words = self.words;
        if !matches!(self.answer.status, Status::Deferred | Status::Undetermined | Status::Refer) {
            return Section::default();
        }
        let text = |text: String| Item { text, ..Item::default() };
        let asked: Vec<&Question> = self.open(true).collect();
        let mut items: Vec<Item> =
            asked.iter().take(MOST_QUESTIONS).map(|question| text(question.ask.clone())).collect();
        let more = asked.len().saturating_sub(MOST_QUESTIONS);
        items.extend((more > 0).then(|| text(fill(words.and_more, &[&more.to_string()]))));
        let ours = self.open(false).count();
        items.extend((ours > 0).then(|| text(fill(words.we_check, &[&ours.to_string()]))));
        Section { heading: words.to_clear_up.to_owned(), items, ..Section::default() }
    }

    fn when_to_come(&self) -> Section {
        let words = self.words;
        let text = match (self.answer.status, self.answer.not_before) {
            (Status::Deferred, Some(first)) => match self.answer.appointment {
                Some(day) => fill(words.come_booked, &[&self.session_to_come(day)]),
                None => fill(words.come_on, &[&self.session_to_come(first)]),
            },
            (Status::Deferred, None) if is_endless(self.answer) => words.come_after.to_owned(),
            // Nothing that stands above ends by itself: the day hangs on answers.
            (Status::Deferred, None) => words.come_asked.to_owned(),
            (Status::Undetermined, _) => words.come_answers.to_owned(),
            _ => return Section::default(),
        };
        let mut items = vec![Item { text, ..Item::default() }];
        // Whether it can be kept is open.
        if let Some(booked) = self.answer.appointment.filter(|_| self.session_day().is_none()) {
            let text = fill(words.come_booked, &[&words.date(booked)]);
            items.push(Item { text, notes: vec![words.to_be_confirmed.to_owned()], ..Item::default() });
        }
        Section { heading: words.when_to_come.to_owned(), items, ..Section::default() }
    }

    /// The sessions to come, each with what it is called: by its number only where it is certain how many count. Nothing is sure of any but
    /// the one that is due today.
    pub(super) fn to_come(&self) -> Vec<(String, &Window)> {
        let course = self.answer.course.iter();
        let all = course.flat_map(|course| course.projected.iter().map(move |window| (course, window)));
        let called = |course: &CourseReport, window| match course.done.is_certain() {
            true => self.numbered(window, course),
            false => self.words.further.to_owned(),
        };
        all.map(|(course, window)| (called(course, window), window)).collect()
    }

    fn plan(&self) -> Section {
        let words = self.words;
        let mut items: Vec<Item> = Vec::new();
        for (number, window) in self.to_come() {
            let date = |day: Date| words.date(day);
            let best = window.recommended.map(|day| fill(words.best, &[&date(day)]));
            let span = match (window.earliest, window.latest) {
                (Some(from), Some(to)) if from != to => Some(fill(words.from_to, &[&date(from), &date(to)])),
                (Some(from), None) if Some(from) != window.recommended => Some(fill(words.from_on, &[&date(from)])),
                _ => None,
            };
            let said: Vec<String> = best.into_iter().chain(span).collect();
            let (text, notes) = match said.is_empty() {
                true => (words.any_day.to_owned(), Vec::new()),
                false => (said.join("; "), vec![words.to_be_confirmed.to_owned()]),
            };
            items.push(Item { lead: Some(capital(&number)), text, notes });
        }
        // What is to be done before this session is to be done before each.
        let prepares = self.session_day().is_some_and(|day| {
            self.for_patient().any(|one| matches!(self.part(one, day), Part::Past | Part::Preparation))
        });
        let anew = prepares.then_some(words.prepare_anew);
        let lead: Vec<&str> = [Some(words.plan_lead), anew, Some(words.confirm_why)].into_iter().flatten().collect();
        let lead = lead.join(" ");
        Section { heading: words.plan.to_owned(), lead: Some(lead), items, ..Section::default() }
    }

    pub(super) fn part(&self, one: &InstructionReport, day: Date) -> Part {
        let Some(from) = one.from_date else { return Part::Afterwards };
        let until = one.until_date.unwrap_or(from);
        let is_today = day <= self.answer.as_of;
        match (from < day, until <= day) {
            // What is to be kept until today is not behind yet.
            (true, true) if until < self.answer.as_of => Part::Past,
            (true, true) => Part::Preparation,
            (true, false) if is_today => Part::Afterwards,
            (true, false) => Part::Preparation,
            (false, true) => Part::Day,
            (false, false) => Part::Afterwards,
        }
    }

    pub(super) fn for_patient(&self) -> impl Iterator<Item = &InstructionReport> {
        self.answer.instructions.iter().filter(|one| one.audience.is_patient())
    }

    /// Preparation, the day and what comes after; of a day to come, the preparation alone.
    fn around(&self, day: Date) -> Vec<Section> {
        let words = self.words;
        let is_today = day <= self.answer.as_of;
        let section = |part: Part, heading: &str, lead: Option<String>| {
            let items = self.for_patient().filter(|one| self.part(one, day) == part);
            let items = items.map(|one| self.instruction(one, part));
            Section { heading: heading.to_owned(), lead, items: items.collect(), ..Section::default() }
        };
        let past = section(Part::Past, words.past, Some(format!("{} {}", words.past_lead, words.not_kept)));
        let mut counted = fill(words.preparation_lead, &[&self.session_to_come(day)]);
        if is_today && past.items.is_empty() {
            counted = format!("{counted} {}", words.not_kept);
        }
        let mut sections = vec![section(Part::Preparation, words.preparation, Some(counted)), past];
        if is_today {
            sections.push(section(Part::Day, words.the_day, None));
            sections.push(section(Part::Afterwards, words.after_care, None));
        }
        sections
    }

    /// Whether nobody can say yet when the next session can take place, or whether.
    fn is_open(&self) -> bool {
        match self.answer.status {
            Status::Undetermined | Status::Refer => true,
            Status::Deferred => self.session_day().is_none(),
            _ => false,
        }
    }

    /// What is still to be kept after the sessions that were given, the last first.
    fn after_sessions(&self) -> Vec<Section> {
        let words = self.words;
        let last = self.answer.after_care.last().map(|after| after.session);
        let section = |(after, kept): (&AfterCare, Vec<&InstructionReport>)| {
            let heading = if Some(after.session) == last { words.after_last } else { words.after_earlier };
            let day = format!("{}{}", words.date(after.session), self.was_for(after));
            let items = kept.into_iter().filter(|one| one.audience.is_patient());
            Section {
                heading: heading.to_owned(),
                lead: Some(fill(words.preparation_lead, &[&day])),
                items: items.map(|one| self.instruction(one, Part::Afterwards)).collect(),
                ..Section::default()
            }
        };
        let mut sections: Vec<Section> = self.answer.kept().map(section).collect();
        sections.reverse();
        sections
    }

    /// ` (cheek, chin)`: what a session was for, where each has sessions of its own.
    fn was_for(&self, after: &AfterCare) -> String {
        let mut names: Vec<String> = Vec::new();
        for value in self.answer.sessions_of(after).flat_map(|past| &past.values) {
            let name = self.answer.labels.value(&value.value);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
    }

    fn instruction(&self, one: &InstructionReport, part: Part) -> Item {
        let words = self.words;
        // What is to be kept after a session may end, or say that the next one is possible, on a day that is to be confirmed.
        let may_come = |day: Date| part == Part::Afterwards && !self.is_due() && self.answer.not_before == Some(day);
        let date = |day: Date| if may_come(day) { self.session_to_come(day) } else { words.date(day) };
        let after = |lead: String| match one.until.as_ref().filter(|_| part == Part::Afterwards) {
            Some(length) => fill(words.after_session, &[&lead, &words.written(length)]),
            None => lead,
        };
        let lead = one.from_date.map(|from| match one.until_date.filter(|until| *until > from) {
            Some(until) => {
                let is_today = from == self.answer.as_of;
                // Of a few days, whoever counts them counts the first as well: the two ends are told, and how long after the session the last is.
                let weeks = words.weeks(until.days_since(from).unwrap_or(0));
                // From the session's day on, or up to it, as the protocol writes it.
                let written = match (one.at.as_str(), one.until.as_deref()) {
                    ("0 days", Some(length)) => Some(length),
                    (length, Some("0 days")) => length.strip_prefix('-'),
                    _ => None,
                };
                match weeks.map(|weeks| written.map_or(weeks, |length| words.written(length))) {
                    Some(length) if is_today => fill(words.for_until, &[&length, &date(until)]),
                    Some(length) => fill(words.from_for_until, &[&date(from), &length, &date(until)]),
                    None if is_today => after(fill(words.until_day, &[&date(until)])),
                    None => after(fill(words.from_until, &[&date(from), &date(until)])),
                }
            }
            None => fill(words.on, &[&date(from)]),
        });
        let mut notes = Vec::new();
        let has_begun = one.from_date.is_some_and(|from| from < self.answer.as_of);
        match part {
            Part::Past => notes.push(words.past_mark.to_owned()),
            _ if has_begun => notes.push(words.already.to_owned()),
            _ => {}
        }
        notes.extend(one.provisional.then(|| words.if_it_applies.to_owned()));
        // What belongs to the day needs no date: the heading says it.
        let lead = lead.filter(|_| part != Part::Day);
        Item { lead: lead.map(|lead| capital(&lead)), text: one.action.clone(), notes }
    }

    fn red_flags(&self) -> Section {
        // They matter to whoever has been treated, or is today.
        let treated = self.answer.course.as_ref().is_some_and(|course| !course.past.is_empty());
        if !self.is_due() && !treated && self.answer.after_care.is_empty() {
            return Section::default();
        }
        let items = self.answer.red_flags.iter().map(|flag| {
            let within = flag.within.as_deref().map(|within| capital(&fill(self.words.within, &[within])));
            Item { lead: Some(flag.sign.clone()), text: flag.action.clone(), notes: within.into_iter().collect() }
        });
        Section { heading: self.words.red_flags.to_owned(), items: items.collect(), ..Section::default() }
    }

    fn timeline(&self) -> Vec<Milestone> {
        let (answer, words) = (self.answer, self.words);
        let mut all = Vec::new();
        let mut add = |day: Date, what: &str, to_be_confirmed: bool| {
            all.push(Milestone { day, what: what.to_owned(), to_be_confirmed });
        };
        match (answer.status, self.session_day()) {
            (Status::Due | Status::Overdue, Some(day)) => {
                let number = answer.course.as_ref().and_then(|course| course.next.as_ref()).map(|next| next.number);
                let certain = answer.course.as_ref().is_some_and(|course| course.done.is_certain());
                let number = number.filter(|_| certain).map(|number| words.numbered(number, None));
                add(day, number.as_deref().unwrap_or(words.the_day), false);
                let ends = self.for_patient().filter(|one| self.part(one, day) == Part::Afterwards);
                if let Some(end) = ends.filter_map(|one| one.until_date).max().filter(|end| *end > day) {
                    add(end, words.after_care_ends, false);
                }
                for (_, window) in self.to_come() {
                    if let Some(best) = window.recommended.or(window.earliest) {
                        let number = words.numbered(window.number, None);
                        add(best, if certain { &number } else { words.further }, true);
                    }
                }
            }
            (Status::Deferred, Some(day)) => {
                let prepared = self.for_patient().filter(|one| self.part(one, day) == Part::Preparation);
                if let Some(from) = prepared.filter_map(|one| one.from_date).min().filter(|from| *from > answer.as_of) {
                    add(from, words.prepare, false);
                }
                if let Some(first) = answer.not_before {
                    add(first, words.first_day, answer.is_to_be_confirmed(first));
                }
                if let Some(booked) = answer.appointment.filter(|booked| Some(*booked) != answer.not_before) {
                    add(booked, words.appointment, answer.is_to_be_confirmed(booked));
                }
            }
            _ => return Vec::new(),
        }
        all.sort_by_key(|one| one.day);
        all
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
