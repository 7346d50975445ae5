//! Coverage for people, and as LCOV.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::coverage::{Coverage, Item, Kind, Why};

/// The kinds in the order of the table, with what a person calls several of them.
const KINDS: [(Kind, &str); 8] = [
    (Kind::Status, "statuses"),
    (Kind::Rule, "rules"),
    (Kind::Condition, "conditions"),
    (Kind::Row, "rows of settings"),
    (Kind::Part, "parts that decide alone"),
    (Kind::Threshold, "thresholds"),
    (Kind::Wait, "waits of the course"),
    (Kind::Judged, "sessions judged"),
];

/// A table for people: how much of each kind was tried, then what was not, and why.
#[must_use]
pub fn text(coverage: &Coverage) -> String {
    let mut out = format!("{} {}, {}\n\n", coverage.protocol, coverage.version, counted(coverage.cases, "case"));
    let _ = writeln!(out, "  {:26}{:>8}{:>8}{:>14}", "", "tried", "of", "out of reach");
    for (kind, name) in KINDS {
        let items = || coverage.items.iter().filter(move |item| item.kind == kind);
        let (tried, all, unreachable) = sums(items());
        if all + unreachable > 0 {
            let _ = writeln!(out, "  {name:26}{tried:>8}{all:>8}{unreachable:>14}");
        }
    }
    let (tried, all) = (coverage.covered, coverage.outcomes);
    let _ = writeln!(out, "  {:26}{tried:>8}{all:>8}{:>14}", "all", coverage.unreachable);
    let mut last: Option<&Item> = None;
    for (item, outcome, missing) in coverage.missing() {
        if last.is_none() {
            out.push_str("\nNot tried\n");
        }
        if last.is_none_or(|last| !std::ptr::eq(last, item)) {
            let part = item.part.as_ref().map_or_else(String::new, |part| format!(": {part}"));
            let alone = if item.kind == Kind::Part { ", decided by" } else { "" };
            let _ = writeln!(out, "\n  line {}: {}{alone}{part}", item.line, item.of);
        }
        last = Some(item);
        let why = match missing.why {
            Why::ShortOfFacts => format!("never tried with an answer to {}", missing.facts.join(", ")),
            _ => "never tried".to_owned(),
        };
        let case = match &missing.case {
            Some(case) => format!("try {}", case.patient),
            None => "no patient was found".to_owned(),
        };
        let _ = writeln!(out, "    {:9} {why}; {case}", outcome.outcome);
    }
    let mut left_out: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in &coverage.not_measured {
        let all = left_out.entry(one.why).or_default();
        if !all.contains(&one.of.as_str()) {
            all.push(&one.of);
        }
    }
    if !left_out.is_empty() {
        out.push_str("\nNot measured\n\n");
        for (why, of) in left_out {
            let _ = writeln!(out, "  {why}: {}", of.join(", "));
        }
    }
    out
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// How many outcomes were tried, of how many that can be reached, and how many cannot.
fn sums<'i>(items: impl Iterator<Item = &'i Item>) -> (usize, usize, usize) {
    items.flat_map(|item| &item.outcomes).fold((0, 0, 0), |(tried, all, unreachable), outcome| {
        match outcome.missing.as_ref().map(|missing| missing.why) {
            Some(Why::Unreachable) => (tried, all, unreachable + 1),
            Some(_) => (tried, all + 1, unreachable),
            None => (tried + 1, all + 1, unreachable),
        }
    })
}

/// The same as LCOV, on the lines of the protocol's file: rules, conditions, rows and statuses as functions, every outcome as a branch. What is
/// out of reach is left out.
#[must_use]
pub fn lcov(coverage: &Coverage) -> String {
    let mut out = format!("TN:{}\nSF:{}\n", coverage.protocol.replace('-', "_"), coverage.file);
    let mut lines: BTreeMap<usize, usize> = BTreeMap::new();
    let (mut functions, mut hit) = (0, 0);
    let mut calls = String::new();
    for (at, item) in coverage.items.iter().enumerate() {
        let most = item.outcomes.iter().map(|outcome| outcome.cases).max().unwrap_or(0);
        let line = lines.entry(item.line).or_default();
        *line = (*line).max(most);
        if matches!(item.kind, Kind::Rule | Kind::Condition | Kind::Row) {
            let fired = item.outcomes.first().map_or(0, |outcome| outcome.cases);
            let row = if item.kind == Kind::Row { format!(" {at}") } else { String::new() };
            functions += 1;
            hit += usize::from(fired > 0);
            let _ = writeln!(out, "FN:{},{}{row}", item.line, item.of);
            let _ = writeln!(calls, "FNDA:{fired},{}{row}", item.of);
        }
    }
    out.push_str(&calls);
    let _ = writeln!(out, "FNF:{functions}\nFNH:{hit}");
    let (mut found, mut taken) = (0, 0);
    for (block, item) in coverage.items.iter().enumerate() {
        for (branch, outcome) in item.outcomes.iter().enumerate() {
            if outcome.missing.as_ref().is_some_and(|missing| missing.why == Why::Unreachable) {
                continue;
            }
            found += 1;
            taken += usize::from(outcome.cases > 0);
            // A branch of what was never looked at has no count.
            let is_looked_at = item.outcomes.iter().any(|outcome| outcome.cases > 0);
            let count = if is_looked_at { outcome.cases.to_string() } else { "-".to_owned() };
            let _ = writeln!(out, "BRDA:{},{block},{branch},{count}", item.line);
        }
    }
    let _ = writeln!(out, "BRF:{found}\nBRH:{taken}");
    for (line, hits) in &lines {
        let _ = writeln!(out, "DA:{line},{hits}");
    }
    let _ = writeln!(out, "LF:{}\nLH:{}\nend_of_record", lines.len(), lines.values().filter(|hits| **hits > 0).count());
    out
}
