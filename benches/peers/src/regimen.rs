//! regimen, through its public interface. The protocol is loaded and made ready for the day beforehand; the records are read
//! beforehand too, once as records and once in slots, as a batch reads them.

use std::rc::Rc;
use std::sync::atomic::AtomicBool;

use regimen::batch::{Batch, JsonLines};
use regimen::internals::Action;
use regimen::trace::Outcome;
use regimen::{
    Clinic, Date, Decider, Depth, LineReader, Notation, Recommendation, Record, Request, Slots, Tri, Vocabulary,
};

use crate::Engine;
use crate::answer::{Answer, RULES, Status, Truth};
use crate::days::TODAY;

/// The protocol.
const PROTOCOL: &str = include_str!("../rules.toml");

/// The protocol and the patients.
pub struct Prepared {
    clinic: Clinic,
    vocabulary: Vocabulary,
    records: Vec<Record>,
    filled: Vec<Slots>,
    as_of: Date,
}

impl Prepared {
    /// Loads the protocol and reads each line, as a record and in slots.
    pub fn new(lines: &[String]) -> Prepared {
        let (clinic, warnings) = Clinic::from_text("rules.toml", PROTOCOL).expect("the protocol is right");
        assert!(warnings.is_empty(), "{warnings:?}");
        let as_of: Date = format!("{:04}-{:02}-{:02}", TODAY.0, TODAY.1, TODAY.2).parse().expect("it is a date");
        let vocabulary = Vocabulary::new(&clinic.protocols);
        let mut reader = LineReader::new(&clinic.dictionary, &vocabulary, as_of);
        let slots = |line: &String| {
            let mut slots = Slots::new(&clinic.dictionary);
            reader.scan(line, &mut slots).expect("the record is as it should be");
            slots
        };
        let filled = lines.iter().map(slots).collect();
        let mut prepared = Prepared { clinic, vocabulary, records: Vec::new(), filled, as_of };
        prepared.records = lines.iter().map(|line| prepared.read(line)).collect();
        prepared
    }

    /// Reads a record.
    pub fn read(&self, line: &str) -> Record {
        let read = Record::from_text("record.json", line, Notation::Json, &self.clinic.dictionary);
        read.expect("the record is right").0
    }

    /// Reads a line in slots, as a batch does.
    pub fn scanner(self: &Rc<Self>) -> impl FnMut(&str) + 'static {
        let prepared: &'static Prepared = leaked(self);
        let mut reader = LineReader::new(&prepared.clinic.dictionary, &prepared.vocabulary, prepared.as_of);
        let mut slots = Slots::new(&prepared.clinic.dictionary);
        move |line| assert!(reader.scan(line, &mut slots).is_ok())
    }
}

/// A reference that lives as long as the program: the comparison needs it until its end anyway.
fn leaked(prepared: &Rc<Prepared>) -> &'static Prepared {
    &**Box::leak(Box::new(Rc::clone(prepared)))
}

/// How much of the trace is wanted, as data.
#[derive(Clone, Copy, PartialEq)]
pub enum Wanted {
    /// The decision: status, dates, what it could become.
    Decision,
    /// Also the truth of each rule.
    Rules,
    /// Also the truth of each condition that the rules are made of. (What they ask of is the record.)
    Steps,
}

/// A decision without the words: from slots.
pub struct Decide {
    filled: &'static [Slots],
    decider: Decider<'static>,
    wanted: Wanted,
    /// For each rule of the comparison, its place in the protocol, and whether it fires when its condition fails.
    rules: [(usize, bool); RULES.len()],
}

impl Decide {
    /// One patient after the other.
    pub fn new(prepared: &Rc<Prepared>, wanted: Wanted) -> Decide {
        let prepared = leaked(prepared);
        let protocol = &prepared.clinic.protocols[0];
        let ready = Box::leak(Box::new(protocol.prepare(&Request::new(prepared.as_of)).expect("in force")));
        let rules = RULES.map(|id| {
            let at = protocol.rules.iter().position(|rule| rule.id == id).expect("the rule is there");
            (at, matches!(protocol.rules[at].action, Action::Indicate { .. }))
        });
        let decider = Decider::new(ready, &prepared.vocabulary);
        Decide { filled: &prepared.filled, decider, wanted, rules }
    }

    fn run(&mut self, answers: &mut [Answer], wanted: Wanted) {
        for (slots, answer) in self.filled.iter().zip(answers) {
            answer.status = status(self.decider.decide(slots).status);
            if wanted == Wanted::Decision {
                continue;
            }
            for (truth, (at, fails)) in answer.truths.iter_mut().zip(&self.rules) {
                *truth = match (self.decider.rule(*at), fails) {
                    (Tri::Unknown, _) => None,
                    (fires, fails) => Some(fires.is_true() != *fails),
                };
            }
            if wanted == Wanted::Steps {
                self.decider.conditions().for_each(|step| _ = std::hint::black_box(step));
            }
        }
    }
}

impl Engine for Decide {
    fn name(&self) -> String {
        let what = match self.wanted {
            Wanted::Decision => "the decision",
            Wanted::Rules => "with each rule as data",
            Wanted::Steps => "with each step as data",
        };
        format!("regimen: {what}")
    }

    fn decide(&mut self, answers: &mut [Answer]) {
        self.run(answers, self.wanted);
    }

    fn check(&mut self, answers: &mut [Answer]) {
        self.run(answers, Wanted::Steps);
    }
}

/// A batch, from lines of JSON to lines of JSON.
pub struct Lines {
    ready: [regimen::Prepared; 1],
    workers: usize,
}

impl Lines {
    /// With so many workers.
    pub fn new(prepared: &Rc<Prepared>, workers: usize) -> Lines {
        let prepared = leaked(prepared);
        Lines { ready: [prepared.clinic.protocols[0].prepare(&Request::new(prepared.as_of)).expect("in force")], workers }
    }

    /// Answers as many lines as there are patients.
    pub fn run(&self, lines: &[u8], patients: usize) {
        let mut batch = Batch::new(&self.ready);
        batch.workers = self.workers;
        let mut answers = Vec::with_capacity(lines.len());
        let stop = AtomicBool::new(false);
        let tally = batch.run(&mut JsonLines::new(lines, 0), &mut answers, &mut |_| (), &stop);
        let tally = tally.map_err(|(_, stop)| stop).expect("nothing stops it");
        assert_eq!((tally.records, tally.mistakes), (patients as u64, 0));
        std::hint::black_box(answers);
    }
}

/// A recommendation with its reasons, questions, sources and trace.
pub struct Recommend {
    prepared: &'static Prepared,
    ready: regimen::Prepared,
    depth: Depth,
}

impl Recommend {
    /// To a depth of the trace.
    pub fn new(prepared: &Rc<Prepared>, depth: Depth) -> Recommend {
        let prepared = leaked(prepared);
        let ready = prepared.clinic.protocols[0].prepare(&Request::new(prepared.as_of).explain(depth)).expect("in force");
        Recommend { prepared, ready, depth }
    }
}

impl Engine for Recommend {
    fn name(&self) -> String {
        let depth = match self.depth {
            Depth::Verdict => "what decided",
            Depth::Rules => "each rule",
            Depth::Full => "each step",
        };
        format!("regimen, the whole recommendation in words, with a trace of {depth}")
    }

    /// Only the status is taken out of the recommendation: the truths are somewhere in it, and are looked at in `check`.
    fn decide(&mut self, answers: &mut [Answer]) {
        for (record, answer) in self.prepared.records.iter().zip(answers) {
            let recommendation = self.ready.recommend(record).expect("the protocol is in force");
            answer.status = status(recommendation.status);
            std::hint::black_box(recommendation);
        }
    }

    fn check(&mut self, answers: &mut [Answer]) {
        self.decide(answers);
        let full = Request::new(self.prepared.as_of).explain(Depth::Full);
        let full = self.prepared.clinic.protocols[0].prepare(&full).expect("in force");
        for (record, answer) in self.prepared.records.iter().zip(answers) {
            answer.truths = truths(&full.recommend(record).expect("the protocol is in force"));
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

fn status(status: regimen::Status) -> Status {
    match status {
        regimen::Status::Contraindicated => Status::Contraindicated,
        regimen::Status::NotIndicated => Status::NotIndicated,
        regimen::Status::Deferred => Status::Deferred,
        regimen::Status::Undetermined => Status::Undetermined,
        regimen::Status::Refer => Status::Refer,
        regimen::Status::Due => Status::Due,
        other => panic!("no rule of this protocol leads to {other}"),
    }
}
