//! Reading a line of JSON that is as it should be.
//!
//! This reader knows one form only: the keys of a record, answers of the right type and within their range, no escapes, no date after the
//! as-of date. Whatever else it meets it calls [`Unusual`] and says no more: the reader of records takes the line then, and tells
//! what is wrong and where. So nothing is judged twice, and what most lines are made of is read once, without a tree.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::date::{Date, DateRange};
use crate::logic::value::{TextId, Value};
use crate::patient::cell::{Cell, DECIMALS, key};
use crate::patient::entries::notes_may_be_one;
use crate::patient::read::is_blank;
use crate::patient::slots::SessionSlots;
use crate::patient::text::{Names, Text, Unusual};
use crate::patient::{BIRTH, Covers, Entry, FIRST_YEAR, Slots, Vocabulary};
use crate::protocol::dictionary::Answer;
use crate::protocol::dictionary::Fingerprint;
use crate::protocol::file::FactType;
use crate::protocol::names::Standing;
use crate::protocol::{Dictionary, KnownNames, Named};

/// Of how many names of a kind a reader remembers how they stand to those of the clinic.
const MOST_LOOKED_UP: usize = 1000;

/// How many names that nobody knows a line may have: they are compared with each other, and one with more has the time of the reader of records.
const MOST_STRANGE: usize = 100;

/// The keys of a record. Those that only the reader of records understands may say nothing.
const KEYS: [&str; 8] =
    ["patient", "recorded", "facts", "sessions", "sessions_cover", "sessions_unknown", "earlier", "planned"];

/// The keys of an answer.
const KEYS_OF_ANSWER: [&str; 5] = ["value", "on", "by", "unknown", "no_longer_applies"];

/// Notes that a key was there. One that is none, or was there already, is for others.
fn once(seen: &mut u8, keys: &[&str], name: &str) -> Result<(), Unusual> {
    let bit = keys.iter().position(|key| *key == name).map(|at| 1 << at).ok_or(Unusual)?;
    if *seen & bit != 0 {
        return Err(Unusual);
    }
    *seen |= bit;
    Ok(())
}

/// A text that says something.
fn said(text: &str) -> Result<&str, Unusual> {
    if is_blank(text) { Err(Unusual) } else { Ok(text) }
}

/// Reads lines of JSON into slots, for a day.
#[derive(Clone, Debug)]
pub struct LineReader<'d> {
    vocabulary: &'d Vocabulary,
    dictionary: Fingerprint,
    as_of: Date,
    facts: Names<'d>,
    notes: Names<'d>,
    fact_forms: Vec<Form<'d>>,
    note_forms: Vec<Form<'d>>,
    /// In which record each fact was answered last, so that a second answer in one is noticed.
    answered: Vec<u64>,
    records: u64,
    /// The date of birth, by its place among the facts.
    birth: Option<usize>,
    /// The earliest day on which a fact of the record in hand says that it was answered.
    earliest: Date,
    /// The facts of the record in hand that do not say when they were answered.
    undated: Vec<usize>,
    /// Those that say when something happened.
    past: Vec<usize>,
    /// Where in the line facts begin that the dictionary does not know.
    foreign: Vec<usize>,
    /// Where in the line names begin that nobody in the clinic knows.
    unknown: Vec<(usize, Named)>,
    names: &'d KnownNames,
    /// Of names that were looked up, of each kind, whether the clinic knows them; none of those that it nearly knows.
    looked_up: [HashMap<String, Option<bool>>; 3],
    /// For each text of the vocabulary, whether the clinic knows it as a treatment, and as a product.
    known: Vec<(bool, bool)>,
    /// Sessions that were used for an earlier record.
    spare: Vec<SessionSlots>,
}

/// What an answer may look like.
#[derive(Clone, Debug)]
struct Form<'d> {
    answer: &'d Answer,
    /// The least and the greatest number, as keys.
    range: (i64, i64),
    /// The key of the least difference between two numbers that it may be.
    unit: i64,
    may_be_never: bool,
    /// Whether it has happened by the day on which it is told.
    past: bool,
}

impl<'d> Form<'d> {
    fn new(answer: &'d Answer) -> Form<'d> {
        let range =
            answer.range.map_or((i64::MIN, i64::MAX), |(least, greatest)| (key(least.into()), key(greatest.into())));
        let unit = key(Decimal::new(1, answer.decimals.unwrap_or(DECIMALS)).into());
        Form { answer, range, unit, may_be_never: false, past: false }
    }
}

impl<'d> LineReader<'d> {
    /// A reader for the records of a dictionary on a day.
    #[must_use]
    pub fn new(dictionary: &'d Dictionary, vocabulary: &'d Vocabulary, as_of: Date) -> LineReader<'d> {
        let fact_form = |fact: &'d crate::protocol::dictionary::Fact| Form {
            may_be_never: fact.may_be_never,
            past: fact.past,
            ..Form::new(&fact.answer)
        };
        let names = &dictionary.names;
        LineReader {
            answered: vec![0; dictionary.facts.len()],
            records: 0,
            birth: dictionary.fact(BIRTH).map(|(at, _)| at),
            earliest: Date::MAX,
            undated: Vec::new(),
            past: Vec::new(),
            foreign: Vec::new(),
            unknown: Vec::new(),
            names,
            looked_up: Default::default(),
            known: vocabulary
                .texts()
                .iter()
                .map(|text| (names.knows(Named::Treatment, text), names.knows(Named::Product, text)))
                .collect(),
            spare: Vec::new(),
            vocabulary,
            dictionary: dictionary.fingerprint(),
            as_of,
            facts: Names::new(dictionary.facts.iter().map(|fact| fact.name.as_str())),
            notes: Names::new(dictionary.notes.iter().map(|note| note.name.as_str())),
            fact_forms: dictionary.facts.iter().map(fact_form).collect(),
            note_forms: dictionary.notes.iter().map(|note| Form::new(&note.answer)).collect(),
        }
    }

    /// Reads a line.
    ///
    /// # Errors
    /// When it is not of the usual form; the slots are then worth nothing.
    pub fn scan(&mut self, line: &str, slots: &mut Slots) -> Result<(), Unusual> {
        // Those of another dictionary are left to whoever reads the record for it.
        if slots.dictionary != self.dictionary {
            return Err(Unusual);
        }
        self.begin(slots);
        let mut text = Text::new(line);
        let (mut day, mut listed, mut covered) = (None, false, None);
        let mut seen = 0;
        text.table(|text, name| {
            once(&mut seen, &KEYS, name)?;
            // What engines write where nobody has said anything.
            if text.is_null()? {
                return text.skip(0);
            }
            match name {
                "patient" => {
                    slots.patient.push_str(text.string()?);
                    // Nobody could say whose answer it is.
                    if slots.patient.trim().is_empty() { Err(Unusual) } else { Ok(()) }
                }
                "recorded" => {
                    day = Some(self.past_day(text.string()?)?);
                    Ok(())
                }
                "facts" => self.facts(text, slots),
                "sessions" => {
                    listed = true;
                    text.list(|text| {
                        let order = slots.sessions.len();
                        slots.sessions.push(SessionSlots { order, ..self.session(text)? });
                        Ok(())
                    })
                }
                "sessions_cover" => {
                    let mut treatments = Vec::new();
                    text.list(|text| {
                        text.skip_space();
                        let start = text.at;
                        let treatment = self.vocabulary.find(text.string()?);
                        if !self.known.get(usize::from(treatment.0)).is_some_and(|(is_known, _)| *is_known) {
                            self.look_up(Named::Treatment, text.line, start)?;
                        }
                        treatments.push(treatment);
                        Ok(())
                    })?;
                    covered = Some(treatments);
                    Ok(())
                }
                _ => Err(Unusual),
            }
        })?;
        text.end()?;
        match (listed, covered) {
            (true, None) => slots.covers = Covers::All,
            (true, Some(treatments)) => slots.covers = Covers::Only(treatments),
            (false, None) => {}
            (false, Some(_)) => return Err(Unusual),
        }
        match day {
            Some(day) => self.undated.iter().for_each(|fact| slots.on[*fact] = day),
            None if !self.undated.is_empty() => return Err(Unusual),
            None => {}
        }
        slots.sessions.sort_by_key(|session| (session.date.first, session.date.last));
        // Of two entries that may be of one day and say the same, others say that they may be one session.
        let mut rest = &slots.sessions[..];
        while let Some((session, later)) = rest.split_first() {
            let mut overlapping = later.iter().take_while(|other| other.date.first <= session.date.last);
            let is_alike = |other: &SessionSlots| notes_may_be_one(&other.notes, &session.notes);
            if overlapping.any(|other| other.treatment == session.treatment && is_alike(other)) {
                return Err(Unusual);
            }
            rest = later;
        }
        self.unknown.sort_unstable_by_key(|(at, _)| *at);
        if !slots.patient.is_empty() && self.can_be(slots, day) { Ok(()) } else { Err(Unusual) }
    }

    /// Whether everything in the record in hand can have been: what had happened by the day on which it was told, and nothing before the birth.
    fn can_be(&self, slots: &Slots, recorded: Option<Date>) -> bool {
        let word = |day: Date| Cell::exactly(day.day().into()).low;
        let sessions = slots.sessions.iter().map(|session| session.date.last);
        let mut earliest = word(sessions.chain(recorded).fold(self.earliest, Date::min));
        for fact in &self.past {
            let cell = slots.whole(*fact);
            if cell.low > word(slots.on[*fact]) {
                return false;
            }
            // What is not known or has never happened was not before the birth.
            if cell.low > word(Date::NEVER) {
                earliest = earliest.min(cell.high);
            }
        }
        self.birth.is_none_or(|birth| slots.words[birth] <= earliest)
    }

    /// Where in the line that was read last names begin that nobody in the clinic knows, in order.
    #[must_use]
    pub(crate) fn unknown(&self) -> &[(usize, Named)] {
        &self.unknown
    }

    /// Begins with another record.
    fn begin(&mut self, slots: &mut Slots) {
        self.records += 1;
        self.earliest = Date::MAX;
        self.undated.clear();
        self.past.clear();
        self.foreign.clear();
        self.unknown.clear();
        self.spare.append(&mut slots.sessions);
        slots.earlier.clear();
        slots.covers = Covers::default();
        slots.patient.clear();
        slots.as_of = Some(self.as_of);
        slots.words.fill(Cell::UNKNOWN.low);
        slots.ranges.clear();
        slots.written.clear();
    }

    fn facts(&mut self, text: &mut Text<'_>, slots: &mut Slots) -> Result<(), Unusual> {
        text.take(b'{')?;
        if text.peek()? == b'}' {
            text.at += 1;
            return Ok(());
        }
        self.facts.begin();
        loop {
            match self.facts.read(text)? {
                Some(fact) => {
                    if std::mem::replace(&mut self.answered[fact], self.records) == self.records {
                        return Err(Unusual);
                    }
                    if text.is_null()? {
                        text.skip(0)?;
                        if text.peek()? != b',' {
                            return text.take(b'}');
                        }
                        text.at += 1;
                        continue;
                    }
                    let (cell, on) = self.answer(text, fact)?;
                    slots.set(fact, cell);
                    if self.fact_forms[fact].past {
                        self.past.push(fact);
                    }
                    match on {
                        Some(on) => {
                            slots.on[fact] = on;
                            self.earliest = self.earliest.min(on);
                        }
                        None => self.undated.push(fact),
                    }
                }
                // It is not used; somebody may want to know.
                None => {
                    let name = &text.line[text.name..text.at];
                    if self.foreign.len() == MOST_STRANGE
                        || self.foreign.iter().any(|at| text.line[*at..].starts_with(name))
                    {
                        return Err(Unusual);
                    }
                    self.foreign.push(text.name);
                    self.look_up(Named::Fact, text.line, text.name)?;
                    text.skip(0)?;
                }
            }
            match text.peek()? {
                b',' => text.at += 1,
                _ => return text.take(b'}'),
            }
        }
    }

    /// `3`, or `{ "value": 3, "on": "2026-02-10", "by": "patient" }`, or `{ "unknown": "declined" }`.
    fn answer(&self, text: &mut Text<'_>, fact: usize) -> Result<(Cell, Option<Date>), Unusual> {
        let form = &self.fact_forms[fact];
        if text.peek()? != b'{' {
            return Ok((self.value(text, form)?, None));
        }
        let (mut cell, mut on, mut seen) = (None, None, 0);
        text.table(|text, name| {
            once(&mut seen, &KEYS_OF_ANSWER, name)?;
            if text.is_null()? {
                // A value that nobody has told; without any, something is wrong.
                if name == "value" {
                    cell.get_or_insert(Cell::UNKNOWN);
                }
                return text.skip(0);
            }
            match name {
                "value" if cell.is_none() => cell = Some(self.value(text, form)?),
                "unknown" if cell.is_none() && text.string()? == "declined" => cell = Some(Cell::UNKNOWN),
                "on" => on = Some(self.past_day(text.string()?)?),
                "by" => drop(text.string()?),
                _ => return Err(Unusual),
            }
            Ok(())
        })?;
        Ok((cell.ok_or(Unusual)?, on))
    }

    fn value(&self, text: &mut Text<'_>, form: &Form<'_>) -> Result<Cell, Unusual> {
        match form.answer.declared {
            FactType::Bool => text.boolean().map(|value| Cell::exactly(value.into())),
            FactType::Integer | FactType::Decimal => {
                let (key, whole) = text.number()?;
                let fits = (form.range.0..=form.range.1).contains(&key);
                let fits = fits && (whole || form.answer.declared == FactType::Decimal) && key % form.unit == 0;
                if fits { Ok(Cell::exactly(key)) } else { Err(Unusual) }
            }
            FactType::Text => Ok(Cell::exactly(self.vocabulary.find(said(text.string()?)?).0.into())),
            FactType::Date => date(text.string()?, form.may_be_never).map(|range| Cell::new(Value::Date(range))),
            FactType::Choice => choice(form, text.string()?).map(|at| Cell::choices(1 << at)),
            FactType::Set => {
                let mut bits = 0u64;
                text.list(|text| {
                    bits |= 1 << choice(form, text.string()?)?;
                    Ok(())
                })?;
                if form.answer.has_none_and_others(bits) {
                    return Err(Unusual);
                }
                Ok(Cell::choices(bits))
            }
        }
    }

    fn session(&mut self, text: &mut Text<'_>) -> Result<SessionSlots, Unusual> {
        let mut notes = self.spare.pop().map(|session| session.notes).unwrap_or_default();
        notes.clear();
        notes.resize(self.note_forms.len(), Value::Unknown);
        notes[2] = Value::Bool(false);
        let (mut treatment, mut given, mut noted) = (None, None, 0u64);
        let (mut named, mut product) = (0, None);
        self.notes.begin();
        text.table(|text, name| {
            if name == "treatment" && treatment.is_none() {
                text.skip_space();
                named = text.at;
                treatment = Some(self.vocabulary.find(said(text.string()?)?));
                return Ok(());
            }
            let at = self.notes.find(name).ok_or(Unusual)?;
            if at >= 64 || noted >> at & 1 == 1 {
                return Err(Unusual);
            }
            noted |= 1 << at;
            if text.is_null()? {
                return text.skip(0);
            }
            let form = &self.note_forms[at];
            if at == 1 {
                text.skip_space();
                product = Some(text.at);
            }
            notes[at] = self.value(text, form)?.value(&form.answer.ty);
            if let (0, Value::Date(range)) = (at, notes[at]) {
                given = Some(range);
            }
            Ok(())
        })?;
        let (treatment, date): (TextId, DateRange) = (treatment.ok_or(Unusual)?, given.ok_or(Unusual)?);
        let known = |id: TextId| self.known.get(usize::from(id.0)).copied().unwrap_or_default();
        let (treatment_is_known, _) = known(treatment);
        let product_is_known = matches!(notes[1], Value::Text(id) if known(id).1);
        if !treatment_is_known {
            self.look_up(Named::Treatment, text.line, named)?;
        }
        if let Some(at) = product.filter(|_| !product_is_known) {
            let treatment = text.line[named..].split('"').nth(1).unwrap_or_default();
            if Named::product_matters(self.names, treatment) {
                self.look_up(Named::Product, text.line, at)?;
            }
        }
        if date.first > self.as_of {
            Err(Unusual)
        } else {
            Ok(SessionSlots { treatment, date, order: 0, notes, entry: Entry::Session })
        }
    }

    /// Notes a name, in its quotation marks, if nobody in the clinic knows it. Of one that is nearly known, others say what is wrong.
    fn look_up(&mut self, what: Named, line: &str, at: usize) -> Result<(), Unusual> {
        let name = line[at..].split('"').nth(1).unwrap_or_default();
        let looked_up = &mut self.looked_up[what as usize];
        let is_known = match looked_up.get(name) {
            Some(is_known) => *is_known,
            None => {
                if looked_up.len() == MOST_LOOKED_UP {
                    looked_up.clear();
                }
                let is_known = match what.standing(self.names, name) {
                    Standing::Known => Some(true),
                    Standing::Nearly(_) => None,
                    Standing::Unknown => Some(false),
                };
                looked_up.insert(name.to_owned(), is_known);
                is_known
            }
        };
        if !is_known.ok_or(Unusual)? {
            if self.unknown.len() == MOST_STRANGE {
                return Err(Unusual);
            }
            self.unknown.push((at, what));
        }
        Ok(())
    }

    /// One exact day that is not after the as-of date.
    fn past_day(&self, text: &str) -> Result<Date, Unusual> {
        let range = date(text, false)?;
        if range.is_partial() || range.first > self.as_of { Err(Unusual) } else { Ok(range.first) }
    }
}

fn choice(form: &Form<'_>, text: &str) -> Result<u8, Unusual> {
    form.answer.choices().iter().position(|choice| choice == text).map(crate::narrow::u8).ok_or(Unusual)
}

#[expect(clippy::cast_possible_truncation, reason = "two digits are at most 99")]
fn date(text: &str, may_be_never: bool) -> Result<DateRange, Unusual> {
    if text == "never" && may_be_never {
        return Ok(Date::NEVER.into());
    }
    let digit = |byte: u8| if byte.is_ascii_digit() { Ok(i16::from(byte - b'0')) } else { Err(Unusual) };
    if let [a, b, c, d, b'-', e, f, b'-', g, h] = *text.as_bytes() {
        let year = digit(a)? * 1000 + digit(b)? * 100 + digit(c)? * 10 + digit(d)?;
        let (month, day) = (digit(e)? * 10 + digit(f)?, digit(g)? * 10 + digit(h)?);
        let date = Date::new(year, month as i8, day as i8).filter(|_| year >= FIRST_YEAR);
        return date.map(DateRange::from).ok_or(Unusual);
    }
    text.parse().ok().filter(|range: &DateRange| range.first.year() >= FIRST_YEAR).ok_or(Unusual)
}
