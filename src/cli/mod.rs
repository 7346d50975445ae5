//! The command line: one file a command. Answers go to stdout, everything else to stderr.

mod archive;
mod ask;
mod batch;
mod check;
mod diff;
mod explain;
mod fix;
mod fmt;
mod handout;
mod how_good;
mod install;
mod keep;
mod new;
mod plan;
mod prove;
mod publish;
mod recommend;
mod record;
mod replay;
mod revision;
mod schema;
#[cfg(feature = "serve")]
mod serve;
mod show;
mod test;
#[cfg(feature = "serve")]
mod user;
mod verify;
mod watch;
mod when;

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

#[cfg(feature = "serve")]
pub(crate) use schema::written as schema_of;

use crate::date::Date;
use crate::diagnostic::{Diagnostics, codes, render};
use crate::protocol::{Clinic, Protocol, Which};
use crate::visible;

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
    /// The command was interrupted (Ctrl-C), or its input ended before its questions did.
    pub const STOPPED: u8 = 130;
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
    Ask(ask::Ask),
    Batch(batch::Batch),
    Handout(handout::HandoutPage),
    Record(record::Record),
    Plan(plan::Plan),
    When(when::When),
    Check(check::Check),
    Test(test::Test),
    Prove(prove::Prove),
    Diff(diff::Diff),
    Publish(publish::Publish),
    VerifyTrace(verify::VerifyTrace),
    Explain(explain::Explain),
    Show(show::Show),
    New(new::New),
    Fmt(fmt::Fmt),
    Archive(archive::Archives),
    Replay(replay::Replay),
    #[cfg(feature = "serve")]
    Serve(serve::Serve),
    #[cfg(feature = "serve")]
    User(user::Users),
    Schema(schema::Schema),
    Completions(install::Completions),
    Man(install::Man),
}

/// The web application is for all three, where it is built in.
const GROUP_COUNT: usize = if cfg!(feature = "serve") { 5 } else { 4 };

/// The commands by who uses them, as `--help` lists them.
const GROUPS: [(&str, &[&str]); GROUP_COUNT] = [
    #[cfg(feature = "serve")]
    ("Everybody", &["serve", "user"]),
    ("Practitioners", &["recommend", "ask", "handout", "plan", "when", "record", "show"]),
    ("Managers", &["check", "explain", "test", "prove", "diff", "publish", "new", "fmt"]),
    ("Auditors", &["archive", "replay", "verify-trace"]),
    ("Programs and installation", &["batch", "schema", "completions", "man"]),
];

/// The command line, with its commands grouped by who uses them.
fn command() -> clap::Command {
    let command = Arguments::command();
    let mut help = String::from("{about-with-newline}\n{usage-heading} {usage}\n");
    let options = textwrap::Options::new(width().min(100)).subsequent_indent("                ");
    for (who, names) in GROUPS {
        help.push_str(&format!("\n{who}:\n"));
        for below in names.iter().filter_map(|name| command.find_subcommand(name)) {
            let about = below.get_about().map(ToString::to_string).unwrap_or_default();
            let line = format!("  {:12}  {about}", below.get_name());
            help.extend(
                textwrap::wrap(&line, &options).iter().flat_map(|line| [line.as_ref(), "\n"]).map(str::to_owned),
            );
        }
    }
    help.push_str("\nOptions:\n{options}\n\n'regimen COMMAND --help' says more, with an example.");
    command.help_template(help)
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    // clap ends the process itself on `--help`, `--version` and wrong usage, with exit code 0 or 2.
    let parsed = command().try_get_matches().and_then(|found| Arguments::from_arg_matches(&found));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            let text = error.render().to_string();
            if let Cow::Owned(shown) = visible::lines(&text) {
                tell(&shown);
                return ExitCode::from(exit::USAGE);
            }
            // Help and the version are answers.
            if !error.use_stderr() {
                return ExitCode::from(print(&error.render().to_string()));
            }
            error.exit()
        }
    };
    let code = match arguments.command {
        Command::Recommend(command) => command.run(),
        Command::Ask(command) => command.run(),
        Command::Batch(command) => command.run(),
        Command::Handout(command) => command.run(),
        Command::Record(command) => command.run(),
        Command::Plan(command) => command.run(),
        Command::When(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Test(command) => command.run(),
        Command::Prove(command) => command.run(),
        Command::Diff(command) => command.run(),
        Command::Publish(command) => command.run(),
        Command::VerifyTrace(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Show(command) => command.run(),
        Command::New(command) => command.run(),
        Command::Fmt(command) => command.run(),
        Command::Archive(command) => command.run(),
        Command::Replay(command) => command.run(),
        #[cfg(feature = "serve")]
        Command::Serve(command) => command.run(),
        #[cfg(feature = "serve")]
        Command::User(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
    };
    ExitCode::from(code)
}

/// Writes an answer to stdout. A closed pipe is not an error: the reader has seen enough.
fn print(text: &str) -> u8 {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => exit::DONE,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => exit::DONE,
        Err(error) => {
            tell(&format!("error: standard output cannot be written: {error}\n"));
            exit::OUTPUT
        }
    }
}

/// Says something that is not the answer.
fn tell(text: &str) {
    tell_styled(&visible::lines(text));
}

/// Says something whose texts are known to be visible, and that may have colours.
fn tell_styled(text: &str) {
    let mut stderr = anstream::stderr().lock();
    // There is nobody left to tell when stderr is gone.
    let _ = stderr.write_all(text.as_bytes());
}

/// Which text of a protocol answers about a patient.
#[derive(Debug, clap::Args)]
struct Drafts {
    /// Answer from the protocols' files, also where a version is published: to try out what is not in force. The answer is marked as a draft
    #[arg(long)]
    draft: bool,
}

impl Drafts {
    /// The text for a day.
    fn which(&self, as_of: Date) -> Which {
        if self.draft { Which::WorkingFile } else { Which::InForceOn(as_of) }
    }
}

/// The one protocol at a path, with what is to be said of it; else it has been told what is wrong, and the exit code comes back.
fn one_protocol(path: &Path, language: Option<&str>, which: Which) -> Result<(Protocol, Diagnostics), u8> {
    let (mut clinic, broken, mut found) = Clinic::read_which(path, language, which);
    if !broken.is_empty() {
        clinic.protocols.clear();
        broken.into_iter().for_each(|one| found.append(one.mistakes));
    }
    match &clinic.protocols[..] {
        [protocol] => Ok((protocol.clone(), found)),
        several => {
            tell_diagnostics(&found);
            Err(if several.is_empty() { exit::MISTAKES } else { usage("name one protocol: its folder or its file") })
        }
    }
}

/// Shows what is wrong with the files.
fn tell_diagnostics(found: &Diagnostics) {
    if !found.is_empty() {
        tell_styled(&render::human(found, true));
    }
}

/// Tells what is wrong, and ends with a code.
fn failed(code: u8) -> impl Fn(Diagnostics) -> u8 {
    move |found| {
        tell_diagnostics(&found);
        code
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

/// The day that was asked for.
fn as_of(text: &str) -> Result<Date, String> {
    if text == "today" { today().map(|(day, _)| day) } else { text.parse::<Date>().map_err(|error| error.to_string()) }
}

/// The day that was asked for, of which is told where it is `today`.
fn as_of_told(text: &str) -> Result<Date, u8> {
    let day = match text {
        "today" => today().map(|(day, zone)| {
            tell(&format!("as of {day}, today in {zone}\n"));
            day
        }),
        text => as_of(text),
    };
    day.map_err(|message| usage(&format!("--as-of: {message}")))
}

/// Today and the time zone in which it is today, as `TZ` says or, without it, the system. This is the only place where the clock is read.
fn today() -> Result<(Date, String), String> {
    let told = std::env::var_os("TZ").filter(|zone| !zone.is_empty());
    let zone = match &told {
        // A zone that nobody knows is not UTC: the day would be another one.
        Some(name) => jiff::tz::TimeZone::try_system().map_err(|_| {
            let name = name.to_string_lossy();
            let code = codes::UNKNOWN_TIME_ZONE.id;
            format!("{code}: nobody knows the time zone `{name}` of the environment variable TZ; write it as Europe/Vienna, or give the day itself")
        })?,
        None => jiff::tz::TimeZone::try_system().unwrap_or(jiff::tz::TimeZone::UTC),
    };
    let now = jiff::Timestamp::now().to_zoned(zone);
    let nameless = || match &told {
        Some(zone) => format!("the time zone `{}` of the environment variable TZ", zone.to_string_lossy()),
        None => "the system's time zone".to_owned(),
    };
    let zone = now.time_zone().iana_name().map_or_else(nameless, str::to_owned);
    let today = now.date();
    let day = Date::new(today.year(), today.month(), today.day());
    Ok((day.ok_or_else(|| "the clock is wrong".to_owned())?, zone))
}

/// The name of a language, as files have it.
fn language(word: &str) -> Result<String, String> {
    match crate::protocol::translation::is_language(word) {
        true => Ok(word.to_owned()),
        false => Err("a language is written as `de` or `pt-BR`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_listed_once_and_has_an_example() {
        let mut listed: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        listed.sort_unstable();
        let command = command();
        let mut all: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        all.sort_unstable();
        assert_eq!(listed, all);
        for below in command.get_subcommands() {
            let with_example = |command: &clap::Command| {
                command.get_long_about().is_some_and(|about| about.to_string().contains("Example: regimen "))
            };
            let has_one = with_example(below) || below.get_subcommands().all(with_example);
            assert!(has_one, "{}", below.get_name());
        }
    }
}
