//! How an answer came about, as a tree of steps each of which has an address; and what holds until when.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::app::App;
use super::http::{Answer, Ask, Route, Trouble, get};
use super::page::{self, encoded, shown};
use super::patients::Patient;
use crate::archive::Role;
use crate::date::Duration;
use crate::decide::Request;
use crate::document::Notation;
use crate::english::plain_name;
use crate::explain::changes::Change;
use crate::logic::Tri;
use crate::patient::Record;
use crate::recommendation::Recommendation;
use crate::render::outline;
use crate::trace::{Depth, Outcome, TraceNode};

pub(super) const ROUTES: &[Route] = &[
    get(&[Role::Practitioner], "/patients/{patient}/why/{protocol}", why),
    get(&[Role::Practitioner], "/patients/{patient}/when/{protocol}", when),
];

/// How far ahead it is looked.
const AHEAD: Duration = Duration { months: 24, days: 0 };

/// How many sets of answers are shown that would do.
const MOST_SETS: usize = 12;

fn why(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let prepared = ask.clinic(app, patient.day)?.ready_one(ask.part("protocol"), patient.day)?;
    let protocol = prepared.protocol();
    let (record, _) = Record::from_text("record.toml", &patient.row.text, Notation::Toml, &protocol.dictionary)?;
    let answer = protocol.recommend(&record, &Request::new(patient.day).explain(Depth::Full))?;
    let main = html! {
        div.heading { h1 { "Every step" } (page::as_of(ask.path(), patient.day, patient.today)) }
        p.preview { "Preview – not recorded" }
        p { a href=(patient.page(&format!("/treat/{}", encoded(&protocol.id)))) { (shown(&protocol.title)) } ": " (shown(&outline::answer(&answer).1)) }
        (tree(&answer))
    };
    Ok(page::about(app, ask, "Every step", &patient, main))
}

/// The steps of an answer: those that nothing is made of stand at the top, each with what it is made of below it.
pub(super) fn tree(answer: &Recommendation) -> Markup {
    let trace = &answer.trace;
    let by_id: BTreeMap<&str, &TraceNode> = trace.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let is_definition = |node: &TraceNode| node.id.strip_prefix("definition.").is_some_and(|name| !name.contains('.'));
    let parts: BTreeSet<&str> = trace.nodes.iter().flat_map(|node| &node.operands).map(String::as_str).collect();
    let tops: Vec<&TraceNode> =
        trace.nodes.iter().filter(|node| is_definition(node) || !parts.contains(node.id.as_str())).collect();
    html! {
        ul.steps { @for top in &tops { (step(top, answer, &by_id, 0)) } }
        @for group in &trace.not_holding { p { (group.kind) ": " (group.rules.join(", ")) " do not hold" } }
    }
}

/// A step is never shown deeper than this: what is below is linked.
const DEEPEST: usize = 60;

fn step(node: &TraceNode, answer: &Recommendation, by_id: &BTreeMap<&str, &TraceNode>, depth: usize) -> Markup {
    let below: Vec<&&TraceNode> = node.operands.iter().filter_map(|id| by_id.get(id.as_str())).collect();
    let is_shared = |one: &TraceNode| one.id.strip_prefix("definition.").is_some_and(|name| !name.contains('.'));
    html! {
        li id={ "step-" (node.id) } {
            a.to href=(format!("#step-{}", encoded(&node.id))) aria-label=(format!("Address of the step {}", node.id)) { "#" }
            @if below.is_empty() || depth >= DEEPEST {
                div.step { (line(node, answer)) }
            } @else {
                details open[node.decisive || depth == 0 && holds(node)] {
                    summary { (line(node, answer)) }
                    ul {
                        @for one in below {
                            @if is_shared(one) {
                                li { div.step { a href=(format!("#step-{}", encoded(&one.id))) { (shown(&one.id)) } " " (outcome(one)) } }
                            } @else { (step(one, answer, by_id, depth + 1)) }
                        }
                    }
                }
            }
        }
    }
}

fn holds(node: &TraceNode) -> bool {
    !matches!(node.outcome, Outcome::Truth(Tri::False))
}

fn outcome(node: &TraceNode) -> Markup {
    let class = match node.outcome {
        Outcome::Truth(Tri::True) => "tag yes",
        Outcome::Truth(Tri::False) => "tag no",
        Outcome::Truth(Tri::Unknown) => "tag unknown",
        Outcome::Value(_) => "tag",
    };
    html! { span class=(class) { (shown(&node.outcome.to_string())) } }
}

fn line(node: &TraceNode, answer: &Recommendation) -> Markup {
    html! {
        (outcome(node)) " "
        (shown(&outline::node_text(answer, node)))
        @if let Some(line) = node.line { span.help { "line " (line) " of the protocol" } }
    }
}

fn when(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let patient = Patient::of(app, ask)?;
    let prepared = ask.clinic(app, patient.day)?.ready_one(ask.part("protocol"), patient.day)?;
    let protocol = prepared.protocol();
    let (record, _) = Record::from_text("record.toml", &patient.row.text, Notation::Toml, &protocol.dictionary)?;
    let outlook = protocol.outlook(&record, &Request::new(patient.day), patient.day + AHEAD)?;
    let first = match outlook.first_day {
        Some(day) if day == outlook.as_of => format!("Today, {day}"),
        Some(day) => format!("From {day}, if nothing else changes"),
        None => format!("Not before {}, if nothing else changes", outlook.until.plus_days(1)),
    };
    let main = html! {
        div.heading { h1 { "From when" } (page::as_of(ask.path(), patient.day, patient.today)) }
        p.preview { "Preview – not recorded" }
        p { a href=(patient.page(&format!("/treat/{}", encoded(&protocol.id)))) { (shown(&protocol.title)) } }
        h2 { (first) }
        @if !outlook.to_be_confirmed.is_empty() {
            p { "To be asked again then: " (shown(&outlook.to_be_confirmed.iter().map(|one| plain_name(&one.fact)).collect::<Vec<_>>().join(", "))) }
        }
        ol.stretches {
            @for stretch in &outlook.stretches {
                li class=(match stretch.status { status if status.is_treat() => "go", crate::Status::Deferred | crate::Status::Undetermined | crate::Status::Refer => "wait", _ => "stop" }) {
                    span.days { (stretch.from) " to " @if stretch.until == outlook.until { "…" } @else { (stretch.until) } }
                    strong { (stretch.status.word()) }
                    @if !stretch.because.is_empty() { span.help { (shown(&stretch.because.join(", "))) } }
                }
            }
        }
        @if let Some(changes) = &outlook.changes {
            h2 { "What would have to be different today" }
            @if changes.sets.is_empty() { p { "More than two answers, or the sessions and the day themselves." } }
            ul {
                @for set in changes.sets.iter().take(MOST_SETS) {
                    li { (shown(&set.changes.iter().map(change).collect::<Vec<_>>().join(", and "))) @if !set.modifiable { span.help { "nobody can change that" } } }
                }
                @if changes.sets.len() > MOST_SETS { li { "and " (changes.sets.len() - MOST_SETS) " more" } }
            }
            @if !changes.complete { p.help { "Not everything was tried: there are too many answers." } }
        }
    };
    Ok(page::about(app, ask, "From when", &patient, main))
}

/// `smoker: no (now yes)`
fn change(one: &Change) -> String {
    let instead: Vec<String> = one.instead.iter().map(value).collect();
    let now = one.now.as_ref().map_or_else(|| "not known now".to_owned(), |now| format!("now {}", value(now)));
    let such_as = if one.examples { "for example " } else { "" };
    format!("{}: {such_as}{} ({now})", plain_name(&one.fact), instead.join(" or "))
}

/// A value of a record in words.
fn value(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        serde_json::Value::String(text) => plain_name(text),
        serde_json::Value::Array(all) if all.is_empty() => "none".to_owned(),
        serde_json::Value::Array(all) => all.iter().map(self::value).collect::<Vec<_>>().join(" + "),
        other => other.to_string(),
    }
}
