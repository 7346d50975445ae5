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
//! Mistakes in a file come back as [`diagnostic::Diagnostics`], all of them at once, each with its place.
//!
//! # How data flows
//!
//! ```text
//!  protocol file ──> document ──> protocol ──> lang ──> logic ──┐
//!                                                               ├──> course, worlds ──> decide ──> explain ──> render, cli
//!  record (toml, json) ──> document ──> patient ────────────────┘
//! ```
//!
//! | module | holds |
//! |---|---|
//! | [`document`] | TOML and JSON as one tree with places; comparing a file with its schema |
//! | [`protocol`] | the file format, loading a clinic, the model that is evaluated |
//! | [`lang`] | expressions: Rhai's syntax, lowered once into typed operations |
//! | [`logic`] | what expressions mean: three-valued evaluation, and where a value turns |
//! | [`patient`] | the patient record, and the same in slots |
//! | `course` | judging recorded sessions and forecasting the next, where everything is known |
//! | `worlds` | the same where not everything is known: every way that it can turn out |
//! | [`decide`] | the course and all rules: the status, the dates, what it could become; for one patient or, fast, for many |
//! | [`explain`] | reasons, questions, assumptions, settings, trace: the recommendation |
//! | [`english`] | expressions in words |
//! | [`recommendation`], [`trace`] | the answer and how it came about, as data |
//! | [`render`] | text, JSON, Markdown |
//! | [`check`] | what is suspicious in a protocol |
//! | [`batch`] | many records, one answer each |
//! | [`cases`] | patients with the expected answer |
//! | [`diagnostic`] | what is wrong with a file, for the person who wrote it |
//! | [`date`] | days, partial dates, lengths of time |
//! | [`cli`] | the command line |
//!
//! The language of protocols is described in `docs/language.md`, the reasons behind the design in `docs/design.md`.

pub mod batch;
pub mod cases;
pub mod check;
pub mod cli;
pub(crate) mod course;
pub mod date;
pub mod decide;
pub mod diagnostic;
pub mod document;
pub mod english;
pub mod explain;
mod files;
pub mod lang;
pub mod logic;
mod narrow;
pub mod patient;
pub mod protocol;
pub mod recommendation;
pub mod render;
pub mod trace;
mod visible;
pub(crate) mod worlds;

pub use date::{Date, DateRange, Duration};
pub use decide::fast::Decider;
pub use decide::{Decision, Prepared, Request};
pub use document::{Notation, Scalar};
pub use logic::{TextId, Texts, Tri, Value};
pub use patient::Record;
pub use protocol::{Clinic, Protocol};
pub use recommendation::{Recommendation, Status};
pub use trace::Depth;
