//! The plan: how many sessions, how far apart.

use super::build::{Builder, points, section};
use super::{Block, Cell, Point, Section, capital, sentence};
use crate::english::{English, plain_name};
use crate::protocol::model::{Course, GapAction, Length, Reference};

/// The plan of a protocol.
pub(super) fn course(builder: &mut Builder<'_>) -> Section {
    let protocol = builder.protocol;
    let mut blocks = Vec::new();
    for course in &protocol.courses {
        if protocol.courses.len() > 1 {
            blocks.push(Block::Heading(capital(&course.id.replace('-', " "))));
        }
        one(builder, course, &mut blocks);
    }
    let mut separations = Vec::new();
    for one in &protocol.separations {
        let from = one.from.iter().map(|treatment| treatment.replace('-', " ")).collect::<Vec<_>>().join(", ");
        let cites = builder.cite(&one.sources, Some(one.evidence));
        separations.push(Point {
            lead: format!("{}: at least {}", capital(&from), builder.length(one.minimum)),
            text: sentence(&one.reason),
            cites,
            id: one.id.clone(),
            ..Point::default()
        });
    }
    if let Some(list) = points(separations) {
        blocks.extend([Block::Heading("Distance from other treatments".into()), list]);
    }
    section("The plan", "", blocks)
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
    notes.extend(course.when.map(|when| format!("Offered when {}", english.condition(when))));
    if let Some(counter) = counter {
        notes.push(format!("Each {} has a count of its own", plain_name(&counter.name)));
        notes.extend(counter.planned.map(|planned| format!("What counts for a visit: {}", english.value(planned))));
    }
    let grace = builder.length(course.grace);
    if grace != "0 days" {
        notes.push(format!("A session up to {grace} early still counts"));
    }
    let cites = builder.cite(&course.sources, Some(course.evidence));
    blocks.push(Block::Points(vec![Point {
        lead: "Sessions".into(),
        text: counts.join("; "),
        notes,
        cites,
        id: course.id.clone(),
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
        let cites = builder.cite(&gap.sources, None);
        gaps.push(Point {
            lead: format!("More than {} since the latest session: {what}", builder.length(gap.after)),
            text: sentence(&gap.reason),
            cites,
            id: gap.id.clone(),
            ..Point::default()
        });
    }
    if let Some(list) = points(gaps) {
        blocks.extend([Block::Heading("After a long break".into()), list]);
    }
}

fn intervals(builder: &mut Builder<'_>, course: &Course, english: &English<'_>, blocks: &mut Vec<Block>) {
    if course.intervals.is_empty() {
        return;
    }
    let mut rows = Vec::new();
    for one in &course.intervals {
        let when = one.when.map_or_else(|| "always".into(), |when| english.condition(when));
        let from = match one.from {
            Reference::Previous => "the session before".into(),
            Reference::First => "the first session".into(),
            Reference::Session(number) => format!("session {number}"),
            Reference::Latest(_) => "the latest session with one of certain products".into(),
            Reference::Date(date) => english.value(date),
        };
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
            Cell { text: sentence(&one.reason), cites },
        ]);
    }
    let head = ["Applies", "Counted from", "At least", "Best", "Late after", "Why"].map(String::from).to_vec();
    blocks.extend([
        Block::Heading("Distance between sessions".into()),
        Block::Text("All that apply hold together: the longest minimum wins.".into()),
        Block::Table(head, rows),
    ]);
}

/// A series: each planned session with its ages and distances.
fn series(builder: &mut Builder<'_>, course: &Course, english: &English<'_>, blocks: &mut Vec<Block>) {
    let mut rows = Vec::new();
    for (at, session) in course.sessions.iter().enumerate() {
        let length = |length: Option<Length>| length.map(|length| builder.length(length));
        let mut ages = Vec::new();
        if let Some(age) = session.ages.first() {
            ages.extend(length(age.minimum).map(|age| format!("from {age}")));
            ages.extend(length(age.recommended).map(|age| format!("best at {age}")));
            ages.extend(length(age.latest).map(|age| format!("late from {age}")));
            ages.extend(length(age.maximum).map(|age| format!("not from {age} on")));
        }
        let mut distances = Vec::new();
        for one in &course.intervals[session.intervals.clone()] {
            let from = match one.from {
                Reference::Previous => "the session before".to_owned(),
                Reference::First => "the first session".to_owned(),
                Reference::Session(number) => format!("session {number}"),
                Reference::Latest(_) => "the latest session with one of certain products".to_owned(),
                Reference::Date(date) => english.value(date),
            };
            let best = length(one.recommended).map_or_else(String::new, |best| format!(", best {best}"));
            distances.push(format!("at least {} after {from}{best}", builder.length(one.minimum)));
        }
        let mut name = session.name.clone().unwrap_or_else(|| format!("{}", at + 1));
        if session.repeat {
            name.push_str(", and again");
        }
        let or_dash = |all: Vec<String>| if all.is_empty() { "–".to_owned() } else { all.join("; ") };
        rows.push(vec![Cell::from(name), Cell::from(or_dash(ages)), Cell::from(or_dash(distances))]);
    }
    let head = ["Session", "Age", "Distance"].map(String::from).to_vec();
    blocks.extend([Block::Heading("Planned sessions".into()), Block::Table(head, rows)]);
}

impl Builder<'_> {
    /// `28 days (filler wait)`
    pub(super) fn length(&self, length: Length) -> String {
        match length {
            Length::Fixed(duration) => duration.to_string(),
            Length::Parameter(at, _) => {
                let one = &self.protocol.parameters[usize::from(at)];
                format!("{} ({})", self.protocol.program.show(one.value, &one.ty), plain_name(&one.name))
            }
        }
    }
}
