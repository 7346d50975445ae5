//! Mistakes that are mended, and clinics of which one protocol is broken.

#![cfg(feature = "cli")]

mod support;

use std::process::Command;

use support::{Folder, Output, run};

fn regimen(folder: &Folder, arguments: &[&str], stdin: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).args(arguments).env("NO_COLOR", "1");
    run(command, stdin)
}

fn tiny() -> String {
    include_str!("fixtures/tiny.toml").to_owned()
}

#[test]
fn what_cannot_be_meant_otherwise_is_mended_and_shown() {
    let folder = Folder::new();
    let sound = tiny();
    // Curly quotes, a no-break space, `and` and `=`: more than one round, since a slip of the file hides those of its conditions.
    let when = "when    = 'keloids'";
    let mended = "when    = 'keloids && keloids == true'";
    let broken = sound.replacen(when, "when    = 'keloids\u{a0}and keloids = true'", 1).replacen(
        "title     = \"",
        "title     = “",
        1,
    );
    let title = broken.lines().find(|line| line.contains('“')).expect("a title").to_owned();
    let curly = format!("{}”", title.strip_suffix('"').expect("a text"));
    let broken = broken.replacen(&title, &curly, 1);
    folder.write("p.toml", format!("\u{feff}{broken}"));
    let output = regimen(&folder, &["check", "--fix", "p.toml", "--as-of", "2026-03-02"], "");
    assert!(output.stderr.contains(&format!("-{curly}\n")), "{}", output.stderr);
    assert!(output.stderr.contains(&format!("+{mended}\n")), "{}", output.stderr);
    assert!(!output.stdout.contains("error"), "{}", output.stdout);
    let expected = sound.replacen(when, mended, 1);
    assert_eq!(folder.read("p.toml"), format!("\u{feff}{expected}"));
    // Nothing is left to mend.
    let again = regimen(&folder, &["check", "--fix", "p.toml", "--as-of", "2026-03-02"], "");
    assert_eq!(again.stderr, "");
}

/// Where the sign for a word would stand in the wrong place, or might be the wrong one, nothing is put in unasked.
#[test]
fn words_that_are_not_operators_by_themselves_are_left() {
    let sound = tiny();
    for when in [
        "AND(keloids, keloids)",
        "OR(keloids; keloids)",
        "keloids and/or keloids",
        "keloids and == true",
        "keloids = > true",
        "keloids is not true",
        "keloids BETWEEN 4 AND 6",
        "and keloids",
        "= keloids",
    ] {
        let broken = sound.replacen("when    = 'keloids'", &format!("when    = '{when}'"), 1);
        assert_ne!(broken, sound);
        let folder = Folder::new();
        folder.write("p.toml", &broken);
        let output = regimen(&folder, &["check", "--fix", "p.toml", "--as-of", "2026-03-02"], "");
        assert_eq!(folder.read("p.toml"), broken, "{}", output.stderr);
        assert!(output.stdout.contains("error[R301]"), "{}", output.stdout);
    }
}

/// What is put in has every word and sign of the text that a person wrote, and no sign more.
#[test]
fn a_quote_or_a_comma_that_is_missing_is_put_where_it_belongs() {
    let line = |text: &str, name: &str| text.lines().find(|line| line.starts_with(name)).expect("a line").to_owned();
    let title = line(&tiny(), "title");
    let (name, text) = title.split_once("= ").expect("a value");
    let text = text.trim_matches('"');
    for (broken, mended) in [
        (format!("{name}= {text}, it's new.\""), format!("{name}= \"{text}, it's new.\"")),
        (format!("{name}= \"{text}“"), title.clone()),
        (format!("{name}= '{text}\""), title.clone()),
        // Whether the quotes within are meant is not certain.
        (format!("{name}= The \"new\" {text}\""), format!("{name}= The \"new\" {text}\"")),
    ] {
        let folder = Folder::new();
        folder.write("p.toml", tiny().replacen(&title, &broken, 1));
        regimen(&folder, &["check", "--fix", "p.toml", "--as-of", "2026-03-02"], "");
        assert_eq!(folder.read("p.toml"), tiny().replacen(&title, &mended, 1), "{broken}");
    }
    let force = line(&tiny(), "in_force");
    let both = force.replacen(" }", ", until = 2030-01-01 }", 1);
    assert_ne!(force, both);
    let folder = Folder::new();
    folder.write("p.toml", tiny().replacen(&force, &both.replacen(", until", " until", 1), 1));
    regimen(&folder, &["check", "--fix", "p.toml", "--as-of", "2026-03-02"], "");
    assert_eq!(folder.read("p.toml"), tiny().replacen(&force, &both, 1));
}

/// A number that is added to a date has a unit that only its writer knows.
#[test]
fn a_unit_is_never_chosen() {
    let folder = Folder::new();
    let when = "when    = 'keloids'";
    let broken = tiny().replacen(when, "when    = 'today < today + 18 || keloids'", 1);
    assert_ne!(broken, tiny());
    folder.write("p.toml", &broken);
    let output = regimen(&folder, &["check", "--fix", "p.toml", "--as-of", "2026-03-02"], "");
    assert!(
        output.stdout.contains("`+ days(18)`, `+ weeks(18)`, `+ months(18)` or `+ years(18)`"),
        "{}",
        output.stdout
    );
    assert_eq!(folder.read("p.toml"), broken);
}

#[test]
fn what_may_be_meant_otherwise_is_mended_one_by_one() {
    let folder = Folder::new();
    let broken = tiny().replacen("title", "titel", 1);
    folder.write("p.toml", &broken);
    regimen(&folder, &["check", "--fix", "p.toml"], "");
    assert_eq!(folder.read("p.toml"), broken);
    let line = broken.lines().position(|line| line.starts_with("titel")).expect("a line") + 1;
    let wrong = regimen(&folder, &["check", &format!("--fix=R103:{}", line + 1), "p.toml"], "");
    assert!(wrong.stderr.contains("it is known what to write instead"), "{}", wrong.stderr);
    assert_eq!(folder.read("p.toml"), broken);
    let output = regimen(&folder, &["check", &format!("--fix=R103:{line}"), "p.toml"], "");
    assert!(output.stderr.contains("-titel"), "{}", output.stderr);
    assert_eq!(folder.read("p.toml"), tiny());
}

/// A clinic of a sound protocol and one with a slip.
fn clinic() -> Folder {
    let folder = Folder::new();
    folder.write(
        "clinic/facts.toml",
        "[facts.smoker]\ntype = \"bool\"\nask = \"Do you smoke?\"\nof = \"patient\"\nvalid_for = \"7 days\"\n",
    );
    folder.copy("tests/fixtures/tiny.toml", "clinic/sound/protocol.toml");
    let broken = tiny().replacen("id        = \"tiny-peel\"", "id        = \"other-peel\"", 1);
    assert!(broken.contains("other-peel"));
    folder.write("clinic/other/protocol.toml", broken.replacen("when      =", "wehn      =", 1));
    folder.write("clinic/unread/protocol.toml", "{\\rtf1 id}");
    folder.write("r.json", r#"{"patient":"P-1","recorded":"2026-03-01","facts":{"pregnant":true},"sessions":[]}"#);
    folder
}

#[test]
fn a_broken_protocol_leaves_the_others_their_answers() {
    let folder = clinic();
    let as_of = ["--as-of", "2026-03-02"];
    let output = regimen(&folder, &[&["recommend", "clinic", "r.json"][..], &as_of].concat(), "");
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert!(output.stdout.contains("DO NOT TREAT"), "{}", output.stdout);
    assert!(output.stdout.contains("Broken – no answer"), "{}", output.stdout);
    assert!(output.stderr.contains("did you mean `when`?"), "{}", output.stderr);

    let json = ["recommend", "clinic", "r.json", "--format", "json"];
    let output = regimen(&folder, &[&json[..], &as_of].concat(), "");
    let places: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(places[0]["status"], "contraindicated");
    assert_eq!((&places[1]["protocol"], &places[1]["broken"]), (&"other-peel".into(), &true.into()));
    assert_eq!(places[1]["errors"][0]["code"], "R103");
    assert_eq!(places[2]["protocol"], "unread");
    assert_eq!(places[2]["errors"][0]["code"], "R100");

    for explain in ["none", "verdict"] {
        let batch = ["batch", "clinic", "--explain", explain];
        let output = regimen(&folder, &[&batch[..], &as_of].concat(), &folder.read("r.json"));
        assert_eq!(output.code, Some(1), "{}", output.stderr);
        let line: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
        assert_eq!(line["answers"][0]["status"], "contraindicated");
        assert_eq!(line["answers"][1]["broken"], true);
    }

    for format in ["markdown", "html"] {
        let output = regimen(&folder, &["show", "clinic", "--format", format], "");
        assert_eq!(output.code, Some(1));
        assert!(output.stdout.contains("broken and gives no answer"), "{}", output.stdout);
    }

    let output = regimen(&folder, &["test", "clinic"], "");
    assert_eq!(output.code, Some(1));
    assert!(output.stdout.contains("wehn"), "{}", output.stdout);
}

#[test]
fn a_broken_protocol_that_is_asked_for_alone_has_no_answer() {
    let folder = clinic();
    let output = regimen(&folder, &["recommend", "clinic/other", "r.json", "--as-of", "2026-03-02"], "");
    assert_eq!((output.code, output.stdout.as_str()), (Some(1), ""));
    // Of no protocol is anything to be had.
    std::fs::remove_dir_all(folder.path().join("clinic/sound")).expect("it is there");
    let output = regimen(&folder, &["recommend", "clinic", "r.json", "--as-of", "2026-03-02"], "");
    assert_eq!((output.code, output.stdout.as_str()), (Some(1), ""));
}

#[test]
fn the_file_of_a_broken_protocol_is_not_written_over() {
    let folder = clinic();
    let before = folder.read("clinic/other/protocol.toml");
    let batch = ["batch", "clinic", "--as-of", "2026-03-02", "-o", "clinic/other/protocol.toml"];
    let output = regimen(&folder, &batch, &folder.read("r.json"));
    assert_eq!(output.code, Some(2), "{}", output.stderr);
    assert_eq!(folder.read("clinic/other/protocol.toml"), before);
}

#[test]
fn translations_are_marked_with_the_text_that_they_are_of() {
    let folder = Folder::new();
    folder.write("peel/protocol.toml", tiny());
    let id = "[[contraindication]]\nid = \"pregnant\"\n";
    let precaution = "[[precaution]]\nid = \"sensitive-skin\"\ndo = \"Vorsicht.\"\n";
    let german = format!("title = \"Peeling\"\n\n{id}reason = \"Das kann warten.\"\n\n{precaution}");
    folder.write("peel/protocol.de.toml", &german);
    let all = regimen(&folder, &["check", "peel", "--lang", "de"], "").stdout;
    assert!(all.contains("R743") && !all.contains("R742"), "{all}");
    let fixed = regimen(&folder, &["check", "peel", "--lang", "de", "--fix"], "");
    assert!(!fixed.stdout.contains("R743"), "{}", fixed.stdout);
    let marked = folder.read("peel/protocol.de.toml");
    assert!(marked.starts_with("of = \"") && marked.contains("id = \"pregnant\"\nof = \""), "{marked}");
    // The text changes; nobody has to ask for the language to be told.
    let changed = tiny().replacen("Elective treatments wait", "Elective treatments have to wait", 1);
    assert_ne!(changed, tiny());
    folder.write("peel/protocol.toml", &changed);
    let told = regimen(&folder, &["check", "peel"], "").stdout;
    assert!(told.contains("warning[R742]") && told.contains("has changed since it was translated into `de`"), "{told}");
    let line = 1 + marked.lines().position(|line| line.starts_with("of") && told.contains(line)).expect("the line");
    let fixed = regimen(&folder, &["check", "peel", &format!("--fix=R742:{line}")], "").stdout;
    assert!(!fixed.contains("R742"), "{fixed}");
}

#[test]
fn a_mistake_of_a_protocol_is_told_once_and_before_those_of_its_cases() {
    let folder = Folder::new();
    folder.write("peel/protocol.toml", tiny());
    let case = "title = \"Pregnant\"\nas_of = 2026-03-02\nrecord = \"../r.toml\"\n";
    folder.write("peel/r.toml", "patient = \"P-1\"\nsessions = []\n");
    let expects = |status: &str| format!("{case}\n[expect]\nstatus = \"{status}\"\nreasons = [\"pregnant\"]\n");
    folder.write("peel/cases/pregnant.toml", expects("contraindicated"));
    let told = |folder: &Folder| regimen(folder, &["check", "peel", "--no-notes"], "").stdout;
    assert!(!told(&folder).contains("error"), "{}", told(&folder));

    let id = "id      = \"pregnant\"";
    assert!(tiny().contains(id));
    // The id alone is wrong: the case is what tells.
    folder.write("peel/protocol.toml", tiny().replacen(id, "id      = \"pregnancy\"", 1));
    assert!(told(&folder).contains("error[R206]"), "{}", told(&folder));
    // It is given twice: that is the cause, and no rule of that name is what follows.
    folder.write("peel/protocol.toml", tiny().replacen(id, "id      = \"keloids\"", 1));
    let twice = told(&folder);
    assert!(twice.starts_with("error[R201]") && twice.contains("\n1 error"), "{twice}");
    // Both files are wrong: the protocol comes first, though `cases` is earlier in the alphabet.
    folder.write("peel/cases/pregnant.toml", expects("contraindicatd"));
    let both = told(&folder);
    let (protocol, case) = (both.find("R201").expect("told"), both.find("contraindicatd").expect("told"));
    assert!(protocol < case, "{both}");
}
