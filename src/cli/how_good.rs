//! `regimen test --coverage`, `--mutate`: how good the cases are.

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::{exit, print, tell, tell_diagnostics};
use crate::cases::Cases;
use crate::coverage::{self, Coverage, ReadyCase};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::mutation::{self, Mutation};
use crate::protocol::Protocol;

#[derive(Debug, Default, Args)]
pub(super) struct HowGood {
    /// If all cases pass, tell what they have tried of each protocol, and what they have not
    #[arg(long, group = "how", conflicts_with = "accept")]
    coverage: bool,
    /// If all cases pass, change each protocol in many ways, one after the other, and tell which
    /// changes no case notices; none should be left
    #[arg(long, group = "how", conflicts_with = "accept")]
    mutate: bool,
    /// With --coverage or --mutate: how to print it
    #[arg(long, value_enum, default_value_t = Format::Text, requires = "how")]
    format: Format,
    /// With --coverage or --mutate: write a case for what is missing, where one was found, beside
    /// the other cases; it fails until somebody has looked at it and approved it
    #[arg(long, requires = "how")]
    write_cases: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    /// A table for people
    Text,
    /// For programs
    Json,
    /// Coverage on the lines of the protocol's file, for viewers and pages that show it
    Lcov,
    /// What became of the changes, a row for each protocol: for a page
    Markdown,
}

impl HowGood {
    /// What is wrong with how it was asked for, if anything.
    pub(super) fn usage(&self) -> Option<&'static str> {
        match self.format {
            Format::Lcov if self.mutate => Some("--format lcov: LCOV has coverage, and nothing about --mutate"),
            Format::Markdown if self.coverage => Some("--format markdown: that table is of --mutate"),
            _ => None,
        }
    }

    /// Tells it of protocols whose cases pass.
    pub(super) fn run<'p>(&self, protocols: impl Iterator<Item = &'p Protocol>) -> u8 {
        let protocols: Vec<&Protocol> = protocols.collect();
        let mut ready: Vec<(&Protocol, ReadyCase)> = Vec::new();
        let (printed, judged) = if self.coverage {
            let all: Vec<Coverage> =
                protocols.iter().map(|one| coverage::measure(one, &Cases::readable(one).collect::<Vec<_>>())).collect();
            for (protocol, coverage) in protocols.iter().zip(&all) {
                let found = coverage.missing().filter_map(|(_, _, missing)| missing.case.clone());
                ready.extend(found.map(|case| (*protocol, case)));
            }
            let print = if self.format == Format::Lcov { coverage::lcov } else { coverage::text };
            (self.print(&all, print), exit::DONE)
        } else if self.mutate {
            let all: Vec<Mutation> = protocols.iter().map(|one| mutated(one)).collect();
            for (protocol, mutation) in protocols.iter().zip(&all) {
                let found = mutation.mutants.iter().filter_map(|mutant| mutant.case.clone());
                ready.extend(found.map(|case| (*protocol, case)));
            }
            let printed = match self.format {
                Format::Markdown => print(&crate::visible::lines(&mutation::markdown(&all))),
                _ => self.print(&all, mutation::text),
            };
            (printed, judged(&all))
        } else {
            return exit::DONE;
        };
        let written = if printed == exit::DONE && self.write_cases { write(&ready) } else { printed };
        if written == exit::DONE { judged } else { written }
    }

    fn print<T: Serialize>(&self, all: &[T], text: fn(&T) -> String) -> u8 {
        match self.format {
            Format::Json => match serde_json::to_string_pretty(all) {
                Ok(json) => print(&(crate::visible::json(&json).into_owned() + "\n")),
                Err(error) => wrong(&codes::MISTAKE_OF_REGIMEN, &error.to_string(), "please report it"),
            },
            Format::Text | Format::Lcov | Format::Markdown => {
                let between = if self.format == Format::Text { "\n" } else { "" };
                print(&crate::visible::lines(&all.iter().map(text).collect::<Vec<_>>().join(between)))
            }
        }
    }

    /// Says nothing of protocols whose cases fail.
    pub(super) fn refused(&self) -> u8 {
        if self.coverage || self.mutate {
            let message = "how good the cases are is not told while some of them fail";
            return wrong(&codes::CASES_FAIL, message, "correct or approve what failed first");
        }
        exit::MISTAKES
    }
}

/// Changes a protocol; where somebody watches, a bar shows how far that is.
pub(super) fn mutated(protocol: &Protocol) -> Mutation {
    let bar = bar();
    let mutation =
        mutation::mutate(protocol, &Cases::readable(protocol).collect::<Vec<_>>(), &|done, of| show(&bar, done, of));
    bar.finish_and_clear();
    mutation
}

/// A bar that shows how many of some changes are tried, where somebody watches.
pub(super) fn bar() -> ProgressBar {
    bar_of("{bar:30} {percent}% · {pos} of {len} changes · {eta} left")
}

/// A sign that it is worked and for how long, where somebody watches: for what cannot be counted beforehand.
pub(super) fn at_work(what: &'static str) -> ProgressBar {
    let bar = bar_of("{spinner} {msg} · {elapsed}").with_message(what);
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

/// A bar that looks so.
fn bar_of(template: &str) -> ProgressBar {
    let is_watched = std::io::stderr().is_terminal();
    let target = if is_watched { ProgressDrawTarget::stderr_with_hz(4) } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// Shows on a bar that so many changes of so many are tried.
pub(super) fn show(bar: &ProgressBar, done: usize, of: usize) {
    bar.set_length(of as u64);
    bar.set_position(done as u64);
}

/// What the process ends with: that no change is left unnoticed has to be shown.
fn judged(all: &[Mutation]) -> u8 {
    for one in all {
        if one.mutants.is_empty() && one.without_result == 0 {
            let message = format!("nothing in {} could be changed", one.protocol);
            return wrong(&codes::NO_MUTANTS, &message, "that no change was missed means nothing then");
        }
        if one.without_result > 0 {
            let message = format!("there is no result of {} changes of {}", one.without_result, one.protocol);
            return wrong(&codes::NO_RESULT, &message, "this is a mistake of regimen: please report it");
        }
    }
    if all.iter().all(Mutation::is_good) { exit::DONE } else { exit::MISTAKES }
}

fn wrong(code: &'static crate::diagnostic::Code, message: &str, help: &str) -> u8 {
    let mut found = Diagnostics::default();
    found.push(Diagnostic::new(code, message).help(help));
    tell_diagnostics(&found);
    exit::MISTAKES
}

/// Writes cases beside those that there are. None is written over.
fn write(ready: &[(&Protocol, ReadyCase)]) -> u8 {
    let mut written: Vec<std::path::PathBuf> = Vec::new();
    for (protocol, case) in ready {
        let folder = Path::new(&protocol.file.name).parent().unwrap_or(Path::new("")).join("cases");
        let path = folder.join(&case.name);
        if written.contains(&path) {
            continue;
        }
        let result = match path.exists() {
            true => Err(std::io::Error::from(std::io::ErrorKind::AlreadyExists)),
            false => std::fs::create_dir_all(&folder).and_then(|()| crate::files::write(&path, &case.text)),
        };
        if let Err(error) = result {
            tell(&format!("error: {} cannot be written: {error}\n", path.display()));
            return exit::OUTPUT;
        }
        written.push(path);
    }
    let count = written.len();
    tell(&format!(
        "{count} case{} written: look at each, then approve it with `regimen test --accept`\n",
        if count == 1 { "" } else { "s" }
    ));
    exit::DONE
}
