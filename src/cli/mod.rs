//! The command line: one file a command. Answers go to stdout, everything else to stderr.

mod check;
mod explain;
mod fmt;
mod new;
mod recommend;
mod schema;
mod show;
mod test;
mod watch;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::date::Date;
use crate::diagnostic::{Diagnostics, render};

/// What the process ends with. The table is in `docs/commands.md`.
pub mod exit {
    /// The command did what it should. Any answer is an answer.
    pub const DONE: u8 = 0;
    /// Mistakes were found in the files, or a case failed.
    pub const MISTAKES: u8 = 1;
    /// The command line was wrong.
    pub const USAGE: u8 = 2;
    /// A file could not be written.
    pub const OUTPUT: u8 = 3;
}

/// Clinic protocols that explain themselves
#[derive(Debug, Parser)]
#[command(name = "regimen", version, about, max_term_width = 100, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Recommend(recommend::Recommend),
    Check(check::Check),
    Test(test::Test),
    Explain(explain::Explain),
    Show(show::Show),
    New(new::New),
    Fmt(fmt::Fmt),
    Schema(schema::Schema),
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    // clap ends the process itself on `--help`, `--version` and wrong usage, with exit code 0 or 2.
    let arguments = Arguments::parse();
    let code = match arguments.command {
        Command::Recommend(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Test(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Show(command) => command.run(),
        Command::New(command) => command.run(),
        Command::Fmt(command) => command.run(),
        Command::Schema(command) => command.run(),
    };
    ExitCode::from(code)
}

/// Writes an answer to stdout. A closed pipe is not an error: the reader has seen enough.
fn print(text: &str) -> u8 {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => exit::DONE,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => exit::DONE,
        Err(_) => exit::OUTPUT,
    }
}

/// Says something that is not the answer.
fn tell(text: &str) {
    let mut stderr = anstream::stderr().lock();
    // There is nobody left to tell when stderr is gone.
    let _ = stderr.write_all(text.as_bytes());
}

/// Shows what is wrong with the files.
fn tell_diagnostics(found: &Diagnostics) {
    if !found.is_empty() {
        tell(&render::human(found, true));
    }
}

/// Says that the command line was wrong, as clap does.
fn usage(message: &str) -> u8 {
    tell(&format!("error: {message}\n\nFor more information, try '--help'.\n"));
    exit::USAGE
}

/// The width of the terminal; without one, a width that suits files.
fn width() -> usize {
    terminal_size::terminal_size_of(std::io::stdout()).map_or(100, |(width, _)| usize::from(width.0)).clamp(40, 120)
}

/// The day that was asked for. `today` is the only place where the clock is read.
fn as_of(text: &str) -> Result<Date, String> {
    if text == "today" {
        let today = jiff::Zoned::now().date();
        return Date::new(today.year(), today.month(), today.day()).ok_or_else(|| "the clock is wrong".into());
    }
    text.parse::<Date>().map_err(|error| error.to_string())
}
