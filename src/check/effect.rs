//! What is written and never looked at: whoever wrote it believes that it protects.

use super::Finder;
use crate::course::reads::can_be_outgrown;
use crate::date::Duration;
use crate::diagnostic::{Diagnostic, Place, codes};
use crate::document::Node;
use crate::lang::{Expr, ExprId};
use crate::logic::Number;
use crate::logic::value::Value;
use crate::protocol::model::{
    Action, Age, ComponentNumber, Course, Faulty, GapAction, Lasts, Length, Period, PlannedSession, Reference, Says,
    TooEarly,
};
use crate::protocol::{in_order, written};

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    for (at, course) in protocol.courses.iter().enumerate() {
        let file = written::item_of(&protocol.file, ("course", &course.id));
        let mut one = OfCourse { finder, course, file };
        one.grace_and_early();
        one.choice(at);
        one.ends();
        one.pauses();
        for planned in &course.sessions {
            one.session(planned);
        }
        one.own_bounds();
    }
    together(finder);
    settings(finder);
    permanent(finder);
}

/// What would end a contraindication that is for good.
fn permanent(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    for rule in &protocol.rules {
        if let Action::Contraindicate { lasts: Lasts::Permanent, until: Some(until) } = &rule.action {
            let message = format!("`until` of contraindication `{}` has no effect: it is permanent", rule.id);
            let place = Place { file: protocol.file.clone(), span: until.span.clone() };
            report(finder, &rule.id, &place, message, "take it out, or write `lasts = \"while-true\"`");
        }
    }
}

/// Tells of what has no effect.
fn report(finder: &mut Finder<'_>, subject: &str, place: &Place, message: String, help: &str) {
    // What a course says for several of its sessions is one mistake.
    if finder.found.iter().all(|other| other.diagnostic.message != message) {
        finder.report(subject, Diagnostic::new(&codes::WITHOUT_EFFECT, message).at(place).help(help));
    }
}

/// One course of a protocol.
struct OfCourse<'f, 'p> {
    finder: &'f mut Finder<'p>,
    course: &'p Course,
    /// The course as it is written.
    file: Option<Node>,
}

impl OfCourse<'_, '_> {
    /// Tells of a key of the course that has no effect.
    fn key(&mut self, key: &str, why: &str, help: &str) {
        let value = self.file.as_ref().and_then(|file| file.get(key));
        let place = value.map_or_else(|| self.course.place.clone(), |value| value.place(&self.finder.protocol.file));
        self.at(&place, format!("`{key}` of course `{}` has no effect: {why}", self.course.id), help);
    }

    fn at(&mut self, place: &Place, message: String, help: &str) {
        report(self.finder, &self.course.id, place, message, help);
    }

    fn is_written(&self, key: &str) -> bool {
        self.file.as_ref().is_some_and(|file| file.get(key).is_some())
    }

    fn grace_and_early(&mut self) {
        let course = self.course;
        let nodes = &self.finder.protocol.program.nodes;
        let in_skip = |planned: &PlannedSession, is_one: fn(&Expr) -> bool| {
            planned.skip.iter().flat_map(|skip| skip.clone()).any(|node| is_one(&nodes[node as usize].expr))
        };
        let with_grace =
            |expr: &Expr| matches!(expr, Expr::Aged { grace: true, .. } | Expr::Waited { grace: true, .. });
        let of_age = |age: &Age| age.minimum.is_some();
        // Where each has an absolute minimum, whoever wrote it has thought of both.
        let has_grace = !course.intervals.is_empty()
            || course.sessions.iter().any(|one| one.ages.iter().any(of_age) || in_skip(one, with_grace));
        if length(course.grace) != Duration::default() && !has_grace {
            let why = "there is no minimum of an interval or age that it could be taken from";
            self.key("grace", why, "take it out, or write the interval or the age that it is for");
        }
        if course.too_early == TooEarly::Repeat && !course.is_series && course.intervals.is_empty() {
            let why = "without an interval no session comes too early";
            self.key("too_early", why, "take it out, or write the `interval` that it is for");
        }
        let waits = course.intervals.iter().any(|one| matches!(one.from, Reference::Previous))
            || course.sessions.iter().any(|one| in_skip(one, |expr| matches!(expr, Expr::Waited { .. })));
        if course.faulty == Faulty::StartsInterval && !waits {
            let why = "no interval is counted from the previous session";
            self.key("faulty", why, "take it out, or write an `interval` from \"previous\"");
        }
    }

    /// What chooses between courses needs others.
    fn choice(&mut self, at: usize) {
        let course = self.course;
        let courses = &self.finder.protocol.courses;
        let (only, before) = (courses.len() == 1, &courses[..at]);
        let never_offered = courses.iter().all(|course| course.evaluation_only);
        if course.start_before.is_some() && only {
            let why = "it chooses between courses, and this one is the only one";
            self.key("start_before", why, "write `age = { maximum = \"…\" }` if older patients are not to be treated");
        }
        if course.offer_from.is_some() && !before.iter().any(can_be_outgrown) {
            let why = "it is for patients who are too old for a course before it, and none of those has a maximum age";
            self.key("offer_from", why, "write `age = { minimum = \"…\" }` if younger patients are not to be treated");
        }
        if never_offered && at == 0 {
            let place = course.place.clone();
            let message = "no patient is ever offered a course: each is `evaluation_only`".to_owned();
            self.at(&place, message, "take `evaluation_only` out of the course that is to be given");
        }
    }

    /// How it ends, and begins again.
    fn ends(&mut self) {
        let course = self.course;
        let [planned, maximum] = [course.planned, course.maximum].map(|number| self.literal(number));
        let goes_on = match course.is_series {
            true => course.sessions.iter().any(|planned| planned.repeat && planned.skip.is_none()),
            false => course.maximum.is_none(),
        };
        if course.restart_when_complete.is_some() && goes_on {
            let why = "the course is never complete, since its sessions go on without end";
            self.key("restart_when_complete", why, "take it out: a long pause restarts the count anyway");
        }
        if let (Some(beyond), Some(planned), Some(maximum)) = (course.beyond_planned, planned, maximum)
            && planned >= maximum
        {
            let message = format!(
                "`beyond_planned` of course `{}` has no effect: no more than the {planned} planned sessions are possible",
                course.id
            );
            let place = self.finder.place(beyond);
            self.at(&place, message, "take it out, or write a `maximum` above what is planned");
        }
        let most = match (planned, maximum, course.beyond_planned) {
            (Some(planned), Some(maximum), None) => Some(planned.min(maximum)),
            (_, maximum, _) => maximum,
        };
        for interval in &course.intervals {
            if let (Reference::Session(number), Some(most), false) = (&interval.from, most, course.is_series)
                && Number::from(*number) >= most
            {
                let message = format!(
                    "interval `{}` never applies: after session {number} there is no other, the course has at most {most}",
                    interval.id
                );
                report(self.finder, &interval.id, &interval.place, message, "count from an earlier session");
            }
        }
        let last = course.sessions.len();
        let stays = course.sessions.iter().position(|planned| planned.repeat && planned.skip.is_none());
        if let Some(at) = stays.filter(|at| at + 1 < last) {
            let message = format!(
                "session {} of course `{}` is never reached: session {} is repeated without end",
                at + 2,
                course.id,
                at + 1
            );
            let place = course.sessions[at + 1].place.clone();
            self.at(&place, message, "say with `skip` when the repeated session is no longer needed");
        }
    }

    fn pauses(&mut self) {
        let course = self.course;
        let restarts = course.gaps.iter().filter(|gap| gap.action == GapAction::Restart);
        let first = restarts.reduce(|a, b| if is_shorter(b.after, a.after) { b } else { a });
        let Some(first) = first else { return };
        for gap in course.gaps.iter().filter(|gap| gap.id != first.id && !is_shorter(gap.after, first.after)) {
            let message = format!(
                "pause `{}` has no effect: the count restarts after {}, so a pause is never as long as {}",
                gap.id,
                length(first.after),
                length(gap.after)
            );
            let help = "take it out, or make it shorter than the one that restarts the count";
            report(self.finder, &gap.id, &gap.place, message, help);
        }
    }

    fn session(&mut self, planned: &PlannedSession) {
        let course = self.course;
        let place = planned.place.clone();
        if planned.intervals.is_empty() && !planned.allow.is_empty() {
            let message = format!(
                "`allow` in course `{}` has no effect: it is a second chance where `interval` fails, and there is none",
                course.id
            );
            self.at(&place, message, "write the `interval`, or take `allow` out");
        }
        for interval in &course.intervals[planned.allow.clone()] {
            let keys = [
                ("recommended", interval.recommended.is_some()),
                ("latest", interval.latest.is_some()),
                ("priority", interval.priority),
            ];
            for (key, _) in keys.into_iter().filter(|(_, is_written)| *is_written) {
                let message = format!(
                    "`{key}` of `{}` has no effect: `allow` is for judging sessions that were given, not for the next",
                    interval.id
                );
                report(self.finder, &interval.id, &interval.place, message, "write it in `interval`");
            }
        }
        let mut accepted = planned.accept.iter().flat_map(|accepted| &accepted.products.0).peekable();
        if accepted.peek().is_some() && accepted.all(|product| planned.reject.contains(*product)) {
            let message = format!(
                "no session with a known product counts in course `{}`: what is accepted is also rejected",
                course.id
            );
            self.at(&place, message, "take the products out of `accept` or of `reject`");
        }
        let for_good = planned.ages.iter().position(|age| age.in_force == Period::default());
        if for_good.is_some_and(|at| at + 1 < planned.ages.len()) {
            let message =
                format!("an age in course `{}` is never used: the one before it is in force on every day", course.id);
            self.at(&place, message, "say with `in_force` on which days each of them holds");
        }
    }

    /// What a course says for sessions that have nothing of their own, where each has.
    fn own_bounds(&mut self) {
        let sessions = self.file.as_ref().and_then(|file| file.get("session")).map(Node::items).unwrap_or_default();
        if sessions.is_empty() {
            return;
        }
        let all_have = |key: &&str| sessions.iter().all(|session| session.get(key).is_some());
        let useless: Vec<&str> = ["age", "interval", "accept", "season"]
            .into_iter()
            .filter(all_have)
            .filter(|key| self.is_written(key))
            .collect();
        for key in useless {
            let why = "every session of it has its own";
            self.key(key, why, "take it out, or take it out of the sessions that it is for");
        }
    }

    /// A number that is written out.
    fn literal(&self, id: Option<ExprId>) -> Option<Number> {
        match self.finder.protocol.program.node(id?).expr {
            Expr::Literal(Value::Number(number, _)) => Some(number),
            _ => None,
        }
    }
}

fn length(length: Length) -> Duration {
    match length {
        Length::Fixed(duration) | Length::Parameter(_, duration) => duration,
    }
}

fn is_shorter(a: Length, b: Length) -> bool {
    !in_order(Value::duration(length(b)), Value::duration(length(a)))
}

/// Components, their number, and what makes one of them go first.
fn together(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let is_counted_once = protocol.components.len() < 2 && protocol.counter().is_none();
    if protocol.component_number == ComponentNumber::Largest && is_counted_once {
        let place = protocol.value_place("number", None);
        let message = "`number` has no effect: nothing is counted more than once".to_owned();
        report(finder, "number", &place, message, "take it out, or declare the `[components.x]` that it is about");
    }
    for interval in protocol.courses.iter().flat_map(|course| &course.intervals) {
        if interval.priority && is_counted_once {
            let message =
                format!("`priority` of interval `{}` has no effect: there are no other components", interval.id);
            report(finder, &interval.id, &interval.place, message, "take it out");
        }
    }
    for (at, component) in protocol.components.iter().enumerate() {
        let leaves_out = |course: &Course| course.components.as_ref().is_some_and(|names| !names.contains(&at));
        if !protocol.courses.is_empty() && protocol.courses.iter().all(leaves_out) {
            let place = protocol.value_place("components", Some(&component.id));
            let message = format!("component `{}` is never judged: no course is for it", component.id);
            report(finder, &component.id, &place, message, "name it in the `components` of a course");
        }
    }
}

/// What is for numbers, of settings that are words.
fn settings(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    for (at, setting) in protocol.settings.iter().enumerate() {
        let is_text = |says: &Says| matches!(says, Says::Text(_));
        if setting.rows.is_empty() || !setting.rows.iter().all(|row| is_text(&row.says)) {
            let mut texts = setting.rows.iter().filter(|row| is_text(&row.says));
            if let (Some(row), None) = (texts.next().filter(|row| row.when.is_none()), texts.next()) {
                let message = format!(
                    "the other rows of setting `{}` have no effect: this one always applies, and words win over numbers",
                    setting.id
                );
                report(finder, &setting.id, &row.place, message, "give it a condition, or take the other rows out");
            }
            continue;
        }
        for key in ["unit", "safer", "records"] {
            if let Some(value) = written::value_of(&protocol.file, ("setting", &setting.id), key) {
                let place = value.place(&protocol.file);
                let message = format!("`{key}` of setting `{}` has no effect: it says nothing but words", setting.id);
                report(finder, &setting.id, &place, message, "take it out, or write the value as a number");
            }
        }
        for rule in &protocol.rules {
            if let Action::Precaution { limits, .. } = &rule.action
                && limits.iter().any(|(limited, _)| *limited == at)
            {
                let message = format!(
                    "precaution `{}` limits the setting `{}`, which says nothing but words: the limit has no effect",
                    rule.id, setting.id
                );
                report(finder, &rule.id, &rule.place, message, "take the limit out, or write the value as a number");
            }
        }
    }
}
