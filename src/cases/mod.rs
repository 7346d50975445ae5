//! Cases: patients with the expected answer and the approved trace; and the approved sheets of protocols and dictionaries.

mod approved;
mod compare;
mod run;
mod sheets;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::date::Date;
use crate::decide::Request;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceFile, codes};
use crate::document::{Node, Notation, Spanned, parse, restore_entries, restore_table};
use crate::files;
use crate::patient::Record;
use crate::protocol::Protocol;
use crate::protocol::file::CaseFile;
use crate::protocol::load::{case_schema, read_file, read_node, why_unreadable};
use crate::protocol::model::Action;
use crate::trace::Depth;

pub(crate) use approved::approved_course;
pub use approved::approved_text;
pub use compare::{Change, Part, differing};
pub use run::{Difference, Outcome, approve};
#[cfg(feature = "cli")]
pub(crate) use sheets::open_sheets;
pub use sheets::{ApprovedSheet, dictionary_sheet, protocol_sheet};

/// A patient with the expected answer.
#[derive(Clone, Debug)]
pub struct Case {
    /// The case's file.
    pub path: PathBuf,
    /// What it shows.
    pub title: String,
    /// The patient.
    pub record: Record,
    /// The question.
    pub request: Request,
    /// The expected answer.
    #[doc(hidden)]
    pub expect: crate::protocol::file::Expect,
}

impl Case {
    /// Reads a case of a protocol.
    ///
    /// # Errors
    /// With every mistake in it and in the record it starts from.
    pub fn load(path: &Path, protocol: &Protocol) -> Result<(Case, Diagnostics), Diagnostics> {
        Cases::of(protocol).load(path)
    }
}

/// Reads the cases of a protocol, and the records that they start from, each once.
#[derive(Debug)]
pub struct Cases<'p> {
    protocol: &'p Protocol,
    /// What its cases may name among the reasons.
    reasons: Vec<String>,
    starts: HashMap<PathBuf, (Record, Diagnostics)>,
}

impl<'p> Cases<'p> {
    /// Reads cases of a protocol.
    #[must_use]
    pub fn of(protocol: &'p Protocol) -> Cases<'p> {
        Cases { protocol, reasons: protocol.reason_ids(), starts: HashMap::new() }
    }

    /// The cases of a protocol that can be read; what is wrong with the others is told where the cases are checked.
    pub(crate) fn readable(protocol: &Protocol) -> impl Iterator<Item = Case> + '_ {
        let mut reader = Cases::of(protocol);
        of_protocol(protocol).into_iter().filter_map(move |path| Some(reader.load(&path).ok()?.0))
    }

    /// Reads a case.
    ///
    /// # Errors
    /// With every mistake in it and in the record it starts from.
    pub fn load(&mut self, path: &Path) -> Result<(Case, Diagnostics), Diagnostics> {
        let mut found = Diagnostics::default();
        let case = read_file(path, &mut found).and_then(|source| self.read(path, source, &mut found));
        finished(case, found)
    }

    /// Reads a case, and runs it.
    ///
    /// # Errors
    /// When it has mistakes, or cannot be run.
    #[cfg(feature = "cli")]
    pub(crate) fn run(&mut self, path: &Path) -> Result<(Case, Outcome), Diagnostics> {
        let (case, _) = self.load(path)?;
        let outcome = case.run(self.protocol)?;
        Ok((case, outcome))
    }

    /// The same as `load` for a case that is not written yet; `path` is where it would be.
    pub(crate) fn read_text(&mut self, path: &Path, text: &str) -> Result<(Case, Diagnostics), Diagnostics> {
        let mut found = Diagnostics::default();
        let case = self.read(path, SourceFile::new(path.display().to_string(), text), &mut found);
        finished(case, found)
    }

    fn read(&mut self, path: &Path, source: Arc<SourceFile>, found: &mut Diagnostics) -> Option<Case> {
        let protocol = self.protocol;
        let mut node = parse(&source, Notation::Toml, found);
        restore_table(&mut node, case_schema(), &source, found);
        let is_fact = |name: &str, _: &Node| {
            case_schema()["properties"].get(name).is_none() && protocol.dictionary.fact(name).is_some()
        };
        restore_entries(&mut node, "facts", is_fact, &source, found);
        let file: CaseFile = read_node(node.clone(), &source, case_schema(), found);
        let as_of = match file.as_of.parse::<Date>() {
            Ok(day) => day,
            Err(error) => {
                if !file.as_of.span.is_empty() {
                    found.push(Diagnostic::new(&codes::INVALID_DATE, error.to_string()).at(&file.as_of.place(&source)));
                }
                return None;
            }
        };
        let next = file.expect.next.iter().flat_map(|next| [&next.earliest, &next.recommended, &next.latest]);
        let days = [&file.expect.not_before, &file.expect.no_sooner_than, &file.expect.no_later_than];
        for day in days.into_iter().chain(next).flatten().filter(|day| day.value != "none") {
            if let Err(error) = day.parse::<Date>() {
                let diagnostic = Diagnostic::new(&codes::INVALID_DATE, error.to_string()).at(&day.place(&source));
                found.push(diagnostic.help("where there is no such day, write \"none\""));
            }
        }
        let dictionary = &protocol.dictionary;
        let start = match &file.record {
            None => Record::empty(dictionary),
            Some(other) => self.start(path, other, &source, found)?,
        };
        let record = start.overlaid(&node, &source, dictionary, as_of, found);
        for diagnostic in &record.check(dictionary, as_of) {
            found.push(diagnostic.clone());
        }
        let depth = match &file.explain {
            None => Depth::Rules,
            Some(text) => match text.parse::<Depth>() {
                Ok(depth) => depth,
                Err(error) => {
                    found.push(Diagnostic::new(&codes::NOT_A_CHOICE, error.to_string()).at(&text.place(&source)));
                    Depth::Rules
                }
            },
        };
        // A draft is tried out by its cases; another day's protocol answers none.
        for diagnostic in protocol.usable(as_of).iter().filter(|one| *one.code == codes::NOT_IN_FORCE) {
            let diagnostic = Diagnostic::new(&codes::NOT_IN_FORCE, diagnostic.message.clone());
            found.push(diagnostic.at(&file.as_of.place(&source)));
        }
        let mut request = Request::new(as_of).explain(depth);
        for (name, value) in file.set.iter() {
            match request.clone().set(protocol, name, value) {
                Ok(with) => request = with,
                Err(mistakes) => mistakes.iter().for_each(|one| found.push(one.clone().at(&name.place(&source)))),
            }
        }
        check_expectations(&file, &source, (protocol, &self.reasons), found);
        check_days(&file, &source, found);
        check_status(&file, (as_of, &source), protocol, found);
        let counted = node.get("expect").and_then(|expect| expect.get("sessions_done"));
        if let (Some(counted), Some(..0)) = (counted, file.expect.sessions_done) {
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, "no fewer than 0 sessions can count");
            found.push(diagnostic.at(&counted.place(&source)));
        }
        Some(Case { path: path.to_owned(), title: file.title.value.clone(), record, request, expect: file.expect })
    }

    /// The record that a case starts from.
    fn start(
        &mut self,
        path: &Path,
        other: &crate::document::Spanned<String>,
        source: &Arc<SourceFile>,
        found: &mut Diagnostics,
    ) -> Option<Record> {
        let full = path.parent().unwrap_or(Path::new("")).join(&other.value);
        let (record, mistakes) = match self.starts.entry(full) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let file = match self.protocol.record_file(place.key()) {
                    Ok(Some(file)) => file,
                    Ok(None) => {
                        let message = format!("the record `{}` is outside of the clinic's folder", other.value);
                        let diagnostic = Diagnostic::new(&codes::OUTSIDE_CLINIC, message).at(&other.place(source));
                        found.push(diagnostic.help("put a copy of it into the folder `records`, beside the protocols"));
                        return None;
                    }
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        let message = format!("there is no record `{}`", other.value);
                        let diagnostic = Diagnostic::new(&codes::UNREADABLE, message).at(&other.place(source));
                        found.push(diagnostic.help("the path is counted from the case's own folder"));
                        return None;
                    }
                    Err(error) => {
                        let message =
                            format!("the record `{}` cannot be read: {}", other.value, why_unreadable(&error));
                        found.push(Diagnostic::new(&codes::UNREADABLE, message).at(&other.place(source)));
                        return None;
                    }
                };
                place.insert(Record::read(&file, Notation::of(&other.value), &self.protocol.dictionary))
            }
        };
        found.append(mistakes.clone());
        Some(record.clone())
    }
}

fn finished(case: Option<Case>, mut found: Diagnostics) -> Result<(Case, Diagnostics), Diagnostics> {
    match case {
        Some(case) => found.into_result(case),
        None => {
            found.sort();
            Err(found)
        }
    }
}

/// Expected days that cannot come in this order.
fn check_days(file: &CaseFile, source: &Arc<SourceFile>, found: &mut Diagnostics) {
    let expect = &file.expect;
    let mut pairs = vec![(("no_sooner_than", &expect.no_sooner_than), ("no_later_than", &expect.no_later_than))];
    // The last day may be over: of somebody who is too old by now, it is before the earliest.
    pairs.extend(expect.next.iter().map(|next| (("earliest", &next.earliest), ("recommended", &next.recommended))));
    for ((first, before), (second, after)) in pairs {
        let (Some(before), Some(after)) = (before, after) else { continue };
        // What is no day was told of, and "none" is in no order.
        if let (Ok(earlier), Ok(later)) = (before.parse::<Date>(), after.parse::<Date>())
            && later < earlier
        {
            let message = format!("`{second}` is before `{first}`: no answer can be so");
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, message).at(&after.place(source));
            found.push(diagnostic.see(&before.place(source), "the other day"));
        }
    }
}

/// Expectations that no answer can have at once.
fn check_status(
    file: &CaseFile,
    (as_of, source): (Date, &Arc<SourceFile>),
    protocol: &Protocol,
    found: &mut Diagnostics,
) {
    let expect = &file.expect;
    let mut wrong = |place: &Spanned<String>, message: String, help: &str| {
        let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, message).at(&place.place(source));
        found.push(diagnostic.help(help));
    };
    let day = |text: &Option<Spanned<String>>| Some((text.clone()?, text.as_ref()?.parse::<Date>().ok()?));
    let (first, certain) = (day(&expect.not_before), day(&expect.no_sooner_than));
    if let (Some((place, _)), Some(_)) = (&certain, &first) {
        let help = "`not_before` is a day that holds whatever is still open; of one that may become later, `no_sooner_than` is \
                    said in its place";
        wrong(place, "`no_sooner_than` and `not_before` are never in one answer".to_owned(), help);
    }
    let days = [("not_before", &first), ("no_sooner_than", &certain)];
    for (name, (place, _)) in
        days.iter().filter_map(|(name, day)| Some((name, (*day).as_ref()?))).filter(|(_, (_, day))| *day < as_of)
    {
        let message = format!("`{name}` is before the day of the case, which is {as_of}: no answer can be so");
        wrong(place, message, "write the first day that is permitted, or leave the line out");
    }
    if !matches!(expect.status.as_str(), "due" | "overdue") {
        return;
    }
    let status = &expect.status.value;
    let later = days.iter().filter_map(|(name, day)| Some((name, (*day).as_ref()?)));
    for (name, (place, _)) in later.filter(|(_, (_, day))| *day > as_of) {
        let message = format!("what is `{status}` may be done on the day of the case, and `{name}` is later");
        wrong(place, message, "leave the line out, or expect `deferred`");
    }
    for id in &expect.reasons {
        let rule = protocol.rules.iter().find(|rule| rule.id == id.value);
        let held_back = match rule.map(|rule| &rule.action) {
            Some(Action::Contraindicate { .. }) => "contraindicated",
            Some(Action::Defer { .. }) => "deferred",
            _ => continue,
        };
        let message = format!("whoever `{}` applies to is not `{status}`", id.value);
        wrong(id, message, &format!("take it out of the reasons, or expect `{held_back}`"));
    }
}

/// Names in the expectations that cannot be.
fn check_expectations(
    file: &CaseFile,
    source: &Arc<SourceFile>,
    (protocol, ids): (&Protocol, &[String]),
    found: &mut Diagnostics,
) {
    let statuses: Vec<&str> = crate::recommendation::Status::ALL.iter().map(|status| status.word()).collect();
    let expect = &file.expect;
    for status in std::iter::once(&expect.status).chain(expect.could_become.iter().flatten()) {
        if !status.span.is_empty() && !statuses.contains(&status.as_str()) {
            let diagnostic = Diagnostic::new(&codes::NOT_A_CHOICE, format!("`{}` is not a status", status.value));
            let diagnostic = diagnostic.at(&status.place(source)).suggest(status, statuses.iter().copied());
            found.push(diagnostic.help(format!("the statuses are {}", statuses.join(", "))));
        }
    }
    for id in expect.reasons.iter().chain(&expect.precautions) {
        if !ids.contains(&id.value) {
            let message = format!("the protocol has no rule `{}`", id.value);
            let diagnostic = Diagnostic::new(&codes::UNKNOWN_REFERENCE, message).at(&id.place(source));
            if let Some(rule) = protocol.rules.iter().find(|rule| rule.label.as_ref() == Some(&id.value)) {
                let right = format!("\"{}\"", rule.id);
                let help = format!("that is what people read; rules are named by their ids: write {right}");
                found.push(diagnostic.help(help).replace_by(right, false));
                continue;
            }
            found.push(diagnostic.suggest(id, ids.iter().map(String::as_str)));
        }
    }
    // Of a setting for each choice of a set, the choice stands behind its id.
    let settings: Vec<&str> = protocol.settings.iter().map(|setting| setting.id.as_str()).collect();
    for (id, _) in expect.settings.iter() {
        let setting = id.split('.').next().unwrap_or(id);
        if !settings.contains(&setting) {
            let message = format!("the protocol has no setting `{setting}`");
            let diagnostic = Diagnostic::new(&codes::UNKNOWN_REFERENCE, message).at(&id.place(source));
            found.push(diagnostic.suggest(setting, settings.iter().copied()));
        }
    }
    for fact in expect.questions.iter().flatten() {
        if protocol.dictionary.fact(fact).is_none() && !fact.starts_with("sessions.") {
            let names = protocol.dictionary.facts.iter().map(|fact| fact.name.as_str());
            let diagnostic = Diagnostic::new(&codes::UNKNOWN_NAME, format!("there is no fact `{}`", fact.value));
            found.push(diagnostic.at(&fact.place(source)).suggest(fact, names));
        }
    }
}

impl Protocol {
    /// A file with a record that a case starts from; none if it is outside of the clinic's folder, or of the protocol's where it stands alone.
    fn record_file(&self, path: &Path) -> io::Result<Option<Arc<SourceFile>>> {
        let own = Path::new(&self.file.name).canonicalize()?;
        let folder = own.parent().unwrap_or(Path::new(""));
        let clinic =
            folder.parent().filter(|clinic| own.ends_with("protocol.toml") && clinic.join("facts.toml").is_file());
        let real = path.canonicalize()?;
        if !real.starts_with(clinic.unwrap_or(folder)) {
            return Ok(None);
        }
        let text = files::open_plain(&real).and_then(files::read_text)?;
        // By one name, whichever case names it: what is wrong with it is told once.
        Ok(Some(SourceFile::new(files::without_detours(path).display().to_string(), text)))
    }

    /// Every id that can be among the reasons or precautions of an answer.
    #[must_use]
    pub fn reason_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.rules.iter().map(|rule| rule.id.clone()).collect();
        for course in &self.courses {
            ids.push(format!("{}-maximum", course.id));
            ids.push(format!("{}-too-early", course.id));
            ids.push(format!("{}-past", course.id));
            ids.push(format!("{}-age", course.id));
            ids.push(format!("{}-season", course.id));
            ids.extend(course.intervals.iter().map(|interval| interval.id.clone()));
            ids.extend(course.gaps.iter().map(|gap| gap.id.clone()));
        }
        ids.extend(self.separations.iter().map(|separation| separation.id.clone()));
        ids.push("no-course".into());
        ids
    }
}

/// Whether a system or an office program has put a file beside the one of that name: `._a.toml`, `~$a.toml`.
fn is_of_another_program(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.to_string_lossy();
        name.starts_with('.') || name.starts_with("~$")
    })
}

/// The cases of a protocol: the files in the folder `cases` beside it, by name.
#[must_use]
pub fn of_protocol(protocol: &Protocol) -> Vec<PathBuf> {
    let folder = Path::new(&protocol.file.name).parent().unwrap_or(Path::new("")).join("cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml") && !is_of_another_program(path))
        .collect();
    files.sort();
    files
}
