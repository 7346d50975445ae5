//! Files and folders of a clinic that nothing reads because their names are only nearly right: `protocol.toml.txt`, `facts_de.toml`, `Cases`.
//!
//! What has another name is somebody's own, and nothing is said of it.

use std::path::Path;

use super::find::clinic_of;
use super::kind::{is_case, is_protocol_text};
use super::lost::{entries, is_begun, lost_index, name_of};
use super::published::{self, INDEX, Index};
use super::translation::is_language;
use crate::diagnostic::{Diagnostic, Diagnostics, closest, codes};

/// The folder of a protocol's cases, beside its file.
const CASES: &str = "cases";

/// How many folders deep a protocol is looked for that was moved: a folder that leads into itself ends here.
const DEEPEST: u32 = 4;

/// What belongs to a whole clinic.
const OF_A_CLINIC: [&str; 2] = ["facts", "clinic"];

/// What is not read of a clinic's folder, or of a protocol's.
pub(crate) fn not_read(path: &Path) -> Diagnostics {
    let mut found = Diagnostics::default();
    let is_protocol = |folder: &Path| published::is_protocol(folder) || holds_parts_of_a_protocol(folder);
    let is_clinic = |folder: &Path| {
        folder.join("facts.toml").is_file() || entries(folder).iter().any(|inner| published::is_protocol(inner))
    };
    // The only file that has a folder of its own.
    let folder = path.parent().filter(|_| path.ends_with("protocol.toml") && path.is_file()).unwrap_or(path);
    if !folder.is_dir() {
        return found;
    }
    if is_protocol(folder) && !is_clinic(folder) {
        in_protocol(folder, &mut found);
        return found;
    }
    if !files_like(folder, &OF_A_CLINIC, &mut found) {
        translations_alone(folder, &mut found);
    }
    for inner in entries(folder) {
        if !inner.is_dir() {
            protocol_without_folder(&inner, &mut found);
        } else if is_protocol(&inner) {
            in_protocol(&inner, &mut found);
        } else {
            too_deep(&inner, DEEPEST, &mut found);
        }
    }
    found
}

/// Tells of translations in a clinic's folder whose original is gone.
fn translations_alone(folder: &Path, found: &mut Diagnostics) {
    for stem in OF_A_CLINIC {
        let original = format!("{stem}.toml");
        let alone = entries(folder).into_iter().find(|file| is_translation_of(name_of(file), stem));
        if let Some(file) = alone.filter(|_| !folder.join(&original).exists()) {
            let message = format!("{} is not read: there is no `{original}`", file.display());
            let help = format!("put `{original}` back, under that name; or take its translations out of the folder");
            found.push(Diagnostic::new(&codes::NOT_READ, message).help(help));
        }
    }
}

/// Tells of a protocol that lies in the clinic's folder itself: each is read in a folder of its own.
fn protocol_without_folder(file: &Path, found: &mut Diagnostics) {
    let name = name_of(file);
    let stem = without_suffix(name).unwrap_or_default();
    let message = if name == "protocol.toml" {
        format!("{} hides the protocols in the folders beside it: none of them is read", file.display())
    } else if OF_A_CLINIC.contains(&stem) {
        // A protocol's text in such a file is told where that is read.
        return;
    } else if like(name, "protocol").is_some() || is_translation_of(name, "protocol") || is_protocol_text(file) {
        format!("{} is not read", file.display())
    } else {
        return;
    };
    let name = if like(name, "protocol").is_some() || name.starts_with("protocol.") { "NAME" } else { stem };
    let help = format!("put it into a folder of its own, under the name `protocol.toml`: `{name}/protocol.toml`");
    let help = help + "; or take it out of the clinic";
    found.push(Diagnostic::new(&codes::NOT_READ, message).help(help));
}

/// Tells of protocols in folders that are not looked into.
fn too_deep(folder: &Path, deepest: u32, found: &mut Diagnostics) {
    if published::is_protocol(folder) {
        let message = format!("{} is a protocol, and is not read here", folder.display());
        let help = "move its folder into the clinic's own: folders in other folders are not looked into; or take it \
                    out of the clinic";
        found.push(Diagnostic::new(&codes::NOT_READ, message).help(help));
    } else if deepest > 0 {
        let inner = entries(folder).into_iter().filter(|inner| inner.is_dir());
        inner.for_each(|inner| too_deep(&inner, deepest - 1, found));
    }
}

/// Tells of a dictionary, or a clinic's details, in the folder of a protocol.
fn of_the_clinic(folder: &Path, found: &mut Diagnostics) {
    // A protocol that stands alone has its own.
    let Some(clinic) = clinic_of(folder) else { return };
    for stem in OF_A_CLINIC {
        let name = format!("{stem}.toml");
        let file = folder.join(&name);
        if !file.is_file() {
            continue;
        }
        let help = match (clinic.join(&name).is_file(), stem) {
            (false, _) => "move it into the clinic's folder, one up".to_owned(),
            (true, "facts") => {
                "facts for one protocol stand in its `protocol.toml`, under [facts.…]; facts for all stand in the clinic's \
                 `facts.toml`: move them, and take this file away"
                    .to_owned()
            }
            (true, _) => format!("the clinic's own `{name}`, one folder up, is read: take this one away"),
        };
        let message = format!("{} is not read: it is for the whole clinic", file.display());
        found.push(Diagnostic::new(&codes::NOT_READ, message).help(help));
    }
}

/// Whether a folder that has no `protocol.toml` was meant to have one.
fn holds_parts_of_a_protocol(folder: &Path) -> bool {
    let is_part = |name: &str| name == "protocol.sheet.md" || like(name, "protocol").is_some();
    folder.join(CASES).is_dir() && entries(&folder.join(CASES)).iter().any(|file| is_case(file))
        || entries(folder).iter().any(|entry| entry.is_file() && is_part(name_of(entry)))
}

/// What is not read of a protocol's folder.
fn in_protocol(folder: &Path, found: &mut Diagnostics) {
    let any_like = files_like(folder, &["protocol"], found);
    if !any_like && !published::is_protocol(folder) {
        let message = format!("{} is no protocol: it has no file `protocol.toml`", folder.display());
        let help = "put the protocol's file back, under that name; or take the folder out of the clinic";
        found.push(Diagnostic::new(&codes::NOT_READ, message).help(help));
    }
    of_the_clinic(folder, found);
    for entry in entries(folder) {
        if entry.is_dir() {
            in_folder(&entry, found);
        } else if !entry.ends_with("protocol.toml") && is_case(&entry) {
            let message = format!("{} is a case, and is not read here", entry.display());
            found.push(Diagnostic::new(&codes::NOT_READ, message).help("move it into the folder `cases`"));
        }
    }
}

/// What is not read of a folder in a protocol's.
fn in_folder(folder: &Path, found: &mut Diagnostics) {
    let name = name_of(folder);
    let parts = entries(folder);
    if name == CASES {
        parts.iter().for_each(|part| among_cases(part, found));
    } else if name == published::FOLDER {
        lost_index(folder).into_iter().for_each(|(_, diagnostic)| found.push(diagnostic));
        not_in_index(folder).into_iter().for_each(|diagnostic| found.push(diagnostic));
    } else if let Some(right) = closest(name, [CASES, published::FOLDER]) {
        let is_meant = match right {
            CASES => parts.iter().any(|part| is_case(part)),
            _ => parts.iter().any(|part| part.ends_with(published::INDEX) || part.join("protocol.toml").is_file()),
        };
        // Where upper and lower case are the same to the system, it was read.
        if is_meant && !is_same(folder, &folder.with_file_name(right)) {
            push(folder, right, found);
        }
    } else {
        too_deep(folder, DEEPEST, found);
    }
}

/// A file or a folder among the cases of a protocol.
fn among_cases(part: &Path, found: &mut Diagnostics) {
    if part.is_dir() {
        if entries(part).iter().any(|file| is_case(file)) {
            let message = format!("the cases in {} are not read", part.display());
            let help = "move them into `cases` itself: folders in it are not looked into";
            found.push(Diagnostic::new(&codes::NOT_READ, message).help(help));
        }
        return;
    }
    let name = name_of(part);
    // Whatever ends so is read.
    if name.ends_with(".toml") {
        return;
    }
    // Letters beyond ASCII keep their length.
    let lower = name.to_ascii_lowercase();
    let Some(stem) = without_suffix(&lower).and_then(|stem| name.get(..stem.len())) else { return };
    let right = format!("{stem}.toml");
    if name != right && !is_same(part, &part.with_file_name(&right)) {
        push(part, &right, found);
    }
}

/// Tells of the files of a folder with nearly the name of one that is read, or of a translation of it. Returns whether there are any.
fn files_like(folder: &Path, stems: &[&str], found: &mut Diagnostics) -> bool {
    let mut any = false;
    for file in entries(folder).into_iter().filter(|entry| entry.is_file()) {
        let Some(right) = stems.iter().find_map(|stem| like(name_of(&file), stem)) else { continue };
        if !is_same(&file, &file.with_file_name(&right)) {
            any = true;
            push(&file, &right, found);
        }
    }
    any
}

fn push(path: &Path, right: &str, found: &mut Diagnostics) {
    let diagnostic = Diagnostic::new(&codes::NOT_READ, format!("{} is not read", path.display()));
    found.push(match path.with_file_name(right).exists() {
        true => diagnostic.help(format!("`{right}` is read: take the one that is not needed out of the folder")),
        false => diagnostic.help(format!("call it `{right}`")),
    });
}

/// The right name for a file that is nearly called `protocol.toml`, or as a translation of that; none if it is called so, or is something else.
fn like(name: &str, stem: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let written = without_suffix(&lower)?;
    let written = without_copy_mark(written);
    let (first, rest) = match written.find(['.', '_', '-', ' ']) {
        Some(at) => (&written[..at], written[at + 1..].trim()),
        None => (written, ""),
    };
    closest(first, [stem])?;
    let rest = code_of(rest).unwrap_or(rest);
    let right = match rest.split_once(['-', '_']) {
        _ if rest.is_empty() => format!("{stem}.toml"),
        Some((language, region)) => format!("{stem}.{language}-{}.toml", region.to_uppercase()),
        None => format!("{stem}.{rest}.toml"),
    };
    // Of longer words, such as `facts_old.toml`, nobody knows what they say.
    let is_translation = rest.is_empty() || rest.len() != 3 && is_language(rest);
    let is_right = name == right || is_translation_of(name, stem);
    (is_translation && !is_right).then_some(right)
}

/// The code of a language that was written in full.
fn code_of(language: &str) -> Option<&'static str> {
    let languages: [(&str, &[&str]); 8] = [
        ("de", &["german", "deutsch"]),
        ("en", &["english", "englisch"]),
        ("es", &["spanish", "spanisch", "español", "espanol"]),
        ("fr", &["french", "französisch", "franzoesisch", "français", "francais"]),
        ("it", &["italian", "italienisch", "italiano"]),
        ("nl", &["dutch", "niederländisch", "nederlands"]),
        ("pl", &["polish", "polnisch", "polski"]),
        ("tr", &["turkish", "türkisch", "türkçe"]),
    ];
    languages.into_iter().find(|(_, names)| names.contains(&language)).map(|(code, _)| code)
}

/// Whether a file is called as a translation is.
fn is_translation_of(name: &str, stem: &str) -> bool {
    let language = name.strip_prefix(stem).and_then(|rest| rest.strip_prefix('.')?.strip_suffix(".toml"));
    language.is_some_and(is_language)
}

/// A name without `.toml`, and without what an editor or a system has put behind that.
fn without_suffix(lower: &str) -> Option<&str> {
    let plain = without_copy_mark(lower.strip_suffix(".txt").unwrap_or(lower));
    let stem = [".toml", ".tml"].iter().find_map(|suffix| plain.strip_suffix(suffix))?;
    Some(stem.strip_suffix(".toml").unwrap_or(stem)).filter(|stem| !stem.is_empty())
}

/// A name without what a system puts behind that of a copy: `protocol (1)`, `protocol - Copy`.
fn without_copy_mark(name: &str) -> &str {
    let plain = match name.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
        Some((before, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => before,
        _ => name,
    };
    let word = ["copy", "kopie", "copie"].iter().find_map(|word| plain.trim_end().strip_suffix(word));
    word.unwrap_or(plain).trim_end_matches([' ', '-', '_'])
}

/// Whether two names lead to one file or folder.
fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Versions of which the index says nothing, and files beside the texts of a version that were not published with it.
fn not_in_index(folder: &Path) -> Vec<Diagnostic> {
    let Some(index) = Index::read(&folder.join(INDEX), &mut Diagnostics::default()) else { return Vec::new() };
    let mut found = Vec::new();
    let mut tell = |path: &Path, help: &str| {
        let message = format!("{} is not read: `{INDEX}` does not name it", path.display());
        found.push(Diagnostic::new(&codes::NOT_READ, message).help(help));
    };
    for inner in entries(folder).into_iter().filter(|inner| inner.is_dir()) {
        let Some(files) = index.files_of(name_of(&inner)) else {
            let is_version = inner.join("protocol.toml").is_file();
            if is_version && is_begun(folder, &[name_of(&inner).to_owned()]) {
                tell(&inner, "a publication was broken off: publish it again");
            } else if is_version {
                tell(&inner, "take it away, or restore the index that names it, from a backup");
            }
            continue;
        };
        for file in entries(&inner).iter().filter(|file| !files.contains(&name_of(file))) {
            tell(file, "take it away: a version never changes; what is new in it is published as the next version");
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn a_name_is_nearly_right() {
        for (name, right) in [
            ("protocol.toml.txt", "protocol.toml"),
            ("Protocol.toml", "protocol.toml"),
            ("protocol (1).toml", "protocol.toml"),
            ("protocol.toml (1)", "protocol.toml"),
            ("protocol - Kopie.toml", "protocol.toml"),
            ("protocol.toml.toml", "protocol.toml"),
            ("protocol.tml", "protocol.toml"),
            ("protokoll.toml", "protocol.toml"),
            ("protokoll.de.toml", "protocol.de.toml"),
            ("protocol.DE.toml", "protocol.de.toml"),
            ("protocol_de.toml", "protocol.de.toml"),
            ("protocol-de.toml", "protocol.de.toml"),
            ("protocol.de.toml.txt", "protocol.de.toml"),
            ("protocol.pt-br.TOML", "protocol.pt-BR.toml"),
            ("protocol.german.toml", "protocol.de.toml"),
            ("protocol_Deutsch.toml", "protocol.de.toml"),
        ] {
            assert_eq!(like(name, "protocol").as_deref(), Some(right), "{name}");
        }
        for name in [
            "protocol.toml",
            "protocol.de.toml",
            "protocol.pt-br.toml",
            "protocol.sheet.md",
            "protocol_old.toml",
            "protocol-2024.toml",
            "protocol.toml.bak",
            "protocol.toml~",
            "notes.toml",
            "notes.txt",
            "README.md",
        ] {
            assert_eq!(like(name, "protocol"), None, "{name}");
        }
    }
}
