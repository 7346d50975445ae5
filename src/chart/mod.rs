//! A record as a batch reads it: straight into slots.
//!
//! A [`Chart`] holds what a [`Record`] says, without where it says it: a [`Cell`] for each fact of the dictionary, the sessions, texts as
//! numbers of a [`Vocabulary`]. A line of JSON that is as it should be is read by [`Reader::scan`]; every other way of writing a record, and
//! every mistake, is left to the reader of records, which tells its place and what is wrong.

mod scan;
mod vocabulary;

pub use scan::{Reader, Unusual};
pub use vocabulary::Vocabulary;

use crate::date::{Date, DateRange};
use crate::expr::cell::Cell;
use crate::protocol::Dictionary;
use crate::record::Record;
use crate::value::{TextId, Value};

/// What is known of a patient, in the slots of a dictionary.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Any identifier.
    pub patient: String,
    /// The answers, in the order of the dictionary's facts.
    answers: Vec<Answer>,
    /// Those that are there, so that the next record begins with an empty chart at little cost.
    answered: Vec<u16>,
    /// For each fact, what its cell says when nothing is known.
    blank: Vec<Cell>,
    /// The sessions, by date.
    sessions: Vec<Session>,
    /// Sessions that were used for an earlier record.
    spare: Vec<Session>,
    /// Where in the line facts begin that the dictionary does not know.
    unknown: Vec<usize>,
}

/// An answer.
#[derive(Clone, Copy, Debug)]
struct Answer {
    cell: Cell,
    /// When it was taken; the last day of all where nothing is said of it, so that it is never too old.
    on: Date,
    is_there: bool,
}

impl Answer {
    /// Nothing is known.
    fn blank(cell: Cell) -> Answer {
        Answer { cell, on: Date::MAX, is_there: false }
    }
}

/// A session that was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Which treatment, by its number in the vocabulary.
    pub treatment: TextId,
    /// When.
    pub date: DateRange,
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

impl Chart {
    /// A chart of which nothing is known.
    #[must_use]
    pub fn new(dictionary: &Dictionary) -> Chart {
        let blank: Vec<Cell> = dictionary.facts.iter().map(|fact| Cell::unknown(&fact.answer.ty)).collect();
        Chart {
            patient: String::new(),
            answers: blank.iter().copied().map(Answer::blank).collect(),
            answered: Vec::with_capacity(blank.len()),
            blank,
            sessions: Vec::new(),
            spare: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// Forgets the patient.
    pub fn clear(&mut self) {
        self.patient.clear();
        self.unknown.clear();
        for at in self.answered.drain(..) {
            let at = usize::from(at);
            self.answers[at] = Answer::blank(self.blank[at]);
        }
        self.spare.append(&mut self.sessions);
    }

    /// Notes an answer; false if there is one already.
    fn answer(&mut self, fact: usize, cell: Cell, on: Option<Date>) -> bool {
        let on = on.unwrap_or(Date::MAX);
        let answer = &mut self.answers[fact];
        if std::mem::replace(answer, Answer { cell, on, is_there: true }).is_there {
            return false;
        }
        self.answered.push(fact as u16);
        true
    }

    /// Says when the answers were taken that do not say it themselves.
    fn taken(&mut self, on: Date) {
        for at in &self.answered {
            let answer = &mut self.answers[usize::from(*at)];
            if answer.on == Date::MAX {
                answer.on = on;
            }
        }
    }

    /// What is known of a fact, and the day on which it was taken; the last of all where that is not known.
    #[must_use]
    #[inline]
    pub(crate) fn get(&self, fact: usize) -> (Cell, Date) {
        let answer = &self.answers[fact];
        (answer.cell, answer.on)
    }

    /// Where in the line the names of facts begin that the dictionary does not know: they are not used.
    #[must_use]
    pub fn unknown(&self) -> &[usize] {
        &self.unknown
    }

    /// The sessions, by date; of one date, in the order of the record.
    #[must_use]
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// Takes over what a record says.
    pub fn read(&mut self, record: &Record, dictionary: &Dictionary, vocabulary: &Vocabulary) {
        self.clear();
        self.patient.push_str(&record.patient);
        let translate = |value: Value| match value {
            Value::Text(id) => Value::Text(vocabulary.find(record.texts.get(id))),
            other => other,
        };
        for (at, (fact, answer)) in dictionary.facts.iter().zip(&record.answers).enumerate() {
            if let Some(answer) = answer {
                self.answer(at, Cell::new(translate(answer.value), &fact.answer.ty), answer.on);
            }
        }
        for session in &record.sessions {
            self.sessions.push(Session {
                treatment: vocabulary.find(&session.treatment),
                date: session.date,
                notes: session.notes.iter().map(|note| translate(*note)).collect(),
            });
        }
    }
}
