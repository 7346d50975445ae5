//! Writing files so that a crash, a full disk or a second program leaves the old or the new, never half.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// How many names are tried for a file beside another.
const TRIES: u32 = 100;

/// The most bytes that a protocol, a dictionary, a case or a record may have. A hundred times as many are needed to read it.
pub(crate) const LARGEST: usize = 4 << 20;

/// Reads a text to its end, without the mark that some programs put before it.
pub(crate) fn read_text(input: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    // INVARIANT: the size of a file fits.
    input.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > LARGEST {
        return Err(too_large());
    }
    let what = kind_of(&bytes);
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("it is {what}, not UTF-8 text"));
    if let Some(what) = what {
        return Err(invalid(what));
    }
    let text = String::from_utf8(bytes).map_err(|_| invalid("in another encoding, perhaps Latin-1 or Windows-1252"))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// What a file is that is no plain text, by how it begins.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 6] = [
        (b"\xff\xfe", "text in UTF-16"),
        (b"\xfe\xff", "text in UTF-16"),
        (b"PK\x03\x04", "a document of a word processor or spreadsheet"),
        (b"\xd0\xcf\x11\xe0", "a document of a word processor or spreadsheet"),
        (b"{\\rtf", "a formatted text (RTF)"),
        (b"%PDF", "a PDF"),
    ];
    kinds.into_iter().find(|(begins, _)| bytes.starts_with(begins)).map(|(_, what)| what)
}

fn too_large() -> io::Error {
    io::Error::other(format!("it has more than {} MiB", LARGEST >> 20))
}

/// Opens a file that is a plain one, also through links. A pipe or a device would keep its reader waiting, or never end.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    let about = path.metadata()?;
    if about.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !about.is_file() {
        return Err(io::Error::other("it is not a plain file"));
    }
    File::open(path)
}

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

/// The same of a file that was read: one that begins with a byte order mark goes on to do so.
#[cfg(feature = "cli")]
pub(crate) fn rewrite(path: &Path, text: &str) -> io::Result<()> {
    let mut begins = Vec::new();
    // What cannot be read is told by whoever writes.
    let _ = open_plain(path).and_then(|file| file.take(3).read_to_end(&mut begins));
    let mark = if begins == "\u{feff}".as_bytes() { "\u{feff}" } else { "" };
    write(path, &format!("{mark}{text}"))
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

/// A path without steps down and up again: `a/b/../c` is `a/c`. For its name: where links lead is not asked.
pub(crate) fn without_detours(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut plain = PathBuf::new();
    for step in path.components() {
        let is_down = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match step {
            Component::ParentDir if is_down => drop(plain.pop()),
            Component::CurDir => {}
            step => plain.push(step),
        }
    }
    plain
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

/// Whether standard input or output leads to a file.
#[cfg(feature = "cli")]
#[cfg(unix)]
pub(crate) fn leads_to(standard: &impl std::os::fd::AsFd, path: &Path) -> bool {
    let number_of = |about: io::Result<Metadata>| about.ok().filter(Metadata::is_file).map(|about| number(&about));
    let standard = standard.as_fd().try_clone_to_owned().map(File::from).and_then(|file| file.metadata());
    number_of(standard).is_some_and(|standard| number_of(path.metadata()) == Some(standard))
}

/// Whether standard input or output leads to a file: here, nobody can tell.
#[cfg(feature = "cli")]
#[cfg(not(unix))]
pub(crate) fn leads_to<T>(_standard: &T, _path: &Path) -> bool {
    false
}

/// What tells a file from others and from what it was before: to read on in another one would be to answer others.
#[cfg(feature = "cli")]
pub(crate) fn identity(about: &Metadata) -> String {
    let changed = about.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    #[cfg(unix)]
    let number = number(about);
    #[cfg(not(unix))]
    let number = ();
    format!("{number:?} {} {changed:?}", about.len())
}

/// Whether an open file still stands at a path.
#[cfg(feature = "cli")]
pub(crate) fn stands_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.metadata()) {
        #[cfg(unix)]
        (Ok(file), Ok(there)) => number(&file) == number(&there),
        #[cfg(not(unix))]
        (Ok(_), Ok(_)) => true,
        _ => false,
    }
}

/// What a file is to the system, under whatever name.
#[cfg(feature = "cli")]
#[cfg(unix)]
fn number(about: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (about.dev(), about.ino())
}
