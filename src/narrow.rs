//! Places in lists as the small numbers that stand for them.
//!
//! What is too large becomes the largest, never another place: what was left out of a small number would be somebody else's. A protocol
//! with more than [`MOST`] of anything is refused when it is loaded (R119), and what a record holds many of is only counted.

/// How many facts, notes, parameters, definitions, treatments or texts a protocol can have: one number is left for "another text".
pub(crate) const MOST: usize = u16::MAX as usize - 1;

/// A place among the choices of a fact, of which there are at most 63.
pub(crate) fn u8(at: usize) -> u8 {
    u8::try_from(at).unwrap_or(u8::MAX)
}

/// A place among facts, notes, parameters, definitions, treatments or texts.
pub(crate) fn u16(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// A place among the nodes of a program, or a count.
pub(crate) fn u32(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A number of days.
pub(crate) fn i32(days: usize) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX)
}
