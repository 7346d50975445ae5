//! The plan: how many sessions, how far apart.

use std::collections::BTreeSet;

use super::bounds::{before_others, in_force};
use super::build::{Builder, labelled, points, section};
use super::{Block, Cell, Point, Section, capital};
use crate::english::{English, list, plain_name};
use crate::protocol::model::{
    ComponentNumber, Course, GapAction, Interval, Length, PlannedSession, Products, TooEarly,
};

/// The reason of an interval that gives none.
const INTERVAL_REASON: &str = "the interval between sessions";

/// The plan of a protocol.
pub(super) fn course(builder: &mut Builder<'_>) -> Section {
    let protocol = builder.protocol;
    let mut blocks = Vec::new();
    if let Some(immune) = protocol.immune {
        blocks.push(Block::Text(format!("No session is needed any more if {}.", builder.english.condition(immune))));
    }
    products(builder, &mut blocks);
    components(builder, &mut blocks);
    for course in &protocol.courses {
        if protocol.courses.len() > 1 {
            blocks.push(Block::Heading(capital(&course.in_words())));
        }
        one(builder, course, &mut blocks);
    }
    let mut separations = Vec::new();
    for one in &protocol.separations {
        let label =
            |name: &String| protocol.treatment_label(name).map_or_else(|| name.replace('-', " "), str::to_owned);
        let from = one.from.iter().map(label).collect::<Vec<_>>().join(", ");
        let cites = builder.cite(&one.sources, Some(one.evidence));
        let products = |what: &str, products: &Option<Products>| {
            products.as_ref().map(|products| format!("{what} {}", builder.products(products, "or")))
        };
        let notes = [
            products("Only after", &one.products),
            products("Only before", &one.of),
            one.absolute_minimum.map(|least| format!("A past session counts from {}", builder.length(least))),
            one.same_day.then(|| "Both may be given on one day".to_owned()),
        ];
        let distance = format!("{}: at least {}", capital(&from), builder.length(one.minimum));
        let (lead, text) = under(one.label.as_ref(), distance, builder.sentence(&one.reason));
        separations.push(Point {
            lead,
            text,
            notes: notes.into_iter().flatten().collect(),
            cites,
            id: one.id.clone(),
            ..Point::default()
        });
    }
    if let Some(list) = points(separations) {
        blocks.extend([Block::Heading("Intervals from other treatments".into()), list]);
    }
    section("Treatment plan", "", blocks)
}

/// The groups of products that the rules name.
fn products(builder: &Builder<'_>, blocks: &mut Vec<Block>) {
    let rows = builder.protocol.product_groups.iter();
    let rows: Vec<Vec<Cell>> =
        rows.map(|(group, members)| vec![Cell::from(group.clone()), Cell::from(members.join(", "))]).collect();
    if !rows.is_empty() {
        let head = ["Group", "Products"].map(String::from).to_vec();
        blocks.extend([Block::Heading("Products".into()), Block::Table(head, rows)]);
    }
}

/// What one session may do several of.
fn components(builder: &Builder<'_>, blocks: &mut Vec<Block>) {
    let protocol = builder.protocol;
    if protocol.components.is_empty() {
        return;
    }
    let rows = protocol.components.iter().map(|one| {
        let immune = one.immune.map_or_else(|| "–".to_owned(), |immune| capital(&builder.english.condition(immune)));
        vec![Cell::from(one.in_words()), Cell::from(builder.products(&one.products, "or")), Cell::from(immune)]
    });
    let head = ["Component", "Products", "No longer needed if"].map(String::from).to_vec();
    let number = match protocol.component_number {
        ComponentNumber::Smallest => "smallest",
        ComponentNumber::Largest => "largest",
    };
    blocks.extend([
        Block::Heading("Components".into()),
        Block::Text(format!(
            "Each is judged separately. The number of the next session is the {number} of the components' numbers."
        )),
        Block::Table(head, rows.collect()),
    ]);
}

fn one(builder: &mut Builder<'_>, course: &Course, blocks: &mut Vec<Block>) {
    let counter = course.separate_by.as_ref();
    let english = builder.english.with_each(counter.map(|counter| counter.name.as_str()));
    let mut counts = Vec::new();
    counts.extend(course.minimum.map(|id| format!("at least {}", english.value(id))));
    counts.extend(course.planned.map(|id| format!("planned: {}", english.value(id))));
    counts.push(match (course.maximum, course.is_series) {
        (Some(id), _) => format!("at most {}", english.value(id)),
        (None, true) => format!("{} planned", course.sessions.len()),
        (None, false) => "no maximum".into(),
    });
    let mut notes = Vec::new();
    notes.extend(beyond_planned(course, &english));
    notes.extend(course.when.map(|when| format!("Offered when {}", english.condition(when))));
    if let Some(counter) = counter {
        notes.push(format!("Each {} has a count of its own", plain_name(&counter.name)));
        notes.extend(counter.planned.map(|planned| format!("What counts for a visit: {}", english.value(planned))));
    }
    if let Some(components) = &course.components {
        let names: Vec<String> = components.iter().map(|at| builder.protocol.components[*at].in_words()).collect();
        notes.push(format!("For {}", list(&names, "and")));
    }
    notes.extend(
        course
            .start_before
            .map(|age| format!("Only if the first valid session was given before the age of {}", builder.length(age))),
    );
    notes.extend(course.offer_from.map(|age| {
        format!("Offered from the age of {} on to patients too old for the courses before it", builder.length(age))
    }));
    if course.evaluation_only {
        notes.push("Recognised when it has been completed, never offered".into());
    }
    notes.extend(shared(builder, course, &english));
    let grace = builder.length(course.grace);
    match (grace != "0 days", course.too_early) {
        (true, TooEarly::Repeat) => notes.push(format!("A session up to {grace} early still counts")),
        (true, TooEarly::Counts) => notes.push(format!("A session up to {grace} early is not too early")),
        (false, _) => {}
    }
    match course.too_early {
        TooEarly::Repeat if !course.is_series => notes.push("A session that was given too early is given again".into()),
        TooEarly::Counts if !course.intervals.is_empty() => {
            let least = course.intervals.iter().any(|one| one.absolute_minimum.is_some());
            let unless = if least { ", from the day on which a past session counts" } else { "" };
            notes.push(format!("A session that was given too early still counts{unless}"));
        }
        _ => {}
    }
    let cites = builder.cite(&course.sources, Some(course.evidence));
    blocks.push(Block::Points(vec![Point {
        // Of several courses, each has its heading.
        lead: course
            .label
            .as_ref()
            .filter(|_| builder.protocol.courses.len() == 1)
            .map_or_else(|| "Sessions".into(), |label| capital(label)),
        text: capital(&counts.join("; ")),
        notes,
        cites,
        id: course.id.clone(),
        ..Point::default()
    }]));
    if course.is_series {
        series(builder, course, &english, blocks);
    } else {
        intervals(builder, course, &english, blocks);
    }
    let mut gaps = Vec::new();
    for gap in &course.gaps {
        let what = match gap.action {
            GapAction::Reassess => "assess again; the count goes on",
            GapAction::Restart => "the count starts again",
        };
        let notes = match (gap.action, course.restart_when_complete) {
            (GapAction::Reassess, _) => Vec::new(),
            (GapAction::Restart, Some(again)) => {
                vec![format!("After a complete course only if {}", english.condition(again))]
            }
            (GapAction::Restart, None) if course.is_series || course.maximum.is_some() => {
                vec!["Not after a complete course".into()]
            }
            (GapAction::Restart, None) => Vec::new(),
        };
        let cites = builder.cite(&gap.sources, None);
        let pause = format!("More than {} since the latest session: {what}", builder.length(gap.after));
        let (lead, text) = under(gap.label.as_ref(), pause, builder.sentence(&gap.reason));
        gaps.push(Point { lead, text, notes, cites, id: gap.id.clone(), ..Point::default() });
    }
    if let Some(list) = points(gaps) {
        blocks.extend([Block::Heading("After a long break".into()), list]);
    }
}

/// What stands out and what is said of it: the label where there is one, with the rule behind it.
fn under(label: Option<&String>, rule: String, reason: String) -> (String, String) {
    match label {
        Some(label) => (capital(label), format!("{rule}. {reason}")),
        None => (rule, reason),
    }
}

/// What follows the planned sessions, where there may be more.
fn beyond_planned(course: &Course, english: &English<'_>) -> Option<String> {
    match (course.planned, course.maximum, course.beyond_planned) {
        (_, _, Some(beyond)) => {
            Some(format!("More than the planned sessions are given only if {}", english.condition(beyond)))
        }
        (Some(_), Some(_), None) => Some("The planned sessions complete the course".into()),
        _ => None,
    }
}

fn intervals(builder: &mut Builder<'_>, course: &Course, english: &English<'_>, blocks: &mut Vec<Block>) {
    if course.intervals.is_empty() {
        return;
    }
    let mut rows = Vec::new();
    for one in &course.intervals {
        let when = one.when.map_or_else(|| "always".into(), |when| english.condition(when));
        let when = format!("{when}{}{}", in_force(one.in_force), before_others(one));
        let from = builder.reference(&one.from, english);
        let or_none = |length: Option<Length>| length.map_or_else(String::new, |length| builder.length(length));
        let mut minimum = builder.length(one.minimum);
        if let Some(absolute) = one.absolute_minimum {
            minimum.push_str(&format!("; a past session counts from {}", builder.length(absolute)));
        }
        let (recommended, latest) = (or_none(one.recommended), or_none(one.latest));
        let cites = builder.cite(&one.sources, None);
        rows.push(vec![
            Cell::from(capital(&when)),
            Cell::from(from),
            Cell::from(minimum),
            Cell::from(recommended),
            Cell::from(latest),
            Cell { text: labelled(one.label.as_ref(), builder.sentence(&one.reason)), cites, id: one.id.clone() },
        ]);
    }
    let head =
        ["Applies", "Counted from", "At least", "Recommended", "Late after", "Reason"].map(String::from).to_vec();
    blocks.extend([
        Block::Heading("Intervals between sessions".into()),
        Block::Text("All that apply must be met, so the longest minimum counts.".into()),
        Block::Table(head, rows),
    ]);
}

/// What is the same for every planned session: the ages, and what else decides, but for the distances.
fn shared(builder: &Builder<'_>, course: &Course, english: &English<'_>) -> Vec<String> {
    let ages = same(course.sessions.iter().map(|session| ages(builder, session)));
    let conditions = same(course.sessions.iter().map(|session| builder.conditions(session, english)));
    let ages = ages.into_iter().flatten().map(|age| format!("Age: {age}"));
    ages.chain(conditions.into_iter().flatten()).collect()
}

/// What all of them say, if they say the same.
fn same(mut all: impl Iterator<Item = Vec<String>>) -> Option<Vec<String>> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

fn ages(builder: &Builder<'_>, session: &PlannedSession) -> Vec<String> {
    session.ages.iter().map(|age| builder.age(age)).filter(|age| !age.is_empty()).collect()
}

/// A series: each planned session with its ages and distances, and what else decides where that differs.
fn series(builder: &mut Builder<'_>, course: &Course, english: &English<'_>, blocks: &mut Vec<Block>) {
    let differs = |what: &dyn Fn(&PlannedSession) -> Vec<String>| same(course.sessions.iter().map(what)).is_none();
    let own_ages = differs(&|session| ages(builder, session));
    let own_conditions = differs(&|session| builder.conditions(session, english));
    let mut rows = Vec::new();
    for (at, session) in course.sessions.iter().enumerate() {
        let all_of = |places: &std::ops::Range<usize>| -> Vec<String> {
            let with_reason = |one: &Interval| {
                let reason = builder.text(&one.reason);
                let reason = match reason.trim_end_matches('.') {
                    INTERVAL_REASON => String::new(),
                    reason => format!(": {reason}"),
                };
                labelled(one.label.as_ref(), format!("{}{reason}", builder.distance(one, english)))
            };
            course.intervals[places.clone()].iter().map(with_reason).collect()
        };
        let mut distances = all_of(&session.intervals);
        let allow = all_of(&session.allow);
        if !allow.is_empty() {
            distances.push(format!("a past session also counts if {}", allow.join(", and ")));
        }
        let mut name = session.name.clone().unwrap_or_else(|| format!("{}", at + 1));
        if session.repeat {
            name.push_str(", and again");
        }
        let or_dash = |all: Vec<String>| if all.is_empty() { "–".to_owned() } else { all.join(". ") };
        let mut row = vec![Cell::from(name)];
        if own_ages {
            row.push(Cell::from(or_dash(ages(builder, session))));
        }
        let all = session.intervals.start..session.allow.end;
        let sources: BTreeSet<usize> = course.intervals[all].iter().flat_map(|one| one.sources.clone()).collect();
        let cites = builder.cite(&sources.into_iter().collect::<Vec<_>>(), None);
        row.push(Cell { text: or_dash(distances), cites, ..Cell::default() });
        if own_conditions {
            row.push(Cell::from(or_dash(builder.conditions(session, english))));
        }
        rows.push(row);
    }
    let head = [("Session", true), ("Age", own_ages), ("Distance", true), ("Conditions", own_conditions)];
    let head = head.into_iter().filter(|(_, wanted)| *wanted).map(|(title, _)| title.to_owned()).collect();
    blocks.extend([Block::Heading("Planned sessions".into()), Block::Table(head, rows)]);
}
