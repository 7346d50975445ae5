//! The record as far as it was written, and with one more answer.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::Item;

use super::write::{self, Writer};
use super::{Interview, Reply, Subject};
use crate::decide::Prepared;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceFile, codes};
use crate::document::Notation;
use crate::patient::entries::{DATE, NOTED_TWICE};
use crate::patient::{Record, read_for};
use crate::protocol::Dictionary;

/// The record as far as it was written.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) text: String,
    /// As each protocol reads it.
    pub(super) records: Vec<Record>,
    /// What stood in the place of the answers that were given here.
    pub(super) before: BTreeMap<Subject, Item>,
    /// The places of the sessions that were told of here, by treatment.
    pub(super) listed: BTreeMap<String, Vec<usize>>,
    /// The facts that were answered here and do not apply any more.
    pub(super) labelled: BTreeSet<String>,
    /// The facts that were answered here although they do not apply: nothing was told since that takes their ground away, so that such an answer
    /// and what it contradicts are both doubtful.
    against: BTreeSet<String>,
}

impl State {
    pub(super) fn new(text: &str, records: Vec<Record>) -> State {
        State {
            text: text.to_owned(),
            records,
            before: BTreeMap::new(),
            listed: BTreeMap::new(),
            labelled: BTreeSet::new(),
            against: BTreeSet::new(),
        }
    }
}

impl Interview {
    /// The record with one more answer.
    pub(super) fn after(&self, subject: &Subject, reply: &Reply) -> Result<State, Diagnostics> {
        let Subject::Several { members, .. } = subject else { return self.after_one(&self.state, subject, reply) };
        let each = self.each(members, reply)?;
        each.iter().try_fold(self.state.clone(), |state, (member, reply)| self.after_one(&state, member, reply))
    }

    fn after_one(&self, state: &State, subject: &Subject, reply: &Reply) -> Result<State, Diagnostics> {
        let Some(as_of) = self.prepared.first().map(Prepared::as_of) else { return Ok(state.clone()) };
        let mut state = state.clone();
        let mut writer = Writer::new(&state.text, as_of)?;
        // Labels are given anew.
        for fact in std::mem::take(&mut state.labelled) {
            writer.no_longer_applies(&fact, false);
        }
        let before = writer.entry(subject);
        let old = state.before.entry(subject.clone()).or_insert_with(|| before.clone()).clone();
        // What the record says of the day of a session stays known, whatever is said to the question on which day it was.
        let day = matches!(subject, Subject::Note { note, .. } if note == DATE).then_some(if old.is_none() {
            &before
        } else {
            &old
        });
        let day = day.and_then(write::known);
        match (subject, reply) {
            (Subject::Fact(name), Reply::Value(text)) => {
                let value = Reply::value(text, name, &self.answer_of(subject)?)?;
                if before.is_none()
                    && let Some(text) = write::uncommented(&writer.text(), name)
                {
                    writer = Writer::new(&text, as_of)?;
                }
                writer.fact(name, Ok(value));
            }
            (Subject::Fact(name), Reply::NotKnown) => writer.fact(name, Err("not_known")),
            (Subject::Fact(name), Reply::Declined) => writer.fact(name, Err("declined")),
            (Subject::Fact(name), Reply::NotAsked) if old.is_none() => writer.fact(name, Err("not_recorded")),
            (Subject::Fact(_), Reply::NotAsked) => writer.put_back(subject, old),
            (Subject::Earlier { fact, on }, Reply::Value(text)) => {
                let value = Reply::value(text, fact, &self.answer_of(subject)?)?;
                writer.earlier(fact, *on, Ok(value));
            }
            (Subject::Note { session, note }, Reply::Value(text)) => {
                let text = &if subject.is_product() { self.product(*session, text)? } else { text.clone() };
                let value = Reply::value(text, note, &self.answer_of(subject)?)?;
                writer.note(*session, note, value);
            }
            (Subject::NotedTwice { session }, Reply::Value(text)) => {
                let twice = match text.trim().to_lowercase().as_str() {
                    "one" | "1" => true,
                    "two" | "2" => false,
                    other => {
                        let wrong = Diagnostic::new(&codes::WRONG_TYPE, format!("`{other}` is neither one nor two"));
                        return Err(wrong.help("answer `one` if it was one session, noted twice, or `two`").into());
                    }
                };
                writer.note(*session, NOTED_TWICE, twice.into());
            }
            (Subject::Earlier { fact, on }, Reply::NotKnown) => writer.earlier(fact, *on, Err("not_known".into())),
            (Subject::Earlier { fact, on }, Reply::Declined) => writer.earlier(fact, *on, Err("declined".into())),
            (Subject::Note { session, note }, Reply::NotKnown | Reply::Declined) => {
                let why = if *reply == Reply::NotKnown { "not_known" } else { "declined" };
                writer.note(*session, note, write::untold(day, why));
            }
            (Subject::NotedTwice { session }, Reply::NotKnown) => {
                writer.note(*session, NOTED_TWICE, write::unknown("not_known"));
            }
            (Subject::NotedTwice { session }, Reply::Declined) => {
                writer.note(*session, NOTED_TWICE, write::unknown("declined"));
            }
            (Subject::Earlier { .. } | Subject::Note { .. } | Subject::NotedTwice { .. }, Reply::NotAsked) => {
                writer.put_back(subject, if old.is_none() { day.map_or(old, Item::Value) } else { old });
            }
            (Subject::Sessions(treatment), _) => {
                let days: Option<Vec<&str>> = match reply {
                    Reply::Value(text) if matches!(text.trim().to_lowercase().as_str(), "no" | "n" | "none") => {
                        Some(Vec::new())
                    }
                    Reply::Value(text) => Some(text.split(',').map(str::trim).collect()),
                    _ => None,
                };
                if days.as_ref().is_some_and(|days| days.iter().any(|day| day.parse::<crate::DateRange>().is_err())) {
                    let wrong = Diagnostic::new(&codes::INVALID_DATE, "sessions are told by their days, or by `no`");
                    let help = "answer `no`, or every day with commas between them, as `2026-01-15, 2026-02`";
                    return Err(wrong.help(help).into());
                }
                let listed = state.listed.entry(treatment.clone()).or_default();
                let told = days.as_deref().unwrap_or_default();
                for (at, day) in told.iter().enumerate() {
                    match listed.get(at) {
                        Some(session) => writer.note(*session, "date", write::date(day)),
                        None => listed.push(writer.add_session(treatment, write::date(day))),
                    }
                }
                let gone = listed.split_off(told.len());
                gone.iter().rev().for_each(|session| writer.remove_session(*session));
                for places in state.listed.values_mut() {
                    places.iter_mut().for_each(|at| *at -= gone.iter().filter(|other| **other < *at).count());
                }
                writer.cover(treatment, days.is_some());
                match reply {
                    Reply::NotKnown => writer.sessions_unknown(treatment, Some("not_known")),
                    Reply::Declined => writer.sessions_unknown(treatment, Some("declined")),
                    Reply::Value(_) => writer.sessions_unknown(treatment, None),
                    Reply::NotAsked => writer.put_back(subject, old),
                }
            }
            // They are answered one by one.
            (Subject::Several { .. }, _) => {}
        }
        state.text = writer.text();
        state.records = self.read_text(&state.text)?;
        self.label(&mut state, writer, subject)?;
        Ok(state)
    }

    /// Labels the answers that were given here and do not apply any more: they are kept, and not used. What has just been answered is none of
    /// them: it may be what was told before that is wrong.
    fn label(&self, state: &mut State, mut writer: Writer, answered: &Subject) -> Result<(), Diagnostics> {
        if let Subject::Fact(name) = answered {
            state.against.insert(name.clone());
        }
        loop {
            let (mut new, mut against) = (Vec::new(), BTreeSet::new());
            for (prepared, record) in self.prepared.iter().zip(&state.records) {
                let known = prepared.known(record);
                for at in &known.applicability.out_of_place {
                    let name = &prepared.protocol.fact(prepared.protocol.conditions.asked[*at].fact).name;
                    if state.against.contains(name) {
                        against.insert(name.clone());
                    } else if state.before.contains_key(&Subject::Fact(name.clone()))
                        && state.labelled.insert(name.clone())
                    {
                        new.push(name.clone());
                    }
                }
            }
            if new.is_empty() {
                state.against = against;
                return Ok(());
            }
            new.iter().for_each(|fact| writer.no_longer_applies(fact, true));
            state.text = writer.text();
            state.records = self.read_text(&state.text)?;
        }
    }

    pub(super) fn read_text(&self, text: &str) -> Result<Vec<Record>, Diagnostics> {
        let mut found = Diagnostics::default();
        let records = read(&self.prepared, &self.name, text, &mut found);
        found.into_result(records).map(|(records, _)| records)
    }
}

pub(super) fn read(prepared: &[Prepared], name: &str, text: &str, found: &mut Diagnostics) -> Vec<Record> {
    let dictionaries: Vec<&Dictionary> = prepared.iter().map(|one| one.protocol.dictionary.as_ref()).collect();
    let Some(as_of) = prepared.first().map(Prepared::as_of) else { return Vec::new() };
    read_for(&SourceFile::new(name, text), Notation::Toml, &dictionaries, as_of, found)
}
