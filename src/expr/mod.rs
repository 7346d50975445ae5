//! Conditions and values of a protocol: Rhai's syntax, typed, three-valued.
//!
//! Text → [`syntax`] (by Rhai's [`parse`]r, through an allow-list) → [`program`] (by [`lower`]: names to slots, types checked) →
//! values (by [`eval`]); what a value may still come to, where it is not known, is worked out by [`reach`].

mod calculate;
pub mod cell;
pub mod circuit;
mod course_terms;
pub mod english;
pub mod eval;
pub mod lower;
pub mod parse;
pub mod program;
pub mod reach;
pub mod syntax;
mod tokens;
pub mod types;
mod units;

pub use eval::{Evaluation, Inputs, Moment};
pub use parse::Parser;
pub use program::{Expr, ExprId, FactId, Program, Tally};
pub use reach::{Declared, Reach};
pub use types::Type;
