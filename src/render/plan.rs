//! The plan of a whole clinic for a person.

use std::collections::BTreeMap;

use super::markdown::escape;
use super::outline::{self, Item, Section, section};
use super::text::{TextStyle, paragraph, print_section};
use crate::date::Date;
use crate::english::{list, plain_name};
use crate::plan::{Category, Consequence, Entry, Exclusion, Group, Plan, ProtocolStatus, Wanted};
use crate::recommendation::{Duration, Reason, ToBeConfirmed};
use crate::speech::{Speech, tell};

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
    let (today, asked, speech) = (count(Group::Today), count(Group::Ask), plan.speech());
    let asked = match asked {
        0 => String::new(),
        1 => speech.word(", 1 waits for answers"),
        more => tell!(speech, ", {} wait for answers", more),
    };
    let phrase = "Patient {} · as of {} · {} can be done today{}";
    tell!(speech, phrase, plan.patient, speech.date(plan.as_of), today, asked)
}

pub(super) fn in_use(plan: &Plan) -> impl Iterator<Item = &Entry> {
    plan.protocols.iter().filter(|entry| entry.protocol_status != ProtocolStatus::Draft)
}

/// The parts of a plan that say something.
pub(crate) fn sections(plan: &Plan) -> Vec<Section> {
    let speech = plan.speech();
    let group = |title: &'static str, group: Group| {
        section(speech, title, by_category(in_use(plan).filter(|entry| entry.group == group), speech))
    };
    let drafts = plan.protocols.iter().filter(|entry| entry.protocol_status == ProtocolStatus::Draft);
    let broken =
        plan.broken.iter().map(|one| Item { lead: one.title.clone(), text: one.told.clone(), ..Item::default() });
    let sections = [
        section(speech, "Doubts", plan.doubts.iter().map(|one| outline::doubt(one, speech)).collect()),
        section(speech, "What is wanted", plan.wanted.iter().flat_map(|one| wanted(plan, one)).collect()),
        group("Today", Group::Today),
        section(speech, "Not on one day", plan.exclusions.iter().map(|one| exclusion(plan, one)).collect()),
        group("A named person decides", Group::Refer),
        group("Ask first", Group::Ask),
        section(speech, "Questions that open most", questions(plan)),
        group("From a day on", Group::Later),
        group("Course is over", Group::Over),
        group("Not for this patient", Group::No),
        section(speech, "Drafts – not for patients", drafts.map(|one| entry(one, 0, speech)).collect()),
        section(speech, "Broken – no answer", broken.collect()),
    ];
    sections.into_iter().filter(|section| !section.items.is_empty()).collect()
}

/// Each kind of thing under its own name, where there are several.
fn by_category<'a>(entries: impl Iterator<Item = &'a Entry>, speech: &Speech) -> Vec<Item> {
    let entries: Vec<&Entry> = entries.collect();
    let mut items: Vec<Item> = Vec::new();
    let mut last = None;
    for one in entries {
        if last.replace(one.category) != Some(one.category) {
            items.push(Item { text: speech.word(category(one.category)), ..Item::default() });
        }
        items.push(entry(one, 1, speech));
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

fn entry(one: &Entry, level: usize, speech: &Speech) -> Item {
    let mut notes: Vec<String> = Vec::new();
    // What can be done needs no reason, and what waits for answers has its questions.
    if matches!(one.group, Group::Later | Group::Over | Group::No | Group::Refer) {
        notes.extend(one.reasons.first().map(|reason| because(reason, speech)));
    }
    if one.group == Group::Later && !one.to_be_confirmed.is_empty() {
        notes.push(confirmed(&one.to_be_confirmed, speech).trim_start_matches(", ").to_owned());
    }
    Item { text: format!("{}: {} ({})", one.title, one.headline, one.protocol), notes, level, ..Item::default() }
}

fn because(reason: &Reason, speech: &Speech) -> String {
    let lasts = match reason.lasts {
        Some(Duration::Permanent) => speech.word(" For good."),
        Some(Duration::WhileTrue) => speech.word(" As long as it is so."),
        None => String::new(),
    };
    format!("{}{lasts} ({})", reason.reason, reason.label.as_ref().unwrap_or(&reason.id))
}

/// That a day is to be confirmed, and by how many answers.
pub(super) fn confirmed(all: &[ToBeConfirmed], speech: &Speech) -> String {
    match all.len() {
        0 => String::new(),
        1 => speech.word(", to be confirmed (an answer is too old by then)"),
        count => tell!(speech, ", to be confirmed ({} answers are too old by then)", count),
    }
}

/// The same behind a headline, which says of a first permitted day itself that it is to be confirmed.
pub(super) fn confirmed_behind(one: &Entry, speech: &Speech) -> String {
    let all = &one.to_be_confirmed;
    let says_so = one.not_before.is_some_and(|day| all.iter().any(|one| one.valid_until < day));
    match (says_so, all.len()) {
        (false, _) => confirmed(all, speech),
        (true, 1) => speech.word(" (an answer is too old by then)"),
        (true, count) => tell!(speech, " ({} answers are too old by then)", count),
    }
}

pub(super) fn questions(plan: &Plan) -> Vec<Item> {
    let speech = plan.speech();
    let mut items: Vec<Item> = Vec::new();
    for (at, one) in plan.questions.iter().enumerate() {
        let name = one.label.clone().unwrap_or_else(|| plain_name(&one.fact));
        let opens = plan.names(&one.opens);
        let mut notes = vec![tell!(speech, "{} · {} · opens {}", name, speech.word(one.of.word()), opens)];
        if !one.alone.is_empty() {
            notes.push(tell!(speech, "the only question of {}", plan.names(&one.alone)));
        }
        items.push(Item { lead: format!("{}.", at + 1), text: one.ask.clone(), notes, ..Item::default() });
    }
    items
}

fn exclusion(plan: &Plan, one: &Exclusion) -> Item {
    let notes = one.if_done.iter().flat_map(|one| consequence(plan, one)).collect();
    Item { text: plan.names(&one.protocols), notes, ..Item::default() }
}

/// What follows for one of the two; nothing is said where nothing does.
fn consequence(plan: &Plan, one: &Consequence) -> Vec<String> {
    if one.status.is_treat() {
        return Vec::new();
    }
    let (speech, labels) = (plan.speech(), &one.labels);
    let of = |id: &str, areas: &[String]| match areas {
        [] => plan.name(id).to_owned(),
        some => {
            let areas: Vec<String> = some.iter().map(|area| labels.value(area)).collect();
            format!("{} ({})", plan.name(id), list(&areas, speech.and))
        }
    };
    let when = match one.first_day {
        Some(day) => tell!(speech, "from {}{}", speech.date(day), confirmed(&one.to_be_confirmed, speech)),
        None if one.questions.is_empty() => {
            tell!(speech, "is {}, and on no day until then due", speech.word(one.status.word()))
        }
        None => {
            let facts =
                one.questions.iter().map(|fact| labels.facts.get(fact).cloned().unwrap_or_else(|| plain_name(fact)));
            tell!(speech, "depends on {}", list(&facts.collect::<Vec<_>>(), speech.and))
        }
    };
    let (done, other) = (of(&one.done, &one.areas_done), of(&one.other, &one.areas));
    let mut notes = vec![tell!(speech, "{} today: {} {}", done, other, when)];
    notes.extend(one.rules.iter().map(|rule| because(rule, speech)));
    if one.first_day.is_none() {
        notes.extend(cut_short(plan, &[&one.other]));
    }
    notes
}

pub(super) fn wanted(plan: &Plan, wanted: &Wanted) -> Vec<Item> {
    let speech = plan.speech();
    let mut items: Vec<Item> = Vec::new();
    for one in &wanted.sessions {
        let mut notes = Vec::new();
        if !one.waited_for.is_empty() {
            notes.push(tell!(speech, "held back by {}", one.labels.rules(&one.waited_for)));
        }
        if !one.not_with.is_empty() {
            notes.push(tell!(speech, "not on one day with {}", plan.names(&one.not_with)));
        }
        let lead = match one.date == plan.as_of {
            true => tell!(speech, "{} (today)", speech.date(one.date)),
            false => speech.date(one.date),
        };
        let text = format!("{} ({}){}", one.title, one.protocol, confirmed(&one.to_be_confirmed, speech));
        items.push(Item { lead, text, notes, ..Item::default() });
    }
    if wanted.cut_short {
        let text = match items.is_empty() {
            true => speech.word("more orders than could be tried, and none of those that were does all of this"),
            false => speech.word("more orders than could be tried: there may be an earlier one"),
        };
        items.push(Item { text, ..Item::default() });
    }
    for one in &wanted.impossible {
        let (status, until) = (speech.word(one.status.word()), speech.date(plan.looked_at_until(&one.protocol)));
        let phrase = match wanted.cut_short {
            true => "{}: {} today, and by itself on no day until {} due",
            false => "{}: {} today, and on no day until {} due",
        };
        let text = tell!(speech, phrase, plan.name(&one.protocol), status, until);
        items.push(Item { text, ..Item::default() });
    }
    if items.is_empty() {
        let until = speech.date(plan.until);
        let text = tell!(speech, "no order does all of this until {}, though each can be done by itself", until);
        items.push(Item { text, ..Item::default() });
    }
    let wanted: Vec<&str> = wanted.protocols.iter().map(String::as_str).collect();
    items.extend(cut_short(plan, &wanted).into_iter().map(|text| Item { text, ..Item::default() }));
    items
}

/// Those of some protocols that were not looked at to the end of the plan, as their versions end.
fn cut_short(plan: &Plan, ids: &[&str]) -> Vec<String> {
    let (mut days, speech): (BTreeMap<Date, Vec<&str>>, _) = (BTreeMap::new(), plan.speech());
    for id in ids {
        let last = plan.looked_at_until(id);
        if last < plan.until {
            days.entry(last).or_default().push(plan.name(id));
        }
    }
    let phrase = "not looked at after {}, because the version ends then: {}";
    days.into_iter().map(|(last, names)| tell!(speech, phrase, speech.date(last), names.join(", "))).collect()
}
