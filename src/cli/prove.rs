//! `regimen prove`: whether what must hold of every answer does.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{exit, print, tell_diagnostics, usage, width};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Severity, codes};
use crate::protocol::{Clinic, Protocol};
use crate::prove::{Outcome, Proofs};
use crate::{render, visible};

/// Prove what must hold of every answer, for every patient, or name a patient for whom it does not
///
/// Each [[property]] of a protocol is proved, refuted or not proven. Refuted, it is shown with the record of a patient to whom the
/// protocol gives the answer that it forbids. Not proven means that neither was found: it is no success.
///
/// Example: regimen prove protocols/microneedling-acne-scars
#[derive(Debug, Args)]
pub(super) struct Prove {
    /// Clinic folders, protocol folders or protocol files
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to print what became of them
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

impl Prove {
    pub(super) fn run(&self) -> u8 {
        let mut found = Diagnostics::default();
        let mut protocols: Vec<Protocol> = Vec::new();
        for path in &self.paths {
            let (clinic, mut mistakes) = Clinic::read(path);
            // What is only suspicious is for `check` to tell.
            mistakes.retain(|one| one.severity == Severity::Error);
            found.append(mistakes);
            protocols.extend(clinic.protocols);
        }
        if found.has_errors() {
            found.sort();
            tell_diagnostics(&found);
            return exit::MISTAKES;
        }
        let bar = super::how_good::at_work("proving");
        let all: Vec<Proofs> = std::thread::scope(|scope| {
            let threads: Vec<_> = protocols.iter().map(|protocol| scope.spawn(|| Proofs::of(protocol))).collect();
            let proofs = threads.into_iter().map(|one| one.join());
            proofs.map(|one| one.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        bar.finish_and_clear();
        for (protocol, proofs) in protocols.iter().zip(&all) {
            told(protocol, proofs, &mut found);
        }
        let printed = match self.format {
            Format::Text => print(&render::proofs_text(&all, width())),
            Format::Json => match serde_json::to_string_pretty(&all) {
                Ok(json) => print(&(visible::json(&json).into_owned() + "\n")),
                Err(error) => usage(&format!("what became of the properties cannot be written as JSON: {error}")),
            },
        };
        tell_diagnostics(&found);
        if found.has_errors() { exit::MISTAKES.max(printed) } else { printed }
    }
}

/// What is not proven, at its place.
fn told(protocol: &Protocol, proofs: &Proofs, found: &mut Diagnostics) {
    for (property, proof) in protocol.properties.list.iter().zip(&proofs.properties) {
        let place: &Place = &property.place;
        match proof.outcome {
            Outcome::Proved => {}
            Outcome::Refuted => {
                let message = format!("property `{}` does not hold", proof.id);
                let help = "ask about the patient above, and change the rule that should have prevented the answer";
                found.push(Diagnostic::new(&codes::REFUTED, message).at(place).help(help));
            }
            Outcome::NotProven => {
                let message = format!("property `{}` is not proven", proof.id);
                let diagnostic = Diagnostic::new(&codes::NOT_PROVEN, message).at(place);
                found.push(diagnostic.help("add a rule that makes sure of it, or ask in the property for what a rule asks for, in the same words: a definition that both use is best"));
            }
        }
    }
}
