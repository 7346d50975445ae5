//! Entries that may be of one day: was one session noted twice, or were there two?

use std::collections::{BTreeMap, HashMap};

use crate::date::{Date, DateRange};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, codes};
use crate::logic::eval::DATE_NOTE;
use crate::logic::value::Value;
use crate::patient::{NoAnswer, Session};
use crate::protocol::Dictionary;
use crate::protocol::labels::label_or_id;
use crate::speech::tell;

/// The key of an entry that says whether it notes a session once more.
pub const NOTED_TWICE: &str = "noted_twice";

/// The note of a session that says when it was.
pub const DATE: &str = "date";

/// What an entry in the list of sessions stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Entry {
    /// A session.
    #[default]
    Session,
    /// Another session than those noted before it on its day: the record says so.
    Separate,
    /// Nothing that it says differs from another entry that may be of its day: it may be the same session, noted twice. Of two, it is the
    /// one whose day is less known, or else the later one.
    Alike,
    /// A session that was noted before: the record says so.
    NotedTwice,
}

/// What only tells one entry from another.
pub(super) struct Marks {
    /// What `noted_twice` says, and where.
    pub(super) noted_twice: Option<(bool, Place)>,
    /// The notes that another protocol of the clinic reads, as they are written.
    pub(super) others: Vec<(String, String)>,
    /// The notes that nobody could answer, and why.
    pub(super) untold: Vec<(String, NoAnswer)>,
}

/// Marks the entries of a record, in its order, that may note a session once more.
pub(super) fn mark(sessions: &mut [Session], marks: &[Marks], dictionary: &Dictionary, found: &mut Diagnostics) {
    // Those whose day is better known come first, so that what they say of it is kept.
    let mut order: Vec<usize> = (0..sessions.len()).collect();
    order.sort_by_key(|at| sessions[*at].date.last.days_since(sessions[*at].date.first));
    // By day, so that a record of many years does not have each entry compared with each. A month lies in a year, or apart from it.
    let mut days: BTreeMap<Date, Vec<usize>> = BTreeMap::new();
    for at in order {
        let session = &sessions[at];
        let before = days.range(session.date.first..=session.date.last).flat_map(|(_, before)| before);
        let before = before.filter(|one| sessions[**one].treatment == session.treatment);
        let mut on_the_day = before.filter(|one| sessions[**one].entry != Entry::NotedTwice);
        let is_alike = |one: &usize| may_be_one((&sessions[*one], &marks[*one]), (session, &marks[at]));
        let entry = match &marks[at].noted_twice {
            Some((false, _)) => Entry::Separate,
            Some((true, place)) => {
                if on_the_day.next().is_none() {
                    let (treatment, day) = (&session.treatment, session.date);
                    let message = format!("no session of `{treatment}` on {day} is noted before this one");
                    let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, message).at(place);
                    found.push(diagnostic.help("`noted_twice = true` belongs to the later of two entries of one day; of two of which not both days are known, to the one whose day is less known"));
                }
                Entry::NotedTwice
            }
            None => match on_the_day.find(|one| sessions[**one].entry != Entry::Alike && is_alike(one)) {
                Some(_) if session.date.is_partial() => {
                    let phrase =
                        "this session of {} in {} may be one that is noted as well: nothing tells the two apart";
                    let help = "both ways are tried; write `noted_twice = true` here if it was one session, `noted_twice = false` if there were two; or write the days, where they are known";
                    found.push(alike(session, dictionary, phrase, help));
                    Entry::Alike
                }
                Some(first) => {
                    let says_more = |one: &Value, other: &Value| *one == Value::Unknown && *other != Value::Unknown;
                    let mut notes = sessions[*first].notes.iter().zip(&session.notes);
                    let help = match notes.any(|(one, other)| says_more(one, other)) {
                        true => {
                            "alike sessions count as one, and of a series that writes each out both ways are tried; if it was one session, write all that was noted into the first entry and take this one out; write `noted_twice = false` here if there were two"
                        }
                        false => {
                            "alike sessions count as one, and of a series that writes each out both ways are tried; write `noted_twice = true` here if it was one session, `noted_twice = false` if there were two"
                        }
                    };
                    let phrase = "this session of {} on {} is noted before, and nothing tells the two apart";
                    found.push(alike(session, dictionary, phrase, help));
                    Entry::Alike
                }
                None => Entry::Session,
            },
        };
        days.entry(session.date.first).or_default().push(at);
        sessions[at].entry = entry;
    }
}

/// Whether two entries may be of one session: no note of both differs. One that only the other has may be what nobody wrote there.
fn may_be_one((one, marks): (&Session, &Marks), (other, its): (&Session, &Marks)) -> bool {
    let mut others = marks.others.iter().flat_map(|one| its.others.iter().map(move |two| (one, two)));
    notes_may_be_one(&one.notes, &other.notes)
        && others.all(|((one, written), (two, other))| one != two || written == other)
}

/// Whether no note of the two differs, whatever their days.
pub(super) fn notes_may_be_one(one: &[Value], other: &[Value]) -> bool {
    one.iter()
        .zip(other)
        .skip(DATE_NOTE + 1)
        .all(|(one, two)| one == two || *one == Value::Unknown || *two == Value::Unknown)
}

/// That nothing tells an entry from one before it: a phrase with its treatment and its day, and what to do.
fn alike(entry: &Session, dictionary: &Dictionary, phrase: &str, help: &str) -> Diagnostic {
    let speech = dictionary.speech();
    let treatment = label_or_id(dictionary.treatment_label(&entry.treatment), &entry.treatment);
    let message = tell!(speech, phrase, treatment, speech.range(entry.date));
    Diagnostic::new(&codes::NOTED_TWICE, message).at(&entry.place).help(speech.word(help))
}

/// The appointments of a record by their days. Two of one treatment on one day that nothing tells apart are a doubt: no note of both differs.
pub(super) fn appointments(
    read: Vec<(Session, Marks)>,
    dictionary: &Dictionary,
    found: &mut Diagnostics,
) -> Vec<Session> {
    let (mut planned, marks): (Vec<Session>, Vec<Marks>) = read.into_iter().unzip();
    let mut days: HashMap<(DateRange, &str), Vec<usize>> = HashMap::new();
    for (at, appointment) in planned.iter().enumerate() {
        let before = days.entry((appointment.date, appointment.treatment.as_str())).or_default();
        let is_alike = |one: &usize| may_be_one((&planned[*one], &marks[*one]), (appointment, &marks[at]));
        if marks[at].noted_twice.is_none() && before.iter().any(is_alike) {
            found.push(alike(
                appointment,
                dictionary,
                "this appointment for {} on {} is noted before, and nothing tells the two apart",
                "take one of the two out, or write `noted_twice = false` here if there are two",
            ));
        }
        before.push(at);
    }
    planned.sort_by_key(|appointment| appointment.date.first);
    planned
}
