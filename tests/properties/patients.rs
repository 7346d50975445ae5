//! Random answers to the facts that generated protocols ask for.

use std::fmt::Write;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::expressions::weighted;

/// The day for which generated questions are asked.
pub(crate) const TODAY: Date = date(2026, 7, 15);

/// The dictionary and parameters that generated expressions use.
pub(crate) const DICTIONARY: &str = r#"
[sources.custom]
title = "Custom"
evidence = "custom"

[parameters]
p_number  = { value = 3, range = [-10, 10], sources = ["custom"] }
p_decimal = { value = 2.5, sources = ["custom"] }
p_bool    = { value = true, sources = ["custom"] }
p_days    = { label = "a month", value = "30 days", sources = ["custom"] }
p_months  = { value = "2 months", sources = ["custom"] }
p_mg      = { value = 60, unit = "mg", range = [20, 100], sources = ["custom"] }

[treatments]
other = { label = "another treatment", note = "x" }

[ignored]
facts = ["shoe_size"]
treatments = ["massage"]
products = ["lavender"]

[facts]
b1 = { type = "bool", label = "first answer", group = "yes", ask = "b1?", of = "patient", valid_for = "7 days" }
b2 = { type = "bool", group = "yes", ask = "b2?", of = "patient", valid_for = "forever" }
b3 = { type = "bool", ask = "b3?", of = "patient", valid_for = "visit" }
n1 = { type = "integer", range = [-50, 50], ask = "n1?", of = "clinician", valid_for = "visit" }
n2 = { type = "integer", range = [0, 100], ask = "n2?", of = "clinician", valid_for = "1 year" }
m1 = { type = "decimal", decimals = 2, range = [-20.0, 20.0], ask = "m1?", of = "lab", valid_for = "180 days" }
m2 = { type = "decimal", range = [-20.0, 20.0], ask = "m2?", of = "lab", valid_for = "session" }
c1 = { type = "choice", choices = ["a", "b", "c"], ask = "c1?", of = "patient", valid_for = "30 days" }
c2 = { type = "choice", choices = { a = "the first", b = "the second", c = "the third" }, modifiable = true, ask = "c2?", of = "patient", valid_for = "forever" }
s1 = { type = "set", group = "yes", choices = ["w", "x", "y", "z"], ask = "s1?", of = "patient", valid_for = "visit" }
s2 = { type = "set", choices = ["w", "x", "y", "z"], ask = "s2?", of = "patient", valid_for = "forever" }
t1 = { type = "text", ask = "t1?", of = "patient", valid_for = "7 days" }
e1 = { type = "date", past = true, may_be_never = true, ask = "e1?", of = "patient", valid_for = "visit" }
e2 = { type = "date", past = true, may_be_never = true, ask = "e2?", of = "patient", valid_for = "forever" }
f1 = { type = "date", ask = "f1?", of = "patient", valid_for = "forever" }
u1 = { type = "decimal", unit = "mg", range = [5.0, 400.0], ask = "u1?", of = "lab", valid_for = "180 days" }
v1 = { type = "decimal", unit = "mg", ask = "v1?", of = "lab", valid_for = "180 days" }
date_of_birth = { type = "date", past = true, ask = "Born?", of = "patient", valid_for = "forever" }

[session_facts]
depth    = { type = "decimal", label = "depth of it", decimals = 2, range = [0.0, 3.0] }
reaction = { type = "choice", choices = ["none", "mild", "bad"] }
good     = { type = "bool" }
area     = { type = "set", choices = ["w", "x", "y", "z"] }
spot     = { type = "choice", choices = ["w", "x", "y", "z"] }
"#;

/// Among what is taken for granted: that entries of one day are one session.
pub(crate) const COUNTS_ONCE: &str = "noted_twice";

/// A known answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Bool(bool),
    Number(Decimal),
    Word(&'static str),
    Words(Vec<&'static str>),
    Day(Date),
    Never,
}

impl Answer {
    /// The same, told on an earlier day: what has happened had happened as long before.
    fn before(self, day: Date) -> Answer {
        match self {
            Answer::Day(event) => Answer::Day(day - TODAY.since(event).expect("two days").get_days().days()),
            other => other,
        }
    }

    pub(crate) fn toml(&self) -> String {
        match self {
            Answer::Bool(value) => value.to_string(),
            Answer::Number(value) => value.to_string(),
            Answer::Word(word) => format!("{word:?}"),
            Answer::Words(words) => format!("{words:?}"),
            Answer::Day(day) => day.to_string(),
            Answer::Never => "\"never\"".into(),
        }
    }
}

/// What is known of a fact.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Known(Answer),
    Missing,
    Declined,
    /// What was answered once, and is no longer asked: as if nobody had said anything.
    Once(Answer),
    /// Answered long ago: no longer counts, unless the fact is valid forever.
    Old(Answer),
    /// Answered on that day, which is not the day of the question.
    On(Answer, Date),
    /// Only the month or year of a date.
    Month(Date),
    Year(Date),
}

/// The facts of the dictionary, in its order.
pub(crate) const FACTS: [&str; 18] = [
    "b1",
    "b2",
    "b3",
    "n1",
    "n2",
    "m1",
    "m2",
    "c1",
    "c2",
    "s1",
    "s2",
    "t1",
    "e1",
    "e2",
    "f1",
    "u1",
    "v1",
    "date_of_birth",
];

/// Whether an answer given a year and a half ago still counts.
fn is_forever(fact: &str) -> bool {
    ["b2", "c2", "s2", "e2", "f1", "date_of_birth"].contains(&fact)
}

/// An answer that the dictionary permits.
pub(crate) fn answer(fact: &str) -> BoxedStrategy<Answer> {
    let number =
        |least: i64, most: i64, scale: u32| (least..=most).prop_map(move |n| Answer::Number(Decimal::new(n, scale)));
    let letters = proptest::sample::select(&["a", "b", "c"][..]).prop_map(Answer::Word);
    let parts = proptest::sample::subsequence(&["w", "x", "y", "z"][..], 0..=4).prop_map(Answer::Words);
    // Around today, and around a month or two ago, where waits end.
    let past = prop_oneof![(0i32..100), (0i32..900)].prop_map(|days| Answer::Day(TODAY - days.days()));
    match fact {
        "b1" | "b2" | "b3" => any::<bool>().prop_map(Answer::Bool).boxed(),
        "n1" => number(-50, 50, 0).boxed(),
        "n2" => number(0, 100, 0).boxed(),
        "m1" | "m2" => prop_oneof![number(-20, 20, 0), number(-2000, 2000, 2), number(-200, 200, 1)].boxed(),
        "u1" => number(50, 4000, 1).boxed(),
        "v1" => number(-100, 4000, 1).boxed(),
        "c1" | "c2" => letters.boxed(),
        "s1" | "s2" => parts.boxed(),
        "t1" => proptest::sample::select(&["red", "green", "blue", "Red", " red ", "violet \"7\"\n"][..])
            .prop_map(Answer::Word)
            .boxed(),
        "e1" | "e2" => prop_oneof![4 => past, 1 => Just(Answer::Never)].boxed(),
        "f1" => prop_oneof![(-400i32..100), (-30i32..30)].prop_map(|days| Answer::Day(TODAY - days.days())).boxed(),
        "date_of_birth" => (3000i32..30000).prop_map(|days| Answer::Day(TODAY - days.days())).boxed(),
        other => unreachable!("no fact {other}"),
    }
}

fn told(fact: &'static str) -> BoxedStrategy<Told> {
    let known = answer(fact).prop_map(Told::Known);
    let day = |answer: Answer| match answer {
        Answer::Day(day) => day,
        _ => date(2026, 5, 20),
    };
    let dated = ["e1", "e2", "f1", "date_of_birth"].contains(&fact);
    weighted([
        (8, known.boxed()),
        (5, Just(Told::Missing).boxed()),
        (1, Just(Told::Declined).boxed()),
        (1, answer(fact).prop_map(Told::Once).boxed()),
        (2, answer(fact).prop_map(Told::Old).boxed()),
        (3 * u32::from(dated), answer(fact).prop_map(move |answer| Told::Month(day(answer))).boxed()),
        (2 * u32::from(dated), answer(fact).prop_map(move |answer| Told::Year(day(answer))).boxed()),
    ])
}

/// A recorded session; what is not noted is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Session {
    pub(crate) treatment: &'static str,
    pub(crate) day: Date,
    /// Whether only its month is known.
    pub(crate) month_only: bool,
    pub(crate) depth: Option<Decimal>,
    pub(crate) reaction: Option<&'static str>,
    pub(crate) good: Option<bool>,
    /// What courses may be counted by: several, or one.
    pub(crate) area: Option<Vec<&'static str>>,
    pub(crate) spot: Option<&'static str>,
    pub(crate) faulty: bool,
    /// Of an entry that says what an earlier one of its day says: what the record tells of that, if anything.
    pub(crate) twice: Option<Option<bool>>,
}

impl Session {
    /// Its day or month, as a record says it.
    fn date(&self) -> String {
        self.day.strftime(if self.month_only { "%Y-%m" } else { "%Y-%m-%d" }).to_string()
    }
}

fn session(whole: bool) -> impl Strategy<Value = Session> {
    fn noted<T: std::fmt::Debug + 'static>(
        value: impl Strategy<Value = T> + 'static,
        whole: bool,
    ) -> BoxedStrategy<Option<T>> {
        if whole { value.prop_map(Some).boxed() } else { proptest::option::weighted(0.7, value).boxed() }
    }
    (
        prop_oneof![4 => Just("own"), 2 => Just("other"), 1 => Just("third")],
        // Sometimes one of a few days, where several sessions then fall: the ends of months, and one between.
        prop_oneof![3 => 1i32..100, 3 => 1i32..500, 2 => proptest::sample::select(&[14, 20, 45][..])],
        proptest::bool::weighted(if whole { 0.0 } else { 0.15 }),
        noted((0i64..=300).prop_map(|depth| Decimal::new(depth, 2)), whole),
        noted(proptest::sample::select(&["none", "mild", "bad"][..]), whole),
        noted(any::<bool>(), whole),
        noted(proptest::sample::subsequence(&["w", "x", "y", "z"][..], 0..=2), whole),
        noted(proptest::sample::select(&["w", "x", "y", "z"][..]), whole),
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(treatment, days_ago, month_only, depth, reaction, good, area, spot, faulty)| Session {
            treatment,
            day: TODAY - days_ago.days(),
            month_only,
            depth,
            reaction,
            good,
            area,
            spot,
            faulty,
            twice: None,
        })
}

/// Says of sessions known only by their month that they are others than those that may be of one day with them.
fn tell_months_apart(sessions: &mut [Session]) {
    for at in 0..sessions.len() {
        let (treatment, month) = (sessions[at].treatment, sessions[at].day.first_of_month());
        let is_there = |(other, one): (usize, &Session)| {
            other != at && (one.treatment, one.day.first_of_month()) == (treatment, month)
        };
        if sessions[at].month_only && sessions.iter().enumerate().any(is_there) {
            sessions[at].twice = Some(Some(false));
        }
    }
}

/// Sessions, sometimes with an entry that says what another one says, or less: one session noted twice, two, or nobody knows which.
fn sessions(most: usize) -> impl Strategy<Value = Vec<Session>> {
    let again = (any::<proptest::sample::Index>(), proptest::option::weighted(0.4, any::<bool>()), any::<[bool; 5]>());
    (proptest::collection::vec(session(false), 0..most), proptest::option::weighted(0.3, again)).prop_map(
        |(mut sessions, again)| {
            tell_months_apart(&mut sessions);
            if let Some((at, twice, [depth, reaction, good, area, spot])) =
                again.filter(|(at, ..)| !sessions.is_empty() && at.get(&sessions).twice.is_none())
            {
                let first = at.get(&sessions).clone();
                let again = Session {
                    twice: Some(twice),
                    depth: first.depth.filter(|_| depth),
                    reaction: first.reaction.filter(|_| reaction),
                    good: first.good.filter(|_| good),
                    area: first.area.clone().filter(|_| area),
                    spot: first.spot.filter(|_| spot),
                    ..first
                };
                sessions.push(again);
            }
            sessions
        },
    )
}

/// Answers of earlier days: of each fact at most one of a day.
fn earlier() -> impl Strategy<Value = Vec<(&'static str, Answer, Date)>> {
    let facts: Vec<&'static str> = FACTS.into_iter().filter(|fact| has_history(fact)).collect();
    let days = prop_oneof![3 => 1i32..100, 3 => 1i32..500, 2 => proptest::sample::select(&[14, 20, 45][..])];
    let one = (proptest::sample::select(facts), days).prop_flat_map(|(fact, days)| {
        let day = TODAY - days.days();
        answer(fact).prop_map(move |answer| (fact, answer.before(day), day))
    });
    proptest::collection::vec(one, 0..5).prop_map(|mut all| {
        let mut seen = Vec::new();
        all.retain(|(fact, _, day)| {
            let is_new = !seen.contains(&(*fact, *day));
            seen.push((*fact, *day));
            is_new
        });
        all
    })
}

/// Whether an earlier answer can tell more than the one of today.
fn has_history(fact: &str) -> bool {
    !is_forever(fact) || fact == "e2"
}

/// For how many days an answer may be used; none: for ever, or until the next session.
fn good_for(fact: &str) -> Option<i32> {
    match fact {
        "b1" | "t1" => Some(7),
        "c1" => Some(30),
        "m1" | "u1" | "v1" => Some(180),
        "n2" => Some(365),
        "b3" | "n1" | "s1" | "e1" => Some(0),
        _ => None,
    }
}

/// What is known of a patient.
#[derive(Clone, PartialEq)]
pub(crate) struct Patient {
    pub(crate) facts: Vec<(&'static str, Told)>,
    pub(crate) sessions: Vec<Session>,
    /// Answers that others came after, each with its day.
    pub(crate) earlier: Vec<(&'static str, Answer, Date)>,
    /// The treatments of which these are not all sessions, or may not be.
    pub(crate) unlisted: Vec<&'static str>,
    /// How many days before the day of the question the record says that its facts were taken; each that could be too old then says
    /// its own day.
    pub(crate) recorded: i32,
    /// Appointments: a treatment, and in how many days.
    pub(crate) planned: Vec<(&'static str, i32)>,
    /// Whether the record also holds what nobody here uses: names that are ignored, and that nobody knew what once was so.
    pub(crate) beside: bool,
}

/// The treatments of which random patients have sessions.
pub(crate) const TREATMENTS: [&str; 3] = ["own", "other", "third"];

/// A patient of whom everything is known.
pub(crate) fn whole() -> impl Strategy<Value = Patient> {
    let facts: Vec<BoxedStrategy<(&'static str, Told)>> =
        FACTS.iter().map(|&fact| answer(fact).prop_map(move |answer| (fact, Told::Known(answer))).boxed()).collect();
    (facts, proptest::collection::vec(session(true), 0..5)).prop_map(|(facts, sessions)| Patient {
        facts,
        sessions,
        earlier: Vec::new(),
        unlisted: Vec::new(),
        recorded: 0,
        planned: Vec::new(),
        beside: false,
    })
}

/// A patient of whom something is known.
pub(crate) fn partial() -> impl Strategy<Value = Patient> {
    let facts: Vec<BoxedStrategy<(&'static str, Told)>> =
        FACTS.iter().map(|&fact| told(fact).prop_map(move |told| (fact, told)).boxed()).collect();
    let unlisted = prop_oneof![
        6 => Just(Vec::new()),
        1 => Just(TREATMENTS.to_vec()),
        2 => proptest::sample::subsequence(&TREATMENTS[..], 1..=2),
    ];
    let recorded = proptest::sample::select(&[0, 0, 0, 1, 45, 400][..]);
    let planned = proptest::collection::vec((proptest::sample::select(&TREATMENTS[..]), 0i32..120), 0..3);
    let beside = proptest::bool::weighted(0.3);
    (facts, sessions(4), earlier(), unlisted, recorded, planned, beside).prop_map(
        |(facts, sessions, mut earlier, unlisted, recorded, planned, beside)| {
            // What stands among the facts is the newest answer.
            let is_old = |fact: &str| facts.iter().any(|(other, told)| *other == fact && matches!(told, Told::Old(_)));
            earlier.retain(|(fact, ..)| !is_old(fact));
            Patient { facts, sessions, earlier, unlisted, recorded, planned, beside }
        },
    )
}

/// One way in which a patient may turn out: an answer to every fact, and whatever was not noted of sessions.
pub(crate) fn truth() -> impl Strategy<Value = Patient> {
    whole_with_sessions(4)
}

fn whole_with_sessions(count: usize) -> impl Strategy<Value = Patient> {
    let facts: Vec<BoxedStrategy<(&'static str, Told)>> =
        FACTS.iter().map(|&fact| answer(fact).prop_map(move |answer| (fact, Told::Known(answer))).boxed()).collect();
    (facts, proptest::collection::vec(session(true), count)).prop_map(|(facts, sessions)| Patient {
        facts,
        sessions,
        earlier: Vec::new(),
        unlisted: Vec::new(),
        recorded: 0,
        planned: Vec::new(),
        beside: false,
    })
}

/// A patient that fails a test is shown as the record.
impl std::fmt::Debug for Patient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{}", self.record())
    }
}

/// What stands among the exceptions where not even an earlier day's answer may tell of today.
pub(crate) fn of_today(fact: &str) -> String {
    format!("{fact} of today")
}

impl Patient {
    /// This patient with everything that is not known taken from `truth`, but for the facts and the notes of sessions named in
    /// `except`.
    pub(crate) fn completed(&self, truth: &Patient, except: &[String]) -> Patient {
        let is_excepted = |treatment: &&'static str| except.contains(&format!("sessions.{treatment}"));
        let (unlisted, told): (Vec<&str>, Vec<&str>) = self.unlisted.iter().partition(|one| is_excepted(one));
        // What comes to light: the last two of the truth, as far as they are of a treatment that is told of now.
        let more: Vec<Session> =
            truth.sessions[2..].iter().filter(|session| told.contains(&session.treatment)).cloned().collect();
        let has_own = self.sessions.iter().chain(&more).any(|one| one.treatment == "own") || unlisted.contains(&"own");
        let facts = self.facts.iter().zip(&truth.facts).map(|((fact, told), (_, truth))| {
            let Told::Known(answer) = truth else { unreachable!("a truth is whole") };
            if except.iter().any(|name| name == fact) {
                return (*fact, told.clone());
            }
            (
                *fact,
                match told {
                    Told::Known(_) => told.clone(),
                    Told::Old(_) if is_forever(fact) => told.clone(),
                    // It holds until the next session, and there has been none since.
                    Told::Old(_) if *fact == "m2" && !has_own => told.clone(),
                    Told::On(_, on) if self.is_fresh(fact, *on, TODAY) => told.clone(),
                    Told::Missing | Told::Declined | Told::Once(_) | Told::Old(_) | Told::On(..) => truth.clone(),
                    // Any number does to choose a day.
                    Told::Month(day) => {
                        Told::Known(Answer::Day(some_day(day.first_of_month(), day.last_of_month(), answer, fact)))
                    }
                    Told::Year(day) => {
                        Told::Known(Answer::Day(some_day(day.first_of_year(), day.last_of_year(), answer, fact)))
                    }
                },
            )
        });
        let counts_once = except.iter().any(|name| name == COUNTS_ONCE);
        let sessions = self.sessions.iter().enumerate().map(|(at, session)| {
            // Of a session that was noted twice, both entries say the same.
            let is_first = |one: &Session| {
                one.twice.is_none()
                    && (&one.treatment, one.day, one.month_only)
                        == (&session.treatment, session.day, session.month_only)
            };
            let first = session.twice.and_then(|_| self.sessions.iter().position(is_first));
            let truth = &truth.sessions[first.unwrap_or(at) % truth.sessions.len()];
            let first = first.map_or(session, |first| &self.sessions[first]);
            let excepted =
                |note: &str| except.iter().any(|name| *name == format!("sessions.{}.{note}", session.date()));
            let month_only = session.month_only && excepted("date");
            let day = if session.month_only && !month_only {
                some_day(
                    session.day.first_of_month(),
                    session.day.last_of_month().min(TODAY - 1.day()),
                    &Answer::Day(truth.day),
                    "",
                )
            } else {
                session.day
            };
            Session {
                day,
                month_only,
                depth: session.depth.or(first.depth.or(truth.depth).filter(|_| !excepted("depth"))),
                reaction: session.reaction.or(first.reaction.or(truth.reaction).filter(|_| !excepted("reaction"))),
                good: session.good.or(first.good.or(truth.good).filter(|_| !excepted("good"))),
                area: (session.area.clone())
                    .or_else(|| first.area.clone().or_else(|| truth.area.clone()).filter(|_| !excepted("area"))),
                spot: session.spot.or(first.spot.or(truth.spot).filter(|_| !excepted("spot"))),
                // A course takes the two for one, until somebody says that there were two: who takes for granted what it does, says so.
                twice: session.twice.map(|twice| {
                    twice.or((!excepted("noted_twice")).then_some(truth.good != Some(false) || counts_once))
                }),
                ..session.clone()
            }
        });
        let sessions = sessions.chain(more.iter().cloned()).collect();
        let mut told = Patient { facts: facts.collect(), sessions, unlisted, ..self.clone() };
        told.tell_of_earlier_days(self, truth, except);
        told
    }

    /// Whether every fact is known, and of today.
    pub(crate) fn is_whole(&self) -> bool {
        self.facts.iter().all(|(_, told)| matches!(told, Told::Known(_)))
    }

    /// This patient without any answer to some facts.
    pub(crate) fn without(&self, out: &[String]) -> Patient {
        let mut patient = self.clone();
        let is_out = |fact: &str| out.iter().any(|other| other == fact);
        patient.facts.iter_mut().filter(|(fact, _)| is_out(fact)).for_each(|(_, told)| *told = Told::Missing);
        patient.earlier.retain(|(fact, ..)| !is_out(fact));
        patient
    }

    /// Adds an answer of each day on which a session was given, where none tells what held then.
    fn tell_of_earlier_days(&mut self, before: &Patient, truth: &Patient, except: &[String]) {
        // An answer that is replaced today was the answer of its day.
        for ((fact, old), (_, new)) in before.facts.iter().zip(&self.facts) {
            if let (Told::On(answer, on), false) = (old, old == new) {
                self.earlier.push((fact, answer.clone(), *on));
            }
        }
        let own = self.sessions.iter().filter(|one| one.treatment == "own" && !one.month_only);
        let mut days: Vec<Date> = own.map(|session| session.day).collect();
        days.sort();
        days.dedup();
        for day in days {
            for (at, fact) in FACTS.into_iter().enumerate() {
                // What held a week ago may hold today as well, and would be told of today too.
                let reaches_today = is_forever(fact) || self.is_fresh(fact, day, TODAY);
                let is_excepted = except.contains(&format!("earlier.{day}.{fact}"))
                    || except.contains(&of_today(fact)) && reaches_today;
                if !has_history(fact) || is_excepted || self.is_known_on(fact, day) {
                    continue;
                }
                let Told::Known(answer) = &truth.facts[at].1 else { unreachable!("a truth is whole") };
                let answer = answer.clone().before(day);
                // What stands among the facts is the newest answer.
                let (_, now) = &mut self.facts[at];
                match now.clone() {
                    Told::Old(old) => {
                        let old = old.before(TODAY - 550.days());
                        self.earlier.push((fact, old, TODAY - 550.days()));
                        *now = Told::On(answer, day);
                    }
                    Told::On(old, on) if on < day => {
                        self.earlier.push((fact, old, on));
                        *now = Told::On(answer, day);
                    }
                    _ => self.earlier.push((fact, answer, day)),
                }
            }
        }
    }

    /// Whether an answer tells what held on an earlier day.
    fn is_known_on(&self, fact: &str, day: Date) -> bool {
        let now = self.facts.iter().find(|(other, _)| *other == fact).map(|(_, told)| told);
        let now = now.and_then(|told| match told {
            Told::Known(answer) => Some((answer.clone(), TODAY)),
            Told::Old(answer) => Some((answer.clone().before(TODAY - 550.days()), TODAY - 550.days())),
            Told::On(answer, on) => Some((answer.clone(), *on)),
            Told::Month(date) => Some((Answer::Day(date.last_of_month().min(TODAY)), TODAY)),
            Told::Year(date) => Some((Answer::Day(date.last_of_year().min(TODAY)), TODAY)),
            Told::Missing | Told::Declined | Told::Once(_) => None,
        });
        let earlier = self.earlier.iter().filter(|(other, ..)| *other == fact);
        let all = || now.iter().cloned().chain(earlier.clone().map(|(_, answer, on)| (answer.clone(), *on)));
        if is_forever(fact) {
            let is_over = |answer: &Answer| !matches!(answer, Answer::Day(event) if *event > day);
            return all().any(|(answer, on)| on <= day || is_over(&answer));
        }
        let newest = all().filter(|(_, on)| *on <= day).map(|(_, on)| on).max();
        newest.is_some_and(|on| self.is_fresh(fact, on, day))
    }

    /// Whether an answer of one day is not too old on another.
    fn is_fresh(&self, fact: &str, on: Date, day: Date) -> bool {
        if let Some(days) = good_for(fact) {
            return on + days.days() >= day;
        }
        let own = self.sessions.iter().filter(|one| one.treatment == "own");
        let last = own.filter_map(|session| match session.month_only {
            false => (session.day < day).then_some(session.day),
            true => (session.day.first_of_month() < day).then(|| session.day.last_of_month().min(day - 1.day())),
        });
        is_forever(fact) || last.max().is_none_or(|last| on > last)
    }

    /// The names of all that is asked about a patient: the facts, and the notes of the sessions.
    pub(crate) fn names(&self) -> Vec<String> {
        let notes = |session: &Session| {
            let date = session.date();
            ["date", "depth", "reaction", "good", "area", "spot", "noted_twice"]
                .map(|note| format!("sessions.{date}.{note}"))
        };
        let unlisted = self.unlisted.iter().map(|treatment| format!("sessions.{treatment}"));
        let facts = FACTS.iter().map(|fact| (*fact).to_owned());
        let own = self.sessions.iter().filter(|one| one.treatment == "own");
        let then = own.flat_map(|session| FACTS.map(|fact| format!("earlier.{}.{fact}", session.date())));
        let facts = facts.chain(then);
        facts.chain(self.sessions.iter().flat_map(notes)).chain(unlisted).collect()
    }

    /// As a record.
    pub(crate) fn record(&self) -> String {
        let mut text = format!("patient = \"P\"\nrecorded = {}\n", TODAY - self.recorded.days());
        text.push_str(&list(!self.sessions.is_empty() || self.beside, &TREATMENTS, &self.unlisted));
        text.push_str("[facts]\n");
        text.push_str(if self.beside { "shoe_size = 40\n" } else { "" });
        let mut line = |fact: &str, value: &str| writeln!(text, "{fact} = {value}").expect("a string grows");
        // What does not depend on the day on which it was told need not say one.
        let on = |fact: &str, said: &str| match ["b2", "c2", "s2", "f1"].contains(&fact) || self.recorded == 0 {
            true if said.starts_with("unknown") => format!("{{ {said} }}"),
            true => said.trim_start_matches("value = ").to_owned(),
            false => format!("{{ {said}, on = {TODAY} }}"),
        };
        for (fact, told) in &self.facts {
            match told {
                Told::Known(answer) => line(fact, &on(fact, &format!("value = {}", answer.toml()))),
                Told::Missing => {}
                Told::Declined => line(fact, &on(fact, "unknown = \"declined\"")),
                Told::Once(answer) => {
                    line(fact, &format!("{{ value = {}, on = {TODAY}, no_longer_applies = true }}", answer.toml()));
                }
                Told::Old(answer) => {
                    // Nothing that has happened since can have been told then.
                    let answer = match answer {
                        Answer::Day(day) if *fact != "f1" => Answer::Day(*day - 550.days()),
                        other => other.clone(),
                    };
                    line(fact, &format!("{{ value = {}, on = {} }}", answer.toml(), TODAY - 550.days()));
                }
                Told::On(answer, on) => line(fact, &format!("{{ value = {}, on = {on} }}", answer.toml())),
                Told::Month(day) => line(fact, &on(fact, &format!("value = \"{}\"", day.strftime("%Y-%m")))),
                Told::Year(day) => line(fact, &on(fact, &format!("value = \"{}\"", day.strftime("%Y")))),
            }
        }
        for (fact, answer, on) in &self.earlier {
            let value = answer.toml();
            write!(text, "[[earlier]]\nfact = {fact:?}\nvalue = {value}\nrecorded = {on}\n").expect("a string grows");
        }
        for session in &self.sessions {
            let date = if session.month_only { format!("{:?}", session.date()) } else { session.date() };
            write!(text, "[[sessions]]\ntreatment = {:?}\ndate = {date}\n", session.treatment).expect("a string grows");
            if let Some(depth) = session.depth {
                writeln!(text, "depth = {depth}").expect("a string grows");
            }
            if let Some(reaction) = session.reaction {
                writeln!(text, "reaction = {reaction:?}").expect("a string grows");
            } else if session.depth.is_some() {
                // That nobody knows is the same as nothing.
                text.push_str("reaction = { unknown = \"not_known\" }\n");
            }
            if let Some(good) = session.good {
                writeln!(text, "good = {good}").expect("a string grows");
            }
            if let Some(area) = &session.area {
                writeln!(text, "area = {area:?}").expect("a string grows");
            }
            if let Some(spot) = session.spot {
                writeln!(text, "spot = {spot:?}").expect("a string grows");
            }
            if session.faulty {
                text.push_str("faulty = true\n");
            }
            if let Some(Some(twice)) = session.twice {
                writeln!(text, "noted_twice = {twice}").expect("a string grows");
            }
        }
        if self.beside {
            let (day, long_ago) = (TODAY - 3.days(), TODAY - 777.days());
            write!(text, "[[sessions]]\ntreatment = \"massage\"\ndate = {day}\nproduct = \"lavender\"\n")
                .and_then(|()| {
                    write!(text, "[[earlier]]\nfact = \"b3\"\nunknown = \"not_recorded\"\nrecorded = {long_ago}\n")
                })
                .and_then(|()| write!(text, "[[planned]]\ntreatment = \"massage\"\ndate = {TODAY}\n"))
                .expect("a string grows");
        }
        for (treatment, days) in &self.planned {
            let day = TODAY + days.days();
            write!(text, "[[planned]]\ntreatment = {treatment:?}\ndate = {day}\n").expect("a string grows");
        }
        text
    }
}

/// The keys that say which treatments a list of sessions covers, given whether there are any in it.
pub(crate) fn list(has_any: bool, treatments: &[&str], unlisted: &[&str]) -> String {
    let covered: Vec<&&str> = treatments.iter().filter(|treatment| !unlisted.contains(treatment)).collect();
    let list = if has_any || (covered.is_empty() && !unlisted.is_empty()) { "" } else { "sessions = []\n" };
    let cover = if unlisted.is_empty() || (covered.is_empty() && !has_any) {
        String::new()
    } else {
        format!("sessions_cover = {covered:?}\n")
    };
    // Half of what is not covered was asked about, which must make no difference.
    let told: Vec<String> =
        unlisted.iter().step_by(2).map(|treatment| format!("{treatment:?} = \"declined\"")).collect();
    let told = if told.is_empty() { String::new() } else { format!("sessions_unknown = {{ {} }}\n", told.join(", ")) };
    format!("{list}{cover}{told}")
}

/// A day of a month or year; an event that is over lies before today.
fn some_day(first: Date, last: Date, seed: &Answer, fact: &str) -> Date {
    let last = if fact == "f1" { last } else { last.min(TODAY) };
    let span = first.until(last).map_or(0, |span| span.get_days());
    let seed = match seed {
        Answer::Day(day) => day.until(TODAY).map_or(0, |span| span.get_days().abs()),
        _ => 0,
    };
    first + (seed % (span + 1)).days()
}
