//! Conditions that never or always hold, of whatever is no rule: courses, intervals, settings, instructions and the dictionary.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::regions::{Patient, Regions, Trials};
use super::{Finder, Finding, place};
use crate::diagnostic::{Diagnostic, Place, codes};
use crate::lang::{Expr, ExprId, Parser};
use crate::logic::Tri;
use crate::logic::value::{Texts, Value};
use crate::protocol::conditions::{Conditions, Lowered};
use crate::protocol::model::Course;
use crate::protocol::{Clinic, Protocol};

/// A condition, and what it is of.
struct Condition {
    /// What an `[[allow]]` names.
    subject: String,
    /// `the condition of interval `x``
    of: String,
    root: ExprId,
    /// Its nodes and a number of values, where it is asked for each of these: choices of a setting's `each`, or of what a course is counted by.
    each: Option<(Range<u32>, usize)>,
    place: Place,
    /// What follows where it never holds.
    never: &'static str,
    /// What follows where it always does; none: that is nothing to tell of.
    always: Option<&'static str>,
    /// Whether a plain `true` says what is meant: the key is for saying when, and "always" is an answer.
    may_be_true: bool,
}

impl Condition {
    /// One that is asked once, and says something where it always holds.
    fn new(
        subject: &str,
        of: String,
        (root, place): (ExprId, Place),
        never: &'static str,
        always: &'static str,
    ) -> Self {
        let subject = subject.to_owned();
        Condition { subject, of, root, each: None, place, never, always: Some(always), may_be_true: false }
    }
}

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    finder.found.extend(found(protocol, of_protocol(protocol)));
    // What the protocol says of its own facts; what the dictionary says is told with that.
    let own = of_dictionary(&protocol.conditions, protocol, |file| file == protocol.file.name);
    if !own.is_empty() {
        let program = protocol.conditions.program.clone();
        let asked = protocol.clone().altered(|model| model.program = program);
        finder.found.extend(found(&asked, own));
    }
}

/// What is so of the conditions of a clinic's dictionary.
pub(super) fn in_dictionary(clinic: &Clinic) -> Vec<Finding> {
    let dictionary = &clinic.dictionary;
    // Patients are tried with a protocol; of its own, nothing is asked.
    let Some(protocol) = clinic.protocols.first() else { return Vec::new() };
    let mut slots: Vec<usize> = (0..dictionary.facts.len().min(crate::narrow::MOST)).collect();
    let conditions = Conditions::of_protocol(dictionary, &Parser::new(), &mut slots, &mut Texts::default());
    let asked = protocol.clone().altered(|model| {
        model.dictionary = Arc::clone(dictionary);
        model.facts = slots;
        model.program = conditions.program.clone();
    });
    let is_of_protocol = |file: &str| clinic.protocols.iter().any(|protocol| protocol.file.name == file);
    let all = of_dictionary(&conditions, &asked, |file| !is_of_protocol(file));
    found(&asked, all)
}

/// Every condition of a protocol that is no rule's.
fn of_protocol(protocol: &Protocol) -> Vec<Condition> {
    let no_effect = "it has no effect";
    let condition = |subject: &str, of: String, root: ExprId, never, always| {
        Condition::new(subject, of, (root, place(protocol, root)), never, always)
    };
    let mut all = Vec::new();
    if let Some(root) = protocol.immune {
        all.push(condition("immune", "`immune`".to_owned(), root, no_effect, "no session is ever needed"));
    }
    for component in &protocol.components {
        if let Some(root) = component.immune {
            let of = format!("`immune` of component `{}`", component.id);
            all.push(condition(&component.id, of, root, no_effect, "no session is ever needed for it"));
        }
    }
    for instruction in &protocol.instructions {
        if let Some(root) = instruction.when {
            let of = format!("the condition of instruction `{}`", instruction.id);
            all.push(condition(&instruction.id, of, root, "nobody is ever given it", no_effect));
        }
    }
    for setting in &protocol.settings {
        let values = setting.each.as_ref().map(|(_, set)| protocol.fact(*set).answer.choices().len());
        for (at, row) in setting.rows.iter().enumerate() {
            let Some(body) = &row.when else { continue };
            let of = format!("the condition of row {} of setting `{}`", at + 1, setting.id);
            let row = condition(&setting.id, of, ExprId(body.end - 1), "the row is never used", no_effect);
            // A row may be for everybody.
            all.push(Condition { each: values.map(|values| (body.clone(), values)), always: None, ..row });
        }
    }
    protocol.courses.iter().for_each(|course| of_course(course, condition, &mut all));
    all
}

/// The same of a course.
fn of_course(
    course: &Course,
    condition: impl Fn(&str, String, ExprId, &'static str, &'static str) -> Condition,
    all: &mut Vec<Condition>,
) {
    let no_effect = "it has no effect";
    let each = |root: ExprId| {
        let counter = course.separate_by.as_ref()?;
        Some((counter.body(root)?, counter.choices.len()))
    };
    if let Some(root) = course.when {
        let of = format!("the condition of course `{}`", course.id);
        all.push(condition(&course.id, of, root, "nobody is ever offered it", no_effect));
    }
    for interval in &course.intervals {
        if let Some(root) = interval.when {
            let of = format!("the condition of interval `{}`", interval.id);
            let interval = condition(&interval.id, of, root, "nobody ever waits for it", no_effect);
            all.push(Condition { each: each(root), ..interval });
        }
    }
    let beyond = ("no more than the planned sessions are ever given", "everybody is given as many as the maximum");
    let again = (no_effect, "the course begins again after every long pause");
    for (key, root, (never, always)) in [
        ("beyond_planned", course.beyond_planned, beyond),
        ("restart_when_complete", course.restart_when_complete, again),
    ] {
        if let Some(root) = root {
            let end = condition(&course.id, format!("`{key}` of course `{}`", course.id), root, never, always);
            all.push(Condition { each: each(root), may_be_true: true, ..end });
        }
    }
    for (number, planned) in course.sessions.iter().enumerate() {
        if let Some(skip) = &planned.skip {
            let of = format!("`skip` of session {} of course `{}`", number + 1, course.id);
            let (never, always) = ("the session is never left out", "nobody is ever given the session");
            let session = condition(&course.id, of, ExprId(skip.end - 1), never, always);
            all.push(Condition { each: Some((skip.clone(), values_of(course))), ..session });
        }
    }
}

/// For how many values a course is counted.
fn values_of(course: &Course) -> usize {
    course.separate_by.as_ref().map_or(1, |counter| counter.choices.len())
}

/// The conditions of a dictionary that stand in certain files.
fn of_dictionary(conditions: &Conditions, protocol: &Protocol, is_in: impl Fn(&str) -> bool) -> Vec<Condition> {
    let condition = |subject: &str, of: String, when: &Lowered, never, always| {
        Condition::new(subject, of, (when.root, when.place.clone()), never, always)
    };
    let asked = conditions.asked.iter().map(|asked| {
        let name = &protocol.fact(asked.fact).name;
        let of = format!("`asked_when` of `{name}`");
        condition(name, of, &asked.when, "the question is never asked", "it has no effect")
    });
    let contradictions = conditions.contradictions.iter().map(|one| {
        let of = "the condition of this contradiction".to_owned();
        condition("contradiction", of, &one.when, "it is never found", "every record is told to contradict itself")
    });
    asked.chain(contradictions).filter(|one| is_in(&one.place.file.name)).collect()
}

/// Says of conditions that they never or always hold.
fn found(protocol: &Protocol, conditions: Vec<Condition>) -> Vec<Finding> {
    let mut trials = Trials::new(protocol);
    let mut findings = Vec::new();
    // An interval of a course stands for each of its sessions, and is written once.
    let mut told = BTreeSet::new();
    for condition in conditions {
        let place = &condition.place;
        if !told.insert((place.file.name.clone(), place.span.start, place.span.end)) {
            continue;
        }
        let is_plainly_true = protocol.program.node(condition.root).expr == Expr::Literal(Value::Bool(true));
        if condition.may_be_true && is_plainly_true {
            continue;
        }
        let regions = if trials.is_exhausted() { None } else { trials.regions(&[condition.root]) };
        let about_patients = regions.as_ref().is_some_and(Regions::about_patients);
        // Nothing is said where it cannot be told: of most that a `skip` says of its moment, for one.
        let Some((ever, ever_not)) = regions.and_then(|regions| holds(&mut trials, regions, &condition)) else {
            continue;
        };
        let (code, message, help) = if !ever {
            let message = format!("{} can never hold: {}", condition.of, condition.never);
            (&codes::NEVER_FIRES, message, "no combination of permitted answers makes it true")
        } else if let (false, Some(always)) = (ever_not, condition.always) {
            let message = format!("{} always holds: {always}", condition.of);
            (&codes::ALWAYS_FIRES, message, "every combination of permitted answers makes it true")
        } else {
            continue;
        };
        let diagnostic = Diagnostic::new(code, message).at(place);
        let diagnostic = if about_patients { diagnostic.help(help) } else { diagnostic };
        findings.push(Finding { subject: condition.subject, diagnostic });
    }
    findings
}

/// Whether a condition ever holds, and whether it ever does not.
fn holds(trials: &mut Trials<'_>, mut regions: Regions, condition: &Condition) -> Option<(bool, bool)> {
    let Some((body, values)) = &condition.each else {
        return ever(trials, &regions, |patient| patient.value(condition.root).truth());
    };
    // What is asked for each of some values cannot rest on what is taken as a fact of its own.
    if !regions.are_somebody() {
        return None;
    }
    let (mut holds, mut holds_not) = (false, false);
    for value in 0..*values {
        regions.set_each(Value::Choice(crate::narrow::u8(value)));
        let (here, not_here) = ever(trials, &regions, |patient| patient.body(body).truth())?;
        holds |= here;
        holds_not |= not_here;
    }
    Some((holds, holds_not))
}

/// Whether something ever holds, and whether it ever does not; none if that could not be found out.
pub(super) fn ever<'a>(
    trials: &mut Trials<'a>,
    regions: &Regions,
    holds: impl Fn(&Patient<'_, 'a>) -> Tri,
) -> Option<(bool, bool)> {
    let (mut ever, mut ever_not) = (false, false);
    trials.find(regions, |patient| {
        // Of a patient of whom something is missing, "not yet known" is neither yes nor no.
        let holds = holds(patient);
        ever |= holds.is_true();
        ever_not |= patient.settled(holds).is_false();
        ever && ever_not
    });
    (ever && ever_not || !trials.is_exhausted()).then_some((ever, ever_not))
}
