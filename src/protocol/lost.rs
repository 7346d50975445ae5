//! Published versions that nobody finds: their folder has lost its index, or its name.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::published::{FOLDER, INDEX};
use crate::diagnostic::{Diagnostic, closest, codes};

/// That a folder of published versions has lost its index, and which versions are there.
pub(crate) fn lost_index(folder: &Path) -> Option<(Vec<String>, Diagnostic)> {
    let is_version = |part: &PathBuf| part.join("protocol.toml").is_file();
    let versions: Vec<String> =
        entries(folder).iter().filter(|part| is_version(part)).map(|part| name_of(part).to_owned()).collect();
    if versions.is_empty() || folder.join(INDEX).is_file() {
        return None;
    }
    let message = format!("the versions in {} are not read: `{INDEX}` is missing", folder.display());
    let diagnostic = Diagnostic::new(&codes::NOT_READ, message);
    let help = match is_begun(folder, &versions) {
        true => "a publication was broken off: publish it again",
        false => {
            "restore it, from a backup or from the version control system: without it, nobody can tell which version is in force"
        }
    };
    Some((versions, diagnostic.help(help)))
}

/// Whether versions without an index were left by a publication that was broken off: then nothing has been published.
pub(crate) fn is_begun(folder: &Path, versions: &[String]) -> bool {
    let names = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.file_name()));
    let names: Vec<String> = names.filter_map(|name| name.into_string().ok()).collect();
    let is_left = |version: &String| {
        names.iter().any(|name| name.starts_with(&format!(".{version}.")) && name.ends_with(NOT_YET))
    };
    versions.iter().all(is_left)
}

/// How what `publish` writes ends while it is no version yet; before it stands the number of the version.
pub(crate) const NOT_YET: &str = ".new";

/// Why it cannot be told which version of a protocol is in force, although there are some.
pub(super) fn lost_versions(protocol: &Path) -> Option<Diagnostic> {
    let folders: Vec<PathBuf> = entries(protocol).into_iter().filter(|entry| entry.is_dir()).collect();
    let (message, help) = match folders.iter().find(|folder| name_of(folder) == FOLDER) {
        Some(folder) => {
            let (versions, _) = lost_index(folder)?;
            if is_begun(folder, &versions) {
                return None;
            }
            let message = format!("{} holds published versions, and no `{INDEX}`", folder.display());
            (message, format!("restore `{INDEX}`, from a backup or from the version control system"))
        }
        None => {
            let is_like = |folder: &&PathBuf| closest(name_of(folder), [FOLDER]).is_some();
            let is_meant = |folder: &&PathBuf| folder.join(INDEX).is_file() || lost_index(folder).is_some();
            let folder = folders.iter().find(|folder| is_like(folder) && is_meant(folder))?;
            let message = format!("{} holds published versions, and is not called `{FOLDER}`", folder.display());
            (message, format!("call it `{FOLDER}`"))
        }
    };
    let asked = "; the file that is being worked on is asked with `--draft`";
    Some(Diagnostic::new(&codes::WRONG_INDEX, message).help(help + asked))
}

/// The name of a file or folder; what is no text is nobody's.
pub(super) fn name_of(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).unwrap_or_default()
}

/// What is in a folder, by name, without what is hidden.
pub(super) fn entries(folder: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut all: Vec<PathBuf> = all.filter(|path| !name_of(path).starts_with('.')).collect();
    all.sort();
    all
}
