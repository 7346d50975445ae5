//! A record as a batch reads it: straight into slots.
//!
//! A [`Slots`] holds what a [`Record`](crate::Record) says, without where it says it: a [`Cell`] for each fact of the dictionary, the sessions, texts as
//! numbers of a [`Vocabulary`]. A line of JSON that is as it should be is read by [`Reader::scan`]; every other way of writing a record, and
//! every mistake, is left to the reader of records, which tells its place and what is wrong.

use crate::date::{Date, DateRange};
use crate::logic::value::{TextId, Value};
use crate::patient::Covers;
use crate::patient::cell::Cell;
use crate::protocol::Dictionary;

/// What is known of a patient on a day, in the slots of a dictionary: an answer that is too old on that day is not in it.
#[derive(Clone, Debug)]
pub struct Slots {
    /// Any identifier.
    pub patient: String,
    /// The day; none while nothing has been read.
    pub(super) as_of: Option<Date>,
    /// What is known of each fact, in the order of the dictionary: the least word of its cell.
    pub(super) words: Vec<u64>,
    /// The cells of those that are known within a range.
    pub(super) ranges: Vec<(usize, Cell)>,
    /// Of the answers that may be used until the next session, when each was taken. Which sessions those are, the protocol says.
    pub(super) until_session: Vec<(usize, Date)>,
    /// The sessions, by date.
    pub(super) sessions: Vec<Session>,
    /// The treatments of which these are all sessions that were given, by their numbers in the vocabulary.
    pub(super) covers: Covers<TextId>,
}

/// A session that was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Which treatment, by its number in the vocabulary.
    pub treatment: TextId,
    /// When.
    pub date: DateRange,
    /// Its place among the sessions as the record lists them: of two on one day, the one listed first came first.
    pub order: usize,
    /// Its notes, in the order of the dictionary; texts by their numbers in the vocabulary.
    pub notes: Vec<Value>,
}

impl Session {
    /// Whether something went wrong with it, so that it must be repeated.
    #[must_use]
    pub fn faulty(&self) -> bool {
        self.notes.get(2) == Some(&Value::Bool(true))
    }
}

impl Slots {
    /// A chart of which nothing is known.
    #[must_use]
    pub fn new(dictionary: &Dictionary) -> Slots {
        Slots {
            patient: String::new(),
            as_of: None,
            words: vec![Cell::UNKNOWN.low; dictionary.facts.len()],
            ranges: Vec::new(),
            until_session: Vec::new(),
            sessions: Vec::new(),
            covers: Covers::default(),
        }
    }

    /// The day for which it was read; none while nothing has been.
    #[must_use]
    pub fn as_of(&self) -> Option<Date> {
        self.as_of
    }

    /// Notes what is known of a fact.
    #[inline]
    pub(super) fn set(&mut self, fact: usize, cell: Cell) {
        self.words[fact] = cell.low;
        if cell.is_range() {
            self.ranges.push((fact, cell));
        }
    }

    /// Notes that a fact of which a range is known is known more closely: what is left of its value.
    #[inline(never)]
    pub(super) fn narrow(&mut self, fact: usize, narrower: impl FnOnce(Cell) -> Cell) {
        if let Some(at) = self.ranges.iter().position(|(other, _)| *other == fact) {
            let (_, cell) = self.ranges.remove(at);
            self.set(fact, narrower(cell));
        }
    }

    /// Forgets what is known of a fact.
    pub(super) fn forget(&mut self, fact: usize) {
        self.words[fact] = Cell::UNKNOWN.low;
        self.ranges.retain(|(other, _)| *other != fact);
    }

    pub(super) fn has_ranges(&self) -> bool {
        !self.ranges.is_empty()
    }

    /// Puts the cells of some facts, by their places, into the slots of a protocol.
    #[inline]
    pub(crate) fn fill(&self, places: &[usize], cells: &mut [Cell]) {
        for (cell, place) in cells.iter_mut().zip(places) {
            let low = self.words[*place];
            *cell = Cell { low, high: if low == 0 { u64::MAX } else { low } };
        }
        for (fact, range) in &self.ranges {
            if let Some(slot) = places.iter().position(|other| other == fact) {
                cells[slot] = *range;
            }
        }
    }

    /// When an answer was taken that may be used until the next session; none of any other answer.
    pub(crate) fn taken(&self, fact: usize) -> Option<Date> {
        self.until_session.iter().find(|(other, _)| *other == fact).map(|(_, on)| *on)
    }

    /// The sessions, by date; of one date, in the order of the record.
    #[must_use]
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The treatments of which these are all sessions that were given.
    #[must_use]
    pub fn covers(&self) -> &Covers<TextId> {
        &self.covers
    }
}
