//! What stands in an entry: a public part, which is hashed into the tree as it is stored, and a personal part, which the public part only
//! commits to.

use super::frames::{Frames, hash_from_hex, to_hex};
use super::tree::{self, Hash};
use crate::words::words;

/// The version of the format of entries.
pub(super) const FORMAT: &str = "1";

/// The first frame of every public part: what the bytes are.
const ENTRY: &str = "regimen/entry";

words! {
    /// What an entry is.
    Kind {
        /// A protocol's answer about a patient on a day.
        Answer = "answer",
        /// That there was no answer, and why.
        Refusal = "refusal",
        /// Somebody acts otherwise than the answer says.
        Override = "override",
        /// The answer was not acted upon.
        Ignored = "ignored",
        /// What was answered rested on something wrong; a new answer stands elsewhere.
        Corrected = "corrected",
        /// The answer is void.
        Annulled = "annulled",
        /// What is kept about a patient must not be erased before a day.
        Hold = "hold",
        /// What was kept about a patient is destroyed.
        Erased = "erased",
        /// A receipt of another archive.
        Imported = "imported",
        /// Something was done to an account of the web application.
        Account = "account",
    }
}

impl Kind {
    pub(crate) const ALL: [Kind; 10] = [
        Kind::Answer,
        Kind::Refusal,
        Kind::Override,
        Kind::Ignored,
        Kind::Corrected,
        Kind::Annulled,
        Kind::Hold,
        Kind::Erased,
        Kind::Imported,
        Kind::Account,
    ];
}

/// When something was entered, and by whom. It stands beside an answer, never in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The time, as `2026-03-02T08:30:00Z`.
    pub at: String,
    /// Who answers for it.
    pub by: Option<String>,
}

/// An entry that is to be made.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What it is.
    pub kind: Kind,
    /// The patient's identifier, where it is known.
    pub patient: Option<String>,
    /// What everybody may know for ever, beside when, by whom and with which engine.
    pub public: Frames,
    /// What is personal. Empty: nothing is.
    pub personal: Frames,
}

impl Draft {
    /// An entry that refers to an earlier one.
    #[must_use]
    pub fn about(kind: Kind, earlier: &Entry, personal: Frames) -> Draft {
        let public = Frames::default()
            .with("about", earlier.number.to_string())
            .with("about-leaf", to_hex(&tree::leaf(&earlier.body)));
        let patient = earlier.personal.frames().map(|frames| frames.text("patient").to_owned());
        Draft { kind, patient: patient.filter(|patient| !patient.is_empty()), public, personal }
    }
}

/// The personal part of an entry, as far as it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Personal {
    /// The entry has none.
    None,
    /// The salt of its commitment, and what was committed to.
    Kept(Hash, Frames),
    /// It was erased.
    Erased,
}

impl Personal {
    /// What is there.
    #[must_use]
    pub fn frames(&self) -> Option<&Frames> {
        match self {
            Personal::Kept(_, frames) => Some(frames),
            Personal::None | Personal::Erased => None,
        }
    }
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1.
    pub number: u64,
    /// The public part, as it is stored and hashed.
    pub body: Vec<u8>,
    /// The same, read.
    pub public: Frames,
    /// The personal part.
    pub personal: Personal,
}

impl Entry {
    /// What it is; none where this program does not know the word.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        kind_of(&self.public)
    }

    /// The patient; empty where nobody knows.
    #[must_use]
    pub fn patient(&self) -> &str {
        self.personal.frames().map(|frames| frames.text("patient")).unwrap_or_default()
    }
}

/// What a public part says its entry is.
#[must_use]
pub(super) fn kind_of(public: &Frames) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.word() == public.text("kind"))
}

/// Whether this program can read the format of a public part.
#[must_use]
pub(super) fn is_known_format(public: &Frames) -> bool {
    public.text(ENTRY) == FORMAT
}

/// The entries that an erasure took the personal part from.
#[must_use]
pub(super) fn erased_by(public: &Frames) -> Vec<u64> {
    let numbers = public.text("erased").split(',');
    if kind_of(public) == Some(Kind::Erased) {
        numbers.filter_map(|one| one.parse().ok()).collect()
    } else {
        Vec::new()
    }
}

/// The public part of a draft, with what the personal part is committed to.
#[must_use]
pub(super) fn public_part(draft: &Draft, archive: &str, stamp: &Stamp, commitment: Option<Hash>) -> Frames {
    let mut public = Frames::default()
        .with(ENTRY, FORMAT)
        .with("archive", archive)
        .with("kind", draft.kind.word())
        .with("at", stamp.at.as_str())
        .with("engine", env!("CARGO_PKG_VERSION"));
    if let Some(by) = &stamp.by {
        public.push("by", by.as_str());
    }
    draft.public.iter().for_each(|(name, content)| public.push(name, content));
    if let Some(commitment) = commitment {
        public.push("commitment", to_hex(&commitment));
    }
    public
}

/// What a public part commits to.
#[must_use]
pub(super) fn commitment(public: &Frames) -> Option<Hash> {
    hash_from_hex(public.text("commitment"))
}

/// Whether what is sealed is about the patient whose name stands beside the key: the name is in no tree, and whoever is erased is found by it.
pub(super) fn is_of(sealed: &Frames, name: Option<&str>) -> Result<(), String> {
    let (about, name) = (sealed.text("patient"), name.unwrap_or_default());
    let named = |name: &str| if name.is_empty() { "nobody".to_owned() } else { format!("`{name}`") };
    if about == name {
        return Ok(());
    }
    Err(format!("is about {}, and is kept under the name of {}: the name was altered", named(about), named(name)))
}
