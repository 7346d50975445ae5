//! Pauses that begin the count again: what is told today about a later day is what is told on that day.

use jiff::ToSpan;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;
use regimen::{Protocol, Recommendation, Status};

use crate::patients::TODAY;
use crate::protocols::HEADER;
use crate::random::cases;
use crate::{ask, clinic};

const SOURCES: &str = "[sources.custom]\ntitle = \"Custom\"\nevidence = \"custom\"\n[facts]\n\
    date_of_birth = { type = \"date\", past = true, ask = \"Born?\", of = \"patient\", valid_for = \"forever\" }\n";

/// So many days ahead are looked at.
const HORIZON: i32 = 260;

fn maybe(share: f64, texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::option::weighted(share, select(texts)).prop_map(Option::unwrap_or_default)
}

fn length() -> impl Strategy<Value = String> {
    prop_oneof![
        (10u16..150).prop_map(|days| format!("{days} days")),
        (1u16..5).prop_map(|months| format!("{months} months"))
    ]
}

/// A course with intervals and pauses.
fn course() -> impl Strategy<Value = String> {
    let interval = (select(&["previous", "previous", "first", "session 1"][..]), length(), proptest::option::of((20u16..120, 120u16..200)))
        .prop_map(|(from, minimum, further)| {
            let further = further.map_or_else(String::new, |(best, late)| format!(", recommended = \"{best} days\", latest = \"{late} days\""));
            format!("  {{ id = \"#\", from = \"{from}\", minimum = \"{minimum}\", absolute_minimum = \"5 days\"{further}, reason = \"x\" }},\n")
        });
    let intervals =
        proptest::collection::vec(interval, 1..3).prop_map(|all| format!("interval = [\n{}]\n", all.concat()));
    let gap = (length(), select(&["restart", "restart", "reassess"][..])).prop_map(|(after, what)| {
        format!("  {{ id = \"#\", after = \"{after}\", do = \"{what}\", reason = \"x\" }},\n")
    });
    let gaps = proptest::collection::vec(gap, 1..3).prop_map(|all| format!("gap = [\n{}]\n", all.concat()));
    let age = maybe(
        0.3,
        &[
            "age = { minimum = \"20 years\", recommended = \"20 years + 2 months\" }\n",
            "age = { minimum = \"19 years + 11 months\", latest = \"20 years\", maximum = \"20 years + 4 months\" }\n",
        ],
    );
    let shape = prop_oneof![
        select(
            &[
                "sessions = { planned = 3, maximum = 5 }\n",
                "sessions = { planned = 4 }\n",
                "sessions = { planned = 2, maximum = 4, beyond_planned = 'true' }\n"
            ][..]
        )
        .prop_map(|counts| (counts, false)),
        select(&["", "accept = [\"gel\"]\n"][..]).prop_map(|accept| (accept, true)),
    ];
    let again = maybe(0.3, &["restart_when_complete = 'true'\n", "restart_when_complete = 'false'\n"]);
    (shape, age, intervals, gaps, again).prop_map(|((shape, is_series), age, intervals, gaps, again)| {
        let again = if gaps.contains("restart") { again } else { "" };
        let (intervals, sessions) = match is_series {
            true => (
                intervals.replace("session 1", "first"),
                "[[course.session]]\n[[course.session]]\nskip = 'valid() > 3'\n[[course.session]]\n",
            ),
            false => (intervals, ""),
        };
        format!("[[course]]\nid = \"course\"\nsources = [\"custom\"]\n{shape}{age}{intervals}{gaps}{again}{sessions}")
    })
}

fn protocol() -> impl Strategy<Value = String> {
    let separation = maybe(
        0.3,
        &[
            "[[separation]]\nid = \"apart\"\nfrom = [\"other\"]\nminimum = \"100 days\"\nreason = \"x\"\nsources = [\"custom\"]\n",
        ],
    );
    (course(), separation).prop_map(|(course, separation)| {
        let text = format!("{HEADER}{SOURCES}[treatments]\nother = {{ label = \"another\" }}\n[products]\ngel = [\"gel-10\"]\n{course}{separation}");
        let mut parts = text.split("\"#\"");
        let mut numbered = parts.next().unwrap_or_default().to_owned();
        parts.enumerate().for_each(|(at, part)| numbered.push_str(&format!("\"id-{at}\"{part}")));
        numbered
    })
}

fn patient() -> impl Strategy<Value = String> {
    let session = (0i32..260, proptest::bool::weighted(0.2), proptest::bool::weighted(0.1));
    (7100i32..7400, proptest::collection::vec(session, 1..4)).prop_map(|(born, mut sessions)| {
        sessions.sort_unstable();
        sessions.dedup_by_key(|(ago, ..)| *ago);
        let mut text =
            format!("patient = \"P\"\nrecorded = {TODAY}\n[facts]\ndate_of_birth = {}\n", TODAY - born.days());
        for (ago, other, faulty) in sessions {
            let treatment = if other { "other" } else { "own" };
            let day = TODAY - ago.days();
            text.push_str(&format!(
                "[[sessions]]\ntreatment = \"{treatment}\"\ndate = {day}\nproduct = \"gel-10\"\nfaulty = {faulty}\n"
            ));
        }
        text
    })
}

/// Whether what is told today of the days ahead is what is told on them.
fn as_told(protocol: &Protocol, record: &str) -> Result<(), TestCaseError> {
    let on = |ahead: i32| ask(protocol, record, TODAY + ahead.days());
    let today = on(0);
    let next = |answer: &Recommendation| answer.course.as_ref().and_then(|course| course.next.clone());
    let window = next(&today);
    for ahead in 1..HORIZON {
        let then = on(ahead);
        let day = crate::our(TODAY + ahead.days());
        let told = format!(
            "on {day}: {} {:?}, told before: {} {:?}\n{record}",
            then.status,
            next(&then),
            today.status,
            window
        );
        if let Some(first) = today.not_before {
            prop_assert_eq!(then.status == Status::Deferred, day < first, "{}", told);
        }
        let Some(window) = &window else { continue };
        // From the first permitted day to the last of those that are told, it is this session.
        let last = window.latest.or(window.recommended.max(window.past_due));
        if window.earliest <= Some(day) && Some(day) <= last {
            prop_assert_eq!(next(&then).map(|next| next.number), Some(window.number), "{}", told);
            prop_assert_eq!(then.status, Status::Due, "{}", told);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn what_is_told_of_a_later_day_is_told_on_that_day(text in protocol(), record in patient()) {
        as_told(&clinic(&text).protocols[0], &record)?;
    }
}
