//! Sessions that were given, and appointments, into the text of a record. Whoever writes them reads the record anew: what is wrong is told there.

use toml_edit::{Item, Table, Value};

use super::Reply;
use super::write::{self, Writer};
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::protocol::Dictionary;

/// A session or an appointment.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The treatment, as records name it.
    pub treatment: &'a str,
    /// The day, or as much of it as is known.
    pub date: &'a str,
    /// Its notes by name, as they are typed.
    pub notes: &'a [(String, Reply)],
}

/// The list of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Sessions that were given.
    Given,
    /// Appointments.
    Planned,
}

impl List {
    fn key(self) -> &'static str {
        match self {
            List::Given => "sessions",
            List::Planned => "planned",
        }
    }
}

/// The record with one more.
///
/// # Errors
/// When the text is no TOML, the day is none, or a note is none of the dictionary's or has another answer.
pub fn add(
    text: &str,
    list: List,
    visit: &Visit<'_>,
    dictionary: &Dictionary,
    as_of: Date,
) -> Result<String, Diagnostics> {
    if visit.date.parse::<crate::DateRange>().is_err() {
        let wrong = Diagnostic::new(&codes::INVALID_DATE, format!("`{}` is not a day", visit.date));
        return Err(wrong.help("write it as 2026-03-02, or 2026-03 where only the month is known").into());
    }
    let mut notes: Vec<(&str, Value)> = Vec::new();
    for (name, reply) in visit.notes {
        let (_, note) = dictionary.note(name).ok_or_else(|| {
            let names = dictionary.notes.iter().map(|note| note.name.as_str());
            unknown("note", name).suggest(name, names)
        })?;
        notes.push((
            name,
            match reply {
                Reply::Value(text) => Reply::value(text, name, &note.answer)?,
                Reply::NotKnown => write::unknown("not_known"),
                Reply::Declined => write::unknown("declined"),
                Reply::NotAsked => continue,
            },
        ));
    }
    let mut writer = Writer::new(text, as_of)?;
    match list {
        List::Given => {
            let had_list = writer.root().contains_key(list.key());
            let at = writer.add_session(visit.treatment, write::date(visit.date));
            notes.into_iter().for_each(|(name, value)| writer.note(at, name, value));
            // One session that is known does not make the list a whole one.
            if !had_list {
                writer.cover(visit.treatment, false);
            }
        }
        List::Planned => {
            let mut table = Table::new();
            table.insert("treatment", visit.treatment.into());
            table.insert("date", Item::Value(write::date(visit.date)));
            notes.into_iter().for_each(|(name, value)| drop(table.insert(name, Item::Value(value))));
            writer.append(list.key(), table);
        }
    }
    Ok(writer.text())
}

/// The record without the one at a place of the list.
///
/// # Errors
/// When the text is no TOML, or there is none at that place.
pub fn remove(text: &str, list: List, at: usize, as_of: Date) -> Result<String, Diagnostics> {
    let mut writer = Writer::new(text, as_of)?;
    let treatment = match writer.root().get(list.key()) {
        Some(Item::ArrayOfTables(all)) => all.get(at).and_then(|one| one.get("treatment")).and_then(Item::as_str),
        Some(Item::Value(Value::Array(all))) => {
            let one = all.get(at).and_then(Value::as_inline_table);
            one.and_then(|one| one.get("treatment")).and_then(Value::as_str)
        }
        _ => None,
    };
    let treatment = treatment.ok_or_else(|| unknown("session", &at.to_string()))?.to_owned();
    match list {
        List::Given => {
            writer.remove_session(at);
            let covered = writer.root().get("sessions_cover").and_then(Item::as_array);
            let is_covered = covered.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(&treatment)));
            if !writer.root().contains_key(list.key()) {
                writer.cover(&treatment, is_covered);
            }
        }
        List::Planned => writer.remove_appointment(at),
    }
    Ok(writer.text())
}

fn unknown(what: &str, name: &str) -> Diagnostic {
    Diagnostic::new(&codes::UNKNOWN_NAME, format!("there is no {what} `{name}`"))
}
