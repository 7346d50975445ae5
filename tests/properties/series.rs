//! Courses of which each session has bounds of its own, several courses, products, components, immunity, and separations by product,
//! on random patients.

use std::fmt::Write;

use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;
use regimen::{Depth, Protocol, Request, Status, render};

use crate::batches::decided_alike;
use crate::patients::{COUNTS_ONCE, TODAY, list};
use crate::protocols::HEADER;
use crate::random::cases;
use crate::settings::never_bolder;
use crate::{ask, asked, assumed, clinic, never_overturned, never_withdrawn, our, record, says_why, tables, unordered};

/// What all protocols share. The lengths of time that are parameters may be set by a clinic.
const SHARED: &str = r#"
[sources.custom]
title = "Custom"
evidence = "custom"

[parameters]
wait  = { value = "30 days", range = ["0 days", "90 days"], sources = ["custom"] }
grace = { value = "4 days", sources = ["custom"] }
young = { value = "19 years + 6 months", sources = ["custom"] }

[facts]
b = { type = "bool", modifiable = true, ask = "b?", of = "patient", valid_for = "forever" }
c = { type = "bool", ask = "c?", of = "patient", valid_for = "forever" }
started = { type = "date", ask = "Started?", of = "patient", valid_for = "forever" }
date_of_birth = { type = "date", past = true, ask = "Born?", of = "patient", valid_for = "forever" }

[ignored]
products = ["oil-3"]

[products]
gel = { label = "soft gel", products = ["gel-10", "gel-20"] }
foam = ["foam-1"]
"#;

/// What a session may have used; the last two are on no list, and the last of them is ignored.
const PRODUCTS: [&str; 5] = ["gel-10", "gel-20", "foam-1", "paste-9", "oil-3"];

fn maybe(share: f64, texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::option::weighted(share, select(texts)).prop_map(Option::unwrap_or_default)
}

/// An interval, whose `#` becomes a number of its own.
fn interval() -> impl Strategy<Value = String> {
    (
        select(&["previous", "previous", "previous", "first", "session 1", "latest gel", "latest gel, foam", "started"][..]),
        maybe(0.3, &["when = 'b', ", "when = '!c', ", "when = 'age < 20', ", "when = 'sessions.len() > 2', "]),
        select(&["7 days", "28 days", "1 month + 4 days", "wait", "8 weeks"][..]),
        maybe(0.3, &["absolute_minimum = \"5 days\", ", "absolute_minimum = \"7 days\", "]),
        maybe(
            0.5,
            &[
                "recommended = \"70 days\", latest = \"80 days\", ",
                "latest = \"3 months\", ",
                // No later than some of the minimums: they set nothing.
                "recommended = \"28 days\", latest = \"1 month\", ",
            ],
        ),
        maybe(0.2, &["in_force = { from = 2026-05-10 }, ", "in_force = { until = 2026-06-20 }, "]),
        maybe(0.2, &["priority = true, "]),
    )
        .prop_map(|(from, when, minimum, early, latest, in_force, priority)| {
            format!("  {{ id = \"#\", from = \"{from}\", {when}minimum = \"{minimum}\", {early}{latest}{in_force}{priority}reason = \"x\" }},\n")
        })
}

fn intervals(key: &'static str, most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(interval(), 0..=most).prop_map(move |all| match all.is_empty() {
        true => String::new(),
        false => format!("{key} = [\n{}]\n", all.concat()),
    })
}

/// What binds a session.
fn bounds() -> impl Strategy<Value = String> {
    (
        maybe(
            0.3,
            &[
                "age = { minimum = \"20 years\", absolute_minimum = \"young\" }\n",
                "age = { minimum = \"young\", recommended = \"19 years + 8 months\", latest = \"20 years\", maximum = \"20 years + 3 months\" }\n",
                "age = { maximum = \"20 years\" }\n",
                "age = { minimum = \"20 years\", absolute_minimum = \"young\", recommended = \"20 years\", latest = \"20 years\" }\n",
                "age = { minimum = \"young\", recommended = \"20 years + 1 month\", latest = \"20 years\" }\n",
                "age = [{ minimum = \"20 years\", recommended = \"20 years\", in_force = { until = 2026-06-30 } }, { recommended = \"18 years\", latest = \"20 years\" }]\n",
                "age = [{ minimum = \"20 years\", in_force = { until = 2026-06-30 } }, { minimum = \"18 years\" }]\n",
            ],
        ),
        maybe(
            0.2,
            &[
                "season = { from = \"06-01\", until = \"08-31\" }\n",
                "season = { from = \"10-01\", until = \"03-31\" }\n",
                "season = { from = \"08-15\" }\n",
                "season = { from = 2026-05-20, until = 2026-07-31 }\n",
            ],
        ),
        maybe(
            0.3,
            &[
                "accept = [\"gel\"]\n",
                "accept = [\"gel-20\", \"foam\"]\n",
                "accept = [{ products = [\"gel\"], from = \"19 years + 11 months\", before = \"21 years\" }, \"foam\"]\n",
            ],
        ),
        maybe(0.2, &["reject = [\"foam\"]\n", "reject = [\"gel-10\"]\n"]),
        intervals("interval", 2),
    )
        .prop_map(|(age, season, accept, reject, intervals)| format!("{age}{season}{accept}{reject}{intervals}"))
}

const SKIPS: &[&str] = &[
    "skip = 'b'\n",
    "skip = 'aged(\"20 years\")'\n",
    "skip = 'aged(\"20 years\", grace) && !judging'\n",
    "skip = 'judging && c && waited(\"2 months\")'\n",
    "skip = 'waited(\"2 months\", grace)'\n",
    "skip = 'given(\"gel\", \"from 2026-05-15\") > 0'\n",
    "skip = 'valid(\"before 20 years\") > 1'\n",
    "skip = 'valid(\"foam\") > 0 || given() > 3'\n",
    "skip = 'session_date >= date(\"2026-06-10\")'\n",
    "skip = 'today < sessions.last.date + days(40)'\n",
    "skip = 'any s in sessions where s.product == \"gel-10\" && s.date < session_date'\n",
    "skip = '(count s in sessions where s.date >= date(\"2026-06-01\")) > 1'\n",
    "skip = 'sessions.len() > 1 && sessions.first.product == \"foam-1\"'\n",
];

/// A planned session; the first has none before it.
fn planned() -> impl Strategy<Value = String> {
    (maybe(0.4, SKIPS), bounds(), intervals("allow", 1), maybe(0.15, &["repeat = true\n"]))
        .prop_map(|(skip, bounds, allow, repeat)| format!("[[course.session]]\n{skip}{bounds}{allow}{repeat}"))
}

fn course() -> impl Strategy<Value = String> {
    let terms = (
        maybe(0.3, &["when = 'b'\n", "when = '!b'\n", "when = 'age < 20'\n"]),
        maybe(0.3, &["start_before = \"20 years\"\n", "start_before = \"young\"\n"]),
        maybe(0.3, &["offer_from = \"20 years\"\n", "offer_from = \"young\"\n"]),
        maybe(0.15, &["evaluation_only = true\n", "faulty = \"starts_interval\"\n"]),
        maybe(0.4, &["grace = \"grace\"\n", "grace = \"2 days\"\n"]),
        maybe(0.3, &["components = [\"one\"]\n", "components = [\"one\", \"two\"]\n"]),
    );
    let gap = maybe(
        0.3,
        &[
            "gap = [{ id = \"#\", after = \"60 days\", do = \"restart\", reason = \"x\" }]\n",
            "gap = [{ id = \"#\", after = \"wait\", do = \"reassess\", reason = \"x\" }, { id = \"#\", after = \"3 months\", do = \"restart\", reason = \"x\" }]\nrestart_when_complete = 'c'\n",
        ],
    );
    let counts = select(
        &[
            "sessions = { maximum = 3 }\n",
            "sessions = {}\n",
            "sessions = { planned = 2, maximum = 'if c { 3 } else { 4 }', beyond_planned = 'b' }\n",
            "sessions = { minimum = 1, planned = 2, maximum = 2 }\ntoo_early = \"repeat\"\n",
        ][..],
    );
    let uniform = (counts, bounds()).prop_map(|(counts, bounds)| format!("{counts}{bounds}"));
    let series = (bounds(), proptest::collection::vec(planned(), 1..4)).prop_map(|(bounds, mut sessions)| {
        // No session comes before the first, which is also bound by what the course says of all.
        let not_before = |text: String| text.replace("\"session 1\"", "\"first\"");
        sessions[0] = not_before(std::mem::take(&mut sessions[0]));
        format!("{}{}", not_before(bounds), sessions.concat())
    });
    (terms, gap, prop_oneof![1 => uniform.boxed(), 2 => series.boxed()]).prop_map(
        |((when, start, offer, only, grace, components), gap, body)| {
            format!("[[course]]\nid = \"#\"\nsources = [\"custom\"]\n{when}{start}{offer}{only}{grace}{components}{gap}{body}")
        },
    )
}

fn separation() -> impl Strategy<Value = String> {
    (
        select(&["\"other\"", "\"other\"", "\"own\"", "\"other\", \"own\""][..]),
        maybe(0.4, &["products = [\"foam\"]\n", "products = [\"gel-10\"]\n"]),
        maybe(0.3, &["of = [\"gel\"]\n"]),
        maybe(0.4, &["absolute_minimum = \"10 days\"\n"]),
        maybe(0.4, &["same_day = true\n"]),
    )
        .prop_map(|(from, products, of, absolute, same_day)| {
            format!("[[separation]]\nid = \"#\"\nfrom = [{from}]\nminimum = \"wait\"\n{products}{of}{absolute}{same_day}reason = \"x\"\nsources = [\"custom\"]\n")
        })
}

/// A protocol of courses alone.
#[derive(Clone)]
struct Courses(String);

impl std::fmt::Debug for Courses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{}", self.0.replace(HEADER, "").replace(SHARED, ""))
    }
}

impl Courses {
    /// The same with the intervals of each list, and the separations, the other way round.
    fn reversed(&self) -> String {
        let (separations, rest): (Vec<String>, Vec<String>) =
            tables(&self.0).into_iter().partition(|table| table.starts_with("[[separation"));
        let mut text = String::new();
        let mut waiting: Vec<&str> = Vec::new();
        let rest = rest.concat();
        for line in rest.split_inclusive('\n') {
            if line.starts_with("  { id") {
                waiting.push(line);
            } else {
                text.extend(waiting.drain(..).rev());
                text.push_str(line);
            }
        }
        text + separations.into_iter().rev().collect::<String>().as_str()
    }
}

fn protocol() -> impl Strategy<Value = Courses> {
    let components = maybe(
        0.3,
        &[
            "[components.one]\nproducts = [\"gel\"]\n[components.two]\nproducts = [\"gel-20\", \"foam\"]\nimmune = 'c'\n",
            "[components.one]\nproducts = [\"gel\"]\n[components.two]\nproducts = [\"foam\"]\n",
        ],
    );
    let top = (
        maybe(0.3, &["number = \"largest\"\n"]),
        maybe(0.15, &["immune = 'c'\n", "immune = 'started < date(\"2026-05-01\")'\n"]),
    );
    let courses = prop_oneof![
        3 => proptest::collection::vec(course(), 1),
        2 => proptest::collection::vec(course(), 2..4),
        // One that begins as another does, and goes on.
        1 => (course(), planned()).prop_map(|(course, planned)| {
            let offered = ["offer_from = \"20 years\"\n", "offer_from = \"young\"\n"];
            let copy = offered.iter().fold(course.clone(), |copy, line| copy.replace(line, ""));
            let more = if course.contains("[[course.session]]") { planned } else { String::new() };
            vec![course, format!("{copy}{more}")]
        }),
    ];
    (top, components, courses, proptest::collection::vec(separation(), 0..3)).prop_map(
        |((number, immune), components, courses, separations)| {
            let mut courses = courses.concat();
            if components.is_empty() {
                let of_components = ["components = [\"one\"]\n", "components = [\"one\", \"two\"]\n"];
                courses = of_components.iter().fold(courses, |courses, line| courses.replace(line, ""));
            }
            let mut text = format!("{HEADER}{number}{immune}{SHARED}{components}{courses}");
            text.push_str(&separations.concat());
            let mut parts = text.split("\"#\"");
            let mut numbered = parts.next().unwrap_or_default().to_owned();
            for (at, part) in parts.enumerate() {
                numbered.push_str(&format!("\"id-{at}\"{part}"));
            }
            Courses(numbered)
        },
    )
}

/// The text of a protocol, and records of some patients.
pub(crate) fn with_records() -> impl Strategy<Value = (String, Vec<String>)> {
    let records = proptest::collection::vec(partial().prop_map(|patient| patient.record()), 3);
    (protocol().prop_map(|protocol| protocol.0), records)
}

/// How much is known of a date.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Day,
    Month,
    Nothing,
}

#[derive(Clone, Debug, PartialEq)]
struct Session {
    treatment: &'static str,
    day: Date,
    is_month: bool,
    /// What was used, and whether that was noted.
    product: Option<&'static str>,
    faulty: bool,
    /// Of an entry that says what an earlier one of its day says: what the record tells of that, if anything.
    twice: Option<Option<bool>>,
}

impl Session {
    fn date(&self) -> String {
        self.day.strftime(if self.is_month { "%Y-%m" } else { "%Y-%m-%d" }).to_string()
    }
}

#[derive(Clone, PartialEq)]
struct Patient {
    born: (Date, Told),
    started: (Date, Told),
    b: Option<bool>,
    c: Option<bool>,
    sessions: Vec<Session>,
    unlisted: Vec<&'static str>,
}

impl std::fmt::Debug for Patient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{}", self.record())
    }
}

const TREATMENTS: [&str; 2] = ["own", "other"];

/// What is known, or perhaps not.
fn noted<T: std::fmt::Debug + 'static>(
    whole: bool,
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Option<T>> {
    if whole { value.prop_map(Some).boxed() } else { proptest::option::weighted(0.75, value).boxed() }
}

fn session(whole: bool) -> impl Strategy<Value = Session> {
    (
        prop_oneof![3 => Just("own"), 1 => Just("other")],
        prop_oneof![3 => 1i32..130, 1 => 1i32..400],
        proptest::bool::weighted(if whole { 0.0 } else { 0.15 }),
        noted(whole, select(&PRODUCTS[..])),
        proptest::bool::weighted(0.08),
    )
        .prop_map(|(treatment, ago, is_month, product, faulty)| Session {
            treatment,
            day: TODAY - ago.days(),
            is_month,
            product,
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
        if sessions[at].is_month && sessions.iter().enumerate().any(is_there) {
            sessions[at].twice = Some(Some(false));
        }
    }
}

/// Sessions, sometimes with an entry that says what another one says, or less: one session noted twice, two, or nobody knows which.
fn sessions(most: usize) -> impl Strategy<Value = Vec<Session>> {
    let again = (any::<proptest::sample::Index>(), proptest::option::weighted(0.4, any::<bool>()), any::<bool>());
    (proptest::collection::vec(session(false), 0..most), proptest::option::weighted(0.3, again)).prop_map(
        |(mut sessions, again)| {
            tell_months_apart(&mut sessions);
            if let Some((at, twice, product)) =
                again.filter(|(at, ..)| !sessions.is_empty() && at.get(&sessions).twice.is_none())
            {
                let first = at.get(&sessions).clone();
                let again = Session { twice: Some(twice), product: first.product.filter(|_| product), ..first };
                sessions.push(again);
            }
            sessions
        },
    )
}

fn partial() -> impl Strategy<Value = Patient> {
    patient(false, sessions(4))
}

fn truth() -> impl Strategy<Value = Patient> {
    patient(true, proptest::collection::vec(session(true), 6))
}

fn patient(whole: bool, sessions: impl Strategy<Value = Vec<Session>>) -> impl Strategy<Value = Patient> {
    let told = move |days: std::ops::Range<i32>| {
        let told = prop_oneof![6 => Just(Told::Day), 2 => Just(Told::Month), 2 => Just(Told::Nothing)];
        (days, told).prop_map(move |(ago, told)| (TODAY - ago.days(), if whole { Told::Day } else { told }))
    };
    let yes = move || noted(whole, any::<bool>());
    let unlisted = prop_oneof![8 => Just(Vec::new()), 1 => Just(vec!["own"]), 1 => Just(vec!["other"])];
    (told(6900..7700), told(-40..200), yes(), yes(), sessions, unlisted)
        .prop_map(move |(born, started, b, c, sessions, unlisted)| Patient {
            born,
            started,
            b,
            c,
            sessions,
            unlisted: if whole { Vec::new() } else { unlisted },
        })
        .prop_filter("two sessions on one day", |patient| !patient.collides())
}

/// A day of the month of another.
fn within(day: Date, seed: Date, last: Date) -> Date {
    let (first, last) = (day.first_of_month(), day.last_of_month().min(last));
    let span = first.until(last).map_or(0, |span| span.get_days()).max(0);
    first + (i32::from(seed.day()) % (span + 1)).days()
}

impl Patient {
    /// With what is not known taken from a truth, but for what is named.
    fn completed(&self, truth: &Patient, except: &[String]) -> Patient {
        let excepted = |name: &str| except.iter().any(|other| other == name);
        let date = |name: &str, (day, told): (Date, Told), truth: Date, last: Date| match told {
            Told::Day => (day, Told::Day),
            told if excepted(name) => (day, told),
            Told::Month => (within(day, truth, last), Told::Day),
            Told::Nothing => (truth, Told::Day),
        };
        let counts_once = excepted(COUNTS_ONCE);
        let mut sessions: Vec<Session> = self
            .sessions
            .iter()
            .enumerate()
            .map(|(at, session)| {
                // Of a session that was noted twice, both entries say the same.
                let is_first = |one: &Session| {
                    one.twice.is_none()
                        && (one.treatment, one.day, one.is_month) == (session.treatment, session.day, session.is_month)
                };
                let first = session.twice.and_then(|_| self.sessions.iter().position(is_first));
                let truth = &truth.sessions[first.unwrap_or(at)];
                let first = first.map_or(session, |first| &self.sessions[first]);
                let note = |note: &str| excepted(&format!("sessions.{}.{note}", session.date()));
                let mut told = session.clone();
                if session.is_month && !note("date") {
                    told.day = within(session.day, truth.day, TODAY - 1.day());
                    told.is_month = false;
                }
                told.product = session.product.or(first.product.or(truth.product).filter(|_| !note("product")));
                // A course takes the two for one, until somebody says that there were two: who takes for granted what it does, says so.
                let is_twice = (!note("noted_twice")).then_some(truth.product != Some("gel-10") || counts_once);
                told.twice = session.twice.map(|twice| twice.or(is_twice));
                told
            })
            .collect();
        let (unlisted, listed): (Vec<&str>, Vec<&str>) =
            self.unlisted.iter().partition(|one| excepted(&format!("sessions.{one}")));
        let more = truth.sessions.iter().skip(self.sessions.len()).filter(|one| listed.contains(&one.treatment));
        sessions.extend(more.cloned());
        Patient {
            born: date("date_of_birth", self.born, truth.born.0, TODAY),
            started: date("started", self.started, truth.started.0, Date::MAX),
            b: self.b.or(truth.b.filter(|_| !excepted("b"))),
            c: self.c.or(truth.c.filter(|_| !excepted("c"))),
            sessions,
            unlisted,
        }
    }

    /// Whether two sessions of one treatment fall on one known day: whether they are one, other properties try.
    fn collides(&self) -> bool {
        let is_one = |at: usize| {
            let session = &self.sessions[at];
            let before = &mut self.sessions[..at].iter();
            !session.is_month
                && session.twice.is_none()
                && before.any(|one| !one.is_month && (one.treatment, one.day) == (session.treatment, session.day))
        };
        (0..self.sessions.len()).any(is_one)
    }

    fn names(&self) -> Vec<String> {
        let notes = self.sessions.iter().flat_map(|session| {
            ["date", "product", "noted_twice"].map(|note| format!("sessions.{}.{note}", session.date()))
        });
        let facts = ["date_of_birth", "started", "b", "c", "sessions.own", "sessions.other"].map(str::to_owned);
        facts.into_iter().chain(notes).collect()
    }

    fn record(&self) -> String {
        let mut text = format!("patient = \"P\"\nrecorded = {TODAY}\n");
        text.push_str(&list(!self.sessions.is_empty(), &TREATMENTS, &self.unlisted));
        text.push_str("[facts]\n");
        for (name, (day, told)) in [("date_of_birth", self.born), ("started", self.started)] {
            match told {
                Told::Day => writeln!(text, "{name} = {day}"),
                Told::Month => writeln!(text, "{name} = \"{}\"", day.strftime("%Y-%m")),
                Told::Nothing => Ok(()),
            }
            .expect("a string grows");
        }
        for (name, value) in [("b", self.b), ("c", self.c)] {
            text.push_str(&value.map_or_else(String::new, |value| format!("{name} = {value}\n")));
        }
        for session in &self.sessions {
            let date = if session.is_month { format!("{:?}", session.date()) } else { session.date() };
            write!(text, "[[sessions]]\ntreatment = {:?}\ndate = {date}\n", session.treatment).expect("a string grows");
            text.push_str(&session.product.map_or_else(String::new, |product| format!("product = {product:?}\n")));
            text.push_str(if session.faulty { "faulty = true\n" } else { "" });
            if let Some(Some(twice)) = session.twice {
                writeln!(text, "noted_twice = {twice}").expect("a string grows");
            }
        }
        text
    }
}

proptest! {
    #![proptest_config(cases(128))]

    /// Whatever the unknown turns out to be, the answer was foreseen.
    #[test]
    fn completions_of_series(
        protocol in protocol(),
        patient in partial(),
        truths in proptest::collection::vec(truth(), 8),
    ) {
        let clinic = clinic(&protocol.0);
        let protocol = &clinic.protocols[0];
        let before = ask(protocol, &patient.record(), TODAY);
        for truth in &truths {
            let whole = patient.completed(truth, &[]);
            if whole.collides() {
                continue;
            }
            let after = ask(protocol, &whole.record(), TODAY);
            never_overturned(&before, &after, true).map_err(|why| TestCaseError::fail(format!("{why}{whole:?}")))?;
            // Bounds of their own judge each of two entries by itself, and sessions that are alike take them for one: of protocols with both,
            // nobody can tell what both take for granted.
            let is_open = patient.sessions.iter().any(|session| session.twice == Some(None));
            if is_open && protocol.courses.iter().any(|course| course.is_series) {
                continue;
            }
            let told = patient.completed(truth, &assumed(&before));
            let after = ask(protocol, &told.record(), TODAY);
            never_overturned(&before, &after, false).map_err(|why| TestCaseError::fail(format!("{why}{told:?}")))?;
            never_withdrawn(&before, &after).map_err(|why| TestCaseError::fail(format!("{why}{told:?}")))?;
            never_bolder(&before, &after)?;
        }
    }

    /// Whoever answers what is asked, and nothing else, gets an answer.
    #[test]
    fn what_is_asked_of_series_is_enough(protocol in protocol(), patient in partial(), truth in truth()) {
        let clinic = clinic(&protocol.0);
        let mut patient = patient;
        loop {
            let answer = ask(&clinic.protocols[0], &patient.record(), TODAY);
            let asked = asked(&answer);
            if asked.is_empty() {
                prop_assert!(answer.status != Status::Undetermined || says_why(&answer), "{}", patient.record());
                break;
            }
            let others: Vec<String> = patient.names().into_iter().filter(|name| !asked.contains(name)).collect();
            let told = patient.completed(&truth, &others);
            if told.collides() {
                return Ok(());
            }
            prop_assert!(told != patient, "nothing new for {asked:?}: {}", patient.record());
            patient = told;
        }
    }

    /// What is quick says the same, and the order of intervals and separations makes no difference.
    #[test]
    fn order_and_speed_make_no_difference_to_series(protocol in protocol(), patients in proptest::collection::vec(partial(), 6)) {
        let (one, other) = (clinic(&protocol.0), clinic(&protocol.reversed()));
        let texts: Vec<String> = patients.iter().map(Patient::record).collect();
        decided_alike(&one.protocols[0], &texts)?;
        for text in &texts {
            let answers = [&one, &other].map(|clinic| unordered(&ask(&clinic.protocols[0], text, TODAY)));
            prop_assert_eq!(&answers[0], &answers[1], "{}", text);
        }
    }
}

proptest! {
    #![proptest_config(cases(20))]

    /// Another length of time in a course that is proven to change nothing for anybody changes nothing for these.
    #[test]
    fn what_is_proven_equivalent_changes_no_course(
        protocol in protocol(),
        patients in proptest::collection::vec(partial(), 16),
    ) {
        let clinic = clinic(&protocol.0);
        let protocol = &clinic.protocols[0];
        let others = regimen::internals::equivalents(protocol);
        for patient in &patients {
            let text = patient.record();
            // The trace says how long each length is.
            let request = Request::new(our(TODAY)).explain(Depth::Verdict);
            let answer = |protocol: &Protocol| {
                render::json(&protocol.recommend(&record(protocol, &text), &request).expect("an answer")).expect("JSON")
            };
            let before = answer(protocol);
            for (change, other) in &others {
                prop_assert_eq!(&before, &answer(other), "{}\n{}", change, text);
            }
        }
    }
}
