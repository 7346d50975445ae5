//! What binds a planned session, in words: ages, distances, products, seasons.

use super::build::Builder;
use crate::date::Date;
use crate::english::English;
use crate::protocol::model::{Accepted, Age, Interval, Length, Period, PlannedSession, Products, Reference, Season};

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
        let bound = |phrase: &'static str, length: Option<Length>| {
            length.map(|length| self.say(phrase, &[&self.length(length)]))
        };
        let bounds = [
            bound("from {}", age.minimum),
            bound("a past session counts from {}", age.absolute_minimum),
            bound("best at {}", age.recommended),
            bound("late from {}", age.latest),
            bound("not from {} on", age.maximum),
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
        let mut text = self.say("at least {} after {}", &[&minimum, &from]);
        let more = [
            one.absolute_minimum.map(|least| self.say("; a past session counts from {}", &[&self.length(least)])),
            one.recommended.map(|best| self.say("; best {}", &[&self.length(best)])),
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
        let skip = |end: u32| self.say("Not needed if {}", &[&english.circumstance(crate::lang::ExprId(end - 1))]);
        all.extend(session.skip.as_ref().map(|skipped| skip(skipped.end)));
        all.extend(session.season.map(|season| self.say("Season: {}", &[&self.season(season)])));
        all
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
