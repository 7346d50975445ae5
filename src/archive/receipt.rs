//! A receipt: one entry with everything that is needed to produce it again, in one JSON file, and the proof that it is in its archive.
//! Nothing of anybody else is in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::checkpoint::Checkpoint;
use super::entry::{Entry, Personal, commitment, is_known_format};
use super::frames::{Content, Frames, Hex, to_hex};
use super::privacy::commit;
use super::store::{Archive, problem};
use super::texts::Texts;
use super::tree::{self, Hash};
use crate::diagnostic::{Diagnostics, codes};

/// The name and version of the shape.
const FORMAT: &str = "regimen/receipt/1";

/// An entry that stands by itself. Numbers are decimal strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    format: String,
    entry: String,
    public: Frames,
    /// None: there is nothing personal, or it was erased.
    salt: Option<Hex>,
    personal: Option<Frames>,
    texts: BTreeMap<String, Content>,
    tree: Proof,
    /// Of the same receipt with nothing in this place.
    sha256: String,
}

/// That the entry is in the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    size: String,
    root: Hex,
    path: Vec<Hex>,
}

impl Archive {
    /// The receipt of an entry. The proof leads to the tree of a checkpoint, or to the present one.
    ///
    /// # Errors
    /// When there is no such entry, it was altered, or the checkpoint is from before it or does not fit.
    pub fn export(&self, at: u64, checkpoint: Option<&Checkpoint>) -> Result<Receipt, Diagnostics> {
        let entry = self.entry(at)?;
        let texts = self.texts(&entry.public)?.unwrap_or_default();
        let now = self.size()?;
        let size = checkpoint.map_or(now, |checkpoint| checkpoint.size);
        if size < at || size > now {
            let message = format!("the checkpoint is of {size} entries: entry {at} of {now} has no proof in it");
            return Err(problem(&codes::NOT_AS_VOUCHED, message).into());
        }
        let path = tree::inclusion(&self.db, at - 1, size).map_err(|error| self.unreadable(&error))?;
        let root = tree::root(&self.db, size).map_err(|error| self.unreadable(&error))?;
        let (salt, personal) = match entry.personal {
            Personal::Kept(salt, frames) => (Some(Hex(salt.to_vec())), Some(frames)),
            Personal::None | Personal::Erased => (None, None),
        };
        let path = path.iter().map(|hash| Hex(hash.to_vec())).collect();
        let mut receipt = Receipt {
            format: FORMAT.to_owned(),
            entry: at.to_string(),
            public: entry.public,
            salt,
            personal,
            texts: texts.contents(),
            tree: Proof { size: size.to_string(), root: Hex(root.to_vec()), path },
            sha256: String::new(),
        };
        receipt.sha256 = crate::protocol::sha256(&receipt.json());
        receipt.check(checkpoint)?;
        Ok(receipt)
    }
}

impl Receipt {
    /// As it is written.
    #[must_use]
    pub fn json(&self) -> String {
        // INVARIANT: texts, lists and tables of texts can always be written.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads one, and finds every alteration of it.
    ///
    /// # Errors
    /// When it is none, or was altered.
    pub fn read(text: &str) -> Result<Receipt, Diagnostics> {
        let receipt: Receipt = serde_json::from_str(text).map_err(|error| {
            let help = "it is what `regimen archive export` writes, whole and unaltered";
            problem(&codes::RECEIPT, format!("this is no receipt: {error}")).help(help)
        })?;
        if receipt.json() != text {
            return Err(problem(&codes::RECEIPT, "the receipt was altered: it is not written as it was".into()).into());
        }
        receipt.check(None)?;
        Ok(receipt)
    }

    /// Whether everything in it fits together, and the checkpoint.
    fn check(&self, checkpoint: Option<&Checkpoint>) -> Result<(), Diagnostics> {
        let altered = |what: &str| Err(problem(&codes::RECEIPT, format!("the receipt was altered: {what}")).into());
        if self.format != FORMAT {
            let message = format!("the receipt has the format `{}`, and this program knows `{FORMAT}`", self.format);
            return Err(problem(&codes::RECEIPT, message).into());
        }
        let blank = Receipt { sha256: String::new(), ..self.clone() };
        if crate::protocol::sha256(&blank.json()) != self.sha256 {
            return altered("its content does not fit its own sum");
        }
        let (Ok(at), Ok(size)) = (self.entry.parse::<u64>(), self.tree.size.parse::<u64>()) else {
            return altered("its numbers are none");
        };
        let path: Option<Vec<Hash>> = self.tree.path.iter().map(|hash| hash.0.as_slice().try_into().ok()).collect();
        let leaf = tree::leaf(&self.public.bytes());
        let root = path.and_then(|path| tree::root_from(leaf, at.checked_sub(1)?, size, &path));
        if root.is_none_or(|root| root.as_slice() != self.tree.root.0) {
            return altered("its entry is not in the tree that it names");
        }
        let personal = self.personal.as_ref().zip(self.salt.as_ref());
        match (commitment(&self.public), personal) {
            (_, None) if self.personal.is_some() != self.salt.is_some() => {
                return altered("its salt does not belong to it");
            }
            (_, None) => {}
            (Some(committed), Some((frames, Hex(salt)))) => {
                let salt: Option<Hash> = salt.as_slice().try_into().ok();
                if salt.is_none_or(|salt| commit(&salt, &frames.bytes()) != committed) {
                    return altered("its personal part is not the one that was committed to");
                }
            }
            (None, Some(_)) => return altered("a personal part was added"),
        }
        let texts = self.texts();
        let named = self.public.text("texts");
        if texts.is_empty() != named.is_empty() || (!named.is_empty() && to_hex(&texts.hash()) != named) {
            return altered("its texts are not those that the answer was made with");
        }
        let Some(checkpoint) = checkpoint else { return Ok(()) };
        let other = |what: String| Err(problem(&codes::NOT_AS_VOUCHED, what).into());
        if checkpoint.archive != self.public.text("archive") {
            return other("the checkpoint is of another archive than the receipt".into());
        }
        if checkpoint.size != size {
            return other(format!(
                "the checkpoint is of {} entries, and the proof of the receipt of {size}: export it again with `--checkpoint`",
                checkpoint.size
            ));
        }
        if checkpoint.root.as_slice() != self.tree.root.0 {
            return other(format!("entry {at} is not in the archive that the checkpoint vouches for"));
        }
        Ok(())
    }

    /// Whether its entry is in the archive that a checkpoint vouches for.
    ///
    /// # Errors
    /// When it is not, or the proof leads to another size.
    pub fn check_against(&self, checkpoint: &Checkpoint) -> Result<(), Diagnostics> {
        self.check(Some(checkpoint))
    }

    /// The texts that it was made with.
    #[must_use]
    pub fn texts(&self) -> Texts {
        Texts::from_contents(&self.texts)
    }

    /// Its entry.
    #[must_use]
    pub fn entry(&self) -> Entry {
        let salt: Option<Hash> = self.salt.as_ref().and_then(|Hex(salt)| salt.as_slice().try_into().ok());
        let personal = match (salt, &self.personal, commitment(&self.public)) {
            (Some(salt), Some(frames), _) => Personal::Kept(salt, frames.clone()),
            (_, _, Some(_)) => Personal::Erased,
            (_, _, None) => Personal::None,
        };
        let number = self.entry.parse().unwrap_or_default();
        Entry { number, body: self.public.bytes(), public: self.public.clone(), personal }
    }

    /// Whether this program knows the format of the entry.
    #[must_use]
    pub fn is_known_format(&self) -> bool {
        is_known_format(&self.public)
    }
}
