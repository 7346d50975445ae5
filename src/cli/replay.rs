//! `regimen replay`: what was decided, again.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use super::archive::{checkpoint_of, receipt_of};
use super::keep::Place;
use super::{exit, print, tell_diagnostics};
use crate::archive::{Difference, NotReplayed, Replay as Outcome, Replayer};
use crate::visible;

/// How many differences of an entry are told; the others are counted.
const TOLD: usize = 20;

/// Ask again what was asked then, of the same texts, and compare
///
/// Example: regimen replay receipt.json
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Receipts; without any, the whole archive
    #[arg(conflicts_with = "archive")]
    receipts: Vec<PathBuf>,
    /// Of the archive, these entries only
    #[arg(long, value_name = "NUMBER", conflicts_with = "receipts")]
    entry: Vec<u64>,
    /// The checkpoint that the receipts' proofs have to lead to
    #[arg(long, value_name = "FILE", requires = "receipts")]
    checkpoint: Option<PathBuf>,
    /// Take another trace of the same answer for a failure too
    #[arg(long)]
    strict: bool,
    /// How to print what came of it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    /// One line of JSON for each entry
    Json,
}

/// The name and version of a line of JSON.
const REPLAYED: &str = "regimen/replay/1";

/// What came of one entry or receipt.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Replayed {
    /// The name and version of this shape.
    schema: &'static str,
    /// Which: `entry 12`, or the receipt's file.
    name: String,
    /// What came of it: `identical`, `the same outcome, another trace`, `different`, `not replayed`.
    outcome: &'static str,
    /// Why it was not replayed, in a word; none: it was.
    reason: Option<&'static str>,
    /// The same in words.
    why: Option<String>,
    /// Where then and now differ, all of them.
    differences: Vec<Difference>,
}

/// What came of all of them.
#[derive(Default)]
struct Tally {
    identical: u64,
    other_trace: u64,
    different: u64,
    not: u64,
    failed: bool,
}

impl Replay {
    pub(super) fn run(&self) -> u8 {
        self.replay().unwrap_or_else(|code| code)
    }

    fn replay(&self) -> Result<u8, u8> {
        let (mut replayer, mut tally) = (Replayer::default(), Tally::default());
        if self.receipts.is_empty() {
            let archive = self.place.open()?;
            let failed = |found| {
                tell_diagnostics(&found);
                exit::MISTAKES
            };
            let numbers =
                if self.entry.is_empty() { archive.numbers(None).map_err(failed)? } else { self.entry.clone() };
            for at in numbers {
                let entry = match archive.entry(at) {
                    Ok(entry) => entry,
                    Err(found) if self.entry.is_empty() => {
                        self.tell(
                            &format!("entry {at}"),
                            &Outcome::Not(NotReplayed::Damaged(found.in_a_line())),
                            &mut tally,
                        );
                        continue;
                    }
                    Err(found) => return Err(failed(found)),
                };
                let outcome = match archive.texts(&entry.public) {
                    Ok(texts) => replayer.entry(&entry, &texts.unwrap_or_default()),
                    Err(found) => Outcome::Not(NotReplayed::Damaged(found.in_a_line())),
                };
                // What people have said of a decision cannot be asked again; whoever names such an entry is told.
                if outcome != Outcome::Not(NotReplayed::NoDecision) || !self.entry.is_empty() {
                    self.tell(&format!("entry {at}"), &outcome, &mut tally);
                }
            }
        } else {
            let checkpoint = checkpoint_of(self.checkpoint.as_deref())?;
            for path in &self.receipts {
                let name = path.display().to_string();
                let Ok(receipt) = receipt_of(path) else {
                    tally.failed = true;
                    tally.not += 1;
                    continue;
                };
                if let Some(Err(found)) = checkpoint.as_ref().map(|checkpoint| receipt.check_against(checkpoint)) {
                    tell_diagnostics(&found);
                    tally.failed = true;
                }
                self.tell(&name, &replayer.receipt(&receipt), &mut tally);
            }
        }
        if matches!(self.format, Format::Text) {
            let Tally { identical, other_trace, different, not, .. } = tally;
            print(&format!(
                "{identical} identical, {other_trace} with another trace, {different} different, {not} not replayed\n"
            ));
            if !self.receipts.is_empty() && self.checkpoint.is_none() {
                print(
                    "not checked: whether the archive that the receipts name has these entries (that takes a `--checkpoint`)\n",
                );
            }
        }
        Ok(if tally.failed { exit::MISTAKES } else { exit::DONE })
    }

    fn tell(&self, name: &str, outcome: &Outcome, tally: &mut Tally) {
        let (word, why, differences): (&str, Option<String>, &[Difference]) = match outcome {
            Outcome::Identical => {
                tally.identical += 1;
                ("identical", None, &[])
            }
            Outcome::OtherTrace(all) => {
                tally.other_trace += 1;
                tally.failed |= self.strict;
                ("the same outcome, another trace", None, all)
            }
            Outcome::Different(all) => {
                tally.different += 1;
                tally.failed = true;
                ("different", None, all)
            }
            Outcome::Not(not) => {
                tally.not += 1;
                tally.failed |= matches!(not, NotReplayed::UnknownFormat(_) | NotReplayed::Damaged(_));
                ("not replayed", Some(why_not(not)), &[])
            }
        };
        match self.format {
            Format::Text => {
                let why = why.map(|why| format!(": {why}")).unwrap_or_default();
                let mut text = visible::text(&format!("{name}: {word}{why}")).into_owned() + "\n";
                for one in differences.iter().take(TOLD) {
                    let or = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
                    let line = format!("  {}: {} → {}", one.place, or(&one.then), or(&one.now));
                    text.push_str(&(visible::text(&line).into_owned() + "\n"));
                }
                if differences.len() > TOLD {
                    text.push_str(&format!("  and {} more\n", differences.len() - TOLD));
                }
                print(&text);
            }
            Format::Json => {
                let reason = match outcome {
                    Outcome::Not(not) => Some(not.word()),
                    _ => None,
                };
                let line = Replayed {
                    schema: REPLAYED,
                    name: name.to_owned(),
                    outcome: word,
                    reason,
                    why,
                    differences: differences.to_vec(),
                };
                let line = serde_json::to_string(&line).unwrap_or_default();
                print(&(visible::json(&line).into_owned() + "\n"));
            }
        }
    }
}

/// Why an entry could not be produced again, in words.
fn why_not(not: &NotReplayed) -> String {
    match not {
        NotReplayed::NoDecision => "the entry is no decision".to_owned(),
        NotReplayed::Erased => "what was personal was erased".to_owned(),
        NotReplayed::UnknownFormat(format) => format!("this program does not know the format `{format}`"),
        NotReplayed::NothingRead => "a file could not be read then".to_owned(),
        NotReplayed::NotByItself(why) => format!("it did not rest on the record alone: {why}"),
        NotReplayed::Damaged(why) => format!("what is kept does not fit together: {why}"),
    }
}
