//! How an answer came about, as a tree of steps each of which has an address.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use maud::{Markup, html};

use super::page::{encoded, shown};
use super::words::{Words, say};
use crate::english::{English, plain_name};
use crate::lang::{ExprId, Type};
use crate::logic::Tri;
use crate::protocol::Protocol;
use crate::recommendation::Recommendation;
use crate::render::outline;
use crate::speech::tell;
use crate::trace::{Outcome, TraceNode, UnknownFact};

/// The steps of an answer: those that nothing is made of stand at the top, each with what it is made of below it. Where the protocol is here that has
/// answered, its expressions are said in words.
pub(super) fn tree(w: Words, answer: &Recommendation, protocol: Option<&Protocol>) -> Markup {
    let trace = &answer.trace;
    let has_answered = |protocol: &&Protocol| {
        let from = &answer.provenance;
        from.protocol_sha256 == protocol.sha256 && from.dictionary_sha256 == protocol.dictionary.sha256
    };
    let all = Steps {
        w,
        answer,
        by_id: trace.nodes.iter().map(|node| (node.id.as_str(), node)).collect(),
        words: protocol.filter(has_answered).map(InWords::of),
    };
    let parts: BTreeSet<&str> = trace.nodes.iter().flat_map(|node| &node.operands).map(String::as_str).collect();
    let mut tops: Vec<&TraceNode> =
        trace.nodes.iter().filter(|node| is_definition(node) || !parts.contains(node.id.as_str())).collect();
    // What has decided comes first, then what holds, then what is open; what the rules are made of comes last.
    let decides = |node: &TraceNode| node.leads_to == Some(answer.status) && node.outcome == Outcome::Truth(Tri::True);
    let rank = |node: &TraceNode| match node.outcome {
        _ if is_definition(node) => 4,
        _ if decides(node) || node.decisive => 0,
        Outcome::Truth(Tri::Unknown) => 2,
        Outcome::Truth(Tri::False) => 3,
        Outcome::Truth(Tri::True) | Outcome::Value(_) => 1,
    };
    tops.sort_by_key(|node| rank(node));
    html! {
        ul.steps lang=[w.unlike(answer.speech().code)] { @for top in &tops { (all.step(top, 0)) } }
        @for group in &trace.not_holding { p { (say!(w, "{}: {} do not hold", w.word(group.kind.word()), answer.labels.rules(&group.rules))) } }
    }
}

/// Whether a step is a definition of the protocol, which is shown once.
fn is_definition(node: &TraceNode) -> bool {
    node.id.strip_prefix("definition.").is_some_and(|name| !name.contains('.'))
}

/// A step is never shown deeper than this: what is below is linked.
const DEEPEST: usize = 60;

/// The steps of an answer, with what they are shown by.
struct Steps<'a> {
    w: Words,
    answer: &'a Recommendation,
    by_id: BTreeMap<&'a str, &'a TraceNode>,
    words: Option<InWords<'a>>,
}

impl Steps<'_> {
    fn step(&self, node: &TraceNode, depth: usize) -> Markup {
        let below: Vec<&&TraceNode> = node.operands.iter().filter_map(|id| self.by_id.get(id.as_str())).collect();
        html! {
            li id={ "step-" (node.id) } {
                a.to href=(format!("#step-{}", encoded(&node.id))) aria-label=(say!(self.w, "Address of the step {}", node.id)) { "#" }
                @if below.is_empty() || depth >= DEEPEST {
                    div.step { (self.line(node)) }
                } @else {
                    details open[node.decisive || depth == 0 && holds(node)] {
                        summary { (self.line(node)) }
                        ul {
                            @for one in below {
                                @if is_definition(one) {
                                    li { div.step { a href=(format!("#step-{}", encoded(&one.id))) { (shown(&self.name(one).unwrap_or_else(|| one.id.clone()))) } " " (self.outcome(one)) } }
                                } @else { (self.step(one, depth + 1)) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// What people read for a step: the label of a rule or of a fact, the name of a definition; none where it has only how it is written.
    fn name(&self, node: &TraceNode) -> Option<String> {
        let labels = &self.answer.labels;
        let rule = node.rule().and_then(|rule| labels.rules.get(rule)).cloned();
        let fact = || node.text.as_ref().and_then(|text| labels.facts.get(text)).cloned();
        let definition = || {
            let name = node.id.strip_prefix("definition.").filter(|_| is_definition(node))?;
            let label = self.words.as_ref().and_then(|words| words.definition(name));
            Some(label.unwrap_or_else(|| plain_name(name)))
        };
        rule.or_else(fact).or_else(definition)
    }

    fn outcome_text(&self, node: &TraceNode) -> String {
        let label = self.words.as_ref().and_then(|words| words.choice(node));
        label.unwrap_or_else(|| outline::outcome(node, self.answer.speech()))
    }

    fn outcome(&self, node: &TraceNode) -> Markup {
        let class = match node.outcome {
            Outcome::Truth(Tri::True) => "tag yes",
            Outcome::Truth(Tri::False) => "tag no",
            Outcome::Truth(Tri::Unknown) => "tag unknown",
            Outcome::Value(_) => "tag",
        };
        html! { span class=(class) { (shown(&self.outcome_text(node))) } }
    }

    /// A step: what came of it, what it is, and behind that how it is written.
    fn line(&self, node: &TraceNode) -> Markup {
        let (w, name) = (self.w, self.name(node));
        let words = self.words.as_ref().and_then(|words| words.of_step(node));
        // What is called by a name, or is a value that stands there, is not said once more.
        let is_new = |words: &String| name.as_ref() != Some(words) && self.outcome_text(node) != *words;
        let words = words.filter(is_new);
        let is_rule = node.rule().is_some();
        html! {
            (self.outcome(node)) " "
            @if let Some(name) = &name { strong title=[is_rule.then_some(&node.id)] { (shown(name)) } " " }
            @match (&words, &name) {
                (Some(words), _) => {
                    @if name.is_some() { "= " }
                    (shown(words)) (self.tail(node)) " "
                    code.help { (shown(node.text.as_deref().unwrap_or_default())) }
                }
                (None, Some(_)) if is_rule => { span.help { (shown(&w.word(node.kind.word()))) (self.tail(node)) } }
                (None, Some(_)) if self.words.is_some() => {
                    (self.tail(node)) " " code.help { (shown(node.text.as_deref().unwrap_or(&node.id))) }
                }
                (None, Some(_)) => { span.help { (shown(&outline::node_text(self.answer, node))) } }
                (None, None) => { (shown(&outline::node_text(self.answer, node))) }
            }
            @if let Some(line) = node.line { span.help { (say!(w, "line {} of the protocol", line)) } }
        }
    }

    /// Since when that is known, whether it decides, and what is missing, by what people read for it.
    fn tail(&self, node: &TraceNode) -> Markup {
        let (labels, speech) = (&self.answer.labels, self.answer.speech());
        let fact = |unknown: &UnknownFact| {
            let label = |answer: &str| labels.answer(&unknown.fact, answer).to_owned();
            format!("{} ({})", labels.fact(&unknown.fact), outline::why_read(&unknown.why, label, speech))
        };
        let waits: Vec<String> = node.unknown.iter().map(fact).collect();
        html! {
            (shown(&node.remarks(speech)))
            @if !waits.is_empty() { (shown(&tell!(speech, " – waits for {}", waits.join(", ")))) }
        }
    }
}

fn holds(node: &TraceNode) -> bool {
    !matches!(node.outcome, Outcome::Truth(Tri::False))
}

/// The words for the expressions of a protocol.
struct InWords<'a> {
    english: English<'a>,
    protocol: &'a Protocol,
    /// Its expressions, by their line and how they are written.
    expressions: HashMap<(usize, String), ExprId>,
}

impl<'a> InWords<'a> {
    fn of(protocol: &'a Protocol) -> InWords<'a> {
        let (file, program) = (&protocol.file, &protocol.program);
        let one = |at: usize| {
            let span = program.nodes[at].span.clone();
            let text = file.text.get(span.clone())?.split_whitespace().collect::<Vec<_>>().join(" ");
            Some(((file.position(span.start).0, text), ExprId(crate::narrow::u32(at))))
        };
        InWords {
            english: protocol.spoken(),
            protocol,
            expressions: (0..program.nodes.len()).filter_map(one).collect(),
        }
    }

    /// The expression that a step is.
    fn expression(&self, node: &TraceNode) -> Option<ExprId> {
        self.expressions.get(&(node.line?, node.text.clone()?)).copied()
    }

    fn of_step(&self, node: &TraceNode) -> Option<String> {
        self.expression(node).map(|id| self.english.value(id))
    }

    /// What people read for a definition.
    fn definition(&self, name: &str) -> Option<String> {
        let at = self.protocol.definitions.iter().position(|one| one.name == name)?;
        Some(self.english.definitions[at].text.clone())
    }

    /// What people read for the choice that a step comes to.
    fn choice(&self, node: &TraceNode) -> Option<String> {
        let Outcome::Value(value) = &node.outcome else { return None };
        let Type::Choice(ids) = &self.protocol.program.node(self.expression(node)?).ty else { return None };
        let (_, labels) = self.english.choices.iter().find(|(all, _)| **all == **ids)?;
        labels.get(ids.iter().position(|id| id == value)?).cloned()
    }
}
