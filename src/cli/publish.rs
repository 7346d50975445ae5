//! `regimen publish`: a version for ever.

use std::path::PathBuf;

use clap::Args;

use super::{as_of_told, exit, how_good, one_protocol, print, tell, tell_diagnostics, usage};
use crate::date::Date;
use crate::diagnostic::Diagnostics;
use crate::protocol::{Protocol, Which};
use crate::publish::{Refusal, Step, Wish, publish};

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
    crate::publish::said(text).ok_or_else(|| "it must say something, in one line".to_owned())
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
        let (by, why, survivors_accepted) = (self.by.as_str(), self.why.as_deref(), self.accept_survivors.as_deref());
        let wish = Wish { by, why, from, on, survivors_accepted };
        let bar = how_good::bar();
        let told = |step: Step<'_>| match (step, step.in_words()) {
            (Step::Changing(done, of), _) => how_good::show(&bar, done, of),
            (_, Some(words)) => bar.suspend(|| tell(&format!("{words}\n"))),
            (_, None) => {}
        };
        let published = publish(&self.protocol, &protocol, &wish, &told);
        bar.finish_and_clear();
        match published {
            Ok(from) => Ok(done(&protocol, by, from)),
            Err(Refusal::Found(found)) => Err(mistakes(&found)),
            // It shows each, with what differs.
            Err(Refusal::NotAsApproved(found)) => Err(match super::test::Test::of(&self.protocol).run() {
                exit::DONE => mistakes(&found),
                code => code,
            }),
            Err(Refusal::NotWritten(error)) => {
                tell(&format!("error: nothing was published: {error}\n"));
                Err(exit::OUTPUT)
            }
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
