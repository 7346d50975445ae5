//! Many records, one answer each: a line in, a line out, in order.
//!
//! ```text
//!  input ──> lines (a job: some lines) ──> workers (one for each core) ──> answers, in the order of the jobs ──> output
//!                 ^                                                                                   │
//!                 └───────────────────────── jobs are used again ─────────────────────────────────────┘
//! ```
//!
//! There are only so many jobs, and each holds only so many lines: the memory does not grow with the input, but for a mark of 16 bytes for each
//! patient, by which a second record of one is noticed.

mod answer;
mod cells;
mod cohort;
mod csv;
mod keep;
mod lines;
#[cfg(feature = "parquet")]
mod parquet;
mod patients;
mod selection;
mod table;
mod worker;

pub use cells::{DateOrder, DecimalMark};
pub use cohort::{Answers, Cohort, Numbered};
pub use csv::{ColumnEntry, ColumnMap, Columns, CsvLines};
pub use keep::{Keep, Kept};
pub use lines::{JsonLines, Lines};
#[cfg(feature = "parquet")]
pub(crate) use parquet::ColumnLines;
pub use patients::Patients;
#[cfg(feature = "cli")]
pub(crate) use selection::identity;
pub use selection::{NotReady, Selection};
#[cfg(feature = "serve")]
pub(crate) use table::Table;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use crate::decide::Prepared;
use crate::diagnostic::Diagnostic;
use crate::patient::Vocabulary;
use crate::protocol::Broken;
use crate::trace::Depth;

use answer::{Asked, tell_repeated};
use patients::Mark;
use worker::Worker;

/// The name of the threads in which a panic becomes a line of its record.
pub const WORKER: &str = "regimen-batch";

/// What is asked of every record.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// use regimen::batch::{Batch, JsonLines};
/// let prepared = [clinic.protocols[0].prepare(&regimen::Request::new("2026-03-02".parse()?))?];
/// let lines = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#;
/// let mut answers = Vec::new();
/// let never = std::sync::atomic::AtomicBool::new(false);
/// let tally = Batch::new(&prepared).run(&mut JsonLines::new(lines.as_bytes(), 0), &mut answers, &mut |_| (), &never);
/// assert_eq!(tally.map_err(|(_, stop)| format!("{stop:?}"))?.records, 1);
/// assert!(String::from_utf8(answers)?.contains("contraindicated"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Batch<'p> {
    /// The protocols, each ready for the day.
    pub protocols: &'p [Prepared],
    /// How much of the reasoning each answer holds; none: the decision alone.
    pub explain: Option<Depth>,
    /// Whether what is doubtful in a record is a mistake.
    pub strict: bool,
    /// What the columns hold, where the records come from a table.
    pub columns: Option<Columns>,
    /// How many records are worked on at once: the number of cores.
    pub workers: usize,
    /// The patients that an earlier run has answered, which this one continues.
    pub answered: Patients,
    /// Protocols that are asked too, and cannot answer: every line says so.
    pub broken: &'p [Broken],
    /// Who keeps every record with its whole answers, before its line is written.
    pub keep: Option<&'p dyn Keep>,
}

/// Some lines on their way.
#[derive(Debug, Default)]
pub struct Job {
    /// Whole lines of JSON, each a record.
    pub input: Vec<u8>,
    /// The number of the first line, from 1.
    pub first_line: u64,
    /// For each line, the row of the table that it was made of; empty where the input is lines of JSON itself. Without headings, a row only
    /// says of its line that it is none.
    pub rows: Vec<Row>,
    /// How much of the input it stands for.
    pub bytes: u64,
    output: Vec<u8>,
    answers: Vec<Answered>,
    kept: Vec<Kept>,
    sequence: u64,
    tally: Tally,
}

/// Where the answer to a line ends, and whose it is.
#[derive(Clone, Copy, Debug)]
struct Answered {
    end: usize,
    line: u64,
    /// None: the line has no answer.
    patient: Option<Mark>,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Its line in the table.
    pub line: u64,
    /// Why it is no record, if it is none; with the place of the column, where one cell is to blame.
    pub mistakes: Vec<(Option<usize>, Diagnostic)>,
    /// The cells as they are written, where one of them is to blame: what cannot be read is not in the line of JSON.
    pub written: Vec<String>,
    /// Where in the line of JSON the cells stand that it was made of: the byte, and the place of the column.
    pub(crate) cells: Vec<(usize, usize)>,
}

/// How a run went, or has gone so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Records that were read.
    pub records: u64,
    /// Those with mistakes: they have no answer.
    pub mistakes: u64,
    /// Those of which something is doubtful: they have an answer.
    pub doubtful: u64,
    /// The line of the first mistake.
    pub first_mistake: Option<u64>,
    /// How much of the input has been read, in bytes.
    pub bytes: u64,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.records += other.records;
        self.mistakes += other.mistakes;
        self.doubtful += other.doubtful;
        self.first_mistake = self.first_mistake.or(other.first_mistake);
        self.bytes += other.bytes;
    }

    fn mistake(&mut self, line: u64) {
        self.mistakes += 1;
        self.first_mistake = Some(self.first_mistake.map_or(line, |first| first.min(line)));
    }
}

/// Why a run ended before its input did.
#[derive(Debug)]
#[non_exhaustive]
pub enum Stop {
    /// The input could not be read on.
    Input(io::Error),
    /// The output could not be written on.
    Output(io::Error),
    /// Somebody asked for it.
    Asked,
}

impl<'p> Batch<'p> {
    /// The decision alone of every record, one at a time; whatever else is wanted can be set.
    #[must_use]
    pub fn new(protocols: &'p [Prepared]) -> Batch<'p> {
        let answered = Patients::default();
        Batch { protocols, explain: None, strict: false, columns: None, workers: 1, answered, broken: &[], keep: None }
    }

    /// Answers every line of an input.
    ///
    /// `told` hears how far the run is after each job that was written; where `stop` becomes true, the run ends after whole lines.
    ///
    /// # Errors
    /// When the input cannot be read or the output written, or the run was stopped; with what was done until then.
    pub fn run(
        &self,
        lines: &mut (dyn Lines + Send),
        output: &mut dyn Write,
        told: &mut dyn FnMut(&Tally),
        stop: &AtomicBool,
    ) -> Result<Tally, (Tally, Stop)> {
        let workers = self.workers.max(1);
        let jobs = 2 * workers + 2;
        let vocabulary = Vocabulary::new(self.protocols.iter().map(Prepared::protocol));
        let (free_in, free) = sync_channel::<Job>(jobs);
        let (todo_in, todo) = sync_channel::<Job>(jobs);
        let (done_in, done) = sync_channel::<Job>(jobs);
        (0..jobs).for_each(|_| drop(free_in.send(Job::default())));
        let todo = Mutex::new(todo);
        std::thread::scope(|scope| {
            let reader = scope.spawn(move || feed(lines, &free, &todo_in, stop));
            for _ in 0..workers {
                let (todo, done_in, vocabulary) = (&todo, done_in.clone(), &vocabulary);
                let work = move || {
                    let mut worker = Worker::new(self, vocabulary);
                    while let Some(mut job) = next(todo) {
                        job.tally =
                            worker.work(&job.input, job.first_line, &job.rows, &mut job.output, &mut job.answers);
                        job.kept = worker.kept();
                        job.tally.bytes = job.bytes;
                        if done_in.send(job).is_err() {
                            break;
                        }
                    }
                };
                // A system that has no room for another thread has none for the run.
                std::thread::Builder::new()
                    .name(WORKER.into())
                    .spawn_scoped(scope, work)
                    .map_err(|error| (Tally::default(), Stop::Input(error)))?;
            }
            drop(done_in);
            let (tally, written) = self.write(&done, &free_in, output, told);
            // Whoever waits for a free job or for room among the done ones wakes up and ends.
            drop((free_in, done));
            match (written, reader.join()) {
                (Err(error), _) => Err((tally, Stop::Output(error))),
                (_, Ok(Err(stop))) => Err((tally, stop)),
                (Ok(()), Ok(Ok(()))) => Ok(tally),
                (_, Err(panic)) => std::panic::resume_unwind(panic),
            }
        })
    }

    /// Writes the jobs' answers in order, and tells which patients had one already.
    fn write(
        &self,
        done: &Receiver<Job>,
        free: &SyncSender<Job>,
        output: &mut dyn Write,
        told: &mut dyn FnMut(&Tally),
    ) -> (Tally, io::Result<()>) {
        let (mut patients, asked) = (self.answered.clone(), Asked::new(self.protocols, self.broken));
        let mut tally = Tally::default();
        let mut waiting: BTreeMap<u64, Job> = BTreeMap::new();
        let mut turn = 0;
        for job in done {
            waiting.insert(job.sequence, job);
            while let Some(mut job) = waiting.remove(&turn) {
                turn += 1;
                tell_repeated((&mut job.output, &job.answers, &mut job.tally), &mut patients, &asked, self.strict);
                // What cannot be kept is not written.
                let kept = keep::keep(self.keep, &mut job.kept, &job.output);
                if let Err(error) = kept.and_then(|()| output.write_all(&job.output)).and_then(|()| output.flush()) {
                    return (tally, Err(error));
                }
                tally.add(job.tally);
                told(&tally);
                // The reader may have ended.
                drop(free.send(job));
            }
        }
        (tally, Ok(()))
    }
}

fn next(todo: &Mutex<Receiver<Job>>) -> Option<Job> {
    todo.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Reads jobs until there is no more, or nobody wants more.
fn feed(
    lines: &mut (dyn Lines + Send),
    free: &Receiver<Job>,
    todo: &SyncSender<Job>,
    stop: &AtomicBool,
) -> Result<(), Stop> {
    for sequence in 0.. {
        let Ok(mut job) = free.recv() else { break };
        if stop.load(Ordering::Relaxed) {
            return Err(Stop::Asked);
        }
        job.input.clear();
        job.rows.clear();
        job.output.clear();
        job.answers.clear();
        job.sequence = sequence;
        if !lines.fill(&mut job).map_err(Stop::Input)? || todo.send(job).is_err() {
            break;
        }
    }
    Ok(())
}
