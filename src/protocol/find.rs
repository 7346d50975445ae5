//! Which files belong to a path: protocols, their dictionary, the details of the clinic.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::load::unreadable;
use super::published;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// The protocol files of a path, in order, and the dictionary that belongs to them.
pub(super) fn find(path: &Path, found: &mut Diagnostics) -> (Vec<PathBuf>, Option<PathBuf>) {
    let dictionary_beside = |folder: Option<&Path>| {
        let facts = folder.unwrap_or(Path::new("")).join("facts.toml");
        facts.is_file().then_some(facts)
    };
    if path.is_file() && path.file_name().is_some_and(|name| name == "facts.toml") {
        return (Vec::new(), Some(path.to_owned()));
    }
    if path.is_file() {
        // A protocol.toml in a protocol's folder has its dictionary one folder up; a lone file has its facts inside.
        let folder = path.parent();
        let above = folder.and_then(parent_folder);
        let clinic = above.as_deref().filter(|_| path.ends_with("protocol.toml"));
        let facts = clinic.and_then(|clinic| dictionary_beside(Some(clinic)));
        let facts = facts.or_else(|| dictionary_beside(folder)).or_else(|| dictionary_beside(above.as_deref()));
        return (vec![path.to_owned()], facts);
    }
    if published::is_folder(path) {
        let message = format!("{} holds the published versions of a protocol", path.display());
        let help = "give the protocol's own folder, or the folder of one version to show or compare it";
        found.push(Diagnostic::new(&codes::NOT_ASKED_BY_ITSELF, message).help(help));
        return (Vec::new(), None);
    }
    let own = path.join("protocol.toml");
    if published::is_protocol(path) {
        // What a clinic says of its facts, it says to every protocol, whichever of them is asked for.
        let clinic = clinic_of(path);
        return (vec![own], dictionary_beside(clinic.as_deref().or(Some(path))));
    }
    let files = match protocols_in(path) {
        Ok(files) => files,
        Err(error) => {
            unreadable(path, &error, found);
            return (Vec::new(), None);
        }
    };
    let facts = dictionary_beside(Some(path));
    if files.is_empty() && facts.is_none() {
        let message = format!("there is no protocol in {}", path.display());
        let help = "a protocol is a file, or a folder with a `protocol.toml` in it";
        found.push(Diagnostic::new(&codes::UNREADABLE, message).help(help));
    }
    (files, facts)
}

/// The dictionary that belongs to the protocols of a path, if it is a file of its own.
pub(crate) fn dictionary_of(path: &Path) -> Option<PathBuf> {
    find(path, &mut Diagnostics::default()).1
}

/// The details of the clinic that the protocols of a path belong to: beside their dictionary, or beside a protocol that stands alone.
pub(super) fn details_of(path: &Path) -> Option<PathBuf> {
    // What is wrong with the path is told by whoever reads it.
    let (files, facts) = find(path, &mut Diagnostics::default());
    let in_folder = path.is_dir().then(|| path.join("clinic.toml"));
    let beside = |file: &PathBuf| file.with_file_name("clinic.toml");
    // A protocol of a clinic has no details of its own.
    let first = facts.as_ref().map(beside).or(in_folder).or_else(|| files.first().map(beside));
    first.filter(|file| file.is_file())
}

/// The clinic whose folder a protocol's folder is in, if it has a dictionary.
pub(super) fn clinic_of(folder: &Path) -> Option<PathBuf> {
    parent_folder(folder).filter(|above| above.join("facts.toml").is_file())
}

/// The protocol files of a clinic's folder, in order.
fn protocols_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|folder| published::is_protocol(folder))
        .map(|folder| folder.join("protocol.toml"))
        .collect();
    files.sort();
    Ok(files)
}

/// The other protocols of the clinic that a dictionary belongs to.
pub(super) fn neighbours(facts: &Path, asked: &[PathBuf]) -> Vec<PathBuf> {
    let folder = facts.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // The same file may have been named in another way.
    let one_name = |file: &Path| file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let asked: BTreeSet<PathBuf> = asked.iter().map(|file| one_name(file)).collect();
    let mut files = protocols_in(folder).unwrap_or_default();
    files.retain(|file| !asked.contains(&one_name(file)));
    files
}

/// The folder that a folder is in, also for a relative path that names none.
pub(super) fn parent_folder(path: &Path) -> Option<PathBuf> {
    match path.parent() {
        _ if path.as_os_str() == "." => Some(PathBuf::from("..")),
        Some(parent) if parent.as_os_str().is_empty() => Some(PathBuf::from(".")),
        Some(parent) if !path.ends_with("..") => Some(parent.to_owned()),
        _ => Some(path.join("..")),
    }
}
