//! One change of a protocol's model.

use crate::lang::{Expr, ExprId};
use crate::logic::Value;
use crate::mutation::{equivalent, idle};
use crate::protocol::Protocol;
use crate::protocol::model::{Action, Length, ProtocolModel, Quantity, Says};

/// What is changed, by its place in the model.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// An operation of an expression.
    Node(ExprId, Expr),
    /// What a parameter is set to.
    Parameter(usize, Value),
    /// A length of time of the courses and separations, in the order of [`lengths`].
    Length(usize, Length),
    /// No such rule.
    NoRule(usize),
    /// No such row: the setting's place, and its own.
    NoRow(usize, usize),
    /// Another number in a row: the first or the second of it.
    RowNumber(usize, usize, usize, Quantity),
    /// No such limit of a precaution: the rule's place, and its own.
    NoLimit(usize, usize),
    /// Another limit.
    Limit(usize, usize, Quantity),
    /// No such interval: the course's place, and its own.
    NoInterval(usize, usize),
    /// No such gap: the course's place, and its own.
    NoGap(usize, usize),
    /// No such separation.
    NoSeparation(usize),
}

impl Change {
    /// The protocol with this change.
    pub(super) fn made_of(&self, protocol: &Protocol) -> Protocol {
        let mut model = (**protocol).clone();
        self.apply(&mut model);
        Protocol::from(model)
    }

    /// Whether it is proven to change nothing for anybody.
    pub(super) fn is_equivalent(&self, protocol: &Protocol) -> bool {
        match self {
            Change::Node(id, expr) => equivalent::is_equivalent(protocol, *id, expr),
            Change::Length(at, length) => idle::is_equivalent(protocol, *at, *length),
            _ => false,
        }
    }

    fn apply(&self, model: &mut ProtocolModel) {
        match self {
            Change::Node(id, expr) => model.program.nodes[id.0 as usize].expr = expr.clone(),
            Change::Parameter(at, value) => model.parameters[*at].value = *value,
            Change::Length(at, length) => {
                if let Some((_, place)) = lengths(model).into_iter().nth(*at) {
                    *place = *length;
                }
            }
            Change::NoRule(at) => {
                model.rules.remove(*at);
            }
            Change::NoRow(setting, row) => {
                model.settings[*setting].rows.remove(*row);
            }
            Change::RowNumber(setting, row, which, number) => {
                match (&mut model.settings[*setting].rows[*row].says, which) {
                    (Says::Value(value), _) | (Says::Range(value, _), 0) | (Says::Range(_, value), _) => {
                        *value = number.clone();
                    }
                    (Says::Text(_), _) => {}
                }
            }
            Change::NoLimit(rule, at) => {
                if let Action::Precaution { limits, .. } = &mut model.rules[*rule].action {
                    limits.remove(*at);
                }
            }
            Change::Limit(rule, at, number) => {
                if let Action::Precaution { limits, .. } = &mut model.rules[*rule].action {
                    limits[*at].1 = number.clone();
                }
            }
            Change::NoInterval(course, at) => {
                let course = &mut model.courses[*course];
                course.intervals.remove(*at);
                // Sessions name theirs by place.
                let moved = |end: &mut usize| *end -= usize::from(*end > *at);
                for planned in &mut course.sessions {
                    for range in [&mut planned.intervals, &mut planned.allow] {
                        moved(&mut range.start);
                        moved(&mut range.end);
                    }
                }
            }
            Change::NoGap(course, at) => {
                model.courses[*course].gaps.remove(*at);
            }
            Change::NoSeparation(at) => {
                model.separations.remove(*at);
            }
        }
    }
}

/// What a length of time belongs to, its name, and the line of its declaration.
#[derive(Clone, Debug)]
pub(super) struct LengthOf {
    pub(super) of: String,
    pub(super) name: &'static str,
    pub(super) bounds: Bounds,
    pub(super) place: crate::diagnostic::Place,
}

/// What a length of time bounds, by places in the model.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bounds {
    /// A course.
    Course(usize),
    /// An interval of a course.
    Interval(usize, usize),
    /// An age of a planned session of a course.
    Age(usize, usize, usize),
    /// Something else.
    Other,
}

/// Every length of time of the courses and separations, always in the same order.
pub(super) fn lengths(model: &mut ProtocolModel) -> Vec<(LengthOf, &mut Length)> {
    let mut all = Vec::new();
    for (in_course, course) in model.courses.iter_mut().enumerate() {
        let place = course.place.clone();
        let at = |of: String, name| LengthOf { of, name, bounds: Bounds::Course(in_course), place: place.clone() };
        let id = &course.id;
        let own = [("start_before", course.start_before.as_mut()), ("offer_from", course.offer_from.as_mut())];
        let own = own.into_iter().chain([("grace", Some(&mut course.grace))]);
        all.extend(own.filter_map(|(name, length)| Some((at(format!("course {id}"), name), length?))));
        for (at, interval) in course.intervals.iter_mut().enumerate() {
            let (of, place) = (format!("interval {}", interval.id), interval.place.clone());
            let of = LengthOf { of, name: "", bounds: Bounds::Interval(in_course, at), place };
            let lengths = [
                ("minimum", Some(&mut interval.minimum)),
                ("absolute_minimum", interval.absolute_minimum.as_mut()),
                ("recommended", interval.recommended.as_mut()),
                ("latest", interval.latest.as_mut()),
            ];
            all.extend(
                lengths.into_iter().filter_map(|(name, length)| Some((LengthOf { name, ..of.clone() }, length?))),
            );
        }
        for gap in &mut course.gaps {
            let (of, place) = (format!("gap {}", gap.id), gap.place.clone());
            let of = LengthOf { of, name: "after", bounds: Bounds::Other, place };
            all.push((of, &mut gap.after));
        }
        for (session, planned) in course.sessions.iter_mut().enumerate() {
            for (at, age) in planned.ages.iter_mut().enumerate() {
                let (of, place) = (format!("course {id}"), planned.place.clone());
                let of = LengthOf { of, name: "", bounds: Bounds::Age(in_course, session, at), place };
                let lengths = [
                    ("minimum age", age.minimum.as_mut()),
                    ("absolute minimum age", age.absolute_minimum.as_mut()),
                    ("recommended age", age.recommended.as_mut()),
                    ("latest age", age.latest.as_mut()),
                    ("maximum age", age.maximum.as_mut()),
                ];
                all.extend(
                    lengths.into_iter().filter_map(|(name, length)| Some((LengthOf { name, ..of.clone() }, length?))),
                );
            }
        }
    }
    for separation in &mut model.separations {
        let (of, place) = (format!("separation {}", separation.id), separation.place.clone());
        let of = LengthOf { of, name: "", bounds: Bounds::Other, place };
        let lengths =
            [("minimum", Some(&mut separation.minimum)), ("absolute_minimum", separation.absolute_minimum.as_mut())];
        all.extend(lengths.into_iter().filter_map(|(name, length)| Some((LengthOf { name, ..of.clone() }, length?))));
    }
    all
}
