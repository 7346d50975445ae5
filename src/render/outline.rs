//! What a person is told, in order: the answer first. Text and Markdown are two ways to print it.

mod headline;
mod sessions;
mod trace;

use crate::protocol::file::ProtocolStatus;
use crate::recommendation::{
    Assumption, Doubt, Duration, EditionWord, Effect, InstructionReport, KnownFact, Labels, MayOverride,
    OverrideReport, Provenance, Question, Reason, Recommendation, SettingReport, Status, WhyUnknown,
};
use crate::speech::{ENGLISH, Speech, tell};
use crate::trace::Derived;

pub use headline::{answer, how_late, is_counted, is_endless, next_of};
use sessions::sessions;
pub use sessions::{to_be_given_again, window};
#[cfg(feature = "serve")]
pub use trace::node_text;
#[cfg(feature = "serve")]
pub(crate) use trace::outcome;
use trace::trace;

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
    pub title: String,
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

/// A heading in a language, and what stands under it.
pub fn section(speech: &Speech, title: &'static str, items: Vec<Item>) -> Section {
    Section { title: speech.tell(title, &[]), items }
}

/// Whether an answer is for trying out only.
#[must_use]
pub fn is_draft(recommendation: &Recommendation) -> bool {
    recommendation.protocol_status == ProtocolStatus::Draft
}

/// Everything that is said of a recommendation.
#[must_use]
pub fn outline(recommendation: &Recommendation) -> Outline {
    let speech = recommendation.speech();
    let (mood, answer) = answer(recommendation);
    let mut about = vec![tell!(
        speech,
        "{} {} · patient {} · as of {}",
        recommendation.title,
        version(&recommendation.provenance, speech),
        recommendation.patient,
        speech.date(recommendation.as_of)
    )];
    // What it is now may stay as it is: only the others are news.
    let others = recommendation.could_become.iter().filter(|status| **status != recommendation.status);
    let others: Vec<String> = others.map(|status| speech.word(status.word())).collect();
    if !others.is_empty() {
        about.push(tell!(speech, "could change to: {}", others.join(", ")));
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
        after_care(recommendation),
        red_flags(recommendation),
        assumptions(recommendation),
        overrides(recommendation),
        trace(recommendation),
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
    let speech = recommendations.first().map_or(&ENGLISH, Recommendation::speech);
    section(speech, "Doubts", all.into_iter().map(|one| doubt(one, speech)).collect())
}

/// Something doubtful.
#[must_use]
pub fn doubt(doubt: &Doubt, speech: &Speech) -> Item {
    let mut notes = doubt.help.clone();
    notes.extend(doubt.line.map(|line| tell!(speech, "line {} of the record", line)));
    item(doubt.code.clone(), doubt.message.clone(), notes)
}

fn reasons(recommendation: &Recommendation) -> Section {
    let speech = recommendation.speech();
    let items = recommendation.reasons.iter().map(|one| reason(one, &recommendation.labels, speech));
    section(speech, "Reasons", items.collect())
}

fn reason(reason: &Reason, labels: &Labels, speech: &Speech) -> Item {
    let mut notes = Vec::new();
    let mut when = Vec::new();
    match reason.lasts {
        Some(Duration::Permanent) => when.push(speech.word("permanent")),
        Some(Duration::WhileTrue) if reason.until.is_none() => when.push(speech.word("while this applies")),
        Some(Duration::WhileTrue) | None => {}
    }
    let names: Vec<String> = reason.values.iter().map(|one| labels.value(&one.value)).collect();
    match reason.not_before {
        Some(date) if reason.values.iter().any(|one| one.not_before != Some(date)) => {
            let each = names.iter().zip(&reason.values);
            let each = each.map(|(name, one)| (name, one.not_before.unwrap_or(date)));
            when.extend(each.map(|(name, date)| tell!(speech, "{}: not before {}", name, speech.date(date))));
        }
        Some(date) if !names.is_empty() => {
            when.push(tell!(speech, "not before {} ({})", speech.date(date), names.join(", ")));
        }
        Some(date) => when.push(tell!(speech, "not before {}", speech.date(date))),
        None if !names.is_empty() => when.push(tell!(speech, "for {}", names.join(", "))),
        None => {}
    }
    when.extend(reason.until.as_ref().map(|until| tell!(speech, "until {}", until)));
    when.extend(reason.recheck.map(|date| tell!(speech, "reassess from {}", speech.date(date))));
    when.extend(reason.to.as_ref().map(|to| tell!(speech, "to be decided by {}", to)));
    if !when.is_empty() {
        notes.push(when.join("; "));
    }
    if let Some(allowed) = &reason.may_override {
        notes.push(tell!(speech, "{} may shorten the wait{}", allowed.by, down_to(allowed, speech)));
    }
    if !reason.instead.is_empty() {
        notes.push(tell!(speech, "instead: {}", reason.instead_in_words()));
    }
    notes.extend(reason.then.iter().map(|then| tell!(speech, "next: {}", then)));
    notes.extend(counted_from(reason, labels, speech));
    notes.extend(because(&reason.because, labels, speech));
    let mut origin = format!("{}: {}", speech.word(reason.kind.word()), reason.label.as_ref().unwrap_or(&reason.id));
    origin.push_str(&cited(&reason.sources));
    notes.push(origin);
    item(speech.word(reason.leads_to.word()), reason.reason.clone(), notes)
}

/// To what a wait may be shortened.
pub(super) fn down_to(allowed: &MayOverride, speech: &Speech) -> String {
    allowed.down_to.as_ref().map_or_else(String::new, |length| tell!(speech, ", down to {}", speech.written(length)))
}

/// What the days of a reason are counted from.
fn counted_from(reason: &Reason, labels: &Labels, speech: &Speech) -> Vec<String> {
    let by_length = |derived: &&Derived| derived.length.is_some();
    let of_values = reason.values.iter().filter_map(|one| {
        let derived = one.derived.as_ref().filter(by_length)?;
        Some(format!("{}: {}", labels.value(&one.value), derived.in_words(speech)))
    });
    let of_values: Vec<String> = of_values.collect();
    if !of_values.is_empty() {
        return of_values;
    }
    reason.derived.iter().filter(by_length).map(|derived| derived.in_words(speech)).collect()
}

/// What must be asked again on a day to come, by the last day on which its answer may be used.
fn to_be_confirmed(recommendation: &Recommendation) -> Section {
    let speech = recommendation.speech();
    let items = recommendation.to_ask_again().into_iter().map(|(day, facts)| {
        let facts: Vec<&str> = facts.into_iter().map(|fact| recommendation.labels.fact(fact)).collect();
        let after = tell!(speech, "after {}", speech.date(day));
        item(after, tell!(speech, "ask again: {}", facts.join(", ")), Vec::new())
    });
    section(speech, "To be confirmed", items.collect())
}

fn because(facts: &[KnownFact], labels: &Labels, speech: &Speech) -> Option<String> {
    let one = |fact: &KnownFact| {
        let (value, remark) = (labelled(labels, &fact.fact, &fact.value, speech), fact.remark(speech));
        match labels.facts.get(&fact.fact) {
            Some(label) => format!("{label}: {value}{remark}"),
            None => format!("{} = {value}{remark}", fact.fact),
        }
    };
    let shown: Vec<String> = facts.iter().map(one).collect();
    (!shown.is_empty()).then(|| tell!(speech, "because {}", shown.join(", ")))
}

/// An answer as people read it.
fn labelled(labels: &Labels, fact: &str, answer: &str, speech: &Speech) -> String {
    match labels.answer(fact, answer) {
        same if same == answer => speech.value(answer),
        label => label.to_owned(),
    }
}

fn cited(sources: &[String]) -> String {
    if sources.is_empty() { String::new() } else { format!(" [{}]", sources.join(", ")) }
}

fn questions(recommendation: &Recommendation) -> Section {
    let title = if recommendation.status == Status::Undetermined { "Ask" } else { "Still open" };
    let (labels, speech) = (&recommendation.labels, recommendation.speech());
    let items = recommendation.questions.iter().enumerate();
    let mut items: Vec<Item> = items.map(|(at, one)| question(at, one, labels, speech)).collect();
    if recommendation.questions.iter().any(|question| question.answer.is_some()) {
        let how = tell!(speech, "A question that is not answered is written as {}", "{ \"unknown\": \"declined\" }");
        items.push(item("", how, Vec::new()));
    }
    section(speech, title, items)
}

/// Why something is not known, with what people read for the answer that there was.
fn why_labelled(question: &Question, labels: &Labels, speech: &Speech) -> String {
    why_read(&question.why, |answer| labels.answer(&question.fact, answer).to_owned(), speech)
}

/// The same of a question as it is asked, with the labels of its choices.
#[cfg(any(feature = "cli", feature = "serve"))]
pub(crate) fn why_asked(question: &Question, speech: &Speech) -> String {
    let choices = question.answer.iter().flat_map(|form| &form.choices);
    let choices: Vec<(&str, &str)> = choices.map(|one| (&*one.id, &*one.label)).collect();
    let label = |id: &str| choices.iter().find(|(other, _)| *other == id).map_or(id, |(_, label)| label).to_owned();
    let all = |answer: &str| answer.split(", ").map(label).collect::<Vec<_>>().join(", ");
    why_read(&question.why, all, speech)
}

/// Why something is not known, with what people read for an answer.
pub(crate) fn why_read(reason: &WhyUnknown, label: impl Fn(&str) -> String, speech: &Speech) -> String {
    let mut reason = reason.clone();
    if let WhyUnknown::Expired { value, .. } | WhyUnknown::Contradicted { value } | WhyUnknown::Partial { value } =
        &mut reason
    {
        *value = label(value);
    }
    why(&reason, speech)
}

/// Why something is not known, in words.
#[must_use]
pub fn why(why: &WhyUnknown, speech: &Speech) -> String {
    match why {
        WhyUnknown::NotRecorded => speech.word("not recorded"),
        WhyUnknown::Declined => speech.word("declined to answer"),
        WhyUnknown::NotKnown => speech.word("asked, and not known"),
        WhyUnknown::Expired { days_ago, valid_for, value, .. } => {
            let ago = match days_ago {
                Some(1) => speech.word("1 day ago, "),
                Some(days) => tell!(speech, "{} days ago, ", days),
                None => String::new(),
            };
            let how_long = match valid_for.as_str() {
                "until the next session" | "forever" | "the day of the visit" => speech.word(valid_for),
                length => speech.written(length),
            };
            let phrase = match valid_for.starts_with("until ") {
                true => "expired: \"{}\" was answered {}and counts {}",
                false => "expired: \"{}\" was answered {}and counts for {}",
            };
            tell!(speech, phrase, speech.value(value), ago, how_long)
        }
        WhyUnknown::MayNotApply => speech.word("it is not known whether it applies"),
        WhyUnknown::Contradicted { value } => {
            tell!(speech, "contradicted: \"{}\" does not fit another answer", speech.value(value))
        }
        WhyUnknown::Partial { value } => tell!(speech, "not exact: {}", speech.value(value)),
    }
}

/// What the answer to a question could lead to; nothing where a graver status stands already.
pub(super) fn leads(question: &Question, speech: &Speech) -> String {
    match question.could_lead_to {
        Some(status) if question.could_change.contains(&Effect::Status) => {
            tell!(speech, " (could lead to {})", speech.word(status.word()))
        }
        _ => String::new(),
    }
}

fn question(at: usize, question: &Question, labels: &Labels, speech: &Speech) -> Item {
    let effects: Vec<String> = question.could_change.iter().map(|effect| speech.word(effect.word())).collect();
    let (of, why) = (speech.word(question.of.word()), why_labelled(question, labels, speech));
    let (effects, leads, rules) = (effects.join(", "), leads(question, speech), labels.rules(&question.rules));
    let mut notes = vec![
        format!("{} · {of} · {why}", labels.fact(&question.fact)),
        tell!(speech, "could change {}{}: {}", effects, leads, rules),
    ];
    if !question.decides.is_empty() {
        notes.push(tell!(speech, "decides whether this applies: {}", labels.facts(&question.decides).join(", ")));
    }
    let form = question.answer.as_ref().map(|answer| answer.said(speech));
    notes.extend(form.map(|form| tell!(speech, "record as {}: {}", question.fact, form)));
    item(format!("{}.", at + 1), question.ask.clone(), notes)
}

fn precautions(recommendation: &Recommendation) -> Section {
    let speech = recommendation.speech();
    let items = recommendation.precautions.iter().map(|precaution| {
        let mut notes = vec![precaution.reason.clone()];
        notes.extend(because(&precaution.because, &recommendation.labels, speech));
        let name = precaution.label.as_ref().unwrap_or(&precaution.id);
        notes.push(format!("{}: {name}{}", speech.word("precaution"), cited(&precaution.sources)));
        item("", precaution.action.clone(), notes)
    });
    section(speech, "Take care", items.collect())
}

fn settings(recommendation: &Recommendation) -> Section {
    let speech = recommendation.speech();
    let items = recommendation.settings_as_known().iter().map(|setting| {
        let mut notes = Vec::new();
        if !setting.limited_by.is_empty() {
            notes.push(tell!(speech, "limited by {}", recommendation.labels.rules(&setting.limited_by)));
        }
        item("", self::setting(recommendation, setting), notes)
    });
    section(speech, "Settings", items.collect())
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
    let speech = recommendation.speech();
    let open = "if it applies: see what is still open";
    let items = recommendation.instructions.iter().map(|one| instruction(one, speech, open, Vec::new()));
    section(speech, "Before and after", items.collect())
}

/// What is still to be kept after the sessions that were given.
fn after_care(recommendation: &Recommendation) -> Section {
    let speech = recommendation.speech();
    let items = recommendation.kept().flat_map(|(after, kept)| {
        let of = tell!(speech, "after the session of {}", speech.date(after.session));
        kept.into_iter().map(move |one| instruction(one, speech, "if it applies", vec![of.clone()]))
    });
    section(speech, STILL_KEPT, items.collect())
}

/// What stands above it.
pub(super) const STILL_KEPT: &str = "Still to be kept";

fn instruction(one: &InstructionReport, speech: &Speech, open: &str, mut notes: Vec<String>) -> Item {
    let lead = match (one.from_date, one.until_date, &one.until) {
        (Some(from), Some(until), _) if from != until => {
            tell!(speech, "{} to {}", speech.date(from), speech.date(until))
        }
        (Some(from), _, _) => speech.date(from),
        (None, _, Some(until)) => tell!(speech, "{} to {}", speech.written(&one.at), speech.written(until)),
        (None, _, None) => speech.written(&one.at),
    };
    let lead = match one.audience.is_patient() {
        true => lead,
        false => format!("{lead}, {}", speech.word("clinic")),
    };
    notes.extend(one.provisional.then(|| speech.word(open)));
    item(lead, one.action.clone(), notes)
}

fn red_flags(recommendation: &Recommendation) -> Section {
    let speech = recommendation.speech();
    let items = recommendation.red_flags.iter().map(|flag| {
        let within = flag.within.as_ref().map_or_else(String::new, |within| tell!(speech, " (within {})", within));
        item("", format!("{}: {}{within}", flag.sign, flag.action), Vec::new())
    });
    section(speech, "Red flags", items.collect())
}

/// `smoking or vaping nicotine is not known; assumed no`, or of what a protocol asks only whether it is known, `anti-HBs is not known; decided
/// without it`.
#[must_use]
pub fn assumption(recommendation: &Recommendation, assumption: &Assumption) -> String {
    let (labels, speech) = (&recommendation.labels, recommendation.speech());
    if assumes_nothing(recommendation, assumption) {
        return tell!(speech, "{} is not known; decided without it", labels.fact(&assumption.fact));
    }
    let assumed = labelled(labels, &assumption.fact, &assumption.assumed, speech);
    tell!(speech, "{} is not known; assumed {}", labels.fact(&assumption.fact), assumed)
}

/// Whether a protocol only goes by its not being known (`known(x)`). A choice may have that name: then it has a label.
pub(super) fn assumes_nothing(recommendation: &Recommendation, assumption: &Assumption) -> bool {
    let Assumption { fact, assumed, .. } = assumption;
    assumed == "unknown" && recommendation.labels.answer(fact, assumed) == assumed
}

fn assumptions(recommendation: &Recommendation) -> Section {
    let speech = recommendation.speech();
    let because = |one: &Assumption| tell!(speech, "because of {}", recommendation.labels.rules(&one.rules));
    let items =
        recommendation.assumptions.iter().map(|one| item("", assumption(recommendation, one), vec![because(one)]));
    section(speech, "Assumed", items.collect())
}

fn overrides(recommendation: &Recommendation) -> Section {
    let speech = recommendation.speech();
    let items = recommendation
        .overrides
        .iter()
        .map(|one| item("", set(one, speech), signed_by(one, speech).into_iter().collect()));
    section(speech, SET, items.collect())
}

/// What stands above the parameters that were set.
pub(super) const SET: &str = "Set for this answer";

/// Who has to sign for a parameter that was set; none: nobody.
pub(super) fn signed_by(one: &OverrideReport, speech: &Speech) -> Option<String> {
    (!one.sign_off.is_empty()).then(|| tell!(speech, "needs the signature of: {}", one.sign_off.join(", ")))
}

/// `sunburn_wait = 21 days (the protocol says 14 days)`.
pub(super) fn set(one: &OverrideReport, speech: &Speech) -> String {
    let (used, declared) = (speech.value(&one.used), speech.value(&one.declared));
    tell!(speech, "{} = {} (the protocol says {})", one.parameter, used, declared)
}

fn sources(recommendation: &Recommendation) -> Section {
    let speech = recommendation.speech();
    let reasons = recommendation.reasons.iter().flat_map(|reason| &reason.sources);
    let shown: Vec<&String> = reasons.chain(recommendation.precautions.iter().flat_map(|one| &one.sources)).collect();
    let items = recommendation.sources.iter().filter(|source| shown.contains(&&source.id)).map(|source| {
        let year = source.year.map_or_else(String::new, |year| format!(" ({year})"));
        let url = source.url.as_ref().map_or_else(String::new, |url| format!(" {url}"));
        let evidence = match source.evidence {
            crate::recommendation::EvidenceWord::Read => String::new(),
            crate::recommendation::EvidenceWord::Recalled => speech.word(" – from memory, not read again"),
            crate::recommendation::EvidenceWord::Custom => speech.word(" – clinic custom"),
        };
        item("", format!("[{}] {}{year}{url}{evidence}", source.id, source.title), Vec::new())
    });
    section(speech, "Sources", items.collect())
}

/// The version that answered; of a published one, by whom and when it was published.
#[must_use]
pub fn version(from: &Provenance, speech: &Speech) -> String {
    match from.edition {
        EditionWord::Published => format!("{} ({})", from.version, from.edition_in(speech)),
        _ => from.version.clone(),
    }
}

fn provenance(recommendation: &Recommendation) -> Section {
    let (from, speech) = (&recommendation.provenance, recommendation.speech());
    let set: String = from.set.iter().map(|(name, value)| format!(", {name} = {}", speech.value(value))).collect();
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let translation = from.language.as_ref().map_or_else(String::new, |language| {
        let hashes = [&from.protocol_translation_sha256, &from.dictionary_translation_sha256];
        let hashes: Vec<String> = hashes.into_iter().filter(|hash| !hash.is_empty()).map(|hash| short(hash)).collect();
        match &hashes[..] {
            // The file itself is in that language.
            [] => String::new(),
            some => tell!(speech, ", texts in {} ({})", language, some.join(", ")),
        }
    });
    let text = tell!(
        speech,
        "protocol {} {} ({}, {}), record {}{}{}, engine {}",
        from.protocol,
        from.version,
        from.edition_in(speech),
        short(&from.protocol_sha256),
        short(&from.record_sha256),
        translation,
        set,
        from.engine
    );
    section(speech, "Made from", vec![item("", text, Vec::new())])
}

/// The answers of several protocols, best first: one line each, and whether it is a draft's.
#[must_use]
pub fn ranked(recommendations: &[Recommendation]) -> Vec<(bool, Item)> {
    let one = |recommendation: &Recommendation| {
        let ((_, answer), speech) = (answer(recommendation), recommendation.speech());
        let mut notes = Vec::new();
        if let Some(question) =
            recommendation.questions.first().filter(|_| recommendation.status == Status::Undetermined)
        {
            notes.push(tell!(speech, "first question: {}", question.ask));
        }
        notes.extend(recommendation.reasons.first().map(|reason| reason.reason.clone()));
        notes.extend(recommendation.precautions.first().map(|one| tell!(speech, "take care: {}", one.action)));
        notes.push(tell!(speech, "protocol {}", recommendation.protocol));
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
