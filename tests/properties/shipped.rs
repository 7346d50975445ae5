//! Random patients for the protocols that are shipped: a healthy adult, changed here and there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;
use regimen::internals::{Answer, Fact, FactType, Validity};
use regimen::{Clinic, Protocol};
use rust_decimal::Decimal;

use crate::patients::{TODAY, list};

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

/// Those that answer on the day of the properties.
pub(crate) static IN_FORCE: LazyLock<Vec<&Protocol>> = LazyLock::new(|| {
    let today = TODAY.to_string().parse().expect("a day");
    CLINIC.protocols.iter().filter(|one| one.prepare(&regimen::Request::new(today)).is_ok()).collect()
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
    /// Of which treatments there may have been more sessions: a bit each, in the order of [`names_of_treatments`].
    unlisted: u64,
    /// How many days ago the patient was born at the latest. Nothing was before.
    days_of_life: i64,
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
    let unlisted = prop_oneof![6 => Just(0), 1 => Just(u64::MAX), 2 => any::<u64>()];
    let days_of_life = prop_oneof![1 => 1i64..2000, 3 => Just(6000)];
    (proptest::bool::weighted(0.1), changes, proptest::collection::vec(session, 0..4), unlisted, days_of_life).prop_map(
        |(stranger, changes, mut sessions, unlisted, days_of_life)| {
            let life = i32::try_from(days_of_life).expect("a life");
            sessions.iter_mut().for_each(|session| session.days_ago = session.days_ago.min(life));
            Patient { stranger, changes, sessions, unlisted, days_of_life }
        },
    )
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

/// A day for a fact of this kind, in the life of somebody who was born so many days ago at the latest.
fn day(fact: &str, life: i64, dice: &mut Dice) -> Date {
    let days = match (fact, dice.below(3)) {
        ("date_of_birth", 0) => dice.below(2000),
        ("date_of_birth", 1) => 5500 + dice.below(3500),
        ("date_of_birth", _) => 5000 + dice.below(25_000),
        (_, 0) => dice.below(40),
        (_, 1) => dice.below(200),
        _ => dice.below(1500),
    };
    let days = days as i64;
    TODAY - if fact == "date_of_birth" { days.max(life) } else { days.min(life) }.days()
}

/// An answer that the dictionary permits, as it stands in a record. A text is one that the protocol names, or another.
fn answer(
    protocol: &Protocol,
    name: &str,
    (answer, may_be_never): (&Answer, bool),
    life: i64,
    dice: &mut Dice,
) -> String {
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
        FactType::Date => day(name, life, dice).to_string(),
        FactType::Choice => format!("{:?}", choices[dice.below(choices.len() as u64) as usize]),
        FactType::Set => {
            let few = 1 + dice.below(4);
            let some: Vec<&String> = choices.iter().filter(|_| dice.below(6) < few).collect();
            format!("{some:?}")
        }
    }
}

fn answer_to(protocol: &Protocol, fact: &Fact, life: i64, seed: u64) -> String {
    answer(protocol, &fact.name, (&fact.answer, fact.may_be_never), life, &mut Dice::new(seed, &fact.name))
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

/// The same, each once: those that may not be listed.
fn names_of_treatments(protocol: &Protocol) -> Vec<&str> {
    let mut names: Vec<&str> = treatments(protocol);
    names.sort_unstable();
    names.dedup();
    names
}

/// The days of the protocol's own sessions in a record, as far as they are known.
fn days_of_own(protocol: &Protocol, sessions: &str) -> Vec<Date> {
    let own = format!("treatment = {:?}\ndate = ", protocol.treatment);
    let days = sessions.split("[[sessions]]\n").filter_map(|session| session.strip_prefix(&own)?.lines().next());
    let mut days: Vec<Date> = days.filter_map(|day| day.parse().ok()).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// Whether what stands among the facts tells what held on the day of a session, or nothing needs to.
fn holds_on(fact: &Fact, known: Option<&str>, day: Date, days: &[Date]) -> bool {
    let old = TODAY - 900.days();
    let is_old = known.is_some_and(|known| known.contains("on = "));
    match fact.valid_for {
        Validity::Forever if !fact.past || is_old || fact.name == "date_of_birth" => true,
        Validity::Forever => {
            known.is_some_and(|known| known.contains("never") || known.parse::<Date>().is_ok_and(|event| event <= day))
        }
        Validity::Session => is_old && !days.iter().any(|other| *other < day),
        Validity::For(duration) => {
            let until = regimen::Date::new(old.year(), old.month(), old.day()).expect("a day") + duration;
            is_old && until >= regimen::Date::new(day.year(), day.month(), day.day()).expect("a day")
        }
        Validity::Visit => false,
    }
}

impl Patient {
    /// The treatments of which there may have been more sessions than are listed.
    fn unlisted<'p>(&self, protocol: &'p Protocol) -> Vec<&'p str> {
        let names = names_of_treatments(protocol).into_iter().enumerate();
        names.filter(|(at, _)| self.unlisted >> (at % 64) & 1 == 1).map(|(_, name)| name).collect()
    }

    /// The healthy adult's answer, if it can be one of this patient's.
    fn healthy(&self, fact: &Fact) -> Option<&'static String> {
        let born = (TODAY - self.days_of_life.days()).to_string();
        HEALTHY.get(&fact.name).filter(|answer| {
            // By its year: a date may be one.
            let date = answer.trim_matches('"');
            fact.name == "date_of_birth"
                || fact.answer.declared != FactType::Date
                || date == "never"
                || date[..4] > born[..4]
        })
    }

    fn change(&self, protocol: &Protocol, slot: usize) -> Option<Change> {
        let of = |index: &prop::sample::Index| index.index(protocol.facts.len());
        let change = self.changes.iter().find(|(index, _)| of(index) == slot).map(|(_, change)| *change);
        // Whoever was not born yet has answered nothing.
        change.map(|change| match change {
            Change::Old(_) if self.days_of_life < 900 => Change::Missing,
            change => change,
        })
    }

    /// As a record for a protocol. With a truth, what is not known is taken from it, but for the facts named in `except`.
    pub(crate) fn record(&self, protocol: &Protocol, truth: Option<Truth>, except: &[String]) -> String {
        let told = |treatment: &str| truth.is_some() && !except.contains(&format!("sessions.{treatment}"));
        let (more, unlisted): (Vec<&str>, Vec<&str>) =
            self.unlisted(protocol).into_iter().partition(|treatment| told(treatment));
        // What comes to light: a session of every second treatment that is told of now.
        let more = more.into_iter().filter_map(|treatment| {
            let mut dice = Dice::new(truth?.seed, treatment);
            (dice.below(2) == 0)
                .then(|| (treatment, TODAY - (1 + dice.below(600) as i64).min(self.days_of_life).days()))
        });
        let more: Vec<(&str, Date)> = more.collect();
        let mut text = format!("patient = \"P\"\nrecorded = {TODAY}\n");
        let has_any = !self.sessions.is_empty() || !more.is_empty();
        text.push_str(&list(has_any, &names_of_treatments(protocol), &unlisted));
        text.push_str("[facts]\n");
        let life = self.days_of_life;
        let mut earlier = String::new();
        let sessions: String = (self.sessions.iter().enumerate())
            .map(|(at, session)| self.session(protocol, at, session, truth, except))
            .chain(more.iter().map(|(treatment, day)| {
                let notes = self.notes(protocol, truth.map(|truth| truth.seed.rotate_left(7)), true, &|_| false);
                format!("[[sessions]]\ntreatment = {treatment:?}\ndate = {day}\n{notes}")
            }))
            .collect();
        let days = days_of_own(protocol, &sessions);
        for (slot, &at) in protocol.facts.iter().enumerate() {
            let fact = &protocol.dictionary.facts[at];
            let healthy = self.healthy(fact).filter(|_| !self.stranger);
            let told_then = truth;
            let truth = truth.filter(|_| !except.contains(&fact.name));
            let true_answer = truth.map(|truth| match self.healthy(fact) {
                Some(healthy) if truth.healthy && truth.seed.rotate_left(slot as u32) & 1 == 0 => healthy.clone(),
                _ => answer_to(protocol, fact, life, truth.seed),
            });
            let forever = fact.valid_for == Validity::Forever;
            let dated = fact.answer.declared == FactType::Date;
            let dice = |seed| Dice::new(seed, &fact.name);
            let span = |seed: u64, year: bool| {
                let day = day(&fact.name, life, &mut dice(seed));
                let format = if year { "%Y" } else { "%Y-%m" };
                let ends = if year {
                    (day.first_of_year(), day.last_of_year())
                } else {
                    (day.first_of_month(), day.last_of_month())
                };
                let born = TODAY - life.days();
                let ends = if fact.name == "date_of_birth" {
                    (ends.0, ends.1.min(born))
                } else {
                    (ends.0.max(born), ends.1.min(TODAY))
                };
                (format!("\"{}\"", day.strftime(format)), ends.0, ends.1)
            };
            let known = match self.change(protocol, slot) {
                None if healthy.is_some() => healthy.cloned(),
                None | Some(Change::Missing | Change::Declined) => true_answer.or_else(|| {
                    let declined = self.change(protocol, slot) == Some(Change::Declined);
                    declined.then(|| "{ unknown = \"declined\" }".into())
                }),
                Some(Change::Old(seed)) if true_answer.is_none() || forever => {
                    // What has happened had happened when it was told, and not before the birth.
                    let answer = match answer_to(protocol, fact, if fact.past { life - 900 } else { life }, seed) {
                        answer if fact.past => {
                            answer.parse::<Date>().map_or(answer, |day| (day - 900.days()).to_string())
                        }
                        answer => answer,
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
                    Some(answer_to(protocol, fact, life, seed))
                }
            };
            // With a truth, what held on the day of each session is told, too.
            let is_told = |day: &Date| !except.contains(&format!("earlier.{day}.{}", fact.name));
            let told = days.iter().filter(|day| told_then.is_some() && is_told(day));
            let told: Vec<Date> = told.filter(|day| !holds_on(fact, known.as_deref(), **day, &days)).copied().collect();
            for day in &told {
                let seed = told_then.map_or(0, |truth: Truth| truth.seed);
                let value = answer_to(protocol, fact, life, seed);
                // What has happened had happened when it was told.
                let value = match value.parse::<Date>() {
                    Ok(event) if fact.past => event.min(*day).to_string(),
                    _ => value,
                };
                earlier.push_str(&format!("[[earlier]]\nfact = {:?}\nvalue = {value}\nrecorded = {day}\n", fact.name));
            }
            match known {
                // What stands among the facts is the newest answer.
                Some(known) if !told.is_empty() && known.contains("on = ") => {
                    let value = known.trim_start_matches("{ value = ").split(", on = ").next().unwrap_or_default();
                    let on = TODAY - 900.days();
                    earlier
                        .push_str(&format!("[[earlier]]\nfact = {:?}\nvalue = {value}\nrecorded = {on}\n", fact.name));
                }
                Some(known) => text.push_str(&format!("{} = {known}\n", fact.name)),
                None => {}
            }
        }
        text + earlier.as_str() + sessions.as_str()
    }

    /// The names of all that is asked about a patient: the facts, and the notes of the sessions.
    pub(crate) fn names(&self, protocol: &Protocol) -> BTreeSet<String> {
        let facts = protocol.facts.iter().map(|at| protocol.dictionary.facts[*at].name.clone());
        let notes = |session: &Session| {
            let recorded = session.recorded();
            let names = protocol.dictionary.notes.iter().map(|note| &note.name);
            names.map(|name| format!("sessions.{recorded}.{name}")).collect::<Vec<_>>()
        };
        let unlisted = self.unlisted(protocol).into_iter().map(|treatment| format!("sessions.{treatment}"));
        let then = self.sessions.iter().flat_map(|session| {
            let facts = protocol.facts.iter().map(|at| &protocol.dictionary.facts[*at].name);
            facts.map(|fact| format!("earlier.{}.{fact}", session.recorded())).collect::<Vec<_>>()
        });
        facts.chain(self.sessions.iter().flat_map(notes)).chain(then).chain(unlisted).collect()
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
                let first = day.first_of_month().max(TODAY - self.days_of_life.days());
                let last = day.last_of_month().min(TODAY - 1.day());
                let days = first.until(last).map_or(0, |span| span.get_days()).max(0);
                (first + (Dice::new(truth.seed, "session").below(days as u64 + 1) as i64).days()).to_string()
            }
        };
        let treatment = session.treatment.get(&treatments);
        let notes = session.notes.or(truth.map(|truth| truth.seed.wrapping_add(at as u64)));
        let text = format!("[[sessions]]\ntreatment = {treatment:?}\ndate = {date}\n");
        text + self.notes(protocol, notes, session.notes.is_some(), &excepted).as_str()
    }

    /// The notes of a session, from a seed.
    fn notes(
        &self,
        protocol: &Protocol,
        seed: Option<u64>,
        were_noted: bool,
        excepted: &dyn Fn(&str) -> bool,
    ) -> String {
        let mut text = String::new();
        if let Some(seed) = seed {
            for note in protocol.dictionary.notes.iter().skip(1) {
                let mut dice = Dice::new(seed, &note.name);
                if !were_noted && excepted(&note.name) {
                    continue;
                }
                // Hardly a session is faulty, and one of which nothing was noted is not.
                if note.name != "faulty" || (were_noted && dice.below(8) == 0) {
                    text.push_str(&format!(
                        "{} = {}\n",
                        note.name,
                        answer(protocol, &note.name, (&note.answer, false), self.days_of_life, &mut dice)
                    ));
                }
            }
        }
        text
    }
}
