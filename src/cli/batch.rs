//! `regimen batch`: a line in, a line out.

#[cfg(feature = "parquet")]
mod column;
mod kept;
mod output;

use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::keep::{Keeping, unchanged};
use super::{Drafts, exit, tell, tell_diagnostics, usage};
use crate::archive::{Question, Texts, Why, why};
use crate::batch::{self, ColumnMap, CsvLines, JsonLines, Lines, NotReady, Selection, Stop, Tally};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::files;
use crate::protocol::Dictionary;
use crate::protocol::load::{read_named, rests_on};
use crate::trace::Depth;

/// How many letters name a run: enough to tell those for one output apart.
const RUN: usize = 8;

/// Answer many records: one line of JSON in, one line out
///
/// Example: regimen batch protocols --as-of 2026-03-02 --input records.ndjson -o answers.ndjson
#[derive(Debug, Args)]
pub(super) struct Batch {
    /// Protocol folders or files, or a clinic's folder for every protocol in it that is in force
    #[arg(required = true)]
    protocols: Vec<PathBuf>,
    /// The day for which to answer, as 2026-03-02, or `today`
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// Read the records from a file instead of standard input
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Write the answers to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Continue an interrupted run
    #[arg(long, requires = "output")]
    resume: bool,
    /// Read the records from a CSV table with a header row, one patient per row
    #[arg(long)]
    csv: bool,
    /// A TOML file that says what the columns hold whose headings are not names of facts
    #[arg(long, value_name = "FILE", requires = "csv")]
    columns: Option<PathBuf>,
    #[cfg(feature = "parquet")]
    #[command(flatten)]
    column: column::Column,
    /// How much of the reasoning each answer holds
    #[arg(long, value_enum, default_value_t)]
    explain: Explain,
    /// Set a parameter for all answers, within its range
    #[arg(long, value_name = "PARAMETER=VALUE")]
    set: Vec<String>,
    /// The language of texts and labels, as `de`: those of the files `protocol.de.toml` and `facts.de.toml`
    #[arg(long, value_name = "LANGUAGE", value_parser = super::language)]
    lang: Option<String>,
    /// Treat anything doubtful in a record, such as an unknown fact, as an error
    #[arg(long)]
    strict: bool,
    /// How many records to process at once; by default, one per core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    #[command(flatten)]
    drafts: Drafts,
    #[command(flatten)]
    keeping: Keeping,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Explain {
    /// The decision alone
    #[default]
    None,
    /// The whole answer, with what decided
    Verdict,
    /// The whole answer, with each rule
    Rules,
    /// The whole answer, with each step of each rule
    Full,
}

impl Explain {
    fn depth(self) -> Option<Depth> {
        match self {
            Explain::None => None,
            Explain::Verdict => Some(Depth::Verdict),
            Explain::Rules => Some(Depth::Rules),
            Explain::Full => Some(Depth::Full),
        }
    }
}

impl Batch {
    /// How many records are worked on at once.
    fn workers(&self) -> usize {
        self.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
    }

    pub(super) fn run(&self) -> u8 {
        let as_of = match super::as_of_told(&self.as_of) {
            Ok(as_of) => as_of,
            Err(code) => return code,
        };
        #[cfg(feature = "parquet")]
        if let Some(code) = self.column.refused() {
            return code;
        }
        let keeper = match self.keeping.open() {
            Ok(keeper) => keeper,
            Err(code) => return code,
        };
        let paths: Vec<&Path> = self.protocols.iter().map(PathBuf::as_path).collect();
        let which = self.drafts.which(as_of);
        let texts = || Texts::of(&paths, self.lang.as_deref(), which);
        let mut kept = keeper.map(|keeper| {
            let question = Question::new(texts(), as_of, &self.set, self.lang.as_deref(), self.strict);
            kept::Records::new(keeper, question.drafts(self.drafts.draft))
        });
        // Nothing is said before it is kept.
        let refuse =
            |kept: Option<&kept::Records>, why: &[Why], say: &dyn Fn() -> u8| match kept.map(|kept| kept.refuse(why)) {
                Some(Err(code)) => code,
                _ => say(),
            };
        let mistaken = |kept: Option<&kept::Records>, found: &Diagnostics| {
            refuse(kept, &why(found, self.strict), &|| {
                tell_diagnostics(found);
                exit::MISTAKES
            })
        };
        let not_set = |kept: Option<&kept::Records>, message: &str| {
            let why = Why { code: codes::INVALID_VALUE.id.to_owned(), message: message.to_owned() };
            refuse(kept, &[why], &|| usage(&format!("--set: {message}")))
        };
        let selection = match Selection::read_which(&paths, as_of, self.lang.as_deref(), which) {
            Ok(selection) => selection,
            Err(found) => return mistaken(kept.as_ref(), &found),
        };
        let explain = self.explain.depth();
        let whole = kept.as_ref().map(|_| selection.prepare(&self.set, Depth::Full)).transpose();
        let prepared = match (selection.prepare(&self.set, explain.unwrap_or_default()), whole) {
            (Ok(prepared), Ok(whole)) => {
                kept.iter_mut().zip(whole).for_each(|(kept, whole)| kept.prepared = whole);
                prepared
            }
            (Err(why), _) | (_, Err(why)) => {
                return match why {
                    NotReady::Mistakes(found) => mistaken(kept.as_ref(), &found),
                    NotReady::Setting(message) => not_set(kept.as_ref(), &message),
                    NotReady::TooManyTexts => usage(&why.to_string()),
                };
            }
        };
        let broken = selection.broken;
        if let Some(Err(found)) = kept.as_ref().map(|kept| unchanged(&kept.question, &texts().0)) {
            tell_diagnostics(&found);
            return exit::MISTAKES;
        }
        let mut batch = batch::Batch {
            protocols: &prepared,
            explain,
            strict: self.strict,
            columns: None,
            workers: self.workers(),
            answered: batch::Patients::default(),
            broken: &broken,
            keep: kept.as_ref().map(|kept| kept as &dyn batch::Keep),
        };
        broken.iter().for_each(|one| tell_diagnostics(&one.mistakes));
        match self.answer(&mut batch) {
            exit::DONE if !broken.is_empty() => exit::MISTAKES,
            code => code,
        }
    }

    /// Opens what is read and written, and runs.
    fn answer(&self, batch: &mut batch::Batch<'_>) -> u8 {
        let mut found = Diagnostics::default();
        if let Some(read) = self.overwritten(batch) {
            let output = if self.output.is_some() { "--output" } else { "standard output" };
            return usage(&format!("{output}: {read} is read, and the answers would be written over it"));
        }
        let failed = |message: String| {
            tell(&format!("error: {message}\n"));
            exit::OUTPUT
        };
        let mut there = match output::Found::look(self.output.as_deref(), self.resume, &self.name_of(batch)) {
            Ok(there) => there,
            Err(message) => return failed(message),
        };
        #[cfg(feature = "parquet")]
        if let Some(column) = &self.column.column {
            return self.answer_column(column, batch, there);
        }
        let (answers, mistakes) = (there.done.answers, there.done.mistakes);
        batch.answered = std::mem::take(&mut there.done.patients);
        // The last answer is given again, to see that it is the same.
        let Some((mut lines, length)) = self.lines(batch, answers.saturating_sub(1), &mut found) else {
            tell_diagnostics(&found);
            return exit::MISTAKES;
        };
        let mut output = match there.open(self.resume) {
            Ok(output) => output,
            Err(message) => return failed(message),
        };
        let start = Instant::now();
        let result = self.go(batch, lines.as_mut(), &mut output, length);
        let result = result.and_then(|tally| match output.finish() {
            Ok(()) => Ok(tally),
            Err(error) => Err((tally, Stop::Output(error))),
        });
        told(result, (answers, mistakes), start, output.part())
    }

    /// Answers all records, while somebody watches and may stop it.
    fn go(
        &self,
        batch: &batch::Batch<'_>,
        lines: &mut (dyn Lines + Send),
        output: &mut dyn Write,
        length: Option<u64>,
    ) -> Result<Tally, (Tally, Stop)> {
        let bar = progress(length, self.output.is_some() || !io::stdout().is_terminal());
        let stop = Arc::new(AtomicBool::new(false));
        let asked = stop.clone();
        // Without a handler, Ctrl-C ends the run all the same, if less cleanly.
        let _ = ctrlc::set_handler(move || {
            // Whoever asks twice does not want to wait for the next line.
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(exit::STOPPED));
            }
        });
        quiet_workers();
        let mut told = |tally: &Tally| {
            bar.set_position(tally.bytes);
            bar.set_message(format!("{} records", with_commas(tally.records)));
        };
        let result = batch.run(lines, output, &mut told, &stop);
        bar.finish_and_clear();
        result
    }

    /// A file that is read, if the answers would be written into it.
    fn overwritten(&self, batch: &batch::Batch<'_>) -> Option<String> {
        let protocols = batch.protocols.iter().map(|prepared| PathBuf::from(&prepared.protocol().file.name));
        let broken = batch.broken.iter().map(|one| one.file.clone());
        // Of a published version, also its dictionary and the index.
        let day = batch.protocols.first().map(crate::Prepared::as_of);
        let texts = day.into_iter().flat_map(|day| {
            let which = self.drafts.which(day);
            self.protocols.iter().flat_map(move |path| rests_on(path, self.lang.as_deref(), which).files)
        });
        let files = self.input.iter().chain(&self.columns).cloned().chain(self.keeping.path());
        let mut read = files.chain(protocols).chain(broken).chain(texts);
        match &self.output {
            Some(output) => read
                .find(|path| files::same(path, output) && output.is_file())
                .map(|path| path.display().to_string())
                .or_else(|| {
                    (self.input.is_none() && files::leads_to(&io::stdin(), output)).then(|| "standard input".into())
                }),
            None => read.find(|path| files::leads_to(&io::stdout(), path)).map(|path| path.display().to_string()),
        }
    }

    /// What tells the records from others, where they are in a file.
    fn input_identity(&self) -> Option<String> {
        let about = match &self.input {
            Some(path) => path.metadata().ok(),
            #[cfg(unix)]
            None => {
                use std::os::fd::AsFd;
                io::stdin().as_fd().try_clone_to_owned().map(File::from).and_then(|file| file.metadata()).ok()
            }
            #[cfg(not(unix))]
            None => None,
        };
        about.filter(std::fs::Metadata::is_file).map(|about| files::identity(&about))
    }

    /// What the answers depend on: a run is continued by no other.
    fn name_of(&self, batch: &batch::Batch<'_>) -> String {
        // A pipe can be read once only.
        let plain = self.columns.as_ref().filter(|path| path.is_file());
        let columns = plain.map(std::fs::read).and_then(Result::ok);
        let input = self.input_identity();
        let all = format!(
            "{}\0{:?}\0{}\0{}\0{:?}\0{columns:?}\0{input:?}",
            batch::identity(batch.protocols, batch.broken),
            self.explain,
            self.strict,
            self.csv,
            self.set
        );
        crate::protocol::sha256(&all).chars().take(RUN).collect()
    }

    /// Where the records come from, and how many bytes they are, where that is known.
    fn lines(
        &self,
        batch: &mut batch::Batch<'_>,
        skip: u64,
        found: &mut Diagnostics,
    ) -> Option<(Box<dyn Lines + Send>, Option<u64>)> {
        let (input, length): (Box<dyn Read + Send>, _) = match &self.input {
            Some(path) => match File::open(path) {
                Ok(file) => {
                    let length = length_of(&file);
                    if length.is_some() && is_parquet(&file) {
                        found.push(parquet_without_a_column(path));
                        return None;
                    }
                    (Box::new(file), length)
                }
                Err(error) => {
                    let message = format!("{} cannot be read: {error}", path.display());
                    found.push(Diagnostic::new(&codes::UNREADABLE, message));
                    return None;
                }
            },
            None => (Box::new(io::stdin()), None),
        };
        if !self.csv {
            return Some((Box::new(JsonLines::new(input, skip)), length));
        }
        let mut map = ColumnMap::default();
        if let Some(path) = &self.columns {
            let source = read_named(path, found)?;
            map = ColumnMap::read(&source, found);
            if found.has_errors() {
                return None;
            }
        }
        let dictionaries: Vec<&Dictionary> =
            batch.protocols.iter().map(|prepared| prepared.protocol().dictionary.as_ref()).collect();
        match CsvLines::new(input, &map, &dictionaries, skip) {
            Ok((lines, columns)) => {
                batch.columns = Some(columns);
                Some((Box::new(lines), length))
            }
            Err(mistakes) => {
                found.append(mistakes);
                None
            }
        }
    }
}

/// Tells how a run ended: what the process ends with. `before` are the answers, and the mistakes, that were there when it began.
fn told(result: Result<Tally, (Tally, Stop)>, before: (u64, u64), start: Instant, part: Option<&Path>) -> u8 {
    let (answers, mistakes) = before;
    let seconds = start.elapsed().as_secs_f64();
    match result {
        Ok(tally) => {
            tell(&summary(&tally, answers, seconds));
            if tally.mistakes + mistakes > 0 { exit::MISTAKES } else { exit::DONE }
        }
        // The reader has seen enough.
        Err((_, Stop::Output(error))) if error.kind() == io::ErrorKind::BrokenPipe => exit::DONE,
        Err((tally, stop)) => {
            tell(&summary(&tally, answers, seconds));
            let (message, code) = match stop {
                Stop::Asked => ("the run was stopped before the end".to_owned(), exit::STOPPED),
                Stop::Input(error) => (format!("the records cannot be read further: {error}"), exit::MISTAKES),
                Stop::Output(error) => (format!("the answers cannot be written: {error}"), exit::OUTPUT),
            };
            let help = match part {
                Some(file) if code != exit::OUTPUT => {
                    format!(
                        "continue with the same command and `--resume`: {} holds the answers so far\n",
                        file.display()
                    )
                }
                _ => String::new(),
            };
            tell(&format!("error: {message}\n{help}"));
            code
        }
    }
}

fn length_of(file: &File) -> Option<u64> {
    file.metadata().ok().filter(|metadata| metadata.is_file()).map(|metadata| metadata.len())
}

/// Whether a plain file is one of Parquet, which would be nothing but broken lines.
fn is_parquet(mut file: &File) -> bool {
    let mut mark = [0; 4];
    let is_parquet = file.read_exact(&mut mark).is_ok() && mark == *b"PAR1";
    file.rewind().is_ok() && is_parquet
}

fn parquet_without_a_column(path: &Path) -> Diagnostic {
    let help = if cfg!(feature = "parquet") {
        "name the column that holds the records, as in `--column record`"
    } else {
        "this program was built without the feature `parquet`, which reads such files; the Python module does so too"
    };
    let message = format!("{} is a Parquet file, and holds no lines of JSON", path.display());
    Diagnostic::new(&codes::UNREADABLE, message).help(help)
}

/// A mistake of regimen stands in the line of its record. Where in the program it was is told once; a thousand would hide the rest.
fn quiet_workers() {
    let (told, before) = (AtomicBool::new(false), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |panic| {
        let is_worker = std::thread::current().name() == Some(batch::WORKER);
        if !is_worker || !told.swap(true, Ordering::Relaxed) {
            before(panic);
        }
    }));
}

/// Where somebody watches: how far the run is, how fast it goes and how long it still takes.
fn progress(length: Option<u64>, is_free: bool) -> ProgressBar {
    if !is_free || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match length {
        Some(length) => (ProgressBar::new(length), "{bar:30} {percent}% · {msg} · {binary_bytes_per_sec} · {eta} left"),
        None => (ProgressBar::no_length(), "{spinner} {msg} · {binary_bytes_per_sec} · {elapsed}"),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(4));
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

/// How the run went.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is no less than 0, and a larger one is shown as the largest"
)]
fn summary(tally: &Tally, before: u64, seconds: f64) -> String {
    let answered = tally.records - tally.mistakes;
    let mut text = format!("{} records: {} answered", with_commas(tally.records), with_commas(answered));
    if before > 0 {
        text.push_str(&format!(" (the first of them the last of {} that were there)", with_commas(before)));
    }
    if tally.doubtful > 0 {
        text.push_str(&format!(", {} of them with doubts", with_commas(tally.doubtful)));
    }
    if let Some(line) = tally.first_mistake {
        text.push_str(&format!(", {} with mistakes, the first in line {line}", with_commas(tally.mistakes)));
    }
    let rate = tally.records as f64 / seconds.max(1e-9);
    text.push_str(&format!("; {seconds:.1} s, {} a second\n", with_commas(rate as u64)));
    text
}

fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(
            [0, 999, 1000, 1234567].map(with_commas),
            ["0".to_owned(), "999".into(), "1,000".into(), "1,234,567".into()]
        );
    }
}
