//! What a new version changes, for a terminal and for a pull request.

use super::markdown::escape;
use crate::diff::{
    Bump, Change, ChangeKind, Difference, Effect, Field, Group, Impact, Labels, MadeUp, Outcome, Part,
    ProtocolDifference, Search,
};
use crate::visible;

/// A line of the output. What stands between backticks is code.
pub(crate) enum Line {
    Title(String),
    Heading(String),
    Item(usize, String),
    /// To be copied as it is.
    Copy(String),
}

/// What a new version changes, as lines of at most that width.
#[must_use]
pub fn difference_text(difference: &Difference, width: usize) -> String {
    let mut out = String::new();
    for line in lines(difference) {
        match line {
            Line::Title(text) => {
                let gap = if out.is_empty() { "" } else { "\n" };
                out.push_str(&format!("{gap}{}\n", visible::lines(&text)));
            }
            Line::Heading(text) => out.push_str(&format!("\n{}\n", visible::lines(&text))),
            Line::Item(level, text) => {
                let indent = "  ".repeat(level + 1);
                let further = format!("{indent}  ");
                let options = textwrap::Options::new(width).initial_indent(&indent).subsequent_indent(&further);
                let text = visible::lines(&text).split_whitespace().collect::<Vec<_>>().join(" ");
                for line in textwrap::wrap(
                    &text,
                    options
                        .break_words(false)
                        .word_separator(textwrap::WordSeparator::AsciiSpace)
                        .word_splitter(textwrap::WordSplitter::NoHyphenation),
                ) {
                    out.push_str(&format!("{line}\n"));
                }
            }
            Line::Copy(text) => out.push_str(&format!("    {text}\n")),
        }
    }
    out
}

/// The same as Markdown.
#[must_use]
pub fn difference_markdown(difference: &Difference) -> String {
    let mut out = String::new();
    let mut after_item = false;
    for line in lines(difference) {
        let is_item = matches!(line, Line::Item(..) | Line::Copy(_));
        if !(out.is_empty() || is_item && after_item) {
            out.push('\n');
        }
        after_item = is_item;
        match line {
            Line::Title(text) => out.push_str(&format!("# {}\n", marked(&text))),
            Line::Heading(text) => out.push_str(&format!("## {}\n", marked(&text))),
            Line::Item(level, text) => out.push_str(&format!("{}- {}\n", "  ".repeat(level), marked(&text))),
            Line::Copy(text) => out.push_str(&format!(
                "  - <details><summary>record</summary>\n\n    ```json\n    {text}\n    ```\n\n    </details>\n"
            )),
        }
    }
    out
}

/// A text in Markdown, with code where backticks are.
fn marked(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let mut out = String::new();
    for (at, part) in parts.into_iter().enumerate() {
        if at % 2 == 1 {
            out.push_str(&format!("`{}`", visible::lines(part).split_whitespace().collect::<Vec<_>>().join(" ")));
        } else {
            let ends = [part.starts_with(char::is_whitespace), part.ends_with(char::is_whitespace)];
            let space = |is_there: bool| if is_there { " " } else { "" };
            let inner = escape(part);
            // One space alone is both ends.
            out.push_str(space(ends[0]));
            out.push_str(&inner);
            out.push_str(space(ends[1] && !inner.is_empty()));
        }
    }
    out
}

/// What a new version changes.
pub(crate) fn lines(difference: &Difference) -> Vec<Line> {
    let mut out = Vec::new();
    let is_alone = difference.protocols.len() == 1;
    let is_same = |one: &&ProtocolDifference| {
        let answers = one.impact.iter().all(|impact| impact.groups.is_empty());
        let made_up = one.made_up.iter().all(|search| search.patients.is_empty() && search.left_out.is_empty());
        one.old.is_some() && one.old == one.new && one.changes.is_empty() && answers && made_up
    };
    for protocol in difference.protocols.iter().filter(|one| is_alone || !is_same(one)) {
        of_protocol(protocol, difference, &mut out);
    }
    if !difference.dictionary.is_empty() {
        let meaning = difference.dictionary.iter().any(|change| change.effect == Effect::Answer);
        let said = if meaning { "different in meaning" } else { "no difference in meaning" };
        out.push(Line::Title(format!("dictionary: {said}")));
        changes(&difference.dictionary, &difference.labels, &mut out);
    }
    let same: Vec<&str> = difference.protocols.iter().filter(is_same).map(|one| one.protocol.as_str()).collect();
    if !is_alone {
        out.push(Line::Title(format!(
            "the same: {}",
            if same.is_empty() { "none".to_owned() } else { same.join(", ") }
        )));
    }
    out
}

fn of_protocol(one: &ProtocolDifference, whole: &Difference, out: &mut Vec<Line>) {
    let id = &one.protocol;
    let (Some(old), Some(new)) = (&one.old, &one.new) else {
        let said = if one.new.is_some() { "a new protocol" } else { "no longer there" };
        let version = one.new.as_ref().or(one.old.as_ref()).map(String::as_str).unwrap_or_default();
        out.push(Line::Title(format!("{id} {version}: {said}")));
        return;
    };
    let is_of_meaning = one.changes.iter().any(|change| change.effect == Effect::Answer);
    let said = if is_of_meaning { "different in meaning" } else { "no difference in meaning" };
    let versions = if old == new { old.clone() } else { format!("{old} → {new}") };
    out.push(Line::Title(format!("{id} {versions}: {said}")));
    let treated = one.impact.as_ref().map_or(0, |impact| impact.count(Outcome::NewlyTreated));
    if treated > 0 {
        out.push(Line::Item(0, format!("not treated → treated: {}", counted(treated, "recorded patient"))));
    }
    let made_up = one.made_up.iter().flat_map(|search| &search.patients);
    if made_up.filter(|one| one.comparison.outcome == Outcome::NewlyTreated).count() > 0 {
        out.push(Line::Item(0, "not treated → treated: made-up patients, below".to_owned()));
    }
    if one.bump != Bump::None {
        let needed = one.bump.applied(old).map_or_else(String::new, |version| format!(": {version}"));
        let made = if one.bump.is_made(old, new) { "" } else { ", which the file does not have" };
        let least = if one.impact.is_none() && one.made_up.is_none() { "at least " } else { "" };
        out.push(Line::Item(0, format!("needs {least}a {} version{needed}{made}", one.bump.word())));
    }
    let all: Vec<&Change> = one.changes.iter().chain(&whole.dictionary).collect();
    if let Some(impact) = &one.impact {
        recorded(impact, &all, &one.labels, out);
    }
    changes(&one.changes, &one.labels, out);
    if let Some(search) = &one.made_up {
        made_up_patients(search, &all, &one.labels, out);
    }
}

fn recorded(impact: &Impact, changes: &[&Change], labels: &Labels, out: &mut Vec<Line>) {
    out.push(Line::Heading(format!("Recorded patients on {}: {}", impact.as_of, counted(impact.records, "record"))));
    for tally in impact.tally.iter().filter(|tally| tally.records > 0) {
        out.push(Line::Item(0, format!("{}: {}", tally.outcome.in_words(), tally.records)));
    }
    if !impact.groups.is_empty() {
        out.push(Line::Heading("Who is answered differently, by what did it".to_owned()));
    }
    for group in &impact.groups {
        let Group { outcome, old, new, because, records, examples } = group;
        let why = because_of(because, changes, labels);
        let statuses = statuses(*outcome, *old, *new);
        out.push(Line::Item(0, format!("{}{statuses}{why}: {}", outcome.in_words(), counted(*records, "record"))));
        for example in examples {
            out.push(Line::Item(1, format!("{}: {}", example.patient, example.change)));
        }
        if examples.len() < *records {
            let more = records - examples.len();
            out.push(Line::Item(
                1,
                if examples.is_empty() { format!("{more} in all") } else { format!("and {more} more") },
            ));
        }
    }
}

type Status = Option<crate::recommendation::Status>;

/// From which status to which, where that is not said by the examples alone.
pub(crate) fn statuses(outcome: Outcome, old: Status, new: Status) -> String {
    let word = |status: Status| status.map_or("no answer", |status| status.word());
    match outcome {
        _ if old != new => format!(", {} → {}", word(old), word(new)),
        Outcome::Error => String::new(),
        _ => format!(", {}", word(new)),
    }
}

/// What did it, and through which change, where that is not the thing itself.
pub(crate) fn because_of(because: &[String], changes: &[&Change], labels: &Labels) -> String {
    let one = |id: &String| {
        let is_changed = changes.iter().any(|change| change.id == *id);
        // A course is another one through its parts, and what these use.
        let is_it = |other: &String| other == id || labels.is_part(id, other);
        let does_it = |change: &&&Change| is_it(&change.id) || change.used_by.iter().any(is_it);
        let through: Vec<String> = changes
            .iter()
            .filter(|change| !is_changed && change.effect == Effect::Answer && does_it(change))
            .map(|change| labels.changed(change.part, &change.id))
            .collect();
        let name = labels.answered(id);
        if through.is_empty() { name } else { format!("{name} through {}", through.join(", ")) }
    };
    let all: Vec<String> = because.iter().map(one).collect();
    if all.is_empty() { String::new() } else { format!(", because of {}", all.join("; ")) }
}

fn made_up_patients(search: &Search, changes: &[&Change], labels: &Labels, out: &mut Vec<Line>) {
    let found = counted(search.patients.len(), "way");
    out.push(Line::Heading(format!("Made-up patients: {found} to differ, {} tried", search.tried)));
    if search.patients.is_empty() {
        out.push(Line::Item(0, "none was found to whom the versions answer differently".to_owned()));
    }
    for one in &search.patients {
        let MadeUp { comparison, change, special, recorded, as_of, record } = one;
        let why = because_of(&comparison.because, changes, labels);
        let statuses = statuses(comparison.outcome, comparison.old, comparison.new);
        out.push(Line::Item(0, format!("{}{statuses}{why}", comparison.outcome.in_words())));
        out.push(Line::Item(1, format!("on {as_of}: {change}")));
        if !special.is_empty() {
            out.push(Line::Item(1, format!("with {}", special.join("; "))));
        }
        match recorded {
            Some(0) => out.push(Line::Item(1, "no recorded patient is like this".to_owned())),
            Some(count) => out.push(Line::Item(1, format!("like {}", counted(*count, "recorded patient")))),
            None => {}
        }
        out.push(Line::Copy(visible::json(&compact(record)).into_owned()));
    }
    for left_out in &search.left_out {
        out.push(Line::Item(0, format!("left out: {left_out}")));
    }
}

/// A record in one line.
fn compact(record: &str) -> String {
    record.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

fn changes(all: &[Change], labels: &Labels, out: &mut Vec<Line>) {
    let headings = [
        (Effect::Answer, "What can change an answer"),
        (Effect::Text, "Texts"),
        (Effect::Administration, "What no patient meets"),
    ];
    for (effect, heading) in headings {
        let some: Vec<&Change> = all.iter().filter(|change| change.effect == effect).collect();
        if !some.is_empty() {
            out.push(Line::Heading(heading.to_owned()));
        }
        for change in some {
            let used = match &change.used_by[..] {
                [] => String::new(),
                some => {
                    format!(", used by {}", some.iter().map(|id| labels.answered(id)).collect::<Vec<_>>().join(", "))
                }
            };
            let name = if change.id.is_empty() {
                change.part.to_string()
            } else {
                format!("{} {}", change.part, labels.changed(change.part, &change.id))
            };
            out.push(Line::Item(0, format!("{name} {}{used}", change.kind)));
            let fields = change.fields.iter().filter(|field| is_told(change, field));
            fields.for_each(|field| one_field(change, field, out));
        }
    }
}

/// Of what came or went, what it does and why is enough; its sources and remarks are in the file.
fn is_told(change: &Change, field: &Field) -> bool {
    change.kind == ChangeKind::Changed
        || field.effect == Effect::Answer
        || ["reason", "otherwise", "do", "sign"].contains(&field.key.as_str())
        || matches!(change.part, Part::Source)
}

fn one_field(change: &Change, field: &Field, out: &mut Vec<Line>) {
    let said = |words: &Option<String>, written: &Option<String>| words.clone().or_else(|| written.clone());
    let (old, new) = (said(&field.old_words, &field.old), said(&field.new_words, &field.new));
    // What differs may read the same in words: then as it is written.
    let (old, new) = if old == new { (field.old.clone(), field.new.clone()) } else { (old, new) };
    let key = &field.key;
    match (old, new) {
        (Some(old), Some(new)) if old.chars().count() + new.chars().count() <= 60 => {
            out.push(Line::Item(1, format!("{key}: {old} → {new}")));
        }
        (Some(old), Some(new)) => {
            out.push(Line::Item(1, format!("{key} was: {old}")));
            out.push(Line::Item(1, format!("{key} is now: {new}")));
        }
        (Some(one), None) if change.kind == ChangeKind::Changed => {
            out.push(Line::Item(1, format!("{key} is gone; it was: {one}")))
        }
        (None, Some(one)) if change.kind == ChangeKind::Changed => {
            out.push(Line::Item(1, format!("{key} is new: {one}")))
        }
        (Some(one), None) | (None, Some(one)) => out.push(Line::Item(1, format!("{key}: {one}"))),
        (None, None) => {}
    }
}

/// `1 rule`, `2 rules`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
