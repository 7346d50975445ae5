//! `regimen check`: every mistake at once.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{exit, print};
use crate::diagnostic::{Diagnostics, Severity, render};
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
    /// The day for which review dates are looked at
    #[arg(long, value_name = "DATE", default_value = "today")]
    as_of: String,
    /// Take warnings as mistakes
    #[arg(long)]
    strict: bool,
    /// Leave out notes
    #[arg(long)]
    no_notes: bool,
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
        let as_of = match super::as_of(&self.as_of) {
            Ok(as_of) => as_of,
            Err(message) => return super::usage(&format!("--as-of: {message}")),
        };
        let mut found = Diagnostics::default();
        for path in &self.paths {
            let (clinic, mistakes) = Clinic::read(path);
            // Analysis of what is not sound would only confuse.
            if !mistakes.has_errors() {
                found.append(crate::check::check(&clinic, as_of, is_clinic(path)));
            }
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
        if self.no_notes {
            found.retain(|diagnostic| diagnostic.severity != Severity::Note);
        }
        found.sort();
        let text = match self.format {
            Format::Human => render::human(&found, true),
            Format::Plain => format!("{}{}", render::plain(&found), render::summary(&found)),
        };
        let printed = print(&text);
        let strict = self.strict && found.count(Severity::Warning) > 0;
        if found.has_errors() || strict { exit::MISTAKES } else { printed }
    }
}

/// Whether a path is a whole clinic, rather than one protocol.
fn is_clinic(path: &std::path::Path) -> bool {
    path.is_dir() && !path.join("protocol.toml").is_file()
}
