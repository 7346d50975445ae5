//! Answers for columns of records: one call, and any number of them, in any order, on any machine.
//!
//! What is said of a record depends on that record, on what is asked and on the number that it is given, and on nothing that another record, a
//! partition or a call before this one brings. So a column that is cut, shuffled or answered twice gives the same bytes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::answer::{Asked, tell_repeated};
use super::selection::{NotReady, Selection, identity};
use super::worker::Worker;
use super::{Answered, Batch, Patients, Tally, WORKER};
use crate::decide::Prepared;
use crate::patient::Vocabulary;
use crate::protocol::{Broken, sha256};
use crate::trace::Depth;

/// How many records a worker takes at a time.
const PIECE: usize = 256;

/// What is asked of every record of a column.
#[derive(Debug)]
pub struct Cohort {
    protocols: Vec<Prepared>,
    broken: Vec<Broken>,
    explain: Option<Depth>,
    strict: bool,
    vocabulary: Vocabulary,
    fingerprint: String,
}

/// A record of a column, in JSON.
#[derive(Clone, Copy, Debug)]
pub struct Numbered<'r> {
    /// What its mistakes and doubts call their `line`.
    pub number: u64,
    /// The record; none, where the column has no value.
    pub record: Option<&'r str>,
}

/// The answers to a column, one for each record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answers {
    /// All of them, one behind the other: nothing stands between.
    pub text: String,
    /// Where each ends.
    pub ends: Vec<usize>,
    /// How many there are, and how many of the records had mistakes.
    pub tally: Tally,
}

impl Answers {
    /// Adds some, each a line.
    fn add(&mut self, piece: &Piece) {
        // INVARIANT: answers are JSON made from texts, one in a line.
        for line in std::str::from_utf8(&piece.lines).unwrap_or_default().split_terminator('\n') {
            self.text.push_str(line);
            self.ends.push(self.text.len());
        }
        self.tally.add(piece.tally);
    }

    /// Each answer.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| &self.text[*start..*end])
    }
}

impl Cohort {
    /// The decision alone of every record, or the whole answer in some depth.
    ///
    /// # Errors
    /// When the parameters, written `name=value`, cannot be set so, or when there are too many protocols.
    ///
    /// ```
    /// use regimen::batch::{Cohort, Numbered, Selection};
    /// let selection = Selection::read(&["protocols/botulinum-toxin"], "2026-03-02".parse()?, None)?;
    /// let cohort = Cohort::new(selection, &[], None, false)?;
    /// let record = r#"{"patient":"P-1","recorded":"2026-03-02","facts":{"keloid_history":null}}"#;
    /// let answers = cohort.answer(&[Numbered { number: 7, record: Some(record) }, Numbered { number: 8, record: None }], 1);
    /// let answers: Vec<&str> = answers.iter().collect();
    /// assert!(answers[0].contains(r#""patient":"P-1""#));
    /// assert!(answers[1].starts_with(r#"{"line":8,"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(selection: Selection, set: &[String], explain: Option<Depth>, strict: bool) -> Result<Cohort, NotReady> {
        let protocols = selection.prepare(set, explain.unwrap_or_default())?;
        let asked = format!("{}\0{explain:?}\0{strict}\0{set:?}", identity(&protocols, &selection.broken));
        let vocabulary = Vocabulary::new(protocols.iter().map(Prepared::protocol));
        let (fingerprint, broken) = (sha256(&asked), selection.broken);
        Ok(Cohort { protocols, broken, explain, strict, vocabulary, fingerprint })
    }

    /// The SHA-256 of everything that the answers depend on, beside the records: the program's version, the day, the protocols with their
    /// dictionary, and what is asked of them.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The protocols that are asked.
    #[must_use]
    pub fn protocols(&self) -> &[Prepared] {
        &self.protocols
    }

    /// The protocols that are asked too, and cannot answer: every answer says so.
    #[must_use]
    pub fn broken(&self) -> &[Broken] {
        &self.broken
    }

    /// Answers every record, also one that there is not, by so many workers at once. The bytes of the answers do not depend on how many.
    ///
    /// They are those that [`Batch::run`] writes for the same records as lines with these numbers, but for two things: a record that is not there
    /// or blank has an answer, which says so (R843), where a blank line is passed over; and a patient who has two records is not told of,
    /// since that would depend on which records come together in one call. [`Cohort::answer_all`] tells of it.
    #[must_use]
    pub fn answer(&self, records: &[Numbered<'_>], workers: usize) -> Answers {
        let mut all = Answers::default();
        for piece in self.pieces(records, workers) {
            all.add(&piece);
        }
        all
    }

    /// The same where these are all the records that there are: of a patient who has two, the second says so (R423), as in [`Batch::run`].
    ///
    /// ```
    /// # use regimen::batch::{Cohort, Numbered, Selection};
    /// # let selection = Selection::read(&["protocols/botulinum-toxin"], "2026-03-02".parse()?, None)?;
    /// # let cohort = Cohort::new(selection, &[], None, false)?;
    /// let record = Some(r#"{"patient":"P-1","recorded":"2026-03-02","facts":{}}"#);
    /// let twice = [Numbered { number: 1, record }, Numbered { number: 2, record }];
    /// let told: Vec<bool> = cohort.answer_all(&twice, 1).iter().map(|answer| answer.contains("R423")).collect();
    /// assert_eq!(told, [false, true]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn answer_all(&self, records: &[Numbered<'_>], workers: usize) -> Answers {
        let (mut patients, asked) = (Patients::default(), Asked::new(&self.protocols, &self.broken));
        let mut all = Answers::default();
        for mut piece in self.pieces(records, workers) {
            tell_repeated((&mut piece.lines, &piece.answers, &mut piece.tally), &mut patients, &asked, self.strict);
            all.add(&piece);
        }
        all
    }

    /// The answers to some records at a time, in order.
    fn pieces(&self, records: &[Numbered<'_>], workers: usize) -> impl Iterator<Item = Piece> {
        let batch =
            Batch { explain: self.explain, strict: self.strict, broken: &self.broken, ..Batch::new(&self.protocols) };
        let next = AtomicUsize::new(0);
        let pieces = records.len().div_ceil(PIECE);
        let done = Mutex::new(vec![None; pieces]);
        let work = || {
            let mut worker = Worker::new(&batch, &self.vocabulary);
            loop {
                let piece = next.fetch_add(1, Ordering::Relaxed);
                if piece >= pieces {
                    return;
                }
                let range = piece * PIECE..records.len().min((piece + 1) * PIECE);
                let answered = answer(&mut worker, &records[range]);
                if let Some(place) = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_mut(piece) {
                    *place = Some(answered);
                }
            }
        };
        let workers = workers.clamp(1, pieces.max(1));
        std::thread::scope(|scope| {
            for _ in 0..workers {
                // A system that has no room for another thread has this one.
                let started = std::thread::Builder::new().name(WORKER.into()).spawn_scoped(scope, work);
                if started.is_err() {
                    work();
                }
            }
        });
        done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_iter().flatten()
    }
}

/// The answers to some of the records, as lines.
#[derive(Clone, Debug, Default)]
struct Piece {
    lines: Vec<u8>,
    /// Where each ends, and whose it is.
    answers: Vec<Answered>,
    tally: Tally,
}

/// The answers to some of the records.
fn answer(worker: &mut Worker<'_>, records: &[Numbered<'_>]) -> Piece {
    let mut piece = Piece { answers: Vec::with_capacity(records.len()), ..Piece::default() };
    for one in records {
        let patient = worker.answer(one.record, one.number, &mut piece.lines);
        piece.answers.push(Answered { end: piece.lines.len(), line: one.number, patient });
    }
    piece.tally = worker.take_tally();
    piece
}
