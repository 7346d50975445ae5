//! The days of a handout for a calendar: iCalendar (RFC 5545), written and read by a library.
//!
//! A calendar program knows an event by its UID, and which of two is newer by its SEQUENCE. So the file that is there is read before it is
//! written again: what has changed gets a higher number, what lies ahead and is planned no longer, or not yet possible, is cancelled. What has happened stays, and so
//! does what is to be kept after a session that was given. No clock is read.

use std::collections::BTreeMap;
use std::fmt;

use icalendar::parser::{read_calendar, unfold};
use icalendar::{Calendar, Component, Event as Entry, EventStatus, Property};

use super::{Event, Handout};
use crate::date::Date;
use crate::visible;

/// What of an event a reader notices, and so what makes it another.
const NOTICED: [&str; 5] = ["SUMMARY", "DESCRIPTION", "DTSTART", "DTEND", "STATUS"];

/// The maker's name, by which the file is known again.
const MAKER: &str = "-//regimen//handout//EN";

/// Why no calendar was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CalendarTrouble {
    /// There is no day to put in it.
    NoDay,
    /// What is there is no calendar that was written here.
    NotOurs,
    /// What is there is the calendar of another patient or treatment.
    AnotherPatient,
}

impl fmt::Display for CalendarTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CalendarTrouble::NoDay => "the answer gives no day to put in a calendar",
            CalendarTrouble::NotOurs => "the file that is there is not a calendar that regimen has written",
            CalendarTrouble::AnotherPatient => "the calendar that is there is of another patient or another protocol",
        })
    }
}

/// The calendar of a handout. `older` is what was written before, if anything was.
///
/// # Errors
/// If there is nothing to write, or `older` must not be overwritten.
pub fn calendar(handout: &Handout, older: Option<&str>) -> Result<String, CalendarTrouble> {
    let whose = whose(handout);
    let older = older.map(|text| read(text, &whose)).transpose()?.unwrap_or_default();
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for event in &handout.events {
        let uid = uid(&whose, event);
        entries.insert(uid.clone(), entry(&uid, event, handout.as_of));
    }
    // A session that was planned and has been given stands on its day. Where it stood there already, it stays as it is.
    for event in &handout.given {
        let uid = uid(&whose, event);
        if let Some(old) = older.get(&uid).filter(|_| !entries.contains_key(&uid)) {
            let now = entry(&uid, event, handout.as_of);
            let stood =
                ["DTSTART", "DTEND", "STATUS"].iter().all(|key| old.property_value(key) == now.property_value(key));
            entries.insert(uid, if stood { old.clone() } else { now });
        }
    }
    for (uid, old) in &older {
        if !entries.contains_key(uid) {
            let stays = is_over(old, handout) || (handout.open && !is_ruled_out(old, handout));
            let entry = if stays { old.clone() } else { cancelled(old, handout.as_of) };
            entries.insert(uid.clone(), entry);
        }
    }
    if entries.is_empty() {
        return Err(CalendarTrouble::NoDay);
    }
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("PRODID", MAKER));
    calendar.append_property(Property::new("METHOD", "PUBLISH"));
    for (uid, mut entry) in entries {
        let sequence = older.get(&uid).map_or(0, |old| {
            let number = old.get_sequence().unwrap_or(0);
            if noticed(old) == noticed(&entry) { number } else { number.saturating_add(1) }
        });
        calendar.push(entry.sequence(sequence).done());
    }
    Ok(calendar.to_string())
}

/// What tells the patient and the protocol apart from all others, without naming them.
fn whose(handout: &Handout) -> String {
    // Neither part can hold the separator of the other.
    let hash = crate::protocol::sha256(&format!("{}\0{}", handout.protocol, handout.patient));
    hash.chars().take(24).collect()
}

fn uid(whose: &str, event: &Event) -> String {
    let key: String = crate::protocol::sha256(&event.key).chars().take(16).collect();
    format!("{whose}-{key}@regimen")
}

fn day(key: &str, day: Date) -> Property {
    let mut property = Property::new(key, compact(day));
    property.add_parameter("VALUE", "DATE");
    property.done()
}

/// `20260302`
fn compact(day: Date) -> String {
    day.to_string().replace('-', "")
}

fn entry(uid: &str, event: &Event, as_of: Date) -> Entry {
    // A line end of Windows would end the line of the file too.
    let text = |text: &str| visible::lines(text).replace('\r', "");
    let mut entry = Entry::new();
    entry.uid(uid).add_property("DTSTAMP", format!("{}T000000Z", compact(as_of)));
    entry.summary(&text(&event.summary)).description(&text(&event.description.join("\n")));
    // The end is the day after the last.
    entry.append_property(day("DTSTART", event.from)).append_property(day("DTEND", event.until.plus_days(1)));
    // Whole days that are to be kept in mind leave the patient free for others.
    entry.status(EventStatus::Confirmed).add_property("TRANSP", "TRANSPARENT");
    entry.done()
}

fn cancelled(old: &Entry, as_of: Date) -> Entry {
    let mut entry = old.clone();
    entry.status(EventStatus::Cancelled).add_property("DTSTAMP", format!("{}T000000Z", compact(as_of)));
    entry.done()
}

/// Whether an event is over, as what was to be kept up to a session is on its day: only what lies ahead can be cancelled.
fn is_over(old: &Entry, handout: &Handout) -> bool {
    let given = handout.given.iter().map(|event| event.until.plus_days(1)).max();
    let from_here = given.map_or(handout.as_of, |day| day.max(handout.as_of));
    // The end is the day after the last, and days are written so that they can be compared as texts.
    old.property_value("DTEND").is_some_and(|end| end <= compact(from_here).as_str())
}

/// Whether an event begins on a day on which the next session certainly cannot take place yet.
fn is_ruled_out(old: &Entry, handout: &Handout) -> bool {
    let first = handout.no_sooner_than.map(compact);
    first.is_some_and(|first| old.property_value("DTSTART").is_some_and(|start| start < first.as_str()))
}

fn noticed(entry: &Entry) -> Vec<Option<String>> {
    NOTICED.iter().map(|key| entry.property_value(key).map(str::to_owned)).collect()
}

/// The events of a calendar that was written before, by UID.
fn read(text: &str, whose: &str) -> Result<BTreeMap<String, Entry>, CalendarTrouble> {
    let unfolded = unfold(text);
    let calendar: Calendar = read_calendar(&unfolded).map_err(|_| CalendarTrouble::NotOurs)?.into();
    if calendar.property_value("PRODID") != Some(MAKER) {
        return Err(CalendarTrouble::NotOurs);
    }
    let mut events = BTreeMap::new();
    for event in calendar.events() {
        let uid = event.get_uid().ok_or(CalendarTrouble::NotOurs)?;
        if !uid.starts_with(&format!("{whose}-")) {
            return Err(CalendarTrouble::AnotherPatient);
        }
        events.insert(uid.to_owned(), event.clone());
    }
    Ok(events)
}
