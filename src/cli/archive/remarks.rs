//! What people say of an entry afterwards. The entry itself stays as it is.

use clap::Args;

use super::super::keep::{Keeper, Keeping};
use super::super::{exit, print, tell, usage};
use super::{day, failed};
use crate::archive::{Draft, Entry, Frames, Kind, Texts};

/// Note that somebody acts otherwise than an answer says
///
/// Example: regimen archive override 12 --archive clinic.db --by "Dr A" --reason recent-peel --text "peel was superficial"
#[derive(Debug, Args)]
pub(super) struct Override {
    /// The number of the entry
    entry: u64,
    /// Which reason of the answer does not count
    #[arg(long, value_name = "ID")]
    reason: String,
    /// Why
    #[arg(long, value_parser = said)]
    text: String,
    #[command(flatten)]
    keeping: Keeping,
}

/// Note that an answer was not acted upon
///
/// Example: regimen archive ignore 12 --archive clinic.db --by "Dr A" --text "the patient came for something else"
#[derive(Debug, Args)]
pub(super) struct Ignore {
    #[command(flatten)]
    remark: Remark,
}

/// Note that an answer rested on something wrong
///
/// Example: regimen archive correct 12 --archive clinic.db --by "Dr A" --text "the peel was in February" --see 14
#[derive(Debug, Args)]
pub(super) struct Correct {
    #[command(flatten)]
    remark: Remark,
    /// The number of the entry that stands in its place
    #[arg(long, value_name = "ENTRY")]
    see: Option<u64>,
}

/// Note that an entry is void, such as one about another patient
///
/// Example: regimen archive annul 12 --archive clinic.db --by "Dr A" --text "wrong patient"
#[derive(Debug, Args)]
pub(super) struct Annul {
    #[command(flatten)]
    remark: Remark,
}

#[derive(Debug, Args)]
struct Remark {
    /// The number of the entry
    entry: u64,
    /// Why
    #[arg(long, value_parser = said)]
    text: String,
    #[command(flatten)]
    keeping: Keeping,
}

/// Forbid that what is kept about a patient is erased before a day
///
/// Example: regimen archive hold P-104 --archive clinic.db --until 2036-03-02 --why "records are kept for ten years" --by "Dr A"
#[derive(Debug, Args)]
pub(super) struct Hold {
    /// The patient's identifier
    patient: String,
    /// The first day on which it may be erased
    #[arg(long, value_name = "DATE")]
    until: String,
    /// Why
    #[arg(long, value_parser = said)]
    why: String,
    #[command(flatten)]
    keeping: Keeping,
}

/// Destroy what is kept about a patient, for ever. An entry tells that it was done
///
/// Example: regimen archive erase P-104 --archive clinic.db --why "the patient asked for it" --by "Dr A"
#[derive(Debug, Args)]
pub(super) struct Erase {
    /// The patient's identifier
    #[arg(required_unless_present = "entry")]
    patient: Option<String>,
    /// Instead of a patient, an entry of which nobody knows whose it is
    #[arg(long, conflicts_with = "patient")]
    entry: Option<u64>,
    /// Why. It stays readable for ever: name nobody
    #[arg(long, value_parser = said)]
    why: String,
    #[command(flatten)]
    keeping: Keeping,
}

/// Why something is done: it must say something.
fn said(text: &str) -> Result<String, String> {
    if crate::visible::says_something(text) { Ok(text.to_owned()) } else { Err("it must say something".to_owned()) }
}

/// Appends an entry about another one.
fn keep(keeper: &mut Keeper, kind: Kind, entry: &Entry, draft: Draft) -> Result<u8, u8> {
    let numbers = keeper.keep(&Texts::default(), &[draft])?;
    let at = numbers.first().copied().unwrap_or_default();
    Ok(print(&format!("entry {at}: {kind} of entry {}\n", entry.number)))
}

impl Override {
    pub(super) fn run(&self) -> Result<u8, u8> {
        let mut keeper = self.keeping.signed()?;
        let entry = keeper.archive.decision(self.entry).map_err(failed(exit::MISTAKES))?;
        let (draft, is_allowed) =
            Draft::overriding(&entry, &self.reason, &self.text).map_err(failed(exit::MISTAKES))?;
        if !is_allowed {
            tell(&format!("warning: the protocol allows nobody to override `{}`; the entry says so\n", self.reason));
        }
        keep(&mut keeper, Kind::Override, &entry, draft)
    }
}

impl Remark {
    fn make(&self, kind: Kind, see: Option<u64>) -> Result<u8, u8> {
        let mut keeper = self.keeping.signed()?;
        let entry = keeper.archive.decision(self.entry).map_err(failed(exit::MISTAKES))?;
        if kind == Kind::Annulled {
            let later = keeper.archive.about(&entry).map_err(failed(exit::MISTAKES))?;
            if let Some(earlier) = later.iter().find(|one| one.kind() == Some(Kind::Annulled)) {
                let (at, by) = (entry.number, earlier.number);
                tell(&format!(
                    "warning: entry {at} is void already, as entry {by} says; the new entry says it once more\n"
                ));
            }
        }
        let mut personal = Frames::default().with("text", self.text.as_str());
        if let Some(see) = see {
            keeper.archive.instead_of(&entry, see).map_err(failed(exit::MISTAKES))?;
            personal.push("see", see.to_string());
        }
        keep(&mut keeper, kind, &entry, Draft::remark(kind, &entry, &personal))
    }
}

impl Ignore {
    pub(super) fn run(&self) -> Result<u8, u8> {
        self.remark.make(Kind::Ignored, None)
    }
}

impl Correct {
    pub(super) fn run(&self) -> Result<u8, u8> {
        self.remark.make(Kind::Corrected, self.see)
    }
}

impl Annul {
    pub(super) fn run(&self) -> Result<u8, u8> {
        self.remark.make(Kind::Annulled, None)
    }
}

impl Hold {
    pub(super) fn run(&self) -> Result<u8, u8> {
        let until = day("--until", &self.until)?;
        let mut keeper = self.keeping.signed()?;
        let today = keeper.stamp.at.get(..10).unwrap_or_default();
        if until.to_string().as_str() <= today {
            return Err(usage(&format!(
                "--until: {until} is not after today ({today}), and nothing would be kept from being erased"
            )));
        }
        let entries = keeper.archive.numbers(Some(&self.patient)).map_err(failed(exit::MISTAKES))?;
        let earlier = keeper.archive.held_until(&entries).map_err(failed(exit::MISTAKES))?;
        if entries.is_empty() {
            let found = keeper.archive.nothing_about(&self.patient);
            return Err(failed(exit::MISTAKES)(found));
        }
        let personal = Frames::default()
            .with("patient", self.patient.as_str())
            .with("until", until.to_string())
            .with("why", self.why.as_str());
        let patient = Some(self.patient.clone());
        let draft = Draft { kind: Kind::Hold, patient, public: Frames::default(), personal };
        let numbers = keeper.keep(&Texts::default(), &[draft])?;
        let at = numbers.first().copied().unwrap_or_default();
        let longer = earlier.filter(|(_, longer)| *longer > until.to_string());
        Ok(print(&match longer {
            Some((by, longer)) => {
                format!("entry {at}: until {until}, and still not to be erased before {longer}, as entry {by} says\n")
            }
            None => format!("entry {at}: not to be erased before {until}\n"),
        }))
    }
}

impl Erase {
    pub(super) fn run(&self) -> Result<u8, u8> {
        let Keeper { mut archive, stamp } = self.keeping.signed()?;
        let erased = match (&self.patient, self.entry) {
            (Some(patient), _) => archive.erase(&stamp, patient, &self.why),
            (None, Some(entry)) => archive.erase_entry(&stamp, entry, &self.why),
            (None, None) => return Err(exit::USAGE),
        };
        let erased = erased.map_err(failed(exit::MISTAKES))?;
        let count = erased.numbers.len();
        let code = print(&format!("entry {}: what was personal in {count} entries is erased\n", erased.entry));
        if erased.is_scrubbed {
            return Ok(code);
        }
        tell(
            "warning: the file could not be rewritten, and may hold remains until the next `archive erase`: another \
             program reads it, or the disk is full\n",
        );
        Ok(exit::OUTPUT)
    }
}
