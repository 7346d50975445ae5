//! What must hold of every answer: proved, refuted by a patient whom the engine answers, or not proven, and never one of them by mistake.

use regimen::prove::{Counterexample, Outcome, Proof};
use regimen::{Clinic, Notation, Protocol, Record, Request, Scalar, Status, prove};

const HEAD: &str = include_str!("fixtures/head.toml");

fn protocol(text: &str) -> Protocol {
    let (clinic, _) = Clinic::from_text("trial.toml", text).unwrap_or_else(|found| panic!("{text}\n{found}"));
    clinic.protocols[0].clone()
}

fn property(claim: &str) -> String {
    format!("\n[[property]]\nid = \"safe\"\n{claim}\nreason = \"It would harm.\"\nsources = [\"clinic\"]\n")
}

fn fact(name: &str, rest: &str) -> String {
    format!("\n[facts.{name}]\n{rest}\nask = \"?\"\nof = \"patient\"\nvalid_for = \"forever\"\n")
}

fn date(name: &str) -> String {
    fact(name, "type = \"date\"\npast = true\nmay_be_never = true")
}

/// What becomes of one claim about a protocol; a counterexample is asked about as anybody would.
fn proof(rules: &str, claim: &str) -> Proof {
    let text = format!("{HEAD}{rules}{}", property(claim));
    let protocol = protocol(&text);
    let proof = prove(&protocol).remove(0);
    if let Some(found) = &proof.counterexample {
        asked_again(&protocol, found);
    }
    proof
}

/// The record of a counterexample can be read, and the protocol answers what was said.
fn asked_again(protocol: &Protocol, found: &Counterexample) {
    let read = Record::from_text("record.json", &found.record, Notation::Json, &protocol.dictionary);
    let (record, _) = read.unwrap_or_else(|mistakes| panic!("{}\n{mistakes}", found.record));
    let mut request = Request::new(found.as_of);
    for set in &found.set {
        let (name, value) = set.split_once('=').expect("NAME=VALUE");
        request = request.set(protocol, name, &Scalar::Text(value.to_owned())).expect("it can be set");
    }
    let answer = protocol.recommend(&record, &request).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!((answer.status, answer.not_before), (found.status, found.not_before), "{}", found.record);
}

fn outcome(rules: &str, claim: &str) -> Outcome {
    proof(rules, claim).outcome
}

fn deferral(not_before: &str) -> String {
    let rule =
        format!("[[deferral]]\nid = \"wait\"\nnot_before = '{not_before}'\nreason = \"x\"\nsources = [\"clinic\"]\n");
    date("filler") + &*rule
}

fn contraindication(id: &str, when: &str) -> String {
    format!(
        "\n[[contraindication]]\nid = \"{id}\"\nwhen = '{when}'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"clinic\"]\n"
    )
}

#[test]
fn a_property_that_is_false_by_one_day_is_refuted() {
    let claim = "never = 'treat && today < filler + days(14)'";
    assert_eq!(outcome(&deferral("filler + days(14)"), claim), Outcome::Proved);
    assert_eq!(outcome(&deferral("filler + days(15)"), claim), Outcome::Proved);
    let refuted = proof(&deferral("filler + days(13)"), claim);
    assert_eq!(refuted.outcome, Outcome::Refuted);
    let found = refuted.counterexample.expect("a patient");
    assert_eq!(found.status, Status::Due);
    assert!(found.record.contains(&found.as_of.plus_days(-13).to_string()), "{}", found.record);
}

/// Who was treated long ago cannot be young: somebody to whom nothing has happened is looked for too.
#[test]
fn somebody_young_refutes_what_nobody_forbids() {
    let birth = fact("date_of_birth", "type = \"date\"\npast = true");
    let weight = fact("weight", "type = \"decimal\"\nunit = \"kg\"\nrange = [2, 200]\ndecimals = 1");
    let dose = "\n[[setting]]\nid = \"dose\"\nlabel = \"dose\"\nunit = \"mg\"\nsafer = \"lower\"\nrows = [{ value = 'weight * 2' }]\nsources = [\"clinic\"]\n";
    let rules = format!("{birth}{}", deferral("filler + months(3)"));
    for (rules, claim) in [
        (rules.clone(), "treat && age < 99"),
        (rules.clone(), "treat && age <= 18"),
        (format!("{weight}{rules}{dose}"), "treat && age < 30 && setting(\"dose\") >= 300"),
    ] {
        assert_eq!(outcome(&rules, &format!("never = '{claim}'")), Outcome::Refuted, "{claim}");
    }
}

#[test]
fn the_first_permitted_day_is_proven_to_the_day() {
    for (not_before, claim, expected) in [
        ("filler + days(14)", "always = 'not_before >= filler + days(14)'", Outcome::Proved),
        ("filler + days(13)", "always = 'not_before >= filler + days(14)'", Outcome::Refuted),
        ("filler + days(14)", "always = 'filler + days(14) <= not_before'", Outcome::Proved),
        (
            "filler + days(14)",
            "never = 'not_before < filler + days(14) && status in [\"due\", \"deferred\"]'",
            Outcome::Proved,
        ),
        // Nobody waits for longer either, who is not treated today.
        ("filler + days(14)", "never = 'status == \"deferred\" && not_before > filler + days(14)'", Outcome::Proved),
        ("filler + days(15)", "never = 'status == \"deferred\" && not_before > filler + days(14)'", Outcome::Refuted),
        ("filler + days(14)", "never = 'status == \"deferred\" && not_before != filler + days(14)'", Outcome::Proved),
        ("filler + days(14)", "never = 'status == \"deferred\" && not_before == filler + days(14)'", Outcome::Refuted),
    ] {
        assert_eq!(outcome(&deferral(not_before), claim), expected, "{not_before}: {claim}");
    }
}

#[test]
fn whoever_is_never_treated_is_not_treated_too_soon() {
    let facts = fact("pregnant", "type = \"bool\"");
    let rules = facts + &*contraindication("pregnant", "pregnant") + &*deferral("filler + days(14)");
    for (claim, expected) in [
        ("always = 'not_before >= filler + days(14)'", Outcome::Proved),
        ("never = 'pregnant && not_before <= today'", Outcome::Proved),
        ("never = 'pregnant && not_before > today'", Outcome::Refuted),
        ("always = 'not_before >= filler + days(15)'", Outcome::Refuted),
    ] {
        assert_eq!(outcome(&rules, claim), expected, "{claim}");
    }
}

#[test]
fn months_are_as_long_as_they_are_on_each_day() {
    let claim = "never = 'treat && today < filler + days(30)'";
    // In February a month is over sooner.
    assert_eq!(outcome(&deferral("filler + months(1)"), claim), Outcome::Refuted);
    assert_eq!(
        outcome(&deferral("filler + months(1)"), "never = 'treat && today < filler + days(28)'"),
        Outcome::Proved
    );
    assert_eq!(
        outcome(&deferral("filler + days(31)"), "never = 'treat && today < filler + months(1)'"),
        Outcome::Proved
    );
    assert_eq!(
        outcome(&deferral("filler + days(30)"), "never = 'treat && today < filler + months(1)'"),
        Outcome::Refuted
    );
}

#[test]
fn due_and_overdue_are_words_of_their_own_and_treat_is_both() {
    let facts = fact("pregnant", "type = \"bool\"");
    let rules = facts + &*contraindication("pregnant", "pregnant");
    for claim in ["treat && pregnant", "status == \"due\" && pregnant", "status in [\"due\", \"overdue\"] && pregnant"]
    {
        assert_eq!(outcome(&rules, &format!("never = '{claim}'")), Outcome::Proved, "{claim}");
    }
    assert_eq!(outcome(&rules, "always = 'status == \"contraindicated\" || !pregnant'"), Outcome::Proved);
    assert_eq!(outcome(&rules, "never = 'status == \"overdue\"'"), Outcome::Proved);
    assert_eq!(outcome(&rules, "always = 'treat || pregnant'"), Outcome::Proved);
    assert_eq!(outcome(&rules, "always = 'treat'"), Outcome::Refuted);
    assert_eq!(outcome(&rules, "never = 'status != \"due\"'"), Outcome::Refuted);
}

#[test]
fn several_rules_prove_it_together_and_none_of_them_alone() {
    let facts =
        fact("skin", "type = \"choice\"\nchoices = [\"dry\", \"normal\", \"oily\"]") + &*fact("old", "type = \"bool\"");
    let rules =
        facts + &*contraindication("dry", "skin == \"dry\"") + &*contraindication("oily", "skin == \"oily\" && old");
    assert_eq!(outcome(&rules, "never = 'treat && skin != \"normal\" && old'"), Outcome::Proved);
    assert_eq!(outcome(&rules, "never = 'treat && skin != \"normal\"'"), Outcome::Refuted);
}

#[test]
fn what_is_taken_for_granted_protects_nobody() {
    // Where nobody has answered, the rule takes it for no; the property asks about those who have answered yes.
    let facts = fact("smokes", "type = \"bool\"");
    let rules = facts.clone() + &*contraindication("smoker", "smokes ?? false");
    assert_eq!(outcome(&rules, "never = 'treat && smokes'"), Outcome::Proved);
    assert_eq!(outcome(&rules, "never = 'treat && (smokes ?? true)'"), Outcome::Refuted);
    let rules = facts + &*contraindication("smoker", "smokes ?? true");
    assert_eq!(outcome(&rules, "never = 'treat && !known(smokes)'"), Outcome::Proved);
}

#[test]
fn parameters_are_what_a_clinic_may_set_them_to() {
    let parameter =
        "\n[parameters.wait]\nvalue = \"14 days\"\nrange = [\"7 days\", \"28 days\"]\nsources = [\"clinic\"]\n";
    let rules = deferral("filler + wait") + parameter;
    let proved = proof(&rules, "never = 'treat && today < filler + wait'");
    assert_eq!(proved.outcome, Outcome::Proved);
    assert!(proved.assumptions.iter().any(|one| one.contains("parameter `wait`")), "{:?}", proved.assumptions);
    let refuted = proof(&rules, "never = 'treat && today < filler + days(14)'");
    assert_eq!(refuted.outcome, Outcome::Refuted);
    assert_eq!(refuted.counterexample.expect("a patient").set, ["wait=7 days"]);
}

const DEPTH: &str = r#"
[[setting]]
id = "depth"
label = "Depth"
unit = "mm"
each = { zone = "zones" }
rows = [
  { when = 'zone == "cheek" && old', value = 1 },
  { when = 'zone == "cheek" && !old', from = 1, to = 1.5 },
  { when = 'zone == "chin"', value = 'if thick > 2 { 2 } else { thick }' },
  { when = 'zone == "lip"', text = "never here" },
]
sources = ["clinic"]

[[precaution]]
id = "careful"
when = 'old'
do = "Less deep."
limits = { depth = 1.2 }
reason = "x"
sources = ["clinic"]
"#;

#[test]
fn settings_have_limits() {
    let facts = fact("zones", "type = \"set\"\nchoices = [\"cheek\", \"chin\", \"lip\"]")
        + &*fact("old", "type = \"bool\"")
        + &*fact("thick", "type = \"decimal\"\nunit = \"mm\"\nrange = [0, 5]");
    let rules = facts + DEPTH;
    for (claim, expected) in [
        ("never = 'setting(\"depth\") > 2'", Outcome::Proved),
        ("never = 'setting(\"depth\") > 1.9'", Outcome::Refuted),
        ("always = 'setting(\"depth\") <= 2'", Outcome::Proved),
        ("always = '2 >= setting(\"depth\")'", Outcome::Proved),
        ("never = 'old && setting(\"depth\") > 1.2'", Outcome::Proved),
        ("never = 'old && setting(\"depth\") > 1.1'", Outcome::Refuted),
        ("never = 'setting(\"depth\") == 3'", Outcome::Proved),
        // The careful end is taken for any number: nothing is proven of it.
        ("never = 'treat && setting(\"depth\") < 0.1'", Outcome::Refuted),
    ] {
        assert_eq!(outcome(&rules, claim), expected, "{claim}");
    }
}

#[test]
fn numbers_that_are_rounded_up_are_bolder() {
    let setting = |round: &str| {
        let fact = fact("weight", "type = \"decimal\"\nunit = \"mg\"\nrange = [1, 10]");
        format!(
            "{fact}\n[[setting]]\nid = \"dose\"\nlabel = \"Dose\"\nunit = \"mg\"\ndecimals = 0\nround = \"{round}\"\nrows = [{{ value = 'weight * 0.95' }}]\nsources = [\"clinic\"]\n"
        )
    };
    assert_eq!(outcome(&setting("up"), "never = 'setting(\"dose\") > 9.5'"), Outcome::Refuted);
    assert_eq!(outcome(&setting("down"), "never = 'setting(\"dose\") > 9.5'"), Outcome::Proved);
    assert_eq!(outcome(&setting("nearest"), "never = 'setting(\"dose\") > 10'"), Outcome::Proved);
}

const COURSE: &str = r#"
[[course]]
id = "standard"
sessions = { minimum = 1, planned = 2, maximum = 2 }
interval = [{ id = "gap", from = "previous", minimum = "28 days", latest = "35 days", reason = "x", sources = ["clinic"] }]
sources = ["clinic"]
"#;

#[test]
fn what_a_course_says_is_not_proven_and_may_be_refuted() {
    let rules = fact("pregnant", "type = \"bool\"") + &*contraindication("pregnant", "pregnant") + COURSE;
    assert_eq!(outcome(&rules, "never = 'treat && pregnant'"), Outcome::Proved);
    assert_eq!(outcome(&rules, "never = 'status == \"overdue\"'"), Outcome::Refuted);
    assert_eq!(outcome(&rules, "never = 'status == \"complete\"'"), Outcome::Refuted);
    let open = proof(&rules, "never = 'treat && sessions_done >= 2'");
    assert_eq!(open.outcome, Outcome::NotProven, "{open:?}");
    assert!(open.why.expect("a reason").contains("sessions"));
}

#[test]
fn what_is_worked_out_in_the_same_words_is_the_same() {
    let facts = fact("a", "type = \"integer\"\nrange = [0, 500]") + &*fact("b", "type = \"integer\"\nrange = [0, 500]");
    let rules = facts + &*contraindication("many", "a + b > 400");
    assert_eq!(outcome(&rules, "never = 'treat && a + b > 400'"), Outcome::Proved);
    // The other way round it is not seen to be the same: then nothing is said.
    assert_eq!(outcome(&rules, "never = 'treat && b + a > 400'"), Outcome::NotProven);
    assert_eq!(outcome(&rules, "never = 'treat && a + b > 399'"), Outcome::Refuted);
}

#[test]
fn mistakes_in_properties_are_told_in_words() {
    let told = |claim: &str| {
        let text = format!("{HEAD}{}{}", fact("pregnant", "type = \"bool\""), property(claim));
        let mistakes = Clinic::from_text("trial.toml", &text).expect_err("a mistake");
        let first = mistakes.iter().next().expect("one");
        (first.code.id, first.message.clone())
    };
    for (claim, code, message) in [
        ("never = 'pregnant'", "R830", "property `safe` says nothing of the answer"),
        ("never = 'treat'\nalways = 'treat'", "R104", "property `safe` has both `never` and `always`"),
        ("note = \"x\"", "R104", "property `safe` has neither `never` nor `always`"),
        ("never = 'status == \"dew\"'", "R305", "`dew` is not one of the choices"),
        ("never = 'treat && pregnatn'", "R202", "there is no fact, parameter or definition `pregnatn`"),
    ] {
        let (found, said) = told(claim);
        assert_eq!((found, said.as_str()), (code, message), "{claim}");
    }
    let (_, said) = told("never = 'status == \"undetermined\" && pregnant'");
    assert!(said.contains("`undetermined`"), "{said}");
    // Nowhere else is there an answer to speak of.
    let text = format!("{HEAD}{}", contraindication("x", "treat"));
    let mistakes = Clinic::from_text("trial.toml", &text).expect_err("a mistake");
    assert!(mistakes.iter().any(|one| one.message.contains("`treat`")), "{mistakes}");
}

#[test]
fn properties_change_no_answer() {
    let plain = include_str!("fixtures/tiny.toml");
    let with = format!(
        "{plain}{}",
        property("never = 'treat && (last_result ?? \"same\") == \"worse\"'").replace("clinic", "custom")
    );
    let text = r#"{ "patient": "P-1", "recorded": "2026-03-02", "facts": { "pregnant": false, "spots": 20 } }"#;
    let answers = [plain, &with].map(|text_of_protocol| {
        let (clinic, _) = Clinic::from_text("peel.toml", text_of_protocol).expect("it loads");
        let (record, _) = Record::from_text("r.json", text, Notation::Json, &clinic.dictionary).expect("it is read");
        let request = Request::new("2026-03-02".parse().expect("a day"));
        let mut answer = clinic.protocols[0].recommend(&record, &request).expect("an answer");
        answer.provenance =
            serde_json::from_value(serde_json::json!(null)).unwrap_or_else(|_| answer.provenance.clone());
        let facts = clinic.protocols[0].facts.clone();
        (answer.status, answer.questions, answer.reasons, answer.could_become, answer.settings, facts)
    });
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn every_property_of_the_shipped_clinic_is_proved() {
    let (clinic, _) = Clinic::load("protocols").unwrap_or_else(|found| panic!("{found}"));
    for protocol in &clinic.protocols {
        let proofs = prove(protocol);
        assert!(!proofs.is_empty(), "{} says nothing of what must hold of its answers", protocol.id);
        for proof in proofs {
            assert_eq!(proof.outcome, Outcome::Proved, "{} {}: {:?}", protocol.id, proof.id, proof.why);
        }
    }
}

#[test]
fn a_wait_of_a_shipped_protocol_that_is_one_day_short_is_found() {
    let wait = "not_before = 'isotretinoin_last_dose_date + isotretinoin_washout'";
    let (short, folder) = ("protocol.toml", std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("one-day-short"));
    let _ = std::fs::remove_dir_all(&folder);
    let (from, to) =
        (std::path::Path::new("protocols/microneedling-acne-scars"), folder.join("microneedling-acne-scars"));
    std::fs::create_dir_all(to.join("cases")).expect("a folder");
    for (file, copy) in std::fs::read_dir(from.join("cases"))
        .expect("cases")
        .filter_map(Result::ok)
        .map(|file| (file.path(), to.join("cases").join(file.file_name())))
    {
        std::fs::copy(file, copy).expect("copied");
    }
    std::fs::copy("protocols/facts.toml", folder.join("facts.toml")).expect("copied");
    let text = std::fs::read_to_string(from.join(short)).expect("text");
    assert!(text.contains(wait), "{wait}");
    std::fs::write(to.join(short), text.replace(wait, &wait.replace("washout'", "washout - days(1)'")))
        .expect("written");
    let (clinic, _) = Clinic::load(&folder).unwrap_or_else(|found| panic!("{found}"));
    let proofs = prove(&clinic.protocols[0]);
    let refuted: Vec<&Proof> = proofs.iter().filter(|proof| proof.outcome != Outcome::Proved).collect();
    let [proof] = refuted[..] else { panic!("{refuted:?}") };
    assert_eq!(
        (proof.id.as_str(), proof.outcome),
        ("never-soon-after-isotretinoin", Outcome::Refuted),
        "{:?}",
        proof.why
    );
    asked_again(&clinic.protocols[0], proof.counterexample.as_ref().expect("a patient"));
}
