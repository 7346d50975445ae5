//! Products that must keep a distance from another treatment, where the next session may be given with others.

use super::View;
use crate::course::Bound;
use crate::protocol::model::Separation;
use crate::recommendation::PrecautionReport;
use crate::speech::tell;
use crate::trace::{Anchor, Derived};

impl View<'_> {
    /// A precaution for each separation that holds back some products of the next session and not the session itself.
    pub(super) fn products_that_wait(&self) -> Vec<PrecautionReport> {
        let (protocol, speech) = (self.protocol, self.protocol.speech());
        let one = |(separation, until): (&Separation, Derived)| {
            let products = separation.of.as_ref().map(|of| protocol.products_in_words(of)).unwrap_or_default();
            PrecautionReport {
                id: separation.id.clone(),
                label: separation.label.clone(),
                action: {
                    let products = crate::english::list(&products, speech.or);
                    tell!(speech, "Do not use {} before {}.", products, speech.date(until.date))
                },
                reason: self.text(&separation.reason),
                because: Vec::new(),
                evidence: separation.evidence.into(),
                sources: self.source_ids(&separation.sources),
                line: protocol.line(&separation.place),
            }
        };
        self.waits_of_products().into_iter().map(one).collect()
    }

    /// Each such separation, with the first day on which its products may be used.
    pub(super) fn waits_of_products(&self) -> Vec<(&Separation, Derived)> {
        let schedule = &self.assessment.schedule;
        if schedule.course.is_none() || schedule.no_course.is_true() || schedule.over.is_true() {
            return Vec::new();
        }
        // Where the next session is to come later anyway, it holds nothing back.
        let next = schedule.report.as_ref().and_then(|report| report.next.as_ref()?.earliest);
        let first_day = next.map_or(self.known.today, |day| day.max(self.known.today));
        let separations = self.protocol.separations.iter().enumerate();
        let is_of_some = |(at, separation): &(usize, &Separation)| {
            separation.of.is_some() && !schedule.bounds.contains_key(&Bound::Separation(*at))
        };
        let waits = separations.filter(is_of_some).filter_map(|(at, separation)| {
            let until = self.distance_ends(at, separation).filter(|until| until.date > first_day)?;
            Some((separation, until))
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
