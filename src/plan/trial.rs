//! What a protocol would decide on a day to come, after sessions that are only planned: they are put into the record, and it is asked
//! again.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use crate::date::{Date, DateRange};
use crate::decide::{Evaluated, Prepared, Request};
use crate::diagnostic::{Diagnostics, Place, SourceFile};
use crate::lang::{Expr, FactId, Type};
use crate::logic::value::{Value, bits};
use crate::patient::known::Known;
use crate::patient::unlisted::Treatments;
use crate::patient::{Entry, Record, Session, Slots};
use crate::plan::Asked;
use crate::protocol::model::Counter;
use crate::protocol::{Dictionary, Protocol};
use crate::recommendation::{Recommendation, Status, ToBeConfirmed};
use crate::trace::Depth;
use crate::worlds::Detail;

/// A session that is planned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Visit {
    pub(super) date: Date,
    pub(super) treatment: String,
    /// What it is for, by the name of the note that says so.
    pub(super) areas: Option<(String, Vec<String>)>,
}

/// A protocol that is asked about days to come.
pub(super) struct Trial<'a> {
    pub(super) protocol: &'a Protocol,
    record: &'a Record,
    request: &'a Request,
    first: Prepared,
    known: Known,
    /// The treatments whose sessions it reads.
    reads: Vec<String>,
    days: HashMap<Date, Option<Prepared>>,
    told: HashMap<Vec<Visit>, HashMap<Date, OnDay>>,
    /// What is planned of what the courses are counted by, as bits, once it has been asked for.
    planned: OnceCell<u64>,
    /// The whole answer today, once it has been asked for.
    as_it_is: OnceCell<Recommendation>,
    /// How often it was decided anew.
    pub(super) decided: usize,
}

/// What holds on a day; none: the protocol is not in force on it.
pub(super) type Stands = Option<(Status, Vec<String>)>;

/// The same, with the day before which the patient is certainly not treated, where something says one.
#[derive(Clone, Debug)]
struct OnDay {
    stands: Stands,
    not_before: Option<Date>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(asked: &'a Asked<'a>) -> Result<Trial<'a>, Diagnostics> {
        let Asked { protocol, record, request } = asked;
        let first = protocol.prepare(&request.clone().explain(Depth::Verdict))?;
        let known = first.known(record);
        let reads = Treatments::of(protocol).names.into_iter().map(str::to_owned).collect();
        Ok(Trial {
            protocol,
            record,
            request,
            first,
            known,
            reads,
            days: HashMap::new(),
            told: HashMap::new(),
            planned: OnceCell::new(),
            as_it_is: OnceCell::new(),
            decided: 0,
        })
    }

    /// A session of this protocol on a day, for what is planned.
    pub(super) fn visit(&self, date: Date) -> Visit {
        let areas = self.counter().map(|(counter, planned)| {
            let names = bits(planned).map(|value| self.protocol.value_name(value)).collect();
            (counter.name.clone(), names)
        });
        Visit { date, treatment: self.protocol.treatment.clone(), areas }
    }

    /// What the courses are counted by, and what of it is planned, as bits; none: they are not, or it is not known.
    fn counter(&self) -> Option<(&'a Counter, u64)> {
        let counter = self.protocol.counter()?;
        let planned = self.planned.get_or_init(|| {
            let evaluated = Evaluated::new(&self.first, &self.known, Detail::Decision);
            match counter.planned.map(|planned| evaluated.assumed.evaluation.value(planned)) {
                Some(Value::Set(chosen)) => chosen,
                Some(Value::Choice(one)) => 1 << one,
                _ => 0,
            }
        });
        (*planned != 0).then_some((counter, *planned))
    }

    /// The values that are planned, each with the record in which it is the only one.
    pub(super) fn one_by_one(&self) -> Vec<(String, Record)> {
        let Some((counter, planned)) = self.counter() else { return Vec::new() };
        let fact = counter.planned.and_then(|planned| match self.protocol.program.behind(planned) {
            Expr::Fact(fact) => Some(*fact),
            _ => None,
        });
        let alone = |fact: FactId, value: u8| {
            let mut record = self.record.clone();
            let at = self.protocol.facts[usize::from(fact.0)];
            let answer = record.answers.get_mut(at).and_then(Option::as_mut)?;
            answer.value = match answer.value {
                Value::Set(_) => Value::Set(1 << value),
                _ => Value::Choice(value),
            };
            Some((self.protocol.value_name(value), record))
        };
        bits(planned).filter_map(|value| alone(fact?, value)).collect()
    }

    /// What the protocol says on a day after some sessions, with what is known today taken as if it were answered again.
    pub(super) fn stands(&mut self, visits: &[Visit], day: Date) -> Stands {
        let visits = self.read(visits);
        if let Some(told) = self.told.get(&visits).and_then(|days| days.get(&day)) {
            return told.stands.clone();
        }
        let told = self.on_day(self.record, &visits, day);
        let stands = told.stands.clone();
        self.told.entry(visits).or_default().insert(day, told);
        stands
    }

    /// Those of some sessions that make a difference to it.
    fn read(&self, visits: &[Visit]) -> Vec<Visit> {
        let mut visits: Vec<Visit> =
            visits.iter().filter(|visit| self.reads.contains(&visit.treatment)).cloned().collect();
        visits.sort();
        visits
    }

    /// The same of another record, and not kept.
    pub(super) fn decide(&mut self, record: &Record, visits: &[Visit], day: Date) -> Stands {
        self.on_day(record, visits, day).stands
    }

    fn on_day(&mut self, record: &Record, visits: &[Visit], day: Date) -> OnDay {
        self.decided += 1;
        let prepared = self.days.entry(day).or_insert_with(|| {
            let request = Request { as_of: day, ..self.request.clone() };
            self.protocol.prepare(&request).ok()
        });
        let Some(prepared) = prepared.as_ref() else { return OnDay { stands: None, not_before: None } };
        let record = with_visits(record.clone(), visits, &self.protocol.dictionary);
        let (status, because, not_before) = prepared.status(&self.first.carried(&record, &self.known, day));
        OnDay { stands: Some((status, because)), not_before }
    }

    /// Whether the patient may be treated on a day after some sessions.
    pub(super) fn permits(&mut self, visits: &[Visit], day: Date) -> bool {
        self.stands(visits, day).is_some_and(|(status, _)| status.is_treat())
    }

    /// The first day from one to another on which the patient may be treated after some sessions.
    pub(super) fn first_day(&mut self, visits: &[Visit], from: Date, until: Date) -> Option<Date> {
        let visits = self.read(visits);
        let mut told = self.told.remove(&visits).unwrap_or_default();
        let mut day = from;
        let first = loop {
            if day > until {
                break None;
            }
            let on_day = told.entry(day).or_insert_with(|| self.on_day(self.record, &visits, day));
            if on_day.stands.as_ref().is_some_and(|(status, _)| status.is_treat()) {
                break Some(day);
            }
            // After the last day of the calendar comes no other.
            if day == until {
                break None;
            }
            day = day.plus_days(1).max(on_day.not_before.unwrap_or(Date::MIN));
        };
        self.told.insert(visits, told);
        first
    }

    /// The whole answer today, as it is without any more sessions.
    pub(super) fn as_it_is(&self) -> Result<&Recommendation, Diagnostics> {
        if let Some(answer) = self.as_it_is.get() {
            return Ok(answer);
        }
        let answer = self.first.recommend(self.record)?;
        Ok(self.as_it_is.get_or_init(|| answer))
    }

    /// The same after sessions of today.
    pub(super) fn recommend(&self, visits: &[Visit]) -> Result<Recommendation, Diagnostics> {
        self.first.recommend(&with_visits(self.record.clone(), visits, &self.protocol.dictionary))
    }

    /// What must be asked again by a day.
    pub(super) fn to_be_confirmed(&self, day: Date) -> Vec<ToBeConfirmed> {
        let slots = Slots::of(self.record, &self.first.every_day.vocabulary, self.request.as_of);
        let done = Evaluated::new(&self.first, &self.known, Detail::Decision).assumed.sessions_done;
        self.first.to_be_confirmed(&slots, &self.known, done, [day])
    }
}

/// A record with more sessions. What nobody can say of them yet, such as the product, is not known.
fn with_visits(mut record: Record, visits: &[Visit], dictionary: &Dictionary) -> Record {
    if visits.is_empty() {
        return record;
    }
    let place = Place { file: SourceFile::new("the plan", String::new()), span: 0..0 };
    let after = record.sessions.iter().map(|session| session.order + 1).max().unwrap_or(0);
    for (at, visit) in visits.iter().enumerate() {
        let date = DateRange::from(visit.date);
        let mut notes: Vec<Value> = dictionary.notes.iter().map(|_| Value::Unknown).collect();
        // INVARIANT: every dictionary has the notes `date`, `product` and `faulty`, in this order.
        notes[0] = Value::Date(date);
        notes[2] = Value::Bool(false);
        if let Some((name, areas)) = &visit.areas
            && let Some((at, note)) = dictionary.note(name)
        {
            notes[at] = chosen(&note.answer.ty, note.answer.choices(), areas);
        }
        let (treatment, place) = (visit.treatment.clone(), place.clone());
        record.sessions.push(Session { treatment, date, order: after + at, notes, entry: Entry::Session, place });
    }
    record.sessions.sort_by_key(|session| (session.date.first, session.date.last));
    record
}

/// Names of choices as the value of a note.
fn chosen(ty: &Type, choices: &[String], names: &[String]) -> Value {
    let places: BTreeMap<&str, usize> = choices.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let at: Vec<usize> = names.iter().filter_map(|name| places.get(name.as_str()).copied()).collect();
    match (ty, at.as_slice()) {
        (Type::Set(_), _) => Value::Set(at.iter().fold(0, |set, at| set | 1 << at)),
        (Type::Choice(_), [one]) => Value::Choice(crate::narrow::u8(*one)),
        _ => Value::Unknown,
    }
}
