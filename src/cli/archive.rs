//! `regimen archive`: the decisions that are kept.

mod list;
mod remarks;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::keep::{Keeper, Keeping, Place};
use super::{exit, failed, print, tell, tell_diagnostics, usage};
use crate::archive::{Archive, Checkpoint, Key, Receipt, to_hex};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::{files, visible};

/// Keep decisions, show them, and show that they are as they were
#[derive(Debug, Args)]
pub(super) struct Archives {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(New),
    List(list::List),
    Show(list::Show),
    Export(Export),
    Import(Import),
    Checkpoint(MakeCheckpoint),
    Key(MakeKey),
    Verify(Verify),
    Backup(Backup),
    Override(remarks::Override),
    Ignore(remarks::Ignore),
    Correct(remarks::Correct),
    Annul(remarks::Annul),
    Hold(remarks::Hold),
    Erase(remarks::Erase),
}

/// Make an empty archive
///
/// Example: regimen archive new clinic.db
#[derive(Debug, Args)]
struct New {
    /// The file, which must not be there yet
    file: PathBuf,
}

/// Write the receipt of an entry: one file with all that is needed to produce it again, and the proof that it is in the archive
///
/// Example: regimen archive export 12 --archive clinic.db -o receipt.json
#[derive(Debug, Args)]
struct Export {
    /// The number of the entry
    entry: u64,
    /// The file to write, which must not be there yet; without it, the receipt is printed
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Lead the proof to this checkpoint instead of to the present state
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Keep receipts of another archive
///
/// Example: regimen archive import receipt.json --archive clinic.db --by "Dr A"
#[derive(Debug, Args)]
struct Import {
    /// The receipts
    #[arg(required = true)]
    receipts: Vec<PathBuf>,
    #[command(flatten)]
    keeping: Keeping,
}

/// Print how the archive stands, to be kept elsewhere: its size and the root of its tree
///
/// Example: regimen archive checkpoint --archive clinic.db --key clinic.key > 2026-03.txt
#[derive(Debug, Args)]
struct MakeCheckpoint {
    /// Sign it with the private key in this file
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Print it only if the archive goes on where this earlier checkpoint ends
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Write a new private key for signing checkpoints, and print the public one
///
/// Example: regimen archive key clinic.key
#[derive(Debug, Args)]
struct MakeKey {
    /// The file, which must not be there yet. Keep it apart from the archive
    file: PathBuf,
}

/// Find whatever was altered, put in, taken out or moved
///
/// Example: regimen archive verify clinic.db --checkpoint 2026-03.txt
#[derive(Debug, Args)]
struct Verify {
    /// The archive; without it, the one that --archive or REGIMEN_ARCHIVE names
    #[arg(conflicts_with = "archive")]
    file: Option<PathBuf>,
    /// A checkpoint that was kept elsewhere; without one, nobody can tell whether entries are missing at the end
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// The public key by which the checkpoint has to be signed
    #[arg(long, value_name = "KEY", requires = "checkpoint")]
    public_key: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Copy the whole archive, also while `regimen serve` or another program uses it
///
/// The copy is one moment of the archive. It holds the keys of the patients: what is erased later can still be read in it, so that it has to
/// be kept as safe as the archive, and no longer than needed.
///
/// Example: regimen archive backup clinic.db /backups/clinic-2026-03-02.db
#[derive(Debug, Args)]
struct Backup {
    /// The archive
    file: PathBuf,
    /// The file to write, which must not be there yet
    to: PathBuf,
}

impl Backup {
    fn run(&self) -> Result<u8, u8> {
        let archive = Archive::open(&self.file).map_err(failed(exit::MISTAKES))?;
        let copied = archive.backup(&self.to).map_err(failed(exit::OUTPUT))?;
        let (to, size) = (self.to.display().to_string(), copied.size);
        let entries = if size == 1 { "1 entry".to_owned() } else { format!("{size} entries") };
        Ok(print(&format!("{}: {entries}, root {}\n", visible::text(&to), to_hex(&copied.root))))
    }
}

impl Archives {
    pub(super) fn run(&self) -> u8 {
        let done = match &self.command {
            Command::New(command) => command.run(),
            Command::List(command) => command.run(),
            Command::Show(command) => command.run(),
            Command::Export(command) => command.run(),
            Command::Import(command) => command.run(),
            Command::Checkpoint(command) => command.run(),
            Command::Key(command) => command.run(),
            Command::Verify(command) => command.run(),
            Command::Backup(command) => command.run(),
            Command::Override(command) => command.run(),
            Command::Ignore(command) => command.run(),
            Command::Correct(command) => command.run(),
            Command::Annul(command) => command.run(),
            Command::Hold(command) => command.run(),
            Command::Erase(command) => command.run(),
        };
        done.unwrap_or_else(|code| code)
    }
}

/// Reads a text that somebody has named.
pub(super) fn text_of(path: &Path) -> Result<String, u8> {
    let mut found = Diagnostics::default();
    // A receipt holds texts and a trace: it may be larger than a record.
    let read = files::open_plain(path).and_then(|mut file| {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut file, &mut text).map(|_| text)
    });
    read.map_err(|error| {
        let why = crate::protocol::load::why_unreadable(&error);
        found.push(Diagnostic::new(&codes::UNREADABLE, format!("{} cannot be read: {why}", path.display())));
        tell_diagnostics(&found);
        exit::MISTAKES
    })
}

/// Reads a checkpoint.
pub(super) fn checkpoint_of(path: Option<&Path>) -> Result<Option<Checkpoint>, u8> {
    let Some(path) = path else { return Ok(None) };
    Checkpoint::read(&text_of(path)?).map(Some).map_err(failed(exit::MISTAKES))
}

/// Reads a receipt.
pub(super) fn receipt_of(path: &Path) -> Result<Receipt, u8> {
    Receipt::read(&text_of(path)?).map_err(|found| {
        tell(&format!("{}:\n", path.display()));
        tell_diagnostics(&found);
        exit::MISTAKES
    })
}

/// A path on a terminal.
fn shown(path: &Path) -> String {
    visible::text(&path.display().to_string()).into_owned()
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> Result<(), u8> {
    let told = |error: &dyn std::fmt::Display| {
        tell(&format!("error: {} cannot be written: {error}\n", path.display()));
        exit::OUTPUT
    };
    if path.exists() {
        return Err(told(&"it is there already"));
    }
    files::write(path, text).map_err(|error| told(&error))
}

impl New {
    fn run(&self) -> Result<u8, u8> {
        let archive = Archive::create(&self.file).map_err(failed(exit::OUTPUT))?;
        Ok(print(&format!("{} is an empty archive: {}\n", shown(&self.file), archive.id())))
    }
}

impl Export {
    fn run(&self) -> Result<u8, u8> {
        let archive = self.place.open()?;
        let checkpoint = checkpoint_of(self.checkpoint.as_deref())?;
        let receipt = archive.export(self.entry, checkpoint.as_ref()).map_err(failed(exit::MISTAKES))?;
        match &self.output {
            Some(path) => write_new(path, &receipt.json()).map(|()| exit::DONE),
            None => Ok(print(&receipt.json())),
        }
    }
}

impl Import {
    fn run(&self) -> Result<u8, u8> {
        let Keeper { mut archive, stamp } = self.keeping.signed()?;
        let receipts: Result<Vec<Receipt>, u8> = self.receipts.iter().map(|path| receipt_of(path)).collect();
        for (receipt, path) in receipts?.iter().zip(&self.receipts) {
            let known = archive.imported(receipt).map_err(failed(exit::MISTAKES))?;
            let (at, already) = match known {
                Some(at) => (at, ", which was in the archive already"),
                None => (archive.import(&stamp, receipt).map_err(failed(exit::OUTPUT))?, ""),
            };
            print(&format!("entry {at}: {}{already}\n", shown(path)));
        }
        Ok(exit::DONE)
    }
}

impl MakeCheckpoint {
    fn run(&self) -> Result<u8, u8> {
        let archive = self.place.open()?;
        let key = match &self.key {
            None => None,
            Some(path) => Some(Key::read(&text_of(path)?).ok_or_else(|| {
                let message = format!("{} holds no private key", path.display());
                let help = "make one with `regimen archive key`";
                failed(exit::MISTAKES)(Diagnostic::new(&codes::NO_CHECKPOINT, message).help(help).into())
            })?),
        };
        let since = checkpoint_of(self.since.as_deref())?;
        let checkpoint = archive.checkpoint_since(since.as_ref()).map_err(failed(exit::MISTAKES))?;
        let checkpoint = match &key {
            Some(key) => checkpoint.sign(key),
            None => checkpoint,
        };
        Ok(print(&checkpoint.text()))
    }
}

impl MakeKey {
    fn run(&self) -> Result<u8, u8> {
        let key = Key::new().map_err(|error| {
            tell(&format!("error: {error}\n"));
            exit::OUTPUT
        })?;
        let told = |error: std::io::Error| {
            tell(&format!("error: {} cannot be written: {error}\n", self.file.display()));
            exit::OUTPUT
        };
        let mut open = std::fs::OpenOptions::new();
        open.write(true).create_new(true);
        // Nobody else may read it, from the start.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
        let mut file = open.open(&self.file).map_err(told)?;
        let written = std::io::Write::write_all(&mut file, key.text().as_bytes()).and_then(|()| file.sync_all());
        written.map_err(told)?;
        Ok(print(&format!("public key {}\n", to_hex(&key.public()))))
    }
}

impl Verify {
    fn run(&self) -> Result<u8, u8> {
        let archive = self.place.open_or(self.file.as_deref())?;
        let checkpoint = checkpoint_of(self.checkpoint.as_deref())?;
        let signed = checkpoint.as_ref().and_then(|one| one.signed.as_ref()).map(|(key, _)| to_hex(key));
        if let Some(wanted) = &self.public_key
            && signed.as_ref() != Some(wanted)
        {
            let message = match &signed {
                Some(key) => format!("the checkpoint is signed by the key {key}, not by {wanted}"),
                None => "the checkpoint is not signed".to_owned(),
            };
            return Err(failed(exit::MISTAKES)(Diagnostic::new(&codes::NO_CHECKPOINT, message).into()));
        }
        let report = archive.verify(checkpoint.as_ref());
        tell_diagnostics(&report.found);
        if report.found.has_errors() {
            return Ok(exit::MISTAKES);
        }
        let count = match report.size {
            1 => "1 entry, as it was written".to_owned(),
            size => format!("{size} entries, as they were written"),
        };
        let mut text = format!("{count}; root {}\n", to_hex(&report.root));
        if report.erased > 0 {
            text.push_str(&format!("of {} of them what was personal was erased, as an entry tells\n", report.erased));
        }
        text.push_str(&match report.vouched {
            Some(size) => format!("the first {size} are those of the checkpoint\n"),
            None => "not checked: whether entries are missing at the end, or all was written anew (that takes a `--checkpoint`)\n".to_owned(),
        });
        if let (Some(key), None) = (&signed, &self.public_key) {
            text.push_str(&format!(
                "the checkpoint is signed by the key {key}; whose that is was not checked (`--public-key`)\n"
            ));
        }
        Ok(print(&text))
    }
}

/// A day from the command line.
fn day(name: &str, text: &str) -> Result<crate::date::Date, u8> {
    text.parse().map_err(|error| usage(&format!("{name}: {error}")))
}
