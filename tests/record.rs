//! `regimen record`: a record to fill in, and what is wrong with one.

#[allow(dead_code, reason = "other tests need the rest")]
mod support;

use std::collections::BTreeSet;
use std::process::Command;

use regimen::{Clinic, Notation, Protocol, Record, Request};
use support::{Folder, Output, run};

fn regimen(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.args(arguments).current_dir(support::repository());
    run(command, "")
}

fn shipped() -> Clinic {
    Clinic::load(support::repository().join("protocols")).expect("the shipped clinic").0
}

fn blank(clinic: &Clinic) -> String {
    let protocols: Vec<&Protocol> = clinic.protocols.iter().collect();
    Protocol::blank_record(&protocols, "P-\"1\"", "2026-03-01".parse().expect("a day"))
}

fn read(protocol: &Protocol, text: &str) -> Record {
    let read = Record::from_text("record.toml", text, Notation::Toml, &protocol.dictionary);
    let (record, doubts) = read.unwrap_or_else(|found| panic!("{text}\n{found}"));
    assert!(doubts.is_empty(), "{doubts}");
    record
}

#[test]
fn a_blank_record_is_one_in_which_nobody_was_asked_anything() {
    let clinic = shipped();
    let text = blank(&clinic);
    for protocol in &clinic.protocols {
        let record = read(protocol, &text);
        assert_eq!(record.patient, "P-\"1\"");
        let nothing = read(protocol, "patient = \"P-1\"\nrecorded = 2026-03-01\n[facts]\n");
        let ask = |record: &Record| {
            let answer =
                protocol.recommend(record, &Request::new("2026-03-02".parse().expect("a day"))).expect("an answer");
            (answer.status, answer.questions.iter().map(|one| one.fact.clone()).collect::<Vec<_>>())
        };
        assert_eq!(ask(&record), ask(&nothing), "{}", protocol.id);
    }
}

/// The first answer that the comment above a name names.
fn example(comment: &str) -> String {
    let (kind, _) = comment.split_once("; ").unwrap_or((comment, ""));
    let range = |text: &str| {
        text.rsplit_once(", ").and_then(|(_, range)| range.split_once(" to ")).map(|(least, _)| least.to_owned())
    };
    match kind {
        "true or false" => "true".into(),
        "a text in quotes" => "\"x\"".into(),
        // Behind a choice stands its label.
        _ if kind.starts_with("one of ") => format!("\"{}\"", kind.split('"').nth(1).expect("a choice")),
        _ if kind.starts_with("[] for none") => "[]".into(),
        _ if kind.starts_with("a day") && kind.contains("never") => "\"never\"".into(),
        _ if kind.starts_with("a day") => "\"2025\"".into(),
        _ => range(kind).unwrap_or_else(|| "5".into()),
    }
}

#[test]
fn every_line_takes_the_answer_that_stands_above_it() {
    let clinic = shipped();
    let (mut filled, mut comment, mut names) = (String::new(), String::new(), 0);
    for line in blank(&clinic).lines() {
        match line.strip_prefix("# ") {
            Some(rest) if rest.ends_with(" =") && !comment.is_empty() => {
                filled.push_str(&format!("{rest} {}\n", example(&comment)));
                names += 1;
            }
            // Long comments go on after more spaces.
            Some(rest) if rest.starts_with("  ") => comment = format!("{comment} {}", rest.trim()),
            Some(rest) => comment = rest.to_owned(),
            None => filled.push_str(&format!("{line}\n")),
        }
    }
    let own = clinic.protocols.iter().flat_map(|one| one.facts.iter().map(|at| one.dictionary.facts[*at].name.clone()));
    let asked: BTreeSet<String> = own.collect();
    assert_eq!(names, asked.len());
    // What was answered contradicts itself in places: what is tested is that every answer can be read.
    for protocol in &clinic.protocols {
        let record = Record::from_text("record.toml", &filled, Notation::Toml, &protocol.dictionary);
        let record = record.unwrap_or_else(|found| panic!("{found}")).0;
        let answered = protocol.facts.iter().filter(|at| record.answers[**at].is_some()).count();
        assert_eq!(answered, protocol.facts.len(), "{}", protocol.id);
    }
}

#[test]
fn the_commands_write_a_record_and_say_what_is_wrong_with_it() {
    let folder = Folder::new();
    let path = folder.path().join("p.toml");
    let file = path.to_str().expect("a path");
    let new = [
        "record",
        "new",
        "protocols/microneedling-acne-scars",
        "--patient",
        "P-1",
        "--as-of",
        "2026-03-01",
        "-o",
        file,
    ];
    assert_eq!(regimen(&new).code, Some(0));
    let again = regimen(&new);
    assert!(again.code == Some(2) && again.stderr.contains("is not overwritten"), "{}", again.stderr);
    let check = |day: &str| regimen(&["record", "check", file, "--as-of", day]);
    assert_eq!(
        check("2026-03-01"),
        Output {
            stdout: "no answers and no sessions yet, so nothing that could be wrong\n".into(),
            stderr: String::new(),
            code: Some(0)
        }
    );

    let text = std::fs::read_to_string(&path).expect("the record");
    let text = text.replace("# breastfeeding =", "breastfeeding = false").replace("# smoker =", "smokerr = true");
    std::fs::write(&path, text).expect("written");
    let wrong = check("2026-03-01");
    assert!(wrong.code == Some(1) && wrong.stderr.contains("smokerr"), "{}", wrong.stderr);

    let text = std::fs::read_to_string(&path).expect("the record").replace("smokerr", "smoker");
    std::fs::write(&path, text).expect("written");
    assert_eq!(check("2026-03-01").stdout, "nothing wrong found in 2 answers and 0 sessions\n");
    let old = check("2026-05-01");
    assert!(
        old.code == Some(0) && old.stdout.contains("breastfeeding") && !old.stdout.contains("smoker"),
        "{}",
        old.stdout
    );
}

/// A record in a folder of its own, and the command that changes it there.
fn changed(folder: &Folder, arguments: &[&str]) -> Output {
    let clinic = support::repository().join("protocols");
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.arg("record").args(arguments).current_dir(folder.path());
    command.arg("--clinic").arg(clinic).args(["--as-of", "2026-03-02"]);
    run(command, "")
}

#[test]
fn answers_are_written_into_a_record_and_nothing_else_changes() {
    let folder = Folder::new();
    let healthy = support::repository().join("protocols/records/healthy-adult.toml");
    let before = std::fs::read_to_string(healthy).expect("a record");
    folder.write("a.toml", &before);
    let set = ["set", "a.toml", "keloid_history=declined", "antiplatelets=aspirin", "smoker=not_asked"];
    let Output { stdout, code, .. } = changed(&folder, &set);
    assert_eq!(code, Some(0), "{stdout}");
    assert_eq!(
        stdout,
        "history of keloids: declined to answer\nprescribed antiplatelet medicines: aspirin\nsmoker: not asked\n"
    );
    let after = folder.read("a.toml");
    let differ: Vec<&str> = before.lines().zip(after.lines()).filter(|(a, b)| a != b).map(|(_, after)| after).collect();
    assert_eq!(before.lines().count(), after.lines().count());
    assert_eq!(differ.len(), 3, "{differ:?}");
    for (line, value) in differ.iter().zip(["not_recorded", "declined", "[\"aspirin\"]"]) {
        assert!(line.contains(value), "{line}");
    }
    // One that is wrong keeps the others from being written.
    for (wrong, message) in [
        ("keloid_histry=none", "did you mean `keloid_history`?"),
        ("keloid_history=non", "did you mean `none`?"),
        ("keloid_history", "not written as FACT=ANSWER"),
        ("smoker=yes", "`smoker` is answered twice"),
        ("last_filler_date=2026-04", "after the as-of date"),
    ] {
        let Output { stderr, code, .. } = changed(&folder, &["set", "a.toml", "smoker=no", wrong]);
        assert!(matches!(code, Some(1 | 2)) && stderr.contains(message), "{wrong}: {stderr}");
        assert_eq!(folder.read("a.toml"), after, "{wrong}");
    }
}

#[test]
fn an_answer_that_another_comes_after_is_kept_unless_it_was_wrong() {
    let folder = Folder::new();
    let record = "patient = \"P\"\nrecorded = 2026-02-02\nsessions = []\n[facts]\nsmoker = true\n";
    for (was_wrong, keeps) in [(false, true), (true, false)] {
        folder.write("a.toml", record);
        let mut arguments = vec!["set", "a.toml", "smoker=no"];
        arguments.extend(was_wrong.then_some("--was-wrong"));
        assert_eq!(changed(&folder, &arguments).code, Some(0));
        let after = folder.read("a.toml");
        assert!(after.contains("smoker = { value = false, on = 2026-03-02 }"), "{after}");
        assert_eq!(after.contains("[[earlier]]\nfact = \"smoker\"\nvalue = true\n"), keeps, "{after}");
    }
}

#[test]
fn sessions_and_appointments_are_written_into_a_record() {
    let folder = Folder::new();
    folder.write("a.toml", "patient = \"P\"\nrecorded = 2026-03-02\nsessions = []\n");
    let given = changed(&folder, &["session", "a.toml", "microneedling", "2026-02-16", "depth_mm=1.5"]);
    assert_eq!((given.code, &*given.stdout), (Some(0), "a session of microneedling on 2026-02-16\n"));
    let planned = changed(&folder, &["session", "a.toml", "filler", "2026-04-16", "--planned"]);
    assert_eq!((planned.code, &*planned.stdout), (Some(0), "an appointment of filler on 2026-04-16\n"));
    let after = folder.read("a.toml");
    assert!(
        after.contains("[[sessions]]\ntreatment = \"microneedling\"\ndate = 2026-02-16\ndepth_mm = 1.5\n"),
        "{after}"
    );
    assert!(after.contains("[[planned]]\ntreatment = \"filler\"\ndate = 2026-04-16\n"), "{after}");
    // A label is that of the treatment's own protocol, whatever it means elsewhere.
    let product = changed(&folder, &["session", "a.toml", "hpv", "2026-02-17", "product=unspecified"]);
    assert_eq!(
        (product.code, folder.read("a.toml").contains("product = \"137\"")),
        (Some(0), true),
        "{}",
        product.stderr
    );
    let after = folder.read("a.toml");
    for (wrong, message) in [
        (["filler", "2026-04-16", ""], "an appointment stands under [[planned]]"),
        (["fuller", "2026-02-16", ""], "did you mean `filler`?"),
        (["filler", "16.2.", ""], "is not a day"),
        (["microneedling", "2026-02-16", "depth=1"], "there is no note `depth`"),
    ] {
        let arguments: Vec<&str> =
            ["session", "a.toml"].into_iter().chain(wrong).filter(|one| !one.is_empty()).collect();
        let Output { stderr, code, .. } = changed(&folder, &arguments);
        assert!(code == Some(1) && stderr.contains(message), "{wrong:?}: {stderr}");
        assert_eq!(folder.read("a.toml"), after, "{wrong:?}");
    }
}

/// Nothing that a person wrote is lost: comments, the ends of lines, the mark at the beginning.
#[test]
fn what_a_person_wrote_beside_an_empty_list_stays() {
    let folder = Folder::new();
    let record = "\u{feff}# of the hospital\r\npatient = \"P\" # twice checked\r\nrecorded = 2026-03-02\r\n\r\n# none anywhere\r\nsessions = [ # really\r\n]   # asked on 1 March\r\nplanned = [] # nothing yet\r\n\r\n# what she said\r\n[facts]\r\nsmoker = true  # ten a day\r\n";
    folder.write("a.toml", record);
    for arguments in [
        &["session", "a.toml", "microneedling", "2026-02-16", "depth_mm=1.5"][..],
        &["session", "a.toml", "filler", "2026-04-16", "--planned"],
        &["set", "a.toml", "smoker=no", "keloid_history=declined"],
    ] {
        let Output { code, stderr, .. } = changed(&folder, arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
        let after = folder.read("a.toml");
        for comment in record.lines().filter_map(|line| Some(line.split_once("# ")?.1)) {
            assert_eq!(after.matches(&format!("# {comment}\r\n")).count(), 1, "{comment}: {after}");
        }
        assert!(after.starts_with("\u{feff}# of the hospital\r\npatient = \"P\" # twice checked\r\n"), "{after}");
        assert_eq!(after.matches('\n').count(), after.matches("\r\n").count(), "{after:?}");
    }
    let after = folder.read("a.toml");
    assert!(after.contains("# asked on 1 March\r\n[[sessions]]\r\ntreatment = \"microneedling\"\r\n"), "{after}");
    assert!(after.contains("smoker = false  # ten a day\r\n"), "{after}");
}

/// What choices are called stands beside their names, in the language of the record.
#[test]
fn a_choice_stands_with_its_label() {
    for (language, label) in [(&[][..], "in the family only"), (&["--lang", "de"], "nur in der Familie")] {
        let new = ["record", "new", "protocols/microneedling-acne-scars", "--patient", "P-1", "--as-of", "2026-03-01"];
        let output = regimen(&[&new[..], language].concat());
        assert_eq!(output.code, Some(0), "{output:?}");
        let text = output.stdout.replace("\n#   ", " ");
        assert!(text.contains(&format!("\"family_only\" ({label})")), "{text}");
    }
}

/// Answers that contradict each other are told by `record check` as they are by every answer.
#[test]
fn contradicting_answers_are_told() {
    let folder = Folder::new();
    folder.write(
        "two.toml",
        "patient = \"P\"\nrecorded = 2026-03-02\nsessions = []\n[facts]\nchemotherapy = \"past\"\nchemo_end_date = \"never\"\n\
         isotretinoin_status = \"never\"\nisotretinoin_last_dose_date = 2025-11-15\n",
    );
    let path = folder.path().join("two.toml");
    let output = regimen(&["record", "check", path.to_str().expect("a path"), "--as-of", "2026-03-02"]);
    assert_eq!(output.stderr.matches("R419").count(), 2, "{}", output.stderr);
    assert!(!output.stdout.contains("nothing wrong"), "{}", output.stdout);
}

/// What has just been answered is never put aside: where it does not apply, it contradicts what says so, in whichever order the two are given.
#[test]
fn what_was_just_set_is_used_or_contradicts() {
    let dose = "isotretinoin_last_dose_date=2025-11-15";
    for answers in [vec![dose], vec![dose, "isotretinoin_status=never"], vec!["isotretinoin_status=never", dose]] {
        let folder = Folder::new();
        folder.copy("protocols/records/healthy-adult.toml", "anna.toml");
        let output = changed(&folder, &[&["set", "anna.toml"], &answers[..]].concat());
        assert_eq!(output.code, Some(0), "{output:?}");
        let text = std::fs::read_to_string(folder.path().join("anna.toml")).expect("a record");
        assert!(!text.contains("no_longer_applies"), "{text}");
        let path = folder.path().join("anna.toml");
        let path = path.to_str().expect("a path");
        let ask = || regimen(&["recommend", "protocols/microneedling-acne-scars", path, "--as-of", "2026-03-02"]);
        let told = ask().stdout;
        assert!(told.starts_with("ASK FIRST") && told.contains("R419"), "{answers:?}: {told}");
        // Once it is corrected, the day counts.
        assert_eq!(changed(&folder, &["set", "anna.toml", "isotretinoin_status=past"]).code, Some(0));
        let told = ask().stdout;
        assert!(told.starts_with("NOT TODAY") && !told.contains("R419"), "{answers:?}: {told}");
    }
}

/// What was put aside today, by another program, is used again once its question applies. What was put aside on another day is asked anew, for nobody
/// knows what happened since; unless what had taken its ground away was wrong.
#[test]
fn what_was_put_aside_is_taken_up_again() {
    let healthy = std::fs::read_to_string(support::repository().join("protocols/records/healthy-adult.toml"));
    let healthy = healthy.expect("a record");
    let aside = |on: &str| {
        let dose = format!("= {{ value = 2025-11-15, on = {on}, no_longer_applies = true }}");
        healthy.replacen("isotretinoin_last_dose_date   = \"never\"", &format!("isotretinoin_last_dose_date {dose}"), 1)
    };
    let folder = Folder::new();
    let status = "isotretinoin_status=past";
    for (on, more, is_used) in
        [("2026-03-02", None, true), ("2026-02-20", None, false), ("2026-02-20", Some("--was-wrong"), true)]
    {
        folder.write("anna.toml", aside(on));
        let arguments: Vec<&str> = ["set", "anna.toml", status].into_iter().chain(more).collect();
        assert_eq!(changed(&folder, &arguments).code, Some(0));
        assert_eq!(folder.read("anna.toml").contains("no_longer_applies"), !is_used, "{on} {more:?}");
        let path = folder.path().join("anna.toml");
        let path = path.to_str().expect("a path");
        let told = regimen(&["recommend", "protocols/microneedling-acne-scars", path, "--as-of", "2026-03-02"]).stdout;
        assert!(told.starts_with(if is_used { "NOT TODAY" } else { "ASK FIRST" }), "{on} {more:?}: {told}");
    }
    // Of a day that is known by its month, that stays known.
    for (typed, said) in
        [("2025-11", "2025-11"), ("not_known", "2025-11 (not known)"), ("declined", "2025-11 (declined to answer)")]
    {
        let told = changed(&folder, &["set", "anna.toml", &format!("isotretinoin_last_dose_date={typed}")]);
        assert_eq!(told.stdout, format!("date of the last isotretinoin capsule: {said}\n"), "{}", told.stderr);
    }
    assert!(
        regimen(&[
            "record",
            "check",
            folder.path().join("anna.toml").to_str().expect("a path"),
            "--as-of",
            "2026-03-02"
        ])
        .code
            == Some(0)
    );
    // Whatever else is answered leaves it where it is.
    folder.write("anna.toml", aside("2026-03-02"));
    assert_eq!(changed(&folder, &["set", "anna.toml", "smoker=no", "--was-wrong"]).code, Some(0));
    assert!(folder.read("anna.toml").contains("no_longer_applies"));
}

/// One of the two is wrong, and nobody can tell which: it stands in every answer, however the record is read.
#[test]
fn none_beside_something_else_is_a_doubt() {
    let clinic = shipped();
    let protocol = clinic.protocol("microneedling-acne-scars").expect("a protocol");
    let facts = "[facts]\ntopical_planned = [\"none\", \"hyaluronic\"]\n";
    let text = format!("patient = \"P-1\"\nrecorded = 2026-03-01\n{facts}");
    let read = Record::from_text("record.toml", &text, Notation::Toml, &protocol.dictionary);
    let (record, doubts) = read.unwrap_or_else(|found| panic!("{found}"));
    assert_eq!(doubts.iter().map(|one| one.code.id).collect::<Vec<_>>(), ["R890"]);
    let answer = protocol.recommend(&record, &Request::new("2026-03-02".parse().expect("a day"))).expect("an answer");
    assert!(answer.doubts.iter().any(|doubt| doubt.code == "R890"), "{:?}", answer.doubts);
    let line = "{ \"patient\": \"P-1\", \"recorded\": \"2026-03-01\", \"facts\": { \"topical_planned\": [\"none\", \"hyaluronic\"] } }\n";
    let folder = Folder::new();
    let file = folder.path().join("all.jsonl");
    std::fs::write(&file, line).expect("written");
    let file = file.to_string_lossy().into_owned();
    let batch = regimen(&["batch", "protocols/microneedling-acne-scars", "--input", &file, "--as-of", "2026-03-02"]);
    assert!(batch.stdout.contains("R890"), "{batch:?}");
}
