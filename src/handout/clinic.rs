//! The clinic's check-list: a page of its own, so that nothing of it reaches the patient.

use super::patient::{Page, capital};
use super::words::{Words, fill};
use super::{Handout, Item, Section};
use crate::recommendation::{ProtocolStatus, Recommendation};
use crate::render;

impl Handout {
    /// What the clinic has to do. `language` is that of the answer's texts.
    #[must_use]
    pub fn for_clinic(answer: &Recommendation, language: &str) -> Handout {
        let words = Words::of(language);
        let section =
            |heading: &str, items: Vec<Item>, boxes| Section { heading: heading.to_owned(), lead: None, items, boxes };
        let text = |text: String| Item { text, ..Item::default() };
        let page = Page { answer, words };
        // What belongs to a session that has no day yet is no task of today. After a session the clinic may have to ask how it went.
        let of_next = answer.instructions.iter().filter(|one| page.is_due() || one.from_date.is_some());
        let all = answer.kept().flat_map(|(_, kept)| kept).chain(of_next);
        let tasks = all.filter(|one| !one.audience.is_patient()).map(|one| {
            let lead = one.from_date.map(|day| capital(&fill(words.on, &[&words.date(day)])));
            let notes = one.provisional.then(|| words.if_it_applies.to_owned()).into_iter().collect();
            Item { lead, text: one.action.clone(), notes }
        });
        let settings = answer.settings_for_today().iter().map(|one| {
            let each = one.each_label.as_ref().or(one.each.as_ref());
            let each = each.map_or_else(String::new, |each| format!(" ({})", each.replace('_', " ")));
            Item { lead: Some(format!("{}{each}", one.label)), text: one.value.clone(), notes: Vec::new() }
        });
        let again = answer.to_be_confirmed.iter().map(|one| text(answer.labels.fact(&one.fact).to_owned()));
        let why = if page.is_due() { Section::default() } else { page.why() };
        let mut sections = vec![
            why,
            section(words.to_do, tasks.collect(), true),
            section(words.settings, settings.collect(), false),
            section(words.with_care, answer.precautions.iter().map(|one| text(one.action.clone())).collect(), true),
            section(words.ask_again, again.collect(), true),
            section(words.doubts, answer.doubts.iter().map(|one| text(one.message.clone())).collect(), true),
        ];
        sections.retain(|section| !section.items.is_empty());
        if sections.is_empty() {
            sections.push(section(words.to_do, vec![text(words.nothing_to_do.to_owned())], false));
        }
        Handout {
            language: language.to_owned(),
            title: answer.title.clone(),
            kind: Some(words.check_list.to_owned()),
            protocol: answer.protocol.clone(),
            patient: answer.patient.clone(),
            as_of: answer.as_of,
            draft: answer.protocol_status == ProtocolStatus::Draft,
            message: vec![render::headline(answer), words.clinic_only.to_owned()],
            sections,
            timeline: Vec::new(),
            calls: false,
            clinic: None,
            events: Vec::new(),
            given: Vec::new(),
            open: false,
            no_sooner_than: None,
        }
    }
}
