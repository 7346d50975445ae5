//! `regimen test`: the cases of protocols.

use std::path::PathBuf;

use clap::Args;
use similar::{ChangeTag, TextDiff};

use super::{exit, print, tell, tell_diagnostics};
use crate::cases::{Case, Cases, Outcome, approve, of_protocol};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::protocol::Clinic;

/// Run the test cases of protocols against their expectations and approved traces
#[derive(Debug, Args)]
pub(super) struct Test {
    /// Clinic folders, protocol folders or protocol files
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Approve the current traces of cases whose expectations are met
    #[arg(long)]
    accept: bool,
}

#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    accepted: usize,
    out: String,
}

impl Test {
    pub(super) fn run(&self) -> u8 {
        let mut tally = Tally::default();
        for path in &self.paths {
            let (clinic, found) = Clinic::read(path);
            if found.has_errors() {
                tell_diagnostics(&found);
                return exit::MISTAKES;
            }
            for protocol in &clinic.protocols {
                let mut cases = Cases::of(protocol);
                for case in of_protocol(protocol) {
                    match cases.load(&case).and_then(|(case, _)| case.run(protocol).map(|outcome| (case, outcome))) {
                        Ok((case, outcome)) => self.judge(&case, &outcome, &mut tally),
                        Err(mistakes) => tally.fail(&case.display().to_string(), &mistakes.to_string()),
                    }
                }
            }
        }
        if tally.passed + tally.failed + tally.accepted == 0 {
            let mut found = Diagnostics::default();
            let help = "cases are files in the folder `cases` beside a protocol.toml";
            found.push(Diagnostic::new(&codes::NO_CASES, "no cases were found").help(help));
            tell_diagnostics(&found);
            return exit::MISTAKES;
        }
        let printed = print(&crate::visible::lines(&tally.out));
        let accepted = if tally.accepted > 0 { format!(" ({} newly approved)", tally.accepted) } else { String::new() };
        tell(&format!("{} passed, {} failed{accepted}\n", tally.passed + tally.accepted, tally.failed));
        if tally.failed > 0 { exit::MISTAKES } else { printed }
    }

    fn judge(&self, case: &Case, outcome: &Outcome, tally: &mut Tally) {
        let name = case.path.display().to_string();
        if outcome.passed() {
            tally.passed += 1;
        } else if !outcome.differences.is_empty() {
            let lines = outcome.differences.iter().map(|difference| {
                format!(
                    "  {}: expected {}\n  {}  found    {}\n",
                    difference.what,
                    difference.expected,
                    " ".repeat(difference.what.len()),
                    difference.found
                )
            });
            tally.fail(&format!("{name}: {}", case.title), &lines.collect::<String>());
        } else if self.accept {
            match approve(case, outcome) {
                Ok(_) => tally.accepted += 1,
                Err(error) => tally.fail(&name, &format!("  the trace cannot be written: {error}\n")),
            }
        } else {
            let difference = match &outcome.approved {
                None => "  it has no approved trace; look at it and run `regimen test --accept`\n".to_owned(),
                Some(approved) => diff(approved, &outcome.snapshot),
            };
            tally.fail(&format!("{name}: {}", case.title), &difference);
        }
    }
}

impl Tally {
    fn fail(&mut self, name: &str, why: &str) {
        self.failed += 1;
        self.out.push_str(&format!("FAILED {name}\n{why}"));
    }
}

/// The lines that differ, with a few around them.
fn diff(approved: &str, present: &str) -> String {
    let diff = TextDiff::from_lines(approved, present);
    let mut out = String::from("  the trace differs from the approved one (- approved, + now)\n");
    for group in diff.grouped_ops(2) {
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            out.push_str(format!("  {sign} {}", change.value()).trim_end());
            out.push('\n');
        }
        out.push_str("    …\n");
    }
    out
}
