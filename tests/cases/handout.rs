//! What the patient takes home: what it says by status, what never stands on it, and its days in a calendar.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use regimen::handout::{CalendarTrouble, Handout, calendar, html};
use regimen::{Clinic, ClinicDetails, Depth, Notation, Protocol, Recommendation, Record, Request, Status, check};

use super::support::{Folder, Output, run};
use super::{ANSWERED, ANSWERED_IN_GERMAN};

const AS_OF: &str = "2026-03-02";

/// Text and picture, without the style; tags are gone, and what was escaped is as it was.
fn text(page: &str) -> String {
    let (before, rest) = page.split_once("<style>").expect("a style");
    let (_, after) = rest.split_once("</style>").expect("its end");
    let (mut text, mut in_tag) = (String::new(), false);
    for c in format!("{before}{after}").chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                text.push(' ');
            }
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    let text = entities.iter().fold(text, |text, (entity, c)| text.replace(entity, c));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn details(language: Option<&str>) -> ClinicDetails {
    let (details, found) = ClinicDetails::read(Path::new("protocols"), language);
    assert!(found.is_empty(), "{found}");
    details.expect("details")
}

/// Every shipped case with its answer.
fn shipped(language: Option<&str>, see: &mut dyn FnMut(&Protocol, &Path, &Recommendation)) {
    let answered = if language == Some("de") { &*ANSWERED_IN_GERMAN } else { &*ANSWERED };
    answered.iter().for_each(|one| see(one.protocol, &one.path, &one.outcome.recommendation));
}

/// Words with a hyphen or an underscore that only programs read.
fn code_words(protocol: &Protocol, answer: &Recommendation) -> BTreeSet<String> {
    let facts = protocol.dictionary.facts.iter().map(|fact| fact.name.clone());
    let rules = answer.reasons.iter().map(|one| one.id.clone());
    let instructions = answer.instructions.iter().map(|one| one.id.clone());
    let flags = answer.red_flags.iter().map(|one| one.id.clone());
    let parts = answer.course.iter().flat_map(|course| course.components.iter().map(|part| part.id.clone()));
    let all = facts.chain(rules).chain(instructions).chain(flags).chain(parts).chain([protocol.id.clone()]);
    all.filter(|id| id.contains(['-', '_'])).collect()
}

#[test]
fn no_code_word_and_no_task_of_the_clinic_stands_on_a_handout() {
    let details = details(None);
    let mut seen: BTreeMap<Status, u32> = BTreeMap::new();
    shipped(None, &mut |protocol, path, answer| {
        let handout = Handout::for_patient(answer, &protocol.language, Some(&details));
        let page = text(&html(&handout));
        *seen.entry(answer.status).or_default() += 1;
        let words: BTreeSet<&str> = page.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).collect();
        for id in code_words(protocol, answer) {
            // "needle-stick" is also what people say, and stands in a sign.
            let said = answer.red_flags.iter().any(|one| one.sign.contains(&id));
            assert!(said || !words.contains(id.as_str()), "{}: `{id}` in {page}", path.display());
        }
        let underscored = page.split(' ').find(|word| word.contains('_'));
        assert!(underscored.is_none(), "{}: {underscored:?} in {page}", path.display());
        for one in answer.instructions.iter().filter(|one| !one.audience.is_patient()) {
            assert!(!page.contains(&one.action), "{}: {}", path.display(), one.action);
        }
        let due = matches!(answer.status, Status::Due | Status::Overdue);
        assert_eq!(page.contains("It can go ahead today"), due, "{}", path.display());
        let has = |heading: &str| handout.sections.iter().any(|section| section.heading == heading);
        assert!(due || !(has("The plan") || has("On the day") || has("Afterwards")), "{}", path.display());
    });
    assert!(seen.len() >= 8, "{seen:?}");
}

/// A day on which the patient may come that is to be confirmed has its line beside it, on the page, in the picture and in the calendar.
#[test]
fn no_day_that_is_to_be_confirmed_stands_without_its_line() {
    let mut met = 0;
    shipped(None, &mut |protocol, path, answer| {
        let handout = Handout::for_patient(answer, &protocol.language, None);
        if let Some(day) = answer.not_before.filter(|day| answer.is_to_be_confirmed(*day)) {
            met += 1;
            let page = text(&html(&handout));
            let milestone = handout.timeline.iter().find(|one| one.day == day);
            assert!(milestone.is_none_or(|one| one.to_be_confirmed), "{}", path.display());
            let told =
                handout.message.iter().find_map(|sentence| sentence.split_once(" (to be confirmed on that day)"));
            let words: Vec<&str> = told.expect("the main message says the day").0.split(' ').collect();
            let date = words[words.len() - 4..].join(" ");
            // Wherever the day stands, its line follows; but where a preparation ends on it, whose heading has the line.
            for (at, _) in page.match_indices(&date) {
                let (before, after) = (&page[..at], &page[at + date.len()..]);
                let ends = (before.ends_with("until ") || before.ends_with("Until ")) && after.starts_with(':');
                let has_line = after.starts_with(" (to be confirmed on that day)");
                assert!(ends || has_line, "{}: {date}: {page}", path.display());
            }
            if let Ok(written) = calendar(&handout, None) {
                for event in events(&written).values() {
                    // The parser drops a space at which a line is folded.
                    let said = format!("{} {}", event["SUMMARY"], event["DESCRIPTION"]).replace([' ', '\\'], "");
                    let is_after = answer
                        .after_care
                        .iter()
                        .flat_map(|after| &after.instructions)
                        .any(|one| said.contains(&one.action.replace([' ', '\\'], "")));
                    assert!(is_after || said.contains("tobeconfirmedonthatday"), "{}: {said}", path.display());
                }
            }
            for event in handout.events.iter().filter(|event| !event.key.contains('.')) {
                assert!(event.summary.contains("to be confirmed on that day"), "{}", path.display());
            }
            // What is to be kept after a session that was given is counted from that.
            let after = answer.after_care.iter().flat_map(|after| &after.instructions);
            let after: BTreeSet<&str> = after.map(|one| one.action.as_str()).collect();
            let of_next = |event: &&regimen::handout::Event| !after.contains(event.description[0].as_str());
            for event in handout.events.iter().filter(|event| event.key.contains('.')).filter(of_next) {
                let said = event.description.join(" ");
                assert!(said.contains("to be confirmed on that day"), "{}: {said}", path.display());
            }
        }
        // Sessions after the one that is due are never sure.
        let later = handout.events.iter().filter(|event| !event.key.contains('.') && event.from > answer.as_of);
        for event in later {
            let sure = answer.status == Status::Deferred && !answer.is_to_be_confirmed(event.from);
            assert!(sure || event.summary.contains("to be confirmed on that day"), "{}", path.display());
        }
    });
    assert!(met > 10, "only {met}");
}

#[test]
fn the_german_page_is_german() {
    let details = details(Some("de"));
    let mut pages = 0;
    shipped(Some("de"), &mut |protocol, path, answer| {
        if protocol.language != "de" {
            return;
        }
        pages += 1;
        let page = html(&Handout::for_patient(answer, &protocol.language, Some(&details)));
        assert!(page.contains("<html lang=\"de\">"));
        for english in ["to be confirmed", "Whom to call", "Why", "March", "Not today", "patient is", "session"] {
            assert!(!text(&page).contains(english), "{}: `{english}` in {}", path.display(), text(&page));
        }
    });
    assert!(pages > 100, "{pages}");
}

const PEEL: &str = concat!(
    include_str!("../fixtures/head.toml"),
    r#"
[facts.hurt]
type = "date"
ask = "When was the skin hurt?"
of = "patient"
valid_for = "forever"
may_be_never = true
past = true

[[deferral]]
id = "hurt-lately"
when = 'hurt + days(14) > today'
not_before = 'hurt + days(14)'
reason = "The <b>skin</b> has to heal & rest."
sources = ["clinic"]

[[instruction]]
id = "stop-creams"
at = "-5 days"
until = "0 days"
do = "Use no cream."
sources = ["clinic"]

[[instruction]]
id = "wash-your-hands"
at = "0 days"
for = "clinic"
do = "Hands, gloves, <script>alert(1)</script>."
sources = ["clinic"]

[[instruction]]
id = "stay-inside"
at = "+1 day"
until = "+8 days"
do = "Stay out of the sun."
sources = ["clinic"]

[[red_flag]]
id = "it-burns"
sign = "It burns"
action = "Call us."
within = "1 day"
sources = ["clinic"]

[[course]]
id = "standard"
sessions = { planned = 3, maximum = 3 }
sources = ["clinic"]
[[course.interval]]
id = "apart"
from = "previous"
minimum = "28 days"
recommended = "28 days"
latest = "42 days"
reason = "The skin rests."
sources = ["clinic"]
"#
);

fn peel(text: &str) -> Protocol {
    let clinic = Clinic::from_text("peel.toml", text).map(|(clinic, _)| clinic);
    clinic.unwrap_or_else(|found| panic!("{found}")).protocols.remove(0)
}

fn answer(protocol: &Protocol, patient: &str, hurt: &str, sessions: &[&str], as_of: &str) -> Recommendation {
    let sessions: Vec<_> =
        sessions.iter().map(|date| serde_json::json!({ "treatment": protocol.treatment, "date": date })).collect();
    let record = serde_json::json!({
        "patient": patient, "recorded": as_of, "facts": { "hurt": hurt }, "sessions": sessions
    });
    let read = Record::from_text("record.json", &record.to_string(), Notation::Json, &protocol.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
    protocol.recommend(&record, &Request::new(as_of.parse().expect("a day"))).unwrap_or_else(|found| panic!("{found}"))
}

fn page(answer: &Recommendation) -> String {
    html(&Handout::for_patient(answer, "en", None))
}

#[test]
fn what_is_past_is_marked_and_after_care_has_lengths_and_days() {
    let protocol = peel(PEEL);
    let due = answer(&protocol, "P-1", "never", &[], AS_OF);
    assert_eq!(due.status, Status::Due, "{:?}", due.questions);
    let text = text(&page(&due));
    for sentence in [
        "It can go ahead today: session 1 of 3.",
        "How to prepare The days count from Monday, 2 March 2026. Tell us before we begin if you could not keep to one of them.",
        "From Wednesday, 25 February 2026 until Monday, 2 March 2026: Use no cream. (has begun)",
        "From Tuesday, 3 March 2026 until Tuesday, 10 March 2026 (8 days after the session): Stay out of the sun.",
        "Session 2 of 3: best on Monday, 30 March 2026; from Monday, 30 March 2026 to Monday, 13 April 2026 (to be confirmed on that day)",
        "It burns: Call us. (Within 1 day)",
        "The clinic’s phone number, its hours and the emergency number are missing here.",
    ] {
        assert!(text.contains(sentence), "`{sentence}` in {text}");
    }
    assert!(!text.contains("Before today") && !text.contains("past") && !text.contains("gloves"), "{text}");

    // What had to be kept until yesterday is over.
    let until_the_day_before = peel(&PEEL.replace("until = \"0 days\"", "until = \"-1 day\""));
    let over = answer(&until_the_day_before, "P-1", "never", &[], AS_OF);
    let text = self::text(&page(&over));
    for sentence in [
        "Before today These days are over.",
        "From Wednesday, 25 February 2026 until Sunday, 1 March 2026: Use no cream. (past)",
    ] {
        assert!(text.contains(sentence), "`{sentence}` in {text}");
    }
    assert!(!text.contains("How to prepare"), "{text}");

    let deferred = answer(&protocol, "P-1", "2026-02-25", &[], AS_OF);
    assert_eq!(deferred.status, Status::Deferred);
    let text = self::text(&page(&deferred));
    for sentence in [
        "Not today. The first possible day is Wednesday, 11 March 2026.",
        "The <b>skin</b> has to heal & rest.",
        "Come on Wednesday, 11 March 2026 or later.",
        "From Friday, 6 March 2026 until Wednesday, 11 March 2026: Use no cream.",
    ] {
        assert!(text.contains(sentence), "`{sentence}` in {text}");
    }
    assert!(!text.contains("The plan") && !text.contains("Stay out of the sun") && !text.contains("past"), "{text}");

    // A day of preparation that has gone by is marked as past, before a day to come too.
    let late = answer(&protocol, "P-1", "2026-02-18", &[], AS_OF);
    let text = self::text(&page(&late));
    assert!(text.contains("until Wednesday, 4 March 2026: Use no cream. (has begun)"), "{text}");
}

#[test]
fn nothing_of_a_record_or_a_protocol_is_unescaped() {
    let hostile = "<script>alert(1)</script>\"'&\u{202e}";
    let protocol = peel(&PEEL.replace("Use no cream.", "</style><img src=x onerror=alert(2)>{hurt}"));
    for hurt in ["never", "2026-02-25"] {
        let answer = answer(&protocol, hostile, hurt, &[], AS_OF);
        let details = ClinicDetails::read(Path::new("protocols"), None).0.map(|mut details| {
            details.name = hostile.into();
            details.phone = "+1 <b>2</b> javascript:alert(3)".into();
            details
        });
        let pages = [
            html(&Handout::for_patient(&answer, "en\"><script>", details.as_ref())),
            html(&Handout::for_clinic(&answer, "en")),
        ];
        for page in pages {
            for tag in ["<script", "<img", "<b>", "\u{202e}", "href=\"javascript"] {
                assert!(!page.contains(tag), "{tag} in {page}");
            }
            assert_eq!(page.matches("</style>").count(), 1);
            assert!(text(&page).contains("<script>alert(1)</script>\"'&\\u{202e}"), "{page}");
        }
    }
}

#[test]
fn the_clinic_has_its_tasks_on_a_page_of_its_own() {
    let due = answer(&peel(PEEL), "P-1", "never", &[], AS_OF);
    let page = text(&html(&Handout::for_clinic(&due, "en")));
    for sentence in ["Check-list for the clinic", "For the clinic. Not for the patient.", "Hands, gloves"] {
        assert!(page.contains(sentence), "`{sentence}` in {page}");
    }
    assert!(!page.contains("Stay out of the sun"), "{page}");
}

/// Of a day on which nothing may be treated, what is set by today's answers is no dose: a pause that grows until then may halve it.
#[test]
fn settings_are_printed_only_where_something_may_be_treated() {
    let (mut with, mut without) = (0, 0);
    shipped(None, &mut |protocol, path, answer| {
        let may_treat = matches!(answer.status, Status::Due | Status::Overdue | Status::Refer);
        let expected = may_treat && !answer.settings.is_empty();
        let page = text(&html(&Handout::for_clinic(answer, &protocol.language)));
        let whole = regimen::render::text(answer, regimen::render::TextStyle::default());
        let markdown = regimen::render::markdown(answer);
        // The whole answer says what a setting can still be while it is open whether to treat.
        let open = answer.status == Status::Undetermined && !answer.settings.is_empty();
        for (told, heading, expected) in [
            (&page, " Settings ", expected),
            (&whole, "\nSettings\n", expected || open),
            (&markdown, "## Settings", expected || open),
        ] {
            assert_eq!(told.contains(heading), expected, "{}: {:?}: {told}", path.display(), answer.status);
        }
        with += u32::from(expected);
        without += u32::from(!may_treat && !answer.settings.is_empty());
    });
    assert!(with > 50 && without > 50, "{with} with, {without} without");
}

#[test]
fn a_draft_says_so() {
    let draft = PEEL
        .replace("status = \"active\"", "status = \"draft\"")
        .replace("status    = \"active\"", "status = \"draft\"");
    let due = answer(&peel(&draft), "P-1", "never", &[], AS_OF);
    assert!(text(&page(&due)).contains("Draft: not for patients."), "{}", page(&due));
    let handout = Handout::for_patient(&due, "en", None);
    assert!(handout.events.iter().all(|event| event.summary.starts_with("Draft")), "{:?}", handout.events);
}

// ---------------------------------------------------------------------------------------------------------------------
// The calendar, read by a parser that is not the one that wrote it.
// ---------------------------------------------------------------------------------------------------------------------

type Properties = BTreeMap<String, String>;

/// The events of a calendar by UID.
fn events(text: &str) -> BTreeMap<String, Properties> {
    let calendars: Vec<_> = ical::IcalParser::new(text.as_bytes()).collect();
    let [Ok(calendar)] = &calendars[..] else { panic!("{calendars:?}\n{text}") };
    let event = |event: &ical::parser::ical::component::IcalEvent| {
        let value = |one: &ical::property::Property| {
            let date = one.params.iter().flatten().any(|(name, value)| name == "VALUE" && value == &["DATE"]);
            let name = if date { format!("{};DATE", one.name) } else { one.name.clone() };
            (name, one.value.clone().unwrap_or_default())
        };
        let all: Properties = event.properties.iter().map(value).collect();
        (all["UID"].clone(), all)
    };
    calendar.events.iter().map(event).collect()
}

fn written(answer: &Recommendation, older: Option<&str>) -> String {
    calendar(&Handout::for_patient(answer, "en", None), older).expect("a calendar")
}

#[test]
fn a_calendar_has_sessions_as_windows_and_no_clock() {
    let due = answer(&peel(PEEL), "P-1", "never", &[], AS_OF);
    let text = written(&due, None);
    assert_eq!(text, written(&due, None));
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    let all = events(&text);
    let find = |words: &str| {
        let found = all.values().find(|one| one["SUMMARY"].contains(words));
        found.unwrap_or_else(|| panic!("{words} in {text}"))
    };
    let second = find("session 2 of 3");
    assert_eq!((second["DTSTART;DATE"].as_str(), second["DTEND;DATE"].as_str()), ("20260330", "20260414"));
    assert!(second["SUMMARY"].contains("to be confirmed on that day"), "{second:?}");
    assert_eq!(second["DTSTAMP"], "20260302T000000Z");
    assert_eq!(second["SEQUENCE"], "0");
    let care = find("Stay out of the sun");
    assert_eq!((care["DTSTART;DATE"].as_str(), care["DTEND;DATE"].as_str()), ("20260303", "20260311"));
    // What is to be kept until today is no thing of the past, and the clinic's tasks are not the patient's.
    let creams = find("Use no cream");
    assert_eq!((creams["DTSTART;DATE"].as_str(), creams["DTEND;DATE"].as_str()), ("20260225", "20260303"));
    assert!(all.values().all(|one| !one["SUMMARY"].contains("gloves")), "{text}");
    assert_eq!(all.len(), 5, "{text}");
    // What is past is no appointment.
    let past = peel(&PEEL.replace("until = \"0 days\"", "until = \"-1 day\""));
    let past = events(&written(&answer(&past, "P-1", "never", &[], AS_OF), None));
    assert!(past.values().all(|one| !one["SUMMARY"].contains("cream")) && past.len() == 4, "{past:?}");
    let other = events(&written(&answer(&peel(PEEL), "P-2", "never", &[], AS_OF), None));
    assert!(other.keys().all(|uid| !all.contains_key(uid)));
    assert!(!text.contains("P-1"), "{text}");
}

#[test]
fn an_event_keeps_its_uid_and_its_sequence_rises_when_it_changes() {
    let protocol = peel(&PEEL.replace("until = \"0 days\"", "until = \"-1 day\""));
    let first = written(&answer(&protocol, "P-1", "2026-02-25", &[], AS_OF), None);
    // The session, its preparation, and the two sessions after it.
    assert_eq!(events(&first).len(), 4, "{first}");
    // The same on the next day: nothing has changed.
    let same = written(&answer(&protocol, "P-1", "2026-02-25", &[], "2026-03-03"), Some(&first));
    for (uid, event) in events(&same) {
        assert_eq!((event["SEQUENCE"].as_str(), event["DTSTAMP"].as_str()), ("0", "20260303T000000Z"), "{uid}");
    }
    // Hurt again: everything is later.
    let moved = written(&answer(&protocol, "P-1", "2026-03-04", &[], "2026-03-05"), Some(&same));
    assert_eq!(events(&moved).keys().collect::<Vec<_>>(), events(&same).keys().collect::<Vec<_>>());
    for event in events(&moved).values() {
        assert_eq!((event["SEQUENCE"].as_str(), event["STATUS"].as_str()), ("1", "CONFIRMED"), "{moved}");
    }
    // Due: the preparation is past, and stays; after-care is new.
    let due = written(&answer(&protocol, "P-1", "2026-03-04", &[], "2026-03-18"), Some(&moved));
    let all = events(&due);
    let by = |words: &str| all.values().find(|one| one["SUMMARY"].contains(words)).expect(words).clone();
    let creams = by("Use no cream");
    assert_eq!((creams["SEQUENCE"].as_str(), creams["STATUS"].as_str()), ("1", "CONFIRMED"), "{due}");
    assert_eq!(by("session 1")["SEQUENCE"], "2");
    assert_eq!(by("Stay out of the sun")["SEQUENCE"], "0");
    // Hurt once more on that day: what lay ahead is moved or cancelled.
    let hurt = written(&answer(&protocol, "P-1", "2026-03-18", &[], "2026-03-18"), Some(&due));
    let all_hurt = events(&hurt);
    let care = all_hurt.values().find(|one| one["SUMMARY"].contains("Stay out of the sun")).expect("it");
    assert_eq!((care["SEQUENCE"].as_str(), care["STATUS"].as_str()), ("1", "CANCELLED"), "{hurt}");
    // Cancelled once is cancelled.
    let again = events(&written(&answer(&protocol, "P-1", "2026-03-04", &[], "2026-03-18"), Some(&due)));
    assert_eq!(again, all);
}

#[test]
fn a_calendar_of_somebody_else_is_not_overwritten() {
    let protocol = peel(PEEL);
    let due = |patient| answer(&protocol, patient, "never", &[], AS_OF);
    let handout = Handout::for_patient(&due("P-1"), "en", None);
    let others = written(&due("P-2"), None);
    assert_eq!(calendar(&handout, Some(&others)), Err(CalendarTrouble::AnotherPatient));
    for text in ["", "patient = \"P-1\"", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "BEGIN:VCALENDAR", "\u{0}\n"] {
        assert_eq!(calendar(&handout, Some(text)), Err(CalendarTrouble::NotOurs), "{text}");
    }
    // A number that is none is as good as none.
    let garbled = written(&due("P-1"), None).replace("SEQUENCE:0", "SEQUENCE:99999999999999999999");
    assert!(calendar(&handout, Some(&garbled)).is_ok());
    let full = answer(&protocol, "P-1", "never", &["2025-10-01", "2025-11-05", "2025-12-10"], AS_OF);
    assert_eq!(calendar(&Handout::for_patient(&full, "en", None), None), Err(CalendarTrouble::NoDay));
    // What was planned before is cancelled then.
    let over = written(&full, Some(&written(&due("P-1"), None)));
    for event in events(&over).values() {
        // The sessions have been given, and stand on their days.
        let given = ["20251001", "20251105", "20251210"].contains(&event["DTSTART;DATE"].as_str());
        let status = if given { "CONFIRMED" } else { "CANCELLED" };
        assert_eq!((event["STATUS"].as_str(), event["SEQUENCE"].as_str()), (status, "1"), "{over}");
        assert_eq!(given, event["SUMMARY"].contains("session"), "{over}");
    }
}

/// The session is given and noted on its day, and the calendar written again over the one of that morning.
#[test]
fn what_has_happened_is_not_cancelled_and_after_care_runs_on() {
    let protocol = peel(&PEEL.replace("\"+1 day\"", "\"0 days\""));
    let due = answer(&protocol, "P-1", "never", &["2026-02-02"], AS_OF);
    assert_eq!(due.status, Status::Due);
    let before = written(&due, None);
    let given = answer(&protocol, "P-1", "never", &["2026-02-02", AS_OF], AS_OF);
    assert_eq!(given.status, Status::Deferred);
    let after = written(&given, Some(&before));
    let (old, new) = (events(&before), events(&after));
    assert!(new.values().all(|one| one["STATUS"] == "CONFIRMED"), "{after}");
    let one = |all: &BTreeMap<String, Properties>, words: &str, from: &str| {
        let found = all.values().find(|one| one["SUMMARY"].contains(words) && one["DTSTART;DATE"] == from);
        found.unwrap_or_else(|| panic!("{words} from {from} in {all:#?}")).clone()
    };
    for (words, from) in [("session 2", "20260302"), ("Stay out of the sun", "20260302"), ("Use no cream", "20260225")]
    {
        let (old, new) = (one(&old, words, from), one(&new, words, from));
        assert_eq!((&old["UID"], "0"), (&new["UID"], new["SEQUENCE"].as_str()), "{words}");
    }
    // The next session is no other event than it was, and has its preparation now.
    assert_eq!(one(&new, "session 3", "20260330")["UID"], one(&old, "session 3", "20260330")["UID"]);
    one(&new, "Use no cream", "20260325");

    let page = self::text(&page(&given));
    for sentence in [
        "Today’s session has been given. The next one is not due yet.",
        "After your last session The days count from Monday, 2 March 2026.",
        "Until Tuesday, 10 March 2026 (8 days after the session): Stay out of the sun.",
    ] {
        assert!(page.contains(sentence), "`{sentence}` in {page}");
    }
    // It runs as long as its days do, also where the course is over.
    let on = |sessions: &[&str], day: &str| answer(&protocol, "P-1", "never", sessions, day);
    let last = on(&["2026-01-05", "2026-02-02", AS_OF], "2026-03-10");
    assert_eq!(last.status, Status::Complete);
    assert!(self::text(&self::page(&last)).contains("Stay out of the sun. (has begun)"));
    assert!(!self::text(&self::page(&on(&[AS_OF], "2026-03-11"))).contains("Stay out"));
    // Answers that are too old on the day take nothing back: they are asked again.
    let mut open = due.clone();
    open.status = Status::Undetermined;
    let still = events(&written(&open, Some(&before)));
    assert!(old.keys().all(|uid| still[uid]["STATUS"] == "CONFIRMED"), "{still:#?}");
    // Nobody came: what was planned is planned no longer.
    let hurt = events(&written(&answer(&protocol, "P-1", AS_OF, &["2026-02-02"], AS_OF), Some(&before)));
    assert_eq!(one(&hurt, "Stay out of the sun", "20260302")["STATUS"], "CANCELLED");
}

/// Preparation is counted from the day on which the patient comes.
#[test]
fn an_appointment_is_named_and_prepared_for() {
    let protocol = peel(PEEL);
    let planned = |day: &str| {
        let record = serde_json::json!({
            "patient": "P-1", "recorded": AS_OF, "facts": { "hurt": "never" },
            "sessions": [{ "treatment": protocol.treatment, "date": "2026-02-16" }],
            "planned": [{ "treatment": protocol.treatment, "date": day }],
        });
        let read = Record::from_text("record.json", &record.to_string(), Notation::Json, &protocol.dictionary);
        let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
        let request = Request::new(AS_OF.parse().expect("a day")).explain(Depth::Full);
        protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"))
    };
    let answer = planned("2026-03-18");
    assert_eq!(answer.not_before.map(|day| day.to_string()).as_deref(), Some("2026-03-16"));
    let page = self::text(&page(&answer));
    for sentence in [
        "The first possible day is Monday, 16 March 2026",
        "Your appointment: Wednesday, 18 March 2026.",
        "The days count from Wednesday, 18 March 2026.",
        "From Friday, 13 March 2026 until Wednesday, 18 March 2026: Use no cream.",
    ] {
        assert!(page.contains(sentence), "`{sentence}` in {page}");
    }
    let all = events(&written(&answer, None));
    let days =
        |words: &str| all.values().find(|one| one["SUMMARY"].contains(words)).map(|one| one["DTSTART;DATE"].clone());
    assert_eq!(days("session 2").as_deref(), Some("20260318"));
    assert_eq!(days("Use no cream").as_deref(), Some("20260313"));
    let found = regimen::verify::verify(&serde_json::to_value(&answer).expect("JSON"));
    assert!(found.faults.is_empty(), "{:?}", found.faults);
    // One that is too early is no day to prepare for.
    let early = planned("2026-03-15");
    assert_eq!(early.appointment, None);
    assert!(early.doubts.iter().any(|doubt| doubt.message.contains("too early")), "{:?}", early.doubts);
}

/// Somebody who is deferred and has not said whether they were ill lately: the first day is open.
fn open() -> String {
    PEEL.replace(
        "[[instruction]]\nid = \"stop-creams\"",
        "[facts.ill]\ntype = \"date\"\nask = \"When were you ill?\"\nof = \"patient\"\nvalid_for = \"forever\"\nmay_be_never = true\npast = true\n\n[[deferral]]\nid = \"ill-lately\"\nwhen = 'ill + days(60) > today'\nnot_before = 'ill + days(60)'\nreason = \"You have to get well.\"\nsources = [\"clinic\"]\n\n[[instruction]]\nid = \"stop-creams\"",
    )
}

/// An open question keeps what may still take place, and nothing before the day before which there is certainly no session.
#[test]
fn what_is_certainly_too_early_is_cancelled_although_the_day_is_open() {
    let protocol = peel(&open());
    let ask = |facts: serde_json::Value, sessions: &[&str], planned: &[&str], as_of: &str| {
        let list = |all: &[&str]| -> Vec<_> {
            all.iter().map(|date| serde_json::json!({ "treatment": protocol.treatment, "date": date })).collect()
        };
        let record = serde_json::json!({
            "patient": "P-1", "recorded": as_of, "facts": facts, "sessions": list(sessions), "planned": list(planned),
        });
        let read = Record::from_text("record.json", &record.to_string(), Notation::Json, &protocol.dictionary);
        let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
        let request = Request::new(as_of.parse().expect("a day")).explain(Depth::Full);
        protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"))
    };
    let well = ask(serde_json::json!({ "hurt": "never", "ill": "never" }), &[], &[], AS_OF);
    let first = written(&well, None);
    let hurt = |planned: &[&str]| ask(serde_json::json!({ "hurt": "2026-03-25" }), &[AS_OF], planned, "2026-03-25");
    let open = hurt(&[]);
    assert_eq!((open.status, open.not_before), (Status::Deferred, None));
    assert_eq!(open.no_sooner_than.map(|day| day.to_string()).as_deref(), Some("2026-04-08"));
    let find = |text: &str, words: &str| {
        let all = events(text);
        all.values().find(|one| one["SUMMARY"].contains(words)).unwrap_or_else(|| panic!("{words} in {text}")).clone()
    };
    let then = written(&open, Some(&first));
    assert_eq!(find(&then, "session 1")["STATUS"], "CONFIRMED", "{then}");
    let second = find(&then, "session 2");
    assert_eq!((second["DTSTART;DATE"].as_str(), second["STATUS"].as_str()), ("20260330", "CANCELLED"), "{then}");
    assert_eq!(find(&then, "session 3")["STATUS"], "CONFIRMED", "{then}");
    // An appointment that may still be kept stands there, to be confirmed, and is prepared for once it is certain.
    let booked = hurt(&["2026-04-20"]);
    assert_eq!(booked.appointment.map(|day| day.to_string()).as_deref(), Some("2026-04-20"));
    let then = written(&booked, Some(&first));
    let second = find(&then, "session 2");
    assert_eq!((second["DTSTART;DATE"].as_str(), second["STATUS"].as_str()), ("20260420", "CONFIRMED"), "{then}");
    assert!(second["SUMMARY"].contains("to be confirmed"), "{then}");
    assert!(self::text(&page(&booked)).contains("Your appointment: Monday, 20 April 2026."));
    assert!(booked.instructions.iter().all(|one| one.from_date.is_none()), "{:?}", booked.instructions);
    let found = regimen::verify::verify(&serde_json::to_value(&booked).expect("JSON"));
    assert!(found.faults.is_empty(), "{:?}", found.faults);
}

/// Where only questions hold the day back, nothing that stands above is going to be over.
#[test]
fn the_day_hangs_on_answers_or_on_what_ends() {
    let open = open();
    let answer = answer(&peel(&open), "P-1", "2026-02-25", &[], AS_OF);
    assert_eq!((answer.status, answer.not_before), (Status::Deferred, None));
    let page = self::text(&page(&answer));
    assert!(
        page.contains("Call us: we can tell you the day once the answers that are still missing are there."),
        "{page}"
    );
    assert!(!page.contains("is over"), "{page}");
}

#[test]
fn no_text_ends_a_line_of_the_calendar() {
    let hostile = r"A;B,C\\D\r\nEND:VEVENT\nBEGIN:VEVENT\rUID:1 ä€😀";
    let protocol = peel(&PEEL.replace("Stay out of the sun.", hostile));
    let due = answer(&protocol, "P-1\r\nUID:2", "never", &[], AS_OF);
    let text = written(&due, None);
    let all = events(&text);
    assert_eq!(all.len(), 5, "{text}");
    assert!(text.split("\r\n").all(|line| !line.contains(['\r', '\n']) && line.len() <= 75), "{text:?}");
    assert!(all.values().any(|one| one["SUMMARY"].contains(r"A\;B\,C\\D\nEND:VEVENT\nBEGIN:VEVENT")), "{all:#?}");
    assert_eq!(text, written(&due, Some(&text)));
}

#[test]
fn every_shipped_calendar_can_be_read() {
    let mut read = 0;
    shipped(None, &mut |protocol, path, answer| {
        let handout = Handout::for_patient(answer, &protocol.language, None);
        let Ok(text) = calendar(&handout, None) else { return };
        assert_eq!(events(&text).len(), handout.events.len(), "{}", path.display());
        read += 1;
    });
    assert!(read > 100, "{read}");
}

/// Written anew, every event of a shipped calendar is the one that it was, with the number that says whether it has moved.
#[test]
fn every_shipped_event_keeps_its_uid_and_rises_by_one_when_it_moves() {
    let mut moved = 0;
    shipped(None, &mut |protocol, path, answer| {
        let mut handout = Handout::for_patient(answer, &protocol.language, None);
        let Ok(first) = calendar(&handout, None) else { return };
        let numbers = |text: &str| -> BTreeMap<String, String> {
            events(text).into_iter().map(|(uid, event)| (uid, event["SEQUENCE"].clone())).collect()
        };
        let again = calendar(&handout, Some(&first)).expect("a calendar");
        assert_eq!(numbers(&again), numbers(&first), "{}", path.display());
        handout.events.iter_mut().for_each(|event| event.until = event.until.plus_days(1));
        let later = calendar(&handout, Some(&again)).expect("a calendar");
        let (before, after) = (numbers(&again), numbers(&later));
        assert!(before.keys().eq(after.keys()), "{}", path.display());
        assert!(after.values().all(|number| number == "1"), "{}: {after:?}", path.display());
        moved += after.len();
    });
    assert!(moved > 300, "{moved}");
}

// ---------------------------------------------------------------------------------------------------------------------
// The command, and the clinic's details.
// ---------------------------------------------------------------------------------------------------------------------

fn regimen(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder).args(arguments).env("NO_COLOR", "1");
    run(command, "")
}

/// A clinic with one protocol and one record.
fn clinic() -> Folder {
    let folder = Folder::new();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("peel.toml", PEEL);
    write(
        "record.json",
        r#"{ "patient": "P-1", "recorded": "2026-03-02", "facts": { "hurt": "never" }, "sessions": [] }"#,
    );
    folder
}

const DETAILS: &str =
    "name = \"Clinic <A>\"\nphone = \"+00 1\"\nhours = \"always\"\nemergency = \"112\"\nout_of_hours = \"the other\"\n";

#[test]
fn the_command_prints_a_page_and_writes_a_calendar() {
    let folder = clinic();
    let arguments = ["handout", "peel.toml", "record.json", "--as-of", AS_OF, "--calendar", "p.ics"];
    let output = regimen(folder.path(), &arguments);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("R507"), "{}", output.stderr);
    assert!(text(&output.stdout).contains("are missing here"));
    assert_eq!(events(&std::fs::read_to_string(folder.path().join("p.ics")).expect("a calendar")).len(), 5);

    std::fs::write(folder.path().join("clinic.toml"), DETAILS).expect("written");
    let output = regimen(folder.path(), &arguments);
    assert!(!output.stderr.contains("R507"), "{}", output.stderr);
    let page = text(&output.stdout);
    for said in ["Clinic <A>: +00 1 · always", "the other", "Emergency number: 112"] {
        assert!(page.contains(said), "`{said}` in {page}");
    }
    assert!(output.stdout.contains("href=\"tel:+001\""), "{}", output.stdout);

    // A record is not a calendar.
    let output =
        regimen(folder.path(), &["handout", "peel.toml", "record.json", "--as-of", AS_OF, "--calendar", "record.json"]);
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains("R509"), "{}", output.stderr);
    assert!(std::fs::read_to_string(folder.path().join("record.json")).expect("it").contains("\"hurt\""));
    let output = regimen(
        folder.path(),
        &["handout", "peel.toml", "record.json", "--as-of", AS_OF, "--for", "clinic", "--calendar", "c"],
    );
    assert_eq!(output.code, Some(2));
}

#[test]
fn mistakes_in_the_details_are_told_and_hold_back_no_answer() {
    let folder = clinic();
    for (text, said) in [
        (DETAILS.replace("phone", "fone"), "R103"),
        (DETAILS.replace("hours = \"always\"\n", ""), "R104"),
        (DETAILS.replace("\"+00 1\"", "\"ask at the desk\""), "no number"),
        (DETAILS.replace("\"always\"", "\" \""), "is empty"),
        (DETAILS.replace("\"112\"", "112"), "R105"),
        // Letters that look like digits: another number would be dialled.
        (DETAILS.replace("112", "I12"), "letters in the place of digits"),
        (DETAILS.replace("+00 1", "+OO 555 O1O"), "letters in the place of digits"),
    ] {
        std::fs::write(folder.path().join("clinic.toml"), &text).expect("written");
        for command in [&["check", "peel.toml"][..], &["handout", "peel.toml", "record.json", "--as-of", AS_OF]] {
            let output = regimen(folder.path(), command);
            let told = format!("{}{}", output.stdout, output.stderr);
            assert_eq!(output.code, Some(1), "{told}");
            assert!(told.contains(said) && told.contains("clinic.toml"), "{said}: {told}");
        }
        let output = regimen(folder.path(), &["recommend", "peel.toml", "record.json", "--as-of", AS_OF]);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
    }
}

#[test]
fn details_are_translated() {
    let folder = clinic();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("clinic.toml", DETAILS);
    write("clinic.fr.toml", "hours = \"toujours\"\n");
    write("peel.fr.toml", "title = \"Peeling\"\n");
    let output = regimen(folder.path(), &["handout", "peel.toml", "record.json", "--as-of", AS_OF, "--lang", "fr"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(text(&output.stdout).contains("+00 1 · toujours"), "{}", output.stdout);
    // French has no headings here, and that is told.
    assert!(output.stderr.contains("R753"), "{}", output.stderr);
    let output = regimen(folder.path(), &["check", "peel.toml", "--lang", "fr"]);
    assert!(output.stdout.contains("the `out_of_hours` of this file is not translated"), "{}", output.stdout);
    write("clinic.fr.toml", "phone = \"+33\"\n");
    let output = regimen(folder.path(), &["check", "peel.toml"]);
    assert!(output.stdout.contains("R103"), "{}", output.stdout);
}

#[test]
fn hard_sentences_of_patients_are_noted() {
    let hard = "Discontinue topical retinoids and exfoliating preparations five days prior to treatment.";
    let codes = |text: &str| -> Vec<String> {
        let (clinic, _) = Clinic::from_text("peel.toml", text).unwrap_or_else(|found| panic!("{found}"));
        let found = check(&clinic, AS_OF.parse().expect("a day"), false);
        found.iter().filter(|one| ["R752", "R721"].contains(&one.code.id)).map(|one| one.message.clone()).collect()
    };
    assert_eq!(codes(PEEL), Vec::<String>::new());
    let told = codes(&PEEL.replace("Use no cream.", &format!("Use no cream. {hard}")));
    assert!(matches!(&told[..], [one] if one.contains("`stop-creams`") && one.contains(hard)), "{told:?}");
    // The clinic may be told in its own words.
    assert_eq!(codes(&PEEL.replace("Hands, gloves", hard)), Vec::<String>::new());
    assert_eq!(codes(&PEEL.replace("It burns", hard)).len(), 1);
    let meant = "[[allow]]\ncode = \"R752\"\non = \"stop-creams\"\nreason = \"The names have to be said.\"\n";
    assert_eq!(codes(&(PEEL.replace("Use no cream.", hard) + meant)), Vec::<String>::new());
    // Why there is no treatment is read by patients as well, and so is what ends that; what the clinic has to take care of is not.
    let kinds = [
        ("The <b>skin</b> has to heal & rest.", hard),
        ("The skin rests.", hard),
        ("not_before = 'hurt + days(14)'\n", &format!("not_before = 'hurt + days(14)'\nuntil = \"{hard}\"\n")),
    ];
    for (there, instead) in kinds {
        assert_eq!(codes(&PEEL.replace(there, instead)).len(), 1, "{there}");
    }
    let rest = "sources = [\"clinic\"]\n";
    let rules = [
        (
            1,
            format!(
                "[[contraindication]]\nid = \"x\"\nwhen = 'hurt == never'\nlasts = \"permanent\"\nreason = \"{hard}\"\n{rest}"
            ),
        ),
        (1, format!("[[referral]]\nid = \"x\"\nwhen = 'hurt == never'\nto = \"x\"\nreason = \"{hard}\"\n{rest}")),
        (1, format!("[[indication]]\nid = \"x\"\nwhen = 'hurt != never'\notherwise = \"{hard}\"\n{rest}")),
        (
            1,
            format!(
                "[[separation]]\nid = \"x\"\nfrom = [\"laser\"]\nminimum = \"7 days\"\nreason = \"{hard}\"\n{rest}"
            ),
        ),
        (
            0,
            format!("[[precaution]]\nid = \"x\"\nwhen = 'hurt == never'\ndo = \"{hard}\"\nreason = \"{hard}\"\n{rest}"),
        ),
    ];
    for (count, rule) in rules {
        // Tables of the course have to stay together at the end.
        assert_eq!(codes(&PEEL.replace("[[course]]\n", &format!("{rule}\n[[course]]\n"))).len(), count, "{rule}");
    }
    // Another language is measured in its own way, or not at all.
    let in_french = |text: &str| format!("language = \"fr\"\n{text}");
    assert_eq!(codes(&in_french(&PEEL.replace("Use no cream.", hard))), Vec::<String>::new());
}

#[test]
fn the_language_of_a_protocol_is_one() {
    let found = Clinic::from_text("peel.toml", &format!("language = \"German\"\n{PEEL}")).expect_err("no language");
    assert!(found.to_string().contains("`German` is not a language"), "{found}");
}

/// Not a test: the pages that `tests/browser/run` looks at, into `target/handouts`.
#[test]
#[ignore = "writes the pages that tests/browser/run looks at"]
fn pages_for_the_browser() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/handouts");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let write = |name: &str, page: String| std::fs::write(folder.join(name), page).expect("written");
    for (language, which) in [(None, "en"), (Some("de"), "de")] {
        let details = details(language);
        let mut longest: BTreeMap<(String, Status), String> = BTreeMap::new();
        shipped(language, &mut |protocol, _, answer| {
            // Of each protocol and status, the page that says most.
            if !protocol.instructions.is_empty() && (language.is_none() || protocol.language == "de") {
                let page = html(&Handout::for_patient(answer, &protocol.language, Some(&details)));
                let longest = longest.entry((protocol.id.clone(), answer.status)).or_default();
                if page.len() > longest.len() {
                    *longest = page;
                }
                if answer.status == Status::Due {
                    write(
                        &format!("{}-clinic.html", protocol.id),
                        html(&Handout::for_clinic(answer, &protocol.language)),
                    );
                }
            }
        });
        for ((protocol, status), page) in longest {
            write(&format!("{protocol}-{status}-{which}.html"), page);
        }
    }
}
