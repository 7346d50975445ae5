//! What one core does: lines in, answers out.

use std::collections::HashMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::answer::{Column, Decisions, Remark, json, once, quoted, remark, remarks};
use super::lines::is_blank;
use super::{Batch, Row, Tally};
use crate::decide::fast::Decider;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, SourceFile, codes};
use crate::document::Notation;
use crate::patient::{LineReader, Record, Slots, Vocabulary, read_for};
use crate::protocol::{Dictionary, Named};
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
    /// What is said of names that nobody in the clinic knows, of each kind.
    unknown: [HashMap<String, Remark>; 3],
    /// The patient of the line in hand, in quotation marks.
    patient: String,
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
        let (unknown, tally) = (Default::default(), Tally::default());
        Worker { batch, vocabulary, read, deciders, unknown, patient: String::new(), tally }
    }

    /// Answers some lines.
    pub(super) fn work(&mut self, input: &[u8], first_line: u64, rows: &[Row], out: &mut Vec<u8>) -> Tally {
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
            let row = rows.get(at);
            let number = row.map_or(first_line + at as u64, |row| row.line);
            match line {
                _ if let Some(mistake) = row.and_then(|row| row.mistake.as_ref()) => {
                    self.refuse(&Diagnostic::new(&codes::UNREADABLE, mistake).into(), number, &|_| None, out);
                }
                Ok(line) => self.guarded(line, number, out),
                Err(error) => {
                    let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
                    let place = crate::diagnostic::Place {
                        span: valid.len()..valid.len(),
                        file: SourceFile::new("line", valid),
                    };
                    let mistake = Diagnostic::new(&codes::UNREADABLE, "this is not text in UTF-8").at(&place);
                    self.refuse(&mistake.into(), number, &|_| None, out);
                }
            }
        }
        self.tally
    }

    /// Answers a line. What goes wrong inside regimen costs its record the answer, and no other.
    fn guarded(&mut self, line: &str, number: u64, out: &mut Vec<u8>) {
        let start = out.len();
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.line(line, number, out))) else { return };
        out.truncate(start);
        // What was half done is forgotten.
        *self = Worker { tally: self.tally, ..Worker::new(self.batch, self.vocabulary) };
        let text = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
        let message = format!("this is a bug in regimen: {}", text.unwrap_or("it gave no reason"));
        let help = "the record has no answer; please report it, with a record that shows it";
        let mistake = Diagnostic::new(&codes::MISTAKE_OF_REGIMEN, message).help(help);
        self.refuse(&mistake.into(), number, &|_| None, out);
    }

    fn line(&mut self, line: &str, number: u64, out: &mut Vec<u8>) {
        #[cfg(test)]
        tests::panic_if_asked(line);
        if self.batch.explain.is_none() && self.scan(line, number, out) {
            return;
        }
        let columns = self.batch.columns.as_ref();
        let name = |byte: usize| columns.and_then(|columns| columns.heading_at(line, byte));
        let source = SourceFile::new("line", line);
        let mut found = Diagnostics::default();
        let dictionaries: Vec<&Dictionary> = self.read.iter().map(|(dictionary, ..)| dictionary.as_ref()).collect();
        let as_of = self.batch.protocols[0].as_of();
        let records = read_for(&source, Notation::Json, &dictionaries, as_of, &mut found);
        found.sort();
        let doubtful = found.count(Severity::Warning) > 0;
        if found.has_errors() || (self.batch.strict && doubtful) {
            return self.refuse(&found, number, &name, out);
        }
        self.tally.doubtful += u64::from(doubtful);
        let doubts = doubtful.then(|| json(&remarks(&found, number, &name)));
        if self.batch.explain.is_some() {
            return self.explain(&records, number, doubts.as_deref(), out);
        }
        for ((_, _, slots), record) in self.read.iter_mut().zip(&records) {
            *slots = Slots::of(record, self.vocabulary, as_of);
        }
        let patient = records.first().map(|record| quoted(&record.patient)).unwrap_or_default();
        self.decide(&patient, doubts.as_deref(), out);
    }

    /// Reads a line that is as it should be. Returns whether it is.
    fn scan(&mut self, line: &str, number: u64, out: &mut Vec<u8>) -> bool {
        for (_, reader, slots) in &mut self.read {
            if reader.scan(line, slots).is_err() {
                return false;
            }
        }
        let doubts = self.doubts(line, number);
        if self.batch.strict && doubts.is_some() {
            return false;
        }
        self.tally.doubtful += u64::from(doubts.is_some());
        let Some((_, _, slots)) = self.read.first() else { return false };
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
        self.decide(&patient, doubts.as_deref(), out);
        self.patient = patient;
        true
    }

    /// What is said of the names that nobody knows.
    fn doubts(&mut self, line: &str, number: u64) -> Option<String> {
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
                let said = what.strange(&dictionary.names, name);
                unknown.extend(said.map(|said| (name.to_owned(), remark(&said, number, &|_| None))));
            }
            let heading = self.batch.columns.as_ref().and_then(|columns| columns.heading_at(line, at));
            let column = heading.map_or_else(|| Column::At(line[..at].chars().count() + 1), Column::Named);
            remarks.extend(unknown.get(name).map(|remark| remark.at(number, column)));
        }
        (!remarks.is_empty()).then(|| json(&once(remarks)))
    }

    /// Tells what is wrong with a line instead of answering it.
    fn refuse(&mut self, found: &Diagnostics, number: u64, named: &dyn Fn(usize) -> Option<String>, out: &mut Vec<u8>) {
        self.tally.mistakes += 1;
        self.tally.first_mistake = self.tally.first_mistake.or(Some(number));
        let errors = json(&remarks(found, number, named));
        // Writing to memory cannot fail.
        let _ = writeln!(out, "{{\"line\":{number},\"errors\":{errors}}}");
    }

    /// Decides about the patient whose record was read, and writes the answer.
    fn decide(&mut self, patient: &str, doubts: Option<&str>, out: &mut Vec<u8>) {
        let single = self.deciders.len() == 1;
        out.extend_from_slice(b"{\"patient\":");
        out.extend_from_slice(patient.as_bytes());
        out.extend_from_slice(if single { b"," } else { b",\"answers\":[" });
        for (at, (dictionary, decider, writer)) in self.deciders.iter_mut().enumerate() {
            if !single {
                out.extend_from_slice(if at == 0 { b"{" } else { b",{" });
            }
            let slots = &self.read[*dictionary].2;
            let decision = decider.decide(slots);
            writer.write(&decision, decider.to_be_confirmed(slots, &decision), out);
            if !single {
                out.push(b'}');
            }
        }
        if !single {
            out.push(b']');
        }
        if let Some(doubts) = doubts {
            out.extend_from_slice(b",\"doubts\":");
            out.extend_from_slice(doubts.as_bytes());
        }
        out.extend_from_slice(b"}\n");
    }

    /// Writes the whole answers to one record.
    fn explain(&mut self, records: &[Record], number: u64, doubts: Option<&str>, out: &mut Vec<u8>) {
        let mut answers = Vec::with_capacity(self.deciders.len());
        for ((dictionary, ..), prepared) in self.deciders.iter().zip(self.batch.protocols) {
            match prepared.recommend(&records[*dictionary]) {
                Ok(answer) => answers.push(answer),
                Err(mistakes) => return self.refuse(&mistakes, number, &|_| None, out),
            }
        }
        // Writing to memory cannot fail.
        let _ = match (&answers[..], doubts) {
            ([answer], _) => write!(out, "{}", json(answer)),
            (answers, doubts) => {
                let patient = answers.first().map(|answer| quoted(&answer.patient)).unwrap_or_default();
                let answers: Vec<String> = answers.iter().map(json).collect();
                let doubts = doubts.map(|doubts| format!(",\"doubts\":{doubts}")).unwrap_or_default();
                write!(out, "{{\"patient\":{patient},\"answers\":[{}]{doubts}}}", answers.join(","))
            }
        };
        out.push(b'\n');
    }
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
        let batch = Batch { protocols: prepared, explain, strict: false, columns: None, workers };
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
        let prepared = [clinic.protocols[0].prepare(&Request::new("2026-03-02".parse().expect("a day")))];
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
                        "{{\"line\":{line},\"errors\":[{{\"code\":\"R901\",\"severity\":\"error\",\"message\":\"this is a bug in regimen: the roof fell in\""
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
