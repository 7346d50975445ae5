//! Writing files so that a crash, a full disk or a second program leaves the old or the new, never half.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How many names are tried for a file beside another.
const TRIES: u32 = 100;

/// Writes a file in one step: the text is written beside it, under a name of its own, and takes its place when it is safe on the disk.
/// Links are followed and permissions kept; a file that may not be written is not replaced. On a failure the old file is as it was.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let path = real(path)?;
    if writable(&path)?.is_some_and(|old| !old.is_file()) {
        // A pipe or a device takes the text itself.
        return OpenOptions::new().write(true).open(&path)?.write_all(text.as_bytes());
    }
    let (mut file, beside) = create_beside(&path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| place(&file, &beside, &path));
    if written.is_err() {
        // What cannot be removed is left: the failure that is told is the first.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

/// The file itself, where a path is a link to it, even if the file is not there yet.
pub(crate) fn real(path: &Path) -> io::Result<PathBuf> {
    /// A link in a circle ends here.
    const MOST_LINKS: u32 = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match std::fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("its links form a loop"))
}

/// What a file is that is to be replaced, if it is there.
///
/// # Errors
/// When it may not be written: to replace it would get round that.
pub(crate) fn writable(path: &Path) -> io::Result<Option<Metadata>> {
    match path.metadata() {
        Ok(old) if old.permissions().readonly() => {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is write-protected"))
        }
        Ok(old) if old.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")),
        // Other than a look at the permissions, this asks the system.
        Ok(old) => OpenOptions::new().write(true).open(path).map(|_| Some(old)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A new file in the same folder, whose name nobody else has.
fn create_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().ok_or_else(|| io::Error::other("it has no name"))?.to_string_lossy().into_owned();
    for attempt in 0..TRIES {
        let beside = path.with_file_name(format!(".{name}.{}-{attempt}.new", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other.map(|file| (file, beside)),
        }
    }
    Err(io::Error::other("there are too many files beside it that were left from other runs"))
}

/// Puts a file that was written beside another in its place and under its permissions, when it is safe on the disk.
pub(crate) fn place(file: &File, beside: &Path, path: &Path) -> io::Result<()> {
    if let Ok(old) = path.metadata() {
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()?;
    std::fs::rename(beside, path)?;
    // Where a folder can be opened, the new name is made safe too. Both the old and the new would be whole.
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// Whether two paths lead to one file.
#[cfg(feature = "cli")]
pub(crate) fn same(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    let which = |path: &Path| path.metadata().ok().map(|about| number(&about));
    #[cfg(not(unix))]
    let which = |path: &Path| path.canonicalize().ok();
    which(a).is_some_and(|a| which(b) == Some(a))
}

/// Whether standard input is read from a file.
#[cfg(feature = "cli")]
pub(crate) fn is_stdin(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        let stdin = std::io::stdin().as_fd().try_clone_to_owned().map(File::from).and_then(|stdin| stdin.metadata());
        stdin.is_ok_and(|stdin| path.metadata().is_ok_and(|about| number(&about) == number(&stdin)))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// What a file is to the system, under whatever name.
#[cfg(feature = "cli")]
#[cfg(unix)]
fn number(about: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (about.dev(), about.ino())
}
