//! The patient record: what is known, when it was taken, and what was done.

use std::sync::Arc;

use super::untold::AllUntold;
use super::{Covers, Entry, read};
use crate::date::{Date, DateRange};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, SourceFile, codes};
use crate::document::{Node, Notation, parse};
use crate::logic::value::{Texts, Value};
use crate::protocol::dictionary::{Fact, Fingerprint};
use crate::protocol::{Dictionary, Named};
use crate::speech::tell;

/// What is known of a patient.
///
/// ```
/// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
/// use regimen::{Notation, Record};
/// let text = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": false } }"#;
/// let (record, warnings) = Record::from_text("record.json", text, Notation::Json, &clinic.dictionary)?;
/// assert_eq!(record.patient, "P-1");
/// assert!(warnings.is_empty());
/// # Ok::<(), regimen::diagnostic::Diagnostics>(())
/// ```
#[derive(Clone, Debug)]
pub struct Record {
    /// Any identifier.
    pub patient: String,
    /// When the facts were taken, unless one says otherwise, and where that stands.
    #[doc(hidden)]
    pub recorded: Option<(Date, Place)>,
    /// The answers, in the order of the dictionary's facts; most records have few of them.
    #[doc(hidden)]
    pub answers: Vec<Option<Box<Answered>>>,
    /// Answers that others came after, each with the place of its fact in the dictionary: by fact and, of one fact, by day.
    #[doc(hidden)]
    pub earlier: Vec<(usize, Answered)>,
    /// The sessions, by date; of one date, in the order of the record.
    #[doc(hidden)]
    pub sessions: Vec<Session>,
    /// The appointments, by date. They are no sessions.
    #[doc(hidden)]
    pub planned: Vec<Session>,
    /// The treatments of which these are all sessions that were given.
    #[doc(hidden)]
    pub covers: Covers<String>,
    /// What has no answer, beside facts of today, and why.
    #[doc(hidden)]
    pub untold: AllUntold,
    /// The texts among the answers and notes.
    #[doc(hidden)]
    pub texts: Texts,
    /// What is strange about it and hinders no answer: names that nobody in the clinic knows. A recommendation repeats it.
    pub doubts: Diagnostics,
    /// The text's SHA-256, in hexadecimal.
    pub sha256: String,
    /// The dictionary that it was read with: its answers and notes have their places from there.
    pub(super) dictionary: Fingerprint,
}

/// An answer and where it comes from.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The answer; unknown where it was declined or taken away.
    pub value: Value,
    /// Whether the person would not answer.
    pub declined: bool,
    /// Whether the person was asked and does not know.
    pub not_known: bool,
    /// Whether the record keeps an answer that was true once, and is not used any more.
    pub no_longer_applies: bool,
    /// When it was taken; none where nothing was said.
    pub on: Option<Date>,
    /// Who gave it.
    pub by: Option<String>,
    /// Where it stands.
    pub place: Place,
}

impl Answered {
    /// An answer as it was given, by nobody in particular.
    pub(crate) fn given(value: Value, on: Option<Date>, place: Place) -> Answered {
        Answered { value, declined: false, not_known: false, no_longer_applies: false, on, by: None, place }
    }
}

/// A session that was given.
#[derive(Clone, Debug)]
pub struct Session {
    /// Which treatment.
    pub treatment: String,
    /// When.
    pub date: DateRange,
    /// Its place among the sessions as the record lists them: of two on one day, the one listed first came first.
    pub order: usize,
    /// Its notes, in the order of the dictionary: date, product, faulty, and what the clinic declares.
    pub notes: Vec<Value>,
    /// Whether it is a session of its own.
    pub entry: Entry,
    /// Where it stands.
    pub place: Place,
}

impl Record {
    /// Reads a record.
    ///
    /// # Errors
    /// With every mistake in it. What is merely doubtful comes back beside the record, and stays in it as its doubts.
    pub fn from_text(
        name: &str,
        text: &str,
        notation: Notation,
        dictionary: &Dictionary,
    ) -> Result<(Record, Diagnostics), Diagnostics> {
        let (record, found) = Record::read(&SourceFile::new(name, text), notation, dictionary);
        found.into_result(record)
    }

    /// The same, with what could be read and every mistake.
    #[must_use]
    pub fn read(source: &Arc<SourceFile>, notation: Notation, dictionary: &Dictionary) -> (Record, Diagnostics) {
        let mut found = Diagnostics::default();
        let node = parse(source, notation, &mut found);
        let record = Record::from_node(&node, source, dictionary, &mut found);
        found.sort();
        (record, found)
    }

    pub(crate) fn from_node(
        node: &Node,
        source: &Arc<SourceFile>,
        dictionary: &Dictionary,
        found: &mut Diagnostics,
    ) -> Record {
        read::read(node, source, dictionary, None, found)
    }

    /// Lays the facts and sessions of a case over this record. Facts are taken on `day` unless one says otherwise; sessions replace
    /// those of the record, if there are any.
    pub(crate) fn overlaid(
        mut self,
        node: &Node,
        source: &Arc<SourceFile>,
        dictionary: &Dictionary,
        day: Date,
        found: &mut Diagnostics,
    ) -> Record {
        let over = read::read(node, source, dictionary, Some((day, self.texts.clone())), found);
        for (answer, new) in self.answers.iter_mut().zip(over.answers) {
            if new.is_some() {
                *answer = new;
            }
        }
        if node.get("earlier").is_some() {
            self.earlier = over.earlier;
        }
        if node.get("earlier").is_some() || node.get("facts").is_some() {
            self.check_earlier(dictionary, found);
        }
        if node.get("sessions").is_some() {
            self.sessions = over.sessions;
            self.doubts.retain(|doubt| !Named::is_of_session(doubt.code) && *doubt.code != codes::NOTED_TWICE);
            self.covers = over.covers;
        }
        if node.get("planned").is_some() {
            self.planned = over.planned;
        }
        self.lay_over_untold(over.untold, node);
        self.doubts.append(over.doubts);
        if node.get("patient").is_some() {
            self.patient = over.patient;
        }
        self.texts = over.texts;
        self.sha256 = crate::protocol::sha256(&format!("{}\n{}", self.sha256, over.sha256));
        self
    }

    /// A record of which nothing is known.
    #[must_use]
    pub fn empty(dictionary: &Dictionary) -> Record {
        Record {
            patient: String::new(),
            recorded: None,
            answers: vec![None; dictionary.facts.len()],
            earlier: Vec::new(),
            sessions: Vec::new(),
            planned: Vec::new(),
            covers: Covers::default(),
            untold: AllUntold::new(),
            texts: Texts::default(),
            doubts: Diagnostics::default(),
            sha256: crate::protocol::sha256(""),
            dictionary: dictionary.fingerprint(),
        }
    }

    /// Whether it was read with another dictionary, so that its answers are not those to the same questions.
    pub(crate) fn is_of_another(&self, dictionary: &Dictionary) -> Diagnostics {
        let mut found = Diagnostics::default();
        if self.dictionary != dictionary.fingerprint() {
            let message = "the record was read with another dictionary than the one that it is asked about";
            let help = "read it with the protocol's own `dictionary`: a protocol may declare facts beside the clinic's";
            found.push(Diagnostic::new(&codes::ANOTHER_DICTIONARY, message).help(help));
        }
        found
    }

    /// What makes the record useless or doubtful on a day: dates in the future. Of a record that was read with another dictionary, that is
    /// all that is told.
    #[must_use]
    pub fn check(&self, dictionary: &Dictionary, as_of: Date) -> Diagnostics {
        let mut found = self.is_of_another(dictionary);
        if found.has_errors() {
            return found;
        }
        let recorded = self.recorded.as_ref().filter(|(recorded, _)| *recorded > as_of);
        if let Some((recorded, place)) = recorded {
            let message = format!("the facts were recorded on {recorded}, after the as-of date {as_of}");
            let diagnostic = Diagnostic::new(&codes::ANSWERED_LATER, message).at(place);
            found.push(
                diagnostic.help("nobody could know them on that day: correct the date, or ask for a later as-of date"),
            );
        }
        let recorded = recorded.map(|(recorded, _)| *recorded);
        let birth = self.birth(dictionary, as_of);
        for (fact, answer) in dictionary.facts.iter().zip(&self.answers) {
            if let Some(answer) = answer {
                check_answer(fact, answer, (as_of, birth), recorded, &mut found);
            }
        }
        for (at, answer) in &self.earlier {
            check_answer(&dictionary.facts[*at], answer, (as_of, birth), None, &mut found);
        }
        if let Some(birth) = birth {
            self.check_birth(birth, dictionary, &mut found);
        }
        for session in &self.sessions {
            if session.date.first > as_of {
                let message = format!("this session is on {}, after the as-of date {as_of}", session.date);
                let diagnostic = Diagnostic::new(&codes::FUTURE_DATE, message).at(&session.place);
                found.push(diagnostic.help("a session is one that was given: an appointment stands under [[planned]]"));
            }
        }
        for appointment in self.still_planned().filter(|appointment| appointment.date.last < as_of) {
            let speech = dictionary.speech();
            let phrase = "the appointment of {} on {} is before the as-of date {}";
            let date = speech.range(appointment.date);
            let treatment = dictionary.treatment_label(&appointment.treatment).unwrap_or(&appointment.treatment);
            let message = tell!(speech, phrase, treatment, date, speech.date(as_of));
            let diagnostic = Diagnostic::new(&codes::PAST_APPOINTMENT, message).at(&appointment.place);
            let help = "write it under [[sessions]] if it took place, and take it out if it did not";
            found.push(diagnostic.help(speech.word(help)));
        }
        found.sort();
        found
    }
}

impl Record {
    /// The appointments that were not kept yet: of none, a session of its treatment is noted on its day.
    pub(crate) fn still_planned(&self) -> impl Iterator<Item = &Session> {
        self.planned.iter().filter(|one| !self.sessions.iter().any(|session| session.keeps(one)))
    }
}

impl Session {
    /// Whether it is what an appointment was made for: the same treatment on the same day. Where both say of what, as an area, it agrees; how it was
    /// to be given makes no other session of it.
    fn keeps(&self, appointment: &Session) -> bool {
        let agrees = |one: &Value, other: &Value| match (one, other) {
            (Value::Choice(one), Value::Choice(other)) => one == other,
            (Value::Set(one), Value::Set(other)) => one & other != 0,
            _ => true,
        };
        self.treatment == appointment.treatment
            && self.date == appointment.date
            && self.notes.iter().zip(&appointment.notes).all(|(one, other)| agrees(one, other))
    }
}

/// The year in which a record can begin: nobody who was born before it can be treated.
pub(crate) const FIRST_YEAR: i16 = 1900;

/// The fact that says when the patient was born.
pub(crate) const BIRTH: &str = "date_of_birth";

impl Record {
    /// When the patient was born, if that can be so: of a birth that is still to come it is told that it is one, and not of everything
    /// else that it was before.
    fn birth(&self, dictionary: &Dictionary, as_of: Date) -> Option<DateRange> {
        let (at, fact) = dictionary.fact(BIRTH)?;
        match self.answers.get(at)?.as_ref()?.value {
            Value::Date(birth) if !(fact.past && birth.first > as_of) => Some(birth),
            _ => None,
        }
    }

    /// What is said to have been before the patient was born.
    fn check_birth(&self, birth: DateRange, dictionary: &Dictionary, found: &mut Diagnostics) {
        let mut early = |what: String, place: &Place| {
            let message = format!("{what}, before the patient was born ({birth})");
            let diagnostic = Diagnostic::new(&codes::BEFORE_BIRTH, message).at(place);
            found.push(diagnostic.help(format!("one of the two dates is wrong: compare it with `{BIRTH}`")));
        };
        let recorded = self.recorded.as_ref().filter(|(recorded, _)| *recorded < birth.first);
        if let Some((recorded, place)) = recorded {
            early(format!("the facts were recorded on {recorded}"), place);
        }
        let told = recorded.map(|(recorded, _)| *recorded);
        let answers = dictionary.facts.iter().zip(&self.answers);
        let answers = answers.filter_map(|(fact, answer)| Some((fact, answer.as_deref()?)));
        let earlier = self.earlier.iter().map(|(at, answer)| (&dictionary.facts[*at], answer));
        for (fact, answer) in answers.chain(earlier) {
            if let Some(on) = answer.on.filter(|on| *on < birth.first && Some(*on) != told) {
                early(format!("`{}` was answered on {on}", fact.name), &answer.place);
            }
            if let Value::Date(range) = answer.value
                && fact.past
                && !range.last.is_never()
                && range.last < birth.first
            {
                early(format!("`{}` is {range}", fact.name), &answer.place);
            }
        }
        for session in self.sessions.iter().filter(|session| session.date.last < birth.first) {
            early(format!("this session is on {}", session.date), &session.place);
        }
    }
}

/// `told` is a date of which the record has been told already that it is too late. Of an answer that was given before the birth, that is
/// told; whatever it tells of came later than that.
fn check_answer(
    fact: &Fact,
    answer: &Answered,
    (as_of, birth): (Date, Option<DateRange>),
    told: Option<Date>,
    found: &mut Diagnostics,
) {
    if let Value::Date(range) = answer.value
        && fact.past
    {
        let late =
            |message: String, help: &str| Diagnostic::new(&codes::FUTURE_DATE, message).at(&answer.place).help(help);
        if range.first > as_of {
            let message = format!("`{}` is {range}, after the as-of date {as_of}", fact.name);
            let help = "it says when something happened: correct it, or ask for a later as-of date";
            found.push(late(message, help));
        } else if let Some(on) = answer.on.filter(|on| range.first > *on)
            && birth.is_none_or(|birth| on >= birth.first)
        {
            let message = format!("`{}` is {range}, after {on}, the day it was reported", fact.name);
            let help = format!(
                "an event cannot be later than the day it was reported: correct it, or give that day, as in {{ value = …, on = {as_of} }}"
            );
            found.push(late(message, &help));
        }
    }
    if let Some(on) = answer.on
        && on > as_of
        && answer.on != told
    {
        let message = format!("`{}` was answered on {on}, after the as-of date {as_of}", fact.name);
        let diagnostic = Diagnostic::new(&codes::ANSWERED_LATER, message).at(&answer.place);
        found
            .push(diagnostic.help("nobody could know it on that day: correct the date, or ask for a later as-of date"));
    }
}

/// A record as the protocols of each dictionary read it, with every mistake in it told once. A name that
/// one of the protocols knows is told of none, however nearly it is one of another's.
pub(crate) fn read_for(
    source: &Arc<SourceFile>,
    notation: Notation,
    dictionaries: &[&Dictionary],
    as_of: Date,
    found: &mut Diagnostics,
) -> Vec<Record> {
    let mut records = Vec::new();
    let mut each: Vec<Vec<Diagnostic>> = Vec::new();
    for (at, dictionary) in dictionaries.iter().enumerate() {
        // Protocols of one clinic mostly share their dictionary.
        if let Some(same) = dictionaries[..at].iter().position(|other| std::ptr::eq(*other, *dictionary)) {
            let record: &Record = &records[same];
            records.push(record.clone());
            continue;
        }
        let (record, mut mistakes) = Record::read(source, notation, dictionary);
        mistakes.append(record.check(dictionary, as_of));
        each.push((&mistakes).into_iter().cloned().collect());
        records.push(record);
    }
    // The same name may be nearly known to one protocol and unknown to another.
    let alike = |one: &Diagnostic, other: &Diagnostic| {
        let both_names = Named::is_told_by(one.code) && Named::is_told_by(other.code);
        one.label == other.label && (both_names || (one.code, &one.message) == (other.code, &other.message))
    };
    let mut all: Vec<&Diagnostic> = each.iter().flatten().collect();
    all.sort_by_key(|mistake| mistake.severity);
    let mut told: Vec<&Diagnostic> = Vec::new();
    for mistake in all {
        let is_told = each.len() == 1 || {
            let by_all = || each.iter().all(|one| one.iter().any(|other| alike(mistake, other)));
            (!Named::is_told_by(mistake.code) || by_all()) && !told.iter().any(|other| alike(mistake, other))
        };
        if is_told {
            told.push(mistake);
            found.push(mistake.clone());
        }
    }
    if each.len() > 1 {
        let is_told = |doubt: &Diagnostic| told.iter().any(|one| one.code == doubt.code && one.label == doubt.label);
        records.iter_mut().for_each(|record| record.doubts.retain(is_told));
    }
    records
}
