//! `regimen test`: the cases of protocols, and the sheets.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use similar::{ChangeTag, TextDiff};

use super::how_good::HowGood;
use super::{exit, print, tell, tell_diagnostics};
use crate::cases::{
    ApprovedSheet, Case, Cases, Change, Outcome, approve, dictionary_sheet, differing, of_protocol, protocol_sheet,
};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::protocol::Clinic;

/// Run the test cases of protocols against their expectations, approved traces and sheets
///
/// Example: regimen test protocols/microneedling-acne-scars
#[derive(Debug, Args)]
pub(super) struct Test {
    /// Clinic folders, protocol folders or protocol files
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Approve what is new and what is decided as before: traces with other reasons, sheets
    /// that read otherwise
    #[arg(long)]
    accept: bool,
    /// With --accept: approve other answers too, where the expectations are met
    #[arg(long, requires = "accept")]
    answers: bool,
    #[command(flatten)]
    how_good: HowGood,
}

/// What came of all cases and sheets.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    missed: usize,
    /// What differs from what is approved, and is left so.
    open: Kinds,
    accepted: Kinds,
    out: String,
}

/// How many changes there are of each kind.
#[derive(Debug, Default)]
struct Kinds {
    new: usize,
    answers: usize,
    /// How many answers changed in each part.
    parts: BTreeMap<String, usize>,
    reasons: usize,
    titles: usize,
    sheets: usize,
    new_sheets: usize,
}

impl Test {
    /// The cases of one path, as they stand.
    pub(super) fn of(path: &Path) -> Test {
        Test { paths: vec![path.to_owned()], accept: false, answers: false, how_good: HowGood::default() }
    }

    pub(super) fn run(&self) -> u8 {
        if let Some(message) = self.how_good.usage() {
            return super::usage(message);
        }
        let mut tally = Tally::default();
        let mut clinics = Vec::new();
        for path in &self.paths {
            let (clinic, broken, found) = Clinic::read_sound(path);
            if found.has_errors() {
                tell_diagnostics(&found);
                return exit::MISTAKES;
            }
            broken.iter().for_each(|one| tally.fail(&one.file.display().to_string(), &one.mistakes.to_string()));
            clinics.push((path, clinic));
        }
        for protocol in clinics.iter().flat_map(|(_, clinic)| &clinic.protocols) {
            let mut cases = Cases::of(protocol);
            for case in of_protocol(protocol) {
                match cases.run(&case) {
                    Ok((case, outcome)) => self.judge(&case, &outcome, &mut tally),
                    Err(mistakes) => tally.fail(&case.display().to_string(), &mistakes.to_string()),
                }
            }
        }
        if tally.passed + tally.failed == 0 {
            let mut found = Diagnostics::default();
            let help = "cases are files in the folder `cases` beside a protocol.toml";
            found.push(Diagnostic::new(&codes::NO_CASES, "no cases were found").help(help));
            tell_diagnostics(&found);
            return exit::MISTAKES;
        }
        // The sheet of a dictionary that several paths share is looked at once.
        let mut seen = BTreeSet::new();
        for (path, clinic) in &clinics {
            let dictionary = dictionary_sheet(path).transpose();
            for sheet in dictionary.into_iter().chain(clinic.protocols.iter().map(protocol_sheet)) {
                match sheet {
                    Ok(sheet) if !seen.insert(sheet.path.clone()) => {}
                    Ok(sheet) => self.judge_sheet(&sheet, &mut tally),
                    Err(mistakes) => tally.fail("a sheet", &mistakes.to_string()),
                }
            }
        }
        let printed = print(&crate::visible::lines(&tally.out));
        tell(&tally.summary());
        match tally.failed {
            0 if printed == exit::DONE => self.how_good.run(clinics.iter().flat_map(|(_, clinic)| &clinic.protocols)),
            0 => printed,
            _ => self.how_good.refused(),
        }
    }

    fn judge(&self, case: &Case, outcome: &Outcome, tally: &mut Tally) {
        let name = case.path.display().to_string();
        let titled = format!("{name}: {}", case.title);
        if !outcome.differences.is_empty() {
            tally.missed += 1;
            let lines = outcome.differences.iter().map(|difference| {
                format!(
                    "  {}: expected {}\n  {}  found    {}\n",
                    difference.what,
                    difference.expected,
                    " ".repeat(difference.what.len()),
                    difference.found
                )
            });
            return tally.fail(&titled, &lines.collect::<String>());
        }
        let Some(change) = outcome.change() else {
            tally.passed += 1;
            return;
        };
        if self.accept && (self.answers || !matches!(change, Change::Answer(_))) {
            return match approve(case, outcome) {
                Ok(_) => {
                    tally.passed += 1;
                    tally.accepted.count(&change);
                }
                Err(error) => tally.fail(&name, &format!("  the trace cannot be written: {error}\n")),
            };
        }
        tally.open.count(&change);
        let approved = outcome.approved.as_deref().unwrap_or_default();
        let what = match &change {
            Change::New => {
                return tally.fail(&titled, "  it has no approved trace; look at it and run `regimen test --accept`\n");
            }
            Change::Answer(parts) => format!("another answer: {}", parts.join(", ")),
            Change::Reasons => "the same answer for other reasons".to_owned(),
            Change::Wording => "another title".to_owned(),
        };
        let parts = differing(approved, &outcome.snapshot);
        let lines = parts.iter().map(|part| {
            let heading = if part.name.is_empty() { String::new() } else { format!("    {}\n", part.name) };
            format!("{heading}{}", diff(&part.approved, &part.present))
        });
        tally.fail(&titled, &format!("  {what} (- approved, + now)\n{}", lines.collect::<String>()));
    }

    fn judge_sheet(&self, sheet: &ApprovedSheet, tally: &mut Tally) {
        let name = sheet.path.display().to_string();
        let Some(change) = sheet.change() else { return };
        let is_new = change == Change::New;
        let what = match &sheet.approved {
            None => "  it is not approved yet; look at it and run `regimen test --accept`\n".to_owned(),
            Some(approved) => format!("  it reads otherwise (- approved, + now)\n{}", diff(approved, &sheet.present)),
        };
        if !self.accept {
            tally.open.count_sheet(is_new);
            return tally.fail(&name, &what);
        }
        match sheet.approve() {
            Ok(()) => {
                tally.accepted.count_sheet(is_new);
                // What was accepted is seen at least once.
                if !is_new {
                    tally.out.push_str(&format!("ACCEPTED {name}\n{what}"));
                }
            }
            Err(error) => tally.fail(&name, &format!("  the sheet cannot be written: {error}\n")),
        }
    }
}

impl Tally {
    fn fail(&mut self, name: &str, why: &str) {
        self.failed += 1;
        self.out.push_str(&format!("FAILED {name}\n{why}"));
    }

    fn summary(&self) -> String {
        let mut out = format!("{} passed, {} failed\n", self.passed, self.failed);
        if self.missed > 0 {
            out.push_str(&format!("  expectations missed: {}\n", self.missed));
        }
        out.push_str(&self.open.lines(""));
        out.push_str(&self.accepted.lines("accepted, "));
        if self.accepted.total() > 0 && self.open.answers > 0 {
            out.push_str("  other answers are accepted with `--accept --answers` only\n");
        }
        out
    }
}

impl Kinds {
    fn count(&mut self, change: &Change) {
        match change {
            Change::New => self.new += 1,
            Change::Answer(parts) => {
                self.answers += 1;
                parts.iter().for_each(|part| *self.parts.entry(part.clone()).or_default() += 1);
            }
            Change::Reasons => self.reasons += 1,
            Change::Wording => self.titles += 1,
        }
    }

    fn count_sheet(&mut self, is_new: bool) {
        *(if is_new { &mut self.new_sheets } else { &mut self.sheets }) += 1;
    }

    fn total(&self) -> usize {
        self.new + self.answers + self.reasons + self.titles + self.sheets + self.new_sheets
    }

    /// A line for each kind that there is.
    fn lines(&self, lead: &str) -> String {
        let counted = |number: usize, what: &str| {
            (number > 0).then(|| format!("{number} {what}{}", if number == 1 { "" } else { "s" }))
        };
        let listed = |parts: [Option<String>; 2]| parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let parts: Vec<String> = self.parts.iter().map(|(part, number)| format!("{part} {number}")).collect();
        let answers = (self.answers > 0).then(|| format!("{} ({})", self.answers, parts.join(", ")));
        let lines = [
            ("new", listed([counted(self.new, "trace"), counted(self.new_sheets, "sheet")])),
            ("answers changed", answers.unwrap_or_default()),
            ("only reasons changed", counted(self.reasons, "trace").unwrap_or_default()),
            // A number of a protocol stands on its sheet too: it is not said that nothing but words changed.
            ("wording changed", listed([counted(self.titles, "title"), counted(self.sheets, "sheet")])),
        ];
        let shown = lines.into_iter().filter(|(_, what)| !what.is_empty());
        shown.map(|(kind, what)| format!("  {lead}{kind}: {what}\n")).collect()
    }
}

/// The lines that differ, with one before and after them.
fn diff(approved: &str, present: &str) -> String {
    let diff = TextDiff::from_lines(approved, present);
    let mut out = String::new();
    for (at, group) in diff.grouped_ops(1).iter().enumerate() {
        out.push_str(if at > 0 { "    …\n" } else { "" });
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            out.push_str(format!("  {sign} {}", change.value()).trim_end());
            out.push('\n');
        }
    }
    out
}
