//! Questions as parts of a form, and what comes back as replies.
//!
//! A question's fields are named by its [key](Subject::key): the choices under the key itself (`=yes`, `?` not known, `!` declined, `-` taken back), what is
//! typed under the key with `~`, and under the key with `^` that the answer before was wrong.

use maud::{Markup, html};

use super::page::{self, shown};
use super::words::{Words, say};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::interview::{Asked, Reply, Subject, Told};
use crate::protocol::Dictionary;
use crate::protocol::dictionary::Answer as Declared;
use crate::protocol::file::FactType;
use crate::recommendation::{AnswerForm, AnswerType, AnsweredBy, ChoiceReport, WhyUnknown};
use crate::render::outline;

/// What was sent for one question.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) subject: Subject,
    /// What was ticked.
    pub(super) ticked: Vec<String>,
    /// What was typed.
    pub(super) typed: String,
    /// Whether the answer before was wrong.
    pub(super) was_wrong: bool,
    /// What is wrong with it.
    pub(super) wrong: Option<Diagnostics>,
}

/// What was sent, by question, in the order of the form; nothing for questions that were left open.
pub(super) fn sent(fields: &[(String, String)]) -> Vec<Sent> {
    let mut all: Vec<Sent> = Vec::new();
    for (name, value) in fields {
        let (key, part) = match name.chars().next_back() {
            Some(part @ ('~' | '^')) => (&name[..name.len() - 1], Some(part)),
            _ => (name.as_str(), None),
        };
        let Some(subject) = Subject::from_key(key) else { continue };
        let at = all.iter().position(|one| one.subject == subject).unwrap_or_else(|| {
            let (ticked, typed) = (Vec::new(), String::new());
            all.push(Sent { subject, ticked, typed, was_wrong: false, wrong: None });
            all.len() - 1
        });
        match part {
            Some('~') => all[at].typed = value.trim().to_owned(),
            Some(_) => all[at].was_wrong = true,
            None if value.is_empty() => {}
            None => all[at].ticked.push(value.clone()),
        }
    }
    all.retain(|one| !one.ticked.is_empty() || !one.typed.is_empty());
    all
}

impl Sent {
    /// The reply that it is.
    pub(super) fn reply(&self) -> Result<Reply, Diagnostics> {
        let two = |what: &str| {
            let help = "keep one of them";
            Err(Diagnostics::from(Diagnostic::new(&codes::TWO_ANSWERS, what.to_owned()).help(help)))
        };
        let marks: Vec<&str> = self.ticked.iter().map(String::as_str).filter(|one| !one.starts_with('=')).collect();
        let values: Vec<&str> = self.ticked.iter().filter_map(|one| one.strip_prefix('=')).collect();
        match (&marks[..], &values[..], self.typed.as_str()) {
            ([_, _, ..], ..) => two("there are two reasons why it is not known"),
            ([_], [_, ..], _) => two("a value was given, and that there is none"),
            ([_], [], typed) if !typed.is_empty() => two("a value was given, and that there is none"),
            (["?"], ..) => Ok(Reply::NotKnown),
            (["!"], ..) => Ok(Reply::Declined),
            (["-"], ..) => Ok(Reply::NotAsked),
            ([other], ..) => Err(Diagnostic::new(&codes::WRONG_TYPE, format!("`{other}` is no answer")).into()),
            ([], [_, ..], typed) if !typed.is_empty() => two("a value was typed, and another chosen"),
            ([], [], typed) => Ok(Reply::Value(typed.to_owned())),
            ([], values, _) if values.len() > 1 && values.contains(&"[]") => {
                two("some were chosen, and that there are none")
            }
            ([], values, _) => Ok(Reply::Value(values.join(", "))),
        }
    }

    /// The same, where whatever is ticked stands on the page: a choice is sent by its name, never by its number or its label.
    pub(super) fn offered_reply(&self, dictionary: &Dictionary) -> Result<Reply, Diagnostics> {
        let reply = self.reply()?;
        let Some((name, answer)) = declared(&self.subject, dictionary) else { return Ok(reply) };
        let is_offered = |one: &str| one == "[]" || answer.choices().iter().any(|choice| choice == one);
        let mut ticked = self.ticked.iter().filter_map(|one| one.strip_prefix('='));
        match ticked.find(|one| matches!(answer.declared, FactType::Choice | FactType::Set) && !is_offered(one)) {
            None => Ok(reply),
            Some(other) => {
                let message = format!("`{other}` is not a choice of `{name}`");
                Err(Diagnostic::new(&codes::NOT_A_CHOICE, message).help("choose one that stands here").into())
            }
        }
    }
}

/// What a question is about, and what its answer may be.
fn declared<'d>(subject: &'d Subject, dictionary: &'d Dictionary) -> Option<(&'d str, &'d Declared)> {
    match subject {
        Subject::Fact(name) | Subject::Earlier { fact: name, .. } => {
            dictionary.fact(name).map(|(_, fact)| (name.as_str(), &fact.answer))
        }
        Subject::Note { note: name, .. } => dictionary.note(name).map(|(_, note)| (name.as_str(), &note.answer)),
        Subject::NotedTwice { .. } | Subject::Sessions(_) | Subject::Several { .. } => None,
    }
}

/// A question, as it is asked.
#[derive(Clone, Debug)]
pub(super) struct Control {
    words: Words,
    subject: Subject,
    ask: String,
    form: Option<AnswerForm>,
    choices: Vec<ChoiceReport>,
    /// Of whom, why it is asked again, what it could lead to.
    notes: Vec<String>,
    /// What stands there.
    sent: Option<Sent>,
    /// Whether it has an answer that can be taken back.
    changes: bool,
    /// Whether that is of an earlier day.
    is_older: bool,
}

impl Control {
    pub(super) fn open(w: Words, asked: &Asked, sent: Option<&Sent>) -> Control {
        let question = &asked.question;
        let mut notes = vec![match question.of {
            AnsweredBy::Record => say!(w, "from the clinic’s record").to_owned(),
            AnsweredBy::Lab => say!(w, "from the laboratory").to_owned(),
            AnsweredBy::Patient => say!(w, "asked of the patient").to_owned(),
            AnsweredBy::Clinician => say!(w, "asked of the clinician").to_owned(),
        }];
        if question.why != WhyUnknown::NotRecorded {
            notes.push(outline::why_asked(question, w.speech()));
        }
        notes.extend(question.could_lead_to.map(|status| say!(w, "could lead to {}", w.word(status.word()))));
        Control {
            words: w,
            subject: asked.subject.clone(),
            ask: question.ask.clone(),
            form: question.answer.clone(),
            choices: asked.choices.clone(),
            notes,
            sent: sent.cloned(),
            changes: false,
            is_older: false,
        }
    }

    /// An answer that is to be changed.
    pub(super) fn told(w: Words, told: &Told, sent: Option<&Sent>, day: crate::Date) -> Control {
        let (ticked, typed) = match (&told.reply, told.form.as_ref().map(|form| form.kind)) {
            (Reply::NotKnown, _) => (vec!["?".to_owned()], String::new()),
            (Reply::Declined, _) => (vec!["!".to_owned()], String::new()),
            (Reply::NotAsked, _) => (Vec::new(), String::new()),
            (Reply::Value(text), Some(AnswerType::Set)) => {
                (text.split(", ").map(|one| format!("={one}")).collect(), String::new())
            }
            (Reply::Value(text), Some(AnswerType::Bool | AnswerType::Choice)) => {
                (vec![format!("={text}")], String::new())
            }
            (Reply::Value(text), Some(_)) if text == "never" => (vec!["=never".to_owned()], String::new()),
            (Reply::Value(text), None) => (vec![format!("={text}")], String::new()),
            (Reply::Value(text), Some(_)) => (Vec::new(), text.clone()),
        };
        let now = Sent { subject: told.subject.clone(), ticked, typed, was_wrong: false, wrong: None };
        let since = told.on.map_or_else(String::new, |on| format!(" ({})", w.date(on)));
        Control {
            words: w,
            subject: told.subject.clone(),
            ask: told.ask.clone(),
            choices: told.form.as_ref().map(|form| form.choices.clone()).unwrap_or_default(),
            form: told.form.clone(),
            notes: vec![say!(w, "now: {}{}", told.in_words(w.speech()), since)],
            sent: Some(sent.cloned().unwrap_or(now)),
            changes: true,
            is_older: told.on.is_some_and(|on| on < day) && matches!(told.subject, Subject::Fact(_)),
        }
    }

    fn is_ticked(&self, value: &str) -> bool {
        self.sent.as_ref().is_some_and(|sent| sent.ticked.iter().any(|one| one == value))
    }

    /// Something to choose.
    fn pill(&self, kind: &'static str, value: &str, label: &str) -> Markup {
        let key = self.subject.key();
        html! {
            label.pill {
                input type=(kind) name=(key) value=(value) checked[self.is_ticked(value)];
                span { (shown(label)) }
            }
        }
    }

    fn typed(&self, mode: &'static str, placeholder: &str, label: &str) -> Markup {
        let key = self.subject.key();
        let typed = self.sent.as_ref().map(|sent| sent.typed.as_str()).unwrap_or_default();
        html! {
            input type="text" name={ (key) "~" } value=(typed) inputmode=(mode) placeholder=(placeholder) aria-label=(label)
                autocomplete="off" spellcheck="false" aria-describedby={ "d-" (key) };
        }
    }

    /// A field that offers what it may be.
    fn typed_or_chosen(&self, label: &str) -> Markup {
        let key = self.subject.key();
        let typed = self.sent.as_ref().map(|sent| sent.typed.as_str()).unwrap_or_default();
        html! {
            input type="text" name={ (key) "~" } value=(typed) aria-label=(label) list={ "l-" (key) }
                autocomplete="off" spellcheck="false" aria-describedby={ "d-" (key) };
            (offered(&format!("l-{key}"), &self.choices))
        }
    }

    pub(super) fn html(&self) -> Markup {
        let (key, w) = (self.subject.key(), self.words);
        let kind = self.form.as_ref().map(|form| form.kind);
        let wrong = self.sent.as_ref().and_then(|sent| sent.wrong.as_ref());
        let never = self.form.as_ref().is_some_and(|form| form.written.contains_key("never"));
        html! {
            fieldset.q data-key=(key) id={ "q-" (key) } {
                legend { (shown(&self.ask)) }
                @if let Some(wrong) = wrong {
                    p.wrong { (page::told(w, wrong)) }
                }
                div.pills {
                    @match kind {
                        Some(AnswerType::Bool) => { (self.pill("radio", "=yes", say!(w, "yes"))) (self.pill("radio", "=no", say!(w, "no"))) }
                        Some(AnswerType::Choice) => {
                            @for one in &self.choices { (self.pill("radio", &format!("={}", one.id), &one.label)) }
                        }
                        Some(AnswerType::Set) => {
                            @for one in &self.choices { (self.pill("checkbox", &format!("={}", one.id), &one.label)) }
                            (self.pill("checkbox", "=[]", say!(w, "none of these")))
                        }
                        Some(AnswerType::Integer | AnswerType::Decimal) => {
                            @let unit = self.form.as_ref().and_then(|form| form.unit.clone());
                            (self.typed("decimal", &range(w, self.form.as_ref()), &self.ask))
                            @if let Some(unit) = unit { span.unit { (shown(w.speech().units(&unit))) } }
                        }
                        Some(AnswerType::Date) => {
                            (self.typed("numeric", say!(w, "2026-03-02, or 2026-03"), &self.ask))
                            @if never { (self.pill("radio", "=never", say!(w, "never"))) }
                        }
                        Some(AnswerType::Text) if !self.choices.is_empty() => {
                            (self.typed_or_chosen(&self.ask))
                        }
                        Some(AnswerType::Text) => { (self.typed("text", "", &self.ask)) }
                        None => {
                            @if matches!(self.subject, Subject::NotedTwice { .. }) {
                                (self.pill("radio", "=one", say!(w, "one session, noted twice")))
                                (self.pill("radio", "=two", say!(w, "two sessions")))
                            } @else {
                                (self.pill("radio", "=no", say!(w, "no, none")))
                                (self.typed("text", say!(w, "days: 2026-01-15, 2026-02"), say!(w, "the days of the sessions")))
                            }
                        }
                    }
                    span.unknown {
                        @let more = if kind == Some(AnswerType::Set) { "checkbox" } else { "radio" };
                        (self.pill(more, "?", say!(w, "don’t know")))
                        (self.pill(more, "!", say!(w, "declined")))
                        @if self.changes { (self.pill(more, "-", say!(w, "take back"))) }
                    }
                }
                @if self.is_older {
                    label.check { input type="checkbox" name={ (key) "^" } value="yes"; " " (say!(w, "the old answer was wrong, also on its day")) }
                }
                p.help id={ "d-" (key) } { (shown(&self.notes.join(" · "))) }
            }
        }
    }
}

/// What a field offers: with what is noted, what people read for it.
pub(super) fn offered(id: &str, choices: &[ChoiceReport]) -> Markup {
    html! {
        datalist id=(id) { @for one in choices { option value=(shown(&one.id)) label=(shown(&one.label)) { (shown(&one.label)) } } }
    }
}

/// `0 to 20`, as a hint in an empty field.
fn range(w: Words, form: Option<&AnswerForm>) -> String {
    match form.map(|form| (&form.least, &form.greatest)) {
        Some((Some(least), Some(greatest))) => {
            say!(w, "{} to {}", w.speech().number(least), w.speech().number(greatest))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replied(fields: &[(&str, &str)]) -> Result<Reply, String> {
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let all = sent(&fields);
        assert_eq!(all.len(), 1, "{fields:?}");
        all[0].reply().map_err(|found| found.to_string())
    }

    #[test]
    fn what_is_sent_is_one_reply_or_told_to_be_two() {
        let value = |text: &str| Ok(Reply::Value(text.to_owned()));
        assert_eq!(replied(&[("fact:smoker", "=yes")]), value("yes"));
        assert_eq!(replied(&[("fact:hba1c", ""), ("fact:hba1c~", " 5.4 ")]), value("5.4"));
        assert_eq!(replied(&[("fact:areas", "=cheek"), ("fact:areas", "=chin")]), value("cheek, chin"));
        assert_eq!(replied(&[("fact:areas", "=[]")]), value("[]"));
        assert_eq!(replied(&[("fact:smoker", "?")]), Ok(Reply::NotKnown));
        assert_eq!(replied(&[("fact:smoker", "!")]), Ok(Reply::Declined));
        assert_eq!(replied(&[("fact:smoker", "-")]), Ok(Reply::NotAsked));
        for both in [
            &[("fact:hba1c", "?"), ("fact:hba1c~", "5.4")][..],
            &[("fact:areas", "=cheek"), ("fact:areas", "!")],
            &[("fact:areas", "=cheek"), ("fact:areas", "=[]")],
            &[("fact:areas", "?"), ("fact:areas", "!")],
            &[("fact:day", "=never"), ("fact:day~", "2026-03-02")],
        ] {
            assert!(replied(both).is_err_and(|told| told.contains("R856")), "{both:?}");
        }
        assert!(sent(&[("fact:smoker".into(), String::new()), ("token".into(), "x".into())]).is_empty());
    }
}
