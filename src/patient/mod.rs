//! What is known of a patient: the record as people write it, and the same in the slots of a dictionary or a protocol.
//!
//! A [`Record`] is read with the place of every answer. [`Slots`](slots::Slots) hold what a record says without its places; the [`Reader`] of
//! lines fills them straight from JSON. [`known`] is what a protocol knows on a day.

pub(crate) mod cell;
mod covers;
mod freshness;
pub(crate) mod known;
mod line_names;
mod named;
mod read;
pub mod record;
mod scan;
mod schema;
pub mod slots;
mod text;
pub(crate) mod unlisted;
mod vocabulary;

pub use covers::Covers;
pub(crate) use freshness::{Fresh, last_session};
pub(crate) use named::Named;
pub use record::{Answered, Record, Session};
pub(crate) use record::{BIRTH, FIRST_YEAR, read_for};
pub use scan::Reader;
pub use schema::schema;
pub use slots::Slots;
pub use text::Unusual;
pub use vocabulary::Vocabulary;
