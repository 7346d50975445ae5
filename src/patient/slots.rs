//! A record in the slots of a dictionary: what it says, without where it says it.
//!
//! [`Slots`] hold a [`Cell`] for each fact of the dictionary, when each was answered, and the sessions; texts are numbers of a [`Vocabulary`].
//! A line of JSON that is as it should be is read straight into them by a [`LineReader`](super::LineReader); every other way of writing a
//! record, and every mistake, is left to the reader of records, which tells its place and what is wrong.

use crate::date::{Date, DateRange};
use crate::logic::value::{TextId, Value};
use crate::patient::cell::Cell;
use crate::patient::{Covers, Entry, Record, Vocabulary};
use crate::protocol::Dictionary;
use crate::protocol::dictionary::Fingerprint;

/// What a record says, in the slots of a dictionary.
#[derive(Clone, Debug)]
pub struct Slots {
    /// Any identifier.
    pub patient: String,
    /// The day for which it was read: nothing in it came later. None while nothing has been read.
    pub(super) as_of: Option<Date>,
    /// What is said of each fact, in the order of the dictionary: the least word of its cell.
    pub(super) words: Vec<u64>,
    /// The cells of those that are known within a range.
    pub(super) ranges: Vec<(usize, Cell)>,
    /// The numbers that are written with more decimals than a cell gives back, as in 250.0: a trace shows them as they were written.
    pub(super) written: Vec<(usize, Value)>,
    /// When each of those of which something is said was answered; [`Date::MAX`] where nobody says.
    pub(super) on: Vec<Date>,
    /// Answers that others came after: of which fact, when, what; by fact and, of one fact, by day.
    pub(super) earlier: Vec<(usize, Date, Value)>,
    /// The sessions, by date.
    pub(super) sessions: Vec<SessionSlots>,
    /// The treatments of which these are all sessions that were given, by their numbers in the vocabulary.
    pub(super) covers: Covers<TextId>,
    /// The dictionary whose slots they are.
    pub(super) dictionary: Fingerprint,
}

/// A session that was given.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionSlots {
    /// Which treatment, by its number in the vocabulary.
    pub treatment: TextId,
    /// When.
    pub date: DateRange,
    /// Its place among the sessions as the record lists them: of two on one day, the one listed first came first.
    pub order: usize,
    /// Its notes, in the order of the dictionary; texts by their numbers in the vocabulary.
    pub notes: Vec<Value>,
    /// Whether it is a session of its own.
    pub entry: Entry,
}

impl SessionSlots {
    /// Whether something went wrong with it, so that it must be repeated.
    #[must_use]
    pub fn faulty(&self) -> bool {
        self.notes.get(2) == Some(&Value::Bool(true))
    }
}

impl Slots {
    /// Slots in which nothing is known.
    #[must_use]
    pub fn new(dictionary: &Dictionary) -> Slots {
        let facts = dictionary.facts.len();
        Slots {
            patient: String::new(),
            as_of: None,
            words: vec![Cell::UNKNOWN.low; facts],
            ranges: Vec::new(),
            written: Vec::new(),
            on: vec![Date::MAX; facts],
            earlier: Vec::new(),
            sessions: Vec::new(),
            covers: Covers::default(),
            dictionary: dictionary.fingerprint(),
        }
    }

    /// Whether these are the slots of a dictionary.
    pub(crate) fn are_of(&self, dictionary: &Dictionary) -> bool {
        self.dictionary == dictionary.fingerprint()
    }

    /// What a record says, for a day on which [`Record::check`] finds no mistake in it.
    #[must_use]
    pub fn of(record: &Record, vocabulary: &Vocabulary, as_of: Date) -> Slots {
        let translate = |value: Value| value.renumbered(|id| vocabulary.find(record.texts.get(id)));
        let session = |session: &super::Session| SessionSlots {
            treatment: vocabulary.find(&session.treatment),
            date: session.date,
            order: session.order,
            notes: session.notes.iter().map(|note| translate(*note)).collect(),
            entry: session.entry,
        };
        let answers = || record.answers.iter().map(Option::as_ref);
        let mut slots = Slots {
            patient: record.patient.clone(),
            as_of: Some(as_of),
            words: vec![Cell::UNKNOWN.low; record.answers.len()],
            ranges: Vec::new(),
            written: Vec::new(),
            on: answers().map(|answer| answer.and_then(|answer| answer.on).unwrap_or(Date::MAX)).collect(),
            earlier: record
                .earlier
                .iter()
                .filter_map(|(fact, answer)| Some((*fact, answer.on?, translate(answer.value))))
                .collect(),
            sessions: record.sessions.iter().map(session).collect(),
            dictionary: record.dictionary,
            covers: match &record.covers {
                Covers::All => Covers::All,
                Covers::Only(all) => Covers::Only(all.iter().map(|treatment| vocabulary.find(treatment)).collect()),
            },
        };
        for (fact, answer) in answers().enumerate() {
            if let Some(answer) = answer {
                slots.say(fact, translate(answer.value));
            }
        }
        slots
    }

    /// Notes what is said of a fact, of which nothing was said before.
    fn say(&mut self, fact: usize, value: Value) {
        self.set(fact, Cell::new(value));
        if matches!(value, Value::Number(number, _) if number.written_decimals() > 0) {
            self.written.push((fact, value));
        }
    }

    /// What was said by a day: of each fact the newest answer of that day or before it, or, of one that does not expire, that holds for
    /// every day. `fact` tells whether it does not expire, and whether it says when something happened: that can only be used
    /// for a day after which it had.
    pub(super) fn on_day(&self, day: Date, fact: impl Fn(usize) -> (bool, bool)) -> Slots {
        let mut then = Slots { earlier: Vec::new(), sessions: Vec::new(), as_of: Some(day), ..self.clone() };
        then.sessions.extend(self.sessions.iter().filter(|session| session.date.first < day).cloned());
        for at in 0..self.words.len() {
            let (lasts, happened) = fact(at);
            let covers = |on: Date, cell: Cell| {
                let is_known = cell != Cell::UNKNOWN;
                if lasts { is_known && (on <= day || !happened || cell.is_over_by(day)) } else { on <= day }
            };
            if covers(self.on[at], self.whole(at)) {
                continue;
            }
            then.forget(at);
            let mut others = self.earlier.iter().rev().filter(|(other, _, _)| *other == at);
            if let Some((_, on, value)) = others.find(|(_, on, value)| covers(*on, Cell::new(*value))) {
                then.say(at, *value);
                then.on[at] = *on;
            }
        }
        then
    }

    /// Takes away what is said of a fact.
    fn forget(&mut self, fact: usize) {
        self.words[fact] = Cell::UNKNOWN.low;
        self.on[fact] = Date::MAX;
        self.ranges.retain(|(other, _)| *other != fact);
        self.written.retain(|(other, _)| *other != fact);
    }

    /// The day for which it was read; none while nothing has been.
    #[must_use]
    pub fn as_of(&self) -> Option<Date> {
        self.as_of
    }

    /// When a fact was answered, where anybody says.
    pub(crate) fn on(&self, fact: usize) -> Option<Date> {
        self.on.get(fact).copied().filter(|on| *on != Date::MAX)
    }

    /// Notes what is said of a fact.
    #[inline]
    pub(super) fn set(&mut self, fact: usize, cell: Cell) {
        self.words[fact] = cell.low;
        if cell.is_range() {
            self.ranges.push((fact, cell));
        }
    }

    /// What is said of a fact that is not known within a range.
    #[inline]
    pub(super) fn cell(&self, fact: usize) -> Cell {
        let low = self.words[fact];
        Cell { low, high: if low == 0 { u64::MAX } else { low } }
    }

    /// The same of any fact.
    pub(super) fn whole(&self, fact: usize) -> Cell {
        let range = self.ranges.iter().find(|(other, _)| *other == fact);
        range.map_or_else(|| self.cell(fact), |(_, cell)| *cell)
    }

    /// The sessions, by date; of one date, in the order of the record.
    #[must_use]
    pub fn sessions(&self) -> &[SessionSlots] {
        &self.sessions
    }

    /// The treatments of which these are all sessions that were given.
    #[must_use]
    pub fn covers(&self) -> &Covers<TextId> {
        &self.covers
    }
}
