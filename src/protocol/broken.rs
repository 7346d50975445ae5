//! A clinic of which one protocol is broken: the others answer.

use std::path::{Path, PathBuf};
#[cfg(feature = "serve")]
use std::sync::Arc;

use super::translation::beside;
use super::{Clinic, Protocol, Which};
#[cfg(feature = "serve")]
use crate::diagnostic::SourceFile;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};

/// A protocol that cannot be used because of mistakes in its file, in a clinic whose other protocols can.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broken {
    /// Its id, or, where that cannot be read, the name of its folder.
    pub id: String,
    /// Its title, or, where that cannot be read, its id.
    pub title: String,
    /// Its file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub mistakes: Diagnostics,
}

impl Broken {
    /// That it is broken, in one sentence.
    #[must_use]
    pub fn told(&self) -> String {
        let errors: Vec<&Diagnostic> = self.mistakes.iter().filter(|one| one.severity == Severity::Error).collect();
        let count = if errors.len() == 1 { "a mistake".to_owned() } else { format!("{} mistakes", errors.len()) };
        let first = errors.first().map_or_else(String::new, |one| {
            let line = one.label.as_ref().map(|label| label.place.file.position(label.place.span.start).0);
            line.map_or_else(|| format!(": {}", one.message), |line| format!(", in line {line}: {}", one.message))
        });
        format!("this protocol is broken and gives no answer: its file has {count}{first}")
    }

    /// The same as data, in the place of an answer.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({ "protocol": self.id, "broken": true, "errors": errors_json(self.mistakes.iter()) })
    }
}

/// Mistakes as data. Where the file is does not matter to whoever reads the answer.
pub(crate) fn errors_json<'d>(mistakes: impl Iterator<Item = &'d Diagnostic>) -> Vec<serde_json::Value> {
    let errors = mistakes.filter(|one| one.severity == Severity::Error).map(|one| {
        let mut error = serde_json::json!({ "code": one.code.id, "message": one.message });
        if let Some(label) = &one.label {
            let (line, column) = label.place.file.position(label.place.span.start);
            error["line"] = line.into();
            error["column"] = column.into();
        } else {
            // It names the file.
            error["message"] = "the file cannot be read".into();
        }
        error
    });
    errors.collect()
}

impl Clinic {
    /// Reads a clinic, and sets the protocols apart that are broken. What is wrong with them is told there; what is left concerns all.
    /// Where a single protocol is asked for, or none is sound, nothing is set apart.
    ///
    /// ```
    /// let (clinic, broken, found) = regimen::Clinic::read_sound("protocols".as_ref());
    /// assert!(broken.is_empty() && !found.has_errors());
    /// assert!(clinic.protocols.len() > 1);
    /// ```
    #[must_use]
    pub fn read_sound(path: &Path) -> (Clinic, Vec<Broken>, Diagnostics) {
        Clinic::read_sound_in(path, None)
    }

    /// The same, with the texts and labels of another language, as [`Clinic::read_in`] reads them.
    #[must_use]
    pub fn read_sound_in(path: &Path, language: Option<&str>) -> (Clinic, Vec<Broken>, Diagnostics) {
        Clinic::read_which(path, language, Which::WorkingFile)
    }

    /// The same, with the text of each protocol that is asked for: to answer about a patient, that which is in force on the day.
    ///
    /// ```
    /// use regimen::Which;
    /// let day = Which::InForceOn("2026-03-02".parse()?);
    /// let (clinic, _, found) = regimen::Clinic::read_which("protocols".as_ref(), None, day);
    /// assert!(!found.has_errors() && clinic.protocols.len() > 1);
    /// # Ok::<(), regimen::InvalidDate>(())
    /// ```
    #[must_use]
    pub fn read_which(path: &Path, language: Option<&str>, which: Which) -> (Clinic, Vec<Broken>, Diagnostics) {
        sound(Clinic::read_each(path, language, which, None))
    }

    /// The same as [`Clinic::read_sound`], with a text that is not saved in the place of the file of its name.
    #[cfg(feature = "serve")]
    pub(crate) fn read_sound_with(path: &Path, instead: &Arc<SourceFile>) -> (Clinic, Vec<Broken>, Diagnostics) {
        sound(Clinic::read_each(path, None, Which::WorkingFile, Some(instead)))
    }
}

/// Sets the protocols apart that are broken.
fn sound(read: (Clinic, Vec<(PathBuf, Diagnostics)>, Diagnostics)) -> (Clinic, Vec<Broken>, Diagnostics) {
    let (mut clinic, unread, mut found) = read;
    let mut broken: Vec<Broken> = Vec::new();
    let mut sound: Vec<Protocol> = Vec::new();
    for protocol in &clinic.protocols {
        let translation = protocol.translation.as_ref();
        let translation = translation.map(|one| beside(Path::new(&protocol.file.name), &one.language));
        let is_its = |one: &Diagnostic| {
            let file = one.label.as_ref().map(|label| &label.place.file);
            file.is_some_and(|file| {
                *file == protocol.file || translation.as_ref().is_some_and(|beside| *beside == Path::new(&file.name))
            })
        };
        let mut mistakes = Diagnostics::default();
        found.iter().filter(|one| is_its(one)).for_each(|one| mistakes.push(one.clone()));
        if !mistakes.has_errors() {
            sound.push(protocol.clone());
            continue;
        }
        let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
        let file = PathBuf::from(&protocol.file.name);
        let id = or(&protocol.id, &folder(&file));
        broken.push(Broken { title: or(&protocol.title, &id), id, file, mistakes });
    }
    broken.extend(unread.into_iter().map(|(file, mistakes)| {
        let id = folder(&file);
        Broken { title: id.clone(), id, file, mistakes }
    }));
    if !sound.is_empty() && !broken.is_empty() {
        found.retain(|one| broken.iter().all(|broken| broken.mistakes.iter().all(|other| other != one)));
        clinic.protocols = sound;
        broken.sort_by(|a, b| a.id.cmp(&b.id));
        return (clinic, broken, found);
    }
    (clinic, Vec::new(), found)
}

/// The name of the folder that a protocol's file is in.
fn folder(file: &Path) -> String {
    let named = file.parent().and_then(Path::file_name).or(file.file_name());
    named.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
