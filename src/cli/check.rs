//! `regimen check`: every mistake at once, then everything suspicious.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::fix::{self, Fix};
use super::{exit, print, tell, usage, watch};
use crate::cases::{Cases, of_protocol};
use crate::date::Date;
use crate::diagnostic::{Diagnostics, Severity, codes, render};
use crate::protocol::load::languages_of;
use crate::protocol::{Clinic, ClinicDetails, Protocol};

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

/// Every mistake at a path, and everything suspicious.
pub(super) fn everything(path: &Path, as_of: Date) -> Diagnostics {
    let check = Check {
        paths: vec![path.to_owned()],
        format: Format::default(),
        as_of: as_of.to_string(),
        strict: true,
        no_notes: true,
        fix: None,
        lang: None,
        watch: false,
    };
    check.check(as_of)
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
            let (clinic, mistakes) = Clinic::read(path);
            std::thread::scope(|scope| {
                let cases = clinic.protocols.iter().map(|protocol| {
                    let is_sound = !mistakes.has_errors_in(&protocol.file.name);
                    scope.spawn(move || mistakes_in_cases(protocol, is_sound))
                });
                let cases: Vec<_> = cases.collect();
                // Analysis of what is not sound would only confuse.
                if !mistakes.has_errors() {
                    found.append(crate::check::check(&clinic, as_of, is_clinic(path)));
                }
                let mistakes_before = mistakes.has_errors();
                found.append(mistakes);
                found.append(ClinicDetails::read(path, None).1);
                if !mistakes_before {
                    self.translations(path, &mut found);
                    clinic.protocols.iter().for_each(|one| found.append(crate::publish::check(one, as_of)));
                }
                for cases in cases {
                    found.append(cases.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
                }
            });
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

    /// What is wrong with translations; and what the one that was asked for lacks.
    fn translations(&self, path: &Path, found: &mut Diagnostics) {
        let (_, details_mistakes) = ClinicDetails::read(path, None);
        let asked = self.lang.clone();
        for language in asked.clone().map_or_else(|| languages_of(path), |language| vec![language]) {
            // What the files themselves say has been checked.
            let (clinic, mut mistakes) = Clinic::read_in(path, Some(&language));
            mistakes.retain(|one| one.severity == Severity::Error);
            if !mistakes.has_errors() {
                found.append(crate::check::in_another_language(&clinic));
            }
            found.append(mistakes);
            let (_, details_untranslated, mut mistakes) = ClinicDetails::read_in(path, Some(&language));
            mistakes.retain(|one| !details_mistakes.iter().any(|other| other == one));
            found.append(mistakes);
            for mut open in [clinic.untranslated, details_untranslated] {
                // What is not translated yet matters to whoever asks for the language; what is outdated, to whoever changed the text.
                open.retain(|one| asked.is_some() || one.severity == Severity::Warning);
                found.append(open);
            }
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

/// Whether a path is a whole clinic, rather than one protocol.
fn is_clinic(path: &Path) -> bool {
    path.is_dir() && !path.join("protocol.toml").is_file()
}

/// Every mistake in the cases of a protocol.
///
/// A rule that a case names and the protocol lacks is a mistake of the protocol as long as that has others: its id may be what is wrong.
fn mistakes_in_cases(protocol: &Protocol, is_sound: bool) -> Diagnostics {
    let mut found = Diagnostics::default();
    let mut cases = Cases::of(protocol);
    for path in of_protocol(protocol) {
        match cases.load(&path) {
            Ok((_, warnings)) => found.append(warnings),
            Err(mistakes) => found.append(mistakes),
        }
    }
    found.retain(|one| is_sound || one.code != &codes::UNKNOWN_REFERENCE);
    found
}
