//! Keeping the records of a batch with their answers.

use std::io;
use std::sync::{Mutex, PoisonError};

use crate::archive::{Draft, From, Given, Question, Why};
use crate::batch::{Keep, Kept};
use crate::decide::Prepared;
use crate::document::Notation;

use super::super::keep::Keeper;

/// An archive that hears of every record.
#[derive(Debug)]
pub(super) struct Records {
    keeper: Mutex<Keeper>,
    pub(super) question: Question,
    /// The protocols, each with its full trace.
    pub(super) prepared: Vec<Prepared>,
}

/// Of a line that has no answer, why, and of one that has, whose it is.
#[derive(serde::Deserialize)]
struct Printed {
    patient: Option<String>,
    #[serde(default)]
    errors: Vec<Why>,
}

/// Of a line of JSON, whose it is.
#[derive(serde::Deserialize)]
struct Named {
    patient: Option<String>,
}

impl Records {
    pub(super) fn new(keeper: Keeper, question: Question) -> Records {
        Records { keeper: Mutex::new(keeper), question, prepared: Vec::new() }
    }

    /// Keeps that nothing was answered at all.
    pub(super) fn refuse(&self, why: &[Why]) -> Result<(), u8> {
        let given =
            Given { from: From::Line, notation: Notation::Json, text: None, cells: &[], printed: None, patient: None };
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        keeper.keep(&self.question.texts, &[self.question.refused(given, why)]).map(|_| ())
    }

    /// The entries of a record: one for each answer.
    fn drafts(&self, kept: &Kept) -> io::Result<Vec<Draft>> {
        let (text, printed) = (String::from_utf8_lossy(&kept.line), String::from_utf8_lossy(&kept.printed));
        let from = if kept.is_row { From::Row } else { From::Line };
        let is_text = std::str::from_utf8(&kept.line).is_ok();
        let given = Given {
            from,
            notation: Notation::Json,
            text: is_text.then_some(text.as_ref()),
            cells: &kept.cells,
            printed: Some(printed.trim_end()),
            patient: None,
        };
        if kept.is_refused() {
            let mut told: Printed = serde_json::from_slice(&kept.printed)?;
            told.errors.sort();
            told.errors.dedup();
            let named = serde_json::from_slice::<Named>(&kept.line).ok().and_then(|named| named.patient);
            let patient = told.patient.or(named).filter(|patient| !patient.is_empty());
            return Ok(vec![self.question.refused(Given { patient: patient.as_deref(), ..given }, &told.errors)]);
        }
        let answers = kept.answers.as_deref().map_err(|why| io::Error::other(why.clone()))?;
        let each = answers.iter().zip(&self.prepared);
        let drafts = each.map(|((record, answer), prepared)| {
            self.question.answered(given, prepared.protocol(), record, answer).map_err(io::Error::from)
        });
        drafts.collect()
    }
}

impl Keep for Records {
    fn prepared(&self) -> &[Prepared] {
        &self.prepared
    }

    fn keep(&self, records: &[Kept]) -> io::Result<()> {
        let mut drafts = Vec::new();
        for one in records {
            drafts.extend(self.drafts(one)?);
        }
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        let Keeper { archive, stamp } = &mut *keeper;
        let kept = archive.append(stamp, &self.question.texts, &drafts);
        kept.map(|_| ()).map_err(|found| {
            io::Error::other(found.iter().map(|one| one.message.clone()).collect::<Vec<_>>().join("; "))
        })
    }
}
