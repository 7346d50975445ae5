//! `regimen ask`: over a pipe, and at a real terminal.

#![cfg(feature = "cli")]

mod support;

use std::process::Command;

use support::{Folder, Output, run};

fn folder() -> Folder {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "tiny.toml");
    folder
}

const ASK: [&str; 7] = ["ask", "tiny.toml", "anna.toml", "--patient", "P-1", "--as-of", "2026-03-02"];

fn command(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).args(arguments);
    command
}

fn ask(folder: &Folder, arguments: &[&str], lines: &str) -> Output {
    run(command(folder, arguments), lines)
}

fn record(folder: &Folder) -> String {
    std::fs::read_to_string(folder.path().join("anna.toml")).expect("a record")
}

#[test]
fn over_a_pipe_line_by_line() {
    let folder = folder();
    let output = ask(&folder, &ASK, "maybe\nyes\n");
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stderr.contains("`maybe` is neither yes nor no"), "{}", output.stderr);
    for said in [
        "1. Are you pregnant?",
        "asked because of pregnant (contraindication)",
        "yes → contraindicated (pregnant)",
        "Nothing else can change the answer.",
        "DO NOT TREAT: contraindicated",
        "1 question answered; saved in anna.toml",
    ] {
        assert!(output.stdout.contains(said), "{said}\n{}", output.stdout);
    }
    assert_eq!(record(&folder), "patient = \"P-1\"\nrecorded = 2026-03-02\n\n[facts]\npregnant = true\n");
}

#[test]
fn input_that_ends_early_is_told_and_the_record_can_be_continued() {
    let folder = folder();
    let output = ask(&folder, &ASK, "no\n");
    assert_eq!(output.code, Some(130), "{output:?}");
    assert!(output.stdout.contains("Stopped."), "{}", output.stdout);
    assert!(record(&folder).contains("pregnant = false"));
    let output = ask(&folder, &["ask", "tiny.toml", "anna.toml", "--as-of", "2026-03-02"], ".\n");
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(!output.stdout.contains("Are you pregnant?"), "{}", output.stdout);
}

#[test]
fn what_cannot_be_written_into_is_refused() {
    let folder = folder();
    let output = ask(&folder, &["ask", "tiny.toml", "new.json", "--patient", "P", "--as-of", "2026-03-02"], "");
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains("error[R431]"), "{}", output.stderr);
    let output = ask(&folder, &["ask", "tiny.toml", "--as-of", "2026-03-02"], "");
    assert_eq!(output.code, Some(2));
    let output = ask(&folder, &["ask", "tiny.toml", "--patient", "../P", "--as-of", "2026-03-02"], "");
    assert_eq!(output.code, Some(2));
}

#[test]
fn a_record_in_json_is_gone_on_with_in_toml_beside_it() {
    let folder = folder();
    let json = r#"{"patient":"P-1","recorded":"2026-03-02","facts":{"pregnant":null,"shoe_size":{"value":39.50,"on":"2026-02-01"}},"sessions":[{"treatment":"peel","date":"2025-11"}],"earlier":[]}"#;
    std::fs::write(folder.path().join("anna.json"), json).expect("it can be written");
    let command = ["ask", "tiny.toml", "anna.json", "--as-of", "2026-03-02"];
    let output = ask(&folder, &command, "yes\n");
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output.stderr.contains("answers are written into anna.toml; anna.json stays as it is"),
        "{}",
        output.stderr
    );
    let expected = "patient = \"P-1\"\nrecorded = \"2026-03-02\"\nearlier = []\n\n[facts]\nshoe_size = { value = 39.50, on = \"2026-02-01\" }\npregnant = true\n\n\
                    [[sessions]]\ntreatment = \"peel\"\ndate = \"2025-11\"\n";
    assert_eq!(record(&folder), expected);
    assert_eq!(std::fs::read_to_string(folder.path().join("anna.json")).expect("a record"), json);
    // It is not begun with anew over what was answered.
    let output = ask(&folder, &command, "no\n");
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("anna.toml, which is there already"), "{}", output.stderr);
    assert_eq!(record(&folder), expected);
}

#[test]
fn in_the_language_of_the_patient() {
    let folder = folder();
    let repository = support::repository();
    let protocol = repository.join("protocols/microneedling-acne-scars");
    let protocol = protocol.to_str().expect("a path");
    let command = ["ask", protocol, "anna.toml", "--patient", "P-1", "--as-of", "2026-03-02", "--lang", "de"];
    let output = ask(&folder, &command, "no\nnie genommen\n");
    assert!(output.stdout.contains("2. Haben Sie jemals Isotretinoin"), "{}", output.stdout);
    assert!(record(&folder).contains("isotretinoin_status = \"never\""), "{}", record(&folder));
}

/// The label of a product is no other product, and a word that is on no list is told of.
#[test]
fn a_product_is_told_by_its_name_or_its_label() {
    let folder = folder();
    let protocol = support::repository().join("protocols/mmr");
    let protocol = protocol.to_str().expect("a path");
    let no = [
        "mmr_vaccine_allergy",
        "severely_immunocompromised",
        "family_immunodeficiency",
        "untreated_tuberculosis",
        "waiting_after_antibodies",
        "measles_immunity",
        "mumps_immunity",
        "rubella_immunity",
    ];
    let begin = || {
        let facts: String = no.iter().map(|fact| format!("{fact} = false\n")).collect();
        let session = "[[sessions]]\ntreatment = \"mmr\"\ndate = 2026-02-20\n";
        let text =
            format!("patient = \"K-1\"\nrecorded = 2026-03-02\n[facts]\ndate_of_birth = 2025-01-10\n{facts}{session}");
        std::fs::write(folder.path().join("anna.toml"), text).expect("it can be written");
    };
    let command = ["ask", protocol, "anna.toml", "--as-of", "2026-03-02"];
    for word in ["03", "MMR", "mmr"] {
        begin();
        let output = ask(&folder, &command, &format!("{word}\n"));
        for said in ["    03  MMR\n", "111, 125, 149, 151, 333  live influenza vaccine", "or any other, as a text"] {
            assert!(output.stdout.contains(said), "{said}\n{}", output.stdout);
        }
        assert!(output.stdout.contains("NOT TODAY: deferred, not before 2026-03-20"), "{word}: {}", output.stdout);
        assert!(record(&folder).contains("product = \"03\""), "{word}: {}", record(&folder));
    }
    begin();
    let output = ask(&folder, &command, "MMR-Zeta\n");
    assert!(output.stdout.contains("R413: no protocol names the product `MMR-Zeta`"), "{}", output.stdout);
    assert!(output.stdout.contains("it is treated as a product that is on no list"), "{}", output.stdout);
    // The label of a group is none of its products.
    begin();
    let output = ask(&folder, &command, "live influenza vaccine\n?\n");
    assert!(output.stderr.contains("which of them was used: `111`, `125`"), "{}", output.stderr);
    assert!(!record(&folder).contains("live influenza"), "{}", record(&folder));
    assert!(output.stdout.contains("asked, and still open: product in the session of 2026-02-20"), "{}", output.stdout);
    // The same where a session is noted.
    let note = ["record", "session", "anna.toml", "mmr", "2026-01-12", "product=mmrv"];
    let note = [&note[..], &["--as-of", "2026-03-02", "--clinic", protocol]].concat();
    let output = ask(&folder, &note, "");
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(record(&folder).contains("product = \"94\""), "{}", record(&folder));
}

#[cfg(unix)]
mod terminal {
    use rexpect::session::{PtySession, spawn_command};

    use super::*;

    fn session(folder: &Folder) -> PtySession {
        let mut command = command(folder, &ASK);
        command.env("TERM", "xterm");
        spawn_command(command, Some(60_000)).expect("a terminal")
    }

    /// `Exited(Pid(7), 0)`: the library does not name the type of that.
    fn code(session: &PtySession) -> Option<i32> {
        let status = format!("{:?}", session.process().wait().expect("it ends"));
        status.strip_prefix("Exited(")?.strip_suffix(')')?.rsplit(", ").next()?.parse().ok()
    }

    #[test]
    fn answers_and_back() {
        let folder = folder();
        let mut session = session(&folder);
        session.exp_string("Are you pregnant?").expect("the question");
        session.exp_string("> ").expect("a prompt");
        session.send_line("no").expect("sent");
        session.exp_string("2. ").expect("the next question");
        session.exp_string("> ").expect("a prompt");
        session.send_line("<").expect("sent");
        session.exp_string("back. Are you pregnant?").expect("the question again");
        session.exp_string("answered: no").expect("its answer");
        session.exp_string("> ").expect("a prompt");
        session.send_line("yes").expect("sent");
        session.exp_string("DO NOT TREAT").expect("the answer");
        session.exp_string("saved in anna.toml").expect("where it is");
        assert_eq!(code(&session), Some(0));
        assert!(record(&folder).contains("pregnant = true"));
    }

    #[test]
    fn interrupted() {
        let folder = folder();
        let mut session = session(&folder);
        session.exp_string("> ").expect("a prompt");
        session.send_line("no").expect("sent");
        session.exp_string("2. ").expect("the next question");
        session.exp_string("> ").expect("a prompt");
        session.send_control('c').expect("sent");
        session.exp_string("saved in anna.toml").expect("where it is");
        assert_eq!(code(&session), Some(130));
        assert!(record(&folder).contains("pregnant = false"));
    }

    #[test]
    fn changed_by_somebody_else() {
        let folder = folder();
        let mut session = session(&folder);
        session.exp_string("> ").expect("a prompt");
        let other = record(&folder) + "# somebody else\n";
        std::fs::write(folder.path().join("anna.toml"), &other).expect("it can be written");
        session.send_line("no").expect("sent");
        session.exp_string("R432").expect("it is told");
        assert_eq!(code(&session), Some(1));
        assert_eq!(record(&folder), other);
    }

    /// The window becomes narrower while a question is open, in the middle of an answer.
    #[test]
    fn a_resized_terminal() {
        let folder = folder();
        let mut session = session(&folder);
        session.exp_string("> ").expect("a prompt");
        session.send("n").expect("sent");
        session.flush().expect("flushed");
        let window = session.process().get_file_handle().expect("the window");
        let resized = Command::new("stty").args(["cols", "44", "rows", "10"]).stdin(window).status();
        assert!(resized.expect("stty runs").success());
        session.send_line("o").expect("sent");
        let next = session.exp_string("< back").expect("the next question");
        session.exp_string("> ").expect("a prompt");
        let widest =
            next.lines().filter(|line| line.starts_with("    ")).map(|line| line.trim_end().chars().count()).max();
        assert!(widest.is_some_and(|width| width <= 44), "{next}");
        session.send_line(".").expect("sent");
        assert_eq!(code(&session), Some(0));
        assert!(record(&folder).contains("pregnant = false"));
    }

    #[test]
    fn a_closed_terminal() {
        let folder = folder();
        let mut session = session(&folder);
        session.exp_string("> ").expect("a prompt");
        session.send_line("no").expect("sent");
        session.exp_string("2. ").expect("the next question");
        // The window goes away with the question open.
        drop(session);
        assert!(record(&folder).contains("pregnant = false"));
        let left = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 2, "nothing is left beside the protocol and the record");
    }
}

/// Of sessions, only the answer that there were none is tried: nothing is claimed of any other.
#[test]
fn nothing_is_claimed_of_sessions_that_were_not_tried() {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "tiny.toml");
    let text = std::fs::read_to_string("protocols/records/healthy-adult.toml").expect("a record");
    folder.write("anna.toml", text.replacen("sessions = []\n", "", 1));
    let protocol = support::repository().join("protocols/microneedling-acne-scars");
    let protocol = protocol.to_str().expect("a path");
    let output = ask(&folder, &["ask", protocol, "anna.toml", "--as-of", "2026-03-02"], "1\n.\n");
    assert!(output.stdout.contains("none of these → due"), "{}", output.stdout);
    assert!(output.stdout.contains("no → due"), "{}", output.stdout);
    assert!(!output.stdout.contains("any of these →"), "{}", output.stdout);
    // At the end a window that rests on what is not known says so.
    folder.write(
        "anna.toml",
        text.replacen("sessions = []\n", "", 1)
            + "\n[[sessions]]\ntreatment = \"microneedling\"\ndate = \"2026-02\"\narea = [\"cheek\"]\n",
    );
    let output = ask(&folder, &["ask", protocol, "anna.toml", "--as-of", "2026-03-02"], ".\n");
    assert!(output.stdout.contains("the safest of several"), "{}", output.stdout);
}
