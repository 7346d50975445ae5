//! Where the answers go: a file that is whole or the old one, and what a run that was cut leaves.
//!
//! Answers are written beside the output, in `OUTPUT.<run>.part`, and take its place at the end. `<run>` stands for the day, the protocols,
//! the options and the file of records: what another run has left is never continued.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::batch::Patients;
use crate::files;

/// The output as it is found, before anything is touched.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The file, its links followed; none: standard output, or a device that takes the answers as they come.
    path: Option<PathBuf>,
    device: Option<PathBuf>,
    part: PathBuf,
    /// What the run that is continued has left.
    pub(super) done: Done,
    /// The output of a run that went to its end, or was cut by somebody else: each of its answers has to come out again.
    whole: Option<File>,
}

/// The answers that a run that was cut has left.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) answers: u64,
    /// Those that tell of mistakes.
    pub(super) mistakes: u64,
    /// How many bytes they are; what follows is the beginning of a line.
    bytes: u64,
    last: Vec<u8>,
    /// Who has been answered, but for the last.
    pub(super) patients: Patients,
}

/// Of an answer, whose it is.
#[derive(Deserialize)]
struct Answer {
    patient: String,
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
            if let Ok(answer) = serde_json::from_slice::<Answer>(&done.last) {
                done.patients.insert(&answer.patient);
            }
            std::mem::swap(&mut done.last, &mut line);
            line.clear();
        }
        Ok(done)
    }
}

impl Found {
    /// Looks at the output. `run` stands for everything that the answers depend on.
    ///
    /// # Errors
    /// When it cannot be written, or there is nothing that can be continued.
    pub(super) fn look(output: Option<&Path>, resume: bool, run: &str) -> Result<Found, String> {
        let Some(output) = output else { return Ok(Found::default()) };
        let failed = |error: io::Error| format!("{} cannot be written: {error}", output.display());
        let path = files::real(output).map_err(failed)?;
        let old = files::writable(&path).map_err(failed)?;
        if old.as_ref().is_some_and(|old| !old.is_file()) {
            return if resume {
                Err(format!("{} is not a file that can be continued", output.display()))
            } else {
                Ok(Found { device: Some(path), ..Found::default() })
            };
        }
        let mut found = Found { part: beside(&path, run), ..Found::default() };
        if resume {
            match (File::open(&found.part), parts(&path).first()) {
                (Ok(part), _) => found.done = Done::read(&part).map_err(failed)?,
                (Err(_), Some(other)) => {
                    return Err(format!(
                        "{} was begun with another day, protocols, options or records than these, and is not continued",
                        other.display()
                    ));
                }
                (Err(_), None) if old.is_some() => found.whole = Some(File::open(&path).map_err(failed)?),
                (Err(_), None) => {}
            }
        }
        found.path = Some(path);
        Ok(found)
    }

    /// Opens what is written to. What is to be continued is not touched before the last of its answers has come out again.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn open(self, resume: bool) -> Result<Output, String> {
        let failed = |path: &Path, error: io::Error| format!("{} cannot be written: {error}", path.display());
        let Some(path) = self.path else {
            let to: Box<dyn Write + Send> = match self.device {
                Some(path) => {
                    Box::new(OpenOptions::new().write(true).open(&path).map_err(|error| failed(&path, error))?)
                }
                None => Box::new(io::stdout()),
            };
            return Ok(Output { to, file: None, expected: Box::new(io::empty()), left: 0, is_there: false });
        };
        let part = self.part;
        let open = || {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&part)?;
            // Where a system has no locks, two runs at once are the user's to avoid.
            let is_taken = |file: &File| matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock));
            let others = parts(&path).into_iter().filter(|other| *other != part);
            // One that has just ended has put its part in the place of the output.
            if is_taken(&file)
                || !files::stands_at(&file, &part)
                || others.into_iter().any(|other| File::open(other).is_ok_and(|other| is_taken(&other)))
            {
                return Err(io::Error::other("another run is writing the same output"));
            }
            let left = if resume { self.done.bytes } else { 0 };
            if left == 0 {
                file.set_len(0)?;
            }
            (&file).seek(SeekFrom::Start(left))?;
            Ok((file.try_clone()?, file))
        };
        let (to, file) = open().map_err(|error| failed(&part, error))?;
        let (expected, left): (Box<dyn Read + Send>, u64) = match self.whole {
            Some(whole) => {
                let length = whole.metadata().map_err(|error| failed(&path, error))?.len();
                (Box::new(BufReader::new(whole)), length)
            }
            None => (Box::new(io::Cursor::new(self.done.last.clone())), self.done.last.len() as u64),
        };
        let is_there = !self.done.last.is_empty();
        let file = Some(Part { file, part, path, bytes: self.done.bytes });
        Ok(Output { to: Box::new(to), file, expected, left, is_there })
    }
}

/// An output on its way.
pub(super) struct Output {
    to: Box<dyn Write + Send>,
    file: Option<Part>,
    /// What has to come out again, and how many bytes of it have not yet.
    expected: Box<dyn Read + Send>,
    left: u64,
    /// Whether that stands in the part already.
    is_there: bool,
}

/// The file that is written, and whose place it takes.
#[derive(Debug)]
struct Part {
    file: File,
    part: PathBuf,
    path: PathBuf,
    /// How many bytes of it are whole answers of the run that was cut.
    bytes: u64,
}

impl Output {
    /// What is said where a run is stopped: the file that `--resume` continues.
    pub(super) fn part(&self) -> Option<&Path> {
        self.file.as_ref().map(|file| file.part.as_path())
    }

    /// Ends the output of a run that went to its end.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        if self.left > 0 {
            return Err(self.refuse("the records end before the last answer that is there"));
        }
        let Some(Part { file, part, path, .. }) = &self.file else { return Ok(()) };
        files::place(file, part, path)?;
        // Whatever runs for other days have left is out of date; those that are still at work hold a lock.
        for other in parts(path) {
            if File::open(&other).is_ok_and(|other| other.try_lock().is_ok()) {
                let _ = std::fs::remove_file(other);
            }
        }
        Ok(())
    }

    fn refuse(&self, message: &str) -> io::Error {
        // Nothing has been written that could be continued: the output itself is what is there.
        if let Some(file) = self.file.as_ref().filter(|_| !self.is_there) {
            let _ = std::fs::remove_file(&file.part);
        }
        io::Error::other(message.to_owned())
    }

    /// Compares what is given with what is there. Returns how much was compared.
    fn compare(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let mut there = vec![0; length];
        self.expected.read_exact(&mut there)?;
        if there != bytes[..length] {
            return Err(self.refuse("they do not go on where the file ends: other records, protocols or options than those of the run that was cut"));
        }
        self.left -= length as u64;
        if let Some(Part { file, bytes, .. }) = self.file.as_ref().filter(|_| self.is_there && self.left == 0) {
            // The beginning of a line that the run was cut in.
            file.set_len(*bytes)?;
            self.is_there = false;
            return Ok(length);
        }
        if !self.is_there {
            self.to.write_all(&bytes[..length])?;
        }
        Ok(length)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left > 0 { self.compare(bytes) } else { self.to.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// The file beside an output in which a run is written.
fn beside(path: &Path, run: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{run}.part"));
    path.with_file_name(name)
}

/// What other runs for an output have left.
fn parts(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_part = |other: &str| {
        let run = other
            .strip_prefix(&name)
            .and_then(|rest| rest.strip_prefix('.'))
            .and_then(|rest| rest.strip_suffix(".part"));
        run.is_some_and(|run| run.len() == super::RUN && run.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut parts: Vec<PathBuf> = files
        .filter(|file| is_part(&file.file_name().to_string_lossy()))
        .map(|file| path.with_file_name(file.file_name()))
        .collect();
    parts.sort();
    parts
}
