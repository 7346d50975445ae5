//! Decision tables with a gap or an overlap: the patient who falls into it.

use super::Finder;
use super::regions::{Patient, Regions, Trials};
use crate::diagnostic::{Diagnostic, codes};
use crate::lang::ExprId;
use crate::logic::turning::Axis;
use crate::logic::value::Value;
use crate::protocol::model::{Row, Setting};

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let mut trials = Trials::new(protocol);
    for setting in &protocol.settings {
        // A row without a condition leaves no gap.
        let rows: Vec<&Row> = setting.rows.iter().filter(|row| row.when.is_some()).collect();
        let default = rows.len() < setting.rows.len();
        let roots: Vec<ExprId> =
            rows.iter().filter_map(|row| row.when.as_ref().map(|when| ExprId(when.end - 1))).collect();
        if roots.is_empty() {
            continue;
        }
        let regions = if trials.is_exhausted() { None } else { trials.regions(&roots) };
        let before = finder.found.len();
        let analysed = regions.is_some_and(|regions| table(finder, setting, &rows, default, (&mut trials, regions)));
        // Where not all can be told apart, somebody may be found all the same for whom it has no row, or two.
        if !analysed
            && finder.found.len() == before
            && let Some(some) = trials.some(&roots)
        {
            table(finder, setting, &rows, default, (&mut trials, some));
        }
        if !analysed && finder.found.len() == before {
            let message = format!("gaps and overlaps of setting `{}` were not analysed", setting.id);
            let help = "its conditions calculate with answers, compare them with each other, or depend on too many facts at once";
            finder.report(&setting.id, Diagnostic::new(&codes::NOT_ANALYSED, message).at(&setting.place).help(help));
        }
    }
}

/// Whether a row of a setting is ever asked for a value: it is one of the set that the rows are gone through for.
fn holds(setting: &Setting, value: Option<Value>, patient: &Patient<'_, '_>) -> bool {
    let (Some((_, set)), Some(Value::Choice(at))) = (&setting.each, value) else { return true };
    let mut all = patient.values();
    !all.any(|(axis, held)| axis == Axis::Fact(*set) && matches!(held, Value::Set(bits) if bits >> at & 1 == 0))
}

/// Says for whom a table has no row, or two. Returns whether everybody was looked at.
fn table(
    finder: &mut Finder<'_>,
    setting: &Setting,
    rows: &[&Row],
    default: bool,
    (trials, mut regions): (&mut Trials<'_>, Regions),
) -> bool {
    if setting.each.is_some() && !regions.are_somebody() {
        return false;
    }
    let each: Vec<(Option<Value>, String)> = match &setting.each {
        None => vec![(None, String::new())],
        Some((name, set)) => {
            let choices = finder.protocol.fact(*set).answer.choices().iter().enumerate();
            choices
                .map(|(at, choice)| (Some(Value::Choice(crate::narrow::u8(at))), format!("{name} = {choice}")))
                .collect()
        }
    };
    let (mut gap, mut overlap): (Option<String>, Option<(String, usize, usize)>) = (None, None);
    for (value, words) in each {
        if let Some(value) = value {
            regions.set_each(value);
        }
        trials.find(&regions, |patient| {
            // A row is asked for a value only where the patient's set holds it.
            if !holds(setting, value, patient) {
                return false;
            }
            let mut hit: Vec<usize> = Vec::new();
            let mut unknown = false;
            for (at, row) in rows.iter().enumerate() {
                match row.when.as_ref().map(|when| patient.body(when).truth()) {
                    Some(truth) if truth.is_true() => hit.push(at),
                    Some(truth) if truth.is_unknown() => unknown = true,
                    _ => {}
                }
            }
            let who = || {
                [words.clone(), patient.words()]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            if hit.is_empty() && !default && !unknown && gap.is_none() {
                gap = Some(who());
            }
            if hit.len() > 1 && overlap.is_none() {
                overlap = Some((who(), hit[0], hit[1]));
            }
            gap.is_some() && overlap.is_some()
        });
    }
    // Whom it was found for may be nobody.
    if !regions.are_somebody() {
        return gap.is_none() && overlap.is_none() && !trials.is_exhausted();
    }
    if let Some(patient) = gap {
        let message = format!("no row of setting `{}` applies to some patients", setting.id);
        let diagnostic = Diagnostic::new(&codes::TABLE_GAP, message).at(&setting.place);
        let diagnostic = diagnostic.help(format!("such a patient: {patient}"));
        finder.report(&setting.id, diagnostic.help("add a row for them, as one with `when = '!(…)'` for all others"));
    }
    if let Some((patient, first, second)) = overlap {
        let message = format!("two rows of setting `{}` apply to some patients", setting.id);
        let diagnostic = Diagnostic::new(&codes::TABLE_OVERLAP, message).labelled(&rows[second].place, "this row");
        let diagnostic = diagnostic.see(&rows[first].place, "and this row");
        let diagnostic = diagnostic.help(format!("such a patient: {patient}"));
        finder.report(
            &setting.id,
            diagnostic.help("the safer value would be used; make the conditions exclude each other"),
        );
    }
    !trials.is_exhausted()
}
