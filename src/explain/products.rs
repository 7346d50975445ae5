//! Products that must keep a distance from another treatment, where the next session may be given with others.

use std::cmp::Reverse;

use super::View;
use crate::course::Bound;
use crate::logic::value::TextId;
use crate::protocol::model::{Products, Separation};
use crate::recommendation::PrecautionReport;
use crate::speech::tell;
use crate::trace::{Anchor, Derived};

/// Products of the next session that have to wait.
pub(super) struct Wait<'a> {
    pub(super) separation: &'a Separation,
    products: Products,
    /// The first day on which they may be used.
    pub(super) until: Derived,
}

impl View<'_> {
    /// A precaution for each separation that holds back some products of the next session and not the session itself. Those that say the
    /// same of the same products are one, by the name of the one that lasts longest.
    pub(super) fn products_that_wait(&self) -> Vec<PrecautionReport> {
        let (protocol, speech) = (self.protocol, self.protocol.speech());
        let mut told: Vec<Wait<'_>> = Vec::new();
        for wait in self.waits_of_products() {
            let says = |wait: &Wait<'_>| {
                let Separation { label, evidence, sources, .. } = wait.separation;
                let reason = self.text(&wait.separation.reason);
                (wait.products.clone(), label.clone(), reason, *evidence, sources.clone())
            };
            let lasts = |wait: &Wait<'_>| (wait.until.date, Reverse(wait.separation.id.clone()));
            let said = says(&wait);
            match told.iter_mut().find(|other| says(other) == said) {
                // Of two that last as long, the first by name: the order of the file must not matter.
                Some(other) if lasts(other) < lasts(&wait) => *other = wait,
                Some(_) => {}
                None => told.push(wait),
            }
        }
        let one = |Wait { separation, products, until }: Wait<'_>| PrecautionReport {
            id: separation.id.clone(),
            label: separation.label.clone(),
            action: {
                let products = crate::english::list(&protocol.products_in_words(&products), speech.or);
                tell!(speech, "Do not use {} before {}.", products, speech.date(until.date))
            },
            reason: self.text(&separation.reason),
            because: Vec::new(),
            evidence: separation.evidence.into(),
            sources: self.source_ids(&separation.sources),
            line: protocol.line(&separation.place),
        };
        told.into_iter().map(one).collect()
    }

    /// Each such separation, with those of its products that the next session takes, and the first day on which they may be used.
    pub(super) fn waits_of_products(&self) -> Vec<Wait<'_>> {
        let schedule = &self.assessment.schedule;
        if schedule.course.is_none() || schedule.no_course.is_true() || schedule.over.is_true() {
            return Vec::new();
        }
        // Where the next session is to come later anyway, it holds nothing back.
        let next = schedule.report.as_ref().and_then(|report| report.next.as_ref()?.earliest);
        let first_day = next.map_or(self.known.today, |day| day.max(self.known.today));
        let separations = self.protocol.separations.iter().enumerate();
        let waits = separations.filter_map(|(at, separation)| {
            let of = separation.of.as_ref().filter(|_| !schedule.bounds.contains_key(&Bound::Separation(at)))?;
            let until = self.distance_ends(at, separation).filter(|until| until.date > first_day)?;
            let takes = |product: &TextId| {
                let mut ways = schedule.takes.iter().flatten();
                schedule.takes.is_none() || ways.any(|way| way.takes(*product, (first_day, until.date)))
            };
            let products = Products(of.0.iter().copied().filter(takes).collect());
            (!products.0.is_empty()).then_some(Wait { separation, products, until })
        });
        waits.collect()
    }

    /// The latest day on which the distance from every recorded session of the other treatments may be over. A session whose product nobody
    /// noted may have been with one that matters.
    fn distance_ends(&self, at: usize, separation: &Separation) -> Option<Derived> {
        let length = separation.minimum.with(&self.known.parameters);
        let given = self.known.given.iter().enumerate();
        let concerns = given.filter(|(place, session)| {
            session.separations.contains(&at) && separation.is_from(self.known.product(*place))
        });
        let ends = concerns.filter_map(|(_, session)| {
            let is_together = separation.same_day && session.date.first == self.known.today;
            let last = session.date.last.min(self.known.today);
            let anchor = Anchor::new(format!("sessions.{}", session.date), last);
            (!is_together).then(|| Derived::after(anchor, length))
        });
        ends.max_by_key(|derived| derived.date)
    }
}
