//! The plan of a whole clinic for a person.

use super::markdown::escape;
use super::outline::{self, Item, Section};
use super::text::{TextStyle, paragraph, print_section};
use crate::english::{list, plain_name};
use crate::plan::{Category, Consequence, Entry, Exclusion, Group, Plan, ProtocolStatus, Wanted};
use crate::recommendation::{Duration, Reason, ToBeConfirmed};

/// A plan for a terminal.
#[must_use]
pub fn plan_text(plan: &Plan, style: TextStyle) -> String {
    let mut out = String::new();
    paragraph(&mut out, &about(plan), "", "", style.width);
    for section in sections(plan) {
        print_section(&mut out, &section, style);
    }
    out
}

/// The same as Markdown.
#[must_use]
pub fn plan_markdown(plan: &Plan) -> String {
    let mut out = format!("# {}\n", escape(&about(plan)));
    for section in sections(plan) {
        out.push_str(&format!("\n## {}\n\n", section.title));
        for item in &section.items {
            let lead = if item.lead.is_empty() { String::new() } else { format!("**{}** ", escape(&item.lead)) };
            out.push_str(&format!("{}- {lead}{}\n", "  ".repeat(item.level), escape(&item.text)));
            for note in &item.notes {
                out.push_str(&format!("{}  - {}\n", "  ".repeat(item.level), escape(note)));
            }
        }
    }
    out
}

pub(super) fn about(plan: &Plan) -> String {
    let count = |group: Group| in_use(plan).filter(|entry| entry.group == group).count();
    let (today, asked) = (count(Group::Today), count(Group::Ask));
    let asked = match asked {
        0 => String::new(),
        1 => ", 1 waits for answers".into(),
        more => format!(", {more} wait for answers"),
    };
    format!("Patient {} · as of {} · {today} can be done today{asked}", plan.patient, plan.as_of)
}

pub(super) fn in_use(plan: &Plan) -> impl Iterator<Item = &Entry> {
    plan.protocols.iter().filter(|entry| entry.protocol_status != ProtocolStatus::Draft)
}

/// The parts of a plan that say something.
pub(crate) fn sections(plan: &Plan) -> Vec<Section> {
    let group = |title: &'static str, group: Group| Section {
        title,
        items: by_category(in_use(plan).filter(|entry| entry.group == group)),
    };
    let drafts = plan.protocols.iter().filter(|entry| entry.protocol_status == ProtocolStatus::Draft);
    let broken =
        plan.broken.iter().map(|one| Item { lead: one.title.clone(), text: one.told.clone(), ..Item::default() });
    let sections = [
        Section { title: "Doubts", items: plan.doubts.iter().map(outline::doubt).collect() },
        Section { title: "What is wanted", items: plan.wanted.iter().flat_map(|one| wanted(plan, one)).collect() },
        group("Today", Group::Today),
        Section { title: "Not on one day", items: plan.exclusions.iter().map(exclusion).collect() },
        group("A named person decides", Group::Refer),
        group("Ask first", Group::Ask),
        Section { title: "Questions that open most", items: questions(plan) },
        group("From a day on", Group::Later),
        group("Course is over", Group::Over),
        group("Not for this patient", Group::No),
        Section { title: "Drafts – not for patients", items: drafts.map(|one| entry(one, 0)).collect() },
        Section { title: "Broken – no answer", items: broken.collect() },
    ];
    sections.into_iter().filter(|section| !section.items.is_empty()).collect()
}

/// Each kind of thing under its own name, where there are several.
fn by_category<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Item> {
    let entries: Vec<&Entry> = entries.collect();
    let mut items: Vec<Item> = Vec::new();
    let mut last = None;
    for one in entries {
        if last.replace(one.category) != Some(one.category) {
            items.push(Item { text: category(one.category).into(), ..Item::default() });
        }
        items.push(entry(one, 1));
    }
    items
}

/// The name of a kind of thing.
pub(crate) fn category(category: Category) -> &'static str {
    match category {
        Category::Treatment => "Treatments",
        Category::Vaccination => "Vaccinations",
        Category::Medication => "Medicines",
        Category::Other => "Other",
    }
}

fn entry(one: &Entry, level: usize) -> Item {
    let mut notes: Vec<String> = Vec::new();
    // What can be done needs no reason, and what waits for answers has its questions.
    if matches!(one.group, Group::Later | Group::Over | Group::No | Group::Refer) {
        notes.extend(one.reasons.first().map(because));
    }
    if one.group == Group::Later && !one.to_be_confirmed.is_empty() {
        notes.push(confirmed(&one.to_be_confirmed).trim_start_matches(", ").to_owned());
    }
    Item { text: format!("{}: {} ({})", one.title, one.headline, one.protocol), notes, level, ..Item::default() }
}

fn because(reason: &Reason) -> String {
    let lasts = match reason.lasts {
        Some(Duration::Permanent) => " For good.",
        Some(Duration::WhileTrue) => " As long as it is so.",
        None => "",
    };
    format!("{}{lasts} ({})", reason.reason, reason.label.as_ref().unwrap_or(&reason.id))
}

/// That a day is to be confirmed, and by how many answers.
pub(super) fn confirmed(all: &[ToBeConfirmed]) -> String {
    match all.len() {
        0 => String::new(),
        1 => ", to be confirmed (an answer is too old by then)".into(),
        count => format!(", to be confirmed ({count} answers are too old by then)"),
    }
}

pub(super) fn questions(plan: &Plan) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for (at, one) in plan.questions.iter().enumerate() {
        let name = one.label.clone().unwrap_or_else(|| plain_name(&one.fact));
        let mut notes = vec![format!("{name} · {} · opens {}", one.of, list(&one.opens, "and"))];
        if !one.alone.is_empty() {
            notes.push(format!("the only question of {}", list(&one.alone, "and")));
        }
        items.push(Item { lead: format!("{}.", at + 1), text: one.ask.clone(), notes, ..Item::default() });
    }
    items
}

fn exclusion(one: &Exclusion) -> Item {
    let notes = one.if_done.iter().flat_map(consequence).collect();
    Item { text: one.protocols.join(" and "), notes, ..Item::default() }
}

/// What follows for one of the two; nothing is said where nothing does.
fn consequence(one: &Consequence) -> Vec<String> {
    if one.status.is_treat() {
        return Vec::new();
    }
    let names = |names: &[String]| list(&names.iter().map(|name| plain_name(name)).collect::<Vec<_>>(), "and");
    let of = |id: &str, areas: &[String]| match areas {
        [] => id.to_owned(),
        some => format!("{id} ({})", names(some)),
    };
    let when = match one.first_day {
        Some(day) => format!("from {day}{}", confirmed(&one.to_be_confirmed)),
        None if one.questions.is_empty() => format!("is {}, and on no day until then due", one.status),
        None => format!("depends on {}", names(&one.questions)),
    };
    let (done, other) = (of(&one.done, &one.areas_done), of(&one.other, &one.areas));
    let mut notes = vec![format!("{done} today: {other} {when}")];
    notes.extend(one.rules.iter().map(because));
    notes
}

pub(super) fn wanted(plan: &Plan, wanted: &Wanted) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for one in &wanted.sessions {
        let mut notes = Vec::new();
        if !one.waited_for.is_empty() {
            notes.push(format!("held back by {}", one.labels.rules(&one.waited_for)));
        }
        if !one.not_with.is_empty() {
            notes.push(format!("not on one day with {}", list(&one.not_with, "and")));
        }
        let today = if one.date == plan.as_of { " (today)" } else { "" };
        let text = format!("{} ({}){}", one.title, one.protocol, confirmed(&one.to_be_confirmed));
        items.push(Item { lead: format!("{}{today}", one.date), text, notes, ..Item::default() });
    }
    if wanted.cut_short {
        let text = match items.is_empty() {
            true => "more orders than could be tried, and none of those that were does all of this".to_owned(),
            false => "more orders than could be tried: there may be an earlier one".to_owned(),
        };
        items.push(Item { text, ..Item::default() });
    }
    if !items.is_empty() {
        return items;
    }
    for one in &wanted.impossible {
        let text = format!("{}: {} today, and on no day until {} due", one.protocol, one.status, plan.until);
        items.push(Item { text, ..Item::default() });
    }
    if items.is_empty() {
        let text = format!("no order does all of this until {}, though each can be done by itself", plan.until);
        items.push(Item { text, ..Item::default() });
    }
    items
}
