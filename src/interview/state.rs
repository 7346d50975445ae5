//! The record as far as it was written, and with one more answer.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::Item;

use super::write::{self, Writer};
use super::{Interview, Reply, Subject};
use crate::date::{Date, DateRange};
use crate::decide::Prepared;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceFile, codes};
use crate::document::Notation;
use crate::patient::applicability;
use crate::patient::entries::{DATE, NOTED_TWICE};
use crate::patient::known::{Known, answer};
use crate::patient::{Record, first_fresh_day, read_for};
use crate::protocol::Dictionary;
use crate::protocol::file::FactType;

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
    /// The facts whose answers are of this day and were put aside, here or before, because their questions did not apply: once these do, the answers
    /// are used again.
    kept: BTreeSet<String>,
    /// The facts that were answered here although they do not apply: nothing was told since that takes their ground away, so that such an answer
    /// and what it contradicts are both doubtful.
    against: BTreeSet<String>,
}

impl State {
    pub(super) fn new(text: &str, records: Vec<Record>, prepared: &[Prepared]) -> State {
        let mut state = State {
            text: text.to_owned(),
            records,
            before: BTreeMap::new(),
            listed: BTreeMap::new(),
            kept: BTreeSet::new(),
            against: BTreeSet::new(),
        };
        state.keep(prepared, false);
        state
    }

    /// Keeps in mind what is put aside: what was answered today, or all. What was put aside on another day may have changed since, so that it is asked
    /// anew, unless what took its ground away was wrong.
    pub(super) fn keep(&mut self, prepared: &[Prepared], whenever: bool) {
        for (prepared, record) in prepared.iter().zip(&self.records) {
            let known = prepared.known(record);
            let aside = standings(prepared, record, &known).filter(|one| one.is_aside && !one.applies);
            let of_today = aside.filter(|one| whenever || one.on == Some(prepared.as_of()));
            self.kept.extend(of_today.map(|one| one.name.to_owned()));
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
        let before = writer.entry(subject);
        let old = state.before.entry(subject.clone()).or_insert_with(|| before.clone()).clone();
        // What the record says of the day of a session stays known, whatever is said to the question on which day it was.
        let day = matches!(subject, Subject::Note { note, .. } if note == DATE).then_some(if old.is_none() {
            &before
        } else {
            &old
        });
        let day = day.and_then(write::known);
        let why = if *reply == Reply::Declined { "declined" } else { "not_known" };
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
            (Subject::Fact(name), Reply::NotKnown | Reply::Declined) => {
                if self.is_known_in_part(name, &old, &writer) {
                    writer.put_back(subject, old);
                    writer.beside(name, why);
                } else {
                    writer.fact(name, Err(why));
                }
            }
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
            (Subject::Earlier { fact, on }, Reply::NotKnown | Reply::Declined) => {
                if write::is_known_in_part(&old) {
                    writer.put_back(subject, old);
                    writer.earlier_beside(fact, *on, why.into());
                } else {
                    writer.earlier(fact, *on, Err(why.into()));
                }
            }
            (Subject::Note { session, note }, Reply::NotKnown | Reply::Declined) => {
                writer.note(*session, note, write::untold(day, why));
            }
            (Subject::NotedTwice { session }, Reply::NotKnown | Reply::Declined) => {
                writer.note(*session, NOTED_TWICE, write::unknown(why));
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
                if days.as_ref().is_some_and(|days| days.iter().any(|day| day.parse::<DateRange>().is_err())) {
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
                    Reply::NotKnown | Reply::Declined => writer.sessions_unknown(treatment, Some(why)),
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

    /// Whether the record says of a day in which month or year it was, and that is not too old: which day it was is all that somebody asked then was
    /// asked for.
    fn is_known_in_part(&self, name: &str, entry: &Item, writer: &Writer) -> bool {
        let Some(prepared) = self.prepared.first() else { return false };
        let Some((_, fact)) = prepared.protocol.dictionary.fact(name) else { return false };
        let fresh = first_fresh_day(prepared.as_of(), fact.valid_for);
        let is_aside = entry.as_table_like().and_then(|told| told.get("no_longer_applies")?.as_bool());
        fact.answer.declared == FactType::Date
            && write::is_known_in_part(entry)
            && is_aside != Some(true)
            && writer.day_of(entry).is_some_and(|on| on >= fresh)
    }

    /// Puts aside the answers that were given here and do not apply any more, and takes up again those that do: they are kept, and not used meanwhile.
    /// What has just been answered is none of them: it may be what was told before that is wrong.
    fn label(&self, state: &mut State, mut writer: Writer, answered: &Subject) -> Result<(), Diagnostics> {
        if let Subject::Fact(name) = answered {
            state.against.insert(name.clone());
        }
        let mut taken_up = BTreeSet::new();
        loop {
            let (mut changed, mut against) = (BTreeMap::new(), BTreeSet::new());
            for (prepared, record) in self.prepared.iter().zip(&state.records) {
                let known = prepared.known(record);
                for one in standings(prepared, record, &known) {
                    let is_kept = || state.kept.contains(one.name);
                    let was_answered = || state.before.contains_key(&Subject::Fact(one.name.to_owned()));
                    if one.is_out_of_place && state.against.contains(one.name) {
                        against.insert(one.name.to_owned());
                    } else if one.is_out_of_place && (was_answered() || is_kept()) {
                        changed.insert(one.name.to_owned(), true);
                    } else if one.is_aside && one.applies && is_kept() && taken_up.insert(one.name.to_owned()) {
                        changed.insert(one.name.to_owned(), false);
                    }
                }
            }
            if changed.is_empty() {
                state.against = against;
                return Ok(());
            }
            for (fact, is_aside) in changed {
                writer.no_longer_applies(&fact, is_aside);
                state.kept.insert(fact);
            }
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

/// How a question that may make no sense stands to its answer.
struct Standing<'a> {
    name: &'a str,
    /// The day of the answer.
    on: Option<Date>,
    /// Whether it is put aside, as one that does not apply any more.
    is_aside: bool,
    /// Whether it is answered although it certainly makes no sense.
    is_out_of_place: bool,
    /// Whether it certainly makes sense.
    applies: bool,
}

/// Every question of a protocol that may make no sense.
fn standings<'a>(
    prepared: &'a Prepared,
    record: &'a Record,
    known: &'a Known,
) -> impl Iterator<Item = Standing<'a>> + 'a {
    let protocol = &prepared.protocol;
    protocol.conditions.asked.iter().enumerate().filter_map(move |(at, asked)| {
        let answer = answer(protocol, record, asked.fact)?;
        Some(Standing {
            name: &protocol.fact(asked.fact).name,
            on: answer.on,
            is_aside: answer.no_longer_applies,
            is_out_of_place: known.applicability.out_of_place.contains(&at),
            applies: known.applicability.standing(asked.fact) == applicability::Standing::AsAnswered,
        })
    })
}

pub(super) fn read(prepared: &[Prepared], name: &str, text: &str, found: &mut Diagnostics) -> Vec<Record> {
    let dictionaries: Vec<&Dictionary> = prepared.iter().map(|one| one.protocol.dictionary.as_ref()).collect();
    let Some(as_of) = prepared.first().map(Prepared::as_of) else { return Vec::new() };
    read_for(&SourceFile::new(name, text), Notation::Toml, &dictionaries, as_of, found)
}
