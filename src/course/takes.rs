//! Which products the next session takes.

use super::Plan;
use crate::date::Date;
use crate::logic::value::TextId;
use crate::protocol::model::{Accepted, Products};

/// Products that count for a planned session, between the days on which the patient is of the age for them.
#[derive(Clone, Debug)]
pub(crate) struct Takes {
    /// Which; none: all but those that never count.
    products: Option<Products>,
    /// Those that never count.
    rejected: Products,
    from: Option<Date>,
    before: Option<Date>,
}

impl Takes {
    /// Whether a product may be used on one of the days from one to the day before another.
    pub(crate) fn takes(&self, product: TextId, (from, before): (Date, Date)) -> bool {
        self.products.as_ref().is_none_or(|products| products.contains(product))
            && !self.rejected.contains(product)
            && self.from.is_none_or(|first| first < before)
            && self.before.is_none_or(|end| from < end)
    }
}

impl Plan<'_> {
    /// What a planned session takes.
    pub(crate) fn takes(&self, pointer: usize) -> Vec<Takes> {
        let Some(planned) = self.planned_session(pointer) else { return Vec::new() };
        let rejected = &planned.reject;
        if planned.accept.is_empty() {
            return vec![Takes { products: None, rejected: rejected.clone(), from: None, before: None }];
        }
        let takes = |accepted: &Accepted| Takes {
            products: Some(accepted.products.clone()),
            rejected: rejected.clone(),
            from: self.at_age(accepted.from),
            before: self.at_age(accepted.before),
        };
        planned.accept.iter().map(takes).collect()
    }
}
