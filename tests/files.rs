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

#[test]
fn a_layout_leaves_the_ends_of_lines_as_they_are() {
    let folder = Folder::new();
    write(&folder, "windows.toml", "a  =  1\r\nbc = 2\r\n");
    write(&folder, "unix.toml", "a  =  1\nbc = 2\n");
    assert_eq!(regimen(&folder, &["fmt", "."]).code, Some(0));
    assert_eq!(read(&folder, "windows.toml"), "a  = 1\r\nbc = 2\r\n");
    assert_eq!(read(&folder, "unix.toml"), "a  = 1\nbc = 2\n");
}

/// A clinic of one protocol with a case, in which something is renamed, and what is then told of its files.
fn strays(renamed: &[(&str, &str)]) -> Vec<String> {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "clinic/peel/protocol.toml");
    folder.copy("tests/fixtures/tiny.toml", "clinic/rest/protocol.toml");
    let other = folder.read("clinic/rest/protocol.toml").replace("id        = \"tiny-peel\"", "id = \"rest\"");
    folder.write("clinic/rest/protocol.toml", other);
    folder.write("clinic/facts.toml", "[treatments]\nfiller = {}\n");
    folder.write("clinic/clinic.toml", "name = \"The clinic\"\n");
    folder.write("clinic/facts.de.toml", "");
    folder.write("clinic/notes.txt", "");
    folder.case("clinic/peel", "a", "", "undetermined");
    for (from, to) in renamed {
        let to = folder.path().join("clinic").join(to);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        std::fs::rename(folder.path().join("clinic").join(from), to).expect("it can be renamed");
    }
    let ran = regimen(&folder, &["check", "clinic", "--as-of", "2026-03-02", "--format", "plain"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let told = lines.iter().enumerate().filter(|(_, line)| line.contains("R746"));
    let said = |(at, line): (usize, &&str)| {
        let help = lines.get(at + 1).map_or("", |help| help.trim());
        format!("{}; {}", line.rsplit("]: ").next().unwrap_or_default(), help.strip_prefix("help: ").unwrap_or(help))
    };
    told.map(said).collect()
}

#[test]
fn a_file_with_nearly_the_right_name_is_told() {
    assert_eq!(strays(&[]), Vec::<String>::new());
    // What ends as a case does is read, whatever letters it has.
    for name in ["GRO\u{1e9e}", "\u{130}la\u{e7}", "a.toml"] {
        assert_eq!(
            strays(&[("peel/cases/a.toml", &format!("peel/cases/{name}.toml"))]),
            Vec::<String>::new(),
            "{name}"
        );
    }
    assert_eq!(strays(&[("peel/cases/a.toml", "peel/cases/GRO\u{1e9e}.toml.txt")]).len(), 1);
    for (from, to, right) in [
        ("peel/protocol.toml", "peel/protocol.toml.txt", "protocol.toml"),
        ("peel/protocol.toml", "peel/Protocol.toml", "protocol.toml"),
        ("peel/protocol.toml", "peel/protocol (1).toml", "protocol.toml"),
        ("peel/protocol.toml", "peel/protokoll.de.toml", "protocol.de.toml"),
        ("facts.toml", "facts.toml.txt", "facts.toml"),
        ("clinic.toml", "clinic.TOML", "clinic.toml"),
        ("facts.de.toml", "facts.DE.toml", "facts.de.toml"),
        ("facts.de.toml", "facts_de.toml", "facts.de.toml"),
        ("facts.de.toml", "facts-de.toml", "facts.de.toml"),
        ("peel/cases/a.toml", "peel/cases/a.toml.txt", "a.toml"),
        ("peel/cases/a.toml", "peel/cases/a.TOML", "a.toml"),
        ("peel/cases", "peel/case", "cases"),
        ("peel/cases", "peel/Cases", "cases"),
        ("facts.de.toml", "facts.german.toml", "facts.de.toml"),
    ] {
        assert_eq!(strays(&[(from, to)]), [format!("clinic/{to} is not read; call it `{right}`")], "{to}");
    }
}

#[test]
fn what_lies_in_the_wrong_place_is_told() {
    for (from, to, told) in [
        ("peel/cases/a.toml", "peel/cases/new/a.toml", "the cases in clinic/peel/cases/new are not read; move them"),
        ("peel/cases/a.toml", "peel/a.toml", "clinic/peel/a.toml is a case, and is not read here; move it"),
        ("peel/protocol.toml", "old.bak", "clinic/peel is no protocol: it has no file `protocol.toml`; put"),
        ("peel", "vaccines/peel", "clinic/vaccines/peel is a protocol, and is not read here; move its folder"),
        ("peel", "old/2025/peel", "clinic/old/2025/peel is a protocol, and is not read here; move its folder"),
        ("peel", "rest/peel", "clinic/rest/peel is a protocol, and is not read here; move its folder"),
        ("rest/protocol.toml", "Protocol.toml", "clinic/Protocol.toml is not read; put it into a folder of its own"),
        ("rest/protocol.toml", "peels.toml", "clinic/peels.toml is not read; put it into a folder of its own"),
        ("rest/protocol.toml", "protocol.toml", "clinic/protocol.toml hides the protocols in the folders beside it"),
        ("clinic.toml", "peel/clinic.toml", "clinic/peel/clinic.toml is not read: it is for the whole clinic; move it"),
        ("facts.toml", "peel.txt", "clinic/facts.de.toml is not read: there is no `facts.toml`; put"),
        ("clinic.toml", "clinic.de.toml", "clinic/clinic.de.toml is not read: there is no `clinic.toml`; put"),
    ] {
        let found = strays(&[(from, to)]);
        assert!(found.first().is_some_and(|one| one.starts_with(told)), "{to}: {found:?}");
    }
    // The versions of a protocol that was published are there, and nothing says which is in force.
    let without_index = strays(&[("rest", "peel/published/1.0.0")]);
    let told = "the versions in clinic/peel/published are not read: `index.toml` is missing; restore it";
    assert!(without_index.len() == 1 && without_index[0].starts_with(told), "{without_index:?}");
    let renamed = strays(&[("rest", "peel/Published/1.0.0")]);
    assert_eq!(renamed, ["clinic/peel/Published is not read; call it `published`"]);
    // A dictionary of its own would be read in the place of the clinic's by who asks for this protocol alone.
    let twice = strays(&[("facts.de.toml", "peel/facts.toml")]);
    let told = "clinic/peel/facts.toml is not read: it is for the whole clinic; facts for one protocol stand in its";
    assert!(twice.len() == 1 && twice[0].starts_with(told), "{twice:?}");
    // Two of which one is read.
    let two = strays(&[("rest/protocol.toml", "peel/protocol (2).toml")]);
    let told = "clinic/peel/protocol (2).toml is not read; `protocol.toml` is read: take";
    assert!(two.len() == 1 && two[0].starts_with(told), "{two:?}");
}
