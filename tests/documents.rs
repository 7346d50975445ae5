//! The commands in README.md and docs/ do what the documents say.
//!
//! In every block marked `console`, a line that begins with `$ ` is a command and the lines after it are what it prints: all of
//! stdout, then all of stderr. A line that is only `…` stands for any lines. The blocks of one document run in order in one
//! empty folder with a copy of `protocols`.

#![cfg(feature = "cli")]

mod support;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Command;

use similar::TextDiff;
use support::{Folder, repository, run};

/// A command of a document and what it is said to print.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    line: usize,
    command: String,
    expected: Vec<String>,
}

/// The commands of a document.
fn steps(document: &str) -> Vec<Step> {
    let mut lines: VecDeque<(usize, &str)> = document.lines().enumerate().map(|(at, line)| (at + 1, line)).collect();
    let mut steps = Vec::new();
    while let Some((_, line)) = lines.pop_front() {
        let indent = line.len() - line.trim_start().len();
        if line.trim() != "```console" {
            continue;
        }
        // A block inside a list is indented as a whole.
        let plain = |line: &str| line.get(indent..).unwrap_or(line.trim_start()).to_owned();
        let mut block = VecDeque::new();
        while let Some((at, line)) = lines.pop_front() {
            if line.trim() == "```" {
                break;
            }
            block.push_back((at, plain(line)));
        }
        while let Some((line, text)) = block.pop_front() {
            match text.strip_prefix("$ ") {
                Some(command) => {
                    steps.push(Step { line, command: whole_command(command, &mut block), expected: Vec::new() })
                }
                None => match steps.last_mut() {
                    Some(step) => step.expected.push(text),
                    None => panic!("line {line}: a console block begins with `$ `, and this one with {text:?}"),
                },
            }
        }
    }
    steps
}

/// A command with the lines that belong to it: after a backslash, and up to the end of a here-document.
fn whole_command(first: &str, block: &mut VecDeque<(usize, String)>) -> String {
    let mut command = first.to_owned();
    let mut next = |command: &mut String| {
        let line = block.pop_front().map(|(_, line)| line);
        let line = line.unwrap_or_else(|| panic!("`{first}` does not end"));
        let line = if line == ">" { "" } else { line.strip_prefix("> ").unwrap_or(&line) };
        command.push('\n');
        command.push_str(line);
        line.to_owned()
    };
    while command.ends_with('\\') {
        next(&mut command);
    }
    if let Some((_, word)) = first.split_once("<<") {
        let word = word.split_whitespace().next().unwrap_or_default().trim_matches(['\'', '"']).to_owned();
        while next(&mut command) != word {}
    }
    command
}

/// Whether lines are as expected, where `…` stands for any lines.
fn fits(expected: &[String], found: &[&str]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((first, rest)) if first == "…" => (0..=found.len()).any(|at| fits(rest, &found[at..])),
        Some((first, rest)) => found.split_first().is_some_and(|(line, others)| line == first && fits(rest, others)),
    }
}

/// Runs a document's commands; what is not as it says.
fn failures(document: &Path) -> Vec<String> {
    let name = document.strip_prefix(repository()).unwrap_or(document).display().to_string();
    let steps = steps(&std::fs::read_to_string(document).unwrap_or_else(|error| panic!("{name}: {error}")));
    if steps.is_empty() {
        return Vec::new();
    }
    let folder = Folder::new();
    folder.copy("protocols", "protocols");
    let mut place = folder.path().to_owned();
    let mut code = 0;
    let mut failures = Vec::new();
    for step in steps {
        let command = ["cargo run --release -- ", "cargo run --quiet -- ", "cargo run -- "]
            .iter()
            .fold(step.command.clone(), |command, cargo| command.replace(cargo, "regimen "));
        let where_ = format!("{name}:{}: $ {}", step.line, step.command);
        if command.contains("cargo ") || command.contains("git ") {
            failures.push(format!("{where_}\n  cannot be run by this test: mark the block `sh`\n"));
            continue;
        }
        if let Some(to) = command.strip_prefix("cd ") {
            place.push(to.trim());
            continue;
        }
        // `$?` is the exit code of the command before.
        let output = run(shell(&format!("(exit {code})\n{command}"), &place), "");
        code = output.code.unwrap_or(-1);
        let printed = format!("{}{}", output.stdout, output.stderr);
        let found: Vec<&str> = printed.trim_end().lines().collect();
        let end = step.expected.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        if !fits(&step.expected[..end], &found) {
            let (said, found) = (step.expected[..end].join("\n") + "\n", found.join("\n") + "\n");
            let diff = TextDiff::from_lines(&said, &found)
                .unified_diff()
                .context_radius(3)
                .header("the document", "printed")
                .to_string();
            failures.push(format!("{where_}\n{diff}  (exit code {code})\n"));
        }
    }
    failures
}

fn shell(command: &str, place: &Path) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_regimen"));
    let folder = program.parent().expect("a folder").display();
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).current_dir(place);
    shell.env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap_or_default()));
    // sh would print other messages in another language.
    shell.env("LC_ALL", "C.UTF-8").env_remove("CLICOLOR_FORCE").env_remove("COLUMNS");
    shell
}

fn documents() -> Vec<PathBuf> {
    let docs = repository().join("docs");
    let entries = std::fs::read_dir(&docs).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut all: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    all.sort();
    all.insert(0, repository().join("README.md"));
    all.retain(|path| path.is_file());
    all
}

#[test]
fn every_command_prints_what_its_document_says() {
    let documents = documents();
    let failures: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = documents.iter().map(|document| scope.spawn(|| failures(document))).collect();
        running.into_iter().flat_map(|one| one.join().expect("a document")).collect()
    });
    assert!(failures.is_empty(), "{} commands print something else\n\n{}", failures.len(), failures.join("\n"));
}

// ---------------------------------------------------------------------------------------------------------------------
// The reader of the documents
// ---------------------------------------------------------------------------------------------------------------------

#[test]
fn commands_are_read_with_all_their_lines() {
    let document = "text\n```sh\n$ not this\n```\n1. In a list\n   ```console\n   $ echo a \\\n     b\n   a b\n   $ cat > f <<'EOF'\n   x\n\n   EOF\n   $ cat f\n   x\n   …\n   ```\n";
    let step = |line, command: &str, expected: &[&str]| Step {
        line,
        command: command.into(),
        expected: expected.iter().map(|line| (*line).to_owned()).collect(),
    };
    assert_eq!(
        steps(document),
        [
            step(7, "echo a \\\n  b", &["a b"]),
            step(10, "cat > f <<'EOF'\nx\n\nEOF", &[]),
            step(14, "cat f", &["x", "…"])
        ]
    );
}

#[test]
fn an_ellipsis_stands_for_any_lines() {
    let fits = |expected: &[&str], found: &[&str]| {
        fits(&expected.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>(), found)
    };
    assert!(fits(&["a", "…", "c"], &["a", "c"]));
    assert!(fits(&["…", "b", "…"], &["a", "b", "c", "d"]));
    assert!(fits(&["…"], &[]));
    assert!(!fits(&["a", "…", "c"], &["a", "b"]));
    assert!(!fits(&["a"], &["a", "b"]));
    assert!(!fits(&["a …"], &["a b"]));
}
