//! What `regimen check` says to a clinic manager, word by word.
//!
//! `tests/broken` holds small files with planted mistakes. The lines `#~ R103 titel` at the head of a file are the intention of who
//! planted them: the code of each mistake, and the text that must be underlined. What is printed is a snapshot beside this file.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[allow(dead_code, reason = "other tests need the rest")]
mod support;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use regimen::cases::Case;
use regimen::diagnostic::{Diagnostics, Severity, SourceFile, codes, render};
use regimen::internals::{Data, Key, Node, parse};
use regimen::{Clinic, Date, Notation, Record, check};

/// Codes that no file here can bring about.
const ELSEWHERE: &[(&str, &str)] = &[
    ("R119", "takes 65,535 parameters: tests/many_mistakes.rs"),
    ("R890", "takes a set with `none` among its choices: tests/record.rs"),
    ("R415", "said in an answer: tests/unanswerable.rs"),
    ("R416", "said in an answer: tests/settings.rs"),
    ("R418", "said of a patient by a protocol: tests/courses.rs"),
    ("R419", "said of a record by a protocol: tests/applicability.rs"),
    ("R421", "said of a record by a protocol: tests/appointments.rs"),
    ("R423", "takes two records: tests/doors.rs"),
    ("R424", "takes a table: tests/doors.rs"),
    ("R426", "takes two dictionaries: tests/dictionaries.rs"),
    ("R431", "takes an interview: tests/ask.rs"),
    ("R432", "takes an interview: tests/ask.rs"),
    ("R433", "takes an interview: tests/interview.rs"),
    ("R434", "takes a record: tests/first_day.rs"),
    ("R810", "takes an archive: tests/archive.rs"),
    ("R815", "takes an archive: tests/archive.rs"),
    ("R607", "takes a case that fails: tests/how_good.rs"),
    ("R608", "said of a whole protocol by `test --mutate`: tests/how_good.rs"),
    ("R609", "takes a thread that breaks off: told from the count of results"),
    ("R737", "said of a patient by a protocol: tests/session_days.rs"),
    ("R312", "takes two files: tests/labels.rs"),
    ("R428", "takes a folder: tests/many_mistakes.rs"),
    ("R742", "takes two files: tests/labels.rs"),
    ("R743", "takes two files: tests/labels.rs"),
    ("R756", "takes two files: tests/labels.rs"),
    ("R757", "takes two files: tests/labels.rs"),
    ("R758", "takes a language: tests/labels.rs"),
    ("R746", "takes a folder: tests/files.rs"),
    ("R501", "said by `regimen test` of a path without cases"),
    ("R505", "takes a time zone: tests/doors.rs"),
    ("R507", "said of a handout: tests/cases/handout.rs"),
    ("R509", "takes a file to write: tests/cases/handout.rs"),
    ("R830", "said of a property: tests/prove.rs"),
    ("R831", "said by `regimen prove`: tests/prove.rs"),
    ("R832", "said by `regimen prove`: tests/prove.rs"),
    ("R821", "said of a stored answer: tests/verify.rs"),
    ("R822", "said of a stored answer: tests/verify.rs"),
    ("R823", "said of a stored answer: tests/verify.rs"),
    ("R824", "said of a stored answer: tests/verify.rs"),
    ("R825", "said of a stored answer: tests/verify.rs"),
    ("R826", "said of a stored answer: tests/verify.rs"),
    ("R892", "said of a stored answer: tests/verify.rs"),
    ("R752", "found in texts of an instruction: tests/cases/handout.rs"),
    ("R753", "takes a language: tests/cases/handout.rs"),
    ("R801", "takes an archive: tests/archive.rs"),
    ("R802", "takes an archive: src/archive/tests.rs"),
    ("R803", "takes an archive: src/archive/tests.rs"),
    ("R804", "takes an archive: src/archive/tests.rs"),
    ("R805", "takes a receipt: tests/archive.rs"),
    ("R806", "takes an archive: tests/archive.rs"),
    ("R807", "takes an archive: tests/archive.rs"),
    ("R808", "takes an archive: tests/archive.rs"),
    ("R809", "takes two programs: src/cli/keep.rs"),
    ("R850", "takes two pages: tests/serve.rs"),
    ("R851", "said by the web application: tests/serve.rs"),
    ("R852", "said by the web application: tests/serve.rs"),
    ("R853", "said by the web application: tests/serve.rs"),
    ("R854", "takes an address: tests/serve.rs"),
    ("R855", "takes an archive: src/archive/records.rs"),
    ("R856", "takes a form: src/serve/form.rs"),
    ("R857", "takes files that change: tests/serve.rs"),
    ("R858", "takes an address: tests/serve.rs"),
    ("R860", "takes two pages: tests/serve_manager.rs"),
    ("R861", "takes a file that cannot be written: tests/serve_manager.rs"),
    ("R862", "takes a form: tests/serve_manager.rs"),
    ("R863", "takes an archive: tests/serve_users.rs"),
    ("R864", "takes an archive: tests/serve_users.rs"),
    ("R865", "takes a password: tests/serve_users.rs"),
    ("R866", "takes files that are none of a clinic: tests/serve_users.rs"),
    ("R867", "said by the web application: tests/serve_users.rs"),
    ("R868", "said by the web application: tests/serve_users.rs"),
    ("R869", "said by the web application: tests/serve_users.rs"),
    ("R827", "takes a git revision: tests/diff.rs"),
    ("R828", "takes a git revision: tests/diff.rs"),
    ("R835", "takes a published version: tests/publish.rs"),
    ("R836", "takes a published version: tests/publish.rs"),
    ("R837", "takes a published version: tests/publish.rs"),
    ("R838", "takes a published version: tests/publish.rs"),
    ("R839", "takes a published version: tests/publish.rs"),
    ("R840", "takes a published version: tests/publish.rs"),
    ("R841", "said by `regimen publish`: tests/publish.rs"),
    ("R845", "takes a published version: tests/publish.rs"),
    ("R842", "takes a declaration and a dictionary: tests/publish.rs"),
    ("R844", "said of a Parquet file: tests/parquet.rs"),
    ("R843", "said of a column of records: tests/cohort.rs"),
    ("R901", "takes a mistake of regimen: src/batch/worker.rs"),
];

fn as_of() -> Date {
    "2026-03-02".parse().unwrap()
}

/// A broken file: its name, and how it is looked at.
struct Broken {
    /// `R103-hyphen`, `records-R401-future`: the name of its snapshot.
    name: String,
    /// The file that says what is planted.
    path: String,
    found: Diagnostics,
}

/// The entries of a folder in the order of their names, as paths with forward slashes.
fn list(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names.into_iter().map(|name| format!("{folder}/{name}")).collect()
}

fn stem(path: &str) -> String {
    Path::new(path).file_stem().unwrap().to_str().unwrap().to_owned()
}

/// Everything that can be said of a clinic or protocol: mistakes, then what analysis finds.
fn look(path: &str, whole: bool) -> Diagnostics {
    let (clinic, mut found) = Clinic::read(Path::new(path));
    if !found.has_errors() {
        found.append(check(&clinic, as_of(), whole));
    }
    if stem(path).starts_with("R50") {
        clinic.protocols.iter().for_each(|protocol| found.append(protocol.usable(as_of())));
    }
    found.sort();
    found
}

fn sound() -> Clinic {
    let (clinic, warnings) = Clinic::load("tests/broken/sound").unwrap();
    assert!(warnings.is_empty());
    clinic
}

fn record(path: &str, clinic: &Clinic) -> Diagnostics {
    let mut found = Diagnostics::default();
    let Some(source) = regimen::internals::read_file(Path::new(path), &mut found) else { return found };
    let (record, mistakes) = Record::read(&source, Notation::of(path), &clinic.dictionary);
    found.append(mistakes);
    found.append(record.check(&clinic.dictionary, as_of()));
    found.sort();
    found
}

fn case(path: &str, clinic: &Clinic) -> Diagnostics {
    match Case::load(Path::new(path), &clinic.protocols[0]) {
        Ok((_, warnings)) => warnings,
        Err(mistakes) => mistakes,
    }
}

fn all() -> Vec<Broken> {
    let mut all = Vec::new();
    for path in list("tests/broken").into_iter().filter(|path| path.ends_with(".toml")) {
        all.push(Broken { name: stem(&path), found: look(&path, false), path });
    }
    let clinic = sound();
    for path in list("tests/broken/records") {
        all.push(Broken { name: format!("records-{}", stem(&path)), found: record(&path, &clinic), path });
    }
    for path in list("tests/broken/sound/cases") {
        all.push(Broken { name: format!("cases-{}", stem(&path)), found: case(&path, &clinic), path });
    }
    for path in list("tests/broken/clinics") {
        let name = format!("clinics-{}", Path::new(&path).file_name().unwrap().to_str().unwrap());
        all.push(Broken { name, found: look(&path, true), path: format!("{path}/facts.toml") });
    }
    all
}

/// What was planted, if the file says so: `R103 titel`.
fn planted(path: &str) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(path).ok()?;
    let lines = text.lines().filter_map(|line| line.strip_prefix("#~ "));
    // JSON has no comments.
    path.ends_with(".toml").then(|| lines.map(|line| line.trim_end_matches('\r').to_owned()).collect())
}

/// What was found, in the same form: the code, and the first line of what is underlined.
fn told(found: &Diagnostics) -> Vec<String> {
    let mut told: Vec<String> = found
        .iter()
        .map(|diagnostic| {
            let text = diagnostic.label.as_ref().map_or("", |label| label.place.text());
            format!("{} {}", diagnostic.code.id, text.lines().next().unwrap_or(""))
        })
        .collect();
    told.sort();
    told
}

#[test]
fn every_file_is_told_as_it_was() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    let changed: Vec<String> = all()
        .into_iter()
        .filter(|broken| {
            let text = render::human(&broken.found, false);
            let snapshot = || settings.bind(|| insta::assert_snapshot!(broken.name.as_str(), text));
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(snapshot)).is_err()
        })
        .map(|broken| broken.name)
        .collect();
    assert!(changed.is_empty(), "{changed:#?}");
}

#[test]
fn exactly_what_was_planted_is_underlined() {
    let mut wrong = Vec::new();
    for broken in all() {
        let Some(mut planted) = planted(&broken.path) else { continue };
        planted.sort();
        let told = told(&broken.found);
        if planted != told {
            wrong.push(format!("{}\n  planted {planted:?}\n  told    {told:?}", broken.name));
        }
    }
    assert!(wrong.is_empty(), "{} files\n{}", wrong.len(), wrong.join("\n"));
}

/// Files of which a mistake hides others, which come to light when it is mended.
const HIDDEN: [&str; 1] = ["R103-in-every-table"];

/// Whoever writes what is suggested has fewer mistakes, and no new one.
#[test]
fn every_replacement_mends() {
    let folder = std::env::temp_dir().join(format!("regimen-replace-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let of = |found: &Diagnostics| -> Vec<String> {
        // What is suspicious is looked for only where there is no mistake.
        let errors = found.iter().filter(|one| one.severity == Severity::Error);
        let mut all: Vec<String> = errors.map(|one| format!("{} {}", one.code.id, one.message)).collect();
        all.sort();
        all
    };
    let (mut tried, mut wrong) = (0, Vec::new());
    for path in list("tests/broken").into_iter().filter(|path| path.ends_with(".toml")) {
        let found = look(&path, false);
        let before = of(&found);
        for one in &found {
            let Some(replacement) = &one.replacement else { continue };
            tried += 1;
            let mut text = replacement.place.file.text.clone();
            text.replace_range(replacement.place.span.clone(), &replacement.text);
            let copy = folder.join(Path::new(&path).file_name().unwrap());
            std::fs::write(&copy, text).unwrap();
            let after = of(&look(copy.to_str().unwrap(), false));
            let mut left = before.clone();
            let new: Vec<&String> = after
                .iter()
                .filter(|one| match left.iter().position(|other| other == *one) {
                    Some(at) => {
                        left.remove(at);
                        false
                    }
                    None => true,
                })
                .collect();
            let is_hidden = HIDDEN.contains(&stem(&path).as_str());
            if (!new.is_empty() && !is_hidden) || (left.is_empty() && !before.is_empty()) {
                wrong.push(format!(
                    "{path}: `{}` for {}: {}\n  new {new:?}",
                    replacement.text, one.code.id, one.message
                ));
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(tried > 50, "only {tried}");
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_code_is_brought_about() {
    let mut met: BTreeSet<&str> = all().iter().flat_map(|broken| broken.found.iter().map(|one| one.code.id)).collect();
    let missing = look("tests/broken/no-such-file.toml", false);
    met.extend(missing.iter().map(|one| one.code.id));
    for (code, why) in ELSEWHERE {
        assert!(met.insert(code), "{code} is brought about after all: {why}");
    }
    let never: Vec<&str> = codes::ALL.iter().map(|code| code.id).filter(|id| !met.contains(id)).collect();
    assert!(never.is_empty(), "{never:?}");
}

#[test]
fn snapshots_have_files() {
    let names: BTreeSet<String> = all().into_iter().map(|broken| format!("check__{}.snap", broken.name)).collect();
    for entry in std::fs::read_dir("tests/snapshots").unwrap() {
        let file: PathBuf = entry.unwrap().path();
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(!name.starts_with("check__") || names.contains(name), "{name} belongs to no file");
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Random edits of the shipped clinic: whatever a slip of the hand does to a file, reading it never panics, and what it
// makes illegal is told.
// ---------------------------------------------------------------------------------------------------------------------

/// The same throws on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// The shipped dictionary and a protocol, in a folder of their own.
struct Shipped {
    folder: PathBuf,
    files: [Shape; 2],
    /// Every name that expressions may use, every choice.
    names: BTreeSet<String>,
    choices: BTreeSet<String>,
    essence: String,
}

/// A file and its parts.
struct Shape {
    name: &'static str,
    text: String,
    /// Each key: where it stands, and the table that it is in.
    keys: Vec<(Key, String)>,
    /// Each value: its key, and itself.
    values: Vec<(String, Node)>,
}

/// What is done to one of the files.
struct Edit {
    file: usize,
    span: Range<usize>,
    text: String,
    /// Whether it makes the file illegal, and, where that is sure, what is underlined.
    illegal: bool,
    underlined: Option<String>,
}

/// Texts for people: nothing in them is a name.
const PROSE: [&str; 16] = [
    "title",
    "note",
    "reason",
    "do",
    "otherwise",
    "ask",
    "action",
    "sign",
    "label",
    "url",
    "owner",
    "text",
    "until",
    "within",
    "then",
    "codes",
];

/// Keys whose text is an expression, wherever they stand.
const EXPRESSIONS: [&str; 4] = ["when", "not_before", "recheck", "definitions"];

/// Keys that every table must have in which they stand.
const REQUIRED: [&str; 12] =
    ["id", "type", "ask", "of", "valid_for", "sources", "otherwise", "lasts", "at", "do", "sign", "action"];

impl Shape {
    fn new(name: &'static str) -> Shape {
        let text = std::fs::read_to_string(format!("protocols/{name}")).unwrap();
        let mut found = Diagnostics::default();
        let tree = parse(&SourceFile::new(name, text.as_str()), Notation::Toml, &mut found);
        assert!(found.is_empty());
        let mut shape = Shape { name, text, keys: Vec::new(), values: Vec::new() };
        shape.walk("", &tree);
        shape
    }

    fn walk(&mut self, name: &str, node: &Node) {
        for (key, value) in node.entries() {
            self.keys.push((key.clone(), name.to_owned()));
            // What is in `[definitions]` is known by that, but for labels.
            self.walk(if name == "definitions" && key.name != "label" { name } else { &key.name }, value);
        }
        node.items().iter().for_each(|item| self.walk(name, item));
        if !name.is_empty() {
            self.values.push((name.to_owned(), node.clone()));
        }
    }

    fn expressions(&self) -> Vec<&Node> {
        let is = |(name, node): &&(String, Node)| EXPRESSIONS.contains(&name.as_str()) && node.text().is_some();
        self.values.iter().filter(is).map(|(_, node)| node).collect()
    }

    /// The words of the expressions, with what comes right before each.
    fn words(&self) -> Vec<(Range<usize>, &str)> {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut words = Vec::new();
        for node in self.expressions() {
            let mut at = node.span.start;
            while at < node.span.end {
                let rest = &self.text[at..node.span.end];
                let Some(start) = rest.find(word) else { break };
                let length = rest[start..].find(|c| !word(c)).unwrap_or(rest.len() - start);
                words.push((at + start..at + start + length, &self.text[node.span.start..at + start]));
                at += start + length;
            }
        }
        words
    }

    /// The lines, without their ends.
    fn lines(&self) -> Vec<Range<usize>> {
        let mut start = 0;
        let line = |text: &str| {
            let line = start..start + text.trim_end_matches('\n').len();
            start += text.len();
            line
        };
        self.text.split_inclusive('\n').map(line).collect()
    }

    /// The keys that begin a line, each with its table, whose value ends with that line.
    fn key_lines(&self) -> Vec<(&str, &str, Range<usize>)> {
        let lines = self.lines();
        let whole = |(key, _): &(Key, String)| {
            let line = lines.iter().find(|line| line.start == key.span.start)?;
            self.values.iter().any(|(_, node)| node.span.end == line.end).then(|| line.clone())
        };
        self.keys.iter().filter_map(|key| Some((key.0.name.as_str(), key.1.as_str(), whole(key)?))).collect()
    }
}

/// The names, operators and numbers of all expressions, without their places.
fn essence(clinic: &Clinic) -> String {
    let of = |protocol: &regimen::Protocol| {
        let exprs: Vec<String> = protocol.program.nodes.iter().map(|node| format!("{:?}", node.expr)).collect();
        format!("{exprs:?} {:?} {:?} {:?}", protocol.facts, protocol.program.lists, protocol.program.texts)
    };
    clinic.protocols.iter().map(of).collect()
}

impl Shipped {
    /// `name` keeps the folders of tests that run at once apart.
    fn new(name: &str) -> Shipped {
        let folder = std::env::temp_dir().join(format!("regimen-check-{}-{name}", std::process::id()));
        std::fs::create_dir_all(folder.join("microneedling-acne-scars")).unwrap();
        let files = [Shape::new("facts.toml"), Shape::new("microneedling-acne-scars/protocol.toml")];
        for file in &files {
            std::fs::write(folder.join(file.name), &file.text).unwrap();
        }
        let (clinic, _) = Clinic::load(&folder).unwrap();
        let dictionary = &clinic.dictionary;
        let mut names: BTreeSet<String> = dictionary.facts.iter().map(|fact| fact.name.clone()).collect();
        names.extend(clinic.protocols[0].parameters.iter().map(|parameter| parameter.name.clone()));
        names.extend(clinic.protocols[0].definitions.iter().map(|definition| definition.name.clone()));
        let answers = dictionary.facts.iter().map(|fact| &fact.answer);
        let choices = answers.flat_map(|answer| answer.choices().iter().cloned()).collect();
        Shipped { folder, files, names, choices, essence: essence(&clinic) }
    }

    /// Whether something beside prose, and beside what is said to be meant, speaks of a name.
    fn speaks_of(&self, name: &str) -> bool {
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        self.files.iter().flat_map(|file| &file.values).any(|(key, node)| {
            // A choice may be called in its label as it is written.
            let is_prose = PROSE.contains(&key.as_str()) || key == "on" || key == name;
            let text = node.text().filter(|_| !is_prose).unwrap_or("");
            text.split(|c| !word(c)).any(|other| other == name) || (name == "date_of_birth" && text.contains("age"))
        })
    }

    /// Reads the clinic with an edit, and says what is wrong with that.
    fn try_out(&self, edit: &Edit) -> Option<String> {
        let file = &self.files[edit.file];
        let mut text = file.text.clone();
        text.replace_range(edit.span.clone(), &edit.text);
        let path = self.folder.join(file.name);
        std::fs::write(&path, &text).unwrap();
        let (clinic, found) = Clinic::read(&self.folder);
        std::fs::write(&path, &file.text).unwrap();

        let labels = found.iter().flat_map(|one| one.label.iter().chain(&one.related));
        let misplaced = labels.clone().any(|label| label.place.file.text.get(label.place.span.clone()).is_none());
        let underlined =
            |wanted: &String| found.iter().any(|one| one.label.iter().any(|label| label.place.text().contains(wanted)));
        let inside = |node: &&Node| node.span.start < edit.span.start && edit.span.end < node.span.end;
        let in_expression = file.expressions().iter().any(inside) && !file.text[edit.span.clone()].trim().is_empty();
        let complaint = if misplaced {
            "a label lies outside of the text"
        } else if edit.illegal && !found.has_errors() {
            "nothing is said"
        } else if !edit.underlined.as_ref().is_none_or(underlined) {
            "the mistake is not underlined"
        } else if in_expression && !found.has_errors() && essence(&clinic) == self.essence {
            "an expression was changed, and means the same"
        } else {
            return None;
        };
        let (line, _) = SourceFile::new("", file.text.as_str()).position(edit.span.start);
        let before = &file.text[edit.span.clone()];
        Some(format!("{}:{line}: {complaint}: `{before}` became `{}`\n{}", file.name, edit.text, render::plain(&found)))
    }
}

impl Drop for Shipped {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Tries out edits of one kind in both files.
fn edits(kind: &str, count: usize, make: impl Fn(&Shipped, &Shape, &mut Dice) -> Option<Edit>) {
    let shipped = Shipped::new(kind);
    let mut dice = Dice(kind.bytes().map(u64::from).sum());
    let mut complaints = Vec::new();
    let mut done = 0;
    while done < count {
        // The protocol is the larger file, and has all of the expressions.
        let file = usize::from(dice.below(4) > 0);
        if let Some(edit) = make(&shipped, &shipped.files[file], &mut dice) {
            done += 1;
            complaints.extend(shipped.try_out(&Edit { file, ..edit }));
        }
    }
    assert!(complaints.is_empty(), "{} of {count} edits\n{}", complaints.len(), complaints.join("\n"));
}

/// A word with one character less.
fn shortened(word: &str, dice: &mut Dice) -> String {
    let at = dice.below(word.len());
    format!("{}{}", &word[..at], &word[at + 1..])
}

fn illegal(span: Range<usize>, text: impl Into<String>) -> Option<Edit> {
    Some(Edit { file: 0, span, text: text.into(), illegal: true, underlined: None })
}

#[test]
fn a_misspelt_key_is_told() {
    edits("key", 60, |shipped, file, dice| {
        let (key, table) = dice.pick(&file.keys);
        let misspelt = shortened(&key.name, dice);
        let named = ["facts", "session_facts", "parameters", "definitions", "sources"].contains(&table.as_str());
        // Of a choice it is not known whether the protocol speaks of that or of another of the same name, in a list or a text; a label may stand
        // beside a treatment's own protocol.
        if table == "treatments" || table == "choices" {
            return None;
        }
        let edit = illegal(key.span.clone(), misspelt.as_str())?;
        // Where nobody uses the name, another is as good.
        Some(Edit { illegal: !misspelt.is_empty() && (!named || shipped.speaks_of(&key.name)), ..edit })
    });
}

#[test]
fn a_misspelt_name_is_told_and_underlined() {
    edits("name", 60, |shipped, file, dice| {
        let words = file.words();
        let (span, before) = words.get(dice.below(words.len().max(1)))?;
        let word = &file.text[span.clone()];
        let misspelt = shortened(word, dice);
        let choice = before.ends_with('"');
        if word.len() < 3 || before.ends_with("sessions_of(\"") || shipped.names.contains(&misspelt) {
            return None;
        }
        let known = if choice {
            shipped.choices.contains(word) && !shipped.choices.contains(&misspelt)
        } else {
            shipped.names.contains(word)
        };
        let edit = illegal(span.clone(), misspelt.as_str())?;
        known.then_some(Edit { underlined: Some(misspelt), ..edit })
    });
}

#[test]
fn a_changed_type_is_told() {
    edits("type", 60, |_, file, dice| {
        let (key, node) = dice.pick(&file.values);
        let numbers = ["value", "from", "to", "minimum", "planned", "maximum"];
        // A table under a header is not one value.
        let text = match &node.data {
            Data::Text(_) if numbers.contains(&key.as_str()) => return None,
            Data::Text(_) | Data::Date(_) => "7",
            Data::Bool(_) => "\"yes\"",
            Data::Integer(_) | Data::Decimal(_) => "\"seven\"",
            Data::Array(_)
                if file.text[node.span.clone()].starts_with('[') && !file.text[node.span.clone()].starts_with("[[") =>
            {
                "\"x\""
            }
            _ => return None,
        };
        illegal(node.span.clone(), text)
    });
}

#[test]
fn a_lost_quote_is_told() {
    edits("quote", 60, |_, file, dice| {
        let (_, node) = dice.pick(&file.values);
        node.text()?;
        let at = if dice.below(2) == 0 { node.span.start } else { node.span.end - 1 };
        illegal(at..at + 1, "")
    });
}

/// What the analysis leaves open is decided by cases: one in which the rule fires, and one in which it does not.
#[test]
fn a_rule_that_a_case_fires_and_another_does_not_is_not_left_open() {
    let rule = "[[precaution]]\nid = \"second-late\"\n\
                when = '!sessions.is_empty() && sessions.first.date + days(60) < sessions.last.date && sessions.last.date + days(30) < today'\n\
                do = \"Begin with less.\"\nreason = \"The skin is no longer used to it.\"\nsources = [\"clinic\"]\n";
    let folder = support::Folder::new();
    folder.write("peel/protocol.toml", format!("{}{rule}", include_str!("fixtures/head.toml")));
    let left_open = || {
        let (clinic, found) = Clinic::read(&folder.path().join("peel"));
        assert!(!found.has_errors(), "{found}");
        check(&clinic, "2026-03-02".parse().expect("a day"), false).to_string().contains("second-late")
    };
    let case = |name: &str, sessions: &str| {
        let text = format!(
            "title = \"t\"\nas_of = 2026-03-02\nsessions = [{sessions}]\n[facts]\n[expect]\nstatus = \"due\"\n"
        );
        folder.write(&format!("peel/cases/{name}.toml"), text);
    };
    let session = |date: &str| format!("{{ treatment = \"trial\", date = {date} }}");
    assert!(left_open());
    case("none", "");
    assert!(left_open(), "nobody has shown that it can fire");
    case("late", &format!("{}, {}", session("2025-09-01"), session("2026-01-02")));
    assert!(!left_open());
}

#[test]
fn a_wrong_operator_is_told() {
    edits("operator", 60, |_, file, dice| {
        let expressions = file.expressions();
        let node = expressions.get(dice.below(expressions.len().max(1)))?;
        let (right, wrong) = *dice.pick(&[
            ("==", "="),
            ("!=", "=!"),
            ("&&", "and"),
            ("||", "or"),
            (">=", "=>"),
            ("<=", "=<"),
            ("&&", "&"),
            ("<", "<>"),
        ]);
        let at = node.span.start + file.text[node.span.clone()].find(right)?;
        illegal(at..at + right.len(), wrong)
    });
}

#[test]
fn a_duplicate_line_is_told() {
    edits("twice", 40, |_, file, dice| {
        let lines = file.lines();
        let header = |line: &&Range<usize>| file.text[(*line).clone()].starts_with('[');
        let headers: Vec<Range<usize>> = lines.iter().filter(header).cloned().collect();
        let keys = file.key_lines();
        let line = if dice.below(3) == 0 { dice.pick(&headers).clone() } else { dice.pick(&keys).2.clone() };
        illegal(line.end..line.end, format!("\n{}", &file.text[line]))
    });
}

#[test]
fn a_deleted_line_is_told() {
    edits("deleted", 40, |_, file, dice| {
        let keys = file.key_lines();
        let (name, table, line) = dice.pick(&keys);
        // A separation may do without an id.
        (REQUIRED.contains(name) && (*name, *table) != ("id", "separation")).then_some(())?;
        illegal(line.start..line.end + 1, "")
    });
}

#[test]
fn whatever_is_dropped_or_typed_nothing_panics() {
    edits("any", 100, |_, file, dice| {
        let starts: Vec<(usize, char)> = file.text.char_indices().collect();
        let (at, c) = *dice.pick(&starts);
        let typed = *dice.pick(&["", "", "", "", "\"", "'", "[", "]", "{", "}", "=", "\\", "#", "é", "\t", "\n", "\0"]);
        let span = if typed.is_empty() { at..at + c.len_utf8() } else { at..at };
        Some(Edit { illegal: false, ..illegal(span, typed)? })
    });
}
