//! What must be asked again before a day that an answer gives: the answers that are too old by then.

use crate::date::Date;
use crate::decide::Prepared;
use crate::decide::needed::NeededSettings;
use crate::decide::prepared::RestsOn;
use crate::decide::prepared::course_roots;
use crate::lang::FactId;
use crate::patient::Slots;
use crate::patient::known::Known;
use crate::protocol::Protocol;
use crate::protocol::dictionary::Validity;

/// The last day on which an answer that was given on a day may be used, as far as the calendar tells. Of one that counts until the next
/// session it does not.
fn valid_until(on: Date, valid_for: Validity) -> Option<Date> {
    match valid_for {
        Validity::Forever | Validity::Session => None,
        Validity::Visit => Some(on),
        Validity::For(duration) => Some(on + duration),
    }
}

/// The facts that decide whether and when to treat, each with its answers' validity.
pub(crate) fn deciding_facts(protocol: &Protocol) -> Vec<FactId> {
    let rules = protocol.rules.iter().filter(|rule| rule.action.leads_to().is_some());
    let roots = rules.flat_map(crate::protocol::model::Rule::roots).chain(course_roots(protocol));
    let mut facts = RestsOn::of(&protocol.program, roots).facts;
    // Without a needed setting nothing is due.
    let of_settings = NeededSettings::of(protocol).rests_on.facts;
    of_settings.into_iter().for_each(|fact| {
        if !facts.contains(&fact) {
            facts.push(fact)
        }
    });
    facts
}

impl Prepared {
    /// The answers that decide and that are used today, but are too old on a later day: each with the last day on which it may be used, in
    /// the dictionary's order.
    pub(crate) fn expiring(&self, slots: &Slots, known: &Known, day: Date) -> Vec<(FactId, Date)> {
        let protocol = &self.protocol;
        let mut found: Vec<(FactId, Date)> = Vec::new();
        for fact in &self.deciding_facts {
            let slot = usize::from(fact.0);
            let on = slots.on(protocol.facts[slot]);
            if let Some(until) = on.and_then(|on| valid_until(on, protocol.fact(*fact).valid_for))
                && until < day
                && known.cells[slot] != crate::patient::cell::Cell::UNKNOWN
            {
                found.push((*fact, until));
            }
        }
        found.sort_by_key(|(fact, _)| protocol.facts[usize::from(fact.0)]);
        found
    }
}
