//! From a tree to a record: every answer against the dictionary, every mistake at its place.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::date::{Date, DateRange};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity, SourceFile, codes};
use crate::document::{Data, Key, Node};
use crate::logic::value::{Texts, Value};
use crate::patient::entries::{DATE, Marks, NOTED_TWICE, appointments, mark};
use crate::patient::in_quotes;
use crate::patient::{Answered, Covers, Entry, FIRST_YEAR, NoAnswer, Record, Session, Untold};
use crate::protocol::dictionary::{Answer, NONE};
use crate::protocol::file::FactType;
use crate::protocol::{Dictionary, Named, look_alike};

/// Reads a record, or what a case lays over one: then facts are taken on the given day, and the keys of a case are not minded.
pub(crate) fn read(
    node: &Node,
    source: &Arc<SourceFile>,
    dictionary: &Dictionary,
    over: Option<(Date, Texts)>,
    found: &mut Diagnostics,
) -> Record {
    let is_case = over.is_some();
    let (day, texts) = over.map_or((None, Texts::default()), |(day, texts)| (Some(day), texts));
    let mut record = Record { texts, sha256: crate::protocol::sha256(&source.text), ..Record::empty(dictionary) };
    if !matches!(node.data, Data::Table(_)) {
        if node.data != Data::Refused {
            let message = format!("a record is a table, but this is {}", node.kind());
            found.push(Diagnostic::new(&codes::WRONG_TYPE, message).at(&node.place(source)));
        }
        return record;
    }
    // A text that is no file of its kind has been told: what is missing in it is the same mistake.
    if found.has_errors() && node.entries().is_empty() {
        return record;
    }
    let mut found_here = Diagnostics::default();
    let mut reader = RecordReader { source, dictionary, found: &mut found_here };
    if !is_case {
        reader.keys_of_record(node);
    }
    match told(node, "patient") {
        Some(patient) => {
            record.patient = reader.text(patient, "patient").unwrap_or_default();
            if patient.text().is_some_and(|id| id.trim().is_empty()) {
                let diagnostic = Diagnostic::new(&codes::NO_PATIENT, "`patient` is empty").at(&patient.place(source));
                reader.found.push(diagnostic.help("give any identifier, as P-0017"));
            }
        }
        None if is_case => {}
        None => reader.missing(node, "a record has no `patient`", "give any identifier, as in patient = \"P-0017\""),
    }
    let recorded = match told(node, "recorded") {
        Some(recorded) => reader.day(recorded),
        None => day,
    };
    record.recorded = told(node, "recorded").zip(recorded).map(|(node, day)| (day, node.place(source)));
    if let Some(facts) = told(node, "facts").filter(|facts| reader.is_table(facts, "facts")) {
        let answers = || facts.entries().iter().filter(|(_, answer)| answer.data != Data::Null);
        let undated = answers().find(|(_, answer)| told(answer, "on").is_none());
        if let (None, None, Some((key, _))) = (recorded, told(node, "recorded"), undated) {
            let diagnostic =
                Diagnostic::new(&codes::NO_RECORDED_DATE, "the record does not say when its facts were taken");
            let help = "add `recorded = 2026-03-02` at the top, or `on = …` to each fact: answers expire";
            reader.found.push(diagnostic.at(&key.place(source)).help(help));
        }
        for (key, answer) in facts.entries() {
            let Some((at, _)) = dictionary.fact(&key.name) else {
                reader.unknown_fact(key);
                continue;
            };
            if answer.data == Data::Null {
                continue;
            }
            if let Some(answered) = reader.answered(&key.name, at, answer, recorded, &mut record.texts) {
                record.answers[at] = Some(Box::new(answered));
            }
        }
    }
    if let Some(earlier) = told(node, "earlier") {
        record.earlier = reader.earlier(earlier, &mut record.texts, &mut record.untold);
    }
    // Of a case, what it is laid over has to be known first.
    if !is_case {
        record.check_earlier(dictionary, reader.found);
    }
    let sessions = told(node, "sessions");
    if let Some(cover) = told(node, "sessions_cover") {
        record.covers = Covers::Only(reader.covered(cover));
        if sessions.is_none() {
            let message = "`sessions_cover` says what a list of sessions covers, but there is no list";
            let diagnostic = Diagnostic::new(&codes::MISSING_KEY, message).at(&cover.place(source));
            reader.found.push(diagnostic.help("write `sessions = []` beside it if none were given"));
        }
    } else if sessions.is_some() {
        record.covers = Covers::All;
    }
    if let Some(sessions) = sessions {
        let (sessions, marks): (Vec<Session>, Vec<Marks>) =
            reader.listed(sessions, SESSION, &mut record.texts).into_iter().unzip();
        record.sessions = sessions;
        for (session, marks) in marks.iter().enumerate() {
            let untold = marks.untold.iter().map(|(note, why)| (Untold::Note(session, note.clone()), *why));
            record.untold.extend(untold);
        }
        mark(&mut record.sessions, &marks, dictionary, reader.found);
        record.sessions.sort_by_key(|session| (session.date.first, session.date.last));
    }
    if let Some(unknown) = told(node, "sessions_unknown") {
        reader.sessions_untold(unknown, &record.covers, &mut record.untold);
    }
    if let Some(planned) = told(node, "planned") {
        let read = reader.listed(planned, APPOINTMENT, &mut record.texts);
        record.planned = appointments(read, dictionary, reader.found);
    }
    record.doubts = found_here.clone();
    record.doubts.retain(|one| one.severity == Severity::Warning);
    found.append(found_here);
    record
}

/// Whether a text says nothing.
pub(super) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// An entry of a record. `null` is what an export writes where it knows nothing: nobody has said anything.
pub(super) fn told<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.get(name).filter(|node| node.data != Data::Null)
}

/// What is noted of a session that was given, and of one that is planned.
#[derive(Clone, Copy)]
struct Listed {
    /// The key of the list.
    list: &'static str,
    /// One of them, in a sentence.
    one: &'static str,
    /// Whether more than the day may be unknown of its date.
    may_be_partial: bool,
}

const SESSION: Listed = Listed { list: "sessions", one: "a session", may_be_partial: true };
const APPOINTMENT: Listed = Listed { list: "planned", one: "an appointment", may_be_partial: false };

/// Reads a value as an answer in a record is read.
pub(crate) fn read_answer(
    node: &Node,
    (name, answer, may_be_never): (&str, &Answer, bool),
    (source, dictionary): (&Arc<SourceFile>, &Dictionary),
    texts: &mut Texts,
    found: &mut Diagnostics,
) -> Option<Value> {
    RecordReader { source, dictionary, found }.value(name, answer, may_be_never, node, texts)
}

pub(super) struct RecordReader<'a> {
    pub(super) source: &'a Arc<SourceFile>,
    pub(super) dictionary: &'a Dictionary,
    pub(super) found: &'a mut Diagnostics,
}

impl RecordReader<'_> {
    pub(super) fn error<T>(&mut self, code: &'static Code, node: &Node, message: impl Into<String>) -> Option<T> {
        if node.data != Data::Refused {
            let mut diagnostic = Diagnostic::new(code, message).at(&node.place(self.source));
            // Everywhere else it says that nobody has told. In a list it could stand for anything, or for nothing.
            if node.data == Data::Null {
                diagnostic =
                    diagnostic.help("leave it out; or write `null` for the whole list, if nobody knows all of it");
            }
            self.found.push(diagnostic);
        }
        None
    }

    pub(super) fn wrong(&mut self, node: &Node, message: impl Into<String>) {
        let _: Option<()> = self.error(&codes::WRONG_TYPE, node, message);
    }

    pub(super) fn missing(&mut self, node: &Node, message: &str, help: &str) {
        let place = Place { file: self.source.clone(), span: node.span.start..node.span.start };
        self.found.push(Diagnostic::new(&codes::MISSING_KEY, message).at(&place).help(help));
    }

    pub(super) fn is_table(&mut self, node: &Node, name: &str) -> bool {
        let table = matches!(node.data, Data::Table(_));
        if !table {
            self.wrong(node, format!("`{name}` should be a table, but this is {}", node.kind()));
        }
        table
    }

    fn unknown_fact(&mut self, key: &Key) {
        if key.is_left_over(self.source) {
            return;
        }
        self.strange(Named::Fact, &key.name, &key.place(self.source));
    }

    /// Tells of a name that the clinic does not know.
    pub(super) fn strange(&mut self, what: Named, name: &str, place: &Place) {
        if let Some(strange) = what.strange(&self.dictionary.names, name, self.dictionary.speech()) {
            self.found.push(strange.at(place));
        }
    }

    pub(super) fn text(&mut self, node: &Node, name: &str) -> Option<String> {
        match node.text() {
            Some(text) => Some(text.to_owned()),
            None => {
                self.error(&codes::WRONG_TYPE, node, format!("`{name}` should be a text, but this is {}", node.kind()))
            }
        }
    }

    /// The treatments that a list of sessions covers.
    fn covered(&mut self, node: &Node) -> Vec<String> {
        if !matches!(node.data, Data::Array(_)) {
            self.wrong(node, format!("`sessions_cover` should be a list of treatments, but this is {}", node.kind()));
        }
        node.items()
            .iter()
            .filter_map(|item| match item.text() {
                Some(treatment) => {
                    self.strange(Named::Treatment, treatment, &item.place(self.source));
                    Some(treatment.to_owned())
                }
                None => {
                    self.error(&codes::WRONG_TYPE, item, format!("a treatment is a text, but this is {}", item.kind()))
                }
            })
            .collect()
    }

    /// One exact day.
    pub(super) fn day(&mut self, node: &Node) -> Option<Date> {
        match &node.data {
            Data::Date(text) | Data::Text(text) => match text.parse::<Date>() {
                Ok(day) => self.since_1900(day.into(), node).then_some(day),
                Err(error) => self.error(&codes::INVALID_DATE, node, error.to_string()),
            },
            _ => self.error(&codes::WRONG_TYPE, node, format!("this should be a date, and it is {}", node.kind())),
        }
    }

    /// `x = 3`, `x = { value = 3, on = 2026-02-10, by = "patient" }`, `x = { unknown = "declined" }`, `x = { value = 3, no_longer_applies =
    /// true }`.
    fn answered(
        &mut self,
        name: &str,
        at: usize,
        node: &Node,
        recorded: Option<Date>,
        texts: &mut Texts,
    ) -> Option<Answered> {
        let fact = &self.dictionary.facts[at];
        let mut answered = Answered {
            value: Value::Unknown,
            declined: false,
            not_known: false,
            no_longer_applies: false,
            on: recorded,
            by: None,
            place: node.place(self.source),
        };
        if !matches!(node.data, Data::Table(_)) {
            answered.value = self.value(name, &fact.answer, fact.may_be_never, node, texts)?;
            return Some(answered);
        }
        self.keys(node, &["value", "on", "by", "unknown", "no_longer_applies"], "an answer");
        if let Some(on) = told(node, "on") {
            answered.on = self.day(on);
        }
        if let Some(by) = told(node, "by") {
            answered.by = self.text(by, "by");
        }
        if let Some(mark) = told(node, "no_longer_applies") {
            match &mark.data {
                Data::Bool(mark) => answered.no_longer_applies = *mark,
                _ => {
                    let message = format!("`no_longer_applies` should be true or false, but this is {}", mark.kind());
                    self.wrong(mark, message);
                }
            }
        }
        match (told(node, "value"), told(node, "unknown")) {
            // An export that writes `null`: nobody has said anything.
            (None, None) if node.get("value").or(node.get("unknown")).is_some() => return None,
            (Some(value), unknown) => {
                let value_told = self.value(name, &fact.answer, fact.may_be_never, value, texts)?;
                answered.place = value.place(self.source);
                if let Some(unknown) = unknown {
                    let why = self.why_no_more(unknown, value_told, &format!("`{name}` has"))?;
                    answered.declined = why == NoAnswer::Declined && !answered.no_longer_applies;
                    answered.not_known = why == NoAnswer::NotKnown && !answered.no_longer_applies;
                }
                // What was true once says nothing about the day of the question.
                if !answered.no_longer_applies {
                    answered.value = value_told;
                }
            }
            (None, Some(unknown)) => {
                let why = self.no_answer(unknown)?;
                answered.declined = why == NoAnswer::Declined;
                answered.not_known = why == NoAnswer::NotKnown;
            }
            (None, None) => {
                let help = "write `{ value = … }` or `{ unknown = \"declined\" }`";
                let diagnostic = Diagnostic::new(&codes::MISSING_KEY, format!("the answer to `{name}` has no `value`"));
                self.found.push(diagnostic.at(&node.place(self.source)).help(help));
                return None;
            }
        }
        Some(answered)
    }

    pub(super) fn value(
        &mut self,
        name: &str,
        answer: &Answer,
        may_be_never: bool,
        node: &Node,
        texts: &mut Texts,
    ) -> Option<Value> {
        let expected = match answer.declared {
            FactType::Bool => "true or false",
            FactType::Integer => "a whole number",
            FactType::Decimal => "a number",
            FactType::Text => "a text",
            FactType::Date => "a date",
            FactType::Choice => "one of its choices, a text",
            FactType::Set => "a list of its choices",
        };
        match (answer.declared, &node.data) {
            (FactType::Bool, Data::Bool(value)) => Some(Value::Bool(*value)),
            (FactType::Integer | FactType::Decimal, Data::Integer(value)) => {
                self.number(name, answer, Decimal::from(*value), node)
            }
            // Many programs write every number with a point.
            (FactType::Integer, Data::Decimal(value)) if value.is_integer() => {
                self.number(name, answer, value.trunc(), node)
            }
            (FactType::Decimal, Data::Decimal(value)) => self.number(name, answer, *value, node),
            // As in a cell of a table: nobody has said anything.
            (_, Data::Text(text)) if is_blank(text) => Some(Value::Unknown),
            (FactType::Text, Data::Text(text)) => Some(Value::Text(texts.intern(text))),
            (FactType::Date, Data::Date(text) | Data::Text(text)) => self.date(name, text, may_be_never, node),
            (FactType::Date, Data::Integer(year)) if (1000..=9999).contains(year) => {
                self.date(name, &year.to_string(), may_be_never, node)
            }
            (FactType::Choice, Data::Text(text)) => self.choice(name, answer, text, node).map(Value::Choice),
            (FactType::Set, Data::Array(items)) => {
                let mut bits = Some(0u64);
                for item in items {
                    let at = match item.text() {
                        Some(text) => self.choice(name, answer, text, item),
                        None => self.error(
                            &codes::WRONG_TYPE,
                            item,
                            format!("a choice is a text, but this is {}", item.kind()),
                        ),
                    };
                    bits = bits.zip(at).map(|(bits, at)| bits | 1 << at);
                }
                if bits.is_some_and(|bits| answer.has_none_and_others(bits)) {
                    let message = format!("`{name}` is `{NONE}` and something else as well: one of the two is wrong");
                    let doubt = Diagnostic::new(&codes::NONE_AND_OTHERS, message).at(&node.place(self.source));
                    self.found.push(doubt.help(format!("take out `{NONE}`, or everything else")));
                }
                bits.map(Value::Set)
            }
            _ => {
                let message = format!("`{name}` should be {expected}, but this is {}", node.kind());
                let mut diagnostic = Diagnostic::new(&codes::WRONG_TYPE, message).at(&node.place(self.source));
                if matches!((answer.declared, &node.data), (FactType::Set, Data::Text(_))) {
                    diagnostic = diagnostic.help("write it in brackets: [\"…\"]");
                }
                if let Some((help, right)) = in_quotes::meant(answer.declared, &node.data) {
                    diagnostic = diagnostic.help(help);
                    diagnostic = right.map_or(diagnostic.clone(), |right| diagnostic.replace_by(right, false));
                }
                if node.data != Data::Refused {
                    self.found.push(diagnostic);
                }
                None
            }
        }
    }

    fn date(&mut self, name: &str, text: &str, may_be_never: bool, node: &Node) -> Option<Value> {
        if text == "never" {
            if may_be_never {
                return Some(Value::date(Date::NEVER));
            }
            return self.error(&codes::INVALID_VALUE, node, format!("`{name}` cannot be \"never\""));
        }
        match text.parse::<DateRange>() {
            Ok(range) => self.since_1900(range, node).then_some(Value::Date(range)),
            Err(error) => self.error(&codes::INVALID_DATE, node, error.to_string()),
        }
    }

    /// Whether a date can be one of a patient's life.
    fn since_1900(&mut self, range: DateRange, node: &Node) -> bool {
        let possible = range.first.year() >= FIRST_YEAR;
        if !possible {
            let message = format!("{range} is before {FIRST_YEAR}: nobody born then can be treated");
            let diagnostic = Diagnostic::new(&codes::BEFORE_BIRTH, message).at(&node.place(self.source));
            let help = match range.first.year() {
                ..100 => "write the year with four digits, as in 1926",
                _ => "correct it, or leave it out if nobody knows",
            };
            self.found.push(diagnostic.help(help));
        }
        possible
    }

    fn choice(&mut self, name: &str, answer: &Answer, text: &str, node: &Node) -> Option<u8> {
        let choices = answer.choices();
        if let Some(at) = choices.iter().position(|choice| choice == text) {
            return Some(crate::narrow::u8(at));
        }
        let diagnostic = Diagnostic::new(&codes::NOT_A_CHOICE, format!("`{text}` is not a choice of `{name}`"));
        let diagnostic = diagnostic.at(&node.place(self.source));
        let diagnostic = match choices.iter().find(|choice| look_alike(choice, text)) {
            Some(choice) => {
                diagnostic.help(format!("it looks like `{choice}` and is written with other letters: type it anew"))
            }
            None => diagnostic.suggest(text, choices.iter().map(String::as_str)),
        };
        let all = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
        self.found.push(diagnostic.help(format!("the choices are {all}")));
        None
    }

    /// The sessions of a list, or its appointments. Each is known by its place in the list, wherever its day puts it.
    fn listed(&mut self, node: &Node, listed: Listed, texts: &mut Texts) -> Vec<(Session, Marks)> {
        let list = listed.list;
        if !matches!(node.data, Data::Array(_)) {
            self.wrong(node, format!("`{list}` should be a list of tables, each headed [[{list}]]"));
        }
        let read = node.items().iter().filter_map(|one| self.session(one, listed, texts));
        let mut all: Vec<(Session, Marks)> = read.collect();
        all.iter_mut().enumerate().for_each(|(order, (session, _))| session.order = order);
        all
    }

    fn session(&mut self, node: &Node, listed: Listed, texts: &mut Texts) -> Option<(Session, Marks)> {
        if !self.is_table(node, listed.list) {
            return None;
        }
        let one = listed.one;
        let treatment = match told(node, "treatment").filter(|name| !name.text().is_some_and(is_blank)) {
            Some(treatment) => self.text(treatment, "treatment"),
            None => {
                let message = format!("{one} has no `treatment`");
                self.missing(node, &message, "name it as the protocol's `treatment` does");
                None
            }
        };
        let mut marks = Marks { noted_twice: None, others: Vec::new(), untold: Vec::new() };
        let date = match told(node, DATE) {
            Some(date) if !listed.may_be_partial => self.day(date).map(DateRange::from),
            Some(date) => self.session_date(date, texts, &mut marks.untold),
            None => {
                let help = match listed.may_be_partial {
                    true => "a month (\"2025-11\") or a year will do if no more is known",
                    false => "write the day, as in date = 2026-03-02",
                };
                self.missing(node, &format!("{one} has no `date`"), help);
                None
            }
        };
        let dictionary = self.dictionary;
        let mut notes: Vec<Value> = dictionary.notes.iter().map(|_| Value::Unknown).collect();
        notes[2] = Value::Bool(false);
        for (key, value) in node.entries() {
            if key.name == "treatment" || key.name == DATE || value.data == Data::Null {
                continue;
            }
            // Whether a session was faulty is never asked.
            if (key.name == NOTED_TWICE || dictionary.note(&key.name).is_some())
                && key.name != "faulty"
                && let Some(why) = self.note_untold(value)
            {
                marks.untold.extend(why.map(|why| (key.name.clone(), why)));
                continue;
            }
            if key.name == NOTED_TWICE {
                match value.data {
                    Data::Bool(told) => marks.noted_twice = Some((told, value.place(self.source))),
                    _ => self.wrong(value, format!("`{NOTED_TWICE}` is true or false, but this is {}", value.kind())),
                }
                continue;
            }
            match dictionary.note(&key.name) {
                Some((at, note)) => {
                    if let Some(value) = self.value(&key.name, &note.answer, false, value, texts) {
                        notes[at] = value;
                    }
                }
                // Another protocol of the clinic reads it.
                None if dictionary.names.has_note(&key.name) => {
                    let written = self.source.text.get(value.span.clone()).unwrap_or_default();
                    marks.others.push((key.name.clone(), written.to_owned()));
                }
                None => {
                    let mut known = vec!["treatment"];
                    known.extend(dictionary.notes.iter().map(|note| note.name.as_str()));
                    known.push(NOTED_TWICE);
                    self.unknown_key(key, &known, one);
                }
            }
        }
        if let (Some(written), Some(treatment)) = (node.get("treatment"), &treatment) {
            self.strange(Named::Treatment, treatment, &written.place(self.source));
            if let Some(product) = node.get("product")
                && let Some(name) = product.text().filter(|name| !is_blank(name))
                && Named::product_matters(&dictionary.names, treatment)
            {
                self.strange(Named::Product, name, &product.place(self.source));
            }
        }
        let (treatment, date) = (treatment?, date?);
        notes[0] = Value::Date(date);
        marks.others.sort_unstable();
        let place = node.place(self.source);
        Some((Session { treatment, date, order: 0, notes, entry: Entry::Session, place }, marks))
    }
}
