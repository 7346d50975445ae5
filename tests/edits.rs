//! Random slips in every shipped file: nothing panics, every place is one, and a slip is told in two messages at most, where it was made.
//!
//! `PROPTEST_CASES=1000` makes as many of each file; a normal run makes a few.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use regimen::Clinic;
use regimen::diagnostic::{Diagnostic, Severity, codes};

/// A slip of the hand: at a byte of a file, how many bytes are lost there, and what is typed instead.
#[derive(Clone, Debug)]
struct Slip {
    at: usize,
    lost: usize,
    typed: &'static str,
}

/// The files, by their paths in the clinic: the dictionary, and each protocol.
fn files() -> Vec<String> {
    let folders = std::fs::read_dir("protocols").expect("the clinic").filter_map(Result::ok);
    let names = folders.filter_map(|entry| entry.file_name().into_string().ok());
    let mut files: Vec<String> = names
        .map(|name| format!("{name}/protocol.toml"))
        .filter(|path| Path::new("protocols").join(path).is_file())
        .collect();
    files.push("facts.toml".to_owned());
    files.sort();
    files
}

/// The bytes of a file that are no comment and no space: where a slip may be made.
fn places(text: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if !line.starts_with('#') {
            places.extend(line.char_indices().filter(|(_, sign)| !sign.is_whitespace()).map(|(at, _)| start + at));
        }
        start += line.len();
    }
    places
}

fn slips(text: &str) -> impl Strategy<Value = Slip> + use<> {
    let text = text.to_owned();
    let typed = &["", "", "x", "7", " ", ",", "\"", "'", "=", "]", "(", "-", "“", "\u{a0}"][..];
    (proptest::sample::select(places(&text)), any::<bool>(), proptest::sample::select(typed)).prop_map(
        move |(at, replaced, typed)| {
            let sign = text[at..].chars().next().map_or(0, char::len_utf8);
            Slip { at, lost: if replaced || typed.is_empty() { sign } else { 0 }, typed }
        },
    )
}

/// Whether a message is about the line of a slip, the one before or the one behind, or asks whether the word that it made was meant.
fn is_near(found: &Diagnostic, path: &Path, text: &str, at: usize) -> bool {
    let line = |at: usize| text[..at].matches('\n').count();
    let is_here = |label: &regimen::diagnostic::Label| {
        Path::new(&label.place.file.name) == path
            && line(label.place.span.start) <= line(at) + 1
            && line(at) <= line(label.place.span.end) + 1
    };
    let is_word = |sign: char| sign.is_alphanumeric() || sign == '_' || sign == '-';
    let start = text[..at].rfind(|sign| !is_word(sign)).map_or(0, |before| before + 1);
    let word: String = text.get(start..).unwrap_or_default().chars().take_while(|sign| is_word(*sign)).collect();
    let asks = !word.is_empty() && found.help.iter().any(|help| help.contains(&word));
    asks || found.label.iter().chain(&found.related).any(is_here)
}

/// Whether a slip makes a file that is right in itself: a unit that is another than that of the settings and parameters beside it.
fn is_another_unit(found: &[&Diagnostic]) -> bool {
    found.iter().all(|one| one.code == &codes::UNIT_MISMATCH || one.code == &codes::TYPE_MISMATCH)
}

/// Of so many slips, one may be told otherwise: a name that is misspelt where it is declared, and as near to another as to the one that was
/// meant.
const ONE_IN: usize = 500;

#[test]
fn one_slip_is_told_where_it_was_made() {
    // The same slips on every machine.
    let mut runner = TestRunner::deterministic();
    let asked: Option<usize> = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let folder = std::env::temp_dir().join(format!("regimen-edits-{}", std::process::id()));
    let copy = |file: &str| {
        let to = folder.join(file);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("room");
        std::fs::copy(Path::new("protocols").join(file), to).expect("a copy");
    };
    copy("facts.toml");
    let (mut all, mut otherwise) = (0, Vec::new());
    for file in files() {
        let text = std::fs::read_to_string(Path::new("protocols").join(&file)).expect("a file");
        let alone = if file == "facts.toml" { "glycolic-peel/protocol.toml".to_owned() } else { file.clone() };
        copy(&alone);
        let path: PathBuf = folder.join(&file);
        let strategy = slips(&text);
        for _ in 0..asked.unwrap_or(6) {
            let slip = strategy.new_tree(&mut runner).expect("a slip").current();
            let mut slipped = text.clone();
            slipped.replace_range(slip.at..slip.at + slip.lost, slip.typed);
            std::fs::write(&path, &slipped).expect("room");
            let (_, found) = Clinic::read(&folder);
            let errors: Vec<&Diagnostic> = found.iter().filter(|one| one.code.severity == Severity::Error).collect();
            all += 1;
            for one in &found {
                let places = one.label.iter().chain(&one.related).map(|label| &label.place);
                assert!(
                    places.into_iter().all(|place| place.file.text.get(place.span.clone()).is_some()),
                    "{file} {slip:?}: {}",
                    one.message
                );
            }
            let is_near = is_another_unit(&errors) || errors.iter().any(|one| is_near(one, &path, &slipped, slip.at));
            if errors.len() > 2 || !is_near {
                let told: Vec<&str> = errors.iter().take(3).map(|one| one.message.as_str()).collect();
                let line = slipped[..slip.at].matches('\n').count() + 1;
                otherwise.push(format!("{file}:{line} {slip:?}\n  {} errors: {told:#?}", errors.len()));
            }
        }
        std::fs::write(&path, &text).expect("room");
        std::fs::remove_dir_all(folder.join(&alone).parent().expect("a folder")).expect("gone");
    }
    std::fs::remove_dir_all(&folder).expect("gone");
    assert!(otherwise.len() * ONE_IN <= all, "{} of {all} slips\n{}", otherwise.len(), otherwise.join("\n"));
}
