//! The course in the trace: what it rests on, its bounds, its sessions, where its dates come from.

use std::collections::{BTreeMap, BTreeSet};

use crate::course::Bound;
use crate::date::Date;
use crate::explain::derivation::Step;
use crate::explain::products::Wait;
use crate::explain::trace::{Writer, node};
use crate::lang::ExprId;
use crate::logic::Tri;
use crate::logic::value::Value;
use crate::protocol::model::{Course, Reference};
use crate::recommendation::PastSession;
use crate::speech::ENGLISH;
use crate::trace::{Depth, Operator, Outcome, Period, StepKind, TraceNode};
use crate::worlds::{CourseNode, Dated, Found};

impl Writer<'_, '_> {
    pub(super) fn course(&mut self, dates: &[Dated]) {
        let view = self.view;
        let schedule = &view.assessment.schedule;
        let depth = view.request.depth;
        let start = self.nodes.len();
        if depth > Depth::Verdict {
            self.conditions(dates);
            self.offered();
        }
        let Some(course) = schedule.course.map(|at| &view.protocol.courses[at]) else {
            // Rules may wait for a day where there is no course.
            if depth > Depth::Verdict {
                self.dates(dates);
            }
            return;
        };
        let id = |part: &str| format!("course.{}.{part}", course.id);
        let first = self.nodes.len();
        self.bounds(course);
        self.tell_apart(start);
        let mut operands: Vec<String> = self.nodes[first..].iter().map(|node| node.id.clone()).collect();
        if let Some(report) = schedule.report.as_ref().filter(|_| depth > Depth::Verdict) {
            for (at, past) in report.past.iter().enumerate() {
                let written = session(id(&session_id(&report.past, at)), past);
                operands.push(written.id.clone());
                self.nodes.push(written);
            }
        }
        // A series has bounds of its own for every session; of alike ones, the window tells enough unless all is wanted.
        if depth == Depth::Full || course.is_series {
            // Of a pause of which that is not known, one way that it may turn out says nothing.
            let open: Vec<(usize, usize)> = schedule.open_pauses().collect();
            let gap = |(of, at): &(usize, usize)| &view.protocol.courses[*of].gaps[*at];
            let is_open = |told: &&CourseNode| open.iter().any(|pause| told.place.as_ref() == Some(&gap(pause).place));
            for told in schedule.nodes.iter().filter(|told| !is_open(told)) {
                let outcome = match &told.found {
                    Found::Holds(holds) => Outcome::Truth((*holds).into()),
                    Found::Value(value) => Outcome::Value(value.clone()),
                };
                let mut written = node(format!("course.{}", told.id), told.kind, outcome);
                written.text = Some(told.text.clone());
                written.derived = told.derived.clone();
                written.period = told.period;
                written.line = told.place.as_ref().map(|place| view.protocol.line(place));
                // A pause that asks for a reassessment has decided that there is a precaution.
                let mut pauses = schedule.reassess.iter().filter(|(_, truth)| truth.is_true());
                written.decisive = matches!(told.found, Found::Holds(true))
                    && pauses
                        .any(|((of, at), _)| told.place.as_ref() == Some(&view.protocol.courses[*of].gaps[*at].place));
                self.nodes.push(written);
            }
            for pause in &open {
                let (course, gap) = (&view.protocol.courses[pause.0], gap(pause));
                let id = format!("course.{}.{}", course.id, gap.id);
                let mut written = node(id, StepKind::Course, Outcome::Truth(Tri::Unknown));
                let after = gap.after.with(&view.known.parameters);
                written.text = Some(format!("more than {after} since the last session"));
                written.line = Some(view.protocol.line(&gap.place));
                let mut missing = Vec::new();
                let open = schedule.pausing.get(pause).into_iter().flatten();
                open.for_each(|open| view.missing_in_course(*open, &mut missing));
                written.unknown = self.reported(missing);
                self.nodes.push(written);
            }
        }
        self.tell_apart(start);
        if depth == Depth::Full {
            self.seasons(dates, start);
        }
        // Whether more than the planned sessions are given, and whether a pause begins a new course.
        let mut ends = Vec::new();
        let conditions =
            [("beyond_planned", course.beyond_planned), ("restart_when_complete", course.restart_when_complete)];
        for (part, condition) in conditions.into_iter().filter(|_| depth == Depth::Full) {
            for (value, root) in condition.into_iter().flat_map(|condition| view.of_values(course, condition)) {
                let value = value.map_or_else(String::new, |value| format!("{value}."));
                let id = id(&format!("{value}{part}"));
                self.rests_on(&id, root);
                ends.push(id);
            }
        }
        let mut missing = Vec::new();
        for open in &schedule.open {
            self.view.missing_in_course(*open, &mut missing);
        }
        let parts = [
            ("too-early", schedule.too_early),
            ("over", schedule.over),
            ("past", schedule.past),
            ("overdue", schedule.overdue),
        ];
        for (part, truth) in parts {
            if (depth == Depth::Verdict && !truth.is_true()) || (part == "past" && truth.is_false()) {
                continue;
            }
            let mut written = node(id(part), StepKind::Course, Outcome::Truth(truth));
            written.line = Some(view.protocol.line(&course.place));
            match part {
                "too-early" => written.operands = std::mem::take(&mut operands),
                "over" => written.operands = std::mem::take(&mut ends),
                _ => {}
            }
            if truth.is_unknown() {
                written.unknown = self.reported(missing.clone());
            }
            self.nodes.push(written);
        }
        if depth > Depth::Verdict {
            self.dates(dates);
            for Wait { separation, until: derived, .. } in view.waits_of_products() {
                let (id, date) = (id(&format!("products.{}", separation.id)), derived.date.to_string());
                let mut written = node(id, StepKind::Date, Outcome::Value(date));
                written.text = Some(derived.to_string());
                written.line = Some(view.protocol.line(&separation.place));
                written.derived = Some(derived);
                self.nodes.push(written);
            }
        }
    }

    /// Gives a number to each node since a place whose id one before it has: a bound that several planned sessions have, a check of one of
    /// two sessions on a day.
    fn tell_apart(&mut self, start: usize) {
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for written in self.nodes.iter_mut().skip(start) {
            let count = seen.entry(written.id.clone()).or_insert(0);
            *count += 1;
            if *count > 1 {
                written.id = format!("{}#{count}", written.id);
            }
        }
    }

    /// The seasons that dates rest on and no check has told of: those of other years, and of sessions to come.
    fn seasons(&mut self, dates: &[Dated], start: usize) {
        let view = self.view;
        let bounds = self.nodes[start..].iter().filter_map(|node| node.derived.as_ref());
        let anchors = dates.iter().map(|dated| &dated.derived).chain(bounds).flat_map(|derived| &derived.from);
        let days: BTreeSet<Date> = anchors.filter(|anchor| anchor.id == "season").map(|anchor| anchor.date).collect();
        for day in days {
            let is_told = |node: &TraceNode| {
                let last = |period: Period| period.until.map(|until| until.plus_days(-1));
                let ends = node.period.filter(|_| node.id.ends_with(".season"));
                ends.is_some_and(|period| [period.from, last(period)].contains(&Some(day)))
            };
            if self.nodes[start..].iter().any(is_told) {
                continue;
            }
            let of_course = |course: &'_ Course| {
                let seasons = course.sessions.iter().filter_map(|planned| Some((planned, planned.season?.around(day))));
                let mut seasons = seasons.filter(|(_, season)| [season.from, season.until].contains(&Some(day)));
                seasons.next().map(|(planned, season)| (course.id.clone(), planned.place.clone(), season))
            };
            let Some((course, place, season)) = view.protocol.courses.iter().find_map(of_course) else { continue };
            let period = Period::through(view.known.today, season.from, season.until);
            let outcome = Outcome::Truth(period.holds().into());
            let mut written = node(format!("course.{course}.{day}.season"), StepKind::Course, outcome);
            written.text = Some(crate::worlds::season_words(season));
            written.period = Some(period);
            written.line = Some(view.protocol.line(&place));
            self.nodes.push(written);
        }
    }

    /// A condition or a date that the course rests on: with all its parts, or in one node.
    pub(super) fn rests_on(&mut self, id: &str, step: Step) {
        let view = self.view;
        if view.request.depth == Depth::Full {
            self.decisive = view.decisive(step);
            self.expression(id, step);
            return;
        }
        let (program, value) = (&view.protocol.program, view.derivation.value(step));
        let ty = &program.node(step.id).ty;
        let outcome = match ty {
            crate::lang::Type::Bool => Outcome::Truth(value.truth()),
            _ => Outcome::Value(program.show(value, ty)),
        };
        let mut written = node(id.to_owned(), StepKind::Course, outcome);
        written.origin = self.origin(step);
        written.text = Some(view.protocol.written(step.id));
        written.line = self.line(step.id);
        if value == Value::Unknown {
            let mut missing = Vec::new();
            view.missing(step, &mut missing);
            written.unknown = self.reported(missing);
        }
        self.nodes.push(written);
    }

    /// What the courses rest on: whether any session is needed, which courses are offered, when their intervals apply and from when
    /// they are counted.
    fn conditions(&mut self, dates: &[Dated]) {
        let view = self.view;
        let protocol = view.protocol;
        let root = |id: ExprId| view.derivation.root(id, None);
        if let Some(birth) = protocol.birth {
            self.rests_on("date_of_birth", root(birth));
            // It is written nowhere.
            self.nodes.iter_mut().rev().take(1).for_each(|node| node.text = None);
        }
        if let Some(immune) = protocol.immune {
            self.rests_on("course.immune", root(immune));
        }
        for component in &protocol.components {
            if let Some(immune) = component.immune {
                self.rests_on(&format!("course.immune.{}", component.id), root(immune));
            }
        }
        for course in &protocol.courses {
            if let Some(when) = course.when {
                self.rests_on(&format!("course.{}.when", course.id), root(when));
                if view.derivation.truth(root(when)).is_false() {
                    continue;
                }
            }
            for (path, each) in self.paths(course, dates) {
                // What a course says of all its sessions, each of them has.
                let mut told: Vec<&str> = Vec::new();
                for interval in &course.intervals {
                    if told.contains(&interval.id.as_str()) {
                        continue;
                    }
                    told.push(&interval.id);
                    let of = |id: ExprId| match course.separate_by.as_ref().and_then(|counter| counter.body(id)) {
                        Some(_) => view.derivation.root(id, each),
                        None => root(id),
                    };
                    if let Some(when) = interval.when {
                        self.rests_on(&format!("course.{path}.{}.when", interval.id), of(when));
                    }
                    if let Reference::Date(from) = interval.from {
                        self.rests_on(&format!("course.{path}.{}.from", interval.id), of(from));
                    }
                }
            }
        }
    }

    /// Whether any course is meant for the patient, where each asks for something or none could be chosen.
    fn offered(&mut self) {
        let view = self.view;
        let courses = &view.protocol.courses;
        let offered = !view.assessment.schedule.no_course;
        let asks = courses.iter().all(|course| course.when.is_some());
        if view.request.depth < Depth::Full || courses.is_empty() || (!asks && offered.is_true()) {
            return;
        }
        let mut written = node("course.offered".into(), StepKind::Course, Outcome::Truth(offered));
        let when = |course: &Course| {
            course.when.map_or(Tri::True, |when| view.derivation.truth(view.derivation.root(when, None)))
        };
        if asks && offered == courses.iter().map(when).fold(Tri::False, Tri::or) {
            written.operator = Some(Operator::Or);
            written.operands = courses.iter().map(|course| format!("course.{}.when", course.id)).collect();
        } else {
            // Also by its ages, and by what was given.
            written.text = Some("one of the courses can be begun or continued, or is complete".into());
        }
        self.nodes.push(written);
    }

    /// What a course is judged for, as it stands in ids: the course, one of the components, or one of the values.
    fn paths(&self, course: &Course, dates: &[Dated]) -> Vec<(String, Option<Value>)> {
        let view = self.view;
        if let Some(counter) = &course.separate_by {
            let schedule = &view.assessment.schedule;
            let path = |at: usize| format!("{}.{}", course.id, counter.choices[at]);
            let told = schedule.report.iter().flat_map(|report| &report.components);
            let told = told.filter_map(|part| counter.choices.iter().position(|choice| *choice == part.id));
            let mut values: Vec<usize> = told.collect();
            // Also those that a date rests on, although nothing else is told of them.
            let rests = dates.iter().map(|dated| &dated.derived).chain(schedule.derived.values());
            let rests: Vec<&str> = rests
                .flat_map(|derived| derived.from.iter().map(|anchor| &anchor.id).chain(&derived.condition))
                .map(String::as_str)
                .collect();
            let is_read = |at: &usize| rests.iter().any(|id| id.starts_with(&format!("course.{}.", path(*at))));
            let more: Vec<usize> =
                (0..counter.choices.len()).filter(|at| !values.contains(at)).filter(is_read).collect();
            values.extend(more);
            let value = |at: usize| (path(at), Some(Value::Choice(crate::narrow::u8(at))));
            let values: Vec<_> = values.into_iter().map(value).collect();
            return if values.is_empty() { vec![(course.id.clone(), None)] } else { values };
        }
        let components = &view.protocol.components;
        if components.is_empty() {
            return vec![(course.id.clone(), None)];
        }
        let is_for = |at: &usize| course.components.as_ref().is_none_or(|own| own.contains(at));
        (0..components.len()).filter(is_for).map(|at| (format!("{}.{}", course.id, components[at].id), None)).collect()
    }

    /// What holds back today, or does not any more.
    fn bounds(&mut self, course: &Course) {
        let view = self.view;
        let schedule = &view.assessment.schedule;
        let verdict = view.request.depth == Depth::Verdict;
        for (bound, (truth, date)) in &schedule.bounds {
            let place = match bound {
                Bound::Interval(of, at) => &view.protocol.courses[*of].intervals[*at].place,
                Bound::Separation(at) => &view.protocol.separations[*at].place,
                Bound::Age(of, at) | Bound::Season(of, at) => view.protocol.courses[*of].place_of_session(*at),
                Bound::Restart(of, at) => &view.protocol.courses[*of].gaps[*at].place,
                Bound::LastSession => continue,
            };
            let part = crate::worlds::bound_id(view.protocol, *bound);
            let mut write = |part: String, truth: Tri, date: Date, value: Option<u8>| {
                if verdict && !truth.is_true() {
                    return;
                }
                let mut written = node(format!("course.{}.{part}", course.id), StepKind::Bound, Outcome::Truth(truth));
                written.derived = schedule.derived.get(&(*bound, value)).cloned();
                let why = written.derived.as_ref().map_or_else(String::new, |derived| format!(": {derived}"));
                written.text = Some(format!("holds back until {date}{why}"));
                written.line = Some(view.protocol.line(place));
                written.decisive = truth.is_true();
                self.nodes.push(written);
            };
            // Where each value has a count of its own, the bound is told for each.
            let mut values = schedule.values.iter().filter(|((of, _), _)| of == bound).peekable();
            if values.peek().is_none() {
                write(part, *truth, *date, None);
                continue;
            }
            let mut held = Tri::False;
            for ((_, value), (own, date)) in values {
                held = held.or(*own);
                write(format!("{}.{part}", view.protocol.value_name(*value)), *own, *date, Some(*value));
            }
            // It may hold back one of them for certain, although nobody knows which.
            if truth.is_true() && !held.is_true() {
                write(part, *truth, *date, None);
            }
        }
    }

    /// Where the dates come from. A date that a bound tells of already is not told twice; what is made of the next session is for who wants all.
    fn dates(&mut self, dates: &[Dated]) {
        let full = self.view.request.depth == Depth::Full;
        let bounds: Vec<TraceNode> = self.nodes.iter().filter(|node| node.kind == StepKind::Bound).cloned().collect();
        let same = |dated: &Dated| bounds.iter().find(|bound| bound.derived.as_ref() == Some(&dated.derived));
        let mut renamed: Vec<(&str, &str)> = Vec::new();
        for dated in dates {
            let is_of_answer = !dated.id.starts_with("course.") || dated.id.contains(".next.");
            if !full && (!is_of_answer || dated.id.ends_with(".given")) {
                continue;
            }
            if let Some(bound) = same(dated).filter(|_| is_of_answer) {
                renamed.push((&dated.id, &bound.id));
                continue;
            }
            let mut derived = dated.derived.clone();
            for anchor in &mut derived.from {
                if let Some((_, id)) = renamed.iter().find(|(id, _)| *id == anchor.id) {
                    anchor.id = (*id).to_owned();
                }
            }
            let mut written = node(dated.id.clone(), StepKind::Date, Outcome::Value(derived.date.to_string()));
            written.text = Some(derived.to_string());
            written.derived = Some(derived);
            self.nodes.push(written);
        }
    }
}

/// The name of a recorded session: its day; of a second one on that day, with its place among them.
fn session_id(past: &[PastSession], at: usize) -> String {
    let date = &past[at].date;
    match past[..at].iter().filter(|other| other.date == *date).count() {
        0 => format!("sessions.{date}"),
        before => format!("sessions.{date}.{}", before + 1),
    }
}

/// A recorded session and what became of it.
fn session(id: String, past: &PastSession) -> TraceNode {
    let mut written = node(id, StepKind::Session, Outcome::Value(past.verdict.to_string()));
    written.text = past.in_words(&ENGLISH);
    written
}
