//! Dates that are only partly known are tried at the days where something turns: it must come to the same as trying every day.

#[path = "support/random.rs"]
mod random;

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::ToSpan;
use jiff::civil::{Date as Day, date};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;
use regimen::{Clinic, Date, Depth, Notation, Prepared, Protocol, Recommendation, Record, Request, Status, render};

use random::cases;

const HEAD: &str = include_str!("fixtures/head.toml");
const TODAY: Day = date(2026, 7, 15);

fn protocol(text: &str) -> Protocol {
    let clinic = Clinic::from_text("trial.toml", &format!("{HEAD}{text}")).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{text}\n{found}")).protocols.remove(0)
}

fn prepare(protocol: &Protocol) -> Prepared {
    let request = Request::new(Date::new(TODAY.year(), TODAY.month(), TODAY.day()).expect("a day"));
    protocol.prepare(&request.explain(Depth::Verdict)).expect("in force")
}

fn ask(prepared: &Prepared, record: &str) -> Recommendation {
    let read = Record::from_text("record.toml", record, Notation::Toml, &prepared.protocol().dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{record}\n{found}"));
    prepared.recommend(&record).unwrap_or_else(|found| panic!("{found}"))
}

const BORN: &str = "[facts.date_of_birth]\ntype = \"date\"\npast = true\nask = \"Born?\"\nof = \"patient\"\nvalid_for = \"forever\"\n\
                    [facts.started]\ntype = \"date\"\npast = true\nask = \"Started?\"\nof = \"patient\"\nvalid_for = \"forever\"\n\
                    [session_facts.side]\ntype = \"choice\"\nchoices = [\"left\", \"right\"]\n\
                    [products]\ngel = [\"gel-10\"]\nfoam = [\"foam-1\"]\n";

fn maybe(share: f64, texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::option::weighted(share, select(texts)).prop_map(Option::unwrap_or_default)
}

fn interval() -> impl Strategy<Value = String> {
    (
        select(&["previous", "previous", "first", "session 2", "latest gel", "started"][..]),
        select(&["7 days", "20 days", "28 days", "30 days", "1 month", "1 month + 4 days", "60 days", "8 weeks"][..]),
        maybe(0.3, &["absolute_minimum = \"5 days\", ", "absolute_minimum = \"18 days\", "]),
        maybe(0.5, &["recommended = \"70 days\", latest = \"80 days\", ", "latest = \"3 months\", "]),
        maybe(0.2, &["in_force = { from = 2026-05-10 }, ", "in_force = { until = 2026-06-20 }, "]),
        // What held on the day of a session, which another day may not have.
        maybe(
            0.4,
            &[
                "when = 'today >= date(\"2026-05-14\")', ",
                "when = 'today < date(\"2026-06-09\")', ",
                "when = 'sessions.len() > 1', ",
                "when = 'today >= date(\"2026-05-14\") && any s in sessions where s.product == \"foam-1\"', ",
                "when = 'sessions_of(\"other\").is_empty() || today < date(\"2026-06-09\")', ",
                "when = 'sessions.last.date < date(\"2026-06-01\")', ",
            ],
        ),
    )
        .prop_map(|(from, minimum, early, latest, in_force, when)| {
            let when = if from == "started" { "" } else { when };
            format!("{{ {when}from = \"{from}\", minimum = \"{minimum}\", {early}{latest}{in_force}reason = \"x\" }}")
        })
}

/// What binds a session: an age, a season, products, intervals.
fn bounds() -> impl Strategy<Value = String> {
    (
        maybe(
            0.4,
            &[
                "age = { minimum = \"20 years\", absolute_minimum = \"19 years + 6 months\" }\n",
                "age = { minimum = \"19 years + 5 months\", latest = \"20 years\", maximum = \"20 years + 3 months\" }\n",
                "age = { maximum = \"20 years\" }\n",
            ],
        ),
        maybe(
            0.4,
            &[
                "season = { from = \"06-01\", until = \"08-31\" }\n",
                "season = { from = \"10-01\", until = \"03-31\" }\n",
                "season = { from = \"08-15\" }\n",
                "season = { from = 2026-05-20, until = 2026-07-31 }\n",
            ],
        ),
        maybe(0.2, &["accept = [\"gel\"]\n", "accept = [{ products = [\"gel\"], from = \"19 years + 11 months\" }, \"foam\"]\n"]),
        proptest::collection::vec(interval(), 0..3),
    )
        .prop_map(|(age, season, accept, intervals)| {
            format!("{age}{season}{accept}interval = [{}]\n", intervals.join(", "))
        })
}

fn course() -> impl Strategy<Value = String> {
    let grace = maybe(0.4, &["grace = \"4 days\"\n"]);
    let gap = maybe(
        0.3,
        &[
            "gap = [{ id = \"restart\", after = \"60 days\", do = \"restart\", reason = \"x\" }]\n",
            "gap = [{ id = \"restart\", after = \"3 months\", do = \"restart\", reason = \"x\" }]\n",
        ],
    );
    let beyond = maybe(
        0.5,
        &[
            ", beyond_planned = 'started < date(\"2026-06-15\")'",
            ", beyond_planned = 'sessions.last.date < date(\"2026-06-10\")'",
        ],
    );
    let early = maybe(0.6, &["too_early = \"repeat\"\n", "too_early = \"repeat\"\nfaulty = \"starts_interval\"\n"]);
    let uniform = (1u8..5, proptest::option::of(1u8..4), beyond, early, bounds(), proptest::bool::weighted(0.3))
        .prop_map(|(most, planned, beyond, early, bounds, by_area)| {
            let planned =
                planned.map_or_else(String::new, |planned| format!(", planned = {}{beyond}", planned.min(most)));
            // Counted for each area, by conditions that name it.
            let counted = if by_area { "separate_by = \"side\"\n" } else { "" };
            let bounds =
                if by_area { bounds.replace("when = 'today", "when = 'side == \"left\" && today") } else { bounds };
            format!("sessions = {{ maximum = {most}{planned} }}\n{early}{counted}{bounds}")
        });
    let skip = maybe(
        0.5,
        &[
            "skip = 'aged(\"20 years\")'\n",
            "skip = 'aged(\"20 years\", grace) && !judging'\n",
            "skip = 'waited(\"2 months\", grace)'\n",
            "skip = 'given(\"gel\", \"from 2026-05-15\") > 0'\n",
            "skip = 'valid(\"before 20 years\") > 1'\n",
            "skip = 'session_date >= date(\"2026-06-10\")'\n",
        ],
    );
    let planned = (skip, bounds(), any::<bool>()).prop_map(|(skip, bounds, again)| {
        format!("[[course.session]]\n{skip}{bounds}{}", if again { "" } else { "repeat = false\n" })
    });
    let series = proptest::collection::vec(planned, 2..4).prop_map(|all| all.concat());
    let again = maybe(0.3, &["restart_when_complete = 'started < date(\"2026-06-15\")'\n"]);
    (grace, (gap, again), prop_oneof![2 => (Just(true), uniform.boxed()), 1 => (Just(false), series.boxed())]).prop_map(
        |(grace, (gap, again), (is_uniform, body))| {
            let again = if gap.is_empty() { "" } else { again };
            let sources = "sources = [\"clinic\"]\n";
            let body = if is_uniform { body } else { body.replace("session 2", "previous") };
            format!("[[course]]\nid = \"course\"\n{grace}{again}{gap}{sources}{body}")
        },
    )
}

/// A date: the day that it is, and how much of it is known.
#[derive(Clone, Debug)]
struct Told {
    day: Day,
    is_month: bool,
}

impl Told {
    fn text(&self) -> String {
        let month = self.day.strftime("\"%Y-%m\"").to_string();
        if self.is_month { month } else { self.day.to_string() }
    }

    fn days(&self) -> Vec<String> {
        let all = self.day.first_of_month().series(1.day()).take_while(|day| *day <= self.day.last_of_month());
        let all = all.filter(|day| *day <= TODAY).map(|day| day.to_string());
        if self.is_month { all.collect() } else { vec![self.day.to_string()] }
    }
}

#[derive(Clone, Debug)]
struct Patient {
    born: Told,
    started: Told,
    sessions: Vec<(&'static str, Told, &'static str)>,
}

impl Patient {
    fn dates(&self) -> Vec<&Told> {
        [&self.born, &self.started].into_iter().chain(self.sessions.iter().map(|(_, told, _)| told)).collect()
    }

    fn record(&self, dates: &[String]) -> String {
        let mut text = format!(
            "patient = \"P\"\nrecorded = {TODAY}\n{}[facts]\ndate_of_birth = {}\nstarted = {}\n",
            if self.sessions.is_empty() { "sessions = []\n" } else { "" },
            dates[0],
            dates[1],
        );
        for ((treatment, _, rest), date) in self.sessions.iter().zip(&dates[2..]) {
            write!(text, "[[sessions]]\ntreatment = \"{treatment}\"\ndate = {date}\n{rest}\n").expect("a string grows");
        }
        text
    }

    /// Every way in which the dates may turn out.
    fn ways(&self) -> Vec<Vec<String>> {
        self.dates().into_iter().fold(vec![Vec::new()], |so_far, told| {
            let days = told.days();
            so_far
                .iter()
                .flat_map(|before| days.iter().map(|day| [&before[..], std::slice::from_ref(day)].concat()))
                .collect()
        })
    }
}

fn patient() -> impl Strategy<Value = Patient> {
    let ago = |from: i32, to: i32| (from..to).prop_map(|days| Told { day: TODAY - days.days(), is_month: false });
    let session = (
        prop_oneof![3 => Just("trial"), 1 => Just("other")],
        prop_oneof![3 => ago(1, 100), 1 => ago(1, 400)],
        select(
            &[
                "product = \"gel-10\"\nside = \"left\"",
                "product = \"gel-10\"\nside = \"right\"",
                "product = \"foam-1\"\nside = \"left\"",
            ][..],
        ),
    );
    // Those of which only the month is known, at most two.
    let open = proptest::collection::vec(0usize..6, 1..=2);
    (ago(7100, 7500), ago(1, 200), proptest::collection::vec(session, 0..4), open).prop_map(
        |(born, started, sessions, open)| {
            let mut patient = Patient { born, started, sessions };
            for at in open {
                match at {
                    4 => patient.born.is_month = true,
                    5 => patient.started.is_month = true,
                    at => {
                        if let Some((_, told, _)) = patient.sessions.get_mut(at) {
                            told.is_month = true;
                        }
                    }
                }
            }
            patient
        },
    )
}

/// That an answer is what comes of every day that the dates may be.
fn as_every_day(prepared: &Prepared, patient: &Patient) -> Result<(), TestCaseError> {
    let told: Vec<String> = patient.dates().into_iter().map(Told::text).collect();
    let before = ask(prepared, &patient.record(&told));
    let each: Vec<Recommendation> = patient.ways().iter().map(|dates| ask(prepared, &patient.record(dates))).collect();
    // What had happened by an earlier day, a later date does not tell: on some days that is still to be asked.
    let leads_to = |answer: &Recommendation| match answer.status {
        Status::Undetermined => answer.could_become.clone(),
        status => vec![status],
    };
    // Two entries that come to lie on one day may be one session that was noted twice. That is asked where both days are told, and not of a
    // day that one of them may have been on.
    let may_be_one = |answer: &&Recommendation| answer.questions.iter().any(|one| one.fact.ends_with(".noted_twice"));
    let is_settled = each.iter().all(|answer| !may_be_one(&answer) && answer.could_become == [answer.status]);
    let statuses: BTreeSet<Status> = each.iter().filter(|answer| !may_be_one(answer)).flat_map(leads_to).collect();
    let who = format!("{} {:?} of {statuses:?}", before.status, before.could_become);
    prop_assert!(statuses.iter().all(|status| before.could_become.contains(status)), "{}: not foreseen", who);
    if !is_settled {
        return Ok(());
    }
    let earliest = |answer: &Recommendation| answer.course.as_ref()?.next.as_ref()?.earliest;
    // A condition of today that reads the day of a session is one thing that is not known, and that day another: they go together in more ways
    // than there are, and what is said is wider than it need be.
    if prepared.protocol().file.text.contains("sessions.last.date") {
        if let (Some(told), Some(latest)) = (earliest(&before), each.iter().filter_map(earliest).max()) {
            prop_assert!(told >= latest, "{}: {} before {}", who, told, latest);
        }
        return Ok(());
    }
    let possible = |status: &Status| *status == Status::Due || statuses.contains(status);
    prop_assert!(before.could_become.iter().all(possible), "{}: cannot be", who);
    if let [only] = statuses.iter().collect::<Vec<_>>()[..] {
        prop_assert_eq!(before.status, *only, "{}", who);
    }
    if before.course.as_ref().is_some_and(|course| course.next.is_some()) {
        prop_assert_eq!(earliest(&before), each.iter().filter_map(earliest).max(), "{}", who);
    }
    let done = |answer: &Recommendation| answer.course.as_ref().map(|course| (course.done.least, course.done.most));
    let counts: Option<Vec<(u32, u32)>> = each.iter().map(done).collect();
    if let (Some((least, most)), Some(counts)) = (done(&before), counts) {
        prop_assert_eq!(Some(least), counts.iter().map(|count| count.0).min(), "{}", who);
        prop_assert_eq!(Some(most), counts.iter().map(|count| count.1).max(), "{}", who);
    }
    // On the day that is told, something else may hold: the season may be over by then.
    let is_put_off = |answer: &Recommendation| answer.doubts.iter().any(|doubt| doubt.code == "R434");
    if before.status == Status::Deferred && !is_put_off(&before) && !each.iter().any(is_put_off) {
        let days = || each.iter().filter_map(|answer| answer.not_before);
        prop_assert_eq!(before.not_before.or(before.no_sooner_than), days().min(), "{}", who);
        prop_assert_eq!(before.not_before.or(before.no_later_than), days().max(), "{}", who);
    }
    // Whatever makes a difference is asked for.
    let today = prepared.as_of();
    let open_from = |answer: &Recommendation| earliest(answer).map(|day| day.max(today));
    let differ = statuses.len() > 1 || each.iter().any(|answer| open_from(answer) != open_from(&each[0]));
    let is_course = before.course.is_some() || before.status == Status::Undetermined;
    prop_assert!(!differ || !is_course || !before.questions.is_empty(), "{}: asks nothing", who);
    Ok(())
}

proptest! {
    #![proptest_config(cases(48))]

    /// Whatever a course compares the dates with, and whichever of them are open.
    #[test]
    fn days_that_turn_come_to_the_same_as_every_day(
        course in course(),
        separation in maybe(0.4, &["minimum = \"14 days\"", "minimum = \"1 month\"\nabsolute_minimum = \"20 days\""]),
        patients in proptest::collection::vec(patient(), 3),
    ) {
        let separation = if separation.is_empty() { String::new() } else {
            format!("[[separation]]\nid = \"apart\"\nfrom = [\"other\"]\n{separation}\nreason = \"x\"\nsources = [\"clinic\"]\n")
        };
        let protocol = protocol(&format!("{BORN}{separation}{course}"));
        let prepared = prepare(&protocol);
        for patient in &patients {
            as_every_day(&prepared, patient)?;
        }
    }
}

const FOUR_WEEKS: &str = "[[course]]\nid = \"standard\"\nsessions = { minimum = 2, planned = 4, maximum = 5 }\n\
     too_early = \"repeat\"\ninterval = [{ id = \"usual\", from = \"previous\", minimum = \"28 days\", latest = \"42 days\", reason = \"x\" }]\nsources = [\"clinic\"]\n";

fn months(months: &[&str]) -> String {
    let sessions = months.iter().map(|month| format!("[[sessions]]\ntreatment = \"trial\"\ndate = \"{month}\"\n"));
    format!("patient = \"P\"\nrecorded = {TODAY}\n{}", sessions.collect::<String>())
}

#[test]
fn three_sessions_of_which_the_month_is_known_are_judged() {
    let prepared = prepare(&protocol(FOUR_WEEKS));
    // Months apart, all of them count on whatever days they were.
    let answer = ask(&prepared, &months(&["2025-03", "2025-06", "2025-09"]));
    assert_eq!((answer.status, &answer.could_become[..]), (Status::Overdue, &[Status::Overdue][..]));
    let course = answer.course.expect("a course");
    assert_eq!((course.done.least, course.done.most), (3, 3));
    assert_eq!(course.next.and_then(|next| next.earliest).map(|day| day.to_string()).as_deref(), Some("2025-10-28"));
    // One after the other, the second or the third may have been too early: 31 October and 1 November.
    let answer = ask(&prepared, &months(&["2025-10", "2025-11", "2025-12"]));
    assert_eq!(answer.could_become, [Status::Overdue]);
    // The second, the third or the fourth: no number is said, nor a last day that holds for one of them only.
    let brief = render::brief(&answer, render::TextStyle::default());
    assert!(brief.starts_with("TREAT: the next session is overdue\n"), "{brief}");
    assert!(brief.contains("2026-01-28, the safest of several: see what is still open"), "{brief}");
    assert!(!brief.contains("\n  late"), "{brief}");
    assert!(brief.contains("the one after from "), "{brief}");
    assert!(answer.doubts.is_empty());
    let course = answer.course.expect("a course");
    assert_eq!((course.done.least, course.done.most), (1, 3));
}

#[test]
fn what_held_on_the_day_of_a_session_turns_on_few_days() {
    // Asked for from a day in November, for sessions of that day and of later ones.
    let dated =
        FOUR_WEEKS.replace("from = \"previous\"", "when = 'today >= date(\"2025-11-12\")', from = \"previous\"");
    let prepared = prepare(&protocol(&dated));
    let answer = ask(&prepared, &months(&["2025-10", "2025-11", "2025-12"]));
    assert!(answer.doubts.is_empty(), "{:?}", answer.doubts);
    let course = answer.course.expect("a course");
    // On 31 October, 27 November and 1 December, only the first counts.
    assert_eq!((course.done.least, course.done.most), (1, 3));
    // Before that day nothing held anybody back.
    let course = ask(&prepared, &months(&["2025-08", "2025-09", "2025-10"])).course.expect("a course");
    assert_eq!((course.done.least, course.done.most), (3, 3));
}

#[test]
fn what_an_interval_read_of_other_sessions_turns_with_their_order() {
    // Asked for from the second session on.
    let counted = FOUR_WEEKS.replace("from = \"previous\"", "when = 'sessions.len() > 1', from = \"previous\"");
    let prepared = prepare(&protocol(&counted));
    let answer = ask(&prepared, &months(&["2025-10", "2025-11", "2025-12"]));
    assert!(answer.doubts.is_empty(), "{:?}", answer.doubts);
    let course = answer.course.expect("a course");
    // The first two count on whatever days they were; the third may have been too early.
    assert_eq!((course.done.least, course.done.most), (2, 3));
}

#[test]
fn a_date_that_an_interval_counted_from_turns_few_days() {
    let dated =
        FOUR_WEEKS.replace("from = \"previous\", minimum = \"28 days\"", "from = \"started\", minimum = \"28 days\"");
    let prepared = prepare(&protocol(&format!("{BORN}{dated}")));
    let record = |started: &str| {
        let sessions = months(&["2025-10", "2025-11", "2025-12"]);
        sessions.replacen("[[sessions]]", &format!("[facts]\nstarted = {started}\n[[sessions]]"), 1)
    };
    let answer = ask(&prepared, &record("2025-10-10"));
    assert!(answer.doubts.is_empty(), "{:?}", answer.doubts);
    let course = answer.course.expect("a course");
    // What began after a session did not hold it back: the first one may count, and the second is too early until 6 November.
    assert_eq!((course.done.least, course.done.most), (1, 3));
}

#[test]
fn an_interval_for_some_areas_turns_few_days() {
    let by_area = FOUR_WEEKS.replace("sources", "separate_by = \"side\"\nsources").replace(
        "from = \"previous\"",
        "when = 'side == \"left\" && today >= date(\"2025-11-12\")', from = \"previous\"",
    );
    let prepared = prepare(&protocol(&format!("{BORN}{by_area}")));
    let record = months(&["2025-10", "2025-11", "2025-12"]).replace("[[sessions]]", "[[sessions]]\nside = \"left\"");
    let answer = ask(&prepared, &record);
    assert!(answer.doubts.is_empty(), "{:?}", answer.doubts);
    let course = answer.course.expect("a course");
    assert_eq!((course.done.least, course.done.most), (1, 3));
}

#[test]
fn a_session_of_another_treatment_that_held_one_back_may_have_been_on_any_day_of_its_month() {
    let near = FOUR_WEEKS.replace(
        "from = \"previous\"",
        "when = 'any s in sessions_of(\"other\") where s.date <= today', from = \"previous\"",
    );
    let prepared = prepare(&protocol(&format!("[treatments]\nother = {{ label = \"another\" }}\n{near}")));
    let record = |other: &str| {
        let own = "[[sessions]]\ntreatment = \"trial\"\ndate = 2026-02-01\n[[sessions]]\ntreatment = \"trial\"\ndate = 2026-02-15\n";
        format!("patient = \"P\"\nrecorded = {TODAY}\n{own}[[sessions]]\ntreatment = \"other\"\ndate = {other}\n")
    };
    let done = |other: &str| {
        let course = ask(&prepared, &record(other)).course.expect("a course");
        (course.done.least, course.done.most)
    };
    assert_eq!((done("2026-02-03"), done("2026-02-20"), done("\"2026-02\"")), ((1, 1), (2, 2), (1, 2)));
    let asked = ask(&prepared, &record("\"2026-02\"")).questions;
    assert_eq!(asked.iter().map(|one| one.fact.as_str()).collect::<Vec<_>>(), ["sessions.2026-02.date"]);
}

#[test]
fn a_season_that_is_over_before_the_earliest_day_gives_no_day() {
    let season = "season = { from = 2026-05-20, until = 2026-07-31 }\n";
    let prepared = prepare(&protocol(&format!("{FOUR_WEEKS}{season}")));
    let told = |day: &str| {
        ask(
            &prepared,
            &months(&[])
                .replace("2026-07-15\n", &format!("2026-07-15\n[[sessions]]\ntreatment = \"trial\"\ndate = {day}\n")),
        )
    };
    let answer = told("2026-07-03");
    assert_eq!(
        (answer.status, answer.not_before.map(|day| day.to_string())),
        (Status::Deferred, Some("2026-07-31".into()))
    );
    let answer = told("2026-07-04");
    assert_eq!((answer.status, answer.not_before), (Status::NotIndicated, None));
    // The last day of the season is one that turns: of a month that ends there, both are possible.
    let answer = ask(&prepared, &months(&["2026-07"]));
    assert_eq!(answer.could_become, [Status::NotIndicated, Status::Deferred, Status::Due]);
}

#[test]
fn what_nobody_can_be_asked_is_said() {
    let areas = "[session_facts.area]\ntype = \"choice\"\nchoices = [\"face\", \"leg\"]\n\
                 [[course]]\nid = \"standard\"\nseparate_by = \"area\"\nsessions = { planned = 6 }\nsources = [\"clinic\"]\n\
                 interval = [{ when = 'area == \"leg\"', from = \"started\", minimum = \"28 days\", reason = \"x\" }]\n";
    let prepared = prepare(&protocol(
        &format!("{BORN}{areas}").replace("[products]\ngel = [\"gel-10\"]\nfoam = [\"foam-1\"]\n", ""),
    ));
    let told = |started: &str| {
        ask(&prepared, &format!("patient = \"P\"\nrecorded = {TODAY}\nsessions = []\n[facts]\nstarted = {started}\n"))
    };
    let answer = told("2026-07-01");
    assert_eq!((answer.status, answer.questions.len()), (Status::Undetermined, 0));
    assert_eq!(answer.doubts.iter().map(|doubt| doubt.code.as_ref()).collect::<Vec<&str>>(), ["R737"]);
    let answer = told("2026-05-01");
    assert_eq!((answer.status, answer.doubts.len()), (Status::Due, 0));
}
