//! What is known of a patient: the record as people write it, and the same in the slots of a dictionary and of a protocol.
//!
//! ```text
//!  record ──> Record ──┐
//!                      ├──> Slots (of a dictionary) ──> Filler ──> Known (in the slots of a protocol, on a day)
//!  line of JSON ───────┘
//! ```
//!
//! A [`Record`] is read with the place of every answer, and what is wrong with it is told there. [`Slots`] hold what it says without its
//! places; a [`LineReader`] fills them straight from a line of JSON that is as it should be. How old an answer may be, when what it tells of
//! had happened, and which of the protocol's texts it is: that the filler decides, for both.

pub(crate) mod applicability;
mod blank;
pub(crate) mod cell;
mod earlier;
pub mod entries;
mod freshness;
mod in_quotes;
mod keys;
pub(crate) mod known;
mod numbers;
mod read;
pub mod record;
mod scan;
pub mod slots;
mod text;
pub(crate) mod unlisted;
pub mod untold;
mod untold_sessions;
mod vocabulary;

pub use entries::Entry;
#[cfg(feature = "interview")]
pub(crate) use freshness::first_fresh_day;
pub(crate) use read::read_answer;
pub use record::{Answered, Record, Session};
pub(crate) use record::{BIRTH, FIRST_YEAR, read_for};
pub use scan::LineReader;
pub use slots::Slots;
pub use text::Unusual;
pub use unlisted::Covers;
pub use untold::{NoAnswer, Untold};
pub use vocabulary::Vocabulary;
