//! A moment of a course: what the `skip` of a planned session asks about.

use crate::course::{Past, Plan, State};
use crate::date::{Date, Duration};
use crate::lang::Tally;
use crate::logic::Moment;
use crate::logic::Tri;

/// A date on which it is asked whether a planned session is needed.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) plan: &'a Plan<'a>,
    pub(crate) state: &'a State,
    pub(crate) date: Date,
    /// Whether a recorded session is judged, rather than the next one forecast.
    pub(crate) judging: bool,
}

impl At<'_> {
    /// A threshold, less the grace where that counts: it never does for forecasting.
    fn threshold(&self, start: Date, by: Duration, grace: bool) -> Date {
        let end = start + by;
        if grace && self.judging { end + self.plan.length(self.plan.course.grace).negated() } else { end }
    }
}

impl Moment for At<'_> {
    fn date(&self) -> Date {
        self.date
    }

    fn judging(&self) -> bool {
        self.judging
    }

    fn aged(&self, by: Duration, grace: bool) -> Tri {
        self.plan.birth.map_or(Tri::Unknown, |birth| (self.date >= self.threshold(birth, by, grace)).into())
    }

    fn waited(&self, by: Duration, grace: bool) -> Tri {
        self.state.previous.is_some_and(|previous| self.date >= self.threshold(previous, by, grace)).into()
    }

    fn tally(&self, tally: &Tally) -> u32 {
        let age = |age: Option<Duration>| Some(self.plan.birth? + age?);
        let (from_age, before_age) = (age(tally.from_age), age(tally.before_age));
        let counts = |past: &&Past| {
            (!tally.valid || past.valid)
                && match &tally.products {
                    None => past.judged,
                    Some(products) => past.product.is_none_or(|one| products.binary_search(&one).is_ok()),
                }
                && from_age.is_none_or(|from| past.date >= from)
                && before_age.is_none_or(|before| past.date < before)
                && tally.from.is_none_or(|from| past.date >= from)
                && tally.before.is_none_or(|before| past.date < before)
        };
        crate::narrow::u32(self.state.history.iter().filter(counts).count())
    }
}
