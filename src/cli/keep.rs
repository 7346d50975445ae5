//! Keeping decisions: which archive, when and by whom. The clock is read for what stands beside an answer, never for what is in it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{exit, tell_diagnostics, usage};
use crate::archive::{Archive, Draft, Question, Stamp, Texts};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// The environment variable that names the archive where nothing else does.
const VARIABLE: &str = "REGIMEN_ARCHIVE";

/// Which archive.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The archive of decisions; without it, the one that the environment variable REGIMEN_ARCHIVE names
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,
}

/// Whether decisions are kept, and what is noted beside them.
#[derive(Debug, Args)]
pub(super) struct Keeping {
    #[command(flatten)]
    place: Place,
    /// Who answers for it: stands in the archive's entry
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// The time that stands in the archive's entry instead of the clock's: for tests
    #[arg(long, value_name = "TIME", hide = true)]
    at: Option<String>,
}

/// An open archive, and what is noted in the next entries.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) archive: Archive,
    pub(super) stamp: Stamp,
}

impl Place {
    /// The file of the archive, where one is named.
    fn path(&self) -> Option<PathBuf> {
        let named = self.archive.clone();
        named.or_else(|| std::env::var_os(VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from))
    }

    /// The archive, for commands that are about one.
    pub(super) fn open(&self) -> Result<Archive, u8> {
        self.open_or(None)
    }

    /// The same, where it may be given as an argument, too.
    pub(super) fn open_or(&self, given: Option<&Path>) -> Result<Archive, u8> {
        let Some(path) = given.map(Path::to_owned).or_else(|| self.path()) else {
            return Err(usage(&format!("name the archive with `--archive FILE`, or in {VARIABLE}")));
        };
        Archive::open(&path).map_err(|found| {
            tell_diagnostics(&found);
            exit::OUTPUT
        })
    }
}

impl Keeping {
    /// The file of the archive, where one is named.
    pub(super) fn path(&self) -> Option<PathBuf> {
        self.place.path()
    }

    /// The archive, where one is named.
    pub(super) fn open(&self) -> Result<Option<Keeper>, u8> {
        let Some(_) = self.path() else {
            let useless = [("--by", self.by.is_some()), ("--at", self.at.is_some())];
            return match useless.iter().find(|(_, given)| *given) {
                Some((name, _)) => Err(usage(&format!("{name}: no archive is named, and it stands nowhere else"))),
                None => Ok(None),
            };
        };
        let stamp = self.stamp()?;
        Ok(Some(Keeper { archive: self.place.open()?, stamp }))
    }

    /// When, and by whom.
    fn stamp(&self) -> Result<Stamp, u8> {
        let now = match &self.at {
            Some(at) => at.parse().map_err(|_| usage("--at: a time is written as 2026-03-02T08:30:00Z"))?,
            None => jiff::Timestamp::now(),
        };
        // INVARIANT: every second of the calendar is one.
        let now = jiff::Timestamp::from_second(now.as_second()).unwrap_or_default();
        Ok(Stamp { at: now.to_string(), by: self.by.clone() })
    }

    /// The same for entries for which a person has to answer.
    pub(super) fn signed(&self) -> Result<Keeper, u8> {
        if self.by.as_deref().is_none_or(|by| by.trim().is_empty()) {
            return Err(usage("say who answers for it with `--by NAME`"));
        }
        // Where no archive is named, opening it says how to name one.
        let archive = self.place.open()?;
        Ok(Keeper { archive, stamp: self.stamp()? })
    }
}

impl Keeper {
    /// Keeps entries. When this returns, they are safe on the disk; whatever is said of them is said afterwards.
    pub(super) fn keep(&mut self, texts: &Texts, drafts: &[Draft]) -> Result<Vec<u64>, u8> {
        self.archive.append(&self.stamp, texts, drafts).map_err(|found| {
            tell_diagnostics(&found);
            exit::OUTPUT
        })
    }
}

/// Whether an archive is named where decisions are shown that nothing keeps.
pub(super) fn is_named() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|name| !name.is_empty())
}

/// Refuses to show decisions of which a command keeps no entry, where an archive is named: what the process ends with.
pub(super) fn refused(command: &str) -> Option<u8> {
    if !is_named() {
        return None;
    }
    let message =
        format!("`{command}` keeps no entry, and {VARIABLE} names an archive: no decision is shown that is not kept");
    let help = format!(
        "ask with `recommend`, which keeps it; to look without deciding, `env -u {VARIABLE} regimen {command} …`"
    );
    tell_diagnostics(&Diagnostic::new(&codes::KEEPS_NO_ENTRY, message).help(help).into());
    Some(exit::OUTPUT)
}

/// Whether the files are still those that the answer was made with.
pub(super) fn unchanged(question: &Question, now: &Texts) -> Result<(), Diagnostics> {
    if question.texts == *now {
        return Ok(());
    }
    let message = "the protocols were changed while they were being asked, and nothing was kept";
    Err(Diagnostic::new(&codes::FILES_CHANGED, message).help("ask again").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Which;

    #[test]
    fn texts_that_change_meanwhile_are_told() {
        let asked = || Texts::of(&["tests/fixtures/tiny.toml".as_ref()], None, Which::WorkingFile);
        let day = "2026-03-02".parse().expect("a day");
        let question = Question::new(asked(), day, &[], None, false);
        assert_eq!(unchanged(&question, &asked().0), Ok(()));
        let other = Texts::of(&["tests/fixtures/head.toml".as_ref()], None, Which::WorkingFile).0;
        assert!(unchanged(&question, &other).is_err_and(|found| found.to_string().contains("R809")));
    }
}
