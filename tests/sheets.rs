//! The commands for those who write and read protocols: show, new, fmt, and the renderings of check.

#![cfg(feature = "cli")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A folder of its own for each test, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("regimen-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
        command.current_dir(&self.0).args(arguments).env("NO_COLOR", "1");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it runs")
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("it can be written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect("it can be read")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// The hash of a protocol and the version of the program change with every release, the date of the review with every day.
fn redacted(text: &str) -> String {
    let mut out = String::new();
    let review =
        text.split("Review by").nth(1).and_then(|rest| rest.get(rest.find("20")?..)?.get(..10)).unwrap_or("none");
    for line in text.replace(review, "REVIEW-DAY").lines() {
        match (line.find("Made by regimen"), line.find(" from protocol"), line.find("SHA-256 ")) {
            (Some(start), Some(from), Some(hash)) => {
                let rest = &line[hash + "SHA-256 ".len() + 64..];
                out.push_str(&format!(
                    "{}Made by regimen VERSION{}SHA-256 HASH{rest}",
                    &line[..start],
                    &line[from..hash]
                ));
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

fn clinic() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols").display().to_string()
}

#[test]
fn a_new_protocol_passes_check_and_test_at_once() {
    let folder = Folder::new("new");
    let made = folder.run(&["new", "glycolic-peel"]);
    assert_eq!(
        out(&made),
        "\
wrote protocols/glycolic-peel/protocol.toml
wrote protocols/glycolic-peel/cases/first.toml, with its approved trace beside it

Next:
  1. open protocols/glycolic-peel/protocol.toml and read its comments; change what stands there into your protocol
  2. regimen check protocols/glycolic-peel
  3. regimen show protocols/glycolic-peel
  4. regimen test protocols/glycolic-peel; look at what differs, then regimen test --accept protocols/glycolic-peel
  5. when the clinic agrees: status = \"active\"
"
    );
    assert!(made.status.success(), "{}", err(&made));
    let checked = folder.run(&["check", "--format", "plain", "protocols"]);
    assert_eq!((out(&checked).as_str(), checked.status.code()), ("no problems found\n", Some(0)));
    let tested = folder.run(&["test", "protocols"]);
    assert_eq!((err(&tested).as_str(), tested.status.code()), ("1 passed, 0 failed\n", Some(0)));
    let laid_out = folder.run(&["fmt", "--check", "protocols"]);
    assert_eq!(out(&laid_out), "2 files, nothing to change\n");
}

#[test]
fn a_new_protocol_uses_the_dictionary_of_the_clinic() {
    let folder = Folder::new("new-in-clinic");
    fs::create_dir(folder.0.join("clinic")).expect("a folder");
    // One fact as the template has it, one that means something else here.
    folder.write(
        "clinic/facts.toml",
        r#"
[facts.date_of_birth]
type = "date"
ask = "When were you born?"
of = "patient"
valid_for = "forever"
[facts.pregnancy_status]
type = "bool"
ask = "Pregnant?"
of = "patient"
valid_for = "7 days"
"#,
    );
    let made = folder.run(&["new", "wax", "--in", "clinic"]);
    assert!(made.status.success(), "{}", err(&made));
    let protocol = folder.read("clinic/wax/protocol.toml");
    assert!(!protocol.contains("[facts.date_of_birth]"));
    assert!(protocol.contains("when    = 'wax_pregnancy_status == \"pregnant\"'"));
    assert!(folder.run(&["check", "clinic"]).status.success());
    // What it has written is approved; the clinic's own dictionary is for somebody else to read.
    assert_eq!(err(&folder.run(&["test", "clinic"])), "1 passed, 1 failed\n  new: 1 sheet\n");
    assert!(folder.run(&["test", "clinic", "--accept"]).status.success());
    assert_eq!(err(&folder.run(&["test", "clinic"])), "1 passed, 0 failed\n");
}

#[test]
fn new_overwrites_nothing_and_wants_an_id() {
    let folder = Folder::new("new-refuses");
    fs::create_dir_all(folder.0.join("protocols/peel")).expect("a folder");
    let again = folder.run(&["new", "peel"]);
    assert_eq!(
        err(&again),
        "error: protocols/peel already exists and is not overwritten\n\nFor more information, try '--help'.\n"
    );
    assert_eq!(again.status.code(), Some(2));
    for name in ["Peel", "glycolic_peel", "../peel", "peel-", "2peel", "", "records"] {
        let refused = folder.run(&["new", name]);
        assert_eq!(refused.status.code(), Some(2), "{name}");
        assert!(err(&refused).contains("cannot be an id"), "{name}: {}", err(&refused));
    }
    assert_eq!(fs::read_dir(folder.0.join("protocols")).expect("it is there").count(), 1);
}

#[test]
fn the_sheet_of_a_new_protocol() {
    let folder = Folder::new("show");
    assert!(folder.run(&["new", "glycolic-peel"]).status.success());
    let markdown = folder.run(&["show", "protocols/glycolic-peel"]);
    insta::assert_snapshot!("markdown", redacted(&out(&markdown)));
    let html = folder.run(&["show", "protocols/glycolic-peel", "--format", "html"]);
    insta::assert_snapshot!("html", redacted(&out(&html)));
}

#[test]
fn the_sheet_escapes_what_looks_like_markup() {
    let folder = Folder::new("show-escapes");
    assert!(folder.run(&["new", "peel"]).status.success());
    let protocol = folder.read("protocols/peel/protocol.toml");
    let hostile = protocol
        .replace("Custom of the clinic\"", "<script>alert(1)</script> | *x*\"\nurl = \"javascript:alert('1')\"")
        .replace("Stay out of the sun.", "<img src=x onerror=alert(1)> & | more");
    folder.write("protocols/peel/protocol.toml", &hostile);
    let html = out(&folder.run(&["show", "protocols/peel", "--format", "html"]));
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("href=\"javascript"));
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; | *x*"));
    let markdown = out(&folder.run(&["show", "protocols/peel"]));
    assert!(markdown.contains(r"\<script\>alert(1)\</script\> \| \*x\*"), "{markdown}");
    assert!(markdown.contains(r"\<img src=x onerror=alert(1)\> & \| more"), "{markdown}");
}

#[test]
fn the_shipped_protocols_have_sheets_in_words() {
    let folder = Folder::new("show-shipped");
    let shown = folder.run(&["show", &clinic()]);
    assert!(shown.status.success(), "{}", err(&shown));
    let text = out(&shown);
    // No operator and no name with an underscore is left over, the ids in backticks and the facts' questions aside.
    for line in text.lines().filter(|line| line.starts_with("- **")) {
        let lead = line.trim_start_matches("- **").split("**").next().unwrap_or_default();
        for sign in ["&&", "||", "==", "!=", ">=", "<=", "??", "\\_"] {
            assert!(!lead.contains(sign), "{line}");
        }
    }
}

#[test]
fn a_broken_protocol_has_no_sheet() {
    let folder = Folder::new("show-broken");
    folder.write("p.toml", "id = \"x\"\n");
    let shown = folder.run(&["show", "p.toml"]);
    assert_eq!((out(&shown).as_str(), shown.status.code()), ("", Some(1)));
    assert!(err(&shown).contains("R104"));
}

const MESSY: &str = r#"#:schema x
id="peel"
title   =   'Peel'
in_force={from=2026-01-01,until = 2027-01-01}
list = [ "a","b" , ]



[[rule]]
id="x" # why
text="""
keep   this
"""
number =   1.50
c   = 'd'
rows=[
{when='x',value=1}, # first
    # own line
   { when = 'y', value = 2 } # last
]
hanging = ["a", "b",
           "c"]
"#;

const NEAT: &str = r#"#:schema x
id       = "peel"
title    = 'Peel'
in_force = { from = 2026-01-01, until = 2027-01-01 }
list     = ["a", "b"]


[[rule]]
id   = "x"  # why
text = """
keep   this
"""
number = 1.50
c      = 'd'
rows   = [
  { when = 'x', value = 1 },  # first
  # own line
  { when = 'y', value = 2 },  # last
]
hanging = ["a", "b",
           "c"]
"#;

#[test]
fn fmt_lays_out_and_keeps_the_meaning() {
    let folder = Folder::new("fmt");
    folder.write("messy.toml", MESSY);
    let checked = folder.run(&["fmt", "--check", "messy.toml"]);
    assert_eq!((out(&checked).as_str(), checked.status.code()), ("would change messy.toml\n", Some(1)));
    assert_eq!(folder.read("messy.toml"), MESSY);
    let changed = folder.run(&["fmt", "messy.toml"]);
    assert_eq!((out(&changed).as_str(), changed.status.code()), ("changed messy.toml\n", Some(0)));
    assert_eq!(folder.read("messy.toml"), NEAT);
    let again = folder.run(&["fmt", "."]);
    assert_eq!((out(&again).as_str(), again.status.code()), ("1 file, nothing to change\n", Some(0)));
}

#[test]
fn fmt_leaves_alone_what_it_cannot_read() {
    let folder = Folder::new("fmt-broken");
    let broken = "a=1\nb = = 2\n";
    folder.write("broken.toml", broken);
    let refused = folder.run(&["fmt", "broken.toml", "absent.toml"]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(folder.read("broken.toml"), broken);
    assert!(err(&refused).contains("R101") && err(&refused).contains("R100"), "{}", err(&refused));
}

#[test]
fn the_layout_of_the_shipped_files_is_stable_and_says_the_same() {
    use regimen::Notation;
    use regimen::diagnostic::{Diagnostics, SourceFile};
    use regimen::internals::{format, parse, same_meaning};
    fn files(folder: &Path, all: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder").filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                files(&path, all);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                all.push(path);
            }
        }
    }
    let mut all = Vec::new();
    files(Path::new(&clinic()), &mut all);
    assert!(all.len() > 3);
    for path in all {
        let text = fs::read_to_string(&path).expect("text");
        let tree = |text: &str| parse(&SourceFile::new("f", text), Notation::Toml, &mut Diagnostics::default());
        // With its columns undone, so that there is something to do.
        let loose = text.replace("  =", "=").replace(" = ", "=");
        for text in [&text, &loose] {
            let once = format(text).expect("TOML");
            assert!(same_meaning(&tree(text), &tree(&once)), "{}", path.display());
            assert_eq!(format(&once).as_deref(), Some(once.as_str()), "{}", path.display());
        }
    }
}

const MISTAKEN: &str = "id = 1\n";

#[test]
fn check_prints_for_programs() {
    let folder = Folder::new("check-formats");
    folder.write("p.toml", MISTAKEN);
    let github = folder.run(&["check", "--format", "github", "p.toml"]);
    assert_eq!(github.status.code(), Some(1));
    let first = out(&github).lines().find(|line| line.contains("R105")).map(str::to_owned);
    let expected = "::error file=p.toml,line=1,col=6,endColumn=7,title=R105 wrong-type::\
                    `id` should be a text in quotes, but this is a whole number";
    let first = first.expect("it is found");
    assert!(first.starts_with(expected), "{first}");
    for format in ["json", "sarif"] {
        let printed = out(&folder.run(&["check", "--format", format, "p.toml"]));
        let json: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
        let count = if format == "json" { &json["diagnostics"] } else { &json["runs"][0]["results"] };
        assert_eq!(count.as_array().map(Vec::len), Some(out(&github).lines().count()), "{format}");
    }
}

#[test]
fn watch_checks_again_after_a_save() {
    let folder = Folder::new("watch");
    assert!(folder.run(&["new", "peel"]).status.success());
    let mut child = folder
        .command(&["check", "--watch", "--format", "plain", "protocols"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let (send, lines) = mpsc::channel();
    let stdout = child.stdout.take().expect("a pipe");
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    let next = || lines.recv_timeout(Duration::from_secs(30)).expect("a line");
    let first = next();
    let protocol = folder.read("protocols/peel/protocol.toml");
    folder.write("protocols/peel/protocol.toml", &protocol.replace("sunburn_wait'", "sunbrun_wait'"));
    let second = next();
    let _ = child.kill();
    let _ = child.wait();
    assert_eq!(first, "no problems found");
    assert!(second.contains("error[R202]: there is no"), "{second}");
}
