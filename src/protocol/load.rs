//! Reading a clinic folder.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::compile::compile;
use super::dictionary::Dictionary;
use super::file::{CaseFile, ClinicFile, FactsFile, ProtocolFile};
#[cfg(feature = "archive")]
use super::find::parent_folder;
use super::find::{find, neighbours};
use super::kind;
use super::look_alike;
use super::model::Protocol;
use super::names::KnownNames;
use super::one_cause;
use super::published::{self, Chosen, Which};
#[cfg(any(feature = "archive", feature = "cli"))]
use super::translation::beside;
use super::translation::{languages, translate};
use super::without_dictionary;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Severity, SourceFile, codes};
use crate::document::{Data, Node, Notation, parse, repair};
use crate::files;
use crate::lang::Parser;
use crate::parallel;

/// A clinic: its dictionary and its protocols.
///
/// ```no_run
/// let (clinic, warnings) = regimen::Clinic::load("protocols")?;
/// for protocol in &clinic.protocols {
///     println!("{} {}", protocol.id, protocol.version);
/// }
/// # Ok::<(), regimen::diagnostic::Diagnostics>(())
/// ```
#[derive(Clone, Debug)]
pub struct Clinic {
    /// The dictionary that records are read with.
    pub dictionary: Arc<Dictionary>,
    /// The protocols, by id.
    pub protocols: Vec<Protocol>,
    /// What has no translation into the language that was asked for.
    #[doc(hidden)]
    pub untranslated: Diagnostics,
}

impl Clinic {
    /// Reads a clinic folder, a protocol's folder in one, or a protocol's file.
    ///
    /// # Errors
    /// With every mistake in every file.
    pub fn load(path: impl AsRef<Path>) -> Result<(Clinic, Diagnostics), Diagnostics> {
        let (clinic, found) = Clinic::read(path.as_ref());
        found.into_result(clinic)
    }

    /// The same, with what could be read and every mistake.
    #[must_use]
    pub fn read(path: &Path) -> (Clinic, Diagnostics) {
        Clinic::read_in(path, None)
    }

    /// The same, with the texts and labels of another language: those in `facts.de.toml` beside `facts.toml`, and in `protocol.de.toml`
    /// beside `protocol.toml`. What has no translation stays as the file itself says it.
    ///
    /// ```no_run
    /// let (clinic, mistakes) = regimen::Clinic::read_in(std::path::Path::new("protocols"), Some("de"));
    /// # let _ = (clinic, mistakes);
    /// ```
    #[must_use]
    pub fn read_in(path: &Path, language: Option<&str>) -> (Clinic, Diagnostics) {
        let (clinic, _, found) = Clinic::read_each(path, language, Which::WorkingFile, None);
        (clinic, found)
    }

    /// The same, also with each protocol's file that could not be read at all, and why. `instead` is read in the place of the file of its
    /// name: what somebody writes and has not saved.
    pub(super) fn read_each(
        path: &Path,
        language: Option<&str>,
        which: Which,
        instead: Option<&Arc<SourceFile>>,
    ) -> (Clinic, Vec<(PathBuf, Diagnostics)>, Diagnostics) {
        Clinic::read_these(path, |_| true, (language, which, instead))
    }

    /// Those of a clinic's protocols that have a translation into a language, in that language; and its dictionary.
    #[cfg(feature = "cli")]
    pub(crate) fn read_translated(path: &Path, language: &str) -> (Clinic, Diagnostics) {
        let is_translated = |file: &Path| beside(file, language).is_file();
        let (clinic, _, found) = Clinic::read_these(path, is_translated, (Some(language), Which::WorkingFile, None));
        (clinic, found)
    }

    fn read_these(
        path: &Path,
        are_wanted: impl Fn(&Path) -> bool,
        (language, which, instead): (Option<&str>, Which, Option<&Arc<SourceFile>>),
    ) -> (Clinic, Vec<(PathBuf, Diagnostics)>, Diagnostics) {
        let read_file = |path: &Path, found: &mut Diagnostics| match instead {
            Some(source) if Path::new(&source.name) == path => Some(source.clone()),
            _ => read_file(path, found),
        };
        let mut found = Diagnostics::default();
        let mut untranslated = Diagnostics::default();
        let (mut files, facts) = find(path, &mut found);
        files.retain(|file| are_wanted(file));
        let mut unread = Vec::new();
        let mut sources = Vec::new();
        for path in &files {
            let mut why = Diagnostics::default();
            let chosen = Chosen::of(path, which, &mut why);
            chosen.iter().for_each(|chosen| chosen.verify(language, &mut why));
            let chosen = chosen.filter(|_| !why.has_errors());
            if let Some((source, chosen)) = chosen.and_then(|chosen| Some((read_file(&chosen.file, &mut why)?, chosen)))
            {
                match kind::no_protocol(&source) {
                    Some(other) if path.ends_with("protocol.toml") => why.push(kind::in_place_of_protocol(other)),
                    Some(other) => why.push(other),
                    None => sources.push((source, chosen)),
                }
            }
            if why.has_errors() {
                unread.push((path.clone(), why.clone()));
            }
            found.append(why);
        }
        let translated =
            |tree: &mut Node, source: &Arc<SourceFile>, found: &mut Diagnostics, open: &mut Diagnostics| {
                language.and_then(|language| translate(tree, source, language, found, open))
            };
        let parsed = |(source, chosen)| {
            let mut found = Diagnostics::default();
            Unread { tree: parse(&source, Notation::Toml, &mut found), source, chosen, own: None, found }
        };
        let mut unread_files: Vec<Unread> = sources.into_iter().map(parsed).collect();
        let parser = Parser::new();
        let mut named = look_alike::Named::default();
        let mut read_dictionary = |source: &Arc<SourceFile>, found: &mut Diagnostics| {
            let mut tree = parse(source, Notation::Toml, found);
            let translation = translated(&mut tree, source, found, &mut untranslated);
            let mut names = KnownNames::default();
            names.add(&tree);
            let refused = refused_facts(&tree);
            let mut file: FactsFile = read_node(tree, source, facts_schema(), found);
            file.facts.0.retain(|(name, _)| !refused.contains(&name.value));
            let mut dictionary = Dictionary::compile(&file, source, found);
            dictionary.broken.extend(refused);
            dictionary.add_conditions(&file.facts, &file.contradiction, source, &parser, found);
            dictionary.names = names;
            dictionary.sha256 = super::sha256(&source.text);
            dictionary.translation = translation;
            (dictionary, file)
        };
        let nothing =
            || Dictionary::compile(&FactsFile::default(), &SourceFile::new("", ""), &mut Diagnostics::default());
        let mut of_facts = None;
        let mut dictionary = match facts.as_deref().map(|facts| read_file(facts, &mut found)) {
            Some(Some(source)) => {
                let (dictionary, file) = read_dictionary(&source, &mut found);
                named.dictionary(&file, &source);
                let tree = parse(&source, Notation::Toml, &mut Diagnostics::default());
                of_facts = Some((source, tree));
                dictionary
            }
            _ => nothing(),
        };
        let declares_nothing = dictionary.facts.is_empty() && dictionary.broken.is_empty();
        // Each published version is read with the dictionary that it was tested with.
        for one in &mut unread_files {
            let Some(own) = one.chosen.dictionary(&mut found) else { continue };
            let is_other = language.is_some() || super::sha256(&own.text) != dictionary.sha256;
            let mut wrong = Diagnostics::default();
            one.own = is_other.then(|| read_dictionary(&own, &mut wrong).0);
            // What is only suspicious was told when the version was published.
            wrong.retain(|one| one.severity == Severity::Error);
            found.append(wrong);
        }
        // A title is read as its translation has it; what is wrong with that is told elsewhere.
        let title_in = |names: &mut KnownNames, tree: &Node, source: &Arc<SourceFile>| {
            let (mut tree, mut untold) = (tree.clone(), Diagnostics::default());
            if let Some(language) = language {
                translate(&mut tree, source, language, &mut untold, &mut Diagnostics::default());
            }
            names.add_title(&tree);
        };
        for Unread { tree, source, .. } in &unread_files {
            dictionary.names.add(tree);
            title_in(&mut dictionary.names, tree, source);
        }
        // A record may hold what another protocol of the clinic asks for.
        for neighbour in facts.iter().flat_map(|facts| neighbours(facts, &files)) {
            // What is wrong with a protocol that is not asked is not told here.
            let mut untold = Diagnostics::default();
            let text = Chosen::of(&neighbour, which, &mut untold).map(|chosen| chosen.file);
            if let Some(source) = text.and_then(|text| read_file(&text, &mut untold)) {
                let tree = parse(&source, Notation::Toml, &mut untold);
                dictionary.names.add(&tree);
                title_in(&mut dictionary.names, &tree, &source);
            }
        }
        let mut dictionary = Arc::new(dictionary);
        let read_one = |one: Unread, dictionary: &Arc<Dictionary>, parser: &Parser| {
            // What is wrong with a part of a file depends on what was found while its text was read.
            let Unread { mut tree, source, chosen, own, mut found } = one;
            let mut untranslated = Diagnostics::default();
            let translation = translated(&mut tree, &source, &mut found, &mut untranslated);
            let refused = refused_facts(&tree);
            let mut file: ProtocolFile = read_node(tree, &source, protocol_schema(), &mut found);
            file.facts.0.retain(|(name, _)| !refused.contains(&name.value));
            let shared = own.map_or_else(
                || dictionary.clone(),
                |mut own| {
                    own.names = dictionary.names.clone();
                    Arc::new(own)
                },
            );
            let mut own = shared.clone();
            let declares_facts = !file.facts.0.is_empty() || !file.session_facts.0.is_empty() || !refused.is_empty();
            let declares = declares_facts || !file.contradiction.is_empty() || !file.treatments.0.is_empty();
            if declares {
                let mut extended = (*shared).clone();
                extended.add_treatments(&file.treatments);
                extended.add(&file.facts, &file.session_facts, &source, &mut found);
                extended.broken.extend(refused);
                extended.add_conditions(&file.facts, &file.contradiction, &source, parser, &mut found);
                own = Arc::new(extended);
            }
            let protocol = compile(&file, &source, own, translation, parser, &mut found);
            Read { file, source, chosen, protocol, declares, found, untranslated }
        };
        let read = if facts.is_some() {
            parallel::each(unread_files, Parser::new, |one, parser| read_one(one, &dictionary, parser))
        } else {
            // Without a dictionary, what one protocol declares is known to those after it.
            let in_turn = unread_files.into_iter().map(|one| {
                let read = read_one(one, &dictionary, &parser);
                if read.declares {
                    dictionary = read.protocol.dictionary.clone();
                }
                read
            });
            in_turn.collect()
        };
        let mut protocols: Vec<Protocol> = Vec::new();
        for one in read {
            found.append(one.found);
            untranslated.append(one.untranslated);
            named.protocol(&one.file, &one.source);
            protocols.push(one.chosen.published(one.protocol, &dictionary, &mut found));
        }
        named.check(&mut found);
        protocols.sort_by(|a, b| (&a.id, a.in_force_from, &a.version).cmp(&(&b.id, b.in_force_from, &b.version)));
        let of_protocols = protocols.iter().flat_map(|one| [&one.translation, &one.dictionary.translation]);
        of_protocols.chain([&dictionary.translation]).flatten().for_each(|one| one.relocate(&mut found));
        if facts.is_some() || (path.is_dir() && !published::is_protocol(path)) {
            one_cause::no_dictionary(path, of_facts.as_ref(), declares_nothing, &protocols, &mut found);
        }
        // Of a clinic, it is told once for all of its protocols.
        if facts.is_none() {
            protocols.iter().for_each(|one| without_dictionary::tell(one, &mut found));
        }
        one_cause::other_translations(&mut found);
        one_cause::within_others(&mut found);
        if let Some(language) = language {
            let is_translated =
                dictionary.translation.is_some() || protocols.iter().any(|one| one.translation.is_some());
            if !is_translated && !found.has_errors() {
                let known = facts.iter().chain(&files).flat_map(|file| languages(file));
                found.push(no_translation(path, language, known));
            }
        }
        found.sort();
        (Clinic { dictionary, protocols, untranslated }, unread, found)
    }

    /// Reads a protocol that stands alone, from its text.
    ///
    /// # Errors
    /// With every mistake in it.
    ///
    /// ```
    /// let mistakes = regimen::Clinic::from_text("peel.toml", "id = \"peel\"\ntitel = \"Peel\"").unwrap_err();
    /// assert!(mistakes.to_string().contains("did you mean `title`?"));
    /// ```
    pub fn from_text(name: &str, text: &str) -> Result<(Clinic, Diagnostics), Diagnostics> {
        let mut found = Diagnostics::default();
        let source = SourceFile::new(name, text);
        let tree = parse(&source, Notation::Toml, &mut found);
        let mut dictionary = Dictionary::compile(&FactsFile::default(), &source, &mut found);
        dictionary.names.add(&tree);
        let refused = refused_facts(&tree);
        let mut file: ProtocolFile = read_node(tree, &source, protocol_schema(), &mut found);
        file.facts.0.retain(|(name, _)| !refused.contains(&name.value));
        dictionary.add(&file.facts, &file.session_facts, &source, &mut found);
        dictionary.add_treatments(&file.treatments);
        dictionary.broken.extend(refused);
        let parser = Parser::new();
        dictionary.add_conditions(&file.facts, &file.contradiction, &source, &parser, &mut found);
        let dictionary = Arc::new(dictionary);
        let mut named = look_alike::Named::default();
        named.protocol(&file, &source);
        named.check(&mut found);
        let protocol = compile(&file, &source, dictionary.clone(), None, &parser, &mut found);
        one_cause::within_others(&mut found);
        let untranslated = Diagnostics::default();
        found.into_result(Clinic { dictionary, protocols: vec![protocol], untranslated })
    }

    /// The protocol of an id.
    #[must_use]
    pub fn protocol(&self, id: &str) -> Option<&Protocol> {
        self.protocols.iter().find(|protocol| protocol.id == id)
    }
}

/// A protocol's file that is not read yet,
struct Unread {
    tree: Node,
    source: Arc<SourceFile>,
    chosen: Chosen,
    /// with the dictionary that a published version was tested with, where that is another.
    own: Option<Dictionary>,
    found: Diagnostics,
}

/// The same when it has been read.
struct Read {
    file: ProtocolFile,
    source: Arc<SourceFile>,
    chosen: Chosen,
    protocol: Protocol,
    /// Whether it adds to the dictionary.
    declares: bool,
    found: Diagnostics,
    untranslated: Diagnostics,
}

/// Nothing is in the language that was asked for.
fn no_translation(path: &Path, language: &str, known: impl Iterator<Item = String>) -> Diagnostic {
    let mut known: Vec<String> = known.collect();
    known.sort();
    known.dedup();
    let message = format!("nothing in {} is translated into `{language}`", path.display());
    let diagnostic = Diagnostic::new(&codes::NO_TRANSLATION, message);
    match &known[..] {
        [] => diagnostic
            .help(format!("write the texts in a file such as `protocol.{language}.toml`, beside the protocol")),
        some => diagnostic.help(format!("there are texts in {}", some.join(", "))),
    }
}

/// The languages in which there are texts for the dictionary or a protocol of a path.
#[cfg(feature = "cli")]
pub(crate) fn languages_of(path: &Path) -> Vec<String> {
    let (files, facts) = find(path, &mut Diagnostics::default());
    let mut all: Vec<String> = facts.iter().chain(&files).flat_map(|file| languages(file)).collect();
    all.sort();
    all.dedup();
    all
}

/// A dictionary as it is written, with the texts of another language where one is asked for.
pub(crate) fn facts_file(path: &Path, language: Option<&str>, found: &mut Diagnostics) -> Option<FactsFile> {
    let source = read_file(path, found)?;
    let mut tree = parse(&source, Notation::Toml, found);
    if let Some(language) = language {
        translate(&mut tree, &source, language, found, &mut Diagnostics::default());
    }
    Some(read_node(tree, &source, facts_schema(), found))
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error, found: &mut Diagnostics) {
    let message = format!("{} cannot be read: {}", path.display(), why_unreadable(error));
    let diagnostic = Diagnostic::new(&codes::UNREADABLE, message);
    let help = "open it in the program that wrote it and save it as plain text, encoded as UTF-8";
    let is_no_text = error.kind() == std::io::ErrorKind::InvalidData;
    found.push(if is_no_text { diagnostic.help(help) } else { diagnostic });
}

/// Why a file cannot be read, in the same words on every system.
pub(crate) fn why_unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// Reads a text file; what hinders it is reported.
pub fn read_file(path: &Path, found: &mut Diagnostics) -> Option<Arc<SourceFile>> {
    read_text(path, files::open_plain(path), found)
}

/// Reads a file that somebody has named on the command line: it may be a pipe.
#[cfg(feature = "cli")]
pub(crate) fn read_named(path: &Path, found: &mut Diagnostics) -> Option<Arc<SourceFile>> {
    read_text(path, std::fs::File::open(path), found)
}

fn read_text(path: &Path, file: std::io::Result<std::fs::File>, found: &mut Diagnostics) -> Option<Arc<SourceFile>> {
    match file.and_then(files::read_text) {
        Ok(text) => Some(SourceFile::new(path.display().to_string(), text)),
        Err(error) => {
            unreadable(path, &error, found);
            None
        }
    }
}

/// A file of one of our shapes, as far as it could be understood.
pub(crate) fn read_toml<T: DeserializeOwned + Default>(
    source: &Arc<SourceFile>,
    schema: &Json,
    found: &mut Diagnostics,
) -> T {
    read_node(parse(source, Notation::Toml, found), source, schema, found)
}

/// The same for a tree.
pub(crate) fn read_node<T: DeserializeOwned + Default>(
    mut node: Node,
    source: &Arc<SourceFile>,
    schema: &Json,
    found: &mut Diagnostics,
) -> T {
    repair(&mut node, schema, source, found);
    T::deserialize(&node).unwrap_or_else(|error| {
        // The schema and the struct disagree: a mistake of ours, not of the user's.
        let place = Place { file: source.clone(), span: 0..0 };
        found.push(Diagnostic::new(&codes::SYNTAX, format!("this file cannot be understood: {error}")).at(&place));
        T::default()
    })
}

/// Facts that the reader will refuse, or of which it will refuse the type or the choices: what they are is not known, and nothing is said
/// of their use.
fn refused_facts(file: &Node) -> Vec<String> {
    let entries = file.get("facts").map(Node::entries).unwrap_or_default();
    let are_texts = |choices: &Node| match choices.data {
        Data::Array(_) => choices.items().iter().all(|choice| choice.text().is_some()),
        // Each choice with its label.
        Data::Table(_) => choices.entries().iter().all(|(_, label)| label.text().is_some()),
        _ => false,
    };
    let is_sound = |fact: &Node| {
        fact.get("choices").is_none_or(are_texts)
            && fact
                .get("type")
                .and_then(Node::text)
                .is_some_and(|kind| ["bool", "integer", "decimal", "text", "date", "choice", "set"].contains(&kind))
    };
    let facts = entries.iter().filter(|(_, fact)| !is_sound(fact));
    // What could not be read at all was told of; whatever names it is no mistake of its own.
    let others =
        ["parameters", "definitions", "products"].iter().filter_map(|table| file.get(table)).flat_map(Node::entries);
    let refused = others.filter(|(_, entry)| {
        let is_refused = |key| entry.get(key).is_some_and(|value: &Node| value.data == Data::Refused);
        entry.data == Data::Refused || is_refused("value") || is_refused("products")
    });
    facts.chain(refused).map(|(key, _)| key.name.clone()).collect()
}

fn schema_of<T: schemars::JsonSchema>(cell: &'static OnceLock<Json>) -> &'static Json {
    cell.get_or_init(|| super::schema::generate::<T>())
}

/// The schema of a protocol's file.
pub fn protocol_schema() -> &'static Json {
    static SCHEMA: OnceLock<Json> = OnceLock::new();
    schema_of::<ProtocolFile>(&SCHEMA)
}

/// The schema of a dictionary.
pub fn facts_schema() -> &'static Json {
    static SCHEMA: OnceLock<Json> = OnceLock::new();
    schema_of::<FactsFile>(&SCHEMA)
}

/// The schema of a clinic's details.
pub fn clinic_schema() -> &'static Json {
    static SCHEMA: OnceLock<Json> = OnceLock::new();
    schema_of::<ClinicFile>(&SCHEMA)
}

/// The schema of a case.
pub fn case_schema() -> &'static Json {
    static SCHEMA: OnceLock<Json> = OnceLock::new();
    schema_of::<CaseFile>(&SCHEMA)
}

/// The files that an answer rests on.
#[cfg(feature = "archive")]
pub(crate) struct RestsOn {
    /// The protocols, the dictionary, the others of the clinic (a record may hold what they ask for) and the texts of a language.
    pub(crate) files: Vec<PathBuf>,
    /// What was asked for: a protocol's file or folder; none: all of the clinic.
    pub(crate) asked: Option<PathBuf>,
    /// The folder that they are named from.
    pub(crate) root: PathBuf,
}

/// The files that an answer of a path's protocols rests on.
#[cfg(feature = "archive")]
pub(crate) fn rests_on(path: &Path, language: Option<&str>, which: Which) -> RestsOn {
    let (protocols, facts) = find(path, &mut Diagnostics::default());
    let root = match (&facts, protocols.first()) {
        (Some(facts), _) => facts.parent().map(Path::to_owned),
        (None, Some(file)) if path.is_file() && !published::has_index(file) => file.parent().map(Path::to_owned),
        (None, Some(file)) if path.is_file() => file.parent().and_then(parent_folder),
        (None, Some(_)) if published::is_protocol(path) => parent_folder(path),
        _ => Some(path.to_owned()),
    };
    // A version has no file of the name that was given: its protocol has a folder.
    let asked = protocols.first().filter(|_| path.is_file() || published::is_protocol(path)).map(|file| {
        let is_folder = !path.is_file() || published::has_index(file);
        if is_folder { file.parent().unwrap_or(Path::new("")).to_owned() } else { file.clone() }
    });
    let others = facts.iter().flat_map(|facts| neighbours(facts, &protocols)).collect::<Vec<_>>();
    let texts = |file: &PathBuf| {
        let chosen = Chosen::of(file, which, &mut Diagnostics::default());
        chosen.map_or_else(|| vec![file.clone()], |chosen| chosen.rests_on())
    };
    let mut files: Vec<PathBuf> = protocols.iter().flat_map(texts).chain(facts).collect();
    let translations: Vec<PathBuf> =
        language.iter().flat_map(|language| files.iter().map(|file| beside(file, language))).collect();
    files.extend(translations.into_iter().filter(|file| file.is_file()));
    files.extend(others.iter().flat_map(texts));
    RestsOn { files, asked, root: root.unwrap_or_default() }
}
