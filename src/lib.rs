//! Clinic protocols as TOML files with Rhai expressions, evaluated against a patient record into a **recommendation** and its
//! **reasoning trace**.
//!
//! Nothing that this crate or its protocols say has been clinically validated.
//!
//! # In one page
//!
//! Load a [`Clinic`], read a [`Record`], ask a [`Protocol`], [`render`] the answer:
//!
//! ```
//! use regimen::{Clinic, Notation, Record, Request, Status, render};
//!
//! // A clinic is a folder (`Clinic::load("protocols")`); a protocol may also stand alone.
//! let protocol = r#"
//!     id = "peel"
//!     title = "Glycolic peel"
//!     version = "1.0.0"
//!     status = "active"
//!     in_force = { from = 2026-01-01 }
//!     review_by = 2027-01-01
//!     owner = "medical lead"
//!     treatment = "peel"
//!
//!     [sources.clinic]
//!     title = "Custom of the clinic"
//!     evidence = "custom"
//!
//!     [facts.pregnant]
//!     type = "bool"
//!     ask = "Are you pregnant?"
//!     of = "patient"
//!     valid_for = "7 days"
//!
//!     [[contraindication]]
//!     id = "pregnant"
//!     when = 'pregnant'
//!     lasts = "while-true"
//!     reason = "Elective treatments wait until after the pregnancy."
//!     sources = ["clinic"]
//! "#;
//! let (clinic, _warnings) = Clinic::from_text("peel.toml", protocol)?;
//! let protocol = &clinic.protocols[0];
//!
//! // Nobody has asked. Missing is not "no": the answer is to ask, and it says what and why.
//! let text = r#"{ "patient": "P-1", "recorded": "2026-03-02", "facts": {} }"#;
//! let (record, _warnings) = Record::from_text("record.json", text, Notation::Json, &clinic.dictionary)?;
//! let as_of = "2026-03-02".parse()?;
//! let answer = protocol.recommend(&record, &Request::new(as_of))?;
//! assert_eq!(answer.status, Status::Undetermined);
//! assert_eq!(answer.could_become, [Status::Contraindicated, Status::Due]);
//! assert_eq!(answer.questions[0].fact, "pregnant");
//!
//! // Now somebody has.
//! let text = r#"{ "patient": "P-1", "recorded": "2026-03-02", "facts": { "pregnant": false } }"#;
//! let (record, _warnings) = Record::from_text("record.json", text, Notation::Json, &clinic.dictionary)?;
//! let answer = protocol.recommend(&record, &Request::new(as_of))?;
//! assert_eq!(answer.status, Status::Due);
//! println!("{}", render::text(&answer, render::TextStyle::default()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Mistakes in a file come back as [`Diagnostics`], all of them at once, each with its place; so does whatever else a person has
//! to be told. There is no other error, beside those of reading a date or a word.
//!
//! # The way
//!
//! | to | use |
//! |---|---|
//! | load a clinic or a protocol | [`Clinic::load`], [`Clinic::read`], [`Clinic::from_text`] |
//! | load what is sound of a clinic | [`Clinic::read_sound`]: what is not is [`Broken`] |
//! | load the published versions that are in force on a day | [`Clinic::read_which`], [`Which`] |
//! | read a patient's record, in TOML or JSON | [`Record::from_text`], [`Record::read`], [`Notation`] |
//! | ask about a day | [`Request`]: [`Request::set`] a parameter, [`Request::explain`] in more or less [`Depth`] |
//! | make a protocol ready for many patients | [`Protocol::prepare`], [`Prepared`] |
//! | get the answer and its reasons | [`Protocol::recommend`], [`Prepared::recommend`]: a [`Recommendation`] |
//! | only decide, in less than a microsecond | [`Decider`] with a [`Vocabulary`], a [`LineReader`] and [`Slots`]: a [`Decision`] |
//! | show an answer | [`render`] |
//! | ask only what can still change the answer | `interview::Interview` |
//! | give the patient a handout, and a calendar | [`handout`] |
//! | find what is suspicious in a protocol | [`check`](check()) |
//! | plan a whole clinic's day, and in which order what is wanted can be done | [`plan`] |
//! | run a protocol's cases | [`cases`] |
//! | tell how good they are | [`coverage`], [`mutation`] |
//! | answer a file of records | [`batch::Batch`] |
//! | answer a column of records, whole or in parts | [`batch::Cohort`] |
//! | see what a new version changes, and for whom | [`diff`] |
//! | know whether what must hold of every answer does | [`prove`](prove()) |
//! | keep decisions and produce them again | `archive` (with the feature of that name) |
//! | verify a stored answer without the engine | [`verify`] |
//! | show what is wrong with a file | [`diagnostic`] |
//! | count in days and months | [`Date`], [`DateRange`], [`Duration`] |
//!
//! The answer as data is in [`recommendation`] and [`trace`]; it can be stored as JSON and read back.
//!
//! # Features
//!
//! `cli`, on by default, is the command line (`regimen::cli`) with everything that only it depends on. A program of your own wants
//! `default-features = false`. `interview`, which is part of it, asks and writes records, without a terminal.
//! `archive` keeps decisions; the command line brings both along. `parquet`, off by default, has `batch` read and write Parquet files.
//!
//! # How data flows
//!
//! ```text
//!  protocol file ──> document ──> protocol ──> lang ──> logic ──┐
//!                                                               ├──> course, worlds ──> decide ──> explain ──> plan, render, cli
//!  record (toml, json) ──> document ──> patient ────────────────┘
//! ```
//!
//! | room | holds |
//! |---|---|
//! | `document` | TOML and JSON as one tree with places; comparing a file with its schema |
//! | `protocol` | the file format, loading a clinic, the model that is evaluated |
//! | `lang` | expressions: Rhai's syntax, lowered once into typed operations |
//! | `logic` | what expressions mean: three-valued evaluation, and where a value turns |
//! | `patient` | the patient record, and the same in slots |
//! | `course` | judging recorded sessions and forecasting the next, where everything is known |
//! | `worlds` | the same where not everything is known: every way that it can turn out |
//! | `decide` | the course and all rules: the status, the dates, what it could become; for one patient or, fast, for many |
//! | `explain` | reasons, questions, assumptions, settings, trace: the recommendation |
//! | `interview` | what to ask next, and what was answered, into a record: with the feature of that name |
//! | `handout` | what the patient takes home: content, HTML, a calendar |
//! | `plan` | the protocols of a clinic together: what can be done today, what excludes what, which order is the earliest |
//! | `verify` | whether a stored answer follows from its trace: reads its JSON, and shares no evaluation with the rest |
//! | `english` | expressions in words, in English or, for a sheet, in another language |
//! | `diff` | two versions: what changed in the text, and in the answers to recorded and made-up patients |
//! | `prove` | what must hold of every answer: proven by the analysis of `check`, or refuted by a patient whom the engine answers |
//! | `publish` | what a version must have passed to be published, its texts for ever, what it discloses: with the command line |
//! | `date` | days, partial dates, lengths of time |
//! | `archive` | decisions that are kept: entries, their tree, receipts, replay; patients' records |
//! | `serve` | the web application, its users and its connections: with the feature of that name |
//!
//! The language of protocols is described in `docs/language.md`, the reasons behind the design in `docs/design.md`.

#[cfg(feature = "archive")]
pub mod archive;
pub mod batch;
pub mod cases;
#[cfg(feature = "cli")]
pub mod cli;
pub mod coverage;
pub mod diagnostic;
pub mod diff;
pub mod handout;
#[cfg(feature = "interview")]
pub mod interview;
pub mod mutation;
pub mod plan;
pub mod prove;
pub mod recommendation;
pub mod render;
#[cfg(feature = "serve")]
pub mod serve;
pub mod trace;
pub mod verify;

mod check;
mod course;
mod date;
mod decide;
#[allow(unreachable_pub, reason = "public to the other rooms")]
mod document;
#[allow(unreachable_pub, reason = "public to the other rooms")]
mod english;
mod explain;
mod files;
#[allow(unreachable_pub, reason = "public to the other rooms")]
mod lang;
mod lengths;
#[allow(unreachable_pub, reason = "public to the other rooms")]
mod logic;
mod months;
mod narrow;
mod numerals;
mod once;
mod parallel;
#[allow(unreachable_pub, reason = "public to the other rooms")]
mod patient;
#[allow(unreachable_pub, reason = "public to the other rooms")]
mod protocol;
#[cfg(feature = "cli")]
mod publish;
mod speech;
mod visible;
mod words;
mod worlds;

pub use check::check;
pub use date::{Date, DateRange, Duration, InvalidDate};
pub use decide::fast::Decider;
pub use decide::{Decision, Prepared, Request, Statuses};
pub use diagnostic::Diagnostics;
pub use document::{Notation, Scalar};
pub use explain::changes::{Change, ChangeSet, Changes};
pub use explain::outlook::{Outlook, Stretch};
pub use logic::Tri;
pub use patient::{LineReader, Record, Slots, Unusual, Vocabulary};
pub use protocol::file::ProtocolStatus;
pub use protocol::{Broken, Clinic, ClinicDetails, Dictionary, Protocol, ProtocolModel, Which};
pub use prove::prove;
pub use recommendation::{Recommendation, Status};
pub use trace::{Depth, InvalidDepth};

/// What the tests and benchmarks of this repository look into. No promise is made about it.
#[doc(hidden)]
pub mod internals {
    pub use crate::document::{Data, Key, Node, parse};
    #[cfg(feature = "cli")]
    pub use crate::document::{format, same_meaning};
    pub use crate::lang::Type;
    pub use crate::mutation::equivalents;
    pub use crate::protocol::dictionary::{Answer, Fact, Validity};
    pub use crate::protocol::file::FactType;
    pub use crate::protocol::load::read_file;
    pub use crate::protocol::model::Action;
    pub use crate::protocol::names::Standing;
    pub use crate::protocol::record_schema;
    pub use crate::prove::holds;
}
