//! Lines of JSON, some at a time.

use std::io::{self, Read};

use super::Job;

/// Where records come from.
pub trait Lines {
    /// Fills a job with whole lines. Returns whether there were any.
    ///
    /// # Errors
    /// When the input cannot be read.
    fn fill(&mut self, job: &mut Job) -> io::Result<bool>;
}

/// The most bytes that a line may have: as many as a file with one record.
pub(super) const LONGEST: usize = crate::files::LARGEST;

/// How much of a line that is too long is passed over, in the hope of its end. What goes on is no file of lines.
pub(super) const ENDLESS: usize = 64 << 20;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// About how many bytes make a job.
pub(super) const JOB: usize = 256 * 1024;

/// A reader of lines of JSON.
#[derive(Debug)]
pub struct JsonLines<R> {
    input: R,
    /// The beginning of a line that was read with the lines before it.
    rest: Vec<u8>,
    line: u64,
    /// How many lines have been answered already.
    skip: u64,
}

impl<R: Read> JsonLines<R> {
    /// The lines of an input, but for those that have been answered already. Empty lines are no records, and do not count.
    pub fn new(input: R, skip: u64) -> JsonLines<R> {
        JsonLines { input, rest: Vec::new(), line: 1, skip }
    }

    /// Reads whole lines.
    fn read(&mut self, job: &mut Job) -> io::Result<()> {
        job.input.append(&mut self.rest);
        loop {
            let start = job.input.len();
            // A line that is longer than a job makes a longer job.
            let room = JOB.max(start);
            let read = (&mut self.input).take(room as u64).read_to_end(&mut job.input)?;
            if read < room {
                break;
            }
            let last = memchr::memrchr(b'\n', &job.input);
            if last.is_none() && job.input.len() > LONGEST {
                self.pass_over(job)?;
                break;
            }
            if let Some(end) = last {
                self.rest.extend_from_slice(&job.input[end + 1..]);
                job.input.truncate(end + 1);
                break;
            }
        }
        Ok(())
    }

    /// Looks for the end of a line that is too long. Enough of it is kept to see that.
    fn pass_over(&mut self, job: &mut Job) -> io::Result<()> {
        job.input.truncate(LONGEST + 1);
        let mut passed = 0;
        loop {
            self.rest.clear();
            let read = (&mut self.input).take(JOB as u64).read_to_end(&mut self.rest)?;
            if let Some(end) = memchr::memchr(b'\n', &self.rest) {
                self.rest.drain(..=end);
                job.input.push(b'\n');
                return Ok(());
            }
            passed += read;
            if read < JOB {
                self.rest.clear();
                return Ok(());
            }
            if passed > ENDLESS {
                return Err(io::Error::new(io::ErrorKind::InvalidData, format!("line {} has no end", self.line)));
            }
        }
    }
}

impl<R: Read> Lines for JsonLines<R> {
    fn fill(&mut self, job: &mut Job) -> io::Result<bool> {
        job.bytes = 0;
        loop {
            self.read(job)?;
            if self.line == 1 && job.input.starts_with(BYTE_ORDER_MARK) {
                job.input.drain(..BYTE_ORDER_MARK.len());
                job.bytes += BYTE_ORDER_MARK.len() as u64;
            }
            if job.input.is_empty() {
                return Ok(false);
            }
            job.first_line = self.line;
            job.bytes += job.input.len() as u64;
            self.line += memchr::memchr_iter(b'\n', &job.input).count() as u64;
            if self.skip == 0 {
                return Ok(true);
            }
            let mut start = 0;
            while self.skip > 0 && start < job.input.len() {
                let length = memchr::memchr(b'\n', &job.input[start..]);
                let end = length.map_or(job.input.len(), |length| start + length + 1);
                self.skip -= u64::from(!is_blank(&job.input[start..end]));
                job.first_line += 1;
                start = end;
            }
            job.input.drain(..start);
            if !job.input.is_empty() {
                return Ok(true);
            }
        }
    }
}

/// A text without the mark that says how its file is written.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Whether a line holds nothing.
pub(super) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, skip: u64) -> Vec<(u64, String)> {
        let mut lines = JsonLines::new(text.as_bytes(), skip);
        let mut found = Vec::new();
        let mut job = Job::default();
        while lines.fill(&mut job).expect("a text can be read") {
            found.push((job.first_line, String::from_utf8(job.input.clone()).expect("a text")));
            job.input.clear();
        }
        found
    }

    #[test]
    fn lines_stay_whole_and_keep_their_numbers() {
        assert_eq!(all("", 0), []);
        assert_eq!(all("a\nb", 0), [(1, "a\nb".into())]);
        assert_eq!(all("a\n\nb\nc\n", 2), [(4, "c\n".into())]);
        assert_eq!(all("a\nb\n", 2), []);
        let long = "x".repeat(3 * JOB);
        let text = format!("1\n{long}\n3\n");
        assert_eq!(all(&text, 0).into_iter().map(|(_, text)| text).collect::<String>(), text);
        let many: String = (0..200_000).map(|n| format!("{n}\n")).collect();
        let jobs = all(&many, 0);
        assert!(jobs.len() > 1);
        for (first, text) in &jobs {
            assert!(text.starts_with(&format!("{}\n", first - 1)) && text.ends_with('\n'));
        }
        assert_eq!(jobs.into_iter().map(|(_, text)| text).collect::<String>(), many);
    }
}
