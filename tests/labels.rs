//! Labels for people, and texts in other languages.

use std::fs;
use std::path::PathBuf;

use regimen::diff::Difference;
use regimen::{Clinic, Notation, Recommendation, Record, Request, render};

const HEAD: &str = include_str!("fixtures/head.toml");

const RULES: &str = r#"
[facts.hsv_history]
type = "choice"
label = "history of cold sores"
choices = { never = "never", rare = "rarely", frequent = "often" }
ask = "Do you get cold sores?"
of = "patient"
valid_for = "forever"

[facts.zones]
type = "set"
choices = ["cheek", "leg"]
ask = "Which zones?"
of = "clinician"
valid_for = "forever"

[facts.healed]
type = "date"
label = "date of healing"
may_be_never = true
ask = "When had it healed?"
of = "patient"
valid_for = "forever"

[parameters]
firm = { value = true, label = "cold sores rule it out", sources = ["clinic"] }

[definitions]
slow = { when = 'hsv_history in ["rare", "frequent"]', label = "the skin heals slowly" }

[[contraindication]]
id = "sores"
when = 'hsv_history == "frequent" && firm'
lasts = "while-true"
reason = "Cold sores often come back."
sources = ["clinic"]

[[referral]]
id = "slow"
when = 'slow || healed > today || ("leg" in zones && !slow)'
to = "doctor"
reason = "The skin heals slowly."
sources = ["clinic"]
"#;

fn answer(clinic: &Clinic, facts: &str) -> Recommendation {
    let text = format!("patient = \"P-1\"\nrecorded = 2026-03-02\nsessions = []\n[facts]\n{facts}");
    let read = Record::from_text("record.toml", &text, Notation::Toml, &clinic.protocols[0].dictionary);
    let (record, _) = read.unwrap_or_else(|found| panic!("{found}"));
    let request = Request::new("2026-03-02".parse().expect("a day"));
    clinic.protocols[0].recommend(&record, &request).unwrap_or_else(|found| panic!("{found}"))
}

fn clinic(text: &str) -> Clinic {
    Clinic::from_text("p.toml", text).unwrap_or_else(|found| panic!("{found}")).0
}

fn mistakes(text: &str) -> String {
    Clinic::from_text("p.toml", text).map_or_else(|found| found.to_string(), |_| String::new())
}

#[test]
fn reasons_and_questions_are_told_in_labels() {
    let clinic = clinic(&format!("{HEAD}{RULES}"));
    let told = answer(&clinic, "hsv_history = \"frequent\"\n");
    let text = render::text(&told, render::TextStyle::default());
    assert!(text.contains("because history of cold sores: often (answered 2026-03-02)"), "{text}");
    // What a program reads has names, and the labels beside them.
    assert_eq!(
        (told.reasons[0].because[0].fact.as_str(), told.reasons[0].because[0].value.as_str()),
        ("hsv_history", "frequent")
    );
    assert_eq!(told.labels.fact("hsv_history"), "history of cold sores");
    assert_eq!(told.labels.answer("hsv_history", "frequent"), "often");
    let asked = answer(&clinic, "");
    let text = render::text(&asked, render::TextStyle { width: 200, colour: false });
    for told in [
        "history of cold sores · patient · not recorded",
        "record as hsv_history: one of: never; rarely (rare); often (frequent)",
        // Without a label, the name.
        "zones · clinician · not recorded",
        "record as zones: any of: cheek; leg; none: []",
        "record as healed: a day, or its month or year; never: \"never\"",
        "A question that is not answered is written as { \"unknown\": \"declined\" }",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    let form = asked.questions.iter().find(|one| one.fact == "hsv_history").and_then(|one| one.answer.clone());
    let form = serde_json::to_value(form).expect("JSON");
    assert_eq!(form["type"], "choice");
    assert_eq!(form["choices"][1], serde_json::json!({ "id": "rare", "label": "rarely" }));
    assert_eq!(form["written"]["declined"], serde_json::json!({ "unknown": "declined" }));
}

/// The rules with labels, and a course and an instruction with theirs.
fn named_rules() -> String {
    let rules = RULES.replace("id = \"sores\"", "id = \"sores\"\nlabel = \"frequent cold sores\"");
    let rules = rules.replace("id = \"slow\"", "id = \"slow\"\nlabel = \"slow healing, or a leg\"");
    format!(
        "{HEAD}{rules}
[[precaution]]
id = \"cheeks\"
label = \"treated cheeks\"
when = '\"cheek\" in zones'
do = \"Go gently.\"
reason = \"It stings.\"
sources = [\"clinic\"]
[[deferral]]
id = \"not-healed\"
label = \"skin not healed\"
not_before = 'healed + weeks(2)'
reason = \"It has to heal.\"
sources = [\"clinic\"]
[[instruction]]
id = \"shade\"
label = \"no sun on the legs\"
at = \"+1 day\"
when = '\"leg\" in zones'
do = \"Keep out of the sun.\"
sources = [\"clinic\"]
[[separation]]
id = \"after-peel\"
label = \"wait after a peel\"
from = [\"peel\"]
minimum = \"10 weeks\"
reason = \"It has to settle.\"
sources = [\"clinic\"]
[[course]]
id = \"standard\"
label = \"standard course\"
sessions = {{}}
interval = [{{ id = \"between\", label = \"wait between sessions\", from = \"previous\", minimum = \"8 weeks\" }}]
sources = [\"clinic\"]
"
    )
}

#[test]
fn rules_are_told_in_labels() {
    let clinic = clinic(&named_rules());
    let wide = render::TextStyle { width: 300, colour: false };
    let told = answer(&clinic, "hsv_history = \"frequent\"\nzones = [\"cheek\"]\nhealed = 2026-03-01\n");
    let text = render::text(&told, wide);
    for said in [
        "contraindication: frequent cold sores",
        "deferral: skin not healed",
        "precaution: treated cheeks",
        "referral: slow healing, or a leg",
        // In the trace, beside the id.
        "contraindication.sores (frequent cold sores)",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    // A program reads both.
    let reason = &told.reasons[0];
    assert_eq!((reason.id.as_str(), reason.label.as_deref()), ("sores", Some("frequent cold sores")));
    assert_eq!(told.precautions[0].label.as_deref(), Some("treated cheeks"));
    assert_eq!(told.labels.rule("sores"), "frequent cold sores");
    // Questions: a list whose names have commas of their own is told apart.
    let asked = answer(&clinic, "healed = 2026-01-01\n");
    let text = render::text(&asked, wide);
    assert!(
        text.contains(
            "could change status (could lead to contraindicated): frequent cold sores; slow healing, or a leg"
        ),
        "{text}"
    );
    assert!(text.contains("treated cheeks"), "{text}");
    assert_eq!(asked.labels.rule("shade"), "no sun on the legs");
    assert_eq!(asked.labels.rule("nothing-of-this-name"), "nothing-of-this-name");
}

#[test]
fn parts_of_a_course_are_told_in_labels() {
    let clinic = clinic(&named_rules());
    let facts = "hsv_history = \"never\"\nzones = []\nhealed = \"never\"\n";
    let text = format!(
        "patient = \"P-1\"\nrecorded = 2026-03-02\n\
         sessions = [{{ treatment = \"trial\", date = 2026-02-20 }}, {{ treatment = \"peel\", date = 2026-02-20 }}]\n[facts]\n{facts}"
    );
    let (record, _) = Record::from_text("r.toml", &text, Notation::Toml, &clinic.dictionary).expect("a record");
    let request = Request::new("2026-03-02".parse().expect("a day"));
    let told = clinic.protocols[0].recommend(&record, &request).expect("an answer");
    let text = render::text(&told, render::TextStyle { width: 300, colour: false });
    for said in ["interval: wait between sessions", "separation: wait after a peel"] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    let until = "2026-06-01".parse().expect("a day");
    let outlook = clinic.protocols[0].outlook(&record, &request, until).expect("an outlook");
    assert_eq!(outlook.labels.rule("after-peel"), "wait after a peel");
    let sheet = render::sheet::markdown(&render::sheet::sheet(&clinic.protocols[0]));
    for said in [
        "- **Frequent cold sores.** Cold sores often come back.",
        "  - When: history of cold sores is often and the switch “cold sores rule it out” is on\n",
        "- **Slow healing, or a leg.** The skin heals slowly.",
        "  - When: any of these:\n    - the skin heals slowly\n",
        "  - Not before 2 weeks after healing\n",
        "- **Standard course.**",
        "Wait between sessions:",
        "- **Wait after a peel.** Peel: at least 10 weeks. It has to settle.",
        "No sun on the legs: Keep out of the sun.",
    ] {
        assert!(sheet.contains(said), "{said}\n{sheet}");
    }
}

#[test]
fn groups_of_products_are_told_in_labels_also_in_another_language() {
    let groups = "[products]\ngel = { label = \"soft gel\", products = [\"g-1\", \"g-2\"] }\nfoam = [\"f-1\"]\n";
    let course = "[[course]]\nid = \"two\"\nsources = [\"clinic\"]\n[[course.session]]\naccept = [\"gel\"]\n\
                  [[course.session]]\naccept = [\"gel\", \"foam\"]\nskip = 'given(\"gel\", \"f-1\") > 1'\n";
    let text = format!("{HEAD}{groups}{course}");
    let of = |clinic: &Clinic| render::sheet::markdown(&render::sheet::sheet(&clinic.protocols[0]));
    let sheet = of(&clinic(&text));
    for said in [
        "| soft gel | g-1, g-2 |",
        "| foam | f-1 |",
        "Products that count: soft gel; foam",
        "sessions with soft gel or foam is",
    ] {
        assert!(sheet.contains(said), "{said}\n{sheet}");
    }
    let folder =
        Folder::new("groups", "[products]\ngel = { label = \"weiches Gel\" }\nfoam = { label = \"Schaum\" }\n");
    fs::write(folder.0.join("protocol.toml"), &text).expect("it can be written");
    let (clinic, found) = Clinic::read_in(&folder.0, Some("de"));
    assert!(!found.has_errors(), "{found}");
    let sheet = of(&clinic);
    assert!(sheet.contains("| weiches Gel | g-1, g-2 |") && sheet.contains("| Schaum | f-1 |"), "{sheet}");
    // A record is not expected to hold a label.
    assert!(mistakes(&text.replace("\"gel\", \"foam\"", "\"soft gel\"")).contains("no product or group `soft gel`"));
    assert!(mistakes(&text.replace("label = \"soft", "lable = \"soft")).contains("did you mean `label`?"));
}

#[test]
fn a_difference_is_told_in_labels_with_the_ids_behind_them() {
    let table = "[[setting]]\nid = \"depth\"\nlabel = \"Depth\"\nrows = [{ when = 'slow', value = 1 }, { when = '!slow', value = 2 }]\nsources = [\"clinic\"]\n";
    let old = format!("{}{table}", named_rules());
    let new = old
        .replace("value = 2", "value = 3")
        .replace("minimum = \"10 weeks\"", "minimum = \"12 weeks\"")
        .replace("in [\"rare\", ", "in [");
    let told = Difference::between(&clinic(&old), &clinic(&new));
    let text = render::difference_text(&told, 300);
    for said in [
        "separation “wait after a peel” (`after-peel`) changed",
        "row 2 of “Depth” (`depth-row-2`) changed",
        "definition “the skin heals slowly” (`slow`) changed, used by “Depth” (`depth`), “slow healing, or a leg” (`slow`)",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    let markdown = render::difference_markdown(&told);
    assert!(markdown.contains("- separation “wait after a peel” (`after-peel`) changed"), "{markdown}");
    assert!(!serde_json::to_string(&told).expect("JSON").contains("wait after a peel"));
}

#[test]
fn a_label_says_something() {
    let told = mistakes(&named_rules().replace("\"treated cheeks\"", "\" \""));
    assert!(told.contains("the `label` of precaution `cheeks` is empty"), "{told}");
}

#[test]
fn a_sheet_reads_in_labels_and_lists_what_is_nested() {
    let sheet = render::sheet::markdown(&render::sheet::sheet(&clinic(&format!("{HEAD}{RULES}")).protocols[0]));
    for told in [
        "**History of cold sores is often and the switch “cold sores rule it out” is on.**",
        "- **Any of these.** The skin heals slowly.",
        "  - the skin heals slowly\n  - today is before the date of healing\n  - all of these:\n    - zones include leg\n    - none of these:\n      - the skin heals slowly",
        "- **The skin heals slowly.** when history of cold sores is rarely or often `slow`",
    ] {
        assert!(sheet.contains(told), "{told}\n{sheet}");
    }
}

#[test]
fn sessions_of_a_condition_inside_another_are_told_apart() {
    let rule = "[[referral]]\nid = \"x\"\nwhen = 'any s in sessions where (count t in sessions where t.date > s.date) == 1'\nto = \"doctor\"\nreason = \"x\"\nsources = [\"clinic\"]\n";
    let sheet = render::sheet::markdown(&render::sheet::sheet(&clinic(&format!("{HEAD}{rule}")).protocols[0]));
    assert!(
        sheet.contains(
            "There has been a session A in which the number of sessions B in which B's date is after A's date is 1"
        ),
        "{sheet}"
    );
}

#[test]
fn labels_tell_choices_apart() {
    let with = |from: &str, to: &str| mistakes(&format!("{HEAD}{}", RULES.replace(from, to)));
    assert!(with("\"rarely\"", "\"Often \"").contains("the choices `rare` and `frequent` have the same label"));
    assert!(
        with("\"rarely\"", "\"frequent\"").contains("the label of the choice `rare` is the name of another choice")
    );
    assert!(with("\"rarely\"", "\" \"").contains("the label of the choice `rare` is empty"));
    assert!(with("label = \"date of healing\"", "label = \"\"").contains("the `label` of fact `healed` is empty"));
    let misspelt = with("slow = { when", "slow = { whan");
    assert!(misspelt.contains("did you mean `when`?"), "{misspelt}");
    assert!(!misspelt.contains("not finished"), "{misspelt}");
    assert!(
        with("slow = { when = 'hsv_history in [\"rare\", \"frequent\"]', ", "slow = { ")
            .contains("neither `when` nor `value`")
    );
    assert!(!with("slow = { when = 'hsv_history in [\"rare\", \"frequent\"]'", "slow = { when = '3'").is_empty());
}

/// A protocol in a folder of its own, with its texts in German.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str, german: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("regimen-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        fs::write(path.join("protocol.toml"), format!("{HEAD}{RULES}")).expect("it can be written");
        fs::write(path.join("protocol.de.toml"), german).expect("it can be written");
        Folder(path)
    }

    fn mistakes(test: &str, german: &str) -> String {
        Clinic::read_in(&Folder::new(test, german).0, Some("de")).1.to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const GERMAN: &str = r#"
[texts]
"doctor" = "Ärztin oder Arzt"

[facts.hsv_history]
label = "früherer Lippenherpes"
choices = { frequent = "häufig" }

[facts.zones.choices]
leg = "Bein"

[definitions.slow]
label = "die Haut heilt langsam"

[[contraindication]]
id = "sores"
label = "häufiger Lippenherpes"
reason = "Lippenherpes kommt oft wieder."
"#;

#[test]
fn texts_come_in_another_language_and_fall_back() {
    let folder = Folder::new("german", GERMAN);
    let (clinic, found) = Clinic::read_in(&folder.0, Some("de"));
    assert!(!found.has_errors(), "{found}");
    let told = answer(&clinic, "hsv_history = \"frequent\"\nzones = [\"leg\"]\n");
    let text = render::text(&told, render::TextStyle::default());
    assert!(text.contains("Lippenherpes kommt oft wieder."), "{text}");
    assert!(text.contains("beruht auf: früherer Lippenherpes: häufig (beantwortet am 2. März 2026)"), "{text}");
    assert!(text.contains("Gegenanzeige: häufiger Lippenherpes"), "{text}");
    assert!(text.contains("es entscheidet Ärztin oder Arzt"), "{text}");
    // No translation: the text of the file.
    assert!(text.contains("The skin heals slowly."), "{text}");
    let lacks = clinic.untranslated.to_string();
    assert!(lacks.contains("the `reason` of referral `slow` is not translated into `de`"), "{lacks}");
    assert!(lacks.contains("the choice `rare` of fact `hsv_history` is not translated into `de`"), "{lacks}");
    // Nothing that decides differs, and the answer holds the hash of the texts.
    let own = answer(&Clinic::read(&folder.0).0, "hsv_history = \"frequent\"\nzones = [\"leg\"]\n");
    assert_eq!((own.status, own.could_become), (told.status, told.could_become));
    assert_eq!(own.provenance.protocol_sha256, told.provenance.protocol_sha256);
    assert_eq!((own.provenance.language.as_deref(), told.provenance.language.as_deref()), (None, Some("de")));
    assert_eq!(told.provenance.protocol_translation_sha256.len(), 64);
    assert_eq!(own.provenance.protocol_translation_sha256, "");
}

#[test]
fn a_translation_names_what_is_there_and_holds_texts_only() {
    let with = |test: &str, from: &str, to: &str| Folder::mistakes(test, &GERMAN.replace(from, to));
    let told = with("id", "id = \"sores\"", "id = \"sore\"");
    assert!(told.contains("contraindication `sore`") && told.contains("did you mean `sores`?"), "{told}");
    let told = with("fact", "facts.hsv_history", "facts.hsv_histori");
    assert!(told.contains("did you mean `hsv_history`?"), "{told}");
    let told = with("choice", "frequent = \"häufig\"", "frequen = \"häufig\"");
    assert!(told.contains("did you mean `frequent`?"), "{told}");
    let told = with("text", "\"doctor\" =", "\"docter\" =");
    assert!(told.contains("did you mean `doctor`?"), "{told}");
    let told = with("when", "reason =", "when =");
    assert!(told.contains("has no key `when`"), "{told}");
    let told = with("until", "reason =", "until =");
    assert!(told.contains("there is no `until` of contraindication `sores`"), "{told}");
    let told = with("same", "frequent = \"häufig\"", "frequent = \"häufig\", rare = \"häufig\"");
    assert!(told.contains("have the same label"), "{told}");
    let told = Folder::new("none", GERMAN);
    let told = Clinic::read_in(&told.0, Some("fr")).1.to_string();
    assert!(told.contains("is translated into `fr`") && told.contains("there are texts in de"), "{told}");
}

/// A protocol whose texts have values in them, with its German beside it; what `check` says of both.
fn told_of_values(test: &str, reason: &str, german: &str) -> Vec<String> {
    const VALUES: &str = r#"
[parameters]
peel_wait = { value = "42 days", sources = ["clinic"] }
laser_wait = { value = "60 days", sources = ["clinic"] }

[facts.peel_date]
type = "date"
ask = "When was the last peel?"
of = "patient"
valid_for = "visit"

[[deferral]]
id = "recent"
not_before = 'peel_date + peel_wait + laser_wait'
"#;
    let folder = Folder::new(test, &format!("[[deferral]]\nid = \"recent\"\nreason = \"{german}\"\n"));
    let text = format!("{HEAD}{VALUES}reason = \"{reason}\"\nsources = [\"clinic\"]\n");
    fs::write(folder.0.join("protocol.toml"), text).expect("it can be written");
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_regimen"));
    let output = { run }.args(["check", "--format", "json", "--as-of", "2026-03-02"]).arg(&folder.0).output();
    let output = output.expect("it runs").stdout;
    let all: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
    let told = all["diagnostics"].as_array().or(all.as_array()).expect("a list").iter();
    told.map(|one| format!("{one}")).collect()
}

#[test]
fn what_is_wrong_in_a_translation_is_told_in_its_file() {
    let told = |test: &str, german: &str| told_of_values(test, "Wait {peel_wait}.", german);
    assert_eq!(told("values", "Warte {peel_wait}."), Vec::<String>::new());
    // The German text is told of, once, at the name.
    for (test, german, code, underlined) in [
        ("misspelt", "Warte {peel_wate}.", "R202", "peel_wate"),
        ("other", "Warte {laser_wait}.", "R312", "laser_wait"),
        ("lost", "Warte.", "R312", "\"Warte.\""),
        ("unit", "Warte {peel_wait} Tage.", "R308", "Tage"),
        ("open", "Warte {peel_wait.", "R310", "\"Warte {peel_wait.\""),
    ] {
        let all = told(test, german);
        let one: serde_json::Value = serde_json::from_str(&all[0]).expect("JSON");
        let place = &one["place"];
        assert_eq!((one["code"].as_str(), place["text"].as_str()), (Some(code), Some(underlined)), "{all:#?}");
        assert!(place["file"].as_str().is_some_and(|file| file.ends_with("protocol.de.toml")), "{all:#?}");
        assert!(all.len() == 1 || code == "R310", "{all:#?}");
    }
    // One that is meant so is allowed with its reason, by what it is a text of.
    let meant = r#"Wait {peel_wait}."
sources = ["clinic"]

[[allow]]
code = "R312"
on = "recent"
reason = "The German sheet has the number elsewhere."

[[deferral]]
id = "other"
not_before = 'peel_date + laser_wait'
reason = "Wait."#;
    let all = told_of_values("allowed", meant, "Warte.");
    assert_eq!(all, Vec::<String>::new());
    let all = told_of_values("another", &meant.replace("\"recent\"\nreason", "\"other\"\nreason"), "Warte.").concat();
    assert!(all.contains("R312"), "{all}");
    // A language may need to know more than the text does, such as whether a word is said of several.
    assert_eq!(told("more", "Warte {peel_wait} und {laser_wait}."), Vec::<String>::new());
    // Braces that are written twice are words, and the value is lost.
    let all = told("twice", "Warte {{peel_wait}}.").concat();
    assert!(all.contains("R312") && all.contains("R309") && !all.contains("protocol.toml\",\"line\":2,"), "{all}");
    // Two labels that are one, in German alone: told once, there.
    let german = "[facts.hsv_history.choices]\nnever = \"nie\"\nrare = \"oft\"\nfrequent = \"oft\"\n";
    let (_, found) = Clinic::read_in(&Folder::new("two-labels", german).0, Some("de"));
    let files: Vec<&str> = found.iter().filter_map(|one| Some(one.label.as_ref()?.place.file.name.as_str())).collect();
    assert!(matches!(files[..], [file] if file.ends_with("protocol.de.toml")), "{found}");
}

#[test]
fn a_block_that_is_translated_twice_is_told() {
    let again = "\n[[contraindication]]\nid = \"sores\"\nreason = \"Noch einmal.\"\n";
    let told = Folder::mistakes("again", &format!("{GERMAN}{again}"));
    assert!(told.contains("contraindication `sores` is translated twice"), "{told}");
}

#[test]
fn a_translation_of_another_text_is_outdated() {
    let told = |german: &str| {
        let folder = Folder::new("outdated", german);
        let (clinic, found) = Clinic::read_in(&folder.0, Some("de"));
        assert!(!found.has_errors(), "{found}");
        clinic
            .untranslated
            .iter()
            .map(|one| format!("{} {}: {}\n", one.code.id, one.message, one.help.join(" ")))
            .collect::<String>()
    };
    // What is not marked says what to write; what is marked so, says nothing.
    let unmarked = told(GERMAN);
    let mark = |of: &str| {
        let line = unmarked.lines().find(|line| line.starts_with(&format!("R743 the translation of {of} "))).expect(of);
        line.split('"').nth(1).expect("a mark").to_owned()
    };
    let (sores, zones) = (mark("contraindication `sores`"), mark("fact `zones`"));
    let marked = GERMAN.replace("id = \"sores\"", &format!("id = \"sores\"\nof = \"{sores}\""));
    let marked =
        marked.replace("[facts.zones.choices]", &format!("[facts.zones]\nof = \"{zones}\"\n[facts.zones.choices]"));
    let quiet = told(&marked);
    assert!(
        !quiet.contains("R742") && !quiet.contains("`sores` does not say") && !quiet.contains("`zones` does not say"),
        "{quiet}"
    );
    // Another text, and a choice more, are told.
    for (of, mark) in [("contraindication `sores`", &sores), ("fact `zones`", &zones)] {
        let outdated = told(&marked.replace(mark.as_str(), "00000000"));
        assert!(
            outdated.contains(&format!("R742 what {of} says has changed since it was translated into `de`")),
            "{outdated}"
        );
        assert!(outdated.contains(&format!("then write `of = \"{mark}\"`")), "{outdated}");
    }
}

/// The values that stand in a text are in its language; and a number that a parameter has is told, as in the file's own texts.
#[test]
fn values_are_said_in_the_language_of_the_text() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/protocols/microneedling-acne-scars");
    let sheet = |language: Option<&str>| {
        render::sheet::markdown(&render::sheet::sheet(&Clinic::read_in(path.as_ref(), language).0.protocols[0]))
    };
    let (own, german) = (sheet(None), sheet(Some("de")));
    assert!(own.contains("for 28 days"), "{own}");
    assert!(german.contains("Die Zone 28 Tage (") || german.contains("die Zone 28 Tage ("), "{german}");
}

#[test]
fn the_shipped_texts_are_whole_in_german() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/protocols/microneedling-acne-scars");
    let (clinic, found) = Clinic::read_in(path.as_ref(), Some("de"));
    assert!(!found.has_errors(), "{found}");
    let protocol = &clinic.protocols[0];
    let of_protocol = |name: &str| protocol.facts.iter().any(|at| protocol.dictionary.facts[*at].name == name);
    let lacks: Vec<String> = clinic.untranslated.iter().map(|one| one.message.clone()).collect();
    let lacks = lacks.iter().filter(|message| match message.split_once("of fact `") {
        Some((_, name)) => of_protocol(name.split('`').next().unwrap_or_default()),
        None => {
            !message.contains("of session fact") && !message.contains("of treatment") && !message.contains("the text `")
        }
    });
    assert_eq!(lacks.collect::<Vec<_>>(), Vec::<&String>::new());
}

/// Whoever is asked about sessions reads of what, and not an id.
#[test]
fn every_shipped_treatment_has_a_label() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/protocols");
    let (clinic, _) = Clinic::load(folder).unwrap_or_else(|found| panic!("{found}"));
    let labelled: Vec<&str> = clinic.dictionary.treatments.iter().map(|(name, _)| name.as_str()).collect();
    for protocol in &clinic.protocols {
        let separated = protocol.separations.iter().flat_map(|one| &one.from);
        for treatment in separated.chain(&protocol.program.lists).chain([&protocol.treatment]) {
            assert!(labelled.contains(&treatment.as_str()), "{}: {treatment}", protocol.id);
        }
    }
    let protocol = clinic.protocols.iter().find(|one| one.id == "tca-cross-ice-pick").expect("a shipped protocol");
    let record = "patient = \"P\"\nrecorded = 2026-03-02\n[facts]\n";
    let (record, _) = Record::from_text("r.toml", record, Notation::Toml, &clinic.dictionary).expect("a record");
    let answer = protocol.recommend(&record, &Request::new("2026-03-02".parse().expect("a day"))).expect("an answer");
    let asked: Vec<&str> = answer.questions.iter().map(|one| one.ask.as_str()).collect();
    assert!(asked.contains(&"Has there been any session of TCA CROSS?"), "{asked:#?}");
}

#[test]
fn the_german_sheet_reads_german() {
    let (clinic, found) = Clinic::read_in(&PathBuf::from("protocols/microneedling-acne-scars"), Some("de"));
    assert!(!found.has_errors(), "{found}");
    let sheet = render::sheet::markdown(&render::sheet::sheet(&clinic.protocols[0]));
    for said in [
        "## Wer nicht behandelt werden darf",
        "- **Isotretinoin zurzeit.**",
        "  - Wenn: ",
        "## Freigegeben",
        "Von regimen",
    ] {
        assert!(sheet.contains(said), "{said}\n{sheet}");
    }
    // What is for the reader of the file, and the names of sources, are not translated.
    let whole = sheet.split("## Quellen").next().expect("a part");
    let parameters = whole.find("## Werte, die").expect("a table of parameters");
    let after = whole[parameters..].find("\n## Begriffe").expect("the definitions") + parameters;
    let lines = [&whole[..parameters], &whole[after..]].concat();
    for line in lines.lines().filter(|line| !line.contains("Anmerkung: ")) {
        for word in [" the ", " is ", " and ", " or ", " not ", " of ", " days", " with ", "When", " if "] {
            assert!(!line.contains(word), "{word} in {line}");
        }
    }
}

#[test]
fn the_names_of_groups_of_questions_are_translated() {
    let (clinic, found) = Clinic::read_in(&PathBuf::from("protocols/microneedling-acne-scars"), Some("de"));
    assert!(!found.has_errors(), "{found}");
    let prepared = clinic.protocols[0].prepare(&Request::new("2026-03-02".parse().expect("a day"))).expect("in force");
    let record = "patient = \"P\"\nrecorded = 2026-03-02\n";
    let (interview, _) = regimen::interview::Interview::begin(vec![prepared], "r.toml", record).expect("a record");
    let groups: Vec<String> = interview.questions().into_iter().filter_map(|(group, _)| group).collect();
    for group in ["Schwangerschaft", "Gesundheit", "Haut an der Stelle"] {
        assert!(groups.iter().any(|one| one == group), "{group}: {groups:?}");
    }
    assert!(
        !groups.iter().any(|one| ["health", "pregnancy", "skin in the area"].contains(&one.as_str())),
        "{groups:?}"
    );
}
