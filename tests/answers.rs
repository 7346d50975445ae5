//! Answers as people read them, whole: the text and the Markdown of answers that are chosen for their variety. What was decided is
//! approved by the cases; here are the words and the layout.

use std::collections::BTreeSet;
use std::path::Path;

use regimen::cases::{Case, of_protocol};
use regimen::recommendation::Effect;
use regimen::render::{TextStyle, markdown, text};
use regimen::{Clinic, Notation, ProtocolStatus, Recommendation, Record, Request, Status};

/// Protocol, case.
const CHOSEN: [(&str, &str); 32] = [
    ("botulinum-toxin", "breastfeeding-care-fires"),
    ("botulinum-toxin", "touch-up-inside-ninety-days"),
    ("botulinum-toxin", "units-here-and-too-many-elsewhere"),
    ("botulinum-toxin", "units-here-some-day-of-a-month"),
    ("diphtheria-tetanus-pertussis", "booster-after-ten-years"),
    ("fractional-laser", "ablative-reassess-fires"),
    ("fractional-laser", "ice-pick-first"),
    ("fractional-laser", "skin-type-unknown"),
    ("glycolic-peel", "keloid-risk-fires"),
    ("glycolic-peel", "last-reaction-unknown"),
    ("glycolic-peel", "pause-more-than-a-year"),
    ("hepatitis-a", "adult"),
    ("hepatitis-a", "too-early"),
    ("hepatitis-b-staff", "childrens-vaccine-for-an-adult"),
    ("hepatitis-b-staff", "faulty-dose"),
    ("hepatitis-b-staff", "heplisav-non-responder"),
    ("hepatitis-b-staff", "test-unknown"),
    ("isotretinoin-monitoring", "two-tests-unknown"),
    ("laser-hair-reduction", "area-of-an-old-session-unknown"),
    ("laser-hair-reduction", "blond-hair"),
    ("laser-hair-reduction", "isotretinoin-month-only"),
    ("laser-hair-reduction", "parallel-due-and-new"),
    ("laser-hair-reduction", "planned-not-known"),
    ("microneedling-acne-scars", "active-acne-fires"),
    ("microneedling-acne-scars", "isotretinoin-sign-off-first-free-day"),
    ("microneedling-acne-scars", "keloid-history-declined"),
    ("microneedling-acne-scars", "minimal-record"),
    ("microneedling-acne-scars", "p03-isotretinoin-in-november"),
    ("microneedling-acne-scars", "pregnant-fires"),
    ("nbuvb-psoriasis", "first-dose-type-unknown"),
    ("nbuvb-psoriasis", "pause-fourteen-days"),
    ("rsv", "before-the-season"),
];

fn clinic() -> Clinic {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    Clinic::load(folder).unwrap_or_else(|mistakes| panic!("{mistakes}")).0
}

fn answer(clinic: &Clinic, protocol: &str, case: &str) -> Recommendation {
    let protocol = clinic.protocol(protocol).unwrap_or_else(|| panic!("there is no {protocol}"));
    let is_it = |path: &&std::path::PathBuf| path.file_stem().is_some_and(|stem| stem == case);
    let paths = of_protocol(protocol);
    let path = paths.iter().find(is_it).unwrap_or_else(|| panic!("{} has no case {case}", protocol.id));
    let (case, _) = Case::load(path, protocol).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    case.run(protocol).unwrap_or_else(|mistakes| panic!("{mistakes}")).recommendation
}

/// Both renderings; a comment in a protocol changes neither.
fn assert_reads(name: &str, mut answer: Recommendation) {
    for hash in [&mut answer.provenance.protocol_sha256, &mut answer.provenance.record_sha256] {
        *hash = "·".repeat(hash.chars().count());
    }
    let (text, markdown) = (text(&answer, TextStyle::default()), markdown(&answer));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("answer__{name}"), format!("{text}\n\n{}\n\n{markdown}", "=".repeat(100)));
    });
}

#[test]
fn chosen_answers_read_as_approved() {
    let clinic = clinic();
    for (protocol, case) in CHOSEN {
        assert_reads(&format!("{protocol}.{case}"), answer(&clinic, protocol, case));
    }
}

#[test]
fn the_answer_of_a_draft_reads_as_approved() {
    let mut draft = answer(&clinic(), "microneedling-acne-scars", "p03-no-washout");
    draft.protocol_status = ProtocolStatus::Draft;
    assert_reads("draft", draft);
}

#[test]
fn doubts_read_as_approved() {
    let clinic = clinic();
    let record = "patient = \"P-1\"\nrecorded = 2026-03-02\nsessions = []\n[facts]\nzodiac_sign = \"aries\"\n\
                  date_of_birth = 1990-05-01\n[[planned]]\ntreatment = \"filler\"\ndate = 2026-02-05\n";
    let (record, _) = Record::from_text("record.toml", record, Notation::Toml, &clinic.dictionary)
        .unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let protocol = clinic.protocol("tca-cross-ice-pick").expect("a protocol");
    let answer = protocol.recommend(&record, &Request::new("2026-03-02".parse().expect("a date")));
    let answer = answer.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert!(answer.doubts.len() >= 2, "{:?}", answer.doubts);
    assert_reads("doubts", answer);
}

/// What the chosen answers have among them.
#[test]
fn the_chosen_answers_are_varied() {
    let clinic = clinic();
    let answers: Vec<Recommendation> = CHOSEN.iter().map(|(protocol, case)| answer(&clinic, protocol, case)).collect();
    let statuses: BTreeSet<Status> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), Status::ALL);
    let course = |is: &dyn Fn(&regimen::recommendation::CourseReport) -> bool| {
        answers.iter().any(|answer| answer.course.as_ref().is_some_and(is))
    };
    let some = |is: &dyn Fn(&Recommendation) -> bool| answers.iter().any(is);
    let asks = |effect: Effect| some(&|a| a.questions.iter().any(|one| one.could_change.contains(&effect)));
    let had = [
        ("a first day", some(&|a| a.not_before.is_some())),
        ("a day that may move", some(&|a| a.no_sooner_than.is_some() && a.no_later_than.is_some())),
        ("a day without an end", some(&|a| a.no_sooner_than.is_some() && a.no_later_than.is_none())),
        ("a role that decides", some(&|a| a.reasons.iter().any(|one| one.to.is_some()))),
        ("another protocol", some(&|a| a.reasons.iter().any(|one| !one.instead.is_empty()))),
        ("a day to look again", some(&|a| a.reasons.iter().any(|one| one.recheck.is_some()))),
        ("a question about the status", asks(Effect::Status)),
        ("a question about the schedule", asks(Effect::Schedule)),
        ("a question about a setting", asks(Effect::Setting)),
        ("a question about a precaution", asks(Effect::Precaution)),
        ("a precaution", some(&|a| !a.precautions.is_empty())),
        ("an assumption", some(&|a| !a.assumptions.is_empty())),
        ("a parameter that was set", some(&|a| !a.overrides.is_empty())),
        ("a setting with a bound", some(&|a| a.settings.iter().any(|one| one.bound.is_some()))),
        ("a setting that is limited", some(&|a| a.settings.iter().any(|one| !one.limited_by.is_empty()))),
        ("an instruction that may apply", some(&|a| a.instructions.iter().any(|one| one.provisional))),
        ("red flags", some(&|a| !a.red_flags.is_empty())),
        ("components", course(&|one| one.separate_by.is_none() && !one.components.is_empty())),
        ("areas", course(&|one| one.separate_by.is_some() && one.components.len() > 1)),
        ("dates that may move", course(&|one| one.provisional)),
        ("a session that does not count", course(&|one| one.past.iter().any(|past| !past.reasons.is_empty()))),
        ("an earlier course", some(&|a| a.course.as_ref().is_some_and(|one| one.past.len() > one.done.most as usize))),
        ("a full trace", some(&|a| a.trace.depth == regimen::Depth::Full)),
    ];
    let missing: Vec<&str> = had.iter().filter(|(_, is)| !is).map(|(what, _)| *what).collect();
    assert!(missing.is_empty(), "no chosen answer has {}", missing.join(", "));
}
