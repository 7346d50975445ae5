//! Protocols: the format of their files, reading a clinic folder, and the model that is evaluated.
//!
//! [`mod@file`] is the shape and [`load`] the way in; what a protocol means is checked on the way to the [`model`].

mod broken;
mod compile;
pub mod conditions;
mod counted_from;
mod courses;
mod details;
pub mod dictionary;
mod english;
pub mod file;
pub(crate) mod find;
mod kind;
pub(crate) mod labels;
pub mod load;
mod look_alike;
pub(crate) mod looking_back;
pub(crate) mod lost;
pub mod model;
mod named;
pub mod names;
pub(crate) mod one_cause;
mod products;
pub(crate) mod published;
mod record_schema;
pub(crate) mod schema;
mod seasons;
#[cfg(feature = "cli")]
pub(crate) mod strays;
pub(crate) mod translation;
#[cfg(feature = "cli")]
mod translation_schema;
mod uses;
mod without_dictionary;
pub(crate) mod written;

pub use broken::Broken;
#[cfg(feature = "serve")]
pub(crate) use broken::errors_json;
pub use details::ClinicDetails;
pub use dictionary::Dictionary;
pub use load::Clinic;
pub use model::{Protocol, ProtocolModel};
pub use names::KnownNames;
pub use published::Which;
pub use record_schema::record_schema;
#[cfg(feature = "cli")]
pub(crate) use translation_schema::translation_schema;

pub(crate) use compile::{in_order, same_kind, scalar_value};
pub(crate) use look_alike::look_alike;
pub(crate) use named::Named;

/// The SHA-256 of a text, in hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hexadecimal(&Sha256::digest(text.as_bytes()))
}

/// Bytes in hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(four.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
