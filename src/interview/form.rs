//! The interview as a form: all questions that are open at once, any of them answered, and every answer that was given before, to be changed.

use toml_edit::{Item, Value};

use super::state::State;
use super::write::Writer;
use super::{Asked, Interview, Reply, Subject};
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::english::plain_name;
use crate::explain::labels;
use crate::patient::entries::NOTED_TWICE;
use crate::patient::unlisted::Treatments;
use crate::protocol::dictionary::Dictionary;
use crate::recommendation::{AnswerForm, AnswerType};
use crate::speech::{ENGLISH, Speech, tell};

/// An answer that the record has.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Told {
    /// What it is about.
    pub subject: Subject,
    /// What people read for that.
    pub label: String,
    /// The question.
    pub ask: String,
    /// The group of questions that it belongs to.
    pub group: Option<String>,
    /// How it is answered; none for a question about the list of sessions.
    pub form: Option<AnswerForm>,
    /// The answer, as it would be typed.
    pub reply: Reply,
    /// Of a day of which only the month or year is known: why no more is.
    pub no_more: Option<Reply>,
    /// The day of the answer.
    pub on: Option<Date>,
    /// Whether it was true once, and is not used any more.
    pub no_longer_applies: bool,
}

impl Told {
    /// The answer in words: the labels of choices, a number with its unit.
    #[must_use]
    pub fn words(&self) -> String {
        self.in_words(&ENGLISH)
    }

    /// The same in a language.
    pub(crate) fn in_words(&self, speech: &Speech) -> String {
        match &self.no_more {
            Some(why) => format!("{} ({})", self.reply_in_words(&self.reply, speech), self.reply_in_words(why, speech)),
            None => self.reply_in_words(&self.reply, speech),
        }
    }

    fn reply_in_words(&self, reply: &Reply, speech: &Speech) -> String {
        let text = match reply {
            Reply::NotKnown => return speech.word("not known"),
            Reply::Declined => return speech.word("declined to answer"),
            Reply::NotAsked => return speech.word("not asked"),
            Reply::Value(text) => text,
        };
        let Some(form) = &self.form else {
            let one = |text| match text {
                "one" | "two" => speech.word(text),
                day_or_no => speech.value(day_or_no),
            };
            return text.split(", ").map(one).collect::<Vec<_>>().join(", ");
        };
        let label = |id: &str| form.choices.iter().find(|one| one.id == id).map_or(id, |one| &one.label).to_owned();
        match (form.kind, &form.unit) {
            (AnswerType::Choice, _) => label(text),
            (AnswerType::Set, _) if text == "[]" => speech.none.to_owned(),
            (AnswerType::Set, _) => text.split(", ").map(label).collect::<Vec<_>>().join(", "),
            (AnswerType::Text, _) => text.clone(),
            (_, Some(unit)) => speech.value(&format!("{text} {unit}")),
            (_, None) => speech.value(text),
        }
    }
}

impl Subject {
    /// A name for it in a form: `fact:smoker`, `note:0:depth_mm`.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Subject::Fact(name) => format!("fact:{name}"),
            Subject::Earlier { fact, on } => format!("earlier:{on}:{fact}"),
            Subject::Note { session, note } => format!("note:{session}:{note}"),
            Subject::NotedTwice { session } => format!("twice:{session}"),
            Subject::Sessions(treatment) => format!("sessions:{treatment}"),
            Subject::Several { group, .. } => format!("several:{group}"),
        }
    }

    /// What such a name means; none: nothing. Several questions at once are answered one by one in a form.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Subject> {
        let (kind, rest) = key.split_once(':')?;
        Some(match kind {
            "fact" => Subject::Fact(rest.to_owned()),
            "earlier" => {
                let (on, fact) = rest.split_once(':')?;
                Subject::Earlier { fact: fact.to_owned(), on: on.parse().ok()? }
            }
            "note" => {
                let (session, note) = rest.split_once(':')?;
                Subject::Note { session: session.parse().ok()?, note: note.to_owned() }
            }
            "twice" => Subject::NotedTwice { session: rest.parse().ok()? },
            "sessions" => Subject::Sessions(rest.to_owned()),
            _ => return None,
        })
    }
}

impl Interview {
    /// Every question that is open, in the order of the interview. Those of one group stand together, where the first of them does.
    #[must_use]
    pub fn questions(&self) -> Vec<(Option<String>, Vec<Asked>)> {
        let mut groups: Vec<(Option<String>, Vec<Asked>)> = Vec::new();
        for open in &self.open {
            let group = self.group(&open.subject).map(str::to_owned);
            match groups.iter_mut().find(|(other, _)| *other == group) {
                Some((_, all)) => all.push(self.asked(open)),
                None => groups.push((group, vec![self.asked(open)])),
            }
        }
        groups
    }

    /// What says that something is not so, or never was, where there are words for it.
    #[must_use]
    pub fn no_to(&self, subject: &Subject) -> Option<&'static str> {
        self.no(subject)
    }

    /// Answers any question, whether or not it is open. An answer of an earlier day that it comes after is kept as one, unless it was wrong: a session
    /// of those days is judged by it.
    ///
    /// # Errors
    /// What is wrong with the answer, or that nobody asks that; nothing has changed then.
    pub fn reply_to(&mut self, subject: &Subject, reply: &Reply, was_wrong: bool) -> Result<(), Diagnostics> {
        let Some(as_of) = self.prepared.first().map(|prepared| prepared.as_of()) else { return Ok(()) };
        if !self.can_be_asked(subject) {
            return Err(Diagnostic::new(&codes::UNKNOWN_NAME, "nobody has asked that").into());
        }
        let before = Writer::new(&self.state.text, as_of)?.entry(subject);
        let mut start = self.clone();
        // It is taken back, and not put back to what it was when the page was opened; but for a month that stays known where nobody knows the day. And what is told at once does not come one after the
        // other: no answer takes another's ground away, they contradict each other.
        let asks_for_more = !was_wrong && matches!(reply, Reply::NotKnown | Reply::Declined);
        let stays = if asks_for_more { before.clone() } else { Item::None };
        start.state.before = [(subject.clone(), stays)].into();
        if was_wrong {
            start.state.keep(&self.prepared, true);
        }
        let mut state = start.after(subject, reply)?;
        if let Subject::Fact(name) = subject
            && !was_wrong
            && let Some(on) = self.day_of(name, &self.state).filter(|on| *on < as_of)
            && self.day_of(name, &state) != Some(on)
        {
            let mut writer = Writer::new(&state.text, as_of)?;
            writer.keep_earlier(name, on, &before);
            state.text = writer.text();
            state.records = self.read_text(&state.text)?;
        }
        self.state = state;
        self.passed.insert(subject.clone());
        self.look();
        Ok(())
    }

    /// Every answer of the record that one of the protocols reads.
    #[must_use]
    pub fn told(&self) -> Vec<Told> {
        let Some(first) = self.prepared.first() else { return Vec::new() };
        let Ok(mut writer) = Writer::new(&self.state.text, first.as_of()) else { return Vec::new() };
        let mut all: Vec<Told> = Vec::new();
        for prepared in &self.prepared {
            let protocol = &prepared.protocol;
            for at in &protocol.facts {
                let fact = &protocol.dictionary.facts[*at];
                let subject = Subject::Fact(fact.name.clone());
                let entry = writer.entry(&subject);
                let Some(reply) = typed(&entry).filter(|reply| *reply != Reply::NotAsked) else { continue };
                if all.iter().any(|one| one.subject == subject) {
                    continue;
                }
                let told_once = entry.as_table_like().and_then(|told| told.get("no_longer_applies"));
                all.push(Told {
                    subject,
                    label: fact.label.clone().unwrap_or_else(|| plain_name(&fact.name)),
                    ask: fact.ask.clone(),
                    group: fact.group.as_ref().map(|(group, _)| group.clone()),
                    form: Some(labels::form(&fact.answer, fact.may_be_never)),
                    reply,
                    no_more: no_more(&entry),
                    on: self.day_of(&fact.name, &self.state),
                    no_longer_applies: told_once.and_then(Item::as_bool).unwrap_or_default(),
                });
            }
            all.extend(self.told_of_sessions(&mut writer, &protocol.dictionary));
            for treatment in Treatments::of(protocol).names {
                let subject = Subject::Sessions(treatment.to_owned());
                let told = typed(&writer.entry(&subject)).or_else(|| self.told_none(treatment));
                if let Some(reply) = told.filter(|_| !all.iter().any(|one| one.subject == subject)) {
                    let label = self.treatment_label(treatment);
                    all.push(Told {
                        subject,
                        ask: tell!(self.speech(), "Were there any sessions of {}?", label),
                        label: tell!(self.speech(), "sessions of {}", label),
                        group: Some("sessions".to_owned()),
                        form: None,
                        reply,
                        no_more: None,
                        on: None,
                        no_longer_applies: false,
                    });
                }
            }
        }
        all.dedup_by(|a, b| a.subject == b.subject);
        all
    }

    /// The notes of sessions, and what was so on past days.
    fn told_of_sessions(&self, writer: &mut Writer, dictionary: &Dictionary) -> Vec<Told> {
        let mut all = Vec::new();
        let Some(record) = self.state.records.first() else { return all };
        let speech = self.speech();
        for session in &record.sessions {
            let (at, day) = (session.order, session.date);
            let of = tell!(speech, "{} of {}", self.treatment_label(&session.treatment), speech.range(day));
            let twice = Subject::NotedTwice { session: at };
            if let Some(reply) = typed(&writer.entry(&twice)) {
                let reply = match reply {
                    Reply::Value(text) => Reply::Value(if text == "yes" { "one" } else { "two" }.to_owned()),
                    other => other,
                };
                let label = tell!(speech, "{}: one session, or two", of);
                all.push(note(twice, label, None, reply));
            }
            for known in dictionary.notes.iter().filter(|note| !["date", "faulty", NOTED_TWICE].contains(&&*note.name))
            {
                let subject = Subject::Note { session: at, note: known.name.clone() };
                if let Some(reply) = typed(&writer.entry(&subject)).filter(|reply| *reply != Reply::NotAsked) {
                    let label = known.label.clone().unwrap_or_else(|| plain_name(&known.name));
                    let mut form = labels::form(&known.answer, false);
                    if subject.is_product() {
                        form.choices = self.products();
                    }
                    all.push(note(subject, format!("{of}: {label}"), Some(form), reply));
                }
            }
        }
        for (at, answered) in &record.earlier {
            let (fact, Some(on)) = (&dictionary.facts[*at], answered.on) else { continue };
            let subject = Subject::Earlier { fact: fact.name.clone(), on };
            let entry = writer.entry(&subject);
            if let Some(reply) = typed(&entry) {
                let label = fact.label.clone().unwrap_or_else(|| plain_name(&fact.name));
                let form = Some(labels::form(&fact.answer, fact.may_be_never));
                let label = tell!(speech, "{}, on {}", label, speech.date(on));
                all.push(Told { on: Some(on), no_more: no_more(&entry), ..note(subject, label, form, reply) });
            }
        }
        all
    }

    /// That there was no session of a treatment, if the record says so.
    fn told_none(&self, treatment: &str) -> Option<Reply> {
        let record = self.state.records.first()?;
        let listed = record.sessions.iter().any(|session| session.treatment == treatment);
        (!listed && record.covers.covers(treatment)).then(|| Reply::Value("no".to_owned()))
    }

    fn treatment_label(&self, treatment: &str) -> String {
        let known = self.prepared.iter().flat_map(|prepared| &prepared.protocol.dictionary.treatments);
        let mut labels = known.filter(|(name, _)| name == treatment).map(|(_, label)| label.clone());
        labels.next().unwrap_or_else(|| plain_name(treatment))
    }

    /// The day of the answer to a fact.
    fn day_of(&self, name: &str, state: &State) -> Option<Date> {
        self.prepared.iter().zip(&state.records).find_map(|(prepared, record)| {
            let (at, _) = prepared.protocol.dictionary.fact(name)?;
            record.answers.get(at)?.as_ref()?.on
        })
    }

    /// Whether there is such a question: names come from a form, and anybody can send one.
    fn can_be_asked(&self, subject: &Subject) -> bool {
        let mut protocols = self.prepared.iter().map(|prepared| &prepared.protocol);
        let is_listed = |session: usize| {
            self.state.records.iter().any(|record| record.sessions.iter().any(|one| one.order == session))
        };
        match subject {
            Subject::Fact(name) | Subject::Earlier { fact: name, .. } => {
                protocols.any(|protocol| protocol.dictionary.fact(name).is_some())
            }
            Subject::Note { session, note } => {
                is_listed(*session) && protocols.any(|protocol| protocol.dictionary.note(note).is_some())
            }
            Subject::NotedTwice { session } => is_listed(*session),
            Subject::Sessions(treatment) => {
                protocols.any(|protocol| Treatments::of(protocol).names.contains(&treatment.as_str()))
            }
            Subject::Several { .. } => false,
        }
    }
}

fn note(subject: Subject, label: String, form: Option<AnswerForm>, reply: Reply) -> Told {
    let group = Some("earlier sessions".to_owned());
    Told { subject, ask: label.clone(), label, group, form, reply, no_more: None, on: None, no_longer_applies: false }
}

/// What stands in a record, as it would be typed.
fn typed(entry: &Item) -> Option<Reply> {
    if let Some(told) = entry.as_table_like() {
        return match told.get("value") {
            Some(value) => typed(value),
            None => told.get("unknown").and_then(Item::as_str).map(unknown),
        };
    }
    // Of sessions, the reason stands by itself.
    let value = entry.as_value()?;
    Some(match value.as_str() {
        Some(why @ ("declined" | "not_known" | "not_recorded")) => unknown(why),
        _ => Reply::Value(typed_value(value)),
    })
}

/// Why no more is known than a value that stands there.
fn no_more(entry: &Item) -> Option<Reply> {
    let told = entry.as_table_like().filter(|told| told.contains_key("value"))?;
    told.get("unknown").and_then(Item::as_str).map(unknown)
}

fn unknown(why: &str) -> Reply {
    match why {
        "declined" => Reply::Declined,
        "not_known" => Reply::NotKnown,
        _ => Reply::NotAsked,
    }
}

fn typed_value(value: &Value) -> String {
    match value {
        Value::Boolean(yes) => if *yes.value() { "yes" } else { "no" }.to_owned(),
        Value::String(text) => text.value().clone(),
        Value::Array(all) if all.is_empty() => "[]".to_owned(),
        Value::Array(all) => all.iter().map(typed_value).collect::<Vec<_>>().join(", "),
        other => other.to_string().trim().to_owned(),
    }
}

impl Writer {
    /// Keeps an answer that another came after.
    fn keep_earlier(&mut self, name: &str, on: Date, entry: &Item) {
        let told = entry.as_table_like();
        let part = |key: &str| told.and_then(|told| told.get(key)).and_then(Item::as_value).cloned();
        let value = if told.is_some() { part("value") } else { entry.as_value().cloned() };
        let plain = |mut value: Value| {
            value.decor_mut().clear();
            value
        };
        match (value, part("unknown")) {
            (Some(value), _) => self.earlier(name, on, Ok(plain(value))),
            // That nobody asked is no answer that a session of that day could be judged by.
            (None, Some(why)) if why.as_str() != Some("not_recorded") => self.earlier(name, on, Err(plain(why))),
            (None, _) => return,
        }
        if let (Some(by), Some(told)) = (part("by"), self.earlier_answer(name, on)) {
            told.insert("by", Item::Value(plain(by)));
        }
    }
}
