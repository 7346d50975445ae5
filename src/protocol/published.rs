//! Which text of a protocol is read: the file that is being worked on, or the published version in force on a day.
//!
//! A protocol that has published versions has an index of them, `published/index.toml` beside its file. Whoever answers about a patient asks for
//! the version in force; whoever changes or checks a protocol asks for its file. Nobody else has to know where the texts are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde_json::Value as Json;

use super::dictionary::{Answer, Dictionary};
use super::file::{IndexFile, PublishedVersion, Text};
use super::load::{read_file, read_toml};
use super::lost::lost_versions;
use super::model::Protocol;
use super::sha256;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, SourceFile, codes};
use crate::lang::Expr;
use crate::recommendation::EditionWord;

/// The folder of a protocol's published versions, beside its file.
pub(crate) const FOLDER: &str = "published";

/// The name of the index in it.
pub(crate) const INDEX: &str = "index.toml";

/// Which text of a protocol is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Which {
    /// The file that is being worked on.
    WorkingFile,
    /// The published version that is in force on a day; of a protocol without published versions, its file.
    InForceOn(Date),
}

/// What the text of a protocol is: a published version, or a file that may change tomorrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Edition {
    /// The protocol has no published versions.
    #[default]
    Unpublished,
    /// The file that is being worked on, of a protocol that has published versions.
    Draft,
    /// A published version.
    Published {
        /// Who published it.
        by: String,
        /// The day on which it was published.
        on: Date,
        /// Where the index says from when, and until when, it is in force.
        in_force: [Place; 2],
    },
}

impl Edition {
    /// The word in answers.
    #[must_use]
    pub fn word(&self) -> EditionWord {
        match self {
            Edition::Unpublished => EditionWord::Unpublished,
            Edition::Draft => EditionWord::Draft,
            Edition::Published { .. } => EditionWord::Published,
        }
    }

    /// Of a published version, by whom and when that was done.
    #[must_use]
    pub fn published(&self) -> Option<(&str, Date)> {
        match self {
            Edition::Published { by, on, .. } => Some((by, *on)),
            _ => None,
        }
    }
}

/// The index of a protocol's published versions.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    pub(crate) source: Arc<SourceFile>,
    /// The versions, in the order in which they were published, and in which they are in force.
    pub(crate) versions: Vec<Version>,
}

/// A published version.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) version: semver::Version,
    pub(crate) from: Date,
    /// The last day on which it is in force.
    pub(crate) until: Option<Date>,
    pub(crate) on: Date,
    pub(crate) entry: PublishedVersion,
}

/// The schema of an index.
pub(crate) fn index_schema() -> &'static Json {
    static SCHEMA: OnceLock<Json> = OnceLock::new();
    SCHEMA.get_or_init(super::schema::generate::<IndexFile>)
}

/// The index that belongs to a protocol's file, whether it is there or not. Only a protocol that has a folder of its own can have one.
pub(crate) fn index_of(file: &Path) -> Option<PathBuf> {
    file.ends_with("protocol.toml").then(|| file.with_file_name(FOLDER).join(INDEX))
}

/// Whether a protocol has published versions.
#[cfg(feature = "archive")]
pub(crate) fn has_index(file: &Path) -> bool {
    index_of(file).is_some_and(|index| index.is_file())
}

/// Whether a folder is that of a protocol.
pub(super) fn is_protocol(folder: &Path) -> bool {
    folder.join("protocol.toml").is_file() || folder.join(FOLDER).join(INDEX).is_file()
}

/// Whether a folder is that of a protocol's published versions.
pub(super) fn is_folder(folder: &Path) -> bool {
    folder.join(INDEX).is_file() && folder.canonicalize().is_ok_and(|folder| folder.ends_with(FOLDER))
}

/// The protocol's file whose published version, or folder of published versions, a path is.
pub(crate) fn within(path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    path.ancestors().take(3).find(|one| one.ends_with(FOLDER) && one.join(INDEX).is_file()).map(|folder| {
        // INVARIANT: it ends in a folder, so that it is in another.
        folder.with_file_name("protocol.toml")
    })
}

impl Index {
    /// Reads an index; none where it is wrong, which has been told.
    pub(crate) fn read(path: &Path, found: &mut Diagnostics) -> Option<Index> {
        Index::of(&read_file(path, found)?, found)
    }

    /// The index that a text is; none where it is wrong, which has been told.
    pub(crate) fn of(source: &Arc<SourceFile>, found: &mut Diagnostics) -> Option<Index> {
        let source = source.clone();
        let mut wrong = Diagnostics::default();
        let file: IndexFile = read_toml(&source, index_schema(), &mut wrong);
        let mut versions: Vec<Version> = Vec::new();
        for entry in &file.published {
            let Some(version) = Version::of(entry, &source, &mut wrong) else { continue };
            if let Some(last) = versions.last_mut() {
                let order = [
                    (version.version > last.version, "version", &entry.version),
                    (version.from > last.from, "day", &entry.from),
                ];
                for (_, what, text) in order.into_iter().filter(|(is_later, _, _)| !is_later) {
                    let message = format!("the {what} `{}` is not after that of the version before it", text.value);
                    wrong.push(Diagnostic::new(&codes::WRONG_INDEX, message).at(&text.place(&source)));
                }
                // A version is in force until the next one is.
                let before = version.from.plus_days(-1);
                last.until = Some(last.until.map_or(before, |until| until.min(before)));
            }
            versions.push(version);
        }
        if versions.is_empty() && !wrong.has_errors() {
            let place = Place { file: source.clone(), span: 0..0 };
            wrong.push(Diagnostic::new(&codes::WRONG_INDEX, "there is no version in this index").at(&place));
        }
        let is_wrong = wrong.has_errors();
        found.append(wrong);
        (!is_wrong).then_some(Index { source, versions })
    }

    /// Reads the index beside a protocol's file; none where there is none, or where it is wrong, which has been told.
    #[cfg(feature = "cli")]
    pub(crate) fn beside(file: &Path, found: &mut Diagnostics) -> Option<Index> {
        let path = index_of(file).filter(|path| path.is_file())?;
        Index::read(&path, found)
    }

    /// The version that is in force on a day; where none is, the last before it, and before all of them the first.
    fn nearest(&self, day: Date) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.from <= day).or(self.versions.first())
    }

    /// A version by its number.
    pub(crate) fn version(&self, version: &str) -> Option<&Version> {
        self.versions.iter().find(|one| one.entry.version.value == version)
    }

    /// The names of a version's texts.
    #[cfg(feature = "cli")]
    pub(super) fn files_of(&self, version: &str) -> Option<Vec<&str>> {
        self.version(version).map(|version| version.entry.files.iter().map(|(name, _)| name.value.as_str()).collect())
    }

    /// Where the texts of a version are.
    pub(crate) fn folder(&self, version: &Version) -> PathBuf {
        Path::new(&self.source.name).with_file_name(&version.entry.version.value)
    }

    /// What of a version's texts is not as it was published.
    #[cfg(feature = "cli")]
    pub(crate) fn altered(&self, version: &Version) -> Diagnostics {
        let mut found = Diagnostics::default();
        version.verify_all(&self.source, &self.folder(version), &mut found);
        found
    }
}

impl Version {
    fn of(entry: &PublishedVersion, source: &Arc<SourceFile>, wrong: &mut Diagnostics) -> Option<Version> {
        let mut report = |text: &Text, message: String| {
            // What is not there has been told.
            if !text.span.is_empty() {
                wrong.push(Diagnostic::new(&codes::WRONG_INDEX, message).at(&text.place(source)));
            }
        };
        let version = entry.version.parse::<semver::Version>();
        if version.is_err() {
            report(&entry.version, format!("`{}` is not a version", entry.version.value));
        }
        let mut day = |text: &Text| text.parse::<Date>().map_err(|error| report(text, error.to_string())).ok();
        let (from, on) = (day(&entry.from), day(&entry.on));
        let until = entry.until.as_ref().map(day);
        if let (Some(from), Some(Some(until)), Some(text)) = (from, until, &entry.until)
            && until < from
        {
            report(text, "it ends before it begins".to_owned());
        }
        for (name, sha256) in entry.files.iter() {
            let is_name = name.ends_with(".toml") && !name.contains(['/', '\\', ':']) && !name.starts_with('.');
            let is_hash = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !is_name {
                report(name, format!("`{}` is not the name of a text", name.value));
            }
            if !is_hash {
                report(sha256, format!("`{}` is not a SHA-256 in hexadecimal", sha256.value));
            }
        }
        let until = match until {
            Some(until) => Some(until?),
            None => None,
        };
        Some(Version { version: version.ok()?, from: from?, until, on: on?, entry: entry.clone() })
    }

    /// Whether a text is still the one that was published.
    fn verify(&self, index: &Arc<SourceFile>, file: &str, sha256: &str, found: &mut Diagnostics) {
        let published = self.entry.files.iter().find(|(name, _)| name.value == file);
        let version = &self.entry.version.value;
        let (message, place) = match published {
            Some((_, hash)) if hash.value.eq_ignore_ascii_case(sha256) => return,
            Some((_, hash)) => {
                (format!("`{file}` of version {version} was changed after it was published"), hash.place(index))
            }
            None => (
                format!("`{file}` of version {version} was put there after it was published"),
                self.entry.version.place(index),
            ),
        };
        let help =
            "restore the file, from a backup or from the version control system: a published version never changes";
        found.push(Diagnostic::new(&codes::ALTERED_VERSION, message).at(&place).help(help));
    }

    /// Whether all its texts, and what the index says of it, are still what was published.
    fn verify_all(&self, index: &Arc<SourceFile>, folder: &Path, found: &mut Diagnostics) {
        let (version, place) = (&self.entry.version.value, self.entry.version.place(index));
        if self.entry.entry_sha256.as_ref().is_some_and(|said| !said.eq_ignore_ascii_case(&self.entry.sha256())) {
            let message = format!("the entry of version {version} was changed after it was published");
            let help =
                "restore the index, from a backup or from the version control system: only `until` is written by hand";
            found.push(Diagnostic::new(&codes::ALTERED_VERSION, message).at(&place).help(help));
        }
        for (name, _) in self.entry.files.iter() {
            let mut unread = Diagnostics::default();
            match read_file(&folder.join(&name.value), &mut unread) {
                Some(source) => self.verify(index, name, &sha256(&source.text), found),
                None => {
                    let what = unread.iter().map(|one| one.message.clone()).collect::<String>();
                    let place = name.place(index);
                    found.push(Diagnostic::new(&codes::ALTERED_VERSION, what).at(&place));
                }
            }
        }
    }

    fn edition(&self, index: &Arc<SourceFile>) -> Edition {
        let from = self.entry.from.place(index);
        let until = self.entry.until.as_ref().map_or(from.clone(), |until| until.place(index));
        Edition::Published { by: self.entry.by.value.clone(), on: self.on, in_force: [from, until] }
    }
}

/// The text of a protocol that is to be read.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub(super) file: PathBuf,
    /// Whether the protocol has published versions.
    has_versions: bool,
    version: Option<(Arc<SourceFile>, Version)>,
}

impl Chosen {
    /// The text of the protocol of a file; none where that cannot be told, or it may not be asked, which has been told.
    pub(super) fn of(file: &Path, which: Which, found: &mut Diagnostics) -> Option<Chosen> {
        let own = |has_versions| Some(Chosen { file: file.to_owned(), has_versions, version: None });
        if let Some(protocol) = within(file) {
            if which != Which::WorkingFile {
                let message = format!("`{}` is a published version, and is not asked by itself", file.display());
                let help =
                    "give the protocol's own folder: it is answered from the version that is in force on the day";
                found.push(Diagnostic::new(&codes::NOT_ASKED_BY_ITSELF, message).help(help));
                return None;
            }
            let index = Index::read(&index_of(&protocol)?, found)?;
            let folder = file.canonicalize().ok()?.parent()?.file_name()?.to_string_lossy().into_owned();
            // What is beside the versions and is none of them was left by a run that was broken off.
            let Some(version) = index.version(&folder).cloned() else { return own(false) };
            return Some(Chosen { file: file.to_owned(), has_versions: true, version: Some((index.source, version)) });
        }
        let Some(path) = index_of(file).filter(|path| path.is_file()) else {
            // Whoever has published is not answered from what is being worked on.
            let folder = file.parent().filter(|_| which != Which::WorkingFile && file.ends_with("protocol.toml"));
            let folder = folder.map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
            return match folder.and_then(lost_versions) {
                Some(lost) => {
                    found.push(lost);
                    None
                }
                None => own(false),
            };
        };
        let Which::InForceOn(day) = which else { return own(true) };
        let index = Index::read(&path, found)?;
        let version = index.nearest(day)?.clone();
        let file = index.folder(&version).join("protocol.toml");
        Some(Chosen { file, has_versions: true, version: Some((index.source, version)) })
    }

    /// What the answers rest on: the index, and the texts of the version; else the file.
    #[cfg(feature = "archive")]
    pub(super) fn rests_on(&self) -> Vec<PathBuf> {
        let folder = self.file.parent().unwrap_or(Path::new(""));
        match &self.version {
            None => {
                let index = index_of(&self.file).filter(|path| path.is_file());
                index.into_iter().chain([self.file.clone()]).collect()
            }
            Some((index, version)) => {
                let files = version.entry.files.iter().map(|(name, _)| folder.join(&name.value));
                std::iter::once(PathBuf::from(&index.name)).chain(files).collect()
            }
        }
    }

    /// Whether the texts of a version are those that were published, those of a language among them.
    pub(super) fn verify(&self, language: Option<&str>, found: &mut Diagnostics) {
        let Some((index, version)) = &self.version else { return };
        let folder = self.file.parent().unwrap_or(Path::new(""));
        version.verify_all(index, folder, found);
        for name in language.iter().flat_map(|one| [format!("protocol.{one}.toml"), format!("facts.{one}.toml")]) {
            let is_listed = version.entry.files.iter().any(|(listed, _)| listed.value == name);
            if !is_listed && folder.join(&name).is_file() {
                version.verify(index, &name, "", found);
            }
        }
    }

    /// The dictionary that the version was published with; none where the protocol is read with that of the clinic.
    pub(super) fn dictionary(&self, found: &mut Diagnostics) -> Option<Arc<SourceFile>> {
        let (_, version) = self.version.as_ref()?;
        version.entry.files.iter().find(|(name, _)| name.value == "facts.toml")?;
        read_file(&self.file.with_file_name("facts.toml"), found)
    }

    /// A protocol as it is published: in force when the index says so, and reading records as they are read now.
    pub(super) fn published(&self, protocol: Protocol, current: &Dictionary, found: &mut Diagnostics) -> Protocol {
        let Some((index, version)) = &self.version else {
            let edition = if self.has_versions { Edition::Draft } else { Edition::Unpublished };
            return protocol.altered(|model| model.edition = edition);
        };
        let is_shared = version.entry.files.iter().any(|(name, _)| name.value == "facts.toml");
        let is_shared = is_shared && protocol.dictionary.sha256 != current.sha256;
        if is_shared {
            for difference in read_differently(&protocol, current) {
                found.push(difference.diagnostic(&protocol));
            }
        }
        let dictionary = is_shared.then(|| Arc::new(of_today(&protocol, current)));
        protocol.altered(|model| {
            model.edition = version.edition(index);
            model.in_force_from = version.from;
            model.in_force_until = version.until;
            if let Some(dictionary) = dictionary {
                model.dictionary = dictionary;
            }
        })
    }
}

/// Something that a version reads and that is declared otherwise now.
#[derive(Clone, Debug)]
pub(crate) struct ReadDifferently {
    /// `the fact `hba1c``
    what: String,
    /// What is different about it.
    how: &'static str,
    /// Where it is declared now.
    now: Option<Place>,
}

impl ReadDifferently {
    fn diagnostic(&self, protocol: &Protocol) -> Diagnostic {
        let who = format!("version {} of `{}`", protocol.version, protocol.id);
        let message = format!("{} has {} in the dictionary now, and {who} cannot read it", self.what, self.how);
        // The place is in the version's own text: the other protocols answer.
        let diagnostic = Diagnostic::new(&codes::READ_DIFFERENTLY, message).at(&protocol.value_place("version", None));
        let diagnostic = match &self.now {
            Some(place) => diagnostic.see(place, "as it is declared now"),
            None => diagnostic,
        };
        diagnostic.help("declare it as it was, under a new name if both are needed, or publish a version that reads it as it is now")
    }
}

/// What a protocol reads of its dictionary, by the name, the answer, and whether it is a note of sessions.
fn reads(protocol: &Protocol) -> Vec<(&str, &Answer, bool)> {
    let dictionary = &protocol.dictionary;
    let facts = protocol.facts.iter().filter_map(|at| dictionary.facts.get(*at));
    let facts = facts.map(|fact| (fact.name.as_str(), &fact.answer, false));
    let is_read = |at: usize| {
        let counted = protocol.counter().is_some_and(|counter| usize::from(counter.note) == at);
        counted
            || protocol.program.nodes.iter().any(|node| match &node.expr {
                Expr::EndNote { note, .. } | Expr::SessionNote { note, .. } => usize::from(*note) == at,
                _ => false,
            })
    };
    let notes = dictionary.notes.iter().enumerate().filter(|(at, _)| is_read(*at));
    facts.chain(notes.map(|(_, note)| (note.name.as_str(), &note.answer, true))).collect()
}

impl Protocol {
    /// The names of what it reads of its dictionary: facts, and notes of sessions.
    #[cfg(feature = "cli")]
    pub(crate) fn reads_of_dictionary(&self) -> impl Iterator<Item = &str> {
        reads(self).into_iter().map(|(name, ..)| name)
    }
}

/// What a protocol reads and a dictionary declares otherwise than its own.
fn read_differently(protocol: &Protocol, current: &Dictionary) -> Vec<ReadDifferently> {
    let own =
        |name: &str| protocol.dictionary.fact(name).is_some_and(|(_, fact)| fact.place.file.name == protocol.file.name);
    let of = |(name, then, is_note): (&str, &Answer, bool)| {
        let what = if is_note { format!("the note `{name}`") } else { format!("the fact `{name}`") };
        let (now, place) = match is_note {
            true => (current.note(name).map(|(_, note)| &note.answer), None),
            false => {
                let fact = current.fact(name).map(|(_, fact)| fact);
                (fact.map(|fact| &fact.answer), fact.map(|fact| fact.place.clone()))
            }
        };
        let how = now.map_or(Some("no place"), |now| differs(then, now))?;
        Some(ReadDifferently { what, how, now: place })
    };
    reads(protocol).into_iter().filter(|(name, _, is_note)| *is_note || !own(name)).filter_map(of).collect()
}

/// What is different between two declarations of an answer; texts for people are not.
fn differs(then: &Answer, now: &Answer) -> Option<&'static str> {
    let unit = |answer: &Answer| match &answer.ty {
        crate::lang::Type::Number { unit, .. } => unit.clone(),
        _ => None,
    };
    let choices = |answer: &Answer| answer.choices().iter().cloned().collect::<BTreeSet<_>>();
    if then.declared != now.declared {
        return Some("another type");
    }
    let all = [
        (unit(then) != unit(now), "another unit"),
        (choices(then) != choices(now), "other choices"),
        (then.range != now.range, "another range"),
        (then.decimals != now.decimals, "another number of decimals"),
    ];
    all.into_iter().find(|(is_other, _)| *is_other).map(|(_, how)| how)
}

/// The dictionary of a version, with what records may hold today. What the version reads is as it was: how long an answer may be used, and
/// when it is asked, is a part of what was published.
fn of_today(protocol: &Protocol, current: &Dictionary) -> Dictionary {
    let read = reads(protocol);
    let is_read = |name: &str, is_note: bool| read.iter().any(|(other, _, note)| *other == name && *note == is_note);
    let mut dictionary = (*protocol.dictionary).clone();
    for fact in &current.facts {
        match dictionary.facts.iter_mut().find(|other| other.name == fact.name) {
            Some(_) if is_read(&fact.name, false) => {}
            // Its conditions name facts by their places in the other dictionary, and nobody asks them.
            Some(other) => *other = super::dictionary::Fact { asked_when: None, ..fact.clone() },
            None => dictionary.facts.push(super::dictionary::Fact { asked_when: None, ..fact.clone() }),
        }
    }
    for note in &current.notes {
        match dictionary.notes.iter_mut().find(|other| other.name == note.name) {
            Some(_) if is_read(&note.name, true) => {}
            Some(other) => *other = note.clone(),
            None => dictionary.notes.push(note.clone()),
        }
    }
    let known = |name: &str| dictionary.treatments.iter().any(|(other, _)| other == name);
    let treatments: Vec<_> = current.treatments.iter().filter(|(name, _)| !known(name)).cloned().collect();
    dictionary.treatments.extend(treatments);
    dictionary.changed();
    dictionary
}
