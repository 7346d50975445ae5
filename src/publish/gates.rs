//! What a version must have passed, beside `check --strict`: each gate gives its figures, or says what is missing.

use super::refused;
use crate::cases::{Case, Cases, of_protocol, open_sheets};
use crate::coverage::{self, Coverage, Kind, Why};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::mutation::{Fate, Mutation};
use crate::protocol::{Protocol, sha256};
use crate::prove::{Outcome, prove};

/// How many of the names of what is missing are said.
const MOST_NAMED: usize = 5;

/// Every case must be answered as expected and approved, and the sheets must be approved: the cases.
pub(super) fn tested(protocol: &Protocol) -> Result<Vec<Case>, Diagnostics> {
    let (mut reader, mut passed, mut failed) = (Cases::of(protocol), Vec::new(), Vec::new());
    let name = |path: &std::path::Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for path in of_protocol(protocol) {
        match reader.run(&path) {
            Ok((case, outcome)) if outcome.passed() => passed.push(case),
            _ => failed.push(name(&path)),
        }
    }
    failed.extend(open_sheets(protocol)?.iter().map(|sheet| name(&sheet.path)));
    if passed.is_empty() && failed.iter().all(|name| !name.ends_with(".toml")) {
        let help = "cases are files in the folder `cases` beside a protocol.toml";
        return Err(Diagnostic::new(&codes::NO_CASES, "no cases were found").help(help).into());
    }
    if failed.is_empty() {
        return Ok(passed);
    }
    let message = format!("not as expected and approved: {}", named(&failed));
    Err(refused(message, "`regimen test` shows each: correct it, or look at it and approve it"))
}

/// Each rule must have come out true in one case, and not true in another, but for what nobody can bring about.
pub(super) fn covered(protocol: &Protocol, cases: &[Case]) -> Result<Coverage, Diagnostics> {
    let coverage = coverage::measure(protocol, cases);
    let mut open: Vec<String> = Vec::new();
    for item in coverage.items.iter().filter(|item| item.kind == Kind::Rule) {
        let is_out_of_reach =
            |one: &&coverage::Outcome| one.missing.as_ref().is_some_and(|missing| missing.why == Why::Unreachable);
        let (is_true, is_not): (Vec<_>, Vec<_>) = item.outcomes.iter().partition(|one| one.outcome == "true");
        for (outcomes, what) in [(is_true, "is never true"), (is_not, "is always true")] {
            if outcomes.iter().all(|one| one.cases == 0 && !is_out_of_reach(one)) {
                open.push(format!("{} {what}", item.of));
            }
        }
    }
    if open.is_empty() {
        return Ok(coverage);
    }
    let message = format!("the cases do not show what its rules do: {}", named(&open));
    Err(refused(
        message,
        "`regimen test --coverage --write-cases` writes cases of what is missing: look at each, and approve it",
    ))
}

/// No change of the protocol may be left unnoticed that somebody could notice, unless it is said why.
pub(super) fn killed(mutation: &Mutation, accepted: Option<&str>) -> Result<(), Diagnostics> {
    if mutation.mutants.is_empty() || mutation.without_result > 0 {
        let message = "it could not be tried whether its cases notice changes";
        return Err(refused(message, "`regimen test --mutate` says why"));
    }
    // One part can be changed in several ways.
    let mut survivors: Vec<String> = Vec::new();
    for mutant in mutation.mutants.iter().filter(|mutant| mutant.fate == Fate::Survived) {
        let of = format!("line {}: {}", mutant.line, mutant.of);
        if !survivors.contains(&of) {
            survivors.push(of);
        }
    }
    match (survivors.is_empty(), accepted) {
        (true, None) | (false, Some(_)) => Ok(()),
        (true, Some(_)) => {
            Err(refused("no change survives, so that there is none to accept", "leave out `--accept-survivors`"))
        }
        (false, None) => {
            let message = format!("no case notices if something else stood here: {}", named(&survivors));
            let help = "`regimen test --mutate --write-cases` writes cases that do: look at each, and approve it; or say why they may be \
                        left, with `--accept-survivors \"why\"`";
            Err(refused(message, help))
        }
    }
}

/// How many of the protocol's properties are proved. Each must be; a protocol that states none has none to prove, and its entry says 0.
pub(super) fn proved(protocol: &Protocol) -> Result<usize, Diagnostics> {
    let proofs = prove(protocol);
    let open: Vec<String> =
        proofs.iter().filter(|proof| proof.outcome != Outcome::Proved).map(|proof| proof.id.clone()).collect();
    if open.is_empty() {
        return Ok(proofs.len());
    }
    let message = format!("it is not proved that these hold of every answer: {}", named(&open));
    Err(refused(message, "`regimen prove` names a patient of whom it is not so, or says what the analysis cannot tell"))
}

/// What stands for the cases of a protocol: the SHA-256 of their list, as `sha256sum` writes it.
pub(super) fn mark_of_cases(protocol: &Protocol) -> String {
    let one = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        format!("{}  {}\n", sha256(&text), path.file_name().unwrap_or_default().to_string_lossy())
    };
    sha256(&of_protocol(protocol).iter().map(one).collect::<String>())
}

fn named(all: &[String]) -> String {
    let some = all[..all.len().min(MOST_NAMED)].join("; ");
    let rest = all.len().saturating_sub(MOST_NAMED);
    if rest > 0 { format!("{some}; and {rest} more") } else { some }
}
