//! `regimen batch`: a line in, a line out.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{exit, tell, tell_diagnostics, usage};
use crate::batch::{self, ColumnMap, CsvLines, JsonLines, Lines, Stop, Tally};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::Prepared;
use crate::protocol::{Clinic, Dictionary, Protocol};
use crate::trace::Depth;

/// Answer many records: a line of JSON in, a line of JSON out
#[derive(Debug, Args)]
pub(super) struct Batch {
    /// Protocols' folders or files; a clinic's folder asks every protocol in it that is in force
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
    /// Go on where a run that wrote the output was cut
    #[arg(long, requires = "output")]
    resume: bool,
    /// The records are a table (CSV) with a heading; a row is a patient
    #[arg(long)]
    csv: bool,
    /// What the table's columns hold, where they are not called as facts are (TOML)
    #[arg(long, value_name = "FILE", requires = "csv")]
    columns: Option<PathBuf>,
    /// How much of the reasoning each answer holds
    #[arg(long, value_enum, default_value_t)]
    explain: Explain,
    /// Set a parameter for all answers, within its range
    #[arg(long, value_name = "PARAMETER=VALUE")]
    set: Vec<String>,
    /// Take doubtful things in a record, such as an unknown fact, as mistakes
    #[arg(long)]
    strict: bool,
    /// How many records to work on at once; as many as there are cores, if nothing is said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
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

impl Batch {
    pub(super) fn run(&self) -> u8 {
        let as_of = match super::as_of(&self.as_of) {
            Ok(as_of) => as_of,
            Err(message) => return usage(&format!("--as-of: {message}")),
        };
        let mut found = Diagnostics::default();
        let mut clinics = Vec::new();
        for path in &self.protocols {
            let (clinic, mistakes) = Clinic::read(path);
            if clinic.protocols.is_empty() && !mistakes.has_errors() {
                let message = format!("there is no protocol in {}", path.display());
                found.push(Diagnostic::new(&codes::UNREADABLE, message));
            }
            found.append(mistakes);
            clinics.push(clinic);
        }
        // A folder's protocols that are not in force are left out; one that was named is a mistake.
        let in_force =
            |clinic: &Clinic, protocol: &Protocol| clinic.protocols.len() == 1 || !protocol.usable(as_of).has_errors();
        let protocols: Vec<&Protocol> = clinics
            .iter()
            .flat_map(|clinic| clinic.protocols.iter().filter(move |protocol| in_force(clinic, protocol)))
            .collect();
        protocols.iter().for_each(|protocol| found.append(protocol.usable(as_of)));
        if protocols.is_empty() {
            let all = clinics.iter().flat_map(|clinic| &clinic.protocols);
            all.for_each(|protocol| found.append(protocol.usable(as_of)));
        }
        found.sort();
        if found.has_errors() {
            tell_diagnostics(&found);
            return exit::MISTAKES;
        }
        if let Some(name) = super::nobodys_parameter(&protocols, &self.set) {
            return usage(&format!("--set: no protocol has a parameter `{name}`"));
        }
        let explain = match self.explain {
            Explain::None => None,
            Explain::Verdict => Some(Depth::Verdict),
            Explain::Rules => Some(Depth::Rules),
            Explain::Full => Some(Depth::Full),
        };
        let mut prepared: Vec<Prepared<'_>> = Vec::new();
        for protocol in &protocols {
            match super::request(protocol, as_of, &self.set, protocols.len() > 1) {
                Ok(request) => prepared.push(protocol.prepare(&request.explain(explain.unwrap_or_default()))),
                Err(message) => return usage(&format!("--set: {message}")),
            }
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut batch = batch::Batch {
            protocols: &prepared,
            explain,
            strict: self.strict,
            columns: None,
            workers: self.jobs.map_or(cores, usize::from),
        };
        self.answer(&mut batch)
    }

    /// Opens what is read and written, and runs.
    fn answer(&self, batch: &mut batch::Batch<'_>) -> u8 {
        let mut found = Diagnostics::default();
        let (done, output) = match self.output() {
            Ok(output) => output,
            Err(message) => {
                tell(&format!("error: {message}\n"));
                return exit::OUTPUT;
            }
        };
        // The last answer is given again, to see that it is the same.
        let skip = done.answers.saturating_sub(1);
        let Some((mut lines, length)) = self.lines(batch, skip, &mut found) else {
            tell_diagnostics(&found);
            return exit::MISTAKES;
        };
        let mut output = Continued { output, last: done.last, given: Vec::new() };
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
        let start = Instant::now();
        let mut told = |tally: &Tally| {
            bar.set_position(tally.bytes);
            bar.set_message(format!("{} records", with_commas(tally.records)));
        };
        let result = batch.run(lines.as_mut(), &mut output, &mut told, &stop);
        bar.finish_and_clear();
        let seconds = start.elapsed().as_secs_f64();
        match result {
            Ok(tally) => {
                tell(&summary(&tally, done.answers, seconds));
                if tally.mistakes + done.mistakes > 0 { exit::MISTAKES } else { exit::DONE }
            }
            // The reader has seen enough.
            Err((_, Stop::Output(error))) if error.kind() == io::ErrorKind::BrokenPipe => exit::DONE,
            Err((tally, stop)) => {
                tell(&summary(&tally, done.answers, seconds));
                let (message, code) = match stop {
                    Stop::Asked => ("the run was stopped before the end".to_owned(), exit::STOPPED),
                    Stop::Input(error) => (format!("the records cannot be read on: {error}"), exit::MISTAKES),
                    Stop::Output(error) => (format!("the answers cannot be written: {error}"), exit::OUTPUT),
                };
                let help = match &self.output {
                    Some(file) if code != exit::OUTPUT => {
                        format!("go on with the same command and `--resume`: {} holds what was done\n", file.display())
                    }
                    _ => String::new(),
                };
                tell(&format!("error: {message}\n{help}"));
                code
            }
        }
    }

    /// Where the answers go, and those that are there.
    fn output(&self) -> Result<(Done, Box<dyn Write>), String> {
        let Some(path) = &self.output else { return Ok((Done::default(), Box::new(io::stdout().lock()))) };
        let failed = |error: io::Error| format!("{} cannot be written: {error}", path.display());
        if !self.resume {
            return Ok((Done::default(), Box::new(File::create(path).map_err(failed)?)));
        }
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = options.map_err(failed)?;
        let done = Done::read(&file).map_err(failed)?;
        file.set_len(done.bytes).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
        Ok((done, Box::new(file)))
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
            let source = crate::protocol::load::read_file(path, found)?;
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

fn length_of(file: &File) -> Option<u64> {
    file.metadata().ok().filter(|metadata| metadata.is_file()).map(|metadata| metadata.len())
}

/// The answers that a run that was cut has left.
#[derive(Debug, Default)]
struct Done {
    answers: u64,
    /// Those that tell of mistakes.
    mistakes: u64,
    /// How many bytes they are; what follows is the beginning of a line.
    bytes: u64,
    last: Option<Vec<u8>>,
}

impl Done {
    fn read(file: &File) -> io::Result<Done> {
        let mut done = Done::default();
        let mut lines = BufReader::new(file);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            done.answers += 1;
            done.mistakes += u64::from(line.starts_with(b"{\"line\":"));
            done.bytes += line.len() as u64;
            std::mem::swap(done.last.get_or_insert_default(), &mut line);
            line.clear();
        }
        Ok(done)
    }
}

/// An output that has been begun: the first line is not written again, but has to be the last that is there.
struct Continued {
    output: Box<dyn Write>,
    last: Option<Vec<u8>>,
    given: Vec<u8>,
}

impl Write for Continued {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(last) = &self.last else { return self.output.write(bytes) };
        self.given.extend_from_slice(bytes);
        let Some(end) = self.given.iter().position(|byte| *byte == b'\n') else { return Ok(bytes.len()) };
        let (again, rest) = self.given.split_at(end + 1);
        if again != last {
            let message = "they do not go on where the file ends: other records, protocols or options than those of the run that was cut";
            return Err(io::Error::other(message));
        }
        self.output.write_all(rest)?;
        self.last = None;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
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

    #[test]
    fn the_last_answer_is_compared_and_not_written_again() {
        let shared = Arc::new(std::sync::Mutex::new(Vec::new()));
        struct Shared(Arc<std::sync::Mutex<Vec<u8>>>);
        impl Write for Shared {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().map_or(Ok(0), |mut all| all.write(bytes))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let continued = |last: &str| Continued {
            output: Box::new(Shared(shared.clone())),
            last: Some(last.into()),
            given: Vec::new(),
        };
        let mut output = continued("{\"a\":1}\n");
        for part in ["{\"a\"", ":1}\n{\"b\"", ":2}\n"] {
            output.write_all(part.as_bytes()).expect("it can be written");
        }
        assert_eq!(shared.lock().expect("nobody else").as_slice(), b"{\"b\":2}\n");
        assert!(continued("{\"a\":2}\n").write_all(b"{\"a\":1}\n").is_err());
    }
}
