//! Running a case: the expectations, then the approved trace.

use std::path::{Path, PathBuf};

use super::Case;
use super::approved::approved_text;
use super::compare::{Change, change, plain};
use crate::diagnostic::Diagnostics;
use crate::document::Spanned;
use crate::protocol::Protocol;
use crate::protocol::load::read_file;
use crate::protocol::published::Edition;
use crate::recommendation::{Recommendation, Status};

/// What came of a case.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The answer.
    pub recommendation: Recommendation,
    /// What differs from the expectations.
    pub differences: Vec<Difference>,
    /// The trace as it is now, the text that is approved.
    pub snapshot: String,
    /// The approved trace; none if there is none yet.
    pub approved: Option<String>,
}

impl Outcome {
    /// Whether everything is as expected and approved.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.differences.is_empty() && self.change().is_none()
    }

    /// How the trace differs from the approved one; none if it is the same.
    #[must_use]
    pub fn change(&self) -> Option<Change> {
        change(self.approved.as_deref(), &self.snapshot)
    }
}

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Which: `status`, `questions` …
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What came out.
    pub found: String,
}

impl Case {
    /// Asks the protocol and compares.
    ///
    /// # Errors
    /// When the protocol cannot be asked on that day, or the approved trace cannot be read.
    pub fn run(&self, protocol: &Protocol) -> Result<Outcome, Diagnostics> {
        // What is tried out here is the text as it stands, whether another is published or not.
        let recommendation = match protocol.edition {
            Edition::Draft => {
                let tried = protocol.clone().altered(|model| model.edition = Edition::Unpublished);
                tried.recommend(&self.record, &self.request)?
            }
            _ => protocol.recommend(&self.record, &self.request)?,
        };
        let differences = self.differences(&recommendation);
        let snapshot = approved_text(&self.title, &recommendation);
        let approved = stored(&snapshot_path(&self.path))?;
        Ok(Outcome { recommendation, differences, snapshot, approved })
    }

    fn differences(&self, found: &Recommendation) -> Vec<Difference> {
        let expect = &self.expect;
        let mut differences = Vec::new();
        let mut compare = |what: &str, expected: String, found: String| {
            if expected != found {
                differences.push(Difference { what: what.into(), expected, found });
            }
        };
        let date = |date: Option<crate::date::Date>| date.map_or_else(|| "none".into(), |date| date.to_string());
        compare("status", expect.status.value.clone(), found.status.word().into());
        let days = [
            ("not_before", &expect.not_before, found.not_before),
            ("no_sooner_than", &expect.no_sooner_than, found.no_sooner_than),
            ("no_later_than", &expect.no_later_than, found.no_later_than),
        ];
        for (what, expected, found) in days {
            if let Some(expected) = expected {
                compare(what, expected.value.clone(), date(found));
            }
        }
        let reasons: Vec<&str> = found.reasons.iter().map(|reason| reason.id.as_str()).collect();
        for id in expect.reasons.iter().filter(|id| !reasons.contains(&id.as_str())) {
            compare("reasons", format!("{} among them", id.value), listed(&reasons));
        }
        let precautions: Vec<&str> = found.precautions.iter().map(|precaution| precaution.id.as_str()).collect();
        for id in expect.precautions.iter().filter(|id| !precautions.contains(&id.as_str())) {
            compare("precautions", format!("{} among them", id.value), listed(&precautions));
        }
        let instead: Vec<&str> = found.reasons.iter().flat_map(|reason| &reason.instead).map(String::as_str).collect();
        for id in expect.instead.iter().filter(|id| !instead.contains(&id.as_str())) {
            compare("instead", format!("{} among them", id.value), listed(&instead));
        }
        if let Some(questions) = &expect.questions {
            let asked: Vec<&str> = found.questions.iter().map(|question| question.fact.as_str()).collect();
            compare("questions", sorted(questions), sorted_words(&asked));
        }
        if let Some(could_become) = &expect.could_become {
            let possible: Vec<&str> = found.could_become.iter().copied().map(Status::word).collect();
            compare("could_become", sorted(could_become), sorted_words(&possible));
        }
        let course = found.course.as_ref();
        if let Some(next) = &expect.next {
            let window = course.and_then(|course| course.next.as_ref());
            let ends = [
                ("next.earliest", &next.earliest, window.and_then(|window| window.earliest)),
                ("next.recommended", &next.recommended, window.and_then(|window| window.recommended)),
                ("next.latest", &next.latest, window.and_then(|window| window.latest)),
            ];
            for (what, expected, found) in ends {
                if let Some(expected) = expected {
                    compare(what, expected.value.clone(), date(found));
                }
            }
        }
        if let Some(done) = expect.sessions_done {
            let found = course.map_or_else(|| "none".into(), |course| course.done.to_string());
            compare("sessions_done", done.to_string(), found);
        }
        for (id, expected) in expect.settings.iter() {
            let value = found.settings.iter().find(|setting| setting.id == id.value);
            let value = value.map_or_else(|| "none".into(), |setting| setting.value.clone());
            compare(&format!("settings.{}", id.value), expected.value.clone(), value);
        }
        differences
    }
}

fn listed(words: &[&str]) -> String {
    if words.is_empty() { "none".into() } else { words.join(", ") }
}

fn sorted_words(words: &[&str]) -> String {
    let mut words = words.to_vec();
    words.sort_unstable();
    listed(&words)
}

fn sorted(texts: &[Spanned<String>]) -> String {
    sorted_words(&texts.iter().map(|text| text.as_str()).collect::<Vec<_>>())
}

/// The file of the approved trace, beside the case.
#[must_use]
pub(super) fn snapshot_path(case: &Path) -> PathBuf {
    case.with_extension("snap")
}

/// The header that insta writes, so that it and `regimen test` share the files.
const HEADER: &str = "---\nsource: tests/cases.rs\n---\n";

/// The text of a file that somebody approved, as it is compared, without insta's header; none if there is no such file.
///
/// # Errors
/// When it is there and cannot be read: it is not taken for missing, and so not written over.
pub(super) fn stored(path: &Path) -> Result<Option<String>, Diagnostics> {
    if !path.exists() {
        return Ok(None);
    }
    let mut found = Diagnostics::default();
    let Some(source) = read_file(path, &mut found) else { return Err(found) };
    let text = plain(&source.text);
    let body = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).map(|(_, body)| body.to_owned());
    Ok(Some(body.unwrap_or(text)))
}

/// Writes the present trace as the approved one.
///
/// # Errors
/// When the file cannot be written.
pub fn approve(case: &Case, outcome: &Outcome) -> std::io::Result<PathBuf> {
    let path = snapshot_path(&case.path);
    crate::files::write(&path, &format!("{HEADER}{}\n", outcome.snapshot))?;
    Ok(path)
}
