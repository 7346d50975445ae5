//! `regimen check`: every mistake at once.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{exit, print, tell, watch};
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
    /// Check again whenever a file is saved, until Ctrl-C
    #[arg(long)]
    watch: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// With the source underlined
    #[default]
    Human,
    /// One line a fact, for screen readers
    Plain,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands of GitHub: notes beside the changed lines
    Github,
}

impl Check {
    pub(super) fn run(&self) -> u8 {
        if self.watch {
            return self.watch();
        }
        let found = self.check();
        let printed = print(&self.render(&found));
        if found.has_errors() { exit::MISTAKES } else { printed }
    }

    fn check(&self) -> Diagnostics {
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
        found
    }

    fn render(&self, found: &Diagnostics) -> String {
        match self.format {
            Format::Human => render::human(found, true),
            Format::Plain => format!("{}{}", render::plain(found), render::summary(found)),
            Format::Json => render::json(found),
            Format::Sarif => render::sarif(found),
            Format::Github => render::github(found),
        }
    }

    /// Checks whenever something has been saved. Ends on Ctrl-C, or when nobody reads any more.
    fn watch(&self) -> u8 {
        loop {
            // What is saved during the check is noticed after it.
            let before = watch::stamps(&self.paths);
            let text = self.render(&self.check());
            let clear = if std::io::stdout().is_terminal() { watch::CLEAR } else { "" };
            let printed = print(&format!("{clear}{text}"));
            if printed != exit::DONE {
                return printed;
            }
            tell("watching; Ctrl-C ends it\n");
            watch::changed(&self.paths, &before);
        }
    }
}
