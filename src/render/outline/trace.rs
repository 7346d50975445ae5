//! The trace, step by step.

use std::collections::BTreeSet;

use super::{Item, Section, item, section, why};
use crate::recommendation::{PastSession, Recommendation};
use crate::speech::{Speech, tell};
use crate::trace::{Depth, Outcome, StepKind, TraceNode, UnknownFact};

pub(super) fn trace(recommendation: &Recommendation) -> Section {
    let (trace, speech) = (&recommendation.trace, recommendation.speech());
    let mut items = Vec::new();
    if trace.depth == Depth::Full {
        // Definitions are shown once, by themselves, and not again where they are used.
        let parts: BTreeSet<&str> = trace.nodes.iter().flat_map(|node| &node.operands).map(String::as_str).collect();
        for top in trace.nodes.iter().filter(|node| is_definition(node) || !parts.contains(node.id.as_str())) {
            tree(recommendation, top, 0, &mut items);
        }
    } else {
        for node in &trace.nodes {
            items.push(item(outcome(node, speech), node_text(recommendation, node), Vec::new()));
        }
    }
    for group in &trace.not_holding {
        let kind = speech.word(group.kind.word());
        let rules = recommendation.labels.rules(&group.rules);
        items.push(item(speech.no, format!("{kind}: {rules}"), Vec::new()));
    }
    section(speech, "Trace", items)
}

/// What came out of a step, in words. Choices and `never` stay as expressions have them.
pub(crate) fn outcome(node: &TraceNode, speech: &Speech) -> String {
    match &node.outcome {
        Outcome::Value(verdict) if node.kind == StepKind::Session && !speech.is_english() => {
            speech.word(&verdict.replace('_', " "))
        }
        Outcome::Value(text) if text == "none" || text == "never" => text.clone(),
        other => speech.value(&other.to_string()),
    }
}

fn is_definition(node: &TraceNode) -> bool {
    node.id.strip_prefix("definition.").is_some_and(|name| !name.contains('.'))
}

fn tree(recommendation: &Recommendation, node: &TraceNode, level: usize, items: &mut Vec<Item>) {
    let lead = outcome(node, recommendation.speech());
    items.push(Item { level, ..item(lead, node_text(recommendation, node), Vec::new()) });
    for operand in &node.operands {
        if let Some(part) = recommendation.trace.nodes.iter().find(|other| other.id == *operand)
            && !is_definition(part)
        {
            tree(recommendation, part, level + 1, items);
        }
    }
}

/// The recorded session that a step tells of: they stand in the order of the course.
fn session_of<'r>(recommendation: &'r Recommendation, node: &TraceNode) -> Option<&'r PastSession> {
    let mut sessions = recommendation.trace.nodes.iter().filter(|node| node.kind == StepKind::Session);
    recommendation.course.as_ref()?.past.get(sessions.position(|other| other.id == node.id)?)
}

/// A step in words: what it is called or how it is written, where its value comes from, what it waits for.
#[must_use]
pub fn node_text(recommendation: &Recommendation, node: &TraceNode) -> String {
    let (labels, speech) = (&recommendation.labels, recommendation.speech());
    // The parts of an expression are told by their text; its whole by its name, but for that of a rule, which stands above it.
    let is_part = |mark: &str| node.id.split_once(mark).is_some_and(|(_, rest)| rest.contains('.'));
    let of_rule = !node.id.starts_with("course.") && (node.id.ends_with(".when") || node.id.ends_with(".not_before"));
    let part = of_rule
        || [".when.", ".not_before.", ".from."].into_iter().any(|mark| node.id.contains(mark))
        || is_part(".row-");
    let said = match node.kind {
        StepKind::Session => session_of(recommendation, node).and_then(|past| past.in_words(speech)),
        _ => node.said(speech),
    };
    let mut text = match (&said, part || node.id.matches('.').count() > 1 && node.id.starts_with("definition.")) {
        (Some(text), true) => text.clone(),
        (Some(text), false) if node.kind != StepKind::Definition => format!("{}: {text}", node.id),
        (Some(text), false) => format!("{} = {text}", node.id),
        (None, _) => node.id.clone(),
    };
    if let Some(label) = node.rule().and_then(|rule| labels.rules.get(rule)) {
        text.push_str(&format!(" ({label})"));
    }
    if let Some(session) = node.session() {
        text.insert_str(0, &tell!(speech, "session of {}: ", speech.date_text(session)));
    }
    text.push_str(&node.remarks(speech));
    if !node.unknown.is_empty() {
        let fact = |unknown: &UnknownFact| format!("{} ({})", unknown.fact, why(&unknown.why, speech));
        let facts: Vec<String> = node.unknown.iter().map(fact).collect();
        text.push_str(&tell!(speech, " – waits for {}", facts.join(", ")));
    }
    text
}
