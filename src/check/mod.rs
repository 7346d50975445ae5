//! What is suspicious in a protocol that has no mistake: found by analysis, before a patient meets it.
//!
//! Each analysis is a file; what it finds is about a subject (a rule, a fact …) and may be declared meant by an `[[allow]]`.

mod absence;
mod cases;
mod conditions;
mod courses;
mod dates;
mod effect;
mod first_session;
mod labels;
mod mixed;
mod numbers;
mod placeholders;
mod reading;
pub(crate) mod regions;
pub(crate) mod rules;
mod tables;
#[cfg(test)]
mod tests;
mod texts;
mod thousands;
mod thresholds;
mod units;
mod unused;
mod unwritten;

use std::sync::Arc;

use crate::cases::Case;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, codes};
use crate::lang::ExprId;
use crate::protocol::model::Allowed;
use crate::protocol::{Clinic, Protocol};

/// What is suspicious in the protocols of a clinic, on a day.
///
/// `whole` says that these are all the protocols there are: only then can a fact be said to be read by none.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// let found = regimen::check(&clinic, "2027-06-01".parse()?, true);
/// assert!(found.iter().any(|one| one.message.contains("review")), "{found}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn check(clinic: &Clinic, as_of: Date, whole: bool) -> Diagnostics {
    let mut found = between_files(clinic, as_of, whole);
    clinic.protocols.iter().for_each(|protocol| found.append(in_protocol(protocol, as_of, None)));
    found.sort();
    found
}

/// What is suspicious in one protocol, whatever others there are. `cases`: those that stand beside it, where they have been read.
pub(crate) fn in_protocol(protocol: &Protocol, as_of: Date, cases: Option<&[Case]>) -> Diagnostics {
    let mut finder = Finder { protocol, cases, found: Vec::new() };
    rules::check(&mut finder);
    conditions::check(&mut finder);
    tables::check(&mut finder);
    thresholds::check(&mut finder);
    thousands::check(&mut finder);
    absence::check(&mut finder);
    courses::check(&mut finder);
    effect::check(&mut finder);
    unused::check(&mut finder);
    units::check(&mut finder);
    numbers::check(&mut finder);
    texts::check(&mut finder);
    unwritten::check(&mut finder);
    placeholders::check(&mut finder);
    labels::check(&mut finder);
    mixed::check(&mut finder);
    reading::check(&mut finder);
    dates::check(&mut finder, as_of);
    first_session::check(&mut finder, as_of);
    let mut found = Diagnostics::default();
    silence(finder.found, &protocol.allowed, &mut found);
    found
}

/// What is suspicious in how the protocols of a clinic and its dictionary go together.
pub(crate) fn between_files(clinic: &Clinic, as_of: Date, whole: bool) -> Diagnostics {
    let mut found = Diagnostics::default();
    dates::over(clinic, as_of, &mut found);
    dates::in_force(clinic, &mut found);
    if whole {
        unused::instead(clinic, &mut found);
        let mut of_dictionary = unused::facts(clinic);
        of_dictionary.extend(unused::groups(clinic));
        of_dictionary.extend(conditions::in_dictionary(clinic));
        of_dictionary.extend(thousands::in_dictionary(clinic));
        let is_of_protocol = |file: &str| clinic.protocols.iter().any(|protocol| protocol.file.name == file);
        of_dictionary.extend(labels::in_dictionary(&clinic.dictionary, is_of_protocol));
        silence(of_dictionary, &clinic.dictionary.allowed, &mut found);
    }
    found
}

/// What is suspicious in the texts of a clinic that was read in another language.
#[cfg(feature = "cli")]
pub(crate) fn in_another_language(clinic: &Clinic) -> Diagnostics {
    let mut found = Diagnostics::default();
    for protocol in &clinic.protocols {
        let mut finder = Finder { protocol, cases: None, found: Vec::new() };
        reading::check(&mut finder);
        if protocol.translation.is_some() {
            texts::check(&mut finder);
            placeholders::check(&mut finder);
        }
        unmeant(finder.found, &protocol.allowed).0.into_iter().for_each(|one| found.push(one));
        protocol.translation.iter().for_each(|one| one.relocate(&mut found));
    }
    found
}

/// The texts of a clinic whose translation names other values, but for those that are declared meant.
#[cfg(feature = "cli")]
pub(crate) fn other_values(clinic: &Clinic) -> Diagnostics {
    let of_protocols = clinic.protocols.iter().map(|one| (&one.translation, &one.allowed));
    let mut found = Diagnostics::default();
    for (translation, allowed) in of_protocols.chain([(&clinic.dictionary.translation, &clinic.dictionary.allowed)]) {
        let all = translation.iter().flat_map(|one| &one.other_values).cloned();
        let findings = all.map(|(subject, diagnostic)| Finding { subject, diagnostic }).collect();
        unmeant(findings, allowed).0.into_iter().for_each(|one| found.push(one));
    }
    found
}

/// Something found, and what it is about.
struct Finding {
    subject: String,
    diagnostic: Diagnostic,
}

/// Collects what is found in one protocol.
struct Finder<'a> {
    protocol: &'a Protocol,
    /// The cases beside it, where they have been read already.
    cases: Option<&'a [Case]>,
    found: Vec<Finding>,
}

impl Finder<'_> {
    fn report(&mut self, subject: &str, diagnostic: Diagnostic) {
        self.found.push(Finding { subject: subject.to_owned(), diagnostic });
    }

    /// The place of an expression.
    fn place(&self, id: ExprId) -> Place {
        place(self.protocol, id)
    }
}

fn place(protocol: &Protocol, id: ExprId) -> Place {
    Place { file: Arc::clone(&protocol.file), span: protocol.program.node(id).span.clone() }
}

/// Leaves out what is declared meant; also says which declarations are needed.
fn unmeant(findings: Vec<Finding>, allowed: &[Allowed]) -> (Vec<Diagnostic>, Vec<bool>) {
    let mut needed = vec![false; allowed.len()];
    let mut left = Vec::new();
    for finding in findings {
        let mut meant = false;
        for (at, allow) in allowed.iter().enumerate() {
            if allow.code == finding.diagnostic.code && allow.on.as_ref().is_none_or(|on| *on == finding.subject) {
                needed[at] = true;
                meant = true;
            }
        }
        if !meant {
            left.push(finding.diagnostic);
        }
    }
    (left, needed)
}

/// Leaves out what is declared meant, and reports declarations that are not needed.
fn silence(findings: Vec<Finding>, allowed: &[Allowed], found: &mut Diagnostics) {
    let (left, needed) = unmeant(findings, allowed);
    left.into_iter().for_each(|one| found.push(one));
    for (allow, needed) in allowed.iter().zip(needed) {
        // The same text may be hard to read in its translation only; and whether a translation names other values is asked elsewhere.
        if !needed && ![&codes::HARD_TO_READ, &codes::OTHER_VALUES].contains(&allow.code) {
            let on = allow.on.as_ref().map_or_else(String::new, |on| format!(" on `{on}`"));
            let message = format!("there is no {} `{}`{on} to allow", allow.code.severity.word(), allow.code.id);
            found.push(Diagnostic::new(&codes::NEEDLESS_ALLOW, message).at(&allow.place).help("take it out"));
        }
    }
}
