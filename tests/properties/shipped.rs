//! Random patients for the protocols that are shipped: a healthy adult, changed here and there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;
use regimen::protocol::dictionary::{Answer, Fact};
use regimen::protocol::file::FactType;
use regimen::{Clinic, Protocol};
use rust_decimal::Decimal;

use crate::patients::TODAY;

/// One of the shipped protocols.
pub(crate) fn protocol(id: &str) -> Clinic {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols").join(id);
    Clinic::load(folder).unwrap_or_else(|mistakes| panic!("{mistakes}")).0
}

/// All of them.
pub(crate) static CLINIC: LazyLock<Clinic> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    Clinic::load(folder).unwrap_or_else(|mistakes| panic!("{mistakes}")).0
});

/// The text of the dictionary that all of them use.
pub(crate) fn dictionary() -> String {
    read("protocols/facts.toml")
}

pub(crate) fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The answers of the healthy adult, as they stand in the record.
static HEALTHY: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let text = read("protocols/records/healthy-adult.toml");
    let record: toml_edit::DocumentMut = text.parse().expect("a record");
    let facts = record["facts"].as_table().expect("facts").iter();
    let plain = |answer: &toml_edit::Item| answer.get("value").unwrap_or(answer).to_string().trim().to_owned();
    facts.map(|(fact, answer)| (fact.to_owned(), plain(answer))).collect()
});

/// What is unusual about a fact of a patient.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    Other(u64),
    Missing,
    Declined,
    /// Answered long ago.
    Old(u64),
    /// Only the month or the year of it is known.
    Month(u64),
    Year(u64),
}

#[derive(Clone, Copy, Debug)]
struct Session {
    treatment: prop::sample::Index,
    days_ago: i32,
    month_only: bool,
    /// Where the notes come from; none: nothing was noted.
    notes: Option<u64>,
}

impl Session {
    /// Its day or month, as a record says it.
    fn recorded(&self) -> String {
        let day = TODAY - self.days_ago.days();
        day.strftime(if self.month_only { "%Y-%m" } else { "%Y-%m-%d" }).to_string()
    }
}

/// A healthy adult, changed here and there.
#[derive(Clone, Debug)]
pub(crate) struct Patient {
    /// Somebody of whom nothing is known but what is changed.
    stranger: bool,
    changes: Vec<(prop::sample::Index, Change)>,
    sessions: Vec<Session>,
}

/// Answers for whatever is not known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Truth {
    seed: u64,
    /// Whether the healthy adult's answers are given as often as others.
    healthy: bool,
}

pub(crate) fn truth() -> impl Strategy<Value = Truth> {
    (any::<u64>(), any::<bool>()).prop_map(|(seed, healthy)| Truth { seed, healthy })
}

pub(crate) fn patient() -> impl Strategy<Value = Patient> {
    let change = prop_oneof![
        3 => any::<u64>().prop_map(Change::Other),
        4 => Just(Change::Missing),
        1 => Just(Change::Declined),
        1 => any::<u64>().prop_map(Change::Old),
        2 => any::<u64>().prop_map(Change::Month),
        1 => any::<u64>().prop_map(Change::Year),
    ];
    let changes = (any::<prop::sample::Index>(), change);
    let session = (
        any::<prop::sample::Index>(),
        prop_oneof![1i32..100, 1i32..800],
        proptest::bool::weighted(0.15),
        proptest::option::weighted(0.7, any::<u64>()),
    )
        .prop_map(|(treatment, days_ago, month_only, notes)| Session { treatment, days_ago, month_only, notes });
    let changes = prop_oneof![
        3 => proptest::collection::vec(changes.clone(), 0..4),
        2 => proptest::collection::vec(changes, 0..25),
    ];
    (proptest::bool::weighted(0.1), changes, proptest::collection::vec(session, 0..4))
        .prop_map(|(stranger, changes, sessions)| Patient { stranger, changes, sessions })
}

/// A stream of numbers from a seed and a name: the same on every computer.
struct Dice(u64);

impl Dice {
    fn new(seed: u64, name: &str) -> Dice {
        Dice(name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
    }

    /// A number below another (splitmix64).
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}

/// A day for a fact of this kind.
fn day(fact: &str, dice: &mut Dice) -> Date {
    let days = match (fact, dice.below(3)) {
        ("date_of_birth", 0) => dice.below(2000),
        ("date_of_birth", 1) => 5500 + dice.below(3500),
        ("date_of_birth", _) => 5000 + dice.below(25_000),
        (_, 0) => dice.below(40),
        (_, 1) => dice.below(200),
        _ => dice.below(1500),
    };
    TODAY - (days as i64).days()
}

/// An answer that the dictionary permits, as it stands in a record. A text is one that the protocol names, or another.
fn answer(protocol: &Protocol, name: &str, answer: &Answer, may_be_never: bool, dice: &mut Dice) -> String {
    let choices = answer.choices();
    match answer.declared {
        FactType::Bool => (dice.below(2) == 0).to_string(),
        FactType::Integer | FactType::Decimal => {
            let scale = if answer.declared == FactType::Integer { 0 } else { 1 };
            let (least, most) = answer.range.unwrap_or((Decimal::ZERO, Decimal::from(10)));
            let steps = ((most - least) * Decimal::from(10u32.pow(scale))).trunc().mantissa() as u64;
            // Often near the lower end, where most limits are.
            let step = if dice.below(2) == 0 { dice.below(steps + 1) } else { dice.below(steps.min(12) + 1) };
            (least + Decimal::new(step as i64, scale)).to_string()
        }
        FactType::Text => {
            let texts: Vec<&str> =
                protocol.program.texts.iter().map(String::as_str).chain(["something else"]).collect();
            format!("{:?}", texts[dice.below(texts.len() as u64) as usize])
        }
        FactType::Date if may_be_never && dice.below(3) == 0 => "\"never\"".into(),
        FactType::Date => day(name, dice).to_string(),
        FactType::Choice => format!("{:?}", choices[dice.below(choices.len() as u64) as usize]),
        FactType::Set => {
            let few = 1 + dice.below(4);
            let some: Vec<&String> = choices.iter().filter(|_| dice.below(6) < few).collect();
            format!("{some:?}")
        }
    }
}

fn answer_to(protocol: &Protocol, fact: &Fact, seed: u64) -> String {
    answer(protocol, &fact.name, &fact.answer, fact.may_be_never, &mut Dice::new(seed, &fact.name))
}

/// The treatments that make a difference to a protocol.
fn treatments(protocol: &Protocol) -> Vec<&str> {
    // Its own as often as all others together.
    let mut all: Vec<&str> =
        protocol.separations.iter().flat_map(|separation| &separation.from).map(String::as_str).collect();
    all.extend(protocol.program.lists.iter().map(String::as_str).filter(|list| *list != protocol.treatment));
    all.extend(std::iter::repeat_n(protocol.treatment.as_str(), all.len().max(1)));
    all
}

impl Patient {
    fn change(&self, protocol: &Protocol, slot: usize) -> Option<Change> {
        let of = |index: &prop::sample::Index| index.index(protocol.facts.len());
        self.changes.iter().find(|(index, _)| of(index) == slot).map(|(_, change)| *change)
    }

    /// As a record for a protocol. With a truth, what is not known is taken from it, but for the facts named in `except`.
    pub(crate) fn record(&self, protocol: &Protocol, truth: Option<Truth>, except: &[String]) -> String {
        let mut text = format!("patient = \"P\"\nrecorded = {TODAY}\n[facts]\n");
        for (slot, &at) in protocol.facts.iter().enumerate() {
            let fact = &protocol.dictionary.facts[at];
            let healthy = HEALTHY.get(&fact.name).filter(|_| !self.stranger);
            let truth = truth.filter(|_| !except.contains(&fact.name));
            let true_answer = truth.map(|truth| match HEALTHY.get(&fact.name) {
                Some(healthy) if truth.healthy && truth.seed.rotate_left(slot as u32) & 1 == 0 => healthy.clone(),
                _ => answer_to(protocol, fact, truth.seed),
            });
            let forever = fact.valid_for == regimen::protocol::dictionary::Validity::Forever;
            let dated = fact.answer.declared == FactType::Date;
            let dice = |seed| Dice::new(seed, &fact.name);
            let span = |seed: u64, year: bool| {
                let day = day(&fact.name, &mut dice(seed));
                let format = if year { "%Y" } else { "%Y-%m" };
                let ends = if year {
                    (day.first_of_year(), day.last_of_year())
                } else {
                    (day.first_of_month(), day.last_of_month())
                };
                (format!("\"{}\"", day.strftime(format)), ends.0, ends.1.min(TODAY))
            };
            let known = match self.change(protocol, slot) {
                None if healthy.is_some() => healthy.cloned(),
                None | Some(Change::Missing | Change::Declined) => true_answer.or_else(|| {
                    let declined = self.change(protocol, slot) == Some(Change::Declined);
                    declined.then(|| "{ unknown = \"declined\" }".into())
                }),
                Some(Change::Old(seed)) if true_answer.is_none() || forever => {
                    let answer = answer_to(protocol, fact, seed);
                    // What has happened had happened when it was told.
                    let answer = match answer.parse::<Date>() {
                        Ok(day) if fact.past => (day - 900.days()).to_string(),
                        _ => answer,
                    };
                    Some(format!("{{ value = {answer}, on = {} }}", TODAY - 900.days()))
                }
                Some(Change::Month(seed) | Change::Year(seed)) if dated => {
                    let year = matches!(self.change(protocol, slot), Some(Change::Year(_)));
                    let (partial, first, last) = span(seed, year);
                    Some(match truth {
                        None => partial,
                        Some(truth) => {
                            let days = first.until(last).map_or(0, |span| span.get_days());
                            (first + (dice(truth.seed).below(days.max(0) as u64 + 1) as i64).days()).to_string()
                        }
                    })
                }
                Some(Change::Old(_)) => true_answer,
                Some(Change::Other(seed) | Change::Month(seed) | Change::Year(seed)) => {
                    Some(answer_to(protocol, fact, seed))
                }
            };
            if let Some(known) = known {
                text.push_str(&format!("{} = {known}\n", fact.name));
            }
        }
        self.sessions
            .iter()
            .enumerate()
            .for_each(|(at, session)| text.push_str(&self.session(protocol, at, session, truth, except)));
        text
    }

    /// The names of all that is asked about a patient: the facts, and the notes of the sessions.
    pub(crate) fn names(&self, protocol: &Protocol) -> BTreeSet<String> {
        let facts = protocol.facts.iter().map(|at| protocol.dictionary.facts[*at].name.clone());
        let notes = |session: &Session| {
            let recorded = session.recorded();
            let names = protocol.dictionary.notes.iter().map(|note| &note.name);
            names.map(|name| format!("sessions.{recorded}.{name}")).collect::<Vec<_>>()
        };
        facts.chain(self.sessions.iter().flat_map(notes)).collect()
    }

    fn session(
        &self,
        protocol: &Protocol,
        at: usize,
        session: &Session,
        truth: Option<Truth>,
        except: &[String],
    ) -> String {
        let treatments = treatments(protocol);
        let day = TODAY - session.days_ago.days();
        let recorded = session.recorded();
        let excepted = |note: &str| except.iter().any(|name| *name == format!("sessions.{recorded}.{note}"));
        let date = match (session.month_only, truth.filter(|_| !excepted("date"))) {
            (false, _) => day.to_string(),
            (true, None) => format!("\"{}\"", day.strftime("%Y-%m")),
            (true, Some(truth)) => {
                let (first, last) = (day.first_of_month(), day.last_of_month().min(TODAY - 1.day()));
                let days = first.until(last).map_or(0, |span| span.get_days()).max(0);
                (first + (Dice::new(truth.seed, "session").below(days as u64 + 1) as i64).days()).to_string()
            }
        };
        let mut text = format!("[[sessions]]\ntreatment = {:?}\ndate = {date}\n", session.treatment.get(&treatments));
        if let Some(seed) = session.notes.or(truth.map(|truth| truth.seed.wrapping_add(at as u64))) {
            for note in protocol.dictionary.notes.iter().skip(1) {
                let mut dice = Dice::new(seed, &note.name);
                if session.notes.is_none() && excepted(&note.name) {
                    continue;
                }
                // Hardly a session is faulty, and one of which nothing was noted is not.
                if note.name != "faulty" || (session.notes.is_some() && dice.below(8) == 0) {
                    text.push_str(&format!(
                        "{} = {}\n",
                        note.name,
                        answer(protocol, &note.name, &note.answer, false, &mut dice)
                    ));
                }
            }
        }
        text
    }
}
