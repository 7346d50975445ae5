//! What expressions mean: Kleene's three-valued logic over ranges of what is known.
//!
//! [`eval`] is the meaning of every operation. [`turning`] tells at which values of a fact an expression may change, so that others can ask the
//! evaluator there; [`reach`] how far a value may still go by the declared ranges of what is not known.

mod calculate;
pub mod eval;
mod number;
pub mod reach;
mod tri;
pub(crate) mod turning;
pub(crate) mod value;

pub(crate) use calculate::ends;
pub use eval::{Evaluation, Inputs, Moment};
pub use number::Number;
pub use reach::{Declared, Reach};
pub use tri::Tri;
pub use value::Value;
