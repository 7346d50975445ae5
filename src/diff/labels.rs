//! What people read for the ids that a difference names.

use std::collections::{BTreeMap, BTreeSet};

use super::Part;
use crate::protocol::{Clinic, Dictionary, Protocol};

/// The labels of the names and of the ids of a protocol, or of a dictionary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Labels {
    /// Of what expressions name: facts, notes of sessions, parameters, definitions, groups of products, components, treatments.
    names: BTreeMap<String, String>,
    /// Of what an answer names: rules, instructions, settings, courses and their parts.
    ids: BTreeMap<String, String>,
    /// What a course is made of: the ids of its intervals and pauses.
    parts: BTreeMap<String, BTreeSet<String>>,
}

impl Labels {
    /// Those of a protocol; the old version's of what the new one does not have.
    pub(super) fn of(old: Option<&Protocol>, new: Option<&Protocol>) -> Labels {
        let mut labels = Labels::default();
        for protocol in [old, new].into_iter().flatten() {
            let pair = |(name, label): (&String, &Option<String>)| Some((name.clone(), label.clone()?));
            let parameters = protocol.parameters.iter().map(|one| (&one.name, &one.label));
            let definitions = protocol.definitions.iter().map(|one| (&one.name, &one.label));
            let groups = protocol.product_groups.iter().map(|one| (&one.name, &one.label));
            let components = protocol.components.iter().map(|one| (&one.id, &one.label));
            labels.names.extend(parameters.chain(definitions).chain(groups).chain(components).filter_map(pair));
            labels.names.extend(protocol.treatments.iter().cloned());
            labels.add(&protocol.dictionary);
            let rules = protocol.rules.iter().map(|one| &one.id);
            let others =
                protocol.instructions.iter().map(|one| &one.id).chain(protocol.settings.iter().map(|one| &one.id));
            let of_course = protocol.courses.iter().flat_map(|course| {
                let intervals = course.intervals.iter().map(|one| &one.id);
                intervals.chain(course.gaps.iter().map(|one| &one.id)).chain([&course.id])
            });
            let all = rules.chain(others).chain(of_course).chain(protocol.separations.iter().map(|one| &one.id));
            let labelled = all.filter_map(|id| Some((id.clone(), protocol.rule_label(id)?)));
            labels.ids.extend(labelled.collect::<Vec<_>>());
            for course in &protocol.courses {
                let intervals = course.intervals.iter().map(|one| &one.id);
                let parts = intervals.chain(course.gaps.iter().map(|one| &one.id)).cloned();
                labels.parts.entry(course.id.clone()).or_default().extend(parts);
            }
        }
        labels
    }

    /// Those of the dictionaries of two clinics.
    pub(super) fn of_dictionaries(old: &Clinic, new: &Clinic) -> Labels {
        let mut labels = Labels::default();
        [&old.dictionary, &new.dictionary].into_iter().for_each(|dictionary| labels.add(dictionary));
        labels
    }

    fn add(&mut self, dictionary: &Dictionary) {
        let facts = dictionary.facts.iter().map(|one| (&one.name, &one.label));
        let all = facts.chain(dictionary.notes.iter().map(|one| (&one.name, &one.label)));
        self.names.extend(all.filter_map(|(name, label)| Some((name.clone(), label.clone()?))));
    }

    /// Something that changed, as people read it: its label, and its id behind it, by which it is found in the file.
    pub(crate) fn changed(&self, part: Part, id: &str) -> String {
        let is_name = matches!(
            part,
            Part::Parameter
                | Part::Definition
                | Part::Products
                | Part::Component
                | Part::Fact
                | Part::SessionFact
                | Part::Treatment
        );
        // What has no name of its own is one of several: `needle-depth-row-2`.
        let of_several = id.rsplit_once(&format!("-{}-", part.word().replace(' ', "-")));
        match of_several.and_then(|(owner, at)| Some((self.ids.get(owner)?, at))) {
            Some((owner, at)) => format!("{at} of “{owner}” (`{id}`)"),
            None => said(if is_name { &self.names } else { &self.ids }, id),
        }
    }

    /// Whether an id is that of a course, and another that of a part of it.
    pub(crate) fn is_part(&self, course: &str, id: &str) -> bool {
        self.parts.get(course).is_some_and(|parts| parts.contains(id))
    }

    /// The same of what an answer names.
    pub(crate) fn answered(&self, id: &str) -> String {
        said(&self.ids, id)
    }
}

fn said(labels: &BTreeMap<String, String>, id: &str) -> String {
    labels.get(id).map_or_else(|| format!("`{id}`"), |label| format!("“{label}” (`{id}`)"))
}
