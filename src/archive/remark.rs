//! What people say of a decision afterwards. The entry itself stays as it is.

use super::entry::{Draft, Entry, Kind};
use super::frames::Frames;
use super::store::{Archive, problem};
use crate::diagnostic::{Diagnostics, codes};
use crate::recommendation::Recommendation;

impl Archive {
    /// An entry that can be spoken of: a decision whose personal part is there.
    ///
    /// # Errors
    /// When it is none, or was erased, or there is no such entry.
    pub fn decision(&self, at: u64) -> Result<Entry, Diagnostics> {
        let entry = self.entry(at)?;
        let what = match entry.kind() {
            Some(Kind::Answer | Kind::Refusal | Kind::Imported) if entry.personal.frames().is_some() => {
                return Ok(entry);
            }
            Some(Kind::Answer | Kind::Refusal | Kind::Imported) => "erased".to_owned(),
            _ => format!("{} and no decision", entry.public.text("kind")),
        };
        Err(problem(&codes::NO_ENTRY, format!("entry {at} is {what}")).into())
    }
}

impl Archive {
    /// The entry that stands in the place of another: another decision about the same patient, of the same protocol.
    ///
    /// # Errors
    /// When it is no such entry.
    pub fn instead_of(&self, entry: &Entry, at: u64) -> Result<Entry, Diagnostics> {
        let other = self.decision(at)?;
        let differs = |one: &str, other: &str| !one.is_empty() && !other.is_empty() && one != other;
        let why = if at == entry.number {
            "it is that entry"
        } else if differs(entry.patient(), other.patient()) {
            "it is about another patient"
        } else if differs(entry.public.text("protocol"), other.public.text("protocol")) {
            "it is of another protocol"
        } else {
            return Ok(other);
        };
        let message = format!("entry {at} cannot stand in the place of entry {}: {why}", entry.number);
        let help = "an answer about the wrong patient, or of the wrong protocol, is annulled";
        Err(problem(&codes::NO_ENTRY, message).help(help).into())
    }
}

impl Entry {
    /// The answer of an entry that has one that this program can read.
    #[must_use]
    pub fn answer(&self) -> Option<Recommendation> {
        self.personal
            .frames()
            .and_then(|frames| frames.get("answer"))
            .and_then(|answer| serde_json::from_slice(answer).ok())
    }
}

impl Draft {
    /// That somebody acts otherwise than an answer says, and which of its reasons does not count. What was done is noted whether or not the protocol allows
    /// it, and whether it does.
    ///
    /// # Errors
    /// When the entry has no answer, or the answer no such reason.
    pub fn overriding(entry: &Entry, reason: &str, text: &str) -> Result<(Draft, bool), Diagnostics> {
        let Some(answer) = entry.answer() else {
            let message = format!("entry {} has no answer that could be overridden", entry.number);
            return Err(problem(&codes::NO_ENTRY, message).into());
        };
        let Some(known) = answer.reasons.iter().find(|known| known.id == reason) else {
            let message = format!("the answer of entry {} has no reason `{reason}`", entry.number);
            let names: Vec<&str> = answer.reasons.iter().map(|reason| reason.id.as_str()).collect();
            let diagnostic = problem(&codes::NO_ENTRY, message).suggest(reason, names.iter().copied());
            return Err(match &names[..] {
                [] => diagnostic.help("it has none"),
                some => diagnostic.help(format!("its reasons are {}", some.join(", "))),
            }
            .into());
        };
        let allowed =
            known.may_override.as_ref().map_or_else(|| "to nobody".to_owned(), |allowed| format!("to {}", allowed.by));
        let personal = Frames::default().with("reason", reason).with("allowed", allowed).with("text", text);
        Ok((Draft::remark(Kind::Override, entry, &personal), known.may_override.is_some()))
    }

    /// Something else that is said of an entry.
    #[must_use]
    pub fn remark(kind: Kind, entry: &Entry, personal: &Frames) -> Draft {
        let patient = entry.patient();
        let mut all = Frames::default();
        if !patient.is_empty() {
            all.push("patient", patient);
        }
        personal.iter().for_each(|(name, content)| all.push(name, content));
        Draft::about(kind, entry, all)
    }
}
