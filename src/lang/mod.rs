//! The language of expressions: Rhai's syntax, typed.
//!
//! Text → [`syntax`] (by Rhai's [`parse`]r, through an allow-list) → [`program`] (by [`lower`]: names to slots, types checked). What an
//! expression comes to, [`logic`](crate::logic) says.

mod apart;
mod in_words;
pub mod lower;
pub mod parse;
mod phrases;
pub mod program;
mod slips;
mod spacing;
pub mod syntax;
mod tokens;
pub mod types;
mod units;

pub use parse::Parser;
pub use program::{Expr, ExprId, FactId, Program, Tally};
pub(crate) use spacing::one_line;
pub use types::Type;
