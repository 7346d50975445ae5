//! `regimen publish`: a version for ever.

use std::path::PathBuf;

use clap::Args;

use super::{as_of_told, exit, how_good, one_protocol, print, tell, tell_diagnostics, usage};
use crate::date::Date;
use crate::diagnostic::{Diagnostics, Severity, codes};
use crate::protocol::{Protocol, Which};
use crate::publish::{self, Version};

/// Publish a version of a protocol, which then never changes
///
/// The version is tried first: nothing may be found by `check --strict`, every case must pass, every rule must have come out both ways in
/// the cases, no change of the protocol may go unnoticed by them, and every property must be proved. Then its text, the dictionary and the translations are copied
/// into the folder `published` beside the protocol, and answers come from there. From the first publication on, the protocol's own file is
/// only what is being worked on.
///
/// Example: regimen publish protocols/microneedling-acne-scars --by "Dr. A. Huber" --why "approved by the medical board" --from 2026-04-01
#[derive(Debug, Args)]
pub(super) struct Publish {
    /// The protocol's folder
    protocol: PathBuf,
    /// Who publishes it: stands in the index, and in every answer
    #[arg(long, value_name = "NAME", value_parser = said)]
    by: String,
    /// Why: stands in the index
    #[arg(long, value_name = "TEXT", value_parser = said)]
    why: Option<String>,
    /// The first day on which it is in force; without it, the day that the protocol itself gives
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Publish it although no case notices some changes, and why that may be: stands in the index
    #[arg(long, value_name = "WHY", value_parser = said)]
    accept_survivors: Option<String>,
    /// The day of publication
    #[arg(long, value_name = "DATE", default_value = "today")]
    as_of: String,
}

/// A text that says something.
fn said(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_plain = !text.is_empty() && !text.chars().any(char::is_control);
    if is_plain { Ok(text.to_owned()) } else { Err("it must say something, in one line".to_owned()) }
}

impl Publish {
    pub(super) fn run(&self) -> u8 {
        match self.publish() {
            Ok(done) => print(&crate::visible::lines(&done)),
            Err(code) => code,
        }
    }

    fn publish(&self) -> Result<String, u8> {
        let on = as_of_told(&self.as_of)?;
        let from = self.from.as_deref().map(str::parse::<Date>).transpose();
        let from = from.map_err(|error| usage(&format!("--from: {error}")))?;
        let (protocol, found) = one_protocol(&self.protocol, None, Which::WorkingFile)?;
        if found.has_errors() {
            return Err(mistakes(&found));
        }
        let index = publish::may_be(&protocol, from, on).map_err(|found| mistakes(&found))?;
        let from = from.unwrap_or(protocol.in_force_from);
        self.checked(on, from)?;
        self.tested()?;
        let cases = how_good::cases(&protocol);
        let coverage = publish::covered(&protocol, &cases).map_err(|found| mistakes(&found))?;
        tell(&format!("coverage: {} of {} outcomes\n", coverage.covered, coverage.outcomes));
        let mutation = how_good::mutated(&protocol);
        let accepted = self.accept_survivors.as_deref();
        publish::killed(&mutation, accepted).map_err(|found| mistakes(&found))?;
        let count = |fate| mutation.count(fate);
        use crate::mutation::Fate::{Equivalent, Killed, Survived, Undecided};
        tell(&format!(
            "mutation: {} killed, {} survived, {} equivalent, {} undecided\n",
            count(Killed),
            count(Survived),
            count(Equivalent),
            count(Undecided)
        ));
        let proved = publish::proved(&protocol).map_err(|found| mistakes(&found))?;
        let texts = publish::texts(&protocol).map_err(|found| mistakes(&found))?;
        let (by, why) = (self.by.as_str(), self.why.as_deref());
        let version = Version {
            protocol: &protocol,
            by,
            why,
            from,
            on,
            texts,
            coverage,
            mutation,
            survivors_accepted: accepted,
            proved,
        };
        if let Err(error) = publish::write(&version, index.as_ref()) {
            tell(&format!("error: nothing was published: {error}\n"));
            return Err(exit::OUTPUT);
        }
        Ok(done(&protocol, by, from))
    }

    /// Whether `check --strict` finds nothing.
    fn checked(&self, on: Date, from: Date) -> Result<(), u8> {
        let mut found = super::check::everything(&self.protocol, on);
        found.retain(|one| match one.severity {
            Severity::Note => false,
            // A version that this one follows on the same day answers nobody any more.
            _ => *one.code != codes::READ_DIFFERENTLY || from > on,
        });
        if found.is_empty() { Ok(()) } else { Err(mistakes(&found)) }
    }

    /// Whether every case passes, and every trace and sheet is approved.
    fn tested(&self) -> Result<(), u8> {
        match super::test::Test::of(&self.protocol).run() {
            exit::DONE => Ok(()),
            code => Err(code),
        }
    }
}

fn done(protocol: &Protocol, by: &str, from: Date) -> String {
    format!("published {} {} by {by}: in force from {from}\n", protocol.id, protocol.version)
}

/// Tells what is in the way.
fn mistakes(found: &Diagnostics) -> u8 {
    tell_diagnostics(found);
    exit::MISTAKES
}
