//! Courses that cannot be gone through, and deferrals that cannot end.

use std::collections::BTreeSet;

use super::Finder;
use super::regions::{Regions, Trials};
use crate::date::Duration;
use crate::diagnostic::{Diagnostic, codes};
use crate::lang::{Expr, ExprId};
use crate::logic::value::Value;
use crate::logic::{Declared, Reach};
use crate::protocol::Protocol;
use crate::protocol::in_order;
use crate::protocol::model::{Action, Course, GapAction, Length, Period, Reference};

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    for course in &protocol.courses {
        intervals(finder, course);
        counts(finder, course);
    }
    for separation in &protocol.separations {
        // Where areas are counted apart, it keeps sessions of different areas apart, which no interval does.
        let counts_apart = protocol.courses.iter().any(|course| course.separate_by.is_some());
        let is_from_itself = separation.from.contains(&protocol.treatment) && !counts_apart;
        if is_from_itself && separation.products.is_none() && separation.of.is_none() {
            let message = format!(
                "separation `{}` is from `{}` itself: every session keeps the distance from the one before",
                separation.id, protocol.treatment
            );
            let diagnostic = Diagnostic::new(&codes::SEPARATION_FROM_ITSELF, message).at(&separation.place);
            let help = "name another treatment; between the sessions of a course there is its `interval`; for some products only, name them in `products` and `of`";
            finder.report(&separation.id, diagnostic.help(help));
        }
        let what = format!("separation `{}`", separation.id);
        let bounds: [Pair<'_>; 1] =
            [("absolute minimum", separation.absolute_minimum, "minimum", Some(separation.minimum))];
        in_order_all(finder, &separation.id, &what, &separation.place, &bounds);
    }
    looks_again(finder);
    overrides(finder);
    for rule in &protocol.rules {
        if let Action::Defer { not_before: Some(not_before), until: None, .. } = rule.action
            && moves_with_today(protocol, not_before)
        {
            let message = format!("deferral `{}` can never end: its date moves forward every day", rule.id);
            let diagnostic = Diagnostic::new(&codes::ENDLESS_DEFERRAL, message).at(&finder.place(not_before));
            let help = "count from the date of an event, or use `until` to say what ends it and `recheck` to say when to look again";
            finder.report(&rule.id, diagnostic.help(help));
        }
    }
}

/// Tells of deferrals after which it is looked again on a day that is past for everybody.
fn looks_again(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let mut trials = Trials::new(protocol);
    for rule in &protocol.rules {
        let Action::Defer { recheck: Some(recheck), .. } = rule.action else { continue };
        let Some(regions) = trials.regions(&[recheck]).filter(Regions::are_exact) else { continue };
        let mut ever_ahead = false;
        trials.find(&regions, |patient| {
            // Of a day that nobody knows, nothing is said.
            ever_ahead |= !matches!(patient.value(recheck), Value::Date(days) if days.last < patient.today());
            ever_ahead
        });
        if !ever_ahead && !trials.is_exhausted() {
            let message = format!("the `recheck` of deferral `{}` is past for everybody", rule.id);
            let diagnostic = Diagnostic::new(&codes::RECHECK_IN_THE_PAST, message).at(&finder.place(recheck));
            finder.report(&rule.id, diagnostic.help("write a day that is still to come, as in `today + days(14)`"));
        }
    }
}

/// Tells of waits that may be shortened to more than they are.
fn overrides(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let parameters: Vec<Value> = protocol.parameters.iter().map(|parameter| parameter.value).collect();
    let declared = Declared { fact: &|fact| protocol.fact_range(fact), note: &|note| protocol.note_range(note) };
    let mut reach = Reach::of_anybody(&protocol.program, declared, &parameters);
    for rule in &protocol.rules {
        let Action::Defer { not_before: Some(not_before), may_override: Some((_, Some(down_to))), .. } = &rule.action
        else {
            continue;
        };
        let Expr::Shift { by, back: false, .. } = protocol.program.behind(*not_before) else { continue };
        let down_to = length(*down_to);
        if let Value::Duration(_, most) = reach.value(*by)
            && longer(down_to, most)
        {
            let message =
                format!("deferral `{}` may be shortened to {down_to}, and it waits for no more than {most}", rule.id);
            let diagnostic = Diagnostic::new(&codes::MINIMUM_AFTER_LATEST, message).at(&finder.place(*by));
            finder.report(&rule.id, diagnostic.help("write a `down_to` that is shorter than the wait"));
        }
    }
}

fn length(length: Length) -> Duration {
    match length {
        Length::Fixed(duration) | Length::Parameter(_, duration) => duration,
    }
}

fn longer(a: Duration, b: Duration) -> bool {
    !in_order(Value::duration(a), Value::duration(b))
}

/// Two bounds of which one must not be longer than the other, each with its name.
type Pair<'a> = (&'a str, Option<Length>, &'a str, Option<Length>);

fn intervals(finder: &mut Finder<'_>, course: &Course) {
    for interval in &course.intervals {
        if let Reference::Date(from) = interval.from
            && moves_with_today(finder.protocol, from)
        {
            let message = format!(
                "interval `{}` never gets shorter: it is counted from a date that moves forward every day",
                interval.id
            );
            let diagnostic = Diagnostic::new(&codes::ENDLESS_DEFERRAL, message).at(&finder.place(from));
            let help = "count from \"previous\", from another session, or from the date of an event";
            finder.report(&interval.id, diagnostic.help(help));
        }
        let minimum = Some(interval.minimum);
        let what = format!("interval `{}`", interval.id);
        let pairs: [Pair<'_>; 4] = [
            ("minimum", minimum, "recommended", interval.recommended),
            ("minimum", minimum, "latest", interval.latest),
            ("absolute minimum", interval.absolute_minimum, "minimum", minimum),
            ("recommended", interval.recommended, "latest", interval.latest),
        ];
        in_order_all(finder, &interval.id, &what, &interval.place, &pairs);
        let (grace, least) = (length(course.grace), length(interval.minimum));
        if grace != Duration::default() && !longer(least, grace) && interval.absolute_minimum.is_none() {
            let message = format!("the grace of course `{}`, {grace}, is as long as the minimum of {what}", course.id);
            let diagnostic = Diagnostic::new(&codes::MINIMUM_AFTER_LATEST, message).at(&interval.place);
            finder.report(&interval.id, diagnostic.help("a session on the same day would count: shorten the grace"));
        }
    }
    for planned in &course.sessions {
        for accepted in &planned.accept {
            let what = format!("the ages at which course `{}` accepts a product", course.id);
            let bounds: [Pair<'_>; 1] = [("beginning", accepted.from, "end", accepted.before)];
            in_order_all(finder, &course.id, &what, &planned.place, &bounds);
        }
        for age in &planned.ages {
            let pairs: [Pair<'_>; 8] = [
                ("minimum", age.minimum, "recommended", age.recommended),
                ("minimum", age.minimum, "latest", age.latest),
                ("minimum", age.minimum, "maximum", age.maximum),
                ("absolute minimum", age.absolute_minimum, "minimum", age.minimum),
                ("absolute minimum", age.absolute_minimum, "maximum", age.maximum),
                ("recommended", age.recommended, "latest", age.latest),
                ("recommended", age.recommended, "maximum", age.maximum),
                ("latest", age.latest, "maximum", age.maximum),
            ];
            let what = format!("the age in course `{}`", course.id);
            in_order_all(finder, &course.id, &what, &planned.place, &pairs);
            if let (Some(minimum), Some(maximum)) = (age.minimum.map(length), age.maximum.map(length))
                && minimum == maximum
            {
                let message = format!("nobody is ever of {what}: it is from {minimum} and before {maximum}");
                let diagnostic = Diagnostic::new(&codes::MINIMUM_AFTER_LATEST, message).at(&planned.place);
                finder.report(&course.id, diagnostic);
            }
        }
    }
}

/// Tells of bounds that contradict each other.
fn in_order_all(
    finder: &mut Finder<'_>,
    subject: &str,
    what: &str,
    place: &crate::diagnostic::Place,
    pairs: &[Pair<'_>],
) {
    for (name, least, other, most) in pairs {
        if let (Some(least), Some(most)) = (least.map(length), most.map(length))
            && longer(least, most)
        {
            let message = format!("the {name} of {what}, {least}, is longer than its {other}, {most}");
            finder.report(subject, Diagnostic::new(&codes::MINIMUM_AFTER_LATEST, message).at(place));
        }
    }
}

fn counts(finder: &mut Finder<'_>, course: &Course) {
    let protocol = finder.protocol;
    let number = |id: Option<ExprId>| match protocol.program.node(id?).expr {
        Expr::Literal(Value::Number(number, _)) => Some(number),
        Expr::Parameter(at) => match protocol.parameters[usize::from(at)].value {
            Value::Number(number, _) => Some(number),
            _ => None,
        },
        _ => None,
    };
    let (minimum, planned, maximum) = (number(course.minimum), number(course.planned), number(course.maximum));
    for (name, least, most) in
        [("minimum", minimum, planned), ("minimum", minimum, maximum), ("planned", planned, maximum)]
    {
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            let message = format!(
                "course `{}` can never have its {name} number of sessions: {least} of at most {most}",
                course.id
            );
            finder.report(&course.id, Diagnostic::new(&codes::UNREACHABLE_MAXIMUM, message).at(&course.place));
        }
    }
    if planned.is_some_and(|planned| planned < 1.into()) {
        let message = format!("course `{}` plans no session: it is complete before it begins", course.id);
        finder.report(&course.id, Diagnostic::new(&codes::UNREACHABLE_MAXIMUM, message).at(&course.place));
    }
    if let (Some(planned), Some(place), None) = (course.planned, course.maximum, course.beyond_planned)
        && is_always_less(protocol, planned, place)
    {
        let message = format!(
            "course `{}` is complete with the planned sessions, which are fewer than its maximum: nothing says when more are given",
            course.id
        );
        let diagnostic = Diagnostic::new(&codes::UNREACHED_MAXIMUM, message).at(&finder.place(place));
        let help =
            "add `beyond_planned = '…'`, the condition under which more are given, or set `maximum` to what is planned";
        finder.report(&course.id, diagnostic.help(help));
    }
    let longest = course
        .intervals
        .iter()
        .map(|interval| length(interval.minimum))
        .reduce(|a, b| if longer(a, b) { a } else { b });
    // The wait of every session, at the least.
    let wait = course
        .intervals
        .iter()
        .filter(|interval| interval.when.is_none() && interval.from == Reference::Previous && !course.is_series)
        .filter(|interval| interval.in_force == Period::default())
        .map(|interval| length(interval.minimum))
        .reduce(|a, b| if longer(a, b) { a } else { b });
    for gap in course.gaps.iter().filter(|gap| gap.action == GapAction::Reassess) {
        let after = length(gap.after);
        if let Some(minimum) = wait.filter(|minimum| longer(*minimum, after)) {
            let message = format!(
                "course `{}` reassesses after {after}, and every session is due only after {minimum}",
                course.id
            );
            let diagnostic = Diagnostic::new(&codes::MINIMUM_AFTER_LATEST, message).at(&gap.place);
            finder.report(&course.id, diagnostic.help("a pause is longer than the interval between two sessions"));
        }
    }
    for gap in course.gaps.iter().filter(|gap| gap.action == GapAction::Restart) {
        let after = length(gap.after);
        if let Some(minimum) = longest
            && (longer(minimum, after) || minimum == after)
            && maximum.is_none_or(|maximum| maximum > 1.into())
        {
            let message = format!(
                "course `{}` starts again after {after}, and the next session is due only after {minimum}",
                course.id
            );
            let diagnostic = Diagnostic::new(&codes::UNREACHABLE_MAXIMUM, message).at(&gap.place);
            finder.report(&course.id, diagnostic.help("the count would never go beyond one session"));
        }
    }
}

/// Whether a number is less than another, whatever the patient's facts.
fn is_always_less(protocol: &Protocol, less: ExprId, more: ExprId) -> bool {
    let parameters: Vec<Value> = protocol.parameters.iter().map(|parameter| parameter.value).collect();
    let declared = Declared { fact: &|_| None, note: &|_| None };
    let mut reach = Reach::of_anybody(&protocol.program, declared, &parameters);
    matches!((reach.value(less), reach.value(more)), (Value::Number(_, most), Value::Number(least, _)) if most < least)
}

/// Whether a date moves forward with the as-of date: it is counted from that, whatever is added.
fn moves_with_today(protocol: &Protocol, id: ExprId) -> bool {
    let mut moving = BTreeSet::new();
    // Operands come first.
    for part in protocol.program.under([id]) {
        let is_moving = match &protocol.program.node(part).expr {
            Expr::Today => true,
            Expr::Definition(_, date) | Expr::Shift { date, .. } => moving.contains(date),
            Expr::If(_, a, b) | Expr::Coalesce(a, b) => moving.contains(a) && moving.contains(b),
            _ => false,
        };
        if is_moving {
            moving.insert(part);
        }
    }
    moving.contains(&id)
}
