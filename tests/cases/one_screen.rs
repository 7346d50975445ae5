//! What `recommend` prints first is one screen, whatever the answer: nothing is dropped without being counted, and no day that is to be
//! confirmed stands without what is asked again.

use regimen::recommendation::Reason;
use regimen::render::{TextStyle, brief, headline, ranked_brief, text};
use regimen::{Clinic, Notation, Recommendation, Record, Request, Status};

use super::{ANSWERED, CLINIC};

/// What `brief` may take: two lines of the 45 are left for whoever prints it.
const SCREEN: usize = 43;

/// Every shipped case, by protocol and name, with its answer.
fn shipped() -> impl Iterator<Item = (String, &'static Recommendation)> {
    ANSWERED.iter().map(|one| (format!("{}.{}", one.protocol.id, one.stem()), &one.outcome.recommendation))
}

/// The lines of a part, without its heading.
fn part<'a>(screen: &'a str, title: &str) -> Vec<&'a str> {
    let lines = screen.lines().skip_while(|line| *line != title).skip(1);
    lines.take_while(|line| !line.is_empty()).collect()
}

/// How many points a part shows, and how many it says that it does not.
fn counted(lines: &[&str]) -> usize {
    let rest =
        lines.iter().find_map(|line| line.trim().strip_prefix("and ")?.strip_suffix(" more")?.parse::<usize>().ok());
    let number = |line: &&&str| line.trim_start().split_once(". ").is_some_and(|(at, _)| at.parse::<usize>().is_ok());
    let points = lines.iter().filter(|line| line.starts_with("  - ") || number(line)).count();
    points + rest.unwrap_or(0)
}

#[test]
fn every_answer_is_one_screen_and_counts_what_it_leaves_out() {
    assert!(ANSWERED.len() > 1000, "{} cases", ANSWERED.len());
    for (name, answer) in shipped() {
        for width in [60, 80, 100, 160] {
            let screen = brief(answer, TextStyle { width, colour: false });
            assert!(screen.lines().count() <= SCREEN, "{name} at {width}:\n{screen}");
        }
        let screen = brief(answer, TextStyle { width: 200, colour: false });
        assert!(screen.starts_with(&headline(answer)), "{name}:\n{screen}");
        assert_eq!(counted(&part(&screen, "Missing")), answer.questions.len(), "{name}:\n{screen}");
        assert_eq!(counted(&part(&screen, "Doubts")), answer.doubts.len(), "{name}:\n{screen}");
        // What several parts of a course wait for in the same words is told once.
        let words = |one: &'static Reason| (one.leads_to, &one.reason, &one.until, one.not_before, &one.sources);
        let reasons: Vec<_> = answer.reasons.iter().map(words).collect();
        let told_before = (0..reasons.len()).filter(|at| reasons[..*at].contains(&reasons[*at])).count();
        let all = reasons.len() - told_before + answer.precautions.len();
        assert_eq!(counted(&part(&screen, "Why")), all, "{name}:\n{screen}");
        if matches!(answer.status, Status::Due | Status::Overdue | Status::Refer) {
            let heading = if answer.status == Status::Refer { "If the decision is to treat" } else { "Do now" };
            let now = part(&screen, heading);
            assert!(counted(&now) >= answer.precautions.len(), "{name}:\n{screen}");
        }
    }
}

#[test]
fn a_day_to_be_confirmed_stands_beside_what_is_asked_again() {
    let mut met = 0;
    for (name, answer) in shipped() {
        let screen = brief(answer, TextStyle::default());
        if part(&screen, "Dates").iter().any(|line| line.contains("to be confirmed then")) {
            met += 1;
            assert!(screen.contains("ask again:"), "{name}:\n{screen}");
        }
    }
    assert!(met > 10, "only {met}");
}

/// Where a protocol asks whether something is known at all, nobody reads that it was "assumed unknown"; and of what it is taken for elsewhere,
/// no more is said.
#[test]
fn what_is_decided_without_is_not_said_to_be_assumed() {
    let (mut without, mut beside) = (0, 0);
    for (name, answer) in shipped() {
        let whole = text(answer, TextStyle { width: 200, colour: false });
        assert!(!whole.contains("assumed unknown"), "{name}:\n{whole}");
        let unknown: Vec<&str> =
            answer.assumptions.iter().filter(|one| one.assumed == "unknown").map(|one| one.fact.as_str()).collect();
        assert_eq!(whole.matches("is not known; decided without it").count(), unknown.len(), "{name}:\n{whole}");
        let screen = brief(answer, TextStyle { width: 200, colour: false });
        let is_assumed =
            |fact: &&&str| answer.assumptions.iter().any(|one| one.fact == ***fact && one.assumed != "unknown");
        let told = part(&screen, "Assumed").iter().filter(|line| line.contains("decided without it")).count();
        beside += unknown.iter().filter(is_assumed).count();
        without += told;
        assert!(told <= unknown.len() - unknown.iter().filter(is_assumed).count(), "{name}:\n{screen}");
    }
    assert!(without > 0 && beside > 0, "{without} and {beside}");
}

fn answer(clinic: &Clinic, protocol: &str, record: &serde_json::Value) -> Recommendation {
    let protocol = clinic.protocol(protocol).expect("a protocol");
    let read = Record::from_text("r", &record.to_string(), Notation::Json, &protocol.dictionary);
    let request = Request::new("2026-03-02".parse().expect("a day"));
    let answered = read.and_then(|(record, _)| protocol.recommend(&record, &request));
    answered.unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// A session that does not count and has not been given again is told of where it is decided what to do next.
#[test]
fn a_session_that_does_not_count_is_on_the_screen() {
    let clinic = &*CLINIC;
    let no = ["mmr_vaccine_allergy", "severely_immunocompromised", "family_immunodeficiency", "untreated_tuberculosis"];
    let of_lab = ["waiting_after_antibodies", "measles_immunity", "mumps_immunity", "rubella_immunity"];
    let mut facts = serde_json::json!({ "date_of_birth": "2024-01-10" });
    no.iter().chain(&of_lab).for_each(|fact| facts[*fact] = false.into());
    let given = |days: &[&str]| {
        let session = |day: &&str| serde_json::json!({ "treatment": "mmr", "date": day, "product": "03" });
        let sessions: Vec<_> = days.iter().map(session).collect();
        let record = serde_json::json!({
            "patient": "K-1", "recorded": "2026-03-02", "facts": facts, "sessions": sessions
        });
        answer(clinic, "mmr", &record)
    };
    let again = given(&["2025-01-02"]);
    assert_eq!(again.status, Status::Overdue);
    let screen = brief(&again, TextStyle::default());
    let told = "  given     2025-01-02: does not count, must be given again: too young";
    assert!(part(&screen, "Dates").contains(&told), "{screen}");
    let page = regimen::handout::html(&regimen::handout::Handout::for_patient(&again, "en", None));
    assert!(page.contains("The session of Thursday, 2 January 2025 does not count. Ask us why."), "{page}");
    // Once it has been given again, nobody needs to know.
    let screen = brief(&given(&["2025-01-02", "2025-02-10"]), TextStyle::default());
    assert!(!screen.contains("does not count"), "{screen}");
}

/// What nobody wrote for people is told in words all the same: an interval without a label, another protocol by its title.
#[test]
fn no_id_is_on_the_screen() {
    let clinic = &*CLINIC;
    let of = |protocol: &str, facts: serde_json::Value, given: &[(&str, &str)]| {
        let session = |(day, product): &(&str, &str)| serde_json::json!({ "treatment": protocol, "date": day, "product": product });
        let sessions: Vec<_> = given.iter().map(session).collect();
        let record =
            serde_json::json!({ "patient": "K-1", "recorded": "2026-03-02", "facts": facts, "sessions": sessions });
        let screen = brief(&answer(clinic, protocol, &record), TextStyle::default());
        screen.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let screen = of(
        "hepatitis-b",
        serde_json::json!({ "date_of_birth": "1990-01-01", "hepatitis_b_vaccine_allergy": false }),
        &[("2026-01-10", "43"), ("2026-01-25", "43")],
    );
    let told = "does not count, must be given again: too early (at least 4 weeks after the session before)";
    assert!(screen.contains(told), "{screen}");
    // Each of three components waits for the same.
    let dtp = "diphtheria-tetanus-pertussis";
    let facts =
        serde_json::json!({ "date_of_birth": "2025-12-01", "diphtheria_tetanus_pertussis_vaccine_allergy": false });
    let screen = of(dtp, facts, &[("2026-02-10", "20")]);
    let told = "deferred: at least 4 weeks after the session before (not before 2026-03-10)";
    assert_eq!(screen.matches(told).count(), 1, "{screen}");
    let facts = serde_json::json!({ "date_of_birth": "1990-01-01", "health_care_worker": false });
    let screen = of("hepatitis-b-staff", facts, &[]);
    assert!(screen.contains("consider instead: Hepatitis B vaccination"), "{screen}");
    let facts = serde_json::json!({ "date_of_birth": "1977-01-01", "rsv_vaccine_allergy": false });
    let screen = of("rsv", facts, &[]);
    assert!(screen.contains("no session is planned at this age"), "{screen}");
}

/// A session beyond those that are planned is never late.
#[test]
fn a_further_session_has_no_day_on_which_it_is_late() {
    let (mut beyond, mut late) = (0, 0);
    for (name, answer) in shipped() {
        let Some(course) = answer.course.as_ref().filter(|course| course.separate_by.is_none()) else { continue };
        let Some(next) = &course.next else { continue };
        let screen = brief(answer, TextStyle::default());
        let is_late = part(&screen, "Dates").iter().any(|line| line.starts_with("  late "));
        if course.planned.is_some_and(|planned| next.number > planned.most) {
            beyond += u32::from(next.latest.is_some());
            assert!(!is_late && !text(answer, TextStyle::default()).contains("\n  Late"), "{name}:\n{screen}");
        }
        late += u32::from(is_late);
    }
    assert!(beyond > 0 && late > 50, "{beyond} and {late}");
}

/// With a terminal of 30 columns, there is still a screen.
#[test]
fn a_narrow_screen_keeps_the_headline_and_counts_the_rest() {
    let clinic = &*CLINIC;
    let request = Request::new("2026-03-02".parse().expect("a day"));
    let answer = |protocol: &regimen::Protocol| {
        let text = r#"{ "patient": "P", "recorded": "2026-03-02" }"#;
        let read = Record::from_text("r", text, Notation::Json, &protocol.dictionary);
        let answered = read.and_then(|(record, _)| protocol.recommend(&record, &request));
        answered.unwrap_or_else(|mistakes| panic!("{mistakes}"))
    };
    let answers: Vec<Recommendation> = clinic.protocols.iter().map(answer).collect();
    for answer in &answers {
        let screen = brief(answer, TextStyle { width: 30, colour: false });
        assert!(screen.starts_with("ASK FIRST"), "{screen}");
        assert!(screen.lines().count() <= SCREEN, "{}:\n{screen}", answer.protocol);
    }
    let all = ranked_brief(&answers, TextStyle { width: 80, colour: false });
    assert!(all.lines().count() <= SCREEN, "{all}");
    assert!(answers.iter().all(|answer| all.contains(&answer.title)), "{all}");
}

#[test]
fn chosen_screens_read_as_approved() {
    for chosen in [
        "botulinum-toxin.touch-up-inside-ninety-days",
        "hepatitis-a.too-early",
        "laser-hair-reduction.parallel-due-and-new",
        "microneedling-acne-scars.isotretinoin-sign-off-first-free-day",
        "microneedling-acne-scars.minimal-record",
        "microneedling-acne-scars.pregnant-fires",
        "nbuvb-psoriasis.pause-fourteen-days",
    ] {
        let (_, answer) = shipped().find(|(name, _)| name == chosen).unwrap_or_else(|| panic!("no {chosen}"));
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots" }, {
            insta::assert_snapshot!(format!("screen__{chosen}"), brief(answer, TextStyle::default()));
        });
    }
}

/// A day before that of the question is no day to wait for: what still keeps the patient waiting is said instead.
#[test]
fn no_earliest_day_is_past_while_the_patient_waits() {
    let clinic = &*CLINIC;
    let protocol = clinic.protocol("microneedling-acne-scars").expect("a protocol");
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols/records/healthy-adult.toml");
    let text = std::fs::read_to_string(file).expect("a record");
    let text =
        text.replace("active_hsv                       = false", "active_hsv = { value = true, on = 2026-05-01 }");
    let text = text.replace("sessions = []", "");
    let text = format!("{text}\n[[sessions]]\ntreatment = \"microneedling\"\ndate = 2026-03-02\n");
    let (record, _) = Record::from_text("r.toml", &text, Notation::Toml, &protocol.dictionary).expect("a record");
    let day = "2026-05-01".parse().expect("a day");
    let answer = protocol.recommend(&record, &Request::new(day)).expect("an answer");
    let next = answer.course.as_ref().and_then(|course| course.next.as_ref()).and_then(|next| next.earliest);
    assert!(answer.status == Status::Deferred && next.is_some_and(|next| next < day), "{:?} {next:?}", answer.status);
    assert_eq!((answer.not_before, answer.no_sooner_than), (None, None));
    let screen = brief(&answer, TextStyle { width: 100, colour: false });
    assert!(!screen.contains("  earliest"), "{screen}");
}
