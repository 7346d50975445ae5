//! The dictionary as a sheet: every question with its id and everything that decides which answers it takes.

use super::{Block, Point, Section, Sheet};
use crate::document::{Entries, Literal, Scalar, Spanned};
use crate::protocol::file::{Choices, FactEntry, FactType, FactsFile, SessionFactEntry};

/// A dictionary as a sheet.
pub(crate) fn dictionary(file: &FactsFile) -> Sheet {
    let mut sections = declared(&file.facts, &file.session_facts);
    let contradictions = file.contradiction.iter().map(|one| Point {
        text: one.say.value.clone(),
        id: one.when.value.clone(),
        ..Point::default()
    });
    sections.extend(section(
        "Contradictions",
        "Answers that cannot all be right: none of them is used, and all are asked again.",
        contradictions.collect(),
    ));
    let treatments = file.treatments.iter().map(|(name, entry)| point(name, &entry.label, Vec::new()));
    sections.extend(section(
        "Treatments",
        "What sessions of a record may be of, and how people read it.",
        treatments.collect(),
    ));
    let ignored = [
        ("facts", &file.ignored.facts),
        ("treatments", &file.ignored.treatments),
        ("products", &file.ignored.products),
    ];
    let ignored = ignored.into_iter().filter(|(_, names)| !names.is_empty());
    let ignored = ignored.map(|(kind, names)| Point { id: kind.into(), text: listed(names), ..Point::default() });
    sections.extend(section("Ignored", "What records may hold and nobody here uses.", ignored.collect()));
    Sheet {
        language: "en".into(),
        title: "Dictionary".into(),
        warning: None,
        about: Vec::new(),
        sections,
        sources: Vec::new(),
        origin: "The dictionary's file is what counts.".into(),
    }
}

/// The facts and the notes of sessions that a file declares. A protocol's own contradictions stand among its questions.
pub(crate) fn declared(facts: &Entries<FactEntry>, notes: &Entries<SessionFactEntry>) -> Vec<Section> {
    let facts = facts.iter().map(|(name, entry)| {
        let mut about =
            vec![answer(entry.kind, &entry.choices, &entry.range, entry.unit.as_deref(), entry.decimals.as_ref())];
        if let Some(when) = &entry.asked_when {
            let otherwise =
                entry.otherwise.as_ref().map_or_else(|| "never".to_owned(), |literal| words(&literal.value));
            about.push(format!("asked when: {}; otherwise: {otherwise}", when.value));
        }
        if entry.may_be_never {
            about.push("may be answered with never".into());
        }
        if entry.past {
            about.push("not after the day of the question".into());
        }
        if entry.modifiable.value {
            about.push("can be changed".into());
        }
        let valid_for = match entry.valid_for.value.as_str() {
            "forever" => "indefinitely",
            "visit" => "for this visit",
            "session" => "until the next session",
            length => length,
        };
        about.push(format!("answered by: {}; valid: {valid_for}", entry.of.word()));
        if let Some(group) = &entry.group {
            about.push(format!("asked together with: {}", group.value));
        }
        if let Some(attribute) = entry.source_attribute {
            about.push(format!("its use is disclosed as: {attribute}"));
        }
        if !entry.codes.is_empty() {
            about.push(format!("codes: {}", entry.codes.join(", ")));
        }
        Point { lead: of_label(entry.label.as_ref()), ..point(name, &entry.ask, about) }
    });
    let notes = notes.iter().map(|(name, entry)| {
        let answer = answer(entry.kind, &entry.choices, &entry.range, entry.unit.as_deref(), entry.decimals.as_ref());
        Point { lead: of_label(entry.label.as_ref()), ..point(name, "", vec![answer]) }
    });
    let facts = section(
        "Facts",
        "What may be known about a patient, with the question as the person hears it.",
        facts.collect(),
    );
    let notes = section("Notes of sessions", "What may be noted about a session.", notes.collect());
    facts.into_iter().chain(notes).collect()
}

/// An answer as a file says it.
fn words(literal: &Literal) -> String {
    let one = |scalar: &Scalar| match scalar {
        Scalar::Bool(true) => "yes".to_owned(),
        Scalar::Bool(false) => "no".to_owned(),
        Scalar::Number(number) => number.to_string(),
        Scalar::Text(text) => text.clone(),
    };
    match literal {
        Literal::One(scalar) => one(scalar),
        Literal::List(all) if all.is_empty() => "none".into(),
        Literal::List(all) => all.iter().map(|item| one(&item.value)).collect::<Vec<_>>().join(", "),
    }
}

fn section(title: &str, lead: &str, points: Vec<Point>) -> Option<Section> {
    let some = !points.is_empty();
    some.then(|| Section { title: title.into(), lead: lead.into(), blocks: vec![Block::Points(points)] })
}

fn point(name: &Spanned<String>, text: &str, notes: Vec<String>) -> Point {
    Point { text: text.into(), notes, id: name.value.clone(), ..Point::default() }
}

/// Which answers are taken: `choice: none, face`; `whole number, 1 to 6`.
fn answer(
    kind: FactType,
    choices: &Choices,
    range: &[Spanned<Scalar>],
    unit: Option<&str>,
    decimals: Option<&Spanned<i64>>,
) -> String {
    let mut text = match kind {
        FactType::Bool => "yes or no".to_owned(),
        FactType::Integer => "whole number".to_owned(),
        FactType::Decimal => "number".to_owned(),
        FactType::Text => "text".to_owned(),
        FactType::Date => "date".to_owned(),
        FactType::Choice => format!("one of: {}", labelled(choices)),
        FactType::Set => format!("any of: {}", labelled(choices)),
    };
    if let [least, greatest] = range
        && let (Scalar::Number(least), Scalar::Number(greatest)) = (&least.value, &greatest.value)
    {
        text.push_str(&format!(", {least} to {greatest}"));
    }
    text.push_str(&unit.map_or_else(String::new, |unit| format!(", in {unit}")));
    text.push_str(&decimals.map_or_else(String::new, |decimals| format!(", decimals: at most {}", decimals.value)));
    text
}

fn of_label(label: Option<&Spanned<String>>) -> String {
    label.map_or_else(String::new, |label| super::capital(&label.value))
}

/// `never; rarely (rare)`: what people read, and in brackets what a record holds, where that is something else.
fn labelled(choices: &Choices) -> String {
    if choices.labels.is_empty() {
        return listed(choices);
    }
    let one = |(name, label): (&Spanned<String>, &Spanned<String>)| match name.value == label.value {
        true => name.value.clone(),
        false => format!("{} ({})", label.value, name.value),
    };
    choices.names.iter().zip(&choices.labels).map(one).collect::<Vec<_>>().join("; ")
}

fn listed(names: &[Spanned<String>]) -> String {
    names.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(", ")
}
