//! Products that must keep a distance from another treatment, where the next session may be given with others.

use super::View;
use crate::course::Bound;
use crate::date::Date;
use crate::logic::value::Value;
use crate::patient::known::PRODUCT_NOTE;
use crate::protocol::model::Separation;
use crate::recommendation::PrecautionReport;

impl View<'_> {
    /// A precaution for each separation that holds back some products of the next session and not the session itself.
    pub(super) fn products_that_wait(&self) -> Vec<PrecautionReport> {
        let (protocol, schedule) = (self.protocol, &self.assessment.schedule);
        if schedule.course.is_none() || schedule.no_course.is_true() || schedule.over.is_true() {
            return Vec::new();
        }
        // Where the next session is to come later anyway, it holds nothing back.
        let next = schedule.report.as_ref().and_then(|report| report.next.as_ref()?.earliest);
        let first_day = next.map_or(self.known.today, |day| day.max(self.known.today));
        let separations = protocol.separations.iter().enumerate();
        let one = |(at, separation): (usize, &Separation)| {
            let of = separation.of.as_ref().filter(|_| !schedule.bounds.contains_key(&Bound::Separation(at)))?;
            let until = self.distance_ends(at, separation).filter(|until| *until > first_day)?;
            let products = protocol.product_names(of);
            Some(PrecautionReport {
                id: separation.id.clone(),
                action: format!("Do not use {} before {until}.", crate::english::list(&products, "or")),
                reason: self.text(&separation.reason),
                because: Vec::new(),
                evidence: separation.evidence.into(),
                sources: self.source_ids(&separation.sources),
                line: protocol.line(&separation.place),
            })
        };
        separations.filter_map(one).collect()
    }

    /// The latest day on which the distance from every recorded session of the other treatments may be over. A session whose product nobody
    /// noted may have been with one that matters.
    fn distance_ends(&self, at: usize, separation: &Separation) -> Option<Date> {
        let length = separation.minimum.with(&self.known.parameters);
        let given = self.known.given.iter().zip(&self.known.sessions);
        let concerns = given.filter(|(session, notes)| {
            let product =
                notes.get(PRODUCT_NOTE).and_then(|one| if let Value::Text(id) = one { Some(*id) } else { None });
            let matters =
                product.zip(separation.products.as_ref()).is_none_or(|(one, products)| products.contains(one));
            session.separations.contains(&at) && matters
        });
        let ends = concerns.filter_map(|(session, _)| {
            let last = session.date.last.min(self.known.today);
            let is_together = separation.same_day && session.date.first == self.known.today;
            (!is_together).then(|| last + length)
        });
        ends.max()
    }
}
