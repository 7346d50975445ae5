//! `regimen check`: every mistake at once, then everything suspicious.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::fix::{self, Fix};
use super::{exit, print, tell, usage, watch};
use crate::date::Date;
use crate::diagnostic::{Diagnostics, Severity, render};
use crate::publish::everything;

/// Report every mistake in protocols, dictionaries and cases, and anything suspicious
///
/// Example: regimen check protocols --watch
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Clinic folders, protocol folders or protocol files
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The day against which review dates are checked
    #[arg(long, value_name = "DATE", default_value = "today")]
    as_of: String,
    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,
    /// Do not show notes
    #[arg(long)]
    no_notes: bool,
    /// Put in what cannot be meant otherwise: straight quotes, spaces, `&&` for `and`, `==` for `=`; or what the help says to one
    /// mistake, by its code and line. Shows what is changed
    #[arg(
        long,
        value_name = "CODE:LINE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with = "watch"
    )]
    fix: Option<Fix>,
    /// Also list what is not translated into a language, as `de`
    #[arg(long, value_name = "LANGUAGE", value_parser = super::language)]
    lang: Option<String>,
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
        let as_of = match super::as_of(&self.as_of) {
            Ok(as_of) => as_of,
            Err(message) => return usage(&format!("--as-of: {message}")),
        };
        if self.watch {
            return self.watch(as_of);
        }
        if let Some(fix) = &self.fix
            && let Err(code) = self.fix(fix, as_of)
        {
            return code;
        }
        let found = self.check(as_of);
        let printed = print(&self.render(&found));
        let strict = self.strict && found.count(Severity::Warning) > 0;
        if found.has_errors() || strict { exit::MISTAKES } else { printed }
    }

    fn check(&self, as_of: Date) -> Diagnostics {
        let mut found = Diagnostics::default();
        for path in &self.paths {
            found.append(everything(path, as_of, self.lang.as_deref()));
        }
        if self.no_notes {
            found.retain(|diagnostic| diagnostic.severity != Severity::Note);
        }
        found.sort();
        found
    }

    /// Mends what may be mended, and shows it.
    fn fix(&self, fix: &Fix, as_of: Date) -> Result<(), u8> {
        /// What was hidden by a mistake comes to light when that is mended; it is not looked for without end.
        const MOST_ROUNDS: usize = 20;
        let rounds = if *fix == Fix::Certain { MOST_ROUNDS } else { 1 };
        let mut changes = fix::Changes::new();
        let mut failed = None;
        for _ in 0..rounds {
            match fix::apply(fix, &self.check(as_of), &mut changes) {
                Ok(0) => break,
                Ok(_) => {}
                Err(message) => {
                    failed = Some(message);
                    break;
                }
            }
        }
        tell(&fix::difference(&changes));
        match failed {
            Some(message) => {
                tell(&format!("error: {message}\n"));
                Err(exit::OUTPUT)
            }
            None => Ok(()),
        }
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
    fn watch(&self, as_of: Date) -> u8 {
        loop {
            // What is saved during the check is noticed after it.
            let before = watch::stamps(&self.paths);
            let text = self.render(&self.check(as_of));
            let clear = if std::io::stdout().is_terminal() { watch::CLEAR } else { "" };
            let printed = print(&format!("{clear}{text}"));
            if printed != exit::DONE {
                return printed;
            }
            tell("watching; press Ctrl-C to stop\n");
            watch::changed(&self.paths, &before);
        }
    }
}
