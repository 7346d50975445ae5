//! What stands in a record, a protocol, a file name or a command line is shown, and does nothing to whoever shows it.

#![cfg(feature = "cli")]

mod support;

use std::process::Command;

use support::{Folder, Output, run};

/// Clears a screen, writes green and invisible, turns a line around, hides.
const EVIL: &str =
    "\u{1b}[2J\u{1b}[32mTREAT\u{1b}[8m\u{9b}1m\u{7f}\u{8}\r\u{202e}\u{2066}\u{200f}\u{61c}\u{200b}\u{feff}";

fn regimen(folder: &Folder, arguments: &[&str], stdin: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regimen"));
    command.current_dir(folder.path()).args(arguments).env("CLICOLOR_FORCE", "1");
    run(command, stdin)
}

/// No control character reaches a reader, but for line breaks and the program's own colours.
fn harmless(name: &str, text: &str) {
    assert!(!text.contains("\u{1b}[2J") && !text.contains("\u{1b}[8m"), "{name}: {text:?}");
    let bad = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\u{1b}'))
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let found: Vec<char> = text.chars().filter(bad).collect();
    assert!(found.is_empty(), "{name}: {found:?} in\n{text:?}");
}

fn evil() -> Folder {
    let folder = Folder::new();
    folder.copy("tests/fixtures/tiny.toml", "tiny.toml");
    let path = folder.path().join("tiny.toml");
    let protocol = std::fs::read_to_string(&path).expect("a text");
    let escaped: String = EVIL.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let evil = protocol.lines().map(|line| {
        let text = ["title", "ask", "reason", "label", "action", "why", "url", "notes", "statement", "text"];
        let is_text = text.iter().any(|key| line.starts_with(key)) && line.ends_with('"');
        line.strip_suffix('"').filter(|_| is_text).map_or(line.to_owned(), |line| format!("{line}{escaped}\""))
    });
    let evil = evil.collect::<Vec<_>>().join("\n");
    assert!(evil.matches(&escaped).count() > 5);
    std::fs::write(&path, evil).expect("it can be written");
    let id = format!("P-1{}", EVIL.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect::<String>());
    let record =
        format!("{{\"patient\":\"{id}\",\"recorded\":\"2026-03-02\",\"facts\":{{\"pregnant\":true,\"spots\":5}}}}\n");
    std::fs::write(folder.path().join("record.json"), record).expect("it can be written");
    folder
}

#[test]
fn nothing_of_a_record_or_a_protocol_works_on_a_terminal_or_a_page() {
    let folder = evil();
    let asked = ["recommend", "tiny.toml", "record.json", "--as-of", "2026-03-02"];
    for arguments in [
        &[&asked[..], &["--explain", "full"]].concat()[..],
        &[&asked[..], &["--format", "json", "--explain", "full"]].concat(),
        &[&asked[..], &["--format", "markdown"]].concat(),
        &["batch", "tiny.toml", "--as-of", "2026-03-02", "--input", "record.json"],
        &["batch", "tiny.toml", "--as-of", "2026-03-02", "--input", "record.json", "--explain", "full"],
        &["show", "tiny.toml"],
        &["show", "tiny.toml", "--format", "html"],
    ] {
        let output = regimen(&folder, arguments, "");
        assert_eq!(output.code, Some(0), "{arguments:?}: {}", output.stderr);
        assert!(output.stdout.contains("TREAT"), "{arguments:?}: {}", output.stdout);
        harmless(&format!("{arguments:?}"), &output.stdout);
        harmless(&format!("{arguments:?}"), &output.stderr);
    }
    // For programs the name is what it was.
    let json: serde_json::Value =
        serde_json::from_str(&regimen(&folder, &[&asked[..], &["--format", "json"]].concat(), "").stdout)
            .expect("JSON");
    assert_eq!(json["patient"], format!("P-1{EVIL}"));
    let raw = "{\"patient\":\"P\u{9b}1\u{202e}\u{7f}\",\"recorded\":\"2026-03-02\",\"facts\":{}}\n";
    let line = regimen(&folder, &["batch", "tiny.toml", "--as-of", "2026-03-02"], raw).stdout;
    harmless("a quick line", &line);
    let json: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(json["patient"], "P\u{9b}1\u{202e}\u{7f}");
}

#[test]
fn nothing_of_a_mistake_a_file_name_or_a_command_line_does_either() {
    let folder = evil();
    let wrong = "key_\u{202e} = 1 # \u{1b}[2J\u{9b}\n\"a\u{202e}\u{9b}\" = 1\nx = \"\\u001b[2J\"\n";
    let name = format!("{}\r\u{202e}.toml", "\u{1b}[2J");
    std::fs::write(folder.path().join(&name), wrong).expect("it can be written");
    std::fs::write(folder.path().join("fmt\u{1b}[2J.toml"), "a  =   1\n").expect("it can be written");
    let facts =
        "{\"patient\":\"P\",\"recorded\":\"2026-03-02\",\"facts\":{\"sp\\u001bots\\u202e\":1,\"spots\":\"\\u009b\"}}\n";
    for format in ["human", "plain", "json", "sarif", "github"] {
        let output = regimen(&folder, &["check", &name, "--format", format], "");
        assert_eq!(output.code, Some(1));
        harmless(format, &output.stdout);
        harmless(format, &output.stderr);
    }
    for (arguments, stdin) in [
        (&["recommend", "tiny.toml", "-", "--as-of", "2026-03-02"][..], facts),
        (&["batch", "tiny.toml", "--as-of", "2026-03-02"], facts),
        (&["recommend", "tiny.toml", &format!("no{EVIL}"), "--as-of", "2026-03-02"], ""),
        (&["recommend", "tiny.toml", "record.json", "--as-of", EVIL], ""),
        (&["recommend", "tiny.toml", "record.json", "--as-of", "2026-03-02", "--set", EVIL], ""),
        (&["batch", "tiny.toml", "--as-of", "2026-03-02", "--output", &format!("no/{EVIL}")], ""),
        (&["explain", EVIL], ""),
        (&["new", EVIL], ""),
        (&[EVIL], ""),
        (&["check", &format!("--{EVIL}")], ""),
        (&["fmt", "fmt\u{1b}[2J.toml"], ""),
        (&["fmt", "--check", &name], ""),
        (&["test", &name], ""),
    ] {
        let output = regimen(&folder, arguments, stdin);
        harmless(&format!("{arguments:?}"), &output.stdout);
        harmless(&format!("{arguments:?}"), &output.stderr);
    }
}
