//! What one core does: lines in, answers out.

use std::collections::HashMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::answer::{Asked, Column, Decisions, NOTED_TWICE_IN_A_TABLE, Remark, json, once, quoted, remark, remarks};
use super::keep::{Keep, Kept, is_refusal};
use super::lines::{LONGEST, is_blank, without_mark};
use super::patients::{Mark, mark};
use super::{Answered, Batch, Row, Tally};
use crate::decide::fast::Decider;
use crate::decide::{Decision, Prepared};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, SourceFile, codes};
use crate::document::Notation;
use crate::patient::{LineReader, Record, Slots, Vocabulary, read_for};
use crate::protocol::{Dictionary, Named};
use crate::recommendation::{Recommendation, Status};
use crate::visible;

/// Of how many unknown names of a kind a worker remembers what to say.
const MOST_UNKNOWN: usize = 1000;

/// One of several that work on a batch.
pub(super) struct Worker<'b> {
    batch: &'b Batch<'b>,
    vocabulary: &'b Vocabulary,
    /// The dictionaries, each with a reader and what it read last.
    read: Vec<(&'b Arc<Dictionary>, LineReader<'b>, Slots)>,
    /// The protocols, each with its dictionary's place.
    deciders: Vec<(usize, Decider<'b>, Decisions)>,
    /// By which protocols there may be something about the line in hand that nobody can answer.
    unanswerable: Vec<bool>,
    /// What is said of names that nobody in the clinic knows, of each kind.
    unknown: [HashMap<String, Remark>; 3],
    /// The day, and the protocols.
    asked: Asked,
    /// What each of them decided of the line in hand.
    decisions: Vec<Decision>,
    /// The patient of the line in hand, in quotation marks.
    patient: String,
    /// The same patient's mark, where the line has an answer.
    mark: Option<Mark>,
    /// The records that are to be kept, with their whole answers.
    kept: Vec<Kept>,
    tally: Tally,
}

impl<'b> Worker<'b> {
    pub(super) fn new(batch: &'b Batch<'b>, vocabulary: &'b Vocabulary) -> Worker<'b> {
        let mut read: Vec<(&Arc<Dictionary>, LineReader<'_>, Slots)> = Vec::new();
        let mut deciders = Vec::new();
        for prepared in batch.protocols {
            let dictionary = &prepared.protocol().dictionary;
            let at = read.iter().position(|(other, ..)| Arc::ptr_eq(other, dictionary)).unwrap_or_else(|| {
                let reader = LineReader::new(dictionary, vocabulary, prepared.as_of());
                read.push((dictionary, reader, Slots::new(dictionary)));
                read.len() - 1
            });
            deciders.push((at, Decider::new(prepared, vocabulary), Decisions::new(prepared.protocol())));
        }
        let asked = Asked::new(batch.protocols, batch.broken);
        let (unknown, tally) = (Default::default(), Tally::default());
        let (decisions, patient, mark) = (Vec::new(), String::new(), None);
        let kept = Vec::new();
        Worker {
            batch,
            vocabulary,
            read,
            deciders,
            unanswerable: Vec::new(),
            decisions,
            unknown,
            asked,
            patient,
            mark,
            kept,
            tally,
        }
    }

    /// Answers some lines, and notes of each answer where it ends and whose it is.
    pub(super) fn work(
        &mut self,
        input: &[u8],
        first_line: u64,
        rows: &[Row],
        out: &mut Vec<u8>,
        answers: &mut Vec<Answered>,
    ) -> Tally {
        self.tally = Tally::default();
        let whole = std::str::from_utf8(input).ok();
        let mut start = 0;
        for (at, end) in memchr::memchr_iter(b'\n', input).chain([input.len()]).enumerate() {
            let bytes = &input[start..end];
            let line = match whole {
                Some(whole) => Ok(&whole[start..end]),
                None => std::str::from_utf8(bytes),
            };
            start = end + 1;
            if is_blank(bytes) {
                continue;
            }
            self.tally.records += 1;
            let start_of_answer = out.len();
            let row = rows.get(at);
            let number = row.map_or(first_line + at as u64, |row| row.line);
            self.mark = None;
            let headings = self.batch.columns.as_ref();
            match line {
                _ if let Some(row) = row.filter(|row| !row.mistakes.is_empty()) => {
                    let heading =
                        |at: &Option<usize>| headings.zip(*at).and_then(|(headings, at)| headings.heading(at));
                    let remarks = row.mistakes.iter();
                    let mut all: Vec<Remark> =
                        remarks.map(|(at, one)| remark(one, number, &|_| None).of(heading(at))).collect();
                    let read = line.ok().filter(|line| *line != "{}");
                    all.extend(read.map(|line| self.mistakes(line, number, row)).unwrap_or_default());
                    self.refuse(&once(all), number, out);
                }
                _ if bytes.len() > LONGEST => self.too_long(number, out),
                Ok(line) => self.guarded(line, number, row.filter(|_| headings.is_some()), out),
                Err(error) => {
                    let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
                    let place = crate::diagnostic::Place {
                        span: valid.len()..valid.len(),
                        file: SourceFile::new("line", valid),
                    };
                    let mistake = Diagnostic::new(&codes::UNREADABLE, "this is not text in UTF-8").at(&place);
                    self.refuse(&[remark(&mistake, number, &|_| None)], number, out);
                }
            }
            answers.push(Answered { end: out.len(), line: number, patient: self.mark });
            if let Some(keep) = self.batch.keep {
                let answers =
                    if is_refusal(&out[start_of_answer..]) { Ok(Vec::new()) } else { self.whole(keep, bytes) };
                let cells = row.map(|row| row.written.clone()).unwrap_or_default();
                let (line, is_row) = (bytes.to_vec(), row.is_some());
                self.kept.push(Kept { line, is_row, cells, printed: Vec::new(), answers });
            }
        }
        self.tally
    }

    /// Answers one record that has a number of its own; also one that is not there. Returns whose it is, where it has an answer.
    pub(super) fn answer(&mut self, record: Option<&str>, number: u64, out: &mut Vec<u8>) -> Option<Mark> {
        self.tally.records += 1;
        self.mark = None;
        // Before the first line, a byte order mark says how the file is written.
        let record = record.map(|record| if number == 1 { without_mark(record) } else { record });
        match record.filter(|record| !is_blank(record.as_bytes())) {
            None => self.refuse(&[remark(&no_record(), number, &|_| None)], number, out),
            Some(record) if record.len() > LONGEST => self.too_long(number, out),
            Some(record) => self.guarded(record, number, None, out),
        }
        self.mark
    }

    /// How many records were answered, as far as they are counted.
    pub(super) fn take_tally(&mut self) -> Tally {
        std::mem::take(&mut self.tally)
    }

    fn too_long(&mut self, number: u64, out: &mut Vec<u8>) {
        let message = format!("this line has more than {} MiB", LONGEST >> 20);
        self.refuse(&[remark(&Diagnostic::new(&codes::UNREADABLE, message), number, &|_| None)], number, out);
    }

    /// The records that were worked on last and are to be kept.
    pub(super) fn kept(&mut self) -> Vec<Kept> {
        std::mem::take(&mut self.kept)
    }

    /// The whole answers to a line, as they are kept.
    fn whole(&self, keep: &dyn Keep, line: &[u8]) -> Result<Vec<(Record, Recommendation)>, String> {
        let answer = || {
            let line = std::str::from_utf8(line).map_err(|error| error.to_string())?;
            let dictionaries: Vec<&Dictionary> = self.read.iter().map(|(dictionary, ..)| dictionary.as_ref()).collect();
            let as_of = self.batch.protocols[0].as_of();
            let mut found = Diagnostics::default();
            let source = SourceFile::new("line", line);
            let records = read_for(&source, Notation::Json, &dictionaries, as_of, &mut found);
            let asked = self.deciders.iter().zip(keep.prepared());
            let each = asked.map(|((dictionary, ..), prepared)| {
                let record = &records[*dictionary];
                prepared.recommend(record).map(|answer| (record.clone(), answer)).map_err(|found| found.to_string())
            });
            each.collect()
        };
        catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_| Err("it could not be worked out".to_owned()))
    }

    /// Answers a line. What goes wrong inside regimen costs its record the answer, and no other.
    fn guarded(&mut self, line: &str, number: u64, row: Option<&Row>, out: &mut Vec<u8>) {
        let start = out.len();
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.line(line, number, row, out))) else { return };
        out.truncate(start);
        // What was half done is forgotten.
        let kept = std::mem::take(&mut self.kept);
        *self = Worker { tally: self.tally, kept, ..Worker::new(self.batch, self.vocabulary) };
        let text = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
        let message = format!("this is a bug in regimen: {}", text.unwrap_or("it gave no reason"));
        let help = "the record has no answer; please report it, with a record that shows it";
        let mistake = Diagnostic::new(&codes::MISTAKE_OF_REGIMEN, message).help(help);
        self.refuse(&[remark(&mistake, number, &|_| None)], number, out);
    }

    fn line(&mut self, line: &str, number: u64, row: Option<&Row>, out: &mut Vec<u8>) {
        #[cfg(test)]
        tests::panic_if_asked(line);
        if self.batch.explain.is_none() && self.scan(line, number, row, out) {
            return;
        }
        let columns = self.batch.columns.as_ref();
        let name = |byte: usize| columns.zip(row).and_then(|(columns, row)| columns.heading_at(row, byte));
        let source = SourceFile::new("line", line);
        let mut found = Diagnostics::default();
        let dictionaries: Vec<&Dictionary> = self.read.iter().map(|(dictionary, ..)| dictionary.as_ref()).collect();
        let as_of = self.batch.protocols[0].as_of();
        let records = read_for(&source, Notation::Json, &dictionaries, as_of, &mut found);
        found.sort();
        if !found.has_errors() {
            for ((_, _, slots), record) in self.read.iter_mut().zip(&records) {
                *slots = Slots::of(record, self.vocabulary, as_of);
            }
            self.decide();
            for ((dictionary, prepared), told) in self.asked_of().zip(self.may_be_told_by_answer()) {
                found.append(prepared.doubts_if(&records[dictionary], told));
            }
        }
        let doubtful = found.count(Severity::Warning) > 0;
        if found.has_errors() || (self.batch.strict && doubtful) {
            let mut remarks = remarks(&found, number, &name);
            if row.is_none() {
                remarks.iter_mut().for_each(|one| one.help_with(line));
            } else {
                remarks.iter_mut().for_each(|one| one.help_with_cell(columns));
            }
            return self.refuse(&remarks, number, out);
        }
        self.tally.doubtful += u64::from(doubtful);
        let doubts = doubtful.then(|| {
            let mut remarks = remarks(&found, number, &name);
            remarks.iter_mut().filter(|_| row.is_some()).for_each(|one| one.help_with_cell(columns));
            json(&remarks)
        });
        if self.batch.explain.is_some() {
            return self.explain(&records, (number, row.is_some()), doubts.as_deref(), out);
        }
        let patient = records.first().map(|record| quoted(&record.patient)).unwrap_or_default();
        self.mark = records.first().map(|record| mark(&record.patient));
        self.write(&patient, doubts.as_deref(), out);
    }

    /// What else is wrong in a row of which some cells cannot be read.
    fn mistakes(&self, line: &str, number: u64, row: &Row) -> Vec<Remark> {
        let mut found = Diagnostics::default();
        let dictionaries: Vec<&Dictionary> = self.read.iter().map(|(dictionary, ..)| dictionary.as_ref()).collect();
        let as_of = self.batch.protocols[0].as_of();
        read_for(&SourceFile::new("line", line), Notation::Json, &dictionaries, as_of, &mut found);
        found.retain(|one| one.severity == Severity::Error);
        let columns = self.batch.columns.as_ref();
        let mut told = remarks(&found, number, &|byte| columns?.heading_at(row, byte));
        told.iter_mut().for_each(|one| one.help_with_cell(columns));
        told
    }

    /// Reads a line that is as it should be. Returns whether it is.
    fn scan(&mut self, line: &str, number: u64, row: Option<&Row>, out: &mut Vec<u8>) -> bool {
        for (_, reader, slots) in &mut self.read {
            if reader.scan(line, slots).is_err() {
                return false;
            }
        }
        let doubts = self.doubts(line, number, row);
        if self.batch.strict && doubts.is_some() {
            return false;
        }
        self.decide();
        // What is doubtful about a course, why nobody can answer, and which answers contradict each other is told with its place in the
        // record.
        let is_doubtful = self.decisions.iter().any(|decision| decision.doubtful)
            || self.may_be_told_by_answer().any(|told| told)
            || self.deciders.iter().any(|(_, decider, _)| decider.found_contradictions());
        if is_doubtful {
            return false;
        }
        self.tally.doubtful += u64::from(doubts.is_some());
        let Some((_, _, slots)) = self.read.first() else { return false };
        self.mark = Some(mark(&slots.patient));
        let mut patient = std::mem::take(&mut self.patient);
        patient.clear();
        // What the scan takes for a text needs no escapes, but for what a terminal would not show.
        if visible::is_plain(&slots.patient) {
            patient.push('"');
            patient.push_str(&slots.patient);
            patient.push('"');
        } else {
            patient.push_str(&quoted(&slots.patient));
        }
        self.write(&patient, doubts.as_deref(), out);
        self.patient = patient;
        true
    }

    /// The protocols, each with the place of its dictionary.
    fn asked_of(&self) -> impl Iterator<Item = (usize, &'b Prepared)> {
        self.deciders.iter().zip(self.batch.protocols).map(|((dictionary, ..), prepared)| (*dictionary, prepared))
    }

    /// Of each protocol, whether the whole answer may have more to tell of the patient whose record was read: that nobody can answer something,
    /// that its first permitted day is none.
    fn may_be_told_by_answer(&self) -> impl Iterator<Item = bool> {
        // What could stay undetermined lacks a setting.
        let perhaps = |decision: &Decision| decision.could_become.contains(Status::Undetermined);
        let decided = self.decisions.iter().zip(&self.unanswerable);
        decided.map(move |(decision, unanswerable)| match decision.status {
            _ if *unanswerable => true,
            Status::Undetermined => perhaps(decision),
            Status::Deferred => decision.doubtful,
            _ => false,
        })
    }

    /// What is said of the names that nobody knows.
    fn doubts(&mut self, line: &str, number: u64, row: Option<&Row>) -> Option<String> {
        let ((dictionary, reader, _), others) = self.read.split_first()?;
        let of_no_protocol = |one: &&(usize, Named)| others.iter().all(|(_, reader, _)| reader.unknown().contains(one));
        let mut remarks = Vec::new();
        for &(at, what) in reader.unknown().iter().filter(of_no_protocol) {
            let name = line[at..].split('"').nth(1).unwrap_or_default();
            let unknown = &mut self.unknown[what as usize];
            if !unknown.contains_key(name) {
                if unknown.len() == MOST_UNKNOWN {
                    unknown.clear();
                }
                let said = what.strange(&dictionary.names, name, dictionary.speech());
                unknown.extend(said.map(|said| (name.to_owned(), remark(&said, number, &|_| None))));
            }
            let columns = self.batch.columns.as_ref().zip(row);
            let heading = columns.and_then(|(columns, row)| columns.heading_at(row, at));
            let column = heading.map_or_else(|| Column::At(line[..at].chars().count() + 1), Column::Named);
            remarks.extend(unknown.get(name).map(|remark| remark.at(number, column)));
        }
        (!remarks.is_empty()).then(|| json(&once(remarks)))
    }

    /// Tells what is wrong with a line instead of answering it.
    fn refuse(&mut self, remarks: &[Remark], number: u64, out: &mut Vec<u8>) {
        self.tally.mistake(number);
        self.asked.refuse(remarks, number, out);
    }

    /// Decides about the patient whose record was read, by each protocol.
    fn decide(&mut self) {
        self.decisions.clear();
        self.unanswerable.clear();
        for (dictionary, decider, _) in &mut self.deciders {
            self.decisions.push(decider.decide(&self.read[*dictionary].2));
            self.unanswerable.push(decider.may_have_no_result());
        }
    }

    /// Writes what was decided.
    fn write(&mut self, patient: &str, doubts: Option<&str>, out: &mut Vec<u8>) {
        let single = self.deciders.len() == 1 && self.asked.broken.is_empty();
        out.extend_from_slice(b"{\"patient\":");
        out.extend_from_slice(patient.as_bytes());
        out.extend_from_slice(self.asked.day.as_bytes());
        out.extend_from_slice(if single { b"," } else { b",\"answers\":[" });
        for (at, ((dictionary, decider, writer), decision)) in self.deciders.iter_mut().zip(&self.decisions).enumerate()
        {
            if !single {
                out.extend_from_slice(if at == 0 { b"{" } else { b",{" });
            }
            writer.write(decision, decider.to_be_confirmed(&self.read[*dictionary].2, decision), out);
            if !single {
                out.push(b'}');
            }
        }
        if !single {
            out.extend_from_slice(self.asked.broken.as_bytes());
            out.push(b']');
        }
        if let Some(doubts) = doubts {
            out.extend_from_slice(b",\"doubts\":");
            out.extend_from_slice(doubts.as_bytes());
        }
        out.extend_from_slice(b"}\n");
    }

    /// Writes the whole answers to one record.
    fn explain(&mut self, records: &[Record], (number, is_row): (u64, bool), doubts: Option<&str>, out: &mut Vec<u8>) {
        let mut answers = Vec::with_capacity(self.deciders.len());
        for ((dictionary, ..), prepared) in self.deciders.iter().zip(self.batch.protocols) {
            match prepared.recommend(&records[*dictionary]) {
                Ok(mut answer) => {
                    let twice = answer.doubts.iter_mut().filter(|one| is_row && one.code == codes::NOTED_TWICE.id);
                    twice.for_each(|one| one.help = vec![NOTED_TWICE_IN_A_TABLE.to_owned()]);
                    answers.push(answer);
                }
                Err(mistakes) => return self.refuse(&remarks(&mistakes, number, &|_| None), number, out),
            }
        }
        self.mark = answers.first().map(|answer| mark(&answer.patient));
        // Writing to memory cannot fail.
        let _ = match (&answers[..], doubts) {
            ([answer], _) if self.asked.broken.is_empty() => write!(out, "{}", json(answer)),
            (answers, doubts) => {
                let patient = answers.first().map(|answer| quoted(&answer.patient)).unwrap_or_default();
                let answers: Vec<String> = answers.iter().map(json).collect();
                let doubts = doubts.map(|doubts| format!(",\"doubts\":{doubts}")).unwrap_or_default();
                let (day, answers, broken) = (&self.asked.day, answers.join(","), &self.asked.broken);
                write!(out, "{{\"patient\":{patient}{day},\"answers\":[{answers}{broken}]{doubts}}}")
            }
        };
        out.push(b'\n');
    }
}

/// What is said of a row with nothing in it.
pub(super) fn no_record() -> Diagnostic {
    let help = "every row of a column is answered: leave out those that are no patients";
    Diagnostic::new(&codes::NO_RECORD, "there is no record in this row").help(help)
}

impl std::fmt::Debug for Worker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("tally", &self.tally).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::JsonLines;
    use super::*;
    use crate::protocol::Clinic;
    use crate::trace::Depth;
    use crate::{Prepared, Request};

    /// Stands for a mistake that nobody knows of yet.
    pub(super) fn panic_if_asked(line: &str) {
        assert!(!line.contains("\"P-panic"), "the roof fell in");
    }

    fn run(prepared: &[Prepared], explain: Option<Depth>, workers: usize, lines: &[String]) -> (Tally, Vec<String>) {
        let batch = Batch { explain, workers, ..Batch::new(prepared) };
        let text = lines.join("\n");
        let mut out = Vec::new();
        let stop = std::sync::atomic::AtomicBool::new(false);
        let tally = batch.run(&mut JsonLines::new(text.as_bytes(), 0), &mut out, &mut |_| {}, &stop).expect("it ends");
        (tally, String::from_utf8(out).expect("a text").lines().map(str::to_owned).collect())
    }

    #[test]
    fn a_panic_costs_one_record_its_answer_and_no_other() {
        let (clinic, _) =
            Clinic::from_text("tiny.toml", include_str!("../../tests/fixtures/tiny.toml")).expect("a protocol");
        let prepared =
            [clinic.protocols[0].prepare(&Request::new("2026-03-02".parse().expect("a day"))).expect("in force")];
        let line = |at: usize| match at {
            70 => "{}".to_owned(),
            at => format!("{{\"patient\":\"P-{at}\",\"recorded\":\"2026-03-01\",\"facts\":{{\"spots\":{}}}}}", at % 7),
        };
        let sound: Vec<String> = (0..100).map(line).collect();
        let mut broken = sound.clone();
        let panics = [0, 33, 34, 64, 99];
        panics.iter().for_each(|at| broken[*at] = broken[*at].replace("P-", "P-panic-"));
        broken.insert(50, String::new());
        for (explain, workers) in [(None, 1), (None, 3), (Some(Depth::Verdict), 1)] {
            let (expected, answers) = run(&prepared, explain, workers, &sound);
            assert_eq!((expected.records, expected.mistakes), (100, 1));
            let (tally, told) = run(&prepared, explain, workers, &broken);
            assert_eq!((tally.records, tally.mistakes, tally.first_mistake), (100, 6, Some(1)));
            assert_eq!(told.len(), 100);
            for at in 0..100 {
                let line = at + if at < 50 { 1 } else { 2 };
                if panics.contains(&at) {
                    let start = format!(
                        "{{\"line\":{line},\"as_of\":\"2026-03-02\",\"protocol\":\"tiny-peel\",\"version\":\"1.2.0\",\"edition\":\"unpublished\",\"errors\":[{{\"code\":\"R901\",\"severity\":\"error\",\"message\":\"this is a bug in regimen: the roof fell in\""
                    );
                    assert!(told[at].starts_with(&start), "{}", told[at]);
                } else if at == 70 {
                    assert!(told[at].starts_with("{\"line\":72,"), "{}", told[at]);
                } else {
                    assert_eq!(told[at], answers[at]);
                }
            }
        }
    }
}
