//! `regimen check`: every mistake at once.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{exit, print};
use crate::diagnostic::{Diagnostics, render};
use crate::protocol::Clinic;

/// Every mistake in protocols, dictionaries and cases, at once
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Clinic folders, protocol folders or protocol files
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// With the source underlined
    #[default]
    Human,
    /// One line a fact, for screen readers
    Plain,
}

impl Check {
    pub(super) fn run(&self) -> u8 {
        let mut found = Diagnostics::default();
        for path in &self.paths {
            let (clinic, mistakes) = Clinic::read(path);
            found.append(mistakes);
            for protocol in &clinic.protocols {
                for case in crate::cases::of_protocol(protocol) {
                    match crate::cases::Case::load(&case, protocol) {
                        Ok((_, warnings)) => found.append(warnings),
                        Err(mistakes) => found.append(mistakes),
                    }
                }
            }
        }
        found.sort();
        let text = match self.format {
            Format::Human => render::human(&found, true),
            Format::Plain => format!("{}{}", render::plain(&found), render::summary(&found)),
        };
        let printed = print(&text);
        if found.has_errors() { exit::MISTAKES } else { printed }
    }
}
