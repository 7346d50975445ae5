//! Files that are written: whole or the old ones, and never over what is read.

#![cfg(feature = "cli")]
#![cfg(unix)]

mod support;

use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use support::{Folder, Output, run};

fn tiny() -> Folder {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "tiny.toml");
    folder
}

fn regimen(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).args(arguments).env("NO_COLOR", "1");
    run(command, "")
}

fn batch(folder: &Folder, arguments: &[&str]) -> Output {
    regimen(folder, &[&["batch", "tiny.toml", "--as-of", "2026-03-02"], arguments].concat())
}

fn write(folder: &Folder, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).expect("it can be written");
}

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).expect("a text")
}

/// The names of all files in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|file| file.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn records(count: usize) -> String {
    (0..count).map(|at| format!("{{\"patient\":\"P-{at}\",\"recorded\":\"2026-03-01\",\"facts\":{{}}}}\n")).collect()
}

#[test]
fn answers_are_never_written_over_what_is_read() {
    let folder = tiny();
    let text = records(3);
    write(&folder, "r.ndjson", &text);
    symlink("r.ndjson", folder.path().join("soft")).expect("a link");
    std::fs::hard_link(folder.path().join("r.ndjson"), folder.path().join("hard")).expect("a link");
    let before = names(folder.path());
    for (input, output) in [("r.ndjson", "r.ndjson"), ("r.ndjson", "soft"), ("soft", "hard"), ("hard", "./r.ndjson")] {
        for resume in [&[][..], &["--resume"]] {
            let ran = batch(&folder, &[&["--input", input, "--output", output], resume].concat());
            assert_eq!(ran.code, Some(2), "{input} {output}: {}", ran.stderr);
            assert!(ran.stderr.contains(&format!("{input} is read")), "{}", ran.stderr);
            assert_eq!(read(&folder, "r.ndjson"), text);
        }
    }
    let protocol = read(&folder, "tiny.toml");
    assert_eq!(batch(&folder, &["--input", "r.ndjson", "--output", "tiny.toml"]).code, Some(2));
    assert_eq!(read(&folder, "tiny.toml"), protocol);
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).args(["batch", "tiny.toml", "--as-of", "2026-03-02", "-o", "r.ndjson"]);
    let file = std::fs::File::open(folder.path().join("r.ndjson")).expect("a file");
    assert_eq!(command.stdin(file).stderr(Stdio::null()).status().expect("it runs").code(), Some(2));
    assert_eq!(read(&folder, "r.ndjson"), text);
    assert_eq!(names(folder.path()), before);
}

#[test]
fn yesterdays_answers_stay_until_todays_are_whole() {
    let folder = tiny();
    write(&folder, "r.ndjson", &records(3));
    write(&folder, "out", "yesterday\n");
    write(&folder, "wrong.csv", "patient,nonsense\n");
    write(&folder, "bad.toml", "[columns\n");
    let before = names(folder.path());
    for arguments in [
        &["--input", "missing", "-o", "out"][..],
        &["--input", "wrong.csv", "--csv", "-o", "out"],
        &["--input", "wrong.csv", "--csv", "--columns", "bad.toml", "-o", "out"],
        &["--input", "wrong.csv", "--csv", "--columns", "missing", "-o", "out"],
    ] {
        assert_eq!(batch(&folder, arguments).code, Some(1));
        assert_eq!(read(&folder, "out"), "yesterday\n", "{arguments:?}");
        assert_eq!(names(folder.path()), before);
    }
    // A run that is killed leaves yesterday's, and what `--resume` goes on from.
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).args(["batch", "tiny.toml", "--as-of", "2026-03-02", "-o", "out"]);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let many = records(20_000);
    stdin.write_all(many.as_bytes()).expect("it is read");
    let part = loop {
        let part = names(folder.path()).into_iter().find(|name| name.ends_with(".part"));
        if let Some(part) = part.filter(|part| read(&folder, part).lines().count() > 100) {
            break part;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    let second = batch(&folder, &["--input", "r.ndjson", "-o", "out"]);
    assert!(
        second.code == Some(3) && second.stderr.contains("another run is writing the same output"),
        "{}",
        second.stderr
    );
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    drop(stdin);
    assert_eq!(read(&folder, "out"), "yesterday\n");
    let left = read(&folder, &part);
    // Another day, other records, or too few of them: nothing is touched.
    write(&folder, "many", &many);
    let others = many.replace("P-", "Q-");
    let piped = |day: &str, more: &[&str], records: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
        command.current_dir(folder.path()).args(["batch", "tiny.toml", "--as-of", day, "-o", "out", "--resume"]);
        command.args(more);
        support::run(command, records)
    };
    let day = "2026-03-02";
    for (ran, told) in [
        (piped("2026-03-03", &[], &many), "was begun with another day, protocols, options or records"),
        (piped(day, &["--strict"], &many), "was begun with another day"),
        (piped(day, &["--set", "few_spots=2"], &many), "was begun with another day"),
        (piped(day, &["--input", "many"], ""), "was begun with another day"),
        (piped(day, &[], &others), "do not go on where the file ends"),
        (piped(day, &[], &records(3)), "end before the last answer"),
    ] {
        assert_eq!(ran.code, Some(3), "{}", ran.stderr);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
        assert_eq!((read(&folder, "out").as_str(), read(&folder, &part)), ("yesterday\n", left.clone()));
    }
    let whole = batch(&folder, &["--input", "many"]).stdout;
    assert_eq!(piped(day, &[], &many).code, Some(0));
    assert!(read(&folder, "out") == whole);
    assert!(!names(folder.path()).contains(&part));
}

#[test]
fn an_output_that_is_not_of_this_run_is_not_touched_by_resume() {
    let folder = tiny();
    write(&folder, "r.ndjson", &records(10));
    let whole = batch(&folder, &["--input", "r.ndjson"]).stdout;
    write(&folder, "few.ndjson", &records(3));
    for (there, input) in [
        ("notes of somebody", "r.ndjson"),
        ("{\"patient\":\"Q\"}\nand half", "r.ndjson"),
        (whole.as_str(), "few.ndjson"),
        (&whole[..whole.len() - 1], "few.ndjson"),
        (&whole.replacen("P-4", "P-X", 1), "r.ndjson"),
    ] {
        write(&folder, "out", there);
        let before = names(folder.path());
        let ran = batch(&folder, &["--input", input, "-o", "out", "--resume"]);
        assert_eq!(ran.code, Some(3), "{there}: {}", ran.stderr);
        assert_eq!(read(&folder, "out"), there);
        assert_eq!(names(folder.path()), before);
    }
    write(&folder, "out", &whole);
    assert_eq!(batch(&folder, &["--input", "r.ndjson", "-o", "out", "--resume"]).code, Some(0));
    assert_eq!(read(&folder, "out"), whole);
    // A device takes the answers as they come.
    assert_eq!(batch(&folder, &["--input", "r.ndjson", "-o", "/dev/null"]).code, Some(0));
    assert_eq!(batch(&folder, &["--input", "r.ndjson", "-o", "/dev/null", "--resume"]).code, Some(3));
}

#[test]
fn what_is_written_back_keeps_its_links_and_permissions() {
    let folder = tiny();
    let mode = |name: &str| folder.path().join(name).metadata().expect("a file").permissions().mode() & 0o777;
    let set = |name: &str, mode: u32| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.path().join(name), permissions).expect("it can be changed");
    };
    std::fs::create_dir(folder.path().join("in")).expect("a folder");
    write(&folder, "in/real.toml", "a  =   1\n");
    write(&folder, "in/real.toml.new", "mine\n");
    set("in/real.toml", 0o600);
    symlink("in/real.toml", folder.path().join("link.toml")).expect("a link");
    assert_eq!(regimen(&folder, &["fmt", "link.toml"]).code, Some(0));
    assert!(folder.path().join("link.toml").is_symlink());
    assert_eq!((read(&folder, "in/real.toml").as_str(), mode("in/real.toml")), ("a = 1\n", 0o600));
    assert_eq!(names(&folder.path().join("in")), ["real.toml", "real.toml.new"]);
    assert_eq!(read(&folder, "in/real.toml.new"), "mine\n");
    write(&folder, "protected.toml", "a  =   1\n");
    set("protected.toml", 0o444);
    assert_eq!(regimen(&folder, &["fmt", "protected.toml"]).code, Some(3));
    assert_eq!((read(&folder, "protected.toml").as_str(), mode("protected.toml")), ("a  =   1\n", 0o444));
    write(&folder, "r.ndjson", &records(2));
    write(&folder, "in/out", "");
    set("in/out", 0o640);
    symlink("in/out", folder.path().join("out")).expect("a link");
    assert_eq!(batch(&folder, &["--input", "r.ndjson", "-o", "out"]).code, Some(0));
    assert!(folder.path().join("out").is_symlink());
    assert_eq!((read(&folder, "in/out").lines().count(), mode("in/out")), (2, 0o640));
}

/// A limit on the size of files stands for a full disk.
fn limited(folder: &Folder, blocks: usize, arguments: &str) -> Option<i32> {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {} {arguments}", env!("CARGO_BIN_EXE_regimen"));
    let mut command = Command::new("sh");
    command.current_dir(folder.path()).args(["-c", &script]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it runs").code()
}

#[test]
fn a_full_disk_leaves_the_old_file_and_no_half_one() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("clinic")).expect("a folder");
    assert_eq!(limited(&folder, 1, "new peel --in clinic"), Some(3));
    assert_eq!(names(&folder.path().join("clinic")), [""; 0]);
    assert_eq!(regimen(&folder, &["new", "peel", "--in", "clinic"]).code, Some(0));
    let cases = folder.path().join("clinic/peel/cases");
    let before = names(&cases);
    let snap = before.iter().find(|name| name.ends_with(".snap")).expect("a trace");
    let snap = format!("clinic/peel/cases/{snap}");
    let approved = format!("{}of another day\n", read(&folder, &snap));
    write(&folder, &snap, &approved);
    assert_eq!(limited(&folder, 0, "test --accept clinic"), Some(1));
    assert_eq!((read(&folder, &snap), names(&cases)), (approved.clone(), before.clone()));
    assert_eq!(regimen(&folder, &["test", "--accept", "clinic"]).code, Some(0));
    assert!(read(&folder, &snap) != approved && names(&cases) == before);
    let file = "clinic/peel/protocol.toml";
    let protocol = read(&folder, file).replace(" = ", "  =  ");
    write(&folder, file, &protocol);
    assert_eq!(limited(&folder, 1, "fmt clinic/peel/protocol.toml"), Some(3));
    assert!(read(&folder, file) == protocol);
    assert_eq!(names(&folder.path().join("clinic/peel")), ["cases", "protocol.sheet.md", "protocol.toml"]);
}
