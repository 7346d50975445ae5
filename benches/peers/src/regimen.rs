//! regimen, through its public interface: the protocol is loaded and the records are read beforehand.

use std::rc::Rc;

use regimen::trace::Outcome;
use regimen::{Clinic, Date, Depth, Notation, Recommendation, Record, Request, Tri};

use crate::Engine;
use crate::answer::{Answer, RULES, Status, Truth};
use crate::days::TODAY;

/// The protocol.
const PROTOCOL: &str = include_str!("../rules.toml");

/// The protocol and the patients' records.
pub struct Prepared {
    clinic: Clinic,
    records: Vec<Record>,
    as_of: Date,
}

impl Prepared {
    /// Loads the protocol and reads each line as a record.
    pub fn new(lines: &[String]) -> Prepared {
        let (clinic, warnings) = Clinic::from_text("rules.toml", PROTOCOL).expect("the protocol is right");
        assert!(warnings.is_empty(), "{warnings:?}");
        let as_of = format!("{:04}-{:02}-{:02}", TODAY.0, TODAY.1, TODAY.2).parse().expect("it is a date");
        let mut prepared = Prepared { clinic, records: Vec::new(), as_of };
        prepared.records = lines.iter().map(|line| prepared.read(line)).collect();
        prepared
    }

    /// Reads a record.
    pub fn read(&self, line: &str) -> Record {
        let read = Record::from_text("record.json", line, Notation::Json, &self.clinic.dictionary);
        read.expect("the record is right").0
    }

    fn recommend(&self, record: &Record, request: &Request) -> Recommendation {
        self.clinic.protocols[0].recommend(record, request).expect("the protocol is in force")
    }
}

/// A recommendation with its reasons, questions, sources and trace.
pub struct Recommend {
    prepared: Rc<Prepared>,
    request: Request,
}

impl Recommend {
    /// To a depth of the trace.
    pub fn new(prepared: &Rc<Prepared>, depth: Depth) -> Recommend {
        Recommend { request: Request::new(prepared.as_of).explain(depth), prepared: Rc::clone(prepared) }
    }
}

impl Engine for Recommend {
    fn name(&self) -> String {
        let depth = match self.request.depth {
            Depth::Verdict => "what decided",
            Depth::Rules => "each rule",
            Depth::Full => "each step",
        };
        format!("regimen, recommendation with a trace of {depth}")
    }

    /// Only the status is taken out of the recommendation: the truths are somewhere in it, and are looked at in `check`.
    fn decide(&mut self, answers: &mut [Answer]) {
        for (record, answer) in self.prepared.records.iter().zip(answers) {
            let recommendation = self.prepared.recommend(record, &self.request);
            answer.status = status(&recommendation);
            std::hint::black_box(recommendation);
        }
    }

    fn check(&mut self, answers: &mut [Answer]) {
        self.decide(answers);
        let full = self.request.clone().explain(Depth::Full);
        for (record, answer) in self.prepared.records.iter().zip(answers) {
            answer.truths = truths(&self.prepared.recommend(record, &full));
        }
    }
}

/// The truth of each rule's condition, as the trace tells it.
fn truths(recommendation: &Recommendation) -> [Truth; RULES.len()] {
    const KINDS: [&str; 5] = ["indication", "contraindication", "deferral", "referral", "precaution"];
    RULES.map(|rule| {
        let is_rule = |id: &str| id.split_once('.').is_some_and(|(kind, id)| KINDS.contains(&kind) && id == rule);
        let node = recommendation.trace.nodes.iter().find(|node| is_rule(&node.id));
        match node.map(|node| &node.outcome) {
            Some(Outcome::Truth(Tri::True)) => Some(true),
            Some(Outcome::Truth(Tri::False)) => Some(false),
            Some(Outcome::Truth(Tri::Unknown)) => None,
            other => panic!("the trace says of {rule}: {other:?}"),
        }
    })
}

fn status(recommendation: &Recommendation) -> Status {
    match recommendation.status {
        regimen::Status::Contraindicated => Status::Contraindicated,
        regimen::Status::NotIndicated => Status::NotIndicated,
        regimen::Status::Deferred => Status::Deferred,
        regimen::Status::Undetermined => Status::Undetermined,
        regimen::Status::Refer => Status::Refer,
        regimen::Status::Due => Status::Due,
        other => panic!("no rule of this protocol leads to {other}"),
    }
}
