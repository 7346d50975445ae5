//! The manager's pages: the protocols, their texts and parameters, and what a change of them changes before a patient meets it.
//!
//! ```text
//!  text ─────────┐
//!  parameters ───┼──> Draft ──> review (rules, cases, patients) ──> save ──> approve (cases, sheets) ──> publish (gates) ──> version
//!  tables ────────┤
//!  old version ──┘
//! ```
//!
//! A draft is read in the place of its file, with all else of the clinic as it is. Nothing is written before it was reviewed, and no part of a
//! request is the name of a file: files are found in a list of those that the clinic has.

mod approval;
mod editor;
mod figures;
mod file;
mod list;
mod parameters;
mod publishing;
mod review;
mod rows;
mod saved;
mod tables;
mod trial;
mod versions;

pub(super) use figures::Figures;
pub(super) use publishing::Publishing;

use super::http::{Route, get, post, trial as tried};
use crate::archive::Role;

/// Who reads what the protocols say.
const READERS: &[Role] = &[Role::Practitioner, Role::Manager, Role::Auditor];

pub(super) const ROUTES: &[Route] = &[
    get(READERS, "/protocols", list::show),
    get(READERS, "/protocols/{file}", list::sheet),
    get(&[Role::Manager], "/protocols/{file}/text", editor::show),
    tried(&[Role::Manager], "/protocols/{file}/check", editor::check),
    get(&[Role::Manager], "/protocols/{file}/parameters", parameters::show),
    tried(&[Role::Manager], "/protocols/{file}/parameters", parameters::change),
    get(&[Role::Manager], "/protocols/{file}/tables", tables::show),
    tried(&[Role::Manager], "/protocols/{file}/tables", tables::change),
    get(&[Role::Manager], "/protocols/{file}/tables.csv", tables::download),
    tried(&[Role::Manager], "/protocols/{file}/review", review::show),
    post(&[Role::Manager], "/protocols/{file}/save", review::save),
    get(READERS, "/protocols/{file}/cases", approval::show),
    post(&[Role::Manager], "/protocols/{file}/cases", approval::save),
    get(READERS, "/protocols/{file}/versions", versions::show),
    get(READERS, "/protocols/{file}/versions/{version}", versions::one),
    post(&[Role::Manager], "/protocols/{file}/versions/{version}/restore", versions::restore),
    get(READERS, "/protocols/{file}/compare", versions::compare),
    get(READERS, "/protocols/{file}/publish", publishing::show),
    post(&[Role::Manager], "/protocols/{file}/publish", publishing::begin),
    get(&[Role::Manager, Role::Auditor], "/saved", saved::list),
    get(&[Role::Manager, Role::Auditor], "/saved/{number}", saved::one),
    get(READERS, "/codes/{code}", editor::code),
];
