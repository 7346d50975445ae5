//! The interview: what to ask next, and the answers, as they are written into a record.
//!
//! It has no terminal: it is asked for the [next question](Interview::current), given an [answer](Interview::answer), or sent
//! [back](Interview::back). Or, as a [form](Interview::questions), it asks all that is open at once. All that it knows is the text of the record, which is read anew after every answer as any record is, and which
//! questions were asked: what it says at the end is what [`Prepared::recommend`] says of that record.

mod claims;
mod comments;
mod form;
#[cfg(feature = "cli")]
mod from_json;
mod group;
mod order;
pub(crate) mod products;
pub mod sessions;
mod state;
mod write;

use std::collections::BTreeSet;

pub use claims::{Answers, Bound, Claim, Named, Outcome, SettingValue};
pub use form::Told;
#[cfg(feature = "cli")]
pub(crate) use from_json::in_toml;
use order::Open;
use state::{State, read};
use write::Writer;

use crate::decide::Prepared;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::document::Notation;
use crate::patient::entries::{DATE, NOTED_TWICE};
use crate::patient::{NoAnswer, Untold};
use crate::protocol::Protocol;
use crate::protocol::dictionary::Answer;
use crate::recommendation::{ChoiceReport, Question, Recommendation, WhyUnknown};
use crate::speech::Speech;

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Subject {
    /// A fact, by its name.
    Fact(String),
    /// A fact on a day that is past, which an earlier answer tells.
    Earlier {
        /// The name of the fact.
        fact: String,
        /// The day.
        on: crate::Date,
    },
    /// A note of a session, by the session's place in the record.
    Note {
        /// The session.
        session: usize,
        /// The name of the note.
        note: String,
    },
    /// Whether an entry in the list of sessions notes a session once more, by its place.
    NotedTwice {
        /// The entry.
        session: usize,
    },
    /// Whether there were sessions of a treatment that are not listed.
    Sessions(String),
    /// Several questions of a group at once, each of which can be answered with no, none or never.
    Several {
        /// The group.
        group: String,
        /// What the questions are about, in their order.
        members: Vec<Subject>,
    },
}

/// What a person says to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// An answer, as it is typed: `yes`, `1.5`, `2026-02`, `never`, the number, name or label of a choice, several with commas between
    /// them; whether there were sessions: `no`, or their days with commas between them; of two entries: `one` or `two`; of several questions at once: `no`, or the numbers
    /// of those that are not answered with no.
    Value(String),
    /// Asked, and not known. Several questions at once that are not answered with a value are asked one by one.
    NotKnown,
    /// Not asked: it is asked again when the interview is continued.
    NotAsked,
    /// Asked, and not told.
    Declined,
}

/// A question, as it is asked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Asked {
    /// What it is about.
    pub subject: Subject,
    /// The question itself: in which words, of whom, how it is answered, why it is not known. Of several at once, the first.
    pub question: Question,
    /// Of several questions at once, all of them; else empty.
    pub items: Vec<Question>,
    /// The choices of a question that has some, in their order; of the product of a session, those that the protocols name: it may be another.
    pub choices: Vec<ChoiceReport>,
    /// Whether a choice can be told by its number, from 1.
    pub numbered: bool,
    /// What waits for the answer; empty of a question that was asked before and would make no difference now.
    pub because: Vec<Because>,
    /// What was answered before, where it is asked again.
    pub answer: Option<Reply>,
}

/// What waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Because {
    /// The id of the protocol.
    pub protocol: String,
    /// The rule, setting, instruction or part of the course.
    pub rule: Named,
    /// What kind of rule it is; none of what is not a rule.
    pub kind: Option<&'static str>,
}

/// An interview about one patient.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// use regimen::interview::{Interview, Reply};
/// use regimen::{Request, Status};
/// let day = "2026-03-02".parse()?;
/// let prepared = clinic.protocols[0].prepare(&Request::new(day))?;
/// let blank = Interview::blank("P-1", day);
/// let (mut interview, _doubts) = Interview::begin(vec![prepared], "record.toml", &blank)?;
/// let asked = interview.current().ok_or("a question")?;
/// assert_eq!(asked.question.fact, "pregnant");
/// interview.answer(&Reply::Value("yes".into()))?;
/// assert!(interview.text().contains("pregnant = true"));
/// // Nothing else can change that.
/// assert!(interview.current().is_none());
/// assert_eq!(interview.recommendations()[0].status, Status::Contraindicated);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Interview {
    prepared: Vec<Prepared>,
    name: String,
    state: State,
    /// What was answered here, in the order in which it was asked first.
    path: Vec<(Subject, Reply, Asked)>,
    /// The place in the path that Back has come to.
    back: Option<usize>,
    /// What is not asked again of itself: what was answered here, and what the record says that nobody can tell.
    passed: BTreeSet<Subject>,
    /// What was asked a second time, because the answers do not fit together.
    again: BTreeSet<Subject>,
    /// The groups that were asked at once: what is left of them is asked one by one.
    split: BTreeSet<String>,
    open: Vec<Open>,
    recommendations: Vec<Recommendation>,
}

impl Interview {
    /// The text of a record in which nothing is answered yet.
    #[must_use]
    pub fn blank(patient: &str, as_of: crate::Date) -> String {
        format!("patient = {}\nrecorded = {as_of}\n\n[facts]\n", toml_edit::Value::from(patient))
    }

    /// Begins with a record, or goes on with it. What it says that nobody knows or would tell is not asked again as long as that answer is
    /// valid; [`ask_again`](Interview::ask_again) does so all the same. What is doubtful about the record comes back beside the interview.
    ///
    /// # Errors
    /// With every mistake in the record; and where it is no TOML.
    pub fn begin(prepared: Vec<Prepared>, name: &str, text: &str) -> Result<(Interview, Diagnostics), Diagnostics> {
        if Notation::of(name) != Notation::Toml {
            let message = format!("{name} is not TOML, and answers cannot be written into it");
            return Err(Diagnostic::new(&codes::CANNOT_CONTINUE, message).help(write::HELP).into());
        }
        let mut found = Diagnostics::default();
        let records = read(&prepared, name, text, &mut found);
        let ((), found) = found.into_result(())?;
        if let Some(prepared) = prepared.first() {
            Writer::new(text, prepared.as_of())?;
        }
        let mut interview = Interview {
            state: State::new(text, records, &prepared),
            prepared,
            name: name.to_owned(),
            path: Vec::new(),
            back: None,
            passed: BTreeSet::new(),
            again: BTreeSet::new(),
            split: BTreeSet::new(),
            open: Vec::new(),
            recommendations: Vec::new(),
        };
        interview.passed = interview.told_that_unknown();
        interview.look();
        Ok((interview, found))
    }

    /// Asks also what the record says that nobody knows, or would not tell.
    pub fn ask_again(&mut self) {
        self.passed.retain(|subject| self.path.iter().any(|(answered, ..)| answered == subject));
    }

    /// The record as it stands.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.state.text
    }

    /// What each protocol says of the record as it stands.
    #[must_use]
    pub fn recommendations(&self) -> &[Recommendation] {
        &self.recommendations
    }

    /// How many questions were answered here.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.path.len()
    }

    /// What could still change something, and is not asked because it was asked already: by the names of the questions.
    #[must_use]
    pub fn left_open(&self) -> Vec<&Question> {
        self.open.iter().filter(|open| self.passed.contains(&open.subject)).map(|open| &open.question).collect()
    }

    /// The question to ask now; none: nothing that was not asked can change anything.
    #[must_use]
    pub fn current(&self) -> Option<Asked> {
        match self.back.and_then(|at| self.path.get(at)) {
            None => self.next().map(|open| self.together(open).unwrap_or_else(|| self.asked(open))),
            Some((subject, reply, asked)) => {
                let (subject, reply) = (subject.clone(), reply.clone());
                Some(Asked { answer: Some(reply), ..self.once_more(&subject, asked) })
            }
        }
    }

    /// What each answer to the current question leads to, as far as that can be said.
    #[must_use]
    pub fn claims(&self) -> Vec<Claim> {
        let Some(asked) = self.current() else { return Vec::new() };
        // Of a question that was answered, the protocols that would ask it if it had not been.
        let unasked = || Some(self.open_in(&self.after(&asked.subject, &Reply::NotAsked).ok()?.records).0);
        let open = if self.back.is_some() { unasked().unwrap_or_default() } else { self.open.clone() };
        self.claims_of(&asked.subject, &open)
    }

    /// Goes back to the question before, with its answer; false: there is none.
    pub fn back(&mut self) -> bool {
        let before = self.back.unwrap_or(self.path.len()).checked_sub(1);
        self.back = before.or(self.back);
        before.is_some()
    }

    /// Goes forward again, after [`back`](Interview::back), leaving the answer as it is.
    pub fn forward(&mut self) {
        self.back = self.back.map(|at| at + 1).filter(|at| *at < self.path.len());
    }

    /// Answers the current question.
    ///
    /// # Errors
    /// What is wrong with the answer; nothing has changed then.
    pub fn answer(&mut self, reply: &Reply) -> Result<(), Diagnostics> {
        let Some(asked) = self.current() else { return Ok(()) };
        let subject = asked.subject.clone();
        let before = self.state.listed.clone();
        let mut unasked = Vec::new();
        self.state = self.after(&subject, reply)?;
        if let Subject::Several { group, members } = &subject {
            self.split.insert(group.clone());
            for (member, reply) in self.each(members, reply)? {
                match reply {
                    Reply::NotAsked => {
                        self.passed.remove(member);
                        unasked.push(member.clone());
                    }
                    reply => {
                        self.passed.insert(member.clone());
                        self.path
                            .iter_mut()
                            .filter(|(other, ..)| other == member)
                            .for_each(|step| step.1 = reply.clone());
                    }
                }
            }
        }
        if let Some(at) = self.back.take() {
            if let Some(step) = self.path.get_mut(at) {
                step.1 = reply.clone();
            }
            self.again.clear();
        } else if !self.passed.insert(subject.clone()) && self.path.iter().any(|(other, ..)| *other == subject) {
            self.again.insert(subject.clone());
            self.path.iter_mut().filter(|(other, ..)| *other == subject).for_each(|step| step.1 = reply.clone());
        } else {
            self.path.push((subject.clone(), reply.clone(), asked));
        }
        self.path.retain(|(other, ..)| !unasked.contains(other));
        let answered: &[Subject] = match &subject {
            Subject::Several { members, .. } => members,
            one => std::slice::from_ref(one),
        };
        let (mut dated, mut gone) = (Vec::new(), Vec::new());
        for subject in answered {
            let Subject::Sessions(treatment) = subject else { continue };
            let old = before.get(treatment).map(Vec::as_slice).unwrap_or_default();
            let kept = self.state.listed.get(treatment).map_or(0, Vec::len).min(old.len());
            dated.extend_from_slice(&old[..kept]);
            gone.extend_from_slice(&old[kept..]);
        }
        self.forget_sessions(&dated, &gone);
        self.look();
        Ok(())
    }

    /// Sessions that were told of are not any more: what was asked about them is not either, and those behind them have other places. Of others
    /// the days were told anew: what was asked about those is not answered any more.
    fn forget_sessions(&mut self, dated: &[usize], gone: &[usize]) {
        let moved = |at: usize| at - gone.iter().filter(|other| **other < at).count();
        let place = |subject: &Subject| match subject {
            Subject::Note { session, .. } | Subject::NotedTwice { session } if gone.contains(session) => None,
            Subject::Note { session, note } if note == DATE && dated.contains(session) => None,
            Subject::Note { session, note } => Some(Subject::Note { session: moved(*session), note: note.clone() }),
            Subject::NotedTwice { session } => Some(Subject::NotedTwice { session: moved(*session) }),
            other => Some(other.clone()),
        };
        let path = std::mem::take(&mut self.path).into_iter();
        self.path = path.filter_map(|(subject, reply, asked)| Some((place(&subject)?, reply, asked))).collect();
        self.passed = self.passed.iter().filter_map(place).collect();
        self.again = self.again.iter().filter_map(place).collect();
        let before = std::mem::take(&mut self.state.before).into_iter();
        self.state.before = before.filter_map(|(subject, item)| Some((place(&subject)?, item))).collect();
    }

    /// What was answered in the record that nobody knows or would tell, as long as that is valid.
    fn told_that_unknown(&self) -> BTreeSet<Subject> {
        let mut told = BTreeSet::new();
        for (prepared, record) in self.prepared.iter().zip(&self.state.records) {
            for (fact, answer) in prepared.protocol.dictionary.facts.iter().zip(&record.answers) {
                let fresh = crate::patient::first_fresh_day(prepared.as_of(), fact.valid_for);
                if let Some(answer) = answer
                    && (answer.declined || answer.not_known)
                    && answer.on.is_some_and(|on| on >= fresh)
                {
                    told.insert(Subject::Fact(fact.name.clone()));
                }
            }
            let facts = &prepared.protocol.dictionary.facts;
            for one in record.untold.iter().filter(|(_, why)| **why != NoAnswer::NotRecorded).map(|(one, _)| one) {
                told.insert(match one {
                    Untold::Note(session, note) if note == NOTED_TWICE => Subject::NotedTwice { session: *session },
                    Untold::Note(session, note) => Subject::Note { session: *session, note: note.clone() },
                    Untold::Sessions(treatment) => Subject::Sessions(treatment.clone()),
                    Untold::Earlier(at, on) => Subject::Earlier { fact: facts[*at].name.clone(), on: *on },
                });
            }
        }
        told
    }

    /// The language of the questions.
    pub(crate) fn speech(&self) -> &'static Speech {
        let told = Protocol::first_told_in(self.prepared.iter().map(|prepared| &prepared.protocol));
        Speech::told(told.as_deref())
    }

    /// Looks at the record anew.
    fn look(&mut self) {
        (self.open, self.recommendations) = self.open_in(&self.state.records);
    }

    /// Which answers a question takes.
    fn answer_of(&self, subject: &Subject) -> Result<Answer, Diagnostics> {
        let dictionaries = || self.prepared.iter().map(|prepared| &prepared.protocol.dictionary);
        let answer = match subject {
            Subject::Fact(name) | Subject::Earlier { fact: name, .. } => {
                dictionaries().find_map(|all| Some(all.fact(name)?.1.answer.clone()))
            }
            Subject::Note { note, .. } => dictionaries().find_map(|all| Some(all.note(note)?.1.answer.clone())),
            Subject::NotedTwice { .. } | Subject::Sessions(_) | Subject::Several { .. } => None,
        };
        let unknown = || Diagnostic::new(&codes::UNKNOWN_NAME, "nobody has asked that").into();
        answer.ok_or_else(unknown)
    }

    fn asked(&self, open: &Open) -> Asked {
        let answer = self.answer_of(&open.subject).ok();
        let is_product = open.subject.is_product();
        let choices = || open.question.answer.as_ref().map(|form| form.choices.clone()).unwrap_or_default();
        Asked {
            subject: open.subject.clone(),
            question: open.question.clone(),
            items: Vec::new(),
            choices: if is_product { self.products() } else { choices() },
            // The names of products may be numbers.
            numbered: !is_product && answer.as_ref().is_some_and(write::are_numbered),
            because: open.because.clone(),
            answer: None,
        }
    }

    /// A question that was answered, as it would be asked now if it had not been. Of several at once, with what waits for those that are open.
    fn once_more(&self, subject: &Subject, asked: &Asked) -> Asked {
        let unasked = self.after(subject, &Reply::NotAsked);
        let open = unasked.map(|state| self.open_in(&state.records).0).unwrap_or_default();
        let found = |one: &Subject| open.iter().find(|open| open.subject == *one);
        let because = match subject {
            Subject::Several { members, .. } => {
                members.iter().filter_map(found).flat_map(|open| open.because.clone()).collect()
            }
            one => match found(one) {
                Some(open) => return self.asked(open),
                // It would make no difference now.
                None => Vec::new(),
            },
        };
        Asked { because, ..asked.clone() }
    }
}

/// Whether a question that was answered is asked once more: the answers do not fit together, or it has expired by what was told since.
fn is_asked_again(why: &WhyUnknown) -> bool {
    matches!(why, WhyUnknown::Contradicted { .. } | WhyUnknown::Expired { .. })
}
