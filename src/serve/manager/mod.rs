//! The manager's pages: the protocols, their texts and parameters, and what a change of them changes before a patient meets it.
//!
//! ```text
//!  text ─────────┐
//!                ├──> Draft ──> review (rules, cases, patients) ──> save
//!  parameters ───┘
//! ```
//!
//! A draft is read in the place of its file, with all else of the clinic as it is. Nothing is written before it was reviewed, and no part of a
//! request is the name of a file: files are found in a list of those that the clinic has.

mod editor;
mod file;
mod list;
mod parameters;
mod review;
mod trial;

use super::http::{Route, get, post};
use crate::archive::Role;

/// Who reads what the protocols say.
const READERS: &[Role] = &[Role::Practitioner, Role::Manager, Role::Auditor];

pub(super) const ROUTES: &[Route] = &[
    get(READERS, "/protocols", list::show),
    get(READERS, "/protocols/{file}", list::sheet),
    get(&[Role::Manager], "/protocols/{file}/text", editor::show),
    post(&[Role::Manager], "/protocols/{file}/check", editor::check),
    get(&[Role::Manager], "/protocols/{file}/parameters", parameters::show),
    post(&[Role::Manager], "/protocols/{file}/parameters", parameters::change),
    post(&[Role::Manager], "/protocols/{file}/review", review::show),
    post(&[Role::Manager], "/protocols/{file}/save", review::save),
    get(READERS, "/codes/{code}", editor::code),
];
