//! What a person is told, in order: the answer first. Text and Markdown are two ways to print it.

mod headline;
mod sessions;

use crate::protocol::file::ProtocolStatus;
use crate::recommendation::{
    Assumption, Doubt, Duration, EditionWord, Effect, KnownFact, Labels, Provenance, Question, Reason, Recommendation,
    SettingReport, Status, WhyUnknown,
};
use crate::trace::{Depth, Derived, StepKind, Trace, TraceNode};
use std::collections::BTreeSet;

pub use headline::{answer, how_late, is_counted, is_endless, next_of};
use sessions::sessions;
pub use sessions::window;

/// The whole of what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The answer in a few words, and how it should strike the eye.
    pub answer: String,
    /// How it should strike the eye.
    pub mood: Mood,
    /// Protocol, patient, day; and what may still become of the answer.
    pub about: Vec<String>,
    /// The rest.
    pub sections: Vec<Section>,
}

/// How an answer should strike the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Treat.
    Go,
    /// Something comes first.
    Wait,
    /// Do not treat.
    Stop,
}

/// A heading and what stands under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// The points.
    pub items: Vec<Item>,
}

/// One point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// What stands out, such as a date.
    pub lead: String,
    /// The sentence.
    pub text: String,
    /// Smaller print under it.
    pub notes: Vec<String>,
    /// How far it is moved in.
    pub level: usize,
}

fn item(lead: impl Into<String>, text: impl Into<String>, notes: Vec<String>) -> Item {
    Item { lead: lead.into(), text: text.into(), notes, level: 0 }
}

/// What stands before the answer of a protocol that is still being written.
const DRAFT: &str = "DRAFT – not for patients";

/// Whether an answer is for trying out only.
#[must_use]
pub fn is_draft(recommendation: &Recommendation) -> bool {
    recommendation.protocol_status == ProtocolStatus::Draft
}

/// Everything that is said of a recommendation.
#[must_use]
pub fn outline(recommendation: &Recommendation) -> Outline {
    let (mood, answer) = answer(recommendation);
    let mut about = vec![format!(
        "{} {} · patient {} · as of {}",
        recommendation.title,
        version(&recommendation.provenance),
        recommendation.patient,
        recommendation.as_of
    )];
    // What it is now may stay as it is: only the others are news.
    let others = recommendation.could_become.iter().filter(|status| **status != recommendation.status);
    let others: Vec<&str> = others.map(|status| status.word()).collect();
    if !others.is_empty() {
        about.push(format!("could change to: {}", others.join(", ")));
    }
    let sections = [
        doubts(std::slice::from_ref(recommendation)),
        reasons(recommendation),
        questions(recommendation),
        to_be_confirmed(recommendation),
        precautions(recommendation),
        sessions(recommendation),
        settings(recommendation),
        instructions(recommendation),
        red_flags(recommendation),
        assumptions(recommendation),
        overrides(recommendation),
        trace(&recommendation.trace, &recommendation.labels),
        sources(recommendation),
        provenance(recommendation),
    ];
    Outline {
        answer,
        mood,
        about,
        sections: sections.into_iter().filter(|section| !section.items.is_empty()).collect(),
    }
}

/// What is doubtful, each thing once, however many protocols find it so.
#[must_use]
pub fn doubts(recommendations: &[Recommendation]) -> Section {
    let mut all: Vec<&Doubt> = Vec::new();
    for doubt in recommendations.iter().flat_map(|recommendation| &recommendation.doubts) {
        if !all.contains(&doubt) {
            all.push(doubt);
        }
    }
    all.sort_by_key(|doubt| doubt.line);
    Section { title: "Doubts", items: all.into_iter().map(doubt).collect() }
}

/// Something doubtful.
#[must_use]
pub fn doubt(doubt: &Doubt) -> Item {
    let mut notes = doubt.help.clone();
    notes.extend(doubt.line.map(|line| format!("line {line} of the record")));
    item(doubt.code.clone(), doubt.message.clone(), notes)
}

fn reasons(recommendation: &Recommendation) -> Section {
    Section {
        title: "Reasons",
        items: recommendation.reasons.iter().map(|one| reason(one, &recommendation.labels)).collect(),
    }
}

fn reason(reason: &Reason, labels: &Labels) -> Item {
    let mut notes = Vec::new();
    let mut when = Vec::new();
    match reason.lasts {
        Some(Duration::Permanent) => when.push("permanent".to_owned()),
        Some(Duration::WhileTrue) if reason.until.is_none() => when.push("while this applies".to_owned()),
        Some(Duration::WhileTrue) | None => {}
    }
    let names: Vec<String> = reason.values.iter().map(|one| labels.value(&one.value)).collect();
    match reason.not_before {
        Some(date) if reason.values.iter().any(|one| one.not_before != Some(date)) => {
            let each = names.iter().zip(&reason.values);
            let each = each.map(|(name, one)| (name, one.not_before.unwrap_or(date)));
            when.extend(each.map(|(name, date)| format!("{name}: not before {date}")));
        }
        Some(date) if !names.is_empty() => when.push(format!("not before {date} ({})", names.join(", "))),
        Some(date) => when.push(format!("not before {date}")),
        None if !names.is_empty() => when.push(format!("for {}", names.join(", "))),
        None => {}
    }
    when.extend(reason.until.as_ref().map(|until| format!("until {until}")));
    when.extend(reason.recheck.map(|date| format!("reassess from {date}")));
    when.extend(reason.to.as_ref().map(|to| format!("to be decided by {to}")));
    if !when.is_empty() {
        notes.push(when.join("; "));
    }
    if let Some(allowed) = &reason.may_override {
        let down_to = allowed.down_to.as_ref().map_or_else(String::new, |down_to| format!(", down to {down_to}"));
        notes.push(format!("{} may shorten the wait{down_to}", allowed.by));
    }
    if !reason.instead.is_empty() {
        notes.push(format!("instead: {}", reason.instead.join(", ")));
    }
    notes.extend(reason.then.iter().map(|then| format!("next: {then}")));
    notes.extend(counted_from(reason, labels));
    notes.extend(because(&reason.because, labels));
    let mut origin = format!("{}: {}", reason.kind, reason.label.as_ref().unwrap_or(&reason.id));
    origin.push_str(&cited(&reason.sources));
    notes.push(origin);
    item(reason.leads_to.word(), reason.reason.clone(), notes)
}

/// What the days of a reason are counted from.
fn counted_from(reason: &Reason, labels: &Labels) -> Vec<String> {
    let by_length = |derived: &&Derived| derived.length.is_some();
    let of_values = reason.values.iter().filter_map(|one| {
        let derived = one.derived.as_ref().filter(by_length)?;
        Some(format!("{}: {derived}", labels.value(&one.value)))
    });
    let of_values: Vec<String> = of_values.collect();
    if !of_values.is_empty() {
        return of_values;
    }
    reason.derived.iter().filter(by_length).map(ToString::to_string).collect()
}

/// What must be asked again on a day to come, by the last day on which its answer may be used.
fn to_be_confirmed(recommendation: &Recommendation) -> Section {
    let items = recommendation.to_ask_again().into_iter().map(|(day, facts)| {
        let facts: Vec<&str> = facts.into_iter().map(|fact| recommendation.labels.fact(fact)).collect();
        item(format!("after {day}"), format!("ask again: {}", facts.join(", ")), Vec::new())
    });
    Section { title: "To be confirmed", items: items.collect() }
}

fn because(facts: &[KnownFact], labels: &Labels) -> Option<String> {
    let one = |fact: &KnownFact| {
        let (value, remark) = (labels.answer(&fact.fact, &fact.value), fact.remark());
        match labels.facts.get(&fact.fact) {
            Some(label) => format!("{label}: {value}{remark}"),
            None => format!("{} = {value}{remark}", fact.fact),
        }
    };
    let shown: Vec<String> = facts.iter().map(one).collect();
    (!shown.is_empty()).then(|| format!("because {}", shown.join(", ")))
}

fn cited(sources: &[String]) -> String {
    if sources.is_empty() { String::new() } else { format!(" [{}]", sources.join(", ")) }
}

fn questions(recommendation: &Recommendation) -> Section {
    let title = if recommendation.status == Status::Undetermined { "Ask" } else { "Still open" };
    let labels = &recommendation.labels;
    let items = recommendation.questions.iter().enumerate();
    let mut items: Vec<Item> = items.map(|(at, one)| question(at, one, labels)).collect();
    if recommendation.questions.iter().any(|question| question.answer.is_some()) {
        items.push(item("", "A question that is not answered is written as { \"unknown\": \"declined\" }", Vec::new()));
    }
    Section { title, items }
}

/// Why something is not known, with what people read for the answer that there was.
fn why_labelled(question: &Question, labels: &Labels) -> String {
    let mut reason = question.why.clone();
    if let WhyUnknown::Expired { value, .. } | WhyUnknown::Contradicted { value } | WhyUnknown::Partial { value } =
        &mut reason
    {
        *value = labels.answer(&question.fact, value).to_owned();
    }
    why(&reason)
}

/// Why something is not known, in words.
#[must_use]
pub fn why(why: &WhyUnknown) -> String {
    match why {
        WhyUnknown::NotRecorded => "not recorded".into(),
        WhyUnknown::Declined => "declined to answer".into(),
        WhyUnknown::NotKnown => "asked, and not known".into(),
        WhyUnknown::Expired { days_ago, valid_for, value, .. } => {
            let ago = days_ago
                .map_or_else(String::new, |days| format!("{days} day{} ago, ", if days == 1 { "" } else { "s" }));
            let how_long = if valid_for.starts_with("until ") { "" } else { "for " };
            format!("expired: \"{value}\" was answered {ago}and counts {how_long}{valid_for}")
        }
        WhyUnknown::MayNotApply => "it is not known whether it applies".into(),
        WhyUnknown::Contradicted { value } => format!("contradicted: \"{value}\" does not fit another answer"),
        WhyUnknown::Partial { value } => format!("not exact: {value}"),
    }
}

/// What the answer to a question could lead to; nothing where a graver status stands already.
pub(super) fn leads(question: &Question) -> String {
    match question.could_lead_to {
        Some(status) if question.could_change.contains(&Effect::Status) => format!(" (could lead to {status})"),
        _ => String::new(),
    }
}

fn question(at: usize, question: &Question, labels: &Labels) -> Item {
    let effects: Vec<&str> = question.could_change.iter().map(|effect| effect.word()).collect();
    let leads = leads(question);
    let mut notes = vec![
        format!("{} · {} · {}", labels.fact(&question.fact), question.of, why_labelled(question, labels)),
        format!("could change {}{leads}: {}", effects.join(", "), labels.rules(&question.rules)),
    ];
    if !question.decides.is_empty() {
        notes.push(format!("decides whether this applies: {}", labels.facts(&question.decides).join(", ")));
    }
    notes.extend(question.answer.iter().map(|answer| format!("record as {}: {}", question.fact, answer.in_words())));
    item(format!("{}.", at + 1), question.ask.clone(), notes)
}

fn precautions(recommendation: &Recommendation) -> Section {
    let items = recommendation.precautions.iter().map(|precaution| {
        let mut notes = vec![precaution.reason.clone()];
        notes.extend(because(&precaution.because, &recommendation.labels));
        let name = precaution.label.as_ref().unwrap_or(&precaution.id);
        notes.push(format!("precaution: {name}{}", cited(&precaution.sources)));
        item("", precaution.action.clone(), notes)
    });
    Section { title: "Take care", items: items.collect() }
}

fn settings(recommendation: &Recommendation) -> Section {
    let items = recommendation.settings.iter().map(|setting| {
        let mut notes = Vec::new();
        if !setting.limited_by.is_empty() {
            notes.push(format!("limited by {}", recommendation.labels.rules(&setting.limited_by)));
        }
        item("", self::setting(recommendation, setting), notes)
    });
    Section { title: "Settings", items: items.collect() }
}

/// `Needle depth, cheek: 1.0 mm`.
#[must_use]
pub fn setting(recommendation: &Recommendation, setting: &SettingReport) -> String {
    let each = setting.each_label.clone().or_else(|| setting.each.as_ref().map(|each| each.replace('_', " ")));
    let each = each.map_or_else(String::new, |each| format!(", {each}"));
    let labels = &recommendation.labels;
    let value = setting.depends_on.iter().fold(setting.value.clone(), |value, fact| match labels.facts.get(fact) {
        Some(label) => value.replace(&format!("`{fact}`"), &format!("`{label}`")),
        None => value,
    });
    format!("{}{each}: {value}", setting.label)
}

fn instructions(recommendation: &Recommendation) -> Section {
    let items = recommendation.instructions.iter().map(|instruction| {
        let lead = match (&instruction.from_date, &instruction.until_date, &instruction.until) {
            (Some(from), Some(until), _) if from != until => format!("{from} to {until}"),
            (Some(from), _, _) => from.to_string(),
            (None, _, Some(until)) => format!("{} to {until}", instruction.at),
            (None, _, None) => instruction.at.clone(),
        };
        let lead = if instruction.audience.is_patient() { lead } else { format!("{lead}, clinic") };
        let notes =
            if instruction.provisional { vec!["if it applies: see what is still open".to_owned()] } else { Vec::new() };
        item(lead, instruction.action.clone(), notes)
    });
    Section { title: "Before and after", items: items.collect() }
}

fn red_flags(recommendation: &Recommendation) -> Section {
    let items = recommendation.red_flags.iter().map(|flag| {
        let within = flag.within.as_ref().map_or_else(String::new, |within| format!(" (within {within})"));
        item("", format!("{}: {}{within}", flag.sign, flag.action), Vec::new())
    });
    Section { title: "Red flags", items: items.collect() }
}

/// `smoking or vaping nicotine is not known; assumed no`.
#[must_use]
pub fn assumption(recommendation: &Recommendation, assumption: &Assumption) -> String {
    let labels = &recommendation.labels;
    let (fact, assumed) = (&assumption.fact, labels.answer(&assumption.fact, &assumption.assumed));
    format!("{} is not known; assumed {assumed}", labels.fact(fact))
}

fn assumptions(recommendation: &Recommendation) -> Section {
    let because = |one: &Assumption| format!("because of {}", recommendation.labels.rules(&one.rules));
    let items =
        recommendation.assumptions.iter().map(|one| item("", assumption(recommendation, one), vec![because(one)]));
    Section { title: "Assumed", items: items.collect() }
}

fn overrides(recommendation: &Recommendation) -> Section {
    let items = recommendation.overrides.iter().map(|one| {
        let notes = if one.sign_off.is_empty() {
            Vec::new()
        } else {
            vec![format!("needs the signature of: {}", one.sign_off.join(", "))]
        };
        item("", format!("{} = {} (the protocol says {})", one.parameter, one.used, one.declared), notes)
    });
    Section { title: "Set for this answer", items: items.collect() }
}

fn sources(recommendation: &Recommendation) -> Section {
    let reasons = recommendation.reasons.iter().flat_map(|reason| &reason.sources);
    let shown: Vec<&String> = reasons.chain(recommendation.precautions.iter().flat_map(|one| &one.sources)).collect();
    let items = recommendation.sources.iter().filter(|source| shown.contains(&&source.id)).map(|source| {
        let year = source.year.map_or_else(String::new, |year| format!(" ({year})"));
        let url = source.url.as_ref().map_or_else(String::new, |url| format!(" {url}"));
        let evidence = match source.evidence {
            crate::recommendation::EvidenceWord::Read => "",
            crate::recommendation::EvidenceWord::Recalled => " – from memory, not read again",
            crate::recommendation::EvidenceWord::Custom => " – clinic custom",
        };
        item("", format!("[{}] {}{year}{url}{evidence}", source.id, source.title), Vec::new())
    });
    Section { title: "Sources", items: items.collect() }
}

/// The version that answered; of a published one, by whom and when it was published.
#[must_use]
pub fn version(from: &Provenance) -> String {
    match from.edition {
        EditionWord::Published => format!("{} ({})", from.version, from.edition()),
        _ => from.version.clone(),
    }
}

fn provenance(recommendation: &Recommendation) -> Section {
    let from = &recommendation.provenance;
    let set: String = from.set.iter().map(|(name, value)| format!(", {name} = {value}")).collect();
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let translation = from.language.as_ref().map_or_else(String::new, |language| {
        let hashes = [&from.protocol_translation_sha256, &from.dictionary_translation_sha256];
        let hashes: Vec<String> = hashes.into_iter().filter(|hash| !hash.is_empty()).map(|hash| short(hash)).collect();
        format!(", texts in {language} ({})", hashes.join(", "))
    });
    let text = format!(
        "protocol {} {} ({}, {}), record {}{translation}{set}, engine {}",
        from.protocol,
        from.version,
        from.edition(),
        short(&from.protocol_sha256),
        short(&from.record_sha256),
        from.engine
    );
    Section { title: "Made from", items: vec![item("", text, Vec::new())] }
}

fn trace(trace: &Trace, labels: &Labels) -> Section {
    let mut items = Vec::new();
    if trace.depth == Depth::Full {
        // Definitions are shown once, by themselves, and not again where they are used.
        let parts: BTreeSet<&str> = trace.nodes.iter().flat_map(|node| &node.operands).map(String::as_str).collect();
        for top in trace.nodes.iter().filter(|node| is_definition(node) || !parts.contains(node.id.as_str())) {
            tree(trace, labels, top, 0, &mut items);
        }
    } else {
        for node in &trace.nodes {
            items.push(item(node.outcome.to_string(), node_text(node, labels), Vec::new()));
        }
    }
    for group in &trace.not_holding {
        items.push(item("no", format!("{}: {}", group.kind, labels.rules(&group.rules)), Vec::new()));
    }
    Section { title: "Trace", items }
}

fn is_definition(node: &TraceNode) -> bool {
    node.id.strip_prefix("definition.").is_some_and(|name| !name.contains('.'))
}

fn tree(trace: &Trace, labels: &Labels, node: &TraceNode, level: usize, items: &mut Vec<Item>) {
    items.push(Item { level, ..item(node.outcome.to_string(), node_text(node, labels), Vec::new()) });
    for operand in &node.operands {
        if let Some(part) = trace.nodes.iter().find(|other| other.id == *operand)
            && !is_definition(part)
        {
            tree(trace, labels, part, level + 1, items);
        }
    }
}

/// A step in words: what it is called or how it is written, where its value comes from, what it waits for.
#[must_use]
pub fn node_text(node: &TraceNode, labels: &Labels) -> String {
    // The parts of an expression are told by their text; its whole by its name, but for that of a rule, which stands above it.
    let is_part = |mark: &str| node.id.split_once(mark).is_some_and(|(_, rest)| rest.contains('.'));
    let of_rule = !node.id.starts_with("course.") && (node.id.ends_with(".when") || node.id.ends_with(".not_before"));
    let part = of_rule
        || [".when.", ".not_before.", ".from."].into_iter().any(|mark| node.id.contains(mark))
        || is_part(".row-");
    let mut text = match (&node.text, part || node.id.matches('.').count() > 1 && node.id.starts_with("definition.")) {
        (Some(text), true) => text.clone(),
        (Some(text), false) if node.kind != StepKind::Definition => format!("{}: {text}", node.id),
        (Some(text), false) => format!("{} = {text}", node.id),
        (None, _) => node.id.clone(),
    };
    if let Some(label) = node.rule().and_then(|rule| labels.rules.get(rule)) {
        text.push_str(&format!(" ({label})"));
    }
    if let Some(session) = node.session() {
        text.insert_str(0, &format!("session of {session}: "));
    }
    text.push_str(&node.remarks());
    if !node.unknown.is_empty() {
        let facts: Vec<String> =
            node.unknown.iter().map(|unknown| format!("{} ({})", unknown.fact, why(&unknown.why))).collect();
        text.push_str(&format!(" – waits for {}", facts.join(", ")));
    }
    text
}

/// The answers of several protocols, best first: one line each, and whether it is a draft's.
#[must_use]
pub fn ranked(recommendations: &[Recommendation]) -> Vec<(bool, Item)> {
    let one = |recommendation: &Recommendation| {
        let (_, answer) = answer(recommendation);
        let mut notes = Vec::new();
        if let Some(question) =
            recommendation.questions.first().filter(|_| recommendation.status == Status::Undetermined)
        {
            notes.push(format!("first question: {}", question.ask));
        }
        notes.extend(recommendation.reasons.first().map(|reason| reason.reason.clone()));
        notes.extend(recommendation.precautions.first().map(|precaution| format!("take care: {}", precaution.action)));
        notes.push(format!("protocol {}", recommendation.protocol));
        (is_draft(recommendation), item(recommendation.title.clone(), answer, notes))
    };
    recommendations.iter().map(one).collect()
}

/// The order in which a practitioner wants to see the answers of several protocols; those of drafts come last.
#[must_use]
pub fn rank(recommendation: &Recommendation) -> (bool, u8, Option<crate::date::Date>, String) {
    let rank = match recommendation.status {
        Status::Overdue => 0,
        Status::Due => 1,
        Status::Refer => 2,
        Status::Undetermined => 3,
        Status::Deferred => 4,
        Status::Complete => 5,
        Status::Stopped => 6,
        Status::NotIndicated => 7,
        Status::Contraindicated => 8,
    };
    (
        is_draft(recommendation),
        rank,
        recommendation.not_before.or(recommendation.no_sooner_than),
        recommendation.protocol.clone(),
    )
}
