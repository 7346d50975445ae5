//! What people read for the names in an answer; and the form of the answer that a question wants.

use std::collections::{BTreeMap, BTreeSet};

use crate::english::plain_name;
use crate::explain::View;
use crate::lang::Type;
use crate::protocol::Protocol;
use crate::protocol::dictionary::Answer;
use crate::protocol::file::FactType;
use crate::recommendation::{AnswerForm, AnswerType, ChoiceReport, KnownFact, Labels, Recommendation, WhyUnknown};
use crate::speech::tell;
use crate::trace::TraceNode;

/// The labels of all that an answer names.
pub(crate) fn labels(view: &View<'_>, recommendation: &Recommendation) -> Labels {
    let protocol = view.protocol;
    let because = recommendation.reasons.iter().flat_map(|reason| &reason.because);
    let because = because.chain(recommendation.precautions.iter().flat_map(|one| &one.because));
    let mut said: BTreeSet<(&str, &str)> = because.map(|one: &KnownFact| (&*one.fact, &*one.value)).collect();
    for question in &recommendation.questions {
        let value = match &question.why {
            WhyUnknown::Expired { value, .. } | WhyUnknown::Contradicted { value } | WhyUnknown::Partial { value } => {
                value
            }
            WhyUnknown::NotRecorded | WhyUnknown::Declined | WhyUnknown::NotKnown | WhyUnknown::MayNotApply => "",
        };
        said.insert((&question.fact, value));
        said.extend(question.decides.iter().map(|fact| (fact.as_str(), "")));
    }
    said.extend(recommendation.assumptions.iter().map(|one| (&*one.fact, &*one.assumed)));
    said.extend(recommendation.date_depends_on.iter().map(|fact| (fact.as_str(), "")));
    said.extend(recommendation.to_be_confirmed.iter().map(|one| (one.fact.as_str(), "")));
    said.extend(recommendation.settings.iter().flat_map(|one| &one.depends_on).map(|fact| (fact.as_str(), "")));
    let mut labels = Labels::default();
    for (name, value) in said {
        if let Some(label) = fact_label(protocol, name) {
            labels.facts.insert(name.to_owned(), label);
        }
        if let Some(label) = answer_of(protocol, name).and_then(|answer| answer_label(answer, value)) {
            labels.answers.entry(name.to_owned()).or_default().insert(value.to_owned(), label);
        }
    }
    labels.values = of_values(protocol);
    let told = recommendation.course.as_ref();
    let is_told = |id: &String| told.is_some_and(|told| told.components.iter().any(|part| part.id == *id));
    labels.values.retain(|id, _| is_told(id));
    let courses = protocol.courses.iter().filter_map(|one| Some((one.id.clone(), one.label.clone()?)));
    labels.courses = courses.filter(|(id, _)| told.is_some_and(|told| told.id == *id)).collect();
    let of_lists = recommendation.questions.iter().flat_map(|one| &one.rules);
    let of_lists = of_lists.chain(recommendation.assumptions.iter().flat_map(|one| &one.rules));
    let of_lists = of_lists.chain(recommendation.settings.iter().flat_map(|one| &one.limited_by));
    let of_lists = of_lists.chain(recommendation.trace.not_holding.iter().flat_map(|one| &one.rules));
    let of_trace = recommendation.trace.nodes.iter().filter_map(TraceNode::rule);
    labels.rules = rules(protocol, of_lists.map(String::as_str).chain(of_trace));
    labels.too_early = too_early(view, recommendation);
    labels
}

/// What sessions were too early for, by name: each interval in words.
fn too_early(view: &View<'_>, recommendation: &Recommendation) -> BTreeMap<String, String> {
    let protocol = view.protocol;
    let past = recommendation.course.iter().flat_map(|told| &told.past);
    let ids = past.flat_map(|one| one.reasons.iter().chain(one.values.iter().flat_map(|value| &value.reasons)));
    let words = |id: &String| {
        let mut intervals = protocol.courses.iter().flat_map(|course| &course.intervals);
        let interval = intervals.find(|interval| interval.id == *id);
        let words = interval.and_then(|interval| view.interval(interval)).or_else(|| protocol.rule_label(id))?;
        Some((id.clone(), words))
    };
    ids.filter_map(words).collect()
}

/// What people read for some rules and other parts of a protocol.
pub(crate) fn rules<'a>(protocol: &Protocol, ids: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, String> {
    let ids: BTreeSet<&str> = ids.into_iter().collect();
    ids.into_iter().filter_map(|id| Some((id.to_owned(), protocol.rule_label(id)?))).collect()
}

/// The label of a fact, of one on a day that is past, of a note about a session with the day of that, or of the sessions of a treatment.
pub(crate) fn fact_label(protocol: &Protocol, name: &str) -> Option<String> {
    let speech = protocol.speech();
    if let Some((day, fact)) = on_a_day(name) {
        let (_, fact) = protocol.dictionary.fact(fact)?;
        let label = fact.label.clone().unwrap_or_else(|| plain_name(&fact.name));
        return Some(tell!(speech, "{}, on {}", label, speech.date_text(day)));
    }
    match in_session(name) {
        Some((day, note)) => {
            let (_, note) = protocol.dictionary.note(note)?;
            // Of a second session of that day, its place behind the day.
            let day = match day.split_once('.') {
                Some((day, place)) => format!("{} ({place})", speech.date_text(day)),
                None => speech.date_text(day),
            };
            Some(tell!(speech, "{} in the session of {}", note.in_words(), day))
        }
        None => match name.strip_prefix("sessions.") {
            Some(treatment) => {
                let label = protocol.treatment_label(treatment);
                Some(tell!(speech, "sessions of {}", label.map_or_else(|| plain_name(treatment), str::to_owned)))
            }
            None => protocol.dictionary.fact(name)?.1.label.clone(),
        },
    }
}

/// `sessions.2026-02-16.depth_mm`, or of the second of that day `sessions.2026-02-16.2.depth_mm`
fn in_session(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("sessions.")?.rsplit_once('.')
}

/// `earlier.2026-02-16.smoker`
fn on_a_day(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("earlier.")?.split_once('.')
}

fn answer_of<'p>(protocol: &'p Protocol, name: &str) -> Option<&'p Answer> {
    match in_session(name) {
        Some((_, note)) => protocol.dictionary.note(note).map(|(_, note)| &note.answer),
        None => {
            let name = on_a_day(name).map_or(name, |(_, fact)| fact);
            protocol.dictionary.fact(name).map(|(_, fact)| &fact.answer)
        }
    }
}

/// The labels of the values that courses are counted for, and of components.
pub(crate) fn of_values(protocol: &Protocol) -> BTreeMap<String, String> {
    let note = protocol.counter().map(|counter| &protocol.dictionary.notes[usize::from(counter.note)].answer);
    let of_note =
        note.into_iter().flat_map(|answer| answer.choices().iter().cloned().zip(answer.labels.iter().cloned()));
    let of_components = protocol.components.iter().filter_map(|one| Some((one.id.clone(), one.label.clone()?)));
    of_note.chain(of_components).collect()
}

/// The labels of the choices of a fact, by choice; none of what has none.
pub(crate) fn choice_labels(protocol: &Protocol, name: &str) -> BTreeMap<String, String> {
    let choices = |answer: &Answer| answer.choices().iter().cloned().zip(answer.labels.iter().cloned()).collect();
    answer_of(protocol, name).map(choices).unwrap_or_default()
}

/// The label of an answer as a text shows it; of a set, of all that are chosen.
pub(crate) fn answer_label(answer: &Answer, value: &str) -> Option<String> {
    if answer.labels.is_empty() {
        return None;
    }
    let label = |value: &str| {
        let at = answer.choices().iter().position(|choice| choice == value)?;
        answer.labels.get(at).cloned()
    };
    match &answer.ty {
        Type::Set(_) => value.split(", ").map(label).collect::<Option<Vec<_>>>().map(|all| all.join(", ")),
        _ => label(value),
    }
}

/// How an answer is given.
pub(crate) fn form(answer: &Answer, may_be_never: bool) -> AnswerForm {
    let kind = match answer.declared {
        FactType::Bool => AnswerType::Bool,
        FactType::Integer => AnswerType::Integer,
        FactType::Decimal => AnswerType::Decimal,
        FactType::Text => AnswerType::Text,
        FactType::Date => AnswerType::Date,
        FactType::Choice => AnswerType::Choice,
        FactType::Set => AnswerType::Set,
    };
    let unit = match &answer.ty {
        Type::Number { unit, .. } => unit.as_ref().map(ToString::to_string),
        _ => None,
    };
    let mut written = BTreeMap::from([("declined".to_owned(), serde_json::json!({ "unknown": "declined" }))]);
    if kind == AnswerType::Set {
        written.insert("none".into(), serde_json::json!([]));
    }
    if may_be_never {
        written.insert("never".into(), "never".into());
    }
    let choices = answer.choices().iter().enumerate();
    let choice = |(at, id): (usize, &String)| ChoiceReport {
        id: id.clone(),
        label: answer.labels.get(at).unwrap_or(id).clone(),
    };
    AnswerForm {
        kind,
        unit,
        least: answer.range.map(|(least, _)| least.to_string()),
        greatest: answer.range.map(|(_, greatest)| greatest.to_string()),
        decimals: answer.decimals,
        choices: choices.map(choice).collect(),
        written,
    }
}
