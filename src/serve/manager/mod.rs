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

use super::http::{Route, get, post};

pub(super) const ROUTES: &[Route] = &[
    get("/protocols", list::show),
    get("/protocols/{file}", list::sheet),
    get("/protocols/{file}/text", editor::show),
    post("/protocols/{file}/check", editor::check),
    get("/protocols/{file}/parameters", parameters::show),
    post("/protocols/{file}/parameters", parameters::change),
    get("/protocols/{file}/tables", tables::show),
    post("/protocols/{file}/tables", tables::change),
    get("/protocols/{file}/tables.csv", tables::download),
    post("/protocols/{file}/review", review::show),
    post("/protocols/{file}/save", review::save),
    get("/protocols/{file}/cases", approval::show),
    post("/protocols/{file}/cases", approval::save),
    get("/protocols/{file}/versions", versions::show),
    get("/protocols/{file}/versions/{version}", versions::one),
    post("/protocols/{file}/versions/{version}/restore", versions::restore),
    get("/protocols/{file}/compare", versions::compare),
    get("/protocols/{file}/publish", publishing::show),
    post("/protocols/{file}/publish", publishing::begin),
    get("/saved", saved::list),
    get("/saved/{number}", saved::one),
    get("/codes/{code}", editor::code),
];
