//! The plan of a whole clinic on one screen: what can be done today, from when the rest, which answers would open most, what never. Each
//! exclusion with its rules, and every reason, are on the whole page.

use super::brief::{Part, Room, lines, point, print};
use super::outline::{self, Item};
use super::plan::{about, category, confirmed_behind, in_use, questions, wanted};
use super::text::{TextStyle, paragraph};
use crate::plan::{Entry, Exclusion, Group, Plan, ProtocolStatus};
use crate::speech::{Speech, tell};

/// A plan on one screen: 43 lines at most, so that whoever prints it has two left to say where the rest is. What does not fit is counted.
#[must_use]
pub fn plan_brief(plan: &Plan, style: TextStyle) -> String {
    let width = style.laid_out();
    let speech = plan.speech();
    let mut out = String::new();
    paragraph(&mut out, &about(plan), "", "", width);
    let group = |group: Group| in_use(plan).filter(move |entry| entry.group == group);
    let doubts = plan.doubts.iter().map(|one| outline::doubt(one, speech));
    let doubts = doubts.map(|doubt| point(&format!("{}: {}", doubt.lead, doubt.text), width));
    let orders = plan.wanted.iter().flat_map(|one| wanted(plan, one));
    let asked = plan.questions.iter().zip(questions(plan)).map(|(opening, question)| {
        let text = tell!(speech, "{} (opens {})", question.text, plan.names(&opening.opens));
        lines(&text, &format!("  {} ", question.lead), "     ", width)
    });
    let drafts = plan.protocols.iter().filter(|entry| entry.protocol_status == ProtocolStatus::Draft);
    let broken = plan.broken.iter().map(|one| point(&format!("{}: {}", one.title, one.told), width));
    let part = |title, points, room| Part::new(speech, title, points, room);
    let parts = [
        part("Doubts", doubts.collect(), Room { most: 3, least: 1 }),
        part("What is wanted", orders.map(|one| ordered(&one, width)).collect(), Room { most: 8, least: 8 }),
        part("Today", dated(group(Group::Today), width, speech), Room { most: 8, least: 4 }),
        part(
            "Not on one day",
            plan.exclusions.iter().map(|one| excluded(plan, one, width)).collect(),
            Room { most: 5, least: 2 },
        ),
        part("A named person decides", dated(group(Group::Refer), width, speech), Room { most: 5, least: 1 }),
        part("Questions that open most", asked.collect(), Room { most: 5, least: 2 }),
        part("Ask first", named(group(Group::Ask), width, speech), Room { most: 4, least: 1 }),
        part("From a day on", dated(group(Group::Later), width, speech), Room { most: 8, least: 2 }),
        part("Course is over", named(group(Group::Over), width, speech), Room { most: 4, least: 1 }),
        part("Not for this patient", named(group(Group::No), width, speech), Room { most: 4, least: 1 }),
        part("Drafts – not for patients", named(drafts, width, speech), Room { most: 4, least: 0 }),
        part("Broken – no answer", broken.collect(), Room { most: 3, least: 1 }),
    ];
    print(&mut out, parts, style);
    out
}

/// A session of an order, and what it waits for.
fn ordered(one: &Item, width: usize) -> Vec<String> {
    let lead = if one.lead.is_empty() { String::new() } else { format!("{} ", one.lead) };
    let notes = one.notes.iter().flat_map(|note| lines(note, "    ", "      ", width));
    point(&format!("{lead}{}", one.text), width).into_iter().chain(notes).collect()
}

/// One point a protocol, with what it says; the first of its kind under the name of that.
fn dated<'a>(entries: impl Iterator<Item = &'a Entry>, width: usize, speech: &Speech) -> Vec<Vec<String>> {
    let mut last = None;
    let one = |entry: &Entry| {
        let is_later = entry.group == Group::Later;
        let confirmed = if is_later { confirmed_behind(entry, speech) } else { String::new() };
        let Entry { title, headline, protocol, .. } = entry;
        let kind = Some(entry.category).filter(|kind| last.replace(*kind) != Some(*kind));
        let heading = kind.map(|kind| format!("  {}", speech.word(category(kind))));
        heading.into_iter().chain(point(&format!("{title}: {headline}{confirmed} ({protocol})"), width)).collect()
    };
    entries.map(one).collect()
}

/// One point a kind of thing, with the names of its protocols.
fn named<'a>(entries: impl Iterator<Item = &'a Entry>, width: usize, speech: &Speech) -> Vec<Vec<String>> {
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for entry in entries {
        let kind = category(entry.category);
        match kinds.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, names)) => names.push(&entry.name),
            None => kinds.push((kind, vec![&entry.name])),
        }
    }
    kinds.iter().map(|(kind, names)| point(&format!("{}: {}", speech.word(kind), names.join(", ")), width)).collect()
}

/// From when the one of a pair is permitted once the other has been done today.
fn excluded(plan: &Plan, one: &Exclusion, width: usize) -> Vec<String> {
    let speech = plan.speech();
    let waits = one.if_done.iter().filter(|one| !one.status.is_treat());
    let then: Vec<String> = waits
        .map(|one| (plan.name(&one.done), plan.name(&one.other), one))
        .map(|(done, other, one)| match one.first_day {
            Some(day) => {
                let phrase = match one.to_be_confirmed.is_empty() {
                    true => "{} today, then {} from {}",
                    false => "{} today, then {} from {}, to be confirmed",
                };
                tell!(speech, phrase, done, other, speech.date(day))
            }
            None => tell!(speech, "{} today, then {} is {}", done, other, speech.word(one.status.word())),
        })
        .collect();
    point(&then.join(&speech.word("; or ")), width)
}
