//! The files of a git revision: a copy of what a version needs, in a folder that is removed afterwards.
//!
//! Git runs as a child process, and only where a revision is named.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::diagnostic::{Diagnostic, Diagnostics, Label, Place, SourceFile, codes};

/// How deep files lie in a clinic's folder at most: `protocol/cases/case.toml`.
const DEPTH: usize = 3;

/// A copy of a part of a revision.
#[derive(Debug)]
pub(super) struct Revision {
    folder: Folder,
    /// What was asked for, within the copy.
    path: PathBuf,
    /// `HEAD:`, and the folder that was copied.
    shown: String,
}

/// A folder that is removed when it is dropped.
#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is the system's to clean up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Revision {
    /// Copies what `REVISION:PATH` names, with the dictionary, the neighbours and the records that belong to it.
    pub(super) fn read(named: &str, found: &mut Diagnostics) -> Option<Revision> {
        match Revision::copy(named) {
            Ok(revision) => Some(revision),
            Err(diagnostic) => {
                found.push(*diagnostic);
                None
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong, with the names that the files have in the revision.
    pub(super) fn renamed(&self, found: &Diagnostics) -> Diagnostics {
        let (copy, shown) = (format!("{}/", self.folder.0.display()), &self.shown);
        let rename = |text: &str| text.replace(&copy, shown);
        let place = |place: &Place| Place {
            file: SourceFile::new(rename(&place.file.name), place.file.text.clone()),
            span: place.span.clone(),
        };
        let label = |label: &Label| Label { place: place(&label.place), text: label.text.clone() };
        let mut all = Diagnostics::default();
        for one in found {
            let mut one = one.clone();
            one.message = rename(&one.message);
            one.label = one.label.as_ref().map(label);
            one.related = one.related.iter().map(label).collect();
            one.help = one.help.iter().map(|help| rename(help)).collect();
            // A revision cannot be mended.
            one.replacement = None;
            all.push(one);
        }
        all
    }

    fn copy(named: &str) -> Result<Revision, Box<Diagnostic>> {
        let (revision, path) = named.split_once(':').unwrap_or((named, ""));
        let help = "a revision and a path in it are written as `HEAD:protocols/microneedling-acne-scars`, the path counted from the repository's top";
        let unknown = |message: String| Box::new(Diagnostic::new(&codes::UNREADABLE_REVISION, message).help(help));
        let is_commit =
            || git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")]);
        let commit =
            String::from_utf8(is_commit()?.ok_or_else(|| unknown(format!("git knows no revision `{revision}` here")))?);
        let commit = commit.unwrap_or_default().trim().to_owned();
        let within = match path.strip_prefix("./") {
            // As git has it: counted from the present folder.
            Some(rest) => {
                let prefix = git(&["rev-parse", "--show-prefix"])?.unwrap_or_default();
                format!("{}{rest}", String::from_utf8(prefix).unwrap_or_default().trim())
            }
            None => path.to_owned(),
        };
        let within = within.trim_end_matches('/');
        let kind = git(&["cat-file", "-t", &format!("{commit}:{within}")])?;
        let is_file = match kind.as_deref().map(<[u8]>::trim_ascii) {
            Some(b"blob") => true,
            Some(b"tree") => false,
            _ => return Err(unknown(format!("there is no `{path}` in the revision `{revision}`"))),
        };
        let up = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
        let listed = |folder: &str| -> Result<Vec<String>, Box<Diagnostic>> {
            let tree = format!("{commit}:{folder}");
            let names = git(&["ls-tree", "-r", "-z", "--name-only", &tree])?.unwrap_or_default();
            let names = String::from_utf8_lossy(&names).into_owned();
            Ok(names.split('\0').filter(|name| is_wanted(name)).map(str::to_owned).collect())
        };
        // A protocol in a clinic's folder needs what stands beside it.
        let own = if is_file { up(within) } else { within.to_owned() };
        let is_protocol = is_file || listed(&own)?.iter().any(|name| name == "protocol.toml");
        let above = up(&own);
        let in_clinic = is_protocol && !own.is_empty() && listed(&above)?.iter().any(|name| name == "facts.toml");
        let root = if in_clinic { above } else { own };
        let files = listed(&root)?;
        let folder = Folder::new().map_err(|error| unwritable(&error))?;
        copy_all(&commit, &root, &files, &folder.0)?;
        let prefix = if root.is_empty() { String::new() } else { format!("{root}/") };
        let inner = within.strip_prefix(&prefix).unwrap_or("");
        let path = if inner.is_empty() || within == root { folder.0.clone() } else { folder.0.join(inner) };
        Ok(Revision { folder, path, shown: format!("{revision}:{prefix}") })
    }
}

impl Folder {
    fn new() -> std::io::Result<Folder> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("regimen-revision-{}-{count}", std::process::id()));
        // One that is there already is somebody else's.
        std::fs::create_dir(&path)?;
        Ok(Folder(path))
    }
}

/// Whether a file in a clinic's folder may belong to a version.
fn is_wanted(name: &str) -> bool {
    let path = Path::new(name);
    let is_text = path.extension().is_some_and(|extension| extension == "toml" || extension == "json");
    is_text
        && !name.contains('\n')
        && path.components().count() <= DEPTH
        && path.components().all(|part| matches!(part, Component::Normal(_)))
}

/// What a git command prints; none if it fails.
fn git(arguments: &[&str]) -> Result<Option<Vec<u8>>, Box<Diagnostic>> {
    let output = Command::new("git").args(arguments).stdin(Stdio::null()).output().map_err(|error| no_git(&error))?;
    Ok(output.status.success().then_some(output.stdout))
}

/// Writes files of a revision into a folder: one git process for all of them.
fn copy_all(commit: &str, root: &str, files: &[String], folder: &Path) -> Result<(), Box<Diagnostic>> {
    let mut command = Command::new("git");
    command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| no_git(&error))?;
    let prefix = if root.is_empty() { String::new() } else { format!("{root}/") };
    let asked: String = files.iter().map(|name| format!("{commit}:{prefix}{name}\n")).collect();
    let input = child.stdin.take();
    // Git answers while it is still being asked.
    let asking = std::thread::spawn(move || input.map(|mut input| input.write_all(asked.as_bytes())));
    let mut copied = Ok(());
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        copied = files.iter().try_for_each(|name| copy_one(&mut output, &folder.join(name)));
    }
    drop(asking.join());
    drop(child.wait());
    copied.map_err(|error| unwritable(&error))
}

/// `HASH blob SIZE`, the bytes, and the end of a line.
fn copy_one(output: &mut impl BufRead, to: &Path) -> std::io::Result<()> {
    let mut head = String::new();
    output.read_line(&mut head)?;
    let size = head.trim().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
    let size = size.ok_or_else(|| std::io::Error::other("git has not told its size"))?;
    let mut bytes = Vec::new();
    output.by_ref().take(size).read_to_end(&mut bytes)?;
    output.read_exact(&mut [0])?;
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(to, bytes)
}

fn no_git(error: &std::io::Error) -> Box<Diagnostic> {
    let why = crate::protocol::load::why_unreadable(error);
    let why = if error.kind() == std::io::ErrorKind::NotFound { "there is no such program here" } else { &why };
    let help = "install git, or name a file or a folder";
    Box::new(Diagnostic::new(&codes::NO_GIT, format!("`git` cannot be started: {why}")).help(help))
}

fn unwritable(error: &std::io::Error) -> Box<Diagnostic> {
    let folder = std::env::temp_dir();
    let message = format!("the files of the revision cannot be copied to {}: {error}", folder.display());
    Box::new(
        Diagnostic::new(&codes::UNREADABLE_REVISION, message).help("make room there, or name another folder by TMPDIR"),
    )
}
