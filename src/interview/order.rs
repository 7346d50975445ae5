//! What is open, and in which order it is asked.
//!
//! What may lead to the gravest status comes first, then what most protocols wait for, then what most rules do, then the order of the
//! dictionary. Once a question of a group was asked, the others of the group that matter follow, in the same order among themselves. Those of a
//! group that one person answers, and that can be answered with no, are asked at once: "is any of these so?".

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Because, Interview, Named, Subject, is_asked_again};
use crate::decide::Prepared;
use crate::diagnostic::Diagnostics;
use crate::explain::attribution::Missing;
use crate::patient::Record;
use crate::patient::unlisted::Treatments;
use crate::protocol::Protocol;
use crate::recommendation::{Effect, Question, Recommendation, Status};

/// Something that is not known and could change the answer of a protocol.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) subject: Subject,
    /// As the first of the protocols asks it; what it could change, and what it decides, is told of all of them.
    pub(super) question: Question,
    pub(super) because: Vec<Because>,
    /// The protocols that ask, by their places.
    pub(super) protocols: Vec<usize>,
    /// Its place in the record.
    place: (u8, usize, usize),
}

/// What is asked first, by what an answer could change.
type Rank = (Option<Effect>, bool, Option<Status>, Reverse<usize>, Reverse<usize>, (u8, usize, usize), Subject);

impl Open {
    fn rank(&self) -> Rank {
        let (effect, leads_to) = (self.question.could_change.first().copied(), self.question.could_lead_to);
        let (protocols, rules) = (Reverse(self.protocols.len()), Reverse(self.because.len()));
        (effect, leads_to.is_none(), leads_to, protocols, rules, self.place, self.subject.clone())
    }

    fn join(&mut self, other: Open) {
        let changes: BTreeSet<Effect> =
            self.question.could_change.iter().chain(&other.question.could_change).copied().collect();
        self.question.could_change = changes.into_iter().collect();
        self.question.could_lead_to = match (self.question.could_lead_to, other.question.could_lead_to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let decides = other.question.decides.into_iter().filter(|fact| !self.question.decides.contains(fact));
        let decides: Vec<String> = decides.collect();
        self.question.decides.extend(decides);
        self.because.extend(other.because);
        self.protocols.extend(other.protocols);
        self.place = self.place.min(other.place);
    }
}

impl Interview {
    /// What is open in a record, and what each protocol says of that.
    pub(super) fn open_in(&self, records: &[Record]) -> (Vec<Open>, Vec<Recommendation>) {
        let mut open: BTreeMap<Subject, Open> = BTreeMap::new();
        let mut recommendations = Vec::new();
        for (at, (prepared, record)) in self.prepared.iter().zip(records).enumerate() {
            let (recommendation, missing) = prepared.look_at(record);
            for (missing, question) in missing.into_iter().zip(&recommendation.questions) {
                let one = prepared.open(at, record, missing, question.clone());
                match open.get_mut(&one.subject) {
                    Some(other) => other.join(one),
                    None => drop(open.insert(one.subject.clone(), one)),
                }
            }
            recommendations.push(recommendation);
        }
        let mut open: Vec<Open> = open.into_values().collect();
        open.sort_by_cached_key(Open::rank);
        (open, recommendations)
    }

    /// What is asked next.
    pub(super) fn next(&self) -> Option<&Open> {
        let is_to_ask = |open: &&Open| {
            let once_more = || is_asked_again(&open.question.why) && !self.again.contains(&open.subject);
            !self.passed.contains(&open.subject) || once_more()
        };
        let last = self.path.last().and_then(|(subject, ..)| self.group(subject));
        let of_group = |open: &&Open| last.is_some() && self.group(&open.subject) == last;
        let mut to_ask = self.open.iter().filter(is_to_ask);
        self.open.iter().filter(is_to_ask).find(of_group).or_else(|| to_ask.next())
    }

    /// The group of questions that a fact belongs to.
    pub(super) fn group<'s>(&'s self, subject: &'s Subject) -> Option<&'s str> {
        let name = match subject {
            Subject::Fact(name) => name,
            // Whether there were sessions is one group for all treatments.
            Subject::Sessions(_) => return Some("sessions"),
            Subject::Several { group, .. } => return Some(group),
            Subject::Earlier { .. } | Subject::Note { .. } | Subject::NotedTwice { .. } => return None,
        };
        let fact = self.prepared.iter().find_map(|prepared| prepared.protocol.dictionary.fact(name));
        fact?.1.group.as_ref().map(|(group, _)| group.as_str())
    }
}

impl Prepared {
    /// What is said of a record without mistakes, and what each of the questions is about.
    pub(super) fn look_at(&self, record: &Record) -> (Recommendation, Vec<Missing>) {
        let mut doubts: Diagnostics = record.doubts.clone();
        doubts.append(record.check(&self.protocol.dictionary, self.as_of()));
        doubts.append(self.doubts_beside_course(record));
        self.evaluate_asking(record, doubts)
    }

    fn open(&self, at: usize, record: &Record, missing: Missing, question: Question) -> Open {
        let protocol = &self.protocol;
        let place_of = |session: usize| record.sessions[session].order;
        let (subject, place) = match missing {
            Missing::Fact(fact) => {
                let at = protocol.facts[usize::from(fact.0)];
                (Subject::Fact(protocol.dictionary.facts[at].name.clone()), (0, at, 0))
            }
            Missing::Earlier(fact, on) => {
                let at = protocol.facts[usize::from(fact.0)];
                (Subject::Earlier { fact: protocol.dictionary.facts[at].name.clone(), on }, (1, 0, at))
            }
            Missing::Note(session, note) => {
                let (session, name) = (place_of(session), protocol.dictionary.notes[usize::from(note)].name.clone());
                (Subject::Note { session, note: name }, (1, session, usize::from(note)))
            }
            Missing::Entry(session) => {
                (Subject::NotedTwice { session: place_of(session) }, (1, place_of(session), usize::MAX))
            }
            Missing::Sessions(treatment) => {
                (Subject::Sessions(Treatments::of(protocol).names[treatment].to_owned()), (2, treatment, 0))
            }
        };
        let because = question.rules.iter().map(|rule| because(protocol, rule)).collect();
        Open { subject, question, because, protocols: vec![at], place }
    }
}

/// What waits for an answer.
fn because(protocol: &Protocol, rule: &str) -> Because {
    let kind = protocol.rules.iter().find(|one| one.id == rule).map(|one| one.action.kind().word());
    let rule = Named::new(rule, protocol.rule_label(rule).as_ref());
    Because { protocol: protocol.id.clone(), rule, kind }
}
