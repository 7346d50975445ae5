//! The plan: how many sessions, how far apart.

use std::collections::BTreeSet;

use super::bounds::is_none;
use super::build::{Builder, labelled, points};
use super::{Block, Cell, Point, Section, capital};
use crate::english::{English, list, plain_name};
use crate::protocol::model::{
    ComponentNumber, Course, Faulty, GapAction, Interval, Length, PlannedSession, Products, Separation, TooEarly,
};

/// The reason of an interval that gives none.
const INTERVAL_REASON: &str = "the interval between sessions";

/// The plan of a protocol.
pub(super) fn course(builder: &mut Builder<'_>) -> Section {
    let protocol = builder.protocol;
    let mut blocks = Vec::new();
    if let Some(immune) = protocol.immune {
        match builder.english.condition_list(immune) {
            Some((above, conditions)) => {
                let text = builder.say("No session is needed any more if {}:", &[&builder.holding(&above)]);
                blocks.push(Block::Points(vec![Point { text, conditions, ..Point::default() }]));
            }
            None => blocks.push(Block::Text(
                builder.say("No session is needed any more if {}.", &[&builder.english.circumstance(immune)]),
            )),
        }
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
    // What several have in common is said once, above the first of them.
    let said = |one: &Separation| (one.label.clone(), builder.sentence(&one.reason));
    let common: Vec<_> = protocol.separations.iter().map(said).collect();
    let first = |at: usize| common.iter().position(|other| *other == common[at]).unwrap_or(at);
    let is_alone = |at: usize| common.iter().filter(|other| **other == common[at]).count() == 1;
    let mut in_order: Vec<usize> = (0..common.len()).collect();
    in_order.sort_by_key(|at| first(*at));
    for at in in_order {
        let one = &protocol.separations[at];
        if !is_alone(at) && first(at) == at {
            let (label, reason) = &common[at];
            let lead = label.as_ref().map_or_else(String::new, |label| capital(label));
            separations.push(Point { lead, text: reason.clone(), ..Point::default() });
        }
        let label =
            |name: &String| protocol.treatment_label(name).map_or_else(|| name.replace('-', " "), str::to_owned);
        let from = one.from.iter().map(label).collect::<Vec<_>>().join(", ");
        let cites = builder.cite(&one.sources, Some(one.evidence));
        let products = |phrase: &'static str, products: &Option<Products>| {
            products.as_ref().map(|products| builder.say(phrase, &[&builder.products(products, true)]))
        };
        let notes = [
            products("Only after {}", &one.products),
            products("Only before {}", &one.of),
            one.absolute_minimum.map(|least| match is_none(least) {
                true => builder.say("A past session always counts", &[]),
                false => builder.say("A past session counts from {}", &[&builder.length(least)]),
            }),
            one.same_day.then(|| builder.say("Both may be given on one day", &[])),
        ];
        let distance = builder.say("{}: at least {}", &[&capital(&from), &builder.length(one.minimum)]);
        let (lead, text) = match is_alone(at) {
            true => under(one.label.as_ref(), distance, builder.sentence(&one.reason)),
            false => (distance, String::new()),
        };
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
        blocks.extend([builder.heading("Intervals from other treatments"), list]);
    }
    builder.section("Treatment plan", "", blocks)
}

/// The groups of products that the rules name.
fn products(builder: &Builder<'_>, blocks: &mut Vec<Block>) {
    let rows = builder.protocol.product_groups.iter();
    let rows: Vec<Vec<Cell>> =
        rows.map(|group| vec![Cell::from(group.in_words()), Cell::from(group.products.join(", "))]).collect();
    if !rows.is_empty() {
        let head = builder.head(["Group", "Products"]);
        blocks.extend([builder.heading("Products"), Block::Table(head, rows)]);
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
        vec![Cell::from(one.in_words()), Cell::from(builder.products(&one.products, true)), Cell::from(immune)]
    });
    let head = builder.head(["Component", "Products", "No longer needed if"]);
    let number = match protocol.component_number {
        ComponentNumber::Smallest => {
            "Each is judged separately. The number of the next session is the smallest of the components' numbers."
        }
        ComponentNumber::Largest => {
            "Each is judged separately. The number of the next session is the largest of the components' numbers."
        }
    };
    blocks.extend([
        builder.heading("Components"),
        Block::Text(builder.say(number, &[])),
        Block::Table(head, rows.collect()),
    ]);
}

fn one(builder: &mut Builder<'_>, course: &Course, blocks: &mut Vec<Block>) {
    let counter = course.separate_by.as_ref();
    let english = builder.english.with_each(counter.map(|counter| counter.name.as_str()));
    let mut counts = Vec::new();
    let leads = course.label.is_some() && builder.protocol.courses.len() == 1;
    counts.extend(
        course
            .minimum
            .map(|id| builder.say(if leads { "sessions: at least {}" } else { "at least {}" }, &[&english.value(id)])),
    );
    counts.extend(course.planned.map(|id| builder.say("planned: {}", &[&english.value(id)])));
    counts.push(match (course.maximum, course.is_series) {
        (Some(id), _) => builder.say("at most {}", &[&english.value(id)]),
        // Which of them somebody is given, the table says: nobody is given all.
        (None, true) if course.sessions.iter().any(|session| session.skip.is_some()) => {
            builder.say("{} in the table, each for those who need it", &[&course.sessions.len().to_string()])
        }
        (None, true) => builder.say("{} planned", &[&course.sessions.len().to_string()]),
        (None, false) => builder.say("no maximum", &[]),
    });
    let mut notes = Vec::new();
    notes.extend(beyond_planned(builder, course, &english));
    notes.extend(course.when.map(|when| builder.say("Offered when {}", &[&english.circumstance(when)])));
    if let Some(counter) = counter {
        notes.push(builder.say("Each {} has a count of its own", &[&plain_name(&counter.name)]));
        notes.extend(
            counter.planned.map(|planned| builder.say("What counts for a visit: {}", &[&english.value(planned)])),
        );
    }
    if let Some(components) = &course.components {
        let names: Vec<String> = components.iter().map(|at| builder.protocol.components[*at].in_words()).collect();
        notes.push(builder.say("For {}", &[&list(&names, builder.speech().and)]));
    }
    notes.extend(course.start_before.map(|age| {
        builder.say("Only if the first valid session was given before the age of {}", &[&builder.length(age)])
    }));
    notes.extend(course.offer_from.map(|age| {
        builder
            .say("Offered from the age of {} on to patients too old for the courses before it", &[&builder.length(age)])
    }));
    if course.evaluation_only {
        notes.push(builder.say("Recognised when it has been completed, never offered", &[]));
    }
    let said = Series::of(builder, course, &english);
    notes.extend(shared(builder, course, &said));
    let grace = builder.length(course.grace);
    let has_grace = !is_none(course.grace);
    match (has_grace, course.too_early) {
        (true, TooEarly::Repeat) => notes.push(builder.say("A session up to {} early still counts", &[&grace])),
        (true, TooEarly::Counts) => notes.push(builder.say("A session up to {} early is not too early", &[&grace])),
        (false, _) => {}
    }
    if course.faulty == Faulty::StartsInterval {
        notes.push(builder.say("After a faulty session, which does not count, the next waits as after any other", &[]));
    }
    match course.too_early {
        TooEarly::Repeat if !course.is_series => {
            notes.push(builder.say("A session that was given too early is given again", &[]))
        }
        TooEarly::Counts if !course.intervals.is_empty() => {
            let least = course.intervals.iter().any(|one| one.absolute_minimum.is_some());
            notes.push(match least {
                true => builder.say(
                    "A session that was given too early still counts, from the day on which a past session counts",
                    &[],
                ),
                false => builder.say("A session that was given too early still counts", &[]),
            });
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
            .map_or_else(|| builder.say("Sessions", &[]), |label| capital(label)),
        text: capital(&counts.join("; ")),
        notes,
        cites,
        id: course.id.clone(),
        ..Point::default()
    }]));
    if course.is_series {
        series(builder, course, &english, &said, blocks);
    } else {
        intervals(builder, course, &english, blocks);
    }
    let mut gaps = Vec::new();
    for gap in &course.gaps {
        let what = match gap.action {
            GapAction::Reassess => "More than {} since the latest session: assess again; the count goes on",
            GapAction::Restart => "More than {} since the latest session: the count starts again",
        };
        let notes = match (gap.action, course.restart_when_complete) {
            (GapAction::Reassess, _) => Vec::new(),
            (GapAction::Restart, Some(again)) => {
                vec![builder.say("After a complete course only if {}", &[&english.circumstance(again)])]
            }
            (GapAction::Restart, None) if course.is_series || course.maximum.is_some() => {
                vec![builder.say("Not after a complete course", &[])]
            }
            (GapAction::Restart, None) => Vec::new(),
        };
        let cites = builder.cite(&gap.sources, None);
        let pause = builder.say(what, &[&builder.length(gap.after)]);
        let (lead, text) = under(gap.label.as_ref(), pause, builder.sentence(&gap.reason));
        gaps.push(Point { lead, text, notes, cites, id: gap.id.clone(), ..Point::default() });
    }
    if let Some(list) = points(gaps) {
        blocks.extend([builder.heading("After a long break"), list]);
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
fn beyond_planned(builder: &Builder<'_>, course: &Course, english: &English<'_>) -> Option<String> {
    match (course.planned, course.maximum, course.beyond_planned) {
        (_, _, Some(beyond)) => {
            Some(builder.say("More than the planned sessions are given only if {}", &[&english.circumstance(beyond)]))
        }
        (Some(_), Some(_), None) => Some(builder.say("The planned sessions complete the course", &[])),
        _ => None,
    }
}

fn intervals(builder: &mut Builder<'_>, course: &Course, english: &English<'_>, blocks: &mut Vec<Block>) {
    if course.intervals.is_empty() {
        return;
    }
    let mut rows = Vec::new();
    for one in &course.intervals {
        let when = one.when.map_or_else(|| builder.say("always", &[]), |when| english.condition(when));
        let when = format!("{when}{}{}", builder.in_force(one.in_force), builder.before_others(one));
        let from = builder.reference(&one.from, english);
        let or_none = |length: Option<Length>| length.map_or_else(String::new, |length| builder.length(length));
        let mut minimum = builder.length(one.minimum);
        if let Some(absolute) = one.absolute_minimum {
            minimum.push_str(&builder.say("; a past session counts from {}", &[&builder.length(absolute)]));
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
    let mut head = builder.head(["Applies", "Counted from", "At least", "Recommended", "Late after", "Reason"]);
    // A column in which nothing stands looks as if something had been forgotten.
    for at in (0..head.len()).rev() {
        if rows.iter().all(|row: &Vec<Cell>| row[at] == Cell::default()) {
            head.remove(at);
            rows.iter_mut().for_each(|row| drop(row.remove(at)));
        }
    }
    blocks.extend([
        builder.heading("Intervals between sessions"),
        Block::Text(builder.say("All that apply must be met, so the longest minimum counts.", &[])),
        Block::Table(head, rows),
    ]);
}

/// What is said once for every planned session: the ages where they are the same, and what else all of them have in common, but for the
/// distances; and the products of most, where each names those that count.
fn shared(builder: &Builder<'_>, course: &Course, said: &Series) -> Vec<String> {
    let ages = same(course.sessions.iter().map(|session| ages(builder, session)));
    let ages = ages.into_iter().flatten().map(|age| builder.say("Age: {}", &[&age]));
    let usual = said.usual_products.iter();
    let usual = usual.map(|usual| builder.say("Products that count, where the table names no others: {}", &[usual]));
    ages.chain(said.common.iter().cloned()).chain(usual).collect()
}

/// What the planned sessions of a course say.
struct Series {
    /// The conditions of each.
    conditions: Vec<Vec<String>>,
    /// The conditions that all of them have.
    common: Vec<String>,
    /// The products that count for most of them, if not for all.
    usual_products: Option<String>,
}

impl Series {
    fn of(builder: &Builder<'_>, course: &Course, english: &English<'_>) -> Series {
        let sessions = course.sessions.iter();
        let conditions: Vec<Vec<String>> = sessions.map(|session| builder.conditions(session, english)).collect();
        let first = conditions.first().into_iter().flatten();
        let common = first.filter(|one| conditions.iter().all(|other| other.contains(one))).cloned().collect();
        Series { conditions, common, usual_products: usual_products(builder, course) }
    }
}

/// The products that count for most sessions, if not for all.
fn usual_products(builder: &Builder<'_>, course: &Course) -> Option<String> {
    let all: Option<Vec<String>> = course.sessions.iter().map(|session| builder.accepted(&session.accept)).collect();
    let all = all?;
    let count = |products: &String| all.iter().filter(|other| *other == products).count();
    // Of two that are as frequent, the first.
    let usual = all.iter().rev().max_by_key(|products| count(products))?;
    (count(usual) > 1 && count(usual) < all.len()).then(|| usual.clone())
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
fn series(builder: &mut Builder<'_>, course: &Course, english: &English<'_>, said: &Series, blocks: &mut Vec<Block>) {
    let differs = |what: &dyn Fn(&PlannedSession) -> Vec<String>| same(course.sessions.iter().map(what)).is_none();
    let own_ages = differs(&|session| ages(builder, session));
    let mut told = said.common.clone();
    told.extend(said.usual_products.iter().map(|products| builder.say("Products that count: {}", &[products])));
    let own = |all: &Vec<String>| all.iter().filter(|one| !told.contains(one)).cloned().collect();
    let conditions: Vec<Vec<String>> = said.conditions.iter().map(own).collect();
    let own_conditions = conditions.iter().any(|all| !all.is_empty());
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
            distances
                .push(builder.say("a past session also counts if {}", &[&allow.join(&builder.say(", and ", &[]))]));
        }
        let mut name = session.name.clone().unwrap_or_else(|| format!("{}", at + 1));
        if session.repeat {
            name.push_str(&builder.say(", and again", &[]));
        }
        let sentences = |all: Vec<String>| all.iter().map(|one| capital(one)).collect::<Vec<_>>().join(". ");
        let or_dash = |all: Vec<String>| if all.is_empty() { "–".to_owned() } else { sentences(all) };
        let mut row = vec![Cell::from(name)];
        if own_ages {
            row.push(Cell::from(or_dash(ages(builder, session))));
        }
        let all = session.intervals.start..session.allow.end;
        let sources: BTreeSet<usize> = course.intervals[all].iter().flat_map(|one| one.sources.clone()).collect();
        let cites = builder.cite(&sources.into_iter().collect::<Vec<_>>(), None);
        row.push(Cell { text: or_dash(distances), cites, ..Cell::default() });
        if own_conditions {
            row.push(Cell::from(or_dash(conditions[at].clone())));
        }
        rows.push(row);
    }
    let head = [("Session", true), ("Age", own_ages), ("Distance", true), ("Conditions", own_conditions)];
    let head = head.into_iter().filter(|(_, wanted)| *wanted).map(|(title, _)| builder.say(title, &[])).collect();
    blocks.extend([builder.heading("Planned sessions"), Block::Table(head, rows)]);
}
