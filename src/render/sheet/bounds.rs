//! What binds a planned session, in words: ages, distances, products, seasons.

use super::build::Builder;
use crate::english::English;
use crate::protocol::model::{Accepted, Age, Interval, Length, Period, PlannedSession, Products, Reference, Season};

impl Builder<'_> {
    /// `28 days (filler wait)`
    pub(super) fn length(&self, length: Length) -> String {
        match length {
            Length::Fixed(duration) => duration.to_string(),
            Length::Parameter(at, _) => {
                let one = &self.protocol.parameters[usize::from(at)];
                format!("{} ({})", self.protocol.program.show(one.value, &one.ty), one.in_words())
            }
        }
    }

    /// `from 6 months; best at 12 months; not from 8 years on`
    pub(super) fn age(&self, age: &Age) -> String {
        let bound =
            |words: &str, length: Option<Length>| length.map(|length| format!("{words} {}", self.length(length)));
        let bounds = [
            bound("from", age.minimum),
            bound("a past session counts from", age.absolute_minimum),
            bound("best at", age.recommended),
            bound("late from", age.latest),
            age.maximum.map(|age| format!("not from {} on", self.length(age))),
        ];
        let bounds = bounds.into_iter().flatten().collect::<Vec<_>>().join("; ");
        format!("{bounds}{}", in_force(age.in_force))
    }

    /// What an interval or a separation is counted from.
    pub(super) fn reference(&self, reference: &Reference, english: &English<'_>) -> String {
        match reference {
            Reference::Previous => "the session before".into(),
            Reference::First => "the first session".into(),
            Reference::Session(number) => format!("session {number}"),
            Reference::Latest(products) => format!("the latest session with {}", self.products(products, "or")),
            Reference::Date(date) => english.value(*date),
        }
    }

    /// `at least 4 weeks after the session before; best 2 months; late after 3 months`
    pub(super) fn distance(&self, one: &Interval, english: &English<'_>) -> String {
        let mut text = format!("at least {} after {}", self.length(one.minimum), self.reference(&one.from, english));
        let more = [
            one.absolute_minimum.map(|least| format!("; a past session counts from {}", self.length(least))),
            one.recommended.map(|best| format!("; best {}", self.length(best))),
            one.latest.map(|latest| format!("; late after {}", self.length(latest))),
            one.when.map(|when| format!(", if {}", english.condition(when))),
        ];
        more.into_iter().flatten().for_each(|part| text.push_str(&part));
        format!("{text}{}{}", in_force(one.in_force), before_others(one))
    }

    /// Products by the names of their groups, and those that are left by their own.
    pub(super) fn products(&self, products: &Products, word: &str) -> String {
        crate::english::list(&self.protocol.product_names(products), word)
    }

    fn accepted(&self, accept: &[Accepted]) -> Vec<String> {
        let one = |one: &Accepted| {
            let bounds = [
                one.from.map(|age| format!("from the age of {} on", self.length(age))),
                one.before.map(|age| format!("before the age of {}", self.length(age))),
            ];
            let bounds = bounds.into_iter().flatten().collect::<Vec<_>>().join(" and ");
            let products = self.products(&one.products, "or");
            if bounds.is_empty() { products } else { format!("{products} ({bounds})") }
        };
        (!accept.is_empty())
            .then(|| format!("Products that count: {}", accept.iter().map(one).collect::<Vec<_>>().join("; ")))
            .into_iter()
            .collect()
    }

    /// What decides about a planned session, beside its ages and distances.
    pub(super) fn conditions(&self, session: &PlannedSession, english: &English<'_>) -> Vec<String> {
        let mut all = self.accepted(&session.accept);
        if !session.reject.0.is_empty() {
            all.push(format!("Products that never count: {}", self.products(&session.reject, "and")));
        }
        all.extend(
            session
                .skip
                .as_ref()
                .map(|skip| format!("Not needed if {}", english.condition(crate::lang::ExprId(skip.end - 1)))),
        );
        all.extend(session.season.map(|season| format!("Season: {}", season_words(season))));
        all
    }
}

/// Whether a component's session does not wait for the others.
pub(super) fn before_others(interval: &Interval) -> &'static str {
    if interval.priority { ", without waiting for the other components" } else { "" }
}

/// The days on which a bound holds, behind it.
pub(super) fn in_force(period: Period) -> String {
    match days(period) {
        days if days.is_empty() => days,
        days => format!(" (in force {days})"),
    }
}

fn days(period: Period) -> String {
    match (period.from, period.until) {
        (Some(from), Some(until)) => format!("from {from} to {until}"),
        (Some(from), None) => format!("from {from} on"),
        (None, Some(until)) => format!("until {until}"),
        (None, None) => String::new(),
    }
}

fn season_words(season: Season) -> String {
    match season {
        Season::Once(period) => days(period),
        Season::Yearly { from, until: Some(until) } => format!("{from} to {until}, every year"),
        Season::Yearly { from, until: None } => format!("begins on {from} every year"),
    }
}
