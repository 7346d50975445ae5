//! Texts that name what they rest on: what stands between braces is read as a person reads it, and decides nothing.

use regimen::render::sheet;
use regimen::{Clinic, Date, Notation, Protocol, Recommendation, Record, Request, Scalar, Status};

const FACTS: &str = concat!(
    include_str!("fixtures/head.toml"),
    r#"
[parameters]
clear_wait = { value = "4 weeks", range = ["7 days", "90 days"], sources = ["clinic"] }
pause = { value = "28 days", sources = ["clinic"] }
long = { value = "1 year + 2 weeks", sources = ["clinic"] }
most = { value = 1.50, unit = "mm", sources = ["clinic"] }
days_off = { value = 1, unit = "days", range = [0, 9], sources = ["clinic"] }

[facts]
weight = { type = "decimal", unit = "kg", range = [2, 200], ask = "Weight?", of = "clinician", valid_for = "forever" }
smoker = { type = "bool", ask = "Smoker {{or was}}?", of = "patient", valid_for = "forever" }
scar = { type = "choice", choices = ["ice_pick", "rolling"], ask = "Scar?", of = "patient", valid_for = "forever" }
zones = { type = "set", choices = ["upper_lip", "chin", "cheek"], ask = "Zones?", of = "patient", valid_for = "forever" }
device = { type = "text", ask = "Device?", of = "patient", valid_for = "forever" }
last_peel = { type = "date", may_be_never = true, ask = "Peel?", of = "patient", valid_for = "forever" }

[session_facts]
depth = { type = "decimal", unit = "mm" }

[definitions]
slow = 'smoker || scar == "ice_pick"'
wait = 'if smoker { weeks(6) } else { clear_wait }'
"#
);

fn clinic(rules: &str) -> Clinic {
    let (clinic, _) =
        Clinic::from_text("t.toml", &format!("{FACTS}\n{rules}")).unwrap_or_else(|found| panic!("{found}"));
    clinic
}

fn ask(protocol: &Protocol, record: &str, set: &[(&str, Scalar)]) -> Recommendation {
    let text = format!("patient = \"P-1\"\nrecorded = 2026-03-02\n{record}");
    let read = Record::from_text("record.toml", &text, Notation::Toml, &protocol.dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
    let mut request = Request::new(Date::new(2026, 3, 2).expect("a day"));
    for (name, value) in set {
        request = request.set(protocol, name, value).unwrap_or_else(|found| panic!("{found}"));
    }
    protocol.recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"))
}

fn precaution(text: &str) -> String {
    format!("[[precaution]]\nid = \"says\"\nwhen = 'true'\ndo = '{text}'\nreason = \"x\"\nsources = [\"clinic\"]\n")
}

/// A text as an answer has it.
fn said(text: &str, record: &str) -> String {
    said_with(text, record, &[])
}

fn said_with(text: &str, record: &str, set: &[(&str, Scalar)]) -> String {
    ask(&clinic(&precaution(text)).protocols[0], record, set).precautions[0].action.clone()
}

const RECORD: &str = r#"
[facts]
weight = 70.5
smoker = false
scar = "ice_pick"
zones = ["upper_lip", "cheek"]
device = "Pen 3 {x}"
last_peel = 2026-02-01
[[sessions]]
treatment = "trial"
date = 2026-01-05
depth = 0.5
product = "gel"
[[sessions]]
treatment = "trial"
date = 2026-02-16
depth = 1.25
product = "foam"
"#;

#[test]
fn values_are_read_as_people_write_them() {
    for (text, expected) in [
        ("Wait {clear_wait}.", "Wait 4 weeks."),
        ("{pause}, {long}", "28 days, 1 year and 2 weeks"),
        ("at most {most}, {days_off}", "at most 1.50 mm, 1 day"),
        ("{weight}, {weight / 2}", "70.5 kg, 35.25 kg"),
        ("{smoker}, {scar}, {zones}", "no, ice pick, upper lip and cheek"),
        ("{device}", "Pen 3 {x}"),
        ("on {last_peel}, {last_peel + clear_wait}, {today}", "on 1 February 2026, 1 March 2026, 2 March 2026"),
        ("{wait}, {weeks(2)}, {days(14)}, {years(1)}", "4 weeks, 2 weeks, 14 days, 1 year"),
        ("{months(days_off)}, {clear_wait ?? pause}", "1 month, 4 weeks"),
        ("{sessions.last.depth} on {sessions.last.date}", "1.25 mm on 16 February 2026"),
        ("{sessions.first.product}, {sessions.last.product}", "gel, foam"),
        ("{sessions.len()} sessions, {sum s.depth in sessions where true}", "2 sessions, 1.75 mm"),
        ("{scar == \"ice_pick\"}, {if smoker { 1 } else { 2 }}", "yes, 2"),
        // A condition with a name reads as its words: the name says nothing to whoever has not read the protocol.
        ("because {slow}", "because smoker or scar is ice pick"),
        ("{{plain}} {{{days_off}}} }}{{", "{plain} {1 day} }{"),
    ] {
        assert_eq!(said(text, RECORD), expected, "{text}");
    }
}

#[test]
fn a_length_reads_as_it_was_written() {
    let rules = |length: &str| {
        format!(
            "[[course]]\nid = \"c\"\nsessions = {{ planned = 3, maximum = 3 }}\nsources = [\"clinic\"]\n\
             interval = [{{ from = \"previous\", minimum = \"{length}\", sources = [\"clinic\"], reason = \"x\" }}]\n"
        )
    };
    let record = "[facts]\n[[sessions]]\ntreatment = \"trial\"\ndate = 2026-02-16\n";
    for (length, words) in [
        ("4 weeks", "4 weeks"),
        ("28 days", "28 days"),
        ("24 months", "24 months"),
        ("1 year + 2 weeks", "1 year and 2 weeks"),
    ] {
        let clinic = clinic(&rules(length));
        let page = sheet::markdown(&sheet::sheet(&clinic.protocols[0]));
        assert!(page.contains(&format!("| {words} |")), "{length}: {page}");
        let answer = ask(&clinic.protocols[0], record, &[]);
        let derived =
            answer.trace.nodes.iter().find_map(|node| node.derived.as_ref().filter(|one| one.length.is_some()));
        let derived = derived.expect("a date that is counted");
        assert!(derived.to_string().starts_with(&format!("{words} after session 1")), "{length}: {derived}");
    }
    // Where a parameter is set, as it was set.
    let set = [("clear_wait", Scalar::Text("2 weeks".into()))];
    assert_eq!(said_with("{clear_wait}", RECORD, &set), "2 weeks");
}

#[test]
fn what_is_not_known_is_said_so_and_asked_of_nobody() {
    let text = "{weight}; {zones}; {last_peel}; {sessions.last.depth}; {wait}; {device}; {smoker}; {weight > 3}";
    let protocol = clinic(&precaution(text)).protocols[0].clone();
    let answer = ask(&protocol, "", &[]);
    let unknown = ["not known"; 8].join("; ");
    assert_eq!(
        answer.precautions[0].action,
        unknown.replacen(
            "not known; not known; not known; not known; not known",
            "not known; not known; not known; not known; 4 weeks to 6 weeks",
            1
        )
    );
    assert_eq!(answer.status, Status::Due);
    assert!(answer.questions.is_empty(), "{:?}", answer.questions);
    assert_eq!(answer.could_become, [Status::Due]);
    let partial = "sessions = []\n[facts]\nlast_peel = \"2026-02\"\nzones = []";
    assert_eq!(said("{last_peel}; {zones}; {sessions.last.date}", partial), "February 2026; none; never");
    assert_eq!(said("{last_peel}", "[facts]\nlast_peel = \"never\""), "never");
}

#[test]
fn a_parameter_that_is_set_changes_the_text() {
    let set = [("clear_wait", Scalar::Text("10 days".into())), ("days_off", Scalar::Number(3.into()))];
    assert_eq!(said_with("{clear_wait}, {wait}, {days_off}", RECORD, &set), "10 days, 10 days, 3 days");
}

/// Every text that people read.
const EVERYWHERE: &str = r#"
[[indication]]
id = "i"
when = 'weight > 500'
otherwise = "otherwise {most}"
reason = "why {most}"
sources = ["clinic"]
[[contraindication]]
id = "c"
when = 'weight > 50'
lasts = "while-true"
until = "until {most}"
reason = "reason {most}"
sources = ["clinic"]
[[deferral]]
id = "d"
not_before = 'last_peel + days(90)'
override = { by = "by {most}", down_to = "0 days" }
until = "until {most}"
reason = "reason {most}"
sources = ["clinic"]
[[referral]]
id = "r"
when = 'weight > 50'
to = "to {most}"
reason = "reason {most}"
sources = ["clinic"]
[[completion]]
id = "o"
when = 'weight > 50'
outcome = "complete"
then = "then {most}"
reason = "reason {most}"
sources = ["clinic"]
[[separation]]
id = "s"
from = ["filler"]
minimum = "90 days"
reason = "reason {most}"
sources = ["clinic"]
[[course]]
id = "course"
sessions = { minimum = 1, planned = 4 }
interval = [{ id = "iv", from = "previous", minimum = "90 days", reason = "reason {most}", sources = ["clinic"] }]
gap = [{ id = "g", after = "1 day", do = "reassess", reason = "reason {most}" }]
sources = ["clinic"]
"#;

/// Those of an answer that may treat.
const FOR_A_SESSION: &str = r#"
[[precaution]]
id = "p"
when = 'true'
do = "do {most}"
reason = "reason {most}"
sources = ["clinic"]
[[setting]]
id = "depth"
label = "label {most}"
each = { zone = "zones" }
rows = [{ when = 'zone == "chin"', value = 1 }, { text = "text {zone} {most}" }]
sources = ["clinic"]
[[instruction]]
id = "care"
at = "0 days"
do = "do {most}"
sources = ["clinic"]
[[red_flag]]
id = "flag"
sign = "sign {most}"
action = "action {most}"
within = "{most}"
sources = ["clinic"]
"#;

#[test]
fn values_stand_in_every_text() {
    let protocol = clinic(EVERYWHERE).protocols[0].clone();
    let answer = ask(&protocol, RECORD, &[]);
    let ids: Vec<&str> = answer.reasons.iter().map(|reason| reason.id.as_str()).collect();
    assert_eq!(ids, ["c", "i", "o", "d", "iv", "r"]);
    let texts = answer.reasons.iter().flat_map(|reason| {
        let by = reason.may_override.as_ref().map(|may| may.by.clone());
        [Some(reason.reason.clone()), reason.until.clone(), reason.to.clone(), reason.then.clone(), by]
    });
    let mut texts: Vec<String> = texts.flatten().collect();
    texts.extend(answer.precautions.iter().map(|one| one.reason.clone()));
    texts.sort();
    texts.dedup();
    let mm = |word: &str| format!("{word} 1.50 mm");
    assert_eq!(texts, ["by", "otherwise", "reason", "then", "to", "until"].map(mm));
    assert_eq!(answer.precautions.len(), 1, "the gap");

    let protocol = clinic(FOR_A_SESSION).protocols[0].clone();
    let answer = ask(&protocol, RECORD, &[]);
    assert_eq!(answer.precautions[0].action, "do 1.50 mm");
    let settings: Vec<String> = answer.settings.iter().map(|one| format!("{}: {}", one.label, one.value)).collect();
    assert_eq!(settings, ["label 1.50 mm: text upper lip 1.50 mm", "label 1.50 mm: text cheek 1.50 mm"]);
    assert_eq!(answer.instructions[0].action, "do 1.50 mm");
    let flag = &answer.red_flags[0];
    assert_eq!(
        (flag.sign.as_str(), flag.action.as_str(), flag.within.as_deref()),
        ("sign 1.50 mm", "action 1.50 mm", Some("1.50 mm"))
    );
}

#[test]
fn a_sheet_names_parameters_and_facts() {
    let text = "{clear_wait}, {days_off}, {weight}, {slow}, {last_peel + clear_wait}, {today}";
    let clinic = clinic(&format!("{EVERYWHERE}{FOR_A_SESSION}{}", precaution(text)));
    let sheet = sheet::markdown(&sheet::sheet(&clinic.protocols[0]));
    let expected = "4 weeks (clear wait), 1 day (days off), weight, slow, 4 weeks (clear wait) after last peel, today";
    assert!(sheet.contains(expected), "{sheet}");
    assert!(sheet.contains("text zone 1.50 mm (most)"), "{sheet}");
    assert!(sheet.contains("Smoker {or was}?"), "{sheet}");
    assert!(!sheet.contains("{most}"), "{sheet}");
}

const BY_PARAMETERS: &str = r#"
[[deferral]]
id = "d"
not_before = 'last_peel + days(90)'
override = { by = "doctor", down_to = "clear_wait" }
reason = "x"
sources = ["clinic"]
"#;

const CARE: &str = r#"
[[instruction]]
id = "stop"
at = "-clear_wait"
until = "-1 day"
do = "x"
sources = ["clinic"]
[[instruction]]
id = "care"
at = "0 days"
until = "+clear_wait"
do = "x"
sources = ["clinic"]
"#;

#[test]
fn a_length_may_be_a_parameter_wherever_a_length_stands() {
    let record = "sessions = []\n[facts]\nlast_peel = 2026-03-01\n";
    let set = [("clear_wait", Scalar::Text("10 days".into()))];
    let clinic = clinic(BY_PARAMETERS);
    let shortest = |set: &[(&str, Scalar)]| {
        let reason = ask(&clinic.protocols[0], record, set).reasons.remove(0);
        reason.may_override.expect("it may be shortened").down_to
    };
    assert_eq!(shortest(&[]).as_deref(), Some("4 weeks"));
    assert_eq!(shortest(&set).as_deref(), Some("10 days"));
    let page = sheet::sheet(&clinic.protocols[0]);
    assert!(sheet::markdown(&page).contains("down to 4 weeks (clear wait)"), "{}", sheet::markdown(&page));
    // Before a session and after it.
    let clinic = self::clinic(CARE);
    let days = |set: &[(&str, Scalar)]| -> Vec<(String, Option<String>, Option<String>)> {
        let answer = ask(&clinic.protocols[0], "sessions = []\n", set);
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        answer.instructions.into_iter().map(|one| (one.id, day(one.from_date), day(one.until_date))).collect()
    };
    let told = |id: &str, from: &str, until: &str| (id.to_owned(), Some(from.to_owned()), Some(until.to_owned()));
    assert_eq!(days(&[]), [told("stop", "2026-02-02", "2026-03-01"), told("care", "2026-03-02", "2026-03-30")]);
    assert_eq!(days(&set), [told("stop", "2026-02-20", "2026-03-01"), told("care", "2026-03-02", "2026-03-12")]);
    let page = sheet::markdown(&sheet::sheet(&clinic.protocols[0]));
    assert!(page.contains("4 weeks (clear wait) before, until 1 day before"), "{page}");
    assert!(page.contains("The day to 4 weeks (clear wait) after"), "{page}");
    // A parameter that is read there and nowhere else is used.
    let rules = format!("{}{}", BY_PARAMETERS.replace("clear_wait", "long"), CARE.replace("-clear_wait", "-pause"));
    let found = regimen::check(&self::clinic(&rules), Date::new(2026, 3, 2).expect("a day"), true);
    let unused: Vec<&str> =
        found.iter().map(|one| one.message.as_str()).filter(|one| one.contains("never used")).collect();
    assert!(unused.iter().any(|one| one.contains("`days_off`")), "{unused:?}");
    assert!(!unused.iter().any(|one| one.contains("`long`") || one.contains("`pause`")), "{unused:?}");
    // What may be set so that it ends before it begins is told when the file is loaded.
    let refused = |at: &str, until: &str| {
        let text = CARE.replace("\"-clear_wait\"", at).replace("\"-1 day\"", until);
        Clinic::from_text("t.toml", &format!("{FACTS}\n{text}")).err().map(|found| {
            found.iter().map(|one| format!("{} {}", one.code.id, one.message)).collect::<Vec<_>>().join("; ")
        })
    };
    assert_eq!(refused("\"-clear_wait\"", "\"-8 days\""), Some("R109 it ends before it begins".into()));
    assert_eq!(refused("\"-pause\"", "\"-8 days\""), None);
    assert_eq!(
        refused("\"-clear_weight\"", "\"0 days\"").as_deref(),
        Some("R202 `clear_weight` is neither a length of time nor a parameter")
    );
    assert_eq!(refused("\"-most\"", "\"0 days\"").as_deref(), Some("R303 `most` is not a length of time"));
}
