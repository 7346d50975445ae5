//! The head of a protocol's sheet.

use super::build::Builder;
use crate::protocol::model::ProtocolStatus;

impl Builder<'_> {
    /// What must be said before all else.
    pub(super) fn warning(&self) -> Option<String> {
        match self.protocol.status {
            ProtocolStatus::Draft => Some(self.say("Draft: not for use with patients.", &[])),
            ProtocolStatus::Retired => Some(self.say("Retired: no longer in use.", &[])),
            ProtocolStatus::Active => None,
        }
    }

    /// Which version of which protocol it is, and whose.
    pub(super) fn about(&self) -> Vec<(String, String)> {
        let protocol = self.protocol;
        let day = |day| protocol.speech().date(day);
        let from = day(protocol.in_force_from);
        let in_force = match protocol.in_force_until {
            Some(until) => self.say("{} to {}", &[&from, &day(until)]),
            None => self.say("from {}", &[&from]),
        };
        let status = match protocol.status {
            ProtocolStatus::Draft => "draft",
            ProtocolStatus::Active => "active",
            ProtocolStatus::Retired => "retired",
        };
        let mut about = vec![
            ("Version", protocol.version.clone()),
            ("Status", self.say(status, &[])),
            ("In force", in_force),
            ("Review by", day(protocol.review_by)),
            ("Owner", protocol.owner.clone()),
            ("Treatment", protocol.treatment_label(&protocol.treatment).unwrap_or(&protocol.treatment).to_owned()),
            ("Category", self.say(protocol.category.word(), &[])),
        ];
        if protocol.language != "en" {
            about.push(("Language", protocol.language.clone()));
        }
        let disclosed = &protocol.source_attributes;
        let told = [("Developer", &disclosed.developer), ("Funding", &disclosed.funding)];
        about.extend(told.into_iter().filter_map(|(what, text)| Some((what, text.as_ref()?.value.clone()))));
        if let Some(uses) = &disclosed.uses {
            let words = uses.iter().map(|one| self.say(one.value.word(), &[])).collect::<Vec<_>>().join(", ");
            let none = || self.say("nothing that is to be disclosed", &[]);
            about.push(("Uses", if uses.is_empty() { none() } else { words }));
        }
        about.into_iter().map(|(name, value)| (self.say(name, &[]), value)).collect()
    }
}
