//! What binds a planned session, in words: ages, distances, products, seasons.

use super::build::{Builder, last};
use crate::date::{Date, Duration};
use crate::english::English;
use crate::lang::{Expr, ExprId};
use crate::protocol::model::{Accepted, Age, Interval, Length, Period, PlannedSession, Products, Reference, Season};

/// Whether a length of time is none.
pub(super) fn is_none(length: Length) -> bool {
    length == Length::Fixed(Duration::default())
}

impl Builder<'_> {
    /// `28 days (filler wait)`
    pub(super) fn length(&self, length: Length) -> String {
        match length {
            Length::Fixed(duration) => self.speech().written(&duration.to_string()),
            Length::Parameter(at, _) => {
                let one = &self.protocol.parameters[usize::from(at)];
                format!("{} ({})", self.english.shown(one.value, &one.ty), one.in_words())
            }
        }
    }

    /// `from 6 months; best at 12 months; not from 8 years on`
    pub(super) fn age(&self, age: &Age) -> String {
        let bound = |phrase: &'static str, length: Option<Length>, at_birth: &'static str| {
            length.map(|length| match is_none(length) {
                true => self.say(at_birth, &[]),
                false => self.say(phrase, &[&self.length(length)]),
            })
        };
        let bounds = [
            bound("from {}", age.minimum, "from birth on"),
            bound("a past session counts from {}", age.absolute_minimum, "a past session counts at any age"),
            bound("best at {}", age.recommended, "best at birth"),
            bound("late from {}", age.latest, "late from birth on"),
            bound("not from {} on", age.maximum, "at no age"),
        ];
        let bounds = bounds.into_iter().flatten().collect::<Vec<_>>().join("; ");
        format!("{bounds}{}", self.in_force(age.in_force))
    }

    /// What an interval or a separation is counted from.
    pub(super) fn reference(&self, reference: &Reference, english: &English<'_>) -> String {
        match reference {
            Reference::Previous => self.say("the session before", &[]),
            Reference::First => self.say("the first session", &[]),
            Reference::Session(number) => self.say("session {}", &[&number.to_string()]),
            Reference::Latest(products) => self.say("the latest session with {}", &[&self.products(products, true)]),
            Reference::Date(date) => english.value(*date),
        }
    }

    /// `at least 4 weeks after the session before; best 2 months; late after 3 months`
    pub(super) fn distance(&self, one: &Interval, english: &English<'_>) -> String {
        let (minimum, from) = (self.length(one.minimum), self.reference(&one.from, english));
        let mut text = match is_none(one.minimum) {
            true => self.say("no wait after {}", &[&from]),
            false => self.say("at least {} after {}", &[&minimum, &from]),
        };
        // Where there is no wait, nothing is shorter.
        let shorter = one.absolute_minimum.filter(|_| !is_none(one.minimum));
        let more = [
            shorter.map(|least| match is_none(least) {
                true => self.say("; a past session always counts", &[]),
                false => self.say("; a past session counts from {}", &[&self.length(least)]),
            }),
            one.recommended.filter(|best| !is_none(*best)).map(|best| self.say("; best {}", &[&self.length(best)])),
            one.latest.map(|latest| self.say("; late after {}", &[&self.length(latest)])),
            one.when.map(|when| self.say(", if {}", &[&english.circumstance(when)])),
        ];
        more.into_iter().flatten().for_each(|part| text.push_str(&part));
        format!("{text}{}{}", self.in_force(one.in_force), self.before_others(one))
    }

    /// Products by the names of their groups, and those that are left by their own.
    pub(super) fn products(&self, products: &Products, any: bool) -> String {
        let word = if any { self.speech().or } else { self.speech().and };
        crate::english::list(&self.protocol.products_in_words(products), word)
    }

    /// The products that count.
    pub(super) fn accepted(&self, accept: &[Accepted]) -> Option<String> {
        let one = |one: &Accepted| {
            let bounds = [
                one.from.map(|age| self.say("from the age of {} on", &[&self.length(age)])),
                one.before.map(|age| self.say("before the age of {}", &[&self.length(age)])),
            ];
            let bounds = bounds.into_iter().flatten().collect::<Vec<_>>().join(&format!(" {} ", self.speech().and));
            let products = self.products(&one.products, true);
            if bounds.is_empty() { products } else { format!("{products} ({bounds})") }
        };
        (!accept.is_empty()).then(|| accept.iter().map(one).collect::<Vec<_>>().join("; "))
    }

    /// What decides about a planned session, beside its ages and distances.
    pub(super) fn conditions(&self, session: &PlannedSession, english: &English<'_>) -> Vec<String> {
        let accepted = self.accepted(&session.accept);
        let mut all: Vec<String> =
            accepted.iter().map(|accepted| self.say("Products that count: {}", &[accepted])).collect();
        if !session.reject.0.is_empty() {
            all.push(self.say("Products that never count: {}", &[&self.products(&session.reject, false)]));
        }
        all.extend(session.skip.as_ref().into_iter().flat_map(|skip| self.skipped(last(skip), english)));
        all.extend(session.season.map(|season| self.say("Season: {}", &[&self.season(season)])));
        all
    }

    /// When a planned session is left out. What holds only while the next session is being planned says so once, for itself.
    fn skipped(&self, root: ExprId, english: &English<'_>) -> Vec<String> {
        let expr = |id: &ExprId| &self.protocol.program.node(*id).expr;
        let is_planning = |id: &ExprId| matches!(expr(id), Expr::Not(of) if *expr(of) == Expr::Judging);
        let is_judging = |id: &ExprId| *expr(id) == Expr::Judging;
        let (mut always, mut planned, mut judged, mut is_planned) = (Vec::new(), Vec::new(), Vec::new(), true);
        let parts = if let Expr::Or(parts) = expr(&root) { &parts[..] } else { &[root] };
        for part in parts {
            match expr(part) {
                _ if is_planning(part) => is_planned = false,
                Expr::And(all) if all.iter().any(is_planning) => {
                    planned.push(all.iter().copied().filter(|id| !is_planning(id)).collect());
                }
                Expr::And(all) if all.iter().any(is_judging) => {
                    judged.push(all.iter().copied().filter(|id| !is_judging(id)).collect());
                }
                _ => always.push(vec![*part]),
            }
        }
        let one = |phrase, ways: &[Vec<ExprId>]| (!ways.is_empty()).then(|| self.say(phrase, &[&english.any_of(ways)]));
        let never = (!is_planned).then(|| self.say("Never planned; a session that was given counts as this one", &[]));
        let unplanned = if is_planned { one("Not planned if {}", &planned) } else { never };
        let all = [
            one("Not needed if {}", &always),
            unplanned,
            one("Where a past session is judged, left out if {}", &judged),
        ];
        all.into_iter().flatten().collect()
    }

    /// Whether a component's session does not wait for the others.
    pub(super) fn before_others(&self, interval: &Interval) -> String {
        let phrase = ", without waiting for the other components";
        if interval.priority { self.say(phrase, &[]) } else { String::new() }
    }

    /// The days on which a bound holds, behind it.
    pub(super) fn in_force(&self, period: Period) -> String {
        match self.days(period) {
            days if days.is_empty() => days,
            days => self.say(" (in force {})", &[&days]),
        }
    }

    fn days(&self, period: Period) -> String {
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| self.speech().day(day));
        match (period.from, period.until) {
            (Some(_), Some(_)) => self.say("from {} to {}", &[&day(period.from), &day(period.until)]),
            (Some(_), None) => self.say("from {} on", &[&day(period.from)]),
            (None, Some(_)) => self.say("until {}", &[&day(period.until)]),
            (None, None) => String::new(),
        }
    }

    fn season(&self, season: Season) -> String {
        match season {
            Season::Once(period) => self.days(period),
            Season::Yearly { from, until: Some(until) } => {
                self.say("{} to {}, every year", &[&from.to_string(), &until.to_string()])
            }
            Season::Yearly { from, until: None } => self.say("begins on {} every year", &[&from.to_string()]),
        }
    }
}
