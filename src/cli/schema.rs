//! `regimen schema`: JSON Schema for editors and programs.

use clap::{Args, ValueEnum};

use super::{print, usage};
use crate::protocol::load::{case_schema, facts_schema, protocol_schema};
use crate::recommendation::Recommendation;

/// The JSON Schema of a kind of file
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Which kind
    #[arg(value_enum)]
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// A protocol.toml
    Protocol,
    /// A facts.toml
    Facts,
    /// A case
    Case,
    /// The JSON that `recommend --format json` prints
    Recommendation,
}

impl Schema {
    pub(super) fn run(&self) -> u8 {
        let schema = match self.kind {
            Kind::Protocol => protocol_schema().clone(),
            Kind::Facts => facts_schema().clone(),
            Kind::Case => case_schema().clone(),
            Kind::Recommendation => schemars::schema_for!(Recommendation).to_value(),
        };
        match serde_json::to_string_pretty(&schema) {
            Ok(text) => print(&(text + "\n")),
            Err(error) => usage(&error.to_string()),
        }
    }
}
